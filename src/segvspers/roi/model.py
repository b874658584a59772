"""From inputs to money: one function for draws, tornado bars and scenarios alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from segvspers.roi import formulas
from segvspers.roi.costs import Costs
from segvspers.roi.funnel import Funnel

Inputs = Mapping[str, Any]
Amounts = dict[str, Any]
FUNNEL_STEPS = (
    "positive_share",
    "relative_positive_share",
    "meeting_share",
    "win_share",
    "value_usd",
    "margin",
    "retention",
)
EVIDENCE_INPUTS = ("rate_control", "relative_rate", "value_difference")


@dataclass(frozen=True, eq=False)
class Model:
    """Joint draws of every input, and the function that turns inputs into amounts."""

    draws: dict[str, np.ndarray]
    evaluate: Callable[[Inputs], Amounts]

    def medians(self) -> dict[str, float]:
        """Return the middle of every input."""
        return dict(self._middle)

    @cached_property
    def _middle(self) -> dict[str, float]:
        return {name: float(np.median(values)) for name, values in self.draws.items()}

    def uncertain(self) -> list[str]:
        """Return the inputs that have a spread."""
        return [name for name, values in self.draws.items() if values.min() < values.max()]


def group_of(name: str) -> str:
    """Return whether an input belongs to the funnel, the evidence or the costs."""
    if name in FUNNEL_STEPS:
        return "funnel"
    return "evidence" if name in EVIDENCE_INPUTS else "costs"


def draw_inputs(
    costs: Costs, funnel: Funnel | None, *, n_draws: int, rng: np.random.Generator
) -> dict[str, np.ndarray]:
    """Return draws of all costs and funnel steps, each from its own stream."""
    values = costs.values() | (funnel.values() if funnel is not None else {})
    drawn = {}
    for (name, value), stream in zip(sorted(values.items()), rng.spawn(len(values)), strict=True):
        draws = value.draw(n_draws, stream)
        drawn[name] = np.clip(draws, 0.0, None)
    for name in (
        "positive_share",
        "meeting_share",
        "win_share",
        "margin",
        "retention",
        "review_share",
        "retry_share",
    ):
        if name in drawn:
            drawn[name] = np.minimum(drawn[name], 1.0)
    return drawn


def reply_model(n_contacts: int, discount_rate: float) -> Callable[[Inputs], Amounts]:
    """Return the function from inputs to amounts for variants that are compared by their replies."""

    def evaluate(x: Inputs) -> Amounts:
        n = float(n_contacts)
        rate_treatment = np.minimum(x["rate_control"] * x["relative_rate"], 1.0)
        relative_value = np.minimum(x["relative_positive_share"], 1 / np.maximum(x["positive_share"], 1e-12))
        per_deal = x["value_usd"] * x["margin"]
        if "retention" in x:
            per_deal = formulas.lifetime_value(per_deal, x["retention"], discount_rate)
        per_reply = formulas.value_per_reply(x["positive_share"], x["meeting_share"], x["win_share"], per_deal, 1.0)
        control = segment_items(x, n, x["rate_control"])
        treatment = individual_items(x, n, rate_treatment)
        benefit_control = n * x["rate_control"] * per_reply
        benefit_treatment = n * rate_treatment * relative_value * per_reply
        amounts = _totals(control, treatment, benefit_control, benefit_treatment)
        reply_cost = x["reply_minutes"] / 60 * x["seller_rate_usd"]
        without_replies = amounts["cost_difference"] - (treatment["reply handling"] - control["reply handling"])
        replies_extra = n * (rate_treatment - x["rate_control"])
        return amounts | {
            "rate_treatment": rate_treatment,
            "relative_value": relative_value,
            "per_reply": per_reply,
            "per_deal": per_deal,
            "reply_cost": reply_cost,
            "replies_extra": replies_extra,
            "cost_per_reply": formulas.ratio(
                amounts["cost_difference"], np.where(replies_extra > 0, replies_extra, np.nan)
            ),
            "break_even_rate": formulas.break_even_rate(
                x["rate_control"],
                without_replies,
                n,
                per_reply,
                reply_cost=reply_cost,
                relative_value=relative_value,
            ),
            "crossing_segments": formulas.crossing_segments(
                n, _per_email(x), x["template_hours"] * x["writer_rate_usd"]
            ),
            "email_cost": _per_email(x),
            "template_cost": x["template_hours"] * x["writer_rate_usd"],
            "fixed_control": control["templates"] + control["platform"],
            "fixed_treatment": treatment["prompt writing"] + treatment["platform"] + treatment["set-up"],
            "setup": treatment["set-up"],
        }

    return evaluate


def value_model(n_contacts: int, setup_usd: float = 0.0) -> Callable[[Inputs], Amounts]:
    """Return the function from inputs to amounts for variants whose margin and cost per contact were seen."""

    def evaluate(x: Inputs) -> Amounts:
        n = float(n_contacts)
        control = {"seen per contact": n * x["cost_control"]}
        treatment = {"seen per contact": n * (x["cost_control"] + x["cost_difference"]), "set-up": setup_usd}
        amounts = _totals(control, treatment, n * x["value_control"], n * (x["value_control"] + x["value_difference"]))
        fixed = {"fixed_control": 0.0, "fixed_treatment": setup_usd, "setup": setup_usd}
        return amounts | fixed

    return evaluate


def segment_items(x: Inputs, n: float, rate: Any) -> Amounts:
    """Return the cost items of the segment variant."""
    return {
        "templates": x["n_segments"] * x["n_steps"] * x["template_hours"] * x["writer_rate_usd"],
        "platform": x["platform_segment_usd"],
        "reply handling": n * rate * x["reply_minutes"] / 60 * x["seller_rate_usd"],
        "list harm": n * x["unsubscribe_rate"] * x["subscriber_value_usd"],
    }


def individual_items(x: Inputs, n: float, rate: Any) -> Amounts:
    """Return the cost items of the individual variant."""
    return {
        "model tokens": n * x["n_steps"] * _tokens_per_email(x),
        "human review": n * x["n_steps"] * x["review_share"] * x["review_minutes"] / 60 * x["writer_rate_usd"],
        "prompt writing": x["prompt_hours"] * x["writer_rate_usd"],
        "data": n * x["data_usd"],
        "platform": x["platform_individual_usd"],
        "set-up": x["setup_usd"],
        "reply handling": n * rate * x["reply_minutes"] / 60 * x["seller_rate_usd"],
        "list harm": n * np.minimum(x["unsubscribe_rate"] * x["relative_unsubscribe"], 1.0) * x["subscriber_value_usd"],
    }


def _tokens_per_email(x: Inputs) -> Any:
    if "email_cost_usd" in x:
        return x["email_cost_usd"]
    tokens = (x["tokens_in"], x["tokens_cached"], x["tokens_out"])
    prices = (x["price_in_usd"], x["price_cached_usd"], x["price_out_usd"])
    return formulas.token_cost(1, 1, x["retry_share"], tokens, prices)


def _per_email(x: Inputs) -> Any:
    review = x["review_share"] * x["review_minutes"] / 60 * x["writer_rate_usd"]
    return _tokens_per_email(x) + review + x["data_usd"] / x["n_steps"]


def _totals(control: Amounts, treatment: Amounts, benefit_control: Any, benefit_treatment: Any) -> Amounts:
    cost_control, cost_treatment = sum(control.values()), sum(treatment.values())
    benefit, difference = benefit_treatment - benefit_control, cost_treatment - cost_control
    return {
        "items_control": control,
        "items_treatment": treatment,
        "benefit_control": benefit_control,
        "benefit_treatment": benefit_treatment,
        "cost_control": cost_control,
        "cost_treatment": cost_treatment,
        "benefit": benefit,
        "cost_difference": difference,
        "net": benefit - difference,
        "roi": formulas.roi(benefit, difference),
    }
