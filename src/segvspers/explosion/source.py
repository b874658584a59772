"""The first grouping: codes of each row of a frame, or of each group that an engine returns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from segvspers._checks import require_columns
from segvspers._levels import Attribute, code_attributes
from segvspers.errors import DataError
from segvspers.explosion.cells import FinestCells, count_cells
from segvspers.explosion.honest import outcome_cells


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """A list, ready to be crossed: its attributes, its finest cells, and contacts to compare in pairs.

    `scored` holds the sums of the outcome by half, when there is one; `rows` are all contacts of a frame, or
    a sample of a table that an engine holds.
    """

    attributes: list[Attribute]
    finest: FinestCells
    scored: FinestCells | None
    rows: pd.DataFrame
    row_attributes: list[Attribute]
    outcome: np.ndarray | None
    n_contacts: int
    base_rate: float | None


def read_source(
    contacts: Any, by: Sequence[str], *, outcome: str | None, n_bands: int, rng: np.random.Generator
) -> Source:
    """Return the list behind any kind of table; large ones are grouped where they lie."""
    if isinstance(contacts, (str, Path)) or type(contacts).__module__.partition(".")[0] in (
        "duckdb",
        "_duckdb",
        "pyspark",
    ):
        from segvspers.explosion.engines import read_grouped

        return read_grouped(contacts, by, outcome=outcome, n_bands=n_bands)
    return _from_frame(as_frame(contacts), by, outcome=outcome, n_bands=n_bands, rng=rng)


def as_frame(contacts: Any) -> pd.DataFrame:
    """Return a pandas frame of a pandas, polars or Arrow table."""
    if isinstance(contacts, pd.DataFrame):
        return contacts
    import narwhals as nw

    try:
        return nw.from_native(contacts, eager_only=True).to_pandas()
    except TypeError as wrong:
        raise DataError(
            f"contacts is a {type(contacts).__name__}; give a pandas, polars or Arrow table, a DuckDB "
            "relation, a PySpark frame or the path of a Parquet file."
        ) from wrong


def outcome_values(frame: pd.DataFrame, outcome: str) -> np.ndarray:
    """Return an outcome as numbers, with nan where it is missing; raise when it tells nothing."""
    require_columns(frame, [outcome], table="contacts")
    values = pd.to_numeric(frame[outcome], errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    values = np.where(np.isfinite(values), values, np.nan)
    if not len(values) or np.isnan(values).all() or np.nanmin(values) == np.nanmax(values):
        raise DataError(
            f"outcome={outcome!r} holds no numbers or one value only, so nothing can explain it; "
            "name a column of numbers or truth values."
        )
    return values


def _from_frame(
    frame: pd.DataFrame, by: Sequence[str], *, outcome: str | None, n_bands: int, rng: np.random.Generator
) -> Source:
    attributes = code_attributes(frame, by, n_bands=n_bands)
    finest = count_cells(attributes)
    if outcome is None:
        return Source(attributes, finest, None, frame, attributes, None, len(frame), None)
    values = outcome_values(frame, outcome)
    scored = outcome_cells(attributes, values, rng=rng)
    known = values[~np.isnan(values)]
    rate = float(known.mean()) if np.isin(known, [0, 1]).all() else None
    return Source(attributes, finest, scored, frame, attributes, values, len(frame), rate)
