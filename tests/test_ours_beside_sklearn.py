"""Ours beside scikit-learn: the same points, the same seed, the same answer."""

import numpy as np
import pytest
from sklearn import metrics
from sklearn.cluster import KMeans, kmeans_plusplus
from sklearn.datasets import make_blobs

import kmeans_teach as kt

X = make_blobs(200, centers=5, random_state=7)[0]
NEW, WEIGHT = X[::7] + 0.3, np.arange(1.0, 201)


@pytest.mark.parametrize("seed", range(4))
def test_the_same_seed_gives_the_same_clusters(seed):
    ours, theirs = (one(5, random_state=seed).fit(X) for one in (kt.KMeans, KMeans))
    assert np.array_equal(ours.labels_, theirs.labels_)
    assert np.allclose(ours.cluster_centers_, theirs.cluster_centers_, rtol=1e-12)
    assert ours.inertia_ == pytest.approx(theirs.inertia_, rel=1e-12)
    assert ours.n_iter_ == theirs.n_iter_ == ours.history_.n_iter
    np.testing.assert_array_equal(ours.predict(NEW), theirs.predict(NEW), strict=True)
    assert np.allclose(ours.transform(NEW), theirs.transform(NEW))
    for scored in ({}, {"sample_weight": WEIGHT[::7]}):
        assert ours.score(NEW, **scored) == pytest.approx(theirs.score(NEW, **scored))
    assert np.array_equal(ours.fit_predict(X), theirs.fit_predict(X))
    assert np.allclose(ours.fit_transform(X), theirs.fit_transform(X))


@pytest.mark.parametrize("weight", [None, WEIGHT], ids=["plain", "weights"])
def test_lloyd_is_kmeans_from_the_same_centres(weight):
    run = kt.lloyd(X, X[:5], sample_weight=weight)
    theirs = KMeans(5, init=X[:5]).fit(X, sample_weight=weight)
    assert np.array_equal(run[-1].labels, theirs.labels_)
    assert np.allclose(run[-1].centers, theirs.cluster_centers_)
    assert run[-1].inertia == pytest.approx(theirs.inertia_)
    assert run.n_iter == theirs.n_iter_


@pytest.mark.parametrize("weight", [None, WEIGHT], ids=["plain", "weights"])
@pytest.mark.parametrize("k", [1, 2, 5, 30])
def test_kmeans_plusplus_draws_the_same_points(k, weight):
    centers, rows = kt.kmeans_plusplus(X, k, random_state=3, sample_weight=weight)
    theirs = kmeans_plusplus(X, k, random_state=3, sample_weight=weight)
    assert np.array_equal(centers, theirs[0])
    assert np.array_equal(rows, theirs[1])


def test_a_sweep_has_its_indices():
    runs = kt.sweep(X, [3, 5], n_init=4, random_state=7)
    for i, k in enumerate(runs.k_values):
        labels = KMeans(k, n_init=4, random_state=7).fit(X).labels_
        assert np.array_equal(runs.model(k).labels_, labels)
        assert runs.silhouettes(k) == pytest.approx(metrics.silhouette_samples(X, labels))
        assert runs.silhouette[i] == pytest.approx(metrics.silhouette_score(X, labels))
        theirs = metrics.calinski_harabasz_score(X, labels), metrics.davies_bouldin_score(X, labels)
        assert (runs.calinski_harabasz[i], runs.davies_bouldin[i]) == pytest.approx(theirs)
