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
