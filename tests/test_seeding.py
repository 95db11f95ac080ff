import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.cluster import KMeans as Theirs
from sklearn.cluster import kmeans_plusplus as theirs
from sklearn.datasets import make_blobs
from threadpoolctl import threadpool_limits

from kmeans_teach import farthest_first, kmeans_plusplus, random_partition, random_points

STRATEGIES = [random_points, random_partition, farthest_first, kmeans_plusplus]
X = make_blobs(200, centers=5, random_state=7)[0]
WEIGHT = np.random.RandomState(3).rand(200)


@pytest.fixture(autouse=True)
def one_thread():
    with threadpool_limits(1):
        yield


def test_plusplus_takes_scikit_learns_rows_for_float32_and_ties():
    grid = np.array([(i, j) for i in range(9) for j in range(9)])
    for data in (X.astype(np.float32), grid - grid.mean(axis=0)):
        data = data - data.mean(axis=0)
        for seed in range(10):
            rows = theirs(data, 6, random_state=seed)[1]
            assert kmeans_plusplus(data, 6, random_state=seed).indices.tolist() == rows.tolist()


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("init", ["random", "k-means++"])
def test_starts_are_those_of_scikit_learns_kmeans(init, seed):
    strategy = random_points if init == "random" else kmeans_plusplus
    start = strategy(X, 5, random_state=seed)
    drawn = Theirs(5, init=init, n_init=1, max_iter=1, tol=0, random_state=seed).fit(X)
    given_ = Theirs(5, init=start.centers, max_iter=1, tol=0).fit(X)
    assert np.array_equal(drawn.labels_, given_.labels_)
    assert np.allclose(drawn.cluster_centers_, given_.cluster_centers_, rtol=1e-12)


@pytest.mark.parametrize("strategy", [kmeans_plusplus, farthest_first])
def test_draws_tell_how_a_point_was_chosen(strategy):
    start = strategy(X, 5, random_state=1, sample_weight=WEIGHT)
    assert [draw.cluster for draw in start.draws] == [0, 1, 2, 3, 4]
    assert [draw.taken for draw in start.draws] == start.indices.tolist()
    assert start.draws[0].d2 is None
    for j, draw in enumerate(start.draws[1:], 1):
        squares = ((X[:, None] - start.centers[:j]) ** 2).sum(axis=2).min(axis=1)
        assert np.allclose(draw.d2, squares, atol=1e-9)
        if strategy is farthest_first:
            assert draw.taken == squares.argmax()
            continue
        assert len(draw.candidates) == 2 + int(np.log(5))
        for candidate, potential in zip(draw.candidates, draw.potentials, strict=True):
            with_it = np.minimum(squares, ((X - X[candidate]) ** 2).sum(axis=1))
            assert potential == pytest.approx((WEIGHT * with_it).sum())
        assert draw.taken == draw.candidates[draw.potentials.argmin()]


def test_farthest_first_never_takes_a_point_of_weight_zero():
    weight = np.ones(200)
    weight[np.abs(X).max(axis=1) > 8] = 0
    assert (weight[farthest_first(X, 20, 0, weight).indices] == 1).all()


def test_random_partition_starts_at_means_of_random_clusters():
    start = random_partition(X, 3, random_state=0)
    assert (start.indices, start.draws) == (None, ())
    labels = np.random.RandomState(0).randint(3, size=200)
    assert np.allclose(start.centers, [X[labels == j].mean(axis=0) for j in range(3)])


def test_random_partition_survives_clusters_without_points():
    start = random_partition(X[:4], 4, random_state=0)
    assert np.isfinite(start.centers).all()


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_same_seed_gives_the_same_start_and_a_generator_moves_on(strategy):
    first, again = strategy(X, 4, random_state=2), strategy(X, 4, random_state=2)
    assert np.array_equal(first.centers, again.centers)
    random = np.random.RandomState(2)
    assert np.array_equal(strategy(X, 4, random_state=random).centers, first.centers)
    assert not np.array_equal(strategy(X, 4, random_state=random).centers, first.centers)
    assert strategy(X, 4).centers.shape == (4, 2)


@settings(max_examples=40)
@given(
    st.integers(0, 2**32 - 1),
    st.integers(1, 12),
    st.sampled_from([random_points, farthest_first, kmeans_plusplus]),
)
def test_centres_are_the_rows_named(seed, k, strategy):
    start = strategy(X, k, random_state=seed)
    assert np.array_equal(start.centers, X[start.indices])
    assert len(set(start.indices.tolist())) == k


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_inputs_are_never_changed(strategy):
    before, weight = X.copy(), WEIGHT.copy()
    strategy(X, 5, 0, WEIGHT)
    assert np.array_equal(X, before)
    assert np.array_equal(WEIGHT, weight)
