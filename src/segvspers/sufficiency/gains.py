"""What a column of contacts would add where it is missing, from what it adds where it is filled."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

# Columns of contacts that facts come from.
COLUMNS = ("signup_date", "plan", "industry", "company_size", "region", "job_title")


def column_gains(
    people: pd.DataFrame, facts: pd.DataFrame, *, counted: np.ndarray, routes: pd.DataFrame, bits_needed: float
) -> pd.DataFrame:
    """Return one row a column, what would add most first.

    Parameters
    ----------
    people
        Contacts, one row each.
    facts
        With `who`, the place of the contact among `people`.
    counted
        Whether the routing counts a fact.
    routes
        As `route_contacts` returns them.
    bits_needed
        Bits that an individual email needs.

    Returns
    -------
    pandas.DataFrame
        `column, n_known, n_missing, bits_each` (expected of a contact in whom it is filled in; nan where nobody has it),
        `bits_added` (per contact of the list), `n_more_individual` (expected number of contacts who would then be known
        well enough) and `note`.
    """
    import pandas as pd

    own = facts["source"].str.startswith("contacts:").to_numpy(dtype=bool)
    told = facts.loc[own, ["who", "kind", "topic", "value"]]
    statement = told.groupby(["kind", "topic", "value"]).ngroup().to_numpy()
    columns, names = pd.factorize(facts.loc[own, "source"].str.removeprefix("contacts:"))
    who, counted = told["who"].to_numpy(), counted[own]
    thin = ((routes["route"] == "segment") & (routes["bits"] < bits_needed)).to_numpy()
    short = bits_needed - routes["bits"].to_numpy()
    rows = []
    for column in [*COLUMNS, *sorted(set(names) - set(COLUMNS))]:
        here = columns == (list(names).index(column) if column in set(names) else -2)
        rows.append(_gain(people, column, (who[here], statement[here], counted[here]), short=short, thin=thin))
    order = ["bits_added", "column"]
    return pd.DataFrame(rows).sort_values(order, ascending=[False, True], na_position="last", ignore_index=True)


def _gain(
    people: pd.DataFrame, column: str, facts: tuple[np.ndarray, ...], *, short: np.ndarray, thin: np.ndarray
) -> dict[str, object]:
    row: dict[str, object] = {"column": column, "n_known": 0, "n_missing": len(people), "bits_each": np.nan,
                              "bits_added": np.nan, "n_more_individual": np.nan}  # fmt: skip
    if column not in people.columns:
        return row | {"note": "not in the table, so what it would add can't be told"}
    filled, expected = _filled(people, column)
    known, missing = filled & expected, expected & ~filled
    row |= {"n_known": int(known.sum()), "n_missing": int(missing.sum())}
    if not known.any():
        return row | {"note": "empty in every row, so what it would add can't be told"}
    who, statement, counted = facts
    counted = counted & known[who]
    together = _bits_together(who[known[who]], statement[known[who]], known)
    added_up = _bits_added_up(who[counted], statement[counted], known)
    return row | {
        "bits_each": float(together.mean()),
        "bits_added": float(together.mean() * missing.sum() / len(people)),
        "n_more_individual": _n_lifted(short[missing & thin], added_up),
        "note": "" if missing.any() else "no gaps",
    }


def _filled(people: pd.DataFrame, column: str) -> tuple[np.ndarray, np.ndarray]:
    """Return where a column is filled, and where it should be: only customers have a plan."""
    values = people[column]
    filled = (values.notna() & (values.astype("string").str.strip() != "")).to_numpy(dtype=bool)
    if column == "plan" and "purchase_status" in people.columns:
        customers = (people["purchase_status"].astype("string") == "customer").fillna(False).to_numpy(dtype=bool)
        return filled, filled | customers
    return filled, np.ones(len(people), dtype=bool)


def _bits_together(who: np.ndarray, statement: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Return for each contact with the column -log2 of the share of them of whom all that it tells is true."""
    n_true = np.full(len(known), int(known.sum()))
    if len(who):
        order = np.lexsort((statement, who))
        contacts, starts = np.unique(who[order], return_index=True)
        n_true[contacts] = _true_of(statement[order], starts)
    return -np.log2(n_true[known] / known.sum()) + 0.0


def _true_of(statement: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """Return for each run of statements, one a contact, of how many contacts all of them are true."""
    alone = np.bincount(statement)
    # Contacts who are told the same are found by the sum of random marks, one a statement.
    marks = np.random.default_rng(0).integers(0, 2**62, len(alone), dtype=np.uint64)
    _, first, which, sizes = np.unique(
        np.add.reduceat(marks[statement], starts), return_index=True, return_inverse=True, return_counts=True
    )
    lengths = np.diff(np.append(starts, len(statement)))[first]
    several = {
        place: frozenset(statement[starts[first[place]] :][: lengths[place]].tolist())
        for place in np.flatnonzero(lengths > 1)
    }
    n_true = alone[statement[starts[first]]]
    for place, said in several.items():
        n_true[place] = sum(int(sizes[other]) for other, more in several.items() if said <= more)
    return n_true[which]


def _bits_added_up(who: np.ndarray, statement: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Return for each contact with the column the sum of the bits of its facts, as the routing adds them up."""
    share = np.bincount(statement)[statement] / known.sum() if len(who) else np.empty(0)
    return np.bincount(who, weights=-np.log2(share), minlength=len(known))[known] + 0.0


def _n_lifted(short: np.ndarray, gains: np.ndarray) -> float:
    """Return how many contacts, each so many bits short, would reach what is needed if their gains were drawn from these."""
    if not len(short) or not np.isfinite(short).all():
        return 0.0
    ordered = np.sort(gains)
    reached = len(ordered) - np.searchsorted(ordered, short, side="left")
    return float(reached.sum() / len(ordered))
