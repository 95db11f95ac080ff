"""The algorithm as on the textbook page: assign every point, update every centre, repeat."""

from __future__ import annotations

from numbers import Integral, Real

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
        Stop when the squared shifts of all centres in one M-step add up to at most ``tol`` times
        the mean variance of the columns.
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
    run = _Run(X, centers, sample_weight, {"max_iter": max_iter, "tol": tol, "empty": empty})

    def move(X, labels, centers):
        moved = update(X, labels, centers, run.weight)
        return moved if empty == "stay" else relocate(X, labels, centers, moved, run.weight)

    return run.to_the_end(assign, move, max_iter, tol * run.X.var(axis=0).mean())


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
        ``new_centers`` itself if no cluster is empty, or every point sits on its centre.

    Examples
    --------
    >>> X, centers = np.array([[0.0], [1.0], [5.0]]), np.array([[2.0], [90.0]])
    >>> relocate(X, [0, 0, 0], centers, np.array([[2.0], [90.0]])).tolist()
    [[0.5], [5.0]]
    """
    X, labels, centers = np.asarray(X), np.asarray(labels), np.asarray(centers)
    weight = np.ones(len(X)) if sample_weight is None else np.asarray(sample_weight)
    total = np.bincount(labels, weights=weight, minlength=len(centers))
    empty = np.flatnonzero(total == 0)
    distance = ((X - centers[labels]) ** 2).sum(axis=1)
    if not len(empty) or distance.max() == 0:
        return new_centers
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
    return new_centers


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
    run = _Run(X, centers)
    return run.to_the_end(run.guarded_assign(assign), run.guarded_update(update), max_iter)


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


class _Run:
    """The one loop: half-steps become Snapshots, with the inertia and what changed."""

    def __init__(self, X, centers, sample_weight=None, rule=None):
        self.names, self.rule = getattr(X, "columns", None), rule
        self.X = as_points(X).copy()  # what the caller does to X later must not change the record
        self.X.flags.writeable = False
        start = as_centers(centers, self.X)
        self.weight = None if sample_weight is None else as_weights(sample_weight, self.X)
        self.found = [Snapshot(0, "init", start)]

    def to_the_end(self, assign, update, max_iter, small=-1.0) -> History:
        if isinstance(max_iter, bool) or not isinstance(max_iter, Integral) or max_iter < 1:
            raise ValueError(f"max_iter={max_iter!r}: pass a whole number of iterations, 1 or more")
        for iteration in range(1, max_iter + 1):
            settled = self.assign(iteration, assign).n_changed == 0
            shift = self.update(iteration, update).shift
            if settled:
                return self.history(NO_CHANGE)
            if (shift**2).sum() <= small:
                break
        self.assign(iteration + 1, assign)
        return self.history(SMALL_SHIFT if (shift**2).sum() <= small else MAX_ITER)

    def assign(self, iteration, function) -> Snapshot:
        last = self.found[-1]
        labels = function(self.X, last.centers)
        changed = len(labels) if last.labels is None else int((labels != last.labels).sum())
        return self.add(iteration, "assign", last.centers, labels, n_changed=changed)

    def update(self, iteration, function) -> Snapshot:
        last = self.found[-1]
        centers = function(self.X, last.labels, last.centers)
        shift = np.sqrt(((centers - last.centers) ** 2).sum(axis=1))
        lost = np.bincount(last.labels, self.weight, len(centers)) == 0
        moved = np.flatnonzero(lost & (shift > 0)) if self.rule else ()
        rest = {"shift": shift, "relocated": tuple(map(int, moved))}
        return self.add(iteration, "update", centers, last.labels, **rest)

    def add(self, iteration, phase, centers, labels, **rest) -> Snapshot:
        error = inertia(self.X, labels, centers, self.weight)
        self.found.append(Snapshot(iteration, phase, centers, labels, error, **rest))
        return self.found[-1]

    def history(self, stop_reason) -> History:
        about = {"sample_weight": self.weight, "feature_names": self.names, "rule": self.rule}
        return History(self.found, self.X, stop_reason=stop_reason, **about)

    # ------------------------------------------------- what a reader's own functions may get wrong

    def error(self, message) -> RecordError:
        return RecordError(message, self.history("stopped by an error"))

    def guarded_assign(self, function):
        def checked(X, centers):
            step = f"E-step {self.found[-1].iteration + 1}"
            labels = self.call("assign", step, function, X, centers)
            if labels.shape != (len(X),):
                raise self.error(
                    f"assign returned shape {labels.shape} in {step}, expected ({len(X)},): "
                    "one cluster number a point"
                )
            if not np.array_equal(labels, np.round(labels)) or not np.isfinite(labels).all():
                raise self.error(f"assign returned labels that are not whole numbers in {step}")
            low, high = labels.min(), labels.max()
            if low < 0 or high >= len(centers):
                raise self.error(
                    f"assign returned the labels {low:.0f} to {high:.0f} in {step}, expected 0 to "
                    f"{len(centers) - 1}: one number for each of the {len(centers)} centres"
                )
            return labels.astype(np.intp)

        return checked

    def guarded_update(self, function):
        def checked(X, labels, centers):
            step = f"M-step {self.found[-1].iteration}"
            labels = labels.astype(np.intp)
            labels.flags.writeable = False
            new = self.call("update", step, function, X, labels, centers)
            if new.shape != centers.shape:
                raise self.error(
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
                raise self.error(f"update returned {new[j]} for centre {j} in {step}: {why}")
            return new.astype(X.dtype)

        return checked

    def call(self, name, step, function, *arguments):
        try:
            with np.errstate(all="ignore"):
                result = function(*arguments)
        except Exception as error:
            kind = type(error).__name__
            raise self.error(f"{name} raised {kind} in {step}: {error}") from error
        try:
            values = np.asarray(result)
        except ValueError:
            values = np.asarray(None)
        if values.dtype.kind not in "iufb":
            kind = type(result).__name__
            raise self.error(f"{name} returned {kind} in {step}, expected an array of numbers")
        return values
