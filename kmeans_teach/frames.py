"""The record of a fast run, and its History: Snapshots that are made when someone looks at them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from .history import History, Snapshot

#: Bytes of labels that one run keeps; what comes after is rebuilt when it is asked for.
KEEP_LABELS = 2**28
#: Values (rows times columns) from which inertias come from the sums of the clusters.
FROM_SUMS = 2**16
BYTE = np.dtype(np.uint8)


class Run:
    """What a run leaves: labels, centres and sums of each iteration; no Snapshots yet."""

    def __init__(self, centers, n_samples, keep=None):
        self.centers, self.labels, self.sums = [centers], [], []
        self.changed, self.relocated = [], []
        self.stop_reason = self.last = self.which = None
        self.full = False  # whether it is known that no cluster is empty at the end
        k = len(centers)
        self.label_type = BYTE if k <= 256 else np.min_scalar_type(k - 1)
        keep = KEEP_LABELS if keep is None else keep
        self.kept = keep // (n_samples * self.label_type.itemsize)

    def add_labels(self, labels, changed):
        """After an E-step."""
        self.last = labels.astype(self.label_type, copy=False)
        self.labels.append(self.last if len(self.labels) < self.kept else None)
        self.changed.append(changed)

    def add_centers(self, centers, sums, relocated):
        """After an M-step."""
        self.centers.append(centers)
        self.sums.append(sums)
        self.relocated.append(relocated)

    def fill(self, labels, centers, sums):
        """All iterations at once, none of which met an empty cluster."""
        self.last, self.labels, self.centers, self.sums = labels[-1], labels, centers, sums
        self.changed = [None] * len(labels)  # counted when asked for
        if len(labels) > self.kept:
            changed = [np.count_nonzero(a != b) for a, b in pairwise(labels)]
            self.changed = [len(self.last), *changed]
            self.labels = labels[: self.kept] + [None] * (len(labels) - self.kept)
        self.relocated = [()] * len(sums)

    def unfold(self, which):
        """Point i is row ``which[i]`` of the points that the run had."""
        self.which, self.last = which, self.last[which]

    def show(self, ghosts, shown, labels):
        """Record the centres without the quirk, if the next E-step leaves the ghosts empty."""
        if not np.isin(ghosts, labels).any():
            self.centers[-1] = self.centers[-2] if shown is None else shown

    @property
    def n_iter(self):
        """How many M-steps were made."""
        return len(self.sums)


class Frames(Sequence):
    """The Snapshots of a Run in the coordinates of X; the run had X minus ``mean``.

    ``layout(X, weight)`` makes the Points again when something has to be computed from them.
    """

    def __init__(self, run: Run, layout, X, mean, weight=None):
        self.run, self.layout, self.X, self.mean, self.weight = run, layout, X, mean, weight
        self._inertia = {}
        self._points = self._square = None

    def __len__(self):
        return 1 + len(self.run.labels) + self.run.n_iter

    def __getitem__(self, index):
        index = range(len(self))[index]
        run, i = self.run, (index + 1) // 2  # half-steps 2i - 1 and 2i are iteration i
        centers = run.centers[index // 2]
        if index == 0:
            return Snapshot(0, "init", centers + self.mean)
        labels = self.kept(i)
        if index % 2:
            phase, rest = "assign", {"n_changed": self.changed(i)}
        else:
            shift = np.sqrt(((centers - run.centers[i - 1]) ** 2).sum(axis=1))
            phase, rest = "update", {"shift": shift, "relocated": run.relocated[i - 1]}
        return Snapshot(i, phase, centers + self.mean, labels, self.inertia(index), **rest)

    def __getstate__(self):
        return self.__dict__ | {"_points": None}

    @property
    def points(self):
        """The points as the run had them."""
        if self._points is None:
            self._points = self.layout(self.X, self.weight)
        return self._points

    def kept(self, i):
        """The labels of iteration i, or None if the run did not keep them."""
        labels = self.run.labels[i - 1]
        if labels is None:
            return None
        if self.run.which is not None:
            labels = labels[self.run.which]
        labels.flags.writeable = False  # else each Snapshot would copy them
        return labels

    def changed(self, i):
        """How many points E-step i moved to another cluster."""
        if i == 1:
            return len(self.X)
        if self.run.which is None and self.run.changed[i - 1] is not None:
            return int(self.run.changed[i - 1])
        return int(np.count_nonzero(self.kept(i) != self.kept(i - 1)))

    def relabel(self, index: int) -> np.ndarray:
        """The labels of a half-step again, bit for bit: same points, same centres, same code."""
        return self.points.assign(self.run.centers[(index - 1) // 2])

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
        value = self._square - 2 * np.vdot(centers.T, sums[:-1])
        value += ((centers**2).sum(axis=1) * sums[-1]).sum()
        # the difference of nearly equal numbers has lost its digits
        return float(value) if value > 1e-3 * self._square else None

    def _from_points(self, index):
        labels = self.kept((index + 1) // 2)
        labels = self.relabel(index) if labels is None else labels
        return self.points.inertia(labels, self.run.centers[index // 2])


def history(run: Run, layout, X, mean, weight=None, **about) -> History:
    """The History of a run over the points as the user gave them."""
    frames = Frames(run, layout, X, mean, weight)
    return History(
        frames,
        X,
        stop_reason=run.stop_reason,
        sample_weight=weight,
        relabel=frames.relabel,
        **about,
    )
