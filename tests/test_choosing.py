"""Choosing k: the numbers by slow, independent ways; the indices are beside scikit-learn's."""

from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import adjusted_rand_score

from kmeans_teach.choosing import gap_statistic, stability, sweep

DATA = Path(__file__).parents[1] / "data"
LINE = np.array([0.0, 0.3, 1.1, 4.0, 4.2, 5.5, 9.0, 9.1, 9.9])[:, None]


@pytest.fixture(scope="module")
def blobs():
    return pd.read_csv(DATA / "kmeans_blobs.csv")[["x", "y"]]


def noise(seed, n=300):
    return np.random.RandomState(seed).uniform(0, 10, (n, 2))


# ------------------------------------------------- independent ways, by loops and by trying all


def best_on_a_line(values, k):
    """Try every way to cut sorted values into k pieces: (inertia, centres)."""
    values = np.sort(np.ravel(values))
    tried = []
    for cuts in combinations(range(1, len(values)), k - 1):
        pieces = np.split(values, cuts)
        error = sum(((piece - piece.mean()) ** 2).sum() for piece in pieces)
        tried.append((error, [piece.mean() for piece in pieces]))
    return min(tried)


# ------------------------------------------------------------------------------------- sweep


def test_sweep_finds_the_best_of_all_on_a_line():
    runs = sweep(LINE, range(1, 10))
    assert runs.inertia == pytest.approx([best_on_a_line(LINE, k)[0] for k in range(1, 10)])
    # one cluster, or each point a cluster of its own, has no index
    for index in (runs.silhouette, runs.calinski_harabasz, runs.davies_bouldin):
        assert np.isnan(index).tolist() == [True, *[False] * 7, True]
    assert np.isnan(runs.silhouettes(1)).all()


def test_sweep_of_four_blobs_and_its_table(blobs):
    runs = sweep(blobs)
    table = runs.to_frame()
    assert table.index.name == "k"
    assert table.index.tolist() == list(range(1, 11)) == list(runs.k_values)
    assert (table["inertia"].diff().dropna() < 0).all()
    assert table["silhouette"].idxmax() == table["calinski_harabasz"].idxmax() == 4
    assert table["davies_bouldin"].idxmin() == 4
    assert runs.model(4) is runs.models[3]
    assert runs.model(4).feature_names_in_.tolist() == ["x", "y"]
    assert np.array_equal(runs.X, blobs.to_numpy())


def test_the_same_seed_gives_the_same_numbers_and_arrays_are_read_only():
    X = noise(5, 60)
    for method, arrays in (
        (lambda: sweep(X, [2, 3, 4]), ("inertia", "silhouette")),
        (lambda: gap_statistic(X, [1, 2], n_references=3), ("gap", "error", "reference")),
        (lambda: stability(X, [2, 3], n_resamples=3), ("ari", "spread")),
    ):
        a, b = method(), method()
        for name in arrays:
            assert np.array_equal(getattr(a, name), getattr(b, name))
            with pytest.raises(ValueError, match="read-only"):
                getattr(a, name)[0] = 0
    assert X.flags.writeable


# --------------------------------------------------------------------------------------- gap


def test_gap_has_the_numbers_of_trying_all_on_a_line():
    ks, times = range(1, 5), 6
    got = gap_statistic(LINE, ks, n_references=times, n_init=30, random_state=11)

    draws, references = np.random.RandomState(11), []
    draws.randint(2**31 - 1)  # the seed of the run on the points themselves
    for _ in range(times):
        references.append(draws.uniform(0.0, 9.9, LINE.shape))
        draws.randint(2**31 - 1)
    logs = np.array([[np.log(best_on_a_line(r, k)[0]) for k in ks] for r in references])
    mine = np.array([best_on_a_line(LINE, k)[0] for k in ks])

    assert got.n_references == times
    assert got.inertia == pytest.approx(mine)
    assert got.reference == pytest.approx(logs.mean(axis=0))
    assert got.gap == pytest.approx(logs.mean(axis=0) - np.log(mine))
    assert got.error == pytest.approx(logs.std(axis=0, ddof=0) * np.sqrt(1 + 1 / times))


def test_gap_says_four_on_four_blobs_and_one_on_noise(blobs):
    assert gap_statistic(blobs).best == 4
    assert [gap_statistic(noise(seed)).best for seed in (0, 1, 2, 3)] == [1, 1, 1, 1]


def test_best_is_the_first_k_that_reaches_the_next_gap_less_its_error(blobs):
    got = gap_statistic(blobs, n_references=5)
    first = next(i for i in range(9) if got.gap[i] >= got.gap[i + 1] - got.error[i + 1])
    assert got.best == got.k_values[first] == 4
    # none of these does, as the gap rises up to 4
    assert gap_statistic(blobs, [1, 2, 3], n_references=5).best == 3
    assert gap_statistic(blobs, [2], n_references=5).best == 2


# --------------------------------------------------------------------------------- stability


def test_stability_has_the_numbers_of_trying_all_on_a_line():
    times, part = 4, 7  # 0.75 * 9 rounded
    got = stability(LINE, [2, 3, 4], n_resamples=times, share=0.75, n_init=30, random_state=5)
    draws, rows = np.random.RandomState(5), []
    for _ in range(times):
        pair = [LINE[draws.permutation(9)[:part]] for _ in range(2)]
        draws.randint(2**31 - 1, size=2)
        row = []
        for k in (2, 3, 4):
            centers = [np.array(best_on_a_line(mine, k)[1]) for mine in pair]
            row.append(adjusted_rand_score(*(np.abs(LINE - c).argmin(axis=1) for c in centers)))
        rows.append(row)
    assert got.n_resamples == times
    assert got.ari == pytest.approx(np.mean(rows, axis=0))
    assert got.spread == pytest.approx(np.std(rows, axis=0))


def test_four_blobs_are_stable_and_six_clusters_of_them_are_not(blobs):
    got = stability(blobs, [4, 6])
    assert got.ari[0] > 0.98
    assert got.ari[1] < 0.85
    assert (got.ari <= 1).all()


def test_the_whole_as_part_leaves_only_the_starts():
    assert stability(LINE, [3], share=1, n_init=20).ari.tolist() == [1.0]


def test_results_say_what_they_are():
    assert repr(sweep(LINE, [1, 3])) == "Sweep(9 points x 1 columns, k = 1, 3)"
    gap = gap_statistic(LINE, [1, 2, 3], n_references=2)
    assert repr(gap) == f"Gap(k = 1 to 3; 2 references, best {gap.best})"
    assert repr(stability(LINE, [2, 3], n_resamples=2)) == "Stability(k = 2, 3; 2 resamples)"


def test_a_shift_of_all_points_changes_nothing():
    bursts = np.random.default_rng(0).normal([[0.0], [6], [13]], 0.2, (3, 40)).reshape(-1, 1)
    near, far = ((sweep(X, range(2, 5)), stability(X, [2, 3, 4])) for X in (bursts, bursts + 1.7e9))
    assert near[0].silhouette == pytest.approx(far[0].silhouette, abs=1e-4)
    assert near[0].silhouette.argmax() == 1  # three bursts
    assert near[0].silhouettes(3) == pytest.approx(far[0].silhouettes(3), abs=1e-4)
    assert near[1].ari == pytest.approx(far[1].ari, abs=1e-4)


def test_what_is_kept_does_not_follow_the_caller():
    X = np.random.default_rng(0).normal([[0.0], [6], [13]], 0.2, (3, 40)).reshape(-1, 1)
    runs = sweep(X, [3])
    before = runs.silhouettes(3)
    X[:] = 0
    assert np.array_equal(runs.silhouettes(3), before)
