"""Counts, sums and centred second moments by group: an algebra of a few numbers, however many the rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from segvspers.errors import ArgumentError

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True, eq=False)
class Moments:
    """Moments of some columns by group; `a + b` are the moments of the rows of both.

    Attributes
    ----------
    keys
        One row a group: the levels that make it.
    names
        The columns, k of them.
    origin
        Shape (k,). A value near the data that was taken off every value, so that no digit is lost.
    n
        Shape (groups,). Rows.
    above
        Shape (groups, k). Sums of the values less the origin.
    comoment
        Shape (groups, k, k). Sums of products of deviations from the group's own means; nan where not asked.

    References
    ----------
    Chan, T. F., Golub, G. H. and LeVeque, R. J. (1983). Algorithms for computing the sample variance. The
    American Statistician 37, 242-247.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = pd.DataFrame({"variant": ["a", "a", "b"], "x": [1.0, 3.0, 5.0]})
    >>> from segvspers.engine import Value, open_source
    >>> found = open_source(rows, table="rows").moments(["variant"], [Value("x")])
    >>> found.mean("x").tolist(), found.by().variance("x").tolist()
    ([2.0, 5.0], [4.0])
    """

    keys: pd.DataFrame
    names: tuple[str, ...]
    origin: np.ndarray
    n: np.ndarray
    above: np.ndarray
    comoment: np.ndarray

    def __add__(self, other: Moments) -> Moments:
        """Return the moments of the rows of both."""
        import pandas as pd

        if self.names != other.names or list(self.keys.columns) != list(other.keys.columns):
            raise ArgumentError(
                f"moments of {list(self.names)} by {list(self.keys.columns)} can't be added to those of "
                f"{list(other.names)} by {list(other.keys.columns)}; make both alike."
            )
        moved = other.above + other.n[:, None] * (other.origin - self.origin)
        both = Moments(
            pd.concat([self.keys, other.keys], ignore_index=True),
            self.names,
            self.origin,
            np.concatenate([self.n, other.n]),
            np.concatenate([self.above, moved]),
            np.concatenate([self.comoment, other.comoment]),
        )
        return both.by(*self.keys.columns)

    def by(self, *keys: str) -> Moments:
        """Return the moments by fewer keys; by none, those of all rows."""
        unknown = [key for key in keys if key not in self.keys.columns]
        if unknown:
            raise ArgumentError(f"moments are not held by {unknown}; they are by {list(self.keys.columns)}.")
        codes, levels = group_codes(self.keys[list(keys)])
        size, k = len(levels), len(self.names)
        n = np.zeros(size, dtype=np.int64)
        np.add.at(n, codes, self.n)
        above, comoment = np.zeros((size, k)), np.zeros((size, k, k))
        np.add.at(above, codes, self.above)
        apart = self.above / self.n[:, None] - (above / n[:, None])[codes]
        products = self.n[:, None, None] * apart[:, :, None] * apart[:, None, :]
        np.add.at(comoment, codes, self.comoment + products)
        return Moments(levels, self.names, self.origin, n, above, comoment)

    def where(self, **levels: Any) -> Moments:
        """Return the groups with these levels."""
        kept = np.ones(len(self.n), dtype=bool)
        for key, level in levels.items():
            kept &= (self.keys[key] == level).to_numpy(dtype=bool, na_value=False)
        return self.take(np.flatnonzero(kept))

    def take(self, places: np.ndarray) -> Moments:
        """Return the groups at these places."""
        keys = self.keys.iloc[places].reset_index(drop=True)
        return Moments(keys, self.names, self.origin, self.n[places], self.above[places], self.comoment[places])

    def total(self, name: str) -> np.ndarray:
        """Return the sum by group."""
        place = self._place(name)
        return self.above[:, place] + self.n * self.origin[place]

    def mean(self, name: str) -> np.ndarray:
        """Return the mean by group."""
        place = self._place(name)
        return self.origin[place] + self.above[:, place] / self.n

    def squares(self, name: str, other: str | None = None) -> np.ndarray:
        """Return the sum of products of deviations from the means by group."""
        return self.comoment[:, self._place(name), self._place(other or name)]

    def variance(self, name: str, other: str | None = None) -> np.ndarray:
        """Return the variance, or the covariance of two columns, with n - 1; nan for a single row."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(self.n > 1, self.squares(name, other) / (self.n - 1), np.nan)

    def products(self, name: str, other: str | None = None) -> np.ndarray:
        """Return the plain sum of squares, or of products of two columns, by group."""
        one, two = self._place(name), self._place(other or name)
        return self.squares(name, other) + self.n * (
            (self.origin[one] + self.above[:, one] / self.n) * (self.origin[two] + self.above[:, two] / self.n)
        )

    def _place(self, name: str) -> int:
        if name not in self.names:
            raise ArgumentError(f"moments hold {list(self.names)}, not {name!r}.")
        return self.names.index(name)


def group_codes(keys: pd.DataFrame) -> tuple[np.ndarray, pd.DataFrame]:
    """Return the group of each row as a number, and the levels of each group; a missing level is a level."""
    if not len(keys.columns):
        return np.zeros(len(keys), dtype=np.int64), keys.iloc[:1].reset_index(drop=True)
    codes = np.zeros(len(keys), dtype=np.int64)
    for name in keys.columns:
        own, levels = keys[name].factorize(use_na_sentinel=False)
        codes = codes * max(len(levels), 1) + own
        _, first, codes = np.unique(codes, return_index=True, return_inverse=True)
    return codes, keys.iloc[first].reset_index(drop=True)


def all_pairs(names: Sequence[str]) -> list[tuple[str, str]]:
    """Return every pair of names, each with itself too."""
    return [(one, two) for place, one in enumerate(names) for two in names[place:]]
