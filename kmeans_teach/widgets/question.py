"""A question whose answer appears once a guess is locked in, and the table of all guesses."""

from io import BytesIO
from math import inf
from numbers import Real
from textwrap import wrap

import traitlets

from .sheet import Sheet, one_of, script

_asked = {}  # each question's widget, in the order in which they were first shown


class Question(Sheet):
    """Ask for a prediction; once it is made, show the answer and the reason for it.

    Parameters
    ----------
    question, reason : str
        What is asked, and why the answer is so: plain text. The reason follows every guess.
    choices : dict of str to (str or None), optional
        The right choice has None, each other one the sentence for those who choose it.
    number, tolerance, unit, low, high : float, float, str, str, str
        In place of ``choices``: the right number, how near a right guess must be, the unit, and
        the sentences for a guess that is too low and for one that is too high.

    Examples
    --------
    >>> ask = Question("What is 2 + 2?", {"4": None, "22": "That joins them."}, "Count: 3, 4.")
    >>> ask.guess = "22"  # as if it were chosen; None asks again
    >>> ask, ask.right, ask.answer
    (Question: What is 2 + 2? Choose one: 4 | 22, False, '4')
    """

    _esm = script("sheet", "question")
    alt_text = Sheet.__repr__
    guess = traitlets.Any(None, allow_none=True).tag(sync=True)
    _question = traitlets.Dict().tag(sync=True)

    def __init__(self, question, choices=None, reason=None, *,
                 number=None, tolerance=None, unit="", low=None, high=None):  # fmt: skip
        asked = {"question": _text(question, "question"), "reason": _text(reason, "reason")}
        if number is None or choices is not None:
            texts = choices if isinstance(choices, dict) and number is None else {}
            if len(texts) < 2 or list(texts.values()).count(None) != 1:
                raise ValueError(f"choices={choices!r}: pass two or more, one with None; or number")
            names, within = [_text(name, "choice") for name in texts], None
            whys = [why if why is None else _text(why, name) for name, why in texts.items()]
            self.answer, task = names[whys.index(None)], f"Choose one: {' | '.join(names)}"
        else:
            self.answer, within = _real(number, "number"), _real(tolerance, "tolerance", above=0)
            names, task = [], f"Answer with a number{unit and f', in {unit}'}."
            whys, within = [_text(low, "low"), None, _text(high, "high")], within * (1 + 1e-9)
        asked |= {"choices": names, "task": task, "sentences": whys, "unit": unit}
        super().__init__(_question={**asked, "answer": self.answer, "within": within})

    @property
    def right(self):
        """Whether the guess is right, None before it."""
        if self.guess is None or self._question["choices"]:
            return self.guess and self.guess == self.answer
        return abs(self.guess - self.answer) <= self._question["within"]

    @traitlets.validate("guess")
    def _fits(self, proposal):
        guess, choices = proposal["value"], self._question["choices"]
        if guess is not None:
            guess = one_of(guess, "guess", choices) if choices else _real(guess, "guess")
            _asked.setdefault(self._question["question"], self)  # not displayed, but in a box
        return guess

    def _repr_mimebundle_(self, **kwargs):
        _asked[self._question["question"]] = self
        return super()._repr_mimebundle_(**kwargs)

    def digest(self):
        """The question and what can be answered."""
        return f"Question: {self._question['question']} {self._question['task']}"

    def twin_figure(self):
        """The question and its choices, made without pyplot."""
        from matplotlib.figure import Figure

        above, below = wrap(self._question["question"], 75), []
        for choice in self._question["choices"]:
            below += wrap(choice, 85, initial_indent="○  ", subsequent_indent="     ")
        below = below or [self._question["task"]]
        figure = Figure(figsize=(10, 0.3 * len(above + below) + 0.2))
        style = {"size": 14, "linespacing": 1.3, "parse_math": False}
        figure.text(0.01, 0.97, "\n".join(above), va="top", weight="bold", **style)
        figure.text(0.01, 0.03, "\n".join(below), va="bottom", **style)
        return figure

    def twin_png(self):
        """The picture in greys: a third of the bytes."""
        from PIL import Image

        Image.open(BytesIO(super().twin_png())).convert("L").save(file := BytesIO(), "PNG")
        return file.getvalue()


def guesses():
    """All questions shown so far, as a DataFrame; before its guess, a question hides its answer."""
    import pandas as pd

    rows = [(q, a.guess, None if a.guess is None else a.answer, a.right) for q, a in _asked.items()]
    return pd.DataFrame(rows, columns=["question", "guess", "answer", "right"], dtype=object)


def _text(value, name):
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"{name}={value!r}: write a text that is not empty")
    return value


def _real(value, name, above=-inf):
    if not isinstance(value, Real) or isinstance(value, bool) or not above < value < inf:
        raise ValueError(f"{name}={value!r}: pass a finite number{' above 0' * (above == 0)}")
    return float(value)
