"""How contacts spread over cells: coverage, sizes against a test, privacy, and lists of other sizes."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from segvspers._display import count, percent, plural
from segvspers.errors import NotEstimableError
from segvspers.plots.style import INK, REFERENCE, SERIES, label, new_axes, reference_line

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def draw_coverage(found: Any, *, ax: Axes | None = None) -> Axes:
    """Draw the share of contacts in the largest cells, with the cells that hold 50, 80 and 95 %."""
    ax = new_axes(ax)
    curve = found.coverage
    ax.plot(curve["n_cells"], curve["share"], color=SERIES[0], linewidth=2.2, label="largest cells first")
    ax.plot([1, found.n_occupied], [1 / max(1, found.n_occupied), 1], color=REFERENCE, linestyle=":", linewidth=1.4)
    ax.set_xscale("log")
    ax.set_xlim(1, max(2, found.n_occupied) * 1.1)
    ax.set_ylim(0, 1.04)
    for share, cells in ((0.5, found.n_cells_50), (0.8, found.n_cells_80), (0.95, found.n_cells_95)):
        if not cells:
            continue
        ax.plot([1, cells, cells], [share, share, 0], color=SERIES[1], linewidth=0.9, linestyle="--")
        ax.plot(cells, share, "o", color=SERIES[1], markersize=6)
        ax.annotate(
            f"{count(cells)} hold {percent(share, 0)}", (cells, share), xytext=(-8, 4), textcoords="offset points",
            fontsize=9, ha="right" if cells > 3 else "left", va="bottom", color=INK,
        )  # fmt: skip
    if math.isfinite(found.n_crossing) and 1 < found.n_crossing < found.n_occupied:
        reference_line(ax, found.n_crossing, text=f"S* = {count(found.n_crossing)}")
    ax.yaxis.set_major_formatter(lambda value, _: percent(value, 0))
    ax.xaxis.set_major_formatter(lambda value, _: count(value))
    title = (
        f"{plural(found.n_cells_50, 'segment')} of {count(found.n_occupied)} cover half of the contacts, "
        f"{count(found.n_cells_95)} cover 95 %"
    )
    return label(ax, title=title, x="largest segments (log scale; dotted: if all were equal)", y="contacts covered")


def draw_test(found: Any, *, ax: Axes | None = None) -> Axes:
    """Draw contacts of each cell, largest first, against what a test of each lift needs."""
    ax = new_axes(ax, width=8.0, height=4.6)
    curve = found.coverage
    ax.fill_between(curve["n_cells"], curve["n_contacts"], 0.8, step="pre", color=SERIES[0], alpha=0.25, linewidth=0)
    ax.step(curve["n_cells"], curve["n_contacts"], where="pre", color=SERIES[0], linewidth=2)
    ax.set_xscale("log")
    ax.set_yscale("log")
    right = max(2, found.n_occupied)
    ax.set_xlim(1, right)
    last = -math.inf
    for row in found.lifts.sort_values("contacts_per_test").itertuples():
        if not math.isfinite(row.contacts_per_test):
            continue
        main = row.relative_lift == found.relative_lift
        if not main and abs(math.log(row.contacts_per_test) - last) < 0.35:
            continue
        last = math.log(row.contacts_per_test)
        ax.axhline(
            row.contacts_per_test,
            color=SERIES[1] if main else REFERENCE,
            linewidth=1.8 if main else 0.9,
            linestyle="--",
        )
        ax.annotate(
            f"+{percent(row.relative_lift, 0)}: {count(row.contacts_per_test)} needed, {count(row.n_testable)} testable",
            (right, row.contacts_per_test), xytext=(-3, 2), textcoords="offset points", fontsize=8.5, ha="right",
            color=SERIES[1] if main else INK, weight="bold" if main else "normal",
        )  # fmt: skip
    ax.set_ylim(
        0.8,
        2.5
        * max(
            float(found.lifts["contacts_per_test"].replace(math.inf, 1).max()),
            float(curve["n_contacts"].max() if len(curve) else 1),
        ),
    )
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_formatter(lambda value, _: count(value))
    title = (
        f"{count(found.n_testable)} of {count(found.n_occupied)} segments hold the {count(found.contacts_per_test)} "
        f"contacts that a test needs to show {percent(found.base_rate)} -> {percent(found.base_rate * (1 + found.relative_lift))}"
    )
    return label(ax, title=title, x="segments, largest first (log scale)", y="contacts (log scale)")


def draw_anonymity(found: Any, *, ax: Axes | None = None) -> Axes:
    """Draw the share of contacts who stand in cells of fewer than k contacts."""
    ax = new_axes(ax)
    table = found.anonymity
    places = range(len(table))
    ax.bar(places, table["share_below"], color=[SERIES[1] if k <= 5 else SERIES[0] for k in table["k"]], width=0.65)
    for place, share in zip(places, table["share_below"], strict=True):
        ax.annotate(
            percent(share, 1), (place, share), ha="center", fontsize=9, xytext=(0, 3), textcoords="offset points"
        )
    ax.set_xticks(list(places), ["alone" if k == 2 else f"< {count(k)}" for k in table["k"]])
    ax.set_ylim(0, min(1.08, 1.15 * max(0.05, float(table["share_below"].max()))))
    ax.grid(visible=False, axis="x")
    ax.yaxis.set_major_formatter(lambda value, _: percent(value, 0))
    small = float(table.loc[table["k"] == 5, "share_below"].iloc[0])
    title = f"{percent(small)} of contacts stand in a segment of fewer than five: its figures tell of persons"
    return label(ax, title=title, x="contacts in the segment", y="share of contacts")


def draw_forecast(found: Any, *, ax: Axes | None = None) -> Axes:
    """Draw occupied cells on lists of other sizes: shorter ones, and up to twice this one."""
    ax = new_axes(ax)
    if not found.n_occupied:
        raise NotEstimableError("view='forecast' needs contacts in cells; no contact has a level of every attribute.")
    known = found.forecast[found.forecast["n_occupied"].notna()]
    seen, ahead = known[~known["forecast"]], known[known["n_contacts"] >= found.n_placed]
    ax.plot(seen["n_contacts"], seen["n_occupied"], color=SERIES[0], linewidth=2.2, label="part of this list")
    if len(ahead) > 1:
        ax.fill_between(
            ahead["n_contacts"],
            ahead["n_occupied_low"],
            ahead["n_occupied_high"],
            color=SERIES[4],
            alpha=0.3,
            linewidth=0,
        )
        ax.plot(
            ahead["n_contacts"],
            ahead["n_occupied"],
            color=SERIES[0],
            linewidth=2.2,
            linestyle="--",
            label="longer list, with 95 % range",
        )
    ax.plot(found.n_placed, found.n_occupied, "o", color=INK, markersize=7, label="this list")
    top = float(known["n_occupied_high"].max()) if len(known) else 1.0
    if found.n_possible <= 1.6 * top:
        reference_line(ax, found.n_possible, text=f"{count(found.n_possible)} possible", axis="y")
        top = max(top, found.n_possible)
    if len(ahead) > 1 and found.n_occupied < found.chao1 < min(found.n_possible, 1.6 * top):
        ax.axhline(found.chao1, color=REFERENCE, linewidth=1.2, linestyle=":")
        ax.annotate(
            f"at least {count(found.chao1)} exist (Chao)", (0.0, found.chao1), xycoords=("axes fraction", "data"),
            xytext=(3, -3), textcoords="offset points", fontsize=8, color=INK, va="top",
        )  # fmt: skip
        top = max(top, found.chao1)
    ax.set_ylim(0, 1.1 * top)
    ax.set_xlim(left=0)
    ax.legend(frameon=False, fontsize=9, loc="lower right")
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_formatter(lambda value, _: count(value))
    double = known[known["n_contacts"] == 2 * found.n_placed]["n_occupied"]
    new = float(double.iloc[0]) - found.n_occupied if len(double) else float("nan")
    title = (
        f"Twice the list would fill {count(new)} more segments; {percent(found.unseen_share)} of new contacts "
        "fall in one that is empty now"
    )
    return label(ax, title=title, x="contacts placed", y="occupied segments")
