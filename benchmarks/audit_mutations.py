"""How many wrong emails the audit finds: one thing is changed in each of our own, and what was not changed must pass.

    python benchmarks/audit_mutations.py            5,000 contacts, every one with an individual email
    python benchmarks/audit_mutations.py --missed   prints what was not found as well

Three campaigns are written: the sample's outreach, a renewal that may name every kind of fact, and one that tells amounts.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))

import segvspers as sv  # noqa: E402
from mutants import mutants_of  # noqa: E402

KINDS = ("date", "amount", "count", "product", "company", "name", "status")
EVERY = ("question", "ticket", "purchase", "tenure", "conversation", "reply", "milestone", "meeting", "deal", "spending", "cancel",
         "engagement", "clicks", "interest", "plan", "silence")  # fmt: skip


def main():
    folder = ROOT / "data" / "sample"
    contacts = sv.read_contacts(folder / "contacts.csv")
    facts = sv.derive_facts(contacts, sv.read_history(folder / "history.csv"), as_of="2026-11-01")
    audience = contacts.assign(segment_id="all", suppressed=False, consent=True)
    sample = sv.read_campaign(folder / "campaign.yml")
    renewal = sample.model_copy(update={"type": "renewal", "may_mention": EVERY, "max_words": 220, "tone": "friendly"})
    total = {kind: [0, 0] for kind in KINDS}
    alarms = [0, 0]
    money = renewal.model_copy(update={"may_mention": ("spending", "question", "engagement", "ticket")})
    for campaign in (sample, renewal, money):
        forced = campaign.model_copy(update={"min_bits": 0.0})
        emails = sv.write_emails(audience, facts, campaign=forced, variants=["individual"])
        refused = int((emails["status"] == "fell_back").sum())  # by the audit, as it was written
        emails = emails[emails["writer"] == "offline"]
        start = time.process_time()
        clean = sv.audit_emails(emails, facts, contacts=contacts, campaign=forced)
        spent = time.process_time() - start
        alarms = [alarms[0] + refused + clean.n_emails - clean.n_passed, alarms[1] + refused + clean.n_emails]
        wrong = refused + clean.n_emails - clean.n_passed
        print(
            f"{forced.type}: {clean.n_emails:,} emails, {wrong} false alarms, {1e3 * spent / len(emails):.2f} ms CPU each"
        )
        for kind in KINDS:
            mutants, said = mutants_of(kind, emails, contacts, sample.products, rng=7)
            if not len(mutants):
                continue
            audit = sv.audit_emails(mutants.drop(columns="body_html"), facts, contacts=contacts, campaign=forced)
            total[kind] = [total[kind][0] + audit.n_emails - audit.n_passed, total[kind][1] + audit.n_emails]
            if "--missed" in sys.argv:
                show_missed(audit, mutants, said)
    print(f"{'changed':<10}{'mutants':>9}{'found':>9}{'share':>9}")
    for kind, (found, of) in total.items():
        print(f"{kind:<10}{of:>9,}{found:>9,}{found / max(of, 1):>9.2%}")
    found, of = (sum(pair[place] for pair in total.values()) for place in (0, 1))
    print(f"{'all':<10}{of:>9,}{found:>9,}{found / of:>9.2%}")
    print(f"false alarms: {alarms[0]} of {alarms[1]:,} unchanged emails ({alarms[0] / alarms[1]:.2%})")


def show_missed(audit, mutants, said):
    failed = set(audit.findings.loc[audit.findings["severity"] == "fail", "email_id"])
    missed = [pair for email, pair in zip(mutants["email_id"], said, strict=True) if email not in failed]
    for old, new in missed[:12]:
        print(f"   - {old}\n   + {new}")


if __name__ == "__main__":
    main()
