"""Which columns can tell segments apart."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from segvspers._checks import few, require_columns
from segvspers.errors import DataError, raise_all

IDENTITY = {
    "contact_id",
    "email",
    "first_name",
    "last_name",
    "name",
    "company",
    "company_id",
    "phone",
    "address",
    "website",
}
HOUSEKEEPING = {
    "locale",
    "currency",
    "consent",
    "suppressed",
    "segment_id",
    "segment_name",
    "membership",
    "variant",
}
MOST_LEVELS = 60


def choose_columns(table: pd.DataFrame, columns: Sequence[str] | None) -> tuple[list[str], list[str]]:
    """Return the columns to use, and notes on those left out.

    Raises
    ------
    DataError
        When a column that was asked for can't be used, or none is left.
    """
    if not len(table):
        raise DataError("contacts has no rows, so there is nothing to segment.")
    if columns is not None:
        listed = list(columns)
        require_columns(table, listed, table="contacts")
        raise_all("columns=", [why for why in (_unfit(table[name]) for name in listed) if why])
        return listed, []
    kept, left_out = [], []
    for name in table.columns:
        if str(name) in IDENTITY | HOUSEKEEPING:
            continue
        if _unfit(table[name]):
            left_out.append(str(name))
        else:
            kept.append(str(name))
    if not kept:
        raise DataError(f"contacts has no column to segment by: {few(left_out)} are constant, empty or identifiers.")
    return kept, [f"Left out as constant, empty or too varied: {few(left_out)}."] if left_out else []


def _unfit(column: pd.Series) -> str:
    """Return why a column can't be used, or nothing."""
    name = column.name
    if column.isna().all():
        return f"{name!r} holds no value."
    try:
        n_levels = column.nunique()
    except TypeError:
        return f"{name!r} holds lists or objects; make it text, numbers or dates first."
    if n_levels < 2:
        return f"{name!r} has one level only, so it tells no contacts apart."
    amount = pd.api.types.is_numeric_dtype(column.dtype) or pd.api.types.is_datetime64_any_dtype(column.dtype)
    if not amount and n_levels > MOST_LEVELS:
        return (
            f"{name!r} has {n_levels:,} levels in {len(column):,} rows, as an identifier or free text has; "
            "group it first."
        )
    return ""
