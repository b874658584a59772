"""Outcomes of a PySpark frame under our names, converted and checked where they lie; only counts come to the driver."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from segvspers._spark import check_all_spark
from segvspers.dialects import aliases
from segvspers.errors import raise_all
from segvspers.experiment.outcomes import AMOUNTS, COLUMNS, MACHINE_CLASSES, told_problems
from segvspers.tables.columns import match_columns, renamed
from segvspers.tables.kinds import ASKED, FLAGS

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

MOST_VARIANTS = 1_000
GIVEN = {"flag": {"boolean"}, "time": {"timestamp", "timestamp_ntz", "date"}, "text": {"string"}}
NUMBERS = {"byte", "short", "integer", "long", "float", "double", "decimal"}


def read_on_spark(source: DataFrame, columns: Mapping[str, str] | None) -> DataFrame:
    """Return outcomes as a PySpark frame, as `read_outcomes` does; text must be plain numbers and ISO times there."""
    from pyspark.sql import functions as f

    check_all_spark(outcomes=source)
    mapping = match_columns(source.columns, table="outcomes", columns=columns, aliases=aliases("outcomes"))
    named = source.toDF(*map(str, renamed(source.columns, mapping)))
    kinds = {field.name: field.dataType.typeName() for field in named.schema.fields}
    known = {one.name: one.kind for one in COLUMNS if one.name in kinds}
    made = {name: _converted(f.col(name), kind, kinds[name]) for name, kind in known.items()}
    unread = {
        name: f.col(name).isNotNull() & made[name].isNull() for name in made if _changes(known[name], kinds[name])
    }
    if "replied" in made and "reply_class" in made:
        machine = f.col("reply_class").isin(*MACHINE_CLASSES) & made["replied"]
        made["replied"] = f.when(machine, f.lit(False)).otherwise(made["replied"])
    frame = named.select(*(made.get(name, f.col(f"`{name}`")).alias(name) for name in named.columns))
    counts = named.agg(*(f.count_if(odd).alias(name) for name, odd in unread.items())).collect()[0] if unread else {}
    lost = [
        f"column {name!r} holds what is not {ASKED[known[name]]} in {counts[name]:,} rows; mend or empty these cells"
        for name in unread
        if counts[name]
    ]
    raise_all("outcomes", [*lost, *_problems(frame)])
    if "contact_id" in frame.columns:
        return frame
    return frame.select(f.monotonically_increasing_id().cast("string").alias("contact_id"), "*")


def _changes(kind: str, given: str) -> bool:
    """Tell whether a column must be read before it is what it should be."""
    if kind == "number":
        return given.partition("(")[0] not in NUMBERS
    return kind != "text" and given not in GIVEN[kind]


def _converted(column: Column, kind: str, given: str) -> Column:
    """Return a column as what it should be; what can't be read is null."""
    from pyspark.sql import functions as f

    text = f.trim(column.cast("string"))
    if kind == "number":
        return text.try_cast("double") if _changes(kind, given) else column
    if kind == "time":
        return column.cast("timestamp") if given in GIVEN["time"] else text.try_cast("timestamp")
    if kind == "flag" and given not in GIVEN["flag"]:
        yes, no = ([word for word, means in FLAGS.items() if means is flag] for flag in (True, False))
        return f.when(f.lower(text).isin(*yes), f.lit(True)).when(f.lower(text).isin(*no), f.lit(False))
    return column if kind == "flag" else column.cast("string")


def _problems(frame: DataFrame) -> list[str]:
    """Return what is wrong, counted in one pass."""
    from pyspark.sql import functions as f

    there = frame.columns
    odd: dict[str, Any] = {name: f.col(name) < 0 for name in AMOUNTS if name in there}
    odd |= {name: f.col(name).isNull() for name in ("variant", "replied") if name in there}
    if {"replied_at", "sent_at"} <= set(there):
        odd["replied_at"] = f.col("replied_at") < f.col("sent_at")
    replied = f.bool_or("replied") if "replied" in there else f.lit(True)
    counts = frame.agg(replied.alias("anybody"), *(f.count_if(wrong).alias(name) for name, wrong in odd.items()))
    found = counts.collect()[0]
    wrong = {name: f"{found[name]:,} rows" for name in odd if found[name]}
    variants = frame.select("variant").distinct().limit(MOST_VARIANTS).collect() if "variant" in there else []
    names = sorted(row["variant"] for row in variants if row["variant"] is not None)
    return told_problems(there, names, wrong, anybody=bool(found["anybody"]))
