"""Wordings that say how a matter stands, each with what one of the cited facts must say for it to be true."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from segvspers.emails.audit.terms import Terms

Holds = Callable[[Terms], bool]
NOT = r"(?:not|n[’']t|never)(?: yet| been| even)*"
YOU = r"\byou(?:[’']ve| have| had| were| recently| already| first| last| once| also| only| then| just)* "
_DONE = r"(?:solved|resolved|fixed|closed)"


@dataclass(frozen=True, slots=True)
class Rule:
    """Wordings, parts of words without which none of them can be there, and the condition on a fact."""

    hints: tuple[str, ...]
    wordings: re.Pattern[str]
    holds: Holds


def rule(hints: str, holds: Holds, *wordings: str) -> Rule:
    """Return a rule of wordings of which any needs the condition; `hints` are parts of words, one of which each has."""
    return Rule(tuple(hints.split()), re.compile("|".join(wordings), re.IGNORECASE), holds)


def field_is(kind: str, name: str, *values: object) -> Holds:
    """Return whether a fact of a kind has one of some values in a field."""
    return lambda fact: fact.kind == kind and fact.told.get(name) in values


def kind_is(*kinds: str) -> Holds:
    """Return whether a fact is of one of some kinds."""
    return lambda fact: fact.kind in kinds


def any_of(*holds: Holds) -> Holds:
    """Return whether any of some conditions holds."""
    return lambda fact: any(one(fact) for one in holds)


def _bought(fact: Terms) -> bool:
    renewed_only = fact.told.get("last_event") == "renewal" and fact.numbers.get("n_purchases", 0) < 2
    return fact.kind in {"spending", "deal"} or (fact.kind == "purchase" and not renewed_only)


def _clicked(fact: Terms) -> bool:
    return fact.kind == "clicks" or fact.numbers.get("clicked", 0) > 0


def _all_opened(fact: Terms) -> bool:
    return fact.numbers.get("opened", 0) >= fact.numbers.get("sent", 1)


def _most_opened(fact: Terms) -> bool:
    return 2 * fact.numbers.get("opened", 0) > fact.numbers.get("sent", 1)


def _falls_due(fact: Terms) -> bool:
    return "due_on" in fact.days


_UNANSWERED = any_of(field_is("question", "answered", False), field_is("ticket", "status", "open"))
_BUYING = r"\b(?:buy|bought|buying|spent|ordered)"
RULES: tuple[Rule, ...] = (
    rule(
        "open solved fixed closed unresolved fix",
        field_is("ticket", "status", "open"),
        r"\bstill (?:open|unsolved|unresolved|waiting for a fix)\b",
        rf"\b(?:is|are|was|has|have|it[’']s) ?{NOT} {_DONE}\b",
        rf"\b(?:is|has|have|we){NOT} {_DONE}\b",
        rf"\bstill (?:isn[’']t|not) {_DONE}\b",
        r"\b(?:has been|is) open\b|\bopen ticket\b|\bopen with us\b|\bunresolved\b|\bwaiting for a fix\b",
    ),
    rule(
        "solved fixed closed fix",
        field_is("ticket", "status", "solved"),
        r"\b(?:was|were|is|been|got|now|we|as|ticket|since) (?:solved|resolved|fixed)\b|\b(?:was|were|been) closed\b",
        r"\bit[’']s (?:solved|resolved|fixed)\b",
        r"(?<!n['’]t )(?<!not )\b(?:closed|solved) your\b|\bhad a ticket[^.?!]* solved\b|\bdid the fix hold\b|\bthe fix has held\b",
    ),
    rule(
        "answer owe nobody heard waiting reply",
        _UNANSWERED,
        r"\bnever (?:got|had|received) (?:an answer|a reply)\b|\bnobody (?:got back|answered|has answered)\b|\bunanswered\b",
        r"\bowe you\b|\bshould have heard\b|\bstill waiting\b|\bwaiting (?:since|for an answer)\b|\blate answer\b",
        r"\bwithout (?:a reply|an answer)\b|\bdeserved an answer\b|\bnot (?:yet )?(?:been )?answered\b",
        r"\b(?:have|did|has) ?(?:not|n[’']t) (?:yet )?answer(?:ed)?\b",
    ),
    rule(
        "answer",
        field_is("question", "answered", True),
        r"\bwe(?:[’']ve| have)? answered\b|(?<!if )\bour answer (?:was|settle|help|held|did|do)\b|\b(?:did|hope) our answer\b",
        r"(?<!not )\b(?:was|were|been|got) answered\b|(?<!never )\bgot (?:an|your|our) answer\b",
    ),
    rule(
        "renew",
        any_of(field_is("purchase", "last_event", "renewal"), kind_is("deal")),
        rf"{YOU}(?:[a-z]+ and )?renewed\b|\brenewing\b|, renewed\b|\band renewed\b",
    ),
    rule(
        "bought purchased ordered buying",
        _bought,
        rf"{YOU}(?:bought|purchased|ordered)\b|\bbuying\b|\band (?:bought|purchased|ordered)\b",
    ),
    rule(
        "cancel ended expired lapsed ran",
        any_of(kind_is("cancel"), field_is("spending", "trend", "stopped")),
        r"\bcancell?(?:ed|ing)\b|\b(?:you|and) ended\b|\bexpired\b|\blapsed\b|\bran out\b",
    ),
    rule(
        "renew runs",
        _falls_due,
        r"\brenews\b|\b(?:up|due|comes up|come up) (?:for renewal|to renew)\b|\brenewal (?:is|comes) (?:due|up)\b|\bruns until\b",
    ),
    rule(
        "decided chose went choosing",
        any_of(field_is("deal", "outcome", "won"), kind_is("purchase")),
        r"\b(?:you|and) (?:decided on|chose|went with)\b|\bchoosing\b",
    ),
    rule(
        "decided win turned",
        field_is("deal", "outcome", "lost"),
        r"\bdecided against\b|\bwin you over\b|\bturned (?:us|it) down\b",
    ),
    rule(
        "more",
        field_is("spending", "trend", "growing"),
        rf"{_BUYING} more (?:from us )?(?:over|in|than|this)\b",
    ),
    rule("less", field_is("spending", "trend", "falling"), rf"{_BUYING} less (?:from us )?(?:over|in|than|this)\b"),
    rule("ask question", kind_is("question"), rf"{YOU}asked\b|\byour question\b|\byou were asking\b|\band asked\b"),
    rule(
        "told mentioned said",
        kind_is("conversation", "meeting", "reply", "ticket"),
        rf"{YOU}(?:told|mentioned|said)\b",
    ),
    rule(
        "talked spoke conversation",
        kind_is("conversation", "meeting"),
        r"\b(?:talked|spoke) (?:with|to) us\b|\bour conversation\b|\bwe talked\b",
    ),
    rule("clicked followed", _clicked, rf"{YOU}(?:clicked|followed)\b|\band clicked\b"),
    rule("opened read", kind_is("engagement", "ticket"), rf"{YOU}(?:opened|read) (?!a ticket|the ticket|it\b)"),
    rule("ticket", kind_is("ticket"), r"\bticket\b"),
    rule(
        "looked visited viewed",
        kind_is("interest"),
        rf"{YOU}(?:looked at|visited|viewed)\b|\band (?:looked at|visited)\b",
    ),
    rule(
        "joined signed subscribed registered with",
        kind_is("tenure", "milestone"),
        rf"{YOU}(?:joined|signed up|subscribed|registered)\b",
        r"\b(?:you(?:[’']ve| have)|having) (?:been|stayed) with us\b",
    ),
    rule(
        "wrote replied reply writing",
        kind_is("reply"),
        rf"{YOU}(?:wrote back|replied)\b|\byour reply\b|\bwriting back\b",
    ),
    rule(
        "met meeting", kind_is("meeting"), rf"{YOU}met\b|\bmet with us\b|\b(?:our|your) meeting\b|\bwe (?:also )?met\b"
    ),
    rule(
        "all every",
        _all_opened,
        r"\b(?:all|every)(?: \w+)?(?: one)? (?:of )?(?:our|the|your|my) (?:\w+ )?emails\b|\bopened every\b",
    ),
    rule("most", _most_opened, r"\bmost of (?:our|the|your|my) (?:\w+ )?emails\b"),
)
