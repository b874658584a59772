"""Discourse plans: the order of the parts of an email, by what is urgent and by what a campaign brings."""

from __future__ import annotations

from segvspers.emails.campaign import BROAD, Campaign

Paragraphs = tuple[tuple[str, ...], ...]
# Paragraphs of parts; a part that an email has nothing for is left out.
URGENT_PLANS: tuple[Paragraphs, ...] = (
    (("lead", "claim"), ("history", "interest"), ("offer", "ask", "closing")),
    (("lead",), ("claim",), ("history", "interest"), ("offer", "ask")),
    (("lead", "claim"), ("history", "offer", "ask"), ("afterthought",)),
    (("lead", "claim"), ("interest",), ("history", "offer", "ask")),
    (("lead", "claim"), ("history",), ("offer", "ask", "closing"), ("afterthought",)),
)
PLANS: tuple[Paragraphs, ...] = (
    (("lead", "claim"), ("history", "interest"), ("purpose", "offer", "ask")),
    (("lead", "claim"), ("interest",), ("history", "offer", "ask", "closing")),
    (("history",), ("lead", "claim"), ("interest",), ("offer", "ask")),
    (("lead", "history"), ("interest", "claim"), ("purpose", "offer", "ask", "closing")),
    (("lead", "claim"), ("history", "offer", "ask"), ("afterthought",)),
    (("lead",), ("claim", "history"), ("interest",), ("offer", "ask")),
    (("lead", "claim"), ("interest", "history"), ("purpose", "offer", "ask")),
    (("lead", "claim", "interest"), ("history", "offer", "ask", "closing")),
    (("lead", "claim"), ("history", "interest"), ("offer",), ("ask", "closing")),
)
# For a contact of whom one thing is known.
THIN_PLANS: tuple[Paragraphs, ...] = (
    (("lead", "claim"), ("purpose", "offer", "ask", "closing")),
    (("lead", "purpose"), ("claim", "offer", "ask"), ("closing",)),
    (("lead",), ("claim", "purpose"), ("offer", "ask", "closing")),
    (("lead", "claim", "purpose"), ("offer",), ("ask", "closing")),
)
NEWS_PLANS: tuple[Paragraphs, ...] = (
    (("message",), ("reason after", "claim"), ("offer", "ask", "closing")),
    (("reason before", "message"), ("claim", "history"), ("offer", "ask")),
    (("reason before",), ("message", "claim"), ("offer", "ask", "closing")),
    (("message", "reason after"), ("claim",), ("history", "offer", "ask")),
    (("reason before", "message"), ("offer", "ask", "closing")),
    (("purpose", "message"), ("reason after", "claim"), ("offer", "ask")),
)
# Without news of its own, or where the message holds the terms of the offer, the offer is the news.
OFFER_PLANS: tuple[Paragraphs, ...] = (
    (("reason before", "offer", "message"), ("claim",), ("ask", "closing")),
    (("offer", "message"), ("reason after", "claim"), ("ask",)),
    (("reason before",), ("offer", "message"), ("claim",), ("ask", "closing")),
    (("purpose", "offer", "message"), ("reason after", "claim"), ("ask",)),
    (("reason before", "offer", "message"), ("history",), ("ask", "closing")),
    (("offer", "message"), ("reason after",), ("history", "ask")),
)
URGENT_NEWS: tuple[Paragraphs, ...] = (
    (("lead", "claim"), ("aside", "message"), ("offer", "ask")),
    (("lead",), ("claim",), ("aside", "message", "offer"), ("ask",)),
    (("lead", "claim"), ("aside", "message", "offer"), ("ask", "closing")),
)
URGENT_OFFER: tuple[Paragraphs, ...] = (
    (("lead", "claim"), ("aside", "offer", "message"), ("ask", "closing")),
    (("lead",), ("claim",), ("aside", "offer", "message"), ("ask",)),
    (("lead", "claim"), ("aside", "offer"), ("message", "ask")),
)


def same_for_all(campaign: Campaign) -> bool:
    """Tell whether a campaign brings the same news or offer to everybody, so that a person needs a reason for it."""
    return campaign.type in BROAD or campaign.type == "promotion"


def plans_for(campaign: Campaign, *, urgent: bool, thin: bool) -> tuple[Paragraphs, ...]:
    """Return the plans that fit a campaign, for a contact with an open matter or without one, of whom little or more is known."""
    if not same_for_all(campaign):
        return URGENT_PLANS if urgent else THIN_PLANS if thin else PLANS
    if campaign.message and campaign.type != "promotion":
        return URGENT_NEWS if urgent else NEWS_PLANS
    return URGENT_OFFER if urgent else OFFER_PLANS
