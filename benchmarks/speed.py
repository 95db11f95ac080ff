"""How fast KMeans is beside scikit-learn's, on one thread, with its history on.

``python -m benchmarks.speed`` prints every row in a few minutes; ``--rows 300 digits`` only these,
``--quick`` with fewer repetitions. Both sides get the same starting centres and make the same
number of iterations, in turn, and what is printed is the median of the ratios of the times.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
import warnings
from contextlib import contextmanager

import numpy as np
import pandas as pd
from sklearn.cluster import KMeans as Theirs
from sklearn.cluster import kmeans_plusplus
from sklearn.datasets import load_digits, make_blobs
from threadpoolctl import threadpool_limits

from kmeans_teach import KMeans, engine, folding, frames

from .data import pixels


def textbook(X, centers, n_iter):
    """argmin and boolean masks, as on the textbook page."""
    for _ in range(n_iter):
        distances = np.column_stack([((X - center) ** 2).sum(axis=1) for center in centers])
        labels = distances.argmin(axis=1)
        centers = np.array([X[labels == j].mean(axis=0) for j in range(len(centers))])
    return centers


def broadcasting(X, centers, n_iter):
    """All differences at once, in an array of shape (n, k, d)."""
    for _ in range(n_iter):
        labels = ((X[:, None] - centers) ** 2).sum(axis=2).argmin(axis=1)
        centers = np.array([X[labels == j].mean(axis=0) for j in range(len(centers))])
    return centers


def pandas_loop(X, centers, n_iter):
    """A beginner's loop: apply a function to each row, then group by cluster."""
    frame, centers = pd.DataFrame(X), pd.DataFrame(centers)
    for _ in range(n_iter):
        there = centers
        labels = frame.apply(lambda row: ((there - row) ** 2).sum(axis=1).idxmin(), axis=1)  # noqa: B023
        centers = frame.groupby(labels).mean()
    return centers


@contextmanager
def unfolded():
    """Let KMeans look at each point, also at equal ones."""
    usual, folding.FOLD_FROM = folding.FOLD_FROM, np.inf
    try:
        yield
    finally:
        folding.FOLD_FROM = usual


def seconds(function):
    """The time of one call."""
    began = time.perf_counter()
    function()
    return time.perf_counter() - began


def in_turn(functions, repetitions):
    """Times of shape (repetitions, functions), measured in turn."""
    for function in functions:
        function()  # once to warm up
    return np.array([[seconds(f) for f in functions] for _ in range(repetitions)])


class Fit:
    """A row of the table: one kind of data, fitted from starts drawn by k-means++."""

    def __init__(self, what, target, make, k, repetitions, max_iter=300, fold=True):
        self.what, self.target, self.make, self.k = what, target, make, k
        self.repetitions, self.max_iter, self.fold = repetitions, max_iter, fold

    def measure(self, quick):
        """Ratio to scikit-learn, and the columns that say more."""
        X = np.ascontiguousarray(self.make(), dtype=float)
        big = X.size > 100_000
        repetitions = max(3, self.repetitions // (4 if quick else 1))
        ratios, times, iterations = [], [], []
        for seed in range(2 if big else 10):
            part = X[:: max(1, len(X) // 5000)]
            start = kmeans_plusplus(part, self.k, random_state=seed)[0]
            arguments = {"init": start, "max_iter": self.max_iter}
            ours, theirs = KMeans(self.k, **arguments), Theirs(self.k, **arguments)
            pair = (lambda ours=ours: ours.fit(X), lambda theirs=theirs: theirs.fit(X))
            measured = in_turn(pair, max(2, repetitions // (2 if big else 10)))
            assert ours.n_iter_ == theirs.n_iter_
            assert np.array_equal(ours.labels_, theirs.labels_)
            ratios.extend(measured[:, 0] / measured[:, 1])
            times.extend(measured)
            iterations.append(ours.n_iter_)
        ours, theirs = np.median(times, axis=0)
        others = self._others(X, start, iterations[-1], np.median(measured[:, 1]))
        note = f"{np.median(iterations):.0f} iterations, " + milliseconds(ours, theirs) + others
        return np.median(ratios), note

    def _others(self, X, start, n_iter, theirs):
        limits = {textbook: np.inf, broadcasting: 5e8, pandas_loop: 2e5}
        columns = []
        for loop, limit in limits.items():
            if X.size * self.k * (8 if loop is broadcasting else 1) > limit:
                columns.append(f"{'-':>9}")
                continue
            steps = min(n_iter, 3)  # these loops cost the same in every iteration
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                took = seconds(lambda loop=loop: loop(X, start, steps)) * n_iter / steps  # noqa: B023
            columns.append(f"{took / theirs:>9.1f}")
        return "".join(columns)


class Seeded:
    """A row of the table: whole fits with random_state, draws included."""

    def __init__(self, what, target, n_init, repetitions):
        self.what, self.target, self.n_init, self.repetitions = what, target, n_init, repetitions
        self.fold = True

    def measure(self, quick):
        """Ratio to scikit-learn."""
        X = make_blobs(300, centers=4, random_state=0)[0]
        repetitions = max(3, self.repetitions // (4 if quick else 1))
        rule = {"n_clusters": 4, "n_init": self.n_init, "random_state": 3}
        pair = (lambda: KMeans(**rule).fit(X), lambda: Theirs(**rule).fit(X))
        measured = in_turn(pair, repetitions)
        note = milliseconds(*np.median(measured, axis=0))
        return np.median(measured[:, 0] / measured[:, 1]), "               " + note


class Extra:
    """A row of the table that is no ratio to scikit-learn."""

    def __init__(self, what, target, function):
        self.what, self.target, self.function, self.fold = what, target, function, True

    def measure(self, quick):
        """The figure."""
        return self.function(5 if quick else 15)


def milliseconds(ours, theirs):
    """Both times."""
    return f"{ours * 1e3:9.2f} ms for {theirs * 1e3:9.2f} ms"


def _million():
    return make_blobs(1_000_000, centers=8, random_state=0)[0]


def history_cost(repetitions):
    """Share of a run that goes into keeping labels, centres and sums."""
    X = make_blobs(200_000, centers=8, random_state=0)[0]
    points, start = engine.Points(X), X[:8] - X.mean(axis=0)

    def run(keep):
        done = engine.run(points, start, max_iter=20, keep=keep)
        return frames.history(done, engine.Points, X, points.mean) if keep else done

    measured = in_turn((lambda: run(2**40), lambda: run(0)), 2 * repetitions)
    return np.median(measured[:, 0] / measured[:, 1]) - 1, "share of a run of 200,000 x 2"


def history_memory(_):
    """Bytes that a history keeps for each point and half-step."""
    X = make_blobs(100_000, centers=8, random_state=0)[0]
    run = KMeans(8, random_state=0, tol=0).fit(X).history_._snapshots.run
    arrays = {id(a): a.nbytes for a in (*run.labels, *run.centers, *run.sums)}
    half_steps = len(run.labels) + len(run.sums)
    return sum(arrays.values()) / (len(X) * half_steps), "bytes a point and half-step"


def import_time(repetitions):
    """Milliseconds that ``import kmeans_teach`` takes after ``import numpy``."""
    code = (
        "import numpy, time; t = time.perf_counter(); import kmeans_teach; "
        "print(time.perf_counter() - t)"
    )
    command = [sys.executable, "-c", code]
    times = [float(subprocess.check_output(command)) for _ in range(repetitions)]
    return np.median(times) * 1e3, "ms on top of numpy"


ROWS = {
    "300": Fit("300 x 2, k=4", 0.20, lambda: make_blobs(300, centers=4, random_state=0)[0], 4, 400),
    "2000": Fit(
        "2,000 x 2, k=8", 0.75, lambda: make_blobs(2000, centers=8, random_state=0)[0], 8, 200
    ),
    "digits": Fit("digits, k=10", 0.85, lambda: load_digits().data, 10, 100),
    "china": Fit("china.jpg, each pixel, k=16", 0.80, pixels, 16, 8, 20, fold=False),
    "colours": Fit("china.jpg, equal colours folded", 0.40, pixels, 16, 8, 20),
    "million": Fit("1,000,000 x 2, k=8", 0.55, _million, 8, 8, 20),
    "wide": Fit(
        "200,000 x 32, k=20",
        0.80,
        lambda: make_blobs(200_000, 32, centers=20, cluster_std=6, random_state=0)[0],
        20,
        8,
        20,
    ),
    "seeds": Seeded("100 seeds of 300 x 2", 0.40, 100, 20),
    "seeded": Seeded("300 x 2, k=4, draws included", None, 1, 200),
    "history": Extra("recording the history", 0.03, history_cost),
    "memory": Extra("memory of the history", 1.0, history_memory),
    "import": Extra("import kmeans_teach", 10.0, import_time),
}


def main():
    """Print the table; the exit code is 1 if a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", nargs="*", choices=list(ROWS), help="these rows only")
    parser.add_argument("--quick", action="store_true", help="fewer repetitions")
    options = parser.parse_args()
    began, missed = time.perf_counter(), 0
    print("time of KMeans over scikit-learn's, one thread, history on; right of it the ratios of")
    print("three other ways to write the loop\n")
    print(f"{'':<33}{'ratio':>7}{'target':>8}  met{'':<15}{'ours':>10}{'theirs':>17}", end="")
    print(f"{'textbook':>11}{'(n,k,d)':>9}{'pandas':>9}")
    for name in options.rows or ROWS:
        row = ROWS[name]
        with threadpool_limits(1):
            if row.fold:
                value, note = row.measure(options.quick)
            else:
                with unfolded():
                    value, note = row.measure(options.quick)
        met = "-" if row.target is None else "yes" if value <= row.target else "NO"
        missed += met == "NO"
        target = "-" if row.target is None else f"{row.target:.2f}"
        print(f"{row.what:<33}{value:>7.3f}{target:>8}  {met:<4} {note}", flush=True)
    print(f"\n{missed} missed; {time.perf_counter() - began:.0f} s")
    raise SystemExit(missed > 0)


if __name__ == "__main__":
    main()
