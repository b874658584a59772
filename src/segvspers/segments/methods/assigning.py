"""What puts a contact of any table into a segment: a pure function of a small state."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, ClassVar, Protocol

import numpy as np
import pandas as pd

from segvspers.segments.codes.coding import ColumnCode


class Assigner(Protocol):
    """Segments of rows. `state` holds all that is needed, as numbers and text, to do the same elsewhere."""

    kind: ClassVar[str]

    @property
    def plans(self) -> tuple[ColumnCode, ...]:
        """Return how each column is coded."""
        ...

    @property
    def n_segments(self) -> int:
        """Count the segments."""
        ...

    def probabilities(self, table: pd.DataFrame) -> np.ndarray:
        """Return how surely each row belongs to each segment: rows by segments, 0 to 1."""
        ...

    def place(self, table: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
        """Return the place of each row's segment and how surely the row belongs there."""
        ...

    def unusual(self, table: pd.DataFrame) -> np.ndarray:
        """Tell which rows are like no segment."""
        ...

    def in_order(self, order: np.ndarray) -> Assigner:
        """Return the assigner with its segments in another order, or some of them."""
        ...

    def state(self) -> dict[str, Any]:
        """Return the state as lists, numbers and text."""
        ...


def best(shares: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the place of the largest share of each row, and that share."""
    place = shares.argmax(axis=1)
    return place, shares[np.arange(len(place)), place]


def plans_state(plans: tuple[ColumnCode, ...]) -> list[dict[str, Any]]:
    """Return column codes as plain dicts."""
    return [{name: list(v) if isinstance(v, tuple) else v for name, v in asdict(plan).items()} for plan in plans]


def plans_from(state: list[Mapping[str, Any]]) -> tuple[ColumnCode, ...]:
    """Return column codes from plain dicts."""
    made: list[dict[str, Any]] = [
        {name: tuple(v) if isinstance(v, list) else v for name, v in plan.items()} for plan in state
    ]
    return tuple(ColumnCode(**plan) for plan in made)
