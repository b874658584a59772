"""Intervals of two proportions that are defined at zero replies too, and a p-value that agrees with them."""

from __future__ import annotations

import math

import numpy as np


def wilson(replies: float, n: float, z: float) -> tuple[float, float]:
    """Return the score interval of one proportion (Wilson 1927); counts may be effective ones, not whole."""
    rate, square = replies / n, z * z
    middle = (rate + square / (2 * n)) / (1 + square / n)
    half = z * math.sqrt(rate * (1 - rate) / n + square / (4 * n * n)) / (1 + square / n)
    return max(0.0, middle - half), min(1.0, middle + half)


def newcombe(control: tuple[float, float], treatment: tuple[float, float], z: float) -> tuple[float, float]:
    """Return the hybrid score interval of treatment minus control (Newcombe 1998, method 10).

    Each arm is ``(replies, contacts)``.
    """
    (low_c, high_c), (low_t, high_t) = wilson(*control, z), wilson(*treatment, z)
    rate_c, rate_t = control[0] / control[1], treatment[0] / treatment[1]
    lift = rate_t - rate_c
    return (
        lift - math.hypot(rate_t - low_t, high_c - rate_c),
        lift + math.hypot(high_t - rate_t, rate_c - low_c),
    )


def newcombe_p_value(control: tuple[float, float], treatment: tuple[float, float]) -> float:
    """Return the level at which the hybrid score interval just touches zero, so that test and interval agree."""
    from scipy.optimize import brentq
    from scipy.stats import norm

    lift = treatment[0] / treatment[1] - control[0] / control[1]
    if lift == 0:
        return 1.0
    end = 0 if lift > 0 else 1

    def gap(z: float) -> float:
        return newcombe(control, treatment, z)[end]

    highest = 200.0
    if gap(highest) * lift > 0:
        return 0.0
    return float(2 * norm.sf(brentq(gap, 1e-9, highest, xtol=1e-12)))


def log_ratio(control: tuple[float, float], treatment: tuple[float, float], z: float) -> tuple[float, float]:
    """Return the interval of treatment / control - 1 on the log scale, with 1/2 added (Walter 1975)."""
    (x_c, n_c), (x_t, n_t) = ((x + 0.5, n + 0.5) for x, n in (control, treatment))
    middle = math.log(x_t / n_t) - math.log(x_c / n_c)
    half = z * math.sqrt(1 / x_t - 1 / n_t + 1 / x_c - 1 / n_c)
    return math.expm1(middle - half), math.expm1(middle + half)


def coherent_ratio(
    relative: tuple[float, float], lift: tuple[float, float], rate_control: float
) -> tuple[float, float]:
    """Return the interval of the relative lift, mended where it contradicts that of the lift on its sign.

    The two rest on different approximations; at the edge one may exclude zero and the other not. The lift decides:
    the end in question then lies at zero, or at the lift's own end over the control's rate.
    """
    low, high = relative
    if lift[0] > 0 and low <= 0:
        low = lift[0] / rate_control if rate_control > 0 else 0.0
    if lift[0] <= 0 < low:
        low = 0.0
    if lift[1] < 0 and high >= 0:
        high = lift[1] / rate_control
    if lift[1] >= 0 > high:
        high = 0.0
    return low, high


def probability_better(control: tuple[float, float], treatment: tuple[float, float]) -> float:
    """Return P(treatment > control) under flat priors, by Gauss-Legendre quadrature over both Beta distributions."""
    from scipy.stats import beta

    (a, b), (c, d) = ((x + 1, n - x + 1) for x, n in (control, treatment))
    low, high = beta.ppf(1e-15, c, d), beta.isf(1e-15, c, d)
    nodes, weights = np.polynomial.legendre.leggauss(400)
    points = low + (high - low) * (nodes + 1) / 2
    inside = float(np.sum(weights * beta.pdf(points, c, d) * beta.cdf(points, a, b)) * (high - low) / 2)
    return min(1.0, max(0.0, inside))
