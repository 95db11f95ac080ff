"""Checks of lesson 07, beside what test_checks.py holds for the checks of every lesson."""

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score, homogeneity_score, rand_score

from kmeans_teach.checks import check
from tests.learners_07 import by_all_renamings, purity

# the data and what is said of them


def test_as_many_clusters_as_classes_first_then_more_and_fewer():
    kinds = [
        [int(np.sign(len(set(labels)) - len(set(classes)))) for labels, classes in cases]
        for cases, _ in check.matched_accuracy.stages
    ]
    assert set(kinds[0]) == {0}
    assert set(kinds[1]) == {-1, 1}


def test_the_references_are_those_of_brute_force_and_of_scikit_learn():
    for cases, _ in check.matched_accuracy.stages:
        for labels, classes in cases:
            value = check.matched_accuracy.right(labels, classes)
            assert value == pytest.approx(by_all_renamings(labels, classes))
    for a, b in check.rand_index.stages[0][0]:
        assert check.rand_index.right(a, b) == pytest.approx(rand_score(a, b))


def test_what_is_said_of_purity_and_of_names_is_true():
    classes = np.array([0, 0, 1, 1, 1])
    assert purity(np.arange(5), classes) == 1
    assert rand_score(classes, 1 - classes) == 1
    assert (classes == 1 - classes).mean() == 0


def test_the_question_of_lesson_07_has_the_answers_that_counting_gives():
    classes, alone = np.array([0, 0, 1, 1, 1]), np.arange(5)
    assert check.answer("07.predict", rand_score(classes, alone)).passed
    assert check.answer("07.predict", 3 / 5).passed
    same = (classes[:, None] == classes) == (alone[:, None] == alone)
    for value, slug in (
        (1 - rand_score(classes, alone), "disagreement"),
        (adjusted_rand_score(classes, alone), "together-only"),
        (homogeneity_score(classes, alone), "homogeneity"),
        (same.mean(), "self-pairs"),
        (np.triu(same, 1).sum(), "counted-not-divided"),
    ):
        result = check.answer("07.predict", value)
        assert (result.passed, result.misconception) == (False, slug)
    assert check.answer("07.predict", 0.5).misconception == "other"
    assert check.answer("07.predict").passed is None
