"""A map of the list: multiple correspondence analysis of codes, or principal components of coordinates."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

N_MAPPED, N_DRAWN = 5_000, 800
# A few contacts with a rare level would take an axis for themselves.
RARE = 0.01


@dataclass(frozen=True, slots=True, eq=False)
class PlaneMap:
    """Two axes: `points` of contacts (``x, y, segment_id``) and the share of the spread on each axis."""

    points: pd.DataFrame
    shares: tuple[float, float]
    method: str


def map_codes(codes: np.ndarray, sizes: np.ndarray, ids: np.ndarray) -> PlaneMap:
    """Return contacts on the first two axes of a multiple correspondence analysis.

    Notes
    -----
    Correspondence analysis of the indicator matrix (Greenacre 2017, chapter 18); a value that is not known
    stands for the average, and levels of less than 1 % are left out. The shares are Greenacre's adjusted ones,
    since those of the indicator matrix understate what two axes show; with many missing values there are none.
    """
    blocks = []
    for column, size in enumerate(sizes):
        known = codes[:, column] >= 0
        shown = (codes[:, column, None] == np.arange(size)).astype(float)
        share = shown.sum(axis=0) / max(1, int(known.sum()))
        # What is not known is taken to be as the list is, so that it moves nobody away from the middle.
        blocks.append(np.where(known[:, None], shown - share, 0.0)[:, share >= RARE] / np.sqrt(share[share >= RARE]))
    apart = np.hstack(blocks) / np.sqrt(len(sizes))
    if not apart.shape[1]:
        return _map(np.zeros((len(codes), 2)), ids, (float("nan"), float("nan")), "MCA")
    values, axes = np.linalg.eigh(apart.T @ apart / len(apart))
    points = apart @ axes[:, ::-1][:, :2]
    return _map(points, ids, adjusted_shares(values[::-1], len(sizes), apart.shape[1]), "MCA")


def adjusted_shares(inertias: np.ndarray, n_columns: int, n_levels: int) -> tuple[float, float]:
    """Return the adjusted shares of the first two axes (Greenacre 2017, equations 19.5 to 19.7)."""
    q, least = n_columns, 1 / n_columns
    told = inertias[inertias > least]
    if q < 2 or not len(told):
        return (float("nan"), float("nan"))
    raised = ((q / (q - 1)) * (told - least)) ** 2
    average = q / (q - 1) * (float((inertias**2).sum()) - (n_levels - q) / q**2)
    shares = [float(one / average) if average > 0 else float("nan") for one in raised[:2]]
    return (shares[0], shares[1] if len(shares) > 1 else 0.0)


def map_rows(coordinates: np.ndarray, ids: np.ndarray) -> PlaneMap:
    """Return contacts on the first two principal components of coordinates."""
    apart = coordinates - coordinates.mean(axis=0)
    values, axes = np.linalg.eigh(apart.T @ apart / max(1, len(coordinates) - 1))
    points = apart @ axes[:, ::-1][:, :2]
    top = values[::-1][:2] / max(values.sum(), 1e-12)
    return _map(points, ids, (float(top[0]), float(top[1]) if len(top) > 1 else 0.0), "PCA")


def _map(points: np.ndarray, ids: np.ndarray, shares: tuple[float, float], method: str) -> PlaneMap:
    if points.shape[1] < 2:
        points = np.column_stack([points, np.zeros(len(points))])
    # An axis has no sign of its own: the side where fewer contacts lie far out is made positive.
    points = points * np.where(np.sign((points**3).sum(axis=0)) < 0, -1, 1)
    frame = pd.DataFrame({"x": points[:, 0].round(4), "y": points[:, 1].round(4), "segment_id": ids})
    return PlaneMap(frame.head(N_DRAWN), shares, method)
