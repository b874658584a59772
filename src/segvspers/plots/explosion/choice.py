"""One choice of the explorer as four panels, or five with an outcome."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from segvspers._display import count, money, percent
from segvspers.plots.explosion.honest import draw_scores
from segvspers.plots.style import INK, REFERENCE, SERIES, VARIANT_COLOURS, label, new_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def draw_choice(choice: Any, *, ax: Axes | None = None) -> Axes:
    """Draw cells, coverage, cost and what is left inside; with an outcome also what is explained."""
    if ax is None:
        from matplotlib import pyplot as plt

        ax = plt.figure(figsize=(10.5, 5.2)).add_axes((0.0, 0.0, 1.0, 1.0))
    ax.axis("off")
    panels = [_cells, _coverage, _costs, _left]
    columns, wide, gap = (2, 0.36, 0.125) if choice.outcome is None else (3, 0.205, 0.115)
    spots = [(0.115 + column * (wide + gap), bottom) for bottom in (0.585, 0.1) for column in range(columns)]
    if choice.outcome is not None:
        panels = [_cells, _coverage, _scores, _costs, _left]
    for draw, (left, bottom) in zip(panels, spots, strict=False):
        draw(choice, new_axes(ax.inset_axes((left, bottom, wide, 0.33))))
    return ax


def _cells(choice: Any, ax: Axes) -> None:
    names = ["possible", "occupied", f"{choice.minimum_size} or more", f"testable, +{percent(choice.relative_lift, 0)}"]
    values = [choice.n_possible, choice.n_occupied, choice.n_at_minimum, choice.n_testable]
    ax.barh(
        range(4), [max(value, 0.0) for value in values], color=[SERIES[6], SERIES[0], SERIES[2], SERIES[1]], height=0.7
    )
    ax.set_xscale("symlog", linthresh=1)
    ax.set_xlim(0, 8 * max(10.0, choice.n_possible))
    for place, value in enumerate(values):
        ax.annotate(count(value), (value, place), xytext=(4, 0), textcoords="offset points", va="center", fontsize=9)
    ax.set_yticks(range(4), names, fontsize=8)
    ax.set_xticks([])
    ax.invert_yaxis()
    ax.grid(visible=False)
    _named(ax, f"{count(choice.n_occupied)} segments hold somebody")


def _coverage(choice: Any, ax: Axes) -> None:
    curve = choice.coverage
    ax.plot(curve["n_cells"], curve["share"], color=SERIES[0], linewidth=2)
    ax.plot(max(1, choice.n_own), choice.share_own, "o", color=SERIES[1], markersize=8)
    ax.axvline(max(1, choice.n_own), color=SERIES[1], linewidth=1)
    ax.set_xscale("log")
    ax.set_xlim(0.9, max(2, choice.n_occupied) * 1.2)
    ax.set_ylim(0, 1.05)
    ax.xaxis.set_major_formatter(lambda value, _: count(value))
    ax.yaxis.set_major_formatter(lambda value, _: percent(value, 0))
    _named(
        ax, f"{percent(choice.share_own, 0)} of the list get their segment's email", "templates, largest segments first"
    )


def _costs(choice: Any, ax: Axes) -> None:
    values = [choice.templates_usd, choice.emails_usd]
    ax.barh(range(2), values, color=[VARIANT_COLOURS["segment"], VARIANT_COLOURS["individual"]], height=0.6)
    top = max(*values, 1.0)
    ax.set_xlim(0, 1.35 * top)
    for place, value in enumerate(values):
        ax.annotate(
            money(value, digits=0), (value, place), xytext=(4, 0), textcoords="offset points", va="center", fontsize=9
        )
    ax.set_yticks(range(2), [f"{count(choice.n_own)} templates", "one email each"], fontsize=8)
    ax.set_xticks([])
    ax.invert_yaxis()
    ax.grid(visible=False)
    crossing = (
        f"both cost the same at S* = {count(choice.n_crossing)}"
        if math.isfinite(choice.n_crossing)
        else "templates cost nothing"
    )
    _named(ax, f"cost, USD: {crossing}")


def _left(choice: Any, ax: Axes) -> None:
    known = math.isfinite(choice.difference_left)
    ax.barh([0, 1], [1.0, choice.difference_left if known else 0.0], color=[REFERENCE, SERIES[0]], height=0.6)
    ax.set_xlim(0, 1.25)
    for place, value in enumerate((1.0, choice.difference_left)):
        ax.annotate(
            percent(value, 0),
            (value if known or not place else 0, place),
            xytext=(4, 0),
            textcoords="offset points",
            va="center",
            fontsize=9,
        )
    ax.set_yticks([0, 1], ["two of the list", "two with the\nsame template"], fontsize=8)
    ax.set_xticks([])
    ax.invert_yaxis()
    ax.grid(visible=False)
    _named(ax, "how different two people still are")


def _scores(choice: Any, ax: Axes) -> None:
    scores = choice.scores[choice.scores["explained"].notna()] if len(choice.scores) else choice.scores
    if len(scores):
        draw_scores(scores, ax)
    if choice.attributes and math.isfinite(choice.explained):
        ax.plot(choice.n_occupied, choice.explained, "o", color=SERIES[1], markersize=9, markeredgecolor=INK)
    _named(ax, f"explains {percent(choice.explained, 1)} of {choice.outcome}", "segments (grey: as it seems in sample)")


def _named(ax: Axes, title: str, x: str = "") -> None:
    label(ax, title="", x=x).set_title(title, loc="left", fontsize=9.5, color=INK)
