"""Opens and clicks that machines made: the vendor's own flag where there is one, else a rule; nothing is dropped.

The rule for opens: the program that loaded the picture names itself as a machine, or the open comes less than
`AFTER_SECONDS` after the delivery (or the sending) of that email. The rule for clicks: one of the same two, or a burst,
`BURST` clicks of one person on one email within so many seconds, since gateways follow every link at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from segvspers.dialects.access import quoted

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

AFTER_SECONDS = 10
BURST = ((4, 1), (5, 10))
AGENTS = (
    r"^mozilla/5\.0$|barracuda|proofpoint|mimecast|urldefense|safelinks|fireeye|trendmicro|ironport|symantec|forcepoint|"
    r"headlesschrome|phantomjs|python-requests|go-http-client|\bcurl/|\bwget/|\bbot\b|crawler|spider"
)
MAIL = "coalesce(message_id, campaign_id || '/' || coalesce(CAST(step AS VARCHAR), ''))"


def flag_machines(db: duckdb.DuckDBPyConnection, events: pa.Table) -> tuple[pa.Table, dict[str, int]]:
    """Return the events with `machine_open` and `machine_click` filled, and how many the rule found by column.

    Parameters
    ----------
    db
        The engine.
    events
        The columns of a part; a vendor's flag stands in `machine_open` or `machine_click`, which are NULL where it says
        nothing.
    """
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    db.register("flagged", events.select([name for name in _NEEDED if name in events.column_names]).append_column(
        "_place", pa.array(np.arange(events.num_rows))
    ))  # fmt: skip
    found = db.sql(_machine_query("flagged")).to_arrow_table()
    db.unregister("flagged")
    counts = {}
    for name, event in (("machine_open", "open"), ("machine_click", "click")):
        places = found.filter(pc.equal(found["event"], event))["_place"].to_numpy()
        values = pc.fill_null(events[name], False).to_numpy().copy()
        values[places] = True
        counts[name] = len(places)
        events = events.set_column(events.column_names.index(name), name, pa.array(values))
    return events, counts


_NEEDED = (
    "contact_id",
    "timestamp",
    "event",
    "message_id",
    "campaign_id",
    "step",
    "machine_open",
    "machine_click",
    "_agent",
)


def _machine_query(table: str) -> str:
    """Return a query for `_place` and `event` of the opens and clicks that the rule finds, where the vendor says nothing."""
    windows = ", ".join(
        f"count(*) OVER (PARTITION BY contact_id, mail ORDER BY second RANGE BETWEEN CURRENT ROW AND {span} FOLLOWING) AS ahead{span}"
        for _, span in BURST
    )
    bursts = " OR ".join(
        f"max(ahead{span}) OVER (PARTITION BY contact_id, mail ORDER BY second RANGE BETWEEN {span} PRECEDING AND CURRENT ROW) >= {count}"
        for count, span in BURST
    )
    return f"""
        WITH acts AS (
            SELECT _place, contact_id, {MAIL} AS mail, event, epoch(timestamp) AS second, _agent,
                CASE event WHEN 'open' THEN machine_open ELSE machine_click END IS NULL AS unsaid
            FROM {table} WHERE event IN ('open', 'click')
        ), mails AS (
            SELECT contact_id, {MAIL} AS mail,
                coalesce(min(epoch(timestamp)) FILTER (event = 'delivered'), min(epoch(timestamp))) AS arrived
            FROM {table} WHERE event IN ('sent', 'delivered') AND {MAIL} IS NOT NULL
                AND (contact_id, {MAIL}) IN (SELECT (contact_id, mail) FROM acts WHERE unsaid) GROUP BY ALL
        ), counted AS (
            SELECT _place, contact_id, mail, second, {windows} FROM acts WHERE event = 'click' AND mail IS NOT NULL AND unsaid
        ), bursts AS (
            SELECT _place, {bursts} AS burst FROM counted
        )
        SELECT acts._place, acts.event
        FROM acts LEFT JOIN mails USING (contact_id, mail) LEFT JOIN bursts ON bursts._place = acts._place
        WHERE unsaid AND (
            coalesce(regexp_matches(lower(_agent), {quoted(AGENTS)}), false)
            OR coalesce(second - arrived >= 0 AND second - arrived < {AFTER_SECONDS}, false)
            OR coalesce(burst, false)
        )
    """
