"""Sixty contacts of the sample, their emails, the audit and the approval: small, so that every form is quick to write."""

import pytest

import segvspers as sv


@pytest.fixture(scope="session")
def people(contacts):
    some = contacts.head(60)
    return some.assign(segment_id=some["purchase_status"].astype(str))


@pytest.fixture(scope="session")
def known(sample, people):
    history = sv.read_history(sample / "history.csv")
    return sv.derive_facts(people, history[history["contact_id"].isin(people["contact_id"])], as_of="2026-11-01")


@pytest.fixture(scope="session")
def drafts(people, known, campaign):
    return sv.write_emails(people, known, campaign=campaign)


@pytest.fixture(scope="session")
def audit(drafts, known, people, campaign):
    return sv.audit_emails(drafts, known, contacts=people, campaign=campaign)


@pytest.fixture(scope="session")
def approved(drafts, audit, people):
    return sv.approve_emails(drafts, audit=audit, approver="MS", contacts=people, at="2026-11-02 09:00")
