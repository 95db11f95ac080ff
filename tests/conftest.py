"""Fixtures for all tests."""

import sys

import pytest


@pytest.fixture(autouse=True)
def close_figures():
    """Close matplotlib's figures after each test, where a test has loaded matplotlib."""
    yield
    if "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].close("all")
