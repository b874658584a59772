"""Without a test: who would get an individual email if a world were true, by the bits known of each contact."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from segvspers._checks import check_at_least, require_columns
from segvspers.assumptions import read_priors
from segvspers.emails.routing import PERSONAL_LESS
from segvspers.errors import ArgumentError
from segvspers.experiment.world import World
from segvspers.frontier.policy.assemble import assemble
from segvspers.frontier.policy.choosing import Rule
from segvspers.frontier.policy.coding import place_rows
from segvspers.frontier.policy.finding import Recommendation
from segvspers.frontier.policy.gains import Gains, Part
from segvspers.frontier.policy.groups import Grid
from segvspers.frontier.policy.table import HELD, held_rows
from segvspers.segments.codes.coding import ColumnCode

BITS, N_BANDS, N_NODES = "bits_known", 8, 2001
ARMS = ("individual", "segment")


def recommend_by_world(
    contacts: pd.DataFrame, world: World, *, facts: pd.DataFrame | None, rule: str, reply_value_usd: float | None,
    cost_per_email_usd: float | Mapping[str, float], confidence: float,
) -> Recommendation:  # fmt: skip
    """Return what a world implies for each contact; evidence is ``simulated``, and nobody was tested.

    Notes
    -----
    The dose of a contact is its bits known over the world's `full_bits`, taken at the lower end of one of eight bands. The
    gain follows from the world's log effect, which is uncertain as the prior of such effects is (`read_priors`), less what
    wrong facts cost. With such assumptions alone the rules that go by intervals leave everybody with the segment's email unless
    the world's effect is large.
    """
    from scipy.stats import norm

    contacts = _with_bits(contacts, facts)
    extra = _extra(cost_per_email_usd)
    check_at_least("cost_per_email_usd", extra, 0)
    if reply_value_usd is None and extra:
        raise ArgumentError(
            "costs are given, but not what a reply is worth; give reply_value_usd=, so that both can be held together."
        )
    plan = ColumnCode(BITS, "number", cuts=tuple(world.full_bits * k / N_BANDS for k in range(1, N_BANDS + 1)))
    codes = np.arange(plan.n_levels, dtype=np.int16)[:, None]
    gains, spread = _gains(world, np.arange(plan.n_levels) / N_BANDS)
    how = Rule(rule, 1, (0,), 1.0 if reply_value_usd is None else float(reply_value_usd), (extra,),
               float(norm.ppf(0.5 + confidence / 2)), (1.0,))  # fmt: skip
    held = [rows for _, rows in held_rows([name for name in HELD if name in contacts.columns], contacts)]
    mailed = ~np.logical_or.reduce(held) if held else np.ones(len(contacts), dtype=bool)
    place = place_rows(contacts[mailed], (plan,), codes)[0]
    count = np.bincount(place[place >= 0], minlength=plan.n_levels)
    weight = count + 1e-9  # a band that nobody is in has a gain all the same
    grid = Grid(ARMS, (plan,), codes, np.zeros(plan.n_levels, dtype=int), weight)
    known = reply_value_usd is not None
    policies = _policies(
        how, gains, how.choose([gains], weight), weight / weight.sum(), world.rate_of(0.0), known=known
    )
    told: dict[str, Any] = {
        "default": "segment", "individual": "individual", "features": (BITS,), "outcome": "replied", "kind": "rate", "cluster": None,
        "rule": rule, "confidence": confidence, "evidence": "simulated", "n_test": 0, "n_scored": 0,
        "reply_value_usd": how.worth if known else float("nan"), "cost_per_email_usd": {"individual": extra, "segment": 0.0},
        "variants": ("segment", "individual"),
    }  # fmt: skip
    note = f"Assumed: {world}; the log effect is uncertain by {spread:g}, as priors of such effects are."
    return assemble(contacts, grid, how, [gains], policies, told, [note])


def _with_bits(contacts: pd.DataFrame, facts: pd.DataFrame | None) -> pd.DataFrame:
    require_columns(contacts, ["contact_id"], table="contacts")
    if facts is None:
        if BITS not in contacts.columns:
            raise ArgumentError(
                f"a world needs to know how much is known of each contact; give facts=, or a column {BITS!r} in contacts."
            )
        return contacts
    require_columns(facts, ["contact_id", "kind", "bits"], table="facts")
    known = facts[~facts["kind"].isin(PERSONAL_LESS)].groupby("contact_id")["bits"].sum()
    return contacts.assign(**{BITS: contacts["contact_id"].map(known).fillna(0.0).to_numpy(float)})


def _extra(given: float | Mapping[str, float]) -> float:
    if not isinstance(given, Mapping):
        return float(given)
    unknown = sorted(set(given) - set(ARMS))
    if unknown:
        raise ArgumentError(f"cost_per_email_usd= names {unknown}; a world knows {list(ARMS)}.")
    return float(given.get("individual", 0.0)) - float(given.get("segment", 0.0))


def _gains(world: World, dose: np.ndarray) -> tuple[Gains, float]:
    """Return the gains at each dose, all moved by one uncertain effect, and how uncertain its logarithm is."""
    from scipy.stats import norm

    spread = float(read_priors().loc["log_relative_effect", "p2"])
    nodes = norm.ppf((np.arange(N_NODES) + 0.5) / N_NODES)
    effect = np.exp((world.log_effect + spread * nodes)[:, None] * dose)
    right = np.where(dose > 0, 1 - world.wrong_fact_share * (1 - world.wrong_fact_factor), 1.0)
    base = world.rate_of(0.0)
    gain = base * (effect * right - 1)
    mean, sd = gain.mean(axis=0), gain.std(axis=0)
    nothing = np.zeros(len(dose))
    part = Part(1.0, np.zeros(1), mean, np.ones((1, 1)), nothing, nothing)
    return Gains(mean, sd, mean, sd, 1.0, np.zeros(1), np.ones(len(dose)), sd[:, None], (part,)), spread


def _policies(
    rule: Rule, gains: Gains, choice: np.ndarray, share: np.ndarray, base: float, *, known: bool
) -> pd.DataFrame:
    """Return the hybrid and each variant for everybody, as `value_hybrid` does, by the world instead of a test."""
    own = np.stack([choice == 0, np.zeros(len(choice), dtype=bool), np.ones(len(choice), dtype=bool)]) * share
    value, sd = base + own @ gains.mean, own @ gains.sd
    apart = own[0] - own
    lift, lift_sd = apart @ gains.mean, np.abs(apart @ gains.sd)
    cost = own.sum(axis=1) * rule.extra[0]
    worth, saved = (rule.worth if known else np.nan), cost[0] - cost
    frame: dict[str, Any] = {
        "policy": ["hybrid", "segment for everybody", "individual for everybody"], "share_default": 1 - own.sum(axis=1),
        "value": value, "value_low": value - rule.z * sd, "value_high": value + rule.z * sd,
        "lift": lift, "lift_low": lift - rule.z * lift_sd, "lift_high": lift + rule.z * lift_sd, "lift_se": lift_sd,
        "cost_usd": cost,
    }  # fmt: skip
    for name in ("", "_low", "_high"):
        frame[f"net{name}_usd"] = worth * frame[f"value{name}"] - cost
        frame[f"net_lift{name}_usd"] = worth * frame[f"lift{name}"] - saved
    return pd.DataFrame(frame)
