"""Whether other contacts of the same kind would have given the same segments."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from segvspers.segments.methods.learning import Learner

N_REFITTED = 3_000
# Hennig (2007): a mean Jaccard of 0.75 or more is a valid, stable cluster; below 0.6 it should not be trusted.
STABLE, DOUBTFUL = 0.75, 0.6


@dataclass(frozen=True, slots=True, eq=False)
class Agreement:
    """How refits agree with the segments: `rand` one number a refit, `jaccard` refits by segments."""

    rand: np.ndarray
    jaccard: np.ndarray

    def band(self) -> dict[str, float]:
        """Return the mean, lowest and highest adjusted Rand index."""
        if not len(self.rand):
            return {}
        return {
            "stability": float(self.rand.mean()),
            "stability_low": float(self.rand.min()),
            "stability_high": float(self.rand.max()),
        }


def refit_agreement(
    learner: Learner, model: Any, k: int, *, rows: np.ndarray, n_resamples: int, rng: np.random.Generator
) -> Agreement:
    """Return how segments of bootstrap samples agree with `model`, on at most 3,000 of `rows`.

    Notes
    -----
    Each bootstrap sample is fitted anew and assigns all rows. The Jaccard coefficient of a segment is that of
    the refit's segment most like it (Hennig 2007, *Computational Statistics & Data Analysis* 52, 258-271);
    the adjusted Rand index compares the whole partitions (Hubert and Arabie 1985).
    """
    if not n_resamples:
        return Agreement(np.array([]), np.empty((0, k)))
    from sklearn.metrics import adjusted_rand_score

    few = rows[:N_REFITTED]
    own = learner.labels(model, few)
    rand, jaccard = [], []
    for _ in range(n_resamples):
        drawn = few[rng.integers(0, len(few), len(few))]
        other = learner.labels(learner.fit(k, rng=rng, rows=drawn, effort="refit"), few)
        rand.append(adjusted_rand_score(own, other))
        jaccard.append(best_jaccard(crossing(own, other, k)))
    return Agreement(np.array(rand), np.array(jaccard).reshape(len(rand), -1))


def crossing(first: np.ndarray, second: np.ndarray, k: int) -> np.ndarray:
    """Return how many rows each pair of segments shares."""
    n_second = max(k, int(second.max()) + 1)
    n_first = max(k, int(first.max()) + 1)
    return np.bincount(first * n_second + second, minlength=n_first * n_second).reshape(n_first, n_second)


def best_jaccard(table: np.ndarray) -> np.ndarray:
    """Return, for each row segment, its Jaccard coefficient with the column segment most like it."""
    union = table.sum(axis=1, keepdims=True) + table.sum(axis=0, keepdims=True) - table
    with np.errstate(invalid="ignore"):
        shares = np.where(union > 0, table / np.maximum(union, 1), np.nan)
    filled = table.sum(axis=1) > 0
    return np.where(filled, np.nan_to_num(shares, nan=0.0).max(axis=1), np.nan)


def match_segments(table: np.ndarray) -> np.ndarray:
    """Return, for each row segment, the column segment it is matched with, or -1; rows shared are most.

    Notes
    -----
    The assignment problem (Kuhn 1955), so that each is matched once.
    """
    from scipy.optimize import linear_sum_assignment

    matched = np.full(table.shape[0], -1)
    rows, columns = linear_sum_assignment(-table)
    matched[rows] = columns
    return matched
