import pickle
import types
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from sklearn.datasets import load_digits, make_blobs
from threadpoolctl import threadpool_limits

from benchmarks.data import lattice
from kmeans_teach import KMeans, engine, folding, frames, restarts
from kmeans_teach.lloyd import assign, inertia, lloyd, update


@pytest.fixture(autouse=True)
def one_thread():
    with threadpool_limits(1):
        yield


def fast(X, centers, weight=None, *, max_iter=300, tol=1e-4, keep=None):
    """The engine with the face of lloyd: the same X, not centred, and the same tol."""
    points = engine.Points(X, weight, center=False)
    tol = tol * X.var(axis=0).mean()
    run = engine.run(points, centers, max_iter=max_iter, tol=tol, keep=keep)
    zero = np.zeros(X.shape[1], dtype=X.dtype)

    def layout(X, weight):
        return engine.Points(X, weight, center=False)

    return frames.history(run, layout, X, zero, weight)


def assert_same(fast, slow):
    assert fast.stop_reason == slow.stop_reason
    assert len(fast) == len(slow)
    assert fast.n_iter == slow.n_iter
    size = np.abs(slow.X).max()
    for ours, theirs in zip(fast, slow, strict=True):
        assert (ours.iteration, ours.phase) == (theirs.iteration, theirs.phase)
        assert np.allclose(ours.centers, theirs.centers, rtol=1e-9, atol=1e-12 * size)
        assert ours.relocated == theirs.relocated
        assert ours.n_changed == theirs.n_changed
        assert np.allclose(ours.shift, theirs.shift, rtol=1e-9, atol=1e-12 * size)
        if ours.phase == "init":
            assert ours.labels is None
            assert np.isnan(ours.inertia)
        else:
            assert np.array_equal(ours.labels, theirs.labels)
            assert ours.labels.dtype == theirs.labels.dtype
            assert ours.inertia == pytest.approx(theirs.inertia, rel=1e-9, abs=1e-12 * size**2)


def cases():
    random = np.random.RandomState(0)
    plane = make_blobs(300, centers=4, random_state=0)[0]
    yield "small", plane, plane[:5], None
    yield "one cluster", plane, plane[:1], None
    yield "one column", plane[:, :1].copy(), plane[:6, :1], None
    yield "one point", plane[:1], plane[:1], None
    yield "weights", plane, plane[:5], random.rand(300)
    yield "weights with zeros", plane, plane[:5], random.randint(0, 3, 300).astype(float)
    yield "blocks", make_blobs(5000, centers=9, random_state=1)[0], random.randn(9, 2), None
    yield "ends of blocks", random.randn(8192 * 2 + 1, 3), random.randn(5, 3), None
    yield "digits", load_digits().data, load_digits().data[:10], None
    yield "moved, weights", random.randn(6000, 6), random.randn(7, 6), random.rand(6000)
    yield "300 clusters", random.rand(2000, 2), random.rand(300, 2), None
    yield "255 and 256", random.rand(900, 2), random.rand(256, 2), None
    yield "empty at first", plane, np.vstack([plane[:3], [[50, 50], [60, 60.0]]]), None
    yield "empty, weights", plane, np.vstack([plane[:3], [[50, 50.0]]]), random.rand(300)
    yield "empty, many points", random.randn(9000, 2), np.array([[0, 0], [9, 9], [8, 9.0]]), None
    line = np.array([[0.0], [1.0], [5.0], [30.0]])
    yield "emptied by relocation", line, np.array([[0.5], [20.0], [100.0]]), None
    wide = make_blobs(70000, centers=5, random_state=5)[0]
    yield "moved, few columns", wide, wide[:5], None
    yield "lattice", lattice(7, 7), lattice(7, 7)[[3, 17, 40, 22]], None


CASES = {name: rest for name, *rest in cases()}


@pytest.mark.parametrize("name", CASES)
def test_engine_plays_the_textbook_page_half_step_by_half_step(name):
    X, centers, weight = CASES[name]
    assert_same(fast(X, centers, weight), lloyd(X, centers, sample_weight=weight))


@pytest.mark.parametrize("rule", [{"max_iter": 1}, {"max_iter": 3, "tol": 0}, {"tol": 0.1}])
@pytest.mark.parametrize("name", ["small", "blocks", "digits", "empty at first"])
def test_engine_stops_where_the_textbook_page_stops(name, rule):
    X, centers, _ = CASES[name]
    assert_same(fast(X, centers, **rule), lloyd(X, centers, **rule))


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**31), st.integers(1, 90), st.integers(1, 9), st.integers(1, 9))
def test_engine_is_the_textbook_page_on_random_data(seed, n, d, k):
    random = np.random.RandomState(seed)
    X = random.randn(n, d) * random.rand(d) * 10
    k = min(k, n)
    centers = X[random.choice(n, k, replace=False)] + 0.1 * random.randn(k, d)
    weight = random.rand(n) if seed % 3 == 0 else None
    slow = lloyd(X, centers, sample_weight=weight)
    # two points around a mean are equally far from it but for the last bit: either may be given
    # away, so runs with empty clusters are compared on chosen data, above
    assume(not any(snapshot.relocated for snapshot in slow))
    assert_same(fast(X, centers, weight), slow)


def test_more_clusters_than_distinct_points_end_alike_and_stay_where_they_were():
    X = np.repeat([[0.0, 0.0], [4.0, 1.0], [9.0, 9.0]], 4, axis=0)
    centers = X[[0, 1, 4, 5, 8]]
    run, slow = fast(X, centers), lloyd(X, centers)
    # scikit-learn's ghost moves, so its run may go on for one iteration in which nothing changes
    assert run.n_iter - slow.n_iter in (0, 1)
    assert np.array_equal(run[-1].labels, slow[-1].labels)
    assert np.array_equal(run[-1].centers, centers)
    assert np.array_equal(slow[-1].centers, centers)


def test_float32_stays_float32_and_agrees_to_its_digits():
    X = make_blobs(3000, centers=5, random_state=2)[0].astype(np.float32)
    run, slow = fast(X, X[:5]), lloyd(X, X[:5])
    assert run[-1].centers.dtype == np.float32
    assert np.allclose(run[2].centers, slow[2].centers, rtol=1e-4, atol=1e-4)
    assert (run[1].labels == slow[1].labels).mean() > 0.999
    assert run[-1].inertia == pytest.approx(slow[-1].inertia, rel=1e-4)


def test_first_of_equally_near_centres_wins_in_every_path():
    for n in (50, 20000):
        X = np.tile([[0.0, 0.0], [1.0, 1.0]], (n // 2, 1))
        centers = np.array([[5.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 0.0]])
        labels = engine.Points(X, center=False).assign(centers)
        assert (labels == 1).all()


def test_a_run_without_kept_labels_rebuilds_the_same_ones():
    X = make_blobs(5000, centers=9, random_state=1)[0]
    full = fast(X, X[:9], tol=0)
    for keep in (0, 3 * len(X)):
        lean = fast(X, X[:9], tol=0, keep=keep)
        assert lean._snapshots[-1].labels is None
        for a, b in zip(lean, full, strict=True):
            assert np.array_equal(a.labels, b.labels) if a.iteration else a.labels is None
            assert a.inertia == b.inertia or a.phase == "init"
        assert lean.to_frame().equals(full.to_frame())


def test_labels_cost_a_byte_a_point_and_iteration():
    X = make_blobs(20000, centers=9, random_state=1)[0]
    run = engine.run(engine.Points(X), X[:9] - X.mean(axis=0), tol=0)
    assert all(labels.nbytes == len(X) for labels in run.labels)
    # E-step and M-step of an iteration show the same array
    history = fast(X, X[:9])
    assert history[1].labels is history[2].labels


def test_inertia_from_sums_is_the_inertia_and_gives_way_when_digits_are_lost():
    random = np.random.RandomState(0)
    for spread in (1.0, 1e-7):
        X = np.repeat(random.randn(4, 2), 10000, axis=0) + spread * random.randn(40000, 2)
        history = fast(X, X[[0, 10000, 20000, 30000]] + spread / 2)
        assert X.size > frames.FROM_SUMS
        for snapshot in history[1:]:
            exact = inertia(X, snapshot.labels, snapshot.centers)
            assert snapshot.inertia == pytest.approx(exact, rel=1e-9)


@pytest.mark.parametrize("keep", [None, 700])
@pytest.mark.parametrize("rule", [{}, {"max_iter": 1}, {"max_iter": 3}, {"tol": 0.3}])
def test_short_way_is_the_usual_way_to_the_bit_and_the_textbook_page(monkeypatch, rule, keep):
    random, short, full = np.random.RandomState(3), engine.run_few, 0

    def watched(*arguments):
        nonlocal full
        run = short(*arguments)
        full += run is not None
        return run

    monkeypatch.setattr(engine, "run_few", watched)
    for d in (1, 2, 3, 4, 5, 8, 9, 16):
        for n, k in ((1, 1), (60, 3), (250, 4), (450, 9)):
            X = random.randn(n, d) if k % 2 else random.randint(-2, 3, (n, d)).astype(float)
            weight = random.rand(n) if n == 60 else None
            centers = X[:k] + random.randn(k, d) / 8
            began = full
            few = fast(X, centers, weight, keep=keep, **rule)
            took = full > began
            with monkeypatch.context() as patch:
                patch.setattr(engine, "FEW", 0)
                usual = fast(X, centers, weight, keep=keep, **rule)
            assert (full > began) == took
            assert few.stop_reason == usual.stop_reason
            assert len(few) == len(usual)
            for a, b in zip(few, usual, strict=True):
                assert np.array_equal(a.centers, b.centers)
                assert np.array_equal(a.labels, b.labels) if a.iteration else a.labels is None
                assert a.inertia == b.inertia or not a.iteration
                assert (a.n_changed, a.relocated) == (b.n_changed, b.relocated)
            if k % 2:  # without ties that rounding decides
                assert_same(few, lloyd(X, centers, sample_weight=weight, **rule))
    assert full > 20


def test_restarts_together_end_where_each_run_alone_ends():
    random = np.random.RandomState(1)
    X = np.vstack([make_blobs(250, centers=5, random_state=3)[0], lattice(6, 6)])
    points = engine.Points(X, random.rand(len(X)))
    starts = [points.rows[random.choice(len(X), 6, replace=False)] for _ in range(60)]
    starts[7][2] = 99  # empty at first
    starts[8] = starts[9]
    for rule in ({"max_iter": 300, "tol": 1e-3}, {"max_iter": 4, "tol": 0}):
        quick = restarts.together(points, np.stack(starts), **rule)
        assert quick[7] is None
        assert sum(end is None for end in quick) < 5
        for start, (labels, centers) in zip(
            starts, restarts.ends(points, starts, **rule), strict=True
        ):
            run = engine.run(points, start, **rule)
            assert np.array_equal(labels, run.last)
            assert np.array_equal(centers, run.centers[-1])


@settings(max_examples=80, deadline=None)
@given(st.integers(0, 2**31), st.integers(2, 120), st.integers(1, 4), st.integers(1, 8))
def test_inertia_never_rises_but_when_an_empty_cluster_is_given_a_point(seed, n, d, k):
    random = np.random.RandomState(seed)
    X = random.randn(n, d) if seed % 2 else random.randint(-3, 4, (n, d)).astype(float)
    centers = X[random.randint(n, size=min(k, n))]
    if seed % 3 == 0:
        centers[0] += 20
    history = fast(X, centers, tol=0)
    slack = 1e-12 * (X**2).sum()
    for before, now in pairwise(history[1:]):
        if not now.relocated:
            assert now.inertia <= before.inertia + slack


def test_inertia_can_rise_when_an_empty_cluster_is_given_a_point():
    # both points belong to the centre in their middle; one is given away but is still counted there
    X, centers = np.array([[-1.0], [1.0]]), np.array([[0.0], [50.0]])
    for history in (fast(X, centers), lloyd(X, centers)):
        assert [snapshot.inertia for snapshot in history[1:4]] == [2.0, 4.0, 0.0]
        assert history[2].relocated == (1,)


def test_frames_are_made_when_looked_at_and_read_only():
    X = make_blobs(300, centers=4, random_state=0)[0]
    history = fast(X, X[:4])
    assert not isinstance(history._snapshots, list)
    snapshot = history[-1]
    for array in (snapshot.centers, snapshot.labels, snapshot.shift):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1
    assert history[-1].iteration == history[len(history) - 1].iteration
    with pytest.raises(IndexError):
        history[len(history)]
    assert [s.iteration for s in history[1:4]] == [1, 1, 2]


def test_slow_and_fast_half_steps_agree_one_by_one():
    X = make_blobs(3000, centers=4, n_features=5, random_state=0)[0]
    points, centers = engine.Points(X, center=False), X[:6]
    labels = points.assign(centers)
    assert np.array_equal(labels, assign(X, centers))
    sums = points.sums(labels, 6)
    new, relocated, ghosts = engine.means(points, labels, centers, sums)
    assert np.allclose(new, update(X, labels, centers), rtol=1e-12)
    assert (relocated, ghosts) == ((), None)
    assert points.inertia(labels, new) == pytest.approx(inertia(X, labels, new), rel=1e-12)
    other = points.assign(new)
    moved = points.moved(sums, other, labels, other != labels)
    assert np.allclose(moved, points.sums(other, 6), rtol=1e-12, atol=1e-9)


def test_a_pickled_run_leaves_its_layout_behind():
    X = make_blobs(3000, centers=4, random_state=0)[0]
    run = engine.run(engine.Points(X), X[:4] - X.mean(axis=0), keep=0)
    history = frames.history(run, engine.Points, X, engine.Points(X).mean)
    labels = history[3].labels
    copy = pickle.loads(pickle.dumps(history))
    assert copy._snapshots._points is None
    assert np.array_equal(copy[3].labels, labels)


def test_engine_and_seeding_need_numpy_alone():
    for module in (engine, frames, restarts):
        loaded = {
            value.__name__.split(".")[0]
            for value in vars(module).values()
            if isinstance(value, types.ModuleType)
        }
        assert loaded <= {"numpy"}


def whole_numbers():
    random = np.random.RandomState(0)
    centers = random.randint(0, 256, (6, 3))
    return np.clip(
        centers[random.randint(6, size=40000)] + random.randint(-6, 7, (40000, 3)), 0, 255
    )


def test_folding_tells_which_points_are_equal():
    X = whole_numbers().astype(float) - 100
    points, which = folding.fold(X)
    assert len(which) == len(X) > 2 * len(points.rows)
    assert np.array_equal(points.mean, X.mean(axis=0))
    assert np.array_equal(points.rows[which], X - X.mean(axis=0))
    assert np.array_equal(points.weight, np.bincount(which))


def test_folding_declines_what_it_cannot_pack_or_what_does_not_pay():
    X = whole_numbers().astype(float)
    assert folding.fold(X[:1000]) is None
    assert folding.fold(X + 0.5) is None
    assert folding.fold(np.where(np.arange(len(X))[:, None] == 39999, 0.5, X)) is None
    assert folding.fold(X.astype(np.float32)) is None
    assert folding.fold(X * 1e9) is None
    assert folding.fold(X * 1000) is None
    assert folding.fold(np.arange(80000.0).reshape(-1, 1)) is None
    assert folding.fold(np.tile(X, 3)) is None


@pytest.mark.parametrize("init", ["k-means++", "array", "empty"])
def test_a_folded_fit_is_the_fit_of_all_points(monkeypatch, init):
    X = whole_numbers()
    start = init
    if init != "k-means++":
        start = X[:7] + (np.arange(7) == 3)[:, None] * (900.0 if init == "empty" else 0)
    rule = {"init": start, "random_state": 0, "n_init": 2 if init == "k-means++" else 1}
    folded = KMeans(7, **rule).fit(X)
    assert (folded.history_._snapshots.run.which is None) == (init == "empty")
    monkeypatch.setattr("kmeans_teach.folding.FOLD_FROM", 10**9)
    plain = KMeans(7, **rule).fit(X)
    assert plain.history_._snapshots.run.which is None
    assert np.array_equal(folded.labels_, plain.labels_)
    assert folded.n_iter_ == plain.n_iter_
    assert np.allclose(folded.cluster_centers_, plain.cluster_centers_, rtol=1e-12)
    assert folded.inertia_ == pytest.approx(plain.inertia_, rel=1e-12)
    for a, b in zip(folded.history_[1:], plain.history_[1:], strict=True):
        assert np.array_equal(a.labels, b.labels)
        assert a.n_changed == b.n_changed
        assert a.inertia == pytest.approx(b.inertia, rel=1e-9)
