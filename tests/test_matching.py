"""match_labels: cluster numbers renumbered to agree with a reference."""

from itertools import permutations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kmeans_teach.matching import match_labels


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=30))
def test_no_renumbering_agrees_better(pairs):
    labels, reference = np.array(pairs).T
    agreed = (match_labels(labels, reference) == reference).sum()
    best = max((np.array(order)[labels] == reference).sum() for order in permutations(range(4)))
    assert agreed == best


NAMES = pd.Series(["b", "b", "a", "a", "a"])
MATCHED = [
    # clusters that are left over get the next numbers
    ([7, 7, 5, 5, 5, 6], [3, 3, 0, 0, 0, 0], [3, 3, 0, 0, 0, 4]),
    ([4, 4, 4, 9], [0, 1, 1, 2], [1, 1, 1, 2]),
    # greedy takes the pair with most points, cluster 0 and class 0, and then gets none more
    ([0] * 7 + [1] * 3, [0] * 4 + [1] * 3 + [0] * 3, [1] * 7 + [0] * 3),
    # names of classes, of clusters, and whole floats
    ([0, 0, 1, 1, 2], NAMES, ["b", "b", "a", "a", "cluster 2"]),
    ([0, 0, 1], pd.Categorical(["b", "b", "a"]), ["b", "b", "a"]),
    ([0, 0, 1], ["cluster 1"] * 3, ["cluster 1", "cluster 1", "cluster 1'"]),
    (["u", "v", "v"], [1.0, 0.0, 0.0], [1, 0, 0]),
]


@pytest.mark.parametrize(("labels", "reference", "matched"), MATCHED)
def test_what_comes_out(labels, reference, matched):
    assert match_labels(labels, reference).tolist() == matched


def test_the_arguments_stay_as_they_are():
    labels, reference = np.array([1, 1, 0]), np.array([0, 0, 1])
    match_labels(labels, reference)
    assert labels.tolist() == [1, 1, 0]
    assert reference.tolist() == [0, 0, 1]
