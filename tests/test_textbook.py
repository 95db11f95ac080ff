"""The textbook page: by hand on four points, and properties on any points."""

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from kmeans_teach.history import MAX_ITER, NO_CHANGE, SMALL_SHIFT
from kmeans_teach.textbook import (
    RecordError,
    assign,
    inertia,
    lloyd,
    record,
    relocate,
    squared_distances,
    update,
)

FOUR = np.array([[0.0, 0.0], [0.0, 2.0], [6.0, 0.0], [6.0, 2.0]])
LINE = np.array([[0.0], [1.0], [8.0], [9.0]])


# by hand


BY_HAND = [
    (squared_distances, (FOUR, [[0, 0], [3, 1]]), [[0, 10], [4, 10], [36, 10], [40, 10]]),
    (assign, (FOUR, [[0, 1], [6, 1]]), [0, 0, 1, 1]),
    (assign, (FOUR, [[3, 1], [3, 1]]), [0, 0, 0, 0]),  # the first of equals
    (assign, ([[5.0]], [[9.0], [4.0], [6.0]]), [1]),
    # an empty cluster stays, as does one without weight
    (update, (FOUR, [0, 0, 0, 2], [[1, 1], [7, 7], [0, 0]]), [[2, 2 / 3], [7, 7], [6, 2]]),
    (update, (LINE, [0, 0, 1, 1], LINE[:2], [3, 1, 0, 2]), [[0.25], [9.0]]),
    (update, (LINE, [0, 0, 1, 1], LINE[:2], [1, 1, 0, 0]), [[0.5], [1.0]]),
    (inertia, (FOUR, [0, 0, 1, 1], [[0, 1], [6, 1]]), 4),
    (inertia, (FOUR, [0, 0, 1, 1], [[0, 1], [6, 1]], [2, 1, 0, 0.5]), 3.5),
]


@pytest.mark.parametrize(("function", "given", "by_hand"), BY_HAND)
def test_by_hand(function, given, by_hand):
    assert np.array_equal(function(*given), by_hand)


@pytest.mark.parametrize("dtype", [np.uint8, np.int16, int])
def test_whole_numbers_are_not_cut_off_and_do_not_overflow(dtype):
    X = np.array([[0], [1], [200], [201]], dtype=dtype)
    centers = X[1:3]
    assert squared_distances(X, centers)[:, 1].tolist() == [40_000, 39_601, 0, 1]
    assert update(X, [0, 0, 1, 1], centers).tolist() == [[0.5], [200.5]]
    assert inertia(X, [0, 0, 0, 1], centers) == 1 + 199**2 + 1


def test_a_run_by_hand():
    # the points on the left start: each takes its row, the means lie in the middle, and stay there
    run = lloyd(FOUR, FOUR[:2])
    assert [s.centers.tolist() for s in run] == [
        [[0, 0], [0, 2]], [[0, 0], [0, 2]], [[3, 0], [3, 2]], [[3, 0], [3, 2]], [[3, 0], [3, 2]],
    ]  # fmt: skip
    assert [s.labels.tolist() for s in run[1:]] == [[0, 1, 0, 1]] * 4
    assert [s.inertia for s in run[1:]] == [72, 36, 36, 36]
    assert [s.n_changed for s in run] == [0, 4, 0, 0, 0]
    assert [s.shift.tolist() for s in run] == [[0, 0], [0, 0], [3, 3], [0, 0], [0, 0]]
    assert (run.n_iter, run.stop_reason) == (2, NO_CHANGE)
    # the other start is better
    assert lloyd(FOUR, FOUR[[0, 2]])[-1].inertia == 4


@pytest.mark.parametrize(
    ("rule", "stop", "n_iter"), [({"tol": 1}, SMALL_SHIFT, 2), ({"max_iter": 1}, MAX_ITER, 1)]
)
def test_a_run_that_is_stopped_assigns_once_more(rule, stop, n_iter):
    # after M 1 the centres (0, 6) have moved by 0 and 5; after M 2 by 1/2 and 5/2
    run = lloyd(LINE, [[0.0], [1.0]], **{"tol": 0} | rule)
    assert [s.phase for s in run] == ["init", *["assign", "update"] * n_iter, "assign"]
    assert (run.stop_reason, run.n_iter) == (stop, n_iter)
    small = [(s.shift**2).sum() <= LINE.var() for s in run if s.phase == "update"]
    assert small == [False, True][:n_iter]
    assert run[-1].labels.tolist() == assign(LINE, run[-1].centers).tolist()


def test_relocate_gives_the_farthest_points_to_empty_clusters():
    centers = np.array([[2.0], [90.0], [95.0]])
    X = np.array([[0.0], [1.0], [5.0], [9.0]])
    new = relocate(X, [0] * 4, centers, update(X, [0] * 4, centers))
    assert new.ravel().tolist() == [0.5, 9, 5]
    assert lloyd(X, centers)[2].relocated == (1, 2)


def test_empty_stay_leaves_the_centre():
    run = lloyd(LINE, [[2.0], [90.0]], empty="stay")
    assert run[-1].centers.tolist() == [[4.5], [90]]
    assert not any(s.relocated for s in run)


@pytest.mark.parametrize(("empty", "end"), [("stay", 62.67), ("relocate", 2.5)])
def test_what_becomes_of_an_empty_cluster_decides_where_a_run_ends(empty, end):
    X = np.array([[0.0], [1], [2], [10], [11], [20]])
    run = lloyd(X, X[[0, 1, 5]], empty=empty)
    assert np.bincount(run[3].labels, minlength=3)[1] == 0
    assert run[-1].inertia == pytest.approx(end, abs=0.004)


def test_weights_count_like_repeated_points():
    weight = np.array([3, 1, 2, 1])
    run = lloyd(LINE, LINE[:2], sample_weight=weight, tol=0)
    repeated = lloyd(np.repeat(LINE, weight, axis=0), LINE[:2], tol=0)
    np.testing.assert_allclose(run[-1].centers, repeated[-1].centers)
    assert run[-1].inertia == pytest.approx(repeated[-1].inertia)


def test_a_table_keeps_its_names_and_float32_its_type():
    for columns in (["x", "7"], [6, 7]):
        table = pd.DataFrame(FOUR, columns=columns)
        assert lloyd(table, FOUR[:2]).feature_names == tuple(map(str, columns))
        assert record(table, FOUR[:2]).feature_names == tuple(map(str, columns))
    assert lloyd(FOUR.astype(np.float32), FOUR[:2])[-1].centers.dtype == np.float32


# properties

# few different values, so that ties, equal points and empty clusters come often
values = st.integers(-4, 4).map(float) | st.floats(-100, 100).map(lambda v: round(v, 3))


@st.composite
def starts(draw):
    n, d = draw(st.integers(1, 14)), draw(st.integers(1, 3))
    X = draw(arrays(float, (n, d), elements=values))
    k = draw(st.integers(1, min(n, 5)))
    centers = draw(arrays(float, (k, d), elements=values))
    return X, centers


@given(starts(), st.sampled_from(["relocate", "stay"]))
def test_inertia_never_rises_except_where_a_cluster_is_relocated(start, empty):
    run = lloyd(*start, tol=0, empty=empty)
    for before, now in itertools.pairwise(run[1:]):
        slack = 1e-9 * max(1.0, before.inertia)
        assert now.inertia <= before.inertia + slack or now.relocated
    assert empty == "relocate" or not any(s.relocated for s in run)


@given(starts())
def test_every_half_step_is_what_it_says(start):
    X, _ = start
    run = lloyd(*start, tol=0, empty="stay")
    for before, now in itertools.pairwise(run):
        if now.phase == "assign":
            assert np.array_equal(now.centers, before.centers)
            distances = ((X[:, None] - now.centers) ** 2).sum(axis=2)
            mine = distances[np.arange(len(X)), now.labels]
            assert (mine == distances.min(axis=1)).all()
            assert (now.labels == distances.argmin(axis=1)).all()
        else:
            assert np.array_equal(now.labels, before.labels)
            for j, center in enumerate(now.centers):
                points = X[now.labels == j]
                old = before.centers[j]
                np.testing.assert_allclose(center, points.mean(axis=0) if len(points) else old)
        assert now.inertia == inertia(X, now.labels, now.centers)


@given(starts())
def test_at_the_end_nothing_moves(start):
    run = lloyd(*start, tol=0, empty="stay")
    # with tol=0 it also stops when all centres have stayed exactly where they were
    assert run.stop_reason == NO_CHANGE or (
        run.stop_reason == SMALL_SHIFT and run[-1].n_changed == 0
    )
    again = lloyd(start[0], run[-1].centers, tol=0, empty="stay")
    assert np.array_equal(again[-1].labels, run[-1].labels)
    assert again.n_iter <= 2


@given(starts())
def test_arguments_stay_as_they_are_and_record_is_lloyd_without_tol(start):
    X, centers = start[0].copy(), start[1].copy()
    run = lloyd(X, centers, tol=0, empty="stay")
    played = record(X, centers, max_iter=300)
    assert np.array_equal(X, start[0])
    assert np.array_equal(centers, start[1])
    assert played.stop_reason == NO_CHANGE
    assert len(played) - len(run) in (0, 1)
    for a, b in zip(played, run, strict=False):
        assert np.array_equal(a.centers, b.centers)
        assert np.array_equal(a.labels, b.labels)


# the reader's own functions


def test_record_plays_lists_and_tables_and_whole_floats():
    def my_assign(X, centers):
        return [float(np.argmin([abs(x - c).sum() for c in centers])) for x in X]

    def my_update(X, labels, centers):
        return pd.DataFrame(X).groupby(labels).mean()

    run = record(FOUR, FOUR[[0, 2]], assign=my_assign, update=my_update)
    assert (run[-1].inertia, run.stop_reason) == (4, NO_CHANGE)
    assert run[1].labels.dtype == np.uint8


def test_record_ends_by_max_iter():
    flip = iter([0, 1] * 50)
    run = record(
        FOUR, FOUR[:2], assign=lambda X, centers: np.full(4, next(flip)), update=update, max_iter=5
    )
    assert (run.stop_reason, run.n_iter, run[-1].phase) == (MAX_ITER, 5, "assign")


def write_into_x(X, centers):
    X[0] = 7
    return assign(X, centers)


def write_into_centers(X, labels, centers):
    centers[0] = 7
    return centers


def returning(value):
    return lambda *arguments: value


NOT_WHOLE = "labels that are not whole numbers in E-step 1"
BROKEN = [
    ("assign", lambda X, centers: X.iloc[0], "assign raised AttributeError in E-step 1: .*iloc"),
    ("assign", lambda X: 0, "assign raised TypeError in E-step 1"),
    ("assign", write_into_x, "assign raised ValueError in E-step 1: .*read-only"),
    ("assign", returning(None), "returned NoneType in E-step 1, expected an array of numbers"),
    ("assign", returning(["a"] * 4), "assign returned list in E-step 1, expected an array"),
    ("assign", returning([[1], [1, 2]]), "assign returned list in E-step 1, expected an array"),
    ("assign", returning([0, 1]), r"assign returned shape \(2,\) in E-step 1, expected \(4,\)"),
    ("assign", squared_distances, r"assign returned shape \(4, 2\) in E-step 1, expected \(4,\)"),
    *(("assign", returning(np.full(4, value)), NOT_WHOLE) for value in (0.5, np.nan, np.inf)),
    ("assign", lambda *a: assign(*a) + 1, "the labels 1 to 2 in E-step 1, expected 0 to 1"),
    ("assign", lambda *a: assign(*a) - 1, "the labels -1 to 0 in E-step 1, expected 0 to 1"),
    ("update", lambda *a: 1 / 0, "update raised ZeroDivisionError in M-step 1"),
    ("update", write_into_centers, "update raised ValueError in M-step 1: .*read-only"),
    ("update", returning(None), "update returned NoneType in M-step 1"),
    ("update", returning([1.0]), r"returned shape \(1,\) in M-step 1, expected \(2, 2\)"),
    ("update", returning(np.zeros((3, 2))), r"shape \(3, 2\) in M-step 1, expected \(2, 2\)"),
    ("update", returning(np.full((2, 2), np.inf)), "for centre 0 in M-step 1"),
    ("update", returning(np.full((2, 2), 1e300)), "centre 0 in M-step 1"),
    ("update", returning(np.ones((2, 2)) * 1j), "update returned ndarray in M-step 1"),
]


@pytest.mark.parametrize(("step", "broken", "words"), BROKEN)
def test_a_broken_step_is_named(step, broken, words):
    with pytest.raises(RecordError, match=words) as caught:
        record(FOUR, FOUR[:2], **{step: broken})
    history = caught.value.history
    assert [s.phase for s in history] == ["init", "assign"][: 1 + (step == "update")]
    assert "stopped by an error" in repr(history)


def test_an_empty_cluster_forgotten_is_told_and_the_run_up_to_there_is_kept():
    def means(X, labels, centers):
        return np.array([X[labels == j].sum(axis=0) / (labels == j).sum() for j in range(2)])

    with pytest.raises(RecordError, match="centre 1 in M-step 1: cluster 1 has no point") as caught:
        record(FOUR, [[0, 0], [99, 99]], update=means)
    assert caught.value.history[-1].labels.tolist() == [0, 0, 0, 0]


def test_a_later_step_is_named_by_its_number():
    calls = []

    def tires(X, centers):
        calls.append(1)
        if len(calls) == 3:
            raise RuntimeError("enough")
        return 1 - assign(X, centers)

    with pytest.raises(RecordError, match="assign raised RuntimeError in E-step 3: enough") as e:
        record(FOUR, FOUR[:2], assign=tires)
    assert len(e.value.history) == 5
    assert isinstance(e.value, ValueError)
    assert isinstance(e.value.__cause__, RuntimeError)


@pytest.mark.parametrize("play", [lloyd, record])
def test_a_record_keeps_its_points_when_the_caller_changes_them(play):
    X = np.array([[0.0], [1.0], [9.0]])
    run = play(X, [[0.0], [1.0]])
    X[:] = 0
    assert run.X.ravel().tolist() == [0.0, 1.0, 9.0]
