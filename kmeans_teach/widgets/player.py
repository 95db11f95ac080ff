"""The player: step, play, scrub and drag through a run of k-means."""

from __future__ import annotations

import hashlib
from numbers import Integral

import numpy as np
import traitlets

from ..history import History, number
from ..pictures.plane import project
from ..pictures.points import plot_history
from ..seeding import start_rows
from ..textbook import lloyd
from ..validation import as_n_clusters, as_points
from .sheet import Sheet, binary, one_of, plane, script, whole

MOST_VALUES, MOST_POINTS = 20_000_000, 300_000
MOST_IN_STRIP = 50  # clusters: each is drawn by itself in each frame of the static picture
SEEDS = range(20)  # those of "New start": the page draws nothing itself
KINDS = ("k-means++", "random")
SPEEDS = ("slow", "normal", "fast", "fastest")
SHOWN = ("regions", "trails", "lines")


class Player(Sheet):
    """Play a run of k-means half-step by half-step, drag its centres and see what changes.

    Parameters
    ----------
    run : History, fitted KMeans, or array or DataFrame of shape (n_samples, n_features)
        What is played: a recorded run, or points to run k-means on.
    start : int or array of shape (n_clusters, n_features), optional
        With points: the number of clusters (started by ``init`` and ``random_state``), or the
        centres to start from.
    init : {"k-means++", "random"}
        How a number of clusters is started; both draw what scikit-learn draws.
    random_state : int
        The seed of that start. "New start" in the page has the seeds 0 to 19.
    columns : pair of int or str, optional
        Which two columns are shown if there are more. By default the first two principal
        components, and the axes say so.
    title : str
        Shown above the player, as text.
    height : int
        Height of the picture in pixels.
    speed : {"slow", "normal", "fast", "fastest"}
        How fast it plays at first.
    show : iterable of {"regions", "trails", "lines"}
        What is shown at first.
    editable : bool, optional
        Whether centres and points can be changed. By default yes for runs of plain k-means, no for
        runs recorded with functions of your own, which the browser cannot repeat.

    Attributes
    ----------
    history : History
        The run that is shown. It follows what is dragged, added and removed.
    start : ndarray of shape (n_clusters, n_features)
        The centres at the start of this run.
    X : ndarray of shape (n_samples, n_features)
        The points of this run.
    frame : int
        The half-step that is shown, once it has come to rest. Set it to go there; what is beyond
        the last half-step goes to the last one.

    Raises
    ------
    TypeError, ValueError
        If the run, the points or an option cannot be used; the message says why.

    Examples
    --------
    >>> player = Player([[0.0, 0.0], [0.0, 1.0], [5.0, 5.0], [5.0, 6.0]], 2, random_state=1)
    >>> player.history.n_iter
    2
    """

    _esm = script("core", "sheet", "player")

    frame = traitlets.Int(0).tag(sync=True)
    history = traitlets.Instance(History)

    # the run that is played, which the page shows until the reader changes it
    _info = traitlets.Dict().tag(sync=True)
    _points = binary()
    _weights = binary()
    _centers = binary()
    _labels = binary()
    _run = traitlets.Int(0).tag(sync=True)  # how often another run was played
    _starts = traitlets.Dict().tag(sync=True)  # rows of points, for the latest ones and their k
    # what the reader has made of it: Python computes that run too, and sends nothing back
    _edit = traitlets.Dict().tag(sync=True)
    _edit_start = binary()
    _edit_points = binary()  # empty if they are those of the run

    _look = traitlets.Dict().tag(sync=True)

    def __init__(
        self,
        run,
        start=None,
        *,
        init="k-means++",
        random_state=0,
        columns=None,
        title="",
        height=430,
        speed="normal",
        show=("regions", "trails"),
        editable=None,
    ):
        self._edits_allowed, self._columns = editable, columns
        show = [show] if isinstance(show, str) else list(show)
        show = [one_of(name, "show", SHOWN) for name in show]
        super().__init__(
            title=str(title),
            height=whole(height, "height", 200),
            _look={
                "show": {name: name in show for name in SHOWN},
                "speed": one_of(speed, "speed", SPEEDS),
            },
            **self._played(run, start, init, random_state),
        )
        self.observe(self._follow, "_edit")

    @traitlets.validate("frame")
    def _in_the_run(self, proposal):
        return min(max(0, proposal["value"]), len(self.history) - 1) if self.history else 0

    # ---------------------------------------------------------------- what Python sees

    @property
    def X(self) -> np.ndarray:
        """The points, shape (n_samples, n_features), read-only."""
        return self.history.X

    @property
    def start(self) -> np.ndarray:
        """The centres from which the run starts, shape (n_clusters, n_features), read-only."""
        return self.history[0].centers

    def play(self, run, start=None, *, init="k-means++", random_state=0):
        """Show another run, given as to ``Player(...)``, in the views that are open."""
        played = self._played(run, start, init, random_state)
        with self.hold_sync(), self.hold_trait_notifications():
            for name, value in {**played, "frame": 0, "_run": self._run + 1}.items():
                setattr(self, name, value)

    # -------------------------------------------------------------- what the browser gets and says

    def _played(self, run, start, init, random_state) -> dict:
        """The traits for a run."""
        history = _history_of(run, start, init, random_state)
        frames = list(history)  # which may be made only now
        n, n_frames = len(history.X), len(frames)
        if history.X.size + n * (n_frames // 2) > MOST_VALUES:
            raise ValueError(
                f"this run has {n} points and {n_frames} half-steps, more than a browser should "
                "hold: play a sample of the points, for example X[::10]"
            )
        X = np.ascontiguousarray(history.X, dtype=np.float64)
        flat = project(X, columns=self._columns, feature_names=history.feature_names)
        assigned = [f.labels for f in frames if f.phase == "assign"]
        weight, allowed = history.sample_weight, self._edits_allowed
        drawn = isinstance(start, Integral) and isinstance(random_state, Integral)
        info = {
            "d": X.shape[1],
            "k": history.k,
            "names": list(flat.names),
            "plane": plane(flat, X),
            "rule": history.rule or {},
            "editable": history.rule is not None if allowed is None else bool(allowed),
            "init": "random" if isinstance(init, str) and init == "random" else "k-means++",
            "seed": int(random_state) if drawn else None,
            "seeds": len(SEEDS),
            "stop": history.stop_reason,
            "weighted": weight is not None,
            "frames": [
                {
                    "phase": f.phase,
                    "iteration": f.iteration,
                    "inertia": None if np.isnan(f.inertia) else f.inertia,
                    "changed": f.n_changed,
                    "shift": f.shift.tolist(),
                    "relocated": list(f.relocated),
                }
                for f in frames
            ],
        }
        self._first = history
        return {
            "history": history,
            "_info": info,
            "_points": X.tobytes(),
            "_weights": b"" if weight is None else np.asarray(weight, np.float64).tobytes(),
            "_centers": np.stack([f.centers for f in frames]).astype(np.float64).tobytes(),
            "_labels": np.concatenate(assigned).tobytes() if assigned else b"",
            "_starts": _starts(history.X, history.k) if info["editable"] else {},
        }

    def _follow(self, change):
        """Compute what the reader has made of the run, or go back to it."""
        edit, history = change["new"], self._first
        if edit.get("run") != self._run:
            return  # of a run that is not played any more
        if "empty" in edit:
            X, start = (
                np.frombuffer(data).reshape(-1, history.X.shape[1])
                for data in (self._edit_points or self._points, self._edit_start)
            )
            weight = None if self._edit_points else history.sample_weight
            rule = {**(history.rule or {}), "empty": edit["empty"]}
            history = lloyd(X, start, **rule, sample_weight=weight)
            history.feature_names = self._first.feature_names
        if history.k != self.history.k or not np.array_equal(history.X, self.history.X):
            self._starts = _starts(history.X, history.k)
        self.history = history

    # ---------------------------------------------------------------- the static twin

    def digest(self) -> str:
        """What is shown, in one line: nbval compares it."""
        frames = hashlib.sha256()
        for snapshot in self.history:
            frames.update(snapshot.phase.encode())
            frames.update(b"" if snapshot.labels is None else snapshot.labels.tobytes())
        n, d = self.X.shape
        return (
            f"Player({n} points x {d} columns, k={self.history.k}, {len(self.history)} half-steps, "
            f"inertia {number(self.history[-1].inertia)}, {frames.hexdigest()[:8]})"
        )

    def alt_text(self) -> str:
        """The film strip in words."""
        run = self.history
        return f"{run.sentence(0)}. {run.sentence(1)}. {run.sentence(len(run) - 1)}."

    def twin_figure(self):
        """A film strip of the run, made without pyplot; of many clusters only both ends."""
        from matplotlib.figure import Figure

        look = {"columns": self._columns, "title": self.title or None, "figure": Figure()}
        frames = None if self.history.k <= MOST_IN_STRIP else (0, -1)
        plot_history(self.history, frames, **look)
        return look["figure"]


def _starts(X, k):
    """The rows that each seed draws, for the page."""
    rows = {kind: [start_rows(X, k, kind, s).tolist() for s in SEEDS] for kind in KINDS}
    return {"n": len(X), "rows": rows}


def _history_of(run, start, init, random_state):
    """The History that is meant."""
    if hasattr(run, "history_"):
        run = run.history_
    if isinstance(run, History):
        if start is not None:
            raise TypeError(
                "a recorded run brings its own start: leave out the second argument, or pass the "
                "points (run.X) instead of the run"
            )
        return run
    if hasattr(run, "fit") and hasattr(run, "get_params"):
        raise TypeError(
            f"{type(run).__name__} is not fitted, or keeps no history: fit kmeans_teach.KMeans "
            "first, Player(KMeans(4).fit(X))"
        )
    if isinstance(start, (float, np.floating, bool, str)):
        raise TypeError(
            f"start={start!r} is neither a number of clusters nor centres: pass a whole number, "
            "Player(X, 4), or one row a centre, Player(X, centers)"
        )
    if start is None:
        raise TypeError(
            "points alone are not a run: pass the number of clusters too, Player(X, 4), or centres "
            "to start from, Player(X, centers)"
        )
    X = as_points(run)
    if len(X) > MOST_POINTS:  # before anything is computed
        raise ValueError(
            f"X has {len(X)} points, more than a browser should hold (limit {MOST_POINTS}): play a "
            f"sample of them, for example X[::{-(-len(X) // MOST_POINTS)}]"
        )
    if isinstance(start, Integral):
        k = as_n_clusters(start, len(X))
        if not isinstance(init, str):
            raise TypeError(
                f"init is a {type(init).__name__}, expected 'k-means++' or 'random': centres to "
                "start from are the second argument, Player(X, centers)"
            )
        start = X[start_rows(X, k, one_of(init, "init", KINDS), random_state)]
    history = lloyd(X, start)
    if hasattr(run, "columns"):
        history.feature_names = tuple(map(str, run.columns))
    return history
