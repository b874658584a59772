"""How each column of a table that an engine holds becomes a code, and what is wrong with those that can't."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np

from segvspers._levels import (
    MANY_NUMBERS,
    MOST_LEVELS,
    Attribute,
    fault_of_levels,
    fault_of_numbers,
    no_value,
    note_of_bands,
    note_of_levels,
    shown_value,
)
from segvspers.errors import raise_all
from segvspers.explosion.cells import FinestCells
from segvspers.explosion.people import People
from segvspers.explosion.source import UNKNOWN

# An approximate count of distinct values is off by a few per cent, so the border is told from exact lists.
NEAR = 1.5
# Sums by half of the list, in the order that the scores expect.
SUMS = ("n_first", "n_second", "sum_first", "sum_second", "square_first", "square_second")


@dataclass(frozen=True, slots=True)
class Facts:
    """What one scan tells of a column; `kind` is whole, real, time or name, and `n_levels` is approximate."""

    kind: str
    n_rows: int
    n_known: int
    n_levels: int
    low: Any = None
    high: Any = None


@dataclass(frozen=True, slots=True)
class Coding:
    """One column as codes: its `values` in order, or the `cuts` between its bands."""

    name: str
    has_missing: bool
    levels: tuple[str, ...] = ()
    values: tuple[Any, ...] = ()
    cuts: tuple[Any, ...] = ()
    note: str = ""

    @property
    def size(self) -> int:
        """Count the levels and the slot of missing values."""
        return len(self.levels) + self.has_missing

    @property
    def missing_code(self) -> int:
        """Return the code of a missing value: one past the values or bands."""
        return len(self.values) or len(self.cuts) + 1

    def attribute(self) -> Attribute:
        """Return the column without codes of contacts: the engine keeps those."""
        return Attribute(self.name, self.levels, np.empty(0, dtype=np.int32), bool(self.cuts), self.note)


@dataclass(frozen=True, slots=True)
class Outcome:
    """Mean, lowest and highest of an outcome, values other than 0 and 1, and some values as they stand."""

    mean: float | None
    low: float | None
    high: float | None
    n_odd: int
    some: tuple[Any, ...] = ()


class Table(Protocol):
    """What an engine must do with a table; each method reads the rows once, for all columns named."""

    columns: list[str]

    def facts(self, names: Sequence[str]) -> dict[str, Facts]:
        """Return what one scan tells of each column."""

    def values(self, names: Sequence[str]) -> dict[str, list[Any]]:
        """Return the distinct values of each column."""

    def cuts(self, names: Sequence[str], n_bands: int) -> dict[str, list[Any]]:
        """Return the inner quantiles of each column."""

    def ends(self, codings: Sequence[Coding]) -> dict[str, list[tuple[Any, Any]]]:
        """Return the lowest and highest value of each band."""

    def n_repeated(self) -> tuple[int, bool]:
        """Return rows that repeat a contact, and whether that is exact."""

    def outcome(self, name: str) -> Outcome:
        """Return what one scan tells of the outcome."""

    def count(self, codings: Sequence[Coding]) -> FinestCells:
        """Return the finest cells."""

    def score(self, codings: Sequence[Coding], outcome: str, mean: float) -> FinestCells:
        """Return the finest cells with the sums of `SUMS` of an outcome less its mean."""

    def people(self, codings: Sequence[Coding], outcome: str | None, n: int) -> tuple[People, np.ndarray | None]:
        """Return a sample of the list and the outcome of each."""

    def neighbours(self, codings: Sequence[Coding], n: int) -> People:
        """Return the contacts of cells drawn at random."""


def plan_codings(table: Table, names: Sequence[str], *, n_bands: int, missing: str) -> list[Coding]:
    """Return how each column is coded; raise with all problems at once."""
    facts = table.facts(names)
    problems = {name: _fault(name, found) for name, found in facts.items()}
    fit = [name for name in names if not problems[name]]
    listed = table.values([name for name in fit if facts[name].n_levels <= NEAR * _most(facts[name])])
    problems |= {name: _fault_of_values(name, facts[name], values) for name, values in listed.items()}
    raise_all("contacts", [problems[name] for name in names if problems[name]])
    amounts = [name for name in names if facts[name].kind != "name" and len(listed.get(name, ())) not in _few()]
    bands = _bands(table, amounts, facts, n_bands)
    codings = [bands[name] if name in bands else _named(name, facts[name], listed[name]) for name in names]
    return [_with_unknown(coding) for coding in codings] if missing == "level" else codings


def _most(facts: Facts) -> int:
    return MOST_LEVELS if facts.kind == "name" else MANY_NUMBERS


def _few() -> range:
    return range(1, MANY_NUMBERS + 1)


def _fault(name: str, facts: Facts) -> str:
    if not facts.n_known:
        return no_value(name, facts.n_rows)
    if facts.kind == "nested":
        return f"{name!r} holds lists or objects; make it text, numbers or dates first"
    n_levels = facts.n_levels
    if facts.kind == "name" and n_levels > NEAR * MOST_LEVELS:
        text = fault_of_levels(name, (), n_levels=n_levels, n_known=facts.n_known, n_rows=facts.n_rows)
        return text.replace(" has ", " has about ", 1)
    if facts.kind == "whole" and n_levels > 0.9 * facts.n_known:
        span = float(facts.high) - float(facts.low)
        # The count of distinct values is approximate, so only numbers without gaps are called an identifier.
        if span < 1.5 * facts.n_known:
            n = facts.n_known
            return fault_of_numbers(name, n_levels=n, n_known=n, n_rows=facts.n_rows, span=span)
    return ""


def _fault_of_values(name: str, facts: Facts, values: Sequence[Any]) -> str:
    if facts.kind != "name":
        return ""
    head = [str(value) for value in values[:100]]
    return fault_of_levels(name, head, n_levels=len(values), n_known=facts.n_known, n_rows=facts.n_rows)


def _named(name: str, facts: Facts, values: Sequence[Any]) -> Coding:
    shown = {value: shown_value(value) for value in values}
    ordered = sorted(values, key=shown.__getitem__) if facts.kind == "name" else sorted(values)
    levels = tuple(shown[value] for value in ordered)
    note = note_of_levels(name, levels, n_used=len(levels))
    return Coding(name, facts.n_known < facts.n_rows, levels, tuple(ordered), note=note)


def _bands(table: Table, names: Sequence[str], facts: Mapping[str, Facts], n_bands: int) -> dict[str, Coding]:
    found = table.cuts(names, n_bands) if names else {}
    drafts = []
    for name, cuts in found.items():
        kept = tuple(sorted({cut for cut in cuts if cut < facts[name].high}))
        draft = Coding(name, facts[name].n_known < facts[name].n_rows, ("",) * (len(kept) + 1), cuts=kept)
        drafts.append(replace(draft, note=note_of_bands(name, len(kept) + 1)))
    ends = table.ends(drafts) if drafts else {}
    return {
        draft.name: replace(draft, levels=tuple(f"{shown_value(a)} to {shown_value(b)}" for a, b in ends[draft.name]))
        for draft in drafts
    }


def _with_unknown(coding: Coding) -> Coding:
    if not coding.has_missing:
        return coding
    levels = (*coding.levels, UNKNOWN)
    return replace(coding, levels=levels, has_missing=False, note="" if len(coding.levels) == 1 else coding.note)
