"""Checks of what was counted as a reply: follow-up, order in time, automatic answers, machines."""

from __future__ import annotations

import pandas as pd

from segvspers._display import count, percent
from segvspers.experiment.health.verdict import (
    FAIL,
    PASS,
    REVIEW,
    UNCHECKED,
    Inspected,
    Verdict,
    graded,
    unchecked,
)

BURST_SECONDS = 10


def follow_up(seen: Inspected) -> Verdict:
    """Look for contacts whose replies could still come, and whether more so in one variant."""
    if not seen.has("sent_at") or seen.as_of is None:
        return unchecked("follow-up", "sent_at", "as_of= or replied_at")
    age = (seen.as_of - pd.to_datetime(seen.outcomes["sent_at"], utc=True)).dt.total_seconds() / 86400
    young = age.lt(seen.follow_up_days)[age.notna()]
    by_variant = young.groupby(seen.outcomes["variant"].astype(str)).mean()
    share, gap = float(young.mean()), float(by_variant.max() - by_variant.min())
    if not seen.as_of_known and gap <= 0.05 and share:
        return Verdict("follow-up", UNCHECKED, "when the data end is not known", share, "give as_of=")
    status = FAIL if gap > 0.05 else graded(share, review=0.0, fail=0.2)
    figure = f"{percent(share)} sent less than {seen.follow_up_days:g} days before the data end"
    figure += f", {percent(gap)} apart between variants" if share else ""
    todo = "" if status == PASS else "wait, or compare to a common horizon with compare_over_time()"
    return Verdict("follow-up", status, figure, share, todo)


def reply_order(seen: Inspected) -> Verdict:
    """Look for replies that came before the email."""
    if not seen.has("sent_at", "replied_at"):
        return unchecked("reply after email", "sent_at", "replied_at")
    table = seen.outcomes
    early = pd.to_datetime(table["replied_at"], utc=True) < pd.to_datetime(table["sent_at"], utc=True)
    n = int(early.sum())
    todo = "" if n == 0 else "check the time zones, and whether replies were matched to the right email"
    return Verdict("reply after email", FAIL if n else PASS, f"{count(n)} replies before the email", n, todo)


def auto_replies(seen: Inspected) -> Verdict:
    """Look for automatic answers that are counted as replies."""
    if not seen.has("reply_class"):
        return unchecked("auto-replies", "reply_class")
    table = seen.outcomes
    auto = table["reply_class"].astype(object).eq("auto_reply")
    replied = table["replied"].astype(float).fillna(0).gt(0)
    counted = float((auto & replied).sum() / max(1, int(replied.sum())))
    status = graded(counted, review=0.0, fail=0.05)
    figure = f"{count(int(auto.sum()))} auto-replies, {percent(counted)} of the replies counted"
    todo = "" if status == PASS else "count human replies only: set replied to False where auto_reply"
    return Verdict("auto-replies", status, figure, counted, todo)


def machine_opens(seen: Inspected) -> Verdict:
    """Say how far opens can be believed."""
    if not seen.has("machine_open", "opened"):
        return unchecked("machine opens", "machine_open", "opened")
    opened = seen.outcomes["opened"].astype(bool)
    machine = seen.outcomes["machine_open"].astype(bool)
    share = float((machine & opened).sum() / max(1, int(opened.sum())))
    status = REVIEW if share > 0.2 else PASS
    todo = "" if status == PASS else "don't judge by opens; replies and revenue are not touched"
    return Verdict("machine opens", status, f"{percent(share)} of opens by machine", share, todo)


def click_bursts(seen: Inspected) -> Verdict:
    """Look for clicks by scanners: marked, or within seconds of the email."""
    table = seen.outcomes
    if seen.has("machine_click", "clicked"):
        machine = table["machine_click"].astype(bool)
    elif seen.has("clicked_at", "sent_at"):
        waited = pd.to_datetime(table["clicked_at"], utc=True) - pd.to_datetime(table["sent_at"], utc=True)
        machine = waited.dt.total_seconds().lt(BURST_SECONDS)
    else:
        return unchecked("click bursts", "machine_click, or clicked_at and sent_at")
    clicked = table["clicked"].astype(bool) if "clicked" in table.columns else table["clicked_at"].notna()
    share = float((machine & clicked).sum() / max(1, int(clicked.sum())))
    status = REVIEW if share > 0.1 else PASS
    todo = "" if status == PASS else "leave these clicks out before judging by clicks"
    return Verdict("click bursts", status, f"{percent(share)} of clicks by machine", share, todo)
