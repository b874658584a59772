"""Values that the fit of a segmentation did not know: they say nothing, and many of them mean another coding."""

from __future__ import annotations

import warnings
from collections.abc import Sequence

import pandas as pd

from segvspers.errors import DataError
from segvspers.segments.codes.coding import ColumnCode

MOSTLY, FEW, SAMPLED = 0.5, 10, 2_000


def check_columns(wanted: Sequence[str], there: Sequence[str]) -> None:
    """Raise `DataError` when a table has none of the columns of the fit."""
    if not set(wanted) & set(there):
        raise DataError(
            f"contacts has none of the columns {list(wanted)} that the segments were made from; "
            f"it has {list(map(str, there))[:40]}."
        )


def leveled(plans: Sequence[ColumnCode], there: Sequence[str]) -> list[ColumnCode]:
    """Return the plans of columns that are looked up in levels, as far as a table has them."""
    return [plan for plan in plans if plan.kind in ("category", "flag") and plan.name in there]


def count_values(plans: Sequence[ColumnCode], table: pd.DataFrame, *, sampled: int = SAMPLED) -> pd.DataFrame:
    """Return `column, n_values, n_known`: how many of its values the fit knows; of some values of a long table."""
    rows = []
    for plan in leveled(plans, list(table.columns)):
        values = table[plan.name].dropna()
        values = values if len(values) <= sampled else values.iloc[:: len(values) // sampled]
        rows.append((plan.name, len(values), int(values.map(str).isin(plan.levels).sum())))
    return pd.DataFrame(rows, columns=["column", "n_values", "n_known"])


def warn_of_strangers(counts: pd.DataFrame, *, stacklevel: int) -> None:
    """Warn when most values of a column are new to the fit, as after a change of coding."""
    odd = counts[(counts["n_values"] >= FEW) & (counts["n_known"] <= MOSTLY * counts["n_values"])]
    if len(odd):
        warnings.warn(
            f"Most values of {odd['column'].tolist()} are new to the segmentation and say nothing; compare their spelling "
            "with the list of the fit.",
            stacklevel=stacklevel,
        )
