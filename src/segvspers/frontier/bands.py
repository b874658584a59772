"""Intervals that hold for one difference, and bands that hold for all of them at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

N_DRAWS = 20_000


@dataclass(frozen=True, slots=True, eq=False)
class Band:
    """Differences with their intervals, each alone (`low`, `high`) and all at once (`band_low`, `band_high`)."""

    estimate: np.ndarray
    se: np.ndarray
    low: np.ndarray
    high: np.ndarray
    band_low: np.ndarray
    band_high: np.ndarray
    critical: float


def contrast_band(
    mean: np.ndarray,
    covariance: np.ndarray,
    contrasts: np.ndarray,
    *,
    confidence: float,
    rng: np.random.Generator,
    df: float = np.inf,
) -> Band:
    """Return contrasts of means with pointwise intervals and a simultaneous band.

    Parameters
    ----------
    mean, covariance
        Means of policies and the covariance of their errors.
    contrasts
        ``(n_contrasts, n_policies)``.
    confidence
        Level of each interval, and of the whole band.
    rng
        Draws of the multipliers.
    df
        Degrees of freedom of the errors: units less blocks.

    Notes
    -----
    The band is the estimate -+ c standard errors, where c is the quantile of the largest of all |t| under Gaussian
    multipliers of the scores. Given the scores, sums under such multipliers are jointly normal with the scores'
    covariance, so they are drawn from it directly, and divided by one draw of the error's spread (Student's t). A
    contrast of policies that agree on everybody is 0 for sure.

    References
    ----------
    Chernozhukov, V., Chetverikov, D. and Kato, K. (2013). Gaussian approximations and multiplier bootstrap for maxima of
    sums of high-dimensional random vectors. Annals of Statistics 41, 2786-2819.
    """
    from scipy.stats import t

    estimate = contrasts @ mean
    own = contrasts @ covariance @ contrasts.T
    scale = float(np.diag(covariance).max())
    variance = np.where(np.diag(own) > 1e-12 * scale, np.diag(own), 0.0)
    se = np.sqrt(variance)
    pointwise = float(t.ppf(0.5 + confidence / 2, df))
    critical = max(_critical(own, se, confidence, rng, df), pointwise)
    return Band(estimate, se, estimate - pointwise * se, estimate + pointwise * se,
                estimate - critical * se, estimate + critical * se, critical)  # fmt: skip


def _critical(covariance: np.ndarray, se: np.ndarray, confidence: float, rng: np.random.Generator, df: float) -> float:
    known = se > 0
    if known.sum() < 2:
        return 0.0
    correlation = covariance[np.ix_(known, known)] / np.outer(se[known], se[known])
    values, vectors = np.linalg.eigh((correlation + correlation.T) / 2)
    root = vectors * np.sqrt(np.maximum(values, 0.0))
    largest = np.abs(rng.standard_normal((N_DRAWS, len(root))) @ root.T).max(axis=1)
    if np.isfinite(df):
        largest = largest / np.sqrt(rng.chisquare(df, N_DRAWS) / df)
    return float(np.quantile(largest, confidence))
