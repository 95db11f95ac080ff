"""The lessons lead to each other, and the table of them says what they say."""

import re

import numpy as np
import pytest
from PIL import Image

from tools import execute, lesson_map

LESSONS = lesson_map.lessons()


def test_lessons_stand_in_their_order():
    assert [path.name[:3] for path in LESSONS] == [f"{i:02}_" for i in range(len(LESSONS))]


@pytest.mark.parametrize("path", lesson_map.PLACES, ids=lambda path: path.name)
def test_both_tables_are_what_the_lessons_say(path):
    text = path.read_text("utf-8")
    if path.suffix == ".ipynb":
        (text,) = (c.source for c in execute.read(path).cells if "| lesson |" in c.source)
    table = lesson_map.table(lesson_map.PLACES[path])
    assert table in text, "run python -m tools.lesson_map"
    assert lesson_map.written(text, lesson_map.PLACES[path]) == text
    assert lesson_map.written(text.replace("20 |", "25 |"), lesson_map.PLACES[path]) == text


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_pictures_are_those_of_the_lessons(path):
    with Image.open(lesson_map.PICTURES / f"{path.name[:2]}.png") as stored:
        wanted = lesson_map.picture(path)
        assert stored.size == wanted.size == lesson_map.SIZE
        gap = np.abs(np.asarray(stored.convert("RGB"), float) - np.asarray(wanted, float)).mean()
    assert gap < 1, "run python -m tools.lesson_map"
    assert np.asarray(wanted).std() > 5, "the picture is empty"


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_first_and_last_cell_lead_to_the_neighbours(path):
    cells, at = execute.read(path).cells, LESSONS.index(path)
    for cell in (cells[0], cells[-1]):
        (line,) = re.findall(r"^(?:Previous|Contents).*\| .*$", cell.source, re.M)
        parts = line.split(" | ")
        before = [re.search(r"\((.*)\)", parts[0])[1]] if at else []
        assert before == ([LESSONS[at - 1].name] if at else [])
        after = re.search(r"\((.*)\)", parts[-1])[1]
        assert after == (LESSONS[at + 1].name if path != LESSONS[-1] else "in the making")
