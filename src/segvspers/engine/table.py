"""What every engine can do with a table: moments by group, one row a unit, and counts of distinct rows."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from segvspers._checks import few, require_columns
from segvspers.engine.moments import Moments, all_pairs
from segvspers.errors import DataError, raise_all

if TYPE_CHECKING:
    import pandas as pd

FAR = 1_000.0
SAMPLED = 1_000
ROWS = "__rows"  # how many rows stand behind one of a collapsed table
TRUE, FALSE = ("true", "t", "yes", "y", "1", "1.0"), ("false", "f", "no", "n", "0", "0.0")


@dataclass(frozen=True, slots=True)
class Value:
    """A number made of a row.

    Attributes
    ----------
    name
        What it is called in the result.
    column
        The column that it is made of; `name` when left out. Truth values count 1 and 0, text such as "yes" too.
    how
        ``"number"`` as it is; ``"less"`` a number; ``"times"`` another column; ``"square"``; ``"capped"`` at most a
        number; ``"nonzero"`` 1 where it is not zero; ``"odd"`` 1 where it is neither 0 nor 1; ``"unless"`` 0 where
        another column holds one of some texts.
    argument
        What `how` needs: the number, the column, or the column and the texts.
    """

    name: str
    column: str = ""
    how: str = "number"
    argument: tuple[Any, ...] = ()

    @property
    def source(self) -> str:
        """The column that the number is made of."""
        return self.column or self.name


@dataclass(frozen=True, slots=True)
class Raw:
    """What an engine hands back by group: rows, known values, sums above the origin, centred products."""

    keys: pd.DataFrame
    n: np.ndarray
    known: np.ndarray
    above: np.ndarray
    comoment: np.ndarray


@dataclass(slots=True)
class Table(ABC):
    """A table on its own engine; `table` is what messages call it, `columns` are its columns under our names."""

    table: str
    columns: list[str] = field(init=False, default_factory=list)

    def moments(
        self,
        keys: Sequence[str],
        values: Sequence[Value],
        *,
        pairs: Iterable[tuple[str, str]] | None = None,
        origin: np.ndarray | None = None,
    ) -> Moments:
        """Return the moments of the values by group, in one pass.

        Parameters
        ----------
        keys
            Columns whose levels make the groups; a missing level is a level of its own.
        values
            The numbers; each must be finite in every row.
        pairs
            Pairs of names whose products are needed; all when left out.
        origin
            A value near each column's data; found from a few rows when left out.

        Raises
        ------
        DataError
            When a column is missing, or a value is empty, text or infinite.
        """
        self.require([*keys, *(value.source for value in values)])
        names = tuple(value.name for value in values)
        asked = all_pairs(names) if pairs is None else [pair for pair in all_pairs(names) if _asked(pair, pairs)]
        origin = self.origins(values) if origin is None else origin
        raw = self._aggregate(keys, values, origin, [(names.index(a), names.index(b)) for a, b in asked])
        bad = ((raw.known < raw.n[:, None]) | ~np.isfinite(raw.above)).any(axis=0)
        raise_all(self.table, [self._told(value) for value, wrong in zip(values, bad, strict=True) if wrong])
        if not len(raw.n):
            raise DataError(f"{self.table}: the table holds no rows.")
        return Moments(raw.keys, names, origin, raw.n, raw.above, raw.comoment)

    def require(self, names: Iterable[str]) -> None:
        """Raise `DataError` that lists every missing column."""
        require_columns(self, names, table=self.table)

    def origins(self, values: Sequence[Value]) -> np.ndarray:
        """Return zero, or the middle of a few rows where values lie far from zero and close together."""
        sample = self._sample(values, SAMPLED)
        with np.errstate(invalid="ignore", over="ignore"):
            finite = np.where(np.isfinite(sample), sample, np.nan)
            known = ~np.isnan(finite).all(axis=0) if len(finite) else np.zeros(len(values), dtype=bool)
            middle, spread = np.zeros(len(values)), np.zeros(len(values))
            if known.any():
                middle[known] = np.nanmean(finite[:, known], axis=0)
                spread[known] = np.nanstd(finite[:, known], axis=0)
        return np.where(np.abs(middle) > FAR * spread, middle, 0.0)

    def _told(self, value: Value) -> str:
        n, rows = self._bad_rows(value)
        where = f" (row {few(rows)})" if rows else ""
        return f"{value.source!r} holds no finite number in {n:,} rows{where}; mend or remove them"

    @abstractmethod
    def is_flag(self, name: str) -> bool:
        """Tell whether a column holds truth values."""

    @abstractmethod
    def collapse(self, keys: Sequence[str], values: Sequence[Value], how: Mapping[str, str] | None = None) -> Table:
        """Return a table of one row a group: `ROWS`, and of each value its ``"sum"`` (or ``"max"``)."""

    @abstractmethod
    def counts(self, keys: Sequence[str], values: Sequence[Value] = ()) -> pd.DataFrame:
        """Return the distinct rows of keys and values with `n`, how often each stands there."""

    @abstractmethod
    def lined(self, keys: Sequence[str], values: Sequence[Value]) -> Table:
        """Return keys and values row by row, with `ROWS` 1: what `collapse` gives when every row is a group."""

    @abstractmethod
    def n_rows(self) -> int:
        """Return the number of rows."""

    @abstractmethod
    def n_distinct(self, keys: Sequence[str]) -> int:
        """Return how many different rows these columns have; a missing level is a level."""

    @abstractmethod
    def frame_of(self, columns: Sequence[str]) -> pd.DataFrame:
        """Return these columns in pandas."""

    @abstractmethod
    def where(self, name: str, *, missing: bool) -> Table:
        """Return the rows whose column is missing, or is not."""

    @abstractmethod
    def stacked(self, other: Table) -> Table:
        """Return the rows of both; columns as in this table."""

    @abstractmethod
    def _aggregate(
        self, keys: Sequence[str], values: Sequence[Value], origin: np.ndarray, pairs: Sequence[tuple[int, int]]
    ) -> Raw: ...

    @abstractmethod
    def _sample(self, values: Sequence[Value], n: int) -> np.ndarray: ...

    @abstractmethod
    def _bad_rows(self, value: Value) -> tuple[int, list[int]]: ...


def renamed(columns: Sequence[str], mapping: Mapping[str, str] | None, *, table: str) -> list[tuple[str, str]]:
    """Return ``(their name, our name)`` of every column; one whose name another is given steps aside.

    Raises
    ------
    DataError
        When the mapping names a column that the table lacks.
    """
    given = dict(mapping or {})
    unknown = [theirs for theirs in given.values() if theirs not in columns]
    if unknown:
        raise DataError(
            f"{table}: columns= names {unknown}, which the table lacks; it has {list(map(str, columns))[:40]}."
        )
    pairs = [(theirs, ours) for ours, theirs in given.items()]
    for name in columns:
        if name in given.values():
            continue
        pairs.append((name, f"{name}_original" if name in given else name))
    return pairs


def _asked(pair: tuple[str, str], pairs: Iterable[tuple[str, str]]) -> bool:
    return pair in pairs or pair[::-1] in pairs


def sorted_groups(frame: pd.DataFrame, keys: Sequence[str], values: Sequence[Value] = ()) -> pd.DataFrame:
    """Return groups in the order of their levels as text, so that every engine gives one order."""
    names = [*keys, *(value.name for value in values)]
    if not names:
        return frame
    text = frame[list(keys)].astype("string")
    order = text.assign(**{value.name: frame[value.name] for value in values}).sort_values(names, kind="stable").index
    return frame.loc[order].reset_index(drop=True)
