"""The scale slider: stretch one axis, k-means runs again, the borders swing."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from numbers import Integral, Real

import numpy as np
import traitlets

from .. import seeding
from ..choosing import adjusted_rand_score
from ..figures import TEXT, voronoi_cells, wrap
from ..history import number
from ..style import color, marker
from ..textbook import lloyd
from ..validation import as_n_clusters, as_points
from .sheet import Sheet, binary, script, styles, whole

DRAWS = 10
AS_GOOD = 1 - 1e-9  # a later run must be better than by rounding
MOST_POINTS = 3_000


@dataclass(frozen=True)
class Stretched:
    """The clustering of two columns, one of them multiplied by a factor.

    Attributes
    ----------
    factor : float
    axis : int
        Which column was multiplied.
    labels : ndarray of shape (n_samples,)
        The cluster of each point, numbered so that as many as possible agree with factor 1.
    centers : ndarray of shape (n_clusters, 2)
        In the units of the data.
    inertia : float
        In squared stretched units: what k-means lowered.
    share : dict of str to float
        What each column makes up in the squared distances between all pairs of points; adds up
        to 1.
    n_moved : int
        How many points are in another cluster than at factor 1.
    agreement : float or None
        Adjusted Rand index with the classes, if there are any.
    """

    factor: float
    axis: int
    labels: np.ndarray = field(repr=False)
    centers: np.ndarray = field(repr=False)
    inertia: float
    share: dict
    n_moved: int
    agreement: float | None = None


class ScaleSlider(Sheet):
    """Stretch one of two columns by a slider and see k-means change its mind.

    Two pictures of one clustering: on the left the stretched plane as k-means measures it, one
    scale for both axes, where borders stand at right angles on the lines between centres; on the
    right the same points, clusters and borders in the units of the data.

    At each factor k-means runs in the browser, and in Python the same way: from ten k-means++
    draws with the seeds ``random_state`` to ``random_state + 9`` in the stretched plane, and from
    the centres of factor 1, stretched along. The lowest inertia wins, of equal ones the first. So
    the clustering depends on the factor alone, not on the way there. Eleven starts find
    good clusterings, not always the best. Cluster numbers are matched with those at factor 1 by the
    Hungarian method.

    Parameters
    ----------
    X : array or DataFrame of shape (n_samples, 2)
        Two columns; a DataFrame brings their names (write units into them: "money (euro)").
    n_clusters : int
    axis : int or str
        The number or name of the column that is stretched at first.
    low, high : float
        The ends of the slider, with 1 between them. Where the factor that standardises lies
        beyond, the slider reaches further, three times as far as that factor.
    random_state : int
        The seed of the first k-means++ draw.
    title : str
        Shown above the pictures, as text.
    feature_names : pair of str, optional
        Names of the columns, in place of those of the DataFrame, or "x" and "y".
    classes : array of shape (n_samples,), optional
        Known classes, as numbers or names: the sentence then says how well the clusters agree
        with them (adjusted Rand index). K-means never sees them.
    height : int
        Height of the pictures in pixels.

    Attributes
    ----------
    factor : float
        The factor that is shown, once the slider has come to rest. Set it to go there.
    axis : int
        The column that is stretched. Set it to stretch the other one; the buttons on the page
        turn the factor into its reciprocal as well, so that the clustering stays.

    Raises
    ------
    TypeError, ValueError
        If an argument cannot be used; the message says why.

    Notes
    -----
    All pairs of n points together have the squared distance n² (v₁ + v₂), v being the variances of
    the columns, so that the share of a column is its share in the sum of variances. Both shares are
    one half where the standard deviations are equal, as after StandardScaler. Adjusted Rand index:
    L. Hubert and P. Arabie, "Comparing partitions", Journal of Classification 2, 1985.

    Examples
    --------
    >>> X = [[0.0, 0.0], [0.0, 4.0], [1.0, 0.0], [1.0, 4.0]]
    >>> slider = ScaleSlider(X, 2)
    >>> slider.same_spread, slider.share
    (4.0, {'x': 0.058823529411764705, 'y': 0.9411764705882353})
    >>> slider.factor = 8
    >>> slider.n_moved, slider.labels.tolist()
    (2, [1, 1, 0, 0])
    """

    _esm = script("core", "sheet", "scale_slider")
    _css = styles("sheet", "scale_slider")

    factor = traitlets.Float(1.0).tag(sync=True)
    axis = traitlets.Int(0).tag(sync=True)

    _info = traitlets.Dict().tag(sync=True)
    _points = binary()
    _classes = binary()

    def __init__(
        self,
        X,
        n_clusters,
        *,
        axis=0,
        low=0.1,
        high=10,
        random_state=0,
        title="",
        feature_names=None,
        classes=None,
        height=400,
    ):
        self._names = _two_names(X, feature_names)
        self.X = _two_columns(X)
        self._k = as_n_clusters(n_clusters, len(self.X))
        self._seed = _as_seed(random_state)
        self._spread = self.X.std(axis=0)
        _check_spread(self._spread, self._names)
        self._reach = [_reach(low, high, self._same(axis)) for axis in (0, 1)]
        self.classes, codes = _as_classes(classes, len(self.X))
        self._found = {}
        super().__init__(
            title=str(title),
            height=whole(height, "height", 200),
            axis=_column_number(axis, self._names),
            _points=np.ascontiguousarray(self.X).tobytes(),
            _classes=codes.tobytes(),
            _info={
                "k": self._k,
                "names": list(self._names),
                "seed": self._seed,
                "spread": self._spread.tolist(),
                "same": [self._same(0), self._same(1)],
                "ranges": self._reach,
                "has_classes": classes is not None,
            },
        )

    @traitlets.validate("factor")
    def _on_the_slider(self, proposal):
        factor = proposal["value"]
        low, high = self._reach[self.axis]
        if not low <= factor <= high:
            raise ValueError(
                f"factor={factor:g}: the slider goes from {low:g} to {high:g}; "
                "pass low=... or high=... to ScaleSlider for more"
            )
        return factor

    @traitlets.validate("axis")
    def _a_column(self, proposal):
        return _column_number(proposal["value"], self._names)

    @traitlets.observe("axis")
    def _stays_on_the_slider(self, change):
        self.factor = float(np.clip(self.factor, *self._reach[self.axis]))

    # ---------------------------------------------------------------- what Python sees

    def at(self, factor, axis=None) -> Stretched:
        """The clustering at a factor, without moving the slider.

        Parameters
        ----------
        factor : float
            Above 0.
        axis : int or str, optional
            The column that is multiplied; by default the one that the slider stretches.

        Returns
        -------
        Stretched

        Examples
        --------
        >>> slider = ScaleSlider([[0.0, 0.0], [0.0, 4.0], [1.0, 0.0], [1.0, 4.0]], 2)
        >>> [slider.at(factor).n_moved for factor in (0.5, 1, 8)]
        [0, 0, 2]
        """
        if isinstance(factor, bool) or not isinstance(factor, Real) or not 0 < factor < np.inf:
            raise ValueError(
                f"factor={factor!r}: pass a number above 0, 1 leaves the data as it is"
            )
        key = float(factor), self.axis if axis is None else _column_number(axis, self._names)
        if key not in self._found:
            self._found[key] = self._cluster(*key)
        return self._found[key]

    @property
    def same_spread(self) -> float:
        """The factor at which both columns have the same standard deviation."""
        return self._same(self.axis)

    @property
    def labels(self) -> np.ndarray:
        """The cluster of each point at the present factor, shape (n_samples,)."""
        return self.at(self.factor).labels

    @property
    def centers(self) -> np.ndarray:
        """The centres at the present factor in the units of the data, shape (n_clusters, 2)."""
        return self.at(self.factor).centers

    @property
    def inertia(self) -> float:
        """The inertia at the present factor, in squared stretched units."""
        return self.at(self.factor).inertia

    @property
    def share(self) -> dict:
        """What each column makes up in all squared distances at the present factor."""
        return self.at(self.factor).share

    @property
    def n_moved(self) -> int:
        """How many points are in another cluster than at factor 1."""
        return self.at(self.factor).n_moved

    @property
    def agreement(self) -> float | None:
        """The adjusted Rand index with the classes at the present factor; None without classes."""
        return self.at(self.factor).agreement

    # ---------------------------------------------------------------- the rule, as in the browser

    def _same(self, axis):
        return float(self._spread[1 - axis] / self._spread[axis])

    def _cluster(self, factor, axis):
        scale = np.where(np.arange(2) == axis, factor, 1.0)
        Z = self.X * scale
        base = None if factor == 1 else self.at(1, 0)
        starts = [] if base is None else [base.centers * scale]
        seeds = range(self._seed, self._seed + DRAWS)
        starts += [seeding.kmeans_plusplus(Z, self._k, seed).centers for seed in seeds]
        best = None
        for start in starts:
            run = lloyd(Z, start)[-1]
            if best is None or run.inertia < best.inertia * AS_GOOD:
                best = run
        labels, centers = best.labels, best.centers / scale
        if base is not None:
            labels, centers = _renumbered(labels, centers, base)
        variance = (self._spread * scale) ** 2
        return Stretched(
            factor=factor,
            axis=axis,
            labels=_locked(labels),
            centers=_locked(centers),
            inertia=float(best.inertia),
            share=dict(zip(self._names, (variance / variance.sum()).tolist(), strict=True)),
            n_moved=0 if base is None else int((labels != base.labels).sum()),
            agreement=None
            if self.classes is None
            else float(adjusted_rand_score(self.classes, labels)),
        )

    # ---------------------------------------------------------------- the static twin

    def _twin(self):
        """Factor 1, and beside it the factor that is shown, or the same spread, or the end."""
        shown = self.factor
        if shown == 1:
            same = self.same_spread
            shown = same if abs(np.log(same)) > 0.2 else self._reach[self.axis][1]
        return self.at(1), self.at(shown)

    def digest(self) -> str:
        """What is shown, in one line: nbval compares it."""
        parts = []
        for found in self._twin():
            moved = f", {found.n_moved} points changed cluster" if found.factor != 1 else ""
            parts.append(f"× {found.factor:.3g} inertia {number(found.inertia)}{moved}")
        hashed = hashlib.sha256(self._twin()[1].labels.astype(np.uint16).tobytes())
        return (
            f"ScaleSlider({len(self.X)} points, k={self._k}, {self._names[self.axis]} "
            f"{' and '.join(parts)}, {hashed.hexdigest()[:8]})"
        )

    def alt_text(self) -> str:
        """The two pictures in words."""
        given, other = self._twin()
        return (
            f"{len(self.X)} points in {self._k} clusters, twice. {': '.join(self._claim(given))}. "
            f"{': '.join(self._claim(other))}, the borders run another way, and "
            f"{other.n_moved} points are in another cluster."
        )

    def _claim(self, found):
        """Where the slider stands, and what that does to the distances."""
        name = max(found.share, key=found.share.get)
        where = "As given" if found.factor == 1 else self._times(found)
        if abs(found.share[name] - 0.5) < 5e-4:
            return where, "both columns make up half of all squared distances"
        return where, f"{name} makes up {percent(found.share[name])} of all squared distances"

    def _times(self, found):
        return f"{self._names[found.axis]} × {found.factor:.3g}"

    def twin_figure(self):
        """Factor 1 and another one side by side in the units of the data, made without pyplot."""
        from matplotlib.figure import Figure

        figure = Figure(figsize=(11.5, 4.6))
        axes = figure.subplots(1, 2, sharex=True, sharey=True)
        top = 0.8 if self.title else 0.86
        figure.subplots_adjust(left=0.075, right=0.985, bottom=0.13, top=top, wspace=0.08)
        for ax, found in zip(axes, self._twin(), strict=True):
            self._draw(ax, found)
        axes[0].set_ylabel(self._names[1], fontsize=TEXT + 0.5, parse_math=False)
        if self.title:
            figure.suptitle(
                self.title,
                x=0.075,
                ha="left",
                fontsize=TEXT + 2.5,
                fontweight="bold",
                parse_math=False,
            )
        return figure

    def _draw(self, ax, found):
        from matplotlib.collections import PolyCollection

        scale = np.where(np.arange(2) == found.axis, found.factor, 1.0)
        low, high = self.X.min(axis=0), self.X.max(axis=0)
        low, high = low - 0.06 * (high - low), high + 0.06 * (high - low)
        bounds = np.c_[low * scale, high * scale].ravel()
        cells = voronoi_cells(found.centers * scale, bounds)
        tints = PolyCollection([cell / scale for cell in cells], linewidths=1.3, zorder=0.5)
        tints.set(facecolor=[f"{color(j)}22" for j in range(self._k)], edgecolor="#555555")
        ax.add_collection(tints, autolim=False)
        size = float(np.clip(9000 / len(self.X), 6, 36))
        moved = found.labels != self.at(1).labels
        for j in range(self._k):
            mine = found.labels == j
            edges = ["black" if other else "none" for other in moved[mine]]
            look = {"s": size, "marker": marker(j), "edgecolors": edges, "zorder": 2}
            ax.scatter(*self.X[mine].T, color=color(j), **look)
        self._draw_centers(ax, found)
        ax.set(xlim=(low[0], high[0]), ylim=(low[1], high[1]))
        ax.set_xlabel(self._names[0], fontsize=TEXT + 0.5, parse_math=False)
        ax.tick_params(labelsize=TEXT)
        ax.set_title(self._panel_title(found), fontsize=TEXT, loc="left", parse_math=False)

    def _draw_centers(self, ax, found):
        edges = [color(j) for j in range(self._k)]
        ax.scatter(*found.centers.T, s=190, c="white", edgecolors=edges, linewidths=2.2, zorder=4)
        for j, center in enumerate(found.centers):
            look = {"ha": "center", "va": "center_baseline", "fontweight": "bold"}
            ax.annotate(str(j), center, fontsize=TEXT, zorder=5, **look)

    def _panel_title(self, found):
        where, claim = self._claim(found)
        if found.factor != 1:
            where += f": {found.n_moved} of {len(self.X)} points changed cluster"
        return f"{wrap(where, 58)}\n{wrap(claim, 58)}"


def percent(share: float) -> str:
    """A share as the page writes it.

    Examples
    --------
    >>> percent(0.996), percent(0.99999)
    ('99.6 %', 'over 99.9 %')
    """
    if 0.9995 < share < 1:
        return "over 99.9 %"
    if 0 < share < 0.0005:
        return "under 0.1 %"
    return f"{100 * share:.1f} %"


def _renumbered(labels, centers, base):
    """Numbers that most points agree with; among equals, those whose centres moved least."""
    from scipy.optimize import linear_sum_assignment

    k = len(centers)
    together = np.zeros((k, k))
    np.add.at(together, (labels, base.labels), 1)
    wide = np.ptp(np.concatenate([centers, base.centers]), axis=0)
    away = (centers[:, None] - base.centers) / np.where(wide > 0, wide, 1.0)
    _, name = linear_sum_assignment(
        together - np.linalg.norm(away, axis=2) / (4 * k), maximize=True
    )
    moved = np.empty_like(centers)
    moved[name] = centers
    return name[labels], moved


def _locked(array):
    array = np.array(array)
    array.flags.writeable = False
    return array


def _two_columns(X):
    values = as_points(X).astype(np.float64)
    if (d := values.shape[1]) != 2:
        raise ValueError(
            f"X has {d} column{'' if d == 1 else 's'}, the scale slider shows two: "
            'choose two, for example X[["frequency", "money"]] or X[:, :2]'
        )
    if len(values) > MOST_POINTS:
        raise ValueError(
            f"X has {len(values)} points, more than the browser clusters while the slider moves "
            f"(limit {MOST_POINTS}): pass a sample, for example X[::10]"
        )
    return _locked(values)


def _two_names(X, feature_names):
    names = getattr(X, "columns", ("x", "y")) if feature_names is None else feature_names
    names = tuple(map(str, names))
    if feature_names is not None and (len(names) != 2 or isinstance(feature_names, str)):
        raise ValueError(f"feature_names={feature_names!r}: pass two names, one for each column")
    if len(set(names)) < len(names):
        raise ValueError(f"the columns are named {', '.join(names)}: give each its own name")
    return names


def _column_number(axis, names):
    if isinstance(axis, str) and axis in names:
        return names.index(axis)
    if isinstance(axis, Integral) and not isinstance(axis, bool) and axis in (0, 1):
        return int(axis)
    raise ValueError(f"axis={axis!r}: pass 0 or 1, or the name of a column ({', '.join(names)})")


def _as_seed(seed):
    if isinstance(seed, bool) or not isinstance(seed, Integral) or not 0 <= seed < 2**32 - DRAWS:
        raise ValueError(
            f"random_state={seed!r}: pass a whole number from 0, so that the browser can draw "
            "the same starts"
        )
    return int(seed)


def _check_spread(spread, names):
    for name, deviation in zip(names, spread, strict=True):
        if deviation == 0:
            raise ValueError(
                f"column {name} has the same value in every row: stretching it changes nothing, "
                "pass another column"
            )


def _reach(low, high, same):
    """The ends of the slider, with the factor of the same spread well inside."""
    for name, value in (("low", low), ("high", high)):
        if isinstance(value, bool) or not isinstance(value, Real) or not 0 < value < np.inf:
            raise ValueError(f"{name}={value!r}: pass a factor above 0")
    if not low <= 1 <= high or low == high:
        raise ValueError(f"low={low!r}, high={high!r}: the slider needs 1 between its ends")
    if same < low:
        low = same / 3
    if same > high:
        high = same * 3
    return [float(low), float(high)]


def _as_classes(classes, n):
    if classes is None:
        return None, np.zeros(0, np.uint16)
    values = np.asarray(classes)
    if values.shape != (n,):
        raise ValueError(
            f"classes has shape {values.shape}, expected ({n},): one class for each point"
        )
    missing = [i for i, value in enumerate(values.tolist()) if value is None or value != value]
    if missing:
        raise ValueError(
            f"classes misses {len(missing)} of {n} values (row {', '.join(map(str, missing[:5]))}):"
            " drop these points from X and classes"
        )
    if values.dtype.kind == "O":
        values = values.astype(str)
    return values, np.unique(values, return_inverse=True)[1].astype(np.uint16)
