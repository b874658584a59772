"""Emails as messages (RFC 5322) for a mail program: a file each, or one mailbox. Nothing is sent."""

from __future__ import annotations

import hashlib
import mailbox
import re
from collections.abc import Iterator
from datetime import UTC, datetime, time
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pandas as pd

from segvspers.emails.campaign import Campaign
from segvspers.emails.export.tables import plain_text, with_apostrophes, write_csv
from segvspers.errors import ArgumentError

SAFE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,100}")
RESERVED = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?", re.IGNORECASE)
SENT_AT = time(9, tzinfo=UTC)


def messages(rows: pd.DataFrame, campaign: Campaign) -> Iterator[tuple[str, EmailMessage]]:
    """Give the id and the message of each email, in the order of the table.

    Notes
    -----
    The way out is named in `List-Unsubscribe` with a token of the message behind it, and offered as one click (RFC 8058)
    where its address is https. `Message-ID` comes of what was approved, so that the same email has the same one twice.
    """
    sender = _sender(campaign)
    day = datetime.combine(campaign.send_on, SENT_AT)
    columns = ["email_id", "email", "first_name", "last_name", "subject", "body_text", "body_html", "approval_digest"]
    for email_id, address, first, last, subject, text, page, digest in rows[columns].itertuples(index=False, name=None):
        token = message_token(str(digest))
        message = EmailMessage(policy=SMTP)
        message["From"] = sender
        message["To"] = Address(display_name=" ".join(name for name in (first, last) if name), addr_spec=address)
        message["Subject"] = subject
        message["Date"] = day
        message["Message-ID"] = f"<{token}@{sender.domain}>"
        for name, value in _ways_out(campaign, token).items():
            message[name] = value
        message["X-Unsent"] = "1"
        message.set_content(text, cte=_encoding(text))
        message.add_alternative(f"<html><body>{page}</body></html>", subtype="html", cte="quoted-printable")
        message.set_boundary(f"=_{token}")
        yield str(email_id), message


def message_token(digest: str) -> str:
    """Return what stands for a message outside: it tells nobody who the contact is."""
    return hashlib.sha256(f"message|{digest}".encode()).hexdigest()[:32]


def write_folder(rows: pd.DataFrame, folder: Path, campaign: Campaign) -> None:
    """Write a file an email, and an index of which is which."""
    names = file_names(rows["email_id"].astype(str).tolist())
    index = []
    for name, (email_id, message) in zip(names, messages(rows, campaign), strict=True):
        (folder / name).write_bytes(message.as_bytes())
        index.append((email_id, name, message["Message-ID"].strip("<>")))
    told = pd.DataFrame(index, columns=["email_id", "file", "message_id"])
    told = plain_text(told.assign(campaign_id=rows["campaign_id"].to_numpy(), step=rows["step"].to_numpy()))
    with_apostrophes(told)
    write_csv(told, folder / "index.csv", bom=False)


def write_mailbox(rows: pd.DataFrame, path: Path, campaign: Campaign) -> None:
    """Write one mailbox; no line of a body begins with "From ", so that nothing needs a mark in front."""
    moment = datetime.combine(campaign.send_on, SENT_AT).timetuple()
    box = mailbox.mbox(path, create=True)
    try:
        for _, message in messages(rows, campaign):
            stored = mailbox.mboxMessage(message.as_bytes())
            stored.set_from("segvspers", moment)
            box.add(stored)
    finally:
        box.close()


def file_names(ids: list[str]) -> list[str]:
    """Return a file name for each email: its id where that is safe and alone, else a hash of it."""
    plain = [one.lower() for one in ids]
    counts = pd.Series(plain).value_counts()
    return [
        f"{one}.eml" if SAFE.fullmatch(one) and not RESERVED.fullmatch(one) and counts[low] == 1
        else f"email-{hashlib.sha256(one.encode('utf-8', 'surrogatepass')).hexdigest()[:16]}.eml"
        for one, low in zip(ids, plain, strict=True)
    ]  # fmt: skip


def _sender(campaign: Campaign) -> Address:
    try:
        return Address(display_name=campaign.sender.name, addr_spec=campaign.sender.email)
    except (ValueError, IndexError):
        raise ArgumentError(
            "campaign: sender.name and sender.email can't stand in a From header; use one plain line."
        ) from None


def _ways_out(campaign: Campaign, token: str) -> dict[str, str]:
    url = urlsplit(campaign.footer.unsubscribe_url)
    query = f"{url.query}&m={token}" if url.query else f"m={token}"
    headers: dict[str, Any] = {"List-Unsubscribe": f"<{url._replace(query=query).geturl()}>"}
    return headers | ({"List-Unsubscribe-Post": "List-Unsubscribe=One-Click"} if url.scheme == "https" else {})


def _encoding(text: str) -> str:
    return "base64" if re.search(r"^>*From ", text, re.MULTILINE) else "quoted-printable"
