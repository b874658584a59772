"""Areas under uplift, Qini and targeting curves as functions of sums by rank group, and their errors."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

STEP = 1e-4


def qini_area(sums: np.ndarray) -> float:
    """Return the Qini coefficient of rank groups, best first: area over random, as a share of the perfect one's.

    Parameters
    ----------
    sums
        ``(n_groups, 4)``: treated contacts, their answers, control contacts, their answers.

    References
    ----------
    Radcliffe, N. J. (2007). Using control groups to target on predicted lift. Direct Marketing Analytics Journal 1,
    14-21. The scale is that of scikit-uplift's ``qini_auc_score``: its perfect ranking puts treated contacts who answered
    first and control contacts who answered last.
    """
    n1, y1, n0, y0 = np.cumsum(sums, axis=0).T
    x = np.r_[0.0, n1 + n0]
    curve = np.r_[0.0, y1 - _ratio(y0, n0) * n1]
    total, won, lost = x[-1], y1[-1], y0[-1]
    perfect = np.array([[0, 0], [won, won], [total - lost, won], [total, curve[-1]]], dtype=float)
    return _scaled(x, curve, perfect)


def uplift_area(sums: np.ndarray) -> float:
    """Return the normalised area under the uplift curve (AUUC), on the scale of scikit-uplift's ``uplift_auc_score``."""
    n1, y1, n0, y0 = np.cumsum(sums, axis=0).T
    x = np.r_[0.0, n1 + n0]
    curve = np.r_[0.0, (_ratio(y1, n1) - _ratio(y0, n0)) * (n1 + n0)]
    a, won, b, lost = n1[-1], y1[-1], n0[-1], y0[-1]
    third = (won + b, (1 - lost / b) * (won + b)) if lost > a - won else (a + b - lost, won / a * (a + b - lost))
    first = [(0.0, 0.0), (won, won), (won + b - lost, won + b - lost)]
    return _scaled(x, curve, np.array([*first, third, (x[-1], curve[-1])]))


def _ratio(top: np.ndarray, bottom: np.ndarray) -> np.ndarray:
    return np.divide(top, bottom, out=np.zeros_like(top), where=bottom > 0)


def _scaled(x: np.ndarray, curve: np.ndarray, perfect: np.ndarray) -> float:
    random = 0.5 * x[-1] * curve[-1]
    best = float(np.trapezoid(perfect[:, 1], perfect[:, 0])) - random
    return (float(np.trapezoid(curve, x)) - random) / best if best else float("nan")


def targeting_curve(sums: np.ndarray, shares: np.ndarray) -> np.ndarray:
    """Return the targeting operator characteristic at shares: mean score of the top share less the mean of all.

    Parameters
    ----------
    sums
        ``(n_groups, 2)``: contacts and sums of doubly robust scores, best group first. Contacts of one group are in
        random order.
    shares
        Shares of contacts above 0, up to 1.
    """
    n, total = np.r_[0.0, np.cumsum(sums[:, 0])], np.r_[0.0, np.cumsum(sums[:, 1])]
    return np.interp(shares * n[-1], n, total) / (shares * n[-1]) - total[-1] / n[-1]


def targeting_area(sums: np.ndarray) -> float:
    """Return AUTOC, the area under the targeting curve: a rank-weighted average treatment effect.

    References
    ----------
    Yadlowsky, S., Fleming, S., Shah, N., Brunskill, E. and Wager, S. (2021). Evaluating treatment prioritization rules
    via rank-weighted average treatment effects. arXiv 2111.07966.
    """
    kept = sums[sums[:, 0] > 0]
    u = np.r_[0.0, np.cumsum(kept[:, 0])] / kept[:, 0].sum()
    total = np.r_[0.0, np.cumsum(kept[:, 1])] / kept[:, 0].sum()
    slope = np.diff(total) / np.diff(u)
    level = total[:-1] - slope * u[:-1]  # within a group the running sum is a line: level + slope u
    logs = np.r_[0.0, np.log(u[2:] / u[1:-1])]
    return float((level * logs + slope * np.diff(u)).sum() - total[-1])


def influence_error(
    measure: Callable[[np.ndarray], np.ndarray],
    sums: np.ndarray,
    parts: np.ndarray,
    group: np.ndarray,
    unit: np.ndarray,
) -> np.ndarray:
    """Return the standard error of measures of sums by the infinitesimal jackknife over units.

    Parameters
    ----------
    measure
        Maps sums ``(n_groups, n_sums)`` to an array of measures.
    sums
        Where it is taken.
    parts
        ``(n_contacts, n_sums)``: what each contact adds to the sums of its group.
    group, unit
        Group and unit of each contact.
    """
    base = np.atleast_1d(measure(sums))
    slopes = np.empty((*sums.shape, len(base)))
    size = STEP * max(float(np.abs(sums).max()), 1.0)
    for place in np.ndindex(sums.shape):
        moved = sums.copy()
        moved[place] += size
        slopes[place] = (np.atleast_1d(measure(moved)) - base) / size
    codes = np.unique(unit, return_inverse=True)[1]
    alone = int(codes.max()) + 1 == len(codes)
    return _error_of_contacts(parts, slopes, group) if alone else _error_of_units(parts, slopes, group, codes)


def _error_of_contacts(parts: np.ndarray, slopes: np.ndarray, group: np.ndarray) -> np.ndarray:
    """Return the errors when every contact is a unit: from second moments by group."""
    n, (n_groups, n_sums, n_measures) = len(parts), slopes.shape
    first, second = np.zeros(n_measures), np.zeros(n_measures)
    for a in range(n_sums):
        first += np.bincount(group, weights=parts[:, a], minlength=n_groups) @ slopes[:, a]
        for b in range(n_sums):
            crossed = np.bincount(group, weights=parts[:, a] * parts[:, b], minlength=n_groups)
            second += crossed @ (slopes[:, a] * slopes[:, b])
    return np.sqrt(np.maximum(second - first**2 / n, 0.0) * n / max(n - 1, 1))


def _error_of_units(parts: np.ndarray, slopes: np.ndarray, group: np.ndarray, codes: np.ndarray) -> np.ndarray:
    """Return the errors when units hold several contacts: influence is added up within each."""
    influence = np.einsum("ij,ijk->ik", parts, slopes[group])
    by_unit = np.stack([np.bincount(codes, weights=one) for one in influence.T])
    off = by_unit - by_unit.mean(axis=1, keepdims=True)
    return np.sqrt((off**2).sum(axis=1) * by_unit.shape[1] / max(by_unit.shape[1] - 1, 1))
