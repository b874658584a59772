"""Pictures of sends that were not randomised: how alike both groups were, before and after weighting."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from segvspers.plots.style import REFERENCE, label, new_axes, reference_line, variant_colour

if TYPE_CHECKING:
    from matplotlib.axes import Axes

N_SHOWN, BALANCED = 15, 0.1


def draw_balance(found: Any, *, ax: Axes | None = None) -> Axes:
    """Draw the standardised difference of each covariate before and after weighting (a Love plot)."""
    rows = found.balance.head(N_SHOWN).iloc[::-1]
    ax = new_axes(ax, height=1.4 + 0.28 * len(rows))
    places = range(len(rows))
    for place, (before, after) in enumerate(zip(rows["before"].abs(), rows["after"].abs(), strict=True)):
        ax.plot([before, after], [place, place], color=REFERENCE, linewidth=0.8, zorder=1)
    ax.scatter(rows["before"].abs(), places, color=REFERENCE, s=28, label="as it stands", zorder=2)
    ax.scatter(rows["after"].abs(), places, color=variant_colour("segment"), s=28, label="weighted", zorder=3)
    ax.set_yticks(list(places), [name.replace("_", " ") for name in rows["covariate"]])
    reference_line(ax, BALANCED, text="0.1")
    ax.set_xlim(left=0)
    ax.legend(frameon=False, fontsize=8, loc="lower right")
    n = int((found.balance["after"].abs() > BALANCED).sum())
    title = (
        "Weighted, both groups are alike in what was recorded"
        if not n
        else f"{n} covariates still differ after weighting"
    )
    return label(ax, title=title, x="standardised difference of the two groups, absolute")
