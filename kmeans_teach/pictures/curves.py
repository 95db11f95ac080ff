"""Pictures of scores, inertias and tables: they draw what they are given, and fit nothing.

All but the staircase have a title that states what the numbers say; ``title=`` says something else.
"""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from ..history import History, as_history, number
from . import style
from .points import as_labels

DASHES = ("-", "--", ":", "-.")
# The same two colours for E and M in every picture, with hatches, as colour never speaks alone.
STEP_STYLE = {
    "E": {"facecolor": "#a8d4f0", "edgecolor": "#00527f", "hatch": "///"},
    "M": {"facecolor": "#f6cf9c", "edgecolor": "#7a4300", "hatch": "..."},
}


def plot_inertia(history: History, *, ax=None, title=None) -> Axes:
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
    ax = style.new_axes((style.PAGE_WIDTH * 0.8, 4.2)) if ax is None else ax
    table = as_history(history).to_frame()[1:]  # from the first E-step on
    table["step"] = table["phase"].map({"assign": "E", "update": "M"})
    for step, look in STEP_STYLE.items():
        mine = table[1:][table["step"][1:] == step]
        taken = mine["removed"].sum()
        word = f"{step}-steps {'took off' if taken >= 0 else 'added'} {number(abs(taken))}"
        look = {"width": 1, "align": "edge", "zorder": 2, "label": word, **look}
        for bar in ax.bar(mine.index, mine["removed"], bottom=mine["inertia"], **look):
            if bar.get_height() < 0:
                bar.set(edgecolor="black", linewidth=2.5)
    if n := len(table):
        levels, edges = table["inertia"].to_numpy(), np.arange(1, n + 2)
        ax.stairs(levels, edges, color=style.INK, lw=2, zorder=3, baseline=None)
        left = f"left {number(levels[-1])}"
        ax.bar(0, 0, color="white", edgecolor=style.INK, lw=2, label=left)
        style.legend(ax, below=46, ncols=3, handlelength=1.8, columnspacing=1.4)
    names = (table["step"] + table["iteration"].astype(str))[:: -(-n // 16) or 1]
    ax.set_xticks(names.index + 0.5, names)
    ax.set_xlim(1, max(n + 1, 2))
    ax.set_ylim(bottom=0)
    _dress(ax, "half-step (E: points get clusters, M: centres move)", "inertia (squared units)")
    style.write_title(ax, title)
    return ax


def plot_elbow(k_values, inertias, *, ax=None, title=None, chosen=None, reference=None) -> Axes:
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
    curves = {"inertia": inertias} | dict(reference or {})
    k_values, curves = _as_curves(k_values, curves, "inertias")
    if chosen is not None and chosen not in k_values:
        raise ValueError(f"chosen={chosen!r} is none of k_values: pass one of {k_values}")
    ringed = {} if chosen is None else {"inertia": k_values.index(chosen)}
    ax = _draw_curves(ax, k_values, curves, list(curves), ringed, "inertia (squared units)")
    if chosen is not None:
        ax.axvline(chosen, color=style.INK, lw=1.3, ls=(0, (4, 3)), zorder=1)
    ax.set_ylim(bottom=0)
    style.write_title(ax, title, _elbow_finding(k_values, curves, chosen))
    return ax


def _elbow_finding(k_values, curves, chosen):
    inertia, *others = curves.values()
    if chosen is not None:
        i = k_values.index(chosen)
        text = f"k = {chosen} leaves an inertia of {number(inertia[i])}"
        if i + 1 == len(k_values) or inertia[i] <= 0:
            return text
        share = 1 - inertia[i + 1] / inertia[i]
        return f"{text}; k = {k_values[i + 1]} takes {100 * share:.0f} % off that"
    if others:
        with np.errstate(divide="ignore", invalid="ignore"):
            share = inertia / others[0]
        i = int(np.nanargmin(share)) if np.isfinite(share).any() else 0
        name = list(curves)[1]
        return f"Farthest below {name} at k = {k_values[i]}: {100 * share[i]:.0f} % of it"
    if len(inertia) == 1:
        return f"Inertia {number(inertia[0])} at k = {k_values[0]}"
    fell = "falls at every k" if (np.diff(inertia) < 0).all() else "does not fall at every k"
    return f"Inertia {fell}: from {number(inertia[0])} to {number(inertia[-1])}"


def plot_scores(k_values, scores, *, ax=None, title=None, better="high") -> Axes:
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
    k_values, curves = _as_curves(k_values, scores, "scores")
    best = {}  # the place of the best value, by the name of the score
    for name, curve in curves.items():
        if not np.isfinite(curve).any():
            raise ValueError(f"scores[{name!r}] has no value that is a number: nothing to draw")
        best[name] = int((np.nanargmax if better == "high" else np.nanargmin)(curve))
    names = [f"{name}: best at k = {k_values[i]}" for name, i in best.items()]
    y_name = next(iter(curves)) if len(curves) == 1 else "score"
    ax = _draw_curves(ax, k_values, curves, names, best, f"{y_name} ({better} is good)")
    if len(set(best.values())) > 1:
        places = (f"{name} {k_values[i]}" for name, i in best.items())
        finding = "The best k differs: " + ", ".join(places)
    else:
        parts = (f"{name} {curves[name][i]:.2f}" for name, i in best.items())
        finding = f"Best at k = {k_values[min(best.values())]}: " + ", ".join(parts)
    style.write_title(ax, title, finding)
    return ax


def _as_curves(k_values, curves, argument):
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


def _draw_curves(ax, k_values, curves, names, ringed, y_name):
    ax = style.new_axes() if ax is None else ax
    for i, (curve, name) in enumerate(zip(curves.values(), names, strict=True)):
        look = {"color": style.color(i), "marker": style.marker(i), "ls": DASHES[i % len(DASHES)]}
        ax.plot(k_values, curve, lw=2.3, ms=8, label=style.short(name, 26), zorder=2, **look)
    ring = {"ms": 17, "mfc": "none", "mec": style.INK, "mew": 1.8, "zorder": 3}
    for name, i in ringed.items():
        ax.plot(k_values[i], curves[name][i], "o", **ring)
    _dress(ax, "number of clusters k", y_name)
    ax.set_xticks(k_values[:: -(-len(k_values) // 12)])
    if len(curves) > 1:
        style.legend(ax, below=42, ncols=2)
    return ax


def _dress(ax, *names):
    style.name_axes(ax, *names)
    ax.spines[["top", "right"]].set_visible(False)


def plot_silhouette(values, labels, *, ax=None, title=None) -> Axes:
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
    ax = style.new_axes() if ax is None else ax
    clusters = np.unique(labels)
    # a small cluster gets room enough for its name
    room = max(0.055, 0.02 * len(clusters)) * len(values)
    top, middles = 0.0, []
    for j in clusters:
        bars = np.sort(values[labels == j])[::-1]
        slot = max(1.06 * len(bars), room)
        first = top + (slot - len(bars)) / 2
        edges, ends = first + np.arange(len(bars) + 1), np.append(bars, bars[-1])
        ax.fill_betweenx(edges, 0, ends, step="post", color=style.color(j), lw=0, zorder=2)
        middles.append(top + slot / 2)
        top += slot
    mean = values.mean()
    ax.axvline(0, color=style.INK, lw=1, zorder=3)
    ax.axvline(mean, color=style.INK, lw=1.8, ls=(0, (4, 3)), zorder=3)
    _dress(ax, f"silhouette (dashed: mean {mean:.2f})", "points, sorted")
    names = [f"{f'cluster {j}' if j >= 0 else 'noise'} ({(labels == j).sum()})" for j in clusters]
    ax.set_yticks(middles, names, fontsize=style.TEXT)
    ax.tick_params(axis="y", length=0)
    ax.set_ylim(top, 0)
    ax.set_xlim(min(-0.1, values.min() - 0.05), 1)
    ax.spines["left"].set_visible(False)
    below = int((values < 0).sum())
    lie = f"{below} of {len(values)} points lie{'s' * (below == 1)}" if below else "no point lies"
    finding = f"Mean silhouette {mean:.2f}; {lie} nearer to another cluster on average"
    style.write_title(ax, title, finding)
    return ax


def plot_confusion(
    table,
    *,
    row_names=None,
    column_names=None,
    ax=None,
    title=None,
    rows="true class",
    columns="cluster",
) -> Axes:
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
    import seaborn as sns

    if hasattr(table, "columns"):
        row_names = table.index if row_names is None else row_names
        column_names = table.columns if column_names is None else column_names
    counts = np.asarray(table)
    if counts.ndim != 2 or not counts.size:
        raise ValueError(f"table has shape {counts.shape}, expected (n_rows, n_columns)")
    if not np.isfinite(counts).all() or (counts < 0).any():
        raise ValueError("table has missing or negative values, expected counts or shares")
    n_rows, n_columns = counts.shape
    row_names = _names(row_names, n_rows, "row_names")
    column_names = _names(column_names, n_columns, "column_names")
    if ax is None:
        ax = style.new_axes(
            (min(style.PAGE_WIDTH, 2.6 + 0.75 * n_columns), min(8.0, 1.8 + 0.6 * n_rows))
        )
    style.write_title(ax, title, _table_finding(counts))  # before seaborn moves the axes
    words = [f"{count:,}" if count == int(count) else number(count) for count in counts.flat]
    sns.heatmap(
        counts,
        ax=ax,
        cmap="Blues",
        vmin=0,
        vmax=1.5 * max(counts.max(), 1),  # no darker than black figures can be read on
        cbar=False,
        annot=np.reshape(words, counts.shape),
        fmt="",
        annot_kws={"color": "black", "fontsize": style.TITLE if n_columns <= 6 else style.TEXT},
        xticklabels=column_names,
        yticklabels=row_names,
    )
    if n_rows == n_columns:
        for i in range(n_rows):
            ax.texts[i * n_rows + i].set_fontweight("bold")
            ax.add_patch(
                Rectangle((i + 0.02, i + 0.02), 0.96, 0.96, fill=False, ec=style.INK, lw=2)
            )
    for label in (*ax.get_xticklabels(), *ax.get_yticklabels()):
        label.set(rotation=0, parse_math=False)
    style.name_axes(ax, columns, rows)
    ax.tick_params(length=0)
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
    return [style.wrap(str(name), 14) for name in names]
