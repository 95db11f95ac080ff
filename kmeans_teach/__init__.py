"""K-means to be looked at: every half-step recorded, played and checked.

>>> from kmeans_teach import lloyd
>>> run = lloyd([[0.0], [1.0], [8.0], [9.0]], centers=[[0.0], [1.0]])
>>> len(run), run.stop_reason, run[-1].inertia
(7, 'no point changed cluster', 1.0)
"""

import sys
from importlib import import_module

from .history import History, Snapshot
from .textbook import assign, inertia, lloyd, record, update

__version__ = "0.1.0"

_HOME = {
    "random_points": "seeding",
    "random_partition": "seeding",
    "farthest_first": "seeding",
    "kmeans_plusplus": "seeding",
    "KMeans": "kmeans",
    "match_labels": "matching",
    "sweep": "choosing",
    "gap_statistic": "choosing",
    "stability": "choosing",
    "PALETTE": "pictures.style",
    "MARKERS": "pictures.style",
    "plot_clusters": "pictures.points",
    "plot_history": "pictures.points",
    "plot_inertia": "pictures.curves",
    "plot_voronoi": "pictures.points",
    "plot_clusters_3d": "pictures.points",
    "plot_confusion": "pictures.curves",
    "plot_elbow": "pictures.curves",
    "plot_scores": "pictures.curves",
    "plot_silhouette": "pictures.curves",
    "FailureLab": "lessons.lesson_06",
    "DigitExplorer": "lessons.lesson_08",
    "ColourLab": "lessons.lesson_09",
    "KExplorer": "lessons.lesson_04",
    "Player": "widgets",
    "Question": "widgets",
    "guesses": "widgets",
    "ScaleSlider": "lessons.lesson_05",
    "SeedingPlayer": "lessons.lesson_03",
    "SeedGallery": "lessons.lesson_03",
    "check": "lessons.checks",
}
__all__ = sorted([*_HOME, "History", "Snapshot", "assign", "inertia", "lloyd", "record", "update"])


def __getattr__(name):
    if name not in _HOME:
        raise AttributeError(f"kmeans_teach has no {name!r}; it has {', '.join(__all__)}")
    value = getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    globals()[name] = value
    return value


def __dir__():
    return __all__


if _shell := "IPython" in sys.modules and sys.modules["IPython"].get_ipython():  # in a notebook
    import_module(f"{__name__}.pictures.style").put_in_words(_shell)
    _shell.display_formatter.mimebundle_formatter.for_type_by_name(
        "ipywidgets.widgets.widget_box",
        "Box",
        lambda box: import_module(f"{__name__}.widgets.twin").boxed(box),
    )
