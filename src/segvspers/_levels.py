"""Columns as levels: the codes of each attribute that contacts are split by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches

import numpy as np
import pandas as pd

from segvspers.errors import ArgumentError, DataError, raise_all

MOST_LEVELS = 1_000
MANY_NUMBERS = 20


@dataclass(frozen=True, slots=True, eq=False)
class Attribute:
    """One column as codes: 0 to ``len(levels) - 1``, and -1 where the value is missing."""

    name: str
    levels: tuple[str, ...]
    codes: np.ndarray
    ordered: bool = False
    note: str = ""

    @property
    def n_levels(self) -> int:
        """Count the levels that a contact could have."""
        return len(self.levels)

    @property
    def has_missing(self) -> bool:
        """Tell whether some value is missing."""
        return bool((self.codes < 0).any())


def check_by(by: Sequence[str], columns: Sequence[str]) -> list[str]:
    """Return `by` as a list of column names; raise when it is empty, repeats one or names an unknown one."""
    listed = [by] if isinstance(by, str) else list(by)
    if not listed:
        raise ArgumentError(f"by= is empty; name at least one column of {list(map(str, columns))[:40]}.")
    repeated = sorted({name for name in listed if listed.count(name) > 1})
    if repeated:
        raise ArgumentError(f"by= names {repeated} more than once; name each column once.")
    unknown = [name for name in listed if name not in columns]
    if unknown:
        known = list(map(str, columns))
        near = [match for name in unknown for match in get_close_matches(str(name), known, n=1)]
        hint = f" Did you mean {near}?" if near else ""
        raise DataError(f"by= names {unknown}, which contacts lacks; it has {known[:40]}.{hint}")
    return listed


def code_attributes(frame: pd.DataFrame, by: Sequence[str], *, n_bands: int = 5) -> list[Attribute]:
    """Return the attributes of `by`; numbers and dates of many values are cut into bands of equal size.

    Raises
    ------
    DataError
        When a column is unknown, holds no value, or looks like an identifier; all problems at once.
    """
    names = check_by(by, list(frame.columns))
    problems: list[str] = []
    attributes = []
    for name in names:
        column = frame[name]
        problem = _problem(column, name)
        if problem:
            problems.append(problem)
        else:
            attributes.append(_attribute(column, name, n_bands))
    raise_all("contacts", problems)
    return attributes


def _problem(column: pd.Series, name: str) -> str:
    if not len(column):
        return f"{name!r} has no rows"
    if column.isna().all():
        return f"{name!r} holds no value in {len(column):,} rows; leave it out of by="
    if _is_amount(column) or isinstance(column.dtype, pd.CategoricalDtype):
        return ""
    try:
        n_levels = column.nunique()
    except TypeError:
        return f"{name!r} holds lists or objects; make it text, numbers or dates first"
    if n_levels > MOST_LEVELS or (len(column) > 50 and n_levels > 0.5 * column.notna().sum()):
        return (
            f"{name!r} has {n_levels:,} levels in {len(column):,} rows, as an identifier or free text has; "
            "leave it out of by= or group it first (dates as text: pandas.to_datetime)"
        )
    return ""


def _is_amount(column: pd.Series) -> bool:
    """Tell whether a column holds numbers or dates rather than names of groups."""
    return bool(
        pd.api.types.is_datetime64_any_dtype(column.dtype)
        or (pd.api.types.is_numeric_dtype(column.dtype) and not pd.api.types.is_bool_dtype(column.dtype))
    )


def _attribute(column: pd.Series, name: str, n_bands: int) -> Attribute:
    if isinstance(column.dtype, pd.CategoricalDtype):
        levels = tuple(map(str, column.cat.categories))
        codes = column.cat.codes.to_numpy().astype(np.int32)
        return Attribute(name, levels, codes, ordered=bool(column.cat.ordered))
    if _is_amount(column):
        clean = column
        if pd.api.types.is_float_dtype(column.dtype):
            clean = column.where(np.isfinite(column.to_numpy(dtype=float, na_value=np.nan)))
        if clean.nunique() > MANY_NUMBERS:
            return _bands(clean, name, n_bands)
        column = clean
    codes, values = pd.factorize(column, sort=True)
    levels = tuple(_text(value) for value in values)
    return Attribute(name, levels, codes.astype(np.int32), ordered=_is_amount(column))


def _bands(column: pd.Series, name: str, n_bands: int) -> Attribute:
    """Cut numbers or dates at their quantiles; equal values stay in one band."""
    cut = pd.qcut(column, n_bands, duplicates="drop")
    codes = cut.cat.codes.to_numpy().astype(np.int32)
    groups = column.groupby(codes)
    low, high = groups.min(), groups.max()
    kept = [code for code in low.index if code >= 0]
    levels = tuple(f"{_text(low[code])} to {_text(high[code])}" for code in kept)
    return Attribute(name, levels, codes, ordered=True, note=f"{name} is cut into {len(levels)} bands")


def _text(value: object) -> str:
    if isinstance(value, pd.Timestamp):
        return value.date().isoformat()
    if isinstance(value, (float, np.floating)):
        return f"{value:,.6g}"
    return str(value)
