"""What kind of thing an offer is, read off its words, so that it can be introduced as one."""

from __future__ import annotations

import re
from functools import lru_cache

from segvspers.emails.campaign import Campaign

# The first word found decides, so a session about a discount stays a session.
KINDS = {
    "session": r"calls?|reviews?|sessions?|demos?|meetings?|consultations?|walk-?throughs?|workshops?|chats?|tours?"
    r"|audits?|checks?|check-ups?|appointments?|trainings?|fittings?|tastings?|visits?",
    "deal": r"\d+ ?%|per ?cent|off|discounts?|free|vouchers?|coupons?|credits?|upgrades?|months?|savings?|price|rate",
    "content": r"issues?|guides?|articles?|reports?|newsletters?|checklists?|playbooks?|digests?|recipes?|stor(?:y|ies)"
    r"|reads?|videos?|webinars?|collection|notes",
    "access": r"access|invitations?|previews?|betas?|seats?|places?|trials?|tickets?|samples?",
}
LONGEST_IN_SUBJECT = 45
_ANY = re.compile(
    "|".join(rf"(?P<{kind}>(?<![\w-])(?:{words})(?![\w-]))" for kind, words in KINDS.items()), re.IGNORECASE
)


def kind_of_offer(campaign: Campaign) -> str:
    """Return the kind of a campaign's offer: as given, or by the first telling word."""
    return campaign.offer_kind or _kind(campaign.offer)


def brief_offer(campaign: Campaign) -> str:
    """Return the offer in the few words that fit a subject, or nothing when it takes more.

    Examples
    --------
    >>> import segvspers as sv
    >>> campaign = sv.read_campaign("data/sample/campaign.yml")
    >>> brief_offer(campaign)
    'a 20-minute review of your setup'
    """
    head = re.split(r", | with | so that ", campaign.offer)[0]
    return head if len(head) <= LONGEST_IN_SUBJECT else ""


@lru_cache(maxsize=256)
def _kind(offer: str) -> str:
    found = _ANY.search(offer)
    return found.lastgroup or "thing" if found else "thing"
