"""What learners write in lesson 04: right in many styles, and wrong in each way that has a name."""

import numpy as np
import pandas as pd
from scipy.spatial.distance import cdist
from sklearn.metrics import silhouette_samples, silhouette_score

# correct, in many styles


def by_loops(X, labels):
    values = []
    for i, x in enumerate(X):
        own, others = [], {}
        for m, y in enumerate(X):
            way = sum((p - q) ** 2 for p, q in zip(x, y, strict=True)) ** 0.5
            if labels[m] != labels[i]:
                others.setdefault(labels[m], []).append(way)
            elif m != i:
                own.append(way)
        if not own:
            values.append(0)
            continue
        a = sum(own) / len(own)
        b = min(sum(ways) / len(ways) for ways in others.values())
        values.append((b - a) / max(a, b))
    return np.array(values)


def a_and_b(X, labels):
    """Sum over the size, minus one for the own cluster; own masked out of the minimum."""
    sums = pd.DataFrame(cdist(X, X)).T.groupby(labels).sum().T.to_numpy()
    sizes, rows = np.bincount(labels), np.arange(len(X))
    a = sums[rows, labels] / np.maximum(sizes[labels] - 1, 1)
    means = sums / sizes
    means[rows, labels] = np.inf
    return a, means.min(axis=1)


def by_arrays(X, labels):
    a, b = a_and_b(X, labels)
    return np.where(np.bincount(labels)[labels] == 1, 0.0, (b - a) / np.maximum(a, b))


def by_three_cases(X, labels):
    a, b = a_and_b(X, labels)
    values = np.where(a < b, 1 - a / b, b / np.where(a > 0, a, 1) - 1)
    values[np.bincount(labels)[labels] == 1] = 0
    return values


def k_by_loop(gap, error):
    for k in range(1, len(gap)):
        if gap[k - 1] >= gap[k] - error[k]:
            return k
    return len(gap)


def k_by_arrays(gap, error):
    holds = gap[:-1] >= (gap - error)[1:]
    return int(holds.argmax()) + 1 if holds.any() else len(gap)


def k_by_while(gap, error):
    k = 1
    while k < len(gap) and gap[k] - gap[k - 1] > error[k]:
        k += 1
    return k


def k_from_the_end(gap, error):
    found = len(gap)
    for i in reversed(range(len(gap) - 1)):
        if gap[i] + error[i + 1] >= gap[i + 1]:
            found = i + 1
    return found


CORRECT = {
    "silhouette": [by_loops, by_arrays, by_three_cases, silhouette_samples],
    "smallest_k": [
        k_by_loop,
        k_by_arrays,
        k_by_while,
        k_from_the_end,
        lambda gap, error: next(
            (i + 1 for i in range(len(gap) - 1) if gap[i] >= gap[i + 1] - error[i + 1]), len(gap)
        ),
    ],
}


# misconceptions, each in two styles


def point_by_point(own, other, value=lambda a, b: (b - a) / max(a, b), power=1):
    """Loop over the points with ``own`` and ``other`` of the distances in each cluster."""

    def silhouette(X, labels):
        values = []
        for i in range(len(X)):
            ways = np.linalg.norm(X - X[i], axis=1) ** power
            mine = labels == labels[i]
            groups = [ways[labels == j] for j in set(labels.tolist()) - {int(labels[i])}]
            values.append(value(own(ways[mine], mine.sum()), other(groups)))
        return np.array(values)

    return silhouette


def without_itself(ways, size):
    return ways.sum() / (size - 1)


def nearest_mean(groups):
    return min(group.mean() for group in groups)


def with_value(value):
    return [
        lambda X, labels: value(*a_and_b(X, labels)),
        point_by_point(without_itself, nearest_mean, lambda a, b: value(np.array(a), b).item()),
    ]


def by_centers(X, labels):
    centers = pd.DataFrame(X).groupby(labels).mean().to_numpy()
    ways = np.sort(cdist(X, centers), axis=1)
    own = cdist(X, centers)[np.arange(len(X)), labels]
    # the nearest other centre is the second one, if the own centre is the nearest
    rival = np.where(own == ways[:, 0], ways[:, 1], ways[:, 0])
    return (rival - own) / np.maximum(own, rival)


def centers_by_loop(X, labels):
    values = []
    for x, label in zip(X, labels, strict=True):
        means = {j: X[labels == j].mean(axis=0) for j in np.unique(labels)}
        ways = {j: np.linalg.norm(x - mean) for j, mean in means.items()}
        a = ways.pop(label)
        values.append((min(ways.values()) - a) / max(a, *ways.values()))
    return np.array(values)


def centers_ratio(X, labels):
    values = []
    for x, label in zip(X, labels, strict=True):
        ways = {j: np.linalg.norm(x - X[labels == j].mean(axis=0)) for j in np.unique(labels)}
        a = ways.pop(label)
        values.append(1 - a / min(ways.values()))
    return values


def self_in_the_mean(X, labels):
    table = pd.DataFrame(cdist(X, X)).T.groupby(labels).mean().T.to_numpy(copy=True)
    rows = np.arange(len(X))
    a = table[rows, labels]
    table[rows, labels] = np.inf
    b = table.min(axis=1)
    return (b - a) / np.maximum(a, b)


def rule(holds, first=1, end=None):
    def smallest_k(gap, error):
        for i in range(len(gap) - 1):
            if holds(gap[i], gap[i + 1], error[i], error[i + 1]):
                return i + first
        return end(gap) if end else len(gap)

    return smallest_k


def holds(now, after, own, other):
    return now >= after - other


def forgets_the_end(gap, error):
    i = 0
    while gap[i] < gap[i + 1] - error[i + 1]:
        i += 1
    return i + 1


def by_argmax_of_booleans(gap, error):
    return int(np.argmax(gap[:-1] >= gap[1:] - error[1:])) + 1


def by_where(gap, error):
    return np.where(gap[:-1] >= gap[1:] - error[1:])[0][0] + 1


WRONG = {
    "silhouette": {
        "itself-counted": [
            self_in_the_mean,
            point_by_point(lambda ways, size: ways.mean(), nearest_mean),
        ],
        "to-centers": [by_centers, centers_ratio],
        "nearest-point": [
            point_by_point(without_itself, lambda groups: min(map(min, groups))),
            lambda X, labels: np.array(
                [
                    (b - a) / max(a, b)
                    for a, b in zip(
                        a_and_b(X, labels)[0],
                        np.where(labels[:, None] == labels, np.inf, cdist(X, X)).min(axis=1),
                        strict=True,
                    )
                ]
            ),
        ],
        "all-others": [
            point_by_point(without_itself, lambda groups: np.concatenate(groups).mean()),
            point_by_point(without_itself, lambda groups: np.mean([g.mean() for g in groups])),
        ],
        "farthest-cluster": [
            point_by_point(without_itself, lambda groups: max(g.mean() for g in groups)),
            point_by_point(without_itself, lambda groups: sorted(map(np.mean, groups))[-1]),
        ],
        "turned-round": with_value(lambda a, b: (a - b) / np.maximum(a, b)),
        "not-by-the-larger": [
            *with_value(lambda a, b: b - a),
            *with_value(lambda a, b: b / a - 1),
            *with_value(lambda a, b: 1 - a / b),
            *with_value(lambda a, b: (b - a) / (b + a)),
            *with_value(lambda a, b: (b - a) / np.minimum(a, b)),
        ],
        "squared": [
            point_by_point(without_itself, nearest_mean, power=2),
            lambda X, labels: silhouette_samples(X, labels, metric="sqeuclidean"),
        ],
        "mean-returned": [silhouette_score, lambda X, labels: by_loops(X, labels).mean()],
        "loner": [
            point_by_point(without_itself, nearest_mean),
            point_by_point(lambda ways, size: ways.sum() / max(1, size - 1), nearest_mean),
            point_by_point(lambda w, size: w.sum().item() / (int(size) - 1), nearest_mean),
        ],
        "other": [lambda X, labels: by_loops(X, labels) / 2],
        "returns-list": [lambda X, labels: list(by_arrays(X, labels))],
        "wrong-shape": [lambda X, labels: by_arrays(X, labels)[:, None], lambda X, labels: "good"],
        "raises": [lambda X, labels: X.silhouette()],
        "cannot-be-called": [lambda X: X],
        "not-a-function": [0.5],
    },
    "smallest_k": {
        "argmax": [
            lambda gap, error: gap.argmax() + 1,
            lambda gap, error: list(gap).index(max(gap)) + 1,
            lambda gap, error: int(np.argmax(gap)),
            lambda gap, error: range(1, len(gap) + 1)[np.argmax(gap - error)],
        ],
        "near-the-largest": [
            lambda gap, error: next(
                i + 1 for i in range(len(gap)) if gap[i] >= max(gap) - error[gap.argmax()]
            ),
            lambda gap, error: np.flatnonzero(gap >= gap.max() - error[np.argmax(gap)])[0] + 1,
        ],
        "largest-step": [
            lambda gap, error: int(np.diff(gap).argmax()) + 2,
            lambda gap, error: max(range(2, len(gap) + 1), key=lambda k: gap[k - 1] - gap[k - 2]),
        ],
        "index": [
            rule(holds, first=0),
            lambda gap, error: k_by_arrays(gap, error) - 1,
        ],
        "next-k": [rule(holds, first=2), lambda gap, error: k_by_arrays(gap, error) + 1],
        "error-forgotten": [
            rule(lambda now, after, own, other: now >= after),
            lambda gap, error: (
                int(np.argmax(np.diff(gap) <= 0)) + 1 if (np.diff(gap) <= 0).any() else len(gap)
            ),
        ],
        "own-error": [
            rule(lambda now, after, own, other: now >= after - own),
            rule(lambda now, after, own, other: now + own >= after),
        ],
        "error-against": [
            rule(lambda now, after, own, other: now >= after + other),
            rule(lambda now, after, own, other: now - own >= after),
        ],
        "turned-round": [
            rule(lambda now, after, own, other: now <= after - other),
            rule(lambda now, after, own, other: after - other > now),
        ],
        "last": [
            lambda gap, error: [k for k in range(1, len(gap)) if gap[k - 1] >= gap[k] - error[k]][
                -1
            ],
            lambda gap, error: int(np.flatnonzero(gap[:-1] >= (gap - error)[1:]).max()) + 1,
        ],
        "none-found": [
            forgets_the_end,
            by_argmax_of_booleans,
            by_where,
            rule(holds, end=lambda gap: None),
            rule(holds, end=lambda gap: 0),
            rule(holds, end=lambda gap: len(gap) - 1),
        ],
        "other": [lambda gap, error: k_by_loop(gap, error) + 7],
        "wrong-shape": [lambda gap, error: gap, lambda gap, error: "four"],
        "raises": [lambda gap, error: gap[99]],
        "not-a-function": [4],
    },
}
