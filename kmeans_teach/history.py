"""The record of a run: one Snapshot for each half-step, in a History that can be played."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

NO_CHANGE = "no point changed cluster"
SMALL_SHIFT = "centres moved less than tol"
MAX_ITER = "max_iter reached"


@dataclass(frozen=True, eq=False)
class Snapshot:
    """What k-means knows after one half-step. Its arrays are read-only.

    Attributes
    ----------
    iteration : int
        0 for the start, then 1, 2, 3, ...
    phase : {"init", "assign", "update"}
        The half-step that led here: the start, an E-step or an M-step.
    centers : ndarray of shape (n_clusters, n_features)
        The centres, in the units of the data.
    labels : ndarray of shape (n_samples,) or None
        The cluster of each point, in the smallest unsigned type that holds it; None before the
        first E-step.
    inertia : float
        Sum of the (weighted) squared distances between the points and the centres of their
        clusters, for exactly these labels and centres; nan before the first E-step.
    n_changed : int
        How many points this half-step moved to another cluster (all of them, in the first E-step).
    shift : ndarray of shape (n_clusters,)
        How far each centre moved in this half-step (Euclidean distance).
    relocated : tuple of int
        The clusters that were empty and were given a point in this half-step.

    Examples
    --------
    >>> from kmeans_teach import lloyd
    >>> run = lloyd([[0.0], [1.0], [9.0]], centers=[[0.0], [1.0]])
    >>> run[1].phase, run[1].labels.tolist(), run[1].inertia
    ('assign', [0, 1, 1], 64.0)
    """

    iteration: int
    phase: str
    centers: np.ndarray
    labels: np.ndarray | None = None
    inertia: float = float("nan")
    n_changed: int = 0
    shift: np.ndarray = field(default=None)
    relocated: tuple[int, ...] = ()

    def __post_init__(self):
        if self.phase not in ("init", "assign", "update"):
            raise ValueError(f"phase={self.phase!r}: use 'init', 'assign' or 'update'")
        centers = read_only(self.centers)
        shift = np.zeros(len(centers)) if self.shift is None else self.shift
        object.__setattr__(self, "centers", centers)
        object.__setattr__(self, "shift", read_only(shift))
        if self.labels is not None:
            object.__setattr__(self, "labels", compact(self.labels, len(centers)))

    def __repr__(self):
        return (
            f"Snapshot(iteration={self.iteration}, phase={self.phase!r}, k={len(self.centers)}, "
            f"inertia={self.inertia:.6g}, n_changed={self.n_changed})"
        )


def read_only(array) -> np.ndarray:
    """The array itself if nobody can write to it, else a read-only copy."""
    array = np.asarray(array)
    if array.flags.writeable:
        array = array.copy()
        array.flags.writeable = False
    return array


def compact(labels, n_clusters: int) -> np.ndarray:
    """Labels as the smallest unsigned integers that hold n_clusters of them, read-only."""
    return read_only(np.asarray(labels).astype(np.min_scalar_type(n_clusters - 1), copy=False))


class History(Sequence):
    """A run of k-means as a sequence of Snapshots.

    Parameters
    ----------
    snapshots : sequence of Snapshot
        In the order in which they happened; the first one has the phase "init".
    X : ndarray of shape (n_samples, n_features)
        The points.
    stop_reason : str
        Why the run ended, in words.
    sample_weight : ndarray of shape (n_samples,), optional
        The weight of each point.
    feature_names : sequence of str, optional
        The names of the columns of X.
    rule : dict, optional
        The ``tol``, ``max_iter`` and ``empty`` with which ``lloyd`` repeats this run from its
        start; None if it was made by other functions.

    Examples
    --------
    >>> from kmeans_teach import lloyd
    >>> run = lloyd([[0.0], [1.0], [9.0]], centers=[[0.0], [1.0]])
    >>> len(run), run.n_iter, run.stop_reason
    (7, 3, 'no point changed cluster')
    >>> print(run.sentence(3))
    E-step 2: 1 of 3 points changed cluster; inertia 32.00 to 17.00
    """

    def __init__(
        self,
        snapshots: Sequence[Snapshot],
        X: np.ndarray,
        *,
        stop_reason: str,
        sample_weight: np.ndarray | None = None,
        feature_names: Sequence[str] | None = None,
        rule: dict | None = None,
    ):
        self._snapshots = snapshots
        self.X = X.view()
        self.X.flags.writeable = False
        self.stop_reason = stop_reason
        self.sample_weight = sample_weight
        self.feature_names = None if feature_names is None else tuple(map(str, feature_names))
        self.rule = rule

    def __len__(self):
        return len(self._snapshots)

    def __getitem__(self, index):
        return self._snapshots[index]

    def __repr__(self):
        n, d = self.X.shape
        error = number(self._snapshots[-1].inertia)
        return (
            f"History({n} points x {d} columns, k={self.k}: {len(self)} snapshots, "
            f"{self.n_iter} iterations, {self.stop_reason}, inertia {error})"
        )

    @property
    def k(self) -> int:
        """The number of clusters."""
        return len(self._snapshots[0].centers)

    @property
    def n_iter(self) -> int:
        """How many M-steps were made, which is what scikit-learn calls ``n_iter_``."""
        # the start, then E-step and M-step in turn; counting Snapshots would have to make them all
        return (len(self) - 1) // 2

    def to_frame(self) -> pd.DataFrame:
        """One row a half-step, to be read or plotted.

        Returns
        -------
        DataFrame
            The columns iteration, phase, inertia, removed (what the half-step took off the
            inertia), n_changed, max_shift (the longest way of a centre) and relocated (how many
            empty clusters were given a point).

        Examples
        --------
        >>> from kmeans_teach import lloyd
        >>> run = lloyd([[0.0], [1.0], [9.0]], centers=[[0.0], [1.0]])
        >>> run.to_frame()["inertia"].tolist()[1:5]
        [64.0, 32.0, 17.0, 0.5]
        """
        import pandas as pd

        snapshots = list(self._snapshots)
        frame = pd.DataFrame(
            {
                "iteration": [s.iteration for s in snapshots],
                "phase": [s.phase for s in snapshots],
                "inertia": [s.inertia for s in snapshots],
                "n_changed": [s.n_changed for s in snapshots],
                "max_shift": [float(s.shift.max()) for s in snapshots],
                "relocated": [len(s.relocated) for s in snapshots],
            }
        )
        frame.insert(3, "removed", frame["inertia"].shift() - frame["inertia"])
        return frame

    def sentence(self, index: int) -> str:
        """What happened in one half-step, in words (cluster numbers are counted from 0).

        Examples
        --------
        >>> from kmeans_teach import lloyd
        >>> print(lloyd([[0.0], [1.0], [9.0]], centers=[[0.0], [1.0]]).sentence(0))
        Start: 2 centres, no point has a cluster yet
        """
        index = range(len(self))[index]
        now = self._snapshots[index]
        if now.phase == "init":
            return f"Start: {self.k} centres, no point has a cluster yet"
        before = self._snapshots[index - 1].inertia
        ledger = (
            f"inertia {number(now.inertia)}"
            if np.isnan(before)
            else f"inertia {number(before)} to {number(now.inertia)}"
        )
        if now.phase == "assign":
            n = len(self.X)
            what = (
                f"all {n} points get a cluster"
                if self._snapshots[index - 1].phase == "init"
                else f"{now.n_changed} of {n} points changed cluster"
            )
            if empty := self._without_points(now):
                verb = "has" if len(empty) == 1 else "have"
                what += f"; {_clusters(empty)} {verb} no point"
            return f"E-step {now.iteration}: {what}; {ledger}"
        moved = int(np.count_nonzero(now.shift))
        what = f"{moved} of {self.k} centres moved, by {number(now.shift.max())} at most"
        if not moved:
            what = "no centre moved"
        if now.relocated:
            one = len(now.relocated) == 1
            what += f"; {_clusters(now.relocated)} {'was' if one else 'were'} empty and got the "
            what += "farthest point" if one else "farthest points"
            if now.centers.shape[1] <= 3:
                rows = (", ".join(map(number, now.centers[j])) for j in now.relocated)
                what += " " + " and ".join(f"({row})" for row in rows)
        elif empty := [j for j in self._without_points(now) if not now.shift[j]]:
            rest = "has no point, so its centre stays"
            if len(empty) > 1:
                rest = "have no point, so their centres stay"
            what += f"; {_clusters(empty)} {rest}"
        return f"M-step {now.iteration}: {what}; {ledger}"

    def _without_points(self, snapshot):
        """The empty clusters; none where labels were not stored, as to rebuild them takes time."""
        labels = () if snapshot.labels is None else snapshot.labels
        return sorted({*range(self.k)} - {*np.unique(labels).tolist()}) if len(labels) else []


def as_history(run) -> History:
    """The run that is meant: a History, or what a fitted ``kmeans_teach.KMeans`` keeps."""
    history = getattr(run, "history_", run)
    if not isinstance(history, History):
        raise TypeError(
            f"{type(run).__name__} is no run: pass what lloyd() or record() returns, or a "
            "kmeans_teach.KMeans after fit"
        )
    return history


def _clusters(names) -> str:
    *others, last = map(str, names)
    return f"clusters {', '.join(others)} and {last}" if others else f"cluster {last}"


def number(value: float) -> str:
    """A number of four digits, rounded half up, written alike in Python and in the browser.

    Examples
    --------
    >>> number(3.14159), number(412.25), number(98765.4), number(2.5e9)
    ('3.142', '412.3', '98765', '2.50e+9')
    """
    value = float(value)
    if not np.isfinite(value):
        return {np.inf: "infinity", -np.inf: "-infinity"}.get(value, "nan")
    size = abs(value)
    if size == 0:
        return "0"
    if 1e-3 <= size < 1e9:
        digits = max(0, 3 - Decimal(size).adjusted())
        return str(Decimal(value).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP))
    exponent = Decimal(size).adjusted()
    mantissa = Decimal(value).scaleb(-exponent).quantize(Decimal("0.01"), ROUND_HALF_UP)
    if abs(mantissa) >= 10:
        mantissa, exponent = (mantissa / 10).quantize(Decimal("0.01")), exponent + 1
    return f"{mantissa}e{exponent:+d}"
