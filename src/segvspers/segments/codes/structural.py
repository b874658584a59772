"""What two columns share is one fact: there is no revenue without orders, no backup without internet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from segvspers.segments.codes.coding import ColumnCode, cut_points
from segvspers.segments.codes.kinds import as_number

if TYPE_CHECKING:
    from collections.abc import Mapping

STRUCTURAL_SHARE = 0.95
STRUCTURAL_GAP = 0.4
LEAST_SHARE = 1 / 16
REPEAT_SHARE = 0.9


def count_once(plans: Sequence[ColumnCode], frame: pd.DataFrame, n_bins: int, codes: np.ndarray) -> list[ColumnCode]:
    """Return the plans with every later column silent where an earlier one has said the same already."""
    told = list(plans)
    for later, earlier in shared_lowest(plans, codes).items():
        told[later] = _after(told[later], told[earlier].name, frame, n_bins)
    for later, (earlier, when) in shared_levels(plans, codes).items():
        told[later] = replace(told[later], after=told[earlier].name, when=when)
    return told


def shared_levels(plans: Sequence[ColumnCode], codes: np.ndarray) -> Mapping[int, tuple[int, int]]:
    """Return, for each category with a level that an earlier one shares, that earlier one and its level's code.

    Shared: at least 95 % of the contacts who have either level have both, and they are a sixteenth of the list.
    """
    categories = [place for place, plan in enumerate(plans) if plan.kind in ("category", "flag")]
    found: dict[int, tuple[int, int]] = {}
    for position, later in enumerate(categories):
        if plans[later].n_levels < 3:
            continue
        for earlier in categories[:position]:
            table = _crossed(codes[:, earlier], codes[:, later])
            either = table.sum(axis=1, keepdims=True) + table.sum(axis=0, keepdims=True) - table
            shared = (table >= STRUCTURAL_SHARE * either) & (table >= LEAST_SHARE * max(1, len(codes)))
            if shared.any() and later not in found:
                found[later] = (earlier, int(np.argwhere(shared)[0][0]))
    return found


def _crossed(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Return how many rows have each pair of levels."""
    both = (first >= 0) & (second >= 0)
    a, b = first[both].astype(np.int64), second[both].astype(np.int64)
    if not len(a):
        return np.zeros((1, 1))
    shape = (int(a.max()) + 1, int(b.max()) + 1)
    return np.bincount(a * shape[1] + b, minlength=shape[0] * shape[1]).reshape(shape)


def shared_lowest(plans: Sequence[ColumnCode], codes: np.ndarray) -> Mapping[int, int]:
    """Return, for each number that is lowest wherever an earlier one is, the place of that earlier one.

    Lowest together: at least 95 % of the rows where the earlier one is lowest, and at least 40 percentage
    points more than elsewhere.
    """
    numbers = [place for place, plan in enumerate(plans) if plan.kind == "number" and plan.n_levels > 2]
    lowest = {place: codes[:, place] == 0 for place in numbers}
    numbers = [place for place in numbers if len(codes) and lowest[place].mean() >= LEAST_SHARE]
    found: dict[int, int] = {}
    for position, later in enumerate(numbers):
        known = codes[:, later] >= 0
        shared = {}
        for earlier in numbers[:position]:
            low, high = lowest[earlier] & known, (codes[:, earlier] > 0) & known
            if not low.any() or not high.any():
                continue
            together, otherwise = lowest[later][low].mean(), lowest[later][high].mean()
            if together >= STRUCTURAL_SHARE and together - otherwise >= STRUCTURAL_GAP:
                shared[earlier] = together - otherwise
        if shared:
            found[later] = max(shared, key=lambda earlier: shared[earlier])
    return found


def _after(plan: ColumnCode, earlier: str, frame: pd.DataFrame, n_bins: int) -> ColumnCode:
    """Return the code of a column given an earlier one: per unit of it, when that depends on it less."""
    own, units = as_number(frame[plan.name]), as_number(frame[earlier])
    both = (units > 0) & (own > 0)
    if both.sum() > 30 and np.nanmin(units) >= 0:
        amount, unit = pd.Series(own[both]), pd.Series(units[both])
        if abs((amount / unit).corr(unit, "spearman")) < abs(amount.corr(unit, "spearman")):
            cuts = cut_points((own / np.where(both, units, np.nan)), n_bins)
            return replace(plan, after=earlier, per=True, cuts=cuts, zero_first=False)
    return replace(plan, after=earlier)


def drop_repeats(plans: Sequence[ColumnCode], codes: np.ndarray) -> tuple[list[int], list[str]]:
    """Return the places of the columns to keep, and a note for each that another one repeats.

    Columns repeat each other when they share more than 90 % of the smaller entropy. The earlier one is kept,
    unless the later one has more than twice its entropy.
    """
    kept: list[int] = []
    notes = []
    for place, plan in enumerate(plans):
        twins = [other for other in kept if _repeats(codes[:, place], codes[:, other])]
        coarse = [other for other in twins if _entropy(codes[:, place]) > 2 * _entropy(codes[:, other])]
        if len(coarse) < len(twins):
            by = next(other for other in twins if other not in coarse)
            notes.append(f"{plan.name} is left out, since it repeats {plans[by].name}.")
            continue
        notes += [f"{plans[other].name} is left out, since {plan.name} tells it." for other in coarse]
        kept = [other for other in kept if other not in coarse] + [place]
    return kept, notes


def _repeats(first: np.ndarray, second: np.ndarray) -> bool:
    both = (first >= 0) & (second >= 0)
    if both.sum() <= 50:
        return False
    a, b = first[both].astype(np.int64), second[both].astype(np.int64)
    alone = [_entropy(a), _entropy(b)]
    shared = sum(alone) - _entropy(a * (int(b.max()) + 1) + b)
    return min(alone) > 0 and shared > REPEAT_SHARE * min(alone)


def _entropy(codes: np.ndarray) -> float:
    times = np.bincount(codes[codes >= 0])
    share = times[times > 0] / times.sum()
    return -float((share * np.log(share)).sum())
