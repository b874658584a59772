"""Every subset of the attributes, counted by rolling up the finest cells instead of reading rows again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from itertools import combinations

import numpy as np
import pandas as pd

from segvspers.explosion.cells import Block, FinestCells, drop_axis, keep_axes, known_cells, n_cells_of

BLOCK = 1 << 16
KEPT = 2
WORK = 3e9


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


def largest_within(cells: FinestCells, *, budget: float = WORK) -> int:
    """Return the most attributes of a subset such that all subsets up to it are counted within a budget of cells.

    All subsets touch their own cells, of which none has more than the finest; subsets up to some size touch
    the finest cells once for each of that size. A subset costs as much as 20,000 cells for its calls alone.
    """
    possible, size = np.ones(1), np.zeros(1, dtype=np.int64)
    for levels in cells.sizes:
        possible = np.concatenate([possible, possible * levels])
        size = np.concatenate([size, size + 1])
    n_finest = cells.block.values[0].size
    work = np.bincount(size, weights=np.minimum(possible, n_finest) + 20_000)
    if work.sum() <= budget:
        return len(cells.sizes)
    starts = np.bincount(size) * float(n_finest)
    total = np.cumsum(work) - work + starts
    return max(1, int(np.flatnonzero(total[1:] <= budget).max(initial=0) + 1))


def walk(cells: FinestCells, *, largest_subset: int) -> Iterator[tuple[tuple[int, ...], np.ndarray]]:
    """Yield the axes and the sums (channels first, no missing slots) of every subset of allowed size."""
    n_axes = len(cells.names)
    if largest_subset >= n_axes:
        starts = [(cells.block, n_axes)]
        yield from _known(starts, cells)
        return
    # A smaller subset lies in several of the largest; it is reached from the one that adds the first axes it lacks.
    chosen = combinations(range(n_axes), largest_subset)
    yield from _known(((keep_axes(cells.block, kept, cells.sizes), _leading(kept)) for kept in chosen), cells)


def _known(starts: Iterable[tuple[Block, int]], cells: FinestCells) -> Iterator[tuple[tuple[int, ...], np.ndarray]]:
    for start, n_droppable in starts:
        for block in _roll_up(start, n_droppable, cells):
            yield block.axes, known_cells(block, cells.n_levels)


def _roll_up(block: Block, n_droppable: int, cells: FinestCells) -> Iterator[Block]:
    """Yield this subset and all that are reached by dropping its first `n_droppable` axes."""
    yield block
    if len(block.axes) == 1:
        return
    # The axis dropped last is the smallest, so that each subset is summed over its smallest parent.
    for position in range(n_droppable):
        yield from _roll_up(drop_axis(block, position, cells.sizes), position, cells)


def _leading(kept: Sequence[int]) -> int:
    """Count the axes of `kept` that stand before the first one left out."""
    return next((place for place, axis in enumerate(kept) if axis != place), len(kept))
