"""Exports of contacts: whose a table is by its headers, and what they mean there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

FEWEST_MARKS = 2


@dataclass(frozen=True, slots=True)
class ContactExport:
    """What one vendor calls our columns and levels.

    Attributes
    ----------
    vendor
        Its name, or nothing for names that need no vendor.
    marks
        Headers, in lower case, by which its exports are known.
    aliases
        ``{header in lower case: our column}``, the best of several first.
    words
        ``{our column: {word in lower case: our level}}``.
    others
        ``{what it is: headers that only this kind of table has}``, for tables of the vendor that hold no contacts.
    """

    vendor: str
    marks: frozenset[str]
    aliases: Mapping[str, str]
    words: Mapping[str, Mapping[str, str]]
    others: Mapping[str, tuple[str, ...]]


@lru_cache(maxsize=1)
def contact_exports() -> tuple[ContactExport, ...]:
    """Return what every vendor's file says of contacts, in order of file names."""
    import yaml

    found = []
    for entry in sorted(files("segvspers.dialects").iterdir(), key=lambda one: one.name):
        if entry.name.endswith(".yml"):
            said = (yaml.safe_load(entry.read_text(encoding="utf-8")) or {}).get("contacts")
            found += [_export(said)] if said else []
    return tuple(found)


def _export(said: Mapping[str, object]) -> ContactExport:
    columns: Mapping[str, Sequence[str]] = said["columns"]  # type: ignore[assignment]
    aliases: dict[str, str] = {}
    for ours, theirs in columns.items():
        for name in [*theirs, ours]:
            aliases.setdefault(name.lower(), ours)
    return ContactExport(
        vendor=str(said.get("vendor", "")),
        marks=frozenset(mark.lower() for mark in said.get("marks", ())),  # type: ignore[attr-defined]
        aliases=aliases,
        words=said.get("words", {}),  # type: ignore[arg-type]
        others={kind: tuple(names) for kind, names in said.get("others", {}).items()},  # type: ignore[attr-defined]
    )


def own_export() -> ContactExport:
    """Return the names that need no vendor."""
    return next(one for one in contact_exports() if not one.vendor)


def find_export(names: Sequence[str]) -> ContactExport:
    """Return the export whose marks are most among the headers of a table, or that of no vendor."""
    plain = {name.strip().lower() for name in names}
    plain |= {name.split(".", 1)[0] for name in plain} | {name.split(".", 1)[-1] for name in plain}
    scores = [(len(export.marks & plain), len(plain & set(export.aliases)), export) for export in contact_exports()]
    n_marks, _, best = max(scores, key=lambda score: score[:2])
    return best if n_marks >= FEWEST_MARKS else own_export()
