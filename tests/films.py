"""A film with every kind of panel and of axis, small enough to know each frame by heart."""

from functools import cache

import numpy as np

from kmeans_teach.widgets.axes import Axis
from kmeans_teach.widgets.film import Film, Frame
from kmeans_teach.widgets.panels import Atlas, Bars, Curve, Grid, Pictures, Points, Profile, Table

PLACES = {
    "row": np.array([[0.0, 0.0], [1.0, 0.0], [2.0, 0.0], [9.0, 1.0], [10.0, 1.0], [11.0, 1.0]]),
    "heap": np.array([[0.0, 0.0], [1.0, 1.0], [0.0, 1.0], [1.0, 0.0], [4.0, 4.0], [9.0, 9.0]]),
}
INK = Atlas.of(np.arange(6 * 4 * 4, dtype=np.uint8).reshape(6, 4, 4) * 2)


class Sampler(Film):
    """Of six points the first k are clusters of their own, the last one is noise."""

    def __init__(self, **look):
        axes = {
            "data": Axis(tuple(PLACES), "Data", control="choice", later=True),
            "k": Axis(range(1, 5), "Clusters", text="k = {}".format, first=2),
            "cluster": Axis(lambda k: range(k), "Cluster", "cluster {}".format, control="panel"),
            "weight": Axis((0.5, 1.0, 2.0), "Weight", text="weight {:g}".format, first=1.0),
        }
        self.computed = []
        super().__init__(axes, **look)

    def frame(self, data, k, cluster, weight):
        """All panels, one of each kind."""
        self.computed.append((data, k, cluster, weight))
        points, table, pictures, *below = panels(data, k)
        values = weight * np.arange(1.0, k + 1)
        captions = tuple(f"cluster {j}" for j in range(k))
        bars = Bars(values, captions, unit="{} g", axis="cluster", title="Weights")
        words = f"{data.capitalize()}: cluster {cluster} of {k} weighs {values[cluster]:g} g."
        rows = [[points, pictures], [table, bars, CURVE], below]
        return Frame(words, rows, {"grams": values.sum()})


CURVE = Curve(title="Grams along k", axis="k", lines=("grams",), tall=0.5)


@cache
def panels(data, k):
    """The panels that all weights and clusters share."""
    labels = np.minimum(np.arange(6), k - 1)
    labels[5] = -1
    X = PLACES[data]
    centers = np.array([X[labels == j].mean(axis=0) for j in range(k)])
    points = Points(X, labels, centers, axis="cluster", title=f"{k} of 6")
    counts = np.bincount(labels[:5], minlength=k)[:, None] * np.array([[1, 2]])
    rows = tuple(str(j) for j in range(k))
    look = {"axis": "cluster", "title": "Counts"}
    table = Table(counts, rows, ("a", "b"), ("cluster", "letter"), tall=0.5, **look)
    pictures = Pictures(INK, np.arange(k), rows, axis="cluster", title="Pictures")
    small = {"small": True, "marked": np.arange(6) == k, "halos": np.arange(6) / 2.5}
    small = [Points(X * j, None, title=f"{j} times", **small) for j in range(1, k + 1)]
    grid = Grid(small, axis="cluster", title="Small ones", tall=0.5)
    order = np.lexsort((-X[:5, 0], labels[:5]))
    profile = Profile(X[order, 0] - 0.5, labels[order], "x", title="Profile", tall=0.5)
    return points, table, pictures, grid, profile
