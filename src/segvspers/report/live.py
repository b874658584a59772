"""The live sheets of the workbook: inputs as named cells, and the result as formulas over those names.

Each line holds the formula for the sheet; its value now is taken from the model of the estimate, so that a
sheet that is never recalculated shows what Python found. Inputs stand at their means: net is a sum of products of
inputs that are drawn apart, so the sheet gives the mean of all draws, which medians would not.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from segvspers.roi.formulas import annuity
from segvspers.roi.model import reply_model, value_model

if TYPE_CHECKING:
    from segvspers.roi import RoiEstimate


@dataclass(frozen=True, slots=True)
class Input:
    """One named cell that a reader may change."""

    name: str
    value: float
    unit: str
    source: str
    grade: str


@dataclass(frozen=True, slots=True)
class Line:
    """One live line of the result; `value` is what the formula gives for the inputs as written."""

    heading: str
    name: str
    text: str
    formula: str
    value: float | str
    wording: str
    drawn: str = ""


@dataclass(frozen=True, slots=True)
class Live:
    """Inputs, the lines computed from them, and the items of cost that the chart shows."""

    inputs: tuple[Input, ...]
    lines: tuple[Line, ...]
    items: tuple[tuple[str, str, str], ...]


TOKENS = "=(1+retry_share)*(tokens_in*price_in_usd+tokens_cached*price_cached_usd+tokens_out*price_out_usd)/1000000"
HARM_A = "=n_contacts*unsubscribe_rate*subscriber_value_usd"
HARM_B = "=n_contacts*MIN(unsubscribe_rate*relative_unsubscribe,1)*subscriber_value_usd"
BREAK_EVEN = (
    "=IF(value_per_reply*relative_value>reply_cost,(rate_control*(value_per_reply-reply_cost)"
    "+(cost_difference-handling_treatment+handling_control)/n_contacts)/(value_per_reply*relative_value-reply_cost),"
    '"no rate breaks even")'
)
BREAK_EVEN_LIFT = '=IF(ISNUMBER(break_even_rate),break_even_rate-rate_control,"no rate breaks even")'
CROSSING = (
    "=IF(template_hours*writer_rate_usd>0,n_contacts*(token_cost_per_email+review_cost_per_email+data_usd/n_steps)"
    '/(template_hours*writer_rate_usd),"templates are free")'
)
COST_B = "=token_cost+review_cost+prompt_cost+data_cost+platform_treatment+setup_cost+handling_treatment+harm_treatment"
ANNUITY = (
    "=IF(discount_rate=0,n_campaigns,(1-(1+discount_rate)^(-n_campaigns/campaigns_per_year))"
    "/((1+discount_rate)^(1/campaigns_per_year)-1))"
)
ROI = '=IF(cost_difference>0,net_usd/cost_difference,"no extra cost")'
VERDICT = '=IF(benefit_usd>0,"better","worse")&" and "&IF(cost_difference>0,"dearer","cheaper")'
PAYBACK = '=IF(net_usd+setup_usd>0,ROUNDUP(setup_usd/(net_usd+setup_usd),0),IF(AND(setup_usd=0,net_usd=0),0,"never"))'


def live_sheets(roi: RoiEstimate) -> Live:
    """Return inputs and lines of an estimate; those of values seen per contact need no funnel."""
    return _of_values(roi) if roi.value_path else _of_replies(roi)


def _of_replies(roi: RoiEstimate) -> Live:
    inputs = [*_common(roi), *_assumed(roi)]
    x = {one.name: one.value for one in inputs}
    x["relative_rate"] = x["rate_treatment"] / x["rate_control"]
    now: dict[str, Any] = reply_model(roi.n_contacts, roi.discount_rate)(x)
    rooms = (
        _worth(roi, x, now),
        _units(x, now),
        _costs(roi, now),
        _net(roi, now, set_up=x["setup_usd"]),
        _breaks(x, now),
    )
    return Live(tuple(inputs), tuple(line for room in rooms for line in room.lines), ITEMS)


def _worth(roi: RoiEstimate, x: dict[str, float], now: dict[str, Any]) -> _Lines:
    lasting = "retention" in x
    deal = "=value_usd*margin*retention/(1+discount_rate-retention)" if lasting else "=value_usd*margin"
    lines = _Lines("Benefit")
    lift = "=rate_treatment/rate_control-1"
    lines.add(
        "relative_lift", "relative lift in replies", lift, x["relative_rate"] - 1, "relative_lift", "signed_percent"
    )
    relative = "=MIN(relative_positive_share,1/positive_share)"
    lines.add("relative_value", "worth of a reply, relative", relative, now["relative_value"], wording="plain")
    name = "lifetime margin of a deal" if lasting else "margin of a deal"
    lines.add("value_per_deal", name, deal, now["per_deal"])
    reply = "=positive_share*meeting_share*win_share*value_per_deal"
    lines.add("value_per_reply", "margin of a reply", reply, now["per_reply"], "per_reply")
    earned = "=n_contacts*rate_control*value_per_reply"
    lines.add("benefit_control", f"margin, {roi.control}", earned, now["benefit_control"])
    earned = "=n_contacts*rate_treatment*relative_value*value_per_reply"
    lines.add("benefit_treatment", f"margin, {roi.treatment}", earned, now["benefit_treatment"])
    gained = "=benefit_treatment-benefit_control"
    lines.add("benefit_usd", "incremental margin dB", gained, now["benefit"], "benefit")
    return lines


def _units(x: dict[str, float], now: dict[str, Any]) -> _Lines:
    lines = _Lines("Unit costs")
    lines.add("reply_cost", "answering one reply", "=reply_minutes/60*seller_rate_usd", now["reply_cost"])
    tokens = now["items_treatment"]["model tokens"] / (x["n_contacts"] * x["n_steps"])
    formula = "=email_cost_usd" if "email_cost_usd" in x else TOKENS
    lines.add("token_cost_per_email", "model tokens of one email", formula, tokens, wording="small")
    review = x["review_share"] * x["review_minutes"] / 60 * x["writer_rate_usd"]
    formula = "=review_share*review_minutes/60*writer_rate_usd"
    lines.add("review_cost_per_email", "review of one email", formula, review, wording="small")
    return lines


def _costs(roi: RoiEstimate, now: dict[str, Any]) -> _Lines:
    a, b = now["items_control"], now["items_treatment"]
    lines = _Lines("Costs")
    lines.add("template_cost", "templates", "=n_segments*n_steps*template_hours*writer_rate_usd", a["templates"])
    lines.add("platform_control", "platform", "=platform_segment_usd", a["platform"])
    lines.add("handling_control", "reply handling", "=n_contacts*rate_control*reply_cost", a["reply handling"])
    lines.add("harm_control", "list harm", HARM_A, a["list harm"])
    total = "=template_cost+platform_control+handling_control+harm_control"
    lines.add("cost_control", f"cost of {roi.control} emails", total, now["cost_control"], "cost_control")
    lines.add("token_cost", "model tokens", "=n_contacts*n_steps*token_cost_per_email", b["model tokens"])
    lines.add("review_cost", "human review", "=n_contacts*n_steps*review_cost_per_email", b["human review"])
    lines.add("prompt_cost", "prompt writing", "=prompt_hours*writer_rate_usd", b["prompt writing"])
    lines.add("data_cost", "data", "=n_contacts*data_usd", b["data"])
    lines.add("platform_treatment", "platform", "=platform_individual_usd", b["platform"])
    lines.add("setup_cost", "set-up", "=setup_usd", b["set-up"])
    lines.add("handling_treatment", "reply handling", "=n_contacts*rate_treatment*reply_cost", b["reply handling"])
    lines.add("harm_treatment", "list harm", HARM_B, b["list harm"])
    lines.add("cost_treatment", f"cost of {roi.treatment} emails", COST_B, now["cost_treatment"], "cost_treatment")
    difference = "=cost_treatment-cost_control"
    lines.add("cost_difference", "cost difference dC", difference, now["cost_difference"], "cost_difference")
    return lines


def _breaks(x: dict[str, float], now: dict[str, Any]) -> _Lines:
    even, extra, per, crossing = (
        float(np.asarray(now[name]))
        for name in ("break_even_rate", "replies_extra", "cost_per_reply", "crossing_segments")
    )
    told, none, free = np.isfinite(even), "no rate breaks even", "templates are free"
    lines = _Lines("Break-even")
    rate = even if told else none
    lines.add("break_even_rate", "break-even reply rate", BREAK_EVEN, rate, "break_even_rate", "percent")
    lift = even - x["rate_control"] if told else none
    lines.add("break_even_lift", "lift needed", BREAK_EVEN_LIFT, lift, wording="percent")
    formula = "=n_contacts*(rate_treatment-rate_control)"
    lines.add("replies_extra", "extra replies", formula, extra, "replies_extra", "plain")
    formula = '=IF(replies_extra>0,cost_difference/replies_extra,"no extra reply")'
    cost = per if extra > 0 else "no extra reply"
    lines.add("cost_per_extra_reply", "cost per extra reply", formula, cost, "cost_per_reply")
    segments = crossing if np.isfinite(crossing) else free
    lines.add("crossing_segments", "crossing S*, templates", CROSSING, segments, "crossing_segments", "plain")
    return lines


# Items of cost that the chart shows: what, the cell of the control and that of the treatment.
ITEMS = (
    ("templates", "template_cost", ""),
    ("model tokens", "", "token_cost"),
    ("human review", "", "review_cost"),
    ("prompt writing", "", "prompt_cost"),
    ("data", "", "data_cost"),
    ("platform", "platform_control", "platform_treatment"),
    ("set-up", "", "setup_cost"),
    ("reply handling", "handling_control", "handling_treatment"),
    ("list harm", "harm_control", "harm_treatment"),
)


def _of_values(roi: RoiEstimate) -> Live:
    seen = roi.seen_per_contact
    inputs = [
        *_common(roi, rates=False),
        *(Input(name, value, f"{roi.currency} per contact", "as seen in the data", "") for name, value in seen.items()),
        Input("setup_usd", 0.0, f"{roi.currency} once", "none was stated", ""),
    ]
    x = {one.name: one.value for one in inputs}
    model_names = {"value_control": "value_control_usd", "value_difference": "value_difference_usd",
                   "cost_control": "cost_control_usd", "cost_difference": "cost_difference_usd"}  # fmt: skip
    now: dict[str, Any] = value_model(roi.n_contacts)({name: x[cell] for name, cell in model_names.items()})
    worth = _Lines("Benefit and cost")
    worth.add("benefit_usd", "incremental margin dB", "=n_contacts*value_difference_usd", now["benefit"], "benefit")
    difference = "=n_contacts*cost_difference_usd+setup_usd"
    worth.add("cost_difference", "cost difference dC", difference, now["cost_difference"], "cost_difference")
    return Live(tuple(inputs), (*worth.lines, *_net(roi, now, set_up=0.0).lines), ())


class _Lines:
    def __init__(self, heading: str) -> None:
        self.heading = heading
        self.lines: list[Line] = []

    def add(self, name: str, text: str, formula: str, value: Any, drawn: str = "", wording: str = "money") -> None:
        heading = "" if self.lines else self.heading
        plain = value if isinstance(value, str) else float(np.asarray(value))
        self.lines.append(Line(heading, name, text, formula, plain, wording, drawn))


def _net(roi: RoiEstimate, now: dict[str, Any], *, set_up: float) -> _Lines:
    net, dearer = float(np.asarray(now["net"])), float(np.asarray(now["cost_difference"])) > 0
    better = float(np.asarray(now["benefit"])) > 0
    result = _Lines("Result")
    result.add("net_usd", "net, dB - dC", "=benefit_usd-cost_difference", net, "net")
    ratio = float(np.asarray(now["roi"]))
    result.add(
        "roi_ratio", "incremental ROI, (dB - dC)/dC", ROI, ratio if dearer else "no extra cost", "roi", "signed_percent"
    )
    words = f"{'better' if better else 'worse'} and {'dearer' if dearer else 'cheaper'}"
    result.add("verdict", "verdict", VERDICT, words, wording="")
    factor = float(annuity(roi.n_campaigns, roi.discount_rate, per_year=roi.campaigns_per_year))
    result.add("annuity", "campaigns at present value", ANNUITY, factor, wording="plain")
    value = "=annuity*(net_usd+setup_usd)-setup_usd"
    result.add("npv_usd", f"present value, {roi.n_campaigns} campaigns", value, factor * (net + set_up) - set_up, "npv")
    earned = net + set_up
    never: float | str = 0.0 if earned == set_up == 0 else "never"
    back = float(np.ceil(set_up / earned)) if earned > 0 else never
    result.add("payback_campaigns", "campaigns until set-up is earned back", PAYBACK, back, wording="plain")
    return result


def _common(roi: RoiEstimate, *, rates: bool = True) -> list[Input]:
    means = roi.quantities.set_index("quantity")["mean"]
    rows = [Input("n_contacts", float(roi.n_contacts), "contacts", "roll-out", "")]
    if rates:
        drawn = "mean of the draws: the test and the prior"
        rows += [Input(name, float(means[name]), "share", drawn, "") for name in ("rate_control", "rate_treatment")]
    rows.append(Input("n_campaigns", float(roi.n_campaigns), "campaigns", "horizon", ""))
    rows.append(Input("campaigns_per_year", float(roi.campaigns_per_year), "campaigns a year", "horizon", ""))
    rows.append(Input("discount_rate", float(roi.discount_rate), "share a year", "stated with the funnel", ""))
    return rows


def _assumed(roi: RoiEstimate) -> list[Input]:
    rows = roi.assumptions[~roi.assumptions["parameter"].isin(["log_relative_effect", "discount_rate"])]
    return [
        Input(str(row.parameter), float(row.mean), str(row.unit), str(row.source), str(row.grade))
        for row in rows.itertuples()
    ]
