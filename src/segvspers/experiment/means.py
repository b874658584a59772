"""Means per contact of both arms with their errors, by contact or by cluster, for one slice or for many groups."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from segvspers.engine import ROWS
from segvspers.experiment.proportions import coherent_ratio

if TYPE_CHECKING:
    from segvspers.engine import Moments


@dataclass(frozen=True, slots=True, eq=False)
class ArmMeans:
    """Means of k columns in g groups of one arm.

    Attributes
    ----------
    n, units
        Shape (g,). Contacts, and units of the draw.
    origin
        Shape (k,). What was taken off every value; the same in both arms.
    above
        Shape (g, k). Means per contact less the origin.
    covariance
        Shape (g, k, k). Covariance of the means: over contacts, or the delta method over clusters' sums.
    spread
        Shape (g, k, k). The same, times the square of `n` and without correction: what slopes are taken from.
    freedom
        Shape (g,). Degrees of freedom of the first column's error.
    """

    n: np.ndarray
    units: np.ndarray
    origin: np.ndarray
    above: np.ndarray
    covariance: np.ndarray
    spread: np.ndarray
    freedom: np.ndarray

    @property
    def mean(self) -> np.ndarray:
        """Means per contact."""
        return self.origin + self.above


def arm_means(moments: Moments, names: Sequence[str], *, origin: Sequence[float], clustered: bool) -> ArmMeans:
    """Return the means of one arm's groups; the first name is the outcome.

    Notes
    -----
    Of clusters the mean is a ratio of sums, with the residuals ``y_g - mean * contacts_g``. Their squares are
    corrected by K / (K - 1), with K - 1 degrees of freedom; K is the number of even clusters that would tell as much,
    by their sizes or by where the outcome scatters, whichever is fewer, as in `many.compare_arms`.
    """
    places = [moments.names.index(name) for name in names]
    inner = moments.comoment[np.ix_(range(len(moments.n)), places, places)]
    base = np.asarray(origin, dtype=float)
    if not clustered:
        n, units = moments.n.astype(float), moments.n.astype(float)
        above = moments.above[:, places] / n[:, None] + (moments.origin[places] - base)
        return _made(n, units, base, above, inner, units)
    n, units = moments.total(ROWS), moments.n.astype(float)
    rate = np.stack([moments.total(name) for name in names], axis=1) / n[:, None]
    size = moments.names.index(ROWS)
    across = moments.comoment[:, size, :][:, places]
    spread = inner - rate[:, :, None] * across[:, None, :] - rate[:, None, :] * across[:, :, None]
    spread += rate[:, :, None] * rate[:, None, :] * moments.comoment[:, size, size][:, None, None]
    return _made(n, units, base, rate, spread, _even(moments, names[0], rate[:, 0], n, spread[:, 0, 0]))


def _made(
    n: np.ndarray, units: np.ndarray, origin: np.ndarray, above: np.ndarray, spread: np.ndarray, even: np.ndarray
) -> ArmMeans:
    with np.errstate(divide="ignore", invalid="ignore"):
        scale = np.where(units > 1, even / (even - 1) / n**2, np.nan)
    return ArmMeans(n, units, origin, above, spread * scale[:, None, None], spread, np.maximum(even - 1, 1.0))


def _even(moments: Moments, name: str, rate: np.ndarray, n: np.ndarray, spread: np.ndarray) -> np.ndarray:
    """Return how many clusters of even size would tell as much (see `Arms.even_companies`)."""
    by_size = moments.products(ROWS) / n**2
    weighted = moments.products(name, f"{name} times") - 2 * rate * moments.products("squared", name)
    weighted += rate**2 * moments.products(ROWS, "squared")
    with np.errstate(divide="ignore", invalid="ignore"):
        by_scatter = np.nan_to_num(weighted / (n * spread), posinf=0.0, neginf=0.0)
    return 1 / np.maximum(by_size, np.clip(by_scatter, 0.0, 1.0))


@dataclass(frozen=True, slots=True, eq=False)
class MeanLifts:
    """Differences of means, treatment minus control, with their errors, one entry a group."""

    lift: np.ndarray
    se: np.ndarray
    freedom: np.ndarray
    variance_kept: np.ndarray

    def interval(self, confidence: float) -> tuple[np.ndarray, np.ndarray]:
        """Return the ends of the interval by Student's t."""
        reach = self.quantile(confidence) * self.se
        return self.lift - reach, self.lift + reach

    def quantile(self, confidence: float) -> np.ndarray:
        """Return the quantile of t."""
        from scipy.special import stdtrit

        return stdtrit(self.freedom, 0.5 + confidence / 2)

    def p_values(self) -> np.ndarray:
        """Return the two-sided p-values."""
        from scipy.special import stdtr

        with np.errstate(divide="ignore", invalid="ignore"):
            return 2 * stdtr(self.freedom, -np.abs(self.lift / self.se))


def compare_means(
    control: ArmMeans, treatment: ArmMeans, *, adjustment: str = "cuped", shared: np.ndarray | None = None
) -> MeanLifts:
    """Return the lifts of the first column, adjusted for the others when there are any.

    Parameters
    ----------
    adjustment
        ``"cuped"``: one slope, of both arms together (Deng et al. 2013); ``"lin"``: a slope for each, as in a regression with
        interactions (Lin 2013).
    shared
        Shape (g, k, k). Covariance of the arms' means through units that stand in both.

    References
    ----------
    Welch, B. L. (1947). Biometrika 34, 28-35. Deng, A., Xu, Y., Kohavi, R. and Walker, T. (2013). Improving the
    sensitivity of online controlled experiments by utilizing pre-experiment data. WSDM. Lin, W. (2013). Agnostic notes
    on regression adjustments to experimental data. Annals of Applied Statistics 7, 295-318.
    """
    g, k = control.above.shape
    between = np.zeros((g, k, k)) if shared is None else shared
    slopes = _slopes(control, treatment, adjustment)
    weights = [np.concatenate([np.ones((g, 1)), -slope], axis=1) for slope in slopes]
    apart = treatment.above - control.above
    share = control.n / (control.n + treatment.n)
    # Each arm's covariates are moved to the mean of both: by its own slope, over its own distance from it.
    moved = slopes[1] * share[:, None] + slopes[0] * (1 - share)[:, None]
    lift = apart[:, 0] - np.einsum("gk,gk->g", moved, apart[:, 1:])
    parts = [
        np.einsum("gi,gij,gj->g", one, arm.covariance, one)
        for one, arm in zip(weights, (control, treatment), strict=True)
    ]
    crossed = np.einsum("gi,gij,gj->g", weights[0], between, weights[1])
    variance = parts[0] + parts[1] - 2 * crossed + _slopes_apart(control, treatment, slopes)
    plain = control.covariance[:, 0, 0] + treatment.covariance[:, 0, 0] - 2 * between[:, 0, 0]
    with np.errstate(divide="ignore", invalid="ignore"):
        below = parts[0] ** 2 / control.freedom + parts[1] ** 2 / treatment.freedom
        freedom = np.where(below > 0, (parts[0] + parts[1]) ** 2 / below, np.nan)
        kept = variance / plain
    return MeanLifts(lift, np.sqrt(np.maximum(variance, 0.0)), freedom, kept)


def _slopes(control: ArmMeans, treatment: ArmMeans, adjustment: str) -> list[np.ndarray]:
    """Return the slopes of the outcome on the covariates in each arm, shape (g, k - 1)."""
    apart, weight = treatment.above - control.above, control.n * treatment.n / (control.n + treatment.n)
    both = control.spread + treatment.spread + weight[:, None, None] * apart[:, :, None] * apart[:, None, :]
    spreads = [both, both] if adjustment == "cuped" else [control.spread, treatment.spread]
    return [np.stack([_regressed(one) for one in spread]) for spread in spreads]


def _regressed(spread: np.ndarray) -> np.ndarray:
    """Return the slopes on columns of any scale; one that does not vary has none."""
    scale = np.sqrt(np.diagonal(spread)[1:])
    scale = np.where(scale > 0, scale, np.inf)
    if not len(scale):
        return scale
    found = np.linalg.lstsq(spread[1:, 1:] / np.outer(scale, scale), spread[1:, 0] / scale, rcond=1e-10)[0]
    return found / scale


def _slopes_apart(control: ArmMeans, treatment: ArmMeans, slopes: list[np.ndarray]) -> np.ndarray:
    """Return what slopes that differ add: the mean of the covariates is itself drawn."""
    gap, n = slopes[1] - slopes[0], control.n + treatment.n
    spread = (control.spread + treatment.spread)[:, 1:, 1:]
    return np.einsum("gi,gij,gj->g", gap, spread, gap) / n**2


def relative_lifts(
    control: ArmMeans, treatment: ArmMeans, lifts: MeanLifts, confidence: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return lift over control, and the ends of its interval on the log scale; nan unless both means are positive.

    The adjusted lift is read against the control's mean as it is. An end that contradicts the lift's own interval on
    its sign is moved to the lift's side of zero, so that both say the same.
    """
    base = control.mean[:, 0]
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(base > 0, 1 + lifts.lift / base, np.nan)
        rise = np.where(ratio > 0, ratio * base, np.nan)
        errors = [control.covariance[:, 0, 0] / base**2, treatment.covariance[:, 0, 0] / rise**2]
        half = lifts.quantile(confidence) * np.sqrt((errors[0] + errors[1]) * lifts.variance_kept)
        ends = np.expm1(np.log(ratio) - half), np.expm1(np.log(ratio) + half)
    low, high = coherent_ratio(ends, lifts.interval(confidence), base)
    known = np.isfinite(ends[0])
    return ratio - 1, np.where(known, low, np.nan), np.where(known, high, np.nan)
