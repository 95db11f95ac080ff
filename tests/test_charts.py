"""Charts: the curves, bars and cells are what was given, the title is what they say."""

import sys
from itertools import combinations, pairwise
from subprocess import run as run_process

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

import kmeans_teach
from kmeans_teach.pictures.curves import plot_confusion, plot_elbow, plot_scores, plot_silhouette
from kmeans_teach.pictures.points import plot_clusters_3d
from kmeans_teach.pictures.style import PALETTE, UNASSIGNED

K = range(1, 7)
FALLING = np.array([900.0, 400, 120, 110, 100, 95])
NOISE = np.array([800.0, 500, 350, 280, 230, 200])


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


def title(ax):
    return ax.get_title(loc="left").replace("\n", " ")


def curves(ax):
    """The curves by name, without rings and rules."""
    return {line.get_label(): line for line in ax.lines if len(line.get_xdata()) > 2}


def rings(ax):
    return [tuple(np.ravel(line.get_xydata())) for line in ax.lines if len(line.get_xdata()) == 1]


def legend(ax):
    return [text.get_text() for text in ax.get_legend().get_texts()]


# the elbow


def test_elbow_draws_the_inertias(ax):
    assert plot_elbow(K, FALLING, ax=ax) is ax
    (line,) = curves(ax).values()
    np.testing.assert_array_equal(line.get_xdata(), K)
    np.testing.assert_array_equal(line.get_ydata(), FALLING)
    assert title(ax) == "Inertia falls at every k: from 900.0 to 95.00"
    assert ax.get_ylim()[0] == 0
    assert rings(ax) == []
    assert ax.get_legend() is None


def test_elbow_says_when_a_run_was_worse(ax):
    plot_elbow([1, 2, 3], [9, 3, 4], ax=ax)
    assert "does not fall at every k" in title(ax)


def test_elbow_marks_the_chosen_k_and_says_what_one_more_takes_off(ax):
    plot_elbow(K, FALLING, chosen=3, ax=ax)
    assert rings(ax) == [(3, 120)]
    assert title(ax) == "k = 3 leaves an inertia of 120.0; k = 4 takes 8 % off that"


def test_the_last_k_has_no_next_one(ax):
    plot_elbow(K, FALLING, chosen=6, ax=ax)
    assert title(ax) == "k = 6 leaves an inertia of 95.00"


def test_elbow_beside_a_reference(ax):
    plot_elbow(K, FALLING, reference={"uniform noise": NOISE}, ax=ax)
    np.testing.assert_array_equal(curves(ax)["uniform noise"].get_ydata(), NOISE)
    # 120 of 350 is the smallest share
    assert title(ax) == "Farthest below uniform noise at k = 3: 34 % of it"
    assert legend(ax) == ["inertia", "uniform noise"]


def test_curves_differ_in_marker_and_dash_too(ax):
    plot_elbow(K, FALLING, reference={"a": NOISE, "b": NOISE + 9}, ax=ax)
    looks = [(line.get_marker(), line.get_linestyle()) for line in curves(ax).values()]
    assert len({m for m, _ in looks}) == len({dash for _, dash in looks}) == 3


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"chosen": 9}, r"chosen=9 is none of k_values: pass one of \[1, 2, 3, 4, 5, 6\]"),
        ({"reference": {"noise": [1, 2]}}, r"noise has shape \(2,\), expected \(6,\)"),
        ({"inertias": FALLING[:4]}, r"inertia has shape \(4,\), expected \(6,\)"),
    ],
)
def test_elbow_errors(ax, options, words):
    with pytest.raises(ValueError, match=words):
        plot_elbow(**{"k_values": K, "inertias": FALLING, "ax": ax} | options)


# the silhouette


def bars(ax):
    """Colour and outline of the bars of each cluster."""
    return [(to_hex(c.get_facecolor()[0]), c.get_paths()[0].vertices) for c in ax.collections]


def test_silhouette_has_a_bar_for_every_point(ax):
    random = np.random.default_rng(0)
    values, labels = random.uniform(-0.2, 0.9, 40), np.arange(40) % 3
    plot_silhouette(values, labels, ax=ax)
    spans = []
    for j, (colour, corners) in enumerate(bars(ax)):
        mine = values[labels == j]
        assert colour == PALETTE[j]
        assert set(mine.round(9)) <= set(corners[:, 0].round(9))
        assert np.ptp(corners[:, 1]) == pytest.approx(len(mine))
        spans.append((corners[:, 1].min(), corners[:, 1].max()))
    assert all(a[1] < b[0] for a, b in pairwise(spans))
    names = [t.get_text() for t in ax.get_yticklabels()]
    assert names == ["cluster 0 (14)", "cluster 1 (13)", "cluster 2 (13)"]
    assert [line.get_xdata()[0] for line in ax.lines] == [0, pytest.approx(values.mean())]
    below = (values < 0).sum()
    assert f"{below} of 40 points lie nearer to another cluster" in title(ax)
    assert title(ax).startswith(f"Mean silhouette {values.mean():.2f}; ")


def test_bars_are_sorted_from_the_largest(ax):
    plot_silhouette([0.1, 0.9, 0.5], [0, 0, 0], ax=ax)
    _, corners = bars(ax)[0]
    ends = corners[corners[:, 0] > 0]
    top = ends[ends[:, 1] == ends[:, 1].min(), 0].max()
    bottom = ends[ends[:, 1] == ends[:, 1].max(), 0].max()
    assert (top, bottom) == (0.9, 0.1)
    lower, upper = ax.get_ylim()
    assert lower > upper  # the first cluster is the uppermost


def test_silhouette_without_values_below_zero_and_with_one(ax):
    plot_silhouette([0.5, 0.7], [0, 1], ax=ax)
    assert title(ax) == "Mean silhouette 0.60; no point lies nearer to another cluster on average"
    plot_silhouette([0.5, -0.7], [0, 1], ax=ax)
    assert "1 of 2 points lies nearer" in title(ax)


def test_noise_is_grey_in_the_silhouette(ax):
    plot_silhouette([0.0, 0.7], [-1, 0], ax=ax)
    assert bars(ax)[0][0] == UNASSIGNED
    assert ax.get_yticklabels()[0].get_text() == "noise (1)"


@pytest.mark.parametrize(
    ("values", "labels", "words"),
    [
        (0.5, [0, 1], r"values has shape \(\), .* silhouette_score is their mean alone"),
        ([], [], r"values has shape \(0,\)"),
        ([0.5, 0.1], [0], r"labels has shape \(1,\), expected \(2,\)"),
        ([0.5, 0.1], ["a", "b"], "expected whole numbers"),
    ],
)
def test_silhouette_errors(ax, values, labels, words):
    with pytest.raises(ValueError, match=words):
        plot_silhouette(values, labels, ax=ax)


# the table


def test_confusion_shows_every_count(ax):
    table = np.array([[50, 0, 0], [0, 48, 2], [0, 14, 36]])
    plot_confusion(table, row_names=["a", "b", "c"], ax=ax)
    shown = {t.get_position(): int(t.get_text()) for t in ax.texts}
    assert shown == {(j + 0.5, i + 0.5): n for (i, j), n in np.ndenumerate(table)}
    np.testing.assert_array_equal(ax.collections[0].get_array().reshape(table.shape), table)
    assert [t.get_text() for t in ax.get_yticklabels()] == ["a", "b", "c"]
    assert [t.get_text() for t in ax.get_xticklabels()] == ["0", "1", "2"]
    assert (ax.get_ylabel(), ax.get_xlabel()) == ("true class", "cluster")
    assert title(ax) == "134 of 150 points on the diagonal, 16 off it"
    assert len(ax.patches) == 3


def test_confusion_of_a_table_that_is_not_square(ax):
    table = pd.DataFrame([[9, 0, 1], [2, 8, 0]], ["cat", "dog"], ["x", "y", "z"])
    plot_confusion(table, ax=ax, rows="animal", columns="group")
    assert title(ax) == "18 of 20 points are in the largest cell of their column"
    assert [t.get_text() for t in ax.get_yticklabels()] == ["cat", "dog"]
    assert [t.get_text() for t in ax.get_xticklabels()] == ["x", "y", "z"]
    assert (ax.get_ylabel(), ax.get_xlabel()) == ("animal", "group")
    assert len(ax.patches) == 0


def luminance(colour):
    red, green, blue = (c / 12.92 if c <= 0.04 else ((c + 0.055) / 1.055) ** 2.4 for c in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_counts_can_be_read_on_their_cells(ax):
    plot_confusion(np.arange(49).reshape(7, 7), ax=ax)
    image = ax.collections[0]
    for text in ax.texts:
        cell = luminance(image.to_rgba(int(text.get_text()))[:3])
        ink = luminance(mpl.colors.to_rgb(text.get_color()))
        light, dark = max(cell, ink), min(cell, ink)
        assert (light + 0.05) / (dark + 0.05) >= 4.5, text.get_text()


def test_an_empty_table_of_counts(ax):
    plot_confusion(np.zeros((2, 2), int), ax=ax)
    assert title(ax) == "0 of 0 points on the diagonal, 0 off it"
    ax.get_figure().canvas.draw()


@pytest.mark.parametrize(
    ("table", "options", "words"),
    [
        ([1, 2], {}, r"table has shape \(2,\), expected \(n_rows, n_columns\)"),
        ([[1, 2]], {"row_names": ["a", "b"]}, "row_names has 2 names, the table has 1"),
        ([[1, 2]], {"column_names": ["a"]}, "column_names has 1 names, the table has 2"),
    ],
)
def test_confusion_errors(ax, table, options, words):
    with pytest.raises(ValueError, match=words):
        plot_confusion(table, ax=ax, **options)


# in space


def cloud(n=30):
    return np.random.default_rng(0).normal(size=(n, 3))


def places(drawn):
    return np.column_stack([np.ma.getdata(a) for a in drawn._offsets3d])


def test_points_in_space_are_where_they_were_given(space):
    X, labels = cloud(), np.arange(30) % 3
    assert plot_clusters_3d(X, labels, ax=space) is space
    for j, drawn in enumerate(space.collections):
        np.testing.assert_allclose(places(drawn), X[labels == j])
        assert to_hex(drawn.get_facecolor()[0]) == PALETTE[j]
    assert len({c.get_paths()[0].vertices.tobytes() for c in space.collections}) == 3
    assert legend(space) == ["cluster 0", "cluster 1", "cluster 2"]
    assert title(space) == "30 points in 3 clusters"
    assert (space.get_xlabel(), space.get_zlabel()) == ("x", "z")


def test_wrong_points_have_a_ring_and_a_line_in_the_legend(space):
    X, wrong = cloud(), np.arange(30) < 4
    plot_clusters_3d(X, np.arange(30) % 2, wrong=wrong, ax=space)
    ring = space.collections[-1]
    np.testing.assert_allclose(places(ring), X[wrong])
    assert not len(ring.get_facecolor())
    assert legend(space)[-1] == "wrong (4)"
    assert title(space).endswith("; 4 wrong, with a ring")


def test_species_are_called_by_their_names(space):
    table = pd.DataFrame(cloud(4), columns=["long", "wide", "high"])
    plot_clusters_3d(table, ["oak", "elm", "oak", "ash"], ax=space)
    assert legend(space) == ["ash", "elm", "oak"]
    assert title(space) == "4 points in 3 classes"
    assert (space.get_xlabel(), space.get_ylabel(), space.get_zlabel()) == tuple(table.columns)


def test_centers_in_space_have_numbers(space):
    X = cloud()
    plot_clusters_3d(X, centers=X[:2], ax=space)
    assert [t.get_text() for t in space.texts] == ["0", "1"]
    np.testing.assert_allclose([t.get_position_3d() for t in space.texts], X[:2])
    assert title(space) == "30 points"
    assert to_hex(space.collections[0].get_facecolor()[0]) == UNASSIGNED


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"X": np.zeros((4, 2))}, "X has 2 columns and 3 names, .* needs 3 of each"),
        ({"feature_names": ["a", "b"]}, "X has 3 columns and 2 names"),
        ({"wrong": [True]}, r"wrong has shape \(1,\), expected \(30,\)"),
        ({"labels": [0, 1]}, r"labels has shape \(2,\), expected \(30,\)"),
        ({"labels": ["a", "b"]}, r"labels has shape \(2,\), expected \(30,\)"),
        ({"centers": [[0, 1]]}, r"centers has shape \(1, 2\), expected \(n_clusters, 3\)"),
    ],
)
def test_space_errors(space, options, words):
    with pytest.raises(ValueError, match=words):
        plot_clusters_3d(**{"X": cloud(), "ax": space} | options)


# scores


def test_scores_ring_the_best_and_leave_out_what_is_not_defined(ax):
    values = [np.nan, 0.4, 0.6, 0.5, 0.3, 0.2]
    plot_scores(K, {"silhouette": values}, ax=ax)
    assert rings(ax) == [(3, 0.6)]
    assert title(ax) == "Best at k = 3: silhouette 0.60"
    assert ax.get_ylabel() == "silhouette (high is good)"
    assert ax.get_legend() is None


def test_low_scores_may_be_the_good_ones(ax):
    plot_scores(K, {"Davies-Bouldin": [np.nan, 0.4, 0.6, 0.1, 0.3, 0.2]}, better="low", ax=ax)
    assert rings(ax) == [(4, 0.1)]
    assert title(ax) == "Best at k = 4: Davies-Bouldin 0.10"


def test_scores_that_disagree(ax):
    plot_scores(K, {"a": [1, 2, 3, 2, 1, 0], "b": [0, 1, 2, 3, 4, 5]}, ax=ax)
    assert title(ax) == "The best k differs: a 3, b 6"
    assert legend(ax) == ["a: best at k = 3", "b: best at k = 6"]
    assert rings(ax) == [(3, 3), (6, 5)]


@pytest.mark.parametrize(
    ("scores", "better", "words"),
    [
        ({"a": [1.0]}, "high", r"scores: a has shape \(1,\), expected \(6,\)"),
        ({"a": [np.nan] * 6}, "high", r"scores\['a'\] has no value that is a number"),
        ({"a": FALLING}, "up", 'better=\'up\': pass "high" or "low"'),
    ],
)
def test_scores_errors(ax, scores, better, words):
    with pytest.raises(ValueError, match=words):
        plot_scores(K, scores, better=better, ax=ax)


# all of them


def pictures(**options):
    labels = np.arange(60) % 3
    values = np.random.default_rng(1).uniform(-0.2, 0.9, 60)
    scores = {"silhouette": values[:6], "stability": values[6:12], "a third": values[12:18]}
    yield plot_elbow(K, FALLING, chosen=3, **options)
    yield plot_elbow(K, FALLING, reference={"uniform noise": NOISE}, **options)
    yield plot_silhouette(values, labels, **options)
    yield plot_silhouette(values, np.arange(60) // 6, **options)
    yield plot_silhouette(values, np.minimum(np.arange(60), 9), **options)
    yield plot_confusion(np.eye(3, dtype=int) * 50, row_names=["setosa", "b", "c"], **options)
    yield plot_confusion(np.eye(10, dtype=int) * 1234, **options)
    yield plot_scores(K, scores, **options)


def flat_and_deep():
    yield from pictures()
    X, labels = cloud(60), np.arange(60) % 3
    yield plot_clusters_3d(X, labels, X[:3], wrong=labels == 1)
    yield plot_clusters_3d(X, np.array(["setosa", "versicolor", "virginica"])[labels])


def test_a_title_of_your_own_replaces_the_finding():
    for ax in (*pictures(title="Mine"), plot_clusters_3d(cloud(), title="Mine")):
        assert title(ax) == "Mine"


def test_charts_can_be_read_on_a_projector():
    for ax in flat_and_deep():
        figure = ax.get_figure()
        figure.canvas.draw()
        texts = [t for t in figure.findobj(mpl.text.Text) if t.get_text().strip()]
        assert min(t.get_fontsize() for t in texts if t.get_visible()) >= 11
        assert figure.get_figwidth() <= 9.5
        assert figure.get_facecolor() == (1, 1, 1, 1)


def test_nothing_sticks_out_or_overlaps():
    for ax in flat_and_deep():
        figure = ax.get_figure()
        for _ in range(2):
            figure.canvas.draw()
        paper = figure.bbox.padded(3)
        heading = ax._left_title.get_window_extent()
        boxes = [t.get_window_extent() for t in (*ax.get_xticklabels(), *ax.get_yticklabels())]
        for box in (heading, ax.xaxis.label.get_window_extent()):
            assert paper.contains(box.x0, box.y0)
            assert paper.contains(box.x1, box.y1)
        if ax.name == "3d":
            box = ax.zaxis.label.get_window_extent()
            assert paper.contains(box.x1, box.y1)
            assert not ax.get_legend().get_window_extent().padded(-2).overlaps(heading)
            continue
        for a, b in combinations(boxes, 2):
            assert not a.padded(-1).overlaps(b.padded(-1))
        if legend_ := ax.get_legend():
            box = legend_.get_window_extent()
            assert paper.contains(box.x0, box.y0)
            assert not box.overlaps(ax.get_window_extent())
            assert not box.padded(-1).overlaps(ax.xaxis.label.get_window_extent())


def test_titles_fit_axes_of_a_third_of_the_page():
    figure, axes = plt.subplots(1, 3, figsize=(9.5, 3.6), layout="compressed")
    plot_elbow(K, FALLING, chosen=3, ax=axes[0])
    plot_silhouette(np.linspace(-0.5, 0.9, 30), np.arange(30) % 3, ax=axes[1])
    plot_scores(K, {"silhouette": FALLING}, ax=axes[2])
    for _ in range(2):
        figure.canvas.draw()
    headings = [ax._left_title.get_window_extent() for ax in axes]
    for a, b in combinations(headings, 2):
        assert not a.overlaps(b)
    assert headings[-1].x1 < figure.bbox.x1 + 3


def test_names_are_shown_as_they_are_written(ax, space):
    plot_scores(K, {"cost $a$": FALLING, "b$": NOISE}, ax=ax)
    plot_confusion([[1]], row_names=["$x$"], ax=ax)
    plot_clusters_3d(cloud(), feature_names=["$a$", "b_1", "c"], ax=space)
    assert not space.xaxis.label.get_parse_math()
    assert not ax.get_yticklabels()[0].get_parse_math()
    for a in (ax, space):
        a.get_figure().canvas.draw()


def test_charts_on_a_given_ax_need_no_pyplot():
    code = (
        "import sys; from matplotlib.figure import Figure;"
        "from matplotlib.backends.backend_agg import FigureCanvasAgg;"
        "from kmeans_teach.pictures.curves import plot_elbow; f = Figure();"
        "plot_elbow([1, 2], [3, 1], chosen=1, ax=f.add_subplot()); FigureCanvasAgg(f).draw();"
        "sys.exit('matplotlib.pyplot' in sys.modules)"
    )
    assert run_process([sys.executable, "-c", code], check=False).returncode == 0


def test_the_package_hands_the_charts_out():
    for chart in (plot_elbow, plot_silhouette, plot_confusion, plot_clusters_3d, plot_scores):
        assert getattr(kmeans_teach, chart.__name__) is chart


def test_shares_are_called_shares():
    table = pd.crosstab([0, 0, 0, 1, 1], [0, 0, 1, 1, 1], normalize="index")
    title = plot_confusion(table).get_title(loc="left").replace("\n", " ")
    assert title == "83 % of the shares are on the diagonal"  # (2/3 + 1) / 2
    title = plot_confusion(table.iloc[:, :1]).get_title(loc="left").replace("\n", " ")
    assert title == "100 % of the shares are in the largest cells of their columns"


@pytest.mark.parametrize("value", [np.nan, -1])
def test_a_table_that_counts_nothing_is_refused(value):
    with pytest.raises(ValueError, match="missing or negative values, expected counts"):
        plot_confusion([[1, value], [2, 3]])


def test_one_k_falls_nowhere():
    assert plot_elbow([3], [12.5]).get_title(loc="left") == "Inertia 12.50 at k = 3"


def test_swapped_arguments_are_named():
    with pytest.raises(ValueError, match=r"holds 90.5, .* are k_values and inertias swapped\?"):
        plot_elbow([90.5, 20.25], [1, 2])
