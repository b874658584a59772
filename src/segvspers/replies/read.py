"""Read mail that came in, and tell which email each answers."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from glob import glob
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from segvspers._checks import check_at_least, require_columns
from segvspers._display import percent, plural
from segvspers.dialects import inbound_formats
from segvspers.dialects.documents import load, unwrap
from segvspers.errors import ArgumentError, DataError, MissingFileError
from segvspers.replies.gather import inbound_messages, mail_messages, raw_mails, table_messages
from segvspers.replies.mailbox import is_mail
from segvspers.replies.match import match
from segvspers.replies.message import Message
from segvspers.replies.rows import as_rows
from segvspers.tables import open_table
from segvspers.tables.report import REJECT_COLUMNS, ReadReport, Source, attach_report, no_rejects

if TYPE_CHECKING:
    import duckdb
    import pandas as pd
    import pyarrow as pa

JSON = (".json", ".jsonl", ".ndjson")
COLUMNS = ("contact_id", "timestamp", "event", "reply_class", "text", "subject", "campaign_id", "message_id", "step",
           "matched_by", "class_reason", "reply_id", "source")  # fmt: skip
UNKNOWN = "the address is not among the contacts"


@dataclass(slots=True)
class _Gathered:
    tables: list[pa.Table] = field(default_factory=list)
    sources: list[Source] = field(default_factory=list)
    mapping: dict[str, str] = field(default_factory=dict)
    raws: list[Callable[[Sequence[int]], Sequence[str]]] = field(default_factory=list)


def read_replies(
    source: Any,
    *,
    history: pd.DataFrame | None = None,
    contacts: pd.DataFrame | None = None,
    columns: Mapping[str, str] | None = None,
    window_days: float = 30,
    timezone: str = "UTC",
) -> pd.DataFrame:
    """Read mail that came in, one row a mail, and match it to the emails that it answers.

    Parameters
    ----------
    source
        An EML file, an mbox, a Maildir or a folder of EML files; a log (JSON, JSON lines) of the inbound webhooks of SendGrid,
        Mailgun, Postmark, Mailjet, Mandrill, Amazon SES or HubSpot; a table with `email, timestamp, text` and, where it has
        them, `subject, in_reply_to, references, reply_class, campaign_id`; or a list of these.
    history
        The table of history, whose emails the replies are matched to.
    contacts
        The table of contacts, with `contact_id` and `email`. Without it an address is the `contact_id`.
    columns
        ``{our name: their name}``, for tables.
    window_days
        Days after an email in which a reply that names no id can answer it.
    timezone
        The zone of dates that name none.

    Returns
    -------
    pandas.DataFrame
        `contact_id, timestamp` (UTC), `event` (reply; or `bounce_hard, bounce_soft, spam_report` from reports by mail
        servers), `reply_class` (positive, neutral, negative, referral, auto_reply, opt_out), `text` (new text without what
        is quoted), `subject, campaign_id, message_id, step` (of the email answered), `matched_by` (``message id``,
        ``address and time`` or missing), `class_reason` (platform, header, rules), `reply_id, source`. Rows are in order of
        time and can be put under a history with `pandas.concat`. `read_report` tells the share that was not matched.

    Raises
    ------
    MissingFileError
        When there is no such file.
    DataError
        When there is no mail, or a table lacks columns.
    ArgumentError
        When the time zone is not known or `window_days` is negative.

    Warns
    -----
    RejectWarning
        When mails were set aside; `read_report` has them.

    Examples
    --------
    >>> import pandas as pd, segvspers as sv
    >>> mails = pd.DataFrame({"email": ["ada@pine.example"], "timestamp": ["2026-09-08"], "text": ["Thursday works for me."]})
    >>> sv.read_replies(mails)["reply_class"].tolist()
    ['positive']
    """
    import duckdb
    import pyarrow as pa

    check_at_least("window_days", window_days, 0)
    _check_zone(timezone)
    gathered = _Gathered()
    with duckdb.connect() as db:
        db.execute("SET TimeZone = 'UTC'")
        for item in list(source) if isinstance(source, (list, tuple)) else [source]:
            _gather(db, gathered, item, columns, timezone)
        rows = pa.concat_tables(gathered.tables, promote_options="permissive")
        frame = _identified(rows.to_pandas(), contacts)
        if history is not None:
            frame = _matched(db, frame, history, window_days)
    return _finished(frame, gathered, contacts, history, timezone)


def _check_zone(timezone: str) -> None:
    try:
        ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ArgumentError(
            f"timezone={timezone!r} is not known; write a zone such as 'UTC' or 'Europe/Paris'."
        ) from None


def _gather(
    db: duckdb.DuckDBPyConnection, into: _Gathered, item: Any, columns: Mapping[str, str] | None, timezone: str
) -> None:
    for one in _listed(item) if isinstance(item, (str, Path)) else [item]:
        if isinstance(one, Path) and is_mail(one):
            rows = as_rows(mail_messages(one), timezone=timezone)
            _add(into, rows, one.name, "mail", partial(raw_mails, one), source="mail")
        elif (
            isinstance(one, Path)
            and Path(one.name.lower().removesuffix(".gz")).suffix in JSON
            and _add_inbound(db, into, one, timezone)
        ):
            continue
        else:
            reading = open_table(one, table="replies")
            messages, mapping, ids = table_messages(reading.raw, columns=columns)
            rows = as_rows(enumerate(messages, start=1), timezone=timezone)
            _add(
                into,
                rows,
                reading.sources[0].name,
                reading.sources[0].kind,
                partial(_raw_rows, reading.raw),
                contact_ids=ids,
            )
            into.mapping |= mapping


def _listed(item: str | Path) -> list[Path]:
    found = sorted(Path(name) for name in glob(str(item)))  # noqa: PTH207  the pattern may be absolute
    if not found and not Path(item).exists():
        raise MissingFileError(f"replies: no file or folder at {item}; check the spelling.")
    return found or [Path(item)]


def _add_inbound(db: duckdb.DuckDBPyConnection, into: _Gathered, path: Path, timezone: str) -> bool:
    """Add the mails of a log of webhooks; False when it is none."""
    formats = dict(enumerate(inbound_formats()))
    load(db, path)
    unwrap(db, [one.signs for one in formats.values()])
    if not db.sql("SELECT count(*) FROM docs WHERE format IS NOT NULL").fetchall()[0][0]:
        return False
    found = inbound_messages(db, formats, folder=path.parent)
    others = db.sql("SELECT _row, doc IS NULL FROM docs WHERE format IS NULL").fetchall()
    listed: list[tuple[int, Message | str]] = [(row, message) for _, row, message in found]
    listed += [(row, "the line is no JSON" if none else "it is no mail that came in") for row, none in others]
    rows = as_rows(listed, timezone=timezone)
    vendors = [message.source if isinstance(message, Message) else None for _, _, message in found] + [None] * len(
        others
    )
    texts = dict(db.sql("SELECT _row, any_value(coalesce(CAST(doc AS VARCHAR), line)) FROM docs GROUP BY 1").fetchall())
    _add(into, rows, path.name, "JSON", lambda numbers: [texts[one] for one in numbers], sources=vendors)
    return True


def _raw_rows(raw: pa.Table, numbers: Sequence[int]) -> list[str]:
    return [
        json.dumps(row, default=str, ensure_ascii=False) for row in raw.take([one - 1 for one in numbers]).to_pylist()
    ]


def _add(
    into: _Gathered,
    rows: pa.Table,
    name: str,
    kind: str,
    raw: Callable[[Sequence[int]], Sequence[str]],
    *,
    source: str | None = None,
    sources: list[str | None] | None = None,
    contact_ids: list[str | None] | None = None,
) -> None:
    import pyarrow as pa

    n = rows.num_rows
    for column, values in (
        ("source", sources or [source] * n),
        ("contact_id", contact_ids or [None] * n),
        ("file", [name] * n),
    ):
        rows = rows.append_column(column, pa.array(values, pa.string()))
    rows = rows.append_column("part", pa.array([len(into.tables)] * n, pa.int64()))
    into.raws.append(raw)
    into.tables.append(rows)
    into.sources.append(Source(name, kind, n))


def _identified(frame: pd.DataFrame, contacts: pd.DataFrame | None) -> pd.DataFrame:
    """Give each mail the contact of its address."""
    if contacts is None:
        return frame.assign(contact_id=frame["contact_id"].fillna(frame["email"]))
    require_columns(contacts, ["contact_id", "email"], table="contacts")
    known = contacts[["contact_id", "email"]].dropna()
    known = known.assign(email=known["email"].astype("string").str.strip().str.lower()).drop_duplicates(
        "email", keep=False
    )
    looked_up = frame["email"].map(known.set_index("email")["contact_id"].astype(str))
    return frame.assign(contact_id=frame["contact_id"].fillna(looked_up))


def _matched(
    db: duckdb.DuckDBPyConnection, frame: pd.DataFrame, history: pd.DataFrame, window_days: float
) -> pd.DataFrame:
    import pyarrow as pa

    needed = ["contact_id", "timestamp", "event", "campaign_id", "message_id", "step"]
    require_columns(history, needed, table="history")
    sends = history.loc[history["event"].isin(["sent", "delivered"]), needed]
    if not len(sends):
        raise DataError("history has no event 'sent' or 'delivered', so no reply can be matched to an email.")
    asked = pa.table({
        "_place": pa.array(range(len(frame)), pa.int64()),
        "contact_id": pa.array(frame["contact_id"], pa.string(), from_pandas=True),
        "timestamp": pa.array(frame["timestamp"], pa.timestamp("us", tz="UTC"), from_pandas=True),
        "campaign_id": pa.nulls(len(frame), pa.string()),
        "thread": pa.array([list(one) if one is not None else [] for one in frame["thread"]], pa.list_(pa.string())),
    })  # fmt: skip
    found = match(db, asked, pa.Table.from_pandas(sends, preserve_index=False), window_days=window_days).to_pandas()
    found = found.set_index("_place")
    made = frame.reset_index(drop=True)
    by_id = found["contact_id"].reindex(made.index)
    return made.assign(
        contact_id=by_id.fillna(made["contact_id"]),
        **{name: found[name].reindex(made.index) for name in ("campaign_id", "message_id", "step", "matched_by")},
    )


def _finished(
    frame: pd.DataFrame, gathered: _Gathered, contacts: pd.DataFrame | None, history: pd.DataFrame | None, timezone: str
) -> pd.DataFrame:
    import pandas as pd

    away = frame["left_out"].notna() & frame["fault"].isna()
    nobody = frame["contact_id"].isna() & frame["fault"].isna() & ~away
    reasons = frame["fault"].where(~nobody, UNKNOWN if contacts is not None else "the mail names no sender")
    bad = reasons.notna() & ~away
    twice = frame["reply_id"].notna() & frame.duplicated(["reply_id", "contact_id", "event"]) & ~bad & ~away
    used = frame[~(bad | away | twice)].sort_values("timestamp", kind="stable").reset_index(drop=True)
    rejects = frame.loc[bad, ["file", "row"]].assign(reason=reasons[bad], raw="").set_axis(list(REJECT_COLUMNS), axis=1)
    for part, raw in enumerate(gathered.raws):
        chosen = bad & (frame["part"] == part)
        if chosen.any():
            rejects.loc[chosen[chosen].index, "raw"] = list(raw(frame.loc[chosen, "row"].tolist()))
    if not len(used):
        told = "; ".join(dict.fromkeys(reasons[bad])) or "there is none"
        raise DataError(f"replies: no mail can be used: {told}.")
    report = ReadReport(
        table="replies",
        n_rows=len(frame),
        n_used=len(used),
        sources=tuple(gathered.sources),
        mapping=gathered.mapping,
        notes=tuple(_notes(used, frame[~(away | twice)], history, timezone)),
        rejects=rejects.reset_index(drop=True) if len(rejects) else no_rejects(),
        n_duplicates=int(twice.sum()),
        left_out={str(reason): int(count) for reason, count in frame.loc[away, "left_out"].value_counts().items()},
    )
    for name in COLUMNS:
        if name not in used.columns:
            used[name] = pd.Series(None, index=used.index, dtype=float if name == "step" else object)
    return attach_report(used[list(COLUMNS)], report)


def _notes(used: pd.DataFrame, came_in: pd.DataFrame, history: pd.DataFrame | None, timezone: str) -> list[str]:
    notes = []
    naive = int(used["naive"].fillna(False).astype(bool).sum())
    if naive:
        notes.append(f"{plural(naive, 'date')} without a zone taken as {timezone} (timezone=).")
    counts = used.loc[used["event"] == "reply", "reply_class"].value_counts()
    if len(counts):
        notes.append("Classes: " + ", ".join(f"{name} {count:,}" for name, count in counts.items()) + ".")
    if history is not None:
        notes.append(match_note(came_in["matched_by"]))
    return notes


def match_note(matched_by: pd.Series) -> str:
    """Return in a sentence how many mails were matched, by what, and what share was not."""
    total, missed = len(matched_by), int(matched_by.isna().sum())
    by_id, by_time = int((matched_by == "message id").sum()), int((matched_by == "address and time").sum())
    return (
        f"Of {plural(total, 'mail')} that came in, {by_id:,} matched to an email by message id and {by_time:,} by address and time; "
        f"{missed:,} not matched ({percent(missed / total if total else float('nan'))})."
    )
