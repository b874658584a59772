"""Many arms at once as a few sums each, drawn from a world; rows are never made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from segvspers.experiment.world import World

CELL_COST, COMPANY_COST, CHUNK = 1.0, 6.0, 4_000_000
LEAST = 1e-13


@dataclass(frozen=True, slots=True)
class Arms:
    """Sums over the companies of an arm, one entry a simulated test; `a + b` is both together."""

    companies: np.ndarray
    contacts: np.ndarray
    replies: np.ndarray
    replies_squared: np.ndarray
    contacts_squared: np.ndarray
    contacts_replies: np.ndarray

    def __add__(self, other: Arms) -> Arms:
        """Return the arms with the companies of both."""
        return Arms(*(getattr(self, name) + getattr(other, name) for name in self.__slots__))

    @property
    def rate(self) -> np.ndarray:
        """Reply rate of each arm."""
        return self.replies / self.contacts

    def cluster_variance(self) -> np.ndarray:
        """Return the delta-method variance of the reply rate over companies."""
        rate = self.rate
        spread = self.replies_squared - 2 * rate * self.contacts_replies + rate**2 * self.contacts_squared
        with np.errstate(divide="ignore", invalid="ignore"):
            return self.companies / (self.companies - 1) * np.maximum(spread, 0) / self.contacts**2


def draw_arms(world: World, rate: float, *, n_contacts: float, n_tests: int, rng: np.random.Generator) -> Arms:
    """Draw arms of about `n_contacts` at whole companies; replies are beta-binomial.

    Notes
    -----
    The companies of one size that have y replies are multinomial, so an arm of any size costs as much as the
    number of pairs (size, y); with few and large companies each company is drawn by itself instead.
    """
    sizes, weights = world.sizes()
    n_companies = max(2, round(n_contacts / float(sizes @ weights)))
    chances = _chances(sizes, rate, world.icc)
    pieces = []
    by_cell = chances.size * CELL_COST < n_companies * COMPANY_COST
    per_test = chances.size if by_cell else n_companies
    step = max(1, CHUNK // per_test)
    for start in range(0, n_tests, step):
        n = min(step, n_tests - start)
        if by_cell:
            pieces.append(_by_cell(sizes, weights, chances, n_companies, n, rng))
        else:
            pieces.append(_by_company(sizes, weights, rate, world.icc, n_companies, n, rng))
    return Arms(*(np.concatenate([getattr(piece, name) for piece in pieces]) for name in Arms.__slots__))


def _chances(sizes: np.ndarray, rate: float, icc: float) -> np.ndarray:
    """Return the chance of 0, 1, 2, ... replies for each company size, one row a size."""
    from scipy.special import betaln, gammaln

    m, y = sizes[:, None].astype(float), np.arange(int(sizes.max()) + 1)[None, :].astype(float)
    inside = y <= m
    y_safe = np.where(inside, y, 0.0)
    ways = gammaln(m + 1) - gammaln(y_safe + 1) - gammaln(m - y_safe + 1)
    if icc > 0:
        a, b = rate * (1 - icc) / icc, (1 - rate) * (1 - icc) / icc
        logs = ways + betaln(a + y_safe, b + m - y_safe) - betaln(a, b)
    else:
        logs = ways + y_safe * np.log(rate) + (m - y_safe) * np.log1p(-rate)
    chances = np.where(inside, np.exp(logs), 0.0)
    kept = int(np.flatnonzero(chances.max(axis=0) > LEAST).max()) + 1
    chances = chances[:, :kept]
    return chances / chances.sum(axis=1, keepdims=True)


def _by_cell(
    sizes: np.ndarray,
    weights: np.ndarray,
    chances: np.ndarray,
    n_companies: int,
    n: int,
    rng: np.random.Generator,
) -> Arms:
    of_size = rng.multinomial(n_companies, weights, size=n)
    found = rng.multinomial(of_size, chances)
    y = np.arange(chances.shape[1], dtype=float)
    total, squares = found @ y, found @ y**2
    m = sizes.astype(float)
    return Arms(
        np.full(n, float(n_companies)),
        of_size @ m,
        total.sum(axis=1),
        squares.sum(axis=1),
        of_size @ m**2,
        total @ m,
    )


def _by_company(
    sizes: np.ndarray,
    weights: np.ndarray,
    rate: float,
    icc: float,
    n_companies: int,
    n: int,
    rng: np.random.Generator,
) -> Arms:
    m = sizes[np.searchsorted(np.cumsum(weights)[:-1], rng.random((n, n_companies)), side="right")]
    own = rng.beta(rate * (1 - icc) / icc, (1 - rate) * (1 - icc) / icc, m.shape) if icc > 0 else rate
    y = rng.binomial(m, own).astype(float)
    m = m.astype(float)
    return Arms(
        np.full(n, float(n_companies)),
        m.sum(axis=1),
        y.sum(axis=1),
        (y**2).sum(axis=1),
        (m**2).sum(axis=1),
        (m * y).sum(axis=1),
    )
