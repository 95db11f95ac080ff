"""The plane of a picture: the projection onto it, its bounds, the regions of centres."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

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
        i, j = (_column_number(column, names, feature_names) for column in _pair(columns))
        return Projection(np.zeros(d), np.eye(d)[[i, j]], (names[i], names[j]), d == 2 and i != j)
    if d <= 2:
        return Projection(np.zeros(d), np.eye(2, d), (*names, "")[:2], True)
    return _principal_components(X.astype(float))


def _pair(columns):
    if isinstance(columns, str) or np.shape(columns) != (2,):
        raise ValueError(f"columns={columns!r}: pass two columns, for example columns=(0, 1)")
    return columns


def _column_names(feature_names, d):
    if feature_names is None:
        return ("x", "y")[:d] if d <= 2 else tuple(f"column {j}" for j in range(d))
    if len(feature_names) != d:
        raise ValueError(
            f"feature_names has {len(feature_names)} names, the points have {d} columns: "
            "pass one name for each column"
        )
    return tuple(map(str, feature_names))


def _column_number(column, names, given=None):
    if given is not None and column in list(given):  # names that are numbers are names
        return list(given).index(column)
    if isinstance(column, str) and column in names:
        return names.index(column)
    if not isinstance(column, str) and -len(names) <= column < len(names):
        return int(column) % len(names)
    raise ValueError(
        f"columns has {column!r}, the points have {len(names)} columns ({', '.join(names[:8])}"
        f"{', ...' if len(names) > 8 else ''}): pass two of these names, or numbers from 0"
    )


def _principal_components(X):
    mean = X.mean(axis=0)
    centered = X - mean
    # eigh sorts upwards; the sign of a direction is free, so make its largest part positive
    variance, directions = np.linalg.eigh(centered.T @ centered)
    components = directions[:, :-3:-1].T
    largest = np.abs(components).argmax(axis=1)
    components = components * np.sign(components[[0, 1], largest])[:, None]
    share = 100 * variance[:-3:-1].clip(0) / (variance.clip(0).sum() or 1)
    names = tuple(
        f"principal component {i} ({part:.0f} % of the variance)"
        for i, part in enumerate(share, start=1)
    )
    return Projection(mean, components, names, False)


def voronoi_cells(centers, bounds) -> list[np.ndarray]:
    """The corners of each centre's region inside a rectangle, in order around it.

    The rectangle is cut by the perpendicular bisector to every other centre. Of several centres at
    one place the first has the region and the others have none, as the first of equals wins.

    Examples
    --------
    >>> voronoi_cells([[0, 0], [4, 0]], bounds=(-1, 5, -1, 1))[1].tolist()
    [[2.0, -1.0], [5.0, -1.0], [5.0, 1.0], [2.0, 1.0]]
    """
    left, right, lower, upper = bounds
    rectangle = np.array([(left, lower), (right, lower), (right, upper), (left, upper)], float)
    centers = np.asarray(centers, dtype=float)
    cells = []
    for j, center in enumerate(centers):
        cell = rectangle - center
        for i, way in enumerate(centers - center):
            if way.any():
                cell = _clip(cell, way)
            elif i < j:
                cell = cell[:0]
        cells.append(cell + center)
    return cells


def _clip(cell, way):
    """The part of a convex polygon that is nearer to 0 than to ``way``."""
    if not len(cell):
        return cell
    beyond = cell @ way - way @ way / 2
    corners = []
    for a, b, over_a, over_b in zip(
        cell, np.roll(cell, -1, axis=0), beyond, np.roll(beyond, -1), strict=True
    ):
        if over_a <= 0:
            corners.append(a)
        if over_a * over_b < 0:
            corners.append(a + (b - a) * over_a / (over_a - over_b))
    return np.array(corners).reshape(-1, 2)


def inner_edges(cells, bounds):
    """Each border once, without the sides of the rectangle."""
    left, right, lower, upper = bounds
    tolerance = 1e-9 * max(right - left, upper - lower)
    edges = {}
    for cell in cells:
        for a, b in zip(cell, np.roll(cell, -1, axis=0), strict=True):
            outside = any(
                abs(a[axis] - side) <= tolerance and abs(b[axis] - side) <= tolerance
                for axis, side in ((0, left), (0, right), (1, lower), (1, upper))
            )
            if not outside and np.abs(a - b).max() > tolerance:
                key = tuple(sorted(tuple(np.round(p / tolerance / 10)) for p in (a, b)))
                edges.setdefault(key, np.array([a, b]))
    return list(edges.values())


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
