"""Lift and interval of many pairs of arms at once, from their sums."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from segvspers.experiment.arms import Arms

FEW = 20


def lift_intervals(
    control: Arms, treatment: Arms, *, confidence: float, clustered: bool
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return lift, low and high: Newcombe's hybrid score, by company with the design effect and Student's t.

    Notes
    -----
    By company the counts are divided by the design effect, the ratio of the delta-method variance of the
    difference to its binomial variance, at least 1 below 20 companies; the quantile is that of t with as many
    degrees of freedom as Welch and Satterthwaite give the companies. Companies count as the number of even
    size that would tell as much (Kish): uneven ones tell less. With many replies this is the clustered Wald
    interval; with none it is still defined, and below about 30 replies per design effect it is conservative.

    References
    ----------
    Newcombe, R. G. (1998). Statistics in Medicine 17, 873-890, method 10. Rao, J. N. K. and Scott, A. J.
    (1992). Biometrics 48, 577-585. Kish, L. (1965). Survey Sampling, section 8.2.
    """
    from scipy.special import ndtri, stdtrit

    quantile: float | np.ndarray = float(ndtri(0.5 + confidence / 2))
    effect: float | np.ndarray = 1.0
    if clustered:
        seen = [control.cluster_variance(), treatment.cluster_variance()]
        plain = [arm.rate * (1 - arm.rate) / arm.contacts for arm in (control, treatment)]
        least = np.minimum(control.even_companies, treatment.even_companies)
        with np.errstate(divide="ignore", invalid="ignore"):
            effect = (seen[0] + seen[1]) / (plain[0] + plain[1])
            freedom = (seen[0] + seen[1]) ** 2 / (
                seen[0] ** 2 / (control.even_companies - 1) + seen[1] ** 2 / (treatment.even_companies - 1)
            )
        effect = np.where((effect >= 1) | ((least >= FEW) & (effect > 0)), effect, 1.0)
        quantile = stdtrit(np.fmax(freedom, least - 1), 0.5 + confidence / 2)
    ends = [_wilson(arm.replies / effect, arm.contacts / effect, quantile) for arm in (control, treatment)]
    lift = treatment.rate - control.rate
    low = lift - np.hypot(treatment.rate - ends[1][0], ends[0][1] - control.rate)
    high = lift + np.hypot(ends[1][1] - treatment.rate, control.rate - ends[0][0])
    return lift, low, high


def _wilson(replies: np.ndarray, n: np.ndarray, z: float | np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    rate = replies / n
    middle = rate + z**2 / (2 * n)
    reach = z * np.sqrt(rate * (1 - rate) / n + z**2 / (4 * n**2))
    scale = 1 + z**2 / n
    return (middle - reach) / scale, (middle + reach) / scale
