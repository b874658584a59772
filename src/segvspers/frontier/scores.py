"""Doubly robust scores of a randomised test, every block judged by what the blocks before it taught.

The score of contact i for arm a is ``mu_a(x_i) + 1{A_i = a} (Y_i - mu_a(x_i)) / e_i``: its mean over contacts is what
arm a would bring them, whatever mu is, as long as the propensities e are those of the draw. A policy that was
learned on earlier blocks is worth the mean score of what it chooses.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from segvspers.frontier.cells import N_WARM, RandomisedTest, Sums, sum_cells
from segvspers.frontier.means import CellMeans


@dataclass(frozen=True, slots=True, eq=False)
class Learned:
    """What a test teaches, block by block.

    Attributes
    ----------
    test, sums
        The contacts and their sums by block, cell and arm.
    means
        ``(n_blocks + 1, n_cells, n_arms)``: expected outcome of a cell under an arm, learned on the blocks before;
        nan for the first two blocks, which are only learned from. The last entry is learned on all blocks.
    """

    test: RandomisedTest
    sums: Sums
    means: np.ndarray

    @property
    def scored(self) -> range:
        """Blocks that policies are valued on."""
        return range(N_WARM, self.test.n_blocks)

    @property
    def final(self) -> np.ndarray:
        """Expected outcomes ``(n_cells, n_arms)`` learned on the whole test, for choosing and never for valuing."""
        return self.means[-1]


@dataclass(frozen=True, slots=True, eq=False)
class Moments:
    """Means of several policies with the covariance of their errors; `n` contacts were scored, `df` units tell the errors."""

    mean: np.ndarray
    covariance: np.ndarray
    n: int
    df: float = np.inf

    @property
    def se(self) -> np.ndarray:
        """Standard errors of the means."""
        return np.sqrt(np.diag(self.covariance))


def learn(test: RandomisedTest) -> Learned:
    """Fit the expected outcomes before every block, and on the whole test.

    Parameters
    ----------
    test
        As `read_test` returns it.

    Returns
    -------
    Learned
        With expected outcomes for blocks 2 and later (from 0), and of the whole test last.

    Examples
    --------
    >>> from segvspers.frontier.read import read_test
    >>> import pandas as pd
    >>> seen = pd.DataFrame({"variant": ["a", "b"] * 200, "replied": [k % 8 < 3 for k in range(400)],
    ...                      "plan": ["free", "free", "paid", "paid"] * 100})
    >>> learned = learn(read_test(seen, features=["plan"]))
    >>> learned.means.shape
    (11, 2, 2)
    """
    sums = sum_cells(test)
    model = CellMeans(test)
    means = np.full((test.n_blocks + 1, test.n_cells, len(test.arms)), np.nan)
    for block in range(N_WARM, test.n_blocks + 1):
        known = sums.before(block)
        means[block] = model.fit(known.n, known.y, known.y2)
    return Learned(test, sums, means)


def score_contacts(learned: Learned) -> np.ndarray:
    """Return the doubly robust scores of every contact, ``(n_contacts, n_arms)``.

    Rows of the first two blocks are nan: nothing had been learned before them.
    """
    test = learned.test
    scores = learned.means[test.block, test.cell]
    rows = np.arange(test.n_contacts)
    own = scores[rows, test.arm]
    scores[rows, test.arm] = own + (test.outcome - own) / test.propensity
    return scores


def value_policies(learned: Learned, choices: np.ndarray) -> Moments:
    """Return the value per contact of policies, each chosen before the block that it is valued on.

    Parameters
    ----------
    learned
        As `learn` returns it.
    choices
        ``(n_policies, n_blocks, n_cells)``: the place of the arm that a policy gives a cell in a block. What stands
        for a block must have been chosen from the blocks before it.

    Returns
    -------
    Moments
        Means over the scored blocks, and the covariance of their errors: of contacts, or of units when contacts
        were drawn by unit. Policies that choose alike for a contact share that contact's score, so the
        variance of a difference counts only the contacts on whom they differ.

    Notes
    -----
    Blocks are centred on their own means, since each block has policies of its own: given the blocks before, the
    error of a block has mean zero, so that errors of blocks add up (a martingale). By contact, everything follows
    from the sums by block, cell and arm; by unit, scores are added up within units first.

    References
    ----------
    Luedtke, A. R. and van der Laan, M. J. (2016). Statistical inference for the mean outcome under a possibly
    non-unique optimal treatment strategy. Annals of Statistics 44, 713-742. Wager, S. (2024). Sequential validation
    of treatment heterogeneity. arXiv 2405.05534.
    """
    return _by_unit(learned, choices) if learned.test.clustered else _by_contact(learned, choices)


def _by_contact(learned: Learned, choices: np.ndarray) -> Moments:
    sums, n_policies = learned.sums, len(choices)
    total, covariance, n = np.zeros(n_policies), np.zeros((n_policies, n_policies)), 0.0
    for block in learned.scored:
        first, second, size = _block_moments(sums, learned.means[block], choices[:, block], block)
        total += first
        covariance += (second - np.outer(first, first) / size) * size / max(size - 1, 1.0)
        n += size
    return Moments(total / n, covariance / n**2, int(n), n - len(learned.scored))


def _block_moments(
    sums: Sums, means: np.ndarray, choice: np.ndarray, block: int
) -> tuple[np.ndarray, np.ndarray, float]:
    """Return sums of scores, sums of their products, and contacts of one block."""
    contacts = sums.n[block].sum(axis=1)
    cells = np.arange(len(contacts))[None, :]
    mu = means[cells, choice]
    w, wy = sums.w[block][cells, choice], sums.wy[block][cells, choice]
    w2, w2y, w2y2 = (getattr(sums, name)[block][cells, choice] for name in ("w2", "w2y", "w2y2"))
    miss = wy - mu * w
    missed = w2y2 - 2 * mu * w2y + mu**2 * w2
    first = (mu * contacts + miss).sum(axis=1)
    crossed = mu @ (mu * contacts).T + mu @ miss.T + miss @ mu.T
    for arm in range(sums.n.shape[2]):
        chosen = choice == arm
        crossed += np.where(chosen, missed, 0.0) @ chosen.T
    return first, crossed, float(contacts.sum())


def _by_unit(learned: Learned, choices: np.ndarray) -> Moments:
    test, n_policies = learned.test, len(choices)
    total, covariance, n, df = np.zeros(n_policies), np.zeros((n_policies, n_policies)), 0, 0
    for block in learned.scored:
        rows = np.flatnonzero(test.block == block)
        scores = _chosen_scores(learned, rows, choices[:, block], block)
        unit = np.unique(test.unit[rows], return_inverse=True)[1]
        size = np.bincount(unit).astype(float)
        first = scores.sum(axis=1)
        sums = np.stack([np.bincount(unit, weights=one) for one in scores])
        off = sums - np.outer(first / len(rows), size)
        total += first
        covariance += off @ off.T * len(size) / max(len(size) - 1, 1)
        n += len(rows)
        df += len(size) - 1
    return Moments(total / n, covariance / n**2, n, float(df))


def _chosen_scores(learned: Learned, rows: np.ndarray, choice: np.ndarray, block: int) -> np.ndarray:
    """Return the score of what each policy chooses for the contacts of one block, ``(n_policies, n_rows)``."""
    test = learned.test
    cell = test.cell[rows]
    chosen = choice[:, cell]
    mu = learned.means[block][cell[None, :], chosen]
    got = chosen == test.arm[rows]
    return mu + np.where(got, (test.outcome[rows] - mu) / test.propensity[rows], 0.0)
