"""Checks of lesson 07, beside what test_checks.py holds for the checks of every lesson."""

import inspect

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score, homogeneity_score, rand_score

from kmeans_teach import exercises_07
from kmeans_teach.checks import check
from tests.learners_07 import ALL, CORRECT, by_all_renamings, purity

# the data and what is said of them


def test_the_cases_tell_wrong_from_right():
    for name, exercise in ALL.items():
        assert all(len(stage.cases) >= 3 for stage in exercise.stages), name
        for stage in exercise.stages:
            sizes = [len(labels) for labels, _ in stage.cases]
            assert sizes == sorted(sizes)
            for misconception in stage.misconceptions:
                for compute in misconception.computes:
                    differs = 0
                    for case in stage.cases:
                        try:
                            value = np.asarray(compute(*case), dtype=float)
                        except (ValueError, IndexError):
                            differs += 1
                            continue
                        right = exercise.reference(*case)
                        differs += value.shape != () or abs(value - right) > 1e-9
                    assert differs, (misconception.slug, compute)


def test_as_many_clusters_as_classes_first_then_more_and_fewer():
    first, second = exercises_07.MATCHED_ACCURACY.stages
    kinds = [
        [int(np.sign(len(set(labels)) - len(set(classes)))) for labels, classes in stage.cases]
        for stage in (first, second)
    ]
    assert set(kinds[0]) == {0}
    assert set(kinds[1]) == {-1, 1}


def test_the_references_are_those_of_brute_force_and_of_scikit_learn():
    for stage in exercises_07.MATCHED_ACCURACY.stages:
        for labels, classes in stage.cases:
            value = exercises_07.MATCHED_ACCURACY.reference(labels, classes)
            assert value == pytest.approx(by_all_renamings(labels, classes))
    for a, b in exercises_07.RAND_INDEX.stages[0].cases:
        assert exercises_07.RAND_INDEX.reference(a, b) == pytest.approx(rand_score(a, b))


def test_the_signatures_are_those_of_the_references():
    for exercise in ALL.values():
        _, names = exercise.signature.rstrip(")").split("(")
        for learner in CORRECT[exercise.signature.split("(")[0]][:3]:
            assert len(inspect.signature(learner).parameters) == len(names.split(", "))


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
