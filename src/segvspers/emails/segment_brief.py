"""What may be known of a segment when its one email is written: sums over many members, never one member's facts."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from segvspers.emails.campaign import Campaign
from segvspers.emails.names import clean_name

if TYPE_CHECKING:
    import pandas as pd

# Below this many contacts a sum could give a member away, so it is not told to whoever writes the template.
SMALLEST_AGGREGATE = 20
STATUSES = {
    "customer": r"customers?|clients?|active|paying|subscribers?|members?",
    "trial": r"trial|trialing|trialling|evaluating|free trial",
    "lapsed": r"lapsed|churned|former|inactive|cancell?ed|expired|lost|past customers?",
    "prospect": r"prospects?|leads?|mql|sql|new lead|opportunity",
}


@dataclass(frozen=True, slots=True)
class Aggregate:
    """Something that is true of many members: how many, and what share of the segment."""

    what: str
    topic: str
    n_contacts: int
    share: float


@dataclass(frozen=True, slots=True)
class SegmentBrief:
    """All that may be known of a segment: its size, sums over at least 20 members, and a status that all share."""

    segment_id: str
    campaign: Campaign
    n_contacts: int
    aggregates: tuple[Aggregate, ...] = ()
    status: str = ""

    @property
    def topics(self) -> tuple[str, ...]:
        """The two topics of the campaign whose emails most members opened."""
        return tuple(one.topic for one in self.aggregates if one.what == "opened emails about")[:2]


def brief_segments(audience: pd.DataFrame, facts: pd.DataFrame, *, campaign: Campaign) -> dict[str, SegmentBrief]:
    """Return what may be known of each segment.

    Parameters
    ----------
    audience
        Contacts with `segment_id`; `purchase_status` is used where every member of a segment has the same.
    facts
        As `derive_facts` returns them; sensitive ones are left out.
    campaign
        Whose topics count.

    Notes
    -----
    The small-cell rule: a sum over fewer than 20 contacts is left out, and a segment of fewer than 20 has no sums at all.
    """
    found = _opened(audience, facts, campaign)
    briefs = {}
    for segment, members in audience.groupby(audience["segment_id"].astype(str), sort=True):
        n = len(members)
        large = n >= SMALLEST_AGGREGATE
        told = tuple(
            Aggregate("opened emails about", topic, count, count / n)
            for topic, count in found.get(segment, ())
            if large
        )
        briefs[str(segment)] = SegmentBrief(str(segment), campaign, n, told, _status(members) if large else "")
    return briefs


def _opened(audience: pd.DataFrame, facts: pd.DataFrame, campaign: Campaign) -> dict[Any, list[tuple[str, int]]]:
    """Return topics with a claim and the members who opened emails about them, most first."""
    about = facts["kind"].eq("engagement") & facts["topic"].isin(campaign.claims) & facts["sensitivity"].eq("normal")
    read = facts.loc[about, ["contact_id", "topic"]].drop_duplicates()
    members = audience[["contact_id"]].assign(segment=audience["segment_id"].astype(str))
    counts = read.merge(members, on="contact_id").groupby(["segment", "topic"]).size().rename("n").reset_index()
    counts = counts[counts["n"] >= SMALLEST_AGGREGATE].sort_values(
        ["n", "topic"], ascending=[False, True], kind="stable"
    )
    found: dict[Any, list[tuple[str, int]]] = {}
    for segment, topic, n in zip(counts["segment"], counts["topic"], counts["n"], strict=True):
        if clean_name(topic, longest=40):
            found.setdefault(segment, []).append((topic, int(n)))
    return found


def _status(members: pd.DataFrame) -> str:
    """Return the status that every member has, as one that there are words for."""
    if "purchase_status" not in members.columns:
        return ""
    told = members["purchase_status"].astype("string").str.lower().str.strip().unique()
    if len(told) != 1 or told[0] is None or not isinstance(told[0], str):
        return ""
    return next((status for status, words in STATUSES.items() if re.fullmatch(words, told[0])), "")
