"""Every bad input gets its own sentence, and no input is ever changed."""

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import make_blobs

from kmeans_teach import (
    KMeans,
    Player,
    kmeans_plusplus,
    lloyd,
    plot_clusters,
    plot_history,
    plot_inertia,
    plot_scores,
)

X = make_blobs(30, centers=3, random_state=0)[0]


def with_value(value, *rows):
    data = X.copy()
    data[list(rows), 1] = value
    return data


NAMED = pd.DataFrame(X, columns=["age", "income"])


class Lazy:
    """As polars has it: it knows its columns, and holds no values."""

    columns, dtypes, collect = ("a", "b"), (), None


class Table:
    """As pyarrow has it: its columns are no names, and an array of it has lost them."""

    columns, to_pandas = ([1, 2], [3, 4]), None

    def __array__(self, *arguments, **options):
        return X


class Frame:
    """As polars has it: columns whose types are no types of NumPy."""

    columns, dtypes = ["a", "b"], ["Float64", "String"]

    def __getitem__(self, name):
        return pd.Series(X[:, 0] if name == "a" else ["x"] * 30)

    def __array__(self, *arguments, **options):
        return np.full((30, 2), "x", dtype=object)

    def __len__(self):
        return 30


BAD_X = {
    "text in a frame of another library": (
        Frame(),
        ValueError,
        r"columns that are not numbers \(b\): drop them",
    ),
    "a name twice": (NAMED.set_axis(["a", "a"], axis=1), ValueError, "two columns are called 'a'"),
    "mixed names": (
        NAMED.set_axis(["a", 1], axis=1),
        TypeError,
        r"some names of columns are text and others are not \('a', 1\): make all of them text",
    ),
    "nan": (
        with_value(np.nan, 4),
        ValueError,
        r"missing or infinite value in row 4 \(1 of 30 rows\): fill or drop",
    ),
    "nans": (
        with_value(np.nan, *range(3, 12)),
        ValueError,
        r"rows 3, 4, 5, 6, 7, \.\.\. \(9 of 30 rows\)",
    ),
    "infinity": (
        with_value(-np.inf, 0, 7),
        ValueError,
        r"missing or infinite value in rows 0, 7 \(2 of 30",
    ),
    "missing in a table": (
        NAMED.assign(age=NAMED.age.where(NAMED.age > 0)),
        ValueError,
        "missing or infinite value in rows",
    ),
    "text columns": (
        NAMED.assign(town="Ulm", colour="red"),
        ValueError,
        r"columns that are not numbers \(town, colour\): drop them or code them",
    ),
    "text": ([["a", "b"], ["c", "d"]], ValueError, "holds text or objects, expected numbers"),
    "no rows": (np.empty((0, 2)), ValueError, r"X is empty: 0 sample\(s\) \(shape=\(0, 2\)\)"),
    "no columns": (np.empty((5, 0)), ValueError, r"X is empty: 0 feature\(s\) \(shape=\(5, 0\)\)"),
    "empty table": (pd.DataFrame(), ValueError, r"X is empty: 0 sample\(s\)"),
    "empty list": ([], ValueError, r"X has shape \(0,\), expected two dimensions"),
    "ragged": (
        [[1.0, 2.0], [3.0]],
        ValueError,
        r"rows of different lengths \(1, 2\): every row needs the same",
    ),
    "one dimension": (
        X[:, 0],
        ValueError,
        r"shape \(30,\), expected two dimensions.*Reshape your data: X.reshape\(-1, 1\)",
    ),
    "three dimensions": (X[None], ValueError, r"shape \(1, 30, 2\), expected two dimensions"),
    "a number": (3.0, ValueError, r"shape \(\), expected two dimensions"),
    "complex": (X + 1j, ValueError, "Complex data not supported: X holds complex numbers"),
    "a dictionary inside": (
        np.array([[{"a": 1}, 2]], dtype=object),
        TypeError,
        "argument must be a string or a real number",
    ),
    "1e300": (
        X * 1e300,
        ValueError,
        r"squared distances overflow float64.*divide the columns by a common scale",
    ),
    "1e-300": (
        X * 1e-300,
        ValueError,
        r"squares vanish in float64.*multiply the columns by a common scale",
    ),
    "1e-300 beside ones": (
        np.c_[np.ones(30), X[:, 0] * 1e-300],
        ValueError,
        "squares vanish in float64",
    ),
    "1e30 in float32": (
        (X * 1e30).astype(np.float32),
        ValueError,
        "squared distances overflow float32",
    ),
    "Int64 with a gap": (
        NAMED.assign(age=pd.array([None, *[30] * 29], dtype="Int64")),
        ValueError,
        r"missing or infinite value in row 0 \(1 of 30 rows\), column age: fill or drop",
    ),
    "objects with a gap": (
        NAMED.astype(object).mask(np.tile(np.arange(30) == 4, (2, 1)).T, pd.NA),
        ValueError,
        r"missing or infinite value in row 4 \(1 of 30 rows\), columns age, income",
    ),
    "a list with a gap": ([[1, pd.NA], [2, 3]], ValueError, r"in row 0 \(1 of 2 rows\): fill"),
    "dates": (
        NAMED.assign(born=pd.Timestamp(0)),
        ValueError,
        r'columns with dates or times \(born\): subtract a start and divide by a unit.*X\["born"\]',
    ),
    "an array of dates": (X.astype("M8[D]"), TypeError, r"dates or times.*X - X.min\(\)"),
    "a column of a table": (
        NAMED["age"],
        ValueError,
        r"one column of a table: pass X.to_frame\(\)",
    ),
    "a picture": (np.zeros((6, 7, 3)), ValueError, r"picture, pass X.reshape\(-1, 3\)"),
    "a list of dicts": ([{"a": 1}], TypeError, r"is a list of dicts.*pass pd.DataFrame\(X\)"),
    "a dict": ({"a": [1, 2]}, TypeError, r"is a dict, expected a table: pass pd.DataFrame\(X\)"),
    "a generator": ((row for row in X), TypeError, r"is a generator.*pass np.array\(list\(X\)\)"),
    "not computed yet": (Lazy(), TypeError, r"is a Lazy, not computed yet: pass X.collect\(\)"),
    "of another library": (Table(), TypeError, r"is a Table: pass X.to_pandas\(\)"),
    "more clusters than points": (
        X[:2],
        ValueError,
        r"n_samples=2 should be >= n_clusters=3",
    ),
}


@pytest.mark.parametrize("name", BAD_X)
def test_fit_says_what_is_wrong_with_the_points(name):
    data, error, sentence = BAD_X[name]
    before = data.copy() if hasattr(data, "copy") else data
    with pytest.raises(error, match=sentence):
        KMeans(3, random_state=0).fit(data)
    if isinstance(data, np.ndarray) and data.dtype.kind == "f":
        assert np.array_equal(data, before, equal_nan=True)


@pytest.mark.parametrize("method", ["predict", "transform", "score"])
@pytest.mark.parametrize(
    "name",
    [
        n
        for n in BAD_X
        if n not in ("no columns", "more clusters than points", "1e-300", "1e-300 beside ones")
    ],
)
def test_other_methods_say_the_same(name, method):
    data, error, sentence = BAD_X[name]
    km = KMeans(3, random_state=0).fit(X)
    with pytest.raises(error, match=sentence):
        getattr(km, method)(data)


# scikit-learn's own sentences name the argument, what was expected and what came
ARGUMENTS = [
    ({"n_clusters": 0}, "'n_clusters' parameter of KMeans must be an int .* Got 0"),
    ({"n_clusters": 2.5}, "'n_clusters' parameter .* Got 2.5"),
    ({"n_clusters": "3"}, "'n_clusters' parameter .* Got '3'"),
    ({"n_clusters": 31}, "n_samples=30 should be >= n_clusters=31"),
    ({"n_init": "warn"}, "'n_init' parameter .* Got 'warn'"),
    ({"max_iter": 0}, "'max_iter' parameter .* Got 0"),
    ({"tol": -1}, "'tol' parameter .* Got -1"),
    ({"init": "kmeans++"}, r"'init' parameter .*'k-means\+\+'.* Got 'kmeans\+\+'"),
    ({"init": X[:2]}, r"initial centers \(2, 2\) does not match the number of clusters 3"),
    ({"init": X[:3, :1]}, r"initial centers \(3, 1\) does not match the number of features"),
    ({"init": X[0]}, r"init has shape \(2,\), expected two dimensions"),
    ({"init": with_value(np.nan, 2)[:3]}, "init has a missing or infinite value in row 2"),
    ({"init": [["a", "b"]] * 3}, "init holds text or objects"),
    (
        {"init": lambda X, k, random_state: X[:1], "n_init": 1},
        r"initial centers \(1, 2\) does not match the number of clusters 3",
    ),
    ({"random_state": "monday"}, "'random_state' parameter .* Got 'monday'"),
]


@pytest.mark.parametrize(("arguments", "sentence"), ARGUMENTS)
def test_fit_names_the_argument_that_is_wrong(arguments, sentence):
    with pytest.raises(ValueError, match=sentence):
        KMeans(**{"n_clusters": 3} | arguments).fit(X)


WEIGHTS = [
    (-np.ones(30), "sample_weight is negative in row 0"),
    (np.r_[np.ones(29), -0.5], r"sample_weight is negative in row 29 \(-0.5\)"),
    (np.zeros(30), "sample_weight is zero for every point: at least one must count"),
    (np.ones(29), r"sample_weight has shape \(29,\), expected \(30,\): one weight a point"),
    (np.ones((30, 1)), r"sample_weight has shape \(30, 1\)"),
    (np.full(30, np.nan), "sample_weight has missing or infinite values"),
    (["heavy"] * 30, "sample_weight holds values that are not numbers"),
]


@pytest.mark.parametrize(("weight", "sentence"), WEIGHTS, ids=lambda v: str(v)[:30])
def test_fit_and_score_say_what_is_wrong_with_the_weights(weight, sentence):
    with pytest.raises(ValueError, match=sentence):
        KMeans(3).fit(X, sample_weight=weight)
    with pytest.raises(ValueError, match=sentence):
        KMeans(3).fit(X).score(X, sample_weight=weight)


@pytest.mark.parametrize("method", ["predict", "transform", "score"])
def test_other_columns_than_in_fit_are_named(method):
    use = getattr(KMeans(3).fit(X), method)
    with pytest.raises(ValueError, match="X has 1 features, but KMeans is expecting 2 features"):
        use(X[:, :1])
    use = getattr(KMeans(3).fit(NAMED), method)
    with pytest.raises(
        ValueError, match=r"(?s)feature names should match.*unseen at fit time.*wage"
    ):
        use(NAMED.rename(columns={"income": "wage"}))
    with pytest.raises(ValueError, match=r"(?s)same order"):
        use(NAMED[["income", "age"]])
    with pytest.warns(UserWarning, match="X does not have valid feature names"):
        use(X)


def test_not_fitted_says_so():
    for method in ("predict", "transform", "score"):
        with pytest.raises(ValueError, match="not fitted yet"):
            getattr(KMeans(3), method)(X)
    assert not hasattr(KMeans(3), "history_")


def test_a_second_fit_forgets_the_names_of_the_first():
    km = KMeans(3).fit(NAMED)
    assert km.feature_names_in_.tolist() == ["age", "income"]
    assert km.history_.feature_names == ("age", "income")
    km.fit(X)
    assert not hasattr(km, "feature_names_in_")
    assert km.history_.feature_names is None


@pytest.mark.parametrize("scale", [1e-140, 1e-20, 1e20, 1e140])
def test_small_and_large_values_work_as_far_as_squares_go(scale):
    plain = KMeans(3, random_state=0).fit(X)
    scaled = KMeans(3, random_state=0).fit(X * scale)
    assert np.array_equal(scaled.labels_, plain.labels_)
    assert scaled.inertia_ == pytest.approx(plain.inertia_ * scale * scale, rel=1e-9)


@pytest.mark.parametrize(
    "kind", [list, pd.DataFrame, np.asfortranarray, "int", "uint8", "object", "f4", "readonly"]
)
def test_no_input_is_ever_changed(kind):
    if kind in ("int", "uint8", "object", "f4"):
        data = (X * 3 + 20).astype(kind)
    elif kind == "readonly":
        data = X.copy()
        data.flags.writeable = False
    else:
        data = kind(X)
    weight, start = np.arange(30.0), np.array(data)[[0, 10, 20]].astype(float)
    before, centers = np.array(data), start.copy()
    km = KMeans(3, init=start).fit(data, sample_weight=weight)
    km.predict(data), km.transform(data), km.score(data, sample_weight=weight)
    km.history_.to_frame()
    KMeans(3, init=lambda X, k, random_state: X[:k].__imul__(1), n_init=2).fit(data)
    KMeans(2, n_init=5, random_state=0).fit(data)
    assert np.array_equal(np.array(data), before)
    assert np.array_equal(weight, np.arange(30.0))
    assert np.array_equal(start, centers)


def test_a_callable_that_spoils_its_copy_spoils_nothing():
    def spoil(X, n_clusters, random_state):
        centers = X[:n_clusters].copy()
        X[:] = 0
        return centers

    km = KMeans(3, init=spoil, n_init=2).fit(X)
    assert km.inertia_ == pytest.approx(KMeans(3, init=X[:3]).fit(X).inertia_)


def test_what_is_meant_is_taken():
    seeding, model = kmeans_plusplus(X, 3, 0), KMeans(3, n_init=1, random_state=0).fit(X)
    assert (lloyd(X, seeding)[0].centers == seeding.centers).all()
    assert (Player(X, seeding).start == seeding.centers).all()
    axes = plot_history(model, [0, -1]), plot_history(model.history_, [0, -1])
    assert axes[0][1].get_title("left") == axes[1][1].get_title("left")
    assert plot_inertia(model).get_legend().get_texts()[0].get_text().startswith("E-steps")
    assert plot_scores([2, 3], [0.5, 0.7]).get_title("left").startswith("Best at k = 3")
    numbered = pd.DataFrame(np.c_[X, X], columns=[1, 2, 3, 4])
    assert plot_clusters(numbered, columns=(1, 4)).get_xlabel() == "1"


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: plot_history(X), r"ndarray is no run: pass what lloyd\(\) or record\(\) returns"),
        (
            lambda: plot_inertia(KMeans(3)),
            "KMeans is no run: .* a kmeans_teach.KMeans after",
        ),
        (
            lambda: Player(X, 3, init=X[:3]),
            r"init is a ndarray.* argument, Player\(X, centers",
        ),
    ],
)
def test_what_is_not_meant_is_said(call, sentence):
    with pytest.raises(TypeError, match=sentence):
        call()
