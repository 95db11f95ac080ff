"""Exercises that answer: a misconception is a generator, its docstring is what the reader is told::

    @exercise([(a, b), ...], returns="one number", praise="This is Pythagoras' theorem.")
    def distance(a, b):
        '''The straight line between two points.'''
        return np.sqrt(((a - b) ** 2).sum())

    @distance.wrong
    def forgot_root(a, b):
        '''This is the squared distance: for (0, 0) and (3, 4) it gives 25, not 5.
        Hint: one operation is left to do, after the sum.'''
        yield ((a - b) ** 2).sum()

It yields one value for each style in which the mistake is made, equally many on every case; one
that may raise is yielded as a lambda. ``check.distance(mine)`` runs ``mine`` on the cases and looks
for the misconception that gives exactly its results.
"""

from __future__ import annotations

import copy
import ctypes
import inspect
import linecache
import pickle
import re
import traceback
import warnings
from contextlib import redirect_stdout, suppress
from dataclasses import dataclass
from io import StringIO
from threading import Thread

import numpy as np

from .checks import Result, show

LIMIT = 5.0  # seconds until a call is stopped; what catches all exceptions may run on unseen

SAYS = {
    "not-a-function": """This is not a function.
Hint: pass the name of your function alone, without brackets after it.""",
    "never-returns": """There was no result after {limit:g} seconds, so the call was stopped.
Hint: which of your loops does not end? Or is there too much to do?""",
    "prints": """Your function prints its result ({printed}) and returns nothing.
The next line of code cannot use a number that is only printed.
Hint: write return in place of print.""",
    "changes-input": """Your function changes {name} in place, so the caller's array is different.
If you call it again, or compare before with after, you get wrong answers.
Hint: work on a copy, for example {name}.copy().""",
    "raises": """Your function raises {mine.error}
It happens {mine.where}
It was called with {given}
Hint: call it yourself with these values and look at each line's result.""",
    "cannot-be-called": """Your function cannot be called as {self.signature}: {mine.error}
Hint: write its first line as def {self.signature}:""",
    "wrong-shape": """Your function returns {mine.kind}, not {right.kind}{but}.
It was called with {given}
Hint: return {self.returns}.""",
    "other": """For {given}
your function returns {mine.shown}, expected {right.shown}.
Hint: do this smallest case by hand and compare after each line.""",
    "returns-list": """The numbers are right, but they come in a list.
Lists cannot be compared or indexed as arrays can: labels == 0 is one False.
Hint: put np.array(...) around it before you return it.""",
    "labels-not-whole": """The labels are right, but they are not whole numbers.
Only whole numbers can pick rows: centers[labels] would fail.
Hint: make room for them with dtype=int.""",
    "not-the-answer": "Your answer, {mine.shown}, is not right yet.\nHint: give {self.returns}.",
    "cannot-be-checked": """This cannot be checked: it led to {error}
Hint: call it as check.{self.signature}.""",
}


@dataclass(frozen=True)
class Answer:
    """A question with one right answer, and wrong ones that tell what was thought.

    ``near`` maps a wrong answer to (slug, what was counted or thought).
    """

    question: str
    right: object
    praise: str
    hint: str
    near: dict
    tolerance: float = 0.0


def questions(text) -> dict[str, Answer]:
    """Read a lesson's questions: each with a hint, the right answer, and near ones by their slugs.

    A line goes on in the next one if that is indented by eight::

        04.sum within 0.01: What is the sum of
                1.2 and 2.3?
            Hint: add.
            3.5: Now you can add.
            2.76, product: This is the product.
    """
    found = {}
    for block in re.split(r"\n(?=\S)", re.sub(r"\n {8}", " ", text).strip()):
        (name, question), (_, hint), *answers = (
            line.strip().split(": ", 1) for line in block.split("\n")
        )
        name, _, tolerance = name.partition(" within ")
        told = {}
        for key, line in answers:
            value, _, slug = key.partition(", ")
            told[float(value) if value[-1].isdigit() else value] = slug, line
        right, (_, praise) = next(iter(told.items()))
        del told[right]
        found[name] = Answer(question, right, praise, hint, told, float(tolerance or 0))
    return found


def exercise(cases=((),), *, returns, praise, tolerance=None):
    """Decorate the right function; one without parameters returns the value a reader has to give.

    Parameters
    ----------
    cases : list of tuple
        The arguments of each call.
    returns, praise : str
        What to return, as a hint says it, and what is said when all is right.
    tolerance : float, optional
        The largest difference that is right. By default numbers are equal up to rounding.
    """
    return lambda right: Exercise(right, cases, returns, praise, tolerance)


class Challenge:
    """A task with a judge of its own: what is passed in, ``(passed, slug, *lines)`` out."""

    def __init__(self, right):
        self.right, self.__name__ = right, right.__name__
        self.names = list(inspect.signature(right).parameters)
        self.signature = f"{right.__name__}({', '.join(self.names)})"
        self.__doc__ = f"``{self.signature}``: {inspect.getdoc(right)}"

    def __call__(self, *given) -> Result:
        """Judge what a reader passes; this raises only if the reader presses stop."""
        try:
            return self._judge(given)
        except Exception as error:
            return self._wrong("cannot-be-checked", error=f"{type(error).__name__}.")

    def _judge(self, given):
        if not given or any(value is None or value is ... for value in given):
            return Result(self.signature, None, None, (f"Call it as check.{self.signature}.",))
        outcome = Outcome(lambda: self.right(*given), limit=6 * LIMIT)
        if outcome.late or outcome.error:
            slug = "never-returns" if outcome.late else "cannot-be-checked"
            return self._wrong(slug, limit=6 * LIMIT, error=outcome.error)
        passed, slug, *lines = outcome.raw
        slug = None if passed in (None, True) else slug
        return Result(self.signature, passed, slug, tuple(lines))

    def _wrong(self, slug, **words):
        lines = SAYS[slug].format(self=self, **words).split("\n")
        return Result(self.signature, False, slug, tuple(lines))


challenge = Challenge  # a decorator, as ``exercise`` is one


class Exercise(Challenge):
    """What the reader writes: the right one, the cases it is tried on, the ways to be wrong."""

    def __init__(self, right, cases, returns, praise, tolerance):
        super().__init__(right)
        self.returns, self.praise, self.tolerance = returns, praise, tolerance
        self.stages = []
        self.then(cases)

    def then(self, cases):
        """From here on: cases that are looked at when those before are right."""
        # first those in which a reader has the fewest rows to look at
        rows = [sum(len(value) if np.ndim(value) else 1 for value in case) for case in cases]
        self.stages.append(([cases[i] for i in np.argsort(rows, kind="stable")], []))

    def wrong(self, generator):
        """Decorate a generator of wrong results, on the cases of the stage that is open."""
        self.stages[-1][1].append(generator)
        return generator

    def _judge(self, given):
        function = answer = given[0] if len(given) == 1 else given or None
        unwritten = "Write the function and run this cell again. If you did: does it end on return?"
        if not self.names:
            unwritten, function = "Put your answer in and run this cell again.", lambda: answer
        elif answer is None or answer is ...:
            return Result(self.signature, None, None, (unwritten,))
        elif not callable(answer):
            return self._wrong("not-a-function")
        for cases, misconceptions in self.stages:
            mine = []
            for case in cases:
                mine.append(Outcome(function, case))
                if mine[-1].late:
                    return self._wrong("never-returns", limit=LIMIT)
            printed = "".join(outcome.printed for outcome in mine)
            print(printed[:2000], end="")
            if all(outcome.stub for outcome in mine):
                if printed.strip():
                    return self._wrong("prints", printed=printed.split("\n")[0][:60])
                return Result(self.signature, None, None, (unwritten,))
            for place in (place for outcome in mine for place in outcome.changed):
                return self._wrong("changes-input", name=self.names[place])
            right = [Outcome(self.right, case) for case in cases]
            for misconception in () if self._agree(mine, right) else misconceptions:
                if any(self._agree(mine, style) for style in _styles(misconception, cases)):
                    slug = misconception.__name__.replace("_", "-")
                    return Result(self.signature, False, slug, sentences(misconception))
            for complaint in filter(None, map(self._complaint, cases, mine, right)):
                return complaint
        return Result(self.signature, True, None, (self.praise,))

    def _agree(self, some, others):
        """Whether both gave the same numbers, or both nothing, or both raised, on every case."""
        return all(
            (a.raw is None and b.raw is None and bool(a.error) == bool(b.error))
            or (a.values and a.kind == b.kind and _close(a.values, b.values, self.tolerance))
            for a, b in zip(some, others, strict=True)
        )

    def _complaint(self, case, mine, right):
        """What is wrong with one outcome that no misconception explains, or None."""
        agree, labels = self._agree([mine], [right]), self.returns.startswith("labels")
        holds = {
            "raises": mine.error and mine.where,
            "cannot-be-called": mine.error,
            "not-the-answer": not agree and not self.names,
            "other": not agree and mine.kind == right.kind,
            "wrong-shape": not agree,
            "returns-list": mine.listed and self.names,
            "labels-not-whole": labels and not mine.whole,
        }
        slug = next((slug for slug, true in holds.items() if true), None)
        but = ", but the numbers are right" * bool(mine.values and _close(mine.flat, right.flat))
        given = ", ".join(f"{n} = {show(v)}" for n, v in zip(self.names, case, strict=True))
        return slug and self._wrong(slug, given=given, mine=mine, right=right, but=but)


class Outcome:
    """What one call gave; it runs in a thread of its own, which can be stopped on every system."""

    raw, values, changed, flat = None, None, (), ()
    error = where = kind = shown = printed = ""
    stub = listed = whole = late = False

    def __init__(self, function, case=(), limit=None):
        worker = Thread(target=self._call, args=(function, case), daemon=True)
        with warnings.catch_warnings(action="ignore"), redirect_stdout(StringIO()) as paper:
            worker.start()
            try:
                worker.join(limit or LIMIT)
            finally:
                self.late = worker.is_alive()
                for _ in range(20):  # the reader's code may catch some
                    if worker.is_alive():
                        stop = ctypes.c_ulong(worker.ident), ctypes.py_object(SystemExit)
                        ctypes.pythonapi.PyThreadState_SetAsyncExc(*stop)
                        worker.join(0.02)
        self.printed = "" if paper.closed else paper.getvalue()

    @np.errstate(all="ignore")
    def _call(self, function, case):
        given = copy.deepcopy(case)
        before = [pickle.dumps(value) for value in given]
        try:
            self.raw = function(*given)
        except BaseException as error:
            self.error = "an exception that cannot be shown."
            with suppress(BaseException):
                self.stub = isinstance(error, NotImplementedError)
                self.error = f"{type(error).__name__}: {' '.join(str(error).split())[:160]}"
            with suppress(BaseException):  # IndexError: no line of the reader's has run
                self.where = _where(error)
            return
        with suppress(BaseException):  # whatever the result does when it is looked at
            self.kind = self.shown = f"a result of type {type(self.raw).__name__}"
            self.changed = [i for i, v in enumerate(given) if pickle.dumps(v) != before[i]]
            parts = self.raw if isinstance(self.raw, tuple) and self.raw else (self.raw,)
            self.stub = all(part is None or part is ... for part in parts)
            self.listed = any(isinstance(part, (list, tuple)) for part in parts)
            arrays = [np.asarray(part) for part in parts if np.size(part) < 1e6]
            self.whole = arrays[0].dtype.kind in "iu"
            values = tuple(array.astype(float, casting="same_kind") for array in arrays)
            shapes = [f"an array of shape {v.shape}" if v.ndim else "one number" for v in values]
            self.kind, self.shown = " and ".join(shapes), ", ".join(map(show, values))
            self.values, self.flat = values, [np.concatenate([v.ravel() for v in values])]


def _where(error):
    """The reader's line that raised: the last one in the file, or cell, of what was called."""
    steps = [(frame.f_code, n) for frame, n in traceback.walk_tb(error.__traceback__)][1:]
    mine = [step for step in steps if step[0].co_filename == steps[0][0].co_filename]
    code, number = mine[-1]
    text = linecache.getline(code.co_filename, number).strip()[:120]
    # in Python 3.11 a comprehension is a function of its own
    code = next((outer for outer, _ in reversed(mine) if outer.co_name[0] != "<"), code)
    return f"in line {number - code.co_firstlineno + 1} of {code.co_name}: {text}"


def _close(some, others, tolerance=None):
    """Whether two results have the same shapes and numbers."""
    rtol, atol = (1e-7, 1e-9) if tolerance is None else (0, tolerance)
    return all(
        a.shape == b.shape and np.allclose(a, b, rtol=rtol, atol=atol, equal_nan=True)
        for a, b in zip(some, others, strict=True)
    )


def _styles(misconception, cases):
    """List each style's outcomes; a style that is not there on every case agrees with nothing."""
    lists = [Outcome(lambda *case: list(misconception(*case)), case).raw or () for case in cases]
    calls = [[v if callable(v) else lambda v=v: v for v in values] for values in lists]
    return zip(*([Outcome(call) for call in row] for row in calls), strict=False)


def sentences(misconception) -> tuple[str, ...]:
    """Split the docstring into lines; one that stops within a sentence goes on in the next."""
    text = inspect.getdoc(misconception)
    return tuple(re.sub(r"(?<![.?!:])\n(?!Hint:)\s*", " ", text).split("\n"))
