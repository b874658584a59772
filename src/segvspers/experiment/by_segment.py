"""Compare reply rates group by group, and say how much of the differences between groups is more than chance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from segvspers._checks import check_fraction
from segvspers._display import html_finding, percent, plural, points
from segvspers.errors import NotEstimableError
from segvspers.experiment.outcomes import evidence_of, pick_arms, settle
from segvspers.experiment.sums import ArmSums, sum_arm

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

SMALLEST = 10
FEWEST_REPLIES = 5


@dataclass(frozen=True, slots=True, eq=False)
class SegmentComparison:
    """Lifts by group; rates and lifts are proportions.

    Attributes
    ----------
    control, treatment, outcome, group, evidence, confidence
        What was compared, by which column.
    lift, lift_se, tau, q, q_p_value, i_squared
        Mean lift over groups (random effects), the spread of true lifts between groups, Cochran's Q with its
        p-value, and the share of the variation that is more than chance.
    n_winners
        Groups whose lift survives Benjamini-Hochberg over all groups.
    groups
        One row a group: counts, rates, `lift, lift_low, lift_high`, `lift_shrunk` with its interval (empirical
        Bayes), `p_value, p_adjusted`.
    left_out
        Groups too small to tell a lift.
    """

    control: str
    treatment: str
    outcome: str
    group: str
    evidence: str
    confidence: float
    lift: float
    lift_se: float
    tau: float
    q: float
    q_p_value: float
    i_squared: float
    n_winners: int
    groups: pd.DataFrame
    left_out: tuple[str, ...]

    def to_frame(self) -> pd.DataFrame:
        """Return one row a group."""
        return self.groups.copy()

    def summary(self) -> str:
        """Return the finding in two or three sentences."""
        more = (
            f"The groups' lifts differ by more than chance ({percent(self.i_squared, 0)} of their variation)."
            if self.q_p_value < 1 - self.confidence
            else "The groups' lifts differ no more than chance would make them."
        )
        winners = (
            f"{plural(self.n_winners, 'group')} of {len(self.groups)} keep a lift after correction."
            if self.n_winners
            else f"No group of {len(self.groups)} keeps a lift after correction for looking at all of them."
        )
        left = f" {plural(len(self.left_out), 'group')} too small to tell." if self.left_out else ""
        return f"Mean lift {points(self.lift)} over {plural(len(self.groups), 'group')}. {more} {winners}{left}"

    def plot(self, *, ax: Axes | None = None) -> Axes:
        """Draw the lift of each group as seen and shrunken."""
        from segvspers.plots.experiment import draw_groups

        return draw_groups(self, ax=ax)

    def _repr_html_(self) -> str:
        return html_finding("Lift by group", self.summary(), self.groups)


def compare_by_segment(
    outcomes: Any,
    *,
    control: str,
    treatment: str | None = None,
    group: str = "segment_id",
    outcome: str = "replied",
    cluster: str | None = None,
    confidence: float = 0.95,
    columns: Mapping[str, str] | None = None,
) -> SegmentComparison:
    """Compare two variants within each group.

    Parameters
    ----------
    outcomes, control, treatment, outcome, cluster, confidence, columns
        As in `compare_reply_rates`.
    group
        Column of the groups, known before the test.

    Returns
    -------
    SegmentComparison
        With lifts as seen and shrunken to their common mean.

    Raises
    ------
    DataError
        When a column or variant is missing.
    NotEstimableError
        When fewer than two groups have both variants and any variation.

    Notes
    -----
    Random effects by DerSimonian and Laird; shrinkage by empirical Bayes with their tau. Read the shrunken lifts:
    the largest of many raw lifts is too large on average.

    References
    ----------
    DerSimonian, R. and Laird, N. (1986). Meta-analysis in clinical trials. Controlled Clinical Trials 7, 177-188.

    Examples
    --------
    >>> import segvspers as sv
    >>> outcomes = sv.read_outcomes("data/sample/outcomes.csv")
    >>> found = sv.compare_by_segment(outcomes, control="segment", group="purchase_status", cluster="company_id")
    >>> len(found.groups)
    4
    """
    import pandas as pd

    check_fraction("confidence", confidence)
    frame = settle(outcomes, values=[outcome], cluster=cluster, columns=columns, keep=[group])
    control, treatment = pick_arms(frame, control=control, treatment=treatment)
    rows, left_out = [], []
    for name, part in frame.groupby(frame[group].astype(object), sort=True):
        arms = [sum_arm(part[part["variant"].astype(str) == arm], outcome, cluster) for arm in (control, treatment)]
        variance = sum(_variance(arm, cluster) for arm in arms)
        if min(arm.n_units for arm in arms) < SMALLEST or min(arm.total for arm in arms) < FEWEST_REPLIES:
            left_out.append(str(name))
            continue
        rows.append(
            {
                "group": str(name),
                "n_control": arms[0].n,
                "n_treatment": arms[1].n,
                "rate_control": arms[0].mean,
                "rate_treatment": arms[1].mean,
                "lift": arms[1].mean - arms[0].mean,
                "se": float(np.sqrt(variance)),
            }
        )
    if len(rows) < 2:
        raise NotEstimableError(
            f"fewer than two groups of {group!r} have {SMALLEST} units and {FEWEST_REPLIES} replies in each variant."
        )
    table = pd.DataFrame(rows)
    pooled = _pooled(table["lift"].to_numpy(), table["se"].to_numpy())
    table = _shrunken(table, pooled, confidence)
    return SegmentComparison(
        control=control,
        treatment=treatment,
        outcome=outcome,
        group=group,
        evidence=evidence_of(frame, getattr(outcomes, "attrs", {})),
        confidence=confidence,
        n_winners=int(((table["p_adjusted"] < 1 - confidence) & (table["lift"] > 0)).sum()),
        groups=table,
        left_out=tuple(left_out),
        **pooled,
    )


def _variance(arm: ArmSums, cluster: str | None) -> float:
    return arm.variance if cluster else arm.mean * (1 - arm.mean) / max(arm.n, 1)


def _pooled(lift: np.ndarray, se: np.ndarray) -> dict[str, float]:
    from scipy.stats import chi2
    from statsmodels.stats.meta_analysis import combine_effects

    with np.errstate(invalid="ignore"):  # a negative moment estimate of tau squared has no root; it stands for zero
        found = combine_effects(lift, se**2, method_re="chi2")
        frame = found.summary_frame()
    spread = found.tau2 > 0
    mean = frame.loc["random effect" if spread else "fixed effect"]
    q, df = float(found.q), len(lift) - 1
    return {
        "lift": float(mean["eff"]),
        "lift_se": float(mean["sd_eff"]),
        "tau": float(np.sqrt(found.tau2)) if spread else 0.0,
        "q": q,
        "q_p_value": float(chi2.sf(q, df)),
        "i_squared": max(0.0, (q - df) / q) if q > 0 else 0.0,
    }


def _shrunken(table: pd.DataFrame, pooled: dict[str, float], confidence: float) -> pd.DataFrame:
    """Return the groups with intervals as seen and shrunken; without spread every group has the common lift."""
    from scipy.stats import norm
    from statsmodels.stats.multitest import multipletests

    z = float(norm.ppf((1 + confidence) / 2))
    lift, variance, between = table["lift"], table["se"] ** 2, pooled["tau"] ** 2
    weight = between / (between + variance)
    shrunk = weight * lift + (1 - weight) * pooled["lift"]
    spread = np.sqrt(weight * variance + (1 - weight) ** 2 * pooled["lift_se"] ** 2)
    p_values = 2 * norm.sf(np.abs(lift / table["se"]))
    return table.assign(
        lift_low=lift - z * table["se"],
        lift_high=lift + z * table["se"],
        lift_shrunk=shrunk,
        shrunk_low=shrunk - z * spread,
        shrunk_high=shrunk + z * spread,
        p_value=p_values,
        p_adjusted=multipletests(p_values, method="fdr_bh")[1],
    )
