"""Derive the facts of a million contacts from ten million rows of history, Parquet to Parquet, and print what it took.

python benchmarks/facts_at_scale.py --rows 10_000_000 --contacts 1_000_000 --memory-limit 2GB

The peer is one plain grouping of the same history by the same engine under the same limit: contact, event and
topic with their count, first and last time. A sample of contacts is derived again from a frame, and must agree.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb

DAY = "2026-11-01"
TOPICS = "['deliverability', 'automation', 'SMS', 'templates', 'analytics', 'integrations', 'segmentation', 'pricing']"
CHECKED = 500


def make_tables(folder, n_rows, n_contacts):
    """Write contacts and history of a made-up list; the numbers come from hashes, so that they are the same again."""
    engine = duckdb.connect(config={"memory_limit": "2GB", "temp_directory": str(folder / "spill")})
    engine.execute("CREATE MACRO share(i, salt) AS (hash(i, salt) >> 11) / 9007199254740992.0")
    engine.execute("CREATE MACRO one(items, i, salt) AS items[1 + CAST(floor(len(items) * share(i, salt)) AS BIGINT)]")
    engine.execute(f"""
        COPY (SELECT printf('C%07d', i) AS contact_id, DATE '2023-01-01' + CAST(1300 * share(i, 1) AS INTEGER) AS signup_date,
          CASE WHEN share(i, 2) < 0.35 THEN one(['Plan A', 'Plan B', 'Plan C'], i, 3) END AS plan,
          CASE WHEN share(i, 4) < 0.85 THEN one(['retail', 'software', 'finance', 'travel', 'media', 'education'], i, 5)
            END AS industry,
          one(['1-10', '11-50', '51-200', '201-1000', '1000+'], i, 6) AS company_size,
          one(['Europe', 'North America', 'Asia Pacific'], i, 7) AS region
        FROM range({n_contacts}) t (i)) TO '{folder / "contacts.parquet"}' (FORMAT parquet)""")
    engine.execute(f"""
        COPY (
        WITH base AS (SELECT i, CAST(floor({n_contacts} * pow(share(i, 11), 1.6)) AS BIGINT) AS who, share(i, 12) AS kind,
          TIMESTAMPTZ '2025-05-01 00:00:00+00' + to_seconds(CAST(47450000 * share(i, 13) AS BIGINT)) AS moment
          FROM range({n_rows}) t (i)),
        named AS (SELECT *, CASE WHEN kind < 0.45 THEN 'sent' WHEN kind < 0.66 THEN 'open' WHEN kind < 0.71 THEN 'click'
          WHEN kind < 0.82 THEN 'page_view' WHEN kind < 0.88 THEN 'purchase' WHEN kind < 0.90 THEN 'renewal'
          WHEN kind < 0.93 THEN 'reply' WHEN kind < 0.965 THEN 'conversation' WHEN kind < 0.99 THEN 'support_ticket'
          ELSE 'meeting' END AS event FROM base)
        SELECT printf('C%07d', who) AS contact_id, moment AS timestamp, event,
          CASE WHEN event NOT IN ('purchase', 'renewal') THEN one({TOPICS}, i, 14) END AS topic,
          CASE WHEN event IN ('purchase', 'renewal') THEN one(['Plan A', 'Plan B', 'Plan C', 'SMS add-on'], i, 15) END AS product,
          CASE WHEN event IN ('purchase', 'renewal') THEN round(100 + 2000 * share(i, 16), 2) END AS amount_usd,
          CASE WHEN event IN ('reply', 'conversation', 'support_ticket')
            THEN 'We asked about the ' || one({TOPICS}, i, 17) || ' flow and would like an answer before ' || i END AS text,
          CASE WHEN event IN ('sent', 'open', 'click') THEN printf('m-%07d-%d', who, CAST(floor(6 * share(i, 18)) AS BIGINT))
            WHEN event IN ('conversation', 'support_ticket') THEN printf('t-%07d-%d', who, CAST(floor(3 * share(i, 19)) AS BIGINT))
            END AS message_id,
          CASE WHEN event = 'open' THEN share(i, 20) < 0.4 ELSE false END AS machine_open,
          CASE WHEN event = 'reply' THEN one(['positive', 'neutral', 'negative', 'auto_reply'], i, 21) END AS reply_class,
          CASE WHEN event = 'conversation' THEN one(['asked', 'answered', 'told'], i, 22)
            WHEN event = 'support_ticket' THEN one(['open', 'solved'], i, 23) END AS status
        FROM named ORDER BY moment) TO '{folder / "history.parquet"}' (FORMAT parquet)""")


def run_alone(what, folder, memory_limit):
    """Run one step in a process of its own, and return its figures."""
    command = [sys.executable, __file__, "--step", what, "--folder", str(folder), "--memory-limit", memory_limit]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def step(what, folder, memory_limit):
    """Do one step and print its wall and CPU seconds, and the peak memory of the process."""
    wall = time.perf_counter()
    if what == "facts":
        import segvspers as sv

        sv.derive_facts(
            folder / "contacts.parquet", folder / "history.parquet", as_of=DAY, to=folder / "facts.parquet",
            memory_limit=memory_limit,
        )  # fmt: skip
    elif what == "describe":
        import segvspers as sv

        sv.describe_contacts(folder / "contacts.parquet", folder / "facts.parquet")
    else:
        engine = duckdb.connect(config={"memory_limit": memory_limit, "temp_directory": str(folder / "spill")})
        engine.execute(
            f"COPY (SELECT contact_id, event, topic, count(*), min(timestamp), max(timestamp) FROM '{folder / 'history.parquet'}' "
            f"GROUP BY ALL) TO '{folder / 'grouped.parquet'}' (FORMAT parquet)"
        )
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    print(json.dumps({"wall": time.perf_counter() - wall, "cpu": time.process_time(), "peak_gib": peak}))


def check(folder, n_contacts):
    """Derive some contacts' facts again from frames, and compare all that does not hang on the rest of the list."""
    import segvspers as sv

    chosen = ", ".join(f"'C{number:07d}'" for number in range(0, n_contacts, max(1, n_contacts // CHECKED)))
    read = {name: duckdb.sql(f"SELECT * FROM '{folder / name}.parquet' WHERE contact_id IN ({chosen})").df()
            for name in ("contacts", "history", "facts")}  # fmt: skip
    again = sv.derive_facts(read["contacts"], read["history"], as_of=DAY)
    columns = ["contact_id", "kind", "topic", "value", "fields", "fact_id"]
    found = [frame.loc[frame["kind"] != "peers", columns].sort_values("fact_id", ignore_index=True).astype(str)
             for frame in (read["facts"], again)]  # fmt: skip
    if not found[0].equals(found[1]):
        raise SystemExit("facts derived out of core differ from those of the frame")
    print(f"checked: {len(found[0]):,} facts of {len(read['contacts']):,} contacts are the same from frames")


def main():
    """Make the tables, measure, compare and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--contacts", type=int, default=1_000_000)
    parser.add_argument("--memory-limit", default="2GB")
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--step")
    given = parser.parse_args()
    if given.step:
        step(given.step, given.folder, given.memory_limit)
        return
    with tempfile.TemporaryDirectory(dir=given.folder) as name:
        folder = Path(name)
        make_tables(folder, given.rows, given.contacts)
        size = sum((folder / f"{table}.parquet").stat().st_size for table in ("contacts", "history")) / 1e6
        print(
            f"{given.rows:,} rows of {given.contacts:,} contacts, {size:,.0f} MB of Parquet; limit {given.memory_limit}"
        )
        facts, plain, described = (
            run_alone(what, folder, given.memory_limit) for what in ("facts", "plain", "describe")
        )
        n_facts = duckdb.sql(f"SELECT count(*) FROM '{folder / 'facts.parquet'}'").fetchall()[0][0]
        made = (folder / "facts.parquet").stat().st_size / 1e6
        print(
            f"facts: {n_facts:,} ({made:,.0f} MB) in {facts['wall']:.1f} s wall, {facts['cpu']:.1f} CPU s, peak "
            f"{facts['peak_gib']:.2f} GiB; {given.rows / facts['wall']:,.0f} rows/s, {n_facts / facts['wall']:,.0f} facts/s"
        )
        print(
            f"one plain grouping: {plain['wall']:.1f} s wall, {plain['cpu']:.1f} CPU s, peak {plain['peak_gib']:.2f} GiB"
        )
        print(
            f"describe_contacts of them: {described['wall']:.1f} s wall, {described['cpu']:.1f} CPU s, peak "
            f"{described['peak_gib']:.2f} GiB"
        )
        print(f"facts cost {facts['cpu'] / plain['cpu']:.1f} times the CPU of one plain grouping")
        check(folder, given.contacts)


if __name__ == "__main__":
    main()
