"""The preference-dimension law of k templates, fitted with its dimension unknown.

If what a contact answers to has d effective dimensions and replies fall with the squared distance of a message, then
k templates are worth ``V(k) = V_inf - A k^(-2/d)`` for large k: what is lost is the error of a quantiser of k points.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

DIMENSIONS = np.geomspace(0.25, 32.0, 701)
N_DRAWS = 1000
FEWEST = 4
INSIDE = (0.3, 28.0)


@dataclass(frozen=True, slots=True)
class FrontierLaw:
    """Fit of V(k) = limit - amplitude k^(-2/d); values are per contact, in units of the outcome.

    Attributes
    ----------
    estimable, reason
        Whether the data tell d, and why not.
    n_dimensions, n_dimensions_low, n_dimensions_high
        The effective dimension d of the curve, with its interval. Tastes may have fewer: templates of a given set gain
        more slowly than those that a quantiser would place.
    limit, limit_low, limit_high
        V_inf, the worth of endlessly many templates.
    amplitude
        A, the worth of endlessly many templates over one.
    k_best, k_best_low, k_best_high
        Templates at which the law says that one more stops paying; nan without costs.
    """

    estimable: bool
    reason: str
    n_dimensions: float = np.nan
    n_dimensions_low: float = np.nan
    n_dimensions_high: float = np.nan
    limit: float = np.nan
    limit_low: float = np.nan
    limit_high: float = np.nan
    amplitude: float = np.nan
    k_best: float = np.nan
    k_best_low: float = np.nan
    k_best_high: float = np.nan

    def value(self, k: np.ndarray) -> np.ndarray:
        """Return the law's value of k templates."""
        return self.limit - self.amplitude * np.asarray(k, dtype=float) ** (-2 / self.n_dimensions)


def fit_law(
    k: np.ndarray,
    value: np.ndarray,
    covariance: np.ndarray,
    *,
    confidence: float = 0.95,
    template_cost: float = 0.0,
    rng: np.random.Generator,
) -> FrontierLaw:
    """Fit the law to values of k templates.

    Parameters
    ----------
    k, value, covariance
        Numbers of templates, their values per contact, and the covariance of the errors.
    confidence
        Level of the intervals.
    template_cost
        What one template costs per contact, in units of the outcome.
    rng
        Draws of the errors.

    Returns
    -------
    FrontierLaw
        Not estimable with fewer than four k, when more templates bring no more than chance would, or when the
        interval of d runs into an end of what was tried (0.25 to 32).

    Notes
    -----
    Least squares weighted by the errors of the gains over one template, for each of 701 dimensions; the intervals are
    quantiles over refits to values redrawn from their joint normal distribution.

    References
    ----------
    Zador, P. L. (1982). Asymptotic quantization error of continuous signals and the quantization dimension. IEEE
    Transactions on Information Theory 28, 139-149.
    """
    k, value = np.asarray(k, dtype=float), np.asarray(value, dtype=float)
    if len(k) < FEWEST:
        return FrontierLaw(False, f"{len(k)} numbers of templates can be valued, and a curve with three unknowns needs "
                                  f"{FEWEST}")  # fmt: skip
    gain = value[-1] - value[0]
    error = float(np.sqrt(max(covariance[-1, -1] + covariance[0, 0] - 2 * covariance[-1, 0], 0.0)))
    if not gain > 2 * error:
        return FrontierLaw(False, f"{k[-1]:.0f} templates can't be told from one, so that there is no curve to fit")
    spread = np.sqrt(np.maximum(np.diag(covariance) + covariance[0, 0] - 2 * covariance[0], 0.0))
    weight = 1 / np.maximum(spread, np.median(spread[1:]) * 0.5) ** 2
    root = _root(covariance)
    drawn = value + rng.standard_normal((N_DRAWS, len(k))) @ root.T
    best = _fit(k, np.vstack([value, drawn]), weight)
    ends = ((1 - confidence) / 2, (1 + confidence) / 2)
    low, high = np.quantile(best[1:, 0], ends)
    law = FrontierLaw(
        True, "", n_dimensions=float(best[0, 0]), n_dimensions_low=float(low), n_dimensions_high=float(high),
        limit=float(best[0, 1]), amplitude=float(best[0, 2]),
        limit_low=float(np.quantile(best[1:, 1], ends[0])), limit_high=float(np.quantile(best[1:, 1], ends[1])),
    )  # fmt: skip
    if not (INSIDE[0] < low and high < INSIDE[1] and best[0, 2] > 0):
        return replace(
            law, estimable=False, reason=f"a dimension of {low:.1f} to {high:.1f} or beyond fits the values alike"
        )
    if template_cost <= 0:
        return law
    stops = best_k(best[:, 0], best[:, 2], template_cost)
    return replace(law, k_best=float(stops[0]), k_best_low=float(np.quantile(stops[1:], ends[0])),
                   k_best_high=float(np.quantile(stops[1:], ends[1])))  # fmt: skip


def best_k(n_dimensions: np.ndarray, amplitude: np.ndarray, template_cost: float) -> np.ndarray:
    """Return the number of templates of the largest net value under the law, at least 1.

    Examples
    --------
    >>> float(best_k(np.array(2.0), np.array(0.02), 0.0002))
    10.0
    """
    d = np.asarray(n_dimensions, dtype=float)
    return np.maximum((2 * np.maximum(amplitude, 0.0) / (d * template_cost)) ** (d / (d + 2)), 1.0)


def _fit(k: np.ndarray, values: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Return dimension, limit and amplitude of each row of values, by least squares over a grid of dimensions."""
    share = weight / weight.sum()
    x = -(k[None, :] ** (-2 / DIMENSIONS[:, None]))
    x_mean, y_mean = x @ share, values @ share
    x_off, y_off = x - x_mean[:, None], values - y_mean[:, None]
    slope = (y_off * share) @ x_off.T / np.maximum((x_off**2) @ share, 1e-300)
    left = ((y_off**2) @ share)[:, None] - slope**2 * ((x_off**2) @ share)
    left = np.where(slope >= 0, left, np.inf)
    place = np.where(np.isfinite(left).any(axis=1), left.argmin(axis=1), 0)
    rows = np.arange(len(values))
    own = slope[rows, place]
    return np.column_stack([DIMENSIONS[place], y_mean - own * x_mean[place], own])


def _root(covariance: np.ndarray) -> np.ndarray:
    values, vectors = np.linalg.eigh((covariance + covariance.T) / 2)
    return vectors * np.sqrt(np.maximum(values, 0.0))
