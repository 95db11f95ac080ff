"""The seed gallery in a notebook: steps, opens runs by bars, and says what n_init does."""

import re

import numpy as np
import pytest
from axe_core_python.sync_playwright import Axe

from kmeans_teach.history import number

from .lab import KERNEL_IS_GONE, Notebook
from .view import View

# four blobs, two of them close: some starts get stuck
DATA = """\
import numpy as np
from kmeans_teach import SeedGallery
corners = np.repeat([[0.0, 0.0], [9.0, 0.0], [1.0, 9.0], [5.0, 8.0]], 75, axis=0)
X = np.random.RandomState(7).normal(size=(300, 2)) + corners"""
GALLERY = "gallery = SeedGallery(X, 4, seeds=range(12), title='Twelve seeds')\ngallery"
PICTURE = ".kmt-panel:nth-child(3) canvas"


class Gallery(View):
    """A view of the gallery; its keys go to the toolbar's scrubber unless told otherwise."""

    def press(self, *keys, on=".kmt-scrub"):
        self.root.locator(on).focus()
        for key in keys:
            self.page.keyboard.press(key)

    def text(self, name):
        return self.root.locator(name).text_content()

    def captions(self):
        return self.get("[...root.querySelectorAll('.kmt-panel')].map(p => p.ariaLabel)")

    def bar_words(self):
        return self.text(".kmt-side > div:nth-child(1) .kmt-line")

    def many_words(self):
        return self.text(".kmt-side > div:nth-child(2) .kmt-line")


@pytest.fixture(scope="module")
def notebook(lab, page):
    notebook = Notebook(lab, page, lab.write("gallery.ipynb", DATA, GALLERY, "gallery"))
    notebook.run_cell(0)
    yield notebook
    lab.end_kernels()


@pytest.fixture
def show(notebook, page):
    """Run a cell and return the view below it."""

    def show(cell=1, source=GALLERY):
        page.evaluate("() => document.querySelectorAll('.kmt').forEach(e => e.dataset.old = 1)")
        notebook.run_cell(cell, source)
        assert notebook.faults() == []
        return Gallery(page, page.locator(".kmt-gallery:not([data-old])"))

    yield show
    assert page.console.errors() == []


def ends(notebook):
    """The last half-step and the final inertia of each run that is shown."""
    return notebook.python("[[len(run) - 1, run[-1].inertia] for run in gallery.runs]")


def test_all_runs_step_together_and_wait_at_their_ends(show, notebook):
    view, found = show(), ends(notebook)
    assert view.position() == (0, max(last for last, _ in found))
    assert "12 seeds, each with centres of its own" in view.words
    pictures = {view.pixels(PICTURE)["hash"]}
    view.click("forward")
    view.press("ArrowRight")
    view.wait_at(2)
    pictures.add(view.pixels(PICTURE)["hash"])
    inertias = notebook.python("[r[2].inertia for r in gallery.runs]")
    for seed, (caption, inertia) in enumerate(zip(view.captions(), inertias, strict=True)):
        assert caption.startswith(f"Seed {seed}, inertia {number(inertia)}, ")
    assert f"inertia from {number(min(inertias))} to {number(max(inertias))}" in view.words
    view.click("back")
    assert view.at == 1
    view.press("End")
    best = notebook.python("gallery.best")
    for (_, inertia), caption in zip(found, view.captions(), strict=True):
        assert f"inertia {number(inertia)}" in caption
        assert ("best" in caption) == (inertia < best * 1.000001) != ("stuck" in caption)
    reached = sum(inertia < best * 1.000001 for _, inertia in found)
    assert 0 < reached < 12
    assert f"All 12 runs have ended: {reached} at the best ({number(best)})" in view.words
    pictures.add(view.pixels(PICTURE)["hash"])
    assert len(pictures) == 3
    short = min(last for last, _ in found)
    view.root.locator(".kmt-scrub").fill(str(short))
    view.wait_at(short)
    over = sum("E-step" not in c and "M-step" not in c for c in view.captions())
    assert over == sum(last <= short for last, _ in found) < 12
    view.press("Home")
    view.wait_at(0)


def test_it_plays_to_the_end_and_nothing_jumps(show):
    view = show()
    heights = {view.get("root.offsetHeight")}
    view.root.locator("select").first.select_option(label="fast")
    view.press(" ")
    assert "Pause" in view.root.locator(".kmt-play").get_attribute("aria-label")
    view.wait_at(view.last)
    view.wait("root.querySelector('.kmt-play').ariaLabel.startsWith('Play')")
    for _ in range(view.last):
        heights.add(view.get("root.offsetHeight"))
        view.press("ArrowLeft")
    view.press("Enter", on=".kmt-panel:first-child")  # one run large takes the place of all
    heights.add(view.get("root.offsetHeight"))
    assert len(heights) == 1
    assert view.get("root.querySelector('.kmt-large').offsetHeight") > 300
    view.press("Home", " ")
    view.root.locator(".kmt-all").click()  # another choice ends the playing
    assert "Play" in view.root.locator(".kmt-play").get_attribute("aria-label")


def test_a_bar_opens_its_runs_by_the_keyboard(show, notebook):
    view = show()
    inertias = np.array(notebook.python("gallery.inertias.tolist()"))
    assert f"{(inertias < inertias.min() * 1.000001).sum()} of 200 seeds" in view.bar_words()
    picture = view.pixels(".kmt-histogram")["hash"]
    view.press("End", on=".kmt-histogram")
    count = int(re.search(r": (\d+) of 200 seeds", view.bar_words()).group(1))
    view.press("Enter", on=".kmt-histogram")
    notebook.wait_python("gallery.chosen", int(np.argsort(inertias)[-count:].min()))
    seed = notebook.python("gallery.chosen")
    assert view.text(".kmt-large-name").startswith(f"Seed {seed}, one of {count} of 200 seeds")
    assert f"to {number(inertias[seed])}. The end: stuck" in view.words
    assert view.at == view.last
    assert view.pixels(".kmt-histogram")["hash"] != picture
    large = view.pixels(".kmt-large")
    assert large["other"] > 1000
    view.press("Home", "Enter", on=".kmt-histogram")
    view.wait("root.querySelector('.kmt-words').textContent.includes('no run ends lower')")
    good = np.flatnonzero(inertias < inertias.min() * 1.000001).tolist()
    notebook.wait_python("gallery.chosen", good[0])
    assert view.pixels(".kmt-large")["hash"] != large["hash"]
    view.press("Enter", on=".kmt-histogram")  # again: the next seed of the same bar
    notebook.wait_python("gallery.chosen", good[1])
    view.press("ArrowLeft", on=".kmt-large")
    assert view.at == view.last - 1
    view.press("Escape", on=".kmt-large")
    notebook.wait_python("gallery.chosen", None)
    assert view.root.locator(".kmt-grid").is_visible()
    assert not view.root.locator(".kmt-single").is_visible()


def test_bars_and_panels_open_by_the_mouse(show, notebook):
    view = show()
    bars = view.root.locator(".kmt-histogram")
    bars.scroll_into_view_if_needed()
    box = bars.bounding_box()
    spots = []
    for x in np.linspace(50, box["width"] - 12, 40):
        view.page.mouse.move(box["x"] + x, box["y"] + box["height"] / 2)
        if view.bar_words().startswith("Inertia"):
            spots.append((view.bar_words(), x))
    assert len({words for words, _ in spots}) >= 2
    words, x = spots[-1]
    view.page.mouse.click(box["x"] + x, box["y"] + box["height"] / 2)
    notebook.wait_python("gallery.chosen", int(re.search(r"seed (\d+)\.$", words).group(1)))
    view.root.locator(".kmt-all").click()
    notebook.wait_python("gallery.chosen", None)
    view.press("End")
    view.root.locator(".kmt-panel").nth(4).click()
    notebook.wait_python("gallery.chosen", 4)
    run = notebook.python("gallery.runs[4].sentence(len(gallery.runs[4]) - 1)")
    assert view.words.startswith(run)
    view.press("Escape", on=".kmt-large")
    view.wait("document.activeElement === root.querySelectorAll('.kmt-panel')[4]")


def test_n_init_by_slider_and_by_the_curve(show, notebook):
    view = show()
    one, three = notebook.python("[gallery.chance(1), gallery.chance(3)]")
    needed = notebook.python("gallery.n_init_for(0.99)")
    assert f"n_init = 1: one run reaches the best with a probability of {100 * one:g} %" in (
        view.many_words()
    )
    assert f"n_init = {needed} is needed for 99 %" in view.many_words()
    picture, at = view.pixels(".kmt-curve")["hash"], view.at
    view.press("ArrowRight", "ArrowRight", on=".kmt-ninit")
    assert f"the best of 3 runs is the best of all with a probability of {100 * three:.1f} %" in (
        view.many_words()
    )
    assert view.at == at  # the arrows moved n_init, not the runs
    assert view.pixels(".kmt-curve")["hash"] != picture
    curve = view.root.locator(".kmt-curve")
    curve.click(position={"x": curve.bounding_box()["width"] - 16, "y": 60})
    most = view.get("root.querySelector('.kmt-ninit').max")
    assert view.many_words().startswith(f"n_init = {most}:")


def test_the_other_start_changes_the_page_only(show, notebook):
    view = show()
    before = notebook.python("[gallery.best, gallery.probability_of_best, gallery.init]")
    picture, words = view.pixels(".kmt-histogram")["hash"], view.bar_words()
    first = view.pixels(PICTURE)["hash"]
    view.root.locator(".kmt-init").select_option(label="k-means++")
    hits = notebook.python("SeedGallery(X, 4, init='k-means++').probability_of_best * 200")
    assert view.bar_words() != words
    assert view.bar_words().startswith(f"{round(hits)} of 200 seeds")
    assert view.pixels(".kmt-histogram")["hash"] != picture
    assert view.pixels(PICTURE)["hash"] != first
    assert notebook.python("[gallery.best, gallery.probability_of_best, gallery.init]") == before


def test_python_and_another_view_follow(show, notebook, page):
    show()
    show(2, "gallery")
    view, other = (Gallery(page, page.locator(".kmt-gallery").nth(i)) for i in (0, 1))
    notebook.execute("gallery.chosen = 150")
    for one in (view, other):
        one.wait("!root.querySelector('.kmt-single').hidden")
        assert one.text(".kmt-large-name").startswith("Seed 150")
    other.press("Escape", on=".kmt-large")
    notebook.wait_python("gallery.chosen", None)
    view.wait("root.querySelector('.kmt-single').hidden")
    other.press("ArrowRight")
    assert (view.at, other.at) == (0, 1)


def test_themes_have_their_own_colours_and_no_faults(show, notebook):
    view = show()
    view.press("End")
    pictures = set()
    for theme in ("dark", "light"):
        drawn = view.drawn
        notebook.theme(theme)
        view.wait_drawn(drawn)
        view.wait(f"root.classList.contains('kmt-dark') === {str(theme == 'dark').lower()}")
        names = (PICTURE, ".kmt-histogram", ".kmt-curve")
        pictures.add(tuple(view.pixels(name)["hash"] for name in names))
        report = Axe().run(view.page, ".kmt-gallery:not([data-old])")
        assert [fault["id"] for fault in report["violations"]] == []
    assert len(pictures) == 2


@pytest.mark.parametrize(("width", "columns"), [(1280, 4), (800, 3), (420, 2)])
def test_the_grid_fits_the_width(show, page, width, columns):
    view = show()
    page.set_viewport_size({"width": width, "height": 900})
    rows = "new Set([...root.querySelectorAll('.kmt-panel')].map(p => p.offsetTop)).size"
    view.wait(f"{rows} === {12 // columns}")
    inside = "[...root.querySelectorAll('canvas, .kmt-bar, .kmt-panel')].filter(p => p.offsetWidth)"
    assert view.get(f"{inside}.every(p => p.offsetWidth <= root.clientWidth)")
    assert view.pixels(PICTURE)["other"] > 500
    clipped = (
        "[...root.querySelectorAll('.kmt-caption')].filter(p => p.scrollWidth > p.clientWidth)"
    )
    for key in ("Home", "ArrowRight", "End"):
        view.press(key)
        assert view.get(f"{clipped}.length") == 0
    height = view.get("root.offsetHeight")
    view.press("Enter", on=".kmt-panel:first-child")
    assert view.pixels(".kmt-large")["other"] > 1000
    if columns > 2:  # else the large picture stands right above the bars
        assert view.get("root.offsetHeight") == height
    page.set_viewport_size({"width": 1280, "height": 900})


def test_it_works_when_the_kernel_is_gone(lab, page):
    notebook = Notebook(lab, page, lab.write("gone.ipynb", DATA, GALLERY))
    notebook.run_all()
    view = Gallery(page, page.locator(".kmt-gallery"))
    lab.end_kernels()
    page.wait_for_timeout(500)
    view.press("End")
    assert "All 12 runs have ended" in view.words
    view.press("Home", "Enter", on=".kmt-histogram")
    assert "no run ends lower" in view.words
    view.root.locator(".kmt-init").select_option(label="k-means++")
    assert "200 seeds" in view.bar_words()
    assert page.console.errors(KERNEL_IS_GONE) == []
