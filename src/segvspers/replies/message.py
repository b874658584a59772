"""One mail that came in, whatever it came in by."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timezone
from email.errors import HeaderParseError, MessageError
from email.header import decode_header, make_header
from email.utils import getaddresses, parsedate_to_datetime

LONGEST_TEXT = 200_000
LONGEST_HEADER = 2_000
KEPT = (
    "auto-submitted", "x-autoreply", "x-autorespond", "x-autoresponder", "x-auto-reply", "x-autoreply-from",
    "x-mail-autoreply", "x-auto-response-suppress", "precedence", "return-path", "list-id",
)  # fmt: skip
FAULTS = (ValueError, LookupError, TypeError, AttributeError, OverflowError, MessageError, HeaderParseError)


@dataclass(slots=True)
class Message:
    """What is read of a mail. Text is untrusted, and cut at `LONGEST_TEXT` characters.

    Attributes
    ----------
    sender, recipients
        Bare addresses in lower case.
    moment
        When it was written, with its zone; one without a zone has none here either.
    reply_id, in_reply_to, references
        Ids of messages without angle brackets, of this one and of those that it answers.
    headers
        Those of `KEPT`, by name in lower case.
    report
        ``""`` for a mail by a person or a robot; ``"bounce_hard"``, ``"bounce_soft"``, ``"delayed"`` or
        ``"spam_report"`` for a report by a mail server, and `about` is the address that it is about.
    """

    sender: str = ""
    recipients: tuple[str, ...] = ()
    subject: str = ""
    moment: datetime | None = None
    text: str = ""
    html: str = ""
    reply_id: str = ""
    in_reply_to: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    headers: dict[str, str] = field(default_factory=dict)
    stripped_text: str = ""
    envelope_sender: str = ""
    envelope_recipient: str = ""
    spam_score: float | None = None
    report: str = ""
    about: str = ""
    reply_class: str = ""
    source: str = ""


def take_headers(message: Message, headers: Iterable[tuple[str, object]]) -> Message:
    """Fill what headers tell into a message, and return it; the first of several of one name counts."""
    found: dict[str, str] = {}
    for name, value in headers:
        found.setdefault(str(name).strip().lower(), decoded(value))
    senders = addresses(found.get("from", "")) or addresses(found.get("reply-to", ""))
    message.sender = message.sender or (senders[0] if senders else "")
    message.recipients = message.recipients or addresses(found.get("to", ""))
    message.subject = message.subject or found.get("subject", "")
    message.reply_id = message.reply_id or next(iter(ids(found.get("message-id", ""))), "")
    message.in_reply_to = message.in_reply_to or ids(found.get("in-reply-to", ""))
    message.references = message.references or ids(found.get("references", ""))
    message.moment = message.moment or moment_of(found.get("date", "")) or _received(found.get("received", ""))
    message.headers |= {name: found[name] for name in KEPT if name in found}
    message.envelope_sender = message.envelope_sender or next(iter(addresses(found.get("return-path", ""))), "")
    return message


def decoded(value: object) -> str:
    """Return a header as one line of text, with its encoded words read and control characters gone."""
    text = str(value)[:LONGEST_HEADER]
    if "=?" in text:
        with suppress(*FAULTS):
            text = str(make_header(decode_header(re.sub(r"[\r\n]+", "", text))))
    return re.sub(r"[\x00-\x1f\x7f\u2028\u2029\ud800-\udfff]+", " ", text).strip()


def addresses(text: str) -> tuple[str, ...]:
    """Return the bare addresses of a header in lower case, at most 50."""
    try:
        found = [address.strip().lower() for _, address in getaddresses([text])]
    except FAULTS:
        found = []
    found = [one for one in found if "@" in one] or re.findall(r"[^\s<>\"',;:]+@[^\s<>\"',;:]+", text.lower())
    return tuple(dict.fromkeys(found))[:50]


def ids(text: str) -> tuple[str, ...]:
    """Return the ids of messages in a header, without angle brackets, at most 100."""
    found = re.findall(r"<([^<>\s]+)>", text) or text.split()
    return tuple(dict.fromkeys(one.strip("<>") for one in found))[:100]


def moment_of(text: str) -> datetime | None:
    """Return the moment of a mail's date, of ISO 8601, or of seconds since 1970; None where it is none."""
    text = text.strip()
    try:
        if re.fullmatch(r"\d{9,13}(\.\d+)?", text):
            seconds = float(text) / (1000 if float(text) > 1e11 else 1)
            return datetime.fromtimestamp(seconds, tz=timezone.utc)  # noqa: UP017  one name for all versions
        if re.match(r"\d{4}-?\d{2}-?\d{2}(?:[T ]|$)", text):
            return datetime.fromisoformat(text)
        return parsedate_to_datetime(text) if text else None
    except FAULTS:
        return None


def number_of(value: object) -> float | None:
    """Return a number, or None where there is none."""
    try:
        return float(str(value))
    except ValueError:
        return None


def text_of(value: object) -> str:
    """Return a body as text that can be stored: no lone surrogates, no NUL, plain line ends, cut at its limit."""
    text = value if isinstance(value, str) else "" if value is None else str(value)
    text = text[:LONGEST_TEXT].replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "")
    return text.encode("utf-8", errors="replace").decode("utf-8")


def pairs_of(value: object) -> list[tuple[str, object]]:
    """Return headers as pairs from whatever a platform writes: a text, pairs, named objects, or a mapping."""
    if isinstance(value, str):
        from email.parser import HeaderParser

        return list(HeaderParser().parsestr(undented(value)).items())
    if isinstance(value, Mapping):
        return [(name, one) for name, many in value.items() for one in (many if isinstance(many, list) else [many])]
    pairs: list[tuple[str, object]] = []
    for one in value if isinstance(value, list) else []:
        if isinstance(one, Mapping):
            lower = {str(key).lower(): item for key, item in one.items()}
            pairs.append((str(lower.get("name", "")), lower.get("value", "")))
        elif isinstance(one, list) and len(one) == 2:
            pairs.append((str(one[0]), one[1]))
    return pairs


def undented(text: str) -> str:
    """Return a mail without an indentation of all its lines: a header can't begin with a space (RFC 5322, 2.2.3)."""
    from textwrap import dedent

    return dedent(text).lstrip("\n") if text[:1] in {" ", "\t", "\n"} else text


def _received(text: str) -> datetime | None:
    return moment_of(text.rpartition(";")[2]) if ";" in text else None
