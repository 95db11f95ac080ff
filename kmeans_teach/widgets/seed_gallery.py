"""Many seeds side by side: where each start ends, and how many starts the best answer needs."""

from __future__ import annotations

import hashlib
import math
import warnings
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import pairwise
from numbers import Integral

import numpy as np
import traitlets
from scipy.optimize import linear_sum_assignment
from sklearn.exceptions import ConvergenceWarning

from ..figures import TEXT, TITLE, project
from ..history import History, number
from ..kmeans import KMeans
from ..seeding import plusplus_rows, random_rows
from ..style import color, marker
from ..textbook import lloyd
from ..validation import as_n_clusters, as_points
from .sheet import Sheet, binary, one_of, plane, script, styles, whole

INITS = ("random", "k-means++")
MOST_POINTS, MOST_SHOWN = 20_000, 48
#: Points x columns x clusters x seeds from which only one way to start is tried.
MUCH_WORK = 2e7
#: Inertias that differ by less than this share of the highest one are equal to rounding.
SAME = 1e-6
#: Up to so many clearly separate outcomes get a bar each; more share bins of equal width.
FEW_BARS, BINS = 6, 24


class SeedGallery(Sheet):
    """Runs from many seeds: some step together, all of them count.

    The pictures show one run a seed, with matched colours. The histogram counts where the seeds
    0, 1, ..., ``more_seeds`` - 1 end: press a bar to see such a run. The curve says how likely the
    best of ``n_init`` runs is the best of all.

    Parameters
    ----------
    X : array or DataFrame of shape (n_samples, n_features)
        At most 20,000 points. More than two columns are shown by their principal components.
    n_clusters : int
    seeds : iterable of int
        The seeds that are shown side by side, at most 48.
    more_seeds : int
        How many seeds the histogram counts: 0, 1, ..., ``more_seeds`` - 1.
    init : {"random", "k-means++"}
        How each run starts. The reader can switch to the other one; the attributes stay those of
        this one.
    title : str
        Shown above, as text.

    Attributes
    ----------
    inertias : ndarray of shape (more_seeds,)
        The final inertia of each seed: that of seed 3 is ``inertias[3]``. The same as those of
        ``sklearn.cluster.KMeans(n_clusters, init=init, n_init=1, random_state=seed)``.
    best : float
        The lowest inertia of all these runs. It need not be the lowest possible one.
    probability_of_best : float
        The share of the seeds 0, 1, ..., ``more_seeds`` - 1 that end at ``best``, to rounding.
    runs : list of History
        The runs of ``seeds``, their clusters renumbered to match the best of them.
    chosen : int or None
        The seed that is shown large. Set it to show another one; None shows all.

    Raises
    ------
    TypeError, ValueError
        If the points or an option cannot be used; the message says why.

    Notes
    -----
    Cluster numbers are matched by the Hungarian method, see ``match_labels``.

    Examples
    --------
    >>> X = [[0.0], [1.0], [4.0], [9.0], [10.0]]
    >>> gallery = SeedGallery(X, 3, seeds=range(4), more_seeds=20)
    >>> gallery.best, gallery.probability_of_best
    (1.0, 0.7)
    >>> gallery.n_init_for(0.99)
    4
    """

    _esm = script("core", "sheet", "seed_gallery")
    _css = styles("sheet", "seed_gallery")

    chosen = traitlets.Int(None, allow_none=True).tag(sync=True)
    _info = traitlets.Dict().tag(sync=True)
    _points = binary()
    _names = binary()

    def __init__(self, X, n_clusters, *, seeds=range(12), more_seeds=200, init="random", title=""):
        names = getattr(X, "columns", None)
        self.X = _as_few_points(X)
        self.n_clusters = as_n_clusters(n_clusters, len(self.X))
        self.seeds = _as_seeds(seeds)
        self.init = one_of(init, "init", INITS)
        more = whole(more_seeds, "more_seeds", 1, "seeds")
        self._flat = project(self.X, feature_names=names)
        self._trials = self._try_all(more)
        super().__init__(title=str(title), **self._packed())

    @traitlets.validate("chosen")
    def _a_seed(self, proposal):
        seed = proposal["value"]
        if seed is not None and seed not in self._trials[self.init].row:
            raise ValueError(
                f"chosen={seed}: choose one of the seeds 0 to {len(self.inertias) - 1}, or None"
            )
        return seed

    # ---------------------------------------------------------------- what Python sees

    @property
    def inertias(self) -> np.ndarray:
        """The final inertia of the seeds 0, 1, 2, ..., read-only."""
        return self._trials[self.init].counted

    @property
    def best(self) -> float:
        """The lowest inertia of all runs."""
        return self._trials[self.init].best

    @property
    def probability_of_best(self) -> float:
        """The share of the counted seeds that end at the best."""
        return self._trials[self.init].hits / len(self.inertias)

    @property
    def runs(self) -> list[History]:
        """The runs that are shown, with matched cluster numbers."""
        trials = self._trials[self.init]
        return [
            _renamed(lloyd(self.X, self.X[trials.starts[row]]), trials.names[row])
            for row in range(len(self.seeds))
        ]

    def chance(self, n_init) -> float:
        """The probability that the best of ``n_init`` runs is the best of all: 1 - (1 - p)^n_init.

        p is ``probability_of_best``, and every run is a new, independent draw.
        """
        return 1 - (1 - self.probability_of_best) ** whole(n_init, "n_init", 1, "runs")

    def n_init_for(self, probability=0.99) -> float:
        """The smallest ``n_init`` whose ``chance`` is at least this; infinite if p is 0."""
        if not 0 < probability < 1:
            raise ValueError(f"probability={probability!r}: pass a number between 0 and 1")
        return runs_needed(self.probability_of_best, probability)

    # -------------------------------------------------------------- what is computed and sent

    def _try_all(self, more):
        """The runs of all seeds by way to start, their clusters named after the same run."""
        seeds = [*self.seeds, *(s for s in range(more) if s not in set(self.seeds))]
        points, tried = self.X - self.X.mean(axis=0), {}
        both = self.X.size * self.n_clusters * len(seeds) < MUCH_WORK
        for init in INITS if both else [self.init]:
            starts = starting_rows(points, self.n_clusters, seeds, init)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", ConvergenceWarning)  # fewer distinct points
                rows = [self.X[some] for some in starts]
                runs = [KMeans(self.n_clusters, init=some, n_init=1).fit(self.X) for some in rows]
            tried[init] = starts, [run.labels_ for run in runs], [run.inertia_ for run in runs]
        _, labels, inertias = tried[self.init]
        reference = labels[int(np.argmin(inertias[: len(self.seeds)]))]
        return {
            init: _Trials.of(seeds, more, self.n_clusters, reference, *found)
            for init, found in tried.items()
        }

    def _packed(self):
        d = self.X.shape[1]
        trials = list(self._trials.values())
        return {
            "_points": self.X.tobytes(),
            "_names": np.stack([t.names for t in trials]).astype(np.uint16).tobytes(),
            "_info": {
                "d": d,
                "k": self.n_clusters,
                "seeds": list(self.seeds),
                "rows": list(trials[0].row),
                "inits": list(self._trials),
                "init": list(self._trials).index(self.init),
                "axes": list(self._flat.names),
                "plane": plane(self._flat, self.X),
                "trials": [t.in_browser() for t in trials],
            },
        }

    # ---------------------------------------------------------------- the static twin

    def digest(self) -> str:
        """What is shown, in one line: nbval compares it."""
        n, d = self.X.shape
        trials = self._trials[self.init]
        ends = hashlib.sha256()
        for row in range(len(self.seeds)):
            ends.update(trials.labels[row].astype(np.uint16).tobytes())
        return (
            f"SeedGallery({n} points x {d} columns, k={self.n_clusters}, init={self.init!r}, "
            f"{len(self.seeds)} seeds shown, best {number(self.best)} in {trials.hits} of "
            f"{len(self.inertias)} seeds, {ends.hexdigest()[:8]})"
        )

    def alt_text(self) -> str:
        """The pictures in words."""
        trials, more = self._trials[self.init], len(self.inertias)
        good = sum(trials.is_best(trials.inertias[: len(self.seeds)]))
        return (
            f"The final clusters of {len(self.seeds)} runs of k-means from different seeds: {good} "
            f"end at the best inertia, {number(self.best)}, {len(self.seeds) - good} at a higher "
            f"one. A histogram of {more} seeds: {trials.hits} end at the best, the worst at "
            f"{number(self.inertias.max())}. {self._needed_in_words()}."
        )

    def _needed_in_words(self):
        needed = self.n_init_for(0.99)
        if math.isinf(needed):
            return f"None of the {len(self.inertias)} seeds ends at the best"
        return f"n_init={needed} finds the best with a probability of 99 %"

    def twin_figure(self):
        """The ends of the runs, the histogram and the curve, made without pyplot."""
        from matplotlib.figure import Figure

        columns = 4
        rows = math.ceil(len(self.seeds) / columns)
        tall = 1.75 * rows + 3.5
        figure = Figure(figsize=(9.5, tall + 0.3 * bool(self.title)))
        whole_height = figure.get_figheight()
        if self.title:
            figure.text(
                0.02, 1 - 0.08 / tall, self.title, fontsize=TITLE + 1, weight="bold", va="top"
            )
        ends = figure.add_axes((0.01, 3.15 / whole_height, 0.98, 1.75 * rows / whole_height))
        self._draw_ends(ends, columns, rows)
        low, height = 0.72 / whole_height, 1.8 / whole_height
        self._draw_histogram(figure.add_axes((0.075, low, 0.5, height)))
        self._draw_curve(figure.add_axes((0.66, low, 0.32, height)))
        return figure

    def _draw_ends(self, ax, columns, rows):
        """All final clusterings in one Axes: twelve of them would cost four times as much."""
        trials, flat = self._trials[self.init], self._flat(self.X)
        low, span = flat.min(axis=0), max(np.ptp(flat, axis=0).max(), 1e-300)
        # a cell is 1.5 wide and 1.2 high; the points fill a square of 1 in it
        inside = (flat - low - np.ptp(flat, axis=0) / 2) / span * 0.96
        cells = [(1.55 * (i % columns), -1.2 * (i // columns)) for i in range(len(self.seeds))]
        places = np.concatenate([inside + cell for cell in cells])
        labels = np.concatenate(trials.labels[: len(cells)])
        for j in np.unique(labels):
            x, y = places[labels == j].T
            ax.plot(x, y, marker(j), color=color(j), markersize=3, markeredgewidth=0)
            own = [
                inside[mine == j].mean(axis=0) + cell
                for mine, cell in zip(trials.labels, cells, strict=False)
                if (mine == j).any()
            ]
            x, y = np.transpose(own)
            ax.plot(x, y, marker(j), color=color(j), markersize=9, markeredgecolor="black")
        good = trials.is_best(trials.inertias[: len(cells)])
        for seed, (x, y), best, value in zip(
            self.seeds, cells, good, trials.inertias, strict=False
        ):
            words = "best" if best else "stuck"
            text = f"seed {seed}: {words}, {number(value)}"
            weight = "normal" if best else "bold"
            ax.text(x, y + 0.54, text, ha="center", va="bottom", fontsize=TEXT, weight=weight)
        ax.set(xlim=(-0.78, 1.55 * columns - 0.77), ylim=(-1.2 * rows + 0.68, 0.72))
        ax.set_axis_off()
        stuck = len(cells) - sum(good)
        ax.set_title(
            f"{sum(good) or 'None'} of these {len(cells)} seeds end at the best, "
            f"{number(self.best)}; {stuck or 'none'} {'is' if stuck == 1 else 'are'} stuck higher",
            fontsize=TITLE,
            y=1.0,
        )

    def _draw_histogram(self, ax):
        from matplotlib.ticker import MaxNLocator

        trials = self._trials[self.init]
        bars, more = trials.bars, len(self.inertias)
        places, counts = range(len(bars)), [len(bar.seeds) for bar in bars]
        best = [bar.best for bar in bars]
        few = len(bars) <= FEW_BARS
        ax.bar(
            places, counts, 0.7 if few else 0.94, color="#9c9078", edgecolor="#55585f", hatch="//"
        )
        ax.bar(places, best, 0.7 if few else 0.94, color="#0084cc")
        for place, count in zip(places, counts, strict=True):
            if few:
                ax.text(place, count, count, ha="center", va="bottom", fontsize=TEXT)
        if few:
            ax.set_xticks(places, [bar.name for bar in bars], fontsize=TEXT - 1.5)
            ax.set_xlim(-0.6, max(len(bars), 2) - 0.4)
        else:
            edges = [0, len(bars) // 2, len(bars) - 1]
            ax.set_xticks(edges, [number(bars[i].low) for i in edges], fontsize=TEXT - 1.5)
        ax.set_ylim(0, max(counts) * 1.18)
        ax.yaxis.set_major_locator(MaxNLocator(3, integer=True))
        ax.tick_params(axis="y", labelsize=TEXT - 1.5)
        ax.set_xlabel("final inertia", fontsize=TEXT)
        ax.set_ylabel("seeds", fontsize=TEXT)
        ax.spines[["top", "right"]].set_visible(False)
        ax.set_title(
            f"{trials.hits} of {more} seeds {'ends' if trials.hits == 1 else 'end'} at the best",
            fontsize=TITLE,
        )

    def _draw_curve(self, ax):
        from matplotlib.ticker import MaxNLocator

        needed = self.n_init_for(0.99)
        most = 50 if math.isinf(needed) else int(min(max(needed + 2, 10), 50))
        values = [self.chance(m) for m in range(1, most + 1)]
        ax.plot(range(1, most + 1), values, "o-", color="#0084cc", markersize=4)
        ax.axhline(0.99, color="#55585f", linewidth=1, linestyle="--")
        ax.set(ylim=(0, 1.06), xlim=(0.5, most + 0.5))
        ax.set_yticks([0, 0.5, 1], ["0 %", "50 %", "100 %"])
        ax.xaxis.set_major_locator(MaxNLocator(5, integer=True))
        ax.tick_params(labelsize=TEXT - 1.5)
        ax.set_xlabel("n_init", fontsize=TEXT)
        ax.set_ylabel("probability of the best", fontsize=TEXT)
        ax.spines[["top", "right"]].set_visible(False)
        title = "No seed gets there" if math.isinf(needed) else f"99 % need n_init={needed}"
        ax.set_title(title, fontsize=TITLE)


# ------------------------------------------------------------------------- what many runs came to


@dataclass(frozen=True, eq=False)
class Bar:
    """Seeds that end at about the same inertia; ``best`` counts those that end at the best."""

    low: float
    high: float
    seeds: list[int]
    best: int

    @property
    def name(self):
        """The inertia or the range of it, for an axis."""
        low, high = number(self.low), number(self.high)
        return low if low == high else f"{low}\nto {high}"


@dataclass(frozen=True, eq=False)
class _Trials:
    """The runs of all seeds with one way to start."""

    row: dict[int, int]
    starts: list[np.ndarray]
    labels: list[np.ndarray]
    inertias: np.ndarray
    counted: np.ndarray
    names: np.ndarray
    best: float
    hits: int
    bars: list[Bar]

    @classmethod
    def of(cls, seeds, more, k, reference, starts, labels, inertias):
        row, inertias = {seed: i for i, seed in enumerate(seeds)}, np.array(inertias)
        counted = inertias[[row[seed] for seed in range(more)]]
        counted.flags.writeable = False
        names = np.stack([matched_names(some, reference, k) for some in labels])
        best = float(inertias.min())
        hits = int(np.count_nonzero(counted <= best + SAME * inertias.max()))
        bars = group(counted, best)
        labels = [new[some] for new, some in zip(names, labels, strict=True)]
        return cls(row, starts, labels, inertias, counted, names, best, hits, bars)

    def is_best(self, inertias):
        """Which of these inertias are the best one, to rounding."""
        return np.asarray(inertias) <= self.best + SAME * self.inertias.max()

    def in_browser(self):
        low, high = share_interval(self.hits, len(self.counted))
        return {
            "best": self.best,
            "same": SAME * float(self.inertias.max()),
            "hits": self.hits,
            "counted": len(self.counted),
            "low": low,
            "high": high,
            "inertias": self.inertias.tolist(),
            "few": len(self.bars) <= FEW_BARS,
            "bars": [
                {"low": b.low, "high": b.high, "seeds": b.seeds, "best": b.best} for b in self.bars
            ],
        }


def group(inertias, best) -> list[Bar]:
    """The bars of the histogram of inertias, whose position is the seed.

    Outcomes that lie in few, clearly separate heaps get a bar a heap; else bins of equal width
    share the range, empty ones too.

    Examples
    --------
    >>> [(bar.low, bar.seeds) for bar in group(np.array([4.0, 9.0, 4.0, 9.1]), 4.0)]
    [(4.0, [0, 2]), (9.0, [1, 3])]
    """
    order = np.argsort(inertias, kind="stable")
    values = inertias[order]
    span, same = values[-1] - values[0], SAME * values[-1]
    if span <= same:
        heaps = [order]
    else:
        heaps = np.split(order, np.flatnonzero(np.diff(values) > 0.02 * span) + 1)
    if len(heaps) <= FEW_BARS and all(np.ptp(inertias[h]) <= max(0.1 * span, same) for h in heaps):
        ranges = [(inertias[heap].min(), inertias[heap].max()) for heap in heaps]
    else:
        bins = np.minimum((values - values[0]) / span * BINS, BINS - 1).astype(int)
        heaps = [order[bins == i] for i in range(BINS)]
        edges = np.linspace(values[0], values[-1], BINS + 1)
        ranges = list(pairwise(edges))
    return [
        Bar(
            float(low),
            float(high),
            sorted(map(int, heap)),
            int(np.count_nonzero(inertias[heap] <= best + same)),
        )
        for (low, high), heap in zip(ranges, heaps, strict=True)
    ]


def runs_needed(p, probability) -> float:
    """The smallest m with 1 - (1 - p)^m of at least ``probability``; infinite for p of 0.

    Examples
    --------
    >>> runs_needed(0.5, 0.9), runs_needed(1.0, 0.99), runs_needed(0.0, 0.5)
    (4, 1, inf)
    """
    if p <= 0:
        return math.inf
    if p >= 1:
        return 1
    # the tiny part keeps an m that is exact, such as 2 for p=0.9 and 99 %, from becoming 3
    return max(1, math.ceil(math.log(1 - probability) / math.log(1 - p) - 1e-9))


def share_interval(hits, n):
    """Where a share lies that was found as ``hits`` of ``n``, with 95 % confidence.

    E. B. Wilson, "Probable inference, the law of succession, and statistical inference", Journal
    of the American Statistical Association 22, 1927.

    Examples
    --------
    >>> low, high = share_interval(50, 100)
    >>> round(low, 3), round(high, 3)
    (0.404, 0.596)
    """
    z = 1.959964
    p, spare = hits / n, z * z / n
    middle = (p + spare / 2) / (1 + spare)
    half = z * math.sqrt(p * (1 - p) / n + spare / (4 * n)) / (1 + spare)
    return max(0.0, middle - half), min(1.0, middle + half)


def starting_rows(X, k, seeds, init) -> list[np.ndarray]:
    """The rows of X at which ``KMeans(init=init, random_state=seed)`` starts, for each seed."""
    # one RandomState that is seeded again and again: a new one costs as much as a whole start
    random, weight = np.random.RandomState(0), np.ones(len(X))
    rows = []
    for seed in seeds:
        random.seed(seed)
        if init == "random":
            rows.append(random_rows(k, random, weight))
        else:
            rows.append(plusplus_rows(X, k, random, weight))
    return rows


def matched_names(labels, reference, k) -> np.ndarray:
    """The new number of each cluster 0, ..., k - 1, so that the labels agree with the reference.

    Examples
    --------
    >>> matched_names([2, 2, 0, 1], [0, 0, 1, 2], 3).tolist()
    [1, 2, 0]
    """
    pairs = np.asarray(labels, dtype=np.intp) * k + np.asarray(reference, dtype=np.intp)
    together = np.bincount(pairs, minlength=k * k).reshape(k, k)
    # as match_labels, for hundreds of runs: the numbers are known to be 0, ..., k - 1
    return linear_sum_assignment(together, maximize=True)[1]


def _renamed(history, names) -> History:
    """The same run with cluster j called names[j]."""
    order = np.argsort(names)
    snapshots = [
        replace(
            s,
            centers=s.centers[order],
            labels=None if s.labels is None else names[s.labels],
            shift=s.shift[order],
            relocated=tuple(sorted(int(names[j]) for j in s.relocated)),
        )
        for s in history
    ]
    return History(
        snapshots,
        history.X,
        stop_reason=history.stop_reason,
        feature_names=history.feature_names,
        rule=history.rule,
    )


def _as_few_points(X):
    X = np.array(as_points(X), dtype=np.float64, order="C")  # a copy, that X may change later
    if len(X) > MOST_POINTS:
        raise ValueError(
            f"X has {len(X)} points, more than the {MOST_POINTS} that hundreds of runs should "
            f"have: pass a sample, for example X[::{math.ceil(len(X) / MOST_POINTS)}]"
        )
    return X


def _as_seeds(seeds):
    seeds = list(seeds) if isinstance(seeds, Iterable) and not isinstance(seeds, str) else [seeds]
    good = all(
        isinstance(s, Integral) and not isinstance(s, bool) and 0 <= s < 2**32 for s in seeds
    )
    if not good or not 1 <= len(seeds) <= MOST_SHOWN or len(set(seeds)) < len(seeds):
        raise ValueError(
            f"seeds={seeds!r}: pass 1 to {MOST_SHOWN} different whole numbers, 0 or more, for "
            "example range(12)"
        )
    return tuple(int(s) for s in seeds)
