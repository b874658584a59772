"""What a reader did with a table: which of its columns became which of ours, and what was converted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from segvspers._display import html_finding, plural

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class ReadReport:
    """How a table was read.

    Attributes
    ----------
    table
        Name of the table.
    n_rows
        Rows read; every one of them was used.
    mapping
        Our column name by the table's own, where they differ.
    notes
        What was found and converted: encoding, delimiter, kinds.
    """

    table: str
    n_rows: int
    mapping: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def to_frame(self) -> pd.DataFrame:
        """Return one row a column that was renamed."""
        import pandas as pd

        return pd.DataFrame({"theirs": list(self.mapping), "ours": list(self.mapping.values())})

    def summary(self) -> str:
        """Return the reading in one or two sentences."""
        renamed = ", ".join(f"{theirs} -> {ours}" for theirs, ours in self.mapping.items())
        parts = [
            f"{self.table}: {plural(self.n_rows, 'row')} read.",
            f"Renamed: {renamed}." if renamed else "",
        ]
        return " ".join(part for part in [*parts, *self.notes] if part)

    def _repr_html_(self) -> str:
        return html_finding(f"Read {self.table}", self.summary(), self.to_frame())
