"""How fast the player answers, beside the same run redrawn by ``interact`` and matplotlib.

``python -m benchmarks.player`` prints the table in three minutes; ``--quick`` takes fewer samples.
Both stand in one notebook in a real JupyterLab and take turns, in headless Chromium.

``benchmarks.page`` says how an answer is timed. Presses come at random moments. Pictures a second
are those in which the player drew anew while it played a whole run at its highest speed;
``interact`` gets the next key press as soon as its picture is there. Traffic is what goes over the
kernel's websocket in both directions.
"""

import argparse
import random

import numpy as np

from benchmarks import Table, page
from tests.browser.lab import Notebook
from tests.browser.view import View

SETUP = """\
import matplotlib.pyplot as plt
import numpy as np
from ipywidgets import IntSlider, interact
from kmeans_teach import Player, lloyd
def make(n, k, max_iter):
    points = np.random.RandomState(0).uniform(size=(n, 2))
    return lloyd(points, points[:k], tol=0.0, max_iter=max_iter)
def redraw(run):
    inertia = [snapshot.inertia for snapshot in run]
    def draw(frame):
        now = run[frame]
        _, (left, right) = plt.subplots(1, 2, figsize=(10, 4))
        left.scatter(*run.X.T, c=now.labels, cmap='tab10', s=12)
        left.scatter(*now.centers.T, c='black', marker='X', s=90)
        left.set_title(run.sentence(frame))
        right.plot(inertia)
        right.plot(frame, inertia[frame], 'o')
        plt.show()
    interact(draw, frame=IntSlider(value=0, min=0, max=len(run) - 1))"""
RUNS = {300: "make(300, 6, 30)", 10_000: "make(10_000, 8, 100)", 100_000: "make(100_000, 8, 60)"}

SCRIPT = """() => {
  const images = '.widget-interact img, .widget-output img';
  Object.assign(bench, {
    /** The address of matplotlib's picture, once it is there. */
    finished() {
      const shown = [...document.querySelectorAll(images)].at(-1);
      return shown && shown.complete && shown.naturalWidth ? shown.src : null;
    },
    /** Plays the whole run at the highest speed: how many pictures were new, and seconds. */
    async play() {
      const root = document.querySelector('.kmt'), speed = root.querySelector('.kmt-speed');
      root.querySelector('.kmt-first').click();
      speed.value = 'fastest';
      await bench.picture();
      const button = root.querySelector('.kmt-play');
      button.click();
      await bench.picture();
      let drawn = root.dataset.drawn, pictures = 0;
      const began = performance.now();
      while (button.getAttribute('aria-label').startsWith('Pause')) {
        await bench.picture();
        if (root.dataset.drawn !== drawn) pictures++;
        drawn = root.dataset.drawn;
      }
      return [pictures, (performance.now() - began) / 1000];
    },
  });
}"""


class Bench:
    """The notebook with the player and its rival, and the clocks."""

    def __init__(self, lab, tab, seed=0):
        self.lab, self.page, self.random, self.bytes = lab, tab, random.Random(seed), 0
        tab.on("websocket", self.opened)

    def opened(self, socket):
        """Count what goes over the channels of a kernel."""
        if "/api/kernels/" in socket.url:
            socket.on("framesent", self.count)
            socket.on("framereceived", self.count)

    def count(self, payload):
        """Add a message's bytes."""
        self.bytes += len(payload if isinstance(payload, bytes) else payload.encode())

    def show(self, n):
        """Open a notebook with both for this number of points."""
        cells = (SETUP, f"run = {RUNS[n]}", "Player(run)", "redraw(run)")
        self.notebook = Notebook(self.lab, self.page, self.lab.write(f"bench{n}.ipynb", *cells))
        self.notebook.run_all()
        assert self.notebook.faults() == [], self.notebook.faults()
        self.view = View(self.page, self.page.locator(".kmt"))
        self.handle = self.page.locator(".widget-slider .noUi-handle").first
        self.handle.wait_for()
        self.page.evaluate(page.CLOCK, ".kmt-points, .kmt-stairs")
        self.page.evaluate(SCRIPT)
        self.page.wait_for_function("() => bench.finished()", timeout=120_000)

    def timed(self, look, event, act):
        """Time what ``act`` causes; it comes at a random moment of the browser's picture."""
        return page.timed(self.page, act, look, event, wait=self.random.uniform(0, 17))

    def steps(self, look, target, count):
        """Press the right arrow so often, starting over at the end of the run."""
        times = []
        target.focus()
        for _ in range(count):
            at, last = self.place(look)
            if at == last:
                self.page.keyboard.press("Home")
                self.page.wait_for_timeout(300)
            press = lambda: self.page.keyboard.press("ArrowRight")  # noqa: E731
            times.append(self.timed(look, "keydown", press))
        return times

    def place(self, look):
        """The half-step shown and the last one."""
        if look == "pixels":
            return self.view.position()
        names = ("aria-valuenow", "aria-valuemax")
        return tuple(float(self.handle.get_attribute(name)) for name in names)

    def drags(self, count):
        """Move a centre under the pointer so often."""
        self.view.press("End")
        spot, box, mouse = min(self.view.centers()), self.view.box(), self.page.mouse
        x, y = box["x"] + spot[0], box["y"] + spot[1]
        mouse.move(x, y)
        mouse.down()
        mouse.move(x + 20, y + 10)
        times = []
        for i in range(count):
            angle = 0.2 * i
            to = x + 60 + 40 * np.cos(angle), y + 40 * np.sin(angle)
            times.append(self.timed("pixels", "pointermove", lambda to=to: mouse.move(*to)))
        mouse.up()
        self.view.click("undo")
        return times

    def play(self):
        """Pictures a second and bytes a step while the whole run is played."""
        self.page.wait_for_timeout(1000)
        self.bytes = 0
        pictures, seconds = self.page.evaluate("() => bench.play()")
        return pictures / seconds, self.bytes / self.view.last


def measure(bench, quick):
    """Yield the rows: what, the player's value, its target, the rival's value."""
    rounds, ours, theirs = (2, 20, 8) if quick else (5, 40, 16)
    for n in RUNS:
        few, points = n == 300, f"{n:,} points"
        bench.show(n)
        bench.steps("pixels", bench.view.canvas, 3)
        bench.steps("finished", bench.handle, 2)
        times, rival, traffic = [], [], 0
        for _ in range(rounds if few else 1):
            times += bench.steps("pixels", bench.view.canvas, ours)
            bench.page.wait_for_timeout(500)
            bench.bytes = 0
            rival += bench.steps("finished", bench.handle, theirs if n < 100_000 else 5)
            traffic += bench.bytes
        others = page.quantiles(rival)
        for which, value in page.quantiles(times).items():
            goal = {"p50": 25, "p95": 40}[which] if few else None
            yield f"key press to pixels, {points}, {which} (ms)", value, goal, others[which]
        speeds, sent = zip(*(bench.play() for _ in range(3)), strict=True)
        goal = {10_000: 55, 100_000: 30}.get(n)
        yield f"pictures, {points} (/s)", float(np.median(speeds)), goal, 1000 / np.mean(rival)
        yield f"while playing, {points} (bytes a step)", max(sent), 0, traffic / len(rival)
        if n <= 10_000:
            for which, value in page.quantiles(bench.drags(2 * ours)).items():
                goal = 40 if few and which == "p95" else None
                yield f"drag to pixels, {points}, {which} (ms)", value, goal, None
        bench.lab.end_kernels()


def main():
    """Print the table; the exit code is 1 if a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="fewer samples")
    options = parser.parse_args()
    table = Table(f"{'':<52}{'player':>9}{'target':>9}  met {'interact':>10}{'ratio':>8}")
    with page.opened() as (lab, tab):
        for what, value, target, rival in measure(Bench(lab, tab), options.quick):
            beside = "" if rival is None else f"{rival:>10.1f}{value / rival:>8.2f}"
            table.row(what, value, target, more=what.startswith("pictures"), beside=beside)
    table.end()


if __name__ == "__main__":
    main()
