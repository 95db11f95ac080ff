"""Which cluster is which class: cluster numbers mean nothing until they are matched."""

from __future__ import annotations

import numpy as np
from scipy.optimize import linear_sum_assignment


def match_labels(labels, reference) -> np.ndarray:
    """Renumber clusters so that as many points as possible agree with a reference.

    Every cluster is given to one class of the reference at most, and every class to one cluster.

    Parameters
    ----------
    labels : array of shape (n_samples,)
        The cluster of each point, as numbers or names.
    reference : array of shape (n_samples,)
        The class of each point, or its cluster in another run, as numbers or names.

    Returns
    -------
    ndarray of shape (n_samples,)
        For each point the class that its cluster was matched with. Clusters that are left over,
        when there are more clusters than classes, get the next free whole numbers, or if the
        classes are names, the name "cluster 5" for cluster 5.

    Raises
    ------
    ValueError
        If the two differ in length, are empty, have more than one dimension or miss values.

    Notes
    -----
    The Hungarian method: H. W. Kuhn, "The Hungarian method for the assignment problem", Naval
    Research Logistics Quarterly 2, 1955, as in scipy.optimize.linear_sum_assignment.

    Examples
    --------
    >>> match_labels([2, 2, 0, 0, 1], [0, 0, 1, 1, 1]).tolist()
    [0, 0, 1, 1, 2]
    >>> match_labels([1, 1, 0], ["setosa", "setosa", "virginica"]).tolist()
    ['setosa', 'setosa', 'virginica']
    """
    labels, reference = _one_dimensional(labels, "labels"), _one_dimensional(reference, "reference")
    if len(labels) != len(reference):
        raise ValueError(
            f"labels has {len(labels)} values, reference has {len(reference)}: "
            "both need one value for each point, in the same order"
        )
    clusters, mine = np.unique(labels, return_inverse=True)
    classes, theirs = np.unique(reference, return_inverse=True)
    together = np.zeros((len(clusters), len(classes)), dtype=np.intp)
    np.add.at(together, (mine, theirs), 1)

    new_names = dict(zip(*linear_sum_assignment(together, maximize=True), strict=True))
    named = classes.dtype.kind not in "iufb"
    free = None if named else int(classes.max()) + 1
    renamed = []
    for cluster, name in enumerate(clusters):
        if cluster in new_names:
            renamed.append(classes[new_names[cluster]])
        elif named:
            renamed.append(_unused(f"cluster {name}", classes))
        else:
            renamed.append(free)
            free += 1
    return np.array(renamed)[mine]


def numbers_like(labels, reference, n_clusters) -> np.ndarray:
    """New numbers for clusters, so that as many points as possible keep that of the reference.

    Returns
    -------
    ndarray of shape (n_clusters,)
        The new number of each cluster, a permutation: ``numbers_like(...)[labels]`` are the labels.

    Examples
    --------
    >>> numbers_like([2, 2, 0, 0], [0, 0, 1, 1], 3).tolist()
    [1, 2, 0]
    """
    names = np.full(n_clusters, -1)
    names[labels] = match_labels(labels, reference)
    names[names >= n_clusters] = -1
    names[names < 0] = np.setdiff1d(np.arange(n_clusters), names)  # those without points too
    return names


def _one_dimensional(values, name) -> np.ndarray:
    values = np.asarray(values)
    if values.dtype.kind in "OT":
        import pandas as pd

        missing = np.atleast_1d(pd.isna(values)).ravel()
    else:
        missing = np.isnan(values).ravel() if values.dtype.kind in "fc" else np.zeros(1, dtype=bool)
    if values.ndim != 1:
        raise ValueError(
            f"{name} has shape {values.shape}, expected one value for each point: "
            f"pass one column, for example {name}.ravel()"
        )
    if not len(values):
        raise ValueError(f"{name} is empty: there is no point to match")
    if missing.any():
        rows = ", ".join(map(str, np.flatnonzero(missing)[:5]))
        raise ValueError(
            f"{name} misses {missing.sum()} of {len(values)} values (row {rows}): "
            "drop these points from both arrays"
        )
    if values.dtype.kind == "O":
        values = values.astype(str)
    if values.dtype.kind == "b":
        values = values.astype(np.intp)
    if values.dtype.kind == "f" and np.array_equal(values, np.round(values)):
        values = values.astype(np.int64)
    return values


def _unused(name, classes) -> str:
    while name in classes:
        name = f"{name}'"
    return name
