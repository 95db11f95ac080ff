"""Lesson 08: the digit explorer's numbers and sentences, and its exercises."""

from collections import Counter
from statistics import mode

import numpy as np
import pytest
from sklearn.cluster import KMeans
from sklearn.datasets import load_digits

from kmeans_teach import DigitExplorer, check, match_labels
from kmeans_teach.lessons.lesson_08 import FEW_LABELS, sentence, vote

X, DIGITS = load_digits(return_X_y=True)


@pytest.fixture(scope="module")
def explorer():
    return DigitExplorer([5, 10])


def test_the_centres_are_those_of_scikit_learn_and_add_up(explorer):
    model = KMeans(10, n_init=10, random_state=0).fit(X)
    for cluster in range(10):
        explorer.go(k=10, cluster=cluster)
        (strip, _), (near, far, table) = explorer.shown.rows
        members = np.flatnonzero(model.labels_ == model.labels_[near.which[0]])
        assert np.array_equal(table.counts[cluster], np.bincount(DIGITS[members], minlength=10))
        distances = model.transform(X)[:, model.labels_[near.which[0]]]
        assert near.which[0] == members[distances[members].argmin()]
        assert far.which[0] == members[distances[members].argmax()]
        assert np.array_equal(near.captions, DIGITS[near.which])
        assert strip.captions[cluster].split()[1].startswith(f"{len(members)}→")
    assert table.counts.sum() == len(X)
    accuracy = table.counts.max(axis=1).sum() / len(X)
    assert explorer.shown.numbers == {"accuracy": pytest.approx(accuracy)}
    assert 0.785 < accuracy < 0.8
    assert table.counts.argmax(axis=1).tolist() == sorted(table.counts.argmax(axis=1))


def test_the_axes_are_traits(explorer):
    explorer.k = 10
    explorer.cluster = 9
    explorer.k = 5
    assert explorer.cluster == 4  # as far as there are clusters
    assert "Cluster 4 holds" in explorer.shown.words
    with pytest.raises(ValueError, match="k=7: use one of 5, 10"):
        explorer.k = 7


def counts_of(**named):
    names = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
    return np.array([named.get(name, 0) for name in names])


@pytest.mark.parametrize(
    ("counts", "words"),
    [
        (counts_of(six=2, one=1), "Cluster 6 holds 3 digits: 2 sixes and 1 one. It reads as 6."),
        (counts_of(six=7), "Cluster 6 holds 7 sixes and nothing else. It reads as 6."),
        (counts_of(six=1), "Cluster 6 holds 1 six and nothing else. It reads as 6."),
        (
            counts_of(six=5, zero=4, one=3, two=1),
            "Cluster 6 holds 13 digits: 5 sixes, 4 zeros, 3 ones and 1 other. It reads as 6.",
        ),
        (
            counts_of(six=4, eight=4, one=2, two=1, three=1),
            "Cluster 6 holds 12 digits: 4 sixes, 4 eights, 2 ones and 2 others. "
            "The tie goes to the smaller digit: it reads as 6.",
        ),
    ],
)
def test_sentences_follow_from_the_numbers(counts, words):
    assert sentence(6, counts, np.arange(10)) == words


def test_digits_without_a_cluster_are_named():
    counts, all_but = counts_of(six=3), np.delete(np.arange(10), 8)
    assert sentence(5, counts, all_but).endswith(" No cluster reads as 8.")
    assert sentence(3, counts, np.array([0, 2, 3, 6, 7])).endswith("as 1, 4, 5, 8 or 9.")


def test_a_map_is_a_second_kind_of_columns():
    plane = np.column_stack([DIGITS * 10.0, np.arange(len(X)) / len(X)])
    explorer = DigitExplorer([10], maps={"answers": plane})
    assert len(explorer.shown.rows[2]) == 2  # the map stands beside the table
    assert explorer.shown.numbers["accuracy"] < 0.8
    explorer.columns = "answers"
    assert explorer.shown.numbers["accuracy"] == 1
    assert explorer.shown.words == "Cluster 0 holds 178 zeros and nothing else. It reads as 0."
    assert "its two columns" in explorer.shown.rows[2][0].title


@pytest.mark.parametrize("plane", [X, X[:5, :2], np.full((len(X), 2), np.nan)])
def test_a_bad_map_gets_a_sentence(plane):
    with pytest.raises(ValueError, match=r"maps\['mine'\] has shape .*: pass 1797 rows of two"):
        DigitExplorer([10], maps={"mine": plane})


def test_bad_arguments_get_a_sentence():
    with pytest.raises(ValueError, match="k=9: use one of 5, 10"):
        DigitExplorer([5, 10], k=9)
    with pytest.raises(ValueError, match="cluster=10: use one of 0, 1"):
        DigitExplorer([10], cluster=10)


# ------------------------------------------------------------------------------------ exercises


@pytest.mark.parametrize(
    ("answer", "misconception"),
    [
        (0.63, None),
        (63 / 100, None),
        (np.float32(0.63), None),
        (0.65, "by-vote"),
        (65, "by-vote"),
        (0.45, "greedy"),
        (45, "greedy"),
        (0.4, "left-out"),
        (40, "left-out"),
        (63, "a-count"),
        (np.int64(63), "a-count"),
        (0.5, "not-the-answer"),
    ],
)
def test_hungarian_share(answer, misconception):
    result = check.hungarian_share(answer)
    assert (result.passed, result.misconception) == (misconception is None, misconception)


def by_counter(labels, digits, known):
    read = []
    for j in labels:
        count = Counter(d for d, i, k in zip(digits, labels, known, strict=True) if k and i == j)
        most = max(count.values(), default=0)
        read.append(min((d for d, n in count.items() if n == most), default=-1))
    return np.array(read)


def by_table(labels, digits, known):
    table = np.zeros((labels.max() + 1, 10), dtype=int)
    np.add.at(table, (labels[known], digits[known]), 1)
    return np.where(table.any(axis=1), table.argmax(axis=1), -1)[labels]


def looped(elect, nobody=-1, everybody=False):
    """A learner's loop over the clusters, with a way of one's own to elect."""

    def mine(labels, digits, known):
        read = [nobody] * len(labels)
        for j in set(labels.tolist()):
            votes = [int(d) for d in digits[(labels == j) & (known | everybody)]]
            for i in np.flatnonzero(labels == j):
                read[i] = elect(votes) if votes else nobody
        return np.array(read)

    return mine


def masked(elect, nobody=-1):
    """The same with masks."""

    def mine(labels, digits, known):
        read = np.full(labels.shape, nobody)
        for j in np.unique(labels[known]):
            read[labels == j] = elect(digits[known & (labels == j)])
        return read

    return mine


def smallest_mode(votes):
    return int(np.bincount(votes).argmax())


def hungarian(labels, digits, known):
    names = dict(zip(labels[known], match_labels(labels[known], digits[known]), strict=True))
    return np.array([names.get(j, -1) for j in labels])


def hungarian_by_class(labels, digits, known):
    matched, read = match_labels(labels[known], digits[known]), np.full(len(labels), -1)
    for j in np.unique(labels[known]):
        read[labels == j] = matched[labels[known] == j][0]
    return read


def lists_of_answers(labels, digits, known):
    return [smallest_mode(digits[known & (labels == j)]) for j in np.unique(labels)]


WRONG = {
    "all-vote": [
        looped(smallest_mode, everybody=True),
        lambda labels, digits, known: by_table(labels, digits, np.ones(len(labels), bool)),
    ],
    "known-keep-theirs": [
        lambda labels, digits, known: np.where(known, digits, by_table(labels, digits, known)),
        lambda labels, digits, known: np.array(
            [d if k else v for d, k, v in zip(digits, known, by_counter(labels, digits, known))]  # noqa: B905
        ),
    ],
    "only-the-known": [
        lambda labels, digits, known: by_table(labels, digits, known)[known],
        lambda labels, digits, known: by_counter(labels, digits, known) * known,
        lambda labels, digits, known: np.where(known, by_table(labels, digits, known), -1),
    ],
    "one-for-each-cluster": [
        lists_of_answers,
        lambda *case: np.array(lists_of_answers(*case)),
    ],
    "mean-digit": [
        looped(np.mean, -1.0),
        looped(lambda votes: round(np.mean(votes))),
        masked(np.mean),
        masked(np.median),
    ],
    "largest-digit": [looped(max), masked(np.max)],
    "one-to-one": [hungarian, hungarian_by_class],
    "tie": [
        looped(mode),
        looped(lambda votes: Counter(votes).most_common(1)[0][0]),
        masked(lambda votes: 9 - np.bincount(9 - votes).argmax()),
        looped(mode, nobody=0),
    ],
    "nobody-votes": [
        lambda labels, digits, known: np.array(
            [np.bincount(digits[known & (labels == j)], minlength=10).argmax() for j in labels]
        ),
        masked(smallest_mode, nobody=0),
        lambda labels, digits, known: np.array(
            [np.bincount(digits[known & (labels == j)]).argmax() for j in labels]
        ),
    ],
}


@pytest.mark.parametrize("mine", [by_counter, by_table, masked(smallest_mode), vote.right])
def test_a_right_vote_passes(mine):
    assert check.vote(mine).passed


@pytest.mark.parametrize(
    ("mine", "slug"), [(mine, slug) for slug, styles in WRONG.items() for mine in styles]
)
def test_a_wrong_vote_hears_why(mine, slug):
    result = check.vote(mine)
    assert (result.passed, result.misconception) == (False, slug)
    assert 2 <= len(result.lines) <= 4


def test_each_misconception_of_vote_is_tested():
    slugs = {w.__name__.replace("_", "-") for _, wrong in vote.stages for w in wrong}
    assert slugs == set(WRONG)


def test_untouched_exercises_are_not_tried():
    def stub(*given): ...

    answers = check.vote(stub), check.label_budget(stub), check.hungarian_share(None)
    assert [answer.passed for answer in answers] == [None, None, None]


def test_the_cases_have_what_the_sentences_speak_of():
    tie, nobody = FEW_LABELS[3], FEW_LABELS[4]
    assert by_table(*tie)[0] == 1
    assert by_table(*nobody).tolist() == [5, -1, -1, 2, 2, 5]


def representatives(X, budget):
    return KMeans(budget, n_init=1, random_state=0).fit(X).transform(X).argmin(axis=0)


def representatives_by_loop(X, budget):
    model = KMeans(budget, n_init=3, random_state=1).fit(X)
    return [int(((X - center) ** 2).sum(axis=1).argmin()) for center in model.cluster_centers_]


def farthest(X, budget):
    return np.argsort(KMeans(10, n_init=1, random_state=0).fit(X).transform(X).min(axis=1))[
        -budget:
    ]


def brightest(X, budget):
    return np.argsort(((X - X.mean(axis=0)) ** 2).sum(axis=1))[-budget:]


@pytest.mark.parametrize("choose", [representatives, representatives_by_loop])
def test_representatives_are_worth_their_labels(choose):
    result = check.label_budget(choose)
    assert result.passed
    assert "Yours are better in 8 of 8 splits" in " ".join(result.lines)


@pytest.mark.parametrize(
    ("choose", "slug"),
    [
        (farthest, "odd-ones"),
        (brightest, "odd-ones"),
        (lambda X, budget: np.arange(budget), "no-better-than-chance"),
        (
            lambda X, budget: np.random.default_rng(5).permutation(len(X))[:budget],
            "no-better-than-chance",
        ),
        (lambda X, budget: X[:budget], "not-row-numbers"),
        (lambda X, budget: np.zeros(len(X), dtype=bool), "not-row-numbers"),
        (lambda X, budget: representatives(X, budget + 1), "not-the-budget"),
        (lambda X, budget: KMeans(budget, n_init=1).fit_predict(X), "not-the-budget"),
        (lambda X, budget: np.arange(budget) + len(X) - 1, "no-such-row"),
        (lambda X, budget: np.arange(budget) - 1, "no-such-row"),
        (lambda X, budget: [0] * budget, "same-row-twice"),
        (lambda X, budget: np.arange(budget) // 2, "same-row-twice"),
    ],
)
def test_other_choices_hear_why_not(choose, slug):
    result = check.label_budget(choose)
    assert (result.passed, result.misconception) == (False, slug)
