"""Products, topics, quotations and names that a sentence holds, held against the facts that it cites."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence

from segvspers.emails.audit.finding import Finding, fail, warn
from segvspers.emails.audit.phrases import Phrases, inside
from segvspers.emails.audit.terms import Terms

QUOTE = re.compile(r"“([^”]*)”")
# Words with a capital in the middle of a sentence, together when they follow each other.
_CAPITALS = re.compile(r"(?<=[a-z\d,;] )(?:the )?[A-Z][\w’'-]*(?:(?: (?:&|and|of|for))? [A-Z][\w’'-]*)*")
_OWN_WORDS = frozenset(
    "I I'd I'll I've I'm January February March April May June July August September October November December Monday Tuesday "
    "Wednesday Thursday Friday Saturday Sunday English Q1 Q2 Q3 Q4".lower().split()
)  # fmt: skip


def quote_findings(text: str, facts: Sequence[Terms]) -> Iterator[Finding]:
    """Return quotations that no cited fact holds word for word."""
    for found in QUOTE.finditer(text):
        if not any(found.group(1) == fact.told.get("quote") for fact in facts):
            yield fail("quote not in the cited facts", text, *found.span(1))


def phrase_findings(
    text: str, facts: Sequence[Terms], known: Phrases, what: str, allowed: Sequence[tuple[int, int]]
) -> Iterator[Finding]:
    """Return products or topics that no cited fact is about, outside the places where the campaign says them."""
    for phrase, start, end in known.find(text):
        if not inside(start, end, allowed) and not any(phrase in words for fact in facts for words in fact.words):
            yield fail(f"{what} not in the cited facts", text, start, end)


def unknown_names(
    text: str, facts: Sequence[Terms], familiar: Collection[str], allowed: Sequence[tuple[int, int]]
) -> Iterator[Finding]:
    """Return words with a capital in mid-sentence that neither facts nor campaign nor reader know."""
    for found in _CAPITALS.finditer(text):
        for word in re.finditer(r"[A-Z][\w’'-]+", found.group()):
            start, end = found.start() + word.start(), found.start() + word.end()
            plain = re.sub(r"[’']s?$", "", word.group())
            known = plain.lower() in familiar or any(plain in told for fact in facts for told in fact.words)
            if not known and not inside(start, start + len(plain), allowed):
                yield warn("unknown name", text, start, end)


def familiar_words(*texts: str) -> frozenset[str]:
    """Return the words of some texts in small letters, with those that always have a capital."""
    return _OWN_WORDS | {
        re.sub(r"[’']s?$", "", word.lower()) for text in texts for word in re.findall(r"[\w’'-]+", text)
    }
