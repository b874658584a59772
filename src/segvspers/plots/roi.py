"""Drawings of an estimate of ROI, each of a tidy frame or a few fields of the finding."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from segvspers._display import percent, spoken
from segvspers.plots.style import (
    FAINT,
    INK,
    REFERENCE,
    SERIES,
    label,
    new_axes,
    reference_line,
    variant_colour,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

GAIN, LOSS = "#009E73", "#CC79A7"
MARKS = {"USD": "$", "EUR": "€", "GBP": "£"}


def _short(amount: float, currency: str) -> str:
    """Return an amount in few characters: $12k."""
    mark = MARKS.get(currency, f"{currency} ")
    size = abs(amount)
    text = f"{size / 1e6:.1f}M" if size >= 1e6 else f"{size / 1e3:.1f}k" if size >= 1e3 else f"{size:.0f}"
    return f"{'-' if amount < 0 else ''}{mark}{text}"


def _money_axis(ax: Axes, currency: str, *, axis: str = "x") -> None:
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    which = ax.xaxis if axis == "x" else ax.yaxis
    which.set_major_locator(MaxNLocator(6))
    which.set_major_formatter(FuncFormatter(lambda value, _: _short(value, currency)))


def draw_net(roi: Any, *, ax: Axes | None = None) -> Axes:
    """Draw the distribution of net value with its median and range; losses and gains in two colours."""
    ax = new_axes(ax, height=3.2)
    frame = roi.histogram
    middle = (frame["net_low_usd"] + frame["net_high_usd"]) / 2
    colours = np.where(middle > 0, GAIN, LOSS)
    ax.bar(
        frame["net_low_usd"],
        frame["share"],
        width=frame["net_high_usd"] - frame["net_low_usd"],
        align="edge",
        color=colours,
    )
    reference_line(ax, 0, text="break-even")
    top = float(frame["share"].max())
    ax.plot([roi.net_low_usd, roi.net_high_usd], [top * 1.08] * 2, color=INK, linewidth=2)
    ax.plot([roi.net_usd], [top * 1.08], "o", color=INK)
    ax.annotate(f"median {_short(roi.net_usd, roi.currency)}", (roi.net_usd, top * 1.1), xytext=(0, 6),
                textcoords="offset points", ha="center", fontsize=9)  # fmt: skip
    ax.set_ylim(0, top * 1.32)
    ax.set_yticks([])
    _money_axis(ax, roi.currency)
    title = f"A gain in {percent(roi.p_net_positive, 0)} of all draws"
    return label(
        ax,
        title=title,
        x=f"net value for {roi.n_contacts:,} contacts ({percent(roi.confidence, 0)} range as a line)",
    )


def draw_tornado(roi: Any, *, ax: Axes | None = None) -> Axes:
    """Draw how far each input moves net value between its 10th and 90th percentile."""
    frame = roi.tornado.head(8).iloc[::-1]
    ax = new_axes(ax, height=1.2 + 0.36 * len(frame))
    places = np.arange(len(frame))
    centre = roi.net_usd
    for side, colour, name in (
        ("net_low_usd", SERIES[4], "10th percentile"),
        ("net_high_usd", SERIES[5], "90th percentile"),
    ):
        ax.barh(places, frame[side] - centre, left=centre, color=colour, height=0.62, label=f"input at its {name}")
    reference_line(ax, 0, text="break-even")
    ax.set_yticks(places, [spoken(name) for name in frame["parameter"]])
    _money_axis(ax, roi.currency)
    ax.legend(fontsize=8, frameon=False, loc="lower right")
    first = spoken(frame["parameter"].iloc[-1]) if len(frame) else "nothing"
    return label(ax, title=f"The result hangs on {first} first", x="net value")


def draw_costs(roi: Any, *, ax: Axes | None = None) -> Axes:
    """Draw the cost of each variant, item by item, stacked."""
    frame = roi.costs[roi.costs["cost_usd"] > 0]
    ax = new_axes(ax, height=2.8)
    items = list(dict.fromkeys(frame["item"]))
    variants = [name for name in (roi.treatment, roi.control) if name in set(frame["variant"])]
    left = dict.fromkeys(variants, 0.0)
    for number, item in enumerate(items):
        for place, variant in enumerate(variants):
            value = float(frame.loc[(frame["variant"] == variant) & (frame["item"] == item), "cost_usd"].sum())
            ax.barh(place, value, left=left[variant], color=SERIES[number % len(SERIES)], height=0.6,
                    label=item if place == 0 else None)  # fmt: skip
            left[variant] += value
    for place, variant in enumerate(variants):
        ax.annotate(
            _short(left[variant], roi.currency),
            (left[variant], place),
            xytext=(4, 0),
            textcoords="offset points",
            va="center",
        )
    ax.set_yticks(range(len(variants)), variants)
    ax.set_xlim(0, max([*left.values(), 1.0]) * 1.12)
    ax.margins(y=0.15)
    _money_axis(ax, roi.currency)
    ax.legend(fontsize=8, frameon=False, ncol=4, loc="upper center", bbox_to_anchor=(0.45, -0.28))
    dearer = roi.treatment if roi.cost_difference_usd > 0 else roi.control
    difference = _short(abs(roi.cost_difference_usd), roi.currency)
    return label(ax, title=f"{dearer} emails cost {difference} more", x="cost of one campaign, medians")


def draw_funnel(roi: Any, *, ax: Axes | None = None) -> Axes:
    """Draw the steps from replies to deals for both variants, on a logarithmic axis."""
    frame = roi.funnel[~roi.funnel["step"].isin(["margin"])]
    steps = list(dict.fromkeys(frame["step"]))
    ax = new_axes(ax, height=1.2 + 0.5 * len(steps))
    for shift, variant in ((0.19, roi.control), (-0.19, roi.treatment)):
        part = frame[frame["variant"] == variant].set_index("step").loc[steps]
        places = np.arange(len(steps))[::-1] + shift
        ax.barh(places, part["median"], height=0.36, color=variant_colour(variant), label=variant)
        for place, value in zip(places, part["median"], strict=True):
            ax.annotate(f"{value:,.0f}" if value >= 20 else f"{value:.1f}", (value, place), xytext=(4, 0),
                        textcoords="offset points", va="center", fontsize=8.5)  # fmt: skip
    ax.set_xscale("log")
    ax.set_xlim(max(0.5, float(frame["median"].min()) * 0.5), float(frame["median"].max()) * 2.2)
    ax.set_yticks(np.arange(len(steps))[::-1], steps)
    ax.legend(fontsize=8, frameon=False, loc="lower right")
    worth = _short(roi.value_per_reply_usd, roi.currency)
    return label(ax, title=f"One reply is worth {worth} of margin", x="expected count, logarithmic scale")


def draw_break_even(roi: Any, *, ax: Axes | None = None) -> Axes:
    """Draw the lift seen with its interval beside the lift that is needed."""
    ax = new_axes(ax, height=2.4)
    colour = variant_colour(roi.treatment)
    ax.plot([roi.lift_low * 100, roi.lift_high * 100], [0, 0], color=colour, linewidth=3)
    ax.plot([roi.lift * 100], [0], "o", color=colour, markersize=9, label="lift seen")
    reference_line(ax, 0, text="no lift")
    ends = [roi.lift_low * 100, roi.lift_high * 100, 0.0]
    title = "No reply rate would make individual emails pay"
    if math.isfinite(roi.break_even_lift):
        need = roi.break_even_lift * 100
        ax.axvline(need, color=INK, linewidth=2)
        ax.annotate(f"needed: {need:+.2f}", (need, 0.55), xytext=(5, 0), textcoords="offset points", fontsize=9)
        ends.append(need)
        title = f"Break-even is met with a probability of {percent(roi.p_above_break_even, 0)}"
    pad = 0.18 * (max(ends) - min(ends))
    ax.set_xlim(min(ends) - pad, max(ends) + pad)
    ax.set_ylim(-1, 1)
    ax.set_yticks([])
    return label(
        ax,
        title=title,
        x=f"lift in reply rate, percentage points ({percent(roi.lift_confidence, 0)} interval)",
    )


def draw_scenarios(roi: Any, *, ax: Axes | None = None) -> Axes:
    """Draw net value with its range in every scenario."""
    frame = roi.scenarios.iloc[::-1]
    ax = new_axes(ax, height=1.3 + 0.4 * len(frame))
    places = np.arange(len(frame))
    colours = [GAIN if value > 0 else LOSS for value in frame["net_usd"]]
    ax.hlines(places, frame["net_low_usd"], frame["net_high_usd"], color=colours, linewidth=3)
    ax.scatter(frame["net_usd"], places, color=colours, s=60, zorder=3)
    for place, value in zip(places, frame["net_usd"], strict=True):
        ax.annotate(
            _short(value, roi.currency),
            (value, place),
            xytext=(0, 7),
            textcoords="offset points",
            ha="center",
            fontsize=8.5,
        )
    reference_line(ax, 0, text="break-even")
    ax.set_yticks(places, list(frame["scenario"]))
    ax.set_ylim(-0.6, len(frame) - 0.2)
    _money_axis(ax, roi.currency)
    gains = int((frame["net_usd"] > 0).sum())
    return label(
        ax,
        title=f"A net gain in the median of {gains} of {len(frame)} scenarios",
        x=f"net value ({percent(roi.confidence, 0)} range)",
    )


def draw_segments(roi: Any, *, ax: Axes | None = None) -> Axes:
    """Draw the cost of templates against that of emails over the number of segments, with S* marked."""
    frame = roi.segment_curve
    ax = new_axes(ax, height=3.2)
    segment, individual = variant_colour("segment"), variant_colour("individual")
    ax.plot(frame["n_segments"], frame["templates_usd"], color=segment, label="one template a segment")
    ax.fill_between(
        frame["n_segments"],
        frame["templates_low_usd"],
        frame["templates_high_usd"],
        color=segment,
        alpha=0.15,
    )
    ax.plot(frame["n_segments"], frame["emails_usd"], color=individual, label="one email a person")
    ax.fill_between(
        frame["n_segments"], frame["emails_low_usd"], frame["emails_high_usd"], color=individual, alpha=0.15
    )
    ax.set_xscale("log")
    ax.set_yscale("log")
    title = "Templates and emails never cost the same"
    if math.isfinite(roi.crossing_segments):
        reference_line(ax, roi.crossing_segments, text=f"S* = {roi.crossing_segments:.0f}")
        title = f"From {roi.crossing_segments:.0f} segments on, templates cost more than emails"
    ax.xaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    ax.yaxis.set_major_formatter(lambda value, _: _short(value, roi.currency))
    ax.legend(fontsize=8, frameon=False, loc="upper left")
    return label(ax, title=title, x="segments, logarithmic scale", y="cost")


def draw_payback(roi: Any, *, ax: Axes | None = None) -> Axes:
    """Draw the cumulative cash flow by campaign with its range."""
    frame = roi.cash_flow
    ax = new_axes(ax, height=3.0)
    colour = variant_colour(roi.treatment)
    ax.fill_between(
        frame["campaign"], frame["cumulative_low_usd"], frame["cumulative_high_usd"], color=colour, alpha=0.15
    )
    ax.plot(frame["campaign"], frame["cumulative_usd"], color=colour, marker="o", markersize=3)
    reference_line(ax, 0, text="set-up earned back", axis="y")
    _money_axis(ax, roi.currency, axis="y")
    title = (
        f"Earned back after {roi.payback_campaigns:.0f} campaigns in the median"
        if math.isfinite(roi.payback_campaigns)
        else "Set-up is probably not earned back"
    )
    return label(ax, title=title, x="campaigns", y=f"cumulative net ({percent(roi.confidence, 0)} range)")


def draw_information(roi: Any, *, ax: Axes | None = None) -> Axes:
    """Draw what knowing each input for sure would be worth."""
    frame = roi.information[roi.information["value_usd"] > 1].head(8).iloc[::-1]
    ax = new_axes(ax, height=1.4 + 0.34 * max(1, len(frame)))
    places = np.arange(len(frame))
    ax.barh(places, frame["value_usd"], color=SERIES[0], height=0.6)
    ax.set_yticks(places, [spoken(name) for name in frame["parameter"]])
    ax.axvline(0, color=REFERENCE)
    _money_axis(ax, roi.currency)
    title = (
        f"Knowing {frame['parameter'].iloc[-1].replace('_', ' ')} is worth most"
        if len(frame)
        else "No input is worth finding out"
    )
    return label(ax, title=title, x="value of knowing the input before choosing")


def draw_groups(roi: Any, *, ax: Axes | None = None) -> Axes:
    """Draw the net value of each group with its range."""
    frame = roi.groups.sort_values("net_usd")
    ax = new_axes(ax, height=1.4 + 0.34 * max(1, len(frame)))
    places = np.arange(len(frame))
    colours = [GAIN if adopt else FAINT for adopt in frame["adopt"]]
    ax.hlines(places, frame["net_low_usd"], frame["net_high_usd"], color=REFERENCE, linewidth=2)
    ax.scatter(frame["net_usd"], places, color=colours, edgecolor=INK, s=60, zorder=3)
    reference_line(ax, 0, text="break-even")
    ax.set_yticks(places, list(frame["group"]))
    _money_axis(ax, roi.currency)
    return label(ax, title=f"{int(frame['adopt'].sum())} of {len(frame)} groups pay", x="net value by group")


def draw_values(values: Any, *, ax: Axes | None = None) -> Axes:
    """Draw value and cost per contact of both variants, as seen."""
    ax = new_axes(ax, height=2.6)
    names = [values.control or "nothing sent", values.treatment]
    places = np.arange(2)
    ax.bar(
        places - 0.18,
        [values.value_control, values.value_treatment],
        width=0.34,
        color=SERIES[2],
        label="value",
    )
    ax.bar(places + 0.18, [values.cost_control, values.cost_treatment], width=0.34, color=SERIES[1], label="cost")
    ax.axhline(0, color=REFERENCE)
    ax.set_xticks(places, names)
    ax.legend(fontsize=8, frameon=False)
    gains = values.value_difference > values.cost_difference
    title = "The gain in value exceeds its cost" if gains else "The gain in value does not cover its cost"
    return label(ax, title=title, y=f"{values.currency} per contact")
