"""Columns of pandas tables: named and made what they should be, with a sentence for each that can't be."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from segvspers._checks import few
from segvspers.tables.clues import Clues
from segvspers.tables.columns import Column, match_columns, renamed
from segvspers.tables.kinds import convert_table
from segvspers.tables.memory import from_pandas

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa


def rename_columns(
    frame: pd.DataFrame, *, table: str, columns: Mapping[str, str | None] | None, aliases: Mapping[str, str]
) -> tuple[pd.DataFrame, dict[str, str]]:
    """Return the frame under our names, and the mapping where names differ; `match_columns` has the rules."""
    mapping = match_columns(list(frame.columns), table=table, columns=columns, aliases=aliases)
    named = frame.set_axis(renamed(frame.columns, mapping), axis=1)
    return named, {theirs: ours for theirs, ours in mapping.items() if theirs != ours}


def convert_columns(frame: pd.DataFrame, columns: Iterable[Column]) -> tuple[pd.DataFrame, list[str]]:
    """Return the frame with every known column converted, and a sentence for each that can't be.

    Times become UTC; a time without a zone is taken as UTC.
    """
    known = [column for column in columns if column.name in frame.columns]
    rows = from_pandas(frame[[column.name for column in known]], table="table")
    done = convert_table(rows, known, clues=Clues(), further=False)
    made = to_pandas(done.table).set_axis(frame.index)
    problems = [
        f"column {one.column.name!r} holds what {one.asked} in row {few([int(cell) + 1 for cell in one.cells])}; "
        "mend or empty these cells"
        for one in done.unread
    ]
    problems += [strange_problem(column, values) for column, values in done.strange]
    return frame.assign(**{str(name): made[name] for name in made.columns}), problems


def number_further(frame: pd.DataFrame, known: Iterable[Column]) -> pd.DataFrame:
    """Return the frame with every further text column that holds plain numbers only as numbers."""
    import pandas as pd

    names = {column.name for column in known}
    further = [name for name in frame.columns if name not in names and pd.api.types.is_string_dtype(frame[name].dtype)]
    if not further:
        return frame
    made = to_pandas(convert_table(from_pandas(frame[further], table="table"), [], clues=Clues()).table)
    return frame.assign(**{str(name): made[name].set_axis(frame.index) for name in further})


def strange_problem(column: Column, values: Iterable[str]) -> str:
    """Say which values of a column are not among its levels."""
    listed = few(sorted({repr(without_address(value)) for value in values}))
    return f"column {column.name!r} holds {listed}; allowed are {list(column.levels)}"


def without_address(value: object) -> str:
    """Return the value as text for a message, where no address may stand."""
    return "an address" if "@" in str(value) else str(value)


def to_pandas(rows: pa.Table) -> pd.DataFrame:
    """Return Arrow rows as pandas; flags with empty cells stay flags, and text is the text that pandas has itself."""
    import pandas as pd
    import pyarrow as pa

    kinds = {pa.bool_(): pd.BooleanDtype()}
    return rows.to_pandas(types_mapper=kinds.get)


def with_own_values(frame: pd.DataFrame, original: object, names: Iterable[str]) -> pd.DataFrame:
    """Return the frame with columns that nothing was done to as the pandas table that was read holds them."""
    import pandas as pd

    if not isinstance(original, pd.DataFrame):
        return frame
    theirs = {str(name): name for name in original.columns}
    own = {name: original[theirs[name]].set_axis(frame.index) for name in names if name in theirs and name in frame}
    return frame.assign(**own)
