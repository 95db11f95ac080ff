"""The order of imports, and what no file of the repository may hold."""

import ast
import json
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

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
    "checks": set(),
}
MAY_IMPORT["widgets"] = {*MAY_IMPORT, "widgets"} - {
    "checks",
    "lessons",
}
MAY_IMPORT["lessons"] = {*MAY_IMPORT["widgets"], "checks", "lessons"}
HEAVY = ("sklearn", "pandas", "matplotlib", "seaborn", "ipywidgets", "anywidget", "IPython")

# In pieces, so that this file does not hold what it forbids.
HOSTS = [
    ".".join(pieces)
    for pieces in [
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("pypi", "python", "org"),
        ("anaconda", "org"),
        ("anaconda", "com"),
        ("npmjs", "org"),
        ("npmjs", "com"),
        ("yarnpkg", "com"),
        ("debian", "org"),
        ("ubuntu", "com"),
        ("crates", "io"),
        ("proxy", "golang", "org"),
        ("unpkg", "com"),
        ("jsdelivr", "net"),
        ("cdnjs", "cloudflare", "com"),
        ("esm", "sh"),
        ("skypack", "dev"),
    ]
]
MACHINE_PATHS = [
    "/" + "/".join(pieces)
    for pieces in [("work", ""), ("root", ""), ("tmp", "boot"), ("tmp", "spec"), ("opt", "wheels")]
] + [".py" + "env/", "C:\\" + "Users"]


def repository_files():
    """List the repository's files: git's, or without git all but what is made on the way."""
    git = shutil.which("git")
    if git and (ROOT / ".git").exists():
        command = [git, "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout
        names = listed.decode("utf-8").split("\0")
        return sorted(ROOT / name for name in names if name and (ROOT / name).is_file())
    made = {"__pycache__", "build", "node_modules"}
    return sorted(
        path
        for path in ROOT.rglob("*")
        if path.is_file()
        and not any(
            part in made or part.endswith(".egg-info") or (part[0] == "." and part != ".ci")
            for part in path.relative_to(ROOT).parts
        )
    )


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


def imported_modules(source, depth=0):
    """List the modules of the package that a file ``depth`` folders deep imports, anywhere."""
    names = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            # "from . import history" at the top of the package, "from .. import history" in widgets
            inside = node.level == depth + 1 or node.module == "kmeans_teach"
            here = node.level and node.level <= depth  # a neighbour within widgets
            if inside and (node.module or "") in ("", "kmeans_teach"):
                names |= {f"kmeans_teach.{alias.name}" for alias in node.names}
            elif inside:
                names.add(f"kmeans_teach.{node.module}")
            elif not here and node.module:
                names.add(node.module)
    return {name.split(".")[1] for name in names if name.startswith("kmeans_teach.")}


@pytest.mark.parametrize(
    "path",
    [p for p in PYTHON_FILES if PACKAGE in p.parents and p != PACKAGE / "__init__.py"],
    ids=lambda path: str(path.relative_to(PACKAGE)),
)
def test_module_imports_only_what_stands_below_it(path):
    assert module_of(path) in MAY_IMPORT, "give the module its place in MAY_IMPORT"
    found = imported_modules(read(path), len(path.relative_to(PACKAGE).parts) - 1)
    assert found <= MAY_IMPORT[module_of(path)]


def test_import_reader_sees_every_way_to_import():
    source = (
        "import kmeans_teach.a\nfrom kmeans_teach.b import x\nfrom kmeans_teach import c\n"
        "def f():\n    from . import d\n    from .e import y\nimport numpy\nfrom os import path"
    )
    assert imported_modules(source) == {"a", "b", "c", "d", "e"}
    assert imported_modules("from ..a import x\nfrom .. import b\nfrom .c import y", 1) == {
        "a",
        "b",
    }


def test_order_has_no_circle():
    done = set()
    while len(done) < len(MAY_IMPORT):
        free = {n for n, below in MAY_IMPORT.items() if below - {n} <= done} - done
        assert free, f"circle among {set(MAY_IMPORT) - done}"
        done |= free


@pytest.mark.parametrize("folder", ["widgets", "pictures", "history", "textbook"])
def test_pictures_and_record_know_nothing_of_estimators(folder):
    paths = [p for p in PYTHON_FILES if PACKAGE in p.parents and module_of(p) == folder]
    assert where(r"^\s*(from|import) (sklearn\.cluster|(\.+|kmeans_teach\.)kmeans)\b", paths) == []


def foreign_imports(paths):
    """List the top names of what is imported from beyond Python and this repository."""
    own = {"kmeans_teach", "benchmarks", "tools", "tests", "start", *sys.stdlib_module_names}
    names = set()
    for node in (node for path in paths for node in ast.walk(ast.parse(read(path)))):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names.add(node.module.split(".")[0])
    return names - own


@pytest.mark.parametrize("inside", [True, False], ids=["package", "everything"])
def test_what_is_imported_is_declared(inside):
    extras = PROJECT["optional-dependencies"]
    lines = PROJECT["dependencies"] + extras["lessons"] + ([] if inside else extras["test"])
    declared = {re.match(r"[\w-]+", line).group().lower() for line in lines}
    called = {"sklearn": "scikit-learn", "PIL": "pillow", "axe_core_python": "axe-core-python"}
    paths = [path for path in PYTHON_FILES if not inside or PACKAGE in path.parents]
    names = foreign_imports(paths)
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


def test_no_file_names_a_registry_or_a_cdn():
    pattern = "(?i)" + "|".join(r"(?<![\w-])" + re.escape(host) for host in HOSTS)
    assert where(pattern, FILES) == []


def test_no_file_has_a_path_of_a_machine():
    own = [str(Path.home()), str(ROOT)]
    paths = MACHINE_PATHS + [path + sep for path in own if len(path) > 4 for sep in "/\\"]
    assert where("|".join(r"(?<![\w.])" + re.escape(path) for path in paths), FILES) == []


def test_no_lock_file_that_would_name_its_index():
    assert [p.name for p in FILES if p.name in ("uv.lock", "pylock.toml", "poetry.lock")] == []


def test_nothing_seeds_numpys_global_generator():
    pattern = r"\b(np|numpy)\.random\." + r"seed\s*\("
    paths = [p for p in PYTHON_FILES if ROOT / "tests" not in p.parents]
    assert where(pattern, paths) == []


def test_nothing_is_left_to_do():
    paths = [p for p in FILES if p.suffix in (".py", ".mjs", ".css", ".md", ".yml", ".toml")]
    assert where(r"\b(TO" + r"DO|FIX" + r"ME|XX" + r"X)\b", paths) == []


def repository_links():
    """List the owner/name of every link to a repository, a Binder or a Colab."""
    texts = [read(path) for path in FILES if path.suffix == ".md"]
    for path in NOTEBOOKS:
        cells = json.loads(read(path))["cells"]
        texts += ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown"]
    patterns = [
        r"https?://(?:www\.)?github\.com/([\w.-]+/[\w.-]+)",
        r"https?://raw\.githubusercontent\.com/([\w.-]+/[\w.-]+)",
        r"mybinder\.org/v2/gh/([\w.-]+/[\w.-]+)",
        r"colab\.research\.google\.com/github/([\w.-]+/[\w.-]+)",
        r"nbviewer\.org/github/([\w.-]+/[\w.-]+)",
    ]
    return [name for text in texts for pattern in patterns for name in re.findall(pattern, text)]


def test_links_lead_to_the_address_in_pyproject():
    address = PROJECT["urls"]["Repository"].rstrip("/")
    assert address.startswith("https://github.com/")
    own = address.removeprefix("https://github.com/")
    assert {name.removesuffix(".git") for name in repository_links()} <= {own}


def test_readme_has_buttons_for_binder_and_colab():
    text = read(ROOT / "README.md")
    assert "mybinder.org/v2/gh/" in text
    assert "colab.research.google.com/github/" in text


def test_changelog_has_the_current_version():
    versions = re.findall(r"^## (\S+)", read(ROOT / "CHANGELOG.md"), re.M)
    assert versions[0] == PROJECT["version"]
    init = read(PACKAGE / "__init__.py")
    assert re.search(r'^__version__ = "(.*)"', init, re.M).group(1) == PROJECT["version"]


def test_package_data_is_declared():
    declared = tomllib.loads(read(ROOT / "pyproject.toml"))["tool"]["setuptools"]["package-data"]
    assets = [p for p in FILES if PACKAGE in p.parents and p.suffix != ".py"]
    missing = []
    for path in assets:
        folder = ".".join(path.parent.relative_to(ROOT).parts)
        if not any(path.match(pattern) for pattern in declared.get(folder, [])):
            missing.append(str(path.relative_to(ROOT)))
    assert missing == []


def test_packages_are_declared():
    declared = tomllib.loads(read(ROOT / "pyproject.toml"))["tool"]["setuptools"]["packages"]
    found = {
        ".".join(p.parent.relative_to(ROOT).parts) for p in PYTHON_FILES if PACKAGE in p.parents
    }
    assert found | {"kmeans_teach"} == set(declared)


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
    command = [sys.executable, "-m", "pytest", "-q", "--collect-only", "-m", "lesson02"]
    command += ["-p", "no:cacheprovider", "tests/test_checks.py", "notebooks"]
    found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    files = {line.split("::")[0] for line in found.splitlines() if "::" in line}
    lesson = "02_assign_and_update.ipynb"
    assert files == {"tests/test_checks.py", f"notebooks/{lesson}", f"notebooks/solutions/{lesson}"}
    assert "lesson03" not in found
