"""The sample's campaign, contacts, facts and emails, made once."""

import pytest

import segvspers as sv


@pytest.fixture(scope="session")
def campaign(sample):
    return sv.read_campaign(sample / "campaign.yml")


@pytest.fixture(scope="session")
def contacts(sample):
    return sv.read_contacts(sample / "contacts.csv")


@pytest.fixture(scope="session")
def facts(sample, contacts):
    return sv.derive_facts(contacts, sv.read_history(sample / "history.csv"), as_of="2026-11-01")


@pytest.fixture(scope="session")
def audience(contacts):
    return contacts.assign(
        segment_id=contacts["purchase_status"].astype(str) + "-" + contacts["engagement_level"].astype(str)
    )


@pytest.fixture(scope="session")
def emails(audience, facts, campaign):
    return sv.write_emails(audience, facts, campaign=campaign, variants=["segment", "individual"])
