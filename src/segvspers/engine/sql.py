"""A table that DuckDB reads where it lies: Parquet files, relations, Arrow; one statement a pass.

Means come from compensated sums, squares from DuckDB's own updating formulas, so that large values with a small
spread lose no digits.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from itertools import count
from typing import TYPE_CHECKING, Any

import numpy as np

from segvspers.engine.table import FALSE, ROWS, TRUE, Raw, Table, Value, renamed, sorted_groups
from segvspers.errors import DataError

if TYPE_CHECKING:
    import pandas as pd

VIEW = "segvspers_rows"
NUMERIC = ("DOUBLE", "FLOAT", "BIGINT", "INTEGER", "UBIGINT", "UINTEGER", "SMALLINT")
SORTED_ROWS = 20_000_000  # numbers up to here are sorted in memory, which takes a sixth of the time of a hash table
NUMBERS = count()


class SqlTable(Table):
    """A DuckDB relation; `keeper` holds what it needs to stay alive, `connection` is its own to run statements on."""

    def __init__(
        self,
        relation: Any,
        *,
        table: str,
        columns: Mapping[str, str] | None = None,
        keeper: object = None,
        connection: Any = None,
    ) -> None:
        pairs = renamed(list(relation.columns), columns, table=table)
        self.table = table
        self.columns = [ours for _, ours in pairs]
        self.kinds = dict(zip(relation.columns, map(str, relation.types), strict=True))
        self.kinds = {ours: self.kinds[theirs] for theirs, ours in pairs}
        self.relation = relation
        if any(theirs != ours for theirs, ours in pairs):
            self.relation = relation.project(", ".join(f"{quoted(a)} AS {quoted(b)}" for a, b in pairs))
        self.keeper = keeper
        self.connection = connection
        self.view = f"{VIEW}_{next(NUMBERS)}"
        if connection is not None:
            self.relation.create_view(self.view)

    def is_flag(self, name: str) -> bool:
        """Tell whether a column holds truth values."""
        return self.kinds[name] == "BOOLEAN"

    def number(self, value: Value) -> str:
        """Return the SQL of a value as a DOUBLE."""
        column = quoted(value.source)
        if self.kinds[value.source] == "VARCHAR":
            text = f"lower(trim({column}))"
            column = (
                f"CASE WHEN {text} IN {listed(TRUE)} THEN 1.0 WHEN {text} IN {listed(FALSE)} THEN 0.0 "
                f"ELSE TRY_CAST({column} AS DOUBLE) END"
            )
        number = f"CAST({column} AS DOUBLE)" if self.kinds[value.source] != "DOUBLE" else column
        argument = value.argument[0] if value.argument else None
        simple = {
            "less": lambda: f"({number} - {argument!r})",
            "times": lambda: f"({number} * {self.number(Value(str(argument)))})",
            "square": lambda: f"({number} * {number})",
            "capped": lambda: f"least({number}, CAST({argument!r} AS DOUBLE))",
            "nonzero": lambda: f"CAST({number} <> 0 AS DOUBLE)",
            "odd": lambda: f"CAST({number} NOT IN (0, 1) AS DOUBLE)",
        }
        if value.how in simple:
            return simple[value.how]()
        if value.how == "unless":
            named = f"coalesce({quoted(str(value.argument[0]))} IN {listed(value.argument[1:])}, false)"
            return f"CASE WHEN {named} AND {number} IS NOT NULL THEN 0.0 ELSE {number} END"
        return number

    def collapse(self, keys: Sequence[str], values: Sequence[Value], how: Mapping[str, str] | None = None) -> SqlTable:
        """Return a table of one row a group: `ROWS`, and of each value its ``"sum"`` (or ``"max"``)."""
        chosen = how or {}
        rows = f"sum({quoted(ROWS)})" if ROWS in self.columns else "count(*)"
        parts = [*map(quoted, keys), f"CAST({rows} AS DOUBLE) AS {quoted(ROWS)}"]
        numbers = {value: self.number(value) for value in values}
        sums = {value: f"{chosen.get(value.name, 'sum')}({sql})" for value, sql in numbers.items()}
        # One unknown value makes the unit's value unknown, so that it is told and not passed over. Whether there is any is
        # looked up first: files know it without being read, and to count in every unit takes longer than the rest.
        if not self._all_known(values, numbers):
            sums = {
                value: f"CASE WHEN count({numbers[value]}) = count(*) THEN {sql} END" for value, sql in sums.items()
            }
        made = [f"{sql} AS {quoted(value.name)}" for value, sql in sums.items()]
        statement = f"SELECT {', '.join([*parts, *made])} FROM {VIEW} GROUP BY ALL"
        return from_arrow(self._run(statement).to_arrow_table(), self.table)

    def _all_known(self, values: Sequence[Value], numbers: Mapping[Value, str]) -> bool:
        """Tell whether no value of any row is missing; a text that is no number is missing."""
        columns: set[str] = set()
        for value in values:
            named = [value.source, *(str(one) for one in value.argument[:1] if value.how == "times")]
            texts = any(self.kinds[name] == "VARCHAR" for name in named)
            columns |= {numbers[value]} if texts else set(map(quoted, named))
        if not columns:
            return True
        counts = ", ".join(f"count({column})" for column in sorted(columns))
        n, *known = self._quick(f"SELECT count(*), {counts} FROM {VIEW}").fetchall()[0]
        return all(one == n for one in known)

    def counts(self, keys: Sequence[str], values: Sequence[Value] = ()) -> pd.DataFrame:
        """Return the distinct rows of keys and values with `n`, how often each stands there."""
        parts = [*map(quoted, keys), *(f"{self.number(value)} AS {quoted(value.name)}" for value in values)]
        found = self._run(f"SELECT {', '.join([*parts, 'count(*) AS n'])} FROM {VIEW} GROUP BY ALL")
        return sorted_groups(found.df(), keys, values)

    def lined(self, keys: Sequence[str], values: Sequence[Value]) -> SqlTable:
        """Return keys and values row by row, with `ROWS` 1."""
        parts = [*map(quoted, keys), f"CAST(1 AS DOUBLE) AS {quoted(ROWS)}"]
        parts += [f"{self.number(value)} AS {quoted(value.name)}" for value in values]
        return SqlTable(
            self._run(f"SELECT {', '.join(parts)} FROM {VIEW}"), table=self.table, keeper=(self.keeper, self.connection)
        )

    def n_rows(self) -> int:
        """Return the number of rows."""
        return int(self._quick(f"SELECT count(*) FROM {VIEW}").fetchall()[0][0])

    def n_distinct(self, keys: Sequence[str]) -> int:
        """Return how many different rows these columns have."""
        names = ", ".join(map(quoted, keys))
        if len(keys) == 1 and self.kinds[keys[0]] in NUMERIC and self.n_rows() <= SORTED_ROWS:
            (held,) = self._run(f"SELECT {names} FROM {VIEW}").fetchnumpy().values()
            known = np.ma.compressed(held)
            return len(np.unique(known)) + (len(known) < len(held))
        if len(keys) == 1:
            found = self._run(f"SELECT count(DISTINCT {names}) + max(CAST({names} IS NULL AS INT)) FROM {VIEW}")
        else:
            found = self._run(f"SELECT count(*) FROM (SELECT DISTINCT {names} FROM {VIEW})")
        return int(found.fetchall()[0][0] or 0)

    def frame_of(self, columns: Sequence[str]) -> pd.DataFrame:
        """Return these columns in pandas."""
        return self._run(f"SELECT {', '.join(map(quoted, columns))} FROM {VIEW}").df()

    def where(self, name: str, *, missing: bool) -> SqlTable:
        """Return the rows whose column is missing, or is not."""
        found = self.relation.filter(f"{quoted(name)} IS {'' if missing else 'NOT '}NULL")
        return SqlTable(found, table=self.table, keeper=(self.keeper, self.connection))

    def stacked(self, other: Table) -> SqlTable:
        """Return the rows of both; columns as in this table."""
        import pyarrow as pa

        assert isinstance(other, SqlTable)
        tables = [one.relation.select(*map(quoted, self.columns)).to_arrow_table() for one in (self, other)]
        return from_arrow(pa.concat_tables(tables, promote_options="permissive"), self.table)

    def _aggregate(
        self, keys: Sequence[str], values: Sequence[Value], origin: np.ndarray, pairs: Sequence[tuple[int, int]]
    ) -> Raw:
        numbers = [self.number(value) for value in values]
        centred = [
            f"({sql} - {start!r})" if start else sql for sql, start in zip(numbers, origin.tolist(), strict=True)
        ]
        parts = [*map(quoted, keys), "count(*) AS n"]
        all_known = self._all_known(values, dict(zip(values, numbers, strict=True)))
        for place, (value, sql) in enumerate(zip(values, numbers, strict=True)):
            text = self.kinds[value.source] == "VARCHAR"  # a text that is no number is missing, though it is there
            known = "*" if all_known else sql if text else quoted(value.source)
            parts.append(f"count({known}) AS k{place}")
            parts.append(f"{self._sum(value, centred[place], whole=not origin[place])} AS s{place}")
        parts += [
            f"{f'var_pop({centred[a]})' if a == b else f'covar_pop({centred[a]}, {centred[b]})'} AS c{a}_{b}"
            for a, b in pairs
        ]
        frame = sorted_groups(self._quick(f"SELECT {', '.join(parts)} FROM {VIEW} GROUP BY ALL").df(), keys)
        return unpack(frame, keys, len(values), pairs)

    def _sum(self, value: Value, sql: str, *, whole: bool) -> str:
        """Return the SQL of a sum: of whole numbers where it can be, else compensated."""
        if whole and value.how == "number" and self.is_flag(value.source):
            return f"sum(CAST({quoted(value.source)} AS INTEGER))"
        if whole and value.how == "nonzero" and self.kinds[value.source] != "VARCHAR":
            return f"sum(CAST({quoted(value.source)} <> 0 AS INTEGER))"
        return f"fsum({sql})"

    def _sample(self, values: Sequence[Value], n: int) -> np.ndarray:
        if not values:
            return np.empty((0, 0))
        parts = ", ".join(f"{self.number(value)} AS v{place}" for place, value in enumerate(values))
        found = self._quick(f"SELECT {parts} FROM (SELECT * FROM {VIEW} LIMIT {n})").fetchnumpy()
        return np.column_stack([np.ma.filled(found[f"v{place}"].astype(float), np.nan) for place in range(len(values))])

    def _bad_rows(self, value: Value) -> tuple[int, list[int]]:
        sql = self.number(value)
        bad = self._run(f"SELECT count(*) - count(*) FILTER (WHERE isfinite({sql})) FROM {VIEW}").fetchall()[0]
        return int(bad[0]), []

    def _quick(self, statement: str) -> Any:
        """Run a statement whose result is small, with as little ado as there can be."""
        import duckdb

        if self.connection is None:
            return self._run(statement)
        try:
            return self.connection.execute(statement.replace(VIEW, self.view))
        except duckdb.Error as wrong:
            raise DataError(f"{self.table}: DuckDB can't read the table: {str(wrong).splitlines()[0]}") from wrong

    def _run(self, statement: str) -> Any:
        import duckdb

        try:
            return self.relation.query(VIEW, statement)
        except duckdb.Error as wrong:
            raise DataError(f"{self.table}: DuckDB can't read the table: {str(wrong).splitlines()[0]}") from wrong


def unpack(frame: pd.DataFrame, keys: Sequence[str], k: int, pairs: Sequence[tuple[int, int]]) -> Raw:
    """Return what an engine found as arrays: columns ``n``, ``k0..``, ``s0..`` and variances ``c0_0..``."""

    def column(name: str) -> np.ndarray:
        return frame[name].to_numpy(dtype=float, na_value=np.nan)

    n = frame["n"].to_numpy(dtype=np.int64)
    shape = (len(frame), k)
    known, above = np.empty(shape), np.empty(shape)
    for place in range(k):
        known[:, place], above[:, place] = column(f"k{place}"), column(f"s{place}")
    comoment = np.full((len(frame), k, k), np.nan)
    for a, b in pairs:
        comoment[:, a, b] = comoment[:, b, a] = n * column(f"c{a}_{b}")
    return Raw(frame[list(keys)], n, known, above, comoment)


@cache
def _database() -> Any:
    import duckdb

    return duckdb.connect()


def from_arrow(data: Any, table: str, columns: Mapping[str, str] | None = None) -> SqlTable:
    """Return an Arrow table as one that DuckDB reads in place."""
    import duckdb

    connection = duckdb.connect()
    return SqlTable(connection.from_arrow(data), table=table, columns=columns, keeper=(connection, data))


def from_parquet(paths: Sequence[str], table: str, columns: Mapping[str, str] | None = None) -> SqlTable:
    """Return Parquet files as one table that DuckDB reads in place."""
    import duckdb

    connection = _database().cursor()
    try:
        relation = connection.read_parquet(list(paths), union_by_name=len(paths) > 1)
    except duckdb.Error as wrong:
        raise DataError(f"{table}: no readable Parquet: {str(wrong).splitlines()[0]}") from wrong
    return SqlTable(relation, table=table, columns=columns, connection=connection)


def quoted(name: str) -> str:
    """Return a column's name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def listed(values: Sequence[object]) -> str:
    """Return text values as an SQL list."""
    return "(" + ", ".join("'" + str(value).replace("'", "''") + "'" for value in values) + ")"
