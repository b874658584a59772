"""Names, companies and addresses of other contacts in a text, looked up over the whole list at once.

Every run of up to six words that has its capitals is hashed and looked for among the hashes of the list: the cost is that
of the emails, whatever the length of the list.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from segvspers.emails.audit.finding import Finding, fail, warn
from segvspers.emails.audit.listed import LONGEST, WORD, Listed, extended, hash_texts, is_in
from segvspers.emails.audit.phrases import inside, places_of
from segvspers.emails.audit.values.dates import MONTHS, WEEKDAYS

_SMALL = frozenset(
    ["of", "and", "the", "&", "s", "for", "de", "del", "der", "den", "van", "von", "la", "le", "du", "da", "di", "y"]
)
# Days and months are capitalised wherever they stand; a company of that name can't be told from them.
_ALWAYS = frozenset([*MONTHS, *WEEKDAYS, "i", "hi", "hello", "dear", "best", "unsubscribe"])
_PHONE = re.compile(r"(?<![\w/])\+?\d[\d ()./-]{5,}\d(?!\w)")
_STARTS = re.compile(r"(?:^|[.!?:”]\s+|[“(\n]\s*|-- ?)$")


@dataclass(frozen=True, slots=True)
class Text:
    """One part of one email, with what may stand in it: the reader's own names, and words of the campaign and its facts."""

    email: int
    part: str
    text: str
    contact_id: str
    allowed: tuple[str, ...]


def find_leaks(texts: Sequence[Text], listed: Listed, *, familiar: frozenset[str]) -> Iterator[tuple[int, Finding]]:
    """Give the place of each email that names another contact, with the finding.

    Parameters
    ----------
    texts
        Parts of emails.
    listed
        The whole list.
    familiar
        Words in small letters that are words of the language: where such a word starts a sentence, its capital
        does not tell that it is the company of that name, and the finding is a warning.

    Notes
    -----
    First names alone are not looked for: half the list shares them.
    """
    yield from _named(texts, listed, familiar)
    for told in texts if len(listed.phones) else ():
        yield from _phones(told, listed)


def relabel_address(finding: Finding, contact_id: str, listed: Listed) -> Finding | None:
    """Return the finding of an address that is not allowed: none for the reader's own, a leak for another contact's."""
    address = finding.span.lower().rstrip(".")
    if is_in(hash_texts([f"{contact_id} {address}"]), listed.owned)[0]:
        return None
    listed_too = is_in(hash_texts([address]), listed.addresses)[0]
    return replace(finding, check="another contact's address") if listed_too else finding


def _phones(told: Text, listed: Listed) -> Iterator[tuple[int, Finding]]:
    for found in _PHONE.finditer(told.text):
        number = re.sub(r"\D", "", found.group())[::-1][:9]
        of_list = len(number) >= 7 and is_in(hash_texts([number]), listed.phones)[0]
        if of_list and not is_in(hash_texts([f"{told.contact_id} {number}"]), listed.owned)[0]:
            yield told.email, fail("another contact's phone", told.text, *found.span(), told.part)


def _named(texts: Sequence[Text], listed: Listed, familiar: frozenset[str]) -> Iterator[tuple[int, Finding]]:
    words = [WORD.findall(told.text) for told in texts]
    flat = [word for found in words for word in found]
    if not flat:
        return
    codes, coded = pd.factorize(np.asarray(flat, dtype=object))
    low = [word.lower() for word in coded]
    capital_of = np.array([word != small or word[0].isdigit() for word, small in zip(coded, low, strict=True)])
    small_of = np.array([word in _SMALL for word in low])
    hashes, capital = hash_texts(low)[codes], capital_of[codes]
    fits = capital | small_of[codes]
    sizes = np.array([len(found) for found in words])
    owner = np.repeat(np.arange(len(texts)), sizes)
    first = np.concatenate([[0], np.cumsum(sizes)])[:-1]
    for place, n, what in _hits(hashes, capital, fits, owner, listed):
        at = owner[place]
        found = list(WORD.finditer(texts[at].text))[place - first[at] : place - first[at] + n]
        finding = _judged(texts[at], found[0].start(), found[-1].end(), n, what, familiar)
        if finding is not None:
            yield texts[at].email, finding


def _hits(
    hashes: np.ndarray, capital: np.ndarray, fits: np.ndarray, owner: np.ndarray, listed: Listed
) -> Iterator[tuple[int, int, str]]:
    """Give the first word, the number of words and the kind of every run that is listed, the longest at each word."""
    starts = np.flatnonzero(capital)
    made, taken = np.zeros(len(starts), np.uint64), np.zeros(len(hashes), np.int64)
    kept: dict[int, tuple[int, str]] = {}
    for n in range(1, LONGEST + 1):
        inside_text = starts + n - 1 < len(hashes)
        starts, made = starts[inside_text], made[inside_text]
        last = starts + n - 1
        alive = fits[last] & (owner[last] == owner[starts])
        starts, last, made = starts[alive], last[alive], made[alive]
        made = extended(made, hashes[last])
        for known, what in ((listed.companies, "company"), (listed.people, "name")):
            for place in starts[is_in(made, known)].tolist() if n > 1 or what == "company" else ():
                kept[place] = (n, what)
    end = 0
    for place in sorted(kept):
        n, what = kept[place]
        if place >= end and not taken[place]:
            yield place, n, what
            end = place + n


def _judged(told: Text, start: int, end: int, n: int, what: str, familiar: frozenset[str]) -> Finding | None:
    text = told.text
    word = text[start:end].lower()
    if n == 1 and (word in _ALWAYS or len(word) < 2):
        return None
    if inside(start, end, places_of(text, told.allowed)):
        return None
    check = f"another contact's {what}"
    if n == 1 and word in familiar and (_STARTS.search(text[max(0, start - 6) : start]) or told.part == "subject"):
        return warn(check, text, start, end, told.part)
    return fail(check, text, start, end, told.part)
