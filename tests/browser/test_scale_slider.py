"""The scale slider in a notebook: it stretches, k-means follows at once, Python a moment later."""

import re

import pytest
from axe_core_python.sync_playwright import Axe

from .lab import KERNEL_IS_GONE, Console, Notebook
from .test_looks import OVERLAPS
from .view import View

DATA = """\
import numpy as np, pandas as pd
from kmeans_teach import ScaleSlider
rng = np.random.RandomState(4)
corners = np.repeat([[0.0, 0.0], [6.0, 0.0], [0.0, 6.0], [6.0, 6.0]], 60, axis=0)
X = rng.normal(size=(240, 2)) + corners
groups = np.repeat(["a", "b", "c", "d"], 60)
shop = pd.DataFrame(X * [10, 500], columns=["age (years)", "money (euro)"])"""
SLIDER = "slider = ScaleSlider(X, 4, title='Stretch')\nslider"
SHOP = "slider = ScaleSlider(shop, 4, axis=1, classes=groups)\nslider"


class Slider(View):
    """One view of the scale slider."""

    def __init__(self, page, root):
        super().__init__(page, root)
        self.canvas = root.locator(".kmt-yours")

    @property
    def factor(self):
        """The factor as the page writes it, and the axis."""
        axis, factor = self.root.locator(".kmt-count").text_content().rsplit(" × ", 1)
        return float(factor), axis

    def pictures(self):
        """A hash of each canvas."""
        return self.pixels(".kmt-seen")["hash"], self.pixels(".kmt-yours")["hash"]


@pytest.fixture(scope="module")
def notebook(lab, page):
    notebook = Notebook(lab, page, lab.write("scale.ipynb", DATA, SLIDER, ""))
    notebook.run_cell(0)
    yield notebook
    lab.end_kernels()


@pytest.fixture
def show(notebook, page):
    """Run the second cell with this source and return the view below it."""

    def show(source=SLIDER):
        page.evaluate("() => document.querySelectorAll('.kmt').forEach(e => e.dataset.old = 1)")
        notebook.run_cell(1, source)
        assert notebook.faults() == []
        return Slider(page, page.locator(".kmt:not([data-old])"))

    yield show
    assert page.console.errors() == []


def same_as_python(view, notebook):
    """Hold the sentence to what Python computes, once it has heard of the factor."""
    shown = view.factor[0]
    notebook.wait_python("float(f'{slider.factor:.3g}')", shown)
    moved, inertia = notebook.python("[slider.n_moved, slider.inertia]")
    if shown != 1:
        said = re.search(r"(\d+) of 240 points? (is|are) in another cluster", view.words)
        assert int(said[1]) == moved
    assert float(re.search(r"Inertia (\S+) in", view.words)[1]) == pytest.approx(inertia, rel=1e-3)
    return moved


# -------------------------------------------------------------------------------- mouse and keys


def test_the_pointer_stretches_and_python_follows(show, notebook, page):
    view = show()
    assert view.factor == (1, "x")
    assert view.words.startswith("As given (factor 1): the clusters to compare with.")
    first = view.pictures()
    box = view.root.locator(".kmt-scrub").bounding_box()
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] / 2, middle)
    page.mouse.down()
    seen = []
    for part in (0.6, 0.8, 0.999):
        page.mouse.move(box["x"] + box["width"] * part, middle, steps=3)
        seen.append((view.factor[0], view.words, view.pictures()))
    page.mouse.up()
    assert seen[0][0] < seen[1][0] < seen[2][0] == 10
    assert len({words for _, words, _ in seen}) == 3
    assert len({first, *(pictures for *_, pictures in seen)}) == 4
    assert view.words.startswith("Stretched (x × 10): ")
    assert same_as_python(view, notebook) > 60


def test_a_move_is_answered_in_the_same_frame(show):
    view = show()
    answered = view.root.evaluate(
        """root => {
          const slider = root.querySelector('.kmt-scrub'), before = Number(root.dataset.drawn);
          slider.value = slider.max;
          slider.dispatchEvent(new Event('input'));
          return [Number(root.dataset.drawn) - before, root.querySelector('.kmt-count').textContent];
        }"""
    )
    assert answered == [1, "x × 10"]


def test_keys_stretch_finely_and_coarsely(show, notebook):
    view = show()
    found = []
    for key in ("ArrowRight", "ArrowLeft", "ArrowLeft", "PageUp", "Shift+ArrowRight", "PageDown"):
        view.press(key)
        found.append(view.factor[0])
    assert found == [1.05, 1, 0.955, 1.51, 2.4, 1.51]
    view.press("Home")
    assert view.factor == (0.1, "x")
    view.press("ArrowLeft")
    assert view.factor == (0.1, "x")
    assert view.words.startswith("Shrunk (x × 0.1): ")
    same_as_python(view, notebook)
    view.press("End")
    assert view.factor == (10, "x")
    same_as_python(view, notebook)
    view.press("1")
    assert view.factor == (1, "x")
    view.root.locator(".kmt-scrub").focus()
    view.page.keyboard.press("ArrowRight")  # the slider's own keys do the same
    assert view.factor == (1.05, "x")
    view.page.keyboard.press("PageUp")
    assert view.factor == (1.66, "x")


def test_s_standardises_and_1_resets(show, notebook):
    view = show(SHOP)
    assert "money (euro) makes up over 99.9 % of all squared distances" in view.words
    first = view.pictures()
    view.press("s")
    assert view.words.startswith("Same spread (money (euro) × 0.0194)")
    assert "Both columns make up half of all squared distances" in view.words
    standard = view.root.locator(".kmt-standard")
    assert standard.get_attribute("aria-pressed") == "true"
    assert same_as_python(view, notebook) > 60
    assert notebook.python("slider.factor == slider.same_spread")
    rand = float(re.search(r"adjusted Rand index (\S+)\.$", view.words)[1])
    assert rand == pytest.approx(notebook.python("slider.agreement"), abs=0.005)
    assert rand > 0.9
    view.press("ArrowRight", "ArrowLeft", "ArrowLeft")
    assert standard.get_attribute("aria-pressed") == "false"
    view.press("1")
    assert view.factor == (1, "money (euro)")
    assert view.pictures() == first


def test_buttons_do_what_keys_do(show):
    view = show(SHOP)
    first = view.pictures()
    view.click("standard")
    standardised = view.pictures()
    view.press("1", "S")
    assert standardised != first
    view.click("given")
    view.click("standard")
    view.canvas.focus()
    assert view.words.startswith("Same spread")
    view.click("given")
    assert view.words.startswith("As given")


def test_the_other_axis_keeps_the_clustering(show, notebook):
    view = show(SHOP)
    view.press("s")
    words, seen = view.words, view.pictures()
    view.root.locator(".kmt-axis").nth(0).click()
    assert view.factor[1] == "age (years)"
    assert view.words.startswith("Same spread (age (years) × ")
    assert re.search(r"(\d+) of 240", view.words)[0] == re.search(r"(\d+) of 240", words)[0]
    assert view.pictures()[1] != 0
    notebook.wait_python("slider.axis", 0)
    same_as_python(view, notebook)
    view.root.locator(".kmt-axis").nth(1).click()
    assert view.words == words
    view.canvas.focus()
    assert view.pictures() == seen


def test_outlines_can_be_taken_off(show):
    view = show()
    view.press("End")
    with_outlines = view.pictures()
    view.root.locator("input[type=checkbox]").uncheck()
    assert view.pictures()[0] != with_outlines[0]
    assert view.pictures()[1] != with_outlines[1]
    view.root.locator("input[type=checkbox]").check()
    assert view.pictures() == with_outlines


# ------------------------------------------------------------------------------ Python and views


def test_python_moves_the_slider(show, notebook):
    view = show()
    notebook.execute("slider.factor = 5")
    view.wait("root.querySelector('.kmt-count').textContent === 'x × 5'")
    assert f"{notebook.python('slider.n_moved')} of 240" in view.words
    notebook.execute("slider.axis = 1; slider.factor = 0.5")
    view.wait("root.querySelector('.kmt-count').textContent === 'y × 0.5'")
    same_as_python(view, notebook)


def test_two_views_come_to_the_same_factor(show, page, notebook):
    show()
    page.evaluate("() => document.querySelectorAll('.kmt').forEach(e => e.dataset.old = 1)")
    notebook.run_cell(1, "from ipywidgets import VBox\nVBox([slider, slider])")
    views = page.locator(".kmt:not([data-old])")
    one, other = Slider(page, views.nth(0)), Slider(page, views.nth(1))
    one.press("End")
    other.wait("root.querySelector('.kmt-count').textContent === 'x × 10'")
    assert one.words == other.words
    other.press("1")
    one.wait("root.querySelector('.kmt-count').textContent === 'x × 1'")
    assert one.pictures()[0] == other.pictures()[0]


def test_running_the_cell_again_starts_anew(show):
    show().press("End")
    assert show().factor == (1, "x")


# ----------------------------------------------------------------------------------------- looks


@pytest.mark.parametrize("width", [1600, 1280, 800, 600, 480, 400])
def test_fits_its_width_and_nothing_jumps(show, page, width):
    view = show(SHOP)
    page.set_viewport_size({"width": width, "height": 900})
    try:
        view.wait("Math.abs(root.querySelector('.kmt-stage').clientWidth - root.clientWidth) < 12")
        page.wait_for_timeout(150)
        heights = set()
        for key in ("1", "s", "Home", "ArrowRight", "End"):
            view.press(key)
            heights.add(view.get("root.offsetHeight"))
            assert view.get("root.scrollWidth <= root.clientWidth + 1"), key
        assert len(heights) == 1, f"the height jumps: {sorted(heights)}"
        assert view.root.evaluate(OVERLAPS) == []
        top = "root.querySelector('{}').getBoundingClientRect().top"
        tops = [view.get(top.format(name)) for name in (".kmt-seen", ".kmt-yours")]
        assert (tops[0] == tops[1]) == (width > 650)
        for name in (".kmt-seen", ".kmt-yours"):
            assert view.pixels(name)["other"] > 10_000
    finally:
        page.set_viewport_size({"width": 1280, "height": 900})


def test_the_theme_flips_while_it_is_shown(show, notebook):
    view = show()
    view.press("End")
    light = view.pictures()
    notebook.theme("dark")
    try:
        view.wait("root.classList.contains('kmt-dark')")
        view.page.wait_for_timeout(200)
        assert view.factor == (10, "x")
        dark = view.pictures()
        assert dark[0] != light[0]
        assert dark[1] != light[1]
    finally:
        notebook.theme("light")
    view.wait("!root.classList.contains('kmt-dark')")
    view.page.wait_for_timeout(200)
    assert view.pictures() == light


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_accessible(show, notebook, page, theme):
    view = show(SHOP)
    notebook.theme(theme)
    try:
        page.wait_for_timeout(300)
        for key in ("1", "s"):
            view.press(key)
            report = Axe().run(page, ".kmt:not([data-old])")
            assert {v["id"]: v["nodes"][0]["html"][:200] for v in report["violations"]} == {}
            assert len(report["passes"]) > 10
    finally:
        notebook.theme("light")
        page.wait_for_timeout(300)


def test_everything_has_a_name(show):
    view = show(SHOP)
    nameless = view.get(
        """[...root.querySelectorAll('button, input, canvas')].filter(part =>
             !(part.getAttribute('aria-label') || part.textContent || part.labels?.[0]?.textContent).trim()).length"""
    )
    assert nameless == 0
    slider = view.root.locator(".kmt-scrub")
    view.press("End")
    assert slider.get_attribute("aria-valuetext") == "money (euro) × 10"
    for name in ("seen", "yours"):
        assert view.words in view.root.locator(f".kmt-{name}").get_attribute("aria-label")
    assert view.root.locator(".kmt-words").get_attribute("aria-live") == "polite"


def test_goes_on_without_a_kernel(lab, browser):
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.console = Console(page)
    notebook = Notebook(lab, page, lab.write("scale_alone.ipynb", DATA, SLIDER))
    notebook.run_cell(0)
    notebook.run_cell(1)
    view = Slider(page, page.locator(".kmt"))
    lab.end_kernels()
    page.wait_for_timeout(500)
    before = view.pictures()
    view.press("End")
    assert view.words.startswith("Stretched (x × 10)")
    assert view.pictures() != before
    page.wait_for_timeout(400)
    assert page.console.errors(KERNEL_IS_GONE) == []
    context.close()


def test_a_reopened_notebook_shows_the_factor(lab, browser):
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.console = Console(page)
    notebook = Notebook(lab, page, lab.write("scale_again.ipynb", DATA, SLIDER))
    notebook.run_cell(0)
    notebook.run_cell(1)
    view = Slider(page, page.locator(".kmt"))
    view.press("End")
    notebook.wait_python("slider.factor", 10)
    words = view.words
    notebook.command("docmanager:save")
    page.goto("about:blank")
    again = Notebook(lab, page, notebook.name)
    view = Slider(page, page.locator(".kmt"))
    assert view.words == words
    assert view.factor == (10, "x")
    assert page.get_by_text("model not found").count() == 0
    view.press("1")
    assert view.words.startswith("As given")
    assert again.faults() == []
    assert page.console.errors() == []
    lab.end_kernels()
    context.close()
