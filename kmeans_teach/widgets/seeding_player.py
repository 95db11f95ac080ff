"""The seeding player: how four strategies choose their starts, draw by draw."""

from __future__ import annotations

import hashlib
from numbers import Integral

import numpy as np
import traitlets

from ..figures import project
from ..history import History, number
from ..seeding import Seeding, farthest_first, kmeans_plusplus, random_partition, random_points
from ..style import UNASSIGNED, color, marker
from ..textbook import lloyd
from ..validation import as_n_clusters, as_points
from .sheet import Sheet, binary, one_of, plane, script, styles

STRATEGIES = {
    "k-means++": kmeans_plusplus,
    "random points": random_points,
    "random partition": random_partition,
    "farthest first": farthest_first,
}
MOST_POINTS = 5_000
LAST_SEED = 2**32 - 1
# the lower left corners of the twin's small panels, in inches
SMALL = ((4.95, 2.4), (7.35, 2.4), (4.95, 0.15), (7.35, 0.15))


class SeedingPlayer(Sheet):
    """Step through the draws of k-means++ and of three other ways to start.

    Before each draw of k-means++ the size of the points shows D², the squared distance to the
    nearest centre so far: area in proportion to the chance to be drawn. Then come the candidates
    with what each would leave, then the one that is taken. Small pictures show all four strategies
    at the same number of centres, and at the end what k-means makes of each start.

    Parameters
    ----------
    X : array or DataFrame of shape (n_samples, n_features)
        At most 5,000 points. Of more than two columns the first two principal components are
        shown; distances are those of all columns.
    n_clusters : int
        How many centres are drawn.
    random_state : int
        The seed of all four strategies.
    strategy : {"k-means++", "random points", "random partition", "farthest first"}
        The one that is shown large at first.
    title : str
        Shown above, as text.

    Attributes
    ----------
    random_state, strategy : int, str
        What is shown. Both follow the reader and can be set.
    frame : int
        The half-draw that is shown, once it has come to rest. Set it to go there; what is beyond
        the last one goes to the last one.
    n_frames : int
        How many half-draws the strategy that is shown has.
    seedings : dict of str to Seeding
        The start of each strategy from this seed.
    runs : dict of str to History
        The run of k-means from each of these starts.

    Raises
    ------
    TypeError, ValueError
        If an argument cannot be used; the message says why.

    Examples
    --------
    >>> starts = SeedingPlayer([[0.0], [1.0], [8.0], [9.0]], 2)
    >>> starts.seedings["farthest first"].indices.tolist()
    [2, 0]
    >>> {name: run[-1].inertia for name, run in starts.runs.items()}["k-means++"]
    1.0
    """

    _esm = script("core", "sheet", "seeding_player")
    _css = styles("sheet", "seeding_player")

    random_state = traitlets.Int(0).tag(sync=True)
    strategy = traitlets.Unicode("k-means++").tag(sync=True)
    frame = traitlets.Int(0).tag(sync=True)

    _info = traitlets.Dict().tag(sync=True)
    _points = binary()
    _draws = traitlets.Dict().tag(sync=True)

    def __init__(self, X, n_clusters, *, random_state=0, strategy="k-means++", title=""):
        names = [str(name) for name in X.columns] if hasattr(X, "columns") else None
        self._X = as_points(X).copy()  # what the caller does to X later is no news
        if len(self._X) > MOST_POINTS:
            raise ValueError(
                f"X has {len(self._X)} points, more than can be told apart here: pass a sample of "
                f"at most {MOST_POINTS}, for example X[::{-(-len(self._X) // MOST_POINTS)}]"
            )
        self._k = as_n_clusters(n_clusters, len(self._X))
        self._flat = project(self._X, feature_names=names)
        one_of(strategy, "strategy", STRATEGIES)
        seed = _seed(random_state)
        self._start(seed)
        super().__init__(
            title=str(title),
            random_state=seed,
            strategy=strategy,
            _info=self._described(),
            _points=np.ascontiguousarray(self._X, dtype=np.float64).tobytes(),
            _draws=self._packed(seed),
        )
        self.observe(self._redraw, "random_state")
        self.observe(self._clip_frame, "strategy")

    def _start(self, seed):
        """Draw from all strategies and let k-means run from there."""
        self.seedings: dict[str, Seeding] = {
            name: draw(self._X, self._k, seed) for name, draw in STRATEGIES.items()
        }
        self.runs: dict[str, History] = {
            name: lloyd(self._X, seeding.centers) for name, seeding in self.seedings.items()
        }

    @property
    def X(self) -> np.ndarray:
        """The points, shape (n_samples, n_features)."""
        return self._X

    @property
    def n_frames(self) -> int:
        """How many half-draws the strategy that is shown has, its end included."""
        k = self._k
        return {"k-means++": 3 * k, "random partition": k + 3}.get(self.strategy, 2 * k + 1)

    @traitlets.validate("random_state")
    def _a_seed(self, proposal):
        return _seed(proposal["value"])

    @traitlets.validate("strategy")
    def _a_strategy(self, proposal):
        return one_of(proposal["value"], "strategy", STRATEGIES)

    @traitlets.validate("frame")
    def _among_the_frames(self, proposal):
        return min(max(0, proposal["value"]), self.n_frames - 1)

    def _redraw(self, change):
        self._start(change["new"])
        self._draws = self._packed(change["new"])

    def _clip_frame(self, _):
        self.frame = min(self.frame, self.n_frames - 1)

    # -------------------------------------------------------------------- what the browser gets

    def _described(self):
        flat = self._flat
        return {
            "d": self._X.shape[1],
            "k": self._k,
            "names": list(flat.names),
            "plane": plane(flat, self._X),
        }

    def _packed(self, seed):
        """The draws of this seed: where two candidates are equally good, Python's word counts."""
        return {
            "seed": seed,
            "of": {
                name: [
                    {"taken": draw.taken}
                    if draw.potentials is None
                    else {
                        "taken": draw.taken,
                        "candidates": draw.candidates.tolist(),
                        "potentials": draw.potentials.tolist(),
                    }
                    for draw in seeding.draws
                ]
                for name, seeding in self.seedings.items()
            },
        }

    # -------------------------------------------------------------------------- the static twin

    def digest(self) -> str:
        """What is shown, in one line: nbval compares it."""
        places = hashlib.sha256()
        for name, seeding in self.seedings.items():
            rows = seeding.indices
            places.update(name.encode())
            places.update(b"" if rows is None else np.asarray(rows, np.int64).tobytes())
        n, d = self._X.shape
        ends = ", ".join(f"{name} {number(run[-1].inertia)}" for name, run in self.runs.items())
        return (
            f"SeedingPlayer({n} points x {d} columns, k={self._k}, seed {self.random_state}, "
            f"{self.strategy}; inertia at the end: {ends}; {places.hexdigest()[:8]})"
        )

    def alt_text(self) -> str:
        """The picture in words."""
        ends = "; ".join(f"{name}: {_end(run)}" for name, run in self.runs.items())
        return (
            f"{len(self._X)} points and {self._k} starting centres by four strategies, from seed "
            f"{self.random_state}. K-means ends there: {ends}."
        )

    def twin_figure(self):
        """The last draw of k-means++ large, the starts of all four strategies beside it."""
        from matplotlib.figure import Figure

        figure = Figure(figsize=(9.5, 5.0))
        # one Axes in inches for all panels: Axes are what takes time
        ax = figure.add_axes((0, 0, 1, 1), xlim=(0, 9.5), ylim=(0, 5.0))
        ax.set_axis_off()
        ax.text(4.75, 4.9, self.title or self._finding(), ha="center", va="top", fontsize=13)
        large = self._panel(ax, 0.2, 0.15, 3.85, self._draw_title(), 11.5)
        small = [
            self._panel(ax, left, bottom, 1.6, f"{name}\n{_end(run)}", 10)
            for (left, bottom), (name, run) in zip(SMALL, self.runs.items(), strict=True)
        ]
        points = self._flat(self._X)
        self._show_last_draw(ax, large(points))
        ax.scatter(
            *np.concatenate([place(points) for place in small]).T, s=3, c=UNASSIGNED, linewidths=0
        )
        starts = [self._flat(seeding.centers) for seeding in self.seedings.values()]
        marks = [
            large(starts[0]),
            *(place(start) for place, start in zip(small, starts, strict=True)),
        ]
        for j, spots in enumerate(np.swapaxes(marks, 0, 1)):
            ax.scatter(
                *spots.T,
                s=[110, *[60] * len(small)],
                marker=marker(j),
                color=color(j),
                edgecolors="k",
                zorder=3,
            )
        return figure

    def _panel(self, ax, left, bottom, size, title, fontsize):
        """Frame a square of the picture; the function that brings points into it."""
        from matplotlib.patches import Rectangle

        points = self._flat(self._X)
        low, high = points.min(axis=0), points.max(axis=0)
        scale = 0.9 * size / max(*(high - low), np.finfo(float).tiny)
        ax.add_patch(Rectangle((left, bottom), size, size, fill=False, linewidth=0.8))
        ax.text(left + size / 2, bottom + size + 0.07, title, ha="center", fontsize=fontsize)
        return lambda spots: (
            (spots - (low + high) / 2) * scale + (left + size / 2, bottom + size / 2)
        )

    def _show_last_draw(self, ax, points):
        """Points as large as they are likely to be drawn, and what the candidates would leave."""
        draw = self.seedings["k-means++"].draws[-1]
        sizes = np.full(len(points), 18.0)
        if draw.d2 is not None:
            sizes *= draw.d2 / max(draw.d2.mean(), np.finfo(float).tiny)
        ax.scatter(*points.T, s=sizes, c=UNASSIGNED, alpha=0.6, linewidths=0)
        if draw.potentials is None:
            return
        ax.scatter(*points[draw.candidates].T, s=260, facecolors="none", edgecolors="k")
        middle = (points[:, 0].min() + points[:, 0].max()) / 2
        for row, leaves in dict(zip(draw.candidates, draw.potentials, strict=True)).items():
            left = points[row, 0] > middle  # then the words go to the left, to stay in the panel
            ax.text(
                points[row, 0] + (-0.15 if left else 0.15),
                points[row, 1],
                f"{row} leaves {number(leaves)}",
                ha="right" if left else "left",
                va="center",
                fontsize=10,
                bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.8, "pad": 1},
                zorder=4,
            )

    def _draw_title(self):
        draw = self.seedings["k-means++"].draws[-1]
        if draw.potentials is None:
            return "k-means++, the only draw:\neach point has the same chance"
        return (
            f"k-means++, draw {self._k}: area is chance (D²).\n"
            f"Of {len(draw.candidates)} candidates point {draw.taken} leaves the least"
        )

    def _finding(self):
        ends = {name: run[-1].inertia for name, run in self.runs.items()}
        best, worst = min(ends.values()), max(ends.values())
        if worst <= best * (1 + 1e-6):
            return f"Four starts, one end: inertia {number(best)}"
        good = [name for name, value in ends.items() if value <= best * (1 + 1e-6)]
        return f"Best end from {' and '.join(good)}: inertia {number(best)}"


def _end(run: History) -> str:
    many = "iteration" if run.n_iter == 1 else "iterations"
    return f"ends at {number(run[-1].inertia)} after {run.n_iter} {many}"


def _seed(value):
    """``value`` as an int that NumPy takes as a seed."""
    if not isinstance(value, Integral) or isinstance(value, bool) or not 0 <= value <= LAST_SEED:
        raise ValueError(f"random_state={value!r}: pass a whole number from 0 to {LAST_SEED}")
    return int(value)
