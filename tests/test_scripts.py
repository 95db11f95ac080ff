"""What other programs check: ruff the Python, prettier and eslint the scripts, node their tests."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
JS_TESTS = sorted(path.name for path in (ROOT / "tests" / "js").glob("*.test.mjs"))
RUFF, SCRIPTS = [sys.executable, "-m", "ruff"], "{kmeans_teach,tests}/**/*.mjs"
COMMANDS = {
    "ruff check": [*RUFF, "check", "."],
    "ruff format": [*RUFF, "format", "--check", "."],
    "prettier": ["npx", "--yes", "prettier@3.10.1", "--check", SCRIPTS],
    "eslint": ["npx", "--yes", "eslint@10.15.0", "-c", "tests/js/eslint.config.mjs", SCRIPTS],
}
OLDEST_NODE = 20  # of those that eslint runs on
# npm's way to say that it did not get a package; a name or version that does not exist is a fault
NOT_FETCHED = r"npm (?:error|ERR!) code (?!E404|ETARGET)\w+"


def run(*command):
    """Run a program in the repository; return what it said once it has worked."""
    if command[0] != sys.executable:
        need_node(command[0])
    command = [shutil.which(command[0]), *command[1:]]
    env = {**os.environ, "NO_COLOR": "1"}  # colour codes would stand between the words
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, encoding="utf-8")
    said = done.stdout + done.stderr
    if done.returncode and (reason := re.search(NOT_FETCHED, said)):
        pytest.skip(f"{command[2]} cannot be fetched: {reason[0]}")
    assert done.returncode == 0, said
    return said


def need_node(name):
    """Skip where node is missing or too old, or fail if all that the tests use is required."""
    node = shutil.which(name) and shutil.which("node")
    version = subprocess.check_output([node, "--version"], text=True) if node else "v0"
    if int(re.search(r"\d+", version)[0]) < OLDEST_NODE:
        sentence = f"this machine has no {name} with node {OLDEST_NODE} or newer"
        if os.environ.get("REQUIRE_BROWSER") == "1":
            pytest.fail(f"REQUIRE_BROWSER=1, but {sentence}")
        pytest.skip(sentence)


@pytest.mark.parametrize("name", COMMANDS)
def test_sources_have_no_fault(name):
    run(*COMMANDS[name])


@pytest.mark.parametrize("name", JS_TESTS)
def test_scripts_pass_their_own_tests(name):
    said = run("node", "--test", "--test-reporter=tap", f"tests/js/{name}")
    assert int(re.search(r"^# pass (\d+)$", said, re.M)[1]) > 0
    assert re.findall(r"^# (?:skipped|todo) (\d+)$", said, re.M) == ["0", "0"]
