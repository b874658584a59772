"""From draws to the finding: what both paths share."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from segvspers.roi import ledger, sensitivity, wording
from segvspers.roi.decision import decide, quarter, quarter_shares
from segvspers.roi.finding import VIEWS, RoiEstimate
from segvspers.roi.model import Amounts, Model
from segvspers.roi.rates import Counts
from segvspers.roi.value_of_information import (
    partial_information,
    perfect_information,
    regrets,
    sample_information,
)

N_BINS = 60


def assembled(
    model: Model,
    amounts: Amounts,
    numbers: dict[str, Any],
    parts: dict[str, Any],
    settings: dict[str, Any],
    *,
    discount: float,
) -> RoiEstimate:
    """Return the finding from the draws and what was seen."""
    net, cost, benefit = amounts["net"], amounts["cost_difference"], amounts["benefit"]
    tail = (1 - settings["confidence"]) / 2
    setup = np.broadcast_to(amounts["setup"], net.shape)
    flow, npv, payback = ledger.flow_table(
        net + setup,
        setup,
        n_campaigns=settings["n_campaigns"],
        per_year=settings["campaigns_per_year"],
        discount=discount,
    )
    amounts |= {"npv": npv}
    samples = _further_tests(amounts, npv, rng=settings["rng"])
    choice = decide(
        net,
        evidence=numbers["evidence"],
        samples=samples,
        groups=parts["groups"],
        adopt_above=settings["adopt_above"],
        by_group=settings.get("policy_groups") is not None,
    )
    bars = sensitivity.tornado(model)
    funnel_share = float(bars.loc[bars["group"] == "funnel", "share_of_swing"].sum())
    p_dearer = float(np.mean(cost > 0))
    note = wording.roi_note(p_dearer)
    regret = regrets(npv)
    numbers |= {
        **_range("net", net, tail),
        **_range("benefit", benefit, tail),
        **_range("cost_difference", cost, tail),
        **_range("npv", npv, tail),
        **_roi(amounts["roi"], note, tail),
        "net_mean_usd": float(np.mean(net)),
        "p_net_positive": float(np.mean(net > 0)),
        "cost_control_usd": float(np.median(amounts["cost_control"])),
        "cost_treatment_usd": float(np.median(amounts["cost_treatment"])),
        "p_dearer": p_dearer,
        "roi_note": note,
        "verdict": quarter(bool(np.median(benefit) > 0), bool(np.median(cost) > 0)),
        "pays_from_contacts": _pays_from(net, amounts, numbers["n_contacts"]),
        "payback_campaigns": finite(np.median(payback)),
        "p_payback": float(np.mean(payback <= settings["n_campaigns"])),
        "p_npv_positive": float(np.mean(npv > 0)),
        "evpi_usd": perfect_information(npv),
        "regret_adopt_usd": regret[0],
        "regret_stay_usd": regret[1],
        "next_test_n": choice.next_test_n,
        "decision": choice.decision,
        "reason": choice.reason,
        "badge": wording.BADGES[numbers["evidence"]],
        "funnel_share": funnel_share,
        "tornado_centre_usd": float(model.evaluate(model.medians())["net"]),
        "funnel_dominates": bool(len(bars) and funnel_share > 0.5),
        "formulas": wording.FORMULAS,
        "discount_rate": float(discount),
        **{
            name: settings[name]
            for name in ("confidence", "adopt_above", "n_draws", "seed", "n_campaigns", "campaigns_per_year")
        },
    }
    gaining = list(parts["groups"].loc[parts["groups"]["adopt"].astype(bool), "group"])
    numbers["decision_sentence"] = wording.decision_sentence(numbers, gaining)
    numbers["sentences"] = wording.story(numbers)
    frames = {
        "quarters": quarter_shares(benefit, np.broadcast_to(cost, benefit.shape)),
        "quantities": ledger.quantity_table(amounts, tail=tail),
        "tornado": bars,
        "cash_flow": flow,
        "choices": ledger.choice_table(npv, samples),
        "samples": samples,
        "information": partial_information(model, npv),
        "histogram": _histogram(net),
    }
    fields: dict[str, Any] = numbers | parts | frames
    return RoiEstimate(**fields, views=_views(fields))


def _views(fields: dict[str, Any]) -> tuple[str, ...]:
    needed = {"funnel": "funnel", "segments": "segment_curve", "information": "samples", "groups": "groups"}
    missing = {view for view, frame in needed.items() if not len(fields[frame])}
    missing |= {"break_even"} if fields["value_path"] else set()
    return tuple(view for view in VIEWS if view not in missing)


def seen(comparison: Any, counts: Counts) -> dict[str, Any]:
    """Return what the comparison saw, as fields of the finding."""
    return {
        "control": str(comparison.control),
        "treatment": str(comparison.treatment),
        "evidence": str(comparison.evidence),
        "n_control": int(counts.n_control),
        "n_treatment": int(counts.n_treatment),
        "replies_control": float(counts.replies_control),
        "replies_treatment": float(counts.replies_treatment),
        "rate_control": float(comparison.rate_control),
        "rate_treatment": float(comparison.rate_treatment),
        "lift": float(comparison.lift),
        "lift_low": float(comparison.lift_low),
        "lift_high": float(comparison.lift_high),
        "lift_confidence": float(comparison.confidence),
    }


def finite(value: Any) -> float:
    """Return a number, nan for an infinite one: there is no such amount."""
    return float(value) if np.isfinite(value) else float("nan")


def _range(name: str, values: Any, tail: float) -> dict[str, float]:
    low, middle, high = np.quantile(values, [tail, 0.5, 1 - tail])
    return {f"{name}_usd": float(middle), f"{name}_low_usd": float(low), f"{name}_high_usd": float(high)}


def _roi(values: Any, note: str, tail: float) -> dict[str, float]:
    told = np.asarray(values)[np.isfinite(values)]
    low, middle, high = (np.nan,) * 3 if note or not len(told) else np.quantile(told, [tail, 0.5, 1 - tail])
    return {"roi": float(middle), "roi_low": float(low), "roi_high": float(high)}


def _pays_from(net: np.ndarray, amounts: Amounts, n_contacts: int) -> float:
    fixed = amounts["fixed_treatment"] - amounts["fixed_control"]
    per_contact = (net + fixed) / n_contacts
    with np.errstate(divide="ignore", invalid="ignore"):
        needed = np.where(per_contact > 0, np.maximum(fixed, 0.0) / per_contact, np.inf)
    return finite(np.median(needed))


def _histogram(net: np.ndarray) -> pd.DataFrame:
    low, high = (float(end) for end in np.quantile(net, [0.002, 0.998]))
    width = (high - low) / N_BINS or max(abs(low), 1.0) / N_BINS
    edges = width * np.arange(np.floor(low / width), np.ceil(high / width) + 1)  # zero is an edge
    edges = edges if len(edges) > 1 else np.array([edges[0], edges[0] + width])
    height = np.histogram(net, bins=edges)[0]
    return pd.DataFrame({"net_low_usd": edges[:-1], "net_high_usd": edges[1:], "share": height / len(net)})


def _further_tests(amounts: Amounts, npv: np.ndarray, *, rng: np.random.Generator) -> pd.DataFrame:
    if "email_cost" not in amounts:
        return pd.DataFrame(columns=["n_per_arm", "value_usd", "cost_usd", "net_value_usd", "share_of_evpi"])
    cost = float(np.median(amounts["email_cost"]) * amounts["n_steps"])
    return sample_information(amounts["rate_control"], amounts["rate_treatment"], npv, cost_per_contact=cost, rng=rng)
