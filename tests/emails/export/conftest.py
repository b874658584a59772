"""Sixty contacts of the sample, their emails, the audit and the approval: small, so that every form is quick to write."""

import pandas as pd
import pytest

import segvspers as sv
from segvspers.emails.audit import EmailAudit
from segvspers.emails.body import body_text
from segvspers.emails.brief import Sentence
from segvspers.emails.digest import text_digests


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


def stamped(emails):
    """Write the state of an approval into any table, as somebody might who goes around `approve_emails`."""
    digests = text_digests(emails, also=("step",))
    return emails.assign(
        approved_at=pd.Timestamp("2026-11-02", tz="UTC"), approved_by="MS", approval_digest=digests, not_approved=""
    )


@pytest.fixture(scope="session")
def stamp():
    return stamped


@pytest.fixture(scope="session")
def passing():
    """Make the audit of any emails that found nothing."""

    def make(emails):
        none = pd.DataFrame({"email_id": [], "variant": [], "check": [], "severity": [], "span": []})
        return EmailAudit(len(emails), len(emails), none, pd.DataFrame(), frozenset(text_digests(emails)))

    return make


@pytest.fixture(scope="session")
def letters(campaign):
    """Make emails and contacts of any texts, one a contact, stamped as approved."""

    def make(paragraphs, *, subjects=None, steps=1, **columns):
        n = len(paragraphs)
        subjects = subjects or [f"Subject {place}" for place in range(n)]
        contacts = pd.DataFrame({"contact_id": [f"C{place:05d}" for place in range(n)]})
        contacts["email"] = contacts["contact_id"].str.lower() + "@list.example"
        contacts = contacts.assign(first_name="Ada", last_name="Byron", company="Mill", **columns)
        emails = pd.concat(
            [
                pd.DataFrame({
                    "email_id": [f"x-{step}-{one}" for one in contacts["contact_id"]], "contact_id": contacts["contact_id"],
                    "variant": "individual", "segment_id": "all", "status": "ready", "step": step, "subject": subjects,
                    "body_text": [body_text([Sentence(text, "body")], greeting="Ada", campaign=campaign) for text in paragraphs],
                })
                for step in range(1, steps + 1)
            ],
            ignore_index=True,
        )  # fmt: skip
        emails.attrs["campaign"] = campaign.model_dump(mode="json")
        return stamped(emails), contacts

    return make
