"""Pictures of points, centres, borders and runs: they draw what they are given, fit nothing."""

from __future__ import annotations

import textwrap

import numpy as np
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.patheffects import withStroke
from matplotlib.ticker import MaxNLocator
from matplotlib.transforms import ScaledTranslation

from ..history import History, as_history
from ..validation import as_points
from .plane import bounds_of, inner_edges, project, voronoi_cells
from .style import UNASSIGNED, color, marker

# Points of type and inches at which a figure is read well when it fills a notebook's page.
TITLE, TEXT = 13, 11.5
PAGE_WIDTH = 9.5
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
    labels = as_labels(labels, len(points))
    centers = None if centers is None else projection(np.atleast_2d(centers))
    trails = None if trails is None else projection(trails)

    ax = new_axes() if ax is None else ax
    if bounds is None:
        bounds = bounds_of(*(a.reshape(-1, 2) for a in (points, centers, trails) if a is not None))
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
    write_title(ax, title)
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
        ax = new_axes()
        bounds = bounds_of(centers) if bounds is None else bounds
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
    lines = LineCollection(inner_edges(cells, bounds), colors="#555555", linewidths=1.3, zorder=1)
    ax.add_collection(lines, autolim=False)
    write_title(ax, title)
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
    bounds = bounds_of(projection(history.X), *(projection(s.centers) for s in history))
    width = 2 if len(frames) == 4 else min(len(frames), 3)
    said = [history.sentence(i) for i in frames]
    axes, said = _strip(figure, said, width, bounds, title, projection.names)
    for n, (ax, i) in enumerate(zip(axes, frames, strict=True)):
        _draw_frame(ax, history, i, projection, bounds)
        write_title(ax, said[n], TEXT)
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


def new_axes(size=(7.2, 4.8)):
    """Axes in a figure of their own, its size in inches."""
    import matplotlib.pyplot as plt

    # a white page holds on a dark theme too, where a see-through one would hide its text
    figure = plt.figure(figsize=size, layout="compressed", facecolor="white")
    return figure.add_subplot()


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


def write_title(ax, title, size=TITLE):
    """A title above the left end of the axes, as it is written."""
    if title:
        # a height that is given is not sought: that takes as long as the axes themselves
        ax.set_title(title, fontsize=size, loc="left", y=1, parse_math=False)


def write_finding(ax, text):
    """A title in lines that are as wide as the axes; a layout to come may change them a little."""
    inches = ax.get_position().width * ax.get_figure().get_figwidth()
    width = max(16, int(inches * 72 / (0.52 * TITLE)))
    together = text.replace("k = ", "k\u00a0=\u00a0")  # "k = 4" stays in one line
    if len(text) > width and "\n" not in text:
        together = wrap(together, width)
    write_title(ax, together.replace("\u00a0", " "))


def as_labels(labels, n_samples):
    """The labels as whole numbers, one for each point, or a ValueError that says what to pass."""
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


def plot_clusters_3d(
    X, labels=None, centers=None, *, ax=None, title=None, feature_names=None, wrong=None
):
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

    Returns
    -------
    Axes3D

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
    groups = _groups(labels, len(X))
    wrong = np.zeros(len(X), dtype=bool) if wrong is None else np.asarray(wrong, dtype=bool)
    if wrong.shape != (len(X),):
        raise ValueError(f"wrong has shape {wrong.shape}, expected ({len(X)},): one value a point")
    ax = _new_space() if ax is None else ax
    ax.computed_zorder = False  # rings and centres stay in front of the points
    ax.patch.set_visible(False)  # it would cover the axis label of a picture to the left
    size = np.clip(9000 / len(X), 8, 42)
    for name, mine, tint, shape in groups:
        ax.scatter(
            *X[mine].T,
            s=size,
            color=tint,
            marker=shape,
            label=name,
            depthshade=False,
            edgecolors="white",
            linewidths=0.4,
            zorder=2,
        )
    if wrong.any():
        look = {"facecolors": "none", "edgecolors": "black", "linewidths": 1.2, "zorder": 3}
        name = f"wrong ({wrong.sum()})"
        ax.scatter(*X[wrong].T, s=3.2 * size, depthshade=False, label=name, **look)
    if centers is not None:
        _draw_centers_3d(ax, np.atleast_2d(np.asarray(centers, dtype=float)))
    _dress_space(ax, names)
    _legend_in_space(ax)
    kinds = "clusters" if labels is None or np.asarray(labels).dtype.kind in "iub" else "classes"
    finding = f"{len(X)} points" + (f" in {len(groups)} {kinds}" if labels is not None else "")
    if wrong.any():
        finding += f"; {wrong.sum()} wrong, with a ring"
    write_finding(ax, finding if title is None else title)
    return ax


def _groups(labels, n):
    """Name, points, colour and marker of each group."""
    if labels is None:
        return [(None, np.ones(n, dtype=bool), UNASSIGNED, "o")]
    named = np.asarray(labels).dtype.kind not in "iub"
    classes = None
    if named and np.shape(labels) == (n,):
        classes, labels = np.unique(np.asarray(labels).astype(str), return_inverse=True)
    labels = as_labels(labels, n)
    return [
        (
            f"{classes[j] if named else 'noise' if j < 0 else f'cluster {j}'}",
            labels == j,
            UNASSIGNED if j < 0 else color(j),
            "." if j < 0 else marker(j),
        )
        for j in np.unique(labels)
    ]


def _new_space():
    import matplotlib.pyplot as plt

    figure = plt.figure(figsize=(7.2, 6), layout="constrained", facecolor="white")
    return figure.add_subplot(projection="3d")


def _draw_centers_3d(ax, centers):
    if centers.shape[1] != 3:
        raise ValueError(f"centers has shape {centers.shape}, expected (n_clusters, 3)")
    for j, center in enumerate(centers):
        look = {"c": "white", "edgecolors": color(j), "lw": 2.5, "zorder": 4}
        ax.scatter(*center, s=230, depthshade=False, **look)
        place = {"ha": "center", "va": "center_baseline", "zorder": 5}
        ax.text(*center, str(j), fontsize=TEXT, fontweight="bold", color="black", **place)


def _legend_in_space(ax):
    """A legend in the empty room above the box."""
    n = len(ax.get_legend_handles_labels()[1])
    if n:
        legend = ax.legend(
            loc="upper center",
            bbox_to_anchor=(0.5, 1.0),
            ncols=2 if n == 4 else 3,
            fontsize=TEXT,
            frameon=False,
            handletextpad=0.1,
            columnspacing=1.0,
            borderaxespad=0,
        )
        for text in legend.get_texts():
            text.set_parse_math(False)


def _dress_space(ax, names):
    for axis, name in zip((ax.xaxis, ax.yaxis, ax.zaxis), names, strict=True):
        axis.set_major_locator(MaxNLocator(4, steps=[1, 2, 5, 10]))
        axis.set_label_text(short(str(name), 28), fontsize=TEXT + 0.5, parse_math=False)
        axis.labelpad = 8
    ax.tick_params(labelsize=TEXT - 0.5)
    ax.set_box_aspect(None, zoom=0.83)  # else the label of the third axis is cut off
