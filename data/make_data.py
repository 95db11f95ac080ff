"""Make the data sets of the lessons, the same bytes on every machine: python data/make_data.py."""

import sys
from hashlib import sha256
from pathlib import Path

import numpy as np

BLOB_CENTERS = ((2.5, 2.5), (7.5, 2.5), (3.0, 7.6), (6.2, 7.2))
BLOB_SPREAD = 0.9
POINTS_A_BLOB = 75


def kmeans_blobs() -> str:
    """Four round blobs of 75 points on a sheet of 10 cm by 10 cm, in shuffled order."""
    # RandomState, as only its stream of numbers is promised never to change
    random = np.random.RandomState(40)
    cluster = random.permutation(np.repeat(np.arange(len(BLOB_CENTERS)), POINTS_A_BLOB))
    noise = random.standard_normal((len(cluster), 2)) * BLOB_SPREAD
    points = np.array(BLOB_CENTERS)[cluster] + noise
    rows = [
        f"{i},{x:.2f},{y:.2f},{c}"
        for i, ((x, y), c) in enumerate(zip(points, cluster, strict=True), start=1)
    ]
    return "\n".join(["ID,x,y,cluster", *rows]) + "\n"


# A row a segment: how many customers, and what is typical (median, spread of the logarithm) of
# recency in days, orders a year and euro a year; age in years (mean, standard deviation); shares
# of the channels.
SEGMENTS = (
    (190, (28, 0.45), (13, 0.22), (700, 0.30), (46, 5), (0.42, 0.16, 0.42)),
    (90, (38, 0.45), (6, 0.30), (2600, 0.28), (58, 8), (0.35, 0.30, 0.35)),
    (180, (22, 0.45), (12, 0.22), (320, 0.40), (28, 4), (0.42, 0.10, 0.48)),
    (140, (230, 0.20), (2.2, 0.35), (180, 0.45), (46, 13), (0.40, 0.20, 0.40)),
)
CHANNELS = ("app", "phone", "web")
AGE_MISSING = (8, 4, 6, 36)  # by segment: mostly of those who have long been away
MONEY_MISSING = (8, 4, 7, 5)
RESELLERS = ((62, 18400), (75, 23900), (81, 26300), (96, 31500))  # orders and euro, segment 1
YEARS_OF_BIRTH = (1975, 1998)  # typed in as ages, segments 0 and 2


def customers() -> str:
    """600 customers of a shop in four segments, with gaps, a category and outliers."""
    random = np.random.RandomState(7)
    segment = random.permutation(np.repeat(np.arange(4), [size for size, *_ in SEGMENTS]))
    noise = random.standard_normal((len(segment), 4))
    draw = random.random_sample(len(segment))
    order = random.permutation(len(segment))

    typical = [np.array(column)[segment] for column in zip(*SEGMENTS, strict=True)]
    recency, frequency, money = (
        middle * np.exp(noise[:, j] * spread)
        for j, (middle, spread) in enumerate(column.T for column in typical[1:4])
    )
    recency = np.clip(np.rint(recency), 1, 365).astype(int)
    frequency = np.clip(np.rint(frequency), 1, None).astype(int)
    age = np.rint(typical[4][:, 0] + noise[:, 3] * typical[4][:, 1]).clip(18, 90).astype(int)
    channel = (draw[:, None] > np.cumsum(typical[5], axis=1)[:, :2]).sum(axis=1)

    rows = [order[segment[order] == j] for j in range(4)]
    money_cells, age_cells = [f"{value:.2f}" for value in money], [str(value) for value in age]
    for (orders, euro), row in zip(RESELLERS, rows[1], strict=False):
        frequency[row], money_cells[row] = orders, f"{euro:.2f}"
    for year, row in zip(YEARS_OF_BIRTH, (rows[0][0], rows[2][0]), strict=True):
        age_cells[row] = str(year)
    for j in range(4):
        # behind the rows of the outliers
        end = 4 + AGE_MISSING[j]
        for row in rows[j][4:end]:
            age_cells[row] = ""
        for row in rows[j][end : end + MONEY_MISSING[j]]:
            money_cells[row] = ""

    lines = [
        f"{i + 1},{recency[i]},{frequency[i]},{money_cells[i]},{age_cells[i]},"
        f"{CHANNELS[channel[i]]},{segment[i]}"
        for i in range(len(segment))
    ]
    return "\n".join(["ID,recency,frequency,money,age,channel,segment", *lines]) + "\n"


def integer_columns() -> str:
    """400 points without groups: x is a whole number from 0 to 3, y is uniform from 0 to 3."""
    random = np.random.RandomState(4)
    x = random.permutation(np.repeat(np.arange(4), 100))
    y = random.random_sample(len(x)) * 3
    rows = [f"{i},{a},{b:.3f}" for i, (a, b) in enumerate(zip(x, y, strict=True), start=1)]
    return "\n".join(["ID,x,y", *rows]) + "\n"


FILES = {
    "kmeans_blobs.csv": kmeans_blobs,
    "customers.csv": customers,
    "integer_columns.csv": integer_columns,
}


def make(folder: Path) -> dict[str, str]:
    """Write every file into the folder and return the sha256 of each."""
    sums = {}
    for name, content in FILES.items():
        data = content().encode("ascii")
        (folder / name).write_bytes(data)
        sums[name] = sha256(data).hexdigest()
    return sums


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent
    for file, digest in make(target).items():
        print(digest, "", file)
