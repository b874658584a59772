"""The finest cells: every contact packed into one key, and the keys counted once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from segvspers._levels import Attribute

DENSE_LIMIT = 30_000_000


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """Sums over cells, a channel each: an array of the whole grid, or the cells that hold somebody.

    `values` has shape (channels, *sizes) when `codes` is missing; else (channels, cells), and `codes` has a
    row of level codes a cell. An axis with missing values has one more slot, its last.
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
    if np.prod([float(size) for size in sizes]) * len(channels) <= dense_limit:
        n_cells = int(np.prod(sizes))
        key = pack(slots, sizes)
        summed = np.stack([_sum(key, n_cells, channel) for channel in channels])
        return FinestCells(names, n_levels, sizes, Block(summed.reshape(-1, *sizes), axes))
    first, inverse = distinct(slots, sizes)
    codes = np.stack([slot[first] for slot in slots], axis=1).astype(np.int32)
    summed = np.stack([_sum(inverse, len(first), channel) for channel in channels])
    return FinestCells(names, n_levels, sizes, Block(summed, axes, codes))


def pack(slots: Sequence[np.ndarray], sizes: Sequence[int]) -> np.ndarray:
    """Return one whole number a row; the last axis varies fastest."""
    key = slots[0].astype(np.int64, copy=True)
    for slot, size in zip(slots[1:], sizes[1:], strict=True):
        key *= size
        key += slot
    return key


def distinct(slots: Sequence[np.ndarray], sizes: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
    """Return the first row of each combination, and the combination of each row."""
    key, span = slots[0].astype(np.int64, copy=True), float(sizes[0])
    for slot, size in zip(slots[1:], sizes[1:], strict=True):
        if span * size > 2.0**62:
            key = np.unique(key, return_inverse=True)[1].reshape(-1)
            span = float(key.max() + 1)
        key = key * size + slot
        span *= size
    _, first, inverse = np.unique(key, return_index=True, return_inverse=True)
    return first, inverse.reshape(-1)


def drop_axis(block: Block, position: int, sizes: Sequence[int]) -> Block:
    """Return the sums with the axis at `position` summed away."""
    axes = block.axes[:position] + block.axes[position + 1 :]
    if block.codes is None:
        return Block(block.values.sum(axis=position + 1, dtype=block.values.dtype), axes)
    return _gather(np.delete(block.codes, position, axis=1), block.values, axes, sizes)


def keep_axes(block: Block, kept: Sequence[int], sizes: Sequence[int]) -> Block:
    """Return the sums with all axes but those of `kept` summed away."""
    if block.codes is None:
        gone = tuple(place + 1 for place, axis in enumerate(block.axes) if axis not in kept)
        return Block(block.values.sum(axis=gone, dtype=block.values.dtype), tuple(kept))
    places = [block.axes.index(axis) for axis in kept]
    return _gather(block.codes[:, places], block.values, tuple(kept), sizes)


def known_cells(block: Block, n_levels: Sequence[int]) -> np.ndarray:
    """Return the sums without the slots of missing values: there a contact stands in no cell."""
    if block.codes is None:
        return block.values[(slice(None), *(slice(n_levels[axis]) for axis in block.axes))]
    levels = np.array([n_levels[axis] for axis in block.axes])
    return block.values[:, (block.codes < levels).all(axis=1)]


def _gather(codes: np.ndarray, values: np.ndarray, axes: tuple[int, ...], sizes: Sequence[int]) -> Block:
    """Sum combinations of the axes left: as an array when the grid fits, else those that hold somebody."""
    own = [sizes[axis] for axis in axes]
    if np.prod([float(size) for size in own]) <= min(DENSE_LIMIT, 8 * len(codes) + 4096):
        key = np.ravel_multi_index(tuple(codes.T), own)
        summed = np.stack([_sum(key, int(np.prod(own)), channel) for channel in values])
        return Block(summed.astype(values.dtype).reshape(-1, *own), axes)
    first, inverse = distinct([codes[:, place] for place in range(codes.shape[1])], own)
    summed = np.stack([_sum(inverse, len(first), channel) for channel in values])
    return Block(summed.astype(values.dtype), axes, codes[first])


def _sum(key: np.ndarray, n_cells: int, channel: np.ndarray | None) -> np.ndarray:
    if channel is None:
        return np.bincount(key, minlength=n_cells).astype(np.int32)
    summed = np.bincount(key, weights=channel, minlength=n_cells)
    return np.rint(summed).astype(np.int64) if np.issubdtype(channel.dtype, np.integer) else summed
