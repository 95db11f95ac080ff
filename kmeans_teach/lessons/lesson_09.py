"""Lesson 09, How few colours are enough? The colour lab, and three exercises."""

from __future__ import annotations

import io
import os
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np
import traitlets
from PIL import Image, ImageOps
from sklearn.cluster import KMeans, MiniBatchKMeans
from sklearn.datasets import load_sample_image

from ..widgets.axes import Axis
from ..widgets.film import Film, Frame, film_script
from ..widgets.packing import Picture
from ..widgets.panels import Bars, Curve, Panel
from ..widgets.sheet import whole
from .exercise import challenge, exercise

HERE = Path(__file__).parent
LONGEST = 640  # pixels of the longer side: the lab scales a larger picture down
LARGEST_FILE = 100_000_000  # bytes of an upload
K_VALUES = 2, 4, 8, 16, 32, 64
PALETTES = "KMeans", "MiniBatchKMeans", "median cut", "random pixels"
IN_SPACE = 2500  # pixels that are shown as points in colour space

# --------------------------------------------------------------- a picture of the reader's own


def read_picture(source, name="this file") -> tuple[np.ndarray, str]:
    """Read a path, the bytes of a file, or an array of grey values or colours.

    Returns the pixels (height, width, 3) as uint8, upright, on white where they were transparent,
    and a sentence if the picture was scaled down. A ValueError says why it is no picture.
    """
    if isinstance(source, (str, os.PathLike)):
        path = Path(source)
        try:
            source, name = path.read_bytes(), path.name
        except OSError as error:
            raise ValueError(f"cannot open {path}: {error.strerror or error}") from error
    if not isinstance(source, bytes):
        source, name = _of_array(source), "this array"
    elif not source:
        raise ValueError(f"{name} is empty: choose a file that holds a picture")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about damaged metadata
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            image = Image.open(io.BytesIO(source)) if isinstance(source, bytes) else source
            full, pixels = image.size, _upright_on_white(image)
    except Image.UnidentifiedImageError:
        raise ValueError(f"{name} is not a picture: choose a PNG, JPEG, WebP or GIF") from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning, MemoryError):
        most = Image.MAX_IMAGE_PIXELS // 10**6
        raise ValueError(f"{name} has more than {most} million pixels: scale it down") from None
    except Exception as error:  # Pillow raises many kinds for a damaged file
        raise ValueError(f"{name} is damaged or incomplete. Pillow says: {error}") from error
    if (pixels == pixels[0, 0]).all():
        raise ValueError(f"{name} has only one colour: k-means has nothing to group")
    height, width, _ = pixels.shape
    note = f"{name} had {full[0]:,} × {full[1]:,} pixels; the lab shows {width} × {height}."
    return pixels, note if max(full) > LONGEST else ""


def _upright_on_white(image) -> np.ndarray:
    if image.mode.startswith(("I", "F")):  # 16 bits or more: Pillow's own conversion would clip
        values = np.asarray(image, dtype=float)
        top = max(65535 if image.mode.startswith("I") else 1, values.max())
        image = Image.fromarray(np.rint(values * (255 / top)).clip(0).astype(np.uint8))
    elif image.has_transparency_data:
        image = image.convert("RGBA")
    elif image.mode not in ("RGB", "L", "CMYK"):  # a palette, for example, cannot be scaled down
        image = image.convert("RGB")
    image.thumbnail((LONGEST, LONGEST))
    image = ImageOps.exif_transpose(image)
    if image.mode == "RGBA":
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    return np.array(image.convert("RGB"))


def _of_array(source) -> Image.Image:
    """An array as an image, or a ValueError that says which arrays are pictures."""
    values = np.asarray(source)
    if values.ndim == 3 and values.shape[2] == 1:
        values = values[:, :, 0]
    right = values.ndim == 2 or (values.ndim == 3 and values.shape[2] in (3, 4))
    if values.dtype.kind not in "buif" or not right or not values.size:
        raise ValueError(
            f"an array of {values.dtype} of shape {values.shape} is not a picture: pass numbers of "
            "shape (height, width), (height, width, 3) or (height, width, 4)"
        )
    least, most, kind = float(values.min()), float(values.max()), values.dtype.kind
    top = 1 if kind in "bf" else 65535 if values.dtype == np.uint16 and most > 255 else 255
    if not (least >= 0 and most <= top):  # a NaN is neither
        raise ValueError(
            f"the values of this picture go from {least:g} to {most:g}: pass whole numbers from 0 "
            "to 255 or decimal numbers from 0 to 1"
        )
    return Image.fromarray(np.rint(values.astype(float) * (255 / top)).astype(np.uint8))


# ------------------------------------------------------------------------------- palettes


def find_palette(kind, k, seed, pixels, colors, counts):
    """Find k colours for pixels, whose distinct colours and numbers of pixels are given, too."""
    if kind == "median cut":
        image = Image.fromarray(pixels[None]).quantize(k, Image.Quantize.MEDIANCUT, dither=0)
        used = sorted(number for _, number in image.getcolors())
        return np.reshape(image.getpalette(), (-1, 3))[used]
    if kind == "random pixels":
        return pixels[np.random.RandomState(seed).choice(len(pixels), k, replace=False)]
    model = MiniBatchKMeans(k, n_init=1, random_state=seed)
    if kind == "KMeans":  # more than 40 iterations gain 0.02 dB and take as long again
        model = KMeans(k, n_init=1, max_iter=40, random_state=seed)
    return model.fit(colors, sample_weight=counts).cluster_centers_


def distinct(pixels):
    """The distinct colours of pixels (n, 3) of uint8, as floats, and how many pixels have each."""
    keys = pixels.astype(np.uint32) @ np.array([65536, 256, 1], dtype=np.uint32)
    keys, which, counts = np.unique(keys, return_inverse=True, return_counts=True)
    return np.stack([keys >> 16, keys >> 8 & 255, keys & 255], axis=1).astype(float), which, counts


def nearest(colors, palette) -> np.ndarray:
    """The number of each colour's nearest entry, the first of equally near ones; exact."""
    colors, palette = np.float32(colors), np.float32(palette)  # whole numbers below 2**24
    return ((palette**2).sum(axis=1) - 2 * colors @ palette.T).argmin(axis=1)


# ------------------------------------------------------------------------------- the colour lab


@dataclass(frozen=True, eq=False)
class Wipe(Panel):
    """A picture before and after in one place, with a handle between: the page finds the after."""

    kind: ClassVar[str] = "wipe"
    before: Picture
    palette: np.ndarray
    size: tuple[int, int]  # height, width

    def draw(self, ax, film, stops):
        """As matplotlib shows it: the handle in the middle."""
        middle, rgb = self.size[1] // 2, self.before.rgb.copy()
        colors, which, _ = distinct(rgb[:, middle:].reshape(-1, 3))
        after = self.palette[nearest(colors, self.palette)[which]]
        rgb[:, middle:] = after.reshape(rgb[:, middle:].shape)
        ax.imshow(rgb)
        ax.axvline(middle, color="w", lw=2)
        ax.set_axis_off()


@dataclass(frozen=True, eq=False)
class Space(Panel):
    """Pixels in red, green and blue, each in the colour that it gets; the page turns the cube."""

    kind: ClassVar[str] = "space"
    margins: ClassVar[tuple] = (0.62, 0.5, 0.1, 0.55)
    pixels: np.ndarray  # (n, 3) of uint8
    palette: np.ndarray

    def draw(self, ax, film, stops):
        """As matplotlib shows it: red and green."""
        after = self.palette[nearest(self.pixels, self.palette)]
        ax.scatter(*self.pixels.T[:2], s=3, color=after / 255)
        ax.scatter(*self.palette.T[:2], s=50, color=self.palette / 255, ec="k")
        ax.set(xlabel="red", ylabel="green", xticks=(0, 255), yticks=(0, 255))


class ColourLab(Film):
    """Move a handle over a picture: all its colours on the left, a palette of k on the right.

    Each pixel gets the nearest colour of the palette, whatever made the palette. K-means clusters
    each distinct colour once, with its number of pixels as weight.

    Parameters
    ----------
    picture : path, bytes or array of shape (height, width[, 3 or 4]), optional
        By default scikit-learn's china.jpg. More than 640 pixels a side are scaled down.
    k, palette : int, {"KMeans", "MiniBatchKMeans", "median cut", "random pixels"}
        What is shown first.
    k_values, random_state : sequence of int from 2 to 256, int

    Examples
    --------
    >>> lab = ColourLab(k=2, k_values=[2, 4])
    >>> lab.shown.words.split(". ")[0]
    '2 colours by KMeans: PSNR 17.0 dB'
    """

    _esm = film_script(HERE / "colour_lab.mjs")
    _note = traitlets.Unicode("").tag(sync=True)

    def __init__(
        self, picture=None, *, k=16, palette="KMeans", k_values=K_VALUES, random_state=0, **look
    ):
        k_values = [whole(one, "k_values", 2, "colours") for one in k_values]
        if max(k_values, default=0) > 256:
            raise ValueError(f"k_values={k_values}: a palette has at most 256 colours")
        self.random_state, self._parts = random_state, []
        self._note = self._take(load_sample_image("china.jpg") if picture is None else picture)
        axes = {
            "palette": Axis(PALETTES, "Palette", control="choice", later=True),
            "k": Axis(k_values, "Colours", text="{} colours".format),
        }
        self._curves = [
            Curve(title="PSNR in dB: higher is closer", axis="k", lines=("PSNR",), tall=0.6),
            Curve(title="Size in kB", axis="k", lines=("PNG file", "bits × pixels"), tall=0.6),
        ]
        super().__init__(axes, start={"k": k, "palette": palette}, **look)
        self.on_msg(self._received)

    def _take(self, picture, name="this file") -> str:
        """Read a picture, find its distinct colours, and draw pixels for the colour space."""
        self.image, note = read_picture(picture, name)
        self._pixels = self.image.reshape(-1, 3)
        self._colors, self._which, self._counts = distinct(self._pixels)
        self._before = Picture(self.image)
        some = np.random.RandomState(0).permutation(len(self._pixels))[:IN_SPACE]
        self._some = self._pixels[np.sort(some)]
        return note

    def _received(self, _, content, buffers):
        """Take a part of an uploaded file; with the last one, show the picture or say why not."""
        name, start, size = (content.get(key) for key in ("name", "start", "size"))
        if content.get("kind") != "part" or not buffers or size > LARGEST_FILE:
            return
        if not start:
            self._note, self._parts = "", []
        self._parts.append(bytes(buffers[0]))
        if start + len(buffers[0]) < size:
            return
        data, self._parts = b"".join(self._parts), []
        try:
            if len(data) != size:
                raise ValueError(f"{name} arrived incomplete: choose it again")
            note = self._take(data, name)
        except ValueError as error:
            note = f"{error}. The previous picture stays."
        else:
            self.restart()
        self._note = note

    def frame(self, palette, k):
        """The palette of the picture in k colours, the largest first, and what it weighs."""
        colors, counts, shape = self._colors, self._counts, self.image.shape[:2]
        few, data = len(colors) <= k, (self._pixels, colors, counts)
        found = colors if few else find_palette(palette, k, self.random_state, *data)
        found = np.rint(np.asarray(found, dtype=float)).astype(np.uint8)
        sizes = np.bincount(nearest(colors, found), counts, len(found))
        found = found[np.argsort(-sizes, kind="stable")]
        labels = nearest(colors, found)  # anew: a tie goes to the first in this order
        share = np.bincount(labels, counts, len(found)) / len(self._pixels)
        error = ((colors - found[labels]) ** 2).sum(axis=1) @ counts / self.image.size
        after = Picture(labels[self._which].reshape(shape), found)
        bits = max(1, int(len(found) - 1).bit_length())
        numbers = {
            "PSNR": 10 * np.log10(255**2 / error) if error else np.inf,
            "PNG file": len(after.file) / 1000,
            "bits × pixels": (len(self._pixels) * bits / 8 + 3 * len(found)) / 1000,
        }
        many = f"{len(found)} colours"
        what = f"{many} by {palette}: PSNR {numbers['PSNR']:.1f} dB"
        what = f"This picture has only {many}, so none is lost" if few else what
        codes = tuple("#{:02x}{:02x}{:02x}".format(*color) for color in found)
        claim = f"Left: all {len(colors):,} colours. Right: {many}."
        wipe = Wipe(self._before, found, shape, title=claim, wide=1.75, tall=1.1)
        bars = Bars(100 * share, codes, found, "{} %", title="Share of the pixels", tall=1.1)
        space = Space(self._some, found, title="Colour space", tall=0.6)
        (_, png, small), raw = numbers.values(), self.image.size / 1000
        saved = f"{raw / small:.1f} times less than" if small < raw else "not less than the"
        words = (
            f"{what}. At {bits} bit{'s' * (bits > 1)} a pixel, the pixels and the palette take "
            f"{small:.1f} kB, {saved} {raw:.1f} kB at 24 bits. As a PNG file, the picture takes "
            f"{png:.1f} kB instead of {len(self._before.file) / 1000:.1f} kB."
        )
        return Frame(words, [[wipe, bars], [space, *self._curves]], numbers)


# ------------------------------------------------------------------------------- the exercises


@exercise(
    returns="a whole number of bytes",
    praise="480,000 pixels of 5 bits are 300,000 bytes, and the palette of 32 × 3 bytes adds 96.",
    tolerance=0.01,
)
def bytes_in_32_colours():
    """How many bytes a picture of 800 × 600 pixels takes in 32 colours, with its palette."""
    return 800 * 600 * 5 / 8 + 32 * 3


@bytes_in_32_colours.wrong
def counted_bits():
    """This is the number of bits. A byte has 8 of them.
    Hint: divide by 8."""
    yield from (800 * 600 * 5 + palette for palette in (0, 32 * 3, 32 * 24))


@bytes_in_32_colours.wrong
def forgot_palette():
    """The pixels are right, but the picture cannot be shown without its 32 colours.
    Hint: add 3 bytes for each colour of the palette."""
    yield 800 * 600 * 5 / 8


@bytes_in_32_colours.wrong
def still_24_bits():
    """This is the picture in full colour, with 3 bytes for each pixel.
    With a palette, a pixel holds the number of its colour, from 0 to 31.
    Hint: how many bits does a number from 0 to 31 need?"""
    yield from (800 * 600 * 3 + palette for palette in (0, 32 * 3))


@bytes_in_32_colours.wrong
def four_bits():
    """Four bits are enough for 16 colours, as in the lesson, but not for 32.
    Hint: each extra bit doubles the number of colours."""
    yield from (800 * 600 * 4 / 8 + palette for palette in (0, 16 * 3, 32 * 3))


def _db(error):
    return 10 * np.log10(255**2 / error)


def _mse(before, after):
    return np.mean((before.astype(float) - after) ** 2)


PAIRS = np.random.default_rng(0).integers(0, 256, (3, 2, 2, 3, 3), dtype=np.uint8)


@exercise(
    [(np.uint8([[[10, 20, 30]]]), np.uint8([[[13, 16, 30]]])), *map(tuple, PAIRS)],
    returns="one number, in dB",
    praise="You convert before you subtract, average over all values, and compare with 255².",
)
def psnr(before, after):
    """The peak signal-to-noise ratio of two pictures of uint8, in dB."""
    return _db(_mse(before, after)) if (before != after).any() else np.inf


@psnr.wrong
def uint8_overflow(before, after):
    """Your numbers wrap around: uint8 ends at 255, so 10 - 13 gives 253; int16 ends at 32,767.
    The result looks like a PSNR, and nothing warns you.
    Hint: convert both pictures with .astype(float) before you subtract."""
    yield _db(np.mean((before - after) ** 2))
    yield _db(np.mean((before - after).astype(float) ** 2))
    yield _db(np.mean((before.astype(np.int16) - after) ** 2))


@psnr.wrong
def summed_channels(before, after):
    """Your error is the squared distance between two colours: red, green and blue added up.
    PSNR takes the mean over all values, so yours is 4.8 dB too low.
    Hint: let mean() run over all axes."""
    yield _db(3 * _mse(before, after))


@psnr.wrong
def not_both_squared(before, after):
    """You compare a squared number with one that is not squared.
    Hint: take 255**2 and the mean squared error, without taking its root."""
    yield _db(np.sqrt(_mse(before, after)))
    yield from (10 * np.log10(255 / _mse(before, after) ** power) for power in (1, 0.5))


@psnr.wrong
def other_logarithm(before, after):
    """The logarithm is a different one, or its factor is not 10: dB are 10 · log10(...).
    Hint: np.log is the natural logarithm; use 10 * np.log10."""
    yield from (factor * _db(_mse(before, after)) for factor in (np.log(10), 0.1, 2))


psnr.then([(np.full((2, 2, 3), 7, np.uint8),) * 2])


@psnr.wrong
def equal_pictures(before, after):
    """The error of two equal pictures is 0, and you divide by it.
    Hint: return np.inf when the error is 0."""
    yield from (lambda: 1 / 0, np.nan, 0.0)


@challenge
def fewest_colours(palette, picture):
    """A palette of shape (k, 3) with which a picture reaches 30 dB, k as small as you can."""
    pixels, palette = read_picture(picture)[0].reshape(-1, 3), np.asarray(palette, dtype=float)
    if palette.ndim != 2 or palette.shape[1] != 3:
        line = f"A palette has shape (k, 3), a row for each colour; yours has {palette.shape}."
        return False, "not-a-palette", line, "Hint: pass cluster_centers_, not the new picture."
    if not (palette.min() >= -0.5 and 1 < palette.max() < 255.5):
        line = f"Your colours go from {palette.min():.3g} to {palette.max():.3g}."
        return False, "not-0-to-255", line, "Hint: they must be in the picture's units, 0 to 255."
    colors, _, counts = distinct(pixels)

    def reached(palette):
        labels = nearest(colors, palette := np.rint(palette))
        return _db(((colors - palette[labels]) ** 2).sum(axis=1) @ counts / pixels.size)

    k, less = len(palette), max(1, min(int(0.9 * len(palette)), len(colors)))
    yours, simple = map(reached, (palette, find_palette("KMeans", less, 0, pixels, colors, counts)))
    said = f"{k} colours reach {yours:.1f} dB, "
    if yours < 30:
        line = "Hint: try more colours, or n_init=10 with the same number."
        return False, "too-few", said + "but the target is 30 dB.", line
    if simple >= 30:
        line = "Hint: lower k step by step until you fall below 30 dB, then go back one step."
        return False, "too-many", f"{said}but one run of k-means needs at most {less}.", line
    return True, None, f"{said}and one run of k-means with {less} reaches only {simple:.1f} dB."
