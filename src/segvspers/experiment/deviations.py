"""A plan held against its data at analysis time: what deviates is said."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd

from segvspers._checks import require_columns
from segvspers._display import count
from segvspers.experiment.plan import TestPlan


def compare_plan(plan: TestPlan, outcomes: pd.DataFrame) -> pd.DataFrame:
    """Return what was planned beside what the data hold, and whether it deviates.

    Parameters
    ----------
    plan
        The plan made before the test.
    outcomes
        One row an assigned contact; needs `variant` and the primary metric.

    Returns
    -------
    pandas.DataFrame
        Columns ``what, planned, seen, deviates, said``.

    Examples
    --------
    >>> from segvspers import plan_test
    >>> plan = plan_test(reply_rate=0.2, lift=0.05)
    >>> seen = pd.DataFrame({"variant": ["segment", "individual"] * 500, "replied": [True, False] * 500})
    >>> compare_plan(plan, seen).query("deviates")["what"].tolist()
    ['contacts in segment', 'contacts in individual', 'reply rate of segment']
    """
    require_columns(outcomes, ["variant", plan.primary_metric], table="outcomes")
    people = outcomes.drop_duplicates("contact_id") if "contact_id" in outcomes.columns else outcomes
    names = people["variant"].astype(str)
    rows: list[tuple[str, Any, Any, bool, str]] = []
    extra = sorted(set(names) - {plan.control, plan.treatment})
    lacking = sorted({plan.control, plan.treatment} - set(names))
    said = f"not planned: {extra}; not there: {lacking}" if extra or lacking else ""
    planned = f"{plan.control}, {plan.treatment}"
    rows.append(("variants", planned, ", ".join(sorted(set(names))), bool(extra or lacking), said))
    for name in (plan.control, plan.treatment):
        n = int(names.eq(name).sum())
        short = n < 0.95 * plan.n_per_arm
        said = f"{count(plan.n_per_arm - n)} fewer than planned; the power is lower" if short else ""
        rows.append((f"contacts in {name}", plan.n_per_arm, n, short, said))
    replied = outcomes.loc[outcomes["variant"].astype(str).eq(plan.control), plan.primary_metric]
    n, rate = int(names.eq(plan.control).sum()), math.nan
    if n:
        rate = float(replied.astype(float).sum() / n)
        reach = 3 * math.sqrt(plan.reply_rate * (1 - plan.reply_rate) * plan.design_effect / n)
        off = abs(rate - plan.reply_rate) > reach
        said = "beyond three standard errors; plan anew for the rate seen" if off else ""
        rows.append((f"reply rate of {plan.control}", plan.reply_rate, rate, off, said))
    if plan.cluster is not None:
        rows.append(_cluster_row(plan, outcomes))
    if {"sent_at", "replied_at"} <= set(outcomes.columns):
        waited = pd.to_datetime(outcomes["replied_at"], utc=True) - pd.to_datetime(outcomes["sent_at"], utc=True)
        longest = float(waited.dt.total_seconds().max() / 86400)
        late = longest > plan.follow_up_days
        said = "replies after the planned follow-up are counted; cut them" if late else ""
        rows.append(("days to the last reply", plan.follow_up_days, longest, late, said))
    return pd.DataFrame(rows, columns=["what", "planned", "seen", "deviates", "said"])


def _cluster_row(plan: TestPlan, outcomes: pd.DataFrame) -> tuple[str, Any, Any, bool, str]:
    if plan.cluster not in outcomes.columns:
        return ("unit of the draw", plan.cluster, "no such column", True, f"keep {plan.cluster} in the table")
    split = int(outcomes.groupby(plan.cluster)["variant"].nunique().gt(1).sum())
    said = f"{split} of them are in several variants; the draw was not by {plan.cluster}" if split else ""
    return ("unit of the draw", plan.cluster, plan.cluster, split > 0, said)
