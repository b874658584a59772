"""Who gets an individual email, who the segment's, and who none; with the reason."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from segvspers._checks import require_columns
from segvspers.emails.campaign import Campaign

if TYPE_CHECKING:
    import pandas as pd

BROAD = {"announcement", "newsletter"}
# What a list knows of nearly everybody says little of one person.
PERSONAL_LESS = {"firmographic", "peers", "plan"}


def usable_facts(facts: pd.DataFrame, campaign: Campaign) -> pd.DataFrame:
    """Return the facts that the campaign may state: of allowed kinds, and not sensitive."""
    return facts[facts["kind"].isin(campaign.may_mention) & (facts["sensitivity"] == "normal")]


def route_contacts(audience: pd.DataFrame, facts: pd.DataFrame, *, campaign: Campaign) -> pd.DataFrame:
    """Decide for each contact: individual, segment or hold.

    Parameters
    ----------
    audience
        Contacts, one row each.
    facts
        As `derive_facts` returns them.
    campaign
        Its type, its `may_mention` and its `min_bits` decide.

    Returns
    -------
    pandas.DataFrame
        `contact_id, route` (individual, segment or hold), `bits` (known and usable, of facts about the person)
        and `reason`, in the order of `audience`.

    Raises
    ------
    DataError
        When a table lacks a column.

    Notes
    -----
    Suppression and consent come first. A broad campaign (announcement, newsletter) gets the segment email; so
    does a contact of whom too little is known, because a personal email can't be written from nothing.
    """
    import pandas as pd

    require_columns(audience, ["contact_id"], table="contacts")
    require_columns(facts, ["contact_id", "kind", "bits", "sensitivity"], table="facts")
    usable = usable_facts(facts, campaign)
    usable = usable[~usable["kind"].isin(PERSONAL_LESS)]
    bits = usable.groupby("contact_id")["bits"].sum()
    known = audience["contact_id"].map(bits).fillna(0.0).to_numpy()
    no_consent, suppressed = (
        _flag(audience, "consent", missing=True),
        _flag(audience, "suppressed", missing=False),
    )
    conditions = [
        suppressed,
        ~no_consent,
        np.full(len(audience), campaign.type in BROAD),
        known < campaign.min_bits,
    ]
    routes: list[Any] = ["hold", "hold", "segment", "segment"]
    thin = [f"{bits:.1f} bits known, {campaign.min_bits:g} needed for an individual email" for bits in known]
    reasons: list[Any] = [
        "suppressed",
        "no consent",
        f"a {campaign.type} is for everybody",
        np.array(thin, dtype=object),
    ]
    rich = np.array([f"{bits:.1f} bits known" for bits in known], dtype=object)
    return pd.DataFrame(
        {
            "contact_id": audience["contact_id"].to_numpy(),
            "route": np.select(conditions, routes, default="individual"),
            "bits": known,
            "reason": np.select(conditions, reasons, default=rich),
        }
    )


def _flag(audience: pd.DataFrame, name: str, *, missing: bool) -> np.ndarray:
    """Return a flag; without the column it is `missing`, and an empty cell never counts as consent."""
    if name not in audience.columns:
        return np.full(len(audience), missing)
    return audience[name].astype("boolean").fillna(False).to_numpy(dtype=bool)
