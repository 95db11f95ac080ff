"""What every film promises: axes that are traits, frames computed once, two like pictures."""

import json
import re
import struct
import subprocess
from dataclasses import MISSING, fields

import ipywidgets
import numpy as np
import pandas as pd
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text

import kmeans_teach as kt
from kmeans_teach.widgets import film as film_module
from kmeans_teach.widgets.axes import Axis
from kmeans_teach.widgets.film import Film, Frame
from kmeans_teach.widgets.packing import Packer, Picture
from kmeans_teach.widgets.panels import Bars, Curve, Grid, Panel, Pictures, Points, Profile, Table
from kmeans_teach.widgets.sheet import HERE
from tests.films import INK, Sampler

X = np.random.RandomState(0).normal(size=(60, 2)) + np.repeat([[0, 0], [4, 1], [0, 5]], 20, 0)
PICTURE = np.random.RandomState(0).randint(0, 255, (24, 32, 3), dtype=np.uint8)
FILMS = {  # how to make one, a move on its first reel, and a stop of another reel if it has some
    "sampler": (Sampler, {"k": 4}, {"data": "heap"}),
    "failures": (lambda: kt.FailureLab(), {"noise": 8}, {"method": "single linkage"}),
    "digits": (lambda: kt.DigitExplorer((5, 8, 10), k=5), {"cluster": 3}, {}),
    "colours": (lambda: kt.ColourLab(PICTURE, k_values=(2, 4, 8), k=2), {"k": 4}, {}),
    "k": (lambda: kt.KExplorer(X, range(1, 5)), {"k": 4}, {}),
    "scale": (lambda: kt.ScaleSlider(X, 3), {"factor": 10}, {"column": "y"}),
    "gallery": (lambda: kt.SeedGallery(X, 3, seeds=range(4)), {"seed": 3}, {"init": "k-means++"}),
    "seeding": (lambda: kt.SeedingPlayer(X, 3), {"strategy": "farthest first"}, {"seed": 4}),
}


@pytest.fixture(params=FILMS)
def any_film(request):
    make, move, later = FILMS[request.param]
    film = make()
    film.make, film.move, film.later = make, move, later
    return film


def parcels(film):
    return [getattr(film, f"_parcel_{number}") for number in range(film._parcels[1])]


# ---------------------------------------------------------------------------- every film, in a row


def test_two_films_of_the_same_are_the_same(any_film):
    again = any_film.make()
    assert repr(any_film) == repr(again)
    assert parcels(any_film) == parcels(again)
    assert "0x" not in repr(any_film)


def test_moves_and_comes_back(any_film):
    before, stops = any_film.shown, any_film.stops
    digest = repr(any_film)
    any_film.go(**any_film.move)
    assert any_film.stops.items() >= any_film.move.items()
    assert any_film.shown is not before
    assert repr(any_film) != digest
    for name, value in any_film.move.items():
        assert getattr(any_film, name) == value
        setattr(any_film, name, stops[name])
    any_film.go(**stops)
    assert any_film.shown is before


def test_every_frame_has_a_sentence_titles_and_the_same_kinds_of_panels(any_film):
    kinds = set()
    for place in any_film.axes.places(any_film.axes.reel(any_film._at)):
        frame = any_film.frame_at(place, wait=False)
        assert frame.words.endswith("."), frame.words
        assert "  " not in frame.words
        assert all(panel.title for row in frame.rows for panel in row)
        kinds.add(tuple(tuple((p.kind, p.axis) for p in row) for row in frame.rows))
        assert all(isinstance(value, (int, float)) for value in frame.numbers.values())
    assert len(kinds) == 1


def test_what_waits_is_computed_when_it_is_chosen(any_film):
    known = len(any_film._frames)
    assert known == len(any_film.axes.places(any_film.axes.reel(any_film._at)))
    any_film.go(**any_film.later)
    assert (len(any_film._frames) > known) == bool(any_film.later)
    assert any_film._parcels[1] == (2 if any_film.later else 1)
    assert any_film._done == 1.0


def test_a_stop_that_is_not_there_is_named(any_film):
    stops, shown = any_film.stops, any_film.shown
    for name in any_film.axes:
        with pytest.raises(ValueError, match=f"{name}='nowhere': use one of "):
            setattr(any_film, name, "nowhere")
        with pytest.raises(ValueError, match="use one of"):
            any_film.go(**{name: "nowhere"})
    with pytest.raises(ValueError, match="there is no axis 'nothing': use "):
        any_film.go(nothing=1)
    assert any_film.stops == stops
    assert {name: getattr(any_film, name) for name in stops} == stops
    assert any_film.shown is shown


def test_the_twin_is_a_picture_with_words(any_film):
    bundle, metadata = any_film._repr_mimebundle_()
    assert any_film.twin_png().startswith(b"\x89PNG")
    assert len(any_film.twin_png()) < 300_000
    shots = [frame for _, frame in any_film._shots()]
    assert metadata["image/png"]["alt"] == " ".join(frame.words for frame in shots)
    assert bundle["text/plain"] == any_film.digest()
    titles = {text.get_text() for text in any_film.twin_figure().texts}
    for row in shots[0].rows:
        for panel in row:
            assert panel.title in {" ".join(title.split()) for title in titles}


def test_the_parcels_are_small_and_what_they_say(any_film):
    for parcel in parcels(any_film):
        (length,) = struct.unpack("<I", parcel[:4])
        assert set(json.loads(parcel[4 : 4 + length])) == {"shared", "tree"}
        assert (4 + length) % 8 == 0
    assert sum(map(len, parcels(any_film))) < 1_000_000


def test_a_page_can_move_several_axes_at_once(any_film):
    stops = {**any_film.stops, **any_film.move}
    place = list(any_film.axes.place(any_film.axes.stops(any_film.axes.moved((), stops))))
    told = any_film.axes.stops(place)
    any_film.set_state({"_at": place, **told})
    assert any_film.stops == told
    assert list(any_film._at) == place


# ------------------------------------------------------------------------------------------- axes


def test_what_depends_on_an_axis_goes_where_it_begins():
    film = Film(
        {
            "k": Axis([2, 3, 4]),
            "cluster": Axis(lambda k: range(k)),
            "seed": Axis([7, 8, 9], first=lambda k: 9 if k == 4 else 8),
        },
        lambda k, cluster, seed: Frame(f"{k} {cluster} {seed}.", []),
    )
    assert film.stops == {"k": 2, "cluster": 0, "seed": 8}
    film.go(k=4, cluster=3)
    assert film.stops == {"k": 4, "cluster": 3, "seed": 9}
    film.k = 3
    assert film.stops == {"k": 3, "cluster": 2, "seed": 8}
    assert film.shown.words == "3 2 8."


def test_links_and_observers_hear_of_every_axis_that_moved():
    film, heard = Sampler(), []
    slider = ipywidgets.IntSlider(min=1, max=4)
    ipywidgets.link((film, "k"), (slider, "value"))
    film.observe(lambda change: heard.append((change.name, change.new)), ["k", "cluster"])
    slider.value = 4
    film.cluster = 3
    film.k = 2
    assert sorted(heard) == [("cluster", 1), ("cluster", 3), ("k", 2), ("k", 4)]
    assert slider.value == 2


def test_a_number_may_come_back_as_another_kind():
    film = Sampler()
    film.set_state({"weight": 2})
    assert film.stops["weight"] == 2.0
    film.weight = np.float64(0.5)
    assert film.shown.numbers["grams"] == 1.5
    with pytest.raises(ValueError, match=r"weight=0.7: use one of 0.5, 1.0, 2.0"):
        film.weight = 0.7
    with pytest.raises(ValueError, match="use one of"):
        film.data = np.array([1, 2])


@pytest.mark.parametrize("name", ["layout", "title", "height", "keys", "send", "_k", "two words"])
def test_an_axis_cannot_have_a_name_that_a_widget_needs(name):
    with pytest.raises(ValueError, match=f"an axis cannot be called '{name}'"):
        Film({name: [1, 2]}, lambda **stops: Frame("None.", []))


BAD = {
    "no stops": ({"k": []}, {}, "the axis 'k' has no stops"),
    "too many": ({"k": range(5001)}, {}, "have 5001 frames .* more than 5000: .*later=True"),
    "height": ({"k": [1]}, {"height": 20}, "height=20: pass a whole number of pixels"),
    "start": ({"k": [1]}, {"start": {"k": 2}}, "k=2: use one of 1"),
    "twin": ({"k": [1]}, {"twin": [{"k": 2}]}, "k=2: use one of 1"),
}


@pytest.mark.parametrize("fault", BAD)
def test_bad_arguments_get_a_sentence_before_any_work(fault):
    axes, look, sentence = BAD[fault]
    with pytest.raises(ValueError, match=sentence):
        Film(axes, lambda **stops: pytest.fail("work has begun"), **look)


def test_a_control_that_is_none_is_named():
    with pytest.raises(ValueError, match="control='knob': use one of 'slider', 'choice', 'panel'"):
        Axis([1], control="knob")


# --------------------------------------------------------------------------------- reels, trouble


def test_nothing_is_computed_twice():
    film = Sampler()
    assert len(film.computed) == len(set(film.computed)) == 30
    film.data = "heap"
    film.go(data="row", k=1)
    film.data = "heap"
    assert len(film.computed) == len(set(film.computed)) == 60


def test_a_frame_that_fails_leaves_a_film_that_works():
    film = Sampler()
    quick = film.frame
    film.frame = lambda **stops: 1 / 0
    with pytest.raises(ZeroDivisionError):
        film.data = "heap"
    assert film._trouble == "ZeroDivisionError: division by zero"
    film.data = "row"
    film.frame = quick
    film.data = "heap"
    assert film._trouble == ""
    assert film.shown.words == "Heap: cluster 0 of 2 weighs 1 g."


def test_a_page_may_ask_again():
    film = Sampler()
    quick, film.frame = film.frame, lambda **stops: 1 / 0
    with pytest.raises(ZeroDivisionError):
        film.set_state({"_at": [1, 1, 0, 1], "data": "heap", "_asked": 1})
    film.frame = quick
    film.set_state({"_asked": 2})
    assert film.frame_at([1, 1, 0, 1], wait=False) is not None


def test_restart_computes_anew_and_drops_what_was_sent():
    film = Sampler()
    film.data = "heap"
    film.restart(data="row", k=3)
    assert film._parcels == [2, 1]
    assert film._parcel_1 == b""
    assert film.stops == {"data": "row", "k": 3, "cluster": 0, "weight": 1.0}
    assert film.frame_at([1, 1, 0, 1], wait=False) is None


def test_a_saved_page_holds_all_reels_or_those_that_were_seen(tmp_path):
    sizes = []
    for everything in (True, False):
        film = Sampler()
        text = film.save(tmp_path / "film.html", everything=everything).read_text("utf-8")
        assert ("_parcel_1" in text) == everything
        sizes.append(len(text))
    assert sizes[0] > sizes[1] + 3000


# ------------------------------------------------------------------------------- what crosses, how


def test_each_array_crosses_once():
    packer, array = Packer(), np.arange(1000, dtype=float)
    panel = Bars(array, ("a",), title="A")
    first = packer.pack({"one": panel, "two": panel, "three": array.copy()})
    second = packer.pack([array, Points(array)])
    assert 4000 < len(first) < 4300
    assert len(second) < 300
    assert len(packer.pack(array + 1)) > 4000


def test_a_picture_crosses_as_its_png():
    pixels = np.arange(64, dtype=np.uint8).reshape(8, 8) % 4
    palette = np.array([[0, 0, 0], [255, 0, 0], [0, 255, 0], [0, 0, 255]], dtype=np.uint8)
    picture = Picture(pixels, palette)
    assert picture.file in Packer().pack(picture)
    assert picture.file[24] == 2, "four colours need two bits"
    assert (picture.rgb == palette[pixels]).all()


def test_numbers_that_are_none_cross_as_none():
    parcel = Packer().pack({"a": np.nan, "b": np.int64(3), "c": 1 / 3, "d": np.bool_(True)})
    (length,) = struct.unpack("<I", parcel[:4])
    assert json.loads(parcel[4 : 4 + length])["tree"] == {
        "a": None,
        "b": 3,
        "c": 0.333333,
        "d": True,
    }


def test_the_page_knows_every_kind_and_every_default():
    code = f"""
      globalThis.document = {{}};
      const panels = await import({(HERE / "panels.mjs").as_uri()!r});
      console.log(JSON.stringify([Object.keys(panels.KINDS), panels.DEFAULTS]));"""
    command = ["node", "--input-type=module", "--eval", code]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    kinds, defaults = json.loads(done.stdout)
    classes = [Points, Pictures, Table, Bars, Curve, Grid, Profile]
    assert sorted(kinds) == sorted(panel.kind for panel in classes)
    ours = {
        field.name: field.default
        for panel in classes
        for field in fields(panel)
        if field.default is not MISSING and field.default is not None
    }
    ours |= dict.fromkeys(("box", "limits", "marked", "halos", "scale"))
    assert defaults == json.loads(json.dumps({**ours, "names": ["x", "y"]}))


def test_the_atlas_gives_back_its_pictures():
    assert (INK.one(4) == np.arange(64, 80).reshape(4, 4) * 2).all()


@pytest.mark.parametrize("labels", [None, np.array([-1, 0, 1, 1])])
def test_points_show_noise_as_thin_crosses(labels):
    film = Sampler()
    figure = film_module.Film.twin_figure(film)
    assert len(figure.axes) == 7
    panel = Points(np.arange(8.0).reshape(4, 2), labels, small=True, title="A")
    ax = figure.add_subplot()
    panel.draw(ax, film, film.stops)
    marks = [len(c.get_paths()[0].vertices) for c in ax.collections]
    assert len(marks) == (1 if labels is None else 3)
    assert ax.get_legend() is None
    assert isinstance(panel, Panel)


def test_scripts_are_short_and_within_their_columns():
    for name in ("film", "panels"):
        lines = (HERE / f"{name}.mjs").read_text("utf-8").splitlines()
        assert max(map(len, lines)) <= 100
        assert not any(re.search(r"getElementById|\bid:", line) for line in lines)


def test_what_a_reader_wrote_is_no_formula_and_fits():
    names = ["b" * 60, "$ and $ \\frac{"]
    film = kt.ScaleSlider(pd.DataFrame(X, columns=names), 3, title="$ and $ \\frac{")
    figure = film.twin_figure()
    FigureCanvasAgg(figure).draw()
    texts = [text for text in figure.findobj(Text) if "$" in text.get_text()]
    assert len(texts) >= 3
    assert not any(text.get_parse_math() for text in texts)
    box = figure.get_tightbbox()
    assert box.x0 > -0.03
    assert box.x1 < figure.get_figwidth() + 0.03
