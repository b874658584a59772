"""Rows with two stray quotes, which the parser cuts in pieces: a piece with the right number of fields it takes for a row.

Such a row is covered with one character in a copy of the file, byte for byte, so that the parser refuses it as a whole and
all other bytes stay where they are.
"""

from __future__ import annotations

import mmap
import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

COVER = b"\x1c"
_QUOTED = re.compile(rb'"(?:[^"]|"")*"?[^\r\n]*')


def cover_torn(path: Path, torn: pd.DataFrame) -> dict[int, bytes]:
    """Cover the torn rows of a file in place; return what stood there by where it began."""
    covered = {}
    with path.open("r+b") as opened, mmap.mmap(opened.fileno(), 0) as mapped:
        for fault in torn.itertuples():
            shown_end = fault.start + len(fault.raw.encode())
            start = fault.start if fault.first_quote <= shown_end else shown_end  # else the row before is shown
            while mapped[start : start + 1] in {b"\r", b"\n"}:
                start += 1
            found = _QUOTED.match(mapped, fault.last_quote)
            stop = found.end() if found else fault.last_quote
            del found  # it holds the map open
            covered[start] = mapped[start:stop]
            mapped[start:stop] = COVER * (stop - start)
    return covered


def uncover(faults: pd.DataFrame, covered: dict[int, bytes]) -> pd.DataFrame:
    """Return the faults with covered rows as they stood in the file."""
    starts = faults["start"] + (faults["raw"].str.len() - faults["raw"].str.lstrip("\r\n").str.len())
    torn = starts.isin(covered.keys())
    told = [covered[start].decode("utf-8", errors="backslashreplace") for start in starts[torn]]
    faults.loc[torn, "raw"] = told
    faults.loc[torn, "open_quote"] = True
    return faults
