"""Say in one sentence what is wrong with the input, before anything is computed from it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from numbers import Integral

import numpy as np

# between these a sum of squares neither overflows nor vanishes
_PLAIN = {np.dtype(np.float64): (1e-270, 4e307), np.dtype(np.float32): (1e-24, 8e37)}


def as_points(X, name: str = "X") -> np.ndarray:
    """X as floats of shape (n_samples, n_features); ValueError or TypeError says what is wrong.

    float32 stays float32; everything else becomes float64. X itself is never changed.

    Examples
    --------
    >>> as_points([[1, 2], [3, 4]]).dtype
    dtype('float64')
    >>> as_points([[1.0], [float("nan")]])
    Traceback (most recent call last):
    ...
    ValueError: X has a missing or infinite value in row 1 (1 of 2 rows): fill or drop these rows
    """
    if type(X) is np.ndarray and _is_plain(X):
        return X
    columns = _names(X)
    values = _as_numbers(X, name) if columns is None else _frame_as_numbers(X, name, columns)
    if values.ndim != 2:
        raise ValueError(
            f"{name} has shape {values.shape}, expected two dimensions (n_samples, n_features). "
            + _reshaped(X, name, values.shape)
        )
    if 0 in values.shape:
        what = "sample(s)" if not len(values) else "feature(s)"
        raise ValueError(
            f"{name} is empty: 0 {what} (shape={values.shape}) while a minimum of 1 is required: "
            "pass a table with rows and columns"
        )
    _check_finite(values, name, columns)
    check_range(values, name)
    return values


def _names(X):
    """The names of a table's columns, or None."""
    if not all(hasattr(X, what) for what in ("columns", "dtypes", "__array__")):
        return None
    names = list(X.columns)
    if twice := {name for name in names if names.count(name) > 1}:
        raise ValueError(
            f"two columns are called {min(twice, key=str)!r}: give each column a name of its own, "
            "for example X.columns = [...]"
        )
    if len({isinstance(name, str) for name in names}) > 1:
        raise TypeError(
            "some names of columns are text and others are not "
            f"({', '.join(map(repr, names[:6]))}): make all of them text, X.columns.astype(str)"
        )
    return names


def _as_numbers(X, name):
    """An array, or what can become one, as floats."""
    kind = type(X).__name__
    if hasattr(X, "toarray"):
        raise TypeError(
            f"{name} is a sparse matrix; k-means here needs a dense one: pass {name}.toarray()"
        )
    if hasattr(X, "collect"):
        raise TypeError(f"{name} is a {kind}, not computed yet: pass {name}.collect()")
    if hasattr(X, "to_pandas"):
        raise TypeError(f"{name} is a {kind}: pass {name}.to_pandas()")
    if isinstance(X, Mapping) or (isinstance(X, list) and X and isinstance(X[0], Mapping)):
        what = kind if isinstance(X, Mapping) else "list of dicts"
        raise TypeError(f"{name} is a {what}, expected a table: pass pd.DataFrame({name})")
    if isinstance(X, Iterable) and not hasattr(X, "__getitem__"):
        raise TypeError(f"{name} is a {kind}, expected a table: pass np.array(list({name}))")
    try:
        values = np.asarray(X)
    except ValueError as error:
        lengths = sorted({len(row) if hasattr(row, "__len__") else 0 for row in X})
        raise ValueError(
            f"{name} has rows of different lengths ({', '.join(map(str, lengths))}): "
            "every row needs the same number of columns"
        ) from error
    if values.dtype.kind == "c":
        raise ValueError(
            f"Complex data not supported: {name} holds complex numbers; "
            f"pass real columns, for example {name}.real and {name}.imag side by side"
        )
    if values.dtype.kind in "mM":
        raise TypeError(
            f"{name} holds dates or times, expected numbers: subtract a start and divide by a "
            f'unit, for example ({name} - {name}.min()) / np.timedelta64(1, "D")'
        )
    return values if values.dtype == np.float32 else _floats(values, name)


def _floats(values, name):
    """Numbers as float64, and what is missing as NaN."""
    try:
        return values.astype(np.float64, copy=False)
    except (TypeError, ValueError) as error:
        import pandas as pd

        missing = pd.isna(values) if values.dtype.kind == "O" else np.array(False)
        if missing.any():  # such as pd.NA
            return _floats(np.where(missing, np.nan, values), name)
        raise type(error)(f"{name} holds text or objects, expected numbers ({error})") from None


def _frame_as_numbers(X, name, columns):
    """A table with names as floats; what is missing becomes NaN."""
    found, text, times = [], [], []
    for place, column in enumerate(columns):
        part = X.iloc[:, place] if hasattr(X, "iloc") else X[column]
        values = np.asarray(part)
        if values.dtype.kind in "mM" or str(part.dtype).startswith("period"):
            times.append(str(column))
            continue
        try:
            found.append(values if values.dtype == np.float32 else _floats(values, name))
        except (TypeError, ValueError):
            text.append(str(column))
    if text:
        raise ValueError(
            f"{name} has columns that are not numbers ({', '.join(text)}): "
            "drop them or code them as numbers first (one-hot for categories)"
        )
    if times:
        raise ValueError(
            f"{name} has columns with dates or times ({', '.join(times)}): subtract a start and "
            f'divide by a unit, for example ({name}["{times[0]}"] - start) / pd.Timedelta(days=1)'
        )
    return np.column_stack(found) if found else np.empty((len(X), 0))


def _reshaped(X, name, shape):
    """What to do with something that is no table."""
    if hasattr(X, "to_frame"):
        return f"It is one column of a table: pass {name}.to_frame()"
    if len(shape) == 3 and shape[2] in (3, 4):
        return f"If it is a picture, pass {name}.reshape(-1, {shape[2]}): one row for each pixel"
    if len(shape) > 2:
        return f"Reshape your data: {name}.reshape(len({name}), -1) makes one row of each sample"
    return (
        f"Reshape your data: {name}.reshape(-1, 1) for one column of values, "
        f"{name}.reshape(1, -1) for one point"
    )


def _is_plain(X):
    """Whether X is a table of ordinary floats, in one pass; False may also mean: look closer."""
    bounds = _PLAIN.get(X.dtype)
    if bounds is None or X.ndim != 2 or not X.size:
        return False
    # nan and infinity make it nan or infinite; the bounds are those of check_range, or narrower
    return bounds[0] < np.vdot(X, X) < bounds[1] / X.size


def _check_finite(values, name, columns=None):
    bad = ~np.isfinite(values)
    rows = np.flatnonzero(bad.any(axis=1))
    if len(rows):
        some = ", ".join(map(str, rows[:5])) + (", ..." if len(rows) > 5 else "")
        where = f"row{'s' if len(rows) > 1 else ''} {some} ({len(rows)} of {len(values)} rows)"
        if columns is not None:
            named = [str(columns[j]) for j in np.flatnonzero(bad.any(axis=0))]
            where += f", column{'s' if len(named) > 1 else ''} {', '.join(named)}"
        raise ValueError(
            f"{name} has a missing or infinite value in {where}: fill or drop these rows"
        )


def check_range(values: np.ndarray, name: str = "X") -> None:
    """ValueError if squares of these values, or of their differences, cannot be computed with."""
    info = np.finfo(values.dtype)
    largest = float(np.sqrt(info.max / (4.0 * values.size)))
    top = float(np.abs(values).max())
    if top > largest:
        raise ValueError(
            f"{name} has values up to {top:.3g}, whose squared distances overflow {values.dtype} "
            f"(limit {largest:.1g}): divide the columns by a common scale"
        )
    spread = float(np.ptp(values, axis=0).max())
    smallest = float(np.sqrt(info.tiny)) * 1e3
    if 0 < spread < smallest:
        raise ValueError(
            f"{name} spreads over {spread:.3g} only, whose squares vanish in {values.dtype} "
            f"(limit {smallest:.1g}): multiply the columns by a common scale"
        )


def as_n_clusters(n_clusters, n_samples: int) -> int:
    """n_clusters as an int between 1 and n_samples, or an error that names both.

    Examples
    --------
    >>> as_n_clusters(9, 5)
    Traceback (most recent call last):
    ...
    ValueError: n_clusters=9 needs at least 9 points, got 5: lower n_clusters or add data
    """
    if isinstance(n_clusters, bool) or not isinstance(n_clusters, Integral):
        raise TypeError(
            f"n_clusters={n_clusters!r} is a {type(n_clusters).__name__}: "
            "pass a whole number from 1 to the number of points"
        )
    if n_clusters < 1:
        raise ValueError(f"n_clusters={n_clusters}: there must be at least 1 cluster")
    if n_clusters > n_samples:
        raise ValueError(
            f"n_clusters={n_clusters} needs at least {n_clusters} points, got {n_samples}: "
            "lower n_clusters or add data"
        )
    return int(n_clusters)


def as_centers(centers, X: np.ndarray, name: str = "centers") -> np.ndarray:
    """Starting centres of shape (n_clusters, n_features) with the type of X, a new array."""
    centers = as_points(getattr(centers, "centers", centers), name).astype(X.dtype)
    if centers.shape[1] != X.shape[1]:
        raise ValueError(
            f"{name} has {centers.shape[1]} columns, the points have {X.shape[1]}: "
            "each centre needs one value for each column of X"
        )
    as_n_clusters(len(centers), len(X))
    return centers


def as_weights(sample_weight, X: np.ndarray) -> np.ndarray:
    """One weight a point, none negative and not all zero; all ones for None."""
    if sample_weight is None:
        return np.ones(len(X), dtype=X.dtype)
    try:
        weight = np.asarray(sample_weight, dtype=X.dtype)
    except (TypeError, ValueError):
        raise ValueError(
            "sample_weight holds values that are not numbers: pass one number a point"
        ) from None
    if weight.ndim == 0:
        weight = np.full(len(X), weight)
    if weight.shape != (len(X),):
        raise ValueError(
            f"sample_weight has shape {weight.shape}, expected ({len(X)},): one weight a point"
        )
    if not np.isfinite(weight).all():
        raise ValueError("sample_weight has missing or infinite values: give each point a number")
    if (weight < 0).any():
        row = int(np.flatnonzero(weight < 0)[0])
        raise ValueError(
            f"sample_weight is negative in row {row} ({weight[row]:g}): weights count points, "
            "use 0 or more"
        )
    if not weight.any():
        raise ValueError("sample_weight is zero for every point: at least one must count")
    return weight
