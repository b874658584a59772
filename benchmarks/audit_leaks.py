"""Other contacts' names in 5,000 emails, looked up over a list of a million contacts: CPU and memory.

    python benchmarks/audit_leaks.py                 1,000,000 contacts
    python benchmarks/audit_leaks.py 100000          a shorter list

The peer is a Python set of all names and a look-up of every run of words in it. Names are drawn; 200 emails name another contact.
"""

from __future__ import annotations

import re
import resource
import sys
import time

import numpy as np
import pandas as pd

from segvspers.emails.audit.leaks import Text, find_leaks
from segvspers.emails.audit.listed import LONGEST, Listed

N_EMAILS, N_PLANTED = 5_000, 200
HEADS = "ba ce di fo gu ha je ki lo mu na pe ri so tu va we xi yo zu"
TAILS = "ban cor del fin gor lan mer nix per sol tan vik wen zor"


def drawn(n, *, seed=3):
    """Return contacts with drawn names and companies."""
    rng = np.random.default_rng(seed)
    heads, tails = HEADS.split(), TAILS.split()
    parts = np.array([f"{head}{tail}".title() for head in heads for tail in tails])
    kinds = np.array(["Press", "Mills", "Studio", "& Sons", "Logistics", "Care", "Foods", "Labs"])

    def names(count):
        return np.char.add(parts[rng.integers(0, len(parts), count)], parts[rng.integers(0, len(parts), count)])

    company = np.char.add(np.char.add(names(n), " "), kinds[rng.integers(0, len(kinds), n)])
    told = {"contact_id": np.arange(n).astype(str), "first_name": names(n), "last_name": names(n), "company": company}
    return pd.DataFrame(told | {"email": [f"a{place}@list.example" for place in range(n)]})


def written(contacts):
    """Return emails, of which the first name another contact each."""
    rng = np.random.default_rng(8)
    said = (
        "Last month you asked us about Deliverability, and our answer to {own} may help. {more}Would Thursday suit you for a call? "
        * 3
    )
    texts = []
    for place, (company, first) in enumerate(zip(contacts["company"], contacts["first_name"], strict=True)):
        if place == N_EMAILS:
            break
        other = contacts.iloc[int(rng.integers(N_EMAILS, len(contacts)))]
        named = other["company"] if place % 2 else f"{other['first_name']} {other['last_name']}"
        more = f"We did the same for {named} in May. " if place < N_PLANTED else ""
        texts.append(Text(place, "body", said.format(own=company, more=more), str(place), (company, first)))
    return texts


def by_set(texts, contacts):
    known = set(contacts["company"].str.lower()) | set(
        (contacts["first_name"] + " " + contacts["last_name"]).str.lower()
    )
    start, found = time.process_time(), set()
    for told in texts:
        words = re.findall(r"[^\W_]+|&", told.text.lower())
        own = {name.lower() for name in told.allowed}
        runs = (" ".join(words[low : low + n]) for low in range(len(words)) for n in range(1, LONGEST + 1))
        if any(run in known and run not in own for run in runs):
            found.add(told.email)
    return found, time.process_time() - start


def main():
    contacts = drawn(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
    texts = written(contacts)
    before, start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, time.process_time()
    listed = Listed.of(contacts)
    built = time.process_time() - start
    size = sum(getattr(listed, name).nbytes for name in ("companies", "people", "addresses", "phones", "owned")) / 2**20
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"list of {len(contacts):,} contacts: {built:.1f} CPU s once, {size:.0f} MiB held, peak {peak:,.0f} MiB (before {before:,.0f})"
    )
    start = time.process_time()
    found = {place for place, _ in find_leaks(texts, listed, familiar=frozenset())}
    spent = time.process_time() - start
    print(
        f"{len(texts):,} emails: {spent:.2f} CPU s, {1e3 * spent / len(texts):.2f} ms each; {len(found)} leaks found of {N_PLANTED} planted"
    )
    peer, by = by_set(texts, contacts)
    print(f"a Python set of names: {by:.2f} CPU s, {len(peer)} found; ratio to ours {by / spent:.1f}")


if __name__ == "__main__":
    main()
