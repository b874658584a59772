"""Tidy frames of an estimate: quantities, costs by item, funnel, cash flow, choices, assumptions."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from segvspers.assumptions import Distribution
from segvspers.roi.costs import Costs
from segvspers.roi.funnel import Funnel
from segvspers.roi.inputs import defaults
from segvspers.roi.model import Amounts, group_of
from segvspers.roi.value_of_information import regrets

QUANTITIES = {
    "rate_control": "share",
    "rate_treatment": "share",
    "relative_lift": "share",
    "replies_extra": "count",
    "per_reply": "money",
    "benefit": "money",
    "cost_control": "money",
    "cost_treatment": "money",
    "cost_difference": "money",
    "net": "money",
    "roi": "ratio",
    "break_even_rate": "share",
    "cost_per_reply": "money",
    "crossing_segments": "count",
    "npv": "money",
}

RATIOS = frozenset({"roi", "break_even_rate", "cost_per_reply", "crossing_segments", "relative_lift"})


def quantity_table(amounts: Amounts, *, tail: float) -> pd.DataFrame:
    """Return mean, median and quantiles of every quantity; the share of draws in which it can't be told is kept.

    A ratio has no mean: its draws may have none.
    """
    levels = [tail, 0.25, 0.5, 0.75, 1 - tail]
    rows = []
    for name, unit in QUANTITIES.items():
        if name not in amounts:
            continue
        values = np.atleast_1d(np.asarray(amounts[name], dtype=float))
        told = values[np.isfinite(values)]
        found = np.quantile(told, levels) if len(told) else np.full(5, np.nan)
        undefined = 1 - len(told) / len(values)
        mean = float("nan") if name in RATIOS or not len(told) else float(np.mean(told))
        rows.append((name, unit, *map(float, found), mean, undefined))
    columns = ["quantity", "unit", "low", "q25", "median", "q75", "high", "mean", "share_undefined"]
    return pd.DataFrame(rows, columns=columns)


def cost_table(amounts: Amounts, *, control: str, treatment: str, tail: float) -> pd.DataFrame:
    """Return the cost of each item of both variants."""
    rows = []
    for variant, items in ((control, amounts["items_control"]), (treatment, amounts["items_treatment"])):
        for item, cost in items.items():
            low, middle, high = np.quantile(cost, [tail, 0.5, 1 - tail])
            rows.append((variant, item, float(low), float(middle), float(high), float(np.mean(cost))))
    columns = ["variant", "item", "cost_low_usd", "cost_usd", "cost_high_usd", "cost_mean_usd"]
    return pd.DataFrame(rows, columns=columns)


def funnel_table(inputs: dict[str, Any], amounts: Amounts, *, n_contacts: int, names: tuple[str, str]) -> pd.DataFrame:
    """Return the expected counts and margin of each step, from contacts to margin, for both variants."""
    rows = []
    arms = (
        (names[0], inputs["rate_control"], 1.0),
        (names[1], amounts["rate_treatment"], amounts["relative_value"]),
    )
    for variant, rate, quality in arms:
        level = np.asarray(float(n_contacts) * rate)
        steps = [("contacts", np.asarray(float(n_contacts))), ("replies", level)]
        for step, share in (
            ("positive replies", inputs["positive_share"] * quality),
            ("meetings", inputs["meeting_share"]),
            ("deals", inputs["win_share"]),
            ("margin", amounts["per_deal"]),
        ):
            level = level * share
            steps.append((step, level))
        for step, values in steps:
            low, middle, high = np.quantile(values, [0.05, 0.5, 0.95])
            rows.append((variant, step, float(middle), float(low), float(high), float(np.mean(values))))
    return pd.DataFrame(rows, columns=["variant", "step", "median", "low", "high", "mean"])


def flow_table(
    recurring: np.ndarray, setup: np.ndarray, *, n_campaigns: int, per_year: float, discount: float
) -> tuple[pd.DataFrame, np.ndarray, np.ndarray]:
    """Return cumulated discounted net by campaign, present values and campaigns to payback (inf is never).

    Set-up is paid at 0, then the same net comes with each campaign: an effect that wears off pays less.
    """
    weights = (1 + discount) ** (-np.arange(1, n_campaigns + 1) / per_year)
    earned = np.concatenate([[0.0], np.cumsum(weights)])
    ends = np.array([np.quantile(total * recurring - setup, [0.05, 0.5, 0.95]) for total in earned])
    frame = pd.DataFrame(
        {
            "campaign": np.arange(n_campaigns + 1),
            "cumulative_usd": ends[:, 1],
            "cumulative_low_usd": ends[:, 0],
            "cumulative_high_usd": ends[:, 2],
        }
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        needed = np.where(recurring > 0, np.ceil(setup / recurring), np.inf)
    payback = np.where(setup <= 0, np.where(recurring >= 0, 0.0, np.inf), needed)
    return frame, earned[-1] * recurring - setup, payback


def choice_table(net: np.ndarray, samples: pd.DataFrame) -> pd.DataFrame:
    """Return expected net, regret and what is best against staying, for each choice."""
    adopt, stay = regrets(net)
    mean = float(np.mean(net))
    rows = [("adopt", mean, adopt), ("stay with the control", 0.0, stay)]
    if len(samples):
        best = samples.iloc[int(samples["net_value_usd"].to_numpy().argmax())]
        value = max(0.0, mean) + float(best["net_value_usd"])
        left = min(adopt, stay) - float(best["value_usd"]) + float(best["cost_usd"])
        rows.append((f"test {int(best['n_per_arm']):,} an arm, then choose", value, left))
    return pd.DataFrame(rows, columns=["choice", "expected_net_usd", "expected_regret_usd"])


def assumption_table(costs: Costs, funnel: Funnel, extra: list[dict[str, Any]]) -> pd.DataFrame:
    """Return every assumption with its range, source and grade, and whether it was changed by the user."""
    cited, rows = defaults(), list(extra)
    for owner in (funnel, costs):
        for name, value in owner.values().items():
            known = cited.loc[name] if name in cited.index else None
            changed = known is None or value != known["value"]
            source = "stated by the user" if changed or known is None else str(known["source"])
            if changed and costs.observed_from and name in {"email_cost_usd", "tokens_in", "tokens_out"}:
                source = costs.observed_from
            note = "" if known is None or pd.isna(known["note"]) else str(known["note"])
            if name.startswith("price_") and costs.prices_on:
                source = f"prices of {costs.prices_on}"
            row = assumption_row(name, value, source=source, changed=changed)
            if known is not None:
                row |= {"unit": str(known["unit"])}
                row |= {} if changed else {"year": known["year"], "grade": known["grade"]}
            row["confirm"] = not changed and "CONFIRM" in note
            row["note"] = note.replace("CONFIRM: ", "").replace("CONFIRM", "")
            rows.append(row)
    return assumption_table_of(rows)


def assumption_table_of(rows: list[dict[str, Any]]) -> pd.DataFrame:
    """Return rows of assumptions as the one table that a report shows; no row is a table too."""
    columns = ["parameter", "group", "value", "low", "median", "high", "mean", "unit", "source", "year", "grade"]
    table = pd.DataFrame(rows, columns=[*columns, "changed", "confirm", "note"])
    return table.assign(grade=table["grade"].fillna("").astype(str))


def assumption_row(name: str, value: Distribution, *, source: str, changed: bool, **more: Any) -> dict[str, Any]:
    """Return one row of the table of assumptions."""
    low, middle, high = (value.quantile(level) for level in (0.05, 0.5, 0.95))
    row = {
        "parameter": name,
        "group": group_of(name),
        "value": str(value),
        "low": low,
        "median": middle,
        "high": high,
        "mean": value.mean,
    }
    return (
        row
        | {
            "source": source,
            "changed": changed,
            "confirm": False,
            "note": "",
            "unit": "",
            "year": None,
            "grade": "",
        }
        | more
    )
