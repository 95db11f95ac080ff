"""Several kinds of widgets on one page: each looks as it does alone."""

import pytest

from .lab import Notebook

IMPORTS = """\
import numpy as np
from kmeans_teach import KExplorer, Player, ScaleSlider, SeedGallery, SeedingPlayer
X = np.random.RandomState(0).normal(size=(60, 2)) + np.repeat([[0, 0], [5, 5], [0, 5]], 20, axis=0)"""
WIDGETS = {
    "player": "Player(X, 3)",
    "k-explorer": "KExplorer(X, range(1, 5))",
    "gallery": "SeedGallery(X, 3, more_seeds=20)",
    "seeding": "SeedingPlayer(X, 3)",
    "scale": "ScaleSlider(X, 3)",
}
# Where the visible parts of a widget lie, and what they look like. Each widget brings its own copy
# of the shared style sheet, so what comes later on the page could override what came before.
LOOK = """root => {
  const outer = root.getBoundingClientRect();
  const shown = [...root.querySelectorAll('*')].filter(part => part.getClientRects().length);
  return shown.map(part => {
    const { left, top, width, height } = part.getBoundingClientRect(), css = getComputedStyle(part);
    const place = [left - outer.left, top - outer.top, width, height].map(Math.round).join(' ');
    return `${part.tagName} ${part.className} ${place} ${css.color} ${css.fontSize} ${css.display}`;
  });
}"""


@pytest.mark.parametrize("width", [800, 1280])
@pytest.mark.parametrize("kind", WIDGETS)
def test_other_widgets_change_nothing(lab, page, kind, width):
    page.set_viewport_size({"width": width, "height": 900})
    others = [source for name, source in WIDGETS.items() if name != kind]
    name = lab.write(f"together_{kind}_{width}.ipynb", IMPORTS, WIDGETS[kind], *others)
    try:
        notebook = Notebook(lab, page, name)
        notebook.run_cell(0)
        notebook.run_cell(1)
        first = page.locator(".kmt")
        first.wait_for()
        page.wait_for_function("() => document.querySelector('.kmt')?.dataset.drawn > 0")
        page.wait_for_timeout(300)
        alone = first.evaluate(LOOK)
        assert len(alone) > 10
        for index in range(2, 2 + len(others)):
            notebook.run_cell(index)
        assert notebook.faults() == []
        page.wait_for_function(
            f"() => document.querySelectorAll('.kmt[data-drawn]').length === {1 + len(others)}"
        )
        page.wait_for_timeout(300)
        assert page.locator(".kmt").first.evaluate(LOOK) == alone
        assert page.console.errors() == []
    finally:
        page.set_viewport_size({"width": 1280, "height": 900})
        lab.end_kernels()
