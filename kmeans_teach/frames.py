"""The History of a fast run: Snapshots that are made when someone looks at them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .engine import Points, Run
from .history import History, Snapshot

#: Values (rows times columns) from which inertias come from the sums of the clusters.
FROM_SUMS = 2**16


class Frames(Sequence):
    """The Snapshots of a Run in the coordinates of X; the run had X minus ``mean``."""

    def __init__(self, run: Run, X, mean, weight=None):
        self.run, self.X, self.mean, self.weight = run, X, mean, weight
        self._inertia = {}
        self._points = self._square = None

    def __len__(self):
        return 1 + len(self.run.labels) + self.run.n_iter

    def __getitem__(self, index):
        index = range(len(self))[index]
        run, i = self.run, (index + 1) // 2  # half-steps 2i - 1 and 2i are iteration i
        if index == 0:
            return Snapshot(0, "init", run.centers[0] + self.mean)
        labels = run.labels[i - 1]
        if labels is not None:
            labels.flags.writeable = False  # else each Snapshot would copy them
        if index % 2:
            centers, phase = run.centers[i - 1], "assign"
            rest = {"n_changed": int(run.changed[i - 1])}
        else:
            centers, phase = run.centers[i], "update"
            rest = {"shift": np.sqrt(run.shift[i - 1]), "relocated": run.relocated[i - 1]}
        return Snapshot(i, phase, centers + self.mean, labels, self.inertia(index), **rest)

    def __getstate__(self):
        return self.__dict__ | {"_points": None}

    @property
    def points(self) -> Points:
        """The points of the run, laid out again when something has to be computed from them."""
        if self._points is None:
            self._points = Points(self.X - self.mean, self.weight)
        return self._points

    def relabel(self, index: int) -> np.ndarray:
        """The labels of a half-step again, bit for bit: same points, same centres, same code."""
        return self.points.assign(self.run.centers[(index + 1) // 2 - 1])

    def inertia(self, index: int) -> float:
        """The inertia of the labels and centres of one half-step."""
        if index not in self._inertia:
            value = self._from_sums(index)
            self._inertia[index] = self._from_points(index) if value is None else value
        return self._inertia[index]

    def _from_sums(self, index):
        i = (index + 1) // 2
        if self.X.size < FROM_SUMS or i > self.run.n_iter:
            return None
        if self._square is None:
            points = self.points
            self._square = float(np.vdot(points.weighted[:-1], points.columns[:-1]))
        sums, centers = self.run.sums[i - 1], self.run.centers[index // 2]
        value = self._square - 2 * np.vdot(centers, sums[:, :-1])
        value += ((centers**2).sum(axis=1) * sums[:, -1]).sum()
        # the difference of nearly equal numbers has lost its digits
        return float(value) if value > 1e-3 * self._square else None

    def _from_points(self, index):
        labels = self.run.labels[(index + 1) // 2 - 1]
        labels = self.relabel(index) if labels is None else labels
        return self.points.inertia(labels, self.run.centers[index // 2])


def history(run: Run, X, mean, weight=None, **about) -> History:
    """The History of a run over the points as the user gave them."""
    frames = Frames(run, X, mean, weight)
    return History(
        frames,
        X,
        stop_reason=run.stop_reason,
        sample_weight=weight,
        relabel=frames.relabel,
        **about,
    )
