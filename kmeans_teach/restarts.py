"""Many small runs side by side: one call for all of them costs little more than for one."""

from __future__ import annotations

import numpy as np

from .engine import first_lowest, run

#: How many distances the runs may have in hand at a time: more do not fit the cache.
TOGETHER = 2**17


def ends(points, starts, **rule):
    """Final labels and centres of the run from each start, small runs many at a time."""
    k = len(starts[0])
    many = TOGETHER // (points.columns.shape[1] * k)
    alone = many < 4 or k > 255 or points.columns.dtype != np.float64
    for first in range(0, len(starts), max(many, 1)):
        part = starts[first : first + max(many, 1)]
        quick = [None] * len(part) if alone else together(points, np.stack(part), **rule)
        for start, end in zip(part, quick, strict=True):
            if end is None:
                done = run(points, start, keep=0, **rule)
                end = done.last, done.centers[-1]
            yield end


def together(points, starts, *, max_iter, tol):
    """Final labels and centres of many small runs in lock-step; None for those with empty clusters.

    They give the same bits as ``run`` for each alone.
    """
    many, k, d = starts.shape
    n, found = points.columns.shape[1], [None] * many
    repeated = np.tile(points.weighted, many)
    rank = np.arange(k, 0, -1, dtype=np.uint8)[:, None]
    numbers, centers, labels = np.arange(many), starts, None
    settled = np.zeros(many, dtype=bool)
    for step in range(max_iter + 1):
        r = len(centers)
        factors = np.empty((r, k, d + 1))
        np.multiply(centers, -2, out=factors[:, :, :d])
        factors[:, :, d] = np.einsum("rij,rij->ri", centers, centers)
        scores = (factors.reshape(r * k, d + 1) @ points.columns).reshape(r, k, n)
        before, labels = labels, first_lowest(scores, np.empty(scores.shape, dtype=bool), rank)
        if step == max_iter:
            settled[:] = True
        for i in np.flatnonzero(settled):
            found[numbers[i]] = labels[i], centers[i]
        strict = ~(labels != before).any(axis=1) if step else np.zeros(r, dtype=bool)
        flat = (labels + k * np.arange(r)[:, None]).ravel()
        sums = [np.bincount(flat, part[: r * n], r * k) for part in repeated]
        sums = np.stack(sums, axis=-1).reshape(r, k, d + 1)
        full = (sums[:, :, d] > 0).all(axis=1)
        go = full & ~settled
        with np.errstate(divide="ignore", invalid="ignore"):
            new = sums[:, :, :d] * (1.0 / sums[:, :, d:])
        for i in np.flatnonzero(strict & go):
            found[numbers[i]] = labels[i], new[i]
        go &= ~strict
        if not go.any():
            return found
        shift = new - centers
        settled = (np.einsum("rij,rij->r", shift, shift) <= tol)[go]
        numbers, centers, labels = numbers[go], new[go], labels[go]
    return found
