"""The k explorer without a browser: what the page is given, what a button starts, what it says."""

import json
import threading
import warnings
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import linear_sum_assignment
from sklearn.cluster import KMeans
from sklearn.metrics import silhouette_samples

import kmeans_teach
from kmeans_teach import KExplorer
from kmeans_teach.choosing import Gap, gap_statistic, stability, sweep
from kmeans_teach.widgets import k_explorer as module

CORNERS = np.array([[0.0, 0.0], [9.0, 0.0], [0.0, 9.0], [9.0, 9.0]])
SQUARE = np.random.RandomState(7).normal(size=(80, 2)) + np.repeat(CORNERS, 20, axis=0)
X = np.concatenate([SQUARE[:60], SQUARE[60:] + np.array([4.0, 7.0])])
NOISE = np.random.RandomState(0).uniform(0, 10, (200, 2))
LINE = [[0.0], [0.5], [1.0], [7.0], [7.5], [8.0]]
PATIENCE = 30


@pytest.fixture(scope="module")
def explorer():
    """One for the tests that change nothing but k."""
    return KExplorer(X, range(1, 8))


def arrays(explorer):
    """What the page is given, as arrays by k: labels, centres, silhouettes."""
    ks, n = explorer._info["k"], explorer._info["n"]
    labels = np.frombuffer(explorer._labels, np.uint8).reshape(len(ks), n)
    centers = np.split(np.frombuffer(explorer._centers).reshape(-1, 2), np.cumsum(ks)[:-1])
    bars = np.frombuffer(explorer._silhouettes, np.float32).reshape(len(ks), n)
    return dict(zip(ks, zip(labels, centers, bars, strict=True), strict=True))


def listen(explorer, monkeypatch):
    """The messages that the page gets."""
    sent = []
    monkeypatch.setattr(explorer, "send", lambda content, buffers=None: sent.append(content))
    return sent


def click(explorer, kind, ask="compute"):
    explorer._handle_custom_msg({"kind": kind, "ask": ask}, [])


@pytest.fixture
def slow(monkeypatch):
    """A gap statistic whose rounds are let go one by one: ``go()``, and ``started`` counts them."""
    real, turn, rounds = module.gap_statistic, threading.Semaphore(0), []

    def gap_statistic(X, k_values, *, progress, **options):
        rounds.append(threading.current_thread())

        def held(done, total):
            if done % len(k_values) == 0:
                assert turn.acquire(timeout=PATIENCE)
            return progress(done, total)

        return real(X, k_values, progress=held, **options)

    monkeypatch.setattr(module, "gap_statistic", gap_statistic)
    return turn.release, rounds


def wait_for_end(explorer, kind="gap"):
    job = explorer._jobs.get(kind)
    assert job is None or job.ended.wait(PATIENCE)


# -------------------------------------------------------------------------- what the page is given


def test_the_page_gets_every_clustering(explorer):
    assert np.array_equal(np.frombuffer(explorer._points).reshape(-1, 2), X)
    for k, (labels, centers, bars) in arrays(explorer).items():
        reference = KMeans(k, n_init=10, random_state=0).fit(X)
        pairs = set(zip(reference.labels_, labels, strict=True))
        assert len(pairs) == k, "the same clustering, with other numbers"
        for j in range(k):
            assert np.allclose(centers[j], X[labels == j].mean(axis=0))
        if k == 1:
            assert np.isnan(bars).all()
        else:
            assert np.allclose(bars, silhouette_samples(X, labels), atol=1e-6)


def test_the_page_gets_the_curves(explorer):
    runs = sweep(X, range(1, 8))
    info = explorer._info
    assert info["inertia"] == runs.inertia.tolist()
    assert info["silhouette"] == [None, *runs.silhouette[1:].tolist()]
    json.dumps(info, allow_nan=False)


@pytest.mark.parametrize("k_values", [range(1, 8), [2, 5, 7]])
def test_a_group_keeps_its_number(k_values):
    found = [labels for labels, _, _ in arrays(KExplorer(X, k_values)).values()]
    for before, after in pairwise(found):
        table = np.zeros((before.max() + 1, after.max() + 1), dtype=int)
        np.add.at(table, (before, after), 1)
        rows, columns = linear_sum_assignment(table, maximize=True)
        assert np.trace(table) == table[rows, columns].sum()


def test_numbers_stay_below_k_where_points_are_alike():
    few = np.repeat([[0.0, 0.0], [5.0, 0.0], [0.0, 5.0]], 5, axis=0)
    with pytest.warns(UserWarning, match="distinct clusters"):
        explorer = KExplorer(few, range(1, 6))
    for k, (labels, centers, _) in arrays(explorer).items():
        assert labels.max() < k
        assert len(centers) == k
        assert np.allclose(centers[labels], few) or k < 3
        fitted = explorer.sweep.model(k).cluster_centers_
        assert sorted(map(tuple, centers)) == sorted(map(tuple, fitted))


def test_labels_and_centers_are_those_of_the_picture(explorer):
    for k in (3, 6):
        explorer.k = k
        labels, centers, _ = arrays(explorer)[k]
        assert np.array_equal(explorer.labels, labels)
        assert np.array_equal(explorer.centers, centers)
    explorer.labels[:] = 0
    explorer.centers[:] = 0
    assert explorer.labels.any()
    assert explorer.centers.any()


def test_tables_names_and_more_columns():
    table = pd.DataFrame(np.c_[X, X @ [1.0, -1.0]], columns=["a", "b", "c"])
    flat = KExplorer(table, [2, 3])
    assert "principal component 1" in flat._info["names"][0]
    assert flat.centers.shape == (2, 3) or flat.centers.shape == (3, 3)
    assert np.frombuffer(flat._points).size == 160
    named = KExplorer(table[["c", "a"]], [2, 3], title="<b>")
    assert named._info["names"] == ["c", "a"]
    assert named.title == "<b>"
    assert KExplorer(LINE, [2])._info["exact"]


def test_many_clusters_need_two_bytes_a_label():
    points = np.random.RandomState(0).normal(size=(300, 2))
    explorer = KExplorer(points, [2, 260], n_init=1)
    labels = np.frombuffer(explorer._labels, np.uint16).reshape(2, 300)
    assert len(np.unique(labels[1])) == 260


def test_too_many_points_are_refused(monkeypatch):
    monkeypatch.setattr(module, "MOST_POINTS", 30)
    monkeypatch.setattr(module, "sweep", None)  # it is said before anything is computed
    with pytest.raises(ValueError, match=r"80 points, .* explore a sample, .* X\[::3\]"):
        KExplorer(X, range(1, 8))


# -------------------------------------------------------------------------- the cursor


def test_starts_at_the_best_silhouette_or_where_told():
    assert KExplorer(X, range(1, 8)).k == 4
    assert KExplorer(X, range(1, 8), k=6).k == 6
    assert KExplorer(LINE, [1]).k == 1


@pytest.mark.parametrize("k", [0, 8, -1])
def test_k_is_one_of_the_values(explorer, k):
    before = explorer.k
    with pytest.raises(ValueError, match=rf"k={k} was not tried: choose one of 1 to 7"):
        explorer.k = k
    assert explorer.k == before
    with pytest.raises(ValueError, match=rf"k={k} was not tried"):
        KExplorer(X, range(1, 8), k=k)


def test_k_is_heard():
    explorer, heard = KExplorer(X, range(1, 8)), []
    explorer.observe(lambda change: heard.append(change["new"]), "k")
    explorer.set_state({"k": 2})
    assert heard == [2]
    assert explorer.labels.max() == 1


@pytest.mark.parametrize(
    ("arguments", "error", "sentence"),
    [
        ({"X": [1.0, 2.0]}, ValueError, "X has shape"),
        ({"k_values": [3, 2]}, ValueError, "ascending"),
        ({"k_values": range(1, 99)}, ValueError, "98"),
        ({"n_init": 0}, ValueError, "n_init=0"),
        ({"height": 10}, ValueError, "height=10: pass a whole number of pixels"),
    ],
)
def test_errors_are_sentences(arguments, error, sentence):
    with pytest.raises(error, match=sentence):
        KExplorer(**{"X": X, **arguments})


# -------------------------------------------------------------------------- words and twin


def test_sentences_say_the_numbers(explorer):
    runs = sweep(X, range(1, 8))
    off = 100 * (1 - runs.inertia[4] / runs.inertia[3])
    words = explorer.sentence(4)
    assert words.startswith(f"k = 4: inertia {runs.inertia[3]:.1f}; k = 5 takes {off:.0f} % off")
    assert f"Mean silhouette {runs.silhouette[3]:.2f}, the highest of all" in words
    assert "no point lies nearer to another cluster on average." in words
    assert explorer.sentence(1).endswith("off that. One cluster has no silhouette.")
    assert "takes" not in explorer.sentence(7)
    assert f"(the highest is {runs.silhouette[3]:.2f}, at k = 4)" in explorer.sentence(7)
    assert explorer._info["words"] == [explorer.sentence(k) for k in range(1, 8)]
    with pytest.raises(ValueError, match="k=8 was not tried"):
        explorer.sentence(8)


def test_points_nearer_to_another_cluster_are_counted():
    explorer = KExplorer(NOISE, range(1, 11))
    counts = {}
    for k in range(2, 11):
        below = (silhouette_samples(NOISE, explorer.sweep.model(k).labels_) < 0).sum()
        counts[below] = explorer.sentence(k)
    assert max(counts) > 1
    for below, words in counts.items():
        who = {0: "no point lies", 1: "1 point (ringed) lies"}
        assert f"; {who.get(below, f'{below} points (ringed) lie')} nearer" in words


def test_digest_and_picture(explorer):
    explorer.k = 4
    digest = repr(explorer)
    assert digest.startswith(
        "KExplorer(80 points x 2 columns, k = 1, 2, 3, 4, 5, 6, 7, shown k=4, "
    )
    assert "0x" not in digest
    assert digest == repr(KExplorer(X, range(1, 8)))
    assert digest != repr(KExplorer(X + np.eye(80, 2), range(1, 8)))
    png = explorer.twin_png()
    assert png == explorer.twin_png()
    bundle, metadata = explorer._repr_mimebundle_()
    assert bundle["text/plain"] == digest
    assert metadata["image/png"]["alt"] == explorer.alt_text()
    explorer.k = 1
    assert explorer.twin_png() != png
    titles = [ax.get_title(loc="left") for ax in explorer.twin_figure().axes]
    assert titles[2] == "k = 1"
    assert repr(explorer) != digest


# -------------------------------------------------------------------------- gap and stability


def test_gap_is_that_of_choosing():
    explorer = KExplorer(X, range(1, 8), random_state=3)
    assert explorer.gap is None
    assert explorer.get_state("_gap") == {"_gap": {}}
    found = explorer.compute_gap()
    expected = gap_statistic(X, range(1, 8), random_state=3)
    assert found is explorer.gap
    assert np.array_equal(found.gap, expected.gap)
    assert np.array_equal(found.error, expected.error)
    assert explorer.verdict() == "Gap: the smallest k that holds is 4."
    told = explorer.get_state("_gap")["_gap"]
    assert told["best"] == 4
    assert not told["none"]
    assert told["mean"] == expected.gap.tolist()
    assert np.allclose(told["noise"], np.exp(expected.reference))
    assert explorer.alt_text() == f"{explorer.sentence()} {explorer.verdict()}"


def test_stability_is_that_of_choosing():
    explorer = KExplorer(X, range(1, 8), random_state=3)
    found = explorer.compute_stability(n_resamples=4)
    expected = stability(X, range(2, 8), n_resamples=4, random_state=3)
    assert found is explorer.stability
    assert found.k_values == expected.k_values
    assert np.array_equal(found.ari, expected.ari)
    best = expected.k_values[expected.ari.argmax()]
    assert explorer.verdict().startswith(f"Stability: k = {best} repeats best, adjusted Rand index")
    assert explorer.get_state("_stability")["_stability"]["mean"] == expected.ari.tolist()


def test_none_is_an_answer():
    explorer = KExplorer(NOISE)
    assert explorer.compute_gap().best == 1
    none = "Gap: already k = 1 holds: no clusters, the honest answer is 'none'."
    assert explorer.verdict() == none
    assert explorer.get_state("_gap")["_gap"]["none"] is True


def test_a_gap_that_rises_again_is_not_none():
    # two clusters of a square are no better than noise in its box, four are
    explorer = KExplorer(SQUARE, range(1, 8), random_state=3)
    assert explorer.compute_gap().best == 1
    assert explorer.verdict() == (
        "Gap: already k = 1 holds, but the gap rises again and is highest at k = 4: "
        "look at the whole curve."
    )
    assert explorer.get_state("_gap")["_gap"]["none"] is False
    dip = Gap((1, 2, 3, 4), np.array([0, 2, 1, 5.0]), np.full(4, 0.5), np.ones(4), np.ones(4), 20)
    assert module._gap_told(dip, 20)["words"].startswith("Gap: k = 2 holds, but the gap rises")
    small = Gap((1, 2, 3), np.array([0, -1, 0.2]), np.full(3, 0.1), np.ones(3), np.ones(3), 20)
    assert module._gap_told(small, 20)["none"] is True


def test_a_gap_where_no_k_holds_says_so():
    rising = Gap((2, 3, 4), np.arange(3.0), np.full(3, 0.1), np.ones(3), np.ones(3), 20)
    told = module._gap_told(rising, 20)
    assert told["words"] == "Gap: no k up to 4 holds: try larger ones."
    assert told["best"] is None
    assert not told["none"]


def test_values_of_k_without_an_answer_are_left_out():
    explorer = KExplorer(LINE, range(1, 7))
    assert explorer.compute_gap(n_references=2).k_values == (1, 2, 3, 4, 5)
    assert explorer.compute_stability(n_resamples=2).k_values == (2, 3, 4, 5)


def test_what_cannot_be_computed_raises_in_python_and_is_said_on_the_page(monkeypatch):
    explorer = KExplorer(LINE, [1])
    with pytest.raises(ValueError, match="k_values is empty"):
        explorer.compute_stability()
    sent = listen(explorer, monkeypatch)
    click(explorer, "stability")
    wait_for_end(explorer, "stability")
    assert sent[-1]["ended"]
    assert sent[-1]["note"].startswith("This could not be computed: k_values is empty")
    assert explorer.stability is None


# -------------------------------------------------------------------------- in a thread


def test_a_click_computes_in_a_thread_and_reports(monkeypatch, capfd):
    explorer = KExplorer(X, range(1, 8))
    sent = listen(explorer, monkeypatch)
    monkeypatch.setattr(module, "REPORT_EVERY", 0.0)
    states = []
    monkeypatch.setattr(explorer, "send_state", lambda key=None: states.append((key, len(sent))))
    click(explorer, "gap")
    wait_for_end(explorer)
    expected = gap_statistic(X, range(1, 8))
    assert np.array_equal(explorer.gap.gap, expected.gap)
    reports = sent[:-1]
    assert all(message["kind"] == "gap" for message in sent)
    assert [m["done"] for m in reports] == list(range(21 * 7 + 1))
    assert {m["total"] for m in reports[1:]} == {21 * 7}
    assert sent[-1] == {"kind": "gap", "ended": True, "note": ""}
    assert states == [("_gap", len(sent) - 1)]  # the result, before the message that it ended
    assert capfd.readouterr() == ("", "")


def test_a_second_click_starts_nothing(slow, monkeypatch):
    go, rounds = slow
    explorer = KExplorer(X, range(1, 4))
    sent = listen(explorer, monkeypatch)
    for _ in range(3):
        click(explorer, "gap")
    assert explorer.gap is None
    for _ in range(21):
        go()
    wait_for_end(explorer)
    assert len(rounds) == 1
    assert sum(message.get("ended", False) for message in sent) == 1
    assert explorer.gap.n_references == 20


def test_waiting_for_what_a_click_started_gives_its_result(slow):
    go, rounds = slow
    explorer = KExplorer(X, range(1, 4))
    click(explorer, "gap")
    for _ in range(21):
        go()
    assert explorer.compute_gap().n_references == 20
    assert len(rounds) <= 2  # it may have ended before the second call


def test_stop_gives_what_is_finished(slow, monkeypatch):
    go, _ = slow
    explorer = KExplorer(X, range(1, 4))
    listen(explorer, monkeypatch)
    click(explorer, "gap")
    for _ in range(3):
        go()
    click(explorer, "gap", "stop")
    for _ in range(18):
        go()
    wait_for_end(explorer)
    done = explorer.gap.n_references if explorer.gap else 0
    assert done <= 3
    if done:
        expected = gap_statistic(X, range(1, 4), n_references=done)
        assert np.array_equal(explorer.gap.gap, expected.gap)
        assert f"(Stopped after {done} of 20 references.)" in explorer.verdict()


def test_stop_before_one_round_says_so_and_keeps_the_last_result(slow, monkeypatch):
    go, _ = slow
    explorer = KExplorer(X, range(1, 4))
    for _ in range(3):
        go()
    first = explorer.compute_gap(n_references=2)
    sent = listen(explorer, monkeypatch)
    click(explorer, "gap")
    click(explorer, "gap", "stop")
    go()
    wait_for_end(explorer)
    assert sent[-1]["note"] == "Stopped before one round was finished: nothing to show."
    assert explorer.gap is first


def test_closing_ends_the_thread(slow, capfd):
    go, rounds = slow
    explorer = KExplorer(X, range(1, 4))
    explorer.compute_gap(wait=False)
    job = explorer._jobs["gap"]
    explorer.close()
    go()
    assert job.ended.wait(PATIENCE)
    rounds[0].join(PATIENCE)
    assert not rounds[0].is_alive()
    assert rounds[0].daemon
    assert explorer.gap is None
    assert capfd.readouterr() == ("", "")


def test_gap_and_stability_run_beside_each_other(slow):
    go, _ = slow
    explorer = KExplorer(X, range(1, 4))
    explorer.compute_gap(wait=False)
    assert explorer.compute_stability(n_resamples=2).n_resamples == 2
    explorer.k = 3
    for _ in range(21):
        go()
    wait_for_end(explorer)
    assert explorer.k == 3
    assert explorer.gap.n_references == 20


@pytest.mark.parametrize(
    "content",
    [{}, {"kind": "gap"}, {"kind": "gap", "ask": "stop"}, {"kind": "k", "ask": "compute"}],
)
def test_strange_messages_do_nothing(content):
    explorer = KExplorer(LINE, [1, 2])
    explorer._handle_custom_msg(content, [])
    assert explorer._jobs == {}


def test_it_is_part_of_the_package():
    assert kmeans_teach.KExplorer is KExplorer
    folder = Path(module.__file__).parent
    assert (folder / "k_explorer.mjs").read_text(encoding="utf-8").split("\n")[-2] in KExplorer._esm
    assert "import {" not in KExplorer._esm


def test_silhouettes_of_a_sweep_are_scikit_learns():
    runs = sweep(LINE, range(1, 7))
    for k in (2, 3, 5):
        assert np.array_equal(runs.silhouettes(k), silhouette_samples(LINE, runs.model(k).labels_))
    for k in (1, 6):
        assert np.isnan(runs.silhouettes(k)).all()


def test_rare_points_that_a_part_lacks_print_nothing():
    # a part of the points can have fewer distinct ones than clusters: the warning of that would be
    # printed by the thread, into whatever cell runs
    X = np.repeat(np.arange(12.0), [30] * 3 + [1] * 9)[:, None]
    explorer = KExplorer(X, range(1, 13))
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        found = explorer.compute_stability(n_resamples=5)
    assert found.k_values[-1] == 12
    assert said == []
