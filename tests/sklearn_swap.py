"""A pytest plugin: scikit-learn's tests of its KMeans, with ours in its place.

``python -m pytest -p tests.sklearn_swap --pyargs sklearn.cluster.tests.test_k_means`` runs them.
"""

import numpy as np
import sklearn.cluster

import kmeans_teach


class KMeans(kmeans_teach.KMeans):
    """Ours, with scikit-learn's arguments that ours does not have, at their only value here."""

    def __init__(
        self,
        n_clusters=8,
        *,
        init="k-means++",
        n_init="auto",
        max_iter=300,
        tol=1e-4,
        random_state=None,
        algorithm="lloyd",
    ):
        super().__init__(
            n_clusters,
            init=init,
            n_init=n_init,
            max_iter=max_iter,
            tol=tol,
            random_state=random_state,
        )
        self.algorithm = algorithm

    def fit(self, X, y=None, sample_weight=None):
        assert self.algorithm == "lloyd"
        return super().fit(X, sample_weight=sample_weight)


# What is left out, by a part of the test's name, and why. A reason that no test has is an error.
LEFT_OUT = {
    "MiniBatchKMeans": "another estimator",
    "minibatch": "another estimator",
    "elkan": "another algorithm",
    "sparse_": "sparse input",
    "X_csr": "sparse input",
    "[csr_": "sparse input",
    "test_relocate_empty_clusters": "private function",
    "test_euclidean_distance": "private function",
    "test_inertia": "private function",
    "test_is_same_clustering": "private function",
    "test_sample_weight_init": "private method",
    "test_sample_weight_zero": "private method",
    "test_kmeans_verbose": "verbose, which ours does not have",
    "test_kmeans_copyx": "copy_x, which ours does not have",
    "test_k_means_function": "the function k_means, not the class",
    "test_kmeans_plusplus": "the function kmeans_plusplus, not the class",
}


def reason(name):
    """Why this test is left out, or None."""
    return next((why for part, why in LEFT_OUT.items() if part in name), None)


def pytest_configure(config):
    sklearn.cluster.KMeans = KMeans
    np.random.seed(0)  # noqa: NPY002  some of their tests draw without a seed


def pytest_collection_modifyitems(config, items):
    kept, left = [], []
    for item in items:
        (left if reason(item.name) else kept).append(item)
    items[:] = kept
    config.hook.pytest_deselected(items=left)
    config.left_out = [item.name for item in left]


def pytest_terminal_summary(terminalreporter, config):
    for name in config.left_out:
        terminalreporter.write_line(f"LEFT OUT {name}: {reason(name)}")
