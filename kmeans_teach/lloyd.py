"""The algorithm as on the textbook page: assign every point, update every centre, repeat."""

from __future__ import annotations

from numbers import Real

import numpy as np

from .history import MAX_ITER, NO_CHANGE, SMALL_SHIFT, History, Snapshot
from .validation import as_centers, as_points, as_weights


def assign(X, centers) -> np.ndarray:
    """E-step: every point joins its nearest centre.

    Parameters
    ----------
    X : array of shape (n_samples, n_features)
    centers : array of shape (n_clusters, n_features)

    Returns
    -------
    labels : ndarray of shape (n_samples,)
        The number of the nearest centre, the first of equally near ones.

    Examples
    --------
    >>> assign([[0.0], [1.0], [9.0]], [[0.0], [8.0]]).tolist()
    [0, 0, 1]
    """
    return squared_distances(X, centers).argmin(axis=1)


def update(X, labels, centers, sample_weight=None) -> np.ndarray:
    """M-step: every centre moves to the mean of its points; one without points stays.

    Parameters
    ----------
    X : array of shape (n_samples, n_features)
    labels : array of shape (n_samples,)
        The cluster of each point.
    centers : array of shape (n_clusters, n_features)
        Where the centres are now.
    sample_weight : array of shape (n_samples,), optional
        How often each point counts.

    Returns
    -------
    centers : ndarray of shape (n_clusters, n_features)

    Examples
    --------
    >>> update([[0.0], [1.0], [9.0]], [0, 0, 1], [[0.0], [8.0]]).tolist()
    [[0.5], [9.0]]
    """
    labels = np.asarray(labels)
    X, centers = _as_floats(X, centers)
    centers = centers.copy()
    for j in range(len(centers)):
        mine = labels == j
        weight = None if sample_weight is None else np.asarray(sample_weight)[mine]
        if mine.any() and (weight is None or weight.any()):
            centers[j] = np.average(X[mine], axis=0, weights=weight)
    return centers


def inertia(X, labels, centers, sample_weight=None) -> float:
    """The error that k-means lowers: the sum of squared distances from points to their centres.

    Parameters
    ----------
    X : array of shape (n_samples, n_features)
    labels : array of shape (n_samples,)
    centers : array of shape (n_clusters, n_features)
    sample_weight : array of shape (n_samples,), optional

    Returns
    -------
    float
        In squared units of X.

    Examples
    --------
    >>> inertia([[0.0], [1.0], [9.0]], [0, 0, 1], [[0.0], [8.0]])
    2.0
    """
    X, centers = _as_floats(X, centers)
    squares = ((X - centers[np.asarray(labels)]) ** 2).sum(axis=1)
    return float(squares.sum() if sample_weight is None else (squares * sample_weight).sum())


def lloyd(X, centers, *, max_iter=300, tol=1e-4, empty="relocate", sample_weight=None) -> History:
    """K-means from given starting centres: E-step, M-step, E-step, M-step, until nothing changes.

    Parameters
    ----------
    X : array or DataFrame of shape (n_samples, n_features)
    centers : array of shape (n_clusters, n_features)
        Where the centres start.
    max_iter : int
        The highest number of iterations (an E-step and an M-step each).
    tol : float
        Stop when the squared ways of all centres in one M-step add up to at most ``tol`` times the
        mean variance of the columns.
    empty : {"relocate", "stay"}
        What becomes of a centre without points: "relocate" gives it the point that is farthest
        from its own centre, as scikit-learn does; "stay" leaves it where it is.
    sample_weight : array of shape (n_samples,), optional

    Returns
    -------
    History
        Ends as scikit-learn's run ends. A run that stops for another reason than "no point
        changed cluster" assigns once more, so that labels and centres belong together.

    Raises
    ------
    ValueError, TypeError
        If the points, the centres or the weights cannot be used; the message says why.

    Notes
    -----
    S. P. Lloyd, "Least squares quantization in PCM", IEEE Transactions on Information Theory
    28(2), 1982.

    Examples
    --------
    >>> run = lloyd([[0.0], [1.0], [8.0], [9.0]], centers=[[0.0], [1.0]])
    >>> run[-1].centers.tolist(), run[-1].inertia
    ([[0.5], [8.5]], 1.0)
    """
    if empty not in ("relocate", "stay"):
        raise ValueError(f"empty={empty!r}: use 'relocate' or 'stay'")
    if isinstance(tol, bool) or not isinstance(tol, Real) or not tol >= 0:
        raise ValueError(f"tol={tol!r}: pass a number, 0 or more")
    weight = sample_weight
    names = getattr(X, "columns", None)
    X = as_points(X).copy()  # what the caller does to X later must not change the record
    centers = as_centers(centers, X)
    if weight is not None:
        weight = as_weights(weight, X)
    small = tol * X.var(axis=0).mean()

    rule = {"max_iter": max_iter, "tol": tol, "empty": empty}
    run = _Recorder(X, weight, names, rule)
    run.start(centers)
    for _ in range(_iterations(max_iter)):
        labels = assign(X, centers)
        settled = run.assigned(labels) == 0
        new_centers, relocated = update(X, labels, centers, weight), ()
        if empty == "relocate":
            new_centers, relocated = relocate(X, labels, centers, new_centers, weight)
        shift = run.updated(new_centers, relocated)
        centers = new_centers
        if settled:
            return run.history(NO_CHANGE)
        if (shift**2).sum() <= small:
            break
    run.assigned(assign(X, centers))
    return run.history(SMALL_SHIFT if (shift**2).sum() <= small else MAX_ITER)


def relocate(X, labels, centers, new_centers, sample_weight=None):
    """Give every empty cluster the point that is farthest from its own centre.

    The cluster that the point comes from gives it up: its centre is the mean of the others, and if
    there are no others it goes where the centre of the biggest cluster is, to be empty next time.
    This is the one half-step in which the inertia can rise, as the points still have their old
    labels: of -1 and 1 around the centre 0 one is given away, the centre moves onto the other, and
    the inertia goes from 2 to 4, before the next E-step takes it to 0.

    Parameters
    ----------
    X : array of shape (n_samples, n_features)
    labels : array of shape (n_samples,)
    centers : array of shape (n_clusters, n_features)
        The centres from which the labels come: far is measured from these.
    new_centers : array of shape (n_clusters, n_features)
        The centres after the update.
    sample_weight : array of shape (n_samples,), optional

    Returns
    -------
    centers : ndarray of shape (n_clusters, n_features)
    relocated : tuple of int
        The clusters that were empty and now have a point; none if every point sits on its centre.

    Examples
    --------
    >>> X, centers = np.array([[0.0], [1.0], [5.0]]), np.array([[2.0], [90.0]])
    >>> relocate(X, [0, 0, 0], centers, np.array([[2.0], [90.0]]))
    (array([[0.5],
           [5. ]]), (1,))
    """
    X, labels, centers = np.asarray(X), np.asarray(labels), np.asarray(centers)
    weight = np.ones(len(X)) if sample_weight is None else np.asarray(sample_weight)
    total = np.bincount(labels, weights=weight, minlength=len(centers))
    empty = np.flatnonzero(total == 0)
    distance = ((X - centers[labels]) ** 2).sum(axis=1)
    if not len(empty) or distance.max() == 0:
        return new_centers, ()
    sums = new_centers * total[:, None]
    farthest = np.argpartition(distance, -len(empty))[: -len(empty) - 1 : -1]
    for j, i in zip(empty, farthest, strict=True):
        sums[labels[i]] -= X[i] * weight[i]
        total[labels[i]] -= weight[i]
        sums[j], total[j] = X[i] * weight[i], weight[i]
    new_centers = new_centers.copy()
    for j in {*empty, *labels[farthest]}:
        if total[j] > 0:
            new_centers[j] = sums[j] / total[j]
    new_centers[total <= 0] = new_centers[total.argmax()]
    return new_centers, tuple(int(j) for j in empty)


def record(X, centers, *, assign=assign, update=update, max_iter=100) -> History:
    """Play any E-step and any M-step, your own too, into a History.

    Parameters
    ----------
    X : array or DataFrame of shape (n_samples, n_features)
    centers : array of shape (n_clusters, n_features)
        Where the centres start.
    assign : callable
        ``assign(X, centers)`` returns one cluster number a point.
    update : callable
        ``update(X, labels, centers)`` returns the new centres.
    max_iter : int
        The highest number of iterations. The run ends sooner when no point changes its cluster.

    Returns
    -------
    History

    Raises
    ------
    RecordError
        A ValueError that names the function and the step if one of them raises or returns
        something that cannot be used. Its ``history`` holds the run up to there.

    Examples
    --------
    >>> def lazy_update(X, labels, centers):
    ...     return centers
    >>> run = record([[0.0], [1.0], [9.0]], [[0.0], [1.0]], update=lazy_update)
    >>> run.n_iter, run[-1].centers.tolist()
    (2, [[0.0], [1.0]])
    """
    names = getattr(X, "columns", None)
    X = as_points(X).copy()  # what the caller does to X later must not change the record
    centers = as_centers(centers, X)
    points = X.view()
    points.flags.writeable = False

    run = _Recorder(X, None, names)
    run.start(centers)
    for _ in range(_iterations(max_iter)):
        labels = _call_assign(run, assign, points, centers)
        settled = run.assigned(labels) == 0
        centers = _call_update(run, update, points, labels, centers)
        run.updated(centers, ())
        if settled:
            return run.history(NO_CHANGE)
    run.assigned(_call_assign(run, assign, points, centers))
    return run.history(MAX_ITER)


class RecordError(ValueError):
    """A function given to ``record`` failed; ``history`` holds the run up to that half-step."""

    def __init__(self, message: str, history: History):
        super().__init__(message)
        self.history = history


def squared_distances(X, centers) -> np.ndarray:
    """Squared Euclidean distances, shape (n_samples, n_clusters), in squared units of X.

    Examples
    --------
    >>> squared_distances([[0.0, 0.0]], [[3.0, 4.0], [0.0, 1.0]]).tolist()
    [[25.0, 1.0]]
    """
    X, centers = _as_floats(X, centers)
    distances = np.empty((len(X), len(centers)), dtype=np.result_type(X, centers))
    for j, center in enumerate(centers):
        distances[:, j] = ((X - center) ** 2).sum(axis=1)
    return distances


def _as_floats(*tables):
    """Whole numbers as float64: small ones would overflow in squares and cut off means."""
    arrays = (np.asarray(table) for table in tables)
    return [a if a.dtype.kind == "f" else a.astype(np.float64) for a in arrays]


def _iterations(max_iter):
    if isinstance(max_iter, bool) or not isinstance(max_iter, (int, np.integer)) or max_iter < 1:
        raise ValueError(f"max_iter={max_iter!r}: pass a whole number of iterations, at least 1")
    return max_iter


def _call_assign(run, function, X, centers):
    step = f"E-step {run.iteration + 1}"
    labels = _call(run, "assign", step, function, X, _locked(centers))
    if labels.shape != (len(X),):
        raise run.error(
            f"assign returned shape {labels.shape} in {step}, expected ({len(X)},): "
            "one cluster number a point"
        )
    whole = np.isfinite(labels).all() and np.array_equal(labels, np.round(labels))
    if labels.dtype.kind not in "iu" and not whole:
        raise run.error(f"assign returned labels that are not whole numbers in {step}")
    labels = labels.astype(np.intp)
    low, high = labels.min(), labels.max()
    if low < 0 or high >= len(centers):
        raise run.error(
            f"assign returned the labels {low} to {high} in {step}, "
            f"expected 0 to {len(centers) - 1}: one number for each of the {len(centers)} centres"
        )
    return labels


def _call_update(run, function, X, labels, centers):
    step = f"M-step {run.iteration}"
    new = _call(run, "update", step, function, X, _locked(labels), _locked(centers))
    if new.shape != centers.shape:
        raise run.error(
            f"update returned shape {new.shape} in {step}, expected {centers.shape}: "
            "one row a centre, one value for each column of X"
        )
    # beyond this limit the inertia would overflow
    usable = np.abs(new) <= np.sqrt(np.finfo(X.dtype).max / (4.0 * X.size))
    if not usable.all():
        j = int(np.flatnonzero(~usable.all(axis=1))[0])
        why = "pass finite numbers of about the size of the data"
        if not (labels == j).any():
            why = f"cluster {j} has no point, so its mean does not exist"
        raise run.error(f"update returned {new[j]} for centre {j} in {step}: {why}")
    return new.astype(X.dtype)


def _call(run, name, step, function, *arguments):
    try:
        with np.errstate(all="ignore"):
            result = function(*arguments)
    except Exception as error:
        kind = type(error).__name__
        raise run.error(f"{name} raised {kind} in {step}: {error}") from error
    try:
        values = np.asarray(result)
        if values.dtype.kind in "iufb":
            return values
    except ValueError:
        pass
    raise run.error(
        f"{name} returned {type(result).__name__} in {step}, expected an array of numbers"
    )


def _locked(array):
    view = array.view()
    view.flags.writeable = False
    return view


class _Recorder:
    """Turns half-steps into Snapshots, with the inertia and what changed."""

    def __init__(self, X, sample_weight, feature_names, rule=None):
        self.X, self.sample_weight, self.feature_names = X, sample_weight, feature_names
        self.rule = rule
        self.snapshots: list[Snapshot] = []
        self.iteration = 0

    def start(self, centers):
        self.snapshots.append(Snapshot(0, "init", centers))

    def assigned(self, labels) -> int:
        last = self.snapshots[-1]
        changed = len(labels) if last.labels is None else int((labels != last.labels).sum())
        self.iteration += 1
        self._add("assign", last.centers, labels, n_changed=changed)
        return changed

    def updated(self, centers, relocated) -> np.ndarray:
        last = self.snapshots[-1]
        shift = np.sqrt(((centers - last.centers) ** 2).sum(axis=1))
        self._add("update", centers, last.labels, shift=shift, relocated=relocated)
        return shift

    def _add(self, phase, centers, labels, **rest):
        error = inertia(self.X, labels, centers, self.sample_weight)
        self.snapshots.append(Snapshot(self.iteration, phase, centers, labels, error, **rest))

    def history(self, stop_reason) -> History:
        return History(
            self.snapshots,
            self.X,
            stop_reason=stop_reason,
            sample_weight=self.sample_weight,
            feature_names=self.feature_names,
            rule=self.rule,
        )

    def error(self, message) -> RecordError:
        return RecordError(message, self.history("stopped by an error"))
