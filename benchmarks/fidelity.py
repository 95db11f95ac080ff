"""Same seed, same run: KMeans beside scikit-learn's on many kinds of data.

``python -m benchmarks.fidelity`` compares 200 seeds of each kind and init and prints a table;
``--seeds 20`` takes fewer, ``--kinds digits wine`` only these kinds.
"""

from __future__ import annotations

import argparse
import time
import warnings
from collections import Counter

import numpy as np
from sklearn.cluster import KMeans as Theirs
from threadpoolctl import threadpool_limits

from .data import INITS, differences, kinds, settings, start


def main():
    """Print the table; the exit code is 1 if anything differs."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=200, help="seeds of each kind and init")
    parser.add_argument("--kinds", nargs="*", help="names of kinds, else all")
    options = parser.parse_args()
    chosen = {
        name: kind for name, kind in kinds().items() if not options.kinds or name in options.kinds
    }
    began = time.perf_counter()
    print(f"{options.seeds} seeds each, one thread: runs that agree with scikit-learn\n")
    print(f"{'kind':<30}" + "".join(f"{init:>11}" for init in INITS) + "   what differs")
    runs = wrong = 0
    for name, kind in chosen.items():
        cells, causes = [], Counter()
        for init in INITS:
            found = _differing(kind, init, options.seeds)
            causes.update(cause for causes_ in found for cause in causes_)
            cells.append(f"{options.seeds - len(found):>11}")
            runs, wrong = runs + options.seeds, wrong + len(found)
        note = ", ".join(f"{cause} {count}" for cause, count in causes.items())
        print(f"{name:<30}" + "".join(cells) + f"   {note or '-'}", flush=True)
    print(f"\n{runs - wrong} of {runs} runs agree, {wrong} differ")
    print(_two_threads(chosen, min(options.seeds, 50)))
    print(f"{time.perf_counter() - began:.0f} s")
    raise SystemExit(wrong > 0)


def _differing(kind, init, seeds):
    with threadpool_limits(1):
        found = [differences(kind, init, seed) for seed in range(seeds)]
    return [names for names in found if names]


def _two_threads(chosen, seeds):
    """How often scikit-learn differs from itself when it has two threads instead of one."""
    runs = differ = 0
    for kind in chosen.values():
        if len(kind.X) <= 256:  # it gives a thread at least 256 points
            continue
        for seed in range(seeds):
            rule = settings("k-means++", seed) | {"init": start("k-means++", kind, seed)}
            fitted = [_theirs(kind, rule, threads) for threads in (1, 2)]
            runs += 1
            differ += not np.array_equal(fitted[0].labels_, fitted[1].labels_)
    return (
        f"two threads: scikit-learn differs from its own run on one thread in {differ} of {runs} "
        "runs (k-means++),\nbecause the threads add up in another order and ties fall otherwise"
    )


def _theirs(kind, rule, threads):
    with warnings.catch_warnings(), threadpool_limits(threads):
        warnings.simplefilter("ignore")
        return Theirs(kind.k, **rule).fit(kind.X, sample_weight=kind.weight)


if __name__ == "__main__":
    main()
