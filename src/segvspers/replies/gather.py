"""Mails from whatever they come in: files and folders of mail, logs of inbound webhooks, tables of replies."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from segvspers.dialects import InboundFormat, aliases
from segvspers.errors import DataError
from segvspers.replies.classify import CLASSES
from segvspers.replies.inbound import read_inbound
from segvspers.replies.mailbox import mails_in
from segvspers.replies.message import Message, addresses, decoded, ids, moment_of, text_of
from segvspers.replies.mime import read_mime
from segvspers.tables.convert import rename_columns

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

LONGEST_RAW = 20_000
WORDS = {
    "interested": "positive", "meeting request": "positive", "meeting booked": "positive", "information request": "positive",
    "not interested": "negative", "do not contact": "opt_out", "unsubscribe": "opt_out", "unsubscribed": "opt_out",
    "out of office": "auto_reply", "wrong person": "referral", "auto": "auto_reply",
}  # fmt: skip


def mail_messages(path: Path) -> Iterator[tuple[int, Message | str]]:
    """Give the mails of a file or folder with their numbers, from 1, or why one can't be read."""
    for number, data in enumerate(mails_in(path), start=1):
        yield number, read_mime(data)


def raw_mails(path: Path, numbers: Sequence[int]) -> list[str]:
    """Return the beginnings of some mails of a file or folder, as they stand."""
    wanted = set(numbers)
    found = {number: data[:LONGEST_RAW] for number, data in enumerate(mails_in(path), start=1) if number in wanted}
    return [found[number].decode("utf-8", errors="replace") for number in numbers]


def inbound_messages(
    db: duckdb.DuckDBPyConnection, formats: Mapping[int, InboundFormat], *, folder: Path
) -> list[tuple[int, int, Message | str]]:
    """Return `_id`, number and mail of each document in the table `docs` whose format is one of `formats`."""
    places = ", ".join(map(str, formats))
    listed = db.sql(
        f"SELECT _id, _row, CAST(doc AS VARCHAR), format FROM docs WHERE format IN ({places}) ORDER BY _id"
    ).fetchall()
    found = []
    for one, row, text, place in listed:
        format_ = formats[place]
        try:
            message = read_inbound(json.loads(text), format_, folder=folder)
        except (ValueError, RecursionError):
            message = "the document can't be read"
        if isinstance(message, Message):
            message.source = format_.vendor
        found.append((one, row, message))
    return found


def table_messages(
    raw: pa.Table, *, columns: Mapping[str, str] | None
) -> tuple[list[Message], dict[str, str], list[str | None]]:
    """Return the rows of a table of replies as mails, the mapping of its columns, and its contact ids.

    Raises
    ------
    DataError
        When a column that is needed is missing.
    """
    frame, mapping = rename_columns(raw.to_pandas(), table="replies", columns=columns, aliases=aliases("replies"))
    have = set(frame.columns)
    lacking = [name for name in ("timestamp", "text") if name not in have and not (name == "text" and "html" in have)]
    if not have & {"contact_id", "email", "in_reply_to"}:
        lacking.insert(0, "email")
    if lacking:
        raise DataError(
            f"replies: the table lacks {lacking}; its columns are {list(map(str, raw.column_names))[:40]}. "
            f"Name them with columns={{{', '.join(f'{name!r}: ...' for name in lacking)}}}."
        )
    rows = frame.astype(object).where(frame.notna(), None).to_dict("records")
    return [_message(row) for row in rows], mapping, [_text(row.get("contact_id")) for row in rows]


def _message(row: Mapping[Any, Any]) -> Message:
    senders = addresses(decoded(row.get("email") or ""))
    return Message(
        sender=senders[0] if senders else "",
        subject=decoded(row.get("subject") or ""),
        moment=moment_of(decoded(row["timestamp"])) if row.get("timestamp") is not None else None,
        text=text_of(row.get("text")),
        html=text_of(row.get("html")),
        reply_id=next(iter(ids(decoded(row.get("reply_id") or ""))), ""),
        in_reply_to=ids(decoded(row.get("in_reply_to") or "")),
        references=ids(decoded(row.get("references") or "")),
        reply_class=class_of_word(row.get("reply_class")),
    )


def class_of_word(word: object) -> str:
    """Return our class for a word that a person or a platform uses; the empty text where it says none."""
    said = "" if word is None else str(word).strip().lower().replace("_", " ").replace("-", " ")
    ours = said.replace(" ", "_")
    return ours if ours in CLASSES else WORDS.get(said, "")


def _text(value: object) -> str | None:
    return None if value is None or not str(value).strip() else str(value).strip()
