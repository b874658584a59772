"""PySpark frames: worked on batch by batch or bucket by bucket where they lie; only sums come to the driver."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from segvspers.errors import DataError, MissingPackageError

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa
    from pyspark.sql import Column, DataFrame

BUCKET, OTHER, ROW = "__bucket", "__other_bucket", "__row"
OLDEST = 4  # the first that hands Arrow tables of two frames to one function
RANKS = 1 << 33  # monotonically_increasing_id() counts within a partition below this


def is_spark(table: Any) -> bool:
    """Tell whether a table is a PySpark frame, without importing PySpark."""
    return type(table).__module__.partition(".")[0] == "pyspark"


def check_all_spark(**tables: Any) -> None:
    """Raise `DataError` when some tables are PySpark frames and others are not; None counts as neither.

    Raises
    ------
    MissingPackageError
        When PySpark is too old.
    """
    import pyspark

    if int(pyspark.__version__.partition(".")[0]) < OLDEST:
        raise MissingPackageError(
            f"PySpark {pyspark.__version__} is installed, and {OLDEST} or later is needed; pip install 'pyspark>={OLDEST}'."
        )
    others = [name for name, table in tables.items() if table is not None and not is_spark(table)]
    if others:
        there = [name for name, table in tables.items() if is_spark(table)]
        raise DataError(
            f"{', '.join(there)} is a PySpark frame and {', '.join(others)} is not; give all of them as PySpark frames, "
            f"such as spark.createDataFrame({others[0]}) or spark.read.parquet(...)."
        )


def place_of(to: str | Path) -> str | Path:
    """Return where a table was written: a path, or an address such as ``s3://lake/facts`` as it was given."""
    return to if "://" in str(to) else Path(to)


def n_rows(frame: DataFrame) -> int:
    """Count the rows."""
    return int(frame.count())


def bucket_of(column: str, n_buckets: int) -> Column:
    """Return the bucket of an id: the first 24 bits of its MD5, so that every engine finds the same one."""
    from pyspark.sql import functions as f

    if n_buckets <= 1:
        return f.lit(0)
    digits = f.substring(f.md5(f.col(column).cast("string").cast("binary")), 1, 6)
    return f.coalesce(f.conv(digits, 16, 10).cast("int") % n_buckets, f.lit(0))


def in_buckets(frame: DataFrame, n_buckets: int) -> DataFrame:
    """Return the frame with the bucket of each contact."""
    return frame.withColumn(BUCKET, bucket_of("contact_id", n_buckets))


def by_bucket(
    left: DataFrame, right: DataFrame, schema: Any, work: Callable[[pa.Table, pa.Table], pa.Table]
) -> DataFrame:
    """Return what `work` makes of the rows of each bucket: one shuffle, one bucket in memory at a time.

    Parameters
    ----------
    left, right
        Frames with the column of `in_buckets`.
    schema
        Columns of the result, as DDL or as PySpark's type.
    work
        Takes the rows of one bucket of either frame.
    """

    def run(one: pa.Table, two: pa.Table) -> pa.Table:
        return work(one.drop_columns([BUCKET]), two.drop_columns([OTHER]))

    # Another name, since Spark takes two columns that come of one frame for the same.
    other = right.withColumnRenamed(BUCKET, OTHER)
    return left.groupBy(BUCKET).cogroup(other.groupBy(OTHER)).applyInArrow(run, schema)


def with_columns(frame: DataFrame, added: dict[str, str], work: Callable[[pd.DataFrame], pd.DataFrame]) -> DataFrame:
    """Return the frame with columns that `work` makes of each batch of rows; its own columns stay as they are.

    Parameters
    ----------
    frame
        Any rows.
    added
        ``{column: DDL type}``; a column of that name is replaced where it stands.
    work
        Takes a batch in pandas and returns the columns of `added`, in its order of rows.
    """
    from pyspark.sql.types import StructType

    kinds = ", ".join(f"{name} {kind}" for name, kind in added.items())
    fields = {field.name: field for part in (frame.schema, StructType.fromDDL(kinds)) for field in part.fields}
    typed = arrow_schema(kinds)

    def run(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        import pyarrow as pa

        for batch in batches:
            made = pa.RecordBatch.from_pandas(work(as_pandas(batch)), schema=typed, preserve_index=False)
            arrays = {name: batch.column(name) for name in batch.schema.names}
            arrays |= {name: made.column(name) for name in added}
            yield pa.RecordBatch.from_arrays(list(arrays.values()), names=list(arrays))

    return frame.mapInArrow(run, StructType(list(fields.values())))


def arrow_schema(kinds: str) -> pa.Schema:
    """Return columns given as DDL as Arrow types, which workers must keep to."""
    from pyspark.sql.pandas.types import to_arrow_schema
    from pyspark.sql.types import StructType

    return to_arrow_schema(StructType.fromDDL(kinds))


def as_pandas(batch: Any) -> pd.DataFrame:
    """Return Arrow rows as pandas, each column alike in every batch: whole numbers and flags keep their kind at gaps."""
    import pandas as pd
    import pyarrow as pa

    table = pa.Table.from_batches([batch]) if isinstance(batch, pa.RecordBatch) else batch
    for place, field in enumerate(table.schema):
        kind = pa.float64() if pa.types.is_decimal(field.type) else pa.timestamp("us")
        if pa.types.is_decimal(field.type) or pa.types.is_date(field.type):
            table = table.set_column(place, field.name, table.column(place).cast(kind))
    whole = {pa.int8(): pd.Int8Dtype(), pa.int16(): pd.Int16Dtype(), pa.int32(): pd.Int32Dtype()}
    kinds: dict[Any, Any] = {pa.bool_(): pd.BooleanDtype(), pa.int64(): pd.Int64Dtype()} | whole
    return table.to_pandas(types_mapper=kinds.get)


def rows_by_partition(frame: DataFrame) -> list[int]:
    """Count the rows of each partition, in their order."""
    from pyspark.sql import functions as f

    counts = frame.select(f.spark_partition_id().alias("part")).groupBy("part").count().collect()
    found = {row["part"]: row["count"] for row in counts}
    return [found.get(part, 0) for part in range(max(found, default=-1) + 1)]


def numbered(frame: DataFrame, counts: Sequence[int]) -> DataFrame:
    """Return the frame with the number of each row from 0, given the rows of each partition.

    A frame whose rows move between two readings has no numbers: the job fails then, and says so.
    """
    from pyspark.sql import functions as f

    starts = [sum(counts[:place]) for place in range(len(counts))] or [0]
    held = list(counts) or [0]
    place = f.monotonically_increasing_id()
    part, rank = f.shiftright(place, 33).cast("int"), place % RANKS
    told = f.raise_error(f.lit("rows moved between two readings of history; write it to Parquet and give that"))
    start, most = (f.element_at(f.array(*map(f.lit, one)), part + 1) for one in (starts, held))
    fits = (part < len(held)) & (rank < most)
    return frame.withColumn(ROW, f.when(fits, start + rank).otherwise(told.cast("bigint")))
