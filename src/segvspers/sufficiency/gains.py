"""What a column of contacts would add where it is missing, from what it adds where it is filled."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

# Columns of contacts that facts come from.
COLUMNS = ("signup_date", "plan", "industry", "company_size", "region", "job_title")


def column_gains(
    people: pd.DataFrame, facts: pd.DataFrame, *, usable: pd.DataFrame, routes: pd.DataFrame, bits_needed: float
) -> pd.DataFrame:
    """Return one row a column, what would add most first.

    Returns
    -------
    pandas.DataFrame
        `column, n_known, n_missing, bits_each` (expected of a contact in whom it is filled in; nan where nobody has it),
        `bits_added` (per contact of the list), `n_more_individual` (expected number of contacts who would then be known
        well enough) and `note`.
    """
    import pandas as pd

    own = facts[facts["source"].str.startswith("contacts:")]
    column_of = own["source"].str.removeprefix("contacts:")
    named = [*COLUMNS, *sorted(set(column_of) - set(COLUMNS))]
    counted = own.index.isin(usable.index)
    thin = ((routes["route"] == "segment") & (routes["bits"] < bits_needed)).to_numpy()
    rows = [
        _gain(people, column, own[column_of == column], counted[column_of == column], thin, routes, bits_needed)
        for column in named
    ]
    order = ["bits_added", "column"]
    return pd.DataFrame(rows).sort_values(order, ascending=[False, True], na_position="last", ignore_index=True)


def _gain(
    people: pd.DataFrame, column: str, facts: pd.DataFrame, counted: np.ndarray, thin: np.ndarray, routes: pd.DataFrame,
    bits_needed: float,
) -> dict[str, object]:  # fmt: skip
    row: dict[str, object] = {"column": column, "n_known": 0, "n_missing": len(people), "bits_each": np.nan,
                              "bits_added": np.nan, "n_more_individual": np.nan}  # fmt: skip
    if column not in people.columns:
        return row | {"note": "not in the table, so what it would add can't be told"}
    filled, expected = _filled(people, column)
    missing = expected & ~filled
    n_known = int((filled & expected).sum())
    row |= {"n_known": n_known, "n_missing": int(missing.sum())}
    if not n_known:
        return row | {"note": "empty in every row, so what it would add can't be told"}
    told = _bits_together(people, facts, filled & expected)
    lifts = _bits_added_up(people, facts[counted], filled & expected)
    more = _share_lifted(routes["bits"].to_numpy()[missing & thin], lifts, bits_needed)
    return row | {
        "bits_each": float(told.mean()),
        "bits_added": float(told.mean() * missing.sum() / len(people)),
        "n_more_individual": float(more),
        "note": "" if missing.any() else "no gaps",
    }


def _filled(people: pd.DataFrame, column: str) -> tuple[np.ndarray, np.ndarray]:
    """Return where a column is filled, and where it should be: only customers have a plan."""
    values = people[column]
    filled = (values.notna() & (values.astype("string").str.strip() != "")).to_numpy(dtype=bool)
    if column == "plan" and "purchase_status" in people.columns:
        return filled, filled | (people["purchase_status"].astype("string") == "customer").fillna(False).to_numpy(
            dtype=bool
        )
    return filled, np.ones(len(people), dtype=bool)


def _bits_together(people: pd.DataFrame, facts: pd.DataFrame, known: np.ndarray) -> np.ndarray:
    """Return for each contact with the column -log2 of the share of them of whom all that it tells is true."""
    has = people.loc[known, "contact_id"]
    facts = facts[facts["contact_id"].isin(has)]
    codes = facts.groupby(["kind", "topic", "value"]).ngroup()
    told = codes.groupby(facts["contact_id"]).agg(frozenset)
    sizes = told.value_counts()
    alone = codes.value_counts()
    n_true = {
        said: alone[next(iter(said))] if len(said) == 1 else sum(n for other, n in sizes.items() if said <= other)
        for said in sizes.index
    }
    return -np.log2(has.map(told.map(n_true)).fillna(len(has)).to_numpy(dtype=float) / len(has)) + 0.0


def _bits_added_up(people: pd.DataFrame, facts: pd.DataFrame, known: np.ndarray) -> np.ndarray:
    """Return for each contact with the column the sum of the bits of its facts, as the routing adds them up."""
    has = people.loc[known, "contact_id"]
    facts = facts[facts["contact_id"].isin(has)]
    n_true = facts.groupby(["kind", "topic", "value"])["contact_id"].transform("size")
    bits = -np.log2(n_true / len(has)).groupby(facts["contact_id"]).sum()
    return has.map(bits).fillna(0.0).to_numpy(dtype=float) + 0.0


def _share_lifted(bits: np.ndarray, gains: np.ndarray, needed: float) -> float:
    """Return how many of the contacts with these bits would reach what is needed, if their gains were drawn from `gains`."""
    if not np.isfinite(needed):
        return 0.0
    ordered = np.sort(gains)
    reached = len(ordered) - np.searchsorted(ordered, needed - bits, side="left")
    return float(reached.sum() / len(ordered))
