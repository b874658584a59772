"""Templates and trees from what segments would bring: facility location, and splits by subsets of levels."""

from __future__ import annotations

from dataclasses import dataclass
from heapq import heapify, heappop, heappush

import numpy as np

from segvspers.frontier.cells import RandomisedTest

SMALLEST_LEAF = 50
UNSEEN = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class Segments:
    """Segments that templates may be chosen by, before one block.

    Attributes
    ----------
    of_cell
        ``(n_cells,)``: the segment of each cell.
    n
        ``(n_segments,)``: contacts seen.
    worth
        ``(n_segments, n_templates)``: contacts times expected outcome, summed over cells.
    levels
        ``(n_segments, n_features)``: levels of the features that segments are told by.
    """

    of_cell: np.ndarray
    n: np.ndarray
    worth: np.ndarray
    levels: np.ndarray


def see_segments(test: RandomisedTest, contacts: np.ndarray, means: np.ndarray) -> Segments:
    """Return the segments for contacts ``(n_cells,)`` and expected outcomes ``(n_cells, n_arms)`` known so far."""
    of_cell, weights = test.segment_of_cell, contacts + UNSEEN
    n_segments = int(of_cell.max()) + 1
    worth = np.zeros((n_segments, len(test.templates)))
    np.add.at(worth, of_cell, weights[:, None] * means[:, test.templates])
    first = np.zeros(n_segments, dtype=int)
    first[of_cell[::-1]] = np.arange(len(of_cell))[::-1]
    told = (test.cell_levels == test.cell_levels[first][of_cell]).all(axis=0)
    return Segments(of_cell, np.bincount(of_cell, weights=contacts), worth, test.cell_levels[first][:, told])


def choose_templates(worth: np.ndarray, n_templates: int) -> list[int]:
    """Return columns of `worth` in the order of their greatest gain, every row taking the best of those chosen.

    Parameters
    ----------
    worth
        ``(n_segments, n_templates)``: what each segment brings under each template.
    n_templates
        How many to choose at most.

    Returns
    -------
    list of int
        The first k are the choice of k; of templates that gain alike the first column wins.

    Notes
    -----
    Facility location by lazy greedy: a gain can only fall as more is chosen, so a gain that is still the largest
    after it was brought up to date is the best. The gain over the best single template is at least 1 - 1/e of the
    largest possible.

    References
    ----------
    Nemhauser, G. L., Wolsey, L. A. and Fisher, M. L. (1978). Mathematical Programming 14, 265-294. Minoux, M. (1978),
    for the lazy evaluation.

    Examples
    --------
    >>> choose_templates(np.array([[5.0, 0.0, 4.0], [0.0, 5.0, 4.0]]), 3)
    [2, 0, 1]
    """
    totals = worth.sum(axis=0)
    chosen = [int(np.argmax(totals))]
    reached = worth[:, chosen[0]].copy()
    heap = [(-np.inf, place, 0) for place in range(worth.shape[1]) if place != chosen[0]]
    heapify(heap)
    while heap and len(chosen) < n_templates:
        _, place, seen = heappop(heap)
        if seen == len(chosen):
            chosen.append(place)
            np.maximum(reached, worth[:, place], out=reached)
        else:
            gain = float(np.maximum(worth[:, place] - reached, 0.0).sum())
            heappush(heap, (-gain, place, len(chosen)))
    return chosen


def grow_tree(segments: Segments, n_leaves: int, *, smallest: int = SMALLEST_LEAF) -> list[np.ndarray]:
    """Return the template of each segment by trees of 1 to `n_leaves` leaves; fewer when no split gains.

    Notes
    -----
    Best-first. A split sends a subset of the levels of one feature to one template and the rest to another; for two
    given templates the best subset is known (each level to the better one), so the best split is exact
    over all features, subsets and pairs. Leaves hold at least `smallest` contacts.
    """
    leaf = np.zeros(len(segments.n), dtype=int)
    arm = np.full(len(segments.n), int(np.argmax(segments.worth.sum(axis=0))))
    grown, candidates = [arm.copy()], {0: _best_split(segments, leaf == 0, smallest)}
    while len(grown) < n_leaves:
        place = max(candidates, key=lambda one: candidates[one][0])
        gain, inside, first, second = candidates[place]
        if gain <= 0:
            break
        here = leaf == place
        leaf[here & ~inside] = len(grown)
        arm[here & inside], arm[here & ~inside] = first, second
        for one in (place, len(grown)):
            candidates[one] = _best_split(segments, leaf == one, smallest)
        grown.append(arm.copy())
    return grown


def _best_split(segments: Segments, here: np.ndarray, smallest: int) -> tuple[float, np.ndarray, int, int]:
    """Return gain, the segments of the first side, and the templates of both sides."""
    worth, n = segments.worth[here], segments.n[here]
    alone = worth.sum(axis=0).max() if len(worth) else 0.0
    best: tuple[float, np.ndarray, int, int] = (0.0, here, 0, 0)
    if n.sum() < 2 * smallest:
        return best
    for feature in range(segments.levels.shape[1]):
        levels = segments.levels[:, feature]
        size = int(levels.max()) + 1
        counts = np.bincount(levels[here], weights=n, minlength=size)
        sums = np.zeros((size, worth.shape[1]))
        np.add.at(sums, levels[here], worth)
        better = sums[:, :, None] >= sums[:, None, :]
        gains = np.maximum(sums[:, :, None], sums[:, None, :]).sum(axis=0) - alone
        first = np.einsum("l,lab->ab", counts, better)
        gains[(first < smallest) | (counts.sum() - first < smallest)] = -np.inf
        a, b = np.unravel_index(int(np.argmax(gains)), gains.shape)
        if gains[a, b] > best[0] + 1e-12:
            best = (float(gains[a, b]), here & better[levels, a, b], int(a), int(b))
    return best
