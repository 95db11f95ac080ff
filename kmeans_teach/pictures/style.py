"""One palette and one set of markers, for matplotlib and for the canvas alike."""

#: Colours that people with any common colour blindness can tell apart, visible on white and black.
PALETTE = (
    "#0084cc",
    "#d87800",
    "#00783c",
    "#cc18b4",
    "#8460fc",
    "#d8003c",
    "#a84884",
    "#9c9078",
    "#b4849c",
    "#cc3c0c",
)

#: A marker for each colour, so that colour never speaks alone (matplotlib's codes).
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "p", "*", "h")

#: Points that have no cluster yet.
UNASSIGNED = "#85888e"


def color(cluster: int) -> str:
    """The colour of a cluster; above ten clusters they repeat.

    Examples
    --------
    >>> color(0) == color(10)
    True
    """
    return PALETTE[int(cluster) % len(PALETTE)]


def marker(cluster: int) -> str:
    """The matplotlib marker of a cluster; above ten clusters they repeat, shifted by one.

    Examples
    --------
    >>> marker(0), marker(1), marker(10)
    ('o', 's', 's')
    """
    cluster = int(cluster)
    return MARKERS[(cluster + cluster // len(MARKERS)) % len(MARKERS)]
