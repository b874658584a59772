"""Segments by rules: the cross of the levels of some columns."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from segvspers._levels import MANY_NUMBERS, code_attributes
from segvspers.segments.assigners import RuleAssigner
from segvspers.segments.build import build_segmentation
from segvspers.segments.coding import ColumnCode, as_number, code_table, cut_points, fit_codes
from segvspers.segments.naming import phrase
from segvspers.segments.segmentation import Segmentation


def segment_by(contacts: pd.DataFrame, *, by: Sequence[str], n_bands: int = 5) -> Segmentation:
    """Segment contacts by rules: one segment for each combination of levels that somebody has.

    Parameters
    ----------
    contacts
        One row a contact.
    by
        Columns to cross; numbers and dates of many values are cut into bands.
    n_bands
        Bands of a number or date.

    Returns
    -------
    Segmentation
        Segments by size; each is named by its levels. Missing values are a level of their own.

    Raises
    ------
    DataError
        When a column is unknown, empty or an identifier.

    Examples
    --------
    >>> import pandas as pd
    >>> import segvspers as sv
    >>> contacts = pd.DataFrame({"plan": ["A", "A", "B"], "region": ["US", "US", "UK"]})
    >>> sv.segment_by(contacts, by=["plan", "region"]).to_frame()["segment_name"].tolist()
    ['A, US', 'B, UK']
    """
    attributes = code_attributes(contacts, by, n_bands=n_bands)
    plans = [_plan(contacts[attribute.name], attribute.name, n_bands) for attribute in attributes]
    codes = code_table(plans, contacts)
    cells, counts = np.unique(codes, axis=0, return_counts=True)
    order = np.argsort(-counts, kind="stable")
    cells = cells[order]
    assigner = RuleAssigner(tuple(plans), cells, np.arange(len(cells)))
    return build_segmentation(contacts, assigner, method="rules", names=[_name(plans, cell) for cell in cells])


def _plan(column: pd.Series, name: str, n_bands: int) -> ColumnCode:
    plan = fit_codes(column.to_frame(name), [name], n_bins=n_bands, apart=False)[0][0]
    if plan.kind == "number" and column.nunique() <= MANY_NUMBERS:
        return ColumnCode(name, "number", cuts=cut_points(as_number(column), 1_000_000))
    return plan


def _name(plans: Sequence[ColumnCode], cell: np.ndarray) -> str:
    words = [
        phrase(plan.name, _level(plan, int(code))) if code >= 0 else f"{plan.name.replace('_', ' ')} not known"
        for plan, code in zip(plans, cell, strict=True)
    ]
    text = ", ".join(words)
    return text[0].upper() + text[1:]


def _level(plan: ColumnCode, code: int) -> str:
    if plan.kind == "category":
        return plan.levels[code]
    ends = [_cut(plan, cut) for cut in plan.cuts]
    if not ends:
        return "any"
    if code == 0:
        return f"below {ends[0]}"
    return f"{ends[-1]} or more" if code == len(ends) else f"{ends[code - 1]} to {ends[code]}"


def _cut(plan: ColumnCode, cut: float) -> str:
    if plan.kind == "date":
        return (pd.Timestamp(0) + pd.Timedelta(days=cut)).date().isoformat()
    return f"{cut:,.6g}"
