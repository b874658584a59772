"""What describing a list finds: one frozen object that holds every number."""

from __future__ import annotations

import html
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from segvspers._display import count, html_table, percent, plural

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes


@dataclass(frozen=True, slots=True, eq=False)
class DataSufficiency:
    """How much is known of a list of contacts; shares are proportions, 0 to 1.

    Attributes
    ----------
    n_contacts, n_individual, n_segment, n_held
        Contacts; those known well enough for an individual email; those who get their segment's; those who get none.
    share_individual
        Share of all contacts who can get an individual email.
    bits_needed, campaign_type
        Bits from which a contact gets an individual email (infinite when nobody does), and the type of campaign.
    median_bits, median_facts
        Bits and number of the facts about the person that may be used, of the middle contact.
    median_age_days, share_fresh, share_without_history
        Days since the newest fact of history of the middle contact who has one; shares of contacts with one of the
        last 90 days, and with none.
    best_column
        Column that would add most bits if its gaps were filled; empty when none would add any.
    contacts
        One row a contact: `contact_id, n_facts, n_usable, bits, age_days, route`.
    kinds
        One row a kind of fact: `kind, n_contacts, share, n_facts, n_sensitive, mean_bits, median_age_days`.
    missing
        One row a column: `column, n_known, n_missing, bits_each, bits_added, n_more_individual, note`.
    """

    n_contacts: int
    n_individual: int
    n_segment: int
    n_held: int
    share_individual: float
    bits_needed: float
    campaign_type: str
    median_bits: float
    median_facts: float
    median_age_days: float
    share_fresh: float
    share_without_history: float
    best_column: str
    contacts: pd.DataFrame
    kinds: pd.DataFrame
    missing: pd.DataFrame

    def to_frame(self) -> pd.DataFrame:
        """Return one row a contact."""
        return self.contacts.copy()

    def summary(self) -> str:
        """Return who can get an email of their own, what is known, and what would help most."""
        return " ".join(part for part in (self._routes(), self._known(), self._gap()) if part)

    def _routes(self) -> str:
        held = f"; {plural(self.n_held, 'contact')} may not be written to" if self.n_held else ""
        if math.isinf(self.bits_needed):
            return f"No contact gets an individual email: a {self.campaign_type} is for everybody{held}."
        return (
            f"{count(self.n_individual)} of {plural(self.n_contacts, 'contact')} ({percent(self.share_individual)}) are known "
            f"well enough for an individual email ({self.bits_needed:g} bits); {count(self.n_segment)} "
            f"{'gets' if self.n_segment == 1 else 'get'} the segment's{held}."
        )

    def _known(self) -> str:
        if math.isnan(self.median_age_days):
            age = "nothing of them stands in history"
        else:
            age = (
                f"the newest is {count(self.median_age_days)} days old, "
                f"and {percent(self.share_without_history)} have none from history"
            )
        facts = f"{self.median_facts:g} fact{'' if self.median_facts == 1 else 's'} to write from"
        return f"The middle contact has {facts}, worth {self.median_bits:.1f} bits; {age}."

    def _gap(self) -> str:
        if not self.best_column:
            return "No column of contacts has gaps that would tell more if they were filled."
        row = self.missing[self.missing["column"] == self.best_column].iloc[0]
        lifted = row["n_more_individual"]
        then = (
            f"about {plural(round(lifted), 'more contact')} would be known well enough"
            if lifted >= 0.5
            else "nobody more would be known well enough by that, since it says little of one person"
        )
        return (
            f"Of the columns with gaps, {self.best_column} would add most: about {row['bits_each']:.1f} bits each for "
            f"{plural(int(row['n_missing']), 'contact')}; {then}."
        )

    def plot(self, *, ax: Axes | None = None) -> Axes:
        """Draw how many bits are known of each contact, with the bits that an individual email needs."""
        from segvspers.plots.sufficiency import draw_bits_known

        return draw_bits_known(self, ax=ax)

    def _repr_html_(self) -> str:
        wording = {"n_known": "count", "n_missing": "count", "n_more_individual": "count"}
        gaps = html_table(self.missing.round(2), caption="What a column would add where it is missing", formats=wording)
        wording = {"n_contacts": "count", "share": "percent", "n_facts": "count", "n_sensitive": "count"}
        kinds = html_table(
            self.kinds.round({"mean_bits": 1, "median_age_days": 0}), caption="What is known", formats=wording
        )
        told = html.escape(self.summary())
        return f"<div><strong>What is known of these contacts</strong><p>{told}</p>{gaps}{kinds}</div>"
