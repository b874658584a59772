"""Slips of the pen that a reader would wince at: a grammar lint by rules, for the English of emails.

It knows no grammar of whole sentences. It finds what goes wrong when sentences are put together: articles, doubled
words, numbers that do not agree, spaces, capitals, punctuation, and tokens that nobody filled.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from segvspers._checks import require_columns
from segvspers.emails.offline.words import SPELLED, is_plural, with_article

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class Slip:
    """A slip: the rule, the words in question, and where they start in the text."""

    rule: str
    span: str
    start: int


Rule = Callable[[str], Iterator[re.Match[str]]]
LETTERS_WITH_AN = "AEFHILMNORSX"
# Said as a word or letter by letter: either article is right.
EITHER = {"FAQ", "SQL", "LAN", "RAM", "ROM", "SIM", "LED", "URL", "HUD", "MOT", "FIFA", "NASA", "NATO", "SAP"}
COUNTED = (
    "email|time|year|month|week|day|hour|minute|question|ticket|page|order|purchase|contact|topic|link|reply|piece"
    "|product|renewal|visit|meeting|segment|list|customer|answer|conversation"
)
VERBS = {"is", "was", "has", "does", "goes", "means", "makes", "gives", "as", "us", "this"}
MANY = "|".join([*SPELLED[2:], "several", "both", "many", r"(?:[2-9]|[1-9]\d+)"])
SMALL_WORDS = "You|Your|We|Our|The|And|But|So|If|When|In|On|About|Last|Earlier|An|Both|All|Of|For|It|That|This"


def lint_text(text: str, *, subject: bool = False) -> list[Slip]:
    """Return the slips of one text, in order.

    Parameters
    ----------
    text
        A subject, or a body of paragraphs without its signature.
    subject
        Whether it is a subject, which need not end like a sentence.

    Examples
    --------
    >>> [slip.rule for slip in lint_text("You opened one emails about about a SMS add-on .")]
    ['number agreement', 'doubled word', 'article', 'space']
    """
    rules = {name: rule for name, rule in RULES.items() if not subject or name not in NOT_IN_SUBJECTS}
    found = [Slip(name, match.group().strip(), match.start()) for name, rule in rules.items() for match in rule(text)]
    return sorted(found, key=lambda slip: (slip.start, slip.rule))


def lint_emails(emails: pd.DataFrame) -> pd.DataFrame:
    """Return every slip of a table of emails.

    Parameters
    ----------
    emails
        As `write_emails` returns them; what stands after the signature is not read.

    Returns
    -------
    pandas.DataFrame
        One row a slip: `email_id, variant, rule, span`.
    """
    import pandas as pd

    require_columns(emails, ["email_id", "variant", "subject", "sentences"], table="emails")
    rows = [
        (email_id, variant, slip.rule, slip.span)
        for email_id, variant, sentences in zip(emails["email_id"], emails["variant"], emails["sentences"], strict=True)
        for sentence in sentences
        for slip in _of_sentence(sentence["text"], sentence["role"] == "subject")
    ]
    return pd.DataFrame(rows, columns=["email_id", "variant", "rule", "span"])


@lru_cache(maxsize=200_000)
def _of_sentence(text: str, subject: bool) -> tuple[Slip, ...]:
    return tuple(lint_text(text, subject=subject))


def _matching(pattern: str, *, flags: int = 0, unless: Callable[[re.Match[str]], bool] | None = None) -> Rule:
    compiled = re.compile(pattern, flags)

    def rule(text: str) -> Iterator[re.Match[str]]:
        return (match for match in compiled.finditer(text) if unless is None or not unless(match))

    return rule


def _article_is_right(match: re.Match[str]) -> bool:
    article, word = match.group(1).lower(), match.group(2)
    if word.upper() in EITHER:
        return True
    if len(word) > 1 and word.isupper():
        return article == ("an" if word[0] in LETTERS_WITH_AN else "a")
    return article == with_article(word).split()[0]


def _is_no_plural(match: re.Match[str]) -> bool:
    word = match.group("noun")
    return word.lower() in VERBS or not is_plural(word) or word.endswith(("ics", "ss"))


def _any_of(*rules: Rule) -> Rule:
    def rule(text: str) -> Iterator[re.Match[str]]:
        for one in rules:
            yield from one(text)

    return rule


def _unbalanced(text: str) -> Iterator[re.Match[str]]:
    for opening, closing in ("“”", "()"):
        if text.count(opening) != text.count(closing):
            yield from re.finditer(re.escape(opening if opening in text else closing), text)


def _ends_well(match: re.Match[str]) -> bool:
    """Tell whether a paragraph may end here: after a closed quotation or a link."""
    last = match.string[: match.start()].rsplit("\n\n", 1)[-1].rsplit(maxsplit=1)[-1]
    return "://" in last or last.endswith((".”", "?”", "!”"))


RULES: dict[str, Rule] = {
    "article": _matching(r"(?:\b(?=an? )|(?<!\w )\b(?=An? ))([Aa]n?) ([A-Za-z][\w-]*)", unless=_article_is_right),
    "doubled word": _matching(r"\b(\w+) \1\b", flags=re.IGNORECASE, unless=lambda match: match.group(1) == "had"),
    "number agreement": _any_of(
        _matching(r"\b(?:[Oo]ne|1|[Tt]his|[Ee]very|[Ee]ach) (?P<noun>[a-z]+s)\b(?! of)", unless=_is_no_plural),
        _matching(rf"\b(?:{MANY}|[Tt]hese|[Tt]hose) (?:{COUNTED})\b(?![-']| [a-z]+s\b)", flags=re.IGNORECASE),
        _matching(rf"\b(?:{MANY}|one|each|some|most) of (?:our|the|your) (?:{COUNTED})\b(?![-']| [a-z]+s\b)", flags=re.IGNORECASE),
        _matching(rf"\bof (?:our|the|your) (?:{MANY}) (?:{COUNTED})\b(?![-']| [a-z]+s\b)", flags=re.IGNORECASE),
        _matching(r"(?:^|[.!?:,] )(?P<noun>[A-Za-z]+s) (?:is|was|has)\b", flags=re.MULTILINE, unless=_is_no_plural),
        _matching(r"\bI (?:is|are|has)\b"),
        _matching(r"(?:^|[.!?,:] )(?:(?:you|we|they) (?:is|was|has)|(?:it|he|she) (?:are|have))\b", flags=re.IGNORECASE | re.MULTILINE),
    ),
    "space": _matching(r"[^\S\n]{2,}|[^\S\n]+(?:[,;?!]|[.:](?=\s|$))|[^\S\n]+$|^[^\S\n]+|(?<=[a-z])[.?!,;](?=[A-Z][a-z])", flags=re.MULTILINE),
    "capital": _any_of(
        _matching(r"(?:^|(?<=[a-z\d][.?!] )|(?<=[.?!]” ))[a-z]\w*", flags=re.MULTILINE),
        _matching(rf"(?<=[a-z,] )(?:{SMALL_WORDS})\b(?! [A-Z\d])"),
        _matching(r"\bi\b(?!\.)"),
    ),
    "punctuation": _matching(r"\.\.|,,|[,;:][.?!]|[.?!][,;]|[?!][.]|\.[?!]|;;|::|!!"),
    "no end": _matching(r"(?<=[\w”)])(?=\n\n|\Z)(?<!\A)", unless=_ends_well),
    "pair": _unbalanced,
    "unfilled token": _matching(r"\{[^}]*\}?|\}|\b(?:None|nan|NaN|NaT|null|undefined)\b|\[[A-Z][A-Za-z ]*\]|\*\||%%|<[a-z]+>"),
    "empty place": _matching(r"\b(?:your|our|the|an?|my|every) ?[,.;:?!](?=\s|$)|\b(?:about|from|of|since) ?,"),
}  # fmt: skip
NOT_IN_SUBJECTS = {"no end"}
