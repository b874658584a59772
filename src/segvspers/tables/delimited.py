"""Parse delimited text in DuckDB: every row is used or set aside with its reason, and none is lost."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from segvspers.errors import DataError
from segvspers.tables.recode import copy_as_utf8, is_mostly_utf8, join_line_ends, needs_copy
from segvspers.tables.scan import Scanned, scan_text
from segvspers.tables.swallowed import recover_swallowed
from segvspers.tables.text import ENCODINGS, TextForm, find_form

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    import pyarrow as pa


@dataclass(slots=True, eq=False)
class Parsed:
    """Rows of a text file: those that could be split, with their numbers, and those that could not."""

    rows: pa.Table
    numbers: np.ndarray
    unsplit: pd.DataFrame
    encoding: str
    note: str = ""


def parse_text(path: Path, form: TextForm, *, table: str, fixed_encoding: bool = False) -> Parsed:
    """Return the rows of a delimited text file, all values as text, empty ones as null.

    Parameters
    ----------
    fixed_encoding
        Whether the encoding is the user's word; else a file that is not UTF-8 after all is read as cp1252.

    Raises
    ------
    DataError
        When the file can't be unpacked or the parser gives up on it.
    """
    with TemporaryDirectory(prefix="segvspers-") as folder:
        plain, encoding = path, form.encoding
        if needs_copy(path, encoding):
            plain = Path(folder) / "plain.csv"
            copy_as_utf8(path, plain, encoding=encoding, table=table)
        scanned, note = _scan(plain, form, Path(folder), what=f"{table}: {path.name}")
        if encoding == "utf-8" and not fixed_encoding and scanned.n_unreadable and not is_mostly_utf8(plain):
            encoding, recoded = "cp1252", Path(folder) / "cp1252.csv"
            copy_as_utf8(plain, recoded, encoding=encoding, table=table)
            form = find_form(path, table=table, known=form.names, encoding=encoding, delimiter=form.delimiter)
            scanned, note = _scan(recoded, form, Path(folder), what=f"{table}: {path.name}")
        return _numbered(scanned, form, ENCODINGS.get(encoding, encoding), note)


def _scan(path: Path, form: TextForm, folder: Path, *, what: str) -> tuple[Scanned, str]:
    """Return the rows, after making the line ends one when they are of several kinds."""
    import duckdb

    note = ""
    try:
        scanned = scan_text(path, form)
    except (duckdb.Error, ValueError):
        note, joined = "line ends of several kinds were made one", folder / "joined.csv"
        join_line_ends(path, joined)
        try:
            scanned = scan_text(joined, form)
        except (duckdb.Error, ValueError) as problem:
            raise DataError(
                f"{what} can't be parsed ({type(problem).__name__}); save it as UTF-8 with one row a line, and quote "
                "fields that hold the delimiter."
            ) from None
    return recover_swallowed(scanned, form, folder), note


def _numbered(scanned: Scanned, form: TextForm, encoding: str, note: str) -> Parsed:
    """Return the rows in the order of the file, with their numbers from 1."""
    import numpy as np
    import pandas as pd

    n_used = scanned.rows.num_rows
    place = np.concatenate([scanned.place, scanned.faults["place"].to_numpy(dtype=float)])
    numbers = np.empty(len(place), dtype=np.int64)
    numbers[np.argsort(place, kind="stable")] = np.arange(1, len(place) + 1)
    unsplit = pd.DataFrame(
        {"source": "", "row": numbers[n_used:], "reason": scanned.faults["reason"], "raw": scanned.faults["raw"]}
    )
    rows, own = scanned.rows.rename_columns(list(form.names)), numbers[:n_used]
    if (np.diff(own) < 0).any():
        order = np.argsort(own)
        rows, own = rows.take(order), own[order]
    return Parsed(rows, own, unsplit, encoding, note)
