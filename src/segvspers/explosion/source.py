"""The first grouping: codes of each row of a frame, or of each group that an engine returns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from segvspers._checks import require_columns
from segvspers._levels import Attribute, code_attributes
from segvspers.errors import ArgumentError, DataError
from segvspers.explosion.cells import FinestCells, count_cells
from segvspers.explosion.honest import outcome_cells
from segvspers.explosion.people import IDENTITY, People, cells_of, n_with_company, neighbours_of, people_of

ENOUGH_PAIRS = 5_000
UNKNOWN = "not known"


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """A list, ready to be crossed: its attributes, its finest cells, and contacts to look at one by one.

    `scored` holds the sums of the outcome by half, when there is one; `people` is a sample of the list with
    the `outcome` of each, `neighbours` come from whole cells, so that most have a companion.
    """

    attributes: list[Attribute]
    finest: FinestCells
    scored: FinestCells | None
    people: People
    neighbours: People
    outcome: np.ndarray | None
    n_contacts: int
    base_rate: float | None


def read_source(
    contacts: Any,
    by: Sequence[str],
    *,
    outcome: str | None,
    n_bands: int,
    missing: str,
    rng: np.random.Generator,
) -> Source:
    """Return the list behind any kind of table; large ones are grouped where they lie."""
    home = type(contacts).__module__.partition(".")[0]
    if isinstance(contacts, (str, Path)) or home in ("duckdb", "_duckdb", "pyspark"):
        from segvspers.explosion.engines import read_grouped

        return read_grouped(contacts, by, outcome=outcome, n_bands=n_bands, missing=missing, rng=rng)
    return _from_frame(as_frame(contacts), by, outcome=outcome, n_bands=n_bands, missing=missing, rng=rng)


def as_frame(contacts: Any) -> pd.DataFrame:
    """Return a pandas frame of a pandas, polars or Arrow table."""
    if isinstance(contacts, pd.DataFrame):
        return contacts
    import narwhals as nw

    try:
        found = nw.from_native(contacts)
        return (found.collect() if isinstance(found, nw.LazyFrame) else found).to_pandas()
    except TypeError as wrong:
        raise DataError(
            f"contacts is a {type(contacts).__name__}; give a pandas, polars or Arrow table, a DuckDB "
            "relation, a PySpark frame or the path of a Parquet file."
        ) from wrong


def outcome_values(frame: pd.DataFrame, outcome: str, by: Sequence[str]) -> np.ndarray:
    """Return an outcome as numbers, with nan where it is missing; raise when it tells nothing."""
    require_columns(frame, [outcome], table="contacts")
    if outcome in by:
        raise ArgumentError(f"outcome={outcome!r} is one of by=; a cell can't be asked to explain what defines it.")
    values = pd.to_numeric(frame[outcome], errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    values = np.where(np.isfinite(values), values, np.nan)
    if not len(values) or np.isnan(values).all() or np.nanmin(values) == np.nanmax(values):
        raise DataError(no_outcome(outcome, list(frame[outcome].dropna().unique()[:3]) if len(frame) else []))
    return values


def no_outcome(outcome: str, some: Sequence[object]) -> str:
    """Return the message for an outcome that tells nothing; two texts are named with the mend."""
    if len(some) == 2 and all(isinstance(value, str) for value in some):
        yes = max(map(str, some))
        mend = f"make it true or false first, such as contacts[{outcome!r}].eq({yes!r})."
        return f"outcome={outcome!r} holds the texts {sorted(map(str, some))}; {mend}"
    return (
        f"outcome={outcome!r} holds no numbers or one value only, so nothing can explain it; "
        "name a column of numbers or truth values."
    )


def check_once(frame: pd.DataFrame) -> None:
    """Raise when a contact stands on the list more than once: it would be counted in its cell each time."""
    if IDENTITY not in frame.columns or isinstance(frame[IDENTITY], pd.DataFrame):
        return
    twice = frame[IDENTITY].duplicated() & frame[IDENTITY].notna()
    if twice.any():
        raise DataError(repeated_contacts(f"{int(twice.sum()):,}", f"first at row {int(np.argmax(twice))}"))


def repeated_contacts(n: str, where: str) -> str:
    """Return the message for contacts that stand there more than once."""
    return (
        f"contacts: {n} rows repeat a contact_id ({where}), and would be counted again; "
        "keep one row a contact, such as contacts.drop_duplicates('contact_id')."
    )


def with_unknown(attribute: Attribute) -> Attribute:
    """Return the attribute with missing values as a level of their own, its last."""
    if not attribute.has_missing:
        return attribute
    codes = np.where(attribute.codes < 0, attribute.n_levels, attribute.codes).astype(np.int32)
    levels = (*attribute.levels, UNKNOWN)
    return replace(attribute, levels=levels, codes=codes, note="" if attribute.n_levels == 1 else attribute.note)


def _from_frame(
    frame: pd.DataFrame,
    by: Sequence[str],
    *,
    outcome: str | None,
    n_bands: int,
    missing: str,
    rng: np.random.Generator,
) -> Source:
    check_once(frame)
    attributes = code_attributes(frame, by, n_bands=n_bands)
    if missing == "level":
        attributes = [with_unknown(attribute) for attribute in attributes]
    values = None if outcome is None else outcome_values(frame, outcome, by)
    finest = count_cells(attributes)
    scored = None if values is None else outcome_cells(attributes, values, rng=rng)
    people = people_of(frame, attributes, rng=rng)
    alone = n_with_company(cells_of(people.codes)) < min(ENOUGH_PAIRS, len(people) / 2) and len(people) < len(frame)
    return Source(
        attributes=attributes,
        finest=finest,
        scored=scored,
        people=people,
        neighbours=neighbours_of(frame, attributes) if alone else people,
        outcome=None if values is None else values[people.rows],
        n_contacts=len(frame),
        base_rate=None if values is None else rate_of(values),
    )


def rate_of(values: np.ndarray) -> float | None:
    """Return the mean of an outcome of zeros and ones; another kind of outcome has no rate."""
    known = values[~np.isnan(values)]
    return float(known.mean()) if np.isin(known, [0, 1]).all() else None
