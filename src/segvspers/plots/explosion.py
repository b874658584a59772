"""Pictures of an explosion of segments."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from segvspers._display import count, percent
from segvspers.plots.style import SERIES, label, new_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def draw_growth(found: Any, *, ax: Axes | None = None) -> Axes:
    """Draw possible, occupied and testable cells as attributes are added, and contacts per cell."""
    ax = new_axes(ax)
    steps = found.growth[found.growth["order"] == "given"]
    x = range(len(steps))
    series = {
        "possible": ("n_possible", SERIES[6]),
        "occupied": ("n_occupied", SERIES[0]),
        f"of {found.minimum_size} contacts or more": ("n_at_minimum", SERIES[2]),
        f"testable for a lift of {percent(found.relative_lift, 0)}": ("n_testable", SERIES[1]),
    }
    below = {"n_possible": 2, "n_occupied": -9}  # two numbers that are often close step apart
    for name, (column, colour) in series.items():
        ax.plot(x, steps[column], marker="o", color=colour, label=name, linewidth=1.8)
        value = steps[column].iloc[-1]
        ax.annotate(
            count(value),
            (len(steps) - 1, value),
            xytext=(7, below.get(column, -3)),
            textcoords="offset points",
            color=colour,
            fontsize=9,
        )
    ax.set_yscale("symlog", linthresh=1)
    ax.set_ylim(bottom=-0.2)
    ax.set_xlim(-0.2, len(steps) - 0.55)
    ax.set_xticks(list(x), [("" if i == 0 else "x ") + str(name) for i, name in enumerate(steps["added"])])
    ax.legend(frameon=False, fontsize=8, loc="upper left")
    title = (
        f"{count(found.n_possible)} possible segments, {count(found.n_occupied)} occupied, "
        f"{count(found.n_testable)} testable; the middle one holds {count(found.median_contacts)} contacts"
    )
    return label(ax, title=title, x="attributes crossed", y="segments (log scale)")
