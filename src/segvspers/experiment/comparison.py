"""The finding of a comparison of reply rates: numbers, sentences, a picture."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from segvspers._display import count, html_finding, interval, percent, points, signed_percent

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes


@dataclass(frozen=True, slots=True)
class ReplyRateComparison:
    """Reply rates of two variants; rates and lifts are proportions, 0 to 1.

    Attributes
    ----------
    control, treatment, outcome, evidence, method
        The variants, the column compared, how the outcomes came about, and the method by name.
    n_control, n_treatment, replies_control, replies_treatment, rate_control, rate_treatment
        Contacts assigned, contacts who replied, and their shares.
    cluster, n_clusters_control, n_clusters_treatment, design_effect
        The column of the unit of randomisation, the units in each arm, and how many times the difference varies as
        much as with independent contacts; None, 0 and 1 when the unit is the contact.
    lift, lift_low, lift_high
        Difference, treatment minus control, with its interval.
    relative_lift, relative_lift_low, relative_lift_high
        Ratio minus one; nan when nobody in the control replied, though its interval is defined.
    p_value, confidence
        Two-sided; level of the intervals.
    p_better, expected_loss_treatment, expected_loss_control
        Probability that the treatment's rate is higher, and the rate that is lost on average by taking either
        variant for good; beta-binomial under flat priors.
    margin, p_non_inferior
        How much worse the treatment may be, and the one-sided p-value against being that much worse; nan when not
        asked.
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
    design_effect: float
    lift: float
    lift_low: float
    lift_high: float
    relative_lift: float
    relative_lift_low: float
    relative_lift_high: float
    p_value: float
    confidence: float
    p_better: float
    expected_loss_treatment: float
    expected_loss_control: float
    margin: float
    p_non_inferior: float
    note: str

    @property
    def significant(self) -> bool:
        """Tell whether the interval of the lift excludes zero; the p-value and the ratio's interval say the same."""
        return self.lift_low > 0 or self.lift_high < 0

    @property
    def non_inferior(self) -> bool:
        """Tell whether the interval of the lift lies above minus the margin; False when no margin was asked."""
        return self.lift_low > -self.margin

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
        """Return the finding in two sentences, and what to know about it."""
        return " ".join(part for part in (self._counted(), self._decided(), self._margin(), self.note) if part)

    def _counted(self) -> str:
        return (
            f"{self.treatment}: {count(self.replies_treatment)} of {count(self.n_treatment)} contacts "
            f"({percent(self.rate_treatment, 2)}); {self.control}: {count(self.replies_control)} of "
            f"{count(self.n_control)} ({percent(self.rate_control, 2)})."
        )

    def _decided(self) -> str:
        span = interval(points(self.lift_low), points(self.lift_high))
        if not self.significant:
            return f"The difference of {points(self.lift)} can't be told from zero ({span})."
        better = "higher" if self.lift > 0 else "lower"
        relative = f", a relative change of {signed_percent(self.relative_lift)}" if self.replies_control else ""
        return f"{self.treatment} is {better} by {points(abs(self.lift)).removeprefix('+')} ({span}){relative}."

    def _margin(self) -> str:
        if math.isnan(self.margin):
            return ""
        allowed = points(self.margin).removeprefix("+")
        said = "is surely not worse" if self.non_inferior else "may be worse"
        return (
            f"{self.treatment} {said} than {self.control} by {allowed} or more (one-sided p {self.p_non_inferior:.3g})."
        )

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
