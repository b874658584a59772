"""The widgets of the explorer; loaded only where ipywidgets is installed."""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence
from typing import Any

import ipywidgets

from segvspers.explosion.choice import SegmentChoice
from segvspers.explosion.explore import picture, static_html


class Explorer(ipywidgets.VBox):
    """Ticks, a slider, sentences and panels; where widgets can't live, a page shows the first choice instead."""

    def __init__(self, children: Sequence[Any], first: SegmentChoice) -> None:
        super().__init__(children)
        self._first = first

    def _repr_mimebundle_(self, **wanted: Any) -> Any:
        shown = super()._repr_mimebundle_(**wanted)
        if isinstance(shown, dict):
            shown["text/html"] = static_html(self._first)
        return shown


def build(
    by: Sequence[str], first: SegmentChoice, *, most: int, choose: Callable[[tuple[str, ...], int], SegmentChoice]
) -> Explorer:
    """Return the explorer: its parts follow every tick and every step of the slider.

    Parameters
    ----------
    by
        The attributes, one tick each.
    first
        What is shown at first.
    most
        End of the slider.
    choose
        What a choice comes to.
    """
    ticks = [
        ipywidgets.Checkbox(value=name in first.attributes, description=name, indent=False, layout={"width": "auto"})
        for name in by
    ]
    budget = ipywidgets.IntSlider(
        value=first.n_templates, min=0, max=most, description="templates written", continuous_update=True,
        style={"description_width": "initial"}, layout={"width": "720px", "max_width": "95%"},
    )  # fmt: skip
    told, shown = ipywidgets.HTML(), ipywidgets.Image(format="png", layout={"max_width": "100%"})

    def redraw(_: Any = None) -> None:
        choice = choose(tuple(tick.description for tick in ticks if tick.value), int(budget.value))
        told.value = f"<p style='line-height:1.4'>{html.escape(choice.summary())}</p>"
        shown.value = picture(choice)

    for part in (*ticks, budget):
        part.observe(redraw, names="value")
    redraw()
    row = ipywidgets.HBox(
        [ipywidgets.HTML("<b>cross</b>"), *ticks], layout={"flex_flow": "row wrap", "grid_gap": "0 14px"}
    )
    return Explorer([row, budget, told, shown], first)
