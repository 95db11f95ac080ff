"""A question whose answer appears once a guess is locked in, and the table of all guesses."""

from math import isfinite
from numbers import Real
from textwrap import wrap

import traitlets

from .sheet import Sheet, one_of, script, styles

_asked = {}  # question -> Question, in the order in which they were first shown


class Question(Sheet):
    """Ask for a prediction; once it is made, show the answer and the reason for it.

    Parameters
    ----------
    question : str
        The question, as plain text.
    choices : dict of str to (str or None), optional
        The answers to choose from. The right one has None, each other one the sentence for those
        who choose it.
    reason : str
        Why the right answer is right, shown after every guess.
    number, tolerance, unit, low, high : float, float, str, str, str
        In place of ``choices``: the right number, how far from it a guess is still right, its unit,
        and the sentences for a guess that is too low and for one that is too high.

    Attributes
    ----------
    guess : str, float or None
        None before the guess. Set it to guess from Python, or to None to ask again.

    Examples
    --------
    >>> ask = Question("What is 2 + 2?", {"4": None, "22": "That joins them."}, "Count: 3, 4.")
    >>> ask.guess = "22"
    >>> ask, ask.right, ask.answer
    (Question: What is 2 + 2? Choose one: 4 | 22, False, '4')
    """

    _esm, _css = script("sheet", "question"), styles("sheet", "question")
    guess = traitlets.Any(None, allow_none=True).tag(sync=True)
    _question = traitlets.Dict().tag(sync=True)

    def __init__(self, question, choices=None, reason=None, *,
                 number=None, tolerance=None, unit="", low=None, high=None):  # fmt: skip
        made = {"question": _text(question, "question"), "reason": _text(reason, "reason")}
        if (choices is None) == (number is None):
            raise TypeError("pass either choices or number: a question has one kind of answer")
        if number is None:
            more, self.answer = _choices(choices)
        else:
            more, self.answer = _number(number, tolerance, unit, low, high)
        super().__init__(_question={**made, **more})

    @property
    def right(self):
        """Whether the guess is right; None before it."""
        if self.guess is None or self._question["choices"]:
            return None if self.guess is None else self.guess == self.answer
        least, most = self._question["bounds"]
        return least <= self.guess <= most

    @traitlets.validate("guess")
    def _fits(self, proposal):
        guess, choices = proposal["value"], self._question["choices"]
        if guess is not None:
            guess = one_of(guess, "guess", choices) if choices else _real(guess, "guess")
            _asked.setdefault(self._question["question"], self)  # all that tells of one in a box
        return guess

    def _repr_mimebundle_(self, **kwargs):
        _asked[self._question["question"]] = self
        return super()._repr_mimebundle_(**kwargs)

    def digest(self) -> str:
        """The question and its choices, without the answer."""
        return f"Question: {self._question['question']} {self._question['task']}"

    alt_text = digest

    def twin_figure(self):
        """The question and its choices as a picture, made without pyplot."""
        from matplotlib.figure import Figure

        asked = self._question
        rows = [(line, "bold") for line in wrap(asked["question"], 75)]
        for choice in asked["choices"] or [asked["task"]]:
            for number, line in enumerate(wrap(choice, 85)):
                sign = "○  " if asked["choices"] and not number else "     "
                rows.append((sign + line, "normal"))
        figure = Figure(figsize=(10, 0.3 * len(rows) + 0.25))
        for row, (line, weight) in enumerate(rows):
            y = 1 - (0.3 * row + 0.27) / figure.get_figheight()
            figure.text(0.01, y, line, size=14, weight=weight, va="center", parse_math=False)
        return figure


def guesses():
    """All questions shown so far, in order: a DataFrame of question, guess, answer and right.

    A question that waits for its guess keeps its answer to itself: three times None.
    """
    import pandas as pd

    rows = [
        (text, one.guess, None if one.guess is None else one.answer, one.right)
        for text, one in _asked.items()
    ]
    return pd.DataFrame(rows, columns=["question", "guess", "answer", "right"], dtype=object)


def _text(value, name):
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"{name}={value!r}: write a text that is not empty")
    return value


def _real(value, name):
    if not isinstance(value, Real) or isinstance(value, bool) or not isfinite(value):
        raise ValueError(f"{name}={value!r}: pass a finite number, for example 0.5")
    return float(value)


def _choices(choices):
    if not isinstance(choices, dict) or len(choices) < 2:
        raise ValueError(f"choices={choices!r}: pass a dict of two choices or more")
    right = [choice for choice, sentence in choices.items() if sentence is None]
    if len(right) != 1:
        raise ValueError(f"choices: exactly one has None in place of a sentence, here {len(right)}")
    verdicts = [
        ["✔ Right.", ""] if why is None else [f"✘ No. The answer: {right[0]}", _text(why, choice)]
        for choice, why in choices.items()
    ]
    names = [_text(choice, "choice") for choice in choices]
    made = {"choices": names, "task": f"Choose one: {' | '.join(names)}", "verdicts": verdicts}
    return {**made, "right": names.index(right[0]), "unit": ""}, right[0]


def _number(number, tolerance, unit, low, high):
    number, width = _real(number, "number"), _real(tolerance, "tolerance")
    if width <= 0:
        raise ValueError(f"tolerance={tolerance!r}: pass a number above 0")
    unit = str(unit).strip()
    answer = f"the answer is {number:g} {unit}".strip()
    near = f"{number - width:g} to {number + width:g}"
    verdicts = [
        [f"✘ Too low: {answer}.", _text(low, "low")],
        [f"✔ Right: {answer}; {near} counts as right.", ""],
        [f"✘ Too high: {answer}.", _text(high, "high")],
    ]
    width *= 1 + 1e-9  # 0.8 is within 0.1 of 0.7, also in binary
    task = f"Answer with a number, in {unit}." if unit else "Answer with a number."
    made = {"choices": [], "task": task, "verdicts": verdicts, "unit": unit}
    return {**made, "bounds": [number - width, number + width]}, number
