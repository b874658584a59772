"""Draws of both reply rates from the counts of a test, sharpened by what is known of such effects."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from segvspers.assumptions import Distribution, as_distribution, normal
from segvspers.errors import ArgumentError, DataError

PRIORS = {
    "default": normal(0.10, 0.25),
    "sceptical": normal(0.0, 0.15),
    "optimistic": normal(0.25, 0.25),
    "vendor": normal(0.69, 0.35),
}
PRIOR_SOURCES = {
    "default": ("randomised studies of personalisation, none on this question", 2025, "A-"),
    "sceptical": ("Defau and Zauner 2023; Hackenburg and Margetts 2024: no gain", 2024, "A"),
    "optimistic": ("Sahni, Wheeler and Chintagunta 2018: leads +31 %", 2018, "A"),
    "vendor": ("vendor claims without a traceable method: weak, off unless asked for", 2024, "D"),
    "none": ("the test alone", None, ""),
    "own": ("stated by the user", None, ""),
}
LARGEST_DESIGN_EFFECT = 100.0


@dataclass(frozen=True, slots=True)
class Counts:
    """Replies and contacts of both variants, and how much company clusters thin them out."""

    n_control: float
    n_treatment: float
    replies_control: float
    replies_treatment: float
    design_effect: float

    @property
    def effective(self) -> tuple[float, float, float, float]:
        """Replies and silences of control and treatment, divided by the design effect."""
        parts = (
            self.replies_control,
            self.n_control - self.replies_control,
            self.replies_treatment,
            self.n_treatment - self.replies_treatment,
        )
        a, b, c, d = (part / self.design_effect for part in parts)
        return a, b, c, d


def read_counts(comparison: Any) -> Counts:
    """Return the counts of a comparison; a clustered one is thinned to its own interval's width."""
    n_control, n_treatment = float(comparison.n_control), float(comparison.n_treatment)
    for arm, n in (("control", n_control), ("treatment", n_treatment)):
        rate = getattr(comparison, f"rate_{arm}")
        if not (n >= 1 and 0 <= rate <= 1):
            raise DataError(f"comparison: {arm} has {n:g} contacts and a rate of {rate}; both must be known.")
    seen = [
        float(getattr(comparison, f"replies_{arm}", getattr(comparison, f"rate_{arm}") * n))
        for arm, n in (("control", n_control), ("treatment", n_treatment))
    ]
    plain = Counts(n_control, n_treatment, seen[0], seen[1], 1.0)
    if getattr(comparison, "cluster", None) is None:
        return plain
    return Counts(n_control, n_treatment, seen[0], seen[1], _design_effect(comparison, plain))


def _design_effect(comparison: Any, counts: Counts) -> float:
    from scipy.special import ndtri

    width = comparison.lift_high - comparison.lift_low
    se = width / (2 * ndtri((1 + comparison.confidence) / 2))
    variance = 0.0
    for replies, n in (
        (counts.replies_control, counts.n_control),
        (counts.replies_treatment, counts.n_treatment),
    ):
        rate = (replies + 0.5) / (n + 1)
        variance += rate * (1 - rate) / n
    found = se**2 / variance
    return min(max(found, 1.0), LARGEST_DESIGN_EFFECT) if math.isfinite(found) else 1.0


def named_prior(prior: str | Distribution | None) -> tuple[str, Distribution | None]:
    """Return the name of a prior on the log ratio of reply rates, and its distribution."""
    if prior is None or prior == "none":
        return "none", None
    if isinstance(prior, str):
        if prior not in PRIORS:
            raise ArgumentError(
                f"prior={prior!r} is not known; choose one of {[*PRIORS, 'none']} or give a distribution "
                "of the log ratio of reply rates."
            )
        return prior, PRIORS[prior]
    chosen = as_distribution(prior, name="prior")
    if chosen.known:
        raise ArgumentError(f"prior={chosen} has no spread, so no test could change it; give a distribution.")
    return "own", chosen


def draw_rates(
    counts: Counts, prior: Distribution | None, *, n_draws: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Return draws of the control's reply rate and of the ratio treatment over control.

    Notes
    -----
    Without a prior both rates are Beta(replies + 1/2, silences + 1/2). A prior on their log ratio is put in
    by conditioning the draws on it (Matheron's rule, exact for normal draws): where the test is large it
    changes nothing, where it is small it takes the winner's curse off.
    """
    a, b, c, d = counts.effective
    control = np.maximum(rng.beta(a + 0.5, b + 0.5, n_draws), 1e-12)
    treatment = np.maximum(rng.beta(c + 0.5, d + 0.5, n_draws), 1e-12)
    noise = rng.standard_normal(n_draws)
    if prior is None:
        return control, treatment / control
    level, effect = np.log(control), np.log(treatment) - np.log(control)
    spread = np.cov(np.vstack([level, effect]))
    innovation = (prior.mean + prior.sd * noise - effect) / (spread[1, 1] + prior.sd**2)
    level = np.minimum(level + spread[0, 1] * innovation, 0.0)
    effect = np.minimum(effect + spread[1, 1] * innovation, -level)
    return np.exp(level), np.exp(effect)
