"""Each kind of fact on small histories that a reader can check by hand."""

import json
import re

import pandas as pd
import pytest

import segvspers as sv
from conftest import ROOT
from segvspers.errors import ArgumentError, DataError
from segvspers.facts.kinds import WEIGHTS, kinds_for
from segvspers.facts.kinds.profile import FIRMOGRAPHIC

DAY = "2026-11-01"


def told(rows, *, kind, day=DAY, contacts=None, **options):
    """Facts of one kind of the contact "a", as topic, value and fields."""
    people = pd.DataFrame({"contact_id": ["a", "b"]}) if contacts is None else pd.DataFrame(contacts)
    events = pd.DataFrame([{"contact_id": "a", **row} for row in rows])
    if events.empty:
        events = pd.DataFrame({"contact_id": [], "timestamp": [], "event": []}, dtype=object)
    found = sv.derive_facts(people, events, as_of=day, **options)
    found = found[(found["kind"] == kind) & (found["contact_id"] == "a")]
    return [(row.topic, row.value, json.loads(row.fields)) for row in found.itertuples()]


def test_the_page_lists_every_kind_with_its_fields():
    page = (ROOT / "docs" / "facts.md").read_text().split("## Kinds")[1].split("What the words mean")[0]
    documented = {}
    for kind, fields in re.findall(r"^\| `(\w+)` \|.*\| (.*) \|$", page, flags=re.MULTILINE):
        documented.setdefault(kind, set()).update(re.findall(r"`(\w+)`", fields))
    made = {}
    for kind in kinds_for(["signup_date", "plan", *FIRMOGRAPHIC], attributes=["shop_system"], pattern="x"):
        made.setdefault(kind.kind, set()).update(kind.fields)
    assert documented == made
    assert set(made) == set(WEIGHTS)


def test_clicks_are_told_by_topic_with_their_first_and_last_day():
    sent = [{"event": "sent", "topic": "SMS", "message_id": f"m{n}", "timestamp": f"2026-09-0{n}"} for n in range(1, 5)]
    clicks = [
        {"event": "click", "message_id": "m2", "timestamp": "2026-09-02T10:00"},
        {"event": "click", "message_id": "m2", "timestamp": "2026-09-09T10:00"},
        {"event": "click", "message_id": "m4", "timestamp": "2026-09-04T10:00"},
        {"event": "click", "message_id": "m1", "timestamp": "2026-09-01T00:00:02", "machine_open": True},
        {"event": "click", "message_id": "of another export", "topic": "SMS", "timestamp": "2026-09-04T10:00"},
    ]
    fields = {"clicked": 2, "last_on": "2026-09-09", "sent": 4, "since_on": "2026-09-02", "topic": "SMS"}
    assert told(sent + clicks, kind="clicks") == [("SMS", "clicked 2 of 4", fields)]
    assert told(sent + clicks, kind="engagement") == []


def test_emails_without_message_ids_are_told_apart_by_campaign_and_step():
    rows = [
        {"event": "delivered", "topic": "SMS", "campaign_id": "k", "step": 1, "timestamp": "2026-09-01"},
        {"event": "delivered", "topic": "SMS", "campaign_id": "k", "step": 2, "timestamp": "2026-09-05"},
        {"event": "open", "campaign_id": "k", "step": 2, "timestamp": "2026-09-06"},
        {"event": "open", "campaign_id": "k", "step": 2, "timestamp": "2026-09-07"},
    ]
    ((_, value, fields),) = told(rows, kind="engagement")
    assert value == "opened 1 of 2"
    assert (fields["since_on"], fields["last_on"]) == ("2026-09-06", "2026-09-07")


def test_clicks_of_machines_are_known_by_their_own_flag():
    mail = {"topic": "SMS", "message_id": "m", "timestamp": "2026-09-01", "machine_click": False}
    rows = [{**mail, "event": "sent"}, {**mail, "event": "open"}, {**mail, "event": "click", "machine_click": True}]
    ((_, value, fields),) = told(rows, kind="engagement")
    assert (value, fields["clicked"]) == ("opened 1 of 1", 0)
    assert told(rows, kind="clicks") == []


def test_topics_and_products_are_one_short_line_whatever_they_hold():
    rows = [
        {"event": "page_view", "topic": " SMS\r\nBcc: all \u202e\u200b", "timestamp": "2026-09-01"},
        {"event": "page_view", "topic": "SMS Bcc:  all", "timestamp": "2026-09-02"},
        {"event": "page_view", "topic": "\u200b \t", "timestamp": "2026-09-02"},
        {"event": "purchase", "product": "P" * 5000, "timestamp": "2026-09-02"},
    ]
    ((topic, _, fields),) = told(rows, kind="interest")
    assert (topic, fields["views"]) == ("SMS Bcc: all", 2)
    ((product, _, _),) = told(rows, kind="purchase")
    assert product == "P" * 120


def test_emails_without_any_id_are_not_taken_for_one():
    rows = [
        {"event": "sent", "topic": "SMS", "timestamp": "2026-09-01", "message_id": None, "campaign_id": None},
        {"event": "open", "topic": "SMS", "timestamp": "2026-09-01", "message_id": None, "campaign_id": None},
    ]
    assert told(rows, kind="engagement") == []


@pytest.mark.parametrize(
    ("amounts", "trend"),
    [
        ({"2026-10-01": 100, "2026-05-01": 100, "2025-05-01": 150}, "growing"),
        ({"2026-10-01": 100, "2025-05-01": 105}, "steady"),
        ({"2026-10-01": 100, "2025-05-01": 200}, "falling"),
        ({"2025-08-01": 100, "2025-05-01": 200}, "stopped"),
        ({"2026-08-01": 100, "2026-05-01": 200}, "new"),
    ],
)
def test_spending_has_counts_amounts_and_a_trend(amounts, trend):
    rows = [
        {"event": "purchase", "product": f"P{place}", "amount_usd": amount, "timestamp": day}
        for place, (day, amount) in enumerate(amounts.items())
    ]
    ((topic, value, fields),) = told(rows, kind="spending")
    assert (topic, value) == ("", f"{len(amounts)} purchases, {trend}")
    assert fields["trend"] == trend
    assert (fields["n_purchases"], fields["n_products"], fields["total_usd"]) == (
        len(amounts), len(amounts), sum(amounts.values()),
    )  # fmt: skip
    assert (fields["first_on"], fields["last_on"]) == (min(amounts), max(amounts))
    assert fields["last_year_usd"] == sum(amount for day, amount in amounts.items() if day > "2025-11-01")
    span = (pd.Timestamp(max(amounts)) - pd.Timestamp(min(amounts))).days
    assert fields["usual_gap_days"] == round(span / (len(amounts) - 1))


def test_a_missing_amount_leaves_no_trend_and_one_purchase_no_spending():
    rows = [
        {"event": "purchase", "product": "P", "timestamp": f"2026-0{n}-01", "amount_usd": n - 1 or None} for n in (1, 2)
    ]
    ((_, value, fields),) = told(rows, kind="spending")
    assert (value, fields["trend"], fields["total_usd"]) == ("2 purchases", None, 1.0)
    assert told(rows[:1], kind="spending") == []


def test_a_question_asked_again_is_open_again():
    asked = {"event": "conversation", "topic": "SMS", "message_id": "t"}
    thread = [
        {**asked, "status": "asked", "timestamp": "2026-09-01", "text": "How?"},
        {**asked, "status": "answered", "timestamp": "2026-09-02", "text": "Like this."},
    ]
    ((_, value, fields),) = told(thread, kind="question")
    assert value == "asked 2026-09 answered"
    assert fields == {
        "answered": True, "answered_on": "2026-09-02", "asked_on": "2026-09-01", "quote": "How?", "topic": "SMS",
    }  # fmt: skip
    again = {**asked, "status": "asked", "timestamp": "2026-10-03", "text": "And now?"}
    ((_, value, fields),) = told([*thread, again], kind="question")
    assert value == "asked 2026-10"
    assert (fields["answered"], fields["answered_on"], fields["quote"]) == (False, None, "And now?")


def test_a_ticket_opened_again_is_open():
    ticket = {"event": "support_ticket", "topic": "SMS", "message_id": "t", "text": "No link"}
    rows = [
        {**ticket, "status": "open", "timestamp": "2026-09-01"},
        {**ticket, "status": "solved", "timestamp": "2026-09-04"},
    ]
    fields = {
        "opened_on": "2026-09-01",
        "solved_on": "2026-09-04",
        "status": "solved",
        "subject": "No link",
        "topic": "SMS",
    }
    assert told(rows, kind="ticket") == [("SMS", "solved 2026-09", fields)]
    ((_, value, fields),) = told([*rows, {**ticket, "status": "open", "timestamp": "2026-10-04"}], kind="ticket")
    assert (value, fields["status"], fields["solved_on"]) == ("open 2026-09", "open", None)


def test_a_quote_stays_one_short_line_without_hidden_marks():
    text = "We are\r\nhappy \u202eso far\x07.\u200b " + "And more words. " * 40
    rows = [{"event": "conversation", "topic": "SMS", "timestamp": "2026-09-01", "text": text}]
    ((_, _, fields),) = told(rows, kind="conversation")
    assert fields["quote"].startswith("We are happy so far . And more words.")
    assert fields["quote"].endswith("…")
    assert len(fields["quote"]) <= 281
    assert fields["quote"].isprintable()


def test_what_the_last_row_leaves_out_is_not_taken_from_an_earlier_one():
    rows = [
        {"event": "conversation", "topic": "SMS", "timestamp": "2026-08-01", "text": "Old words"},
        {"event": "conversation", "topic": "SMS", "timestamp": "2026-09-01"},
    ]
    ((_, value, fields),) = told(rows, kind="conversation")
    assert (value, fields["on"], fields["quote"]) == ("talked 2026-09", "2026-09-01", None)


def test_machines_and_automatic_replies_neither_engage_nor_talk_nor_break_the_silence():
    rows = [
        {"event": "page_view", "topic": "SMS", "timestamp": "2026-05-01"},
        {"event": "sent", "topic": "SMS", "message_id": "m", "timestamp": "2026-10-20"},
        {"event": "open", "topic": "SMS", "message_id": "m", "timestamp": "2026-10-20", "machine_open": True},
        {"event": "click", "topic": "SMS", "message_id": "m", "timestamp": "2026-10-20", "machine_open": True},
        {"event": "reply", "topic": "SMS", "timestamp": "2026-10-21", "reply_class": "auto_reply", "text": "I am away"},
        {"event": "support_ticket", "topic": "SMS", "timestamp": "2026-10-22", "status": "solved"},
        {"event": "conversation", "topic": "SMS", "timestamp": "2026-10-23", "status": "answered"},
    ]
    for kind in ("engagement", "clicks", "reply", "conversation", "question"):
        assert told(rows, kind=kind) == []
    fields = {"days_since": 184, "last_event": "page_view", "last_on": "2026-05-01"}
    assert told(rows, kind="silence") == [("", "180+ days", fields)]


def test_what_was_cancelled_is_not_due_and_what_was_bought_again_is_not_cancelled():
    plan = {"contact_id": ["a"], "plan": ["P"]}
    bought = {"event": "purchase", "product": "P", "timestamp": "2025-12-20"}
    cancelled = {"event": "cancel", "product": "P", "timestamp": "2026-06-01"}
    due = [("renewal_due", "P 2026-12", {"days_left": 49, "due_on": "2026-12-20", "plan": "P"})]
    assert told([bought], kind="milestone", contacts=plan) == due
    assert told([bought, cancelled], kind="milestone", contacts=plan) == []
    assert told([bought, cancelled], kind="cancel") == [
        ("P", "cancelled 2026-06", {"on": "2026-06-01", "product": "P"})
    ]
    again = {**bought, "timestamp": "2026-07-01"}
    assert told([bought, cancelled, again], kind="cancel") == []


def test_meetings_and_deals():
    rows = [
        {"event": "meeting", "topic": "SMS", "timestamp": "2026-09-01"},
        {"event": "meeting", "topic": "SMS", "timestamp": "2026-10-01"},
        {"event": "deal_lost", "product": "P", "timestamp": "2026-08-01"},
        {"event": "deal_won", "product": "P", "timestamp": "2026-09-09", "amount_usd": 900},
    ]
    assert told(rows, kind="meeting") == [("SMS", "met 2026-10", {"n_meetings": 2, "on": "2026-10-01", "topic": "SMS"})]
    fields = {"amount_usd": 900.0, "on": "2026-09-09", "outcome": "won", "product": "P"}
    assert told(rows, kind="deal") == [("P", "won 2026-09", fields)]


@pytest.mark.parametrize(
    ("signup", "day", "value"),
    [
        ("2024-10-20", DAY, ["2 years 2026-10"]),
        ("2024-10-10", DAY, []),
        ("2026-10-20", DAY, []),
        ("2024-02-29", "2025-03-01", ["1 years 2025-02"]),
        ("2001-12-20", "2026-01-05", ["24 years 2025-12"]),
    ],
)
def test_an_anniversary_is_told_for_three_weeks(signup, day, value):
    found = told([], kind="milestone", day=day, contacts={"contact_id": ["a"], "signup_date": [signup]})
    assert [one[1] for one in found] == value


def test_further_columns_become_facts_when_they_are_named():
    people = {
        "contact_id": ["a", "b"],
        "shop_system": ["  Shopify ", ""],
        "seats": [12, 7],
        "email": ["a@x.example", None],
    }
    found = told([], kind="attribute", contacts=people, attributes=["shop_system", "seats"])
    assert found == [
        ("seats", "12", {"column": "seats", "level": "12"}),
        ("shop_system", "Shopify", {"column": "shop_system", "level": "Shopify"}),
    ]
    with pytest.raises(ArgumentError, match=r"has \['email'\], which tell who a person is"):
        told([], kind="attribute", contacts=people, attributes=["email"])
    with pytest.raises(DataError, match=r"contacts lacks \['colour'\]"):
        told([], kind="attribute", contacts=people, attributes=["colour"])
    with pytest.raises(ArgumentError, match=r"attributes='seats' must be a list of columns, such as \['seats'\]"):
        told([], kind="attribute", contacts=people, attributes="seats")


def test_peers_need_twenty_contacts_and_tell_what_most_of_them_open():
    people = {"contact_id": [f"{n}" for n in range(19)] + ["a"], "industry": "retail"}
    rows = [
        {"contact_id": f"{n}", "event": event, "topic": topic, "message_id": f"{topic}{n}", "timestamp": "2026-10-01"}
        for topic, n_readers in (("SMS", 5), ("templates", 9))
        for n in range(n_readers)
        for event in ("sent", "open")
    ]
    fields = {"group": "retail", "n_peers": 20, "top_topic": "templates", "top_topic_share": 0.45}
    assert told(rows, kind="peers", contacts=people) == [("industry", "retail: templates", fields)]
    fewer = {name: values if isinstance(values, str) else values[1:] for name, values in people.items()}
    assert told(rows, kind="peers", contacts=fewer, unknown_contacts="drop") == []
