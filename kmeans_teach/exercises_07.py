"""The exercises of lesson 07, Judge the result: accuracy after matching, and a score over pairs.

As in ``exercises``, a misconception is told by what it computes.
"""

from __future__ import annotations

from itertools import permutations

import numpy as np

from .exercises import Answer, Exercise, Misconception, Stage
from .matching import match_labels

# matched_accuracy(labels, classes)


def _dealt(seed, table):
    """Labels and classes of as many points as a table has, classes in its rows, shuffled."""
    table = np.array(table)
    classes, labels = (np.repeat(i.ravel(), table.ravel()) for i in np.indices(table.shape))
    order = np.random.default_rng(seed).permutation(len(labels))
    return labels[order], classes[order]


def _counts(labels, classes):
    """How many points each cluster (row) has of each class (column)."""
    return (np.unique(labels)[:, None] == labels) * 1 @ (classes[:, None] == np.unique(classes))


def _right(labels, classes):
    return int((match_labels(labels, classes) == classes).sum())


def _matched_accuracy(labels, classes):
    return _right(labels, classes) / len(classes)


def _greedy(labels, classes):
    """Take the largest cell, strike out its row and column, and go on."""
    table, right = _counts(labels, classes), 0
    for _ in range(min(table.shape)):
        i, j = np.unravel_index(table.argmax(), table.shape)
        right += table[i, j]
        table[i], table[:, j] = -1, -1
    return right / len(classes)


def _majority(labels, classes):
    """Each cluster gets its most frequent class, whoever else has it."""
    return _counts(labels, classes).max(axis=1).sum() / len(classes)


def _mean_recall(labels, classes):
    right = match_labels(labels, classes) == classes
    return np.mean([right[classes == j].mean() for j in np.unique(classes)])


def _tried(names):
    """The best of all renamings by ``names(labels, classes)``."""

    def accuracy(labels, classes):
        names_ = permutations(names(labels, classes))
        return max((np.array(name)[labels] == classes).mean() for name in names_)

    return accuracy


def _if_as_many(labels, classes):
    if len(np.unique(labels)) != len(np.unique(classes)):
        raise ValueError
    return _matched_accuracy(labels, classes)


def _left_over_by_majority(labels, classes):
    """Match one to one, then give each cluster that is left over its most frequent class."""
    matched = match_labels(labels, classes)
    for j in np.unique(labels):
        mine = labels == j
        if matched[mine][0] not in classes:
            matched[mine] = np.bincount(classes[mine]).argmax()
    return (matched == classes).mean()


_AS_MANY = (
    _dealt(0, [[0, 3], [2, 1]]),
    _dealt(2, [[4, 5, 1], [1, 0, 4], [0, 1, 2]]),
    _dealt(1, [[5, 6, 0], [0, 5, 1], [1, 0, 4]]),
    _dealt(3, [[0, 1, 9, 0], [4, 0, 1, 0], [0, 1, 6, 4], [0, 5, 0, 0]]),
)
_NOT_AS_MANY = (
    _dealt(4, [[0, 2, 4], [3, 0, 1]]),
    _dealt(5, [[1, 4], [2, 1], [5, 0]]),
    _dealt(6, [[0, 3, 5, 1, 0], [6, 0, 0, 1, 0], [0, 0, 1, 2, 4]]),
)

MATCHED_ACCURACY = Exercise(
    "matched_accuracy(labels, classes)",
    "one number between 0 and 1: the share of points that are in the cluster of their class, for "
    "the best way to give each class a cluster of its own",
    "It does not matter any more what the clusters are called.",
    _matched_accuracy,
    (
        Stage(
            _AS_MANY,
            (
                Misconception(
                    "not-matched",
                    "This compares the numbers as they are: cluster 0 with class 0.",
                    "Which cluster is called 0 is chance; call them otherwise and the same "
                    "clusters get another accuracy.",
                    "rename the clusters first; check which class each of them stands for.",
                    (lambda labels, classes: (labels == classes).mean(),),
                ),
                Misconception(
                    "class-given-twice",
                    "Each cluster gets its most frequent class, and two may get the same one.",
                    "That is called purity. It grows with the number of clusters: if every point "
                    "is a cluster, it is 1.",
                    "give each class to one cluster at most.",
                    (_majority,),
                ),
                Misconception(
                    "cluster-given-twice",
                    "Each class gets the cluster that holds most of it, and two may get the same.",
                    "All points in one cluster would be called right, whatever their class is.",
                    "give each cluster to one class at most.",
                    (lambda labels, classes: _majority(classes, labels),),
                ),
                Misconception(
                    "greedy",
                    "This takes the largest count first, then the largest of those left.",
                    "The largest one can take away a cluster that another class needs much more, "
                    "so the sum is not always the best one.",
                    "compare all renamings, or use the Hungarian method: linear_sum_assignment.",
                    (_greedy,),
                ),
                Misconception(
                    "counted-not-divided",
                    "This is how many points are right, not which share of them.",
                    "90 right points are much out of 100 and little out of 1,000.",
                    "divide by how many points there are.",
                    (_right,),
                ),
                Misconception(
                    "share-of-wrong",
                    "This is the share of points that are wrong.",
                    "The accuracy is the share that is right: 1 is the best there is.",
                    "which of the two did you count?",
                    (lambda labels, classes: 1 - _matched_accuracy(labels, classes),),
                ),
                Misconception(
                    "mean-of-classes",
                    "This is the mean of the shares that are right in each class.",
                    "In it a class of 3 counts as much as one of 300; it is the balanced accuracy.",
                    "take the share over all points at once.",
                    (_mean_recall,),
                ),
                Misconception(
                    "labels-returned",
                    "The clusters are renamed, and one name for each point comes back.",
                    "The question is which share of these names is right.",
                    "compare them with the classes, and take the mean.",
                    (
                        match_labels,
                        lambda labels, classes: match_labels(labels, classes) == classes,
                    ),
                ),
            ),
        ),
        Stage(
            _NOT_AS_MANY,
            (
                Misconception(
                    "as-many-as-classes",
                    "All is right with as many clusters as classes; with more or fewer of them "
                    "some renamings are left out, or there is an error.",
                    "Nobody tells k-means how many classes there are, so both happen.",
                    "a table of counts need not be square for linear_sum_assignment; or try the "
                    "permutations of as many names as the larger of both numbers.",
                    (
                        _if_as_many,
                        _tried(lambda labels, classes: np.unique(labels).tolist()),
                        _tried(lambda labels, classes: np.unique(classes).tolist()),
                    ),
                ),
                Misconception(
                    "left-over-counted",
                    "Clusters that are left over join the class that most of their points have.",
                    "Then two clusters stand for one class, and more clusters are always better.",
                    "points in a cluster without a class of its own are wrong.",
                    (_left_over_by_majority,),
                ),
            ),
        ),
    ),
)


# rand_index(a, b)


def _pairs(a, b):
    """How many pairs are together in both, in a only, in b only, and in none."""
    i, j = np.triu_indices(len(a), 1)
    in_a, in_b = a[i] == a[j], b[i] == b[j]
    return tuple(
        int(both.sum()) for both in (in_a & in_b, in_a & ~in_b, ~in_a & in_b, ~in_a & ~in_b)
    )


def _over_pairs(what):
    """A score that is ``what(both, a_only, b_only, none)`` of the numbers of pairs."""
    return lambda a, b: what(*_pairs(a, b))


def _share(both, a_only, b_only, none):
    return (both + none) / (both + a_only + b_only + none)


def _adjusted(both, a_only, b_only, none):
    above = 2 * (both * none - a_only * b_only)
    return above / ((both + a_only) * (a_only + none) + (both + b_only) * (b_only + none))


_TWO_LABELLINGS = (
    (np.array([0, 0, 1, 1]), np.array([0, 1, 2, 2])),
    (np.array([0, 0, 1, 1, 1, 2]), np.array([1, 1, 0, 0, 2, 2])),
    (np.array([2, 0, 1, 1, 0, 2, 2, 0]), np.array([0, 1, 1, 1, 1, 0, 1, 0])),
    _dealt(7, [[3, 0, 2], [1, 4, 0]]),
)

RAND_INDEX = Exercise(
    "rand_index(a, b)",
    "one number between 0 and 1: the share of the pairs of different points that are together in "
    "both labellings or apart in both",
    "It asks who is with whom, so it needs no names and no matching.",
    _over_pairs(_share),
    (
        Stage(
            _TWO_LABELLINGS,
            (
                Misconception(
                    "together-only",
                    "Only pairs that are together in both labellings count as agreement.",
                    "To keep two points apart in both is agreement too: it says that they do not "
                    "belong together.",
                    "ask for each pair: do both labellings say the same of it?",
                    (
                        _over_pairs(lambda both, *others: both / (both + sum(others))),
                        _over_pairs(lambda both, a, b, none: both / (both + a + b)),
                        _over_pairs(lambda both, *others: both),
                    ),
                ),
                Misconception(
                    "self-pairs",
                    "Each point is paired with itself too.",
                    "A point is always together with itself, so these pairs agree whatever the "
                    "labels are, and the score is too high.",
                    "take pairs of two different points only: i < j.",
                    (
                        lambda a, b: ((a[:, None] == a) == (b[:, None] == b)).mean(),
                        # each pair once, and each point with itself
                        lambda a, b: (
                            (_pairs(a, b)[0] + _pairs(a, b)[3] + len(a))
                            / (len(a) * (len(a) + 1) / 2)
                        ),
                    ),
                ),
                Misconception(
                    "labels-compared",
                    "This compares the label of each point in a with its label in b.",
                    "Names of clusters mean nothing: two equal clusterings with other numbers "
                    "would get 0.",
                    "compare within a first: are the points i and j together there?",
                    (lambda a, b: (a == b).mean(), _matched_accuracy),
                ),
                Misconception(
                    "adjusted",
                    "This is the adjusted Rand index.",
                    "It takes off what chance would reach. Here the plain share of pairs is asked "
                    "for, the number that is adjusted there.",
                    "the share alone needs no correction.",
                    (_over_pairs(_adjusted),),
                ),
                Misconception(
                    "share-of-disagreement",
                    "This is the share of pairs on which the labellings disagree.",
                    "Equal labellings would get 0 and not 1.",
                    "count the pairs of which both say the same.",
                    (_over_pairs(lambda *pairs: 1 - _share(*pairs)),),
                ),
                Misconception(
                    "counted-not-divided",
                    "This is how many pairs agree, not which share of them.",
                    "Without dividing, more points always mean a larger number.",
                    "how many pairs do n points make? Divide by that.",
                    (
                        _over_pairs(lambda both, a, b, none: both + none),
                        _over_pairs(lambda both, a, b, none: 2 * (both + none)),
                    ),
                ),
                Misconception(
                    "pairs-twice",
                    "The pairs above and below the line of the fraction are counted differently.",
                    "(i, j) and (j, i) are one pair: n points make n (n - 1) / 2 pairs.",
                    "count every pair once, or twice, in both places alike.",
                    (
                        _over_pairs(lambda *pairs: 2 * _share(*pairs)),
                        _over_pairs(lambda *pairs: _share(*pairs) / 2),
                        lambda a, b: 2 * sum(_pairs(a, b)[::3]) / len(a) ** 2,
                        lambda a, b: sum(_pairs(a, b)[::3]) / len(a) ** 2,
                    ),
                ),
            ),
        ),
    ),
)

ANSWERS_07 = {
    "07.predict": Answer(
        "Five points have the classes a, a, b, b, b, and a clustering puts every point in a "
        "cluster of its own: what is its Rand index?",
        0.6,
        "Of the 10 pairs, 6 are of two classes and apart in both. The other 4 are of one class, "
        "and torn apart.",
        "write down the 10 pairs; which of them are together by class, which by cluster?",
        {
            0.4: (
                "disagreement",
                "You counted the pairs that disagree: those of one class that were torn apart.",
            ),
            0: (
                "together-only",
                "No pair is together in both, that is right; but pairs that are apart in both "
                "agree too.",
            ),
            1: (
                "homogeneity",
                "Every cluster holds one class only: that is homogeneity. The Rand index sees the "
                "pairs that were torn apart.",
            ),
            0.68: (
                "self-pairs",
                "You paired each point with itself too, and each pair twice: 17 of 25.",
            ),
            6: ("counted-not-divided", "So many pairs agree. Which share of all pairs is that?"),
        },
        tolerance=0.004,
    ),
}
