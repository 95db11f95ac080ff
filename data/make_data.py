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


FILES = {"kmeans_blobs.csv": kmeans_blobs}


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
