"""Figures: what is on the axes is what was given, in sight and in reach."""

import sys
from itertools import combinations
from subprocess import run as run_process

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from sklearn.datasets import load_iris

from kmeans_teach.history import History, Snapshot
from kmeans_teach.pictures.curves import plot_inertia
from kmeans_teach.pictures.plane import project, voronoi
from kmeans_teach.pictures.points import plot_clusters, plot_history, plot_voronoi
from kmeans_teach.pictures.style import PALETTE, UNASSIGNED, wrap
from kmeans_teach.textbook import lloyd, record


@pytest.fixture(autouse=True)
def agg():
    mpl.use("Agg")


@pytest.fixture
def ax():
    figure = Figure(layout="compressed")
    FigureCanvasAgg(figure)
    return figure.add_subplot()


def blobs(d=2, n=60, seed=0):
    random = np.random.default_rng(seed)
    return random.normal(size=(n, d)) + 6 * (np.arange(n)[:, None] % 3 == np.arange(d) % 3)


def a_run(d=2):
    X = blobs(d)
    return lloyd(X, X[[0, 3, 6]])


def scatters(ax):
    """The points on the axes, as (label, offsets, colour)."""
    return [
        (c.get_label(), c.get_offsets(), to_hex(c.get_facecolor()[0]))
        for c in ax.collections
        if hasattr(c, "get_sizes") and len(c.get_facecolor()) and len(c.get_offsets()) > 0
    ]


def texts(figure):
    return [t for t in figure.findobj(mpl.text.Text) if t.get_text().strip() and t.get_visible()]


# projection


def test_two_columns_are_shown_as_they_are():
    X = blobs()
    show = project(X)
    np.testing.assert_array_equal(show(X), X)
    assert show.names == ("x", "y")
    assert show.exact


def test_one_column_lies_on_a_line():
    show = project([[1.0], [4.0]])
    assert show([[1.0], [4.0]]).tolist() == [[1, 0], [4, 0]]
    assert show.names == ("x", "")
    assert show.exact


def test_chosen_columns_by_number_and_by_name():
    table = pd.DataFrame(blobs(4), columns=["a", "b", "c", "d"])
    for columns in ((3, 1), ("d", "b"), (-1, "b")):
        show = project(table, columns=columns)
        assert show.names == ("d", "b")
        assert not show.exact
        np.testing.assert_array_equal(show(table), table[["d", "b"]])


def test_two_columns_may_be_swapped_and_stay_exact():
    assert project(blobs(), columns=(1, 0)).exact
    assert not project(blobs(), columns=(1, 1)).exact


def test_principal_components_agree_with_scikit_learn():
    from sklearn.decomposition import PCA

    X = blobs(5) * [3, 1, 2, 1, 1] + 100
    pca = PCA(2).fit(X)
    show = project(X)
    np.testing.assert_allclose(np.abs(show(X)), np.abs(pca.transform(X)), atol=1e-9)
    for name, share in zip(show.names, pca.explained_variance_ratio_, strict=True):
        assert f"({100 * share:.0f} % of the variance)" in name
    assert (show.components[[0, 1], np.abs(show.components).argmax(axis=1)] > 0).all()
    assert not show.exact


def test_the_projection_works_on_centers_of_all_frames_at_once():
    X = blobs(5)
    show = project(X)
    frames = X[:12].reshape(4, 3, 5)
    np.testing.assert_allclose(show(frames), show(X)[:12].reshape(4, 3, 2))


def test_equal_points_have_a_projection():
    show = project(np.ones((4, 3)))
    assert np.isfinite(show(np.ones((4, 3)))).all()
    assert "(0 % of the variance)" in show.names[0]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"columns": (0, 9)}, "columns has 9, the points have 3 columns"),
        ({"columns": ("a", "x")}, "columns has 'x', the points have 3 columns .a, b, c."),
        ({"columns": "ab"}, "columns='ab': pass two columns"),
        ({"columns": (0, 1, 2)}, "pass two columns"),
        ({"feature_names": ["a", "b"]}, "feature_names has 2 names, the points have 3 columns"),
    ],
)
def test_projection_errors(options, words):
    with pytest.raises(ValueError, match=words):
        project(blobs(3), **{"feature_names": ["a", "b", "c"]} | options)


# borders

BOX = (-6, 6, -6, 6)
# some inside of what is seen, some outside; equal ones, in one row and on a lattice
places = st.one_of(st.integers(-2, 2), st.floats(-5, 5), st.floats(-20, 20)).map(
    lambda v: round(v, 2)
)
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
    regions, _ = voronoi(centers, BOX)
    for j, region in enumerate(regions):
        held, first = inside(grid, region), (centers == centers[j]).all(axis=1).argmax() == j
        assert held[squares.argmin(axis=1) == j].all()
        assert not held[squares[:, j] > squares.min(axis=1) + 1e-6].any()
        assert held.any() <= first


@given(some_centers)
def test_a_border_is_as_far_from_two_centers_and_farther_from_the_others(centers):
    centers = np.unique(np.array(centers, dtype=float), axis=0)
    for ends in voronoi(centers, BOX)[1]:
        ways = np.sort(np.linalg.norm(ends.mean(axis=0) - centers, axis=1))
        assert ways[1] == pytest.approx(ways[0], rel=1e-6)


def test_a_far_away_origin_does_not_blur_the_border(ax):
    centers, box = np.array([[0, 0], [2, 0]]) + 1e7, np.array((-1, 3, -1, 1)) + 1e7
    plot_voronoi(centers, ax=ax, bounds=box)
    assert np.array(ax.collections[-1].get_segments())[0, :, 0].tolist() == [1e7 + 1] * 2


def test_regions_end_where_the_picture_does(ax):
    ax.set(xlim=(-9, 9), ylim=(-9, 9))
    plot_voronoi([[0, 0], [2, 0]], ax=ax, bounds=(-5, 5, -9, 99))
    ax.get_figure().canvas.draw()
    for drawn in ax.collections:
        box = drawn.get_tightbbox().transformed(ax.transData.inverted())
        assert box.extents.round(6).tolist() in ([-5, -9, 5, 9], [1, -9, 1, 9])


@pytest.mark.parametrize(("centers", "borders"), [([[0, 0]], 0), ([[0, 0], [3, 1]], 1)])
def test_one_and_two_centers(ax, centers, borders):
    plot_voronoi(centers, ax=ax, bounds=(-1, 5, -1, 5))
    assert len(ax.collections[-1].get_segments()) == borders
    assert len(ax.collections[0].get_paths()) == len(centers)


def test_each_border_is_drawn_once(ax):
    plot_voronoi([[0, 0], [2, 0], [4, 0]], ax=ax, bounds=(-1, 5, -1, 1), fill=False)
    segments = np.array(ax.collections[-1].get_segments())
    assert sorted(segments[:, 0, 0]) == pytest.approx([1, 3])


def test_borders_need_a_plane(ax):
    with pytest.raises(ValueError, match=r"centers has shape \(2, 3\)"):
        plot_voronoi(np.zeros((2, 3)), ax=ax)


# points and centres


def test_clusters_have_their_colour_and_their_points(ax):
    X = blobs()
    labels = np.arange(60) % 3
    plot_clusters(X, labels, ax=ax, title="Three of them")
    for j, (name, offsets, colour) in enumerate(scatters(ax)):
        assert name == f"cluster {j} (20 points)"
        assert colour == PALETTE[j]
        np.testing.assert_array_equal(offsets, X[labels == j])
    assert ax.get_title(loc="left") == "Three of them"
    assert ax.get_aspect() == 1
    paths = {c.get_paths()[0].vertices.tobytes() for c in ax.collections}
    assert len(paths) == 3


def test_points_without_labels_and_noise_are_grey(ax):
    plot_clusters(blobs(), ax=ax)
    plot_clusters(blobs(n=3), [-1, 0, 0], ax=ax)
    (_, first, grey), (noise, _, also_grey), _ = scatters(ax)
    assert len(first) == 60
    assert grey == also_grey == UNASSIGNED
    assert noise == "noise (1 point)"


def test_centers_have_numbers_and_trails(ax):
    X = blobs()
    trails = np.array([X[:3], X[3:6]])
    plot_clusters(X, np.zeros(60, int), trails[-1], trails=trails, ax=ax)
    assert [t.get_text() for t in ax.texts] == ["0", "1", "2"]
    assert [t.get_position() for t in ax.texts] == [tuple(c) for c in X[3:6]]
    np.testing.assert_array_equal([line.get_xydata() for line in ax.lines], trails.swapaxes(0, 1))
    assert ax.get_legend() is None


def test_more_clusters_than_colours(ax):
    labels = np.arange(60) % 12
    plot_clusters(blobs(), labels, ax=ax)
    looks = {
        (c, ax.collections[i].get_paths()[0].vertices.tobytes())
        for i, (_, _, c) in enumerate(scatters(ax))
    }
    assert len(looks) == 12


def test_no_borders_where_the_picture_does_not_show_true_distances(ax):
    X = blobs(4)
    plot_clusters(X, centers=X[:3], borders=True, ax=ax)
    assert not any(hasattr(c, "get_segments") for c in ax.collections)


def test_names_are_shown_as_they_are_written(ax):
    table = pd.DataFrame(blobs(), columns=["price $a$", "<img onerror=x>"])
    plot_clusters(table, ax=ax, title="cost $1 and $2_x")
    ax.get_figure().canvas.draw()
    assert not ax.xaxis.label.get_parse_math()
    assert ax.get_ylabel() == "<img onerror=x>"


def test_the_plane_is_never_a_sliver(ax):
    plot_clusters([[0, 0], [1000, 1]], ax=ax)
    width, height = np.ptp(ax.get_xlim()), np.ptp(ax.get_ylim())
    assert width == pytest.approx(2 * height)


def test_one_point_far_out(ax):
    plot_clusters([[1e9, 5.0]], ax=ax)
    ax.get_figure().canvas.draw()
    assert ax.get_xlim()[0] < 1e9 < ax.get_xlim()[1]


@pytest.mark.parametrize(
    ("labels", "words"),
    [
        (np.zeros(3, int), r"labels has shape \(3,\), expected \(60,\)"),
        (np.full(60, "a"), "expected whole numbers"),
        (np.full(60, 0.5), "expected whole numbers"),
    ],
)
def test_labels_that_do_not_fit(ax, labels, words):
    with pytest.raises(ValueError, match=words):
        plot_clusters(blobs(), labels, ax=ax)


# the film strip


def test_strip_has_the_sentence_of_each_frame():
    run = a_run()
    axes = plot_history(run, [0, 2, -1], figure=Figure())
    titles = [a.get_title(loc="left").replace("\n", " ") for a in axes]
    assert titles == [run.sentence(0), run.sentence(2), run.sentence(len(run) - 1)]


def test_strip_rings_the_points_that_changed_and_shows_no_border_at_the_start():
    X = np.array([[0.0, 0], [1, 0], [4, 0], [9, 0]])
    run = lloyd(X, X[:2])
    start, first, moved, second = plot_history(run, [0, 1, 2, 3], figure=Figure())
    assert not any(hasattr(c, "get_segments") for c in start.collections)
    assert any(hasattr(c, "get_segments") for c in first.collections)
    changed = X[run[3].labels != run[2].labels]
    rings = [
        c for c in second.collections if hasattr(c, "get_sizes") and not len(c.get_facecolor())
    ]
    np.testing.assert_array_equal(rings[0].get_offsets(), changed)
    assert [len(line.get_xydata()) for line in moved.lines] == [2, 2]
    assert len({a.get_xlim() for a in (start, first, moved, second)}) == 1


def test_strip_chooses_a_story():
    run = a_run()
    assert len(plot_history(run, figure=Figure())) == min(6, len(run))
    short = lloyd([[0.0, 0], [1, 1]], [[0.0, 0], [1, 1]])
    assert len(plot_history(short, figure=Figure())) == len(short)


@pytest.mark.parametrize("d", [1, 2, 5])
def test_strip_of_any_number_of_columns(d):
    figure = plot_history(a_run(d), figure=Figure())[0].get_figure()
    FigureCanvasAgg(figure).draw()
    label = figure.axes[-1].get_xlabel()
    assert ("of the variance" in label) == (d == 5)


@pytest.mark.parametrize("n", [13, 25, 30, 45])
def test_many_clusters_leave_room_for_the_points(n):
    X = np.random.RandomState(0).normal(size=(500, 2))
    ax = plot_clusters(X, np.arange(500) % n)
    ax.figure.canvas.draw()
    assert min(ax.get_window_extent().size) > 300
    names = [text.get_text() for text in ax.get_legend().get_texts()]
    assert names == [str(j) for j in range(min(n, 30))]
    assert ax.get_legend().get_title().get_text() == ("cluster (15 more)" if n == 45 else "cluster")


def test_four_frames_make_a_square():
    axes = plot_history(a_run(), [0, 1, 2, 3], figure=Figure())
    places = [ax.get_position() for ax in axes]
    left, low = ({round(getattr(p, end), 6) for p in places} for end in ("x0", "y0"))
    assert (len(left), len(low)) == (2, 2)


def test_strip_of_one_frame_and_of_none():
    assert len(plot_history(a_run(), [-1], figure=Figure())) == 1
    with pytest.raises(ValueError, match="frames is empty"):
        plot_history(a_run(), [], figure=Figure())
    with pytest.raises(IndexError):
        plot_history(a_run(), [999], figure=Figure())


def test_strip_needs_no_pyplot():
    code = (
        "import sys, numpy as np; from matplotlib.figure import Figure;"
        "from matplotlib.backends.backend_agg import FigureCanvasAgg;"
        "from kmeans_teach import lloyd, plot_history;"
        "X = np.eye(4)[:, :2]; f = Figure(); plot_history(lloyd(X, X[:2]), figure=f);"
        "FigureCanvasAgg(f).draw(); sys.exit('matplotlib.pyplot' in sys.modules)"
    )
    assert run_process([sys.executable, "-c", code], check=False).returncode == 0


def test_wrap_keeps_all_words_and_the_width():
    sentence = a_run().sentence(2)
    lines = wrap(sentence, 30).split("\n")
    assert " ".join(lines) == sentence
    assert max(map(len, lines)) <= 30


# the staircase


def bars(ax):
    return {
        round(b.get_x()): (b.get_y(), b.get_height())
        for c in ax.containers
        for b in c
        if b.get_width() == 1
    }


def test_each_bar_is_what_a_half_step_took_off(ax):
    run = a_run()
    plot_inertia(run, ax=ax, title="Down it goes")
    table = run.to_frame()
    drawn = bars(ax)
    assert sorted(drawn) == list(range(2, len(run)))
    for i, (bottom, height) in drawn.items():
        assert bottom == pytest.approx(table["inertia"][i])
        assert height == pytest.approx(table["removed"][i])


def test_the_ledger_adds_up(ax):
    run = a_run()
    plot_inertia(run, ax=ax)
    off_e, off_m, left = (float(t.get_text().split()[-1]) for t in ax.get_legend().get_texts())
    assert off_e + off_m + left == pytest.approx(run[1].inertia, rel=1e-3)


def test_e_and_m_differ_in_hatch_too(ax):
    plot_inertia(a_run(), ax=ax)
    assert len({c[0].get_hatch() for c in ax.containers}) == 3


def test_a_step_that_raises_the_inertia_is_marked(ax):
    X = np.array([[0.0, 0], [1, 0], [2, 0], [9, 0]])
    worse = record(X, X[:2], update=lambda X, labels, centers: centers - 9.0, max_iter=1)
    plot_inertia(worse, ax=ax)
    assert "M-steps added" in ax.get_legend().get_texts()[1].get_text()
    rising = [b for c in ax.containers for b in c if b.get_height() < 0]
    assert rising
    assert all(to_hex(b.get_edgecolor()) == "#000000" for b in rising)


def test_a_start_alone_and_a_first_step_alone(ax):
    X = np.eye(3)
    start = Snapshot(0, "init", X[:2])
    for snapshots in ([start], [start, Snapshot(1, "assign", X[:2], [0, 1, 0], 2.0)]):
        plot_inertia(History(snapshots, X, stop_reason="max_iter reached"), ax=ax)
        ax.get_figure().canvas.draw()


def test_a_long_run_has_few_tick_labels(ax):
    random = np.random.default_rng(0)
    X = random.uniform(size=(2000, 2))
    run = lloyd(X, X[:20], tol=0)
    assert len(run) > 40
    plot_inertia(run, ax=ax)
    assert len(ax.get_xticks()) <= 16


def test_regions_of_their_own_say_how_many_they_are():
    assert plot_voronoi([[0, 0], [4, 0], [4, 0]]).get_title("left").startswith("2 centres")
    assert plot_voronoi([[0, 0]]).get_title("left").startswith("One centre")
    assert plot_voronoi([[0, 0], [4, 0]], title="Mine").get_title("left") == "Mine"
    ax = plot_voronoi([[0, 0], [4, 0]], ax=plot_clusters(blobs(), title="Points"))
    assert ax.get_title("left") == "Points"


# how it looks


def pictures():
    X = blobs(5)
    yield plot_clusters(blobs(), np.arange(60) % 3, title="Three clusters").get_figure()
    yield plot_clusters(X, np.arange(60) % 3, X[:3]).get_figure()
    yield plot_inertia(a_run(), title="The staircase").get_figure()
    yield plot_history(a_run(), title="A run")[0].get_figure()
    yield plot_history(a_run(5))[0].get_figure()
    petals = load_iris().data[:, 2:]
    flat = lloyd(petals, petals[[0, 60, 120]])
    yield plot_history(flat, title="A flat run under a title")[0].get_figure()
    yield plot_history(a_run(), [0, -1])[0].get_figure()
    yield plot_voronoi(blobs()[:4], title="Regions").get_figure()
    named = pd.DataFrame(
        blobs(), columns=["two words of sixty letters, which is far too long", "b" * 60]
    )
    yield plot_clusters(named, np.arange(60) % 3).get_figure()
    yield plot_history(lloyd(named, blobs()[:3]))[0].get_figure()
    yield plot_clusters(blobs(), np.arange(60) % 30).get_figure()


def test_pictures_can_be_read_on_a_projector():
    for figure in pictures():
        figure.canvas.draw()
        assert min(t.get_fontsize() for t in texts(figure)) >= 11
        assert figure.get_figwidth() <= 9.5
        assert figure.get_facecolor() == (1, 1, 1, 1)


@pytest.mark.parametrize("draws", [1, 2])
def test_nothing_sticks_out_or_overlaps(draws):
    # one draw is what a widget's static twin gets, and the layout settles with the second
    for figure in pictures():
        for _ in range(draws):
            figure.canvas.draw()
        outer = figure.get_tightbbox()
        assert outer.x0 > -0.03
        assert outer.y0 > -0.03
        assert outer.x1 < figure.get_figwidth() + 0.03
        assert outer.y1 < figure.get_figheight() + 0.03
        boxes = [ax.get_tightbbox() for ax in figure.axes]
        boxes += [title.get_window_extent() for title in figure.texts]
        for a, b in combinations(boxes, 2):
            assert not a.overlaps(b)
        for ax in figure.axes:
            if legend := ax.get_legend():
                assert not legend.get_window_extent().overlaps(ax.get_window_extent())


def test_a_fitted_kmeans_is_drawn_as_any_run():
    from kmeans_teach import KMeans

    X = np.random.default_rng(0).normal(size=(60, 2))
    fitted = KMeans(3, random_state=0).fit(X).history_
    replayed = lloyd(X, fitted[0].centers)
    strips = [plot_history(run, figure=Figure()) for run in (fitted, replayed)]
    titles = [[ax.get_title(loc="left") for ax in strip] for strip in strips]
    assert titles[0] == titles[1]
    levels = [plot_inertia(run, ax=Figure().subplots()) for run in (fitted, replayed)]
    assert levels[0].get_ylim() == pytest.approx(levels[1].get_ylim())
