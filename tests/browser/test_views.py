"""What may happen to a player: more views of it, a kernel that restarts or dies, a reopened notebook."""

import os
import signal
import sys

import nbformat
import pytest

from .lab import KERNEL_IS_GONE, Console, Notebook
from .test_player import DATA, PLAYER
from .view import View


@pytest.fixture(scope="module")
def context(browser):
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(30_000)
    yield context
    context.close()


@pytest.fixture
def page(context):
    page = context.new_page()
    page.console = Console(page)
    yield page
    page.close()


@pytest.fixture
def notebook(lab, page, request):
    notebook = Notebook(lab, page, lab.write(f"{request.node.name}.ipynb", DATA, PLAYER, "player"))
    notebook.run_cell(0)
    notebook.run_cell(1)
    assert notebook.faults() == []
    yield notebook
    errors = page.console.errors(KERNEL_IS_GONE)
    lab.end_kernels()
    assert errors == []


def works_alone(view):
    """Step, play, drag and undo, without help from Python."""
    view.press("Home", "ArrowRight", "ArrowRight")
    view.wait_at(2)
    view.root.locator(".kmt-speed").select_option(label="fastest")
    view.press(" ")
    view.wait_at(view.last)
    before = view.canvas.get_attribute("aria-label")
    spot = min(view.centers())
    view.drag(spot, (spot[0] + 80, spot[1] + 30))
    view.wait_at(1)
    assert view.canvas.get_attribute("aria-label") != before
    view.type_seed(3)
    view.wait_at(0)
    view.click("undo")
    view.click("undo")
    view.press("End")
    assert view.canvas.get_attribute("aria-label") == before


def test_two_views_have_their_own_frame_and_one_run(notebook, page):
    notebook.run_cell(2)
    one, two = (View(page, page.locator(".kmt").nth(i)) for i in (0, 1))
    one.press("ArrowRight", "ArrowRight", "ArrowRight")
    page.wait_for_timeout(400)  # until the frame has come to rest
    assert one.at == 3
    two.root.locator(".kmt-speed").select_option(label="slow")
    two.click("play")
    two.wait_at(1)
    assert one.at == 3
    two.click("play")
    two.press("End")
    page.wait_for_timeout(400)
    assert one.at == 3
    last = one.last
    spot = min(one.centers())
    one.drag(spot, (spot[0] + 80, spot[1] + 30))
    one.wait_at(1)
    two.wait(f"root.querySelector('.kmt-count').textContent.endsWith('/ {one.last}')")
    notebook.wait_python("len(player.history) - 1", one.last)
    two.press("End")
    one.press("Escape", "End")
    assert two.words == one.words
    assert two.pixels()["hash"] == one.pixels()["hash"]
    one.click("undo")
    two.wait(f"root.querySelector('.kmt-count').textContent.endsWith('/ {last}')")
    assert two.root.locator(".kmt-undo").is_disabled()


def test_a_view_that_is_closed_does_not_disturb_the_other(notebook, page):
    notebook.run_cell(2)
    one = View(page, page.locator(".kmt").nth(0))
    page.evaluate(
        "() => jupyterapp.shell.currentWidget.content.model.cells.get(2).sharedModel.setOutputs([])"
    )
    page.wait_for_function("() => document.querySelectorAll('.kmt').length === 1")
    works_alone(one)
    notebook.wait_python("player.start.tolist() == start.tolist()", True)
    one.press("c", "Shift+ArrowRight")
    notebook.wait_python("player.start.tolist() == start.tolist()", False)


def test_new_view_for_output(notebook, page):
    one = View(page, page.locator(".jp-Notebook .kmt"))
    page.evaluate("() => { jupyterapp.shell.currentWidget.content.activeCellIndex = 1; }")
    notebook.command("notebook:create-output-view")
    page.wait_for_function("() => document.querySelectorAll('.kmt[data-drawn]').length === 2")
    two = View(page, page.locator(".jp-LinkedOutputView .kmt"))
    one.press("ArrowRight", "ArrowRight")
    assert two.at == 0
    two.press("End")
    assert one.at == 2
    two.press("c", "Shift+ArrowRight")
    one.wait("!root.querySelector('.kmt-undo').disabled")
    assert one.last == two.last


def test_goes_on_while_the_kernel_restarts(notebook, page):
    view = View(page, page.locator(".kmt"))
    view.press("End")
    page.evaluate(
        "async () => { await jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart(); }"
    )
    assert notebook.python("'player' in globals()") is False
    works_alone(view)
    assert page.locator(".jp-Dialog").count() == 0
    notebook.run_cell(0)
    notebook.run_cell(1)
    again = View(page, page.locator(".kmt"))
    again.press("c", "Shift+ArrowRight")
    notebook.wait_python("bool(player.start[0, 0] > start[0, 0])", True)


def test_goes_on_without_a_kernel(notebook, page):
    view = View(page, page.locator(".kmt"))
    page.evaluate("async () => { await jupyterapp.shell.currentWidget.sessionContext.shutdown(); }")
    works_alone(view)
    view.press("n")
    view.click("new")  # nobody draws anew for five centres
    assert "Drawn before your change: points of this seed" in view.words
    assert "5 centres" in view.canvas.get_attribute("aria-label")
    view.click("undo")
    view.click("undo")
    view.click("new")
    assert view.words == "Start: 4 centres, no point has a cluster yet"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no signal that kills")
def test_goes_on_when_the_kernel_is_killed(notebook, page):
    view = View(page, page.locator(".kmt"))
    os.kill(notebook.python("__import__('os').getpid()"), signal.SIGKILL)
    page.locator(".jp-Dialog", has_text="died").wait_for()
    page.locator(".jp-Dialog .jp-mod-accept").click()
    works_alone(view)


@pytest.mark.parametrize("kernel", ["lives", "is gone"])
def test_a_reopened_notebook_shows_the_player(notebook, page, lab, kernel):
    view = View(page, page.locator(".kmt"))
    view.press("c", "Shift+ArrowRight", "Escape", "End")
    notebook.wait_python("player.start.tolist() == start.tolist()", False)
    words = view.words
    again = notebook.reopen(kernel)
    page.wait_for_selector(".kmt[data-drawn], .jp-RenderedImage img")
    assert page.get_by_text("model not found").count() == 0
    if page.locator(".kmt").count():
        view = View(page, page.locator(".kmt"))
        works_alone(view)
        view.press("End")
        assert view.words == words  # with what was changed before
        view.click("undo")
        assert view.root.locator(".kmt-undo").is_disabled()
    else:
        picture = page.locator(".jp-RenderedImage img")
        assert picture.evaluate("image => image.naturalWidth") > 400
        assert "E-step" in picture.get_attribute("alt")
    assert again.faults() == []


def test_a_committed_notebook_shows_its_picture_until_it_runs(notebook, page, lab):
    """Stored as the repository stores it: with the picture and without the widget's view."""
    cells = notebook.cells()
    stored = lab.write("stored.ipynb", DATA, PLAYER)
    document = nbformat.read(lab.folder / stored, as_version=4)
    output = nbformat.from_dict(cells[1]["outputs"][0])
    del output["data"]["application/vnd.jupyter.widget-view+json"]
    document.cells[1].outputs = [output]
    nbformat.write(document, lab.folder / stored)
    opened = Notebook(lab, page, stored)
    picture = page.locator(".jp-RenderedImage img")
    picture.wait_for()
    assert picture.evaluate("image => image.naturalWidth") > 400
    opened.run_all()
    View(page, page.locator(".kmt")).press("End")
    assert picture.count() == 0
