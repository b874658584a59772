"""Sentences of a recommendation, from its numbers alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from segvspers._display import count, interval, money, plural, points

SIMULATED, ASSUMED = "SIMULATED, not seen: ", "SIMULATED from assumptions, no test having been made: "
MOST_NAMED, MOST_LISTED = 3, 12


def tell(e: Mapping[str, Any], groups: pd.DataFrame, policies: pd.DataFrame) -> tuple[str, ...]:
    """Return who gets what, what it is worth against each variant for everybody, and what is left open."""
    parts = [_who(e, groups), *_worth(e, policies)]
    if e["n_no_evidence"]:
        parts.append(
            f"{plural(e['n_no_evidence'], 'contact')} without evidence get{'s' if e['n_no_evidence'] == 1 else ''} {e['default']}."
        )
    if e["n_held"]:
        parts.append(f"{plural(e['n_held'], 'contact')} may not be written to.")
    return tuple(parts)


def _who(e: Mapping[str, Any], groups: pd.DataFrame) -> str:
    opening = "" if e["evidence"] != "simulated" else SIMULATED if e["n_test"] else ASSUMED
    mailed = e["n_contacts"] - e["n_held"]
    if e["verdict"] == "default":
        text = f"Keep the {e['default']} email for all {count(mailed)} contacts: no group shows a gain by another one that carries."
    elif e["verdict"] != "hybrid":
        text = f"Send {e['verdict']} emails to everybody of whom the test tells: no group calls for another one."
    else:
        chosen = groups[groups["variant"] != e["default"]]
        told = []
        for variant, rows in chosen.groupby("variant", sort=True):
            n = int(e["n_by_variant"].get(variant, 0))
            told.append(f"{variant} emails to {count(n)} of {count(mailed)} contacts ({_named(list(rows['group']))})")
        text = f"Send {' and '.join(told)}, and {e['default']} emails to the rest."
    return opening + text


def _named(names: Sequence[str]) -> str:
    """Return the first groups by name; of many only how many there are."""
    if len(names) > MOST_LISTED:
        return f"{count(len(names))} groups"
    shown = list(names[:MOST_NAMED])
    more = len(names) - len(shown)
    return "; ".join(shown) + (f"; {plural(more, 'more group')}" if more else "")


def _worth(e: Mapping[str, Any], policies: pd.DataFrame) -> list[str]:
    if not len(policies):
        return []
    priced = e["reply_value_usd"] == e["reply_value_usd"]  # not nan
    if e["verdict"] == "default" and policies["lift"].iloc[1] == 0:
        return [_all_together(e, priced), _left_open(e, priced)]
    told = []
    for row in _rivals(e, policies).itertuples():
        ends = (
            ("net_lift_usd", "net_lift_low_usd", "net_lift_high_usd") if priced else ("lift", "lift_low", "lift_high")
        )
        middle, low, high = (float(getattr(row, name)) for name in ends)
        said = _dollars if priced or e["kind"] == "amount" else points
        if low == high == 0:
            told.append(f"the same as {row.policy}")
            continue
        sure = "" if low > 0 or high < 0 else ", which can't be told from nothing"
        more = "more" if middle >= 0 else "less"
        told.append(f"{said(middle).lstrip('+-')} {more} than {row.policy} ({interval(said(low), said(high))}{sure})")
    what = "net" if priced else "in replies" if e["kind"] == "rate" else "in value"
    how = (
        "On blocks that it was not learned from, such a policy brought"
        if e["n_test"]
        else "By the assumptions such a policy brings"
    )
    text = f"{how} a contact {what} {'; '.join(told)}."
    return [text, _left_open(e, priced)]


def _all_together(e: Mapping[str, Any], priced: bool) -> str:
    """Return what each variant gains over all contacts, when nobody is to get another than the default."""
    said = _dollars if priced or e["kind"] == "amount" else points
    shown = sorted(e["together"], key=lambda one: -one[1])[:2]
    told = [f"{name} {said(net)} ({interval(said(low), said(high))})" for name, net, low, high in shown]
    return f"Over all contacts the gain{', net,' if priced else ''} of a contact is: {'; '.join(told)}."


def _left_open(e: Mapping[str, Any], priced: bool) -> str:
    regret = _dollars(e["regret_usd"]) if priced or e["kind"] == "amount" else points(e["regret_usd"]).lstrip("+")
    return f"What is still not known of the groups is expected to cost {regret} a contact."


def _rivals(e: Mapping[str, Any], policies: pd.DataFrame) -> pd.DataFrame:
    """Return the default, individual email, and the best other variant for everybody."""
    pure = policies.iloc[1:]
    own = pure["policy"] == f"{e['individual']} for everybody"
    rest = pure.iloc[1:][~own.iloc[1:]]
    best = rest["value"].nlargest(1).index
    return pure[own | (pure.index == pure.index[0]) | pure.index.isin(best)]


def _dollars(value: float) -> str:
    return money(value, digits=4 if abs(value) < 0.1 else 2)
