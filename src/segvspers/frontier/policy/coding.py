"""Features as codes that a test, a list and a SQL statement all read alike."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from segvspers.errors import DataError
from segvspers.segments.codes.coding import MISSING, UNKNOWN, ColumnCode, code_table, level_text
from segvspers.segments.crossing.rules import plan_column


def plan_features(frame: pd.DataFrame, features: Sequence[str], n_bands: int) -> tuple[ColumnCode, ...]:
    """Return how each feature of the test is cut into levels."""
    return tuple(plan_column(frame[name], name, n_bands) for name in features)


def coded_rows(frame: pd.DataFrame, plans: Sequence[ColumnCode]) -> pd.DataFrame:
    """Return the rows of a test with each feature as the code of its level; what is missing stays missing."""
    codes = code_table(plans, frame)
    coded = {}
    for place, plan in enumerate(plans):
        own = np.where(codes[:, place] < 0, -1, codes[:, place])
        coded[plan.name] = pd.Categorical.from_codes(own, categories=[str(code) for code in range(plan.n_levels)])
    return frame.assign(**coded)


def join_features(frame: pd.DataFrame, contacts: pd.DataFrame, features: Sequence[str]) -> pd.DataFrame:
    """Return the rows of a test with features that only the list has, by `contact_id`."""
    lacking = [name for name in features if name not in frame.columns and name in contacts.columns]
    if not lacking or "contact_id" not in frame.columns:
        return frame
    known = contacts.set_index(contacts["contact_id"].astype(str))[lacking]
    ids = frame["contact_id"].astype(str)
    missing = int((~ids.isin(known.index)).sum())
    if missing:
        raise DataError(
            f"{missing:,} of {len(frame):,} rows of outcomes have a contact_id that contacts lacks, so {lacking} is not known of "
            "them; add these columns to outcomes."
        )
    return frame.assign(**{name: known[name].reindex(ids).array for name in lacking})


def cell_codes(levels: np.ndarray, plans: Sequence[ColumnCode]) -> np.ndarray:
    """Return the levels of the cells of a test as codes; there a missing value is the last level."""
    codes = levels.astype(np.int16)
    sizes = np.array([plan.n_levels for plan in plans])
    return np.where(codes >= sizes, MISSING, codes).astype(np.int16)


def place_rows(table: pd.DataFrame, plans: Sequence[ColumnCode], cells: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the cell of each row of a list (-1 where the test had nobody alike), and the codes of its features."""
    codes = code_table(plans, table)
    both = np.unique(np.vstack([cells, codes]), axis=0, return_inverse=True)[1].reshape(-1)
    place = np.full(int(both.max(initial=-1)) + 1, -1)
    place[both[: len(cells)]] = np.arange(len(cells))
    return place[both[len(cells) :]], codes


def why_unplaced(codes: np.ndarray, plans: Sequence[ColumnCode], cells: np.ndarray) -> np.ndarray:
    """Return, for rows without a cell, why the test says nothing of them; levels themselves are not quoted."""
    why = np.full(len(codes), "no evidence: nobody in the test was alike in all of these features", dtype=object)
    for place in range(len(plans) - 1, -1, -1):
        seen = np.isin(codes[:, place], cells[:, place])
        name = plans[place].name
        why[~seen & (codes[:, place] == UNKNOWN)] = f"no evidence: {name} has a value that the test did not see"
        why[~seen & (codes[:, place] == MISSING)] = (
            f"no evidence: {name} is not known, and in the test it was of everybody"
        )
        why[~seen & (codes[:, place] >= 0)] = f"no evidence: nobody in the test had this {name}"
    return why


def name_cell(plans: Sequence[ColumnCode], codes: Sequence[int], places: Sequence[int]) -> str:
    """Return the levels of a cell in some features as text.

    Examples
    --------
    >>> name_cell([ColumnCode("plan", "category", levels=("free", "paid"))], [1], [0])
    'plan paid'
    """
    return ", ".join(
        f"{plans[place].name.replace('_', ' ')} {level_text(plans[place], int(codes[place]))}" for place in places
    )
