"""The palette: in sight on light and dark, and told apart by colour-blind readers."""

from itertools import combinations

import numpy as np
import pytest

from kmeans_teach.pictures.style import MARKERS, PALETTE, UNASSIGNED, color, marker

# G. M. Machado, M. M. Oliveira, L. A. F. Fernandes, "A physiologically-based model for simulation
# of color vision deficiency", IEEE TVCG 15(6), 2009: full severity, on linear RGB.
SIGHT = {
    "normal": np.eye(3),
    "protanopia": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
    "deuteranopia": np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ]
    ),
    "tritanopia": np.array(
        [
            [1.255528, -0.076749, -0.178779],
            [-0.078411, 0.930809, 0.147602],
            [0.004733, 0.691367, 0.303900],
        ]
    ),
}
SRGB_TO_XYZ = np.array(
    [
        [0.4124564, 0.3575761, 0.1804375],
        [0.2126729, 0.7151522, 0.0721750],
        [0.0193339, 0.1191920, 0.9503041],
    ]
)


def linear(colour):
    channels = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)


def contrast(a, b):
    """WCAG 2: (lighter + 0.05) / (darker + 0.05)."""
    low, high = sorted(linear(c) @ [0.2126, 0.7152, 0.0722] for c in (a, b))
    return (high + 0.05) / (low + 0.05)


def lab(rgb):
    """CIE L*a*b* of linear RGB, white point D65."""
    t = SRGB_TO_XYZ @ rgb.clip(0, 1) / SRGB_TO_XYZ.sum(axis=1)
    f = np.where(t > (6 / 29) ** 3, np.cbrt(t), t * (29 / 6) ** 2 / 3 + 4 / 29)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def nearest_pair(colours, sight):
    seen = [lab(SIGHT[sight] @ linear(c)) for c in colours]
    return min(np.linalg.norm(a - b) for a, b in combinations(seen, 2))


def test_the_measures_know_black_and_white():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert lab(linear("#ffffff")) == pytest.approx([100, 0, 0], abs=0.02)
    # Sharma's well-known sRGB red
    assert lab(linear("#ff0000")) == pytest.approx([53.24, 80.09, 67.20], abs=0.02)


@pytest.mark.parametrize("page", ["#ffffff", "#111111"])
@pytest.mark.parametrize("colour", [*PALETTE, UNASSIGNED])
def test_every_colour_shows_on_light_and_dark(colour, page):
    assert contrast(colour, page) >= 3


# The just noticeable difference is about 2.3.
@pytest.mark.parametrize("sight", SIGHT)
@pytest.mark.parametrize(("first", "least"), [(6, 17), (10, 13)])
def test_any_two_colours_differ_for_every_eye(sight, first, least):
    assert nearest_pair(PALETTE[:first], sight) >= least


def test_first_colours_are_far_from_the_grey_of_points_without_cluster():
    assert min(nearest_pair([c, UNASSIGNED], "normal") for c in PALETTE[:6]) >= 40


def test_ten_colours_and_ten_markers():
    assert len(set(PALETTE)) == len(set(MARKERS)) == 10


def test_above_ten_clusters_the_pair_of_colour_and_marker_is_new():
    assert len({(color(j), marker(j)) for j in range(100)}) == 100


def test_numpy_numbers_are_cluster_numbers_too():
    assert color(np.uint8(3)) == PALETTE[3]
    assert marker(np.int64(12)) == MARKERS[3]
