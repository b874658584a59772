"""Sums of one arm, by contact or by cluster: all that a comparison needs to know of the rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class ArmSums:
    """Contacts, total, mean, and the variance of that mean with its degrees of freedom.

    With clusters the mean is a ratio of sums over clusters, and its variance the delta method's
    (Deng, Knoblich and Lu 2018): squares of ``total_g - mean * contacts_g``, times G / (G - 1).
    """

    n: int
    n_units: int
    total: float
    mean: float
    variance: float

    @property
    def df(self) -> int:
        """Degrees of freedom."""
        return self.n_units - 1


def sum_arm(frame: pd.DataFrame, value: str, cluster: str | None) -> ArmSums:
    """Return the sums of one arm."""
    values = frame[value].to_numpy(dtype=float)
    n = len(values)
    if not n:
        return ArmSums(0, 0, 0.0, float("nan"), float("nan"))
    mean = float(values.mean())
    residuals = values - mean
    if cluster is not None:
        codes = frame[cluster].factorize()[0]
        residuals = np.bincount(codes, weights=residuals)
    units = len(residuals)
    variance = float(np.sum(residuals**2)) * units / (units - 1) / n**2 if units > 1 else float("nan")
    return ArmSums(n, units, float(values.sum()), mean, variance)


def welch_df(control: ArmSums, treatment: ArmSums) -> float:
    """Return the degrees of freedom of a difference (Satterthwaite 1946)."""
    parts = [(arm.variance, arm.df) for arm in (control, treatment)]
    total = sum(variance for variance, _ in parts)
    below = sum(variance**2 / df for variance, df in parts if df > 0)
    return total**2 / below if below > 0 else float("nan")
