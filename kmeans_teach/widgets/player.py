"""The player: step, play, scrub and drag through a run of k-means."""

from __future__ import annotations

import hashlib
from numbers import Integral

import numpy as np
import traitlets

from .. import seeding
from ..history import History, number
from ..pictures.plane import project
from ..pictures.points import plot_history
from ..textbook import lloyd
from ..validation import as_n_clusters, as_points
from .sheet import Sheet, binary, one_of, plane, script, styles, whole

MOST_VALUES, MOST_POINTS = 20_000_000, 300_000


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
        The seed of that start.
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
    _css = styles("sheet")

    frame = traitlets.Int(0).tag(sync=True)
    history = traitlets.Instance(History)

    _info = traitlets.Dict().tag(sync=True)
    _points = binary()
    _weights = binary()
    _centers = binary()
    _labels = binary()
    _run = traitlets.Int(0).tag(sync=True)
    _played = traitlets.Int(0).tag(sync=True)
    _heard = traitlets.Bool(False).tag(sync=True)
    _show = traitlets.Dict().tag(sync=True)
    _speed = traitlets.Int(1).tag(sync=True)
    _start_rule = traitlets.Dict().tag(sync=True)
    _edit = traitlets.Dict().tag(sync=True)
    _edit_start = binary()
    _edit_points = binary()
    _edits_seen = traitlets.Int(0).tag(sync=True)

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
        self._edits_allowed = editable
        self._columns = columns
        history, rule = _history_of(run, start, init, random_state)
        self._first = history
        names = [name for name, _ in SPEEDS]
        super().__init__(
            title=str(title),
            height=whole(height, "height", 200),
            history=history,
            _show=_choices(show, "show", ("regions", "trails", "lines")),
            _speed=names.index(one_of(speed, "speed", names)),
            _start_rule=rule,
            **self._packed(history),
        )
        self.observe(self._edited, "_edit")

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

    def observe(self, handler, names=traitlets.All, type="change"):
        """Like every widget's ``observe``; the browser reports frames once somebody listens."""
        super().observe(handler, names, type)
        listed = (names,) if isinstance(names, str) or names is traitlets.All else tuple(names)
        if "frame" in listed:
            self._heard = True

    def play(self, run, start=None, *, init="k-means++", random_state=0):
        """Show another run, given as to ``Player(...)``, in the views that are open."""
        history, rule = _history_of(run, start, init, random_state)
        self._first = history
        with self.hold_sync(), self.hold_trait_notifications():
            for name, value in {**self._packed(history), "_start_rule": rule}.items():
                setattr(self, name, value)
            self.history = history
            self.frame = 0
            self._played += 1
            self._run += 1

    # -------------------------------------------------------------- what the browser gets and says

    def _packed(self, history: History) -> dict:
        n, n_frames = len(history.X), len(history)
        if history.X.size + n * (n_frames // 2) > MOST_VALUES:
            raise ValueError(
                f"this run has {n} points and {n_frames} half-steps, more than a browser should "
                "hold: play a sample of the points, for example X[::10]"
            )
        frames = list(history)
        X = np.ascontiguousarray(history.X, dtype=np.float64)
        flat = project(X, columns=self._columns, feature_names=history.feature_names)
        assigned = [f.labels for f in frames if f.phase == "assign"]
        width = np.uint8 if history.k <= 256 else np.uint16
        rule = history.rule
        editable = rule is not None if self._edits_allowed is None else bool(self._edits_allowed)
        weighted = history.sample_weight is not None
        return {
            "_points": X.tobytes(),
            "_weights": np.asarray(history.sample_weight, np.float64).tobytes()
            if weighted
            else b"",
            "_centers": np.stack([f.centers for f in frames]).astype(np.float64).tobytes(),
            "_labels": np.concatenate(assigned).astype(width).tobytes() if assigned else b"",
            "_info": {
                "d": X.shape[1],
                "k": history.k,
                "names": list(flat.names),
                "plane": plane(flat, X),
                "rule": _rule_in_browser(rule),
                "editable": editable,
                "stop": history.stop_reason,
                "weighted": weighted,
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
            },
        }

    def _edited(self, change):
        edit = change["new"]
        if not edit:
            return
        if edit["original"]:
            history = self._first
        else:
            d = self._first.X.shape[1]
            X = np.frombuffer(self._edit_points).reshape(-1, d)
            weight = self.history.sample_weight
            history = lloyd(
                X,
                np.frombuffer(self._edit_start).reshape(-1, d),
                **{**(self._first.rule or {}), **edit.get("rule", {})},
                sample_weight=weight if weight is not None and len(weight) == len(X) else None,
            )
            history.feature_names = self._first.feature_names
        with self.hold_sync():
            for name, value in self._packed(history).items():
                setattr(self, name, value)
            self._edits_seen = edit["number"]
            self._run += 1
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
        """A film strip of the run, made without pyplot."""
        from matplotlib.figure import Figure

        figure = Figure()
        plot_history(self.history, figure=figure, columns=self._columns, title=self.title or None)
        return figure


SPEEDS = (("slow", 1600), ("normal", 800), ("fast", 300), ("fastest", 0))


def _history_of(run, start, init, random_state):
    """The History that is meant, and the start that the browser's controls show for it."""
    rule = {
        "init": "random" if isinstance(init, str) and init == "random" else "k-means++",
        "seed": None,
    }
    if hasattr(run, "history_"):
        run = run.history_
    if isinstance(run, History):
        if start is not None:
            raise TypeError(
                "a recorded run brings its own start: leave out the second argument, or pass the "
                "points (run.X) instead of the run"
            )
        return run, rule
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
    if not isinstance(start, Integral) or isinstance(start, bool):
        return lloyd(run, start), rule
    k = as_n_clusters(start, len(X))
    if not isinstance(init, str):
        raise TypeError(
            f"init is a {type(init).__name__}, expected 'k-means++' or 'random': centres to start "
            "from are the second argument, Player(X, centers)"
        )
    seeds = {"k-means++": seeding.kmeans_plusplus, "random": seeding.random_points}
    draw = seeds[one_of(init, "init", seeds)]
    seed = random_state if isinstance(random_state, Integral) else None
    rule = {"init": init, "seed": None if seed is None else int(seed)}
    return lloyd(run, draw(X, k, random_state).centers), rule


def _rule_in_browser(rule):
    if rule is None:
        return {}
    return {"tol": rule["tol"], "maxIter": rule["max_iter"], "empty": rule["empty"]}


def _choices(values, name, allowed):
    values = [values] if isinstance(values, str) else list(values)
    for value in values:
        one_of(value, name, allowed)
    return {choice: choice in values for choice in allowed}
