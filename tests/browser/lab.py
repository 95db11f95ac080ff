"""A JupyterLab of the tests' own, a browser to drive it, and a notebook opened in it."""

import json
import os
import re
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import nbformat

import start

ROOT = Path(__file__).resolve().parents[2]

BROWSER_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
BROWSER_PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    r"C:\Program Files\Google\Chrome\Application\chrome.exe",
    r"C:\Program Files (x86)\Google\Chrome\Application\chrome.exe",
)
# nothing but the page itself: no updates, no first-run pages, no look-ups
BROWSER_FLAGS = [
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--disable-gpu",
]

# What JupyterLab itself may say where a test ends the kernel under it, and why: it can be in the
# middle of asking the server about that kernel, and the server closes the kernel's websocket.
# Nothing is tolerated where the kernel lives.
KERNEL_IS_GONE = (
    r"/api/(kernels|sessions)/.*404|404.*/api/(kernels|sessions)/",
    r"WebSocket",
    r"Could not send widget sync message Error: Cannot send",
)


def find_browser():
    """Return the path of Chromium or Chrome on this machine, or None."""
    found = [path for path in map(shutil.which, BROWSER_NAMES) if path]
    return next(iter(found + [path for path in BROWSER_PLACES if Path(path).exists()]), None)


def launch(playwright, path=None):
    """Start the browser without a window: the one at the path, or the one that is found."""
    path = path or find_browser() or sys.exit("There is no Chromium or Chrome on this machine.")
    # Chromium refuses to sandbox the administrator, as whom containers run
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    flags = [*BROWSER_FLAGS, *(["--no-sandbox"] if root else [])]
    return playwright.chromium.launch(executable_path=path, args=flags)


class Lab:
    """A JupyterLab with settings, workspaces and kernels of its own, in a folder of its own."""

    def __init__(self, home):
        self.home, self.token = Path(home), secrets.token_hex(16)
        self.folder = self.home / "work"
        self.folder.mkdir()
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        prefix = self.home / "prefix"
        settings = start.write_lab_settings(prefix).parent
        places = {
            "JUPYTER_CONFIG_DIR": "config",
            "JUPYTER_RUNTIME_DIR": "runtime",
            "JUPYTER_DATA_DIR": "data",
            "JUPYTERLAB_SETTINGS_DIR": "settings",
            "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
            "IPYTHONDIR": "ipython",
        }
        env = {**os.environ, **{name: str(self.home / place) for name, place in places.items()}}
        env["JUPYTER_PREFER_ENV_PATH"] = "1"
        command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root"]
        command += [
            "--ip=127.0.0.1",
            f"--port={port}",
            "--ServerApp.port_retries=0",
            f"--IdentityProvider.token={self.token}",
            f"--ServerApp.root_dir={self.folder}",
            f"--LabApp.app_settings_dir={settings}",
            "--LabApp.expose_app_in_browser=True",
        ]
        self.log = self.home / "lab.log"
        with self.log.open("w") as log:
            self.process = subprocess.Popen(command, env=env, stdout=log, stderr=log)
        self.wait()

    def wait(self, seconds=120):
        """Return once the server answers."""
        until = time.monotonic() + seconds
        while time.monotonic() < until and self.process.poll() is None:
            try:
                self.ask("api")
            except (urllib.error.URLError, OSError):
                time.sleep(0.1)
            else:
                return
        self.stop()
        raise RuntimeError(f"JupyterLab did not start:\n{self.log.read_text()[-2000:]}")

    def ask(self, path, method="GET"):
        """Ask the server's REST interface."""
        request = urllib.request.Request(
            f"{self.url}/{path}", method=method, headers={"Authorization": f"token {self.token}"}
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    def stop(self):
        """End the server, and with it its kernels."""
        if self.process.poll() is None:
            self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def end_kernels(self):
        """Shut down all kernels: the machine of the tests may be small."""
        for session in self.ask("api/sessions"):
            self.ask(f"api/sessions/{session['id']}", "DELETE")

    def write(self, name, *cells):
        """Write a notebook of code cells into Lab's folder and return its name."""
        notebook = nbformat.v4.new_notebook()
        notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
        notebook.cells = [nbformat.v4.new_code_cell(cell) for cell in cells]
        (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(notebook, self.folder / name)
        return name


class Console:
    """What the browser's console complains of."""

    def __init__(self, page):
        self.complaints = []
        page.on("console", self.said)
        page.on("pageerror", lambda error: self.complaints.append(f"uncaught: {error}"))

    def said(self, message):
        """Keep errors with the address that they are about."""
        if message.type == "error":
            self.complaints.append(f"{message.text} ({message.location.get('url', '')})")

    def errors(self, tolerated=()):
        """List the complaints that match none of these patterns, and forget them all."""
        found = [c for c in self.complaints if not any(re.search(t, c) for t in tolerated)]
        self.complaints.clear()
        return found


# Lab's own objects are asked, rather than its pages read: a cell out of sight has no page.
OPENED = """() => {
  const widget = window.jupyterapp?.shell.currentWidget, context = widget?.sessionContext;
  return Boolean(widget?.content?.model && context?.isReady && context.session?.kernel?.status === 'idle');
}"""
RESTORED = (
    """() => /model not found/.test(document.body.innerText) || document.querySelector('.kmt')"""
)
RUN_CELL = """async index => {
  const { content } = jupyterapp.shell.currentWidget;
  content.activeCellIndex = index;
  content.deselectAll();
  await jupyterapp.commands.execute('notebook:run-cell');
}"""
EXECUTE = """async code => {
  const { kernel } = jupyterapp.shell.currentWidget.sessionContext.session;
  const future = kernel.requestExecute({ code, store_history: false });
  let said = '', error = null;
  future.onIOPub = ({ header, content }) => {
    if (header.msg_type === 'stream') said += content.text;
    if (header.msg_type === 'error') error = content.ename + ': ' + content.evalue;
  };
  await future.done;
  return { said, error };
}"""


class Notebook:
    """A notebook that is open in JupyterLab in a page of the browser."""

    def __init__(self, lab, page, name, kernel=True):
        self.lab, self.page, self.name = lab, page, name
        page.goto(f"{lab.url}/lab/tree/{name}?token={lab.token}&reset", wait_until="commit")
        if kernel:
            page.wait_for_function(OPENED, timeout=120_000)
        else:
            page.wait_for_function(
                "() => window.jupyterapp?.shell.currentWidget?.content?.model?.cells?.length",
                timeout=120_000,
            )
        page.evaluate(
            "() => { if (!jupyterapp.shell.leftCollapsed) jupyterapp.shell.collapseLeft(); }"
        )

    def command(self, name, **options):
        """Run one of JupyterLab's commands and wait for it."""
        page_options = json.dumps(options)
        return self.page.evaluate(
            f"async () => {{ await jupyterapp.commands.execute('{name}', {page_options}); }}"
        )

    def run_all(self):
        """Run all cells, as the menu does."""
        self.command("notebook:run-all-cells")

    def run_cell(self, index, source=None):
        """Run one cell, with another source if one is given."""
        if source is not None:
            self.page.evaluate(
                "([i, source]) => jupyterapp.shell.currentWidget.content.model.cells.get(i)"
                ".sharedModel.setSource(source)",
                [index, source],
            )
        self.page.evaluate(RUN_CELL, index)

    def reopen(self, kernel):
        """Save, leave the page, end the kernel if it `is gone`, and open the notebook again."""
        self.command("docmanager:save")
        saved = json.loads((self.lab.folder / self.name).read_text())
        assert "widgets" in saved["metadata"], "the widgets' state was not saved"
        # the page goes first: while it is open, it asks for a new kernel itself
        self.page.goto("about:blank")
        if kernel == "is gone":
            self.lab.end_kernels()
        for _ in range(4):
            again = Notebook(self.lab, self.page, self.name, kernel=False)
            self.page.wait_for_function(RESTORED, timeout=90_000)
            # Lab's widget manager restores twice at once, from the kernel and from the notebook.
            # If the first ends before the second has begun, it shows no widget of anyone.
            if not self.page.get_by_text("model not found").count():
                return again
            self.page.console.complaints.clear()
        raise AssertionError("Lab's widget manager lost its race with itself four times in a row")

    def whole(self):
        """The notebook as it would be saved."""
        model = "jupyterapp.shell.currentWidget.content.model"
        return json.loads(self.page.evaluate(f"() => JSON.stringify({model})"))

    def cells(self):
        """All cells as they would be saved."""
        return self.whole()["cells"]

    def faults(self):
        """What the cells raised or wrote to stderr."""
        found = []
        for position, cell in enumerate(self.cells()):
            expected = "raises-exception" in cell["metadata"].get("tags", [])
            for output in cell.get("outputs", []):
                if output["output_type"] == "error" and not expected:
                    found.append(f"cell {position}: {output['ename']}: {output['evalue']}")
                if output.get("name") == "stderr":
                    found.append(f"cell {position}: stderr: {output['text']}")
        return found

    def python(self, expression):
        """The value of an expression in the notebook's kernel, by way of JSON."""
        answer = self.page.evaluate(EXECUTE, f"import json as _j; print(_j.dumps({expression}))")
        assert answer["error"] is None, answer["error"]
        return json.loads(answer["said"])

    def execute(self, code):
        """Run statements in the notebook's kernel."""
        answer = self.page.evaluate(EXECUTE, code)
        assert answer["error"] is None, answer["error"]
        return answer["said"]

    def wait_python(self, expression, expected, seconds=15):
        """Return once the expression has this value: messages of widgets have a thread of their own."""
        until = time.monotonic() + seconds
        while (value := self.python(expression)) != expected:
            assert time.monotonic() < until, f"{expression} is {value}, expected {expected}"
            self.page.wait_for_timeout(50)

    def theme(self, name):
        """Switch JupyterLab to light or dark."""
        self.command("apputils:change-theme", theme=f"JupyterLab {name.title()}")
        light = json.dumps(name == "light")
        self.page.wait_for_function(f"() => document.body.dataset.jpThemeLight === '{light}'")
