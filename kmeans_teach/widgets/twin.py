"""A picture beside every widget, for pages where nothing runs."""

from __future__ import annotations

import base64
import io


class StaticTwin:
    """Mix-in for widgets: displays a picture (image/png) and a digest (text/plain) as well.

    JupyterLab shows the live widget where it can. GitHub, nbviewer, a PDF and a notebook that has
    not been run show the picture. nbval compares the digest. A subclass gives ``twin_figure()``
    (a matplotlib Figure made without pyplot), ``digest()`` (one line without memory addresses) and
    ``alt_text()`` (the picture in words).
    """

    dpi = 80

    def twin_png(self) -> bytes:
        """The picture as the bytes of a PNG file."""
        from matplotlib.backends.backend_agg import FigureCanvasAgg

        figure = self.twin_figure()
        FigureCanvasAgg(figure)
        if layout := figure.get_layout_engine():
            layout.execute(figure)
            figure.set_layout_engine("none")  # or saving would draw everything once more
        file = io.BytesIO()
        figure.savefig(
            file, format="png", dpi=self.dpi, facecolor="white", metadata={"Software": None}
        )
        return file.getvalue()

    def __repr__(self):
        return self.digest()

    def _repr_mimebundle_(self, **kwargs):
        bundle = super()._repr_mimebundle_(**kwargs)
        data, metadata = bundle if isinstance(bundle, tuple) else (bundle, {})
        if not data:
            return bundle
        data["text/plain"] = self.digest()
        data["image/png"] = base64.b64encode(self.twin_png()).decode()
        return data, {**metadata, "image/png": {"alt": self.alt_text()}}


def boxed(box):
    """What a box of widgets displays: the pictures of those inside below each other, as well.

    Returns
    -------
    data, metadata : dict, dict
        By MIME type, as IPython's formatters want them.
    """
    from PIL import Image

    data = box._repr_mimebundle_()
    inside = list(_twins(box))
    if not inside:
        return data, {}
    pictures = [Image.open(io.BytesIO(one.twin_png())) for one in inside]
    size = max(one.width for one in pictures), sum(one.height for one in pictures)
    whole, top, file = Image.new("RGB", size, "white"), 0, io.BytesIO()
    for one in pictures:
        whole.paste(one, (0, top))
        top += one.height
    whole.save(file, format="PNG")
    data["text/plain"] = f"{type(box).__name__}: " + "; ".join(one.digest() for one in inside)
    data["image/png"] = base64.b64encode(file.getvalue()).decode()
    return data, {"image/png": {"alt": " ".join(one.alt_text() for one in inside)}}


def _twins(box):
    for child in box.children:
        if isinstance(child, StaticTwin):
            yield child
        elif hasattr(child, "children"):
            yield from _twins(child)
