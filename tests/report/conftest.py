"""One report of the sample with all its findings, shared by the tests of its forms."""

import pytest

import segvspers as sv


@pytest.fixture(scope="module")
def outcomes(sample):
    return sv.read_outcomes(sample / "outcomes.csv")


@pytest.fixture(scope="module")
def findings(sample, outcomes):
    contacts, history = sv.read_contacts(sample / "contacts.csv"), sv.read_history(sample / "history.csv")
    facts = sv.derive_facts(contacts, history, as_of="2026-11-01")
    audience = contacts.assign(segment_id=contacts["purchase_status"].astype(str))
    campaign = sv.read_campaign(sample / "campaign.yml")
    emails = sv.write_emails(audience, facts, campaign=campaign)
    replies = sv.compare_reply_rates(outcomes, control="segment", cluster="company_id")
    return [
        sv.explode_segments(contacts, by=["industry", "company_size"]),
        emails,
        sv.audit_emails(emails, facts, contacts=contacts, campaign=campaign),
        replies,
        sv.compare_reply_rates(outcomes, control="segment", cluster="company_id", outcome="unsubscribed"),
        sv.compare_revenue(outcomes, control="segment", cluster="company_id"),
        sv.compare_by_segment(outcomes, control="segment", group="purchase_status", cluster="company_id"),
        sv.check_health(outcomes, cluster="company_id"),
        sv.estimate_roi(replies, rng=7, n_draws=20_000),
    ]


@pytest.fixture(scope="module")
def report(findings):
    return sv.build_report(*findings, title="November outreach")
