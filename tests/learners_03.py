"""What learners write in lesson 03: right in many styles, and wrong in each way that has a name."""

from itertools import permutations

import numpy as np
import pandas as pd
from scipy.optimize import linear_sum_assignment
from scipy.spatial.distance import cdist
from sklearn.metrics import confusion_matrix

# correct, in many styles


def squares(X, centers):
    return ((X[:, None] - centers[None]) ** 2).sum(axis=2)


def draw_by_loops(X, centers):
    weights = []
    for x in X:
        ways = [sum((p - q) ** 2 for p, q in zip(x, c, strict=True)) for c in centers]
        weights.append(min(ways))
    return np.array([w / sum(weights) for w in weights])


def relabel_by_hungarian(labels, reference):
    old, new = linear_sum_assignment(confusion_matrix(labels, reference), maximize=True)
    names = dict(zip(old.tolist(), new.tolist(), strict=True))
    return np.array([names[label] for label in labels])


def relabel_by_trying_all(labels, reference):
    ways = [np.array(way)[labels] for way in permutations(range(4))]
    return max(ways, key=lambda renamed: (renamed == reference).sum())


def relabel_by_crosstab(labels, reference):
    table = pd.crosstab(labels, reference)
    rows, columns = linear_sum_assignment(-table.to_numpy())
    names = pd.Series(table.columns[columns], index=table.index[rows])
    return names[labels].to_numpy()


CORRECT = {
    "draw_probabilities": [
        draw_by_loops,
        lambda X, centers: cdist(X, centers).min(1) ** 2 / (cdist(X, centers).min(1) ** 2).sum(),
        lambda X, centers: squares(X, centers).min(1) / squares(X, centers).min(1).sum(),
    ],
    "relabel": [relabel_by_hungarian, relabel_by_trying_all, relabel_by_crosstab],
}


# misconceptions, each in two styles


def share(weights):
    weights = np.asarray(weights, dtype=float)
    return weights / weights.sum()


def all_to(choose):
    """Give the probability 1 to one point."""

    def draw_probabilities(X, centers):
        p = np.zeros(len(X))
        p[choose(X, centers)] = 1
        return p

    return draw_probabilities


def most_frequent(labels, reference):
    renamed = labels.copy()
    for j in np.unique(labels):
        renamed[labels == j] = np.bincount(reference[labels == j]).argmax()
    return renamed


def most_frequent_by_pandas(labels, reference):
    return pd.Series(reference).groupby(labels).transform(lambda r: r.mode()[0]).to_numpy()


def greedy(labels, reference):
    overlaps = confusion_matrix(labels, reference)
    order = sorted(np.ndindex(4, 4), key=lambda at: -overlaps[at])
    names, used = {}, set()
    for i, j in order:
        if i not in names and j not in used:
            names[i] = j
            used.add(j)
    return np.array([names[label] for label in labels])


def greedy_in_turn(labels, reference):
    names = {}
    for i in range(4):
        counts = [
            ((labels == i) & (reference == j)).sum() if j not in names.values() else -1
            for j in range(4)
        ]
        names[i] = int(np.argmax(counts))
    return np.vectorize(names.get)(labels)


def found(labels, reference):
    return linear_sum_assignment(confusion_matrix(labels, reference), maximize=True)[1]


def by_rank(labels, reference):
    mine = pd.Series(labels).value_counts().sort_index().sort_values(ascending=False, kind="stable")
    theirs = (
        pd.Series(reference).value_counts().sort_index().sort_values(ascending=False, kind="stable")
    )
    return pd.Series(labels).map(dict(zip(mine.index, theirs.index, strict=True))).to_numpy()


def by_sorted_sizes(labels, reference):
    mine = sorted(range(4), key=lambda j: -(labels == j).sum())
    theirs = sorted(range(4), key=lambda j: -(reference == j).sum())
    return np.array([theirs[mine.index(label)] for label in labels])


def in_order(labels, reference):
    names = dict(zip(dict.fromkeys(labels), dict.fromkeys(reference), strict=True))
    return np.array([names[label] for label in labels])


def in_order_by_pandas(labels, reference):
    return pd.unique(reference)[pd.factorize(labels)[0]]


WRONG = {
    "draw_probabilities": {
        "distance-not-squared": [
            lambda X, centers: share(cdist(X, centers).min(axis=1)),
            lambda X, centers: share([min(np.linalg.norm(x - c) for c in centers) for x in X]),
        ],
        "not-normalised": [
            lambda X, centers: squares(X, centers).min(axis=1),
            lambda X, centers: [min(((x - c) ** 2).sum() for c in centers) for x in X],
        ],
        "farthest-always": [
            all_to(lambda X, centers: squares(X, centers).min(axis=1).argmax()),
            all_to(lambda X, centers: cdist(X, centers).min(axis=1).argmax()),
        ],
        "all-alike": [
            lambda X, centers: np.ones(len(X)) / len(X),
            lambda X, centers: [1 / len(X) for _ in X],
        ],
        "farthest-centre": [
            lambda X, centers: share(squares(X, centers).max(axis=1)),
            lambda X, centers: share([max(((x - c) ** 2).sum() for c in centers) for x in X]),
        ],
        "sum-over-centres": [
            lambda X, centers: share(squares(X, centers).sum(axis=1)),
            lambda X, centers: share(squares(X, centers).mean(axis=1)),
            lambda X, centers: share(cdist(X, centers).sum(axis=1)),
        ],
        "one-centre": [
            lambda X, centers: share(((X - centers[-1]) ** 2).sum(axis=1)),
            lambda X, centers: share(((X - centers[0]) ** 2).sum(axis=1)),
        ],
        "other": [lambda X, centers: share(squares(X, centers).min(axis=1) + 1)],
        "raises": [lambda X, centers: X.d2(centers)],
        "cannot-be-called": [lambda X: 1],
        "wrong-shape": [lambda X, centers: squares(X, centers), lambda X, centers: "far"],
        "returns-list": [lambda X, centers: draw_by_loops(X, centers).tolist()],
    },
    "relabel": {
        "unchanged": [lambda labels, reference: labels, lambda labels, reference: labels.copy()],
        "reference-returned": [
            lambda labels, reference: reference,
            lambda labels, reference: np.array(list(reference)),
        ],
        "majority": [most_frequent, most_frequent_by_pandas],
        "greedy": [greedy, greedy_in_turn],
        "backwards": [
            lambda labels, reference: np.argsort(found(labels, reference))[labels],
            lambda labels, reference: np.array(
                [found(labels, reference).tolist().index(label) for label in labels]
            ),
        ],
        "by-size": [by_rank, by_sorted_sizes],
        "by-appearance": [in_order, in_order_by_pandas],
        "mapping-returned": [found, lambda labels, reference: found(labels, reference).tolist()],
        "other": [lambda labels, reference: relabel_by_hungarian(labels, reference) + 1],
        "raises": [lambda labels, reference: labels[reference == 9][0]],
        "wrong-shape": [lambda labels, reference: (labels == reference).mean()],
        "returns-list": [
            lambda labels, reference: relabel_by_hungarian(labels, reference).tolist()
        ],
    },
}
