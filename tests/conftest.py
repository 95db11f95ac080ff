"""Fixtures for all tests."""

import os
import re
import sys

import hypothesis
import pytest

# Before NumPy is imported, and for the kernels and servers that tests start: on a machine that is
# shared, more threads make a fit of few points many times slower.
os.environ.setdefault("OMP_NUM_THREADS", "1")
# an example may take long on a machine that is busy
hypothesis.settings.register_profile("patient", deadline=None)
hypothesis.settings.load_profile("patient")


def pytest_configure(config):
    """Know a mark for each lesson."""
    for number in range(12):
        config.addinivalue_line("markers", f"lesson{number:02}: what concerns lesson {number:02}")


def pytest_collection_modifyitems(items):
    """Mark what has a lesson's number in its name: ``pytest -m lesson02``."""
    for item in items:
        for number in re.findall(r"(?:lesson_?|notebooks/|solutions/)(\d\d)", item.nodeid):
            item.add_marker(f"lesson{number}")


@pytest.fixture(autouse=True)
def close_figures():
    """Close matplotlib's figures after each test, where a test has loaded matplotlib."""
    yield
    if "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].close("all")
