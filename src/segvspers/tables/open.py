"""Bring a table into pandas, whatever it is; text files come as text, and are converted by column later."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from glob import glob
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zipfile import BadZipFile

from segvspers._checks import few
from segvspers.errors import DataError, MissingFileError
from segvspers.tables.reading import Reading
from segvspers.tables.report import Source

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
TEXT, SHEETS, JSON = {".csv", ".tsv", ".txt"}, {".xlsx", ".xlsm"}, {".json", ".jsonl", ".ndjson"}


def open_table(source: Any, *, table: str) -> Reading:
    """Open a table, with all its rows as they came.

    Parameters
    ----------
    source
        A path (CSV, TSV, XLSX, Parquet, JSON, JSON lines), a glob, a list of these, a pandas, polars or Arrow
        table, or a DuckDB relation.
    table
        What the table is called in messages.

    Returns
    -------
    Reading
        The rows, the values of text files as text, and what was found: files, delimiter, encoding.

    Raises
    ------
    MissingFileError
        When no file is there.
    DataError
        When a file is empty, can't be decoded or has no delimiter; or the object is no table.
    """
    import numpy as np
    import pyarrow as pa

    if isinstance(source, (str, Path)):
        parts = [_open_path(path, table) for path in _listed(source, table)]
    elif isinstance(source, (list, tuple)) and source and all(isinstance(one, (str, Path)) for one in source):
        parts = [_open_path(path, table) for one in source for path in _listed(one, table)]
    else:
        frame = _from_memory(source, table)
        parts = [(frame, Source(type(source).__name__, "table in memory", len(frame)))]
    for frame, _ in parts:
        _check_header(frame, table)
    tables = [as_arrow(frame) for frame, _ in parts]
    lengths = [len(frame) for frame, _ in parts]
    return Reading(
        table=table,
        raw=tables[0] if len(tables) == 1 else pa.concat_tables(tables, promote_options="permissive"),
        sources=tuple(source for _, source in parts),
        origin=np.repeat(np.arange(len(parts)), lengths),
        row=np.concatenate([np.arange(1, length + 1) for length in lengths]),
    )


def as_arrow(frame: pd.DataFrame) -> pa.Table:
    """Return a pandas table as an Arrow table; a column of mixed kinds becomes text."""
    import pyarrow as pa

    made = {}
    for place, name in enumerate(map(str, frame.columns)):
        column = frame.iloc[:, place]
        try:
            made[name] = pa.array(column, from_pandas=True)
        except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError):
            made[name] = pa.array(column.astype("string"), from_pandas=True)
    return pa.table(made)


def _check_header(frame: pd.DataFrame, table: str) -> None:
    if any("@" in str(name) for name in frame.columns):
        raise DataError(f"{table}: an address stands where a column should have its name; put a header line on top.")
    repeated = sorted(set(frame.columns[frame.columns.duplicated()].astype(str)))
    if repeated:
        raise DataError(
            f"{table}: several columns have one name ({few(repeated)}); rename or drop all but one of each."
        )


def _from_memory(source: Any, table: str) -> pd.DataFrame:
    import pandas as pd

    if isinstance(source, pd.DataFrame):
        return source.copy()
    for method in ("to_arrow_table", "collect"):
        if hasattr(source, method):
            source = getattr(source, method)()
    if hasattr(source, "to_pandas"):
        return source.to_pandas()
    if isinstance(source, Mapping):
        return pd.DataFrame(source)
    raise DataError(
        f"{table}: a {type(source).__name__} is no table; give a path, a glob, a pandas, polars or Arrow table, "
        "or a DuckDB relation."
    )


def _listed(source: str | Path, table: str) -> list[Path]:
    found = sorted(Path(name) for name in glob(str(source)))  # noqa: PTH207  the pattern may be absolute
    if not found and Path(source).is_file():
        found = [Path(source)]
    if not found:
        raise MissingFileError(f"{table}: no file at {source}; check the spelling and the folder.")
    return found


def _open_path(path: Path, table: str) -> tuple[pd.DataFrame, Source]:
    import pandas as pd

    if path.stat().st_size == 0:
        raise DataError(f"{table}: {path.name} is empty; it needs a header line and rows.")
    ending = Path(path.stem) if _packed(path) else path
    kind = ending.suffix.lower()
    try:
        if kind == ".parquet":
            return _whole(path, pd.read_parquet(path), "Parquet")
        if kind in SHEETS:
            return _whole(path, pd.read_excel(path, dtype=str, keep_default_na=False).replace("", None), "XLSX")
        if kind in JSON:
            return _whole(path, pd.read_json(path, lines=kind != ".json", dtype=False), "JSON")
    except (ValueError, OSError, BadZipFile) as problem:
        raise DataError(f"{table}: {path.name} is no readable {kind[1:]} file ({type(problem).__name__}).") from None
    if kind not in TEXT:
        known = sorted(TEXT | SHEETS | JSON | {".parquet"})
        raise DataError(f"{table}: {path.name} has an unknown ending; use one of {known}.")
    return _open_text(path, table)


def _open_text(path: Path, table: str) -> tuple[pd.DataFrame, Source]:
    import pandas as pd

    opened = "gzip" if _packed(path) else None
    try:
        head = _head(path)
    except (OSError, EOFError) as problem:
        raise DataError(f"{table}: {path.name} can't be unpacked ({type(problem).__name__}); save it again.") from None
    encoding = _encoding(head)
    lines = head.decode(encoding, errors="replace").lstrip("\ufeff").splitlines()
    first = next((line for line in lines if line.strip()), "")
    if not first:
        raise DataError(f"{table}: {path.name} is empty; it needs a header line and rows.")
    delimiter = max(DELIMITERS, key=first.count)
    if not first.count(delimiter):
        raise DataError(
            f"{table}: {path.name} seems to have one column only; its first line holds none of the delimiters "
            f"{list(DELIMITERS.values())}. Save it with one of them, or with more than one column."
        )
    try:
        frame = pd.read_csv(
            path,
            sep=delimiter,
            dtype=str,
            encoding=encoding,
            keep_default_na=False,
            na_values=[""],
            compression=opened,
        )
    except (ValueError, UnicodeError, OSError, EOFError, csv.Error) as problem:
        reason = str(problem).removeprefix("Error tokenizing data. C error: ").strip()
        reason = reason if reason.startswith("Expected") else type(problem).__name__
        raise DataError(
            f"{table}: {path.name} can't be read with the delimiter {DELIMITERS[delimiter]!r} and the encoding "
            f"{encoding}: {reason}. Quote fields that hold the delimiter, and save as UTF-8."
        ) from None
    frame.columns = [str(name).strip() for name in frame.columns]
    return frame, Source(path.name, "text", len(frame), delimiter=DELIMITERS[delimiter], encoding=encoding)


def _whole(path: Path, frame: pd.DataFrame, kind: str) -> tuple[pd.DataFrame, Source]:
    return frame, Source(path.name, kind, len(frame))


def _packed(path: Path) -> bool:
    return path.suffix.lower() == ".gz"


def _head(path: Path) -> bytes:
    if _packed(path):
        import gzip

        with gzip.open(path) as packed:
            return packed.read(200_000)
    with path.open("rb") as plain:
        return plain.read(200_000)


def _encoding(head: bytes) -> str:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    try:
        head[: head.rfind(b"\n") + 1 or None].decode("utf-8")
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8-sig"
