"""A mail as it travels (RFC 5322, MIME) to what is read of it; nothing in it can raise or run away."""

from __future__ import annotations

from collections.abc import Iterator
from email import message_from_bytes
from email.message import Message as Mail

from segvspers.replies.message import FAULTS, LONGEST_TEXT, Message, addresses, decoded, take_headers, text_of, undented

LARGEST = 25 << 20
MOST_PARTS = 200
DEEPEST = 30
TOO_LARGE = "the mail is larger than 25 MiB"
NO_MAIL = "it is no mail: it has no headers"
BROKEN = "the mail is nested deeper than any mail is"


def read_mime(data: bytes | str) -> Message | str:
    """Return what is read of a mail, or why it can't be read.

    Parameters
    ----------
    data
        The whole mail. Attachments are not opened.
    """
    if isinstance(data, str):
        data = undented(data).encode("utf-8", errors="replace")
    if len(data) > LARGEST:
        return TOO_LARGE
    try:
        mail = message_from_bytes(data)
        if not any(mail.get(name) for name in ("from", "date", "subject", "message-id", "to", "received")):
            return NO_MAIL
        message = take_headers(Message(), mail.items())
        _take_bodies(message, mail)
    except RecursionError:
        return BROKEN
    except FAULTS:
        return NO_MAIL
    return message


def _take_bodies(message: Message, mail: Mail) -> None:
    plain: list[str] = []
    html: list[str] = []
    for part in _parts(mail):
        kind = part.get_content_type()
        if kind == "message/delivery-status":
            _take_delivery(message, part)
        elif kind == "message/feedback-report":
            message.report = "spam_report"
        elif kind == "text/rfc822-headers" or part.get_content_disposition() == "attachment":
            continue
        elif kind == "text/plain":
            plain.append(_text(part))
        elif kind == "text/html":
            html.append(_text(part))
    if message.report:
        message.about = message.about or next(iter(addresses(decoded(mail.get("x-failed-recipients", "")))), "")
    message.text, message.html = text_of("\n".join(plain)), text_of("\n".join(html))


def _parts(mail: Mail) -> Iterator[Mail]:
    """Give the parts that are no containers; a mail within the mail is not entered."""
    left = [(mail, 0)]
    seen = 0
    while left and seen < MOST_PARTS:
        part, depth = left.pop(0)
        seen += 1
        inner = part.get_payload()
        if part.get_content_type() == "message/delivery-status" or not isinstance(inner, list):
            yield part
        elif part.get_content_maintype() == "multipart" and depth < DEEPEST:
            left[:0] = [(one, depth + 1) for one in inner if isinstance(one, Mail)]


def _take_delivery(message: Message, part: Mail) -> None:
    """Read a delivery status (RFC 3464): whom it is about, and whether the failure is for good."""
    for fields in part.get_payload() if isinstance(part.get_payload(), list) else []:
        if not isinstance(fields, Mail) or not fields.get("action"):
            continue
        action, status = decoded(fields.get("action")).lower(), decoded(fields.get("status", ""))
        if action == "failed":
            message.report = "bounce_soft" if status.startswith("4") else "bounce_hard"
        elif action == "delayed":
            message.report = message.report or "delayed"
        about = fields.get("original-recipient") or fields.get("final-recipient") or ""
        message.about = message.about or next(iter(addresses(decoded(about).partition(";")[2])), "")


def _text(part: Mail) -> str:
    data = part.get_payload(decode=True)
    if not isinstance(data, bytes):
        return ""
    data = data[: 4 * LONGEST_TEXT]
    for charset in (part.get_content_charset() or "utf-8", "utf-8"):
        try:
            return data.decode(charset)
        except FAULTS:
            continue
    return data.decode("cp1252", errors="replace")
