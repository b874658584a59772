"""Mixed columns as a matrix for methods that measure distances: scaled numbers and indicators."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from segvspers.segments.codes.coding import ColumnCode
from segvspers.segments.codes.kinds import as_number

SCALINGS = ("auto", "standard", "none")
SKEWED = 1.0


@dataclass(frozen=True, slots=True)
class ColumnScale:
    """How one column becomes coordinates.

    `kind` is ``number`` (and dates, in days): ``(f(x) - centre) / spread`` with f the signed log when `log`;
    ``rank`` (ordered levels by place, scaled alike); ``flag`` (two levels, as 0 and 1) or ``levels`` (an
    indicator each). `fill` stands for what is missing: the mean of the list.
    """

    name: str
    kind: str
    log: bool = False
    centre: float = 0.0
    spread: float = 1.0
    fill: tuple[float, ...] = (0.0,)

    @property
    def width(self) -> int:
        """Count the coordinates."""
        return len(self.fill)


@dataclass(frozen=True, slots=True)
class MatrixCode:
    """How the columns of a table become coordinates, in the order of `plans`."""

    plans: tuple[ColumnCode, ...]
    scales: tuple[ColumnScale, ...]

    def encode(self, table: pd.DataFrame) -> np.ndarray:
        """Return a row of coordinates a contact."""
        return np.hstack([_coordinates(table, *pair) for pair in zip(self.plans, self.scales, strict=True)])

    def state(self) -> list[dict[str, Any]]:
        """Return the scales as plain dicts."""
        return [{**asdict(scale), "fill": list(scale.fill)} for scale in self.scales]


def scales_from(state: Sequence[Mapping[str, Any]]) -> tuple[ColumnScale, ...]:
    """Return scales from plain dicts."""
    return tuple(ColumnScale(**{**scale, "fill": tuple(scale["fill"])}) for scale in state)


def fit_matrix(table: pd.DataFrame, plans: Sequence[ColumnCode], *, scaling: str = "auto") -> MatrixCode:
    """Return how the columns become coordinates.

    Notes
    -----
    ``auto`` takes the signed log of numbers whose skewness is above 1 when that makes it smaller, then scales
    all numbers to mean 0 and variance 1, so that neither the unit nor a few large values decide. When all
    numbers are logged and the largest spread is at most twice the smallest, logs are only centred: ratios have
    no unit, and which of them vary more is information. ``standard`` only scales; ``none`` leaves numbers as
    they are. Indicators are never scaled.
    """
    scales = tuple(_scale(table, plan, scaling) for plan in plans)
    numbers = [scale for scale in scales if scale.kind in ("number", "rank")]
    spreads = [scale.spread for scale in numbers]
    if numbers and all(scale.log for scale in numbers) and max(spreads) <= 2 * min(spreads):
        scales = tuple(replace(scale, spread=1.0) if scale.log else scale for scale in scales)
    return MatrixCode(tuple(plans), scales)


def _scale(table: pd.DataFrame, plan: ColumnCode, scaling: str) -> ColumnScale:
    if plan.kind in ("number", "date"):
        values = as_number(table[plan.name], plan.kind)
        log = scaling == "auto" and plan.kind == "number" and _prefers_log(values)
        return _scaled(plan.name, "number", signed_log(values) if log else values, scaling, log=log)
    codes = plan.code(table)
    known = codes[codes >= 0]
    if plan.ordered and plan.n_levels > 2:
        return _scaled(plan.name, "rank", np.where(codes >= 0, codes, np.nan), scaling)
    shares = np.bincount(known, minlength=plan.n_levels) / max(1, len(known))
    if plan.n_levels == 2:
        return ColumnScale(plan.name, "flag", fill=(float(shares[1]),))
    return ColumnScale(plan.name, "levels", fill=tuple(map(float, shares)))


def _scaled(name: str, kind: str, values: np.ndarray, scaling: str, *, log: bool = False) -> ColumnScale:
    centre, spread = float(np.nanmean(values)), float(np.nanstd(values)) or 1.0
    if scaling == "none" and kind == "number":
        return ColumnScale(name, kind, fill=(centre,))
    return ColumnScale(name, kind, log, centre, spread)


def _prefers_log(values: np.ndarray) -> bool:
    known = values[~np.isnan(values)]
    plain, logged = _skewness(known), _skewness(signed_log(known))
    return abs(plain) > SKEWED and abs(logged) < abs(plain)


def _skewness(values: np.ndarray) -> float:
    spread = values.std()
    return float((((values - values.mean()) / spread) ** 3).mean()) if spread > 0 else 0.0


def signed_log(values: np.ndarray) -> np.ndarray:
    """Return the log of 1 plus the size of each number, with its sign."""
    return np.sign(values) * np.log1p(np.abs(values))


def _coordinates(table: pd.DataFrame, plan: ColumnCode, scale: ColumnScale) -> np.ndarray:
    if plan.name not in table.columns:
        return np.tile(scale.fill, (len(table), 1))
    if scale.kind == "number":
        values = as_number(table[plan.name], plan.kind)
        values = signed_log(values) if scale.log else values
    else:
        codes = plan.code(table)
        if scale.kind == "levels":
            shown = (codes[:, None] == np.arange(plan.n_levels)).astype(float)
            shown[codes < 0] = scale.fill
            return shown
        values = np.where(codes >= 0, codes, np.nan)
    values = (values - scale.centre) / scale.spread
    return np.where(np.isnan(values), scale.fill[0], values)[:, None]
