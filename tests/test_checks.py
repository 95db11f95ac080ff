"""Checks of the lessons: each way to be wrong gets its sentence, and what is said is so.

``pytest -k lesson02`` runs what concerns one lesson.
"""

import html
import pickle
import re
from collections import Counter
from html.parser import HTMLParser
from importlib import metadata
from itertools import permutations, product

import numpy as np
import pytest
from scipy.spatial.distance import cdist
from sklearn.metrics import (
    adjusted_rand_score,
    homogeneity_score,
    rand_score,
    silhouette_samples,
)
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from kmeans_teach import textbook
from kmeans_teach.choosing import Gap
from kmeans_teach.lessons import cases, checks
from kmeans_teach.lessons.checks import Result, check
from kmeans_teach.lessons.exercise import Answer, Challenge, Exercise, sentences
from tests.learners import RIGHT, WRONG, k_by_arrays, means, purity, renamed, total

LESSONS = {name: lesson.replace("_", "") for name, lesson in checks._lessons().items()}
EXERCISES = {n: getattr(check, n) for n in LESSONS if type(getattr(check, n)) is Exercise}


def named(*what):
    """Name a case by its lesson and what it is about."""
    texts = [text for text in what if type(text) is str]
    return pytest.param(*what, id="-".join([LESSONS[what[0]], *texts]))


def stages(name):
    return [list(map(pickle.loads, map(pickle.dumps, s))) for s, _ in EXERCISES[name].stages]


def slug(wrong):
    return wrong.__name__.replace("_", "-")


# what learners write


@pytest.mark.parametrize(("name", "f"), [named(n, f) for n, fs in RIGHT.items() for f in fs])
def test_right_functions_pass(name, f):
    assert check.__getattr__(name)(f) == Result(
        EXERCISES[name].signature, True, None, (EXERCISES[name].praise,)
    )


WRITTEN = [named(name, *pair) for name, pairs in WRONG.items() for pair in pairs]


@pytest.mark.parametrize(("name", "told", "f"), WRITTEN)
def test_the_misconception_is_named(name, told, f):
    result = EXERCISES[name](f)
    assert (result.passed, result.misconception) == (False, told), result
    assert repr(result).count("Hint: ") == 1


def test_every_misconception_has_learner_code():
    for name, pairs in WRONG.items():
        known = {slug(w) for _, ws in EXERCISES[name].stages for w in ws}
        assert known <= {told for told, _ in pairs}, name


@pytest.mark.parametrize("name", [named(name) for name in EXERCISES])
def test_what_no_misconception_explains_is_told_as_what_it_is(name):
    what = EXERCISES[name]
    if not what.names:
        assert what(what.right()).passed
        assert what(None).passed is None
        return
    right, found = what.right, what.right(*stages(name)[0][0])

    def off(*case):
        value = right(*case)
        return (
            tuple(v * 1.37 + 0.11 for v in value) if type(value) is tuple else value * 1.37 + 0.11
        )

    assert what(right).passed
    assert what(lambda *case: ...).passed is None
    assert what(off).misconception == "other"
    assert what(lambda: 1).misconception == "cannot-be-called"
    assert what(lambda *case: case[0].missing).misconception == "raises"
    assert what(lambda *case: "good").misconception == "wrong-shape"
    assert what(found).misconception == "not-a-function"
    if type(found) is np.ndarray:
        assert what(lambda *case: right(*case).tolist()).misconception == "returns-list"
    if what.returns.startswith("labels:"):
        assert what(lambda *case: right(*case) * 1.0).misconception == "labels-not-whole"


# what the lessons know


def test_every_exercise_is_found_by_its_name():
    written = [
        name
        for lesson in {*checks._lessons().values()}
        for name, value in vars(__import__(f"kmeans_teach.lessons.{lesson}", fromlist="_")).items()
        if isinstance(value, Challenge) and value.right.__module__.endswith(lesson)
    ]
    assert sorted(written) == sorted(LESSONS)
    assert all(name == getattr(check, name).__name__ for name in LESSONS)
    assert not LESSONS.keys() & vars(checks.Checks).keys()


MISTAKES = [
    named(name, slug(wrong), stage, wrong)
    for name, what in EXERCISES.items()
    for stage, (_, wrongs) in enumerate(what.stages)
    for wrong in wrongs
]


@pytest.mark.parametrize(("name", "told", "stage", "wrong"), MISTAKES)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_every_style_is_told_as_its_own_misconception(name, told, stage, wrong):
    what, tried = EXERCISES[name], stages(name)[stage]
    styles = {pickle.dumps(case): list(wrong(*pickle.loads(pickle.dumps(case)))) for case in tried}
    (many,) = {len(found) for found in styles.values()}
    assert many
    for number in range(many):

        def learner(*given, number=number):
            found = styles.get(pickle.dumps(given))
            value = found[number] if found else what.right(*given)
            return value() if callable(value) else value

        result = what(learner if what.names else learner())
        assert result.misconception == told, f"style {number}: {result}"
        assert result.lines == sentences(wrong)
    *said, hint = sentences(wrong)
    assert said
    assert all(line.endswith((".", "?", "!", ":")) for line in said)
    assert hint.startswith("Hint: ")


def test_lesson01_cases_and_the_numbers_of_its_sentences():
    assert {len(a) for cases in stages("distance") for a, _ in cases} == {1, 2, 3, 4}
    grouped = stages("between")[0]
    assert sum(len({*np.bincount(y)}) > 1 for _, y in grouped) >= 3
    for X, y in grouped:
        within = check.pair_objective.right(X, y)
        assert within == pytest.approx(textbook.inertia(X, y, means(X, y)))
        assert within + check.between.right(X, y) == pytest.approx(total(X))
    said = {"forgot_root": 25, "manhattan": 7, "chebyshev": 4}
    for wrong in check.distance.stages[0][1]:
        if value := said.pop(wrong.__name__, None):
            assert next(wrong(np.array([0, 0]), np.array([3, 4]))) == value
            assert f"gives {value}, not 5" in wrong.__doc__
    assert not said


def test_lesson02_cases_have_no_ties_and_need_many_rounds():
    for X, centers in stages("assign")[0]:
        nearest = np.sort(cdist(X, centers), axis=1)
        assert (nearest[:, 1] - nearest[:, 0]).min() > 1e-6
    runs = [textbook.lloyd(X, c, tol=0) for X, c in stages("kmeans")[0]]
    assert [run.n_iter for run in runs] == [5, 8, 10]
    assert not any(s.relocated for run in runs for s in run)


def test_lesson03_cases_have_one_best_renaming_that_greedy_ways_miss():
    behind = []
    for y, r in stages("relabel")[0]:
        agree = sorted((np.array(way)[y] == r).sum() for way in permutations(range(4)))
        assert (check.relabel.right(y, r) == r).sum() == agree[-1] > agree[-2]
        behind.append(agree[-1] - (cases.greedy(y, r) == r).sum())
    assert max(behind) > 0
    X, centers = np.array([[0.0, 0.0], [3.0, 4.0]]), np.array([[0.0, 0.0]])
    assert check.draw_probabilities.right(X, centers).tolist() == [0, 1]
    (wrong,) = (w for w in check.draw_probabilities.stages[0][1] if slug(w) == "not-normalised")
    assert next(wrong(X, centers)).tolist() == [0, 25]
    assert "0 and 25 should become 0 and 1" in wrong.__doc__


def test_lesson04_references_are_scikit_learns_and_the_packages():
    alone = []
    for tried in stages("silhouette"):
        for X, y in tried:
            assert check.silhouette.right(X, y) == pytest.approx(silhouette_samples(X, y))
        alone.append({np.bincount(y).min() == 1 for _, y in tried})
    assert alone == [{False}, {True}]
    first, second = stages("smallest_k")
    for gap, error in first + second:
        ks = tuple(range(1, len(gap) + 1))
        package = Gap(ks, gap.copy(), error.copy(), gap * 0, gap * 0, 20).best
        assert check.smallest_k.right(gap, error) == package == k_by_arrays(gap, error)
    found = [check.smallest_k.right(*case) for case in first]
    assert found[0] == 1
    assert len({*found}) >= 3
    # one that is found, so that None for the others is told from an untouched stub
    assert [(np.diff(gap) > error[1:]).all() for gap, error in second] == [True, True, False]


def test_lesson05_references_are_scikit_learns():
    flat = []
    for tried in stages("standardise"):
        for train, new in tried:
            scaler = StandardScaler().fit(train)
            assert np.allclose(check.standardise.right(train, new), scaler.transform(new))
            back = check.to_units.right(scaler.transform(new), scaler.mean_, scaler.scale_)
            assert np.allclose(back, new)
        flat.append({(train.std(axis=0) == 0).sum() for train, _ in tried})
    assert flat == [{0}, {1}]
    for (values,) in stages("one_hot")[0] + stages("one_hot")[1]:
        theirs = OneHotEncoder(sparse_output=False).fit_transform(values[:, None])
        assert np.array_equal(check.one_hot.right(values), theirs)
    # "the category left out is nearer to all others than they are to each other"
    far = cdist(*[check.one_hot.right(np.array(["a", "b", "c"]))[:, 1:]] * 2)
    assert far[0, 1] == far[0, 2] < far[1, 2]
    shown = repr(check.one_hot(lambda values: 2 * check.one_hot.right(values)))
    assert "values = [web, app, web, phone]" in shown


def test_lesson07_references_are_brute_force_and_scikit_learns():
    first, second = stages("matched_accuracy")
    for y, z in first + second:
        assert check.matched_accuracy.right(y, z) == pytest.approx(renamed(y, z, y, z))
    more = [{int(np.sign(y.max() - z.max())) for y, z in tried} for tried in (first, second)]
    assert more == [{0}, {-1, 1}]
    for a, b in stages("rand_index")[0]:
        assert check.rand_index.right(a, b) == pytest.approx(rand_score(a, b))
    # "if every point is a cluster, purity is 1"; equal clusterings with other numbers would get 0
    classes = np.array([0, 0, 1, 1, 1])
    assert purity(np.arange(5), classes) == rand_score(classes, 1 - classes) == 1
    assert not (classes == 1 - classes).any()


# questions: (an answer that is computed, what it is told; None if it is right)


def lesson00_centres():
    points, last = 300, 3
    yield from ((last + 1, None), (points, "points"), (last, "last-number"), (last + 2, "one-more"))


def lesson01_predict():
    written = [*product((0, 1), repeat=4)]
    no_empty = [labels for labels in written if len({*labels}) == 2]

    def groups(labellings):  # without names: the first point's cluster is called 0
        return {tuple(label ^ labels[0] for label in labels) for labels in labellings}

    yield len(groups(no_empty)), None
    yield len(no_empty), "names-counted"
    yield len(written), "labels-counted"
    yield len(groups(written)), "empty-allowed"
    yield sum(sum(labels) == 2 for labels in written), "pairs-only"
    yield 5, "other"


def lesson02_predict():
    X = np.array([[1.0], [2.0], [4.0], [8.0], [9.0]])
    run = textbook.record(X, X[:2])
    e_steps = [s.n_changed for s in run if s.phase == "assign"]
    yield len(e_steps[: e_steps.index(0) + 1]), None
    yield e_steps.index(0), "last-not-counted"
    yield sum(0 < n < len(X) for n in e_steps), "first-not-counted"
    yield from ((2 * len(e_steps), "half-steps"), (len(run) - 1, "half-steps"))
    yield 9, "snapshots"
    yield 6, "other"


def lesson02_prove():
    yield from zip("bacd", (None, "tol", "zero", "max-iter"), strict=True)


def lesson03_predict():
    runs = [*product((True, False), repeat=3)]

    def probability(event):
        return sum(0.8 ** sum(way) * 0.2 ** (3 - sum(way)) for way in runs if event(way))

    yield probability(lambda way: not any(way)), None
    yield probability(any), "at-least-one"
    yield probability(all), "all-three"
    yield probability(lambda way: sum(way) == 1), "one-finds-it"
    yield probability(lambda way: not way[0]), "one-run"
    yield probability(lambda way: not any(way[:2])), "two-runs"
    yield from ((3 * 0.2, "added"), (0.5, "other"))


def lesson04_predict():
    def value(at, own, other, power=1):
        a, b = (np.mean(np.abs(np.array(v) - at) ** power) for v in (own, other))
        return (b - a) / max(a, b)

    yield value(2, [0], [6, 14]), None
    yield value(2, [0, 2], [6, 14]), "itself-counted"
    yield value(2, [1], [10]), "itself-counted"
    yield value(2, [0], [6]), "nearest-point"
    yield value(2, [0], [14]), "farthest-point"
    yield -value(2, [0], [6, 14]), "turned-round"
    yield from (((8 - 2) / divisor, "not-by-the-larger") for divisor in (2, 8 + 2))
    yield 8 - 2, "not-divided"
    yield value(2, [0], [6, 14], power=2), "squared"
    yield value(6, [14], [0, 2]), "other-point"
    yield from ((0.1, "other"), ("3/4", "other"))


def lesson05_predict():
    way, scale = np.array([90, 1600]), np.array([30, 400])
    scaled = way / scale
    yield np.linalg.norm(scaled), None
    yield (scaled**2).sum(), "forgot-root"
    yield scaled.sum(), "manhattan"
    yield scaled.max(), "largest-only"
    yield np.linalg.norm(way), "not-scaled"
    yield way.sum(), "not-scaled-sum"
    yield 6, "other"


def lesson07_predict():
    classes, alone = np.array([0, 0, 1, 1, 1]), np.arange(5)
    same = (classes[:, None] == classes) == (alone[:, None] == alone)
    yield rand_score(classes, alone), None
    yield 1 - rand_score(classes, alone), "disagreement"
    yield adjusted_rand_score(classes, alone), "together-only"
    yield homogeneity_score(classes, alone), "homogeneity"
    yield same.mean(), "self-pairs"
    yield np.triu(same, 1).sum(), "counted-not-divided"
    yield 0.5, "other"


QUESTIONS = {
    f"{name[6:8]}.{name[9:]}": f
    for name, f in [*globals().items()]
    if re.fullmatch(r"lesson\d\d_(predict|prove|centres)", name)
}


@pytest.mark.parametrize("name", QUESTIONS, ids=[f.__name__ for f in QUESTIONS.values()])
def test_the_answers_of_a_question_are_those_that_computing_gives(name):
    answer, told = checks._answers("")[name], [*QUESTIONS[name]()]
    assert check.answer(name) == Result(
        name, None, None, (answer.question, "Put your answer in, then run.")
    )
    for value, slug in told:
        result = check.answer(name, value)
        assert (result.passed, result.misconception) == (slug is None, slug), value
        if slug is None:
            assert result.lines == (answer.praise,)
        else:
            assert result.lines[1] == f"Hint: {answer.hint}"
    assert {slug for slug, _ in answer.near.values()} == {s for _, s in told} - {None, "other"}


def test_every_question_is_computed_here():
    assert QUESTIONS.keys() == checks._answers("").keys()


class Hostile:
    def __array__(self, *arguments, **options):
        raise RuntimeError("no")

    __repr__ = __eq__ = __array__
    __hash__ = None


ANSWERS = {
    "count": (
        Answer("How many?", 11.0, "Yes.", "count", {22.0: ("half-steps", "E and M")}),
        {None: [11, 11.0, np.int64(11), [11], "11"], "half-steps": [22]},
        [7, "eleven", [1, 2], np.nan, Hostile()],
    ),
    "value": (
        Answer("How much?", 8.4, "Yes.", "read", {5.2: ("best", "no")}, 0.06),
        {None: [8.36], "best": [5.2]},
        [8.5],
    ),
    "choice": (
        Answer("Which?", "b", "Yes.", "think", {"a": ("tol", "no")}),
        {None: ["B "], "tol": ["A"]},
        ["c", 2, Hostile()],
    ),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_answers(name, monkeypatch):
    answer, told, others = ANSWERS[name]
    monkeypatch.setattr(checks, "_answers", lambda number: {name: answer})
    for slug, values in {**told, "other": others}.items():
        for value in values:
            result = check.answer(name, value)
            assert (result.passed, result.misconception) == (slug is None, slug), result
            assert "0x" not in repr(result) + result._repr_html_()
    assert {check.answer(name, empty).passed for empty in (None, ..., " ")} == {None}
    assert {check.answer(other, 2).misconception for other in ("no", 7)} == {"unknown-question"}
    assert check.answer([], 2).lines == ("There is no such question.", f"The questions are {name}.")


# the environment


def test_this_environment_is_right(monkeypatch):
    assert check.environment().passed
    asked = Counter()
    monkeypatch.setattr(metadata, "version", lambda name: asked.update([name]) or "99")
    assert check.environment().lines == (
        "All packages that the lessons need are here, in versions that fit.",
    )
    assert {"numpy", "scikit-learn", "jupyterlab", "anywidget", "seaborn"} <= asked.keys()
    assert "pytest" not in asked


def test_a_missing_and_an_old_package_are_named(monkeypatch):
    real = metadata.version

    def version(name):
        if name == "anywidget":
            raise metadata.PackageNotFoundError(name)
        return "1.26.4" if name == "numpy" else real(name)

    monkeypatch.setattr(metadata, "version", version)
    result = check.environment()
    assert (result.passed, result.misconception) == (False, "missing")
    assert len(result.lines) == 3
    assert "anywidget is missing." in result.lines
    old = r"numpy 1.26.4 is too old: \S+ or newer is needed."
    assert any(re.fullmatch(old, line) for line in result.lines)


def test_a_package_that_is_not_installed_is_told(monkeypatch):
    def requires(name):
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "requires", requires)
    assert check.environment().misconception == "not-installed"


# how it looks


def test_the_box_is_whole_html_that_escapes_text_and_speaks_without_colour():
    class Balance(HTMLParser):
        open, text = (), ""

        def handle_starttag(self, tag, attrs):
            self.open = (*self.open, tag)

        def handle_endtag(self, tag):
            *rest, last = self.open
            assert last == tag
            self.open = tuple(rest)

        def handle_data(self, data):
            self.text += data

    for passed, verdict in ((True, "✔ correct"), (False, "✘ not yet"), (None, "· not tried yet")):
        parser = Balance()
        box = Result("assign(X)", passed, None, ("<script>a & b</script>", "two"))._repr_html_()
        parser.feed(box)
        parser.close()
        assert not parser.open
        assert parser.text == f"{verdict}: assign(X)<script>a & b</script>two"
        assert html.escape("<script>") in box
        assert "var(--jp-" in box


def test_the_checks_leave_the_global_generator_alone():
    np.random.seed(3)  # noqa: NPY002
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    for name, functions in RIGHT.items():
        EXERCISES[name](functions[0])
    assert (np.random.get_state()[1] == before).all()  # noqa: NPY002
