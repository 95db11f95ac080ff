"""The seed gallery without a browser; where its page computes too, node says the same."""

import json
import math
import re
import shutil
import subprocess
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.cluster import KMeans
from sklearn.datasets import load_iris
from sklearn.exceptions import ConvergenceWarning

from kmeans_teach import SeedGallery, lloyd, match_labels
from kmeans_teach.history import number
from kmeans_teach.widgets import seed_gallery as module
from kmeans_teach.widgets.seed_gallery import (
    BINS,
    FEW_BARS,
    INITS,
    _Trials,
    group,
    matched_names,
    runs_needed,
    share_interval,
    starting_rows,
)

ROOT = Path(__file__).parents[1]
LESSON = pd.read_csv(ROOT / "data" / "kmeans_blobs.csv")[["x", "y"]]

# reads [[points, d, k, init, seed, names], ...] and prints the runs that the page makes
PAGE = """
import * as gallery from MODULE;
let text = "";
for await (const piece of process.stdin) text += piece;
process.stdout.write(JSON.stringify(JSON.parse(text).map(([flat, ...rest]) => {
  const run = gallery.runFrom(Float64Array.from(flat), ...rest);
  return run.frames.map(f => ({ ...f, labels: f.labels && [...f.labels], centers: [...f.centers],
    shift: [...f.shift] }));
})));
"""


def page_runs(questions):
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not on this machine; the browser tests look at the same runs")
    module = (ROOT / "kmeans_teach" / "widgets" / "seed_gallery.mjs").as_uri()
    command = [node, "--input-type=module", "-e", PAGE.replace("MODULE", json.dumps(module))]
    done = subprocess.run(command, input=json.dumps(questions), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def theirs(X, k, init, seed):
    return KMeans(k, init=init, n_init=1, random_state=seed).fit(X)


@pytest.fixture(scope="module")
def lesson():
    return SeedGallery(LESSON, 4)


# ---------------------------------------------------------------------------------- what is found


@pytest.mark.parametrize("init", INITS)
def test_every_seed_ends_where_scikit_learn_ends(init):
    for X, k in [(LESSON.to_numpy(), 4), (load_iris().data, 5)]:
        gallery = SeedGallery(X, k, more_seeds=40, init=init)
        expected = [theirs(X, k, init, seed).inertia_ for seed in range(40)]
        assert gallery.inertias == pytest.approx(expected, rel=1e-12)


def test_the_lesson_has_one_best_that_four_of_five_seeds_reach(lesson):
    assert lesson.best == lesson.inertias.min() == pytest.approx(455.244, abs=1e-3)
    assert lesson.probability_of_best == np.mean(lesson.inertias < 455.245) == 0.815
    assert lesson.n_init_for(0.99) == 3
    assert lesson.chance(2) < 0.99 <= lesson.chance(3)
    assert lesson.chance(1) == pytest.approx(lesson.probability_of_best)
    bars = lesson._trials["random"].bars
    assert [len(bar.seeds) for bar in bars] == [163, 36, 1]
    assert [bar.best for bar in bars] == [163, 0, 0]


def test_runs_are_recorded_with_matched_numbers(lesson):
    best = min(lesson.runs, key=lambda run: run[-1].inertia)
    for seed, run in zip(lesson.seeds, lesson.runs, strict=True):
        fitted = theirs(LESSON.to_numpy(), 4, "random", seed)
        assert run[-1].inertia == pytest.approx(fitted.inertia_)
        assert run.n_iter == fitted.n_iter_
        labels = run[-1].labels
        assert np.array_equal(labels, match_labels(fitted.labels_, best[-1].labels))
        assert np.array_equal(labels, match_labels(labels, best[-1].labels))
        for snapshot in run[1:]:
            squared = (run.X - snapshot.centers[snapshot.labels]) ** 2
            assert squared.sum() == pytest.approx(snapshot.inertia)
    shift = [np.linalg.norm(b.centers - a.centers, axis=1) for a, b in pairwise(run)]
    assert np.allclose(shift, [s.shift for s in run[1:]])


def test_unmatched_numbers_would_differ(lesson):
    ends = [theirs(LESSON.to_numpy(), 4, "random", seed) for seed in lesson.seeds]
    same = [np.array_equal(fit.labels_, ends[0].labels_) for fit in ends]
    assert not all(same[:11])
    assert all(
        np.array_equal(run[-1].labels, lesson.runs[0][-1].labels) for run in lesson.runs[:11]
    )


def test_seeds_need_not_be_the_first_ones():
    gallery = SeedGallery(LESSON, 4, seeds=[500, 3, 11], more_seeds=20)
    assert len(gallery.runs) == 3
    for seed, run in zip((500, 3, 11), gallery.runs, strict=True):
        assert run[-1].inertia == pytest.approx(theirs(LESSON, 4, "random", seed).inertia_)
    assert gallery.inertias[11] == pytest.approx(gallery.runs[2][-1].inertia)
    assert len(gallery.inertias) == 20
    gallery.chosen = 500


def test_inertias_cannot_be_written_to(lesson):
    with pytest.raises(ValueError, match="read-only"):
        lesson.inertias[0] = 0


def test_what_the_reader_switches_to_does_not_change_what_python_says(lesson):
    other = SeedGallery(LESSON, 4, init="k-means++")
    assert other.probability_of_best > lesson.probability_of_best
    assert lesson._info["trials"][1]["hits"] == other._info["trials"][1]["hits"]
    assert (lesson._info["init"], other._info["init"]) == (0, 1)


@pytest.mark.parametrize("init", INITS)
def test_much_data_is_tried_in_one_way_only(monkeypatch, init):
    monkeypatch.setattr(module, "MUCH_WORK", 300 * 2 * 4 * 20)
    info = SeedGallery(LESSON, 4, more_seeds=20, init=init)._info
    assert (info["inits"], info["init"], len(info["trials"])) == ([init], 0, 1)
    assert SeedGallery(LESSON, 4, more_seeds=19, init=init)._info["inits"] == list(INITS)


def test_more_clusters_than_distinct_points():
    X = np.repeat([[0.0, 0.0], [1.0, 1.0], [5.0, 5.0]], 4, axis=0)
    gallery = SeedGallery(X, 4, more_seeds=10)
    with pytest.warns(ConvergenceWarning):
        assert theirs(X, 4, "random", 0).inertia_ == pytest.approx(gallery.inertias[0])
    assert sorted(gallery._trials["random"].names[0]) == [0, 1, 2, 3]
    assert len(gallery.runs) == 12


@pytest.mark.parametrize("k", [1, 20])
def test_the_fewest_and_the_most_clusters(k):
    gallery = SeedGallery(LESSON[:20], k, more_seeds=8)
    assert gallery.probability_of_best == 1
    assert gallery.n_init_for(0.999) == 1
    assert gallery.twin_png()


# ------------------------------------------------------------------------------------ statistics


def test_runs_needed():
    assert [runs_needed(p, 0.99) for p in (1.0, 0.995, 0.9, 0.5, 0.005)] == [1, 1, 2, 7, 919]
    assert math.isinf(runs_needed(0.0, 0.99))
    assert runs_needed(0.99, 0.9999) == 2  # exactly, where rounding says a little more
    for p in (0.01, 0.2, 0.815):
        m = runs_needed(p, 0.95)
        assert 1 - (1 - p) ** m >= 0.95 > 1 - (1 - p) ** (m - 1)


@pytest.mark.parametrize(("hits", "n"), [(5, 10), (163, 200), (1, 200), (0, 10), (10, 10)])
def test_the_interval_holds_the_shares_that_are_not_too_far(hits, n):
    # Wilson: at its ends the share that was found is 1.96 standard errors away
    for end, edge in zip(share_interval(hits, n), (0, 1), strict=True):
        if hits == edge * n:
            assert end == pytest.approx(edge, abs=1e-12)
        else:
            assert abs(hits / n - end) == pytest.approx(1.959964 * math.sqrt(end * (1 - end) / n))


@pytest.mark.parametrize(
    ("inertias", "lows", "best"),
    [
        ([7.0] * 5, [7.0], [5]),
        ([7.0, 7.0 + 1e-12, 7.0 - 1e-12], [7.0], [3]),
        ([7.0, 9.0, 7.0, 12.0], [7.0, 9.0, 12.0], [2, 0, 0]),
        ([100.0, 100.5, 200.0, 201.0], [100.0, 200.0], [1, 0]),
        ([0.0, 0.0, 4.0], [0.0, 4.0], [2, 0]),
    ],
)
def test_separate_outcomes_get_a_bar_each(inertias, lows, best):
    bars = group(np.array(inertias), min(inertias))
    assert [bar.low for bar in bars] == pytest.approx(lows)
    assert [bar.best for bar in bars] == best
    assert all(bar.low <= inertias[seed] <= bar.high for bar in bars for seed in bar.seeds)
    assert sorted(seed for bar in bars for seed in bar.seeds) == list(range(len(inertias)))


def test_many_outcomes_share_bins_of_equal_width():
    inertias = np.random.RandomState(0).gamma(3, size=200) + 50
    for values in (
        inertias,
        np.linspace(3, 4, 30),
        np.linspace(3, 4, 99),
        np.arange(1.0, 1 + FEW_BARS + 1),
    ):
        bars = group(values, values.min())
        assert len(bars) == BINS
        assert np.ptp([bar.high - bar.low for bar in bars]) < 1e-9
        assert sorted(seed for bar in bars for seed in bar.seeds) == list(range(len(values)))
        for bar in bars:
            assert all(bar.low - 1e-9 <= values[s] <= bar.high + 1e-9 for s in bar.seeds)
        assert [bar.best for bar in bars] == [1] + [0] * (BINS - 1)


def test_ends_that_differ_by_rounding_are_the_same_end():
    labels = [np.array([0, 1])] * 4
    trials = _Trials.of([0, 1, 2, 3], 3, 2, labels[0], labels, labels, [9.0, 4 + 1e-9, 4.0, 4.0])
    assert (trials.best, trials.hits) == (4.0, 2)
    assert trials.is_best([4 + 1e-9, 4.001]).tolist() == [True, False]
    assert [bar.best for bar in trials.bars] == [2, 0]


def test_names_are_a_permutation_that_agrees_as_match_labels_does():
    rng = np.random.RandomState(2)
    for k in (2, 4, 9):
        reference = rng.randint(k, size=200)
        labels = rng.permutation(k)[np.where(rng.uniform(size=200) < 0.8, reference, 0)]
        names = matched_names(labels, reference, k)
        assert sorted(names) == list(range(k))
        agree = (names[labels] == reference).sum()
        assert agree == (match_labels(labels, reference) == reference).sum()
    assert matched_names([3, 3, 0], [1, 1, 1], 4)[3] == 1  # with clusters that are empty


# ------------------------------------------------------------------- what the page gets and makes


def test_the_page_makes_the_runs_that_python_records():
    cases = [(LESSON.to_numpy(), 4), (load_iris().data, 3), (LESSON.to_numpy()[:, :1], 5)]
    for X, k in cases:
        for init in INITS:
            gallery = SeedGallery(X, k, seeds=range(6), more_seeds=12, init=init)
            names = np.frombuffer(gallery._names, np.uint16).reshape(2, 12, k)[INITS.index(init)]
            found = page_runs(
                [
                    [X.ravel().tolist(), X.shape[1], k, init, seed, names[seed].tolist()]
                    for seed in range(6)
                ]
            )
            for run, frames in zip(gallery.runs, found, strict=True):
                assert len(frames) == len(run)
                for frame, snapshot in zip(frames, run, strict=True):
                    assert frame["phase"] == snapshot.phase
                    labels = snapshot.labels
                    assert frame["labels"] == (None if labels is None else labels.tolist())
                    assert np.allclose(frame["centers"], snapshot.centers.ravel())
                    assert np.allclose(frame["shift"], snapshot.shift)
                    assert frame["relocated"] == list(snapshot.relocated)
                assert frames[-1]["inertia"] == pytest.approx(run[-1].inertia)


def test_what_the_page_gets(lesson):
    info = lesson._info
    json.dumps(info, allow_nan=False)
    assert np.array_equal(np.frombuffer(lesson._points).reshape(-1, 2), LESSON)
    names = np.frombuffer(lesson._names, np.uint16).reshape(2, 200, 4)
    assert (np.sort(names) == np.arange(4)).all()
    assert info["rows"] == list(range(200))
    assert info["axes"] == ["x", "y"]
    for init, trials in zip(INITS, info["trials"], strict=True):
        assert trials["inertias"][7] == pytest.approx(theirs(LESSON, 4, init, 7).inertia_)
        assert sum(len(bar["seeds"]) for bar in trials["bars"]) == trials["counted"] == 200
        assert sum(bar["best"] for bar in trials["bars"]) == trials["hits"]
        assert trials["low"] < trials["hits"] / 200 < trials["high"]


def test_more_columns_are_shown_by_principal_components():
    table = pd.DataFrame(load_iris().data, columns=load_iris().feature_names)
    gallery = SeedGallery(table, 3, more_seeds=5)
    assert not gallery._info["plane"]["exact"]
    assert "principal component 1" in gallery._info["axes"][0]
    assert SeedGallery(table.iloc[:, 2:], 3, more_seeds=5)._info["axes"] == list(table.columns[2:])


def test_the_script_is_one_module_without_imports_or_a_name_twice():
    script = SeedGallery._esm
    assert not re.search(r"^import ", script, re.M)
    assert len(re.findall(r"^export default ", script, re.M)) == 1
    names = re.findall(r"^(?:export )?(?:const|function|class) (\w+)", script, re.M)
    assert len(names) == len(set(names))
    assert ".kmt-panel" in SeedGallery._css


def test_chosen_is_a_seed_that_was_tried():
    gallery = SeedGallery(LESSON, 4, more_seeds=20)
    assert gallery.chosen is None
    gallery.set_state({"chosen": 17})  # as the browser sends it
    assert gallery.chosen == 17
    gallery.chosen = None
    with pytest.raises(ValueError, match="chosen=20: choose one of the seeds 0 to 19, or None"):
        gallery.chosen = 20


# --------------------------------------------------------------------------------- the static twin


def test_digest_and_words(lesson):
    assert re.fullmatch(
        r"SeedGallery\(300 points x 2 columns, k=4, init='random', 12 seeds shown, best 455\.2 in "
        r"163 of 200 seeds, [0-9a-f]{8}\)",
        lesson.digest(),
    )
    assert repr(lesson) == lesson.digest() == SeedGallery(LESSON, 4).digest()
    others = [SeedGallery(LESSON, 4, init="k-means++"), SeedGallery(LESSON, 4, seeds=range(11))]
    others.append(SeedGallery(LESSON, 4, seeds=[*range(11), 12]))  # other runs, same numbers
    assert len({lesson.digest(), *(other.digest() for other in others)}) == 4
    words = lesson.alt_text()
    assert "11 end at the best inertia, 455.2, 1 at a higher one" in words
    assert f"the worst at {number(lesson.inertias.max())}" in words
    assert "n_init=3 finds the best with a probability of 99 %" in words


def test_every_display_has_a_picture(lesson):
    data, metadata = lesson._repr_mimebundle_()
    assert data["text/plain"] == lesson.digest()
    assert metadata["image/png"]["alt"] == lesson.alt_text()
    assert lesson.twin_png() == SeedGallery(LESSON, 4).twin_png()
    assert len(lesson.twin_png()) < 100_000


def test_the_twin_states_what_was_found(lesson):
    figure = SeedGallery(LESSON, 4, title="Twelve seeds").twin_figure()
    titles = [ax.get_title() for ax in figure.axes]
    assert titles[0] == "11 of these 12 seeds end at the best, 455.2; 1 is stuck higher"
    assert titles[1:] == ["163 of 200 seeds end at the best", "99 % need n_init=3"]
    assert figure.texts[0].get_text() == "Twelve seeds"
    captions = [text.get_text() for text in figure.axes[0].texts]
    assert captions[0] == "seed 0: best, 455.2"
    assert captions[11] == "seed 11: stuck, 850.3"
    drawn = sum(len(line.get_xdata()) for line in figure.axes[0].lines)
    assert drawn == 12 * (300 + 4)  # points and centres
    heights = [patch.get_height() for patch in figure.axes[1].patches]
    assert heights == [163, 36, 1, 163, 0, 0]


def test_the_twin_of_many_outcomes_and_of_one_seed():
    assert SeedGallery(LESSON, 8).twin_figure().axes[2].get_title() == "99 % need n_init=919"
    one = SeedGallery(LESSON[["x"]], 3, seeds=[4], more_seeds=3)
    assert len(one.twin_figure().axes[0].texts) == 1
    # the only run that gets to the best is not one of those that are counted
    none = SeedGallery(LESSON, 4, seeds=[0], more_seeds=1)
    assert none.probability_of_best == 1


def test_a_best_that_no_counted_seed_reaches():
    stuck = int(np.flatnonzero(SeedGallery(LESSON, 8, more_seeds=3).inertias > 300)[0])
    seeds = [seed for seed in range(60) if seed != stuck]
    gallery = SeedGallery(LESSON, 8, seeds=seeds[:40], more_seeds=stuck + 1)
    assert gallery.best < gallery.inertias.min()
    assert gallery.probability_of_best == 0
    assert math.isinf(gallery.n_init_for())
    assert f"None of the {stuck + 1} seeds ends at the best" in gallery.alt_text()
    assert gallery.twin_figure().axes[2].get_title() == "No seed gets there"


# ------------------------------------------------------------------------------------- bad input


@pytest.mark.parametrize(
    ("arguments", "options", "error", "sentence"),
    [
        ((LESSON, 301), {}, ValueError, "n_clusters=301 needs at least 301 points, got 300"),
        ((LESSON, 4), {"init": "forgy"}, ValueError, "init='forgy': use one of 'random'"),
        ((LESSON, 4), {"seeds": []}, ValueError, "seeds=[]: pass 1 to 48 different whole numbers"),
        ((LESSON, 4), {"seeds": [1, 1]}, ValueError, "pass 1 to 48 different whole numbers"),
        ((LESSON, 4), {"seeds": [-1]}, ValueError, "seeds=[-1]: pass 1 to 48"),
        ((LESSON, 4), {"seeds": [0.5]}, ValueError, "seeds=[0.5]: pass 1 to 48"),
        ((LESSON, 4), {"seeds": range(49)}, ValueError, "pass 1 to 48"),
        ((LESSON, 4), {"seeds": "12"}, ValueError, "seeds=['12']: pass 1 to 48"),
        ((LESSON, 4), {"more_seeds": 0}, ValueError, "more_seeds=0: pass a whole number of seeds"),
        ((np.zeros((20_001, 1)), 1), {}, ValueError, "pass a sample, for example X[::2]"),
    ],
)
def test_bad_arguments(arguments, options, error, sentence):
    with pytest.raises(error) as caught:
        SeedGallery(*arguments, **options)
    assert sentence in str(caught.value)


@pytest.mark.parametrize("probability", [0, 1, 99, -0.5])
def test_a_probability_lies_between_0_and_1(lesson, probability):
    with pytest.raises(ValueError, match="pass a number between 0 and 1"):
        lesson.n_init_for(probability)


def test_chance_of_no_run(lesson):
    with pytest.raises(ValueError, match="n_init=0: pass a whole number of runs"):
        lesson.chance(0)


def test_starts_are_those_of_the_estimator():
    X = LESSON.to_numpy()
    for init in INITS:
        rows = starting_rows(X - X.mean(axis=0), 4, [3, 9], init)
        for seed, start in zip([3, 9], rows, strict=True):
            run = lloyd(X, X[start])
            assert run[-1].inertia == pytest.approx(theirs(X, 4, init, seed).inertia_)


def test_the_runs_do_not_follow_the_caller():
    X = np.random.RandomState(0).normal(size=(60, 2)) + np.repeat(
        [[0, 0], [9, 9], [0, 9]], 20, axis=0
    )
    gallery = SeedGallery(X, 3, more_seeds=20)
    wanted = KMeans(3, init="random", n_init=1, random_state=0).fit(X).inertia_
    X[:] = (X - X.mean(axis=0)) / X.std(axis=0)
    assert gallery.runs[0][-1].inertia == pytest.approx(wanted)
