"""Pictures: what is on the axes is what was given, in sight and in reach, and said in words."""

import json
import subprocess
import sys
from itertools import combinations, pairwise
from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex, to_rgb
from matplotlib.figure import Figure
from sklearn.datasets import load_iris
from sklearn.decomposition import PCA

import kmeans_teach as kt
from kmeans_teach.history import History, Snapshot
from kmeans_teach.pictures.plane import project, voronoi
from kmeans_teach.pictures.style import MARKERS, PALETTE, UNASSIGNED, color, marker, wrap
from kmeans_teach.textbook import lloyd, record

NOTEBOOKS = sorted((Path(__file__).parent.parent / "notebooks").glob("**/*.ipynb"))
K = range(1, 7)
FALLING = np.array([900.0, 400, 120, 110, 100, 95])
NOISE = np.array([800.0, 500, 350, 280, 230, 200])
TABLE = pd.DataFrame(np.random.default_rng(0).normal(size=(60, 3)), columns=["a", "b", "c"])


@pytest.fixture(autouse=True)
def agg():
    mpl.use("Agg")


@pytest.fixture
def ax():
    figure = Figure(layout="compressed", figsize=(7, 5))
    FigureCanvasAgg(figure)
    return figure.add_subplot()


@pytest.fixture
def space():
    figure = Figure(figsize=(7, 6))
    FigureCanvasAgg(figure)
    return figure.add_subplot(projection="3d")


def blobs(d=2, n=60, seed=0):
    random = np.random.default_rng(seed)
    return random.normal(size=(n, d)) + 6 * (np.arange(n)[:, None] % 3 == np.arange(d) % 3)


def a_run(d=2):
    X = blobs(d)
    return lloyd(X, X[[0, 3, 6]])


# arguments that fit
GOOD = {
    project: {"X": TABLE},
    kt.plot_voronoi: {},
    kt.plot_clusters: {"X": blobs()},
    kt.plot_clusters_3d: {"X": TABLE},
    kt.plot_history: {"history": a_run()},
    kt.plot_elbow: {"k_values": K, "inertias": FALLING},
    kt.plot_scores: {"k_values": K, "scores": FALLING},
    kt.plot_silhouette: {"values": [0.5, 0.1], "labels": [0, 1]},
    kt.plot_confusion: {"table": [[1, 2]]},
}


def title(ax):
    return ax.get_title(loc="left").replace("\n", " ")


def legend(ax):
    return [text.get_text() for text in ax.get_legend().get_texts()]


def scatters(ax):
    """The points on the axes, as (label, offsets, colour)."""
    return [
        (c.get_label(), c.get_offsets(), to_hex(c.get_facecolor()[0]))
        for c in ax.collections
        if hasattr(c, "get_sizes") and len(c.get_facecolor()) and len(c.get_offsets()) > 0
    ]


def outlines(ax):
    """The different shapes of the markers on the axes."""
    return {c.get_paths()[0].vertices.tobytes() for c in ax.collections}


def segments(ax):
    return [c.get_segments() for c in ax.collections if hasattr(c, "get_segments")]


# colours, markers and names

# G. M. Machado, M. M. Oliveira, L. A. F. Fernandes, "A physiologically-based model for simulation
# of color vision deficiency", IEEE TVCG 15(6), 2009: full severity, on linear RGB.
SIGHT = {
    "normal": np.eye(3),
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}
SRGB_TO_XYZ = np.array(
    [
        [0.4124564, 0.3575761, 0.1804375],
        [0.2126729, 0.7151522, 0.0721750],
        [0.0193339, 0.1191920, 0.9503041],
    ]
)


def linear(colour):
    channels = np.array(to_rgb(colour))
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


def nearest_pair(colours, sight="normal"):
    seen = [lab(np.array(SIGHT[sight]) @ linear(c)) for c in colours]
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


def test_ten_colours_and_markers_make_a_hundred_pairs():
    assert min(nearest_pair([c, UNASSIGNED]) for c in PALETTE[:6]) >= 40
    assert len(set(PALETTE)) == len(set(MARKERS)) == 10
    assert len({(color(j), marker(j)) for j in range(100)}) == 100
    assert (color(np.uint8(3)), marker(np.int64(12))) == (PALETTE[3], MARKERS[3])


def test_wrap_keeps_all_words_whole_and_the_width():
    sentence = a_run().sentence(2)
    lines = wrap(sentence, 30).split("\n")
    assert " ".join(lines) == sentence
    assert max(map(len, lines)) <= 30
    assert wrap("young professionals", 14) == "young\nprofessionals"
    assert wrap("b" * 60, 48) == "b" * 30 + "\n" + "b" * 30


# words for those who cannot see the picture


def test_a_figure_in_a_notebook_has_its_titles_as_alternative_text():
    code = (
        "import sys; from IPython.core.interactiveshell import InteractiveShell\n"
        "shell = InteractiveShell.instance(); import kmeans_teach\n"
        "assert 'matplotlib' not in sys.modules, 'importing the package loads too much'\n"
        "from IPython.core.pylabtools import select_figure_formats\n"
        "from matplotlib.backends.backend_agg import FigureCanvasAgg as Canvas\n"
        "from matplotlib.figure import Figure; figure = Figure(); Canvas(figure)\n"
        "select_figure_formats(shell, {'png'})  # as the inline backend does\n"
        "axes = figure.subplots(1, 2); show = shell.display_formatter.format\n"
        "print(*show(figure), sep='|'); axes[0].set_title('One', loc='left')\n"
        "axes[1].set_title('two\\nlines'); print(show(figure)[1])\n"
        "figure.suptitle('Both'); print(show(figure)[1])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    untitled, *titled = done.stdout.strip().split("\n")
    assert "'image/png': 'iVBOR" in untitled
    assert untitled.endswith("|{}")
    words = [eval(line)["image/png"]["alt"] for line in titled]
    assert words == ["One; two lines", "Both: One; two lines"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_every_stored_picture_has_an_alternative_text(path):
    cells = json.loads(path.read_text("utf-8"))["cells"]
    outputs = [output for cell in cells for output in cell.get("outputs", [])]
    pictures = [o["metadata"] for o in outputs if "image/png" in o.get("data", {})]
    assert pictures or path.parent.name == "solutions"
    assert all(len(metadata["image/png"]["alt"]) > 2 for metadata in pictures)


# projection


TWO, ABC = [[1.0, 2], [3, 4]], pd.DataFrame([[1, 2, 3]], columns=["a", "b", "c"])


@pytest.mark.parametrize(
    ("X", "columns", "names", "exact", "shown"),
    [
        (TWO, None, ("x", "y"), True, [[1, 2], [3, 4]]),
        (TWO, (1, 0), ("y", "x"), True, [[2, 1], [4, 3]]),
        (TWO, (1, 1), ("y", "y"), False, [[2, 2], [4, 4]]),
        ([[1.0], [4.0]], None, ("x", ""), True, [[1, 0], [4, 0]]),
        *((ABC, pair, ("c", "b"), False, [[3, 2]]) for pair in [(2, 1), ("c", "b"), (-1, "b")]),
    ],
)
def test_columns_are_shown_as_they_are(X, columns, names, exact, shown):
    show = project(X, columns)
    assert (show.names, show.exact, show(X).tolist()) == (names, exact, shown)


def test_principal_components_point_up_and_name_their_share():
    X = blobs(5) * [3, 1, 2, 1, 1] + 100
    pca, show = PCA(2).fit(X), project(X)
    np.testing.assert_allclose(np.abs(show(X)), np.abs(pca.transform(X)), atol=1e-9)
    for name, share in zip(show.names, pca.explained_variance_ratio_, strict=True):
        assert f"({100 * share:.0f} % of the variance)" in name
    assert (show.components[[0, 1], np.abs(show.components).argmax(axis=1)] > 0).all()
    assert not show.exact
    frames = X[:12].reshape(4, 3, 5)  # centres of all frames at once
    np.testing.assert_allclose(show(frames), show(X)[:12].reshape(4, 3, 2))


@pytest.mark.parametrize("n", [1, 4])
def test_equal_points_and_one_point_have_a_projection(n):
    show = project(np.ones((n, 3)))
    assert show(np.ones((n, 3))).tolist() == [[0, 0]] * n
    assert "(0 % of the variance)" in show.names[0]


# borders

BOX = (-6, 6, -6, 6)
# some inside of what is seen, some outside; equal ones, in one row and on a lattice
near, far = st.floats(-5, 5), st.floats(-20, 20)
places = st.one_of(st.integers(-2, 2), near, far).map(lambda value: round(value, 2))
some_centers = st.one_of(
    st.lists(st.tuples(places, places), min_size=1, max_size=8),
    st.lists(st.tuples(places, st.just(1.0)), min_size=1, max_size=8),
)


def inside(points, region):
    """Which points lie in a region whose corners are given in order, either way around."""
    if not len(region):
        return np.zeros(len(points), dtype=bool)
    sides, ways = np.roll(region, -1, axis=0) - region, points[:, None] - region
    cross = sides[:, 0] * ways[..., 1] - sides[:, 1] * ways[..., 0]
    return (cross >= -1e-6).all(axis=1) | (cross <= 1e-6).all(axis=1)


@given(some_centers)
def test_a_region_is_where_its_center_is_the_nearest(centers):
    centers = np.array(centers, dtype=float)
    grid = np.stack(np.meshgrid(*2 * [np.linspace(-6, 6, 25)]), -1).reshape(-1, 2)
    squares = ((grid[:, None] - centers) ** 2).sum(axis=2)
    for j, region in enumerate(voronoi(centers, BOX)[0]):
        held, first = inside(grid, region), (centers == centers[j]).all(axis=1).argmax() == j
        assert held[squares.argmin(axis=1) == j].all()
        assert not held[squares[:, j] > squares.min(axis=1) + 1e-6].any()
        assert first or not len(region)  # the first of equals wins


@given(some_centers)
def test_a_border_is_as_far_from_two_centers_and_farther_from_the_others(centers):
    centers = np.unique(np.array(centers, dtype=float), axis=0)
    for ends in voronoi(centers, BOX)[1]:
        ways = np.sort(np.linalg.norm(ends.mean(axis=0) - centers, axis=1))
        assert ways[1] == pytest.approx(ways[0], rel=1e-6)


def test_a_far_away_origin_does_not_blur_the_border(ax):
    centers, box = np.array([[0, 0], [2, 0]]) + 1e7, np.array((-1, 3, -1, 1)) + 1e7
    kt.plot_voronoi(centers, ax=ax, bounds=box)
    assert np.array(segments(ax)[0])[0, :, 0].tolist() == [1e7 + 1] * 2


@pytest.mark.parametrize(
    ("centers", "borders"),
    [([[0, 0]], []), ([[0, 0], [3, 0]], [1.5]), ([[0, 0], [2, 0], [4, 0]], [1, 3])],
)
def test_each_border_is_drawn_once(ax, centers, borders):
    kt.plot_voronoi(centers, ax=ax, bounds=(-1, 5, -1, 5))
    assert sorted(ends[0, 0] for ends in segments(ax)[0]) == pytest.approx(borders)
    assert len(ax.collections[0].get_paths()) == len(centers)


def test_regions_end_where_the_picture_does(ax):
    ax.set(xlim=(-9, 9), ylim=(-9, 9))
    kt.plot_voronoi([[0, 0], [2, 0]], ax=ax, bounds=(-5, 5, -9, 99))
    ax.get_figure().canvas.draw()
    for drawn in ax.collections:
        box = drawn.get_tightbbox().transformed(ax.transData.inverted())
        assert box.extents == pytest.approx([-5, -9, 5, 9])


def test_regions_of_their_own_say_how_many_they_are():
    assert title(kt.plot_voronoi([[0, 0], [4, 0], [4, 0]])).startswith("2 centres")
    assert title(kt.plot_voronoi([[0, 0]])).startswith("One centre")
    assert title(kt.plot_voronoi([[0, 0], [4, 0]], title="Mine")) == "Mine"
    ax = kt.plot_voronoi([[0, 0], [4, 0]], ax=kt.plot_clusters(blobs(), title="Points"))
    assert title(ax) == "Points"


# points and centres


def test_clusters_have_their_colour_and_their_points(ax):
    X, labels = blobs(), np.arange(60) % 3
    kt.plot_clusters(X, labels, ax=ax, title="Three of them")
    for j, (name, offsets, colour) in enumerate(scatters(ax)):
        assert (name, colour) == (f"cluster {j} (20 points)", PALETTE[j])
        np.testing.assert_array_equal(offsets, X[labels == j])
    assert (title(ax), ax.get_aspect(), len(outlines(ax))) == ("Three of them", 1, 3)


def test_points_without_labels_and_noise_are_grey(ax):
    kt.plot_clusters(blobs(), ax=ax, ring=np.arange(60) < 2)
    np.testing.assert_array_equal(ax.collections[-1].get_offsets(), blobs()[:2])
    kt.plot_clusters(blobs(n=3), [-1, 0, 0], ax=ax)
    (_, first, grey), (noise, _, also_grey), _ = scatters(ax)
    assert len(first) == 60
    assert grey == also_grey == UNASSIGNED
    assert noise == "noise (1 point)"


def test_centers_have_numbers_and_trails(ax):
    X = blobs()
    trails = np.array([X[:3], X[3:6]])
    kt.plot_clusters(X, np.zeros(60, int), trails[-1], trails=trails, ax=ax)
    assert [t.get_text() for t in ax.texts] == ["0", "1", "2"]
    assert [t.get_position() for t in ax.texts] == [tuple(c) for c in X[3:6]]
    np.testing.assert_array_equal([line.get_xydata() for line in ax.lines], trails.swapaxes(0, 1))
    assert ax.get_legend() is None


def test_no_borders_where_the_picture_does_not_show_true_distances(ax):
    X = blobs(4)
    kt.plot_clusters(X, centers=X[:3], borders=True, ax=ax)
    assert segments(ax) == []


@pytest.mark.parametrize("n", [12, 13, 25, 30, 45])
def test_many_clusters_leave_room_for_the_points(n):
    ax = kt.plot_clusters(np.random.RandomState(0).normal(size=(500, 2)), np.arange(500) % n)
    ax.figure.canvas.draw()
    assert min(ax.get_window_extent().size) > 300
    looks = zip((c for _, _, c in scatters(ax)), ax.collections, strict=True)
    assert len({(c, drawn.get_paths()[0].vertices.tobytes()) for c, drawn in looks}) == n
    if n > 12:
        assert legend(ax) == [str(j) for j in range(min(n, 30))]
        heading = ax.get_legend().get_title().get_text()
        assert heading == ("cluster (15 more)" if n == 45 else "cluster")


def test_the_plane_is_never_a_sliver(ax):
    kt.plot_clusters([[0, 0], [1000, 1]], ax=ax)
    assert np.ptp(ax.get_xlim()) == pytest.approx(2 * np.ptp(ax.get_ylim()))
    kt.plot_clusters([[1e9, 5.0]], ax=ax)  # one point far out
    ax.get_figure().canvas.draw()
    assert ax.get_xlim()[0] < 1e9 < ax.get_xlim()[1]


# in space


def spots(drawn):
    return np.column_stack([np.ma.getdata(a) for a in drawn._offsets3d])


def test_points_in_space_are_where_they_were_given(space):
    X, labels = blobs(3), np.arange(60) % 3
    assert kt.plot_clusters_3d(X, labels, wrong=np.arange(60) < 4, ax=space) is space
    *groups, ring = space.collections
    for j, drawn in enumerate(groups):
        np.testing.assert_allclose(spots(drawn), X[labels == j])
        assert to_hex(drawn.get_facecolor()[0]) == PALETTE[j]
    np.testing.assert_allclose(spots(ring), X[:4])
    assert not len(ring.get_facecolor())
    assert len(outlines(space)) == 3
    assert legend(space) == ["cluster 0", "cluster 1", "cluster 2", "wrong (4)"]
    assert title(space) == "60 points in 3 clusters; 4 wrong, with a ring"
    assert (space.get_xlabel(), space.get_zlabel()) == ("x", "z")


def test_species_are_called_by_their_names(space):
    table = pd.DataFrame(blobs(3, n=4), columns=["long", "wide", "high"])
    kt.plot_clusters_3d(table, ["oak", "elm", "oak", "ash"], ax=space)
    assert legend(space) == ["ash", "elm", "oak"]
    assert title(space) == "4 points in 3 classes"
    assert (space.get_xlabel(), space.get_ylabel(), space.get_zlabel()) == tuple(table.columns)


def test_centers_in_space_have_numbers(space):
    X = blobs(3)
    kt.plot_clusters_3d(X, centers=X[:2], ax=space)
    assert [t.get_text() for t in space.texts] == ["0", "1"]
    np.testing.assert_allclose([t.get_position_3d() for t in space.texts], X[:2])
    assert title(space) == "60 points"
    assert to_hex(space.collections[0].get_facecolor()[0]) == UNASSIGNED


# the film strip


def test_strip_has_the_sentence_of_each_frame():
    run = a_run()
    axes = kt.plot_history(run, [0, 2, -1], figure=Figure())
    assert list(map(title, axes)) == [run.sentence(i) for i in (0, 2, len(run) - 1)]


def test_a_film_strip_shows_how_an_empty_cluster_gets_a_point():
    points = [(0, 0), (1, 0), (0, 2), (3, 2), (4, 3)]
    axes = kt.plot_history(kt.lloyd(points, points[:3]))
    said = " ".join(ax.get_title(loc="left") for ax in axes).replace("\n", " ")
    assert "cluster 1 was empty and got the farthest point" in said


def test_strip_rings_the_points_that_changed_and_shows_no_border_at_the_start():
    X = np.array([[0.0, 0], [1, 0], [4, 0], [9, 0]])
    run = lloyd(X, X[:2])
    start, first, moved, second = axes = kt.plot_history(run, [0, 1, 2, 3], figure=Figure())
    assert segments(start) == []
    assert len(segments(first)) == 1
    ringed = [
        c for c in second.collections if hasattr(c, "get_sizes") and not len(c.get_facecolor())
    ]
    np.testing.assert_array_equal(ringed[0].get_offsets(), X[run[3].labels != run[2].labels])
    assert [len(line.get_xydata()) for line in moved.lines] == [2, 2]
    assert len({a.get_xlim() for a in axes}) == 1
    corners = [ax.get_position() for ax in axes]  # four frames make a square
    left, low = ({round(getattr(p, end), 6) for p in corners} for end in ("x0", "y0"))
    assert (len(left), len(low)) == (2, 2)


def test_strip_chooses_a_story():
    run, short = a_run(), lloyd([[0.0, 0], [1, 1]], [[0.0, 0], [1, 1]])
    assert len(kt.plot_history(run, figure=Figure())) == min(6, len(run))
    assert len(kt.plot_history(short, figure=Figure())) == len(short)
    assert len(kt.plot_history(run, [-1], figure=Figure())) == 1
    with pytest.raises(IndexError):
        kt.plot_history(run, [999], figure=Figure())


@pytest.mark.parametrize("d", [1, 2, 5])
def test_strip_of_any_number_of_columns(d):
    figure = kt.plot_history(a_run(d), figure=Figure())[0].get_figure()
    FigureCanvasAgg(figure).draw()
    assert ("of the variance" in figure.axes[-1].get_xlabel()) == (d == 5)


def test_a_fitted_kmeans_is_drawn_as_any_run():
    X = np.random.default_rng(0).normal(size=(60, 2))
    fitted = kt.KMeans(3, random_state=0).fit(X).history_
    runs = fitted, lloyd(X, fitted[0].centers)
    strips = [list(map(title, kt.plot_history(run, figure=Figure()))) for run in runs]
    assert strips[0] == strips[1]
    levels = [kt.plot_inertia(run, ax=Figure().subplots()) for run in runs]
    assert levels[0].get_ylim() == pytest.approx(levels[1].get_ylim())


# the staircase


def test_each_bar_is_what_a_half_step_took_off(ax):
    run = a_run()
    kt.plot_inertia(run, ax=ax)
    drawn = {
        round(b.get_x()): (b.get_y(), b.get_height())
        for c in ax.containers
        for b in c
        if b.get_width() == 1
    }
    table = run.to_frame()[2:]
    assert sorted(drawn) == list(table.index)
    for i, bar in drawn.items():
        assert bar == pytest.approx((table["inertia"][i], table["removed"][i]))
    assert len({c[0].get_hatch() for c in ax.containers}) == 3
    off_e, off_m, left = (float(text.split()[-1]) for text in legend(ax))
    assert off_e + off_m + left == pytest.approx(run[1].inertia, rel=1e-3)
    names = [text.get_text() for text in ax.get_xticklabels()]
    assert names[:3] == ["E1", "M1", "E2"]


def test_a_step_that_raises_the_inertia_is_marked(ax):
    X = np.array([[0.0, 0], [1, 0], [2, 0], [9, 0]])
    worse = record(X, X[:2], update=lambda X, labels, centers: centers - 9.0, max_iter=1)
    kt.plot_inertia(worse, ax=ax)
    assert "M-steps added" in legend(ax)[1]
    rising = [b for c in ax.containers for b in c if b.get_height() < 0]
    assert rising
    assert all(to_hex(b.get_edgecolor()) == "#000000" for b in rising)


def test_a_start_alone_and_a_first_step_alone(ax):
    X = np.eye(3)
    start, first = Snapshot(0, "init", X[:2]), Snapshot(1, "assign", X[:2], [0, 1, 0], 2.0)
    for snapshots, names in ([start], []), ([start, first], ["E1"]):
        kt.plot_inertia(History(snapshots, X, stop_reason="max_iter reached"), ax=ax)
        assert [text.get_text() for text in ax.get_xticklabels()] == names


def test_a_long_run_has_few_tick_labels(ax):
    X = np.random.default_rng(0).uniform(size=(2000, 2))
    run = lloyd(X, X[:20], tol=0)
    assert len(run) > 40
    kt.plot_inertia(run, ax=ax)
    assert len(ax.get_xticks()) <= 16


# curves


MARKED = {"chosen": 3}
LOW = {"better": "low", "scores": {"low": [np.nan, 0.4, 0.6, 0.1, 0.3, 0.2]}}
DISAGREE = {"scores": {"a": [1, 2, 3, 2, 1, 0], "b": [0, 1, 2, 3, 4, 5]}}
ONE = {"k_values": [3], "inertias": [12.5]}
UP = {"inertias": [9, 8, 7, 6, 5, 6]}


@pytest.mark.parametrize(
    ("plot", "options", "ringed", "words"),
    [
        (kt.plot_elbow, {}, [], "Inertia falls at every k: from 900.0 to 95.00"),
        (kt.plot_elbow, UP, [], "Inertia does not fall at every k: from 9.000 to 6.000"),
        (kt.plot_elbow, ONE, [], "Inertia 12.50 at k = 3"),
        (kt.plot_elbow, MARKED, [3], "k = 3 leaves an inertia of 120.0; k = 4 takes 8 % off that"),
        (kt.plot_elbow, {"chosen": 6}, [6], "k = 6 leaves an inertia of 95.00"),
        (kt.plot_elbow, {"reference": {"b": NOISE}}, [], "Farthest below b at k = 3: 34 % of it"),
        (kt.plot_scores, {}, [1], "Best at k = 1: score 900.00"),
        (kt.plot_scores, LOW, [4], "Best at k = 4: low 0.10"),
        (kt.plot_scores, DISAGREE, [3, 6], "The best k differs: a 3, b 6"),
    ],
)
def test_curves_ring_what_their_title_says(ax, plot, options, ringed, words):
    assert plot(**GOOD[plot] | options, ax=ax) is ax
    assert title(ax) == words
    rings = [line.get_xydata()[0] for line in ax.lines if line.get_markersize() == 17]
    assert [k for k, _ in rings] == ringed
    drawn = np.vstack([line.get_xydata() for line in ax.lines if line.get_markersize() == 8])
    assert all((ring == drawn).all(axis=1).any() for ring in rings)


def test_curves_are_drawn_as_they_are_and_look_different(ax):
    kt.plot_elbow(K, FALLING, reference={"a": NOISE, "b": NOISE + 9}, ax=ax)
    for line, values in zip(ax.lines, (FALLING, NOISE, NOISE + 9), strict=True):
        np.testing.assert_array_equal(line.get_xydata(), np.c_[K, values])
    assert len({line.get_marker() for line in ax.lines}) == 3
    assert len({line.get_linestyle() for line in ax.lines}) == 3
    assert legend(ax) == ["inertia", "a", "b"]
    assert ax.get_ylim()[0] == 0
    kt.plot_scores(K, {"a": FALLING, "b": FALLING[::-1]}, ax=ax)
    assert legend(ax)[-2:] == ["a: best at k = 1", "b: best at k = 6"]
    assert ax.get_ylabel() == "score (high is good)"


# the silhouette


def test_silhouette_has_a_bar_for_every_point(ax):
    values, labels = np.random.default_rng(0).uniform(-0.2, 0.9, 40), np.arange(40) % 3 - 1
    kt.plot_silhouette(values, labels, ax=ax)
    spans = []
    for j, drawn in zip((-1, 0, 1), ax.collections, strict=True):
        mine, corners = np.sort(values[labels == j])[::-1], drawn.get_paths()[0].vertices
        assert to_hex(drawn.get_facecolor()[0]) == color(j)
        first = corners[:, 1].min()
        for i, value in enumerate(mine):  # sorted from the largest
            assert value in corners[np.isclose(corners[:, 1], first + i), 0]
        spans.append((first, corners[:, 1].max()))
        assert np.ptp(spans[-1]) == pytest.approx(len(mine))
    assert all(a[1] < b[0] for a, b in pairwise(spans))
    assert ax.get_ylim()[0] > ax.get_ylim()[1]  # the first cluster is the uppermost
    names = [t.get_text() for t in ax.get_yticklabels()]
    assert names == ["noise (14)", "cluster 0 (13)", "cluster 1 (13)"]
    assert [line.get_xdata()[0] for line in ax.lines] == [0, pytest.approx(values.mean())]


def test_silhouette_says_how_many_are_below_zero(ax):
    for mean, lie, values in [
        ("0.60", "no point lies", [0.5, 0.7]),
        ("-0.10", "1 of 2 points lies", [0.5, -0.7]),
        ("-0.30", "2 of 3 points lie", [-0.5, -0.7, 0.3]),
    ]:
        kt.plot_silhouette(values, range(len(values)), ax=ax)
        words = f"Mean silhouette {mean}; {lie} nearer to another cluster on average"
        assert title(ax) == words


# the table


SQUARE = pd.DataFrame([[50, 0, 0], [0, 48, 2], [0, 14, 36]], ["a", "b", "c"])
OBLONG = pd.DataFrame([[9, 0, 1], [2, 8, 0]], ["cat", "dog"], ["x", "y", "z"])
NAMES = {"rows": "animal", "columns": "group"}


@pytest.mark.parametrize(
    ("table", "names", "framed", "words"),
    [
        (SQUARE, {}, 3, "134 of 150 points on the diagonal, 16 off it"),
        (OBLONG, NAMES, 0, "18 of 20 points are in the largest cell of their column"),
    ],
)
def test_confusion_shows_every_count(ax, table, names, framed, words):
    kt.plot_confusion(table, ax=ax, **names)
    assert (ax.get_ylabel(), ax.get_xlabel()) == (*names.values(), "true class", "cluster")[:2]
    shown = {t.get_position(): int(t.get_text()) for t in ax.texts}
    assert shown == {(j + 0.5, i + 0.5): n for (i, j), n in np.ndenumerate(table)}
    np.testing.assert_array_equal(ax.collections[0].get_array(), table)
    for axis, known in ((ax.yaxis, table.index), (ax.xaxis, table.columns)):
        assert [t.get_text() for t in axis.get_ticklabels()] == list(map(str, known))
    assert title(ax) == words
    assert len(ax.patches) == sum(t.get_fontweight() == "bold" for t in ax.texts) == framed
    assert ax.get_ylim()[0] > ax.get_ylim()[1]  # the first row is the uppermost


def test_shares_are_called_shares_and_nothing_is_nothing():
    table = pd.crosstab([0, 0, 0, 1, 1], [0, 0, 1, 1, 1], normalize="index")
    words = "83 % of the shares are on the diagonal"  # (2/3 + 1) / 2
    assert title(kt.plot_confusion(table)) == words
    words = "100 % of the shares are in the largest cells of their columns"
    assert title(kt.plot_confusion(table.iloc[:, :1])) == words
    words = "0 of 0 points on the diagonal, 0 off it"
    assert title(kt.plot_confusion(np.zeros((2, 2), int))) == words


def test_counts_can_be_read_on_their_cells(ax):
    kt.plot_confusion(np.arange(49).reshape(7, 7), ax=ax)
    for text in ax.texts:
        cell = ax.collections[0].to_rgba(int(text.get_text()))
        assert contrast(cell, text.get_color()) >= 4.5, text.get_text()


# what does not fit


@pytest.mark.parametrize(
    ("plot", "bad", "words"),
    [
        (project, {"columns": (0, 9)}, "columns has 9, the points have 3 columns"),
        (project, {"columns": ("a", "x")}, "has 'x', the points have 3 columns .a, b, c.: pass"),
        (project, {"columns": "ab"}, "columns='ab': pass two columns"),
        (project, {"columns": (0, 1, 2)}, "pass two columns"),
        (project, {"feature_names": "ab"}, "has 2 names, the points have 3 columns"),
        (kt.plot_voronoi, {"centers": TABLE}, r"centers has shape \(60, 3\)"),
        (kt.plot_clusters, {"labels": [0, 0]}, r"labels has shape \(2,\), expected \(60,\)"),
        (kt.plot_clusters, {"labels": ["a"] * 60}, "expected whole numbers"),
        (kt.plot_clusters, {"labels": [0.5] * 60}, "expected whole numbers"),
        (kt.plot_history, {"frames": []}, "frames is empty"),
        (kt.plot_clusters_3d, {"X": blobs()}, "2 columns and 3 names, .* needs 3 of each"),
        (kt.plot_clusters_3d, {"feature_names": "ab"}, "X has 3 columns and 2 names"),
        (kt.plot_clusters_3d, {"wrong": [True]}, r"wrong has shape \(1,\), expected \(60,\)"),
        (kt.plot_clusters_3d, {"labels": [0, 1]}, r"labels has shape \(2,\), expected \(60,\)"),
        (kt.plot_clusters_3d, {"labels": ["a"]}, r"labels has shape \(1,\), expected \(60,\)"),
        (kt.plot_clusters_3d, {"centers": [[0, 1]]}, r"shape \(1, 2\), expected \(n_clusters, 3\)"),
        (kt.plot_elbow, {"chosen": 9}, r"=9 is none of k_values: pass one of \[1, 2, 3, 4, 5, 6\]"),
        (kt.plot_elbow, {"reference": {"b": [1]}}, r"b has shape \(1,\), expected \(6,\)"),
        (kt.plot_elbow, {"inertias": [1, 2]}, r"inertia has shape \(2,\), expected \(6,\)"),
        (kt.plot_elbow, {"k_values": [90.5]}, r"90.5, .* k_values and inertias swapped\?"),
        (kt.plot_scores, {"scores": {"a": [1]}}, r"scores: a has shape \(1,\), expected \(6,\)"),
        (kt.plot_scores, {"scores": {"a": [np.nan] * 6}}, r"\['a'\] has no value that is a number"),
        (kt.plot_scores, {"better": "up"}, 'better=\'up\': pass "high" or "low"'),
        (kt.plot_silhouette, {"values": 0.5}, r"shape \(\), .* silhouette_score is their mean"),
        (kt.plot_silhouette, {"values": []}, r"values has shape \(0,\)"),
        (kt.plot_silhouette, {"labels": [0]}, r"labels has shape \(1,\), expected \(2,\)"),
        (kt.plot_silhouette, {"labels": ["a", "b"]}, "expected whole numbers"),
        (kt.plot_confusion, {"table": [1]}, r"shape \(1,\), expected \(n_rows, n_columns\)"),
        (kt.plot_confusion, {"row_names": "ab"}, "row_names has 2 names, the table has 1"),
        (kt.plot_confusion, {"column_names": "a"}, "column_names has 1 names, the table has 2"),
        (kt.plot_confusion, {"table": [[1, np.nan]]}, "missing or negative values, expected"),
        (kt.plot_confusion, {"table": [[1, -1]]}, "missing or negative values, expected counts"),
    ],
)
def test_what_does_not_fit_is_said_before_a_figure_is_made(plot, bad, words):
    with pytest.raises(ValueError, match=words):
        plot(**GOOD[plot] | bad)
    assert not plt.get_fignums()


# how it looks


def flat(**options):
    """The pictures of one axes in the plane that have a finding as their title."""
    labels = np.arange(60) % 3
    values = np.random.default_rng(1).uniform(-0.2, 0.9, 60)
    scores = {"silhouette": values[:6], "stability": values[6:12], "a third": values[12:18]}
    yield kt.plot_elbow(K, FALLING, chosen=3, **options)
    yield kt.plot_elbow(K, FALLING, reference={"uniform noise": NOISE}, **options)
    yield kt.plot_silhouette(values, labels, **options)
    yield kt.plot_silhouette(values, np.arange(60) // 6, **options)
    yield kt.plot_silhouette(values, np.minimum(np.arange(60), 9), **options)
    yield kt.plot_confusion(np.eye(3, dtype=int) * 50, row_names=["setosa", "b", "c"], **options)
    yield kt.plot_confusion(np.eye(10, dtype=int) * 1234, **options)
    yield kt.plot_scores(K, scores, **options)


def figures():
    X, labels = blobs(5), np.arange(60) % 3
    yield kt.plot_clusters(blobs(), labels, title="Three clusters").figure
    yield kt.plot_clusters(X, labels, X[:3]).figure
    yield kt.plot_clusters(blobs(), np.arange(60) % 30).figure
    yield kt.plot_inertia(a_run(), title="The staircase").figure
    yield kt.plot_voronoi(blobs()[:4], title="Regions").figure
    petals = load_iris().data[:, 2:]
    long = ["two words of sixty letters, which is far too long", "b" * 60]
    named = pd.DataFrame(blobs(), columns=long)
    yield kt.plot_clusters(named, labels).figure
    for run in (a_run(5), lloyd(named, blobs()[:3])):
        yield kt.plot_history(run)[0].figure
    for run in (a_run(), lloyd(petals, petals[[0, 60, 120]])):
        yield kt.plot_history(run, title="A run under a title")[0].figure
    yield kt.plot_history(a_run(), [0, -1])[0].figure
    yield from (ax.figure for ax in flat())
    yield kt.plot_clusters_3d(X[:, :3], labels, X[:3, :3], wrong=labels == 1).figure
    names = np.array(["setosa", "versicolor", "virginica"])
    yield kt.plot_clusters_3d(X[:, :3], names[labels]).figure


def test_a_title_of_your_own_replaces_the_finding():
    for ax in (*flat(title="Mine"), kt.plot_clusters_3d(blobs(3), title="Mine")):
        assert title(ax) == "Mine"


@pytest.mark.parametrize("draws", [1, 2])
def test_pictures_can_be_read_and_nothing_sticks_out_or_overlaps(draws):
    # one draw is what a widget's static twin gets, and the layout settles with the second
    for figure in figures():
        for _ in range(draws):
            figure.canvas.draw()
        texts = [t for t in figure.findobj(mpl.text.Text) if t.get_text().strip()]
        assert min(t.get_fontsize() for t in texts if t.get_visible()) >= 11
        assert figure.get_figwidth() <= 9.5
        assert figure.get_facecolor() == (1, 1, 1, 1)
        outer = figure.get_tightbbox()
        assert min(outer.min) > -0.03
        assert (outer.max < figure.get_size_inches() + 0.03).all()
        boxes = [ax.get_tightbbox() for ax in figure.axes]
        boxes += [heading.get_window_extent() for heading in figure.texts]
        for ax in figure.axes:
            label = ax.xaxis.label.get_window_extent()
            if key := ax.get_legend():
                over = ax._left_title if ax.name == "3d" else ax
                box = key.get_window_extent().padded(-1)
                assert not box.overlaps(over.get_window_extent())
                assert not box.overlaps(label)
            for axis in (ax.xaxis, ax.yaxis) if ax.name != "3d" else ():
                names = [t for t in axis.get_ticklabels() if t.get_text()]
                ticks = [name.get_window_extent().padded(-1) for name in names]
                assert not any(a.overlaps(b) for a, b in combinations(ticks, 2))
        assert not any(a.overlaps(b) for a, b in combinations(boxes, 2))
        plt.close(figure)


def test_titles_fit_axes_of_a_third_of_the_page():
    figure, axes = plt.subplots(1, 3, figsize=(9.5, 3.6), layout="compressed")
    kt.plot_elbow(K, FALLING, chosen=3, ax=axes[0])
    kt.plot_silhouette(np.linspace(-0.5, 0.9, 30), np.arange(30) % 3, ax=axes[1])
    kt.plot_scores(K, {"silhouette": FALLING}, ax=axes[2])
    for _ in range(2):
        figure.canvas.draw()
    headings = [ax._left_title.get_window_extent() for ax in axes]
    for a, b in combinations(headings, 2):
        assert not a.overlaps(b)
    assert headings[-1].x1 < figure.bbox.x1 + 3


def test_names_are_shown_as_they_are_written(ax, space):
    table = pd.DataFrame(blobs(), columns=["price $a$", "<img onerror=x>"])
    kt.plot_clusters(table, ax=ax, title="cost $1 and $2_x")
    assert not ax.xaxis.label.get_parse_math()
    assert ax.get_ylabel() == "<img onerror=x>"
    kt.plot_scores(K, {"cost $a$": FALLING, "b$": NOISE}, ax=ax)
    kt.plot_confusion([[1]], row_names=["$x$"], ax=ax)
    kt.plot_clusters_3d(blobs(3), feature_names=["$a$", "b_1", "c"], ax=space)
    assert not space.xaxis.label.get_parse_math()
    assert not ax.get_yticklabels()[0].get_parse_math()
    for a in (ax, space):
        a.get_figure().canvas.draw()


def test_given_axes_need_no_pyplot():
    code = (
        "import sys, numpy as np, kmeans_teach as kt; from matplotlib.figure import Figure;"
        "from matplotlib.backends.backend_agg import FigureCanvasAgg as Canvas;"
        "X = np.eye(4)[:, :2]; one, two = Figure(), Figure();"
        "kt.plot_history(kt.lloyd(X, X[:2]), figure=one); Canvas(one).draw();"
        "kt.plot_elbow([1, 2], [3, 1], chosen=1, ax=two.add_subplot()); Canvas(two).draw();"
        "sys.exit('matplotlib.pyplot' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
