"""Columns as levels: the codes of each attribute that contacts are split by."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

import numpy as np
import pandas as pd

from segvspers.errors import ArgumentError, DataError, raise_all

MOST_LEVELS = 1_000
MANY_NUMBERS = 20
DATE = re.compile(r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}([ T]\d{1,2}:.*)?|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}( \d{1,2}:.*)?")
NUMBER = re.compile(r"[+-]?(0|[1-9][\d,]*)?\.?\d*(e[+-]?\d+)?", re.IGNORECASE)


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
    repeated = sorted({str(name) for name in listed if listed.count(name) > 1})
    if repeated:
        raise ArgumentError(f"by= names {repeated} more than once; name each column once.")
    unknown = [name for name in listed if name not in columns]
    if unknown:
        known = list(map(str, columns))
        near = [match for name in unknown for match in get_close_matches(str(name), known, n=1)]
        hint = f" Did you mean {near}?" if near else ""
        raise DataError(f"by= names {unknown}, which contacts lacks; it has {known[:40]}.{hint}")
    twice = [name for name in listed if list(columns).count(name) > 1]
    if twice:
        raise DataError(f"contacts has several columns named {twice}; rename or drop all but one of each.")
    return listed


def code_attributes(frame: pd.DataFrame, by: Sequence[str], *, n_bands: int = 5) -> list[Attribute]:
    """Return the attributes of `by`; numbers and dates of many values are cut into bands of equal size.

    Raises
    ------
    DataError
        When a column is unknown, holds no value, or looks like an identifier; all problems at once.
    """
    names = check_by(by, list(frame.columns))
    coded = [_attribute(frame[name], str(name), n_bands) for name in names]
    raise_all("contacts", [problem for problem in coded if isinstance(problem, str)])
    return [attribute for attribute in coded if isinstance(attribute, Attribute)]


def fault_of_levels(name: str, values: Iterable[object], *, n_levels: int, n_known: int, n_rows: int) -> str:
    """Return why names of groups can't be crossed, or nothing; `values` are some of the levels."""
    if n_levels > MOST_LEVELS or (n_rows > 50 and n_levels > 0.5 * n_known):
        return (
            f"{name!r} has {n_levels:,} levels in {n_rows:,} rows, as an identifier or free text has; "
            "leave it out of by= or group it first (dates as text: pandas.to_datetime)"
        )
    if n_levels > MANY_NUMBERS and all(DATE.fullmatch(str(value).strip()) for value in values):
        return (
            f"{name!r} holds dates as text, each a level of its own ({n_levels:,}); make it dates first "
            f"(pandas.to_datetime), or months, or leave it out of by="
        )
    return ""


def fault_of_numbers(name: str, *, n_levels: int, n_known: int, n_rows: int, span: float) -> str:
    """Return why whole numbers can't be crossed, or nothing: another one for each contact, with few gaps.

    Amounts drawn from a span of 20 per contact would all differ with probability exp(-n/40): never, for a list.
    """
    if n_known > 200 and n_levels == n_known and span < 20 * n_known:
        return f"{name!r} is another whole number for each of {n_rows:,} rows, as an identifier is; leave it out of by="
    return ""


def no_value(name: str, n_rows: int) -> str:
    """Return the problem of a column without values."""
    return f"{name!r} holds no value in {n_rows:,} rows; leave it out of by=" if n_rows else f"{name!r} has no rows"


def note_of_levels(name: str, levels: Sequence[str], *, n_used: int) -> str:
    """Return what a reader should know of the levels, or nothing."""
    if len(levels) == 1:
        return f"{name} has one level only and splits nothing"
    if n_used < len(levels):
        return f"{name} has {len(levels) - n_used} levels that nobody has"
    if len(levels) > MANY_NUMBERS and all(NUMBER.fullmatch(level.strip()) for level in levels):
        return f"{name} holds numbers as text, taken as {len(levels)} levels (bands: pandas.to_numeric)"
    return ""


def note_of_bands(name: str, n_bands: int) -> str:
    """Return that a column was cut."""
    return f"{name} is cut into {n_bands} bands"


def shown_value(value: object) -> str:
    """Return a level as text; a time at midnight is told by its day.

    Examples
    --------
    >>> shown_value(dt.datetime(2026, 11, 1)), shown_value(1234.5)
    ('2026-11-01', '1,234.5')
    """
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == dt.time() else str(value)
    if isinstance(value, (float, np.floating)):
        return f"{value:,.6g}"
    return str(value)


def is_amount(column: pd.Series) -> bool:
    """Tell whether a column holds numbers or times rather than names of groups."""
    kind = column.dtype
    return bool(
        pd.api.types.is_datetime64_any_dtype(kind)
        or pd.api.types.is_timedelta64_dtype(kind)
        or (pd.api.types.is_numeric_dtype(kind) and not pd.api.types.is_bool_dtype(kind))
    )


def _attribute(column: pd.Series, name: str, n_bands: int) -> Attribute | str:
    """Return a column as an attribute, or its problem."""
    n_rows, n_known = len(column), int(column.notna().sum())
    if not n_known:
        return no_value(name, n_rows)
    if isinstance(column.dtype, pd.CategoricalDtype):
        return _categories(column, name, n_known)
    column = _typed(column)
    amount = is_amount(column)
    try:
        codes, values = pd.factorize(column, sort=amount)
    except TypeError:
        return f"{name!r} holds lists or objects; make it text, numbers or dates first"
    n_known = int((codes >= 0).sum())
    if not n_known:
        return no_value(name, n_rows)
    if amount and len(values) > MANY_NUMBERS:
        whole = pd.api.types.is_integer_dtype(column.dtype)
        span = float(values[-1]) - float(values[0]) if whole else np.inf
        problem = fault_of_numbers(name, n_levels=len(values), n_known=n_known, n_rows=n_rows, span=span)
        return problem or _bands(column, name, n_bands)
    if not amount:
        problem = fault_of_levels(name, list(values[:100]), n_levels=len(values), n_known=n_known, n_rows=n_rows)
        if problem:
            return problem
    return _levels(codes, values, name, ordered=amount)


def _typed(column: pd.Series) -> pd.Series:
    """Return numbers and dates that came as objects as what they are, and infinite numbers as missing."""
    if column.dtype == object:
        kind = pd.api.types.infer_dtype(column, skipna=True)
        if kind == "decimal":
            column = pd.to_numeric(column.astype(float))
        elif kind in ("date", "datetime", "datetime64"):
            column = pd.to_datetime(column, errors="coerce", utc=True)
    if pd.api.types.is_float_dtype(column.dtype):
        return column.where(np.isfinite(column.to_numpy(dtype=float, na_value=np.nan)))
    return column


def _levels(codes: np.ndarray, values: Sequence[object], name: str, *, ordered: bool) -> Attribute | str:
    texts = [shown_value(value).strip() for value in values]
    found = list(dict.fromkeys(texts if ordered else sorted(texts)))
    levels = tuple(text for text in found if text)  # an empty cell of a file is no level of its own
    if not levels:
        return no_value(name, len(codes))
    numbers = {text: number for number, text in enumerate(levels)}
    place = np.array([*(numbers.get(text, -1) for text in texts), -1], dtype=np.int32)
    return Attribute(name, levels, place[codes], ordered, note_of_levels(name, levels, n_used=len(levels)))


def _categories(column: pd.Series, name: str, n_known: int) -> Attribute | str:
    levels = tuple(map(shown_value, column.cat.categories))
    codes = column.cat.codes.to_numpy().astype(np.int32)
    n_used = len(np.unique(codes[codes >= 0]))
    problem = "" if len(levels) <= MOST_LEVELS else fault_of_levels(
        name, levels[:100], n_levels=len(levels), n_known=n_known, n_rows=len(column)
    )  # fmt: skip
    note = note_of_levels(name, levels, n_used=n_used)
    return problem or Attribute(name, levels, codes, bool(column.cat.ordered), note)


def _bands(column: pd.Series, name: str, n_bands: int) -> Attribute:
    """Cut numbers or dates at their quantiles; equal values stay in one band, and many of one value have their own."""
    cuts = column.quantile(np.arange(1, n_bands) / n_bands)
    cuts = sorted({cut for cut in cuts if cut < column.max()})
    codes = np.zeros(len(column), dtype=np.int32)
    for cut in cuts:
        codes += (column > cut).to_numpy(dtype=bool, na_value=False)
    codes[column.isna().to_numpy()] = -1
    groups = column.groupby(codes)
    low, high = groups.min(), groups.max()
    kept = [code for code in low.index if code >= 0]
    place = np.full(len(cuts) + 2, -1, dtype=np.int32)
    place[kept] = np.arange(len(kept))
    levels = tuple(f"{shown_value(low[code])} to {shown_value(high[code])}" for code in kept)
    return Attribute(name, levels, place[codes], ordered=True, note=note_of_bands(name, len(levels)))
