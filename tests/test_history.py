"""Snapshot and History: the record cannot be changed and reads well."""

import dataclasses
import itertools

import numpy as np
import pytest

from kmeans_teach.history import Snapshot, number
from kmeans_teach.textbook import lloyd, record

FOUR = np.array([[0.0, 0.0], [0.0, 2.0], [6.0, 0.0], [6.0, 2.0]])


@pytest.fixture
def run():
    """From the two points on the left; done by hand in test_textbook.py."""
    return lloyd(FOUR, FOUR[:2])


def test_a_record_cannot_be_changed(run):
    for snapshot in run:
        arrays = (snapshot.centers, snapshot.shift, snapshot.labels, run.X)
        for array in (array for array in arrays if array is not None):
            with pytest.raises(ValueError, match="read-only"):
                array[0] = 0
    with pytest.raises(dataclasses.FrozenInstanceError):
        run[1].inertia = 0.0


def test_a_record_does_not_share_memory_with_what_it_was_made_from():
    centers, labels, X = FOUR[:2].copy(), np.array([0, 1, 1, 1], dtype=np.uint8), FOUR.copy()
    snapshot, run = Snapshot(1, "assign", centers, labels, 1.0), lloyd(X, X[:2])
    centers[0], labels[0], X[0] = 99, 1, 1
    assert snapshot.centers.tolist() == FOUR[:2].tolist()
    assert snapshot.labels.tolist() == [0, 1, 1, 1]
    assert np.array_equal(run.X, FOUR)


@pytest.mark.parametrize(
    ("k", "dtype"), [(1, "uint8"), (256, "uint8"), (257, "uint16"), (65_536, "uint16")]
)
def test_labels_take_the_smallest_unsigned_type(k, dtype):
    snapshot = Snapshot(1, "assign", np.zeros((k, 1)), np.array([0, k - 1]), 0.0)
    assert snapshot.labels.dtype == dtype
    assert snapshot.labels.tolist() == [0, k - 1]


def test_an_unknown_phase_is_refused():
    with pytest.raises(ValueError, match="phase='expect': use 'init', 'assign' or 'update'"):
        Snapshot(1, "expect", FOUR)


def test_a_start_has_no_labels_and_no_inertia(run):
    start = run[0]
    assert start.labels is None
    assert np.isnan(start.inertia)
    assert start.shift.tolist() == [0, 0]
    assert (start.iteration, start.phase, start.n_changed, start.relocated) == (0, "init", 0, ())


def test_order_of_phases_and_iterations(run):
    assert [s.phase for s in run] == ["init", *["assign", "update"] * run.n_iter]
    assert [s.iteration for s in run] == [0, *np.repeat(range(1, run.n_iter + 1), 2)]


def test_it_is_a_sequence(run):
    assert len(run) == len(list(run))
    assert run[-1] is run[len(run) - 1]
    assert run[1:3] == [run[1], run[2]]
    assert run[::-2] == [run[i] for i in range(len(run) - 1, -1, -2)]
    assert run.index(run[2]) == 2
    assert run[3] in run
    with pytest.raises(IndexError):
        run[len(run)]


def test_frame_has_one_row_a_half_step(run):
    frame = run.to_frame()
    assert frame.columns.tolist() == [
        "iteration", "phase", "inertia", "removed", "n_changed", "max_shift", "relocated",
    ]  # fmt: skip
    assert len(frame) == len(run)
    assert frame["inertia"].tolist()[1:] == [s.inertia for s in run[1:]]
    assert frame["removed"].tolist()[2:] == [
        a.inertia - b.inertia for a, b in itertools.pairwise(run[1:])
    ]
    assert frame["max_shift"].tolist() == [s.shift.max() for s in run]


def test_sentences(run):
    assert [run.sentence(i) for i in range(len(run))] == [
        "Start: 2 centres, no point has a cluster yet",
        "E-step 1: all 4 points get a cluster; inertia 72.00",
        "M-step 1: 2 of 2 centres moved, by 3.000 at most; inertia 72.00 to 36.00",
        "E-step 2: 0 of 4 points changed cluster; inertia 36.00 to 36.00",
        "M-step 2: no centre moved; inertia 36.00 to 36.00",
    ]
    assert run.sentence(-1) == run.sentence(len(run) - 1)
    with pytest.raises(IndexError):
        run.sentence(99)


def test_the_sentence_of_a_relocation():
    one = lloyd([[0.0], [1.0], [5.0]], [[2.0], [90.0]])
    assert "; cluster 1 has no point; inertia" in one.sentence(1)
    assert "; cluster 1 was empty and got the farthest point (5.000); inertia" in one.sentence(2)
    two = lloyd([[0.0], [1.0], [5.0], [9.0]], [[2.0], [90.0], [95.0]])
    assert "; clusters 1 and 2 have no point; inertia" in two.sentence(1)
    words = "clusters 1 and 2 were empty and got the farthest points (9.000) and (5.000)"
    assert f"; {words}; inertia" in two.sentence(2)
    wide = lloyd(np.eye(5)[[0, 0, 1]], np.eye(5)[[0, 4]] * [[1], [90]])
    assert "; cluster 1 was empty and got the farthest point; inertia" in wide.sentence(2)


FIVE = [[0.0, 0.0], [1.0, 0.0], [0.0, 2.0], [3.0, 2.0], [4.0, 3.0]]
EMPTY = "E-step 2: 3 of 5 points changed cluster; cluster 1 has no point; inertia 12.50 to 10.50"
STAYS = "cluster 1 has no point, so its centre stays"
POLICIES = {
    "stay": [
        EMPTY,
        f"M-step 2: 2 of 3 centres moved, by 1.500 at most; {STAYS}; inertia 10.50 to 4.333",
        "E-step 3: 0 of 5 points changed cluster; cluster 1 has no point; inertia 4.333 to 4.333",
        f"M-step 3: no centre moved; {STAYS}; inertia 4.333 to 4.333",
    ],
    "relocate": [
        EMPTY,
        "M-step 2: 3 of 3 centres moved, by 2.828 at most; cluster 1 was empty and got the "
        "farthest point (4.000, 3.000); inertia 10.50 to 5.333",
        "E-step 3: 1 of 5 points changed cluster; inertia 5.333 to 3.333",
        "M-step 3: no centre moved; inertia 3.333 to 3.333",
        "E-step 4: 0 of 5 points changed cluster; inertia 3.333 to 3.333",
    ],
}


@pytest.mark.parametrize("empty", POLICIES)
def test_sentences_where_a_cluster_loses_its_last_point(empty):
    run = lloyd(FIVE, FIVE[:3], empty=empty)
    assert [run.sentence(i) for i in range(3, len(run))] == POLICIES[empty]


def test_a_centre_that_moves_without_a_point_is_not_said_to_stay():
    run = record(
        np.array(FIVE),
        [[0, 0], [90, 90]],
        update=lambda X, labels, centers: centers + 1,
        max_iter=1,
    )
    assert "cluster 1 has no point; inertia" in run.sentence(1)
    assert "cluster 1" not in run.sentence(2)
    two = lloyd(FIVE, [[0, 0], [90, 90], [95, 95]], empty="stay")
    assert "clusters 1 and 2 have no point, so their centres stay; inertia" in two.sentence(2)


def test_repr_says_what_the_run_was(run):
    assert repr(run) == (
        "History(4 points x 2 columns, k=2: 5 snapshots, 2 iterations, "
        "no point changed cluster, inertia 36.00)"
    )
    assert repr(run[2]) == ("Snapshot(iteration=1, phase='update', k=2, inertia=36, n_changed=0)")


NUMBERS = """
0=0 -0.0=0 3.14159=3.142 412.25=412.3 412.35=412.4 -412.25=-412.3 0.0625=0.06250 2.0625=2.063
2.0615=2.062 98765.4=98765 98765.5=98766 999.95=1000.0 999.94=999.9 999999.4=999999 1e9=1.00e+9
999999999.4=999999999 2.5e7=25000000 9.995e9=1.00e+10 1e-3=0.001000 0.00099999=1.00e-3
1.234e-5=1.23e-5 5e-324=4.94e-324 1.7e308=1.70e+308 nan=nan inf=infinity -inf=-infinity
"""


@pytest.mark.parametrize("case", NUMBERS.split())
def test_numbers_have_four_digits_rounded_half_up(case):
    value, text = case.split("=")
    assert number(float(value)) == text
    assert (number(7), number(np.float32(0.5))) == ("7.000", "0.5000")
