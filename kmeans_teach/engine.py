"""The two half-steps of the textbook page, fast; tests hold every label to the slow ones."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from .frames import Run
from .history import MAX_ITER, NO_CHANGE, SMALL_SHIFT

#: Up to this many distances one product and one argmin are cheapest; above, blocks.
ONE_PRODUCT = 8192
#: Up to this many distances and values a run takes the short way of ``run_few``.
FEW = 8192
#: Up to this many values (more in few columns) every M-step adds up all points in scikit-learn's
#: order, which settles ties as it does; above, only those points that moved.
ADD_ALL = 8192


class Points:
    """The points as the half-steps want them: ``columns`` is [X.T - mean; 1]."""

    def __init__(self, X, weight=None, *, center=True, mean=None):
        n, d = X.shape
        self.block = 8192 if d <= 8 else 1024
        self.columns = columns = np.empty((d + 1, n), dtype=X.dtype)
        columns[d] = 1.0
        if center and mean is None:
            # both add row by row, as np.mean does on a C-contiguous X: ties hang on the last bit
            sums = np.add.accumulate(X, 0)[-1] if d <= 4 else np.add.reduce(X, 0)
            mean = sums / n
        for start in range(0, n, self.block):  # a whole transposition would miss the cache
            block, part = X[start : start + self.block].T, columns[:d, start : start + self.block]
            if center:
                np.subtract(block, mean[:, None], part)
            else:
                part[...] = block
        self.mean = mean
        self.weight = weight
        self.weighted = columns if weight is None else columns * weight

    @cached_property
    def rows(self):
        """The centred points as a C-contiguous table."""
        return np.ascontiguousarray(self.columns[:-1].T)

    def assign(self, centers):
        """E-step: argmin of ||c||^2 - 2 x.c, which orders centres as the squared distance does."""
        k, d = centers.shape
        n = self.columns.shape[1]
        factors = np.empty((k, d + 1), dtype=centers.dtype)
        np.multiply(centers, -2, out=factors[:, :d])
        factors[:, d] = np.einsum("ij,ij->i", centers, centers)
        small = n * k <= ONE_PRODUCT
        if k > 64 or ((d > 16 or not small) and len({center.tobytes() for center in centers}) < k):
            return self._assign_as_they_do(factors)
        if small:
            return np.dot(self.columns.T, factors.T).argmin(1)
        labels, width = np.empty(n, dtype=np.uint8), min(n, self.block)
        scores = np.empty((k, width), dtype=factors.dtype)
        hit = np.empty((k, width), dtype=bool)
        rank = np.arange(k, 0, -1, dtype=np.uint8)[:, None]
        for start in range(0, n, width):
            block = self.columns[:, start : start + width]
            m = block.shape[1]
            np.matmul(factors, block, out=scores[:, :m])
            labels[start : start + m] = first_lowest(scores[:, :m], hit[:, :m], rank)
        return labels

    def _assign_as_they_do(self, factors):
        # of equal centres the first must win, but at its edges a product of matrices is rounded
        # otherwise than inside: only blocks of scikit-learn's shape put the edges where it has them
        products, squares = np.ascontiguousarray(factors[:, :-1]).T, factors[:, -1]
        parts = [self.rows[i : i + 256] @ products for i in range(0, len(self.rows), 256)]
        return np.concatenate([np.add(part, squares, out=part).argmin(1) for part in parts])

    def sums(self, labels, k):
        """Of every cluster the weighted sum of its points, added in row order, and of weights."""
        labels = labels.astype(np.intp, copy=False)
        if self.weighted.dtype == np.float64:
            return np.array([np.bincount(labels, values, k) for values in self.weighted])
        sums = np.zeros((len(self.weighted), k), dtype=self.weighted.dtype)
        for total, values in zip(sums, self.weighted, strict=True):
            np.add.at(total, labels, values)  # scikit-learn adds float32 up in float32
        return sums

    def moved(self, sums, labels, before, differ):
        """The same from the sums before, when only few points changed cluster."""
        k, rows = sums.shape[1], np.flatnonzero(differ)
        new, old = labels[rows].astype(np.intp), before[rows].astype(np.intp)
        values = self.weighted.take(rows, axis=1)
        if len(sums) > 8:
            sign = np.zeros((len(rows), k))
            sign[np.arange(len(rows)), new] = 1
            sign[np.arange(len(rows)), old] = -1
            return sums + values @ sign
        gain = [np.bincount(new, part, k) - np.bincount(old, part, k) for part in values]
        return sums + gain

    def inertia(self, labels, centers):
        """Sum of squared distances, added up in scikit-learn's order: four columns, then rows."""
        total, d, centers = 0.0, centers.shape[1], centers.T
        four = d - d % 4
        for start in range(0, len(labels), self.block):
            part = slice(start, start + self.block)
            squares = self.columns[:d, part] - centers.take(labels[part], 1)
            squares *= squares
            if four:
                s = [squares[i:four:4] for i in range(4)]
                squares = np.concatenate([s[0] + s[1] + s[2] + s[3], squares[four:]])
            distance = np.add.reduce(squares, axis=0)
            if self.weight is not None:
                distance *= self.weight[part]
            if start:
                distance[0] += total
            total = np.add.accumulate(distance)[-1]
        return float(total)


def first_lowest(scores, hit, rank):
    """argmin over the clusters, the last axis but one; ``rank`` counts down to 1 along it.

    argmin goes from point to point; these four go from cluster to cluster, many points at a time.
    """
    np.equal(scores, np.minimum.reduce(scores, axis=-2, keepdims=True), out=hit)
    ranks = hit.view(np.uint8)
    np.multiply(ranks, rank, out=ranks)  # the first of equals ranks highest
    return np.subtract(scores.shape[-2], np.maximum.reduce(ranks, axis=-2), dtype=np.uint8)


def means(points, labels, centers, sums):
    """M-step: the new centres, the clusters that were empty and were given a point, and ghosts.

    A cluster that is empty even so is put where the biggest one is, or, if that comes later in the
    list, on the sum of its points: scikit-learn does so, and whether a run goes on depends on it.
    Ghosts, if there are any, are these clusters and the centres without the quirk (None: the old).
    """
    total = sums[-1]
    if np.count_nonzero(total) == len(total):
        return np.ascontiguousarray((sums[:-1] * (1.0 / total)).T), (), None
    empty, new, relocated = np.flatnonzero(total == 0), centers.copy(), ()
    distance = ((points.rows - centers[labels]) ** 2).sum(axis=1)
    if distance.max() > 0:
        sums, relocated = sums.copy(), tuple(map(int, empty))
        total = sums[-1]
        farthest = np.argpartition(distance, -len(empty))[: -len(empty) - 1 : -1]
        for j, i in zip(empty, farthest, strict=True):
            sums[:, labels[i]] -= points.weighted[:, i]
            sums[:, j] = points.weighted[:, i]
    full, biggest = total > 0, total.argmax()
    new[full] = (sums[:-1, full] * (1.0 / total[full])).T
    ghosts, shown = np.flatnonzero(~full), None  # None: nothing moved
    rounding = 64 * np.finfo(new.dtype).eps * np.abs(points.rows).max()
    if distance.max() <= rounding**2:  # no point is really away from its centre
        ghosts, relocated = empty, ()
    elif full.all():
        return new, relocated, None
    else:
        shown = new.copy()
        shown[ghosts] = new[biggest]
    for j in np.flatnonzero(~full):
        new[j] = new[biggest] if biggest < j else sums[:-1, biggest]
    return new, relocated, (ghosts, shown)


def run(points, centers, *, max_iter=300, tol=0.0, keep=None):
    """K-means from these centres; it ends when squared shifts of at most tol add up."""
    (d, n), k = points.columns[:-1].shape, len(centers)
    if n * max(d, k) <= FEW and d <= 16 and k <= 64 and centers.dtype == np.float64:
        done = run_few(points, centers, max_iter, tol, keep)
        if done is not None:
            return done
    done, labels, sums, ghosts, relocated = Run(centers, n, keep), None, None, None, ()
    add_all = n * d <= ADD_ALL * (16 if d <= 4 else 1) or points.columns.dtype != np.float64
    reason = MAX_ITER
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
        new = centers
        if changed or relocated or ghosts:  # else they are the means of these labels already
            new, relocated, ghosts = means(points, labels, centers, sums)
        step = new - centers
        centers = new
        done.add_centers(centers, sums, relocated)
        if not changed or np.vdot(step, step) <= tol:
            reason = SMALL_SHIFT if changed else NO_CHANGE
            break
    done.stop_reason = reason
    if changed:
        before, labels = labels, points.assign(centers)
        done.add_labels(labels, np.count_nonzero(labels != before))
    if ghosts:
        done.show(*ghosts, labels)
    return done


def run_few(points, centers, max_iter, tol, keep=None):
    """``run`` for few points, with the same bits; None if a cluster is empty.

    With few points the time goes into the calls, not into the numbers. So arrays are made once and
    written into, the centres are divided straight into the factors of the next product, and one
    bincount adds up all columns: its bin is the label plus k times the number of the column.
    """
    (k, d), n = centers.shape, points.columns.shape[1]
    done = Run(centers, n, keep)
    rows = points.columns * -2.0
    rows[d] = 1.0
    rows = rows.T
    factors, scores = np.empty((d + 1, k)), np.empty((n, k))
    products, squares = factors[:d], factors[d]
    products[...], pair = centers.T, np.empty((d, k))
    bins, weights = np.empty((d + 1, n), dtype=np.intp), points.weighted.ravel()
    labels, others, flat = bins[0], bins[1:], bins.ravel()
    offsets = np.arange(k, k * (d + 1), k)[:, None]
    seen, path, totals, now, reason = [], [centers], [], None, None
    while True:
        if d == 2:  # in which the order of adding, which is einsum's own, does not matter
            np.multiply(products, products, pair)
            np.add(pair[0], pair[1], squares)
        else:
            np.einsum("ij,ij->i", centers, centers, out=squares)
        rows.dot(factors, scores)
        scores.argmin(1, labels)
        compact = labels.astype(done.label_type)
        seen.append(compact)
        before, now = now, compact.tobytes()
        if reason or now == before:
            break
        np.add(labels, offsets, others)
        sums = np.bincount(flat, weights, k * (d + 1)).reshape(d + 1, k)
        total = sums[d]
        if np.count_nonzero(total) < k:
            return None
        np.multiply(sums, np.reciprocal(total), factors)  # the last row is written anew above
        old, centers = centers, products.T.copy()
        path.append(centers)
        totals.append(sums)
        step = centers - old
        if np.vdot(step, step) <= tol:
            reason = SMALL_SHIFT
        elif len(totals) == max_iter:
            reason = MAX_ITER
    if not reason:  # the centres are the means of these labels already
        path.append(centers)
        totals.append(sums)
    done.fill(seen, path, totals)
    done.stop_reason, done.full = reason or NO_CHANGE, not reason
    return done
