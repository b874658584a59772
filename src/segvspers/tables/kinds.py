"""Make columns what they should be, whole columns at a time, and tell every value that can't be."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from segvspers.tables.clues import Clues
from segvspers.tables.columns import Column
from segvspers.tables.dates import read_times
from segvspers.tables.further import number_further
from segvspers.tables.numbers import read_numbers
from segvspers.tables.report import Conversion
from segvspers.tables.texts import trimmed

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
    guesses: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def convert_table(table: pa.Table, columns: Iterable[Column], *, clues: Clues, further: bool = True) -> Converted:
    """Convert the known columns of a table; with `further`, text columns of plain numbers only as well.

    Times become UTC; a time without a zone is taken as UTC. A cell that can't be read becomes empty and is told.
    """
    done = Converted(table)
    known = [column for column in columns if column.name in table.column_names]
    made = {column.name: _convert(table[column.name], column, clues) for column in known}
    numbers = (
        {name: _Made(*found) for name, found in number_further(table, set(made), clues).items()} if further else {}
    )
    for column in known:
        if made[column.name].doubt:  # the other columns have told by now what they can
            made[column.name] = _convert(table[column.name], column, clues)
        _take_over(done, column, made[column.name])
    for name, number in numbers.items():
        _take_over(done, Column(name, "number"), number)
    values = {name: one.values for name, one in (made | numbers).items()}
    names = table.column_names
    done.table = table.from_arrays([values.get(name, table[name]) for name in names], names=names)
    return done


@dataclass(frozen=True, slots=True, eq=False)
class _Made:
    """A converted column, what was done, what is open, the cells that can't be read and the levels that are not ours."""

    values: pa.ChunkedArray
    what: str = ""
    doubt: str = ""
    note: str = ""
    lost: np.ndarray | None = None
    n_filled: int = 0
    strange: tuple[str, ...] = ()


def _take_over(done: Converted, column: Column, made: _Made) -> None:
    """Note what was done to a column."""
    if made.doubt:
        done.guesses.append(f"{column.name}: {made.doubt}.")
    if made.note:
        done.notes.append(f"{column.name}: {made.note}.")
    if made.what:
        done.conversions.append(Conversion(column.name, made.what, len(made.values) - made.values.null_count))
    if made.lost is not None:
        done.unread.append(Unread(column, made.lost, made.n_filled))
    if made.strange and not column.ordered:
        done.strange.append((column, list(made.strange)))


def _convert(given: pa.ChunkedArray, column: Column, clues: Clues) -> _Made:
    """Convert one column."""
    import pyarrow.compute as pc

    text = given if _is_native(given.type, column.kind) else trimmed(given)
    if column.levels:
        return _leveled(text, column)
    if column.kind == "text":
        return _Made(text)
    values, what, doubt = MAKERS[column.kind](text, column, clues)
    if values.null_count == text.null_count:
        return _Made(values, what, doubt)
    lost = pc.and_(pc.is_valid(text), pc.is_null(values)).to_numpy().nonzero()[0]
    return _Made(values, what, doubt, lost=lost, n_filled=len(text) - text.null_count)


def _is_native(kind: pa.DataType, wanted: str) -> bool:
    """Tell whether values are of the kind that is wanted, so that they need not be read as text."""
    import pyarrow as pa

    if wanted == "flag":
        return pa.types.is_boolean(kind)
    if wanted == "number":
        return pa.types.is_floating(kind) or pa.types.is_integer(kind) or pa.types.is_decimal(kind)
    return wanted in {"time", "day"} and (pa.types.is_timestamp(kind) or pa.types.is_date(kind))


def _flags(values: pa.ChunkedArray, column: Column, _: Clues) -> tuple[pa.ChunkedArray, str, str]:
    import pyarrow as pa

    if pa.types.is_boolean(values.type):
        return values, "", ""
    coded, found = _coded(values)
    worded = [column.words.get(word.lower(), word) for word in found]
    flags = pa.array([FLAGS.get(word.lower()) for word in worded], type=pa.bool_())
    return _taken(coded, flags), "written in our words" if worded != found else "", ""


def _coded(text: pa.ChunkedArray) -> tuple[pa.ChunkedArray, list[str]]:
    """Return text as places in a list of its distinct values, and the list."""
    import pyarrow.compute as pc

    coded = pc.dictionary_encode(text).unify_dictionaries()
    return coded, coded.chunk(0).dictionary.to_pylist() if coded.num_chunks else []


def _taken(coded: pa.ChunkedArray, made: pa.Array) -> pa.ChunkedArray:
    """Return what is made of each distinct value where the value stands."""
    import pyarrow as pa
    import pyarrow.compute as pc

    return pa.chunked_array([pc.take(made, chunk.indices) for chunk in coded.chunks], type=made.type)


def _numbers(values: pa.ChunkedArray, _: Column, clues: Clues) -> tuple[pa.ChunkedArray, str, str]:
    import pyarrow as pa
    import pyarrow.compute as pc

    if not _is_native(values.type, "number"):
        return read_numbers(values, clues)
    made = values.cast(pa.float64())
    return pc.if_else(pc.is_finite(made), made, pa.scalar(None, pa.float64())), "", ""


def _times(values: pa.ChunkedArray, _: Column, clues: Clues) -> tuple[pa.ChunkedArray, str, str]:
    import pyarrow as pa
    import pyarrow.compute as pc

    if not _is_native(values.type, "time"):
        made, what, doubt = read_times(values, clues)
        return made.cast(pa.timestamp("us", "UTC")), what, doubt
    made = values.cast(pa.timestamp("us")) if pa.types.is_date(values.type) else values
    made = made.cast(pa.timestamp("us", made.type.tz), safe=False)
    made = pc.assume_timezone(made, "UTC") if made.type.tz is None else made.cast(pa.timestamp("us", "UTC"))
    return made, "", ""


def _days(values: pa.ChunkedArray, _: Column, clues: Clues) -> tuple[pa.ChunkedArray, str, str]:
    import pyarrow as pa
    import pyarrow.compute as pc

    made, what, doubt = _times(values, _, clues)
    return pc.floor_temporal(made.cast(pa.timestamp("us")), unit="day"), what, doubt


MAKERS: dict[str, Callable[[pa.ChunkedArray, Column, Clues], tuple[pa.ChunkedArray, str, str]]] = {
    "flag": _flags,
    "number": _numbers,
    "time": _times,
    "day": _days,
}
"""What makes a column of each kind that is not text: it returns the values, what was done, and a doubt."""


def _leveled(text: pa.ChunkedArray, column: Column) -> _Made:
    """Return a vendor's words, or levels in other capitals, as our levels; an ordered column as a category."""
    import pyarrow as pa

    coded, found = _coded(text)
    words = {level.lower(): level for level in column.levels} | dict(column.words)
    worded = [words.get(word.lower(), word) for word in found]
    what = "written in our words" if worded != found else ""
    strange = tuple(sorted(set(worded) - set(column.levels)))
    if not column.ordered:
        return _Made(_taken(coded, pa.array(worded, type=pa.string())), what, strange=strange)
    levels, in_order = list(column.levels), True
    if strange:
        numbers = {word: _first_number(word) for word in worded}
        in_order = None not in numbers.values()
        levels = sorted(numbers, key=lambda word: (numbers[word] or 0, word) if in_order else (0, word))
    places = _taken(coded, pa.array([levels.index(word) for word in worded], type=pa.int32()))
    chunks = [pa.DictionaryArray.from_arrays(chunk, pa.array(levels), ordered=in_order) for chunk in places.chunks]
    made = pa.chunked_array(chunks, type=pa.dictionary(pa.int32(), pa.string(), ordered=in_order))
    told = "in the order of their first numbers" if in_order else "without an order"
    return _Made(made, what, note=f"its levels are its own, {told}" if strange else "", strange=strange)


def _first_number(value: str) -> float | None:
    found = re.search(r"\d[\d., ]*", value)
    return float(re.sub(r"\D", "", found.group())) if found else None
