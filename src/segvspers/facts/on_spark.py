"""Facts of PySpark frames: each bucket of contacts by the same SQL, what the whole list must tell by sums.

Contacts and history meet by a hash of the id, and DuckDB derives the facts of a bucket in the worker that holds it.
What peers read and how many contacts a statement is true of are summed in Spark; only these sums reach the driver.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from segvspers._checks import require_columns
from segvspers._spark import by_bucket, check_all_spark, in_buckets, n_rows, numbered, place_of, rows_by_partition
from segvspers.errors import raise_all
from segvspers.facts.derive import FACTS, lent_engine
from segvspers.facts.kinds import kinds_for
from segvspers.facts.kinds.kind import literal
from segvspers.facts.kinds.profile import PEERS, PEERS_TABLE
from segvspers.facts.load import (
    KNOWN,
    OPTIONAL,
    Wrong,
    contact_problems,
    count_contacts,
    count_events,
    event_problems,
    load_contacts,
    load_events,
)  # fmt: skip
from segvspers.facts.sensitive import Sensitive
from segvspers.facts.sql import finished_sql, raw_facts

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import DataFrame

BUCKET_CONTACTS, BUCKET_ROWS = 20_000, 500_000
COUNTS = "(counts)"
RAW = (
    "contact_id string, kind string, topic string, value string, fields string, occurred_on date, source string, "
    "delicate boolean"
)
FINISHED = (
    "contact_id string, fact_id string, kind string, topic string, value string, fields string, occurred_on date, "
    "bits double, salience double, sensitivity string, source string, as_of date"
)


def derive_on_spark(
    contacts: Any,
    history: Any,
    day: str,
    attributes: Sequence[str],
    marked: Sensitive,
    *,
    unknown_contacts: str,
    to: str | Path | None,
    memory_limit: str | None,
) -> Any:
    """Return the facts as a PySpark frame in no order, or write them to a folder of Parquet.

    The facts before their bits are persisted, since they are counted and then finished; with `to` they are let go of
    at the end, else when Spark needs the room.
    """
    check_all_spark(contacts=contacts, history=history)
    require_columns(contacts, ["contact_id", *attributes], table="contacts")
    require_columns(history, ["contact_id", "timestamp", "event"], table="history")
    people = _some(contacts, ["contact_id", "signup_date", *KNOWN, *attributes])
    events = _some(history, ["contact_id", "timestamp", "event", *OPTIONAL], marked.small_columns)
    counts = rows_by_partition(events)
    n_buckets = max(1, -(-n_rows(people) // BUCKET_CONTACTS), -(-sum(counts) // BUCKET_ROWS))
    work = _Bucket(day, tuple(attributes), marked, memory_limit)
    happened = in_buckets(numbered(events, counts), n_buckets)
    raw = by_bucket(in_buckets(people, n_buckets), happened, RAW, work).persist()
    n_all = _checked(raw, unknown_contacts)
    facts = raw.where(raw["kind"] != COUNTS)
    if "industry" in people.columns:
        facts = facts.unionByName(_peers(facts, marked))
    finished = _finished(facts, n_all, day)
    if to is None:
        return finished
    finished.write.parquet(str(to))
    raw.unpersist()
    return place_of(to)


def _some(frame: DataFrame, names: Sequence[str], small: frozenset[str] = frozenset()) -> DataFrame:
    """Return the columns that facts may need, so that nothing else is moved."""
    wanted = [name for name in frame.columns if name in names or name.lower() in small]
    return frame.select(*(frame[f"`{name.replace('`', '``')}`"] for name in wanted))


class _Bucket:
    """Derives the facts of one bucket before their bits; a row more holds the counts that must be added up."""

    def __init__(self, day: str, attributes: tuple[str, ...], marked: Sensitive, memory_limit: str | None) -> None:
        self.day, self.attributes, self.marked, self.memory_limit = day, attributes, marked, memory_limit

    def __call__(self, contacts: pa.Table, history: pa.Table) -> pa.Table:
        with lent_engine(None, self.memory_limit) as connection:
            connection.execute("SET threads = 1")
            columns = load_contacts(connection, contacts, self.day, self.attributes)
            load_events(connection, history, self.day, self.marked)
            kinds = kinds_for(columns, attributes=self.attributes, pattern=self.marked.pattern)
            own = [kind for kind in kinds if kind is not PEERS]
            for statement in raw_facts(own, self.day, sensitive_columns=self.marked.small_columns):
                connection.execute(statement)
            n_listed = connection.execute("SELECT count(*) FROM c").fetchall()[0][0]
            wrong = [count_contacts(connection), count_events(connection)]
            told = {"n_all": n_listed} | {
                name: [one.n, one.events, one.first] for name, one in zip(("contacts", "history"), wrong, strict=True)
            }
            row = f"'', {literal(COUNTS)}, '', '', {literal(json.dumps(told))}, NULL, '', false"
            return connection.sql(
                "SELECT contact_id, kind, topic, value, fields, occurred_on, source, delicate FROM raw JOIN c USING (who) "
                f"UNION ALL SELECT {row}"
            ).to_arrow_table()


def _checked(raw: DataFrame, unknown_contacts: str) -> int:
    """Return the number of contacts on the list; raise what is wrong with the tables, all buckets together."""
    told = [json.loads(row["fields"]) for row in raw.where(raw["kind"] == COUNTS).select("fields").collect()]
    found = {
        what: sum((Wrong(Counter(n), Counter(events), tuple(first)) for n, events, first in parts), Wrong())
        for what, parts in ((what, [one[what] for one in told]) for what in ("contacts", "history"))
    }
    try:
        raise_all("contacts", contact_problems(found["contacts"]))
        raise_all("history", event_problems(found["history"], unknown_contacts))
    except ValueError:
        raw.unpersist()
        raise
    return sum(one["n_all"] for one in told)


def _peers(facts: DataFrame, marked: Sensitive) -> DataFrame:
    """Return what peers read, a fact a contact: readers are summed in Spark, and an industry's fact is worded here."""
    from pyspark.sql import functions as f

    known = facts.where((facts["kind"] == "firmographic") & (facts["topic"] == "industry"))
    known = known.select("contact_id", f.col("value").alias("industry"))
    opened = facts.where(facts["kind"] == "engagement").select("contact_id", "topic", "delicate")
    readers = opened.join(known, "contact_id").groupBy("industry", "topic")
    sums = readers.agg(f.count(f.lit(1)).alias("readers"), f.bool_or("delicate").alias("topic_delicate"))
    worded = _worded(
        sums.toArrow(), known.groupBy("industry").agg(f.count(f.lit(1)).alias("n_peers")).toArrow(), marked
    )
    lent = facts.sparkSession.createDataFrame(worded, "industry string, " + RAW.partition(", ")[2])
    return known.join(f.broadcast(lent), "industry").drop("industry")


def _worded(readers: pa.Table, sizes: pa.Table, marked: Sensitive) -> list[dict[str, Any]]:
    """Return the fact of each industry, by the same SQL as for a list in memory."""
    with lent_engine(None, None) as connection:
        connection.register("readers", readers)
        connection.register("sizes", sizes)
        connection.execute(f"CREATE TABLE peers AS {PEERS_TABLE}")
        connection.execute("CREATE TABLE c AS SELECT row_number() OVER () AS who, industry FROM sizes")
        sql = PEERS.sql(sensitive_columns=marked.small_columns)
        found = connection.sql(f"SELECT industry, p.* EXCLUDE (who) FROM ({sql}) p JOIN c USING (who)")
        return found.to_arrow_table().to_pylist()


def _finished(facts: DataFrame, n_all: int, day: str) -> DataFrame:
    """Return facts with bits and salience, once it is known of how many contacts each statement is true."""
    from pyspark.sql import functions as f

    says = ["kind", "topic", "value"]
    n_true = facts.groupBy(*says).agg(f.count(f.lit(1)).alias("n_true"))
    source = f"part, (SELECT {n_all} AS n_all, CAST({literal(day)} AS DATE) AS today)"
    names = ", ".join(FACTS)

    def finish(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        import duckdb
        import pyarrow as pa

        connection = duckdb.connect(config={"threads": 1})
        for batch in batches:
            connection.register("part", pa.Table.from_batches([batch]))
            yield from connection.sql(f"SELECT {names} FROM ({finished_sql(source)})").to_arrow_table().to_batches()

    return facts.join(n_true, says).mapInArrow(finish, FINISHED)
