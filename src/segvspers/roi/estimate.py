"""Return on investment by joint draws of the evidence, the funnel and the costs."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from segvspers._checks import as_rng, check_at_least, check_choice, check_fraction
from segvspers.assumptions import Distribution
from segvspers.errors import ArgumentError, DataError
from segvspers.frontier.policy import Recommendation
from segvspers.roi.costs import Costs
from segvspers.roi.finding import RoiEstimate
from segvspers.roi.from_policy import policy_groups, policy_values
from segvspers.roi.from_replies import replies_estimate
from segvspers.roi.from_values import values_estimate
from segvspers.roi.funnel import Funnel
from segvspers.roi.observed import ObservedValues

EVIDENCE = ("randomised", "simulated", "observational")


def estimate_roi(
    comparison: Any,
    *,
    costs: Costs | None = None,
    funnel: Funnel | None = None,
    n_contacts: int | None = None,
    prior: str | Distribution | None = "default",
    emails: pd.DataFrame | None = None,
    groups: Any = None,
    n_campaigns: int = 12,
    campaigns_per_year: float = 12,
    confidence: float = 0.90,
    adopt_above: float = 0.90,
    rng: int | np.random.Generator | None = 0,
    n_draws: int = 100_000,
) -> RoiEstimate:
    """Estimate what the treatment is worth over the control, net of what it costs more.

    Parameters
    ----------
    comparison
        A comparison of reply rates, whose evidence sets the badge; or the values of `observe_values` or what
        `recommend_variant` returned, which hold margin and cost already, so that `costs` and `funnel` are left out. A
        recommendation is valued as the hybrid against the default for everybody.
    costs, funnel
        What the variants cost and what follows a reply; the cited defaults when left out.
    n_contacts
        Contacts that the campaign is rolled out to; all contacts of the test when left out.
    prior
        What is known of such effects beforehand, on the log ratio of reply rates: ``default`` Normal(0.10,
        0.25), ``sceptical`` Normal(0, 0.15), ``optimistic`` Normal(0.25, 0.25), ``vendor`` Normal(0.69,
        0.35), a distribution, or None for the test alone.
    emails
        Emails of the run; their observed model cost then replaces the assumed one.
    groups
        A comparison by group, or a frame with `group, n_contacts, lift, lift_low, lift_high`.
    n_campaigns, campaigns_per_year
        Horizon of payback and present value.
    confidence
        Level of the ranges.
    adopt_above
        Probability of a gain from which to adopt.

    Returns
    -------
    RoiEstimate
        Every number of the report; amounts in the currency of the costs.

    Raises
    ------
    ArgumentError, DataError, NotEstimableError
        When an input is out of range, currencies differ, or the test has no replies at all to go by.

    Notes
    -----
    All inputs are drawn together and pushed through one set of formulas, so that median, ranges and the
    probability of a gain belong to each other. Ratios are told by median and quantiles, as their mean
    may not exist. Amounts are for one campaign, which carries the whole set-up; present value, payback,
    regrets and the worth of knowing more are for the horizon of `n_campaigns`.

    References
    ----------
    Strong, Oakley, Brennan and Breeze (2015), Medical Decision Making 35, for the value of a further test.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> test = SimpleNamespace(control="segment", treatment="individual", n_control=2500, n_treatment=2500,
    ...     rate_control=0.034, rate_treatment=0.046, lift=0.012, lift_low=0.001, lift_high=0.023,
    ...     confidence=0.95, cluster=None, evidence="randomised")
    >>> estimate_roi(test, n_draws=5_000).verdict
    'better and dearer'
    """
    policy = comparison if isinstance(comparison, Recommendation) else None
    if policy is not None:
        comparison, n_contacts = policy_values(policy), n_contacts or policy.n_contacts - policy.n_held
    _check(comparison, n_contacts, n_campaigns, campaigns_per_year, confidence, adopt_above, n_draws)
    generator = as_rng(rng)
    settings = {
        "confidence": confidence,
        "adopt_above": adopt_above,
        "n_draws": n_draws,
        "seed": str(rng) if rng is None or isinstance(rng, (int, np.integer)) else "generator",
        "n_campaigns": n_campaigns,
        "campaigns_per_year": campaigns_per_year,
        "groups": groups,
        "policy_groups": None if policy is None else policy_groups(policy),
    }
    if isinstance(comparison, ObservedValues):
        if costs is not None or funnel is not None or emails is not None:
            raise ArgumentError(
                "values seen per contact hold margin and cost already; leave out costs=, funnel= and emails=."
            )
        return values_estimate(comparison, n_contacts, settings, generator)
    costs, funnel = costs or Costs(), funnel or Funnel()
    if costs.currency != funnel.currency:
        raise ArgumentError(
            f"costs are in {costs.currency} and the funnel in {funnel.currency}; state both in one currency."
        )
    if emails is not None:
        costs = costs.observe(emails)
    return replies_estimate(comparison, costs, funnel, n_contacts, prior, settings, generator)


def _check(
    comparison: Any,
    n_contacts: Any,
    n_campaigns: Any,
    per_year: Any,
    confidence: float,
    adopt_above: float,
    n_draws: Any,
) -> None:
    needed = (
        "control",
        "treatment",
        "n_control",
        "n_treatment",
        "rate_control",
        "rate_treatment",
        "lift",
        "lift_low",
        "lift_high",
        "confidence",
        "evidence",
    )
    missing = [name for name in needed if not hasattr(comparison, name)]
    if missing:
        raise DataError(f"comparison lacks {missing}; give what compare_reply_rates or observe_values returned.")
    check_choice("evidence", comparison.evidence, EVIDENCE)
    check_fraction("confidence", confidence)
    check_fraction("adopt_above", adopt_above)
    if adopt_above <= 0.5:
        raise ArgumentError(
            f"adopt_above={adopt_above!r} must be above 0.5: adopting at worse odds than a coin is no rule."
        )
    for name, value, low in (
        ("n_contacts", n_contacts, 1),
        ("n_campaigns", n_campaigns, 1),
        ("campaigns_per_year", per_year, 0.1),
        ("n_draws", n_draws, 1_000),
    ):
        if value is not None:
            check_at_least(name, float(value), low)
