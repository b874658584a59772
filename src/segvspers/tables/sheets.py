"""Sheets of a workbook: the first that holds a table, all cells as text."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING
from zipfile import BadZipFile

from segvspers.errors import ArgumentError, DataError
from segvspers.tables.text import header_of

if TYPE_CHECKING:
    import pyarrow as pa


def read_sheet(
    path: Path, *, table: str, sheet: str | int | None = None, known: Collection[str] = ()
) -> tuple[pa.Table, str]:
    """Return a sheet with all cells as text, and a note on what was passed over.

    Raises
    ------
    DataError
        When the file is no workbook or holds no table.
    ArgumentError
        When there is no such sheet.
    """
    import openpyxl
    import pyarrow as pa

    broken = (BadZipFile, OSError, KeyError, ValueError, EOFError, TypeError, SyntaxError)
    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    except broken as problem:
        raise DataError(f"{table}: {path.name} is no readable xlsx file ({type(problem).__name__}).") from None
    names = book.sheetnames
    chosen = _chosen(names, sheet)
    try:
        filled = {name: _rows(book[name]) for name in ([chosen] if chosen else names)}
        book.close()
    except broken as problem:
        raise DataError(f"{table}: {path.name} is no readable xlsx file ({type(problem).__name__}).") from None
    name = next((name for name, rows in filled.items() if len(rows)), names[0])
    rows = filled[name]
    if not rows:
        raise DataError(f"{table}: {path.name} is empty; it needs a header line and rows.")
    place, header, note = header_of(rows, known)
    width = max(map(len, rows[place:]))
    header += [f"unnamed_{number}" for number in range(len(header) + 1, width + 1)]
    body = [row + [None] * (width - len(row)) for row in rows[place + 1 :]]
    columns = list(zip(*body, strict=True)) if body else [()] * width
    notes = [f"sheet {names.index(name) + 1} of {len(names)}"] if len(names) > 1 else []
    notes += [f"{place} rows above the header were passed over"] if place else []
    arrays = [pa.chunked_array([pa.array(column, type=pa.string())]) for column in columns]
    return pa.Table.from_arrays(arrays, names=header), ", ".join([*notes, *([note] if note else [])])


def _chosen(names: list[str], sheet: str | int | None) -> str | None:
    if sheet is None:
        return None
    if isinstance(sheet, int) and 1 <= sheet <= len(names):
        return names[sheet - 1]
    if sheet in names:
        return str(sheet)
    raise ArgumentError(f"sheet={sheet!r} is not there; the workbook has {names}. Give a name, or a number from 1.")


def _rows(sheet: object) -> list[list[str | None]]:
    """Return the rows that hold something, as text, without the empty cells at their end."""
    rows = []
    for values in sheet.iter_rows(values_only=True):  # type: ignore[attr-defined]
        cells = [_text(value) for value in values]
        while cells and cells[-1] is None:
            cells.pop()
        if cells:
            rows.append(cells)
    return rows


def _text(value: object) -> str | None:
    if value is None:
        return None
    if isinstance(value, (dt.datetime, dt.date)):
        return value.isoformat()
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value).strip() or None
