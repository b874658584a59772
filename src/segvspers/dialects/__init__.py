"""What vendors call our columns and events: one declarative file a vendor, data and not code."""

from __future__ import annotations

from functools import lru_cache

from segvspers.dialects.files import read_dialects
from segvspers.dialects.formats import (
    EventFormat,
    InboundFormat,
    Lookup,
    Rule,
    Signs,
    Spread,
    Value,
    envelopes,
    event_formats,
    inbound_formats,
    lookups,
    readings,
)

__all__ = [
    "EventFormat",
    "InboundFormat",
    "Lookup",
    "Rule",
    "Signs",
    "Spread",
    "Value",
    "aliases",
    "envelopes",
    "event_formats",
    "inbound_formats",
    "lookups",
    "read_dialects",
    "readings",
]


@lru_cache(maxsize=4)
def aliases(table: str) -> dict[str, str]:
    """Return ``{their name in lower case: our name}`` for a table, over all vendors."""
    found: dict[str, str] = {}
    for name, dialect in read_dialects().items():
        if name == "readings":
            continue
        for ours, theirs in dialect.get(table, {}).items():
            found.update({name.lower(): ours for name in [ours, *theirs]})
    return found
