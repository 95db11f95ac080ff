"""Write binder/requirements.txt from requirements.lock: ``python -m tools.binder``.

Binder's image brings JupyterLab and what belongs to it, and other versions of those would conflict;
the tests do not run there. So the file holds the packages that the lessons need beyond JupyterLab,
for the image's system and Python.
"""

import re
import tomllib
from pathlib import Path
from typing import NamedTuple

from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
IN_IMAGE = {"jupyterlab"}
HEADER = "# From requirements.lock by: python -m tools.binder\n"


class Locked(NamedTuple):
    """One line of the lock."""

    name: str
    version: str
    marker: Marker | None
    needed_by: frozenset[str]


def read_lock(text):
    """Return the packages of a lock that uv wrote, with who needs each of them."""
    packages = []
    for block in re.split(r"^(?=[a-z0-9])", text, flags=re.M):
        found = re.match(r"([\w.-]+)==([^\s;]+)(?: ; ([^\\\n]+))?", block)
        if not found:
            continue
        name, version, marker = found.groups()
        via = re.findall(r"^ +#(?: via)? +([\w.-]+)", block.replace("# via\n", ""), re.M)
        marker = Marker(marker.strip()) if marker else None
        packages.append(Locked(name, version, marker, frozenset(via)))
    return packages


def lesson_packages(project):
    """Return the names in pyproject.toml that the lessons need and the image lacks."""
    extras = project["project"]["optional-dependencies"]
    lines = project["project"]["dependencies"] + extras["lessons"]
    return {canonicalize_name(Requirement(line).name) for line in lines} - IN_IMAGE


def requirements(lock, names, python):
    """Return "name==version" for these packages and all that they need, on Linux."""
    system = {
        "implementation_name": "cpython",
        "os_name": "posix",
        "platform_machine": "x86_64",
        "platform_python_implementation": "CPython",
        "platform_system": "Linux",
        "python_full_version": f"{python}.0",
        "python_version": python,
        "sys_platform": "linux",
    }
    here = [p for p in lock if p.marker is None or p.marker.evaluate(system)]
    wanted, size = set(names), 0
    while len(wanted) > size:
        size = len(wanted)
        wanted |= {package.name for package in here if package.needed_by & wanted}
    return [f"{p.name}=={p.version}" for p in here if p.name in wanted]


def content():
    """Return what binder/requirements.txt has to hold."""
    lock = read_lock((ROOT / "requirements.lock").read_text("utf-8"))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    python = (ROOT / "binder" / "runtime.txt").read_text("utf-8").strip().removeprefix("python-")
    return HEADER + "\n".join(requirements(lock, lesson_packages(project), python)) + "\n"


if __name__ == "__main__":
    (ROOT / "binder" / "requirements.txt").write_text(content(), encoding="utf-8", newline="\n")
