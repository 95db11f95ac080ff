"""scikit-learn's own tests of KMeans hold for ours."""

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

MODULE = "sklearn.cluster.tests.test_k_means"
ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def ran():
    try:
        found = importlib.util.find_spec(MODULE)
    except ModuleNotFoundError:
        found = None
    if found is None:
        pytest.fail(
            f"this scikit-learn has no {MODULE}: install a wheel that brings its tests along"
        )
    command = [sys.executable, "-m", "pytest", "-p", "tests.sklearn_swap", "-p", "no:cacheprovider"]
    command += ["-c", os.devnull, "-rA", "--tb=short", "--pyargs", MODULE]
    # Set by a run of its own tests in parallel, these would make theirs look elsewhere.
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTEST_")}
    environment["SKLEARN_RUN_FLOAT32_TESTS"] = "1"
    environment["OMP_NUM_THREADS"] = environment["OPENBLAS_NUM_THREADS"] = "1"
    return subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )


def test_scikit_learns_own_tests_pass_with_our_class(ran):
    assert ran.returncode == 0, ran.stdout[-6000:] + ran.stderr
    passed = re.findall(r"^PASSED .*::(\S+)", ran.stdout, flags=re.M)
    assert len(passed) >= 51
    assert not re.findall(r"^SKIPPED .*", ran.stdout, flags=re.M)
    for name in (
        "test_kmeans_results",
        "test_kmeans_relocated_clusters",
        "test_kmeans_predict",
        "test_float_precision",
        "test_weighted_vs_repeated",
        "test_wrong_params",
        "test_relocating_with_duplicates",
    ):
        assert any(test.startswith(name) for test in passed), name


def test_it_is_our_class_that_they_test():
    code = (
        "import tests.sklearn_swap as swap; swap.pytest_configure(None)\n"
        f"import {MODULE} as theirs, kmeans_teach\n"
        "print(theirs.KMeans is kmeans_teach.KMeans)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert ran.stdout.strip() == "True"
