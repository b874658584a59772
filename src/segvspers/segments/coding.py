"""Mixed columns as codes: quantile bins, levels, and what contributes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

STRUCTURAL_SHARE = 0.95
STRUCTURAL_GAP = 0.4
MOST_BINS = 16


@dataclass(frozen=True, slots=True)
class ColumnCode:
    """How one column becomes a code: 0 to ``n_levels - 1``, or -1 where it says nothing.

    `kind` is ``number`` or ``date`` (cut at `cuts`), or ``category`` (looked up in `levels`). Where the
    column `after` is in its lowest bin, this one says nothing, since the two lowest bins are one fact; when
    `per`, it is coded per unit of that column, as revenue per order.
    """

    name: str
    kind: str
    cuts: tuple[float, ...] = ()
    levels: tuple[str, ...] = ()
    ordered: bool = False
    after: str = ""
    per: bool = False

    @property
    def n_levels(self) -> int:
        """Count the codes of the column."""
        return len(self.cuts) + 1 if self.kind != "category" else len(self.levels)

    def code(self, frame: pd.DataFrame) -> np.ndarray:
        """Return the codes of the column in any table; missing values and unknown levels are -1."""
        if self.name not in frame.columns:
            return np.full(len(frame), -1, dtype=np.int16)
        if self.kind == "category":
            return _look_up(frame[self.name], self.levels)
        values = self.values(frame)
        codes = np.searchsorted(np.asarray(self.cuts), values, side="right").astype(np.int16)
        codes[np.isnan(values)] = -1
        return codes

    def values(self, frame: pd.DataFrame) -> np.ndarray:
        """Return the numbers that are cut: the column's own, or per unit of the column `after`."""
        values = as_number(frame[self.name])
        if not self.per:
            return values
        units = as_number(frame[self.after]) if self.after in frame.columns else np.full(len(frame), np.nan)
        return values / np.where(units > 0, units, np.nan)


def _look_up(column: pd.Series, levels: tuple[str, ...]) -> np.ndarray:
    if isinstance(column.dtype, pd.CategoricalDtype):
        places = pd.Index(levels).get_indexer(pd.Index(list(map(str, column.cat.categories)), dtype=object))
        return np.append(places, -1).astype(np.int16)[column.cat.codes.to_numpy()]
    distinct, values = pd.factorize(column)
    places = pd.Index(levels).get_indexer(pd.Index(list(map(str, values)), dtype=object))
    return np.append(places, -1).astype(np.int16)[distinct]


def as_number(column: pd.Series) -> np.ndarray:
    """Return numbers, or dates as days since 1970; what is missing or infinite is nan."""
    if pd.api.types.is_datetime64_any_dtype(column.dtype):
        naive = column.dt.tz_convert(None) if getattr(column.dt, "tz", None) is not None else column
        days = (naive - pd.Timestamp(0)) / pd.Timedelta(days=1)
        return days.to_numpy(dtype=float, na_value=np.nan)
    values = pd.to_numeric(column, errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    return np.where(np.isfinite(values), values, np.nan)


def as_text(column: pd.Series) -> pd.Index:
    """Return levels as text, with missing values kept missing."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        names = np.array([*map(str, column.cat.categories), None], dtype=object)
        return pd.Index(names[column.cat.codes.to_numpy()], dtype=object)
    return pd.Index(column.astype(object).where(column.notna(), None).map(str, na_action="ignore"), dtype=object)


def fit_codes(
    frame: pd.DataFrame, columns: Sequence[str], *, n_bins: int = MOST_BINS, apart: bool = True
) -> tuple[list[ColumnCode], np.ndarray]:
    """Return how each column is coded, and the codes of `frame`, a column each.

    Notes
    -----
    Values that many contacts share keep a bin of their own; the others are cut at quantiles. When `apart`,
    and a number is at its lowest wherever an earlier one is, as there is no revenue without orders, the
    later column says nothing there: one fact is counted once.
    """
    plans = [_plan(frame[name], name, n_bins) for name in columns]
    codes = np.stack([plan.code(frame) for plan in plans], axis=1)
    if apart:
        for later, earlier in _structural(plans, codes).items():
            plans[later] = _after(plans[later], plans[earlier].name, frame, n_bins)
            codes[:, later] = plans[later].code(frame)
        _silence(plans, codes)
    return plans, codes


def code_table(plans: Sequence[ColumnCode], frame: pd.DataFrame) -> np.ndarray:
    """Return the codes of a table; a column that it lacks says nothing."""
    codes = np.empty((len(frame), len(plans)), dtype=np.int16, order="F")
    for place, plan in enumerate(plans):
        codes[:, place] = plan.code(frame)
    _silence(plans, codes)
    return codes


def _after(plan: ColumnCode, earlier: str, frame: pd.DataFrame, n_bins: int) -> ColumnCode:
    """Return the code of a column given an earlier one: per unit of it, when that depends on it less."""
    own, units = as_number(frame[plan.name]), as_number(frame[earlier])
    both = (units > 0) & (own > 0)
    if both.sum() > 30 and np.nanmin(units) >= 0:
        amount, unit = pd.Series(own[both]), pd.Series(units[both])
        if abs((amount / unit).corr(unit, "spearman")) < abs(amount.corr(unit, "spearman")):
            cuts = cut_points((own / np.where(both, units, np.nan)), n_bins)
            return replace(plan, after=earlier, per=True, cuts=cuts)
    return replace(plan, after=earlier)


def _silence(plans: Sequence[ColumnCode], codes: np.ndarray) -> None:
    """Blank, in place, what an earlier column has said already; later columns first, since they may chain."""
    place = {plan.name: position for position, plan in enumerate(plans)}
    for position in range(len(plans) - 1, -1, -1):
        after = plans[position].after
        if after:
            codes[codes[:, place[after]] == 0, position] = -1


def _plan(column: pd.Series, name: str, n_bins: int) -> ColumnCode:
    is_date = pd.api.types.is_datetime64_any_dtype(column.dtype)
    is_number = pd.api.types.is_numeric_dtype(column.dtype) and not pd.api.types.is_bool_dtype(column.dtype)
    if is_date or is_number:
        return ColumnCode(name, "date" if is_date else "number", cuts=cut_points(as_number(column), n_bins))
    if isinstance(column.dtype, pd.CategoricalDtype):
        seen = column.cat.remove_unused_categories().cat
        return ColumnCode(name, "category", levels=tuple(map(str, seen.categories)), ordered=bool(seen.ordered))
    levels = sorted(set(as_text(column).dropna()))
    return ColumnCode(name, "category", levels=tuple(levels))


def cut_points(values: np.ndarray, n_bins: int) -> tuple[float, ...]:
    """Return cuts halfway between neighbouring values, so that about equal numbers lie in each bin.

    A value held by at least one in `n_bins` has a bin of its own.

    Examples
    --------
    >>> import numpy as np
    >>> cut_points(np.array([0, 0, 0, 0, 1, 2, 3, 4]), 4)
    (0.5, 1.5, 3.5)
    """
    distinct, times = np.unique(values[~np.isnan(values)], return_counts=True)
    if len(distinct) < 2:
        return ()
    heavy = times >= times.sum() / n_bins
    light = np.where(heavy, 0, times)
    n_light = max(1, n_bins - int(heavy.sum()))
    middle = np.cumsum(light) - light / 2
    group = np.minimum(n_light - 1, np.floor(middle * n_light / max(1, light.sum())))
    # A heavy value starts a group, and so does what follows it.
    starts = np.r_[False, (group[1:] != group[:-1]) | heavy[1:] | heavy[:-1]]
    return tuple(float(cut) for cut in (distinct[1:] + distinct[:-1])[starts[1:]] / 2)


def _structural(plans: Sequence[ColumnCode], codes: np.ndarray) -> dict[int, int]:
    """Return, for each number that is lowest wherever an earlier one is, the place of that earlier one."""
    numbers = [place for place, plan in enumerate(plans) if plan.kind == "number" and plan.n_levels > 2]
    lowest = {place: codes[:, place] == 0 for place in numbers}
    numbers = [place for place in numbers if lowest[place].mean() >= 1 / MOST_BINS]
    found: dict[int, int] = {}
    for position, later in enumerate(numbers):
        known = codes[:, later] >= 0
        shared = {}
        for earlier in numbers[:position]:
            low, high = lowest[earlier] & known, (codes[:, earlier] > 0) & known
            if not low.any() or not high.any():
                continue
            together, otherwise = lowest[later][low].mean(), lowest[later][high].mean()
            if together >= STRUCTURAL_SHARE and together - otherwise >= STRUCTURAL_GAP:
                shared[earlier] = together - otherwise
        if shared:
            found[later] = max(shared, key=lambda earlier: shared[earlier])
    return found
