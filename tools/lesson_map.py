"""Write the table of the lessons into README and lesson 00: ``python -m tools.lesson_map``.

A lesson says what it is in its first cell: its question is the title, and minutes and aims stand
below. Its small picture is the first one of the cell tagged "map", else of the notebook.
"""

import base64
import io
import re

from PIL import Image

from tools import execute

NOTEBOOKS = execute.ROOT / "notebooks"
PICTURES = NOTEBOOKS / "map"
PLACES = {execute.ROOT / "README.md": "notebooks/", NOTEBOOKS / "00_start_here.ipynb": ""}
HEAD = "| lesson | question | what you can do afterwards | minutes |\n|---|---|---|---|"
SIZE = 240, 150  # pixels


def lessons():
    """List the lessons' notebooks in their order."""
    return sorted(NOTEBOOKS.glob("[0-9]*.ipynb"))


def row(path, folder):
    """Return the line of one lesson, with links that start with ``folder``."""
    head = execute.read(path).cells[0].source
    question = re.search(r"^# (.*)$", head, re.M)[1]
    minutes = re.search(r"\*\*(\d+) minutes", head)[1]
    aim = re.search(r"^- (.*?)[;.]$", head, re.M)[1]
    number, name = path.stem.split("_", 1)
    # spaces that do not break: they keep the column, and so the picture, wide enough
    title = f"{number}_{name.capitalize()}".replace("_", "\N{NO-BREAK SPACE}")
    image = f'<img src="{folder}map/{number}.png" width="160" alt=""><br>'
    return f"| {image}[{title}]({folder}{path.name}) | {question} | {aim} | {minutes} |"


def table(folder):
    """Return the table with links that start with ``folder``."""
    return "\n".join([HEAD, *(row(path, folder) for path in lessons())])


def picture(path):
    """Return a lesson's small picture: what fits, on white."""
    cells = execute.read(path).cells
    tagged = [cell for cell in cells if "map" in cell.metadata.get("tags", ())]
    outputs = [o.get("data", {}) for cell in tagged or cells for o in cell.get("outputs", ())]
    png = next(data["image/png"] for data in outputs if "image/png" in data)
    whole = Image.open(io.BytesIO(base64.b64decode(png))).convert("RGB")
    whole.thumbnail(SIZE, Image.Resampling.LANCZOS)
    paper = Image.new("RGB", SIZE, "white")
    paper.paste(whole, [(room - used) // 2 for room, used in zip(SIZE, whole.size, strict=True)])
    return paper


def written(text, folder):
    """Return a text with its table of lessons made anew."""
    return re.sub(r"^\| lesson \|.*\n(\|.*\n?)+", lambda _: table(folder) + "\n", text, flags=re.M)


def main():
    """Write the pictures and both tables."""
    PICTURES.mkdir(exist_ok=True)
    for path in lessons():
        picture(path).save(PICTURES / f"{path.name[:2]}.png", optimize=True)
    (readme, at_root), (start, here) = PLACES.items()
    readme.write_text(written(readme.read_text("utf-8"), at_root), encoding="utf-8")
    notebook = execute.read(start)
    for cell in notebook.cells:
        cell.source = written(cell.source, here).rstrip("\n")
    execute.save(notebook, start)


if __name__ == "__main__":
    main()
