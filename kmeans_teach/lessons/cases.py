"""Data on which several lessons try what a reader wrote: small, seeded, without ties.

Clusters differ in size, and sizes differ from the number of columns.
"""

import numpy as np


def made(seed, sizes, d):
    """Points of shape (n, d), their labels, and the centres around which they were drawn."""
    random = np.random.default_rng(seed)
    k = len(sizes)
    centers = random.uniform(0, 10, (k, d)).round(1)
    labels = random.permutation(np.repeat(np.arange(k), sizes))
    X = (centers[labels] + random.normal(0, 2.5, (len(labels), d))).round(1)
    return X, labels, centers


SMALL = (
    np.array([[0.0, 0.0], [2.0, 1.0], [7.0, 5.0], [8.0, 9.0]]),
    np.array([0, 0, 1, 1]),
    np.array([[1.0, 1.0], [7.0, 6.0]]),
)
TABLES = (SMALL, made(1, (3, 5), 1), made(2, (3, 4, 6), 2), made(3, (2, 4, 5, 6), 3))
