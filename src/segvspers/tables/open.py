"""Open a table, whatever it comes in, with all its rows as they came; values of text files come as text."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from glob import glob
from pathlib import Path
from typing import TYPE_CHECKING, Any

from segvspers._checks import few
from segvspers.errors import DataError, MissingFileError, raise_all
from segvspers.tables.delimited import parse_text
from segvspers.tables.memory import from_memory
from segvspers.tables.objects import NO_OBJECT, read_objects
from segvspers.tables.reading import Part, Reading
from segvspers.tables.report import Source, no_rejects
from segvspers.tables.sheets import read_sheet
from segvspers.tables.text import DELIMITERS, find_form, is_packed

if TYPE_CHECKING:
    import pyarrow as pa

TEXT, SHEETS = {".csv", ".tsv", ".tab", ".txt"}, {".xlsx", ".xlsm"}
JSON, PARQUET = {".json", ".jsonl", ".ndjson"}, {".parquet", ".pq"}
_QUERY = re.compile(r"\s*(?:SELECT|FROM|WITH|PIVOT|VALUES)\s", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Given:
    """What the user says about the form of the files, which goes before what is found; and names that are known."""

    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | int | None = None
    known: Collection[str] = ()


def open_table(source: Any, *, table: str, given: Given | None = None) -> Reading:
    """Open a table, with all its rows as they came.

    Parameters
    ----------
    source
        A path (CSV, TSV, XLSX, Parquet, JSON, JSON lines; text also packed with gzip), a glob, a list of these, an SQL
        query for DuckDB, a pandas, polars or Arrow table, a DuckDB relation, or a list of tables.
    table
        What the table is called in messages.
    given
        What the user says about the form of the files.

    Returns
    -------
    Reading
        The rows, and what was found: files, delimiter, encoding, rows that can't be split.

    Raises
    ------
    MissingFileError
        When no file is there.
    DataError
        When a file is empty, can't be parsed or has no delimiter, or the object is no table; of several files, with the
        problems of all.
    """
    chosen = given or Given()
    several = isinstance(source, (list, tuple)) and source and not all(isinstance(one, dict) for one in source)
    parts: list[Part] = []
    problems: list[str] = []
    for one in source if several else [source]:
        for open_one in _listed(one, table, chosen):
            try:
                parts.append(_with_header_checked(open_one(), table))
            except DataError as problem:
                problems.append(str(problem).removeprefix(f"{table}: "))
    raise_all(table, problems)
    return Reading(table=table, parts=tuple(parts))


def _listed(source: Any, table: str, given: Given) -> list[Callable[[], Part]]:
    """Return one opener a file or table."""
    if isinstance(source, str) and _QUERY.match(source):
        return [lambda: _from_query(source, table)]
    if isinstance(source, (str, Path)):
        return [lambda path=path: _from_path(path, table, given) for path in _paths(source, table)]  # type: ignore[misc]
    return [lambda: _from_memory(source, table)]


def _paths(source: str | Path, table: str) -> list[Path]:
    path = Path(source).expanduser()
    if path.is_file():
        return [path]
    if path.is_dir():
        raise MissingFileError(f"{table}: {source} is a folder; name its files by a glob such as {path.name}/*.csv.")
    found = sorted(Path(name) for name in glob(str(path), recursive=True) if Path(name).is_file())  # noqa: PTH207
    if not found:
        raise MissingFileError(f"{table}: no file at {source}; check the spelling and the folder.")
    return found


def _from_query(query: str, table: str) -> Part:
    import duckdb
    import pyarrow as pa

    try:
        found = duckdb.sql(query)
        rows = found.to_arrow_table() if found is not None else pa.table({})
    except (duckdb.Error, AttributeError) as problem:
        told = str(problem).split("\n", 1)[0][:200] if "@" not in str(problem) else ""
        raise DataError(f"{table}: the query can't be run ({type(problem).__name__}: {told}).") from None
    return Part(rows, Source("query", "SQL query", rows.num_rows))


def _from_memory(source: Any, table: str) -> Part:
    rows, told = from_memory(source, table=table)
    return Part(rows, Source(told, "table in memory", rows.num_rows), original=source)


def _from_path(path: Path, table: str, given: Given) -> Part:
    import pyarrow as pa
    import pyarrow.parquet as pq

    ending = (Path(path.stem) if is_packed(path) else path).suffix.lower()
    if not path.stat().st_size:
        raise DataError(f"{table}: {path.name} is empty; it needs a header line and rows.")
    if ending in TEXT:
        return _from_text(path, table, given)
    if ending in SHEETS:
        rows, note = read_sheet(path, table=table, sheet=given.sheet, known=given.known)
        return Part(rows, Source(path.name, "XLSX", rows.num_rows, note=note))
    if ending in JSON:
        return _from_json(path, table)
    if ending in PARQUET:
        try:
            rows = pq.read_table(path)
        except (pa.ArrowException, OSError) as problem:
            raise DataError(f"{table}: {path.name} is no readable parquet file ({type(problem).__name__}).") from None
        return Part(rows, Source(path.name, "Parquet", rows.num_rows))
    known = sorted(TEXT | SHEETS | JSON | PARQUET)
    raise DataError(f"{table}: {path.name} has an unknown ending; use one of {known}.")


def _from_text(path: Path, table: str, given: Given) -> Part:
    form = find_form(path, table=table, known=given.known, encoding=given.encoding, delimiter=given.delimiter)
    parsed = parse_text(path, form, table=table, fixed_encoding=given.encoding is not None)
    source = Source(
        name=path.name,
        kind="text",
        n_rows=parsed.rows.num_rows + len(parsed.unsplit),
        delimiter=DELIMITERS.get(form.delimiter, form.delimiter),
        encoding=parsed.encoding,
        note=", ".join(note for note in (form.note, parsed.note) if note),
    )
    return Part(parsed.rows, source, numbers=parsed.numbers, unsplit=parsed.unsplit, delimiter=form.delimiter)


def _from_json(path: Path, table: str) -> Part:
    import pandas as pd

    rows, numbers, bad = read_objects(path, table=table)
    unsplit = no_rejects()
    if bad:
        unsplit = pd.DataFrame(
            {"source": "", "row": [row for row, _ in bad], "reason": NO_OBJECT, "raw": [raw for _, raw in bad]}
        )
    return Part(rows, Source(path.name, "JSON", len(numbers) + len(bad)), numbers=numbers, unsplit=unsplit)


def _with_header_checked(part: Part, table: str) -> Part:
    """Return a part without what pandas notes in files, such as which column was its index; or say what its header lacks."""
    part = replace(part, rows=part.rows.replace_schema_metadata(None))
    names: pa.Schema = part.rows.column_names
    if any("@" in name for name in names):
        raise DataError(f"{table}: an address stands where a column should have its name; put a header line on top.")
    repeated = sorted({name for name in names if names.count(name) > 1}) if len(set(names)) < len(names) else []
    if repeated:
        raise DataError(
            f"{table}: several columns have one name ({few(repeated)}); rename or drop all but one of each."
        )
    return part
