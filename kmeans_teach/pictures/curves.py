"""Pictures of scores, inertias and tables.

Each has a title of its own that states what the numbers say; ``title=`` says something else.
"""

from __future__ import annotations

import numpy as np
from matplotlib.patches import Rectangle

from ..history import History, as_history, number
from .points import (
    PAGE_WIDTH,
    TEXT,
    TITLE,
    as_labels,
    legend_below,
    new_axes,
    short,
    wrap,
    write_finding,
    write_title,
)
from .style import UNASSIGNED, color, marker

DASHES = ("-", "--", ":", "-.")
INK = "#222222"
# The same two colours for E and M in every picture, with hatches, as colour never speaks alone.
STEP_STYLE = {
    "assign": {"facecolor": "#a8d4f0", "edgecolor": "#00527f", "hatch": "///"},
    "update": {"facecolor": "#f6cf9c", "edgecolor": "#7a4300", "hatch": "..."},
}


def plot_elbow(k_values, inertias, *, ax=None, title=None, chosen=None, reference=None):
    """The inertia over the number of clusters, beside that of data without clusters if given.

    Parameters
    ----------
    k_values : array of int of shape (n_values,)
    inertias : array of shape (n_values,)
        In squared units of the data.
    ax : matplotlib Axes, optional
        Where to draw; a new figure by default.
    title : str, optional
        What the picture shows; by default what one cluster more than ``chosen`` takes off, or
        where the curve lies farthest below the reference, or from where to where it goes.
    chosen : int, optional
        The number of clusters to mark, one of ``k_values``.
    reference : dict of str to array of shape (n_values,), optional
        Further curves by name, for example the inertias of uniform noise in the same box.

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        If a curve has another length than ``k_values``, or ``chosen`` is none of them.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> ax = plot_elbow([1, 2, 3], [90, 20, 15], chosen=2, ax=Figure().add_subplot())
    >>> print(ax.get_title(loc="left"))
    k = 2 leaves an inertia of 20.00;
    k = 3 takes 25 % off that
    """
    k_values, curves = _curves(k_values, {"inertia": inertias} | dict(reference or {}), "inertias")
    if chosen is not None and chosen not in k_values:
        raise ValueError(f"chosen={chosen!r} is none of k_values: pass one of {list(k_values)}")
    ax = new_axes() if ax is None else ax
    for i, (name, curve) in enumerate(curves.items()):
        _draw_curve(ax, i, k_values, curve, name if len(curves) > 1 else None)
    if chosen is not None:
        ax.axvline(chosen, color=INK, lw=1.3, ls=(0, (4, 3)), zorder=1)
        _draw_ring(ax, chosen, curves["inertia"][list(k_values).index(chosen)])
    _dress(ax, "number of clusters k", "inertia (squared units)")
    _whole_ticks(ax, k_values)
    ax.set_ylim(bottom=0)
    if len(curves) > 1:
        legend_below(ax, 42, ncols=2)
    write_finding(ax, _elbow_finding(k_values, curves, chosen) if title is None else title)
    return ax


def _elbow_finding(k_values, curves, chosen):
    inertia, *others = curves.values()
    if chosen is not None:
        i = list(k_values).index(chosen)
        text = f"k = {chosen} leaves an inertia of {number(inertia[i])}"
        if i + 1 < len(k_values) and inertia[i] > 0:
            share = 1 - inertia[i + 1] / inertia[i]
            text += f"; k = {k_values[i + 1]} takes {100 * share:.0f} % off that"
    elif others:
        with np.errstate(divide="ignore", invalid="ignore"):
            share = inertia / others[0]
        i = int(np.nanargmin(share)) if np.isfinite(share).any() else 0
        text = (
            f"Farthest below {list(curves)[1]} at k = {k_values[i]}: {100 * share[i]:.0f} % of it"
        )
    else:
        if len(inertia) == 1:
            return f"Inertia {number(inertia[0])} at k = {k_values[0]}"
        fell = "falls at every k" if (np.diff(inertia) < 0).all() else "does not fall at every k"
        text = f"Inertia {fell}: from {number(inertia[0])} to {number(inertia[-1])}"
    return text


def plot_silhouette(values, labels, *, ax=None, title=None):
    """The silhouette of every point as a bar, sorted within each cluster.

    Parameters
    ----------
    values : array of shape (n_samples,)
        Between -1 and 1, for example from ``sklearn.metrics.silhouette_samples``.
    labels : array of int of shape (n_samples,)
        The cluster of each point; negative numbers mean noise.
    ax : matplotlib Axes, optional
        Where to draw; a new figure by default.
    title : str, optional
        What the picture shows; by default the mean, and how many values are below zero.

    Returns
    -------
    Axes
        The dashed line is the mean of all values.

    Raises
    ------
    ValueError
        If the two differ in length, or the labels are no whole numbers.

    References
    ----------
    P. J. Rousseeuw, "Silhouettes: a graphical aid to the interpretation and validation of cluster
    analysis", Journal of Computational and Applied Mathematics 20, 1987.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> ax = plot_silhouette([0.8, 0.6, -0.2], [0, 0, 1], ax=Figure().add_subplot())
    >>> print(ax.get_title(loc="left"))
    Mean silhouette 0.40;
    1 of 3 points lies nearer to another cluster on average
    """
    values = np.asarray(values, dtype=float)
    if values.ndim != 1 or not len(values):
        raise ValueError(
            f"values has shape {values.shape}, expected (n_samples,): one silhouette a point, "
            "as silhouette_samples gives them; silhouette_score is their mean alone"
        )
    labels = as_labels(labels, len(values))
    ax = new_axes() if ax is None else ax
    clusters = np.unique(labels)
    # a small cluster gets room enough for its name
    room = max(0.055, 0.02 * len(clusters)) * len(values)
    top, middles = 0.0, []
    for j in clusters:
        bars = np.sort(values[labels == j])[::-1]
        slot = max(1.06 * len(bars), room)
        first = top + (slot - len(bars)) / 2
        tint = color(j) if j >= 0 else UNASSIGNED
        edges, ends = first + np.arange(len(bars) + 1), np.append(bars, bars[-1])
        ax.fill_betweenx(edges, 0, ends, step="post", color=tint, lw=0, zorder=2)
        middles.append(top + slot / 2)
        top += slot
    mean = values.mean()
    ax.axvline(0, color=INK, lw=1, zorder=3)
    ax.axvline(mean, color=INK, lw=1.8, ls=(0, (4, 3)), zorder=3)
    _dress(ax, f"silhouette (dashed: mean {mean:.2f})", "points, sorted")
    names = [f"{f'cluster {j}' if j >= 0 else 'noise'} ({(labels == j).sum()})" for j in clusters]
    ax.set_yticks(middles, names, fontsize=TEXT)
    ax.tick_params(axis="y", length=0)
    ax.set_ylim(top, 0)
    ax.set_xlim(min(-0.1, values.min() - 0.05), 1)
    ax.spines["left"].set_visible(False)
    write_finding(ax, _silhouette_finding(values) if title is None else title)
    return ax


def _silhouette_finding(values):
    below = int((values < 0).sum())
    text = f"Mean silhouette {values.mean():.2f}"
    if not below:
        return f"{text}; no point lies nearer to another cluster on average"
    lie = "lies" if below == 1 else "lie"
    return wrap(
        f"{text}; {below} of {len(values)} points {lie} nearer to another cluster on average", 46
    )


def plot_confusion(
    table,
    *,
    row_names=None,
    column_names=None,
    ax=None,
    title=None,
    rows="true class",
    columns="cluster",
):
    """A table of counts as a picture: how many points of each class are in each cluster.

    Parameters
    ----------
    table : array or DataFrame of int of shape (n_rows, n_columns)
        For example from ``sklearn.metrics.confusion_matrix`` or ``pandas.crosstab``.
    row_names, column_names : sequence of str, optional
        By default those of the DataFrame, or numbers from 0.
    ax : matplotlib Axes, optional
        Where to draw; a new figure by default.
    title : str, optional
        What the picture shows; by default how many points are on the diagonal of a square table,
        or in the largest cell of their column.
    rows, columns : str
        What rows and columns stand for.

    Returns
    -------
    Axes
        The darker a cell, the larger its count; the diagonal of a square table has frames.

    Raises
    ------
    ValueError
        If the table has not two dimensions, or the names do not fit it.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> ax = plot_confusion([[9, 1], [2, 8]], ax=Figure().add_subplot())
    >>> ax.get_title(loc="left")
    '17 of 20 points on the diagonal, 3 off it'
    """
    if hasattr(table, "columns"):
        row_names = table.index if row_names is None else row_names
        column_names = table.columns if column_names is None else column_names
    counts = np.asarray(table)
    if counts.ndim != 2 or not counts.size:
        raise ValueError(f"table has shape {counts.shape}, expected (n_rows, n_columns)")
    if not np.isfinite(counts).all() or (counts < 0).any():
        raise ValueError("table has missing or negative values, expected counts or shares")
    n_rows, n_columns = counts.shape
    if ax is None:
        ax = new_axes((min(PAGE_WIDTH, 2.6 + 0.75 * n_columns), min(8.0, 1.8 + 0.6 * n_rows)))
    # no darker than black figures can be read on
    ax.imshow(counts, cmap="Blues", vmin=0, vmax=1.5 * max(counts.max(), 1), aspect="auto")
    for (i, j), count in np.ndenumerate(counts):
        ax.text(
            j,
            i,
            f"{count:,}" if count == int(count) else number(count),
            ha="center",
            va="center",
            fontsize=TITLE if n_columns <= 6 else TEXT,
            fontweight="bold" if i == j and n_rows == n_columns else "normal",
            color="black",
        )
        if i == j and n_rows == n_columns:
            ax.add_patch(Rectangle((j - 0.48, i - 0.48), 0.96, 0.96, fill=False, ec=INK, lw=2))
    for axis, names, n in ((ax.yaxis, row_names, n_rows), (ax.xaxis, column_names, n_columns)):
        names = _names(names, n, "row_names" if axis is ax.yaxis else "column_names")
        axis.set_ticks(range(n), [wrap(name, 14) for name in names], parse_math=False)
    _dress(ax, columns, rows)
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    write_finding(ax, _table_finding(counts) if title is None else title)
    return ax


def _table_finding(counts):
    total, square = counts.sum(), counts.shape[0] == counts.shape[1]
    if (counts != np.round(counts)).any():  # shares, as crosstab(normalize=...) gives them
        part = np.trace(counts) if square else counts.max(axis=0).sum()
        where = "on the diagonal" if square else "in the largest cells of their columns"
        return f"{100 * part / total:.0f} % of the shares are {where}"
    if square:
        right = np.trace(counts)
        return f"{right} of {total} points on the diagonal, {total - right} off it"
    largest = counts.max(axis=0).sum()
    return f"{largest} of {total} points are in the largest cell of their column"


def _names(names, n, argument):
    names = range(n) if names is None else names
    if len(names) != n:
        raise ValueError(f"{argument} has {len(names)} names, the table has {n}: pass one for each")
    return [str(name) for name in names]


def plot_scores(k_values, scores, *, ax=None, title=None, better="high"):
    """Scores over the number of clusters, one curve each, with the best value of each ringed.

    Parameters
    ----------
    k_values : array of int of shape (n_values,)
    scores : dict of str to array of shape (n_values,)
        By name; NaN where a score is not defined, as the silhouette is not at k = 1. Scores in
        one picture should have one scale.
    ax : matplotlib Axes, optional
        Where to draw; a new figure by default.
    title : str, optional
        What the picture shows; by default the k at which each score is best.
    better : {"high", "low"}
        Which values are the good ones.

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        If a curve has another length than ``k_values`` or no value at all.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> scores = {"silhouette": [float("nan"), 0.4, 0.6]}
    >>> plot_scores([1, 2, 3], scores, ax=Figure().add_subplot()).get_title(loc="left")
    'Best at k = 3: silhouette 0.60'
    """
    if better not in ("high", "low"):
        raise ValueError(f'better={better!r}: pass "high" or "low"')
    scores = scores if hasattr(scores, "items") else {"score": scores}
    k_values, curves = _curves(k_values, scores, "scores")
    pick = np.nanargmax if better == "high" else np.nanargmin
    ax = new_axes() if ax is None else ax
    best = {}
    for i, (name, curve) in enumerate(curves.items()):
        if not np.isfinite(curve).any():
            raise ValueError(f"scores[{name!r}] has no value that is a number: nothing to draw")
        best[name] = int(pick(curve))
        _draw_curve(ax, i, k_values, curve, f"{name}: best at k = {k_values[best[name]]}")
        _draw_ring(ax, k_values[best[name]], curve[best[name]])
    alone = len(curves) == 1
    _dress(
        ax, "number of clusters k", f"{next(iter(curves)) if alone else 'score'} ({better} is good)"
    )
    _whole_ticks(ax, k_values)
    if not alone:
        legend_below(ax, 42, ncols=2)
    write_finding(ax, _scores_finding(k_values, curves, best) if title is None else title)
    return ax


def _scores_finding(k_values, curves, best):
    places = {name: k_values[i] for name, i in best.items()}
    if len(set(places.values())) > 1:
        return "The best k differs: " + ", ".join(f"{name} {k}" for name, k in places.items())
    parts = [f"{name} {curves[name][i]:.2f}" for name, i in best.items()]
    return f"Best at k = {next(iter(places.values()))}: " + ", ".join(parts)


def _curves(k_values, curves, argument):
    if any(k != int(k) for k in k_values):
        raise ValueError(
            f"k_values holds {next(k for k in k_values if k != int(k))}, expected whole numbers: "
            f"are k_values and {argument} swapped?"
        )
    k_values = [int(k) for k in k_values]
    checked = {}
    for name, values in curves.items():
        checked[str(name)] = values = np.asarray(values, dtype=float)
        if values.shape != (len(k_values),) or not k_values:
            raise ValueError(
                f"{argument}: {name} has shape {values.shape}, expected ({len(k_values)},): "
                "one value for each of k_values"
            )
    return k_values, checked


def _draw_curve(ax, i, x, y, name):
    look = {"color": color(i), "marker": marker(i), "ls": DASHES[i % len(DASHES)]}
    ax.plot(x, y, lw=2.3, ms=8, label=name and short(name, 26), zorder=2, **look)


def _draw_ring(ax, x, y):
    ax.plot(x, y, "o", ms=17, mfc="none", mec=INK, mew=1.8, zorder=3)


def _dress(ax, x_name, y_name):
    ax.set_xlabel(x_name, fontsize=TEXT + 0.5, parse_math=False)
    ax.set_ylabel(y_name, fontsize=TEXT + 0.5, parse_math=False)
    ax.tick_params(labelsize=TEXT)
    ax.spines[["top", "right"]].set_visible(False)


def _whole_ticks(ax, k_values):
    every = -(-len(k_values) // 12)
    ax.set_xticks(k_values[::every])


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
        ax = new_axes((PAGE_WIDTH * 0.8, 4.2))
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
    write_title(ax, title)
    return ax
