"""The README shows what the tool writes."""

import segvspers as sv
from conftest import ROOT


def test_the_two_emails_of_the_readme_are_those_that_the_tool_writes(sample):
    contacts, history = sv.read_contacts(sample / "contacts.csv"), sv.read_history(sample / "history.csv")
    facts = sv.derive_facts(contacts, history, as_of="2026-11-01")
    segmentation = sv.fit_segments(contacts, history, n_segments="auto", rng=7)
    campaign = sv.read_campaign(sample / "campaign.yml")
    emails = sv.write_emails(segmentation.assign(contacts), facts, campaign=campaign)
    page = (ROOT / "README.md").read_text()
    for row in emails[emails["contact_id"] == "C00042"].itertuples():
        assert row.subject in page, row.variant
        for paragraph in row.body_text.split("\n\n--\n")[0].split("\n\n"):
            assert paragraph in page, row.variant
