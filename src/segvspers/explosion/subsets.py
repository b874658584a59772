"""Every subset of the attributes, counted by rolling up the finest cells instead of reading rows again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from itertools import combinations
from math import comb

import numpy as np
import pandas as pd

from segvspers.explosion.cells import Block, FinestCells, drop_axis, keep_axes, known_cells, n_cells_of

BLOCK = 1 << 16
KEPT = 2
WORK, LISTED, CALLS = 1e10, 50, 100_000


@dataclass(slots=True)
class Tally:
    """What is kept of one segmentation; the cells themselves are let go."""

    n_placed: int = 0
    n_occupied: int = 0
    n_single: int = 0
    n_double: int = 0
    n_at_minimum: int = 0
    contacts_at_minimum: int = 0
    n_testable: int = 0
    contacts_testable: int = 0
    largest: int = 0


def tally(counts: np.ndarray, *, minimum_size: int, per_test: float) -> Tally:
    """Return the tally of an array of cell counts, block by block so that each stays in the cache."""
    flat = counts.reshape(-1)
    total = Tally()
    for start in range(0, len(flat), BLOCK):
        block = flat[start : start + BLOCK]
        top = int(block.max(initial=0))
        if not top:
            continue
        total.largest = max(total.largest, top)
        total.n_placed += int(block.sum())
        total.n_occupied += int(np.count_nonzero(block))
        total.n_single += int(np.count_nonzero(block == 1))
        if top > 1:
            total.n_double += int(np.count_nonzero(block == 2))
        if top >= minimum_size:
            enough = block[block >= minimum_size]
            total.n_at_minimum += len(enough)
            total.contacts_at_minimum += int(enough.sum())
        if top >= per_test:
            enough = block[block >= per_test]
            total.n_testable += len(enough)
            total.contacts_testable += int(enough.sum())
    return total


@dataclass(frozen=True, slots=True, eq=False)
class Tallies:
    """One row a subset, and the cells of single attributes and pairs, which are few enough to keep."""

    frame: pd.DataFrame
    small: dict[tuple[str, ...], np.ndarray]


def tally_subsets(cells: FinestCells, *, minimum_size: int, per_test: float, largest_subset: int) -> Tallies:
    """Return one row a subset of at least one attribute: its possible cells and its tally.

    Notes
    -----
    The lattice is walked so that each subset is summed once, over one axis of a subset that holds one
    attribute more (smallest parent, Agarwal et al. 1996). A dense grid is summed as an array
    (Zhao, Deshpande and Naughton 1997); a sparse one is rolled up from the cells that hold somebody, and
    becomes dense as soon as it fits.
    """
    rows, small = [], {}
    for axes, sums in walk(cells, largest_subset=largest_subset):
        held = tally(sums[0], minimum_size=minimum_size, per_test=per_test)
        names = tuple(cells.names[axis] for axis in axes)
        if len(axes) <= KEPT and sums[0].shape == tuple(cells.n_levels[axis] for axis in axes):
            small[names] = sums[0].copy()
        possible = n_cells_of([cells.n_levels[axis] for axis in axes])
        rows.append((names, len(axes), possible, *(getattr(held, f.name) for f in fields(Tally))))
    columns = ["attributes", "n_attributes", "n_possible", *(field.name for field in fields(Tally))]
    return Tallies(pd.DataFrame(rows, columns=columns), small)


def largest_within(cells: FinestCells, *, scored: bool = False, budget: float = WORK) -> int:
    """Return the most attributes of a subset such that all subsets up to it are counted within a budget.

    The budget is in cells of an array, about a nanosecond each.
    """
    n_axes = len(cells.sizes)
    calls = CALLS * (4 if scored else 1)
    each = _touched_by_size(cells) + np.array([comb(n_axes, size) for size in range(n_axes + 1)]) * float(calls)
    if cells.block.codes is None or each.sum() <= budget:
        return max(1, int(np.flatnonzero(np.cumsum(each) <= budget).max(initial=0)))
    n_finest, most = cells.block.values[0].size, 1
    while (
        sum(comb(n_axes, size) for size in range(most + 2)) * calls + comb(n_axes, most + 1) * 8.0 * n_finest <= budget
    ):
        most += 1
    return most


def _touched_by_size(cells: FinestCells) -> np.ndarray:
    """Return the cells touched to reach the subsets of each size: each sum touches the cells before it."""
    n_finest, listed = cells.block.values[0].size, 1 if cells.block.codes is None else LISTED
    kept, held = np.zeros(1, dtype=np.int64), np.ones(1)
    work = np.zeros(len(cells.sizes) + 1)
    for axis in range(len(cells.sizes) - 1, -1, -1):
        before = held * n_cells_of(cells.sizes[: axis + 1])
        touched = np.where(before > n_finest, float(listed * n_finest), before) + CALLS / 5
        work += np.bincount(kept, weights=touched, minlength=len(work))
        kept, held = np.concatenate([kept, kept + 1]), np.concatenate([held, held * cells.sizes[axis]])
    return work


def walk(cells: FinestCells, *, largest_subset: int) -> Iterator[tuple[tuple[int, ...], np.ndarray]]:
    """Yield the axes and the sums (channels first, no missing slots) of every subset of allowed size, once each."""
    n_axes = len(cells.names)
    starts: Iterable[tuple[Block, int]] = [(cells.block, n_axes)]
    if cells.block.codes is not None and largest_subset < n_axes:
        # Dropping one axis from a list of cells hardly shortens it, so the largest subsets are gathered at once. A
        # smaller one lies in several of them; it is reached from the one that adds the first axes it lacks.
        chosen = combinations(range(n_axes), largest_subset)
        starts = ((keep_axes(cells.block, kept, cells.sizes), _leading(kept)) for kept in chosen)
    for start, n_droppable in starts:
        for block in _roll_up(start, n_droppable, largest_subset, cells):
            yield block.axes, known_cells(block, cells.n_levels)


def _roll_up(block: Block, n_droppable: int, most: int, cells: FinestCells) -> Iterator[Block]:
    """Yield this subset and all that are reached by dropping its first `n_droppable` axes, of at most so many axes."""
    n_axes = len(block.axes)
    if n_axes <= most:
        yield block
    if n_axes == 1:
        return
    # The axes after the one dropped are kept for good; the largest are dropped first, so sums run over few cells.
    for position in range(max(0, n_axes - 1 - most), n_droppable):
        yield from _roll_up(drop_axis(block, position, cells.sizes), position, most, cells)


def _leading(kept: Sequence[int]) -> int:
    """Count the axes of `kept` that stand before the first one left out."""
    return next((place for place, axis in enumerate(kept) if axis != place), len(kept))
