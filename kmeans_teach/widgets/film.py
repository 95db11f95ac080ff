"""A film: what some controls show, computed by Python a reel at a time and drawn by one script.

Whatever a lesson lets the reader vary (a half-step, k, a stretch, a method) is an Axis, and each
place on the axes has a Frame. The page gets the frames and computes nothing. A new explorer names
its axes and writes one function, ``frame``; the static twin draws the same panels.
"""

from __future__ import annotations

import hashlib
import textwrap
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path

import numpy as np
import traitlets

from ..pictures.style import PAGE_WIDTH, TEXT
from .axes import Axes, NoStop, same
from .packing import Packer
from .panels import Panel
from .sheet import Sheet, binary, script, whole

MOST_FRAMES = 5000  # of one reel: a page that holds more becomes slow to open
ROW = 3.7  # inches of the static picture for a row of panels
PLAIN = {"fontsize": TEXT, "va": "top"}


@dataclass(frozen=True, eq=False)
class Frame:
    """What is seen at one place: a sentence, rows of panels, and the numbers that curves draw.

    A panel that several frames share should be one object: it crosses once. All frames of a film
    have the same kinds of panels in the same places.
    """

    words: str
    rows: Sequence[Sequence[Panel]]
    numbers: dict[str, float] = field(default_factory=dict)


def film_script(*own: Path) -> str:
    """The script of a film, with the kinds of panels that scripts of a lesson's own add."""
    return script("core", "sheet", "panels", *own, "film")


class Film(Sheet):
    """Frames that controls go through; each axis is a trait that can be set, linked and observed.

    Parameters
    ----------
    axes : dict of str to Axis, or to the stops of one
        What the reader varies, by name.
    frame : function, optional
        Returns the Frame at some stops, one argument for each axis. A subclass has it as a method.
    start : dict
        The stops that are shown first, by name.
    twin : sequence of dict
        The stops that the static picture shows side by side; by default those that are shown.
    title : str
    height : int
        Height of a row of panels in pixels.

    Attributes
    ----------
    stops : dict
        Where the controls stand, by name. ``go(k=4, seed=1)`` moves several at once.
    shown : Frame
        What is seen there.

    Raises
    ------
    ValueError
        If an axis has a name that a widget needs itself, no stops, or far too many.

    Examples
    --------
    >>> film = Film({"k": range(1, 9)}, lambda k: Frame(f"There are {k} clusters.", []))
    >>> film.k = 4
    >>> film.shown.words
    'There are 4 clusters.'
    """

    _esm = film_script()

    _at = traitlets.List(traitlets.Int()).tag(sync=True)  # the position on each axis
    _axes = traitlets.List().tag(sync=True)
    _parcels = traitlets.List([0, 0]).tag(sync=True)  # edition, how many parcels it has
    _asked = traitlets.Int(0).tag(sync=True)  # how often the page has asked for a reel
    _done = traitlets.Float(1.0).tag(sync=True)  # the share of a reel that has been computed
    _trouble = traitlets.Unicode("").tag(sync=True)

    def __init__(self, axes, frame=None, *, start=(), twin=(), title="", height=400):
        self.axes, self._twin, self._one_at_a_time = Axes(axes), list(twin), threading.RLock()
        for name in self.axes:
            if not name.isidentifier() or name.startswith("_") or hasattr(type(self), name):
                raise ValueError(f"an axis cannot be called {name!r}: a widget has that name")
        if frame is not None:
            self.frame = frame
        self._place = self.axes.moved((), dict(start))
        for stops in self._twin:
            self.axes.moved(self._place, stops)
        if (n := len(self.axes.places(self.axes.reel(self._place)))) > MOST_FRAMES:
            raise ValueError(
                f"the axes {', '.join(self.axes)} have {n} frames to be computed at once, more "
                f"than {MOST_FRAMES}: give them fewer stops, or give one of them later=True"
            )
        super().__init__(title=str(title), height=whole(height, "height", 200))
        self.add_traits(**{name: traitlets.Any().tag(sync=True) for name in self.axes})
        self.restart()
        self.observe(self._follow, ["_at", "_asked", *self.axes])

    def frame(self, **stops) -> Frame:
        """What is seen at these stops."""
        raise NotImplementedError

    def restart(self, **stops):
        """Compute anew: the data behind the frames have changed."""
        with self._one_at_a_time:
            edition, old = self._parcels
            self._packer, self._frames, self._reels = Packer(), {}, set()
            with self.hold_sync():
                self._axes, self._parcels = self.axes.described(), [edition + 1, 0]
                for number in range(old):
                    setattr(self, f"_parcel_{number}", b"")
            self._go(self.axes.moved(self._place, stops))

    # ------------------------------------------------------------------ where the controls stand

    @property
    def stops(self) -> dict:
        """Where the controls stand, by name."""
        return self.axes.stops(self._place)

    def go(self, **stops):
        """Move the controls to these stops."""
        with self._one_at_a_time:
            self._go(self.axes.moved(self._place, stops))

    def _follow(self, change):
        """Go where an axis was set, by Python, by a link or by the page."""
        with self._one_at_a_time:  # Lab hands what the page asks for to a thread beside the cells'
            here = self.stops
            asked = {n: v for n, old in here.items() if not same(old, v := getattr(self, n))}
            moved = tuple(self._at) != self._place  # the page has settled the other axes, too
            try:
                if moved:
                    self._go(self.axes.place(self.axes.stops(self._at)))
                elif asked or change.name == "_asked":
                    self._go(self.axes.moved(self._place, asked))
            except NoStop:
                self._show(self._place)
                raise

    def _go(self, place):
        self._show(place)
        self._compute(place)

    def _show(self, place):
        self._place = place  # first, so that what follows changes nothing more
        with self.hold_sync(), self.hold_trait_notifications():
            self._at = list(place)
            for name, value in self.stops.items():
                self.set_trait(name, value)

    # ---------------------------------------------------------------------- frames, reel by reel

    @property
    def shown(self) -> Frame:
        """The frame that is shown."""
        return self.frame_at(self._place)

    def frame_at(self, place, *, wait=True) -> Frame | None:
        """The frame at a place; it is computed now, or without ``wait`` None if it was not."""
        if wait:
            self._compute(tuple(place))
        return self._frames.get(tuple(place))

    def _compute(self, place):
        """Compute and send the reel of a place, unless it was."""
        with self._one_at_a_time:
            if (key := self.axes.reel(place)) not in self._reels:
                self._compute_reel(key)

    def _compute_reel(self, key):
        from threadpoolctl import threadpool_limits

        places, frames, told, self._trouble = self.axes.places(key), {}, time.monotonic(), ""
        try:
            with threadpool_limits(1):  # on a shared machine more threads take several times longer
                for i, one in enumerate(places):
                    frames[one] = self.frame(**self.axes.stops(one))
                    if time.monotonic() - told > 0.2:
                        told, self._done = time.monotonic(), (i + 1) / len(places)
        except BaseException as error:  # an interrupt too: the page must not wait for ever
            self._trouble = f"{type(error).__name__}: {error}".rstrip(": ")
            raise
        self._reels.add(key)
        self._frames |= frames
        self._ship({"/".join(map(str, one)): vars(frame) for one, frame in frames.items()})

    def _ship(self, tree):
        """Each parcel is a trait of its own: what was sent is not sent again, and is saved."""
        edition, number = self._parcels
        name, parcel = f"_parcel_{number}", self._packer.pack(tree)
        with self.hold_sync():
            if not self.has_trait(name):
                self.add_traits(**{name: binary()})
            setattr(self, name, parcel)
            self._parcels, self._done, self._trouble = [edition, number + 1], 1.0, ""

    def save(self, path, *, everything=True) -> Path:
        """Like ``Sheet.save``; without ``everything`` only the reels that were looked at."""
        for place in self.axes.places() if everything else ():
            self._compute(place)
        return super().save(path)

    # -------------------------------------------------------------------------- the static twin

    def _shots(self):
        """The stops and frames of the picture."""
        places = [self.axes.moved(self._place, stops) for stops in self._twin] or [self._place]
        return [(self.axes.stops(place), self.frame_at(place)) for place in places]

    def digest(self):
        """What is shown, in one line: nbval compares it."""
        seen, shots = hashlib.sha256(), self._shots()
        shown = [panel for _, frame in shots for row in frame.rows for panel in row]
        seen.update(self.alt_text().encode())
        for one in (one for panel in shown for one in getattr(panel, "panels", [panel])):
            for value in (getattr(one, f.name) for f in fields(one)):
                if isinstance(value, np.ndarray) and value.dtype.kind in "iub":
                    seen.update(value.astype("<i4").tobytes())
        where = [[f"{name}: {self.axes.text(name, stops)}" for name in stops] for stops, _ in shots]
        where = "; ".join(map(", ".join, where))
        return f"{type(self).__name__}({where}; {seen.hexdigest()[:8]})"

    def alt_text(self):
        """The picture in words."""
        return " ".join(frame.words for _, frame in self._shots())

    def twin_figure(self):
        """The rows of panels, those of several frames side by side."""
        from matplotlib.figure import Figure
        from matplotlib.text import Text

        shots = self._shots()
        rows = [
            [(panel, stops) for stops, frame in shots for panel in frame.rows[i]]
            for i in range(len(shots[0][1].rows))
        ]
        tall = [ROW * max(panel.tall for panel, _ in row) for row in rows]
        words = textwrap.fill(self.title or shots[-1][1].words, 104)
        figure = Figure(figsize=(PAGE_WIDTH, sum(tall) + 0.2 + 0.22 * (words.count("\n") + 1)))
        figure.text(0.01, 1 - 0.08 / figure.get_figheight(), words, **PLAIN)
        top = sum(tall)  # in inches from below; axes are placed by hand, a layout engine is slow
        for row, high in zip(rows, tall, strict=True):
            left, unit = 0.0, PAGE_WIDTH / sum(panel.wide for panel, _ in row)
            for panel, stops in row:
                wide, (west, south, east, north) = panel.wide * unit, panel.margins
                place = left + west, top - high + south, wide - west - east, high - south - north
                size = np.repeat(1 / figure.get_size_inches()[None], 2, axis=0).ravel()
                ax = figure.add_axes(np.array(place) * size)
                panel.draw(ax, self, stops)
                title = textwrap.fill(panel.title, int(10.5 * wide))
                at = np.array([left + 0.08, top - 0.05])
                figure.text(*at * size[:2], title, fontweight="bold", **PLAIN)
                left += wide
            top -= high
        for text in figure.findobj(Text):
            text.set_parse_math(False)  # what a reader wrote is no formula
        return figure
