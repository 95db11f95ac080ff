"""How fast KMeans is beside plain scikit-learn's, with and without a look at its history.

``python -m benchmarks.speed`` prints the table in about two minutes. Both make the same runs, in
turn, on one thread; the ratios are medians.
"""

import subprocess
import sys
import time
import tracemalloc

import numpy as np
from sklearn.cluster import KMeans as Theirs
from sklearn.datasets import load_digits, load_sample_image, make_blobs
from threadpoolctl import threadpool_limits

from benchmarks import Table
from kmeans_teach import KMeans

FIT, LOOK, BYTES, IMPORT = 1.05, 2.1, 0.6, 10


def blobs(n, k, d=2):
    """Round groups."""
    return make_blobs(n, d, centers=k, random_state=0)[0]


def cases():
    """Yield name, points, clusters and repetitions."""
    yield "300 x 2, k=4", blobs(300, 4), 4, 200
    yield "2,000 x 2, k=8", blobs(2000, 8), 8, 60
    yield "digits, k=10", load_digits().data, 10, 20
    china = load_sample_image("china.jpg").reshape(-1, 3).astype(float)
    yield "china.jpg, each pixel, k=16", china, 16, 3
    yield "1,000,000 x 2, k=8", blobs(1_000_000, 8), 8, 5
    yield "200,000 x 32, k=20", blobs(200_000, 20, 32), 20, 3


def seconds(function):
    """The time of one call, and what it returned."""
    began = time.perf_counter()
    result = function()
    return time.perf_counter() - began, result


def ratios(X, k, repetitions):
    """Time of a fit, and of a fit and a first look at history_, over scikit-learn's fit."""
    found = []
    for seed in range(repetitions):
        rule = {"n_clusters": k, "n_init": 1, "random_state": seed}
        theirs, plain = seconds(lambda rule=rule: Theirs(**rule).fit(X))
        ours, model = seconds(lambda rule=rule: KMeans(**rule).fit(X))
        look, history = seconds(lambda model=model: model.history_)
        assert history.n_iter == plain.n_iter_
        found.append((ours / theirs, (ours + look) / theirs))
    return np.median(found, axis=0)


def history_bytes():
    """Bytes that a history keeps for each point and half-step, beside the points."""
    X = blobs(100_000, 8)
    model = KMeans(8, n_init=1, random_state=0, tol=0).fit(X)
    tracemalloc.start()
    history = model.history_
    kept = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    return kept / (len(X) * len(history))


def import_time():
    """Milliseconds that ``import kmeans_teach`` takes after ``import numpy``."""
    code = "import numpy, time; t = time.perf_counter(); import kmeans_teach; "
    command = [sys.executable, "-c", code + "print(time.perf_counter() - t)"]
    return np.median([float(subprocess.check_output(command)) for _ in range(9)]) * 1e3


def beside_a_neighbour():
    """Milliseconds of ten starts on 300 points beside a busy process: ours, theirs by default."""
    X, times = blobs(300, 4), []
    neighbour = subprocess.Popen([sys.executable, "-c", "while True: pass"])
    try:
        for seed in range(60):
            rule = {"n_clusters": 4, "n_init": 10, "random_state": seed}
            pair = (KMeans(**rule), Theirs(**rule))
            times.append([1e3 * seconds(lambda model=model: model.fit(X))[0] for model in pair])
    finally:
        neighbour.kill()
        neighbour.wait()
    return np.median(times, axis=0), np.max(times, axis=0)


def main():
    """Print the table; the exit code is 1 if a target is missed."""
    table = Table()
    for name, X, k, repetitions in cases():
        with threadpool_limits(1):
            fit, look = ratios(X, k, repetitions)
        table.row(f"{name}: fit / scikit-learn's fit", fit, FIT, digits=2)
        table.row(f"{name}: fit and look / scikit-learn's fit", look, LOOK, digits=2)
    table.row("history: bytes a point and half-step", history_bytes(), BYTES, digits=2)
    table.row("import kmeans_teach: ms on top of numpy", import_time(), IMPORT, digits=2)
    (ours, theirs), worst = beside_a_neighbour()
    target = round(float(theirs), 1)
    table.row("beside a busy process: ms of ours, theirs", ours, target, digits=2)
    table.end(f"at worst {worst[0]:.0f} and {worst[1]:.0f} ms; ")


if __name__ == "__main__":
    main()
