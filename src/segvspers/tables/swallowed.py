"""Rows that a stray quote swallowed: the row that opened it is set aside, the lines after it are rows again."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from segvspers.tables.scan import OPEN_QUOTE, Scanned, scan_text
from segvspers.tables.text import TextForm

if TYPE_CHECKING:
    import pandas as pd


def recover_swallowed(scanned: Scanned, form: TextForm, folder: Path) -> Scanned:
    """Return the rows with those that an unclosed quote made part of a refused one.

    A quote that nobody closed takes in all lines up to the next quote, which can be the rest of the file. The first of
    these lines is at fault; each of the others is parsed on its own, and set aside itself when it can't be.
    """
    import numpy as np
    import pandas as pd
    import pyarrow as pa

    faults = scanned.faults
    swallowing = (faults["reason"] == OPEN_QUOTE) & faults["raw"].str.contains(r"[\r\n]", regex=True)
    if not swallowing.any():
        return scanned
    lines = _lines(faults[swallowing])
    first = ~lines["place"].duplicated()
    whole = ~first & (lines["raw"].str.count('"') % 2 == 0)
    found = _parse(lines[whole], form, folder)
    if found is None:
        return scanned
    own = (lines["place"] + _below(lines))[whole].to_numpy()
    kept = faults[~swallowing]
    torn = lines[~whole].assign(place=lines["place"] + _below(lines), reason=OPEN_QUOTE)
    refused = found.faults.assign(place=own[found.faults["place"].to_numpy(dtype=np.int64)])
    return Scanned(
        rows=pa.concat_tables([scanned.rows, found.rows]),
        place=np.concatenate([scanned.place, own[found.place.astype(np.int64)]]),
        faults=pd.concat([kept, torn, refused], ignore_index=True)[["place", "reason", "raw"]],
    )


def _lines(faults: pd.DataFrame) -> pd.DataFrame:
    """Return one row a line that is not blank: `place` of the fault that it is part of, and `raw`."""
    lines = faults[["place", "raw"]].assign(raw=faults["raw"].str.split(r"\r\n|\r|\n", regex=True)).explode("raw")
    return lines[lines["raw"].str.strip() != ""].reset_index(drop=True)


def _below(lines: pd.DataFrame) -> pd.Series:
    """Return the share of the way from the place of a fault to the next at which each of its lines stands."""
    groups = lines.groupby("place")
    return groups.cumcount() / (groups["raw"].transform("size") + 1)


def _parse(lines: pd.DataFrame, form: TextForm, folder: Path) -> Scanned | None:
    """Parse lines of which each should be one row; nothing when they are not."""
    import duckdb

    path = folder / "swallowed.csv"
    if not len(lines):
        return None
    path.write_text("\n".join([*lines["raw"], ""]), encoding="utf-8", newline="\n")
    try:
        found = scan_text(path, form, header=False)
    except (duckdb.Error, ValueError):
        return None
    return found if found.rows.num_rows + len(found.faults) == len(lines) else None
