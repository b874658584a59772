"""Facts and briefs made by hand, for a writer that needs no list."""

import pytest

from segvspers.emails.brief import Brief, Fact

FIELDS = {
    "question": {"answered": False, "answered_on": None, "asked_on": "2026-10-05", "quote": "Can we do it?", "topic": "SMS"},
    "ticket": {"opened_on": "2026-09-02", "solved_on": None, "status": "open", "topic": "SMS"},
    "conversation": {"on": "2026-06-15", "quote": "We moved in June.", "topic": "SMS"},
    "interest": {"last_on": "2026-10-11", "page": "SMS", "views": 2},
    "engagement": {"clicked": 1, "last_on": "2026-08-18", "opened": 3, "sent": 3, "since_on": "2025-07-18", "topic": "SMS"},
    "clicks": {"clicked": 2, "last_on": "2026-08-18", "sent": 3, "since_on": "2025-07-18", "topic": "SMS"},
    "purchase": {"amount_usd": 480.0, "first_on": "2026-05-12", "last_event": "purchase", "last_on": "2026-05-12",
                 "n_purchases": 1, "product": "SMS add-on", "total_usd": 480.0},
    "cancel": {"on": "2026-02-11", "product": "Plan A"},
    "deal": {"amount_usd": 100.0, "on": "2026-04-12", "outcome": "lost", "product": "Plan B"},
    "spending": {"first_on": "2025-06-05", "last_on": "2026-06-05", "n_purchases": 3, "total_usd": 1656.0,
                 "trend": "growing", "usual_gap_days": 183},
    "meeting": {"n_meetings": 1, "on": "2026-06-02", "topic": "SMS"},
    "tenure": {"signup_on": "2025-03-16"},
    "plan": {"plan": "Plan B"},
    "reply": {"on": "2026-09-09", "reply_class": "neutral", "topic": None},
    "silence": {"days_since": 167, "last_event": "click", "last_on": "2026-05-18"},
    "renewal_due": {"days_left": 37, "due_on": "2026-12-08", "plan": "Plan A"},
    "anniversary": {"on": "2026-10-20", "years": 2},
}  # fmt: skip


@pytest.fixture(scope="session")
def make_fact():
    def make(kind, *, topic=None, salience=0.5, **changed):
        fields = FIELDS[kind] | changed
        milestone = kind in {"renewal_due", "anniversary"}
        about = kind if milestone else topic or fields.get("topic") or fields.get("page") or fields.get("product") or ""
        return Fact(f"{kind}-{about}", "milestone" if milestone else kind, about, "", fields, 5.0, salience)

    return make


@pytest.fixture(scope="session")
def make_brief(campaign):
    def make(*facts, contact_id="C1", first_name="Ada", company="Pine Labs", locale="en_US", topic="", **changed):
        given = campaign.model_copy(update=changed)
        return Brief(contact_id, given, facts, first_name, company, "", locale, topic=topic)

    return make
