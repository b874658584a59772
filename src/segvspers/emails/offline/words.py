"""Dates, numbers and lists as words of the reader's English, told from the day of sending."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import lru_cache

SPELLED = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
BRITISH = {"canceled": "cancelled", "organization": "organisation", "program": "programme"}


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


def number(value: int) -> str:
    """Return a count in words up to twelve, in digits above."""
    return SPELLED[value] if 0 <= value < len(SPELLED) else f"{value:,}"


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
    """Return the text in the reader's spelling."""
    if locale == "en_GB":
        for american, british in BRITISH.items():
            text = text.replace(american, british)
    return text


def day_of(text: str) -> date:
    """Return the day that a fact's field names."""
    return date.fromisoformat(text)
