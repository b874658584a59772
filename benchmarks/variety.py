"""How varied 5,000 individual emails are when every contact gets one, whatever is known of them.

    python benchmarks/variety.py

A masked twin is an email that equals another one once names, numbers and dates are masked. Printed are the share of them, the
most common frame, the audit, the grammar lint, and what the twins know of their readers.
"""

from __future__ import annotations

from pathlib import Path

import segvspers as sv
from segvspers.emails.audit import mask

FOLDER = Path(__file__).resolve().parents[1] / "data" / "sample"


def main():
    contacts = sv.read_contacts(FOLDER / "contacts.csv")
    facts = sv.derive_facts(contacts, sv.read_history(FOLDER / "history.csv"), as_of="2026-11-01")
    campaign = sv.read_campaign(FOLDER / "campaign.yml").model_copy(update={"min_bits": 0.0})
    audience = contacts.assign(segment_id="all", suppressed=False, consent=True)
    emails = sv.write_emails(audience, facts, campaign=campaign, variants=["individual"])
    masked = [mask(text, names) for text, names in zip(emails["body_text"], emails["identity"], strict=True)]
    told = emails.assign(
        masked=masked,
        n_facts=[len({fact for one in sentences for fact in one["fact_ids"]}) for sentences in emails["sentences"]],
    )
    told["twin"] = told["masked"].duplicated(keep=False)
    print(f"{len(told):,} individual emails, {(told['status'] == 'fell_back').sum()} fell back")
    print(
        f"masked twins: {told['twin'].mean():.2%}; most common frame: {told['masked'].value_counts().iloc[0] / len(told):.3%}"
    )
    audit = sv.audit_emails(emails, facts, contacts=contacts, campaign=campaign)
    print(f"audit: {audit.n_passed:,} of {audit.n_emails:,} pass, {len(audit.findings)} findings of any kind")
    print(f"grammar lint: {len(sv.lint_emails(emails))} hits")
    print(
        told.groupby("n_facts")["twin"]
        .agg(emails="size", twins="sum", share="mean")
        .to_string(float_format="{:.2%}".format)
    )
    for similar in (False, True):
        print(sv.find_near_duplicates(emails, masked=similar).summary())


if __name__ == "__main__":
    main()
