"""Lesson 01, See the groups: a distance, and the objective without a centre."""

import math

import numpy as np

from ..textbook import squared_distances
from .cases import TABLES, fails, floats, made
from .exercise import exercise, questions

# distance(a, b)
_IN_A_PLANE = (
    floats([0, 0], [3, 4]),
    floats([2, 1], [0.5, 7]),
    floats([-1.5, 6], [4, -2]),
    floats([9, 3], [1, 1.5]),
)
_IN_OTHER_COLUMNS = (
    floats([2], [9]),
    floats([0, 0, 0], [1, 2, 2]),
    floats([4, 1.5, 6, 2], [3, 5, 1, 8.5]),
)


@exercise(
    _IN_A_PLANE,
    returns="one number: the root of the squared differences, added up",
    praise="Pythagoras, in any number of columns.",
)
def distance(a, b):
    """The straight line between two points, in any number of columns."""
    return np.sqrt(((a - b) ** 2).sum())


@distance.wrong
def forgot_root(a, b):
    """This is the squared distance: for (0, 0) and (3, 4) it gives 25, not 5.
    The square of a length is an area; read off a map, these points are 5 apart.
    Hint: one operation is left to do, after the sum."""
    yield ((a - b) ** 2).sum()


@distance.wrong
def manhattan(a, b):
    """This adds up absolute differences: for (0, 0) and (3, 4) it gives 7, not 5.
    That is the way a taxi goes, around corners; here the straight line is asked for.
    Hint: square each difference, add, and take the root of the sum at the end."""
    yield np.abs(a - b).sum()


@distance.wrong
def chebyshev(a, b):
    """Only the largest difference counts: for (0, 0) and (3, 4) it gives 4, not 5.
    The smaller differences make the straight line longer too.
    Hint: add the squares of all columns where you take the largest."""
    yield np.abs(a - b).max()


@distance.wrong
def differences_not_squared(a, b):
    """This adds up differences without squaring them.
    A difference of -3 and one of +3 cancel, and a negative sum has no root.
    Hint: what makes every difference positive before you add?"""
    d = (a - b).sum()
    yield from (d, -d, np.abs(d), np.sqrt(d), np.sqrt(-d), np.sqrt(np.abs(d)))
    yield from (lambda: math.sqrt(d), lambda: math.sqrt(-d))  # they raise where NumPy gives NaN


@distance.wrong
def not_summed(a, b):
    """This returns one value for each column.
    Two points have one distance, however many columns there are.
    Hint: add the columns' squares up before you take the root."""
    yield from (np.abs(a - b), (a - b) ** 2)


distance.then(_IN_OTHER_COLUMNS)


@distance.wrong
def first_two_columns(a, b):
    """All is right with two columns; with any other number of them the further ones are left out,
    or there is an error.
    A customer or a patient is a point with many columns, and all of them count.
    Hint: a - b has all differences at once; or loop over all columns."""
    yield distance.right(a[:2], b[:2])
    yield lambda: math.hypot(a[0] - b[0], a[1] - b[1])
    yield fails  # at x, y = a


# pair_objective(X, labels) and between(X, labels)
_GROUPED = tuple((X, labels) for X, labels, _ in (*TABLES, made(4, (1, 3, 6), 2)))


def _clusters(X, labels):
    return [X[labels == j] for j in np.unique(labels)]


def _over(X, labels, what):
    """Add up ``what(points of the cluster)``."""
    return sum(what(points) for points in _clusters(X, labels))


def _pairs(points, power=1):
    """Squared distances of all ordered pairs, each to a power, added up."""
    return (squared_distances(points, points) ** power).sum()


@exercise(
    _GROUPED,
    returns=(
        "one number: for each cluster the squared distances of all its pairs, divided by twice "
        "its size, added up over the clusters"
    ),
    praise="No centre is needed, and yet it is the inertia around the clusters' means.",
)
def pair_objective(X, labels):
    """The objective, written over pairs of points."""
    return _over(X, labels, lambda points: _pairs(points) / (2 * len(points)))


@pair_objective.wrong
def pairs_twice(X, labels):
    """This is twice the objective.
    The sum runs over ordered pairs: (i, i') and (i', i) are both in it, so every pair is
    counted twice.
    Hint: where is the 2 that you divide by?"""
    yield 2 * pair_objective.right(X, labels)


@pair_objective.wrong
def pairs_once(X, labels):
    """This is half the objective.
    Each pair is counted once, and the sum is divided by 2 all the same: that 2 is for pairs
    that come as (i, i') and as (i', i).
    Hint: count both orders, or leave out the 2."""
    yield pair_objective.right(X, labels) / 2


@pair_objective.wrong
def not_divided(X, labels):
    """The pairs are added up but not divided by the size of their own cluster.
    A cluster of 10 has 100 ordered pairs, one of 5 has 25: undivided, a large cluster costs far
    too much.
    Hint: how many points has this cluster? Divide before you go to the next one."""
    yield from _over(X, labels, _pairs) / np.array([1, 2, 4, len(X), 2 * len(X)])


@pair_objective.wrong
def all_pairs(X, labels):
    """Pairs of points from different clusters are counted too.
    The objective asks how near each other the points of one cluster are.
    Hint: choose the rows of one cluster first: X[labels == j]."""
    for divisor in (2, 1):
        yield _pairs(X) / divisor
        yield _pairs(X) / (divisor * len(X))
        yield _over(X, labels, lambda points: _pairs(X) / len(points)) / divisor  # for each cluster
        # only the first point of a pair is looked up in labels
        yield _over(X, labels, lambda p: squared_distances(p, X).sum() / len(p)) / divisor


@pair_objective.wrong
def root(X, labels):
    """This adds up distances; the objective adds up squared distances.
    Only with squares are the pairs and the means two ways to one number.
    Hint: leave out the root."""
    lengths = _over(X, labels, lambda points: _pairs(points, 0.5) / len(points))
    yield from (lengths, lengths / 2, np.sqrt(pair_objective.right(X, labels)))
    yield _over(X, labels, lambda points: np.sqrt(_pairs(points) / (2 * len(points))))


def _weighted(X, labels, center, size=len, axis=0, power=1):
    """Squared distances of the clusters' means to ``center``, each times ``size(points)``."""

    def of(points):
        return size(points) * ((points.mean(axis=axis) - center) ** 2).sum() ** power

    return _over(X, labels, of)


def _scatter(points):
    return ((points - points.mean(axis=0)) ** 2).sum()


@exercise(
    _GROUPED,
    returns=(
        "one number: for each cluster its size times the squared distance of its mean to the "
        "mean of all points, added up"
    ),
    praise="Within plus between is the total: what one of them loses, the other one gains.",
)
def between(X, labels):
    """How far the clusters' means lie from the mean of all points."""
    return _weighted(X, labels, X.mean(axis=0))


@between.wrong
def size_forgotten(X, labels):
    """Every cluster counts the same, whether it has 2 points or 200.
    The mean stands for all points of its cluster, so its way counts once for each of them; else
    within plus between is not the total.
    Hint: multiply by how many points the cluster has."""
    yield _weighted(X, labels, X.mean(axis=0), size=lambda points: 1)


@between.wrong
def mean_of_means(X, labels):
    """The distances go to the mean of the centres, not to the mean of all points.
    They differ as soon as clusters differ in size: a large cluster pulls the mean of all points
    to its side.
    Hint: X.mean(axis=0) is the mean of all points."""
    middle = np.mean([points.mean(axis=0) for points in _clusters(X, labels)], axis=0)
    yield _weighted(X, labels, middle)
    yield _weighted(X, labels, middle, size=lambda points: 1)


@between.wrong
def within_instead(X, labels):
    """This is the sum within the clusters: from each point to its own mean.
    Between asks how far the clusters lie apart, not how wide each of them is.
    Hint: go from the mean of each cluster to the mean of all points."""
    yield _over(X, labels, _scatter)


@between.wrong
def total_instead(X, labels):
    """This is the total: from each point to the mean of all points.
    It is the same for every labelling, so it tells nothing about clusters.
    Hint: start at the mean of each cluster, not at its points."""
    yield _scatter(X)


@between.wrong
def root(X, labels):
    """This adds up distances; between adds up squared distances.
    Only with squares does within plus between give the total.
    Hint: leave out the root."""
    yield _weighted(X, labels, X.mean(axis=0), power=0.5)
    yield np.sqrt(between.right(X, labels))


@between.wrong
def columns_mixed(X, labels):
    """One number stands for all columns of a mean.
    x and y are averaged together, so the mean lies on the diagonal.
    Hint: say along which axis to take the mean."""
    yield _weighted(X, labels, X.mean())
    yield _weighted(X, labels, X.mean(), axis=None)


ANSWERS = questions("""
01.predict: In how many ways can 4 points be put into 2 clusters, none of them empty?
    Hint: call the points a, b, c, d, and write down who is in the cluster with a.
    7: Seven: 4 ways with one point alone, and 3 ways with two and two.
    14, names-counted: You told the clusters' names apart: swap the labels 0 and 1, and the groups
        are the same.
    16, labels-counted: You counted all ways to write down labels: those with an empty cluster are
        among them, and the same groups come twice, with the names swapped.
    8, empty-allowed: This is one too many: all points in one cluster leaves the other one empty.
    6, pairs-only: You chose 2 points of 4: that leaves out one against three, and counts each even
        split twice, once for either half.
""")
