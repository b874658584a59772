"""How cells multiply as attributes are crossed, and what their templates cost."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from segvspers._display import count, money, percent, plural
from segvspers.plots.style import FAINT, INK, SERIES, VARIANT_COLOURS, label, new_axes, reference_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

LINTHRESH = 1
APART = 0.056


def draw_growth(found: Any, *, ax: Axes | None = None) -> Axes:
    """Draw the story: possible, occupied and testable cells as attributes are added, and where templates stop paying."""
    ax = new_axes(ax, width=8.0, height=4.6)
    steps = found.growth[found.growth["order"] == "given"]
    x = list(range(len(steps)))
    series = [
        ("possible", "n_possible", SERIES[6]),
        ("occupied", "n_occupied", SERIES[0]),
        (f"of {found.minimum_size} or more", "n_at_minimum", SERIES[2]),
        (f"testable for +{percent(found.relative_lift, 0)}", "n_testable", SERIES[1]),
    ]
    _range_of_orders(found, ax)
    for _, column, colour in series:
        ax.plot(x, steps[column], marker="o", markersize=5, color=colour, linewidth=2)
    ax.set_yscale("symlog", linthresh=LINTHRESH, linscale=0.5)
    top = 3 * max(float(steps["n_possible"].max()), 3)
    ax.set_ylim(-0.25, top)
    ax.set_xlim(-0.03 * len(steps), (len(steps) - 1) / 0.72)
    short = len(x) <= 6
    names = ["the list", *(f"x {name.replace('_', chr(10)) if short else name}" for name in steps["added"].iloc[1:])]
    ax.set_xticks(x, names, rotation=0 if short else 30, ha="center" if short else "right")
    _counts(ax)
    last = steps.iloc[-1]
    ends = [(f"{count(last[column])} {name}", float(last[column]), colour) for name, column, colour in series]
    if math.isfinite(found.n_crossing) and 1 <= found.n_crossing < top:
        ax.plot([ax.get_xlim()[0], x[-1]], [found.n_crossing] * 2, color=INK, linewidth=1.1, linestyle="--")
        ends.append((f"{count(found.n_crossing)} templates cost as\nmuch as one email each", found.n_crossing, INK))
    label_ends(ax, x[-1], ends)
    title = (
        f"{count(found.n_possible)} possible segments, {count(found.n_occupied)} occupied, {count(found.n_testable)} "
        f"testable;\nthe middle one holds {plural(round(found.median_contacts), 'contact')}"
        if found.n_occupied
        else f"{count(found.n_possible)} possible segments, and nobody in them"
    )
    return label(ax, title=title, x="attributes crossed, one after the other", y="segments (log scale)")


def _range_of_orders(found: Any, ax: Axes) -> None:
    """Shade between the slowest and the fastest order: where possible cells would have grown otherwise."""
    slow, fast = (
        found.growth[found.growth["order"] == order]["n_possible"].to_numpy() for order in ("slowest", "fastest")
    )
    if len(slow) > 2:
        ax.fill_between(range(len(slow)), slow, fast, color=FAINT, alpha=0.5, linewidth=0)


def _counts(ax: Axes) -> None:
    from matplotlib.ticker import FuncFormatter

    ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: count(value)))


def label_ends(ax: Axes, x: float, ends: Sequence[tuple[str, float, str]]) -> None:
    """Write each line's name at its end; names that would touch are moved apart."""
    to_axes = ax.transAxes.inverted().transform
    left = to_axes(ax.transData.transform((x, 1)))[0] + 0.015
    highest = 1.0
    for text, value, colour in sorted(ends, key=lambda end: -end[1]):
        room = APART * (1 + text.count("\n"))
        height = min(to_axes(ax.transData.transform((x, value)))[1], highest - room / 2)
        ax.text(left, height, text, transform=ax.transAxes, color=colour, fontsize=9, va="center", linespacing=1.0)
        highest = height - room / 2


def draw_costs(found: Any, *, ax: Axes | None = None) -> Axes:
    """Draw the cost of templates against that of one email each, and where the two cross."""
    ax = new_axes(ax)
    table = found.costs
    ax.plot(table["n_templates"], table["templates_usd"], color=VARIANT_COLOURS["segment"], linewidth=2.2)
    ax.plot(table["n_templates"], table["emails_usd"], color=VARIANT_COLOURS["individual"], linewidth=2.2)
    emails, most = float(table["emails_usd"].iloc[0]), float(table["n_templates"].max())
    top = 1.2 * max(emails, float(table["templates_usd"].max()), 1.0)
    ax.set_ylim(0, top)
    ax.set_xlim(0, most)
    ax.text(most, emails + 0.015 * top, "one email each", color=VARIANT_COLOURS["individual"], fontsize=9, ha="right")
    where = 0.45 * most
    ax.annotate(
        "templates", (where, where * found.template_cost_usd), color=VARIANT_COLOURS["segment"], fontsize=9,
        xytext=(-6, 6), textcoords="offset points", ha="right",
    )  # fmt: skip
    if math.isfinite(found.n_crossing) and found.n_crossing <= most:
        reference_line(ax, found.n_crossing, text=f"S* = {count(found.n_crossing)}")
    occupied = found.n_occupied * found.template_cost_usd
    ax.plot(found.n_occupied, occupied, "o", color=VARIANT_COLOURS["segment"], markersize=7)
    text = f"{count(found.n_occupied)} occupied segments:\n{money(occupied)}"
    ax.annotate(
        text, (found.n_occupied, occupied), xytext=(-8, 6), textcoords="offset points", fontsize=9,
        ha="right", va="bottom", color=INK,
    )  # fmt: skip
    ax.yaxis.set_major_formatter(lambda value, _: money(value, digits=0))
    ax.xaxis.set_major_formatter(lambda value, _: count(value))
    dearer = occupied > emails
    title = (
        f"A template for each occupied segment costs {money(occupied)}, "
        f"{'more' if dearer else 'less'} than one email each ({money(emails)})"
    )
    return label(ax, title=title, x="templates written", y="cost of a campaign, USD")
