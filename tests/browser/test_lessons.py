"""Every notebook runs in JupyterLab without an error, and gives what is stored in it."""

import shutil

import nbformat
import pytest

from tests.test_notebooks import differences
from tools import execute

from .lab import ROOT, Notebook

NOTEBOOKS = [path.relative_to(ROOT) for path in execute.notebooks()]


@pytest.fixture(scope="module")
def lessons(lab):
    """Copies of the notebooks and their data, in the same places to each other."""
    for folder in ("notebooks", "data"):
        shutil.copytree(
            ROOT / folder,
            lab.folder / folder,
            ignore=shutil.ignore_patterns(".*", "__pycache__"),
        )
    return lab


def touch(page, widget):
    """Use a widget by keyboard and by mouse; it must draw anew each time."""
    widget.scroll_into_view_if_needed()
    drawn = wait_drawn(page, widget, 0)
    slider = widget.locator("input[type=range]").first
    slider.focus()
    page.keyboard.press("ArrowRight")
    drawn = wait_drawn(page, widget, drawn)
    slider.click(position={"x": slider.bounding_box()["width"] * 0.95, "y": 8})
    wait_drawn(page, widget, drawn)
    assert len(widget.locator(".kmt-words").first.text_content()) > 20


def answer(page, question):
    """Choose the first answer, or type a number, and lock it in."""
    question.scroll_into_view_if_needed()
    drawn = wait_drawn(page, question, 0)
    field = question.locator("input").first
    field.fill("1") if field.get_attribute("type") == "text" else field.check()
    field.press("Enter")
    wait_drawn(page, question, drawn)
    assert "The answer: " in question.locator(".kmt-words").text_content()


def wait_drawn(page, widget, above):
    """Return how many pictures were drawn once there are more than so many."""
    condition = "([root, above]) => Number(root.dataset.drawn) > above && root.dataset.drawn"
    handle = page.wait_for_function(condition, arg=[widget.element_handle(), above])
    return int(handle.json_value())


def test_there_are_lessons():
    assert NOTEBOOKS, "there is no notebook in notebooks/"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=str)
def test_run_all(lessons, page, path):
    try:
        notebook = Notebook(lessons, page, path.as_posix())
        notebook.run_all()
        cells = [c for c in notebook.cells() if c["cell_type"] == "code" and c["source"].strip()]
        counts = [cell["execution_count"] for cell in cells]
        assert notebook.faults() == []
        assert counts == list(range(1, len(cells) + 1)), "not every cell ran"
        # nbval compares neither pictures nor metadata; this does
        made = nbformat.writes(execute.normalise(nbformat.from_dict(notebook.whole())))
        found = differences(path.read_text("utf-8"), made)
        assert not found, "run python3 start.py execute, or mend it:\n" + "\n".join(found)
        for widget in page.locator(".kmt").all():
            question = "kmt-question" in widget.get_attribute("class")
            (answer if question else touch)(page, widget)
        assert page.get_by_text("Error displaying widget").count() == 0
        assert page.console.errors() == []
    finally:
        lessons.end_kernels()
