"""A question in a notebook: guess by mouse, touch or keys, with and without a kernel."""

import nbformat
import pytest
from axe_core_python.sync_playwright import Axe

from tools import execute

from .lab import KERNEL_IS_GONE, Console, Notebook
from .view import View

IMPORT = "import kmeans_teach as kt"
CHOICES = """\
choice = kt.Question("How many of 200 runs separate the moons?", {
    "all of them": "A straight border cannot follow a moon.",
    "about half": "The start does not matter here.",
    "none": None,
}, "Two centres give one straight border.")
choice"""
NUMBER = """\
number = kt.Question("Which ARI does k-means reach?", number=0.25, tolerance=0.05, unit="ARI",
    low="The clusters say something.", high="The border does not bend.", reason="Both tips go.")
number"""
FOCUS = "root.contains(document.activeElement)"

# of what shows text
SIZES = """[...root.querySelectorAll("legend, span, button, input[type=text]")]
  .map(e => parseFloat(getComputedStyle(e).fontSize))"""


class Asked(View):
    """One view of a question."""

    def choose(self, text):
        """Choose an answer with the mouse."""
        self.root.get_by_text(text, exact=True).click()

    def lock(self):
        """Press the button."""
        self.root.locator("button").click()

    def type(self, text):
        """Type a number and press Enter."""
        self.root.locator("input").fill(text)
        self.page.keyboard.press("Enter")

    def lines(self):
        """What is said, line by line."""
        return self.root.locator(".kmt-words").inner_text().split("\n")

    def marks(self):
        """The rows with their marks, as text."""
        rows = self.root.locator(".kmt-choice").all()
        return [" ".join(row.inner_text().split()) for row in rows]

    def waits(self):
        """Whether a guess can still be made."""
        return self.root.locator("button").is_visible()


NONE_IS_RIGHT = ["all of them", "about half", "none ✔ right answer"]
HALF_IS_WRONG = ["all of them", "about half ✘ your guess", "none ✔ right answer"]
HALF = ["✘ No. The answer: none", "The start does not matter here.",
        "Two centres give one straight border."]  # fmt: skip


@pytest.fixture(scope="module")
def page(browser):
    context = browser.new_context(viewport={"width": 1280, "height": 900}, has_touch=True)
    page = context.new_page()
    page.set_default_timeout(30_000)
    page.console = Console(page)
    yield page
    context.close()


@pytest.fixture(scope="module")
def notebook(lab, page):
    notebook = Notebook(lab, page, lab.write("question.ipynb", IMPORT, CHOICES, "choice"))
    notebook.run_cell(0)
    yield notebook
    lab.end_kernels()


@pytest.fixture
def show(notebook, page):
    """Run the second cell with this source and return the view below it."""
    yield lambda source=CHOICES: Asked.below_a_cell(notebook, source)
    assert page.console.errors() == []


# --------------------------------------------------------------------------------------- guessing


def test_a_wrong_choice_by_mouse(show, notebook):
    view = show()
    view.lock()
    assert view.lines() == ["Choose an answer first."]
    assert view.marks() == ["all of them", "about half", "none"]
    view.choose("all of them")
    view.choose("about half")
    assert notebook.python("choice.guess") is None
    view.lock()
    assert view.lines() == HALF
    assert view.marks() == HALF_IS_WRONG
    assert not view.waits()
    assert view.root.locator("input:enabled").count() == 0
    assert view.root.locator("[role=status][aria-live=polite]").inner_text().split("\n") == HALF
    notebook.wait_python("choice.guess", "about half")
    assert notebook.python("kt.guesses().to_dict('list')") == {
        "question": ["How many of 200 runs separate the moons?"],
        "guess": ["about half"],
        "answer": ["none"],
        "right": [False],
    }


def test_the_right_choice_by_keys(show, notebook, page):
    view = show()
    cells = len(notebook.cells())
    view.root.locator("input").first.focus()
    for key in ("ArrowDown", "ArrowDown", "a", "b", "d", "d", "x", "Enter"):
        page.keyboard.press(key)
    assert len(notebook.cells()) == cells
    assert view.marks() == NONE_IS_RIGHT
    assert view.lines() == ["✔ Right. The answer: none", "Two centres give one straight border."]
    assert view.get(FOCUS)
    page.keyboard.press("a")
    page.keyboard.press("b")
    assert len(notebook.cells()) == cells, "Lab acted on a key that was the question's"
    notebook.wait_python("choice.right", True)


def test_a_choice_by_touch(show, notebook, page):
    view = show()
    page.wait_for_timeout(100)
    view.root.get_by_text("all of them", exact=True).tap()
    view.root.locator("button").tap()
    assert view.lines()[1] == "A straight border cannot follow a moon."
    notebook.wait_python("choice.guess", "all of them")


@pytest.mark.parametrize(
    ("typed", "guess", "said"),
    [
        ("0.3", 0.3, "✔ Right. The answer: 0.25 ARI"),
        ("0,2 ARI", 0.2, "✔ Right. The answer: 0.25 ARI"),
        ("0", 0, "✘ Too low. The answer: 0.25 ARI"),
        ("0,31", 0.31, "✘ Too high. The answer: 0.25 ARI"),
    ],
)
def test_a_number(show, notebook, typed, guess, said):
    view = show(NUMBER)
    view.type(typed)
    sentence = {"low": "The clusters say something.", "high": "The border does not bend."}
    between = [text for name, text in sentence.items() if name in said]
    assert view.lines() == [said, *between, "Both tips go."]
    assert not view.waits()
    notebook.wait_python("number.guess", guess)
    assert notebook.python("number.right") is ("Right" in said)
    assert view.root.locator("input").input_value() == str(guess)


def test_what_is_no_number_gets_a_sentence(show, notebook):
    view = show(NUMBER)
    for typed, sentence in {
        "": "Type a number first, for example 0.5.",
        "1,797": "Write 1,797 without a comma, or with a point.",
        "a quarter": "Type a number first, for example 0.5.",
    }.items():
        view.type(typed)
        assert view.lines() == [sentence]
        assert view.waits()
        assert view.root.locator("input").input_value() == typed
    assert notebook.python("number.guess") is None
    view.root.locator("input").fill("0.25")
    view.lock()
    assert view.lines()[0] == "✔ Right. The answer: 0.25 ARI"


# --------------------------------------------------------------------- Python, more views, no kernel


def test_views_agree_and_follow_python(show, notebook, page):
    show()
    notebook.run_cell(2)
    one, two = (Asked(page, page.locator(".kmt:not([data-old])").nth(i)) for i in (0, 1))
    one.choose("about half")
    two.choose("none")
    assert one.root.locator("input:checked").input_value() == "about half"
    one.lock()
    assert two.marks() == one.marks() == HALF_IS_WRONG
    assert two.lines() == HALF
    notebook.execute("choice.guess = None")
    one.wait("!root.querySelector('button').hidden")
    assert (one.lines(), one.marks()) == ([""], ["all of them", "about half", "none"])
    assert one.root.locator("input:checked").count() == 0
    notebook.execute("choice.guess = 'none'")
    two.wait("root.querySelector('button').hidden")
    assert one.marks() == two.marks() == NONE_IS_RIGHT
    page.evaluate(
        "() => jupyterapp.shell.currentWidget.content.model.cells.get(2).sharedModel.setOutputs([])"
    )


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_looks(show, notebook, page, theme):
    notebook.theme(theme)
    for source in (CHOICES, NUMBER):
        view = show(source)
        for guessed in (False, True):
            if guessed and source == CHOICES:
                view.choose("about half")
                view.lock()
            elif guessed:
                view.type("1")
            report = Axe().run(page, ".kmt:not([data-old])")
            assert [(v["id"], v["nodes"][0]["html"]) for v in report["violations"]] == []
            assert len(report["passes"]) > 5
            for width in (1600, 400):
                page.set_viewport_size({"width": width, "height": 900})
                page.wait_for_timeout(200)  # until Lab has laid itself out anew
                assert view.get("root.scrollWidth <= root.clientWidth + 1")
                assert view.get("root.getBoundingClientRect().right <= innerWidth + 1")
                assert view.get(f"Math.min(...{SIZES})") >= 14
                assert view.get("root.querySelectorAll('[id]').length") == 0
        assert view.get("root.classList.contains('kmt-dark')") is (theme == "dark")
    page.set_viewport_size({"width": 1280, "height": 900})
    notebook.theme("light")


def test_a_guess_without_a_kernel_is_there_when_reopened(lab, page):
    notebook = Notebook(lab, page, lab.write("without.ipynb", IMPORT, CHOICES, NUMBER))
    notebook.run_all()
    one, two = (Asked(page, page.locator(".kmt").nth(i)) for i in (0, 1))
    one.choose("about half")
    one.lock()
    page.evaluate("async () => { await jupyterapp.shell.currentWidget.sessionContext.shutdown(); }")
    two.type("0.4")
    assert two.lines()[0] == "✘ Too high. The answer: 0.25 ARI"
    notebook.command("docmanager:save")
    page.goto("about:blank")
    Notebook(lab, page, notebook.name, kernel=False)
    one, two = (Asked(page, page.locator(".kmt").nth(i)) for i in (0, 1))
    assert (one.lines(), one.marks()) == (HALF, HALF_IS_WRONG)
    assert two.lines()[0] == "✘ Too high. The answer: 0.25 ARI"
    assert page.console.errors(KERNEL_IS_GONE) == []


# --------------------------------------------------------------------------- folded until it is run


def test_the_answer_is_folded_until_its_cell_is_run(lab, page):
    path = lab.folder / lab.write("folded.ipynb", IMPORT, CHOICES, "print('ans' + 'wer')")
    stored = nbformat.read(path, as_version=4)
    stored.cells[2].outputs = [nbformat.v4.new_output("stream", name="stdout", text="answer\n")]
    execute.save(execute.normalise(stored), path)
    notebook = Notebook(lab, page, "folded.ipynb")
    output = page.locator(".jp-OutputArea-output", has_text="answer")
    page.locator(".jp-OutputPlaceholder").wait_for()
    assert not output.is_visible()
    notebook.run_cell(0)
    notebook.run_cell(1)
    assert not output.is_visible()
    notebook.run_cell(2)
    output.wait_for()
    assert page.locator(".jp-OutputPlaceholder").count() == 0
    assert page.console.errors() == []
    lab.end_kernels()
