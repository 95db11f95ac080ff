"""Checks of lesson 04, beside what test_checks.py holds for the checks of every lesson."""

import numpy as np
import pytest
from sklearn.metrics import silhouette_samples

from kmeans_teach.checks import check
from kmeans_teach.choosing import Gap
from kmeans_teach.lessons.lesson_04 import ANSWERS, silhouette, smallest_k
from tests.learners_04 import k_by_arrays

# the references, by others' code


def test_the_reference_of_the_silhouette_is_scikit_learns():
    for cases, _ in silhouette.stages:
        for X, labels in cases:
            got = silhouette.right(X, labels)
            assert got == pytest.approx(silhouette_samples(X, labels))
    alone = [np.bincount(labels).min() == 1 for s, _ in silhouette.stages for _, labels in s]
    first = len(silhouette.stages[0][0])
    assert not any(alone[:first])
    assert all(alone[first:])


def test_the_rule_of_the_exercise_is_that_of_the_package():
    for cases, _ in smallest_k.stages:
        for gap, error in cases:
            ks = tuple(range(1, len(gap) + 1))
            package = Gap(ks, gap.copy(), error.copy(), gap * 0, gap * 0, 20).best
            assert smallest_k.right(gap, error) == package == k_by_arrays(gap, error)


def test_the_cases_ask_for_none_for_some_and_for_the_last():
    found = [smallest_k.right(*case) for case in smallest_k.stages[0][0]]
    assert found[0] == 1
    assert len(set(found)) >= 3
    # one that is found, so that None for the others is told from an untouched stub
    first, second = ([tuple(map(tuple, case)) for case in cases] for cases, _ in smallest_k.stages)
    assert len({*first} & {*second}) == 1
    for gap, error in {*second} - {*first}:
        assert (np.diff(gap) > error[1:]).all()


# the question


def test_the_question_has_the_answers_that_computing_gives():
    def value(at, own, other, squared=False):
        a = np.mean(np.abs(np.array(own) - at) ** (2 if squared else 1))
        b = np.mean(np.abs(np.array(other) - at) ** (2 if squared else 1))
        return (b - a) / max(a, b)

    assert check.answer("04.predict", value(2, [0], [6, 14])).passed
    assert check.answer("04.predict", 0.75).passed
    assert check.answer("04.predict", "3/4").misconception == "other"
    for number, slug in (
        (value(2, [0, 2], [6, 14]), "itself-counted"),
        (value(2, [1], [10]), "itself-counted"),
        (value(2, [0], [6]), "nearest-point"),
        (value(2, [0], [14]), "farthest-point"),
        (-value(2, [0], [6, 14]), "turned-round"),
        ((8 - 2) / 2, "not-by-the-larger"),
        ((8 - 2) / (8 + 2), "not-by-the-larger"),
        (8 - 2, "not-divided"),
        (value(2, [0], [6, 14], squared=True), "squared"),
        (value(6, [14], [0, 2]), "other-point"),
        (0.1, "other"),
    ):
        result = check.answer("04.predict", number)
        assert (result.passed, result.misconception) == (False, slug), number
    assert check.answer("04.predict").passed is None
    assert len({slug for slug, _ in ANSWERS["04.predict"].near.values()}) >= 3
