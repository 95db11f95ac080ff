"""What ``save`` writes, for every widget alike: its own state, whole, and how it starts."""

import base64
import inspect
import json
import re
import subprocess
import sys

import numpy as np
import pytest

import kmeans_teach as kt
from kmeans_teach.widgets.sheet import Sheet, binary, script
from tests.films import Sampler

X = np.random.RandomState(0).normal(size=(40, 2))
WIDGETS = {
    "player": lambda: kt.Player(X, 3),
    "film": Sampler,
    "question": lambda: kt.Question("What is 2 + 2?", {"4": None, "5": "One less."}, "Count."),
}
JUPYTERS = r"_esm|_css|_anywidget_id|_model_\w+|_view_\w+|_dom_classes|layout|tabbable|tooltip"


class Parcels(Sheet):
    """A widget that gets bytes later. This is its second sentence."""

    _esm = script("core", "sheet", "player")


def saved(widget, folder):
    page = widget.save(folder / "widget.html").read_text("utf-8")
    return page, json.loads(re.search(r"Object\.entries\((\{.*?\})\)\.map", page, re.S)[1])


@pytest.mark.parametrize("name", WIDGETS)
def test_the_page_has_all_that_the_widget_syncs_itself(name, tmp_path):
    widget = WIDGETS[name]()
    page, state = saved(widget, tmp_path)
    assert sorted(state) == [n for n in sorted(widget.keys) if not re.fullmatch(JUPYTERS, n)]
    assert f"\n{name}().render(" in page
    assert not re.search(r"/\* \w+ \*/", page)
    assert f"<title>{inspect.getdoc(type(widget)).splitlines()[0]}</title>" in page
    assert saved(widget, tmp_path)[0] == page


def test_bytes_that_came_later_are_saved_too(tmp_path):
    widget = Parcels()
    widget.add_traits(_parcel_0=binary(), _parcel_1=binary())
    widget._parcel_0 = b"\x00\xff<"
    _, state = saved(widget, tmp_path)
    assert base64.b64decode(state["_parcel_0"]["base64"]) == b"\x00\xff<"
    assert state["_parcel_1"] == {"base64": ""}


def test_a_title_is_text_and_no_part_of_the_template(tmp_path):
    title = "/* css */ </title><script>1 & 2"
    page, state = saved(Parcels(title=title), tmp_path)
    assert "<title>/* css */ &lt;/title&gt;&lt;script&gt;1 &amp; 2</title>" in page
    assert state["title"] == title


def test_a_box_of_widgets_shows_the_pictures_inside_in_a_notebook():
    code = (
        "import json; from IPython.core.interactiveshell import InteractiveShell\n"
        "shell = InteractiveShell.instance(); import ipywidgets, kmeans_teach as kt\n"
        "ask = kt.Question('Why?', {'so': None, 'not so': 'No.'}, 'Thus.')\n"
        "run = kt.lloyd([[0.0], [1.0], [9.0]], [[0.0], [1.0]]); play = kt.Player(run)\n"
        "box = ipywidgets.VBox([ask, ipywidgets.HBox([ipywidgets.IntSlider(), play])])\n"
        "show = shell.display_formatter.format\n"
        "print(json.dumps([show(one) for one in (ask, play, box, ipywidgets.VBox([]))]))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    ask, play, box, empty = json.loads(done.stdout)
    sizes = [
        [int.from_bytes(base64.b64decode(one[0]["image/png"])[at : at + 4]) for at in (16, 20)]
        for one in (ask, play, box)
    ]
    assert sizes[2] == [max(sizes[0][0], sizes[1][0]), sizes[0][1] + sizes[1][1]]
    assert box[1]["image/png"]["alt"] == " ".join(o[1]["image/png"]["alt"] for o in (ask, play))
    assert "application/vnd.jupyter.widget-view+json" in box[0]
    assert box[0]["text/plain"].startswith("VBox: Question: Why?")
    assert "image/png" not in empty[0]
