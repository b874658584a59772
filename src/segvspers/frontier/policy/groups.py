"""The groups in which the answer differs: told by as few features as settle it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from segvspers.frontier.policy.choosing import Rule
from segvspers.frontier.policy.coding import name_cell
from segvspers.frontier.policy.gains import Gains
from segvspers.segments.codes.coding import ColumnCode


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """The cells that the policy is told by: variants, features, and one entry a cell of codes and contacts tested.

    `weight` is what averages over cells are taken by: the contacts tested, or those of the list when a world was assumed;
    0 where nothing is known of a cell.
    """

    arms: tuple[str, ...]
    plans: tuple[ColumnCode, ...]
    codes: np.ndarray
    n_test: np.ndarray
    weight: np.ndarray


def telling_features(codes: np.ndarray, choice: np.ndarray, spread: np.ndarray) -> list[int]:
    """Return the fewest features by which the choice is settled; the least telling are left out first.

    Examples
    --------
    >>> codes = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
    >>> telling_features(codes, np.array([7, 7, 3, 3]), np.array([0.2, 0.1]))
    [0]
    """
    kept = list(range(codes.shape[1]))
    for place in np.argsort(spread[: codes.shape[1]], kind="stable"):
        rest = [one for one in kept if one != place]
        group = _grouped(codes, rest)
        if len(np.unique(np.column_stack([group, choice]), axis=0)) == len(np.unique(group)):
            kept = rest
    return kept


def _grouped(codes: np.ndarray, places: Sequence[int]) -> np.ndarray:
    if not len(places):
        return np.zeros(len(codes), dtype=int)
    return np.unique(codes[:, list(places)], axis=0, return_inverse=True)[1].reshape(-1)


def describe_groups(
    grid: Grid, choice: np.ndarray, rule: Rule, gains: Sequence[Gains], n_list: np.ndarray
) -> pd.DataFrame:
    """Return one row a group: its variant, contacts, and lift and net gain of its best other variant, with intervals."""
    plans, codes, arms, n_test = grid.plans, grid.codes, grid.arms, grid.n_test
    told = telling_features(codes, choice, gains[0].spread if codes.shape[1] > 1 else np.zeros(1))
    group = _grouped(codes, told)
    n_groups = int(group.max()) + 1
    member = np.zeros((n_groups, len(codes)))
    member[group, np.arange(len(codes))] = n_test if n_test.any() else n_list + 1e-9
    averages = [one.average(member) for one in gains]
    mean = np.stack([rule.worth * one[0] - cost for one, cost in zip(averages, rule.extra, strict=True)])
    first = np.array([np.flatnonzero(group == one)[0] for one in range(n_groups)])
    number = {arm: place for place, arm in enumerate(rule.arms)}
    best = np.array([number.get(int(choice[cell]), int(mean[:, one].argmax())) for one, cell in enumerate(first)])
    rows = np.arange(n_groups)
    lift, sd = (np.stack([one[part] for one in averages])[best, rows] for part in (0, 1))
    net, net_sd = mean[best, rows], rule.worth * sd
    frame = pd.DataFrame(
        {
            "group": [name_cell(plans, codes[cell], told) if told else "all contacts" for cell in first],
            "variant": [arms[int(choice[cell])] for cell in first],
            "candidate": [arms[rule.arms[place]] for place in best],
            "n_test": np.bincount(group, weights=n_test).astype(int),
            "n_contacts": np.bincount(group, weights=n_list, minlength=n_groups).astype(int),
            "lift": lift, "lift_low": lift - rule.z * sd, "lift_high": lift + rule.z * sd,
            "net_gain": net, "net_gain_low": net - rule.z * net_sd, "net_gain_high": net + rule.z * net_sd,
        }
    )  # fmt: skip
    return frame.sort_values("net_gain", ascending=False, kind="stable", ignore_index=True)
