"""The finest cells: every contact packed into one key, and the keys counted once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from segvspers._levels import Attribute

DENSE_LIMIT = 30_000_000


@dataclass(frozen=True, slots=True, eq=False)
class FinestCells:
    """Counts of the finest cells, with one extra slot on each axis that has missing values.

    Axes stand in order of size, small ones first, since that makes the sums of the roll-up run over
    memory that lies together. `dense` holds the array; when the grid is too large, `codes` (a row a
    cell that holds somebody) and `counts` stand for it.
    """

    names: tuple[str, ...]
    n_levels: tuple[int, ...]
    sizes: tuple[int, ...]
    dense: np.ndarray | None
    codes: np.ndarray | None
    counts: np.ndarray | None


def count_cells(
    attributes: Sequence[Attribute], *, weights: np.ndarray | None = None, dense_limit: int = DENSE_LIMIT
) -> FinestCells:
    """Return the finest cells of `attributes`; `weights` counts rows that stand for several contacts."""
    ordered = sorted(attributes, key=lambda attribute: attribute.n_levels)
    sizes = tuple(attribute.n_levels + attribute.has_missing for attribute in ordered)
    names = tuple(attribute.name for attribute in ordered)
    n_levels = tuple(attribute.n_levels for attribute in ordered)
    slots = [np.where(a.codes < 0, a.n_levels, a.codes) if a.has_missing else a.codes for a in ordered]
    n_cells = np.prod([float(size) for size in sizes])
    if n_cells <= dense_limit:
        counted = _bincount(pack(slots, sizes), int(n_cells), weights)
        return FinestCells(names, n_levels, sizes, counted.reshape(sizes), None, None)
    first, counts = distinct(slots, sizes, weights)
    codes = np.stack([slot[first] for slot in slots], axis=1).astype(np.int32)
    return FinestCells(names, n_levels, sizes, None, codes, counts)


def pack(slots: Sequence[np.ndarray], sizes: Sequence[int]) -> np.ndarray:
    """Return one whole number a row; the last axis varies fastest."""
    key = slots[0].astype(np.int64, copy=True)
    for slot, size in zip(slots[1:], sizes[1:], strict=True):
        key *= size
        key += slot
    return key


def distinct(
    slots: Sequence[np.ndarray], sizes: Sequence[int], weights: np.ndarray | None
) -> tuple[np.ndarray, np.ndarray]:
    """Return the first row and the count of each combination, whatever the number of possible ones."""
    key, span = slots[0].astype(np.int64, copy=True), float(sizes[0])
    for slot, size in zip(slots[1:], sizes[1:], strict=True):
        if span * size > 2.0**62:
            key = np.unique(key, return_inverse=True)[1].reshape(-1)
            span = float(key.max() + 1)
        key = key * size + slot
        span *= size
    _, first, inverse = np.unique(key, return_index=True, return_inverse=True)
    return first, _bincount(inverse.reshape(-1), len(first), weights)


def _bincount(key: np.ndarray, n_cells: int, weights: np.ndarray | None) -> np.ndarray:
    if weights is None:
        return np.bincount(key, minlength=n_cells).astype(np.int32)
    return np.rint(np.bincount(key, weights=weights, minlength=n_cells)).astype(np.int64)
