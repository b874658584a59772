"""From gains of cells to the finding: rules, the table of contacts, groups, and words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from segvspers.frontier.policy.choosing import Rule, expected_regret
from segvspers.frontier.policy.coding import place_rows
from segvspers.frontier.policy.finding import Recommendation
from segvspers.frontier.policy.gains import Gains
from segvspers.frontier.policy.groups import Grid, describe_groups
from segvspers.frontier.policy.table import HELD, CellRules, assign_rows, describe_rule, explain_cells
from segvspers.frontier.policy.wording import tell


def assemble(
    contacts: pd.DataFrame, grid: Grid, rule: Rule, gains: Sequence[Gains], policies: pd.DataFrame, told: dict[str, Any],
    notes: Sequence[str],
) -> Recommendation:  # fmt: skip
    """Return the finding: rules of cells, the table of contacts, groups, and words."""
    choice = rule.choose(gains, grid.weight)
    known = bool(np.isfinite(told["reply_value_usd"]))
    cells = _cells(grid, rule, gains, choice, known)
    cells["reason"] = explain_cells(
        cells, default=told["default"], kind=told["kind"], rule=rule.name, known=known, assumed=told["n_test"] == 0
    )
    rules = CellRules(
        grid.plans, grid.codes, told["default"], tuple(name for name in HELD if name in contacts.columns), cells
    )
    table = assign_rows(rules, contacts)
    place = place_rows(contacts, grid.plans, grid.codes)[0]
    mailed = (table["variant"] != "hold").to_numpy()
    n_list = np.bincount(place[mailed & (place >= 0)], minlength=len(choice))
    groups = describe_groups(grid, choice, rule, gains, n_list)
    regret = expected_regret(rule, gains, choice)
    told = {
        **told, "n_contacts": len(table), "n_held": int((~mailed).sum()), "n_no_evidence": int((mailed & (place < 0)).sum()),
        "verdict": _verdict(choice, rule, grid), "regret_usd": float(regret @ n_list / n_list.sum()) if n_list.sum() else float("nan"),
    }  # fmt: skip
    counted = {"n_by_variant": table["variant"].value_counts().to_dict(), "together": _together(grid, rule, gains)}
    words = tell({**told, **counted}, groups, policies)
    said = [*notes, f"Rule: {describe_rule(rule.name, told['confidence'], told['default'])}."]
    return Recommendation(
        **told, **_hybrid_numbers(policies), contacts=table, groups=groups, policies=policies,
        spread=_spread(told, gains, grid), rules=rules, notes=tuple(said), sentences=words,
    )  # fmt: skip


def _cells(grid: Grid, rule: Rule, gains: Sequence[Gains], choice: np.ndarray, known: bool) -> pd.DataFrame:
    """Return one row a cell: its variant, and lift and net gain of the variant that is best beside the default."""
    net, net_sd = rule.nets(gains)
    number = {arm: place for place, arm in enumerate(rule.arms)}
    best = np.array([number.get(int(arm), int(net[:, cell].argmax())) for cell, arm in enumerate(choice)])
    cells = np.arange(len(choice))
    lift, sd = (np.stack([getattr(one, name) for one in gains])[best, cells] for name in ("mean", "sd"))
    judged, judged_sd = (one[best, cells] for one in rule.judged(gains))
    alike = np.array([not one.told_apart for one in gains])[best]
    follows = (choice != rule.default) & (judged - rule.z * judged_sd <= 0) & (rule.name == "evident")
    scale, arms = 1.0 if known else np.nan, np.array(grid.arms, dtype=object)
    return pd.DataFrame(
        {
            "variant": arms[choice], "candidate": arms[np.array(rule.arms)[best]],
            "lift": lift, "lift_low": lift - rule.z * sd, "lift_high": lift + rule.z * sd,
            "net_gain_usd": scale * net[best, cells],
            "net_gain_low_usd": scale * (net - rule.z * net_sd)[best, cells],
            "net_gain_high_usd": scale * (net + rule.z * net_sd)[best, cells],
            "n_alike": grid.n_test, "judged_alike": alike, "judged": judged, "follows": follows, "judged_low": judged - rule.z * judged_sd,
            "judged_high": judged + rule.z * judged_sd,
        }
    )  # fmt: skip


def _together(grid: Grid, rule: Rule, gains: Sequence[Gains]) -> list[tuple[str, float, float, float]]:
    """Return what each variant gains net over all contacts, with its interval."""
    found = []
    for arm, one, cost in zip(rule.arms, gains, rule.extra, strict=True):
        (mean,), (sd,) = one.average(grid.weight[None, :].astype(float))
        net, reach = rule.worth * mean - cost, rule.z * rule.worth * sd
        found.append((grid.arms[arm], float(net), float(net - reach), float(net + reach)))
    return found


def _verdict(choice: np.ndarray, rule: Rule, grid: Grid) -> str:
    used = np.unique(choice)
    if len(used) > 1:
        return "hybrid"
    return "default" if used[0] == rule.default else grid.arms[int(used[0])]


def _hybrid_numbers(policies: pd.DataFrame) -> dict[str, Any]:
    first, against = policies.iloc[0], policies.iloc[1]
    found: dict[str, Any] = {name: float(first[name]) for name in ("value", "value_low", "value_high")}
    names = ("lift", "lift_low", "lift_high", "net_lift_usd", "net_lift_low_usd", "net_lift_high_usd")
    return found | {name: float(against[name]) for name in names}


def _spread(told: Mapping[str, Any], gains: Sequence[Gains], grid: Grid) -> pd.DataFrame:
    """Return how much the relative gain differs between the levels of each feature, and between cells beyond them."""
    names = [plan.name for plan in grid.plans] + (["combination"] if len(grid.plans) > 1 else [])
    return pd.DataFrame(
        [
            {"variant": variant, "feature": name, "sd_of_relative_gain": float(spread)}
            for variant, one in zip(told["variants"][1:], gains, strict=True)
            for name, spread in zip(names, one.spread, strict=True)
        ]
    )
