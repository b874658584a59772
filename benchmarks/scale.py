"""What runs where, and what it takes: each call on files of two lengths, on one machine and on PySpark, and the arithmetic.

    python benchmarks/scale.py                               one machine, 10,000 and 50,000 contacts
    python benchmarks/scale.py --contacts 20000 200000 --only facts assign
    PYTHONPATH=... python benchmarks/scale.py --spark        the same calls on PySpark, local[2], beside the machine
    python benchmarks/scale.py plan                          hours and dollars for a billion rows and 100 million emails

Lists are copies of the sample under new ids. Each step runs in a process of its own; CPU seconds are those of the process and
all its children, the Java machine included. Rows a second are the difference of both lengths, so that starting up is left out.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SAMPLE = Path(__file__).resolve().parents[1] / "data" / "sample"
DAY, BY = "2026-11-01", ["industry", "company_size", "region", "purchase_status"]
UNITS = {
    "explode": "contacts", "facts": "history rows", "assign": "contacts", "write": "emails", "audit": "emails",
    "compare": "outcome rows",
}  # fmt: skip
LOCAL = {
    "spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1", "spark.driver.memory": "2g",
    "spark.ui.enabled": "false", "spark.ui.showConsoleProgress": "false", "spark.sql.shuffle.partitions": "4",
    "spark.sql.session.timeZone": "UTC",
}  # fmt: skip


def make_tables(folder, n_contacts):
    """Write contacts, history, facts, outcomes and emails of a list of copies of the sample."""
    import duckdb

    import segvspers as sv

    contacts = sv.read_contacts(SAMPLE / "contacts.csv")
    history = sv.read_history(SAMPLE / "history.csv")
    facts = sv.derive_facts(contacts, history, as_of=DAY)
    audience = contacts.assign(segment_id=contacts["purchase_status"].astype(str))
    emails = sv.write_emails(audience.head(1_000), facts, campaign=campaign(), variants=["individual"])
    outcomes = sv.read_outcomes(SAMPLE / "outcomes.csv")
    tables = {
        "contacts": (plain(audience), ["contact_id"], n_contacts / len(contacts)),
        "history": (plain(history), ["contact_id", "message_id"], n_contacts / len(contacts)),
        "facts": (plain(facts), ["contact_id", "fact_id"], n_contacts / len(contacts)),
        "outcomes": (plain(outcomes), ["contact_id", "company_id"], 20 * n_contacts / len(outcomes)),
        "emails": (emails, ["email_id"], n_contacts / len(emails)),
    }
    connection = duckdb.connect()
    for name, (frame, ids, times) in tables.items():
        connection.register("given", frame)
        renamed = ", ".join(f"{one} || '-' || copy AS {one}" for one in ids)
        connection.execute(
            f"COPY (SELECT * REPLACE ({renamed}) FROM given, range({max(1, round(times))}) r(copy)) "
            f"TO '{folder / name}.parquet' (FORMAT parquet, ROW_GROUP_SIZE 50000)"
        )


def plain(frame):
    """Return a frame whose categories are text."""
    odd = [name for name in frame.columns if str(frame[name].dtype) == "category"]
    return frame.assign(**{name: frame[name].astype(object).where(frame[name].notna(), None) for name in odd})


def campaign():
    import segvspers as sv

    return sv.read_campaign(SAMPLE / "campaign.yml")


def segmentation():
    import segvspers as sv

    return sv.fit_segments(sv.read_contacts(SAMPLE / "contacts.csv"), n_segments=5, n_resamples=0, rng=7)


def on_machine(what, folder):
    """Do one step on files, as one machine does it."""
    import pandas as pd

    import segvspers as sv

    def at(name):
        return folder / f"{name}.parquet"

    if what == "explode":
        sv.explode_segments(at("contacts"), by=BY)
    elif what == "facts":
        sv.derive_facts(at("contacts"), at("history"), as_of=DAY, to=folder / "made.parquet", memory_limit="1GB")
    elif what == "assign":
        made = segmentation()
        for batch in parts(at("contacts")):
            made.assign(batch)
    elif what == "write":
        sv.write_emails(
            at("contacts"), at("facts"), campaign=campaign(), variants=["individual"], to=folder / "written.parquet"
        )
    elif what == "audit":
        facts = pd.read_parquet(at("facts"))
        for batch in parts(at("emails")):
            sv.audit_emails(batch, facts, campaign=campaign())
    else:
        sv.compare_reply_rates(at("outcomes"), control="segment", cluster="company_id")


def parts(path):
    """Give a Parquet file in parts of 50,000 rows."""
    import pyarrow.parquet as pq

    for batch in pq.ParquetFile(path).iter_batches(50_000):
        yield batch.to_pandas()


def on_spark(what, folder):
    """Do one step on PySpark, and throw its rows away."""
    from pyspark.sql import SparkSession

    import segvspers as sv

    os.environ |= {"PYSPARK_PYTHON": sys.executable, "SPARK_LOCAL_IP": "127.0.0.1"}
    builder = SparkSession.builder.master("local[2]")
    for name, value in LOCAL.items():
        builder = builder.config(name, value)
    spark = builder.getOrCreate()
    spark.sparkContext.setLogLevel("OFF")
    table = {name: spark.read.parquet(str(folder / f"{name}.parquet"))
             for name in ("contacts", "history", "facts", "outcomes", "emails")}  # fmt: skip
    rows = None
    if what == "explode":
        sv.explode_segments(table["contacts"], by=BY)
    elif what == "facts":
        rows = sv.derive_facts(table["contacts"], table["history"], as_of=DAY)
    elif what == "assign":
        rows = segmentation().assign(table["contacts"])
    elif what == "write":
        rows = sv.write_emails(table["contacts"], table["facts"], campaign=campaign(), variants=["individual"])
    elif what == "audit":
        rows = sv.audit_emails(table["emails"], table["facts"], campaign=campaign()).findings
    else:
        sv.compare_reply_rates(table["outcomes"], control="segment", cluster="company_id")
    if rows is not None:
        rows.write.format("noop").mode("overwrite").save()


def child(what, engine, folder):
    """Do one step, and print its wall and CPU seconds and the peak memory of this process."""
    import psutil

    start = time.perf_counter()
    (on_spark if engine == "spark" else on_machine)(what, Path(folder))
    wall = time.perf_counter() - start
    others = [one.cpu_times() for one in psutil.Process().children(recursive=True)]
    cpu = time.process_time() + sum(one.user + one.system + one.children_user + one.children_system for one in others)
    peak = peak_mib()
    print(json.dumps({"wall": wall, "cpu": cpu, "peak": peak}), flush=True)


def peak_mib():
    """Return the peak memory of this program; the peak of who started it does not count, as in ru_maxrss."""
    told = Path("/proc/self/status").read_text()
    return int(told.partition("VmHWM:")[2].split()[0]) / 1024


def measured(what, engine, folder):
    """Run one step in a process of its own and return its figures."""
    command = [sys.executable, __file__, "--child", what, engine, str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{what} on {engine} failed:\n{done.stderr[-3000:]}")
    return json.loads(done.stdout.splitlines()[-1])


def n_rows(what, folder):
    """Count the rows that a step reads."""
    import pyarrow.parquet as pq

    name = {"explode": "contacts", "assign": "contacts", "facts": "history", "write": "contacts", "audit": "emails",
            "compare": "outcomes"}[what]  # fmt: skip
    return pq.ParquetFile(folder / f"{name}.parquet").metadata.num_rows


def compare_lengths(lengths, engines, steps):
    """Print each step at both lengths."""
    print(f"{'step':<9}{'engine':<9}{'rows':>22}{'CPU s':>16}{'a core':>14}{'peak MiB, driver':>20}")
    with tempfile.TemporaryDirectory(prefix="scale-") as place:
        folders = []
        for n in lengths:
            folders.append(Path(place) / str(n))
            folders[-1].mkdir()
            make_tables(folders[-1], n)
        for what in steps:
            for engine in engines:
                rows = [n_rows(what, folder) for folder in folders]
                few, many = (measured(what, engine, folder) for folder in folders)
                pace = (rows[1] - rows[0]) / max(many["cpu"] - few["cpu"], 1e-9)
                print(
                    f"{what:<9}{engine:<9}{rows[0]:>10,} {rows[1]:>11,}{few['cpu']:>8.1f}{many['cpu']:>8.1f}"
                    f"{pace:>12,.0f}/s{few['peak']:>10,.0f}{many['peak']:>10,.0f}   {UNITS[what]}",
                    flush=True,
                )


def main():
    """Measure, or print the arithmetic."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", nargs="?", choices=["measure", "plan"], default="measure")
    parser.add_argument("--contacts", nargs=2, type=int, default=[10_000, 50_000])
    parser.add_argument("--only", nargs="+", choices=list(UNITS), default=list(UNITS))
    parser.add_argument("--spark", action="store_true")
    parser.add_argument("--child", nargs=3, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.child:
        child(*given.child)
    elif given.what == "plan":
        from scale_plan import print_plan

        print_plan()
    else:
        compare_lengths(given.contacts, ["machine", *(["spark"] if given.spark else [])], given.only)


if __name__ == "__main__":
    main()
