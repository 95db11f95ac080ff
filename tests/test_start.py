"""start.py: what it decides, what it says, and what it leaves behind; nothing is installed here."""

import ast
import errno
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import start

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A copy of what start.py reads, in a folder with a space and a letter beyond ASCII."""
    root = tmp_path / "my lessons é"
    root.mkdir()
    for name in ("requirements.lock", "pyproject.toml"):
        (root / name).write_bytes((ROOT / name).read_bytes())
    monkeypatch.setattr(start, "ROOT", root)
    monkeypatch.setattr(start, "VENV", root / ".venv")
    monkeypatch.setattr(start, "STAMP", root / ".venv" / "kmeans_teach.json")
    monkeypatch.setattr(start, "LOCK", root / "requirements.lock")
    monkeypatch.setattr(start, "PROJECT", root / "pyproject.toml")
    return root


@pytest.fixture
def made(project, monkeypatch):
    """The project with an environment that start.py has made and that works."""
    site = project / ".venv" / "lib" / "python3.12" / "site-packages"
    for name in ("numpy-2.4.6", "uv-0.1"):
        (site / f"{name}.dist-info").mkdir(parents=True)
    monkeypatch.setattr(start, "python_of_venv", lambda: sys.version_info[:2])
    start.write_stamp(dict(start.fingerprint(), state="done", packages=start.installed()))
    return project


def answer():
    return start.compare(start.fingerprint())


def test_old_python_can_read_the_file():
    ast.parse((ROOT / "start.py").read_text("utf-8"), feature_version=(3, 7))


def test_start_needs_the_standard_library_alone():
    tree = ast.parse((ROOT / "start.py").read_text("utf-8"))
    names = [a.name for node in ast.walk(tree) if isinstance(node, ast.Import) for a in node.names]
    names += [node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    assert len(names) > 5
    assert {name.split(".")[0] for name in names} <= set(sys.stdlib_module_names)


def test_oldest_python_is_that_of_pyproject():
    text = (ROOT / "pyproject.toml").read_text("utf-8")
    assert 'requires-python = ">={}.{}"'.format(*start.OLDEST_PYTHON) in text


@pytest.mark.parametrize(
    ("newer", "cure"), [("python3.12", "run it with python3.12"), ("", "inst")]
)
def test_too_old_python_gets_a_sentence(monkeypatch, newer, cure):
    monkeypatch.setattr(start, "runs", lambda name: name == newer)
    with pytest.raises(start.Stop, match=f"3.11 or newer and this is Python 3.8: {cure}"):
        start.check_python((3, 8, 18))
    start.check_python((3, 11, 0))


# ------------------------------------------------------------------- what is done to which .venv


def test_without_environment_one_is_built(project):
    assert answer() == ("build", "")


def test_made_environment_is_ready(made):
    assert answer()[0] == "ready"


@pytest.mark.parametrize("name", ["requirements.lock", "pyproject.toml"])
def test_changed_file_is_installed(made, name):
    with (made / name).open("a") as file:
        file.write("# changed\n")
    assert answer() == ("install", f"New {name}: .venv is brought up to date.")


def test_other_line_ends_are_no_change(made):
    path = made / "requirements.lock"
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert answer()[0] == "ready"


def test_missing_package_is_installed_again(made):
    next(made.glob(".venv/lib/*/*/numpy*")).rmdir()
    action, why = answer()
    assert action == "install"
    assert "numpy-2.4.6" in why


@pytest.mark.parametrize(
    ("key", "value", "word"),
    [
        ("state", "half-made", "half-made"),
        ("python", "3.9 linux-x86_64", "made with Python 3.9"),
        ("folder", "/elsewhere", "moved"),
    ],
)
def test_stamp_that_does_not_fit_means_a_new_environment(made, key, value, word):
    start.write_stamp(dict(start.read_stamp(), **{key: value}))
    action, why = answer()
    assert action == "build"
    assert word in why


def test_torn_stamp_means_a_new_environment(made):
    start.STAMP.write_text('{"state": "do')
    assert answer()[0] == "build"


def test_python_that_does_not_run_means_a_new_environment(project):
    (project / ".venv" / "bin").mkdir(parents=True)
    (project / ".venv" / "bin" / "python").write_text("nonsense")
    assert answer() == ("build", ".venv is broken, its Python does not run: it is made anew.")


def test_somebody_elses_environment_is_kept(made, monkeypatch):
    start.STAMP.unlink()
    assert answer()[0] == "install"
    monkeypatch.setattr(start, "python_of_venv", lambda: (3, 9))
    with pytest.raises(start.Stop, match=r"not made by start\.py"):
        answer()


def test_file_in_the_place_of_the_environment(project):
    (project / ".venv").write_text("")
    with pytest.raises(start.Stop, match="no folder"):
        answer()


def test_failed_update_leaves_the_stamp_as_it_was(made, monkeypatch):
    before, during = start.read_stamp(), []

    def fail():
        during.append(start.read_stamp())
        raise start.Stop("no network")

    monkeypatch.setattr(start, "install", fail)
    with pytest.raises(start.Stop):
        start.bring_up_to_date()
    assert start.read_stamp() == before
    assert during == [start.HALF_MADE]


def test_interrupted_update_means_a_new_environment(made, monkeypatch):
    def interrupt():
        raise KeyboardInterrupt

    monkeypatch.setattr(start, "install", interrupt)
    with pytest.raises(KeyboardInterrupt):
        start.bring_up_to_date()
    assert answer()[0] == "build"


def test_prepare_builds_installs_and_then_is_ready(project, monkeypatch, capsys):
    steps = []
    monkeypatch.setattr(start, "run", lambda title, command, must_work=True: steps.append(title))
    monkeypatch.setattr(start, "lacks", lambda module: False)
    start.prepare()
    assert steps[0] == "making .venv"
    assert "adding kmeans_teach" in steps
    assert (start.VENV / "share/jupyter/lab/settings/overrides.json").exists()
    assert re.search(r"Ready after \d+ s\.", capsys.readouterr().out)
    monkeypatch.setattr(start, "python_of_venv", lambda: sys.version_info[:2])
    assert answer()[0] == "ready"


# -------------------------------------------------------------------------------- what is said

SAID = {
    "The disk is full": [
        "error: Failed to install: No space left on device (os error 28)",
        "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device",
        "There is not enough space on the disk. (os error 112)",
    ],
    "There is no network": [
        "WARNING: Retrying after 'NewConnectionError('Failed to establish a new connection')'\n"
        "ERROR: No matching distribution found for uv==0.8.0",
        "error: Failed to fetch\n  Caused by: client error (Connect)\n  Caused by: dns error",
        "ProxyError('Cannot connect to proxy.', OSError(...))",
        "socket.gaierror: [Errno 11001] getaddrinfo failed",
        "pip._vendor.urllib3.exceptions.ReadTimeoutError: Read timed out.",
    ],
    "This Python lacks the venv module": [
        "Error: ensurepip is not available",
        "/usr/bin/python3: No module named venv",
    ],
    "The network puts its own certificate": [
        "error sending request\n  Caused by: invalid peer certificate: UnknownIssuer",
        "SSLError(1, '[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed')",
    ],
    "A package that arrived is not the one": [
        "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.",
        "error: Hash mismatch for `numpy==2.0`",
    ],
    "Files in": ["PermissionError: [Errno 13] Permission denied: '.venv/bin/uv'"],
}


@pytest.mark.parametrize(("sentence", "output"), [(s, o) for s, many in SAID.items() for o in many])
def test_known_failures_get_one_sentence(sentence, output):
    said = start.explain(output)
    assert said.startswith(sentence)
    assert said.endswith(".")
    assert "\n" not in said


def test_unknown_failure_is_not_guessed():
    assert start.explain("error: invalid wheel") == ""


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (OSError(errno.ENOSPC, "no space"), "The disk is full"),
        (PermissionError(errno.EACCES, "denied"), "cannot be changed"),
        (OSError(errno.EIO, "input/output error"), "The system says"),
    ],
)
def test_errors_of_the_system_get_a_sentence_and_exit_code_1(monkeypatch, capsys, error, sentence):
    def fail():
        raise error

    monkeypatch.setattr(start, "prepare", fail)
    assert start.main(["test"]) == 1
    assert sentence in capsys.readouterr().err


def test_interrupt_says_so(monkeypatch, capsys):
    def interrupt():
        raise KeyboardInterrupt

    monkeypatch.setattr(start, "prepare", interrupt)
    assert start.main([]) == 130
    assert "Stopped" in capsys.readouterr().err


def test_missing_venv_module(monkeypatch):
    monkeypatch.setattr(start.importlib.util, "find_spec", lambda name: None)
    monkeypatch.setattr(start.shutil, "which", lambda name: "/bin/apt-get")
    package = "python{}.{}-venv".format(*sys.version_info)
    with pytest.raises(start.Stop, match=f"sudo apt-get install {package}"):
        start.need_venv_module()
    monkeypatch.setattr(start.shutil, "which", lambda name: None)
    assert "apt-get" not in start.no_venv_sentence()


# ---------------------------------------------------------------------------------- the steps


def python(code):
    return [sys.executable, "-c", code]


def test_run_prints_the_step_and_its_time(project, capsys):
    assert start.run("counting", python("print(1)")) is None
    assert re.fullmatch(r"  counting \.\.\. \d+\.\d s\n", capsys.readouterr().out)


def test_run_returns_or_raises_the_reason(project, capsys):
    fail = python("import sys; print('dns error'); sys.exit(2)")
    assert start.run("fetching", fail, must_work=False).startswith("There is no network")
    with pytest.raises(start.Stop, match="There is no network"):
        start.run("fetching", fail)
    assert ", failed" in capsys.readouterr().out


def test_run_shows_the_last_words_of_an_unknown_failure(project):
    fail = python("import sys; print('something odd'); sys.exit(1)")
    assert start.run("step", fail, must_work=False) == ""
    with pytest.raises(start.Stop, match='something odd\n\nThe step "step" failed'):
        start.run("step", fail)


def test_full_disk_stops_even_a_step_that_need_not_work(project, monkeypatch):
    fail = python("import sys; sys.exit('No space left on device')")
    with pytest.raises(start.Stop, match="The disk is full"):
        start.run("step", fail, must_work=False)
    monkeypatch.setattr(start, "disk_is_full", lambda: True)
    with pytest.raises(start.Stop, match="The disk is full"):
        start.run("step", python("import sys; sys.exit(1)"), must_work=False)


@pytest.mark.parametrize(
    ("uv_there", "uv_works", "wanted"),
    [
        (True, True, ["uv", "uv"]),
        (True, False, ["uv", "pip", "pip"]),
        (False, True, ["pip", "pip"]),
    ],
)
def test_pip_takes_over_where_uv_fails(project, monkeypatch, uv_there, uv_works, wanted):
    tools = []

    def run(title, command, must_work=True):
        if "install" in command:
            tools.append(command[2])
        return "" if command[2] == "uv" and not uv_works else None

    monkeypatch.setattr(start, "run", run)
    monkeypatch.setattr(start, "get_uv", lambda: uv_there)
    start.install()
    assert tools == wanted


def test_uv_is_installed_with_the_hashes_of_the_lock(project, monkeypatch):
    seen = []

    def run(title, command, must_work=True):
        seen.append((command, Path(command[-1]).read_text()))

    monkeypatch.setattr(start, "run", run)
    monkeypatch.setattr(start, "lacks", lambda module: False)
    assert start.get_uv() is True
    command, requirements = seen[0]
    assert "--require-hashes" in command
    assert re.match(r"uv==\S+ \\\n    --hash=sha256:[0-9a-f]{64}", requirements)
    assert requirements.count("==") == 1
    assert not Path(command[-1]).exists()


def test_uv_that_cannot_be_had_is_told_from_no_network(project, monkeypatch):
    monkeypatch.setattr(start, "lacks", lambda module: False)
    monkeypatch.setattr(start, "run", lambda title, command, must_work=True: "")
    assert start.get_uv() is False
    monkeypatch.setattr(start, "run", lambda title, command, must_work=True: "There is no network")
    with pytest.raises(start.Stop, match="no network"):
        start.get_uv()


def test_lock_without_uv_is_told():
    with pytest.raises(start.Stop, match="does not name uv"):
        start.lock_entry("numpy==1 \\\n    --hash=sha256:00\n", "uv")


def test_variables_keep_the_users_mirror_and_leave_out_what_leads_astray(monkeypatch):
    monkeypatch.setenv("PYTHONPATH", "/elsewhere")
    monkeypatch.setenv("PIP_INDEX_URL", "http://mirror.invalid/simple")
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.invalid:1")
    for name in ("UV_INDEX_URL", "UV_DEFAULT_INDEX", "OMP_NUM_THREADS"):
        monkeypatch.delenv(name, raising=False)
    env = start.environment()
    assert "PYTHONPATH" not in env
    assert env["UV_DEFAULT_INDEX"] == env["PIP_INDEX_URL"] == "http://mirror.invalid/simple"
    assert env["HTTPS_PROXY"] == "http://proxy.invalid:1"
    assert env["OMP_NUM_THREADS"] == "1"
    assert env["PATH"].split(os.pathsep)[0] == str(start.venv_python().parent)
    monkeypatch.setenv("UV_DEFAULT_INDEX", "http://own.invalid")
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    assert start.environment()["UV_DEFAULT_INDEX"] == "http://own.invalid"
    assert start.environment()["OMP_NUM_THREADS"] == "3"


# ------------------------------------------------------------------------------ the commands


@pytest.fixture
def handed(monkeypatch):
    """The arguments that Python is handed in the end."""
    seen = []
    monkeypatch.setattr(start, "prepare", lambda: None)
    monkeypatch.setattr(start, "hand_over", lambda arguments: seen.append(arguments) or 0)
    return seen


def test_without_a_word_the_first_lesson_is_opened(handed):
    assert start.main(["--no-browser"]) == 0
    arguments = handed[0]
    assert arguments[:2] == ["-m", "jupyterlab"]
    assert f"--ServerApp.root_dir={start.ROOT}" in arguments
    assert "--LabApp.default_url=/lab/tree/notebooks/00_start_here.ipynb" in arguments
    assert "--no-browser" in arguments


def test_named_notebook_is_opened_instead(handed, tmp_path, monkeypatch):
    monkeypatch.setattr(start, "ROOT", tmp_path)
    folder = tmp_path / "notebooks"
    folder.mkdir()
    (folder / "a é.ipynb").touch()
    monkeypatch.chdir(folder)
    start.main(["a é.ipynb"])
    assert f"--ServerApp.root_dir={tmp_path}" in handed[0]
    assert "--LabApp.default_url=/lab/tree/notebooks/a%20%C3%A9.ipynb" in handed[0]
    assert start.main(["b.ipynb"]) == 1


def test_notebook_from_elsewhere_is_opened_in_its_folder(handed, tmp_path):
    (tmp_path / "x.ipynb").touch()
    start.main([str(tmp_path / "x.ipynb")])
    assert f"--ServerApp.root_dir={tmp_path}" in handed[0]
    assert "--LabApp.default_url=/lab/tree/x.ipynb" in handed[0]


def test_value_of_an_option_is_no_command(handed):
    assert start.main(["--port", "8899"]) == 0
    assert handed[0].index("8899") == handed[0].index("--port") + 1


def test_words_choose_the_command(handed, tmp_path):
    path = tmp_path / "x.ipynb"
    path.touch()
    start.main(["test"])
    start.main(["execute", str(path)])
    assert handed == [["-m", "tools.run_tests"], ["-m", "tools.execute", str(path)]]


def test_unknown_word_and_help(handed, capsys):
    assert start.main(["tset"]) == 1
    assert "no command 'tset'" in capsys.readouterr().err
    assert start.main(["--help"]) == 0
    assert "start.py execute" in capsys.readouterr().out
    assert handed == []


def test_settings_are_added_to_those_that_are_there(tmp_path):
    path = tmp_path / "share" / "jupyter" / "lab" / "settings" / "overrides.json"
    path.parent.mkdir(parents=True)
    manager = "@jupyter-widgets/jupyterlab-manager:plugin"
    path.write_text(json.dumps({"theme": {"dark": True}, manager: {"other": 1}}))
    assert start.write_lab_settings(tmp_path) == path
    settings = json.loads(path.read_text())
    assert settings["theme"] == {"dark": True}
    assert settings[manager] == {"other": 1, "saveState": True}


def test_settings_are_those_that_the_installed_lab_knows():
    share = Path(sys.prefix) / "share" / "jupyter"
    for plugin, values in start.LAB_SETTINGS.items():
        package, name = plugin.split(":")
        found = list(share.glob(f"lab*/**/schemas/{package}/{name}.json"))
        assert found, f"no schema of {plugin} in {share}"
        properties = json.loads(found[0].read_text("utf-8"))["properties"]
        for key, value in values.items():
            rule = properties[key]
            assert isinstance(value, {"boolean": bool, "string": str}[rule["type"]])
            assert value in [choice["const"] for choice in rule.get("oneOf", [])] or (
                "oneOf" not in rule
            )


@pytest.mark.skipif(os.name != "posix", reason="signals as on Linux and macOS")
def test_handed_over_program_gets_the_exit_code_and_the_signals():
    code = (
        "import sys, start; start.venv_python = lambda: start.Path(sys.executable); "
        "start.hand_over(['-c', 'import os, time; print(os.getpid(), flush=True); time.sleep(60)'])"
    )
    child = subprocess.Popen(python(code), cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        assert int(child.stdout.readline()) == child.pid
    finally:
        child.terminate()
        child.wait()
        child.stdout.close()
    assert child.returncode == -15
