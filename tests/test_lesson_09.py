"""Lesson 09: pictures of every kind are read or refused in a sentence; palettes; the exercises."""

import io
import warnings

import numpy as np
import pytest
from PIL import Image
from sklearn.cluster import KMeans
from sklearn.datasets import load_sample_image

from kmeans_teach import ColourLab, check, inertia
from kmeans_teach.lessons.lesson_09 import PALETTES, distinct, nearest, read_picture

NOISE = np.random.default_rng(0).integers(0, 256, (30, 40, 3), dtype=np.uint8)


def file_of(image, kind="PNG", **options):
    """The bytes of a picture's file."""
    file = io.BytesIO()
    (image if isinstance(image, Image.Image) else Image.fromarray(image)).save(
        file, kind, **options
    )
    return file.getvalue()


# --------------------------------------------------------------------------- pictures that are read


@pytest.mark.parametrize("kind", ["PNG", "BMP", "TIFF"])
def test_a_file_gives_its_pixels(kind):
    pixels, note = read_picture(file_of(NOISE, kind))
    assert np.array_equal(pixels, NOISE)
    assert note == ""


@pytest.mark.parametrize(
    ("kind", "options"), [("JPEG", {"quality": 95}), ("WEBP", {"quality": 95})]
)
def test_a_photograph_is_nearly_itself(kind, options):
    smooth = np.asarray(Image.fromarray(NOISE).resize((80, 60), Image.Resampling.BICUBIC))
    pixels, _ = read_picture(file_of(smooth, kind, **options))
    assert pixels.shape == smooth.shape
    assert np.abs(pixels.astype(float) - smooth).mean() < 25


def test_path_as_text_or_object(tmp_path):
    (tmp_path / "a picture.png").write_bytes(file_of(NOISE))
    for path in (tmp_path / "a picture.png", str(tmp_path / "a picture.png")):
        assert np.array_equal(read_picture(path)[0], NOISE)


def test_a_gif_gives_its_first_frame():
    frames = [Image.new("RGB", (9, 9), color) for color in ("red", "blue")]
    for frame in frames:
        frame.putpixel((0, 0), (0, 0, 0))
    pixels, _ = read_picture(file_of(frames[0], "GIF", save_all=True, append_images=frames[1:]))
    assert pixels[5, 5].tolist() == [255, 0, 0]


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_what_is_transparent_becomes_white(mode):
    image = Image.new("RGBA", (8, 8), (0, 0, 0, 0))
    image.paste((0, 0, 0, 255), (0, 0, 4, 8))
    pixels, _ = read_picture(file_of(image.convert(mode)))
    assert pixels[0, 0].tolist() == [0, 0, 0]
    assert pixels[0, 7].tolist() == [255, 255, 255]


def test_a_png_with_one_transparent_colour():
    image = Image.fromarray(NOISE.copy())
    image.putpixel((0, 0), (1, 2, 3))
    pixels, _ = read_picture(file_of(image, transparency=(1, 2, 3)))
    assert pixels[0, 0].tolist() == [255, 255, 255]


def test_grey_palette_and_bilevel():
    grey = NOISE[:, :, 0]
    assert np.array_equal(read_picture(file_of(grey))[0], np.repeat(grey[:, :, None], 3, axis=2))
    few = Image.fromarray(NOISE).quantize(16)
    assert np.array_equal(read_picture(file_of(few))[0], np.asarray(few.convert("RGB")))
    one_bit = Image.fromarray(grey).convert("1")
    assert set(np.unique(read_picture(file_of(one_bit))[0])) == {0, 255}


def test_16_bits_are_scaled_and_not_clipped():
    steps = np.arange(0, 65536, 257, dtype=np.uint16).reshape(16, 16)
    pixels, _ = read_picture(file_of(Image.fromarray(steps)))
    assert np.array_equal(pixels[:, :, 0].ravel(), np.arange(256))
    assert np.array_equal(read_picture(steps)[0], pixels)


def test_cmyk_is_converted():
    ink = Image.new("CMYK", (8, 8), (0, 255, 255, 0))
    ink.paste((0, 0, 0, 0), (0, 0, 4, 8))
    pixels, _ = read_picture(file_of(ink, "TIFF"))
    assert pixels[0, 7].tolist() == [255, 0, 0]
    assert pixels[0, 0].tolist() == [255, 255, 255]


def test_a_photograph_stands_upright():
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was turned by a quarter
    image = Image.new("RGB", (20, 10), "white")
    image.paste("black", (0, 0, 10, 10))
    pixels, _ = read_picture(file_of(image, exif=exif))
    assert pixels.shape == (20, 10, 3)
    assert pixels[0].max() == 0
    assert pixels[-1].min() == 255


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_40_megapixels_are_scaled_down_and_it_is_said(kind):
    large = Image.new("RGB", (8000, 5000), "white")
    large.paste("red", (0, 0, 4000, 5000))
    pixels, note = read_picture(file_of(large, kind), "large.img")
    assert pixels.shape == (400, 640, 3)
    assert note == "large.img had 8,000 × 5,000 pixels; the lab shows 640 × 400."
    assert np.abs(pixels[200, [0, -1]].astype(int) - [[255, 0, 0], [255] * 3]).max() < 5


def test_a_long_strip_keeps_its_last_pixel():
    strip = np.zeros((1, 2000, 3), np.uint8)
    strip[:, 1000:] = 255
    assert read_picture(strip)[0].shape == (1, 640, 3)


# ------------------------------------------------------------------------ pictures that are refused

DAMAGED = file_of(NOISE)[:-900]
REFUSED = {
    "text": (b"This is no picture, whatever its name says.", "is not a picture"),
    "empty": (b"", "is empty"),
    "cut off": (DAMAGED, "is damaged or incomplete"),
    "one pixel": (file_of(NOISE[:1, :1]), "has only one colour"),
    "one colour": (file_of(np.full((20, 20, 3), 77, np.uint8)), "has only one colour"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_bad_file_gets_a_sentence(name, tmp_path):
    data, words = REFUSED[name]
    with pytest.raises(ValueError, match=f"^holiday.png {words}"):
        read_picture(data, "holiday.png")
    (tmp_path / "holiday.png").write_bytes(data)
    with pytest.raises(ValueError, match=f"^holiday.png {words}"):
        ColourLab(tmp_path / "holiday.png")


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(ValueError, match=r"cannot open .*nothing.png: No such file"):
        read_picture(tmp_path / "nothing.png")


@pytest.mark.parametrize("factor", [1.5, 3])
def test_a_decompression_bomb(factor, monkeypatch):
    data = file_of(NOISE)
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", int(NOISE[:, :, 0].size / factor))
    with pytest.raises(ValueError, match=r"^bomb.png has more than 0 million pixels"):
        read_picture(data, "bomb.png")


ARRAYS = {
    "a row": (np.arange(5), r"of shape \(5,\) is not a picture"),
    "two channels": (np.zeros((4, 4, 2)), r"of shape \(4, 4, 2\) is not a picture"),
    "empty": (np.zeros((0, 4, 3)), r"of shape \(0, 4, 3\) is not a picture"),
    "text": (np.array([["a", "b"]]), "is not a picture"),
    "negative": (np.full((4, 4), -3), "go from -3 to -3"),
    "above 255": (np.arange(400).reshape(20, 20), "go from 0 to 399"),
    "decimals above 1": (np.linspace(0, 255, 16).reshape(4, 4), "go from 0 to 255"),
    "not a number": (np.full((4, 4), np.nan), "go from nan to nan"),
}


@pytest.mark.parametrize("name", ARRAYS)
def test_a_bad_array_gets_a_sentence(name):
    array, words = ARRAYS[name]
    with pytest.raises(ValueError, match=words):
        read_picture(array)


def test_arrays_that_are_pictures():
    assert np.array_equal(read_picture(NOISE / 255)[0], NOISE)
    assert np.array_equal(read_picture(NOISE.astype(np.int64))[0], NOISE)
    assert np.array_equal(read_picture(NOISE[:, :, :1])[0], np.repeat(NOISE[:, :, :1], 3, axis=2))
    on_white = np.dstack([NOISE, np.zeros((30, 40), np.uint8)])
    on_white[0, 0, 3] = 255
    pixels, _ = read_picture(on_white)
    assert pixels[0, 0].tolist() == NOISE[0, 0].tolist()
    assert (pixels[1:] == 255).all()
    assert set(np.unique(read_picture(np.eye(4, dtype=bool))[0])) == {0, 255}
    before = NOISE.copy()
    ColourLab(NOISE, k=2, k_values=[2])
    assert np.array_equal(NOISE, before)


# ----------------------------------------------------------------------------------- the colour lab


@pytest.fixture(scope="module")
def lab():
    return ColourLab()


def test_numbers_are_those_of_the_picture(lab):
    china = load_sample_image("china.jpg").reshape(-1, 3)
    for place in lab.axes.places(lab.axes.reel(lab._place)):
        frame, stops = lab.frame_at(place), lab.axes.stops(place)
        wipe, bars = frame.rows[0]
        labels = nearest(china, wipe.palette)
        error = inertia(china, labels, wipe.palette) / china.size
        assert frame.numbers["PSNR"] == pytest.approx(10 * np.log10(255**2 / error))
        assert bars.values == pytest.approx(100 * np.bincount(labels) / len(china))
        assert (np.diff(bars.values) < 0.1).all()  # a tie may move a few pixels
        bits = np.log2(stops["k"])
        small = (len(china) * bits / 8 + 3 * stops["k"]) / 1000
        assert frame.numbers["bits × pixels"] == pytest.approx(small)
        assert f"{china.size / 1000 / small:.1f} times less than 819.8 kB" in frame.words
        assert f"PSNR {frame.numbers['PSNR']:.1f} dB" in frame.words
        assert f"{frame.numbers['PNG file']:.1f} kB instead of" in frame.words
        assert (
            f"At {bits:.0f} bit{'s' if bits > 1 else ''} a pixel, the pixels and the palette take"
            in frame.words
        )


def test_palettes_differ_as_the_lesson_says(lab):
    found = {}
    for palette in PALETTES:
        lab.palette = palette
        found[palette] = lab.shown.numbers["PSNR"]
    lab.palette = "KMeans"
    assert found["KMeans"] == pytest.approx(27.4, abs=0.1)
    assert found["MiniBatchKMeans"] > 27
    assert found["median cut"] == pytest.approx(25.7, abs=0.1)
    assert 20 < found["random pixels"] < 25


def test_few_colours_are_all_kept_and_it_is_said():
    three = np.zeros((6, 6, 3), np.uint8)
    three[:2], three[2:4, :, 0] = 200, 90
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # scikit-learn would warn of fewer colours than clusters
        for palette in PALETTES:
            lab = ColourLab(three, k=4, palette=palette, k_values=[2, 4])
            assert lab.shown.words.startswith("This picture has only 3 colours, so none is lost.")
            assert lab.shown.numbers["PSNR"] == np.inf
            assert "At 2 bits a pixel, the pixels and the palette take" in lab.shown.words
            lab.k = 2
            assert lab.shown.words.startswith(f"2 colours by {palette}: PSNR ")
    assert lab.twin_png().startswith(b"\x89PNG")


def test_ties_go_to_the_first_and_large_pictures_fit():
    assert nearest(
        np.array([[5, 0, 0]]), np.uint8([[0, 0, 0], [10, 0, 0], [0, 0, 0]])
    ).tolist() == [0]
    assert nearest(np.array([[255, 255, 255]]), np.uint8([[0, 0, 0], [1, 0, 0]])).tolist() == [1]
    colors, which, counts = distinct(NOISE.reshape(-1, 3))
    assert np.array_equal(colors[which], NOISE.reshape(-1, 3))
    assert counts.sum() == NOISE[:, :, 0].size


def test_bad_arguments_get_a_sentence():
    for arguments, words in [
        ({"k_values": [1, 4]}, "k_values=1"),
        ({"k_values": [4, 300]}, "at most 256 colours"),
        ({"k": 5}, "k=5: use one of"),
        ({"palette": "best"}, "palette='best': use one of 'KMeans'"),
    ]:
        with pytest.raises(ValueError, match=words):
            ColourLab(NOISE, **arguments)


def test_what_crosses_is_the_picture_once_and_palettes(lab):
    assert len(lab._parcel_0) < len(lab._before.file) + 16_000
    lab.palette = "random pixels"
    assert len(getattr(lab, f"_parcel_{lab._parcels[1] - 1}")) < 10_000
    lab.palette = "KMeans"


# -------------------------------------------------------------------------------------- the upload


def upload(lab, data, name, part=1000):
    """Send a file as the page does."""
    for start in range(0, max(1, len(data)), part):
        content = {"kind": "part", "name": name, "start": start, "size": len(data)}
        lab._handle_custom_msg(content, [memoryview(data[start : start + part])])


def test_an_uploaded_picture_replaces_the_last_one():
    lab = ColourLab(NOISE, k=4, k_values=[2, 4])
    other = np.tile(NOISE[::-1], (2, 1, 1))
    lab.palette = "random pixels"
    edition = lab._parcels[0]
    upload(lab, file_of(other), "other.png")
    assert np.array_equal(lab.image, other)
    assert (lab.palette, lab.k, lab._note) == ("random pixels", 4, "")
    assert lab._parcels == [edition + 1, 1]
    assert np.array_equal(lab.shown.rows[0][0].before.pixels, other)
    assert lab._parts == []
    assert not any(file_of(other) in v for v in lab.get_state().values() if isinstance(v, bytes))


@pytest.mark.parametrize("name", REFUSED)
def test_after_a_bad_upload_the_last_picture_stays(name):
    lab = ColourLab(NOISE, k=2, k_values=[2])
    data, words = REFUSED[name]
    seen = []
    lab.observe(lambda change: seen.append(change["new"]), "_note")
    for _ in range(2):  # the second time the page must hear of it, too
        upload(lab, data, "holiday.png")
    said = [note for note in seen if note]
    assert len(said) == 2
    assert said[0].startswith(f"holiday.png {words}")
    assert said[0].endswith(" The previous picture stays.")
    assert np.array_equal(lab.image, NOISE)


def test_a_part_that_is_lost_and_a_file_that_is_too_large():
    lab = ColourLab(NOISE, k=2, k_values=[2])
    data = file_of(NOISE[::-1])
    content = {"kind": "part", "name": "a.png", "start": 0, "size": len(data)}
    lab._handle_custom_msg(content, [data[:500]])
    lab._handle_custom_msg({**content, "start": 900}, [data[900:]])
    assert lab._note == "a.png arrived incomplete: choose it again. The previous picture stays."
    lab._handle_custom_msg({**content, "size": 10**9}, [data])
    lab._handle_custom_msg({"kind": "something else"}, [])
    assert np.array_equal(lab.image, NOISE)


# ----------------------------------------------------------------------------------- the exercises


def bytes_are(value):
    return check.bytes_in_32_colours(value).misconception


def test_bytes_in_32_colours():
    assert check.bytes_in_32_colours(300_096).passed
    for wrong, slug in [
        (2_400_000, "counted-bits"),
        (2_400_096, "counted-bits"),
        (2_400_768, "counted-bits"),
        (300_000, "forgot-palette"),
        (1_440_000, "still-24-bits"),
        (1_440_096, "still-24-bits"),
        (240_048, "four-bits"),
        (240_000, "four-bits"),
        (7, "not-the-answer"),
    ]:
        assert bytes_are(wrong) == slug, wrong


def mse(before, after):
    return ((before.astype(float) - after) ** 2).mean()


def with_loop(before, after):
    """In Python's own numbers, pixel by pixel."""
    a, b = before.ravel().tolist(), after.ravel().tolist()
    error = sum((x - y) ** 2 for x, y in zip(a, b, strict=True)) / len(a)
    return 20 * np.log10(255 / error**0.5) if error else float("inf")


def in_uint8(before, after):
    return 10 * np.log10(255**2 / np.mean((before - after) ** 2))


def in_uint8_loop(before, after):
    total = 0
    for x, y in zip(before.ravel(), after.ravel(), strict=True):
        total += int((x - y) ** 2)
    return 10 * np.log10(65025 / (total / before.size))


def converted_too_late(before, after):
    return 10 * np.log10(255**2 / np.mean((before - after).astype(float) ** 2))


def nothing_for_equal(before, after):
    if (before == after).all():
        return 0
    return 10 * np.log10(255**2 / mse(before, after))


PSNR = [
    (in_uint8, "uint8-overflow"),
    (in_uint8_loop, "uint8-overflow"),
    (converted_too_late, "uint8-overflow"),
    (
        lambda a, b: 10 * np.log10(255**2 / ((a.astype(int) - b) ** 2).sum(axis=2).mean()),
        "summed-channels",
    ),
    (
        lambda a, b: 10 * np.log10(255**2 / np.mean(np.linalg.norm(a - 1.0 * b, axis=2) ** 2)),
        "summed-channels",
    ),
    (lambda a, b: 10 * np.log10(255**2 / mse(a, b) ** 0.5), "not-both-squared"),
    (lambda a, b: 10 * (np.log10(255) - np.log10(mse(a, b))), "not-both-squared"),
    (lambda a, b: 10 * np.log(255**2 / mse(a, b)), "other-logarithm"),
    (lambda a, b: 20 * np.log10(255**2 / mse(a, b)), "other-logarithm"),
    (nothing_for_equal, "equal-pictures"),
    (lambda a, b: 10 * float.__truediv__(1.0, mse(a, b)) and with_loop(a, b), "equal-pictures"),
]


@pytest.mark.parametrize(("mine", "slug"), PSNR)
def test_psnr_names_the_misconception(mine, slug):
    result = check.psnr(mine)
    assert result.misconception == slug, result


def test_psnr_right_and_untouched():
    assert check.psnr(with_loop).passed
    assert check.psnr(lambda before, after: ...).passed is None


@pytest.fixture(scope="module")
def china():
    image = load_sample_image("china.jpg")
    return image, *distinct(image.reshape(-1, 3))


@pytest.mark.parametrize(("k", "slug"), [(32, None), (28, "too-few"), (40, "too-many")])
def test_fewest_colours(china, k, slug):
    image, colors, _, counts = china
    palette = KMeans(k, n_init=1, random_state=0).fit(colors, sample_weight=counts).cluster_centers_
    result = check.fewest_colours(palette, image)
    assert (result.passed, result.misconception) == (slug is None, slug)
    again = check.fewest_colours(palette.tolist(), image)
    assert again == result


def test_fewest_colours_wants_a_palette(china):
    image, colors, *_ = china
    for palette, slug in [
        (image, "not-a-palette"),
        (colors[0], "not-a-palette"),
        (colors[:40] / 255, "not-0-to-255"),
        (colors[:40] - 100, "not-0-to-255"),
        (np.full((4, 3), np.nan), "not-0-to-255"),
    ]:
        assert check.fewest_colours(palette, image).misconception == slug
    assert check.fewest_colours(None, image).passed is None
    assert "cannot open" in repr(check.fewest_colours(colors[:4], "nothing.png"))
