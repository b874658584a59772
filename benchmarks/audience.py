"""Bits and audience of 100,000 emails on a list of a million contacts: CPU and peak memory, beside the same in SQL.

    python benchmarks/audience.py                      100,000 emails, 1,000,000 contacts
    python benchmarks/audience.py 5000 50000           a smaller run

Each contact has eight facts of 40,000 statements of Zipf's popularity; each email cites one to five facts of one contact. A sample of
the answers is counted again by DuckDB, which is the peer: the share of emails whose count agrees, and its time for as many.
"""

from __future__ import annotations

import resource
import sys
import time

import duckdb
import numpy as np
import pandas as pd

from segvspers.emails.audience import AudienceIndex, bits_of

N_STATEMENTS, N_FACTS, N_PEER = 40_000, 8, 200


def made(n_contacts, n_emails, *, seed=5):
    """Return the statement and the contact of each fact, sorted by contact, and the statements that each email cites."""
    rng = np.random.default_rng(seed)
    popularity = 1 / np.arange(1, N_STATEMENTS + 1) ** 0.8
    drawn = rng.choice(N_STATEMENTS, (n_contacts, N_FACTS), p=popularity / popularity.sum()).astype(np.int32)
    contacts = np.repeat(np.arange(n_contacts, dtype=np.int32), N_FACTS)
    facts = pd.DataFrame({"statement": drawn.ravel(), "contact": contacts}).drop_duplicates()
    chosen = rng.integers(0, n_contacts, n_emails)
    cited = [rng.choice(drawn[one], int(rng.integers(1, 6)), replace=False).tolist() for one in chosen]
    return facts, cited


def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def by_sql(facts, cited, n_contacts):
    """Count the contacts who have all statements of each email, in one query."""
    connection = duckdb.connect()
    connection.execute("SET threads = 1")
    connection.register("known", facts)
    asked = pd.DataFrame(
        [(place, code) for place, codes in enumerate(cited) for code in set(codes)], columns=["email", "statement"]
    )
    connection.register("asked", asked)
    start = time.process_time()
    counts = connection.execute(
        "SELECT email, count(*) AS n FROM (SELECT email, contact FROM asked JOIN known USING (statement) GROUP BY email, contact "
        "HAVING count(*) = (SELECT count(*) FROM asked a WHERE a.email = asked.email)) GROUP BY email"
    ).df()
    return counts.set_index("email")["n"], time.process_time() - start


def main():
    n_emails, n_contacts = (int(told) for told in sys.argv[1:3]) if len(sys.argv) > 2 else (100_000, 1_000_000)
    facts, cited = made(n_contacts, n_emails)
    statements, contacts = facts["statement"].to_numpy(), facts["contact"].to_numpy()
    before, start = peak(), time.process_time()
    index = AudienceIndex.of(statements, contacts, n_contacts)
    built = time.process_time() - start
    start = time.process_time()
    sizes = index.sizes(cited)
    bits = bits_of(sizes, n_contacts)
    spent = time.process_time() - start
    print(f"index of {len(facts):,} facts of {n_contacts:,} contacts: {built:.2f} CPU s")
    each = f"{1e6 * spent / n_emails:.0f} microseconds each"
    print(f"audience and bits of {n_emails:,} emails: {spent:.2f} CPU s, {each}, median {np.median(bits):.1f} bits")
    print(
        f"peak memory {peak():,.0f} MiB (before {before:,.0f}); the index holds {(index.starts.nbytes + index.contacts.nbytes) / 2**20:,.0f} MiB"
    )
    counts, sql = by_sql(facts, cited[:N_PEER], n_contacts)
    agree = np.mean([counts.get(place, 0) == sizes[place] for place in range(N_PEER)])
    ours = spent / n_emails * N_PEER
    print(
        f"DuckDB, {N_PEER} of the emails: {sql:.2f} CPU s, {agree:.1%} of counts agree; ratio to ours {sql / ours:,.0f}"
    )


if __name__ == "__main__":
    main()
