"""Which fact opens an email and which follow."""

import pytest

from segvspers.emails.offline.content import select
from segvspers.emails.offline.slots import Reader


def chosen(brief):
    return select(brief, Reader(brief.campaign.send_on, brief.locale, brief.campaign))


@pytest.mark.parametrize(
    ("kinds", "lead"),
    [
        (["tenure", "engagement", "question"], "question"),
        (["question", "ticket", "renewal_due"], "ticket"),
        (["renewal_due", "purchase", "engagement"], "renewal_due"),
        (["tenure", "engagement"], "engagement"),
        (["tenure", "silence"], "tenure"),
        (["plan"], "plan"),
    ],
)
def test_what_is_open_comes_first_then_what_is_due_then_what_is_telling(kinds, lead, make_brief, make_fact):
    salience = {"ticket": 0.9, "question": 0.8, "tenure": 0.4, "silence": 0.3}
    content = chosen(make_brief(*(make_fact(kind, salience=salience.get(kind, 0.5)) for kind in kinds)))
    assert content.lead.fact_id.startswith(lead)


def test_each_type_of_campaign_opens_on_what_fits_it(make_brief, make_fact):
    facts = (
        make_fact("interest", salience=0.45),
        make_fact("purchase", salience=0.4),
        make_fact("cancel", salience=0.35),
    )
    leads = {
        kind: chosen(make_brief(*facts, type=kind)).lead.kind
        for kind in ("outreach", "promotion", "customer success", "re-engagement", "renewal")
    }
    assert leads == {
        "outreach": "interest", "promotion": "purchase", "customer success": "purchase", "re-engagement": "cancel",
        "renewal": "purchase",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("fact", "why"),
    [
        (("question", {"asked_on": "2025-05-01"}), "too long ago"),
        (("ticket", {"opened_on": "2024-01-01"}), "too long ago"),
        (("renewal_due", {"due_on": "2026-11-01"}), "over when the email is sent"),
        (("reply", {"reply_class": "negative"}), "no reply to come back to"),
        (("engagement", {"opened": 1, "sent": 4}), "too little"),
        (("purchase", {"product": "<b>Plan</b>"}), "not fit to be printed"),
        (("interest", {"topic": "{{7*7}}"}), "not fit to be printed"),
    ],
)
def test_a_fact_that_is_no_reason_to_write_does_not_open_an_email(fact, why, make_brief, make_fact):
    kind, changed = fact
    topic = changed.pop("topic", None)
    assert chosen(make_brief(make_fact(kind, topic=topic, **changed))) is None, why


def test_a_fact_is_said_once_and_open_matters_never_in_passing(make_brief, make_fact):
    facts = [make_fact(kind) for kind in ("ticket", "question", "engagement", "tenure", "purchase", "plan", "interest")]
    facts.append(make_fact("engagement", topic="pricing", salience=0.4))
    content = chosen(make_brief(*facts))
    said = [content.lead, *content.history, *content.interests]
    assert len({fact.fact_id for fact in said}) == len(said)
    assert content.lead.kind == "ticket"
    assert "question" not in {fact.kind for fact in content.interests}
    assert [fact.kind for fact in content.history] == ["tenure", "purchase"]
    assert [fact.topic for fact in content.interests] == ["pricing"]


def test_the_claim_is_on_the_leads_topic_then_on_that_of_an_interest_then_on_the_briefs(make_brief, make_fact):
    question, pricing = make_fact("question"), make_fact("engagement", topic="pricing")
    assert chosen(make_brief(question, pricing)).topic == "SMS"
    assert chosen(make_brief(make_fact("purchase"), pricing)).topic == "pricing"
    assert chosen(make_brief(make_fact("purchase"), topic="analytics")).topic == "analytics"
    assert chosen(make_brief(make_fact("purchase"))).topic == ""


@pytest.mark.parametrize(
    ("fact", "due"),
    [
        (("purchase", {"first_on": "2026-04-01", "last_on": "2026-09-30", "n_purchases": 7}), True),
        (("purchase", {"first_on": "2026-04-01", "last_on": "2026-10-30", "n_purchases": 7}), False),
        (("purchase", {"first_on": "2026-04-01", "last_on": "2026-09-30", "n_purchases": 2}), False),
        (("spending", {"last_on": "2026-09-01", "usual_gap_days": 60}), True),
        (("spending", {"last_on": "2026-09-01", "usual_gap_days": 200}), False),
    ],
)
def test_an_order_is_due_by_the_usual_days_between_orders(fact, due, make_brief, make_fact):
    kind, changed = fact
    rival = make_fact("interest", salience=0.9)
    content = chosen(make_brief(make_fact(kind, **changed), rival))
    assert (content.lead.kind == kind) is due
