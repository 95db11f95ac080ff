"""scikit-learn's own tests of KMeans hold for ours."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

# a wheel of scikit-learn brings its tests along
MODULE = "sklearn.cluster.tests.test_k_means"
ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def ran():
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
    names = "kmeans_results kmeans_relocated_clusters kmeans_predict float_precision wrong_params"
    for name in [*names.split(), "weighted_vs_repeated", "relocating_with_duplicates"]:
        assert any(test.startswith(f"test_{name}") for test in passed), name


def test_it_is_our_class_that_they_test():
    code = (
        "import tests.sklearn_swap as swap; swap.pytest_configure(None)\n"
        f"import {MODULE} as theirs, kmeans_teach\n"
        "print(theirs.KMeans is kmeans_teach.KMeans)"
    )
    assert subprocess.check_output([sys.executable, "-c", code], cwd=ROOT).strip() == b"True"
