"""Estimate from margin and cost seen per contact: no funnel is assumed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from segvspers.errors import ArgumentError
from segvspers.roi import ledger, sensitivity
from segvspers.roi.assemble import assembled, seen
from segvspers.roi.decision import value_groups
from segvspers.roi.finding import RoiEstimate
from segvspers.roi.model import Model, value_model
from segvspers.roi.observed import ObservedValues
from segvspers.roi.rates import Counts


def values_estimate(
    values: ObservedValues, n_contacts: int | None, settings: dict[str, Any], rng: np.random.Generator
) -> RoiEstimate:
    """Return the estimate of two variants whose margin and cost per contact were seen."""
    if settings["groups"] is not None:
        raise ArgumentError("groups= goes with a comparison of reply rates; leave it out for values seen per contact.")
    n = int(n_contacts or values.n_control + values.n_treatment)
    draws = rng.multivariate_normal(
        [values.value_difference, values.cost_difference],
        np.array(values.covariance),
        size=settings["n_draws"],
        method="eigh",
    )
    fixed = {name: np.full(settings["n_draws"], getattr(values, name)) for name in ("value_control", "cost_control")}
    cost_draws = draws[:, 1] if values.covariance[1][1] > 0 else np.full(len(draws), values.cost_difference)
    model = Model(fixed | {"value_difference": draws[:, 0], "cost_difference": cost_draws}, value_model(n))
    amounts = model.evaluate(model.draws)
    tail = (1 - settings["confidence"]) / 2
    settings |= {"rng": rng}
    name = values.control or "nothing sent"
    counts = Counts(
        values.n_control,
        values.n_treatment,
        values.rate_control * values.n_control,
        values.rate_treatment * values.n_treatment,
        1.0,
    )
    row = sensitivity.scenario_row(model, name="as seen", note="margin and cost per contact as measured")
    empty = pd.DataFrame()
    none = value_groups(None, per_reply=np.zeros(1), cost_per_contact=np.zeros(1), adopt_above=0.9, rng=rng)
    policy = settings.get("policy_groups")
    parts = {
        "groups": none if policy is None else policy,
        "scenarios": pd.DataFrame([row]),
        "segment_curve": empty,
        "funnel": empty,
        "assumptions": ledger.assumption_table_of([]),
        "costs": ledger.cost_table(amounts, control=name, treatment=values.treatment, tail=tail),
    }
    nan = float("nan")
    numbers = {
        **seen(values, counts),
        "control": name,
        "relative_lift_used": nan,
        "break_even_rate": nan,
        "break_even_low": nan,
        "break_even_high": nan,
        "break_even_lift": nan,
        "p_above_break_even": nan,
        "crossing_segments": nan,
        "cheaper_below_contacts": nan,
        "cost_per_extra_reply": nan,
        "value_per_reply_usd": nan,
        "n_contacts": n,
        "n_segments": nan,
        "currency": values.currency,
        "prices_on": None,
        "prior": "none",
        "lifetime_value_usd": nan,
        "value_path": True,
        "seen_per_contact": {
            f"{name}_usd": float(getattr(values, name))
            for name in ("value_control", "value_difference", "cost_control", "cost_difference")
        },
        "net_seen_usd": values.net_seen_usd,
    }
    return assembled(model, amounts, numbers, parts, settings, discount=0.10)
