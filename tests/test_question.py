"""Questions: what counts as right, what is refused, what a page without a kernel may know."""

import base64
import io

import numpy as np
import pytest
from matplotlib.image import imread

import kmeans_teach as kt
from kmeans_teach.widgets import question as module

CHOICES = {
    "about half": "Half is too few.",
    "three in four": None,
    "all": "One start in four fails.",
}
NUMBER = {"number": 0.25, "tolerance": 0.05, "unit": "ARI", "low": "More.", "high": "Less."}
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"


@pytest.fixture(autouse=True)
def asked(monkeypatch):
    monkeypatch.setattr(module, "_asked", {})


def choose(question="How many starts succeed?", **changes):
    return kt.Question(
        question, **{"choices": CHOICES, "reason": "The others are stuck.", **changes}
    )


def estimate(question="Which ARI does k-means reach?", **changes):
    return kt.Question(question, **{**NUMBER, "reason": "It cuts off both tips.", **changes})


def show(*questions):
    return [question._repr_mimebundle_() for question in questions]


# ---------------------------------------------------------------------------------- what is right


@pytest.mark.parametrize(
    ("made", "rights"),
    [
        (choose, {"about half": False, "three in four": True, "all": False}),
        (estimate, {0.25: True, 0.2: True, 0.3: True, 0.19: False, 0.31: False}),
        # 0.8 - 0.7 is above 0.1 in binary
        (lambda: estimate(number=0.7, tolerance=0.1), {0.8: True, 0.8000001: False}),
        (lambda: estimate(number=0, tolerance=0.5), {np.int64(0): True, -1: False}),
    ],
)
def test_what_is_right(made, rights):
    ask = made()
    for guess, right in rights.items():
        ask.guess = guess
        assert ask.right is right, guess
        assert type(ask.guess) in (str, float)
        ask.guess = None
        assert ask.right is None
    ask.guess = ask.answer
    assert ask.right is True


# --------------------------------------------------------------------------------- what is refused


@pytest.mark.parametrize(
    ("made", "sentence"),
    [
        (lambda: choose(""), "question='': write a text"),
        (lambda: choose(question=3), "question=3: write a text"),
        (lambda: choose(reason=None), "reason=None: write a text"),
        (lambda: choose(reason=" "), "reason=' ': write a text"),
        (lambda: choose(choices=None), "choices=None: pass two or more, one with None; or number"),
        (lambda: choose(choices={}), "choices={}: pass two or more"),
        (lambda: choose(choices=["a", "b"]), r"choices=\['a', 'b'\]: pass two or more"),
        (lambda: choose(choices={"a": None}), "pass two or more"),
        (lambda: choose(choices={"a": "x", "b": "y"}), "one with None"),
        (lambda: choose(choices={"a": None, "b": None, "c": "x"}), "one with None"),
        (lambda: choose(choices={"a": None, "b": " "}), "b=' ': write a text"),
        (lambda: choose(choices={"a": None, "": "x"}), "choice='': write a text"),
        (lambda: choose(choices={1: None, 2: "x"}), "choice=1: write a text"),
        (lambda: choose(number=1, tolerance=1), "pass two or more, one with None; or number"),
        (lambda: estimate(number="2"), "number='2': pass a finite number"),
        (lambda: estimate(number=np.nan), "number=nan: pass a finite number"),
        (lambda: estimate(number=True), "number=True: pass a finite number"),
        (lambda: estimate(tolerance=None), "tolerance=None: pass a finite number above 0"),
        (lambda: estimate(tolerance=0), "tolerance=0: pass a finite number above 0"),
        (lambda: estimate(tolerance=-1), "tolerance=-1: pass a finite number above 0"),
        (lambda: estimate(tolerance=np.nan), "tolerance=nan: pass a finite number above 0"),
        (lambda: estimate(tolerance=np.inf), "tolerance=inf: pass a finite number above 0"),
        (lambda: estimate(low=None), "low=None: write a text"),
        (lambda: estimate(high=""), "high='': write a text"),
    ],
)
def test_bad_arguments_get_a_sentence(made, sentence):
    with pytest.raises(ValueError, match=sentence):
        made()


@pytest.mark.parametrize(
    ("made", "guesses", "sentence"),
    [
        (choose, ["half", "", 1, ["all"]], "use one of 'about half', "),
        (estimate, ["0.25", np.nan, True, [0.25]], "pass a finite number$"),
    ],
)
def test_a_guess_that_does_not_fit_gets_a_sentence(made, guesses, sentence):
    ask = made()
    for guess in guesses:
        with pytest.raises(ValueError, match=f"guess=.*: {sentence}"):
            ask.guess = guess
        assert ask.guess is None


# ------------------------------------------------------------------------------------- the guesses


def test_guesses_have_a_row_a_question_as_first_shown():
    first, second, third = choose(), estimate(), choose("And with n_init=10?")
    show(second, first)
    show(third, second)
    second.guess, third.guess = 0.4, "three in four"
    found = kt.guesses()
    assert list(found.columns) == ["question", "guess", "answer", "right"]
    assert found.to_numpy().tolist() == [
        ["Which ARI does k-means reach?", 0.4, 0.25, False],
        ["How many starts succeed?", None, None, None],
        ["And with n_init=10?", "three in four", "three in four", True],
    ]
    assert found.right.sum() == 1


def test_a_cell_that_is_run_again_replaces_its_row():
    first = choose()
    show(first, estimate())
    first.guess = "all"
    again = choose()
    show(again)
    assert kt.guesses().guess.tolist() == [None, None]
    again.guess = "about half"
    assert kt.guesses().guess.tolist() == ["about half", None]


def test_a_question_has_a_row_once_it_is_shown_or_guessed():
    ask = choose()
    assert kt.guesses().shape == (0, 4)
    ask.guess = "all"  # as in a box, which shows it without asking it for a picture
    assert kt.guesses().right.tolist() == [False]


# -------------------------------------------------------------------- for pages where nothing runs


@pytest.mark.parametrize(
    ("made", "digest"),
    [
        (choose, "Question: How many starts succeed? Choose one: about half | three in four | all"),
        (estimate, "Question: Which ARI does k-means reach? Answer with a number, in ARI."),
        (lambda: estimate("How many?", unit=""), "Question: How many? Answer with a number."),
    ],
)
def test_digest_and_picture_tell_no_answer_and_no_guess(made, digest):
    ask, same = made(), made()
    data, metadata = show(ask)[0]
    assert set(data) == {"text/plain", "image/png", WIDGET_VIEW}
    assert data["text/plain"] == metadata["image/png"]["alt"] == repr(ask) == digest
    same.guess = ask.answer
    assert same.digest() == digest
    assert same.twin_png() == base64.b64decode(data["image/png"])


def texts(ask):
    found = ask.twin_figure().texts
    assert not any(text.get_parse_math() for text in found), "a $ would begin a formula"
    return [text.get_text() for text in found]


def test_picture_shows_question_and_choices_as_text():
    assert texts(choose("Is $x_1$ < 2?")) == [
        "Is $x_1$ < 2?",
        "○  about half\n○  three in four\n○  all",
    ]
    assert texts(estimate())[1] == "Answer with a number, in ARI."


def test_picture_holds_long_texts_and_stays_small():
    long = " ".join(["Which W of these many words would a wide line hold?"] * 5)
    ask = choose(long, choices={f"{long} {i}": "No." if i else None for i in range(4)})
    figure, png = ask.twin_figure(), ask.twin_png()
    page = figure.bbox
    boxes = [text.get_window_extent() for text in figure.texts]
    assert all(page.x0 <= box.x0 and box.x1 <= page.x1 for box in boxes)
    assert boxes[0].y1 <= page.y1
    assert boxes[1].y0 >= page.y0
    assert boxes[1].y1 <= boxes[0].y0, "the choices lie on the question"
    assert len(choose().twin_png()) < 5_000
    assert len(png) < 50_000
    picture = imread(io.BytesIO(png))
    assert picture.shape[1] == 800
    assert picture[0, 0] == 1
    assert picture.min() < 0.1


def test_the_page_gets_no_script_that_it_does_not_use():
    assert "function voronoi" not in kt.Question._esm  # each view's saved state carries its script
    assert "import {" not in kt.Question._esm
