"""Same seed, same run: KMeans beside scikit-learn's on many kinds of data.

``python -m benchmarks.fidelity`` compares 50 seeds of each kind and init on one thread and prints
a table; ``--seeds 200`` takes more, ``--kinds digits wine`` only these kinds.
"""

from __future__ import annotations

import argparse
import time
import warnings
from collections import Counter
from typing import NamedTuple

import numpy as np
from sklearn.cluster import KMeans as Theirs
from sklearn.datasets import load_digits, load_iris, load_sample_image, load_wine
from sklearn.datasets import make_blobs as blobs
from sklearn.datasets import make_moons as moons
from threadpoolctl import threadpool_limits

from kmeans_teach import KMeans

INITS = ("k-means++", "random", "array", "callable")


class Kind(NamedTuple):
    """Points, how many clusters to look for, and perhaps weights."""

    X: np.ndarray
    k: int
    weight: np.ndarray | None = None


def pixels():
    """All 273,280 pixels of scikit-learn's picture china.jpg, three bytes each."""
    return load_sample_image("china.jpg").reshape(-1, 3)


def lattice(rows, columns, step=1.0):
    """The points of a lattice, on which most distances occur many times."""
    return np.array([(i, j) for i in range(rows) for j in range(columns)]) * step


def kinds() -> dict[str, Kind]:
    """Every kind by its name."""
    random = np.random.RandomState(0)
    some = random.choice(273280, 1500, replace=False)
    spread = blobs(300, centers=4, random_state=0)[0]
    wide = blobs(900, n_features=20, centers=9, cluster_std=4, random_state=3)[0]
    return {
        "blobs": Kind(spread, 4),
        "blobs, 2,000 points": Kind(blobs(2000, centers=8, random_state=1)[0], 8),
        "blobs, 6,000 points": Kind(blobs(6000, centers=6, random_state=2)[0], 6),
        "blobs, 70,000 points": Kind(blobs(70000, centers=5, random_state=5)[0], 5),
        "blobs, 20 columns": Kind(wide, 9),
        "moons": Kind(moons(400, noise=0.08, random_state=0)[0], 5),
        "iris": Kind(load_iris().data, 3),
        "wine": Kind(load_wine().data, 3),
        "digits": Kind(load_digits().data, 10),
        "pixels, floats": Kind(pixels()[some] / 255.0, 8),
        "pixels, bytes": Kind(pixels()[some], 8),
        "pixels, 40,000 bytes": Kind(pixels()[:40000], 6),
        "grid of duplicates": Kind(random.randint(0, 4, (300, 2)).astype(float), 7),
        "more clusters than distinct": Kind(np.repeat(random.rand(5, 2), 12, axis=0), 9),
        "nearly as many clusters": Kind(random.randint(0, 3, (120, 2)).astype(float), 9),
        "all identical": Kind(np.full((40, 3), 0.1), 4),
        "lattice with ties": Kind(lattice(12, 12), 7),
        "lattice of thirds": Kind(lattice(80, 60, 1 / 3), 6),
        "one column": Kind(random.randn(250, 1), 5),
        "iris, sepal length alone": Kind(load_iris().data[:, :1], 4),
        "iris, sepal width alone": Kind(load_iris().data[:, 1:2], 4),
        "iris, petal length alone": Kind(load_iris().data[:, 2:3], 4),
        "iris, petal width alone": Kind(load_iris().data[:, 3:], 4),
        "integers": Kind(random.randint(-9, 9, (200, 3)), 6),
        "float32": Kind(blobs(1000, centers=5, random_state=4)[0].astype(np.float32), 5),
        "float32 lattice": Kind(lattice(11, 9).astype(np.float32), 6),
        "far from the origin": Kind(spread + 1e6, 4),
        "k=1": Kind(random.rand(60, 3), 1),
        "k=n": Kind(random.rand(25, 2), 25),
        "weights": Kind(spread, 5, random.rand(300)),
        "weights, some zero": Kind(spread, 6, random.randint(0, 3, 300).astype(float)),
        "Fortran order": Kind(np.asfortranarray(wide[:, :7]), 5),
        "centres far outside": Kind(spread * [1, 1e-3], 12),
        "300 clusters": Kind(random.rand(900, 2), 300),
    }


def start(name: str, kind: Kind, seed: int):
    """The ``init`` argument of that name; array and callable start partly off the data."""
    if name not in ("array", "callable"):
        return name
    rows = np.random.RandomState(seed).randint(len(kind.X), size=kind.k)
    centers = kind.X[rows].astype(kind.X.dtype if kind.X.dtype.kind == "f" else float)
    if seed % 2:
        centers[0] += 10 * np.ptp(kind.X, axis=0) + 1  # an empty cluster in the first E-step
    if name == "array":
        return centers

    def draw(X, n_clusters, random_state):
        return X[random_state.choice(len(X), n_clusters)]

    return draw


def settings(init_name: str, seed: int) -> dict:
    """How to fit with this seed: some runs are cut short, some have restarts, some stop by tol."""
    n_init = 3 if seed % 5 == 0 and init_name != "array" else 1
    max_iter, tol = 3 if seed % 7 == 6 else 300, (1e-4, 1e-4, 0, 1e-2)[seed % 4]
    return {"n_init": n_init, "max_iter": max_iter, "tol": tol, "random_state": seed}


def differences(kind: Kind, init_name: str, seed: int) -> list[str]:
    """What differs between a run here and scikit-learn's; run it under threadpool_limits(1)."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        rule = settings(init_name, seed) | {"init": start(init_name, kind, seed)}
        theirs = Theirs(kind.k, **rule).fit(kind.X, sample_weight=kind.weight)
        ours = KMeans(kind.k, **rule).fit(kind.X, sample_weight=kind.weight)
    last = ours.history_[-1]
    checks = {
        "labels_": np.array_equal(ours.labels_, theirs.labels_),
        "n_iter_": ours.n_iter_ == theirs.n_iter_,
        "cluster_centers_": np.array_equal(ours.cluster_centers_, theirs.cluster_centers_),
        "inertia_": ours.inertia_ == theirs.inertia_,
        "types": ours.cluster_centers_.dtype == theirs.cluster_centers_.dtype,
        "history: labels": np.array_equal(last.labels, theirs.labels_),
        "history: centres": np.array_equal(last.centers, theirs.cluster_centers_),
        "history: iterations": ours.history_.n_iter == theirs.n_iter_,
    }
    return [name for name, same in checks.items() if not same]


def main():
    """Print the table; the exit code is 1 if anything differs."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=50, help="seeds of each kind and init")
    parser.add_argument("--kinds", nargs="*", help="names of kinds, else all")
    options = parser.parse_args()
    began, runs, wrong = time.perf_counter(), 0, 0
    print(f"{options.seeds} seeds each: runs that agree with scikit-learn, bit by bit\n")
    print(f"{'kind':<30}" + "".join(f"{init:>11}" for init in INITS) + "   what differs")
    for name, kind in kinds().items():
        if options.kinds and name not in options.kinds:
            continue
        cells, causes = [], Counter()
        for init in INITS:
            with threadpool_limits(1):
                found = [differences(kind, init, seed) for seed in range(options.seeds)]
            causes.update(cause for causes_ in found for cause in causes_)
            agree = found.count([])
            cells.append(f"{agree:>11}")
            runs, wrong = runs + options.seeds, wrong + options.seeds - agree
        note = ", ".join(f"{cause} {count}" for cause, count in causes.items())
        print(f"{name:<30}" + "".join(cells) + f"   {note or '-'}", flush=True)
    print(f"\n{runs - wrong} of {runs} runs agree; {time.perf_counter() - began:.0f} s")
    raise SystemExit(wrong > 0)


if __name__ == "__main__":
    main()
