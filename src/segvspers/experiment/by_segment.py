"""Compare variants group by group, and say how much of the differences between groups is more than chance."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np

from segvspers._checks import as_rng, check_choice, check_fraction
from segvspers.errors import NotEstimableError
from segvspers.experiment import power
from segvspers.experiment.aggregate import as_cube
from segvspers.experiment.groups import FEWEST_REPLIES, SMALLEST, compare_groups
from segvspers.experiment.outcomes import check_covariates, choose_arms
from segvspers.experiment.pooling import CORRECTIONS, Pooled, correct, pool, rank, shrink
from segvspers.experiment.segment_comparison import SegmentComparison

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["SegmentComparison", "compare_by_segment"]

POWER = 0.8
MIXED_BELOW = 0.01
COLUMNS = (
    "group",
    "n_control",
    "n_treatment",
    "rate_control",
    "rate_treatment",
    "lift",
    "se",
    "lift_low",
    "lift_high",
    "lift_shrunk",
    "shrunk_low",
    "shrunk_high",
    "p_value",
    "p_adjusted",
    "p_best",
    "mean_rank",
    "n_needed",
)


def compare_by_segment(
    outcomes: Any,
    *,
    control: str,
    treatment: str | None = None,
    group: str = "segment_id",
    outcome: str = "replied",
    kind: str | None = None,
    cluster: str | None = None,
    covariates: Sequence[str] = (),
    adjustment: str = "cuped",
    correction: str = "bh",
    confidence: float = 0.95,
    columns: Mapping[str, str] | None = None,
    rng: int | np.random.Generator = 0,
) -> SegmentComparison:
    """Compare two variants within each group.

    Parameters
    ----------
    outcomes, control, treatment, cluster, confidence, columns
        As in `compare_reply_rates`.
    group
        Column of the groups, known before the test; contacts without one make the group ``(none)``.
    outcome, kind
        Column compared, and whether it is a ``"rate"`` (yes or no) or an ``"amount"``; left out, a name that ends in
        ``_usd`` is an amount.
    covariates, adjustment
        For an amount, as in `compare_revenue`.
    correction
        For looking at all groups: ``"bh"`` keeps the share of false winners, ``"holm"`` the chance of any.
    rng
        Seed of the draws behind the ranks.

    Returns
    -------
    SegmentComparison
        With lifts as seen and shrunken to their common mean.

    Raises
    ------
    DataError
        When a column or variant is missing.
    ArgumentError
        When a covariate was measured after the draw.
    NotEstimableError
        When fewer than two groups have both variants and any variation.

    Notes
    -----
    Random effects by DerSimonian and Laird; shrinkage by empirical Bayes with their tau. Read the shrunken lifts: the
    largest of many raw lifts is too large on average. Groups with fewer than 10 units or 5 replies (or buyers) in an
    arm are left out, with the reason. With a cluster, groups that share clusters are taken as independent.

    References
    ----------
    DerSimonian, R. and Laird, N. (1986). Controlled Clinical Trials 7, 177-188. Morris, C. N. (1983). Parametric
    empirical Bayes inference. Journal of the American Statistical Association 78, 47-55. Benjamini, Y. and Hochberg,
    Y. (1995). Journal of the Royal Statistical Society B 57, 289-300.

    Examples
    --------
    >>> import segvspers as sv
    >>> outcomes = sv.read_outcomes("data/sample/outcomes.csv")
    >>> found = sv.compare_by_segment(outcomes, control="segment", group="purchase_status", cluster="company_id")
    >>> len(found.groups)
    4
    """
    check_fraction("confidence", confidence)
    check_choice("correction", correction, CORRECTIONS)
    check_choice("adjustment", adjustment, ["cuped", "lin"])
    kind = kind or ("amount" if outcome.endswith("_usd") else "rate")
    check_choice("kind", kind, ["rate", "amount"])
    check_covariates(covariates)
    asked = {"rates" if kind == "rate" else "amounts": [outcome]}
    cube = as_cube(outcomes, covariates=covariates, by=[group], cluster=cluster, columns=columns, **asked)
    control, treatment = choose_arms(cube.variants, control=control, treatment=treatment)
    found = compare_groups(
        cube,
        group,
        (control, treatment),
        confidence,
        outcome=outcome,
        kind=kind,
        covariates=covariates,
        adjustment=adjustment,
    )
    small = found["why"].ne("").to_numpy()
    table = found
    if small.any():
        table = found[~small].reset_index(drop=True).astype({"n_control": int, "n_treatment": int})
    if len(table) < 2:
        raise NotEstimableError(
            f"fewer than two groups of {group!r} have {SMALLEST} units and {FEWEST_REPLIES} replies in each variant."
        )
    pooled = pool(table["lift"].to_numpy(), table["se"].to_numpy())
    judged = _judged(table, pooled, confidence, correction, as_rng(rng)).assign(
        n_needed=_needed(table, pooled.lift, kind, confidence)
    )
    sure = judged["p_adjusted"] < 1 - confidence
    return SegmentComparison(
        control=control,
        treatment=treatment,
        outcome=outcome,
        kind=kind,
        group=group,
        evidence=cube.evidence,
        confidence=confidence,
        correction=correction,
        **asdict(pooled),
        **_mixture(table),
        n_winners=int((sure & (judged["lift"] > 0)).sum()),
        n_losers=int((sure & (judged["lift"] < 0)).sum()),
        groups=judged[list(COLUMNS)],
        left_out=tuple(found.loc[small, "group"]),
        why_left_out=tuple(found.loc[small, "why"]),
    )


def _judged(
    table: pd.DataFrame, pooled: Pooled, confidence: float, correction: str, rng: np.random.Generator
) -> pd.DataFrame:
    from scipy.special import ndtri

    lift, se = table["lift"].to_numpy(), table["se"].to_numpy()
    shrunk, spread = shrink(lift, se, pooled)
    reach = float(ndtri((1 + confidence) / 2)) * spread
    best, place = rank(lift, se, pooled, rng)
    return table.assign(
        lift_shrunk=shrunk,
        shrunk_low=shrunk - reach,
        shrunk_high=shrunk + reach,
        p_adjusted=correct(table["p_value"].to_numpy(), correction),
        p_best=best,
        mean_rank=place,
    )


def _needed(table: pd.DataFrame, lift: float, kind: str, confidence: float) -> list[float]:
    """Return the contacts an arm that would find the mean lift in each group; nan where there is none to find."""
    from scipy.special import ndtri

    reach = float(ndtri(0.5 + confidence / 2) + ndtri(POWER))
    needed = []
    for base, spread in zip(table["rate_control"], table["spread"], strict=True):
        if kind == "amount":
            needed.append(math.ceil(reach**2 * spread / lift**2) if lift else math.nan)
            continue
        other = base + lift
        if not (lift and 0 < base < 1 and 0 < other < 1):
            needed.append(math.nan)
            continue
        n = power.n_per_arm(base, other, power=POWER, confidence=confidence, formula="pooled")
        needed.append(math.ceil(n * max(spread, 1.0)))
    return needed


def _mixture(table: pd.DataFrame) -> dict[str, Any]:
    """Return the lift of all groups thrown together and that of groups weighted by size, and whether they disagree."""
    from scipy.stats import chi2_contingency

    n, means, units = (
        np.column_stack([table[f"{name}_{arm}"].to_numpy(dtype=float) for arm in ("control", "treatment")])
        for name in ("n", "rate", "units")
    )
    crude = float(np.diff((n * means).sum(axis=0) / n.sum(axis=0))[0])
    shares = n.sum(axis=1) / n.sum()
    standardised = float(shares @ table["lift"].to_numpy())
    mix = float(chi2_contingency(units).pvalue)
    return {
        "lift_crude": crude,
        "lift_standardised": standardised,
        "mix_p_value": mix,
        "simpson": crude * standardised < 0 and mix < MIXED_BELOW,
    }
