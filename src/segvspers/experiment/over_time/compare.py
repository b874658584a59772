"""Reply rates at one horizon although emails left at different times: Kaplan-Meier curves of both variants."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from segvspers._checks import check_at_least, check_fraction
from segvspers.errors import ArgumentError, NotEstimableError
from segvspers.experiment.over_time.comparison import OverTimeComparison
from segvspers.experiment.over_time.curve import ArmCurve
from segvspers.experiment.timed import Timed, read_timed

MARKS = (1, 3, 7, 14)
FEW_AT_RISK = 10


def compare_over_time(
    outcomes: Any,
    *,
    control: str,
    treatment: str | None = None,
    cluster: str | None = None,
    horizon_days: float | None = None,
    as_of: str | pd.Timestamp | None = None,
    confidence: float = 0.95,
    columns: Mapping[str, str] | None = None,
) -> OverTimeComparison:
    """Compare replies by the same time after each email, however staggered the sends were.

    Parameters
    ----------
    outcomes
        One row an assigned contact (and step) with `variant, replied, replied_at` and `sent_at` or
        `assigned_at`; or what `read_outcomes` reads.
    control, treatment
        Names of the variants; the treatment may be left out when there are two.
    cluster
        Column of the unit that was drawn.
    horizon_days
        Time after the email at which both are read; the longest up to 21 days for which at least ten contacts
        of each variant were watched, when left out.
    as_of
        When the data end; the last time in the table when left out, which is noted.
    confidence
        Level of the intervals.
    columns
        ``{our name: their name}``.

    Returns
    -------
    OverTimeComparison
        Rates at the horizon, their difference, the curves and the delays.

    Raises
    ------
    DataError
        When times are missing or contradict each other.
    NotEstimableError
        When nobody replied, or a variant was not watched as long as the horizon.

    Notes
    -----
    Contacts who were not watched for the whole horizon count for as long as they were (Kaplan and Meier 1958),
    which assumes that how long a contact was watched has nothing to do with whether it replies. The variance
    sums the influence of the contacts of each unit, so that colleagues who answer alike are no independent
    evidence; without clusters it agrees with Greenwood's formula. Intervals of the curves are log(-log).

    References
    ----------
    Kaplan, E. L. and Meier, P. (1958). Nonparametric estimation from incomplete observations. JASA 53, 457.

    Examples
    --------
    >>> import segvspers as sv
    >>> outcomes = sv.read_outcomes("data/sample/outcomes.csv")
    >>> found = compare_over_time(outcomes, control="segment", cluster="company_id", horizon_days=7)
    >>> found.horizon_days, found.matured_control > 0.9
    (7.0, True)
    """
    check_fraction("confidence", confidence)
    timed = read_timed(outcomes, control=control, treatment=treatment, cluster=cluster, as_of=as_of, columns=columns)
    if not timed.replied.any():
        raise NotEstimableError("nobody replied to either variant, so there is no curve; wait or check 'replied'.")
    horizon = _horizon(timed, horizon_days)
    arms = [ArmCurve.of(timed, arm, horizon) for arm in (False, True)]
    low, high, p_value = _difference(arms, clustered=cluster is not None, confidence=confidence)
    a, b = arms
    return OverTimeComparison(
        control=timed.control,
        treatment=timed.treatment,
        evidence=timed.evidence,
        cluster=cluster,
        method=f"Kaplan-Meier at {horizon:.3g} days, variance by {'unit' if cluster else 'contact'}",
        horizon_days=horizon,
        as_of=f"{timed.as_of:%Y-%m-%d}",
        n_control=a.n,
        n_treatment=b.n,
        replies_control=a.replies,
        replies_treatment=b.replies,
        rate_control=a.rate,
        rate_treatment=b.rate,
        lift=b.rate - a.rate,
        lift_low=low,
        lift_high=high,
        p_value=p_value,
        confidence=confidence,
        matured_control=a.matured,
        matured_treatment=b.matured,
        naive_rate_control=a.naive,
        naive_rate_treatment=b.naive,
        naive_lift=b.naive - a.naive,
        median_delay_control=a.delay(0.5),
        median_delay_treatment=b.delay(0.5),
        curves=pd.concat([arm.curve(name, confidence) for arm, name in zip(arms, (timed.control, timed.treatment), strict=True)],
                         ignore_index=True),
        delays=_delays(arms, (timed.control, timed.treatment), horizon),
        note=_note(timed, arms),
    )  # fmt: skip


def _horizon(timed: Timed, given: float | None) -> float:
    longest = min(np.sort(timed.watched[timed.treated == arm])[-FEW_AT_RISK:][0] for arm in (False, True))
    if given is None:
        return float(max(min(21.0, np.floor(longest)), min(longest, 1.0)))
    check_at_least("horizon_days", given, 0)
    if given <= 0:
        raise ArgumentError(f"horizon_days={given!r} must be above 0.")
    if given > longest + 1e-9:
        raise NotEstimableError(
            f"horizon_days={given:g}, but fewer than {FEW_AT_RISK} contacts of one variant were watched longer than "
            f"{longest:.3g} days; lower it or wait."
        )
    return float(given)


def _difference(arms: list[ArmCurve], *, clustered: bool, confidence: float) -> tuple[float, float, float]:
    from scipy.stats import norm, t

    lift = arms[1].rate - arms[0].rate
    variance = arms[0].variance + arms[1].variance
    if variance <= 0:
        return float("nan"), float("nan"), float("nan")
    law: Any = norm
    if clustered:
        below = sum(arm.variance**2 / (arm.n_units - 1) for arm in arms if arm.n_units > 1)
        law = t(variance**2 / below) if below > 0 else norm
    half = law.ppf(0.5 + confidence / 2) * variance**0.5
    return float(max(lift - half, -1)), float(min(lift + half, 1)), float(2 * law.sf(abs(lift) / variance**0.5))


def _delays(arms: list[ArmCurve], names: tuple[str, str], horizon: float) -> pd.DataFrame:
    marks = [mark for mark in MARKS if mark <= horizon]
    rows = [
        {
            "variant": name,
            "median_delay_days": arm.delay(0.5),
            **{f"by_day_{mark}": arm.arrived(mark) for mark in marks},
        }
        for arm, name in zip(arms, names, strict=True)
    ]
    return pd.DataFrame(rows)


def _note(timed: Timed, arms: list[ArmCurve]) -> str:
    said = []
    if not timed.as_of_known:
        said.append(
            f"The data were taken to end with the last time in them, {timed.as_of:%Y-%m-%d}; give as_of= to be exact."
        )
    if timed.cluster is not None and min(arm.n_units for arm in arms) < 20:
        said.append("Fewer than 20 units in an arm: the interval is rough.")
    return " ".join(said)
