"""data/: made again the same, and as its README says."""

import importlib.util
import re
from hashlib import sha256
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from kmeans_teach.lloyd import lloyd

DATA = Path(__file__).parents[1] / "data"
README = (DATA / "README.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def make_data():
    spec = importlib.util.spec_from_file_location("make_data", DATA / "make_data.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def blobs():
    return pd.read_csv(DATA / "kmeans_blobs.csv")


def test_made_again_gives_the_same_bytes(make_data, tmp_path):
    np.random.seed(12345)  # noqa: NPY002  whatever stands in the global generator must not matter
    make_data.make(tmp_path)
    again = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    assert again == {file.name: file.read_bytes() for file in DATA.glob("*.csv")}


def test_readme_has_each_file_with_its_sha256():
    sections = dict(re.findall(r"^## (\S+\.csv)$.*?^sha256: `(\w+)`$", README, re.S | re.M))
    sums = {f.name: sha256(f.read_bytes()).hexdigest() for f in DATA.glob("*.csv")}
    assert sections == sums


def test_blobs_are_the_table_of_the_readme(blobs, make_data):
    assert blobs.columns.tolist() == re.findall(r"^\| `(\w+)` \|", README, re.M)
    assert blobs["ID"].tolist() == list(range(1, 301))
    assert "300 points" in README
    for column in ("x", "y"):
        low, high = blobs[column].min(), blobs[column].max()
        assert re.search(rf"\| `{column}` \|.*\| {low:.2f} to {high:.2f} \|", README)
        assert 0 < low < high < 10


def test_planted_blobs_are_as_written(blobs, make_data):
    for cluster, (x, y) in enumerate(make_data.BLOB_CENTERS):
        points = blobs.loc[blobs["cluster"] == cluster, ["x", "y"]]
        assert f"| {cluster} | ({x}, {y}) | {len(points)} |" in README
        # four standard errors of a mean and of a standard deviation
        assert points.mean().to_numpy() == pytest.approx((x, y), abs=4 * 0.9 / np.sqrt(75))
        assert points.std().to_numpy() == pytest.approx((0.9, 0.9), abs=4 * 0.9 / np.sqrt(150))
    assert "standard deviation of 0.9 cm" in README
    assert make_data.BLOB_SPREAD == 0.9


def test_the_starts_in_the_readme_do_what_it_says(blobs):
    X = blobs[["x", "y"]]
    good = lloyd(X, X[:4])
    assert f"takes {good.n_iter} iterations" in README
    assert f"inertia {good[-1].inertia:.1f} cm²" in README
    bad = lloyd(X, [(1, 1), (2, 1), (3, 1), (4, 1)])
    assert f"it takes {bad.n_iter} and is stuck at {bad[-1].inertia:.1f} cm²" in README


def test_about_one_random_start_in_five_gets_stuck(blobs):
    X = blobs[["x", "y"]].to_numpy()
    random = np.random.default_rng(0)
    starts = (X[random.choice(300, 4, replace=False)] for _ in range(100))
    stuck = np.mean([lloyd(X, start)[-1].inertia > 1.5 * 455.2 for start in starts])
    assert 0.1 < stuck < 0.3
