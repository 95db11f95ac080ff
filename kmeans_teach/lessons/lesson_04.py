"""Lesson 04, How many clusters: the silhouette, and the rule of the gap statistic."""

import numpy as np

from ..textbook import squared_distances
from .cases import TABLES, made
from .exercise import Answer, exercise


# silhouette(X, labels)
def _lengths(X):
    return np.sqrt(squared_distances(X, X))


def _own(row, labels, i):
    """Mean distance to the other points of the own cluster; 0 for the only one of its cluster."""
    return row[labels == labels[i]].sum() / max(1, (labels == labels[i]).sum() - 1)


def _means(row, labels, i):
    """Mean distance to the points of each other cluster."""
    return [row[labels == j].mean() for j in np.unique(labels) if j != labels[i]]


def _nearest_cluster(row, labels, i):
    return min(_means(row, labels, i))


def _by_max(a, b):
    return (b - a) / max(a, b)


def _silhouettes(
    X,
    labels,
    own=_own,
    other=_nearest_cluster,
    value=_by_max,
    distances=_lengths,
    loner=lambda a, b: 0.0,
):
    """Silhouettes, with parts exchanged."""
    values = []
    for i, row in enumerate(distances(X)):
        a, b = own(row, labels, i), other(row, labels, i)
        alone = (labels == labels[i]).sum() == 1
        values.append((loner if alone else value)(a, b))
    return np.array(values)


def _with_itself(row, labels, i):
    return row[labels == labels[i]].mean()


def _to_centers(X, labels, value):
    """Silhouettes from distances to means of clusters."""
    numbers = np.unique(labels)
    centers = np.array([X[labels == j].mean(axis=0) for j in numbers])
    ways = np.sqrt(squared_distances(X, centers))
    mine = numbers == labels[:, None]
    own, other = ways[mine], np.where(mine, np.inf, ways).min(axis=1)
    return np.array([value(a, b) for a, b in zip(own, other, strict=True)])


def _fails(a, b):
    raise ZeroDivisionError


def _nan(a, b):
    return np.nan


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
    yield _silhouettes(X, labels, own=_with_itself, loner=_by_max)


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
    yield _silhouettes(X, labels, other=lambda row, labels, i: np.mean(_means(row, labels, i)))


@silhouette.wrong
def farthest_cluster(X, labels):
    """b is the mean distance to the farthest cluster.
    Nobody would move a point to the farthest cluster; its rival is the nearest.
    Hint: the largest or the smallest of the means?"""
    yield _silhouettes(X, labels, other=lambda row, labels, i: max(_means(row, labels, i)))


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
    yield _silhouettes(X, labels, distances=lambda X: squared_distances(X, X))


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
    yield _silhouettes(X, labels, loner=_nan)
    yield lambda: _silhouettes(X, labels, loner=_fails)
    yield _silhouettes(X, labels, loner=_by_max)
    yield _silhouettes(X, labels, loner=lambda a, b: -1.0)


# smallest_k(gap, error)
def _first(gap, error, holds, at=1, otherwise=len):
    """Give ``index + at`` of the first k for which ``holds(gap, error, index)``."""
    for i in range(len(gap) - 1):
        if holds(gap, error, i):
            return i + at
    return otherwise(gap)


def _reaches(gap, error, i):
    return gap[i] >= gap[i + 1] - error[i + 1]


def _last(gap, error):
    return max(i + 1 for i in range(len(gap) - 1) if _reaches(gap, error, i))


def _near_the_top(gap, error):
    top = np.argmax(gap)
    return 1 + int(np.argmax(gap >= gap[top] - error[top]))


def _raises(gap):
    raise IndexError


_GAPS = tuple(
    (np.array(gap), np.array(error))
    for gap, error in (
        # noise: the next gap is larger, but by less than its error
        ([0.02, 0.05, 0.01], [0.02, 0.04, 0.04]),
        ([0.00, 0.16, 0.43, 0.69, 0.61, 0.51], [0.04, 0.05, 0.04, 0.04, 0.04, 0.04]),
        # a step smaller than its error, before and after larger ones
        ([0.10, 0.30, 0.33, 0.60, 0.90, 0.85], [0.02, 0.02, 0.05, 0.02, 0.02, 0.02]),
        # the errors differ: the own one would be too large here, and too small there
        ([0.10, 0.25, 0.40, 0.45, 0.43, 0.70], [0.20, 0.20, 0.02, 0.02, 0.08, 0.02]),
        ([0.20, 0.26, 0.10, 0.05], [0.01, 0.08, 0.04, 0.04]),
        # it falls by less than its error, and rises again
        ([0.10, 0.40, 0.39, 0.50, 0.30, 0.60, 0.20], [0.03, 0.02, 0.03, 0.03, 0.03, 0.03, 0.03]),
    )
)

_RISING = (
    _GAPS[1],
    (np.array([0.1, 0.2, 0.3]), np.array([0.02, 0.02, 0.02])),
    (np.array([0.0, 0.3, 0.5, 0.9, 1.2]), np.array([0.05, 0.05, 0.04, 0.04, 0.03])),
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
    return _first(gap, error, _reaches)


@smallest_k.wrong
def argmax(gap, error):
    """This is the k with the largest gap.
    The gap can creep up with k by chance alone; the rule stops at the first k that is as good
    as the next one, within its error.
    Hint: go through k = 1, 2, 3, ... and stop at the first that holds."""
    yield 1 + np.argmax(gap)
    yield np.argmax(gap)
    yield 1 + np.argmax(gap - error)


@smallest_k.wrong
def near_the_largest(gap, error):
    """Each gap is compared with the largest one.
    That is another rule, and it needs to know where the largest one is; here each k is compared
    with the next one only.
    Hint: gap[i] and gap[i + 1]."""
    yield _near_the_top(gap, error)


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
    yield _first(gap, error, _reaches, at=0)
    yield _first(gap, error, _reaches, at=0, otherwise=lambda g: 0)


@smallest_k.wrong
def next_k(gap, error):
    """This is one k too many.
    The rule asks whether k does as well as k + 1; if so, k is the answer.
    Hint: which of the two that you compare do you return?"""
    yield _first(gap, error, _reaches, at=2)


@smallest_k.wrong
def error_forgotten(gap, error):
    """The error is left out, so the gap must not rise at all.
    A gap comes from drawn noise: a rise that is smaller than its error may be chance, and then
    the smaller k is enough.
    Hint: subtract the error from the next gap."""
    yield _first(gap, error, lambda gap, error, i: gap[i] >= gap[i + 1])


@smallest_k.wrong
def own_error(gap, error):
    """You subtract the error of k, not that of k + 1.
    The doubt is about the next gap: is it really larger?
    Hint: gap and error of the right-hand side have the same k."""
    yield _first(gap, error, lambda gap, error, i: gap[i] >= gap[i + 1] - error[i])


@smallest_k.wrong
def error_against(gap, error):
    """The error works against the smaller k.
    So k must beat k + 1 clearly; the rule asks the opposite: whether k + 1 beats k clearly.
    Hint: plus or minus on the right-hand side?"""
    yield _first(gap, error, lambda gap, error, i: gap[i] >= gap[i + 1] + error[i + 1])
    yield _first(gap, error, lambda gap, error, i: gap[i] - error[i] >= gap[i + 1])


@smallest_k.wrong
def turned_round(gap, error):
    """The comparison is the wrong way round.
    It finds the first k that the next one beats clearly, where the search should go on.
    Hint: is it >= or <= ?"""
    yield _first(gap, error, lambda gap, error, i: gap[i] <= gap[i + 1] - error[i + 1])
    yield _first(gap, error, lambda gap, error, i: gap[i] < gap[i + 1] - error[i + 1])


@smallest_k.wrong
def last(gap, error):
    """This is the last k for which the rule holds.
    After the right k it holds again and again; the smallest one is wanted.
    Hint: return as soon as it holds."""
    yield _last(gap, error)


smallest_k.then(_RISING)


@smallest_k.wrong
def none_found(gap, error):
    """All is right, unless the gap rises to the end.
    Then no k does as well as the next one, and the largest k that was tried is the answer for
    now: larger ones should be tried.
    Hint: what does your function return when the loop ends without having found one?"""
    yield _first(gap, error, _reaches, otherwise=lambda gap: None)
    yield lambda: _first(gap, error, _reaches, otherwise=_raises)
    yield _first(gap, error, _reaches, otherwise=lambda gap: 0)
    yield _first(gap, error, _reaches, otherwise=lambda gap: 1)
    yield _first(gap, error, _reaches, otherwise=lambda gap: len(gap) - 1)


# Questions with one answer.
ANSWERS = {
    "04.predict": Answer(
        "Points at 0, 2, 6 and 14 on a line, clusters {0, 2} and {6, 14}: what is the silhouette "
        "of the point at 2?",
        0.75,
        "0.75: its neighbour is 2 away, the points of the other cluster are 4 and 12 away, 8 on "
        "average, and (8 - 2) / 8 = 0.75.",
        "write down a and b first; a is about the other points of its own cluster.",
        {
            0.875: (
                "itself-counted",
                "This takes a = 1: the point's distance to itself, or to its centre.",
            ),
            0.5: (
                "nearest-point",
                "This takes b = 4, the way to the nearest point; b is the mean over the cluster.",
            ),
            5 / 6: (
                "farthest-point",
                "This takes b = 12, the way to the farthest point; b is the mean over the cluster.",
            ),
            -0.75: ("turned-round", "The sign is the wrong way round: this point is well placed."),
            3: ("not-by-the-larger", "You divided b - a by a, the smaller one."),
            0.6: ("not-by-the-larger", "You divided b - a by a + b."),
            6: ("not-divided", "This is b - a: it still has to be divided."),
            0.95: ("squared", "These are squared distances: 4, and 80 on average."),
            -0.375: (
                "other-point",
                "This is the point at 6: its neighbour is 8 away, the other cluster 5 on average.",
            ),
        },
        tolerance=0.005,
    ),
}
