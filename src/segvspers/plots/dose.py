"""Drawing of replies against bits of personalization."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from segvspers._display import percent, points
from segvspers.plots.style import INK, REFERENCE, SERIES, as_text, label, new_axes, variant_colour

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SHARE = 0.17  # of the height, for the counts below


def draw_dose(found: Any, *, ax: Axes | None = None) -> Axes:
    """Draw rates by band of bits, the curve within the treatment, the line by the draw, and who got how many bits."""
    ax = new_axes(ax, width=7.5, height=5.0)
    for role in ("control", "treatment"):
        _draw_bands(found, getattr(found, role), role, ax)
    curves, colour = found.curves, variant_colour(found.treatment)
    own = as_text(found.treatment)
    ax.plot(
        curves["bits"],
        curves["naive"] * 100,
        color=REFERENCE,
        linewidth=1.5,
        linestyle=":",
        label=f"within {own}, as it stands",
    )
    if curves["adjusted"].notna().any():
        ax.plot(curves["bits"], curves["adjusted"] * 100, color=colour, linewidth=1.8, label=f"within {own}, adjusted")
        ax.fill_between(
            curves["bits"],
            curves["adjusted_low"] * 100,
            curves["adjusted_high"] * 100,
            color=colour,
            alpha=0.13,
            linewidth=0,
        )
    if np.isfinite(found.slope):
        line = [(found.rate_control + slope * (curves["bits"] - found.bits_control)) * 100
                for slope in (found.slope, found.slope_low, found.slope_high)]  # fmt: skip
        ax.plot(curves["bits"], line[0], color=SERIES[2], linewidth=2.2, linestyle="--", label="by the draw alone")
        ax.fill_between(curves["bits"], line[1], line[2], color=SERIES[2], alpha=0.12, linewidth=0)
    _leave_room(found, ax)
    _draw_counts(found, ax)
    ax.legend(frameon=False, fontsize=8, loc="upper left", ncol=2)
    stamp = "SIMULATED. " if found.evidence == "simulated" else ""
    return label(ax, title=as_text(stamp + _title(found)), x="bits of personalization of the email received",
                 y=f"{as_text(_spoken(found.outcome))}, per cent ({percent(found.confidence, 0)} intervals)")  # fmt: skip


def _draw_bands(found: Any, variant: str, role: str, ax: Axes) -> None:
    rows = found.bands[found.bands["variant"] == variant]
    colour, rate = variant_colour(variant, role=role), rows["rate"] * 100
    ends = [rate - rows["rate_low"] * 100, rows["rate_high"] * 100 - rate]
    ax.errorbar(rows["bits"], rate, yerr=np.maximum(np.array(ends), 0), fmt="o" if role == "treatment" else "s", color=colour, markersize=5,
                linewidth=1.2, label=f"{as_text(variant)}, by band of bits")  # fmt: skip


def _leave_room(found: Any, ax: Axes) -> None:
    """Give points and curves the upper part, so that the counts stand below them; no rate is below zero."""
    tops = [found.bands["rate_high"].max(), found.curves["naive"].max(), found.curves["adjusted_high"].quantile(0.8)]
    top = float(np.nanmax(tops)) * 100 * 1.35
    ax.set_ylim(-top * SHARE / (1 - SHARE), top)
    ax.set_yticks([tick for tick in ax.get_yticks() if 0 <= tick <= top])
    ax.axhline(0.0, color=REFERENCE, linewidth=1.0)


def _draw_counts(found: Any, ax: Axes) -> None:
    counts = found.doses
    below = ax.inset_axes((0, 0, 1, SHARE * 0.92), sharex=ax)
    below.axis("off")
    middle = (counts["bits_low"] + counts["bits_high"]) / 2
    width = float(counts["bits_high"].iloc[0] - counts["bits_low"].iloc[0])
    for role in ("control", "treatment"):
        height = counts[f"n_{role}"] / max(counts[f"n_{role}"].sum(), 1)
        below.bar(
            middle,
            np.sqrt(height),
            width=width * 0.9,
            color=variant_colour(getattr(found, role), role=role),
            alpha=0.45,
        )
    below.set_ylim(0, None)
    below.annotate(
        "contacts (square-root scale)",
        (1.0, 0.97),
        xycoords="axes fraction",
        ha="right",
        va="top",
        fontsize=7.5,
        color=INK,
    )


def _title(found: Any) -> str:
    if not np.isfinite(found.slope):
        return f"What a bit does can't be told; as it stands it goes with {points(found.naive_slope)}"
    span = f"{points(found.slope_low)} to {points(found.slope_high)}"
    return f"A bit more moves replies by {points(found.slope)} by the draw ({span});\nas the table stands, {points(found.naive_slope)}"


def _spoken(outcome: str) -> str:
    return "reply rate" if outcome == "replied" else outcome.replace("_", " ")
