"""Checks of lesson 05, beside what test_checks.py holds for the checks of every lesson."""

import numpy as np
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from kmeans_teach.checks import check
from kmeans_teach.lessons.lesson_05 import ANSWERS, one_hot, standardise, to_units
from tests.learners_05 import CORRECT, WRONG, three_only


def test_the_references_are_what_scikit_learn_computes():
    for cases, _ in standardise.stages:
        for train, new in cases:
            scaler = StandardScaler().fit(train)
            assert np.allclose(standardise.right(train, new), scaler.transform(new))
            # and the way back
            back = to_units.right(scaler.transform(new), scaler.mean_, scaler.scale_)
            assert np.allclose(back, new)
    for cases, _ in one_hot.stages:
        for (values,) in cases:
            theirs = OneHotEncoder(sparse_output=False).fit_transform(values[:, None])
            assert np.array_equal(one_hot.right(values), theirs)


def test_the_cases_are_fit_for_telling_wrong_from_right():
    for train, new in standardise.stages[0][0]:
        assert (train.std(axis=0) > 0).all()
        assert (new.std(axis=0) > 0).all()
    assert all((train.std(axis=0) == 0).sum() == 1 for train, _ in standardise.stages[1][0])
    for centers, mean, scale in to_units.stages[0][0]:
        assert centers.shape[1] == len(mean) == len(scale)


def test_what_is_said_of_the_left_out_category_is_so():
    table = one_hot.right(np.array(["a", "b", "c"]))[:, 1:]
    far = np.linalg.norm(table[:, None] - table, axis=2)
    assert far[0, 1] == far[0, 2] < far[1, 2]


def test_a_category_is_shown_by_its_words():
    text = repr(check.one_hot(WRONG["one_hot"]["other"][0]))
    assert "values = [web, app, web, phone]" in text


def test_a_function_for_three_channels_alone_is_told_so():
    assert "no other categories" in repr(check.one_hot(three_only))
    assert check.one_hot(CORRECT["one_hot"][0]).passed


def test_the_question_has_the_answers_that_computing_gives():
    answer = ANSWERS["05.predict"]
    way, scale = np.array([90, 1600]), np.array([30, 400])
    assert "90 days and 1,600 euro" in answer.question
    assert "30 days and 400 euro" in answer.question
    scaled = way / scale
    assert check.answer("05.predict", np.linalg.norm(scaled)).passed
    for value, slug in (
        ((scaled**2).sum(), "forgot-root"),
        (scaled.sum(), "manhattan"),
        (scaled.max(), "largest-only"),
        (np.linalg.norm(way), "not-scaled"),
        (way.sum(), "not-scaled-sum"),
        (6, "other"),
    ):
        result = check.answer("05.predict", value)
        assert (result.passed, result.misconception) == (False, slug)
    assert check.answer("05.predict").passed is None
