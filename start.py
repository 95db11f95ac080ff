"""Open the lessons: ``python3 start.py``. This file needs Python and nothing else.

It makes the environment .venv beside itself, installs exactly the versions of requirements.lock,
and starts JupyterLab. It stays readable for Python 3.6, so that an old Python gets a sentence
that says what is missing instead of a SyntaxError.
"""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import time
from pathlib import Path
from urllib.parse import quote

HELP = """\
python3 start.py                         open the lessons in JupyterLab
python3 start.py NOTEBOOK.ipynb          open this notebook instead of the first
python3 start.py --no-browser            options are JupyterLab's and are handed on to it
python3 start.py test                    run every test; more words are handed on to pytest
python3 start.py execute [NOTEBOOK...]   run the notebooks (all, if none is named) and save them
python3 start.py settings                give the JupyterLab of this Python the lessons' settings

Each of them but the last first makes the environment .venv if it is not there.
On Windows write py or python instead of python3."""

OLDEST_PYTHON = (3, 11)
ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
STAMP = VENV / "kmeans_teach.json"
PYTHON = str(VENV / "Scripts" / "python.exe" if os.name == "nt" else VENV / "bin" / "python")
LOCK = ROOT / "requirements.lock"
FIRST_IMPORTS = "ipykernel.kernelapp, ipywidgets, jupyterlab.labapp, seaborn, sklearn.cluster"
PROCESSES = str(min(max(os.cpu_count() or 2, 2), 4))
# the tests of a file share a kernel and a page, and the longest files come first
PYTEST = ["pytest", "-n", PROCESSES, "--dist", "loadfile", "--no-loadscope-reorder"]
COMMANDS = {"test": PYTEST, "execute": ["tools.execute"]}

# Saved widget state lets a reopened notebook show its widgets at once; without it Lab says
# "model not found". The notifications would ask a whole class about news and updates.
LAB_SETTINGS = {
    "@jupyter-widgets/jupyterlab-manager:plugin": {"saveState": True},
    "@jupyterlab/apputils-extension:notification": {
        "checkForUpdates": False,
        "fetchNews": "false",
    },
}

# What the reader is told: what an installer or the system said. The first match counts, so a cause
# stands before its consequences: pip without a network also says that it found no version.
FULL_DISK = "The disk is full: make room, about 1 GB, here, at home and for temporary files"
CAUSES = {
    FULL_DISK: r"no space left|quota exceeded|not enough space|err(or|no) (28|112|122)\b",
    "This Python lacks the venv module: install your system's package for it, on Debian and Ubuntu "
    "by sudo apt-get install python{}.{}-venv".format(*sys.version_info): "ensurepip is not "
    "available|no module named '?(venv|ensurepip)",
    "The network puts its own certificate into every connection and Python does not know it: set "
    "SSL_CERT_FILE and PIP_CERT to its file, which your administrator has": "UnknownIssuer"
    "|certificate.verify.failed|invalid peer certificate|unable to get local issuer",
    "There is no network, and the packages (about 250 MB, once) have to be fetched: connect, or "
    "set HTTPS_PROXY if you are behind a proxy": r"connecti|\(connect\)|connect error|resolution"
    "|not known|getaddrinfo|unreachable|no route|proxy|timed? ?out|remote end closed|dns error"
    "|error sending request|max retries",
    f"Files in {ROOT} cannot be changed: close JupyterLab and other programs that use them, and "
    "check that the folder is yours": "permission denied|access is denied|not permitted"
    r"|used by another process|read-only file system|(os |win)error (5|13|30|32)\b",
}


def main(argv):
    """Do what the command line asks; returns the exit code."""
    check_python(sys.version_info)
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # a console that lacks a letter of a path prints "?"
    try:
        return run_command(argv)
    except KeyboardInterrupt:
        print("\nStopped. The same command takes it up again.", file=sys.stderr)
        return 130
    except OSError as error:
        sys.exit(explain(str(error)) or f"The system says: {error}.")


def check_python(version):
    """Stop unless this Python is new enough; name a newer one if the machine has it."""
    if tuple(version[:2]) >= OLDEST_PYTHON:
        return
    newer = [name for name in (f"python3.{minor}" for minor in range(20, 10, -1)) if runs(name)]
    cure = f"run it with {newer[0]}" if newer else "install a newer one and run it with that"
    told = "The lessons need Python {}.{} or newer and this is Python {}.{}: {}."
    sys.exit(told.format(*OLDEST_PYTHON, *version[:2], cure))


def runs(python):
    """Tell whether a Python runs here: a version manager's shim may be there and refuse."""
    path, quiet = shutil.which(python), subprocess.DEVNULL
    return bool(path) and subprocess.call([path, "-c", ""], stdout=quiet, stderr=quiet) == 0


def run_command(argv):
    """Choose the command: a known word, or else everything belongs to JupyterLab."""
    word = argv[0] if argv else ""
    if word in ("-h", "--help", "help"):
        print(HELP)
        return 0
    if word == "settings":
        print(f"Lab settings are in {write_lab_settings(Path(sys.prefix))}")
        return 0
    if word and word not in COMMANDS and not word.startswith("-") and not word.endswith(".ipynb"):
        sys.exit(f"start.py has no command {word!r}: python3 start.py --help lists them.")
    rest = [str(Path(arg).resolve()) if arg.endswith(".ipynb") else arg for arg in argv]
    notebooks = [arg for arg in rest if arg.endswith(".ipynb")]
    for path in notebooks:
        if not Path(path).exists():
            sys.exit(f"There is no notebook {path}.")
    prepare()
    if word in COMMANDS:
        return hand_over(COMMANDS[word] + rest[1:])
    lesson = Path(notebooks[0]) if notebooks else ROOT / "notebooks" / "00_start_here.ipynb"
    root = ROOT if ROOT in lesson.parents else lesson.parent  # all of the repository is in sight
    # the address rather than the file, so that the address that Lab prints leads there too
    page = "/lab/tree/" + quote(lesson.relative_to(root).as_posix())
    options = [arg for arg in rest if arg not in notebooks]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        options.append("--allow-root")  # in a container the reader is root, and Lab would refuse
    print("JupyterLab starts; press Ctrl-C twice in this window to stop it.")
    places = [f"--ServerApp.root_dir={root}", f"--LabApp.default_url={page}"]
    return hand_over(["jupyterlab", *places, *options])


def hand_over(arguments):
    """Let the environment's Python do the rest, with Ctrl-C and the exit code being its own."""
    command = [PYTHON, "-m", *arguments]
    os.chdir(str(ROOT))
    sys.stdout.flush()
    if os.name == "posix":
        os.execve(PYTHON, command, environment())
    child = subprocess.Popen(command, env=environment())
    while True:
        try:
            return child.wait()
        except KeyboardInterrupt:  # Lab asks whether to stop; this process waits for the answer
            continue


def prepare():
    """Make .venv, anew if it is not whole or was made from something else than what is here."""
    start, version = time.time(), "{}.{}".format(*sys.version_info[:2])
    lock = hashlib.sha256(LOCK.read_bytes().replace(b"\r\n", b"\n")).hexdigest()
    here = [version, sysconfig.get_platform(), str(ROOT)]
    made_from = json.dumps([*here, lock, LAB_SETTINGS])
    keep = False
    if VENV.exists():
        if not STAMP.is_file():
            sys.exit(f"{VENV} was not made by start.py: move it away and try again.")
        found = STAMP.read_text(encoding="utf-8")
        keep = found.startswith(json.dumps(here)[:-1]) and runs(PYTHON)
        if found == made_from and keep:
            return
        why = "The lock or a setting changed: .venv is brought up to date."
        anew = ".venv is not whole, or Python or the folder changed: it is made anew."
        print(why if keep else anew)
    if not keep:  # what works stays, for a failed update without a network must not take it away
        print(f"Making the environment for the lessons in {VENV}")
        VENV.mkdir(exist_ok=True)
        STAMP.write_text("")  # it is filled last: what is half-made is never taken for whole
        for path in set(VENV.iterdir()) - {STAMP}:
            (shutil.rmtree if path.is_dir() and not path.is_symlink() else os.unlink)(str(path))
        # within .venv itself, its own Python has just gone
        python = getattr(sys, "_base_executable", None) or sys.executable
        run("making .venv", python, "-m", "venv", str(VENV))
    install()
    write_lab_settings(VENV)
    STAMP.write_text(made_from, encoding="utf-8")
    print(f"Ready after {time.time() - start:.0f} s.")


def install():
    """Install the locked versions: by uv in seconds, without it by pip in a minute or two."""
    pip = [PYTHON, "-m", "pip", "install"]
    tool = [PYTHON, "-m", "uv", "pip", "install", "--python", PYTHON]
    entry = re.search(r"^uv==(?:.*\\\n)*.*\n", LOCK.read_text(encoding="utf-8"), re.M)
    (VENV / "uv.txt").write_text(entry.group())
    only_uv = ["--only-binary", ":all:", "--require-hashes", "-r", str(VENV / "uv.txt")]
    locked = ["--require-hashes", "-r", str(LOCK)]
    title = "installing the locked packages"
    # some machines have no uv, and it does not read the mirror and the proxy in pip's own files
    fetched = run("fetching the installer", *pip, *only_uv, stops=tuple(CAUSES))
    if not fetched or not run(title, *tool, *locked, stops=FULL_DISK):
        print("  uv could not do it; pip tries, which takes longer")
        tool = pip
        run(title, *tool, *locked)
    run("adding kmeans_teach", *tool, "--no-deps", "--no-build-isolation", "-e", ".")
    # Python compiles what it imports, and matplotlib looks for fonts, at the first use: do both
    # now, so that the first lesson opens at once and without matplotlib's message about it
    run("preparing the first start", PYTHON, "-c", f"import {FIRST_IMPORTS}")


def run(title, *command, stops=""):
    """Run a step and tell whether it worked; stop at any failure, or only at these causes."""
    start, live, lines = time.time(), sys.stdout.isatty(), []
    print(f"  {title} ...", end="", flush=True)
    pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    with subprocess.Popen(command, cwd=str(ROOT), env=environment(), **pipes) as child:
        for raw in child.stdout:
            lines.append(raw.decode("utf-8", "replace").rstrip())
            if live:
                print("\r" + f"  {title} ... {lines[-1]}".ljust(78)[:78], end="", flush=True)
    worked, took = child.returncode == 0, f"{time.time() - start:.1f} s"
    took += "" if worked else ", failed"
    print("\r" + f"  {title} ... {took}".ljust(78) if live else f" {took}", flush=True)
    cause = explain("\n".join(lines))
    if worked or not cause.startswith(stops):
        return worked
    last = "\n".join(lines[-15:])
    sys.exit(cause or f'{last}\n\nThe step "{title}" failed; above are its last words.')


def explain(output):
    """Turn what an installer or the system said into a sentence; "" if the cause is unknown."""
    if min(shutil.disk_usage(p).free for p in (str(ROOT), tempfile.gettempdir())) < 20e6:
        output = "no space left"  # venv does not hand on what its pip said
    found = [cause for cause, said in CAUSES.items() if re.search(said, output, re.I)]
    return f"{found[0]}; then run the same command again." if found else ""


def environment():
    """Return the variables for all commands: the user's own, less what would leave .venv."""
    astray = ("PYTHONHOME", "PYTHONPATH", "PIP_TARGET", "PIP_PREFIX", "UV_TARGET")
    env = {key: value for key, value in os.environ.items() if key not in astray}
    env.update(PIP_USER="0", VIRTUAL_ENV=str(VENV), PYTHONUTF8="1")
    env["PATH"] = str(Path(PYTHON).parent) + os.pathsep + env.get("PATH", os.defpath)
    env.setdefault("JUPYTER_PREFER_ENV_PATH", "1")  # a kernel in the home folder may be another's
    env.setdefault("OMP_NUM_THREADS", "1")  # more threads are slower where others compute too
    # Schools and companies that look into their traffic put their certificate into the system's.
    env.setdefault("UV_SYSTEM_CERTS", "1")
    if "PIP_INDEX_URL" in env and "UV_INDEX_URL" not in env:  # uv does not read pip's mirror
        env.setdefault("UV_DEFAULT_INDEX", env["PIP_INDEX_URL"])
    return env


def write_lab_settings(prefix):
    """Add the lessons' settings to those that all users of this JupyterLab start from."""
    path = prefix / "share" / "jupyter" / "lab" / "settings" / "overrides.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    settings = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    path.write_text(json.dumps(dict(settings, **LAB_SETTINGS), indent=2) + "\n", encoding="utf-8")
    return path


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
