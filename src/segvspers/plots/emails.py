"""Drawings of emails: how personal each variant is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from segvspers.plots.style import INK, label, new_axes, variant_colour

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes


def draw_bits(variants: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Draw the median and the 90th percentile of bits, a bar a variant."""
    ax = new_axes(ax, height=1.2 + 0.6 * len(variants))
    ordered = variants.sort_values("median_bits")
    places = range(len(ordered))
    colours = [variant_colour(name) for name in ordered["variant"]]
    ax.barh(list(places), ordered["median_bits"], color=colours, height=0.55)
    ax.scatter(ordered["bits_90"], list(places), color=INK, marker="|", s=160, zorder=3, label="90th percentile")
    ax.set_yticks(
        list(places),
        [f"{row.variant}\nmedian {row.median_bits:.1f}" for row in ordered.itertuples()],
    )
    ax.legend(fontsize=8, frameon=False, loc="lower right")
    ax.set_xlim(0, max(1.0, float(ordered["bits_90"].max()) * 1.12))
    best = ordered.iloc[-1]
    title = f"The median {best['variant']} email is true of 1 contact in {2 ** best['median_bits']:,.0f}"
    return label(ax, title=title, x="bits of personalization (0: true of everybody)")


def draw_clusters(clusters: pd.DataFrame, *, n_emails: int, ax: Axes | None = None) -> Axes:
    """Draw how many emails stand in groups of each size."""
    import pandas as pd

    ax = new_axes(ax)
    edges = [2, 3, 5, 10, 30, 100, max(101, n_emails + 1)]
    names = ["2", "3 to 4", "5 to 9", "10 to 29", "30 to 99", "100 and more"]
    sizes = pd.cut(clusters["n_alike"], bins=edges, labels=names, right=False)
    counts = sizes.value_counts().reindex(names, fill_value=0)
    ax.bar(names, counts.to_numpy(), color=INK, width=0.6)
    for place, n in enumerate(counts):
        ax.annotate(f"{n:,}", (place, n), xytext=(0, 3), textcoords="offset points", ha="center", fontsize=9)
    share = len(clusters) / n_emails if n_emails else 0.0
    return label(
        ax, title=f"{share:.1%} of {n_emails:,} emails are like another one", x="emails in the group", y="emails"
    )
