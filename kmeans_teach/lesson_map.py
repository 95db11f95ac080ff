"""The map of the lessons: a small picture for each question, computed on the spot."""

from __future__ import annotations

import textwrap
from typing import NamedTuple

import numpy as np
from matplotlib.patches import Circle, Polygon, Rectangle
from matplotlib.patheffects import withStroke

from .figures import STEP_STYLE, plot_clusters, plot_voronoi
from .history import History
from .lloyd import assign, lloyd
from .matching import match_labels
from .seeding import kmeans_plusplus, random_points
from .style import PALETTE


class Lesson(NamedTuple):
    """One notebook of the course.

    Attributes
    ----------
    number : str
        "00" to "11", the order in which the lessons build on each other.
    file : str
        The name of the notebook in the folder ``notebooks``.
    question : str
        What the lesson answers.
    minutes : int
        How long a reader takes for it.
    ready : bool
        Whether the notebook exists.
    """

    number: str
    file: str
    question: str
    minutes: int
    ready: bool = False


#: All lessons, in their order.
LESSONS = (
    Lesson("00", "00_start_here.ipynb", "How do I use this?", 20, ready=True),
    Lesson("01", "01_see_the_groups.ipynb", "What is a cluster?", 30, ready=True),
    Lesson("02", "02_assign_and_update.ipynb", "How does k-means find them?", 40, ready=True),
    Lesson("03", "03_where_you_start.ipynb", "Why do I get another answer?", 35, ready=True),
    Lesson("04", "04_how_many_clusters.ipynb", "Which k?", 40, ready=True),
    Lesson("05", "05_prepare_the_data.ipynb", "What must I do first?", 40, ready=True),
    Lesson("06", "06_when_it_fails.ipynb", "When does it go wrong?", 35, ready=True),
    Lesson("07", "07_judge_the_result.ipynb", "Was it right?", 40, ready=True),
    Lesson("08", "08_digits.ipynb", "Can it read?", 35, ready=True),
    Lesson("09", "09_colours.ipynb", "How few colours are enough?", 25, ready=True),
    Lesson("10", "10_at_scale.ipynb", "What if there is too much data?", 40),
    Lesson("11", "11_put_it_to_work.ipynb", "What would I do on Monday?", 40),
)

IN_THE_MAKING = "in the making"

# Inches. Every picture has the same size, so that the map is a grid and not a patchwork.
COLUMNS, PANEL_WIDTH, PANEL_HEIGHT = 4, 2.3, 1.85
BESIDE, ABOVE, BELOW, EDGE = 0.2, 0.58, 0.3, 0.1
DPI = 90
TEXT, TITLE = 11, 12
INK, QUIET, PAPER = "#1a1a1a", "#555555", "#f6f8fb"
ACCENT = "#005a9c"
HALO = (withStroke(linewidth=3, foreground="white"),)


def plot_lesson_map(lessons=LESSONS, *, figure=None):
    """A picture for each lesson, with its number and its question.

    Each picture is the result of a small computation, the same on every call. Lessons that are not
    ready are paler and say "in the making".

    Parameters
    ----------
    lessons : sequence of Lesson
    figure : matplotlib Figure, optional
        Where to draw; a new one by default. It gets the size of the map.

    Returns
    -------
    ndarray of Axes, one for each lesson

    Raises
    ------
    ValueError
        If there is no lesson, or no picture for one of them.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> axes = plot_lesson_map(LESSONS[9:11], figure=Figure())
    >>> [ax.get_xlabel() for ax in axes]
    ['ready: 25 minutes', 'in the making']
    """
    lessons = tuple(lessons)
    unknown = [lesson.number for lesson in lessons if lesson.number not in PICTURES]
    if unknown or not lessons:
        raise ValueError(
            f"lessons has the numbers {unknown}, for which there is no picture: "
            f"pass lessons from {min(PICTURES)} to {max(PICTURES)}, at least one"
        )
    axes = _grid(figure, len(lessons))
    for ax, lesson in zip(axes, lessons, strict=True):
        PICTURES[lesson.number](ax)
        _label(ax, lesson)
    return axes


def _grid(figure, n):
    if figure is None:
        import matplotlib.pyplot as plt

        figure = plt.figure(dpi=DPI)
    rows, columns = -(-n // COLUMNS), min(n, COLUMNS)
    width = 2 * EDGE + columns * PANEL_WIDTH + (columns - 1) * BESIDE
    height = 2 * EDGE + rows * (ABOVE + PANEL_HEIGHT + BELOW)
    if hasattr(figure, "set_size_inches"):
        figure.set_layout_engine("none")
        figure.set_size_inches(width, height)
    # a white page holds on a dark theme too, where a see-through one would hide its text
    figure.set_facecolor("white")
    axes = np.empty(n, dtype=object)
    for i in range(n):
        row, column = divmod(i, columns)
        left = EDGE + column * (PANEL_WIDTH + BESIDE)
        top = EDGE + row * (ABOVE + PANEL_HEIGHT + BELOW) + ABOVE
        place = (
            left / width,
            1 - (top + PANEL_HEIGHT) / height,
            PANEL_WIDTH / width,
            PANEL_HEIGHT / height,
        )
        axes[i] = figure.add_axes(place, facecolor=PAPER)
    return axes


def _label(ax, lesson):
    ready = lesson.ready
    # spaces as wide as digits keep the second line beside the number
    lines = textwrap.wrap(lesson.question, 20 if ready else 21)
    title = f"{lesson.number}  " + "\n\u2007\u2007  ".join(lines)
    colour = INK if ready else QUIET
    weight = "bold" if ready else "normal"
    ax.set_title(title, loc="left", fontsize=TITLE, color=colour, fontweight=weight)
    words = f"ready: {lesson.minutes} minutes" if ready else IN_THE_MAKING
    ax.set_xlabel(
        words,
        fontsize=TEXT,
        color=ACCENT if ready else QUIET,
        fontweight=weight,
        fontstyle="normal" if ready else "italic",
        labelpad=4,
    )
    if not ready:
        whole = Rectangle(
            (0, 0), 1, 1, transform=ax.transAxes, fc="white", ec="none", alpha=0.4, zorder=50
        )
        ax.add_patch(whole)
    _bare(ax)
    ax.spines[:].set(visible=True, color=ACCENT if ready else "#b8bec6", lw=2.5 if ready else 1)


def _bare(ax):
    ax.set_xticks([], minor=False)
    ax.set_yticks([], minor=False)
    ax.minorticks_off()
    ax.set_ylabel("")


# ---------------------------------------------------------------------- what the pictures are of


def _blobs(centers, spread, points_each, seed):
    # RandomState, as only its stream of numbers is promised never to change
    random = np.random.RandomState(seed)
    classes = np.repeat(np.arange(len(centers)), points_each)
    noise = random.standard_normal((len(classes), 2)) * spread
    return np.array(centers, dtype=float)[classes] + noise, classes


def _four_blobs():
    return _blobs([(2.2, 2.5), (8.4, 2.6), (2.8, 7.6), (7.0, 7.2)], 0.85, 40, seed=40)[0]


def _one_run() -> History:
    X = _four_blobs()
    return lloyd(X, random_points(X, 4, 35).centers)


def _best(X, k, starts=5) -> History:
    runs = (lloyd(X, kmeans_plusplus(X, k, seed).centers) for seed in range(starts))
    return min(runs, key=lambda run: run[-1].inertia)


# --------------------------------------------------------------------------------- how it is drawn


def _view(points, width=1.0, margin=0.07):
    """The bounds around all points that have the shape of the panel, or of a share of its width."""
    low, high = points.min(axis=0), points.max(axis=0)
    shape = np.array([width * PANEL_WIDTH, PANEL_HEIGHT])
    half = shape * ((high - low) / shape).max() * (0.5 + margin)
    (left, lower), (right, upper) = (low + high) / 2 - half, (low + high) / 2 + half
    return float(left), float(right), float(lower), float(upper)


def _clusters(ax, X, labels=None, centers=None, *, size=11, bounds=None, **options):
    bounds = _view(X) if bounds is None else bounds
    plot_clusters(X, labels, centers, ax=ax, bounds=bounds, **options)
    for dots in ax.collections:
        if len(dots.get_offsets()) > 1 and dots.get_zorder() == 2:
            dots.set(sizes=[size], linewidths=0)
    if ax.get_legend():
        ax.get_legend().remove()
    ax.set_xlabel("")
    _bare(ax)


def _parts(ax, *widths):
    """Panels side by side within one picture."""
    total, left, parts = sum(widths), 0.0, []
    for width in widths:
        parts.append(ax.inset_axes((left, 0, width / total, 1), facecolor=PAPER))
        parts[-1].spines[:].set(color="#b8bec6", lw=1)
        left += width / total
    return parts


def _words(ax, x, y, text, *, inside=None, **look):
    look = {"ha": "center", "va": "center", "color": "black", "path_effects": HALO} | look
    ax.text(x, y, text, fontsize=TEXT, transform=inside or ax.transAxes, zorder=10, **look)


# ------------------------------------------------------------------------------- the pictures


def _start_here(ax):
    run = _one_run()
    level = np.array([s.inertia for s in run[1:]])
    for phase, look in STEP_STYLE.items():
        mine = [i for i in range(1, len(level)) if run[i + 1].phase == phase]
        taken = level[[i - 1 for i in mine]] - level[mine]
        ax.bar(mine, taken, bottom=level[mine], width=1, align="edge", **look)
    steps = np.arange(len(level) + 1)
    ax.stairs(level, steps, fill=True, color="#e1e9f1", zorder=0)
    ax.stairs(level, steps, baseline=None, color=INK, lw=2)
    ax.set(xlim=(0, len(level)), ylim=(0, level[0] * 1.08))
    corners = np.array([(-0.35, -0.55), (-0.35, 0.55), (0.6, 0.0)])
    radius = 0.36
    button = ax.inset_axes((0.42, 0.36, 0.56, 0.62))
    button.set(xlim=(-0.5, 0.5), ylim=(-0.5, 0.5), aspect="equal")
    button.axis("off")
    button.add_patch(Circle((0, 0), radius, fc=ACCENT, ec="white", lw=3))
    button.add_patch(Polygon(corners * radius * 0.85, fc="white", ec="none"))


def _see_the_groups(ax):
    _clusters(ax, _four_blobs(), size=16)


def _assign_and_update(ax):
    run = _one_run()
    way = np.array([s.centers for s in run if s.phase != "assign"])
    _clusters(ax, run.X, run[-1].labels, run[-1].centers, borders=True, trails=way)


def _where_you_start(ax):
    X, _ = _blobs([(0.2, 0), (4.2, 0.6), (0.8, 5.2), (3.8, 9.6), (0, 10.2)], 0.75, 22, seed=6)
    runs = [lloyd(X, X[rows]) for rows in ([0, 1, 23, 45, 90], [0, 23, 45, 67, 89])]
    for part, run in zip(_parts(ax, 1, 1), runs, strict=True):
        bounds = _view(np.vstack([X, (2, -4.4)]), 0.5)
        _clusters(part, X, run[-1].labels, size=16, bounds=bounds)
        plot_voronoi(run[-1].centers, ax=part)
        _words(part, 0.5, 0.08, f"error {run[-1].inertia:.0f}")


def _how_many_clusters(ax):
    X = _four_blobs()
    ks = np.arange(1, 9)
    errors = [_best(X, k, starts=4)[-1].inertia for k in ks]
    ax.plot(ks, errors, "o-", color=PALETTE[0], lw=2.5, ms=7)
    ax.plot(4, errors[3], "o", ms=18, mfc="none", mec=PALETTE[5], mew=2.5)
    ax.set(xlim=(0.5, 8.5), ylim=(-0.06 * errors[0], 1.08 * errors[0]))
    _words(ax, 4.4, errors[3] + 0.2 * errors[0], "k = 4 ?", inside=ax.transData, ha="left")


def _prepare_the_data(ax):
    X, _ = _blobs([(0, 0), (1, 0), (0, 2.8), (1, 2.8)], 0.22, 22, seed=3)
    stretch = 3.4
    sheets = [X, X * (stretch, 1)]
    # as wide as the points are, so that both halves have one scale
    widths = [np.ptp(points[:, 0]) + 1 for points in sheets]
    for part, points, width, name in zip(
        _parts(ax, *widths), sheets, widths, ("x", f"x times {stretch}"), strict=True
    ):
        run = _best(points, 2)
        bounds = _view(points, width / sum(widths), 0.03)
        _clusters(part, points, run[-1].labels, run[-1].centers, bounds=bounds, borders=True)
        _words(part, 0.5, 0.08, name)


def _when_it_fails(ax):
    from sklearn.datasets import make_moons

    X, _ = make_moons(220, noise=0.07, random_state=0)
    run = _best(X, 2)
    _clusters(ax, X, run[-1].labels, run[-1].centers, borders=True)


def _judge_the_result(ax):
    X, classes = _blobs([(0, 0), (3, 0), (1.7, 2.4)], 1.0, 50, seed=1)
    found = match_labels(_best(X, 3)[-1].labels, classes)
    table = np.zeros((3, 3), dtype=int)
    np.add.at(table, (classes, found), 1)
    ax.imshow(table, cmap="Blues", vmin=0, vmax=120, aspect="auto")
    for (row, column), count in np.ndenumerate(table):
        ax.text(column, row, str(count), ha="center", va="center", fontsize=15, color="black")


def _digits(ax):
    from sklearn.datasets import load_digits

    X, digits = load_digits(return_X_y=True)
    run = _best(X, 10, starts=3)
    read = match_labels(run[-1].labels, digits)
    centers = [run[-1].centers[run[-1].labels[read == digit][0]] for digit in range(10)]
    sheet = np.zeros((31, 41))
    corners = [(1, x) for x in (6, 16, 26)]
    corners += [(11, x) for x in (1, 11, 21, 31)] + [(21, x) for x in (6, 16, 26)]
    for (row, column), center in zip(corners, centers, strict=True):
        sheet[row : row + 8, column : column + 8] = center.reshape(8, 8)
    ax.imshow(sheet, cmap="gray_r", aspect="auto")


def _colours(ax):
    from sklearn.datasets import load_sample_image

    photo = load_sample_image("china.jpg")[:424, 24:480] / 255
    # means of little squares, as every second pixel alone would be grainy
    photo = photo.reshape(106, 4, 114, 4, 3).mean(axis=(1, 3))
    pixels = photo.reshape(-1, 3)
    palette = _best(pixels[::3], 8, starts=2)[-1].centers
    palette = palette[np.argsort(-palette.sum(axis=1))]
    picture, swatches = _parts(ax, 8, 1)
    picture.imshow(
        palette[assign(pixels, palette)].reshape(photo.shape),
        aspect="auto",
        interpolation="nearest",
    )
    swatches.imshow(palette[:, None], aspect="auto")
    _bare(picture)
    _bare(swatches)


def _at_scale(ax):
    k, d, batch = 8, 3, 1024
    n = np.logspace(3, 9, 7)
    ax.loglog(n, n * k * d, "o-", color=PALETTE[5], lw=2.5, ms=7)
    ax.loglog(n, np.minimum(n, batch) * k * d, "s-", color=PALETTE[2], lw=2.5, ms=7)
    ax.set(xlim=(4e2, 2.5e9), ylim=(3e2, 3e11))
    _words(ax, 0.06, 0.86, "all n points:\nn · k · d steps", ha="left")
    _words(ax, 0.94, 0.31, f"a batch of {batch:,}", ha="right")


def _put_it_to_work(ax):
    random = np.random.RandomState(11)
    # days since the last purchase and money in a year: means and spreads of three kinds
    kinds = [(20, 780, 8, 110), (35, 260, 14, 90), (110, 240, 20, 80)]
    days_and_money = np.concatenate(
        [random.standard_normal((60, 2)) * (a, b) + (days, money) for days, money, a, b in kinds]
    )
    X = (days_and_money - days_and_money.mean(axis=0)) / days_and_money.std(axis=0)
    last = _best(X, 3)[-1]
    _clusters(ax, X, last.labels, size=16, bounds=_view(np.vstack([X, (0, -2.1)]), margin=0.05))
    asleep, spender = last.centers.argmax(axis=0)
    for j, center in enumerate(last.centers):
        mine = X[last.labels == j]
        if j == spender:
            place, text, side = (mine[:, 0].max() + 0.15, center[1]), "big spenders", "left"
        else:
            text, side = ("asleep" if j == asleep else "regulars"), "center"
            place = (center[0], mine[:, 1].min() - 0.3)
        _words(ax, *place, text, inside=ax.transData, ha=side)


PICTURES = {
    "00": _start_here,
    "01": _see_the_groups,
    "02": _assign_and_update,
    "03": _where_you_start,
    "04": _how_many_clusters,
    "05": _prepare_the_data,
    "06": _when_it_fails,
    "07": _judge_the_result,
    "08": _digits,
    "09": _colours,
    "10": _at_scale,
    "11": _put_it_to_work,
}
