"""What is delicate is marked by topic, word or column, and does not reach a writer."""

import json

import pandas as pd
import pytest

import segvspers as sv
from segvspers.errors import ArgumentError
from segvspers.facts import Sensitive

DAY = "2026-11-01"
PEOPLE = pd.DataFrame({"contact_id": ["a", "b"], "industry": ["health", "finance"], "note": ["in debt", "fine"]})


def marks(rows, sensitive=None, **options):
    """Sensitivity by kind and topic."""
    events = pd.DataFrame([{"contact_id": "a", "timestamp": "2026-10-01", **row} for row in rows])
    facts = sv.derive_facts(PEOPLE, events, as_of=DAY, sensitive=sensitive, **options)
    return facts.set_index(["contact_id", "kind", "topic"])["sensitivity"].to_dict()


@pytest.mark.parametrize(
    ("text", "sensitivity"),
    [
        ("I was diagnosed last week and will be away", "sensitive"),
        ("Our DEBTS are under control", "sensitive"),
        ("My father passed  away", "sensitive"),
        ("We sell to healthcare and hospitality firms", "normal"),
        ("Could you do Thursday?", "normal"),
    ],
)
def test_words_in_what_a_contact_wrote_mark_the_fact(text, sensitivity):
    found = marks([{"event": "conversation", "topic": "pricing", "text": text}])
    assert found["a", "conversation", "pricing"] == sensitivity


def test_one_delicate_row_marks_the_whole_fact():
    rows = [
        {"event": "page_view", "topic": "pricing"},
        {"event": "conversation", "topic": "pricing", "text": "I am pregnant", "timestamp": "2026-08-01"},
        {"event": "conversation", "topic": "pricing", "text": "All is well", "timestamp": "2026-09-01"},
    ]
    found = marks(rows)
    assert found["a", "conversation", "pricing"] == "sensitive"
    assert found["a", "interest", "pricing"] == "normal"


def test_topics_products_and_further_columns_are_looked_at_and_industries_are_not():
    rows = [
        {"event": "page_view", "topic": "Debt"},
        {"event": "page_view", "topic": "living with diabetes"},
        {"event": "purchase", "product": "Cancer care guide"},
        {"event": "sent", "topic": "finances", "message_id": "m"},
        {"event": "open", "topic": "finances", "message_id": "m"},
    ]
    found = marks(rows, attributes=["note"])
    assert {key for key, mark in found.items() if mark == "sensitive"} == {
        ("a", "interest", "Debt"), ("a", "interest", "living with diabetes"), ("a", "purchase", "Cancer care guide"),
        ("a", "engagement", "finances"), ("a", "attribute", "note"),
    }  # fmt: skip


def test_the_list_can_be_made_longer_or_another():
    rows = [{"event": "page_view", "topic": "SMS"}, {"event": "purchase", "product": "Plan B", "amount_usd": 5}]
    longer = Sensitive().with_more(topics=["sms"], columns=["Industry", "AMOUNT_USD"])
    found = marks(rows, longer)
    assert found["a", "interest", "SMS"] == found["a", "purchase", "Plan B"] == "sensitive"
    assert found["a", "firmographic", "industry"] == "sensitive"
    assert set(marks(rows, Sensitive(topics=[], words=[], columns=[])).values()) == {"normal"}
    assert "health" in longer.topics


def test_words_of_other_languages_are_found():
    found = marks(
        [{"event": "conversation", "topic": "x", "text": "Ma SANTÉ, merci"}], Sensitive().with_more(words=["santé"])
    )
    assert found["a", "conversation", "x"] == "sensitive"


@pytest.mark.parametrize("given", ["health", ["*"], [3]])
def test_a_list_that_is_none_is_told(given):
    with pytest.raises(ArgumentError, match="sensitive: words=.* must be a list of words"):
        Sensitive(words=given)


def test_a_string_where_a_list_belongs_is_told():
    with pytest.raises(ArgumentError, match="sensitive: topics='sms' must be a list of words"):
        Sensitive().with_more(topics="sms")


def test_nothing_sensitive_reaches_a_writer_unless_the_campaign_allows_it(sample):
    contacts = sv.read_contacts(sample / "contacts.csv").head(300)
    history = sv.read_history(sample / "history.csv")
    campaign = sv.read_campaign(sample / "campaign.yml")
    marked = Sensitive().with_more(topics=["deliverability"], words=["budget"])
    facts = sv.derive_facts(contacts, history, as_of=DAY, sensitive=marked, unknown_contacts="drop")
    delicate = set(facts.loc[facts["sensitivity"] == "sensitive", "fact_id"])
    assert len(delicate) > 50

    seen = set()

    class Listener:
        name = "listener"

        def write(self, briefs):
            kept = list(briefs)
            seen.update(fact.fact_id for brief in kept for fact in brief.facts)
            return sv.OfflineWriter().write(kept)

    emails = sv.write_emails(contacts.assign(segment_id="all"), facts, campaign=campaign, writer=Listener())
    assert seen
    assert not seen & delicate
    texts = emails.loc[emails["variant"] == "individual", "sentences"].map(json.dumps)
    assert not any(fact_id in text for text in texts for fact_id in sorted(delicate)[:50])
