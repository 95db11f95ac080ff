"""How soon an explorer shows its first picture, and how soon it answers a key.

``python -m benchmarks.explorers`` prints the table in a minute. Each explorer stands in a notebook
in a real JupyterLab, in headless Chromium, with the data of its lesson.

- First picture: from the command that runs the cell to a widget on the page that has drawn itself.
  It holds the way to the kernel, the computing, the static twin and the page's work. "fresh" is the
  first time in a kernel that has run only the imports of the lesson; "again" the median of later
  runs. A film is made in the cell before: what its first frames cost and weigh has rows of its own.
- Answer: from a trusted key press to other pixels, as in ``benchmarks.page``.
"""

import argparse

import numpy as np

from benchmarks import Table, page
from tests.browser.lab import Notebook

IMPORTS = """\
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from sklearn.cluster import KMeans
from sklearn.preprocessing import StandardScaler
import kmeans_teach as kt
X = pd.read_csv("data/kmeans_blobs.csv")[["x", "y"]].to_numpy()
two = pd.read_csv("data/customers.csv")[["frequency", "age"]].dropna()
two = two[(two["age"] < 100) & (two["frequency"] < 50)]"""
FIRST_PICTURE, ANSWER = 300, 30

# how each is made; its slider is moved by arrow keys, first to the right where it can
EXPLORERS = {
    "SeedGallery": "SeedGallery(X, 4)",
    "SeedingPlayer": "SeedingPlayer(X, 4)",
    "KExplorer": "KExplorer(X)",
    "ScaleSlider": "ScaleSlider(two, 4)",
    "FailureLab": "FailureLab()",
    "DigitExplorer": "DigitExplorer()",
    "ColourLab": "ColourLab()",
}
# a film's first picture counts from where its frames are computed
FILM = """
import time
began = time.perf_counter()
film = kt.{}
began = time.perf_counter() - began"""
MADE = "[began, sum(len(v) for v in film.get_state().values() if isinstance(v, bytes)) / 1000]"

FIRST = """async index => {
  document.querySelectorAll('.kmt').forEach(e => { e.dataset.old = 1; });
  const { content } = jupyterapp.shell.currentWidget;
  content.activeCellIndex = index;
  content.deselectAll();
  const began = performance.now();
  jupyterapp.commands.execute('notebook:run-cell');
  for (;;) {
    await new Promise(requestAnimationFrame);
    const made = document.querySelector('.kmt:not([data-old])');
    if (made && Number(made.dataset.drawn) > 0) return performance.now() - began;
    if (performance.now() - began > 60000) throw new Error('no picture in a minute');
  }
}"""


def measure(lab, tab, name, samples):
    """Yield the rows of one explorer: what, its value, its target."""
    setup = IMPORTS + FILM.format(EXPLORERS[name])
    notebook = Notebook(lab, tab, lab.write(f"{name}.ipynb", setup, "film"))
    notebook.run_cell(0)
    assert notebook.faults() == [], notebook.faults()
    seconds, crossed = notebook.python(MADE)
    yield "seconds to compute its first frames", seconds, 2
    yield "kilobytes shipped", crossed, 1000
    times = [tab.evaluate(FIRST, 1) for _ in range(6)]
    assert notebook.faults() == [], notebook.faults()
    yield "first picture, fresh", times[0], FIRST_PICTURE
    yield "first picture, again", float(np.median(times[1:])), FIRST_PICTURE
    tab.evaluate(page.CLOCK, ".kmt:not([data-old]) canvas")
    tab.locator(".kmt:not([data-old]) input[type=range]").first.focus()
    keys = ("ArrowLeft", "ArrowRight")[:: 1 if name == "ColourLab" else -1]
    presses = [keys[i // 3 % len(keys)] for i in range(samples)]
    times = [page.timed(tab, lambda key=key: tab.keyboard.press(key)) for key in presses]
    for which, value in page.quantiles(times).items():
        yield f"answer to a key, {which}", value, ANSWER
    lab.end_kernels()


def main():
    """Print the table; the exit code is 1 if a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", help="explorers, such as KExplorer; all by default")
    parser.add_argument("--samples", type=int, default=30, help="key presses each")
    options = parser.parse_args()
    table = Table(f"{'milliseconds where nothing else is said':<61}{'target':>9}  met")
    with page.opened() as (lab, tab):
        for name in options.names or EXPLORERS:
            for what, value, target in measure(lab, tab, name, options.samples):
                table.row(f"{name}: {what}", value, target)
    table.end()


if __name__ == "__main__":
    main()
