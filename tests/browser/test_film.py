"""A film in a notebook: every control, links from and to other widgets, with and without Python."""

import pytest
from axe_core_python.sync_playwright import Axe

from .lab import KERNEL_IS_GONE, ROOT, Console, Notebook
from .test_looks import OVERLAPS, WIDTHS
from .view import View

SETUP = f"""\
import sys
sys.path.insert(0, {str(ROOT)!r})
import ipywidgets
from tests.films import Sampler"""
FILM = "film = Sampler(title='Six points')\nfilm"
PARTS = "points", "pictures", "table", "bars", "curve", "grid", "profile"
KINDS = [f".kmt-{part}" for part in PARTS]


class FilmView(View):
    """A View that finds its parts by kind."""

    def __init__(self, page, root):
        super().__init__(page, root)
        self.data = root.locator("input[type=radio]")
        self.k = root.locator(".kmt-bar:not(.kmt-second) input[type=range]")
        self.weight = root.locator(".kmt-second input[type=range]")

    def wait_words(self, words):
        self.wait(f"root.querySelector('.kmt-words').textContent === {words!r}")

    def pictures(self):
        return tuple(self.pixels(kind)["hash"] for kind in KINDS)


@pytest.fixture(scope="module")
def notebook(lab, page):
    notebook = Notebook(lab, page, lab.write("film.ipynb", SETUP, FILM, "", ""))
    notebook.run_cell(0)
    yield notebook
    lab.end_kernels()


@pytest.fixture
def show(notebook, page):
    """Run the second cell with this source and return the view below it."""

    def show(source=FILM):
        page.evaluate("() => document.querySelectorAll('.kmt').forEach(e => e.dataset.old = 1)")
        notebook.run_cell(1, source)
        assert notebook.faults() == []
        return FilmView(page, page.locator(".kmt:not([data-old])"))

    yield show
    assert page.console.errors() == []
    assert notebook.faults() == []


def stops(notebook):
    return notebook.python("[film.data, film.k, film.cluster, film.weight]")


def test_tab_goes_from_axis_to_axis_and_arrows_along_one(show, notebook, page):
    view = show()
    assert view.words == "Row: cluster 0 of 2 weighs 1 g."
    before = view.pictures()
    view.k.focus()
    page.keyboard.press("ArrowRight")
    view.wait_words("Row: cluster 0 of 3 weighs 1 g.")
    assert all(a != b for a, b in zip(before, view.pictures(), strict=True))
    page.keyboard.press("Tab")  # the speed
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")
    view.wait_words("Row: cluster 0 of 3 weighs 2 g.")
    page.keyboard.press("Tab")
    for key, cluster in (("ArrowRight", 1), ("End", 2), ("ArrowRight", 2), ("Home", 0), ("End", 2)):
        page.keyboard.press(key)
        view.wait_words(f"Row: cluster {cluster} of 3 weighs {2 * cluster + 2} g.")
    notebook.wait_python("[film.data, film.k, film.cluster, film.weight]", ["row", 3, 2, 2.0])
    assert notebook.python("len(film.computed)") == 30, "the page asked for nothing that it had"
    view.k.focus()
    page.keyboard.press("Home")
    view.wait_words("Row: cluster 0 of 1 weighs 2 g.")
    notebook.wait_python("film.k", 1)


def test_the_mouse_chooses_in_every_picture(show, page):
    view = show()
    view.k.focus()
    page.keyboard.press("End")
    table = view.root.locator(".kmt-table").bounding_box()
    for kind, place, cluster in (
        (".kmt-pictures", (150, 30), 1),
        (".kmt-table", (table["width"] / 2, table["height"] - 12), 3),
        (".kmt-bars", (150, 60), 2),
    ):
        canvas = view.root.locator(kind)
        canvas.scroll_into_view_if_needed()
        canvas.click(position=dict(zip("xy", place, strict=True)))
        view.wait_words(f"Row: cluster {cluster} of 4 weighs {cluster + 1} g.")
    view.root.locator(".kmt-curve").click(position={"x": 60, "y": 50})
    view.wait_words("Row: cluster 0 of 1 weighs 1 g.")


def test_what_waits_is_computed_when_it_is_chosen(show, notebook):
    view = show()
    assert notebook.python("{place[0] for place in film.computed} == {'row'}")
    view.data.nth(1).check(force=True)
    view.wait_words("Heap: cluster 0 of 2 weighs 1 g.")
    assert not view.get("root.classList.contains('kmt-waiting')")
    notebook.wait_python("film.data", "heap")
    assert notebook.python("len(film.computed)") == 60
    view.data.nth(0).check(force=True)
    view.wait_words("Row: cluster 0 of 2 weighs 1 g.")
    notebook.wait_python("film.data", "row")
    assert notebook.python("len(film.computed)") == 60


def test_a_bar_and_a_sentence_while_python_computes(show, notebook):
    view = show(FILM.replace("\nfilm", "\nimport time\nquick = film.frame\n"
        "film.frame = lambda **stops: (time.sleep(0.05), quick(**stops))[1]\nfilm", 1))  # fmt: skip
    view.data.nth(1).check(force=True)
    view.wait("root.querySelector('.kmt-words').textContent.startsWith('Python computes')")
    view.wait("root.querySelector('progress').value > 0.2")
    assert view.get("getComputedStyle(root.querySelector('.kmt-rows')).opacity") == "0.35"
    view.data.nth(0).check(force=True)  # one may go back meanwhile
    view.wait_words("Row: cluster 0 of 2 weighs 1 g.")
    view.data.nth(1).check(force=True)
    view.wait_words("Heap: cluster 0 of 2 weighs 1 g.")
    assert view.get("root.querySelector('progress').hidden")


def test_what_goes_wrong_is_said_on_the_page(show, notebook):
    view = show("film = Sampler()\nquick = film.frame\nfilm.frame = lambda **stops: 1 / 0\nfilm")
    view.data.nth(1).check(force=True)
    view.wait("root.querySelector('.kmt-words').textContent.includes('ZeroDivisionError')")
    notebook.execute("film.frame = quick")
    view.data.nth(0).check(force=True)
    view.wait_words("Row: cluster 0 of 2 weighs 1 g.")
    view.data.nth(1).check(force=True)
    view.wait_words("Heap: cluster 0 of 2 weighs 1 g.")


def test_python_moves_it_and_hears_of_it(show, notebook, page):
    view = show(FILM + ".observe(lambda change: heard.append(change.new), 'k')\nheard = []\nfilm")
    notebook.execute("film.k = 4")
    view.wait_words("Row: cluster 0 of 4 weighs 1 g.")
    notebook.execute("film.go(data='heap', cluster=3, weight=2)")
    view.wait_words("Heap: cluster 3 of 4 weighs 8 g.")
    view.k.focus()
    page.keyboard.press("Home")
    notebook.wait_python("heard", [4, 1])
    assert notebook.python("film.cluster") == 0


def test_links_lead_both_ways(show, notebook, page):
    view = show(
        "film = Sampler()\nchosen = ipywidgets.Dropdown(options=['row', 'heap'])\n"
        "number = ipywidgets.IntSlider(min=0, max=9, value=2)\n"
        "ipywidgets.link((chosen, 'value'), (film, 'data'))\n"
        "ipywidgets.jslink((number, 'value'), (film, 'k'))\n"
        "ipywidgets.VBox([chosen, number, film])"
    )
    page.locator(".widget-dropdown select").last.select_option("heap")
    view.wait_words("Heap: cluster 0 of 2 weighs 1 g.")
    view.data.nth(0).check(force=True)
    notebook.wait_python("chosen.value", "row")
    view.k.focus()
    page.keyboard.press("End")
    notebook.wait_python("number.value", 4)
    notebook.execute("number.value = 3")
    view.wait_words("Row: cluster 0 of 3 weighs 1 g.")
    notebook.wait_python("film.k", 3)
    notebook.execute("number.value = 9")  # there is no such stop: the slider gets the old one back
    notebook.wait_python("[number.value, film.k]", [3, 3])
    assert view.words == "Row: cluster 0 of 3 weighs 1 g."


def test_two_views_follow_each_other(show, notebook, page):
    show()
    notebook.run_cell(2, "film")
    one, two = (FilmView(page, page.locator(".kmt:not([data-old])").nth(i)) for i in (0, 1))
    one.k.focus()
    page.keyboard.press("End")
    two.wait_words("Row: cluster 0 of 4 weighs 1 g.")
    two.data.nth(1).check(force=True)
    one.wait_words("Heap: cluster 0 of 4 weighs 1 g.")
    assert one.root.locator("input[type=radio]").nth(1).is_checked()
    notebook.run_cell(2, "'gone'")
    one.k.focus()
    page.keyboard.press("Home")
    one.wait_words("Heap: cluster 0 of 1 weighs 1 g.")


def test_a_step_answers_in_the_same_frame(show):
    view = show()
    changed = view.root.evaluate(
        """root => {
          const words = () => root.querySelector('.kmt-words').textContent, before = words();
          root.querySelector('.kmt-forward').click();
          return words() !== before;
        }"""
    )
    assert changed


def test_labs_shortcuts_are_quiet(show, notebook, page):
    view = show()
    cells = len(notebook.cells())
    for part in (view.k, view.weight, view.root.locator(".kmt-pictures"), view.data.nth(0)):
        part.focus()
        for key in "abmyxd":
            page.keyboard.press(key)
    assert len(notebook.cells()) == cells
    assert [cell["cell_type"] for cell in notebook.cells()] == ["code"] * cells


@pytest.mark.parametrize("width", WIDTHS)
def test_fits_its_width_and_does_not_jump(show, page, width):
    view = show()
    page.set_viewport_size({"width": width, "height": 900})
    page.wait_for_timeout(300)  # until Lab has laid itself out anew
    assert view.get("root.scrollWidth <= root.clientWidth + 1")
    assert view.get("root.getBoundingClientRect().right <= innerWidth + 1")
    assert view.root.evaluate(OVERLAPS) == []
    heights = set()
    view.k.focus()
    page.keyboard.press("Home")
    for _ in range(4):
        heights.add(view.get("root.getBoundingClientRect().height"))
        page.keyboard.press("ArrowRight")
    assert len(heights) == 1, f"the height jumps: {sorted(heights)}"
    for kind in KINDS:
        picture = view.pixels(kind)
        assert picture["other"] > 300, f"{kind} is empty"
    page.set_viewport_size({"width": 1280, "height": 900})


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_accessible(show, notebook, page, theme):
    notebook.theme("light")
    view = show()
    before = view.pictures()
    notebook.theme(theme)
    page.wait_for_timeout(300)
    changed = [a != b for a, b in zip(before, view.pictures(), strict=True)]
    assert changed == [theme == "dark"] * len(KINDS)
    report = Axe().run(page, ".kmt:not([data-old])")
    faults = {v["id"]: [node["html"][:200] for node in v["nodes"]] for v in report["violations"]}
    assert faults == {}
    assert len(report["passes"]) > 10
    pictures = view.root.locator(".kmt-pictures")
    assert pictures.get_attribute("role") == "slider"
    assert pictures.get_attribute("aria-valuetext") == "cluster 0"
    assert view.k.get_attribute("aria-valuetext") == "k = 2"


def test_touch_chooses(browser, lab):
    context = browser.new_context(viewport={"width": 500, "height": 900}, has_touch=True)
    page = context.new_page()
    console = Console(page)
    notebook = Notebook(lab, page, lab.write("touch_film.ipynb", SETUP, FILM))
    notebook.run_all()
    view = FilmView(page, page.locator(".kmt"))
    view.root.locator(".kmt-stops label").nth(1).tap()
    view.wait_words("Heap: cluster 0 of 2 weighs 1 g.")
    view.root.locator(".kmt-forward").tap()
    view.wait_words("Heap: cluster 0 of 3 weighs 1 g.")
    canvas = view.root.locator(".kmt-table")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    canvas.tap(position={"x": 150, "y": box["height"] - 15})
    view.wait_words("Heap: cluster 2 of 3 weighs 3 g.")
    notebook.wait_python("film.cluster", 2)
    assert console.errors() == []
    context.close()


# ------------------------------------------------------------------------------------ without Python


@pytest.mark.parametrize("end", ["restart", "shutdown"])
def test_what_was_computed_plays_without_python(lab, page, end):
    notebook = Notebook(lab, page, lab.write(f"film_{end}.ipynb", SETUP, FILM))
    notebook.run_all()
    view = FilmView(page, page.locator(".kmt"))
    ends = {
        "restart": "await jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart();",
        "shutdown": "await jupyterapp.shell.currentWidget.sessionContext.shutdown();",
    }
    page.evaluate(f"async () => {{ {ends[end]} }}")
    view.k.focus()
    page.keyboard.press("End")
    view.wait_words("Row: cluster 0 of 4 weighs 1 g.")
    view.data.nth(1).check(force=True)
    view.wait("/Run th(e|is) cell again/i.test(root.querySelector('.kmt-words').textContent)")
    view.data.nth(0).check(force=True)
    view.wait_words("Row: cluster 0 of 4 weighs 1 g.")
    assert notebook.faults() == []
    assert page.console.errors(KERNEL_IS_GONE) == []
    lab.end_kernels()


@pytest.mark.parametrize("kernel", ["lives", "is gone"])
def test_a_reopened_notebook_shows_the_film(lab, page, kernel):
    notebook = Notebook(lab, page, lab.write(f"film_{len(kernel)}.ipynb", SETUP, FILM))
    notebook.run_all()
    view = FilmView(page, page.locator(".kmt"))
    view.data.nth(1).check(force=True)
    view.wait_words("Heap: cluster 0 of 2 weighs 1 g.")
    notebook.wait_python("film.data", "heap")
    again = notebook.reopen(kernel)
    view = FilmView(page, page.locator(".kmt"))
    view.wait_words("Heap: cluster 0 of 2 weighs 1 g.")
    for nth, data in ((0, "Row"), (1, "Heap")):
        view.data.nth(nth).check(force=True)
        view.wait_words(f"{data}: cluster 0 of 2 weighs 1 g.")
    assert page.get_by_text("model not found").count() == 0
    assert again.faults() == []
    assert page.console.errors(KERNEL_IS_GONE) == []
    lab.end_kernels()


def test_a_saved_page_works_without_python_and_network(browser, tmp_path):
    from tests.films import Sampler

    film = Sampler()
    film.go(k=3, cluster=1)
    context = browser.new_context(offline=True)
    page = context.new_page()
    console = Console(page)
    page.goto(film.save(tmp_path / "film.html").as_uri())
    view = FilmView(page, page.locator(".kmt"))
    assert view.words == film.shown.words == "Row: cluster 1 of 3 weighs 2 g."
    for kind in KINDS:
        assert view.pixels(kind)["other"] > 300, f"{kind} is empty"
    view.data.nth(1).check(force=True)
    view.wait_words("Heap: cluster 1 of 3 weighs 2 g.")
    view.press("End")
    view.wait_words("Heap: cluster 2 of 3 weighs 3 g.")
    assert console.errors() == []
    context.close()
