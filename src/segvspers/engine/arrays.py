"""A pandas table: groups by NumPy, centred by each group's own mean."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from segvspers.engine.moments import group_codes
from segvspers.engine.table import FALSE, ROWS, TRUE, Raw, Table, Value, renamed, sorted_groups

if TYPE_CHECKING:
    import pandas as pd


class ArrayTable(Table):
    """A table in memory."""

    def __init__(self, frame: pd.DataFrame, *, table: str, columns: Mapping[str, str] | None = None) -> None:
        import pandas as pd

        pairs = renamed(list(frame.columns), columns, table=table)
        self.table = table
        self.columns = [ours for _, ours in pairs]
        self.frame = pd.DataFrame({ours: frame[theirs] for theirs, ours in pairs}, copy=False)

    def is_flag(self, name: str) -> bool:
        """Tell whether a column holds truth values."""
        import pandas as pd

        return bool(pd.api.types.is_bool_dtype(self.frame[name].dtype))

    def numbers(self, value: Value) -> np.ndarray:
        """Return the value of each row; nan where there is none."""
        found = _as_numbers(self.frame[value.source])
        argument: Any = value.argument[0] if value.argument else None
        simple: dict[str, Callable[[np.ndarray], np.ndarray]] = {
            "less": lambda x: x - argument,
            "times": lambda x: x * _as_numbers(self.frame[str(argument)]),
            "square": lambda x: x * x,
            "capped": lambda x: np.minimum(x, argument),
            "nonzero": lambda x: np.where(np.isnan(x), np.nan, x != 0),
            "odd": lambda x: np.where(np.isnan(x), np.nan, (x != 0) & (x != 1)),
        }
        if value.how in simple:
            return simple[value.how](found)
        if value.how == "unless":
            named = self.frame[str(value.argument[0])].isin(value.argument[1:]).to_numpy(dtype=bool)
            return np.where(named & ~np.isnan(found), 0.0, found)
        return found

    def collapse(
        self, keys: Sequence[str], values: Sequence[Value], how: Mapping[str, str] | None = None
    ) -> ArrayTable:
        """Return a table of one row a group: `ROWS`, and of each value its ``"sum"`` (or ``"max"``)."""
        codes, levels = group_codes(self.frame[list(keys)])
        weights = self.frame[ROWS].to_numpy(dtype=float) if ROWS in self.columns else None
        made = {ROWS: np.bincount(codes, weights=weights, minlength=len(levels)).astype(float)}
        for value in values:
            number = self.numbers(value)
            if (how or {}).get(value.name) == "max":
                most = np.full(len(levels), -np.inf)
                np.maximum.at(most, codes, number)
                made[value.name] = most
            else:
                made[value.name] = np.bincount(codes, weights=number, minlength=len(levels))
        return ArrayTable(levels.assign(**made), table=self.table)

    def counts(self, keys: Sequence[str], values: Sequence[Value] = ()) -> pd.DataFrame:
        """Return the distinct rows of keys and values with `n`, how often each stands there."""
        rows = self.frame[list(keys)].assign(**{value.name: self.numbers(value) for value in values})
        codes, levels = group_codes(rows)
        return sorted_groups(levels.assign(n=np.bincount(codes, minlength=len(levels))), keys, values)

    def lined(self, keys: Sequence[str], values: Sequence[Value]) -> ArrayTable:
        """Return keys and values row by row, with `ROWS` 1."""
        made = {ROWS: 1.0} | {value.name: self.numbers(value) for value in values}
        return ArrayTable(self.frame[list(keys)].assign(**made), table=self.table)

    def n_rows(self) -> int:
        """Return the number of rows."""
        return len(self.frame)

    def n_distinct(self, keys: Sequence[str]) -> int:
        """Return how many different rows these columns have."""
        return int((~self.frame.duplicated(list(keys))).sum())

    def frame_of(self, columns: Sequence[str]) -> pd.DataFrame:
        """Return these columns in pandas."""
        return self.frame[list(columns)]

    def where(self, name: str, *, missing: bool) -> ArrayTable:
        """Return the rows whose column is missing, or is not."""
        return ArrayTable(self.frame[self.frame[name].isna() == missing], table=self.table)

    def stacked(self, other: Table) -> ArrayTable:
        """Return the rows of both; columns as in this table."""
        import pandas as pd

        assert isinstance(other, ArrayTable)
        return ArrayTable(pd.concat([self.frame, other.frame[self.columns]], ignore_index=True), table=self.table)

    def _aggregate(
        self, keys: Sequence[str], values: Sequence[Value], origin: np.ndarray, pairs: Sequence[tuple[int, int]]
    ) -> Raw:
        codes, levels = group_codes(self.frame[list(keys)])
        order = sorted_groups(levels.assign(_place=np.arange(len(levels))), keys)["_place"].to_numpy()
        place = np.empty_like(order)
        place[order] = np.arange(len(order))
        codes, size, k = place[codes], len(levels), len(values)
        n = np.bincount(codes, minlength=size)
        known, above, comoment = np.empty((size, k)), np.empty((size, k)), np.full((size, k, k), np.nan)
        apart = []
        for column, value in enumerate(values):
            number = self.numbers(value) - origin[column]
            finite = np.isfinite(number)
            known[:, column] = n if finite.all() else np.bincount(codes[finite], minlength=size)
            above[:, column] = np.bincount(codes, weights=number, minlength=size)
            with np.errstate(invalid="ignore"):  # an infinite value is told by the caller
                apart.append(number - (above[:, column] / n)[codes])
        for a, b in pairs:
            comoment[:, a, b] = comoment[:, b, a] = np.bincount(codes, weights=apart[a] * apart[b], minlength=size)
        return Raw(levels.iloc[order].reset_index(drop=True), n, known, above, comoment)

    def _sample(self, values: Sequence[Value], n: int) -> np.ndarray:
        head = ArrayTable(self.frame.iloc[:n], table=self.table)
        return np.column_stack([head.numbers(value) for value in values]) if values else np.empty((0, 0))

    def _bad_rows(self, value: Value) -> tuple[int, list[int]]:
        bad = (~np.isfinite(self.numbers(value))).nonzero()[0] + 1
        return len(bad), bad.tolist()


def _as_numbers(column: pd.Series) -> np.ndarray:
    import pandas as pd

    if pd.api.types.is_numeric_dtype(column.dtype):  # truth values too
        return column.to_numpy(dtype=float, na_value=np.nan)
    text = column.astype("string").str.strip().str.lower()
    text = text.mask(text.isin(TRUE), "1").mask(text.isin(FALSE), "0")
    return pd.to_numeric(text, errors="coerce").to_numpy(dtype=float, na_value=np.nan)
