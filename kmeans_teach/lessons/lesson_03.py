"""Lesson 03, Where you start: two explorers, the chances of k-means++, and clusters renamed."""

from functools import cache
from numbers import Integral

import numpy as np

from ..history import number
from ..kmeans import KMeans
from ..matching import match_labels, numbers_like
from ..pictures.plane import project
from ..seeding import farthest_first, kmeans_plusplus, random_partition, random_points
from ..textbook import lloyd, squared_distances
from ..validation import as_n_clusters, as_points
from ..widgets.axes import Axis
from ..widgets.film import Film, Frame
from ..widgets.panels import Curve, Grid, Points
from . import cases
from .cases import dealt, floats, made
from .exercise import exercise, questions

MOST_POINTS, MOST_SEEDS = 5_000, 24
MORE, TRIED = 6, 60  # stuck seeds beyond those that were asked for, and how many are tried for them
SAME = 1e-6  # inertias that differ by less than this share are equal to rounding
STARTS = {
    "k-means++": kmeans_plusplus,
    "random points": random_points,
    "random partition": random_partition,
    "farthest first": farthest_first,
}
PHASES = "chances", "candidates", "taken"


class _Starts(Film):
    """What both explorers of starts have: points, of which there are few, and how they look."""

    def _take(self, X, n_clusters):
        self._X, self._flat = as_points(X).astype(float), project(X)  # a copy of its own
        if (n := len(self._X)) > MOST_POINTS:
            raise ValueError(
                f"X has {n} points, more than can be told apart here: pass a sample of at most "
                f"{MOST_POINTS}, for example X[::{-(-n // MOST_POINTS)}]"
            )
        self._k, self._points = as_n_clusters(n_clusters, n), self._flat(self._X)
        return self._k

    def _dots(self, labels, centers, **look):
        """A panel of the points; borders stand where there are clusters and distances are true."""
        centers = None if centers is None or not len(centers) else self._flat(centers)
        look = {"names": self._flat.names, **look}
        look["borders"] = self._flat.exact and labels is not None
        return Points(self._points, labels, centers, **look)


class SeedGallery(_Starts):
    """Runs from many seeds step together: which find the best end, and which get stuck?

    The small pictures show a run for each of ``seeds``, and the chosen one is large. Beyond the
    last of them, the slider *Seed* goes on to the next seeds that get stuck. Each run is that of
    ``KMeans(n_clusters, init=init, n_init=1, random_state=seed)``, half-step by half-step.

    Parameters
    ----------
    X : array or DataFrame of shape (n_samples, n_features)
        At most 5,000 points. More than two columns are shown by their principal components.
    n_clusters : int
    seeds : sequence of int
        The seeds that are shown side by side, at most 24.
    init : {"random", "k-means++"}
        How the runs start that are shown first.
    **look
        ``title``, ``height`` and ``twin``, as for a Film.

    Attributes
    ----------
    init, step, seed : str, int, int
        Where the controls stand. Set them to go there.
    best : float
        The lowest inertia of all runs that were tried. It need not be the lowest possible one.

    Raises
    ------
    TypeError, ValueError
        If the points or an option cannot be used; the message says why.

    Examples
    --------
    >>> gallery = SeedGallery([[0.0], [1.0], [4.0], [9.0], [10.0]], 3, seeds=range(4))
    >>> gallery.go(seed=2, step=4)
    >>> gallery.shown.rows[0][1].title
    'Seed 2 ends at inertia 1.0000: the best'
    """

    def __init__(self, X, n_clusters, *, seeds=range(12), init="random", **look):
        k = self._take(X, n_clusters)
        self._seeds = list(seeds)
        whole_ones = all(isinstance(s, Integral) and s >= 0 for s in self._seeds)
        if not whole_ones or not 1 <= len(set(self._seeds)) == len(self._seeds) <= MOST_SEEDS:
            raise ValueError(
                f"seeds={seeds!r}: pass 1 to {MOST_SEEDS} different whole numbers from 0"
            )
        self._fits = {name: {} for name in ("random", "k-means++")}
        for name, fits in self._fits.items():
            for seed in self._seeds:
                fits[seed] = KMeans(k, init=name, n_init=1, random_state=seed).fit(self._X)
        self.best = min(fit.inertia_ for fits in self._fits.values() for fit in fits.values())
        for name, fits in self._fits.items():
            more = (seed for seed in range(TRIED) if seed not in fits)
            while sum(map(self._stuck, list(fits.values())[len(self._seeds) :])) < MORE:
                if (seed := next(more, None)) is None:
                    break
                fits[seed] = KMeans(k, init=name, n_init=1, random_state=seed).fit(self._X)
                self.best = min(self.best, fits[seed].inertia_)
        every = [fit for fits in self._fits.values() for fit in fits.values()]
        self._like = min(every, key=lambda fit: fit.inertia_).labels_
        self._run, self._small = cache(self._run), cache(self._small)  # what is shared crosses once
        longest = max(
            len(fits[s].history_) for fits in self._fits.values() for s in self._offered(fits)
        )
        axes = {
            "init": Axis(tuple(self._fits), "Start", control="choice", later=True),
            "step": Axis(range(longest), "Half-step"),
            "seed": Axis(lambda init: self._offered(self._fits[init]), "Seed", self._text),
        }
        look = {"height": 430, "twin": [{"step": longest - 1}], **look}
        super().__init__(axes, start={"init": init}, **look)

    def _stuck(self, fit):
        return fit.inertia_ > self.best * (1 + SAME)

    def _offered(self, fits):
        """The seeds that were asked for, and the next ones that get stuck."""
        stuck = [s for s, fit in fits.items() if s not in self._seeds and self._stuck(fit)]
        return [*self._seeds, *stuck[:MORE]]

    def _text(self, seed, init):
        return f"seed {seed}" + ", stuck" * self._stuck(self._fits[init][seed])

    def _run(self, init, seed):
        """Centres and labels of each half-step, numbered as in the best run, and its sentences."""
        fit = self._fits[init][seed]
        names = numbers_like(fit.labels_, self._like, self._k)
        run, back = fit.history_, np.argsort(names)
        shots = [(s.centers[back], None if s.labels is None else names[s.labels]) for s in run]
        return shots, [run.sentence(i) for i in range(len(run))], [s.inertia for s in run]

    def _end(self, init, seed):
        fit = self._fits[init][seed]
        share = 100 * (fit.inertia_ / self.best - 1) if self.best else np.inf
        return f"stuck, {share:.3g} % higher" if self._stuck(fit) else "the best"

    def _small(self, init, step):
        """The grid at one half-step."""
        panels = []
        for seed in self._seeds:
            shots = self._run(init, seed)[0]
            (centers, labels), over = shots[min(step, len(shots) - 1)], step >= len(shots) - 1
            end = f": {self._end(init, seed).split(',')[0]}" if over else ""
            panels.append(self._dots(labels, centers, small=True, title=f"Seed {seed}{end}"))
        return Grid(panels, axis="seed", title="Choose one to see it large", wide=1.35)

    def frame(self, init, step, seed):
        """All runs at one half-step, and one of them large."""
        shots, said, inertias = self._run(init, seed)
        at, last = min(step, len(shots) - 1), len(shots) - 1
        centers, labels = shots[at]
        title = f"Seed {seed}"
        if at == last:
            title += f" ends at inertia {number(inertias[last])}: {self._end(init, seed)}"
        large = self._dots(labels, centers, title=title)
        over = sum(step >= len(self._run(init, s)[0]) - 1 for s in self._seeds)
        good = sum(not self._stuck(self._fits[init][s]) for s in self._seeds)
        n = len(self._seeds)
        told = f"{over} of {n} runs have ended"
        if over == n:
            told = f"{good} of {n} runs end at the best inertia, {number(self.best)}"
        words = f"Seed {seed}. {said[at]}. {told}."
        line = Curve(title="Inertia of the large run", axis="step", lines=("inertia",), tall=0.4)
        return Frame(
            words, [[self._small(init, step), large], [line]], {"inertia": float(inertias[at])}
        )


class SeedingPlayer(_Starts):
    """Step through the draws of k-means++ and of three other ways to start.

    Before each draw of k-means++ the halo of a point shows D², its squared distance to the nearest
    centre so far: the area is in proportion to the chance to be drawn. Then come the candidates
    (ringed), then the one that is taken. The small pictures show all four ways at the same number
    of centres, and at the end what k-means makes of each start.

    Parameters
    ----------
    X : array or DataFrame of shape (n_samples, n_features)
        At most 5,000 points. Of more than two columns the first two principal components are
        shown; distances are those of all columns.
    n_clusters : int
        How many centres are drawn.
    random_state : int
        The seed that is shown first.
    seeds : sequence of int
        The seeds to choose from.
    strategy : {"k-means++", "random points", "random partition", "farthest first"}
        The one that is shown large at first.
    **look
        ``title``, ``height`` and ``twin``, as for a Film.

    Attributes
    ----------
    strategy, step, seed : str, str, int
        Where the controls stand. Set them to go there: ``starts.step = "the end"``.

    Raises
    ------
    TypeError, ValueError
        If an argument cannot be used; the message says why.

    Examples
    --------
    >>> starts = SeedingPlayer([[0.0], [1.0], [8.0], [9.0]], 2)
    >>> starts.step = "the end"
    >>> starts.shown.words
    'From this start of k-means++, k-means ends at inertia 1.000.'
    """

    def __init__(
        self, X, n_clusters, *, random_state=0, seeds=range(12), strategy="k-means++", **look
    ):
        k = self._take(X, n_clusters)
        seeds = sorted({*seeds, random_state})
        draws = [
            f"draw {j + 1}: {phase}" for j in range(k) for phase in PHASES if j or phase == "taken"
        ]
        self._made, self._small = cache(self._make), cache(self._small)
        axes = {
            "strategy": Axis(tuple(STARTS), "Start", control="choice"),
            "step": Axis([*draws, "the end"], "Step"),
            "seed": Axis(seeds, "Seed", "seed {}".format, later=True),
        }
        look = {"height": 430, "twin": [{"step": draws[-1]}], **look}
        super().__init__(axes, start={"strategy": strategy, "seed": random_state}, **look)

    def _make(self, strategy, seed):
        """A start, and where k-means ends from there."""
        start = STARTS[strategy](self._X, self._k, seed)
        return start, lloyd(self._X, start.centers)[-1]

    def _small(self, seed, many, over):
        """All ways to start with as many centres."""
        panels = []
        for name in STARTS:
            start, end = self._made(name, seed)
            shown = (end.labels, end.centers) if over else (None, start.centers[:many])
            title = f"{name}: {number(end.inertia)}" if over else name
            panels.append(self._dots(*shown, small=True, title=title))
        title = f"All four ways, centres: {many}"
        if over:
            title = "Where k-means ends from each, and its inertia"
        return Grid(panels, axis="strategy", title=title)

    def frame(self, strategy, step, seed):
        """One half-draw large, and all ways to start at the same number of centres."""
        start, end = self._made(strategy, seed)
        if step == "the end":
            title = "What k-means makes of this start"
            large = self._dots(end.labels, end.centers, title=title, wide=1.4)
            words = f"From this start of {strategy}, k-means ends at inertia {number(end.inertia)}."
            return Frame(words, [[large, self._small(seed, self._k, True)]])
        draw, phase = step.removeprefix("draw ").split(": ")
        many = int(draw) - (phase != "taken")
        centers, look, below = start.centers[:many], {"wide": 1.4}, self._small(seed, many, False)
        if not start.draws:
            words = "Every point gets a random cluster; the centres are the means of the clusters."
            title = f"{many} of {self._k} centres: means of random parts"
            return Frame(words, [[self._dots(None, centers, title=title, **look), below]])
        drawn = start.draws[int(draw) - 1]
        title, words = self._said(drawn, phase, many)
        if drawn.d2 is not None and phase != "taken":
            look["halos"] = drawn.d2 / drawn.d2.mean() if drawn.d2.any() else drawn.d2
        if phase == "candidates":
            look["marked"] = np.isin(np.arange(len(self._X)), drawn.candidates)
        return Frame(words, [[self._dots(None, centers, title=title, **look), below]])

    def _said(self, drawn, phase, many):
        """The title and the sentence of a half-draw."""
        head, k = f"Draw {drawn.cluster + 1} of {self._k}", self._k
        if phase == "taken":
            return f"{many} of {k} centres", f"{head}: point {drawn.taken} is taken."
        if drawn.d2 is None:
            return f"{many} of {k} centres", f"{head}: every point has the same chance."
        if phase == "chances":
            far = drawn.d2.max() / (drawn.d2.mean() or 1)
            words = f"{head}: the farthest point has {far:.1f} times the chance of the mean point."
            if drawn.potentials is None:
                words = f"{head}: the farthest point is taken, whatever its chance."
            return "The area of the halo is D²", words
        if drawn.potentials is None:
            words = f"{head}: point {drawn.candidates[0]} is farthest."
            return "The ringed point is farthest", words
        left = zip(drawn.candidates, drawn.potentials, strict=True)
        left = ", ".join(f"{number(rest)} with point {row}" for row, rest in left)
        return "The ringed points are candidates", f"{head}: the sum of D² would be {left}."


# draw_probabilities(X, centers)
def _normed(weights):
    return weights / weights.sum()


def _d2(X, centers):
    return squared_distances(X, centers).min(axis=1)


# the first centres are points of X, as they are when k-means++ draws the next one
_STARTED = (
    floats([[0, 0], [3, 4], [6, 0], [0, 1]], [[0, 0]]),
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
    return _normed(_d2(X, centers))


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
    d2 = _d2(X, centers)
    yield from (d2, np.sqrt(d2), d2 / d2.max())


@draw_probabilities.wrong
def farthest_always(X, centers):
    """The farthest point gets all the probability.
    That is farthest first: no chance is left in it, and an outlier always wins.
    Hint: every point may be drawn, in proportion to its squared distance."""
    for far in (_d2(X, centers), squared_distances(X, centers).sum(axis=1)):
        yield (np.arange(len(X)) == far.argmax()).astype(float)


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
    squares = squared_distances(X, centers)
    yield from (_normed(squares.sum(axis=1)), _normed(np.sqrt(squares).sum(axis=1)))
    yield squares.mean(axis=1)


@draw_probabilities.wrong
def one_centre(X, centers):
    """Only one of the centres is looked at.
    Points near the other ones would be drawn as if nobody stood there.
    Hint: measure to every centre and keep the smallest."""
    yield from (_normed(_d2(X, one)) for one in (centers[-1:], centers[:1]))


# relabel(labels, reference)
def _names(labels, reference):
    """Give the right new number of each cluster."""
    return match_labels(labels, reference)[np.unique(labels, return_index=True)[1]]


def _greedy_by_cluster(labels, reference):
    """Cluster 0 chooses first, then cluster 1 of what is left, and so on."""
    table, names = cases.counts(labels, reference), []
    for row in table:
        names.append(row.argmax())
        table[:, names[-1]] = -1
    return np.array(names)[labels]


def _paired(mine, theirs, labels):
    """Rename each cluster in ``mine`` to the one at the same place in ``theirs``."""
    return np.array(theirs)[np.argsort(mine)][labels]


# four clusters each; one best matching each, and greedy ways miss it in the last three
_PAIRS = (
    (np.array([1, 1, 2, 3, 3, 3, 0, 0]), np.array([0, 0, 1, 2, 2, 2, 3, 3])),
    dealt("0610 0107 5001 1080", 30),
    dealt("7601 6010 0109 1050", 37),
    dealt("0740 1870 6012 0024", 42),
    dealt("6005 1700 0182 9001", 40),
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
    yield cases.majority(labels, reference)


@relabel.wrong
def greedy(labels, reference):
    """The largest overlap is given away first, then the next largest.
    An early choice can take the number that another cluster needs more: here another renaming
    agrees at more points.
    Hint: look at all renamings at once: linear_sum_assignment with maximize=True."""
    yield from (cases.greedy(labels, reference), _greedy_by_cluster(labels, reference))


@relabel.wrong
def backwards(labels, reference):
    """The right pairs are found, but they are read in the wrong direction.
    If cluster 2 is called 0 in the reference, every 2 must become 0, not every 0 a 2.
    Hint: which side of the pair do you look up in labels?"""
    yield np.argsort(_names(labels, reference))[labels]


@relabel.wrong
def by_size(labels, reference):
    """Clusters are paired by their size: largest with largest.
    Clusters of one size need not have a single point in common.
    Hint: count the points that two clusters share."""
    sizes = [np.argsort(-np.bincount(v), kind="stable") for v in (labels, reference)]
    yield _paired(*sizes, labels)


@relabel.wrong
def by_appearance(labels, reference):
    """Clusters are paired in the order in which they appear.
    One point that changed sides is enough to pair the wrong ones.
    Hint: count over all points, not at the first of each cluster."""
    yield _paired([*dict.fromkeys(labels)], [*dict.fromkeys(reference)], labels)


@relabel.wrong
def mapping_returned(labels, reference):
    """This is one new number for each cluster.
    Asked for is one number for each point, to be compared with the reference.
    Hint: if names holds the new number of each cluster, what is names[labels]?"""
    yield _names(labels, reference)


ANSWERS = questions("""
03.predict within 1e-6: Each run finds the best end with probability 0.8. What is the probability
        that none of 3 runs finds it?
    Hint: with which probability does one run fail, and two of two?
    0.008: 0.2 times 0.2 times 0.2: three runs fail together in 8 of 1,000 cases.
    0.2, one-run: That is the probability that one run fails; here all three must.
    0.512, all-three: That is the probability that all three runs find it.
    0.992, at-least-one: That is the probability that at least one of them finds it.
    0.6, added: You added 0.2 three times: with six runs that would be more than 1. Runs that do not
        know of each other multiply.
    0.04, two-runs: That is for two runs; a third one fails as well.
    0.096, one-finds-it: That is for exactly one run that finds it, and two that fail.
""")
