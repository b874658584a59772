"""What each kind of fact can lend to a sentence: words for its slots, and traits that must hold.

A wording may name only slots and traits that stand here for its kind of fact, so that what it asserts is known
before it is written, and nothing can be said that the fact does not hold.
"""

from __future__ import annotations

from dataclasses import dataclass

from segvspers.emails.brief import Fact
from segvspers.emails.offline.slots import (
    QUOTE,
    QUOTED,
    Reader,
    Slot,
    Trait,
    about_topic,
    bought_again,
    by_age,
    by_opens,
    comes_round,
    equals,
    on_day,
    opened,
    product_called,
    usual_gap,
    your_plan,
)
from segvspers.emails.offline.words import capital, day_of, exact, money, number, times, years


@dataclass(frozen=True, slots=True)
class Lent:
    """Slots and traits of one kind of fact, each with the fields that its words state."""

    slots: dict[str, Slot]
    traits: dict[str, Trait]


def entry_of(fact: Fact) -> str:
    """Return the name under which a fact's wordings stand: its kind, or which milestone it is."""
    return {"renewal_due": "renewal"}.get(fact.topic, fact.topic) if fact.kind == "milestone" else fact.kind


def topic_of(fact: Fact) -> str:
    """Return the topic that a fact is about, if it is about one."""
    return (
        fact.topic
        if fact.kind not in {"milestone", "purchase", "cancel", "deal", "reply", "peers", "firmographic"}
        else ""
    )


def lent_by(fact: Fact, reader: Reader) -> tuple[frozenset[str], frozenset[str]]:
    """Return the names of the slots that a fact can fill and of the traits that it has."""
    lent = LENT[entry_of(fact)]
    has = {name for name, value in fact.fields.items() if value not in (None, "")} | {"topic"}
    slots = frozenset(
        name for name, (fields, _) in lent.slots.items() if has.issuperset(fields) and _short_enough(name, fact)
    )
    traits = frozenset(
        name for name, (fields, holds) in lent.traits.items() if has.issuperset(fields) and holds(fact, reader)
    )
    return slots, traits


def filled(fact: Fact, reader: Reader, names: frozenset[str]) -> dict[str, str]:
    """Return the words for the named slots, from the fact's own fields only."""
    slots = LENT[entry_of(fact)].slots
    return {name: slots[name][1](fact, reader) for name in names if name in slots}


def _short_enough(slot: str, fact: Fact) -> bool:
    return not slot.endswith("topic_mod") or (len(fact.topic.split()) <= 2 and fact.topic.replace(" ", "").isalnum())


LENT: dict[str, Lent] = {
    "question": Lent(
        about_topic() | on_day("asked_on") | on_day("answered_on", "answered_") | QUOTE,
        {"unanswered": equals("answered", value=False), "answered": equals("answered", value=True)}
        | by_age("asked_on") | QUOTED,
    ),
    "ticket": Lent(
        about_topic() | on_day("opened_on") | on_day("solved_on", "solved_"),
        {"open": equals("status", "open"), "solved": equals("status", "solved")} | by_age("opened_on"),
    ),
    "conversation": Lent(about_topic() | on_day("on") | QUOTE, by_age("on") | QUOTED),
    "interest": Lent(
        about_topic() | on_day("last_on") | {"times": (("views",), lambda fact, _: times(fact.fields["views"]))},
        {"often": (("views",), lambda fact, _: fact.fields["views"] > 1)} | by_age("last_on"),
    ),
    "engagement": Lent(
        about_topic() | on_day("last_on") | {
            "opened": (("opened", "sent"), opened),
            "n": (("opened",), lambda fact, _: number(fact.fields["opened"])),
            "m": (("sent",), lambda fact, _: number(fact.fields["sent"])),
        },
        {
            "all": by_opens(lambda n, sent: n >= sent > 2), "both": by_opens(lambda n, sent: n >= sent == 2),
            "one": by_opens(lambda n, sent: n >= sent == 1), "most": by_opens(lambda n, sent: sent > n > sent / 2),
            "some": by_opens(lambda n, sent: sent > n), "several": by_opens(lambda n, _: n > 1),
        },
    ),
    "purchase": Lent(
        product_called("product") | on_day("last_on") | {
            "times": (("n_purchases",), lambda fact, _: times(fact.fields["n_purchases"])),
        },
        {
            "bought": equals("last_event", "purchase"), "renewed": equals("last_event", "renewal"),
            "due": comes_round(("first_on", "last_event", "last_on", "n_purchases"), usual_gap),
            "repeat": (("n_purchases", "last_event"), bought_again),
        } | by_age("last_on"),
    ),
    "cancel": Lent(product_called("product") | on_day("on"), by_age("on")),
    "tenure": Lent(on_day("signup_on"), by_age("signup_on")),
    "plan": Lent(product_called("plan") | {"your_plan": (("plan",), your_plan)}, {}),
    "renewal": Lent(
        product_called("plan") | {
            "your_plan": (("plan",), your_plan),
            "Your_plan": (("plan",), lambda fact, reader: capital(your_plan(fact, reader))),
            "due": (("due_on",), lambda fact, reader: exact(day_of(fact.fields["due_on"]), reader.locale)),
        },
        {
            "ahead": (("due_on",), lambda fact, reader: day_of(fact.fields["due_on"]) > reader.send_on),
            "roomy": (("due_on",), lambda fact, reader: (day_of(fact.fields["due_on"]) - reader.send_on).days > 14),
        },
    ),
    "anniversary": Lent(
        {
            "years": (("years",), lambda fact, _: years(fact.fields["years"])),
            "Years": (("years",), lambda fact, _: capital(years(fact.fields["years"]))),
        },
        {},
    ),
    "reply": Lent(
        on_day("on"),
        {"welcome": (("reply_class",), lambda fact, _: fact.fields["reply_class"] in {"positive", "neutral"})},
    ),
    "clicks": Lent(
        about_topic() | on_day("last_on") | {"n": (("clicked",), lambda fact, _: number(fact.fields["clicked"]))},
        {"several": (("clicked",), lambda fact, _: fact.fields["clicked"] > 1)} | by_age("last_on"),
    ),
    "meeting": Lent(about_topic() | on_day("on"), by_age("on")),
    "deal": Lent(
        product_called("product") | on_day("on"), {"won": equals("outcome", "won"), "lost": equals("outcome", "lost")} | by_age("on")
    ),
    "spending": Lent(
        on_day("last_on") | on_day("first_on", "first_") | {
            "times": (("n_purchases",), lambda fact, _: times(fact.fields["n_purchases"])),
            "total": (("total_usd",), lambda fact, reader: money(fact.fields["total_usd"], reader.locale)),
        },
        {trend: equals("trend", trend) for trend in ("growing", "falling", "stopped")} | by_age("first_on") | {
            "due": comes_round(
                ("last_on", "n_purchases", "usual_gap_days"),
                lambda fact: fact.fields["usual_gap_days"] if fact.fields["n_purchases"] > 2 else 0,
            ),
        },
    ),
    "silence": Lent(on_day("last_on"), by_age("last_on")),
    "peers": Lent(
        {
            "group": (("group",), lambda fact, _: fact.fields["group"]),
            "topic": (("top_topic",), lambda fact, _: fact.fields["top_topic"]),
        },
        {},
    ),
}  # fmt: skip
