"""Compare the revenue per assigned contact of two variants."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from segvspers._checks import check_fraction
from segvspers._display import html_finding, interval, money, signed_percent
from segvspers.errors import NotEstimableError
from segvspers.experiment.outcomes import evidence_of, pick_arms, settle
from segvspers.experiment.sums import sum_arm, welch_df

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes


@dataclass(frozen=True, slots=True)
class RevenueComparison:
    """Revenue per assigned contact of two variants, in dollars; silent contacts count as zero.

    Attributes
    ----------
    control, treatment, outcome, evidence, cluster, n_control, n_treatment
        As in a comparison of reply rates.
    mean_control, mean_treatment, total_control, total_treatment
        Per contact, and in all.
    lift, lift_low, lift_high, relative_lift, relative_lift_low, relative_lift_high, p_value, confidence
        Difference and ratio minus one (delta method), treatment against control.
    """

    control: str
    treatment: str
    outcome: str
    evidence: str
    cluster: str | None
    n_control: int
    n_treatment: int
    mean_control: float
    mean_treatment: float
    total_control: float
    total_treatment: float
    lift: float
    lift_low: float
    lift_high: float
    relative_lift: float
    relative_lift_low: float
    relative_lift_high: float
    p_value: float
    confidence: float

    def to_frame(self) -> pd.DataFrame:
        """Return one row a variant."""
        import pandas as pd

        rows = [
            {
                "variant": getattr(self, arm),
                "n_contacts": getattr(self, f"n_{arm}"),
                "revenue_usd": getattr(self, f"total_{arm}"),
                "revenue_per_contact_usd": getattr(self, f"mean_{arm}"),
            }
            for arm in ("control", "treatment")
        ]
        return pd.DataFrame(rows)

    def summary(self) -> str:
        """Return the finding in one sentence."""
        span = interval(money(self.lift_low, digits=2), money(self.lift_high, digits=2))
        told = "can't be told from zero" if self.lift_low <= 0 <= self.lift_high else "is not chance alone"
        return (
            f"{self.treatment} brought {money(self.mean_treatment, digits=2)} a contact against "
            f"{money(self.mean_control, digits=2)} with {self.control}; the difference of "
            f"{money(self.lift, digits=2)} ({span}; {signed_percent(self.relative_lift)}) {told}."
        )

    def plot(self, *, ax: Axes | None = None) -> Axes:
        """Draw the difference with its interval against zero."""
        from segvspers.plots.experiment import draw_revenue

        return draw_revenue(self, ax=ax)

    def _repr_html_(self) -> str:
        money_columns = {"revenue_usd": "money", "revenue_per_contact_usd": "money"}
        return html_finding("Revenue", self.summary(), self.to_frame(), n_contacts="count", **money_columns)


def compare_revenue(
    outcomes: Any,
    *,
    control: str,
    treatment: str | None = None,
    outcome: str = "revenue_usd",
    cluster: str | None = None,
    confidence: float = 0.95,
    columns: Mapping[str, str] | None = None,
) -> RevenueComparison:
    """Compare revenue per assigned contact of two variants.

    Parameters
    ----------
    outcomes
        One row an assigned contact, 0 for those who bought nothing; any table, or a path.
    control, treatment, cluster, confidence, columns
        As in `compare_reply_rates`.
    outcome
        Column of amounts.

    Returns
    -------
    RevenueComparison
        Amounts per assigned contact.

    Raises
    ------
    DataError
        When a column or a variant is missing, or an amount is empty, text or infinite.
    NotEstimableError
        When an arm has fewer than two units or no amount differs from another.

    Notes
    -----
    Welch's t by contact; the delta method on cluster sums with a cluster. A few large amounts can carry the mean:
    look at the data too.

    References
    ----------
    Welch, B. L. (1947). Biometrika 34, 28-35.

    Examples
    --------
    >>> import segvspers as sv
    >>> outcomes = sv.read_outcomes("data/sample/outcomes.csv")
    >>> sv.compare_revenue(outcomes, control="segment", cluster="company_id").treatment
    'individual'
    """
    from scipy.stats import t

    check_fraction("confidence", confidence)
    frame = settle(outcomes, values=[outcome], cluster=cluster, columns=columns)
    control, treatment = pick_arms(frame, control=control, treatment=treatment)
    arms = [sum_arm(frame[frame["variant"].astype(str) == name], outcome, cluster) for name in (control, treatment)]
    if min(arm.n_units for arm in arms) < 2:
        raise NotEstimableError("an arm has fewer than two units, so its spread can't be told.")
    variance = arms[0].variance + arms[1].variance
    if variance <= 0:
        raise NotEstimableError(f"{outcome!r} does not vary in either variant, so there is nothing to compare.")
    lift, se, df = arms[1].mean - arms[0].mean, math.sqrt(variance), welch_df(*arms)
    quantile = float(t.ppf((1 + confidence) / 2, df))
    base = arms[0].mean
    ratio = arms[1].mean / base if base > 0 else float("nan")
    ratio_se = math.sqrt(arms[1].variance + ratio**2 * arms[0].variance) / base if base > 0 else float("nan")
    return RevenueComparison(
        control=control,
        treatment=treatment,
        outcome=outcome,
        evidence=evidence_of(frame, getattr(outcomes, "attrs", {})),
        cluster=cluster,
        n_control=arms[0].n,
        n_treatment=arms[1].n,
        mean_control=base,
        mean_treatment=arms[1].mean,
        total_control=arms[0].total,
        total_treatment=arms[1].total,
        lift=lift,
        lift_low=lift - quantile * se,
        lift_high=lift + quantile * se,
        relative_lift=ratio - 1,
        relative_lift_low=ratio - 1 - quantile * ratio_se,
        relative_lift_high=ratio - 1 + quantile * ratio_se,
        p_value=float(2 * t.sf(abs(lift) / se, df)),
        confidence=confidence,
    )
