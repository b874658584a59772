"""Cells not seen yet: what a longer or shorter list would hold."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.special import gammaln
from scipy.stats import binom, norm

CONFIDENCE = 0.95
FACTORS = (0.1, 0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 1.75, 2.0)


def unseen_share(n_contacts: int, n_single: int) -> float:
    """Return the share of future contacts who fall in a cell that holds nobody now (Good 1953)."""
    return float("nan") if n_contacts < 1 else min(1.0, n_single / n_contacts)


def unseen_interval(n_contacts: int, n_single: int, n_double: int) -> tuple[float, float]:
    """Return the 95 % interval of the unseen share (Esty 1983), cut at 0 and 1.

    References
    ----------
    Esty, W. W. (1983). A normal limit law for a nonparametric estimator of the coverage of a random sample.
    Annals of Statistics 11, 905-912.
    """
    if n_contacts < 1:
        return float("nan"), float("nan")
    middle = unseen_share(n_contacts, n_single)
    spread = max(0.0, n_single + 2 * n_double - n_single**2 / n_contacts) / n_contacts**2
    half = norm.isf((1 - CONFIDENCE) / 2) * np.sqrt(spread)
    return float(max(0.0, middle - half)), float(min(1.0, middle + half))


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
            expected[position] = _rarefied(values, times, size)
        elif size <= 2 * n:
            expected[position] = times.sum() + new_cells(values, times, size / n - 1)[0]
    return expected


def _rarefied(values: np.ndarray, times: np.ndarray, size: float) -> float:
    n = float((values * times).sum())
    rest = n - values
    room = rest >= size
    log_miss = np.full(len(values), -np.inf)
    log_miss[room] = gammaln(rest[room] + 1.0) - gammaln(rest[room] - size + 1.0)
    log_miss[room] += gammaln(n - size + 1.0) - gammaln(n + 1.0)
    return float((times * -np.expm1(log_miss)).sum())


def new_cells(values: np.ndarray, times: np.ndarray, growth: float) -> tuple[float, float]:
    """Return the new cells expected when the list grows by a share of at most one, and what they vary by.

    `times` cells hold `values` contacts each. The second number is the standard deviation of what will be
    seen around the forecast: its own error (Efron and Thisted 1976, equation 5) and the chance of the draw.
    """
    few = values <= 60
    r, frequency = values[few].astype(float), times[few].astype(float)
    # Past a quarter the alternating series is smoothed by the tail of a binomial.
    weights = binom.sf(r - 1, 12, 1 / (1 + growth)) if growth > 0.25 else np.ones(len(r))
    terms = -((-growth) ** r) * weights
    new = max(0.0, float((terms * frequency).sum()))
    return new, float(np.sqrt((terms**2 * frequency).sum() + new))


def forecast_frame(counts: np.ndarray, n_possible: float, list_sizes: Sequence[int] = ()) -> pd.DataFrame:
    """Return occupied cells on lists of other sizes, from a tenth of this one to twice its size.

    A size asked for beyond twice the list has nan: the data can't tell. The range of a forecast holds what
    will be seen with probability .95.
    """
    n = int(counts.sum())
    sizes = np.unique(np.maximum(1, [*np.rint(n * np.array(FACTORS)).astype(np.int64), *map(int, list_sizes)]))
    values, times = np.unique(counts[counts > 0], return_counts=True)
    occupied = np.minimum(occupied_at(counts, sizes), n_possible)
    spread = np.array([new_cells(values, times, size / n - 1)[1] if n < size <= 2 * n else 0.0 for size in sizes])
    half = norm.isf((1 - CONFIDENCE) / 2) * spread
    return pd.DataFrame(
        {
            "n_contacts": sizes,
            "n_occupied": occupied,
            "n_occupied_low": np.maximum(occupied - half, np.where(sizes > n, len(counts), 0)),
            "n_occupied_high": np.minimum(occupied + half, n_possible),
            "forecast": sizes > n,
        }
    )
