"""The Kaplan-Meier curve of one variant, and what each unit adds to its error."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from segvspers.experiment.timed import Timed


@dataclass(frozen=True, slots=True, eq=False)
class ArmCurve:
    """Curve of one variant, and what each unit adds to its error at the horizon."""

    n: int
    replies: int
    rate: float
    naive: float
    matured: float
    variance: float
    n_units: int
    days: np.ndarray
    kept: np.ndarray
    errors: np.ndarray
    at_risk: np.ndarray

    @classmethod
    def of(cls, timed: Timed, arm: bool, horizon: float) -> ArmCurve:
        """Return the curve of one arm up to the horizon."""
        from statsmodels.duration.survfunc import SurvfuncRight

        own = timed.treated == arm
        waited, replied, unit = timed.waited[own], timed.replied[own], timed.unit[own]
        end = np.minimum(waited, horizon)
        happened = replied & (waited <= horizon)
        if happened.any():
            curve = SurvfuncRight(end, happened.astype(float))
            keep = np.asarray(curve.n_events) > 0
            days, kept = np.asarray(curve.surv_times)[keep], np.asarray(curve.surv_prob)[keep]
            errors, at_risk = np.asarray(curve.surv_prob_se)[keep], np.asarray(curve.n_risk)[keep]
            events = np.asarray(curve.n_events)[keep]
        else:
            days = kept = errors = at_risk = events = np.empty(0)
        last = float(kept[-1]) if len(kept) else 1.0
        influence = _influence(end, happened, days, at_risk, events, last)
        codes = pd.factorize(unit)[0]
        sums = np.bincount(codes, weights=influence)
        units = len(sums)
        return cls(
            n=int(own.sum()),
            replies=int(happened.sum()),
            rate=1 - last,
            naive=float(replied.mean()),
            matured=float(np.mean(timed.watched[own] >= horizon - 1e-9)),
            variance=float(np.sum(sums**2)) * units / max(units - 1, 1),
            n_units=units,
            days=days,
            kept=kept,
            errors=errors,
            at_risk=at_risk,
        )

    def delay(self, share: float) -> float:
        """Return the days by which this share of the replies within the horizon had come."""
        if not len(self.days) or self.rate <= 0:
            return float("nan")
        return float(self.days[np.searchsorted((1 - self.kept) / self.rate, share - 1e-12)])

    def arrived(self, day: float) -> float:
        """Return the share of the replies within the horizon that had come by a day."""
        place = int(np.searchsorted(self.days, day, side="right"))
        return float((1 - self.kept[place - 1]) / self.rate) if place and self.rate > 0 else 0.0

    def curve(self, name: str, confidence: float) -> pd.DataFrame:
        """Return the curve as a frame, one row a day with a reply, with log(-log) intervals."""
        from scipy.stats import norm

        z = norm.ppf(0.5 + confidence / 2)
        with np.errstate(divide="ignore", invalid="ignore"):
            spread = z * self.errors / np.abs(self.kept * np.log(self.kept))
            low, high = 1 - self.kept ** np.exp(-spread), 1 - self.kept ** np.exp(spread)
        return pd.DataFrame(
            {
                "variant": name,
                "day": self.days,
                "reply_rate": 1 - self.kept,
                "rate_low": low,
                "rate_high": high,
                "n_at_risk": self.at_risk.astype(int),
            }
        )


def _influence(
    end: np.ndarray, happened: np.ndarray, days: np.ndarray, at_risk: np.ndarray, events: np.ndarray, last: float
) -> np.ndarray:
    """Return what each contact adds to the error of the share without reply at the horizon."""
    if not len(days):
        return np.zeros(len(end))
    hazard = np.r_[0.0, np.cumsum(events / at_risk**2)]
    seen = np.searchsorted(days, end, side="right")
    place = np.searchsorted(days, end)
    own = np.where(happened, 1 / at_risk[np.minimum(place, len(days) - 1)], 0.0)
    return -last * (own - hazard[seen])
