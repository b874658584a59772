"""Which situation a contact is in, and which facts tell it: select and plan, before any wording."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from segvspers.emails.brief import Brief, Fact
from segvspers.emails.offline.words import day_of

RECENT = timedelta(days=400)
SAFE_QUOTE = 140


@dataclass(frozen=True, slots=True)
class Plan:
    """A situation with the fact that opens the email, and the facts that follow in order of time."""

    situation: str
    lead: Fact
    others: tuple[Fact, ...]
    topic: str


Rule = tuple[str, Callable[[Fact, Brief], bool]]
# The first situation that a contact is in wins.
SITUATIONS: tuple[Rule, ...] = (
    ("open_ticket", lambda fact, brief: fact.kind == "ticket" and fact.fields["status"] == "open" and _recent(fact, brief, "opened_on")),
    ("open_question", lambda fact, brief: fact.kind == "question" and not fact.fields["answered"] and _recent(fact, brief, "asked_on")),
    ("renewal", lambda fact, brief: fact.kind == "milestone" and fact.topic == "renewal_due" and day_of(fact.fields["due_on"]) > brief.campaign.send_on),
    ("answered_question", lambda fact, brief: fact.kind == "question" and bool(fact.fields["answered"]) and _recent(fact, brief, "asked_on")),
    ("conversation", lambda fact, brief: fact.kind == "conversation" and _recent(fact, brief, "on") and _safe(fact)),
    ("lapsed", lambda fact, _: fact.kind == "cancel"),
    ("visitor", lambda fact, brief: fact.kind == "interest" and _recent(fact, brief, "last_on")),
    ("reader", lambda fact, _: fact.kind == "engagement" and fact.fields["opened"] >= 2 and 2 * fact.fields["opened"] >= fact.fields["sent"]),
    ("solved_ticket", lambda fact, brief: fact.kind == "ticket" and fact.fields["status"] == "solved" and _recent(fact, brief, "solved_on")),
    ("buyer", lambda fact, _: fact.kind == "purchase"),
    ("correspondent", lambda fact, _: fact.kind == "reply"),
    ("anniversary", lambda fact, _: fact.kind == "milestone" and fact.topic == "anniversary"),
    ("reader", lambda fact, _: fact.kind == "engagement"),
    ("newcomer", lambda fact, _: fact.kind == "tenure"),
)  # fmt: skip
FOLLOWING = ("tenure", "purchase", "engagement", "interest", "reply", "question", "conversation", "ticket")
MOST_FOLLOWING = 3


def make_plan(brief: Brief) -> Plan | None:
    """Return the plan of a brief, or nothing when no fact can open an email."""
    for situation, holds in SITUATIONS:
        fitting = [fact for fact in brief.facts if holds(fact, brief)]
        if fitting:
            lead = max(fitting, key=lambda fact: (fact.salience, fact.fact_id))
            return Plan(situation, lead, _following(brief, lead), _topic(brief, lead))
    return None


def _following(brief: Brief, lead: Fact) -> tuple[Fact, ...]:
    """Return the most telling other facts, one a kind, in order of time."""
    best: dict[str, Fact] = {}
    for fact in sorted(brief.facts, key=lambda fact: (-fact.salience, fact.fact_id)):
        told_already = fact.topic == lead.topic and {fact.kind, lead.kind} <= {
            "question",
            "interest",
            "engagement",
        }
        usable = fact.kind in FOLLOWING and fact is not lead and fact.kind not in best and not told_already
        if usable and not _awkward(fact, lead):
            best[fact.kind] = fact
    chosen = sorted(best.values(), key=_rank)[:MOST_FOLLOWING]
    return tuple(sorted(chosen, key=_date))


def _rank(fact: Fact) -> tuple[float, str]:
    # How somebody came to us makes every story readable, so it stays in though it is not rare.
    return (-(fact.salience + (0.35 if fact.kind in {"tenure", "purchase"} else 0)), fact.fact_id)


def _awkward(fact: Fact, lead: Fact) -> bool:
    if fact.kind == "ticket" and fact.fields["status"] == "open":
        return True
    if fact.kind == "question" and not fact.fields["answered"]:
        return True
    if fact.kind == "tenure":
        return lead.kind == "milestone" and lead.topic == "anniversary"
    if fact.kind == "engagement":
        return 2 * fact.fields["opened"] < fact.fields["sent"]
    return fact.kind == "conversation" and not _safe(fact)


def _date(fact: Fact) -> tuple[str, str]:
    fields = fact.fields
    if fact.kind == "engagement":
        return ("9999", fact.fact_id)  # "have opened" reaches up to today, so it is told last
    named = ("signup_on", "last_on", "asked_on", "solved_on", "on")
    return (next(str(fields[name]) for name in named if fields.get(name)), fact.fact_id)


def _topic(brief: Brief, lead: Fact) -> str:
    """Return the topic that the email is about: the lead's, or the one that the contact reads most."""
    if lead.topic in brief.campaign.claims:
        return lead.topic
    read = [
        fact for fact in brief.facts if fact.topic in brief.campaign.claims and fact.kind in {"engagement", "interest"}
    ]
    return max(read, key=lambda fact: (fact.salience, fact.fact_id)).topic if read else ""


def _recent(fact: Fact, brief: Brief, field: str) -> bool:
    return brief.campaign.send_on - day_of(fact.fields[field]) < RECENT


def _safe(fact: Fact) -> bool:
    """Tell whether what a contact wrote can be quoted: short, plain, no link and no mark-up."""
    quote = fact.fields.get("quote") or ""
    strange = any(mark in quote for mark in "<>{}[]@\\|\n\r“”") or "http" in quote.lower() or not quote.isprintable()
    return 0 < len(quote) <= SAFE_QUOTE and not strange
