"""K-means as a scikit-learn estimator that remembers every half-step."""

from __future__ import annotations

import threading
import warnings
from numbers import Integral, Real

import numpy as np
from sklearn.base import (
    BaseEstimator,
    ClassNamePrefixFeaturesOutMixin,
    ClusterMixin,
    TransformerMixin,
)
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import euclidean_distances
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted, validate_data

from . import engine, folding, frames, restarts
from .history import History
from .seeding import plusplus_rows_of_many, random_rows
from .validation import as_points, as_weights, check_range


class KMeans(ClassNamePrefixFeaturesOutMixin, TransformerMixin, ClusterMixin, BaseEstimator):
    """K-means clustering with a history: same seed, same run as scikit-learn's ``KMeans``.

    For the same arguments it makes the same draws and takes the same steps as
    ``sklearn.cluster.KMeans(algorithm="lloyd")`` on one thread: equal ``labels_`` and ``n_iter_``,
    ``cluster_centers_`` and ``inertia_`` equal to rounding.

    Parameters
    ----------
    n_clusters : int, default=8
    init : {"k-means++", "random"}, callable or array of shape (n_clusters, n_features)
        How to start. A callable is called as ``init(X, n_clusters, random_state=...)`` with the
        centred X and returns the centres.
    n_init : "auto" or int, default="auto"
        How many starts; the run with the lowest inertia wins. "auto" is 10 for "random" and
        callables, else 1. With an array there is one start.
    max_iter : int, default=300
        The highest number of iterations of a run.
    tol : float, default=1e-4
        A run ends when the squared ways of all centres in one M-step add up to at most ``tol``
        times the mean variance of the columns.
    random_state : int, RandomState or None, default=None
        An int gives the same result each time.

    Attributes
    ----------
    cluster_centers_ : ndarray of shape (n_clusters, n_features)
    labels_ : ndarray of shape (n_samples,)
        The cluster of each point; equal to ``predict(X)``.
    inertia_ : float
        The sum of (weighted) squared distances of the points to their centres.
    n_iter_ : int
        The iterations of the best run, counted from 1.
    history_ : History
        Every half-step of the best run, in the coordinates of X. It refers to X: do not change X
        in place as long as you look at it.
    n_features_in_ : int
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Only if X had column names that are all strings.

    Raises
    ------
    ValueError, TypeError
        By ``fit``, ``predict`` and the others, if the data or an argument cannot be used; the
        message says which one, what came and what to do.

    Notes
    -----
    S. P. Lloyd, "Least squares quantization in PCM", IEEE Transactions on Information Theory
    28(2), 1982. The steps are those of scikit-learn (https://scikit-learn.org, BSD licence).

    One thing differs on purpose. With more clusters than distinct points some clusters stay empty
    to the end. scikit-learn then puts their centres on the biggest cluster, or, if that comes
    later in the list, on the sum of its points, which can be far from all data. Here such a
    centre stays where it was. Labels, inertia and all other centres are the same.

    The history keeps one byte of label a point and iteration (two with more than 256 clusters), up
    to ``kmeans_teach.frames.KEEP_LABELS`` bytes; later labels are rebuilt from the centres when
    they are asked for, and are the same. Inertia never rises from one half-step to the next, but
    for M-steps in which an empty cluster is given a point. From 32,768 points on, equal points of
    whole numbers, such as the pixels of a picture, are folded into weights; the result is the same.

    Examples
    --------
    >>> km = KMeans(n_clusters=2, random_state=0).fit([[0.0], [1.0], [8.0], [9.0]])
    >>> km.labels_.tolist(), km.cluster_centers_.ravel().tolist(), km.inertia_
    ([1, 1, 0, 0], [8.5, 0.5], 1.0)
    >>> km.history_[1].phase, km.history_[1].labels.tolist()
    ('assign', [1, 1, 0, 0])
    """

    def __init__(
        self,
        n_clusters=8,
        *,
        init="k-means++",
        n_init="auto",
        max_iter=300,
        tol=1e-4,
        random_state=None,
    ):
        self.n_clusters = n_clusters
        self.init = init
        self.n_init = n_init
        self.max_iter = max_iter
        self.tol = tol
        self.random_state = random_state

    def fit(self, X, y=None, sample_weight=None):
        """Find the clusters.

        Parameters
        ----------
        X : array or DataFrame of shape (n_samples, n_features)
        y : ignored
        sample_weight : array of shape (n_samples,), optional
            How often each point counts.

        Returns
        -------
        self
        """
        self._check_parameters()
        X = self._points(X, reset=True)
        self._check_against(X)
        weight = None if sample_weight is None else as_weights(sample_weight, X)
        data = _Data(X, weight)
        self._fitted = (X, data.mean, weight)
        self._starts = self._make_starts(data)
        rule, start, inertia = self._rule(data), self._starts[0], None
        if len(self._starts) > 1:
            start, inertia = self._best_of(data, rule)
        self._end(*data.run(start, inertia, rule))
        return self

    def _best_of(self, data, rule):
        """The best start and its inertia, chosen as scikit-learn chooses."""
        winner, lowest = None, np.inf
        ends = restarts.ends(data.points, self._starts, **rule)
        for start, (labels, centers) in zip(self._starts, ends, strict=True):
            inertia = data.points.inertia(labels, centers)
            if winner is None or (
                inertia < lowest and not _same_clustering(labels, winner, self.n_clusters)
            ):
                best, lowest, winner = start, inertia, labels
        return best, lowest

    def _rule(self, data):
        """When a run ends: tol times the mean variance of the columns, or max_iter."""
        return {"max_iter": self.max_iter, "tol": self.tol and self.tol * data.variance()}

    def _end(self, run, inertia):
        found = self.n_clusters if run.full else np.count_nonzero(np.bincount(run.last))
        if found < self.n_clusters:
            warnings.warn(
                f"Number of distinct clusters ({found}) found smaller than n_clusters "
                f"({self.n_clusters}). Possibly due to duplicate points in X.",
                ConvergenceWarning,
                stacklevel=3,
            )
        self.cluster_centers_ = run.centers[-1] + self._fitted[1]
        self._n_features_out = self.n_clusters
        self.labels_ = run.last.astype(np.int32)
        self.inertia_ = inertia
        self.n_iter_ = run.n_iter
        self._run, self._run_history = run, None
        self._ended_by = {"max_iter": self.max_iter, "tol": self.tol, "empty": "relocate"}

    @property
    def history_(self) -> History:
        """Every half-step of the best run, made when someone looks at it."""
        check_is_fitted(self)
        if self._run_history is None:
            self._run_history = self._history(self._run)
        return self._run_history

    def _history(self, run) -> History:
        names, rule = getattr(self, "feature_names_in_", None), self._ended_by
        return frames.history(run, engine.Points, *self._fitted, feature_names=names, rule=rule)

    def restart_histories(self) -> list[History]:
        """The History of every restart, in the order in which they were made.

        Only the starting centres of the restarts are kept. This runs each of them again, and
        as nothing in a run is random, the same half-steps come out.

        Returns
        -------
        list of History
            One for each of the ``n_init`` starts.

        Examples
        --------
        >>> km = KMeans(2, init="random", n_init=3, random_state=0)
        >>> [h.n_iter for h in km.fit([[0.0], [1.0], [8.0], [9.0]]).restart_histories()]
        [2, 2, 2]
        """
        check_is_fitted(self)
        X, _, weight = self._fitted
        data = _Data(X, weight)
        rule = self._rule(data)
        return [self._history(data.run(start, 0.0, rule)[0]) for start in self._starts]

    def fit_predict(self, X, y=None, sample_weight=None):
        """Find the clusters and return the cluster of each point: ``fit(X).labels_``."""
        return self.fit(X, sample_weight=sample_weight).labels_

    def fit_transform(self, X, y=None, sample_weight=None):
        """Find the clusters and return the distances to their centres: ``fit(X).transform(X)``."""
        return self.fit(X, sample_weight=sample_weight)._distances(self._fitted[0])

    def predict(self, X):
        """The number of the nearest centre of each point.

        Parameters
        ----------
        X : array or DataFrame of shape (n_samples, n_features)

        Returns
        -------
        labels : ndarray of shape (n_samples,)
        """
        check_is_fitted(self)
        return self._assign(self._points(X, reset=False))[0]

    def transform(self, X):
        """The distance of each point to each centre.

        Parameters
        ----------
        X : array or DataFrame of shape (n_samples, n_features)

        Returns
        -------
        distances : ndarray of shape (n_samples, n_clusters)
            In the units of X.
        """
        check_is_fitted(self)
        return self._distances(self._points(X, reset=False))

    def score(self, X, y=None, sample_weight=None):
        """Minus the inertia of X with these centres: the higher, the better.

        Parameters
        ----------
        X : array or DataFrame of shape (n_samples, n_features)
        y : ignored
        sample_weight : array of shape (n_samples,), optional

        Returns
        -------
        float
        """
        check_is_fitted(self)
        X = self._points(X, reset=False)
        labels, points, centers = self._assign(X, sample_weight)
        return -points.inertia(labels, centers)

    def _assign(self, X, sample_weight=None):
        weight = None if sample_weight is None else as_weights(sample_weight, X)
        points = engine.Points(X, weight, center=False)
        centers = np.ascontiguousarray(self.cluster_centers_, dtype=X.dtype)
        return points.assign(centers).astype(np.int32), points, centers

    def _distances(self, X):
        return euclidean_distances(X, self.cluster_centers_)

    def _points(self, X, reset):
        """X as a C-contiguous array of floats; names and number of columns set or compared."""
        values, known = np.ascontiguousarray(as_points(X)), self.__dict__
        if type(X) is np.ndarray:
            # what validate_data does for an array, without its cost of a fifth of a small fit
            if reset:
                self.n_features_in_ = X.shape[1]
                known.pop("feature_names_in_", None)
                return values
            if known.get("n_features_in_") == X.shape[1] and "feature_names_in_" not in known:
                return values
        validate_data(
            self, X if hasattr(X, "columns") else values, reset=reset, skip_check_array=True
        )
        return values

    def _check_parameters(self):
        _check_whole("n_clusters", self.n_clusters, "the number of clusters")
        _check_whole("max_iter", self.max_iter, "the highest number of iterations")
        if not (isinstance(self.n_init, str) and self.n_init == "auto"):
            _check_whole("n_init", self.n_init, "the number of starts, or 'auto'")
        tol = self.tol
        number = type(tol) is float or (isinstance(tol, Real) and not isinstance(tol, bool))
        if not number or not tol >= 0:
            raise ValueError(f"tol={self.tol!r}: pass a number, 0 or more")
        init = self.init
        if isinstance(init, str) and init not in ("k-means++", "random"):
            raise ValueError(
                f"init={init!r}: use 'k-means++', 'random', an array of centres or a function"
            )

    def _check_against(self, X):
        if len(X) < self.n_clusters:
            raise ValueError(
                f"n_samples={len(X)} should be >= n_clusters={self.n_clusters}: "
                "lower n_clusters or add data"
            )
        several = not isinstance(self.init, str) and not callable(self.init)
        self._n_init = self.n_init
        if isinstance(self.n_init, str):
            drawn = isinstance(self.init, str) and self.init == "k-means++"
            self._n_init = 1 if drawn or several else 10
        if several and self._n_init != 1:
            warnings.warn(
                "Explicit initial center position passed: performing only one init in "
                f"{type(self).__name__} instead of n_init={self._n_init}.",
                RuntimeWarning,
                stacklevel=3,
            )
            self._n_init = 1

    def _make_starts(self, data):
        """The starting centres of all restarts, in centred coordinates."""
        init, k, X = self.init, self.n_clusters, data.X
        if isinstance(init, str):
            random, rows = _draws(self.random_state), data.points.rows
            weight = np.ones(len(X), dtype=X.dtype) if data.weight is None else data.weight
            if init == "random":
                return [rows[random_rows(k, random, weight)] for _ in range(self._n_init)]
            many = plusplus_rows_of_many(rows, k, random, weight, self._n_init)
            return [rows[chosen] for chosen in many]
        if not callable(init):
            if self.random_state is not None and not isinstance(self.random_state, Integral):
                check_random_state(self.random_state)
            return [self._centers(init, X) - data.mean]
        random, starts = check_random_state(self.random_state), []
        for _ in range(self._n_init):
            centers = init(data.points.rows.copy(), k, random_state=random)
            starts.append(self._centers(centers, X).copy())
        return starts

    def _centers(self, centers, X):
        centers = np.ascontiguousarray(as_points(centers, "init"), dtype=X.dtype)
        if len(centers) != self.n_clusters:
            raise ValueError(
                f"The shape of the initial centers {centers.shape} does not match the number of "
                f"clusters {self.n_clusters}: init needs one row a cluster"
            )
        if centers.shape[1] != X.shape[1]:
            raise ValueError(
                f"The shape of the initial centers {centers.shape} does not match the number of "
                f"features of the data {X.shape[1]}: init needs one value for each column of X"
            )
        return centers


class _Data:
    """The points of a fit as the engine wants them, equal ones folded if that pays."""

    def __init__(self, X, weight):
        self.X, self.weight = X, weight
        self.folded, self.which = (weight is None and folding.fold(X)) or (None, None)
        self._points = None
        self.mean = (self.folded or self.points).mean

    @property
    def points(self):
        """All points, also if equal ones are folded."""
        if self._points is None:
            self._points = engine.Points(self.X, self.weight)
        return self._points

    def variance(self):
        """The mean variance of the columns, without weights."""
        points = self.folded or self.points
        columns = points.weighted if self.folded else points.columns
        square = np.vdot(columns[:-1], points.columns[:-1])
        if square < 1e-24:  # do all points coincide, or are their differences too small?
            check_range(self.X)
        return square / self.X.size

    def run(self, start, inertia, rule):
        """The run from this start and its inertia, which need not be computed if it is known."""
        if self.folded:
            run = engine.run(self.folded, start, keep=self.X.nbytes, **rule)
            if all(sums[-1].all() for sums in run.sums):
                inertia = self.folded.inertia(run.last, run.centers[-1])
                run.unfold(self.which)
                return run, inertia
        # an empty cluster is given one point, not all that are equal to it
        run = engine.run(self.points, start, **rule)
        if inertia is None:
            inertia = self.points.inertia(run.last, run.centers[-1])
        return run, inertia


def _check_whole(name, value, what):
    if type(value) is int and value > 0:
        return  # isinstance with an abstract class is slow
    if isinstance(value, bool) or not isinstance(value, Integral):
        raise TypeError(f"{name}={value!r} is a {type(value).__name__}: pass {what} as an int")
    if value < 1:
        raise ValueError(f"{name}={value}: pass {what}, 1 or more")


_seeded = threading.local()


def _draws(random_state):
    """check_random_state, without the 85 us that a new RandomState costs: an old one is seeded."""
    if type(random_state) is not int:
        return check_random_state(random_state)
    if not hasattr(_seeded, "random"):
        _seeded.random = np.random.RandomState(0)
    _seeded.random.seed(random_state)
    return _seeded.random


def _same_clustering(a, b, k):
    """Whether b is a with other numbers: each cluster of a lies in one cluster of b."""
    pairs = np.unique(a.astype(np.intp) * k + b)
    return len(np.unique(pairs // k)) == len(pairs)
