"""The finding: who gets which variant, what the hybrid is worth, and the rules to hand on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from segvspers._checks import check_choice
from segvspers._display import html_finding
from segvspers.frontier.policy.export import write_sql
from segvspers.frontier.policy.table import CellRules, assign_rows

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

VIEWS = ("groups", "policies")


@dataclass(frozen=True, slots=True, eq=False)
class Recommendation:
    """A variant for each contact: the default, or another one where the evidence carries it.

    Lifts are in units of the outcome (proportions 0 to 1, or dollars), net gains in dollars an email; both are over
    the default, and nan where nothing tells.

    Attributes
    ----------
    default, individual, variants, features, evidence, outcome, kind, cluster
        The variant of contacts without evidence; that of individual emails, empty when there is none; those that it was
        held against; what groups are told by; how the evidence came about; the column valued, a ``"rate"`` or an
        ``"amount"``; the unit of errors.
    rule, confidence, reply_value_usd, cost_per_email_usd
        How was chosen; the level of intervals; worth of a unit of the outcome, nan when not given; cost by variant.
    n_test, n_scored, n_contacts, n_held, n_no_evidence
        Contacts of the test (0 when a world was assumed), and those that the policy was valued on; contacts of the list, of them held back, and
        without evidence.
    verdict
        ``"hybrid"``, ``"default"``, or the name of the one variant that everybody gets.
    value, value_low, value_high
        What the hybrid brings a contact, valued on blocks after those that it was learned from.
    lift, lift_low, lift_high, net_lift_usd, net_lift_low_usd, net_lift_high_usd
        The hybrid less the default for everybody, a contact.
    regret_usd
        What a contact of the list is expected to lose since the gains of groups are not known for sure; in units of the outcome
        when its worth isn't known.
    contacts, groups, policies, spread
        Frames: one row a contact (`contact_id, variant, candidate, lift, lift_low, lift_high, net_gain_usd,
        net_gain_low_usd, net_gain_high_usd, n_alike, reason`); one row a group; the hybrid and each variant for
        everybody; how much each feature moves the gain.
    rules
        What `assign` and `to_sql` go by.
    notes, sentences
        What was assumed; the finding in words.
    """

    default: str
    individual: str
    variants: tuple[str, ...]
    features: tuple[str, ...]
    evidence: str
    outcome: str
    kind: str
    cluster: str | None
    rule: str
    confidence: float
    reply_value_usd: float
    cost_per_email_usd: dict[str, float]
    n_test: int
    n_scored: int
    n_contacts: int
    n_held: int
    n_no_evidence: int
    verdict: str
    value: float
    value_low: float
    value_high: float
    lift: float
    lift_low: float
    lift_high: float
    net_lift_usd: float
    net_lift_low_usd: float
    net_lift_high_usd: float
    regret_usd: float
    contacts: pd.DataFrame
    groups: pd.DataFrame
    policies: pd.DataFrame
    spread: pd.DataFrame
    rules: CellRules
    notes: tuple[str, ...]
    sentences: tuple[str, ...]

    def to_frame(self) -> pd.DataFrame:
        """Return one row a contact: the variant, its expected gain with the interval, and the reason."""
        return self.contacts.copy()

    def assign(self, contacts: pd.DataFrame) -> pd.DataFrame:
        """Return the same table for another list, which needs the features.

        Raises
        ------
        DataError
            When the list lacks a feature, or `contact_id` repeats.
        """
        return assign_rows(self.rules, contacts)

    def to_sql(self, *, table: str = "contacts", key: str = "contact_id", dialect: str = "duckdb") -> str:
        """Return the rules as one SELECT of the key and the variant.

        Parameters
        ----------
        table, key
            The table, which has the features, and the column that names a row.
        dialect
            ``duckdb``, ``postgres`` or ``bigquery``.

        Raises
        ------
        ArgumentError
            When the dialect is unknown, or the rules are too many for a statement.
        """
        return write_sql(self.rules, table=table, key=key, dialect=dialect)

    def summary(self) -> str:
        """Return who gets what, and what that is worth, in plain sentences."""
        return " ".join((*self.sentences, *self.notes))

    def plot(self, *, view: str = "groups", ax: Axes | None = None) -> Axes:
        """Draw the net gain of each group with its interval, or the hybrid against each variant for everybody.

        Parameters
        ----------
        view
            ``groups`` or ``policies``.
        ax
            Where to draw; a new figure when left out.
        """
        check_choice("view", view, VIEWS)
        from segvspers.plots import policy as drawing

        return (drawing.draw_groups if view == "groups" else drawing.draw_policies)(self, ax=ax)

    def _repr_html_(self) -> str:
        return html_finding("Who gets which email", self.summary(), self.groups)
