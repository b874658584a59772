"""Checks of what the data can tell: balance before the test, extreme revenue, power reached."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd

from segvspers._display import count, percent
from segvspers.experiment import power
from segvspers.experiment.health.verdict import FAIL, PASS, REVIEW, Inspected, Verdict, unchecked
from segvspers.experiment.world_fit import anova_icc

LARGE, TOO_LARGE, CHANCE = 0.1, 0.25, 3.3


def balance(seen: Inspected) -> Verdict:
    """Compare what was known before the test: largest standardised difference of any column and level."""
    if not seen.covariates:
        return unchecked("balance before the test", "columns known before the draw, or covariates=")
    people = seen.outcomes
    if seen.has("contact_id"):
        people = people.drop_duplicates("contact_id")
    names = people["variant"].astype(str)
    order = sorted(set(names))
    worst, where = 0.0, seen.covariates[0]
    for column in seen.covariates:
        for level, values in _numbers(people[column]).items():
            groups = [values[names.eq(name)] for name in order]
            for other in groups[1:]:
                spread = math.sqrt((groups[0].var() + other.var()) / 2)
                gap = abs(groups[0].mean() - other.mean()) / spread if spread > 0 else 0.0
                if gap > worst:
                    worst, where = gap, f"{column}{level}"
    units = seen.units.groupby("variant").size().to_numpy()
    by_chance = CHANCE * math.sqrt(float((1 / units).sum()))
    status = FAIL if worst > max(TOO_LARGE, 1.5 * by_chance) else PASS
    status = REVIEW if status == PASS and worst > max(LARGE, by_chance) else status
    todo = "" if status == PASS else "look for a fault in the draw; adjust for the column as a second look"
    figure = f"largest difference {worst:.2f} standard deviations ({where})"
    return Verdict("balance before the test", status, figure, worst, todo)


def _numbers(column: pd.Series) -> dict[str, pd.Series]:
    if pd.api.types.is_numeric_dtype(column):
        return {"": column.astype(float)}
    text = column.astype(object).where(column.notna(), "missing").astype(str)
    common = text.value_counts().index[:20]
    return {f" {level}": text.eq(level).astype(float) for level in common}


def revenue(seen: Inspected) -> Verdict:
    """Look for revenue that is no number, or of which one contact holds much."""
    if not seen.has("revenue_usd"):
        return unchecked("revenue", "revenue_usd")
    paid = seen.outcomes["revenue_usd"].astype(float)
    n_bad = int(np.isinf(paid).sum())
    if n_bad:
        return Verdict("revenue", FAIL, f"{count(n_bad)} rows are infinite", n_bad, "mend them at the source")
    whole = float(paid.abs().sum())
    share = float(paid.abs().max() / whole) if whole else 0.0
    status = REVIEW if share > 0.1 else PASS
    todo = "" if status == PASS else "read the winsorised lift and the one without the largest, too"
    return Verdict("revenue", status, f"the largest row holds {percent(share)} of revenue", share, todo)


def power_reached(seen: Inspected) -> Verdict:
    """Say which lift the table could find with power 80 %, companies taken into account."""
    people: Any = seen.outcomes.assign(replied=seen.outcomes["replied"].astype(float).fillna(0.0))
    if seen.has("contact_id"):
        keep = ["contact_id", "variant", *([seen.cluster] if seen.cluster else [])]
        people = people.groupby(keep, as_index=False, dropna=False)["replied"].max()
    n = people.groupby(people["variant"].astype(str)).size()
    rate = float(people["replied"].gt(0).mean())
    if rate in {0.0, 1.0}:
        figure = f"{percent(rate)} of all contacts replied"
        return Verdict("power reached", FAIL, figure, math.nan, "no lift can be told; check the join of replies")
    effect = 1.0
    if seen.cluster:
        groups = people.groupby([people["variant"].astype(str), seen.cluster])["replied"].agg(["sum", "size"])
        sizes = groups["size"].to_numpy(dtype=float)
        icc = max(0.0, anova_icc(groups))
        effect = power.design_effect(sizes.mean(), icc, sizes.std() / sizes.mean())
    usual = len(n) / float((1 / n).sum())
    found = power.detectable_lift(rate, usual / effect, power=0.8, confidence=0.95, formula="pooled")
    relative = found / rate
    status = PASS if relative <= seen.relative_lift else REVIEW
    reach = "no lift below 100 %" if math.isnan(relative) else f"a relative lift of {percent(relative, 0)}"
    todo = "" if status == PASS else "a result that shows nothing is no proof of no lift; plan more contacts"
    return Verdict("power reached", status, f"finds {reach} with power 80 %", relative, todo)
