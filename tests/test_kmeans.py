import pickle
import subprocess
import sys
import warnings

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_matrix
from sklearn.base import clone
from sklearn.cluster import KMeans as Theirs
from sklearn.datasets import load_iris, make_blobs
from sklearn.decomposition import PCA
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import silhouette_score
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import check_estimator
from threadpoolctl import threadpool_limits

from benchmarks.fidelity import INITS, differences, kinds
from kmeans_teach import History, KMeans, inertia, lloyd

X = make_blobs(200, centers=5, random_state=7)[0]
KINDS = kinds()


@pytest.fixture(autouse=True)
def one_thread():
    with threadpool_limits(1):
        yield


@pytest.mark.parametrize("init", INITS)
@pytest.mark.parametrize("name", KINDS)
def test_same_seed_same_run_as_scikit_learn(name, init):
    # seeds 0 to 3 stop by every rule, 0 has restarts, 6 is cut short
    seeds = (0, 1, 2, 3, 6) if len(KINDS[name].X) < 1500 else (0, 1, 6)
    found = {seed: differences(KINDS[name], init, seed) for seed in seeds}
    assert not any(found.values()), found


def test_the_comparison_with_scikit_learn_can_fail(monkeypatch):
    fit = KMeans.fit

    def off(self, X, y=None, sample_weight=None):
        fit(self, X, sample_weight=sample_weight)
        self.cluster_centers_ = self.cluster_centers_ * (1 + 1e-7)
        self.labels_[0] += 1
        self.inertia_ *= 1 + 1e-8
        self.n_iter_ += 1
        return self

    monkeypatch.setattr(KMeans, "fit", off)
    found = differences(KINDS["iris"], "k-means++", 0)
    assert found == ["labels_", "n_iter_", "cluster_centers_", "inertia_"]


def failing_checks(estimator):
    results = check_estimator(estimator, on_fail=None, on_skip=None)
    return {result["check_name"] for result in results if result["status"] == "failed"}


@pytest.mark.filterwarnings("ignore")
def test_check_estimator_finds_nothing_that_it_does_not_find_in_scikit_learns():
    assert failing_checks(KMeans()) <= failing_checks(Theirs())


def test_history_is_the_run_over_the_points_as_they_came():
    data = X + np.array([100, -50])
    km = KMeans(5, random_state=3, tol=0).fit(data)
    history = km.history_
    assert isinstance(history, History)
    assert np.array_equal(history.X, data)
    assert history.n_iter == km.n_iter_
    assert np.array_equal(history[-1].labels, km.labels_)
    assert np.array_equal(history[-1].centers, km.cluster_centers_)
    assert history[-1].inertia == pytest.approx(km.inertia_, rel=1e-12)
    assert history.rule == {"max_iter": 300, "tol": 0, "empty": "relocate"}
    again = lloyd(data, history[0].centers, tol=0)
    assert len(again) == len(history)
    for ours, slow in zip(history[1:], again[1:], strict=True):
        assert np.array_equal(ours.labels, slow.labels)
        assert np.allclose(ours.centers, slow.centers)
        assert ours.inertia == pytest.approx(slow.inertia)


def test_history_is_made_on_request_and_tells_how_the_run_was_made():
    km = KMeans(5, random_state=3, tol=0)
    assert not hasattr(km, "history_")
    km.fit(X).set_params(tol=1.0, max_iter=1)
    assert km.history_.rule == {"max_iter": 300, "tol": 0, "empty": "relocate"}
    assert km.history_ is km.history_
    first = km.history_
    assert km.fit(X[:50]).history_ is not first
    assert len(km.history_.X) == 50


def test_history_has_weights_and_relocations():
    weight = np.random.RandomState(0).rand(200)
    start = np.vstack([X[:4], [[80.0, 80.0]]])
    km = KMeans(5, init=start).fit(X, sample_weight=weight)
    assert np.array_equal(km.history_.sample_weight, weight)
    assert np.allclose(km.history_[0].centers, start)
    assert km.history_[2].relocated == (4,)
    slow = lloyd(X, start, sample_weight=weight)
    assert km.history_.to_frame().relocated.tolist() == slow.to_frame().relocated.tolist()


def test_best_restart_is_chosen_as_scikit_learn_chooses_among_equals():
    # four symmetric points: many starts end in clusterings of the same inertia
    square = np.array([[0.0, 0], [0, 1], [1, 0], [1, 1], [0.5, 0.5]])
    for seed in range(30):
        rule = {"n_clusters": 2, "n_init": 8, "init": "random", "random_state": seed}
        ours, theirs = KMeans(**rule).fit(square), Theirs(**rule).fit(square)
        assert np.array_equal(ours.labels_, theirs.labels_)


def test_names_of_columns_come_in_and_go_out():
    frame = load_iris(as_frame=True).data
    km = KMeans(3, random_state=0).fit(frame)
    assert km.feature_names_in_.tolist() == frame.columns.tolist()
    assert km.history_.feature_names == tuple(frame.columns)
    assert km.get_feature_names_out().tolist() == ["kmeans0", "kmeans1", "kmeans2"]
    km.set_output(transform="pandas")
    table = km.transform(frame)
    assert isinstance(table, pd.DataFrame)
    assert table.columns.tolist() == ["kmeans0", "kmeans1", "kmeans2"]
    assert table.index.equals(frame.index)


def test_it_can_be_pickled_and_cloned():
    km = KMeans(3, random_state=0).fit(X)
    copy = pickle.loads(pickle.dumps(km))
    assert np.array_equal(copy.history_[-1].labels, km.labels_)
    assert clone(km).get_params() == km.get_params()


def published_calls(KMeans, X, y):
    """How scikit-learn's examples and the books that are read most call it, in our own words."""
    scaled = make_pipeline(
        StandardScaler(), KMeans(init="k-means++", n_clusters=3, n_init=4, random_state=0)
    )
    yield scaled.fit(X)[-1].labels_, scaled[-1].inertia_
    axes = PCA(n_components=3).fit(X).components_
    yield KMeans(init=axes, n_clusters=3, n_init=1).fit(X).labels_
    yield KMeans(3, random_state=42).fit_predict(X)
    steps = [KMeans(3, init=X[:3], n_init=1, max_iter=i, algorithm="lloyd") for i in (1, 2, 3)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        yield [step.fit(X).cluster_centers_ for step in steps]
    model = KMeans(n_clusters=3, n_init="auto", random_state=0).fit(X[::2])
    yield model.predict(X), model.transform(X[:5]), model.score(X), model.n_iter_
    yield [KMeans(k, random_state=42).fit(X).inertia_ for k in range(1, 6)]
    representatives = X[np.argmin(KMeans(5, random_state=42).fit_transform(X), axis=0)]
    yield representatives
    steps = [("k", KMeans(n_init=10, random_state=0)), ("log", LogisticRegression(max_iter=500))]
    search = GridSearchCV(Pipeline(steps), {"k__n_clusters": [2, 3]}, cv=3).fit(X, y)
    yield search.best_params_["k__n_clusters"]
    yield silhouette_score(X, KMeans(n_clusters=2, random_state=10).fit_predict(X))
    elkan = {"algorithm": "elkan", "copy_x": True, "verbose": 0, "tol": 1e-3}
    yield KMeans(3, random_state=0, **elkan).fit(X).labels_


def test_published_scripts_run_with_our_class():
    X, y = load_iris(return_X_y=True)
    with threadpool_limits(1):
        ours, theirs = (list(published_calls(one, X, y)) for one in (KMeans, Theirs))
    assert len(ours) == 10
    for a, b in zip(ours, theirs, strict=True):
        np.testing.assert_equal(a, b)


def test_no_random_state_draws_anew_and_a_generator_moves_on():
    np.random.seed(5)  # noqa: NPY002
    ours = KMeans(5, init="random", n_init=1).fit(X)
    np.random.seed(5)  # noqa: NPY002
    theirs = Theirs(5, init="random", n_init=1).fit(X)
    assert np.array_equal(ours.labels_, theirs.labels_)
    a, b = np.random.RandomState(2), np.random.RandomState(2)
    for _ in range(3):
        ours, theirs = KMeans(5, random_state=a).fit(X), Theirs(5, random_state=b).fit(X)
        assert np.array_equal(ours.labels_, theirs.labels_)
    assert a.random_sample() == b.random_sample()


def test_a_seeded_fit_leaves_numpys_own_generator_alone():
    np.random.seed(1)  # noqa: NPY002
    expected = np.random.random_sample()  # noqa: NPY002
    np.random.seed(1)  # noqa: NPY002
    KMeans(3, random_state=0, n_init=3).fit(X)
    assert np.random.random_sample() == expected  # noqa: NPY002


def test_seeds_of_any_whole_number_type_are_equal():
    runs = [KMeans(5, random_state=seed).fit(X) for seed in (3, np.int64(3), np.uint8(3))]
    assert len({run.history_[0].centers.tobytes() for run in runs}) == 1


def test_an_idle_centre_was_given_no_point():
    data = np.repeat([[0.0, 0.0], [4.0, 1.0], [9.0, 9.0]], 5, axis=0)
    with pytest.warns(ConvergenceWarning):
        km = KMeans(5, init=data[[0, 1, 5, 6, 10]]).fit(data)
    assert np.array_equal(km.history_[-1].centers, km.cluster_centers_)
    assert km.history_[2].shift[3] > 4  # where scikit-learn puts it
    assert km.history_[2].relocated == ()


def test_history_knows_the_inertia_of_each_half_step():
    tight = X * 1e-4 + 10 * (np.arange(200) % 5)[:, None]  # sums would lose digits
    for data, weight in ((X, None), (X, np.arange(200.0)), (tight, None), (X.astype("f"), None)):
        km = KMeans(5, random_state=1, init="random", n_init=1).fit(data, sample_weight=weight)
        for s in km.history_[1:]:
            exact = inertia(data.astype(float), s.labels, s.centers, weight)
            assert s.inertia == pytest.approx(exact, rel=1e-4 if data.dtype == "f" else 1e-10)


def test_what_is_done_later_changes_no_record():
    data, weight, start = X.copy(), np.arange(200.0), X[:5].copy()
    for copy_x in (True, False):
        km = KMeans(5, init=start, copy_x=copy_x).fit(data, sample_weight=weight)
        kept = KMeans(5, init=X[:5]).fit(X, sample_weight=np.arange(200.0)).history_
        data[:], weight[:], start[:] = 7, 1, 0
        km.set_params(max_iter=1, tol=9.0, init="random", n_clusters=2)
        for a, b in zip(km.history_, kept, strict=True):
            assert np.array_equal(a.centers, b.centers)
            assert a.inertia == pytest.approx(b.inertia, nan_ok=True)
        assert np.array_equal(km.history_.X, X)
        assert np.array_equal(km.history_.sample_weight, np.arange(200.0))
        data[:], weight[:], start[:] = X, np.arange(200.0), X[:5]


def test_sparse_data_fit_as_in_scikit_learn_and_have_no_history():
    data = csr_matrix(np.where(abs(X) < 3, 0, X))
    ours, theirs = (cls(4, random_state=0).fit(data) for cls in (KMeans, Theirs))
    assert np.array_equal(ours.labels_, theirs.labels_)
    assert np.array_equal(ours.predict(data), theirs.predict(data))
    with pytest.raises(AttributeError, match=r"sparse data keeps no history_: pass X\.toarray\(\)"):
        ours.history_  # noqa: B018


def test_of_many_starts_only_those_up_to_the_best_are_replayed(monkeypatch):
    for rule in ({"max_iter": 2}, {"tol": 0.5}, {}):
        km = KMeans(5, init="random", n_init=20, random_state=0, **rule).fit(X)
        runs, play = [], km._run
        monkeypatch.setattr(km, "_run", lambda *a, play=play, runs=runs: runs.append(0) or play(*a))
        assert km.history_.n_iter == km.n_iter_
        assert len(runs) < 20, rule


def test_elkan_has_the_history_of_lloyd():
    ours = KMeans(5, algorithm="elkan", init="random", n_init=4, random_state=2).fit(X)
    assert np.array_equal(ours.history_[-1].labels, ours.labels_)
    assert ours.history_.n_iter == ours.n_iter_


def test_without_scikit_learns_half_step_the_textbooks_is_played(monkeypatch):
    km = KMeans(5, random_state=3).fit(X)
    expected = km.history_
    monkeypatch.setattr("kmeans_teach.kmeans.half_steps", None)
    with pytest.warns(UserWarning, match="keeps its half-step elsewhere"):
        found = KMeans(5, random_state=3).fit(X).history_
    assert len(found) == len(expected)
    assert np.array_equal(found[-1].labels, expected[-1].labels)


def test_the_package_loads_numpy_alone_and_seeding_too():
    code = (
        "import sys, kmeans_teach, kmeans_teach.seeding\n"
        "loaded = {name.split('.')[0] for name in sys.modules}\n"
        "print(sorted(loaded & {'sklearn', 'scipy', 'pandas', 'matplotlib', 'threadpoolctl'}))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"
