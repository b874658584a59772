"""What groups of cells explain of an outcome on contacts held out, or tell of their own columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from segvspers.segments.crossing.cells import Cells


@dataclass(frozen=True, slots=True)
class Explained:
    """Shares of the variance of an outcome: in sample and on contacts held out."""

    in_sample: float
    held_out: float


def explained(halves: np.ndarray, groups: Sequence[np.ndarray]) -> Explained:
    """Return the share explained; ``groups[h]`` are made from half h and judged on the other.

    The in-sample share is that of ``groups[0]`` on all contacts.
    """
    n, total, square = halves[0] + halves[1], halves[2] + halves[3], halves[4] + halves[5]
    mean = total.sum() / n.sum()
    spread = square.sum() - n.sum() * mean**2
    if spread <= 1e-12 * max(1.0, square.sum()):
        return Explained(float("nan"), float("nan"))
    group_n, group_total = (np.bincount(groups[0], weights=part) for part in (n, total))
    between = ((group_total - group_n * mean) ** 2 / np.maximum(group_n, 1)).sum()
    gains, against = 0.0, 0.0
    for learn, judge in ((0, 1), (1, 0)):
        gain, error = _judged(groups[learn], halves[learn::2], halves[judge::2])
        gains, against = gains + gain, against + error
    return Explained(float(between / spread), float(gains / against))


def _judged(group: np.ndarray, learn: np.ndarray, judge: np.ndarray) -> tuple[float, float]:
    """Return the fall of the squared error on `judge`, and that error at the mean; rows are n, sum, square."""
    n, total = (np.bincount(group, weights=part) for part in learn[:2])
    mean = learn[1].sum() / learn[0].sum()
    offset = shrunken(n, total - n * mean, float(learn[2].sum() - learn[0].sum() * mean**2))[group]
    rest = judge[1] - judge[0] * mean
    gain = float((2 * offset * rest - judge[0] * offset**2).sum())
    return gain, float(judge[2].sum() - 2 * mean * judge[1].sum() + judge[0].sum() * mean**2)


def shrunken(n: np.ndarray, apart: np.ndarray, spread: float) -> np.ndarray:
    """Return group means less the overall one, shrunken by empirical Bayes (method of moments).

    `apart` are sums less what the overall mean predicts, `spread` the sum of squares around that mean.
    """
    n_all, n_groups = float(n.sum()), int(np.count_nonzero(n))
    between = float((apart**2 / np.maximum(n, 1)).sum())
    within = (spread - between) / (n_all - n_groups) if n_all > n_groups else spread / n_all
    within = max(within, 1e-12)
    room = n_all - float((n**2).sum()) / n_all
    variance = max(0.0, (between - (n_groups - 1) * within) / room) if room > 0 else 0.0
    return variance * apart / (n * variance + within)


def told_of_attributes(cells: Cells, group: np.ndarray) -> float:
    """Return the share of the entropy of the columns, summed, that groups tell; all cells tell 1."""
    alone, left = 0.0, 0.0
    for codes in cells.codes.T:
        levels = np.unique(codes, return_inverse=True)[1].reshape(-1)
        table = np.zeros((int(group.max()) + 1, int(levels.max()) + 1))
        np.add.at(table, (group, levels), cells.n)
        alone += entropy_sum(table.sum(axis=0, keepdims=True))
        left += entropy_sum(table)
    return 1.0 if alone == 0 else 1 - left / alone


def row_entropies(table: np.ndarray) -> np.ndarray:
    """Return the entropy of each row of counts times its count."""
    totals = table.sum(axis=-1, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        logs = np.where(table > 0, np.log(table / totals), 0.0)
    return -(table * logs).sum(axis=-1)


def entropy_sum(table: np.ndarray) -> float:
    """Return the summed entropy of rows of counts, each weighted by its count."""
    return float(row_entropies(table).sum())
