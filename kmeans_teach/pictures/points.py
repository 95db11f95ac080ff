"""Pictures of points, centres, borders and runs: they draw what they are given, fit nothing."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.patheffects import withStroke
from matplotlib.transforms import Bbox, TransformedBbox

from ..history import History, as_history
from ..validation import as_points
from . import style
from .plane import bounds_of, project, voronoi

MOST_NAMES = 30  # clusters that a legend lists


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
) -> Axes:
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
    groups = _groups(labels, len(points), counts=True)
    centers = None if centers is None else projection(np.atleast_2d(centers))
    trails = None if trails is None else projection(trails)

    ax = style.new_axes() if ax is None else ax
    if bounds is None:
        bounds = bounds_of(*(a.reshape(-1, 2) for a in (points, centers, trails) if a is not None))
    _frame(ax, bounds, projection.names)
    if borders and centers is not None and projection.exact:
        plot_voronoi(centers, ax=ax, bounds=bounds)
    _draw_points(ax, points, groups, ring)
    if trails is not None:
        halo = [withStroke(linewidth=4, foreground="white")]
        for j, way in enumerate(trails.swapaxes(0, 1)):
            ax.plot(*way.T, "o-", color=style.color(j), lw=2, ms=4, zorder=3, path_effects=halo)
    if centers is not None:
        _draw_centers(ax, centers)
    elif labels is not None:
        _legend_beside(ax)
    style.write_title(ax, title)
    return ax


def plot_voronoi(centers, *, ax=None, bounds=None, fill=True, title=None) -> Axes:
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

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> ax = plot_voronoi([[0, 0], [4, 0]], ax=Figure().add_subplot(), bounds=(-1, 5, -1, 1))
    >>> ax.collections[-1].get_segments()[0][:, 0].tolist()
    [2.0, 2.0]
    """
    centers = np.atleast_2d(np.asarray(centers, dtype=float))
    if centers.shape[-1] != 2:
        raise ValueError(
            f"centers has shape {centers.shape}, expected (n_clusters, 2): "
            "borders can be drawn in the plane only"
        )
    if ax is None:
        ax = style.new_axes()
        bounds = bounds_of(centers) if bounds is None else bounds
        _frame(ax, bounds, ("x", "y"))
        if title is None:
            k = len(np.unique(centers, axis=0))
            title = f"{k} centres share out the plane"
            title = title if k > 1 else "One centre has the whole plane"
    if bounds is None:
        bounds = (*ax.get_xlim(), *ax.get_ylim())
    regions, borders = voronoi(centers, bounds)
    tints = [style.color(j) for j in range(len(regions))]
    tinted = PolyCollection(regions, facecolors=tints, zorder=0.5, alpha=0.13, linewidth=0)
    lines = LineCollection(borders, colors="#555555", linewidths=1.3, zorder=1)
    left, right, lower, upper = bounds
    window = TransformedBbox(Bbox.from_extents(left, lower, right, upper), ax.transData)
    for drawn in (tinted, lines) if fill else (lines,):
        ax.add_collection(drawn, autolim=False)
        drawn.set_clip_box(window)
        drawn.set_clip_path(ax.patch.get_path(), ax.patch.get_transform())
    style.write_title(ax, title)
    return ax


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
        three, one from the middle and the last; the one from the middle is the first in which an
        empty cluster gets a point, if there is one.
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
    n = len(history)
    if frames is None:
        filled = (i for i in range(4, n - 1) if history[i].relocated)
        frames = sorted({*range(min(4, n)), next(filled, min((4 + n) // 2, n - 1)), n - 1})
    frames = [range(n)[i] for i in frames]
    if not frames:
        raise ValueError("frames is empty: pass at least one half-step, for example frames=[0, -1]")
    projection = project(history.X, columns, history.feature_names)
    projection = projection._replace(names=tuple(style.wrap(name, 26) for name in projection.names))
    bounds = bounds_of(projection(history.X), *(projection(s.centers) for s in history))
    width = 2 if len(frames) == 4 else min(len(frames), 3)
    said = [history.sentence(i) for i in frames]
    axes, said = _strip(figure, said, width, bounds, title, projection.names)
    for place, (ax, i) in enumerate(zip(axes, frames, strict=True)):
        so_far = [history[step] for step in range(i + 1)]
        now, before = so_far[-1], so_far[-2].labels if i else None
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
        style.write_title(ax, said[place], size=style.TEXT)
        if place % width:
            ax.set(ylabel="", yticks=[])
        if place + width < len(axes):
            ax.set(xlabel="", xticks=[])
    if title:
        look = {"fontsize": style.TITLE, "fontweight": "bold", "parse_math": False}
        ax.get_figure().suptitle(title, x=0.01, y=0.995, ha="left", va="top", **look)
    return axes


def _strip(figure, said, width, bounds, title, names):
    """Axes in rows, placed by hand: a layout engine takes ten times as long as all the rest."""
    left, right, lower, upper = bounds
    page = style.PAGE_WIDTH if width > 2 else 3.2 * width + 1.3
    # inches: names and ticks stand in the first column and the last row
    south, west = (0.42 + 0.2 * (name.count("\n") + 1) for name in names)
    west, gap = west + 0.33, 0.2
    wide = (page - west - gap * width) / width
    tall = wide * (upper - lower) / (right - left)
    said = [style.wrap(sentence, int(12.1 * wide)) for sentence in said]
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


def plot_clusters_3d(
    X, labels=None, centers=None, *, ax=None, title=None, feature_names=None, wrong=None
) -> Axes:
    """Points with three columns in space, a colour and a marker for each cluster.

    Parameters
    ----------
    X : array or DataFrame of shape (n_samples, 3)
    labels : array of shape (n_samples,), optional
        The cluster of each point as a whole number (negative: noise), or its class as a name.
    centers : array of shape (n_clusters, 3), optional
        Drawn as numbered discs.
    ax : matplotlib Axes3D, optional
        Where to draw; a new figure by default. Turn the picture by ``ax.view_init``.
    title : str, optional
        What the picture shows; by default how many points, in how many groups, how many wrong.
    feature_names : sequence of 3 str, optional
        For the axes; by default the DataFrame's columns, or x, y and z.
    wrong : boolean array of shape (n_samples,), optional
        Points to put a ring around.

    Raises
    ------
    ValueError
        If the points have not three columns, or something else does not fit them.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> ax = Figure().add_subplot(projection="3d")
    >>> X = [[0, 0, 0], [0, 0, 1], [5, 5, 5]]
    >>> ax = plot_clusters_3d(X, [0, 0, 1], wrong=[False, True, False], ax=ax)
    >>> print(ax.get_title(loc="left"))
    3 points in 2 clusters;
    1 wrong, with a ring
    """
    names = getattr(X, "columns", ("x", "y", "z")) if feature_names is None else feature_names
    X = as_points(X)
    if X.shape[1] != 3 or len(names) != 3:
        raise ValueError(
            f"X has {X.shape[1]} columns and {len(names)} names, a picture in space needs 3 of "
            "each: choose three columns, or use plot_clusters"
        )
    kinds, classes = "clusters", None
    if labels is not None and np.asarray(labels).dtype.kind not in "iub":
        kinds, names_of_points = "classes", np.asarray(labels).astype(str)
        classes, labels = np.unique(names_of_points, return_inverse=True)
    groups = _groups(labels, len(X), classes)
    wrong = np.zeros(len(X), dtype=bool) if wrong is None else np.asarray(wrong, dtype=bool)
    if wrong.shape != (len(X),):
        raise ValueError(f"wrong has shape {wrong.shape}, expected ({len(X)},): one value a point")
    centers = np.empty((0, 3)) if centers is None else np.atleast_2d(np.asarray(centers, float))
    if centers.shape[1] != 3:
        raise ValueError(f"centers has shape {centers.shape}, expected (n_clusters, 3)")
    ax = style.new_axes((7.2, 6), "constrained", projection="3d") if ax is None else ax
    ax.computed_zorder = False  # rings and centres stay in front of the points
    ax.patch.set_visible(False)  # it would cover the axis label of a picture to the left
    _draw_points(ax, X, groups, wrong, f"wrong ({wrong.sum()})", depthshade=False)
    if len(centers):
        _draw_centers(ax, centers, depthshade=False)
    style.name_axes(ax, *(style.short(str(name), 28) for name in names), ticks=4)
    for axis in (ax.xaxis, ax.yaxis, ax.zaxis):
        axis.labelpad = 8
    ax.set_box_aspect(None, zoom=0.83)  # else the label of the third axis is cut off
    if n := len(ax.get_legend_handles_labels()[1]):  # in the empty room above the box
        look = {"loc": "upper center", "bbox_to_anchor": (0.5, 1.0), "ncols": 2 if n == 4 else 3}
        style.legend(ax, handletextpad=0.1, columnspacing=1.0, borderaxespad=0, **look)
    finding = f"{len(X)} points" + (f" in {len(groups)} {kinds}" if labels is not None else "")
    if wrong.any():
        finding += f"; {wrong.sum()} wrong, with a ring"
    style.write_title(ax, title, finding)
    return ax


def as_labels(labels, n_samples):
    """The labels as whole numbers, one for each point, or a ValueError that says what to pass."""
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


def _groups(labels, n, classes=None, counts=False):
    """Name, points, colour and marker of each group."""
    if labels is None:
        return [(None, np.ones(n, dtype=bool), style.UNASSIGNED, "o")]
    labels = as_labels(labels, n)
    groups = []
    for j, size in zip(*np.unique(labels, return_counts=True), strict=True):
        name = "noise" if j < 0 else f"cluster {j}" if classes is None else classes[j]
        if counts:
            name += f" ({size} point{'' if size == 1 else 's'})"
        groups.append((name, labels == j, style.color(j), style.marker(j)))
    return groups


def _draw_points(ax, points, groups, ring, ring_name=None, **space):
    size = np.clip(9000 / len(points), 4, 42)
    look = {"s": size, "linewidths": 0.4 if size > 10 else 0, "edgecolors": "white", "zorder": 2}
    for name, mine, tint, shape in groups:
        ax.scatter(*points[mine].T, color=tint, marker=shape, label=name, **look, **space)
    if ring is not None and np.any(ring):
        look |= {"s": 3 * size, "facecolors": "none", "edgecolors": "black", "zorder": 2.5}
        look |= {"linewidths": 1.0, "label": ring_name}
        ax.scatter(*points[np.asarray(ring, dtype=bool)].T, **look, **space)


def _draw_centers(ax, centers, **space):
    look = {"s": 230, "c": "white", "linewidths": 2.5, "zorder": 4}
    halo = [withStroke(linewidth=5, foreground="white")]
    edges = [style.color(j) for j in range(len(centers))]
    ax.scatter(*centers.T, edgecolors=edges, path_effects=halo, **look, **space)
    look = {
        "fontsize": style.TEXT,
        "fontweight": "bold",
        "color": "black",
        "zorder": 5,
        "clip_on": True,
    }
    for j, center in enumerate(centers):
        ax.text(*center, str(j), ha="center", va="center_baseline", **look)


def _frame(ax, bounds, names):
    ax.set_aspect("equal", adjustable="box")
    ax.set_xlim(bounds[:2])
    ax.set_ylim(bounds[2:])
    style.name_axes(
        ax, *(name if "\n" in name else style.wrap(name, 48) for name in names), ticks=5
    )
    if not names[1]:
        ax.set_yticks([])


def _legend_beside(ax):
    """What each marker means: of many clusters only the number, and of more than 30 the first."""
    handles, names = ax.get_legend_handles_labels()
    look = {"loc": "upper left", "bbox_to_anchor": (1.01, 1), "borderaxespad": 0}
    look |= {"handletextpad": 0.3, "markerscale": 1.3}
    if (n := len(names)) > 12:
        names = [name.split(" (")[0].removeprefix("cluster ") for name in names[:MOST_NAMES]]
        title = "cluster" if n <= MOST_NAMES else f"cluster ({n - MOST_NAMES} more)"
        look |= {"ncols": -(-len(names) // 15), "columnspacing": 0.8, "alignment": "left"}
        look |= {"title": title, "title_fontsize": style.TEXT}
    style.legend(ax, handles[: len(names)], names, **look)
