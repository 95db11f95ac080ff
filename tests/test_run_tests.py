"""The last line of ``start.py test`` counts what happened."""

import os
import shutil
import subprocess
from collections import Counter

import pytest
import sklearn.cluster  # noqa: F401, loads OpenMP
from threadpoolctl import threadpool_info

from tools import run_tests

REPORT = """<testsuites><testsuite>
<testcase name="a"/><testcase name="b"><failure/></testcase><testcase name="c"><skipped/></testcase>
<testcase name="d"><error/></testcase><testcase name="e"><failure/><error/></testcase>
</testsuite></testsuites>"""


def test_report_is_counted():
    assert run_tests.count_report(REPORT) == Counter(passed=1, failed=3, skipped=1)


@pytest.mark.parametrize(
    ("counts", "code", "failed"),
    [
        (Counter(passed=3), 0, 0),
        (Counter(passed=3, failed=2), 1, 2),
        (Counter(passed=3), 2, 1),  # broke off
        (Counter(), 0, 1),  # nothing ran
        (Counter(), 5, 1),
    ],
)
def test_exit_code_and_counts_agree(counts, code, failed):
    assert run_tests.agree(counts, code)["failed"] == failed


def test_tap_is_counted():
    text = "ok 1 - # pass 9\n# tests 7\n# pass 3\n# fail 1\n# cancelled 1\n# skipped 2\n# todo 0\n"
    assert run_tests.count_tap(text) == Counter(passed=3, failed=2, skipped=2)


def test_sentence_is_the_plain_closing_line():
    assert run_tests.sentence(Counter(passed=2)) == "2 passed, 0 failed"
    assert run_tests.sentence(Counter(failed=1, skipped=4)) == "0 passed, 1 failed, 4 skipped"


def test_main_adds_up_all_parts(monkeypatch, capfd):
    parts = iter([Counter(passed=1), Counter(failed=1)])
    monkeypatch.setattr(run_tests, "one_command", lambda *arguments: next(parts))

    monkeypatch.setattr(run_tests, "pytest", lambda: Counter(passed=10))
    threads = []
    monkeypatch.setattr(
        run_tests,
        "node",
        lambda: threads.append(os.environ["OMP_NUM_THREADS"]) or Counter(skipped=1),
    )
    monkeypatch.delenv("OMP_NUM_THREADS")
    assert run_tests.main() == 1
    assert threads == ["1"]
    assert capfd.readouterr().out.splitlines()[-1] == "11 passed, 1 failed, 1 skipped"


def test_tests_compute_on_as_many_threads_as_conftest_says():
    threads = {pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "openmp"}
    assert threads == {int(os.environ["OMP_NUM_THREADS"])}


def test_without_node_its_tests_are_skipped_and_it_is_said(monkeypatch, capfd):
    monkeypatch.setattr(run_tests.shutil, "which", lambda name: None)
    assert run_tests.node() == Counter(skipped=1)
    assert "node is not on this machine" in capfd.readouterr().out


def test_node_tests_are_run_and_counted(monkeypatch, tmp_path, capfd):
    if shutil.which("node") is None:
        pytest.skip("there is no node on this machine")
    monkeypatch.setattr(run_tests, "ROOT", tmp_path)
    assert run_tests.node() == Counter(failed=1), "an empty folder shows nothing"
    folder = tmp_path / "tests" / "js"
    folder.mkdir(parents=True)
    (folder / "a.test.mjs").write_text(
        "import {test} from 'node:test'; import assert from 'node:assert';\n"
        "test('right', () => assert.equal(1, 1)); test('wrong', () => assert.equal(1, 2));\n"
        "test.skip('later', () => {});"
    )
    assert run_tests.node() == Counter(passed=1, failed=1, skipped=1)
    capfd.readouterr()


def test_pytest_is_run_and_counted(monkeypatch, tmp_path, capfd):
    (tmp_path / "pytest.ini").write_text("[pytest]")
    path = tmp_path / "test_it.py"
    path.write_text("def test_a(): pass\ndef test_b(): assert 0")
    monkeypatch.setattr(run_tests, "ROOT", tmp_path)
    assert run_tests.pytest() == Counter(passed=1, failed=1)
    path.write_text("syntax error")
    assert run_tests.pytest()["failed"] == 1
    path.unlink()
    assert run_tests.pytest() == Counter(failed=1)
    capfd.readouterr()


def test_a_command_passes_or_fails(monkeypatch):
    for code, counts in [(0, Counter(passed=1)), (2, Counter(failed=1))]:
        monkeypatch.setattr(subprocess, "call", lambda *a, code=code, **k: code)
        assert run_tests.one_command("ruff") == counts
