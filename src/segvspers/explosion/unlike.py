"""How different two people of one segment still are."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from segvspers._levels import Attribute

PRIVATE = {
    "contact_id",
    "email",
    "first_name",
    "last_name",
    "company",
    "company_id",
    "phone",
    "name",
    "address",
}
N_PAIRS = 20_000


def difference_of_pairs(
    contacts: pd.DataFrame, attributes: Sequence[Attribute], *, rng: np.random.Generator
) -> tuple[float, float]:
    """Return the mean share of the other columns in which two contacts differ: of one cell, and of the list.

    Notes
    -----
    Gower's (1971) dissimilarity: 0 or 1 for names, the distance of ranks for numbers and dates; a column
    that either contact lacks does not count. Means over random pairs.
    """
    others = comparable(contacts, attributes)
    placed = np.flatnonzero(np.all([a.codes >= 0 for a in attributes], axis=0))
    if others.shape[1] == 0 or len(placed) < 2:
        return float("nan"), float("nan")
    first, second = _pairs_within(placed, attributes, rng)
    left, right = rng.choice(placed, min(N_PAIRS, len(placed))), rng.choice(placed, min(N_PAIRS, len(placed)))
    apart = left != right
    return _gower(others, first, second), _gower(others, left[apart], right[apart])


def unlike_pair(contacts: pd.DataFrame, attributes: Sequence[Attribute], *, rng: np.random.Generator) -> pd.DataFrame:
    """Return two contacts of one cell, the most unlike of the pairs drawn, side by side.

    The frame has one row a column: ``column, first, second, differs``; names and addresses are left out.
    """
    others = comparable(contacts, attributes)
    placed = np.flatnonzero(np.all([a.codes >= 0 for a in attributes], axis=0))
    empty = pd.DataFrame({"column": [], "first": [], "second": [], "differs": []})
    if others.shape[1] == 0 or len(placed) < 2:
        return empty
    first, second = _pairs_within(placed, attributes, rng)
    if not len(first):
        return empty
    apart = np.nansum(np.abs(others[first] - others[second]) > 0.1, axis=1)
    best = int(np.argmax(apart))
    names = [a.name for a in attributes]
    shown = [name for name in contacts.columns if name not in PRIVATE or name == "contact_id"]
    shown = (
        ["contact_id"] * ("contact_id" in shown)
        + names
        + [name for name in shown if name not in names and name != "contact_id"]
    )
    one, two = contacts.iloc[first[best]], contacts.iloc[second[best]]
    rows = [(name, _shown(one[name]), _shown(two[name])) for name in dict.fromkeys(shown)]
    frame = pd.DataFrame(rows, columns=["column", "first", "second"])
    frame["differs"] = frame["first"] != frame["second"]
    return frame


def _pairs_within(
    placed: np.ndarray, attributes: Sequence[Attribute], rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Return pairs of neighbours after the contacts of each cell are shuffled."""
    key = np.zeros(len(placed), dtype=np.int64)
    for attribute in attributes:
        key = key * attribute.n_levels + attribute.codes[placed]
        if key.max(initial=0) > 2**40:
            key = np.unique(key, return_inverse=True)[1].reshape(-1)
    order = np.lexsort((rng.random(len(placed)), key))
    together = np.flatnonzero(key[order[1:]] == key[order[:-1]])
    if len(together) > N_PAIRS:
        together = rng.choice(together, N_PAIRS, replace=False)
    return placed[order[together]], placed[order[together + 1]]


def comparable(contacts: pd.DataFrame, attributes: Sequence[Attribute]) -> np.ndarray:
    """Return the other columns as numbers whose differences lie in 0 to 1; names get codes ten apart."""
    used = {a.name for a in attributes} | PRIVATE
    columns = []
    for name in contacts.columns:
        column = contacts[name]
        if name in used or column.isna().all():
            continue
        amount = pd.api.types.is_numeric_dtype(column.dtype) or pd.api.types.is_datetime64_any_dtype(column.dtype)
        if amount and not pd.api.types.is_bool_dtype(column.dtype):
            columns.append(column.rank(pct=True).to_numpy(dtype=float))
            continue
        codes = pd.factorize(column.astype(str).where(column.notna()))[0].astype(float)
        columns.append(np.where(codes < 0, np.nan, codes * 10))
    return np.stack(columns, axis=1) if columns else np.empty((len(contacts), 0))


def _gower(values: np.ndarray, first: np.ndarray, second: np.ndarray) -> float:
    if not len(first):
        return float("nan")
    apart = np.minimum(1.0, np.abs(values[first] - values[second]))
    known = ~np.isnan(apart)
    return float(np.nansum(apart) / known.sum()) if known.any() else float("nan")


def _shown(value: object) -> str:
    if value is None or value is pd.NaT or (isinstance(value, float) and np.isnan(value)) or value is pd.NA:
        return "not known"
    if isinstance(value, pd.Timestamp):
        return value.date().isoformat()
    return str(value)
