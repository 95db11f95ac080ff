"""Lesson 03, Where you start: the chances of k-means++, and clusters renamed."""

import numpy as np

from ..matching import match_labels
from ..textbook import squared_distances
from .cases import made
from .exercise import Answer, exercise


# draw_probabilities(X, centers)
def _normed(weights):
    return weights / weights.sum()


def _d2(X, centers):
    return squared_distances(X, centers).min(axis=1)


def _draw_probabilities(X, centers):
    return _normed(_d2(X, centers))


def _one_hot(row, n):
    return (np.arange(n) == row).astype(float)


def _largest_first(X, centers):
    return _one_hot(_d2(X, centers).argmax(), len(X))


# the first centres are points of X, as they are when k-means++ draws the next one
_HAND = (np.array([[0.0, 0.0], [3.0, 4.0], [6.0, 0.0], [0.0, 1.0]]), np.array([[0.0, 0.0]]))

_STARTED = (
    _HAND,
    *(
        (X, X[[0, 3, 4][:n_centers]])
        for (X, _, _), n_centers in (
            (made(11, (3, 4), 1), 2),
            (made(12, (4, 3, 4), 2), 2),
            (made(13, (5, 4, 3), 3), 3),
        )
    ),
)


@exercise(
    _STARTED,
    returns="one probability for each point, adding up to 1",
    praise="Far points are drawn often, near ones seldom, and the centres themselves never again.",
)
def draw_probabilities(X, centers):
    """The chance of each point in the next draw."""
    return _draw_probabilities(X, centers)


@draw_probabilities.wrong
def distance_not_squared(X, centers):
    """The probabilities go with the distance, not with its square.
    Twice as far must count four times: k-means++ draws by what a point adds to the error, and
    the error adds squares.
    Hint: leave out the root."""
    yield _normed(np.sqrt(_d2(X, centers)))


@draw_probabilities.wrong
def not_normalised(X, centers):
    """These are squared distances; as probabilities they must add up to 1.
    For the points (0, 0) and (3, 4) and a centre at (0, 0), 0 and 25 should become 0 and 1.
    Hint: divide by the sum over all points."""
    yield _d2(X, centers)
    yield np.sqrt(_d2(X, centers))
    yield _d2(X, centers) / _d2(X, centers).max()


@draw_probabilities.wrong
def farthest_always(X, centers):
    """The farthest point gets all the probability.
    That is farthest first: no chance is left in it, and an outlier always wins.
    Hint: every point may be drawn, in proportion to its squared distance."""
    yield _largest_first(X, centers)
    yield (_one_hot(squared_distances(X, centers).sum(axis=1).argmax(), len(X)))


@draw_probabilities.wrong
def all_alike(X, centers):
    """Every point is drawn with the same probability.
    That is a start at random points: it does not look where centres stand already.
    Hint: how far is each point from its nearest centre?"""
    yield np.full(len(X), 1 / len(X))


@draw_probabilities.wrong
def farthest_centre(X, centers):
    """Each point is measured to its farthest centre.
    A point that stands beside a centre is covered, however far the others are.
    Hint: largest or smallest of a point's distances?"""
    yield _normed(squared_distances(X, centers).max(axis=1))


@draw_probabilities.wrong
def sum_over_centres(X, centers):
    """Each point's distances to all centres are added up.
    Then even a centre could be drawn again; only the nearest one counts.
    Hint: what turns a row of distances into one number: the sum?"""
    yield _normed(squared_distances(X, centers).sum(axis=1))
    yield (_normed(np.sqrt(squared_distances(X, centers)).sum(axis=1)))
    yield squared_distances(X, centers).mean(axis=1)


@draw_probabilities.wrong
def one_centre(X, centers):
    """Only one of the centres is looked at.
    Points near the other ones would be drawn as if nobody stood there.
    Hint: measure to every centre and keep the smallest."""
    yield _normed(_d2(X, centers[-1:]))
    yield _normed(_d2(X, centers[:1]))


# relabel(labels, reference)
def _table(labels, reference):
    return np.array(
        [[((labels == i) & (reference == j)).sum() for j in range(4)] for i in range(4)]
    )


def _majority(labels, reference):
    return _table(labels, reference).argmax(axis=1)[labels]


def _greedy(labels, reference):
    """Give away the largest overlap first, then the next largest of what is left."""
    table = _table(labels, reference).astype(float)
    names = np.zeros(4, dtype=int)
    for _ in range(4):
        i, j = np.unravel_index(table.argmax(), table.shape)
        names[i] = j
        table[i], table[:, j] = -1, -1
    return names[labels]


def _greedy_by_cluster(labels, reference):
    """Cluster 0 chooses first, then cluster 1 of what is left, and so on."""
    table = _table(labels, reference).astype(float)
    names = np.zeros(4, dtype=int)
    for i in range(4):
        names[i] = table[i].argmax()
        table[:, names[i]] = -1
    return names[labels]


def _backwards(labels, reference):
    """The right pairs, read in the wrong direction."""
    names = np.zeros(4, dtype=int)
    names[labels] = match_labels(labels, reference)
    return np.argsort(names)[labels]


def _by_size(labels, reference):
    mine, theirs = (
        np.argsort(-np.bincount(v, minlength=4), kind="stable") for v in (labels, reference)
    )
    names = np.zeros(4, dtype=int)
    names[mine] = theirs
    return names[labels]


def _by_appearance(labels, reference):
    """Clusters paired in the order in which they are met first."""
    mine, theirs = (v[np.sort(np.unique(v, return_index=True)[1])] for v in (labels, reference))
    names = np.zeros(4, dtype=int)
    names[mine] = theirs
    return names[labels]


def _mapping(labels, reference):
    names = np.zeros(4, dtype=int)
    names[labels] = match_labels(labels, reference)
    return names


def _from_table(rows):
    """Labels and reference with these counts: row i, column j for cluster i in class j."""
    rows = np.array(rows)
    labels, reference = (np.repeat(v.ravel(), rows.ravel()) for v in np.indices(rows.shape))
    order = np.random.default_rng(rows.sum()).permutation(len(labels))
    return labels[order], reference[order]


# four clusters each; one best matching each, and greedy ways miss it in the last three
_PAIRS = (
    (np.array([1, 1, 2, 3, 3, 3, 0, 0]), np.array([0, 0, 1, 2, 2, 2, 3, 3])),
    _from_table([[0, 6, 1, 0], [0, 1, 0, 7], [5, 0, 0, 1], [1, 0, 8, 0]]),
    _from_table([[7, 6, 0, 1], [6, 0, 1, 0], [0, 1, 0, 9], [1, 0, 5, 0]]),
    _from_table([[0, 7, 4, 0], [1, 8, 7, 0], [6, 0, 1, 2], [0, 0, 2, 4]]),
    _from_table([[6, 0, 0, 5], [1, 7, 0, 0], [0, 1, 8, 2], [9, 0, 0, 1]]),
)


@exercise(
    _PAIRS,
    returns=(
        "for each point its cluster's new number, so that as many as possible agree with the "
        "reference"
    ),
    praise="Each number is given once, and no other renaming agrees at more points.",
)
def relabel(labels, reference):
    """Clusters renamed to agree at as many points as can be."""
    return match_labels(labels, reference)


@relabel.wrong
def unchanged(labels, reference):
    """The labels come back as they went in.
    Cluster 0 of one run is not cluster 0 of another: numbers are only names.
    Hint: count how often each pair of numbers meets at a point."""
    yield labels


@relabel.wrong
def reference_returned(labels, reference):
    """The reference itself comes back.
    Then every run would agree with it perfectly, whatever it found.
    Hint: rename the clusters; points that were together must stay together."""
    yield reference


@relabel.wrong
def majority(labels, reference):
    """Each cluster takes its most frequent number, even if another has it already.
    Two clusters become one, and the agreement looks better than it is.
    Hint: each number may be given once: scipy.optimize.linear_sum_assignment."""
    yield _majority(labels, reference)


@relabel.wrong
def greedy(labels, reference):
    """The largest overlap is given away first, then the next largest.
    An early choice can take the number that another cluster needs more: here another renaming
    agrees at more points.
    Hint: look at all renamings at once: linear_sum_assignment with maximize=True."""
    yield _greedy(labels, reference)
    yield _greedy_by_cluster(labels, reference)


@relabel.wrong
def backwards(labels, reference):
    """The right pairs are found, but they are read in the wrong direction.
    If cluster 2 is called 0 in the reference, every 2 must become 0, not every 0 a 2.
    Hint: which side of the pair do you look up in labels?"""
    yield _backwards(labels, reference)


@relabel.wrong
def by_size(labels, reference):
    """Clusters are paired by their size: largest with largest.
    Clusters of one size need not have a single point in common.
    Hint: count the points that two clusters share."""
    yield _by_size(labels, reference)


@relabel.wrong
def by_appearance(labels, reference):
    """Clusters are paired in the order in which they appear.
    One point that changed sides is enough to pair the wrong ones.
    Hint: count over all points, not at the first of each cluster."""
    yield _by_appearance(labels, reference)


@relabel.wrong
def mapping_returned(labels, reference):
    """This is one new number for each cluster.
    Asked for is one number for each point, to be compared with the reference.
    Hint: if names holds the new number of each cluster, what is names[labels]?"""
    yield _mapping(labels, reference)


ANSWERS = {
    "03.predict": Answer(
        "Each run finds the best end with probability 0.8. What is the probability that none of 3 "
        "runs finds it?",
        0.008,
        "0.2 times 0.2 times 0.2: three runs fail together in 8 of 1,000 cases.",
        "with which probability does one run fail, and two of two?",
        {
            0.2: ("one-run", "That is the probability that one run fails; here all three must."),
            0.512: ("all-three", "That is the probability that all three runs find it."),
            0.992: ("at-least-one", "That is the probability that at least one of them finds it."),
            0.6: (
                "added",
                "You added 0.2 three times: with six runs that would be more than 1. Runs that do "
                "not know of each other multiply.",
            ),
            0.04: ("two-runs", "That is for two runs; a third one fails as well."),
            0.096: (
                "one-finds-it",
                "That is for exactly one run that finds it, and two that fail.",
            ),
        },
        tolerance=1e-6,
    ),
}
