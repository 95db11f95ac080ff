"""The seeding player in a notebook: its draws step by step, by mouse and by keys, alone and with Python."""

import re

import pytest

from kmeans_teach import SeedingPlayer
from kmeans_teach.history import number

from .lab import KERNEL_IS_GONE, Notebook
from .view import View

DATA = """\
import numpy as np
from kmeans_teach import SeedingPlayer
corners = np.repeat([[0.0, 0.0], [9.0, 0.0], [0.0, 9.0], [9.0, 9.0]], 75, axis=0)
X = np.random.RandomState(7).normal(size=(300, 2)) + corners"""
SHOW = 'starts = SeedingPlayer(X, 4, title="Where it starts")\nstarts'
STRATEGIES = ("k-means++", "random points", "random partition", "farthest first")
LAST = dict(zip(STRATEGIES, (11, 8, 6, 8), strict=True))

# what overlaps, sticks out or is cut off
FAULTY = """root => {
  const parts = [...root.querySelectorAll('.kmt-bar > *, .kmt-tools > *, .kmt-points, .kmt-card, .kmt-words, .kmt-hint')];
  const boxes = parts.map(e => e.getBoundingClientRect()), outer = root.getBoundingClientRect(), found = [];
  boxes.forEach((a, i) => {
    if (a.left < outer.left - 0.5 || a.right > outer.right + 0.5) found.push(parts[i].className + ' sticks out');
    if (parts[i].matches('.kmt-card, .kmt-words') && parts[i].scrollWidth > parts[i].clientWidth + 1 && parts[i].clientWidth) found.push(parts[i].className + ' is cut off');
    for (let j = 0; j < i; j++) {
      const b = boxes[j];
      if (Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1 && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 1) found.push(parts[j].className + ' under ' + parts[i].className);
    }
  });
  return found;
}"""


@pytest.fixture(scope="module")
def notebook(lab, page):
    notebook = Notebook(lab, page, lab.write("seeding.ipynb", DATA, SHOW, ""))
    notebook.run_cell(0)
    yield notebook
    lab.end_kernels()


@pytest.fixture(scope="module")
def X():
    scope = {}
    exec(DATA, scope)
    return scope["X"]


@pytest.fixture
def show(notebook, page):
    """Run the second cell and return the view below it."""

    def show(source=SHOW):
        page.evaluate("() => document.querySelectorAll('.kmt').forEach(e => e.dataset.old = 1)")
        notebook.run_cell(1, source)
        assert notebook.faults() == []
        return View(page, page.locator(".kmt:not([data-old])"))

    yield show
    assert page.console.errors() == []


def pressed(view):
    """The strategy whose card is pressed."""
    names = view.root.locator('.kmt-card[aria-pressed="true"] strong').all_text_contents()
    assert len(names) == 1
    return names[0]


def tells(view, starts):
    """Whether the draws that the view goes through are these."""
    view.press("Home", "1")
    view.press("Home")
    for j, draw in enumerate(starts.seedings["k-means++"].draws):
        if j:
            view.press("ArrowRight", "ArrowRight")
            for row, leaves in zip(draw.candidates, draw.potentials, strict=True):
                assert re.search(rf"\b{row}\b", view.words), view.words
                assert number(leaves) in view.words
        view.press("ArrowRight")
        assert f"point {draw.taken} " in view.words
    view.press("End")
    for name in STRATEGIES:
        run = starts.runs[name]
        said = view.root.locator(".kmt-card", has_text=name).locator(".kmt-card-text")
        many = "iteration" if run.n_iter == 1 else "iterations"
        expected = f"k-means ends at {number(run[-1].inertia)} after {run.n_iter} {many}"
        assert said.text_content() == expected
    return True


# ------------------------------------------------------------------------------------ stepping


def test_buttons_step_and_the_scrubber_too(show):
    view = show()
    assert view.position() == (0, 11)
    for name, at in [("forward", 1), ("forward", 2), ("back", 1), ("last", 11), ("first", 0)]:
        view.click(name)
        view.wait_at(at, 11)
    view.root.locator(".kmt-scrub").fill("7")
    view.wait_at(7, 11)
    scrub = view.root.locator(".kmt-scrub")
    assert scrub.get_attribute("aria-valuetext") == "half-draw 7 of 11"


def test_keys_step_and_python_follows(show, notebook):
    view = show()
    for key, at in [("ArrowRight", 1), ("ArrowRight", 2), ("ArrowLeft", 1), ("End", 11)]:
        view.press(key)
        view.wait_at(at, 11)
    notebook.wait_python("starts.frame", 11)
    view.press("Home")
    notebook.wait_python("starts.frame", 0)


def test_every_half_draw_has_its_sentence_and_picture(show, page):
    view = show()
    seen, words, heights = set(), set(), set()
    for at in range(12):
        view.wait_at(at, 11)
        page.wait_for_timeout(350)  # until the points have their new sizes
        seen.add(view.pixels()["hash"])
        words.add(view.words)
        heights.add(view.root.bounding_box()["height"])
        assert view.words in view.canvas.get_attribute("aria-label")
        view.press("ArrowRight")
    assert len(seen) == len(words) == 12
    assert len(heights) == 1, "the page jumps while it steps"


def test_what_it_says_is_what_python_drew(show, X):
    assert tells(show(), SeedingPlayer(X, 4))


def test_the_points_take_their_new_sizes_over_some_pictures(show, page):
    view = show()
    view.press("ArrowRight", "ArrowRight", "ArrowRight", "ArrowRight")
    before = view.drawn
    view.press("ArrowRight")
    page.wait_for_timeout(500)
    assert view.drawn > before + 3
    page.emulate_media(reduced_motion="reduce")
    try:
        calm = show()
        calm.press("ArrowRight", "ArrowRight", "ArrowRight", "ArrowRight")
        before = calm.drawn
        calm.press("ArrowRight")
        page.wait_for_timeout(500)
        assert calm.drawn == before + 1
    finally:
        page.emulate_media(reduced_motion="no-preference")


def test_plays_pauses_and_stops_at_the_end(show):
    view = show()
    play = view.root.locator(".kmt-play")
    view.root.locator(".kmt-speed").select_option(label="fast")
    view.click("play")
    assert play.get_attribute("aria-label") == "Pause (space)"
    assert view.root.locator(".kmt-words").get_attribute("aria-live") == "off"
    view.wait_at(1)
    view.press(" ")
    assert play.get_attribute("aria-label") == "Play (space)"
    view.root.locator(".kmt-speed").select_option(label="fastest")
    view.press(" ")
    view.wait_at(11)
    assert play.get_attribute("aria-label") == "Play (space)"
    assert view.root.locator(".kmt-words").get_attribute("aria-live") == "polite"


# ------------------------------------------------------------------------------------ strategies


def test_cards_keys_and_select_choose_at_the_same_number_of_centres(show, notebook):
    view = show()
    view.press(*["ArrowRight"] * 4)  # two centres
    notebook.wait_python("starts.frame", 4)
    pictures = {view.pixels()["hash"]}
    view.root.locator(".kmt-card", has_text="random partition").click()
    view.wait_at(3, 6)
    assert pressed(view) == "random partition"
    assert view.words.startswith("Centre 2 of 4: the mean of")
    notebook.wait_python("[starts.strategy, starts.frame]", ["random partition", 3])
    pictures.add(view.pixels()["hash"])
    view.press("4")
    assert pressed(view) == "farthest first"
    view.wait_at(3, 8)
    pictures.add(view.pixels()["hash"])
    view.root.locator(".kmt-strategy").select_option("random points")
    view.wait_at(3, 8)
    assert pressed(view) == "random points"
    notebook.wait_python("[starts.strategy, starts.frame]", ["random points", 3])
    pictures.add(view.pixels()["hash"])
    assert len(pictures) == 4
    for text in view.root.locator(".kmt-card-text").all_text_contents():
        assert text.startswith("2 of 4 centres, sum of D²")


def test_the_end_stays_the_end_of_every_strategy(show, notebook, page):
    view = show()
    view.press("End")
    for at, name in enumerate(STRATEGIES):
        view.press(str(at + 1))
        view.wait_at(LAST[name], LAST[name])
        assert view.words.startswith("End: from this start k-means stops at inertia")
        page.wait_for_timeout(400)  # Python's answers must not move it
        view.wait_at(LAST[name], LAST[name])
    view.press("Home", "3")
    page.wait_for_timeout(600)
    view.wait_at(0, 6)
    notebook.wait_python("[starts.strategy, starts.frame]", ["random partition", 0])


# ------------------------------------------------------------------------------------ drawing anew


def test_new_draw_by_mouse_key_and_seed(show, notebook, X):
    view = show()
    view.press("End")
    view.click("new")
    notebook.wait_python("starts.random_state", 1)
    view.wait_at(11, 11)
    assert tells(view, SeedingPlayer(X, 4, random_state=1))
    view.press("n")
    notebook.wait_python("starts._draws['seed']", 2)
    view.type_seed(77)
    notebook.wait_python("starts._draws['seed']", 77)
    assert tells(view, SeedingPlayer(X, 4, random_state=77))
    ends = notebook.python("{name: run[-1].inertia for name, run in starts.runs.items()}")
    assert ends == {n: r[-1].inertia for n, r in SeedingPlayer(X, 4, random_state=77).runs.items()}


def test_a_bad_seed_has_its_sentence(show, notebook):
    view = show()
    view.type_seed(-3)
    assert view.words == "The seed is a whole number from 0 to 4294967295."
    view.press("ArrowRight")
    assert view.root.locator(".kmt-seed").input_value() == "0"
    assert notebook.python("starts.random_state") == 0


def test_python_sets_frame_strategy_and_seed(show, notebook, X):
    view = show()
    notebook.execute("starts.frame = 6")
    view.wait_at(6, 11)
    notebook.execute("starts.strategy = 'farthest first'")
    view.wait_at(6, 8)
    assert pressed(view) == "farthest first"
    notebook.execute("starts.random_state = 5")
    view.wait("root.querySelector('.kmt-seed').value === '5'")
    assert tells(view, SeedingPlayer(X, 4, random_state=5))


# ------------------------------------------------------------------------------------ the page


def test_labs_shortcuts_are_quiet(show, notebook, page):
    view = show()
    before = [(cell["id"], cell["cell_type"]) for cell in notebook.cells()]
    view.press("Escape", "a", "b", "d", "d", "m", "x", "1", "2", "3", "Shift+Enter", "0", "0")
    view.root.locator(".kmt-card").first.focus()
    for key in ("a", "b", "d", "d", "m", "x", "3"):
        page.keyboard.press(key)
    assert [(cell["id"], cell["cell_type"]) for cell in notebook.cells()] == before
    assert page.locator(".jp-Dialog").count() == 0


def test_the_theme_flips_while_it_is_shown(show, notebook):
    view = show()
    view.press("ArrowRight", "ArrowRight", "ArrowRight")
    light, drawn = view.pixels(), view.drawn
    notebook.theme("dark")
    try:
        view.wait_drawn(drawn)
        view.wait("root.classList.contains('kmt-dark')")
        assert view.pixels()["hash"] != light["hash"]
        view.page.wait_for_timeout(500)  # JupyterLab must be done with one theme before the next
    finally:
        notebook.theme("light")
    view.wait("!root.classList.contains('kmt-dark')")


def look_through(view):
    """Whether nothing overlaps, is cut off or jumps in any half-draw of two strategies."""
    heights = set()
    for strategy in ("1", "3"):
        view.press(strategy, "Home")
        for _ in range(view.last + 1):
            assert view.root.evaluate(FAULTY) == []
            heights.add(view.root.bounding_box()["height"])
            view.press("ArrowRight")
    assert max(heights) - min(heights) < 1
    for name in (".kmt-points", ".kmt-mini"):
        assert view.pixels(name)["other"] > 500, f"{name} is empty"


@pytest.mark.parametrize("width", [284, 360, 420, 620, 760, 1000, 1420])
def test_fits_its_place(show, width):
    view = show()
    drawn = view.drawn
    view.get(f"(root.parentElement.style.width = '{width}px')")
    view.wait_drawn(drawn)
    look_through(view)


def test_two_views_show_the_same_draw_and_a_second_run_a_new_one(show, notebook, page):
    one = show()
    notebook.run_cell(2, "starts")
    page.wait_for_function(
        "() => document.querySelectorAll('.kmt[data-drawn]:not([data-old])').length === 2"
    )
    one, two = (View(page, page.locator(".kmt:not([data-old])").nth(i)) for i in (0, 1))
    one.press(*["ArrowRight"] * 5)
    two.wait_at(5, 11)
    two.press("3")
    one.wait_at(3, 6)
    two.click("new")
    one.wait("root.querySelector('.kmt-seed').value === '1'")
    assert one.words == two.words
    assert one.pixels()["hash"] == two.pixels()["hash"]
    notebook.run_cell(2, "")
    fresh = show()
    assert fresh.position() == (0, 11)
    assert notebook.python("starts.random_state") == 0


def test_goes_on_while_the_kernel_restarts(show, notebook, page, X):
    view = show()
    page.evaluate(
        "async () => { await jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart(); }"
    )
    assert notebook.python("'starts' in globals()") is False
    view.type_seed(4)
    assert tells(view, SeedingPlayer(X, 4, random_state=4))
    view.press("3")
    page.wait_for_timeout(500)  # until the half-draw has come to rest
    view.wait_at(6, 6)
    notebook.run_cell(0)


def test_goes_on_without_a_kernel(lab, notebook, page, X):
    """Last: it ends the kernel that the tests above share. The reopened page has no kernel either."""
    page.evaluate("() => document.querySelectorAll('.kmt').forEach(e => e.dataset.old = 1)")
    notebook.run_cell(1, SHOW)
    view = View(page, page.locator(".kmt:not([data-old])"))
    notebook.command("docmanager:save")
    page.evaluate("async () => { await jupyterapp.shell.currentWidget.sessionContext.shutdown(); }")
    view.click("new")
    assert tells(view, SeedingPlayer(X, 4, random_state=1))
    view.press("3")
    view.wait_at(6, 6)
    page.goto("about:blank")
    again = Notebook(lab, page, notebook.name, kernel=False)
    page.wait_for_selector(".kmt[data-drawn], .jp-RenderedImage img")
    assert page.get_by_text("model not found").count() == 0
    if page.locator(".kmt").count():
        view = View(page, page.locator(".kmt").first)
        view.type_seed(9)
        assert tells(view, SeedingPlayer(X, 4, random_state=9))
    assert again.faults() == []
    assert page.console.errors(KERNEL_IS_GONE) == []
