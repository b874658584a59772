"""Columns of any kind as text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from segvspers.tables.engine import column_sql

if TYPE_CHECKING:
    import pyarrow as pa


def as_text(values: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return values of any kind as text; whole numbers as such, though an empty cell has made floats of them."""
    import pyarrow as pa

    if is_text(values.type):
        return values
    if pa.types.is_null(values.type):
        return values.cast(pa.string())
    if pa.types.is_floating(values.type):
        return column_sql(
            values, "CASE WHEN x = trunc(x) AND abs(x) < 1e15 THEN x::BIGINT::VARCHAR ELSE x::VARCHAR END"
        )
    if pa.types.is_dictionary(values.type):
        return as_text(values.cast(values.type.value_type))
    return column_sql(values, "CAST(x AS VARCHAR)")


def trimmed(values: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return values as text without blanks around; empty text is null."""
    import pyarrow as pa
    import pyarrow.compute as pc

    text = pc.utf8_trim_whitespace(as_text(values))
    empty = pc.equal(pc.binary_length(text), 0)
    return pc.if_else(empty, pa.scalar(None, text.type), text) if pc.any(empty).as_py() else text


def is_text(kind: pa.DataType) -> bool:
    """Tell whether values of a kind are text."""
    import pyarrow as pa

    return pa.types.is_string(kind) or pa.types.is_large_string(kind)
