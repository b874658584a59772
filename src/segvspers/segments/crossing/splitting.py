"""A tree over cells: split the list by one column at a time, the split that explains most first."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from segvspers.segments.codes.coding import ColumnCode
from segvspers.segments.crossing.cells import Cells
from segvspers.segments.crossing.explaining import entropy_sum, row_entropies


class Split(NamedTuple):
    """The best split of a leaf: how much it explains, and the cells of its second part."""

    gain: float
    second: np.ndarray


def split_cells(
    cells: Cells, plans: tuple[ColumnCode, ...], most: int, *, smallest: int = 1, sums: np.ndarray | None = None
) -> dict[int, np.ndarray]:
    """Return the leaf of each cell for every number of leaves up to `most`.

    `sums` has two rows: how many contacts with a known outcome a cell has, and the sum of their outcomes; without
    it a split gains what the two parts tell more of all columns. Once no split gains, further numbers of leaves
    have the same leaves.
    """
    best = _Searcher(cells, plans, sums, smallest).best_split
    group = np.zeros(len(cells), dtype=int)
    found = {1: group}
    splits = {0: best(np.arange(len(cells)))}
    for k in range(2, most + 1):
        leaf = max(splits, key=lambda place: splits[place].gain)
        if splits[leaf].gain > 0:
            group = group.copy()
            group[splits[leaf].second] = int(group.max()) + 1
            for place in (leaf, int(group.max())):
                splits[place] = best(np.flatnonzero(group == place))
        found[k] = group
    return found


class _Searcher:
    """Looks for the best split of a leaf."""

    def __init__(self, cells: Cells, plans: tuple[ColumnCode, ...], sums: np.ndarray | None, smallest: int) -> None:
        self._codes, self._n, self._sums, self._smallest = cells.codes, cells.n.astype(float), sums, smallest
        self._ordered = [plan.ordered or plan.kind in ("number", "date") for plan in plans]
        levels = [np.unique(codes, return_inverse=True)[1].reshape(-1) for codes in cells.codes.T]
        self._shown = [np.eye(int(level.max()) + 1)[level] * self._n[:, None] for level in levels]

    def best_split(self, members: np.ndarray) -> Split:
        best = Split(0.0, np.array([], dtype=int))
        for column, ordered in enumerate(self._ordered):
            codes, level = np.unique(self._codes[members, column], return_inverse=True)
            if len(codes) < 2:
                continue
            level = level.reshape(-1)
            for order in self._orders(codes, level, members, ordered=ordered):
                gain, cut = self._best_cut(level, order, members)
                if gain > best.gain + 1e-9:
                    best = Split(gain, members[np.isin(level, order[cut:])])
        return best

    def _orders(self, codes: np.ndarray, level: np.ndarray, members: np.ndarray, *, ordered: bool) -> list[np.ndarray]:
        if self._sums is None and not ordered:
            # Without an outcome each level may part from the others.
            return [np.r_[place, np.delete(np.arange(len(codes)), place)] for place in range(len(codes))]
        known, total = (
            np.bincount(level, weights=part[members])
            for part in (self._sums if self._sums is not None else (self._n, self._n))
        )
        return _orders(codes, known, total, ordered=ordered)

    def _best_cut(self, level: np.ndarray, order: np.ndarray, members: np.ndarray) -> tuple[float, int]:
        """Return the largest gain by cutting a row of levels in two, and the place of the cut."""
        n = np.bincount(level, weights=self._n[members])[order]
        left_n = np.cumsum(n)[:-1]
        fits = (left_n >= self._smallest) & (n.sum() - left_n >= self._smallest)
        if not fits.any():
            return 0.0, 0
        if self._sums is None:
            gain = self._told(level, order, members)
        else:
            known, total = (np.bincount(level, weights=part[members])[order] for part in self._sums)
            gain = _explained_more(known, total)
        gain = np.where(fits, gain, -np.inf)
        cut = int(gain.argmax())
        return float(gain[cut]), cut + 1

    def _told(self, level: np.ndarray, order: np.ndarray, members: np.ndarray) -> np.ndarray:
        """Return how much more the two parts of each cut tell of all columns."""
        gain = np.zeros(len(order) - 1)
        for shown in self._shown:
            by_level = np.zeros((len(order), shown.shape[1]))
            np.add.at(by_level, level, shown[members])
            left = np.cumsum(by_level[order], axis=0)
            whole = left[-1:]
            gain += entropy_sum(whole) - row_entropies(left[:-1]) - row_entropies(whole - left[:-1])
        return gain


def _orders(codes: np.ndarray, known: np.ndarray, total: np.ndarray, *, ordered: bool) -> list[np.ndarray]:
    """Return the orders in which levels may be cut in two: their own, or that of their means."""
    if not ordered:
        mean = total.sum() / max(1.0, known.sum())
        return [np.argsort(np.where(known > 0, total / np.maximum(known, 1), mean), kind="stable")]
    places = np.arange(len(codes))
    gaps = places[codes < 0]
    if not len(gaps):
        return [places]
    # What is missing has no place in the order: it may stand with either end.
    return [places, np.r_[places[codes >= 0], gaps]]


def _explained_more(known: np.ndarray, total: np.ndarray) -> np.ndarray:
    """Return the fall of the squared error by each cut of a row of levels in two; minus infinity on empty sides."""
    left, left_total = np.cumsum(known)[:-1], np.cumsum(total)[:-1]
    right, right_total = known.sum() - left, total.sum() - left_total
    with np.errstate(divide="ignore", invalid="ignore"):
        gain = left_total**2 / left + right_total**2 / right - total.sum() ** 2 / known.sum()
    return np.where((left > 0) & (right > 0), gain, -np.inf)
