"""The scale slider without a browser; where its page computes too, node says the same."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score, euclidean_distances
from sklearn.preprocessing import StandardScaler

from kmeans_teach import ScaleSlider
from kmeans_teach.widgets.scale_slider import DRAWS, percent

ROOT = Path(__file__).parents[1]
RECTANGLE = np.array([[0.0, 0.0], [0.0, 4.0], [1.0, 0.0], [1.0, 4.0]])
FACTORS = (0.1, 0.3, 0.7, 1.0, 1.12, 1.5, 2.5118864315095806, 5.0, 10.0)

# reads [points, k, seed, [[axis, factor], ...], classes] and prints what the page finds
PAGE = """
import * as scale from MODULE;
let text = "";
for await (const piece of process.stdin) text += piece;
const [flat, k, seed, stops, classes] = JSON.parse(text), X = Float64Array.from(flat);
const base = scale.cluster(X, k, 0, 1, seed);
process.stdout.write(JSON.stringify(stops.map(([axis, factor]) => {
  const found = factor === 1 ? base : scale.cluster(X, k, axis, factor, seed, base);
  const labels = [...found.labels], rand = scale.adjustedRand(labels, classes);
  return { labels, centers: [...found.centers], inertia: found.inertia, rand };
})));
"""


def blobs():
    table = pd.read_csv(ROOT / "data" / "kmeans_blobs.csv")
    return table[["x", "y"]], table["cluster"]


def customers():
    """Customers with complete rows and without the planted outliers: euro beside years."""
    table = pd.read_csv(ROOT / "data" / "customers.csv").dropna()
    table = table[(table.money < 10_000) & (table.age < 150)]
    return table[["age", "money"]], table["segment"]


def on_the_page(X, k, seed, stops, classes):
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not on this machine; the browser tests ask the same")
    module = (ROOT / "kmeans_teach" / "widgets" / "scale_slider.mjs").as_uri()
    command = [node, "--input-type=module", "-e", PAGE.replace("MODULE", json.dumps(module))]
    asked = json.dumps([np.ravel(X).tolist(), k, seed, stops, np.asarray(classes).tolist()])
    done = subprocess.run(command, input=asked, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


# ------------------------------------------------------------------------- one rule in both places


@pytest.mark.parametrize(
    ("data", "k", "seed"), [(blobs, 4, 0), (blobs, 6, 3), (customers, 4, 0), (customers, 7, 11)]
)
def test_the_page_finds_what_python_finds(data, k, seed):
    X, classes = data()
    slider = ScaleSlider(X, k, axis=1, random_state=seed, classes=classes)
    stops = [(axis, f * (slider.same_spread if axis else 1)) for axis in (0, 1) for f in FACTORS]
    stops.append((1, 1.0))
    moved = []
    for (axis, factor), page in zip(stops, on_the_page(X, k, seed, stops, classes), strict=True):
        mine = slider.at(factor, axis)
        where = f"axis {axis} x {factor}"
        assert page["labels"] == mine.labels.tolist(), where
        assert np.reshape(page["centers"], (k, 2)) == pytest.approx(mine.centers), where
        assert page["inertia"] == pytest.approx(mine.inertia, rel=1e-9), where
        assert page["rand"] == pytest.approx(adjusted_rand_score(classes, mine.labels)), where
        assert page["rand"] == pytest.approx(mine.agreement), where
        moved.append(mine.n_moved)
    assert max(moved) > len(X) / 5  # or these factors would try nothing


def test_the_page_agrees_where_points_coincide():
    X = np.array([[0.0, 1.0], [2.0, 3.0]])[[0, 0, 0, 1, 1]]
    slider = ScaleSlider(X, 3)
    stops = [(0, factor) for factor in FACTORS]
    for (axis, factor), page in zip(stops, on_the_page(X, 3, 0, stops, [0] * 5), strict=True):
        assert page["labels"] == slider.at(factor, axis).labels.tolist()


# ----------------------------------------------------------------------------- what is computed


def test_the_longer_side_is_halved():
    slider = ScaleSlider(RECTANGLE, 2)
    assert slider.inertia == 1
    assert slider.n_moved == 0
    slider.factor = 8
    assert slider.inertia == 16
    assert slider.n_moved == 2
    assert sorted(slider.centers.tolist()) == [[0, 2], [1, 2]]
    assert len(set(slider.labels[[0, 1]])) == 1 == len(set(slider.labels[[2, 3]]))


def test_shares_are_those_of_all_pairs():
    X, _ = customers()
    slider = ScaleSlider(X, 4, axis="money")
    for factor in (1, 0.01, slider.same_spread):
        Z = X.to_numpy() * [1, factor]
        column, both = euclidean_distances(Z[:, 1:]) ** 2, euclidean_distances(Z) ** 2
        found = slider.at(factor).share
        assert found["money"] == pytest.approx(column.sum() / both.sum(), rel=1e-6)
        assert sum(found.values()) == pytest.approx(1)
    assert found["age"] == pytest.approx(0.5)


def test_the_same_spread_is_what_standard_scaler_makes():
    X = blobs()[0].to_numpy() * [1, 300]
    slider = ScaleSlider(X, 4, axis="y")
    scaler = StandardScaler().fit(X)
    model = KMeans(4, n_init=DRAWS, random_state=0).fit(scaler.transform(X))
    found = slider.at(slider.same_spread)
    assert adjusted_rand_score(model.labels_, found.labels) == 1
    assert found.inertia / scaler.var_[0] == pytest.approx(model.inertia_)
    centers = scaler.inverse_transform(model.cluster_centers_)
    assert np.sort(found.centers, axis=0) == pytest.approx(np.sort(centers, axis=0))


@pytest.mark.parametrize("factor", [0.005, 0.0151, 0.05, 1])
def test_the_clustering_is_about_as_good_as_the_best_of_fifty(factor):
    X, _ = customers()
    best = KMeans(4, n_init=50, random_state=1).fit(X.to_numpy() * [1, factor])
    assert ScaleSlider(X, 4).at(factor, "money").inertia <= best.inertia_ * 1.005


def test_labels_are_numbered_as_at_factor_1():
    X, _ = blobs()
    slider = ScaleSlider(X, 4)
    base = slider.at(1)
    for factor in np.geomspace(0.5, 2, 12):
        found = slider.at(float(factor))
        assert found.n_moved == (found.labels != base.labels).sum()
        assert found.n_moved < 30, factor
        labels = np.unique(found.labels)
        means = [X.to_numpy()[found.labels == j].mean(axis=0) for j in labels]
        assert np.array(means) == pytest.approx(found.centers)


def test_the_clustering_depends_on_the_factor_alone():
    X, _ = blobs()
    one, other = ScaleSlider(X, 5), ScaleSlider(X, 5)
    for factor in (10, 0.1, 3):
        one.factor = factor
        assert one.labels is not None
    other.factor = 3
    assert np.array_equal(one.labels, other.labels)


def test_the_other_axis_by_the_reciprocal_is_the_same_clustering():
    X, _ = blobs()
    slider = ScaleSlider(X, 4)
    assert np.array_equal(slider.at(4, "x").labels, slider.at(0.25, "y").labels)


# ------------------------------------------------------------------------------ slider and traits


def test_the_slider_reaches_the_same_spread():
    X, _ = customers()
    slider = ScaleSlider(X, 4, axis="money")
    same = slider.same_spread
    assert same < 0.1
    assert slider._info["ranges"][1] == pytest.approx([same / 3, 10])
    assert slider._info["ranges"][0] == pytest.approx([0.1, 3 / same])
    slider.factor = same
    assert slider.share["age"] == pytest.approx(0.5)


def test_a_factor_beyond_the_slider_is_refused():
    slider = ScaleSlider(RECTANGLE, 2)
    slider.factor = 10
    with pytest.raises(ValueError, match=r"factor=11: the slider goes from 0.1 to 10; pass"):
        slider.factor = 11
    assert slider.factor == 10


def test_the_other_axis_keeps_the_factor_on_its_slider():
    X, _ = customers()
    slider = ScaleSlider(X, 4, axis=1)
    slider.factor = 0.01
    slider.axis = 0
    assert slider.factor == 0.1
    with pytest.raises(ValueError, match="axis=2: pass 0 or 1"):
        slider.axis = 2


def test_what_the_browser_sends_is_followed():
    X, _ = customers()
    slider = ScaleSlider(X, 4, axis=1)
    slider.set_state({"axis": 0, "factor": 150.0})
    assert (slider.axis, slider.factor) == (0, 150)
    slider.set_state({"axis": 1, "factor": 1 / 150})
    assert (slider.axis, slider.factor) == (1, 1 / 150)


def test_the_browser_gets_the_points_as_bytes():
    X, classes = blobs()
    slider = ScaleSlider(X, 4, classes=[f"class {j}" for j in classes])
    assert np.array_equal(np.frombuffer(slider._points).reshape(-1, 2), X)
    codes = np.frombuffer(slider._classes, np.uint16)
    assert adjusted_rand_score(codes, classes) == 1
    assert slider._info["has_classes"]
    assert slider._info["names"] == ["x", "y"]
    json.dumps(slider._info, allow_nan=False)


def test_arrays_are_read_only_and_the_data_unchanged():
    X = RECTANGLE.copy()
    slider = ScaleSlider(X, 2)
    slider.factor = 8
    assert np.array_equal(X, RECTANGLE)
    assert not slider.labels.flags.writeable
    assert not slider.centers.flags.writeable
    X[0] = 99
    assert np.array_equal(slider.X, RECTANGLE)


def test_names_come_from_the_table_or_the_argument():
    table = pd.DataFrame(RECTANGLE, columns=["age", "money"])
    assert set(ScaleSlider(table, 2).share) == {"age", "money"}
    assert set(ScaleSlider(table, 2, feature_names=("a", "b")).share) == {"a", "b"}
    assert set(ScaleSlider(RECTANGLE, 2).share) == {"x", "y"}
    assert ScaleSlider(table, 2, axis="money").axis == 1


@pytest.mark.parametrize(
    ("X", "options", "sentence"),
    [
        (np.c_[RECTANGLE, RECTANGLE], {}, "X has 4 columns, the scale slider shows two"),
        (RECTANGLE[:, :1], {}, "X has 1 column, the scale slider shows two"),
        (RECTANGLE * [1, 0], {}, "column y has the same value in every row"),
        (RECTANGLE * [np.nan, 1], {}, "X has a missing or infinite value in row"),
        (np.tile(RECTANGLE, (1500, 1)), {}, "X has 6000 points, more than the browser"),
        (RECTANGLE, {"n_clusters": 5}, "n_clusters=5 needs at least 5 points, got 4"),
        (RECTANGLE, {"axis": 2}, "axis=2: pass 0 or 1, or the name of a column (x, y)"),
        (RECTANGLE, {"axis": "z"}, "axis='z': pass 0 or 1"),
        (RECTANGLE, {"axis": True}, "axis=True: pass 0 or 1"),
        (RECTANGLE, {"low": 0}, "low=0: pass a factor above 0"),
        (RECTANGLE, {"high": "much"}, "high='much': pass a factor above 0"),
        (RECTANGLE, {"low": 2}, "low=2, high=10: the slider needs 1 between its ends"),
        (RECTANGLE, {"low": 1, "high": 1}, "low=1, high=1: the slider needs 1 between"),
        (RECTANGLE, {"random_state": None}, "random_state=None: pass a whole number from 0"),
        (RECTANGLE, {"random_state": -1}, "random_state=-1: pass a whole number from 0"),
        (RECTANGLE, {"feature_names": ["a"]}, "feature_names=['a']: pass two names"),
        (RECTANGLE, {"feature_names": "ab"}, "feature_names='ab': pass two names"),
        (RECTANGLE, {"feature_names": "aa"}, "feature_names='aa': pass two names"),
        (RECTANGLE, {"feature_names": ["a", "a"]}, "the columns are named a, a"),
        (RECTANGLE, {"classes": [0, 1]}, "classes has shape (2,), expected (4,)"),
        (RECTANGLE, {"classes": [0, 1, None, 1]}, "classes misses 1 of 4 values (row 2)"),
        (RECTANGLE, {"height": 10}, "height=10: pass a whole number of pixels, at least 200"),
    ],
)
def test_errors_are_sentences(X, options, sentence):
    options = {"n_clusters": 2, **options}
    with pytest.raises(ValueError, match=re.escape(sentence)):
        ScaleSlider(X, **options)


@pytest.mark.parametrize("factor", [0, -1, np.nan, np.inf, True, "2"])
def test_a_factor_is_a_number_above_0(factor):
    with pytest.raises(ValueError, match="pass a number above 0"):
        ScaleSlider(RECTANGLE, 2).at(factor)


# --------------------------------------------------------------------------------- the static twin


def test_shows_a_picture_and_a_digest():
    X, _ = blobs()
    slider = ScaleSlider(X, 4)
    data, metadata = slider._repr_mimebundle_()
    assert data["text/plain"] == repr(slider) == slider.digest()
    assert re.fullmatch(
        r"ScaleSlider\(300 points, k=4, x × 1 inertia 455.2 and × 10 inertia 11458, "
        r"99 points changed cluster, [0-9a-f]{8}\)",
        slider.digest(),
    )
    assert data["image/png"]
    alt = metadata["image/png"]["alt"]
    assert alt == (
        "300 points in 4 clusters, twice. As given: y makes up 55.7 % of all squared distances. "
        "x × 10: x makes up 98.8 % of all squared distances, the borders run another way, and "
        "99 points are in another cluster."
    )


def test_the_twin_shows_the_factor_that_is_set():
    X, _ = customers()
    slider = ScaleSlider(X, 4, axis="money", title="Money rules")
    standard = slider.digest()
    assert f"× {slider.same_spread:.3g} inertia" in standard
    slider.factor = 0.05
    assert "× 0.05 inertia" in slider.digest()
    assert slider.digest() != standard
    figure = slider.twin_figure()
    given, other = figure.axes
    assert given.get_title(loc="left").startswith("As given\nmoney makes up over 99.9 %")
    assert f"{slider.n_moved} of {len(X)} points" in other.get_title(loc="left")
    assert figure.get_suptitle() == "Money rules"
    assert (given.get_xlabel(), given.get_ylabel()) == ("age", "money")


def test_titles_of_the_twin_stay_on_the_picture():
    X, _ = customers()
    named = X.set_axis(["age of the customer (years)", "money spent in a year (euro)"], axis=1)
    figure = ScaleSlider(named, 4, axis=1, title="Two panels").twin_figure()
    FigureCanvasAgg(figure).draw()
    renderer = figure.canvas.get_renderer()
    width, height = figure.bbox.size
    for ax in figure.axes:
        for text in (ax._left_title, ax.xaxis.label, ax.yaxis.label):
            box = text.get_window_extent(renderer)
            assert box.x0 >= 0, text
            assert box.x1 <= width, text
            assert 0 <= box.y0 <= box.y1 <= height, text
    assert figure._suptitle.get_window_extent(renderer).y0 >= max(
        ax._left_title.get_window_extent(renderer).y1 for ax in figure.axes
    )


def test_the_twin_draws_the_clusters_of_the_factor():
    slider = ScaleSlider(RECTANGLE, 2)
    slider.factor = 8
    _, ax = slider.twin_figure().axes
    tints, *dots = ax.collections
    assert len(tints.get_paths()) == 2
    # the border stands half-way in x: at factor 8 the rectangle is halved that way
    assert {round(x, 6) for path in tints.get_paths() for x, _ in path.vertices} >= {0.5}
    offsets = [sorted(dot.get_offsets().tolist()) for dot in dots[:2]]
    assert sorted(offsets) == [[[0, 0], [0, 4]], [[1, 0], [1, 4]]]


def test_percent_never_says_all_of_it_for_less():
    assert [percent(v) for v in (1.0, 0.9996, 0.996, 0.0)] == [
        "100.0 %",
        "over 99.9 %",
        "99.6 %",
        "0.0 %",
    ]
