"""What the offline writer writes, from facts made by hand."""

import dataclasses
import re

import pytest

from segvspers.emails.offline import OfflineWriter
from segvspers.emails.offline.bank import bank_of
from segvspers.emails.offline.kinds import LENT, entry_of, filled, lent_by
from segvspers.emails.offline.slots import Reader

TYPES = ("announcement", "newsletter", "promotion", "outreach", "renewal", "re-engagement", "customer success")
BANK = bank_of(british=False, formal=False)


def text_of(draft):
    return " ".join([draft.subject.text, *(sentence.text for sentence in draft.sentences)])


def many(make_brief, *facts, n=40, **changed):
    return OfflineWriter().write([make_brief(*facts, contact_id=f"C{place}", **changed) for place in range(n)])


OTHER = {
    "answered": True, "answered_on": "2026-03-03", "asked_on": "2025-12-24", "quote": "Will it last?", "topic": "pricing",
    "opened_on": "2026-01-20", "solved_on": "2026-02-21", "status": "solved", "on": "2025-12-29", "last_on": "2026-01-23",
    "views": 5, "opened": 2, "sent": 7, "clicked": 6, "first_on": "2024-01-02", "last_event": "renewal",
    "n_purchases": 9, "product": "Plan C", "total_usd": 9.5, "outcome": "won", "trend": "falling", "usual_gap_days": 5,
    "signup_on": "2026-10-20", "plan": "Gold", "reply_class": "positive", "due_on": "2027-01-09", "years": 7,
    "amount_usd": 1.0, "page": "pricing", "days_since": 3, "last_event_": "x", "since_on": "2026-04-04", "days_left": 5,
    "n_meetings": 8, "group": "media", "top_topic": "SMS", "last_year_usd": 3.0,
}  # fmt: skip


@pytest.mark.parametrize("kind", [*sorted(set(LENT) - {"renewal", "peers"}), "renewal_due"])
def test_a_wording_changes_only_with_the_fields_that_it_declares(kind, make_brief, make_fact):
    brief = make_brief()
    reader = Reader(brief.campaign.send_on, "en_US", brief.campaign)
    fact = make_fact(kind)
    entry = entry_of(fact)
    lent = LENT[entry]
    for (place, _), wordings in BANK.entries().items():
        for wording in wordings if place == entry else ():
            slots, _ = lent_by(fact, reader)
            if not wording.slots & set(lent.slots) <= slots:
                continue
            declared = {field for name in wording.slots if name in lent.slots for field in lent.slots[name][0]}
            for field in fact.fields:
                changed = dataclasses.replace(
                    fact, fields=fact.fields | {field: OTHER.get(field)},
                    topic="pricing" if field in {"topic", "page"} and fact.kind != "milestone" else fact.topic,
                )  # fmt: skip
                if changed.fields[field] is None:
                    continue
                before, after = (filled(one, reader, wording.slots) for one in (fact, changed))
                stated = field in declared or (field == "page" and "topic" in declared)
                assert (before == after) or stated, f"{wording.key} moves with {field!r}"


@pytest.mark.parametrize("campaign_type", TYPES)
def test_every_kind_of_fact_can_open_an_email_of_every_type(campaign_type, make_brief, make_fact):
    for kind in (*sorted(set(LENT) - {"renewal", "peers"}), "renewal_due"):
        fact = make_fact(kind)
        for draft in many(make_brief, fact, n=6, type=campaign_type):
            assert "low context" not in draft.skeleton, kind
            assert any(fact.fact_id in sentence.fact_ids for sentence in draft.sentences), kind
            assert draft.sentences[-1].text
            assert not re.search(r"[{}]|None|  |\.\.|\bnan\b", text_of(draft)), text_of(draft)


def test_the_same_briefs_give_the_same_emails(make_brief, make_fact):
    facts = [make_fact("question"), make_fact("tenure"), make_fact("purchase")]
    assert many(make_brief, *facts) == many(make_brief, *facts)


def test_one_situation_is_told_in_many_ways(make_brief, make_fact):
    drafts = many(make_brief, make_fact("interest"), make_fact("tenure"), n=300)
    assert len({draft.skeleton for draft in drafts}) == 300
    assert len({draft.sentences[0].text for draft in drafts}) >= 10


def test_no_email_uses_a_turn_of_phrase_twice(make_brief, make_fact):
    facts = [make_fact(kind) for kind in ("purchase", "tenure", "cancel")] + [make_fact("engagement", topic="pricing")]
    for draft in many(make_brief, *facts, n=150):
        words = re.findall(
            r"[\w']+", " ".join(one.text for one in draft.sentences if one.role not in {"offer", "claim"}).lower()
        )
        runs = [" ".join(words[place : place + 5]) for place in range(len(words) - 4)]
        assert len(runs) == len(set(runs)), [run for run in runs if runs.count(run) > 1]


def test_a_company_is_named_once_in_the_body(make_brief, make_fact):
    for draft in many(make_brief, make_fact("question"), make_fact("tenure"), make_fact("engagement", topic="pricing")):
        assert sum(one.text.count("Pine Labs") for one in draft.sentences) <= 1


def test_without_a_company_nothing_speaks_of_one(make_brief, make_fact):
    for draft in many(make_brief, make_fact("question"), make_fact("tenure"), company="", n=80):
        assert "company" not in text_of(draft)
        assert not re.search(r"(?:For|at|offer|about) ,|for\.", text_of(draft))


@pytest.mark.parametrize("longest", [30, 60, 90, 150])
def test_an_email_keeps_to_the_length_of_its_campaign(longest, make_brief, make_fact):
    facts = [make_fact(kind) for kind in ("question", "tenure", "purchase")] + [
        make_fact("engagement", topic="pricing")
    ]
    drafts = many(make_brief, *facts, max_words=longest, offer="a short call", n=60)
    lengths = [sum(len(one.text.split()) for one in draft.sentences) for draft in drafts]
    assert max(lengths) <= max(longest, 52)
    if longest >= 150:
        assert sum(lengths) / len(lengths) > 70


def test_the_tone_and_the_english_are_the_campaigns_and_the_readers(make_brief, make_fact):
    facts = [make_fact("cancel"), make_fact("tenure"), make_fact("engagement", topic="pricing")]
    formal = " ".join(map(text_of, many(make_brief, *facts, tone="formal", claims={}, n=80)))
    assert not re.findall(r"\b\w+'(?:ve|re|ll|d|m|t)\b", formal)
    british = " ".join(map(text_of, many(make_brief, *facts, locale="en_GB", n=80)))
    american = " ".join(map(text_of, many(make_brief, *facts, n=80)))
    assert "cancelled" in british
    assert "canceled" not in british.replace("cancelled", "")
    assert "canceled" in american
    due = make_fact("renewal_due")
    assert "8 December" in " ".join(map(text_of, many(make_brief, due, locale="en_AU")))
    assert "December 8" in " ".join(map(text_of, many(make_brief, due)))


def test_nothing_to_say_gives_a_short_honest_email_that_is_marked(make_brief):
    (draft,) = OfflineWriter().write([make_brief()])
    assert draft.notes == ("low_context",)
    assert not any(sentence.fact_ids for sentence in draft.sentences)
    assert sum(len(sentence.text.split()) for sentence in draft.sentences) < 60
    assert draft.sentences[-1].text == make_brief().campaign.asked


def test_an_unanswered_question_is_never_said_to_be_answered(make_brief, make_fact):
    for draft in many(make_brief, make_fact("question"), n=120):
        assert not re.search(r"our answer (?:was|did|held|settle)|[Ww]e answered", text_of(draft))
    for draft in many(make_brief, make_fact("question", answered=True, answered_on="2026-10-07"), n=120):
        assert not re.search(r"never got|haven't answered|unanswered|owe you|nobody", text_of(draft))


def test_a_quote_stands_as_it_was_written_or_not_at_all(make_brief, make_fact):
    told = "Can you explain the the price?"
    for draft in many(make_brief, make_fact("question", quote=told), make_fact("tenure"), n=60):
        assert "“" not in text_of(draft)
    quoted = [text_of(draft) for draft in many(make_brief, make_fact("question"), n=60)]
    assert any("“Can we do it?”" in text for text in quoted)


def test_a_product_named_twice_is_it_the_second_time_and_a_month_is_named_once(make_brief, make_fact):
    bought, ended = make_fact("purchase", product="Plan A"), make_fact("cancel", on="2026-09-01")
    drafts = many(make_brief, make_fact("question"), bought, ended, n=60)
    assert any("bought Plan A in May and canceled it in September" in text_of(draft) for draft in drafts)
    same = many(make_brief, make_fact("question"), bought, make_fact("tenure", signup_on="2026-05-02"), n=60)
    assert any("in May and bought Plan A the same month" in text_of(draft) for draft in same)


@pytest.mark.parametrize(
    ("product", "told"),
    [("SMS add-on", "an SMS add-on"), ("Onboarding session", "an onboarding session"), ("Plan B", "Plan B"),
     ("Dedicated IP", "a Dedicated IP"), ("Merino socks", "Merino socks"), ("Trail Runner 3", "Trail Runner 3"),
     ("rain jacket", "a rain jacket")],
)  # fmt: skip
def test_products_are_spoken_of_as_a_person_would(product, told, make_brief, make_fact):
    drafts = many(make_brief, make_fact("purchase", product=product), n=40)
    assert any(f"bought {told} in May" in text_of(draft) for draft in drafts)
