"""Estimate from a comparison of reply rates: evidence, funnel and costs drawn together."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from segvspers.assumptions import Distribution
from segvspers.errors import NotEstimableError
from segvspers.roi import ledger, sensitivity
from segvspers.roi.assemble import assembled, finite, seen
from segvspers.roi.costs import Costs
from segvspers.roi.decision import value_groups
from segvspers.roi.finding import RoiEstimate
from segvspers.roi.funnel import Funnel
from segvspers.roi.model import Amounts, Model, draw_inputs, reply_model
from segvspers.roi.rates import PRIOR_SOURCES, PRIORS, draw_rates, named_prior, read_counts

CORNERS = {"sceptical": 1 / 3, "optimistic": 2 / 3}


def replies_estimate(
    comparison: Any,
    costs: Costs,
    funnel: Funnel,
    n_contacts: int | None,
    prior: Any,
    settings: dict[str, Any],
    rng: np.random.Generator,
) -> RoiEstimate:
    """Return the estimate of two variants that were compared by their replies."""
    counts = read_counts(comparison)
    if counts.replies_control + counts.replies_treatment == 0:
        raise NotEstimableError("nobody replied to either variant, so nothing can be told; wait or test more contacts.")
    n = int(n_contacts or counts.n_control + counts.n_treatment)
    prior_name, prior_value = named_prior(prior)
    streams = rng.spawn(4)
    settings |= {"rng": streams[2]}
    shared = draw_inputs(costs, funnel, n_draws=settings["n_draws"], rng=streams[0])
    seed = int(streams[1].integers(2**63))
    evaluate = reply_model(n, funnel.discount_rate)

    def with_prior(chosen: Distribution | None) -> Model:
        control, relative = draw_rates(counts, chosen, n_draws=settings["n_draws"], rng=np.random.default_rng(seed))
        return Model(shared | {"rate_control": control, "relative_rate": relative}, evaluate)

    model = with_prior(prior_value)
    amounts = model.evaluate(model.draws)
    amounts |= {
        "rate_control": model.draws["rate_control"],
        "relative_lift": model.draws["relative_rate"] - 1,
        "n_steps": model.medians()["n_steps"],
    }
    per_contact = (amounts["cost_difference"]) / n
    groups = value_groups(
        settings["groups"],
        per_reply=np.broadcast_to(amounts["per_reply"], per_contact.shape),
        cost_per_contact=per_contact,
        adopt_above=settings["adopt_above"],
        rng=streams[3],
    )
    tail = (1 - settings["confidence"]) / 2
    names = (comparison.control, comparison.treatment)
    base_rate = float(np.median(model.draws["rate_control"]))
    parts = {
        "groups": groups,
        "scenarios": _reply_scenarios(model, with_prior, prior_name),
        "segment_curve": sensitivity.segment_curve(
            model, n_contacts=n, rate=base_rate, n_segments=costs.n_segments.quantile(0.5)
        ),
        "funnel": ledger.funnel_table(model.draws, amounts, n_contacts=n, names=names),
        "assumptions": ledger.assumption_table(costs, funnel, _prior_row(prior_name, prior_value)),
        "costs": ledger.cost_table(amounts, control=names[0], treatment=names[1], tail=tail),
    }
    numbers = {
        **seen(comparison, counts),
        **_reply_numbers(model, amounts, tail),
        "n_contacts": n,
        "n_segments": costs.n_segments.quantile(0.5),
        "currency": costs.currency,
        "prices_on": costs.prices_on,
        "prior": prior_name,
        "lifetime_value_usd": float(np.median(amounts["per_deal"])) if "retention" in model.draws else float("nan"),
        "value_path": False,
        "seen_per_contact": {},
        "net_seen_usd": float("nan"),
    }
    return assembled(model, amounts, numbers, parts, settings, discount=funnel.discount_rate)


def _reply_scenarios(model: Model, with_prior: Any, prior_name: str) -> pd.DataFrame:
    rows = [
        sensitivity.scenario_row(
            with_prior(PRIORS["sceptical"]),
            name="sceptical",
            note="sceptical prior; costs and funnel at their worse third",
            corner=CORNERS["sceptical"],
        ),
        sensitivity.scenario_row(
            model,
            name="default" if prior_name == "default" else f"headline ({prior_name} prior)",
            note="as in the headline",
        ),
        sensitivity.scenario_row(
            with_prior(PRIORS["optimistic"]),
            name="optimistic",
            note="prior of the best published case; costs and funnel at their better third",
            corner=CORNERS["optimistic"],
        ),
    ]
    if prior_name != "none":
        rows.append(
            sensitivity.scenario_row(
                with_prior(None), name="test alone", note="no prior: the counts of the test by themselves"
            )
        )
    return pd.DataFrame(rows)


def _reply_numbers(model: Model, amounts: Amounts, tail: float) -> dict[str, Any]:
    breaks, rate = np.asarray(amounts["break_even_rate"]), amounts["rate_treatment"]
    told = breaks[np.isfinite(breaks)]
    mostly = len(told) > 0.5 * len(breaks)
    low, middle, high = np.quantile(told, [tail, 0.5, 1 - tail]) if mostly else [np.nan] * 3
    steps = model.draws["n_steps"]
    same = (amounts["fixed_control"] - amounts["fixed_treatment"]) / np.maximum(amounts["email_cost"] * steps, 1e-12)
    return {
        "relative_lift_used": float(np.median(model.draws["relative_rate"]) - 1),
        "break_even_rate": float(middle),
        "break_even_low": float(low),
        "break_even_high": float(high),
        "break_even_lift": float(middle - np.median(model.draws["rate_control"])),
        "p_above_break_even": float(np.mean(rate >= breaks)),
        "crossing_segments": finite(np.nanmedian(amounts["crossing_segments"]))
        if np.isfinite(amounts["crossing_segments"]).any()
        else float("nan"),
        "cheaper_below_contacts": finite(np.median(same))
        if np.median(same) > 0 and np.median(amounts["email_cost"]) > 0
        else float("nan"),
        "cost_per_extra_reply": _mostly_median(amounts["cost_per_reply"]),
        "value_per_reply_usd": float(np.median(amounts["per_reply"])),
    }


def _mostly_median(values: Any) -> float:
    told = np.asarray(values)[np.isfinite(values)]
    return float(np.median(told)) if len(told) > 0.5 * np.size(values) else float("nan")


def _prior_row(name: str, value: Distribution | None) -> list[dict[str, Any]]:
    if value is None:
        return []
    source, year, grade = PRIOR_SOURCES[name]
    note = "no published randomised test compares individual with good segment emails on replies"
    row = ledger.assumption_row(
        "log_relative_effect",
        value,
        source=source,
        changed=name != "default",
        unit="log ratio",
        year=year,
        grade=grade,
        note=note,
    )
    return [row | {"group": "evidence"}]
