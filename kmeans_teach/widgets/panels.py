"""The pictures that a frame is made of; ``panels.mjs`` draws the same ones on the page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from matplotlib.ticker import MaxNLocator

from ..pictures.points import plot_clusters
from ..pictures.style import TEXT, color, short
from .packing import Picture

SMALL = TEXT - 2.5


@dataclass(frozen=True, eq=False, kw_only=True)
class Panel:
    """One picture of a frame; the title is the finding.

    ``wide`` is its share of the row, ``tall`` its share of the film's height. Where ``axis`` names
    an axis of the film, the reader chooses a stop of it in this picture, by mouse or arrow keys.
    ``margins`` are those of the static picture in inches: left, lower, right, upper.
    """

    kind: ClassVar[str] = ""
    margins: ClassVar[tuple] = (0.1, 0.1, 0.1, 0.55)
    title: str = ""
    wide: float = 1.0
    tall: float = 1.0
    axis: str = ""

    def draw(self, ax, film, stops):
        """The static twin's picture, the controls of the film standing at ``stops``."""
        raise NotImplementedError

    def chosen(self, film, stops):
        """The position on the panel's axis; None without an axis."""
        return film.axes.position(self.axis, stops[self.axis], stops) if self.axis else None


@dataclass(frozen=True, eq=False)
class Points(Panel):
    """Points of two columns as ``plot_clusters`` draws them; a negative label is noise.

    ``box`` (left, lower, right, upper) is what is seen; by default all points. A ``small`` picture
    has no axes. Points that are ``marked`` have a ring, and the area of a point's halo is in
    proportion to ``halos`` (1 on average). ``scale`` stretches the columns of points and centres;
    with ``units`` the axes say what they were before, and fill the picture.
    """

    kind: ClassVar[str] = "points"
    margins: ClassVar[tuple] = (0.62, 0.5, 0.12, 0.55)
    points: np.ndarray
    labels: np.ndarray | None = None
    centers: np.ndarray | None = None
    names: tuple[str, str] = ("x", "y")
    borders: bool = True
    box: tuple[float, float, float, float] | None = None
    small: bool = False
    marked: np.ndarray | None = None
    halos: np.ndarray | None = None
    scale: tuple[float, float] | None = None
    units: bool = False

    def draw(self, ax, film, stops):
        """As matplotlib shows it."""
        scale = np.array(self.scale or (1.0, 1.0))
        points, centers = (a if a is None else a * scale for a in (self.points, self.centers))
        low, high = points.min(axis=0), points.max(axis=0)
        room = 0.08 * (high - low)
        box = np.concatenate([low - room, high + room]) if self.units else self.box
        bounds = None if box is None else tuple(box[i] for i in (0, 2, 1, 3))
        names = short(self.names[0], 38), short(self.names[1], 28)
        look = {"borders": self.borders, "feature_names": names, "ring": self.marked}
        plot_clusters(points, self.labels, centers, ax=ax, bounds=bounds, **look)
        if self.halos is not None:
            ax.scatter(*points.T, s=90 * self.halos, color="#0072b2", alpha=0.25, lw=0, zorder=1)
        if self.units:
            ax.set_aspect("auto")
            for axis, ends, one in zip(
                (ax.xaxis, ax.yaxis), (bounds[:2], bounds[2:]), scale, strict=True
            ):
                there = MaxNLocator(5).tick_values(*np.array(ends) / one)[1:-1]
                axis.set_ticks(there * one, [f"{value:g}" for value in there])
        if self.small:
            ax.set(xticks=[], yticks=[], xlabel="", ylabel="")
        ax.set_title("")
        ax.set_anchor("N")
        if legend := ax.get_legend():
            legend.remove()


@dataclass(frozen=True, eq=False)
class Grid(Panel):
    """Small pictures of points side by side, a stop of the axis each."""

    kind: ClassVar[str] = "grid"
    margins: ClassVar[tuple] = (0.1, 0.1, 0.1, 0.5)
    panels: Sequence[Points]

    def draw(self, ax, film, stops):
        """As matplotlib shows it."""
        across = int(np.ceil(np.sqrt(n := len(self.panels))))
        rows, at = -(-n // across), self.chosen(film, stops)
        ax.set_axis_off()
        for i, panel in enumerate(self.panels):
            high, wide = 1 / rows, 1 / across
            place = (i % across * wide, 1 - (i // across + 1) * high, 0.95 * wide, 0.8 * high)
            one = ax.inset_axes(place)
            panel.draw(one, film, stops)
            one.set_aspect("auto")
            bold = "bold" if i == at else "normal"
            one.set_title(
                panel.title, fontsize=SMALL, fontweight=bold, loc="left", pad=3, parse_math=False
            )


@dataclass(frozen=True, eq=False)
class Profile(Panel):
    """A value of each point as a bar, clusters below each other: a silhouette plot.

    The points come in the order in which they are drawn, from top to bottom.
    """

    kind: ClassVar[str] = "profile"
    margins: ClassVar[tuple] = (0.4, 0.5, 0.12, 0.55)
    values: np.ndarray
    labels: np.ndarray
    unit: str = ""

    def draw(self, ax, film, stops):
        """As matplotlib shows it."""
        for j in np.unique(self.labels):
            rows = np.flatnonzero(self.labels == j)
            edges = np.append(rows, rows[-1] + 1)
            bars = np.append(self.values[rows], self.values[rows[-1]])
            ax.fill_betweenx(edges, 0, bars, step="post", color=color(int(j)), lw=0)
            ax.text(
                -0.01, rows.mean(), j, ha="right", va="center", fontsize=SMALL, fontweight="bold"
            )
        ax.axvline(self.values.mean(), color="k", ls="--", lw=1)
        ax.set(ylim=(len(self.values), 0), yticks=[], xlabel=self.unit)
        ax.tick_params(labelsize=SMALL)
        ax.spines[["left", "top", "right"]].set_visible(False)


@dataclass(frozen=True, eq=False)
class Atlas:
    """Many small grey pictures of one size in one image, which crosses once."""

    image: Picture
    size: tuple[int, int]
    across: int

    @classmethod
    def of(cls, pixels):
        """The atlas of pictures of shape (n, height, width), as uint8."""
        n, h, w = pixels.shape
        across = int(np.ceil(np.sqrt(n)))
        sheet = np.zeros((-(-n // across) * across, h, w), dtype=np.uint8)
        sheet[:n] = pixels
        sheet = sheet.reshape(-1, across, h, w).swapaxes(1, 2).reshape(-1, across * w)
        return cls(Picture(sheet), (h, w), across)

    def one(self, number) -> np.ndarray:
        """Picture ``number``."""
        (h, w), (row, column) = self.size, divmod(int(number), self.across)
        return self.image.pixels[row * h : row * h + h, column * w : column * w + w]


@dataclass(frozen=True, eq=False)
class Pictures(Panel):
    """Small pictures of one atlas, as large as the panel allows; ``marks`` have dashed frames."""

    kind: ClassVar[str] = "pictures"
    atlas: Atlas
    which: np.ndarray
    captions: Sequence = ()
    marks: np.ndarray | None = None

    def draw(self, ax, film, stops):
        """As matplotlib shows it."""
        across, (h, w) = 12 if len(self.which) <= 12 else 8, self.atlas.size
        foot, at = h // 2 if len(self.captions) else 1, self.chosen(film, stops)
        rows = -(-len(self.which) // across)
        sheet = np.full((rows * (h + foot), min(across, len(self.which)) * (w + 1)), 255, np.uint8)
        for i, number in enumerate(self.which):
            left, top = i % across * (w + 1), i // across * (h + foot)
            sheet[top : top + h, left : left + w] = self.atlas.one(number)
            if len(self.captions):
                look = {"fontsize": SMALL, "fontweight": "bold" if i == at else "normal"}
                look["color"] = "k" if self.marks is None or not self.marks[i] else "#b33c00"
                text = f"{self.captions[i]}"
                ax.text(left + w / 2 - 0.5, top + h, text, ha="center", va="top", **look)
        ax.imshow(sheet, cmap="gray", vmin=0, vmax=255)
        ax.set_aspect("equal", anchor="NW")
        ax.set_axis_off()


@dataclass(frozen=True, eq=False)
class Table(Panel):
    """Counts as a heat map; the shade of a cell is its share of the row."""

    kind: ClassVar[str] = "table"
    margins: ClassVar[tuple] = (0.62, 0.5, 0.1, 0.55)
    counts: np.ndarray
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    names: tuple[str, str] = ("", "")  # of rows, of columns

    def draw(self, ax, film, stops):
        """As matplotlib shows it."""
        counts, at = np.asarray(self.counts), self.chosen(film, stops)
        share = counts / counts.sum(axis=1, keepdims=True).clip(1)
        ax.imshow(share, cmap="Blues", aspect="auto", vmin=0, vmax=1)
        for i, j in zip(*np.nonzero(counts), strict=True):
            if len(counts) <= 16 or i == at:
                look = {"color": "w" if share[i, j] > 0.5 else "k", "fontsize": SMALL}
                ax.text(j, i, counts[i, j], ha="center", va="center_baseline", **look)
        every = -(-len(self.rows) // 16)
        ax.set_yticks(range(len(self.rows))[::every], self.rows[::every], fontsize=SMALL)
        ax.set_xticks(range(len(self.columns)), self.columns, fontsize=SMALL)
        ax.set(ylabel=self.names[0], xlabel=self.names[1])
        if at is not None:
            ax.axhspan(at - 0.5, at + 0.5, fill=False, ec="k", lw=2)


@dataclass(frozen=True, eq=False)
class Bars(Panel):
    """A number for each of some things, from top to bottom; with ``colors`` they are swatches."""

    kind: ClassVar[str] = "bars"
    margins: ClassVar[tuple] = (1.25, 0.5, 0.1, 0.55)
    values: np.ndarray
    captions: tuple[str, ...]
    colors: np.ndarray | None = None  # (n, 3) of uint8
    unit: str = ""

    def draw(self, ax, film, stops):
        """As matplotlib shows it."""
        n, colors = len(self.values), None if self.colors is None else self.colors / 255
        ax.barh(range(n), self.values, color=colors, ec="k", lw=0.5)
        every = -(-n // 18)
        ax.set_yticks(range(n)[::every], self.captions[::every], fontsize=SMALL)
        ax.tick_params(axis="x", labelsize=SMALL)
        ax.set_ylim(n - 0.4, -0.6)
        ax.set_xlabel(self.unit.replace("{}", "").strip(), fontsize=SMALL)


@dataclass(frozen=True, eq=False)
class Curve(Panel):
    """The frames' numbers along ``axis``, with a cursor; a click goes there.

    ``lines`` are names in ``Frame.numbers``; a line with the name of an axis is written as the stop
    of that axis. ``limits`` hold the vertical axis still where it would dance.
    """

    kind: ClassVar[str] = "curve"
    margins: ClassVar[tuple] = (0.62, 0.35, 0.3, 0.65)
    lines: tuple[str, ...] = ()
    limits: tuple[float, float] | None = None

    def draw(self, ax, film, stops):
        """As matplotlib shows it."""
        axes, at, axis = film.axes, self.chosen(film, stops), self.axis
        frames = [film.frame_at(p, wait=False) for p in axes.along(axis, axes.place(stops))]
        texts = [axes.text(axis, stops | {axis: v}) for v in axes.values(axis, stops)]
        for name, style in zip(self.lines, ("o-", "s--", "^:", "D-."), strict=False):
            label = short(axes.text(name, stops) if name in axes else name, 24)
            values = [f.numbers.get(name, np.nan) if f else np.nan for f in frames]
            ax.plot(values, style, label=label * bool(np.isfinite(values).any()), ms=4)
        ax.axvline(at, color="#555555", lw=1.5, zorder=0)
        every = int(np.ceil((n := len(texts)) * (max(map(len, texts)) + 2) * SMALL / ax.bbox.width))
        ax.set_xticks(range(n)[::every], texts[::every])
        ax.get_xticklabels()[-1].set_ha("center" if n == 1 or (n - 1) % every else "right")
        ax.tick_params(labelsize=SMALL)
        ax.set(ylim=self.limits)
        ax.spines[["top", "right"]].set_visible(False)
        if len(self.lines) > 1 and ax.get_legend_handles_labels()[1]:
            place = {"loc": "lower left", "bbox_to_anchor": (0, 0.98), "ncols": 2}
            ax.legend(fontsize=SMALL, frameon=False, borderaxespad=0, **place)
