"""Picture of the health of a test."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

from segvspers.plots.style import INK, label, new_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Shape and word carry the status as well as colour.
MARKS = {
    "Pass": ("o", "#009E73"),
    "Review": ("^", "#E69F00"),
    "Fail": ("X", "#D55E00"),
    "Not checked": (".", "#888888"),
}


def draw_health(found: Any, *, ax: Axes | None = None) -> Axes:
    """Draw one line a check: mark, status, figure."""
    rows = list(found.checks.itertuples())
    ax = new_axes(ax, width=9.0, height=0.34 * len(rows) + 0.9)
    for place, row in enumerate(rows):
        marker, colour = MARKS[row.status]
        ax.plot([0.02], [place], marker, color=colour, markersize=9)
        ax.text(0.04, place, row.status, va="center", fontsize=9, color=INK)
        ax.text(0.16, place, row.check, va="center", fontsize=9, color=INK, weight="bold")
        ax.text(0.42, place, textwrap.shorten(row.figure, 88), va="center", fontsize=8.5, color=INK)
    ax.set_xlim(0, 1.12)
    ax.set_ylim(len(rows) - 0.4, -0.6)
    ax.grid(visible=False)
    ax.set_xticks([])
    ax.set_yticks([])
    for side in ax.spines.values():
        side.set_visible(False)
    n_bad = int(found.checks["status"].isin(["Review", "Fail"]).sum())
    said = "all checks pass" if n_bad == 0 else f"{n_bad} of {len(rows)} checks need a look"
    stamp = " (SIMULATED)" if found.evidence == "simulated" else ""
    return label(ax, title=f"Health {found.status}: {said}{stamp}")
