"""What each group gains by another variant: its own evidence, drawn to what contacts alike in part show.

The gain of a cell is what it answers anyway times a relative gain: a common mean, an effect of each level of each feature, and
a rest of its own, all normal (a small-area model). How much groups differ is itself not known: it is averaged over, by how
likely the test makes it; and "not at all" is held as probable beforehand as all other answers together, so that groups are told
apart only where the test speaks for it. The largest of many noisy gains is not taken at its face.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from segvspers.frontier.cells import RandomisedTest, Sums

WIDE = 1e4
DIFFER_BEFORE = 0.5  # probability, before the test, that groups differ at all
PRIOR_SD = 0.5  # of relative gains between groups: from halving to half as much again is usual
N_DRAWS, N_OWN, MOST_KEPT = 512, 8, 80


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """Relative gains under one answer to how much groups differ.

    Attributes
    ----------
    weight
        Probability of that answer.
    spread
        Standard deviations of the effects of each feature, and of the cells' own rest last.
    mean
        ``(n_cells,)``.
    bread, keep, own
        Covariance of the coefficients; the weight of a cell's own evidence; the variance of its own rest.
    """

    weight: float
    spread: np.ndarray
    mean: np.ndarray
    bread: np.ndarray
    keep: np.ndarray
    own: np.ndarray

    def variances(self, x: np.ndarray, shares: np.ndarray) -> np.ndarray:
        """Return the variances of averages ``(n_averages, n_cells)`` of relative gains."""
        loose = (shares * (1 - self.keep)) @ x
        return shares**2 @ self.own + np.einsum("ij,jk,ik->i", loose, self.bread, loose)

    def sd(self, x: np.ndarray) -> np.ndarray:
        """Return the standard deviation of each cell's relative gain."""
        loose = (1 - self.keep)[:, None] * x
        return np.sqrt(self.own + np.einsum("ij,jk,ik->i", loose, self.bread, loose))


@dataclass(frozen=True, slots=True, eq=False)
class Gains:
    """Gains of one variant over another by cell.

    Attributes
    ----------
    mean, sd
        ``(n_cells,)``, groups being different: averaged over how much they may differ.
    mean_alike, sd_alike
        The same if all groups had one relative gain.
    p_differ
        Probability that groups differ in their relative gain.
    spread
        Standard deviation of the effects of each feature on the relative gain, and of the cells' own rest last.
    """

    mean: np.ndarray
    sd: np.ndarray
    mean_alike: np.ndarray
    sd_alike: np.ndarray
    p_differ: float
    spread: np.ndarray
    scale: np.ndarray
    x: np.ndarray
    parts: tuple[Part, ...]

    @property
    def told_apart(self) -> bool:
        """Tell whether it is more probable than not that groups differ, so that each is judged by itself."""
        return self.p_differ > 0.5

    def average(self, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return mean and standard deviation of averages over cells; `weights` is ``(n_averages, n_cells)``."""
        shares = weights / weights.sum(axis=1, keepdims=True) * self.scale
        means = np.stack([shares @ part.mean for part in self.parts])
        variances = np.stack([part.variances(self.x, shares) for part in self.parts])
        return _mixed(np.array([part.weight for part in self.parts]), means, variances)


def see_gains(
    test: RandomisedTest, known: Sums, means: np.ndarray, *, arm: int, default: int, inflation: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the gain seen in each cell with contacts, its variance, and the places of those cells.

    Notes
    -----
    A transformed outcome: (Y - h)(1{A = arm}/e - 1{A = default}/e'), whose mean is the gain whatever h is; h is the expected
    outcome weighted by the other variant's chance, which makes it least noisy. `inflation` is the design effect of
    units that were drawn together.
    """
    n = known.n.sum(axis=1)
    cells = np.flatnonzero(n > 0)
    inverse = [known.w2[:, place].sum() / n.sum() for place in (arm, default)]
    chance = [1 / one for one in inverse]
    h = (chance[1] * means[cells, arm] + chance[0] * means[cells, default]) / (chance[0] + chance[1])
    parts = [known.wy[cells, place] - h * known.w[cells, place] for place in (arm, default)]
    seen = (parts[0] - parts[1]) / n[cells]
    spread = [
        _variance(test, known, means[cells, place], place) + (means[cells, place] - h) ** 2 for place in (arm, default)
    ]
    variance = (inverse[0] * spread[0] + inverse[1] * spread[1]) / n[cells]
    return seen, np.maximum(variance * inflation, 1e-15), cells


def _variance(test: RandomisedTest, known: Sums, means: np.ndarray, arm: int) -> np.ndarray:
    if test.kind == "rate":
        kept = np.clip(means, 1e-6, 1 - 1e-6)
        return kept * (1 - kept)
    n, y, y2 = known.n[:, arm], known.y[:, arm], known.y2[:, arm]
    inside = float((y2 - y**2 / np.maximum(n, 1.0)).sum())
    return np.full(len(means), max(inside, 0.0) / max(n.sum() - (n > 0).sum(), 1.0))


def fit_gains(
    levels: np.ndarray,
    seen: np.ndarray,
    variance: np.ndarray,
    cells: np.ndarray,
    scale: np.ndarray,
    *,
    rest: bool = True,
) -> Gains:
    """Return the gains of all cells, also of those without contacts.

    Parameters
    ----------
    levels
        ``(n_cells, n_features)``.
    seen, variance, cells
        Gains seen, their variances, and the cells that they are of.
    scale
        ``(n_cells,)``: expected outcome whatever the variant, in proportion to which cells are expected to gain alike.
    rest
        Whether cells may differ by more than the effects of their levels; not where their means are far from normal.

    Notes
    -----
    Each feature's standard deviation is 0 or half-normal with scale 0.5, with equal chances, and so is that of the cells' own rest;
    all are 0 with probability 1/2. The integral over them is a sum over a low-discrepancy sequence, weighted by the
    marginal likelihood; given them, gains are best linear unbiased predictions (Fay and Herriot 1979, with effects of levels
    as a second layer). statsmodels' mixed models take no known variance for each row.

    References
    ----------
    Fay, R. E. and Herriot, R. A. (1979). Journal of the American Statistical Association 74, 269-277. Gelman, A. (2006).
    Prior distributions for variance parameters in hierarchical models. Bayesian Analysis 1, 515-533.
    """
    x, group = design(levels)
    y, noise = seen / scale[cells], variance / scale[cells] ** 2
    spreads, chances = _spreads(int(group.max()) + 1, rest=rest or group.max() == 0)
    likely = marginal_likelihoods(x[cells], group, y, noise, spreads)
    weights = chances * np.exp(likely - likely.max())
    alike = float(weights[0] / weights.sum())
    weights[0] = 0.0
    kept = np.argsort(-weights, kind="stable")[:MOST_KEPT]
    parts = tuple(
        predict(x, group, y, noise, cells, spreads[place], weights[place] / weights[kept].sum()) for place in kept
    )
    same = predict(x, group, y, noise, cells, spreads[0], 1.0)
    mean, sd = _mixed(
        np.array([part.weight for part in parts]), np.stack([part.mean for part in parts]),
        np.stack([part.sd(x) ** 2 for part in parts]),
    )  # fmt: skip
    return Gains(
        scale * mean, scale * sd, scale * same.mean, scale * same.sd(x), 1 - alike,
        weights @ spreads / weights.sum(), scale, x, parts,
    )  # fmt: skip


def design(levels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return an intercept and a 0/1 column a level, and the feature of each column; one feature is told by its cells."""
    blocks, group = [np.ones((len(levels), 1))], [np.zeros(1, dtype=int)]
    for place in range(levels.shape[1] if levels.shape[1] > 1 else 0):
        hot = np.zeros((len(levels), int(levels[:, place].max()) + 1))
        hot[np.arange(len(levels)), levels[:, place]] = 1.0
        blocks.append(hot)
        group.append(np.full(hot.shape[1], place + 1))
    return np.hstack(blocks), np.concatenate(group)


def _spreads(n: int, *, rest: bool) -> tuple[np.ndarray, np.ndarray]:
    """Return standard deviations ``(n_draws, n)`` and their chances before the test; the first are all 0."""
    from scipy.stats import norm, qmc

    draws = qmc.Sobol(2 * n, scramble=False).random(N_DRAWS)
    found = np.where(draws[:, :n] < 0.5, 0.0, PRIOR_SD * norm.ppf(0.5 + draws[:, n:] / 2))
    # A few values for the cells' own rest: the costly products are then taken once for each.
    own = np.r_[0.0, PRIOR_SD * norm.ppf(0.5 + (np.arange(N_OWN) + 0.5) / N_OWN / 2)]
    found[:, -1] = own[np.abs(found[:, -1:] - own).argmin(axis=1)]
    if not rest:
        found[:, -1] = 0.0
    found = found[(found > 0).any(axis=1)]
    return np.vstack([np.zeros(n), found]), np.r_[1 - DIFFER_BEFORE, np.full(len(found), DIFFER_BEFORE / len(found))]


def _prior(group: np.ndarray, spreads: np.ndarray, y: np.ndarray, noise: np.ndarray) -> np.ndarray:
    """Return the prior standard deviation of each coefficient; that of the intercept is wide."""
    wide = np.sqrt(WIDE * max(len(y) / (1 / noise).sum(), float(np.average(y**2, weights=1 / noise))))
    return np.concatenate([np.full((len(spreads), 1), wide), spreads[:, :-1]], axis=1)[:, group]


def marginal_likelihoods(
    x: np.ndarray, group: np.ndarray, y: np.ndarray, noise: np.ndarray, spreads: np.ndarray
) -> np.ndarray:
    """Return the log likelihood of relative gains seen under each row of standard deviations, up to a constant."""
    found = np.empty(len(spreads))
    root = _prior(group, spreads, y, noise)
    for own in np.unique(spreads[:, -1]):
        rows = np.flatnonzero(spreads[:, -1] == own)
        weight = 1 / (noise + own**2)
        cross, toward = x.T @ (weight[:, None] * x), x.T @ (weight * y)
        inner = np.eye(x.shape[1]) + root[rows][:, :, None] * cross * root[rows][:, None, :]
        pull = root[rows] * toward
        told = (pull * np.linalg.solve(inner, pull[..., None])[..., 0]).sum(axis=1)
        found[rows] = -0.5 * (np.linalg.slogdet(inner)[1] - np.log(weight).sum() + weight @ y**2 - told)
    return found


def predict(
    x: np.ndarray,
    group: np.ndarray,
    y: np.ndarray,
    noise: np.ndarray,
    cells: np.ndarray,
    spread: np.ndarray,
    weight: float,
) -> Part:
    """Return the relative gains of all cells given the standard deviations."""
    root = _prior(group, spread[None, :], y, noise)[0]
    known = 1 / (noise + spread[-1] ** 2)
    inner = np.eye(x.shape[1]) + root[:, None] * (x[cells].T @ (known[:, None] * x[cells])) * root
    bread = root[:, None] * np.linalg.inv(inner) * root
    beta = bread @ (x[cells].T @ (known * y))
    keep, own, full = np.zeros(len(x)), np.full(len(x), spread[-1] ** 2), np.zeros(len(x))
    keep[cells] = spread[-1] ** 2 * known
    own[cells] = keep[cells] * noise
    full[cells] = y
    return Part(float(weight), spread, x @ beta + keep * (full - x @ beta), bread, keep, own)


def _mixed(weights: np.ndarray, means: np.ndarray, variances: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return mean and standard deviation of a mixture."""
    mean = weights @ means
    return mean, np.sqrt(weights @ (variances + (means - mean) ** 2))
