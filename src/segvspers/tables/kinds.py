"""Make columns what they should be, whole columns at a time, and tell every value that can't be."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from segvspers.tables.columns import Column
from segvspers.tables.dates import read_times
from segvspers.tables.engine import column_sql, one_row
from segvspers.tables.numbers import read_numbers
from segvspers.tables.report import Conversion

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

FLAGS = dict.fromkeys(("true", "t", "yes", "y", "1", "1.0"), True) | dict.fromkeys(
    ("false", "f", "no", "n", "0", "0.0"), False
)
ASKED = {
    "flag": "true or false",
    "number": "a number such as 1234.5",
    "time": "a time such as 2026-09-08T06:00:00Z",
    "day": "a date such as 2026-09-08",
}
IDENTIFIER = re.compile(r"(?:^|[^a-z])(?:ids?|phone|fax|mobile|tel|zip|zipcode|postcode|postal|code)(?:$|[^a-z])")
NUMBER = r"-?(?:0|[1-9]\d{0,14})(?:[.,]\d+)?"
SAMPLE_ROWS = 1_000


@dataclass(slots=True)
class Clues:
    """What tells how a file writes numbers and dates: the user's word, its delimiter, its columns without doubt."""

    decimal: str | None = None
    day_first: bool | None = None
    delimiter: str = ""
    decimals: set[str] = field(default_factory=set)
    orders: set[bool] = field(default_factory=set)

    @property
    def likely_decimal(self) -> str:
        """Return the mark of decimals where a column leaves it open."""
        if len(self.decimals) == 1:
            return next(iter(self.decimals))
        return "," if self.delimiter == ";" else "."

    @property
    def likely_day_first(self) -> bool:
        """Return whether the day stands first where a column leaves it open."""
        if len(self.orders) == 1:
            return next(iter(self.orders))
        return self.likely_decimal == ","


@dataclass(slots=True, eq=False)
class Unread:
    """Cells of a column that hold something, but not what they should."""

    column: Column
    cells: np.ndarray
    n_filled: int

    @property
    def asked(self) -> str:
        """Say what should stand there."""
        return f"is not {ASKED[self.column.kind]}"


@dataclass(slots=True, eq=False)
class Converted:
    """A table whose known columns are what they should be, and what was done for that."""

    table: pa.Table
    unread: list[Unread] = field(default_factory=list)
    strange: list[tuple[Column, list[str]]] = field(default_factory=list)
    conversions: list[Conversion] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def convert_table(table: pa.Table, columns: Iterable[Column], *, clues: Clues, further: bool = True) -> Converted:
    """Convert the known columns of a table; with `further`, text columns of plain numbers only as well.

    Times become UTC; a time without a zone is taken as UTC. A cell that can't be read becomes empty and is told.
    """
    done = Converted(table)
    known = [column for column in columns if column.name in table.column_names]
    doubts = {column.name: _convert(done, column, clues) for column in known}
    doubtful = [column for column in known if doubts[column.name]]
    for column in doubtful:  # the other columns have told by now what they can
        done.conversions = [one for one in done.conversions if one.column != column.name]
        done.unread = [one for one in done.unread if one.column.name != column.name]
        doubt = _convert(done, column, clues, source=table)
        if doubt:
            done.notes.append(f"{column.name}: {doubt}.")
    if further:
        _number_further(done, {column.name for column in known}, clues)
    return done


def _convert(done: Converted, column: Column, clues: Clues, source: pa.Table | None = None) -> str:
    """Convert one column in place; return a doubt if there is one."""
    import pyarrow.compute as pc

    values = (source or done.table)[column.name]
    text = values if _is_native(values.type, column.kind) else _trimmed(values)
    worded = _worded(text, column)
    made, what, doubt = MAKERS[column.kind](worded, clues)
    if worded is not text and not pc.all(pc.equal(worded, text), min_count=0).as_py():
        what = "written in our words"
    if column.levels:
        made = _levels(done, made, column)
    elif column.kind != "text":
        lost = pc.and_(pc.is_valid(text), pc.is_null(made)).to_numpy()
        if lost.any():
            done.unread.append(Unread(column, lost.nonzero()[0], len(text) - text.null_count))
    if what:
        done.conversions.append(Conversion(column.name, what, len(made) - made.null_count))
    done.table = done.table.set_column(done.table.column_names.index(column.name), column.name, made)
    return doubt


def _is_native(kind: pa.DataType, wanted: str) -> bool:
    """Tell whether values are of the kind that is wanted, so that they need not be read as text."""
    import pyarrow as pa

    if wanted == "flag":
        return pa.types.is_boolean(kind)
    if wanted == "number":
        return pa.types.is_floating(kind) or pa.types.is_integer(kind) or pa.types.is_decimal(kind)
    return wanted in {"time", "day"} and (pa.types.is_timestamp(kind) or pa.types.is_date(kind))


def as_text(values: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return values of any kind as text; whole numbers as such, though an empty cell has made floats of them."""
    import pyarrow as pa

    if pa.types.is_string(values.type) or pa.types.is_large_string(values.type):
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


def _trimmed(values: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return values as text without blanks around; empty text is null."""
    import pyarrow as pa
    import pyarrow.compute as pc

    text = pc.utf8_trim_whitespace(as_text(values))
    empty = pc.equal(pc.binary_length(text), 0)
    return pc.if_else(empty, pa.scalar(None, text.type), text) if pc.any(empty).as_py() else text


def _texts(text: pa.ChunkedArray, _: Clues) -> tuple[pa.ChunkedArray, str, str]:
    return text, "", ""


def _flags(values: pa.ChunkedArray, _: Clues) -> tuple[pa.ChunkedArray, str, str]:
    import pyarrow as pa

    if pa.types.is_boolean(values.type):
        return values, "", ""
    return _mapped(values, lambda word: FLAGS.get(word.lower()), pa.bool_()), "", ""


def _mapped(text: pa.ChunkedArray, made_of: Callable[[str], object], kind: pa.DataType) -> pa.ChunkedArray:
    """Return text with each of its distinct values replaced."""
    import pyarrow as pa
    import pyarrow.compute as pc

    coded = pc.dictionary_encode(text).unify_dictionaries()
    if not coded.num_chunks:
        return pa.chunked_array([], type=kind)
    words = pa.array([made_of(word) for word in coded.chunk(0).dictionary.to_pylist()], type=kind)
    return pa.chunked_array([pc.take(words, chunk.indices) for chunk in coded.chunks], type=kind)


def _numbers(values: pa.ChunkedArray, clues: Clues) -> tuple[pa.ChunkedArray, str, str]:
    import pyarrow as pa
    import pyarrow.compute as pc

    if not _is_native(values.type, "number"):
        return read_numbers(values, clues)
    made = values.cast(pa.float64())
    return pc.if_else(pc.is_finite(made), made, pa.scalar(None, pa.float64())), "", ""


def _times(values: pa.ChunkedArray, clues: Clues) -> tuple[pa.ChunkedArray, str, str]:
    import pyarrow as pa
    import pyarrow.compute as pc

    if not _is_native(values.type, "time"):
        made, what, doubt = read_times(values, clues)
        return made.cast(pa.timestamp("us", "UTC")), what, doubt
    made = values.cast(pa.timestamp("us")) if pa.types.is_date(values.type) else values
    made = made.cast(pa.timestamp("us", made.type.tz), safe=False)
    made = pc.assume_timezone(made, "UTC") if made.type.tz is None else made.cast(pa.timestamp("us", "UTC"))
    return made, "", ""


def _days(values: pa.ChunkedArray, clues: Clues) -> tuple[pa.ChunkedArray, str, str]:
    import pyarrow as pa
    import pyarrow.compute as pc

    made, what, doubt = _times(values, clues)
    return pc.floor_temporal(made.cast(pa.timestamp("us")), unit="day"), what, doubt


MAKERS: dict[str, Callable[[pa.ChunkedArray, Clues], tuple[pa.ChunkedArray, str, str]]] = {
    "text": _texts,
    "flag": _flags,
    "number": _numbers,
    "time": _times,
    "day": _days,
}
"""What makes a column of each kind: it returns the values, what was done, and a doubt."""


def _worded(text: pa.ChunkedArray, column: Column) -> pa.ChunkedArray:
    """Return a vendor's words, or levels in other capitals, as our levels."""
    import pyarrow as pa

    if not (column.levels or column.words) or pa.types.is_boolean(text.type):
        return text
    words = {level.lower(): level for level in column.levels} | dict(column.words)
    return _mapped(text, lambda word: words.get(word.lower(), word), pa.string())


def _levels(done: Converted, made: pa.ChunkedArray, column: Column) -> pa.ChunkedArray:
    """Return an ordered column as a category; note levels of an unordered one that are not allowed."""
    import pyarrow as pa
    import pyarrow.compute as pc

    found = {value for value in pc.unique(made).to_pylist() if value is not None}
    strange = sorted(found - set(column.levels))
    if not column.ordered:
        if strange:
            done.strange.append((column, strange))
        return made
    levels, in_order = list(column.levels), True
    if strange:
        bounds = {value: re.search(r"\d[\d., ]*", value) for value in found}
        in_order = all(bounds.values())
        levels = sorted(found, key=lambda value: _first_number(value) if in_order else 0)
        levels = levels if in_order else sorted(found)
        note = "in the order of their first numbers" if in_order else "without an order"
        done.notes.append(f"{column.name} has levels of its own, {note}.")
    places = pc.index_in(made.combine_chunks(), value_set=pa.array(levels, type=made.type))
    return pa.chunked_array([pa.DictionaryArray.from_arrays(places, pa.array(levels), ordered=in_order)])


def _first_number(value: str) -> float:
    found = re.search(r"\d[\d., ]*", value)
    return float(re.sub(r"\D", "", found.group())) if found else 0.0


def _number_further(done: Converted, known: set[str], clues: Clues) -> None:
    """Make further text columns that hold plain numbers only numbers; what looks like an identifier stays text.

    A leading zero, a plus sign and more than 15 digits are signs of one, as is a name such as `phone` or `id`.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    for place, name in enumerate(done.table.column_names):
        values = done.table[name]
        if name in known or not (pa.types.is_string(values.type) or pa.types.is_large_string(values.type)):
            continue
        if IDENTIFIER.search(re.sub(r"([a-z])([A-Z])", r"\1_\2", name).lower()):
            continue
        sample = pc.drop_null(values.slice(0, SAMPLE_ROWS * 10)).slice(0, SAMPLE_ROWS).to_pylist()
        sample = sample or pc.drop_null(values).slice(0, SAMPLE_ROWS).to_pylist()
        if not sample or not all(re.fullmatch(NUMBER, value.strip()) for value in sample):
            continue
        comma = any("," in value for value in sample)
        if comma and clues.likely_decimal != ",":
            continue
        made = _plain_numbers(_trimmed(values), comma=comma)
        if made is not None:
            done.table = done.table.set_column(place, name, made)
            done.conversions.append(
                Conversion(
                    name, "read as numbers" + (" with decimal comma" if comma else ""), len(made) - made.null_count
                )
            )


def _plain_numbers(text: pa.ChunkedArray, *, comma: bool) -> pa.ChunkedArray | None:
    """Return text as numbers when every value is a plain one, whole ones as whole numbers."""
    shape = rf"regexp_full_match(x, '{NUMBER}')"
    seen = one_row(
        text,
        f"SELECT count(x) AS n, count(*) FILTER ({shape}) AS plain, bool_and(NOT contains(x, '.') AND NOT contains(x, ',')) AS whole FROM given",
    )
    if seen["n"] != seen["plain"]:
        return None
    cast = "TRY_CAST(replace(x, ',', '.') AS DOUBLE)" if comma else "TRY_CAST(x AS DOUBLE)"
    return column_sql(text, "TRY_CAST(x AS BIGINT)" if seen["whole"] else cast)
