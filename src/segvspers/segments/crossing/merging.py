"""Group small cells for a budget of templates, and tell what is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from segvspers._checks import check_at_least, check_choice
from segvspers._display import percent, plural
from segvspers.errors import ArgumentError
from segvspers.segments.codes.coding import ColumnCode
from segvspers.segments.crossing.cells import SUMS, Cells
from segvspers.segments.crossing.explaining import Explained, explained, told_of_attributes
from segvspers.segments.crossing.joining import join_cells
from segvspers.segments.crossing.rules import RuleAssigner, from_cells
from segvspers.segments.crossing.splitting import split_cells

if TYPE_CHECKING:
    from segvspers.segments.segmentation import Segmentation

WAYS = ("auto", "tree", "greedy")
MOST_CURVE, MOST_JOINED = 60, 2_000


def merge_cells(
    found: Segmentation, n_templates: int, *, how: str = "auto", smallest: int | None = None
) -> Segmentation:
    """Group the cells of a segmentation by rules into at most `n_templates` segments.

    Parameters
    ----------
    found
        From ``segment_by``; with ``outcome=`` the groups explain as much of it as they can.
    n_templates
        Most segments.
    how
        ``tree`` splits the list by one column at a time, the split that explains most first; ``greedy`` joins
        neighbouring cells, the join that loses least first; ``auto`` takes the one that explains more on
        contacts held out, and the tree alone above 2,000 cells. Without an outcome both keep as much as they
        can of what the cells tell about their columns.
    smallest
        Fewest contacts of a segment; a tenth of an even share when left out.

    Returns
    -------
    Segmentation
        Its `notes` say what is lost, its `counts` what each number of templates explains.

    Raises
    ------
    ArgumentError
        When the segmentation is not one by rules.

    Notes
    -----
    Levels of an ordered column are only ever grouped with their neighbours. Unordered levels are split in the
    order of their means, which finds the best of all two-way splits (Fisher 1958; Breiman et al. 1984, theorem
    4.5). What is explained is the share of the variance of the outcome, each half of the contacts predicted by
    groups and shrunken means of the other half.
    """
    if not isinstance(found.assigner, RuleAssigner) or found.cells.empty:
        raise ArgumentError(f"merge_to() groups the cells of segment_by(); this segmentation is by {found.method!r}.")
    check_choice("how", how, WAYS)
    check_at_least("n_templates", n_templates, 1)
    plans, cells = found.assigner.plans, cells_of(found)
    n_templates = min(int(n_templates), len(cells))
    smallest = max(1, int(cells.n.sum()) // (10 * n_templates)) if smallest is None else smallest
    rng = np.random.default_rng(0)
    if cells.halves is None:
        told = {way: _grouped(cells, plans, n_templates, way, smallest)[n_templates] for way in _ways(how, len(cells))}
        kept = {way: told_of_attributes(cells, group) for way, group in told.items()}
        best = max(kept, key=lambda way: kept[way])
        note = _note(len(cells), told[best], f"keep {percent(kept[best], 0)} of what the cells tell of their columns")
        return from_cells(cells, plans, told[best], known=found.known, notes=[note], rng=rng)
    curves = {way: _curve(cells, plans, n_templates, way, smallest) for way in _ways(how, len(cells))}
    best = max(curves, key=lambda way: curves[way].iloc[-1]["explained"])
    group = _grouped(cells, plans, n_templates, best, smallest)[n_templates]
    every = explained(cells.halves, [np.arange(len(cells))] * 2)
    note = _loss(len(cells), group, curves[best], every, best)
    return from_cells(cells, plans, group, known=found.known, counts=curves[best], notes=[note], rng=rng)


def cells_of(found: Segmentation) -> Cells:
    """Return the cells of a segmentation by rules."""
    frame = found.cells
    assert isinstance(found.assigner, RuleAssigner)
    emailed, replied = (
        frame[name].to_numpy() if name in frame.columns else None for name in ("n_emailed", "n_replied")
    )
    halves = frame[list(SUMS)].to_numpy(dtype=float).T if SUMS[0] in frame.columns else None
    return Cells(found.assigner.cells, frame["n_contacts"].to_numpy(), emailed, replied, halves)


def _ways(how: str, n_cells: int) -> list[str]:
    """Return the ways to try; neighbours are joined one by one, which takes minutes for very many cells."""
    if how != "auto":
        return [how]
    return ["tree", "greedy"] if n_cells <= MOST_JOINED else ["tree"]


def _grouped(
    cells: Cells, plans: tuple[ColumnCode, ...], most: int, way: str, smallest: int, sums: np.ndarray | None = None
) -> dict[int, np.ndarray]:
    """Return the group of each cell by number of templates; `sums` are counts and sums of what is explained."""
    if sums is None and cells.halves is not None:
        sums = cells.halves[[0, 2]] + cells.halves[[1, 3]]
    grow = split_cells if way == "tree" else join_cells
    return grow(cells, plans, most, smallest=smallest, sums=sums)


def _curve(cells: Cells, plans: tuple[ColumnCode, ...], most: int, way: str, smallest: int) -> pd.DataFrame:
    """Return what each number of templates explains: groups and means of one half, judged on the other."""
    halves = cells.halves
    assert halves is not None
    grown = [_grouped(cells, plans, most, way, smallest, halves[[half, 2 + half]]) for half in (0, 1)]
    whole = _grouped(cells, plans, most, way, smallest)
    steps = np.unique(np.linspace(1, most, min(most, MOST_CURVE)).round().astype(int))
    rows = []
    for k in steps:
        told = explained(halves, [one[int(k)] for one in grown])
        rows.append((int(k), explained(halves, [whole[int(k)]] * 2).in_sample, told.held_out))
    return pd.DataFrame(rows, columns=["n_segments", "explained_in_sample", "explained"])


def _note(n_cells: int, group: np.ndarray, kept: str) -> str:
    return f"{plural(n_cells, 'cell')} are grouped into {plural(int(group.max()) + 1, 'segment')}, which {kept}."


def _loss(n_cells: int, group: np.ndarray, curve: pd.DataFrame, every: Explained, way: str) -> str:
    told, all_told = float(curve.iloc[-1]["explained"]), every.held_out
    if not np.isfinite(told) or not np.isfinite(all_told):
        return _note(n_cells, group, "can't be judged, since the outcome does not vary")
    if max(told, all_told) <= 0:
        return _note(n_cells, group, "explain nothing of the outcome on contacts held out, and neither do the cells")
    how = "a tree" if way == "tree" else "joined neighbours"
    kept = f"explain {percent(told, 2)} of the outcome on contacts held out ({how}); the cells explain {percent(all_told, 2)}"
    top = curve.loc[curve["explained"].idxmax()]
    fewer = (
        f" {int(top['n_segments'])} would explain {percent(top['explained'], 2)}."
        if top["explained"] > 1.02 * told
        else ""
    )
    return _note(n_cells, group, kept) + fewer
