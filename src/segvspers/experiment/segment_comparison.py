"""The finding of a comparison group by group: numbers, sentences, a picture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from segvspers._display import html_finding, money, percent, plural, points

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes


@dataclass(frozen=True, slots=True, eq=False)
class SegmentComparison:
    """Lifts by group; rates and their lifts are proportions, amounts dollars a contact.

    Attributes
    ----------
    control, treatment, outcome, kind, group, evidence, confidence, correction
        What was compared, ``"rate"`` or ``"amount"``, by which column, and how p-values were corrected.
    lift, lift_se, tau, q, q_p_value, i_squared
        Mean lift over groups (random effects), the spread of true lifts between groups, Cochran's Q with its
        p-value, and the share of the variation that is more than chance.
    lift_crude, lift_standardised, mix_p_value, simpson
        The lift with all groups thrown together; that of groups weighted by their size; the p-value of one mix of groups
        in both variants; and whether the mix differs and the two lifts have opposite signs (Simpson's paradox).
    n_winners, n_losers
        Groups whose lift, or loss, survives the correction over all groups.
    groups
        One row a group: ``group, n_control, n_treatment, rate_control, rate_treatment`` (means, of an amount), ``lift,
        se, lift_low, lift_high``, ``lift_shrunk, shrunk_low, shrunk_high`` (empirical Bayes), ``p_value, p_adjusted,
        p_best`` (probability of the largest true lift), ``mean_rank`` and ``n_needed``, the contacts an arm that would
        find the mean lift here with power 80 %.
    left_out, why_left_out
        Groups too small to tell a lift, and the reason for each.
    """

    control: str
    treatment: str
    outcome: str
    kind: str
    group: str
    evidence: str
    confidence: float
    correction: str
    lift: float
    lift_se: float
    tau: float
    q: float
    q_p_value: float
    i_squared: float
    lift_crude: float
    lift_standardised: float
    mix_p_value: float
    simpson: bool
    n_winners: int
    n_losers: int
    groups: pd.DataFrame
    left_out: tuple[str, ...]
    why_left_out: tuple[str, ...]

    def to_frame(self) -> pd.DataFrame:
        """Return one row a group."""
        return self.groups.copy()

    def summary(self) -> str:
        """Return the finding in a few sentences."""
        said = [f"Mean lift {self._shown(self.lift)} over {plural(len(self.groups), 'group')}.", self._differing()]
        said += [self._winners(), self._losers(), self._mixed()]
        if self.left_out:
            said.append(f"{plural(len(self.left_out), 'group')} too small to tell.")
        return " ".join(part for part in said if part)

    def _shown(self, lift: float) -> str:
        return points(lift) if self.kind == "rate" else f"{money(lift, digits=2)} a contact"

    def _differing(self) -> str:
        if self.q_p_value < 1 - self.confidence:
            return f"The groups' lifts differ by more than chance ({percent(self.i_squared, 0)} of their variation)."
        return "The groups' lifts differ no more than chance would make them."

    def _winners(self) -> str:
        n = len(self.groups)
        if not self.n_winners:
            return f"No group of {n} keeps a lift after correction for looking at all of them."
        return f"{plural(self.n_winners, 'group')} of {n} {'keeps' if self.n_winners == 1 else 'keep'} a lift after correction."

    def _losers(self) -> str:
        return (
            f"{plural(self.n_losers, 'group')} surely lose{'s' if self.n_losers == 1 else ''}." if self.n_losers else ""
        )

    def _mixed(self) -> str:
        if not self.simpson:
            return ""
        return (
            f"Thrown together the lift is {self._shown(self.lift_crude)}, the other way round (Simpson's paradox): the "
            f"variants' contacts are mixed differently; trust the {self._shown(self.lift_standardised)} within groups."
        )

    def plot(self, *, ax: Axes | None = None) -> Axes:
        """Draw the lift of each group as seen and shrunken."""
        from segvspers.plots.experiment import draw_groups

        return draw_groups(self, ax=ax)

    def _repr_html_(self) -> str:
        rate = "percent" if self.kind == "rate" else "money"
        lift = "points" if self.kind == "rate" else "money"
        formats = dict.fromkeys(("rate_control", "rate_treatment"), rate)
        formats |= dict.fromkeys(("lift", "lift_low", "lift_high", "lift_shrunk", "shrunk_low", "shrunk_high"), lift)
        formats |= {"n_control": "count", "n_treatment": "count", "n_needed": "count", "p_best": "percent"}
        return html_finding("Lift by group", self.summary(), self.groups, **formats)
