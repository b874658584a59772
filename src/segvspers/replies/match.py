"""Which email a reply answers: the one whose id it names, else the last one to that contact before it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

SHORTEST = 6
SENDS = ("sent", "delivered")


def match(db: duckdb.DuckDBPyConnection, replies: pa.Table, sends: pa.Table, *, window_days: float) -> pa.Table:
    """Return for each reply that answers a known email: which, and how that was told.

    A reply answers the email whose `message_id` it names in In-Reply-To or References (nearest first), by the whole id or
    by what stands before the ``@``, since platforms put their own domain behind it. Else it answers the last email to
    the same contact (of the same campaign, where the reply names one) of the `window_days` before it.

    Parameters
    ----------
    db
        The engine.
    replies
        `_place` (a number), `contact_id` (may be NULL), `timestamp, campaign_id, thread`.
    sends
        `contact_id, timestamp, event, campaign_id, message_id, step`; events of sending and of delivery count.
    window_days
        Days after an email in which a reply without an id can still be told to answer it.

    Returns
    -------
    pyarrow.Table
        `_place, contact_id, campaign_id, message_id, step, matched_by` (``"message id"`` or ``"address and time"``).
    """
    db.register("mails_in", replies)
    db.register("mails_out", sends)
    try:
        return db.sql(_QUERY.format(window=float(window_days) * 86400, shortest=SHORTEST, sends=SENDS)).to_arrow_table()
    finally:
        db.unregister("mails_in")
        db.unregister("mails_out")


_QUERY = """
    WITH named AS (
        SELECT _place, place, lower(trim(id, '<> ')) AS id
        FROM (SELECT _place, unnest(thread) AS id, generate_subscripts(thread, 1) AS place FROM mails_in)
    ), asked AS (
        SELECT _place, place, 1 AS rank, id AS key FROM named
        UNION ALL
        SELECT _place, place, 2 AS rank, split_part(id, '@', 1) FROM named WHERE length(split_part(id, '@', 1)) >= {shortest}
    ), out_mails AS (
        SELECT message_id, any_value(contact_id ORDER BY timestamp) AS contact_id, any_value(campaign_id ORDER BY timestamp) AS campaign_id,
            any_value(step ORDER BY timestamp) AS step, min(timestamp) AS sent, lower(trim(message_id, '<> ')) AS id
        FROM mails_out WHERE event IN {sends} AND message_id IS NOT NULL GROUP BY message_id
    ), keyed AS (
        SELECT *, 1 AS kind, id AS key FROM out_mails
        UNION ALL
        SELECT *, 2 AS kind, split_part(id, '@', 1) FROM out_mails WHERE contains(id, '@') AND length(split_part(id, '@', 1)) >= {shortest}
    ), by_id AS (
        SELECT _place, contact_id, campaign_id, message_id, step, 'message id' AS matched_by
        FROM asked JOIN keyed USING (key)
        QUALIFY row_number() OVER (PARTITION BY _place ORDER BY place, rank + kind, sent DESC, message_id) = 1
    ), by_time AS (
        SELECT r._place, r.contact_id, s.campaign_id, s.message_id, s.step, 'address and time' AS matched_by
        FROM (SELECT * FROM mails_in ANTI JOIN by_id USING (_place)) r JOIN mails_out s ON r.contact_id = s.contact_id
        WHERE s.event IN {sends} AND s.timestamp <= r.timestamp AND epoch(r.timestamp) - epoch(s.timestamp) <= {window}
            AND (r.campaign_id IS NULL OR r.campaign_id = s.campaign_id)
        QUALIFY row_number() OVER (PARTITION BY r._place ORDER BY s.timestamp DESC, s.message_id) = 1
    )
    SELECT * FROM by_id UNION ALL SELECT * FROM by_time ORDER BY _place
"""
