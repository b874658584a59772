"""The tidy frames behind an explosion's pictures."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from segvspers._levels import Attribute
from segvspers.explosion.cells import FinestCells, keep_axes, known_cells
from segvspers.explosion.subsets import walk

CELLS_KEPT = 10_000


def growth_frame(
    finest: FinestCells, attributes: Sequence[Attribute], *, minimum_size: int, per_test: float
) -> pd.DataFrame:
    """Return the cells after each attribute is added, slowest first, fastest first and in the order given.

    The order given comes last, so that the last row is the full cross.
    """
    by_levels = sorted(attributes, key=lambda attribute: attribute.n_levels)
    orders = {"slowest": by_levels, "fastest": by_levels[::-1], "given": list(attributes)}
    place = {name: axis for axis, name in enumerate(finest.names)}
    rows = []
    for order, listed in orders.items():
        for step in range(1, len(listed) + 1):
            axes = sorted(place[attribute.name] for attribute in listed[:step])
            counts = known_cells(keep_axes(finest.block, axes, finest.sizes), finest.n_levels)[0]
            counts = counts[counts > 0]
            rows.append(
                {
                    "order": order,
                    "n_attributes": step,
                    "added": listed[step - 1].name,
                    "n_possible": float(np.prod([float(a.n_levels) for a in listed[:step]])),
                    "n_occupied": len(counts),
                    "n_single": int((counts == 1).sum()),
                    "n_at_minimum": int((counts >= minimum_size).sum()),
                    "n_testable": int((counts >= per_test).sum()),
                    "contacts_testable": int(counts[counts >= per_test].sum()),
                    "median_contacts": float(np.median(counts)) if len(counts) else float("nan"),
                }
            )
    return pd.DataFrame(rows)


def cells_frame(finest: FinestCells, attributes: Sequence[Attribute]) -> tuple[pd.DataFrame, np.ndarray]:
    """Return the largest cells that hold somebody with their levels by name, and the counts of all."""
    known = known_cells(finest.block, finest.n_levels)[0]
    if finest.block.codes is None:
        codes = np.stack(np.nonzero(known), axis=1)
        counts = known[tuple(codes.T)]
    else:
        codes = finest.block.codes[(finest.block.codes < np.array(finest.n_levels)).all(axis=1)]
        counts = known
    order = np.argsort(-counts, kind="stable")
    kept = order[:CELLS_KEPT]
    place = {name: axis for axis, name in enumerate(finest.names)}
    frame = pd.DataFrame({a.name: np.array(a.levels, dtype=object)[codes[kept, place[a.name]]] for a in attributes})
    return frame.assign(n_contacts=counts[kept]), counts[order]


def coverage_frame(counts: np.ndarray) -> pd.DataFrame:
    """Return the share of contacts in the largest cells, at up to 400 numbers of cells."""
    if not len(counts):
        return pd.DataFrame({"n_cells": [], "n_contacts": [], "share": []})
    reached = np.cumsum(counts) / counts.sum()
    kept = np.unique(np.rint(np.geomspace(1, len(counts), min(len(counts), 400))).astype(int)) - 1
    return pd.DataFrame({"n_cells": kept + 1, "n_contacts": counts[kept], "share": reached[kept]})


def curves_frame(finest: FinestCells, by: Sequence[str]) -> pd.DataFrame:
    """Return the coverage curve of every subset, for the explorer: ``attributes, n_cells, share``."""
    frames = []
    for axes, sums in walk(finest, largest_subset=len(by)):
        counts = np.sort(sums[0].ravel())[::-1]
        curve = coverage_frame(counts[counts > 0])[["n_cells", "share"]]
        names = [finest.names[axis] for axis in axes]
        frames.append(curve.assign(attributes=" x ".join(name for name in by if name in names)))
    return pd.concat(frames, ignore_index=True)[["attributes", "n_cells", "share"]]


def anonymity_frame(counts: np.ndarray) -> pd.DataFrame:
    """Return the share of contacts who stand in cells of fewer than k contacts (Sweeney 2002)."""
    sizes = np.array([2, 3, 5, 10, 20, 50, 100, 1000])
    total = max(1, counts.sum())
    return pd.DataFrame({"k": sizes, "share_below": [counts[counts < k].sum() / total for k in sizes]})


def levels_frame(finest: FinestCells, attributes: Sequence[Attribute]) -> pd.DataFrame:
    """Return one row a level: its attribute and its contacts."""
    rows = []
    for attribute in attributes:
        axis = finest.names.index(attribute.name)
        counts = known_cells(keep_axes(finest.block, [axis], finest.sizes), finest.n_levels)[0]
        rows += [
            {"attribute": attribute.name, "level": level, "n_contacts": int(n)}
            for level, n in zip(attribute.levels, counts, strict=True)
        ]
    return pd.DataFrame(rows)


def cells_for(counts: np.ndarray, share: float) -> int:
    """Return how many of the largest cells hold that share of the contacts placed."""
    if not len(counts):
        return 0
    reached = np.cumsum(counts)
    return int(np.searchsorted(reached, share * reached[-1] - 1e-9) + 1)
