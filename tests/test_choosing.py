"""Choosing k: the numbers by slow, independent ways; stops; what a bad argument is told."""

from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.cluster import KMeans as SklearnKMeans

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


def slow_silhouette(X, labels):
    values = []
    for x, label in zip(X, labels, strict=True):
        mean = {
            j: np.mean([np.linalg.norm(x - y) for y in X[labels == j]]) for j in np.unique(labels)
        }
        size = (labels == label).sum()
        if size == 1:
            values.append(0.0)
            continue
        a = mean[label] * size / (size - 1)
        b = min(value for j, value in mean.items() if j != label)
        values.append((b - a) / max(a, b))
    return np.mean(values)


def slow_calinski_harabasz(X, labels):
    within = between = 0.0
    for j in np.unique(labels):
        mine = X[labels == j]
        within += ((mine - mine.mean(axis=0)) ** 2).sum()
        between += len(mine) * ((mine.mean(axis=0) - X.mean(axis=0)) ** 2).sum()
    k = len(np.unique(labels))
    return (between / (k - 1)) / (within / (len(X) - k))


def slow_davies_bouldin(X, labels):
    groups = [X[labels == j] for j in np.unique(labels)]
    centers = [group.mean(axis=0) for group in groups]
    width = [
        np.mean(np.linalg.norm(group - center, axis=1))
        for group, center in zip(groups, centers, strict=True)
    ]
    worst = [
        max(
            (width[i] + width[j]) / np.linalg.norm(centers[i] - centers[j])
            for j in range(len(groups))
            if j != i
        )
        for i in range(len(groups))
    ]
    return np.mean(worst)


def slow_ari(a, b):
    """Count pairs of points that are together in a, in b, in both."""
    pairs = list(combinations(range(len(a)), 2))
    in_a = sum(a[i] == a[j] for i, j in pairs)
    in_b = sum(b[i] == b[j] for i, j in pairs)
    both = sum(a[i] == a[j] and b[i] == b[j] for i, j in pairs)
    expected = in_a * in_b / len(pairs)
    return (both - expected) / ((in_a + in_b) / 2 - expected)


# ------------------------------------------------------------------------------------- sweep


def test_sweep_has_the_numbers_of_slow_loops():
    X = np.random.RandomState(3).normal(size=(25, 3)) + np.repeat([[0], [3], [7], [1], [5]], 5, 0)
    runs = sweep(X, [1, 2, 4, 5, 9, 25])
    for i, k in enumerate(runs.k_values):
        labels = runs.models[i].labels_
        assert len(np.unique(labels)) == k
        error = sum(((X[labels == j] - X[labels == j].mean(0)) ** 2).sum() for j in range(k))
        assert runs.inertia[i] == pytest.approx(error, abs=1e-9)
        scores = runs.silhouette[i], runs.calinski_harabasz[i], runs.davies_bouldin[i]
        if k in (1, 25):
            assert np.isnan(scores).all()
        else:
            slow = (slow_silhouette, slow_calinski_harabasz, slow_davies_bouldin)
            assert scores == pytest.approx([index(X, labels) for index in slow])


def test_sweep_finds_the_best_of_all_on_a_line():
    runs = sweep(LINE, range(1, 9))
    assert runs.inertia == pytest.approx([best_on_a_line(LINE, k)[0] for k in range(1, 9)])


def test_sweep_makes_the_runs_of_scikit_learn(blobs):
    runs = sweep(blobs, [3, 6], n_init=4, random_state=7)
    for k, model in zip(runs.k_values, runs.models, strict=True):
        theirs = SklearnKMeans(k, n_init=4, random_state=7).fit(blobs.to_numpy())
        assert np.array_equal(model.labels_, theirs.labels_)
        assert model.feature_names_in_.tolist() == ["x", "y"]


def test_sweep_of_four_blobs_and_its_table(blobs):
    runs = sweep(blobs)
    table = runs.to_frame()
    assert table.index.name == "k"
    assert table.index.tolist() == list(range(1, 11)) == list(runs.k_values)
    assert (table["inertia"].diff().dropna() < 0).all()
    assert table["silhouette"].idxmax() == table["calinski_harabasz"].idxmax() == 4
    assert table["davies_bouldin"].idxmin() == 4
    assert runs.model(4) is runs.models[3]
    assert np.array_equal(runs.X, blobs.to_numpy())
    with pytest.raises(ValueError, match=r"k=11 was not tried: choose one of 1 to 10"):
        runs.model(11)


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
            row.append(slow_ari(*(np.abs(LINE - c).argmin(axis=1) for c in centers)))
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


# --------------------------------------------------------------------------------- bad input

BAD = [
    (lambda: sweep([1.0, 2.0]), ValueError, "X has shape"),
    (lambda: sweep(LINE), ValueError, "k_values goes up to 10, which needs at least 10 points, go"),
    (lambda: sweep(LINE, 3), TypeError, r"k_values=3 is a int: pass several values"),
    (lambda: sweep(LINE, []), ValueError, "k_values is empty"),
    (lambda: sweep(LINE, [0, 1]), ValueError, "begins with 0: there must be at least 1 cluster"),
    (lambda: sweep(LINE, [2, 2]), ValueError, "pass each k once, in ascending order"),
    (lambda: sweep(LINE, [3, 2]), ValueError, "k_values is 3, 2: pass each k once"),
    (lambda: sweep(LINE, [1, 2.5]), TypeError, r"k_values holds 2.5, a float: pass whole"),
    (lambda: sweep(LINE, [True, 2]), TypeError, "k_values holds True, a bool"),
    (lambda: sweep(LINE, "12"), TypeError, "k_values holds '1', a str"),
    (lambda: sweep(LINE, [2], n_init=0), ValueError, "n_init=0: pass how many starts"),
    (lambda: sweep(LINE, [2], n_init="auto"), TypeError, "n_init='auto' is a str"),
    (lambda: gap_statistic(LINE, range(1, 10)), ValueError, "9 distinct points: .* below 9"),
    (lambda: gap_statistic([[1.0]] * 5, [1]), ValueError, "has 1 distinct point: "),
    (lambda: gap_statistic([[np.nan], [1.0]], [1]), ValueError, "X has a missing or infinite"),
    (lambda: gap_statistic(LINE, [1], n_references=0), ValueError, "n_references=0: pass how many"),
    (lambda: gap_statistic(LINE, [1], n_init=1.5), TypeError, "n_init=1.5 is a float"),
    (lambda: stability(LINE, [1, 2]), ValueError, "one cluster is always stable: begin with 2"),
    (lambda: stability(LINE, [2, 8]), ValueError, "got 7 in a part of share=0.8 of 9"),
    (lambda: stability(LINE, [2], share=0), ValueError, "share=0 is not a share"),
    (lambda: stability(LINE, [2], share=1.2), ValueError, "share=1.2 is not a share"),
    (lambda: stability(LINE, [2], share="all"), TypeError, "share='all' is a str"),
    (lambda: stability(LINE, [2], n_resamples=True), TypeError, "n_resamples=True is a bool"),
]


@pytest.mark.parametrize(("call", "kind", "sentence"), BAD)
def test_bad_input_gets_a_sentence(call, kind, sentence):
    with pytest.raises(kind, match=sentence):
        call()


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
