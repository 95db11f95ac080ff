"""How the player looks: themes, widths, touch, reduced motion, accessibility, the saved picture."""

import struct

import pytest
from axe_core_python.sync_playwright import Axe

from .lab import Console, Notebook
from .test_player import DATA, PLAYER
from .view import View

WIDTHS = (400, 680, 800, 1280, 1600)

# pairs of controls that lie on each other, and what sticks out of the player
OVERLAPS = """root => {
  const parts = [...root.querySelectorAll('button, input, select, canvas, .kmt-count, .kmt-words')]
    .filter(e => e.getClientRects().length);
  const boxes = parts.map(e => e.getBoundingClientRect()), outer = root.getBoundingClientRect();
  const name = e => e.className || e.type, found = [];
  boxes.forEach((a, i) => {
    if (a.left < outer.left - 0.5 || a.right > outer.right + 0.5) found.push(name(parts[i]) + ' sticks out');
    for (let j = 0; j < i; j++) {
      const b = boxes[j];
      if (Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1
          && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 1) found.push(name(parts[j]) + ' under ' + name(parts[i]));
    }
  });
  return found;
}"""


@pytest.fixture(scope="module")
def notebook(lab, page):
    notebook = Notebook(lab, page, lab.write("looks.ipynb", DATA, PLAYER))
    notebook.run_all()
    yield notebook
    lab.end_kernels()


@pytest.fixture
def view(notebook, page):
    view = View(page, page.locator(".kmt"))
    view.press("Escape", "Home")
    yield view
    page.set_viewport_size({"width": 1280, "height": 900})
    if page.evaluate("() => document.body.dataset.jpThemeLight") != "true":
        notebook.theme("light")
    assert page.console.errors() == []


def test_the_theme_flips_while_it_is_shown(view, notebook):
    view.press("End")
    light, drawn = view.pixels(), view.drawn
    paper = view.get("getComputedStyle(root).backgroundColor")
    notebook.theme("dark")
    view.wait_drawn(drawn)
    view.wait(f"getComputedStyle(root).backgroundColor !== '{paper}'")
    view.page.wait_for_timeout(200)
    dark, drawn = view.pixels(), view.drawn
    assert dark["hash"] != light["hash"]
    assert view.get("root.classList.contains('kmt-dark')")
    notebook.theme("light")
    view.wait_drawn(drawn)
    view.page.wait_for_timeout(200)
    assert view.pixels()["hash"] == light["hash"]


@pytest.mark.parametrize("width", WIDTHS)
def test_fits_its_width(view, page, width):
    page.set_viewport_size({"width": width, "height": 900})
    page.wait_for_timeout(300)  # until Lab has laid itself out anew
    assert view.get("root.scrollWidth <= root.clientWidth + 1")
    assert view.get("root.getBoundingClientRect().right <= innerWidth + 1")
    assert view.root.evaluate(OVERLAPS) == []
    for name in (".kmt-points", ".kmt-stairs"):
        picture = view.pixels(name)
        assert picture["width"] > 150
        assert picture["other"] > 500, f"{name} is empty"
    heights = set()
    for _ in range(view.last + 1):
        heights.add(view.get("root.getBoundingClientRect().height"))
        view.press("ArrowRight")
    view.press("c")
    heights.add(view.get("root.getBoundingClientRect().height"))
    assert len(heights) == 1, f"the height jumps: {sorted(heights)}"


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_accessible(view, notebook, page, theme):
    notebook.theme(theme)
    page.wait_for_timeout(300)
    for state in ("Home", "End", "c"):
        view.press(state)
        report = Axe().run(page, ".kmt")
        faults = {
            v["id"]: [node["html"][:200] for node in v["nodes"]] for v in report["violations"]
        }
        assert faults == {}
        assert len(report["passes"]) > 10


def test_save_picture(view, page):
    view.press("ArrowRight", "ArrowRight", "ArrowRight")
    with page.expect_download() as waiting:
        view.click("save")
    assert waiting.value.suggested_filename == "k-means-half-step-3.png"
    png = waiting.value.path().read_bytes()
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    width, height = struct.unpack(">II", png[16:24])
    points, stairs = view.pixels(), view.pixels(".kmt-stairs")
    assert width == points["width"] + stairs["width"] + 12
    assert height == points["height"] + 40
    colours = page.evaluate(
        """async bytes => {
          const image = await createImageBitmap(new Blob([new Uint8Array(bytes)]));
          const canvas = new OffscreenCanvas(image.width, image.height), g = canvas.getContext('2d');
          g.drawImage(image, 0, 0);
          const count = (x, y, w, h) => new Set(new Uint32Array(g.getImageData(x, y, w, h).data.buffer)).size;
          const { width: w, height: h } = image;
          return [count(0, 0, w / 2, h - 40), count(w * 0.75, 0, w / 4, h - 40), count(0, h - 40, w, 40)];
        }""",
        list(png),
    )
    assert min(colours) > 5, "the points, the staircase or the sentence is missing"


def test_touch_drags_and_scrolls(notebook, browser, lab):
    context = browser.new_context(viewport={"width": 500, "height": 900}, has_touch=True)
    page = context.new_page()
    console = Console(page)
    touched = Notebook(lab, page, lab.write("touch.ipynb", DATA, PLAYER))
    touched.run_all()
    view = View(page, page.locator(".kmt"))
    view.press("End")
    spot, box = min(view.centers()), view.box()
    before = view.canvas.get_attribute("aria-label")
    client = context.new_cdp_session(page)

    def touch(kind, *points):
        spots = [{"x": box["x"] + x, "y": box["y"] + y} for x, y in points]
        client.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": spots})

    touch("touchStart", spot)
    for step in range(1, 7):
        touch("touchMove", (spot[0] + 10 * step, spot[1] + 15 * step))
    touch("touchEnd")
    view.wait_at(1)
    assert view.canvas.get_attribute("aria-label") != before
    start = "player.start.tolist() != start.tolist()"
    touched.wait_python(start, True)
    page.touchscreen.tap(box["x"] + box["width"] - 30, box["y"] + 20)
    assert view.hint.startswith("Drag a centre")
    assert console.errors() == []
    context.close()


def test_reduced_motion(browser, lab, notebook):
    context = browser.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    page = context.new_page()
    still = Notebook(lab, page, lab.write("still.ipynb", DATA, PLAYER))
    still.run_all()
    view = View(page, page.locator(".kmt"))
    for _ in range(view.last):
        drawn = view.drawn
        view.press("ArrowRight")
        page.wait_for_timeout(100)
        assert view.drawn == drawn + 1, "one picture a step"
    context.close()
