"""The exercises of lesson 01, See the groups: a distance, and the objective without a centre.

As in ``exercises``, a misconception is told by what it computes.
"""

from __future__ import annotations

import numpy as np

from .exercises import _TABLES, Exercise, Misconception, Stage, _made
from .textbook import squared_distances

# distance(a, b)


def _squares(a, b):
    return (a - b) ** 2


def _distance(a, b):
    return np.sqrt(_squares(a, b).sum())


def _or_fails(works, compute):
    """Give what ``compute`` gives where ``works(a, b)``, and an error elsewhere."""

    def computed(a, b):
        if not works(a, b):
            raise ValueError
        return compute(a, b)

    return computed


_IN_A_PLANE = tuple(
    (np.array(a), np.array(b))
    for a, b in (
        ([0.0, 0.0], [3.0, 4.0]),
        ([2.0, 1.0], [0.5, 7.0]),
        ([-1.5, 6.0], [4.0, -2.0]),
        ([9.0, 3.0], [1.0, 1.5]),
    )
)
_IN_OTHER_COLUMNS = (
    (np.array([2.0]), np.array([9.0])),
    (np.array([0.0, 0.0, 0.0]), np.array([1.0, 2.0, 2.0])),
    (np.array([4.0, 1.5, 6.0, 2.0]), np.array([3.0, 5.0, 1.0, 8.5])),
)

DISTANCE = Exercise(
    "distance(a, b)",
    "one number: the root of the squared differences, added up",
    "Pythagoras, in any number of columns.",
    _distance,
    (
        Stage(
            _IN_A_PLANE,
            (
                Misconception(
                    "forgot-root",
                    "This is the squared distance: for (0, 0) and (3, 4) it gives 25, not 5.",
                    "The square of a length is an area; read off a map, these points are 5 apart.",
                    "one operation is left to do, after the sum.",
                    (lambda a, b: _squares(a, b).sum(),),
                ),
                Misconception(
                    "manhattan",
                    "This adds up absolute differences: for (0, 0) and (3, 4) it gives 7, not 5.",
                    "That is the way a taxi goes, around corners; here the straight line is asked "
                    "for.",
                    "square each difference, add, and take the root of the sum at the end.",
                    (lambda a, b: np.abs(a - b).sum(),),
                ),
                Misconception(
                    "chebyshev",
                    "Only the largest difference counts: for (0, 0) and (3, 4) it gives 4, not 5.",
                    "The smaller differences make the straight line longer too.",
                    "add the squares of all columns where you take the largest.",
                    (lambda a, b: np.abs(a - b).max(),),
                ),
                Misconception(
                    "differences-not-squared",
                    "This adds up differences without squaring them.",
                    "A difference of -3 and one of +3 cancel, and a negative sum has no root.",
                    "what makes every difference positive before you add?",
                    (
                        lambda a, b: np.sqrt((a - b).sum()),
                        lambda a, b: np.sqrt((b - a).sum()),
                        # math.sqrt has an error where NumPy has NaN
                        _or_fails(
                            lambda a, b: (a - b).sum() >= 0, lambda a, b: np.sqrt((a - b).sum())
                        ),
                        _or_fails(
                            lambda a, b: (b - a).sum() >= 0, lambda a, b: np.sqrt((b - a).sum())
                        ),
                        lambda a, b: np.sqrt(np.abs((a - b).sum())),
                        lambda a, b: np.abs((a - b).sum()),
                        lambda a, b: (a - b).sum(),
                        lambda a, b: (b - a).sum(),
                    ),
                ),
                Misconception(
                    "not-summed",
                    "This returns one value for each column.",
                    "Two points have one distance, however many columns there are.",
                    "add the columns' squares up before you take the root.",
                    (lambda a, b: np.abs(a - b), _squares),
                ),
            ),
        ),
        Stage(
            _IN_OTHER_COLUMNS,
            (
                Misconception(
                    "first-two-columns",
                    "All is right with two columns; with any other number of them the further "
                    "ones are left out, or there is an error.",
                    "A customer or a patient is a point with many columns, and all of them count.",
                    "a - b has all differences at once; or loop over all columns.",
                    (
                        lambda a, b: _distance(a[:2], b[:2]),
                        _or_fails(lambda a, b: len(a) >= 2, lambda a, b: _distance(a[:2], b[:2])),
                        _or_fails(lambda a, b: len(a) == 2, _distance),
                    ),
                ),
            ),
        ),
    ),
)


# pair_objective(X, labels) and between(X, labels)

_GROUPED = tuple((X, labels) for X, labels, _ in (*_TABLES, _made(4, (1, 3, 6), 2)))


def _clusters(X, labels):
    return [X[labels == j] for j in np.unique(labels)]


def _over_clusters(what):
    """An objective that adds up ``what(points of the cluster)``."""
    return lambda X, labels: sum(what(points) for points in _clusters(X, labels))


def _pairs(points):
    """Squared distances of all ordered pairs, added up."""
    return squared_distances(points, points).sum()


def _pair_lengths(points):
    return np.sqrt(squared_distances(points, points)).sum()


_pair_objective = _over_clusters(lambda points: _pairs(points) / (2 * len(points)))


def _all_pairs_over(divisor):
    """Objectives over pairs that do not ask whether both points are in one cluster."""
    return (
        lambda X, labels: _pairs(X) / divisor,
        lambda X, labels: _pairs(X) / (divisor * len(X)),
        # once for each cluster
        lambda X, labels: _over_clusters(lambda points: _pairs(X) / (divisor * len(points)))(
            X, labels
        ),
        # only the first point of a pair is looked up in labels
        lambda X, labels: _over_clusters(
            lambda points: squared_distances(points, X).sum() / (divisor * len(points))
        )(X, labels),
    )


PAIR_OBJECTIVE = Exercise(
    "pair_objective(X, labels)",
    "one number: for each cluster the squared distances of all its pairs, divided by twice its "
    "size, added up over the clusters",
    "No centre is needed, and yet it is the inertia around the clusters' means.",
    _pair_objective,
    (
        Stage(
            _GROUPED,
            (
                Misconception(
                    "pairs-twice",
                    "This is twice the objective.",
                    "The sum runs over ordered pairs: (i, i') and (i', i) are both in it, so "
                    "every pair is counted twice.",
                    "where is the 2 that you divide by?",
                    (_over_clusters(lambda points: _pairs(points) / len(points)),),
                ),
                Misconception(
                    "pairs-once",
                    "This is half the objective.",
                    "Each pair is counted once, and the sum is divided by 2 all the same: that 2 "
                    "is for pairs that come as (i, i') and as (i', i).",
                    "count both orders, or leave out the 2.",
                    (_over_clusters(lambda points: _pairs(points) / (4 * len(points))),),
                ),
                Misconception(
                    "not-divided",
                    "The pairs are added up but not divided by the size of their own cluster.",
                    "A cluster of 10 has 100 ordered pairs, one of 5 has 25: undivided, a large "
                    "cluster costs far too much.",
                    "how many points has this cluster? Divide before you go to the next one.",
                    (
                        *(
                            _over_clusters(lambda points, divisor=divisor: _pairs(points) / divisor)
                            for divisor in (1, 2, 4)
                        ),
                        lambda X, labels: _over_clusters(_pairs)(X, labels) / len(X),
                        lambda X, labels: _over_clusters(_pairs)(X, labels) / (2 * len(X)),
                    ),
                ),
                Misconception(
                    "all-pairs",
                    "Pairs of points from different clusters are counted too.",
                    "The objective asks how near each other the points of one cluster are.",
                    "choose the rows of one cluster first: X[labels == j].",
                    (*_all_pairs_over(2), *_all_pairs_over(1)),
                ),
                Misconception(
                    "root",
                    "This adds up distances; the objective adds up squared distances.",
                    "Only with squares are the pairs and the means two ways to one number.",
                    "leave out the root.",
                    (
                        _over_clusters(lambda points: _pair_lengths(points) / (2 * len(points))),
                        _over_clusters(lambda points: _pair_lengths(points) / len(points)),
                        lambda X, labels: np.sqrt(_pair_objective(X, labels)),
                        _over_clusters(lambda points: np.sqrt(_pairs(points) / (2 * len(points)))),
                    ),
                ),
            ),
        ),
    ),
)


def _weighted(X, labels, center, size=len, axis=0):
    """Squared distances of the clusters' means to ``center``, each times ``size(points)``."""
    return sum(
        size(points) * ((points.mean(axis=axis) - center) ** 2).sum()
        for points in _clusters(X, labels)
    )


def _one(points):
    return 1


def _between(X, labels):
    return _weighted(X, labels, X.mean(axis=0))


def _mean_of_means(X, labels):
    return np.mean([points.mean(axis=0) for points in _clusters(X, labels)], axis=0)


def _scatter(points):
    return ((points - points.mean(axis=0)) ** 2).sum()


BETWEEN = Exercise(
    "between(X, labels)",
    "one number: for each cluster its size times the squared distance of its mean to the mean of "
    "all points, added up",
    "Within plus between is the total: what one of them loses, the other one gains.",
    _between,
    (
        Stage(
            _GROUPED,
            (
                Misconception(
                    "size-forgotten",
                    "Every cluster counts the same, whether it has 2 points or 200.",
                    "The mean stands for all points of its cluster, so its way counts once for "
                    "each of them; else within plus between is not the total.",
                    "multiply by how many points the cluster has.",
                    (lambda X, labels: _weighted(X, labels, X.mean(axis=0), _one),),
                ),
                Misconception(
                    "mean-of-means",
                    "The distances go to the mean of the centres, not to the mean of all points.",
                    "They differ as soon as clusters differ in size: a large cluster pulls the "
                    "mean of all points to its side.",
                    "X.mean(axis=0) is the mean of all points.",
                    (
                        lambda X, labels: _weighted(X, labels, _mean_of_means(X, labels)),
                        lambda X, labels: _weighted(X, labels, _mean_of_means(X, labels), _one),
                    ),
                ),
                Misconception(
                    "within-instead",
                    "This is the sum within the clusters: from each point to its own mean.",
                    "Between asks how far the clusters lie apart, not how wide each of them is.",
                    "go from the mean of each cluster to the mean of all points.",
                    (_over_clusters(_scatter),),
                ),
                Misconception(
                    "total-instead",
                    "This is the total: from each point to the mean of all points.",
                    "It is the same for every labelling, so it tells nothing about clusters.",
                    "start at the mean of each cluster, not at its points.",
                    (lambda X, labels: _scatter(X),),
                ),
                Misconception(
                    "root",
                    "This adds up distances; between adds up squared distances.",
                    "Only with squares does within plus between give the total.",
                    "leave out the root.",
                    (
                        lambda X, labels: sum(
                            len(points) * _distance(points.mean(axis=0), X.mean(axis=0))
                            for points in _clusters(X, labels)
                        ),
                        lambda X, labels: np.sqrt(_between(X, labels)),
                    ),
                ),
                Misconception(
                    "columns-mixed",
                    "One number stands for all columns of a mean.",
                    "x and y are averaged together, so the mean lies on the diagonal.",
                    "say along which axis to take the mean.",
                    (
                        lambda X, labels: _weighted(X, labels, X.mean()),
                        lambda X, labels: _weighted(X, labels, X.mean(), axis=None),
                    ),
                ),
            ),
        ),
    ),
)
