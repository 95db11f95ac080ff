"""Feedback for the exercises: not tried yet, correct, or the misconception by name.

A check runs the reader's function on small data sets. If a result differs from the reference, it
looks for a known misconception that would give exactly the reader's results, and says what it is.
"""

from __future__ import annotations

import difflib
import html
import re
from dataclasses import dataclass
from importlib import import_module, metadata
from pathlib import Path

import numpy as np


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
            return getattr(import_module(f".{lessons[name]}", __package__), name)
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
    paths = sorted(Path(__file__).parent.glob("lesson_*.py"))
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
        return f"{_LOOKS[self.passed][0]}: {self.exercise}"

    def __repr__(self):
        return "\n  ".join((self.heading, *self.lines))

    def _repr_html_(self):
        lines = "".join(f"<div>{html.escape(line)}</div>" for line in self.lines)
        return (
            f'<div style="border-left: 5px solid var({_LOOKS[self.passed][1]}); '
            "padding: 6px 12px; max-width: 46em; background: var(--jp-layout-color2, #f2f2f2); "
            "color: var(--jp-ui-font-color1, #1a1a1a); "
            f'line-height: 1.5"><strong>{html.escape(self.heading)}</strong>{lines}</div>'
        )


_LOOKS = {
    True: ("✔ correct", "--jp-success-color1, #2e7d32"),
    False: ("✘ not yet", "--jp-error-color1, #c62828"),
    None: ("· not tried yet", "--jp-border-color1, #757575"),
}


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
    try:
        requirements = metadata.requires("kmeans-teach") or ()
    except metadata.PackageNotFoundError:
        line = "The package kmeans_teach is not installed in this environment."
        return Result("environment", False, "not-installed", (line, ADVICE))
    needed = [r for r in requirements if "extra ==" not in r or "lessons" in r.split("extra ==")[1]]
    if problems := [*filter(None, map(_problem, needed))]:
        return Result("environment", False, "missing", (*problems, ADVICE))
    line = "All packages that the lessons need are here, in versions that fit."
    return Result("environment", True, None, (line,))


def _problem(requirement):
    name, wanted = re.match(r"([\w.-]+)\s*(?:>=\s*([\d.]+))?", requirement).groups()
    try:
        found = metadata.version(name)
    except metadata.PackageNotFoundError:
        return f"{name} is missing."
    numbers = [[*map(int, re.findall(r"\d+", text)[:3])] for text in (found, wanted or "")]
    old = numbers[0] < numbers[1]
    return f"{name} {found} is too old: {wanted} or newer is needed." if old else None


def _judge_answer(question, value):
    answers = _answers(question[:2]) if isinstance(question, str) else {}
    if question not in [*answers]:
        line = f"The questions are {', '.join(sorted(_answers('')))}."
        return Result("answer", False, "unknown-question", ("There is no such question.", line))
    answer = answers[question]
    if value is None or value is ... or (isinstance(value, str) and not value.strip()):
        return Result(question, None, None, (answer.question, "Put your answer in, then run."))
    if _is_answer(value, answer.right, answer.tolerance):
        return Result(question, True, None, (answer.praise,))
    shown = "This" if isinstance(answer.right, str) else show(value)
    told = (
        told for wrong, told in answer.near.items() if _is_answer(value, wrong, answer.tolerance)
    )
    slug, line = next(told, ("other", f"{shown} is not the answer."))
    return Result(question, False, slug, (line, f"Hint: {answer.hint}"))


def _answers(number):
    """The questions of the lesson with this number, or of all lessons."""
    paths = sorted(Path(__file__).parent.glob(f"lesson_{number}*.py"))
    modules = [import_module(f".{path.stem}", __package__) for path in paths]
    return {name: a for m in modules for name, a in getattr(m, "ANSWERS", {}).items()}


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
