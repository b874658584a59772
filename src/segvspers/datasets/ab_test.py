"""The finished test of the sample: segment against individual email, randomised by company, with a known truth."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from typing import Any

from segvspers.datasets.chance import Chance
from segvspers.datasets.events import END, Event, left_at
from segvspers.datasets.people import Person
from segvspers.datasets.texts import REPLIES, SLOTS

CAMPAIGN = "sept-outreach"
ASSIGNED = datetime(2026, 9, 8, 6, 0, tzinfo=UTC)
WINDOW = timedelta(days=21)
COST_USD = {"segment": 0.004, "individual": 0.021}
Row = dict[str, Any]


def run_test(
    people: list[Person], stories: dict[str, list[Event]], seed: int
) -> tuple[list[Row], list[Row], list[Event]]:
    """Return the outcomes, the truth, and the events that the test left in history.

    A contact answers an email when one uniform draw of theirs lies below the email's probability, so that
    what they would have done with the other email is known too. Whoever left before their email went out is not
    in the test.
    """
    outcomes, truths, events = [], [], []
    arms: dict[str, str] = {}
    for person in people:
        before = [event for event in stories[person.contact_id] if event["timestamp"] < ASSIGNED]
        if person.suppressed or person.signup >= ASSIGNED.date():
            continue
        chance = Chance(seed, f"test {person.contact_id}")
        truth = _truth(person, before, chance)
        sent = ASSIGNED + timedelta(days=chance.whole(0, 3), seconds=chance.whole(7200, 30000))
        left = left_at(stories[person.contact_id])
        if left is not None and left <= sent:
            continue
        company = person.company.company_id
        if company not in arms:
            arms[company] = "individual" if Chance(seed, f"arm {company}").happens(0.5) else "segment"
        row, caused = _outcome(person, arms[company], truth, before, sent, chance)
        outcomes.append(row)
        truths.append(truth)
        events += caused
    return outcomes, truths, events


def _human(before: list[Event], event: str) -> list[Event]:
    return [one for one in before if one["event"] == event and not one.get("machine_open")]


def richness(person: Person, before: list[Event]) -> float:
    """How much is known of a contact, 0 to 1: what an individual email could be written from."""
    kinds = {(event["event"], event.get("topic", "")) for event in before if not event.get("machine_open")}
    known = len([kind for kind in kinds if kind[0] not in {"sent", "delivered"}]) + 3 - len(person.forgotten)
    return round(min(1.0, max(0.0, known / 9)), 3)


def _truth(person: Person, before: list[Event], chance: Chance) -> Row:
    rich = richness(person, before)
    level = {"low": -0.75, "medium": 0.1, "high": 0.75}[person.engagement]
    status = {"prospect": -0.15, "trial": 0.15, "customer": 0.2, "lapsed": -0.35}[person.status]
    base = 1 / (1 + math.exp(-(-2.95 + level + status + person.company.pull)))
    effect = -0.14 + 0.46 * rich + chance.normal(0, 0.08)
    p_individual = min(0.6, base * math.exp(effect))
    draw = chance.share()
    return {
        "contact_id": person.contact_id,
        "record_richness": rich,
        "p_segment": round(base, 5),
        "p_individual": round(p_individual, 5),
        "replied_if_segment": draw < round(base, 5),
        "replied_if_individual": draw < round(p_individual, 5),
    }


def _outcome(
    person: Person, arm: str, truth: Row, before: list[Event], sent: datetime, chance: Chance
) -> tuple[Row, list[Event]]:
    more = {"campaign_id": CAMPAIGN, "message_id": f"{CAMPAIGN}-{person.contact_id[1:]}", "step": 1}
    events: list[Event] = []

    def note(when: datetime, event: str, source: str = "esp", **extra: Any) -> None:
        if when <= END:
            base = {"contact_id": person.contact_id, "timestamp": when, "event": event, "source": source}
            events.append({**base, **more, **extra})

    note(sent, "sent")
    bounced = chance.happens(0.006)
    replied = bool(truth[f"replied_if_{arm}"]) and not bounced
    opened = replied or (not bounced and chance.happens({"low": 0.2, "medium": 0.4, "high": 0.62}[person.engagement]))
    clicked = opened and chance.happens(0.13)
    automatic = not bounced and chance.happens(0.021)
    left = not bounced and not replied and chance.happens(0.0045 if arm == "segment" else 0.0038)
    complained = not bounced and not replied and chance.happens(0.0007)
    if bounced:
        note(sent + timedelta(seconds=9), "bounce_hard")
    if person.apple and not bounced:
        note(sent + timedelta(seconds=chance.whole(4, 40)), "open", machine_open=True)
    seen = sent + timedelta(seconds=int(90 + 3600 * math.exp(chance.normal(0.6, 1.0))))
    if opened:
        note(seen, "open", machine_open=False)
    if clicked:
        note(seen + timedelta(seconds=chance.whole(9, 200)), "click")
    if left:
        note(sent + timedelta(hours=chance.whole(2, 60)), "unsubscribe")
    if complained:
        note(sent + timedelta(hours=chance.whole(2, 40)), "spam_report")
    if automatic:
        note(sent + timedelta(seconds=chance.whole(20, 90)), "reply", "inbox", reply_class="auto_reply",
             text=_words("auto_reply", chance))  # fmt: skip
    delay = min(3600 * 3 * math.exp(chance.normal(0, 2.3)), WINDOW.total_seconds() - 4 * 86400)
    answered = max(seen if opened else sent, sent) + timedelta(seconds=int(60 + delay))
    kind = chance.pick(["positive", "neutral", "negative", "referral", "opt_out"], [31, 36, 20, 7, 6])
    revenue = 0.0
    if replied:
        note(answered, "reply", "inbox", reply_class=kind, text=_words(kind, chance))
        if kind == "positive" and chance.happens(0.16):
            revenue = round(900 * math.exp(chance.normal(0, 0.9)), 2)
    row = {
        "contact_id": person.contact_id,
        "company_id": person.company.company_id,
        "variant": arm,
        "segment_id": f"{person.status}-{person.engagement}",
        "campaign_id": CAMPAIGN,
        "step": 1,
        "assigned_at": ASSIGNED,
        "sent_at": sent,
        "delivered": not bounced,
        "opened": opened or (person.apple and not bounced),
        "clicked": clicked,
        "replied": replied,
        "replied_at": answered if replied else (events_at(events, "reply") if automatic else None),
        "reply_class": kind if replied else ("auto_reply" if automatic else ""),
        "unsubscribed": left or (replied and kind == "opt_out"),
        "spam_reported": complained,
        "bounced": bounced,
        "revenue_usd": revenue,
        "cost_usd": COST_USD[arm],
        "machine_open": person.apple and not bounced,
        "prior_opens": len(_human(before, "open")),
        "prior_clicks": len(_human(before, "click")),
        "prior_replies": sum(one.get("reply_class") != "auto_reply" for one in _human(before, "reply")),
        "prior_revenue_usd": round(sum(one.get("amount_usd", 0.0) for one in before), 2),
        "industry": "" if "industry" in person.forgotten else person.company.industry,
        "company_size": "" if "company_size" in person.forgotten else person.company.size,
        "engagement_level": person.engagement,
        "purchase_status": person.status,
    }
    return row, events


def events_at(events: list[Event], kind: str) -> datetime:
    """Return when the first event of a kind happened."""
    return next(event["timestamp"] for event in events if event["event"] == kind)


def _words(kind: str, chance: Chance) -> str:
    filled = {name: chance.pick(values) for name, values in SLOTS.items()}
    return chance.pick(REPLIES[kind]).format(plan="Plan B", topic="the plans", **filled)
