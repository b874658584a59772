"""Which columns can tell segments apart."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from segvspers._checks import few, require_columns
from segvspers.errors import DataError, raise_all
from segvspers.segments.codes.coding import ColumnCode
from segvspers.segments.codes.kinds import as_number, column_kind, is_read_from_text
from segvspers.segments.codes.structural import shared_lowest

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
MOST_LEVELS, FEW_ROWS = 60, 50


def choose_columns(table: pd.DataFrame, columns: Sequence[str] | None) -> tuple[list[str], list[str]]:
    """Return the columns to use, and notes on those left out or read from text.

    Raises
    ------
    DataError
        When a column that was asked for can't be used, or none is left; all problems at once.
    """
    if not len(table):
        raise DataError("contacts has no rows, so there is nothing to segment.")
    if columns is not None:
        listed = [columns] if isinstance(columns, str) else list(columns)
        require_columns(table, listed, table="contacts")
        raise_all("columns=", [why for why in (unfit(table[name]) for name in listed) if why])
        return listed, _text_notes(table, listed)
    kept: list[str] = []
    left_out: list[str] = []
    for name in table.columns:
        if str(name) in IDENTITY | HOUSEKEEPING:
            continue
        (left_out if unfit(table[name]) else kept).append(str(name))
    if not kept:
        raise DataError(
            f"contacts has no column to segment by: {few(left_out) or 'what it has'} "
            "is constant, empty or identifies contacts."
        )
    notes = [f"Left out as constant, empty or too varied: {few(left_out)}."] if left_out else []
    return kept, notes + _text_notes(table, kept)


def unfit(column: pd.Series) -> str:
    """Return why a column can't tell segments apart, or nothing."""
    name = column.name
    if column.isna().all():
        return f"{name!r} holds no value."
    kind = column_kind(column)
    if kind in ("number", "date"):
        values = as_number(column, kind)
        if np.isnan(values).all():
            return f"{name!r} holds no finite number."
        n_levels = 1 + int(np.nanmax(values) > np.nanmin(values))
    else:
        try:
            n_levels = column.nunique()
        except TypeError:
            return f"{name!r} holds lists or objects; make it text, numbers or dates first."
    if n_levels < 2:
        return f"{name!r} has one level only, so it tells no contacts apart."
    n_known = int(column.notna().sum())
    if kind == "category" and (n_levels > MOST_LEVELS or (n_known > FEW_ROWS and n_levels > n_known / 2)):
        return (
            f"{name!r} has {n_levels:,} levels in {len(column):,} rows, as an identifier or free text has; "
            "group it first."
        )
    return ""


def _text_notes(table: pd.DataFrame, names: Sequence[str]) -> list[str]:
    """Return a note on the columns that are numbers or dates written as text."""
    told = {"number": [], "date": []}  # type: dict[str, list[str]]
    for name in names:
        kind = column_kind(table[name])
        if is_read_from_text(table[name], kind):
            told[kind].append(str(name))
    return [f"Read from text as {kind}s: {few(found)}." for kind, found in told.items() if found]


def repeat_note(table: pd.DataFrame) -> list[str]:
    """Return a note when contacts stand in several rows."""
    if "contact_id" not in table.columns:
        return []
    n = int(table["contact_id"].duplicated().sum())
    return [f"{n:,} rows repeat a contact_id; each row counts."] if n else []


def distance_notes(plans: Sequence[ColumnCode], codes: np.ndarray) -> list[str]:
    """Return what a method that measures distances makes of missing values and of zeros that columns share."""
    notes = []
    gaps = [plan.name for place, plan in enumerate(plans) if (codes[:, place] < 0).any()]
    if gaps:
        notes.append(f"Missing values of {few(gaps)} stand at the mean; latent_class lets them say nothing.")
    pairs = [f"{plans[earlier].name} and {plans[later].name}" for later, earlier in shared_lowest(plans, codes).items()]
    if pairs:
        notes.append(f"{few(pairs)} share their lowest values, which are counted twice; latent_class counts them once.")
    return notes
