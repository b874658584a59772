"""What the individual emails of an audience would cost, before anything is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from segvspers.emails.briefs import make_briefs, people_of
from segvspers.emails.campaign import Campaign
from segvspers.emails.routing import route_contacts

if TYPE_CHECKING:
    import pandas as pd

    from segvspers.emails.llm import OpenAIBatchWriter, OpenAIWriter
    from segvspers.emails.llm.money.estimate import CostEstimate


def estimate_cost(
    audience: pd.DataFrame, facts: pd.DataFrame, *, campaign: Campaign, writer: OpenAIWriter | OpenAIBatchWriter | Any
) -> CostEstimate:
    """Estimate what a model would cost for an audience; nothing is sent.

    Parameters
    ----------
    audience, facts, campaign
        As for `write_emails`.
    writer
        The writer that would write.

    Returns
    -------
    CostEstimate
        Expected and most possible cost in US dollars, of the contacts who would get an individual email and whose
        answer is not in the writer's store.

    Examples
    --------
    See ``docs/models.md``.
    """
    routes = route_contacts(audience, facts, campaign=campaign)
    wanted = set(routes.loc[routes["route"] == "individual", "contact_id"])
    people = [person for person in people_of(audience, campaign=campaign) if person.contact_id in wanted]
    return writer.estimate(make_briefs(people, facts, campaign=campaign))
