"""Intervals of two proportions that are defined at zero replies too, for one pair of arms or for many at once.

Counts are numbers or arrays and need not be whole: replies of clustered contacts are thinned by their design effect.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

Pair = tuple[Any, Any]
FARTHEST = 200.0
HALVINGS = 64
LONGEST_SUM = 100_000
TINY_CELL, LARGEST_TABLE = 5.0, 250_000


def wilson(replies: Any, n: Any, z: Any) -> Pair:
    """Return the score interval of a proportion (Wilson 1927)."""
    rate, square = replies / n, z * z
    middle = rate + square / (2 * n)
    reach = z * np.sqrt(np.maximum(rate * (1 - rate), 0.0) / n + square / (4 * n * n))
    scale = 1 + square / n
    return np.maximum((middle - reach) / scale, 0.0), np.minimum((middle + reach) / scale, 1.0)


def newcombe(control: Pair, treatment: Pair, z: Any) -> Pair:
    """Return the hybrid score interval of treatment minus control (Newcombe 1998, method 10).

    Each arm is ``(replies, contacts)``.
    """
    (low_c, high_c), (low_t, high_t) = wilson(*control, z), wilson(*treatment, z)
    rate_c, rate_t = control[0] / control[1], treatment[0] / treatment[1]
    lift = rate_t - rate_c
    return (
        lift - np.hypot(rate_t - low_t, high_c - rate_c),
        lift + np.hypot(high_t - rate_t, rate_c - low_c),
    )


def touching(control: Pair, treatment: Pair, *, margin: float = 0.0) -> np.ndarray:
    """Return the quantile z at which the hybrid score interval just touches `margin`, by bisection.

    Twice the tail beyond it is the p-value that never contradicts the interval; zero when the lift is `margin`.
    """
    parts = [np.asarray(one, dtype=float) for one in (*control, *treatment)]
    x_c, n_c, x_t, n_t = np.broadcast_arrays(*parts)
    lift = x_t / n_t - x_c / n_c
    above = lift > margin
    low, high = np.zeros(lift.shape), np.full(lift.shape, FARTHEST)
    for _ in range(HALVINGS):
        z = (low + high) / 2
        ends = newcombe((x_c, n_c), (x_t, n_t), z)
        outside = np.where(above, ends[0] > margin, ends[1] < margin)
        low, high = np.where(outside, z, low), np.where(outside, high, z)
    return np.where(lift == margin, 0.0, (low + high) / 2)


def newcombe_p_value(control: Pair, treatment: Pair) -> float:
    """Return the level at which the hybrid score interval just touches zero, so that test and interval agree."""
    from scipy.special import ndtr

    return float(2 * ndtr(-touching(control, treatment)))


def boschloo_p_value(control: tuple[float, float], treatment: tuple[float, float]) -> float:
    """Return the two-sided p-value of Boschloo's exact test in a tiny table, and 0 in any other.

    A table is tiny when fewer than 5 replies or silences are expected in a cell; above 250,000 pairs of outcomes
    the exact test is out of reach, and the score interval errs on the safe side there.
    """
    from scipy.stats import boschloo_exact

    (x_c, n_c), (x_t, n_t) = control, treatment
    pooled = (x_c + x_t) / (n_c + n_t)
    if min(pooled, 1 - pooled) * min(n_c, n_t) >= TINY_CELL or n_c * n_t > LARGEST_TABLE:
        return 0.0
    table = [[round(x_t), round(x_c)], [round(n_t - x_t), round(n_c - x_c)]]
    p_value = float(boschloo_exact(table, alternative="two-sided").pvalue)
    return p_value if p_value == p_value else 1.0  # noqa: PLR0124  nan where nobody or everybody replied


def log_ratio(control: Pair, treatment: Pair, z: Any) -> Pair:
    """Return the interval of treatment / control - 1 on the log scale, with 1/2 added (Walter 1975)."""
    (x_c, n_c), (x_t, n_t) = ((x + 0.5, n + 0.5) for x, n in (control, treatment))
    middle = np.log(x_t / n_t) - np.log(x_c / n_c)
    half = z * np.sqrt(np.maximum(1 / x_t - 1 / n_t + 1 / x_c - 1 / n_c, 0.0))
    return np.expm1(middle - half), np.expm1(middle + half)


def coherent_ratio(relative: Pair, lift: Pair, rate_control: Any) -> Pair:
    """Return the interval of the relative lift, mended where it contradicts that of the lift on its sign.

    The two rest on different approximations; at the edge one may exclude zero and the other not. The lift decides:
    the end in question then lies at zero, or at the lift's own end over the control's rate.
    """
    (low, high), rate = relative, np.asarray(rate_control, dtype=float)
    with np.errstate(divide="ignore", invalid="ignore"):
        own_low, own_high = (np.where(rate > 0, end / rate, 0.0) for end in lift)
    low = np.where((lift[0] > 0) & (low <= 0), own_low, np.where((lift[0] <= 0) & (low > 0), 0.0, low))
    high = np.where((lift[1] < 0) & (high >= 0), own_high, np.where((lift[1] >= 0) & (high < 0), 0.0, high))
    return low, high


def probability_better(control: tuple[float, float], treatment: tuple[float, float]) -> float:
    """Return P(treatment > control) under flat priors."""
    return beta_above(*((x + 1, n - x + 1) for x, n in (treatment, control)))


def expected_loss(chosen: tuple[float, float], other: tuple[float, float]) -> float:
    """Return the rate that is lost on average by taking `chosen`, where the other may be better; flat priors.

    E[max(other - chosen, 0)] splits into two probabilities that one Beta variable exceeds another (Stucchio 2015).
    """
    (a, b), (c, d) = ((x + 1, n - x + 1) for x, n in (other, chosen))
    gain = a / (a + b) * beta_above((a + 1, b), (c, d)) - c / (c + d) * beta_above((a, b), (c + 1, d))
    return max(gain, 0.0)


def beta_above(above: tuple[float, float], below: tuple[float, float]) -> float:
    """Return the probability that one Beta variable exceeds another: a finite sum of Beta functions.

    The sum (Miller 2015) needs one whole parameter; thinned counts have none, and take the integral by
    Gauss-Legendre quadrature.
    """
    (a, b), (c, d) = above, below
    # The same probability four ways; each sums over as many terms as its first parameter says.
    ways = ((a, b, c, d, False), (d, c, b, a, False), (c, d, a, b, True), (b, a, d, c, True))
    whole = [way for way in ways if float(way[0]).is_integer() and way[0] <= LONGEST_SUM]
    if not whole:
        return _by_quadrature(above, below)
    *parts, turned = min(whole, key=lambda way: way[0])
    found = _finite_sum(*parts)
    return 1 - found if turned else found


def _finite_sum(a: float, b: float, c: float, d: float) -> float:
    """Return P(Beta(a, b) > Beta(c, d)) for a whole `a`."""
    from scipy.special import betaln

    i = np.arange(int(a))
    terms = betaln(c + i, b + d) - np.log(b + i) - betaln(1 + i, b) - betaln(c, d)
    return min(1.0, float(np.exp(terms).sum()))


@cache
def _nodes() -> tuple[np.ndarray, np.ndarray]:
    return np.polynomial.legendre.leggauss(400)


def _by_quadrature(above: tuple[float, float], below: tuple[float, float]) -> float:
    from scipy.stats import beta

    low, high = beta.ppf(1e-15, *above), beta.isf(1e-15, *above)
    nodes, weights = _nodes()
    points = low + (high - low) * (nodes + 1) / 2
    inside = float(np.sum(weights * beta.pdf(points, *above) * beta.cdf(points, *below)) * (high - low) / 2)
    return min(1.0, max(0.0, inside))
