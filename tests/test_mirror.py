"""The browser repeats k-means itself: its script is held to Python, label by label, word by word.

Node runs the script here; tests/browser/test_mirror_in_browser.py asks the same of the browser.
"""

import json
import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from sklearn.datasets import load_iris, make_moons

from kmeans_teach import lloyd
from kmeans_teach.history import number

SCRIPT = Path(__file__).parent / "js" / "mirror.mjs"


@pytest.fixture(scope="session")
def ask():
    """Ask node questions, [function, *arguments] each, and return the answers."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not on this machine; the browser tests ask the same")
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=True)
    if int(re.search(r"\d+", version.stdout).group()) < 18:
        pytest.skip(f"node {version.stdout.strip()} is too old; the browser tests ask the same")

    def ask(questions):
        asked = json.dumps(questions)
        done = subprocess.run([node, SCRIPT], input=asked, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return ask


def cases():
    """Name, points, start and options of runs that between them take every path."""
    rng = np.random.RandomState(3)
    blobs = rng.normal(size=(300, 2)) + rng.choice([-4, 0, 4], size=(300, 2))
    lattice = np.array([[i, j] for i in range(7) for j in range(7)], dtype=float)
    found = [
        ("blobs", blobs, blobs[:5], {}),
        ("one cluster", blobs, blobs[:1], {}),
        ("as many clusters as points", blobs[:9], blobs[:9], {}),
        ("ties on a lattice", lattice, lattice[[0, 6, 42, 48]], {}),
        ("ties between equal centres", lattice, lattice[[8, 8, 8]], {"empty": "stay"}),
        ("equal centres moved apart", blobs, blobs[[8, 8, 8]], {}),
        ("one empty cluster", blobs, np.r_[blobs[:3], [[90.0, 90.0]]], {}),
        ("one empty cluster stays", blobs, np.r_[blobs[:3], [[90.0, 90.0]]], {"empty": "stay"}),
        ("three empty clusters", blobs, np.r_[blobs[:2], [[90, 90], [91, 91], [-90, 9]]], {}),
        ("one gives its only point", np.array([[0.0], [1], [3], [50]]), [[1.0], [40], [1000]], {}),
        (
            "two empty clusters stay",
            blobs,
            np.r_[blobs[:2], [[90, 90], [91, 91]]],
            {"empty": "stay"},
        ),
        ("all points alike", np.full((20, 2), 3.5), np.array([[1.0, 1.0], [2.0, 2.0]]), {}),
        ("stopped by tol", blobs, blobs[:6], {"tol": 0.05}),
        ("tol of zero", blobs, blobs[:6], {"tol": 0.0}),
        ("stopped by max_iter", blobs, blobs[:6], {"max_iter": 2, "tol": 0.0}),
        ("one iteration", blobs, blobs[:6], {"max_iter": 1}),
        ("far from the origin", blobs + 1e6, blobs[:4] + 1e6, {}),
        ("large", blobs * 1e90, blobs[:4] * 1e90, {}),
        ("small", blobs * 1e-90, blobs[:4] * 1e-90, {}),
        ("a very long run", make_moons(400, noise=0.1, random_state=0)[0], None, {"tol": 0.0}),
    ]
    for d in (1, 3, 4, 5):
        X = rng.normal(size=(200, d)) + rng.choice([-3, 3], size=(200, d))
        found.append((f"{d} columns", X, X[:4], {}))
    weight = rng.uniform(0, 4, size=300)
    found.append(("weights", blobs, blobs[:5], {"sample_weight": weight}))
    some = np.where(rng.uniform(size=300) < 0.3, 0.0, weight)
    found.append(("weights of zero", blobs, blobs[:5], {"sample_weight": some}))
    corner = np.where(np.arange(300) < 5, 0.0, 1.0)
    far = np.r_[blobs[:4], [[70.0, 70.0]]]
    found.append(("weights and an empty cluster", blobs, far, {"sample_weight": corner}))
    iris = load_iris().data
    for seed in range(4):
        moved = iris[np.random.RandomState(seed).choice(150, 3)] + 0.1 * seed
        found.append((f"iris from moved start {seed}", iris, moved, {}))
    for seed in range(8):
        start = rng.uniform(-7, 7, size=(6, 2))
        found.append((f"blobs from dragged start {seed}", blobs, start, {}))
    for name, X, start, options in found:
        yield name, X, X[:7] if start is None else np.asarray(start, dtype=float), options


def question(X, start, options):
    """What to ask for this run."""
    rule = {key: v for key, v in options.items() if key != "sample_weight"}
    weight = options.get("sample_weight")
    flat = X.ravel().tolist()
    return [
        "lloyd",
        flat,
        start.ravel().tolist(),
        X.shape[1],
        rule,
        None if weight is None else weight.tolist(),
    ]


def compare_runs(answers):
    """Hold each run to Python's frames."""
    for (name, X, start, options), found in zip(cases(), answers, strict=True):
        run = lloyd(X, start, **options)
        assert found["stop"] == run.stop_reason, name
        assert len(found["frames"]) == len(run), name
        scale = np.abs(X).max()
        for at, (frame, snapshot) in enumerate(zip(found["frames"], run, strict=True)):
            where = f"{name}, half-step {at}"
            assert frame["phase"] == snapshot.phase, where
            assert frame["iteration"] == snapshot.iteration, where
            assert frame["changed"] == snapshot.n_changed, where
            assert tuple(frame["relocated"]) == snapshot.relocated, where
            if snapshot.labels is None:
                assert frame["labels"] is None, where
                assert frame["inertia"] is None, where
            else:
                assert frame["labels"] == snapshot.labels.tolist(), where
                assert frame["inertia"] == pytest.approx(snapshot.inertia, rel=1e-9), where
            centers = np.reshape(frame["centers"], snapshot.centers.shape)
            assert np.abs(centers - snapshot.centers).max() <= 1e-12 * scale, where
            assert np.abs(np.array(frame["shift"]) - snapshot.shift).max() <= 1e-12 * scale, where


def values():
    """Numbers of every size, and those that round up to one digit more."""
    rng = np.random.RandomState(0)
    found = [0.0, 1.0, 412.25, 0.125, 2.5, 1e-3, 9.9999e-4, 999999.4, 999999.5, 1e6, 9.995, 0.99995]
    found += [99.995, 9999.5, 5e-324, 1.7e308, 1.005, 2.675, 9.995e-4, 9.995e6, 123456.5, 12345.5]
    found += [0.5, 1.5, 1000.5, 0.0009995, 100.25, 0.05, 1e9, 999999999.5]
    found += (10.0 ** rng.uniform(-12, 12, size=400)).tolist()
    found += np.round(10.0 ** rng.uniform(-4, 7, size=400), 3).tolist()
    return [sign * value for value in found for sign in (1, -1)]


def test_runs(ask):
    compare_runs(ask([question(X, start, options) for _, X, start, options in cases()]))


def test_the_cases_take_every_path():
    runs = {name: lloyd(X, start, **options) for name, X, start, options in cases()}
    assert {run.stop_reason for run in runs.values()} == {
        "no point changed cluster",
        "centres moved less than tol",
        "max_iter reached",
    }
    assert sum(any(s.relocated for s in run) for run in runs.values()) >= 4
    assert any(len(s.relocated) > 1 for s in runs["three empty clusters"])


def test_sentences(ask):
    # a point of weight 0 that changes cluster may move a centre by a rounding error in Python only,
    # and then one more centre "moved"
    for (name, X, start, options), found in zip(
        cases(), ask([question(*case[1:]) for case in cases()]), strict=True
    ):
        run = lloyd(X, start, **options)
        for at, words in enumerate(found["sentences"] if name != "weights of zero" else ()):
            spoken, written = numbers_apart(words), numbers_apart(run.sentence(at))
            assert spoken[0] == written[0], name
            # the last digit may turn where both sums lie within rounding of the middle
            assert spoken[1] == pytest.approx(written[1], rel=2e-3, abs=1e-9 * np.abs(X).max()), (
                name
            )


def numbers_apart(sentence):
    found = re.findall(r"\d+\.\d+(?:e[+-]\d+)?", sentence)
    return re.sub(r"\d+\.\d+(?:e[+-]\d+)?", "#", sentence), [float(text) for text in found]


def test_numbers(ask):
    assert ask([["number", value] for value in values()]) == [number(value) for value in values()]
    odd = [float("nan"), float("inf"), -float("inf")]
    assert ask([["number", number(value)] for value in odd]) == ["nan", "infinity", "-infinity"]
