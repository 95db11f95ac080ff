"""scikit-learn's KMeans, which remembers every half-step of its best run."""

from __future__ import annotations

import warnings

import numpy as np
from scipy.sparse import issparse
from sklearn import cluster
from sklearn.utils.validation import check_is_fitted
from threadpoolctl import ThreadpoolController

from .history import MAX_ITER, NO_CHANGE, SMALL_SHIFT, History, Snapshot, compact
from .textbook import inertia, lloyd
from .validation import as_points, as_weights, check_range

try:
    from sklearn.cluster._k_means_lloyd import lloyd_iter_chunked_dense as half_steps
except ImportError:  # a later scikit-learn keeps it elsewhere: see _replay
    half_steps = None

# Two threads add up in a different order, and ties then fall differently; few points are faster on
# one thread, above all beside a busy neighbour.
THREADS = ThreadpoolController()


class KMeans(cluster.KMeans):
    """``sklearn.cluster.KMeans`` itself, with ``history_``: every half-step of its best run.

    All parameters, attributes and methods are scikit-learn's. It runs on one thread, so that one
    seed gives one answer on every machine.

    Attributes
    ----------
    history_ : History
        Every half-step of the best run, in the coordinates of X, made when someone looks at it. It
        is that of Lloyd's algorithm, which ``algorithm="elkan"`` only computes differently. Sparse
        data have none.

    Raises
    ------
    ValueError, TypeError
        By ``fit``, ``predict`` and the others, if the data or an argument cannot be used; the
        message says which one, what came and what to do.

    Notes
    -----
    S. P. Lloyd, "Least squares quantization in PCM", IEEE Transactions on Information Theory
    28(2), 1982. Inertia falls from one half-step to the next, but for M-steps in which an empty
    cluster is given a point. The record keeps a copy of X, and a byte of label a point and
    iteration (two with more than 256 clusters).

    Examples
    --------
    >>> km = KMeans(n_clusters=2, random_state=0).fit([[0.0], [1.0], [8.0], [9.0]])
    >>> km.labels_.tolist(), km.cluster_centers_.ravel().tolist(), km.inertia_
    ([1, 1, 0, 0], [8.5, 0.5], 1.0)
    >>> km.history_[1].phase, km.history_[1].labels.tolist()
    ('assign', [1, 1, 0, 0])
    """

    _starts, _given = (), None

    def fit(self, X, y=None, sample_weight=None):
        """Find the clusters, as scikit-learn does.

        Parameters
        ----------
        X : array, DataFrame or sparse matrix of shape (n_samples, n_features)
        y : ignored
        sample_weight : array of shape (n_samples,), optional
            How often each point counts.

        Returns
        -------
        self
        """
        self._starts, self._history, self._given, weight = (), None, None, None
        if not issparse(X):
            points = as_points(X)
            self._given = np.array(points, order="C")  # what the caller does to X later is no news
            if sample_weight is not None:
                sample_weight = weight = as_weights(sample_weight, points).copy()
            if not (isinstance(self.init, str) or callable(self.init)):
                as_points(self.init, "init")
            X = X if hasattr(X, "columns") else points
        with THREADS.limit(limits=1):
            super().fit(X, sample_weight=sample_weight)
        self._rule = {"max_iter": self.max_iter, "tol": self.tol, "empty": "relocate"}
        self._small, self._weight = self._tol, weight
        return self

    def _init_centroids(self, X, init, **rest):
        """Note where each run starts; a function of the user's gets its own copy of the points."""
        if self._given is not None and self._tol < 1e-24:
            check_range(X)  # columns whose squares vanish beside others that are constant
        own = init if not callable(init) else lambda X, *args, **more: init(X.copy(), *args, **more)
        start = super()._init_centroids(X, init=own, **rest)
        self._starts = [*self._starts, np.array(start)]
        return start

    def _check_test_data(self, X):
        if not issparse(X):
            as_points(X)
        return super()._check_test_data(X)

    def score(self, X, y=None, sample_weight=None):
        """Minus the inertia of X with these centres: the higher, the better."""
        if sample_weight is not None and not issparse(X):
            sample_weight = as_weights(sample_weight, as_points(X))
        return super().score(X, sample_weight=sample_weight)

    @property
    def history_(self) -> History:
        """Every half-step of the best run, made when someone looks at it."""
        check_is_fitted(self)
        if self._given is None:
            raise AttributeError(
                "a fit of sparse data keeps no history_: pass X.toarray() if it fits into memory"
            )
        if self._history is None:
            with THREADS.limit(limits=1):
                self._history = self._replay()
        return self._history

    def _replay(self):
        """The run from the start that ended best: scikit-learn's half-steps, written down."""
        mean = self._given.mean(axis=0)
        if half_steps is None:
            warnings.warn(
                "this scikit-learn keeps its half-step elsewhere: history_ is the textbook's run "
                "from the first start",
                stacklevel=3,
            )
            start = self._starts[0] + mean
            return lloyd(self._given, start, sample_weight=self._weight, **self._rule)
        X, weight = self._given - mean, self._weight
        weight = np.ones(len(X), dtype=X.dtype) if weight is None else weight
        best = None
        for start in self._starts:
            steps, reason = self._run(X, weight, start)
            n_iter = (len(steps) - 1) // 2
            off = np.count_nonzero(steps[-1][1] != self.labels_), n_iter != self.n_iter_
            if best is None or off < best[0]:
                best = off, steps, reason
            if off == (0, False):
                break
        return self._recorded(X, weight, mean, *best[1:])

    def _run(self, X, weight, start):
        """One run, as (phase, labels, centres, sizes) of each half-step, and why it ended."""
        centers, new, k = start.copy(), np.zeros_like(start), len(start)
        labels, before = np.full(len(X), -1, np.int32), None
        sizes, shift = np.zeros((2, k), dtype=X.dtype)
        steps, reason = [("init", None, start, None)], MAX_ITER
        for _ in range(self._rule["max_iter"]):
            half_steps(X, weight, centers, new, sizes, labels, shift, 1)
            now = labels.copy()
            steps += [
                ("assign", now, centers.copy(), None),
                ("update", now, new.copy(), sizes.copy()),
            ]
            centers, new = new, centers
            if before is not None and np.array_equal(now, before):
                return steps, NO_CHANGE
            before = now
            if (shift**2).sum() <= self._small:
                reason = SMALL_SHIFT
                break
        half_steps(X, weight, centers, centers, sizes, labels, shift, 1, update_centers=False)
        return [*steps, ("assign", labels, centers, None)], reason

    def _recorded(self, X, weight, mean, steps, reason):
        """The half-steps as a History."""
        found, last, k = [], None, len(self._starts[0])
        total = np.einsum("ij,ij,i->", X, X, weight, dtype=np.float64)
        for i, (phase, labels, centers, sizes) in enumerate(steps):
            rest = {}
            if phase == "assign":
                rest["n_changed"] = len(X) if last is None else int((labels != last).sum())
                last, kept = labels, compact(labels, k)
                lost = np.bincount(labels, weight, k) == 0
                following = steps[i + 1][2:] if i + 1 < len(steps) else None
            if phase == "update":
                rest["shift"] = shift = np.sqrt(((centers - steps[i - 1][2]) ** 2).sum(axis=1))
                given = np.flatnonzero(lost & (sizes > 0) & (shift > 0))
                rest["relocated"] = tuple(map(int, given))
            if phase != "init":
                error = np.nan
                if following and not lost.any() and X.dtype == np.float64:
                    means, sizes = following  # the sums are known: no pass over X is needed
                    error = total + sizes @ ((centers - 2 * means) * centers).sum(axis=1)
                if not error > 1e-4 * total:  # else digits are lost in the difference
                    error = inertia(X, labels, centers, self._weight)
                rest |= {"inertia": float(error), "labels": kept}
            found.append(Snapshot((i + 1) // 2, phase, centers + mean, **rest))
        return History(
            found,
            self._given,
            stop_reason=reason,
            sample_weight=self._weight,
            feature_names=getattr(self, "feature_names_in_", None),
            rule=self._rule,
        )
