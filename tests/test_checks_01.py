"""Checks of lesson 01, beside what test_checks.py holds for the checks of every lesson."""

from itertools import combinations, product

import numpy as np
import pytest

from kmeans_teach.checks import check
from kmeans_teach.textbook import inertia
from tests.learners_01 import means, sizes, total

# the data and what is said of them


def test_the_cases_are_fit_for_telling_wrong_from_right():
    assert {len(a) for cases, _ in check.distance.stages for a, _ in cases} == {1, 2, 3, 4}
    unequal = [len(set(sizes(labels))) > 1 for _, labels in check.between.stages[0][0]]
    assert sum(unequal) >= 3


def test_the_three_numbers_hang_together():
    for X, labels in check.between.stages[0][0]:
        within = check.pair_objective.right(X, labels)
        assert within == pytest.approx(inertia(X, labels, means(X, labels)))
        assert within + check.between.right(X, labels) == pytest.approx(total(X))


def test_the_numbers_of_the_sentences_about_3_and_4_are_right():
    said = {"forgot_root": 25, "manhattan": 7, "chebyshev": 4}
    for wrong in check.distance.stages[0][1]:
        if value := said.pop(wrong.__name__, None):
            assert next(wrong(np.array([0, 0]), np.array([3, 4]))) == value
            assert f"gives {value}, not 5" in wrong.__doc__
    assert not said


def test_the_question_of_lesson_01_has_the_answers_that_counting_gives():
    written = list(product((0, 1), repeat=4))
    no_empty = [labels for labels in written if len(set(labels)) == 2]

    def groups(labellings):
        # without names: the first point's cluster is called 0
        return {tuple(label ^ labels[0] for label in labels) for labels in labellings}

    assert check.answer("01.predict", len(groups(no_empty))).passed
    for count, slug in (
        (len(no_empty), "names-counted"),
        (len(written), "labels-counted"),
        (len(groups(written)), "empty-allowed"),
        (len(list(combinations(range(4), 2))), "pairs-only"),
    ):
        result = check.answer("01.predict", count)
        assert (result.passed, result.misconception) == (False, slug)
    assert check.answer("01.predict", 5).misconception == "other"
    assert check.answer("01.predict").passed is None
