"""The order of imports, and what no file of the repository may hold."""

import ast
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from importlib.util import resolve_name
from pathlib import Path

import pytest
import sklearn.cluster  # noqa: F401  loads OpenMP
from threadpoolctl import threadpool_info

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "kmeans_teach"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]

# Which modules of the package a module may import. A lower one never imports a higher one:
# whoever reads a module has to know only what stands above it here.
MAY_IMPORT = {
    "validation": set(),
    "history": {"validation"},
    "textbook": {"validation", "history"},
    "seeding": {"validation", "history", "textbook"},
    "kmeans": {"validation", "history", "textbook"},
    "matching": {"validation"},
    "choosing": {"validation", "kmeans"},
    "pictures": {"validation", "history"},
}
MAY_IMPORT["widgets"] = {*MAY_IMPORT}
MAY_IMPORT["lessons"] = {*MAY_IMPORT}
PICTURES_AND_RECORD = ("widgets", "pictures", "history", "textbook")
HEAVY = ("sklearn", "pandas", "matplotlib", "seaborn", "ipywidgets", "anywidget", "IPython")


def repository_files():
    """List the repository's files: git's, or without git all but what is made on the way."""
    git = shutil.which("git")
    if git and (ROOT / ".git").exists():
        command = [git, "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout
        names = listed.decode("utf-8").split("\0")
        return sorted(ROOT / name for name in names if name and (ROOT / name).is_file())
    made = re.compile(r"__pycache__|build|node_modules|.*\.egg-info|\.(?!ci$).*")
    paths = [(path, path.relative_to(ROOT).parts) for path in sorted(ROOT.rglob("*"))]
    return [p for p, parts in paths if p.is_file() and not any(map(made.fullmatch, parts[:-1]))]


FILES = repository_files()
PYTHON_FILES = [path for path in FILES if path.suffix == ".py"]
NOTEBOOKS = [path for path in FILES if path.suffix == ".ipynb"]


def read(path):
    return path.read_bytes().decode("utf-8", "ignore")


def where(pattern, paths):
    """List file, line and text of each match."""
    return [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()[:120]}"
        for path in paths
        for number, line in enumerate(read(path).splitlines(), start=1)
        if re.search(pattern, line)
    ]


def module_of(path):
    """Return the name that a file of the package has in MAY_IMPORT."""
    return path.relative_to(PACKAGE).with_suffix("").parts[0]


def imports(source, package):
    """Yield what a file of this package imports, anywhere, as names with dots from the top."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = resolve_name("." * node.level + (node.module or ""), package)
            yield from (f"{base}.{alias.name}" for alias in node.names)


def imports_of(path):
    """List what a Python file of the repository imports, each name split at its dots."""
    package = ".".join(path.relative_to(ROOT).parts[:-1])
    return [name.split(".") for name in imports(read(path), package)]


def test_import_reader_sees_every_way_to_import():
    source = "import a.b\nfrom a.c import x\nfrom a import d\ndef f():\n    from . import e"
    source += "\n    from .g import y\n    from .. import h\n    from ..i import z"
    assert " ".join(sorted(imports(source, "a.w"))) == "a.b a.c.x a.d a.h a.i.z a.w.e a.w.g.y"


@pytest.mark.parametrize(
    "path",
    [p for p in PYTHON_FILES if PACKAGE in p.parents and p != PACKAGE / "__init__.py"],
    ids=lambda path: str(path.relative_to(PACKAGE)),
)
def test_module_imports_only_what_stands_below_it(path):
    assert module_of(path) in MAY_IMPORT, "give the module its place in MAY_IMPORT"
    own = {name[1] for name in imports_of(path) if name[0] == "kmeans_teach"}
    assert own <= MAY_IMPORT[module_of(path)] | {module_of(path)}
    if module_of(path) in PICTURES_AND_RECORD:  # they know nothing of estimators
        assert "kmeans" not in own
        assert ["sklearn", "cluster"] not in [name[:2] for name in imports_of(path)]


def test_order_has_no_circle():
    done = set()
    while len(done) < len(MAY_IMPORT):
        free = {n for n, below in MAY_IMPORT.items() if below - {n} <= done} - done
        assert free, f"circle among {set(MAY_IMPORT) - done}"
        done |= free


@pytest.mark.parametrize("inside", [True, False], ids=["package", "everything"])
def test_what_is_imported_is_declared(inside):
    extras = PROJECT["optional-dependencies"]
    lines = PROJECT["dependencies"] + extras["lessons"] + ([] if inside else extras["test"])
    declared = {re.match(r"[\w-]+", line).group().lower() for line in lines}
    called = {"sklearn": "scikit-learn", "PIL": "pillow", "axe_core_python": "axe-core-python"}
    paths = [path for path in PYTHON_FILES if not inside or PACKAGE in path.parents]
    own = {"kmeans_teach", "benchmarks", "tools", "tests", "start", *sys.stdlib_module_names}
    names = {name[0] for path in paths for name in imports_of(path)} - own
    assert "numpy" in names
    assert {called.get(name, name) for name in names} <= declared


def test_importing_the_package_loads_numpy_only():
    code = (
        "import sys, kmeans_teach; "
        f"print([m for m in {HEAVY!r} if m in sys.modules], 'numpy' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[] True"


TEXTS = [p for p in FILES if p.suffix in (".py", ".mjs", ".css", ".md", ".yml", ".toml")]
OWN_PATHS = "|".join(re.escape(str(path)) for path in (Path.home(), ROOT) if len(str(path)) > 4)
# Each has [.] and the like, so that this file does not hold what it forbids.
FORBIDDEN = {
    "a registry or a network of files": (
        r"(?i)(?<![\w-])((pypi|pypi[.]python|pythonhosted|npmjs|debian|anaconda)[.]org"
        r"|(npmjs|anaconda|yarnpkg|ubuntu|unpkg|cdnjs[.]cloudflare)[.]com|crates[.]io"
        r"|proxy[.]golang[.]org|jsdelivr[.]net|esm[.]sh|skypack[.]dev)",
        FILES,
    ),
    "a path of a machine": (
        r"(?<![\w.])(/(work[/]|root[/]|tmp/[b]oot|tmp/[s]pec|opt/[w]heels)|[.]pyenv[/]|C:\\[U]sers"
        rf"|({OWN_PATHS})[/\\])",
        FILES,
    ),
    "a seed of NumPy's global generator": (
        r"\b(np|numpy)[.]random[.]seed\s*\(",
        [path for path in PYTHON_FILES if ROOT / "tests" not in path.parents],
    ),
    "something left to do": (r"\b([T]ODO|[F]IXME|[X]XX)\b", TEXTS),
}


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_file_has(what):
    pattern, paths = FORBIDDEN[what]
    assert len(paths) > 20
    assert where(pattern, paths) == []


def test_no_lock_file_that_would_name_its_index():
    assert [p.name for p in FILES if p.name in ("uv.lock", "pylock.toml", "poetry.lock")] == []


def test_links_to_the_repository_lead_to_the_address_in_pyproject():
    texts = [read(path) for path in FILES if path.suffix == ".md"]
    for path in NOTEBOOKS:
        cells = json.loads(read(path))["cells"]
        texts += ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown"]
    hosts = r"(?<![\w.])(?:www[.])?(github[.]com|raw[.]githubusercontent[.]com|mybinder[.]org/v2/gh"
    hosts += r"|colab[.]research[.]google[.]com/github|nbviewer[.]org/github)/([\w.-]+/[\w.-]+)"
    found = {link for text in texts for link in re.findall(hosts, text)}
    own = PROJECT["urls"]["Repository"].removeprefix("https://github.com/")
    assert {name.removesuffix(".git") for _, name in found} == {own}
    buttons = {"mybinder.org/v2/gh", "colab.research.google.com/github"}
    assert buttons <= {host for host, _ in re.findall(hosts, read(ROOT / "README.md"))}


def test_changelog_has_the_current_version():
    versions = re.findall(r"^## (\S+)", read(ROOT / "CHANGELOG.md"), re.M)
    assert versions[0] == PROJECT["version"]
    init = read(PACKAGE / "__init__.py")
    assert re.search(r'^__version__ = "(.*)"', init, re.M).group(1) == PROJECT["version"]


def test_packages_and_their_files_are_declared():
    declared = tomllib.loads(read(ROOT / "pyproject.toml"))["tool"]["setuptools"]
    packages, patterns = declared["packages"], declared["package-data"]
    for path in (path for path in FILES if PACKAGE in path.parents):
        folder = ".".join(path.parent.relative_to(ROOT).parts)
        assert folder in packages
        assert path.suffix == ".py" or any(map(path.match, patterns.get(folder, []))), path
    assert all((ROOT / package.replace(".", "/")).is_dir() for package in packages)


@pytest.mark.parametrize("path", [".ci/run", "binder/postBuild", "binder/start"])
def test_script_is_executable(path):
    if sys.platform == "win32":
        pytest.skip("Windows keeps no executable bit")
    assert (ROOT / path).stat().st_mode & 0o111


def test_ci_runs_the_command_of_the_readme():
    script = read(ROOT / ".ci" / "run")
    assert "set -euo pipefail" in script
    assert script.rstrip().endswith("REQUIRE_BROWSER=1 python3 start.py test")
    assert "python3 start.py test" in read(ROOT / "README.md")


def test_what_concerns_a_lesson_can_be_run_alone():
    lesson, other = "02_assign_and_update.ipynb", "03_where_you_start.ipynb"
    paths = [f"notebooks/{lesson}", f"notebooks/solutions/{lesson}", f"notebooks/{other}"]
    command = [sys.executable, "-m", "pytest", "-q", "--collect-only", "-m", "lesson02"]
    command += ["-p", "no:cacheprovider", "tests/test_lesson_map.py", *paths]
    found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert {line.split("::")[0] for line in found.splitlines() if "::" in line} == {*paths[:2]}


def test_tests_compute_on_as_many_threads_as_conftest_says():
    threads = {pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "openmp"}
    assert threads == {int(os.environ["OMP_NUM_THREADS"])}
