"""Checks of arguments at the public doors; each names what was given, what is allowed and the mend."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from segvspers.errors import ArgumentError, DataError

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd


def require_columns(frame: pd.DataFrame, columns: Iterable[str], *, table: str) -> None:
    """Raise `DataError` that lists every column of `columns` that `frame` lacks."""
    missing = [name for name in columns if name not in frame.columns]
    if missing:
        raise DataError(
            f"{table} lacks {missing}; it has {list(map(str, frame.columns))[:40]}. "
            f"Rename them with columns={{...}} in read_{table}()."
        )


def check_choice(name: str, value: object, allowed: Collection[Any]) -> None:
    """Raise `ArgumentError` when `value` is not one of `allowed`, and list them all."""
    if value not in allowed:
        raise ArgumentError(f"{name}={value!r} is not known; choose one of {sorted(map(str, allowed))}.")


def check_fraction(name: str, value: float, *, closed: bool = False) -> None:
    """Raise `ArgumentError` when `value` lies outside (0, 1), or outside [0, 1] when `closed`."""
    inside = 0 <= value <= 1 if closed else 0 < value < 1
    if not inside:
        span = "from 0 to 1" if closed else "between 0 and 1, ends left out"
        raise ArgumentError(f"{name}={value!r} must be a proportion {span}; 5 % is written 0.05.")


def check_at_least(name: str, value: float, low: float) -> None:
    """Raise `ArgumentError` when `value` is below `low` or no finite number."""
    if not (isinstance(value, (int, float)) and math.isfinite(value) and value >= low):
        raise ArgumentError(f"{name}={value!r} must be a finite number of at least {low}.")


def as_rng(rng: int | np.random.Generator | None) -> np.random.Generator:
    """Return a generator for a seed or a generator; `None` is seed 0, so that a call gives the same twice."""
    import numpy as np

    if isinstance(rng, np.random.Generator):
        return rng
    if rng is not None and not isinstance(rng, (int, np.integer)):
        raise ArgumentError(f"rng={rng!r} must be a whole number or a numpy.random.Generator.")
    return np.random.default_rng(0 if rng is None else int(rng))


def few(values: Sequence[Any] | Iterable[Any], *, limit: int = 5) -> str:
    """Return the first values as text, and how many more there are."""
    listed = list(values)
    head = ", ".join(str(value) for value in listed[:limit])
    return head if len(listed) <= limit else f"{head} and {len(listed) - limit:,} more"
