"""Checks of lesson 03, beside what test_checks.py holds for the checks of every lesson."""

from itertools import permutations, product

import numpy as np

from kmeans_teach.checks import check
from kmeans_teach.lessons import cases, lesson_03


def test_each_case_of_relabel_has_one_best_renaming():
    for labels, reference in check.relabel.stages[0][0]:
        agree = sorted((np.array(way)[labels] == reference).sum() for way in permutations(range(4)))
        assert agree[-1] > agree[-2]
        best = check.relabel.right(labels, reference)
        assert (best == reference).sum() == agree[-1]


def test_greedy_agrees_at_fewer_points_as_its_sentence_says():
    agreed = {"greedy": [], "best": []}
    for labels, reference in check.relabel.stages[0][0]:
        for name, relabel in (("greedy", cases.greedy), ("best", check.relabel.right)):
            agreed[name].append((relabel(labels, reference) == reference).sum())
    assert agreed["greedy"] != agreed["best"]
    assert all(g <= b for g, b in zip(agreed["greedy"], agreed["best"], strict=True))


def test_the_example_of_the_sentence_about_probabilities_is_right():
    X, centers = np.array([[0.0, 0.0], [3.0, 4.0]]), np.array([[0.0, 0.0]])
    assert lesson_03._d2(X, centers).tolist() == [0, 25]
    assert check.draw_probabilities.right(X, centers).tolist() == [0, 1]
    assert "0 and 25 should become 0 and 1" in lesson_03.not_normalised.__doc__


def test_the_question_of_lesson_03_has_the_answers_that_counting_gives():
    runs = list(product((True, False), repeat=3))
    weight = {True: 0.8, False: 0.2}

    def probability(event):
        return sum(np.prod([weight[run] for run in way]) for way in runs if event(way))

    assert check.answer("03.predict", probability(lambda way: not any(way))).passed
    for value, slug in (
        (probability(any), "at-least-one"),
        (probability(all), "all-three"),
        (probability(lambda way: sum(way) == 1), "one-finds-it"),
        (probability(lambda way: not way[0]), "one-run"),
        (probability(lambda way: not any(way[:2])), "two-runs"),
        (3 * 0.2, "added"),
    ):
        result = check.answer("03.predict", value)
        assert (result.passed, result.misconception) == (False, slug)
    assert check.answer("03.predict", 0.5).misconception == "other"
    assert check.answer("03.predict").passed is None
