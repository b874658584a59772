"""The cells of rules: which combinations of levels somebody has, with sums of what should be explained."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from segvspers.segments.codes.coding import ColumnCode, level_text

HALVES = ("first", "second")
SUMS = tuple(f"{what}_{half}" for what in ("n", "sum", "square") for half in HALVES)


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """Cells, largest first: a row of `codes` each, how many contacts `n`, and what they did.

    `halves` has six rows when there is an outcome: counts, sums and sums of squares for two random halves of
    the contacts whose outcome is known. `emailed` and `replied` count contacts.
    """

    codes: np.ndarray
    n: np.ndarray
    emailed: np.ndarray | None = None
    replied: np.ndarray | None = None
    halves: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.codes)

    def to_frame(self, plans: tuple[ColumnCode, ...], segment_ids: np.ndarray) -> pd.DataFrame:
        """Return one row a cell: its levels, its segment, its counts."""
        levels = {
            plan.name: [level_text(plan, code) for code in self.codes[:, place]] for place, plan in enumerate(plans)
        }
        frame = pd.DataFrame({**levels, "segment_id": segment_ids, "n_contacts": self.n})
        if self.emailed is not None and self.replied is not None:
            frame = frame.assign(n_emailed=self.emailed, n_replied=self.replied)
        return frame if self.halves is None else frame.assign(**dict(zip(SUMS, self.halves, strict=True)))


def count_cells(
    codes: np.ndarray, *, replied: np.ndarray | None, outcome: np.ndarray | None, rng: np.random.Generator
) -> tuple[Cells, np.ndarray]:
    """Return the cells that somebody stands in, and the cell of each row.

    `replied` is 1, 0 or nan (never emailed); `outcome` any number, or nan where it is not known.
    """
    distinct, inverse, counts = np.unique(codes, axis=0, return_inverse=True, return_counts=True)
    order = np.argsort(-counts, kind="stable")
    rank = np.empty(len(order), dtype=int)
    rank[order] = np.arange(len(order))
    cell, m = rank[inverse.reshape(-1)], len(order)
    emailed, answered = None, None
    if replied is not None:
        known = ~np.isnan(replied)
        emailed = np.bincount(cell[known], minlength=m)
        answered = np.bincount(cell[known], weights=replied[known], minlength=m).round().astype(int)
    halves = None if outcome is None else _halves(cell, m, outcome, rng)
    return Cells(distinct[order], counts[order], emailed, answered, halves), cell


def _halves(cell: np.ndarray, m: int, outcome: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    known = np.flatnonzero(~np.isnan(outcome))
    first = np.zeros(len(outcome), dtype=bool)
    first[rng.permutation(known)[: len(known) // 2]] = True
    halves = (known[first[known]], known[~first[known]])
    sums = [np.bincount(cell[h], weights=outcome[h] ** power, minlength=m) for power in (0, 1, 2) for h in halves]
    return np.stack(sums)
