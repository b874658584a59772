"""Every subset of the attributes, counted by rolling up the finest cells instead of reading rows again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from itertools import combinations

import numpy as np
import pandas as pd

from segvspers.explosion.cells import DENSE_LIMIT, FinestCells, distinct

BLOCK = 1 << 16


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


def tally_subsets(
    cells: FinestCells, *, minimum_size: int, per_test: float, largest_subset: int
) -> pd.DataFrame:
    """Return one row a subset of at least one attribute: its possible cells and its tally.

    Notes
    -----
    The lattice is walked so that each subset is summed once, over one axis of a subset that holds one
    attribute more (Agarwal et al. 1996, smallest parent). A dense grid is summed as an array
    (Zhao, Deshpande and Naughton 1997); a sparse one is rolled up from the cells that hold somebody, and
    becomes dense as soon as it fits.
    """
    rows = []
    for kept, counts in walk(cells, largest_subset=largest_subset):
        held = tally(counts, minimum_size=minimum_size, per_test=per_test)
        possible = float(np.prod([float(cells.n_levels[axis]) for axis in kept]))
        names = tuple(cells.names[axis] for axis in kept)
        rows.append((names, len(kept), possible, *(getattr(held, f.name) for f in fields(Tally))))
    columns = ["attributes", "n_attributes", "n_possible", *(field.name for field in fields(Tally))]
    frame = pd.DataFrame(rows, columns=columns)
    return frame.sort_values(["n_attributes", "n_possible", "n_occupied"], kind="stable", ignore_index=True)


def walk(cells: FinestCells, *, largest_subset: int) -> Iterator[tuple[tuple[int, ...], np.ndarray]]:
    """Yield the kept axes and the counts (missing slots cut off) of every subset of allowed size."""
    d = len(cells.names)
    everything = tuple(range(d))
    if largest_subset < d:
        for kept in combinations(everything, largest_subset):
            start = _project(cells, kept)
            # A smaller subset belongs to the first large one that extends it, so that it comes once.
            yield from _roll_up(start, kept, largest_subset, cells, owner=kept, n_axes=d)
        return
    start = cells.dense if cells.dense is not None else (cells.codes, cells.counts)
    yield from _roll_up(start, everything, d, cells, owner=None, n_axes=d)


def _roll_up(start, kept, droppable, cells, *, owner, n_axes) -> Iterator[tuple[tuple[int, ...], np.ndarray]]:
    """Yield this subset and those reached by dropping one of the first `droppable` axes, in turn."""
    stack = [(start, kept, droppable)]
    while stack:
        block, axes, n_droppable = stack.pop()
        if owner is None or _first_owner(axes, len(owner), n_axes) == owner:
            yield axes, _known(block, axes, cells)
        if len(axes) == 1:
            continue
        # Axes are dropped from the last to the first: the largest is gone where the most is still to come.
        for position in range(n_droppable):
            child = axes[:position] + axes[position + 1 :]
            stack.append((_drop(block, position, axes, cells), child, position))


def _first_owner(axes: tuple[int, ...], size: int, n_axes: int) -> tuple[int, ...]:
    spare = [axis for axis in range(n_axes) if axis not in axes]
    return tuple(sorted((*axes, *spare[: size - len(axes)])))


def _drop(block, position: int, axes: tuple[int, ...], cells: FinestCells):
    if isinstance(block, np.ndarray):
        return block.sum(axis=position, dtype=block.dtype)
    codes, counts = block
    return _gather(np.delete(codes, position, axis=1), counts, axes[:position] + axes[position + 1 :], cells)


def _project(cells: FinestCells, kept: tuple[int, ...]):
    if cells.dense is not None:
        gone = tuple(axis for axis in range(len(cells.names)) if axis not in kept)
        return cells.dense.sum(axis=gone, dtype=cells.dense.dtype)
    assert cells.codes is not None
    return _gather(cells.codes[:, list(kept)], cells.counts, kept, cells)


def _gather(codes: np.ndarray, counts: np.ndarray | None, axes: tuple[int, ...], cells: FinestCells):
    """Count combinations of the axes left: as an array when the grid fits, else those that hold somebody."""
    sizes = [cells.sizes[axis] for axis in axes]
    if np.prod([float(size) for size in sizes]) <= min(DENSE_LIMIT, 8 * len(codes) + 4096):
        key = np.ravel_multi_index(tuple(codes.T), sizes)
        counted = np.bincount(key, weights=counts, minlength=int(np.prod(sizes)))
        return np.rint(counted).astype(np.int64).reshape(sizes)
    first, summed = distinct([codes[:, axis] for axis in range(codes.shape[1])], sizes, counts)
    return codes[first], summed


def _known(block, axes: tuple[int, ...], cells: FinestCells) -> np.ndarray:
    """Cut off the slots of missing values: a contact whose level is unknown stands in no cell."""
    if isinstance(block, np.ndarray):
        return block[tuple(slice(cells.n_levels[axis]) for axis in axes)]
    codes, counts = block
    levels = np.array([cells.n_levels[axis] for axis in axes])
    return counts[(codes < levels).all(axis=1)]
