"""What each cell is expected to answer to each arm: ridge regressions on cells, shrunken as far as the data say."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np

from segvspers.frontier.cells import RandomisedTest

MOST_PAIRS = 400
N_STEPS, TOLERANCE = 60, 2e-3
FIXED_TOLERANCE = 1e-9
LEAST_SPREAD, MOST_SPREAD, FIRST_SPREAD = 1e-6, 25.0, 0.1


@dataclass(frozen=True, slots=True, eq=False)
class Design:
    """Cells as 0/1 columns; `group` says which columns share one ridge, 0 being the intercept."""

    columns: np.ndarray
    group: np.ndarray


def cell_design(test: RandomisedTest, *, pairs: bool = False) -> Design:
    """Return the levels of each feature as 0/1 columns of the cells, and of each pair of features with `pairs`.

    Pairs are left out when they would make more than 400 columns.
    """
    blocks = [np.ones((test.n_cells, 1))]
    blocks += [_one_hot(test.cell_levels[:, place]) for place in range(test.cell_levels.shape[1])]
    group = [np.full(block.shape[1], place) for place, block in enumerate(blocks)]
    crossed = []
    if pairs:
        for a, b in combinations(range(test.cell_levels.shape[1]), 2):
            levels = test.cell_levels[:, a].astype(np.int64) * (test.cell_levels[:, b].max() + 1)
            crossed.append(np.unique(levels + test.cell_levels[:, b], return_inverse=True)[1])
    if crossed and sum(int(codes.max()) + 1 for codes in crossed) <= MOST_PAIRS:
        own = [_one_hot(codes) for codes in crossed]
        group += [np.full(block.shape[1], len(blocks)) for block in own]
        blocks += own
    return Design(np.hstack(blocks), np.concatenate(group))


def _one_hot(codes: np.ndarray) -> np.ndarray:
    found = np.zeros((len(codes), int(codes.max()) + 1))
    found[np.arange(len(codes)), codes] = 1.0
    return found


class CellMeans:
    """Expected outcome of each cell under each arm, learned from sums.

    Notes
    -----
    One pooled fit over the templates with main effects and pairs of features; then each arm's own deviation from
    it, with main effects, the pooled fit as its offset. Logistic for rates, linear for amounts. The ridge of each
    feature is its variance component, common to the templates and found by the fixed point of MacKay (1992), so
    that templates that work alike are made alike. Individual emails and the holdout deviate by themselves.
    """

    def __init__(self, test: RandomisedTest) -> None:
        self.kind = test.kind
        self.pooled, self.own = cell_design(test, pairs=True), cell_design(test)
        alone = [np.array([place]) for place in (test.individual, test.holdout) if place >= 0]
        self.groups = [test.templates, *alone]
        self.start: dict[int, tuple[np.ndarray, np.ndarray]] = {}

    def fit(self, n: np.ndarray, y: np.ndarray, y2: np.ndarray) -> np.ndarray:
        """Return the expected outcomes ``(n_cells, n_arms)`` for sums ``(n_cells, n_arms)`` each.

        Successive fits start where the last one ended, and stop when expected outcomes move by less than 0.2 %.
        """
        noise = 1.0 if self.kind == "rate" else _noise(n, y, y2)
        first = self.groups[0]
        pooled_n, pooled_y = n[:, first].sum(axis=1), y[:, first].sum(axis=1)
        base = _level(pooled_n, pooled_y, self.kind)
        shape = (1, len(n))
        offset = self._deviate(0, self.pooled, pooled_n.reshape(shape), pooled_y.reshape(shape),
                               np.full(shape, base), noise)[0]  # fmt: skip
        found = np.empty_like(n)
        for key, places in enumerate(self.groups, start=1):
            eta = self._deviate(key, self.own, n[:, places].T, y[:, places].T, offset[None, :], noise)
            found[:, places] = eta.T
        return 1 / (1 + np.exp(-found)) if self.kind == "rate" else found

    def _deviate(
        self, key: int, design: Design, n: np.ndarray, y: np.ndarray, offset: np.ndarray, noise: float
    ) -> np.ndarray:
        start = self.start.get(key)
        beta, spread = fit_ridge(design, n, y, offset, kind=self.kind, noise=noise, start=start)
        self.start[key] = beta, spread
        return offset + beta @ design.columns.T


def fit_ridge(
    design: Design,
    n: np.ndarray,
    y: np.ndarray,
    offset: np.ndarray,
    *,
    kind: str = "rate",
    noise: float = 1.0,
    spread: np.ndarray | None = None,
    start: tuple[np.ndarray, np.ndarray] | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Fit one ridge regression an arm on cells, with an offset and a common variance component a group of columns.

    Parameters
    ----------
    design
        Columns ``(n_cells, p)`` and their groups.
    n, y, offset
        Contacts, sums of outcomes and offset, ``(n_arms, n_cells)`` each.
    kind, noise
        ``"rate"`` (logistic) or ``"amount"`` (linear with this variance of an outcome).
    spread
        Variance of the coefficients of each group; estimated when left out.
    start
        Coefficients and variances to start from.

    Returns
    -------
    tuple of numpy.ndarray
        Coefficients ``(n_arms, p)`` and variances, one a group.

    Notes
    -----
    Newton's steps (iteratively reweighted least squares), all arms at once; between steps each variance is set to
    sum of squares over effective number of coefficients. scikit-learn's LogisticRegression takes no offset and
    no variance by group, and would have to be called once an arm, block and candidate ridge.

    References
    ----------
    MacKay, D. J. C. (1992). Bayesian interpolation. Neural Computation 4, 415-447, section 4.
    """
    x, n_groups = design.columns, int(design.group.max()) + 1
    scale = 1.0 if kind == "rate" else max(noise, 1e-12)
    beta = np.zeros((len(n), x.shape[1])) if start is None else start[0].copy()
    fixed = spread is not None
    first = FIRST_SPREAD * (1.0 if kind == "rate" else scale)
    tau = np.asarray(spread, dtype=float) if fixed else np.full(n_groups, first) if start is None else start[1].copy()
    unit = 1.0 if kind == "rate" else scale
    for _ in range(N_STEPS):
        precision = 1 / tau[design.group]
        curve, slope = _derivatives(x, beta, n, y, offset, kind, scale)
        curve = curve + np.diag(precision)
        move = np.linalg.solve(curve, (slope - beta * precision)[..., None])[..., 0]
        beta = beta + np.clip(move, -2.0, 2.0) if kind == "rate" else beta + move
        if not fixed:
            tau = np.clip(_spread(beta, curve, tau, design.group, n_groups), LEAST_SPREAD * unit, MOST_SPREAD * unit)
        told = (n * (move @ x.T) ** 2).sum(axis=1) / np.maximum(n.sum(axis=1), 1.0)
        if np.sqrt(told.max() / unit) < (FIXED_TOLERANCE if fixed else TOLERANCE):
            break
    return beta, tau


def _derivatives(
    x: np.ndarray, beta: np.ndarray, n: np.ndarray, y: np.ndarray, offset: np.ndarray, kind: str, scale: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return curvature ``(n_arms, p, p)`` and slope ``(n_arms, p)`` of the log-likelihood."""
    eta = offset + beta @ x.T
    if kind == "rate":
        share = 1 / (1 + np.exp(-eta))
        weight, left = n * share * (1 - share), y - n * share
    else:
        weight, left = n / scale, (y - n * eta) / scale
    return np.stack([x.T @ (one[:, None] * x) for one in weight]), left @ x


def _spread(beta: np.ndarray, curve: np.ndarray, tau: np.ndarray, group: np.ndarray, n_groups: int) -> np.ndarray:
    """Return the variance of each group of coefficients: squares over the effective number of coefficients."""
    free = 1 - np.diagonal(np.linalg.inv(curve), axis1=1, axis2=2) / tau[group]
    squares = np.bincount(group, weights=(beta**2).sum(axis=0), minlength=n_groups)
    number = np.bincount(group, weights=free.sum(axis=0), minlength=n_groups)
    return squares / np.maximum(number, 1e-9)


def _level(n: np.ndarray, y: np.ndarray, kind: str) -> float:
    rate = float(y.sum() / max(n.sum(), 1.0))
    if kind == "amount":
        return rate
    kept = min(max(rate, 0.5 / max(n.sum(), 1.0)), 1 - 0.5 / max(n.sum(), 1.0))
    return float(np.log(kept / (1 - kept)))


def _noise(n: np.ndarray, y: np.ndarray, y2: np.ndarray) -> float:
    """Return the variance of an outcome within cells and arms."""
    inside = (y2 - y**2 / np.maximum(n, 1.0)).sum()
    free = n.sum() - (n > 0).sum()
    return float(inside / free) if free > 0 and inside > 0 else 1.0
