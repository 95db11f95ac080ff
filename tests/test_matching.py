"""match_labels: cluster numbers renumbered to agree with a reference."""

from itertools import permutations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kmeans_teach.matching import match_labels


def test_a_permutation_is_undone():
    reference = np.array([0, 0, 1, 1, 2, 2, 2])
    for order in permutations(range(3)):
        assert match_labels(np.array(order)[reference], reference).tolist() == reference.tolist()


def test_the_best_match_overall_beats_the_greedy_one():
    # greedy takes the pair with most points, cluster 0 and class 0 (4), and then gets 0 more: 4;
    # the best is cluster 0 with class 1 (3) and cluster 1 with class 0 (3): 6
    labels = [0] * 7 + [1] * 3
    reference = [0] * 4 + [1] * 3 + [0] * 3
    assert match_labels(labels, reference).tolist() == [1] * 7 + [0] * 3


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=30))
def test_no_renumbering_agrees_better(pairs):
    labels, reference = np.array(pairs).T
    agreed = (match_labels(labels, reference) == reference).sum()
    best = max((np.array(order)[labels] == reference).sum() for order in permutations(range(4)))
    assert agreed == best


def test_clusters_left_over_get_the_next_numbers():
    labels = [7, 7, 5, 5, 5, 6]
    assert match_labels(labels, [3, 3, 0, 0, 0, 0]).tolist() == [3, 3, 0, 0, 0, 4]


def test_fewer_clusters_than_classes():
    assert match_labels([4, 4, 4, 9], [0, 1, 1, 2]).tolist() == [1, 1, 1, 2]


def test_names_of_classes():
    classes = pd.Series(["b", "b", "a", "a", "a"])
    assert match_labels([0, 0, 1, 1, 2], classes).tolist() == ["b", "b", "a", "a", "cluster 2"]
    assert match_labels([0, 0, 1], pd.Categorical(["b", "b", "a"])).tolist() == ["b", "b", "a"]


def test_a_class_that_is_called_like_a_cluster_left_over():
    assert match_labels([0, 0, 1], ["cluster 1"] * 3).tolist() == ["cluster 1"] * 2 + ["cluster 1'"]


def test_names_of_clusters_and_whole_floats():
    assert match_labels(["u", "v", "v"], [1.0, 0.0, 0.0]).tolist() == [1, 0, 0]


def test_the_arguments_stay_as_they_are():
    labels, reference = np.array([1, 1, 0]), np.array([0, 0, 1])
    match_labels(labels, reference)
    assert labels.tolist() == [1, 1, 0]
    assert reference.tolist() == [0, 0, 1]


@pytest.mark.parametrize(
    ("labels", "reference", "words"),
    [
        ([0, 1], [0], "labels has 2 values, reference has 1"),
        ([], [], "labels is empty"),
        ([[0, 1]], [0, 1], r"labels has shape \(1, 2\)"),
        ([0, 1], [[0, 1]], r"reference has shape \(1, 2\)"),
        ([0, 1, 1], [0.0, np.nan, 1.0], r"reference misses 1 of 3 values \(row 1\)"),
        ([0, 1], pd.array(["a", None]), r"reference misses 1 of 2 values \(row 1\)"),
        ([0, 1], pd.array([1, None]), r"reference misses 1 of 2 values \(row 1\)"),
        ([0, 1], ["a", None], r"reference misses 1 of 2 values \(row 1\)"),
    ],
)
def test_errors_say_what_came(labels, reference, words):
    with pytest.raises(ValueError, match=words):
        match_labels(labels, reference)
