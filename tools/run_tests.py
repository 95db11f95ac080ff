"""Run every test of the repository and end with one line of counts: ``python3 start.py test``."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ElementTree
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OLDEST_NODE = 18  # the first with a test runner of its own


def main():
    """Run all parts, print a summary and return the exit code."""
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # as in start.py, for the notebooks' kernels too
    parts = {
        "ruff check": lambda: one_command("ruff", "check", "."),
        "ruff format": lambda: one_command("ruff", "format", "--check", "."),
        "pytest": pytest,
        "node": node,
    }
    total, rows = Counter(), []
    for name, part in parts.items():
        print(f"\n=== {name}", flush=True)
        start = time.perf_counter()
        counts = part()
        rows.append(f"{name:12} {sentence(counts):40} {time.perf_counter() - start:6.1f} s")
        total.update(counts)
    print("\n=== summary", *rows, "", sentence(total), sep="\n", flush=True)
    return 1 if total["failed"] else 0


def sentence(counts):
    """Write counts as "3 passed, 1 failed", with what was skipped if anything was."""
    skipped = f", {counts['skipped']} skipped" if counts["skipped"] else ""
    return f"{counts['passed']} passed, {counts['failed']} failed{skipped}"


def one_command(*arguments):
    """Run a module of this environment that either passes or fails as a whole."""
    code = subprocess.call([sys.executable, "-m", *arguments], cwd=ROOT)
    return Counter(passed=1) if code == 0 else Counter(failed=1)


def pytest():
    """Run pytest on all processors, but at most four, and count from its report."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        command = [sys.executable, "-m", "pytest", "-q", "-rs", f"--junit-xml={report}"]
        # the tests of a file share a kernel and a page
        command += ["-n", str(min(os.cpu_count() or 1, 4))]
        command += ["--dist", "loadfile", "--no-loadscope-reorder"]
        code = subprocess.call(command, cwd=ROOT)
        counts = count_report(report.read_text("utf-8")) if report.exists() else Counter()
    return agree(counts, code)


def count_report(xml):
    """Count a JUnit report; an error in a fixture is a failure of its test."""
    counts = Counter()
    for case in ElementTree.fromstring(xml).iter("testcase"):
        found = {child.tag for child in case}
        if found & {"failure", "error"}:
            counts["failed"] += 1
        else:
            counts["skipped" if "skipped" in found else "passed"] += 1
    return counts


def agree(counts, code):
    """Let the exit code have the last word: a run that broke off has failed, whatever it counted.

    A run that skipped or counted nothing at all has not shown anything and fails too.
    """
    if (code != 0 and not counts["failed"]) or not sum(counts.values()):
        counts["failed"] += 1
    return counts


def node():
    """Run the tests of the player's script with node's own runner, where there is a node."""
    program = shutil.which("node")
    if program is None:
        print("node is not on this machine: the tests in tests/js are skipped.")
        return Counter(skipped=1)
    version = subprocess.run([program, "--version"], capture_output=True, text=True, check=True)
    if int(re.search(r"\d+", version.stdout).group()) < OLDEST_NODE:
        print(f"node {version.stdout.strip()} has no test runner: tests/js is skipped.")
        return Counter(skipped=1)
    files = sorted(str(path) for path in (ROOT / "tests" / "js").glob("*.test.mjs"))
    if not files:
        print("tests/js holds no *.test.mjs file.")
        return Counter(failed=1)
    # colour codes would stand between the words that are counted
    run = subprocess.run(
        [program, "--test", "--test-reporter=tap", *files],
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        cwd=ROOT,
        env=dict(os.environ, NO_COLOR="1"),
    )
    print(run.stdout)
    return agree(count_tap(run.stdout), run.returncode)


def count_tap(text):
    """Count from the closing lines of node's report, such as "# pass 12"."""
    found = dict(re.findall(r"^# (pass|fail|cancelled|skipped|todo) (\d+)$", text, re.M))
    number = {key: int(value) for key, value in found.items()}
    return Counter(
        passed=number.get("pass", 0),
        failed=number.get("fail", 0) + number.get("cancelled", 0),
        skipped=number.get("skipped", 0) + number.get("todo", 0),
    )


if __name__ == "__main__":
    sys.exit(main())
