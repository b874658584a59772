"""The bank of wordings: read from `wordings/`, in the reader's spelling and the campaign's tone.

A wording stands under its entry (a kind of fact, or a part of the email), its role, and the traits that must hold
for it to be true or in place; its slots name what it takes from the fact, the campaign or the reader.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from string import Formatter
from typing import Any

from segvspers.emails.offline.words import in_full, spelled

FOLDER = Path(__file__).parent / "wordings"
# What the campaign, the reader and the rest of the email lend; every other slot is lent by a fact.
LENT_BY_THE_EMAIL = frozenset(
    {"company", "for_company", "to_company", "with_company", "sender_company", "offer", "Offer", "claim", "Claim",
     "topic", "Topic", "topics", "Topics", "you_list", "You_list", "you_also", "You_also", "you_clause", "You_clause"}
)  # fmt: skip
NEEDS_COMPANY = "company"
RUN = 4


@dataclass(frozen=True, slots=True, eq=False)
class Wording:
    """One way to say something.

    Attributes
    ----------
    key
        Where it stands, such as ``question.lead.unanswered.3``.
    text
        With its slots in curly brackets.
    slots, traits
        What must be lent, and what must hold.
    n_words
        Words without those that slots bring.
    turns
        Its runs of four words, by which two wordings of one email are kept from sounding alike.
    """

    key: str
    text: str
    slots: frozenset[str]
    traits: frozenset[str]
    n_words: int
    turns: frozenset[str]


class Bank:
    """All wordings in one spelling and tone."""

    def __init__(self, wordings: dict[tuple[str, str], tuple[Wording, ...]]) -> None:
        self._wordings = wordings
        self._found: dict[Any, tuple[Wording, ...]] = {}

    def fitting(
        self, entry: str, role: str, slots: frozenset[str], traits: frozenset[str] = frozenset(), *, company: bool
    ) -> tuple[Wording, ...]:
        """Return the wordings whose slots can be filled and whose traits hold; the same question is answered once."""
        key = (entry, role, slots, traits, company)
        found = self._found.get(key)
        if found is None:
            lent = slots | LENT_BY_THE_EMAIL if company else (slots | LENT_BY_THE_EMAIL) - {NEEDS_COMPANY}
            found = tuple(
                one for one in self._wordings.get((entry, role), ()) if one.slots <= lent and one.traits <= traits
            )
            self._found[key] = found
        return found

    def entries(self) -> dict[tuple[str, str], tuple[Wording, ...]]:
        """Return every wording by entry and role."""
        return dict(self._wordings)


@lru_cache(maxsize=8)
def bank_of(*, british: bool, formal: bool) -> Bank:
    """Return the bank in a spelling and a tone."""
    locale = "en_GB" if british else "en_US"
    told: dict[tuple[str, str], tuple[Wording, ...]] = {}
    for entry, roles in _read().items():
        for role, by_traits in roles.items():
            told[entry, role] = tuple(
                _wording(f"{entry}.{role}.{traits}.{place}", in_full(text) if formal else text, traits, locale)
                for traits, texts in by_traits.items()
                for place, text in enumerate(texts)
            )
    return Bank(told)


@lru_cache(maxsize=1)
def _read() -> dict[str, dict[str, dict[str, list[str]]]]:
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return {
        path.stem: yaml.load(path.read_text(encoding="utf-8"), Loader=loader)  # noqa: S506  both loaders are safe
        for path in sorted(FOLDER.glob("*.yml"))
    }


def _wording(key: str, text: str, traits: str, locale: str) -> Wording:
    told = spelled(text, locale)
    named = frozenset(name for _, name, _, _ in Formatter().parse(told) if name)
    must = frozenset(part.strip() for part in traits.split(",")) - {"any"}
    words = re.sub(r"\{\w+\}", " # ", told.lower()).split()
    runs = (words[place : place + RUN] for place in range(len(words) - RUN + 1))
    turns = frozenset(" ".join(run) for run in runs if "#" not in run)
    return Wording(key, told, named, must, len(told.split()) - len(named), turns)
