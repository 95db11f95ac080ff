"""Several kinds of widgets on one page: each looks as it does alone."""

from .lab import Notebook

IMPORTS = """\
import numpy as np
import kmeans_teach as kt
X = np.random.RandomState(0).normal(size=(60, 2)) + np.repeat([[0, 0], [5, 5], [0, 5]], 20, axis=0)"""
WIDGETS = [
    "kt.Player(X, 3)",
    "kt.KExplorer(X, range(1, 5))",
    "kt.SeedGallery(X, 3)",
    "kt.SeedingPlayer(X, 3)",
    "kt.ScaleSlider(X, 3)",
    "kt.FailureLab()",
    "kt.ColourLab()",
    "kt.Question('How many?', {'two': None, 'three': 'One less.'}, 'There are two.')",
]
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


def test_other_widgets_change_nothing(lab, page):
    notebook = Notebook(lab, page, lab.write("together.ipynb", IMPORTS, *WIDGETS))
    notebook.run_cell(0)

    def looks(count):
        """What each of so many widgets looks like, once all are drawn."""
        drawn = "n => document.querySelectorAll('.kmt[data-drawn]').length === n"
        page.wait_for_function(drawn, arg=count)
        page.wait_for_timeout(300)
        return [root.evaluate(LOOK) for root in page.locator(".kmt").all()]

    for width in (800, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        alone = []
        for index in range(1, 1 + len(WIDGETS)):
            notebook.command("notebook:clear-all-cell-outputs")
            notebook.run_cell(index)
            alone += looks(1)
            assert len(alone[-1]) > 10
        for index in range(1, len(WIDGETS)):
            notebook.run_cell(index)
        together = looks(len(WIDGETS))
        assert [w for w, a, b in zip(WIDGETS, alone, together, strict=True) if a != b] == []
    assert notebook.faults() == []
    assert page.console.errors() == []
    lab.end_kernels()
