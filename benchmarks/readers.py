"""Measure the readers of CSV against DuckDB's own on the same files; prints seconds, ratios and the rows of each.

python benchmarks/readers.py [--contacts 1000000] [--history 4000000] [--rounds 3]

Both run in one process, in turns; the best round of each counts. CPU seconds are those of all threads together, and are
what to compare on a machine that others use as well. DuckDB reads into Arrow, which copies nothing, and into pandas,
which is what the readers return.
"""

import argparse
import tempfile
import time
import warnings
from pathlib import Path

PEOPLE = """
    SELECT 'C' || lpad(i::VARCHAR, 7, '0') AS contact_id,
        lower(first) || '.' || lower(replace(last, '''', '')) || i || '@' || lower(replace(house, ' ', '')) || '.example' AS email,
        first AS first_name, last AS last_name, house AS company, 'A' || lpad((h(i + 7) % 300000)::VARCHAR, 6, '0') AS company_id,
        ['CMO', 'Head of Email', '', 'Marketing Manager', 'VP Growth, EMEA'][1 + h(i) % 5] AS job_title,
        ['media', 'finance', 'nonprofit', 'education', 'retail', 'saas'][1 + h(i + 1) % 6] AS industry,
        ['1-10', '11-50', '51-200', '201-1000', '1000+', ''][1 + h(i + 2) % 6] AS company_size,
        ['North America', 'Europe', 'Latin America', ''][1 + h(i + 3) % 4] AS region,
        ['Plan A', 'Plan B', 'Plan C', ''][1 + h(i + 4) % 4] AS plan,
        ['prospect', 'trial', 'customer', 'lapsed'][1 + h(i + 5) % 4] AS purchase_status,
        ['low', 'medium', 'high'][1 + h(i + 6) % 3] AS engagement_level, date '2024-01-01' + (h(i + 8) % 900)::INT AS signup_date,
        ['en_US', 'en_GB', 'de_DE'][1 + h(i + 9) % 3] AS locale, ['USD', 'GBP', 'EUR'][1 + h(i + 10) % 3] AS currency,
        h(i + 11) % 10 > 0 AS consent, h(i + 12) % 30 = 0 AS suppressed, h(i + 13) % 5000 AS seats,
        round((h(i + 14) % 1000000) / 100.0, 2) AS mrr_usd
    FROM (SELECT i, ['Ada', 'Nia', 'Mila', 'Éva', 'Zoë', 'Bo'][1 + h(i * 3) % 6] AS first,
            ['Ndiaye', 'Kim', 'Osei', 'García', 'O''Brien'][1 + h(i * 5) % 5] AS last,
            ['River Media', 'Polar Lending', 'High Foundation', 'Pine Oak & Co'][1 + h(i * 7) % 4] AS house
        FROM range({n}) AS t(i))
"""
EVENTS = """
    SELECT 'C' || lpad((h(i) % 1000000)::VARCHAR, 7, '0') AS contact_id,
        strftime(TIMESTAMP '2025-01-01' + to_seconds((i * 13)::BIGINT), '%Y-%m-%dT%H:%M:%SZ') AS timestamp,
        ['sent', 'delivered', 'open', 'click', 'page_view'][1 + h(i + 1) % 5] AS event,
        ['pricing', 'SMS', 'deliverability', ''][1 + h(i + 2) % 4] AS topic, '' AS product,
        CASE WHEN h(i + 3) % 50 = 0 THEN (h(i) % 1000) / 10.0 END AS amount_usd,
        CASE WHEN h(i + 4) % 100 = 0 THEN 'Do you handle "SMS", separately?' END AS text, 'K' || (h(i + 5) % 40) AS campaign_id,
        'm' || i AS message_id, 1 + h(i + 6) % 4 AS step, CASE WHEN h(i + 7) % 4 = 0 THEN true END AS machine_open,
        '' AS reply_class, '' AS status, 'esp' AS source
    FROM range({n}) AS t(i)
"""


def write(query, n, path, *, every=0):
    """Write a table as CSV; with `every`, each row of that number loses its last field."""
    import duckdb

    with duckdb.connect() as engine:
        engine.execute("CREATE MACRO h(x) AS (hash(x) >> 3)::BIGINT").fetchall()
        engine.execute(f"COPY ({query.format(n=n)}) TO '{path}' (HEADER)").fetchall()
    if every:
        lines = path.read_text(encoding="utf-8").split("\n")
        for number in range(every, len(lines) - 1, every):
            lines[number] = lines[number].rsplit(",", 1)[0]
        path.write_text("\n".join(lines), encoding="utf-8")


def timed(call):
    """Return what a call returns, its CPU seconds and its wall seconds."""
    wall, cpu = time.perf_counter(), time.process_time()
    found = call()
    return found, time.process_time() - cpu, time.perf_counter() - wall


def compare(name, path, ours, rounds, options=""):
    """Read a file by ours and by DuckDB in turns; print the best of each and the ratios."""
    import duckdb

    def theirs(into):
        with duckdb.connect() as engine:
            return getattr(engine.sql(f"FROM read_csv('{path}'{options})"), into)()

    calls = {"ours": lambda: ours(path), "to_arrow_table": lambda: theirs("to_arrow_table"), "df": lambda: theirs("df")}
    best = {}
    for _ in range(rounds):
        for call, run in calls.items():
            found, cpu, wall = timed(run)
            rows = getattr(found, "num_rows", None) or len(found)
            del found
            seen = best.get(call, (float("inf"), float("inf"), 0))
            best[call] = (min(seen[0], cpu), min(seen[1], wall), rows)
    print(f"{name}: {path.stat().st_size / 1e6:,.0f} MB")
    for call, label in (
        ("ours", "ours, into pandas"),
        ("to_arrow_table", "DuckDB, into Arrow"),
        ("df", "DuckDB, into pandas"),
    ):
        cpu, wall, rows = best[call]
        ratio = f"; ours takes {best['ours'][0] / cpu:.2f} of its CPU" if call != "ours" else ""
        print(f"  {label:20} {rows:>10,} rows  {cpu:6.2f} s CPU  {wall:6.2f} s wall{ratio}", flush=True)


def main():
    """Measure and print."""
    given = argparse.ArgumentParser()
    given.add_argument("--contacts", type=int, default=1_000_000)
    given.add_argument("--history", type=int, default=4_000_000)
    given.add_argument("--rounds", type=int, default=3)
    chosen = given.parse_args()
    import segvspers as sv

    warnings.simplefilter("ignore", sv.RejectWarning)
    with tempfile.TemporaryDirectory() as folder:
        whole, torn, history = (Path(folder) / name for name in ("contacts.csv", "torn.csv", "history.csv"))
        write(PEOPLE, chosen.contacts, whole)
        compare("contacts", whole, sv.read_contacts, chosen.rounds)
        write(PEOPLE, chosen.contacts, torn, every=100)
        compare("contacts, 1 row in 100 torn", torn, sv.read_contacts, chosen.rounds, ", store_rejects = true")
        write(EVENTS, chosen.history, history)
        compare("history", history, sv.read_history, chosen.rounds)


if __name__ == "__main__":
    main()
