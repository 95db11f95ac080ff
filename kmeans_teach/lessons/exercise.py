"""Exercises that answer: a misconception is a generator, its docstring is what the reader is told.

A lesson's module decorates the right function and, below it, each way to be wrong::

    @exercise([(a, b), ...], returns="one number", praise="This is Pythagoras' theorem.")
    def distance(a, b):
        '''The straight line between two points.'''
        return np.sqrt(((a - b) ** 2).sum())

    @distance.wrong
    def forgot_root(a, b):
        '''This is the squared distance: for (0, 0) and (3, 4) it gives 25, not 5.
        Hint: one operation is left to do, after the sum.'''
        yield ((a - b) ** 2).sum()

A generator yields one value for each style in which the mistake is made, and as many on every case;
a style that may raise is yielded as a lambda. ``check.distance(mine)`` runs ``mine`` on the cases
and looks for the misconception that gives exactly its results.
"""

from __future__ import annotations

import contextlib
import copy
import ctypes
import html
import importlib
import inspect
import io
import itertools
import linecache
import pickle
import re
import threading
import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np

LIMIT = 5.0
"""Seconds after which a call is stopped. Code that catches every exception, or that waits outside
Python, runs on in the background until it ends, but the check answers all the same."""

LARGEST = 1_000_000  # numbers in a result; an array of more is not looked into

REGISTER: dict[str, Exercise] = {}


def exercise(cases=((),), *, returns, praise, tolerance=None, same=None):
    """Decorate the right function; without parameters, it is a value that the reader gives.

    Parameters
    ----------
    cases : list of tuple
        The arguments of each call.
    returns, praise : str
        What to return, said as a hint, and what is said when all is right.
    tolerance : float, optional
        The largest absolute difference that is right. By default numbers are equal up to rounding.
    same : callable, optional
        Whether two results, each a tuple of arrays, are equal; for example up to renaming.
    """
    return lambda right: Exercise(right, cases, returns, praise, tolerance, same)


def challenge(judge):
    """Decorate a judge of its own: what the reader passes in, ``(passed, slug, *lines)`` out."""
    return Challenge(judge)


def names() -> dict[str, str]:
    """Name every exercise of the lessons and its module, without loading any of them."""
    pattern = re.compile(r"^@(?:exercise|challenge)\b(?:.*\n)*?def (\w+)", re.M)
    paths = sorted(Path(__file__).parent.glob("lesson_*.py"))
    return {name: path.stem for path in paths for name in pattern.findall(path.read_text("utf-8"))}


def find(name: str):
    """Load the lesson that has this exercise; a KeyError if none has."""
    if name not in REGISTER:
        importlib.import_module(f"{__package__}.{names()[name]}")
    return REGISTER[name]


class Challenge:
    """A task that is judged by a function of its own."""

    def __init__(self, right):
        self.right, self.__name__ = right, right.__name__
        self.names = list(inspect.signature(right).parameters)
        self.signature = f"{right.__name__}({', '.join(self.names)})"
        self.__doc__ = f"``{self.signature}``: {inspect.getdoc(right)}"
        REGISTER[right.__name__] = self

    def __call__(self, *given) -> Result:
        """Judge what a reader passes; this never raises, unless the reader presses stop."""
        try:
            return self._judge(*given)
        except Exception as error:
            line = f"This cannot be checked: it led to {type(error).__name__}."
            return self._wrong("cannot-be-checked", line)

    def _judge(self, *given):
        if not given or any(value is None or value is ... for value in given):
            line = f"Call it as check.{self.signature}."
            return Result(self.signature, None, None, (line,))
        said = attempt(self.right, given, 6 * LIMIT)
        if said.late:
            return self._wrong("too-slow", "This takes too long.", "Hint: try it with less data.")
        if said.error:
            return self._wrong(
                "cannot-be-checked",
                f"This cannot be checked: it led to {said.error}",
                f"Hint: call it as check.{self.signature}.",
            )
        passed, slug, *lines = said.raw
        return Result(
            self.signature, passed, None if passed or passed is None else slug, tuple(lines)
        )

    def _wrong(self, slug, *lines):
        return Result(self.signature, False, slug, lines)


class Exercise(Challenge):
    """What the reader writes: the right one, the cases it is tried on, the ways to be wrong."""

    def __init__(self, right, cases, returns, praise, tolerance, same):
        super().__init__(right)
        self.returns, self.praise = returns, praise
        self.same = same or close(tolerance)
        self.is_value = not self.names
        self.stages = [(list(cases), [])]

    def wrong(self, generator):
        """Decorate a generator of wrong results, on the cases of the stage that is open."""
        self.stages[-1][1].append(generator)
        return generator

    def then(self, cases):
        """From here on: cases that are looked at when those before are right."""
        self.stages.append((list(cases), []))

    def _judge(self, *given):
        answer = given[0] if len(given) == 1 else given or None
        if answer is None or answer is ...:
            return not_tried(self)
        if not callable(answer) and not self.is_value:
            return self._wrong(
                "not-a-function",
                f"This is a {type(answer).__name__}, not a function.",
                "Hint: pass the name of your function alone, without brackets after it.",
            )
        function = (lambda: answer) if self.is_value else answer
        for cases, misconceptions in self.stages:
            mine = []
            for case in cases:
                mine.append(attempt(function, case))
                if mine[-1].late:
                    return self._wrong(
                        "never-returns",
                        f"Your function had not returned after {LIMIT:g} seconds and was stopped.",
                        f"It was called with {self._given(case)}",
                        "Hint: which of your loops does not end? What should make it stop?",
                    )
            if all(outcome.stub for outcome in mine):
                printed = next((line for o in mine for line in o.printed.split("\n") if line), None)
                return (
                    not_tried(self)
                    if printed is None
                    else self._wrong(
                        "prints",
                        f"Your function prints its result ({printed[:60]}) and returns nothing.",
                        "A printed number can be read, but not be used in the next line of code.",
                        "Hint: write return in place of print.",
                    )
                )
            if changed := [self.names[i] for outcome in mine for i in outcome.changed]:
                return self._wrong(
                    "changes-input",
                    f"Your function changes {changed[0]} in place, so the array that you passed is "
                    "different afterwards.",
                    "If you call it again, or compare before with after, you get wrong answers.",
                    f"Hint: work on a copy, for example {changed[0]}.copy().",
                )
            right = [attempt(self.right, case) for case in cases]
            if not self._agree(mine, right):
                for misconception in misconceptions:
                    if any(self._agree(mine, style) for style in styles(misconception, cases)):
                        slug = misconception.__name__.replace("_", "-")
                        return self._wrong(slug, *sentences(misconception))
            by_size = sorted(
                zip(cases, mine, right, strict=True), key=lambda c: sum(map(np.size, c[0]))
            )
            for case, a, b in by_size:
                if complaint := self._complaint(case, a, b):
                    return self._wrong(*complaint)
        return Result(self.signature, True, None, (self.praise,))

    def _agree(self, some, others):
        return all(self._alike(a, b) for a, b in zip(some, others, strict=True))

    def _alike(self, a, b):
        """Whether both gave the same numbers, or both raised."""
        if a.values is None or b.values is None:
            return bool(a.error and b.error)
        try:
            return bool(self.same(a.values, b.values))
        except Exception:
            return False

    def _given(self, case):
        return ", ".join(
            f"{name} = {show(value)}" for name, value in zip(self.names, case, strict=False)
        )

    def _complaint(self, case, mine, right):
        """Why one outcome is wrong when no misconception explains it: (slug, lines...), or None."""
        given = f"For {self._given(case)}"
        if mine.error:
            lines = (
                (f"Your function raises {mine.error}", mine.where)
                if mine.where
                else (f"Your function cannot be called as {self.signature}: {mine.error}",)
            )
            return (
                "raises",
                *lines,
                f"It was called with {self._given(case)}",
                "Hint: call it yourself with these values and look at each line's result.",
            )
        if self.is_value and not self._alike(mine, right):
            shown = mine.kind if mine.values is None else show(mine.values)
            return "other", f"Your answer is {shown}: not yet.", f"Hint: give {self.returns}."
        if mine.values is None or shapes(mine) != shapes(right):
            flat = [
                np.concatenate([v.ravel() for v in o.values or ()] or [[]]) for o in (mine, right)
            ]
            if flat[0].shape == flat[1].shape and np.allclose(*flat, equal_nan=True):
                return (
                    "wrong-shape",
                    f"The numbers are right, but they come as {mine.kind}, not as {right.kind}.",
                    f"{given}.",
                    f"Hint: return {self.returns}.",
                )
            return (
                "wrong-shape",
                f"Your function returns {mine.kind}.",
                given,
                f"Hint: return {self.returns}.",
            )
        if not self._alike(mine, right):
            return (
                "other",
                given,
                f"your function returns {show(mine.values)}, expected {show(right.values)}.",
                "Hint: do this smallest case by hand and compare after each line.",
            )
        if mine.listed and not self.is_value:
            return (
                "returns-list",
                "The numbers are right, but they come in a list.",
                "Lists cannot be compared or indexed as arrays can: labels == 0 is one False.",
                "Hint: put np.array(...) around it before you return it.",
            )
        if self.returns.startswith("labels") and not mine.whole:
            return (
                "labels-not-whole",
                "The labels are right, but they are decimal numbers such as 1.0.",
                "Only whole numbers can pick rows: centers[labels] would fail.",
                "Hint: make room for them with dtype=int.",
            )
        return None


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


def not_tried(exercise) -> Result:
    """Say what to do when nothing is written yet."""
    line = "Write the function and run this cell again. If you did: does it end on return?"
    return Result(exercise.signature, None, None, (line,))


def close(tolerance):
    """Make the comparison of two results: same shapes, and numbers that differ by so little."""
    rtol, atol = (1e-7, 1e-9) if tolerance is None else (0, tolerance)
    return lambda some, others: (
        len(some) == len(others)
        and all(
            a.shape == b.shape and np.allclose(a, b, rtol=rtol, atol=atol, equal_nan=True)
            for a, b in zip(some, others, strict=True)
        )
    )


def styles(misconception, cases):
    """One list of outcomes for each style; a style that lacks a case agrees with nothing."""
    found = []
    for case in cases:
        found.append([])
        with warnings.catch_warnings(), np.errstate(all="ignore"), contextlib.suppress(Exception):
            warnings.simplefilter("ignore")
            for value in misconception(*copy.deepcopy(case)):
                found[-1].append(attempt(value if callable(value) else lambda value=value: value))
    return itertools.zip_longest(*found, fillvalue=Outcome())


def sentences(misconception):
    """The docstring's lines; one that ends within a sentence goes on in the next."""
    return re.sub(r"(?<![.?!])\n(?!Hint:)\s*", " ", inspect.getdoc(misconception)).split("\n")


@dataclass
class Outcome:
    """What one call gave, without anything of the reader's that could still run."""

    raw: object = None
    values: tuple[np.ndarray, ...] | None = None
    error: str = ""
    where: str = ""  # the reader's line that raised
    kind: str = ""  # the type or the shapes in words
    changed: tuple[int, ...] = ()  # arguments
    printed: str = ""
    stub: bool = False
    listed: bool = False
    whole: bool = False
    late: bool = False


class _Stop(SystemExit):
    """Ends a call; a thread ends on a SystemExit without a word."""


class _Paper(io.StringIO):
    """Where a call prints: it cannot be closed, and it is never full."""

    def write(self, text):
        return super().write(text) if self.tell() < 10_000 else len(text)

    def close(self):
        pass


def attempt(function, case=(), limit=None) -> Outcome:
    """Call it in a thread of its own, so that it can be stopped on every system."""
    outcome, paper = Outcome(), _Paper()
    worker = threading.Thread(target=_call, args=(function, case, outcome), daemon=True)
    with warnings.catch_warnings(), contextlib.redirect_stdout(paper):
        warnings.simplefilter("ignore")
        worker.start()
        try:
            worker.join(LIMIT if limit is None else limit)
        finally:
            if worker.is_alive():
                outcome = Outcome(late=True)
                thread, stop = ctypes.c_ulong(worker.ident), ctypes.py_object(_Stop)
                ctypes.pythonapi.PyThreadState_SetAsyncExc(thread, stop)
                worker.join(0.2)
    outcome.printed = paper.getvalue()
    return outcome


def _call(function, case, outcome):
    given = copy.deepcopy(case)
    before = [pickle.dumps(value) for value in given]
    with np.errstate(all="ignore"):
        try:
            outcome.raw = raw = function(*given)
            outcome.kind = f"a {type(raw).__name__} that cannot be made an array of numbers"
            parts = raw if isinstance(raw, tuple) and raw else (raw,)
            outcome.stub = all(part is None or part is ... for part in parts)
            outcome.listed = any(isinstance(part, (list, tuple)) for part in parts)
        except BaseException as error:
            outcome.stub = isinstance(error, NotImplementedError)
            outcome.error = type(error).__name__
            outcome.where = _where(error)
            with contextlib.suppress(BaseException):
                outcome.error += f": {' '.join(str(error).split())[:160]}"
            return
        with contextlib.suppress(BaseException):
            arrays = [_array(part) for part in parts]
            outcome.whole = all(array.dtype.kind in "iu" for array in arrays)
            values = tuple(array.astype(float) for array in arrays)
            kinds = [f"shape {v.shape}" if v.shape else "one number" for v in values]
            outcome.kind, outcome.values = " and ".join(kinds), values
        with contextlib.suppress(BaseException):
            after = [pickle.dumps(value) for value in given]
            outcome.changed = tuple(i for i, b in enumerate(before) if after[i] != b)


def _array(part):
    if np.size(part) > LARGEST:
        raise TypeError
    array = np.asarray(part)
    if array.dtype.kind not in "biufO":
        raise TypeError
    return array


def _where(error):
    """The reader's line that raised: the last one in the file (or cell) of the first frame."""
    frames = []
    step = error.__traceback__.tb_next  # the first frame is _call's
    while step is not None:
        frames.append((step.tb_frame.f_code, step.tb_lineno))
        step = step.tb_next
    mine = [(code, n) for code, n in frames if code.co_filename == frames[0][0].co_filename]
    if not mine:
        return ""
    code, number = mine[-1]
    text = linecache.getline(code.co_filename, number).strip()
    return f"in line {number - code.co_firstlineno + 1} of {code.co_name}: {text[:120]}"


def shapes(outcome):
    """List the shapes of what came back."""
    return [value.shape for value in outcome.values or ()]


def show(value) -> str:
    """A value in few characters, without anything that differs from run to run."""
    if isinstance(value, tuple):
        return f"({', '.join(map(show, value))})" if len(value) != 1 else show(value[0])
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
