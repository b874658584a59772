"""What an audit found: a table of findings, one row a variant, and the worst emails with the words in question."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pandas as pd

from segvspers._display import count, html_finding, percent, plural
from segvspers._spark import is_spark
from segvspers.emails.audit.worst import WorstEmails, worst_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True, slots=True, eq=False)
class EmailAudit:
    """What was found in a run of emails.

    Attributes
    ----------
    n_emails, n_passed
        Emails checked, and those without any failure.
    findings
        One row a finding: `email_id, variant, check, severity` (fail or warn), `part` (subject, body, or sentences for a
        noted sentence that the body does not hold), `start, end` (place in the part), `span` (the words in question).
    variants
        One row a variant: emails, passed, fell back, distinct bodies, masked twins, median and 90th percentile of
        bits, words, and the Flesch reading ease.
    digests
        Of the texts as they were checked, so that one edited since is noticed.
    texts
        Subject and body of the emails with a finding.
    n_warned
        Emails with a finding to be looked at.
    """

    n_emails: int
    n_passed: int
    findings: pd.DataFrame
    variants: pd.DataFrame
    digests: frozenset[str] = field(default=frozenset(), repr=False)
    texts: pd.DataFrame = field(repr=False, default_factory=pd.DataFrame)
    n_warned: int = 0

    @property
    def passed_share(self) -> float:
        """Share of emails without a failure."""
        return self.n_passed / self.n_emails if self.n_emails else float("nan")

    def to_frame(self) -> pd.DataFrame:
        """Return one row a variant."""
        return self.variants.copy()

    def summary(self) -> str:
        """Return the outcome in one or two sentences."""
        first = f"{count(self.n_passed)} of {count(self.n_emails)} emails passed every check ({percent(self.passed_share)})."
        if self.n_warned:
            first += f" {plural(self.n_warned, 'email')} should be looked at."
        bits = {
            row.variant: row.median_bits for row in self.variants.itertuples() if row.median_bits == row.median_bits
        }
        told = ", ".join(f"{variant} {value:.1f}" for variant, value in bits.items())
        return f"{first} Median bits of personalization: {told}." if bits else first

    def plot(self, *, ax: Axes | None = None) -> Axes:
        """Draw the bits of each variant on one axis."""
        from segvspers.plots.emails import draw_bits

        return draw_bits(self.variants, ax=ax)

    def worst(self, n: int = 10) -> WorstEmails:
        """Return the emails with the most failures, then the most warnings, to be read with the words in question marked."""
        if is_spark(self.findings):
            from segvspers.emails.audit.on_spark import worst_rows

            return worst_of(*worst_rows(self.findings, self.texts, n), n)
        return worst_of(self.findings, self.texts, n)

    def _repr_html_(self) -> str:
        table = html_finding("Audit of emails", self.summary(), self.variants)
        return table + (self.worst()._repr_html_() if self.n_warned or self.n_passed < self.n_emails else "")
