"""One pass of DuckDB's parser over a text file, and what it refused."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from segvspers.tables.blanks import find_blank_lines, hold_blank_lines, mark_blank_lines, without_marks
from segvspers.tables.engine import connect
from segvspers.tables.text import TextForm
from segvspers.tables.torn import cover_torn, uncover

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    import pyarrow as pa

LINE_BYTES, LONGEST_LINE_BYTES, MOST_ROUNDS = 2 << 20, 1 << 30, 20
UNREADABLE = "unreadable bytes"
OPEN_QUOTE = "a quote is not closed or not doubled"
WRONG_NUMBER = "wrong number of fields"
TOO_LONG = "line too long"
FAULTS_SQL = """
    SELECT line::BIGINT AS line, min(line_byte_position)::BIGINT - 1 AS start,
           arg_min(csv_line, line_byte_position) AS raw,
           count(*) FILTER (error_type = 'UNQUOTED VALUE') > 1 AS torn,
           coalesce(min(byte_position) FILTER (error_type = 'UNQUOTED VALUE'), 1)::BIGINT - 1 AS first_quote,
           coalesce(max(byte_position) FILTER (error_type = 'UNQUOTED VALUE'), 1)::BIGINT - 1 AS last_quote,
           bool_or(error_type = 'LINE SIZE OVER MAXIMUM') AS too_long,
           bool_or(error_type = 'INVALID ENCODING') AS unreadable,
           bool_or(error_type = 'UNQUOTED VALUE') AS open_quote,
           coalesce(max(column_idx) FILTER (error_type = 'TOO MANY COLUMNS'), min(column_idx), 0)::BIGINT AS n_fields
    FROM reject_errors GROUP BY line ORDER BY line
"""


@dataclass(slots=True, eq=False)
class Scanned:
    """Rows that could be split, and `faults`: `place, reason, raw` of those that could not.

    A place says where a row stands in the file: rows in the order of their places are rows in the order of the file.
    """

    rows: pa.Table
    place: np.ndarray
    faults: pd.DataFrame

    @property
    def n_unreadable(self) -> int:
        """Count the rows whose bytes can't be read."""
        return int((self.faults["reason"] == UNREADABLE).sum())


def scan_text(path: Path, form: TextForm, *, header: bool = True) -> Scanned:
    """Parse a UTF-8 text once; names of columns are c0, c1 and so on.

    Raises
    ------
    duckdb.Error, ValueError
        When the parser gives up on the file, as on line ends of several kinds.
    """
    import numpy as np

    rows, faults = _run(path, form, header=header)
    if not len(faults):
        return Scanned(rows, np.arange(rows.num_rows, dtype=float), _told(faults, form))
    blank_lines = find_blank_lines(path, form.n_above)
    if len(blank_lines) and hold_blank_lines(rows, faults["raw"]):
        return _scan_marked(path, form, header=header)
    return _placed(rows, faults, form, header=header, blank_lines=blank_lines)


def _scan_marked(path: Path, form: TextForm, *, header: bool) -> Scanned:
    """Parse a copy whose blank lines are marked, so that those between rows can be told from those inside quotes."""
    import numpy as np

    with TemporaryDirectory(prefix="segvspers-") as folder:
        marked = Path(folder) / "marked.csv"
        mark_blank_lines(path, marked)
        rows, faults = without_marks(*_run(marked, form, header=header))
        return _placed(rows, faults, form, header=header, blank_lines=np.array([], dtype=np.int64))


def _placed(rows: pa.Table, faults: pd.DataFrame, form: TextForm, *, header: bool, blank_lines: np.ndarray) -> Scanned:
    """Return the rows with their places, counted without the blank lines between them."""
    import numpy as np

    blank = (faults["raw"].str.strip().fillna("") == "").to_numpy()
    starts = faults["start"].to_numpy(dtype=np.int64) + _leading(faults["raw"])
    place = faults["line"].to_numpy(dtype=np.int64) - 1 - header - (form.n_above if header else 0)
    place -= np.searchsorted(blank_lines, starts) + np.concatenate([[0], np.cumsum(blank)[:-1]])
    taken = place[~blank]
    free = np.ones(rows.num_rows + len(taken), dtype=bool)
    free[np.clip(taken, 0, len(free) - 1)] = False
    own = np.flatnonzero(free)[: rows.num_rows].astype(float)
    return Scanned(rows, own, _told(faults[~blank], form).assign(place=taken.astype(float)))


def _run(path: Path, form: TextForm, *, header: bool) -> tuple[pa.Table, pd.DataFrame]:
    """Return the rows and the faults of a file, of which no row is torn in pieces."""
    rows, faults = _parse(path, form, header=header)
    if not faults["torn"].any():
        return rows, _with_their_bytes(faults, path)
    with TemporaryDirectory(prefix="segvspers-") as folder:
        copy = Path(shutil.copyfile(path, Path(folder) / "covered.csv"))
        covered: dict[int, bytes] = {}
        for _ in range(MOST_ROUNDS):
            covered |= cover_torn(copy, faults[faults["torn"]])
            rows, faults = _parse(copy, form, header=header)
            if not faults["torn"].any():
                return rows, uncover(_with_their_bytes(faults, copy), covered)
    raise ValueError("rows are torn in pieces again and again")


def _parse(path: Path, form: TextForm, *, header: bool, line_bytes: int = LINE_BYTES) -> tuple[pa.Table, pd.DataFrame]:
    """Return the rows and the faults of one pass; a line longer than lines usually are takes a second one."""
    columns = ", ".join(f"'c{place}': 'VARCHAR'" for place in range(len(form.names)))
    query = f"""
        FROM read_csv($path, auto_detect = false, columns = {{{columns}}}, header = {str(header).lower()},
            skip = {form.n_above if header else 0}, delim = $delimiter, quote = '"', escape = $escape, comment = '',
            nullstr = [''], null_padding = false, strict_mode = true, store_rejects = true, rejects_limit = 0,
            rejects_line_size_limit = {LONGEST_LINE_BYTES}, max_line_size = {line_bytes})
    """
    with connect() as engine:
        given = {"path": str(path), "delimiter": form.delimiter, "escape": form.escape}
        rows = engine.sql(query, params=given).to_arrow_table()
        faults = engine.sql(FAULTS_SQL).df()
    if faults["too_long"].any() and line_bytes == LINE_BYTES:
        longest = min(LONGEST_LINE_BYTES, max(LINE_BYTES, path.stat().st_size) + 1)
        return _parse(path, form, header=header, line_bytes=longest)
    return rows, faults.assign(raw=faults["raw"].astype(object).fillna(""))


def _with_their_bytes(faults: pd.DataFrame, path: Path) -> pd.DataFrame:
    """Return the faults with unreadable bytes as codes, where the parser shows question marks."""
    import pandas as pd

    unreadable = faults.loc[faults["unreadable"], ["start", "raw"]]
    lines = []
    with path.open("rb") as opened:
        for start, shown in unreadable.itertuples(index=False, name=None):
            opened.seek(start)
            lines.append(opened.read(len(shown.encode())).decode("utf-8", errors="backslashreplace"))
    faults.loc[faults["unreadable"], "raw"] = pd.Series(lines, index=unreadable.index, dtype=object)
    return faults


def _told(faults: pd.DataFrame, form: TextForm) -> pd.DataFrame:
    """Return `place, reason, raw` of each fault; `place` is still 0."""
    import numpy as np
    import pandas as pd

    known = {"too_long": TOO_LONG, "unreadable": UNREADABLE, "open_quote": OPEN_QUOTE}
    counted = f"{WRONG_NUMBER}: " + faults["n_fields"].astype(str) + f" instead of {len(form.names)}"
    reason = np.select([faults[name] for name in known], list(known.values()), counted.astype(object))
    raw = faults["raw"].str.strip("\r\n")
    return pd.DataFrame({"place": 0.0, "reason": reason, "raw": raw}).reset_index(drop=True)


def _leading(raw: pd.Series) -> np.ndarray:
    """Count the line ends that stand before a refused row, since the parser may begin it there."""
    return (raw.str.len() - raw.str.lstrip("\r\n").str.len()).fillna(0).to_numpy(dtype="int64")
