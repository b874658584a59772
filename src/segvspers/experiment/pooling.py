"""Lifts of groups put together: their mean, how much they differ beyond chance, shrunken lifts, ranks, corrections."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

RANK_DRAWS = 20_000
CORRECTIONS = {"bh": "fdr_bh", "holm": "holm"}


@dataclass(frozen=True, slots=True)
class Pooled:
    """Mean lift over groups, and how much the groups' true lifts differ.

    `tau` is the spread of true lifts, `q` Cochran's Q, `i_squared` the share of the variation that is more than chance.
    """

    lift: float
    lift_se: float
    tau: float
    q: float
    q_p_value: float
    i_squared: float


def pool(lift: np.ndarray, se: np.ndarray) -> Pooled:
    """Return the random-effects mean; the fixed-effect mean when the groups differ no more than by chance.

    References
    ----------
    DerSimonian, R. and Laird, N. (1986). Meta-analysis in clinical trials. Controlled Clinical Trials 7, 177-188.
    Higgins, J. P. T. and Thompson, S. G. (2002). Quantifying heterogeneity. Statistics in Medicine 21, 1539-1558.
    """
    from scipy.special import chdtrc
    from statsmodels.stats.meta_analysis import combine_effects

    with np.errstate(
        divide="ignore", invalid="ignore"
    ):  # a negative moment estimate of tau squared has no root; it stands for zero
        found = combine_effects(lift, se**2, method_re="chi2")
        frame = found.summary_frame()
    spread = found.tau2 > 0
    mean = frame.loc["random effect" if spread else "fixed effect"]
    q, df = float(found.q), len(lift) - 1
    return Pooled(
        lift=float(mean["eff"]),
        lift_se=float(mean["sd_eff"]),
        tau=float(np.sqrt(found.tau2)) if spread else 0.0,
        q=q,
        q_p_value=float(chdtrc(df, q)),
        i_squared=max(0.0, (q - df) / q) if q > 0 else 0.0,
    )


def shrink(lift: np.ndarray, se: np.ndarray, pooled: Pooled) -> tuple[np.ndarray, np.ndarray]:
    """Return lifts drawn to the mean by empirical Bayes, and their standard errors (Morris 1983).

    Without spread between groups every group has the common lift.
    """
    weight = _weight(se, pooled)
    shrunk = weight * lift + (1 - weight) * pooled.lift
    return shrunk, np.sqrt(weight * se**2 + (1 - weight) ** 2 * pooled.lift_se**2)


def rank(lift: np.ndarray, se: np.ndarray, pooled: Pooled, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return the probability that each group has the largest true lift, and its mean rank (1 is largest).

    Draws of the groups' true lifts given the data; groups that share one lift share the ranks evenly.
    """
    k = len(lift)
    if pooled.tau == 0:
        return np.full(k, 1 / k), np.full(k, (k + 1) / 2)
    weight = _weight(se, pooled)
    mean = rng.normal(pooled.lift, pooled.lift_se, (RANK_DRAWS, 1))
    true = weight * lift + (1 - weight) * mean + np.sqrt(weight) * se * rng.standard_normal((RANK_DRAWS, k))
    order = (-true).argsort(axis=1)
    best = np.bincount(order[:, 0], minlength=k) / RANK_DRAWS
    places = np.bincount(order.ravel(), weights=np.tile(np.arange(1.0, k + 1), RANK_DRAWS), minlength=k) / RANK_DRAWS
    return best, places


def correct(p_values: np.ndarray, correction: str) -> np.ndarray:
    """Return p-values corrected for looking at all of them: ``"bh"`` (Benjamini-Hochberg) or ``"holm"``."""
    from statsmodels.stats.multitest import multipletests

    return multipletests(p_values, method=CORRECTIONS[correction])[1]


def _weight(se: np.ndarray, pooled: Pooled) -> np.ndarray:
    between = pooled.tau**2
    return between / (between + se**2)
