"""A table in PySpark: each step is one job, and only levels, cells and a sample come to the driver."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from segvspers.explosion.cells import FinestCells, count_cells
from segvspers.explosion.engines.coding import SUMS, Coding, Facts, Outcome
from segvspers.explosion.people import IDENTITY, People

WHOLE, REAL = {"byte", "short", "integer", "long"}, {"float", "double", "decimal"}
TIME, NESTED = {"date", "timestamp", "timestamp_ntz"}, {"array", "map", "struct"}


class SparkTable:
    """One table behind a frame; what is asked of it runs where it lies."""

    def __init__(self, contacts: Any) -> None:
        self.frame = contacts
        self.columns = list(contacts.columns)
        self.types = {field.name: field.dataType.typeName().partition("(")[0] for field in contacts.schema.fields}
        self.n_rows = 0

    def kind(self, name: str) -> str:
        """Return whole, real, time, nested or name."""
        kinds = {"whole": WHOLE, "real": REAL, "time": TIME, "nested": NESTED}
        return next((word for word, types in kinds.items() if self.types[name] in types), "name")

    def value(self, name: str) -> Any:
        """Return the column whose odd values are null; names are text."""
        from pyspark.sql import functions as f

        column = self.frame[name]
        if self.types[name] in {"float", "double"}:
            infinite = column.isin(float("inf"), float("-inf"))
            return f.when(~(f.isnan(column) | infinite), column)
        if self.types[name] == "timestamp":
            return column.cast("timestamp_ntz")
        return column if self.kind(name) in ("whole", "real", "time") else column.cast("string")

    def facts(self, names: Sequence[str]) -> dict[str, Facts]:
        """Return counts of known and distinct values, and the ends of amounts."""
        from pyspark.sql import functions as f

        parts = [f.count(f.lit(1))]
        for name in names:
            value = self.value(name)
            ends = [f.min(value), f.max(value)] if self.kind(name) in ("whole", "real", "time") else [f.lit(None)] * 2
            parts += [f.count(value), f.approx_count_distinct(value, 0.02), *ends]
        self.n_rows, *rest = self._first(parts)
        spans = [rest[4 * place : 4 * place + 4] for place in range(len(names))]
        return {name: Facts(self.kind(name), self.n_rows, *span) for name, span in zip(names, spans, strict=True)}

    def _first(self, parts: Sequence[Any]) -> tuple[Any, ...]:
        row = self.frame.agg(*(part.alias(f"c{place}") for place, part in enumerate(parts))).first()
        return tuple(row)

    def values(self, names: Sequence[str]) -> dict[str, list[Any]]:
        """Return the distinct values of columns of few levels."""
        from pyspark.sql import functions as f

        found = self._first([f.collect_set(self.value(name)) for name in names]) if names else ()
        return {name: list(values) for name, values in zip(names, found, strict=True)}

    def cuts(self, names: Sequence[str], n_bands: int) -> dict[str, list[Any]]:
        """Return inner quantiles by Spark's approximate percentile."""
        from pyspark.sql import functions as f

        shares = [round(band / n_bands, 9) for band in range(1, n_bands)]
        found = self._first([f.percentile_approx(self.value(name), shares, 100_000) for name in names])
        return {name: list(cuts) for name, cuts in zip(names, found, strict=True)}

    def ends(self, codings: Sequence[Coding]) -> dict[str, list[tuple[Any, Any]]]:
        """Return what the lowest and the highest value of each band is."""
        from pyspark.sql import functions as f

        parts = []
        for coding in codings:
            value, code = self.value(coding.name), self.code(coding)
            for band in range(len(coding.cuts) + 1):
                parts += [f.min(f.when(code == band, value)), f.max(f.when(code == band, value))]
        found = iter(self._first(parts))
        return {c.name: [(next(found), next(found)) for _ in range(len(c.cuts) + 1)] for c in codings}

    def n_repeated(self) -> tuple[int, bool]:
        """Count rows that repeat a contact_id, when there are many of them."""
        from pyspark.sql import functions as f

        if IDENTITY not in self.columns:
            return 0, True
        column = self.frame[IDENTITY]
        n_known, n_distinct = self._first([f.count(column), f.approx_count_distinct(column, 0.02)])
        return (n_known - n_distinct if n_distinct < 0.9 * n_known else 0), False

    def outcome(self, name: str) -> Outcome:
        """Return the mean and ends of the outcome as a number."""
        from pyspark.sql import functions as f

        value = self._number(name)
        odd = f.sum(f.when(~value.isin(0.0, 1.0), 1).otherwise(0))
        mean, low, high, n_odd = self._first([f.avg(value), f.min(value), f.max(value), odd])
        some: tuple[Any, ...] = ()
        if low is None or low == high:
            some = tuple(row[0] for row in self.frame.select(name).dropna().distinct().limit(3).collect())
        return Outcome(mean, low, high, int(n_odd or 0), some)

    def _number(self, name: str) -> Any:
        from pyspark.sql import functions as f

        number = self.frame[name].try_cast("double") if self.kind(name) == "name" else self.frame[name].cast("double")
        return f.when(~(f.isnan(number) | number.isin(float("inf"), float("-inf"))), number)

    def code(self, coding: Coding) -> Any:
        """Return the code of a column; missing values have the last."""
        from pyspark.sql import functions as f

        value = self.value(coding.name)
        if coding.values:
            place = f.array_position(f.array(*(f.lit(level) for level in coding.values)), value)
            return f.coalesce(place.cast("int") - 1, f.lit(coding.missing_code))
        code = f.when(value.isNull(), coding.missing_code)
        for band, cut in enumerate(coding.cuts):
            code = code.when(value <= f.lit(cut), band)
        return code.otherwise(len(coding.cuts))

    def _coded(self, codings: Sequence[Coding]) -> list[Any]:
        return [self.code(coding).alias(f"code__{place}") for place, coding in enumerate(codings)]

    def count(self, codings: Sequence[Coding]) -> FinestCells:
        """Return the finest cells: one grouping in Spark, a row a cell to the driver."""
        groups = self.frame.select(*self._coded(codings)).groupBy(*_names(codings)).count().toPandas()
        return count_cells(_attributes(groups, codings), channels=[groups["count"].to_numpy(dtype=np.int64)])

    def score(self, codings: Sequence[Coding], outcome: str, mean: float) -> FinestCells:
        """Return counts, sums and squares of the outcome by half; a contact's half is a hash of its id."""
        from pyspark.sql import functions as f

        identity = [self.frame[IDENTITY]] if IDENTITY in self.columns else [self.frame[name] for name in self.columns]
        half, y = f.pmod(f.xxhash64(*identity), f.lit(2)).alias("h"), (self._number(outcome) - mean).alias("y")
        sums = []
        for power in (0, 1, 2):
            for place in (0, 1):
                part = f.when((f.col("h") == place) & f.col("y").isNotNull(), f.pow("y", f.lit(power)))
                sums.append(f.coalesce(f.sum(part), f.lit(0.0)).alias(SUMS[2 * power + place]))
        groups = self.frame.select(*self._coded(codings), half, y).groupBy(*_names(codings)).agg(*sums).toPandas()
        channels: list[np.ndarray | None] = [groups[name].to_numpy(dtype=float) for name in SUMS]
        return count_cells(_attributes(groups, codings), channels=channels)

    def people(self, codings: Sequence[Coding], outcome: str | None, n: int) -> tuple[People, np.ndarray | None]:
        """Return a sample of about `n` contacts with codes and outcome."""
        more = [] if outcome is None else [self._number(outcome).alias("outcome__")]
        rows = self.frame.select("*", *self._coded(codings), *more)
        if self.n_rows > n:
            rows = rows.sample(withReplacement=False, fraction=min(1.0, 1.1 * n / self.n_rows), seed=7).limit(n)
        frame = rows.toPandas()
        values = None if outcome is None else frame.pop("outcome__").to_numpy(dtype=float)
        return _people(frame, codings), values

    def neighbours(self, codings: Sequence[Coding], n: int) -> People:
        """Return the contacts of cells drawn by a hash of their codes, about `n` of them."""
        from pyspark.sql import functions as f

        names = _names(codings)
        rows = self.frame.select("*", *self._coded(codings))
        parts = max(1, self.n_rows // n)
        chosen = rows.where(f.pmod(f.xxhash64(*names), f.lit(parts)) == 0).limit(2 * n)
        return _people(chosen.toPandas(), codings)


def _names(codings: Sequence[Coding]) -> list[str]:
    return [f"code__{place}" for place in range(len(codings))]


def _attributes(groups: Any, codings: Sequence[Coding]) -> list[Any]:
    from dataclasses import replace

    found = []
    for place, coding in enumerate(codings):
        codes = groups[f"code__{place}"].to_numpy(dtype=np.int32)
        lacking = coding.missing_code if coding.has_missing else -9
        found.append(replace(coding.attribute(), codes=np.where(codes == lacking, -1, codes)))
    return found


def _people(frame: Any, codings: Sequence[Coding]) -> People:
    codes = np.stack([attribute.codes for attribute in _attributes(frame, codings)], axis=1)
    return People(frame.drop(columns=_names(codings)), codes, np.arange(len(frame)))
