"""The player without a browser: what Python gives to it, hears from it and writes."""

import base64
import json
import re
import struct

import numpy as np
import pandas as pd
import pytest

from kmeans_teach import KMeans, Player, lloyd, record, validation
from kmeans_teach.widgets import player as module

CORNERS = np.array([[0.0, 0.0], [9.0, 0.0], [0.0, 9.0], [9.0, 9.0]])
X = np.random.RandomState(7).normal(size=(80, 2)) + np.repeat(CORNERS, 20, axis=0)
START = np.array([[3.5, 1.0], [6.0, 2.0], [2.0, 7.0], [4.5, 4.5]])


def edit(player, start=None, points=None, empty="relocate"):
    """What the browser sends when a reader has changed something; no start means all was undone."""
    edit = {"run": player._run, "number": player._edit.get("number", 0) + 1}
    state = {
        name: memoryview(b"" if given is None else np.asarray(given, dtype=float).tobytes())
        for name, given in (("_edit_start", start), ("_edit_points", points))
    }
    player.set_state({**state, "_edit": edit if start is None else {**edit, "empty": empty}})


def seeds_of(player):
    """The starting centres that "New start" has: by kind, one a seed."""
    return {kind: [player.X[r] for r in rows] for kind, rows in player._starts["rows"].items()}


def same_run(one, other):
    return len(one) == len(other) and all(
        np.array_equal(a.centers, b.centers)
        and (a.labels is b.labels is None or np.array_equal(a.labels, b.labels))
        for a, b in zip(one, other, strict=True)
    )


# -------------------------------------------------------------------------------- what is given


def test_plays_a_recorded_run_or_one_from_centres_or_a_seed():
    run = lloyd(X, START)
    assert Player(run).history is run
    player = Player(X, START)
    assert same_run(player.history, run)
    assert np.array_equal(player.start, START)
    assert np.array_equal(player.X, X)
    for init in ("k-means++", "random"):
        fitted = KMeans(4, init=init, n_init=1, random_state=5).fit(X)
        for player in (Player(X, 4, init=init, random_state=5), Player(fitted)):
            assert np.array_equal(player.history[-1].labels, fitted.labels_)
            assert np.allclose(player.history[-1].centers, fitted.cluster_centers_)
            assert player.history.n_iter == fitted.n_iter_


def test_points_are_checked_once(monkeypatch):
    """A table is converted once; what follows sees an array of floats."""
    seen, table = [], pd.DataFrame(X, columns=["length", "width"])
    convert = validation._frame_as_numbers
    monkeypatch.setattr(validation, "_frame_as_numbers", lambda *a: seen.append(1) or convert(*a))
    player = Player(table, 4)
    assert seen == [1]
    assert player.history.feature_names == ("length", "width")


def test_the_browser_gets_the_run_as_bytes():
    player = Player(X, START)
    info, run = player._info, player.history
    assert np.array_equal(np.frombuffer(player._points).reshape(-1, 2), X)
    centers = np.frombuffer(player._centers).reshape(len(run), 4, 2)
    labels = np.frombuffer(player._labels, np.uint8).reshape(-1, len(X))
    assigned = [snapshot for snapshot in run if snapshot.phase == "assign"]
    assert all(np.array_equal(c, s.centers) for c, s in zip(centers, run, strict=True))
    assert all(np.array_equal(row, s.labels) for row, s in zip(labels, assigned, strict=True))
    assert [f["phase"] for f in info["frames"]] == [s.phase for s in run]
    assert info["frames"][0]["inertia"] is None
    json.dumps(info, allow_nan=False)


def test_many_clusters_need_two_bytes_a_label():
    points = np.random.RandomState(0).normal(size=(400, 2))
    player = Player(points, 300)
    labels = np.frombuffer(player._labels, np.uint16).reshape(-1, 400)
    assert np.array_equal(labels[-1], player.history[-1].labels)


def test_more_columns_say_what_is_shown():
    Z = pd.DataFrame(np.c_[X, X @ [1.0, -1.0]], columns=["a", "b", "c"])
    flat = Player(Z, 4)
    assert not flat._info["plane"]["identity"]
    assert "1" in flat._info["names"][0]
    assert flat._info["names"][0] != flat._info["names"][1]
    chosen = Player(Z, 4, columns=("c", "a"))
    assert chosen._info["names"] == ["c", "a"]
    plane = chosen._info["plane"]
    origin, offset = np.array(plane["origin"]), np.array(plane["offset"])
    shown = (Z.to_numpy() - origin) @ np.array(plane["components"]).T + offset
    assert np.allclose(shown, Z[["c", "a"]])


@pytest.mark.parametrize(
    ("arguments", "options", "error", "sentence"),
    [
        ((X,), {}, TypeError, "points alone are not a run: pass the number of clusters too"),
        ((lloyd(X, START), 4), {}, TypeError, "a recorded run brings its own start"),
        ((X, 81), {}, ValueError, "n_clusters=81 needs at least 81 points, got 80"),
        ((X, 0), {}, ValueError, "n_clusters=0"),
        ((X, True), {}, TypeError, "start=True is neither a number of clusters nor centres"),
        ((X, 2.5), {}, TypeError, "start=2.5 is neither a number of clusters nor centres"),
        ((X, "four"), {}, TypeError, "start='four' is neither a number of clusters nor centres"),
        ((KMeans(4),), {}, TypeError, "KMeans is not fitted, or keeps no history: fit"),
        ((X, START[:, :1]), {}, ValueError, "centers"),
        ((X, 4), {"init": "best"}, ValueError, "init='best': use one of 'k-means++', 'random'"),
        ((X, 4), {"speed": "warp"}, ValueError, "speed='warp': use one of 'slow'"),
        ((X, 4), {"show": ("grid",)}, ValueError, "show='grid': use one of 'regions'"),
        ((X, 4), {"height": 10}, ValueError, "height=10: pass a whole number of pixels"),
        ((X, 4), {"height": 300.5}, ValueError, "height=300.5: pass a whole number of pixels"),
        ((np.c_[X, X], 4), {"columns": (0, 9)}, (ValueError, IndexError), "9"),
        ((np.full((3, 2), np.nan), 2), {}, ValueError, "row"),
        (("text", 2), {}, (TypeError, ValueError), "."),
    ],
)
def test_errors_are_sentences(arguments, options, error, sentence):
    with pytest.raises(error, match=re.escape(sentence) if sentence != "." else sentence):
        Player(*arguments, **options)


def test_a_frame_beyond_the_run_is_its_last_one():
    player = Player(X, START)
    player.frame = 999
    assert player.frame == len(player.history) - 1
    player.frame = -3
    assert player.frame == 0


def test_too_many_points_and_frames_are_refused_before_anything_is_computed(monkeypatch):
    monkeypatch.setattr(module, "MOST_VALUES", 300)
    with pytest.raises(ValueError, match=r"80 points .* play a sample of the points"):
        Player(X, START)
    monkeypatch.setattr(module, "MOST_POINTS", 30)
    monkeypatch.setattr(module, "lloyd", None)
    for start in (4, START):
        with pytest.raises(ValueError, match=r"80 points, .* play a sample of them, .* X\[::3\]"):
            Player(X, start)


# -------------------------------------------------------------------------------- what is heard


def test_python_follows_a_drag_and_sends_nothing_back():
    player = Player(X, START)
    heard, before = [], player.get_state()
    player.observe(lambda change: heard.append(change["new"]), "history")
    moved = START + np.array([[1.0, 0.5], [0, 0], [0, 0], [0, 0]])
    edit(player, moved)
    assert np.array_equal(player.start, moved)
    assert same_run(player.history, lloyd(X, moved))
    assert heard == [player.history]
    changed = {name for name, value in player.get_state().items() if value != before[name]}
    assert changed == {"_edit", "_edit_start"}
    edit(player, moved + 1.0)
    assert np.array_equal(player.start, moved + 1.0)


def test_python_follows_more_and_fewer_centres_and_points():
    player = Player(X, START)
    edit(player, [*START, [1.0, 1.0]])
    assert player.history.k == 5
    edit(player, START[:1])
    assert player.history.k == 1
    fewer = np.delete(X, [3, 5], axis=0)
    edit(player, START, fewer)
    assert np.array_equal(player.X, fewer)
    edit(player, START)
    assert np.array_equal(player.X, X)


def test_an_edit_of_a_run_that_is_not_played_any_more_is_not_followed():
    player = Player(X, START)
    late = {"run": player._run, "number": 1, "empty": "stay"}
    player.play(X, 3)
    played = player.history
    player.set_state({"_edit_start": memoryview(START.tobytes()), "_edit": late})
    assert player.history is played


@pytest.mark.parametrize("points", [X, X[:50]])
@pytest.mark.parametrize("k", [4, 6])
def test_new_starts_are_those_of_scikit_learn_for_the_points_that_there_are(points, k):
    player = Player(X, START)
    edit(player, X[:k], points)
    for kind, starts in seeds_of(player).items():
        assert len(starts) == player._info["seeds"] == 20
        for seed, start in enumerate(starts):
            fitted = KMeans(k, init=kind, n_init=1, random_state=seed).fit(points)
            run = lloyd(points, start)
            assert np.array_equal(run[-1].labels, fitted.labels_)
            assert run.n_iter == fitted.n_iter_
    assert player._starts["n"] == len(points)


def test_undo_of_everything_brings_the_first_run_back():
    def shy(X, labels, centers):
        return centers + 0.5 * (np.array([X[labels == j].mean(0) for j in range(4)]) - centers)

    run = record(X, START, update=shy)
    player = Player(run, editable=True)
    edit(player, START + 1.0)
    assert player.history is not run
    edit(player)
    assert player.history is run


@pytest.mark.parametrize("empty", ["stay", "relocate"])
def test_edits_keep_weights_rule_and_names(empty):
    weight = np.linspace(0.1, 3, len(X))
    table = pd.DataFrame(X, columns=["length", "width"])
    rule = {"max_iter": 3, "tol": 0.0}
    run = lloyd(table, START, sample_weight=weight, empty="stay", **rule)
    player = Player(run)
    assert np.array_equal(np.frombuffer(player._weights), weight)
    assert player._info["rule"] == {**rule, "empty": "stay"}
    far = np.r_[START[:3], [[90.0, 90.0]]]
    edit(player, far, empty=empty)  # a reader may choose what becomes of an empty cluster
    assert same_run(player.history, lloyd(X, far, sample_weight=weight, empty=empty, **rule))
    assert player.history.feature_names == ("length", "width")


def test_runs_of_ones_own_functions_are_only_played():
    run = record(X, START)
    assert not Player(run)._info["editable"]
    assert Player(run, editable=True)._info["editable"]
    assert not Player(X, START, editable=False)._info["editable"]


def test_the_frame_that_came_to_rest_is_heard():
    player, heard = Player(X, START), []
    player.observe(lambda change: heard.append(change["new"]), "frame")
    player.set_state({"frame": 3})
    assert heard == [3]


def test_play_shows_another_run():
    player = Player(X, START)
    edit(player, START + 1.0)
    player.frame = 4
    other = lloyd(X[:40], START[:2])
    player.play(other)
    assert player.history is other
    assert player.frame == 0
    assert player._info["k"] == 2
    edit(player, START[:2] + 1.0)
    edit(player)
    assert player.history is other
    player.play(X, 3, random_state=9)
    assert player.history.k == 3
    assert (player._info["init"], player._info["seed"]) == ("k-means++", 9)


def test_a_player_that_cannot_play_a_run_stays_as_it_is():
    player = Player(X, START)
    before = player.history, player._info, player._points
    with pytest.raises(ValueError, match="n_clusters=99"):
        player.play(X, 99)
    assert (player.history, player._info, player._points) == before


# -------------------------------------------------------------------------------- what is shown


def test_the_bundle_has_the_widget_its_picture_and_its_digest():
    run = lloyd(X, START)
    player = Player(run)
    data, metadata = player._repr_mimebundle_()
    assert re.fullmatch(
        rf"Player\(80 points x 2 columns, k=4, {len(run)} half-steps, inertia \S+, [0-9a-f]{{8}}\)",
        data["text/plain"],
    )
    same, other = Player(lloyd(X, START)), Player(lloyd(X, START + 2.0))
    assert data["text/plain"] == player.digest() == repr(same) != repr(other)
    assert "application/vnd.jupyter.widget-view+json" in data
    png = base64.b64decode(data["image/png"])
    width, height = struct.unpack(">II", png[16:24])
    assert width > 400
    assert height > 100
    assert metadata["image/png"]["alt"].startswith("Start: 4 centres")
    assert same._repr_mimebundle_()[0]["image/png"] == data["image/png"]


def test_the_picture_follows_an_edit_and_no_pyplot_figure_is_left():
    import matplotlib.pyplot as plt

    player = Player(X, START)
    before = player.twin_png()
    edit(player, START + 2.0)
    assert player.twin_png() != before
    assert len(player.twin_figure().axes) == 6
    assert len(Player(X, 51).twin_figure().axes) == 2  # of many clusters both ends
    assert plt.get_fignums() == []


# -------------------------------------------------------------------------------- what is written


def saved_state(text):
    return json.loads(re.search(r"Object\.entries\((\{.*?\})\)\.map", text, re.S)[1])


def test_the_saved_page_has_the_run_and_the_edit(tmp_path):
    player = Player(X, START)
    edit(player, START[:2])
    state = saved_state(player.save(str(tmp_path / "run.html")).read_text("utf-8"))
    assert state["_info"]["k"] == 4
    assert np.frombuffer(base64.b64decode(state["_edit_start"]["base64"])).size == 2 * 2
    assert state["_edit"]["run"] == state["_run"]


def test_names_stay_text_in_a_page_that_loads_nothing(tmp_path):
    name = "</script><script>alert(1)</script><!--"
    player = Player(pd.DataFrame(X, columns=[name, "b"]), 4, title='x "state" y')
    text = player.save(tmp_path / "run.html").read_text("utf-8")
    assert "<script>alert" not in text
    assert "import {" not in text
    assert not re.search(r"(src|href)\s*=|https?://(?!www\.w3\.org)", text)
    state = saved_state(text)
    assert state["_info"]["names"] == [name, "b"]
    assert state["title"] == 'x "state" y'


def test_saving_into_no_folder_says_so(tmp_path):
    with pytest.raises(ValueError, match="does not exist: make it first"):
        Player(X, START).save(tmp_path / "nowhere" / "run.html")
