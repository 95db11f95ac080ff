"""Lesson 04, How many clusters: the k explorer, the silhouette, the rule of the gap statistic."""

import numpy as np

from ..choosing import Gap, Stability, sweep
from ..history import number
from ..matching import numbers_like
from ..pictures.plane import project
from ..textbook import squared_distances
from ..validation import as_points
from ..widgets.axes import Axis
from ..widgets.film import Film, Frame
from ..widgets.panels import Curve, Points, Profile
from .cases import TABLES, fails, floats, made
from .exercise import exercise, questions

MOST_POINTS = 10_000  # each silhouette looks at all pairs of points
CLEARLY = 3  # errors by which a later gap must be higher before "none" is taken back


class KExplorer(Film):
    """Choose k: one cursor moves the elbow, the silhouettes and the clusters.

    Parameters
    ----------
    X : array or DataFrame of shape (n_samples, n_features)
        At most 10,000 points. More than two columns are shown in their first two principal
        components.
    k_values : iterable of int, default=1 to 10
        Ascending, none above n_samples.
    k : int, optional
        The one that is shown at first; by default that with the highest mean silhouette.
    curves : dict of str to Gap, Stability or sequence of numbers, optional
        What else to draw along k: ``{"gap": gap_statistic(X)}``. A sequence has a number for each
        of ``k_values``.
    n_init, random_state
        As for :func:`kmeans_teach.sweep`.
    **look
        ``title``, ``height`` and ``twin``, as for a Film.

    Attributes
    ----------
    k : int
        The number of clusters that is shown. Set it to move the cursor.
    sweep : Sweep
        K-means for each k, see :func:`kmeans_teach.sweep`.
    labels : ndarray of shape (n_samples,)
        The cluster of each point as it is numbered in the picture: a group keeps its number and
        colour from one k to the next. The models in ``sweep`` have numbers of their own.

    Raises
    ------
    ValueError, TypeError
        If X or an argument cannot be used; the message says why.

    Examples
    --------
    >>> explorer = KExplorer([[0.0], [0.5], [1.0], [7.0], [7.5], [8.0]], range(1, 6))
    >>> explorer.k
    2
    >>> explorer.k = 3
    >>> explorer.shown.words[:49]
    'k = 3: inertia 0.6250; k = 4 takes 60 % off that.'
    """

    def __init__(
        self, X, k_values=range(1, 11), *, k=None, curves=(), n_init=10, random_state=0, **look
    ):
        if (n := len(as_points(X))) > MOST_POINTS:  # before anything is computed
            raise ValueError(
                f"X has {n} points, and the silhouettes look at all pairs of them (limit "
                f"{MOST_POINTS} points): explore a sample, for example X[::{-(-n // MOST_POINTS)}]"
            )
        self.sweep = runs = sweep(X, k_values, n_init=n_init, random_state=random_state)
        ks, self._flat, self._numbered = runs.k_values, project(X), _numbered_alike(runs)
        self._points, self._lines, claims = self._flat(runs.X), {}, {}
        for name, found in dict(curves).items():
            claims[name], self._lines[name] = _curve(name, found, ks)
        known = np.isfinite(runs.silhouette).any()
        best = ks[int(np.nanargmax(runs.silhouette)) if known else 0]
        told = f"Mean silhouette: highest at k = {best}" if known else "No silhouette here"
        claims = {"inertia": "Elbow: inertia", "silhouette": told, **claims}
        self._curves = [
            Curve(title=title, axis="k", lines=(line,), tall=0.5) for line, title in claims.items()
        ]
        axes = {"k": Axis(ks, "Clusters", "k = {}".format)}
        super().__init__(axes, start={"k": best if k is None else k}, **{"height": 360, **look})

    @property
    def labels(self) -> np.ndarray:
        """The cluster of each point as numbered in the picture."""
        return self._numbered[self.k].copy()

    def frame(self, k):
        """The clusters, the silhouette of each point, and the curves."""
        runs, labels, at = self.sweep, self._numbered[k], self.sweep.k_values.index(k)
        used = np.unique(labels)
        centers = np.full((used[-1] + 1, runs.X.shape[1]), np.nan)
        centers[used] = [runs.X[labels == j].mean(axis=0) for j in used]
        values, mean = runs.silhouettes(k), runs.silhouette[at]
        flat, look = self._flat, {"names": self._flat.names, "borders": self._flat.exact}
        points = Points(
            self._points,
            labels,
            flat(centers),
            marked=values < 0,
            title=f"k = {k}",
            wide=1.3,
            **look,
        )
        title = "No silhouette" if np.isnan(mean) else f"Silhouettes, on average {mean:.2f}"
        order = np.lexsort((-values, labels))
        bars = Profile(
            np.nan_to_num(values[order]), labels[order], "silhouette of each point", title=title
        )
        numbers = {"inertia": runs.inertia[at], "silhouette": mean}
        numbers |= {name: line[at] for name, line in self._lines.items()}
        rows = [[points, bars], self._curves]
        return Frame(
            self._words(k, at, int((values < 0).sum())),
            rows,
            {n: float(v) for n, v in numbers.items()},
        )

    def _words(self, k, at, below):
        ks, inertia, silhouette = self.sweep.k_values, self.sweep.inertia, self.sweep.silhouette
        words = f"k = {k}: inertia {number(inertia[at])}"
        if at + 1 < len(ks) and inertia[at] > 0:
            share = 100 * (1 - inertia[at + 1] / inertia[at])
            words += f"; k = {ks[at + 1]} takes {share:.0f} % off that"
        if np.isnan(silhouette[at]):
            return f"{words}. {'One cluster has' if k == 1 else 'Here there is'} no silhouette."
        words += f". Mean silhouette {silhouette[at]:.2f}"
        best = int(np.nanargmax(silhouette))
        words += (
            ", the highest of all"
            if best == at
            else f" (the highest is {silhouette[best]:.2f}, at k = {ks[best]})"
        )
        who = {0: "no point lies", 1: "1 point (ringed) lies"}.get(
            below, f"{below} points (ringed) lie"
        )
        return f"{words}; {who} nearer to another cluster on average."


def _numbered_alike(runs):
    """The labels for each k, numbered so that a group keeps its number when k grows."""
    found, before = {}, None
    for k, model in zip(runs.k_values, runs.models, strict=True):
        labels = model.labels_
        before = labels if before is None else numbers_like(labels, before, k)[labels]
        found[k] = np.array(before)
    return found


def _curve(name, found, ks):
    """The claim of a curve along k, and its number for each k."""
    if isinstance(found, Gap):
        claim, values = _gap_claim(found), dict(zip(found.k_values, found.gap, strict=True))
    elif isinstance(found, Stability):
        at, values = int(found.ari.argmax()), dict(zip(found.k_values, found.ari, strict=True))
        claim = f"Stability: k = {found.k_values[at]} repeats best, ARI {found.ari[at]:.2f}"
    else:
        claim, line = name, np.asarray(found, dtype=float)
        if line.shape != (len(ks),):
            raise ValueError(
                f"the curve {name!r} has shape {line.shape}: pass a number for each of the "
                f"{len(ks)} k_values, or what gap_statistic() or stability() returns"
            )
        values = dict(zip(ks, line, strict=True))
    return claim, [values.get(k, np.nan) for k in ks]


def _gap_claim(gap):
    # Gap.best is the last k if none holds: that is another answer than "the last one holds"
    holds = bool((gap.gap[:-1] >= (gap.gap - gap.error)[1:]).any())
    at, top = gap.k_values.index(gap.best), int(gap.gap.argmax())
    if not holds:
        return f"Gap: no k up to {gap.k_values[-1]} holds"
    # the rule stops too early where two clusters are no better than noise, and four are
    if top > at and gap.gap[top] - CLEARLY * gap.error[top] > gap.gap[at]:
        return f"Gap: k = {gap.best} holds, but it is highest at k = {gap.k_values[top]}"
    none = ", so 'none' is the answer" if gap.best == 1 else ""
    return f"Gap: the smallest k that holds is {gap.best}{none}"


# silhouette(X, labels)
def _own(row, labels, i):
    """Mean distance to the other points of the own cluster; 0 for the only one of its cluster."""
    return row[labels == labels[i]].sum() / max(1, (labels == labels[i]).sum() - 1)


def _with_itself(row, labels, i):
    return row[labels == labels[i]].mean()


def _other(choose):
    """Give the function that chooses among the mean distances to each other cluster."""

    def other(row, labels, i):
        return choose([row[labels == j].mean() for j in np.unique(labels) if j != labels[i]])

    return other


_nearest = _other(min)


def _by_max(a, b):
    return (b - a) / max(a, b)


def _silhouettes(X, labels, own=_own, other=_nearest, value=_by_max, power=0.5, loner=None):
    """Silhouettes, with parts exchanged; ``loner(a, b)`` is that of the only one of its cluster."""
    values = []
    for i, row in enumerate(squared_distances(X, X) ** power):
        alone = (labels == labels[i]).sum() == 1
        of = (loner or (lambda a, b: 0.0)) if alone else value
        values.append(of(own(row, labels, i), other(row, labels, i)))
    return np.array(values)


def _to_centers(X, labels, value):
    """Silhouettes from distances to means of clusters."""
    numbers = np.unique(labels)
    centers = np.array([X[labels == j].mean(axis=0) for j in numbers])
    ways = np.sqrt(squared_distances(X, centers))
    mine = numbers == labels[:, None]
    return np.array([*map(value, ways[mine], np.where(mine, np.inf, ways).min(axis=1))])


_WITH_LONERS = tuple(
    (X, labels)
    for X, labels, _ in (made(41, (1, 3), 1), made(42, (1, 3, 4), 2), made(43, (2, 1, 1, 5), 3))
)


@exercise(
    tuple((X, labels) for X, labels, _ in TABLES),
    returns="an array with one number for each point: (b - a) / max(a, b)",
    praise="One number for each point, from -1 to 1, and none of them needed a centre.",
)
def silhouette(X, labels):
    """How well each point is placed, from -1 to 1."""
    return _silhouettes(X, labels)


@silhouette.wrong
def itself_counted(X, labels):
    """a is too small: the point's distance to itself, 0, is in the mean.
    a asks how far the other points of the cluster are; in a cluster of 2, the 0 halves it.
    Hint: divide the sum of the distances by the size of the cluster minus 1."""
    yield _silhouettes(X, labels, own=_with_itself)


@silhouette.wrong
def to_centers(X, labels):
    """Your distances go to the means of the clusters.
    That is a shortcut with other values: a and b are means of distances to points, and a mean
    of distances is not the distance to a mean.
    Hint: measure from the point to every point of a cluster, then take the mean."""
    yield _to_centers(X, labels, _by_max)
    yield _to_centers(X, labels, lambda a, b: 1 - a / b)


@silhouette.wrong
def nearest_point(X, labels):
    """b is the distance to the nearest point of the other clusters.
    One stray point then decides; b is a mean over a whole cluster.
    Hint: take the mean for each cluster first, and the smallest of these means after."""
    yield _silhouettes(X, labels, other=lambda row, labels, i: row[labels != labels[i]].min())


@silhouette.wrong
def all_others(X, labels):
    """b is the mean over the points of all other clusters together.
    The question is how near the next best cluster is; far ones must not count, or every point
    looks well placed.
    Hint: one mean for each other cluster, then the smallest."""
    yield _silhouettes(X, labels, other=lambda row, labels, i: row[labels != labels[i]].mean())
    yield _silhouettes(X, labels, other=_other(np.mean))


@silhouette.wrong
def farthest_cluster(X, labels):
    """b is the mean distance to the farthest cluster.
    Nobody would move a point to the farthest cluster; its rival is the nearest.
    Hint: the largest or the smallest of the means?"""
    yield _silhouettes(X, labels, other=_other(max))


@silhouette.wrong
def turned_round(X, labels):
    """The sign is the wrong way round: well placed points get negative values.
    Good is near to the own cluster (small a) and far from the next one (large b), and that is
    to give a value near 1.
    Hint: which of a and b comes first in the difference?"""
    yield _silhouettes(X, labels, value=lambda a, b: (a - b) / max(a, b))


@silhouette.wrong
def not_by_the_larger(X, labels):
    """The difference b - a is not divided by the larger of the two.
    Only the larger one keeps the value between -1 and 1 and independent of the units.
    Hint: max(a, b) for one point, np.maximum(a, b) for arrays."""
    for value in (
        lambda a, b: b - a,
        lambda a, b: (b - a) / a,
        lambda a, b: (b - a) / b,
        lambda a, b: (b - a) / (a + b),
        lambda a, b: (b - a) / min(a, b),
    ):
        yield _silhouettes(X, labels, value=value)


@silhouette.wrong
def squared(X, labels):
    """Your distances are squared.
    The silhouette takes distances as they are; squares make far points count too much, and the
    values come out too large.
    Hint: one operation is left to do with each squared distance."""
    yield _silhouettes(X, labels, power=1)


@silhouette.wrong
def mean_returned(X, labels):
    """This is one number, the mean over all points.
    The mean hides who is badly placed; the plot needs a value for each point.
    Hint: return the values before you take their mean."""
    yield _silhouettes(X, labels).mean()


silhouette.then(_WITH_LONERS)


@silhouette.wrong
def loner(X, labels):
    """All is right but for a point that is alone in its cluster.
    It has no neighbours, so a does not exist. Nothing speaks for this cluster and nothing
    against it: its silhouette is 0 by definition.
    Hint: what do you divide by, when the cluster has one point?"""
    for value in (_by_max, lambda a, b: np.nan, lambda a, b: -1.0):
        yield _silhouettes(X, labels, loner=value)
    yield fails


# smallest_k(gap, error)
def _first(gap, error, holds=lambda now, after, own, error: now >= after - error, end=None):
    """Give the first k for which ``holds(gap, next gap, error, next error)``."""
    found = [*map(holds, gap, gap[1:], error, error[1:])]
    return found.index(True) + 1 if True in found else end or len(gap)


_GAPS = (
    # noise: the next gap is larger, but by less than its error
    floats([0.02, 0.05, 0.01], [0.02, 0.04, 0.04]),
    floats([0.00, 0.16, 0.43, 0.69, 0.61, 0.51], [0.04, 0.05, 0.04, 0.04, 0.04, 0.04]),
    # a step smaller than its error, before and after larger ones
    floats([0.10, 0.30, 0.33, 0.60, 0.90, 0.85], [0.02, 0.02, 0.05, 0.02, 0.02, 0.02]),
    # the errors differ: the own one would be too large here, and too small there
    floats([0.10, 0.25, 0.40, 0.45, 0.43, 0.70], [0.20, 0.20, 0.02, 0.02, 0.08, 0.02]),
    floats([0.20, 0.26, 0.10, 0.05], [0.01, 0.08, 0.04, 0.04]),
    # it falls by less than its error, and rises again
    floats([0.10, 0.40, 0.39, 0.50, 0.30, 0.60, 0.20], [0.03, 0.02, 0.03, 0.03, 0.03, 0.03, 0.03]),
)
_RISING = (
    _GAPS[1],
    floats([0.1, 0.2, 0.3], [0.02, 0.02, 0.02]),
    floats([0.0, 0.3, 0.5, 0.9, 1.2], [0.05, 0.05, 0.04, 0.04, 0.03]),
)


@exercise(
    _GAPS,
    returns=(
        "one whole number: the smallest k with gap(k) >= gap(k + 1) - error(k + 1), where "
        "gap[0] belongs to k = 1"
    ),
    praise="The smallest k that is as good as the next one, as far as the error can tell.",
)
def smallest_k(gap, error):
    """Which k the gap statistic chooses; 1 means no clusters."""
    return _first(gap, error)


@smallest_k.wrong
def argmax(gap, error):
    """This is the k with the largest gap.
    The gap can creep up with k by chance alone; the rule stops at the first k that is as good
    as the next one, within its error.
    Hint: go through k = 1, 2, 3, ... and stop at the first that holds."""
    yield from (1 + np.argmax(gap), np.argmax(gap), 1 + np.argmax(gap - error))


@smallest_k.wrong
def near_the_largest(gap, error):
    """Each gap is compared with the largest one.
    That is another rule, and it needs to know where the largest one is; here each k is compared
    with the next one only.
    Hint: gap[i] and gap[i + 1]."""
    yield 1 + np.argmax(gap >= max(gap) - error[np.argmax(gap)])


@smallest_k.wrong
def largest_step(gap, error):
    """This is the k after the largest step of the gap.
    A large step says that one more cluster helped, not that it was the last one that did.
    Hint: look for the first k from which the next one does not go up for sure."""
    yield 2 + np.argmax(np.diff(gap))


@smallest_k.wrong
def index(gap, error):
    """This is the place in the array, one less than k.
    Python counts from 0, and gap[0] belongs to k = 1.
    Hint: what must be added to a place to get its k?"""
    yield _first(gap, error) - 1


@smallest_k.wrong
def next_k(gap, error):
    """This is one k too many.
    The rule asks whether k does as well as k + 1; if so, k is the answer.
    Hint: which of the two that you compare do you return?"""
    yield _first(gap, error) + 1


@smallest_k.wrong
def error_forgotten(gap, error):
    """The error is left out, so the gap must not rise at all.
    A gap comes from drawn noise: a rise that is smaller than its error may be chance, and then
    the smaller k is enough.
    Hint: subtract the error from the next gap."""
    yield _first(gap, error, lambda now, after, own, error: now >= after)


@smallest_k.wrong
def own_error(gap, error):
    """You subtract the error of k, not that of k + 1.
    The doubt is about the next gap: is it really larger?
    Hint: gap and error of the right-hand side have the same k."""
    yield _first(gap, error, lambda now, after, own, error: now >= after - own)


@smallest_k.wrong
def error_against(gap, error):
    """The error works against the smaller k.
    So k must beat k + 1 clearly; the rule asks the opposite: whether k + 1 beats k clearly.
    Hint: plus or minus on the right-hand side?"""
    yield _first(gap, error, lambda now, after, own, error: now >= after + error)
    yield _first(gap, error, lambda now, after, own, error: now >= after + own)


@smallest_k.wrong
def turned_round(gap, error):
    """The comparison is the wrong way round.
    It finds the first k that the next one beats clearly, where the search should go on.
    Hint: is it >= or <= ?"""
    yield _first(gap, error, lambda now, after, own, error: now <= after - error)


@smallest_k.wrong
def last(gap, error):
    """This is the last k for which the rule holds.
    After the right k it holds again and again; the smallest one is wanted.
    Hint: return as soon as it holds."""
    yield 1 + np.flatnonzero(gap[:-1] >= (gap - error)[1:])[-1]


smallest_k.then(_RISING)


@smallest_k.wrong
def none_found(gap, error):
    """All is right, unless the gap rises to the end.
    Then no k does as well as the next one, and the largest k that was tried is the answer for
    now: larger ones should be tried.
    Hint: what does your function return when the loop ends without having found one?"""
    found = _first(gap, error, end=-1)
    yield from ((end if found < 0 else found) for end in (None, 0, 1, len(gap) - 1))
    yield lambda: fails() if found < 0 else found


ANSWERS = questions("""
04.predict within 0.005: Points at 0, 2, 6 and 14 on a line, clusters {0, 2} and {6, 14}: what is
        the silhouette of the point at 2?
    Hint: write down a and b first; a is about the other points of its own cluster.
    0.75: 0.75: its neighbour is 2 away, the points of the other cluster are 4 and 12 away, 8 on
        average, and (8 - 2) / 8 = 0.75.
    0.875, itself-counted: This takes a = 1: the point's distance to itself, or to its centre.
    0.5, nearest-point: This takes b = 4, the way to the nearest point; b is the mean over the
        cluster.
    0.8333, farthest-point: This takes b = 12, the way to the farthest point; b is the mean over the
        cluster.
    -0.75, turned-round: The sign is the wrong way round: this point is well placed.
    3, not-by-the-larger: You divided b - a by a, the smaller one.
    0.6, not-by-the-larger: You divided b - a by a + b.
    6, not-divided: This is b - a: it still has to be divided.
    0.95, squared: These are squared distances: 4, and 80 on average.
    -0.375, other-point: This is the point at 6: its neighbour is 8 away, the other cluster 5 on
        average.
""")
