"""What all widgets share in Python: script and style as one text, a twin, common traits."""

from __future__ import annotations

import base64
import html
import inspect
import json
import re
from numbers import Integral
from pathlib import Path

import anywidget
import numpy as np
import traitlets

from ..pictures.style import MARKERS, PALETTE
from .twin import StaticTwin

HERE = Path(__file__).parent
IMPORT = re.compile(r'^import \{[^}]*\} from "\.[./\w]*/\w+\.mjs";\n', re.M)


def script(*names: str | Path) -> str:
    """The modules ``names``, or paths, as one text: a Blob can import nothing."""
    texts = [(HERE / name).with_suffix(".mjs").read_text(encoding="utf-8") for name in names]
    return "\n".join(IMPORT.sub("", text) for text in texts)


def binary():
    """A trait of bytes; what comes from the browser as a memoryview is made bytes."""
    return traitlets.Bytes(b"").tag(
        sync=True, to_json=lambda value, _: value, from_json=lambda value, _: bytes(value)
    )


def plane(flat, X) -> dict:
    """A Projection of the points X for the page: how ``core.mjs`` projects and lifts again."""
    middle = X.mean(axis=0)
    return {
        "components": flat.components.tolist(),
        "origin": middle.tolist(),
        "offset": flat(middle).tolist(),
        "identity": bool(np.array_equal(flat.components, np.eye(2))),
        "exact": flat.exact,
    }


JUPYTERS = {*anywidget.AnyWidget.class_trait_names(), "_esm", "_css", "_anywidget_id"}


class Sheet(StaticTwin, anywidget.AnyWidget):
    """The Python half of ``sheet.mjs``; a subclass sets ``_esm``. All share one style sheet."""

    _css = (HERE / "sheet.css").read_text(encoding="utf-8")
    title = traitlets.Unicode("").tag(sync=True)
    height = traitlets.Int(430).tag(sync=True)
    _style = traitlets.Dict({"palette": list(PALETTE), "markers": list(MARKERS)}).tag(sync=True)

    def save(self, path) -> Path:
        """Write one HTML file that works without Python and without a network.

        Parameters
        ----------
        path : str or Path
            For example "run.html". The folder must exist.

        Returns
        -------
        Path
            The file that was written.
        """
        path = Path(path)
        if not path.parent.is_dir():
            raise ValueError(f"the folder {path.parent} does not exist: make it first")
        own = [name for name in self.trait_names(sync=True) if name not in JUPYTERS]
        parts = {
            "title": html.escape(self.title or inspect.getdoc(type(self)).split("\n")[0]),
            "css": self._css,
            "script": self._esm,
            "state": json.dumps(self.get_state(own), default=_base64).replace("<", "\\u003c"),
            "starts": re.findall(r"^export default function (\w+)", self._esm, re.M)[-1],
        }
        page = (HERE / "page.html").read_text(encoding="utf-8")
        page = re.sub(r"/\* (\w+) \*/", lambda place: parts[place[1]], page)
        path.write_text(page, encoding="utf-8")
        return path


def _base64(value):
    return {"base64": base64.b64encode(value).decode()}


def one_of(value, name, allowed):
    """``value``, or a ValueError that names what is allowed."""
    if value not in allowed:
        raise ValueError(f"{name}={value!r}: use one of {', '.join(map(repr, allowed))}")
    return value


def whole(value, name, least, unit="pixels"):
    """``value`` as an int of at least ``least``, or a ValueError that says what to pass."""
    if not isinstance(value, Integral) or isinstance(value, bool) or value < least:
        raise ValueError(f"{name}={value!r}: pass a whole number of {unit}, at least {least}")
    return int(value)
