"""Segments by boxes: spans of bins, the first box that holds a row counting."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from segvspers.segments.codes.coding import ColumnCode, code_table
from segvspers.segments.methods.assigning import plans_from, plans_state


@dataclass(frozen=True, slots=True, eq=False)
class BoxAssigner:
    """Boxes have a lowest and highest code a column; rows in none go to the segment `otherwise`.

    Attributes
    ----------
    boxes
        Shape (boxes, columns, 2).
    segment
        The segment of each box.
    """

    plans: tuple[ColumnCode, ...]
    boxes: np.ndarray
    segment: np.ndarray
    otherwise: int
    kind: ClassVar[str] = "boxes"

    @property
    def n_segments(self) -> int:
        """Count the segments."""
        return max(int(self.segment.max()), self.otherwise) + 1

    def place_codes(self, codes: np.ndarray) -> np.ndarray:
        """Return the segment of each coded row, -1 in none of the boxes."""
        place = np.full(len(codes), -1)
        for box, segment in zip(self.boxes[::-1], self.segment[::-1], strict=True):
            place[((codes >= box[:, 0]) & (codes <= box[:, 1])).all(axis=1)] = segment
        return place

    def place(self, table: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
        """Return the segment of each row, and 1 for a row in a box, 0 for one in none."""
        place = self.place_codes(code_table(self.plans, table))
        return np.where(place < 0, self.otherwise, place), (place >= 0).astype(float)

    def probabilities(self, table: pd.DataFrame) -> np.ndarray:
        """Return 1 for the segment of each row and 0 for the others."""
        place, _ = self.place(table)
        return (place[:, None] == np.arange(self.n_segments)).astype(float)

    def unusual(self, table: pd.DataFrame) -> np.ndarray:
        """Tell which rows no box holds."""
        return self.place(table)[1] < 1

    def in_order(self, order: np.ndarray) -> BoxAssigner:
        """Return the assigner with its segments in another order."""
        rank = np.empty(self.n_segments, dtype=int)
        rank[order] = np.arange(len(order))
        return replace(self, segment=rank[self.segment], otherwise=int(rank[self.otherwise]))

    def state(self) -> dict[str, Any]:
        """Return the state as lists, numbers and text."""
        return {
            "plans": plans_state(self.plans),
            "boxes": self.boxes.tolist(),
            "segment": self.segment.tolist(),
            "otherwise": self.otherwise,
        }

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> BoxAssigner:
        """Return the assigner of a state."""
        boxes, segment = (np.array(state[name], dtype=int) for name in ("boxes", "segment"))
        return cls(plans_from(state["plans"]), boxes, segment, int(state["otherwise"]))
