"""One simulated test, row by row: what the drawn variant shows, and what every variant would have shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from segvspers._checks import require_columns
from segvspers.errors import ArgumentError, DataError, raise_all
from segvspers.experiment import potential

if TYPE_CHECKING:
    from segvspers.experiment.world import World

HUMAN_CLASSES = ("positive", "neutral", "negative", "referral", "opt_out")
OTHER_CLASSES = (0.45, 0.35, 0.12, 0.08)


def simulate_outcomes(
    audience: pd.DataFrame,
    emails: pd.DataFrame | None = None,
    *,
    world: World,
    facts: pd.DataFrame | None = None,
    assigned_at: str = "2026-11-03T09:00:00Z",
    rng: int = 0,
) -> pd.DataFrame:
    """Draw the outcomes of a test in a world whose truth is known.

    Parameters
    ----------
    audience
        One row a contact; needs `contact_id` and `variant`, uses `company_id, segment_id, engagement_level`
        and `n_recent_emails` where present.
    emails
        One row an email; the one of the contact's variant counts, its `bits` and the topics of the facts it
        cites decide how well it fits. Left out, an individual email is fully personal.
    world
        The truth.
    facts
        Facts that the emails cite; left out, every email is about what its reader cares for.
    assigned_at
        When the contacts were drawn; emails leave over the world's `send_days`.
    rng
        Seed. The same seed gives `reveal_truth` the same contacts.

    Returns
    -------
    pandas.DataFrame
        One row a contact and step, with the columns of `read_outcomes`; `evidence` is ``"simulated"`` and
        `attrs` holds the true rates. `replied` is a human reply within the follow-up; an auto-reply has
        `replied` false and its `reply_class`.

    Raises
    ------
    DataError
        When columns are missing or a contact has no email of its variant.

    Examples
    --------
    >>> import segvspers as sv
    >>> people = pd.DataFrame({"contact_id": [f"C{k}" for k in range(1000)]})
    >>> world = sv.World(reply_rate=0.1, log_effect=0.5)
    >>> seen = simulate_outcomes(sv.assign_variants(people, rng=1), world=world, rng=1)
    >>> seen["evidence"].unique().tolist()
    ['simulated']
    """
    variants = _check(audience, emails, rng)
    people, truth = _truth(audience, emails, facts, variants, world, rng)
    draws = np.random.default_rng([rng, 1])
    place = pd.Index(variants).get_indexer(pd.Index(people["variant"].astype(str)))
    rows = np.arange(len(people))
    ever = truth[[f"replies_{name}" for name in variants]].to_numpy()[rows, place]
    steps = _steps(people, ever, world, assigned_at, draws)
    said = None if emails is None else _of_variant(emails, people)
    table = _fill(steps, people, truth, place, world, draws, said)
    table["evidence"] = "simulated"
    order = pd.Index(people["contact_id"]).get_indexer(pd.Index(audience["contact_id"]))
    at = np.argsort(order)[table.pop("person")]
    table = table.iloc[np.lexsort((table["step"], at))].reset_index(drop=True)
    table.attrs["evidence"] = "simulated"
    last = pd.Timedelta(days=world.send_days + 4 * (int(world.n_steps) - 1) + world.follow_up_days)
    table.attrs["as_of"] = str(pd.Timestamp(assigned_at) + last)
    table.attrs["truth"] = {name: float(truth[f"rate_{name}"].mean()) for name in variants}
    return table


def reveal_truth(
    audience: pd.DataFrame,
    emails: pd.DataFrame | None = None,
    *,
    world: World,
    facts: pd.DataFrame | None = None,
    rng: int = 0,
) -> pd.DataFrame:
    """Return what `simulate_outcomes` with the same arguments knows and an analyst of a real test never does.

    Returns
    -------
    pandas.DataFrame
        One row a contact in the order of `audience`: for each variant `rate_` (chance that a reply is
        counted, before the company's rank), `replies_` (would ever reply), `dose_` and `wrong_`; with
        ``segment`` and ``individual`` also `lift`, the difference of the two chances.

    Examples
    --------
    >>> import segvspers as sv
    >>> people = sv.assign_variants(pd.DataFrame({"contact_id": ["C1", "C2"]}), rng=1)
    >>> sorted(reveal_truth(people, world=sv.World(), rng=1).columns)[:3]
    ['contact_id', 'dose_individual', 'dose_segment']
    """
    variants = _check(audience, emails, rng)
    people, truth = _truth(audience, emails, facts, variants, world, rng)
    place = pd.Index(people["contact_id"]).get_indexer(pd.Index(audience["contact_id"]))
    return truth.iloc[place].reset_index(drop=True)


def _truth(
    audience: pd.DataFrame,
    emails: pd.DataFrame | None,
    facts: pd.DataFrame | None,
    variants: list[str],
    world: World,
    rng: int,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    people = audience.sort_values("contact_id", ignore_index=True)
    draws = np.random.default_rng([rng, 0])
    dose, wrong = potential.doses(people, emails, facts, variants, world, draws)
    rates = potential.reply_rates(people, dose, wrong, world, draws)
    own = pd.Series(pd.NA, index=people.index, dtype=object)
    company = people["company_id"] if "company_id" in people.columns else own
    chance = potential.given_company(rates, company, world, draws)
    luck = draws.random(len(people))
    truth = pd.DataFrame({"contact_id": people["contact_id"].to_numpy()})
    for name in variants:
        truth[f"rate_{name}"] = rates[name].to_numpy() * world.matured_share
        truth[f"replies_{name}"] = luck < chance[name].to_numpy()
        truth[f"dose_{name}"], truth[f"wrong_{name}"] = dose[name].to_numpy(), wrong[name].to_numpy()
    if {"segment", "individual"} <= set(variants):
        truth["lift"] = truth["rate_individual"] - truth["rate_segment"]
    return people, truth


def _steps(
    people: pd.DataFrame, ever: np.ndarray, world: World, assigned_at: str, draws: np.random.Generator
) -> pd.DataFrame:
    """Return one row an email that left: a sequence stops for those who have replied before the next step."""
    n, n_steps = len(people), int(world.n_steps)
    hazard = world.step_decay ** np.arange(n_steps)
    at_step = np.searchsorted(np.cumsum(hazard / hazard.sum())[:-1], draws.random(n), side="right")
    start = pd.Timestamp(assigned_at).tz_convert("UTC").as_unit("s")
    leaves = np.floor(draws.random(n) * world.send_days * 86400)
    delay = world.delay_median_hours * 3600 * np.exp(world.delay_sigma * draws.standard_normal(n))
    counted = ever & (delay <= world.follow_up_days * 86400)
    rows = pd.DataFrame({"person": np.repeat(np.arange(n), n_steps), "step": np.tile(np.arange(1, n_steps + 1), n)})
    who = rows["person"].to_numpy()
    here = at_step[who] + 1 == rows["step"]
    sent = leaves[who] + (rows["step"] - 1) * 4 * 86400
    answered = np.where(ever, leaves + at_step * 4 * 86400 + delay, np.inf)
    rows["left"] = answered[who] > sent
    seconds = pd.to_timedelta(np.minimum(delay, 1e9)[who].astype("int64"), unit="s")
    rows["assigned_at"] = start
    rows["sent_at"] = (start + pd.to_timedelta(sent.astype("int64"), unit="s")).where(rows["left"])
    rows["replied"] = here & counted[who]
    rows["replied_at"] = (rows["sent_at"] + seconds).where(rows["replied"])
    return rows


def _fill(
    steps: pd.DataFrame,
    people: pd.DataFrame,
    truth: pd.DataFrame,
    place: np.ndarray,
    world: World,
    draws: np.random.Generator,
    said: pd.DataFrame | None,
) -> pd.DataFrame:
    who, n = steps["person"].to_numpy(), len(steps)
    names = [name.removeprefix("wrong_") for name in truth.columns if name.startswith("wrong_")]
    wrong = truth[[f"wrong_{name}" for name in names]].to_numpy()[np.arange(len(people)), place][who]
    mailed = people["variant"].ne("holdout").to_numpy()[who] & steps["left"].to_numpy()
    replied = steps["replied"].to_numpy()
    ever_quiet = ~replied & ~truth[[f"replies_{name}" for name in names]].any(axis=1).to_numpy()[who]
    bounced = mailed & ever_quiet & (draws.random(len(people)) < world.bounce_rate)[who]
    delivered = mailed & ~bounced
    auto = delivered & ~replied & (draws.random(n) < world.auto_reply_share)
    bot_open = delivered & (draws.random(len(people)) < world.bot_open_share)[who]
    bot_click = bot_open & (draws.random(n) < world.bot_click_share)
    opened = delivered & ((draws.random(n) < 0.22) | replied)
    recent = people["n_recent_emails"].to_numpy(dtype=float)[who] if "n_recent_emails" in people else 0.0
    leave = world.unsubscribe_rate * np.exp(world.fatigue * (recent + steps["step"].to_numpy() - 1))
    leave = leave * np.where(wrong, world.wrong_fact_unsubscribes, 1.0)
    kind = _reply_class(replied, auto, world, draws)
    table = pd.DataFrame({"person": who, "contact_id": people["contact_id"].to_numpy()[who]})
    for name in ("company_id", "variant", "segment_id"):
        if name in people.columns:
            table[name] = people[name].to_numpy()[who]
    table["campaign_id"] = "simulated"
    for name in ("step", "assigned_at", "sent_at"):
        table[name] = steps[name].to_numpy() if name == "step" else steps[name].array
    table["delivered"], table["opened"] = delivered, opened | bot_open
    table["clicked"] = bot_click | (opened & (draws.random(n) < 0.10))
    table["machine_open"], table["machine_click"] = bot_open & ~opened, bot_click
    auto_at = steps["sent_at"] + pd.to_timedelta(draws.integers(5, 240, n), unit="s")
    table["replied"], table["replied_at"] = replied, steps["replied_at"].where(~auto, auto_at).array
    table["reply_class"] = kind
    table["unsubscribed"] = (delivered & (draws.random(n) < leave)) | (kind == "opt_out")
    table["spam_reported"] = delivered & (draws.random(n) < world.spam_rate)
    table["bounced"] = bounced
    won = (kind == "positive") & (draws.random(n) < world.meeting_share * world.win_share)
    value = world.deal_usd * np.exp(world.deal_sigma * draws.standard_normal(n))
    table["revenue_usd"] = np.where(won, np.round(value, 2), 0.0)
    table["cost_usd"] = 0.0 if said is None or "cost_usd" not in said else said["cost_usd"].fillna(0).to_numpy()[who]
    if said is not None:
        table["bits"] = said["bits"].to_numpy()[who]
    for name in ("industry", "company_size", "engagement_level", "purchase_status", "plan", "region"):
        if name in people.columns:
            table[name] = people[name].array[who]
    return table


def _reply_class(replied: np.ndarray, auto: np.ndarray, world: World, draws: np.random.Generator) -> np.ndarray:
    rest = (1 - world.positive_share) * np.asarray(OTHER_CLASSES)
    drawn = draws.choice(HUMAN_CLASSES, len(replied), p=[world.positive_share, *rest])
    kind = np.full(len(replied), None, dtype=object)
    kind[replied] = drawn[replied]
    kind[auto] = "auto_reply"
    return kind


def _of_variant(emails: pd.DataFrame, people: pd.DataFrame) -> pd.DataFrame:
    by_email = emails.drop_duplicates(["contact_id", "variant"]).set_index(["contact_id", "variant"])
    wanted = pd.MultiIndex.from_arrays([people["contact_id"], people["variant"].astype(str)])
    return by_email.reindex(wanted)


def _check(audience: pd.DataFrame, emails: pd.DataFrame | None, rng: int) -> list[str]:
    if isinstance(rng, bool) or not isinstance(rng, (int, np.integer)):
        raise ArgumentError(f"rng={rng!r} must be a whole number, so that reveal_truth can draw the same world.")
    if "variant" not in audience.columns:
        raise DataError("audience lacks the column variant; draw it with assign_variants() first.")
    require_columns(audience, ["contact_id"], table="contacts")
    problems = []
    if audience["contact_id"].duplicated().any():
        problems.append("contact_id repeats; one row a contact is needed.")
    variants = list(dict.fromkeys(["segment", "individual", *sorted(set(audience["variant"].astype(str)))]))
    variants = [name for name in variants if name in set(audience["variant"].astype(str))]
    if emails is not None:
        require_columns(emails, ["contact_id", "variant", "bits"], table="emails")
        have = pd.MultiIndex.from_frame(emails[["contact_id", "variant"]].astype(str))
        mailed = audience[audience["variant"].ne("holdout")]
        wanted = pd.MultiIndex.from_frame(mailed[["contact_id", "variant"]].astype(str))
        n_missing = int((~wanted.isin(have)).sum())
        if n_missing:
            problems.append(f"{n_missing:,} contacts have no email of their variant; write them first.")
        for name in ("segment", "individual"):
            if name in set(emails["variant"].astype(str)) and name not in variants:
                variants.append(name)
    raise_all("simulate_outcomes", problems)
    return variants
