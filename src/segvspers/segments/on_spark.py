"""Segments of PySpark frames: the assigner goes to the rows, batch by batch; only counts of strange values come back."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from segvspers._checks import require_columns
from segvspers._spark import arrow_schema, as_pandas, bucket_of, check_all_spark, n_rows, with_columns
from segvspers.errors import DataError
from segvspers.segments.features import history_features
from segvspers.segments.strangers import check_columns, count_values, leveled, warn_of_strangers

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import DataFrame

    from segvspers.segments.segmentation import Segmentation

BUCKET_ROWS = 500_000
ASSIGNED = {"segment_id": "string", "segment_name": "string", "membership": "double"}
DETAILS = {
    "next_segment_id": "string", "next_membership": "double", "between_segments": "boolean", "unusual": "boolean",
}  # fmt: skip
COUNTED = (
    "contact_id string, n_purchases bigint, n_clicks bigint, n_replies bigint, n_tickets bigint, n_conversations bigint, "
    "n_page_views bigint, open_rate double, spend_usd double, days_since_event double, favourite_topic string"
)


def assign_on_spark(
    found: Segmentation, contacts: DataFrame, *, history: Any, as_of: str | pd.Timestamp | None, detail: bool
) -> DataFrame:
    """Return a PySpark frame of contacts with their segments; what `Segmentation.assign` does to each batch of rows."""
    check_all_spark(contacts=contacts, history=history)
    rows = contacts if history is None else _with_history(found, contacts, history, as_of)
    small = _alone(found, with_known=history is None and "contact_id" in contacts.columns)
    check_columns(found.columns, [*rows.columns, *small.known.columns])
    warn_of_strangers(_value_counts(small, rows), stacklevel=4)
    added = ASSIGNED | (DETAILS if detail else {})

    def work(batch: pd.DataFrame) -> pd.DataFrame:
        return small.placed(small.joined(batch, small.known), detail=detail)

    named = with_columns(rows, added, work)
    return named.drop(*(name for name in rows.columns if name not in contacts.columns))


def _alone(found: Segmentation, *, with_known: bool) -> Segmentation:
    """Return the segmentation without what was found out about its list, as it is sent to every worker."""
    nothing = pd.DataFrame()
    wanted = [name for name in found.known.columns if name in found.columns] if with_known else []
    known = found.known[wanted] if wanted else nothing
    return replace(found, profiles=nothing, typical=nothing, counts=nothing, levels=nothing, cells=nothing, known=known)


def _with_history(
    found: Segmentation, contacts: DataFrame, history: DataFrame, as_of: str | pd.Timestamp | None
) -> DataFrame:
    """Return the contacts with the columns of history that the segments use, counted bucket by bucket."""
    from pyspark.sql import functions as f

    require_columns(history, ["contact_id", "timestamp", "event"], table="history")
    if "contact_id" not in contacts.columns:
        raise DataError("contacts needs contact_id, so that its history can be joined.")
    end = pd.Timestamp(history.agg(f.max("timestamp")).collect()[0][0] if as_of is None else as_of)
    typed = arrow_schema(COUNTED)
    names = typed.names

    def work(rows: pa.Table) -> pa.Table:
        import pyarrow as pa

        events = as_pandas(rows)
        zone = events["timestamp"].dt.tz
        until = (
            end if (end.tzinfo is None) == (zone is None) else end.tz_localize("UTC" if end.tzinfo is None else None)
        )
        did = history_features(events, as_of=None if as_of is None else until, end=until)
        return pa.Table.from_pandas(did.reset_index().reindex(columns=names), schema=typed, preserve_index=False)

    some = ("contact_id", "timestamp", "event", "machine_open", "amount_usd", "topic")
    rows = history.select(*(name for name in some if name in history.columns))
    n_buckets = -(-n_rows(rows) // BUCKET_ROWS)
    did = rows.groupBy(bucket_of("contact_id", n_buckets).alias("bucket")).applyInArrow(work, COUNTED)
    fresh = [name for name in names[1:] if name in found.columns and name not in contacts.columns]
    return contacts.join(did.select("contact_id", *fresh), "contact_id", "left").select(*contacts.columns, *fresh)


def _value_counts(found: Segmentation, rows: DataFrame) -> pd.DataFrame:
    """Return how many values of each column of levels the fit knows: sums over all batches."""
    from pyspark.sql import functions as f

    plans = leveled(found.assigner.plans, rows.columns)
    if not plans:
        return count_values([], pd.DataFrame())

    def run(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        import pyarrow as pa

        for batch in batches:
            counts = count_values(plans, as_pandas(batch), sampled=sys.maxsize)
            yield pa.RecordBatch.from_pandas(counts, preserve_index=False)

    counts = rows.select(*(plan.name for plan in plans)).mapInArrow(
        run, "column string, n_values bigint, n_known bigint"
    )
    sums = counts.groupBy("column").agg(f.sum("n_values").alias("n_values"), f.sum("n_known").alias("n_known"))
    told = {row["column"]: row for row in sums.collect()}
    return pd.DataFrame(
        [tuple(told[plan.name]) for plan in plans if plan.name in told], columns=["column", "n_values", "n_known"]
    )
