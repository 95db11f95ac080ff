"""Every bad input gets its own sentence, and no input is ever changed."""

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import make_blobs

from kmeans_teach import (
    KMeans,
    Player,
    farthest_first,
    gap_statistic,
    kmeans_plusplus,
    lloyd,
    match_labels,
    plot_clusters,
    plot_history,
    plot_inertia,
    plot_scores,
    random_partition,
    random_points,
    record,
    stability,
    sweep,
)

X = make_blobs(30, centers=3, random_state=0)[0]
NAMED = pd.DataFrame(X, columns=["age", "income"])
LINE, FOUR = np.arange(9.0)[:, None], np.arange(8.0).reshape(4, 2)


def with_value(value, *rows):
    data = X.copy()
    data[list(rows), 1] = value
    return data


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


INT64 = pd.array([None, *[30] * 29], dtype="Int64")
GAPS = NAMED.astype(object).mask(np.tile(np.arange(30) == 4, (2, 1)).T, pd.NA)
PICTURE, OBJECTS = np.zeros((6, 7, 3)), np.array([[{"a": 1}, 2]], dtype=object)
TINY = np.c_[np.ones(30), X[:, 0] * 1e-300]
METHODS = ["predict", "transform", "score"]
BAD_VALUES = [
    # no table of points
    (np.empty((0, 2)), r"X is empty: 0 sample\(s\) \(shape=\(0, 2\)\)"),
    (pd.DataFrame(), r"X is empty: 0 sample\(s\)"),
    ([], r"X has shape \(0,\), expected two dimensions"),
    ([[1.0, 2.0], [3.0]], r"rows of different lengths \(1, 2\): every row needs the same"),
    (X[:, 0], r"shape \(30,\), expected two.*Reshape your data: X.reshape\(-1, 1\)"),
    (X[None], r"shape \(1, 30, 2\), expected two dimensions"),
    (3.0, r"shape \(\), expected two dimensions"),
    (NAMED["age"], r"one column of a table: pass X.to_frame\(\)"),
    (PICTURE, r"picture, pass X.reshape\(-1, 3\)"),
    # names of columns
    (NAMED.set_axis(["a", "a"], axis=1), "two columns are called 'a'"),
    # values that miss
    (with_value(np.nan, 4), r"missing or infinite value in row 4 \(1 of 30 rows\): fill or drop"),
    (with_value(np.nan, *range(3, 12)), r"rows 3, 4, 5, 6, 7, \.\.\. \(9 of 30 rows\)"),
    (with_value(-np.inf, 0, 7), r"missing or infinite value in rows 0, 7 \(2 of 30"),
    (NAMED.assign(age=NAMED.age.where(NAMED.age > 0)), "missing or infinite value in rows"),
    (NAMED.assign(age=INT64), r"in row 0 \(1 of 30 rows\), column age: fill or drop"),
    (GAPS, r"missing or infinite value in row 4 \(1 of 30 rows\), columns age, income"),
    ([[1, pd.NA], [2, 3]], r"in row 0 \(1 of 2 rows\): fill"),
    # values that are no numbers
    (Frame(), r"columns that are not numbers \(b\): drop them"),
    (NAMED.assign(town="Ulm", colour="red"), r"not numbers \(town, colour\): drop them or code"),
    ([["a", "b"], ["c", "d"]], "holds text or objects, expected numbers"),
    (X + 1j, "Complex data not supported: X holds complex numbers"),
    (
        NAMED.assign(born=pd.Timestamp(0)),
        r'columns with dates or times \(born\): subtract a start and divide by a unit.*X\["born"\]',
    ),
    # too large
    (X * 1e300, "squared distances overflow float64.*divide the columns by a common scale"),
    ((X * 1e30).astype(np.float32), "squared distances overflow float32"),
]
BAD_TYPES = [
    (NAMED.set_axis(["a", 1], axis=1), r"some names .* others are not \('a', 1\): make all of"),
    (OBJECTS, "argument must be a string or a real number"),
    (X.astype("M8[D]"), r"dates or times.*X - X.min\(\)"),
    ([{"a": 1}], r"is a list of dicts.*pass pd.DataFrame\(X\)"),
    ({"a": [1, 2]}, r"is a dict, expected a table: pass pd.DataFrame\(X\)"),
    ((row for row in X), r"is a generator.*pass np.array\(list\(X\)\)"),
    (Lazy(), r"is a Lazy, not computed yet: pass X.collect\(\)"),
    (Table(), r"is a Table: pass X.to_pandas\(\)"),
]
# what only fit minds
BAD_TO_FIT = [
    (np.empty((5, 0)), r"X is empty: 0 feature\(s\) \(shape=\(5, 0\)\)"),
    (X * 1e-300, "squares vanish in float64.*multiply the columns by a common scale"),
    (TINY, "squares vanish in float64"),
    (X[:2], "n_samples=2 should be >= n_clusters=3"),
]
ALWAYS = [(ValueError, *case) for case in BAD_VALUES] + [(TypeError, *case) for case in BAD_TYPES]
TO_FIT = [(ValueError, *case) for case in BAD_TO_FIT]


@pytest.mark.parametrize(("kind", "data", "sentence"), ALWAYS + TO_FIT)
def test_fit_says_what_is_wrong_with_the_points(kind, data, sentence):
    before = data.copy() if isinstance(data, np.ndarray) and data.dtype.kind == "f" else None
    with pytest.raises(kind, match=sentence):
        KMeans(3, random_state=0).fit(data)
    assert before is None or np.array_equal(data, before, equal_nan=True)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(("kind", "data", "sentence"), ALWAYS)
def test_other_methods_say_the_same(kind, data, sentence, method):
    with pytest.raises(kind, match=sentence):
        getattr(KMeans(3, random_state=0).fit(X), method)(data)


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


WEIGHTS = [
    (-np.ones(30), "sample_weight is negative in row 0"),
    (np.r_[np.ones(29), -0.5], r"sample_weight is negative in row 29 \(-0.5\)"),
    (np.zeros(30), "sample_weight is zero for every point: at least one must count"),
    (np.ones(29), r"sample_weight has shape \(29,\), expected \(30,\): one weight a point"),
    (np.ones((30, 1)), r"sample_weight has shape \(30, 1\)"),
    (np.full(30, np.nan), "sample_weight has missing or infinite values"),
    (["heavy"] * 30, "sample_weight holds values that are not numbers"),
]


STARTS = [random_points, random_partition, farthest_first, kmeans_plusplus]
# what each function says of its arguments
CALLS = [
    *((KMeans(**{"n_clusters": 3} | a).fit, (X,), {}, ValueError, says) for a, says in ARGUMENTS),
    *(
        (call, (X, *more), {"sample_weight": weight}, ValueError, says)
        for call, *more in ((KMeans(3).fit,), (KMeans(3).fit(X).score,), *((s, 3) for s in STARTS))
        for weight, says in WEIGHTS
    ),
    *(
        (start, *case)
        for start in STARTS
        for case in (
            ((X, 300), {}, ValueError, "n_clusters=300 needs at least 300 points, got 30"),
            ((X, 3), {"random_state": "x"}, ValueError, "random_state='x'"),
            ((X, 3), {"random_state": True}, ValueError, "random_state=True"),
        )
    ),
    *(
        (lloyd, (FOUR, FOUR[:2]), {"tol": tol}, ValueError, "tol=.*: pass a number, 0 or more")
        for tol in (-1e-9, float("nan"), "small", None, True)
    ),
    *(
        (play, (FOUR, FOUR[:2]), {"max_iter": n}, ValueError, "max_iter=.*: pass a whole number")
        for play in (lloyd, record)
        for n in (0, -1, 2.0, True, "9", None)
    ),
    (lloyd, (FOUR, FOUR[:2]), {"empty": "drop"}, ValueError, "empty='drop': use 'relocate' or 's"),
    *(
        (match_labels, (labels, reference), {}, ValueError, says)
        for labels, reference, says in (
            ([0, 1], [0], "labels has 2 values, reference has 1"),
            ([], [], "labels is empty"),
            ([[0, 1]], [0, 1], r"labels has shape \(1, 2\)"),
            ([0, 1], [[0, 1]], r"reference has shape \(1, 2\)"),
            ([0, 1, 1], [0.0, np.nan, 1.0], r"reference misses 1 of 3 values \(row 1\)"),
            ([0, 1], pd.array(["a", None]), r"reference misses 1 of 2 values \(row 1\)"),
            ([0, 1], pd.array([1, None]), r"reference misses 1 of 2 values \(row 1\)"),
            ([0, 1], ["a", None], r"reference misses 1 of 2 values \(row 1\)"),
        )
    ),
    (sweep, ([1.0, 2.0],), {}, ValueError, "X has shape"),
    (sweep, (LINE,), {}, ValueError, "k_values goes up to 10, which needs at least 10 points, go"),
    *(
        (sweep, (LINE, ks), {}, kind, says)
        for ks, kind, says in (
            (3, TypeError, "k_values=3 is a int: pass several values"),
            ([], ValueError, "k_values is empty"),
            ([0, 1], ValueError, "begins with 0: there must be at least 1 cluster"),
            ([2, 2], ValueError, "pass each k once, in ascending order"),
            ([3, 2], ValueError, "k_values is 3, 2: pass each k once"),
            ([1, 2.5], TypeError, r"k_values holds 2.5, a float: pass whole"),
            ([True, 2], TypeError, "k_values holds True, a bool"),
            ("12", TypeError, "k_values holds '1', a str"),
        )
    ),
    (sweep, (LINE, [2]), {"n_init": 0}, ValueError, "n_init=0: pass how many starts"),
    (sweep, (LINE, [2]), {"n_init": "auto"}, TypeError, "n_init='auto' is a str"),
    (gap_statistic, (LINE, range(1, 10)), {}, ValueError, "9 distinct points: .* below 9"),
    (gap_statistic, ([[1.0]] * 5, [1]), {}, ValueError, "has 1 distinct point: "),
    (gap_statistic, ([[np.nan], [1.0]], [1]), {}, ValueError, "X has a missing or infinite"),
    (gap_statistic, (LINE, [1]), {"n_references": 0}, ValueError, "n_references=0: pass how many"),
    (gap_statistic, (LINE, [1]), {"n_init": 1.5}, TypeError, "n_init=1.5 is a float"),
    (stability, (LINE, [1, 2]), {}, ValueError, "one cluster is always stable: begin with 2"),
    (stability, (LINE, [2, 8]), {}, ValueError, "got 7 in a part of share=0.8 of 9"),
    (stability, (LINE, [2]), {"share": 0}, ValueError, "share=0 is not a share"),
    (stability, (LINE, [2]), {"share": 1.2}, ValueError, "share=1.2 is not a share"),
    (stability, (LINE, [2]), {"share": "all"}, TypeError, "share='all' is a str"),
    (stability, (LINE, [2]), {"n_resamples": True}, TypeError, "n_resamples=True is a bool"),
    (sweep(LINE, [1, 2]).model, (11,), {}, ValueError, r"k=11 was not tried: choose one of 1, 2"),
    (
        plot_history,
        (X,),
        {},
        TypeError,
        r"ndarray is no run: pass what lloyd\(\) or record\(\) ret",
    ),
    (plot_inertia, (KMeans(3),), {}, TypeError, "KMeans is no run: .* kmeans_teach.KMeans after"),
    (Player, (X, 3), {"init": X[:3]}, TypeError, r"init is a ndarray.* argument, Player\(X, cent"),
    *((getattr(KMeans(3), m), (X,), {}, ValueError, "not fitted yet") for m in METHODS),
]


@pytest.mark.parametrize(("call", "given", "named", "kind", "sentence"), CALLS)
def test_a_bad_argument_gets_a_sentence(call, given, named, kind, sentence):
    with pytest.raises(kind, match=sentence):
        call(*given, **named)


@pytest.mark.parametrize("method", METHODS)
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
    assert np.array_equal(km.history_[-1].labels, km.labels_)
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
