"""Assigning by distance or density: k-means centres, a Gaussian mixture, the cores of HDBSCAN clusters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from segvspers.segments.codes.coding import ColumnCode
from segvspers.segments.codes.matrix import MatrixCode, scales_from
from segvspers.segments.methods.assigning import best, plans_from, plans_state
from segvspers.segments.methods.scorecard import log_sum, memberships

N_NEIGHBOURS = 10


@dataclass(frozen=True, slots=True, eq=False)
class MatrixAssigner:
    """What the assigners of a matrix share: `usual_from` is the least usual score of a row that fits in."""

    matrix: MatrixCode
    usual_from: float

    @property
    def plans(self) -> tuple[ColumnCode, ...]:
        """Return how each column is coded for profiles."""
        return self.matrix.plans

    def probabilities(self, table: pd.DataFrame) -> np.ndarray:
        """Return how surely each row belongs to each segment."""
        return self.shares(self.matrix.encode(table))

    def place(self, table: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
        """Return the place of each row's segment and how surely the row belongs there."""
        return best(self.probabilities(table))

    def unusual(self, table: pd.DataFrame) -> np.ndarray:
        """Tell which rows lie farther off than 99 % of the list of the fit."""
        return self.usual(self.matrix.encode(table)) < self.usual_from

    def shares(self, rows: np.ndarray) -> np.ndarray:
        """Return how surely each row of coordinates belongs to each segment."""
        raise NotImplementedError

    def usual(self, rows: np.ndarray) -> np.ndarray:
        """Return how much each row of coordinates is like the list: higher is more usual."""
        raise NotImplementedError

    def _state(self, **arrays: np.ndarray | float) -> dict[str, Any]:
        told = {name: np.asarray(value, dtype=float).tolist() for name, value in arrays.items()}
        shared = {"plans": plans_state(self.plans), "scales": self.matrix.state(), "usual_from": self.usual_from}
        return {**shared, **told}


def _matrix_from(state: Mapping[str, Any]) -> MatrixCode:
    return MatrixCode(plans_from(state["plans"]), scales_from(state["scales"]))


@dataclass(frozen=True, slots=True, eq=False)
class CentreAssigner(MatrixAssigner):
    """Segments by the nearest centre.

    Membership is the posterior of equal spherical normals around the centres, with the `variance` of the
    fit: the model that k-means is the limit of.
    """

    centres: np.ndarray
    variance: float
    kind: ClassVar[str] = "kmeans"

    @property
    def n_segments(self) -> int:
        """Count the centres."""
        return len(self.centres)

    def shares(self, rows: np.ndarray) -> np.ndarray:
        """Return the posterior of each centre."""
        return memberships(-squared_distances(rows, self.centres) / (2 * max(self.variance, 1e-12)))

    def usual(self, rows: np.ndarray) -> np.ndarray:
        """Return minus the squared distance to the nearest centre."""
        return -squared_distances(rows, self.centres).min(axis=1)

    def in_order(self, order: np.ndarray) -> CentreAssigner:
        """Return the assigner with its segments in another order, or some of them."""
        return replace(self, centres=self.centres[order])

    def state(self) -> dict[str, Any]:
        """Return the state as lists, numbers and text."""
        return self._state(centres=self.centres, variance=self.variance)

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> CentreAssigner:
        """Return the assigner of a state."""
        centres = np.array(state["centres"], dtype=float)
        return cls(_matrix_from(state), float(state["usual_from"]), centres, float(state["variance"]))


@dataclass(frozen=True, slots=True, eq=False)
class MixtureAssigner(MatrixAssigner):
    """Segments by the likeliest normal: `factors` are Cholesky factors of the precisions, one a segment."""

    log_shares: np.ndarray
    means: np.ndarray
    factors: np.ndarray
    kind: ClassVar[str] = "gmm"

    @property
    def n_segments(self) -> int:
        """Count the normals."""
        return len(self.means)

    def densities(self, rows: np.ndarray) -> np.ndarray:
        """Return the weighted log density of each row in each normal."""
        out = np.empty((len(rows), self.n_segments))
        for place, (mean, factor) in enumerate(zip(self.means, self.factors, strict=True)):
            apart = (rows - mean) @ factor
            out[:, place] = np.log(np.diag(factor)).sum() - 0.5 * (apart**2).sum(axis=1)
        return out + self.log_shares - 0.5 * rows.shape[1] * np.log(2 * np.pi)

    def shares(self, rows: np.ndarray) -> np.ndarray:
        """Return the posterior of each normal."""
        return memberships(self.densities(rows))

    def usual(self, rows: np.ndarray) -> np.ndarray:
        """Return the log density."""
        return log_sum(self.densities(rows))

    def in_order(self, order: np.ndarray) -> MixtureAssigner:
        """Return the assigner with its segments in another order, or some of them."""
        parts = (self.log_shares, self.means, self.factors)
        return MixtureAssigner(self.matrix, self.usual_from, *(part[order] for part in parts))

    def state(self) -> dict[str, Any]:
        """Return the state as lists, numbers and text."""
        return self._state(log_shares=self.log_shares, means=self.means, factors=self.factors)

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> MixtureAssigner:
        """Return the assigner of a state."""
        arrays = [np.array(state[name], dtype=float) for name in ("log_shares", "means", "factors")]
        return cls(_matrix_from(state), float(state["usual_from"]), *arrays)


@dataclass(frozen=True, slots=True, eq=False)
class CoreAssigner(MatrixAssigner):
    """Segments by the nearest core point of a dense region; membership is the share of the ten nearest."""

    cores: np.ndarray
    segment: np.ndarray
    kind: ClassVar[str] = "hdbscan"

    @property
    def n_segments(self) -> int:
        """Count the regions."""
        return int(self.segment.max()) + 1

    def _nearest(self, rows: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
        from scipy.spatial import cKDTree

        far, near = cKDTree(self.cores).query(rows, k=min(k, len(self.cores)))
        return far.reshape(len(rows), -1), near.reshape(len(rows), -1)

    def shares(self, rows: np.ndarray) -> np.ndarray:
        """Return the share of each region among the nearest core points; the nearest of all has the lead."""
        _, near = self._nearest(rows, N_NEIGHBOURS)
        told = self.segment[near]
        counts = np.stack([(told == place).sum(axis=1) for place in range(self.n_segments)], axis=1).astype(float)
        counts[np.arange(len(rows)), told[:, 0]] += near.shape[1]
        return counts / counts.sum(axis=1, keepdims=True)

    def usual(self, rows: np.ndarray) -> np.ndarray:
        """Return minus the distance to the nearest core point."""
        return -self._nearest(rows, 1)[0][:, 0]

    def in_order(self, order: np.ndarray) -> CoreAssigner:
        """Return the assigner with its segments in another order, or some of them."""
        rank = np.full(self.n_segments, -1)
        rank[order] = np.arange(len(order))
        kept = rank[self.segment] >= 0
        return replace(self, cores=self.cores[kept], segment=rank[self.segment[kept]])

    def state(self) -> dict[str, Any]:
        """Return the state as lists, numbers and text."""
        return {**self._state(cores=self.cores.round(6)), "segment": self.segment.tolist()}

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> CoreAssigner:
        """Return the assigner of a state."""
        cores, segment = np.array(state["cores"], dtype=float), np.array(state["segment"], dtype=int)
        return cls(_matrix_from(state), float(state["usual_from"]), cores, segment)


def squared_distances(rows: np.ndarray, centres: np.ndarray) -> np.ndarray:
    """Return squared distances, rows by centres."""
    cross = (rows**2).sum(axis=1)[:, None] - 2 * rows @ centres.T + (centres**2).sum(axis=1)
    return np.maximum(cross, 0)
