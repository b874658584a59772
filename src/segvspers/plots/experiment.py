"""Drawings of comparisons: lifts with their intervals against zero, and group by group."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from segvspers._display import percent
from segvspers.plots.style import INK, REFERENCE, label, new_axes, reference_line, variant_colour

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
    x = f"difference in {found.outcome}, percentage points ({percent(found.confidence, 0)} interval)"
    colour = variant_colour(found.treatment)
    return _interval(found.lift, found.lift_low, found.lift_high, 100, title, detail, x, colour, ax)


def draw_revenue(found: Any, *, ax: Axes | None = None) -> Axes:
    """Draw the difference in revenue per contact with its interval."""
    told = found.lift_low > 0 or found.lift_high < 0
    more = "more" if found.lift > 0 else "less"
    title = (
        f"{found.treatment} brings {more} revenue a contact than {found.control}" if told
        else "The difference in revenue can't be told from zero"
    )  # fmt: skip
    detail = f"${found.mean_treatment:,.2f} against ${found.mean_control:,.2f} a contact"
    x = f"difference in revenue per contact, dollars ({percent(found.confidence, 0)} interval)"
    return _interval(
        found.lift, found.lift_low, found.lift_high, 1, title, detail, x, variant_colour(found.treatment), ax
    )


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
    colour = variant_colour(found.treatment)
    ax.hlines(places + 0.16, table["lift_low"] * 100, table["lift_high"] * 100, color=REFERENCE, linewidth=1.4)
    ax.plot(table["lift"] * 100, places + 0.16, "o", color=REFERENCE, markersize=4, label="as seen")
    ax.hlines(places - 0.16, table["shrunk_low"] * 100, table["shrunk_high"] * 100, color=colour, linewidth=2.4)
    ax.plot(
        table["lift_shrunk"] * 100,
        places - 0.16,
        "o",
        color=colour,
        markersize=6,
        label="shrunken to the mean",
    )
    names = [f"{row.group} ({row.n_control + row.n_treatment:,})" for row in table.itertuples()]
    ax.set_yticks(places, names)
    reference_line(ax, 0, text="")
    ax.legend(fontsize=8, frameon=False, ncol=2, loc="upper left", bbox_to_anchor=(0, -0.55 / (1 + 0.34 * len(table))))
    gains = int((table["shrunk_low"] > 0).sum())
    title = (
        f"{gains} of {len(table)} groups surely gain, once shrunken"
        if gains
        else "No group surely gains, once shrunken"
    )
    return label(ax, title=title, x="difference in reply rate, percentage points")
