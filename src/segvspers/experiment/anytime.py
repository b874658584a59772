"""Evidence that may be looked at as often as one likes: confidence sequences and e-values."""

from __future__ import annotations

from typing import Any

import numpy as np

LOG_ODDS = np.linspace(-5.0, 5.0, 401)
PRIOR_SD = 0.5


def mixture_scale(alpha: float, n_tuned: float) -> float:
    """Return the scale rho of the normal mixture whose sequence is narrowest at `n_tuned` units.

    References
    ----------
    Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas (2024), Annals of Statistics 52, 2613, appendix B.2.

    Examples
    --------
    >>> round(mixture_scale(0.05, 5000), 9)
    0.039840067
    """
    spent = -2 * np.log(alpha)
    return float(np.sqrt((spent + np.log1p(spent)) / n_tuned))


def sequence_half_width(variance: Any, n: Any, *, alpha: float, n_tuned: float) -> Any:
    """Return half the width of the asymptotic confidence sequence of a mean or a difference of means.

    Parameters
    ----------
    variance
        Squared standard error of the estimate after `n` units.
    n
        Independent units so far.

    Examples
    --------
    >>> round(float(sequence_half_width(1e-4, 1e4, alpha=0.05, n_tuned=5000)), 9)
    0.030614772
    """
    information = np.asarray(n, dtype=float) * mixture_scale(alpha, n_tuned) ** 2
    with np.errstate(divide="ignore", invalid="ignore"):
        factor = 2 * (information + 1) / information * np.log(np.sqrt(information + 1) / alpha)
    return np.sqrt(np.asarray(variance, dtype=float) * factor)


def normal_e_value(z: Any, n: Any, *, alpha: float, n_tuned: float) -> Any:
    """Return the e-value against no difference; it passes 1/alpha just when the sequence leaves zero out."""
    information = np.asarray(n, dtype=float) * mixture_scale(alpha, n_tuned) ** 2
    return np.exp(np.asarray(z, dtype=float) ** 2 * information / (2 * (1 + information))) / np.sqrt(1 + information)


def log_likelihoods(treated: int, untreated: int, replies: int, replies_treated: int) -> np.ndarray:
    """Return the log chance of so many treated among the replies of one look, for each log odds ratio of the grid.

    Given both numbers of contacts and all replies of a look, the treated among the replies follow Fisher's
    noncentral hypergeometric law, whatever the reply rate is.
    """
    from scipy.special import gammaln, logsumexp

    support = np.arange(max(0, replies - untreated), min(treated, replies) + 1)

    def ways(n: int, k: np.ndarray) -> np.ndarray:
        return gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1)

    weights = (ways(treated, support) + ways(untreated, replies - support))[None, :] + np.outer(LOG_ODDS, support)
    place = replies_treated - support[0]
    return weights[:, place] - logsumexp(weights, axis=1)


def exact_sequence(log_likelihood: np.ndarray, *, alpha: float) -> tuple[float, float, float]:
    """Return the e-value against an odds ratio of 1 and the sequence's ends for the log odds ratio.

    The likelihood ratio of a mixture of alternatives, Normal(0, 0.5) on the log odds ratio, to each value is an
    e-process for that value, exact at any count; values whose e-value is below 1/alpha form the sequence
    (Robbins 1970).
    """
    from scipy.special import logsumexp

    prior = -0.5 * (LOG_ODDS / PRIOR_SD) ** 2
    mixed = logsumexp(log_likelihood + prior - logsumexp(prior))
    e_values = np.exp(np.clip(mixed - log_likelihood, -700, 700))
    inside = LOG_ODDS[e_values < 1 / alpha]
    middle = len(LOG_ODDS) // 2
    if not len(inside):
        return float(e_values[middle]), float("nan"), float("nan")
    low = -np.inf if inside[0] == LOG_ODDS[0] else inside[0]
    high = np.inf if inside[-1] == LOG_ODDS[-1] else inside[-1]
    return float(e_values[middle]), float(low), float(high)


def lift_of_odds(log_odds: float, treated: int, untreated: int, replies: int) -> float:
    """Return the difference in reply rate that an odds ratio means when so many contacts replied in all.

    Examples
    --------
    >>> lift_of_odds(0.0, 100, 200, 30)
    0.0
    """
    from scipy.optimize import brentq

    most = min(treated, replies)
    least = max(0, replies - untreated)
    if log_odds == 0:
        return 0.0
    if np.isinf(log_odds):
        x = float(most if log_odds > 0 else least)
    else:

        def distance(x: float) -> float:
            a, b = x / treated, (replies - x) / untreated
            return float(np.log(a) + np.log1p(-b) - np.log(b) - np.log1p(-a) - log_odds)

        edge = 1e-9 * max(replies, 1)
        x = float(brentq(distance, least + edge, most - edge)) if most - least > 2 * edge else float(most)
    return x / treated - (replies - x) / untreated
