"""What puts a contact of any table into a segment: a fitted mixture, or rules."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import pandas as pd

from segvspers.segments.coding import ColumnCode, code_table
from segvspers.segments.latent_class import LatentClasses, memberships


class Assigner(Protocol):
    """Segments of rows: places in the list of segments, and how surely each row belongs there."""

    @property
    def plans(self) -> tuple[ColumnCode, ...]:
        """Return how each column is coded."""
        ...

    def place(self, table: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
        """Return the place of each row's segment and the membership, 0 to 1."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class ClassAssigner:
    """Segments by the class of highest probability; the model's classes stand in the order of segments."""

    plans: tuple[ColumnCode, ...]
    model: LatentClasses

    def place(self, table: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
        """Return the most probable class of each row and its probability."""
        shares = self.probabilities(table)
        best = shares.argmax(axis=1)
        return best, shares[np.arange(len(best)), best]

    def probabilities(self, table: pd.DataFrame) -> np.ndarray:
        """Return the probability of each class for each row."""
        return memberships(self.model.scores(code_table(self.plans, table)))


@dataclass(frozen=True, slots=True, eq=False)
class RuleAssigner:
    """Segments by equal levels: `cells` holds a row of codes each, `segment` the place of its segment.

    A row whose cell is not listed goes to the listed cell that shares most of its levels, earlier cells
    first; its membership is the share of levels that agree. Missing values and new levels are a level of
    their own.
    """

    plans: tuple[ColumnCode, ...]
    cells: np.ndarray
    segment: np.ndarray

    def place(self, table: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
        """Return the segment of each row's cell, and the share of its levels that the cell has."""
        codes = code_table(self.plans, table)
        distinct, inverse = np.unique(codes, axis=0, return_inverse=True)
        agree = np.zeros((len(distinct), len(self.cells)), dtype=np.int16)
        for column in range(codes.shape[1]):
            agree += distinct[:, column, None] == self.cells[None, :, column]
        nearest = agree.argmax(axis=1)
        sure = agree[np.arange(len(distinct)), nearest] / codes.shape[1]
        return self.segment[nearest][inverse.reshape(-1)], sure[inverse.reshape(-1)]
