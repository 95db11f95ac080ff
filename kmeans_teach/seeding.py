"""Where to start: four ways to choose the first centres, with every draw on record."""

from __future__ import annotations

from dataclasses import dataclass
from numbers import Integral

import numpy as np

from .validation import as_n_clusters, as_points, as_weights


@dataclass(frozen=True, eq=False)
class Draw:
    """One draw of a starting centre.

    Attributes
    ----------
    cluster : int
        The cluster that gets its centre here.
    candidates : ndarray of shape (n_candidates,)
        The rows of X that were looked at.
    d2 : ndarray of shape (n_samples,) or None
        Squared distance of every point to the nearest centre chosen before; None where a strategy
        does not look at distances, and in the first draw.
    potentials : ndarray of shape (n_candidates,) or None
        What the sum of (weighted) squared distances would be with each candidate.
    taken : int
        The row of X that became the centre.
    """

    cluster: int
    candidates: np.ndarray
    d2: np.ndarray | None
    potentials: np.ndarray | None
    taken: int


@dataclass(frozen=True, eq=False)
class Seeding:
    """Starting centres and how they were found.

    Attributes
    ----------
    centers : ndarray of shape (n_clusters, n_features)
    indices : ndarray of shape (n_clusters,) or None
        The rows of X that the centres are; None if they are no rows of X.
    draws : tuple of Draw
        In the order in which they happened.
    """

    centers: np.ndarray
    indices: np.ndarray | None
    draws: tuple[Draw, ...]

    def __iter__(self):
        """As scikit-learn's function returns it: ``centers, indices = kmeans_plusplus(X, k)``."""
        return iter((self.centers, self.indices))

    def __repr__(self):
        k, d = self.centers.shape
        return f"Seeding({k} centres x {d} columns, {len(self.draws)} draws)"


def random_points(X, n_clusters, random_state=None, sample_weight=None) -> Seeding:
    """Any n_clusters different points, as ``KMeans(init="random")`` takes them (Forgy's method).

    Parameters
    ----------
    X : array or DataFrame of shape (n_samples, n_features)
    n_clusters : int
    random_state : int, RandomState or None
        An int gives the same draws each time.
    sample_weight : array of shape (n_samples,), optional
        A point of twice the weight is drawn twice as often.

    Returns
    -------
    Seeding

    Raises
    ------
    ValueError, TypeError
        If an argument cannot be used; the message says why.

    Notes
    -----
    E. W. Forgy, "Cluster analysis of multivariate data: efficiency versus interpretability of
    classifications", Biometrics 21, 1965.

    Examples
    --------
    >>> random_points([[0.0], [1.0], [8.0], [9.0]], 2, random_state=0).indices.tolist()
    [2, 1]
    """
    X, k, random, weight = _arguments(X, n_clusters, random_state, sample_weight)
    rows = random_rows(k, random, weight)
    draws = [Draw(j, rows[j : j + 1], None, None, int(row)) for j, row in enumerate(rows)]
    return Seeding(X[rows], rows, tuple(draws))


def random_partition(X, n_clusters, random_state=None, sample_weight=None) -> Seeding:
    """A random cluster for every point; the centres are the means of these clusters.

    All centres start near the middle of the data. A cluster that no point fell into starts at a
    random point.

    Parameters
    ----------
    X : array or DataFrame of shape (n_samples, n_features)
    n_clusters : int
    random_state : int, RandomState or None
    sample_weight : array of shape (n_samples,), optional

    Returns
    -------
    Seeding
        Its ``indices`` are None and it has no draws: the centres are no points of X.

    Raises
    ------
    ValueError, TypeError
        If an argument cannot be used; the message says why.

    Examples
    --------
    >>> random_partition([[0.0], [1.0], [8.0], [9.0]], 1, random_state=0).centers.tolist()
    [[4.5]]
    """
    X, k, random, weight = _arguments(X, n_clusters, random_state, sample_weight)
    labels = random.randint(k, size=len(X))
    centers = X[random.choice(len(X), size=k)]
    for j in range(k):
        mine = labels == j
        if weight[mine].sum() > 0:
            centers[j] = np.average(X[mine], axis=0, weights=weight[mine])
    return Seeding(centers, None, ())


def farthest_first(X, n_clusters, random_state=None, sample_weight=None) -> Seeding:
    """A random first point, then again and again the point farthest from all centres so far.

    Outliers are chosen before anything else. Points of weight 0 are never chosen.

    Parameters
    ----------
    X : array or DataFrame of shape (n_samples, n_features)
    n_clusters : int
    random_state : int, RandomState or None
    sample_weight : array of shape (n_samples,), optional

    Returns
    -------
    Seeding

    Raises
    ------
    ValueError, TypeError
        If an argument cannot be used; the message says why.

    Notes
    -----
    T. F. Gonzalez, "Clustering to minimize the maximum intercluster distance", Theoretical
    Computer Science 38, 1985.

    Examples
    --------
    >>> farthest_first([[0.0], [1.0], [8.0], [9.0]], 2, random_state=0).indices.tolist()
    [2, 0]
    """
    X, k, random, weight = _arguments(X, n_clusters, random_state, sample_weight)
    row = int(_pick(_cumulated(weight), random.random_sample()))
    draws = [Draw(0, np.array([row]), None, None, row)]
    d2 = ((X - X[row]) ** 2).sum(axis=1)
    for j in range(1, k):
        row = int(np.where(weight > 0, d2, -1.0).argmax())
        draws.append(Draw(j, np.array([row]), d2, None, row))
        d2 = np.minimum(d2, ((X - X[row]) ** 2).sum(axis=1))
    rows = np.array([draw.taken for draw in draws])
    return Seeding(X[rows], rows, tuple(draws))


def kmeans_plusplus(X, n_clusters, random_state=None, sample_weight=None) -> Seeding:
    """Points far from the centres so far are likely to be the next: the greedy k-means++.

    Each draw looks at ``2 + int(log(n_clusters))`` candidates, drawn with a probability in
    proportion to weight times squared distance, and takes the one that leaves the lowest sum.

    Parameters
    ----------
    X : array or DataFrame of shape (n_samples, n_features)
    n_clusters : int
    random_state : int, RandomState or None
        An int gives the same draws each time, and the same ones as ``KMeans`` here and in
        scikit-learn make with it.
    sample_weight : array of shape (n_samples,), optional

    Returns
    -------
    Seeding

    Raises
    ------
    ValueError, TypeError
        If an argument cannot be used; the message says why.

    Notes
    -----
    D. Arthur and S. Vassilvitskii, "k-means++: the advantages of careful seeding", SODA 2007.
    Distances are measured from the mean of X, as in ``KMeans``: far from the origin they would
    lose digits.

    Examples
    --------
    >>> start = kmeans_plusplus([[0.0], [1.0], [8.0], [9.0]], 2, random_state=0)
    >>> start.indices.tolist(), start.draws[1].candidates.tolist()
    ([2, 1], [1, 1])
    """
    X, k, random, weight = _arguments(X, n_clusters, random_state, sample_weight)
    draws = []
    rows = plusplus_rows(X - X.mean(axis=0), k, random, weight, draws.append)
    return Seeding(X[rows], rows, tuple(draws))


def start_rows(X, n_clusters, init, random_state) -> np.ndarray:
    """The rows of points that were checked before with which ``KMeans(init=init)`` starts."""
    random, weight = _random(random_state), np.ones(len(X), X.dtype)
    if init == "random":
        return random_rows(n_clusters, random, weight)
    return plusplus_rows(X - X.mean(axis=0), n_clusters, random, weight)


def random_rows(n_clusters, random, weight) -> np.ndarray:
    """The rows that ``init="random"`` takes."""
    p = weight / weight.sum()
    return random.choice(len(weight), size=n_clusters, replace=False, p=p)


def plusplus_rows(X, n_clusters, random, weight, record=None) -> np.ndarray:
    """The rows that k-means++ takes; ``record``, if given, is called with each Draw.

    Every operation is scikit-learn's, in its order: on a lattice two candidates can be equally
    good, and then the last bit decides.
    """
    n, trials = len(X), 2 + int(np.log(n_clusters))
    # one call for all draws of the run gives the same numbers as one call a draw
    uniform = random.random_sample(1 + (n_clusters - 1) * trials)
    rows = np.empty(n_clusters, dtype=np.intp)
    rows[0] = _pick(_cumulated(weight), uniform[0])
    distances = _Distances(X)
    d2 = distances(rows[:1])
    potential = d2 @ weight
    column = weight.reshape(-1, 1)
    if record:
        record(Draw(0, rows[:1].copy(), None, None, int(rows[0])))
    for j in range(1, n_clusters):
        # random_sample is uniform() to the bit
        u = uniform[1 + (j - 1) * trials : 1 + j * trials] * potential
        candidates = np.cumsum(weight * d2).searchsorted(u)
        np.minimum(candidates, n - 1, out=candidates)
        lowered = distances(candidates)
        np.minimum(d2, lowered, out=lowered)
        potentials = lowered @ column
        best = potentials.argmin()
        rows[j] = candidates[best]
        if record:
            record(Draw(j, candidates, d2.reshape(-1), potentials[:, 0], int(rows[j])))
        potential, d2 = potentials[best], lowered[best]
    return rows


class _Distances:
    """Squared distances from some rows to all rows, rounded as in scikit-learn, never below 0."""

    def __init__(self, X):
        self.dtype = X.dtype
        # float32 distances are measured in float64 and rounded afterwards
        self.X = X.astype(np.float64, copy=False)
        self.transposed = self.X.T
        self.norms = np.einsum("ij,ij->i", self.X, self.X)

    def __call__(self, rows):
        d2 = self.X[rows] @ self.transposed
        d2 *= -2
        d2 += self.norms[rows][..., None]
        d2 += self.norms
        return np.maximum(
            d2.astype(self.dtype, copy=False), 0, out=d2 if d2.dtype == self.dtype else None
        )


def _cumulated(weight):
    p = (weight / weight.sum()).astype(np.float64, copy=False)
    cumulated = p.cumsum()
    cumulated /= cumulated[-1]
    return cumulated


def _pick(cumulated, uniform):
    return cumulated.searchsorted(uniform, side="right")


def _arguments(X, n_clusters, random_state, sample_weight):
    X = as_points(X)
    k = as_n_clusters(n_clusters, len(X))
    return X, k, _random(random_state), as_weights(sample_weight, X)


def _random(random_state) -> np.random.RandomState:
    if random_state is None:
        return np.random.mtrand._rand
    if isinstance(random_state, np.random.RandomState):
        return random_state
    if isinstance(random_state, Integral) and not isinstance(random_state, bool):
        return np.random.RandomState(random_state)
    raise ValueError(
        f"random_state={random_state!r}: pass a whole number, None or a numpy.random.RandomState"
    )
