"""Drawings of a recommendation: net gain by group, and the hybrid against each variant for everybody."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from segvspers._display import count, percent
from segvspers.plots.style import INK, as_text, label, new_axes, reference_line, variant_colour

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_SHOWN = 14
NAME_WIDTH = 44


def draw_groups(found: Any, *, ax: Axes | None = None) -> Axes:
    """Draw the net gain of the best other variant in each group; filled where it is recommended."""
    table = _shown(found.groups)
    ax = new_axes(ax, width=8.0, height=1.7 + 0.36 * len(table))
    places = np.arange(len(table))[::-1]
    scale = 1.0 if _priced(found) else 100.0
    reference_line(ax, 0.0, text="no gain" if not any(found.cost_per_email_usd.values()) else "pays for its cost")
    for place, row in zip(places, table.itertuples(), strict=True):
        taken = row.variant != found.default
        colour = variant_colour(row.candidate)
        ax.plot(
            [row.net_gain_low * scale, row.net_gain_high * scale],
            [place, place],
            color=colour,
            linewidth=3 if taken else 1.3,
        )
        ax.plot(
            [row.net_gain * scale],
            [place],
            "o",
            color=colour,
            markersize=7,
            markerfacecolor=colour if taken else "white",
        )
    ax.set_yticks(
        places, [f"{_short(row.group)}  ({count(row.n_contacts)})" for row in table.itertuples()], fontsize=8.5
    )
    ax.set_ylim(-0.8, len(table) - 0.2)
    ax.grid(visible=False, axis="y")
    others = sorted(set(table["candidate"]))
    shown = " or ".join(map(as_text, others)) if len(others) < 4 else "another one"
    ax.annotate(f"filled: {shown} recommended;  open: {as_text(found.default)}", (1.0, 1.0), xycoords="axes fraction",
                xytext=(0, 3), textcoords="offset points", ha="right", fontsize=8, color=INK)  # fmt: skip
    return label(ax, title=_title(found) + "\n", x=_unit(found, "gain over " + as_text(found.default)))


def draw_policies(found: Any, *, ax: Axes | None = None) -> Axes:
    """Draw what the hybrid brings more than each variant for everybody, with intervals, on blocks not learned from."""
    rows = found.policies.iloc[1:]
    ax = new_axes(ax, width=8.0, height=1.5 + 0.5 * len(rows))
    name, scale = ("net_lift{}_usd", 1.0) if _priced(found) else ("lift{}", 100.0)
    reference_line(ax, 0.0, text="no difference")
    places = np.arange(len(rows))[::-1]
    for place, (_, row) in zip(places, rows.iterrows(), strict=True):
        middle, low, high = (row[name.format(end)] * scale for end in ("", "_low", "_high"))
        colour = variant_colour(str(row["policy"]).removesuffix(" for everybody"))
        ax.plot([low, high], [place, place], color=colour, linewidth=3, solid_capstyle="round")
        ax.plot([middle], [place], "o", color=colour, markersize=8)
        ax.annotate(
            f"{middle:+,.3g}",
            (middle, place),
            xytext=(0, 8),
            textcoords="offset points",
            ha="center",
            fontsize=8.5,
            color=INK,
        )
    ax.set_yticks(places, [as_text(one) for one in rows["policy"]])
    ax.set_ylim(-0.6, len(rows) - 0.3)
    ax.grid(visible=False, axis="y")
    ends = rows[[name.format("_low"), name.format("_high")]].to_numpy() * scale
    low, high = min(float(ends.min()), 0.0), max(float(ends.max()), 0.0)
    pad = 0.12 * ((high - low) or 1.0)
    ax.set_xlim(low - pad, high + pad)
    sure = all((rows[name.format("_low")] > 0) | (rows[name.format("_high")] == 0))
    title = (
        "The hybrid beats every variant for everybody"
        if sure and found.verdict == "hybrid"
        else "What the hybrid brings more than"
    )
    return label(ax, title=_stamp(found) + title, x=_unit(found, "difference"))


def _shown(groups: Any) -> Any:
    """Return the groups of most contacts, best first, when there are many."""
    if len(groups) <= MOST_SHOWN:
        return groups
    return groups.loc[groups["n_test"].nlargest(MOST_SHOWN).index].sort_values("net_gain", ascending=False)


def _title(found: Any) -> str:
    n, more = len(found.groups), max(len(found.groups) - MOST_SHOWN, 0)
    chosen = int((found.groups["variant"] != found.default).sum())
    text = f"{chosen} of {n} groups should get another email than {found.default}"
    if n == 1:
        text = f"All contacts: {'another email than ' if chosen else 'keep the '}{found.default}{'' if chosen else ' email'}"
    return as_text(_stamp(found) + text + (f" (largest {MOST_SHOWN} shown)" if more else ""))


def _stamp(found: Any) -> str:
    return "SIMULATED. " if found.evidence == "simulated" else ""


def _priced(found: Any) -> bool:
    return bool(np.isfinite(found.reply_value_usd))


def _unit(found: Any, what: str) -> str:
    level = f"{percent(found.confidence, 0)} intervals"
    if _priced(found):
        return f"net {what}, dollars a contact ({level})"
    return f"{what} in {as_text(found.outcome.replace('_', ' '))}, percentage points ({level})"


def _short(name: str) -> str:
    text = name if len(name) <= NAME_WIDTH else name[: NAME_WIDTH - 1] + "…"
    return as_text(text)
