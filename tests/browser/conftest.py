"""A real JupyterLab in a real browser. Without a browser these tests are skipped and say so."""

import os

import pytest
from playwright.sync_api import sync_playwright

from .lab import Console, Lab, find_browser, launch


@pytest.fixture(scope="package")
def browser():
    path = find_browser()
    if path is None:
        sentence = "there is no Chromium or Chrome on this machine to drive JupyterLab with"
        if os.environ.get("REQUIRE_BROWSER") == "1":
            pytest.fail(f"REQUIRE_BROWSER=1, but {sentence}")
        pytest.skip(sentence)
    with sync_playwright() as playwright:
        browser = launch(playwright, path)
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def lab(browser, tmp_path_factory):
    lab = Lab(tmp_path_factory.mktemp("lab"))
    yield lab
    lab.stop()


@pytest.fixture(scope="module")
def page(browser):
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.set_default_timeout(90_000)  # a machine may be busy
    page.console = Console(page)
    yield page
    context.close()
