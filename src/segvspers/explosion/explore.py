"""The explorer: tick attributes, drag the number of templates, and see at once what comes of it."""

from __future__ import annotations

import functools
import html
from base64 import b64encode
from collections.abc import Sequence
from io import BytesIO
from typing import TYPE_CHECKING, Any

from segvspers.explosion.choice import SegmentChoice, choose, most_templates, start_of

if TYPE_CHECKING:
    from segvspers.explosion.finding import Explosion

CACHED = 64


def explore(found: Explosion, *, attributes: Sequence[str] | None = None, n_templates: int | None = None) -> Any:
    """Return the explorer of an explosion, or the choice that it starts with where ipywidgets is missing.

    Parameters
    ----------
    found
        The explosion; its kept cells are all that is read.
    attributes, n_templates
        Where ticks and slider stand at first.
    """
    chosen, budget = start_of(found, attributes, n_templates)
    first = choose(found, chosen, budget)
    try:
        import ipywidgets  # noqa: F401
    except ImportError:
        return first
    from segvspers.explosion.widgets import build

    cells = functools.lru_cache(maxsize=CACHED)(found.cube.cells)

    @functools.lru_cache(maxsize=CACHED)
    def chosen_at(names: tuple[str, ...], templates: int) -> SegmentChoice:
        return choose(found, names, templates, cells=cells(names))

    return build(found.by, first, most=most_templates(found, budget), choose=chosen_at)


def picture(choice: SegmentChoice, *, dpi: int = 80) -> bytes:
    """Return a choice's panels as PNG."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(10.5, 5.2))
    choice.plot(ax=figure.add_axes((0.0, 0.0, 1.0, 1.0)))
    with BytesIO() as file:
        figure.savefig(file, format="png", dpi=dpi)
        return file.getvalue()


def static_html(choice: SegmentChoice) -> str:
    """Return a choice as sentences and picture, for pages in which no widget lives."""
    image = b64encode(picture(choice)).decode("ascii")
    text = html.escape(choice.summary())
    return f'<div><p>{text}</p><img alt="{text}" style="max-width:100%" src="data:image/png;base64,{image}"></div>'
