"""What every segmentation explains of an outcome, on the data it was read from and on data held out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from segvspers._levels import Attribute
from segvspers.explosion.cells import FinestCells, count_cells
from segvspers.explosion.subsets import walk


@dataclass(frozen=True, slots=True)
class Explained:
    """Shares of the variance of an outcome: in sample, held out, and the held-out share's standard error."""

    in_sample: float
    held_out: float
    standard_error: float


@dataclass(frozen=True, slots=True, eq=False)
class Fold:
    """One half of the contacts: counts and centred sums by cell, and the sum of squares of all of them."""

    n: np.ndarray
    total: np.ndarray
    square: float


def outcome_cells(attributes: Sequence[Attribute], outcome: np.ndarray, *, rng: np.random.Generator) -> FinestCells:
    """Return the finest cells with six sums: counts, sums and squares of the outcome, for two random halves.

    Contacts whose outcome is missing are left out. The outcome is centred, so that sums keep their digits.
    """
    known = ~np.isnan(outcome)
    half = np.zeros(len(outcome), dtype=bool)
    half[rng.permutation(len(outcome))[: len(outcome) // 2]] = True
    centred = np.where(known, outcome - outcome[known].mean(), 0.0)
    first, second = (known & half).astype(float), (known & ~half).astype(float)
    channels = [first, second, *(w * y for y in (centred, centred**2) for w in (first, second))]
    return count_cells(attributes, channels=channels)


def score_subsets(cells: FinestCells, *, largest_subset: int) -> pd.DataFrame:
    """Return what each subset of the attributes explains, a row each.

    Notes
    -----
    Two-fold: the cell means of one half, shrunken to its overall mean by empirical Bayes (method of
    moments, as DerSimonian and Laird 1986), predict the other half, and the other way round. The held-out
    share is the fall of the squared error against the overall mean; it may be negative. The in-sample share
    is the raw one (eta squared), which grows with every cell that is added.
    """
    rows = []
    for axes, sums in walk(cells, largest_subset=largest_subset):
        found = explained(sums.reshape(len(sums), -1))
        names = tuple(cells.names[axis] for axis in axes)
        rows.append((names, found.in_sample, found.held_out, found.standard_error))
    return pd.DataFrame(rows, columns=["attributes", "explained_in_sample", "explained", "explained_se"])


def explained(sums: np.ndarray) -> Explained:
    """Return the shares explained by cells whose six sums are given, a column a cell."""
    held = sums[:, (sums[0] + sums[1]) > 0]
    halves = [Fold(held[place], held[place + 2], float(held[place + 4].sum())) for place in (0, 1)]
    if min(half.n.sum() for half in halves) < 2:
        return Explained(float("nan"), float("nan"), float("nan"))
    n, total = held[0] + held[1], held[2] + held[3]
    mean = total.sum() / n.sum()
    spread = halves[0].square + halves[1].square - n.sum() * mean**2
    if spread <= 1e-12:
        return Explained(float("nan"), float("nan"), float("nan"))
    between = float(((total - n * mean) ** 2 / n).sum())
    gains = [_gain(*pair) for pair in (halves, halves[::-1])]
    against = sum(gain[1] for gain in gains)
    error = float(np.sqrt(sum(gain[2] for gain in gains)))
    return Explained(between / spread, sum(gain[0] for gain in gains) / against, error / against)


def _gain(learn: Fold, judge: Fold) -> tuple[float, float, float]:
    """Return the fall of the squared error on `judge`, that error at the mean, and the variance of the fall."""
    offset, within = shrunken(learn)
    mean = learn.total.sum() / learn.n.sum()
    rest = judge.total - judge.n * mean
    gain = float((2 * offset * rest - judge.n * offset**2).sum())
    against = judge.square - 2 * mean * judge.total.sum() + judge.n.sum() * mean**2
    return gain, float(against), float(4 * within * (judge.n * offset**2).sum())


def shrunken(learn: Fold) -> tuple[np.ndarray, float]:
    """Return each cell's mean less the overall one, shrunken by empirical Bayes, and the variance in cells."""
    n_all, n_cells = learn.n.sum(), np.count_nonzero(learn.n)
    mean = learn.total.sum() / n_all
    apart = learn.total - learn.n * mean
    filled = np.maximum(learn.n, 1)
    between = float((apart**2 / filled).sum())
    all_spread = learn.square - n_all * mean**2
    # With one contact in each cell the data can't tell the cells' spread from the contacts'.
    within = (all_spread - between) / (n_all - n_cells) if n_all > n_cells else all_spread / n_all
    within = max(float(within), 1e-12)
    room = n_all - float((learn.n**2).sum()) / n_all
    cell_variance = max(0.0, (between - (n_cells - 1) * within) / room) if room > 0 else 0.0
    return cell_variance * apart / (learn.n * cell_variance + within), within
