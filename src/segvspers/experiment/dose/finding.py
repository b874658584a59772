"""The finding: what one bit of personalization goes with, and what it does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from segvspers._display import html_finding

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

CAVEAT = (
    "The curve within a variant is observational: it compares contacts, of whom more was known of some. The slope by the draw "
    "is a ratio, lift over bits gained, and reads as an effect per bit only if the variant acts through its bits alone and each "
    "bit does as much as the last."
)


@dataclass(frozen=True, slots=True, eq=False)
class DoseResponse:
    """Reply rate against bits of personalization; rates are proportions, slopes proportions per bit.

    Attributes
    ----------
    control, treatment, outcome, evidence, cluster, confidence
        The variants compared, the column, how the outcomes came about, the unit of the errors, and the level.
    n_control, n_treatment, rate_control, rate_treatment, bits_control, bits_treatment
        Contacts, reply rates and mean bits received.
    f_statistic
        Strength of the draw as an instrument for bits; below 10 no slope by the draw is given.
    slope, slope_low, slope_high, p_value
        Change of the reply rate per bit by the draw alone, Anderson-Rubin interval; nan with `note` when too weak.
    naive_slope, naive_low, naive_high
        The same as the table stands: all contacts, by what they received.
    adjusted_slope, adjusted_low, adjusted_high, covariates
        Within the treatment, contacts alike in the covariates; nan without any.
    slopes
        One row a way: ``as it stands``, ``within the treatment``, ``within, adjusted``, ``by the draw``.
    curves, bands, doses, strata, checks
        Curves on a grid of bits; rates by band of bits received; how many contacts received how many bits; lift and
        slope by what could be said of contacts; what the data say against the assumptions.
    note, caveat
        What the reader should know.
    """

    control: str
    treatment: str
    outcome: str
    evidence: str
    cluster: str | None
    confidence: float
    n_control: int
    n_treatment: int
    rate_control: float
    rate_treatment: float
    bits_control: float
    bits_treatment: float
    f_statistic: float
    slope: float
    slope_low: float
    slope_high: float
    p_value: float
    naive_slope: float
    naive_low: float
    naive_high: float
    adjusted_slope: float
    adjusted_low: float
    adjusted_high: float
    covariates: tuple[str, ...]
    slopes: pd.DataFrame
    curves: pd.DataFrame
    bands: pd.DataFrame
    doses: pd.DataFrame
    strata: pd.DataFrame
    checks: pd.DataFrame
    sentences: tuple[str, ...]
    note: str
    caveat: str = CAVEAT

    def to_frame(self) -> pd.DataFrame:
        """Return one row a way of estimating the slope."""
        return self.slopes.copy()

    def summary(self) -> str:
        """Return what the draw says first, then what the table seems to say, and what neither can."""
        return " ".join(part for part in (*self.sentences, self.note, self.caveat) if part)

    def plot(self, *, ax: Axes | None = None) -> Axes:
        """Draw rates by bits received, the curve within the treatment, and the line by the draw; below, who got what."""
        from segvspers.plots.dose import draw_dose

        return draw_dose(self, ax=ax)

    def _repr_html_(self) -> str:
        return html_finding("Replies against bits of personalization", self.summary(), self.slopes)
