"""The page that a widget's ``save`` writes works from a file, without a network; names are text."""

import numpy as np
import pandas as pd
import pytest
from axe_core_python.sync_playwright import Axe

from kmeans_teach import Player, lloyd, record
from kmeans_teach.history import number
from kmeans_teach.widgets.sheet import Sheet, binary
from tests.test_film import FILMS
from tests.test_save import WIDGETS

from .lab import Console, Notebook
from .test_looks import OVERLAPS
from .view import View

# how many pixels of a canvas are not empty
INK = """canvas => {
  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  return data.filter((value, i) => i % 4 === 3 && value).length;
}"""

EVIL = "<img src=x onerror=window.hacked=1>"
CLOSING = "</script><script>window.hacked=2</script>"


def blobs():
    corners = np.repeat([[0.0, 0.0], [9.0, 0.0], [0.0, 9.0], [9.0, 9.0]], 75, axis=0)
    return np.random.RandomState(7).normal(size=(300, 2)) + corners


@pytest.fixture
def open_file(browser):
    """Open a file in a browser without a network; at the end nothing may have gone wrong."""
    opened = []

    def open_file(path, **options):
        context = browser.new_context(viewport={"width": 1280, "height": 900}, **options)
        context.set_offline(True)
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.requests, page.console = [], Console(page)
        page.on("request", lambda request: page.requests.append(request.url))
        page.goto(path.as_uri())
        opened.append((context, page, path))
        return View(page, page.locator(".kmt"))

    yield open_file
    for context, page, path in opened:
        foreign = [url for url in page.requests if not url.startswith(("blob:", "data:"))]
        assert foreign == [path.as_uri()]
        assert page.console.complaints == []
        context.close()


def test_plays_scrubs_and_drags_offline(tmp_path, open_file):
    run = lloyd(blobs(), [[3.5, 1.0], [6.0, 2.0], [2.0, 7.0], [4.5, 4.5]])
    path = Player(run, title="A run").save(tmp_path / "run.html")
    assert path.stat().st_size < 130_000
    view = open_file(path)
    assert view.root.locator(".kmt-title").text_content() == "A run"
    for at in range(len(run)):
        view.wait_at(at, len(run) - 1)
        assert view.words.startswith(run.sentence(at))
        view.press("ArrowRight")
    view.root.locator(".kmt-scrub").fill("2")
    view.wait_at(2)
    view.root.locator(".kmt-speed").select_option(label="fastest")
    view.press(" ")
    view.wait_at(len(run) - 1)
    spot, picture = min(view.centers()), view.pixels()["hash"]
    view.drag(spot, (spot[0] + 90, spot[1] + 40))
    view.wait_at(1)
    assert view.pixels()["hash"] != picture
    view.type_seed(5)
    fresh = Player(blobs(), 4, random_state=5).history
    view.wait_at(0, len(fresh) - 1)
    view.press("End")
    assert f"to {number(fresh[-1].inertia)}. End: {fresh.stop_reason}" in view.words
    view.click("undo")
    view.click("undo")
    view.wait("root.querySelector('.kmt-undo').disabled")
    assert view.last == len(run) - 1


def test_a_page_has_a_dark_side_and_no_faults(tmp_path, open_file):
    path = Player(blobs(), 4).save(tmp_path / "run.html")
    pictures = []
    for scheme in ("light", "dark"):
        view = open_file(path, color_scheme=scheme)
        view.press("End")
        pictures.append((view.pixels()["hash"], view.get("getComputedStyle(root).color")))
        report = Axe().run(view.page, ".kmt")
        assert [fault["id"] for fault in report["violations"]] == []
    assert pictures[0][0] != pictures[1][0]
    assert pictures[0][1] != pictures[1][1]


def test_a_question_opens_offline(tmp_path, open_file):
    widget = WIDGETS["question"]()
    widget.title = "A title & more"
    page = open_file(widget.save(tmp_path / "page.html"))
    assert page.page.title() == page.root.locator(".kmt-title").text_content() == "A title & more"


@pytest.mark.parametrize("name", FILMS)
def test_every_film_plays_offline(name, tmp_path, browser):
    """On wide and narrow pages, light and dark, by mouse and keyboard, for a screen reader too."""
    film = FILMS[name][0]()
    path = film.save(tmp_path / "page.html", everything=False)
    for look, width in (("light", 1280), ("dark", 420)):
        context = browser.new_context(
            offline=True, color_scheme=look, viewport={"width": width, "height": 900}
        )
        page = context.new_page()
        console = Console(page)
        page.goto(path.as_uri())
        page.wait_for_function("Number(document.querySelector('.kmt').dataset.drawn) > 0")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert page.locator(".kmt").evaluate(OVERLAPS) == []
        said, stops = {page.locator(".kmt-words").text_content()}, set()
        slider = page.locator(".kmt-bar:not(.kmt-second) input[type=range]").first
        slider.focus()
        tall = page.locator(".kmt").bounding_box()["height"]
        for key in ("Home", "ArrowRight", "End"):
            page.keyboard.press(key)
            said.add(page.locator(".kmt-words").text_content())
            stops.add(slider.get_attribute("aria-valuetext"))
            assert page.locator(".kmt").bounding_box()["height"] == tall, "it jumps"
        assert len(stops) == 3, stops
        assert len(said) >= 2, said  # the sentence tells what is seen, which need not change
        for canvas in page.locator(".kmt canvas").all():
            assert canvas.evaluate(INK) > 100
        faults = Axe().run(page, ".kmt")["violations"]
        assert {v["id"]: [n["html"][:200] for n in v["nodes"]] for v in faults} == {}
        assert console.complaints == []
        context.close()


class Teller(Sheet):
    """Writes what the page's model answers."""

    _css, _bytes = "", binary()
    _esm = """export default function teller() {
      return { render({ model, el }) {
        const say = word => el.append(`${word} ${model.get("title")} ${model.get("height")}; `);
        model.on("change:title", () => say("title"));
        model.on("change:height", () => say("height"));
        say(model.get("_bytes").byteLength);
        model.set({ title: "b", height: 300 });
        model.set("height", 301);
      } };
    }"""


def test_the_pages_model_has_empty_bytes_and_tells_of_changes_only(tmp_path, browser):
    page = browser.new_page()
    page.goto(Teller(title="a", height=300).save(tmp_path / "page.html").as_uri())
    told = "0 a 300; title b 300; height b 301; "
    page.wait_for_function("told => document.querySelector('main').textContent === told", arg=told)
    page.close()


@pytest.mark.parametrize("width", [400, 1600])
def test_a_page_fits_its_width(tmp_path, open_file, width):
    view = open_file(Player(blobs(), 4).save(tmp_path / "run.html"))
    view.page.set_viewport_size({"width": width, "height": 900})
    view.page.wait_for_timeout(200)
    assert view.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert view.pixels()["other"] > 500


def test_a_recorded_run_is_only_played(tmp_path, open_file):
    def still(X, labels, centers):
        return centers

    run = record(blobs(), [[0.0, 0.0], [9.0, 9.0]], update=still)
    view = open_file(Player(run).save(tmp_path / "run.html"))
    view.press("End")
    assert view.words.startswith(run.sentence(len(run) - 1))
    assert view.centers() == []
    assert not view.root.locator(".kmt-new").is_visible()


def test_a_weighted_run_of_five_columns(tmp_path, open_file):
    rng = np.random.RandomState(0)
    X, weight = rng.normal(size=(200, 5)), rng.uniform(0, 3, size=200)
    run = lloyd(X, X[:3], sample_weight=weight)
    view = open_file(Player(run).save(tmp_path / "run.html"))
    # a new start from the same centres makes the browser repeat the whole run: drag there and back
    view.press("c", "Shift+ArrowRight", "Shift+ArrowLeft")
    view.wait_at(1)
    for at in range(1, len(run)):
        assert view.words.startswith(run.sentence(at))
        view.press("ArrowRight")
    assert view.position() == (len(run) - 1, len(run) - 1)


@pytest.mark.parametrize("name", [EVIL, CLOSING, "<!--<script>", "\u2028\"'\\n${x}"])
def test_names_are_text_in_the_page(tmp_path, open_file, name):
    X = pd.DataFrame(blobs(), columns=[name, f"second {name}"])
    view = open_file(Player(X, 4, title=name).save(tmp_path / "run.html"))
    view.press("ArrowRight", "End")
    assert view.root.locator(".kmt-title").text_content() == name
    assert view.page.evaluate("window.hacked") is None
    assert view.root.locator("img").count() == 0


def test_names_are_text_in_lab(lab, browser):
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    console = Console(page)
    source = (
        "import numpy as np, pandas as pd\nfrom kmeans_teach import Player\n"
        f"evil = {EVIL!r}\n"
        "X = pd.DataFrame(np.random.RandomState(0).normal(size=(50, 2)), columns=[evil, 'b'])\n"
        "player = Player(X, 3, title=evil)\nplayer"
    )
    notebook = Notebook(lab, page, lab.write("names.ipynb", source))
    notebook.run_all()
    assert notebook.faults() == []
    view = View(page, page.locator(".kmt"))
    assert view.root.locator(".kmt-title").text_content() == EVIL
    notebook.execute("player.title = evil + evil")
    view.wait(f"root.querySelector('.kmt-title').textContent.length === {2 * len(EVIL)}")
    view.press("ArrowRight", "c", "Shift+ArrowUp")
    notebook.wait_python("player.history.feature_names[0] == evil", True)
    assert page.evaluate("window.hacked") is None
    assert view.root.locator("img").count() == 0
    assert console.errors() == []
    lab.end_kernels()
    context.close()
