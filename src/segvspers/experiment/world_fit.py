"""The world of a finished test, by moments; and a world drawn from the table of assumptions."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd

from segvspers._checks import as_rng, check_choice, require_columns
from segvspers.assumptions import read_priors
from segvspers.errors import DataError, NotEstimableError

SCENARIOS = {"default": (0.10, 0.25), "sceptical": (0.0, 0.15), "vendor": (0.69, 0.35)}
QUARTILE_GAP = 2 * 0.6744897501960817


def fitted(outcomes: pd.DataFrame, *, control: str, treatment: str | None) -> dict[str, Any]:
    """Return the fields of a world that an outcomes table tells."""
    require_columns(outcomes, ["contact_id", "variant", "replied"], table="outcomes")
    people = _by_contact(outcomes)
    names = set(people["variant"].astype(str))
    missing = [name for name in (control, treatment) if name is not None and name not in names]
    if missing or len(names) < 2:
        raise DataError(f"no rows of variant {missing or 'besides ' + control}; the table has {sorted(names)}.")
    is_control = people["variant"].eq(control)
    treated = people[~is_control if treatment is None else people["variant"].eq(treatment)]
    base = people[is_control]
    if not base["replied"].any():
        raise NotEstimableError(
            f"no contact of {control!r} replied, so the reply rate of its world can't be told; "
            "take one from a longer history or from World.from_priors()."
        )
    rate, other = base["replied"].mean(), (treated["replied"].sum() + 0.5) / (len(treated) + 0.5)
    effect = math.log(other / ((base["replied"].sum() + 0.5) / (len(base) + 0.5)))
    both = pd.concat([base, treated])
    found: dict[str, Any] = {"reply_rate": float(rate), "log_effect": float(effect)}
    found |= _companies(both) | _delays(outcomes) | _shares(outcomes, both) | _deals(both)
    if "step" in outcomes.columns and outcomes["step"].notna().any():
        found["n_steps"] = int(outcomes["step"].nunique())
    if "follow_up_days" not in found and "delay_median_hours" not in found:
        found["follow_up_days"] = 3650.0
    return found


def _by_contact(outcomes: pd.DataFrame) -> pd.DataFrame:
    """Return one row a contact: any step's reply counts."""
    table = outcomes.assign(replied=outcomes["replied"].astype(float).fillna(0.0) > 0)
    if not table["contact_id"].duplicated().any():
        return table
    how = {"variant": "first", "replied": "max"}
    how |= {name: "first" for name in ("company_id", "reply_class") if name in table.columns}
    how |= {name: "max" for name in ("unsubscribed", "spam_reported", "bounced") if name in table.columns}
    how |= {name: "sum" for name in ("revenue_usd",) if name in table.columns}
    return table.groupby("contact_id", as_index=False).agg(how)


def _companies(people: pd.DataFrame) -> dict[str, Any]:
    if "company_id" not in people.columns or people["company_id"].notna().sum() == 0:
        return {"icc": 0.0, "contacts_per_company": 1.0}
    own = "contact " + people["contact_id"].astype(str)
    unit = people["company_id"].astype(object).where(people["company_id"].notna(), own)
    groups = people.groupby([people["variant"].astype(str), unit])["replied"].agg(["sum", "size"])
    sizes, n_times = np.unique(groups["size"].to_numpy(), return_counts=True)
    return {
        "icc": max(0.0, min(0.9, anova_icc(groups))),
        "contacts_per_company": float(groups["size"].mean()),
        "company_sizes": tuple(int(size) for size in sizes),
        "size_weights": tuple(float(n / n_times.sum()) for n in n_times),
    }


def anova_icc(groups: pd.DataFrame) -> float:
    """Return the analysis-of-variance correlation of 0/1 outcomes within companies, pooled over variants."""
    within = between = n_all = n_groups = n_squares = 0.0
    arms = groups.groupby(level=0)
    for _, arm in arms:
        replies, n = arm["sum"].to_numpy(dtype=float), arm["size"].to_numpy(dtype=float)
        rate = replies.sum() / n.sum()
        between += float((n * (replies / n - rate) ** 2).sum())
        within += float((replies * (1 - replies / n)).sum())
        n_all, n_groups = n_all + n.sum(), n_groups + len(n)
        n_squares += (n**2).sum() / n.sum()
    if n_all <= n_groups or n_groups <= arms.ngroups:
        return 0.0
    mean_within, mean_between = within / (n_all - n_groups), between / (n_groups - arms.ngroups)
    usual = (n_all - n_squares) / (n_groups - arms.ngroups)
    return (mean_between - mean_within) / max(mean_between + (usual - 1) * mean_within, 1e-12)


def _delays(outcomes: pd.DataFrame) -> dict[str, float]:
    if not {"sent_at", "replied_at"} <= set(outcomes.columns):
        return {}
    replied = outcomes["replied"].astype(float).fillna(0) > 0
    waited = pd.to_datetime(outcomes["replied_at"], utc=True) - pd.to_datetime(outcomes["sent_at"], utc=True)
    hours = (waited.dt.total_seconds() / 3600)[replied].dropna()
    hours = hours[hours > 0]
    if len(hours) < 10:
        return {}
    low, middle, high = np.quantile(np.log(hours), [0.25, 0.5, 0.75])
    found = {"delay_median_hours": math.exp(middle)}
    if high > low:
        found["delay_sigma"] = float((high - low) / QUARTILE_GAP)
    return found


def _shares(outcomes: pd.DataFrame, people: pd.DataFrame) -> dict[str, float]:
    found = {}
    columns = {"unsubscribed": "unsubscribe_rate", "spam_reported": "spam_rate", "bounced": "bounce_rate"}
    for column, name in columns.items():
        if column in people.columns and people[column].notna().any():
            found[name] = float(people[column].astype(float).mean())
    if "reply_class" in outcomes.columns and outcomes["reply_class"].notna().any():
        kind = outcomes["reply_class"].astype(object)
        found["auto_reply_share"] = float(kind.eq("auto_reply").sum() / len(people))
        human = kind[kind.notna() & ~kind.isin(["auto_reply", "none", ""])]
        if len(human):
            found["positive_share"] = float(human.eq("positive").mean())
    return found


def _deals(people: pd.DataFrame) -> dict[str, float]:
    if "revenue_usd" not in people.columns:
        return {}
    paid = people["revenue_usd"].astype(float)
    paid = paid[paid > 0]
    if len(paid) < 5:
        return {}
    return {"deal_usd": float(paid.median()), "deal_sigma": float(np.log(paid).std(ddof=1))}


def from_priors(*, scenario: str, rng: Any, priors: pd.DataFrame | None) -> dict[str, Any]:
    """Return the fields of a world that the table of assumptions tells."""
    check_choice("scenario", scenario, SCENARIOS)
    table = read_priors() if priors is None else priors
    draws = None if rng is None else as_rng(rng)

    def value(name: str, fallback: float, sd: float = 0.0) -> float:
        if name in table.index:
            stated: Any = table.loc[name, "value"]
            return float(stated.quantile(0.5) if draws is None else stated.draw(1, draws)[0])
        return fallback if draws is None else float(draws.normal(fallback, sd))

    name = "log_relative_effect" + ("" if scenario == "default" else f"_{scenario}")
    return {
        "reply_rate": min(value("cold_reply_rate", 0.026), 0.35),
        "log_effect": value(name, *SCENARIOS[scenario]),
        "wrong_fact_share": value("wrong_fact_share", 0.04),
        "positive_share": value("positive_share", 0.3),
        "meeting_share": value("meeting_share", 0.5),
        "win_share": value("win_share", 0.2),
    }
