"""Columns of our tables, and which of a table's own columns is which of ours."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from segvspers.errors import DataError


@dataclass(frozen=True, slots=True)
class Column:
    """A column of one of our tables.

    Attributes
    ----------
    name
        Our name.
    kind
        ``text``, ``flag``, ``number``, ``time`` (UTC) or ``day``.
    levels
        Values that are allowed, in order when `ordered`.
    ordered
        Whether the levels have an order; values beyond the levels are then kept, as a category of their own.
    needed
        Whether a row whose value can't be read is of no use and is set aside; else the cell is left empty.
    words
        ``{their word in lower case: our level}``; for a flag the levels are ``"true"`` and ``"false"``.
    """

    name: str
    kind: str = "text"
    levels: tuple[str, ...] = ()
    ordered: bool = False
    needed: bool = False
    words: Mapping[str, str] = field(default_factory=dict)


WRAPPERS = ("properties.", "attributes.", "fields.", "merge_fields.", "custom_fields.", "custom_variables.", "payload.")
"""Fields that interfaces wrap the columns of a record in."""


@dataclass(frozen=True, slots=True)
class Fit:
    """How one file fits a table of ours: whose it is, which of its columns is which of ours, and what ours are."""

    mapping: Mapping[str, str]
    columns: Sequence[Column]
    vendor: str = ""


def match_columns(
    names: Sequence[str], *, table: str, columns: Mapping[str, str | None] | None, aliases: Mapping[str, str]
) -> dict[str, str]:
    """Return ``{their name: our name}`` for the columns that are ours; what the user says goes before the aliases.

    Parameters
    ----------
    names
        The table's own column names.
    columns
        ``{our name: their name}``; `None` in place of their name says that the table has no such column.
    aliases
        ``{their name in lower case: our name}``; the first of two that mean one column is taken.

    Raises
    ------
    DataError
        When `columns` names one that the table lacks.
    """
    given = {ours: theirs for ours, theirs in (columns or {}).items() if theirs is not None}
    unknown = [theirs for theirs in given.values() if theirs not in names]
    if unknown:
        raise DataError(
            f"{table}: columns= names {unknown}, which the table lacks; it has {list(map(str, names))[:40]}."
        )
    closed = {ours for ours, theirs in (columns or {}).items() if theirs is None}
    mapping = {theirs: ours for ours, theirs in given.items()}
    ours_all = set(aliases.values()) | set(given)
    mapping |= {name: name for name in names if name in ours_all - set(given) - closed and name not in mapping}
    taken = set(mapping.values()) | closed
    ranks = {name: rank for rank, name in enumerate(aliases)}
    for theirs in sorted(names, key=lambda name: ranks.get(plain(name), len(ranks))):
        ours = aliases.get(plain(theirs))
        if theirs not in mapping and ours is not None and ours not in taken:
            mapping[theirs] = ours
            taken.add(ours)
    return mapping


def plain(name: str) -> str:
    """Return a name as it is compared: in lower case, without blanks around and without a wrapper."""
    bare = str(name).strip().lower()
    return next((bare.removeprefix(wrapper) for wrapper in WRAPPERS if bare.startswith(wrapper)), bare)


def renamed(names: Iterable[str], mapping: Mapping[str, str]) -> list[str]:
    """Return all names after the mapping; a column that bears a name which another one was given steps aside."""
    listed = list(names)
    ours = set(mapping.values())
    taken = {mapping.get(name, name) for name in listed}
    made = []
    for name in listed:
        new = mapping.get(name, name)
        while new in ours and name not in mapping:
            new = f"{new}_original"
            if new in taken:
                new = f"{new}_original"
        made.append(new)
    return made
