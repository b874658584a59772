"""One source of history on its way in: its events in the same columns as those of every other source."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from segvspers.dialects.access import EMPTY
from segvspers.tables.report import Source, no_rejects

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

KINDS = {
    "contact_id": "VARCHAR", "timestamp": "TIMESTAMPTZ", "event": "VARCHAR", "topic": "VARCHAR", "product": "VARCHAR",
    "text": "VARCHAR", "campaign_id": "VARCHAR", "message_id": "VARCHAR", "source": "VARCHAR", "status": "VARCHAR",
    "amount_usd": "DOUBLE", "step": "DOUBLE", "machine_open": "BOOLEAN", "machine_click": "BOOLEAN", "reply_class": "VARCHAR",
}  # fmt: skip
HELP = {
    "_id": "BIGINT", "_row": "BIGINT", "_email": "VARCHAR", "_person": "VARCHAR", "_time": "VARCHAR", "_naive": "BOOLEAN",
    "_url": "VARCHAR", "_agent": "VARCHAR", "_unique": "VARCHAR", "_said": "VARCHAR", "_left_out": "VARCHAR", "_fault": "VARCHAR",
    "_thread": "VARCHAR[]", "_odd": "VARCHAR",
}  # fmt: skip


@dataclass(slots=True)
class Part:
    """Events of one file or table.

    Attributes
    ----------
    source
        What was read.
    events
        One row an event: the columns of history that the source has, and those of `HELP`. `_id` is the place of the raw
        row, `_row` its number as users count; `_time` the text of a time that could not be read, `_naive` whether a time
        names no zone, `_said` what a verdict says of an earlier reply, `_thread` the ids of the mails that a mail answers
        (NULL where the event is no mail that came in), `_odd` the columns whose value could not be read, `_left_out` and
        `_fault` why a row has no place in history.
    raw
        Gives raw rows as text by their `_id`.
    unsplit
        Rejects that never became rows.
    """

    source: Source
    events: pa.Table
    raw: Callable[[Sequence[int]], Sequence[str]]
    unsplit: pd.DataFrame = field(default_factory=no_rejects)
    mapping: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def select_of(columns: dict[str, str], source: str) -> str:
    """Return a query that makes each of our columns of its type, from SQL by name; those of `HELP` are always made."""
    made = []
    for name, kind in (KINDS | HELP).items():
        if name in columns or name in HELP:
            made.append(f"CAST({columns.get(name, EMPTY)} AS {kind}) AS {name}")
    return f"SELECT {', '.join(made)} FROM {source}"
