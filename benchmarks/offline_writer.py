"""CPU of the offline writer per email, with and without the audit, and its memory when a long list is streamed.

    python benchmarks/offline_writer.py                 5,000 emails in memory
    python benchmarks/offline_writer.py 100000 1000000  lists of these lengths, Parquet to Parquet, one process each

The peer is a jinja2 mail merge of one template: the floor of any writer. Lists are copies of the sample under new ids.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb
import jinja2
import pandas as pd

import segvspers as sv
from segvspers.emails.briefs import make_briefs, people_of

FOLDER = Path(__file__).resolve().parents[1] / "data" / "sample"
PEER = "Hi {{ first_name }},\n\nYou signed up in {{ month }}. For {{ company }}, we have an offer.\n\nBest,\nMaya"


def timed(what, n, work):
    start = time.process_time()
    made = work()
    spent = time.process_time() - start
    print(f"{what:<46}{spent:8.2f} CPU s{1000 * spent / n:9.3f} ms an email")
    return made, spent / n


def sample():
    contacts = sv.read_contacts(FOLDER / "contacts.csv")
    facts = sv.derive_facts(contacts, sv.read_history(FOLDER / "history.csv"), as_of="2026-11-01")
    return contacts.assign(segment_id=contacts["purchase_status"].astype(str)), facts


def in_memory():
    audience, facts = sample()
    campaign = sv.read_campaign(FOLDER / "campaign.yml").model_copy(update={"min_bits": 0.0})
    briefs = make_briefs(people_of(audience, campaign=campaign), facts, campaign=campaign)
    writer = sv.OfflineWriter()
    writer.write(briefs[:100])
    _, own = timed("OfflineWriter.write", len(briefs), lambda: writer.write(briefs))
    peer = jinja2.Template(PEER)
    rows = [{"first_name": one.first_name, "month": "May", "company": one.company} for one in briefs]
    _, floor = timed("jinja2 mail merge (peer)", len(rows), lambda: [peer.render(**row) for row in rows])
    print(f"{'ratio to the mail merge':<46}{own / floor:8.1f}")
    emails, _ = timed(
        "write_emails, individual, audit and bits", len(briefs),
        lambda: sv.write_emails(audience, facts, campaign=campaign, variants=["individual"]),
    )  # fmt: skip
    timed("audit_emails alone", len(emails), lambda: sv.audit_emails(emails, facts, campaign=campaign))
    timed("lint_emails alone", len(emails), lambda: sv.lint_emails(emails))


def copied(n_contacts, folder):
    """Write a list of `n_contacts` and its facts: the sample again and again under new ids."""
    audience, facts = sample()
    plain = audience[
        ["contact_id", "first_name", "last_name", "company", "locale", "consent", "suppressed", "purchase_status"]
    ]
    plain = plain.assign(purchase_status=plain["purchase_status"].astype(object), segment_id=audience["segment_id"])
    connection = duckdb.connect()
    connection.execute("SET threads = 1; SET memory_limit = '1GB'")
    connection.register("people", pd.DataFrame(plain))
    connection.register("known", facts)
    times = -(-n_contacts // len(audience))
    again = f"range({times}) r(copy)"
    connection.execute(
        f"COPY (SELECT * REPLACE (contact_id || '-' || copy AS contact_id) FROM people, {again}) "
        f"TO '{folder}/contacts.parquet' (FORMAT parquet)"
    )
    connection.execute(
        f"COPY (SELECT * REPLACE (contact_id || '-' || copy AS contact_id, fact_id || '-' || copy AS fact_id) "
        f"FROM known, {again}) TO '{folder}/facts.parquet' (FORMAT parquet)"
    )
    connection.close()
    return times * len(audience)


def streamed(folder, n_contacts):
    campaign = sv.read_campaign(FOLDER / "campaign.yml")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    start, clock = time.process_time(), time.perf_counter()
    told = sv.write_emails(
        f"{folder}/contacts.parquet", f"{folder}/facts.parquet", campaign=campaign, variants=["individual"],
        to=f"{folder}/emails.parquet",
    )  # fmt: skip
    spent, peak = time.process_time() - start, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    size = (Path(folder) / "emails.parquet").stat().st_size / 2**20
    print(
        f"{n_contacts:>9,} contacts: {spent:8.1f} CPU s ({time.perf_counter() - clock:.0f} s), {1000 * spent / n_contacts:.3f} ms "
        f"a contact, peak {peak:,.0f} MiB (before {before:,.0f}), file {size:,.0f} MiB\n           {told}"
    )


if __name__ == "__main__":
    if sys.argv[1:2] == ["stream"]:
        streamed(sys.argv[2], int(sys.argv[3]))
    elif len(sys.argv) == 1:
        in_memory()
    else:
        for given in sys.argv[1:]:
            with tempfile.TemporaryDirectory(prefix="offline-writer-") as place:
                n_copied = copied(int(given), place)
                subprocess.run([sys.executable, __file__, "stream", place, str(n_copied)], check=True)
