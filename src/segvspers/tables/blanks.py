"""Blank lines between the rows of a text file, which the parser counts and rows do not; those inside quotes are text."""

from __future__ import annotations

import mmap
import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    import pyarrow as pa

MARK = "\x1dblank\x1d"
_BLANK = r"\n\r?\n|\r\r"
BLOCK_BYTES = 8 << 20


def find_blank_lines(path: Path, n_above: int) -> np.ndarray:
    """Return where the blank lines begin that stand below the first lines of a file, inside quotes or not."""
    import numpy as np

    with path.open("rb") as opened, mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
        end = b"\n" if mapped.find(b"\n") >= 0 else b"\r"
        top = 0
        for _ in range(n_above):
            top = mapped.find(end, top) + 1
        blank = re.compile(rb"\n(?=\r?\n)" if end == b"\n" else rb"\r(?=\r)")
        return np.array([found.end() for found in blank.finditer(mapped, top)], dtype=np.int64)


def hold_blank_lines(rows: pa.Table, refused: pd.Series) -> bool:
    """Tell whether a value or a refused row holds a blank line, so that not every blank line stands between rows."""
    import pyarrow.compute as pc

    if refused.str.strip("\r\n").str.contains(_BLANK, regex=True).any():
        return True
    return any(pc.any(pc.match_substring_regex(column, _BLANK), min_count=0).as_py() for column in rows.columns)


def mark_blank_lines(source: Path, target: Path) -> None:
    """Write a copy in which each blank line holds a mark: between rows it is then refused, inside quotes it is text."""
    mark = MARK.encode()
    held = b""
    with source.open("rb") as opened, target.open("wb") as copied:
        while block := opened.read(BLOCK_BYTES):
            block = held + block
            held = block[len(block.rstrip(b"\r\n")) :]
            copied.write(_marked(block[: len(block) - len(held)], mark))
        copied.write(_marked(held, mark))


def _marked(block: bytes, mark: bytes) -> bytes:
    return re.sub(rb"(?<=\n)(?=\r?\n)|(?<=\r)(?=\r)", mark, block)


def without_marks(rows: pa.Table, faults: pd.DataFrame) -> tuple[pa.Table, pd.DataFrame]:
    """Return rows and refused rows as they were before blank lines were marked; the marked lines stay, as blank ones."""
    import pyarrow as pa
    import pyarrow.compute as pc

    cleaned = [pc.replace_substring(column, MARK, "") for column in rows.columns]
    return pa.Table.from_arrays(cleaned, names=rows.column_names), faults.assign(
        raw=faults["raw"].str.replace(MARK, "", regex=False)
    )
