"""Join neighbouring cells, the join that loses least first, until few are left."""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterable

import numpy as np

from segvspers.segments.codes.coding import ColumnCode
from segvspers.segments.crossing.cells import Cells
from segvspers.segments.crossing.explaining import entropy_sum


def join_cells(
    cells: Cells,
    plans: tuple[ColumnCode, ...],
    most: int,
    *,
    smallest: int = 1,
    sums: np.ndarray | None = None,
) -> dict[int, np.ndarray]:
    """Return the group of each cell for every number of groups up to `most`.

    Neighbours differ in one column, and by one step when it is ordered. With `sums` (counts and sums of an
    outcome) a join loses what the outcome's means then explain less (Ward 1963); without, what groups tell
    less of the columns. When `smallest` forbids a number of groups, it has those of the largest one allowed.
    """
    joiner = _Joiner(cells, plans, sums)
    while joiner.n_groups > most:
        joiner.join_cheapest()
    while joiner.n_groups > 1 and joiner.smallest_size() < smallest:
        joiner.join_smallest()
    found = {joiner.n_groups: joiner.groups()}
    for k in range(joiner.n_groups + 1, most + 1):
        found[k] = found[joiner.n_groups]
    while joiner.n_groups > 1:
        joiner.join_cheapest()
        found[joiner.n_groups] = joiner.groups()
    return found


class _Joiner:
    """Groups of cells, their neighbours, and a heap of joins by what they lose; joins gone stale are skipped."""

    def __init__(self, cells: Cells, plans: tuple[ColumnCode, ...], sums: np.ndarray | None) -> None:
        m = len(cells)
        self._members = {cell: [cell] for cell in range(m)}
        self._n = {cell: float(n) for cell, n in enumerate(cells.n)}
        self._sums = None if sums is None else {cell: sums[:, cell].astype(float) for cell in range(m)}
        self._levels = None if sums is not None else _level_counts(cells)
        self._near: dict[int, set[int]] = defaultdict(set)
        self._next = m
        for first, second in neighbours(cells.codes, plans):
            self._near[first].add(second)
            self._near[second].add(first)
        self._heap = [(self._loss(a, b), a, b) for a in range(m) for b in self._near[a] if a < b]
        heapq.heapify(self._heap)

    @property
    def n_groups(self) -> int:
        return len(self._members)

    def smallest_size(self) -> float:
        return min(self._n[group] for group in self._members)

    def groups(self) -> np.ndarray:
        """Return the group of each cell, numbered from 0."""
        out = np.empty(sum(map(len, self._members.values())), dtype=int)
        for place, members in enumerate(self._members.values()):
            out[members] = place
        return out

    def join_cheapest(self) -> None:
        while self._heap:
            _, first, second = heapq.heappop(self._heap)
            if first in self._members and second in self._members:
                self._join(first, second)
                return
        # No neighbours are left: the two smallest groups join.
        self._join(*sorted(self._members, key=lambda group: self._n[group])[:2])

    def join_smallest(self) -> None:
        group = min(self._members, key=lambda one: self._n[one])
        near = [other for other in self._near[group] if other in self._members] or [
            g for g in self._members if g != group
        ]
        self._join(group, min(near, key=lambda other: (self._loss(group, other), other)))

    def _join(self, first: int, second: int) -> None:
        new = self._next
        self._next += 1
        self._members[new] = self._members.pop(first) + self._members.pop(second)
        self._n[new] = self._n[first] + self._n[second]
        if self._sums is not None:
            self._sums[new] = self._sums[first] + self._sums[second]
        if self._levels is not None:
            self._levels[new] = [a + b for a, b in zip(self._levels[first], self._levels[second], strict=True)]
        self._near[new] = {other for other in self._near.pop(first) | self._near.pop(second) if other in self._members}
        for other in self._near[new]:
            self._near[other].add(new)
            heapq.heappush(self._heap, (self._loss(other, new), other, new))

    def _loss(self, first: int, second: int) -> float:
        """Return what a join loses."""
        if self._sums is not None:
            (n, total), (m, more) = self._sums[first], self._sums[second]
            if n == 0 or m == 0:
                return 0.0
            return float(n * m / (n + m) * (total / n - more / m) ** 2)
        assert self._levels is not None
        pairs = zip(self._levels[first], self._levels[second], strict=True)
        return sum(entropy_sum(a + b) - entropy_sum(a) - entropy_sum(b) for a, b in pairs)


def _level_counts(cells: Cells) -> dict[int, list[np.ndarray]]:
    """Return, for each cell, how many contacts have each level, an array a column."""
    places = [np.unique(codes, return_inverse=True)[1].reshape(-1) for codes in cells.codes.T]
    shown = [np.eye(int(place.max()) + 1)[place] * cells.n[:, None] for place in places]
    return {cell: [rows[cell] for rows in shown] for cell in range(len(cells))}


def neighbours(codes: np.ndarray, plans: tuple[ColumnCode, ...]) -> Iterable[tuple[int, int]]:
    """Yield pairs of cells that differ in one column; in an ordered one they are next to each other."""
    for column, plan in enumerate(plans):
        others = np.delete(codes, column, axis=1)
        alike = (
            np.unique(others, axis=0, return_inverse=True)[1].reshape(-1) if others.shape[1] else np.zeros(len(codes))
        )
        groups: dict[int, list[int]] = defaultdict(list)
        for cell in np.argsort(codes[:, column], kind="stable"):
            groups[int(alike[cell])].append(int(cell))
        ordered = plan.ordered or plan.kind in ("number", "date")
        for members in groups.values():
            yield from _pairs(members, codes[members, column], ordered=ordered)


def _pairs(members: list[int], codes: np.ndarray, *, ordered: bool) -> Iterable[tuple[int, int]]:
    for place, first in enumerate(members):
        if ordered and codes[place] >= 0:
            yield from ((first, second) for second in members[place + 1 : place + 2])
        else:
            yield from ((first, second) for second in members[place + 1 :])
