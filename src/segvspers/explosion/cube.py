"""What is kept of a list: its finest cells and a sample, from which every cross is told without its rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from segvspers.explosion.cells import FinestCells, keep_axes, known_cells
from segvspers.explosion.difference import mean_difference
from segvspers.explosion.frames import largest_cells
from segvspers.explosion.honest import Explained, explained
from segvspers.explosion.people import Comparable, cells_of

MOST_RANKED = 50_000


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """The cells of one cross, largest first: contacts of all, and level codes of the first (axes as in `names`)."""

    names: tuple[str, ...]
    codes: np.ndarray
    counts: np.ndarray


@dataclass(frozen=True, slots=True, eq=False)
class Cube:
    """Finest cells, their sums of the outcome, and a sample: its codes by attribute and its other columns."""

    by: tuple[str, ...]
    finest: FinestCells
    scored: FinestCells | None
    codes: np.ndarray
    others: Comparable

    def cells(self, names: Sequence[str]) -> Cells:
        """Return the cells that some attributes make; without attributes there is one, the list."""
        axes = sorted(self.finest.names.index(name) for name in names)
        block = keep_axes(self.finest.block, axes, self.finest.sizes)
        told = tuple(self.finest.names[axis] for axis in axes)
        codes, counts = largest_cells(block, self.finest.n_levels, most=MOST_RANKED)
        return Cells(told, codes, counts)

    def explained(self, names: Sequence[str]) -> Explained:
        """Return what the cells of some attributes explain of the outcome; nothing for none of them."""
        if self.scored is None:
            return Explained(float("nan"), float("nan"), float("nan"))
        if not names:
            return Explained(0.0, 0.0, 0.0)
        axes = sorted(self.scored.names.index(name) for name in names)
        block = keep_axes(self.scored.block, axes, self.scored.sizes)
        sums = known_cells(block, self.scored.n_levels)
        return explained(sums.reshape(len(sums), -1))

    def difference(self, cells: Cells, n_own: int) -> float:
        """Return how far two contacts differ who get the same template.

        The `n_own` largest cells have a template each; all others together get one common email.
        """
        columns = [self.by.index(name) for name in cells.names]
        mine = self.codes[:, columns]
        rank = _ranks(mine, cells)
        groups = np.where(rank < n_own, rank, n_own)
        return mean_difference(self.others, groups)


def _ranks(codes: np.ndarray, cells: Cells) -> np.ndarray:
    """Return the place of each contact's cell by size; those in none of the largest cells come last of all."""
    if not codes.shape[1]:
        return np.zeros(len(codes), dtype=np.int64)
    top = cells.codes.T.astype(codes.dtype)
    both = cells_of(np.concatenate([top, codes]))
    place = np.full(both.max(initial=0) + 2, len(cells.counts), dtype=np.int64)
    place[both[: len(top)]] = np.arange(len(top))
    return place[both[len(top) :]]
