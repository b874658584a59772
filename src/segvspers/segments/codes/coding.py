"""Mixed columns as codes: how one column becomes bins and levels, and the codes of any table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from segvspers.segments.codes.kinds import as_number

MISSING, UNKNOWN = -1, -2


@dataclass(frozen=True, slots=True)
class ColumnCode:
    """How one column becomes a code: 0 to ``n_levels - 1``, or below 0 where it says nothing.

    `kind` is ``number`` or ``date`` (cut at `cuts`; a value at a cut stands above it), ``category`` or
    ``flag`` (looked up in `levels`). Where the column `after` has the code `when`, this one says nothing,
    since both then tell one fact, as there is no revenue without orders; when `per`, it is coded per unit of
    that column, as revenue per order. When `zero_first`, the lowest bin holds zeros only. Missing values are
    -1, levels that the fit did not know -2.
    """

    name: str
    kind: str
    cuts: tuple[float, ...] = ()
    levels: tuple[str, ...] = ()
    ordered: bool = False
    after: str = ""
    when: int = 0
    per: bool = False
    zero_first: bool = False

    @property
    def label(self) -> str:
        """Return what is coded: the column, or the column per unit of another one."""
        return f"{self.name} per {self.after}" if self.per else self.name

    @property
    def n_levels(self) -> int:
        """Count the codes of the column."""
        return len(self.cuts) + 1 if self.kind in ("number", "date") else len(self.levels)

    def code(self, frame: pd.DataFrame) -> np.ndarray:
        """Return the codes of the column in any table."""
        if self.name not in frame.columns:
            return np.full(len(frame), MISSING, dtype=np.int16)
        if self.kind in ("category", "flag"):
            return _look_up(frame[self.name], self.levels)
        values = self.values(frame)
        codes = np.searchsorted(np.asarray(self.cuts), values, side="right").astype(np.int16)
        codes[np.isnan(values)] = MISSING
        return codes

    def values(self, frame: pd.DataFrame) -> np.ndarray:
        """Return the numbers that are cut: the column's own, or per unit of the column `after`."""
        values = as_number(frame[self.name], self.kind)
        if not self.per:
            return values
        units = as_number(frame[self.after]) if self.after in frame.columns else np.full(len(frame), np.nan)
        return values / np.where(units > 0, units, np.nan)


def _look_up(column: pd.Series, levels: tuple[str, ...]) -> np.ndarray:
    if isinstance(column.dtype, pd.CategoricalDtype):
        distinct, values = column.cat.codes.to_numpy(), column.cat.categories
    else:
        distinct, values = pd.factorize(column)
    places = pd.Index(levels, dtype=object).get_indexer(pd.Index([str(value) for value in values], dtype=object))
    return np.append(np.where(places < 0, UNKNOWN, places), MISSING).astype(np.int16)[distinct]


def code_table(plans: Sequence[ColumnCode], frame: pd.DataFrame) -> np.ndarray:
    """Return the codes of a table, a column each; a column that it lacks says nothing."""
    codes = np.empty((len(frame), len(plans)), dtype=np.int16, order="F")
    for place, plan in enumerate(plans):
        codes[:, place] = plan.code(frame)
    silence(plans, codes)
    return codes


def silence(plans: Sequence[ColumnCode], codes: np.ndarray) -> None:
    """Blank, in place, what an earlier column has said already; later columns first, since they may chain."""
    place = {plan.name: position for position, plan in enumerate(plans)}
    for position in range(len(plans) - 1, -1, -1):
        after = plans[position].after
        if after in place:
            codes[codes[:, place[after]] == plans[position].when, position] = MISSING


def level_text(plan: ColumnCode, code: int) -> str:
    """Return the level of a code as text: its name, or the span of its bin.

    Examples
    --------
    >>> plan = ColumnCode("age", "number", cuts=(30.0, 50.0))
    >>> [level_text(plan, code) for code in (0, 1, 2, -1)]
    ['below 30', '30 to 50', '50 or more', 'not known']
    """
    if code < 0:
        return "not known"
    return plan.levels[code] if plan.kind in ("category", "flag") else span_text(plan, code, code)


def span_text(plan: ColumnCode, first: int, last: int) -> str:
    """Return the span of neighbouring bins of a number or date as text."""
    below, above = ("before", "or later") if plan.kind == "date" else ("below", "or more")
    if first == 0:
        return "any" if last == len(plan.cuts) else f"{below} {_cut(plan, last)}"
    start = _cut(plan, first - 1)
    return f"{start} {above}" if last == len(plan.cuts) else f"{start} to {_cut(plan, last)}"


def _cut(plan: ColumnCode, place: int) -> str:
    cut = plan.cuts[place]
    if plan.kind == "date":
        return (pd.Timestamp(0) + pd.Timedelta(days=cut)).date().isoformat()
    if all(one % 1 == 0.5 for one in plan.cuts):
        return f"{np.ceil(cut):,.0f}"  # whole numbers: from 1 says more than from 0.5
    return f"{cut:,.0f}" if abs(cut) >= 1_000 else f"{cut:.3g}"


def cut_points(values: np.ndarray, n_bins: int, *, whole_seconds: bool = False) -> tuple[float, ...]:
    """Return cuts halfway between neighbouring values, so that about equal numbers lie in each bin.

    A value held by at least one in `n_bins` has a bin of its own. Days are cut at whole seconds.

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
    cuts = distinct[:-1] / 2 + distinct[1:] / 2
    # Halfway between two neighbouring floats may round to the lower one, which then falls below its own cut.
    cuts = np.where(cuts <= distinct[:-1], distinct[1:], cuts)[starts[1:]]
    if whole_seconds:
        cuts = np.unique(np.ceil(cuts * 86_400) / 86_400)
    return tuple(float(cut) for cut in cuts)
