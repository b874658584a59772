"""What may be known of a segment when its one email is written: sums over many members, never one member's facts."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

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


@dataclass(frozen=True, slots=True)
class SegmentSums:
    """All that segment emails are written from, summed by whatever engine holds the list; nothing grows with contacts.

    Attributes
    ----------
    sizes
        Contacts by segment.
    opened
        ``(segment, topic, contacts)``: how many members opened emails about a topic with a claim.
    statuses
        The purchase status that every member has, in small letters, by segment; segments of several statuses are left
        out.
    """

    sizes: Mapping[str, int]
    opened: Sequence[tuple[str, str, int]] = ()
    statuses: Mapping[str, str] = field(default_factory=dict)


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
    return brief_sums(sum_segments(audience, facts, campaign=campaign), campaign=campaign)


def sum_segments(audience: pd.DataFrame, facts: pd.DataFrame, *, campaign: Campaign) -> SegmentSums:
    """Return the sums of tables in memory."""
    segment = audience["segment_id"].astype(str)
    about = facts["kind"].eq("engagement") & facts["topic"].isin(campaign.claims) & facts["sensitivity"].eq("normal")
    read = facts.loc[about, ["contact_id", "topic"]].drop_duplicates()
    members = audience[["contact_id"]].assign(segment=segment)
    opened = read.merge(members, on="contact_id").groupby(["segment", "topic"]).size()
    statuses: dict[str, str] = {}
    if "purchase_status" in audience.columns:
        told = audience["purchase_status"].astype("string").str.lower().str.strip()
        distinct = told.groupby(segment).agg(["count", "size", "nunique", "min"])
        alike = distinct[(distinct["count"] == distinct["size"]) & (distinct["nunique"] == 1)]
        statuses = alike["min"].to_dict()
    rows = [(str(one), str(topic), int(n)) for (one, topic), n in opened.items()]
    return SegmentSums(segment.value_counts().to_dict(), rows, statuses)


def brief_sums(sums: SegmentSums, *, campaign: Campaign) -> dict[str, SegmentBrief]:
    """Return what may be known of each segment, given the sums; small ones are left out here."""
    found: dict[str, list[Aggregate]] = {}
    for segment, topic, n in sorted(sums.opened, key=lambda row: (-row[2], row[1])):
        size = sums.sizes[segment]
        if min(n, size) >= SMALLEST_AGGREGATE and clean_name(topic, longest=40):
            found.setdefault(segment, []).append(Aggregate("opened emails about", topic, n, n / size))
    return {
        segment: SegmentBrief(segment, campaign, n, tuple(found.get(segment, ())), _status(sums, segment))
        for segment, n in sorted(sums.sizes.items())
    }


def _status(sums: SegmentSums, segment: str) -> str:
    """Return the status that every member has, as one that there are words for; of a small segment none."""
    told = sums.statuses.get(segment, "") if sums.sizes[segment] >= SMALLEST_AGGREGATE else ""
    return next((status for status, words in STATUSES.items() if re.fullmatch(words, told)), "")
