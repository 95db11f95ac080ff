"""One view of the player on a page: what a person sees of it and does with it."""

import re

# Where the pointer could grab a centre: the middle of each spot over which it becomes a hand.
FIND_CENTERS = """root => {
  const canvas = root.querySelector('.kmt-points'), box = canvas.getBoundingClientRect();
  const step = 4, spots = [];
  for (let y = 0; y < box.height; y += step) for (let x = 0; x < box.width; x += step) {
    const place = { clientX: box.left + x, clientY: box.top + y };
    canvas.dispatchEvent(new PointerEvent('pointermove', place));
    if (canvas.style.cursor !== 'grab') continue;
    const near = ([a, b]) => Math.abs(a - x) + Math.abs(b - y) <= 4 * step;
    const spot = spots.find(s => s.some(near));
    if (spot) spot.push([x, y]); else spots.push([[x, y]]);
  }
  const mean = (spot, c) => spot.reduce((sum, p) => sum + p[c], 0) / spot.length;
  return spots.map(spot => [mean(spot, 0), mean(spot, 1)]);
}"""

# A canvas as a picture: a hash of its pixels, and how many of them are not empty.
PIXELS = """(root, name) => {
  const canvas = root.querySelector(name), { width, height } = canvas;
  const { data } = canvas.getContext('2d').getImageData(0, 0, width, height);
  let hash = 0, other = 0;
  for (const pixel of new Uint32Array(data.buffer)) {
    hash = (Math.imul(hash, 31) + pixel) | 0;
    other += pixel !== 0;
  }
  return { hash, other, width, height };
}"""


class View:
    """One view of the player; ``root`` locates its outermost element."""

    def __init__(self, page, root):
        self.page, self.root = page, root
        self.canvas = root.locator(".kmt-points")
        self.wait_drawn()

    @classmethod
    def below_a_cell(cls, notebook, source):
        """The view below the notebook's second cell, run with this source."""
        page = notebook.page
        page.evaluate("() => document.querySelectorAll('.kmt').forEach(e => e.dataset.old = 1)")
        notebook.run_cell(1, source)
        assert notebook.faults() == []
        return cls(page, page.locator(".kmt:not([data-old])"))

    def wait_drawn(self, above=0):
        """Return once more than so many pictures were drawn."""
        self.root.wait_for()
        self.wait(f"Number(root.dataset.drawn) > {above}")

    def wait(self, condition, **options):
        """Return once a JavaScript condition on ``root`` holds."""
        handle = self.root.element_handle()
        self.page.wait_for_function(f"root => {condition}", arg=handle, **options)

    def get(self, expression):
        """The value of a JavaScript expression on ``root``."""
        return self.root.evaluate(f"root => {expression}")

    @property
    def at(self):
        """The half-step that is shown."""
        return self.position()[0]

    @property
    def last(self):
        """The number of the last half-step."""
        return self.position()[1]

    def position(self):
        """The half-step that is shown and the last one, as the text beside the scrubber says."""
        text = self.root.locator(".kmt-count").text_content()
        at, last = re.fullmatch(r"(\d+) / (\d+)", text).groups()
        return int(at), int(last)

    def wait_at(self, at, last=None):
        """Return once this half-step is shown."""
        end = r"\\d+$" if last is None else f"{last}$"
        self.wait(f"new RegExp('^{at} / {end}').test(root.querySelector('.kmt-count').textContent)")

    @property
    def words(self):
        """The sentence of the half-step."""
        return self.root.locator(".kmt-words").text_content()

    @property
    def hint(self):
        """The line that says what can be done."""
        return self.root.locator(".kmt-hint").text_content()

    @property
    def drawn(self):
        """How many pictures were drawn."""
        return int(self.root.get_attribute("data-drawn"))

    def click(self, name):
        """Press one of the buttons, such as "forward", "new" or "mode-add"."""
        self.root.locator(f".kmt-{name}").click()

    def press(self, *keys):
        """Press keys while the picture has the focus."""
        self.canvas.focus()
        for key in keys:
            self.page.keyboard.press(key)

    def type_seed(self, seed):
        """Type another seed and press Enter."""
        self.root.locator(".kmt-seed").click(click_count=3)
        self.page.keyboard.type(str(seed))
        self.page.keyboard.press("Enter")

    def centers(self):
        """Where the centres can be grabbed, in pixels of the canvas, unordered."""
        return self.root.evaluate(FIND_CENTERS)

    def pixels(self, name=".kmt-points"):
        """Hash and size of a canvas' picture, and how many of its pixels are not empty."""
        return self.root.evaluate(PIXELS, name)

    def box(self):
        """The canvas' place on the page."""
        self.canvas.scroll_into_view_if_needed()
        return self.canvas.bounding_box()

    def drag(self, start, end, steps=6):
        """Drag the pointer over the canvas, from and to pixels of it."""
        box, mouse = self.box(), self.page.mouse
        mouse.move(box["x"] + start[0], box["y"] + start[1])
        mouse.down()
        mouse.move(box["x"] + end[0], box["y"] + end[1], steps=steps)
        mouse.up()
