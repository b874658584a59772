"""Who is who: every contact has an id of its own; a row without one, or with one that stands above, is set aside."""

from __future__ import annotations

from typing import TYPE_CHECKING

from segvspers._display import plural
from segvspers.tables.engine import may_repeat

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    import pyarrow as pa

    from segvspers.tables import Reading

NOBODY = "no contact_id and no email"
REPEATED = "contact_id is repeated"
SAME_ADDRESS = "no contact_id, and another row has the email"


def identify(reading: Reading, rows: pa.Table) -> pa.Table:
    """Return the rows with a `contact_id` in front; rows that nobody can be told by are rejected in the reading.

    Where a contact has no id, its email address in lower case stands in for it. Of several rows with one id the first
    that can be used is kept.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    nothing = pa.chunked_array([pa.nulls(rows.num_rows, pa.string())])
    address = pc.utf8_lower(rows["email"]) if "email" in rows.column_names else nothing
    given = rows["contact_id"] if "contact_id" in rows.column_names else nothing
    written = pc.if_else(pc.match_substring(given, "@"), pc.utf8_lower(given), given)
    ids = pc.coalesce(written, address)
    filled = pc.and_(pc.is_null(given), pc.is_valid(ids)).to_numpy()
    reading.convert("contact_id", "the email address in lower case stands in for it", int(filled.sum()))
    reading.convert("contact_id", "addresses made lower case", pc.sum(pc.not_equal(written, given)).as_py() or 0)
    _reject_nobody(reading, rows, ids)
    _reject_repeated(reading, ids)
    if may_repeat(address):
        if filled.any() and not filled.all():
            _reject_same_address(reading, address.to_pandas(), filled)
        _note_shared(reading, address.to_pandas())
    others = rows.drop_columns(["contact_id"]) if "contact_id" in rows.column_names else rows
    return others.add_column(0, "contact_id", ids)


def _reject_nobody(reading: Reading, rows: pa.Table, ids: pa.ChunkedArray) -> None:
    import numpy as np

    nobody = ids.is_null().to_numpy()
    if nobody.any():
        places = np.flatnonzero(nobody)
        some = rows.take(places)
        blank = np.logical_and.reduce([some[name].is_null().to_numpy() for name in some.column_names])
        empty = np.zeros(len(nobody), dtype=bool)
        empty[places[blank]] = True
        reading.reject(empty, "the row is empty")
        reading.reject(nobody & ~empty, NOBODY)


def _reject_repeated(reading: Reading, ids: pa.ChunkedArray) -> None:
    """Reject all but the first usable row of each id."""
    if not may_repeat(ids):
        return
    who = ids.to_pandas()
    usable = who[reading.kept & who.notna().to_numpy()]
    repeated = usable.duplicated()
    first = usable[~repeated].reset_index().set_axis(["place", "id"], axis=1)
    again = usable[repeated].to_frame("id").merge(first, on="id", how="left")
    _reject_at(reading, usable.index[repeated].to_numpy(), again["place"].to_numpy(), REPEATED)


def _reject_same_address(reading: Reading, address: pd.Series, filled: np.ndarray) -> None:
    """Reject rows without an id whose email another usable row with an id has."""
    usable = address[reading.kept & address.notna().to_numpy()]
    with_id = usable[~filled[usable.index]]
    first = with_id[~with_id.duplicated()].reset_index().set_axis(["place", "email"], axis=1)
    without = usable[filled[usable.index]].reset_index().set_axis(["own", "email"], axis=1)
    found = without.merge(first, on="email", how="inner")
    _reject_at(reading, found["own"].to_numpy(), found["place"].to_numpy(), SAME_ADDRESS)


def _reject_at(reading: Reading, places: np.ndarray, firsts: np.ndarray, reason: str) -> None:
    import numpy as np

    if not len(places):
        return
    bad = np.zeros(reading.n_rows, dtype=bool)
    bad[places] = True
    reasons = np.full(reading.n_rows, "", dtype=object)
    several = len(reading.parts) > 1
    names = [source.name for source in reading.sources]
    rows, parts = reading.row[firsts], reading.origin[firsts]
    reasons[places] = [
        f"{reason}: row {row}{f' of {names[part]}' if several else ''} has it and is kept"
        for row, part in zip(rows, parts, strict=True)
    ]
    reading.reject(bad, reasons)


def _note_shared(reading: Reading, address: pd.Series) -> None:
    usable = address[reading.kept & address.notna().to_numpy()]
    n_shared = int(usable[usable.duplicated()].nunique())
    if n_shared:
        told = plural(n_shared, "email address stands", "email addresses stand")
        reading.note(f"{told} with more than one contact_id.")
