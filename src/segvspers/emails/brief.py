"""What a writer gets and what it gives back."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Protocol

from segvspers.emails.campaign import Campaign


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact of a contact as a writer sees it."""

    fact_id: str
    kind: str
    topic: str
    value: str
    fields: dict[str, Any]
    bits: float
    salience: float


@dataclass(frozen=True, slots=True)
class Brief:
    """All that a writer may know of one contact: names to address, and the facts that may be stated.

    `problems` says what was wrong with the draft that the writer gave for this brief before; a brief with problems
    asks for its repair.
    """

    contact_id: str
    campaign: Campaign
    facts: tuple[Fact, ...]
    first_name: str = ""
    company: str = ""
    status: str = ""
    locale: str = "en_US"
    topic: str = ""
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence, its role, and the facts that it states."""

    text: str
    role: str
    fact_ids: tuple[str, ...] = ()
    opens_paragraph: bool = False


@dataclass(frozen=True, slots=True)
class Draft:
    """What a writer gives back: a subject and sentences; `skeleton` names the wording that was chosen.

    A writer that has no email to give says so in `status` (written, or refused, filtered, truncated, malformed,
    failed) and why in `problems`; what that cost is counted all the same.
    """

    subject: Sentence
    sentences: tuple[Sentence, ...]
    skeleton: tuple[str, ...] = ()
    tokens_in: int = 0
    tokens_out: int = 0
    cost_usd: float = 0.0
    notes: tuple[str, ...] = field(default_factory=tuple)
    status: str = "written"
    problems: tuple[str, ...] = ()


class Writer(Protocol):
    """Anything that turns briefs into drafts, in the order given."""

    name: str

    def write(self, briefs: Iterable[Brief]) -> list[Draft]:
        """Return one draft a brief."""


def as_facts(records: Iterable[Any]) -> tuple[Fact, ...]:
    """Return rows of the fact table, as named tuples, as facts."""
    return tuple(
        Fact(row.fact_id, row.kind, row.topic or "", row.value, json.loads(row.fields), row.bits, row.salience)
        for row in records
    )
