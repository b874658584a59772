"""Tables that are in memory already, of whatever library, as Arrow."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from segvspers.errors import DataError

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa


def from_memory(source: Any, *, table: str) -> tuple[pa.Table, str]:
    """Return a table of any library as Arrow, and what it was.

    Pandas, polars, Arrow, DuckDB relations and whatever offers its data as an Arrow stream are read as they are, the
    tables that narwhals knows (Spark, Dask, Ibis) are collected.

    Raises
    ------
    DataError
        When the object is no table, or can't give its rows.
    """
    import pandas as pd

    told = f"{type(source).__module__.split('.')[0].lstrip('_')} {type(source).__name__}"
    try:
        if isinstance(source, pd.DataFrame):
            return from_pandas(source, table=table), told
        if isinstance(source, Mapping) or (
            isinstance(source, list) and all(isinstance(one, Mapping) for one in source)
        ):
            return from_pandas(pd.DataFrame(source), table=table), told
        made = _streamed(source)
    except DataError:
        raise
    except Exception as problem:  # noqa: BLE001  whatever a library raises when it can't give its rows
        raise DataError(f"{table}: this {told} can't give its rows ({type(problem).__name__}).") from None
    if made is None:
        raise DataError(
            f"{table}: a {type(source).__name__} is no table; give a path, a glob, an SQL query, a pandas, polars or Arrow "
            "table, or a DuckDB relation."
        )
    return made, told


def _streamed(source: Any) -> pa.Table | None:
    import pyarrow as pa

    if isinstance(source, pa.Table):
        return source
    for method in ("to_arrow_table", "read_all", "to_table"):
        if hasattr(source, method):
            return getattr(source, method)()
    if hasattr(source, "collect") and not hasattr(source, "__arrow_c_stream__"):
        source = source.collect()
    if hasattr(source, "to_arrow"):
        return source.to_arrow()
    if hasattr(source, "__arrow_c_stream__"):
        return pa.RecordBatchReader.from_stream(source).read_all()
    import narwhals as nw

    known = nw.from_native(source, pass_through=True)
    if isinstance(known, nw.LazyFrame):
        return known.collect("pyarrow").to_native()
    return known.to_arrow() if isinstance(known, nw.DataFrame) else None


def from_pandas(frame: pd.DataFrame, *, table: str) -> pa.Table:
    """Return a pandas table as Arrow; a column of mixed kinds becomes text.

    Raises
    ------
    DataError
        When two columns have one name, or the columns have several levels of names.
    """
    import pandas as pd
    import pyarrow as pa

    if isinstance(frame.columns, pd.MultiIndex):
        raise DataError(f"{table}: the columns have {frame.columns.nlevels} levels of names; give them one.")
    arrays = []
    for place in range(len(frame.columns)):
        column = frame.iloc[:, place]
        try:
            arrays.append(pa.chunked_array(pa.array(column, from_pandas=True)) if not len(column) else _array(column))
        except (pa.ArrowException, TypeError, ValueError, OverflowError):
            arrays.append(_array(column.map(str, na_action="ignore").astype("string")))
    return pa.Table.from_arrays(arrays, names=[str(name) for name in frame.columns])


def _array(column: pd.Series) -> pa.ChunkedArray:
    import pyarrow as pa

    made = pa.array(column, from_pandas=True)
    return made if isinstance(made, pa.ChunkedArray) else pa.chunked_array([made])
