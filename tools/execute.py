"""Run notebooks and save them so that a second run gives the same bytes.

``python3 start.py execute [NOTEBOOK...]`` runs them in place, all of them if none is named;
``python -m tools.execute --to FOLDER NOTEBOOK...`` writes to another folder.
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
    raw, ids = json.loads(path.read_text("utf-8")), set()
    for position, cell in enumerate(raw["cells"]):
        # before nbformat does it, whose new ids are drawn at random
        cell["id"] = stable_id(cell.get("id"), position, ids)
    raw["nbformat_minor"] = 5
    return nbformat.reads(json.dumps(raw), as_version=4)


def execute(path):
    """Run a notebook in its own folder and return it, normalised; a failing cell raises."""
    notebook = read(path)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    notebook.metadata = {"kernelspec": KERNEL}
    client = NotebookClient(
        notebook,
        timeout=600,
        kernel_name="python3",
        resources={"metadata": {"path": str(path.parent)}},
        record_timing=False,
        store_widget_state=False,
        coalesce_streams=True,
        extra_arguments=["--log-level=ERROR"],  # the kernel need not say that it has no password
    )
    client.execute()
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
            drop_widget_view(output)
    fold(notebook)
    return notebook


def fold(notebook):
    """Fold a Question's source, which holds its answer, and the output below that gives it away.

    JupyterLab unfolds an output when its cell is run; nothing else is folded.
    """
    for cell, answers in with_answers(notebook):
        jupyter = cell.metadata.setdefault("jupyter", {})
        jupyter.pop("outputs_hidden", None)
        cell.metadata.pop("collapsed", None)  # JupyterLab's other name for it
        if answers:
            jupyter["outputs_hidden"] = True
        if asks(cell):
            jupyter["source_hidden"] = True
        if not jupyter:
            del cell.metadata["jupyter"]


def with_answers(notebook):
    """List each cell, and whether it is code right after a Question and is none itself."""
    asking = [asks(cell) for cell in notebook.cells]
    return [
        (cell, before and not itself and cell.cell_type == "code")
        for cell, before, itself in zip(notebook.cells, [False, *asking], asking, strict=False)
    ]


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


def stable_id(given, position, taken):
    """Keep a cell's id if it has one that no cell before it has; else number the cell."""
    new = given if given and given not in taken else f"cell-{position:03d}"
    while new in taken:
        new += "x"
    taken.add(new)
    return new


def drop_widget_view(output):
    """Keep a widget's picture and text only: without its state the view is "model not found"."""
    data = output.get("data", {})
    if WIDGET_VIEW in data and len(data) > 1:
        del data[WIDGET_VIEW]


def save(notebook, path):
    """Write a notebook as Jupyter does, on every system with the same line ends."""
    text = nbformat.writes(notebook)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text.rstrip("\n") + "\n", encoding="utf-8", newline="\n")


def report(error):
    """Write a failed cell's report without the codes for colours."""
    return re.sub(r"\x1b\[[0-9;]*m", "", str(error)).strip()


def main(arguments):
    """Run the notebooks named on the command line, or all; returns the exit code."""
    to = None
    if arguments[:1] == ["--to"]:
        to, arguments = Path(arguments[1]), arguments[2:]
    paths = [Path(name).resolve() for name in arguments] or notebooks()
    if not paths:
        print("There are no notebooks to run.")
    failed = 0
    for path in paths:
        start = time.perf_counter()
        try:
            save(execute(path), to / path.name if to else path)
        except CellExecutionError as error:
            failed += 1
            print(f"{path.name}: a cell failed, the file is as it was\n{report(error)}")
        else:
            print(f"{path.name}: {time.perf_counter() - start:.1f} s", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
