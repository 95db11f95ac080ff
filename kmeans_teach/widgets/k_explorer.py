"""The k explorer: one cursor over k moves elbow, silhouette and clustering together."""

from __future__ import annotations

import contextlib
import hashlib
import threading
import time
import warnings

import numpy as np
import traitlets

from ..choosing import gap_statistic, stability, sweep
from ..figures import project
from ..history import number
from ..matching import match_labels
from ..validation import as_points
from .sheet import Sheet, binary, script, styles, whole

MOST_POINTS = 10_000  # each silhouette looks at all pairs of points
REPORT_EVERY = 0.1  # seconds between two reports of progress
CLEARLY = 3  # errors by which a later gap must be higher before "none" is taken back
KINDS = ("gap", "stability")


class KExplorer(Sheet):
    """Choose k: elbow, silhouette and clustering follow one cursor; gap and stability on demand.

    Parameters
    ----------
    X : array or DataFrame of shape (n_samples, n_features)
        More than two columns are shown in their first two principal components.
    k_values : iterable of int, default=1 to 10
        Ascending, none above n_samples.
    n_init : int, default=10
        Starts for each k; the best one counts.
    random_state : int, RandomState or None, default=0
        Of the clusterings, and of the gap statistic and the stability as well.
    k : int, optional
        The one of ``k_values`` that is shown at first; by default that with the highest mean
        silhouette.
    title : str
        Shown above, as text.
    height : int
        Height of the pictures in pixels.

    Attributes
    ----------
    k : int
        The number of clusters that is shown. Set it to move the cursor.
    sweep : Sweep
        K-means for each k, see :func:`kmeans_teach.sweep`.
    labels : ndarray of shape (n_samples,)
        The cluster of each point for this k, as it is numbered in the picture: a group keeps its
        number and colour from one k to the next. The models in ``sweep`` have numbers of their own.
    centers : ndarray of shape (k, n_features)
        The centres for this k, in the order of these numbers.
    gap : Gap or None
        The gap statistic, once it was computed, by its button or by :meth:`compute_gap`.
    stability : Stability or None
        Likewise, by :meth:`compute_stability`.

    Raises
    ------
    ValueError, TypeError
        If X or an argument cannot be used; the message says why.

    Examples
    --------
    >>> explorer = KExplorer([[0.0], [0.5], [1.0], [7.0], [7.5], [8.0]], range(1, 6))
    >>> explorer.k
    2
    >>> explorer.compute_gap(n_references=5).best
    2
    """

    _esm = script("core", "sheet", "k_explorer")
    _css = styles("sheet", "k_explorer")

    k = traitlets.Int(0).tag(sync=True)

    _info = traitlets.Dict().tag(sync=True)
    _points = binary()
    _centers = binary()
    _labels = binary()
    _silhouettes = binary()
    # Found in a thread. What the page gets is read when it is sent, so that the thread only has to
    # send it: a trait set from two threads at once could be lost.
    _gap = traitlets.Dict().tag(sync=True, to_json=lambda _, me: me._found_for_page("gap"))
    _stability = traitlets.Dict().tag(
        sync=True, to_json=lambda _, me: me._found_for_page("stability")
    )

    def __init__(
        self,
        X,
        k_values=range(1, 11),
        *,
        n_init=10,
        random_state=0,
        k=None,
        title="",
        height=430,
    ):
        self._found = {}
        self._jobs = {}
        self._jobs_change = threading.Lock()
        if (n := len(as_points(X))) > MOST_POINTS:  # before anything is computed
            raise ValueError(
                f"X has {n} points, and the silhouettes look at all pairs of them (limit "
                f"{MOST_POINTS} points): explore a sample, for example X[::{-(-n // MOST_POINTS)}]"
            )
        self.sweep = runs = sweep(X, k_values, n_init=n_init, random_state=random_state)
        self._random_state = random_state
        self._plane = project(X)
        self._by_k = _numbered_alike(runs)
        self._bars = [runs.silhouettes(k) for k in runs.k_values]
        super().__init__(
            title=str(title),
            height=whole(height, "height", 200),
            k=_best_silhouette(runs) if k is None else k,
            **self._packed(),
        )
        self.on_msg(self._asked)

    @traitlets.validate("k")
    def _one_of_the_values(self, proposal):
        k = proposal["value"]
        self.sweep.model(k)
        return k

    # ---------------------------------------------------------------- what Python sees

    @property
    def labels(self) -> np.ndarray:
        """The cluster of each point as numbered in the picture, shape (n_samples,)."""
        return self._by_k[self._at][0].astype(np.intp)

    @property
    def centers(self) -> np.ndarray:
        """The centres in the order of these numbers, shape (k, n_features)."""
        return self._by_k[self._at][1].copy()

    @property
    def gap(self):
        """The gap statistic (a Gap), or None before it was computed."""
        return self._found["gap"][0] if "gap" in self._found else None

    @property
    def stability(self):
        """The stability under resampling (a Stability), or None before it was computed."""
        return self._found["stability"][0] if "stability" in self._found else None

    def compute_gap(self, *, n_references=20, wait=True):
        """Compare every k with uniform noise, as the button does.

        Parameters
        ----------
        n_references : int, default=20
            How many sets of noise.
        wait : bool, default=True
            False computes in a thread and returns None at once; the views show how far it is.

        Returns
        -------
        Gap or None
            What :func:`kmeans_teach.gap_statistic` returns for the same points and
            ``random_state``. If it is being computed already, what comes of that.
        """
        return self._compute("gap", n_references, wait)

    def compute_stability(self, *, n_resamples=20, wait=True):
        """Cluster parts of the points for every k from 2, as the button does.

        Parameters
        ----------
        n_resamples : int, default=20
            How many pairs of parts.
        wait : bool, default=True
            False computes in a thread and returns None at once; the views show how far it is.

        Returns
        -------
        Stability or None
            What :func:`kmeans_teach.stability` returns for the same points and ``random_state``.
            If it is being computed already, what comes of that.
        """
        return self._compute("stability", n_resamples, wait)

    def stop(self):
        """Stop what is being computed; the rounds that are finished count."""
        for job in list(self._jobs.values()):
            job.stop.set()

    def close(self):
        """Close the widget and stop what it computes."""
        self.stop()
        super().close()

    def sentence(self, k=None) -> str:
        """What inertia and silhouette say of one k, by default of the one that is shown."""
        at = self._at if k is None else self.sweep.k_values.index(self.sweep.model(k).n_clusters)
        return self._sentence(at)

    def verdict(self) -> str:
        """What gap and stability say, as far as they were computed."""
        return " ".join(self._found[kind][1]["words"] for kind in KINDS if kind in self._found)

    # ------------------------------------------------------------- gap and stability, on demand

    def _compute(self, kind, rounds, wait):
        with self._jobs_change:
            job = self._jobs.get(kind)
            mine = job is None
            if mine:
                job = self._jobs[kind] = _Job(kind, rounds)
        if mine and wait:
            self._run(job)
        elif mine:
            threading.Thread(target=self._run, args=(job,), daemon=True).start()
        if not wait:
            return None
        job.ended.wait()
        if job.error is not None:
            raise job.error
        return job.result

    def _run(self, job):
        """Compute, keep and tell; runs in a thread, so it prints nothing and raises nothing."""
        self._report(job, 0, 1)
        try:
            with warnings.catch_warnings():
                # a part of the points may have fewer distinct ones than there are clusters
                warnings.filterwarnings("ignore", message="Number of distinct clusters")
                job.result = self._calculate(job)
        except Exception as error:
            job.error = error
        finally:
            with self._jobs_change:
                del self._jobs[job.kind]
            if job.result is not None:
                self._found[job.kind] = job.result, self._told(job)
            self._tell(f"_{job.kind}", {"kind": job.kind, "ended": True, "note": job.note()})
            job.ended.set()

    def _calculate(self, job):
        def progress(done, total):
            if time.monotonic() - job.reported > REPORT_EVERY or done == total:
                self._report(job, done, total)
            return not job.stop.is_set()

        X, ks = self.sweep.X, np.array(self.sweep.k_values)
        rule = {"random_state": self._random_state, "progress": progress}
        distinct = len(np.unique(X, axis=0))
        if job.kind == "gap":
            ks = ks[ks < distinct] if (ks < distinct).any() else ks
            return gap_statistic(X, ks.tolist(), n_references=job.rounds, **rule)
        most = min(distinct, round(0.8 * len(X)))
        fit = (ks >= 2) & (ks <= most)
        return stability(X, ks[fit].tolist(), n_resamples=job.rounds, **rule)

    def _report(self, job, done, total):
        job.reported = time.monotonic()
        self._tell(None, {"kind": job.kind, "done": done, "total": total})

    def _tell(self, trait, message):
        """Send a trait as it is now, if any, and a message; any thread may."""
        # nobody listens to a widget that is closed or a kernel that ends, while a thread still runs
        with contextlib.suppress(Exception):
            if trait:
                self.send_state(trait)
            self.send(message)

    def _asked(self, _, content, buffers):
        """A click: messages come in any thread, twice, or for what has ended."""
        kind, ask = content.get("kind"), content.get("ask")
        if kind not in KINDS:
            return
        if ask == "compute":
            self._compute(kind, 20, wait=False)
        elif ask == "stop" and (job := self._jobs.get(kind)):
            job.stop.set()

    def _told(self, job) -> dict:
        """A result for the page."""
        tell = {"gap": _gap_told, "stability": _stability_told}[job.kind]
        return tell(job.result, job.rounds)

    def _found_for_page(self, kind) -> dict:
        return self._found[kind][1] if kind in self._found else {}

    # ---------------------------------------------------------------- what the browser gets

    @property
    def _at(self) -> int:
        return self.sweep.k_values.index(self.k)

    def _packed(self) -> dict:
        runs = self.sweep
        n, width = len(runs.X), np.uint8 if runs.k_values[-1] <= 256 else np.uint16
        return {
            "_points": self._plane(runs.X).tobytes(),
            "_centers": np.concatenate([self._plane(c) for _, c in self._by_k]).tobytes(),
            "_labels": np.stack([labels for labels, _ in self._by_k]).astype(width).tobytes(),
            "_silhouettes": np.stack(self._bars).astype(np.float32).tobytes(),
            "_info": {
                "n": n,
                "k": list(runs.k_values),
                "names": list(self._plane.names),
                "exact": self._plane.exact,
                "inertia": runs.inertia.tolist(),
                "silhouette": _numbers(runs.silhouette),
                "words": [self._sentence(at) for at in range(len(runs.k_values))],
            },
        }

    def _sentence(self, at) -> str:
        runs, ks = self.sweep, self.sweep.k_values
        inertia, mean = runs.inertia, runs.silhouette[at]
        words = f"k = {ks[at]}: inertia {number(inertia[at])}"
        if at + 1 < len(ks) and inertia[at] > 0:
            words += f"; k = {ks[at + 1]} takes {100 * (1 - inertia[at + 1] / inertia[at]):.0f} % "
            words += "off that"
        if np.isnan(mean):
            return (
                f"{words}. {'One cluster has' if ks[at] == 1 else 'Here there is'} no silhouette."
            )
        words += f". Mean silhouette {mean:.2f}"
        best = int(np.nanargmax(runs.silhouette))
        if best == at:
            words += ", the highest of all"
        else:
            words += f" (the highest is {runs.silhouette[best]:.2f}, at k = {ks[best]})"
        below = int((self._bars[at] < 0).sum())
        who = {0: "no point lies", 1: "1 point (ringed) lies"}
        who = who.get(below, f"{below} points (ringed) lie")
        return f"{words}; {who} nearer to another cluster on average."

    # ---------------------------------------------------------------- the static twin

    def digest(self) -> str:
        """What is shown, in one line: nbval compares it."""
        runs = self.sweep
        clusterings = hashlib.sha256()
        for labels, _ in self._by_k:
            clusterings.update(labels.astype(np.uint16).tobytes())
        n, d = runs.X.shape
        return (
            f"KExplorer({n} points x {d} columns, k = {', '.join(map(str, runs.k_values))}, "
            f"shown k={self.k}, inertia {number(runs.inertia[self._at])}, silhouette "
            f"{runs.silhouette[self._at]:.3f}, {clusterings.hexdigest()[:8]})"
        )

    def alt_text(self) -> str:
        """The picture in words."""
        return " ".join(filter(None, [self.sentence(), self.verdict()]))

    def twin_figure(self):
        """The three pictures at this k, made without pyplot."""
        from matplotlib.figure import Figure

        from ..charts import plot_elbow, plot_silhouette
        from ..figures import PAGE_WIDTH, plot_clusters

        runs, at = self.sweep, self._at
        # no wider than a notebook's column, where it would be shrunk until none can read it
        figure = Figure(figsize=(PAGE_WIDTH, 7.4))
        ax = figure.add_axes((0.12, 0.62, 0.34, 0.3))
        plot_elbow(runs.k_values, runs.inertia, chosen=self.k, ax=ax)
        ax = figure.add_axes((0.145, 0.08, 0.315, 0.355))
        if np.isnan(runs.silhouette[at]):
            ax.set_axis_off()
            ax.text(0.5, 0.5, "No silhouette here", ha="center", fontsize=13)
        else:
            plot_silhouette(self._bars[at], self.labels, ax=ax)
            ax.set_ylabel("")
        ax = figure.add_axes((0.56, 0.18, 0.43, 0.65))
        plot_clusters(
            runs.X,
            self.labels,
            self.centers,
            ax=ax,
            projection=self._plane,
            borders=True,
            ring=self._bars[at] < 0,
            title=f"k = {self.k}",
        )
        return figure


class _Job:
    """One computation: how many rounds were asked for, and what came of it."""

    def __init__(self, kind, rounds):
        self.kind, self.rounds = kind, rounds
        self.stop, self.ended = threading.Event(), threading.Event()
        self.result = self.error = None
        self.reported = 0.0

    def note(self) -> str:
        """What the page should say beside the result."""
        if self.error is not None:
            return f"This could not be computed: {self.error}"
        if self.result is None:
            return "Stopped before one round was finished: nothing to show."
        return ""


def _numbered_alike(runs):
    """Labels and centres of each k, numbered so that a group keeps its number when k grows."""
    found, before = [], None
    for k, model in zip(runs.k_values, runs.models, strict=True):
        old = np.asarray(model.labels_)
        new_number = np.full(k, -1)
        if before is not None:
            renamed = match_labels(old, before)
            new_number[old] = np.where(renamed < k, renamed, -1)
        else:
            new_number[old] = old
        # clusters without points, or beyond k because earlier ones had none
        new_number[new_number < 0] = np.setdiff1d(np.arange(k), new_number)
        centers = np.full_like(model.cluster_centers_, np.nan)
        centers[new_number] = model.cluster_centers_
        before = new_number[old]
        found.append((before, centers))
    return found


def _best_silhouette(runs) -> int:
    known = np.isfinite(runs.silhouette).any()
    return runs.k_values[int(np.nanargmax(runs.silhouette)) if known else 0]


def _numbers(values):
    """A list for JSON, None instead of NaN."""
    return [None if np.isnan(value) else float(value) for value in values]


def _gap_told(gap, rounds) -> dict:
    # Gap.best is the last k if none holds: that is another answer than "the last one holds"
    holds = bool((gap.gap[:-1] >= (gap.gap - gap.error)[1:]).any())
    at, top = gap.k_values.index(gap.best), int(gap.gap.argmax())
    # the rule stops too early where two clusters are no better than noise, and four are
    again = holds and top > at and gap.gap[top] - CLEARLY * gap.error[top] > gap.gap[at]
    if again:
        already = "already k = 1 holds" if gap.best == 1 else f"k = {gap.best} holds"
        words = f"Gap: {already}, but the gap rises again and is highest at "
        words += f"k = {gap.k_values[top]}: look at the whole curve."
    elif holds and gap.best == 1:
        words = "Gap: already k = 1 holds: no clusters, the honest answer is 'none'."
    elif holds:
        words = f"Gap: the smallest k that holds is {gap.best}."
    else:
        words = f"Gap: no k up to {gap.k_values[-1]} holds: try larger ones."
    return {
        "k": list(gap.k_values),
        "mean": _numbers(gap.gap),
        "error": _numbers(gap.error),
        "noise": _numbers(np.exp(gap.reference)),
        "best": gap.best if holds else None,
        "none": bool(holds and gap.best == 1 and not again),
        "words": words + _so_far(gap.n_references, rounds, "references"),
    }


def _stability_told(found, rounds) -> dict:
    at = int(found.ari.argmax())
    words = (
        f"Stability: k = {found.k_values[at]} repeats best, adjusted Rand index "
        f"{found.ari[at]:.2f} ± {found.spread[at]:.2f}."
    )
    return {
        "k": list(found.k_values),
        "mean": _numbers(found.ari),
        "error": _numbers(found.spread),
        "best": found.k_values[at],
        "words": words + _so_far(found.n_resamples, rounds, "resamples"),
    }


def _so_far(done, rounds, name):
    return "" if done == rounds else f" (Stopped after {done} of {rounds} {name}.)"
