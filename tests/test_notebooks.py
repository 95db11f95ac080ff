"""The committed notebooks are executed, whole, and what a new run would give."""

import base64
import difflib
import io
import json
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path
from urllib.parse import unquote

import nbformat
import numpy as np
import pytest
from matplotlib.image import imread, imsave
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from tools import execute

ROOT = Path(__file__).resolve().parent.parent
NOTEBOOKS = execute.notebooks()
SOLUTIONS = [path for path in NOTEBOOKS if path.parent.name == "solutions"]
LARGEST = 1_500_000
FORBIDDEN_CODE = {
    r"^\s*[%!]{1,2}\s*(pip|conda|mamba|uv)\b|\bpip install\b": "installs packages",
    r"random\.seed\s*\(": "seeds NumPy's global generator",
    r"\binteract(ive(_output)?|_manual)?\s*\(|@interact\b": "uses interact",
    r"\bOutput\s*\(": "uses an Output widget",
    # nbval runs cells outside of the history, and there IPython shows the value all the same
    r";[ \t]*(#.*)?\Z": "ends on a semicolon: give the value a name instead",
}
FORBIDDEN_TEXT = {
    r"\b0x[0-9a-fA-F]{6,}\b": "shows a memory address",
    r"sk-container-id|sk-top-container": "ends on a bare estimator",
    r"<svg\b": "shows SVG, which differs from run to run",
    r"\x1b\[": "has colour codes in its output",
}


def name(path):
    return path.relative_to(ROOT / "notebooks").with_suffix("").as_posix()


def faults(notebook, folder):
    """List what is wrong with a notebook, a sentence a fault, without running it."""
    code = [c for c in notebook.cells if c.cell_type == "code" and c.source.strip()]
    found = [f"cell {i + 1} {fault}" for i, c in enumerate(code) for fault in code_faults(c)]
    counts = [cell.execution_count for cell in code]
    if counts != list(range(1, len(code) + 1)):
        found.append(f"the cells were not run once, in order: {counts}")
    if not any(cell.outputs for cell in code):
        found.append("no output is stored, so nothing would be compared")
    if sorted(notebook.metadata) != ["kernelspec", "language_info"]:
        found.append(f"metadata has {sorted(notebook.metadata)}")
    twice = [i for i, n in Counter(c.get("id") for c in notebook.cells).items() if n > 1]
    if twice:
        found.append(f"ids are missing or given twice: {twice}")
    for cell, answers in execute.with_answers(notebook):
        tags = " ".join(cell.metadata.get("tags", []))
        hidden = [k for k, v in cell.metadata.get("jupyter", {}).items() if "hidden" in k and v]
        if answers and "outputs_hidden" not in hidden:
            found.append(f"cell {cell.id} tells the answer before it is run: fold its output")
        if answers and re.search(r"\d", first_line(cell)):
            found.append(f"cell {cell.id} tells the answer in its first line, which stays in sight")
        if execute.asks(cell) and "source_hidden" not in hidden:
            found.append(f"cell {cell.id} tells the answer in its source: fold it")
        allowed = {"outputs_hidden": answers, "source_hidden": execute.asks(cell)}
        hidden = [k for k in hidden if not allowed.get(k)]
        if hidden or re.search("hide|remove", tags) or cell.metadata.get("collapsed"):
            found.append(f"cell {cell.id} is hidden")
        if cell.cell_type == "markdown":
            found += [f"there is no {link}" for link in dead_links(cell.source, folder)]
    return found


def first_line(cell):
    """Return what JupyterLab shows of folded outputs, unless it is a tag or a widget's digest."""
    output = cell.outputs[0] if cell.outputs else {}
    data = output.get("data", {})
    text = output.get("text") or data.get("text/html") or data.get("text/plain", "")
    line = next(filter(None, text.split("\n")), "")
    return "" if re.match(r"<|\w+\(", line) else line


def code_faults(cell):
    """List what is wrong with one code cell."""
    for pattern, fault in FORBIDDEN_CODE.items():
        if re.search(pattern, cell.source, re.M):
            yield fault
    for output in cell.outputs:
        if output.output_type == "error":
            yield f"raised {output.ename}"
        if output.get("name") == "stderr":
            yield "wrote a warning"
        data = output.get("data", {})
        if execute.WIDGET_VIEW in data:
            yield 'keeps a widget\'s view, which shows "model not found"'
        if "image/svg+xml" in data:
            yield "shows SVG, which differs from run to run"
        text = output.get("text", "") + "".join(
            str(value) for kind, value in data.items() if kind.startswith("text/")
        )
        for pattern, fault in FORBIDDEN_TEXT.items():
            if re.search(pattern, text):
                yield fault


def dead_links(text, folder):
    """List the relative links of a markdown text that lead nowhere."""
    text = re.sub(r"```.*?```|`[^`\n]*`", "", text, flags=re.S)
    targets = re.findall(r"\]\(\s*<?([^)\s>]+)", text)
    targets += re.findall(r"""\b(?:src|href)=["']([^"']+)""", text)
    for target in targets:
        path = unquote(target.split("#")[0])
        if path and not re.match(r"[a-z]+:", path) and not (folder / path).exists():
            yield target


def differences(old, new):
    """Say where two notebooks differ; pictures may by a little, as on another processor."""
    old, new = json.loads(old), json.loads(new)
    pictures = [take_pictures(notebook) for notebook in (old, new)]
    lines = [json.dumps(n, indent=1, ensure_ascii=False).splitlines() for n in (old, new)]
    found = list(difflib.unified_diff(*lines, "committed", "new run", n=2, lineterm=""))[:40]
    if not found:
        for number, (before, after) in enumerate(zip(*pictures, strict=True), start=1):
            if not same_picture(before, after):
                found.append(f"picture {number} is another one")
    return found


def take_pictures(notebook):
    """Take the PNGs out of a notebook's outputs, and return them in order."""
    outputs = [o.get("data", {}) for cell in notebook["cells"] for o in cell.get("outputs", [])]
    return [data.pop("image/png") for data in outputs if "image/png" in data]


def same_picture(before, after):
    """Compare pixels: compression and anti-aliasing may differ between processors and systems."""
    if before == after:
        return True
    a, b = (imread(io.BytesIO(base64.b64decode("".join(png)))) for png in (before, after))
    return a.shape == b.shape and float(np.abs(a - b).mean()) < 0.005


@pytest.mark.parametrize("path", NOTEBOOKS, ids=name)
def test_notebook_is_whole(path):
    assert faults(nbformat.read(path, as_version=4), path.parent) == []
    assert path.stat().st_size < LARGEST


def verdicts(path):
    """Return the calls of checks in a notebook, and the first line of each answer."""
    cells = nbformat.read(path, as_version=4).cells
    asked = [c for c in cells if c.cell_type == "code" and re.search(r"^check\.", c.source, re.M)]
    calls = [re.findall(r"^check\.(\w+)(?:\(\"([\d.a-z]+)\")?", c.source, re.M)[-1] for c in asked]
    answers = [c.outputs[-1]["data"]["text/plain"].splitlines()[0] for c in asked]
    return calls, answers


@pytest.mark.parametrize("solution", SOLUTIONS, ids=name)
def test_exercises_are_untouched_and_their_solutions_are_right(solution):
    asked, untouched = verdicts(solution.parent.parent / solution.name)
    solved, right = verdicts(solution)
    assert len(asked) >= 3
    assert solved == asked
    assert [line for line in untouched if not line.startswith("· not tried yet: ")] == []
    assert [line for line in right if not line.startswith("✔ correct: ")] == []


# ------------------------------------------------------------- the rules, held to small notebooks


def printed(text):
    return new_output("stream", name="stdout", text=text)


@pytest.fixture
def good(tmp_path):
    """A faultless notebook from tools.execute: text, code, a question and what answers it."""
    (tmp_path / "there.csv").touch()
    cells = [new_markdown_cell("[here](there.csv)")]
    cells += [new_code_cell(source) for source in ("print(1)", "kt.Question('Which ARI?')", "x")]
    cells[1].outputs, cells[3].outputs = [printed("1\n")], [printed("ARI\n0.25\n")]
    return execute.normalise(new_notebook(cells=cells))


def source(text):
    return lambda notebook: notebook.cells[1].update(source=text)


def meta(cell, **values):
    return lambda notebook: notebook.cells[cell].update(metadata=nbformat.from_dict(values))


def shown(kind, content, cell=1):
    output = new_output("display_data", {kind: content})
    return lambda notebook: notebook.cells[cell].update(outputs=[output])


def output(**values):
    return lambda notebook: notebook.cells[1].outputs.append(new_output(**values))


GOOD = {
    "as it is": lambda notebook: None,
    "a widget's digest": shown("text/plain", "Lab(k=2)", 3),
    "a tag": shown("text/html", "<b>0.25</b>", 3),
}
BAD = {
    "installs": source("%pip install x"),
    "installs packages": source("!pip install x"),
    "global generator": source("import numpy as np\nnp.random.seed(0)"),
    "interact": source("interact(f, k=3)"),
    "semicolon": source("ax.set_ylim(0, 1);  # from 0"),
    "Output widget": source("out = widgets.Output()"),
    "memory address": shown("text/plain", "<object at 0x7f32aa10c0d0>"),
    "bare estimator": shown("text/html", '<div id="sk-container-id-1">'),
    "SVG": shown("text/html", "<svg width=10>"),
    "not run once": lambda notebook: notebook.cells[1].update(execution_count=2),
    "no output": lambda notebook: [cell.update(outputs=[]) for cell in notebook.cells],
    "metadata": lambda notebook: notebook.metadata.update(widgets={}),
    "given twice": lambda notebook: notebook.cells[1].update(id=notebook.cells[0].id),
    "is hidden": meta(1, tags=["hide-input"]),
    "hidden": meta(0, jupyter={"source_hidden": True}),
    "cell 1 is hidden": meta(1, jupyter={"outputs_hidden": True}),
    "cell 2 tells the answer in its source: fold it": meta(2),
    "cell 3 tells the answer before it is run: fold its output": meta(3),
    "cell 3 is hidden": meta(3, jupyter={"outputs_hidden": True, "source_hidden": True}),
    "cell 3 tells the answer in its first line": shown("text/plain", "ARI 0.25", 3),
    "there is no": lambda notebook: notebook.cells[0].update(source="[x](missing.ipynb#part)"),
    "there is no b.png": lambda notebook: notebook.cells[0].update(source='<img src="b.png">'),
    "warning": output(output_type="stream", name="stderr"),
    "widget's view": shown(execute.WIDGET_VIEW, {}),
    "raised": output(output_type="error", ename="ValueError"),
}


@pytest.mark.parametrize("change", GOOD)
def test_rules_accept_a_good_notebook(good, change, tmp_path):
    GOOD[change](good)
    assert faults(good, tmp_path) == []


@pytest.mark.parametrize("fault", BAD)
def test_rules_notice(good, fault, tmp_path):
    for number, cell in enumerate(good.cells):
        cell.id = str(number)
    BAD[fault](good)
    assert any(fault in sentence for sentence in faults(good, tmp_path))


ASKS = {
    'kt.Question("Which?", {"a": None, "b": "No."}, "So.")': True,
    "Question(\n    'How many?',\n    number=2, tolerance=1,\n)  # guess": True,
    "q = kt.Question('Which?')\nq": True,
    "q = kt.Question('Which?')": False,
    "kt.Question('Which?').guess": False,
    "kt.Question('Which?')\nlab": False,
    "kt.FailureLab()": False,
    "%matplotlib inline": False,
    "": False,
}


@pytest.mark.parametrize("source", ASKS)
def test_a_question_is_known_by_its_code(source):
    assert execute.asks(new_code_cell(source)) == ASKS[source]
    assert not execute.asks(new_markdown_cell(source))


def test_what_answers_a_question_is_folded_and_nothing_else(tmp_path):
    ask, show = "kt.Question('Which?')", "kt.FailureLab()"
    cells = [new_code_cell(source) for source in (show, ask, show, show, ask, ask, show, ask)]
    cells += [new_markdown_cell("So."), new_code_cell(show)]
    for cell in cells:  # as JupyterLab saves an author's own folding
        cell.metadata = {"collapsed": True, "jupyter": {"outputs_hidden": True}}
    cells[3].metadata.jupyter = {"source_hidden": True}
    notebook = execute.normalise(new_notebook(cells=cells))
    output, asks = ({"jupyter": {f"{part}_hidden": True}} for part in ("outputs", "source"))
    found = [cell.metadata for cell in notebook.cells]
    assert found.pop(3) == {"jupyter": {"source_hidden": True}}
    assert found == [{}, asks, output, asks, asks, output, asks, {}, {}]


def png(grey):
    file = io.BytesIO()
    imsave(file, np.full((8, 8), grey, dtype=float), cmap="gray", vmin=0, vmax=1, format="png")
    return base64.b64encode(file.getvalue()).decode()


def notebook_text(grey, text="1"):
    output = new_output("display_data", {"image/png": png(grey), "text/plain": text})
    return nbformat.writes(new_notebook(cells=[new_code_cell("x", id="a", outputs=[output])]))


def test_differences_forgive_a_shade_and_nothing_else():
    assert differences(notebook_text(0.5), notebook_text(0.5)) == []
    assert differences(notebook_text(0.5), notebook_text(0.503)) == []
    assert differences(notebook_text(0.5), notebook_text(0.9)) == ["picture 1 is another one"]
    assert any("+" in line for line in differences(notebook_text(0.5), notebook_text(0.5, "2")))


def run_tool(path):
    command = [sys.executable, "-m", "tools.execute", str(path)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True)


def test_execute_is_stable_and_strips_what_differs(tmp_path):
    source = [
        "import sys\nprint('a')\nsys.stdout.flush()\nprint('b')",
        "",
        "import ipywidgets\nipywidgets.IntSlider(description='k')",
        "from IPython.display import display\n"
        "class Both:\n"
        "    def _repr_mimebundle_(self, **kwargs):\n"
        "        view = {'model_id': str(id(self))}\n"
        f"        return {{'text/plain': 'twin', '{execute.WIDGET_VIEW}': view}}\n"
        "display(Both())\n"
        "Both()",
    ]
    path = tmp_path / "ö x.ipynb"
    cells = [new_code_cell(text, metadata={"execution": {"busy": "now"}}) for text in source]
    notebook = new_notebook(cells=cells, metadata={"widgets": {"state": {}}, "title": "x"})
    del cells[0]["id"]
    cells[2].id = cells[1].id = "cell-002"  # what the third would be called by its place
    path.write_text(json.dumps(notebook), encoding="utf-8")

    runs = [path.read_bytes() for _ in range(2) if run_tool(path).returncode == 0]
    assert len(runs) == 2
    assert runs[0] == runs[1]
    result = nbformat.reads(runs[0].decode(), as_version=4)
    nbformat.validate(result)
    assert faults(result, tmp_path) == []
    assert [cell.execution_count for cell in result.cells] == [1, None, 2, 3]
    assert [len(cell.outputs) for cell in result.cells] == [1, 0, 1, 2]
    assert result.cells[0].outputs[0].text == "a\nb\n"
    assert result.cells[3].outputs[0].data == {"text/plain": "twin"}
    assert [cell.id for cell in result.cells[:3]] == ["cell-000", "cell-002", "cell-002x"]
    assert b"3.1" not in json.dumps(result.metadata).encode()


def test_execute_leaves_a_failing_notebook_as_it_was(tmp_path):
    path = tmp_path / "bad.ipynb"
    path.write_text(nbformat.writes(new_notebook(cells=[new_code_cell("1 / 0", id="a")])))
    before, done = path.read_bytes(), run_tool(path)
    assert done.returncode == 1
    assert "ZeroDivisionError" in done.stdout
    assert path.read_bytes() == before
