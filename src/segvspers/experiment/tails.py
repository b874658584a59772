"""The difference in means once more, with large amounts tamed: capped, left out, or drawn again."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

CAP_QUANTILE = 0.99
TOP_SHARE = 0.001
MOST_BLOCKS, MOST_DRAWS = 20_000, 4_000_000
COLUMNS = ("view", "lift", "lift_low", "lift_high", "p_value", "what")


@dataclass(frozen=True, slots=True, eq=False)
class Units:
    """Distinct units of one arm: contacts, amount, and how many units are alike."""

    contacts: np.ndarray
    amount: np.ndarray
    n: np.ndarray

    def mean(self) -> tuple[float, float, float]:
        """Return the amount per contact, its variance by the delta method, and the degrees of freedom."""
        units, contacts = float(self.n.sum()), float(self.n @ self.contacts)
        if units < 2:
            return math.nan, math.nan, math.nan
        mean = float(self.n @ self.amount) / contacts
        residual = self.amount - mean * self.contacts
        return mean, float(self.n @ residual**2) * units / (units - 1) / contacts**2, units - 1

    def capped(self, cap: float) -> Units:
        """Return the units with amounts of at most `cap`."""
        return Units(self.contacts, np.minimum(self.amount, cap), self.n)

    def without(self, above: float, ties: int) -> Units:
        """Return the units up to an amount, without `ties` of those that have just that."""
        n = np.where(self.amount > above, 0, self.n).astype(float)
        at = np.flatnonzero((self.amount == above) & (self.n > 0))
        for place in at:
            taken = min(ties, n[place])
            n[place], ties = n[place] - taken, ties - taken
        return Units(self.contacts, self.amount, n)


def tail_views(
    control: Units, treatment: Units, *, confidence: float, n_bootstrap: int, rng: np.random.Generator
) -> pd.DataFrame:
    """Return one row a view: winsorised, without the largest, and the Poisson bootstrap.

    Notes
    -----
    Amounts are winsorised at the 99th percentile of those that are not zero, of both arms together. Without the
    largest: the largest 0.1 % of these, at least one, of both arms together. The bootstrap draws how often each unit
    is there from Poisson(1) and takes percentiles of the difference.

    References
    ----------
    Hanley, J. A. and MacGibbon, B. (2006). Creating non-parametric bootstrap samples using Poisson frequencies.
    Computer Methods and Programs in Biomedicine 83, 57-62.
    """
    import pandas as pd

    cap, rows = _cap(control, treatment), []
    rows.append(("winsorised", *_welch(control.capped(cap), treatment.capped(cap), confidence), f"at {cap:,.2f}"))
    pair, n_left = _without_largest(control, treatment)
    rows.append(("without the largest", *_welch(*pair, confidence), f"{n_left:,} left out"))
    if n_bootstrap:
        drawn = _bootstrap(control, treatment, confidence, n_bootstrap, rng)
        rows.append(("Poisson bootstrap", *drawn, f"{n_bootstrap:,} draws"))
    return pd.DataFrame(rows, columns=COLUMNS)


def _cap(control: Units, treatment: Units) -> float:
    amount, n = _pooled(control, treatment)
    if not len(amount):
        return math.inf
    order = np.argsort(amount, kind="stable")
    reached = np.cumsum(n[order]) >= CAP_QUANTILE * n.sum()
    return float(amount[order][np.argmax(reached)])


def _pooled(control: Units, treatment: Units) -> tuple[np.ndarray, np.ndarray]:
    amount, n = np.concatenate([control.amount, treatment.amount]), np.concatenate([control.n, treatment.n])
    return amount[amount != 0], n[amount != 0]


def _without_largest(control: Units, treatment: Units) -> tuple[tuple[Units, Units], int]:
    amount, n = _pooled(control, treatment)
    if not len(amount):
        return (control, treatment), 0
    left = max(1, math.floor(TOP_SHARE * n.sum()))
    order = np.argsort(-amount, kind="stable")
    reached = np.cumsum(n[order])
    last = int(np.argmax(reached >= left))
    edge = float(amount[order][last])
    beyond = int(n[amount > edge].sum())
    # Units alike at the edge: each arm loses its share, so that swapping the arms changes nothing but the sign.
    tied = [float(one.n[one.amount == edge].sum()) for one in (control, treatment)]
    shares = [(left - beyond) * one / sum(tied) for one in tied]
    pair = tuple(one.without(edge, share) for one, share in zip((control, treatment), shares, strict=True))
    return (pair[0], pair[1]), left


def _welch(control: Units, treatment: Units, confidence: float) -> tuple[float, float, float, float]:
    from scipy.special import stdtr, stdtrit

    (mean_c, var_c, df_c), (mean_t, var_t, df_t) = control.mean(), treatment.mean()
    lift, variance = mean_t - mean_c, var_c + var_t
    if not variance > 0:
        return lift, math.nan, math.nan, math.nan
    freedom = variance**2 / (var_c**2 / df_c + var_t**2 / df_t)
    se = math.sqrt(variance)
    reach = float(stdtrit(freedom, 0.5 + confidence / 2)) * se
    return lift, lift - reach, lift + reach, float(2 * stdtr(freedom, -abs(lift) / se))


def _bootstrap(
    control: Units, treatment: Units, confidence: float, n_draws: int, rng: np.random.Generator
) -> tuple[float, float, float, float]:
    lift = treatment.mean()[0] - control.mean()[0]
    drawn = _drawn(treatment, n_draws, rng) - _drawn(control, n_draws, rng)
    low, high = np.quantile(drawn, [(1 - confidence) / 2, (1 + confidence) / 2])
    below = (np.sum(drawn <= 0) + 0.5) / (n_draws + 1)
    return lift, float(low), float(high), float(min(1.0, 2 * min(below, 1 - below)))


def _drawn(units: Units, n_draws: int, rng: np.random.Generator) -> np.ndarray:
    """Return means of samples in which each unit stands Poisson(1) times."""
    contacts, amount, n = units.contacts, units.amount, units.n
    single = n == 1
    if single.sum() > MOST_BLOCKS:
        # So many units that blocks of them, put together by chance, tell the same: each block is drawn as one.
        block = rng.integers(0, MOST_BLOCKS, int(single.sum()))
        contacts, amount = (
            np.concatenate([np.bincount(block, one[single], MOST_BLOCKS), one[~single]]) for one in (contacts, amount)
        )
        n = np.concatenate([np.ones(MOST_BLOCKS), n[~single]])
    means = []
    step = max(1, MOST_DRAWS // len(n))
    for start in range(0, n_draws, step):
        times = rng.poisson(n, (min(step, n_draws - start), len(n)))
        means.append((times @ amount) / np.maximum(times @ contacts, 1))
    return np.concatenate(means)
