"""The finest cells: every contact packed into one key, and the keys counted once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from segvspers._levels import Attribute

DENSE_LIMIT = 30_000_000
SHORT = 16


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """Sums over cells, a channel each: an array of the whole grid, or the cells that hold somebody.

    `values` has shape (channels, *sizes) when `codes` is missing; else (channels, cells), and `codes`
    has the level codes of each axis, shape (axes, cells). An axis with missing values has one more slot, its last.
    """

    values: np.ndarray
    axes: tuple[int, ...]
    codes: np.ndarray | None = None


@dataclass(frozen=True, slots=True, eq=False)
class FinestCells:
    """The finest cells and their axes, small ones first: then the roll-up runs over near memory."""

    names: tuple[str, ...]
    n_levels: tuple[int, ...]
    sizes: tuple[int, ...]
    block: Block


def count_cells(
    attributes: Sequence[Attribute],
    *,
    channels: Sequence[np.ndarray | None] = (None,),
    dense_limit: int = DENSE_LIMIT,
) -> FinestCells:
    """Return the finest cells of `attributes`.

    Parameters
    ----------
    attributes
        The columns as codes, with one row a contact or a group of contacts.
    channels
        What to sum over the rows of a cell: weights, or ``None`` to count rows.
    dense_limit
        Most cells of a grid that is kept as an array.
    """
    ordered = sorted(attributes, key=lambda attribute: attribute.n_levels)
    sizes = tuple(attribute.n_levels + attribute.has_missing for attribute in ordered)
    names = tuple(attribute.name for attribute in ordered)
    n_levels = tuple(attribute.n_levels for attribute in ordered)
    slots = [np.where(a.codes < 0, a.n_levels, a.codes) if a.has_missing else a.codes for a in ordered]
    axes = tuple(range(len(sizes)))
    if n_cells_of(sizes) * len(channels) <= dense_limit:
        n_cells = int(n_cells_of(sizes))
        key = pack(slots, sizes)
        summed = np.stack([sum_keys(key, n_cells, channel) for channel in channels])
        return FinestCells(names, n_levels, sizes, Block(summed.reshape(-1, *sizes), axes))
    order, starts = runs(slots, sizes)
    summed = np.stack([_sum_runs(order, starts, channel) for channel in channels])
    codes = np.stack([slot[order[starts]] for slot in slots]).astype(np.int16)
    return FinestCells(names, n_levels, sizes, Block(summed, axes, codes))


def n_cells_of(sizes: Sequence[int]) -> float:
    """Return the cells of a grid; as a float, since it may pass any whole number of the machine."""
    return float(np.prod(np.array(sizes, dtype=float)))


def pack(slots: Sequence[np.ndarray], sizes: Sequence[int]) -> np.ndarray:
    """Return one whole number a row; the last axis varies fastest."""
    key = slots[0].astype(np.int64, copy=True)
    for slot, size in zip(slots[1:], sizes[1:], strict=True):
        key *= size
        key += slot
    return key


def runs(slots: Sequence[np.ndarray], sizes: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
    """Return rows sorted by combination, and where in them each combination starts."""
    key, span = slots[0].astype(np.int64, copy=True), float(sizes[0])
    for slot, size in zip(slots[1:], sizes[1:], strict=True):
        if span * size > 2.0**62:
            key = np.unique(key, return_inverse=True)[1].reshape(-1)
            span = float(key.max() + 1)
        key = key * size + slot
        span *= size
    order = np.argsort(key)
    key = key[order]
    starts = np.flatnonzero(np.concatenate([[True], key[1:] != key[:-1]])) if len(key) else np.empty(0, dtype=np.int64)
    return order, starts


def sum_keys(key: np.ndarray, n_cells: int, channel: np.ndarray | None) -> np.ndarray:
    """Return a channel summed by key; counts and whole numbers stay whole."""
    if channel is None:
        return np.bincount(key, minlength=n_cells).astype(np.int32)
    summed = np.bincount(key, weights=channel, minlength=n_cells)
    return np.rint(summed).astype(np.int64) if np.issubdtype(channel.dtype, np.integer) else summed


def _sum_runs(order: np.ndarray, starts: np.ndarray, channel: np.ndarray | None) -> np.ndarray:
    if channel is None:
        return np.diff(np.append(starts, len(order))).astype(np.int32)
    return np.add.reduceat(channel[order], starts) if len(starts) else channel[:0]


def drop_axis(block: Block, position: int, sizes: Sequence[int]) -> Block:
    """Return the sums with the axis at `position` summed away."""
    axes = block.axes[:position] + block.axes[position + 1 :]
    if block.codes is None:
        return Block(_sum_axis(block.values, position + 1), axes)
    return _gather(np.delete(block.codes, position, axis=0), block.values, axes, sizes)


def _sum_axis(values: np.ndarray, axis: int) -> np.ndarray:
    """Return the sum over an axis; a short one at the end is summed slice by slice, which keeps the loops long."""
    shape = values.shape
    after = int(np.prod(shape[axis + 1 :], dtype=np.int64))
    if shape[axis] > SHORT or after > SHORT:
        return values.sum(axis=axis, dtype=values.dtype)
    flat = np.ascontiguousarray(values).reshape(-1, shape[axis], after)
    total = flat[:, 0].copy()
    for place in range(1, shape[axis]):
        total += flat[:, place]
    return total.reshape(shape[:axis] + shape[axis + 1 :])


def keep_axes(block: Block, kept: Sequence[int], sizes: Sequence[int]) -> Block:
    """Return the sums with all axes but those of `kept` summed away."""
    if block.codes is None:
        gone = tuple(place + 1 for place, axis in enumerate(block.axes) if axis not in kept)
        return Block(block.values.sum(axis=gone, dtype=block.values.dtype), tuple(kept))
    places = [block.axes.index(axis) for axis in kept]
    return _gather(block.codes[places], block.values, tuple(kept), sizes)


def known_cells(block: Block, n_levels: Sequence[int]) -> np.ndarray:
    """Return the sums without the slots of missing values: there a contact stands in no cell."""
    if block.codes is None:
        return block.values[(slice(None), *(slice(n_levels[axis]) for axis in block.axes))]
    return block.values[:, known_codes(block, n_levels)]


def known_codes(block: Block, n_levels: Sequence[int]) -> np.ndarray:
    """Tell which of the cells listed stand at a level of every axis."""
    assert block.codes is not None
    known = np.ones(block.codes.shape[1], dtype=bool)
    for codes, axis in zip(block.codes, block.axes, strict=True):
        known &= codes < n_levels[axis]
    return known


def _gather(codes: np.ndarray, values: np.ndarray, axes: tuple[int, ...], sizes: Sequence[int]) -> Block:
    """Sum combinations of the axes left: as an array when the grid fits, else those that hold somebody."""
    own = [sizes[axis] for axis in axes]
    slots, n_codes = list(codes), codes.shape[1]
    if n_cells_of(own) <= min(DENSE_LIMIT, 8 * n_codes + 4096):
        key = pack(slots, own) if own else np.zeros(n_codes, dtype=np.int64)
        summed = np.stack([sum_keys(key, int(n_cells_of(own)), channel) for channel in values])
        return Block(summed.astype(values.dtype).reshape(-1, *own), axes)
    order, starts = runs(slots, own)
    summed = np.add.reduceat(values[:, order], starts, axis=1, dtype=values.dtype)
    return Block(summed, axes, codes[:, order[starts]])
