"""Lesson 06, When does it go wrong? Data on which k-means fails, other methods, three exercises."""

from __future__ import annotations

import warnings
from dataclasses import replace
from functools import cache
from itertools import product
from typing import NamedTuple

import matplotlib.pyplot as plt
import numpy as np
from scipy.cluster.hierarchy import fcluster, linkage
from sklearn import cluster, datasets
from sklearn.metrics import adjusted_rand_score
from sklearn.mixture import GaussianMixture

from ..matching import match_labels
from ..pictures.style import UNASSIGNED, color
from ..textbook import assign, inertia, squared_distances, update
from ..widgets.axes import Axis
from ..widgets.film import Film, Frame
from ..widgets.panels import Curve, Points
from .exercise import challenge, exercise

N = 300  # points of each data set
SPREADS = "spread {} %", (70, 85, 100, 115, 130, 145, 160)


class Choice(NamedTuple):
    """A data set or a method: what makes it, a sentence, and its slider's texts and stops."""

    make: callable
    sentence: str  # why k-means fails on the data, or what the method assumes
    says: str
    stops: tuple
    first: object = None  # by default the number of planted groups
    k: int = 3


# ---------------------------------------- data sets: a random state and a noise -> points, groups


def blobs(sizes, centers, spreads, stretch=((1, 0), (0, 1))):
    """Three groups of normal points whose spread is the noise."""

    def make(draws, spread):
        groups = np.repeat(np.arange(3), sizes)
        wide = np.array(spreads)[groups, None] * spread / 100
        return (np.array(centers)[groups] + wide * draws.normal(size=(N, 2))) @ stretch, groups

    return make


def outliers(draws, many):
    """Three compact groups, some of whose points were thrown far to one side."""
    X, groups = blobs(100, [(-4, 0), (4, 0), (0, 5)], (1, 1, 1))(draws, 100)
    X[:many], groups[:many] = draws.uniform((-14, -22), (14, -8), size=(40, 2))[:many], -1
    return X, groups


ROW = [(-5, 0), (0, 0), (5, 0)]
DATA = {
    "moons": Choice(
        lambda draws, noise: datasets.make_moons(N, noise=noise / 100, random_state=draws),
        "no straight line separates the moons.",
        "noise {} %", range(0, 28, 4), 4, k=2),
    "circles": Choice(
        lambda draws, s: datasets.make_circles(N, noise=s / 100, factor=0.45, random_state=draws),
        "both circles have the same centre, so no straight border separates them.",
        "noise {} %", range(0, 21, 3), 3, k=2),
    "stretched": Choice(
        blobs(100, ROW, [0.8] * 3, ((0.8, -0.6), (3.9, 5.2))),
        "it pays to cut across long groups, because their ends are far apart.", *SPREADS, 70),
    "unequal spread": Choice(
        blobs(100, ROW, (0.4, 2.6, 0.4)),
        "borders are halfway between centres, so tight clusters take points from the wide group.",
        *SPREADS, 130),
    "unequal size": Choice(
        blobs((250, 30, 20), [(0, 0), (5.5, 3), (5.5, -3)], (1.9, 0.5, 0.5)),
        "it pays to cut points off the group of 250.", *SPREADS, 85),
    "outliers": Choice(
        outliers, "outliers cost their squared distance, so it pays to put a centre among them.",
        "{} outliers", range(0, 28, 4), 16),
    "uniform noise": Choice(
        lambda draws, number: (draws.uniform(size=(number, N, 2))[-1], np.zeros(N, dtype=int)),
        "", "draw {}", range(1, 6), 1),
}  # fmt: skip

# ------------------------------------------------------------------- methods: k, setting -> model


class MeanShift(cluster.MeanShift):
    """Mean shift from some of the points: from all of them it takes ten times as long."""

    def fit(self, X, y=None):
        """Climb from every 24th point."""
        self.seeds = X[::24]
        return super().fit(X)


METHODS = {
    "planted groups": Choice(
        None, "On the right you see the groups that were planted.", "as planted", ("",), ""),
    "k-means, other k": Choice(
        lambda _, k: cluster.KMeans(k, n_init=10, random_state=0),
        "Enough compact clusters cover groups of any shape, as long as the groups do not overlap.",
        "k = {}", range(2, 10), 8),
    "spectral": Choice(
        lambda k, n: cluster.SpectralClustering(
            k, affinity="nearest_neighbors", n_neighbors=n, random_state=0),
        "It joins each point to its neighbours and cuts where few are joined; it is told k.",
        "n_neighbors = {}", (3, 5, 10, 20, 40, 80), 10),
    "Gaussian mixture": Choice(
        lambda k, covariance: GaussianMixture(
            k, covariance_type=covariance, init_params="k-means++", n_init=5, random_state=0),
        "It fits ellipses: circular, of one shape, parallel to the axes, or free; it is told k.",
        "covariance: {}", ("spherical", "tied", "diag", "full"), "full"),
    "DBSCAN": Choice(
        lambda _, eps: cluster.DBSCAN(eps=eps),
        "It grows clusters where five points lie within eps; the rest is noise. It is not told k.",
        "eps = {}", (0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.6), 0.25),
    "HDBSCAN": Choice(
        lambda _, size: cluster.HDBSCAN(min_cluster_size=size, copy=True),
        "It tries every density and keeps the most stable clusters; it is not told k.",
        "min_cluster_size = {}", (5, 10, 15, 25, 50), 15),
    "Ward": Choice(
        lambda _, k: cluster.AgglomerativeClustering(k, linkage="ward"),
        "It merges the two clusters whose union adds least inertia, so it favours round clusters.",
        "cut into {}", range(2, 9)),
    "single linkage": Choice(
        lambda _, k: cluster.AgglomerativeClustering(k, linkage="single"),
        "It merges the two clusters with the smallest gap, so a chain of points joins groups.",
        "cut into {}", range(2, 9)),
    "affinity propagation": Choice(
        lambda _, p: cluster.AffinityPropagation(damping=0.8, preference=p, random_state=0),
        "Each point chooses an exemplar; a higher preference usually gives more clusters.",
        "preference = {}", (-100, -50, -20, -5), -50),
    "mean shift": Choice(
        lambda _, width: MeanShift(bandwidth=width),
        "It climbs to the peaks of the density, here from 13 of the points; it is not told k.",
        "bandwidth = {}", (0.5, 0.7, 0.9), 0.7),
}  # fmt: skip


# ------------------------------------------------------------------------------- the failure lab


class FailureLab(Film):
    """Choose data, a method and its setting, and add noise: where each method fails.

    All data have variance 1, so that eps, bandwidth and preference mean the same on each. K-means,
    and those methods that take a number of clusters, are told the right one at first. Each pair of
    data and method is computed when it is first chosen.

    Parameters
    ----------
    data, method : str
        What is shown first; ``title`` and ``height`` are those of every Film.

    Attributes
    ----------
    data, method, noise, setting
        Where the controls stand. Set them, or link them to widgets of your own.

    Examples
    --------
    >>> lab = FailureLab("circles")
    >>> lab.noise = 6
    >>> lab.shown.numbers
    {'k-means': 0.0}
    """

    def __init__(self, data="moons", method="planted groups", *, title="", height=350):
        choice = {"control": "choice", "later": True}
        axes = {
            "data": Axis(tuple(DATA), "Data", **choice),
            "method": Axis(tuple(METHODS), "Compare with", **choice),
            "noise": Axis(
                lambda data: DATA[data].stops, "Noise",
                lambda noise, data: DATA[data].says.format(noise), lambda data: DATA[data].first),
            "setting": Axis(
                lambda method: METHODS[method].stops, "Setting",
                lambda setting, method: METHODS[method].says.format(setting), first_setting),
        }  # fmt: skip
        look = {"lines": ("k-means", "method"), "limits": (-0.1, 1.05), "tall": 0.55}
        self._curves = [Curve(title=f"ARI at each {a}", axis=a, **look) for a in list(axes)[2:]]
        super().__init__(axes, start={"data": data, "method": method}, title=title, height=height)

    def frame(self, data, method, noise, setting):
        """K-means and the other method side by side, what was planted below."""
        left, truth, words, ours = by_kmeans(data, noise)
        right, also, theirs = by_method(data, noise, method, setting)
        # the planted groups stand below, or if they are on the right, what every method is given
        hidden = {"labels": None, "title": "All points"} if right is truth else {}
        below = replace(truth, small=True, tall=0.55, wide=0.7, **hidden)
        numbers = {n: a for n, a in (("k-means", ours), ("method", theirs)) if a is not None}
        return Frame(f"{words} {also}".strip(), [(left, right), (below, *self._curves)], numbers)


def first_setting(data, method):
    """The setting of a method that is shown first on these data."""
    return DATA[data].k if METHODS[method].first is None else METHODS[method].first


@cache
def planted(data, noise, seed=5):
    """Points whose columns have variance 1 on average, and their groups; -1 is an outlier."""
    X, groups = DATA[data].make(np.random.RandomState(seed), noise)
    return (X - np.median(X, axis=0)) / X[groups >= 0].var(axis=0).mean() ** 0.5, groups


def inertia_of(X, groups):
    """The inertia of a partition; an outlier belongs to the group whose mean is nearest."""
    means = update(X, groups, np.zeros((groups.max() + 1, X.shape[1])))
    labels = np.where(groups < 0, assign(X, means), groups)
    return inertia(X, labels, update(X, labels, means))


def clusters(name, model, X, groups, centers=False):
    """Picture, words and ARI of a model's labels; noise is one cluster, outliers do not count."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a graph in parts, no convergence: the picture shows it
        labels = np.array(model.fit_predict(X))
    if (inside := labels >= 0).any():
        matched = match_labels(labels[inside], groups[inside].clip(0))
        labels[inside] = np.unique(matched, return_inverse=True)[1]  # no number is left out
    many, noise, known = int(labels.max()) + 1, int((labels < 0).sum()), groups >= 0
    ari = round(float(adjusted_rand_score(groups[known], labels[known])), 2) + 0.0
    ari = ari if groups.max() else None
    found = f"{many} cluster{'s' * (many != 1)}"
    found += f" and {noise} noise point{'s' * (noise != 1)}" * (noise > 0)
    title = f"{name}: {found}" + ("" if ari is None else f", ARI {ari:.2f}")
    means = [X[labels == j].mean(axis=0) for j in range(many)] if centers else None
    return Points(X, labels, means and np.array(means), title=title), found, ari


@cache
def by_kmeans(data, noise):
    """The pictures of k-means and of the planted groups, a sentence, and k-means' ARI."""
    (X, groups), k = planted(data, noise), DATA[data].k
    model = cluster.KMeans(k, n_init=10, random_state=0)
    picture, _, ari = clusters("K-means", model, X, groups, centers=True)
    if ari is None:
        words = f"No groups were planted, and k-means still returns {k} clusters."
        return picture, Points(X, title="Nothing was planted"), words, None
    truth = Points(X, groups, title=f"The {k} planted groups")
    if ari >= 0.95:
        return picture, truth, f"K-means finds the planted groups (ARI {ari:.2f}).", ari
    words = f"K-means misses {'part of ' * (ari >= 0.8)}the planted groups (ARI {ari:.2f}): "
    return picture, truth, words + DATA[data].sentence, ari


@cache
def by_method(data, noise, method, setting):
    """The picture of a method, a sentence, and its ARI."""
    (_, truth, _, ours), (make, assumes, *_) = by_kmeans(data, noise), METHODS[method]
    if make is None:
        return truth, "" if ours is None else assumes, None
    k, own = DATA[data].k, method == "k-means, other k"
    name = "K-means with this k" if own else method[0].upper() + method[1:]
    picture, found, ari = clusters(name, make(k, setting), *planted(data, noise), centers=own)
    if ari is None:
        words = f"{name} returns {found}."
    elif ari >= 0.95 and found.startswith(f"{k} "):
        words = f"{name} finds {'them too' if ours >= 0.95 else 'them'} (ARI {ari:.2f})."
    else:
        off = round(ari - ours, 2)
        verdict = (
            "about as well as" if abs(off) < 0.04 else f"{'better' if off > 0 else 'worse'} than"
        )
        counted = ", the noise counted as one cluster" * ("noise" in found)
        words = f"{name} does {verdict} k-means (ARI {ari:.2f}) with {found}{counted}."
    return picture, f"{words} {assumes}", ari


def gallery():
    """Draw every method on every data set at their first stops, with the ARI; returns the axes."""
    names = ["planted groups", "k-means", *list(METHODS)[2:]]
    _, axes = plt.subplots(len(DATA), len(names), figsize=(9.5, 7.6), layout="constrained")
    for row, data in zip(axes, DATA, strict=True):
        for ax, name in zip(row, names, strict=True):
            picture, *_, ari = by_kmeans(data, noise := DATA[data].first)
            if name != "k-means":
                picture, _, ari = by_method(data, noise, name, first_setting(data, name))
            labels = [-1] * N if picture.labels is None else picture.labels
            colors = [UNASSIGNED if j < 0 else color(j) for j in labels]
            ax.scatter(*picture.points.T, s=3, c=colors, linewidths=0, antialiased=False)
            ax.set(xticks=[], yticks=[], xlabel="" if ari is None else f"{ari:.2f}")
            ax.set_title(name.replace(" ", "\n", 1) if data == "moons" else "", fontsize=10)
        row[0].set_ylabel(data.replace(" ", "\n"), fontsize=10)
    return axes


@exercise(
    returns="one number: where on the line the border is",
    praise="The border is halfway between the centres, however wide or large the groups are.",
    tolerance=0.01,
)
def border():
    """Where the E-step puts the border between centres at 0 and 10."""
    return 5.0


@border.wrong
def middle_of_the_gap():
    """8.5 is the middle of the gap between the two groups. The E-step does not look for gaps.
    Hint: which point of the line is equally far from both centres?"""
    yield 8.5


@border.wrong
def shared_by_spread():
    """You have let the spreads count, 8 to 1. A mixture uses them; k-means knows only the centres.
    Hint: which point of the line is equally far from both centres?"""
    yield from (80 / 9, 10 / 9)


@border.wrong
def shared_by_size():
    """You have let the sizes count, 90 points to 10. Sizes matter in the M-step, not in the E-step.
    Hint: which point of the line is equally far from both centres?"""
    yield from (9, 1)


def soft(squares, scale):
    """Each row of squared distances made into shares."""
    R = np.exp(-squares / scale)
    return R / R.sum(axis=1, keepdims=True)


PLANE = np.array([[0.0, 0.0], [1.0, 2.0], [3.0, 1.0], [4.0, 4.0]])


@exercise(
    [(PLANE, PLANE[[0, 3]], 1.5), (PLANE, PLANE[:3] + 0.5, 2.0), (PLANE[:3], PLANE[1:3], 0.8)],
    returns="an array with a row for each point and a column for each centre",
    praise="Every row adds up to 1, even that of a point far away from all centres.",
)
def responsibilities(X, centers, width):
    """The share of each centre in each point: exp(-d² / (2 width²)), divided by the row's sum."""
    squares = squared_distances(X, centers)
    return soft(squares - squares.min(axis=1, keepdims=True), 2 * width**2)


@responsibilities.wrong
def not_shared_out(X, centers, width):
    """The rows do not add up to 1, but each row shares out one whole point among the centres.
    Hint: divide each row by its sum; keepdims=True keeps the shape for the division."""
    yield np.exp(-squared_distances(X, centers) / (2 * width**2))


@responsibilities.wrong
def shared_over_points(X, centers, width):
    """You have divided by a sum over the points. Each point is shared out, not each centre.
    Hint: share out each point among the centres, so sum over the other axis."""
    R = np.exp(-squared_distances(X, centers) / (2 * width**2))
    yield from (R / R.sum(axis=0), R / R.sum())


@responsibilities.wrong
def not_squared(X, centers, width):
    """In the exponent, the distance or the width is not squared. The formula asks for d² / width².
    Hint: the exponent is -d² / (2 * width ** 2), with the brackets."""
    squares = squared_distances(X, centers)
    yield from (soft(squares, w) for w in (2 * width, width, 2 / width**2))
    yield from (soft(np.sqrt(squares), w) for w in (2 * width**2, width, 2 * width))


@responsibilities.wrong
def hard(X, centers, width):
    """This gives each point whole to its nearest centre, as k-means does.
    Hint: there is no argmin in soft assignment; divide each row by its sum."""
    nearest = squared_distances(X, centers).argmin(axis=1)
    yield from (nearest, np.eye(len(centers))[nearest])


responsibilities.then([(np.array([[0.0, 0.0], [90.0, 0.0]]), PLANE[:2], 1.0)])


@responsibilities.wrong
def underflow(X, centers, width):
    """A distant point gets NaN: a computer rounds exp(-4000) to 0, and 0 / 0 is not a number.
    Hint: first subtract each row's smallest squared distance. Why do the shares stay the same?"""
    yield soft(squared_distances(X, centers), 2 * width**2)


@challenge
def break_kmeans(X, groups):
    """Few points in sensible groups that even the best k-means does not find."""
    X, groups = np.asarray(X, dtype=float), np.unique(groups, return_inverse=True)[1].ravel()
    n, k = len(groups), len(set(groups))
    if X.ndim != 2 or len(X) != n or not np.isfinite(X).all():
        return False, "points", "X needs a row of finite numbers for each value in groups."
    if n > 300 or k < 2:
        said = f"You gave {n} points in {k} groups: use up to 300 points and at least 2 groups."
        return False, "size", said
    if len(np.unique(X, axis=0)) < n:
        return False, "duplicates", "Two points are the same. Hint: move one of them a little."
    tree = linkage(X, "single")
    within, between = [0, *tree[:, 2]][n - k : n - k + 2]
    if adjusted_rand_score(groups, fcluster(tree, k, "maxclust")) < 1 or between <= 1.0001 * within:
        hint = "Hint: the gaps between groups must be wider than every step within a group."
        return False, "not-sensible", "These groups are not sensible.", hint
    ari, least = best_kmeans(X, groups, k)
    ratio = least / inertia_of(X, groups)
    said = f"The best k-means partition has ARI {ari:.2f} and {ratio:.0%} of your groups' inertia."
    if ari >= 0.3:
        return False, "found", said, "Hint: which shape of a group costs a lot of inertia?"
    par = "Par is 4 points." if n < 10 else "Can you do it with fewer than ten points?"
    par = "That is par: three points are not enough." if n == 4 else par
    return True, "", f"You broke k-means with {n} points. {said}", par


def best_kmeans(X, groups, k):
    """ARI and inertia of the best partition: of all, if they are few, else of 100 starts."""
    if k ** (len(X) - 1) > 20_000:
        model = cluster.KMeans(k, n_init=100, random_state=0).fit(X)
        return adjusted_rand_score(groups, model.labels_), model.inertia_
    tried = np.array([(0, *rest) for rest in product(range(k), repeat=len(X) - 1)])
    member, Z = tried[:, :, None] == np.arange(k), X - X.mean(axis=0)
    sums, sizes = np.einsum("pnk,nd->pkd", member, Z), member.sum(axis=1).clip(1)
    inertias = (Z**2).sum() - ((sums**2).sum(axis=2) / sizes).sum(axis=1)
    best = tried[inertias <= inertias.min() + 1e-9 * (Z**2).sum()]  # of equals, the kindest
    return max(adjusted_rand_score(groups, labels) for labels in best), inertias.min()
