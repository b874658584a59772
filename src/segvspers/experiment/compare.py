"""Compare the reply rates of two variants: the difference, the ratio, and one decision for both."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from segvspers._checks import check_at_least, check_fraction
from segvspers._display import count
from segvspers.engine import ROWS
from segvspers.errors import NotEstimableError
from segvspers.experiment.aggregate import as_cube
from segvspers.experiment.arms import Arms
from segvspers.experiment.comparison import ReplyRateComparison
from segvspers.experiment.cube import OutcomeCube
from segvspers.experiment.many import FEW, Lifts, compare_arms
from segvspers.experiment.outcomes import choose_arms
from segvspers.experiment.proportions import boschloo_p_value, expected_loss, probability_better

__all__ = ["ReplyRateComparison", "compare_reply_rates"]


def compare_reply_rates(
    outcomes: Any,
    *,
    control: str,
    treatment: str | None = None,
    outcome: str = "replied",
    cluster: str | None = None,
    confidence: float = 0.95,
    margin: float | None = None,
    columns: Mapping[str, str] | None = None,
) -> ReplyRateComparison:
    """Compare the reply rates of two variants among all contacts assigned.

    Parameters
    ----------
    outcomes
        One row an assigned contact: a table of pandas, polars, Arrow or PySpark, a DuckDB relation, a path or a glob,
        read on its own engine; or what `aggregate_outcomes` summed. Needs `variant` and the column compared.
    control, treatment
        Names of the variants; the treatment may be left out when there are two.
    outcome
        Column of truth values or 0/1.
    cluster
        Column of the unit that was randomised, when that is not the contact: ``company_id``.
    confidence
        Level of the intervals.
    margin
        For non-inferiority: by how much the treatment's rate may be lower, as a proportion; 0.005 is half a point.
    columns
        ``{our name: their name}``.

    Returns
    -------
    ReplyRateComparison
        Rates and lifts are proportions, 0 to 1.

    Raises
    ------
    DataError
        When a column or a variant is missing, or the outcome is not 0 or 1.
    NotEstimableError
        When nobody replied in either variant, or an arm has a single cluster.

    Notes
    -----
    By contact: the difference by Newcombe's hybrid score interval, whose level at zero is the p-value; in tiny tables
    Boschloo's exact test must reject too. The ratio on the log scale with 1/2 added. By cluster: the same on counts
    divided by the design effect, with Student's t (`segvspers.experiment.many.compare_arms`). The difference
    decides: an end of the ratio's interval that contradicts it is moved to the side of zero where the difference
    lies, and where the exact test does not reject, the difference's interval reaches zero. So the test and both
    intervals always agree. Don't use it by contact when companies were randomised: it would call noise an effect.

    References
    ----------
    Newcombe, R. G. (1998). Interval estimation for the difference between independent proportions. Statistics in
    Medicine 17, 873-890. Boschloo, R. D. (1970). Statistica Neerlandica 24, 1-35. Stucchio, C. (2015). Bayesian A/B
    testing at VWO.

    Examples
    --------
    >>> import segvspers as sv
    >>> outcomes = sv.read_outcomes("data/sample/outcomes.csv")
    >>> replies = sv.compare_reply_rates(outcomes, control="segment", cluster="company_id")
    >>> replies.lift_low < replies.lift < replies.lift_high
    True
    """
    check_fraction("confidence", confidence)
    if margin is not None:
        check_at_least("margin", margin, 0)
    cube = as_cube(outcomes, rates=[outcome], cluster=cluster, columns=columns)
    control, treatment = choose_arms(cube.variants, control=control, treatment=treatment)
    first, second = (_arm(cube, outcome, name) for name in (control, treatment))
    if first.replies + second.replies == 0:
        raise NotEstimableError(
            f"nobody {outcome} in either variant, so rates can't be compared; wait, or check the column."
        )
    shared, crossed = (
        (0.0, 0) if cube.cluster is None else _shared(cube, outcome, (control, treatment), (first, second))
    )
    clustered = cube.cluster is not None
    if clustered and min(first.companies, second.companies) < 2:
        raise NotEstimableError("an arm has a single cluster, so its spread can't be told; use more clusters.")
    found = compare_arms(first, second, confidence=confidence, clustered=clustered, shared=shared)
    said = _compared(found, first, second, confidence=confidence, clustered=clustered, margin=margin)
    said["note"] = " ".join(part for part in (said["note"], crossing_note(crossed, cube.cluster)) if part)
    return ReplyRateComparison(
        control=control,
        treatment=treatment,
        outcome=outcome,
        evidence=cube.evidence,
        n_control=int(first.contacts),
        n_treatment=int(second.contacts),
        replies_control=int(first.replies),
        replies_treatment=int(second.replies),
        rate_control=float(first.rate),
        rate_treatment=float(second.rate),
        cluster=cube.cluster,
        n_clusters_control=int(first.companies) if clustered else 0,
        n_clusters_treatment=int(second.companies) if clustered else 0,
        confidence=confidence,
        **said,
    )


def _arm(cube: OutcomeCube, outcome: str, name: str) -> Arms:
    """Return the sums of one arm as plain numbers."""
    sums = cube.arms_of(cube.arm(name), outcome)
    return Arms(*(getattr(sums, field)[0] for field in Arms.__slots__))


def _shared(cube: OutcomeCube, outcome: str, names: tuple[str, str], arms: tuple[Arms, Arms]) -> tuple[float, int]:
    """Return the covariance of both rates through clusters that stand in both arms, and their number."""
    both = cube.shared(*names)
    residuals = [
        (both[f"{outcome}_{side}"] - arm.rate * both[f"{ROWS}_{side}"]) / arm.contacts
        for side, arm in zip(("control", "treatment"), arms, strict=True)
    ]
    return float((residuals[0] * residuals[1]).sum()), len(both)


def _compared(
    found: Lifts, control: Arms, treatment: Arms, *, confidence: float, clustered: bool, margin: float | None
) -> dict[str, Any]:
    """Return what the counts say, as fields of the finding."""
    p_value, note, method = float(found.p_values()), "", "Newcombe hybrid score; log ratio with 1/2"
    pair = [(float(replies), float(n)) for replies, n in (found.control, found.treatment)]
    if clustered:
        method = "Newcombe hybrid score on counts divided by the design effect, t distribution"
        note = few_note(int(min(control.companies, treatment.companies)))
    else:
        exact = boschloo_p_value(pair[0], pair[1])
        if exact > 0:
            method, p_value = f"{method}; held by Boschloo's exact test", max(p_value, exact)
    if p_value >= 1 - confidence:
        found = replace(found, low=np.minimum(found.low, 0.0), high=np.maximum(found.high, 0.0))
    ratio = found.ratios()
    lift, rate = float(found.lift), float(control.rate)
    return {
        "method": method,
        "design_effect": float(found.effect),
        "lift": lift,
        "lift_low": float(found.low),
        "lift_high": float(found.high),
        "relative_lift": float(treatment.rate) / rate - 1 if rate > 0 else math.nan,
        "relative_lift_low": float(ratio[0]),
        "relative_lift_high": float(ratio[1]),
        "p_value": p_value,
        "p_better": probability_better(pair[0], pair[1]),
        "expected_loss_treatment": expected_loss(pair[1], pair[0]),
        "expected_loss_control": expected_loss(pair[0], pair[1]),
        "margin": math.nan if margin is None else float(margin),
        "p_non_inferior": math.nan if margin is None else _one_sided(found, margin),
        "note": note,
    }


def _one_sided(found: Lifts, margin: float) -> float:
    """Return the p-value against a lift of minus the margin or less."""
    half = float(found.p_values(margin=-margin)) / 2
    return half if float(found.lift) > -margin else 1 - half


def few_note(fewest: int) -> str:
    """Return a warning when an arm has few clusters."""
    if fewest >= FEW:
        return ""
    return f"Only {fewest} clusters in an arm: the interval errs on the wide side, and small lifts can't be found."


def crossing_note(crossed: int, cluster: str | None) -> str:
    """Return a warning when clusters stand in both variants."""
    if not crossed:
        return ""
    return (
        f"{count(crossed)} of {cluster} stand in both variants, so it is not what was drawn, or the draw leaked; "
        "their replies are counted as related, and check_health() says more."
    )
