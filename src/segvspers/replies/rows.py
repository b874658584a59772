"""Mails that came in as rows of history: what each is, what its new text is and of what class."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from segvspers.replies.classify import class_of_headers, class_of_text
from segvspers.replies.message import Message
from segvspers.replies.new_text import new_text

if TYPE_CHECKING:
    import pyarrow as pa

NO_SENDER = "the mail names no sender"
NO_DATE = "the mail has no date"
DELAYED = "not delivered yet, the mail server tries again"
EARLIEST, LATEST = 1970, 2199


def as_rows(found: Iterable[tuple[int, Message | str]], *, timezone: str = "UTC") -> pa.Table:
    """Return one row a mail.

    Parameters
    ----------
    found
        The number of each mail in its source, from 1, and what was read of it or why it could not be read.
    timezone
        The zone of dates that name none.

    Returns
    -------
    pyarrow.Table
        `row, email` (who wrote, or whom a bounce is about), `timestamp` (UTC), `event` (reply, or what a mail server reports),
        `reply_class, class_reason, subject, text` (new text only), `reply_id, thread` (ids of the mails that it
        answers, nearest first), `naive, left_out` and `fault`.
    """
    import pyarrow as pa

    kinds = {name: pa.string() for name in _TEXTS} | {
        "row": pa.int64(), "timestamp": pa.timestamp("us", tz="UTC"), "thread": pa.list_(pa.string()), "naive": pa.bool_(),
    }  # fmt: skip
    rows = [_row(number, one, ZoneInfo(timezone)) for number, one in found]
    return pa.table({name: pa.array([row.get(name) for row in rows], type=kind) for name, kind in kinds.items()})


_TEXTS = ("email", "event", "reply_class", "class_reason", "subject", "text", "reply_id", "left_out", "fault")


def _row(number: int, message: Message | str, zone: ZoneInfo) -> dict[str, Any]:
    if isinstance(message, str):
        return {"row": number, "fault": message}
    moment = message.moment
    naive = moment is not None and moment.tzinfo is None
    if moment is not None and naive:
        moment = moment.replace(tzinfo=zone)
    if moment is not None and not EARLIEST < moment.year <= LATEST:
        moment = None
    text = new_text(message.text, html=message.html) or message.stripped_text
    email = (message.about if message.report else "") or message.sender or message.envelope_sender
    row: dict[str, Any] = {
        "row": number,
        "email": email or None,
        "timestamp": moment,
        "subject": message.subject or None,
        "text": text or None,
        "reply_id": message.reply_id or None,
        "thread": list(dict.fromkeys([*message.in_reply_to, *reversed(message.references)])),
        "naive": naive,
        "fault": "; ".join(fault for fault, bad in ((NO_SENDER, not email), (NO_DATE, moment is None)) if bad) or None,
    }
    if message.report == "delayed":
        return row | {"left_out": DELAYED}
    if message.report:
        return row | {"event": message.report, "text": None}
    reason, name = classified(text, subject=message.subject, message=message)
    return row | {"event": "reply", "reply_class": name, "class_reason": reason}


def classified(text: str, *, subject: str = "", message: Message | None = None) -> tuple[str, str]:
    """Return why a reply is of its class, and the class: what a platform said, then headers, then rules."""
    if message is not None and message.reply_class:
        return "platform", message.reply_class
    header = class_of_headers(message.headers) if message is not None else ""
    if header:
        return f"header {header}", "auto_reply"
    return "rules", class_of_text(text, subject=subject)
