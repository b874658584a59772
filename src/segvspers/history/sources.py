"""From what an analyst gives to the parts of a history: files of every kind, tables, mail, in any mixture."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from glob import glob
from pathlib import Path
from typing import TYPE_CHECKING, Any

from segvspers.dialects import EventFormat, Signs, event_formats, inbound_formats, lookups
from segvspers.dialects.access import Columns
from segvspers.dialects.documents import load, unwrap
from segvspers.errors import DataError, MissingFileError
from segvspers.history.answers import mail_events
from segvspers.history.own import missing_columns, numbered, own_events, own_mapping
from segvspers.history.part import Part
from segvspers.history.vendors import vendor_events
from segvspers.replies.gather import inbound_messages, mail_messages, raw_mails
from segvspers.replies.mailbox import is_mail
from segvspers.replies.message import Message
from segvspers.replies.rows import as_rows
from segvspers.tables import Reading, open_table
from segvspers.tables.report import Source

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

JSON = (".json", ".jsonl", ".ndjson")
UNKNOWN_DOCUMENT = "no known format has these keys"
NEEDED = ("contact_id or email", "timestamp", "event")


@dataclass(slots=True)
class Collected:
    """What the sources hold: parts with events, and tables that only help to read them."""

    db: duckdb.DuckDBPyConnection
    columns: Mapping[str, str | None] | None
    events: Mapping[str, str]
    timezone: str
    parts: list[Part] = field(default_factory=list)
    campaigns: list[pa.Table] = field(default_factory=list)
    people: list[pa.Table] = field(default_factory=list)
    strange: list[str] = field(default_factory=list)
    seen: list[list[str]] = field(default_factory=list)
    mapped: bool = False


def collect(into: Collected, source: Any) -> None:
    """Read every source into `into`; what can't be read at all is told in `into.strange`."""
    items = list(source) if isinstance(source, (list, tuple)) else [source]
    for item in items:
        for one in _listed(item) if isinstance(item, (str, Path)) else [item]:
            if isinstance(one, Path) and is_mail(one):
                into.parts.append(_mail_part(into, one))
            elif isinstance(one, Path) and _ending(one) in JSON:
                _add_json(into, one)
            else:
                _add_table(into, open_table(one, table="history"))


def unused_columns(into: Collected) -> list[str]:
    """Return what is wrong when no table has the columns that `columns=` names."""
    if not into.columns or into.mapped:
        return []
    listed = "; ".join(str(names[:40]) for names in into.seen[:5]) or "no table with columns"
    return [f"columns= names {sorted(map(str, into.columns.values()))}, which no table has; there is {listed}"]


def _listed(source: str | Path) -> list[Path]:
    found = sorted(Path(name) for name in glob(str(source)))  # noqa: PTH207  the pattern may be absolute
    if not found and Path(source).exists():
        found = [Path(source)]
    if not found:
        raise MissingFileError(f"history: no file at {source}; check the spelling and the folder.")
    return found


def _ending(path: Path) -> str:
    return Path(path.name.lower().removesuffix(".gz")).suffix


def _add_json(into: Collected, path: Path) -> None:
    formats, inbound = event_formats(), inbound_formats()
    if path.stat().st_size == 0:
        raise DataError(f"history: {path.name} is empty; it needs events.")
    broken = load(into.db, path)
    total = into.db.sql("SELECT count(*) FROM docs").fetchall()[0][0]
    if broken == total:
        raise DataError(f"history: {path.name} is no readable JSON; save it as JSON or as JSON lines.")
    unwrap(into.db, [*(one.signs for one in formats), *(one.signs for one in inbound)])
    known = dict(into.db.sql("SELECT format, count(*) FROM docs WHERE format IS NOT NULL GROUP BY 1").fetchall())
    if not known:
        _add_table(into, open_table(path, table="history"))
        return
    chosen = {f"(SELECT * FROM docs WHERE format = {place})": formats[place] for place in known if place < len(formats)}
    mails = {place: inbound[place - len(formats)] for place in known if place >= len(formats)}
    came_in = inbound_messages(into.db, mails, folder=path.parent) if mails else []
    into.parts.append(_documents_part(into, path.name, "JSON", chosen, came_in))


def _mail_part(into: Collected, path: Path) -> Part:
    rows = as_rows(mail_messages(path), timezone=into.timezone)
    events = mail_events(rows, ids=rows["row"].to_pylist(), sources=["mail"] * rows.num_rows)
    return Part(Source(path.name, "mail", rows.num_rows), events, lambda ids: raw_mails(path, ids))


def _documents_part(
    into: Collected,
    name: str,
    kind: str,
    chosen: Mapping[str, EventFormat],
    came_in: Sequence[tuple[int, int, Message | str]] = (),
) -> Part:
    import pyarrow as pa

    db = into.db
    tables = []
    if came_in:
        rows = as_rows([(row, message) for _, row, message in came_in], timezone=into.timezone)
        vendors = [message.source if isinstance(message, Message) else None for _, _, message in came_in]
        tables.append(mail_events(rows, ids=[one for one, _, _ in came_in], sources=vendors))
    if chosen:
        tables.append(vendor_events(db, chosen, columns=None, events=into.events, timezone=into.timezone))
    odd = db.sql(
        f"SELECT _id, _row, CASE WHEN doc IS NULL THEN 'the line is no JSON' ELSE '{UNKNOWN_DOCUMENT}: ' || "
        "left(array_to_string(coalesce(CASE WHEN json_type(doc) = 'OBJECT' THEN json_keys(doc) END, ['none']), ' '), 200) END "
        "AS _fault FROM docs WHERE format IS NULL"
    ).to_arrow_table()
    tables += [odd] if odd.num_rows else []
    db.execute("CREATE TABLE IF NOT EXISTS kept (part INTEGER, _id BIGINT, text VARCHAR)")
    part = len(into.parts)
    db.execute(f"INSERT INTO kept SELECT {part}, _id, coalesce(CAST(doc AS VARCHAR), line) FROM docs")
    seen = sorted({one.name for one in chosen.values()}) + (["inbound mail"] if came_in else [])
    events = pa.concat_tables(tables, promote_options="permissive")
    source = Source(name, kind, events.num_rows, note=", ".join(seen))
    return Part(source, events, lambda ids: _kept(db, part, ids))


def _kept(db: duckdb.DuckDBPyConnection, part: int, ids: Sequence[int]) -> list[str]:
    found = db.execute(
        "SELECT _id, text FROM kept WHERE part = ? AND list_contains(?, _id)", [part, list(ids)]
    ).fetchall()
    texts = dict(found)
    return [texts[one] for one in ids]


def _add_table(into: Collected, reading: Reading) -> None:
    raw = reading.raw
    tops = {name.strip().lower() for name in raw.column_names}
    helper = next((one for one in lookups() if _fits(one.signs, tops)), None)
    if helper:
        _add_lookup(into, raw, helper.columns)
        into.parts.append(_helper_part(reading, helper.name))
        return
    if _is_nested(raw) and not _has_given(into, raw):
        _add_nested(into, reading)
        return
    into.seen.append(list(map(str, raw.column_names)))
    format_ = None if _has_given(into, raw) else _recognised(tops)
    if format_ is not None:
        into.parts.append(_vendor_part(into, reading, format_))
        return
    _add_own(into, reading)


def _has_given(into: Collected, raw: pa.Table) -> bool:
    return bool(into.columns) and {one for one in (into.columns or {}).values() if one is not None} <= set(
        raw.column_names
    )


def _recognised(tops: set[str]) -> EventFormat | None:
    if {"contact_id", "timestamp", "event"} <= tops:
        return None
    return next((one for one in event_formats() if _fits(one.signs, tops)), None)


def _fits(signs: Signs, tops: set[str]) -> bool:
    def there(path: str) -> bool:
        return path.lower() in tops

    return (
        all(map(there, signs.has))
        and (not signs.any or any(map(there, signs.any)))
        and (not signs.two_of or sum(map(there, signs.two_of)) >= 2)
        and not any(map(there, signs.lacks))
    )


def _is_nested(raw: pa.Table) -> bool:
    import pyarrow as pa

    return any(pa.types.is_nested(one.type) for one in raw.schema)


def _add_lookup(into: Collected, raw: pa.Table, columns: Mapping[str, str]) -> None:
    plain = numbered(raw)
    access = Columns(
        {theirs.strip().lower(): name for theirs, name in zip(raw.column_names, plain.column_names, strict=True)}
    )
    into.db.register("helper", plain)
    listed = ", ".join(f"{access.text(theirs)} AS {ours}" for ours, theirs in columns.items())
    made = into.db.sql(f"SELECT {listed} FROM helper").to_arrow_table()
    into.db.unregister("helper")
    (into.campaigns if "campaign" in columns else into.people).append(made)


def _helper_part(reading: Reading, name: str) -> Part:
    import numpy as np
    import pyarrow as pa

    n = reading.raw.num_rows
    events = pa.table({
        "_id": np.arange(n), "_row": reading.row, "_left_out": pa.array([f"a table that helps to read others: {name}"] * n, pa.string()),
    })  # fmt: skip
    return _table_part(reading, events, note=name)


def _vendor_part(into: Collected, reading: Reading, format_: EventFormat) -> Part:
    import numpy as np
    import pyarrow as pa

    plain = numbered(reading.raw)
    names = {
        theirs.strip().lower(): name for theirs, name in zip(reading.raw.column_names, plain.column_names, strict=True)
    }
    table = plain.append_column("_id", pa.array(np.arange(plain.num_rows)))
    into.db.register("vendor_rows", table.append_column("_row", pa.array(reading.row)))
    events = vendor_events(into.db, {"vendor_rows": format_}, columns=names, events=into.events, timezone=into.timezone)
    into.db.unregister("vendor_rows")
    return _table_part(reading, events, note=format_.name)


def _add_nested(into: Collected, reading: Reading) -> None:
    """Read a table with lists or structures in it as the documents that it was made from."""
    formats = event_formats()
    into.db.register("nested", reading.raw)
    into.db.execute(
        "CREATE OR REPLACE TABLE docs AS SELECT row_number() OVER () AS row, to_json(one) AS doc, NULL::VARCHAR AS line, "
        "NULL::JSON AS env, []::BIGINT[] AS place FROM nested AS one"
    )
    into.db.unregister("nested")
    into.db.execute("UPDATE docs SET doc = json_merge_patch('{}', doc)")
    unwrap(into.db, [one.signs for one in formats])
    known = into.db.sql("SELECT DISTINCT format FROM docs WHERE format IS NOT NULL").fetchall()
    if not known:
        _add_own(into, reading)
        return
    chosen = {f"(SELECT * FROM docs WHERE format = {place})": formats[place] for (place,) in known}
    into.parts.append(_documents_part(into, reading.sources[0].name, reading.sources[0].kind, chosen))


def _add_own(into: Collected, reading: Reading) -> None:
    given = _has_given(into, reading.raw)
    into.mapped |= given
    mapping = own_mapping(reading.raw, into.columns if given else None)
    lacking = missing_columns(mapping)
    if lacking:
        listed = list(map(str, reading.raw.column_names))[:40]
        into.strange.append(
            f"{reading.sources[0].name} has no known format, and lacks {lacking} of what a table of events needs "
            f"({list(NEEDED)}); its columns are {listed}. "
            f"Name them with columns={{{', '.join(f'{name!r}: ...' for name in lacking)}}}; known formats are those of {_vendors()}"
        )
        return
    events = own_events(into.db, reading.raw, mapping, events=into.events, timezone=into.timezone)
    part = _table_part(reading, events)
    part.mapping = {theirs: ours for theirs, ours in mapping.items() if theirs != ours}
    into.parts.append(part)


def _vendors() -> str:
    return ", ".join(dict.fromkeys(one.vendor for one in event_formats()))


def _table_part(reading: Reading, events: pa.Table, *, note: str = "") -> Part:
    import numpy as np
    import pyarrow as pa

    if "_row" not in events.column_names or events["_row"].null_count == events.num_rows:
        events = events.drop_columns([name for name in ("_id", "_row") if name in events.column_names])
        events = events.append_column("_id", pa.array(np.arange(events.num_rows))).append_column(
            "_row", pa.array(reading.row)
        )
    first = reading.sources[0]
    source = Source(
        first.name,
        first.kind,
        events.num_rows + len(reading.unsplit),
        first.delimiter,
        first.encoding,
        note or first.note,
    )
    return Part(source, events, lambda ids: raw_rows(reading.raw, ids), unsplit=reading.unsplit)


def raw_rows(raw: pa.Table, ids: Sequence[int]) -> list[str]:
    """Return rows of a table as JSON objects."""
    return [json.dumps(row, default=str, ensure_ascii=False) for row in raw.take(list(ids)).to_pylist()]
