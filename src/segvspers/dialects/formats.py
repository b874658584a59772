"""Formats of events and of inbound mail, as the vendors' files describe them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from segvspers.dialects.files import read_dialects


@dataclass(frozen=True, slots=True)
class Value:
    """Where a value stands in an event, and what is done to it.

    `path` is a column of a table or, in a document, keys joined by dots; ``[0]`` takes one of a list, ``[*]`` all, and
    ``[name=X]`` those whose `name` is X. A path that begins with ``^.`` looks at what stands around the event.
    """

    path: str
    keep: str = ""
    wrap: str = ""
    inside: str = ""
    only: str = ""
    json: bool = False
    join: tuple[str, ...] = ()

    @classmethod
    def read(cls, spec: str | Mapping[str, Any]) -> Value:
        """Return the value that a line of a vendor's file describes."""
        if isinstance(spec, str):
            return cls(spec)
        more = {name: spec[name] for name in ("keep", "wrap", "inside", "only", "json") if name in spec}
        joined = tuple(spec.get("join", ()))
        return cls(spec.get("path", joined[0] if joined else ""), join=joined, **more)


@dataclass(frozen=True, slots=True)
class Rule:
    """What follows when every path has its value; a value that begins with ``~`` is a regular expression."""

    when: Mapping[str, str]
    reading: str | None = None
    event: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Spread:
    """One event of a row that tells of several: told by a flag, a count, a condition or by having a time."""

    event: str
    at: tuple[str, ...]
    flag: str = ""
    count: str = ""
    when: Mapping[str, str] = field(default_factory=dict)
    dated: bool = False


@dataclass(frozen=True, slots=True)
class Signs:
    """By what a format is known: keys or columns that it has, has one or two of, and lacks."""

    has: tuple[str, ...] = ()
    any: tuple[str, ...] = ()
    two_of: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()

    @classmethod
    def read(cls, spec: Mapping[str, Any]) -> Signs:
        """Return the signs that an entry of a vendor's file names."""
        return cls(*(tuple(spec.get(name, ())) for name in ("has", "any", "two_of", "lacks")))


@dataclass(frozen=True, slots=True, eq=False)
class EventFormat:
    """One format of events of one vendor."""

    name: str
    vendor: str
    signs: Signs
    event: tuple[str, ...]
    always: str
    readings: Mapping[str, str]
    rules: tuple[Rule, ...]
    reasons: tuple[Rule, ...]
    spread: tuple[Spread, ...]
    fields: Mapping[str, tuple[Value, ...]]
    unique: tuple[str, ...]
    rest: tuple[str, ...]
    class_from: tuple[str, ...]
    class_as: Mapping[str, str]


@dataclass(frozen=True, slots=True, eq=False)
class InboundFormat:
    """One format in which a vendor passes on mail that came in."""

    name: str
    vendor: str
    signs: Signs
    fields: Mapping[str, tuple[Value, ...]]
    mime: tuple[str, ...]
    file: str
    headers: Mapping[str, str]
    only: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Lookup:
    """A table that tells when a campaign was sent, or whose address an id is."""

    name: str
    signs: Signs
    columns: Mapping[str, str]


@lru_cache(maxsize=1)
def event_formats() -> tuple[EventFormat, ...]:
    """Return every format of events, in the order in which they are tried."""
    return tuple(
        _event_format(vendor, entry)
        for vendor, dialect in read_dialects().items()
        for entry in dialect.get("events", ())
    )


@lru_cache(maxsize=1)
def inbound_formats() -> tuple[InboundFormat, ...]:
    """Return every format of inbound mail, in the order in which they are tried."""
    return tuple(
        _inbound_format(vendor, entry)
        for vendor, dialect in read_dialects().items()
        for entry in dialect.get("inbound", ())
    )


@lru_cache(maxsize=1)
def lookups() -> tuple[Lookup, ...]:
    """Return every kind of table that only helps to read another."""
    return tuple(
        Lookup(entry["name"], Signs.read(entry), {key: entry[key] for key in entry if key not in {"name", "has"}})
        for dialect in read_dialects().values()
        for entry in dialect.get("lookups", ())
    )


@lru_cache(maxsize=1)
def envelopes() -> tuple[tuple[Signs, str], ...]:
    """Return what may stand around events: its signs, and the part that holds them."""
    listed = read_dialects()["envelopes"]["envelopes"]
    return tuple((Signs.read(entry), entry["inside"]) for entry in listed)


@lru_cache(maxsize=1)
def readings() -> tuple[dict[str, str], dict[str, str]]:
    """Return our event by neutral reading, and the reason by reading that is left out on purpose."""
    found = read_dialects()["readings"]
    return dict(found["history"]), dict(found["left_out"])


def _event_format(vendor: str, entry: Mapping[str, Any]) -> EventFormat:
    classes = entry.get("classes", {})
    return EventFormat(
        name=entry["name"],
        vendor=vendor,
        signs=Signs.read(entry),
        event=tuple(entry.get("event", ())),
        always=entry.get("always", ""),
        readings={str(kind).lower(): reading for kind, reading in entry.get("readings", {}).items()},
        rules=tuple(Rule(**rule) for rule in entry.get("rules", ())),
        reasons=tuple(Rule(**rule) for rule in entry.get("reasons", ())),
        spread=tuple(Spread(**{**one, "at": tuple(one["at"])}) for one in entry.get("spread", ())),
        fields=_fields(entry),
        unique=tuple(entry.get("unique", ())),
        rest=tuple(entry.get("rest", ())),
        class_from=tuple(classes.get("from", ())),
        class_as={str(name).lower(): ours for name, ours in classes.get("as", {}).items()},
    )


def _inbound_format(vendor: str, entry: Mapping[str, Any]) -> InboundFormat:
    return InboundFormat(
        name=entry["name"],
        vendor=vendor,
        signs=Signs.read(entry),
        fields=_fields(entry),
        mime=tuple(entry.get("mime", ())),
        file=entry.get("file", ""),
        headers={kind: entry[kind] for kind in ("headers", "pairs", "named", "mapping") if kind in entry},
        only=entry.get("only", {}),
    )


def _fields(entry: Mapping[str, Any]) -> dict[str, tuple[Value, ...]]:
    return {name: tuple(map(Value.read, specs)) for name, specs in entry.get("fields", {}).items()}
