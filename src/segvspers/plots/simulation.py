"""Pictures of simulated tests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from segvspers._display import percent, points
from segvspers.plots.style import SERIES, label, new_axes, reference_line

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def draw_tests(found: Any, *, ax: Axes | None = None) -> Axes:
    """Draw the lifts stated by many tests: all of them, and those that would be called significant."""
    ax = new_axes(ax)
    lifts = found.draws["lift"].to_numpy() * 100
    called = ((found.draws["lift_low"] > 0) | (found.draws["lift_high"] < 0)).to_numpy()
    low, high = np.quantile(lifts, [0.0005, 0.9995])
    edges: Any = np.linspace(float(low), float(high), 46)
    if edges[0] == edges[-1]:
        edges = np.linspace(edges[0] - 1, edges[0] + 1, 11)
    ax.hist(lifts, edges, color="#BFD7EA", label="all tests")
    ax.hist(lifts[called], edges, color=SERIES[1], label="interval leaves out zero")
    ax.set_ylim(top=ax.get_ylim()[1] * 1.18)
    reference_line(ax, 0.0, text="no lift")
    if found.true_lift:
        ax.axvline(found.true_lift * 100, color=SERIES[2], linewidth=1.8, label="true lift")
    ax.legend(frameon=False, fontsize=8, loc="upper right")
    if found.true_lift:
        title = f"{percent(found.rejected_share, 0)} of tests find the lift of {points(found.true_lift)}"
        title += "" if np.isnan(found.exaggeration) else f"; those state {found.exaggeration:.2f} times its size"
    else:
        title = f"With no lift {percent(found.rejected_share)} of tests declare one"
    return label(ax, title=f"SIMULATED: {title}", x="lift stated, percentage points", y="tests")
