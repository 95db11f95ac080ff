"""A pytest plugin: scikit-learn's tests of its KMeans, with ours in its place.

``python -m pytest -p tests.sklearn_swap --pyargs sklearn.cluster.tests.test_k_means`` runs them.
"""

import numpy as np
import sklearn.cluster

import kmeans_teach


def pytest_configure(config):
    sklearn.cluster.KMeans = kmeans_teach.KMeans
    np.random.seed(0)  # noqa: NPY002  some of their tests draw without a seed
