"""Compare the reply rates of two variants: the difference, the ratio, and one decision for both."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from segvspers._checks import check_fraction
from segvspers._display import count, html_finding, interval, percent, points, signed_percent
from segvspers.errors import DataError, NotEstimableError
from segvspers.experiment.outcomes import evidence_of, pick_arms, settle
from segvspers.experiment.proportions import (
    coherent_ratio,
    log_ratio,
    newcombe,
    newcombe_p_value,
    probability_better,
)
from segvspers.experiment.sums import ArmSums, sum_arm, welch_df

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

FEW_CLUSTERS = 20


@dataclass(frozen=True, slots=True)
class ReplyRateComparison:
    """Reply rates of two variants; rates and lifts are proportions, 0 to 1.

    Attributes
    ----------
    control, treatment, outcome, evidence, method
        The variants, the column compared, how the outcomes came about, and the method by name.
    n_control, n_treatment, replies_control, replies_treatment, rate_control, rate_treatment
        Contacts assigned, contacts who replied, and their shares.
    cluster, n_clusters_control, n_clusters_treatment
        The column of the unit of randomisation, and the units in each arm; None and 0 when it is the contact.
    lift, lift_low, lift_high
        Difference, treatment minus control, with its interval.
    relative_lift, relative_lift_low, relative_lift_high
        Ratio minus one; nan when nobody in the control replied, though its interval is defined.
    p_value, confidence, p_better
        Two-sided; level of the intervals; probability that the treatment's rate is higher, under flat priors.
    note
        What the reader should know, such as few clusters.
    """

    control: str
    treatment: str
    outcome: str
    evidence: str
    method: str
    n_control: int
    n_treatment: int
    replies_control: int
    replies_treatment: int
    rate_control: float
    rate_treatment: float
    cluster: str | None
    n_clusters_control: int
    n_clusters_treatment: int
    lift: float
    lift_low: float
    lift_high: float
    relative_lift: float
    relative_lift_low: float
    relative_lift_high: float
    p_value: float
    confidence: float
    p_better: float
    note: str

    @property
    def significant(self) -> bool:
        """Tell whether the interval of the lift excludes zero."""
        return self.lift_low > 0 or self.lift_high < 0

    def to_frame(self) -> pd.DataFrame:
        """Return one row a variant."""
        import pandas as pd

        rows = [
            {
                "variant": getattr(self, arm),
                "n_contacts": getattr(self, f"n_{arm}"),
                "replies": getattr(self, f"replies_{arm}"),
                "reply_rate": getattr(self, f"rate_{arm}"),
            }
            for arm in ("control", "treatment")
        ]
        return pd.DataFrame(rows)

    def summary(self) -> str:
        """Return the finding in two sentences."""
        span = interval(points(self.lift_low), points(self.lift_high))
        first = (
            f"{self.treatment}: {count(self.replies_treatment)} of {count(self.n_treatment)} contacts "
            f"({percent(self.rate_treatment, 2)}); {self.control}: {count(self.replies_control)} of "
            f"{count(self.n_control)} ({percent(self.rate_control, 2)})."
        )
        if not self.significant:
            second = f"The difference of {points(self.lift)} can't be told from zero ({span})."
        else:
            better = "higher" if self.lift > 0 else "lower"
            second = (
                f"{self.treatment} is {better} by {points(abs(self.lift)).removeprefix('+')} ({span}), "
                f"a relative change of {signed_percent(self.relative_lift)}."
            )
        return " ".join(part for part in (first, second, self.note) if part)

    def plot(self, *, ax: Axes | None = None) -> Axes:
        """Draw the lift with its interval against zero."""
        from segvspers.plots.experiment import draw_lift

        return draw_lift(self, ax=ax)

    def _repr_html_(self) -> str:
        return html_finding(
            "Reply rates",
            self.summary(),
            self.to_frame(),
            reply_rate="percent",
            n_contacts="count",
            replies="count",
        )


def compare_reply_rates(
    outcomes: Any,
    *,
    control: str,
    treatment: str | None = None,
    outcome: str = "replied",
    cluster: str | None = None,
    confidence: float = 0.95,
    columns: Mapping[str, str] | None = None,
) -> ReplyRateComparison:
    """Compare the reply rates of two variants among all contacts assigned.

    Parameters
    ----------
    outcomes
        One row an assigned contact: a pandas, polars or Arrow table, a DuckDB relation, a path or a glob.
        Needs `variant` and the column compared.
    control, treatment
        Names of the variants; the treatment may be left out when there are two.
    outcome
        Column of truth values or 0/1.
    cluster
        Column of the unit that was randomised, when that is not the contact: ``company_id``.
    confidence
        Level of the intervals.
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
    By contact: the difference by Newcombe's hybrid score interval, whose level at zero is the p-value; the ratio on
    the log scale with 1/2 added. By cluster: delta method on the clusters' sums, t distribution with
    Satterthwaite's degrees of freedom; where an arm shows no variation, the score interval on counts thinned by
    the design effect of the other arm. Don't use it by contact when companies were randomised: it would call noise
    an effect.

    References
    ----------
    Newcombe, R. G. (1998). Interval estimation for the difference between independent proportions. Statistics in
    Medicine 17, 873-890.
    Deng, A., Knoblich, U. and Lu, J. (2018). Applying the delta method in metric analytics. KDD.

    Examples
    --------
    >>> import segvspers as sv
    >>> outcomes = sv.read_outcomes("data/sample/outcomes.csv")
    >>> replies = sv.compare_reply_rates(outcomes, control="segment", cluster="company_id")
    >>> replies.lift_low < replies.lift < replies.lift_high
    True
    """
    check_fraction("confidence", confidence)
    frame = settle(outcomes, values=[outcome], cluster=cluster, columns=columns)
    control, treatment = pick_arms(frame, control=control, treatment=treatment)
    if not frame[outcome].isin([0.0, 1.0]).all():
        raise DataError(f"outcomes: {outcome!r} holds more than 0 and 1; a rate needs yes or no per contact.")
    arms = [frame[frame["variant"].astype(str) == name] for name in (control, treatment)]
    sums = [sum_arm(arm, outcome, cluster) for arm in arms]
    if sums[0].total + sums[1].total == 0:
        raise NotEstimableError(
            f"nobody {outcome} in either variant, so rates can't be compared; wait, or check the column."
        )
    estimate = (_by_contact if cluster is None else _by_cluster)(sums[0], sums[1], confidence)
    rate_control, rate_treatment = sums[0].mean, sums[1].mean
    return ReplyRateComparison(
        control=control,
        treatment=treatment,
        outcome=outcome,
        evidence=evidence_of(frame, getattr(outcomes, "attrs", {})),
        n_control=sums[0].n,
        n_treatment=sums[1].n,
        replies_control=round(sums[0].total),
        replies_treatment=round(sums[1].total),
        rate_control=rate_control,
        rate_treatment=rate_treatment,
        cluster=cluster,
        n_clusters_control=sums[0].n_units if cluster else 0,
        n_clusters_treatment=sums[1].n_units if cluster else 0,
        lift=rate_treatment - rate_control,
        relative_lift=rate_treatment / rate_control - 1 if rate_control > 0 else float("nan"),
        confidence=confidence,
        **estimate,
    )


def _by_contact(control: ArmSums, treatment: ArmSums, confidence: float) -> dict[str, Any]:
    counts = ((control.total, control.n), (treatment.total, treatment.n))
    return _scored(*counts, confidence) | {"method": "Newcombe hybrid score; log ratio with 1/2", "note": ""}


def _scored(control: tuple[float, float], treatment: tuple[float, float], confidence: float) -> dict[str, Any]:
    from scipy.stats import norm

    z = float(norm.ppf((1 + confidence) / 2))
    low, high = newcombe(control, treatment, z)
    ratio = coherent_ratio(log_ratio(control, treatment, z), (low, high), control[0] / control[1])
    return {
        "lift_low": low,
        "lift_high": high,
        "relative_lift_low": ratio[0],
        "relative_lift_high": ratio[1],
        "p_value": newcombe_p_value(control, treatment),
        "p_better": probability_better(control, treatment),
    }


def _by_cluster(control: ArmSums, treatment: ArmSums, confidence: float) -> dict[str, Any]:
    import math

    from scipy.stats import t

    if min(control.n_units, treatment.n_units) < 2:
        raise NotEstimableError("an arm has a single cluster, so its spread can't be told; use more clusters.")
    counts = [(arm.total, arm.n) for arm in (control, treatment)]
    effect = _design_effect(control, treatment)
    thinned = [(replies / effect, n / effect) for replies, n in counts]
    fewest = min(control.n_units, treatment.n_units)
    note = f"Only {fewest} clusters in an arm: take the interval with care." if fewest < FEW_CLUSTERS else ""
    if min(control.variance, treatment.variance) <= 0:
        scored = _scored(thinned[0], thinned[1], confidence)
        method = "Newcombe hybrid score on counts thinned by the design effect"
        return scored | {
            "method": method,
            "note": f"{note} One arm shows no variation between clusters.".strip(),
        }
    lift, se = treatment.mean - control.mean, math.sqrt(control.variance + treatment.variance)
    df = welch_df(control, treatment)
    quantile = float(t.ppf((1 + confidence) / 2, df))
    log_se = math.sqrt(control.variance / control.mean**2 + treatment.variance / treatment.mean**2)
    middle = math.log(treatment.mean / control.mean)
    span = (lift - quantile * se, lift + quantile * se)
    relative = (math.expm1(middle - quantile * log_se), math.expm1(middle + quantile * log_se))
    ratio = coherent_ratio(relative, span, control.mean)
    return {
        "lift_low": span[0],
        "lift_high": span[1],
        "relative_lift_low": ratio[0],
        "relative_lift_high": ratio[1],
        "p_value": float(2 * t.sf(abs(lift) / se, df)),
        "p_better": probability_better(thinned[0], thinned[1]),
        "method": "delta method on cluster sums, t distribution",
        "note": note,
    }


def _design_effect(control: ArmSums, treatment: ArmSums) -> float:
    """Return how many times clustered sums vary as much as independent contacts would; at least 1."""
    found = [arm.variance / (arm.mean * (1 - arm.mean) / arm.n) for arm in (control, treatment) if 0 < arm.mean < 1]
    return max([1.0, *found])
