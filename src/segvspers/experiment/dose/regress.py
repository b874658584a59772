"""Regressions whose errors are those of the units that were drawn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

WEAK = 10.0


@dataclass(frozen=True, slots=True)
class Slope:
    """A number with its standard error, interval and the p-value of zero; `strength` is a first-stage F or nan."""

    estimate: float
    se: float
    low: float
    high: float
    p_value: float
    strength: float = float("nan")


NO_SLOPE = Slope(*(float("nan"),) * 5)


def fit_linear(y: np.ndarray, columns: list[np.ndarray], unit: np.ndarray) -> Any:
    """Return an ordinary least squares fit with an intercept last and errors by unit, Student's t with G - 1.

    Columns that follow from those before them are left out.
    """
    import statsmodels.api as sm

    x = np.column_stack([np.ones(len(y)), *columns])
    x = x[:, independent(x)]
    x = np.column_stack([x[:, 1:], x[:, 0]])
    codes = np.unique(unit, return_inverse=True)[1]
    return sm.OLS(y, x).fit(cov_type="cluster", cov_kwds={"groups": codes}, use_t=True)


def independent(x: np.ndarray) -> np.ndarray:
    """Tell which columns are no sum of multiples of those before them.

    Examples
    --------
    >>> independent(np.array([[1.0, 2.0, 0.0], [1.0, 2.0, 1.0], [1.0, 2.0, 5.0]])).tolist()
    [True, False, True]
    """
    size = np.linalg.norm(x, axis=0)
    left = np.abs(np.diag(np.linalg.qr(x / np.where(size > 0, size, 1.0), mode="r")))
    return (left > 1e-7) & (size > 0)


def slope_of(fit: Any, place: int, confidence: float) -> Slope:
    """Return one coefficient of a fit."""
    low, high = fit.conf_int(alpha=1 - confidence)[place]
    return Slope(float(fit.params[place]), float(fit.bse[place]), float(low), float(high), float(fit.pvalues[place]))


def instrumented(
    y: np.ndarray, dose: np.ndarray, drawn: np.ndarray, controls: list[np.ndarray], unit: np.ndarray, confidence: float
) -> Slope:
    """Return the change of `y` per unit of `dose` that the draw alone brought about.

    Parameters
    ----------
    y, dose, drawn
        Outcome, dose received, and what was drawn by chance (the instrument).
    controls
        Columns known before the draw.
    unit, confidence
        Units that were drawn; level of the interval.

    Notes
    -----
    Two-stage least squares with one instrument: the effect of the draw on the outcome over its effect on the dose
    (Wald 1940 without controls). The interval is that of Fieller (1954), which is that of Anderson and Rubin (1949):
    its level does not rest on the strength of the instrument. Below a first-stage F of 10 (Staiger and Stock 1997) the
    point is nan.
    """
    from scipy.stats import t
    from statsmodels.api import OLS
    from statsmodels.stats.sandwich_covariance import cov_cluster

    w = np.column_stack([np.ones(len(y)), *controls])
    w = w[:, independent(w)]
    x = np.column_stack([drawn, w])
    reduced, first = OLS(y, x).fit(), OLS(dose, x).fit()
    moved = OLS(drawn.astype(float), w).fit().resid
    codes = np.unique(unit, return_inverse=True)[1]
    scores = np.column_stack([moved * reduced.resid, moved * first.resid])
    own = cov_cluster((scores, np.eye(2) / (moved @ moved)), codes)
    r, f = float(reduced.params[0]), float(first.params[0])
    sure = own[1, 1] <= 1e-12 * f**2  # the draw alone says how many bits
    strength = np.inf if sure and f else f**2 / own[1, 1] if own[1, 1] > 0 else 0.0
    if strength < WEAK:
        return Slope(*(float("nan"),) * 5, strength=float(strength))
    free = int(codes.max())
    square = float(t.ppf(0.5 + confidence / 2, free)) ** 2
    a, b, c = f**2 - square * own[1, 1], r * f - square * own[0, 1], r**2 - square * own[0, 0]
    root = np.sqrt(max(b**2 - a * c, 0.0))
    slope = r / f
    se = float(np.sqrt(max(own[0, 0] - 2 * slope * own[0, 1] + slope**2 * own[1, 1], 0.0)) / abs(f))
    p = float(2 * t.sf(abs(r) / np.sqrt(own[0, 0]), free)) if own[0, 0] > 0 else float("nan")
    return Slope(slope, se, float((b - root) / a), float((b + root) / a), p, float(strength))
