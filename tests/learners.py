"""What learners write: right in several styles, and wrong in each way that has a name.

``RIGHT["distance"]`` is a list of functions, ``WRONG["distance"]`` one of pairs (what it is told, a
function), written otherwise than the generator in the lesson that recognises it. If two are told
the same, the judge sees two things: other numbers, another type, or numbers here, an error there.
"""

import math
from itertools import combinations, permutations, product

import numpy as np
import pandas as pd
from scipy.optimize import linear_sum_assignment
from scipy.spatial.distance import cdist, pdist
from sklearn import metrics
from sklearn.metrics.cluster import contingency_matrix, pair_confusion_matrix
from sklearn.preprocessing import MinMaxScaler, OneHotEncoder, OrdinalEncoder, StandardScaler

from kmeans_teach import match_labels
from kmeans_teach.textbook import assign, update

RIGHT, WRONG = {}, {}

# lesson 01: X are points, y their labels


def square(a, b):
    return sum((p - q) ** 2 for p, q in zip(a, b, strict=True))


def manhattan(a, b):
    return sum(abs(p - q) for p, q in zip(a, b, strict=True))


def unpacked(a, b):
    x1, y1 = a
    x2, y2 = b
    return math.sqrt((x1 - x2) ** 2 + (y1 - y2) ** 2)


RIGHT["distance"] = [
    math.dist,
    lambda a, b: np.linalg.norm(a - b),
    lambda a, b: square(a, b) ** 0.5,
    lambda a, b: pdist(np.array([a, b]))[0],
]
WRONG["distance"] = [
    ("forgot-root", square),
    ("manhattan", manhattan),
    ("chebyshev", lambda a, b: max(abs(p - q) for p, q in zip(a, b, strict=True))),
    ("differences-not-squared", lambda a, b: np.sqrt(sum(a) - sum(b))),
    ("differences-not-squared", lambda a, b: math.sqrt(sum(b - a))),
    ("differences-not-squared", lambda a, b: abs(sum(a) - sum(b)) ** 0.5),
    ("not-summed", lambda a, b: np.sqrt((a - b) ** 2)),
    ("not-summed", lambda a, b: [abs(p - q) for p, q in zip(a, b, strict=True)]),
    ("first-two-columns", unpacked),
    ("first-two-columns", lambda a, b: np.linalg.norm((a - b)[:2])),
    ("first-two-columns", lambda a, b: math.dist([a[0], a[1]], [b[0], b[1]])),
]


def over(what):
    return lambda X, y: sum(what(X[y == j]) for j in set(y.tolist()))


def total(X):
    return X.var(axis=0).sum() * len(X)


def means(X, y):
    return pd.DataFrame(X).groupby(y).mean().to_numpy()


within = over(lambda points: pdist(points, "sqeuclidean").sum() / len(points))


RIGHT["pair_objective"] = [within, over(total)]
WRONG["pair_objective"] = [
    ("pairs-twice", over(lambda points: (cdist(points, points) ** 2).sum() / len(points))),
    ("pairs-once", over(lambda points: pdist(points, "sqeuclidean").sum() / len(points) / 2)),
    ("not-divided", over(lambda points: (cdist(points, points) ** 2).sum())),
    ("not-divided", over(lambda points: pdist(points, "sqeuclidean").sum())),
    ("not-divided", lambda X, y: over(lambda p: pdist(p, "sqeuclidean").sum())(X, y) / len(X)),
    ("all-pairs", lambda X, y: pdist(X, "sqeuclidean").sum()),
    ("all-pairs", lambda X, y: (cdist(X, X) ** 2).sum() / (2 * len(X))),
    ("all-pairs", lambda X, y: sum((cdist(X, X) ** 2).sum() / size for size in np.bincount(y))),
    ("all-pairs", lambda X, y: (cdist(X, X) ** 2 / (2 * np.bincount(y)[y])).sum()),
    ("root", over(lambda points: cdist(points, points).sum() / (2 * len(points)))),
    ("root", lambda X, y: within(X, y) ** 0.5),
]
RIGHT["between"] = [
    lambda X, y: total(X) - within(X, y),
    lambda X, y: sum(square(m, X.mean(axis=0)) for m in means(X, y)[y]),
]
WRONG["between"] = [
    ("size-forgotten", lambda X, y: ((means(X, y) - X.mean(axis=0)) ** 2).sum()),
    ("mean-of-means", lambda X, y: ((means(X, y)[y] - means(X, y).mean(axis=0)) ** 2).sum()),
    ("mean-of-means", lambda X, y: total(means(X, y))),
    ("within-instead", within),
    ("total-instead", lambda X, y: total(X)),
    ("root", lambda X, y: np.linalg.norm(means(X, y)[y] - X.mean(0), axis=1).sum()),
    ("root", lambda X, y: math.sqrt(total(X) - within(X, y))),
    ("columns-mixed", lambda X, y: ((means(X, y)[y] - X.mean()) ** 2).sum()),
    ("columns-mixed", lambda X, y: sum((means(X, y).mean(axis=1)[j] - X.mean()) ** 2 for j in y)),
]

# lesson 02: c are centres

RIGHT["squared_distance"] = [
    square,
    lambda a, b: np.dot(a - b, a - b),
    lambda a, b: math.dist(a, b) ** 2,
]
WRONG["squared_distance"] = [
    ("distance-not-squared", math.dist),
    ("squared-twice", lambda a, b: square(a, b) ** 2),
    ("squared-twice", lambda a, b: sum((p - q) ** 4 for p, q in zip(a, b, strict=True))),
    ("differences-not-squared", lambda a, b: sum(a) - sum(b)),
    ("differences-not-squared", lambda a, b: sum(b) - sum(a)),
    ("manhattan", manhattan),
    ("not-summed", lambda a, b: [(p - q) ** 2 for p, q in zip(a, b, strict=True)]),
    ("mean-not-sum", lambda a, b: square(a, b) / len(a)),
]


def nearest(distance):
    """Loop over points and centres."""

    def assign(X, c):
        labels = []
        for x in X:
            distances = [distance(x, center) for center in c]
            labels.append(distances.index(min(distances)))
        return np.array(labels)

    return assign


assign_by_loops = nearest(square)


def norms(axis, places):
    return lambda X, c: np.linalg.norm(X[:, None] - c, axis=axis).argmin(axis=places)


RIGHT["assign"] = [
    assign_by_loops,
    norms(2, 1),
    lambda X, c: pd.DataFrame(cdist(X, c)).idxmin(axis=1),
    lambda X, c: (cdist(X, c) ** 4).argmin(axis=1).astype(np.uint8),
]
WRONG["assign"] = [
    ("argmax", lambda X, c: cdist(X, c).argmax(axis=1)),
    ("counted-from-1", lambda X, c: [1 + int(j) for j in assign_by_loops(X, c)]),
    ("axis-swapped", norms(2, 0)),
    ("axis-swapped", norms(1, 1)),
    ("axis-swapped", norms(0, 1)),
    ("axis-swapped", norms(0, 0)),
    ("differences-not-squared", nearest(lambda x, p: sum(x - p))),
    ("differences-not-squared", nearest(lambda x, p: abs((x - p).sum()))),
    ("one-column", lambda X, c: abs(X[:, [0]] - c[:, 0]).argmin(axis=1)),
    ("one-column", lambda X, c: abs(X[:, [-1]] - c[:, -1]).argmin(axis=1)),
    ("distance-not-label", cdist),
    ("distance-not-label", lambda X, c: cdist(X, c).min(axis=1)),
    ("distance-not-label", lambda X, c: [min(square(x, center) for center in c) for x in X]),
    ("never-assigned", lambda X, c: np.zeros(len(X), dtype=int)),
    ("never-assigned", lambda X, c: [0] * len(X)),
]


def update_by_loops(X, y, c):
    new = []
    for j, center in enumerate(c):
        mine = [x for x, label in zip(X, y, strict=True) if label == j]
        new.append(sum(mine) / len(mine) if mine else center)
    return np.array(new)


def update_by_pandas(X, y, c):
    return pd.DataFrame(X).groupby(y).mean().reindex(range(len(c))).fillna(pd.DataFrame(c))


def collect(what):
    return lambda X, y, c: np.array([what(X[y == j]) for j in range(len(c))])


def grouped(what):
    return lambda X, y, c: pd.DataFrame(X).groupby(y).agg(what)


def mixed(X, y, c):
    return pd.DataFrame(X).mean(axis=1).groupby(y).mean()


def in_place(X, y, c):
    for j in np.unique(y):
        c[j] = X[y == j].mean(axis=0)
    return c


RIGHT["update"] = [update_by_loops, update_by_pandas, update]
WRONG["update"] = [
    ("never-updated", lambda X, y, c: np.array([center * 1.0 for center in c])),
    ("all-points", lambda X, y, c: np.array([X.mean(axis=0) for _ in c])),
    ("all-points", lambda X, y, c: sum(X) / len(X)),
    ("median", grouped("median")),
    ("axis-swapped", collect(lambda points: points.mean(axis=1))),
    ("columns-mixed", mixed),
    ("columns-mixed", lambda *case: np.outer(mixed(*case), np.ones(case[0].shape[1]))),
    ("not-divided", grouped("sum")),
    ("not-divided", lambda X, y, c: grouped("sum")(X, y, c) / len(X)),
    ("counted-from-1", lambda X, y, c: np.array([X[y == j + 1].mean(0) for j in range(len(c))])),
    ("counted-from-1", lambda X, y, c: update_by_loops(X, y - 1, c)),
    ("empty-forgotten", collect(lambda points: np.mean(points, axis=0))),
    ("empty-forgotten", collect(lambda points: points.sum(axis=0) / max(1, len(points)))),
    ("empty-forgotten", collect(lambda points: sum(points) / len(points))),
    ("empty-forgotten", grouped("mean")),
    ("changes-input", in_place),
]


def each(what):
    """Make a list of ``what(point, its centre)``."""
    return lambda X, y, c: [what(x, c[j]) for x, j in zip(X, y, strict=True)]


RIGHT["total_error"] = [
    lambda X, y, c: ((X - c[y]) ** 2).sum(),
    lambda X, y, c: sum(each(square)(X, y, c)),
]
WRONG["total_error"] = [
    ("distance-not-squared", lambda X, y, c: sum(each(math.dist)(X, y, c))),
    ("distance-not-squared", lambda X, y, c: np.linalg.norm(X - c[y])),
    ("squared-twice", lambda X, y, c: sum(d**2 for d in each(square)(X, y, c))),
    ("squared-twice", lambda X, y, c: ((X - c[y]) ** 4).sum()),
    ("mean-not-sum", lambda X, y, c: np.mean(each(square)(X, y, c))),
    ("mean-not-sum", lambda X, y, c: np.mean((X - c[y]) ** 2)),
    ("all-centers", lambda X, y, c: (cdist(X, c) ** 2).sum()),
    ("labels-ignored", lambda X, y, c: (cdist(X, c) ** 2).min(axis=1).sum()),
    ("centers-ignored", lambda X, y, c: over(total)(X, y)),
    ("manhattan", lambda X, y, c: sum(each(manhattan)(X, y, c))),
    ("not-summed", each(square)),
    ("not-summed", lambda X, y, c: sum((X - c[y]) ** 2)),
]


def loop(e=assign, m=update, rounds=200):
    def kmeans(X, c):
        for _ in range(rounds):
            labels = e(X, c)
            new = m(X, labels, c)
            if np.array_equal(new, c):
                break
            c = new
        return labels, c

    return kmeans


def until_labels_stay(X, c):
    labels = None
    while True:
        before, labels = labels, assign_by_loops(X, c)
        if before is not None and (labels == before).all():
            return labels, c
        c = update_by_loops(X, labels, c)


def labels_before_the_last(X, c):
    old, labels = None, assign(X, c)
    while True:
        c = update(X, labels, c)
        older, old, labels = old, labels, assign(X, c)
        if (old == labels).all():
            return older, c


RIGHT["kmeans"] = [until_labels_stay, loop()]
WRONG["kmeans"] = [
    ("never-updated", loop(m=lambda X, y, c: c)),
    ("stops-too-soon", loop(rounds=1)),
    ("stops-too-soon", loop(rounds=3)),
    ("one-short", labels_before_the_last),
    ("pair-swapped", lambda X, c: until_labels_stay(X, c)[::-1]),
    ("half-returned", lambda X, c: loop()(X, c)[0]),
    ("half-returned", lambda X, c: loop()(X, c)[1]),
    ("counted-from-1", lambda X, c: (loop()(X, c)[0] + 1, loop()(X, c)[1])),
    ("all-points", loop(m=lambda X, y, c: np.array([X.mean(axis=0) for _ in c]))),
    ("median", loop(m=lambda *case: grouped("median")(*case).to_numpy())),
    ("argmax", loop(e=lambda X, c: cdist(X, c).argmax(axis=1))),
    ("changes-input", loop(m=in_place)),
]

# lesson 03: r are reference labels


def share(weights):
    return np.array(weights) / np.sum(weights)


RIGHT["draw_probabilities"] = [
    lambda X, c: share([min(square(x, center) for center in c) for x in X]),
    lambda X, c: share(cdist(X, c).min(axis=1) ** 2),
]
WRONG["draw_probabilities"] = [
    ("distance-not-squared", lambda X, c: share(cdist(X, c).min(axis=1))),
    ("not-normalised", lambda X, c: [min(square(x, center) for center in c) for x in X]),
    ("farthest-always", lambda X, c: np.eye(len(X))[cdist(X, c).min(axis=1).argmax()]),
    ("all-alike", lambda X, c: [1 / len(X) for _ in X]),
    ("farthest-centre", lambda X, c: share(cdist(X, c).max(axis=1) ** 2)),
    ("sum-over-centres", lambda X, c: share((cdist(X, c) ** 2).mean(axis=1))),
    ("sum-over-centres", lambda X, c: share(cdist(X, c).sum(axis=1))),
    ("one-centre", lambda X, c: share([square(x, c[0]) for x in X])),
    ("one-centre", lambda X, c: share([square(x, c[-1]) for x in X])),
]


def found(y, r):
    return linear_sum_assignment(metrics.confusion_matrix(y, r), maximize=True)[1]


def relabel_by_crosstab(y, r):
    table = pd.crosstab(y, r)
    rows, columns = linear_sum_assignment(-table.to_numpy())
    return pd.Series(table.columns[columns], index=table.index[rows])[y].to_numpy()


def greedy_by_sorting(y, r):
    """Give the name of each cluster, the largest overlap first."""
    table, names = contingency_matrix(y, r), {}
    for i, j in sorted(np.ndindex(table.shape), key=lambda cell: -table[cell]):
        if i not in names and j not in names.values():
            names[i] = j
    return names


def in_turn(y, r):
    names = {}
    for i in range(4):
        left = [j for j in range(4) if j not in names.values()]
        names[i] = max(left, key=lambda j: ((y == i) & (r == j)).sum())
    return np.vectorize(names.get)(y)


def by_size(y, r):
    mine, theirs = (sorted(range(4), key=lambda j: -(v == j).sum()) for v in (y, r))
    return np.array([theirs[mine.index(label)] for label in y])


RIGHT["relabel"] = [
    relabel_by_crosstab,
    lambda y, r: found(y, r)[y],
    lambda y, r: max((np.array(p)[y] for p in permutations(range(4))), key=lambda v: sum(v == r)),
]
WRONG["relabel"] = [
    ("unchanged", lambda y, r: y.copy()),
    ("reference-returned", lambda y, r: np.array(list(r))),
    ("majority", lambda y, r: pd.Series(r).groupby(y).transform(lambda mine: mine.mode()[0])),
    ("greedy", lambda y, r: np.vectorize(greedy_by_sorting(y, r).get)(y)),
    ("greedy", in_turn),
    ("backwards", lambda y, r: np.array([found(y, r).tolist().index(label) for label in y])),
    ("by-size", by_size),
    ("by-appearance", lambda y, r: pd.unique(r)[pd.factorize(y)[0]]),
    ("mapping-returned", found),
    ("mapping-returned", lambda y, r: found(y, r).tolist()),
]

# lesson 04: g and e are gaps and their errors


def a_and_b(X, y):
    """Sum over the size, minus one for the own cluster; own masked out of the minimum."""
    sums = pd.DataFrame(cdist(X, X)).T.groupby(y).sum().T.to_numpy()
    sizes, rows = np.bincount(y), np.arange(len(X))
    a = sums[rows, y] / np.maximum(sizes[y] - 1, 1)
    others = sums / sizes
    others[rows, y] = np.inf
    return a, others.min(axis=1)


def by_arrays(X, y):
    a, b = a_and_b(X, y)
    return np.where(np.bincount(y)[y] == 1, 0.0, (b - a) / np.maximum(a, b))


def valued(value):
    return lambda X, y: value(*a_and_b(X, y))


def nearest_mean(groups):
    return min(group.mean() for group in groups)


def by_point(own=lambda ways, size: ways.sum() / (size - 1), other=nearest_mean):
    """Loop over the points with ``own`` and ``other`` of the distances in each cluster."""

    def silhouette(X, y):
        values = []
        for i, ways in enumerate(cdist(X, X)):
            a = own(ways[y == y[i]], (y == y[i]).sum())
            b = other([ways[y == j] for j in set(y.tolist()) - {int(y[i])}])
            values.append((b - a) / max(a, b))
        return np.array(values)

    return silhouette


def from_centers(value):
    def silhouette(X, y):
        ways = cdist(X, means(X, y))
        own = ways[np.arange(len(X)), y]
        rival = np.where(np.arange(y.max() + 1) == y[:, None], np.inf, ways).min(axis=1)
        return value(own, rival)

    return silhouette


RIGHT["silhouette"] = [by_arrays, metrics.silhouette_samples]
WRONG["silhouette"] = [
    ("itself-counted", by_point(own=lambda ways, size: ways.mean())),
    ("to-centers", from_centers(lambda a, b: (b - a) / np.maximum(a, b))),
    ("to-centers", from_centers(lambda a, b: 1 - a / b)),
    ("nearest-point", by_point(other=lambda groups: min(map(min, groups)))),
    ("all-others", by_point(other=lambda groups: np.concatenate(groups).mean())),
    ("all-others", by_point(other=lambda groups: np.mean([*map(np.mean, groups)]))),
    ("farthest-cluster", by_point(other=lambda groups: sorted(map(np.mean, groups))[-1])),
    ("turned-round", valued(lambda a, b: (a - b) / np.maximum(a, b))),
    ("not-by-the-larger", valued(lambda a, b: b - a)),
    ("not-by-the-larger", valued(lambda a, b: b / a - 1)),
    ("not-by-the-larger", valued(lambda a, b: 1 - a / b)),
    ("not-by-the-larger", valued(lambda a, b: (b - a) / (b + a))),
    ("not-by-the-larger", valued(lambda a, b: (b - a) / np.minimum(a, b))),
    ("squared", lambda X, y: metrics.silhouette_samples(X, y, metric="sqeuclidean")),
    ("mean-returned", metrics.silhouette_score),
    ("loner", by_point()),
    ("loner", by_point(lambda ways, size: ways.sum() / max(1, size - 1))),
    ("loner", by_point(lambda ways, size: ways.sum().item() / (int(size) - 1))),
]


def k_by_arrays(g, e):
    holds = g[:-1] >= (g - e)[1:]
    return int(holds.argmax()) + 1 if holds.any() else len(g)


def k_by_while(g, e, end=None):
    k = 1
    while k != end and g[k] - g[k - 1] > e[k]:
        k += 1
    return k


def rule(holds, end=None):
    def smallest_k(g, e):
        for i in range(len(g) - 1):
            if holds(g[i], g[i + 1], e[i], e[i + 1]):
                return i + 1
        return end(g) if end else len(g)

    return smallest_k


def ends(end):
    return rule(lambda now, after, own, other: now >= after - other, end)


RIGHT["smallest_k"] = [
    k_by_arrays,
    lambda g, e: k_by_while(g, e, len(g)),
    lambda g, e: min([k for k in range(1, len(g)) if g[k - 1] + e[k] >= g[k]], default=len(g)),
]
WRONG["smallest_k"] = [
    ("argmax", lambda g, e: list(g).index(max(g)) + 1),
    ("argmax", lambda g, e: int(np.argmax(g))),
    ("argmax", lambda g, e: range(1, len(g) + 1)[np.argmax(g - e)]),
    ("near-the-largest", lambda g, e: np.flatnonzero(g + e[g.argmax()] >= g.max())[0] + 1),
    ("largest-step", lambda g, e: max(range(2, len(g) + 1), key=lambda k: g[k - 1] - g[k - 2])),
    ("index", lambda g, e: k_by_arrays(g, e) - 1),
    ("next-k", lambda g, e: k_by_while(g, e, len(g)) + 1),
    ("error-forgotten", rule(lambda now, after, own, other: now >= after)),
    ("own-error", rule(lambda now, after, own, other: now + own >= after)),
    ("error-against", rule(lambda now, after, own, other: now - other >= after)),
    ("error-against", rule(lambda now, after, own, other: now - own >= after)),
    ("turned-round", rule(lambda now, after, own, other: after - other > now)),
    ("last", lambda g, e: max(k for k in range(1, len(g)) if g[k - 1] >= g[k] - e[k])),
    ("none-found", k_by_while),
    ("none-found", lambda g, e: int(np.argmax(g[:-1] >= g[1:] - e[1:])) + 1),
    ("none-found", ends(lambda g: None)),
    ("none-found", ends(lambda g: 0)),
    ("none-found", ends(lambda g: len(g) - 1)),
]

# lesson 05: t are training rows, n new ones; v values; c, m, s centres, mean and scale


def by_pandas(t, n):
    t, n = pd.DataFrame(t), pd.DataFrame(n)
    return (n - t.mean()) / t.std(ddof=0).replace(0, 1)


RIGHT["standardise"] = [
    by_pandas,
    lambda t, n: StandardScaler().fit(t).transform(n),
]
WRONG["standardise"] = [
    ("fitted-on-new", lambda t, n: StandardScaler().fit_transform(n)),
    ("fitted-on-new", lambda t, n: (pd.DataFrame(n) - n.mean(axis=0)) / pd.DataFrame(n).std()),
    ("fitted-on-both", lambda t, n: StandardScaler().fit(np.r_[t, n]).transform(n)),
    ("fitted-on-both", lambda t, n: StandardScaler().fit_transform(np.r_[t, n])),
    ("train-returned", lambda t, n: StandardScaler().fit_transform(t)),
    ("train-returned", lambda t, n: tuple(map(StandardScaler().fit(t).transform, (t, n)))),
    ("columns-mixed", lambda t, n: (n - np.mean(t)) / np.std(t)),
    ("columns-mixed", lambda t, n: (n - np.mean(t, axis=0)) / np.std(t)),
    ("columns-mixed", lambda t, n: (n - np.mean(t)) / np.std(t, axis=0)),
    ("by-row", lambda t, n: np.array([(row - row.mean()) / row.std() for row in n])),
    ("not-divided", lambda t, n: StandardScaler(with_std=False).fit(t).transform(n)),
    ("not-centred", lambda t, n: StandardScaler(with_mean=False).fit(t).transform(n)),
    ("variance", lambda t, n: (n - np.mean(t, axis=0)) / ((t - t.mean(0)) ** 2).mean(axis=0)),
    ("n-minus-1", lambda t, n: (pd.DataFrame(n) - t.mean(0)) / pd.DataFrame(t).std()),
    ("min-max", lambda t, n: MinMaxScaler().fit(t).transform(n)),
    ("divides-by-zero", lambda t, n: (n - t.mean(0)) / ((t - t.mean(0)) ** 2).mean(0) ** 0.5),
]


CHANNELS = {"app": [1, 0, 0], "phone": [0, 1, 0], "web": [0, 0, 1]}
RIGHT["one_hot"] = [
    pd.get_dummies,
    lambda v: OneHotEncoder(sparse_output=False).fit_transform(v[:, None]),
    lambda v: np.column_stack([v == c for c in np.unique(v)]),
    lambda v: pd.Series(v).str.get_dummies(),
]
WRONG["one_hot"] = [
    ("codes", lambda v: pd.Series(v).astype("category").cat.codes),
    ("codes", lambda v: np.array([sorted(set(v)).index(value) + 1 for value in v])),
    ("codes", lambda v: OrdinalEncoder().fit_transform(v[:, None])),
    ("codes", lambda v: pd.factorize(v)[0]),
    ("codes", lambda v: pd.factorize(v)[0] + 1),
    ("as-they-come", lambda v: np.eye(len(set(v)))[pd.factorize(v)[0]]),
    ("transposed", lambda v: pd.get_dummies(v).T),
    ("one-left-out", lambda v: pd.get_dummies(v, drop_first=True)),
    ("one-left-out", lambda v: pd.get_dummies(v).iloc[:, :-1]),
    ("rows-not-values", lambda v: np.array([[float(a == b) for b in v] for a in v])),
    ("rows-not-values", lambda v: np.identity(len(v))),
    ("standardised", lambda v: StandardScaler().fit_transform(pd.get_dummies(v))),
    ("counts", lambda v: np.unique(v, return_counts=True)[1]),
    ("counts", lambda v: pd.get_dummies(v).mean()),
    ("app-phone-web-only", lambda v: pd.DataFrame({name: v == name for name in CHANNELS})),
    ("app-phone-web-only", lambda v: np.array([CHANNELS[value] for value in v])),
    ("wrong-shape", lambda v: OneHotEncoder().fit_transform(v[:, None])),
]


RIGHT["to_units"] = [
    lambda c, m, s: c @ np.diag(s) + m,
    lambda c, m, s: pd.DataFrame(c).mul(s).add(m),
]
WRONG["to_units"] = [
    ("scaled-again", lambda c, m, s: np.array([(row - m) / s for row in c])),
    ("scaled-again", lambda c, m, s: np.array([row / s - m for row in c])),
    ("wrong-order", lambda c, m, s: np.array([(row + m) * s for row in c])),
    ("mean-forgotten", lambda c, m, s: c @ np.diag(s)),
    ("scale-forgotten", lambda c, m, s: np.array([[*(row + m)] for row in c])),
    ("divided", lambda c, m, s: m + c * (1 / s)),
    ("mean-subtracted", lambda c, m, s: c @ np.diag(s) - m),
    ("mean-subtracted", lambda c, m, s: (c - m) @ np.diag(s)),
]

# lesson 07: z are classes


def by_hungarian(y, z):
    table = pd.crosstab(y, z).to_numpy()
    return table[linear_sum_assignment(-table)].sum() / len(y)


def renamed(y, z, *numbers):
    """Try to name the clusters by all permutations of as many names as the largest number."""
    names = permutations(range(max(map(max, numbers)) + 1))
    return max(np.mean([name[j] == c for j, c in zip(y, z, strict=True)]) for name in names)


def purity(y, z):
    return sum(np.bincount(z[y == j]).max() for j in set(y.tolist())) / len(y)


def square_only(y, z):
    table = np.zeros((y.max() + 1, y.max() + 1))
    np.add.at(table, (y, z), 1)
    if len(np.unique(z)) < len(table):
        raise ValueError
    return table[linear_sum_assignment(-table)].sum() / len(y)


def left_over_joined(y, z):
    table = contingency_matrix(y, z)
    name_of = dict(zip(*linear_sum_assignment(-table), strict=True))
    return sum(row[name_of.get(i, row.argmax())] for i, row in enumerate(table)) / len(y)


RIGHT["matched_accuracy"] = [
    by_hungarian,
    lambda y, z: renamed(y, z, y, z),
    lambda y, z: metrics.accuracy_score(z, match_labels(y, z)),
]
WRONG["matched_accuracy"] = [
    ("not-matched", lambda y, z: metrics.accuracy_score(z, y)),
    ("class-given-twice", purity),
    ("cluster-given-twice", lambda y, z: pd.crosstab(z, y).max(axis=1).sum() / len(y)),
    (
        "greedy",
        lambda y, z: np.mean(
            [greedy_by_sorting(y, z).get(j) == c for j, c in zip(y, z, strict=True)]
        ),
    ),
    ("counted-not-divided", lambda y, z: by_hungarian(y, z) * len(y)),
    ("share-of-wrong", lambda y, z: 1 - by_hungarian(y, z)),
    ("mean-of-classes", lambda y, z: metrics.balanced_accuracy_score(z, match_labels(y, z))),
    ("labels-returned", match_labels),
    ("labels-returned", lambda y, z: np.equal(match_labels(y, z), z)),
    ("as-many-as-classes", lambda y, z: renamed(y, z, y)),
    ("as-many-as-classes", lambda y, z: renamed(y, z, z)),
    ("as-many-as-classes", square_only),
    ("left-over-counted", left_over_joined),
]


def together(a):
    return np.array([p == q for p, q in combinations(a, 2)])


def agree(pairs):
    """The share of pairs (i, j) of rows of which a and b say the same."""
    return lambda a, b: np.mean([(a[i] == a[j]) == (b[i] == b[j]) for i, j in pairs(range(len(a)))])


RIGHT["rand_index"] = [
    agree(lambda rows: combinations(rows, 2)),
    lambda a, b: (together(a) == together(b)).mean(),
    metrics.rand_score,
]
WRONG["rand_index"] = [
    ("together-only", lambda a, b: (together(a) & together(b)).mean()),
    ("together-only", lambda a, b: metrics.jaccard_score(together(a), together(b))),
    ("together-only", lambda a, b: sum(together(a) & together(b))),
    ("self-pairs", agree(lambda rows: product(rows, repeat=2))),
    ("self-pairs", agree(lambda rows: ((i, j) for i in rows for j in range(i + 1)))),
    ("labels-compared", metrics.accuracy_score),
    ("labels-compared", by_hungarian),
    ("adjusted", lambda a, b: metrics.adjusted_rand_score(b, a)),
    ("share-of-disagreement", lambda a, b: np.mean(together(a) != together(b))),
    ("counted-not-divided", lambda a, b: sum(together(a) == together(b))),
    ("counted-not-divided", lambda a, b: np.trace(pair_confusion_matrix(a, b))),
    ("pairs-twice", lambda a, b: np.trace(pair_confusion_matrix(a, b)) / len(together(a))),
    ("pairs-twice", lambda a, b: sum(together(a) == together(b)) / (len(a) * (len(a) - 1))),
    ("pairs-twice", lambda a, b: sum(together(a) == together(b)) / len(a) ** 2),
]
