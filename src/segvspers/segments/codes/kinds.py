"""What a column holds: numbers, dates, flags or names of groups, whatever dtype it came in."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd

MANY_NUMBERS = 20
N_SNIFFED = 2_000
ALIKE = 0.98


def column_kind(column: pd.Series) -> str:
    """Return ``number``, ``date``, ``flag`` or ``category``.

    Text counts as dates when nearly all of it is ISO 8601, and as numbers when nearly all of it is numbers of
    many values: a few distinct numbers in text are codes of groups.

    Examples
    --------
    >>> import pandas as pd
    >>> column_kind(pd.Series([1.5, None])), column_kind(pd.Series(["2026-01-05", "2026-02-01"]))
    ('number', 'date')
    >>> column_kind(pd.Series([True, False])), column_kind(pd.Series(["1", "2"]))
    ('flag', 'category')
    """
    kind = column.dtype
    if pd.api.types.is_bool_dtype(kind):
        return "flag"
    if pd.api.types.is_datetime64_any_dtype(kind):
        return "date"
    if pd.api.types.is_numeric_dtype(kind) or pd.api.types.is_timedelta64_dtype(kind):
        return "number"
    if isinstance(kind, pd.CategoricalDtype):
        return "category"
    return _sniffed(column)


def is_read_from_text(column: pd.Series, kind: str) -> bool:
    """Tell whether a column of this kind comes as text, so that it is read before it is used."""
    return kind in ("number", "date") and not (
        pd.api.types.is_numeric_dtype(column.dtype)
        or pd.api.types.is_datetime64_any_dtype(column.dtype)
        or pd.api.types.is_timedelta64_dtype(column.dtype)
    )


def _sniffed(column: pd.Series) -> str:
    known = column.dropna()
    seen = known.iloc[:: max(1, len(known) // N_SNIFFED)].head(N_SNIFFED)
    if not len(seen):
        return "category"
    inferred = pd.api.types.infer_dtype(seen, skipna=True)
    if inferred in ("boolean", "date", "datetime", "datetime64"):
        return "flag" if inferred == "boolean" else "date"
    if inferred in ("floating", "integer", "mixed-integer-float", "decimal"):
        return "number"
    text = seen.astype(str).str.strip()
    text = text[text != ""]
    if len(text) and text.str.match(r"\d{4}-\d{2}-\d{2}(?:$|[T ])").mean() >= ALIKE:
        return "date"
    if text.nunique() > MANY_NUMBERS and pd.to_numeric(text, errors="coerce").notna().mean() >= ALIKE:
        return "number"
    return "category"


def as_number(column: pd.Series, kind: str = "number") -> np.ndarray:
    """Return numbers, or dates as days since 1970; what is missing, infinite or can't be read is nan."""
    if kind == "date" or pd.api.types.is_datetime64_any_dtype(column.dtype):
        return _days(column)
    if pd.api.types.is_timedelta64_dtype(column.dtype):
        column = column / pd.Timedelta(days=1)
    elif not pd.api.types.is_numeric_dtype(column.dtype):
        column = pd.to_numeric(column.astype(object), errors="coerce")
    values = column.to_numpy(dtype=float, na_value=np.nan)
    return values if np.isfinite(values).all() else np.where(np.isfinite(values), values, np.nan)


def _days(column: pd.Series) -> np.ndarray:
    if not pd.api.types.is_datetime64_any_dtype(column.dtype):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            column = pd.to_datetime(column.astype(object), errors="coerce", utc=True, format="ISO8601")
    naive = column.dt.tz_convert(None) if getattr(column.dt, "tz", None) is not None else column
    return ((naive - pd.Timestamp(0)) / pd.Timedelta(days=1)).to_numpy(dtype=float, na_value=np.nan)


def as_text(column: pd.Series) -> pd.Index:
    """Return levels as text, with missing values kept missing."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        names = np.array([*map(str, column.cat.categories), None], dtype=object)
        return pd.Index(names[column.cat.codes.to_numpy()], dtype=object)
    return pd.Index(column.astype(object).where(column.notna(), None).map(str, na_action="ignore"), dtype=object)
