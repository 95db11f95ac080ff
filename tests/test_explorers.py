"""The explorers of lessons 03, 04 and 05: what they show is what scikit-learn finds."""

import numpy as np
import pandas as pd
import pytest
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score, silhouette_samples

import kmeans_teach as kt
from kmeans_teach.lessons.lesson_04 import _gap_claim
from tests.test_film import X

BLOBS = pd.read_csv("data/kmeans_blobs.csv")[["x", "y"]].to_numpy()
MAKERS = [
    kt.KExplorer,
    lambda X: kt.SeedGallery(X, 3),
    lambda X: kt.SeedingPlayer(X, 3),
    lambda X: kt.ScaleSlider(X, 3),
]
BAD = {
    "no numbers": (lambda: kt.KExplorer([["a"]]), "holds text or objects, expected numbers"),
    "too many points": (
        lambda: kt.KExplorer(np.zeros((10_001, 2))),
        r"a sample, for example X\[::2",
    ),
    "k beyond the points": (lambda: kt.KExplorer(X[:5], range(1, 8)), "7"),
    "a k that is none": (lambda: kt.KExplorer(X, range(1, 4), k=9), "k=9: use one of 1, 2, 3"),
    "a short curve": (lambda: kt.KExplorer(X, range(1, 4), curves={"a": [1]}), "each of the 3 k_v"),
    "three columns": (lambda: kt.ScaleSlider(np.eye(3), 2), "3 columns: pass two columns of at"),
    "many": (lambda: kt.ScaleSlider(np.zeros((3_001, 2)), 2), "3001 points .* pass two columns of"),
    "constant": (
        lambda: kt.ScaleSlider([[0, 1], [0, 2]], 2),
        "pass two columns of different names",
    ),
    "one name twice": (
        lambda: kt.ScaleSlider(X, 2, feature_names=["a", "a"]),
        "of different names",
    ),
    "ends": (lambda: kt.ScaleSlider(X, 2, low=2), "low=2, high=10: pass two factors above 0"),
    "classes": (lambda: kt.ScaleSlider(X, 2, classes=[1]), "one class for each of the 60 points"),
    "no such column": (lambda: kt.ScaleSlider(X, 2, column="z"), "column='z': use one of 'x', 'y'"),
    "clusters": (lambda: kt.SeedGallery(X, 61), "n_clusters=61 needs at least 61 points"),
    "no seeds": (lambda: kt.SeedGallery(X, 2, seeds=[]), "pass 1 to 24 different whole numbers"),
    "a seed twice": (lambda: kt.SeedGallery(X, 2, seeds=[1, 1]), "pass 1 to 24 different whole"),
    "half a seed": (lambda: kt.SeedGallery(X, 2, seeds=[0.5]), "pass 1 to 24 different whole num"),
    "init": (lambda: kt.SeedGallery(X, 2, init="forgy"), "init='forgy': use one of 'random', 'k-m"),
    "far too many": (
        lambda: kt.SeedGallery(np.zeros((5_001, 2)), 2),
        "5001 points, more than can be",
    ),
    "strategy": (
        lambda: kt.SeedingPlayer(X, 2, strategy="best"),
        "strategy='best': use one of 'k-m",
    ),
    "seeding": (lambda: kt.SeedingPlayer(X, 0), "n_clusters=0"),
}


@pytest.mark.parametrize("fault", BAD)
def test_bad_arguments_get_a_sentence(fault):
    make, sentence = BAD[fault]
    with pytest.raises((TypeError, ValueError), match=sentence):
        make()


@pytest.mark.parametrize("make", MAKERS)
def test_what_the_caller_changes_later_is_no_news(make):
    mine = X.copy()
    film = make(mine)
    mine[:] = 0
    for place in film.axes.places():
        film._compute(place)
    fresh = make(X)
    for place in fresh.axes.places():
        assert film.frame_at(place).words == fresh.frame_at(place).words


# ------------------------------------------------------------------------------- the k explorer


def test_each_k_is_scikit_learns_and_a_group_keeps_its_number():
    explorer = kt.KExplorer(BLOBS, range(1, 7))
    before = None
    for k in range(1, 7):
        explorer.k = k
        points, profile = explorer.shown.rows[0]
        fit = KMeans(k, n_init=10, random_state=0).fit(BLOBS)
        assert adjusted_rand_score(fit.labels_, explorer.labels) == 1
        assert np.isclose(explorer.shown.numbers["inertia"], fit.inertia_)
        assert set(explorer.labels) == set(range(k))
        means = [BLOBS[explorer.labels == j].mean(axis=0) for j in range(k)]
        assert np.allclose(points.centers, means)
        if k > 1:
            values = silhouette_samples(BLOBS, explorer.labels)
            assert np.allclose(np.sort(profile.values), np.sort(values))
            assert (points.marked == (values < 0)).all()
            assert (profile.labels == np.sort(explorer.labels)).all()
            assert (explorer.labels == before).mean() > (0.4 if k == 2 else 0.6)
        before = explorer.labels


def test_the_curves_that_a_cell_computed():
    gap, steady = kt.gap_statistic(X, range(1, 5)), kt.stability(X, range(2, 5))
    curves = {"gap": gap, "stability": steady, "mine": [4, 3, 2, 1]}
    explorer = kt.KExplorer(X, range(1, 5), k=3, curves=curves)
    numbers = explorer.shown.numbers
    assert [numbers["gap"], numbers["stability"], numbers["mine"]] == [gap.gap[2], steady.ari[1], 2]
    titles = [curve.title for curve in explorer.shown.rows[1]]
    most = steady.k_values[steady.ari.argmax()]
    assert titles[2] == "Gap: the smallest k that holds is 3"
    assert titles[3] == f"Stability: k = {most} repeats best, ARI {max(steady.ari):.2f}"
    assert titles[4] == "mine"
    explorer.k = 1
    assert np.isnan(explorer.shown.numbers["stability"])
    assert explorer.shown.words.endswith("One cluster has no silhouette.")


@pytest.mark.parametrize(
    ("gaps", "errors", "claim"),
    [
        (
            (0.1, 0.0, 0.0),
            (0.1,) * 3,
            "Gap: the smallest k that holds is 1, so 'none' is the answer",
        ),
        ((0.0, 0.5, 0.4), (0.1,) * 3, "Gap: the smallest k that holds is 2"),
        ((0.0, 0.5, 0.9), (0.1,) * 3, "Gap: no k up to 3 holds"),
        ((0.1, 0.0, 0.9, 0.8), (0.1,) * 4, "Gap: k = 1 holds, but it is highest at k = 3"),
    ],
)
def test_the_claim_of_a_gap(gaps, errors, claim):
    ks = tuple(range(1, 1 + len(gaps)))
    gap = kt.choosing.Gap(
        ks, np.array(gaps), np.array(errors), np.ones(len(ks)), np.ones(len(ks)), 20
    )
    assert _gap_claim(gap) == claim


# ------------------------------------------------------------------------------ the scale slider


def test_each_factor_is_scikit_learns_and_both_spreads_meet():
    classes = np.repeat([0, 1, 2], 20)
    slider = kt.ScaleSlider(X, 3, classes=classes)
    spread = X.std(axis=0)
    assert slider.same_spread == spread[1] / spread[0]
    for column, stretch in (("x", [1, 0]), ("y", [0, 1])):
        slider.go(column=column)
        for factor in slider.axes.values("factor", slider.stops)[::7]:
            slider.factor = factor
            scale = np.where(stretch, factor, 1.0)
            fit = KMeans(3, n_init=10, random_state=0).fit(X * scale)
            left, right = slider.shown.rows[0]
            assert adjusted_rand_score(fit.labels_, left.labels) == 1
            assert left.scale == right.scale == tuple(scale)
            assert (left.units, right.units) == (False, True)
            share = (X * scale).var(axis=0)
            assert np.isclose(slider.shown.numbers["x"], share[0] / share.sum())
            assert np.isclose(
                slider.shown.numbers["ARI"], adjusted_rand_score(classes, left.labels)
            )
            moved = (left.labels != slider._given).sum()
            assert left.marked.sum() == moved
            assert f": {moved} of 60 points changed" in slider.shown.words
    slider.go(column="x", factor=slider._same("x"))
    assert slider.shown.numbers["x"] == pytest.approx(0.5)
    assert slider.axes.text("factor", slider.stops).endswith(", same spread")
    slider.factor = 1
    assert slider.axes.text("factor", slider.stops) == "× 1, as given"
    assert not slider.shown.rows[0][0].marked.any()


def test_the_slider_reaches_the_factor_that_standardises():
    factors = kt.ScaleSlider(X * [1, 1000], 3).axes.values("factor", {"column": "x"})
    same = np.std(X[:, 1] * 1000) / np.std(X[:, 0])
    assert np.isclose(factors, same, rtol=1e-12).any()
    assert factors == sorted(factors)
    assert factors[-1] > 2.5 * same


# --------------------------------------------------------------------------------- many starts


@pytest.mark.parametrize("init", ["random", "k-means++"])
def test_every_run_of_the_gallery_is_scikit_learns(init):
    gallery = kt.SeedGallery(BLOBS, 4, seeds=range(3), init=init)
    last = gallery.axes.values("step", gallery.stops)[-1]
    ends = {}
    for seed in gallery.axes.values("seed", gallery.stops):
        gallery.go(seed=seed, step=last)
        fit = KMeans(4, init=init, n_init=1, random_state=seed).fit(BLOBS)
        grid, large = gallery.shown.rows[0]
        assert adjusted_rand_score(fit.labels_, large.labels) == 1
        assert gallery.shown.numbers["inertia"] == pytest.approx(fit.inertia_, rel=1e-12)
        means = [BLOBS[large.labels == j].mean(axis=0) for j in range(4)]
        assert np.allclose(large.centers, means)
        stuck = fit.inertia_ > gallery.best * 1.000001
        assert ("stuck" in large.title) == stuck
        assert gallery.axes.text("seed", gallery.stops) == f"seed {seed}" + ", stuck" * stuck
        ends[seed] = stuck
    assert [panel.title.split(":")[0] for panel in grid.panels] == ["Seed 0", "Seed 1", "Seed 2"]
    assert all(stuck for seed, stuck in ends.items() if seed > 2)  # beyond those asked for
    assert len(ends) == (9 if init == "random" else 3 + sum(ends[s] for s in ends if s > 2))
    assert gallery.shown.words.endswith("of 3 runs end at the best inertia, 455.2.")


def test_runs_have_the_numbers_of_the_best_one():
    gallery = kt.SeedGallery(BLOBS, 4)
    last = gallery.axes.values("step", gallery.stops)[-1]
    gallery.go(seed=0, step=last)
    grid, large = gallery.shown.rows[0]
    for panel in grid.panels[:11]:
        assert (panel.labels == large.labels).all()
    assert "stuck, 86.8 % higher" in gallery.frame("random", last, 11).rows[0][1].title


@pytest.mark.parametrize("strategy", ["k-means++", "random points", "farthest first"])
def test_the_draws_are_those_of_the_seeding(strategy):
    starts = kt.SeedingPlayer(X, 3, random_state=5, strategy=strategy)
    draw = {"k-means++": kt.kmeans_plusplus, "random points": kt.random_points}
    seeding = draw.get(strategy, kt.farthest_first)(X, 3, 5)
    for j, one in enumerate(seeding.draws):
        starts.step = f"draw {j + 1}: taken"
        large, grid = starts.shown.rows[0]
        assert (large.centers == seeding.centers[: j + 1]).all()
        assert large.halos is None
        assert f"point {one.taken} is taken" in starts.shown.words
        assert [len(panel.centers) for panel in grid.panels] == [j + 1] * 4
        if j and one.d2 is not None:
            starts.step = f"draw {j + 1}: chances"
            assert np.allclose(starts.shown.rows[0][0].halos, one.d2 / one.d2.mean())
            starts.step = f"draw {j + 1}: candidates"
            marked = starts.shown.rows[0][0].marked
            assert set(np.flatnonzero(marked)) == set(one.candidates)
    starts.step = "the end"
    end = kt.lloyd(X, seeding.centers)[-1]
    assert (starts.shown.rows[0][0].labels == end.labels).all()
    assert kt.history.number(end.inertia) in starts.shown.words


def test_a_random_partition_has_means_and_no_draws():
    starts = kt.SeedingPlayer(X, 3, strategy="random partition")
    starts.step = "draw 3: taken"
    assert (starts.shown.rows[0][0].centers == kt.random_partition(X, 3, 0).centers).all()
    assert starts.shown.words.startswith("Every point gets a random cluster")


@pytest.mark.filterwarnings("ignore:Number of distinct clusters")
@pytest.mark.parametrize("make", MAKERS[:3])
def test_many_columns_one_column_and_points_that_are_equal(make):
    draws = np.random.RandomState(0)
    five = make(pd.DataFrame(draws.normal(size=(40, 5))).add_prefix("c"))
    panels = [p for row in five.shown.rows for p in row if p.kind == "points"]
    assert panels[0].names[0].startswith("principal component 1")
    assert not panels[0].borders
    assert make(draws.normal(size=(40, 1))).shown.words
    assert make(np.repeat([[0.0, 0.0], [1.0, 1.0], [5.0, 5.0]], 12, axis=0)).shown.words
