"""What a comparison of past sends found, in words and as a frame."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from segvspers._display import html_finding, interval, points

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes


@dataclass(frozen=True, slots=True, eq=False)
class HistoricalComparison:
    """Reply rates of sends that nobody drew by chance; rates and lifts are proportions, 0 to 1.

    Attributes
    ----------
    control, treatment, outcome, evidence, cluster, method
        The variants, the column compared, always ``observational``, the unit of the errors, and the method.
    n_control, n_treatment, replies_control, replies_treatment
        Contacts within the overlap and their replies.
    n_left_out
        Contacts left out, whose like got one variant only.
    rate_control, rate_treatment, lift, lift_low, lift_high, p_value, confidence
        Rates had all contacts of the overlap got one variant or the other, doubly robust; their difference.
    relative_lift, relative_lift_low, relative_lift_high
        Ratio of both rates minus one.
    naive_lift
        The difference as it stands in the table.
    e_value, e_value_limit
        How strongly something unseen must go with both the variant and the reply, as a risk ratio, to explain
        the ratio away, and to move its interval to no difference (1 when it is there already).
    worst_before, worst_after, effective_share
        Largest standardised difference of a covariate before and after weighting; effective over actual size.
    estimates, balance, overlap
        Frames: naive, stratified, weighted and doubly robust lifts; each covariate's differences; the spread of
        the propensities.
    note
        What the reader should know.
    """

    control: str
    treatment: str
    outcome: str
    evidence: str
    cluster: str | None
    method: str
    n_control: int
    n_treatment: int
    replies_control: int
    replies_treatment: int
    n_left_out: int
    rate_control: float
    rate_treatment: float
    lift: float
    lift_low: float
    lift_high: float
    p_value: float
    confidence: float
    relative_lift: float
    relative_lift_low: float
    relative_lift_high: float
    naive_lift: float
    e_value: float
    e_value_limit: float
    worst_before: float
    worst_after: float
    effective_share: float
    estimates: pd.DataFrame
    balance: pd.DataFrame
    overlap: pd.DataFrame
    note: str

    def to_frame(self) -> pd.DataFrame:
        """Return one row a way of estimating the lift."""
        return self.estimates.copy()

    def summary(self) -> str:
        """Return the finding in plain sentences, what it is worth first."""
        span = interval(points(self.lift_low), points(self.lift_high))
        told = self.lift_low > 0 or self.lift_high < 0
        text = (
            f"Observational, not randomised: among contacts alike in what was recorded, {self.treatment} goes with a lift "
            f"of {points(self.lift)} ({span}) over {self.control}; the table as it stands says {points(self.naive_lift)}."
        )
        if told:
            text += (
                f" Something unseen that goes with both variant and reply by a risk ratio of {self.e_value_limit:.2f} "
                "would move the interval to no difference."
            )
        else:
            text += " The difference can't be told from zero."
        return " ".join(part for part in (text, self.note) if part)

    def plot(self, *, ax: Axes | None = None) -> Axes:
        """Draw the balance of each covariate before and after weighting (a Love plot)."""
        from segvspers.plots.historical import draw_balance

        return draw_balance(self, ax=ax)

    def _repr_html_(self) -> str:
        return html_finding("Past sends, not randomised", self.summary(), self.estimates)
