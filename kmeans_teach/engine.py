"""The two half-steps of the textbook page, fast; tests hold every label to ``kmeans_teach.lloyd``.

The words in the comments are ratios and times measured on one thread of a laptop-like machine.
"""

from __future__ import annotations

import numpy as np

from .history import MAX_ITER, NO_CHANGE, SMALL_SHIFT

#: Bytes of labels that one run may keep; above, labels are rebuilt when they are asked for.
KEEP_LABELS = 2**28
#: Up to this many distances one product and one argmin are cheapest; above, blocks.
ONE_PRODUCT = 8192
#: Up to this many values every M-step adds up all points; above, only those that moved.
ADD_ALL = 8192


class Points:
    """The points as the half-steps want them: ``columns`` is [X.T; 1], ``weighted`` that times w."""

    def __init__(self, X, weight=None):
        n, d = X.shape
        self.X, self.weight = X, weight
        self.columns = np.empty((d + 1, n), dtype=X.dtype)
        self.columns[:d] = X.T
        self.columns[d] = 1
        self.weighted = self.columns if weight is None else self.columns * weight
        self.block = 8192 if d <= 8 else 1024

    def assign(self, centers):
        """E-step: argmin of ||c||^2 - 2 x.c, which orders centres as the squared distance does."""
        k, d = centers.shape
        n = self.columns.shape[1]
        factors = np.empty((k, d + 1), dtype=centers.dtype)
        np.multiply(centers, -2, out=factors[:, :d])
        factors[:, d] = np.einsum("ij,ij->i", centers, centers)
        if n * k <= ONE_PRODUCT:
            return (self.columns.T @ factors.T).argmin(1)
        if k > 255:
            parts = [
                (self.columns[:, i : i + 1024].T @ factors.T).argmin(1) for i in range(0, n, 1024)
            ]
            return np.concatenate(parts).astype(np.min_scalar_type(k - 1))
        return self._assign_blocks(factors, n, k)

    def _assign_blocks(self, factors, n, k):
        # argmin goes through the points one by one; minimum, equal and maximum go through the
        # centres and take eight points at a time
        labels = np.empty(n, dtype=np.uint8)
        scores = np.empty((k, self.block), dtype=factors.dtype)
        nearest = np.empty(self.block, dtype=factors.dtype)
        hit = np.empty((k, self.block), dtype=bool)
        rank = np.arange(k, 0, -1, dtype=np.uint8)[:, None]  # the first of equals ranks highest
        for start in range(0, n, self.block):
            m = min(self.block, n - start)
            part, low, found = scores[:, :m], nearest[:m], hit[:, :m]
            np.matmul(factors, self.columns[:, start : start + m], out=part)
            np.minimum.reduce(part, axis=0, out=low)
            np.equal(part, low, out=found)
            ranks = found.view(np.uint8)
            np.multiply(ranks, rank, out=ranks)
            out = labels[start : start + m]
            np.maximum.reduce(ranks, axis=0, out=out)
            np.subtract(k, out, out=out)
        return labels

    def sums(self, labels, k):
        """For every cluster the weighted sum of its points, in row order, and of their weights."""
        return np.stack([_sum(labels, values, k) for values in self.weighted], axis=1)

    def moved(self, sums, labels, before, differ):
        """The same from the sums before, when only few points changed cluster."""
        k, rows = len(sums), np.flatnonzero(differ)
        both = np.concatenate([labels[rows], before[rows]])
        sums = sums.copy()
        for j, values in enumerate(self.weighted):
            change = values[rows]
            sums[:, j] += _sum(both, np.concatenate([change, -change]), k)
        return sums

    def inertia(self, labels, centers):
        """Sum of squared distances, added up in scikit-learn's order."""
        total, d = 0.0, self.X.shape[1]
        for start in range(0, len(labels), 65536):
            part = slice(start, start + 65536)
            squares = self.columns[:d, part] - centers.T[:, labels[part]]
            squares *= squares
            four = d - d % 4
            terms = squares[0:four:4] + squares[1:four:4] + squares[2:four:4] + squares[3:four:4]
            distance = np.add.reduce(np.concatenate([terms, squares[four:]]), axis=0)
            if self.weight is not None:
                distance *= self.weight[part]
            distance[0] += total
            total = np.add.accumulate(distance)[-1]
        return float(total)


def _sum(labels, values, k):
    if values.dtype == np.float64:
        return np.bincount(labels, values, k)
    sums = np.zeros(k, dtype=values.dtype)  # scikit-learn adds float32 up in float32
    np.add.at(sums, labels, values)
    return sums


def means(points, labels, centers, sums):
    """M-step: the new centres, the clusters that were empty and were given a point, and ghosts.

    A cluster that is empty even so is put where the biggest one is, or, if that comes later in the
    list, on the sum of its points: scikit-learn does so, and whether a run goes on depends on it.
    Ghosts, if there are any, are these clusters and the centres without that quirk.
    """
    total = sums[:, -1]
    if total.all():
        return sums[:, :-1] * (1.0 / total[:, None]), (), None
    empty, new, relocated = np.flatnonzero(total == 0), centers.copy(), ()
    distance = ((points.X - centers[labels]) ** 2).sum(axis=1)
    if distance.max() > 0:
        sums, relocated = sums.copy(), tuple(map(int, empty))
        total = sums[:, -1]
        farthest = np.argpartition(distance, -len(empty))[: -len(empty) - 1 : -1]
        for j, i in zip(empty, farthest, strict=True):
            sums[labels[i]] -= points.weighted[:, i]
            sums[j] = points.weighted[:, i]
    full, biggest = total > 0, total.argmax()
    new[full] = sums[full, :-1] * (1.0 / total[full, None])
    if full.all():
        return new, relocated, None
    ghosts, shown = np.flatnonzero(~full), centers
    if relocated:
        shown = new.copy()
        shown[ghosts] = new[biggest]
    for j in ghosts:
        new[j] = new[biggest] if biggest < j else sums[biggest, :-1]
    return new, relocated, (ghosts, shown)


class Run:
    """What one run leaves: per iteration labels, centres and a few numbers; no Snapshots yet."""

    def __init__(self, centers, n_samples, keep):
        self.centers, self.labels, self.sums = [centers], [], []
        self.changed, self.shift, self.relocated = [], [], []
        self.stop_reason = self.last = None
        self.kept = keep // n_samples  # a label is a byte (two with more than 256 clusters)

    def add_labels(self, labels, changed):
        """After an E-step."""
        narrow = labels.astype(np.min_scalar_type(len(self.centers[0]) - 1), copy=False)
        self.labels.append(
            narrow if (len(self.labels) + 1) * narrow.itemsize <= self.kept else None
        )
        self.changed.append(changed)
        self.last = narrow

    def show(self, ghosts, shown, labels):
        """Record the centres without the quirk, if the next E-step leaves the ghosts empty."""
        if not np.isin(ghosts, labels).any():
            step = shown - self.centers[-2]
            self.centers[-1], self.shift[-1] = shown, np.einsum("ij,ij->i", step, step)

    def add_centers(self, centers, sums, shift, relocated):
        """After an M-step."""
        self.centers.append(centers)
        self.sums.append(sums)
        self.shift.append(shift)
        self.relocated.append(relocated)

    @property
    def n_iter(self):
        """How many M-steps were made."""
        return len(self.shift)


def run(points, centers, *, max_iter=300, tol=0.0, keep=KEEP_LABELS):
    """K-means from these centres; it ends when squared shifts of at most tol add up."""
    n, k = len(points.X), len(centers)
    done = Run(centers, n, keep)
    done.stop_reason = MAX_ITER
    labels = sums = ghosts = None
    add_all = points.X.size <= ADD_ALL or points.X.dtype != np.float64
    for _ in range(max_iter):
        before, labels = labels, points.assign(centers)
        if ghosts:
            done.show(*ghosts, labels)
        if before is None:
            changed, sums = n, points.sums(labels, k)
        else:
            differ = labels != before
            changed = np.count_nonzero(differ)
            if changed:
                few = not add_all and 4 * changed < n
                sums = points.moved(sums, labels, before, differ) if few else points.sums(labels, k)
        done.add_labels(labels, changed)
        new, relocated, ghosts = means(points, labels, centers, sums)
        step = new - centers
        shift = np.einsum("ij,ij->i", step, step)
        centers = new
        done.add_centers(centers, sums, shift, relocated)
        if not changed:
            done.stop_reason = NO_CHANGE
            break
        if shift.sum() <= tol:
            done.stop_reason = SMALL_SHIFT
            break
    if changed:
        before, labels = labels, points.assign(centers)
        done.add_labels(labels, np.count_nonzero(labels != before))
    if ghosts:
        done.show(*ghosts, labels)
    return done
