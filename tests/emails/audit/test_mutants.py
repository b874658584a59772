"""One thing changed in each of our own emails is found, and what was not changed passes.

`benchmarks/audit_mutations.py` prints the table for every contact and three campaigns.
"""

import pandas as pd
import pytest

import segvspers as sv
from mutants import mutants_of


@pytest.fixture(scope="module")
def renewal(campaign):
    told = ("question", "ticket", "spending", "engagement")  # amounts are told where no single purchase is
    return campaign.model_copy(update={"type": "renewal", "min_bits": 0.0, "max_words": 220, "may_mention": told})


@pytest.fixture(scope="module")
def written(audience, facts, campaign, renewal):
    some = audience.iloc[::10].assign(suppressed=False, consent=True)
    forced = campaign.model_copy(update={"min_bits": 0.0})
    return [(one, sv.write_emails(some, facts, campaign=one, variants=["individual"])) for one in (forced, renewal)]


def test_no_email_of_our_own_is_refused_or_warned_of(written, facts, contacts):
    for campaign, emails in written:
        assert not (emails["status"] == "fell_back").any()
        assert sv.audit_emails(emails, facts, contacts=contacts, campaign=campaign).findings.empty


@pytest.mark.parametrize("kind", ["date", "amount", "count", "product", "company", "name", "status"])
def test_a_change_of_any_kind_is_found(kind, written, facts, contacts, campaign):
    n_failed = n_mutants = 0
    for own, emails in written[1:] if kind == "amount" else written[:1]:
        mutants, _ = mutants_of(kind, emails, contacts, campaign.products, rng=11)
        if len(mutants):
            audit = sv.audit_emails(mutants.drop(columns="body_html"), facts, contacts=contacts, campaign=own)
            n_failed, n_mutants = n_failed + audit.n_emails - audit.n_passed, n_mutants + audit.n_emails
    assert n_mutants > (5 if kind == "amount" else 50)
    assert n_failed >= 0.98 * n_mutants


def test_a_fact_that_changed_since_makes_the_email_wrong(written, facts, contacts):
    campaign, emails = written[0]
    open_tickets = emails[emails["body_text"].str.contains("is still open|has not been solved|is not solved yet")]
    changed = facts.assign(fields=facts["fields"].str.replace('"status":"open"', '"status":"solved"'))
    audit = sv.audit_emails(open_tickets, changed, contacts=contacts, campaign=campaign)
    assert len(open_tickets) > 3
    assert audit.n_passed == 0


def test_the_order_of_the_emails_changes_no_finding(written, facts, contacts, campaign):
    own, emails = written[0]
    mutants, _ = mutants_of("date", emails.head(60), contacts, campaign.products, rng=3)
    mutants = mutants.drop(columns="body_html")
    found = [
        sv.audit_emails(one, facts, contacts=contacts, campaign=own).findings.sort_values(
            ["email_id", "part", "start"], ignore_index=True
        )
        for one in (mutants, mutants.iloc[::-1])
    ]
    pd.testing.assert_frame_equal(*found)
