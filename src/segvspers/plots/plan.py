"""Pictures of a test plan."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from segvspers._display import count, percent, points
from segvspers.plots.style import SERIES, label, new_axes, reference_line

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def draw_plan(plan: Any, *, ax: Axes | None = None) -> Axes:
    """Draw power against contacts an arm, with the plan's own point."""
    ax = new_axes(ax)
    curve = plan.curve
    ax.plot(curve["n_per_arm"], curve["power"] * 100, color=SERIES[0], linewidth=2)
    ax.plot([plan.n_per_arm], [_at(curve, plan.n_per_arm) * 100], "o", color=SERIES[1], markersize=8)
    reference_line(ax, plan.power * 100, text=f"planned power {percent(plan.power, 0)}", axis="y")
    ax.set_xscale("log")
    ax.set_ylim(0, 102)
    top, low = curve["n_per_arm"].max(), curve["n_per_arm"].min()
    ticks = [n * 10**k for k in range(9) for n in (1, 2, 5) if low * 0.8 <= n * 10**k <= top * 1.1]
    ax.set_xticks(ticks, [count(n) for n in ticks])
    ax.set_xticks([], minor=True)
    title = (
        f"{count(plan.n_per_arm)} contacts an arm find {points(plan.lift)} on {percent(plan.reply_rate, 1)} "
        f"in {percent(_at(curve, plan.n_per_arm), 0)} of tests"
    )
    return label(ax, title=title, x="contacts an arm (log scale)", y="power, per cent")


def _at(curve: Any, n: int) -> float:
    import numpy as np

    return float(np.interp(np.log(n), np.log(curve["n_per_arm"].to_numpy(dtype=float)), curve["power"]))
