"""A table in DuckDB: Parquet or CSV files of any size, or a relation; rows never come into memory at once."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator, Sequence
from glob import glob
from pathlib import Path
from typing import Any

import numpy as np

from segvspers.errors import DataError, MissingFileError
from segvspers.explosion.cells import DENSE_LIMIT, Block, FinestCells, n_cells_of
from segvspers.explosion.engines.coding import SUMS, Coding, Facts, Outcome
from segvspers.explosion.engines.sql import code_sql, key_sql, literal, quoted, split_keys, unpack
from segvspers.explosion.people import IDENTITY, People

MEMORY = "2GB"
BATCH = 1_000_000
EXACT_ROWS = 5_000_000
READERS = {
    ".parquet": "read_parquet", ".pq": "read_parquet", ".csv": "read_csv", ".tsv": "read_csv", ".txt": "read_csv",
    ".json": "read_json", ".jsonl": "read_json", ".ndjson": "read_json",
}  # fmt: skip
WHOLE = {
    "tinyint",
    "smallint",
    "integer",
    "bigint",
    "hugeint",
    "utinyint",
    "usmallint",
    "uinteger",
    "ubigint",
    "uhugeint",
}
REAL, TIME = {"float", "double", "decimal"}, {"date", "timestamp", "timestamp_s", "timestamp_ms", "timestamp_ns"}
ZONED, NESTED = "timestamp with time zone", {"list", "struct", "map", "array", "union"}


def told(method: Callable[..., Any]) -> Callable[..., Any]:
    """Return a method whose failures in the engine are one clear error."""
    import duckdb

    @functools.wraps(method)
    def tried(*given: Any, **named: Any) -> Any:
        try:
            return method(*given, **named)
        except duckdb.Error as wrong:
            # What stands in quotes may be a value of a contact.
            reason = re.sub(r"(['\"]).*?\1", "'...'", str(wrong).splitlines()[0])
            raise DataError(f"DuckDB can't group the table: {reason}") from None

    return tried


class DuckTable:
    """One table behind a relation; every method is one scan of the columns that it names."""

    @told
    def __init__(self, contacts: Any) -> None:
        self.connection, self.relation = (None, contacts)
        if isinstance(contacts, (str, Path)):
            self.connection, self.relation = _opened(contacts)
        self.columns = list(self.relation.columns)
        self.types = {name: (kind.id, str(kind)) for name, kind in zip(self.columns, self.relation.types, strict=True)}
        self.n_rows = 0

    def _first(self, selected: str) -> tuple[Any, ...]:
        return self.relation.aggregate(selected).limit(1).fetchall()[0]

    def value(self, name: str) -> str:
        """Return the SQL of a column whose missing, infinite and odd values are NULL; names are text."""
        kind, column = self.types[name][0], quoted(name)
        if kind in {"float", "double", *TIME, ZONED}:
            as_time = {"date": f"CAST({column} AS TIMESTAMP)", ZONED: f"{column} AT TIME ZONE 'UTC'"}
            return f"CASE WHEN isfinite({column}) THEN {as_time.get(kind, column)} END"
        if kind == "decimal":
            return f"CAST({column} AS DOUBLE)"
        if kind == "boolean":
            return f"CASE WHEN {column} THEN 'True' WHEN NOT {column} THEN 'False' END"
        return column if kind in WHOLE else f"nullif(trim(CAST({column} AS VARCHAR)), '')"

    def kind(self, name: str) -> str:
        """Return whole, real, time, nested or name."""
        kind = self.types[name][0]
        kinds = {"whole": WHOLE, "real": REAL, "time": {*TIME, ZONED}, "nested": NESTED}
        return next((word for word, ids in kinds.items() if kind in ids), "name")

    @told
    def facts(self, names: Sequence[str]) -> dict[str, Facts]:
        """Return counts of known and distinct values, and the ends of amounts."""
        parts = ["count(*)"]
        for name in names:
            value = self.value(name)
            amount = self.kind(name) in ("whole", "real", "time")
            ends = [f"min({value})", f"max({value})"] if amount else ["NULL", "NULL"]
            parts += [f"count({value})", f"approx_count_distinct({value})", *ends]
        n_rows, *rest = self._first(", ".join(parts))
        self.n_rows = n_rows
        return {
            name: Facts(self.kind(name), n_rows, *rest[4 * place : 4 * place + 4]) for place, name in enumerate(names)
        }

    @told
    def values(self, names: Sequence[str]) -> dict[str, list[Any]]:
        """Return the distinct values of columns of few levels."""
        if not names:
            return {}
        lists = self._first(", ".join(f"list(DISTINCT {self.value(name)})" for name in names))
        return {name: [one for one in found or [] if one is not None] for name, found in zip(names, lists, strict=True)}

    @told
    def cuts(self, names: Sequence[str], n_bands: int) -> dict[str, list[Any]]:
        """Return inner quantiles: exact up to 5 million rows, else by t-digest."""
        shares = [round(band / n_bands, 9) for band in range(1, n_bands)]
        function = "quantile_cont" if self.n_rows <= EXACT_ROWS else "approx_quantile"
        found = self._first(", ".join(f"{function}({self.value(name)}, {shares})" for name in names))
        return {name: list(cuts) for name, cuts in zip(names, found, strict=True)}

    @told
    def ends(self, codings: Sequence[Coding]) -> dict[str, list[tuple[Any, Any]]]:
        """Return what the lowest and the highest value of each band is."""
        parts = []
        for coding in codings:
            value, code = self.value(coding.name), code_sql(coding, self.value(coding.name))
            for band in range(len(coding.cuts) + 1):
                parts += [f"{end}({value}) FILTER ({code} = {band})" for end in ("min", "max")]
        found = iter(self._first(", ".join(parts)))
        return {c.name: [(next(found), next(found)) for _ in range(len(c.cuts) + 1)] for c in codings}

    @told
    def n_repeated(self) -> tuple[int, bool]:
        """Count rows that repeat a contact_id; above 5 million rows only many of them are found."""
        if IDENTITY not in self.columns:
            return 0, True
        column = quoted(IDENTITY)
        n_known, n_distinct = self._first(f"count({column}), approx_count_distinct({column})")
        if n_known > EXACT_ROWS:
            return (n_known - n_distinct if n_distinct < 0.9 * n_known else 0), False
        return n_known - self._first(f"count(DISTINCT {column})")[0], True

    @told
    def outcome(self, name: str) -> Outcome:
        """Return the mean and ends of the outcome as a number."""
        value = self._number(name)
        mean, low, high, odd = self._first(
            f"avg({value}), min({value}), max({value}), count(*) FILTER ({value} NOT IN (0, 1))"
        )
        some = () if low is not None and low != high else tuple(self._first(f"list(DISTINCT {quoted(name)})")[0] or ())
        return Outcome(mean, low, high, odd, tuple(one for one in some if one is not None)[:3])

    def _number(self, name: str) -> str:
        number = f"TRY_CAST({quoted(name)} AS DOUBLE)"
        return f"CASE WHEN isfinite({number}) THEN {number} END"

    @told
    def count(self, codings: Sequence[Coding]) -> FinestCells:
        """Return the finest cells: counted from a stream of keys, or grouped by DuckDB when the grid is large."""
        ordered = sorted(codings, key=lambda coding: len(coding.levels))
        sizes = [coding.size for coding in ordered]
        if n_cells_of(sizes) > DENSE_LIMIT:
            return self._grouped(ordered, "count(*)", np.int32)
        summed = np.zeros(int(n_cells_of(sizes)), dtype=np.int32)
        for (key,) in self._stream(f"CAST({self._key(ordered)} AS INTEGER) AS k", max(BATCH, len(summed))):
            summed += np.bincount(key, minlength=len(summed)).astype(np.int32)
        return _finest(ordered, Block(summed.reshape(1, *sizes), tuple(range(len(sizes)))))

    @told
    def score(self, codings: Sequence[Coding], outcome: str, mean: float) -> FinestCells:
        """Return counts, sums and squares of the outcome by half; a contact's half is a hash of its id."""
        ordered = sorted(codings, key=lambda coding: len(coding.levels))
        sizes = [coding.size for coding in ordered]
        value = f"({self._number(outcome)} - {mean!r})"
        identity = quoted(IDENTITY) if IDENTITY in self.columns else "row_number() OVER ()"
        if n_cells_of(sizes) * len(SUMS) > DENSE_LIMIT:
            return self._grouped(ordered, _sums_sql("h", "y"), float, f"hash({identity}) % 2 AS h, {value} AS y")
        summed = np.zeros((len(SUMS), int(n_cells_of(sizes))))
        selected = f"{self._key(ordered)} AS k, hash({identity}) % 2 AS h, {value} AS y"
        for key, half, y in self._stream(selected, max(BATCH, summed.shape[1])):
            for place in (0, 1):
                mine = (half == place) & ~np.isnan(y)
                for power in (0, 1, 2):
                    summed[2 * power + place] += np.bincount(key[mine], y[mine] ** power, summed.shape[1])
        return _finest(ordered, Block(summed.reshape(len(SUMS), *sizes), tuple(range(len(sizes)))))

    def _key(self, codings: Sequence[Coding]) -> str:
        return key_sql([(code_sql(coding, self.value(coding.name)), coding.size) for coding in codings])

    def _stream(self, selected: str, enough: int) -> Iterator[list[np.ndarray]]:
        """Yield the columns selected, so many rows at a time; a NULL number is nan."""
        rows = self.relation.project(selected)
        reader = rows.to_arrow_reader(BATCH) if hasattr(rows, "to_arrow_reader") else rows.fetch_arrow_reader(BATCH)
        held: list[list[np.ndarray]] = []
        for batch in reader:
            held.append([column.to_numpy(zero_copy_only=False) for column in batch.columns])
            if sum(len(columns[0]) for columns in held) >= enough:
                yield [np.concatenate(columns) for columns in zip(*held, strict=True)]
                held = []
        if held:
            yield [np.concatenate(columns) for columns in zip(*held, strict=True)]

    def _grouped(self, codings: Sequence[Coding], sums: str, dtype: Any, more: str = "") -> FinestCells:
        groups = split_keys([coding.size for coding in codings])
        keys = [self._key([codings[place] for place in group]) for group in groups]
        names = [f"k{number}" for number in range(len(keys))]
        projected = ", ".join(
            [*(f"{key} AS {name}" for key, name in zip(keys, names, strict=True)), *([more] if more else [])]
        )
        table = self.relation.project(projected).aggregate(f"{', '.join(names)}, {sums}", ", ".join(names))
        arrays = [
            column.to_numpy()
            for column in (table.to_arrow_table() if hasattr(table, "to_arrow_table") else table.arrow()).columns
        ]
        codes = [
            code
            for group, key in zip(groups, arrays, strict=False)
            for code in unpack(key, [codings[place].size for place in group])
        ]
        order = np.lexsort(codes[::-1])
        values = np.stack([column[order].astype(dtype) for column in arrays[len(keys) :]])
        axes = tuple(range(len(codings)))
        return _finest(codings, Block(values, axes, np.stack(codes).astype(np.int16)[:, order]))

    @told
    def people(self, codings: Sequence[Coding], outcome: str | None, n: int) -> tuple[People, np.ndarray | None]:
        """Return a reservoir sample, the same at each call, with codes and outcome."""
        frame = self._rows(codings, outcome, f"USING SAMPLE reservoir({n} ROWS) REPEATABLE (7)")
        values = None if outcome is None else frame.pop("outcome__").to_numpy(dtype=float)
        return _people(frame, codings), values

    @told
    def neighbours(self, codings: Sequence[Coding], n: int) -> People:
        """Return the contacts of cells drawn by a hash of their codes, about `n` of them."""
        codes = ", ".join(code_sql(coding, self.value(coding.name)) for coding in codings)
        chosen = f"WHERE hash({codes}) % {max(1, self.n_rows // n)} = 0 LIMIT {2 * n}"
        return _people(self._rows(codings, None, chosen), codings)

    def _rows(self, codings: Sequence[Coding], outcome: str | None, chosen: str) -> Any:
        codes = [f"{code_sql(c, self.value(c.name))} AS code__{place}" for place, c in enumerate(codings)]
        codes += [] if outcome is None else [f"{self._number(outcome)} AS outcome__"]
        return self.relation.query("t", f"SELECT *, {', '.join(codes)} FROM t {chosen}").df()


def _opened(path: str | Path) -> tuple[Any, Any]:
    import duckdb

    text = str(path)
    remote = "://" in text
    if not remote and not any(Path(name).exists() for name in (text, *glob(text))):  # noqa: PTH207  may be absolute
        raise MissingFileError(f"no file at {text}; check the spelling and the folder.")
    ending = Path(text.removesuffix(".gz")).suffix.lower()
    if ending not in READERS:
        raise DataError(f"contacts: {Path(text).name} has an unknown ending; use one of {sorted(READERS)}.")
    connection = duckdb.connect(config={"memory_limit": MEMORY})
    return connection, connection.sql(f"SELECT * FROM {READERS[ending]}({literal(text)})")


def _sums_sql(half: str, value: str) -> str:
    wanted = [f"count({value}) FILTER ({half} = {place})" for place in (0, 1)]
    wanted += [f"coalesce(sum({value}) FILTER ({half} = {place}), 0)" for place in (0, 1)]
    wanted += [f"coalesce(sum({value} * {value}) FILTER ({half} = {place}), 0)" for place in (0, 1)]
    return ", ".join(f"{sql} AS {name}" for sql, name in zip(wanted, SUMS, strict=True))


def _finest(codings: Sequence[Coding], block: Block) -> FinestCells:
    names = tuple(coding.name for coding in codings)
    n_levels = tuple(len(coding.levels) for coding in codings)
    return FinestCells(names, n_levels, tuple(coding.size for coding in codings), block)


def _people(frame: Any, codings: Sequence[Coding]) -> People:
    names = [f"code__{place}" for place in range(len(codings))]
    codes = frame[names].to_numpy(dtype=np.int32)
    lacking = np.array([coding.missing_code if coding.has_missing else -9 for coding in codings])
    return People(frame.drop(columns=names), np.where(codes == lacking, -1, codes), np.arange(len(frame)))
