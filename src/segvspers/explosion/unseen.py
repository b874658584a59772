"""Cells not seen yet: what a longer or shorter list would hold."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.special import gammaln


def unseen_share(n_contacts: int, n_single: int) -> float:
    """Return the share of future contacts who fall in a cell that holds nobody now (Good 1953)."""
    return float("nan") if n_contacts < 1 else min(1.0, n_single / n_contacts)


def chao1(n_occupied: int, n_single: int, n_double: int) -> float:
    """Return a lower bound of the cells that exist in the population (Chao 1984, bias-corrected)."""
    return n_occupied + n_single * (n_single - 1) / (2 * (n_double + 1))


def occupied_at(counts: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """Return the expected number of occupied cells on lists of other sizes.

    Notes
    -----
    Smaller lists: exact rarefaction (Hurlbert 1971), the chance that a random sublist misses a cell.
    Up to twice the list: Good and Toulmin (1956), with the binomially smoothed weights of Efron and
    Thisted (1976) beyond a quarter more. Beyond twice the list the data can't tell: nan.
    """
    values, times = np.unique(counts[counts > 0], return_counts=True)
    n = int((values * times).sum())
    expected = np.full(len(sizes), np.nan)
    for position, size in enumerate(np.asarray(sizes, dtype=float)):
        if size <= n:
            rest = n - values
            room = rest >= size
            log_miss = np.full(len(values), -np.inf)
            log_miss[room] = (
                gammaln(rest[room] + 1.0)
                - gammaln(rest[room] - size + 1.0)
                - gammaln(n + 1.0)
                + gammaln(n - size + 1.0)
            )
            expected[position] = (times * -np.expm1(log_miss)).sum()
        elif size <= 2 * n:
            expected[position] = times.sum() + _good_toulmin(values, times, size / n - 1)
    return expected


def _good_toulmin(values: np.ndarray, times: np.ndarray, t: float) -> float:
    """Return the expected number of new cells when the list grows by the share `t`, at most one."""
    few = values <= 60
    r, frequency = values[few].astype(float), times[few].astype(float)
    new = float((-((-t) ** r) * frequency).sum())
    if t > 0.25:
        from scipy.stats import binom

        weights = binom.sf(r - 1, 12, 1 / (1 + t))
        new = float((-((-t) ** r) * weights * frequency).sum())
    return max(0.0, new)


def forecast_frame(counts: np.ndarray, n_possible: float) -> pd.DataFrame:
    """Return the forecast of occupied cells from a tenth of the list to twice its size."""
    n = int(counts.sum())
    factors = np.array([0.1, 0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0])
    sizes = np.maximum(1, np.rint(n * factors)).astype(int)
    occupied = np.minimum(occupied_at(counts, sizes), n_possible)
    return pd.DataFrame({"n_contacts": sizes, "n_occupied": occupied, "forecast": sizes > n})
