"""What a comparison over time found, in words and as curves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from segvspers._display import html_finding, interval, percent, points

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes


@dataclass(frozen=True, slots=True, eq=False)
class OverTimeComparison:
    """Replies by the same time after each email; rates and lifts are proportions, 0 to 1.

    Attributes
    ----------
    control, treatment, evidence, cluster, method
        The variants, how the outcomes came about, the unit drawn, and the method by name.
    horizon_days, as_of
        Time after the email at which both are read, and the day on which the data end.
    n_control, n_treatment, replies_control, replies_treatment
        Contacts, and those whose reply was seen within the horizon.
    rate_control, rate_treatment, lift, lift_low, lift_high, p_value, confidence
        Kaplan-Meier reply rates at the horizon, their difference with its interval.
    matured_control, matured_treatment
        Share of contacts watched for the whole horizon.
    naive_rate_control, naive_rate_treatment, naive_lift
        Replies so far over contacts, which compares unripe with ripe contacts when sends were staggered.
    median_delay_control, median_delay_treatment
        Days by which half of the replies within the horizon had come.
    curves, delays
        Frames: the curves with their intervals and contacts at risk; share of replies in by 1, 3, 7, 14 days.
    note
        What the reader should know.
    """

    control: str
    treatment: str
    evidence: str
    cluster: str | None
    method: str
    horizon_days: float
    as_of: str
    n_control: int
    n_treatment: int
    replies_control: int
    replies_treatment: int
    rate_control: float
    rate_treatment: float
    lift: float
    lift_low: float
    lift_high: float
    p_value: float
    confidence: float
    matured_control: float
    matured_treatment: float
    naive_rate_control: float
    naive_rate_treatment: float
    naive_lift: float
    median_delay_control: float
    median_delay_treatment: float
    curves: pd.DataFrame
    delays: pd.DataFrame
    note: str

    def to_frame(self) -> pd.DataFrame:
        """Return the curves: one row a variant and day with a reply."""
        return self.curves.copy()

    def summary(self) -> str:
        """Return the finding in plain sentences."""
        span = interval(points(self.lift_low), points(self.lift_high))
        text = (
            f"By day {self.horizon_days:.3g} after the email {percent(self.rate_treatment, 2)} had replied to "
            f"{self.treatment} and {percent(self.rate_control, 2)} to {self.control}: a lift of {points(self.lift)} ({span})."
        )
        ripe = min(self.matured_control, self.matured_treatment)
        if ripe < 1:
            text += f" {percent(self.matured_control, 0)} and {percent(self.matured_treatment, 0)} of contacts were watched that long"
            text += f" ({self.control}, {self.treatment}); counting replies so far would say {points(self.naive_lift)}."
        return " ".join(part for part in (text, self.note) if part)

    def plot(self, *, ax: Axes | None = None) -> Axes:
        """Draw both curves with their intervals up to the horizon."""
        from segvspers.plots.over_time import draw_curves

        return draw_curves(self, ax=ax)

    def _repr_html_(self) -> str:
        return html_finding("Replies over time", self.summary(), self.delays)
