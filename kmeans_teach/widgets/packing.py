"""What a film sends to the page, in parcels: each array, picture and panel crosses once."""

from __future__ import annotations

import hashlib
import io
import json
import struct
from dataclasses import fields, is_dataclass

import numpy as np


class Picture:
    """An image, sent as the PNG file that it is: what crosses is what the file weighs.

    Parameters
    ----------
    pixels : array of uint8 of shape (height, width) or (height, width, 3)
        Greys or colours; with a palette, the number of each pixel's colour.
    palette : array of uint8 of shape (k, 3), optional
    """

    def __init__(self, pixels, palette=None):
        from PIL import Image

        self.pixels = np.ascontiguousarray(pixels, dtype=np.uint8)
        self.palette = palette
        options, image, file = {}, Image.fromarray(self.pixels), io.BytesIO()
        if palette is not None:
            image.putpalette(palette.tobytes())
            bits = max(1, int(len(palette) - 1).bit_length())
            options["bits"] = next(b for b in (1, 2, 4, 8) if b >= bits)
        image.save(file, format="PNG", optimize=True, **options)
        self.file = file.getvalue()

    @property
    def rgb(self) -> np.ndarray:
        """The picture in colours, or greys, as matplotlib shows it."""
        return self.pixels if self.palette is None else self.palette[self.pixels]


class Packer:
    """Packs trees of dicts, lists and dataclasses into bytes, and remembers what was sent before.

    A parcel is the length of its header as four bytes, the header as JSON, and arrays. In the
    header ``{"@": [code, parcel, start, count]}`` stands for an array, maybe of an earlier parcel,
    and ``{"#": number}`` for a dataclass of the same parcel.
    """

    def __init__(self):
        self._places, self._parcels = {}, 0

    def pack(self, tree) -> bytes:
        """One parcel with everything in the tree that was not sent before."""
        parts, end, shared, numbers = [], 0, [], {}

        def place(code, data, count):
            nonlocal end
            key = code, hashlib.sha256(data).digest()
            if key not in self._places:
                self._places[key] = [code, self._parcels, end, count]
                parts.append(data + b"\0" * (-len(data) % 8))
                end += len(parts[-1])
            return {"@": self._places[key]}

        def walk(item):
            if isinstance(item, np.ndarray):
                flat = _small(item)
                return place(flat.dtype.str[1:], flat.tobytes(), flat.size)
            if isinstance(item, Picture):
                return place("png", item.file, len(item.file))
            if is_dataclass(item):
                if id(item) not in numbers:
                    numbers[id(item)] = len(shared)
                    shared.append(None)
                    found = {name: walk(value) for name, value in _told(item)}
                    shared[numbers[id(item)]] = {"kind": getattr(item, "kind", ""), **found}
                return {"#": numbers[id(item)]}
            if isinstance(item, dict):
                return {str(name): walk(value) for name, value in item.items()}
            if isinstance(item, (list, tuple)):
                return [walk(value) for value in item]
            if isinstance(item, (float, np.floating)):
                return float(f"{item:.6g}") if np.isfinite(item) else None
            return item.item() if isinstance(item, np.generic) else item

        tree = walk(tree)
        self._parcels += 1
        header = json.dumps({"shared": shared, "tree": tree}, separators=(",", ":")).encode()
        header += b" " * (-(4 + len(header)) % 8)
        return struct.pack("<I", len(header)) + header + b"".join(parts)


def _told(item):
    """The fields that are not what they are by default: the page knows the defaults."""
    for f in fields(item):
        value = getattr(item, f.name)
        if isinstance(value, np.ndarray) or value != f.default:
            yield f.name, value


def _small(array):
    """The array in the smallest type that the page reads."""
    if array.dtype.kind == "f":
        return np.ascontiguousarray(array, dtype="<f4")
    if array.dtype.kind == "b":
        return np.ascontiguousarray(array, dtype="u1")
    ends = array.min(initial=0), array.max(initial=0)
    kind = np.result_type(*map(np.min_scalar_type, ends))
    return np.ascontiguousarray(array, dtype=kind.newbyteorder("<"))
