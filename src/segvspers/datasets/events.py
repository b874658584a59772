"""Eighteen months of what happened between the vendor and each contact, in an order that could have been."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from segvspers.datasets.chance import Chance
from segvspers.datasets.people import FIRST_DAY, LAST_DAY, Person
from segvspers.datasets.texts import ANSWERED, ASKED, REPLIES, SLOTS, TICKETS, TOLD
from segvspers.datasets.words import ADD_ONS, PLANS, TOPICS

END = datetime.combine(LAST_DAY, time(23, 59), tzinfo=UTC)
LIVELINESS = {"low": 0.25, "medium": 1.0, "high": 2.2}
OPEN_SHARE = {"low": 0.16, "medium": 0.42, "high": 0.72}
Event = dict[str, Any]


@dataclass(slots=True)
class Story:
    """Events of one contact, and the chance that tells them."""

    person: Person
    chance: Chance
    events: list[Event] = field(default_factory=list)
    favourites: list[str] = field(default_factory=list)

    def add(self, when: datetime, event: str, source: str, **more: Any) -> None:
        """Note an event, unless it lies outside the eighteen months."""
        if datetime.combine(FIRST_DAY, time(), tzinfo=UTC) <= when <= END:
            self.events.append(
                {
                    "contact_id": self.person.contact_id,
                    "timestamp": when,
                    "event": event,
                    "source": source,
                    **more,
                }
            )

    def moment(self, day: date) -> datetime:
        """Return a moment of working time on a day."""
        return datetime.combine(day, time(), tzinfo=UTC) + timedelta(seconds=int(28800 + 36000 * self.chance.share()))

    def day(self, low: date, high: date = LAST_DAY) -> date:
        """Return a day between two, both included."""
        low = max(low, FIRST_DAY)
        return low + timedelta(days=int(max(0, (high - low).days) * self.chance.share()))

    def words(self, lines: list[str], topic: str = "") -> str:
        """Return one of the lines with its slots filled."""
        filled = {name: self.chance.pick(values) for name, values in SLOTS.items()}
        return self.chance.pick(lines).format(plan=self.person.plan or "Plan B", topic=topic, **filled)


def tell(person: Person, seed: int) -> list[Event]:
    """Return the events of one contact but for the finished test, in order of time."""
    story = Story(person, Chance(seed, f"story {person.contact_id}"))
    weights = [1.4, 1.2, 0.7, 1.0, 0.9, 0.9, 1.0, 0.6]
    while len(story.favourites) < 2:
        topic = story.chance.pick(TOPICS, weights)
        if topic not in story.favourites:
            story.favourites.append(topic)
    _buy(story)
    if person.contact_id == "C00042":
        _sarahs_own(story)
    else:
        _mail(story)
        _talk(story)
        _browse(story)
    events = sorted(story.events, key=lambda event: (event["timestamp"], event["event"]))
    return without_mail_after_leaving(events)


def left_at(events: list[Event]) -> datetime | None:
    """Return when a contact was lost to email: by unsubscribing, opting out, complaining or a hard bounce."""
    leaving = {"unsubscribe", "bounce_hard", "spam_report"}
    times = [one["timestamp"] for one in events if one["event"] in leaving or one.get("reply_class") == "opt_out"]
    return min(times, default=None)


def without_mail_after_leaving(events: list[Event]) -> list[Event]:
    """Return the events but for emails that were sent after the contact had left, and all that came of them."""
    left = left_at(events)
    if left is None:
        return events
    late = {one["message_id"] for one in events if one["event"] == "sent" and one["timestamp"] > left}
    return [one for one in events if one.get("message_id") not in late]


def _buy(story: Story) -> None:
    person = story.person
    if person.bought is None:
        return
    if person.status == "lapsed":
        end = person.bought + timedelta(days=365)
        story.add(story.moment(person.bought), "purchase", "crm", product=person.plan, amount_usd=PLANS[person.plan])
        story.add(story.moment(end), "cancel", "crm", product=person.plan)
        return
    day, kind = person.bought, "purchase"
    while day <= LAST_DAY:
        story.add(story.moment(day), kind, "crm", product=person.plan, amount_usd=PLANS[person.plan])
        day, kind = _a_year_later(day), "renewal"
    if person.contact_id != "C00042" and story.chance.happens(0.28):
        add_on = story.chance.pick(list(ADD_ONS), [4, 2, 1, 3])
        story.add(
            story.moment(story.day(person.bought)),
            "purchase",
            "crm",
            product=add_on,
            amount_usd=ADD_ONS[add_on],
        )


def _a_year_later(day: date) -> date:
    return date(day.year + 1, 2, 28) if (day.month, day.day) == (2, 29) else day.replace(year=day.year + 1)


def _mail(story: Story) -> None:
    person, chance = story.person, story.chance
    mean = {"low": 2.5, "medium": 6.6, "high": 10.6}[person.engagement] * (0.55 if person.thin else 1)
    months = [(2025 + (4 + number) // 12, (4 + number) % 12 + 1) for number in range(18)]
    months = [month for month in months if date(*month, 1) > person.signup]
    for _ in range(min(chance.count(mean), 2 * len(months))):
        year, month = chance.pick(months)
        topic = chance.pick([*story.favourites, *TOPICS], [5, 3] + [0.7] * 8)
        campaign = f"{topic.lower()}-{year}-{month:02d}"
        if any(event.get("campaign_id") == campaign for event in story.events):
            continue
        _one_email(story, campaign, topic, datetime(year, month, 3 + TOPICS.index(topic) * 3, 9, tzinfo=UTC))


def _one_email(story: Story, campaign: str, topic: str, at: datetime) -> None:
    person, chance = story.person, story.chance
    more = {
        "campaign_id": campaign,
        "topic": topic,
        "message_id": f"{campaign}-{person.contact_id[1:]}",
        "step": 1,
    }
    sent = at + timedelta(seconds=int(5400 * chance.share()))
    story.add(sent, "sent", "esp", **more)
    if person.apple:
        story.add(sent + timedelta(seconds=chance.whole(4, 40)), "open", "esp", machine_open=True, **more)
    share = OPEN_SHARE[person.engagement] * (1.25 if topic in story.favourites else 0.75)
    if not chance.happens(min(0.95, share)):
        if chance.happens(0.004):
            story.add(sent + timedelta(hours=30), "unsubscribe", "esp", **more)
        return
    opened = sent + timedelta(seconds=int(120 + 3600 * 2.718281828 ** chance.normal(1.1, 1.2)))
    story.add(opened, "open", "esp", machine_open=False, **more)
    if chance.happens(0.24):
        story.add(opened + timedelta(seconds=chance.whole(8, 240)), "click", "esp", **more)
    if chance.happens(0.035):
        kind = chance.pick(list(REPLIES), [5, 4, 2, 1, 5, 1])
        more["topic"] = topic
        words = story.words(REPLIES[kind], topic)
        story.add(
            opened + timedelta(minutes=chance.whole(5, 900)),
            "reply",
            "inbox",
            reply_class=kind,
            text=words,
            **more,
        )


def _talk(story: Story) -> None:
    person, chance = story.person, story.chance
    lively = LIVELINESS[person.engagement] * (0.15 if person.thin else 1)
    for number in range(chance.count(0.42 * lively)):
        topic = chance.pick([*story.favourites, *TOPICS], [4, 3] + [0.8] * 8)
        thread = f"K{person.contact_id[1:]}-{number + 1}"
        at = story.moment(story.day(person.signup))
        more = {"topic": topic, "message_id": thread}
        if chance.happens(0.3):
            story.add(at, "conversation", "crm", status="told", text=story.words(TOLD[topic], topic), **more)
            continue
        story.add(at, "conversation", "crm", status="asked", text=story.words(ASKED[topic], topic), **more)
        if chance.happens(0.72):
            later = at + timedelta(hours=chance.whole(2, 120))
            story.add(later, "conversation", "crm", status="answered", text=story.words(ANSWERED, topic), **more)
    if person.status in {"customer", "trial", "lapsed"}:
        for number in range(chance.count(0.35 * min(1.4, lively))):
            topic = chance.pick(TOPICS)
            more = {"topic": topic, "message_id": f"T{person.contact_id[1:]}-{number + 1}"}
            at = story.moment(story.day(person.bought or person.signup))
            words = story.words(TICKETS[topic], topic)
            story.add(at, "support_ticket", "helpdesk", status="open", text=words, **more)
            if chance.happens(0.84):
                later = at + timedelta(hours=chance.whole(3, 160))
                story.add(later, "support_ticket", "helpdesk", status="solved", text=words, **more)


def _browse(story: Story) -> None:
    person, chance = story.person, story.chance
    lively = LIVELINESS[person.engagement] * (0.2 if person.thin else 1)
    for _ in range(chance.count(0.9 * lively)):
        topic = chance.pick([*story.favourites, *TOPICS], [3, 2] + [0.6] * 7 + [2.0])
        story.add(story.moment(story.day(person.signup)), "page_view", "web", topic=topic)


def _sarahs_own(story: Story) -> None:
    for number in range(12):
        year, month = 2025 + (10 + number) // 12, (10 + number) % 12 + 1
        more = {
            "campaign_id": f"deliverability-{year}-{month:02d}",
            "topic": "deliverability",
            "message_id": f"deliverability-{year}-{month:02d}-00042",
            "step": 1,
        }
        sent = datetime(year, month, 3, 9, 20 + number, tzinfo=UTC)
        story.add(sent, "sent", "esp", **more)
        story.add(sent + timedelta(minutes=35 + 11 * number), "open", "esp", machine_open=False, **more)
    asked = datetime(2026, 10, 15, 14, 12, tzinfo=UTC)
    words = "We're happy with email so far. Is it possible to add SMS to our flows before the holiday season?"
    more = {"topic": "SMS", "message_id": "K00042-1", "text": words}
    story.add(asked, "conversation", "crm", status="asked", **more)
    story.add(datetime(2026, 10, 16, 8, 40, tzinfo=UTC), "page_view", "web", topic="SMS")
