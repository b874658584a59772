"""The finding of a comparison of revenue: numbers, sentences, a picture."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from segvspers._display import html_finding, interval, money, percent, signed_percent

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes


@dataclass(frozen=True, slots=True, eq=False)
class RevenueComparison:
    """Revenue per assigned contact of two variants, in dollars; silent contacts count as zero.

    Attributes
    ----------
    control, treatment, outcome, evidence, method, cluster, n_control, n_treatment
        As in a comparison of reply rates.
    n_clusters_control, n_clusters_treatment
        Units of the draw; 0 when that is the contact.
    mean_control, mean_treatment, total_control, total_treatment, buyers_control, buyers_treatment
        Per contact and in all, as they are; contacts (or clusters' sums of them) with an amount.
    covariates, variance_kept
        What the lift is adjusted for, and the share of its variance that is left: 1 - rho^2 with one covariate.
    lift, lift_low, lift_high, relative_lift, relative_lift_low, relative_lift_high, p_value, confidence
        Difference and ratio minus one, treatment against control, adjusted when there are covariates.
    parts
        What of the lift comes from more contacts who buy, and what from larger amounts:
        ``part, control, treatment, lift, lift_low, lift_high``.
    views
        The lift once more: ``view, lift, lift_low, lift_high, p_value, what``, as it is, winsorised, without the
        largest, by Poisson bootstrap.
    note
        What the reader should know.
    """

    control: str
    treatment: str
    outcome: str
    evidence: str
    method: str
    cluster: str | None
    n_control: int
    n_treatment: int
    n_clusters_control: int
    n_clusters_treatment: int
    mean_control: float
    mean_treatment: float
    total_control: float
    total_treatment: float
    buyers_control: int
    buyers_treatment: int
    covariates: tuple[str, ...]
    variance_kept: float
    lift: float
    lift_low: float
    lift_high: float
    relative_lift: float
    relative_lift_low: float
    relative_lift_high: float
    p_value: float
    confidence: float
    parts: pd.DataFrame
    views: pd.DataFrame
    note: str

    @property
    def significant(self) -> bool:
        """Tell whether the interval of the lift excludes zero; the p-value and the ratio's interval say the same."""
        return self.lift_low > 0 or self.lift_high < 0

    def to_frame(self) -> pd.DataFrame:
        """Return one row a variant."""
        import pandas as pd

        rows = [
            {
                "variant": getattr(self, arm),
                "n_contacts": getattr(self, f"n_{arm}"),
                "revenue_usd": getattr(self, f"total_{arm}"),
                "revenue_per_contact_usd": getattr(self, f"mean_{arm}"),
                "buyers": getattr(self, f"buyers_{arm}"),
                "revenue_per_buyer_usd": float(self.parts.loc[1, arm]),
            }
            for arm in ("control", "treatment")
        ]
        return pd.DataFrame(rows)

    def summary(self) -> str:
        """Return the finding in a sentence or two, and what to know about it."""
        return " ".join(part for part in (self._decided(), self._adjusted(), self._parted(), self.note) if part)

    def _decided(self) -> str:
        span = interval(money(self.lift_low, digits=2), money(self.lift_high, digits=2))
        told = "is not chance alone" if self.significant else "can't be told from zero"
        relative = "" if math.isnan(self.relative_lift) else f"; {signed_percent(self.relative_lift)}"
        return (
            f"{self.treatment} brought {money(self.mean_treatment, digits=2)} a contact against "
            f"{money(self.mean_control, digits=2)} with {self.control}; the difference of "
            f"{money(self.lift, digits=2)} ({span}{relative}) {told}."
        )

    def _adjusted(self) -> str:
        if not self.covariates:
            return ""
        gained = 1 - self.variance_kept
        said = f"takes {percent(gained, 0)} off its variance" if gained >= 0.005 else "gains almost nothing"
        return f"Adjusting for {', '.join(self.covariates)} {said}."

    def _parted(self) -> str:
        rate, value = self.parts["lift"]
        if math.isnan(rate) or not self.significant:
            return ""
        return f"{money(rate, digits=2)} of it comes from more contacts who buy, {money(value, digits=2)} from larger amounts."

    def plot(self, *, ax: Axes | None = None) -> Axes:
        """Draw the difference with its interval against zero, and the other views below it."""
        from segvspers.plots.experiment import draw_revenue

        return draw_revenue(self, ax=ax)

    def _repr_html_(self) -> str:
        money_columns = dict.fromkeys(("revenue_usd", "revenue_per_contact_usd", "revenue_per_buyer_usd"), "money")
        return html_finding(
            "Revenue", self.summary(), self.to_frame(), n_contacts="count", buyers="count", **money_columns
        )
