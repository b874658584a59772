"""Read the table of history: one row an event between you and a contact."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from segvspers.dialects import aliases
from segvspers.errors import raise_all
from segvspers.tables import Column, convert_columns, open_table
from segvspers.tables.convert import rename_columns

if TYPE_CHECKING:
    import pandas as pd

EVENTS = (
    "assigned", "sent", "delivered", "open", "click", "reply", "bounce_hard", "bounce_soft", "unsubscribe",
    "spam_report", "purchase", "renewal", "cancel", "support_ticket", "conversation", "page_view", "meeting", "deal_won",
    "deal_lost",
)  # fmt: skip
REPLY_CLASSES = ("positive", "neutral", "negative", "referral", "auto_reply", "opt_out")
COLUMNS = (
    Column("contact_id"),
    Column("timestamp", "time"),
    Column("event", levels=EVENTS),
    *(Column(name) for name in ("topic", "product", "text", "campaign_id", "message_id", "source", "status")),
    Column("amount_usd", "number"),
    Column("step", "number"),
    Column("machine_open", "flag"),
    Column("reply_class", levels=REPLY_CLASSES),
)
REQUIRED = ("contact_id", "timestamp", "event")


def read_history(
    source: Any, *, columns: Mapping[str, str] | None = None, events: Mapping[str, str] | None = None
) -> pd.DataFrame:
    """Read history, one row an event.

    Parameters
    ----------
    source
        A path, a glob, several paths, a pandas, polars or Arrow table, or a DuckDB relation.
    columns
        ``{our name: their name}``.
    events
        ``{their event: our event}``, where a file uses words of its own.

    Returns
    -------
    pandas.DataFrame
        `contact_id, timestamp` (UTC), `event, topic, product, amount_usd, text, campaign_id, message_id, step,
        machine_open, reply_class, status, source`; columns that are missing are empty. `status` is open or solved
        for a support ticket, asked, answered or told for a conversation; rows with one `message_id` are one ticket
        or thread. Rows are in order of time.

    Raises
    ------
    MissingFileError
        When there is no such file.
    DataError
        With every problem of the table at once: missing columns, unreadable times, unknown events.

    Examples
    --------
    >>> import segvspers as sv
    >>> history = sv.read_history("data/sample/history.csv")
    >>> sorted(set(history["event"]))[:3]
    ['bounce_hard', 'cancel', 'click']
    """
    import pandas as pd

    reading = open_table(source, table="history")
    raw = reading.raw.to_pandas()
    frame, mapping = rename_columns(raw, table="history", columns=columns, aliases=aliases("history"))
    missing = [name for name in REQUIRED if name not in frame.columns]
    if missing:
        raise_all(
            "history",
            [
                f"there is no column {name!r} among {list(map(str, raw.columns))[:40]}; "
                f"name it with columns={{{name!r}: ...}}"
                for name in missing
            ],
        )
    if events:
        frame["event"] = frame["event"].replace(dict(events))
    frame, problems = convert_columns(frame, COLUMNS)
    for name in REQUIRED:
        empty = frame[name].isna() & raw.iloc[:, frame.columns.get_loc(name)].isna()
        if empty.any():
            problems.append(f"{int(empty.sum())} rows have no {name}; fill or remove them")
    raise_all("history", problems)
    for column in COLUMNS:
        if column.name not in frame.columns:
            empty_kind = {"flag": "boolean", "number": float}.get(column.kind, object)
            frame[column.name] = pd.Series(None, index=frame.index, dtype=empty_kind)
    frame["machine_open"] = frame["machine_open"].fillna(False).astype(bool)
    frame = frame.sort_values("timestamp", kind="stable").reset_index(drop=True)
    reading.mapping |= mapping
    return reading.finish(frame)
