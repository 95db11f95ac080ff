"""What the reader varies, and every place where the controls of a film can stand."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from numbers import Real

import numpy as np
from traitlets import TraitError

from .sheet import one_of


class NoStop(TraitError, ValueError):
    """An axis was asked for a value that it does not have; the message names those that it has."""


@dataclass(frozen=True)
class Axis:
    """What the reader varies.

    Parameters
    ----------
    stops : sequence of str or numbers, or function
        The values. A function gets the stops of earlier axes by name: ``lambda k: range(k)``.
    label : str
        The name beside the control; by default the axis' own name.
    text : function
        How a stop is written: ``"k = {}".format``. It may ask for earlier axes, too.
    first : value, or function
        Where the control stands at first, and again when an axis that this one depends on moves.
        Without it, the first stop, and then where it was, as far as the axis reaches.
    control : {"slider", "choice", "panel"}
        A slider (the first one plays), a row of buttons, or one of the frame's panels.
    later : bool
        Compute a stop when it is first chosen, and not at the start: for what takes long.
    """

    stops: Sequence | Callable
    label: str = ""
    text: Callable[..., str] = str
    first: object = None
    control: str = "slider"
    later: bool = False

    def __post_init__(self):
        one_of(self.control, "control", ("slider", "choice", "panel"))


class Axes(dict):
    """Axes by name. A place is a position on each; stops are the values there, by name."""

    def __init__(self, axes):
        super().__init__({n: a if isinstance(a, Axis) else Axis(a) for n, a in axes.items()})
        self.needs = {}
        for name, axis in self.items():
            asked = _arguments(axis.stops) | _arguments(axis.text) | _arguments(axis.first)
            self.needs[name] = [earlier for earlier in self.needs if earlier in asked]

    def values(self, name, stops) -> list:
        """The stops of an axis where earlier axes stand so."""
        found = [v.item() if isinstance(v, np.generic) else v for v in _of(self[name].stops, stops)]
        if not found:
            raise ValueError(f"the axis {name!r} has no stops: give it at least one value")
        return found

    def position(self, name, value, stops) -> int:
        """Where a value is on its axis, or an error that names the values that are there."""
        values = self.values(name, stops)
        for position, one in enumerate(values):
            if same(one, value):
                return position
        known = ", ".join(map(repr, values[:12])) + ", ..." * (len(values) > 12)
        raise NoStop(f"{name}={value!r}: use one of {known}")

    def text(self, name, stops) -> str:
        """How the stop of an axis is written."""
        asked = _arguments(self[name].text) & set(self.needs[name])
        return self[name].text(stops[name], **{n: stops[n] for n in asked})

    def stops(self, place) -> dict:
        """The stops at positions, maybe on the first axes only; past an axis' end is its last."""
        found = {}
        for name, position in zip(self, place, strict=False):
            values = self.values(name, found)
            found[name] = values[max(0, min(position, len(values) - 1))]
        return found

    def place(self, stops) -> tuple[int, ...]:
        """The positions of these stops."""
        return tuple(self.position(name, stops[name], stops) for name in self)

    def moved(self, place, stops) -> tuple[int, ...]:
        """Where the controls stand after some of them were moved; ``place`` is () at the start."""
        if unknown := set(stops) - set(self):
            raise ValueError(f"there is no axis {min(unknown)!r}: use {', '.join(self)}")
        old, found, new = self.stops(place), {}, []
        for i, (name, axis) in enumerate(self.items()):
            follows = not place or any(found[n] != old[n] for n in self.needs[name])
            if name in stops:
                new.append(self.position(name, stops[name], found))
            elif follows and axis.first is not None:
                new.append(self.position(name, _of(axis.first, found), found))
            else:
                last = len(self.values(name, found)) - 1
                new.append(min(place[i] if place else 0, last))
            found[name] = self.values(name, found)[new[-1]]
        return tuple(new)

    def reel(self, place) -> tuple:
        """What is computed together with a place: its positions on axes that wait, else None."""
        return tuple(
            p if axis.later else None for p, axis in zip(place, super().values(), strict=True)
        )

    def places(self, key=None) -> list[tuple[int, ...]]:
        """All places, or those of one reel; a shorter key gives places on the first axes."""
        found = [()]
        for name, fixed in zip(self, (None,) * len(self) if key is None else key, strict=False):
            many = [len(self.values(name, self.stops(place))) for place in found]
            found = [
                (*place, i)
                for place, n in zip(found, many, strict=True)
                for i in (range(n) if fixed is None else [fixed])
            ]
        return found

    def along(self, name, place) -> list[tuple[int, ...]]:
        """The places where this axis moves, and those that depend on it as far as they must."""
        i, stops = list(self).index(name), self.stops(place)
        moved = [(*place[:i], p, *place[i + 1 :]) for p in range(len(self.values(name, stops)))]
        return [self.place(self.stops(one)) for one in moved]

    def described(self) -> list[dict]:
        """For the page: stops and texts of each axis, for all stops of the axes that it needs."""
        told, order = [], list(self)
        for i, (name, axis) in enumerate(self.items()):
            of, stops, texts, first = [order.index(n) for n in self.needs[name]], {}, {}, {}
            for place in self.places((None,) * i):
                key, here = "/".join(str(place[j]) for j in of), self.stops(place)
                if key in texts:
                    continue
                stops[key] = self.values(name, here)
                texts[key] = [self.text(name, {**here, name: value}) for value in stops[key]]
                if axis.first is not None:
                    first[key] = self.position(name, _of(axis.first, here), here)
            look = {"name": name, "label": axis.label or name, "control": axis.control, "of": of}
            told.append({**look, "stops": stops, "texts": texts, "first": first})
        return told


def same(a, b) -> bool:
    """Whether two stops are one: numbers may come back from the page as another kind of number."""
    if isinstance(a, Real) and isinstance(b, Real):
        return math.isclose(a, b, abs_tol=1e-9)
    return isinstance(b, type(a)) and a == b


def _arguments(function):
    """The names of a function's arguments; none for a value."""
    try:
        return set(inspect.signature(function).parameters) if callable(function) else set()
    except ValueError:  # some built-in functions do not tell
        return set()


def _of(value, stops):
    """A value, or what a function makes of the stops that it asks for."""
    return value(**{n: stops[n] for n in _arguments(value)}) if callable(value) else value
