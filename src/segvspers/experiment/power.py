"""Sample size, power and detectable lift of two reply rates, each by a formula with a name."""

from __future__ import annotations

import math

FORMULAS = {
    "pooled": "normal approximation, pooled variance under no difference (R power.prop.test)",
    "miller": "normal approximation, control's variance under no difference (Evan Miller's calculator)",
    "arcsine": "arcsine effect size, Cohen's h (statsmodels NormalIndPower)",
}


def n_per_arm(control: float, treatment: float, *, power: float, confidence: float, formula: str) -> float:
    """Return contacts an arm, not rounded, that find the difference with the given power.

    References
    ----------
    R ``power.prop.test``: 0.5 against 0.75 with power 0.9 needs 76.7. Evan Miller's calculator: 0.20 against
    0.25 with power 0.8 needs 1,030.

    Examples
    --------
    >>> round(n_per_arm(0.20, 0.25, power=0.8, confidence=0.95, formula="miller"))
    1030
    """
    from scipy.special import ndtri

    z_alpha, z_power = float(ndtri(0.5 + confidence / 2)), float(ndtri(power))
    null, other, gap = _parts(control, treatment, formula)
    return ((z_alpha * null + z_power * other) / gap) ** 2


def power_at(control: float, treatment: float, n: float, *, confidence: float, formula: str) -> float:
    """Return the chance that a test of `n` contacts an arm finds the difference.

    Examples
    --------
    >>> round(power_at(0.5, 0.75, 50, confidence=0.95, formula="pooled"), 7)
    0.7401659
    """
    from scipy.special import ndtr, ndtri

    if control == treatment:
        return 1 - confidence
    null, other, gap = _parts(control, treatment, formula)
    return float(ndtr((math.sqrt(n) * gap - float(ndtri(0.5 + confidence / 2)) * null) / other))


def detectable_lift(control: float, n: float, *, power: float, confidence: float, formula: str) -> float:
    """Return the smallest positive difference found with the given power; nan when there is none below 1.

    Examples
    --------
    >>> round(detectable_lift(0.20, 1093.739, power=0.8, confidence=0.95, formula="pooled"), 4)
    0.05
    """
    low, high = 1e-9, 1 - control - 1e-9
    if power_at(control, control + high, n, confidence=confidence, formula=formula) < power:
        return math.nan
    for _ in range(80):
        middle = (low + high) / 2
        enough = power_at(control, control + middle, n, confidence=confidence, formula=formula) >= power
        low, high = (low, middle) if enough else (middle, high)
    return high


def design_effect(contacts_per_company: float, icc: float, size_cv: float = 0.0) -> float:
    """Return the factor by which companies of uneven size raise the number of contacts needed.

    References
    ----------
    Eldridge, S. M., Ashby, D. and Kerry, S. (2006). International Journal of Epidemiology 35, 1292-1300.

    Examples
    --------
    >>> design_effect(10, 0.05)
    1.45
    """
    return 1 + ((size_cv**2 + 1) * contacts_per_company - 1) * icc


def _parts(control: float, treatment: float, formula: str) -> tuple[float, float, float]:
    """Return what the quantiles of the error and of the power are multiplied with, and the difference."""
    if formula == "arcsine":
        gap = abs(2 * math.asin(math.sqrt(treatment)) - 2 * math.asin(math.sqrt(control)))
        return math.sqrt(2), math.sqrt(2), gap
    middle = control if formula == "miller" else (control + treatment) / 2
    null = math.sqrt(2 * middle * (1 - middle))
    other = math.sqrt(control * (1 - control) + treatment * (1 - treatment))
    return null, other, abs(treatment - control)
