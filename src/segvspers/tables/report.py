"""What a reader did with a table: what it found, which column became which, what was converted, what was set aside."""

from __future__ import annotations

import html
import inspect
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

from segvspers._checks import few
from segvspers._display import html_table, percent, plural
from segvspers.errors import DataError, GuessWarning, RejectWarning

if TYPE_CHECKING:
    import pandas as pd

REJECT_COLUMNS = ("source", "row", "reason", "raw")
MOST_SHOWN = 25
_KEY = "read_report"


def no_rejects() -> pd.DataFrame:
    """Return an empty table of rejects."""
    import pandas as pd

    return pd.DataFrame({name: pd.Series(dtype="int64" if name == "row" else "object") for name in REJECT_COLUMNS})


def no_unread() -> pd.DataFrame:
    """Return an empty table of cells that can't be read."""
    import pandas as pd

    return pd.DataFrame(
        {name: pd.Series(dtype="int64" if name == "row" else "object") for name in ("source", "row", "column", "value")}
    )


@dataclass(frozen=True, slots=True)
class Source:
    """One file or table that was read, and the form in which it was found."""

    name: str
    kind: str
    n_rows: int
    delimiter: str = ""
    encoding: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Conversion:
    """One thing that was done to the values of a column, and to how many of them."""

    column: str
    what: str
    n_values: int


@dataclass(frozen=True, slots=True, eq=False)
class ReadReport:
    """How a table was read; `read_report` returns the one of a table.

    Attributes
    ----------
    table
        Name of the table: ``"contacts"``, ``"history"``, ``"outcomes"``.
    n_rows
        Rows that the sources hold. ``n_rows == n_used + n_rejected + n_duplicates + n_left_out``, always.
    n_used, n_rejected
        Rows that were used, and rows that were set aside.
    n_duplicates, n_left_out
        Rows that tell an event which another row has told, and rows that are left out on purpose (`left_out` counts them
        by reason); only a reader of events has them.
    sources
        Files and tables that were read, each with its rows and the delimiter and encoding that were found.
    vendor
        Whose export it looks like, or nothing.
    mapping
        Our column name by the table's own, where they differ.
    conversions
        What was done to values, by column, with counts: marks of decimals, order of day and month, words, empty cells.
    guesses
        What the table leaves open, such as the order of day and month in 03/04/2026, how it was read, and how to say so.
    notes
        What an analyst should know besides.
    rejects
        One row a row set aside: `source`, `row` (from 1 below the header, blank lines left out), `reason`
        and `raw`: the line as it stood when it could not be split, else the row as a JSON object.
    unread
        One row a cell of a used row that holds something, but not what its column asks for, and was left empty:
        `source, row, column, value`.
    """

    table: str
    n_rows: int
    n_used: int
    sources: tuple[Source, ...] = ()
    vendor: str = ""
    mapping: Mapping[str, str] = field(default_factory=dict)
    conversions: tuple[Conversion, ...] = ()
    guesses: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    rejects: pd.DataFrame = field(default_factory=no_rejects)
    unread: pd.DataFrame = field(default_factory=no_unread)
    n_duplicates: int = 0
    left_out: Mapping[str, int] | None = None

    @property
    def n_left_out(self) -> int:
        """Count the rows that were left out on purpose."""
        return sum((self.left_out or {}).values())

    @property
    def n_rejected(self) -> int:
        """Count the rows that were set aside."""
        return len(self.rejects)

    def to_frame(self) -> pd.DataFrame:
        """Return one row a renaming and a conversion: `column`, `from_column`, `what`, `n_values`."""
        import pandas as pd

        rows: list[tuple[str, str, str, int | None]] = [
            (ours, theirs, "renamed", self.n_used) for theirs, ours in self.mapping.items()
        ]
        rows += [(done.column, "", done.what, done.n_values) for done in self.conversions]
        return pd.DataFrame(rows, columns=["column", "from_column", "what", "n_values"])

    def reasons(self) -> pd.DataFrame:
        """Return one row a reason for rejects: `reason`, `n_rows`, `first_row`; the most frequent first.

        What follows a colon in a reason is a detail of the row, and is left out here.
        """
        kinds = self.rejects["reason"].astype("string").str.replace(r": [^;]*", "", regex=True)
        grouped = self.rejects.groupby(kinds, sort=False)["row"].agg(n_rows="size", first_row="min").reset_index()
        return grouped.sort_values("n_rows", ascending=False, kind="stable", ignore_index=True)

    def summary(self) -> str:
        """Return the reading in a few sentences; it names no person."""
        renamed = few([f"{theirs} -> {ours}" for theirs, ours in self.mapping.items()], limit=MOST_SHOWN)
        done = "; ".join(f"{what}: {few(columns)}" for what, columns in self._by_conversion().items())
        left_out = "; ".join(f"{reason} ({count:,})" for reason, count in (self.left_out or {}).items())
        parts = [
            self.counts(),
            f"Headers of {self.vendor}." if self.vendor else "",
            f"Renamed: {renamed}." if renamed else "",
            f"Converted: {done}." if done else "",
            f"Left out: {left_out}." if left_out else "",
        ]
        return " ".join(part for part in [*parts, *self._forms(), *self.guesses, *self.notes] if part)

    def counts(self) -> str:
        """Return the sum of rows as a sentence."""
        more = ""
        if self.left_out is not None:
            more = f" + {plural(self.n_duplicates, 'duplicate')} + {self.n_left_out:,} left out on purpose"
        return f"{self.table}: {plural(self.n_rows, 'row')} in = {self.n_used:,} used + {self.n_rejected:,} rejected{more}."

    def _by_conversion(self) -> dict[str, list[str]]:
        """Return the columns, each with the number of its values, by what was done to them."""
        found: dict[str, list[str]] = {}
        for one in self.conversions:
            found.setdefault(one.what, []).append(f"{one.column} ({one.n_values:,})")
        return found

    def _forms(self) -> list[str]:
        return [
            f"{one.name}: {', '.join(part for part in (one.delimiter, one.encoding, one.note) if part)}."
            for one in self.sources
            if one.delimiter or one.encoding or one.note
        ]

    def _left_out_frame(self) -> pd.DataFrame:
        import pandas as pd

        return pd.DataFrame(list((self.left_out or {}).items()), columns=["reason", "n_rows"])

    def _repr_html_(self) -> str:
        import pandas as pd

        sources = pd.DataFrame(
            [(one.name, one.kind, one.n_rows, one.delimiter, one.encoding, one.note) for one in self.sources],
            columns=["source", "kind", "rows", "delimiter", "encoding", "note"],
        )
        columns = self.to_frame()
        told = [f"<strong>Guessed:</strong> {html.escape(guess)}" for guess in self.guesses]
        notes = "".join(f"<li>{note}</li>" for note in [*told, *map(html.escape, self.notes)])
        vendor = f" Headers of {self.vendor}." if self.vendor else ""
        parts = [
            f"<strong>Read {html.escape(self.table)}</strong><p>{html.escape(self.counts() + vendor)}</p>",
            _shown(sources.loc[:, [bool(sources[name].astype(bool).any()) for name in sources]], "What was read"),
            f"<ul>{notes}</ul>" if notes else "",
            _shown(self._left_out_frame(), "Rows left out on purpose"),
            _shown(self.reasons(), "Rows set aside: .rejects has them all", percent_of=self.n_rows),
            _shown(self._unread_counts(), "Cells left empty: .unread has what stood there"),
            _shown(columns, "Columns renamed and converted"),
        ]
        return f"<div>{''.join(parts)}</div>"

    def _unread_counts(self) -> pd.DataFrame:
        counted = self.unread.groupby("column", sort=False)["row"].agg(n_cells="size", first_row="min")
        return counted.reset_index()


def _shown(frame: pd.DataFrame, caption: str, *, percent_of: int = 0) -> str:
    """Return the first rows of a frame as HTML, and how many more there are; nothing when it is empty."""
    if not len(frame):
        return ""
    if percent_of:
        frame = frame.assign(share_of_rows=[percent(number / percent_of) for number in frame["n_rows"]])
    more = len(frame) - MOST_SHOWN
    told = f" (the first {MOST_SHOWN} of {len(frame):,})" if more > 0 else ""
    wholes = [name for name in ("rows", "n_rows", "n_values", "n_cells", "first_row") if name in frame]
    return html_table(frame.head(MOST_SHOWN), caption=caption + told, formats=dict.fromkeys(wholes, "count"))


class _Attached(str):
    """A report as it travels in ``DataFrame.attrs``: to pandas it is the summary, a text.

    pandas copies, compares and writes `attrs` at will (``copy``, ``concat``, ``to_parquet``); a text bears all of that,
    and the report rides along.
    """

    __slots__ = ("report",)
    report: ReadReport

    def __new__(cls, report: ReadReport) -> Self:
        made = super().__new__(cls, report.summary())
        made.report = report
        return made

    def __deepcopy__(self, memo: dict[int, Any]) -> _Attached:
        return self

    def __copy__(self) -> _Attached:
        return self

    def __reduce__(self) -> tuple[type[_Attached], tuple[ReadReport]]:
        return type(self), (self.report,)


def attach_report(frame: pd.DataFrame, report: ReadReport) -> pd.DataFrame:
    """Return the frame with its report; warn when rows were set aside or something was guessed."""
    frame.attrs[_KEY] = _Attached(report)
    if report.guesses:
        warnings.warn(f"{report.table}: {' '.join(report.guesses)}", GuessWarning, stacklevel=_caller())
    if report.n_rejected:
        top = report.reasons().head(3)
        listed = "; ".join(f"{reason} ({count:,})" for reason, count in zip(top["reason"], top["n_rows"], strict=True))
        more = len(report.reasons()) - len(top)
        warnings.warn(
            f"{report.counts()} Why: {listed}{f' and {more} more reasons' if more else ''}. "
            "See read_report(...).rejects.",
            RejectWarning,
            stacklevel=_caller(),
        )
    return frame


def _caller() -> int:
    """Return how many calls lie between `warnings.warn` above and the line outside the package that asked."""
    frame, level = inspect.currentframe(), 0
    while frame is not None and str(frame.f_globals.get("__name__", "")).startswith("segvspers."):
        frame, level = frame.f_back, level + 1
    return level


def read_report(table: pd.DataFrame) -> ReadReport:
    """Return how a table was read: its counts, mapping, conversions, notes and the rows set aside.

    Parameters
    ----------
    table
        What `read_contacts`, `read_history` or `read_outcomes` returned, or a frame that pandas made from it.

    Raises
    ------
    DataError
        When the table bears no report, since it was not read here or has been through a file.

    Examples
    --------
    >>> import segvspers as sv
    >>> contacts = sv.read_contacts("data/sample/contacts.csv")
    >>> sv.read_report(contacts).counts()
    'contacts: 5,000 rows in = 5,000 used + 0 rejected.'
    """
    found = getattr(table, "attrs", {}).get(_KEY)
    if not isinstance(found, _Attached):
        raise DataError(
            "this table bears no report of its reading; read_report takes what read_contacts, read_history or "
            "read_outcomes returned."
        )
    return found.report
