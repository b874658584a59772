"""Events of a table with our columns, or with columns that the user named: one pass in the engine, whatever its length."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from segvspers.dialects import aliases
from segvspers.dialects.access import named, quoted
from segvspers.history.columns import COLUMNS
from segvspers.history.part import HELP, KINDS
from segvspers.history.times import moment, names_no_zone
from segvspers.history.words import address, class_of, flag, lost_in, number, plain_event, stripped
from segvspers.tables import match_columns
from segvspers.tables.columns import renamed

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

PEOPLE = ("contact_id", "email")
ASKED = (*KINDS, "email", "event_id")


def own_mapping(raw: pa.Table, columns: Mapping[str, str | None] | None) -> dict[str, str]:
    """Return our name, or the table's own, by the table's column."""
    names = list(map(str, raw.column_names))
    mapping = match_columns(names, table="history", columns=columns, aliases=aliases("history"))
    return dict(zip(names, renamed(names, mapping), strict=True))


def missing_columns(mapping: Mapping[str, str]) -> list[str]:
    """Return what a table lacks to be a history, in words."""
    have = set(mapping.values())
    lacking = [name for name in ("timestamp", "event") if name not in have]
    if not have & set(PEOPLE):
        lacking.insert(0, "contact_id")
    return lacking


def own_events(
    db: duckdb.DuckDBPyConnection,
    raw: pa.Table,
    mapping: Mapping[str, str],
    *,
    events: Mapping[str, str],
    timezone: str,
) -> pa.Table:
    """Return the events of a table, with the columns of a `Part` and every further column of its own.

    Parameters
    ----------
    db
        The engine.
    raw
        The table; what came from text files is text.
    mapping
        Our name, or the table's own, by its column.
    events
        What the user says about words.
    timezone
        The zone of times that name none.
    """
    plain = numbered(raw)
    placed = {ours: name for name, ours in zip(plain.column_names, mapping.values(), strict=True) if ours in ASKED}
    texts = {ours: _text(plain, name) for ours, name in placed.items()}
    made = {
        column.name: _converted(plain, placed[column.name], column.name, texts[column.name], events, timezone)
        for column in COLUMNS
        if column.name in placed
    }
    lost = [
        lost_in(column.name, texts[column.name], made[column.name])
        for column in COLUMNS
        if column.name in placed and (column.kind in {"number", "flag"} or column.name == "reply_class")
    ]
    asked = made | _help(plain, placed, texts, made, events)
    if lost:
        asked["_odd"] = f"nullif(concat_ws(' ', {', '.join(lost)}), '')"
    listed = [f"CAST({sql} AS {(KINDS | HELP)[name]}) AS {name}" for name, sql in asked.items()]
    db.register("own_rows", plain)
    try:
        found = db.sql(f"SELECT {', '.join(listed)} FROM own_rows").to_arrow_table()
    finally:
        db.unregister("own_rows")
    return _with_further(raw, mapping, found)


def numbered(raw: pa.Table) -> pa.Table:
    """Return a table with names that can stand in a query, whatever its own are."""
    return raw.rename_columns([f"c{place}" for place in range(raw.num_columns)])


def _with_further(raw: pa.Table, mapping: Mapping[str, str], found: pa.Table) -> pa.Table:
    """Return what was made of our columns in the order of the table, between its further columns as they are."""
    import pyarrow as pa

    columns: dict[str, pa.ChunkedArray] = {}
    for place, ours in enumerate(mapping.values()):
        if ours in KINDS:
            columns[ours] = found[ours]
        elif ours not in ASKED:
            columns[f"{ours}_original" if ours in HELP or ours == "_part" else ours] = raw.column(place)
    return pa.table(columns | {name: found[name] for name in found.column_names if name not in columns})


def _help(
    raw: pa.Table,
    placed: Mapping[str, str],
    texts: Mapping[str, str],
    made: Mapping[str, str],
    events: Mapping[str, str],
) -> dict[str, str]:
    time, kind, happened = texts["timestamp"], texts["event"], plain_event(texts["event"], events)
    strange = f"CASE WHEN {kind} IS NULL THEN 'event is empty' ELSE 'event is not known: ' || left({kind}, 40) END"
    faults = [
        f"CASE WHEN {time} IS NULL THEN 'timestamp is empty' END",
        f"CASE WHEN {happened['event']} IS NULL AND {happened['left_out']} IS NULL THEN {strange} END",
    ]
    is_text = _kind(raw, placed["timestamp"]) == "text"
    found = {
        "_left_out": happened["left_out"],
        "_fault": f"nullif(concat_ws('; ', {', '.join(faults)}), '')",
    }
    if is_text:
        found["_time"] = f"CASE WHEN {made['timestamp']} IS NULL THEN {time} END"
        found["_naive"] = names_no_zone(time)
    elif _kind(raw, placed["timestamp"]) == "naive":
        found["_naive"] = "true"
    if "email" in texts:
        found["_email"] = address(texts["email"])
    if "event_id" in texts:
        found["_unique"] = texts["event_id"]
    return found


def _converted(raw: pa.Table, theirs: str, ours: str, text: str, events: Mapping[str, str], timezone: str) -> str:
    kind = _kind(raw, theirs)
    if ours == "timestamp":
        if kind in {"text", "number"}:
            return moment(text, timezone=timezone)
        zone = "" if kind == "zoned" or timezone == "UTC" else timezone
        plain = f"CAST({named(theirs)} AS TIMESTAMP{'TZ' if kind == 'zoned' else ''})"
        return f"timezone({quoted(zone)}, {plain})" if zone else plain
    if ours == "event":
        return plain_event(text, events)["event"]
    if ours == "reply_class":
        return class_of(text)
    if KINDS[ours] == "BOOLEAN":
        return flag(text)
    if KINDS[ours] == "DOUBLE":
        return (
            number(text)
            if kind == "text"
            else f"CASE WHEN isfinite({named(theirs)}::DOUBLE) THEN {named(theirs)}::DOUBLE END"
        )
    return text


def _text(raw: pa.Table, column: str) -> str:
    """Return SQL for a column as text: an id next to an empty cell is 7, not 7.0."""
    import pyarrow as pa
    import pyarrow.compute as pc

    values = raw[column]
    if pa.types.is_floating(values.type):
        whole = pc.all(pc.or_kleene(pc.equal(pc.floor(values), values), pc.is_nan(values))).as_py()
        if whole is not False:
            safe = f"CASE WHEN isfinite({named(column)}) THEN {named(column)} END"
            return f"CAST(TRY_CAST({safe} AS BIGINT) AS VARCHAR)"
        return f"CASE WHEN isfinite({named(column)}) THEN CAST({named(column)} AS VARCHAR) END"
    return stripped(f"CAST({named(column)} AS VARCHAR)")


def _kind(raw: pa.Table, column: str) -> str:
    """Return the kind of a column of times: text, number, zoned or naive."""
    import pyarrow as pa

    found = raw.schema.field(column).type
    if pa.types.is_timestamp(found):
        return "zoned" if found.tz else "naive"
    if pa.types.is_date(found):
        return "naive"
    if pa.types.is_integer(found) or pa.types.is_floating(found) or pa.types.is_decimal(found):
        return "number"
    return "text"
