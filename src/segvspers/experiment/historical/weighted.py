"""Lift among contacts alike in what was recorded: by strata, by inverse propensities, and doubly robust."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from segvspers.experiment.propensity import cross_fitted


@dataclass(frozen=True, slots=True, eq=False)
class Weighted:
    """Weights, influence of each contact on both means, and the units that they belong to."""

    treated: np.ndarray
    replied: np.ndarray
    unit: np.ndarray
    propensity: np.ndarray
    weights: np.ndarray
    scores: np.ndarray
    means: tuple[float, float]

    @classmethod
    def of(
        cls,
        x: np.ndarray,
        treated: np.ndarray,
        replied: np.ndarray,
        unit: np.ndarray,
        folds: np.ndarray,
        propensity: np.ndarray,
    ) -> Weighted:
        """Return the weights and scores of contacts, from chances of a reply that their own fold did not teach."""
        chances = [cross_fitted(x, replied.astype(int), folds, among=treated == arm) for arm in (False, True)]
        given = [1 - propensity, propensity]
        scores = np.column_stack(
            [
                chance + (treated == arm) * (replied - chance) / share
                for arm, chance, share in zip((False, True), chances, given, strict=True)
            ]
        )
        means = scores.mean(axis=0)
        weights = np.where(treated, 1 / propensity, 1 / (1 - propensity))
        return cls(treated, replied, unit, propensity, weights, scores, (float(means[0]), float(means[1])))

    @property
    def effective_share(self) -> float:
        """Effective over actual sample size of the weights, the smaller of both arms (Kish)."""
        shares = []
        for arm in (False, True):
            own = self.weights[self.treated == arm]
            shares.append(own.sum() ** 2 / np.sum(own**2) / len(own))
        return float(min(shares))

    def error(self, influence: np.ndarray) -> float:
        """Return the standard error of a mean from the influence of each contact, summed by unit."""
        codes = pd.factorize(self.unit)[0]
        sums = np.bincount(codes, weights=influence - influence.mean())
        units = len(sums)
        return float(np.sqrt(np.sum(sums**2) * units / max(units - 1, 1)) / len(influence))

    def ratio(self, confidence: float) -> tuple[float, float, float]:
        """Return the ratio of both means with its interval by the delta method on the log scale."""
        from scipy.stats import norm

        a, b = self.means
        if a <= 0 or b <= 0:
            return float("nan"), float("nan"), float("nan")
        spread = norm.ppf(0.5 + confidence / 2) * self.error(self.scores[:, 1] / b - self.scores[:, 0] / a)
        return b / a, float(b / a * np.exp(-spread)), float(b / a * np.exp(spread))

    def estimates(self, strata: pd.Series | None, confidence: float) -> pd.DataFrame:
        """Return the lift as it stands, by strata, weighted, and doubly robust."""
        t, y, w = self.treated, self.replied, self.weights
        rates = [float(y[t == arm].mean()) for arm in (False, True)]
        naive = np.where(t, (y - rates[1]) / t.mean(), -(y - rates[0]) / (1 - t.mean()))
        hajek = [float(np.average(y[t == arm], weights=w[t == arm])) for arm in (False, True)]
        total = [w[t == arm].sum() / len(y) for arm in (False, True)]
        weighted = np.where(t, w * (y - hajek[1]) / total[1], -w * (y - hajek[0]) / total[0])
        robust = self.scores[:, 1] - self.scores[:, 0]
        rows = [
            self._row("as it stands", rates[1] - rates[0], naive, confidence),
            self._stratified(strata, confidence),
            self._row("inverse-propensity weighted", hajek[1] - hajek[0], weighted, confidence),
            self._row("doubly robust", float(robust.mean()), robust, confidence),
        ]
        return pd.DataFrame(rows)

    def _row(self, method: str, lift: float, influence: np.ndarray, confidence: float) -> dict[str, Any]:
        from scipy.stats import norm

        error = self.error(influence)
        half = norm.ppf(0.5 + confidence / 2) * error
        p_value = float(2 * norm.sf(abs(lift) / error)) if error > 0 else float("nan")
        return {"method": method, "lift": lift, "lift_low": lift - half, "lift_high": lift + half, "p_value": p_value,
                "odds_ratio": float("nan"), "odds_ratio_low": float("nan"), "odds_ratio_high": float("nan")}  # fmt: skip

    def _stratified(self, strata: pd.Series | None, confidence: float) -> dict[str, Any]:
        """Return the lift and odds ratio of Mantel and Haenszel over strata."""
        from statsmodels.stats.contingency_tables import StratifiedTable

        fifths = np.searchsorted(np.quantile(self.propensity, [0.2, 0.4, 0.6, 0.8]), self.propensity)
        codes = pd.factorize(strata.astype("object"))[0] if strata is not None else fifths
        name = "Mantel-Haenszel over strata" if strata is not None else "Mantel-Haenszel over fifths of the propensity"
        counts = np.zeros((codes.max() + 2, 2, 2))
        np.add.at(counts, (codes + 1, 1 - self.treated.astype(int), 1 - self.replied.astype(int)), 1)
        counts = counts[(counts.sum(axis=2) > 0).all(axis=1)]
        table = StratifiedTable([part for part in counts if part.sum()])
        low, high = table.oddsratio_pooled_confint(alpha=1 - confidence)
        n1, n0 = counts[:, 0].sum(axis=1), counts[:, 1].sum(axis=1)
        shares = n1 * n0 / (n1 + n0)
        lifts = counts[:, 0, 0] / n1 - counts[:, 1, 0] / n0
        lift = float(np.average(lifts, weights=shares))
        return {"method": name, "lift": lift, **_pooled_interval(counts, shares, lift, confidence),
                "odds_ratio": float(table.oddsratio_pooled), "odds_ratio_low": float(low), "odds_ratio_high": float(high)}  # fmt: skip


def _pooled_interval(counts: np.ndarray, shares: np.ndarray, lift: float, confidence: float) -> dict[str, float]:
    from scipy.stats import norm

    n1, n0 = counts[:, 0].sum(axis=1), counts[:, 1].sum(axis=1)
    p1, p0 = counts[:, 0, 0] / n1, counts[:, 1, 0] / n0
    variance = np.sum(shares**2 * (p1 * (1 - p1) / n1 + p0 * (1 - p0) / n0)) / shares.sum() ** 2
    error = float(np.sqrt(variance))
    half = float(norm.ppf(0.5 + confidence / 2)) * error
    p_value = float(2 * norm.sf(abs(lift) / error)) if error > 0 else float("nan")
    return {"lift_low": lift - half, "lift_high": lift + half, "p_value": p_value}
