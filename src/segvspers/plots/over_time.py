"""Pictures of results in time: reply curves, and a test watched while it runs."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from segvspers._display import percent, points
from segvspers.plots.style import INK, REFERENCE, label, new_axes, reference_line, variant_colour

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def draw_curves(found: Any, *, ax: Axes | None = None) -> Axes:
    """Draw the share of contacts who had replied by each day after the email, with its interval."""
    ax = new_axes(ax)
    for variant, role in ((found.control, "control"), (found.treatment, "treatment")):
        rows = found.curves[found.curves["variant"] == variant]
        colour = variant_colour(variant, role=role)
        days = [0.0, *rows["day"], found.horizon_days]
        rate = [0.0, *rows["reply_rate"]]
        low, high = [0.0, *rows["rate_low"]], [0.0, *rows["rate_high"]]
        steps = [*rate, rate[-1]]
        ax.step(days, steps, where="post", color=colour, linewidth=1.8)
        ax.fill_between(days, [*low, low[-1]], [*high, high[-1]], step="post", color=colour, alpha=0.15, linewidth=0)
        text = f"{variant} {percent(rate[-1], 2)}"
        ax.annotate(text, (found.horizon_days, rate[-1]), xytext=(4, 0), textcoords="offset points", fontsize=9, color=colour,
                    va="bottom" if variant == _upper(found) else "top")  # fmt: skip
    reference_line(ax, found.horizon_days, text="")
    ax.set_xlim(0, found.horizon_days * 1.22)
    ax.set_ylim(bottom=0)
    ax.yaxis.set_major_formatter(lambda value, _: percent(value, 1))
    title = f"By day {found.horizon_days:.3g} the lift is {points(found.lift)}"
    if not (found.lift_low > 0 or found.lift_high < 0):
        title += ", not told apart from zero"
    return label(ax, title=title, x="days after the email", y="contacts who replied")


def _upper(found: Any) -> str:
    return found.treatment if found.rate_treatment >= found.rate_control else found.control


def draw_monitor(found: Any, *, ax: Axes | None = None) -> Axes:
    """Draw the lift at each look with the sequence that may be watched, and the interval that may not."""
    ax = new_axes(ax)
    looks = found.looks
    days = looks["day"]
    colour = variant_colour(found.treatment)
    ax.fill_between(days, looks["lift_low"] * 100, looks["lift_high"] * 100, color=colour, alpha=0.18, linewidth=0,
                    label="always valid")  # fmt: skip
    for end in ("fixed_low", "fixed_high"):
        ax.plot(days, looks[end] * 100, color=REFERENCE, linewidth=1, linestyle=":",
                label="valid at one look only" if end == "fixed_low" else None)  # fmt: skip
    ax.plot(days, looks["lift"] * 100, color=colour, linewidth=1.8, marker="o", markersize=3, label="lift")
    reference_line(ax, 0.0, text="no difference", axis="y")
    if found.peeked_day == found.peeked_day:  # not nan
        row = looks[looks["day"] == found.peeked_day].iloc[0]
        ax.plot(found.peeked_day, row["lift"] * 100, "x", color=INK, markersize=9)
        ax.annotate("peeking stops here", (found.peeked_day, row["lift"] * 100), xytext=(6, 10), textcoords="offset points",
                    fontsize=8, color=INK)  # fmt: skip
    shown = looks[["fixed_low", "fixed_high"]].iloc[len(looks) // 3 :].abs().max(axis=None) * 100
    if math.isfinite(shown):
        ax.set_ylim(-3 * shown, 3 * shown)  # the first looks are too wide to show whole
    ax.legend(frameon=False, fontsize=8, loc="upper right")
    titles = {"stop": "The sequence excludes zero: the test may stop", "go on": "No look allows to stop yet"}
    x = "day of the test" if found.window_days == 0 else f"day of the test; replies within {found.window_days:.3g} days"
    return label(ax, title=titles[found.advice], x=x, y="lift, percentage points")
