"""The lock, Binder's files and conda's file say what pyproject.toml says."""

import re
import shutil
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from kmeans_teach import check

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]
LOCK = (ROOT / "requirements.lock").read_text("utf-8")
BINDER = (ROOT / "binder" / "requirements.txt").read_text("utf-8")
BINDER_PYTHON = (ROOT / "binder" / "runtime.txt").read_text("utf-8").strip().partition("-")[2]
# name, version and marker of each package, and the lines with its hashes
LOCKED = re.findall(r"^([\w.-]+)==([^\s;]+)(?: ; (.+?))? \\\n((?:    --hash=.*\n)+)", LOCK, re.M)
CONDA_NAMES = {"matplotlib": "matplotlib-base", "seaborn": "seaborn-base"}


def needs(*extras):
    """List what pyproject.toml names for everyone and for these extras."""
    groups = [PROJECT["dependencies"], *(EXTRAS[extra] for extra in extras)]
    return [Requirement(line) for group in groups for line in group]


def on(python, system):
    """Map name to version of what the lock installs there; a package is there once at most."""
    here = {"python_full_version": f"{python}.0", "python_version": python, "sys_platform": system}
    here["os_name"] = "nt" if system == "win32" else "posix"
    found = [(n, v) for n, v, m, _ in LOCKED if not m or Marker(m).evaluate(here)]
    assert len(found) == len(dict(found)) > 100
    return dict(found)


@pytest.mark.parametrize("python", ["3.11", "3.12", "3.13"])
@pytest.mark.parametrize("system", ["linux", "darwin", "win32"])
def test_lock_satisfies_pyproject_on_each_system(python, system):
    found = on(python, system)
    for requirement in needs(*EXTRAS):
        assert found[canonicalize_name(requirement.name)] in requirement.specifier


def test_lock_has_hashes_for_every_package():
    assert len(LOCKED) == len(re.findall(r"^\w.*==", LOCK, re.M))


@pytest.mark.parametrize("text", [LOCK, BINDER], ids=["lock", "binder"])
def test_locked_files_come_from_the_commands_in_contributing(text):
    command = re.search(r"^#    (uv pip compile .*)$", text, re.M)[1]
    assert command in (ROOT / "CONTRIBUTING.md").read_text("utf-8")


def test_binder_installs_what_the_lessons_need_beyond_jupyterlab():
    """Its image brings JupyterLab, and other versions of what belongs to it would conflict."""
    here = {"python_version": BINDER_PYTHON, "sys_platform": "linux", "platform_system": "Linux"}
    here.update(python_full_version=f"{BINDER_PYTHON}.0", os_name="posix", extra="")
    names, todo = set(), needs("lessons")
    while todo:
        requirement = todo.pop()
        name = canonicalize_name(requirement.name)
        if name not in names and (not requirement.marker or requirement.marker.evaluate(here)):
            names.add(name)
            todo += map(Requirement, metadata.requires(name) or ())
    found = dict(line.split("==") for line in BINDER.splitlines() if line[0] != "#")
    assert found.keys() == names
    assert found.items() <= on(BINDER_PYTHON, "linux").items()
    assert "jupyterlab" not in names


def test_environment_yml_says_what_pyproject_says():
    text = (ROOT / "environment.yml").read_text("utf-8")
    wanted = {
        f"{CONDA_NAMES.get(r.name, r.name)}{r.specifier}" for r in needs("lessons", "lessons-lab")
    }
    stated = set(re.findall(r"^  - ([\w-]+[<>=].*)$", text, re.M))
    assert stated == wanted | {f"python{PROJECT['requires-python']}"}


def test_lesson_00_asks_for_all_that_the_lessons_need(monkeypatch):
    lines = [f'{line}; extra == "{extra}"' for extra, group in EXTRAS.items() for line in group]
    monkeypatch.setattr(metadata, "requires", lambda name: PROJECT["dependencies"] + lines)
    monkeypatch.setattr(metadata, "version", lambda name: "0")
    told = re.findall(r"^\W*(\S+) 0 is too old", str(check.environment()), re.M)
    assert sorted(told) == sorted(r.name for r in needs("lessons", "lessons-lab"))


@pytest.fixture(scope="module")
def plan():
    """What repo2docker would do with the repository, as a Dockerfile; no Docker is needed."""
    if sys.platform == "win32":
        pytest.skip("repo2docker does not run on Windows")
    command = [sys.executable, "-m", "repo2docker", "--no-build", "--debug", str(ROOT)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout + done.stderr


def test_repo2docker_takes_the_binder_folder_and_its_python(plan):
    assert f"Building conda environment for python={BINDER_PYTHON}" in plan
    assert "environment.yml" not in plan, "the root's file is for conda users only"
    steps = [
        'pip install --no-cache-dir -r "binder/requirements.txt"',
        "COPY --chown=0:0 src/ ${REPO_DIR}/",
        "RUN ./binder/postBuild",
    ]
    assert sorted(steps, key=plan.index) == steps


def test_binder_starts_kernels_with_one_thread(plan, monkeypatch):
    bash = shutil.which("bash")
    if bash is None or sys.platform == "win32":
        pytest.skip("there is no bash here")
    assert 'ENV R2D_ENTRYPOINT="${REPO_DIR}/binder/start"' in plan
    assert subprocess.run([bash, "-n", str(ROOT / "binder" / "postBuild")]).returncode == 0
    ask = "import os, sys; print(os.environ['OMP_NUM_THREADS'], sys.argv[1:])"
    command = [bash, str(ROOT / "binder" / "start"), sys.executable, "-c", ask, "a b", "c"]
    for own, wanted in (("", "1"), ("3", "3")):
        monkeypatch.setenv("OMP_NUM_THREADS", own)
        said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        assert said == f"{wanted} ['a b', 'c']\n"
