"""Contacts and their facts as briefs: what a writer may know of each, and nothing of anybody else."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from segvspers.emails.brief import Brief, as_facts
from segvspers.emails.campaign import Campaign
from segvspers.emails.names import clean_name
from segvspers.emails.routing import usable_facts

if TYPE_CHECKING:
    import pandas as pd

# The kinds of English whose dates and amounts are known.
ENGLISH = {"en_US", "en_GB", "en_AU", "en_CA", "en_IE", "en_IN", "en_NZ", "en_ZA"}
TURNED_TO = ("question", "engagement", "clicks", "interest")
FACT_COLUMNS = ["contact_id", "fact_id", "kind", "topic", "value", "fields", "bits", "salience"]


@dataclass(frozen=True, slots=True)
class Person:
    """What addresses a contact: names fit to stand in an email, segment, English and status."""

    contact_id: str
    segment: str
    first_name: str
    last_name: str
    company: str
    locale: str
    status: str


def people_of(audience: pd.DataFrame, *, campaign: Campaign) -> list[Person]:
    """Return the contacts of an audience, in its order; names that are no names are left out."""

    def column(name: str) -> list[Any]:
        return audience[name].tolist() if name in audience.columns else [None] * len(audience)

    names = ("first_name", "last_name", "company", "locale", "purchase_status")
    listed = zip(audience["contact_id"], audience["segment_id"].astype(str), *map(column, names), strict=True)
    return [
        Person(
            contact, segment, clean_name(first), clean_name(last), clean_name(company),
            locale if locale in ENGLISH else campaign.locale, status if isinstance(status, str) else "",
        )
        for contact, segment, first, last, company, locale, status in listed
    ]  # fmt: skip


def make_briefs(people: Iterable[Person], facts: pd.DataFrame, *, campaign: Campaign) -> list[Brief]:
    """Return the brief of each contact, with the facts that the campaign may state.

    Parameters
    ----------
    people
        As `people_of` returns them; those to write to.
    facts
        As `derive_facts` returns them.
    campaign
        What the emails are for.
    """
    wanted = {person.contact_id: person for person in people}
    topics = _topics(facts, campaign)
    usable = usable_facts(facts, campaign)
    grouped: dict[str, list[Any]] = {}
    for record in usable.loc[usable["contact_id"].isin(wanted), FACT_COLUMNS].itertuples(index=False):
        grouped.setdefault(str(record.contact_id), []).append(record)
    return [
        Brief(
            contact,
            campaign,
            as_facts(grouped.get(contact, ())),
            one.first_name,
            one.company,
            one.status,
            one.locale,
            topic=topics.get(contact, ""),
        )
        for contact, one in wanted.items()
    ]


def _topics(facts: pd.DataFrame, campaign: Campaign) -> dict[str, str]:
    """Return the topic of the campaign that each contact turns to most; it chooses a claim and is never stated itself."""
    turned_to = facts["kind"].isin(TURNED_TO) & facts["topic"].isin(campaign.claims) & facts["sensitivity"].eq("normal")
    ranked = facts.loc[turned_to, ["contact_id", "topic", "salience", "fact_id"]]
    ranked = ranked.sort_values(["contact_id", "salience", "fact_id"]).drop_duplicates("contact_id", keep="last")
    return dict(zip(ranked["contact_id"], ranked["topic"], strict=True))
