"""The lock, Binder's files and conda's file say what pyproject.toml says."""

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from tools import binder

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
LOCK_TEXT = (ROOT / "requirements.lock").read_text("utf-8")
LOCK = binder.read_lock(LOCK_TEXT)
EXTRAS = PROJECT["optional-dependencies"]
DIRECT = [Requirement(r) for group in (PROJECT["dependencies"], *EXTRAS.values()) for r in group]
CONDA_NAMES = {"matplotlib": "matplotlib-base", "seaborn": "seaborn-base"}


@pytest.mark.parametrize("requirement", DIRECT, ids=str)
def test_lock_satisfies_pyproject(requirement):
    versions = [p.version for p in LOCK if p.name == canonicalize_name(requirement.name)]
    assert versions, f"{requirement.name} is not in requirements.lock"
    assert all(version in requirement.specifier for version in versions)


@pytest.mark.parametrize("python", ["3.11.0", "3.12.0", "3.13.0"])
@pytest.mark.parametrize("system", ["linux", "darwin", "win32"])
def test_lock_names_each_package_once_for_each_system(python, system):
    here = {
        "python_full_version": python,
        "python_version": python[:4],
        "sys_platform": system,
        "os_name": "nt" if system == "win32" else "posix",
    }
    names = [p.name for p in LOCK if p.marker is None or p.marker.evaluate(here)]
    assert len(names) == len(set(names)) > 100


def test_lock_has_hashes_for_every_package():
    entries = re.findall(r"^([a-z0-9][\w.-]*)==.*((?:\\\n    --hash=\S+ ?)+)", LOCK_TEXT, re.M)
    assert [name for name, _ in entries] == [package.name for package in LOCK]
    assert len(LOCK) == len(re.findall(r"==", LOCK_TEXT.replace(" == ", ""))) > 100


def test_lock_comes_from_the_command_in_contributing():
    command = re.search(r"^#    (uv pip compile .*)$", LOCK_TEXT, re.M).group(1)
    assert command in (ROOT / "CONTRIBUTING.md").read_text("utf-8")


def test_binder_requirements_are_those_of_the_lock():
    stored = (ROOT / "binder" / "requirements.txt").read_text("utf-8")
    assert stored == binder.content(), "make it anew: python -m tools.binder"


def test_binder_requirements_leave_out_lab_tests_and_the_package():
    names = {line.split("==")[0] for line in binder.content().splitlines()[1:]}
    assert names >= {"numpy", "scipy", "ipywidgets", "traitlets", "anywidget", "matplotlib"}
    assert not names & {"jupyterlab", "pytest", "playwright", "uv", "ruff", "kmeans-teach"}
    assert not names & {"colorama", "appnope"}, "these belong to other systems"


def test_closure_follows_who_needs_whom_and_the_markers():
    lock = binder.read_lock(
        "a==1 \\\n    --hash=sha256:00\n    # via kmeans-teach (pyproject.toml)\n"
        "b==2 ; python_full_version < '3.12' \\\n    --hash=sha256:00\n    # via a\n"
        "b==3 ; python_full_version >= '3.12' \\\n    --hash=sha256:00\n    # via a\n"
        "c==4 \\\n    --hash=sha256:00\n    # via\n    #   b\n    #   other\n"
        "d==5 ; sys_platform == 'win32' \\\n    --hash=sha256:00\n    # via c\n"
        "other==6 \\\n    --hash=sha256:00\n    # via kmeans-teach (pyproject.toml)\n"
    )
    assert binder.requirements(lock, {"a"}, "3.12") == ["a==1", "b==3", "c==4"]
    assert binder.requirements(lock, {"a"}, "3.11") == ["a==1", "b==2", "c==4"]


def test_environment_yml_says_what_pyproject_says():
    text = (ROOT / "environment.yml").read_text("utf-8")
    stated = set(re.findall(r"^  - ([\w-]+[<>=].*)$", text, re.M))
    lines = PROJECT["dependencies"] + EXTRAS["lessons"]
    wanted = {f"python{PROJECT['requires-python']}"}
    for requirement in map(Requirement, lines):
        name = CONDA_NAMES.get(requirement.name, requirement.name)
        wanted.add(f"{name}{requirement.specifier}")
    assert stated == wanted


@pytest.fixture(scope="module")
def plan():
    """What repo2docker would do with the repository, as a Dockerfile; no Docker is needed."""
    if sys.platform == "win32":
        pytest.skip("repo2docker does not run on Windows")
    done = subprocess.run(
        [sys.executable, "-m", "repo2docker", "--no-build", "--debug", str(ROOT)],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout + done.stderr


def test_repo2docker_takes_the_binder_folder_and_its_python(plan):
    python = (ROOT / "binder" / "runtime.txt").read_text("utf-8").strip()
    assert re.fullmatch(r"python-3\.\d+", python)
    assert python.removeprefix("python-") in SpecifierSet(PROJECT["requires-python"])
    assert f"Building conda environment for python={python.removeprefix('python-')}" in plan
    assert "environment.yml" not in plan, "the root's file is for conda users only"


def test_repo2docker_installs_requirements_before_it_copies_the_repository(plan):
    steps = [
        plan.index(text)
        for text in (
            'pip install --no-cache-dir -r "binder/requirements.txt"',
            "COPY --chown=0:0 src/ ${REPO_DIR}/",
            "RUN ./binder/postBuild",
        )
    ]
    assert steps == sorted(steps)


@pytest.fixture
def bash():
    """The shell that Binder's scripts are for."""
    path = shutil.which("bash")
    if path is None or sys.platform == "win32":
        pytest.skip("there is no bash here")
    return path


def test_post_build_is_valid_bash(bash):
    path = ROOT / "binder" / "postBuild"
    assert path.read_text("utf-8").startswith("#!")
    assert subprocess.run([bash, "-n", str(path)]).returncode == 0


def test_binder_starts_kernels_with_one_thread(plan, bash, monkeypatch):
    assert 'ENV R2D_ENTRYPOINT="${REPO_DIR}/binder/start"' in plan
    ask = "import os, sys; print(os.environ['OMP_NUM_THREADS'], sys.argv[1:])"
    command = [bash, str(ROOT / "binder" / "start"), sys.executable, "-c", ask, "a b", "c"]
    for own, wanted in (("", "1"), ("3", "3")):
        monkeypatch.setenv("OMP_NUM_THREADS", own)
        said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        assert said == f"{wanted} ['a b', 'c']\n"
