"""Picture of what is known of a list."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from segvspers._display import count, percent
from segvspers.plots.style import VARIANT_COLOURS, label, new_axes, reference_line

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ROUTES = {"individual": "individual email", "segment": "segment's email", "hold": "no email"}
COLOURS = {
    "individual": VARIANT_COLOURS["individual"],
    "segment": VARIANT_COLOURS["segment"],
    "hold": VARIANT_COLOURS["holdout"],
}
MOST_BARS = 40


def draw_bits_known(found: Any, *, ax: Axes | None = None) -> Axes:
    """Draw contacts by bits known, stacked by the email they get; the last bar holds the best-known hundredth."""
    import numpy as np

    ax = new_axes(ax)
    bits = found.contacts["bits"].to_numpy(dtype=float)
    needed = found.bits_needed
    top = max(float(np.quantile(bits, 0.99)), 0.0 if math.isinf(needed) else needed, 1.0)
    width = max(1, math.ceil(top / MOST_BARS))
    edges = np.arange(0, math.ceil(top / width) * width + width + 1, width)
    clipped = np.minimum(bits, edges[-1] - width / 2)
    route = found.contacts["route"].to_numpy()
    drawn = [name for name in ROUTES if (route == name).any()]
    ax.hist(
        [clipped[route == name] for name in drawn], bins=edges.tolist(), stacked=True, color=[COLOURS[name] for name in drawn],
        label=[f"{ROUTES[name]}: {count((route == name).sum())}" for name in drawn], edgecolor="white", linewidth=0.4,
    )  # fmt: skip
    if not math.isinf(needed):
        reference_line(ax, needed, text=f"{needed:g} bits needed")
    ax.set_xlim(0, edges[-1])
    ax.legend(frameon=False, fontsize=8, loc="upper right")
    title = f"{percent(found.share_individual, 0)} of {count(found.n_contacts)} contacts are known well enough for an email of their own"
    if math.isinf(needed):
        title = f"A {found.campaign_type} is for everybody: the middle contact is known by {found.median_bits:.0f} bits"
    return label(
        ax,
        title=title,
        x="bits known of a contact (sum over the facts to write from)",
        y=f"contacts per {width} bit{'s' * (width > 1)}",
    )
