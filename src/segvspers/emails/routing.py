"""Who gets an individual email, who the segment's, and who none; with the reason."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from segvspers._checks import require_columns
from segvspers._display import money
from segvspers.emails.campaign import Campaign
from segvspers.errors import ArgumentError, DataError
from segvspers.facts.sql import WEIGHTS

if TYPE_CHECKING:
    import pandas as pd

# What a list knows of nearly everybody says little of one person.
PERSONAL_LESS = {"firmographic", "peers", "plan"}


def usable_facts(facts: pd.DataFrame, campaign: Campaign) -> pd.DataFrame:
    """Return the facts that the campaign may state: of allowed kinds, and not sensitive unless that is allowed.

    Raises
    ------
    ArgumentError
        When `may_mention` names a kind that neither `derive_facts` nor the table has.
    """
    unknown = sorted(set(campaign.may_mention) - set(WEIGHTS) - set(facts["kind"].unique()))
    if unknown:
        raise ArgumentError(
            f"campaign: may_mention has {unknown}, which are no kinds of facts; choose from {sorted(WEIGHTS)}."
        )
    allowed = facts["kind"].isin(campaign.may_mention)
    return facts[allowed if campaign.may_mention_sensitive else allowed & (facts["sensitivity"] == "normal")]


def route_contacts(
    audience: pd.DataFrame, facts: pd.DataFrame, *, campaign: Campaign, recommended: Any = None
) -> pd.DataFrame:
    """Decide for each contact: individual, segment or hold.

    Parameters
    ----------
    audience
        Contacts, one row each; `consent` and `suppressed` (bool) are heeded where they stand.
    facts
        As `derive_facts` returns them.
    campaign
        Its type, `may_mention` and `min_bits` decide, and what an email costs, is worth, and all may cost.
    recommended
        What `recommend_variant` returned, or its table (`contact_id, variant, reason`): then only those go on to an
        individual email for whom a test recommends it.

    Returns
    -------
    pandas.DataFrame
        `contact_id, route` (individual, segment or hold), `bits` (known and usable, of facts about the person)
        and `reason`, in the order of `audience`.

    Raises
    ------
    DataError
        When a table lacks a column.
    ArgumentError
        When `may_mention` names a kind of fact that does not exist.

    Notes
    -----
    The first rule that holds decides: suppression, consent, the type of campaign, what is known, what an email costs
    against what it is worth, what was recommended, and the budget, which goes to the contacts who are known best. So no
    recommendation overrides a suppression. A contact of whom too little is known gets the segment's email, because
    a personal email can't be written from nothing.

    Examples
    --------
    >>> import pandas as pd
    >>> import segvspers as sv
    >>> campaign = sv.read_campaign("data/sample/campaign.yml")
    >>> people = pd.DataFrame({"contact_id": ["a", "b", "c"], "consent": [True, True, False]})
    >>> facts = pd.DataFrame(
    ...     {"contact_id": ["a", "b"], "kind": "question", "bits": [9.5, 3.0], "sensitivity": "normal"}
    ... )
    >>> sv.route_contacts(people, facts, campaign=campaign)[["contact_id", "route", "reason"]].values.tolist()
    [['a', 'individual', '9.5 bits known'],
     ['b', 'segment', '3.0 bits known, 6 needed for an individual email'],
     ['c', 'hold', 'no consent']]
    """
    import pandas as pd

    require_columns(audience, ["contact_id"], table="contacts")
    require_columns(facts, ["contact_id", "kind", "bits", "sensitivity"], table="facts")
    usable = usable_facts(facts, campaign)
    usable = usable[~usable["kind"].isin(PERSONAL_LESS)]
    known = audience["contact_id"].map(usable.groupby("contact_id")["bits"].sum()).fillna(0.0).to_numpy()
    refused = _refusals(audience, known, campaign, recommended)
    conditions = [condition for _, condition, _ in refused]
    told = np.array([f"{bits:.1f} bits known" for bits in known], dtype=object)
    return pd.DataFrame(
        {
            "contact_id": audience["contact_id"].to_numpy(),
            "route": np.select(conditions, [route for route, _, _ in refused], default="individual"),
            "bits": known,
            "reason": np.select(conditions, [reason for _, _, reason in refused], default=told),
        }
    )


def _refusals(
    audience: pd.DataFrame, known: np.ndarray, campaign: Campaign, recommended: Any
) -> list[tuple[str, np.ndarray, np.ndarray | str]]:
    """Return the rules that keep a contact from an individual email, the strongest first."""
    everybody = np.ones(len(audience), dtype=bool)
    needed, cost, worth = campaign.bits_needed, campaign.cost_per_email_usd, campaign.worth_per_email_usd
    thin = [f"{bits:.1f} bits known, {needed:g} needed for an individual email" for bits in known]
    rules: list[tuple[str, np.ndarray, np.ndarray | str]] = [
        ("hold", read_flag(audience, "suppressed", missing=False), "suppressed"),
        ("hold", ~read_flag(audience, "consent", missing=True), "no consent"),
        ("segment", everybody & np.isinf(needed), f"a {campaign.type} is for everybody"),
        ("segment", known < needed, np.array(thin, dtype=object)),
    ]
    if worth is not None and cost > worth:
        told = f"an individual email costs {money(cost)} and is worth {money(worth)}"
        rules.append(("segment", everybody, told))
    if recommended is not None:
        rules += _recommended(audience, recommended)
    if campaign.budget_usd is not None and cost > 0:
        taken = np.logical_or.reduce([condition for _, condition, _ in rules])
        told = f"the budget of {money(campaign.budget_usd)} goes to contacts known better"
        rules.append(("segment", _beyond(known, ~taken, int(campaign.budget_usd / cost + 1e-9)), told))
    return rules


def _recommended(audience: pd.DataFrame, recommended: Any) -> list[tuple[str, np.ndarray, np.ndarray | str]]:
    """Return whom a recommendation holds back, and to whom it gives another email than an individual one."""
    import pandas as pd

    table = recommended if isinstance(recommended, pd.DataFrame) else recommended.to_frame()
    require_columns(table, ["contact_id", "variant", "reason"], table="recommended")
    if table["contact_id"].duplicated().any():
        raise DataError("recommended holds some contact_ids more than once; keep one row a contact.")
    own = getattr(recommended, "individual", "individual")
    told = table.set_index("contact_id")[["variant", "reason"]].reindex(audience["contact_id"])
    variant, reason = (told[name].astype(object).to_numpy() for name in ("variant", "reason"))
    missing, held = pd.isna(variant), variant == "hold"
    said = np.array([f"{name} recommended: {why}" for name, why in zip(variant, reason, strict=True)], dtype=object)
    return [
        ("hold", held, reason),
        ("segment", missing, "nothing was recommended for this contact"),
        ("segment", ~missing & (variant != own), said),
    ]


def _beyond(known: np.ndarray, open_to: np.ndarray, places: int) -> np.ndarray:
    """Tell which of the contacts still open fall outside the best-known `places`; earlier rows win ties."""
    order = np.argsort(-np.where(open_to, known, -np.inf), kind="stable")
    beyond = np.zeros(len(known), dtype=bool)
    beyond[order[places:]] = True
    return beyond & open_to


def read_flag(audience: pd.DataFrame, name: str, *, missing: bool) -> np.ndarray:
    """Return a flag; without the column it is `missing`, and an empty cell never counts as consent."""
    if name not in audience.columns:
        return np.full(len(audience), missing)
    return audience[name].astype("boolean").fillna(False).to_numpy(dtype=bool)
