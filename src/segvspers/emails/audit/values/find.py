"""Find the values of a text: one pass of one pattern, and what each match comes to."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from datetime import date
from functools import lru_cache

from segvspers.emails.audit.values.dates import DATE, MONTHS, WEEKDAYS, spans_of
from segvspers.emails.audit.values.numbers import NUMBER, ORDINALS, SCALES, SUFFIXES, WORDS, number_of
from segvspers.emails.audit.values.value import Value

CURRENCIES = {
    "$": "USD", "us$": "USD", "€": "EUR", "£": "GBP", "¥": "JPY", "dollar": "USD", "euro": "EUR", "pound": "GBP",
    "a$": "AUD", "c$": "CAD", "nz$": "NZD", "r": "ZAR", "₹": "INR", "yen": "JPY", "franc": "CHF",
}  # fmt: skip
_CODES = "USD|EUR|GBP|CAD|AUD|NZD|CHF|JPY|INR|ZAR|SEK|NOK|DKK"
_SIGNS = r"(?:(?:US|A|C|NZ)?\$|€|£|¥|₹)"
_SCALED = r"(?:\ ?(?P<{0}>k|m|mn|bn|b|thousand|million|billion)\b)?"
_COUNTED = (
    r"emails?|messages?|times?|years?|months?|weeks?|days?|hours?|minutes?|questions?|tickets?|orders?|purchases?|pages?|links?"
    r"|visits?|meetings?|repl(?:y|ies)|products?|contacts?|views?"
)
_VALUE = re.compile(
    rf"""(?P<email>(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+)
  | (?P<url>(?i:https?://[^\s<>"”]+|(?<![\w.])www\.[^\s<>"”]+))
  | (?<![\w$€£])(?P<idiom>24/7|9[-–]to[-–]5|101\b)
  | (?P<sign>(?<!\w){_SIGNS})\ ?(?P<amount>{NUMBER}){_SCALED.format("scale_a")}
  | (?<!\w)(?P<code>{_CODES})\ ?(?P<coded>\d[\d.,]*\d|\d)
  | (?<![\w$€£.,])(?P<dated>{DATE})(?!\w)
  | (?<![\w.,])(?i:(?P<share>{NUMBER})\ ?(?:%|per\ ?cent\b))
  | (?<![\w.,])(?i:(?P<worth>{NUMBER}){_SCALED.format("scale_b")}(?:\ (?P<money>dollar|euro|pound|yen|franc)s?\b|\ ?(?P<sign_b>€|£)))
  | (?<![\w.,:])(?P<coded_b>\d[\d.,]*\d|\d)\ (?P<code_b>{_CODES})\b
  | (?<![\w:])(?i:(?P<clock>(?:[01]?\d|2[0-3])(?::[0-5]\d(?:\ ?[ap]\.?m\b\.?)?|\ ?[ap]\.?m\b\.?)))
  | (?<![\w.,])(?P<nth>\d+)(?:st|nd|rd|th)\b
  | (?i:\b(?P<ordinal>{"|".join(ORDINALS)})(?=\ (?:{_COUNTED})\b))
  | (?i:\b(?P<times>once|twice|thrice)\b(?!\ (?:you|we|I|it|they|your|the|and\ for)\b))
  | (?i:\b(?P<both>both|(?:an?\ )?(?:couple|pair)\ of)\b)
  | (?i:\b(?P<one>one|a\ single|a)\ (?=(?:years?|months?|weeks?)\b))
  | (?i:\b(?P<part>one)\b(?=\ of\ (?:our|the|your|my|those)\ (?:\d|{NUMBER})))
  | (?i:\b(?P<single>one|a\ single)\b(?=\ (?:emails?|orders?|purchases?|tickets?|visits?|years?|months?|weeks?|days?)\b))
  | (?<![\w.,])(?P<digits>\d+(?:[.,]\d+)*)(?:(?P<suffix>k|m|bn)\b|(?!\w))
  | (?i:\b(?!one\b)(?P<words>{NUMBER})\b)
""",
    re.VERBOSE,
)
# A value starts with a digit, a sign or one of these words; the pattern is tried nowhere else.
_TOKEN = re.compile(r"[$€£¥₹]|[^\W_]+")
_STARTS = frozenset(
    [*WORDS, *SCALES, *ORDINALS, *MONTHS, *(month[:3] for month in MONTHS), "sept", *WEEKDAYS, *(day[:3] for day in WEEKDAYS),
     *(f"{day}s" for day in WEEKDAYS), "a", "an", "half", "the", "last", "this", "next", "past", "previous", "coming", "earlier", "later",
     "yesterday", "today", "tomorrow", "tonight", "once", "twice", "thrice", "both", "couple", "pair", "q1", "q2", "q3", "q4",
     "us", "nz", "c", "http", "https", "www", *_CODES.lower().split("|")]
)  # fmt: skip
_ADDRESS = re.compile(r"(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_NEXT = re.compile(r" ?-? ?(?:of (?:our|the|your|my|those) )?(?:[a-z]+ed )?([A-Za-z]+)")
_PART = re.compile(rf" ?-? ?(?:out )?of ?-? ?(?:(?:our|the|your|my|those) )?{NUMBER}\b", re.IGNORECASE)
_MODAL = re.compile(r"May (?:I|we|you)\b")
_OF = re.compile(rf"\b(?:{NUMBER}) (?:out )?of (?:(?:our|the|your|my|those) )?$", re.IGNORECASE)
# The two and the five of "two of five".
PART, WHOLE_OF = "part", "whole"
WHOLE = {"once": 1.0, "twice": 2.0, "thrice": 3.0}


@lru_cache(maxsize=50_000)
def find_values(text: str, today: date) -> tuple[Value, ...]:
    """Return the values that a text states, in order.

    Parameters
    ----------
    text
        One sentence, or a whole body.
    today
        The day from which relative times are told: the day of sending.

    Examples
    --------
    >>> from datetime import date
    >>> found = find_values("You opened two of our 5 emails last month for $1,788.", date(2026, 11, 3))
    >>> [(value.kind, value.key) for value in found if value.kind != "date"]
    [('number', 2.0), ('number', 5.0), ('money', (1788.0, 'USD'))]
    >>> found[2].key
    ((datetime.date(2026, 10, 1), datetime.date(2026, 10, 31)),)
    """
    made = (_value(found, text, today) for found in _matches(text))
    return tuple(value for value in made if value is not None)


def find_single(text: str, nouns: Collection[str]) -> tuple[Value, ...]:
    """Return the articles that count one of some nouns: the "a" of "a steal and two blocks"."""
    found = re.finditer(r"\b(?:an?|one)(?= ([a-z]+)\b)", text)
    return tuple(Value("number", 1.0, *one.span(), cue=one.group(1)) for one in found if one.group(1) in nouns)


def _matches(text: str) -> Iterator[re.Match[str]]:
    addresses = [found.start() for found in _ADDRESS.finditer(text)] if "@" in text else []
    end = 0
    for token in _TOKEN.finditer(text):
        start = token.start()
        if start < end:
            continue
        word = token.group()
        if word[0].isdigit() or not word[0].isalpha() or word.lower() in _STARTS or start in addresses:
            found = _VALUE.match(text, start)
            if found is not None and found.end() > start:
                yield found
                end = found.end()


def _value(found: re.Match[str], text: str, today: date) -> Value | None:
    told = found.groupdict()
    start, end = found.span()
    if told["dated"]:
        if _MODAL.match(text, start) and text[:start].rstrip()[-1:] in {"", ".", "!", "?"}:
            return None
        return Value("date", spans_of(found, today), start, end, _ago(told))
    for kind in ("email", "url", "clock"):
        if told[kind]:
            word = told[kind].rstrip(".,;:!?)")
            return Value(kind, word.lower(), start, start + len(word))
    if told["idiom"]:
        return None
    return _amount(told, start, end) or _counted(told, text, start, end)


def _ago(told: dict[str, str | None]) -> str:
    """Return the unit of "three years ago", which a count of years can lend too."""
    return str(told["ago_unit"]).lower() if told["ago_unit"] else ""


def _amount(told: dict[str, str | None], start: int, end: int) -> Value | None:
    if told["share"]:
        return Value("percent", number_of(told["share"]), start, end)
    for number, scale, currency in (
        ("amount", "scale_a", "sign"), ("worth", "scale_b", "money"), ("worth", "scale_b", "sign_b"),
        ("coded", "", "code"), ("coded_b", "", "code_b"),
    ):  # fmt: skip
        if told[number] and told[currency]:
            amount = number_of(str(told[number])) * _scale(told.get(scale))
            sign = str(told[currency])
            return Value("money", (amount, CURRENCIES.get(sign.lower(), sign)), start, end)
    return None


def _counted(told: dict[str, str | None], text: str, start: int, end: int) -> Value:
    if told["nth"] or told["ordinal"]:
        nth = float(told["nth"]) if told["nth"] else float(ORDINALS[str(told["ordinal"]).lower()])
        return Value("ordinal", nth, start, end, _cue(text, start, end))
    if told["times"]:
        return Value("number", WHOLE[str(told["times"]).lower()], start, end, "time")
    if told["both"]:
        return Value("number", 2.0, start, end, _cue(text, start, end))
    if told["one"] or told["single"] or told["part"]:
        return Value("number", 1.0, start, end - (1 if told["one"] else 0), _cue(text, start, end))
    number = number_of(str(told["digits"] or told["words"])) * _scale(told["suffix"])
    return Value("number", number, start, end, _cue(text, start, end))


def _scale(word: str | None) -> float:
    return float({**SUFFIXES, **SCALES}[word.lower()]) if word else 1.0


def _cue(text: str, start: int, end: int) -> str:
    """Return the noun that follows a number, in the singular by its ending alone; "part" and "whole" for those of "two of five"."""
    if _PART.match(text, end):
        return PART
    if " of " in text[max(0, start - 12) : start] and _OF.search(text, max(0, start - 40), start):
        return WHOLE_OF
    found = _NEXT.match(text, end)
    return singular(found.group(1).lower()) if found else ""


@lru_cache(maxsize=20_000)
def singular(word: str) -> str:
    """Return a noun without the ending of its plural: emails, replies, boxes."""
    for ending, single in (("ies", "y"), ("sses", "ss"), ("xes", "x"), ("ches", "ch"), ("shes", "sh")):
        if word.endswith(ending) and len(word) > 4:
            return word.removesuffix(ending) + single
    return word[:-1] if word.endswith("s") and not word.endswith(("ss", "us", "is")) and len(word) > 2 else word
