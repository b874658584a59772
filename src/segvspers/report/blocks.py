"""What a report is made of: parts of sentences, tiles, tables, pictures and pairs of emails.

Every form (HTML, Markdown, JSON, XLSX, PPTX) renders the same blocks; none of them computes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes


@dataclass(frozen=True, slots=True)
class Tile:
    """One figure to read from afar: its name, its raw value, how it is worded, and a note below."""

    label: str
    value: float
    text: str
    note: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """A tidy frame with a caption; `formats` names the wording of its columns as `_display` does."""

    caption: str
    frame: pd.DataFrame
    formats: Mapping[str, str] = field(default_factory=dict)
    strong_rows: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Picture:
    """A drawing onto given Axes, with the words for readers who can't see it."""

    draw: Callable[[Axes], object]
    alt: str
    width: float = 7.0
    height: float = 3.6


@dataclass(frozen=True, slots=True)
class Letter:
    """One email as shown in the appendix; personal words are already masked."""

    variant: str
    subject: str
    body: str


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the report; a part without `sentences`, tiles or tables says in `missing` why."""

    key: str
    title: str
    sentences: tuple[str, ...] = ()
    tiles: tuple[Tile, ...] = ()
    tables: tuple[Table, ...] = ()
    pictures: tuple[Picture, ...] = ()
    pairs: tuple[tuple[Letter, ...], ...] = ()
    missing: str = ""

    @property
    def present(self) -> bool:
        """Tell whether the inputs of the part were there."""
        return not self.missing
