"""Drawings of comparisons: lifts with their intervals against zero, and group by group."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from segvspers._display import percent
from segvspers.plots.style import INK, REFERENCE, as_text, label, new_axes, reference_line, variant_colour

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def draw_lift(found: Any, *, ax: Axes | None = None) -> Axes:
    """Draw the lift of a comparison in percentage points with its interval."""
    title = (
        f"{found.treatment} replies {'more' if found.lift > 0 else 'less'} often than {found.control}"
        if found.lift_low > 0 or found.lift_high < 0
        else f"{found.treatment} and {found.control} can't be told apart"
    )
    rates = [percent(found.rate_treatment, 2), percent(found.rate_control, 2)]
    detail = f"{rates[0]} of {found.n_treatment:,} against {rates[1]} of {found.n_control:,}"
    what = "reply rate" if found.outcome == "replied" else as_text(found.outcome.replace("_", " "))
    x = f"difference in {what}, percentage points ({percent(found.confidence, 0)} interval)"
    colour = variant_colour(found.treatment)
    drawn = _interval(found.lift, found.lift_low, found.lift_high, 100, as_text(title), detail, x, colour, ax)
    if found.margin > 0:
        reference_line(drawn, -100 * found.margin, text="margin")
        drawn.set_xlim(min(drawn.get_xlim()[0], -115 * found.margin), None)
    return drawn


def draw_revenue(found: Any, *, ax: Axes | None = None) -> Axes:
    """Draw the difference in revenue per contact with its interval, and below it the other ways to look at it."""
    more = "more" if found.lift > 0 else "less"
    title = (
        f"{found.treatment} brings {more} revenue a contact than {found.control}"
        if found.significant
        else "The difference in revenue can't be told from zero"
    )
    x = f"difference in revenue per contact, dollars ({percent(found.confidence, 0)} interval)"
    views = found.views.dropna(subset=["lift_low"])
    chosen = "adjusted" if found.covariates else "as it is"
    ax = new_axes(ax, height=1.3 + 0.42 * len(views))
    reference_line(ax, 0, text="no difference")
    colour = variant_colour(found.treatment)
    for place, view in enumerate(views.itertuples()):
        main = view.view == chosen
        ax.hlines(
            -place, view.lift_low, view.lift_high, color=colour if main else REFERENCE, linewidth=3 if main else 1.6
        )
        ax.plot([view.lift], [-place], "o", color=colour if main else REFERENCE, markersize=8 if main else 5)
        ax.annotate(f"{view.lift:+,.2f}", (view.lift, -place), xytext=(0, 7), textcoords="offset points", ha="center",
                    fontsize=8.5, color=INK)  # fmt: skip
    names = [f"{view.view} ({as_text(view.what)})" if view.what else view.view for view in views.itertuples()]
    ax.set_yticks([-place for place in range(len(views))], names)
    ax.set_ylim(-len(views) + 0.4, 0.75)
    ax.grid(visible=False, axis="y")
    return label(ax, title=as_text(title), x=x)


def _interval(
    value: float,
    low: float,
    high: float,
    scale: float,
    title: str,
    detail: str,
    x: str,
    colour: str,
    ax: Axes | None,
) -> Axes:
    ax = new_axes(ax, height=2.2)
    reference_line(ax, 0, text="no difference")
    ax.plot([low * scale, high * scale], [0, 0], color=colour, linewidth=3, solid_capstyle="round")
    ax.plot([value * scale], [0], "o", color=colour, markersize=9)
    ax.annotate(f"{value * scale:+.2f}", (value * scale, 0), xytext=(0, 10), textcoords="offset points", ha="center")
    ax.annotate(detail, (0.99, 0.06), xycoords="axes fraction", ha="right", fontsize=8.5, color=INK)
    ax.set_yticks([])
    ax.set_ylim(-1, 1)
    ends = [low * scale, high * scale, 0.0]
    pad = 0.15 * (max(ends) - min(ends))
    ax.set_xlim(min(ends) - pad, max(ends) + pad)
    return label(ax, title=title, x=x)


def draw_groups(found: Any, *, ax: Axes | None = None) -> Axes:
    """Draw the lift of each group as seen (light) and shrunken (dark), largest on top."""
    table = found.groups.sort_values("lift_shrunk")
    ax = new_axes(ax, height=1.4 + 0.34 * len(table))
    places = np.arange(len(table))
    scale, colour = 100 if found.kind == "rate" else 1, variant_colour(found.treatment)
    ax.hlines(places + 0.16, table["lift_low"] * scale, table["lift_high"] * scale, color=REFERENCE, linewidth=1.4)
    ax.plot(table["lift"] * scale, places + 0.16, "o", color=REFERENCE, markersize=4, label="as seen")
    ax.hlines(places - 0.16, table["shrunk_low"] * scale, table["shrunk_high"] * scale, color=colour, linewidth=2.4)
    shrunken = table["lift_shrunk"] * scale
    ax.plot(shrunken, places - 0.16, "o", color=colour, markersize=6, label="shrunken to the mean")
    names = [f"{as_text(row.group)} ({row.n_control + row.n_treatment:,})" for row in table.itertuples()]
    ax.set_yticks(places, names)
    reference_line(ax, 0, text="")
    ax.legend(fontsize=8, frameon=False, ncol=2, loc="upper left", bbox_to_anchor=(0, -0.55 / (1 + 0.34 * len(table))))
    gains = int((table["shrunk_low"] > 0).sum())
    title = (
        f"{gains} of {len(table)} groups surely gain, once shrunken"
        if gains
        else "No group surely gains, once shrunken"
    )
    unit = "reply rate, percentage points" if found.kind == "rate" else "revenue per contact, dollars"
    return label(ax, title=title, x=f"difference in {unit}")
