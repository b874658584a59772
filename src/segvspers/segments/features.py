"""What contacts did, as one row a contact: the history columns that segments are fitted on."""

from __future__ import annotations

import pandas as pd

COUNTED = {
    "n_purchases": ("purchase", "renewal"),
    "n_clicks": ("click",),
    "n_replies": ("reply",),
    "n_tickets": ("support_ticket",),
    "n_conversations": ("conversation",),
    "n_page_views": ("page_view",),
}


def history_features(history: pd.DataFrame, *, as_of: pd.Timestamp | str | None = None) -> pd.DataFrame:
    """Return what each contact did up to `as_of`, one row a contact that has any history.

    The columns are counts of events, ``open_rate`` (human opens of emails sent), ``spend_usd``,
    ``days_since_event`` and ``favourite_topic`` (of clicks, pages, questions and human opens).
    """
    events = history
    when = events["timestamp"]
    end = when.max() if as_of is None else pd.Timestamp(as_of)
    if as_of is not None:
        end = end.tz_localize("UTC") if end.tzinfo is None and when.dt.tz is not None else end
        events = events[when < end]
    machine = events.get("machine_open", pd.Series(False, index=events.index)).fillna(False).astype(bool)
    kind = events["event"].astype(str)
    counts = {
        name: kind.isin(events_counted).groupby(events["contact_id"]).sum() for name, events_counted in COUNTED.items()
    }
    frame = pd.DataFrame(counts)
    sent = (kind == "sent").groupby(events["contact_id"]).sum()
    opened = ((kind == "open") & ~machine).groupby(events["contact_id"]).sum()
    frame["open_rate"] = (opened / sent.where(sent > 0)).clip(upper=1)
    if "amount_usd" in events.columns:
        frame["spend_usd"] = events["amount_usd"].groupby(events["contact_id"]).sum()
    acted = events[~kind.isin(["assigned", "sent", "delivered"]) & ~machine]
    last = acted.groupby("contact_id")["timestamp"].max()
    frame["days_since_event"] = (end - last) / pd.Timedelta(days=1)
    if "topic" in events.columns:
        frame["favourite_topic"] = _favourite(acted)
    return frame[[name for name in frame.columns if frame[name].notna().any()]]


def _favourite(acted: pd.DataFrame) -> pd.Series:
    known = acted[acted["topic"].notna() & (acted["topic"].astype(str) != "")]
    times = known.groupby(["contact_id", known["topic"].astype(str)]).size().reset_index(name="n")
    times = times.sort_values(["contact_id", "n", "topic"], ascending=[True, False, True], kind="stable")
    return times.drop_duplicates("contact_id").set_index("contact_id")["topic"]
