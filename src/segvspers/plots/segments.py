"""Pictures of a segmentation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from segvspers._display import count, percent, plural
from segvspers.plots.style import SERIES, label, new_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_BARS = 20


def draw_sizes(found: Any, *, ax: Axes | None = None) -> Axes:
    """Draw contacts of each segment, largest first, by name."""
    shown = found.segments.head(MOST_BARS)
    ax = new_axes(ax, height=1.2 + 0.32 * len(shown))
    places = range(len(shown))
    ax.barh(places, shown["n_contacts"], color=SERIES[0], height=0.7)
    names = [f"{name} ({segment})" for name, segment in zip(shown["segment_name"], shown["segment_id"], strict=True)]
    ax.set_yticks(list(places), names)
    ax.invert_yaxis()
    ax.grid(visible=False, axis="y")
    for place, (n, share) in enumerate(zip(shown["n_contacts"], shown["share"], strict=True)):
        ax.annotate(
            f"{count(n)} ({percent(share, 0)})",
            (n, place),
            xytext=(4, 0),
            textcoords="offset points",
            va="center",
            fontsize=8,
        )
    ax.margins(x=0.15)
    top = shown.iloc[0]
    title = f"{plural(found.n_segments, 'segment')}; the largest holds {percent(top['share'], 0)} of the list"
    return label(ax, title=title, x="contacts")
