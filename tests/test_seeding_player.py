"""The seeding player without a browser: what Python draws, and that the browser draws the same."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_iris

from kmeans_teach import KMeans, SeedingPlayer, seeding
from kmeans_teach.history import number
from kmeans_teach.widgets import seeding_player as module

MODULE = (Path(__file__).parents[1] / "kmeans_teach/widgets/seeding_player.mjs").as_uri()
CORNERS = np.repeat([[0.0, 0.0], [9.0, 0.0], [0.0, 9.0], [9.0, 9.0]], 20, axis=0)
X = np.random.RandomState(7).normal(size=(80, 2)) + CORNERS
LATTICE = np.array([[i, j] for i in range(7) for j in range(7)]) / 10

# What the browser makes of [X, k, d, seed, draws that Python made]: every strategy's start.
START = f"""
import {{ STRATEGIES, startOf, halfDraws, drawSentence }} from "{MODULE}";
let text = "";
for await (const piece of process.stdin) text += piece;
const answers = JSON.parse(text).map(([flat, k, d, seed, known]) => {{
  const X = Float64Array.from(flat);
  return Object.fromEntries(STRATEGIES.map(name => {{
    const start = startOf(name, X, k, d, seed, known?.[name]), frames = halfDraws(name, k);
    const words = frames.slice(0, -1).map(frame => drawSentence(start, frame, X));
    const d2 = start.d2.map(v => v && [...v]), centers = [...start.centers];
    return [name, {{ ...start, centers, d2, n_frames: frames.length, words }}];
  }}));
}});
process.stdout.write(JSON.stringify(answers));
"""


@pytest.fixture(scope="module")
def ask():
    """Ask node for the starts of [points, clusters, seed, draws that Python made]."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not on this machine; the browser tests ask the same")
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=True)
    if int(re.search(r"\d+", version.stdout).group()) < 18:
        pytest.skip(f"node {version.stdout.strip()} is too old; the browser tests ask the same")

    def ask(*questions):
        asked = json.dumps(
            [[Z.ravel().tolist(), k, Z.shape[1], seed, known] for Z, k, seed, known in questions]
        )
        command = [node, "--input-type=module", "-e", START]
        done = subprocess.run(command, input=asked, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return ask


def drawn(draws):
    """Draws as Python and the browser both can write them."""
    return [(d["taken"], d.get("candidates"), d.get("potentials", [])) for d in draws]


# -------------------------------------------------------------------------------- what Python sees


def test_the_starts_are_those_of_the_package_and_of_the_estimator():
    starts = SeedingPlayer(X, 4, random_state=5)
    for name, draw in {
        "k-means++": seeding.kmeans_plusplus,
        "random points": seeding.random_points,
        "random partition": seeding.random_partition,
        "farthest first": seeding.farthest_first,
    }.items():
        assert np.array_equal(starts.seedings[name].centers, draw(X, 4, 5).centers)
        assert np.array_equal(starts.runs[name][0].centers, starts.seedings[name].centers)
    for name, init in (("k-means++", "k-means++"), ("random points", "random")):
        fitted = KMeans(4, init=init, n_init=1, random_state=5).fit(X)
        assert starts.runs[name].n_iter == fitted.n_iter_
        assert np.array_equal(starts.runs[name][-1].labels, fitted.labels_)


def test_another_seed_draws_anew():
    starts = SeedingPlayer(X, 4)
    first = starts.seedings["k-means++"]
    starts.random_state = 9
    assert np.array_equal(
        starts.seedings["k-means++"].indices, seeding.kmeans_plusplus(X, 4, 9).indices
    )
    run = starts.runs["k-means++"]
    assert np.array_equal(run[0].centers, starts.seedings["k-means++"].centers)
    assert starts._draws["seed"] == 9
    assert starts._draws["of"] == module.SeedingPlayer(X, 4, random_state=9)._draws["of"]
    assert not np.array_equal(first.indices, starts.seedings["k-means++"].indices)


def test_a_seed_from_the_browser_draws_anew_too():
    starts = SeedingPlayer(X, 4)
    starts.set_state({"random_state": 3, "frame": 2})
    assert starts._draws == SeedingPlayer(X, 4, random_state=3)._draws
    assert starts.frame == 2


def test_frames_end_where_the_draws_end():
    starts = SeedingPlayer(X, 4)
    for strategy, last in [
        ("k-means++", 11),
        ("random points", 8),
        ("random partition", 6),
        ("farthest first", 8),
    ]:
        starts.strategy = strategy
        assert starts.n_frames == last + 1
        starts.frame = 99
        assert starts.frame == last
    starts.frame = -1
    assert starts.frame == 0
    starts.frame = 8
    starts.strategy = "random partition"
    assert starts.frame == 6


def test_strategy_and_frame_from_the_browser_are_checked_together():
    starts = SeedingPlayer(X, 4, strategy="random partition")
    starts.set_state({"frame": 11, "strategy": "k-means++"})
    assert (starts.strategy, starts.frame) == ("k-means++", 11)
    starts.set_state({"strategy": "random partition", "frame": 2})
    assert (starts.strategy, starts.frame) == ("random partition", 2)


def test_the_browser_gets_points_and_draws():
    starts = SeedingPlayer(pd.DataFrame(X, columns=["a", "b"]), 4, random_state=2, title="T")
    assert np.array_equal(np.frombuffer(starts._points).reshape(-1, 2), X)
    assert starts._info["names"] == ["a", "b"]
    assert starts.title == "T"
    draws = starts._draws["of"]["k-means++"]
    for mine, draw in zip(draws, starts.seedings["k-means++"].draws, strict=True):
        assert mine["taken"] == draw.taken
        assert mine.get("candidates") == (
            None if draw.potentials is None else draw.candidates.tolist()
        )
    assert all(len(draw["candidates"]) == 3 for draw in draws[1:])
    json.dumps([starts._draws, starts._info], allow_nan=False)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"n_clusters": 81}, "n_clusters=81 needs at least 81 points, got 80"),
        ({"random_state": -1}, "random_state=-1: pass a whole number from 0 to 4294967295"),
        ({"random_state": None}, "random_state=None: pass a whole number"),
        ({"random_state": True}, "random_state=True: pass a whole number"),
        ({"strategy": "best"}, "strategy='best': use one of 'k-means\\+\\+', 'random"),
        ({"X": np.zeros((5_001, 1))}, r"X has 5001 points.*at most 5000, for example X\[::2\]"),
    ],
)
def test_refuses_with_a_sentence(options, sentence):
    arguments = {"X": X, "n_clusters": 4, **options}
    with pytest.raises(ValueError, match=sentence):
        SeedingPlayer(arguments.pop("X"), arguments.pop("n_clusters"), **arguments)


def test_traits_refuse_too():
    starts = SeedingPlayer(X, 4, random_state=np.int64(3))
    with pytest.raises(ValueError, match="use one of"):
        starts.strategy = "best"
    with pytest.raises(ValueError, match="from 0 to"):
        starts.random_state = 2**32
    assert (starts.strategy, starts.random_state) == ("k-means++", 3)


# ------------------------------------------------------------------------- the browser's own draws


def questions():
    """Points, clusters and seeds for which node makes draws of its own."""
    iris = load_iris().data
    for seed in (0, 1, 2, 17, 4294967295):
        yield X, 4, seed, None
        yield X, 1, seed, None
        yield X, 20, seed, None
        yield iris, 3, seed, None
        yield X[:5], 5, seed, None


def test_the_browser_draws_as_python(ask):
    asked = list(questions())
    for (Z, k, seed, _), answers in zip(asked, ask(*asked), strict=True):
        starts = SeedingPlayer(Z, k, random_state=seed)
        for name, answer in answers.items():
            seeding_, known = starts.seedings[name], starts._draws["of"][name]
            assert np.allclose(
                np.reshape(answer["centers"], seeding_.centers.shape),
                seeding_.centers,
                rtol=1e-12,
                atol=1e-12,
            ), (name, k, seed)
            for mine, theirs in zip(drawn(answer["draws"]), drawn(known), strict=True):
                assert mine[:2] == theirs[:2], (name, k, seed)
                assert np.allclose(mine[2], theirs[2], rtol=1e-9, atol=1e-9)


def test_the_browser_has_the_same_half_draws_and_distances(ask):
    (answers,) = ask((X, 4, 6, None))
    starts = SeedingPlayer(X, 4, random_state=6)
    for name, answer in answers.items():
        starts.strategy = name
        assert answer["n_frames"] == starts.n_frames
        for draw in starts.seedings[name].draws:
            if draw.d2 is not None:
                assert np.allclose(answer["d2"][draw.cluster], draw.d2, atol=1e-9)


def test_where_two_candidates_are_equally_good_python_decides(ask):
    """On a lattice the last bit decides: what the browser shows is what Python sent."""
    asked = [
        (LATTICE, 9, seed, SeedingPlayer(LATTICE, 9, random_state=seed)._draws["of"])
        for seed in range(13, 25)
    ]
    for (Z, k, seed, _), answers in zip(asked, ask(*asked), strict=True):
        starts = SeedingPlayer(Z, k, random_state=seed)
        for name, answer in answers.items():
            centers = np.reshape(answer["centers"], (k, 2))
            assert np.allclose(centers, starts.seedings[name].centers, rtol=0, atol=1e-12)


def test_the_sentences_say_what_python_drew(ask):
    (answers,) = ask((X, 4, 6, None))
    draws = SeedingPlayer(X, 4, random_state=6).seedings["k-means++"].draws
    words = answers["k-means++"]["words"]
    for j in (1, 2, 3):
        draw = draws[j]
        chances, candidates, taken = words[3 * j - 1 : 3 * j + 2]
        times = draw.d2.max() / draw.d2.mean()
        assert f"Point {draw.d2.argmax()}, the farthest, counts {times:.1f} times" in chances
        for row, leaves in zip(draw.candidates, draw.potentials, strict=True):
            assert re.search(rf"\b{row}\b", candidates)
            assert number(leaves) in candidates
        assert f"point {draw.taken} " in taken
        assert taken.endswith(number(draw.potentials.min()))


# ---------------------------------------------------------------------------------- the static twin


def test_the_digest_names_what_is_shown():
    starts = SeedingPlayer(X, 4, random_state=2)
    digest = starts.digest()
    assert digest == SeedingPlayer(X.copy(), 4, random_state=2).digest()
    assert digest.startswith("SeedingPlayer(80 points x 2 columns, k=4, seed 2, k-means++; ")
    for name, run in starts.runs.items():
        assert f"{name} {number(run[-1].inertia)}" in digest
        assert f"{name}: ends at {number(run[-1].inertia)}" in starts.alt_text()
    assert digest != SeedingPlayer(X, 4, random_state=3).digest()


def in_panel(offsets, center, size):
    """The offsets that lie in a square panel of the twin, from its middle, in its sizes."""
    inside = (np.abs(offsets - center) <= size / 2).all(axis=1)
    return (offsets[inside] - center) / size


def test_the_twin_shows_the_last_draw_and_four_starts():
    starts = SeedingPlayer(X, 4, random_state=2)
    (ax,) = starts.twin_figure().axes
    dots, rings, small, *marks = ax.collections
    draw = starts.seedings["k-means++"].draws[-1]
    sizes = dots.get_sizes()
    assert np.allclose(sizes / sizes.sum(), draw.d2 / draw.d2.sum())
    assert np.array_equal(rings.get_offsets(), dots.get_offsets()[draw.candidates])
    said = [text.get_text() for text in ax.texts]
    for row, leaves in zip(draw.candidates, draw.potentials, strict=True):
        assert f"{row} leaves {number(leaves)}" in said
    assert any(f"point {draw.taken} leaves the least" in text for text in said)
    low, high = X.min(axis=0), X.max(axis=0)
    place = 0.9 / (high - low).max()
    for corner, (name, seeding_) in zip(module.SMALL, starts.seedings.items(), strict=True):
        end = f"ends at {number(starts.runs[name][-1].inertia)} after"
        assert any(text.startswith(f"{name}\n{end}") for text in said)
        middle = np.add(corner, 0.8)
        there = [in_panel(mark.get_offsets(), middle, 1.6) for mark in marks]
        expected = (seeding_.centers - (low + high) / 2) * place
        assert np.allclose(np.concatenate(there), expected)
        assert np.allclose(
            in_panel(small.get_offsets(), middle, 1.6), (X - (low + high) / 2) * place
        )


def test_the_title_is_the_finding_or_what_is_given():
    starts = SeedingPlayer(X, 4, random_state=2)
    ends = {name: run[-1].inertia for name, run in starts.runs.items()}
    title = starts.twin_figure().axes[0].texts[0].get_text()
    assert number(min(ends.values())) in title
    mine = SeedingPlayer(X, 4, title="Mine").twin_figure().axes[0]
    assert mine.texts[0].get_text() == "Mine"


@pytest.mark.parametrize(
    ("Z", "k"),
    [(X, 1), (X[:3], 3), (np.ones((6, 2)), 2), (X[:, :1], 3), (load_iris().data, 3), (X * 1e-9, 4)],
)
def test_odd_data_is_displayed(Z, k):
    starts = SeedingPlayer(Z, k)
    data, metadata = starts._repr_mimebundle_()
    assert data["text/plain"] == starts.digest()
    assert metadata["image/png"]["alt"] == starts.alt_text()
    assert starts.twin_png().startswith(b"\x89PNG")
