"""The k explorer in a notebook: one cursor moves three pictures, Python computes gap and stability."""

import pytest
from axe_core_python.sync_playwright import Axe

from .lab import KERNEL_IS_GONE, Console, Notebook
from .view import View

SETUP = """\
import time
import numpy as np
from kmeans_teach import KExplorer, gap_statistic
from kmeans_teach.widgets import k_explorer
corners = np.array([[0.0, 0.0], [9.0, 0.0], [0.0, 9.0], [16.0, 16.0]])
X = np.random.RandomState(7).normal(size=(300, 2)) + np.repeat(corners, 75, axis=0)
noise = np.random.RandomState(0).uniform(0, 10, (300, 2))
quick = k_explorer.gap_statistic
pause = 0.02
def slow(X, k_values, *, progress, **options):
    return quick(X, k_values, progress=lambda *at: (time.sleep(pause), progress(*at))[1], **options)"""
EXPLORER = "explorer = KExplorer(X, title='How many?')\nexplorer"
NOISE = "explorer = KExplorer(noise, k=4)\nexplorer"
SLOW = "k_explorer.gap_statistic = slow\n"
CANVASES = (".kmt-curves", ".kmt-silhouettes", ".kmt-points")
THREADS = "sum('_run' in t.name for t in __import__('threading').enumerate())"


@pytest.fixture(scope="module")
def page(browser):
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.set_default_timeout(90_000)  # a machine may be busy
    page.console = Console(page)
    yield page
    context.close()


@pytest.fixture(scope="module")
def notebook(lab, page):
    notebook = Notebook(lab, page, lab.write("k_explorer.ipynb", SETUP, EXPLORER, "", ""))
    notebook.run_cell(0)
    yield notebook
    lab.end_kernels()


@pytest.fixture
def show(notebook, page):
    """Run the second cell with this source and return the view below it."""

    def show(source=EXPLORER):
        page.evaluate("() => document.querySelectorAll('.kmt').forEach(e => e.dataset.old = 1)")
        notebook.execute("k_explorer.gap_statistic = quick")
        notebook.run_cell(1, source)
        assert notebook.faults() == []
        return View(page, page.locator(".kmt:not([data-old])"))

    yield show
    assert page.console.errors() == []
    assert notebook.faults() == []


def wait_k(view, k):
    view.wait(f"root.querySelector('.kmt-count').textContent === 'k = {k}'")


def verdict(view):
    return view.root.locator(".kmt-verdict").text_content()


def wait_verdict(view, start):
    view.wait(f"root.querySelector('.kmt-verdict').textContent.startsWith({start!r})")


def wait_working(view, working=True):
    sign = "!" if working else ""
    view.wait(f"{sign}root.querySelector('.kmt-working').classList.contains('kmt-idle')")


def pictures(view):
    return tuple(view.pixels(name)["hash"] for name in CANVASES)


# ------------------------------------------------------------------------------------ the cursor


def test_every_k_has_its_pictures_and_sentence(show, notebook):
    view = show()
    sentences = notebook.python("[explorer.sentence(k) for k in explorer.sweep.k_values]")
    view.press("Home")
    seen = []
    for k, sentence in enumerate(sentences, start=1):
        wait_k(view, k)
        assert view.words == sentence
        label = view.canvas.get_attribute("aria-label")
        assert label == f"300 points in {k} cluster{'s' if k > 1 else ''}. {sentence}"
        seen.append(pictures(view))
        view.press("ArrowRight")
    for canvas in zip(*seen, strict=True):
        assert len(set(canvas)) == len(sentences), "each k looks different in each picture"
    wait_k(view, len(sentences))  # the last one stays
    notebook.wait_python("explorer.k", 10)


def test_keys_buttons_and_slider_choose_k(show, notebook, page):
    view = show()
    wait_k(view, 4)
    for key, k in [("ArrowRight", 5), ("ArrowLeft", 4), ("ArrowUp", 5), ("End", 10), ("Home", 1)]:
        view.press(key)
        wait_k(view, k)
    for name, k in [("forward", 2), ("forward", 3), ("back", 2)]:
        view.click(name)
        wait_k(view, k)
    slider = view.root.locator(".kmt-scrub")
    slider.fill("6")
    wait_k(view, 7)
    assert slider.get_attribute("aria-valuetext") == "k = 7"
    slider.focus()
    page.keyboard.press("ArrowRight")
    wait_k(view, 8)
    notebook.wait_python("explorer.k", 8)


def test_a_click_and_a_drag_on_the_curves_choose_k(show, notebook, page):
    view = show()
    curves = view.root.locator(".kmt-curves")
    curves.scroll_into_view_if_needed()
    box = curves.bounding_box()

    # k = 1 to 10 between the margins of 48 and 10 pixels, with 0.4 to spare on both sides
    def place(k):
        return 48 + (k - 0.6) / 9.8 * (box["width"] - 58)

    curves.click(position={"x": place(6), "y": 60})
    wait_k(view, 6)
    page.keyboard.press("ArrowRight")
    wait_k(view, 7)
    curves.click(position={"x": place(2), "y": box["height"] - 90})
    wait_k(view, 2)
    view.root.locator(".kmt-silhouettes").click()
    page.keyboard.press("ArrowRight")
    wait_k(view, 3)
    page.keyboard.press("ArrowLeft")
    wait_k(view, 2)
    before = pictures(view)
    page.mouse.move(box["x"] + place(2), box["y"] + 60)
    page.mouse.down()
    for k in (3, 5, 9):
        page.mouse.move(box["x"] + place(k), box["y"] + 60, steps=2)
        wait_k(view, k)
    page.mouse.up()
    page.mouse.move(box["x"] + place(1), box["y"] + 60)
    wait_k(view, 9)
    assert all(a != b for a, b in zip(before, pictures(view), strict=True))
    notebook.wait_python("explorer.k", 9)


def test_python_moves_the_cursor_and_hears_of_it(show, notebook):
    view = show()
    notebook.execute(
        "heard = []; explorer.observe(lambda change: heard.append(change['new']), 'k')"
    )
    notebook.execute("explorer.k = 7")
    wait_k(view, 7)
    view.press("ArrowRight", "ArrowRight", "ArrowLeft", "ArrowLeft", "ArrowLeft")
    notebook.wait_python("heard", [7, 6])  # where it came to rest, and not the way there
    assert notebook.python("int(explorer.labels.max())") == 5


def test_a_k_answers_in_the_same_frame(show):
    view = show()
    milliseconds = view.root.evaluate(
        """root => ['ArrowRight', 'ArrowLeft', 'End', 'Home', 'ArrowRight'].map(key => {
          const drawn = Number(root.dataset.drawn), began = performance.now();
          const event = new KeyboardEvent('keydown', { key, bubbles: true });
          root.querySelector('.kmt-points').dispatchEvent(event);
          return Number(root.dataset.drawn) > drawn ? performance.now() - began : null;
        })"""
    )
    print("milliseconds a k:", milliseconds)
    assert None not in milliseconds, "drawn before the key's event has ended"


def test_labs_shortcuts_are_quiet(show, notebook, page):
    view = show()
    before = [(cell["id"], cell["cell_type"]) for cell in notebook.cells()]
    view.press("a", "b", "d", "d", "m", "y", "x", "ArrowDown", "ArrowUp")
    view.root.locator(".kmt-curve-gap").focus()
    for key in ("a", "b", "d", "d", "x"):
        page.keyboard.press(key)
    assert [(cell["id"], cell["cell_type"]) for cell in notebook.cells()] == before


def test_looks_in_both_themes_and_all_widths(show, notebook, page):
    view = show()
    try:
        light = pictures(view)
        notebook.theme("dark")
        view.wait("root.classList.contains('kmt-dark')")
        assert all(a != b for a, b in zip(light, pictures(view), strict=True))
        for width in (1600, 1280, 800, 600, 420):
            drawn = view.drawn
            page.set_viewport_size({"width": width, "height": 900})
            if width != 1280:
                view.wait_drawn(above=drawn)
            page.wait_for_timeout(200)
            inside = view.get(
                "[...root.querySelectorAll('canvas, button, input, progress')].every(part => "
                "{ const a = part.getBoundingClientRect(), b = root.getBoundingClientRect(); "
                "return a.left >= b.left - 1 && a.right <= b.right + 1; })"
            )
            assert inside, f"nothing sticks out at {width} pixels"
            tops = [view.root.locator(name).bounding_box()["y"] for name in CANVASES]
            if width >= 1280:
                assert len(set(tops)) == 1, "a projector sees all three side by side"
            height = view.root.bounding_box()["height"]
            for key in ("Home", *["ArrowRight"] * 9):
                view.press(key)
                assert view.root.bounding_box()["height"] == height, f"{width}: {view.words}"
    finally:
        page.set_viewport_size({"width": 1280, "height": 900})
        notebook.theme("light")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_accessible(show, notebook, page, theme):
    view = show()
    notebook.theme(theme)
    try:
        for act in (lambda: view.press("Home"), lambda: view.click("compute-gap")):
            act()
            page.wait_for_timeout(300)
            report = Axe().run(page, ".kmt:not([data-old])")
            faults = {
                v["id"]: [node["html"][:200] for node in v["nodes"]] for v in report["violations"]
            }
            assert faults == {}
            assert len(report["passes"]) > 10
    finally:
        notebook.theme("light")
    wait_verdict(view, "Gap: ")
    wait_working(view, False)


# ------------------------------------------------------------------------------------ gap, stability


def test_the_gap_is_computed_drawn_and_told(show, notebook):
    view = show()
    assert "'none' is an answer" in verdict(view)
    before = view.pixels(".kmt-curves")["hash"]
    view.click("compute-gap")
    assert view.root.locator(".kmt-curve-gap").get_attribute("aria-pressed") == "true"
    wait_verdict(view, "Gap: the smallest k that holds is 4.")
    wait_working(view, False)
    assert view.pixels(".kmt-curves")["hash"] != before
    assert notebook.python("explorer.gap.gap.tolist() == gap_statistic(X).gap.tolist()")
    with_gap = view.pixels(".kmt-curves")["hash"]
    view.click("curve-silhouette")
    assert view.pixels(".kmt-curves")["hash"] not in (
        with_gap,
        before,
    )  # noise stays beside the elbow
    view.click("curve-gap")
    assert view.pixels(".kmt-curves")["hash"] == with_gap
    assert "the gap says" not in view.words


def test_none_is_an_answer_on_noise(show, notebook):
    view = show(NOISE)
    assert "worth" not in view.words
    view.root.locator(".kmt-compute-gap").focus()
    view.page.keyboard.press("Enter")
    wait_verdict(view, "Gap: already k = 1 holds: no clusters, the honest answer is 'none'.")
    assert view.words.endswith("No k is worth its name here: the gap says 'none'.")
    view.press("Home")
    assert view.words.endswith("The gap stops here: the honest answer is 'none'.")
    notebook.wait_python("explorer.gap.best", 1)


def test_stability_is_computed(show, notebook):
    view = show()
    view.click("compute-stability")
    wait_verdict(view, "Stability: k = ")
    assert notebook.python("explorer.stability.n_resamples") == 20
    assert verdict(view) == notebook.python("explorer.verdict()")


def test_it_stays_usable_while_it_computes_and_stop_keeps_what_is_finished(show, notebook, page):
    view = show(SLOW + EXPLORER)
    view.click("compute-gap")
    wait_working(view)
    assert view.root.locator(".kmt-compute-gap").is_disabled()
    view.wait("root.querySelector('.kmt-progress').value > 25")
    view.press("End")
    wait_k(view, 10)
    notebook.wait_python("explorer.k", 10)
    assert notebook.python("explorer.gap") is None
    view.click("stop")
    wait_verdict(view, "Gap:")
    wait_working(view, False)
    done = notebook.python("explorer.gap.n_references")
    assert 1 <= done < 20
    assert verdict(view).endswith(f"(Stopped after {done} of 20 references.)")
    same = f"gap_statistic(X, n_references={done}).gap.tolist()"
    assert notebook.python(f"explorer.gap.gap.tolist() == {same}")
    notebook.wait_python(THREADS, 0)
    view.click("compute-gap")  # and once more, to its end
    view.wait(
        "root.querySelector('.kmt-verdict').textContent === 'Gap: the smallest k that holds is 4.'"
    )


def test_it_computes_and_stops_while_a_cell_runs(show, notebook, page):
    view = show(SLOW + EXPLORER)
    page.evaluate(
        "() => { const { content, sessionContext } = jupyterapp.shell.currentWidget;"
        " sessionContext.session.kernel.requestExecute({ code: 'time.sleep(3)' }); }"
    )
    view.click("compute-gap")
    view.wait("root.querySelector('.kmt-progress').value > 25")
    view.click("stop")
    wait_verdict(view, "Gap:")
    notebook.wait_python(THREADS, 0)


def test_running_the_cell_again_ends_the_thread(show, notebook):
    view = show(SLOW + EXPLORER)
    view.click("compute-gap")
    wait_working(view)
    again = show(SLOW + EXPLORER)
    notebook.wait_python(THREADS, 0, seconds=3)  # it would take 4 seconds and more
    assert not again.root.locator(".kmt-compute-gap").is_disabled()
    assert notebook.python("explorer.gap") is None


def test_closing_the_view_ends_the_thread(show, notebook, page):
    view = show(SLOW + EXPLORER)
    view.click("compute-gap")
    wait_working(view)
    page.evaluate(
        "() => jupyterapp.shell.currentWidget.content.model.cells.get(1).sharedModel.setOutputs([])"
    )
    notebook.wait_python(THREADS, 0, seconds=3)


def test_two_views_follow_each_other(show, notebook, page):
    show(SLOW + EXPLORER)
    notebook.run_cell(2, "explorer")
    one, two = (View(page, page.locator(".kmt:not([data-old])").nth(i)) for i in (0, 1))
    one.press("End")
    wait_k(two, 10)
    two.press("Home")
    wait_k(one, 1)
    two.click("compute-gap")
    wait_working(one)
    one.click("stop")
    wait_working(two, False)
    two.click("compute-gap")
    wait_working(two)
    page.evaluate(
        "() => jupyterapp.shell.currentWidget.content.model.cells.get(2).sharedModel.setOutputs([])"
    )
    wait_verdict(one, "Gap: the smallest k that holds is 4.")  # the other view still waits for it


def test_a_gap_computed_in_a_cell_is_shown(show, notebook):
    view = show()
    notebook.run_cell(3, "explorer.compute_gap(n_references=5)")
    wait_verdict(view, "Gap: ")
    cell = notebook.cells()[3]
    assert [output["output_type"] for output in cell["outputs"]] == ["execute_result"]
    later = show(EXPLORER.replace("\n", "; explorer.compute_gap(n_references=5)\n"))
    wait_verdict(later, "Gap: ")


# ------------------------------------------------------------------------------------ without Python


@pytest.mark.parametrize("end", ["restart", "shutdown"])
def test_the_cursor_goes_on_without_python(lab, page, end):
    notebook = Notebook(
        lab, page, lab.write(f"k_{end}.ipynb", SETUP, f"pause = 0.5\n{SLOW}{EXPLORER}")
    )
    notebook.run_all()
    view = View(page, page.locator(".kmt"))
    view.click("compute-gap")
    wait_working(view)
    ends = {
        "restart": "await jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart();",
        "shutdown": "await jupyterapp.shell.currentWidget.sessionContext.shutdown();",
    }
    page.evaluate(f"async () => {{ {ends[end]} }}")
    wait_verdict(view, "This needs Python, which does not answer")
    wait_working(view, False)
    view.press("Home")
    wait_k(view, 1)
    view.click("compute-stability")
    wait_verdict(view, "This needs Python, which does not answer")
    wait_working(view, False)
    view.press("End")
    wait_k(view, 10)
    if end == "restart":
        notebook.run_all()
        again = View(page, page.locator(".kmt"))
        again.click("compute-stability")
        wait_verdict(again, "Stability")
    assert notebook.faults() == []
    assert page.console.errors(KERNEL_IS_GONE) == []
    lab.end_kernels()


@pytest.mark.parametrize("kernel", ["lives", "is gone"])
def test_a_reopened_notebook_shows_the_explorer(lab, page, kernel):
    notebook = Notebook(lab, page, lab.write(f"k_{len(kernel)}.ipynb", SETUP, EXPLORER))
    notebook.run_all()
    view = View(page, page.locator(".kmt"))
    view.click("compute-gap")
    wait_verdict(view, "Gap: the smallest k that holds is 4.")
    view.press("End")
    notebook.wait_python("explorer.k", 10)
    words = view.words
    again = notebook.reopen(kernel)
    page.wait_for_selector(".kmt[data-drawn], .jp-RenderedImage img")
    assert page.get_by_text("model not found").count() == 0
    if page.locator(".kmt").count():
        view = View(page, page.locator(".kmt"))
        wait_k(view, 10)
        assert view.words == words
        assert verdict(view) == "Gap: the smallest k that holds is 4."
        view.press("Home", "ArrowRight")
        wait_k(view, 2)
    else:
        picture = page.locator(".jp-RenderedImage img")
        assert picture.evaluate("image => image.naturalWidth") > 400
        assert "Mean silhouette" in picture.get_attribute("alt")
    assert again.faults() == []
    assert page.console.errors(KERNEL_IS_GONE) == []
    lab.end_kernels()
