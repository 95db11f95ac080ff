"""What learners write in lesson 05: right in many styles, and wrong in each way that has a name."""

import math

import numpy as np
import pandas as pd
from sklearn.preprocessing import MinMaxScaler, OneHotEncoder, OrdinalEncoder, StandardScaler

# correct, in many styles


def column_by_column(train, new):
    result = np.zeros(new.shape)
    for j in range(new.shape[1]):
        mean = sum(train[:, j]) / len(train)
        sd = math.sqrt(sum((value - mean) ** 2 for value in train[:, j]) / len(train))
        result[:, j] = (new[:, j] - mean) / (sd or 1)
    return result


def by_pandas(train, new):
    train, new = pd.DataFrame(train), pd.DataFrame(new)
    return (new - train.mean()) / train.std(ddof=0).replace(0, 1)


def one_hot_by_loops(values):
    categories = sorted(set(values))
    table = np.zeros((len(values), len(categories)), dtype=int)
    for i, value in enumerate(values):
        table[i, categories.index(value)] = 1
    return table


def units_by_loops(centers, mean, scale):
    rows = [[c * s + m for c, m, s in zip(row, mean, scale, strict=True)] for row in centers]
    return np.array(rows)


def units_by_scaler(centers, mean, scale):
    scaler = StandardScaler().fit(centers)
    scaler.mean_, scaler.scale_ = mean, scale
    return scaler.inverse_transform(centers)


CORRECT = {
    "standardise": [
        column_by_column,
        by_pandas,
        lambda train, new: StandardScaler().fit(train).transform(new),
        lambda train, new: (
            (new - np.mean(train, axis=0)) / np.where(np.ptp(train, 0), np.std(train, 0), 1)
        ),
    ],
    "one_hot": [
        one_hot_by_loops,
        pd.get_dummies,
        lambda values: np.eye(len(set(values)))[np.unique(values, return_inverse=True)[1]],
        lambda values: OneHotEncoder(sparse_output=False).fit_transform(values[:, None]),
        lambda values: np.column_stack([values == c for c in np.unique(values)]),
        lambda values: pd.Series(values).str.get_dummies(),
    ],
    "to_units": [
        units_by_loops,
        units_by_scaler,
        lambda centers, mean, scale: mean + scale * centers,
        lambda centers, mean, scale: centers @ np.diag(scale) + mean,
        lambda centers, mean, scale: pd.DataFrame(centers).mul(scale).add(mean),
    ],
}


# misconceptions, each in two styles


def looped(mean, spread):
    """Scale each column of new by ``mean`` and ``spread`` of that column of train and new."""

    def standardise(train, new):
        columns = [
            (new[:, j] - mean(train[:, j], new[:, j])) / spread(train[:, j], new[:, j])
            for j in range(new.shape[1])
        ]
        return np.array(columns).T

    return standardise


def both(train, new):
    return np.vstack([train, new])


def in_place(train, new):
    new -= train.mean(axis=0)
    return new / train.std(axis=0)


def in_place_centers(centers, mean, scale):
    centers *= scale
    return centers + mean


def codes_by_dict(values):
    numbers = {name: i for i, name in enumerate(sorted(set(values)), start=1)}
    return np.array([numbers[value] for value in values])


def met_first(values):
    seen = []
    for value in values:
        if value not in seen:
            seen.append(value)
    return np.array([[float(value == name) for name in seen] for value in values])


def three_only(values):
    table = np.zeros((len(values), 3))
    table[values == "app", 0] = 1
    table[values == "phone", 1] = 1
    table[values == "web", 2] = 1
    return table


def three_by_dict(values):
    rows = {"app": [1, 0, 0], "phone": [0, 1, 0], "web": [0, 0, 1]}
    return np.array([rows[value] for value in values])


WRONG = {
    "standardise": {
        "fitted-on-new": [
            lambda train, new: StandardScaler().fit_transform(new),
            looped(lambda t, n: n.mean(), lambda t, n: n.std()),
            lambda train, new: (pd.DataFrame(new) - new.mean(axis=0)) / pd.DataFrame(new).std(),
        ],
        "fitted-on-both": [
            lambda train, new: StandardScaler().fit(both(train, new)).transform(new),
            looped(lambda t, n: np.r_[t, n].mean(), lambda t, n: np.r_[t, n].std()),
            lambda train, new: StandardScaler().fit_transform(both(train, new)),
        ],
        "train-returned": [
            lambda train, new: StandardScaler().fit_transform(train),
            lambda train, new: (train - train.mean(axis=0)) / train.std(axis=0),
            lambda train, new: tuple(map(StandardScaler().fit(train).transform, (train, new))),
        ],
        "columns-mixed": [
            lambda train, new: (new - train.mean()) / train.std(),
            lambda train, new: (new - np.mean(train, axis=0)) / np.std(train),
            lambda train, new: (new - np.mean(train)) / np.std(train, axis=0),
        ],
        "by-row": [
            lambda train, new: ((new.T - new.mean(axis=1)) / new.std(axis=1)).T,
            lambda train, new: np.array([(row - row.mean()) / row.std() for row in new]),
        ],
        "not-divided": [
            lambda train, new: new - train.mean(axis=0),
            looped(lambda t, n: sum(t) / len(t), lambda t, n: 1),
        ],
        "not-centred": [
            lambda train, new: new / train.std(axis=0),
            lambda train, new: StandardScaler(with_mean=False).fit(train).transform(new),
        ],
        "variance": [
            lambda train, new: (new - train.mean(axis=0)) / train.var(axis=0),
            looped(lambda t, n: t.mean(), lambda t, n: ((t - t.mean()) ** 2).mean()),
        ],
        "n-minus-1": [
            lambda train, new: (pd.DataFrame(new) - train.mean(0)) / pd.DataFrame(train).std(),
            lambda train, new: (new - train.mean(axis=0)) / train.std(axis=0, ddof=1),
        ],
        "min-max": [
            lambda train, new: MinMaxScaler().fit(train).transform(new),
            looped(lambda t, n: min(t), lambda t, n: max(t) - min(t)),
        ],
        "divides-by-zero": [
            lambda train, new: (new - train.mean(axis=0)) / train.std(axis=0),
            looped(lambda t, n: t.mean(), lambda t, n: t.std()),
        ],
        "changes-input": [in_place],
        "raises": [lambda train, new: new.scale(train)],
        "cannot-be-called": [lambda train: train],
        "other": [lambda train, new: column_by_column(train, new) + 1],
        "wrong-shape": [lambda train, new: "scaled", lambda train, new: train.mean(axis=0)],
        "returns-list": [lambda train, new: column_by_column(train, new).tolist()],
        "not-a-function": [StandardScaler(), 5],
    },
    "one_hot": {
        "codes": [
            codes_by_dict,
            lambda values: pd.Series(values).astype("category").cat.codes,
            lambda values: OrdinalEncoder().fit_transform(values[:, None]),
            lambda values: pd.factorize(values)[0],
            lambda values: pd.factorize(values)[0] + 1,
        ],
        "as-they-come": [
            met_first,
            lambda values: np.eye(len(set(values)))[pd.factorize(values)[0]],
        ],
        "transposed": [
            lambda values: np.array([values == c for c in sorted(set(values))]),
            lambda values: pd.get_dummies(values).T,
        ],
        "one-left-out": [
            lambda values: pd.get_dummies(values, drop_first=True),
            lambda values: one_hot_by_loops(values)[:, :-1],
        ],
        "rows-not-values": [
            lambda values: np.array([[float(a == b) for b in values] for a in values]),
            lambda values: np.identity(len(values)),
        ],
        "standardised": [
            lambda values: StandardScaler().fit_transform(pd.get_dummies(values)),
            lambda values: by_pandas(*[pd.get_dummies(values).astype(float)] * 2),
        ],
        "counts": [
            lambda values: np.unique(values, return_counts=True)[1],
            lambda values: pd.get_dummies(values).mean(),
        ],
        "app-phone-web-only": [three_only, three_by_dict],
        "raises": [lambda values: values.get_dummies(), lambda values: one_hot_by_loops(values)[9]],
        "other": [lambda values: 2 * one_hot_by_loops(values)],
        "wrong-shape": [
            lambda values: values,
            lambda values: OneHotEncoder().fit_transform(values[:, None]),
        ],
        "returns-list": [lambda values: one_hot_by_loops(values).tolist()],
    },
    "to_units": {
        "scaled-again": [
            lambda centers, mean, scale: (centers - mean) / scale,
            lambda centers, mean, scale: centers / scale - mean,
        ],
        "wrong-order": [
            lambda centers, mean, scale: (centers + mean) * scale,
            lambda centers, mean, scale: np.array([(row + mean) * scale for row in centers]),
        ],
        "mean-forgotten": [
            lambda centers, mean, scale: centers * scale,
            lambda centers, mean, scale: centers @ np.diag(scale),
        ],
        "scale-forgotten": [
            lambda centers, mean, scale: centers + mean,
            lambda centers, mean, scale: np.array([[*(row + mean)] for row in centers]),
        ],
        "divided": [
            lambda centers, mean, scale: centers / scale + mean,
            lambda centers, mean, scale: mean + centers * (1 / scale),
        ],
        "mean-subtracted": [
            lambda centers, mean, scale: centers * scale - mean,
            lambda centers, mean, scale: (centers - mean) * scale,
        ],
        "changes-input": [in_place_centers],
        "raises": [lambda centers, mean, scale: centers.inverse_transform(mean)],
        "other": [lambda centers, mean, scale: 2 * (centers * scale + mean)],
        "wrong-shape": [lambda centers, mean, scale: mean],
        "returns-list": [lambda *given: units_by_loops(*given).tolist()],
    },
}
