"""Parts of the report about money: decision, net, break-even, costs, funnel, what matters, scenarios, payback."""

from __future__ import annotations

import math

from segvspers._display import count, interval, money, percent, plural, points, signed_percent, spoken
from segvspers.report.blocks import Part, Picture, Table, Tile
from segvspers.report.found import Found
from segvspers.roi import RoiEstimate

NO_ROI = "An estimate of ROI was not handed to the report."
NO_FUNNEL = "Margin and cost were measured per contact, so no funnel was assumed."


def _money(roi: RoiEstimate, value: float) -> str:
    wide = abs(roi.net_high_usd - roi.net_low_usd) >= 1000
    return money(value, digits=0 if wide else None, currency=roi.currency)


def _more(roi: RoiEstimate, value: float) -> str:
    return f"{_money(roi, abs(value))} {'less' if value < 0 else 'more'}"


def _span(roi: RoiEstimate, low: float, high: float) -> str:
    return f"{percent(roi.confidence, 0)} range {interval(_money(roi, low), _money(roi, high))}"


def decision(found: Found) -> Part:
    """1: the sentence that leadership reads."""
    title = "Decision"
    if found.roi is None:
        return Part("decision", title, missing=NO_ROI)
    return Part("decision", title, sentences=found.roi.sentences[:2])


def headline(found: Found) -> Part:
    """2: net first, then ROI, then the probability of a gain."""
    title = "Net value and ROI"
    roi = found.roi
    if roi is None:
        return Part("net", title, missing=NO_ROI)
    told = math.isfinite(roi.roi)
    tiles = (
        Tile("Net value", roi.net_usd, _money(roi, roi.net_usd), _span(roi, roi.net_low_usd, roi.net_high_usd)),
        Tile("Probability of a gain", roi.p_net_positive, percent(roi.p_net_positive, 0), "share of all draws"),
        Tile(
            "Incremental ROI",
            roi.roi,
            signed_percent(roi.roi, 0) if told else "not told",
            f"median; {interval(signed_percent(roi.roi_low, 0), signed_percent(roi.roi_high, 0))}"
            if told
            else roi.roi_note,
        ),
        Tile("Verdict", float("nan"), roi.verdict, f"for {plural(roi.n_contacts, 'contact')}"),
    )
    text = (
        f"For {plural(roi.n_contacts, 'contact')}, {roi.treatment} emails bring {_more(roi, roi.benefit_usd)} margin "
        f"and cost {_more(roi, roi.cost_difference_usd)} than {roi.control} emails. Figures are medians of "
        f"{roi.n_draws:,} joint draws; the mean of the net is {_money(roi, roi.net_mean_usd)}."
    )
    pictures = (
        Picture(
            lambda ax: roi.plot(view="net", ax=ax),
            f"Distribution of net value; median {_money(roi, roi.net_usd)}",
        ),
    )
    return Part("net", title, (text,), tiles, pictures=pictures)


def break_even(found: Found) -> Part:
    """5: the lift that is needed beside the lift that was seen."""
    title = "Break-even against what was seen"
    roi = found.roi
    if roi is None:
        return Part("break-even", title, missing=NO_ROI)
    if roi.value_path:
        return Part("break-even", title, missing=NO_FUNNEL)
    if not math.isfinite(roi.break_even_rate):
        sentence = "No reply rate makes individual emails pay at these costs and this funnel."
        return Part("break-even", title, (sentence,))
    sentence = (
        f"Individual emails pay when at least {percent(roi.break_even_rate, 2)} of contacts reply, a lift of "
        f"{points(roi.break_even_lift)} over {roi.control}; seen were {points(roi.lift)} "
        f"({interval(points(roi.lift_low), points(roi.lift_high))}). The probability that the break-even is met is "
        f"{percent(roi.p_above_break_even, 0)}."
    )
    tiles = (
        Tile("Lift needed", roi.break_even_lift, points(roi.break_even_lift)),
        Tile("Lift seen", roi.lift, points(roi.lift), f"{percent(roi.lift_confidence, 0)} interval"),
    )
    picture = Picture(
        lambda ax: roi.plot(view="break_even", ax=ax),
        "Lift needed to break even beside the lift seen",
        height=2.6,
    )
    return Part("break-even", title, (sentence,), tiles, pictures=(picture,))


def cost_build_up(found: Found) -> Part:
    """6: what each arm costs, item by item."""
    title = "Cost build-up"
    roi = found.roi
    if roi is None:
        return Part("costs", title, missing=NO_ROI)
    frame = roi.costs[roi.costs["cost_high_usd"] > 0]
    priced = (
        f" Model prices are of {roi.prices_on}."
        if roi.prices_on
        else " Model prices are assumptions; state yours with their date."
    )
    sentence = (
        f"{roi.control.capitalize()} emails cost {_money(roi, roi.cost_control_usd)} and {roi.treatment} emails "
        f"{_money(roi, roi.cost_treatment_usd)} for {plural(roi.n_contacts, 'contact')}.{'' if roi.value_path else priced}"
    )
    columns = [name for name in frame.columns if name != "cost_mean_usd"]
    table = Table("Cost of a campaign by item, median and range", frame[columns], dict.fromkeys(columns[2:], "money"))
    picture = Picture(lambda ax: roi.plot(view="costs", ax=ax), "Cost of each variant by item", height=3.0)
    return Part("costs", title, (sentence,), tables=(table,), pictures=(picture,) if len(frame) else ())


def funnel(found: Found) -> Part:
    """7: from a reply to its margin."""
    title = "From reply to margin"
    roi = found.roi
    if roi is None:
        return Part("funnel", title, missing=NO_ROI)
    if roi.funnel.empty:
        return Part("funnel", title, missing=NO_FUNNEL)
    text = f"One reply is worth {money(roi.value_per_reply_usd, currency=roi.currency)} of margin in the median." + (
        " The steps after the reply move the result more than anything else: confirm them first."
        if roi.funnel_dominates
        else ""
    )
    steps = roi.funnel.pivot_table(index="step", columns="variant", values="median", sort=False).reset_index()
    steps = steps[["step", roi.control, roi.treatment]]
    formats = {roi.control: "count", roi.treatment: "count"}
    table = Table("Expected counts and margin (last row, in money) by step, medians", steps, formats)
    picture = Picture(
        lambda ax: roi.plot(view="funnel", ax=ax),
        "Funnel from contacts to margin for both variants",
        height=3.2,
    )
    return Part("funnel", title, (text,), tables=(table,), pictures=(picture,))


def tornado(found: Found) -> Part:
    """8: which inputs move the result."""
    title = "What moves the result"
    roi = found.roi
    if roi is None:
        return Part("tornado", title, missing=NO_ROI)
    if roi.tornado.empty:
        return Part("tornado", title, missing="No input is uncertain.")
    top = roi.tornado.head(6)
    first = top.iloc[0]
    text = (
        f"The input that matters most is {spoken(first['parameter'])}: between its 10th and 90th percentile the "
        f"net moves from {_money(roi, first['net_low_usd'])} to {_money(roi, first['net_high_usd'])}."
    )
    shown = top[["parameter", "input_low", "input_high", "net_low_usd", "net_high_usd", "switch_value"]]
    shown = shown.assign(parameter=shown["parameter"].map(spoken))
    table = Table("Six largest swings of net value", shown, {"net_low_usd": "money", "net_high_usd": "money"})
    picture = Picture(
        lambda ax: roi.plot(view="tornado", ax=ax), "Tornado of the inputs that move net value", height=3.4
    )
    return Part("tornado", title, (text,), tables=(table,), pictures=(picture,))


def scenarios(found: Found) -> Part:
    """9: sceptical, default, optimistic."""
    title = "Scenarios"
    roi = found.roi
    if roi is None:
        return Part("scenarios", title, missing=NO_ROI)
    columns = ["scenario", "relative_lift", "benefit_usd", "cost_difference_usd", "net_usd", "net_low_usd", "net_high_usd",
               "p_net_positive", "note"]  # fmt: skip
    frame = roi.scenarios[[name for name in columns if name in roi.scenarios.columns]]
    formats = {name: "money" for name in frame.columns if name.endswith("_usd")}
    formats |= {"relative_lift": "signed_percent", "p_net_positive": "percent"}
    low, high = frame["net_usd"].min(), frame["net_usd"].max()
    text = f"Between the scenarios the median net value runs from {_money(roi, low)} to {_money(roi, high)}."
    table = Table("The same columns in every scenario", frame, formats)
    picture = Picture(
        lambda ax: roi.plot(view="scenarios", ax=ax), "Net value in each scenario with its range", height=2.6
    )
    return Part("scenarios", title, (text,), tables=(table,), pictures=(picture,) if len(frame) > 1 else ())


def segment_curve(found: Found) -> Part:
    """10: templates against emails, and where they cross."""
    title = "How many segments would cost as much"
    roi = found.roi
    if (roi is None or roi.segment_curve.empty) and found.explosion is None:
        return Part(
            "segments",
            title,
            missing="Neither an explosion of segments nor an estimate of ROI with templates was there.",
        )
    sentences, pictures = [], []
    if roi is not None and not roi.segment_curve.empty:
        told = math.isfinite(roi.crossing_segments)
        crossing = f"{count(roi.crossing_segments)} templates cost as much as one email a person (S*)" if told else ""
        if crossing:
            sentences.append(f"{crossing}, median of all draws; the campaign assumes {count(roi.n_segments)}.")
        pictures.append(
            Picture(
                lambda ax: roi.plot(view="segments", ax=ax),
                f"Cost of templates against emails by number of segments; {crossing}",
            )
        )
    if found.explosion is not None:
        explosion = found.explosion
        sentences.append(explosion.summary())
        pictures.append(
            Picture(
                lambda ax: explosion.plot(ax=ax),
                "Possible, occupied and testable segments as attributes are crossed",
            )
        )
    return Part("segments", title, tuple(sentences), pictures=tuple(pictures))


def payback(found: Found) -> Part:
    """13: when set-up is earned back, and what the horizon is worth."""
    title = "Payback and present value"
    roi = found.roi
    if roi is None:
        return Part("payback", title, missing=NO_ROI)
    back = (
        f"Set-up is earned back after {count(roi.payback_campaigns)} campaigns in the median."
        if math.isfinite(roi.payback_campaigns) and roi.p_payback > 0.5
        else "Set-up is probably not earned back within the horizon."
    )
    tiles = (
        Tile(
            f"Present value of {roi.n_campaigns} campaigns", roi.npv_usd, _money(roi, roi.npv_usd),
            _span(roi, roi.npv_low_usd, roi.npv_high_usd),
        ),
        Tile("Probability of payback", roi.p_payback, percent(roi.p_payback, 0), f"within {roi.n_campaigns} campaigns"),
    )  # fmt: skip
    picture = Picture(
        lambda ax: roi.plot(view="payback", ax=ax),
        "Cumulative cash flow by campaign with its range",
        height=3.0,
    )
    return Part("payback", title, (back,), tiles, pictures=(picture,))


def assumptions(found: Found) -> Part:
    """15: every assumption with its source and grade; changed ones in bold."""
    title = "Assumptions"
    roi = found.roi
    if roi is None:
        return Part("assumptions", title, missing=NO_ROI)
    if roi.assumptions.empty:
        return Part("assumptions", title, ("Value and cost were measured per contact; nothing was assumed.",))
    frame = roi.assumptions.reset_index(drop=True)
    shown = frame[["parameter", "value", "unit", "source", "year", "grade"]].copy()
    shown["parameter"] = shown["parameter"].map(spoken) + frame["confirm"].map({True: " (confirm)", False: ""})
    shown["year"] = shown["year"].map(lambda year: "" if year != year or year is None else f"{int(year)}")  # noqa: PLR0124
    strong = tuple(int(place) for place in frame.index[frame["changed"].astype(bool)])
    text = (
        f"{plural(len(strong), 'assumption')} of {len(frame)} {'was' if len(strong) == 1 else 'were'} changed from the default "
        "(in bold). Grades: A randomised and reviewed, A- randomised, B large observational, C vendor data, D vendor claim."
    )
    return Part(
        "assumptions",
        title,
        (text,),
        tables=(Table("Every input with its source", shown, strong_rows=strong),),
    )


def _input(roi: RoiEstimate, name: str, value: float) -> str:
    """Return a value of an input in its own unit."""
    if name == "relative_rate":
        return f"{signed_percent(value - 1)} of the control's reply rate"
    units = dict(zip(roi.assumptions["parameter"], roi.assumptions["unit"], strict=True))
    unit = "share" if name == "rate_control" else str(units.get(name, ""))
    if unit == "share":
        return percent(value, 1 if value >= 0.01 else 2)
    return money(value, currency=roi.currency) if unit.startswith("USD") else f"{value:,.4g} {unit}".strip()


def next_test(found: Found) -> Part:
    """16: what would change the answer."""
    title = "What would change the answer"
    roi = found.roi
    if roi is None:
        return Part("next-test", title, missing=NO_ROI)
    regrets = f"{_money(roi, roi.regret_adopt_usd)} of adopting and {_money(roi, roi.regret_stay_usd)} of staying"
    worth = f"Knowing everything before choosing would be worth {_money(roi, roi.evpi_usd)} over {roi.n_campaigns} campaigns"
    sentences = [f"{worth}; the expected regret is {regrets}."]
    if roi.next_test_n > 0:
        sentences.append(f"The next test that pays best has {count(roi.next_test_n)} contacts in each arm.")
    elif not roi.value_path:
        sentences.append("No further test pays for itself: its answer would hardly change the choice.")
    switches = roi.tornado[roi.tornado["switch_value"].notna()].head(3) if not roi.tornado.empty else roi.tornado
    sentences += [
        f"A loss turns into a gain, or back, where the {spoken(row.parameter)} passes {_input(roi, row.parameter, row.switch_value)}."
        for row in switches.itertuples()
    ]
    return Part("next-test", title, tuple(sentences))
