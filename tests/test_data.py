"""data/: made again the same, and as its README says."""

import importlib.util
import re
from hashlib import sha256
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import adjusted_rand_score
from sklearn.preprocessing import RobustScaler, StandardScaler

from kmeans_teach.kmeans import KMeans
from kmeans_teach.textbook import inertia, lloyd

DATA = Path(__file__).parents[1] / "data"
README = (DATA / "README.md").read_text(encoding="utf-8")
PARTS = dict(re.findall(r"^## (\S+\.csv)$(.*?)(?=^## |\Z)", README, re.S | re.M))
NUMBERS = ["recency", "frequency", "money", "age"]


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


@pytest.mark.parametrize("name", PARTS)
def test_the_columns_are_those_of_the_readme(name):
    columns = pd.read_csv(DATA / name).columns.tolist()
    assert columns == re.findall(r"^\| `(\w+)` \|", PARTS[name], re.M)


def test_blobs_are_the_table_of_the_readme(blobs):
    assert blobs["ID"].tolist() == list(range(1, 301))
    assert "300 points" in README
    for column in ("x", "y"):
        low, high = blobs[column].min(), blobs[column].max()
        assert line("kmeans_blobs.csv", f"| `{column}` |").endswith(f"| {low:.2f} to {high:.2f} |")
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


# customers.csv


@pytest.fixture(scope="module")
def customers():
    return pd.read_csv(DATA / "customers.csv")


@pytest.fixture(scope="module")
def ordinary(customers):
    """The rows that miss nothing and are no outliers."""
    return customers[~outliers(customers)].dropna()


def outliers(table):
    return (table["money"] > 10_000) | (table["age"] > 100)


def line(part, begin):
    """The one line of the README's part that begins so."""
    (found,) = [text for text in PARTS[part].splitlines() if text.startswith(begin)]
    return found


def agreement(X, segment):
    labels = KMeans(4, n_init=10, random_state=0).fit_predict(np.asarray(X, dtype=float))
    return adjusted_rand_score(segment, labels)


def scaled(table):
    return StandardScaler().fit_transform(table[NUMBERS])


def test_customers_are_the_table_of_the_readme(customers):
    assert customers["ID"].tolist() == list(range(1, 601))
    assert "600 customers" in PARTS["customers.csv"]
    missing = customers.isna().sum()
    assert set(missing[missing > 0].index) == {"money", "age"}
    for column, digits in (("recency", 0), ("frequency", 0), ("money", 2), ("age", 0)):
        values = customers[column]
        text = f" {values.min():.{digits}f} to {values.max():.{digits}f}"
        text += f", {missing[column]} missing |" if missing[column] else " |"
        assert text in line("customers.csv", f"| `{column}` |")
    counts = customers["channel"].value_counts().sort_index()
    text = ", ".join(f"{name} {count}" for name, count in counts.items())
    assert text in line("customers.csv", "| `channel` |")


def test_whole_columns_are_written_without_decimals():
    for row in (DATA / "customers.csv").read_text(encoding="ascii").splitlines()[1:]:
        assert re.fullmatch(r"\d+,\d+,\d+,(\d+\.\d\d)?,\d*,(app|phone|web),[0-3]", row), row


@pytest.mark.parametrize("segment", range(4))
def test_each_segment_is_as_the_readme_says(customers, segment):
    mine = customers[customers["segment"] == segment]
    recency, frequency, money, age = mine[NUMBERS].median()
    text = f" {len(mine)} | {recency:.1f} | {frequency:.1f} | {money:.2f} | {age:.1f} |"
    text += f" {mine['age'].isna().sum()} | {mine['money'].isna().sum()} |"
    assert line("customers.csv", f"| {segment} |").endswith(text)


def test_missing_values_are_as_written(customers):
    gaps = customers[["age", "money"]].isna()
    asleep = gaps["age"][customers["segment"] == 3].sum()
    text = f"{gaps['age'].sum()} ages, of which {asleep} in segment 3"
    assert text in PARTS["customers.csv"]
    assert f"and {gaps['money'].sum()} values of money" in PARTS["customers.csv"]
    assert not gaps.all(axis=1).any()
    assert "No row misses both" in PARTS["customers.csv"]
    complete = customers.dropna()
    rest = (~outliers(complete)).sum()
    text = f"{len(complete)} rows miss nothing, {rest} of them are no outliers"
    assert text in PARTS["customers.csv"]


def test_outliers_are_those_that_are_written(customers):
    text = " ".join(PARTS["customers.csv"].split())
    rich = customers[customers["money"] > 10_000]
    assert len(rich) == 4
    assert set(rich["segment"]) == {1}
    orders, euro = rich["frequency"], rich["money"]
    span = f"{orders.min()} to {orders.max()} orders and {euro.min():.0f} to {euro.max():.0f} euro"
    *first, last = rich["ID"]
    assert f"{span} (ID {', '.join(map(str, first))} and {last})" in text
    years = customers[customers["age"] > 100]
    assert f"(ID {' and '.join(map(str, years['ID']))})" in text
    assert years["age"].between(1940, 2005).all()
    others = customers[~outliers(customers)]
    # far from all others, so that whoever looks at the range finds them
    assert rich["money"].min() > 3 * others["money"].max()
    assert rich["frequency"].min() > 2 * others["frequency"].max()
    assert others["age"].max() <= 90


def test_channel_tells_next_to_nothing_about_the_segment(customers):
    shares = pd.crosstab(customers["segment"], customers["channel"], normalize="index")
    assert (shares.max() - shares.min()).max() < 0.2
    assert abs(adjusted_rand_score(customers["segment"], customers["channel"])) < 0.02


def test_the_agreements_of_the_readme_are_measured(customers, ordinary):
    logarithms = ordinary.assign(**np.log(ordinary[["recency", "frequency", "money"]]))
    onehot = pd.get_dummies(ordinary["channel"]).to_numpy(float)
    complete = customers.dropna()
    rows = {
        "| recency, frequency, money, age as": ordinary[NUMBERS],
        "| the four columns after StandardScaler": scaled(ordinary),
        "| the same, of the logarithms": scaled(logarithms),
        "| the four columns after RobustScaler": RobustScaler().fit_transform(ordinary[NUMBERS]),
        "| StandardScaler, and the channel as three": np.c_[scaled(ordinary), onehot],
        "| StandardScaler on all": scaled(complete),
    }
    for codes in ({"app": 1, "phone": 2, "web": 3}, {"phone": 1, "app": 2, "web": 3}):
        text = ", ".join(f"{name} {code}" for name, code in codes.items())
        column = ordinary["channel"].map(codes)
        rows[f"| StandardScaler, and the channel as {text}"] = np.c_[scaled(ordinary), column]
    measured = {}
    for begin, X in rows.items():
        segment = complete["segment"] if "all" in begin else ordinary["segment"]
        measured[begin] = agreement(X, segment)
        assert line("customers.csv", begin).endswith(f" {measured[begin]:.2f} |")
    clearly_worse = measured["| StandardScaler, and the channel as three"] - 0.3
    assert measured["| recency, frequency, money, age as"] < clearly_worse
    assert measured["| StandardScaler, and the channel as app 1, phone 2, web 3"] < clearly_worse


# integer_columns.csv


def test_integer_columns_are_as_the_readme_says():
    table = pd.read_csv(DATA / "integer_columns.csv")
    assert table["ID"].tolist() == list(range(1, 401))
    assert table["x"].value_counts().to_dict() == dict.fromkeys(range(4), 100)
    text = f"| {table['y'].min():.3f} to {table['y'].max():.3f} |"
    assert text in line("integer_columns.csv", "| `y` |")
    assert table["y"].between(0, 3).all()


def test_k_means_does_not_find_the_stripes():
    table = pd.read_csv(DATA / "integer_columns.csv")
    X, stripes = table[["x", "y"]].to_numpy(), table["x"].to_numpy()
    best = KMeans(4, n_init=10, random_state=0).fit(X)
    text = " ".join(PARTS["integer_columns.csv"].split())
    assert f"its best answer, inertia {best.inertia_:.1f}," in text
    means = np.array([X[stripes == j].mean(axis=0) for j in range(4)])
    assert f"an inertia of {inertia(X, stripes, means):.1f}" in text
    # a quarter of the square: two neighbouring stripes, and the upper or the lower half of y
    for j in range(4):
        mine = X[best.labels_ == j]
        assert set(mine[:, 0]) in ({0.0, 1.0}, {2.0, 3.0})
        assert (mine[:, 1] < 1.65).all() or (mine[:, 1] > 1.35).all()
