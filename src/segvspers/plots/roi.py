"""Pictures of an estimate of ROI; each draws frames of the finding and computes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from segvspers._display import count, money, percent, plural, spoken
from segvspers.plots.style import FAINT, INK, SERIES, label, new_axes, reference_line, variant_colour

if TYPE_CHECKING:
    from matplotlib.axes import Axes

TOP_INPUTS = 8


def draw_net(found: Any, *, ax: Axes | None = None) -> Axes:
    """Draw how probable each net amount is, its range and the line of zero."""
    ax = new_axes(ax)
    bins = found.histogram
    gain = bins["net_low_usd"] >= 0
    colours = [SERIES[2] if good else SERIES[6] for good in gain]
    widths = bins["net_high_usd"] - bins["net_low_usd"]
    ax.bar(bins["net_low_usd"], bins["share"], width=widths, align="edge", color=colours)
    ax.set_yticks([])
    top = float(bins["share"].max())
    ax.hlines(-0.04 * top, found.net_low_usd, found.net_high_usd, color=INK, linewidth=3)
    ax.plot(found.net_usd, -0.04 * top, "o", color=INK, markersize=7)
    reference_line(ax, 0.0, text="no gain")
    _money_axis(ax, found.currency)
    middle = money(found.net_usd, currency=found.currency)
    title = f"Net {middle} in the middle case; a gain has probability {percent(found.p_net_positive, 0)}"
    level = percent(found.confidence, 0)
    x_text = f"net of {count(found.n_contacts)} contacts, {found.currency}; bar below: median and {level} range"
    return _stamped(label(ax, title=title, x=x_text, y="probability"), found)


def draw_tornado(found: Any, *, ax: Axes | None = None) -> Axes:
    """Draw net at the 10th and 90th percentile of each input, widest first."""
    rows = found.tornado.head(TOP_INPUTS).iloc[::-1]
    ax = new_axes(ax, height=4.2)
    places = range(len(rows))
    for end, colour, text in (("low", SERIES[4], "10th percentile"), ("high", SERIES[5], "90th percentile")):
        net = rows[f"net_{end}_usd"]
        ax.barh(places, net - _centre(found), left=_centre(found), color=colour, label=text, height=0.65)
    ax.set_yticks(list(places), [spoken(name) for name in rows["parameter"]])
    reference_line(ax, 0.0, text="no gain")
    ax.legend(frameon=False, fontsize=8, loc="lower right", title="input at its", title_fontsize=8)
    _money_axis(ax, found.currency)
    widest = spoken(found.tornado["parameter"].iloc[0]) if len(rows) else "no input"
    title = f"Most of the doubt comes from {widest}"
    return _stamped(label(ax, title=title, x=f"net, {found.currency}, other inputs at their medians"), found)


def draw_costs(found: Any, *, ax: Axes | None = None) -> Axes:
    """Draw the cost of each variant built up from its items."""
    ax = new_axes(ax, height=3.2)
    table = found.costs[found.costs["cost_usd"] > 0]
    items = list(dict.fromkeys(table["item"]))
    variants = [found.treatment, found.control]
    left = dict.fromkeys(variants, 0.0)
    for number, item in enumerate(items):
        for place, variant in enumerate(variants):
            cost = float(table.loc[(table["variant"] == variant) & (table["item"] == item), "cost_usd"].sum())
            ax.barh(
                place, cost, left=left[variant], color=SERIES[number % len(SERIES)], height=0.55,
                label=item if place == 0 or variant == found.control else None,
            )  # fmt: skip
            left[variant] += cost
    ax.set_yticks(range(len(variants)), variants)
    handles, names = ax.get_legend_handles_labels()
    once = dict(zip(names, handles, strict=True))
    ax.legend(
        once.values(),
        once.keys(),
        frameon=False,
        fontsize=8,
        ncols=4,
        loc="upper center",
        bbox_to_anchor=(0.5, -0.22),
    )
    _money_axis(ax, found.currency)
    difference = money(abs(found.cost_difference_usd), currency=found.currency)
    side = "more" if found.cost_difference_usd > 0 else "less"
    title = f"{found.treatment} costs {difference} {side} than {found.control} in the middle case"
    return _stamped(label(ax, title=title, x=f"cost of the campaign, {found.currency}, medians of the items"), found)


def draw_funnel(found: Any, *, ax: Axes | None = None) -> Axes:
    """Draw the counts from contacts to deals of both variants, on a log scale."""
    ax = new_axes(ax)
    counts = found.funnel[found.funnel["step"] != "margin"] if len(found.funnel) else found.funnel
    for number, variant in enumerate((found.control, found.treatment)):
        rows = counts[counts["variant"] == variant] if len(counts) else counts
        places = [place + 0.4 * number - 0.2 for place in range(len(rows))]
        if not places:
            continue
        colour = variant_colour(variant, role=("control", "treatment")[number])
        ax.bar(places, rows["median"], width=0.38, color=colour, label=variant)
        for place, value in zip(places, rows["median"], strict=True):
            text = count(value) if value >= 10 else f"{value:.1f}"
            ax.annotate(text, (place, value), ha="center", fontsize=8, xytext=(0, 2), textcoords="offset points")
        ax.set_xticks(range(len(rows)), list(rows["step"]))
    ax.set_yscale("log")
    ax.set_ylim(bottom=0.5, top=max(found.n_contacts * 3, 10))
    if len(counts):
        ax.legend(frameon=False, fontsize=8)
    value = money(found.value_per_reply_usd, currency=found.currency)
    title = f"A reply is worth {value} of margin in the middle case"
    return _stamped(label(ax, title=title, y="contacts, medians (log scale)"), found)


def draw_break_even(found: Any, *, ax: Axes | None = None) -> Axes:
    """Draw the reply rates as seen against the rate that the treatment needs to break even."""
    ax = new_axes(ax, height=2.6)
    seen = (
        (found.control, found.rate_control, "control"),
        (found.treatment, found.rate_treatment, "treatment"),
    )
    for place, (variant, rate, role) in enumerate(seen):
        ax.plot(rate, place, "o", markersize=9, color=variant_colour(variant, role=role))
        ax.annotate(
            percent(rate, 2),
            (rate, place),
            fontsize=9,
            xytext=(0, 8),
            textcoords="offset points",
            ha="center",
        )
    low, high = (found.rate_control + found.lift_low, found.rate_control + found.lift_high)
    ax.hlines(1, low, high, color=variant_colour(found.treatment), linewidth=2.5)
    title = "No reply rate breaks even"
    if found.break_even_rate <= 0:
        title = "Any reply rate breaks even: the cost saved is worth more than all replies"
    elif found.break_even_rate <= 1:
        ax.axvspan(found.break_even_low, min(found.break_even_high, 1.0), color=FAINT, alpha=0.7, zorder=0)
        reference_line(ax, found.break_even_rate, text="break-even")
        met = percent(found.p_above_break_even, 0)
        title = f"Break-even needs {percent(found.break_even_rate, 2)}; it is met with probability {met}"
    ax.set_yticks([0, 1], [found.control, found.treatment])
    ax.set_ylim(-0.6, 1.9)
    ax.set_xlim(left=max(0.0, ax.get_xlim()[0]))  # a break-even below zero is met by any rate
    _percent_axis(ax)
    return _stamped(
        label(ax, title=title, x="reply rate; shaded: range of break-even, bar: interval of the lift"), found
    )


def draw_scenarios(found: Any, *, ax: Axes | None = None) -> Axes:
    """Draw net and its range in each scenario."""
    ax = new_axes(ax, height=2.8)
    rows = found.scenarios.iloc[::-1].reset_index(drop=True)
    ax.hlines(rows.index, rows["net_low_usd"], rows["net_high_usd"], color=SERIES[0], linewidth=3)
    ax.plot(rows["net_usd"], rows.index, "o", color=SERIES[0], markersize=8)
    words = [
        f"{name}\n(gain {percent(p, 0)})" for name, p in zip(rows["scenario"], rows["p_net_positive"], strict=True)
    ]
    ax.set_yticks(list(rows.index), words)
    ax.set_ylim(-0.6, len(rows) - 0.3)
    reference_line(ax, 0.0, text="no gain")
    _money_axis(ax, found.currency)
    gains = int((rows["net_usd"] > 0).sum())
    title = f"The middle case gains in {gains} of {len(rows)} scenarios"
    return _stamped(label(ax, title=title, x=f"net, {found.currency}: median and 90 % range"), found)


def draw_segments(found: Any, *, ax: Axes | None = None) -> Axes:
    """Draw the cost of S templates against one email each, with S*."""
    ax = new_axes(ax)
    curve = found.segment_curve
    if len(curve):
        ax.plot(curve["n_segments"], curve["templates_usd"], color=SERIES[0], label="S templates")
        ax.fill_between(
            curve["n_segments"],
            curve["templates_low_usd"],
            curve["templates_high_usd"],
            color=SERIES[0],
            alpha=0.15,
        )
        ax.plot(curve["n_segments"], curve["emails_usd"], color=SERIES[1], label="one email a contact")
        ax.fill_between(
            curve["n_segments"],
            curve["emails_low_usd"],
            curve["emails_high_usd"],
            color=SERIES[1],
            alpha=0.15,
        )
        ax.set_xscale("log")
        ax.set_yscale("log")
        ax.legend(frameon=False, fontsize=8, loc="lower right")
        if found.crossing_segments > 0:
            reference_line(ax, found.crossing_segments, text=f"S* = {count(found.crossing_segments)}")
    every = count(found.n_contacts)
    title = f"{count(found.crossing_segments)} templates cost as much as one email for each of {every}"
    return _stamped(label(ax, title=title, x="segments S (log scale)", y=f"cost, {found.currency} (log scale)"), found)


def draw_payback(found: Any, *, ax: Axes | None = None) -> Axes:
    """Draw the cumulated present value by campaign."""
    ax = new_axes(ax)
    flow = found.cash_flow
    ax.fill_between(
        flow["campaign"], flow["cumulative_low_usd"], flow["cumulative_high_usd"], color=SERIES[2], alpha=0.2
    )
    ax.plot(flow["campaign"], flow["cumulative_usd"], color=SERIES[2], marker="o", markersize=4)
    reference_line(ax, 0.0, text="paid back", axis="y")
    _money_axis(ax, found.currency, axis="y")
    known = found.payback_campaigns == found.payback_campaigns  # nan is unlike itself
    when = f"after {plural(int(found.payback_campaigns), 'campaign')}" if known else "in no campaign"
    title = f"In the middle case set-up is paid back {when}"
    return _stamped(label(ax, title=title, x="campaigns", y=f"cumulated present value, {found.currency}"), found)


def draw_information(found: Any, *, ax: Axes | None = None) -> Axes:
    """Draw what a further test of each size is worth, and what it costs."""
    ax = new_axes(ax)
    table = found.samples
    if len(table):
        ax.plot(table["n_per_arm"], table["value_usd"], color=SERIES[0], marker="o", label="expected value")
        ax.plot(table["n_per_arm"], table["cost_usd"], color=SERIES[1], marker="o", label="cost")
        ax.set_xscale("log")
        ax.legend(frameon=False, fontsize=8)
    reference_line(ax, found.evpi_usd, text="value of knowing everything", axis="y")
    _money_axis(ax, found.currency, axis="y")
    pays = f"{count(found.next_test_n)} contacts an arm pays best" if found.next_test_n else "pays for itself"
    title = f"A further test of {pays}" if found.next_test_n else "No further test size is called for"
    return _stamped(label(ax, title=title, x="contacts an arm (log scale)", y=found.currency), found)


def draw_groups(found: Any, *, ax: Axes | None = None) -> Axes:
    """Draw net and its range of each group, those to adopt in colour."""
    rows = found.groups.iloc[::-1].reset_index(drop=True)
    ax = new_axes(ax, height=max(2.4, 0.4 * len(rows) + 1.2))
    for place, row in rows.iterrows():
        colour = SERIES[2] if row["adopt"] else SERIES[6]
        ax.hlines(place, row["net_low_usd"], row["net_high_usd"], color=colour, linewidth=3)
        ax.plot(row["net_usd"], place, "o", color=colour)
    ax.set_yticks(range(len(rows)), list(rows["group"]))
    reference_line(ax, 0.0, text="no gain")
    _money_axis(ax, found.currency)
    n = int(rows["adopt"].sum()) if len(rows) else 0
    return _stamped(label(ax, title=f"{n} of {len(rows)} groups gain by themselves", x=f"net, {found.currency}"), found)


def draw_values(found: Any, *, ax: Axes | None = None) -> Axes:
    """Draw value and cost per contact of both variants."""
    ax = new_axes(ax, height=2.8)
    for place, arm in enumerate(("control", "treatment")):
        value, cost = getattr(found, f"value_{arm}"), getattr(found, f"cost_{arm}")
        ax.barh(place, value, height=0.35, color=SERIES[2], label="value" if place else None)
        ax.barh(place - 0.35, cost, height=0.3, color=SERIES[1], label="cost" if place else None)
    ax.set_yticks([0, 1], [found.control or "nothing sent", found.treatment])
    ax.legend(frameon=False, fontsize=8)
    net = money(found.net_seen_usd, digits=2, currency=found.currency)
    return _stamped(label(ax, title=f"Value and cost as seen leave {net}", x=f"{found.currency} per contact"), found)


def _centre(found: Any) -> float:
    return float(found.tornado_centre_usd)


def _money_axis(ax: Axes, currency: str, *, axis: str = "x") -> None:
    chosen = ax.xaxis if axis == "x" else ax.yaxis
    chosen.set_major_formatter(lambda value, _: money(value, digits=0, currency=currency))
    if axis == "x":
        ax.locator_params(axis="x", nbins=6)


def _percent_axis(ax: Axes) -> None:
    ax.xaxis.set_major_formatter(lambda value, _: percent(value, 1))


def _stamped(ax: Axes, found: Any) -> Axes:
    if found.evidence == "simulated":
        ax.text(
            0.5, 0.5, "SIMULATED", transform=ax.transAxes, ha="center", va="center", fontsize=34,
            color=SERIES[6], alpha=0.18, rotation=18,
        )  # fmt: skip
    return ax
