"""Dates, numbers, money and lists as words of the reader's English, told from the day of sending."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from typing import Any

SPELLED = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
BRITISH = {
    "canceled": "cancelled", "favor": "favour", "organization": "organisation", "program": "programme",
    "calendar": "diary",
}  # fmt: skip
FULL = {
    "I'm": "I am", "I'd": "I would", "I'll": "I will", "I've": "I have", "you've": "you have", "you're": "you are",
    "you'd": "you would", "you'll": "you will", "we've": "we have", "we're": "we are", "we'd": "we would",
    "we'll": "we will", "it's": "it is", "that's": "that is", "there's": "there is", "here's": "here is",
    "what's": "what is", "don't": "do not", "doesn't": "does not", "didn't": "did not", "isn't": "is not",
    "wasn't": "was not", "haven't": "have not", "hasn't": "has not", "can't": "cannot", "won't": "will not",
    "wouldn't": "would not", "shouldn't": "should not", "aren't": "are not", "needn't": "need not", "couldn't": "could not",
}  # fmt: skip
HAS_BEEN = {"it is been": "it has been", "it is got": "it has got"}


@lru_cache(maxsize=20_000)
def when(day: date, send_on: date) -> str:
    """Return a day in the past as a person would say it: last month, in May, in October last year."""
    months = (send_on.year - day.year) * 12 + send_on.month - day.month
    if months <= 0:
        return "earlier this month"
    if months == 1:
        return "last month"
    if day.year == send_on.year:
        return f"in {day:%B}"
    if day.year == send_on.year - 1:
        return f"in {day:%B} last year"
    return f"in {day:%B %Y}"


@lru_cache(maxsize=20_000)
def since(day: date, send_on: date) -> str:
    """Return the month of a day, to stand after "since" or "from"."""
    spoken = when(day, send_on)
    return {"earlier this month": "this month"}.get(spoken, spoken.removeprefix("in "))


@lru_cache(maxsize=20_000)
def exact(day: date, locale: str) -> str:
    """Return a day and month by the reader's habit: December 14 or 14 December."""
    from babel.dates import format_skeleton

    return str(format_skeleton("MMMMd", day, locale=locale))


@lru_cache(maxsize=20_000)
def money(amount: float, locale: str, currency: str = "USD") -> str:
    """Return an amount by the reader's habit, without cents when there are none: $1,788 or US$1,788."""
    from babel.numbers import format_currency

    told = str(format_currency(round(amount, 2), currency, locale=locale))
    return re.sub(r"[.,]00$", "", told) if round(amount, 2) == int(amount) else told


def number(value: int) -> str:
    """Return a count in words up to twelve, in digits above."""
    return SPELLED[value] if 0 <= value < len(SPELLED) else f"{value:,}"


def times(value: int) -> str:
    """Return how often: once, twice, three times."""
    return {1: "once", 2: "twice"}.get(value, f"{number(value)} times")


def years(value: int) -> str:
    """Return a number of years as it is told: a year, two years."""
    return "a year" if value == 1 else f"{number(value)} years"


@lru_cache(maxsize=1)
def _english() -> Any:
    import inflect

    return inflect.engine()


@lru_cache(maxsize=20_000)
def with_article(noun: str) -> str:
    """Return a noun with its indefinite article, by its sound: a user, an hour, an SMS ticket."""
    return str(_english().a(noun))


@lru_cache(maxsize=20_000)
def is_plural(noun: str) -> bool:
    """Tell whether a noun is a plural: shoes, but not news."""
    last = noun.rsplit(maxsplit=1)[-1] if noun.split() else ""
    if not last.isalpha() or last.isupper():
        return False
    single = _english().singular_noun(last)
    return bool(single) and single != last


def listed(parts: Sequence[str], locale: str) -> str:
    """Return clauses as one list; American English puts a comma before the last of three."""
    if len(parts) < 3:
        return " and ".join(parts)
    comma = "," if locale == "en_US" else ""
    return f"{', '.join(parts[:-1])}{comma} and {parts[-1]}"


def capital(text: str) -> str:
    """Return the text with its first letter as a capital."""
    return text[:1].upper() + text[1:]


def spelled(text: str, locale: str) -> str:
    """Return our own words in the reader's spelling; never called on words of the data or the campaign."""
    return text if locale == "en_US" else _swapped(text, BRITISH)


def in_full(text: str) -> str:
    """Return our own words without contractions, for a formal tone."""
    return _swapped(_swapped(text, FULL), HAS_BEEN)


def day_of(text: str) -> date:
    """Return the day that a fact's field names."""
    return _day(text)


@lru_cache(maxsize=20_000)
def _day(text: str) -> date:
    return date.fromisoformat(text)


def _swapped(text: str, words: dict[str, str]) -> str:
    pattern = r"\b(?:" + "|".join(map(re.escape, words)) + r")\b"

    def other(found: re.Match[str]) -> str:
        told = words[found.group().lower()] if found.group() not in words else words[found.group()]
        return capital(told) if found.group()[0].isupper() else told

    return (
        re.sub(pattern, other, text, flags=re.IGNORECASE if words is HAS_BEEN else 0)
        if words is HAS_BEEN
        else (re.sub(f"{pattern}|{_capitalised(words)}", other, text))
    )


def _capitalised(words: dict[str, str]) -> str:
    return r"\b(?:" + "|".join(re.escape(capital(word)) for word in words) + r")\b"
