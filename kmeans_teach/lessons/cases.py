"""Data on which several lessons try what a reader wrote: small, seeded, without ties.

Clusters differ in size, and sizes differ from the number of columns. What several lessons need to
be wrong on purpose is here too.
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


def floats(*values):
    """Make an array of each of the values."""
    return tuple(np.array(value, dtype=float) for value in values)


def dealt(table, seed):
    """Two shuffled labellings; in "21 05", 1 point is in 0 of the first and in 1 of the second."""
    table = np.array([[*map(int, row)] for row in table.split()])
    order = np.random.default_rng(seed).permutation(table.sum())
    return tuple(np.repeat(i.ravel(), table.ravel())[order] for i in np.indices(table.shape))


def counts(rows, columns):
    """How many points each number in rows shares with each in columns."""
    return (np.unique(rows)[:, None] == rows) * 1 @ (columns[:, None] == np.unique(columns))


def greedy(labels, reference):
    """Rename clusters: the largest overlap is given away first, then the next of what is left."""
    table = counts(labels, reference)
    names = np.full(len(table), -1)
    for _ in range(min(table.shape)):
        i, names[i] = np.unravel_index(table.argmax(), table.shape)
        table[i], table[:, names[i]] = -1, -1
    return names[labels]


def majority(labels, reference):
    """Rename each cluster to its most frequent number, whoever else has it."""
    return counts(labels, reference).argmax(axis=1)[labels]


def fails(*given):
    """Raise, as a reader's function does."""
    raise ValueError


SMALL = (
    *floats([[0, 0], [2, 1], [7, 5], [8, 9]]),
    np.array([0, 0, 1, 1]),
    *floats([[1, 1], [7, 6]]),
)
TABLES = (SMALL, made(1, (3, 5), 1), made(2, (3, 4, 6), 2), made(3, (2, 4, 5, 6), 3))
