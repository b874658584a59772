"""All kinds of facts; to add one, write its entry beside its nearest neighbour and name it here and in `WEIGHTS`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from segvspers.facts.kinds.kind import Kind
from segvspers.facts.kinds.mail import CLICKS, ENGAGEMENT
from segvspers.facts.kinds.money import CANCEL, DEAL, PURCHASE, RENEWAL, SPENDING
from segvspers.facts.kinds.profile import ANNIVERSARY, FIRMOGRAPHIC, PEERS, PLAN, TENURE, attribute, firmographic
from segvspers.facts.kinds.talk import CONVERSATION, MEETING, QUESTION, REPLY, TICKET
from segvspers.facts.kinds.visits import INTEREST, SILENCE

# How much a kind is worth telling, before its age and rarity.
WEIGHTS = {
    "question": 1.0, "ticket": 0.95, "milestone": 0.85, "purchase": 0.8, "cancel": 0.8, "engagement": 0.75,
    "conversation": 0.75, "clicks": 0.75, "reply": 0.7, "meeting": 0.7, "interest": 0.6, "deal": 0.6, "spending": 0.5,
    "plan": 0.5, "tenure": 0.45, "silence": 0.4, "peers": 0.35, "attribute": 0.3, "firmographic": 0.3,
}  # fmt: skip
KINDS = (
    TENURE, ANNIVERSARY, PLAN, RENEWAL, PURCHASE, SPENDING, CANCEL, DEAL, ENGAGEMENT, CLICKS, QUESTION, CONVERSATION,
    REPLY, TICKET, MEETING, INTEREST, SILENCE, PEERS,
)  # fmt: skip

__all__ = ["KINDS", "WEIGHTS", "Kind", "kinds_for"]


def kinds_for(columns: Iterable[str], *, attributes: Sequence[str] = (), pattern: str = "") -> list[Kind]:
    """Return the kinds that a table of contacts with these columns can have facts of.

    Parameters
    ----------
    columns
        Columns of contacts.
    attributes
        Further columns that the analyst wants facts of.
    pattern
        Regular expression that finds sensitive words in a further column.
    """
    known = set(columns)
    told = [firmographic(column) for column in FIRMOGRAPHIC if column in known]
    told += [attribute(column, pattern) for column in attributes]
    return told + [kind for kind in KINDS if known.issuperset(kind.needs)]
