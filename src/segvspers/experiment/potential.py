"""What would happen to each contact under each variant: rates, replies and delays of one world."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from segvspers.experiment.world import World

# Without emails a variant stands for its kind: dose 0 is a segment email, 1 a fully personal one.
DOSES = {"segment": 0.0, "individual": 1.0, "blast": -0.25}
PROPENSITY = {"low": 0.6, "medium": 1.0, "high": 1.6}
MOST = 0.95
# Kinds of facts whose topic is a subject that a person may care for; of others it is the name of a column.
SUBJECTS = {"engagement", "question", "conversation", "reply", "ticket", "interest"}


def doses(
    audience: pd.DataFrame,
    emails: pd.DataFrame | None,
    facts: pd.DataFrame | None,
    variants: list[str],
    world: World,
    draws: np.random.Generator,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the dose of each variant's email for each contact, and whether it states something untrue."""
    ids = audience["contact_id"].to_numpy()
    known_wrong = draws.random(len(ids)) < world.wrong_fact_share
    if emails is None:
        by_name = {name: DOSES.get(name, float(place > 0)) for place, name in enumerate(variants)}
        dose = pd.DataFrame({name: np.full(len(ids), by_name[name]) for name in variants}, index=ids)
        return dose, pd.DataFrame({name: known_wrong & (by_name[name] > 0) for name in variants}, index=ids)
    said = emails.drop_duplicates(["contact_id", "variant"]).set_index(["contact_id", "variant"])
    full = (said["bits"].astype(float) / world.full_bits).clip(0, 1)
    wide = (full * _fit(said, facts, world, draws)).unstack("variant").reindex(ids)  # noqa: PD010
    own = said["status"].eq("ready") if "status" in said.columns else pd.Series(True, index=said.index)
    personal = own.unstack("variant").reindex(ids).fillna(False).astype(bool)  # noqa: PD010
    base = wide["segment"].fillna(0.0) if "segment" in wide.columns else 0.0
    dose = pd.DataFrame({name: (wide[name] - base if name in wide else np.nan) for name in variants}, index=ids)
    more = dose.gt(0).fillna(False)
    wrong = pd.DataFrame({name: more[name] & personal.get(name, False) & known_wrong for name in variants})
    return dose.fillna(0.0), wrong


def _fit(said: pd.DataFrame, facts: pd.DataFrame | None, world: World, draws: np.random.Generator) -> pd.Series:
    """Return 0.5 to 1: how much of what an email is about its reader cares for; 1 without facts."""
    if facts is None or "sentences" not in said.columns:
        return pd.Series(1.0, index=said.index)
    facts = facts[facts["topic"].notna() & facts["topic"].ne("")]
    if "kind" in facts.columns:
        facts = facts[facts["kind"].isin(SUBJECTS)]
    ids = np.unique(said.index.get_level_values("contact_id").to_numpy())
    topics = list(dict.fromkeys([*world.topics, *facts["topic"].dropna().astype(str)]))
    at = {topic: place for place, topic in enumerate(topics)}
    chance = np.full((len(ids), len(topics)), world.topics_cared_for)
    row = np.searchsorted(ids, facts["contact_id"].to_numpy())
    row_known = (row < len(ids)) & (ids[np.minimum(row, len(ids) - 1)] == facts["contact_id"].to_numpy())
    column = facts["topic"].astype(str).map(at).fillna(-1).astype(int).to_numpy()
    seen = row_known & (column >= 0)
    chance[row[seen], column[seen]] = (1 + world.topics_cared_for) / 2
    cares = draws.random(chance.shape) < chance
    topic_of = facts.drop_duplicates("fact_id").set_index("fact_id")["topic"].astype(str)
    cited = said["sentences"].map(_fact_ids).explode().dropna()
    place = cited.map(topic_of).map(at)
    cited, place = cited[place.notna()], place.dropna().astype(int)
    reader = np.searchsorted(ids, cited.index.get_level_values("contact_id").to_numpy())
    match = pd.Series(cares[reader, place.to_numpy()].astype(float), index=cited.index)
    share = match.groupby(level=[0, 1]).mean().reindex(said.index)
    return 0.5 + 0.5 * share.fillna(world.topics_cared_for)


def _fact_ids(sentences: list[dict[str, Any]] | str) -> list[str]:
    """Return the facts that an email cites; a table read from a file holds its sentences as JSON."""
    parts = json.loads(sentences) if isinstance(sentences, str) else sentences
    return [fact_id for part in parts for fact_id in part["fact_ids"]]


def reply_rates(
    audience: pd.DataFrame, dose: pd.DataFrame, wrong: pd.DataFrame, world: World, draws: np.random.Generator
) -> pd.DataFrame:
    """Return each contact's chance to ever reply, by variant, before its company's rank is known."""
    n = len(audience)
    readiness = np.exp(world.propensity_sigma * draws.standard_normal(n))
    if "engagement_level" in audience.columns:
        known = audience["engagement_level"].astype(object).map(PROPENSITY).astype(float).fillna(1.0)
        readiness = readiness * known.to_numpy()
    readiness = readiness / readiness.mean()
    if "n_recent_emails" in audience.columns:
        readiness = readiness * np.exp(-world.fatigue * audience["n_recent_emails"].to_numpy(dtype=float))
    factor = np.exp(world.log_effect * dose.to_numpy())
    factor = np.where(wrong.to_numpy(), factor * world.wrong_fact_factor, factor)
    rate = np.minimum(world.reply_rate * readiness[:, None] * factor, MOST)
    rate[:, [name == "holdout" for name in dose.columns]] = 0.0
    return pd.DataFrame(rate, index=dose.index, columns=dose.columns)


def given_company(rates: pd.DataFrame, company: pd.Series, world: World, draws: np.random.Generator) -> pd.DataFrame:
    """Return each contact's chance once its company's rank is drawn: the Beta quantile of that rank."""
    if world.icc == 0:
        return rates
    from scipy.special import betaincinv

    codes = pd.factorize(company)[0]
    codes = np.where(codes < 0, codes.max() + 1 + np.arange(len(codes)), codes)
    rank = draws.random(codes.max() + 1)[codes][:, None]
    mean = np.clip(rates.to_numpy(), 1e-12, MOST)
    weight = (1 - world.icc) / world.icc
    chance = betaincinv(mean * weight, (1 - mean) * weight, np.broadcast_to(rank, mean.shape))
    return pd.DataFrame(np.where(rates == 0, 0.0, chance), index=rates.index, columns=rates.columns)
