"""Pictures of the value frontier: outcome per contact against templates, individual email at the right end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from segvspers._display import percent
from segvspers.plots.style import INK, REFERENCE, SERIES, as_text, label, new_axes, reference_line, variant_colour

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

TALLEST = 1.5
COLUMNS = {"value": "value", "lift": "lift", "net": "net_usd"}


def draw_curve(found: Any, *, title: str, view: str, ax: Axes | None = None) -> Axes:
    """Draw values, gains over one blast or net values of k templates with their band, and of individual emails."""
    ax = new_axes(ax, width=8.2, height=5.0)
    if view == "net" and not found.priced:
        return _nothing(ax, "No net values: give reply_value_usd= (and costs)", "templates")
    rows, scale = _scaled(found, view)
    templates = rows[rows["policy"] == "templates"]
    end = int(templates["k"].max()) + max(1.2, 0.12 * len(templates))
    _templates(ax, templates)
    _trees(ax, rows)
    tops = [templates["band_high"].max(), *_individual(ax, rows, end)]
    if view != "lift":
        _naive(ax, rows, templates, max(tops), found, scale)
    none = rows[rows["policy"] == "no email"]
    if len(none) and view == "value":
        ax.axhline(none["y"].iloc[0], color=REFERENCE, linewidth=1.0, linestyle=":", label="no email")
    start = float(templates["y"].iloc[0])
    reference_line(ax, start, text="best blast" if view == "lift" else "", axis="y")
    _ticks(ax, templates, end, has_own=bool(len(rows[rows["policy"] == "individual"])))
    ax.legend(frameon=False, fontsize=8, loc="upper center", bbox_to_anchor=(0.5, -0.13), ncols=3)
    return label(ax, title=as_text(title), x="templates, chosen by segment", y=_unit(found, view))


def _scaled(found: Any, view: str) -> tuple[pd.DataFrame, float]:
    """Return the policies with their height, error bars and band in the units of the axis."""
    rows = found.policies.copy()
    name = COLUMNS[view]
    scale = 100.0 if view != "net" and found.kind == "rate" else 1.0
    stem, unit = ("net", "_usd") if view == "net" else (name, "")
    rows["y"] = rows[name] * scale
    for part in ("low", "high", "band_low", "band_high"):
        rows[part] = rows[f"{stem}_{part}{unit}"] * scale
    price = found.reply_value_usd if view == "net" else scale
    rows["naive_y"] = rows["naive"] * price - (rows["cost_usd"] if view == "net" else 0.0)
    return rows, scale


def _templates(ax: Axes, rows: pd.DataFrame) -> None:
    colour = variant_colour("segment")
    if len(rows) > 1:
        ax.fill_between(rows["k"], rows["band_low"], rows["band_high"], color=colour, alpha=0.15, linewidth=0,
                        label="band for all at once")  # fmt: skip
    ax.errorbar(rows["k"], rows["y"], yerr=[rows["y"] - rows["low"], rows["high"] - rows["y"]], color=colour, marker="o",
                markersize=5, linewidth=1.8, elinewidth=1.0, capsize=2, label="k templates")  # fmt: skip


def _trees(ax: Axes, rows: pd.DataFrame) -> None:
    trees = rows[rows["policy"] == "tree"]
    if len(trees):
        start = rows[rows["policy"] == "templates"].head(1)
        ax.plot([*start["k"], *trees["k"]], [*start["y"], *trees["y"]], color=SERIES[2], marker="s", markersize=3,
                linewidth=1.0, label="tree of k leaves")  # fmt: skip


def _individual(ax: Axes, rows: pd.DataFrame, end: float) -> list[float]:
    """Draw individual emails and the hybrid at the right end; return how high they reach."""
    tops = []
    for policy, marker, shift, text in (
        ("individual", "D", 0.0, "individual email for all"),
        ("hybrid", "P", 0.03 * end, "individual where it pays"),
    ):
        own = rows[rows["policy"] == policy]
        if not len(own):
            continue
        row = own.iloc[0]
        colour = variant_colour("individual") if policy == "individual" else SERIES[3]
        ax.vlines(end + shift, row["band_low"], row["band_high"], color=colour, alpha=0.25, linewidth=7)
        ax.errorbar([end + shift], [row["y"]], yerr=[[row["y"] - row["low"]], [row["high"] - row["y"]]], color=colour,
                    marker=marker, markersize=7, linestyle="", elinewidth=1.2, capsize=2, label=text)  # fmt: skip
        tops.append(row["band_high"])
    return tops


def _naive(ax: Axes, rows: pd.DataFrame, templates: pd.DataFrame, top: float, found: Any, scale: float) -> None:
    """Draw what raw means claim; where that leaves the picture, say how far it goes."""
    if len(templates) < 2:
        return
    y = templates["naive_y"].to_numpy()
    ax.plot(templates["k"], y, color=REFERENCE, linestyle="--", linewidth=1.4, label="as it seems in-sample (flatters)")
    low = min(rows["band_low"].min(), 0.0 if rows["band_low"].min() > 0 else rows["band_low"].min())
    ceiling = top + (TALLEST - 1) * abs(top - low)
    if np.nanmax(y) > ceiling:
        ax.set_ylim(low, ceiling)
        place = int(np.argmax(y > ceiling))
        far = percent(y[-1] / scale, 1) if found.kind == "rate" and scale == 100 else f"{y[-1]:,.2f}"
        ax.annotate(f"seems to reach {far}", (templates["k"].iloc[place], ceiling), fontsize=8, color=INK,
                    xytext=(6, -12), textcoords="offset points")  # fmt: skip


def _ticks(ax: Axes, templates: pd.DataFrame, end: float, *, has_own: bool) -> None:
    shown = [int(k) for k in templates["k"]]
    names = [str(k) for k in shown]
    if len(shown) > 12:
        kept = {1, 2, 3, 4, 6, 8, 12, shown[-1]} | set(range(16, shown[-1], 8))
        names = [name if k in kept else "" for k, name in zip(shown, names, strict=True)]
    if has_own:
        shown, names = [*shown, end + 0.15], [*names, "individual"]  # type: ignore[list-item]
    ax.set_xticks(shown, names)
    ax.set_xlim(0.5, (end if has_own else shown[-1]) + 0.7)


def _unit(found: Any, view: str) -> str:
    if view == "net":
        return "net of costs, dollars a contact"
    what = "reply rate" if found.outcome == "replied" else found.outcome.replace("_", " ")
    if found.kind == "amount":
        return f"{what}, {'gain ' if view == 'lift' else ''}a contact"
    return f"gain in {what}, percentage points" if view == "lift" else f"{what}, per cent of contacts"


def _nothing(ax: Axes, title: str, x: str) -> Axes:
    return label(ax, title=title, x=x)


def draw_ranking(found: Any, *, ax: Axes | None = None) -> Axes:
    """Draw the gain of the contacts ranked first against their share."""
    ax = new_axes(ax, width=7.5, height=4.2)
    if found is None:
        return _nothing(ax, "No ranking: the test has no individual emails, or foretells the same gain for all", "")
    rows = found.curve
    scale = 100.0 if np.isfinite(found.qini) else 1.0
    colour = variant_colour(found.treatment)
    x = rows["share"] * 100
    ax.fill_between(x, rows["lift_low"] * scale, rows["lift_high"] * scale, color=colour, alpha=0.15, linewidth=0)
    ax.plot(x, rows["lift"] * scale, color=colour, marker="o", markersize=3, label="those ranked first")
    ax.axhline(found.lift * scale, color=REFERENCE, linestyle="--", linewidth=1.2, label="everybody")
    ax.axhline(0, color=REFERENCE, linewidth=0.8)
    ax.legend(frameon=False, fontsize=8, loc="upper right")
    told = "can't be told from a random one"
    if found.autoc_low > 0:
        told = "finds those who gain more"
    elif found.autoc_high < 0:
        told = "puts first those who gain less"
    title = as_text(
        f"Ranking by {found.by} {told} (AUTOC {found.autoc:.4f}, {found.autoc_low:.4f} to {found.autoc_high:.4f})"
    )
    title = f"SIMULATED: {title}" if found.evidence == "simulated" else title
    unit = "percentage points" if scale == 100 else "units of the outcome"
    return label(ax, title=title, x="contacts who get it, per cent, highest score first",
                 y=as_text(f"gain from {found.treatment}, {unit}"))  # fmt: skip
