"""Lesson 02, Assign and update: the pieces of k-means, and the whole loop."""

import numpy as np

from .. import textbook
from ..textbook import inertia, lloyd, squared_distances
from .cases import SMALL, TABLES, fails, made
from .exercise import exercise, questions

_X_AND_CENTERS = tuple((X, centers) for X, _, centers in TABLES)

_WITH_EMPTY = tuple(
    (X, labels + (labels >= hole), np.insert(centers, hole, 20.5, axis=0))
    for (X, labels, centers), hole in ((SMALL, 2), (TABLES[2], 1), (TABLES[3], 0))
)

# from bad starts: 5, 8 and 10 iterations
_RUNS = tuple(
    (X, X[: len(centers)])
    for X, _, centers in (made(36, (4, 5), 2), made(38, (7, 6), 1), made(6, (10, 12, 9), 3))
)


# squared_distance(a, b)
@exercise(
    tuple((X[0], centers[-1]) for X, centers in _X_AND_CENTERS)
    + tuple((X[3], X[2]) for X, _ in _X_AND_CENTERS),
    returns="one number: the squared differences, added up",
    praise="Pythagoras without the root, in any number of columns.",
)
def squared_distance(a, b):
    """Two points in, one number out."""
    return ((a - b) ** 2).sum()


@squared_distance.wrong
def distance_not_squared(a, b):
    """This is the distance itself: for (0, 0) and (3, 4) it gives 5, not 25.
    The root keeps the order, so every point still finds its nearest centre; but the error adds
    up other numbers, and the mean is no longer the best place for a centre.
    Hint: k-means wants the square; leave out the last operation."""
    yield np.sqrt(squared_distance.right(a, b))


@squared_distance.wrong
def squared_twice(a, b):
    """This squares twice: for (0, 0) and (3, 4) it gives 625, not 25.
    The order stays, so labels stay right; but far points count far too much in the error.
    Hint: square each difference once; what adds them up needs no square."""
    yield from (((a - b) ** 2).sum() ** 2, ((a - b) ** 4).sum())


@squared_distance.wrong
def differences_not_squared(a, b):
    """This adds up differences without squaring them.
    A difference of -3 and one of +3 cancel, as if the two points were one.
    Hint: what makes every difference positive before you add?"""
    yield from ((a - b).sum(), (b - a).sum())


@squared_distance.wrong
def manhattan(a, b):
    """This adds up absolute differences: the way a taxi goes, around corners.
    It is a distance too, but medians and not means belong to it.
    Hint: square the differences instead of taking their absolute values."""
    yield np.abs(a - b).sum()


@squared_distance.wrong
def not_summed(a, b):
    """This returns one value for each column.
    Two points have one squared distance, however many columns there are.
    Hint: add the columns' squares up."""
    yield (a - b) ** 2


@squared_distance.wrong
def mean_not_sum(a, b):
    """This is the mean over the columns instead of the sum.
    For (0, 0) and (3, 4) it gives 12.5; Pythagoras says 25.
    Hint: add, and do not divide."""
    yield ((a - b) ** 2).mean()


# textbook.assign(X, centers)
@exercise(
    _X_AND_CENTERS,
    returns=(
        "labels: an array of one whole number for each point, from 0 to the number of centres "
        "less 1"
    ),
    praise=(
        "Every point is with its nearest centre. (Distance or squared distance: the labels are "
        "alike.)"
    ),
)
def assign(X, centers):
    """The E-step."""
    return textbook.assign(X, centers)


@assign.wrong
def argmax(X, centers):
    """Every point joins the centre that is farthest from it.
    Then clusters are spread over the whole picture and the error grows.
    Hint: which of the distances in a row do you want: the largest?"""
    yield squared_distances(X, centers).argmax(axis=1)


@assign.wrong
def counted_from_1(X, centers):
    """The labels count from 1: the first centre is number 0.
    centers[1] is the second centre, so every point would get its neighbour's.
    Hint: Python counts from 0, and so does argmin."""
    yield textbook.assign(X, centers) + 1


@assign.wrong
def axis_swapped(X, centers):
    """An axis is swapped: you compare along the wrong side of a table.
    Points are rows and centres are columns of the table of distances; the smallest is wanted in
    each row, and the columns of X are to be added up.
    Hint: print the shape after each line: (points, centres) before you choose."""
    yield squared_distances(X, centers).argmin(axis=0)
    squares = (X[:, None] - centers) ** 2
    yield from (squares.sum(axis=i).argmin(axis=j) for i, j in ((1, 1), (0, 1), (0, 0)))


@assign.wrong
def differences_not_squared(X, centers):
    """The differences are added up without being squared.
    Negative ones make a far centre look near.
    Hint: square each difference before you add."""
    sums = (X[:, None] - centers).sum(axis=2)
    yield from (sums.argmin(axis=1), sums.argmax(axis=1), np.abs(sums).argmin(axis=1))


@assign.wrong
def one_column(X, centers):
    """Only one column of X decides; the others are not looked at.
    Two points one above the other are far apart too.
    Hint: add up the squares of all columns."""
    yield textbook.assign(X[:, :1], centers[:, :1])
    yield textbook.assign(X[:, -1:], centers[:, -1:])


@assign.wrong
def distance_not_label(X, centers):
    """This returns distances, not the number of the centre.
    The E-step asks which centre is nearest, not how near it is.
    Hint: min gives the smallest value; what gives its place?"""
    squares = squared_distances(X, centers)
    for distances in (squares, np.sqrt(squares)):
        yield from (distances, distances.min(axis=1))


@assign.wrong
def never_assigned(X, centers):
    """Every point gets the label 0.
    Then there is one cluster only, and the other centres have no points.
    Hint: do you keep the number of the nearest centre anywhere?"""
    yield np.zeros(len(X))


# textbook.update(X, labels, centers)
def _filled(X, labels, centers, what):
    """Write ``what(points of the cluster)`` into the row of each centre."""
    new = centers.copy()
    for j in range(len(centers)):
        new[j] = what(X[labels == j])
    return new


def _listed(X, labels, centers, what):
    """Collect ``what(points of the cluster)`` for each centre."""
    return np.array([what(X[labels == j]) for j in range(len(centers))])


def _mean_of_all(X, labels, centers):
    return np.tile(X.mean(axis=0), (len(centers), 1))


def _medians(X, labels, centers):
    return _filled(X, labels, centers, lambda points: np.median(points, axis=0))


@exercise(
    TABLES,
    returns="the new centres: one row for each centre, one column for each column of X",
    praise="Every centre is the mean of its points, and one without points stays where it is.",
)
def update(X, labels, centers):
    """The M-step."""
    return textbook.update(X, labels, centers)


@update.wrong
def never_updated(X, labels, centers):
    """The centres come back as they went in.
    If they never move, the second E-step changes nothing and the run is over.
    Hint: do you return the new centres, or the argument?"""
    yield centers


@update.wrong
def all_points(X, labels, centers):
    """Every centre lands on the same spot: the mean of all points.
    Each centre has a say over its own points only.
    Hint: choose the rows of one cluster first: labels == j."""
    yield from (_mean_of_all(X, labels, centers), X.mean(axis=0))


@update.wrong
def median(X, labels, centers):
    """These are medians, column by column.
    The median makes the sum of absolute differences smallest; for squared distances only the
    mean does, so the error can rise.
    Hint: which average belongs to squares?"""
    yield _medians(X, labels, centers)


@update.wrong
def axis_swapped(X, labels, centers):
    """An axis is swapped: you average over the columns of each point.
    A centre needs one mean for each column, taken down its points.
    Hint: axis=0 goes down the rows, axis=1 goes along a row."""
    yield lambda: _filled(X, labels, centers, lambda points: points.mean(axis=1))


@update.wrong
def columns_mixed(X, labels, centers):
    """One number stands for all columns of a centre.
    x and y are averaged together, so all centres lie on the diagonal.
    Hint: say along which axis to take the mean."""
    yield _filled(X, labels, centers, lambda points: points.mean())
    yield _listed(X, labels, centers, lambda points: points.mean())


@update.wrong
def not_divided(X, labels, centers):
    """The points are added up but not divided by how many they are.
    A sum lies far outside its cluster; a mean divides by the points of this cluster, not by all
    points.
    Hint: how many points has cluster j?"""
    sums = _filled(X, labels, centers, lambda points: points.sum(axis=0))
    yield from (sums, sums / len(X))


@update.wrong
def counted_from_1(X, labels, centers):
    """Each centre gets the points of the next cluster.
    Labels count from 0; you look for 1 first.
    Hint: compare labels with j, where j starts at 0."""
    yield _listed(X, labels - 1, centers, lambda points: points.mean(axis=0))
    yield textbook.update(X, labels - 1, centers)


update.then(_WITH_EMPTY)


@update.wrong
def empty_forgotten(X, labels, centers):
    """All is right until a cluster is empty: then its centre is lost (NaN, 0, no row at all, or an
    error).
    No points have no mean: it would be 0 divided by 0.
    Hint: begin with centers.copy() and change only the rows of clusters with points."""
    yield _listed(X, labels, centers, lambda points: points.mean(axis=0))
    yield _listed(X, labels, centers, lambda points: points.sum(axis=0) / max(len(points), 1))
    yield np.array([X[labels == j].mean(axis=0) for j in np.unique(labels)])
    yield fails


# total_error(X, labels, centers)
@exercise(
    TABLES,
    returns=(
        "one number: the squared distances of all points to the centres of their clusters, added up"
    ),
    praise="This is what k-means lowers, half-step by half-step: the inertia.",
)
def total_error(X, labels, centers):
    """The inertia."""
    return inertia(X, labels, centers)


@total_error.wrong
def distance_not_squared(X, labels, centers):
    """This adds up distances; k-means adds up squared distances.
    The root keeps the order, so every point still finds its nearest centre; but the error adds
    up other numbers, and the mean is no longer the best place for a centre.
    Hint: leave out the root."""
    yield np.linalg.norm(X - centers[labels], axis=1).sum()
    yield np.sqrt(inertia(X, labels, centers))


@total_error.wrong
def squared_twice(X, labels, centers):
    """Here the distance is squared twice.
    The order stays, so labels stay right; but far points count far too much in the error.
    Hint: square each difference once, and what adds them up not at all."""
    squares = (X - centers[labels]) ** 2
    yield from ((squares.sum(axis=1) ** 2).sum(), (squares**2).sum())


@total_error.wrong
def mean_not_sum(X, labels, centers):
    """This is the mean squared distance; the total error is the sum.
    The mean is as good a measure, but not the inertia of the other pictures.
    Hint: add, and do not divide."""
    yield inertia(X, labels, centers) / len(X)
    yield inertia(X, labels, centers) / X.size


@total_error.wrong
def all_centers(X, labels, centers):
    """This adds up the distances of every point to every centre.
    A point pays only for the way to the centre of its own cluster.
    Hint: centers[labels] has one row for each point: its own centre."""
    yield squared_distances(X, centers).sum()


@total_error.wrong
def labels_ignored(X, labels, centers):
    """This takes the nearest centre of each point instead of the one in labels.
    After an M-step a point may lie nearer to another centre, and the error has to show it: that
    is what the next E-step takes off.
    Hint: use the labels that are passed in."""
    yield squared_distances(X, centers).min(axis=1).sum()


@total_error.wrong
def centers_ignored(X, labels, centers):
    """This takes the mean of each cluster, not the centres that are passed in.
    After an E-step the centres are not the means yet, and the error has to show it: that is
    what the next M-step takes off.
    Hint: use the centres that are passed in."""
    yield inertia(X, labels, textbook.update(X, labels, centers))


@total_error.wrong
def manhattan(X, labels, centers):
    """This adds up absolute differences.
    Medians, not means, make that sum smallest.
    Hint: square the differences."""
    yield np.abs(X - centers[labels]).sum()


@total_error.wrong
def not_summed(X, labels, centers):
    """This returns several values, the total error is one number.
    One number lets you compare two half-steps.
    Hint: add up over the columns and over the points."""
    squares = (X - centers[labels]) ** 2
    yield from (squares.sum(axis=1), squares.sum(axis=0))


# kmeans(X, centers)
def _loop(X, centers, assign=textbook.assign, update=textbook.update, longest=100):
    """The whole loop with other half-steps, until no label changes."""
    before = None
    for _ in range(longest):
        labels = assign(X, centers)
        if before is not None and np.array_equal(labels, before):
            break
        before, centers = labels, update(X, labels, centers)
    return labels, centers


_END = 10**6  # more half-steps than any run has


def _after(X, centers, e_steps, m_steps):
    """Labels of one E-step and centres of one M-step of the right run; negative: from the end."""
    run = lloyd(X, centers, tol=0, empty="stay")
    # the last iteration changes nothing, so the end is one iteration before it
    last = run.n_iter - 1
    e, m = (max(n + last, 1) if n < 0 else min(n, last) for n in (e_steps, m_steps))
    return run[2 * e - 1].labels, run[2 * m].centers


@exercise(
    _RUNS,
    returns="labels and centres, as a pair: return labels, centers",
    praise="Your loop ends where k-means ends: no point changes its cluster any more.",
)
def kmeans(X, centers):
    """The whole loop; returns ``(labels, centers)``."""
    return _after(X, centers, _END, _END)


@kmeans.wrong
def never_updated(X, centers):
    """The centres stay at the start for ever.
    The second E-step sees the same centres, finds the same labels and the loop takes that for
    the end.
    Hint: put what update returns back into centers."""
    yield _after(X, centers, 1, 0)


@kmeans.wrong
def stops_too_soon(X, centers):
    """Your loop stops after one and the same number of rounds, whatever the data.
    Some starts need many more rounds until nothing changes.
    Hint: is return inside the loop? Or is the number of rounds too small?"""
    yield from (_after(X, centers, m + more, m) for m in range(1, 9) for more in (0, 1))


@kmeans.wrong
def one_short(X, centers):
    """Your loop stops one half-step or one iteration before the end.
    It compares the wrong states, or returns what it had before the last step.
    Hint: stop only when a whole E-step has changed no label; return the newest values."""
    yield from (_after(X, centers, e, m) for e, m in ((-1, -1), (_END, -1), (-1, _END)))


@kmeans.wrong
def pair_swapped(X, centers):
    """The centres come first and the labels second.
    Whoever writes labels, centers = kmeans(...) gets them the wrong way round.
    Hint: swap them in the return line."""
    yield kmeans.right(X, centers)[::-1]


@kmeans.wrong
def half_returned(X, centers):
    """Only one of the two comes back.
    Both are needed: where the centres are and which points are theirs.
    Hint: return labels, centers"""
    yield from kmeans.right(X, centers)


@kmeans.wrong
def counted_from_1(X, centers):
    """The labels count from 1.
    centers[1] is the second centre.
    Hint: Python counts from 0."""
    labels, centers = kmeans.right(X, centers)
    yield labels + 1, centers


@kmeans.wrong
def all_points(X, centers):
    """In your M-step every centre goes to the mean of all points.
    All centres fall together, and the first one gets all points.
    Hint: choose the rows of one cluster first: labels == j."""
    yield _loop(X, centers, update=_mean_of_all)


@kmeans.wrong
def median(X, centers):
    """Your M-step takes medians.
    That is another method, k-medians, with another end; squares ask for means.
    Hint: which average makes the sum of squares smallest?"""
    yield _loop(X, centers, update=_medians)


@kmeans.wrong
def argmax(X, centers):
    """Your E-step sends each point to the farthest centre.
    The error rises instead of falling.
    Hint: largest or smallest distance?"""
    for longest in (99, 100):  # it never ends: labels and centres swap to and fro
        yield _loop(
            X, centers, assign=lambda *xc: squared_distances(*xc).argmax(axis=1), longest=longest
        )


ANSWERS = questions("""
02.predict: Points at 1, 2, 4, 8, 9, centres at 1 and 2: how many E-steps until one changes nothing,
        that one included?
    Hint: after each M-step write down both centres, then who is nearer to which.
    4: Four E-steps: the first gives all points a cluster, the second moves the point at 2, the
        third the point at 4, and the fourth finds out that it is over.
    3, last-not-counted: You left out the last E-step, the one that changes nothing.
    2, first-not-counted: You counted the E-steps in which a point changes sides only.
    8, half-steps: You counted half-steps: E and M. The question is for E-steps only.
    7, half-steps: You counted half-steps: E and M. The question is for E-steps only.
    9, snapshots: You counted the start and all half-steps; count the E-steps only.
02.prove: Why must k-means stop? a: tol is small. b: the error never rises and there are finitely
        many ways to label the points. c: the error gets to zero. d: max_iter ends it.
    Hint: what would have to happen for the loop to go on for ever?
    b: It never rises, and no labelling comes twice, so after finitely many steps it is over.
    a, tol: tol ends a run sooner, but with tol=0 it stops as well.
    c, zero: The error stays above zero unless every point has its own centre.
    d, max-iter: max_iter is a safety belt: without it the run ends as well.
""")
