"""From rows as they came to a table of ours: names, kinds, and what can't be read, file by file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from segvspers._checks import few
from segvspers.tables.clues import Clues
from segvspers.tables.columns import Fit, renamed
from segvspers.tables.convert import strange_problem
from segvspers.tables.kinds import Converted, convert_table
from segvspers.tables.reading import Part, Reading, join_tables
from segvspers.tables.texts import as_text

if TYPE_CHECKING:
    import pyarrow as pa


def settle_columns(
    reading: Reading,
    fit: Callable[[Sequence[str]], Fit],
    *,
    decimal: str | None = None,
    day_first: bool | None = None,
    before: Callable[[Reading, pa.Table], pa.Table] = lambda _, rows: rows,
    after: Callable[[Reading, pa.Table], pa.Table] = lambda _, rows: rows,
) -> tuple[pa.Table, list[str]]:
    """Return the rows of a reading under our names and of our kinds, and the problems of the whole table.

    Each file is fitted and converted on its own: files of one list can come from several vendors and countries. What
    was done is noted in the reading; rows whose needed cells can't be read are rejected there.

    Parameters
    ----------
    fit
        Gives the names, columns and vendor of one file by the names of its columns.
    decimal, day_first
        What the user says goes before what is found.
    before, after
        What else is to be done to the rows of a file under our names, before and after they are converted.
    """
    made, problems, start = [], [], 0
    vendors: dict[str, None] = {}
    for part in reading.parts:
        fitted = fit(part.rows.column_names)
        reading.mapping |= {theirs: ours for theirs, ours in fitted.mapping.items() if theirs != ours}
        vendors |= {fitted.vendor: None} if fitted.vendor else {}
        rows = before(reading, part.rows.rename_columns(renamed(part.rows.column_names, fitted.mapping)))
        clues = Clues(decimal=decimal, day_first=day_first, delimiter=part.delimiter)
        done = convert_table(rows, fitted.columns, clues=clues)
        problems += _take_over(reading, done, part, rows, start)
        made.append(after(reading, done.table))
        start += part.rows.num_rows
    reading.vendor = ", ".join(vendors)
    return join_tables(made), list(dict.fromkeys(problems))


def _take_over(reading: Reading, done: Converted, part: Part, rows: pa.Table, start: int) -> list[str]:
    """Note what was done to a part; return what is wrong with it as a whole."""
    import numpy as np

    problems = [strange_problem(column, values) for column, values in done.strange]
    for one in done.conversions:
        reading.convert(one.column, one.what, one.n_values)
    of = f"{part.source.name}: " if len(reading.parts) > 1 else ""
    for guess in done.guesses:
        reading.guess(of + guess)
    for note in done.notes:
        reading.note(of + note)
    for unread in done.unread:
        name, cells = unread.column.name, unread.cells
        if 2 * len(cells) > unread.n_filled:
            numbers = [int(reading.row[start + cell]) for cell in cells[:6]]
            problems.append(
                f"column {name!r} holds what {unread.asked} in {len(cells):,} of {unread.n_filled:,} rows that hold something "
                f"(row {few(numbers)}); mend it, or name another column with columns={{{name!r}: ...}} or none with "
                f"columns={{{name!r}: None}}"
            )
        elif unread.column.needed:
            bad = np.zeros(reading.n_rows, dtype=bool)
            bad[start + cells] = True
            reading.reject(bad, f"{name} {unread.asked}")
        else:
            reading.leave_empty(name, unread.asked, start + cells, as_text(rows[name]).take(cells).to_pylist())
    return problems
