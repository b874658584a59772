"""Mixed columns as codes: quantile bins, levels, and what contributes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

STRUCTURAL_OVERLAP = 0.95
MOST_BINS = 16


@dataclass(frozen=True, slots=True)
class ColumnCode:
    """How one column becomes a code: 0 to ``n_levels - 1``, or -1 where it says nothing.

    `kind` is ``number`` or ``date`` (cut at `cuts`), or ``category`` (looked up in `levels`). When
    `structural`, the lowest bin says nothing, since an earlier column already says it.
    """

    name: str
    kind: str
    cuts: tuple[float, ...] = ()
    levels: tuple[str, ...] = ()
    ordered: bool = False
    structural: bool = False

    @property
    def n_levels(self) -> int:
        """Count the codes of the column."""
        return len(self.cuts) + 1 if self.kind != "category" else len(self.levels)

    def code(self, column: pd.Series) -> np.ndarray:
        """Return the codes of a column of any table; missing values and unknown levels are -1."""
        if self.kind == "category":
            places = pd.Index(self.levels).get_indexer(as_text(column))
            return places.astype(np.int16)
        values = as_number(column)
        codes = np.searchsorted(np.asarray(self.cuts), values, side="right").astype(np.int16)
        codes[np.isnan(values)] = -1
        if self.structural:
            codes[codes == 0] = -1
        return codes


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
    return pd.Index(
        column.astype(object).where(column.notna(), None).map(str, na_action="ignore"), dtype=object
    )


def fit_codes(
    frame: pd.DataFrame, columns: Sequence[str], *, n_bins: int = MOST_BINS, apart: bool = True
) -> tuple[list[ColumnCode], np.ndarray]:
    """Return how each column is coded, and the codes of `frame`, a column each.

    Notes
    -----
    Values that many contacts share keep a bin of their own; the others are cut at quantiles. When `apart`
    and the lowest values of two number columns belong to the same contacts (Jaccard above 0.95), as no
    orders and no revenue do, the later column says nothing there: one fact is counted once.
    """
    plans = [_plan(frame[name], name, n_bins) for name in columns]
    codes = np.stack([plan.code(frame[plan.name]) for plan in plans], axis=1)
    if apart:
        for later in _structural(plans, codes):
            plans[later] = replace(plans[later], structural=True)
            codes[codes[:, later] == 0, later] = -1
    return plans, codes


def code_table(plans: Sequence[ColumnCode], frame: pd.DataFrame) -> np.ndarray:
    """Return the codes of a table; a column that it lacks says nothing."""
    absent = np.full(len(frame), -1, dtype=np.int16)
    return np.stack(
        [plan.code(frame[plan.name]) if plan.name in frame.columns else absent for plan in plans], axis=1
    )


def _plan(column: pd.Series, name: str, n_bins: int) -> ColumnCode:
    is_date = pd.api.types.is_datetime64_any_dtype(column.dtype)
    is_number = pd.api.types.is_numeric_dtype(column.dtype) and not pd.api.types.is_bool_dtype(column.dtype)
    if is_date or is_number:
        return ColumnCode(name, "date" if is_date else "number", cuts=cut_points(as_number(column), n_bins))
    if isinstance(column.dtype, pd.CategoricalDtype):
        seen = column.cat.remove_unused_categories().cat
        return ColumnCode(
            name, "category", levels=tuple(map(str, seen.categories)), ordered=bool(seen.ordered)
        )
    levels = sorted(set(as_text(column).dropna()))
    return ColumnCode(name, "category", levels=tuple(levels))


def cut_points(values: np.ndarray, n_bins: int) -> tuple[float, ...]:
    """Return cuts halfway between neighbouring values, so that about equal numbers lie in each bin.

    A value held by at least one in `n_bins` has a bin of its own.

    Examples
    --------
    >>> import numpy as np
    >>> cut_points(np.array([0, 0, 0, 0, 1, 2, 3, 4]), 4)
    (0.5, 2.5)
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


def _structural(plans: Sequence[ColumnCode], codes: np.ndarray) -> list[int]:
    numbers = [place for place, plan in enumerate(plans) if plan.kind == "number" and plan.n_levels > 2]
    lowest = {place: codes[:, place] == 0 for place in numbers}
    numbers = [place for place in numbers if lowest[place].mean() >= 1 / MOST_BINS]
    found: list[int] = []
    for position, later in enumerate(numbers):
        for earlier in numbers[:position]:
            if earlier in found:
                continue
            both = np.count_nonzero(lowest[earlier] & lowest[later])
            either = np.count_nonzero(lowest[earlier] | lowest[later])
            if both > STRUCTURAL_OVERLAP * either:
                found.append(later)
                break
    return found
