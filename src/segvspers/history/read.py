"""Read the table of history: one row an event between you and a contact."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from segvspers._display import plural
from segvspers.errors import ArgumentError, raise_all
from segvspers.history.columns import NAMES
from segvspers.history.machines import AFTER_SECONDS, flag_machines
from segvspers.history.part import HELP, Part
from segvspers.history.settle import Settled, join_parts, settle
from segvspers.history.sources import Collected, collect, unused_columns
from segvspers.history.words import check_events
from segvspers.replies.read import match_note
from segvspers.tables.report import REJECT_COLUMNS, ReadReport, attach_report, no_unread

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa


def read_history(
    source: Any,
    *,
    columns: Mapping[str, str | None] | None = None,
    events: Mapping[str, str | None] | None = None,
    contacts: pd.DataFrame | None = None,
    timezone: str = "UTC",
) -> pd.DataFrame:
    """Read history, one row an event.

    Parameters
    ----------
    source
        A path, a glob, a pandas, polars or Arrow table, a DuckDB relation, or a list of any of these. Webhook logs (JSON,
        JSON lines) and exports of email platforms and sequencers are recognised by their keys or columns; any other
        table needs `contact_id` (or `email`), `timestamp` and `event`, under our names or those in `columns`.
    columns
        ``{our name: their name}``, for tables that have all the columns it names.
    events
        ``{their event: our event}``, where a source uses words of its own; None leaves an event out on purpose.
    contacts
        The table of contacts, with `contact_id` and `email`, by which addresses become contacts. Without it an
        address is the `contact_id`.
    timezone
        The zone of times that name none, such as ``"Europe/Paris"``.

    Returns
    -------
    pandas.DataFrame
        `contact_id, timestamp` (UTC), `event, topic, product, amount_usd, text, campaign_id, message_id, step,
        machine_open, machine_click, reply_class, status, source`, and further columns of your own tables; columns
        that are missing are empty. `status` is open or solved for a support ticket, asked, answered or told for a
        conversation; rows with one `message_id` are one email, ticket or thread. Rows are in order of time.
        `read_report` tells how it was read: rows in = used + rejected + duplicates + left out on purpose.

    Raises
    ------
    MissingFileError
        When there is no such file.
    DataError
        When a source has no known format and lacks columns, or no row can be used.
    ArgumentError
        When `events` maps to an unknown event, or the time zone is not known.

    Warns
    -----
    RejectWarning
        When rows were set aside. `read_report` has them.

    Notes
    -----
    The first telling of an event is kept where two rows have one event id (or, on platforms that give none, agree
    in what `docs/reading.md` lists). Opens and clicks by machines are flagged and kept: by the platform's own flag where it
    gives one, else by the rule of `docs/reading.md`.

    Examples
    --------
    >>> import segvspers as sv
    >>> history = sv.read_history("data/sample/history.csv")
    >>> sorted(set(history["event"]))[:3]
    ['bounce_hard', 'cancel', 'click']
    """
    import duckdb

    words = check_events(events)
    _check_zone(timezone)
    with duckdb.connect() as db:
        db.execute("SET TimeZone = 'UTC'")
        into = Collected(db, columns, words, timezone)
        collect(into, source)
        raise_all("history", [*into.strange, *unused_columns(into)])
        found = settle(
            db,
            join_parts(into.parts),
            contacts=contacts,
            campaigns=into.campaigns,
            people=into.people,
            timezone=timezone,
        )
        rejects = _rejects(into.parts, found)
        if not found.used.any():
            raise_all("history", _nothing_left(into.parts, found, rejects))
        used, machines = flag_machines(db, _taken(found))
        report = _report(into, found, rejects, machines)
    return attach_report(_frame(used, into.parts), report)


def _check_zone(timezone: str) -> None:
    try:
        ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ArgumentError(
            f"timezone={timezone!r} is not known; write a zone such as 'UTC' or 'Europe/Paris'."
        ) from None


def _taken(found: Settled) -> pa.Table:
    """Return the events that are used, in order of time; those of one moment stay as they came."""
    import numpy as np
    import pyarrow as pa

    events = found.events if found.used.all() else found.events.filter(pa.array(found.used))
    times = events["timestamp"].cast(pa.int64()).to_numpy()
    if (np.diff(times) >= 0).all():
        return events
    return events.take(pa.array(np.argsort(times, kind="stable")))


def _frame(used: pa.Table, parts: list[Part]) -> pd.DataFrame:
    """Return the events as pandas: one table keeps the order of its columns, several get ours."""
    first = parts[0].events.column_names if len(parts) == 1 else NAMES
    order = [
        name for name in dict.fromkeys([*first, *NAMES, *used.column_names]) if name not in HELP and name != "_part"
    ]
    return used.select(order).to_pandas()


def _rejects(parts: list[Part], found: Settled) -> pd.DataFrame:
    import numpy as np
    import pandas as pd

    frames = []
    for place, part in enumerate(parts):
        chosen = np.flatnonzero(found.rejected & (found.events["_part"].to_numpy() == place))
        rows = found.events.select(["_id", "_row", "_fault"]).take(chosen)
        values = [
            [part.source.name] * len(chosen),
            rows["_row"].to_pylist(),
            rows["_fault"].to_pylist(),
            part.raw(rows["_id"].to_pylist()) if len(chosen) else [],
        ]
        frames += [part.unsplit, pd.DataFrame(dict(zip(REJECT_COLUMNS, values, strict=True)))]
    whole = [frame for frame in frames if len(frame)] or frames[:1]
    return pd.concat(whole, ignore_index=True)


def _unread(parts: list[Part], found: Settled) -> pd.DataFrame:
    """Return the cells of used rows that could not be read and were left empty, as they stood."""
    import pandas as pd
    import pyarrow as pa
    import pyarrow.compute as pc

    odd = found.events.filter(pa.array(found.used & pc.is_valid(found.events["_odd"]).to_numpy()))
    cells = []
    for place, part in enumerate(parts):
        rows = odd.filter(pc.equal(odd["_part"], place)).select(["_id", "_row", "_odd"]).to_pylist()
        theirs = {ours: name for name, ours in part.mapping.items()}
        for row, raw in zip(rows, part.raw([row["_id"] for row in rows]) if rows else [], strict=True):
            values = json.loads(raw)
            cells += [
                (part.source.name, row["_row"], name, values.get(theirs.get(name, name)))
                for name in row["_odd"].split(" ")
            ]
    return pd.DataFrame(cells, columns=list(no_unread())) if cells else no_unread()


def _nothing_left(parts: list[Part], found: Settled, rejects: pd.DataFrame) -> list[str]:
    """Return why no row can be used, with what was found in place of events."""
    told: dict[str, int] = {}
    for reason in rejects["reason"]:
        told[_without_addresses(reason)] = told.get(_without_addresses(reason), 0) + 1
    left = _left_out(found)
    listed = [
        f"no row can be used: {reason} ({plural(n, 'row')})"
        for reason, n in sorted(told.items(), key=lambda one: -one[1])[:8]
    ]
    listed += [f"no row is used: {reason} ({plural(n, 'row')})" for reason, n in left.items()]
    names = ", ".join(part.source.name for part in parts)
    return listed or [f"there are no rows in {names}"]


def _without_addresses(reason: str) -> str:
    return " ".join("an address" if "@" in word else word for word in reason.split(" "))


def _left_out(found: Settled) -> dict[str, int]:
    import pyarrow as pa

    reasons = found.events["_left_out"].filter(pa.array(found.left_out)).value_counts().to_pylist()
    return {one["values"]: one["counts"] for one in sorted(reasons, key=lambda one: (-one["counts"], one["values"]))}


def _report(into: Collected, found: Settled, rejects: pd.DataFrame, machines: Mapping[str, int]) -> ReadReport:
    vendors = sorted({part.source.note for part in into.parts if part.source.note})
    return ReadReport(
        table="history",
        n_rows=found.events.num_rows + sum(len(part.unsplit) for part in into.parts),
        n_used=int(found.used.sum()),
        sources=tuple(part.source for part in into.parts),
        vendor="; ".join(vendors),
        mapping={theirs: ours for part in into.parts for theirs, ours in part.mapping.items()},
        notes=(*_notes(into, found, machines), *(note for part in into.parts for note in part.notes)),
        rejects=rejects,
        unread=_unread(into.parts, found),
        n_duplicates=int(found.duplicate.sum()),
        left_out=_left_out(found),
    )


def _notes(into: Collected, found: Settled, machines: Mapping[str, int]) -> list[str]:
    import pyarrow as pa
    import pyarrow.compute as pc

    notes = []
    naive = int((pc.fill_null(found.events["_naive"], False).to_numpy() & found.used).sum())
    if naive:
        notes.append(f"{plural(naive, 'time')} without a zone taken as {into.timezone} (timezone=).")
    if "matched_by" in found.events.column_names:
        mails = pc.is_valid(found.events["_thread"]).to_numpy() & ~found.left_out & ~found.duplicate
        notes.append(match_note(found.events["matched_by"].filter(pa.array(mails)).to_pandas()))
    for name, count in machines.items():
        if count:
            told = "opens" if name == "machine_open" else "clicks"
            notes.append(
                f"{count:,} {told} by machines found by the rule ({AFTER_SECONDS} seconds, bursts, known scanners)."
            )
    return notes
