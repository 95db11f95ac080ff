"""What tests/test_mirror.py asks node, asked of the browser: it may be another engine of another age."""

import pytest

from tests import test_mirror as mirror

from .lab import ROOT


@pytest.fixture(scope="module")
def ask(browser):
    page = browser.new_page()
    page.goto("about:blank")
    scripts = [ROOT / "kmeans_teach/widgets/core.mjs", ROOT / "tests/js/answer.mjs"]
    page.evaluate(
        """async texts => {
          const load = text => import(URL.createObjectURL(new Blob([text], { type: 'text/javascript' })));
          const [core, { answer }] = await Promise.all(texts.map(load));
          window.ask = questions => questions.map(question => answer(core, question));
        }""",
        [path.read_text("utf-8") for path in scripts],
    )
    yield lambda questions: page.evaluate("questions => window.ask(questions)", questions)
    page.close()


def test_runs(ask):
    mirror.test_runs(ask)


def test_sentences(ask):
    mirror.test_sentences(ask)


def test_numbers(ask):
    mirror.test_numbers(ask)
