"""What one column of contacts tells of another: a size of the number of employees, a first name of the whole name."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from segvspers.contacts.columns import COMPANY_SIZES

if TYPE_CHECKING:
    import pyarrow as pa

    from segvspers.tables import Reading

UPPER_ENDS = (10, 50, 200, 1000)


def sort_out_sizes(_: Reading, rows: pa.Table) -> pa.Table:
    """Return the rows with a company size that holds plain numbers as the number of employees."""
    import pyarrow.compute as pc

    names = rows.column_names
    if "company_size" not in names or "n_employees" in names:
        return rows
    found = [value for value in pc.unique(rows["company_size"]).to_pylist() if value is not None and str(value).strip()]
    if found and all(re.fullmatch(r"\s*\d[\d.,\s]*", str(value)) for value in found):
        return rows.rename_columns(["n_employees" if name == "company_size" else name for name in names])
    return rows


def fill_in(reading: Reading, rows: pa.Table) -> pa.Table:
    """Return converted rows with the columns that others tell, where they are missing."""
    names = rows.column_names
    if "n_employees" in names and "company_size" not in names:
        rows = _sized(reading, rows)
    if "name" in names and "first_name" not in names:
        rows = _named(reading, rows)
    if "suppressed_at" in names and "suppressed" not in names:
        rows = rows.append_column("suppressed", rows["suppressed_at"].is_valid())
        reading.convert("suppressed", "true where suppressed_at is filled", rows.num_rows)
    return rows


def _sized(reading: Reading, rows: pa.Table) -> pa.Table:
    import numpy as np
    import pyarrow as pa

    employees = rows["n_employees"].to_numpy()
    places = np.searchsorted(UPPER_ENDS, employees)
    codes = pa.array(places, mask=~(employees > 0), type=pa.int32())
    sizes = pa.DictionaryArray.from_arrays(codes, pa.array(COMPANY_SIZES), ordered=True)
    reading.convert("company_size", "made of n_employees", len(sizes) - sizes.null_count)
    return rows.append_column("company_size", pa.chunked_array([sizes]))


def _named(reading: Reading, rows: pa.Table) -> pa.Table:
    """Split whole names: ``Ada Byron`` at the first blank, ``Byron, Ada`` at the comma."""
    import pyarrow.compute as pc

    parts = pc.extract_regex(
        rows["name"], r"^(?:(?P<family>[^,]+), *(?P<given>[^, ]+).*|(?P<first>\S+)(?: +(?P<last>.+))?)$"
    )
    field = {name: pc.struct_field(parts, name) for name in ("family", "given", "first", "last")}
    for name, one, other in (("first_name", "given", "first"), ("last_name", "family", "last")):
        if name not in rows.column_names:
            made = pc.if_else(pc.equal(field[one], ""), field[other], field[one])
            rows = rows.append_column(name, pc.if_else(pc.equal(made, ""), None, made))
            reading.convert(name, "taken from the whole name", len(made) - made.null_count)
    return rows
