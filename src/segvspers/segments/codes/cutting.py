"""How the columns of a table become codes: quantile bins that keep ties together, and levels."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from segvspers.segments.codes.coding import ColumnCode, code_table, cut_points
from segvspers.segments.codes.kinds import as_number, as_text, column_kind
from segvspers.segments.codes.structural import count_once

MOST_BINS = 16
# Cuts are quantiles of a sample: with 100,000 rows each bin's share is right to a tenth of a percentage point.
N_CUT_ROWS = 100_000


def fit_codes(
    frame: pd.DataFrame,
    columns: Sequence[str],
    *,
    n_bins: int = MOST_BINS,
    apart: bool = True,
    rng: np.random.Generator | None = None,
) -> list[ColumnCode]:
    """Return how each column is coded.

    Parameters
    ----------
    frame, columns
        The table and the columns to code.
    n_bins
        Most bins of a number or date, besides those of values that many contacts share.
    apart
        Whether zeros that two columns share are counted once.
    rng
        Draws the rows that cuts are taken from, when there are many.
    """
    rows = sample_rows(len(frame), N_CUT_ROWS, rng or np.random.default_rng(0))
    sample = frame if rows is None else frame.iloc[rows]
    plans = [_plan(frame[name], sample[name], str(name), n_bins) for name in columns]
    return count_once(plans, sample, n_bins, code_table(plans, sample)) if apart else plans


def sample_rows(n: int, most: int, rng: np.random.Generator) -> np.ndarray | None:
    """Return the places of at most `most` rows in order, or nothing when all are used."""
    return None if n <= most else np.sort(rng.choice(n, most, replace=False, shuffle=False))


def _plan(column: pd.Series, sample: pd.Series, name: str, n_bins: int) -> ColumnCode:
    kind = column_kind(column)
    if kind in ("number", "date"):
        values = as_number(sample, kind)
        if np.isnan(values).all():
            values = as_number(column, kind)
        cuts = cut_points(values, n_bins, whole_seconds=kind == "date")
        low = values[values < cuts[0]] if cuts else np.array([])
        return ColumnCode(name, kind, cuts=cuts, zero_first=bool(kind == "number" and len(low) and not low.any()))
    if isinstance(column.dtype, pd.CategoricalDtype):
        seen = column.cat.remove_unused_categories().cat
        return ColumnCode(name, kind, levels=tuple(map(str, seen.categories)), ordered=bool(seen.ordered))
    return ColumnCode(name, kind, levels=tuple(sorted(set(as_text(pd.Series(column.dropna().unique()))))))
