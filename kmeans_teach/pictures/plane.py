"""The plane of a picture: the projection onto it, its bounds, the regions of centres."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.spatial import Voronoi

from ..validation import as_points


class Projection(NamedTuple):
    """How points with any number of columns get onto paper: ``projection(points)``.

    Attributes
    ----------
    mean : ndarray of shape (n_features,)
        What lies at the origin of the picture.
    components : ndarray of shape (2, n_features)
        The direction of each axis of the picture, in the columns of the data.
    names : tuple of two str
        What to write at the axes.
    exact : bool
        Whether distances in the picture are the distances that k-means sees. Only then do borders
        drawn between the projected centres say which centre is nearest.
    """

    mean: np.ndarray
    components: np.ndarray
    names: tuple[str, str]
    exact: bool

    def __call__(self, points) -> np.ndarray:
        """Points or centres of shape (..., n_features) in the picture, shape (..., 2)."""
        return (np.asarray(points, dtype=float) - self.mean) @ self.components.T


def project(X, columns=None, feature_names=None) -> Projection:
    """Choose the two axes in which points are shown.

    Up to two columns are shown as they are. Of more, two chosen columns are shown, or else the
    first two principal components, with their share of the variance in the name.

    Parameters
    ----------
    X : array or DataFrame of shape (n_samples, n_features)
    columns : pair of int or str, optional
        Numbers or names of the columns to show.
    feature_names : sequence of str, optional
        The names of the columns; by default those of the DataFrame, or x and y.

    Returns
    -------
    Projection

    Raises
    ------
    ValueError
        If a column does not exist.

    Examples
    --------
    >>> X = [[0, 5, 1], [2, 5, 1], [4, 5, 1]]
    >>> show = project(X, columns=(0, 2))
    >>> show.names, show([4, 5, 1]).tolist()
    (('column 0', 'column 2'), [4.0, 1.0])
    >>> project(X).names
    ('principal component 1 (100 % of the variance)', 'principal component 2 (0 % of the variance)')
    """
    if feature_names is None:
        feature_names = getattr(X, "columns", None)
    X = as_points(X)
    d = X.shape[1]
    names = _column_names(feature_names, d)
    if columns is not None:
        if isinstance(columns, str) or np.shape(columns) != (2,):
            raise ValueError(f"columns={columns!r}: pass two columns, for example columns=(0, 1)")
        i, j = (_column_number(column, names, feature_names) for column in columns)
        return Projection(np.zeros(d), np.eye(d)[[i, j]], (names[i], names[j]), d == 2 and i != j)
    if d <= 2:
        return Projection(np.zeros(d), np.eye(2, d), (*names, "")[:2], True)
    return _principal_components(X.astype(float))


def _column_names(feature_names, d):
    if feature_names is None:
        return ("x", "y")[:d] if d <= 2 else tuple(f"column {j}" for j in range(d))
    if len(feature_names) != d:
        raise ValueError(
            f"feature_names has {len(feature_names)} names, the points have {d} columns: "
            "pass one name for each column"
        )
    return tuple(map(str, feature_names))


def _column_number(column, names, given):
    for known in ([] if given is None else list(given), names):  # names that are numbers are names
        if column in known:
            return list(known).index(column)
    if not isinstance(column, str) and -len(names) <= column < len(names):
        return int(column) % len(names)
    raise ValueError(
        f"columns has {column!r}, the points have {len(names)} columns ({', '.join(names[:8])}"
        f"{', ...' if len(names) > 8 else ''}): pass two of these names, or numbers from 0"
    )


def _principal_components(X):
    from sklearn.decomposition import PCA

    X = np.repeat(X, 2, axis=0) if len(X) == 1 else X  # of one point there are no two components
    with np.errstate(invalid="ignore"):  # equal points have no variance to share
        # the sign of a direction is free: scikit-learn makes its largest part positive
        pca = PCA(2, svd_solver="covariance_eigh").fit(X)
    names = tuple(
        f"principal component {i} ({100 * share:.0f} % of the variance)"
        for i, share in enumerate(np.nan_to_num(pca.explained_variance_ratio_), start=1)
    )
    return Projection(pca.mean_, pca.components_, names, False)


def bounds_of(*arrays, margin=0.09, longest=2.0):
    """A rectangle with room around all points, no side more than twice the other."""
    points = np.concatenate(arrays)
    low, high = points.min(axis=0), points.max(axis=0)
    middle = low / 2 + high / 2
    spread = high - low
    if not spread.any():
        spread = np.full(2, max(1.0, np.abs(middle).max() * 1e-3))
    half = np.maximum(spread, spread.max() / longest) * (0.5 + margin)
    (left, lower), (right, upper) = middle - half, middle + half
    return float(left), float(right), float(lower), float(upper)


def voronoi(centers, bounds):
    """The region of each centre, where it is the nearest, and the borders between them.

    Of several centres at one place the first has the region and the others have none, as the first
    of equals wins.

    Parameters
    ----------
    centers : array of shape (n_clusters, 2)
    bounds : (left, right, lower, upper)
        The part of the plane that is looked at. Regions and borders reach beyond it, as far as
        they like: a picture cuts them off.

    Returns
    -------
    list of ndarray of shape (n_corners, 2)
        The corners of each region, in order around it.
    ndarray of shape (n_borders, 2, 2)
        The ends of each border.

    Examples
    --------
    >>> regions, borders = voronoi([[0, 0], [4, 0]], bounds=(-1, 5, -1, 1))
    >>> borders[0, :, 0].tolist()
    [2.0, 2.0]
    """
    centers = np.asarray(centers, dtype=float)
    seen = np.vstack([centers, np.reshape(bounds, (2, 2)).T])
    middle, size = seen.min(axis=0) / 2 + seen.max(axis=0) / 2, np.ptp(seen, axis=0).max()
    places = centers - middle
    _, first = np.unique((places / size).round(9), axis=0, return_index=True)
    # four more centres make all regions finite, too far away to be the nearest of what is seen
    far = 10 * size * np.array([(1, 0), (0, 1), (-1, 0), (0, -1)])
    found = Voronoi(np.vstack([places[first], far]))
    corners = found.vertices + middle
    regions = [corners[:0]] * len(centers)
    for region, j in zip(found.point_region, first, strict=False):
        regions[j] = corners[found.regions[region]]
    shared = (found.ridge_points < len(first)).all(axis=1)
    return regions, corners[np.array(found.ridge_vertices)[shared]]
