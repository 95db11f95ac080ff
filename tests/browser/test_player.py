"""The player in a notebook: it steps, plays, drags, and Python follows."""

import re

import numpy as np
import pytest
from sklearn.cluster import KMeans

from kmeans_teach.history import number

from .lab import Notebook
from .view import View

# four blobs with corners far apart, and a start from which k-means has some way to go
DATA = """\
import numpy as np
from kmeans_teach import Player, lloyd, record
corners = np.repeat([[0.0, 0.0], [9.0, 0.0], [0.0, 9.0], [9.0, 9.0]], 75, axis=0)
X = np.random.RandomState(7).normal(size=(300, 2)) + corners
start = np.array([[3.5, 1.0], [6.0, 2.0], [2.0, 7.0], [4.5, 4.5]])"""
PLAYER = "player = Player(X, start)\nplayer"


@pytest.fixture(scope="module")
def notebook(lab, page):
    notebook = Notebook(lab, page, lab.write("player.ipynb", DATA, PLAYER, ""))
    notebook.run_cell(0)
    yield notebook
    lab.end_kernels()


@pytest.fixture
def show(notebook, page):
    """Run the second cell with this source and return the view below it."""
    yield lambda source=PLAYER: View.below_a_cell(notebook, source)
    assert page.console.errors() == []


def to_data(view, notebook):
    """The map from pixels of the canvas to data, found from where the centres can be grabbed."""
    centers = np.array(notebook.python(f"player.history[{view.at}].centers.tolist()"))
    spots = np.array(view.centers())
    assert len(spots) == len(centers)
    # the order of the spots is not known, but both lists agree in the order along a slant
    slant = np.array([1.0, 0.37])
    centers = centers[np.argsort(centers @ slant)]
    spots = spots[np.argsort(spots * [1, -1] @ slant)]
    columns = np.c_[spots, np.ones(len(spots))]
    solution, *_ = np.linalg.lstsq(columns, centers, rcond=None)
    assert np.abs(columns @ solution - centers).max() < 0.1
    return lambda spot: np.array([*spot, 1.0]) @ solution


# ------------------------------------------------------------------------------------ stepping


def test_buttons_keys_and_the_staircase_step(show):
    view = show()
    last, stairs = view.last, view.root.locator(".kmt-stairs")
    width, height = stairs.bounding_box()["width"], stairs.bounding_box()["height"]
    assert (view.at, last >= 6) == (0, True)
    for act, names in {
        view.click: ["forward", "forward", "back", "last", "forward", "first"],
        view.press: ["ArrowRight", "ArrowRight", "ArrowLeft", "End", "ArrowRight", "Home"],
    }.items():
        for name, at in zip(names, [1, 2, 1, last, last, 0], strict=True):
            act(name)
            view.wait_at(at, last)
    for x, at in ((width - 15, last), (61, 1)):
        stairs.click(position={"x": x, "y": height / 2})
        view.wait_at(at, last)


def test_every_half_step_has_its_sentence_and_picture(show, notebook):
    view = show()
    sentences = notebook.python("[player.history.sentence(i) for i in range(len(player.history))]")
    pictures = set()
    for at, sentence in enumerate(sentences):
        view.wait_at(at, len(sentences) - 1)
        end = ". End: no point changed cluster" if at == view.last else ""
        assert view.words == sentence + end
        assert view.canvas.get_attribute("aria-label") == f"300 points, 4 centres. {sentence}"
        pictures.add((view.pixels()["hash"], view.pixels(".kmt-stairs")["hash"]))
        view.press("ArrowRight")
    assert len(pictures) == len(sentences)


def test_plays_pauses_and_stops_at_the_end(show):
    view = show()

    def is_playing(playing):
        label = view.root.locator(".kmt-play").get_attribute("aria-label")
        assert label == ("Pause (space)" if playing else "Play (space)")
        live = view.root.locator(".kmt-words").get_attribute("aria-live")
        assert live == ("off" if playing else "polite")

    def speed(name):
        view.root.locator(".kmt-speed").select_option(label=name)

    speed("slow")
    view.click("play")
    is_playing(True)
    view.wait_at(1)
    view.press(" ")
    is_playing(False)
    assert view.at == 1
    speed("fastest")
    view.press(" ")
    view.wait_at(view.last)
    is_playing(False)
    speed("slow")
    view.click("play")  # at the end it starts over
    view.wait_at(0)
    view.click("last")  # a step by hand stops it
    is_playing(False)


def test_speeds_differ(show):
    view = show()
    times = {}
    for speed in ("normal", "fastest"):
        view.press("Home")
        view.root.locator(".kmt-speed").select_option(label=speed)
        times[speed] = view.root.evaluate(
            """async root => {
              const began = performance.now(), count = root.querySelector('.kmt-count');
              root.querySelector('.kmt-play').click();
              while (!count.textContent.startsWith('2 /')) await new Promise(requestAnimationFrame);
              return performance.now() - began;
            }"""
        )
    assert times["normal"] > 1400  # two half-steps of 800 ms each
    assert times["fastest"] < times["normal"]


def test_scrubs(show, page):
    view = show()
    scrub, last = view.root.locator(".kmt-scrub"), view.last
    scrub.fill("3")
    view.wait_at(3, last)
    box = scrub.bounding_box()
    page.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] - 1, box["y"] + box["height"] / 2, steps=4)
    view.wait_at(last, last)
    page.mouse.move(box["x"] + 1, box["y"] + box["height"] / 2, steps=4)
    page.mouse.up()
    view.wait_at(0, last)
    assert scrub.get_attribute("aria-valuetext") == f"half-step 0 of {last}"
    page.keyboard.press("End")  # the scrubber has the focus
    view.wait_at(last, last)


def test_labs_shortcuts_are_quiet(show, notebook, page):
    view = show()
    before = [(cell["id"], cell["cell_type"]) for cell in notebook.cells()]
    view.press("Escape", "a", "b", "d", "d", "m", "y", "x", "v", "Shift+Enter", "z", "0", "0")
    view.root.locator(".kmt-forward").focus()
    for key in ("a", "b", "d", "d", "m", "x"):
        page.keyboard.press(key)
    assert [(cell["id"], cell["cell_type"]) for cell in notebook.cells()] == before
    assert page.locator(".jp-Dialog").count() == 0
    view.press("ArrowRight")  # and the player still listens
    view.wait_at(2 if view.at == 2 else 1)


# ------------------------------------------------------------------------------------ editing


def test_drag_a_centre(show, notebook):
    view = show()
    view.press("End")
    expected = np.array(notebook.python("player.history[-1].centers.tolist()"))
    data = to_data(view, notebook)
    spot = min(view.centers())
    drop = (spot[0] + 90, spot[1] + 40)
    view.drag(spot, drop)
    view.wait_at(1)
    moved = int(view.hint.split()[1])
    notebook.wait_python(f"player.start.tolist() != {expected.tolist()}", True)
    start = np.array(notebook.python("player.start.tolist()"))
    assert np.abs(start[moved] - data(drop)).max() < 0.15  # three pixels
    assert np.array_equal(np.delete(start, moved, 0), np.delete(expected, moved, 0))
    # the run that Python has now is the run that is shown
    assert notebook.python("len(player.history)") == view.last + 1
    for key, at in (("Escape", 1), ("End", view.last)):
        view.press(key)
        assert view.words.startswith(notebook.python(f"player.history.sentence({at})"))


def test_the_run_answers_while_the_centre_is_held(show, page):
    view = show()
    (x, y), box, mouse = min(view.centers()), view.box(), page.mouse
    mouse.move(box["x"] + x, box["y"] + y)
    mouse.down()
    pictures = set()
    for step in range(1, 5):
        mouse.move(box["x"] + x + 25 * step, box["y"] + y + 10)
        pictures.add((view.words, view.pixels()["hash"]))
    assert "From here k-means ends at inertia" in view.words
    mouse.up()
    assert len(pictures) == 4


def test_double_click_adds_delete_removes_undo_takes_back(show, notebook, page):
    view = show()
    view.press("End")
    data = to_data(view, notebook)
    first = notebook.python("player.start.tolist()")
    box = view.box()
    spot = (box["width"] * 0.5, box["height"] * 0.45)
    view.canvas.dblclick(position={"x": spot[0], "y": spot[1]})
    view.wait("root.querySelector('.kmt-points').ariaLabel.includes('5 centres')")
    notebook.wait_python("player.history.k", 5)
    assert np.allclose(notebook.python("player.start[4].tolist()"), data(spot), atol=0.1)
    assert view.hint.startswith("Centre 4 is chosen")
    with_five = notebook.python("player.start.tolist()")
    view.press("Delete")
    notebook.wait_python("player.history.k", 4)
    view.press("Control+z")
    notebook.wait_python("player.start.tolist()", with_five)
    view.click("undo")
    notebook.wait_python("player.start.tolist()", first)
    assert view.root.locator(".kmt-undo").is_disabled()
    assert view.position() == (view.at, notebook.python("len(player.history)") - 1)


def test_what_cannot_be_done_is_said(show, notebook):
    view = show("player = Player(X[:1], X[:1])\nplayer")
    for keys, words in {
        ("Delete",): "Choose a centre first: click it, or press C.",
        ("c", "Delete"): "One centre must stay.",
        ("n",): "There are 1 points: no more than 1 centres.",
        ("Control+z",): "There is nothing to take back.",
    }.items():
        view.press(*keys)
        assert view.words == words
    for seed in ("-1", "1.5", "20"):
        view.type_seed(seed)
        assert view.words == "The seed is a whole number from 0 to 19."
    assert notebook.python("player.history.k") == 1
    view.press("ArrowRight")
    assert view.words.startswith("E-step 1")


@pytest.mark.parametrize("init", ["k-means++", "random"])
def test_new_start_is_the_run_of_scikit_learn(show, notebook, init):
    view = show()

    def check(seed, k=4):
        points = np.array(notebook.python("player.X.tolist()"))
        reference = KMeans(k, init=init, n_init=1, random_state=seed).fit(points)
        notebook.wait_python("player.history.n_iter", reference.n_iter_)
        notebook.wait_python("player.history[-1].labels.tolist()", reference.labels_.tolist())
        view.wait_at(0, notebook.python("len(player.history)") - 1)
        assert view.words == f"Start: {k} centres, no point has a cluster yet"
        view.press("End")
        assert f"to {number(reference.inertia_)}. End" in view.words
        assert view.root.locator(".kmt-seed").input_value() == str(seed)

    view.root.locator(".kmt-init").select_option(value=init)
    for seed in (0, 5, 19):
        view.type_seed(seed)
        check(seed)
    view.click("new")
    check(0)  # after the last seed comes the first
    view.press("n")
    notebook.wait_python("player.history.k", 5)
    view.click("new")  # drawn anew, as there are more centres
    check(1, k=5)


def test_add_and_erase_points(show, notebook):
    view = show()
    view.press("End")
    data, box = to_data(view, notebook), view.box()
    view.click("mode-add")
    spot = (box["width"] * 0.5, box["height"] * 0.5)
    view.canvas.click(position={"x": spot[0], "y": spot[1]})
    notebook.wait_python("len(player.X)", 301)
    assert np.allclose(notebook.python("player.X[-1].tolist()"), data(spot), atol=0.1)
    assert notebook.python("player.X[:300].tolist() == X.tolist()")
    view.drag((spot[0] - 60, spot[1]), (spot[0] + 60, spot[1]), steps=12)
    view.wait("Number.parseInt(root.querySelector('.kmt-points').ariaLabel) > 305")
    added = int(view.canvas.get_attribute("aria-label").split()[0])
    notebook.wait_python("len(player.X)", added)
    view.click("mode-erase")
    view.drag((spot[0] - 70, spot[1]), (spot[0] + 70, spot[1]), steps=20)
    left = int(view.canvas.get_attribute("aria-label").split()[0])
    assert left < added
    notebook.wait_python("len(player.X)", left)
    for _ in range(3):
        view.click("undo")
    notebook.wait_python("player.X.tolist() == X.tolist()", True)
    assert view.canvas.get_attribute("aria-label").startswith("300 points")


def test_centres_move_without_a_mouse(show, notebook):
    view = show()
    view.press("c", "c")
    assert view.hint.startswith("Centre 1 is chosen")
    view.press("Shift+ArrowRight")
    notebook.wait_python("bool(player.start[1, 0] > start[1, 0])", True)
    view.press("Shift+ArrowUp", "Shift+ArrowUp")
    notebook.wait_python("bool(player.start[1, 1] > start[1, 1])", True)
    view.press("n")
    notebook.wait_python("player.history.k", 5)
    view.press("Backspace")
    notebook.wait_python("player.history.k", 4)
    view.press("Escape")
    assert view.hint.startswith("Drag a centre")


def all_in_sight(view):
    """Whether every centre that can be grabbed is well inside the picture."""
    width, height = view.box()["width"], view.box()["height"]
    return all(40 < x < width - 8 and 8 < y < height - 40 for x, y in view.centers())


@pytest.mark.parametrize("how", ["mouse", "keyboard", "chosen"])
def test_a_cluster_is_emptied_and_gets_a_point(show, notebook, how):
    view = show()
    view.press("End")
    last = view.last
    sizes = notebook.python("np.bincount(player.history[-1].labels).tolist()")
    emptied = int(np.argmin(sizes))
    if how == "chosen":
        view.press("c", "c")
        emptied = 1
    if how == "mouse":
        view.click("empty")
    else:
        view.root.locator(".kmt-empty").focus()
        view.page.keyboard.press("Enter")
    view.wait_at(1)
    said = f"E-step 1: all 300 points get a cluster; cluster {emptied} has no point; inertia"
    assert view.words.startswith(said)
    assert len(view.centers()) == 4
    assert all_in_sight(view)
    notebook.wait_python(f"int(np.sum(player.history[1].labels == {emptied}))", 0)
    view.press("ArrowRight")
    assert f"; cluster {emptied} was empty and got the farthest point (" in view.words
    assert view.words.startswith(notebook.python("player.history.sentence(2)"))
    view.click("undo")
    view.wait_at(min(2, last), last)
    assert all_in_sight(view)
    notebook.wait_python("player.start.tolist() == start.tolist()", True)


def test_an_empty_cluster_by_both_policies(show, notebook):
    view = show("""\
five = np.array([[0, 0], [1, 0], [0, 2], [3, 2], [4, 3.0]])
player = Player(five, five[:3])
player""")
    policy = view.root.locator(".kmt-policy")
    for value, end in (("relocate", "3.333"), ("stay", "4.333"), ("relocate", "3.333")):
        policy.select_option(value)
        notebook.wait_python("player.history.rule['empty']", value)
        run = notebook.python("[player.history.sentence(i) for i in range(len(player.history))]")
        view.press("Home")
        for at, sentence in enumerate(run):
            view.wait_at(at, len(run) - 1)
            assert view.words.startswith(sentence)
            view.press("ArrowRight")
        assert f"to {end}. End" in view.words
    view.click("undo")
    assert policy.input_value() == "stay"
    view.press("End")
    assert "; cluster 1 has no point, so its centre stays; inertia 4.333 to 4.333" in view.words
    view.click("empty")
    assert "; cluster 2 has no point; inertia 13.33" in view.words


def test_where_no_cluster_can_be_emptied_the_button_says_why(show):
    for source, why in {
        "Player(X, start, editable=False)": "This run can be played but not changed",
        "Player(X, start[:1])": "The only cluster has all the points: add a centre first",
    }.items():
        button = show(source).root.locator(".kmt-empty")
        assert button.is_disabled()
        assert button.get_attribute("title") == why


@pytest.mark.parametrize("data", ["X[:, :1]", "np.c_[X, X[::-1], X**2]", "np.ones((9, 2))"])
def test_a_cluster_is_emptied_on_any_data(show, data):
    view = show(f"data = {data}\nPlayer(data, np.r_[data[:1], data[:1] + 1, data[:1] - 1])")
    view.click("empty")
    view.wait_at(1)
    assert re.search(r"; clusters? [0-2 and]+ ha(s|ve) no point; inertia", view.words)


def test_toggles_change_the_picture(show):
    view = show()
    view.press("End")
    for name in ("regions", "trails", "lines"):
        before = view.pixels()["hash"]
        view.root.get_by_label(name, exact=True).click()
        assert view.pixels()["hash"] != before
        view.root.get_by_label(name, exact=True).click()
        assert view.pixels()["hash"] == before


def test_other_peoples_runs_are_played_unchanged(show, notebook):
    view = show(
        "def lazy(X, labels, centers):\n"
        "    return 0.5 * centers + 0.5 * np.array([X[labels == j].mean(0) for j in range(4)])\n"
        "player = Player(record(X, start, update=lazy))\nplayer"
    )
    sentences = notebook.python("[player.history.sentence(i) for i in range(len(player.history))]")
    for at, sentence in enumerate(sentences):
        view.wait_at(at, len(sentences) - 1)
        assert view.words.startswith(sentence)
        view.press("ArrowRight")
    box = view.box()
    assert view.centers() == []
    view.canvas.dblclick(position={"x": box["width"] / 2, "y": box["height"] / 2})
    view.press("c", "Delete", "n")
    assert view.position() == (len(sentences) - 1, len(sentences) - 1)
    assert not view.root.locator(".kmt-new").is_visible()
    assert notebook.python("player.history.k") == 4


# ------------------------------------------------------------------------------------ Python


def test_frame_is_heard_and_set(show, notebook):
    watched = "player = Player(X, start)\nheard = []\n"
    view = show(watched + "player.observe(lambda c: heard.append(c['new']), 'frame')\nplayer")
    view.press("ArrowRight", "ArrowRight", "ArrowRight")
    notebook.wait_python("heard", [3])  # where it came to rest, and not the way there
    for at in (5, 0):
        notebook.execute(f"player.frame = {at}")
        view.wait_at(at)


def test_play_shows_another_run(show, notebook):
    view = show()
    view.press("c", "Shift+ArrowRight", "End")
    notebook.wait_python("bool(player.start[0, 0] > start[0, 0])", True)
    notebook.execute("player.play(X[:150], 2, random_state=3)")
    view.wait("root.querySelector('.kmt-points').ariaLabel.startsWith('150 points, 2 centres')")
    view.wait_at(0, notebook.python("len(player.history)") - 1)
    assert view.root.locator(".kmt-seed").input_value() == "3"
    assert view.root.locator(".kmt-undo").is_disabled()
    notebook.execute("player.title = 'Second <b>run</b>'; player.height = 300")
    view.wait("root.querySelector('.kmt-title').textContent === 'Second <b>run</b>'")
    view.wait("root.querySelector('.kmt-points').clientHeight === 300")


def test_more_columns_are_shown_in_two(show, notebook):
    view = show(
        "Z = np.c_[X, X @ [1, -1], X @ [0.5, 2]]\nplayer = Player(Z, 4, random_state=0)\nplayer"
    )
    view.press("End")
    spot = min(view.centers())
    view.drag(spot, (spot[0] + 50, spot[1] - 30))
    view.wait_at(1)
    final = notebook.python("player.history[-1].centers.tolist()")
    notebook.wait_python("len(player.history)", view.last + 1)
    assert notebook.python("player.start.shape") == [4, 4]
    assert len(final[0]) == 4
    assert not view.root.locator(".kmt-mode-add").is_visible()


# ------------------------------------------------------------------------------------ traffic


def test_stepping_and_playing_send_nothing(lab, browser):
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    frames = []

    def opened(socket):
        if "/api/kernels/" in socket.url:
            socket.on("framesent", lambda payload: frames.append(len(payload)))
            socket.on("framereceived", lambda payload: frames.append(len(payload)))

    page.on("websocket", opened)
    notebook = Notebook(lab, page, lab.write("traffic.ipynb", DATA, PLAYER))
    notebook.run_all()
    view = View(page, page.locator(".kmt"))
    assert frames, "the test sees the kernel's channels"
    notebook.execute("1")  # everything before this has been answered
    frames.clear()
    view.press("ArrowRight", "ArrowRight", "End", "Home")
    view.root.locator(".kmt-scrub").fill("4")
    view.root.locator(".kmt-speed").select_option(label="fastest")
    view.click("play")
    view.wait_at(view.last)
    view.press("Home")
    page.wait_for_timeout(400)  # longer than the time after which it counts as having come to rest
    assert frames == []
    view.press("c", "Shift+ArrowUp")  # an edit is told
    notebook.wait_python("bool(player.start[0, 1] > start[0, 1])", True)
    assert frames
    context.close()
