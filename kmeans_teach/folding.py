"""Equal points folded into weights: a picture has far fewer colours than pixels."""

from __future__ import annotations

import numpy as np

from .engine import Points

#: From this many points on, folding is tried.
FOLD_FROM = 2**15


def fold(X) -> tuple[Points, np.ndarray] | None:
    """The distinct points with their numbers as weights, and which of them each point is.

    Only for whole numbers that fit into 31 bits together, such as colours: they are packed into
    one integer, which sorts fast. None if X holds others, or few that are equal.
    """
    n, d = X.shape
    if n < FOLD_FROM or d > 8 or X.dtype != np.float64 or (X[:1000] != np.rint(X[:1000])).any():
        return None
    if not -(2.0**31) < X.min() <= X.max() < 2.0**31:
        return None
    whole = X.astype(np.int32)
    low = int(whole.min())
    bits = (int(whole.max()) - low).bit_length()
    if bits * d > 31 or (whole != X).any():
        return None
    keys = whole[:, 0] - low
    for j in range(1, d):
        keys <<= bits
        keys |= whole[:, j] - low
    order = keys.argsort()
    keys = keys[order]
    first = np.empty(n, dtype=bool)
    first[0] = True
    np.not_equal(keys[1:], keys[:-1], out=first[1:])
    starts = np.flatnonzero(first)
    if 2 * len(starts) > n:
        return None
    which = np.empty(n, dtype=np.int32)
    which[order] = np.cumsum(first, dtype=np.int32) - np.int32(1)
    rows = X[order[starts]]
    counts = np.diff(starts, append=n).astype(np.float64)
    # sums of whole numbers are exact: this is the mean of all points to the bit
    return Points(rows, counts, mean=counts @ rows / n), which
