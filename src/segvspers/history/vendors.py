"""Events of vendors' formats, from documents and from tables, as rows of history."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from segvspers.dialects import EventFormat
from segvspers.dialects.access import Access, Columns, Documents
from segvspers.history.answers import class_replies
from segvspers.history.neutral import neutral_query
from segvspers.history.part import select_of
from segvspers.history.times import moment, names_no_zone
from segvspers.history.words import address, event_of, flag, number, stripped

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa


def vendor_events(
    db: duckdb.DuckDBPyConnection,
    formats: Mapping[str, EventFormat],
    *,
    columns: Mapping[str, str] | None,
    events: Mapping[str, str],
    timezone: str,
) -> pa.Table:
    """Return the events of some rows that are known to have vendors' formats.

    Parameters
    ----------
    db
        Holds the rows, each with `_id` and `_row`.
    formats
        The format by the table, or query in brackets, that holds its rows.
    columns
        The column of a table by the name, in lower case, that it has in the source; None for documents in `doc` and `env`.
    events
        What the user says about words.
    timezone
        The zone of times that name none.

    Returns
    -------
    pyarrow.Table
        The columns of a `Part`.
    """
    import numpy as np
    import pyarrow as pa

    parts = []
    for source, format_ in formats.items():
        access: Access = Documents() if columns is None else Columns(columns)
        neutral = neutral_query(format_, access, source, keys="_id, _row")
        parts.append(select_of(_columns(events, timezone), f"({neutral})"))
    found = db.sql(" UNION ALL ".join(parts)).to_arrow_table()
    order = np.argsort(found["_id"].to_numpy(), kind="stable")
    return class_replies(found.take(pa.array(order)))


def _columns(events: Mapping[str, str], timezone: str) -> dict[str, str]:
    words = event_of("kind", "reading", "event_given", events)
    time = moment("time_text", timezone=timezone)
    opened, clicked = "reading IN ('opened', 'open')", "reading IN ('clicked', 'click')"
    strange = "CASE WHEN kind IS NULL THEN 'no event is named' ELSE 'event is not known: ' || format || ' calls it ' || left(kind, 40) END"
    return {
        "contact_id": stripped("contact_id"),
        "timestamp": time,
        "event": words["event"],
        **{name: stripped(name) for name in ("topic", "product", "text", "campaign_id")},
        "message_id": "coalesce(message_key, message_id)",
        "source": "vendor",
        "amount_usd": number("amount_usd"),
        "step": number("step"),
        "machine_open": f"CASE WHEN {opened} THEN {flag('machine')} END",
        "machine_click": f"CASE WHEN {clicked} THEN {flag('machine')} END",
        "reply_class": f"CASE reading WHEN 'autoresponded' THEN 'auto_reply' WHEN 'a verdict' THEN NULL ELSE "
        f"CASE WHEN {words['event']} = 'reply' THEN reply_class END END",
        "_id": "_id",
        "_row": "_row",
        "_email": address("recipient"),
        "_person": "person",
        "_time": f"CASE WHEN {time} IS NULL THEN time_text END",
        "_naive": names_no_zone("time_text"),
        "_url": "click_url",
        "_agent": "user_agent",
        "_unique": "unique_key",
        "_said": "CASE reading WHEN 'a verdict' THEN reply_class END",
        "_left_out": words["left_out"],
        "_fault": f"CASE WHEN {words['event']} IS NULL AND {words['left_out']} IS NULL THEN {strange} END",
    }
