"""Many arms at once as a few sums each, drawn from a world; rows are never made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from segvspers.experiment.world import World

CELL_COST, COMPANY_COST, CHUNK = 1.0, 6.0, 4_000_000
LEAST = 1e-10
SUMS = 8  # the fields of `Arms` after the companies, in their order


@dataclass(frozen=True, slots=True)
class Arms:
    """Sums over the companies of an arm, one entry a simulated test; `a + b` is both together."""

    companies: np.ndarray
    contacts: np.ndarray
    replies: np.ndarray
    replies_squared: np.ndarray
    contacts_squared: np.ndarray
    contacts_replies: np.ndarray
    contacts_cubed: np.ndarray
    contacts_squared_replies: np.ndarray
    contacts_replies_squared: np.ndarray

    def __add__(self, other: Arms) -> Arms:
        """Return the arms with the companies of both."""
        return Arms(*(getattr(self, name) + getattr(other, name) for name in self.__slots__))

    @property
    def rate(self) -> np.ndarray:
        """Reply rate of each arm."""
        return self.replies / self.contacts

    @property
    def even_companies(self) -> np.ndarray:
        """Return how many companies of even size would tell as much.

        By their sizes (Kish), or by the sizes of those whose replies scatter, whichever is fewer.
        """
        rate, residual = self.rate, self._residual()
        weighted = (
            self.contacts_replies_squared - 2 * rate * self.contacts_squared_replies + rate**2 * self.contacts_cubed
        )
        with np.errstate(divide="ignore", invalid="ignore"):
            scattered = np.nan_to_num(weighted / (self.contacts * residual), posinf=0.0, neginf=0.0)
        share = np.maximum(self.contacts_squared / self.contacts**2, np.minimum(scattered, 1.0))
        return 1 / share

    def cluster_variance(self) -> np.ndarray:
        """Return the delta-method variance of the reply rate over companies, for as many even ones."""
        even = self.even_companies
        with np.errstate(divide="ignore", invalid="ignore"):
            return even / (even - 1) * self._residual() / self.contacts**2

    def _residual(self) -> np.ndarray:
        rate = self.rate
        spread = self.replies_squared - 2 * rate * self.contacts_replies + rate**2 * self.contacts_squared
        return np.maximum(spread, 0.0)


def draw_arms(world: World, rate: float, *, n_contacts: float, n_tests: int, rng: np.random.Generator) -> Arms:
    """Draw arms of about `n_contacts` at whole companies; replies are beta-binomial.

    Notes
    -----
    The companies of one size that have y replies are multinomial, so the common sizes cost as much as there
    are pairs (size, y), however large the arm; companies of the rare, large sizes are drawn one by one.
    """
    sizes, weights = world.sizes()
    order = np.argsort(sizes, kind="stable")
    sizes, weights = sizes[order], weights[order]
    n_companies = max(2, round(n_contacts / float(sizes @ weights)))
    cells = np.r_[0, np.cumsum(sizes + 1.0)] * CELL_COST
    tail = np.r_[np.cumsum((weights * n_companies)[::-1])[::-1], 0.0] * COMPANY_COST
    cut = int(np.argmin(cells + tail))
    step = max(1, int(CHUNK // (cells[cut] + tail[cut] + 1)))
    pieces = []
    for start in range(0, n_tests, step):
        n = min(step, n_tests - start)
        counts = rng.multinomial(n_companies, np.r_[weights[:cut], weights[cut:].sum()], size=n)
        sums = _common(sizes[:cut], counts[:, :-1], rate, world.icc, rng)
        sums += _rare(sizes[cut:], weights[cut:], counts[:, -1], rate, world.icc, rng)
        pieces.append(Arms(np.full(n, float(n_companies)), *sums))
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


def _common(sizes: np.ndarray, counts: np.ndarray, rate: float, icc: float, rng: np.random.Generator) -> np.ndarray:
    """Return the sums over companies of the given sizes, drawn as counts by size and replies."""
    if not len(sizes):
        return np.zeros((SUMS, len(counts)))
    chances = _chances(sizes, rate, icc)
    m = sizes.astype(float)
    sums = np.zeros((SUMS, len(counts)))
    sums[0], sums[3], sums[5] = counts @ m, counts @ m**2, counts @ m**3
    for place, size in enumerate(sizes):
        own = np.trim_zeros(chances[place], "b")
        found = rng.multinomial(counts[:, place], own / own.sum())
        y = np.arange(len(own))
        total, squares = found @ y, found @ y**2
        sums[1] += total
        sums[2] += squares
        sums[4] += total * float(size)
        sums[6] += total * float(size) ** 2
        sums[7] += squares * float(size)
    return sums


def _rare(
    sizes: np.ndarray,
    weights: np.ndarray,
    counts: np.ndarray,
    rate: float,
    icc: float,
    rng: np.random.Generator,
) -> np.ndarray:
    """Return the sums over so many companies of the given sizes, each drawn by itself."""
    n = int(counts.sum())
    if n == 0:
        return np.zeros((SUMS, len(counts)))
    m = sizes[np.searchsorted(np.cumsum(weights / weights.sum())[:-1], rng.random(n), side="right")]
    own = rng.beta(rate * (1 - icc) / icc, (1 - rate) * (1 - icc) / icc, n) if icc > 0 else rate
    y = rng.binomial(m, own).astype(float)
    test, m = np.repeat(np.arange(len(counts)), counts), m.astype(float)
    parts = (m, y, y**2, m**2, m * y, m**3, m**2 * y, m * y**2)
    return np.array([np.bincount(test, part, minlength=len(counts)) for part in parts])
