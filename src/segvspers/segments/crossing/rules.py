"""Segments by rules: the cross of the levels of some columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from segvspers._checks import as_rng, check_at_least
from segvspers._levels import MANY_NUMBERS, code_attributes
from segvspers.errors import ArgumentError, DataError, raise_all
from segvspers.segments.build import Draft, build_segmentation
from segvspers.segments.codes.coding import ColumnCode, code_table, cut_points
from segvspers.segments.codes.cutting import fit_codes
from segvspers.segments.codes.kinds import as_number, column_kind
from segvspers.segments.crossing.cells import Cells, count_cells
from segvspers.segments.features import as_table, join_history
from segvspers.segments.methods.assigning import plans_from, plans_state
from segvspers.segments.segmentation import Segmentation
from segvspers.segments.telling.naming import name_cells

PAIRS_AT_ONCE = 5_000_000


@dataclass(frozen=True, slots=True, eq=False)
class RuleAssigner:
    """Segments by equal levels: `cells` holds a row of codes each, `segment` the place of its segment.

    A row whose cell is not listed goes to the listed cell that shares most of its levels, earlier cells
    first; its membership is the share of levels that agree. Missing values are a level of their own; a level
    that the fit did not know agrees with nothing.
    """

    plans: tuple[ColumnCode, ...]
    cells: np.ndarray
    segment: np.ndarray
    kind: ClassVar[str] = "rules"

    @property
    def n_segments(self) -> int:
        """Count the segments."""
        return int(self.segment.max()) + 1

    def place(self, table: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
        """Return the segment of each row's cell, and the share of its levels that the cell has."""
        codes = code_table(self.plans, table)
        distinct, inverse = np.unique(codes, axis=0, return_inverse=True)
        cell, agree = self._nearest(distinct)
        return self.segment[cell][inverse.reshape(-1)], (agree / codes.shape[1])[inverse.reshape(-1)]

    def _nearest(self, distinct: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the cell of each combination of codes, and how many of them it has."""
        both = np.unique(np.vstack([self.cells, distinct]), axis=0, return_inverse=True)[1].reshape(-1)
        known, asked = both[: len(self.cells)], both[len(self.cells) :]
        listed = np.full(int(both.max(initial=-1)) + 1, -1)
        listed[known] = np.arange(len(known))
        cell, agree = listed[asked], np.full(len(distinct), self.cells.shape[1])
        strange = np.flatnonzero(cell < 0)
        for rows in np.array_split(strange, 1 + len(strange) * len(self.cells) // PAIRS_AT_ONCE):
            shared = (distinct[rows, None, :] == self.cells[None, :, :]).sum(axis=2, dtype=np.int16)
            cell[rows] = shared.argmax(axis=1)
            agree[rows] = shared.max(axis=1, initial=0)
        return cell, agree

    def probabilities(self, table: pd.DataFrame) -> np.ndarray:
        """Return 1 for the segment of each row and 0 for the others."""
        place, _ = self.place(table)
        return (place[:, None] == np.arange(self.n_segments)).astype(float)

    def unusual(self, table: pd.DataFrame) -> np.ndarray:
        """Tell which rows stand in a cell that nobody of the list of the fit was in."""
        return self.place(table)[1] < 1

    def in_order(self, order: np.ndarray) -> RuleAssigner:
        """Return the assigner with its segments in another order."""
        rank = np.empty(self.n_segments, dtype=int)
        rank[order] = np.arange(len(order))
        return replace(self, segment=rank[self.segment])

    def n_cases(self) -> int:
        """Count the conditions that `cases` returns."""
        d = self.cells.shape[1]
        subsets = [list(columns) for size in range(1, d + 1) for columns in combinations(range(d), size)]
        return 1 + sum(len(np.unique(self.cells[:, columns], axis=0)) for columns in subsets)

    def cases(self) -> list[tuple[list[tuple[int, int]], int]]:
        """Return conditions (column, code) and their segment, the first that holds counting; the last has none."""
        d = self.cells.shape[1]
        found: list[tuple[list[tuple[int, int]], int]] = []
        for size in range(d, 0, -1):
            seen: dict[tuple[tuple[int, int], ...], int] = {}
            for cell, codes in enumerate(self.cells):
                for columns in combinations(range(d), size):
                    seen.setdefault(tuple((c, int(codes[c])) for c in columns), cell)
            ordered = sorted(seen.items(), key=lambda pair: pair[1])
            found += [(list(case), int(self.segment[cell])) for case, cell in ordered]
        return [*found, ([], int(self.segment[0]))]

    def state(self) -> dict[str, Any]:
        """Return the state as lists, numbers and text."""
        return {"plans": plans_state(self.plans), "cells": self.cells.tolist(), "segment": self.segment.tolist()}

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> RuleAssigner:
        """Return the assigner of a state."""
        plans = plans_from(state["plans"])
        cells = np.array(state["cells"], dtype=np.int16).reshape(-1, len(plans))
        return cls(plans, cells, np.array(state["segment"], dtype=int))


def segment_by(
    contacts: Any,
    history: Any = None,
    *,
    by: Sequence[str],
    cuts: Mapping[str, Sequence[Any]] | None = None,
    outcome: str | None = None,
    smallest: int = 1,
    n_bands: int = 5,
    as_of: str | pd.Timestamp | None = None,
    rng: int | np.random.Generator = 0,
) -> Segmentation:
    """Segment contacts by rules: one segment for each combination of levels that somebody has.

    Parameters
    ----------
    contacts
        One row a contact.
    history
        Events; adds reply rates, and columns that `by` and `outcome` may name (see ``history_features``).
    by
        Columns to cross; numbers and dates of many values are cut into bands of about equal size.
    cuts
        Where to cut numbers and dates instead: ``{"spend_usd": [1, 100, 1000]}``; a value at a cut stands above it.
    outcome
        A number or flag that segments should tell apart, such as ``"replied"`` with a history: what
        ``merge_to`` then explains as much of as it can.
    smallest
        Fewest contacts of a segment; smaller cells join the one that is most like them.
    n_bands
        Bands of a number or date.
    as_of
        Use history before this day only.
    rng
        Seed of the halves that what a merge loses is judged on.

    Returns
    -------
    Segmentation
        Segments by size; each is named by its levels. Missing values are a level of their own. New contacts
        in a cell that nobody was in go to the cell that shares most of their levels.

    Raises
    ------
    DataError
        When a column is unknown, empty or an identifier.
    ArgumentError
        When `cuts` names a column that is not in `by`, or are no rising numbers or dates.

    Examples
    --------
    >>> import pandas as pd
    >>> import segvspers as sv
    >>> contacts = pd.DataFrame({"plan": ["A", "A", "B"], "region": ["US", "US", "UK"]})
    >>> sv.segment_by(contacts, by=["plan", "region"]).to_frame()["segment_name"].tolist()
    ['A, US', 'B, UK']
    """
    check_at_least("smallest", smallest, 1)
    generator = as_rng(rng)
    table, did = join_history(as_table(contacts, "contacts"), history, as_of=as_of)
    attributes = code_attributes(table, by, n_bands=n_bands)
    given = _checked_cuts(cuts or {}, table, [attribute.name for attribute in attributes])
    plans = tuple(
        given.get(attribute.name) or plan_column(table[attribute.name], attribute.name, n_bands)
        for attribute in attributes
    )
    replied = did.replied(table)
    wanted = None if outcome is None else _outcome(table, outcome, replied)
    cells, _ = count_cells(code_table(plans, table), replied=replied, outcome=wanted, rng=generator)
    found = from_cells(cells, plans, np.arange(len(cells)), known=did.features, rng=generator)
    return found.merge_to(len(cells), smallest=smallest) if smallest > 1 else found


def from_cells(
    cells: Cells,
    plans: tuple[ColumnCode, ...],
    group: np.ndarray,
    *,
    known: pd.DataFrame,
    counts: pd.DataFrame | None = None,
    notes: Sequence[str] = (),
    rng: np.random.Generator,
) -> Segmentation:
    """Return the segmentation of cells that are grouped: largest segment first."""
    sizes = np.bincount(group, weights=cells.n)
    rank = np.empty(len(sizes), dtype=int)
    rank[np.argsort(-sizes, kind="stable")] = np.arange(len(sizes))
    segment = rank[group]
    draft = Draft(
        assigner=RuleAssigner(plans, cells.codes, segment),
        method="rules",
        codes=cells.codes,
        placed=(segment, np.ones(len(cells))),
        weights=cells.n,
        answers=None if cells.emailed is None or cells.replied is None else (cells.emailed, cells.replied),
        names=name_cells(plans, cells.codes, segment),
        cells=cells.to_frame(plans, np.array([f"S{place + 1}" for place in segment])),
        counts=pd.DataFrame() if counts is None else counts,
        known=known,
        notes=notes,
    )
    return build_segmentation(draft, rng=rng)


def plan_column(column: pd.Series, name: str, n_bands: int) -> ColumnCode:
    """Return how a column is crossed: numbers of few values as they are, of many in bands of about equal size."""
    plan = fit_codes(column.to_frame(name), [name], n_bins=n_bands, apart=False)[0]
    if plan.kind == "number" and column.nunique() <= MANY_NUMBERS:
        return replace(plan, cuts=cut_points(as_number(column), 1_000_000))
    return plan


def _checked_cuts(cuts: Mapping[str, Sequence[Any]], table: pd.DataFrame, by: Sequence[str]) -> dict[str, ColumnCode]:
    """Return how the columns are coded whose cuts were given; raise with every problem."""
    problems, plans = [], {}
    for name, given in cuts.items():
        kind = column_kind(table[name]) if name in by else ""
        if kind not in ("number", "date"):
            problems.append(f"{name!r} is no number or date of by={list(by)}")
            continue
        places = as_number(pd.Series(list(given)), kind)
        if not len(places) or np.isnan(places).any() or (np.diff(places) <= 0).any():
            problems.append(f"{name!r} needs rising {kind}s to be cut at, not {list(given)!r}")
            continue
        plans[name] = ColumnCode(name, kind, cuts=tuple(map(float, places)))
    raise_all("cuts=", problems, error=ArgumentError)
    return plans


def _outcome(table: pd.DataFrame, outcome: str, replied: np.ndarray | None) -> np.ndarray:
    if outcome in table.columns:
        values = as_number(table[outcome].astype(float) if table[outcome].dtype == bool else table[outcome])
    elif outcome == "replied" and replied is not None:
        values = replied
    else:
        hint = " 'replied' needs history=." if outcome == "replied" else ""
        raise DataError(
            f"outcome={outcome!r} is no column of contacts or history; there are {list(map(str, table.columns))[:40]}.{hint}"
        )
    if np.isnan(values).all():
        raise DataError(f"outcome={outcome!r} holds no number; give a number or a flag.")
    return values
