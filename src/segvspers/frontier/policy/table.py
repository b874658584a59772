"""The table that leaves: each contact's variant with its expected gain, the interval and the reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from segvspers._checks import require_columns
from segvspers._display import count, money, percent, points
from segvspers.emails.routing import read_flag
from segvspers.errors import DataError
from segvspers.frontier.policy.coding import place_rows, why_unplaced
from segvspers.segments.codes.coding import ColumnCode

COLUMNS = (
    "contact_id", "variant", "candidate", "lift", "lift_low", "lift_high", "net_gain_usd", "net_gain_low_usd",
    "net_gain_high_usd", "n_alike", "reason",
)  # fmt: skip
HELD = {"suppressed": "suppressed", "consent": "no consent"}


@dataclass(frozen=True, slots=True, eq=False)
class CellRules:
    """What each cell of the test gets, and why; arrays have one entry a cell.

    Attributes
    ----------
    plans, codes
        How features are coded, and the codes ``(n_cells, n_features)``.
    default
        The variant of contacts of whom the test says nothing.
    flags
        Columns of the list that hold a contact back: ``suppressed`` and ``consent``.
    cells
        One row a cell: the columns of the table of contacts, without `contact_id`.
    """

    plans: tuple[ColumnCode, ...]
    codes: np.ndarray
    default: str
    flags: tuple[str, ...]
    cells: pd.DataFrame


def assign_rows(rules: CellRules, contacts: pd.DataFrame) -> pd.DataFrame:
    """Return the table of contacts, in the order of the list."""
    require_columns(contacts, ["contact_id", *(plan.name for plan in rules.plans), *rules.flags], table="contacts")
    if contacts["contact_id"].duplicated().any():
        n = int(contacts["contact_id"].duplicated().sum())
        raise DataError(f"contacts repeats {n:,} contact_ids; keep one row a contact.")
    place, codes = place_rows(contacts, rules.plans, rules.codes)
    table = rules.cells.iloc[np.maximum(place, 0)].reset_index(drop=True)
    unplaced = place < 0
    table.loc[unplaced, "variant"] = rules.default
    table.loc[unplaced, "n_alike"] = 0
    table.loc[unplaced, [name for name in COLUMNS if "lift" in name or "gain" in name]] = np.nan
    table.loc[unplaced, "candidate"] = ""
    table.loc[unplaced, "reason"] = why_unplaced(codes[unplaced], rules.plans, rules.codes)
    for name, held in reversed(held_rows(rules.flags, contacts)):
        table.loc[held, "variant"], table.loc[held, "reason"] = "hold", HELD[name]
    table.insert(0, "contact_id", contacts["contact_id"].to_numpy())
    return table[list(COLUMNS)]


def held_rows(flags: Sequence[str], contacts: pd.DataFrame) -> list[tuple[str, np.ndarray]]:
    """Return the rows that each column holds back, the strongest first, as `route_contacts` reads them."""
    return [
        (
            name,
            read_flag(contacts, name, missing=False)
            if name == "suppressed"
            else ~read_flag(contacts, name, missing=True),
        )
        for name in flags
    ]


def explain_cells(cells: pd.DataFrame, *, default: str, kind: str, rule: str, known: bool, assumed: bool) -> list[str]:
    """Return the reason of each cell, from its numbers alone."""
    return [_reason(row, default, kind, rule, known, assumed=assumed) for row in cells.itertuples()]


def _reason(cell: Any, default: str, kind: str, rule: str, known: bool, *, assumed: bool) -> str:
    """Return why, by the numbers that were judged: the group's own, or those of one relative gain for all groups."""
    said = points if kind == "rate" else money
    span = f"{said(cell.lift)} ({said(cell.lift_low)} to {said(cell.lift_high)})"
    if known:
        span += f", net {_cents(cell.net_gain_usd)} an email ({_cents(cell.net_gain_low_usd)} to {_cents(cell.net_gain_high_usd)})"
    alike = "assumed, not tested" if assumed else f"{count(cell.n_alike)} alike in the test"
    if cell.judged_alike:
        worth = _cents if known or kind != "rate" else points
        alike += (
            f"; no difference between groups is evident, and by one relative gain for all it is {worth(cell.judged)} "
        )
        alike += f"({worth(cell.judged_low)} to {worth(cell.judged_high)})"
    if cell.follows:
        return f"{cell.candidate} surely gains for all on average or for other groups, and is expected to here: {span}; {alike}"
    if cell.variant != default:
        return f"{cell.candidate} gains {span}; {alike}"
    if cell.judged_high < 0:
        loses = cell.lift_high < 0 or not known
        return f"{cell.candidate} {'loses' if loses else 'costs more than it gains'}: {span}; {alike}"
    if rule != "expected" and cell.judged_low <= 0:
        return f"the gain of {cell.candidate} is not sure: {span}; {alike}"
    return f"{cell.candidate} is expected to gain too little: {span}; {alike}"


def _cents(value: float) -> str:
    return money(value, digits=3 if abs(value) < 1 else 2)


def describe_rule(rule: str, confidence: float, default: str) -> str:
    """Return the rule in words."""
    level = percent(confidence, 0)
    if rule == "sure":
        return (
            f"another variant than {default} only in groups where the {level} interval of its net gain lies above zero"
        )
    if rule == "evident":
        return (
            f"{default} for everybody unless the {level} interval of another one's net gain lies above zero, for all on average or for "
            "some group; then each group by its own expected gain where groups evidently differ, else what is sure for all"
        )
    return f"another variant than {default} wherever its expected net gain is above zero"
