"""Reply rate against bits within one variant: as it stands, and for contacts alike in what was known before."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from segvspers.experiment.dose.read import DoseTable
from segvspers.experiment.dose.regress import fit_linear, independent
from segvspers.experiment.proportions import wilson

N_GRID, N_KNOTS, FEW_DOSES = 25, 4, 8


def fit_curves(table: DoseTable, confidence: float, *, adjust: bool) -> pd.DataFrame:
    """Return the rates ``naive`` and ``adjusted`` within the treatment on a grid of bits, with intervals.

    nan where bits do not vary within the treatment, and for ``adjusted`` unless `adjust`.

    Notes
    -----
    Logistic regression on a quadratic spline of the bits (a straight line for fewer than 8 doses); adjusted: with
    covariates, each contact's chance averaged over all contacts of the variant (standardisation). Errors by the delta method
    from the sandwich by unit.
    """
    rows = table.treated
    bits, replied, unit = table.bits[rows], table.replied[rows], table.unit[rows]
    low, high = np.quantile(bits, [0.02, 0.98])
    if high <= low:
        low, high = min(bits.min(), table.bits.min()), max(bits.max(), table.bits.max())
    grid = np.linspace(low, high, N_GRID)
    basis, on_grid = _splined(bits, grid)
    frame = pd.DataFrame({"bits": grid})
    varies = np.ptp(bits) > 0
    for name, covariates in (("naive", None), ("adjusted", table.features.to_numpy(dtype=float)[rows])):
        if varies and (covariates is None or adjust):
            rate, se = _standardised(replied, basis, on_grid, covariates, unit)
        else:
            rate, se = np.full(N_GRID, np.nan), np.full(N_GRID, np.nan)
        frame[name], frame[f"{name}_low"], frame[f"{name}_high"] = rate, *_ends(rate, se, confidence)
    return frame


def _splined(bits: np.ndarray, grid: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    from sklearn.preprocessing import SplineTransformer

    knots = np.unique(np.quantile(bits, np.linspace(0.02, 0.98, N_KNOTS)))
    if len(np.unique(bits)) < FEW_DOSES or len(knots) < 3:
        centre, spread = bits.mean(), max(bits.std(), 1e-9)
        return ((bits - centre) / spread)[:, None], ((grid - centre) / spread)[:, None]
    made = SplineTransformer(degree=2, knots=knots[:, None], include_bias=False, extrapolation="linear")
    return made.fit_transform(bits[:, None]), made.transform(grid[:, None])


def _standardised(
    replied: np.ndarray, basis: np.ndarray, on_grid: np.ndarray, covariates: np.ndarray | None, unit: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return mean chances at each point of the grid and their standard errors."""
    import statsmodels.api as sm

    further = np.ones((len(replied), 1))
    if covariates is not None:
        further = np.column_stack([further, covariates])
        further = further[:, independent(np.column_stack([basis, further]))[basis.shape[1] :]]
    x = np.column_stack([basis, further])
    codes = np.unique(unit, return_inverse=True)[1]
    fit: Any = sm.GLM(replied, x, family=sm.families.Binomial()).fit(cov_type="cluster", cov_kwds={"groups": codes})
    beta, width = fit.params, basis.shape[1]
    rest = further @ beta[width:]
    rates, errors = [], []
    for point in on_grid:
        chance = 1 / (1 + np.exp(-(rest + point @ beta[:width])))
        weight = chance * (1 - chance)
        slope = np.r_[weight.mean() * point, weight @ further / len(weight)]
        rates.append(chance.mean())
        errors.append(np.sqrt(max(slope @ fit.cov_params() @ slope, 0.0)))
    return np.array(rates), np.array(errors)


def _ends(rate: np.ndarray, se: np.ndarray, confidence: float) -> tuple[np.ndarray, np.ndarray]:
    """Return an interval on the log-odds scale, so that it stays between 0 and 1."""
    from scipy.special import expit, logit
    from scipy.stats import norm

    kept = np.clip(rate, 1e-9, 1 - 1e-9)
    reach = norm.ppf(0.5 + confidence / 2) * se / (kept * (1 - kept))
    return expit(logit(kept) - reach), expit(logit(kept) + reach)


def cut_bands(values: np.ndarray, n_bands: int) -> tuple[np.ndarray, list[tuple[float, float]]]:
    """Return the band of each value and the ends of the bands; 0 is a band of its own, equal values stay together.

    Examples
    --------
    >>> cut_bands(np.array([0.0, 0.0, 1.0, 2.0, 3.0, 4.0]), 2)[0].tolist()
    [0, 0, 1, 1, 2, 2]
    """
    code = np.zeros(len(values), dtype=int)
    above = values > 0
    if above.any():
        cuts = np.unique(np.quantile(values[above], np.arange(1, n_bands) / n_bands))
        code[above] = 1 + np.searchsorted(cuts, values[above], side="left")
    code = np.unique(code, return_inverse=True)[1]
    ends = [(float(values[code == one].min()), float(values[code == one].max())) for one in range(int(code.max()) + 1)]
    return code, ends


def binned_rates(table: DoseTable, n_bands: int, confidence: float) -> pd.DataFrame:
    """Return the reply rate of each variant by band of bits received; score intervals, thinned by unit."""
    from scipy.stats import norm

    z, rows = float(norm.ppf(0.5 + confidence / 2)), []
    for name, mask in ((table.control, ~table.treated), (table.treatment, table.treated)):
        code, ends = cut_bands(table.bits[mask], n_bands)
        member = [(code == one).astype(float) for one in range(len(ends))]
        thinned = _thinned(table.replied[mask], member, table.unit[mask])
        for one, (low, high) in enumerate(ends):
            inside = code == one
            replies, n = float(table.replied[mask][inside].sum()), int(inside.sum())
            first, last = wilson(replies / n * thinned[one], thinned[one], z)
            rows.append({"variant": name, "bits": float(table.bits[mask][inside].mean()), "bits_low": low,
                         "bits_high": high, "n_contacts": n, "replies": int(replies), "rate": replies / n,
                         "rate_low": float(first), "rate_high": float(last)})  # fmt: skip
    return pd.DataFrame(rows)


def count_doses(table: DoseTable, n_bins: int = 30) -> pd.DataFrame:
    """Return how many contacts of each variant received how many bits, in bins of equal width."""
    edges = np.linspace(0.0, max(float(table.bits.max()), 1e-9), n_bins + 1)
    frame = pd.DataFrame({"bits_low": edges[:-1], "bits_high": edges[1:]})
    frame["n_control"] = np.histogram(table.bits[~table.treated], bins=edges)[0]
    frame["n_treatment"] = np.histogram(table.bits[table.treated], bins=edges)[0]
    return frame


def _thinned(replied: np.ndarray, member: list[np.ndarray], unit: np.ndarray) -> np.ndarray:
    """Return how many independent contacts each band is worth, at most as many as it has."""
    n = np.array([one.sum() for one in member])
    if len(np.unique(unit)) == len(unit):
        return n
    rest = fit_linear(replied, member[1:], unit) if len(member) > 1 else fit_linear(replied, [], unit)
    shape = np.eye(len(member))[:, 1:]
    contrast = np.column_stack([shape, np.ones(len(member))])
    variance = np.einsum("ij,jk,ik->i", contrast, rest.cov_params(), contrast)
    rate = contrast @ rest.params
    with np.errstate(divide="ignore", invalid="ignore"):
        worth = rate * (1 - rate) / variance
    return np.where(np.isfinite(worth) & (worth > 0), np.minimum(worth, n), n)
