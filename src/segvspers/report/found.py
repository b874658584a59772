"""Sort what was handed to the report by its type, and mask the people in it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from segvspers._checks import few
from segvspers.emails import EmailAudit
from segvspers.errors import ArgumentError
from segvspers.experiment import (
    HealthReport,
    HistoricalComparison,
    Monitoring,
    OverTimeComparison,
    ReplyRateComparison,
    RevenueComparison,
    SegmentComparison,
)
from segvspers.explosion import Explosion
from segvspers.frontier.policy import Recommendation
from segvspers.report.blocks import Letter
from segvspers.roi import RoiEstimate
from segvspers.segments import Segmentation

SHOWN_PAIRS = 2
MASKS = {"first_name": "[first name]", "last_name": "[last name]", "company": "[company]"}


@dataclass(slots=True)
class Found:
    """Findings by kind; what was not handed over is None or empty."""

    explosion: Explosion | None = None
    segmentation: Segmentation | None = None
    emails: pd.DataFrame | None = None
    audit: EmailAudit | None = None
    replies: ReplyRateComparison | None = None
    guardrails: list[ReplyRateComparison] = field(default_factory=list)
    revenue: RevenueComparison | None = None
    groups: SegmentComparison | None = None
    health: HealthReport | None = None
    over_time: OverTimeComparison | None = None
    monitoring: Monitoring | None = None
    historical: HistoricalComparison | None = None
    policy: Recommendation | None = None
    roi: RoiEstimate | None = None


PLACES: tuple[tuple[type, str], ...] = (
    (Explosion, "explosion"),
    (Segmentation, "segmentation"),
    (EmailAudit, "audit"),
    (RevenueComparison, "revenue"),
    (SegmentComparison, "groups"),
    (HealthReport, "health"),
    (OverTimeComparison, "over_time"),
    (Monitoring, "monitoring"),
    (HistoricalComparison, "historical"),
    (Recommendation, "policy"),
    (RoiEstimate, "roi"),
)


def sort_findings(findings: Iterable[Any]) -> Found:
    """Return findings by kind.

    Raises
    ------
    ArgumentError
        When something is no finding, stands there twice, or the evidence of two findings differs.
    """
    found, strange = Found(), []
    for one in findings:
        place = next((name for kind, name in PLACES if isinstance(one, kind)), None)
        if isinstance(one, ReplyRateComparison):
            if one.outcome == "replied" or (
                found.replies is None and one.outcome not in {"unsubscribed", "spam_reported"}
            ):
                place = "replies"
            else:
                found.guardrails.append(one)
                continue
        elif isinstance(one, pd.DataFrame) and {"email_id", "body_text", "variant"} <= set(one.columns):
            place = "emails"
        if place is None:
            strange.append(type(one).__name__)
        elif getattr(found, place) is not None:
            raise ArgumentError(f"build_report() was given two of {type(one).__name__}; make one report for each.")
        else:
            setattr(found, place, one)
    if strange:
        raise ArgumentError(
            f"build_report() can't show {few(strange)}; it takes what explode_segments, fit_segments, write_emails, "
            "audit_emails, compare_*, check_health, recommend_variant and estimate_roi return."
        )
    kinds = {one.evidence for one in evidence_of(found)}
    if len(kinds) > 1:
        raise ArgumentError(f"the findings mix the evidence {sorted(kinds)}; make one report for each.")
    return found


def evidence_of(found: Found) -> list[Any]:
    """Return the findings that say how their outcomes came about, the most telling first."""
    told = (
        found.roi,
        found.replies,
        found.historical,
        found.over_time,
        found.monitoring,
        found.revenue,
        found.groups,
        found.policy,
    )
    return [one for one in told if one is not None]


def pick_pairs(emails: pd.DataFrame, *, named: bool) -> tuple[tuple[Letter, ...], ...]:
    """Return two contacts' segment and individual emails, side by side; names are masked unless asked for.

    The pairs are those of the most and of the middle bits among the individual emails that are ready.
    """
    own = emails[(emails["variant"] == "individual") & (emails["status"] == "ready")]
    other = emails[emails["variant"] == "segment"].drop_duplicates("contact_id").set_index("contact_id")
    own = own[own["contact_id"].isin(other.index)].sort_values(["bits", "email_id"], ascending=[False, True])
    if own.empty:
        return ()
    places = sorted({0, len(own) // 2})[:SHOWN_PAIRS]
    return tuple(
        (
            _letter(other.loc[own.iloc[place]["contact_id"]], named=named),
            _letter(own.iloc[place], named=named),
        )
        for place in places
    )


def _letter(email: pd.Series, *, named: bool) -> Letter:
    subject, body = str(email["subject"]), str(email["body_text"])
    if not named:
        names = sorted(map(str, email.get("identity") or ()), key=len, reverse=True)
        for name in names:
            subject, body = subject.replace(name, "[name]"), body.replace(name, "[name]")
    return Letter(str(email["variant"]), subject, body)


def digest(found: Found) -> str:
    """Return a short digest of every number that went in, to tell two reports apart."""
    parts = [
        one.to_frame().to_csv(index=False)
        for one in (found.replies, found.revenue, found.groups, found.policy, found.roi, found.explosion)
        if one is not None
    ]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:12]
