"""Lesson 07, Judge the result: accuracy with matched names, and the Rand index."""

from itertools import permutations

import numpy as np
from sklearn.metrics import adjusted_rand_score

from ..matching import match_labels
from . import cases
from .exercise import exercise, questions


# matched_accuracy(labels, classes)
def _tried(labels, classes, names):
    """The best of all renamings by these names."""
    return max((np.array(name)[labels] == classes).mean() for name in permutations(names))


def _dealt(classes_in_rows, seed):
    return cases.dealt(classes_in_rows, seed)[::-1]


_AS_MANY = (
    _dealt("03 21", 0),
    _dealt("451 104 012", 2),
    _dealt("560 051 104", 1),
    _dealt("0190 4010 0164 0500", 3),
)
_NOT_AS_MANY = (_dealt("024 301", 4), _dealt("14 21 50", 5), _dealt("03510 60010 00124", 6))


@exercise(
    _AS_MANY,
    returns=(
        "one number between 0 and 1: the share of points that are in the cluster of their "
        "class, for the best way to give each class a cluster of its own"
    ),
    praise="It does not matter any more what the clusters are called.",
)
def matched_accuracy(labels, classes):
    """The share that is right, once the names are matched."""
    return (match_labels(labels, classes) == classes).mean()


@matched_accuracy.wrong
def not_matched(labels, classes):
    """This compares the numbers as they are: cluster 0 with class 0.
    Which cluster is called 0 is chance; call them otherwise and the same clusters get another
    accuracy.
    Hint: rename the clusters first; check which class each of them stands for."""
    yield (labels == classes).mean()


@matched_accuracy.wrong
def class_given_twice(labels, classes):
    """Each cluster gets its most frequent class, and two may get the same one.
    That is called purity. It grows with the number of clusters: if every point is a cluster, it
    is 1.
    Hint: give each class to one cluster at most."""
    yield (cases.majority(labels, classes) == classes).mean()


@matched_accuracy.wrong
def cluster_given_twice(labels, classes):
    """Each class gets the cluster that holds most of it, and two may get the same.
    All points in one cluster would be called right, whatever their class is.
    Hint: give each cluster to one class at most."""
    yield (cases.majority(classes, labels) == labels).mean()


@matched_accuracy.wrong
def greedy(labels, classes):
    """This takes the largest count first, then the largest of those left.
    The largest one can take away a cluster that another class needs much more, so the sum is
    not always the best one.
    Hint: compare all renamings, or use the Hungarian method: linear_sum_assignment."""
    yield (cases.greedy(labels, classes) == classes).mean()


@matched_accuracy.wrong
def counted_not_divided(labels, classes):
    """This is how many points are right, not which share of them.
    90 right points are much out of 100 and little out of 1,000.
    Hint: divide by how many points there are."""
    yield (match_labels(labels, classes) == classes).sum()


@matched_accuracy.wrong
def share_of_wrong(labels, classes):
    """This is the share of points that are wrong.
    The accuracy is the share that is right: 1 is the best there is.
    Hint: which of the two did you count?"""
    yield (match_labels(labels, classes) != classes).mean()


@matched_accuracy.wrong
def mean_of_classes(labels, classes):
    """This is the mean of the shares that are right in each class.
    In it a class of 3 counts as much as one of 300; it is the balanced accuracy.
    Hint: take the share over all points at once."""
    right = match_labels(labels, classes) == classes
    yield np.mean([right[classes == j].mean() for j in np.unique(classes)])


@matched_accuracy.wrong
def labels_returned(labels, classes):
    """The clusters are renamed, and one name for each point comes back.
    The question is which share of these names is right.
    Hint: compare them with the classes, and take the mean."""
    matched = match_labels(labels, classes)
    yield from (matched, matched == classes)


matched_accuracy.then(_NOT_AS_MANY)


@matched_accuracy.wrong
def as_many_as_classes(labels, classes):
    """All is right with as many clusters as classes; with more or fewer of them some renamings are
    left out, or there is an error.
    Nobody tells k-means how many classes there are, so both happen.
    Hint: a table of counts need not be square for linear_sum_assignment; or try the
    permutations of as many names as the larger of both numbers."""
    yield cases.fails
    yield _tried(labels, classes, np.unique(labels))
    yield lambda: _tried(labels, classes, np.unique(classes))


@matched_accuracy.wrong
def left_over_counted(labels, classes):
    """Clusters that are left over join the class that most of their points have.
    Then two clusters stand for one class, and more clusters are always better.
    Hint: points in a cluster without a class of its own are wrong."""
    matched = match_labels(labels, classes)
    left_over = ~np.isin(matched, classes)
    yield (np.where(left_over, cases.majority(labels, classes), matched) == classes).mean()


# rand_index(a, b)
def _pairs(a, b):
    """How many pairs are together in both, in a only, in b only, and in none."""
    i, j = np.triu_indices(len(a), 1)
    in_a, in_b = a[i] == a[j], b[i] == b[j]
    return tuple(
        int(both.sum()) for both in (in_a & in_b, in_a & ~in_b, ~in_a & in_b, ~in_a & ~in_b)
    )


_TWO_LABELLINGS = (
    (np.array([0, 0, 1, 1]), np.array([0, 1, 2, 2])),
    (np.array([0, 0, 1, 1, 1, 2]), np.array([1, 1, 0, 0, 2, 2])),
    (np.array([2, 0, 1, 1, 0, 2, 2, 0]), np.array([0, 1, 1, 1, 1, 0, 1, 0])),
    _dealt("302 140", 7),
)


@exercise(
    _TWO_LABELLINGS,
    returns=(
        "one number between 0 and 1: the share of the pairs of different points that are "
        "together in both labellings or apart in both"
    ),
    praise="It asks who is with whom, so it needs no names and no matching.",
)
def rand_index(a, b):
    """The share of pairs of which two labellings say the same."""
    both, _, _, none = _pairs(a, b)
    return (both + none) / sum(_pairs(a, b))


@rand_index.wrong
def together_only(a, b):
    """Only pairs that are together in both labellings count as agreement.
    To keep two points apart in both is agreement too: it says that they do not belong together.
    Hint: ask for each pair: do both labellings say the same of it?"""
    both, a_only, b_only, none = _pairs(a, b)
    yield from (both / (both + a_only + b_only + none), both / (both + a_only + b_only), both)


@rand_index.wrong
def self_pairs(a, b):
    """Each point is paired with itself too.
    A point is always together with itself, so these pairs agree whatever the labels are, and
    the score is too high.
    Hint: take pairs of two different points only: i < j."""
    yield ((a[:, None] == a) == (b[:, None] == b)).mean()
    yield (sum(_pairs(a, b)[::3]) + len(a)) / (len(a) * (len(a) + 1) / 2)


@rand_index.wrong
def labels_compared(a, b):
    """This compares the label of each point in a with its label in b.
    Names of clusters mean nothing: two equal clusterings with other numbers would get 0.
    Hint: compare within a first: are the points i and j together there?"""
    yield from ((a == b).mean(), matched_accuracy.right(a, b))


@rand_index.wrong
def adjusted(a, b):
    """This is the adjusted Rand index.
    It takes off what chance would reach. Here the plain share of pairs is asked for, the number
    that is adjusted there.
    Hint: the share alone needs no correction."""
    yield adjusted_rand_score(a, b)


@rand_index.wrong
def share_of_disagreement(a, b):
    """This is the share of pairs on which the labellings disagree.
    Equal labellings would get 0 and not 1.
    Hint: count the pairs of which both say the same."""
    yield 1 - rand_index.right(a, b)


@rand_index.wrong
def counted_not_divided(a, b):
    """This is how many pairs agree, not which share of them.
    Without dividing, more points always mean a larger number.
    Hint: how many pairs do n points make? Divide by that."""
    yield from (sum(_pairs(a, b)[::3]), 2 * sum(_pairs(a, b)[::3]))


@rand_index.wrong
def pairs_twice(a, b):
    """The pairs above and below the line of the fraction are counted differently.
    (i, j) and (j, i) are one pair: n points make n (n - 1) / 2 pairs.
    Hint: count every pair once, or twice, in both places alike."""
    yield from (2 * rand_index.right(a, b), rand_index.right(a, b) / 2)
    yield from (agree * sum(_pairs(a, b)[::3]) / len(a) ** 2 for agree in (1, 2))


ANSWERS = questions("""
07.predict within 0.004: Five points have the classes a, a, b, b, b, and a clustering puts every
        point in a cluster of its own: what is its Rand index?
    Hint: write down the 10 pairs; which of them are together by class, which by cluster?
    0.6: Of the 10 pairs, 6 are of two classes and apart in both. The other 4 are of one class, and
        torn apart.
    0.4, disagreement: You counted the pairs that disagree: those of one class that were torn apart.
    0, together-only: No pair is together in both, that is right; but pairs that are apart in both
        agree too.
    1, homogeneity: Every cluster holds one class only: that is homogeneity. The Rand index sees the
        pairs that were torn apart.
    0.68, self-pairs: You paired each point with itself too, and each pair twice: 17 of 25.
    6, counted-not-divided: So many pairs agree. Which share of all pairs is that?
""")
