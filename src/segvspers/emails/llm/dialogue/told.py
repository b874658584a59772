"""Facts as a model is told them: dates in the reader's words, no money, no free text unless it was allowed.

With placeholders the model is told the kind of a fact only; the clause that stands for it is ours.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from segvspers.emails.brief import Brief, Fact
from segvspers.emails.llm.dialogue.quoted import quoted
from segvspers.emails.offline.words import day_of, exact, number, when

MOST_FACTS = 8
# What of each kind may leave besides its topic and its days; money never does, nor what is only counted for us.
SENT: dict[str, tuple[str, ...]] = {
    "attribute": ("column", "level"),
    "cancel": ("product",),
    "clicks": ("clicked", "sent"),
    "deal": ("outcome", "product"),
    "engagement": ("opened", "sent"),
    "firmographic": ("level",),
    "interest": ("page",),
    "milestone": ("days_left", "plan", "years"),
    "peers": ("group", "top_topic"),
    "plan": ("plan",),
    "purchase": ("product", "last_event"),
    "question": ("answered",),
    "silence": ("days_since",),
    "ticket": ("status",),
}
# What contacts typed leaves only when it is allowed to.
FREE_TEXT = ("quote", "subject")


def chosen(brief: Brief, *, placeholders: bool = False) -> tuple[Fact, ...]:
    """Return the most telling facts of a brief, at most eight, in the order that gives them their positions."""
    fit = [fact for fact in brief.facts if not placeholders or clause(fact, brief)]
    return tuple(sorted(fit, key=lambda fact: (-fact.salience, fact.fact_id))[:MOST_FACTS])


def told(fact: Fact, brief: Brief, *, quotes: bool) -> dict[str, Any]:
    """Return what a model is told of one fact."""
    said: dict[str, Any] = {"kind": fact.kind} | ({"topic": quoted(fact.topic)} if fact.topic else {})
    allowed = {*SENT.get(fact.kind, ()), *(FREE_TEXT if quotes else ())}
    for name, value in fact.fields.items():
        if value is None:
            continue
        if name == "on" or name.endswith("_on"):
            said["when" if name == "on" else name.removesuffix("_on")] = _day(str(value), brief)
        elif name in allowed:
            said[name] = quoted(value) if isinstance(value, str) else value
    return said


def _day(text: str, brief: Brief) -> str:
    day = day_of(text)
    return when(day, brief.campaign.send_on) if day < brief.campaign.send_on else f"on {exact(day, brief.locale)}"


def clause(fact: Fact, brief: Brief) -> str:
    """Return the clause that states a fact after the word "you", or nothing for a kind that has none."""
    make = CLAUSES.get(fact.kind)
    return "" if make is None else make(fact, lambda name: _day(str(fact.fields[name]), brief))


Told = Callable[[str], str]


def _about(fact: Fact) -> str:
    return f" about {fact.topic}" if fact.topic else ""


def _ticket(fact: Fact, day: Told) -> str:
    if fact.fields["status"] == "open":
        return f"opened a ticket{_about(fact)} {day('opened_on')} that is still open"
    return f"had a ticket{_about(fact)} solved {day('solved_on')}"


def _engagement(fact: Fact, _: Told) -> str:
    return f"opened {_share(fact.fields['opened'], fact.fields['sent'])} we sent you{_about(fact)}"


def _share(n: int, of: int) -> str:
    if n < of:
        return f"{number(n)} of the {number(of)} emails"
    return {1: "the one email", 2: "both emails"}.get(of, f"all {number(of)} emails")


def _milestone(fact: Fact, day: Told) -> str:
    if fact.topic == "renewal_due":
        return f"have {fact.fields['plan']} up for renewal {day('due_on')}"
    years = fact.fields["years"]
    return f"have been with us for {number(years)} year{'' if years == 1 else 's'}"


def _purchase(fact: Fact, day: Told) -> str:
    did = "renewed" if fact.fields.get("last_event") == "renewal" else "bought"
    return f"{did} {fact.fields['product']} {day('last_on')}"


CLAUSES: dict[str, Callable[[Fact, Told], str]] = {
    "question": lambda fact, day: f"asked us{_about(fact) or ' a question'} {day('asked_on')}",
    "ticket": _ticket,
    "purchase": _purchase,
    "cancel": lambda fact, day: f"ended {fact.fields['product']} {day('on')}",
    "tenure": lambda _, day: f"joined us {day('signup_on')}",
    "engagement": _engagement,
    "clicks": lambda fact, _: (
        f"clicked in {_share(fact.fields['clicked'], fact.fields['sent'])} we sent you{_about(fact)}"
    ),
    "interest": lambda fact, day: f"looked at our page{_about(fact)} {day('last_on')}",
    "reply": lambda _, day: f"wrote back to us {day('on')}",
    "conversation": lambda fact, day: f"talked with us{_about(fact)} {day('on')}",
    "meeting": lambda fact, day: f"met with us{_about(fact)} {day('on')}",
    "plan": lambda fact, _: f"are on {fact.fields['plan']}",
    "milestone": _milestone,
}
