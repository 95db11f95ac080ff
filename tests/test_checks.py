"""Checks: the right sentence for each way to be wrong, however it is written."""

import html
import re
from html.parser import HTMLParser
from importlib import metadata

import numpy as np
import pandas as pd
import pytest
from scipy.spatial.distance import cdist

from kmeans_teach import checks
from kmeans_teach.checks import Result, check
from kmeans_teach.lessons.exercise import Answer
from kmeans_teach.textbook import assign, lloyd, record, update
from tests import learners_01, learners_03, learners_04, learners_05, learners_07

LEARNERS = (learners_01, learners_03, learners_04, learners_05, learners_07)


def of_lessons(what):
    """Merge what the lessons with exercises of their own bring."""
    return {name: value for module in LEARNERS for name, value in getattr(module, what).items()}


# correct, in many styles


def distance_by_loop(a, b):
    total = 0
    for p, q in zip(a, b, strict=True):
        total += (p - q) ** 2
    return total


def assign_by_loops(X, centers):
    labels = []
    for x in X:
        distances = [distance_by_loop(x, c) for c in centers]
        labels.append(distances.index(min(distances)))
    return np.array(labels)


def assign_by_pandas(X, centers):
    table = pd.DataFrame(X)
    for j, center in enumerate(centers):
        table[f"d{j}"] = np.sqrt(((X - center) ** 2).sum(axis=1))
    return table.filter(like="d").to_numpy().argmin(axis=1)


def update_by_loops(X, labels, centers):
    new = []
    for j, center in enumerate(centers):
        mine = [x for x, label in zip(X, labels, strict=True) if label == j]
        new.append(sum(mine) / len(mine) if mine else center)
    return np.array(new)


def update_by_pandas(X, labels, centers):
    means = pd.DataFrame(X).groupby(labels).mean()
    return means.reindex(range(len(centers))).fillna(pd.DataFrame(centers))


def kmeans_until_labels_stay(X, centers):
    labels = None
    while True:
        new = assign_by_loops(X, centers)
        if labels is not None and (new == labels).all():
            return labels, centers
        labels = new
        centers = update_by_loops(X, labels, centers)


def kmeans_until_centers_stay(X, centers):
    for _ in range(300):
        labels = cdist(X, centers).argmin(axis=1)
        new = np.array([X[labels == j].mean(axis=0) for j in range(len(centers))])
        if np.allclose(new, centers):
            break
        centers = new
    return labels, centers


CORRECT = {
    "squared_distance": [
        distance_by_loop,
        lambda a, b: np.sum((a - b) ** 2),
        lambda a, b: np.dot(a - b, a - b),
        lambda a, b: np.linalg.norm(a - b) ** 2,
    ],
    "assign": [
        assign_by_loops,
        assign_by_pandas,
        lambda X, centers: cdist(X, centers).argmin(axis=1),
        lambda X, centers: np.linalg.norm(X[:, None] - centers, axis=2).argmin(axis=1),
        lambda X, centers: pd.DataFrame(cdist(X, centers)).idxmin(axis=1),
        lambda X, centers: (cdist(X, centers) ** 4).argmin(axis=1).astype(np.uint8),
    ],
    "update": [update_by_loops, update_by_pandas, update],
    "total_error": [
        lambda X, labels, centers: ((X - centers[labels]) ** 2).sum(),
        lambda X, labels, centers: sum(
            distance_by_loop(x, centers[j]) for x, j in zip(X, labels, strict=True)
        ),
    ],
    "kmeans": [kmeans_until_labels_stay, kmeans_until_centers_stay],
} | of_lessons("CORRECT")


@pytest.mark.parametrize(("name", "f"), [(n, f) for n, fs in CORRECT.items() for f in fs])
def test_correct_functions_pass(name, f):
    result = getattr(check, name)(f)
    assert result.passed is True, result
    assert result.misconception is None
    assert repr(result).startswith("✔ correct: ")


# misconceptions, each in two styles


def fill(what):
    def update(X, labels, centers):
        new = centers.copy()
        for j in range(len(centers)):
            new[j] = what(X[labels == j])
        return new

    return update


def collect(what):
    return lambda X, labels, centers: np.array([what(X[labels == j]) for j in range(len(centers))])


def broadcast(axis_sum, axis_min):
    return lambda X, centers: ((X[:, None] - centers) ** 2).sum(axis_sum).argmin(axis_min)


def in_place(X, labels, centers):
    for j in range(len(centers)):
        if (labels == j).any():
            centers[j] = X[labels == j].mean(axis=0)
    return centers


def centring_in_place(X, centers):
    X -= X.mean(axis=0)
    return assign(X, centers)


def zeros_as_floats(X, centers):
    labels = np.zeros(len(X))
    labels[:] = assign(X, centers)
    return labels


def plain_mean(X, labels, centers):
    rows = []
    for j in range(len(centers)):
        mine = X[labels == j].tolist()
        rows.append([sum(row[c] for row in mine) / len(mine) for c in range(X.shape[1])])
    return np.array(rows)


def loop(e=assign, m=update, rounds=200, first=0):
    def kmeans(X, centers):
        for _ in range(rounds):
            labels = e(X, centers)
            new = m(X, labels, centers)
            if np.array_equal(new, centers):
                break
            centers = new
        return labels + first, centers

    return kmeans


def forgets_new(X, centers):
    labels = None
    while True:
        new = assign(X, centers)
        if labels is not None and (labels == new).all():
            return labels, centers
        labels = new
        update(X, labels, centers)


def returns_inside_the_loop(X, centers):
    while True:
        labels = assign(X, centers)
        centers = update(X, labels, centers)
        return labels, centers


def stops_before_the_last_update(X, centers):
    run = lloyd(X, centers, tol=0, empty="stay")
    return run[-2].labels.astype(int), run[-5].centers


def returns_the_labels_before_the_last(X, centers):
    old, labels = None, assign(X, centers)
    while True:
        centers = update(X, labels, centers)
        new = assign(X, centers)
        if (new == labels).all():
            return old, centers
        old, labels = labels, new


def median_loop(X, labels, centers):
    return np.array([np.median(X[labels == j], axis=0) for j in range(len(centers))])


WRONG = {
    "squared_distance": {
        "distance-not-squared": [
            lambda a, b: np.sqrt(((a - b) ** 2).sum()),
            lambda a, b: np.linalg.norm(a - b),
        ],
        "squared-twice": [
            lambda a, b: ((a - b) ** 2).sum() ** 2,
            lambda a, b: sum((p - q) ** 4 for p, q in zip(a, b, strict=True)),
        ],
        "differences-not-squared": [
            lambda a, b: (a - b).sum(),
            lambda a, b: sum(q - p for p, q in zip(a, b, strict=True)),
        ],
        "manhattan": [
            lambda a, b: np.abs(a - b).sum(),
            lambda a, b: sum(abs(p - q) for p, q in zip(a, b, strict=True)),
        ],
        "not-summed": [
            lambda a, b: (a - b) ** 2,
            lambda a, b: [(p - q) ** 2 for p, q in zip(a, b, strict=True)],
        ],
        "mean-not-sum": [
            lambda a, b: ((a - b) ** 2).mean(),
            lambda a, b: distance_by_loop(a, b) / len(a),
        ],
    },
    "assign": {
        "argmax": [
            lambda X, centers: cdist(X, centers).argmax(axis=1),
            lambda X, centers: np.array(
                [np.argmax([distance_by_loop(x, c) for c in centers]) for x in X]
            ),
        ],
        "counted-from-1": [
            lambda X, centers: assign(X, centers) + 1,
            lambda X, centers: [1 + int(j) for j in assign_by_loops(X, centers)],
        ],
        "axis-swapped": [
            lambda X, centers: cdist(X, centers).argmin(axis=0),
            broadcast(2, 0),
            broadcast(1, 1),
            broadcast(0, 1),
        ],
        "differences-not-squared": [
            lambda X, centers: (X[:, None] - centers).sum(axis=2).argmin(axis=1),
            lambda X, centers: np.array(
                [np.argmin([abs((x - c).sum()) for c in centers]) for x in X]
            ),
        ],
        "one-column": [
            lambda X, centers: np.abs(X[:, [0]] - centers[:, 0]).argmin(axis=1),
            lambda X, centers: np.array(
                [np.argmin([(x[-1] - c[-1]) ** 2 for c in centers]) for x in X]
            ),
        ],
        "distance-not-label": [
            lambda X, centers: cdist(X, centers).min(axis=1),
            lambda X, centers: [min(distance_by_loop(x, c) for c in centers) for x in X],
            cdist,
        ],
        "never-assigned": [
            lambda X, centers: np.zeros(len(X), dtype=int),
            lambda X, centers: [0] * len(X),
        ],
        "changes-input": [centring_in_place],
        "labels-not-whole": [zeros_as_floats],
        "returns-list": [lambda X, centers: assign(X, centers).tolist()],
        "wrong-shape": [
            lambda X, centers: assign(X, centers)[:, None],
            lambda X, centers: "all of them",
            lambda X, centers: [[1], [2, 3]],
            lambda X, centers: {0: 1},
            lambda X, centers: (),
        ],
        "cannot-be-called": [lambda: 3],
        "raises": [
            lambda X, centers: X.iloc[0],
            lambda X, centers: assign(X, centers, 3),
            lambda X, centers: exit("stop"),
        ],
        "other": [lambda X, centers: (assign(X, centers) + 1) % len(centers)],
        "not-a-function": [3, "assign", np.array([0, 1]), [assign]],
    },
    "update": {
        "never-updated": [
            lambda X, labels, centers: centers,
            lambda X, labels, centers: np.array([c * 1.0 for c in centers]),
        ],
        "all-points": [
            fill(lambda points: 0)
            and (lambda X, labels, centers: np.tile(X.mean(0), (len(centers), 1))),
            lambda X, labels, centers: np.array([X.mean(axis=0) for _ in centers]),
            lambda X, labels, centers: X.mean(axis=0),
        ],
        "median": [
            fill(lambda points: np.median(points, axis=0)),
            lambda X, labels, centers: pd.DataFrame(X).groupby(labels).median(),
        ],
        "axis-swapped": [
            fill(lambda points: points.mean(axis=1)),
            collect(lambda points: points.mean(axis=1)),
        ],
        "columns-mixed": [
            fill(lambda points: points.mean()),
            collect(lambda points: np.mean(points)),
        ],
        "not-divided": [
            fill(lambda points: points.sum(axis=0)),
            lambda X, labels, centers: pd.DataFrame(X).groupby(labels).sum() / len(X),
        ],
        "counted-from-1": [
            lambda X, labels, centers: np.array(
                [X[labels == j].mean(axis=0) for j in range(1, len(centers) + 1)]
            ),
            lambda X, labels, centers: update(X, labels - 1, centers),
        ],
        "empty-forgotten": [
            collect(lambda points: points.mean(axis=0)),
            lambda X, labels, centers: pd.DataFrame(X).groupby(labels).mean(),
            collect(lambda points: points.sum(axis=0) / max(1, len(points))),
            plain_mean,
            lambda X, labels, centers: np.array(
                [sum(X[labels == j]) * (1 / int((labels == j).sum())) for j in range(len(centers))]
            ),
        ],
        "changes-input": [in_place],
        "returns-list": [lambda X, labels, centers: update(X, labels, centers).tolist()],
        "wrong-shape": [lambda X, labels, centers: update(X, labels, centers).T.ravel()],
    },
    "total_error": {
        "distance-not-squared": [
            lambda X, labels, centers: np.linalg.norm(X - centers[labels], axis=1).sum(),
            lambda X, labels, centers: np.sqrt(((X - centers[labels]) ** 2).sum()),
        ],
        "squared-twice": [
            lambda X, labels, centers: (((X - centers[labels]) ** 2).sum(axis=1) ** 2).sum(),
            lambda X, labels, centers: sum(
                distance_by_loop(x, centers[j]) ** 2 for x, j in zip(X, labels, strict=True)
            ),
        ],
        "mean-not-sum": [
            lambda X, labels, centers: ((X - centers[labels]) ** 2).sum(axis=1).mean(),
            lambda X, labels, centers: np.mean((X - centers[labels]) ** 2),
        ],
        "all-centers": [
            lambda X, labels, centers: (cdist(X, centers) ** 2).sum(),
            lambda X, labels, centers: sum(distance_by_loop(x, c) for x in X for c in centers),
        ],
        "labels-ignored": [
            lambda X, labels, centers: (cdist(X, centers) ** 2).min(axis=1).sum(),
            lambda X, labels, centers: sum(min(distance_by_loop(x, c) for c in centers) for x in X),
        ],
        "centers-ignored": [
            lambda X, labels, centers: sum(
                ((X[labels == j] - X[labels == j].mean(axis=0)) ** 2).sum()
                for j in range(len(centers))
            ),
            lambda X, labels, centers: (
                ((X - pd.DataFrame(X).groupby(labels).transform("mean")) ** 2).to_numpy().sum()
            ),
        ],
        "manhattan": [
            lambda X, labels, centers: np.abs(X - centers[labels]).sum(),
            lambda X, labels, centers: sum(
                abs(x - centers[j]).sum() for x, j in zip(X, labels, strict=True)
            ),
        ],
        "not-summed": [
            lambda X, labels, centers: ((X - centers[labels]) ** 2).sum(axis=1),
            lambda X, labels, centers: sum((X - centers[labels]) ** 2),
        ],
    },
    "kmeans": {
        "never-updated": [loop(m=lambda X, labels, centers: centers), forgets_new],
        "stops-too-soon": [loop(rounds=1), returns_inside_the_loop, loop(rounds=3)],
        "one-short": [stops_before_the_last_update, returns_the_labels_before_the_last],
        "pair-swapped": [
            lambda X, centers: loop()(X, centers)[::-1],
            lambda X, centers: tuple(reversed(kmeans_until_labels_stay(X, centers))),
        ],
        "half-returned": [
            lambda X, centers: loop()(X, centers)[0],
            lambda X, centers: kmeans_until_labels_stay(X, centers)[1],
        ],
        "counted-from-1": [loop(first=1), lambda X, centers: loop(first=1, rounds=90)(X, centers)],
        "all-points": [
            loop(m=lambda X, labels, centers: np.tile(X.mean(axis=0), (len(centers), 1))),
            loop(m=lambda X, labels, centers: np.array([X.mean(axis=0) for c in centers])),
        ],
        "median": [loop(m=fill(lambda points: np.median(points, axis=0))), loop(m=median_loop)],
        "argmax": [
            lambda X, centers: loop(e=lambda X, c: cdist(X, c).argmax(axis=1))(X, centers),
        ],
        "changes-input": [loop(m=in_place)],
        "raises": [lambda X, centers: loop(m=lambda *a: 1 / 0)(X, centers)],
        "other": [lambda X, centers: (loop()(X, centers)[0], loop()(X, centers)[1] + 1)],
        "wrong-shape": [lambda X, centers: (1, 2, 3), lambda X, centers: 0.5],
    },
} | of_lessons("WRONG")
CASES = [(n, slug, f) for n, slugs in WRONG.items() for slug, fs in slugs.items() for f in fs]


@pytest.mark.parametrize(("name", "slug", "f"), CASES)
def test_the_misconception_is_named(name, slug, f):
    result = getattr(check, name)(f)
    assert result.passed is False
    assert result.misconception == slug, result
    assert repr(result).startswith(f"✘ not yet: {name}(")
    assert repr(result).count("Hint: ") == 1
    assert repr(result) == repr(getattr(check, name)(f))


def test_every_misconception_has_learner_code_above():
    for name, slugs in WRONG.items():
        known = [w.__name__.replace("_", "-") for _, ws in getattr(check, name).stages for w in ws]
        assert {*known} <= slugs.keys(), name


class Hostile:
    def __call__(self, *arguments):
        return self

    def __array__(self, *arguments, **options):
        raise RuntimeError("no")

    def __repr__(self):
        raise RuntimeError("no")

    def __eq__(self, other):
        raise RuntimeError("no")

    __hash__ = None


def test_the_smallest_counterexample_is_shown():
    text = repr(check.assign(WRONG["assign"]["other"][0]))
    assert "X = [[0, 0], [2, 1], [7, 5], [8, 9]], centers = [[1, 1], [7, 6]]" in text
    assert "returns [1, 1, 0, 0], expected [0, 0, 1, 1]" in text


def test_an_error_is_shown_with_its_words():
    text = repr(check.assign(lambda X, centers: X.iloc[0]))
    assert "raises AttributeError" in text
    assert "iloc" in text


def test_the_cases_of_lesson_02_are_fit_for_telling_wrong_from_right():
    for X, centers in check.assign.stages[0][0]:
        nearest = np.sort(cdist(X, centers), axis=1)
        assert (nearest[:, 1] - nearest[:, 0]).min() > 1e-6
    runs = [lloyd(X, c, tol=0) for X, c in check.kmeans.stages[0][0]]
    assert [run.n_iter for run in runs] == [5, 8, 10]
    assert not any(s.relocated for run in runs for s in run)


def test_checks_leave_the_global_generator_alone():
    np.random.seed(3)  # noqa: NPY002
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    for name, functions in CORRECT.items():
        getattr(check, name)(functions[0])
    assert (np.random.get_state()[1] == before).all()  # noqa: NPY002


# questions


def test_the_answers_of_the_lessons_are_told_from_near_misses():
    for question, answer in checks._answers("").items():
        assert check.answer(question).passed is None
        right = check.answer(question, answer.right)
        assert (right.passed, right.misconception) == (True, None)
        for wrong, (slug, line) in answer.near.items():
            near = check.answer(question, wrong)
            assert (near.passed, near.misconception) == (False, slug)
            assert line in repr(near)
            assert answer.hint in repr(near)


@pytest.fixture
def questions(monkeypatch):
    table = {
        "count": Answer("How many?", 11, "Yes.", "count", {22: ("half-steps", "E and M")}),
        "value": Answer("How much?", 8.4, "Yes.", "read", {5.2: ("best", "no")}, 0.06),
        "choice": Answer("Which?", "b", "Yes.", "think", {"a": ("tol", "no")}),
    }
    monkeypatch.setattr("kmeans_teach.checks._answers", lambda number: table)


@pytest.mark.usefixtures("questions")
@pytest.mark.parametrize(
    ("question", "value", "passed", "slug"),
    [
        ("count", 11, True, None),
        ("count", 11.0, True, None),
        ("count", np.int64(11), True, None),
        ("count", [11], True, None),
        ("count", "11", True, None),
        ("count", 22, False, "half-steps"),
        ("count", 7, False, "other"),
        ("count", None, None, None),
        ("count", ..., None, None),
        ("count", " ", None, None),
        ("count", "eleven", False, "other"),
        ("count", [1, 2], False, "other"),
        ("count", np.nan, False, "other"),
        ("count", Hostile(), False, "other"),
        ("value", 8.36, True, None),
        ("value", 8.5, False, "other"),
        ("value", 5.2, False, "best"),
        ("choice", "B ", True, None),
        ("choice", "A", False, "tol"),
        ("choice", "c", False, "other"),
        ("choice", 2, False, "other"),
        ("choice", Hostile(), False, "other"),
        ("none", 2, False, "unknown-question"),
        (7, 2, False, "unknown-question"),
        ([], 2, False, "unknown-question"),
    ],
)
def test_answers(question, value, passed, slug):
    result = check.answer(question, value)
    assert result.passed is passed, result
    assert result.misconception == slug
    assert result._repr_html_()
    assert "0x" not in repr(result)


def test_the_question_of_lesson_02_has_the_answers_that_a_run_gives():
    X = np.array([[1.0], [2.0], [4.0], [8.0], [9.0]])
    run = record(X, X[:2])
    quiet = next(s for s in run[1:] if s.phase == "assign" and not s.n_changed)
    assert check.answer("02.predict", quiet.iteration).passed
    assert check.answer("02.predict", quiet.iteration - 1).misconception == "last-not-counted"
    changing = sum(s.phase == "assign" and 0 < s.n_changed < len(X) for s in run)
    assert check.answer("02.predict", changing).misconception == "first-not-counted"
    assert check.answer("02.predict", len(run) - 1).misconception == "half-steps"
    assert check.answer("02.predict", len(run)).misconception == "snapshots"


# the environment


def test_this_environment_is_right():
    result = check.environment()
    assert result.passed, result
    assert "All packages" in repr(result)


def test_every_package_of_the_lessons_is_asked_for(monkeypatch):
    asked = []
    monkeypatch.setattr(metadata, "version", lambda name: asked.append(name) or "99")
    assert check.environment().passed
    assert {"numpy", "scikit-learn", "jupyterlab", "anywidget", "seaborn"} <= set(asked)


def test_a_missing_and_an_old_package_are_named(monkeypatch):
    real = metadata.version

    def version(name):
        if name == "anywidget":
            raise metadata.PackageNotFoundError(name)
        return "1.26.4" if name == "numpy" else real(name)

    monkeypatch.setattr(metadata, "version", version)
    result = check.environment()
    assert (result.passed, result.misconception) == (False, "missing")
    assert "anywidget is missing." in result.lines
    assert any(
        re.fullmatch(r"numpy 1.26.4 is too old: \S+ or newer is needed.", x) for x in result.lines
    )
    assert len(result.lines) == 3


def test_a_package_that_is_not_installed_is_told(monkeypatch):
    def requires(name):
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "requires", requires)
    assert check.environment().misconception == "not-installed"


def test_packages_for_tests_alone_are_not_asked_for(monkeypatch):
    monkeypatch.setattr(
        metadata, "requires", lambda name: ["numpy>=2.0", 'nowhere>=1; extra == "test"']
    )
    assert check.environment().passed


# how it looks


def test_the_box_escapes_text_and_speaks_without_colour():
    def learner(X, centers):
        raise ValueError("<script>alert(1)</script> & more")

    box = check.assign(learner)._repr_html_()
    assert "<script>" not in box
    assert html.escape("<script>") in box
    assert "✘ not yet" in box
    assert "var(--jp-error-color1, #" in box


def test_the_box_is_whole_html():
    class Balance(HTMLParser):
        def __init__(self):
            super().__init__()
            self.open = []

        def handle_starttag(self, tag, attrs):
            self.open.append(tag)

        def handle_endtag(self, tag):
            assert self.open.pop() == tag

    for passed in (True, False, None):
        parser = Balance()
        parser.feed(Result("assign(X)", passed, None, ("one < two", "three"))._repr_html_())
        parser.close()
        assert parser.open == []


def test_the_object_says_what_it_can_check():
    assert "check.assign" in repr(check)
    assert "0x" not in repr(check)
