"""The map of the lessons: every lesson is on it, in order, and what is not ready says so."""

import io
import re
from pathlib import Path

import matplotlib as mpl
import matplotlib.style
import nbformat
import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.image import imread
from matplotlib.patches import Rectangle

from kmeans_teach.lesson_map import IN_THE_MAKING, LESSONS, plot_lesson_map

NOTEBOOKS = Path(__file__).resolve().parent.parent / "notebooks"
QUESTIONS = [
    "How do I use this?",
    "What is a cluster?",
    "How does k-means find them?",
    "Why do I get another answer?",
    "Which k?",
    "What must I do first?",
    "When does it go wrong?",
    "Was it right?",
    "Can it read?",
    "How few colours are enough?",
    "What if there is too much data?",
    "What would I do on Monday?",
]
LARGEST_PNG = 150_000


def draw(lessons=LESSONS):
    figure = Figure(dpi=90)
    FigureCanvasAgg(figure)
    return figure, plot_lesson_map(lessons, figure=figure)


def png(figure, **options):
    file = io.BytesIO()
    figure.savefig(file, format="png", **options)
    return file.getvalue()


def pixels(figure):
    return imread(io.BytesIO(png(figure)))


@pytest.fixture(scope="module")
def drawn():
    return draw()


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.number)
def test_notebook_exists_when_the_lesson_is_ready_and_only_then(lesson):
    assert (NOTEBOOKS / lesson.file).exists() == lesson.ready


def links(lesson):
    return rf"\[{lesson.number} [^]]*\]\((?:notebooks/)?{lesson.file}\)"


@pytest.mark.parametrize("lesson", [x for x in LESSONS if x.ready], ids=lambda x: x.number)
def test_question_and_minutes_are_the_same_wherever_they_stand(lesson):
    def cells(file):
        return nbformat.read(NOTEBOOKS / file, as_version=4).cells

    first = cells(lesson.file)[0].source
    assert first.startswith(f"# {lesson.question}\n")
    assert re.findall(r"^\*\*(\d+) minutes\b", first, re.M) == [str(lesson.minutes)]
    contents = "\n".join(cell.source for cell in cells(LESSONS[0].file))
    readme = (NOTEBOOKS.parent / "README.md").read_text(encoding="utf-8")
    row = rf"^\| {links(lesson)} \| {re.escape(lesson.question)} \|.* {lesson.minutes} \|$"
    assert re.search(row, readme, re.M)
    if lesson is not LESSONS[0]:
        assert re.search(row, contents, re.M)


@pytest.mark.parametrize("lesson", [x for x in LESSONS if x.ready], ids=lambda x: x.number)
def test_first_and_last_cell_lead_to_the_neighbours(lesson):
    cells = nbformat.read(NOTEBOOKS / lesson.file, as_version=4).cells
    at = LESSONS.index(lesson)
    for cell in (cells[0], cells[-1]):
        (line,) = re.findall(r"^(?:Previous|Contents).*\| .*$", cell.source, re.M)
        parts = line.split(" | ")
        neighbours = [(LESSONS[at - 1], parts[0])] if at else []
        neighbours += [(LESSONS[at + 1], parts[-1])] if at + 1 < len(LESSONS) else []
        for other, part in neighbours:
            wanted = links(other) if other.ready else rf"{other.number} .* \(in the making\)"
            assert re.search(wanted, part), (other.number, part)


def test_every_notebook_is_a_lesson():
    files = {lesson.file for lesson in LESSONS}
    assert {path.name for path in NOTEBOOKS.glob("[0-9][0-9]_*.ipynb")} <= files


def test_lessons_stand_in_their_order():
    assert [lesson.number for lesson in LESSONS] == [f"{i:02}" for i in range(12)]
    assert [lesson.question for lesson in LESSONS] == QUESTIONS
    for lesson in LESSONS:
        assert lesson.file.startswith(lesson.number + "_")
        assert 20 <= lesson.minutes <= 40


def test_titles_are_the_numbers_and_the_questions(drawn):
    _, axes = drawn
    assert len(axes) == 12
    for ax, lesson in zip(axes, LESSONS, strict=True):
        number, *words = ax.get_title(loc="left").split()
        assert number == lesson.number
        assert " ".join(words) == lesson.question
        assert ax.title.get_fontsize() >= 11


def test_what_is_not_ready_says_so_and_is_paler(drawn):
    _, axes = drawn
    for ax, lesson in zip(axes, LESSONS, strict=True):
        assert (ax.get_xlabel() == IN_THE_MAKING) is not lesson.ready
        assert (f"{lesson.minutes} minutes" in ax.get_xlabel()) is lesson.ready
        veils = [p for p in ax.patches if isinstance(p, Rectangle) and p.get_zorder() == 50]
        assert len(veils) == (not lesson.ready)


def test_a_lesson_that_becomes_ready_gets_its_colours():
    lesson = LESSONS[4]
    pale, strong = (
        pixels(draw([lesson._replace(ready=ready)])[0])[..., :3] for ready in (False, True)
    )
    middle = np.s_[70:200, 20:200]
    assert pale[middle].mean() > strong[middle].mean() + 0.005
    assert pale[middle].min() > strong[middle].min() + 0.1


def test_every_picture_shows_something(drawn):
    figure, axes = drawn
    page = pixels(figure)
    for ax, lesson in zip(axes, LESSONS, strict=True):
        left, lower, right, upper = ax.get_window_extent().extents.astype(int)
        inside = page[len(page) - upper + 5 : len(page) - lower - 5, left + 5 : right - 5, :3]
        assert inside.std() > 0.02, lesson.number


def test_all_text_is_large_enough_in_the_page_and_apart(drawn):
    figure, axes = drawn
    figure.canvas.draw()
    page = figure.bbox
    boxes = []
    for ax in axes:
        labels = [ax.title, ax._left_title, ax.xaxis.label]
        inner = [t for a in (ax, *ax.child_axes) for t in a.texts]
        for text in (t for t in labels + inner if t.get_text()):
            box = text.get_window_extent()
            assert text.get_fontsize() >= 11
            assert page.x0 <= box.x0
            assert box.x1 <= page.x1
            assert page.y0 <= box.y0
            assert box.y1 <= page.y1
            boxes.append((text.get_text(), box))
        for text in ax.texts:
            assert ax.bbox.x0 <= text.get_window_extent().x0
            assert text.get_window_extent().x1 <= ax.bbox.x1
    for i, (name, box) in enumerate(boxes):
        for other_name, other in boxes[:i]:
            assert not box.overlaps(other), (name, other_name)


def test_page_is_white_and_opaque_and_small(drawn):
    figure, _ = drawn
    assert to_hex(figure.get_facecolor(), keep_alpha=True) == "#ffffffff"
    assert (pixels(figure)[..., 3] == 1).all()
    assert len(png(figure)) < LARGEST_PNG
    assert len(png(figure, bbox_inches="tight")) < LARGEST_PNG
    np.testing.assert_allclose(figure.get_size_inches(), (10, 8.5), atol=0.3)


def test_two_drawings_are_equal(drawn):
    again, _ = draw()
    np.testing.assert_array_equal(pixels(drawn[0]), pixels(again))


def test_a_dark_style_changes_neither_the_page_nor_its_words():
    with matplotlib.style.context("dark_background"):
        figure, (ax,) = draw(LESSONS[:1])
        assert to_hex(figure.get_facecolor()) == "#ffffff"
        assert np.mean(mpl.colors.to_rgb(ax._left_title.get_color())) < 0.5
        assert np.mean(mpl.colors.to_rgb(ax.xaxis.label.get_color())) < 0.5


def test_without_a_figure_there_is_a_new_one():
    mpl.use("Agg")
    axes = plot_lesson_map(LESSONS[:5])
    assert axes[0].get_figure().get_dpi() == 90
    assert axes[4].get_position().y1 < axes[0].get_position().y0


@pytest.mark.parametrize("lessons", [[], [LESSONS[0]._replace(number="12")]])
def test_lessons_without_a_picture_are_named(lessons):
    with pytest.raises(ValueError, match="pass lessons from 00 to 11"):
        plot_lesson_map(lessons, figure=Figure())
