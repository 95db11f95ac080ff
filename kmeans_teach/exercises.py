"""The exercises that can be checked, and the misconceptions that are known for each.

A misconception is told by what it computes: if that is what the reader's function returns on every
case, it has a name. A further lesson adds its own ``Exercise`` here or, as lesson 01 does, in a
module of its own, its ``Answer`` below, and a method to ``checks.Checks``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from .textbook import assign, inertia, lloyd, squared_distances, update


@dataclass(frozen=True)
class Misconception:
    """A way to be wrong: its name, what to tell the reader, and what it computes, in variants."""

    slug: str
    seen: str
    why: str
    hint: str
    computes: tuple[Callable, ...] = ()

    @property
    def lines(self) -> tuple[str, ...]:
        """The text for the reader."""
        return self.seen, self.why, f"Hint: {self.hint}"


@dataclass(frozen=True)
class Stage:
    """Some cases (the arguments of calls, smallest first) and what can go wrong with them."""

    cases: tuple[tuple, ...]
    misconceptions: tuple[Misconception, ...]


@dataclass(frozen=True)
class Exercise:
    """A function to be written: a later stage is looked at when the earlier ones are right."""

    signature: str
    returns: str
    praise: str
    reference: Callable
    stages: tuple[Stage, ...]


@dataclass(frozen=True)
class Answer:
    """A question with one right answer, and wrong ones that tell what was thought.

    ``near`` maps a wrong answer to (slug, what was counted or thought).
    """

    question: str
    right: object
    praise: str
    hint: str
    near: dict
    tolerance: float = 0.0


# The data: small, seeded, without ties; clusters differ in size, sizes differ from the columns.


def _made(seed, sizes, d):
    random = np.random.default_rng(seed)
    k = len(sizes)
    centers = random.uniform(0, 10, (k, d)).round(1)
    labels = random.permutation(np.repeat(np.arange(k), sizes))
    X = (centers[labels] + random.normal(0, 2.5, (len(labels), d))).round(1)
    return X, labels, centers


_SMALL = (
    np.array([[0.0, 0.0], [2.0, 1.0], [7.0, 5.0], [8.0, 9.0]]),
    np.array([0, 0, 1, 1]),
    np.array([[1.0, 1.0], [7.0, 6.0]]),
)
_TABLES = (_SMALL, _made(1, (3, 5), 1), _made(2, (3, 4, 6), 2), _made(3, (2, 4, 5, 6), 3))
_X_AND_CENTERS = tuple((X, centers) for X, _, centers in _TABLES)
_WITH_EMPTY = tuple(
    (X, labels + (labels >= hole), np.insert(centers, hole, 20.5, axis=0))
    for (X, labels, centers), hole in ((_SMALL, 2), (_TABLES[2], 1), (_TABLES[3], 0))
)
# from bad starts: 5, 8 and 10 iterations
_RUNS = tuple(
    (X, X[: len(centers)])
    for X, _, centers in (_made(36, (4, 5), 2), _made(38, (7, 6), 1), _made(6, (10, 12, 9), 3))
)


# squared_distance(a, b)


def _squared(a, b):
    return ((a - b) ** 2).sum()


_ROOT_WHY = (
    "The root keeps the order, so every point still finds its nearest centre; but the error adds "
    "up other numbers, and the mean is no longer the best place for a centre."
)
_TWICE_WHY = (
    "The order stays, so labels stay right; but far points count far too much in the error."
)

SQUARED_DISTANCE = Exercise(
    "squared_distance(a, b)",
    "one number: the squared differences, added up",
    "Pythagoras without the root, in any number of columns.",
    _squared,
    (
        Stage(
            tuple((X[0], centers[-1]) for X, centers in _X_AND_CENTERS)
            + tuple((X[3], X[2]) for X, _ in _X_AND_CENTERS),
            (
                Misconception(
                    "distance-not-squared",
                    "This is the distance itself: for (0, 0) and (3, 4) it gives 5, not 25.",
                    _ROOT_WHY,
                    "k-means wants the square; leave out the last operation.",
                    (lambda a, b: np.sqrt(_squared(a, b)),),
                ),
                Misconception(
                    "squared-twice",
                    "This squares twice: for (0, 0) and (3, 4) it gives 625, not 25.",
                    _TWICE_WHY,
                    "square each difference once; what adds them up needs no square.",
                    (lambda a, b: _squared(a, b) ** 2, lambda a, b: ((a - b) ** 4).sum()),
                ),
                Misconception(
                    "differences-not-squared",
                    "This adds up differences without squaring them.",
                    "A difference of -3 and one of +3 cancel, as if the two points were one.",
                    "what makes every difference positive before you add?",
                    (lambda a, b: (a - b).sum(), lambda a, b: (b - a).sum()),
                ),
                Misconception(
                    "manhattan",
                    "This adds up absolute differences: the way a taxi goes, around corners.",
                    "It is a distance too, but medians and not means belong to it.",
                    "square the differences instead of taking their absolute values.",
                    (lambda a, b: np.abs(a - b).sum(),),
                ),
                Misconception(
                    "not-summed",
                    "This returns one value for each column.",
                    "Two points have one squared distance, however many columns there are.",
                    "add the columns' squares up.",
                    (lambda a, b: (a - b) ** 2,),
                ),
                Misconception(
                    "mean-not-sum",
                    "This is the mean over the columns instead of the sum.",
                    "For (0, 0) and (3, 4) it gives 12.5; Pythagoras says 25.",
                    "add, and do not divide.",
                    (lambda a, b: ((a - b) ** 2).mean(),),
                ),
            ),
        ),
    ),
)


# assign(X, centers)


def _differences(X, centers):
    return X[:, None, :] - centers[None, :, :]


ASSIGN = Exercise(
    "assign(X, centers)",
    "labels: an array of one whole number for each point, from 0 to the number of centres less 1",
    "Every point is with its nearest centre. (Distance or squared distance: the labels are alike.)",
    assign,
    (
        Stage(
            _X_AND_CENTERS,
            (
                Misconception(
                    "argmax",
                    "Every point joins the centre that is farthest from it.",
                    "Then clusters are spread over the whole picture and the error grows.",
                    "which of the distances in a row do you want: the largest?",
                    (lambda X, centers: squared_distances(X, centers).argmax(axis=1),),
                ),
                Misconception(
                    "counted-from-1",
                    "The labels count from 1: the first centre is number 0.",
                    "centers[1] is the second centre, so every point would get its neighbour's.",
                    "Python counts from 0, and so does argmin.",
                    (lambda X, centers: assign(X, centers) + 1,),
                ),
                Misconception(
                    "axis-swapped",
                    "An axis is swapped: you compare along the wrong side of a table.",
                    "Points are rows and centres are columns of the table of distances; the "
                    "smallest is wanted in each row, and the columns of X are to be added up.",
                    "print the shape after each line: (points, centres) before you choose.",
                    (
                        lambda X, centers: squared_distances(X, centers).argmin(axis=0),
                        lambda X, centers: (_differences(X, centers) ** 2).sum(1).argmin(axis=1),
                        lambda X, centers: (_differences(X, centers) ** 2).sum(0).argmin(axis=1),
                        lambda X, centers: (_differences(X, centers) ** 2).sum(0).argmin(axis=0),
                    ),
                ),
                Misconception(
                    "differences-not-squared",
                    "The differences are added up without being squared.",
                    "Negative ones make a far centre look near.",
                    "square each difference before you add.",
                    (
                        lambda X, centers: _differences(X, centers).sum(2).argmin(1),
                        lambda X, centers: (-_differences(X, centers)).sum(2).argmin(1),
                        lambda X, centers: np.abs(_differences(X, centers).sum(2)).argmin(1),
                    ),
                ),
                Misconception(
                    "one-column",
                    "Only one column of X decides; the others are not looked at.",
                    "Two points one above the other are far apart too.",
                    "add up the squares of all columns.",
                    (
                        lambda X, centers: assign(X[:, :1], centers[:, :1]),
                        lambda X, centers: assign(X[:, -1:], centers[:, -1:]),
                    ),
                ),
                Misconception(
                    "distance-not-label",
                    "This returns distances, not the number of the centre.",
                    "The E-step asks which centre is nearest, not how near it is.",
                    "min gives the smallest value; what gives its place?",
                    (
                        lambda X, centers: squared_distances(X, centers).min(axis=1),
                        lambda X, centers: np.sqrt(squared_distances(X, centers).min(axis=1)),
                        squared_distances,
                        lambda X, centers: np.sqrt(squared_distances(X, centers)),
                    ),
                ),
                Misconception(
                    "never-assigned",
                    "Every point gets the label 0.",
                    "Then there is one cluster only, and the other centres have no points.",
                    "do you keep the number of the nearest centre anywhere?",
                    (lambda X, centers: np.zeros(len(X)),),
                ),
            ),
        ),
    ),
)


# update(X, labels, centers)


def _filled(what):
    """An update that writes ``what(points of the cluster)`` into the row of each centre."""

    def compute(X, labels, centers):
        new = centers.copy()
        for j in range(len(centers)):
            new[j] = what(X[labels == j])
        return new

    return compute


def _listed(what):
    """An update that collects ``what(points of the cluster)`` for each centre."""

    def compute(X, labels, centers):
        return np.array([what(X[labels == j]) for j in range(len(centers))])

    return compute


def _mean_of_all(X, labels, centers):
    return np.tile(X.mean(axis=0), (len(centers), 1))


def _medians(X, labels, centers):
    return _filled(lambda points: np.median(points, axis=0))(X, labels, centers)


def _empty_is_zero(X, labels, centers):
    return _listed(lambda points: points.sum(axis=0) / max(len(points), 1))(X, labels, centers)


def _empty_is_dropped(X, labels, centers):
    return np.array([X[labels == j].mean(axis=0) for j in np.unique(labels)])


def _empty_fails(X, labels, centers):
    if len(np.unique(labels)) < len(centers):
        raise ZeroDivisionError
    return update(X, labels, centers)


UPDATE = Exercise(
    "update(X, labels, centers)",
    "the new centres: one row for each centre, one column for each column of X",
    "Every centre is the mean of its points, and one without points stays where it is.",
    update,
    (
        Stage(
            _TABLES,
            (
                Misconception(
                    "never-updated",
                    "The centres come back as they went in.",
                    "If they never move, the second E-step changes nothing and the run is over.",
                    "do you return the new centres, or the argument?",
                    (lambda X, labels, centers: centers,),
                ),
                Misconception(
                    "all-points",
                    "Every centre lands on the same spot: the mean of all points.",
                    "Each centre has a say over its own points only.",
                    "choose the rows of one cluster first: labels == j.",
                    (_mean_of_all, lambda X, labels, centers: X.mean(axis=0)),
                ),
                Misconception(
                    "median",
                    "These are medians, column by column.",
                    "The median makes the sum of absolute differences smallest; for squared "
                    "distances only the mean does, so the error can rise.",
                    "which average belongs to squares?",
                    (_medians,),
                ),
                Misconception(
                    "axis-swapped",
                    "An axis is swapped: you average over the columns of each point.",
                    "A centre needs one mean for each column, taken down its points.",
                    "axis=0 goes down the rows, axis=1 goes along a row.",
                    (
                        _filled(lambda points: points.mean(axis=1)),
                        _listed(lambda points: points.mean(axis=1)),
                    ),
                ),
                Misconception(
                    "columns-mixed",
                    "One number stands for all columns of a centre.",
                    "x and y are averaged together, so all centres lie on the diagonal.",
                    "say along which axis to take the mean.",
                    (_filled(lambda points: points.mean()), _listed(lambda points: points.mean())),
                ),
                Misconception(
                    "not-divided",
                    "The points are added up but not divided by how many they are.",
                    "A sum lies far outside its cluster; a mean divides by the points of this "
                    "cluster, not by all points.",
                    "how many points has cluster j?",
                    (
                        _filled(lambda points: points.sum(axis=0)),
                        lambda X, labels, centers: (
                            _filled(lambda points: points.sum(axis=0))(X, labels, centers) / len(X)
                        ),
                    ),
                ),
                Misconception(
                    "counted-from-1",
                    "Each centre gets the points of the next cluster.",
                    "Labels count from 0; you look for 1 first.",
                    "compare labels with j, where j starts at 0.",
                    (
                        lambda X, labels, centers: _listed(lambda points: points.mean(axis=0))(
                            X, labels - 1, centers
                        ),
                        lambda X, labels, centers: update(X, labels - 1, centers),
                    ),
                ),
            ),
        ),
        Stage(
            _WITH_EMPTY,
            (
                Misconception(
                    "empty-forgotten",
                    "All is right until a cluster is empty: then its centre is lost (NaN, 0, no "
                    "row at all, or an error).",
                    "No points have no mean: it would be 0 divided by 0.",
                    "begin with centers.copy() and change only the rows of clusters with points.",
                    (
                        _listed(lambda points: points.mean(axis=0)),
                        _empty_is_zero,
                        _empty_is_dropped,
                        _empty_fails,
                    ),
                ),
            ),
        ),
    ),
)


# total_error(X, labels, centers)


def _own(X, labels, centers):
    return ((X - centers[labels]) ** 2).sum(axis=1)


TOTAL_ERROR = Exercise(
    "total_error(X, labels, centers)",
    "one number: the squared distances of all points to the centres of their clusters, added up",
    "This is what k-means lowers, half-step by half-step: the inertia.",
    inertia,
    (
        Stage(
            _TABLES,
            (
                Misconception(
                    "distance-not-squared",
                    "This adds up distances; k-means adds up squared distances.",
                    _ROOT_WHY,
                    "leave out the root.",
                    (
                        lambda X, labels, centers: np.sqrt(_own(X, labels, centers)).sum(),
                        lambda X, labels, centers: np.sqrt(_own(X, labels, centers).sum()),
                    ),
                ),
                Misconception(
                    "squared-twice",
                    "Here the distance is squared twice.",
                    _TWICE_WHY,
                    "square each difference once, and what adds them up not at all.",
                    (
                        lambda X, labels, centers: (_own(X, labels, centers) ** 2).sum(),
                        lambda X, labels, centers: ((X - centers[labels]) ** 4).sum(),
                    ),
                ),
                Misconception(
                    "mean-not-sum",
                    "This is the mean squared distance; the total error is the sum.",
                    "The mean is as good a measure, but not the inertia of the other pictures.",
                    "add, and do not divide.",
                    (
                        lambda X, labels, centers: _own(X, labels, centers).mean(),
                        lambda X, labels, centers: ((X - centers[labels]) ** 2).mean(),
                    ),
                ),
                Misconception(
                    "all-centers",
                    "This adds up the distances of every point to every centre.",
                    "A point pays only for the way to the centre of its own cluster.",
                    "centers[labels] has one row for each point: its own centre.",
                    (lambda X, labels, centers: squared_distances(X, centers).sum(),),
                ),
                Misconception(
                    "labels-ignored",
                    "This takes the nearest centre of each point instead of the one in labels.",
                    "After an M-step a point may lie nearer to another centre, and the error has "
                    "to show it: that is what the next E-step takes off.",
                    "use the labels that are passed in.",
                    (lambda X, labels, centers: squared_distances(X, centers).min(axis=1).sum(),),
                ),
                Misconception(
                    "centers-ignored",
                    "This takes the mean of each cluster, not the centres that are passed in.",
                    "After an E-step the centres are not the means yet, and the error has to show "
                    "it: that is what the next M-step takes off.",
                    "use the centres that are passed in.",
                    (lambda X, labels, centers: inertia(X, labels, update(X, labels, centers)),),
                ),
                Misconception(
                    "manhattan",
                    "This adds up absolute differences.",
                    "Medians, not means, make that sum smallest.",
                    "square the differences.",
                    (lambda X, labels, centers: np.abs(X - centers[labels]).sum(),),
                ),
                Misconception(
                    "not-summed",
                    "This returns several values, the total error is one number.",
                    "One number lets you compare two half-steps.",
                    "add up over the columns and over the points.",
                    (_own, lambda X, labels, centers: ((X - centers[labels]) ** 2).sum(axis=0)),
                ),
            ),
        ),
    ),
)


# kmeans(X, centers)


def _loop(assign=assign, update=update, longest=100):
    """The whole loop with other half-steps, until no label changes."""

    def compute(X, centers):
        before = None
        for _ in range(longest):
            labels = assign(X, centers)
            if before is not None and np.array_equal(labels, before):
                break
            before, centers = labels, update(X, labels, centers)
        return labels, centers

    return compute


_END = 10**6


def _after(e_steps, m_steps):
    """Labels of one E-step and centres of one M-step of the right run; negative: from the end."""

    def compute(X, centers):
        run = lloyd(X, centers, tol=0, empty="stay")
        # the last iteration changes nothing, so the end is one iteration before it
        last = run.n_iter - 1
        e, m = (max(n + last, 1) if n < 0 else min(n, last) for n in (e_steps, m_steps))
        return run[2 * e - 1].labels, run[2 * m].centers

    return compute


def _farthest(X, centers):
    return squared_distances(X, centers).argmax(axis=1)


def _end(X, centers):
    run = lloyd(X, centers, tol=0, empty="stay")
    return run[-1].labels.astype(int), run[-1].centers


KMEANS = Exercise(
    "kmeans(X, centers)",
    "labels and centres, as a pair: return labels, centers",
    "Your loop ends where k-means ends: no point changes its cluster any more.",
    _end,
    (
        Stage(
            _RUNS,
            (
                Misconception(
                    "never-updated",
                    "The centres stay at the start for ever.",
                    "The second E-step sees the same centres, finds the same labels and the loop "
                    "takes that for the end.",
                    "put what update returns back into centers.",
                    (_after(1, 0),),
                ),
                Misconception(
                    "stops-too-soon",
                    "Your loop stops after one and the same number of rounds, whatever the data.",
                    "Some starts need many more rounds until nothing changes.",
                    "is return inside the loop? Or is the number of rounds too small?",
                    tuple(_after(m + more, m) for m in range(1, 9) for more in (0, 1)),
                ),
                Misconception(
                    "one-short",
                    "Your loop stops one half-step or one iteration before the end.",
                    "It compares the wrong states, or returns what it had before the last step.",
                    "stop only when a whole E-step has changed no label; return the newest values.",
                    (_after(-1, -1), _after(_END, -1), _after(-1, _END)),
                ),
                Misconception(
                    "pair-swapped",
                    "The centres come first and the labels second.",
                    "Whoever writes labels, centers = kmeans(...) gets them the wrong way round.",
                    "swap them in the return line.",
                    (lambda X, centers: _end(X, centers)[::-1],),
                ),
                Misconception(
                    "half-returned",
                    "Only one of the two comes back.",
                    "Both are needed: where the centres are and which points are theirs.",
                    "return labels, centers",
                    (
                        lambda X, centers: _end(X, centers)[0],
                        lambda X, centers: _end(X, centers)[1],
                    ),
                ),
                Misconception(
                    "counted-from-1",
                    "The labels count from 1.",
                    "centers[1] is the second centre.",
                    "Python counts from 0.",
                    (lambda X, centers: (_end(X, centers)[0] + 1, _end(X, centers)[1]),),
                ),
                Misconception(
                    "all-points",
                    "In your M-step every centre goes to the mean of all points.",
                    "All centres fall together, and the first one gets all points.",
                    "choose the rows of one cluster first: labels == j.",
                    (_loop(update=_mean_of_all),),
                ),
                Misconception(
                    "median",
                    "Your M-step takes medians.",
                    "That is another method, k-medians, with another end; squares ask for means.",
                    "which average makes the sum of squares smallest?",
                    (_loop(update=_medians),),
                ),
                Misconception(
                    "argmax",
                    "Your E-step sends each point to the farthest centre.",
                    "The error rises instead of falling.",
                    "largest or smallest distance?",
                    (_loop(assign=_farthest), _loop(assign=_farthest, longest=99)),
                ),
            ),
        ),
    ),
)


# Questions with one answer.

ANSWERS = {
    "00.centres": Answer(
        "How many centres does the player of lesson 00 have at first?",
        4,
        "Four centres, numbered 0, 1, 2 and 3.",
        "look for the large markers with a number.",
        {
            300: ("points", "You counted the points. Each of them belongs to one centre."),
            3: ("last-number", "The last centre has the number 3, but the first one has 0."),
            5: ("one-more", "There is one less: the numbers begin with 0 and end with 3."),
        },
    ),
    "01.predict": Answer(
        "In how many ways can 4 points be put into 2 clusters, none of them empty?",
        7,
        "Seven: 4 ways with one point alone, and 3 ways with two and two.",
        "call the points a, b, c, d, and write down who is in the cluster with a.",
        {
            14: (
                "names-counted",
                "You told the clusters' names apart: swap the labels 0 and 1, and the groups are "
                "the same.",
            ),
            16: (
                "labels-counted",
                "You counted all ways to write down labels: those with an empty cluster are among "
                "them, and the same groups come twice, with the names swapped.",
            ),
            8: (
                "empty-allowed",
                "This is one too many: all points in one cluster leaves the other one empty.",
            ),
            6: (
                "pairs-only",
                "You chose 2 points of 4: that leaves out one against three, and counts each even "
                "split twice, once for either half.",
            ),
        },
    ),
    "02.predict": Answer(
        "Points at 1, 2, 4, 8, 9, centres at 1 and 2: how many E-steps until one changes nothing, "
        "that one included?",
        4,
        "Four E-steps: the first gives all points a cluster, the second moves the point at 2, the "
        "third the point at 4, and the fourth finds out that it is over.",
        "after each M-step write down both centres, then who is nearer to which.",
        {
            3: ("last-not-counted", "You left out the last E-step, the one that changes nothing."),
            2: (
                "first-not-counted",
                "You counted the E-steps in which a point changes sides only.",
            ),
            8: ("half-steps", "You counted half-steps: E and M. The question is for E-steps only."),
            7: ("half-steps", "You counted half-steps: E and M. The question is for E-steps only."),
            9: ("snapshots", "You counted the start and all half-steps; count the E-steps only."),
        },
    ),
    "02.prove": Answer(
        "Why must k-means stop? a: tol is small. b: the error never rises and there are finitely "
        "many ways to label the points. c: the error gets to zero. d: max_iter ends it.",
        "b",
        "It never rises, and no labelling comes twice, so after finitely many steps it is over.",
        "what would have to happen for the loop to go on for ever?",
        {
            "a": ("tol", "tol ends a run sooner, but with tol=0 it stops as well."),
            "c": ("zero", "The error stays above zero unless every point has its own centre."),
            "d": ("max-iter", "max_iter is a safety belt: without it the run ends as well."),
        },
    ),
}
