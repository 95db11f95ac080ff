"""Feedback for the exercises: not tried yet, correct, or the misconception by name.

A check runs the reader's function on small data sets. If a result differs from the reference, it
looks for a known misconception that would give exactly the reader's results, and says what it is.
"""

from __future__ import annotations

import copy
import difflib
import html
import re
import warnings
from dataclasses import dataclass
from importlib import import_module, metadata
from pathlib import Path

import numpy as np

from .exercises import ANSWERS as ANSWERS_00_TO_02
from .exercises import ASSIGN, KMEANS, SQUARED_DISTANCE, TOTAL_ERROR, UPDATE, Exercise
from .exercises_01 import BETWEEN, DISTANCE, PAIR_OBJECTIVE
from .exercises_03 import ANSWERS_03, DRAW_PROBABILITIES, RELABEL
from .exercises_04 import ANSWERS_04, SILHOUETTE, SMALLEST_K
from .exercises_05 import ANSWERS_05, ONE_HOT, STANDARDISE, TO_UNITS
from .exercises_07 import ANSWERS_07, MATCHED_ACCURACY, RAND_INDEX

ANSWERS = {
    **ANSWERS_00_TO_02,
    **ANSWERS_03,
    **ANSWERS_04,
    **ANSWERS_05,
    **ANSWERS_07,
}


class Checks:
    """All checks; ``check`` is the one object of this class.

    Each takes your function (or your answer) and returns a :class:`Result` to be looked at.

    Examples
    --------
    >>> import numpy as np
    >>> from kmeans_teach import check
    >>> def assign(X, centers):
    ...     return ((X[:, None] - centers) ** 2).sum(axis=2).argmax(axis=1)
    >>> check.assign(assign)
    ✘ not yet: assign(X, centers)
      Every point joins the centre that is farthest from it.
      Then clusters are spread over the whole picture and the error grows.
      Hint: which of the distances in a row do you want: the largest?
    >>> check.assign(assign).misconception
    'argmax'
    """

    def distance(self, function=None) -> Result:
        """``distance(a, b)``: the straight line between two points, in any number of columns."""
        return judge(DISTANCE, function)

    def pair_objective(self, function=None) -> Result:
        """``pair_objective(X, labels)``: the objective written over pairs of points."""
        return judge(PAIR_OBJECTIVE, function)

    def between(self, function=None) -> Result:
        """``between(X, labels)``: how far the clusters' means lie from the mean of all points."""
        return judge(BETWEEN, function)

    def squared_distance(self, function=None) -> Result:
        """``squared_distance(a, b)``: two points in, one number out."""
        return judge(SQUARED_DISTANCE, function)

    def assign(self, function=None) -> Result:
        """``assign(X, centers) -> labels``, the E-step."""
        return judge(ASSIGN, function)

    def update(self, function=None) -> Result:
        """``update(X, labels, centers) -> centers``, the M-step."""
        return judge(UPDATE, function)

    def total_error(self, function=None) -> Result:
        """``total_error(X, labels, centers)``: the inertia."""
        return judge(TOTAL_ERROR, function)

    def kmeans(self, function=None) -> Result:
        """``kmeans(X, centers) -> (labels, centers)``, the whole loop."""
        return judge(KMEANS, function)

    def draw_probabilities(self, function=None) -> Result:
        """``draw_probabilities(X, centers)``: the chance of each point in the next draw."""
        return judge(DRAW_PROBABILITIES, function)

    def relabel(self, function=None) -> Result:
        """``relabel(labels, reference)``: clusters renamed to agree at as many points as can be."""
        return judge(RELABEL, function)

    def silhouette(self, function=None) -> Result:
        """``silhouette(X, labels)``: how well each point is placed, from -1 to 1."""
        return judge(SILHOUETTE, function)

    def smallest_k(self, function=None) -> Result:
        """``smallest_k(gap, error)``: which k the gap statistic chooses; 1 means no clusters."""
        return judge(SMALLEST_K, function)

    def standardise(self, function=None) -> Result:
        """``standardise(train, new)``: new rows, measured with the mean and sd of train."""
        return judge(STANDARDISE, function)

    def one_hot(self, function=None) -> Result:
        """``one_hot(values)``: a column of 0 and 1 for each category."""
        return judge(ONE_HOT, function)

    def to_units(self, function=None) -> Result:
        """``to_units(centers, mean, scale)``: centres of scaled data back in the data's units."""
        return judge(TO_UNITS, function)

    def matched_accuracy(self, function=None) -> Result:
        """``matched_accuracy(labels, classes)``: the share that is right, names matched."""
        return judge(MATCHED_ACCURACY, function)

    def rand_index(self, function=None) -> Result:
        """``rand_index(a, b)``: the share of pairs of which two labellings say the same."""
        return judge(RAND_INDEX, function)

    def answer(self, question: str, value=None) -> Result:
        """The answer to a question of a lesson, such as ``check.answer("02.predict", 7)``."""
        try:
            return _judge_answer(question, value)
        except Exception as error:
            line = f"This cannot be checked: it led to {type(error).__name__}."
            return Result("answer", False, "cannot-be-checked", (line,))

    def environment(self) -> Result:
        """Whether the packages, the player and its browser side are there, in usable versions."""
        return _judge_environment()

    def __getattr__(self, name):
        """Find the exercise of a lesson's own module, which is loaded only now."""
        lessons = _lessons()
        if name in lessons:
            return getattr(import_module(f".lessons.{lessons[name]}", __package__), name)
        near = difflib.get_close_matches(name, dir(self), 1)
        meant = f"did you mean check.{near[0]}? " if near else ""
        raise AttributeError(f"check has no {name!r}: {meant}it has {', '.join(dir(self))}")

    def __dir__(self):
        return [name for name in (*vars(Checks), *_lessons()) if not name.startswith("_")]

    def __repr__(self):
        return f"check.{', check.'.join(dir(self))}: pass what you wrote"


def _lessons():
    """Name the lesson of each exercise that has its own module, by reading: none is loaded."""
    pattern = re.compile(r"^@(?:exercise|challenge)\b(?:.*\n)*?def (\w+)", re.M)
    paths = sorted((Path(__file__).parent / "lessons").glob("lesson_*.py"))
    return {name: path.stem for path in paths for name in pattern.findall(path.read_text("utf-8"))}


@dataclass(frozen=True)
class Result:
    """What a check says.

    Attributes
    ----------
    exercise : str
    passed : bool or None
        None if the exercise is not tried yet.
    misconception : str or None
        A short name that never changes, such as "argmax"; None unless ``passed`` is False.
    lines : tuple of str
        What is seen, why it is wrong and a hint.
    """

    exercise: str
    passed: bool | None
    misconception: str | None
    lines: tuple[str, ...]

    @property
    def heading(self) -> str:
        """Sign, verdict and name of the exercise."""
        verdict = {True: "✔ correct", False: "✘ not yet", None: "· not tried yet"}[self.passed]
        return f"{verdict}: {self.exercise}"

    def __repr__(self):
        return "\n  ".join((self.heading, *self.lines))

    def _repr_html_(self):
        edge = {
            True: "var(--jp-success-color1, #2e7d32)",
            False: "var(--jp-error-color1, #c62828)",
            None: "var(--jp-border-color1, #757575)",
        }[self.passed]
        lines = "".join(f"<div>{html.escape(line)}</div>" for line in self.lines)
        return (
            f'<div style="border-left: 5px solid {edge}; padding: 6px 12px; max-width: 46em; '
            "background: var(--jp-layout-color2, #f2f2f2); "
            "color: var(--jp-ui-font-color1, #1a1a1a); "
            f'line-height: 1.5"><strong>{html.escape(self.heading)}</strong>{lines}</div>'
        )


@dataclass(frozen=True)
class Outcome:
    """What one call gave: values as arrays, or None if it raised or gave no numbers."""

    raw: object
    values: tuple[np.ndarray, ...] | None
    error: BaseException | None
    changed: str | None

    def same(self, other: Outcome) -> bool:
        """Whether both gave the same numbers in the same shapes, or both gave none."""
        if self.values is None or other.values is None:
            return self.values is other.values
        return len(self.values) == len(other.values) and all(
            a.shape == b.shape and np.allclose(a, b, rtol=1e-7, atol=1e-9, equal_nan=True)
            for a, b in zip(self.values, other.values, strict=True)
        )


def _call(function, arguments, names=()) -> Outcome:
    mine = copy.deepcopy(arguments)
    raw, values, error = None, None, None
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            raw = function(*mine)
        except (Exception, SystemExit) as raised:
            error = raised
        try:
            parts = raw if isinstance(raw, tuple) else (raw,)
            values = tuple(np.asarray(part).astype(float) for part in parts) if parts else None
        except Exception:
            values = None
    changed = [
        name
        for name, before, after in zip(names, arguments, mine, strict=False)
        if not np.array_equal(before, after)
    ]
    return Outcome(raw, None if error else values, error, changed[0] if changed else None)


def judge(exercise: Exercise, function) -> Result:
    """Run a reader's function and say what is to say about it; never raises."""
    try:
        return _judge(exercise, function)
    except Exception as error:
        line = f"This cannot be checked: it led to {type(error).__name__}."
        return Result(exercise.signature, False, "cannot-be-checked", (line,))


def _judge(exercise, function):
    def wrong(slug, *lines):
        return Result(exercise.signature, False, slug, lines)

    if function is None or function is ...:
        return _not_tried(exercise)
    if not callable(function):
        return wrong(
            "not-a-function",
            f"This is a {type(function).__name__}, not a function.",
            "Hint: pass the name of your function alone, without brackets after it.",
        )
    names = exercise.signature.split("(")[1].rstrip(")").split(", ")
    for stage in exercise.stages:
        got = [_call(function, case, names) for case in stage.cases]
        if all(_is_stub(outcome) for outcome in got):
            return _not_tried(exercise)
        expected = [_call(exercise.reference, case) for case in stage.cases]
        changed = next((outcome.changed for outcome in got if outcome.changed), None)
        if changed:
            return wrong(
                "changes-input",
                f"Your function changes {changed} in place, so the caller's array is another one "
                "afterwards.",
                "Whoever calls it again, or compares before with after, gets wrong answers.",
                f"Hint: work on a copy, for example {changed}.copy().",
            )
        for misconception in stage.misconceptions if not _all_same(got, expected) else ():
            if any(
                _all_same(got, [_call(compute, case) for case in stage.cases])
                for compute in misconception.computes
            ):
                return wrong(misconception.slug, *misconception.lines)
        for case, mine, right in zip(stage.cases, got, expected, strict=True):
            if complaint := _complaint(exercise, names, case, mine, right):
                return wrong(*complaint)
    return Result(exercise.signature, True, None, (exercise.praise,))


def _all_same(some, others):
    return all(a.same(b) for a, b in zip(some, others, strict=True))


def _is_stub(outcome):
    if outcome.error is not None:
        return isinstance(outcome.error, NotImplementedError)
    parts = outcome.raw if isinstance(outcome.raw, tuple) and outcome.raw else (outcome.raw,)
    return all(part is None or part is ... for part in parts)


def _not_tried(exercise):
    line = "Write the function and run this cell again. If you did: does it end on return?"
    return Result(exercise.signature, None, None, (line,))


def _complaint(exercise, names, case, mine, right):
    """Why one outcome is wrong when no misconception explains it: (slug, lines...), or None."""
    given = ", ".join(f"{n} = {show(v)}" for n, v in zip(names, case, strict=True))
    if mine.error is not None:
        text = " ".join(str(mine.error).split())[:160]
        return (
            "raises",
            f"Your function raises {type(mine.error).__name__}: {text}",
            f"It was called with NumPy arrays: {given}",
            "Hint: call it yourself with these values and look at each line's result.",
        )
    wanted = f"Hint: return {exercise.returns}."
    shapes = [np.shape(value) for value in right.values]
    if mine.values is None or [np.shape(value) for value in mine.values] != shapes:
        return "wrong-shape", f"Your function returns {_kind(mine)}.", f"For {given}", wanted
    if not mine.same(right):
        return (
            "other",
            f"For {given}",
            f"your function returns {show(mine.raw)}, expected {show(right.raw)}.",
            "Hint: do this smallest case by hand and compare after each line.",
        )
    parts = mine.raw if isinstance(mine.raw, tuple) else (mine.raw,)
    if any(isinstance(part, (list, tuple)) for part in parts):
        return (
            "returns-list",
            "The numbers are right, but they come in a list.",
            "Lists cannot be compared or indexed as arrays can: labels == 0 is one False.",
            "Hint: put np.array(...) around it before you return it.",
        )
    if exercise.returns.startswith("labels") and np.asarray(parts[0]).dtype.kind not in "iu":
        return (
            "labels-not-whole",
            "The labels are right, but they are decimal numbers such as 1.0.",
            "Only whole numbers can pick rows: centers[labels] would fail.",
            "Hint: make room for them with dtype=int.",
        )
    return None


def _kind(outcome):
    if outcome.values is None:
        return f"a {type(outcome.raw).__name__} that cannot be made an array of numbers"
    shapes = [f"shape {value.shape}" if value.shape else "one number" for value in outcome.values]
    return " and ".join(shapes)


def show(value) -> str:
    """A value in few characters, without anything that differs from run to run."""
    if isinstance(value, tuple):
        return f"({', '.join(map(show, value))})"
    try:
        words = np.asarray(value)
        if words.dtype.kind == "U" and words.ndim == 1 and words.size <= 60:
            return f"[{', '.join(words.tolist())}]"
        array = np.asarray(value, dtype=float)
    except Exception:
        return f"a {type(value).__name__}"
    if array.ndim:
        return f"[{', '.join(map(show, array))}]" if array.size <= 60 else "a large array"
    return f"{float(array):.6g}"


ADVICE = "Start the lessons with start.py, or install what is missing and restart the kernel."


def _judge_environment():
    problems = []
    try:
        requirements = metadata.requires("kmeans-teach") or ()
    except metadata.PackageNotFoundError:
        line = "The package kmeans_teach is not installed in this environment."
        return Result("environment", False, "not-installed", (line, ADVICE))
    for requirement in requirements:
        name, wanted = re.match(r"([\w.-]+)\s*(?:>=\s*([\d.]+))?", requirement).groups()
        if "extra ==" not in requirement or "lessons" in requirement.split("extra ==")[1]:
            problems += _problem(name, wanted)
    if problems:
        return Result("environment", False, "missing", (*problems, ADVICE))
    line = "All packages that the lessons need are here, in versions that fit."
    return Result("environment", True, None, (line,))


def _problem(name, wanted):
    try:
        found = metadata.version(name)
    except metadata.PackageNotFoundError:
        return [f"{name} is missing."]
    if wanted and _numbers(found) < _numbers(wanted):
        return [f"{name} {found} is too old: {wanted} or newer is needed."]
    return []


def _numbers(version):
    return [int(part) for part in re.findall(r"\d+", version)[:3]]


def _judge_answer(question, value):
    if not isinstance(question, str) or question not in ANSWERS:
        line = f"The questions are {', '.join(sorted(ANSWERS))}."
        return Result("answer", False, "unknown-question", ("There is no such question.", line))
    answer = ANSWERS[question]
    if value is None or value is ... or (isinstance(value, str) and not value.strip()):
        return Result(question, None, None, (answer.question, "Put your answer in, then run."))
    if _is_answer(value, answer.right, answer.tolerance):
        return Result(question, True, None, (answer.praise,))
    for wrong, (slug, line) in answer.near.items():
        if _is_answer(value, wrong, answer.tolerance):
            return Result(question, False, slug, (line, f"Hint: {answer.hint}"))
    line = f"{show(value) if not isinstance(answer.right, str) else 'This'} is not the answer."
    return Result(question, False, "other", (line, f"Hint: {answer.hint}"))


def _is_answer(value, wanted, tolerance):
    if isinstance(wanted, str):
        return isinstance(value, str) and value.strip().casefold() == wanted.casefold()
    try:
        number = np.asarray(value, dtype=float)
    except Exception:
        return False
    return number.size == 1 and bool(abs(number.item() - wanted) <= tolerance)


#: The checks, to be called in a notebook: ``check.assign(my_assign)``.
check = Checks()
