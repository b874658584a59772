"""Words that a fact can lend and traits that it can have, each with the fields that they state."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from segvspers.emails.brief import Fact
from segvspers.emails.campaign import Campaign
from segvspers.emails.offline.words import (
    capital,
    day_of,
    is_plural,
    number,
    since,
    when,
    with_article,
)

SHORTEST_GAP, LONGEST_GAP = 10, 200
OLD_DAYS, NEW_DAYS, LONG_DAYS = 45, 60, 365
SAFE_QUOTE = 140


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads: the day, the English and the products by which a fact is worded."""

    send_on: date
    locale: str
    campaign: Campaign


Words = Callable[[Fact, Reader], str]
Holds = Callable[[Fact, Reader], bool]
Slot = tuple[tuple[str, ...], Words]
Trait = tuple[tuple[str, ...], Holds]


def about_topic() -> dict[str, Slot]:
    """Return the slots of the topic that a fact is about."""
    return {
        "topic": (("topic",), lambda fact, _: fact.topic),
        "Topic": (("topic",), lambda fact, _: capital(fact.topic)),
        "topic_mod": (("topic",), lambda fact, _: fact.topic),
        "a_topic_mod": (("topic",), lambda fact, _: with_article(fact.topic)),
    }


def on_day(field: str, prefix: str = "") -> dict[str, Slot]:
    """Return the slots of a day, by the name of its field."""

    def told(fact: Fact, reader: Reader) -> str:
        return when(day_of(fact.fields[field]), reader.send_on)

    def month(fact: Fact, reader: Reader) -> str:
        return since(day_of(fact.fields[field]), reader.send_on)

    return {
        f"{prefix}when": ((field,), told),
        f"{prefix}When": ((field,), lambda fact, reader: capital(told(fact, reader))),
        f"{prefix}since": ((field,), month),
        f"{prefix}from_when": ((field,), lambda fact, reader: f"from {month(fact, reader)}"),
    }


def by_age(field: str) -> dict[str, Trait]:
    """Return the traits of how long ago a day is."""

    def days(fact: Fact, reader: Reader) -> int:
        return (reader.send_on - day_of(fact.fields[field])).days

    return {
        "old": ((field,), lambda fact, reader: days(fact, reader) >= OLD_DAYS),
        "new": ((field,), lambda fact, reader: days(fact, reader) < NEW_DAYS),
        "settled": ((field,), lambda fact, reader: days(fact, reader) >= NEW_DAYS),
        "long": ((field,), lambda fact, reader: days(fact, reader) >= LONG_DAYS),
    }


def comes_round(fields: tuple[str, ...], gap: Callable[[Fact], float]) -> Trait:
    """Return the trait of an order that comes round about now, by the usual days between orders."""

    def holds(fact: Fact, reader: Reader) -> bool:
        usual = gap(fact)
        left = (day_of(fact.fields["last_on"]) - reader.send_on).days + usual
        return SHORTEST_GAP <= usual <= LONGEST_GAP and -usual / 2 <= left <= usual / 4

    return fields, holds


def usual_gap(fact: Fact) -> float:
    """Return the usual days between purchases of a product; none before the third."""
    fields = fact.fields
    if fields["n_purchases"] < 3 or fields["last_event"] != "purchase":
        return 0.0
    return (day_of(fields["last_on"]) - day_of(fields["first_on"])).days / (fields["n_purchases"] - 1)


def bought_again(fact: Fact, _: Reader) -> bool:
    """Tell whether a product was bought more than once, and not merely renewed."""
    return fact.fields["n_purchases"] > 1 and fact.fields["last_event"] == "purchase"


def equals(field: str, value: Any) -> Trait:
    """Return the trait of a field that has a value."""
    return (field,), lambda fact, _: fact.fields[field] == value


def product_called(field: str) -> dict[str, Slot]:
    """Return the slots of a product: with its article, without it, and as the reader's own."""

    def name(fact: Fact, reader: Reader) -> str:
        return product_name(fact.fields[field], reader.campaign)

    def bare(fact: Fact, reader: Reader) -> str:
        return re.sub(r"^(?:an?|the) ", "", name(fact, reader))

    return {
        field: ((field,), name),
        field.capitalize(): ((field,), lambda fact, reader: capital(name(fact, reader))),
        f"your_{field}": ((field,), lambda fact, reader: re.sub(r"^(?:an?|the) ", "your ", name(fact, reader))),
        "bare": ((field,), bare),
        "Bare": ((field,), lambda fact, reader: capital(bare(fact, reader))),
    }


def product_name(name: str, campaign: Campaign) -> str:
    """Return a product as it is spoken of: Plan B, an onboarding session, the dedicated IP."""
    known = campaign.products.get(name)
    if known is not None and known.article is not None:
        return f"{known.article} {name}".strip()
    return _with_its_article(name)


@lru_cache(maxsize=20_000)
def _with_its_article(name: str) -> str:
    # A last word in small letters is a common noun (SMS add-on); otherwise the name is a proper one (Plan B).
    last = name.rsplit(maxsplit=1)[-1]
    common = last[:1].islower() and last.replace("-", "").isalpha() and not is_plural(name)
    if not common:
        return name
    first, _, rest = name.partition(" ")
    return with_article(f"{first.lower() if first.istitle() else first} {rest}".strip())


def your_plan(fact: Fact, _: Reader) -> str:
    """Return a plan as the reader's own: your Plan B, your Gold plan."""
    name = fact.fields["plan"]
    said = any(
        word in name.lower() for word in ("plan", "subscription", "membership", "licence", "license", "contract")
    )
    return f"your {name}" if said else f"your {name} plan"


def _safe(fact: Fact) -> bool:
    """Tell whether what a contact wrote can be quoted: short, plain, whole sentences, no link and no mark-up."""
    quote = fact.fields["quote"]
    strange = (
        re.search(r"\b(?:(\w+) \1|(?:the|an?) (?:our|my|your|the|an?))\b", quote, re.IGNORECASE)
        or any(mark in quote for mark in "<>{}[]@\\|\n\r“”*_#=")
        or "http" in quote.lower()
        or not quote.isprintable()
    )
    return len(quote) <= SAFE_QUOTE and quote[-1:] in ".?!" and not strange


QUOTE: dict[str, Slot] = {"quote": (("quote",), lambda fact, _: fact.fields["quote"])}
QUOTED: dict[str, Trait] = {"quoted": (("quote",), lambda fact, _: _safe(fact))}


def opened(fact: Fact, _: Reader) -> str:
    """Return how many of our emails were opened: all twelve of our emails, both of our emails, two of our five."""
    n, sent = fact.fields["opened"], fact.fields["sent"]
    if sent == 1:
        return "our email"
    if n >= sent:
        return "both of our emails" if sent == 2 else f"all {number(sent)} of our emails"
    return f"{number(n)} of our {number(sent)} emails"


def by_opens(holds: Callable[[int, int], bool]) -> Trait:
    """Return a trait of how many emails were opened of those sent."""
    return ("opened", "sent"), lambda fact, _: holds(fact.fields["opened"], fact.fields["sent"])
