"""Open a table in the engine, whatever it is: a frame, an Arrow or polars table, a relation, Parquet files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from glob import glob
from pathlib import Path
from typing import TYPE_CHECKING, Any

from segvspers._checks import few, require_columns
from segvspers._spark import ROW
from segvspers.errors import DataError, MissingFileError
from segvspers.facts.kinds.kind import literal
from segvspers.tables.convert import without_address

if TYPE_CHECKING:
    import duckdb


@dataclass(frozen=True, slots=True)
class Opened:
    """A table that the engine can scan: its SQL, its columns with their kinds, and the number of a row."""

    sql: str
    kinds: dict[str, str]
    number: str = "row_number() OVER () - 1"


def open_in(connection: duckdb.DuckDBPyConnection, table: Any, what: str) -> Opened:
    """Return a frame, an Arrow or polars table, a DuckDB relation or Parquet files as a table of the connection."""
    import duckdb

    if isinstance(table, (str, Path)) or _paths(table):
        return _parquet(connection, [table] if isinstance(table, (str, Path)) else table, what)
    given = _registrable(table, what)
    try:
        connection.register(f"{what}_given", given)
        described = connection.execute(f"DESCRIBE {what}_given").fetchall()
    except duckdb.Error as problem:
        raise DataError(f"{what}: the engine can't read the table: {_short(problem)}") from None
    kinds = {str(row[0]): str(row[1]) for row in described}
    number = {"number": ROW} if kinds.pop(ROW, "") else {}
    return Opened(f"{what}_given", kinds, **number)


def _paths(table: Any) -> bool:
    return isinstance(table, (list, tuple)) and bool(table) and all(isinstance(one, (str, Path)) for one in table)


def _parquet(connection: duckdb.DuckDBPyConnection, given: Sequence[str | Path], what: str) -> Opened:
    import duckdb

    files: list[str] = []
    for one in given:
        pattern = str(Path(one) / "*.parquet") if Path(one).is_dir() else str(one)
        found = sorted(glob(pattern))  # noqa: PTH207  the pattern may be absolute
        if not found:
            raise MissingFileError(f"{what}: no file at {one}; check the spelling and the folder.")
        files += found
    others = [Path(file).name for file in files if not file.endswith((".parquet", ".pq"))]
    if others:
        raise DataError(
            f"{what}: {few(others)} is no Parquet file; read it with read_{what}() and give the table that it returns."
        )
    listed = "[" + ", ".join(map(literal, files)) + "]"
    try:
        described = connection.execute(f"DESCRIBE SELECT * FROM read_parquet({listed}, union_by_name=true)").fetchall()
        sizes = dict(connection.execute(f"SELECT file_name, num_rows FROM parquet_file_metadata({listed})").fetchall())
    except duckdb.Error as problem:
        raise DataError(f"{what}: {_short(problem)}; save the files as Parquet again.") from None
    before, starts = 0, []
    for file in files:
        starts.append(before)
        before += sizes[file]
    number = f"file_row_number + list_extract({starts}, CAST(file_index AS BIGINT) + 1)"
    return Opened(f"read_parquet({listed}, union_by_name=true)", {str(r[0]): str(r[1]) for r in described}, number)


def _registrable(table: Any, what: str) -> Any:
    """Return what an engine can scan without a copy, where there is one."""
    import pandas as pd

    if isinstance(table, pd.DataFrame):
        return _plain(table)
    if hasattr(table, "to_arrow_reader"):  # a DuckDB relation, streamed from the connection that it belongs to
        return table.to_arrow_reader()
    for method in ("collect", "to_arrow"):  # polars, lazy or not
        if hasattr(table, method):
            table = getattr(table, method)()
    if type(table).__module__.startswith("pyarrow"):
        return table
    raise DataError(
        f"{what}: a {type(table).__name__} is no table; give a pandas, polars or Arrow table, a DuckDB relation, or the "
        "path of a Parquet file."
    )


def _plain(table: Any) -> Any:
    """Return a pandas frame whose categories are text, and whose columns have text as names."""
    import pandas as pd

    plain = table.copy(deep=False)
    plain.columns = [str(column) for column in plain.columns]
    for column in plain.columns[plain.columns.duplicated()]:
        raise DataError(f"several columns are called {column!r}; rename or drop all but one of them.")
    for column in plain.columns:
        if isinstance(plain[column].dtype, pd.CategoricalDtype):
            plain[column] = plain[column].astype(object).where(plain[column].notna(), None)
    return plain


def require(opened: Opened, columns: list[str], what: str) -> None:
    """Raise an error that lists the columns that a table lacks."""
    import pandas as pd

    require_columns(pd.DataFrame(columns=list(opened.kinds)), columns, table=what)


def make(connection: duckdb.DuckDBPyConnection, sql: str, what: str) -> None:
    """Run a statement that reads a table given by the user; what the engine says against it is told in one line."""
    import duckdb

    try:
        connection.execute(sql)
    except duckdb.OutOfMemoryException:
        raise
    except duckdb.Error as problem:
        raise DataError(f"{what}: the engine can't read the table: {_short(problem)}") from None


def _short(problem: Exception) -> str:
    return without_address(
        str(problem).splitlines()[0].removeprefix("Invalid Input Error: ").removeprefix("IO Error: ")
    )
