"""The true frontier of a world: k segments, individual emails, and individual where the record is rich."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from segvspers._checks import check_at_least
from segvspers.errors import ArgumentError
from segvspers.experiment.world import World
from segvspers.frontier.simulated_finding import SimulatedFrontier
from segvspers.frontier.tastes import TasteModel, Tastes

STEPS = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64)
TEMPLATE_USD, EMAIL_USD = 37.5, 0.17
ENOUGH = 0.01
ALL = 0.99


def campaign_tastes() -> dict[str, Tastes]:
    """Return the tastes assumed for each type of campaign.

    Examples
    --------
    >>> campaign_tastes()["announcement"].share_seen
    1.0
    """
    import yaml

    table = yaml.safe_load((Path(__file__).parent / "campaign_tastes.yml").read_text(encoding="utf-8"))
    return {name: Tastes(**{key: value for key, value in row.items() if key != "note"}) for name, row in table.items()}


def draw_world(
    world: World,
    *,
    tastes: Tastes | Mapping[str, Tastes] | None = None,
    reply_value_usd: float | None = None,
    cost_per_template_usd: float | None = None,
    cost_per_email_usd: float | None = None,
    n_contacts: int | None = None,
    max_templates: int | None = None,
) -> SimulatedFrontier:
    """Return the true frontier of a world; see `draw_frontier`."""
    template = TEMPLATE_USD if cost_per_template_usd is None else cost_per_template_usd
    email = EMAIL_USD if cost_per_email_usd is None else cost_per_email_usd
    contacts = 10_000 if n_contacts is None else n_contacts
    worth = reply_worth(world) if reply_value_usd is None else reply_value_usd
    for name, value, least in (
        ("cost_per_template_usd", template, 0), ("cost_per_email_usd", email, 0), ("n_contacts", contacts, 1),
        ("reply_value_usd", worth, 0), ("max_templates", 64 if max_templates is None else max_templates, 1),
    ):  # fmt: skip
        check_at_least(name, value, least)
    models = _models(world, tastes)
    steps = [k for k in STEPS if k <= (max_templates or STEPS[-1])]
    prices = (float(worth), float(template) / contacts, float(email))
    values = pd.concat([_values(name, model, steps, prices) for name, model in models.items()], ignore_index=True)
    verdicts = pd.DataFrame([_verdict(name, model, values) for name, model in models.items()])
    return SimulatedFrontier(
        world=world, reply_value_usd=float(worth), cost_per_template_usd=float(template), cost_per_email_usd=float(email),
        n_contacts=int(contacts), values=values, verdicts=verdicts,
    )  # fmt: skip


def reply_worth(world: World) -> float:
    """Return what a reply brings on average in a world: dollars of deals won.

    Examples
    --------
    >>> round(reply_worth(World()), 2)
    165.26
    """
    won = world.positive_share * world.meeting_share * world.win_share
    return float(won * world.deal_usd * np.exp(world.deal_sigma**2 / 2))


def _models(world: World, tastes: Tastes | Mapping[str, Tastes] | None) -> dict[str, TasteModel]:
    """Return one model a campaign type; types share how much a miss of a given size costs."""
    if isinstance(tastes, Tastes):
        return {"campaign": TasteModel.of(world, tastes)}
    if tastes is not None and not (isinstance(tastes, Mapping) and tastes):
        raise ArgumentError(f"tastes={tastes!r} must be Tastes(...), or {{type of campaign: Tastes(...)}}.")
    listed = campaign_tastes() if tastes is None else dict(tastes)
    base = TasteModel.of(world, Tastes())
    each = {}
    for name, one in listed.items():
        if not isinstance(one, Tastes):
            raise ArgumentError(f"tastes of {name!r} are {one!r}; give Tastes(...).")
        # The whole variance of tastes is the same in every type, however many dimensions it is spread over.
        each[name] = replace(base, tastes=one, loss=base.loss * base.tastes.n_dimensions / one.n_dimensions)
    return each


def _values(name: str, model: TasteModel, steps: list[int], prices: tuple[float, float, float]) -> pd.DataFrame:
    worth, per_template, per_email = prices
    record = model.tastes.records()
    known, told = model.individual(record, wrong_facts=False), model.individual(record)
    rows: list[dict[str, Any]] = []

    def add(policy: str, k: int, value: float, share: float, cut: float = np.nan) -> None:
        cost = (k * per_template if share < 1 else 0.0) + share * per_email
        rows.append({"campaign_type": name, "policy": policy, "k": k, "value": value, "share_individual": share,
                     "record_cut": cut, "cost_usd": cost, "net_usd": worth * value - cost})  # fmt: skip

    for k in steps:
        segment = model.templates(k)
        add("segments", k, segment, 0.0)
        own = worth * told - per_email > worth * segment
        add("hybrid", k, float(np.where(own, told, segment).mean()), float(own.mean()),
            float(record[own].min()) if own.any() else np.nan)  # fmt: skip
    add("individual, facts right", 0, float(known.mean()), 1.0)
    add("individual", 0, float(told.mean()), 1.0)
    add("all known", 0, model.limit, 1.0)
    return pd.DataFrame(rows)


def _verdict(name: str, model: TasteModel, values: pd.DataFrame) -> dict[str, Any]:
    rows = values[values["campaign_type"] == name]
    best = {policy: part.loc[part["net_usd"].idxmax()] for policy, part in rows.groupby("policy")}
    segments, own, hybrid = best["segments"], best["individual"], best["hybrid"]
    gain = max(hybrid["net_usd"], own["net_usd"]) - segments["net_usd"]
    if gain < ENOUGH * abs(segments["net_usd"]):
        verdict = "segments"
    elif own["net_usd"] >= hybrid["net_usd"] or hybrid["share_individual"] > ALL:
        verdict = "individual"
    else:
        verdict = "hybrid"
    return {
        "campaign_type": name, "verdict": verdict, "k_best": int(segments["k"]),
        "net_segments_usd": segments["net_usd"], "net_individual_usd": own["net_usd"], "net_hybrid_usd": hybrid["net_usd"],
        "gain_usd": gain, "individual_gain_usd": own["net_usd"] - segments["net_usd"],
        "share_individual": hybrid["share_individual"], "record_cut": hybrid["record_cut"], "k_hybrid": int(hybrid["k"]),
        "n_dimensions": model.tastes.n_dimensions, "share_seen": model.tastes.share_seen,
        "record_richness": model.tastes.record_richness,
    }  # fmt: skip
