"""Find the engine of a table: pandas, DuckDB (Parquet, relations, Arrow), or narwhals (polars, PySpark)."""

from __future__ import annotations

from collections.abc import Mapping
from glob import glob
from pathlib import Path
from typing import Any

from segvspers.engine.table import Table
from segvspers.errors import DataError, MissingFileError
from segvspers.tables import open_table

PARQUET = {".parquet", ".pq"}


def open_source(source: Any, *, table: str, columns: Mapping[str, str] | None = None) -> Table:
    """Return a table on its own engine, under our names; no row is read yet, but for text files.

    Parameters
    ----------
    source
        A path, a folder of Parquet files, a glob, a list of paths; a table of pandas, polars (eager or lazy), Arrow or PySpark; a
        DuckDB relation.
    table
        What messages call it.
    columns
        ``{our name: their name}``.

    Returns
    -------
    Table
        Ready for moments by group.

    Raises
    ------
    MissingFileError
        When no file is there.
    DataError
        When the object is no table, or `columns` names what the table lacks.
    """
    import pandas as pd

    if isinstance(source, Table):
        return source
    if isinstance(source, (str, Path)) or (isinstance(source, (list, tuple)) and source):
        return _from_paths(source, table, columns)
    if isinstance(source, Mapping):
        source = pd.DataFrame(source)
    if isinstance(source, pd.DataFrame):
        return _from_pandas(source, table, columns)
    return _from_engine(source, table, columns)


def _from_pandas(frame: Any, table: str, columns: Mapping[str, str] | None) -> Table:
    from segvspers.engine.arrays import ArrayTable

    return ArrayTable(frame, table=table, columns=columns)


def _from_reading(source: Any, table: str, columns: Mapping[str, str] | None) -> Table:
    """Return a text file, a sheet or a table of an unknown kind, read into memory whole."""
    reading = open_table(source, table=table)
    if len(reading.unsplit):
        raise DataError(
            f"{table}: {len(reading.unsplit):,} rows can't be split into columns; read_{table}() sets them aside and "
            "says why."
        )
    return _from_pandas(reading.raw.to_pandas(), table, columns)


def _from_paths(source: Any, table: str, columns: Mapping[str, str] | None) -> Table:
    from segvspers.engine.sql import from_parquet

    named = [source] if isinstance(source, (str, Path)) else list(source)
    paths = [path for one in named for path in _files(one)]
    if not paths:
        raise MissingFileError(f"{table}: no file at {', '.join(map(str, named))}; check the spelling and the folder.")
    if all(path.suffix.lower() in PARQUET for path in paths):
        return from_parquet([str(path) for path in paths], table, columns)
    return _from_reading(source, table, columns)


def _files(source: str | Path) -> list[Path]:
    path = Path(source)
    if path.is_dir():
        return sorted(one for ending in PARQUET for one in path.rglob(f"*{ending}"))
    if path.is_file():
        return [path]
    return sorted(Path(name) for name in glob(str(source), recursive=True))  # noqa: PTH207  may be absolute


def _from_engine(source: Any, table: str, columns: Mapping[str, str] | None) -> Table:
    engine = type(source).__module__.partition(".")[0]
    if engine in {"duckdb", "_duckdb"}:
        from segvspers.engine.sql import SqlTable

        return SqlTable(source, table=table, columns=columns)
    if engine == "pyarrow":
        from segvspers.engine.sql import from_arrow

        return from_arrow(source.read_all() if hasattr(source, "read_all") else source, table, columns)
    if engine in {"polars", "pyspark"}:
        from segvspers.engine.lazy import LazyTable

        return LazyTable(source, table=table, columns=columns)
    return _from_reading(source, table, columns)
