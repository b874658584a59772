"""What every way to find segments can do: fit, label, judge a number of segments, and hand over an assigner."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np

from segvspers.segments.codes.coding import ColumnCode


class Learner(Protocol):
    """A way to find segments in the rows of one list."""

    @property
    def kind(self) -> str:
        """Return the name of the method."""
        ...

    @property
    def plans(self) -> tuple[ColumnCode, ...]:
        """Return how each column is coded."""
        ...

    @property
    def n_rows(self) -> int:
        """Count the rows."""
        ...

    def fit(self, k: int, *, rng: np.random.Generator, rows: np.ndarray | None = None, effort: str = "full") -> Any:
        """Return `k` segments of all rows, or of some; `effort` is ``full``, ``study`` or ``refit``, the quickest."""
        ...

    def labels(self, model: Any, rows: np.ndarray | None = None) -> np.ndarray:
        """Return the segment of each row."""
        ...

    def judge(self, model: Any, train: np.ndarray, held: np.ndarray) -> dict[str, Any]:
        """Return measures of a number of segments; ``ahead`` is one number a row held out."""
        ...
