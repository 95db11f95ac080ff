"""Pictures of points, centres, borders and runs: they draw what they are given, fit nothing."""

from __future__ import annotations

import textwrap
from typing import NamedTuple

import numpy as np
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.patheffects import withStroke
from matplotlib.ticker import MaxNLocator
from matplotlib.transforms import ScaledTranslation

from .history import History, as_history, number
from .style import UNASSIGNED, color, marker
from .validation import as_points

# Points of type and inches at which a figure is read well when it fills a notebook's page.
TITLE, TEXT = 13, 11.5
PAGE_WIDTH = 9.5
MOST_NAMES = 30  # clusters that a legend lists
# The same two colours for E and M in every picture, with hatches, as colour never speaks alone.
STEP_STYLE = {
    "assign": {"facecolor": "#a8d4f0", "edgecolor": "#00527f", "hatch": "///"},
    "update": {"facecolor": "#f6cf9c", "edgecolor": "#7a4300", "hatch": "..."},
}


class Projection(NamedTuple):
    """How points with any number of columns get onto paper: ``projection(points)``.

    Attributes
    ----------
    mean : ndarray of shape (n_features,)
        What lies at the origin of the picture.
    components : ndarray of shape (2, n_features)
        The direction of each axis of the picture, in the columns of the data.
    names : tuple of two str
        What to write at the axes.
    exact : bool
        Whether distances in the picture are the distances that k-means sees. Only then do borders
        drawn between the projected centres say which centre is nearest.
    """

    mean: np.ndarray
    components: np.ndarray
    names: tuple[str, str]
    exact: bool

    def __call__(self, points) -> np.ndarray:
        """Points or centres of shape (..., n_features) in the picture, shape (..., 2)."""
        return (np.asarray(points, dtype=float) - self.mean) @ self.components.T


def project(X, columns=None, feature_names=None) -> Projection:
    """Choose the two axes in which points are shown.

    Up to two columns are shown as they are. Of more, two chosen columns are shown, or else the
    first two principal components, with their share of the variance in the name.

    Parameters
    ----------
    X : array or DataFrame of shape (n_samples, n_features)
    columns : pair of int or str, optional
        Numbers or names of the columns to show.
    feature_names : sequence of str, optional
        The names of the columns; by default those of the DataFrame, or x and y.

    Returns
    -------
    Projection

    Raises
    ------
    ValueError
        If a column does not exist.

    Examples
    --------
    >>> X = [[0, 5, 1], [2, 5, 1], [4, 5, 1]]
    >>> show = project(X, columns=(0, 2))
    >>> show.names, show([4, 5, 1]).tolist()
    (('column 0', 'column 2'), [4.0, 1.0])
    >>> project(X).names
    ('principal component 1 (100 % of the variance)', 'principal component 2 (0 % of the variance)')
    """
    if feature_names is None:
        feature_names = getattr(X, "columns", None)
    X = as_points(X)
    d = X.shape[1]
    names = _column_names(feature_names, d)
    if columns is not None:
        i, j = (_column_number(column, names, feature_names) for column in _pair(columns))
        return Projection(np.zeros(d), np.eye(d)[[i, j]], (names[i], names[j]), d == 2 and i != j)
    if d <= 2:
        return Projection(np.zeros(d), np.eye(2, d), (*names, "")[:2], True)
    return _principal_components(X.astype(float))


def _pair(columns):
    if isinstance(columns, str) or np.shape(columns) != (2,):
        raise ValueError(f"columns={columns!r}: pass two columns, for example columns=(0, 1)")
    return columns


def _column_names(feature_names, d):
    if feature_names is None:
        return ("x", "y")[:d] if d <= 2 else tuple(f"column {j}" for j in range(d))
    if len(feature_names) != d:
        raise ValueError(
            f"feature_names has {len(feature_names)} names, the points have {d} columns: "
            "pass one name for each column"
        )
    return tuple(map(str, feature_names))


def _column_number(column, names, given=None):
    if given is not None and column in list(given):  # names that are numbers are names
        return list(given).index(column)
    if isinstance(column, str) and column in names:
        return names.index(column)
    if not isinstance(column, str) and -len(names) <= column < len(names):
        return int(column) % len(names)
    raise ValueError(
        f"columns has {column!r}, the points have {len(names)} columns ({', '.join(names[:8])}"
        f"{', ...' if len(names) > 8 else ''}): pass two of these names, or numbers from 0"
    )


def _principal_components(X):
    mean = X.mean(axis=0)
    centered = X - mean
    # eigh sorts upwards; the sign of a direction is free, so make its largest part positive
    variance, directions = np.linalg.eigh(centered.T @ centered)
    components = directions[:, :-3:-1].T
    largest = np.abs(components).argmax(axis=1)
    components = components * np.sign(components[[0, 1], largest])[:, None]
    share = 100 * variance[:-3:-1].clip(0) / (variance.clip(0).sum() or 1)
    names = tuple(
        f"principal component {i} ({part:.0f} % of the variance)"
        for i, part in enumerate(share, start=1)
    )
    return Projection(mean, components, names, False)


def plot_clusters(
    X,
    labels=None,
    centers=None,
    *,
    ax=None,
    title=None,
    feature_names=None,
    columns=None,
    trails=None,
    borders=False,
    ring=None,
    projection=None,
    bounds=None,
):
    """Points with a colour and a marker for each cluster, and numbered centres.

    Parameters
    ----------
    X : array or DataFrame of shape (n_samples, n_features)
        More than two columns are projected, see :func:`project`.
    labels : array of int of shape (n_samples,), optional
        The cluster of each point; negative numbers mean noise. Without labels, points are grey.
    centers : array of shape (n_clusters, n_features), optional
    ax : matplotlib Axes, optional
        Where to draw; a new figure by default.
    title : str, optional
        What the picture shows: its finding.
    feature_names : sequence of str, optional
        For the axes; by default the DataFrame's columns, or x and y.
    columns : pair of int or str, optional
        Which columns to show.
    trails : array of shape (n_steps, n_clusters, n_features), optional
        Where the centres were, oldest first.
    borders : bool
        Draw the regions of the centres; ignored where the projection is not exact.
    ring : boolean array of shape (n_samples,), optional
        Points to put a ring around.
    projection : Projection, optional
        Instead of columns: the axes of an earlier picture.
    bounds : (left, right, lower, upper), optional
        The part of the plane to show; all points and centres by default.

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        If the labels or the names do not fit the points.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> ax = plot_clusters([[0, 0], [0, 1], [5, 5]], [0, 0, 1], ax=Figure().add_subplot())
    >>> len(ax.collections), ax.get_xlabel()
    (2, 'x')
    """
    if projection is None:
        projection = project(X, columns, feature_names)
    points = projection(as_points(X))
    labels = _as_labels(labels, len(points))
    centers = None if centers is None else projection(np.atleast_2d(centers))
    trails = None if trails is None else projection(trails)

    ax = _new_axes() if ax is None else ax
    if bounds is None:
        bounds = _bounds(*(a.reshape(-1, 2) for a in (points, centers, trails) if a is not None))
    _frame(ax, bounds, projection.names)
    if borders and centers is not None and projection.exact:
        plot_voronoi(centers, ax=ax, bounds=bounds)
    _draw_points(ax, points, labels, ring)
    if trails is not None:
        _draw_trails(ax, trails)
    if centers is not None:
        _draw_centers(ax, centers)
    elif labels is not None:
        _legend_beside(ax)
    _title(ax, title)
    return ax


def plot_voronoi(centers, *, ax=None, bounds=None, fill=True, title=None):
    """The region of each centre, where it is the nearest one, and the straight borders.

    Parameters
    ----------
    centers : array of shape (n_clusters, 2)
    ax : matplotlib Axes, optional
        Where to draw; a new figure by default.
    bounds : (left, right, lower, upper), optional
        The part of the plane to divide; by default what ``ax`` shows.
    fill : bool
        Tint the regions with the colours of their clusters.
    title : str, optional
        What the picture shows; in a figure of its own, by default how many regions there are.

    Returns
    -------
    Axes

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> ax = plot_voronoi([[0, 0], [4, 0]], ax=Figure().add_subplot(), bounds=(-1, 5, -1, 1))
    >>> ax.collections[-1].get_segments()[0].tolist()
    [[2.0, -1.0], [2.0, 1.0]]
    """
    centers = np.atleast_2d(np.asarray(centers, dtype=float))
    if centers.shape[-1] != 2:
        raise ValueError(
            f"centers has shape {centers.shape}, expected (n_clusters, 2): "
            "borders can be drawn in the plane only"
        )
    if ax is None:
        ax = _new_axes()
        bounds = _bounds(centers) if bounds is None else bounds
        _frame(ax, bounds, ("x", "y"))
        if title is None:
            k = len(np.unique(centers, axis=0))
            title = (
                f"{k} centres share out the plane" if k > 1 else "One centre has the whole plane"
            )
    if bounds is None:
        bounds = (*ax.get_xlim(), *ax.get_ylim())
    cells = voronoi_cells(centers, bounds)
    if fill:
        drawn = [(color(j), cell) for j, cell in enumerate(cells) if len(cell)]
        tints = PolyCollection([cell for _, cell in drawn], zorder=0.5, alpha=0.13, linewidth=0)
        tints.set_facecolor([tint for tint, _ in drawn])
        ax.add_collection(tints, autolim=False)
    lines = LineCollection(_inner_edges(cells, bounds), colors="#555555", linewidths=1.3, zorder=1)
    ax.add_collection(lines, autolim=False)
    _title(ax, title)
    return ax


def voronoi_cells(centers, bounds) -> list[np.ndarray]:
    """The corners of each centre's region inside a rectangle, in order around it.

    The rectangle is cut by the perpendicular bisector to every other centre. Of several centres at
    one place the first has the region and the others have none, as the first of equals wins.

    Examples
    --------
    >>> voronoi_cells([[0, 0], [4, 0]], bounds=(-1, 5, -1, 1))[1].tolist()
    [[2.0, -1.0], [5.0, -1.0], [5.0, 1.0], [2.0, 1.0]]
    """
    left, right, lower, upper = bounds
    rectangle = np.array([(left, lower), (right, lower), (right, upper), (left, upper)], float)
    centers = np.asarray(centers, dtype=float)
    cells = []
    for j, center in enumerate(centers):
        cell = rectangle - center
        for i, way in enumerate(centers - center):
            if way.any():
                cell = _clip(cell, way)
            elif i < j:
                cell = cell[:0]
        cells.append(cell + center)
    return cells


def _clip(cell, way):
    """The part of a convex polygon that is nearer to 0 than to ``way``."""
    if not len(cell):
        return cell
    beyond = cell @ way - way @ way / 2
    corners = []
    for a, b, over_a, over_b in zip(
        cell, np.roll(cell, -1, axis=0), beyond, np.roll(beyond, -1), strict=True
    ):
        if over_a <= 0:
            corners.append(a)
        if over_a * over_b < 0:
            corners.append(a + (b - a) * over_a / (over_a - over_b))
    return np.array(corners).reshape(-1, 2)


def _inner_edges(cells, bounds):
    """Each border once, without the sides of the rectangle."""
    left, right, lower, upper = bounds
    tolerance = 1e-9 * max(right - left, upper - lower)
    edges = {}
    for cell in cells:
        for a, b in zip(cell, np.roll(cell, -1, axis=0), strict=True):
            outside = any(
                abs(a[axis] - side) <= tolerance and abs(b[axis] - side) <= tolerance
                for axis, side in ((0, left), (0, right), (1, lower), (1, upper))
            )
            if not outside and np.abs(a - b).max() > tolerance:
                key = tuple(sorted(tuple(np.round(p / tolerance / 10)) for p in (a, b)))
                edges.setdefault(key, np.array([a, b]))
    return list(edges.values())


def plot_history(history: History, frames=None, *, figure=None, columns=None, title=None):
    """A film strip: chosen half-steps of a run side by side, each with its sentence.

    Points have the colour and the marker of their cluster; those that changed cluster in an E-step
    have a ring. Centres have their number and their trail since the start. Borders are drawn where
    the picture shows true distances, that is for two columns at most.

    Parameters
    ----------
    history : History
    frames : sequence of int, optional
        Which half-steps, negative ones counted from the end. By default the start, the first
        three, one from the middle and the last.
    figure : matplotlib Figure, optional
        Where to draw; a new one by default. It gets the size of the strip.
    columns : pair of int or str, optional
        Which columns to show.
    title : str, optional
        Above the whole strip.

    Returns
    -------
    ndarray of Axes, one for each frame

    Examples
    --------
    >>> from kmeans_teach.textbook import lloyd
    >>> from matplotlib.figure import Figure
    >>> run = lloyd([[0, 0], [0, 1], [5, 5]], centers=[[0, 0], [0, 1]])
    >>> print(plot_history(run, frames=[0, -1], figure=Figure())[1].get_title(loc="left"))
    M-step 3: no centre moved;
    inertia 0.5000 to 0.5000
    """
    history = as_history(history)
    frames = _story(len(history)) if frames is None else [range(len(history))[i] for i in frames]
    if not frames:
        raise ValueError("frames is empty: pass at least one half-step, for example frames=[0, -1]")
    projection = project(history.X, columns, history.feature_names)
    projection = projection._replace(names=tuple(wrap(name, 26) for name in projection.names))
    bounds = _bounds(projection(history.X), *(projection(s.centers) for s in history))
    width = 2 if len(frames) == 4 else min(len(frames), 3)
    said = [history.sentence(i) for i in frames]
    axes, said = _strip(figure, said, width, bounds, title, projection.names)
    for n, (ax, i) in enumerate(zip(axes, frames, strict=True)):
        _draw_frame(ax, history, i, projection, bounds)
        _title(ax, said[n], TEXT)
        if n % width:
            ax.set(ylabel="", yticks=[])
        if n + width < len(axes):
            ax.set(xlabel="", xticks=[])
    if title:
        look = {"fontsize": TITLE, "fontweight": "bold", "parse_math": False}
        ax.get_figure().suptitle(title, x=0.01, y=0.995, ha="left", va="top", **look)
    return axes


def _story(n):
    """The start, the first two E-steps and the first M-step, the middle and the end."""
    return sorted({*range(min(4, n)), (4 + n) // 2 if n > 5 else n - 1, n - 1})


def _strip(figure, said, width, bounds, title, names):
    """Axes in rows, placed by hand: a layout engine takes ten times as long as all the rest."""
    left, right, lower, upper = bounds
    page = PAGE_WIDTH if width > 2 else 3.2 * width + 1.3
    # inches: names and ticks stand in the first column and the last row
    south, west = (0.42 + 0.2 * (name.count("\n") + 1) for name in names)
    west, gap = west + 0.33, 0.2
    wide = (page - west - gap * width) / width
    tall = wide * (upper - lower) / (right - left)
    said = [wrap(sentence, int(12.1 * wide)) for sentence in said]
    rows = [said[i : i + width] for i in range(0, len(said), width)]
    above = [0.25 + 0.19 * max(text.count("\n") + 1 for text in row) for row in rows]
    head = 0.4 if title else 0
    high = head + sum(above) + tall * len(rows) + south
    if figure is None:
        import matplotlib.pyplot as plt

        figure = plt.figure()
    if hasattr(figure, "set_size_inches"):
        figure.set_size_inches(page, high)
    figure.set_facecolor("white")
    axes = []
    for i in range(len(said)):
        top = high - head - sum(above[: i // width + 1]) - tall * (i // width)
        place = west + i % width * (wide + gap), top - tall, wide, tall
        axes.append(figure.add_axes(np.array(place) / (page, high, page, high)))
    return np.array(axes), said


def _draw_frame(ax, history, i, projection, bounds):
    now = history[i]
    before = history[i - 1].labels if i else None
    so_far = [history._snapshots[step] for step in range(i + 1)]
    plot_clusters(
        history.X,
        now.labels,
        now.centers,
        ax=ax,
        trails=np.array([s.centers for s in so_far if s.phase != "assign"]),
        borders=now.phase != "init",
        ring=None if before is None else before != now.labels,
        projection=projection,
        bounds=bounds,
    )


def plot_inertia(history: History, *, ax=None, title=None):
    """The staircase of the inertia: how much each E-step and each M-step took off it.

    Parameters
    ----------
    history : History
    ax : matplotlib Axes, optional
        Where to draw; a new figure by default.
    title : str, optional
        What the picture shows: its finding.

    Returns
    -------
    Axes
        The legend is the ledger: what all E-steps and all M-steps took off, and what is left. A
        bar with a thick black edge is a half-step that raised the inertia.

    Examples
    --------
    >>> from kmeans_teach.textbook import lloyd
    >>> from matplotlib.figure import Figure
    >>> run = lloyd([[0.0], [1.0], [9.0]], centers=[[0.0], [1.0]])
    >>> ax = plot_inertia(run, ax=Figure().add_subplot())
    >>> print(*(text.get_text() for text in ax.get_legend().get_texts()), sep=", ")
    E-steps took off 15.00, M-steps took off 48.50, left 0.5000
    """
    if ax is None:
        ax = _new_axes((PAGE_WIDTH * 0.8, 4.2))
    snapshots = list(as_history(history))
    level = np.array([s.inertia for s in snapshots])
    phases = [s.phase for s in snapshots]
    names = [f"{'E' if s.phase == 'assign' else 'M'}{s.iteration}" for s in snapshots]
    steps = np.arange(len(level))
    for phase, look in STEP_STYLE.items():
        mine = [i for i in steps[2:] if phases[i] == phase]
        taken = level[[i - 1 for i in mine]] - level[mine]
        edges = np.where(taken < 0, "black", look["edgecolor"])
        thick = np.where(taken < 0, 2.5, 1.0)
        word = "took off" if taken.sum() >= 0 else "added"
        ax.bar(
            mine,
            taken,
            bottom=level[mine],
            width=1,
            align="edge",
            zorder=2,
            label=f"{phase[0].replace('a', 'E').replace('u', 'M')}-steps {word} "
            f"{number(abs(taken.sum()))}",
            **look | {"edgecolor": edges, "linewidth": thick},
        )
    if len(level) > 1:
        left = f"left {number(level[-1])}"
        ax.stairs(
            level[1:], np.arange(1, len(level) + 1), color="#222222", lw=2, zorder=3, baseline=None
        )
        ax.bar(0, 0, color="white", edgecolor="#222222", lw=2, label=left)
        legend_below(ax, 46, ncols=3, handlelength=1.8, columnspacing=1.4)
    every = -(-(len(level) - 1) // 16) or 1
    ax.set_xticks(steps[1::every] + 0.5, names[1::every], fontsize=TEXT)
    ax.set_xlim(1, max(len(level), 2))
    ax.set_ylim(bottom=0)
    ax.tick_params(labelsize=TEXT)
    ax.set_xlabel("half-step (E: points get clusters, M: centres move)", fontsize=TEXT + 0.5)
    ax.set_ylabel("inertia (squared units)", fontsize=TEXT + 0.5)
    ax.spines[["top", "right"]].set_visible(False)
    _title(ax, title)
    return ax


def legend_below(ax, down, **look):
    """A legend ``down`` points under the axes, by a length as their height is not ours."""
    below = ScaledTranslation(0, -down / 72, ax.get_figure().dpi_scale_trans)
    place = {"loc": "upper center", "bbox_to_anchor": (0.5, 0)}
    legend = ax.legend(
        **place, bbox_transform=ax.transAxes + below, fontsize=TEXT, frameon=False, **look
    )
    for text in legend.get_texts():
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
    parts = sentence.split("; ")
    parts[:-1] = [part + ";" for part in parts[:-1]]
    return "\n".join(_even_lines(part, width) for part in parts)


def _even_lines(text, width):
    """As few lines as the width allows, none of them longer than needed for that many."""
    lines = textwrap.wrap(text, width)
    while width > 1 and len(narrower := textwrap.wrap(text, width - 1)) == len(lines):
        lines, width = narrower, width - 1
    return "\n".join(lines)


def _new_axes(size=(7.2, 4.8)):
    import matplotlib.pyplot as plt

    # a white page holds on a dark theme too, where a see-through one would hide its text
    figure = plt.figure(figsize=size, layout="compressed", facecolor="white")
    return figure.add_subplot()


def _bounds(*arrays, margin=0.09, longest=2.0):
    """A rectangle with room around all points, no side more than twice the other."""
    points = np.concatenate(arrays)
    low, high = points.min(axis=0), points.max(axis=0)
    middle = low / 2 + high / 2
    spread = high - low
    if not spread.any():
        spread = np.full(2, max(1.0, np.abs(middle).max() * 1e-3))
    half = np.maximum(spread, spread.max() / longest) * (0.5 + margin)
    (left, lower), (right, upper) = middle - half, middle + half
    return float(left), float(right), float(lower), float(upper)


def _frame(ax, bounds, names):
    ax.set_aspect("equal", adjustable="box")
    ax.set_xlim(bounds[:2])
    ax.set_ylim(bounds[2:])
    for axis, name in zip((ax.xaxis, ax.yaxis), names, strict=True):
        axis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
        name = name if "\n" in name else wrap(name, 48)
        axis.set_label_text(name, fontsize=TEXT + 0.5, parse_math=False)
    ax.tick_params(labelsize=TEXT)
    if not names[1]:
        ax.set_yticks([])


def _title(ax, title, size=TITLE):
    if title:
        # a height that is given is not sought: that takes as long as the axes themselves
        ax.set_title(title, fontsize=size, loc="left", y=1, parse_math=False)


def _as_labels(labels, n_samples):
    if labels is None:
        return None
    labels = np.asarray(labels)
    if labels.shape != (n_samples,):
        raise ValueError(
            f"labels has shape {labels.shape}, expected ({n_samples},): one cluster for each point"
        )
    if labels.dtype.kind not in "iub":
        raise ValueError(
            f"labels holds {labels.dtype} values, expected whole numbers: "
            "number the clusters first, for example by np.unique(labels, return_inverse=True)[1]"
        )
    return labels.astype(np.intp)


def _draw_points(ax, points, labels, ring):
    size = np.clip(9000 / len(points), 4, 42)
    look = {"s": size, "linewidths": 0.4 if size > 10 else 0, "edgecolors": "white", "zorder": 2}
    if labels is None:
        ax.scatter(*points.T, color=UNASSIGNED, marker="o", **look)
        return
    for j in np.unique(labels):
        mine = labels == j
        count = f"{mine.sum()} point{'' if mine.sum() == 1 else 's'}"
        if j < 0:
            name, colour, shape = f"noise ({count})", UNASSIGNED, "."
        else:
            name, colour, shape = f"cluster {j} ({count})", color(j), marker(j)
        ax.scatter(*points[mine].T, color=colour, marker=shape, label=name, **look)
    if ring is not None and np.any(ring):
        ringed = points[np.asarray(ring, dtype=bool)]
        ax.scatter(*ringed.T, s=3 * size, facecolors="none", edgecolors="black", lw=1.0, zorder=2.5)


def _draw_trails(ax, trails):
    for j in range(trails.shape[1]):
        way = trails[:, j]
        ax.plot(
            *way.T,
            color=color(j),
            lw=2,
            marker="o",
            ms=4,
            zorder=3,
            path_effects=[withStroke(linewidth=4, foreground="white")],
        )


def _draw_centers(ax, centers):
    edges = [color(j) for j in range(len(centers))]
    halo = [withStroke(linewidth=5, foreground="white")]
    ax.scatter(*centers.T, s=230, c="white", edgecolors=edges, lw=2.5, zorder=4, path_effects=halo)
    for j, center in enumerate(centers):
        ax.text(
            *center,
            str(j),
            ha="center",
            va="center_baseline",
            fontsize=TEXT,
            fontweight="bold",
            color="black",
            zorder=5,
            clip_on=True,
        )


def _legend_beside(ax):
    """What each marker means: of many clusters only the number, and of more than 30 the first."""
    handles, names = ax.get_legend_handles_labels()
    look = {"loc": "upper left", "bbox_to_anchor": (1.01, 1), "fontsize": TEXT, "frameon": False}
    look |= {"handletextpad": 0.3, "borderaxespad": 0, "markerscale": 1.3}
    if (n := len(names)) > 12:
        names = [name.split(" (")[0].removeprefix("cluster ") for name in names[:MOST_NAMES]]
        title = "cluster" if n <= MOST_NAMES else f"cluster ({n - MOST_NAMES} more)"
        look |= {"ncols": -(-len(names) // 15), "columnspacing": 0.8, "alignment": "left"}
        look |= {"title": title, "title_fontsize": TEXT}
    ax.legend(handles[: len(names)], names, **look)
