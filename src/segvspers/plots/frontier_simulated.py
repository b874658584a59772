"""Pictures of the frontier of an assumed world; every one says that it is simulated."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from segvspers._display import money, percent
from segvspers.plots.style import REFERENCE, SERIES, as_text, label, new_axes, reference_line, variant_colour

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WORDS = {"segments": "segments are enough", "individual": "individual email for all", "hybrid": "individual where rich"}


def draw_types(found: Any, *, ax: Axes | None = None) -> Axes:
    """Draw the net gain of individual emails and of the hybrid over the best segments, by type of campaign."""
    rows = found.verdicts.iloc[::-1].reset_index(drop=True)
    ax = new_axes(ax, width=8.0, height=1.6 + 0.45 * len(rows))
    own = rows["individual_gain_usd"]
    hybrid = rows["net_hybrid_usd"] - rows["net_segments_usd"]
    ax.hlines(rows.index, own, hybrid, color=REFERENCE, linewidth=1.0, zorder=1)
    ax.scatter(
        own,
        rows.index,
        color=variant_colour("individual"),
        marker="D",
        s=34,
        label="individual email for all",
        zorder=2,
    )
    ax.scatter(
        hybrid, rows.index, color=SERIES[3], marker="P", s=52, label="individual where the record is rich", zorder=3
    )
    far = max(own.max(), hybrid.max(), 0.0)
    width = far - min(own.min(), 0.0) or 1.0
    for place, row in rows.iterrows():
        ax.annotate(WORDS[row["verdict"]], (far + 0.04 * width, place), fontsize=8, va="center")
    ax.set_yticks(
        list(rows.index), [f"{row['campaign_type']}\n(best: {row['k_best']} segments)" for _, row in rows.iterrows()]
    )
    ax.set_xlim(min(own.min(), 0.0) - 0.05 * width, far + 0.36 * width)
    ax.set_ylim(-0.6, len(rows) - 0.1)
    reference_line(ax, 0.0, text="best segments")
    ax.legend(frameon=False, fontsize=8, loc="upper center", bbox_to_anchor=(0.45, -0.16), ncols=2)
    n = int((rows["verdict"] == "segments").sum())
    title = f"SIMULATED: segments are enough in {n} of {len(rows)} types of campaign"
    return label(ax, title=title, x="net value over the best segments, dollars a contact")


def draw_world_curve(found: Any, name: str, *, ax: Axes | None = None) -> Axes:
    """Draw reply rates against the number of segments for one type of campaign."""
    ax = new_axes(ax, width=8.4, height=4.8)
    rows = found.values[found.values["campaign_type"] == name]
    segments, hybrid = (rows[rows["policy"] == policy] for policy in ("segments", "hybrid"))
    single = rows.set_index("policy")["value"]
    end = float(segments["k"].max()) * 1.9
    ax.plot(
        segments["k"],
        segments["value"] * 100,
        color=variant_colour("segment"),
        marker="o",
        markersize=5,
        label="k segments",
    )
    if hybrid["share_individual"].max() > 0:
        ax.plot(hybrid["k"], hybrid["value"] * 100, color=SERIES[3], marker="P", markersize=5,
                label="individual where it pays, k segments elsewhere")  # fmt: skip
    ax.scatter([end], [single["individual"] * 100], color=variant_colour("individual"), marker="D", s=46, zorder=3,
               label="individual email for all")  # fmt: skip
    ax.scatter([end], [single["individual, facts right"] * 100], facecolors="none", edgecolors=variant_colour("individual"),
               marker="D", s=46, zorder=3, label="the same, were no fact wrong")  # fmt: skip
    ax.axhline(
        single["all known"] * 100, color=REFERENCE, linestyle=":", linewidth=1.2, label="were all known of everybody"
    )
    reference_line(ax, float(segments["value"].iloc[0]) * 100, text="one blast", axis="y")
    ax.set_xscale("log", base=2)
    ax.minorticks_off()
    ax.set_xticks([*segments["k"], end], [*(str(int(k)) for k in segments["k"]), "individual"])
    ax.legend(frameon=False, fontsize=8, loc="upper center", bbox_to_anchor=(0.5, -0.14), ncols=3)
    row = found.verdicts.set_index("campaign_type").loc[name]
    told = WORDS[row["verdict"]]
    if row["verdict"] == "hybrid":
        told += f" ({percent(row['share_individual'], 0)})"
    if row["verdict"] != "segments":
        told += f", +{money(row['gain_usd'], digits=3)} a contact net over {row['k_best']} segments"
    return label(ax, title=as_text(f"SIMULATED, {name}: {told}"), x="segments, one template each",
                 y="reply rate, per cent of contacts")  # fmt: skip
