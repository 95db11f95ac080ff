"""Lesson 08, Can it read? Handwritten digits, the explorer of their clusters, three exercises."""

from __future__ import annotations

from functools import cache
from statistics import median

import numpy as np
from sklearn.cluster import KMeans
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split

from ..matching import match_labels
from ..widgets.axes import Axis
from ..widgets.film import Film, Frame
from ..widgets.panels import Atlas, Curve, Pictures, Points, Table
from .exercise import challenge, exercise

PIXELS = "64 pixels"
SHOWN = 40  # members that are shown from each end of a cluster
NAMES = "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"


class DigitExplorer(Film):
    """K-means on 1,797 handwritten digits: choose a centre and see which digits belong to it.

    Each cluster reads as the digit that most of its members are, and clusters are numbered in the
    order of these digits. K-means sees the pixels and never the digits.

    Parameters
    ----------
    k_values : sequence of int
        The numbers of clusters to choose from.
    k, cluster : int
        What is shown first.
    maps : dict of str to array of shape (1797, 2), optional
        Planes in which k-means looks for clusters in place of the pixels, for example
        ``{"t-SNE": Z}``; the explorer then has one more row of buttons.
    n_init, random_state
        As for ``sklearn.cluster.KMeans``.
    **look
        ``title``, ``height`` and ``twin``, as for a Film.

    Raises
    ------
    ValueError
        If a map has no row of two numbers for each digit, or k or cluster do not exist.

    Examples
    --------
    >>> digits = DigitExplorer([10, 15])
    >>> digits.k = 15
    >>> digits.cluster = 3
    >>> digits.shown.words
    'Cluster 3 holds 110 digits: 108 twos and 2 eights. It reads as 2.'
    """

    def __init__(
        self,
        k_values=(5, 8, 10, 12, 15, 20, 25, 30),
        *,
        k=10,
        cluster=0,
        maps=(),
        n_init=10,
        random_state=0,
        **look,
    ):
        data = load_digits()
        self.X, self.digits = data.data, data.target
        self._planes = {PIXELS: self.X}
        for name, plane in dict(maps).items():
            self._planes[str(name)] = _as_map(plane, name, len(self.X))
        self._options = {"n_init": n_init, "random_state": random_state}
        self._atlas = Atlas.of(_ink(data.images))
        self._cluster = cache(self._cluster)
        axes = {
            "k": Axis(k_values, "Clusters", "k = {}".format, first=k),
            "cluster": Axis(lambda k: range(k), "Cluster", "cluster {}".format, control="panel"),
        }
        if maps:  # each takes k-means some time: not before somebody asks for it
            tabs = Axis(tuple(self._planes), "Columns", control="choice", later=True)
            axes = {"columns": tabs, **axes}
        super().__init__(axes, start={"cluster": cluster}, **look)

    def frame(self, k, cluster, columns=PIXELS):
        """The centres, and the members of one of them."""
        votes, ordered, accuracy, strip, curve, table, *plane = self._cluster(columns, k)
        members, digit = ordered[cluster], votes[cluster]
        near = self._members(f"Nearest to centre {cluster}", members[:SHOWN], digit)
        far = self._members("Farthest from it", members[: -SHOWN - 1 : -1], digit)
        words = sentence(cluster, np.bincount(self.digits[members], minlength=10), votes)
        lower = [[near, far], [*plane, table]] if plane else [[near, far, table]]
        return Frame(words, [[strip, curve], *lower], {"accuracy": accuracy})

    def _cluster(self, columns, k):
        """What each cluster reads as, its members by distance, and what all clusters share."""
        Z = self._planes[columns]
        model = KMeans(k, **self._options).fit(Z)
        rows = [np.bincount(self.digits[model.labels_ == j], minlength=10) for j in range(k)]
        rank = np.lexsort(([-row.max() for row in rows], [row.argmax() for row in rows]))
        labels, counts = np.argsort(rank)[model.labels_], np.array(rows)[rank]
        votes, accuracy = counts.argmax(axis=1), counts.max(axis=1).sum() / len(Z)
        order = np.linalg.norm(Z - model.cluster_centers_[model.labels_], axis=1).argsort()
        ordered = [order[labels[order] == j] for j in range(k)]
        means = np.array([self.X[members].mean(axis=0) for members in ordered])
        sizes = [f": {len(members)}" if k <= 25 else "" for members in ordered]  # room for them
        strip = Pictures(
            Atlas.of(_ink(means.reshape(-1, 8, 8))),
            np.arange(k),
            [f"{j}{size}→{votes[j]}" for j, size in enumerate(sizes)],
            title=f"{k} centres, each with its number{': its size' * (k <= 25)} → the digit it "
            "reads as",
            axis="cluster",
            wide=3,
            tall=0.44,
        )
        look = {"axis": "k", "limits": (0, 1), "title": "Share read correctly", "tall": 0.44}
        curve = Curve(lines=("accuracy",), **look)
        title = f"{100 * accuracy:.0f} % are read correctly"
        names = [str(j) for j in range(k)], list("0123456789"), ("cluster", "digit")
        table = Table(counts, *names, title=title, axis="cluster", wide=1.1)
        found = votes, ordered, float(accuracy), strip, curve, table
        for name, plane in list(self._planes.items())[1:]:
            if columns in (name, PIXELS):  # clusters of pixels are shown on the first map
                middles = np.array([plane[members].mean(axis=0) for members in ordered])
                look = {"borders": False, "small": True, "axis": "cluster"}
                title = f"The {name} map, with the clusters of its two columns"
                if columns == PIXELS:
                    title = f"The {name} map, with the clusters of the 64 pixels"
                return *found, Points(plane, labels, middles, title=title, **look)
        return found

    def _members(self, title, some, digit):
        wrong = self.digits[some] != digit
        title = f"{title}: {wrong.sum()} of {len(some)} are not {_plural(NAMES[digit])}"
        return Pictures(self._atlas, some, self.digits[some], wrong, title=title)


def sentence(cluster, counts, votes):
    """What a cluster holds, what it reads as, and the digits that no cluster reads as."""
    digit, many = int(votes[cluster]), int(counts.sum())
    order = sorted(np.flatnonzero(counts), key=lambda d: -counts[d])
    parts = [_many(counts[d], NAMES[d]) for d in order[:3]]
    if rest := many - sum(counts[d] for d in order[:3]):
        parts.append(_many(rest, "other"))
    alone = f"{parts[0]} and nothing else"
    held = f"{_many(many, 'digit')}: {_list(parts, 'and')}" if len(order) > 1 else alone
    text = f"Cluster {cluster} holds {held}. "
    tie = len(order) > 1 and counts[order[0]] == counts[order[1]]
    text += f"{'The tie goes to the smaller digit: it' if tie else 'It'} reads as {digit}."
    if lost := [str(d) for d in range(10) if d not in votes]:
        text += f" No cluster reads as {_list(lost, 'or')}."
    return text


def _plural(name):
    return name + ("es" if name == "six" else "s")


def _many(n, name):
    return f"{n} {name if n == 1 else _plural(name)}"


def _list(words, link):
    return f" {link} ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def _ink(values):
    """Pixels from 0 to 16 as black ink on white."""
    return (255 - values * (255 / 16)).astype(np.uint8)


def _as_map(plane, name, n):
    plane = np.asarray(plane, dtype=float)
    if plane.shape != (n, 2) or not np.isfinite(plane).all():
        raise ValueError(
            f"maps[{name!r}] has shape {plane.shape}: pass {n} rows of two finite numbers, one row "
            "for each digit"
        )
    return plane


# ----------------------------------------------------------------------- 1: the Hungarian method


@exercise(
    returns="the share of the 100 digits that are read correctly, such as 0.4",
    praise="28 + 25 + 10 = 63 of 100. Cluster A gives up two digits, so that B can keep its 25.",
    tolerance=0.0005,
)
def hungarian_share():
    """The share that is right if A reads as 8, B as 1 and C as 9."""
    return 0.63


@hungarian_share.wrong
def by_vote():
    """This is the accuracy by vote: clusters A and B both read as 1.
    The Hungarian method gives each digit to one cluster only.
    Hint: A and B both want the 1. Which of them loses less with a different digit?"""
    yield 0.65
    yield 65


@hungarian_share.wrong
def greedy():
    """This gives 1 to cluster A first, since 30 is the largest count, and B is left with the 8.
    The largest count first is greedy: it gains 2 digits in A and loses 20 in B.
    Hint: try all six ways to give 1, 8 and 9 to A, B and C, and keep the best sum."""
    yield 0.45
    yield 45


@hungarian_share.wrong
def left_out():
    """This counts nothing for cluster B, since cluster A already reads as 1.
    The Hungarian method gives B a digit too: with three clusters and three digits, all are used.
    Hint: try all six ways to give 1, 8 and 9 to A, B and C, and keep the best sum."""
    yield 0.4
    yield 40


@hungarian_share.wrong
def a_count():
    """63 digits are right, but the question asks for their share.
    Hint: there are 100 digits in the table."""
    yield 63


# ------------------------------------------------------------------ 2: a vote of those with labels

FEW_LABELS = [
    (np.array(labels), np.array(digits), np.array(known, dtype=bool))
    for labels, digits, known in [
        ([0, 0, 0, 0, 0, 1, 1, 1], [5, 3, 3, 9, 7, 8, 9, 8], [1, 1, 1, 1, 1, 0, 1, 0]),
        (
            [2, 1, 0, 2, 1, 0, 2, 1, 0, 2, 1, 0],
            [9, 8, 4, 5, 3, 4, 5, 3, 6, 5, 8, 4],
            [1, 0, 1, 1, 1, 0, 1, 1, 1, 0, 1, 1],
        ),
        ([3, 3, 3, 3, 7, 7, 7, 7, 7], [1, 8, 8, 1, 1, 8, 8, 9, 1], [1, 1, 1, 0, 1, 1, 1, 0, 0]),
        ([0, 0, 1, 1, 1, 0], [7, 1, 4, 9, 9, 4], [1, 1, 0, 1, 0, 0]),  # a tie
        ([0, 2, 2, 1, 1, 0], [5, 0, 0, 6, 2, 5], [1, 0, 0, 1, 1, 1]),  # nobody in 2 is known
    ]
]


def _most(votes):
    return np.bincount(votes).argmax()


def _elected(labels, digits, known, elect, nobody=-1):
    """Each cluster reads as what ``elect`` makes of the digits that may vote."""
    votes = {j: digits[known & (labels == j)] for j in np.unique(labels)}
    read = {j: elect(some) if len(some) or nobody is None else nobody for j, some in votes.items()}
    return np.array([read[j] for j in labels])


@exercise(
    FEW_LABELS[:3],
    returns="one digit for each point: an array of len(labels) whole numbers",
    praise="A few labelled digits vote, and every member of their clusters gets an answer.",
)
def vote(labels, digits, known):
    """What each point reads as, if only the digits of the known points may vote."""
    return _elected(labels, digits, known, _most)


@vote.wrong
def all_vote(labels, digits, known):
    """All digits vote here, the unknown ones too.
    In practice nobody has labelled those: you would need the answers to find the answers.
    Hint: a member votes if it is in the cluster and known."""
    yield _elected(labels, digits, known | True, _most)


@vote.wrong
def known_keep_theirs(labels, digits, known):
    """A known point keeps its own digit here, even where its cluster votes for a different one.
    The question is what the clusters read: a cluster gives all its members one answer.
    Hint: fill the result for all members of a cluster at once."""
    yield np.where(known, digits, _elected(labels, digits, known, _most))


@vote.wrong
def only_the_known(labels, digits, known):
    """Only the known points get an answer here, but the unknown ones are those that need reading.
    Hint: the known points vote; then the answer goes to every member of the cluster."""
    read = _elected(labels, digits, known, _most)
    yield read[known]
    yield np.where(known, read, -1)
    yield np.where(known, read, 0)


@vote.wrong
def one_for_each_cluster(labels, digits, known):
    """This returns one digit for each cluster, not one for each point.
    Hint: the label of a point says which cluster's digit is its answer: votes[labels]."""
    yield _elected(labels, digits, known, _most)[np.unique(labels, return_index=True)[1]]


@vote.wrong
def mean_digit(labels, digits, known):
    """This takes the mean or the median of the digits: an 8 and a 2 would read as a 5.
    A digit is a name here. Names can be counted, but they have no mean and no median.
    Hint: count how often each digit occurs and take the one with the largest count."""
    for middle in (_elected(labels, digits, known, elect) for elect in (np.mean, np.median)):
        yield middle
        yield np.round(middle)
        yield np.floor(middle)


@vote.wrong
def largest_digit(labels, digits, known):
    """This takes the largest digit of each cluster, and not the most frequent one.
    Hint: argmax over the counts gives the digit that occurs most often."""
    yield _elected(labels, digits, known, max)


@vote.wrong
def one_to_one(labels, digits, known):
    """Here two clusters never read as the same digit: this is the Hungarian method.
    In a vote they may, and often they must: people write the 1 in more than one style.
    Hint: each cluster votes for itself, whatever the others vote for."""
    names = dict(zip(labels[known], match_labels(labels[known], digits[known]), strict=True))
    yield np.array([names[j] for j in labels])


vote.then(FEW_LABELS)


@vote.wrong
def tie(labels, digits, known):
    """This is right until two digits tie; then it does not take the smaller one.
    If the first digit in the data wins a tie, the answers change with the order of the rows.
    Hint: np.argmax takes the first of equal counts, so let it look at counts of 0, 1, 2, ..."""
    for nobody in -1, 0:
        yield _elected(labels, digits, known, lambda some: max(some, key=list(some).count), nobody)
        yield _elected(labels, digits, known, lambda some: 9 - _most(9 - some), nobody)


@vote.wrong
def nobody_votes(labels, digits, known):
    """This is right until a cluster has no known member; then it answers 0 or stops with an error.
    Nobody has voted, so every digit would be a guess.
    Hint: start with an array of -1, and let a cluster without a vote keep it."""
    yield _elected(labels, digits, known, _most, 0)
    yield lambda: _elected(labels, digits, known, _most, None)


# ------------------------------------------------------------------- 3: which digits to label

BUDGET, SPLITS = 20, 8


@challenge
def label_budget(choose):
    """``choose(X, budget)`` says in which rows of X the digits should be labelled."""
    X, digits = load_digits(return_X_y=True)
    yours, chance, nearest = [], [], []
    for seed in range(SPLITS):
        train, *others = train_test_split(X, digits, random_state=seed)
        rows = choose(train.copy(), BUDGET)
        if rows is None or rows is ...:
            return None, None, "Write choose(X, budget) and run this cell again."
        if fault := _not_rows(rows, others[1]):
            return False, *fault
        draws = np.random.default_rng(seed)
        some = [draws.choice(len(train), BUDGET, replace=False) for _ in range(3)]
        yours.append(_taught(train, *others, np.asarray(rows)))
        chance.append(median(_taught(train, *others, one) for one in some))
        distances = KMeans(BUDGET, n_init=1, random_state=seed).fit(train).transform(train)
        nearest.append(_taught(train, *others, distances.argmin(axis=0)))
    wins = sum(a > b for a, b in zip(yours, chance, strict=True))
    told = (
        f"A classifier that learns from your {BUDGET} digits reads {median(yours):.2f} of new "
        f"digits correctly, and from {BUDGET} random digits {median(chance):.2f} (medians of "
        f"{SPLITS} splits). Yours are better in {wins} of {SPLITS} splits."
    )
    if wins == SPLITS:
        par = f"The members nearest to {BUDGET} centres teach it to read {median(nearest):.2f}."
        return True, None, told, par
    if wins == 0:
        why = "Digits that look like no other teach little about the others."
        hint = "Hint: did you take those that are farthest from a centre? Take the nearest."
        return False, "odd-ones", told, why, hint
    why = "Some styles of writing come often and others seldom; yours do not show all of them."
    hint = f"Hint: find {BUDGET} clusters. Which member of each stands for the others?"
    return False, "no-better-than-chance", told, why, hint


def _taught(train, test, train_digits, test_digits, rows):
    """The share of test digits that a classifier reads correctly, taught with these rows."""
    model = LogisticRegression(max_iter=2000).fit(train[rows], train_digits[rows])
    return model.score(test, test_digits)


def _not_rows(rows, digits):
    """Why these are not rows to have labelled: (slug, lines), or None."""
    rows, n = np.asarray(rows), len(digits)
    hint = "Hint: transform(X) has the distances to all centres; argmin(axis=0) gives row numbers."
    if rows.ndim != 1 or rows.dtype.kind not in "iu":
        text = f"Your function returns {rows.dtype.name} values of shape {rows.shape}."
        return "not-row-numbers", text, f"It should return {BUDGET} row numbers of X.", hint
    if len(rows) != BUDGET:
        return "not-the-budget", f"You chose {len(rows)} digits; the budget is {BUDGET}.", hint
    if not 0 <= rows.min() <= rows.max() < n:
        return "no-such-row", f"X has rows 0 to {n - 1}; you chose {rows.max()} too.", hint
    if (several := len(np.unique(rows))) < BUDGET:
        text = (
            f"Only {several} of your {BUDGET} rows differ: you would pay for the same label twice."
        )
        return "same-row-twice", text, hint
    if len(set(digits[rows])) == 1:
        return "one-digit-only", "All your digits are the same: there is nothing to tell apart."
    return None
