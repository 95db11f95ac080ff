"""How many clusters: one k after the other, against noise, and under resampling.

Only k-means is ours; the indices are scikit-learn's.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from numbers import Integral, Real

import numpy as np
from sklearn.metrics import (
    adjusted_rand_score,
    calinski_harabasz_score,
    davies_bouldin_score,
    silhouette_samples,
    silhouette_score,
)
from sklearn.utils import check_random_state

from .kmeans import KMeans
from .validation import as_points

SEEDS = 2**31 - 1


class _Frozen:
    """The arrays of a result are read-only."""

    def __post_init__(self):
        for name, value in vars(self).items():
            if isinstance(value, np.ndarray) and name != "X":
                value.setflags(write=False)


@dataclass(frozen=True, eq=False)
class Sweep(_Frozen):
    """K-means for one k after the other, with what each index says of it.

    Attributes
    ----------
    X : ndarray of shape (n_samples, n_features)
    k_values : tuple of int
    models : tuple of KMeans
        Fitted, one for each k.
    inertia : ndarray of shape (n_k,)
        In squared units of X.
    silhouette, calinski_harabasz, davies_bouldin : ndarray of shape (n_k,)
        The first two are better when high, the last one when low. NaN where an index has no
        value: for one cluster, and where every point is a cluster of its own.
    """

    X: np.ndarray
    k_values: tuple[int, ...]
    models: tuple[KMeans, ...]
    inertia: np.ndarray
    silhouette: np.ndarray
    calinski_harabasz: np.ndarray
    davies_bouldin: np.ndarray

    def model(self, k: int) -> KMeans:
        """The fitted k-means with k clusters; ValueError if this k was not tried."""
        if k not in self.k_values:
            raise ValueError(f"k={k!r} was not tried: choose one of {_list(self.k_values)}")
        return self.models[self.k_values.index(k)]

    def silhouettes(self, k: int) -> np.ndarray:
        """The silhouette of every point for k clusters, or NaN where it has no value."""
        labels = self.model(k).labels_
        if not _has_scores(self.X, labels):
            return np.full(len(labels), np.nan)
        return silhouette_samples(_centred(self.X), labels)

    def to_frame(self):
        """A pandas table with one row for each k."""
        import pandas as pd

        index = pd.Index(self.k_values, name="k")
        return pd.DataFrame({name: getattr(self, name) for name in _COLUMNS}, index=index)

    def __repr__(self):
        n, d = self.X.shape
        return f"Sweep({n} points x {d} columns, k = {_list(self.k_values)})"


_COLUMNS = ("inertia", "silhouette", "calinski_harabasz", "davies_bouldin")


def sweep(X, k_values=range(1, 11), *, n_init=10, random_state=0) -> Sweep:
    """Run k-means for each k and score it by inertia, silhouette and two further indices.

    Parameters
    ----------
    X : array or DataFrame of shape (n_samples, n_features)
    k_values : iterable of int, default=1 to 10
        Ascending, none above n_samples.
    n_init : int, default=10
        Starts for each k; the best one counts.
    random_state : int, RandomState or None, default=0

    Returns
    -------
    Sweep

    Raises
    ------
    ValueError, TypeError
        If X or an argument cannot be used.

    Notes
    -----
    P. J. Rousseeuw, "Silhouettes: a graphical aid to the interpretation and validation of cluster
    analysis", Journal of Computational and Applied Mathematics 20, 1987. T. Calinski, J. Harabasz,
    "A dendrite method for cluster analysis", Communications in Statistics 3(1), 1974. D. L. Davies,
    D. W. Bouldin, "A cluster separation measure", IEEE Transactions on Pattern Analysis and
    Machine Intelligence 1(2), 1979. All three as scikit-learn computes them.

    Examples
    --------
    >>> runs = sweep([[0.0], [1.0], [8.0], [9.0]], [1, 2, 3])
    >>> runs.inertia.tolist()
    [65.0, 1.0, 0.5]
    >>> runs.silhouette.round(3).tolist()
    [nan, 0.875, 0.433]
    >>> runs.model(2).labels_.tolist()
    [1, 1, 0, 0]
    """
    points = as_points(X)
    ks = _as_k_values(k_values, len(points))
    _check_counts(n_init=n_init)
    # X itself goes in, so that a model knows the names of the columns
    models = tuple(KMeans(k, n_init=n_init, random_state=random_state).fit(X) for k in ks)
    scores = [(m.inertia_, *_scores(_centred(points), m.labels_)) for m in models]
    return Sweep(points.copy(), ks, models, *np.array(scores).T.copy())


def _centred(points):
    """Around the origin: far from it, squared distances would lose digits."""
    return points - points.mean(axis=0)


def _scores(points, labels):
    """Silhouette, Calinski-Harabasz and Davies-Bouldin, or NaN where they have no value."""
    scores = silhouette_score, calinski_harabasz_score, davies_bouldin_score
    known = _has_scores(points, labels)
    return [score(points, labels) if known else np.nan for score in scores]


def _has_scores(points, labels):
    return 2 <= len(np.unique(labels)) < len(points)


@dataclass(frozen=True, eq=False)
class Gap(_Frozen):
    """How much tighter the clusters are than those that k-means finds in uniform noise.

    Attributes
    ----------
    k_values : tuple of int
    gap : ndarray of shape (n_k,)
        ``reference - log(inertia)``.
    error : ndarray of shape (n_k,)
        The simulation error of each gap: the standard deviation of the references' log inertia,
        times ``sqrt(1 + 1 / n_references)``.
    inertia : ndarray of shape (n_k,)
        Of X, in squared units.
    reference : ndarray of shape (n_k,)
        The mean log inertia of the references.
    n_references : int
    """

    k_values: tuple[int, ...]
    gap: np.ndarray
    error: np.ndarray
    inertia: np.ndarray
    reference: np.ndarray
    n_references: int

    @property
    def best(self) -> int:
        """The smallest k whose gap reaches the next one less its error; 1 means no clusters.

        If no k does, it is the largest one: then try larger ones.
        """
        reached = self.gap[:-1] >= (self.gap - self.error)[1:]
        return self.k_values[int(reached.argmax()) if reached.any() else -1]

    def __repr__(self):
        return f"Gap(k = {_list(self.k_values)}; {self.n_references} references, best {self.best})"


def gap_statistic(X, k_values=range(1, 11), *, n_references=20, n_init=3, random_state=0) -> Gap:
    """Compare the inertia for each k with that of uniform noise in the same box.

    Parameters
    ----------
    X : array or DataFrame of shape (n_samples, n_features)
    k_values : iterable of int, default=1 to 10
        Ascending, all below the number of distinct points. Begin with 1, if "no clusters" is to
        be an answer.
    n_references : int, default=20
        How many sets of noise, as many points as X has, uniform between the smallest and the
        largest value of each column.
    n_init : int, default=3
        Starts for each k, on X and on the noise alike.
    random_state : int, RandomState or None, default=0

    Returns
    -------
    Gap

    Raises
    ------
    ValueError, TypeError
        If X or an argument cannot be used.

    Notes
    -----
    R. Tibshirani, G. Walther, T. Hastie, "Estimating the number of clusters in a data set via the
    gap statistic", Journal of the Royal Statistical Society B 63(2), 2001, with the reference box
    along the columns. For squared distances their W_k is the inertia.

    Examples
    --------
    >>> import numpy as np
    >>> noise = np.random.RandomState(0).uniform(size=(100, 2))
    >>> gap_statistic(noise, range(1, 6)).best
    1
    >>> groups = np.concatenate([noise, noise + 5])
    >>> gap_statistic(groups, range(1, 6)).best
    2
    """
    points = as_points(X)
    ks = _as_k_values(k_values, len(points))
    distinct = len(np.unique(points, axis=0))
    if ks[-1] >= distinct:
        raise ValueError(
            f"k_values goes up to {ks[-1]}, but X has {distinct} distinct "
            f"point{'' if distinct == 1 else 's'}: the logarithm of an inertia of 0 does not "
            f"exist, so stay below {distinct}"
        )
    _check_counts(n_references=n_references, n_init=n_init)
    random = check_random_state(random_state)
    low, high = points.min(axis=0), points.max(axis=0)

    def log_inertias(data):
        seed = random.randint(SEEDS)
        fits = [KMeans(k, n_init=n_init, random_state=seed).fit(data) for k in ks]
        return np.log([fit.inertia_ for fit in fits])

    mine = log_inertias(points)
    noise = np.array(
        [log_inertias(random.uniform(low, high, points.shape)) for _ in range(n_references)]
    )
    reference, error = noise.mean(axis=0), noise.std(axis=0) * np.sqrt(1 + 1 / n_references)
    return Gap(ks, reference - mine, error, np.exp(mine), reference, n_references)


@dataclass(frozen=True, eq=False)
class Stability(_Frozen):
    """How well two clusterings agree that were found on different parts of the points.

    Attributes
    ----------
    k_values : tuple of int
    ari : ndarray of shape (n_k,)
        The mean adjusted Rand index: 1 for equal clusterings, about 0 for unrelated ones.
    spread : ndarray of shape (n_k,)
        Its standard deviation over the resamples.
    n_resamples : int
    """

    k_values: tuple[int, ...]
    ari: np.ndarray
    spread: np.ndarray
    n_resamples: int

    def __repr__(self):
        return f"Stability(k = {_list(self.k_values)}; {self.n_resamples} resamples)"


def stability(
    X, k_values=range(2, 11), *, n_resamples=20, share=0.8, n_init=3, random_state=0
) -> Stability:
    """Cluster two random parts of the points, for each k, and see whether they agree on all.

    Parameters
    ----------
    X : array or DataFrame of shape (n_samples, n_features)
    k_values : iterable of int, default=2 to 10
        Ascending. One cluster is left out, as it is always stable.
    n_resamples : int, default=20
        How many pairs of parts.
    share : float, default=0.8
        The share of the points in each part, drawn without replacement; above 0, at most 1.
    n_init : int, default=3
        Starts for each part and k.
    random_state : int, RandomState or None, default=0

    Returns
    -------
    Stability

    Raises
    ------
    ValueError, TypeError
        If X or an argument cannot be used.

    Notes
    -----
    A. Ben-Hur, A. Elisseeff, I. Guyon, "A stability based method for discovering structure in
    clustered data", Pacific Symposium on Biocomputing 7, 2002, for the pairs of subsamples; T.
    Lange, V. Roth, M. L. Braun, J. M. Buhmann, "Stability-based validation of clustering
    solutions", Neural Computation 16(6), 2004, for the comparison by predicting. The centres of
    each part label all points, and the labels are compared by the adjusted Rand index.

    Examples
    --------
    >>> X = [[0.0], [0.4], [1.1], [1.6], [8.0], [8.7], [9.0], [9.8]]
    >>> stability(X, [2, 3]).ari.round(1).tolist()
    [1.0, 0.7]
    """
    points = _centred(as_points(X))
    part = _part(share, len(points))
    ks = _as_k_values(k_values, part, f" in a part of share={share} of {len(points)}")
    if ks[0] < 2:
        raise ValueError("k_values begins with 1, and one cluster is always stable: begin with 2")
    _check_counts(n_resamples=n_resamples, n_init=n_init)
    random = check_random_state(random_state)

    def agreements():
        pair = [points[random.permutation(len(points))[:part]] for _ in range(2)]
        seeds = random.randint(SEEDS, size=2).tolist()
        for k in ks:
            fits = [KMeans(k, n_init=n_init, random_state=seed) for seed in seeds]
            labels = [fit.fit(mine).predict(points) for fit, mine in zip(fits, pair, strict=True)]
            yield adjusted_rand_score(*labels)

    rows = np.array([list(agreements()) for _ in range(n_resamples)])
    return Stability(ks, rows.mean(axis=0), rows.std(axis=0), n_resamples)


def _part(share, n_samples):
    if isinstance(share, bool) or not isinstance(share, Real):
        raise TypeError(f"share={share!r} is a {type(share).__name__}: pass a number, such as 0.8")
    if not 0 < share <= 1:
        raise ValueError(f"share={share} is not a share: pass a number above 0, at most 1")
    return max(1, round(share * n_samples))


def _as_k_values(k_values, n_samples, where=""):
    try:
        values = list(k_values)
    except TypeError:
        raise TypeError(
            f"k_values={k_values!r} is a {type(k_values).__name__}: pass several values, "
            "for example range(1, 11)"
        ) from None
    if not values:
        raise ValueError("k_values is empty: pass at least one k, for example range(1, 11)")
    for k in values:
        if isinstance(k, bool) or not isinstance(k, Integral):
            raise TypeError(
                f"k_values holds {k!r}, a {type(k).__name__}: pass whole numbers, "
                "for example range(1, 11)"
            )
    ks = tuple(int(k) for k in values)
    if ks[0] < 1:
        raise ValueError(f"k_values begins with {ks[0]}: there must be at least 1 cluster")
    if any(b <= a for a, b in pairwise(ks)):
        raise ValueError(f"k_values is {_list(ks)}: pass each k once, in ascending order")
    if ks[-1] > n_samples:
        raise ValueError(
            f"k_values goes up to {ks[-1]}, which needs at least {ks[-1]} points, got "
            f"{n_samples}{where}: leave out the large ones or add data"
        )
    return ks


_COUNTS = {
    "n_init": "how many starts each k gets",
    "n_references": "how many sets of noise to compare with",
    "n_resamples": "how many pairs of parts to compare",
}


def _check_counts(**counts):
    for name, value in counts.items():
        what = _COUNTS[name]
        if isinstance(value, bool) or not isinstance(value, Integral):
            raise TypeError(f"{name}={value!r} is a {type(value).__name__}: pass {what} as an int")
        if value < 1:
            raise ValueError(f"{name}={value}: pass {what}, 1 or more")


def _list(ks):
    """The k values in few words: "1 to 10", or all of them if they have holes."""
    if len(ks) > 2 and ks == tuple(range(ks[0], ks[-1] + 1)):
        return f"{ks[0]} to {ks[-1]}"
    return ", ".join(map(str, ks))
