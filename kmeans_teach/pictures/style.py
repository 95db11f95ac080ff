"""How every picture looks and what it is called: palette, type, names, alternative text."""

from __future__ import annotations

import textwrap

#: Colours that people with any common colour blindness can tell apart, visible on white and black.
PALETTE = (
    *("#0084cc", "#d87800", "#00783c", "#cc18b4", "#8460fc"),
    *("#d8003c", "#a84884", "#9c9078", "#b4849c", "#cc3c0c"),
)

#: A marker for each colour, so that colour never speaks alone (matplotlib's codes).
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "p", "*", "h")

#: Points that have no cluster yet, and noise.
UNASSIGNED = "#85888e"

INK = "#222222"

# Points of type and inches at which a figure is read well when it fills a notebook's page.
TITLE, TEXT = 13, 11.5
PAGE_WIDTH = 9.5


def color(cluster: int) -> str:
    """The colour of a cluster; above ten clusters they repeat, and negative numbers are noise.

    Examples
    --------
    >>> color(0) == color(10), color(-1) == UNASSIGNED
    (True, True)
    """
    return UNASSIGNED if cluster < 0 else PALETTE[int(cluster) % len(PALETTE)]


def marker(cluster: int) -> str:
    """The matplotlib marker of a cluster; above ten clusters they repeat, shifted by one.

    Examples
    --------
    >>> marker(0), marker(1), marker(10), marker(-1)
    ('o', 's', 's', '.')
    """
    cluster = int(cluster)
    return "." if cluster < 0 else MARKERS[(cluster + cluster // len(MARKERS)) % len(MARKERS)]


def new_axes(size=(7.2, 4.8), layout="compressed", **options):
    """Axes in a figure of their own, its size in inches."""
    import matplotlib.pyplot as plt

    # a white page holds on a dark theme too, where a see-through one would hide its text
    figure = plt.figure(figsize=size, layout=layout, facecolor="white")
    return figure.add_subplot(**options)


def name_axes(ax, *names, ticks=None):
    """Names at the axes as they are written; with ``ticks``, at most so many round numbers."""
    from matplotlib.ticker import MaxNLocator

    for letter, name in zip("xyz", names, strict=False):
        axis = getattr(ax, f"{letter}axis")
        axis.set_label_text(name, fontsize=TEXT + 0.5, parse_math=False)
        if ticks:
            axis.set_major_locator(MaxNLocator(ticks, steps=[1, 2, 5, 10]))
    ax.tick_params(labelsize=TEXT)


def write_title(ax, title, finding=None, *, size=TITLE):
    """A title above the left end of the axes, as it is written; without one, the ``finding``.

    Where there is a finding, either is broken into lines that are as wide as the axes; a layout to
    come may change these a little.
    """
    width = max(16, int(ax.get_position().width * ax.figure.get_figwidth() * 72 / 0.52 / size))
    text = finding if title is None else title
    if finding and len(text) > width and "\n" not in text:
        together = text.replace("k = ", "k\u00a0=\u00a0")  # "k = 4" stays in one line
        text = wrap(together, width).replace("\u00a0", " ")
    if text:
        # a height that is given is not sought: that takes as long as the axes themselves
        ax.set_title(text, fontsize=size, loc="left", y=1, parse_math=False)


def legend(ax, *entries, below=None, **look):
    """A legend without a frame, its names as written; it may stand ``below`` points under the axes.

    That is a length, as the height of the axes is not ours.
    """
    if below:
        from matplotlib.transforms import ScaledTranslation

        down = ScaledTranslation(0, -below / 72, ax.get_figure().dpi_scale_trans)
        look |= {"loc": "upper center", "bbox_to_anchor": (0.5, 0)}
        look["bbox_transform"] = ax.transAxes + down
    for text in ax.legend(*entries, fontsize=TEXT, frameon=False, **look).get_texts():
        text.set_parse_math(False)


def short(name: str, most: int) -> str:
    """A name as far as there is room for it, in characters."""
    return name if len(name) <= most else f"{name[: most - 1]}…"


def wrap(sentence: str, width: int) -> str:
    """A sentence in even lines of at most ``width`` characters, broken first after a semicolon.

    Examples
    --------
    >>> print(wrap("M-step 2: 3 of 4 centres moved, by 1.2 at most; inertia 50 to 41", 40))
    M-step 2: 3 of 4 centres
    moved, by 1.2 at most;
    inertia 50 to 41
    """
    return "\n".join(_even_lines(part, width) for part in sentence.replace("; ", ";\n").split("\n"))


def _even_lines(text, width):
    """As few lines as the width allows, none longer than needed for that many, words unbroken."""
    lines = textwrap.wrap(text, width)
    longest = max((n for n in map(len, text.split()) if n <= width), default=1)
    while width > longest and len(narrower := textwrap.wrap(text, width - 1)) == len(lines):
        lines, width = narrower, width - 1
    return "\n".join(lines)


def in_words(figure) -> str:
    """A figure's alternative text: the titles of its axes as one sentence, its own title first.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> figure = Figure()
    >>> for ax, title in zip(figure.subplots(1, 2), ["k-means", "the truth"]):
    ...     _ = ax.set_title(title, loc="left")
    >>> in_words(figure)
    'k-means; the truth'
    >>> _ = figure.suptitle("Two answers")
    >>> in_words(figure)
    'Two answers: k-means; the truth'
    """
    places = ("left", "center", "right")
    titles = [ax.get_title(place) for ax in figure.axes for place in places]
    whole = [figure.get_suptitle(), "; ".join(filter(None, titles))]
    return " ".join(": ".join(filter(None, whole)).split())


def put_in_words(shell) -> None:
    """Let an IPython shell store each figure that it shows with its alternative text."""
    shell.display_formatter.mimebundle_formatter.for_type_by_name(
        "matplotlib.figure",
        "Figure",
        lambda figure: ({}, {"image/png": {"alt": alt}} if (alt := in_words(figure)) else {}),
    )
