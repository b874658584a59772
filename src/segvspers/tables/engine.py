"""Columns through DuckDB: one expression over one column of any length."""

from __future__ import annotations

import os
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa


def connect() -> duckdb.DuckDBPyConnection:
    """Open a connection of our own: in memory, with clocks in UTC, and it fetches nothing.

    All share one engine a process, since starting one takes longer than most columns do; what one registers or makes
    temporary no other sees.
    """
    made = _engine(os.getpid()).cursor()
    made.execute("SET TimeZone = 'UTC'").fetchall()
    return made


@lru_cache(maxsize=1)
def _engine(process: int) -> duckdb.DuckDBPyConnection:  # noqa: ARG001  a child process needs an engine of its own
    import duckdb

    return duckdb.connect(config={"autoinstall_known_extensions": False})


def column_sql(values: pa.ChunkedArray, expression: str) -> pa.ChunkedArray:
    """Return an SQL expression in `x`, the value, over a column, in its order."""
    import pyarrow as pa

    with connect() as engine:
        engine.register("given", pa.table({"x": values}))
        return engine.sql(f"SELECT {expression} AS y FROM given").to_arrow_table()["y"]


def one_row(values: pa.ChunkedArray, query: str) -> dict[str, Any]:
    """Return the one row of a query over the table `given` with the column `x`."""
    import pyarrow as pa

    with connect() as engine:
        engine.register("given", pa.table({"x": values}))
        return engine.sql(query).to_arrow_table().to_pylist()[0]


def may_repeat(values: pa.ChunkedArray) -> bool:
    """Tell whether some value can stand in a column twice: false is sure, true may be two values of one hash."""
    import numpy as np

    if values.null_count == len(values):
        return False
    hashes = np.sort(column_sql(values, "hash(x)").filter(values.is_valid()).to_numpy())
    return bool((hashes[1:] == hashes[:-1]).any())
