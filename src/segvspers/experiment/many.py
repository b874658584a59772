"""The one estimator of a difference in reply rates: for a single pair of arms, or for many at once.

`compare_reply_rates`, `compare_by_segment` and `simulate_tests` all call it, so that the calibration describes what
users get.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from segvspers.experiment.proportions import coherent_ratio, log_ratio, newcombe, touching

if TYPE_CHECKING:
    from segvspers.experiment.arms import Arms

FEW = 20


@dataclass(frozen=True, slots=True, eq=False)
class Lifts:
    """Lifts of pairs of arms with their intervals, one entry a pair.

    `control` and `treatment` are replies and contacts divided by the design effect; `freedom` are the degrees of
    freedom of Student's t, infinite by contact.
    """

    lift: np.ndarray
    low: np.ndarray
    high: np.ndarray
    effect: np.ndarray
    freedom: np.ndarray
    quantile: np.ndarray
    variance: np.ndarray
    control: tuple[np.ndarray, np.ndarray]
    treatment: tuple[np.ndarray, np.ndarray]

    def ratios(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the ends of the relative lift, which never contradict the lift on its sign."""
        found = log_ratio(self.control, self.treatment, self.quantile)
        return coherent_ratio(found, (self.low, self.high), self.control[0] / self.control[1])

    def p_values(self, *, margin: float = 0.0) -> np.ndarray:
        """Return the two-sided levels at which the intervals of the lift touch `margin`."""
        from scipy.special import ndtr, stdtr

        z = touching(self.control, self.treatment, margin=margin)
        with np.errstate(invalid="ignore"):
            return 2 * np.where(np.isinf(self.freedom), ndtr(-z), stdtr(self.freedom, -z))


def lift_intervals(
    control: Arms, treatment: Arms, *, confidence: float, clustered: bool
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return lift, low and high of `compare_arms`."""
    found = compare_arms(control, treatment, confidence=confidence, clustered=clustered)
    return found.lift, found.low, found.high


def compare_arms(control: Arms, treatment: Arms, *, confidence: float, clustered: bool, shared: Any = 0.0) -> Lifts:
    """Return Newcombe's hybrid score intervals, by company with the design effect and Student's t.

    Parameters
    ----------
    control, treatment
        Sums of the arms, one entry a pair.
    confidence
        Level of the intervals.
    clustered
        Whether companies were drawn, or contacts.
    shared
        Covariance of the two rates through companies that stand in both arms.

    Notes
    -----
    By company the counts are divided by the design effect: the delta-method variance of the difference over its
    binomial variance, at least 1 below 20 companies. Each arm's variance is corrected by K / (K - 1), and the
    quantile is that of t with the degrees of freedom that Welch and Satterthwaite give for K - 1 of each arm. K is
    the number of even companies that would tell as much: by their sizes (Kish), or by the sizes of those whose
    replies scatter, whichever is fewer. The latter is the mean leverage of CR2 (Bell and McCaffrey) to first order;
    for companies of one size K is their number, and all of it is exact. With many replies this is the clustered
    Wald interval with t; with none it is still defined, and below about 10 replies per design effect it is
    conservative.

    References
    ----------
    Newcombe, R. G. (1998). Statistics in Medicine 17, 873-890, method 10. Rao, J. N. K. and Scott, A. J.
    (1992). Biometrics 48, 577-585. Kish, L. (1965). Survey Sampling, section 8.2. Bell, R. M. and McCaffrey, D. F.
    (2002). Survey Methodology 28, 169-181. Deng, A., Knoblich, U. and Lu, J. (2018). Applying the delta method in
    metric analytics. KDD.
    """
    from scipy.special import ndtri, stdtrit

    plain = [arm.rate * (1 - arm.rate) / arm.contacts for arm in (control, treatment)]
    shape = np.shape(control.contacts)
    effect, freedom = np.ones(shape), np.full(shape, np.inf)
    quantile = np.full(shape, ndtri(0.5 + confidence / 2))
    variance = plain[0] + plain[1]
    if clustered:
        seen = [control.cluster_variance(), treatment.cluster_variance()]
        even = [np.maximum(arm.even_companies - 1, 1.0) for arm in (control, treatment)]
        with np.errstate(divide="ignore", invalid="ignore"):
            effect = (seen[0] + seen[1] - 2 * shared) / variance
            freedom = (seen[0] + seen[1]) ** 2 / (seen[0] ** 2 / even[0] + seen[1] ** 2 / even[1])
        enough = np.minimum(control.companies, treatment.companies) >= FEW
        effect = np.where((effect >= 1) | (enough & (effect > 0)), effect, 1.0)
        freedom = np.fmax(freedom, np.minimum(*even))
        quantile = stdtrit(freedom, 0.5 + confidence / 2)
        variance = effect * variance
    thinned = [(arm.replies / effect, arm.contacts / effect) for arm in (control, treatment)]
    low, high = newcombe(thinned[0], thinned[1], quantile)
    return Lifts(treatment.rate - control.rate, low, high, effect, freedom, quantile, variance, thinned[0], thinned[1])
