"""What becomes of each event: used, set aside, told twice, or left out on purpose."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from segvspers.history.answers import match_mails, take_verdicts
from segvspers.history.part import HELP, KINDS, Part
from segvspers.history.people import find_people
from segvspers.tables import Column, convert_columns

if TYPE_CHECKING:
    import duckdb
    import numpy as np
    import pandas as pd
    import pyarrow as pa


@dataclass(slots=True)
class Settled:
    """The events of all parts, and masks over them; every row is in just one of the four."""

    events: pa.Table
    used: np.ndarray
    rejected: np.ndarray
    duplicate: np.ndarray
    left_out: np.ndarray


def join_parts(parts: list[Part]) -> pa.Table:
    """Return the events of all parts under each other; a column that differs in kind between parts becomes text."""
    import numpy as np
    import pyarrow as pa

    tables = [part.events.append_column("_part", pa.array(np.full(part.events.num_rows, place, dtype=np.int32)))
              for place, part in enumerate(parts)]  # fmt: skip
    try:
        joined = pa.concat_tables(tables, promote_options="permissive")
    except (pa.ArrowTypeError, pa.ArrowInvalid):
        joined = pa.concat_tables([_further_as_text(table) for table in tables], promote_options="permissive")
    types: dict[str, pa.DataType] = {"VARCHAR": pa.string(), "DOUBLE": pa.float64(), "BOOLEAN": pa.bool_(), "BIGINT": pa.int64(),
             "TIMESTAMPTZ": pa.timestamp("us", tz="UTC"), "VARCHAR[]": pa.list_(pa.string())}  # fmt: skip
    for name, kind in (KINDS | HELP).items():
        if name not in joined.column_names:
            joined = joined.append_column(name, pa.nulls(joined.num_rows, types[kind]))
        elif pa.types.is_null(joined.schema.field(name).type):
            joined = _replaced(joined, name, pa.nulls(joined.num_rows, types[kind]))
    return joined


def settle(
    db: duckdb.DuckDBPyConnection,
    events: pa.Table,
    *,
    contacts: pd.DataFrame | None,
    campaigns: list[pa.Table],
    people: list[pa.Table],
    timezone: str,
) -> Settled:
    """Find the moment and the contact of every event, and say what becomes of it."""
    import pyarrow as pa
    import pyarrow.compute as pc

    events = _read_odd_times(events, timezone)
    events = _times_of_campaigns(db, events, campaigns, timezone)
    untimed = pc.and_(pc.is_null(events["timestamp"]), pc.is_valid(events["event"]))
    odd = pc.and_(untimed, pc.is_valid(events["_time"]))
    faults = [
        events["_fault"],
        pc.if_else(odd, pa.scalar("timestamp is no time such as 2026-09-08T06:00:00Z"), pa.scalar(None, pa.string())),
    ]
    bare = pc.and_(pc.and_(untimed, pc.is_null(events["_time"])), pc.is_null(events["_fault"]))
    faults.append(pc.if_else(bare, pa.scalar("timestamp is empty"), pa.scalar(None, pa.string())))
    if contacts is not None or events["contact_id"].null_count:
        known = pa.concat_tables(people, promote_options="permissive") if people else None
        ids, nobody = find_people(db, events, contacts=contacts, known=known)
        events = _replaced(events, "contact_id", ids)
        if events["_thread"].null_count < events.num_rows:
            events, nobody = match_mails(db, events, nobody, asked_contacts=contacts is not None)
        faults.append(pc.if_else(pc.is_valid(events["_fault"]), pa.scalar(None, pa.string()), nobody))
    events = take_verdicts(db, events)
    fault = _together(faults)
    events = _replaced(events, "_fault", fault)
    left_out = pc.is_valid(events["_left_out"]).to_numpy()
    rejected = pc.is_valid(fault).to_numpy() & ~left_out
    duplicate = _told_twice(db, events, ~(left_out | rejected))
    return Settled(events, ~(left_out | rejected | duplicate), rejected, duplicate, left_out)


def _together(faults: list[pa.ChunkedArray]) -> pa.ChunkedArray:
    """Return the faults of each row as one text, or NULL where there is none."""
    import pyarrow.compute as pc

    whole = faults[0]
    for more in faults[1:]:
        if more.null_count < len(more):
            both = pc.binary_join_element_wise(whole, more, "; ")
            whole = pc.coalesce(both, whole, more)
    return whole


def _read_odd_times(events: pa.Table, timezone: str) -> pa.Table:
    """Read times that the engine could not, such as 13/04/2026; the days and months of a source have one order."""
    import pandas as pd
    import pyarrow as pa
    import pyarrow.compute as pc

    if events["_time"].null_count == events.num_rows:
        return events
    texts = pc.unique(events["_time"]).drop_null()
    frame, _ = convert_columns(pd.DataFrame({"time": texts.to_pandas().astype("string")}), [Column("time", "time")])
    read = frame["time"]
    if timezone != "UTC":
        read = (
            read.dt.tz_localize(None)
            .dt.tz_localize(timezone, ambiguous="NaT", nonexistent="shift_forward")
            .dt.tz_convert("UTC")
        )
    inside = read.between(pd.Timestamp("1970-01-02", tz="UTC"), pd.Timestamp("2200-01-01", tz="UTC"))
    found = pa.array(read.where(inside).dt.as_unit("us"), type=pa.timestamp("us", tz="UTC"), from_pandas=True)
    times = found.take(pc.index_in(events["_time"], texts).combine_chunks())
    return _replaced(events, "timestamp", pc.coalesce(events["timestamp"], times))


def _times_of_campaigns(
    db: duckdb.DuckDBPyConnection, events: pa.Table, campaigns: list[pa.Table], timezone: str
) -> pa.Table:
    """Give events without a time the one at which their campaign was sent."""
    import pyarrow as pa
    import pyarrow.compute as pc

    from segvspers.history.times import moment

    if not campaigns:
        return events
    db.register("campaigns", pa.concat_tables(campaigns, promote_options="permissive"))
    sent = db.sql(
        f"SELECT campaign, min({moment('sent', timezone=timezone)}) AS sent FROM campaigns WHERE campaign IS NOT NULL GROUP BY 1"
    ).to_arrow_table()
    db.unregister("campaigns")
    asked = pc.if_else(pc.is_null(events["_time"]), events["campaign_id"], pa.scalar(None, pa.string()))
    places = pc.index_in(asked, sent["campaign"].combine_chunks()).combine_chunks()
    times = sent["sent"].combine_chunks().take(places)
    return _replaced(events, "timestamp", pc.coalesce(events["timestamp"], times))


def _told_twice(db: duckdb.DuckDBPyConnection, events: pa.Table, candidates: np.ndarray) -> np.ndarray:
    """Return a mask of the events whose id, source and person an earlier row has."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    found = np.zeros(events.num_rows, dtype=bool)
    asked = candidates & pc.is_valid(events["_unique"]).to_numpy()
    if not asked.any():
        return found
    keys = events.select(["_unique", "event", "contact_id", "source"]).append_column(
        "_place", pa.array(np.arange(len(found)))
    )
    db.register("keys", keys.filter(pa.array(asked)))
    again = db.sql(
        "SELECT _place FROM (SELECT _place, row_number() OVER (PARTITION BY source, _unique, event, contact_id ORDER BY _place) "
        "AS nth FROM keys) WHERE nth > 1"
    ).fetchnumpy()["_place"]
    db.unregister("keys")
    found[again] = True
    return found


def _further_as_text(table: pa.Table) -> pa.Table:
    import pyarrow as pa

    for name in table.column_names:
        if (
            name not in KINDS
            and name not in HELP
            and name != "_part"
            and not pa.types.is_nested(table.schema.field(name).type)
        ):
            table = _replaced(table, name, table[name].cast(pa.string()))
    return table


def _replaced(table: pa.Table, name: str, column: pa.Array | pa.ChunkedArray) -> pa.Table:
    return table.set_column(table.column_names.index(name), name, column)
