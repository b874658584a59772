"""What contacts did, as one row a contact: the history columns that segments are fitted on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from segvspers._checks import few, require_columns
from segvspers.errors import DataError
from segvspers.segments.telling.replies import replied_contacts
from segvspers.tables import open_table

COUNTED = {
    "n_purchases": ("purchase", "renewal"),
    "n_clicks": ("click",),
    "n_replies": ("reply",),
    "n_tickets": ("support_ticket",),
    "n_conversations": ("conversation",),
    "n_page_views": ("page_view",),
}


@dataclass(frozen=True, slots=True, eq=False)
class HistoryColumns:
    """What contacts did: `features` to segment by, and who `replied` of those emailed."""

    features: pd.DataFrame
    answers: pd.DataFrame

    def replied(self, table: pd.DataFrame) -> np.ndarray | None:
        """Return 1 for a contact who replied, 0 for one emailed who did not, nan for the others."""
        if self.answers.empty or "contact_id" not in table.columns:
            return None
        return table["contact_id"].map(self.answers["replied"]).to_numpy(dtype=float, na_value=np.nan)


def as_table(source: Any, table: str) -> pd.DataFrame:
    """Return a pandas table as it is, and any other table or path as pandas."""
    frame = source if isinstance(source, pd.DataFrame) else open_table(source, table=table).raw.to_pandas()
    repeated = sorted(set(frame.columns[frame.columns.duplicated()].astype(str)))
    if repeated:
        raise DataError(
            f"{table}: several columns have one name ({few(repeated)}); rename or drop all but one of each."
        )
    return frame


def join_history(
    contacts: pd.DataFrame, history: Any, *, as_of: pd.Timestamp | str | None = None
) -> tuple[pd.DataFrame, HistoryColumns]:
    """Return the contacts with the columns of their history that they lack, and what they did."""
    if history is None:
        return contacts, HistoryColumns(pd.DataFrame(), pd.DataFrame())
    events = as_table(history, "history")
    require_columns(events, ["contact_id", "timestamp", "event"], table="history")
    if "contact_id" not in contacts.columns:
        raise DataError("contacts needs contact_id, so that its history can be joined.")
    did = HistoryColumns(history_features(events, as_of=as_of), replied_contacts(_before(events, as_of)[0]))
    if not did.features.index.isin(contacts["contact_id"]).any():
        raise DataError(
            "No contact_id of history is in contacts; check that both name the same people, and how ids are written."
        )
    fresh = [name for name in did.features.columns if name not in contacts.columns]
    return contacts.assign(**{name: contacts["contact_id"].map(did.features[name]) for name in fresh}), did


def _before(events: pd.DataFrame, as_of: pd.Timestamp | str | None) -> tuple[pd.DataFrame, pd.Timestamp]:
    """Return the events before a day, and that day or the last event's time."""
    when = events["timestamp"]
    if as_of is None:
        return events, when.max()
    end = pd.Timestamp(as_of)
    end = end.tz_localize("UTC") if end.tzinfo is None and when.dt.tz is not None else end
    return events[when < end], end


def history_features(
    history: pd.DataFrame, *, as_of: pd.Timestamp | str | None = None, end: pd.Timestamp | None = None
) -> pd.DataFrame:
    """Return what each contact did up to `as_of`, one row a contact that has any history.

    `end` is the day that days since an event are counted to, for a part of a list; else that of its last event.

    The columns are counts of events, ``open_rate`` (human opens of emails sent), ``spend_usd``,
    ``days_since_event`` and ``favourite_topic`` (of clicks, pages, questions and human opens).
    """
    events, last = _before(history, as_of)
    end = last if end is None else end
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
    acted_last = acted.groupby("contact_id")["timestamp"].max()
    frame["days_since_event"] = (end - acted_last) / pd.Timedelta(days=1)
    if "topic" in events.columns:
        frame["favourite_topic"] = _favourite(acted)
    return frame[[name for name in frame.columns if frame[name].notna().any()]]


def _favourite(acted: pd.DataFrame) -> pd.Series:
    known = acted[acted["topic"].notna() & (acted["topic"].astype(str) != "")]
    times = known.groupby(["contact_id", known["topic"].astype(str)]).size().reset_index(name="n")
    times = times.sort_values(["contact_id", "n", "topic"], ascending=[True, False, True], kind="stable")
    return times.drop_duplicates("contact_id").set_index("contact_id")["topic"]
