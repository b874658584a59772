"""A polars or PySpark table, grouped where it lies through narwhals; only the groups come back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from segvspers.engine.sql import unpack
from segvspers.engine.table import FALSE, ROWS, TRUE, Raw, Table, Value, renamed, sorted_groups

if TYPE_CHECKING:
    import pandas as pd


class LazyTable(Table):
    """A lazy frame of narwhals."""

    def __init__(self, native: Any, *, table: str, columns: Mapping[str, str] | None = None) -> None:
        import narwhals as nw

        frame = nw.from_native(native).lazy()
        schema = frame.collect_schema()
        pairs = renamed(list(schema), columns, table=table)
        self.table = table
        self.columns = [ours for _, ours in pairs]
        self.kinds = {ours: schema[theirs] for theirs, ours in pairs}
        self.frame = frame.select(*(nw.col(theirs).alias(ours) for theirs, ours in pairs))

    def is_flag(self, name: str) -> bool:
        """Tell whether a column holds truth values."""
        import narwhals as nw

        return bool(self.kinds[name] == nw.Boolean)

    def number(self, value: Value) -> Any:
        """Return the expression of a value."""
        import narwhals as nw

        column = nw.col(value.source)
        if self.kinds[value.source] in (nw.String, nw.Categorical, nw.Enum):
            text = column.cast(nw.String).str.strip_chars().str.to_lowercase()
            number = nw.when(text.is_in(list(TRUE))).then(nw.lit(1.0)).otherwise(
                nw.when(text.is_in(list(FALSE))).then(nw.lit(0.0)).otherwise(nw.lit(None, dtype=nw.Float64))
            )  # fmt: skip
        else:
            number = column.cast(nw.Float64)
        argument = value.argument[0] if value.argument else None
        one, none = nw.lit(1.0), number * 0.0
        simple = {
            "less": lambda: number - float(str(argument)),
            "times": lambda: number * self.number(Value(str(argument))),
            "square": lambda: number * number,
            "capped": lambda: nw.when(number > float(str(argument))).then(float(str(argument))).otherwise(number),
            "nonzero": lambda: nw.when(number != 0).then(one).otherwise(none),
            "odd": lambda: nw.when((number != 0) & (number != 1)).then(one).otherwise(none),
        }
        if value.how in simple:
            return simple[value.how]()
        if value.how == "unless":
            named = nw.col(str(value.argument[0])).is_in(list(value.argument[1:]))
            return nw.when(named).then(number * 0.0).otherwise(number)
        return number

    def collapse(self, keys: Sequence[str], values: Sequence[Value], how: Mapping[str, str] | None = None) -> LazyTable:
        """Return a table of one row a group: `ROWS`, and of each value its ``"sum"`` (or ``"max"``)."""
        import narwhals as nw

        chosen = how or {}
        made = [self.number(value).alias(f"v{place}") for place, value in enumerate(values)]
        kept = [ROWS] if ROWS in self.columns else []
        parts = [
            nw.len().alias("n"),
            *(nw.col(name).sum() for name in kept),
            *(nw.col(f"v{place}").count().alias(f"k{place}") for place in range(len(values))),
        ]
        for place, value in enumerate(values):
            column = nw.col(f"v{place}")
            parts.append((column.max() if chosen.get(value.name) == "max" else column.sum()).alias(f"t{place}"))
        grouped = self.frame.select(*keys, *kept, *made).group_by(*keys).agg(*parts)
        shown = [nw.col(ROWS if kept else "n").cast(nw.Float64).alias(ROWS)]
        # One unknown value makes the unit's value unknown, so that it is told and not passed over.
        shown += [
            nw.when(nw.col(f"k{place}") == nw.col("n")).then(nw.col(f"t{place}")).alias(value.name)
            for place, value in enumerate(values)
        ]
        return LazyTable(_kept(grouped.select(*keys, *shown)), table=self.table)

    def counts(self, keys: Sequence[str], values: Sequence[Value] = ()) -> pd.DataFrame:
        """Return the distinct rows of keys and values with `n`, how often each stands there."""
        import narwhals as nw

        names = [*keys, *(value.name for value in values)]
        rows = self.frame.select(*keys, *(self.number(value).alias(value.name) for value in values))
        return sorted_groups(rows.group_by(*names).agg(nw.len().alias("n")).collect().to_pandas(), keys, values)

    def lined(self, keys: Sequence[str], values: Sequence[Value]) -> LazyTable:
        """Return keys and values row by row, with `ROWS` 1."""
        import narwhals as nw

        made = [nw.lit(1.0).alias(ROWS), *(self.number(value).alias(value.name) for value in values)]
        return LazyTable(self.frame.select(*keys, *made).to_native(), table=self.table)

    def n_rows(self) -> int:
        """Return the number of rows."""
        import narwhals as nw

        return int(self.frame.select(nw.len().alias("n")).collect().to_pandas()["n"].iloc[0])

    def n_distinct(self, keys: Sequence[str]) -> int:
        """Return how many different rows these columns have."""
        import narwhals as nw

        found = self.frame.select(*keys).unique().select(nw.len().alias("n")).collect()
        return int(found.to_pandas()["n"].iloc[0])

    def frame_of(self, columns: Sequence[str]) -> pd.DataFrame:
        """Return these columns in pandas."""
        return self.frame.select(*columns).collect().to_pandas()

    def where(self, name: str, *, missing: bool) -> LazyTable:
        """Return the rows whose column is missing, or is not."""
        import narwhals as nw

        chosen = nw.col(name).is_null() if missing else ~nw.col(name).is_null()
        return LazyTable(self.frame.filter(chosen).to_native(), table=self.table)

    def stacked(self, other: Table) -> LazyTable:
        """Return the rows of both; columns as in this table."""
        import narwhals as nw

        assert isinstance(other, LazyTable)
        both = nw.concat([self.frame.select(*self.columns), other.frame.select(*self.columns)], how="vertical")
        return LazyTable(both.to_native(), table=self.table)

    def _aggregate(
        self, keys: Sequence[str], values: Sequence[Value], origin: np.ndarray, pairs: Sequence[tuple[int, int]]
    ) -> Raw:
        import narwhals as nw

        scale = self._scale(values, origin)
        made = [(self.number(value) - float(origin[place])).alias(f"v{place}") for place, value in enumerate(values)]
        rows = self.frame.select(*keys, *made)
        apart = [(a, b) for a, b in pairs if a != b]
        # No engine-wide covariance: cov(x, y) = (var(x + y) - var(x - y)) / 4 on columns of one scale.
        for a, b in apart:
            one, two = nw.col(f"v{a}") / scale[a], nw.col(f"v{b}") / scale[b]
            rows = rows.with_columns((one + two).alias(f"p{a}_{b}"), (one - two).alias(f"m{a}_{b}"))
        parts = [nw.len().alias("n")]
        for place in range(len(values)):
            parts += [nw.col(f"v{place}").count().alias(f"k{place}"), nw.col(f"v{place}").sum().alias(f"s{place}")]
        parts += [nw.col(f"v{a}").var(ddof=0).alias(f"c{a}_{a}") for a, b in pairs if a == b]
        parts += [nw.col(f"{name}{a}_{b}").var(ddof=0).alias(f"{name}{a}_{b}") for a, b in apart for name in ("p", "m")]
        grouped = rows.group_by(*keys).agg(*parts) if keys else rows.select(*parts)
        frame = sorted_groups(grouped.collect().to_pandas(), keys)
        for a, b in apart:
            frame[f"c{a}_{b}"] = (frame[f"p{a}_{b}"] - frame[f"m{a}_{b}"]) * (scale[a] * scale[b] / 4)
        return unpack(frame, keys, len(values), pairs)

    def _scale(self, values: Sequence[Value], origin: np.ndarray) -> list[float]:
        sample = self._sample(values, 1_000)
        if not len(sample):
            return [1.0] * len(values)
        with np.errstate(invalid="ignore", over="ignore"):
            spread = np.nanmax(np.abs(np.where(np.isfinite(sample), sample - origin, 0.0)), axis=0)
        return [float(one) if one > 0 else 1.0 for one in spread]

    def _sample(self, values: Sequence[Value], n: int) -> np.ndarray:
        if not values:
            return np.empty((0, 0))
        made = [self.number(value).alias(f"v{place}") for place, value in enumerate(values)]
        found = self.frame.head(n).select(*made).collect().to_pandas()
        return found.to_numpy(dtype=float, na_value=np.nan)

    def _bad_rows(self, value: Value) -> tuple[int, list[int]]:
        import narwhals as nw

        number = self.number(value)
        good = nw.when(number.is_finite()).then(nw.lit(1.0)).otherwise(nw.lit(0.0)).alias("good")
        found = self.frame.select(good).select(nw.len().alias("n"), nw.col("good").sum()).collect().to_pandas()
        return int(found["n"].iloc[0] - found["good"].iloc[0]), []


def _kept(frame: Any) -> Any:
    """Return a grouped frame held by its engine, so that asking it again reads no rows."""
    native = frame.to_native()
    if hasattr(native, "persist"):
        return native.persist()
    return frame.collect().to_native()
