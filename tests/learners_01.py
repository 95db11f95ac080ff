"""What learners write in lesson 01: right in many styles, and wrong in each way that has a name."""

import math
from itertools import combinations

import numpy as np
import pandas as pd
from scipy.spatial.distance import cdist, pdist

# correct, in many styles


def distance_by_loop(a, b):
    total = 0
    for p, q in zip(a, b, strict=True):
        total += (p - q) ** 2
    return total**0.5


def pairs_by_loops(X, labels):
    total = 0
    for j in set(labels.tolist()):
        mine = [x for x, label in zip(X, labels, strict=True) if label == j]
        pairs = sum(distance_by_loop(x, y) ** 2 for x in mine for y in mine)
        total += pairs / (2 * len(mine))
    return total


def pairs_by_broadcasting(X, labels):
    squares = ((X[:, None] - X[None, :]) ** 2).sum(axis=2)
    together = labels[:, None] == labels
    return (squares * together / (2 * together.sum(axis=1))).sum()


def pairs_by_pdist(X, labels):
    clusters = (X[labels == j] for j in range(labels.max() + 1))
    return sum(pdist(points, "sqeuclidean").sum() / len(points) for points in clusters)


def between_by_loops(X, labels):
    everything = sum(X) / len(X)
    total = 0.0
    for j in set(labels.tolist()):
        mine = [x for x, label in zip(X, labels, strict=True) if label == j]
        total += len(mine) * distance_by_loop(sum(mine) / len(mine), everything) ** 2
    return total


def between_by_pandas(X, labels):
    means = pd.DataFrame(X).groupby(labels).transform("mean")
    return ((means - X.mean(axis=0)) ** 2).to_numpy().sum()


def total(X):
    return ((X - X.mean(axis=0)) ** 2).sum()


CORRECT = {
    "distance": [
        distance_by_loop,
        math.dist,
        lambda a, b: np.linalg.norm(a - b),
        lambda a, b: np.sqrt(np.dot(a - b, a - b)),
        lambda a, b: math.sqrt(sum((b - a) ** 2)),
        lambda a, b: pdist(np.array([a, b]))[0],
    ],
    "pair_objective": [
        pairs_by_loops,
        pairs_by_broadcasting,
        pairs_by_pdist,
        lambda X, labels: sum(total(X[labels == j]) for j in np.unique(labels)),
    ],
    "between": [
        between_by_loops,
        between_by_pandas,
        lambda X, labels: total(X) - pairs_by_pdist(X, labels),
    ],
}


# misconceptions, each in two styles


def over_clusters(what):
    return lambda X, labels: sum(what(X[labels == j]) for j in np.unique(labels))


def looped(pair, divide):
    """Loop over the pairs of each cluster, with ``divide(sum, size)`` at its end."""

    def pair_objective(X, labels):
        value = 0
        for j in range(max(labels) + 1):
            rows = np.flatnonzero(labels == j)
            value += divide(sum(pair(X[i], X[other]) for i in rows for other in rows), len(rows))
        return value

    return pair_objective


def square(a, b):
    return distance_by_loop(a, b) ** 2


def means(X, labels):
    return np.array([X[labels == j].mean(axis=0) for j in np.unique(labels)])


def sizes(labels):
    return np.bincount(labels)


def unpacked(a, b):
    x1, y1 = a
    x2, y2 = b
    return math.sqrt((x1 - x2) ** 2 + (y1 - y2) ** 2)


def in_place(X, labels):
    X -= X.mean(axis=0)
    return (sizes(labels) * (means(X, labels) ** 2).sum(axis=1)).sum()


def mixed_by_loop(X, labels):
    middle = X.mean()
    return sum(
        (labels == j).sum() * square(X[labels == j].mean(axis=0), [middle] * X.shape[1])
        for j in np.unique(labels)
    )


WRONG = {
    "distance": {
        "forgot-root": [
            lambda a, b: ((a - b) ** 2).sum(),
            lambda a, b: sum((p - q) ** 2 for p, q in zip(a, b, strict=True)),
        ],
        "manhattan": [
            lambda a, b: np.abs(a - b).sum(),
            lambda a, b: sum(math.sqrt((p - q) ** 2) for p, q in zip(a, b, strict=True)),
        ],
        "chebyshev": [
            lambda a, b: np.abs(a - b).max(),
            lambda a, b: max(abs(p - q) for p, q in zip(a, b, strict=True)),
        ],
        "differences-not-squared": [
            lambda a, b: np.sqrt((a - b).sum()),
            lambda a, b: math.sqrt(sum(b - a)),
            lambda a, b: math.sqrt(sum(p - q for p, q in zip(a, b, strict=True))),
            lambda a, b: abs(sum(p - q for p, q in zip(a, b, strict=True))) ** 0.5,
        ],
        "not-summed": [
            lambda a, b: np.sqrt((a - b) ** 2),
            lambda a, b: [abs(p - q) for p, q in zip(a, b, strict=True)],
        ],
        "first-two-columns": [
            lambda a, b: math.hypot(a[0] - b[0], a[1] - b[1]),
            lambda a, b: np.linalg.norm((a - b)[:2]),
            unpacked,
        ],
        "other": [lambda a, b: distance_by_loop(a, b) + 1],
        "raises": [lambda a, b: a.distance(b)],
        "cannot-be-called": [lambda a: 3],
        "wrong-shape": [lambda a, b: "far", lambda a, b: (1, 2)],
        "not-a-function": [5, "distance"],
    },
    "pair_objective": {
        "pairs-twice": [
            over_clusters(lambda points: (cdist(points, points) ** 2).sum() / len(points)),
            looped(square, lambda value, size: value / size),
        ],
        "pairs-once": [
            over_clusters(lambda points: pdist(points, "sqeuclidean").sum() / (2 * len(points))),
            over_clusters(
                lambda points: (
                    sum(square(*pair) for pair in combinations(points, 2)) / len(points) / 2
                )
            ),
        ],
        "not-divided": [
            over_clusters(lambda points: (cdist(points, points) ** 2).sum()),
            looped(square, lambda value, size: value / 2),
            over_clusters(lambda points: pdist(points, "sqeuclidean").sum() / 2),
            lambda X, labels: looped(square, lambda value, size: value)(X, labels) / (2 * len(X)),
        ],
        "all-pairs": [
            lambda X, labels: (cdist(X, X) ** 2).sum() / (2 * len(X)),
            lambda X, labels: sum(
                square(X[i], x) / (2 * (labels == labels[i]).sum())
                for i in range(len(X))
                for x in X
            ),
            lambda X, labels: pdist(X, "sqeuclidean").sum(),
            lambda X, labels: sum((cdist(X, X) ** 2).sum() / n for n in sizes(labels)),
        ],
        "root": [
            over_clusters(lambda points: cdist(points, points).sum() / (2 * len(points))),
            looped(distance_by_loop, lambda value, size: value / size / 2),
            lambda X, labels: pairs_by_loops(X, labels) ** 0.5,
        ],
        "raises": [lambda X, labels: X[labels == 0].pairs()],
        "other": [lambda X, labels: pairs_by_pdist(X, labels) - 1],
        "wrong-shape": [lambda X, labels: means(X, labels), lambda X, labels: {}],
    },
    "between": {
        "size-forgotten": [
            lambda X, labels: ((means(X, labels) - X.mean(axis=0)) ** 2).sum(),
            lambda X, labels: sum(square(m, X.mean(axis=0)) for m in means(X, labels)),
        ],
        "mean-of-means": [
            lambda X, labels: sum(
                n * square(m, means(X, labels).mean(axis=0))
                for n, m in zip(sizes(labels), means(X, labels), strict=True)
            ),
            lambda X, labels: (
                sizes(labels) @ (cdist(means(X, labels), [means(X, labels).mean(axis=0)]) ** 2)
            ).item(),
            lambda X, labels: means(X, labels).var(axis=0).sum() * len(sizes(labels)),
        ],
        "within-instead": [
            pairs_by_pdist,
            lambda X, labels: ((X - means(X, labels)[labels]) ** 2).sum(),
        ],
        "total-instead": [
            lambda X, labels: total(X),
            lambda X, labels: sum(square(x, X.mean(axis=0)) for x in X),
        ],
        "root": [
            lambda X, labels: np.linalg.norm(means(X, labels)[labels] - X.mean(0), axis=1).sum(),
            lambda X, labels: math.sqrt(between_by_loops(X, labels)),
        ],
        "columns-mixed": [
            lambda X, labels: ((means(X, labels)[labels] - X.mean()) ** 2).sum(),
            mixed_by_loop,
            lambda X, labels: sum(
                (labels == j).sum() * (X[labels == j].mean() - X.mean()) ** 2
                for j in range(labels.max() + 1)
            ),
        ],
        "changes-input": [in_place],
        "raises": [lambda X, labels: 1 / 0],
        "other": [lambda X, labels: 2 * between_by_pandas(X, labels)],
        "wrong-shape": [lambda X, labels: sizes(labels)],
    },
}
