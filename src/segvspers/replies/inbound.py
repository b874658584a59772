"""Mail that a platform passes on as JSON, by the vendors' files, to what is read of it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from segvspers.dialects import InboundFormat, Value
from segvspers.replies.message import Message, addresses, decoded, moment_of, number_of, pairs_of, take_headers, text_of
from segvspers.replies.mime import LARGEST, read_mime

BESIDE = "the mail itself is in a file that is not beside this one"
NOT_IN = "it is a mail that went out"


def read_inbound(document: Mapping[str, Any], format_: InboundFormat, *, folder: Path | None = None) -> Message | str:
    """Return what is read of a mail that a platform passed on, or why it can't be read.

    Parameters
    ----------
    document
        What the platform posted.
    format_
        The format that it has.
    folder
        Where the file lies, beside which a mail that the document only names is looked for.
    """
    if any(str(at(document, path)).lower() != str(wanted).lower() for path, wanted in format_.only.items()):
        return NOT_IN
    raw = next((at(document, path) for path in format_.mime if isinstance(at(document, path), str)), None)
    if raw is None and format_.file:
        raw = _beside(folder, at(document, format_.file))
        if raw is None:
            return BESIDE
    message = read_mime(raw) if raw else Message()
    if isinstance(message, str):
        return message
    headers = [pair for path in format_.headers.values() for pair in pairs_of(at(document, path))]
    by_name = {name.lower(): value for name, value in reversed(headers)}
    _take_fields(message, format_, lambda value: _found(document, by_name, value))
    return take_headers(message, headers)


def at(document: Any, path: str) -> Any:
    """Return what stands at a path of a document, or None."""
    for step in path.split("."):
        key, index = re.fullmatch(r"(.*?)(?:\[(\d+)\])?", step).groups()  # type: ignore[union-attr]
        document = document.get(key) if isinstance(document, Mapping) else None
        if index is not None:
            document = document[int(index)] if isinstance(document, list) and len(document) > int(index) else None
    return document


def _found(document: Mapping[str, Any], headers: Mapping[str, object], value: Value) -> Any:
    if value.path.startswith("header:"):
        return headers.get(value.path.removeprefix("header:").lower())
    found = at(document, value.path)
    if found is None:
        found = headers.get(value.path.lower()) if "." not in value.path else None
    if value.inside and isinstance(found, str):
        try:
            found = at(json.loads(found), value.inside)
        except (ValueError, RecursionError):
            return None
    return found


def _take_fields(message: Message, format_: InboundFormat, find: Callable[[Value], Any]) -> None:
    told = {
        name: next((one for one in map(find, values) if one not in (None, "", [])), None)
        for name, values in format_.fields.items()
    }
    senders = addresses(decoded(told["from"])) if told.get("from") else ()
    message.sender = senders[0] if senders else message.sender
    message.subject = decoded(told["subject"]) if told.get("subject") else message.subject
    for name in ("text", "html", "stripped_text"):
        if told.get(name):
            setattr(message, name, text_of(told[name]))
    for name in ("envelope_sender", "envelope_recipient"):
        if told.get(name):
            setattr(message, name, next(iter(addresses(decoded(told[name]))), ""))
    for name in ("timestamp", "date"):
        if told.get(name) is not None:
            message.moment = moment_of(decoded(told[name])) or message.moment
    message.spam_score = number_of(told["spam_score"]) if told.get("spam_score") is not None else message.spam_score


def _beside(folder: Path | None, key: Any) -> bytes | None:
    """Return a mail that a document names, from beside the document only, whatever the name says."""
    if folder is None or not isinstance(key, str):
        return None
    for name in (key, key.rpartition("/")[2]):
        try:
            path = (folder / name).resolve()
            if path.is_relative_to(folder.resolve()) and path.is_file():
                with path.open("rb") as stream:
                    return stream.read(LARGEST + 1)
        except (OSError, ValueError):
            continue
    return None
