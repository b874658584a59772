"""Events of a table with our columns, or with columns that the user named: whole columns at a time, whatever its length."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from segvspers.dialects import aliases, readings
from segvspers.dialects.access import quoted
from segvspers.history.columns import COLUMNS, EVENTS, REPLY_CLASSES
from segvspers.history.part import HELP, KINDS
from segvspers.history.times import moment, names_no_zone
from segvspers.history.words import FALSE, TRUE, address, number
from segvspers.tables import match_columns
from segvspers.tables.columns import renamed
from segvspers.tables.texts import as_text

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

PEOPLE = ("contact_id", "email")
ASKED = (*KINDS, "email", "event_id")
FLAGS = dict.fromkeys(TRUE, True) | dict.fromkeys(FALSE, False)


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
    import pyarrow as pa

    given = {ours: raw.column(place) for place, ours in enumerate(mapping.values()) if ours in ASKED}
    asked: dict[str, pa.ChunkedArray] = {}
    lost: dict[str, pa.ChunkedArray] = {}
    for column in COLUMNS:
        if column.name in given and column.name not in {"timestamp", "event"}:
            asked[column.name], missed = _converted(db, given[column.name], column.name)
            if missed is not None:
                lost[column.name] = missed
    asked |= _times(db, given["timestamp"], timezone) | _happened(trimmed(given["event"]), events)
    asked["_fault"] = _faults(asked)
    if lost:
        asked["_odd"] = _together(lost, " ")
    if "email" in given:
        asked["_email"] = _sql(db, trimmed(given["email"]), address("x"))
    if "event_id" in given:
        asked["_unique"] = trimmed(given["event_id"])
    asked.pop("_word")
    columns: dict[str, pa.ChunkedArray] = {}
    for place, ours in enumerate(mapping.values()):
        if ours in KINDS:
            columns[ours] = asked[ours]
        elif ours not in ASKED:
            columns[f"{ours}_original" if ours in HELP or ours == "_part" else ours] = raw.column(place)
    return pa.table(columns | {name: asked[name] for name in asked if name not in columns})


def numbered(raw: pa.Table) -> pa.Table:
    """Return a table with names that can stand in a query, whatever its own are."""
    return raw.rename_columns([f"c{place}" for place in range(raw.num_columns)])


def trimmed(values: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return values as text without white space around; NULL where nothing is left."""
    import pyarrow as pa
    import pyarrow.compute as pc

    text = pc.utf8_trim_whitespace(as_text(values)).cast(pa.string())
    empty = pc.equal(pc.binary_length(text), 0)
    return pc.if_else(empty, pa.scalar(None, text.type), text) if pc.any(empty).as_py() else text


def _converted(
    db: duckdb.DuckDBPyConnection, values: pa.ChunkedArray, name: str
) -> tuple[pa.ChunkedArray, pa.ChunkedArray | None]:
    """Return a column as it should be, and a mask of values that were there and could not be read."""
    import pyarrow as pa
    import pyarrow.compute as pc

    kind = values.type
    if KINDS[name] == "BOOLEAN" and pa.types.is_boolean(kind):
        return values, None
    if KINDS[name] == "DOUBLE" and (
        pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)
    ):
        made = values.cast(pa.float64())
        return pc.if_else(pc.is_finite(made), made, pa.scalar(None, pa.float64())), None
    text = trimmed(values)
    if KINDS[name] == "BOOLEAN":
        made = _mapped(text, FLAGS, pa.bool_())
    elif KINDS[name] == "DOUBLE":
        made = _sql(db, text, number("x"))
    elif name == "reply_class":
        made = _mapped(text, {one: one for one in REPLY_CLASSES}, pa.string())
    else:
        return text, None
    missed = pc.and_(pc.is_valid(text), pc.is_null(made))
    return made, missed if pc.any(missed).as_py() else None


def _times(db: duckdb.DuckDBPyConnection, values: pa.ChunkedArray, timezone: str) -> dict[str, pa.ChunkedArray]:
    """Return `timestamp`, `_time` (the text of what is none) and `_naive`."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_timestamp(values.type) or pa.types.is_date(values.type):
        naive = pa.types.is_date(values.type) or values.type.tz is None
        moments = values.cast(pa.timestamp("us", None if naive else values.type.tz), safe=False)
        zone = "x" if not naive or timezone == "UTC" else f"timezone({quoted(timezone)}, x)"
        made = _sql(db, moments, f"CAST({zone} AS TIMESTAMPTZ)")
        return {"timestamp": made} | ({"_naive": pc.is_valid(made)} if naive else {})
    text = trimmed(values)
    made = _sql(db, text, moment("x", timezone=timezone))
    found = {"timestamp": made, "_naive": _sql(db, text, names_no_zone("x"))}
    odd = pc.and_(pc.is_valid(text), pc.is_null(made))
    if pc.any(odd).as_py():
        found["_time"] = pc.if_else(odd, text, pa.scalar(None, text.type))
    return found


def _happened(word: pa.ChunkedArray, events: Mapping[str, str]) -> dict[str, pa.ChunkedArray]:
    """Return `event` and `_left_out`, of which a known word has one, and the word itself as `_word`."""
    import pyarrow as pa

    ours, away = readings()
    kept = ours | {name: name for name in EVENTS} | {theirs: mine for theirs, mine in events.items() if mine}
    left_out = {name: reason for name, reason in away.items() if name not in kept}
    left_out |= {theirs: "events= says so" for theirs, mine in events.items() if not mine}
    kept = {theirs: mine for theirs, mine in kept.items() if theirs not in left_out}
    return {
        "event": _mapped(word, kept, pa.string()),
        "_left_out": _mapped(word, left_out, pa.string()),
        "_word": word,
    }


def _faults(asked: Mapping[str, pa.ChunkedArray]) -> pa.ChunkedArray:
    """Return what stops a row from being used, or NULL."""
    import pyarrow as pa
    import pyarrow.compute as pc

    word, none = asked["_word"], pa.scalar(None, pa.string())
    unknown = pc.and_(pc.is_null(asked["event"]), pc.is_null(asked["_left_out"]))
    if not pc.any(unknown).as_py():
        return pa.chunked_array([pa.nulls(len(word), pa.string())])
    told = pc.binary_join_element_wise("event is not known: ", pc.utf8_slice_codeunits(word, 0, 40), "")
    return pc.if_else(unknown, pc.coalesce(told, pa.scalar("event is empty")), none)


def _together(masks: Mapping[str, pa.ChunkedArray], mark: str) -> pa.ChunkedArray:
    """Return the names of the masks that hold for each row, or NULL."""
    import pyarrow as pa
    import pyarrow.compute as pc

    none = pa.scalar(None, pa.string())
    whole = pa.chunked_array([pa.nulls(len(next(iter(masks.values()))), pa.string())])
    for name, mask in masks.items():
        more = pc.if_else(mask, pa.scalar(name), none)
        whole = pc.coalesce(pc.binary_join_element_wise(whole, more, mark), whole, more)
    return whole


def _mapped(text: pa.ChunkedArray, words: Mapping[str, object], kind: pa.DataType) -> pa.ChunkedArray:
    """Return what each text stands for, without regard to case; NULL where it stands for nothing."""
    import pyarrow as pa
    import pyarrow.compute as pc

    coded = pc.dictionary_encode(text).unify_dictionaries()
    if not coded.num_chunks:
        return pa.chunked_array([], type=kind)
    made = pa.array([words.get(word.lower()) for word in coded.chunk(0).dictionary.to_pylist()], type=kind)
    return pa.chunked_array([made.take(chunk.indices) for chunk in coded.chunks], type=kind)


def _sql(db: duckdb.DuckDBPyConnection, values: pa.ChunkedArray, expression: str) -> pa.ChunkedArray:
    """Return an SQL expression in `x` over a column, in its order; the expression must not be one that joins."""
    import pyarrow as pa

    db.register("one_column", pa.table({"x": values}))
    try:
        return db.sql(f"SELECT {expression} AS y FROM one_column").to_arrow_table()["y"]
    finally:
        db.unregister("one_column")
