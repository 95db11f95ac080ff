"""The colour lab: its page finds Python's labels; every control; a picture that is uploaded."""

import base64
import io

import numpy as np
import pytest
from axe_core_python.sync_playwright import Axe
from PIL import Image
from sklearn.datasets import load_sample_image

from kmeans_teach import ColourLab
from kmeans_teach.lessons.lesson_09 import nearest

from .lab import KERNEL_IS_GONE, Console, Notebook
from .view import View

SETUP = "from kmeans_teach import ColourLab"
LAB = "lab = ColourLab(k_values=[2, 4, 16])\nlab"
NOISE = np.random.default_rng(0).integers(0, 256, (1100, 1000, 3), dtype=np.uint8)

# What the page makes of a picture in a palette, by the script's own functions.
AFTER = """async ([script, png, palettes]) => {
  const bytes = text => Uint8Array.from(atob(text), letter => letter.charCodeAt(0));
  const url = URL.createObjectURL(new Blob([script], { type: 'text/javascript' }));
  const { inPalette } = await import(url), blob = new Blob([bytes(png)], { type: 'image/png' });
  const before = { bitmap: await createImageBitmap(blob, { colorSpaceConversion: 'none' }) };
  return palettes.map(palette => {
    const canvas = inPalette(before, bytes(palette)), { width, height } = canvas;
    const { data } = canvas.getContext('2d').getImageData(0, 0, width, height);
    let text = '';
    for (let i = 0; i < data.length; i += 4) text += String.fromCharCode(...data.slice(i, i + 3));
    return btoa(text);
  });
}"""
TURN = "root.querySelector('.kmt-space').getAttribute('aria-valuenow')"
STATUS = "root.querySelector('.kmt-own [role=status]').textContent"


class LabView(View):
    """A View that knows the parts of the colour lab."""

    def __init__(self, page, root):
        super().__init__(page, root)
        self.wipe, self.space = root.locator(".kmt-wipe"), root.locator(".kmt-space")
        self.errors = root.get_by_role("checkbox")
        self.upload = root.locator(".kmt-upload")
        self.wait("root.querySelector('.kmt-wipe').hasAttribute('aria-valuenow')")

    @property
    def percent(self):
        """Where the handle stands."""
        return int(self.wipe.get_attribute("aria-valuenow"))

    def look(self):
        """Hashes of the picture and of the colour space."""
        return self.pixels(".kmt-wipe")["hash"], self.pixels(".kmt-space")["hash"]

    def place(self, canvas, x, y):
        """A place on the page, from shares of a canvas."""
        canvas.scroll_into_view_if_needed()
        box = canvas.bounding_box()
        return box["x"] + x * box["width"], box["y"] + y * box["height"]

    def choose_file(self, name, data):
        """Upload a file by the button, as a reader does."""
        with self.page.expect_file_chooser() as chooser:
            self.upload.click()
        chooser.value.set_files({"name": name, "mimeType": "image/png", "buffer": data})


def png(pixels):
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


@pytest.fixture(scope="module")
def lab_page(tmp_path_factory):
    lab = ColourLab(k_values=[2, 4, 16])
    return lab, lab.save(tmp_path_factory.mktemp("lab") / "lab.html", everything=False)


@pytest.fixture
def view(browser, lab_page, request):
    options = getattr(request, "param", {})
    context = browser.new_context(viewport={"width": 1280, "height": 1000}, offline=True, **options)
    page = context.new_page()
    page.set_default_timeout(15_000)
    page.console = Console(page)
    page.goto(lab_page[1].as_uri())
    yield LabView(page, page.locator(".kmt"))
    assert page.console.errors() == []
    context.close()


@pytest.mark.parametrize("name", ["china.jpg", "flower.jpg", "ties"])
def test_the_page_gives_each_pixel_the_colour_that_python_gives(view, name):
    if name == "ties":  # each third colour is equally far from two of a palette
        image = np.repeat(np.arange(0, 255, 5, dtype=np.uint8), 9).reshape(9, 17, 3)
        palettes = [np.uint8([[v] * 3 for v in range(0, 250, 10)]), np.uint8([[9, 9, 9]] * 3)]
    else:
        image = load_sample_image(name)
        lab = ColourLab(image, k_values=[2, 64], k=2)
        palettes = [lab.frame_at((0, i)).rows[0][0].palette for i in (0, 1)]
    coded = [base64.b64encode(palette.tobytes()).decode() for palette in palettes]
    sent = [ColourLab._esm, base64.b64encode(png(image)).decode(), coded]
    for palette, text in zip(palettes, view.page.evaluate(AFTER, sent), strict=True):
        found = np.frombuffer(base64.b64decode(text), dtype=np.uint8).reshape(image.shape)
        expected = palette[nearest(image.reshape(-1, 3), palette)].reshape(image.shape)
        assert np.array_equal(found, expected)


def test_the_handle_follows_mouse_and_keys(view):
    assert view.percent == 50
    view.page.mouse.move(*view.place(view.wipe, 0.5, 0.5))
    before = view.look()
    view.page.mouse.down()
    view.page.mouse.move(*view.place(view.wipe, 0.7, 0.6), steps=4)
    view.page.mouse.up()
    assert 65 <= view.percent <= 80
    moved = view.look()
    assert moved[0] != before[0]
    assert moved[1] == before[1]
    view.page.mouse.move(*view.place(view.wipe, 0.3, 0.5))
    assert view.look() == moved, "it is no longer held"
    at = view.percent
    view.wipe.focus()
    view.page.keyboard.press("ArrowLeft")
    assert view.percent < at
    for _ in range(60):
        view.page.keyboard.press("ArrowRight")
    assert view.percent == 100
    assert view.wipe.get_attribute("aria-valuetext") == "100 % of the picture in all its colours"
    assert view.words.startswith("16 colours"), "the arrow keys moved the handle alone"


@pytest.mark.parametrize("view", [{"has_touch": True}], indirect=True)
def test_the_handle_and_the_space_follow_a_finger(view):
    session = view.page.context.new_cdp_session(view.page)

    def touch(kind, *places):
        points = [{"x": x, "y": y} for x, y in places]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    for canvas, value in ((view.wipe, lambda: view.percent), (view.space, lambda: view.get(TURN))):
        before = value()
        touch("touchStart", view.place(canvas, 0.5, 0.5))
        for share in (0.45, 0.4, 0.3, 0.25):
            touch("touchMove", view.place(canvas, share, 0.5))
        touch("touchEnd")
        assert value() != before


def test_errors_are_black_where_there_are_none(view):
    view.page.mouse.click(*view.place(view.wipe, 0.02, 0.5))
    plain = view.look()
    view.errors.check()
    assert view.look()[0] != plain[0]
    view.errors.focus()
    view.page.keyboard.press("Space")
    assert view.look() == plain


def test_the_colour_space_turns(view):
    sides = [view.root.get_by_role("button", name=name) for name in ("R–G", "R–B", "3-D")]
    seen = []
    for side in sides:
        side.click()
        seen.append(view.look()[1])
    assert len(set(seen)) == 3
    view.space.focus()
    view.page.keyboard.press("ArrowRight")
    view.page.keyboard.press("ArrowUp")
    assert view.look()[1] != seen[2]
    view.page.mouse.move(*view.place(view.space, 0.5, 0.5))
    view.page.mouse.down()
    before = view.get(TURN)
    view.page.mouse.move(*view.place(view.space, 0.7, 0.5), steps=3)
    view.page.mouse.up()
    assert view.get(TURN) != before
    sides[2].focus()
    view.page.keyboard.press("Enter")
    assert view.look()[1] == seen[2]


def test_each_k_shows_its_picture_and_its_sentence(view, lab_page):
    seen = set()
    view.root.locator(".kmt-scrub").focus()
    view.page.keyboard.press("Home")
    for i in range(3):
        view.wait(
            f"root.querySelector('.kmt-words').textContent === {lab_page[0].frame_at((0, i)).words!r}"
        )
        seen.add(view.look())
        view.page.keyboard.press("ArrowRight")
    assert len(seen) == 3


def test_without_python_the_button_says_why(view):
    view.upload.click()
    assert view.get(STATUS) == "Run this cell to use your own picture."


def test_axe_finds_nothing(view):
    results = Axe().run(view.page, context=".kmt")
    assert [violation["id"] for violation in results["violations"]] == []


def test_a_picture_of_the_readers_own(lab, page):
    notebook = Notebook(lab, page, lab.write("colours.ipynb", SETUP, LAB))
    notebook.run_all()
    view = LabView(page, page.locator(".kmt"))
    before = view.look()
    assert view.get(STATUS) == ""
    large = png(NOISE)
    assert len(large) > 3_000_000, "it crosses in several parts"
    view.choose_file("noise.png", large)
    note = "noise.png had 1,000 × 1,100 pixels; the lab shows 582 × 640."
    view.wait(f"{STATUS} === {note!r}", timeout=60_000)
    view.wait("root.querySelector('.kmt-words').textContent.startsWith('16 colours')")
    assert notebook.python("lab.image.shape") == [640, 582, 3]
    mine = view.look()
    assert mine != before
    view.choose_file("notes.png", b"This is a text.")
    view.wait(f"{STATUS}.startsWith('notes.png is not a picture')")
    assert view.look() == mine
    view.choose_file("empty.png", b"")
    view.wait(f"{STATUS}.startsWith('empty.png is empty')")
    view.root.locator("input[type=radio]").nth(3).check(force=True)
    view.wait("root.querySelector('.kmt-words').textContent.startsWith('16 colours by random')")
    assert notebook.faults() == []
    assert page.console.errors() == []
    lab.end_kernels()
    page.wait_for_function("() => !jupyterapp.serviceManager.kernels.runningCount")
    view.upload.click()
    assert view.get(STATUS) == "Run this cell to use your own picture."
    view.wipe.focus()
    at = view.percent
    page.keyboard.press("ArrowRight")
    assert view.percent > at
    assert page.console.errors(KERNEL_IS_GONE) == []
