"""A table on its way in: its rows as they came, which of them can't be used and why, and what was done to the rest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from segvspers.tables.report import REJECT_COLUMNS, Conversion, ReadReport, Source, attach_report, no_rejects

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    import pyarrow as pa


@dataclass(slots=True, eq=False)
class Reading:
    """Rows as they came, and the notes that a reader takes until it is done with them.

    A reader opens a table (`open_table`), calls `reject` with a mask for every fault it finds, `convert` and `note`
    for what it does, and ends with `finish`. Nothing is filtered before that, so all masks are as long as `raw`,
    a row can have several reasons, and every row of the sources ends in the result or among the rejects.

    Attributes
    ----------
    table
        Name of the table in messages.
    raw
        The rows that could be split, under the sources' own names. Columns of text files are text.
    sources
        What was read.
    origin
        For each row of `raw`, the place of its source in `sources`.
    row
        For each row of `raw`, its number in its source, from 1.
    unsplit
        Rejects that never became rows of `raw`: wrong number of fields, unreadable bytes.
    """

    table: str
    raw: pa.Table
    sources: tuple[Source, ...]
    origin: np.ndarray
    row: np.ndarray
    unsplit: pd.DataFrame = field(default_factory=no_rejects)
    vendor: str = ""
    mapping: dict[str, str] = field(default_factory=dict)
    conversions: list[Conversion] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    _faults: list[tuple[np.ndarray, Any]] = field(default_factory=list)

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
            self._faults.append((places, reason if isinstance(reason, str) else np.asarray(reason)[places]))

    def convert(self, column: str, what: str, n_values: int) -> None:
        """Note what was done to values of a column; nothing when there are none."""
        if n_values:
            self.conversions.append(Conversion(column, what, int(n_values)))

    def note(self, text: str) -> None:
        """Note what an analyst should know."""
        self.notes.append(text)

    @property
    def kept(self) -> np.ndarray:
        """One boolean a row of `raw`: true where nothing was found against it."""
        import numpy as np

        kept = np.ones(self.raw.num_rows, dtype=bool)
        for places, _ in self._faults:
            kept[places] = False
        return kept

    def rejects(self) -> pd.DataFrame:
        """Return the rows set aside so far, in the order of their sources."""
        import numpy as np
        import pandas as pd

        names = np.array([source.name for source in self.sources], dtype=object)
        parts = [self.unsplit] if len(self.unsplit) else []
        if self._faults:
            reasons = pd.concat([pd.Series(reason, index=places, dtype=object) for places, reason in self._faults])
            if reasons.index.has_duplicates:
                reasons = reasons.groupby(level=0).agg("; ".join)
            reasons = reasons.sort_index()
            places = reasons.index.to_numpy()
            texts = [names[self.origin[places]], self.row[places], reasons.to_numpy(), _as_json(self.raw, places)]
            parts.append(pd.DataFrame(dict(zip(REJECT_COLUMNS, texts, strict=True))))
        if not parts:
            return no_rejects()
        found = pd.concat(parts, ignore_index=True)
        order = {name: place for place, name in enumerate(names)}
        keys = pd.DataFrame({"source": found["source"].map(order), "row": found["row"]})
        return found.loc[keys.sort_values(["source", "row"], kind="stable").index].reset_index(drop=True)

    def report(self, *, mapping: Mapping[str, str] | None = None) -> ReadReport:
        """Return the report of what was done up to here."""
        return ReadReport(
            table=self.table,
            n_rows=self.raw.num_rows + len(self.unsplit),
            n_used=int(self.kept.sum()),
            sources=self.sources,
            vendor=self.vendor,
            mapping=dict(self.mapping if mapping is None else mapping),
            conversions=tuple(self.conversions),
            notes=tuple(self.notes),
            rejects=self.rejects(),
        )

    def finish(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return the rows of `frame` (one a row of `raw`) that can be used, with the report; warn about the rest."""
        kept = self.kept
        used = frame if kept.all() else frame.loc[kept].reset_index(drop=True)
        return attach_report(used, self.report())


def _as_json(raw: pa.Table, places: np.ndarray) -> np.ndarray:
    """Return rows as JSON objects under the sources' own names."""
    import duckdb

    with duckdb.connect() as engine:
        engine.register("raw_rows", raw.take(places))
        return engine.execute("SELECT to_json(one) AS json FROM raw_rows AS one").fetchnumpy()["json"]
