"""Mail that came in as events, and the emails that it answers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from segvspers.replies.classify import class_of_text
from segvspers.replies.match import match
from segvspers.replies.new_text import new_text

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

WINDOW_DAYS = 30
HTML = re.compile(r"<(?:html|body|div|p|br)\b", re.IGNORECASE)
STRANGER = "no email went to this address, and it answers none"
OURS = {"email": "_email", "row": "_row", "naive": "_naive", "left_out": "_left_out", "fault": "_fault", "thread": "_thread",
        "reply_id": "_unique"}  # fmt: skip


def mail_events(rows: pa.Table, *, ids: Sequence[int], sources: Sequence[str | None]) -> pa.Table:
    """Return mails, as `replies.as_rows` reads them, with the columns of a part."""
    import pyarrow as pa

    kept = rows.select([name for name in rows.column_names if name not in {"subject", "class_reason"}])
    named = kept.rename_columns([OURS.get(name, name) for name in kept.column_names])
    return named.append_column("_id", pa.array(ids, pa.int64())).append_column("source", pa.array(sources, pa.string()))


def match_mails(
    db: duckdb.DuckDBPyConnection, events: pa.Table, nobody: pa.ChunkedArray, *, asked_contacts: bool
) -> tuple[pa.Table, pa.ChunkedArray]:
    """Give mails that came in the contact, campaign, message and step of the email that they answer.

    Parameters
    ----------
    db
        The engine.
    events
        All events, with contacts as far as addresses tell them.
    nobody
        The fault of events without a contact; it is lifted where the email answered tells the contact.
    asked_contacts
        Whether contacts were given. Without them, mail from an address that no other source names is set aside when
        it answers no email, as far as there are other sources at all.

    Returns
    -------
    tuple
        The events with a column `matched_by`, and the faults.
    """
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    came_in = pc.is_valid(events["_thread"]).to_numpy()
    places = np.flatnonzero(came_in)
    mails = events.select(["contact_id", "timestamp", "campaign_id", "_thread"]).take(places)
    mails = mails.rename_columns(["contact_id", "timestamp", "campaign_id", "thread"]).append_column(
        "_place", pa.array(places)
    )
    sends = events.select(["contact_id", "timestamp", "event", "campaign_id", "message_id", "step"])
    sent = pc.and_(pc.is_in(events["event"], pa.array(["sent", "delivered"])), pc.is_valid(events["timestamp"]))
    found = match(db, mails, sends.filter(sent), window_days=WINDOW_DAYS)
    for name in ("contact_id", "campaign_id", "message_id", "step", "matched_by"):
        before = events[name] if name in events.column_names else pa.nulls(events.num_rows, pa.string())
        values = before.to_pandas().astype(object).to_numpy(copy=True) if name != "step" else before.to_numpy().copy()
        told = found[name].to_numpy(zero_copy_only=False)
        values[found["_place"].to_numpy()] = told
        column = pa.array(values, pa.float64() if name == "step" else pa.string(), from_pandas=True)
        events = (
            events.set_column(events.column_names.index(name), name, column)
            if name in events.column_names
            else events.append_column(name, column)
        )
    faults = nobody.to_pandas().astype(object).to_numpy(copy=True)
    faults[found["_place"].to_numpy()] = None
    if not asked_contacts and not came_in.all():
        others = pc.unique(events["contact_id"].filter(pa.array(~came_in)))
        stranger = (
            came_in & ~pc.is_in(events["contact_id"], others).to_numpy() & pc.is_valid(events["contact_id"]).to_numpy()
        )
        stranger[found["_place"].to_numpy()] = False
        faults[stranger] = STRANGER
    return events, pa.chunked_array([pa.array(faults, pa.string(), from_pandas=True)])


def take_verdicts(db: duckdb.DuckDBPyConnection, events: pa.Table) -> pa.Table:
    """Give replies the class that a later event says: the last one about that contact, in that campaign if it names one."""
    import numpy as np
    import pyarrow as pa

    if events["_said"].null_count == events.num_rows:
        return events
    asked = events.select(["contact_id", "timestamp", "campaign_id", "event", "_said"])
    db.register("said", asked.append_column("_place", pa.array(np.arange(events.num_rows))))
    found = db.sql(
        """
        SELECT r._place, v._said FROM said r JOIN said v ON r.contact_id = v.contact_id
        WHERE r.event = 'reply' AND v._said IS NOT NULL AND v.timestamp >= r.timestamp
            AND (v.campaign_id IS NULL OR r.campaign_id IS NULL OR v.campaign_id = r.campaign_id)
        QUALIFY row_number() OVER (PARTITION BY r._place ORDER BY v.timestamp DESC, v._place DESC) = 1
        """
    ).to_arrow_table()
    db.unregister("said")
    classes = events["reply_class"].to_pandas().astype(object).to_numpy(copy=True)
    classes[found["_place"].to_numpy()] = found["_said"].to_numpy(zero_copy_only=False)
    place = events.column_names.index("reply_class")
    return events.set_column(place, "reply_class", pa.array(classes, pa.string(), from_pandas=True))


def class_replies(events: pa.Table) -> pa.Table:
    """Cut what replies of sequencers quote, and give those a class on which the platform says nothing."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    places = np.flatnonzero(
        pc.and_(pc.equal(events["event"], "reply"), pc.is_valid(events["text"])).fill_null(False).to_numpy()
    )
    if not len(places):
        return events
    texts = events["text"].to_pandas().astype(object).to_numpy(copy=True)
    classes = events["reply_class"].to_pandas().astype(object).to_numpy(copy=True)
    for place in places:
        body = str(texts[place])
        texts[place] = new_text("", html=body) if HTML.search(body) else new_text(body)
        if classes[place] is None or classes[place] != classes[place]:
            classes[place] = class_of_text(texts[place])
    for name, values in (("text", texts), ("reply_class", classes)):
        events = events.set_column(
            events.column_names.index(name), name, pa.array(values, pa.string(), from_pandas=True)
        )
    return events
