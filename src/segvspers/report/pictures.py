"""Pictures of a report as bytes: one drawing as SVG for pages or PNG for slides, stamped when simulated."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING, Any

from segvspers.report.blocks import Picture

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SETTINGS: Any = {"svg.fonttype": "none", "svg.hashsalt": "segvspers", "font.family": "sans-serif"}


def as_svg(picture: Picture, *, stamp: str = "", identity: str = "picture") -> str:
    """Return a picture as inline SVG with a title for screen readers; ids carry `identity` to stay unique."""
    text = _saved(picture, "svg", stamp=stamp).decode("utf-8")
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>", "", text, flags=re.DOTALL)
    text = re.sub(r'(id="|href="#|url\(#)', rf"\g<1>{identity}-", text)
    return re.sub(r"<svg ", f'<svg role="img" aria-label="{_quoted(picture.alt)}" ', text, count=1)


def as_png(picture: Picture, *, stamp: str = "") -> bytes:
    """Return a picture as PNG."""
    return _saved(picture, "png", stamp=stamp)


def _saved(picture: Picture, form: str, *, stamp: str) -> bytes:
    import matplotlib as mpl

    with mpl.rc_context(SETTINGS):
        figure = _drawn(picture, stamp=stamp)
        out = io.BytesIO()
        metadata = {"Date": None} if form == "svg" else {"Software": None}
        figure.savefig(out, format=form, metadata=metadata, dpi=150)
    return out.getvalue()


def _drawn(picture: Picture, *, stamp: str) -> Figure:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(picture.width, picture.height), layout="constrained")
    picture.draw(figure.add_subplot())
    if stamp:
        figure.text(0.5, 0.5, stamp, fontsize=34, color="#B00020", alpha=0.14, ha="center", va="center", rotation=18)
    return figure


def _quoted(text: str) -> str:
    return text.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;")
