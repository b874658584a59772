"""A table on its way in: its rows as they came, which of them can't be used and why, and what was done to the rest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from segvspers.tables.engine import connect
from segvspers.tables.report import REJECT_COLUMNS, Conversion, ReadReport, Source, attach_report, no_rejects, no_unread

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    import pyarrow as pa


@dataclass(frozen=True, eq=False)
class Part:
    """One file or table: its rows under its own names.

    Attributes
    ----------
    rows
        The rows that could be split. Columns of text files are text.
    source
        What was read.
    numbers
        The number of each row in its source, from 1; nothing when they are counted through.
    unsplit
        Rejects that never became rows: wrong number of fields, unreadable bytes.
    delimiter
        Of a text file.
    original
        The object that was given, when it was in memory.
    """

    rows: pa.Table
    source: Source
    numbers: np.ndarray | None = None
    unsplit: pd.DataFrame = field(default_factory=no_rejects)
    delimiter: str = ""
    original: Any = None


@dataclass(eq=False)
class Reading:
    """Rows as they came, and the notes that a reader takes until it is done with them.

    A reader opens a table (`open_table`), calls `reject` with a mask for every fault it finds, `convert` and `note`
    for what it does, and ends with `finish`. Nothing is filtered before that, so all masks are as long as `raw`,
    a row can have several reasons, and every row of the sources ends in the result or among the rejects.
    """

    table: str
    parts: tuple[Part, ...]
    vendor: str = ""
    mapping: dict[str, str] = field(default_factory=dict)
    conversions: list[Conversion] = field(default_factory=list)
    guesses: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    unread: list[pd.DataFrame] = field(default_factory=list)
    _faults: list[tuple[np.ndarray, Any]] = field(default_factory=list)

    @property
    def sources(self) -> tuple[Source, ...]:
        """What was read."""
        return tuple(part.source for part in self.parts)

    @cached_property
    def raw(self) -> pa.Table:
        """The rows of all parts that could be split, under the sources' own names."""
        return join_tables([part.rows for part in self.parts])

    @property
    def n_rows(self) -> int:
        """Count the rows that could be split."""
        return sum(part.rows.num_rows for part in self.parts)

    @cached_property
    def origin(self) -> np.ndarray:
        """For each row of `raw`, the place of its source in `sources`."""
        import numpy as np

        return np.repeat(np.arange(len(self.parts)), [part.rows.num_rows for part in self.parts])

    @cached_property
    def row(self) -> np.ndarray:
        """For each row of `raw`, its number in its source, from 1."""
        import numpy as np

        counted = [
            np.arange(1, part.rows.num_rows + 1) if part.numbers is None else part.numbers for part in self.parts
        ]
        return np.concatenate(counted)

    @cached_property
    def unsplit(self) -> pd.DataFrame:
        """Rejects that never became rows of `raw`."""
        import pandas as pd

        found = [part.unsplit.assign(source=part.source.name) for part in self.parts if len(part.unsplit)]
        return pd.concat(found, ignore_index=True) if found else no_rejects()

    def reject(self, bad: Any, reason: str | Any) -> None:
        """Set rows aside.

        Parameters
        ----------
        bad
            One boolean a row of `raw`; missing counts as false.
        reason
            ``"fault"`` or ``"fault: detail of the row"``, without any value; or one such text a row of `raw`.
        """
        import numpy as np
        import pandas as pd

        mask = pd.array(bad, dtype="boolean").fillna(False).to_numpy(dtype=bool)
        places = np.flatnonzero(mask)
        if len(places):
            self._faults.append(
                (places, reason if isinstance(reason, str) else np.asarray(reason, dtype=object)[places])
            )

    def convert(self, column: str, what: str, n_values: int) -> None:
        """Note what was done to values of a column; nothing when there are none."""
        if n_values:
            self.conversions.append(Conversion(column, what, int(n_values)))

    def note(self, text: str) -> None:
        """Note what an analyst should know."""
        if text not in self.notes:
            self.notes.append(text)

    def guess(self, text: str) -> None:
        """Note what the table leaves open, how it is read, and how the user says that it is otherwise."""
        if text not in self.guesses:
            self.guesses.append(text)

    def leave_empty(self, column: str, what: str, places: np.ndarray, values: Any) -> None:
        """Note cells that were left empty since they can't be read, and keep what stood there."""
        import pandas as pd

        if len(places):
            names = [source.name for source in self.sources]
            found = {"source": [names[place] for place in self.origin[places]], "row": self.row[places]}
            self.unread.append(pd.DataFrame(found | {"column": column, "value": values}))
            self.convert(column, f"{what}, left empty", len(places))

    @property
    def kept(self) -> np.ndarray:
        """One boolean a row of `raw`: true where nothing was found against it."""
        import numpy as np

        kept = np.ones(self.n_rows, dtype=bool)
        for places, _ in self._faults:
            kept[places] = False
        return kept

    def rejects(self) -> pd.DataFrame:
        """Return the rows set aside so far, in the order of their sources."""
        import numpy as np
        import pandas as pd

        names = np.array([source.name for source in self.sources], dtype=object)
        found = [self.unsplit.assign(part=self._parts_of_unsplit())] if len(self.unsplit) else []
        if self._faults:
            reasons = pd.concat([pd.Series(reason, index=places, dtype=object) for places, reason in self._faults])
            if reasons.index.has_duplicates:
                reasons = reasons.groupby(level=0).agg("; ".join)
            reasons = reasons.sort_index()
            places = reasons.index.to_numpy()
            parts = self.origin[places]
            texts = [names[parts], self.row[places], reasons.to_numpy(), self._as_json(places)]
            found.append(pd.DataFrame(dict(zip(REJECT_COLUMNS, texts, strict=True))).assign(part=parts))
        if not found:
            return no_rejects()
        rejects = pd.concat(found, ignore_index=True).sort_values(["part", "row"], kind="stable", ignore_index=True)
        return rejects[list(REJECT_COLUMNS)]

    def _parts_of_unsplit(self) -> np.ndarray:
        import numpy as np

        return np.repeat(np.arange(len(self.parts)), [len(part.unsplit) for part in self.parts])

    def _as_json(self, places: np.ndarray) -> np.ndarray:
        """Return rows as JSON objects under the names of their own source."""
        import numpy as np

        made = np.empty(len(places), dtype=object)
        starts = np.cumsum([0, *(part.rows.num_rows for part in self.parts)])
        for number, part in enumerate(self.parts):
            own = (places >= starts[number]) & (places < starts[number + 1])
            if own.any():
                made[own] = _json_of(part.rows.take(places[own] - starts[number]))
        return made

    def report(self, *, mapping: Mapping[str, str] | None = None) -> ReadReport:
        """Return the report of what was done up to here."""
        import pandas as pd

        return ReadReport(
            table=self.table,
            n_rows=self.n_rows + len(self.unsplit),
            n_used=int(self.kept.sum()),
            sources=self.sources,
            vendor=self.vendor,
            mapping=dict(self.mapping if mapping is None else mapping),
            conversions=tuple(self.conversions),
            guesses=tuple(self.guesses),
            notes=tuple(self.notes),
            rejects=self.rejects(),
            unread=pd.concat(self.unread, ignore_index=True) if self.unread else no_unread(),
        )

    def finish(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return the rows of `frame` (one a row of `raw`) that can be used, with the report; warn about the rest."""
        kept = self.kept
        used = frame if kept.all() else frame.loc[kept].reset_index(drop=True)
        return attach_report(used, self.report())


def _json_of(rows: pa.Table) -> np.ndarray:
    import duckdb
    import numpy as np

    with connect() as engine:
        engine.register("raw_rows", rows)
        try:
            return engine.execute("SELECT to_json(one)::VARCHAR AS json FROM raw_rows AS one").fetchnumpy()["json"]
        except duckdb.Error:  # such as names that differ in capitals only
            import json

            return np.array(
                [json.dumps(row, default=str, ensure_ascii=False) for row in rows.to_pylist()], dtype=object
            )


def join_tables(tables: list[pa.Table]) -> pa.Table:
    """Return tables one below the other; a column that they hold as different kinds becomes text."""
    import pyarrow as pa

    from segvspers.tables.texts import as_text

    if len(tables) == 1:
        return tables[0]
    try:
        return pa.concat_tables(tables, promote_options="permissive")
    except pa.ArrowException:
        kinds: dict[str, set[str]] = {}
        for table in tables:
            for column in table.schema:
                kinds.setdefault(column.name, set()).add(str(column.type))
        mixed = {name for name, seen in kinds.items() if len(seen) > 1}
        alike = []
        for table in tables:
            for name in mixed & set(table.column_names):
                table = table.set_column(  # noqa: PLW2901
                    table.column_names.index(name), name, as_text(table[name]).cast(pa.string())
                )
            alike.append(table)
        return pa.concat_tables(alike, promote_options="permissive")
