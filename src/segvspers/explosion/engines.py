"""The first grouping where a large table lies: DuckDB for Parquet files and relations, or PySpark."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from segvspers._levels import MANY_NUMBERS, MOST_LEVELS, Attribute, check_by, code_attributes
from segvspers.errors import DataError, MissingFileError, raise_all
from segvspers.explosion.cells import count_cells
from segvspers.explosion.source import Source

N_SAMPLED = 20_000
# Sums by half of the list, in the order that the scores expect.
SUMS = ("n_first", "n_second", "sum_first", "sum_second", "square_first", "square_second")


def read_grouped(contacts: Any, by: Sequence[str], *, outcome: str | None, n_bands: int) -> Source:
    """Return the finest cells of a table that the engine groups, without reading its rows into memory."""
    if type(contacts).__module__.startswith("pyspark"):
        return _from_spark(contacts, by)
    return _from_duckdb(contacts, by, outcome=outcome, n_bands=n_bands)


def _from_duckdb(contacts: Any, by: Sequence[str], *, outcome: str | None, n_bands: int) -> Source:
    import duckdb

    if isinstance(contacts, (str, Path)):
        contacts = _opened(contacts)
    listed = check_by(by, list(contacts.columns))
    if outcome is not None and outcome not in contacts.columns:
        raise DataError(f"contacts lacks {[outcome]}; it has {list(contacts.columns)[:40]}.")
    try:
        levels = {name: _level_sql(contacts, name, n_bands) for name in listed}
        raise_all("contacts", [text for bad, text in levels.values() if bad])
        sums = "" if outcome is None else ", " + _sums_sql(contacts, outcome)
        shown = ", ".join(f"{sql} AS {_quoted(name)}" for name, (_, sql) in levels.items())
        groups = contacts.aggregate(f"{shown}, count(*) AS n_contacts_{sums}").df()
        sample = contacts.query("t", f"SELECT * FROM t USING SAMPLE reservoir({N_SAMPLED} ROWS) REPEATABLE (7)").df()
    except duckdb.Error as wrong:
        raise DataError(f"DuckDB can't group the table: {str(wrong).splitlines()[0]}") from wrong
    counts = groups["n_contacts_"].to_numpy(dtype=np.int64)
    attributes = [_coded(groups[name], name) for name in listed]
    scored, rate = None, None
    if outcome is not None:
        channels: list[np.ndarray | None] = [groups[name].to_numpy(dtype=float) for name in SUMS]
        scored = count_cells(attributes, channels=channels)
        rate = _rate(contacts, outcome)
    return Source(
        attributes=attributes,
        finest=count_cells(attributes, channels=[counts]),
        scored=scored,
        rows=sample,
        row_attributes=code_attributes(sample, listed, n_bands=n_bands),
        outcome=None,
        n_contacts=int(counts.sum()),
        base_rate=rate,
    )


def _opened(path: str | Path) -> Any:
    import duckdb

    text = str(path)
    if not any(mark in text for mark in "*?[") and not Path(text).exists():
        raise MissingFileError(f"no file at {text}; check the spelling and the folder.")
    return duckdb.read_csv(text) if text.endswith((".csv", ".csv.gz")) else duckdb.read_parquet(text)


def _level_sql(table: Any, name: str, n_bands: int) -> tuple[bool, str]:
    """Return whether a column is unfit and why, or the SQL of its level as text."""
    column = _quoted(name)
    kind = str(table.types[list(table.columns).index(name)])
    facts = table.aggregate(f"approx_count_distinct({column}), count({column}), count(*)").limit(1).fetchall()[0]
    n_levels, n_known, n_rows = facts
    if not n_known:
        return True, f"{name!r} holds no value in {n_rows:,} rows; leave it out of by="
    amount = kind.startswith(("TINY", "SMALL", "INT", "BIG", "HUGE", "U", "FLOAT", "DOUBLE", "DECIMAL", "DATE", "TIME"))
    if amount and kind != "UUID" and n_levels > MANY_NUMBERS:
        return False, _band_sql(table, column, n_bands)
    if n_levels > MOST_LEVELS:
        return True, (
            f"{name!r} has about {n_levels:,} levels in {n_rows:,} rows, as an identifier or free text has; "
            "leave it out of by= or group it first (dates as text: pandas.to_datetime)"
        )
    return False, f"CAST({column} AS VARCHAR)"


def _band_sql(table: Any, column: str, n_bands: int) -> str:
    shares = [round(band / n_bands, 6) for band in range(1, n_bands)]
    cuts = table.aggregate(f"approx_quantile({column}, {shares})").limit(1).fetchall()[0][0]
    distinct = sorted(set(cuts))
    cases = " ".join(f"WHEN {column} <= {_literal(cut)} THEN '{place}: to {cut}'" for place, cut in enumerate(distinct))
    last = f"{len(distinct)}: above {distinct[-1]}"
    return f"CASE WHEN {column} IS NULL THEN NULL {cases} ELSE '{last}' END"


def _literal(value: object) -> str:
    return str(value) if isinstance(value, (int, float)) else f"'{value}'"


def _sums_sql(table: Any, outcome: str) -> str:
    """Return the sums of the outcome for the two halves, told apart by a hash of the row's number."""
    value = f"(CAST({_quoted(outcome)} AS DOUBLE) - {_rate(table, outcome, any_value=True)!r})"
    key = _quoted("contact_id") if "contact_id" in table.columns else "random()"
    halves = [f"FILTER (WHERE {_quoted(outcome)} IS NOT NULL AND hash({key}) % 2 = {half})" for half in (0, 1)]
    wanted = [f"count(*) {half}" for half in halves]
    wanted += [f"coalesce(sum({value}) {half}, 0)" for half in halves]
    wanted += [f"coalesce(sum({value} * {value}) {half}, 0)" for half in halves]
    return ", ".join(f"{sql} AS {name}" for sql, name in zip(wanted, SUMS, strict=True))


def _rate(table: Any, outcome: str, *, any_value: bool = False) -> Any:
    value = f"CAST({_quoted(outcome)} AS DOUBLE)"
    mean, low, high, odd = (
        table.aggregate(f"avg({value}), min({value}), max({value}), count(*) FILTER (WHERE {value} NOT IN (0, 1))")
        .limit(1)
        .fetchall()[0]
    )
    if low is None or low == high:
        raise DataError(
            f"outcome={outcome!r} holds no numbers or one value only, so nothing can explain it; "
            "name a column of numbers or truth values."
        )
    return mean if any_value or odd == 0 else None


def _from_spark(contacts: Any, by: Sequence[str]) -> Source:
    """Group a PySpark frame once; what it returns fits in memory, since it has a row a finest cell."""
    listed = check_by(by, list(contacts.columns))
    groups = contacts.groupBy(*listed).count().toPandas()
    counts = groups["count"].to_numpy(dtype=np.int64)
    attributes = [_coded(groups[name], name) for name in listed]
    rows = contacts.limit(N_SAMPLED).toPandas()
    finest = count_cells(attributes, channels=[counts])
    total = int(counts.sum())
    return Source(attributes, finest, None, rows, code_attributes(rows, listed), None, total, None)


def _coded(column: pd.Series, name: str) -> Attribute:
    codes, values = pd.factorize(column, sort=True)
    return Attribute(name, tuple(map(str, values)), codes.astype(np.int32))


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
