"""The tidy frames behind an explosion's pictures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from segvspers._levels import Attribute
from segvspers.explosion.cells import Block, FinestCells, drop_axis, known_cells, known_codes, n_cells_of
from segvspers.explosion.testable import contacts_per_test

CELLS_KEPT = 10_000
LIFTS = (0.10, 0.20, 0.30, 0.50, 1.00, 2.00)


def growth_frame(
    finest: FinestCells, attributes: Sequence[Attribute], *, minimum_size: int, per_test: float
) -> pd.DataFrame:
    """Return the cells after each attribute is added, slowest first, fastest first and in the order given.

    Each order starts at the list as a whole, step 0. The order given comes last, so that the last row is
    the full cross. `bits` is the mean of -log2 of the share of contacts in a contact's cell.
    """
    by_levels = sorted(attributes, key=lambda attribute: attribute.n_levels)
    orders = {"slowest": by_levels, "fastest": by_levels[::-1], "given": list(attributes)}
    rows = []
    for order, listed in orders.items():
        names, block, steps = [attribute.name for attribute in listed], finest.block, []
        for step in range(len(names), -1, -1):
            counts = np.atleast_1d(known_cells(block, finest.n_levels)[0])
            told = {"order": order, "n_attributes": step, "added": names[step - 1] if step else ""}
            possible = n_cells_of([attribute.n_levels for attribute in listed[:step]])
            steps.append(told | _told(counts[counts > 0], possible, minimum_size=minimum_size, per_test=per_test))
            if step:
                axis = finest.names.index(names[step - 1])
                block = drop_axis(block, block.axes.index(axis), finest.sizes)
        rows += steps[::-1]
    return pd.DataFrame(rows)


def _told(counts: np.ndarray, possible: float, *, minimum_size: int, per_test: float) -> dict[str, float]:
    return {
        "n_possible": possible,
        "n_occupied": len(counts),
        "n_single": int((counts == 1).sum()),
        "n_at_minimum": int((counts >= minimum_size).sum()),
        "n_testable": int((counts >= per_test).sum()),
        "contacts_testable": int(counts[counts >= per_test].sum()),
        "median_contacts": float(np.median(counts)) if len(counts) else float("nan"),
        "bits": mean_bits(counts),
    }


def mean_bits(counts: np.ndarray) -> float:
    """Return how many bits the cell of a contact tells on average: the entropy of the cells.

    Examples
    --------
    >>> mean_bits(np.array([2, 1, 1]))
    1.5
    """
    if not len(counts):
        return float("nan")
    share = counts / counts.sum()
    return float(-(share * np.log2(share)).sum()) + 0.0


def cells_frame(finest: FinestCells, attributes: Sequence[Attribute]) -> tuple[pd.DataFrame, np.ndarray]:
    """Return the largest cells that hold somebody with their levels by name, and the counts of all, falling."""
    codes, counts = largest_cells(finest.block, finest.n_levels, most=CELLS_KEPT)
    place = {name: axis for axis, name in enumerate(finest.names)}
    frame = pd.DataFrame({a.name: np.array(a.levels, dtype=object)[codes[place[a.name]]] for a in attributes})
    return frame.assign(n_contacts=counts[: codes.shape[1]]), counts


def largest_cells(block: Block, n_levels: Sequence[int], *, most: int) -> tuple[np.ndarray, np.ndarray]:
    """Return codes (axes, cells) of at most so many of the largest cells, and the counts of all, falling.

    Cells of one size stand in the order of their codes; missing values are left out.
    """
    known = known_cells(block, n_levels)[0]
    held = np.flatnonzero(known)
    sizes = known.reshape(-1)[held]
    if len(sizes) > most:
        smallest = np.partition(sizes, len(sizes) - most)[len(sizes) - most]
        above = np.flatnonzero(sizes > smallest)
        chosen = np.concatenate([above, np.flatnonzero(sizes == smallest)[: most - len(above)]])
    else:
        chosen = np.arange(len(sizes))
    chosen = chosen[np.argsort(-sizes[chosen], kind="stable")]
    if block.codes is None:
        codes = np.stack(np.unravel_index(held[chosen], known.shape)) if known.ndim else np.empty((0, len(chosen)), int)
    else:
        codes = block.codes[:, known_codes(block, n_levels)][:, held[chosen]]
    return codes, np.sort(sizes)[::-1]


def coverage_frame(counts: np.ndarray) -> pd.DataFrame:
    """Return the share of contacts in the largest cells, at up to 400 numbers of cells; `counts` fall."""
    if not len(counts):
        return pd.DataFrame({"n_cells": [], "n_contacts": [], "share": []})
    reached = np.cumsum(counts) / counts.sum()
    kept = np.unique(np.rint(np.geomspace(1, len(counts), min(len(counts), 400))).astype(int)) - 1
    return pd.DataFrame({"n_cells": kept + 1, "n_contacts": counts[kept], "share": reached[kept]})


def lifts_frame(
    counts: np.ndarray, *, base_rate: float, relative_lift: float, power: float, alpha: float
) -> pd.DataFrame:
    """Return one row a relative lift: contacts that its test needs, cells that hold them, contacts in those."""
    rows = []
    for lift in sorted({*LIFTS, relative_lift}):
        needed = contacts_per_test(base_rate, lift, power=power, alpha=alpha)
        enough = counts[counts >= needed]
        share = float(enough.sum() / counts.sum()) if len(counts) else 0.0
        rows.append((lift, needed, len(enough), share))
    return pd.DataFrame(rows, columns=["relative_lift", "contacts_per_test", "n_testable", "share_testable"])


def costs_frame(n_occupied: int, n_crossing: float, *, template_cost_usd: float, emails_usd: float) -> pd.DataFrame:
    """Return the cost of templates and of one email each, at numbers of templates up to past both marks."""
    finite = n_crossing if np.isfinite(n_crossing) else 0.0
    most = max(2.0, 1.15 * n_occupied, 1.5 * finite if finite < 4 * n_occupied else 0.0)
    numbers = np.unique(np.rint(np.append(np.linspace(0, most, 60), [n_occupied, finite])))
    numbers = numbers[numbers <= most]
    return pd.DataFrame(
        {"n_templates": numbers.astype(int), "templates_usd": numbers * template_cost_usd, "emails_usd": emails_usd}
    )


def anonymity_frame(counts: np.ndarray) -> pd.DataFrame:
    """Return the share of contacts who stand in cells of fewer than k contacts (Sweeney 2002)."""
    sizes = np.array([2, 3, 5, 10, 20, 50, 100, 1000])
    total = max(1, counts.sum())
    return pd.DataFrame({"k": sizes, "share_below": [counts[counts < k].sum() / total for k in sizes]})


def levels_frame(small: Mapping[tuple[str, ...], np.ndarray], attributes: Sequence[Attribute]) -> pd.DataFrame:
    """Return one row a level: its attribute and its contacts."""
    rows = [
        {"attribute": attribute.name, "level": level, "n_contacts": int(n)}
        for attribute in attributes
        for level, n in zip(attribute.levels, small[(attribute.name,)], strict=True)
    ]
    return pd.DataFrame(rows, columns=["attribute", "level", "n_contacts"])


def overlap_frame(small: Mapping[tuple[str, ...], np.ndarray], attributes: Sequence[Attribute]) -> pd.DataFrame:
    """Return one row a pair of levels of two attributes: contacts of both, and the share of the first in the second.

    `expected` is the share that the second has of the list, so that `share` equals it when the two are unrelated.
    """
    columns = ["attribute", "level", "other_attribute", "other_level", "n_both", "share", "expected"]
    frames = [_overlap(small, one, other) for one in attributes for other in attributes if one.name != other.name]
    kept = [frame for frame in frames if frame is not None]
    return pd.concat(kept, ignore_index=True)[columns] if kept else pd.DataFrame(columns=columns)


def _overlap(small: Mapping[tuple[str, ...], np.ndarray], one: Attribute, other: Attribute) -> pd.DataFrame | None:
    both = small.get((one.name, other.name))
    if both is None and (other.name, one.name) in small:
        both = small[other.name, one.name].T
    if both is None or both.size > CELLS_KEPT:
        return None
    with np.errstate(invalid="ignore", divide="ignore"):
        share = both / both.sum(axis=1, keepdims=True)
        expected = both.sum(axis=0) / both.sum()
    return pd.DataFrame(
        {
            "attribute": one.name,
            "level": np.repeat(one.levels, other.n_levels),
            "other_attribute": other.name,
            "other_level": np.tile(other.levels, one.n_levels),
            "n_both": both.reshape(-1),
            "share": share.reshape(-1),
            "expected": np.tile(expected, one.n_levels),
        }
    )


def cells_for(counts: np.ndarray, share: float) -> int:
    """Return how many of the largest cells hold that share of the contacts placed."""
    if not len(counts):
        return 0
    reached = np.cumsum(counts)
    return int(np.searchsorted(reached, share * reached[-1] - 1e-9) + 1)
