"""What learners write in lesson 07: right in many styles, and wrong in each way that has a name."""

from itertools import combinations, permutations, product

import numpy as np
import pandas as pd
from scipy.optimize import linear_sum_assignment
from sklearn.metrics import (
    accuracy_score,
    adjusted_rand_score,
    balanced_accuracy_score,
    confusion_matrix,
    jaccard_score,
    rand_score,
)
from sklearn.metrics.cluster import contingency_matrix, pair_confusion_matrix

from kmeans_teach import match_labels

# correct, in many styles


def by_hungarian(labels, classes):
    table = pd.crosstab(labels, classes).to_numpy()
    rows, columns = linear_sum_assignment(-table)
    return table[rows, columns].sum() / len(labels)


def by_square_confusion(labels, classes):
    table = confusion_matrix(classes, labels)
    rows, columns = linear_sum_assignment(table, maximize=True)
    return table[rows, columns].sum() / table.sum()


def by_all_renamings(labels, classes):
    names = range(max(labels.max(), classes.max()) + 1)
    best = 0
    for name in permutations(names):
        best = max(best, np.mean([name[j] == c for j, c in zip(labels, classes, strict=True)]))
    return best


def rand_by_loops(a, b):
    agree = pairs = 0
    for i in range(len(a)):
        for j in range(i):
            pairs += 1
            agree += (a[i] == a[j]) == (b[i] == b[j])
    return agree / pairs


def rand_by_combinations(a, b):
    pairs = list(combinations(zip(a, b, strict=True), 2))
    return sum((p[0] == q[0]) == (p[1] == q[1]) for p, q in pairs) / len(pairs)


def rand_by_matrices(a, b):
    same = np.equal.outer(a, a) == np.equal.outer(b, b)
    n = len(a)
    return (same.sum() - n) / (n**2 - n)


CORRECT = {
    "matched_accuracy": [
        by_hungarian,
        by_square_confusion,
        by_all_renamings,
        lambda labels, classes: accuracy_score(classes, match_labels(labels, classes)),
        lambda labels, classes: np.mean(match_labels(labels, classes) == classes),
    ],
    "rand_index": [
        rand_by_loops,
        rand_by_combinations,
        rand_by_matrices,
        rand_score,
    ],
}


# misconceptions, each in two styles


def purity(labels, classes):
    right = 0
    for j in set(labels.tolist()):
        right += np.bincount(classes[labels == j]).max()
    return right / len(labels)


def purity_by_mode(labels, classes):
    names = pd.Series(classes).groupby(labels).transform(lambda mine: mine.mode()[0])
    return (names == classes).mean()


def greedy_by_loop(labels, classes):
    table = pd.crosstab(labels, classes)
    right = 0
    while table.size:
        cluster, name = table.stack().idxmax()
        right += table.loc[cluster, name]
        table = table.drop(index=cluster, columns=name)
    return right / len(labels)


def greedy_by_sorting(labels, classes):
    table = contingency_matrix(labels, classes)
    cells = sorted(np.ndindex(table.shape), key=lambda cell: -table[cell])
    clusters, names, right = set(), set(), 0
    for i, j in cells:
        if i not in clusters and j not in names:
            clusters.add(i)
            names.add(j)
            right += table[i, j]
    return right / len(labels)


def renamings_of_the_clusters(labels, classes):
    names = np.unique(labels)
    return max((np.array(p)[labels] == classes).mean() for p in permutations(names))


def renamings_of_the_classes(labels, classes):
    clusters = np.unique(labels)
    found = []
    for p in permutations(np.unique(classes)):
        name_of = dict(zip(clusters, p, strict=True))
        found.append(np.mean([name_of[j] == c for j, c in zip(labels, classes, strict=True)]))
    return max(found)


def square_only(labels, classes):
    table = np.zeros((labels.max() + 1, labels.max() + 1))
    for j, c in zip(labels, classes, strict=True):
        table[j, c] += 1
    rows, columns = linear_sum_assignment(-table)
    if len(np.unique(classes)) < len(table):
        raise ValueError
    return table[rows, columns].sum() / len(labels)


def left_over_joined(labels, classes):
    table = contingency_matrix(labels, classes)
    name_of = dict(zip(*linear_sum_assignment(-table), strict=True))
    return sum(row[name_of.get(i, row.argmax())] for i, row in enumerate(table)) / len(labels)


def left_over_by_pandas(labels, classes):
    matched = pd.Series(match_labels(labels, classes))
    lost = ~matched.isin(classes)
    mode = pd.Series(classes).groupby(labels).transform(lambda mine: mine.mode()[0])
    return (matched.where(~lost, mode) == classes).mean()


def in_place(labels, classes):
    labels[:] = match_labels(labels, classes)
    return (labels == classes).mean()


def agreeing(a, b):
    return [(p[0] == q[0]) == (p[1] == q[1]) for p, q in combinations(zip(a, b, strict=True), 2)]


def together(a):
    return np.array([a[i] == a[j] for i in range(len(a)) for j in range(i)])


WRONG = {
    "matched_accuracy": {
        "not-matched": [
            lambda labels, classes: accuracy_score(classes, labels),
            lambda labels, classes: sum(labels == classes) / len(labels),
        ],
        "class-given-twice": [purity, purity_by_mode],
        "cluster-given-twice": [
            lambda labels, classes: purity(classes, labels),
            lambda labels, classes: pd.crosstab(classes, labels).max(axis=1).sum() / len(labels),
        ],
        "greedy": [greedy_by_loop, greedy_by_sorting],
        "counted-not-divided": [
            lambda labels, classes: (match_labels(labels, classes) == classes).sum(),
            lambda labels, classes: by_hungarian(labels, classes) * len(labels),
        ],
        "share-of-wrong": [
            lambda labels, classes: (match_labels(labels, classes) != classes).mean(),
            lambda labels, classes: 1 - by_square_confusion(labels, classes),
        ],
        "mean-of-classes": [
            lambda labels, classes: balanced_accuracy_score(classes, match_labels(labels, classes)),
            lambda labels, classes: (
                pd.Series(match_labels(labels, classes) == classes).groupby(classes).mean().mean()
            ),
        ],
        "labels-returned": [
            lambda labels, classes: match_labels(labels, classes),
            lambda labels, classes: match_labels(labels, classes) == classes,
        ],
        "as-many-as-classes": [
            renamings_of_the_clusters,
            renamings_of_the_classes,
            square_only,
        ],
        "left-over-counted": [left_over_joined, left_over_by_pandas],
        "changes-input": [in_place],
        "raises": [lambda labels, classes: labels.accuracy(classes)],
        "cannot-be-called": [lambda labels: 3],
        "other": [lambda labels, classes: by_hungarian(labels, classes) + 1],
        "wrong-shape": [
            lambda labels, classes: "good",
            lambda labels, classes: confusion_matrix(classes, labels),
        ],
        "not-a-function": [0.9, "accuracy"],
    },
    "rand_index": {
        "together-only": [
            lambda a, b: (together(a) & together(b)).mean(),
            lambda a, b: jaccard_score(together(a), together(b)),
            lambda a, b: sum(together(a) & together(b)),
        ],
        "self-pairs": [
            lambda a, b: np.mean(
                [(a[i] == a[j]) == (b[i] == b[j]) for i, j in product(range(len(a)), repeat=2)]
            ),
            lambda a, b: np.mean(
                [(a[i] == a[j]) == (b[i] == b[j]) for i in range(len(a)) for j in range(i + 1)]
            ),
        ],
        "labels-compared": [accuracy_score, by_hungarian],
        "adjusted": [
            adjusted_rand_score,
            lambda a, b: 1.0 * adjusted_rand_score(b, a),
        ],
        "share-of-disagreement": [
            lambda a, b: 1 - rand_score(a, b),
            lambda a, b: np.mean(together(a) != together(b)),
        ],
        "counted-not-divided": [
            lambda a, b: sum(agreeing(a, b)),
            lambda a, b: np.trace(pair_confusion_matrix(a, b)),
        ],
        "pairs-twice": [
            lambda a, b: np.trace(pair_confusion_matrix(a, b)) / len(agreeing(a, b)),
            lambda a, b: sum(agreeing(a, b)) / (len(a) * (len(a) - 1)),
            lambda a, b: sum(agreeing(a, b)) / len(a) ** 2,
        ],
        "raises": [lambda a, b: 1 / 0],
        "other": [lambda a, b: rand_score(a, b) ** 2],
        "wrong-shape": [lambda a, b: pair_confusion_matrix(a, b), lambda a, b: together(a)],
    },
}
