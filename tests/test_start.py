"""start.py: what it decides, what it says, and what it leaves behind; nothing is installed here."""

import ast
import errno
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import types
from contextlib import nullcontext
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ALL = ["venv .venv", "pip uv.txt", "uv requirements.lock", "uv ", "imports"]
BY_PIP = ["pip requirements.lock", "pip ", "imports"]


def install(start, command):
    """Install nothing, and fail in the steps and with the words that ``start.fails`` names."""
    step = f"{command[2]} {Path(command[-1]).name}" if command[1] == "-m" else "imports"
    start.steps.append(step)
    assert "--require-hashes" in command or step[-4:] not in (".txt", "lock")
    said = start.fails.get(step)
    if said is KeyboardInterrupt:
        raise said
    if step == ALL[0] and said is None:
        Path(start.PYTHON).parent.mkdir()
        Path(start.PYTHON).symlink_to(sys.executable)
    child = types.SimpleNamespace(returncode=int(said is not None), stdout=[(said or "").encode()])
    return nullcontext(child)


def load(root):
    """Import the start.py of this folder: it keeps its ``steps`` and what it ``handed`` over."""
    spec = importlib.util.spec_from_file_location("start_copy", root / "start.py")
    start = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(start)
    start.steps, start.fails, start.handed = [], {}, []
    fake = {**vars(subprocess), "Popen": lambda command, **_: install(start, command)}
    start.subprocess = types.SimpleNamespace(**fake)
    start.hand_over = lambda words: start.handed.append(words) or 0
    return start


@pytest.fixture
def start(tmp_path, monkeypatch):
    """A copy of start.py, in a folder with a space and a letter beyond ASCII."""
    root = tmp_path / "my lessons é"
    root.mkdir()
    for name in ("start.py", "requirements.lock"):
        shutil.copy(ROOT / name, root)
    monkeypatch.chdir(root)
    return load(root)


def stopped(start, *words):
    """Run a command that has to stop, and return its sentence, which Python prints."""
    with pytest.raises(SystemExit) as stop:
        start.main(words)
    assert start.handed == []
    assert isinstance(stop.value.code, str)
    return stop.value.code


def test_an_old_python_can_read_the_file_and_needs_nothing_else():
    tree = ast.parse((ROOT / "start.py").read_text("utf-8"), feature_version=(3, 7))
    names = [a.name for node in ast.walk(tree) if isinstance(node, ast.Import) for a in node.names]
    names += [node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    assert len(names) > 5
    assert {name.split(".")[0] for name in names} <= set(sys.stdlib_module_names)


@pytest.mark.parametrize(
    ("newer", "cure"), [("python3.12", "run it with python3.12"), ("", "install a newer one")]
)
def test_too_old_python_gets_a_sentence(start, monkeypatch, newer, cure):
    oldest = re.search('requires-python = ">=(.*)"', (ROOT / "pyproject.toml").read_text())[1]
    monkeypatch.setattr(start, "runs", lambda name: name == newer)
    monkeypatch.setattr(start, "sys", types.SimpleNamespace(version_info=(3, 8, 18), exit=sys.exit))
    assert f"need Python {oldest} or newer and this is Python 3.8: {cure}" in stopped(start)
    start.check_python((*map(int, oldest.split(".")), 0))


# ---------------------------------------------------------------------------- the environment


def test_the_first_run_makes_the_environment_and_the_next_is_ready(start, capsys):
    for _ in range(2):
        assert start.main([]) == 0
        assert start.steps == ALL
    said = capsys.readouterr().out
    assert re.search(r"making \.venv \.\.\. \d+\.\d s\n", said)
    assert len(re.findall(r"Ready after \d+ s\.", said)) == 1
    assert (start.VENV / "share/jupyter/lab/settings/overrides.json").exists()


def other(name, change):
    """Return what changes the bytes of a file."""

    def act(start):
        path = Path(getattr(start, name))
        data = path.read_bytes()
        path.unlink()
        path.write_bytes(change(data))

    return act


CHANGES = {
    "nothing": lambda start: None,
    "line ends": other("LOCK", lambda lock: lock.replace(b"\n", b"\r\n")),
    "lock": other("LOCK", lambda lock: lock + b"# changed\n"),
    "stamp": other("STAMP", lambda stamp: stamp[:20]),
    "broken Python": other("PYTHON", lambda python: b"nonsense"),
    "Python": lambda start: setattr(start.sysconfig, "get_platform", lambda: "another"),
    "settings": lambda start: start.LAB_SETTINGS.update(more={}),
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_changed_makes_it_anew(start, change, capsys):
    start.sysconfig = types.SimpleNamespace(get_platform=sysconfig.get_platform)
    start.main([])
    (start.VENV / "old").mkdir()
    (start.VENV / "link").symlink_to("old")
    CHANGES[change](start)
    start.main([])
    updated, anew = change in ("lock", "settings"), change in ("stamp", "broken Python", "Python")
    assert start.steps == ALL + (ALL if anew else ALL[1:] if updated else [])
    assert (start.VENV / "old").exists() != anew
    assert ("made anew" in capsys.readouterr().out) == anew


def test_a_failed_update_takes_nothing_away(start):
    start.main([])
    CHANGES["lock"](start)
    (start.VENV / "old").mkdir()
    start.fails[ALL[1]] = "dns error"
    for _ in range(2):
        with pytest.raises(SystemExit, match="There is no network"):
            start.main([])
        assert (start.VENV / "old").exists()
    start.fails.clear()
    start.main([])
    assert start.steps[-4:] == ALL[1:]


def test_a_moved_folder_makes_it_anew(start):
    start.main([])
    moved = load(start.ROOT.rename(start.ROOT.with_name("moved")))
    moved.main([])
    assert moved.steps == ALL


@pytest.mark.parametrize("step", ALL)
@pytest.mark.parametrize("failure", ["No space left on device", KeyboardInterrupt])
def test_what_is_half_made_is_never_taken_for_whole(start, step, failure, capsys):
    start.fails[step] = failure
    if failure is KeyboardInterrupt:
        assert start.main([]) == 130
        assert "Stopped." in capsys.readouterr().err
        assert start.handed == []
    else:
        assert "The disk is full" in stopped(start)
    start.fails.clear()
    start.steps.clear()
    assert start.main([]) == 0
    assert start.steps == ALL


@pytest.mark.parametrize("make", [Path.touch, Path.mkdir])
def test_what_start_did_not_make_is_not_deleted(start, make):
    make(start.VENV)
    assert "was not made by start.py: move it away" in stopped(start)
    assert start.VENV.exists()
    assert start.steps == []


UV_AND_PIP = [
    ({ALL[1]: "No matching distribution found for uv"}, [*ALL[:2], *BY_PIP]),
    ({ALL[2]: "dns error"}, [*ALL[:3], *BY_PIP]),
    ({ALL[2]: "some odd words"}, [*ALL[:3], *BY_PIP]),
]


@pytest.mark.parametrize(("fails", "steps"), UV_AND_PIP)
def test_pip_takes_over_where_uv_fails(start, fails, steps, capsys):
    start.fails = fails
    assert start.main([]) == 0
    assert start.steps == steps
    assert re.search(r"\d s, failed\n  uv could not do it; pip tries", capsys.readouterr().out)


def test_uv_is_installed_with_the_hashes_of_the_lock(start):
    start.main([])
    entry = (start.VENV / "uv.txt").read_text()
    assert re.fullmatch(
        r"uv==\S+ \\\n(    --hash=sha256:[0-9a-f]{64}( \\)?\n)+(    # .*\n)*", entry
    )


SAID = {
    "The disk is full": [
        "error: Failed to install: No space left on device (os error 28)",
        "There is not enough space on the disk. (os error 112)",
        "[WinError 112] Es steht nicht genug Speicherplatz zur Verfügung",
    ],
    "There is no network": [
        "WARNING: Retrying after 'NewConnectionError('Failed to establish a new connection')'\n"
        "ERROR: No matching distribution found for uv==0.8.0",
        "error: Failed to fetch\n  Caused by: client error (Connect)\n  Caused by: dns error",
        "ProxyError('Cannot connect to proxy.', OSError(...))",
        "socket.gaierror: [Errno 11001] getaddrinfo failed",
        "pip._vendor.urllib3.exceptions.ReadTimeoutError: Read timed out.",
    ],
    "This Python lacks the venv module: install your system's package for it, on Debian and Ubuntu "
    "by sudo apt-get install python{}.{}-venv;".format(*sys.version_info): [
        "The virtual environment was not created because ensurepip is not available.",
        "/usr/bin/python3: No module named venv",
    ],
    "The network puts its own certificate": [
        "error sending request\n  Caused by: invalid peer certificate: UnknownIssuer",
        "SSLError(1, '[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed')",
    ],
    "Files in": ["PermissionError: [Errno 13] Permission denied: 'bin/uv'", "(os error 5)"],
    'something odd\n\nThe step "making .venv" failed': ["something odd"],
}


@pytest.mark.parametrize(("sentence", "output"), [(s, o) for s, many in SAID.items() for o in many])
def test_a_failing_step_gets_one_sentence(start, sentence, output):
    start.fails[ALL[0]] = output
    assert stopped(start).startswith(sentence)


def test_a_full_disk_is_seen_even_if_nothing_says_so(start, monkeypatch):
    start.fails[ALL[2]] = "exit status 1"
    monkeypatch.setattr(shutil, "disk_usage", lambda path: types.SimpleNamespace(free=1e6))
    assert stopped(start).startswith("The disk is full")


SYSTEM = {
    "ENOSPC": "The disk is full",
    "EACCES": "Files in",
    "EROFS": "Files in",
    "EIO": "The system",
}


@pytest.mark.parametrize("code", SYSTEM)
def test_errors_of_the_system_get_a_sentence(start, monkeypatch, code):
    def fail(*arguments, **options):
        raise OSError(getattr(errno, code), os.strerror(getattr(errno, code)))

    monkeypatch.setattr(Path, "mkdir", fail)
    assert stopped(start).startswith(SYSTEM[code])


def test_variables_keep_the_users_mirror_and_leave_out_what_leads_astray(start, monkeypatch):
    own = {"PIP_INDEX_URL": "http://mirror.invalid", "HTTPS_PROXY": "http://proxy.invalid:1"}
    for name, value in {**own, "PYTHONPATH": "/elsewhere"}.items():
        monkeypatch.setenv(name, value)
    for name in ("UV_INDEX_URL", "UV_DEFAULT_INDEX", "OMP_NUM_THREADS"):
        monkeypatch.delenv(name, raising=False)
    env = start.environment()
    own.update(UV_DEFAULT_INDEX=own["PIP_INDEX_URL"], OMP_NUM_THREADS="1")
    assert own.items() <= env.items()
    assert "PYTHONPATH" not in env
    assert env["PATH"].split(os.pathsep)[0] == str(Path(start.PYTHON).parent)
    own = {"UV_DEFAULT_INDEX": "http://own.invalid", "OMP_NUM_THREADS": "3"}
    for name, value in own.items():
        monkeypatch.setenv(name, value)
    assert own.items() <= start.environment().items()


# ------------------------------------------------------------------------------ the commands


def lab(page, *options):
    root = "--ServerApp.root_dir={ROOT}"
    return ["jupyterlab", root, f"--LabApp.default_url=/lab/tree/{page}", *options]


FIRST = "notebooks/00_start_here.ipynb"
PYTEST = ["pytest", "-n", "N", "--dist", "loadfile", "--no-loadscope-reorder"]
HANDED = {
    "": lab(FIRST),
    "--no-browser": lab(FIRST, "--no-browser"),
    "--port 8899": lab(FIRST, "--port", "8899"),
    "aé.ipynb --no-browser": lab("a%C3%A9.ipynb", "--no-browser"),
    "test": PYTEST,
    "test tests/test_start.py -x": [*PYTEST, "tests/test_start.py", "-x"],
    "execute aé.ipynb": ["tools.execute", "{ROOT}/aé.ipynb"],
    "execute": ["tools.execute"],
}


@pytest.mark.parametrize("words", HANDED)
@pytest.mark.parametrize("user", [0, 1000])
def test_words_choose_what_is_done(start, words, user, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: user, raising=False)
    (start.ROOT / "aé.ipynb").touch()
    assert start.main(words.split()) == 0
    wanted = [word.replace("{ROOT}", str(start.ROOT)) for word in HANDED[words]]
    wanted += ["--allow-root"] if wanted[0] == "jupyterlab" and user == 0 else []
    if wanted[0] == "pytest":
        wanted[2] = str(min(max(os.cpu_count(), 2), 4))
    assert start.handed == [wanted]


def test_a_notebook_from_elsewhere_is_opened_in_its_folder(start, tmp_path):
    (tmp_path / "x.ipynb").touch()
    start.main([str(tmp_path / "x.ipynb")])
    assert start.handed[0][1] == f"--ServerApp.root_dir={tmp_path}"
    assert start.handed[0][2] == "--LabApp.default_url=/lab/tree/x.ipynb"


def test_unknown_words_lost_notebooks_and_help_install_nothing(start, capsys):
    assert "no command 'tset'" in stopped(start, "tset")
    assert "There is no notebook" in stopped(start, "b.ipynb")
    assert start.main(["--help"]) == 0
    assert "start.py execute" in capsys.readouterr().out
    assert start.steps == start.handed == []


def test_settings_are_added_to_those_that_are_there(start, tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    path = tmp_path / "share" / "jupyter" / "lab" / "settings" / "overrides.json"
    path.parent.mkdir(parents=True)
    path.write_text('{"theme": {"dark": true}}')
    assert start.main(["settings"]) == 0
    assert json.loads(path.read_text()) == {"theme": {"dark": True}, **start.LAB_SETTINGS}
    assert start.steps == []


def test_settings_are_those_that_the_installed_lab_knows(start):
    share = Path(sys.prefix) / "share" / "jupyter"
    for plugin, values in start.LAB_SETTINGS.items():
        package, name = plugin.split(":")
        found = list(share.glob(f"lab*/**/schemas/{package}/{name}.json"))
        assert found, f"no schema of {plugin} in {share}"
        properties = json.loads(found[0].read_text("utf-8"))["properties"]
        for key, value in values.items():
            rule = properties[key]
            assert isinstance(value, {"boolean": bool, "string": str}[rule["type"]])
            assert "oneOf" not in rule or value in [choice["const"] for choice in rule["oneOf"]]


@pytest.mark.skipif(os.name != "posix", reason="signals as on Linux and macOS")
def test_handed_over_program_gets_the_exit_code_and_the_signals():
    wait = "import os, time; print(os.getpid(), flush=True); time.sleep(60)"
    code = "import sys, start; start.PYTHON = sys.executable; start.hand_over(sys.argv[1:])"
    command = [sys.executable, "-c", code, "timeit", "-n1", "-r1", wait]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as child:
        said = child.stdout.readline()
        child.terminate()
    assert int(said) == child.pid
    assert child.returncode == -15
