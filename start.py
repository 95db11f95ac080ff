"""Open the lessons: ``python3 start.py``. This file needs Python and nothing else.

It makes the environment .venv beside itself, installs exactly the versions of requirements.lock,
and starts JupyterLab. It stays readable for Python 3.6, so that an old Python gets a sentence
that says what is missing instead of a SyntaxError.
"""

import errno
import hashlib
import importlib.util
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
python3 start.py test                    run every test
python3 start.py execute [NOTEBOOK...]   run the notebooks (all, if none is named) and save them
python3 start.py settings                give the JupyterLab of this Python the lessons' settings

Each of them but the last first makes the environment .venv or brings it up to date.
On Windows write py or python instead of python3."""

OLDEST_PYTHON = (3, 11)
ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
STAMP = VENV / "kmeans_teach.json"
LOCK = ROOT / "requirements.lock"
PROJECT = ROOT / "pyproject.toml"
HALF_MADE = {"state": "half-made"}
FIRST_LESSON = ROOT / "notebooks" / "00_start_here.ipynb"
FIRST_IMPORTS = (
    "import ipykernel.kernelapp, ipywidgets, jupyterlab.labapp, seaborn, sklearn.cluster"
)

# Saved widget state lets a reopened notebook show its widgets at once; without it Lab says
# "model not found". The notifications would ask a whole class about news and updates.
LAB_SETTINGS = {
    "@jupyter-widgets/jupyterlab-manager:plugin": {"saveState": True},
    "@jupyterlab/apputils-extension:notification": {
        "checkForUpdates": False,
        "fetchNews": "false",
    },
}

# What an installer printed -> what to tell the reader. The first match counts, so a cause stands
# before its consequences: pip without a network also says that it found no version.
NO_VENV = re.compile(r"ensurepip is not available|No module named '?(venv|ensurepip)", re.I)
FULL_DISK = re.compile(
    r"no space left on device|disk quota exceeded|not enough space on the disk"
    r"|os error (28|112|122)\b|errno (28|122)\b",
    re.I,
)
NOT_TRUSTED = re.compile(
    r"UnknownIssuer|certificate.verify.failed|invalid peer certificate|unable to get local issuer",
    re.I,
)
NO_NETWORK = re.compile(
    r"establish a new connection|name resolution|name or service not known|getaddrinfo failed"
    r"|nodename nor servname|network is unreachable|no route to host|ProxyError"
    r"|cannot connect to proxy|connection (refused|reset|aborted|broken)|timed? ?out"
    r"|remote end closed|dns error|tcp connect error|client error \(connect\)"
    r"|error sending request|connectivity is disabled|max retries exceeded",
    re.I,
)
OTHER_HASH = re.compile(r"do not match the hashes|hash mismatch", re.I)
IN_USE = re.compile(
    r"permission denied|access is denied|used by another process|os error (5|13|32)\b", re.I
)


class Stop(Exception):
    """The sentence that a reader needs, when the work cannot go on."""


def main(argv):
    """Do what the command line asks; returns the exit code."""
    if hasattr(sys.stdout, "reconfigure"):  # a console that lacks a letter of a path prints "?"
        sys.stdout.reconfigure(errors="replace")
        sys.stderr.reconfigure(errors="replace")
    try:
        check_python(sys.version_info)
        return run_command(argv)
    except Stop as stop:
        print(f"\n{stop}", file=sys.stderr)
    except KeyboardInterrupt:
        print("\nStopped. The same command takes it up again.", file=sys.stderr)
        return 130
    except OSError as error:
        print(f"\n{explain_os_error(error)}", file=sys.stderr)
    return 1


def check_python(version):
    """Stop unless this Python is new enough; name a newer one if the machine has it."""
    if tuple(version[:2]) >= OLDEST_PYTHON:
        return
    newer = [name for name in (f"python3.{minor}" for minor in range(20, 10, -1)) if runs(name)]
    cure = f"run it with {newer[0]}" if newer else "install a newer one and run it with that"
    oldest, this = (".".join(map(str, number[:2])) for number in (OLDEST_PYTHON, version))
    raise Stop(f"The lessons need Python {oldest} or newer and this is Python {this}: {cure}.")


def runs(name):
    """Tell whether the command runs here: a version manager's shim may be there and refuse."""
    path, quiet = shutil.which(name), subprocess.DEVNULL
    return bool(path) and subprocess.call([path, "--version"], stdout=quiet, stderr=quiet) == 0


def run_command(argv):
    """Choose the command: a known word, or else everything belongs to JupyterLab."""
    word = argv[0] if argv else ""
    if word in ("-h", "--help", "help"):
        print(HELP)
        return 0
    if word == "settings":
        print(f"Lab settings are in {write_lab_settings(Path(sys.prefix))}")
        return 0
    known = ("test", "execute")
    if word and not word.startswith("-") and not word.endswith(".ipynb") and word not in known:
        raise Stop(f"start.py has no command {word!r}: python3 start.py --help lists them.")
    rest = [str(Path(arg).resolve()) if arg.endswith(".ipynb") else arg for arg in argv]
    if not word.startswith("-") and word in known:
        rest = rest[1:]
    for path in rest:
        if path.endswith(".ipynb") and not Path(path).exists():
            raise Stop(f"There is no notebook {path}.")
    prepare()
    if word == "test":
        return hand_over(["-m", "tools.run_tests", *rest])
    if word == "execute":
        return hand_over(["-m", "tools.execute", *rest])
    return hand_over(lab_arguments(rest))


def lab_arguments(rest):
    """Give Python's arguments that open a lesson in Lab, with all of the repository in sight."""
    lessons = [arg for arg in rest if arg.endswith(".ipynb")] or [str(FIRST_LESSON)]
    rest = [arg for arg in rest if not arg.endswith(".ipynb")]
    path = Path(lessons[0])
    root = ROOT if ROOT in path.parents else path.parent
    # the address rather than the file, so that the address that Lab prints leads there too
    page = "/lab/tree/" + quote(path.relative_to(root).as_posix())
    if hasattr(os, "geteuid") and os.geteuid() == 0 and "--allow-root" not in rest:
        rest = [*rest, "--allow-root"]  # in a container the reader is root, and Lab would refuse
    print("JupyterLab starts; press Ctrl-C twice in this window to stop it.")
    places = [f"--ServerApp.root_dir={root}", f"--LabApp.default_url={page}"]
    return ["-m", "jupyterlab", *places, *rest]


# ------------------------------------------------------------------------------ the environment


def prepare():
    """Make .venv or bring it up to date, and say what was done and how long it took."""
    start = time.time()
    wanted = fingerprint()
    action, why = compare(wanted)
    if why:
        print(why)
    if action == "ready":
        return
    if action == "build":
        build()
        install()
    else:
        bring_up_to_date()
    write_lab_settings(VENV)
    write_stamp(dict(wanted, state="done", packages=installed()))
    print(f"Ready after {time.time() - start:.0f} s.")


def build():
    """Make an empty environment in place of what is there."""
    need_venv_module()
    # within .venv itself, its own Python is about to go
    python = getattr(sys, "_base_executable", None) or sys.executable
    remove(VENV)
    print(f"Making the environment for the lessons in {VENV}")
    VENV.mkdir()
    write_stamp(HALF_MADE)
    run("making .venv", [python, "-m", "venv", str(VENV)])


def bring_up_to_date():
    """Install into the environment that is there; the stamp says so while it is half done."""
    before = read_stamp()
    if before is not None:
        write_stamp(HALF_MADE)
    try:
        install()
    except Stop:  # an installer that fails, as without a network, leaves what was there
        if before is not None:
            write_stamp(before)
        raise


def fingerprint():
    """Describe what .venv has to be made from; another answer means that it is out of date."""

    def digest(path):
        return hashlib.sha256(path.read_bytes().replace(b"\r\n", b"\n")).hexdigest()

    return {
        "python": "{}.{} {}".format(*sys.version_info[:2], sysconfig.get_platform()),
        "folder": str(ROOT),
        "requirements.lock": digest(LOCK),
        "pyproject.toml": digest(PROJECT),
        "settings": json.dumps(LAB_SETTINGS, sort_keys=True),
    }


def compare(wanted):
    """Return what to do, "ready", "install" or "build", and a sentence that says why."""
    if not VENV.exists() and not VENV.is_symlink():
        return "build", ""
    if not VENV.is_dir():
        raise Stop(f"{VENV} is no folder: move it away and run the same command again.")
    stamp, version = read_stamp(), python_of_venv()
    if version is None:
        return "build", ".venv is broken, its Python does not run: it is made anew."
    if stamp is None:
        if version < OLDEST_PYTHON:
            raise Stop(
                f"{VENV} was not made by start.py and its Python is too old: delete it and run "
                "the same command again."
            )
        return "install", ".venv is there already: the locked versions are installed into it."
    if stamp.get("state") != "done":
        return "build", ".venv is half-made: it is made anew."
    if stamp.get("python") != wanted["python"]:
        was, this = stamp.get("python"), wanted["python"]
        return "build", f".venv was made with Python {was}, this is {this}: it is made anew."
    if stamp.get("folder") != wanted["folder"]:
        return "build", "The folder was moved or renamed: .venv is made anew."
    changed = [key for key in wanted if stamp.get(key) != wanted[key]]
    if changed:
        return "install", f"New {' and '.join(changed)}: .venv is brought up to date."
    missing = sorted(set(stamp.get("packages", [])) - set(installed()))
    if missing:
        number = len(missing)
        return "install", f"{number} of .venv's packages changed, {missing[0]} first: mending it."
    return "ready", "The environment is up to date."


def read_stamp():
    """Read what start.py wrote into .venv; None if the folder is somebody else's."""
    try:
        return json.loads(STAMP.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except ValueError:  # the machine went down while it was written
        return HALF_MADE


def write_stamp(content):
    """Write the stamp at one go, so that it is never half there."""
    new = STAMP.with_suffix(".new")
    new.write_text(json.dumps(content, indent=1), encoding="utf-8")
    new.replace(STAMP)


def venv_python():
    """Return the path of the environment's Python."""
    return VENV / "Scripts" / "python.exe" if os.name == "nt" else VENV / "bin" / "python"


def python_of_venv():
    """Return the version of the environment's Python, such as (3, 12), or None if it fails."""
    ask = "import encodings, site, sys; print(*sys.version_info[:2])"
    try:
        answer = subprocess.run(
            [str(venv_python()), "-I", "-c", ask],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            check=True,
        )
        major, minor = answer.stdout.split()
        return int(major), int(minor)
    except (OSError, ValueError, subprocess.CalledProcessError):
        return None


def installed():
    """List name and version of every package in .venv, as their folders tell."""
    folders = list(VENV.glob("lib/python3*/site-packages")) + list(VENV.glob("Lib/site-packages"))
    return sorted({p.name[:-10] for folder in folders for p in folder.glob("*.dist-info")})


def need_venv_module():
    """Stop if this Python cannot make environments, as on a bare Debian."""
    if not all(importlib.util.find_spec(name) for name in ("venv", "ensurepip")):
        raise Stop(no_venv_sentence())


def no_venv_sentence():
    """Say how to get the venv module on this system."""
    package = f"python{sys.version_info[0]}.{sys.version_info[1]}-venv"
    if shutil.which("apt-get"):
        cure = f"add it with sudo apt-get install {package}"
    else:
        cure = f"install your system's package for it (often called {package})"
    return f"This Python lacks the venv module: {cure}; then run the same command again."


def remove(folder):
    """Delete an environment, if there is one."""
    if folder.is_symlink():
        folder.unlink()
    elif folder.exists():
        shutil.rmtree(str(folder))


# --------------------------------------------------------------------------------- installation


def install():
    """Install the locked versions: with uv in seconds, without it by pip in a minute or two."""
    locked = ["--require-hashes", "-r", str(LOCK)]
    title = "installing the locked packages"
    package = ["--no-deps", "--no-build-isolation", "-e", "."]
    if get_uv() and run(title, uv_install() + locked, must_work=False) is None:
        run("adding kmeans_teach", uv_install() + package)
    else:
        print("  uv could not do it; pip tries, which takes longer")
        run(title, pip_install() + locked)
        run("adding kmeans_teach", pip_install() + package)
    # Python compiles what it imports, and matplotlib looks for fonts, at the first use: do both
    # now, so that the first lesson opens at once and without matplotlib's message about it
    run("preparing the first start", [str(venv_python()), "-c", FIRST_IMPORTS])


def get_uv():
    """Put the locked uv into .venv; False where no uv is made for this kind of machine."""
    if lacks("pip"):
        run("adding pip", [str(venv_python()), "-m", "ensurepip"])
    entry = lock_entry(LOCK.read_text(encoding="utf-8"), "uv")
    if "uv-" + entry.split("==")[1].split()[0] in installed():
        return True
    handle, path = tempfile.mkstemp(suffix=".txt")
    with os.fdopen(handle, "w") as file:
        file.write(entry)
    command = [*pip_install(), "--only-binary", ":all:", "--require-hashes", "-r", path]
    try:
        reason = run("fetching the installer", command, must_work=False)
    finally:
        Path(path).unlink()
    if reason in (None, ""):
        return reason is None
    raise Stop(reason)


def lacks(module):
    """Tell whether the environment's Python lacks a module."""
    ask = f"import importlib.util as u, sys; sys.exit(u.find_spec({module!r}) is None)"
    return subprocess.call([str(venv_python()), "-I", "-c", ask]) != 0


def lock_entry(lock, name):
    """Cut one package with its hashes out of the lock."""
    found = re.search(rf"^{re.escape(name)}==(?:.*\\\n)*.*\n", lock, re.M)
    if found is None:
        raise Stop(f"requirements.lock does not name {name}: fetch the file again.")
    return found.group(0)


def pip_install():
    """Begin an install command of pip."""
    return [str(venv_python()), "-m", "pip", "install"]


def uv_install():
    """Begin an install command of uv."""
    python = str(venv_python())
    return [python, "-m", "uv", "pip", "install", "--python", python]


def environment():
    """Return the variables for all commands: the user's own, less what would leave .venv."""
    env = {
        key: value
        for key, value in os.environ.items()
        if key not in ("PYTHONHOME", "PYTHONPATH", "PIP_TARGET", "PIP_PREFIX", "UV_TARGET")
    }
    env.update(PIP_USER="0", VIRTUAL_ENV=str(VENV), PYTHONUTF8="1")
    env["PATH"] = str(venv_python().parent) + os.pathsep + env.get("PATH", os.defpath)
    env.setdefault("PIP_DISABLE_PIP_VERSION_CHECK", "1")
    env.setdefault("JUPYTER_PREFER_ENV_PATH", "1")  # a kernel in the home folder may be another's
    env.setdefault("OMP_NUM_THREADS", "1")  # more threads are slower where others compute too
    # Schools and companies that look into their traffic put their certificate into the system's.
    env.setdefault("UV_SYSTEM_CERTS", "1")
    if "PIP_INDEX_URL" in env and "UV_INDEX_URL" not in env:  # uv does not read pip's mirror
        env.setdefault("UV_DEFAULT_INDEX", env["PIP_INDEX_URL"])
    return env


def run(title, command, must_work=True):
    """Run an install step and print its name and its time.

    Returns None if it worked. Otherwise the sentence for its failure ("" if the cause is not
    known) is raised as Stop, or returned if the step need not work. A full disk always stops.
    """
    start, live = time.time(), sys.stdout.isatty()
    print(f"  {title} ...", end="", flush=True)
    code, lines = follow(title, command, live)
    took = f"{time.time() - start:.1f} s{', failed' if code else ''}"
    print("\r" + f"  {title} ... {took}".ljust(78) if live else f" {took}", flush=True)
    if code == 0:
        return None
    reason = explain("\n".join(lines))
    if not reason and disk_is_full():  # venv does not hand on what its pip step said
        reason = full_disk_sentence()
    if must_work and not reason:
        last = "\n".join(lines[-15:])
        reason = f'{last}\n\nThe step "{title}" failed; above are its last words.'
    if must_work or reason == full_disk_sentence():
        raise Stop(reason)
    return reason


def follow(title, command, live):
    """Run a command; returns its exit code and its lines, the newest shown beside the title."""
    lines = []
    with subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        cwd=str(ROOT),
        env=environment(),
    ) as child:
        for raw in child.stdout:
            lines.append(raw.decode("utf-8", "replace").rstrip())
            if live:
                print("\r" + f"  {title} ... {lines[-1]}".ljust(78)[:78], end="", flush=True)
    return child.returncode, lines


def explain(output):
    """Turn an installer's output into one sentence; "" if the cause is not a known one."""
    if FULL_DISK.search(output):
        return full_disk_sentence()
    if NO_VENV.search(output):
        return no_venv_sentence()
    if NOT_TRUSTED.search(output):
        return (
            "The network puts its own certificate into every connection and Python does not know "
            "it: set SSL_CERT_FILE and PIP_CERT to its file, which your administrator has."
        )
    if NO_NETWORK.search(output):
        return (
            "There is no network, and the packages (about 250 MB, once) have to be fetched: "
            "connect, or set HTTPS_PROXY if you are behind a proxy, and run the same command again."
        )
    if OTHER_HASH.search(output):
        return (
            "A package that arrived is not the one that requirements.lock names: run the same "
            "command again, and from another network if that does not help."
        )
    if IN_USE.search(output):
        return in_use_sentence()
    return ""


def explain_os_error(error):
    """Say what an error of the operating system means for the reader."""
    if error.errno in (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)):
        return full_disk_sentence()
    if isinstance(error, PermissionError):
        return in_use_sentence()
    return f"The system says: {error}."


def disk_is_full():
    """Tell whether there is no room left in one of the places that an install writes to."""
    places = (ROOT, Path(tempfile.gettempdir()), Path.home())
    return any(path.exists() and shutil.disk_usage(str(path)).free < 20e6 for path in places)


def full_disk_sentence():
    """Say that the disk is full."""
    return (
        f"The disk is full: make room, about 1 GB, where {ROOT}, your home folder and your "
        "temporary files are, and run the same command again."
    )


def in_use_sentence():
    """Say that files cannot be changed."""
    return (
        f"Files in {VENV} cannot be changed: close JupyterLab and other programs that use them, "
        "check that the folder is yours, and run the same command again."
    )


def write_lab_settings(prefix):
    """Add the lessons' settings to those that all users of this JupyterLab start from."""
    path = prefix / "share" / "jupyter" / "lab" / "settings" / "overrides.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        settings = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        settings = {}
    for plugin, values in LAB_SETTINGS.items():
        settings[plugin] = dict(settings.get(plugin, {}), **values)
    path.write_text(json.dumps(settings, indent=2) + "\n", encoding="utf-8")
    return path


def hand_over(arguments):
    """Let the environment's Python do the rest, with Ctrl-C and the exit code being its own."""
    command = [str(venv_python()), *arguments]
    os.chdir(str(ROOT))
    sys.stdout.flush()
    if os.name == "posix":
        os.execve(command[0], command, environment())
    child = subprocess.Popen(command, env=environment())
    while True:
        try:
            return child.wait()
        except KeyboardInterrupt:  # Lab asks whether to stop; this process waits for the answer
            continue


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
