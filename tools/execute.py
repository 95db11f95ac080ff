"""Run notebooks and save them so that a second run gives the same bytes.

``python3 start.py execute [NOTEBOOK...]`` runs them in place, all of them if none is named.
"""

import ast
import json
import re
import sys
import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

ROOT = Path(__file__).resolve().parent.parent
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
LANGUAGE = {"file_extension": ".py", "mimetype": "text/x-python", "name": "python"}


def notebooks():
    """List every notebook of the lessons, the solutions after them."""
    folder = ROOT / "notebooks"
    return sorted(folder.glob("*.ipynb")) + sorted(folder.glob("solutions/*.ipynb"))


def read(path):
    """Read a notebook; a cell without an id, or with another's, is given one from its place."""
    raw, taken = json.loads(path.read_text("utf-8")), {None, ""}
    for position, cell in enumerate(raw["cells"]):
        # before nbformat does it, whose new ids are drawn at random
        new = cell.get("id") if cell.get("id") not in taken else f"cell-{position:03d}"
        while new in taken:
            new += "x"
        taken.add(new)
        cell["id"] = new
    raw["nbformat_minor"] = 5
    return nbformat.reads(json.dumps(raw), as_version=4)


def execute(path):
    """Run a notebook in its own folder and return it, normalised; a failing cell raises."""
    notebook = read(path)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    notebook.metadata = {"kernelspec": KERNEL}
    folder = {"metadata": {"path": str(path.parent)}}
    # the kernel need not say that it has no password
    quiet = {"kernel_name": "python3", "extra_arguments": ["--log-level=ERROR"]}
    keep = {"record_timing": False, "store_widget_state": False, "coalesce_streams": True}
    NotebookClient(notebook, timeout=600, resources=folder, **quiet, **keep).execute()
    return normalise(notebook)


def normalise(notebook):
    """Take out of an executed notebook what differs from run to run or from machine to machine."""
    # "widgets" would hold every widget's state; the Python's patch version is in language_info
    notebook.metadata = nbformat.from_dict({"kernelspec": KERNEL, "language_info": LANGUAGE})
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    number = 0
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        if cell.cell_type != "code":
            continue
        if cell.source.strip():
            number += 1
            cell.execution_count = number
        for output in cell.outputs:
            if output.output_type == "execute_result":
                output.execution_count = cell.execution_count
            data = output.get("data", {})
            if len(data) > 1:  # without its state a widget's view is "model not found"
                data.pop(WIDGET_VIEW, None)
    fold(notebook)
    return notebook


def fold(notebook):
    """Fold a Question's source, which holds its answer, and the output below that gives it away.

    JupyterLab unfolds an output when its cell is run; nothing else is folded.
    """
    for cell, answers in with_answers(notebook):
        jupyter = cell.metadata.pop("jupyter", {})
        jupyter.pop("outputs_hidden", None)
        cell.metadata.pop("collapsed", None)  # JupyterLab's other name for it
        jupyter |= {"outputs_hidden": True} if answers else {}
        jupyter |= {"source_hidden": True} if asks(cell) else {}
        if jupyter:
            cell.metadata["jupyter"] = jupyter


def with_answers(notebook):
    """List each cell, and whether it is code right after a Question and is none itself."""
    asking = [asks(cell) for cell in notebook.cells]
    cells = zip(notebook.cells, [False, *asking], asking, strict=False)
    return [(c, before and not now and c.cell_type == "code") for c, before, now in cells]


def asks(cell):
    """Whether a cell holds a Question and nothing else, maybe named and then shown by its name."""
    try:
        statements = ast.parse(cell.source).body if cell.cell_type == "code" else []
    except SyntaxError:  # such as %magic
        return False
    match statements:
        case [ast.Expr(value=ast.Call(func=called))] | [
            ast.Assign(targets=[ast.Name()], value=ast.Call(func=called)),
            ast.Expr(value=ast.Name()),
        ]:
            return getattr(called, "attr", getattr(called, "id", None)) == "Question"
    return False


def save(notebook, path):
    """Write a notebook as Jupyter does, on every system with the same line ends."""
    text = nbformat.writes(notebook).rstrip("\n") + "\n"
    path.write_text(text, encoding="utf-8", newline="\n")


def main(names):
    """Run the notebooks of these names, or all; returns the exit code."""
    failed = 0
    for path in [Path(name).resolve() for name in names] or notebooks():
        start = time.perf_counter()
        try:
            save(execute(path), path)
        except CellExecutionError as error:
            failed += 1
            plain = re.sub(r"\x1b\[[0-9;]*m", "", str(error)).strip()  # without its colours
            print(f"{path.name}: a cell failed, the file is as it was\n{plain}")
        else:
            print(f"{path.name}: {time.perf_counter() - start:.1f} s", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
