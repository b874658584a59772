"""Outcomes with their times: one row a contact, when the email left, when the reply came, and until when we looked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from segvspers._checks import require_columns
from segvspers.errors import raise_all
from segvspers.experiment.outcomes import as_rows, evidence_of, pick_arms

DAY = 86_400.0


@dataclass(frozen=True, slots=True, eq=False)
class Timed:
    """One entry a contact of two variants; times are days.

    `start` counts from the first email sent; `waited` is the time to the reply, or that for which the contact
    was watched without one; `watched` is the whole time from the email to the end of the data.
    """

    control: str
    treatment: str
    evidence: str
    cluster: str | None
    as_of: pd.Timestamp
    as_of_known: bool
    treated: np.ndarray
    start: np.ndarray
    waited: np.ndarray
    watched: np.ndarray
    replied: np.ndarray
    unit: np.ndarray
    first: pd.Timestamp

    @property
    def n_units(self) -> tuple[int, int]:
        """Units of the draw in the control and in the treatment."""
        return tuple(len(np.unique(self.unit[self.treated == arm])) for arm in (False, True))  # type: ignore[return-value]


def read_timed(
    outcomes: Any,
    *,
    control: str,
    treatment: str | None,
    cluster: str | None,
    as_of: Any,
    columns: Mapping[str, str] | None,
) -> Timed:
    """Return two variants with their times.

    Steps of one contact are joined: the first email, the first reply. The start is `sent_at`, or `assigned_at`
    of contacts to whom nothing was sent, so that all assigned contacts count.

    Raises
    ------
    DataError
        When columns are missing, a reply has no time or comes before its email or after the end of the data.
    """
    table = as_rows(outcomes, columns)
    require_columns(table, ["variant", "replied", "replied_at", *([cluster] if cluster else [])], table="outcomes")
    sent = [name for name in ("sent_at", "assigned_at") if name in table.columns]
    require_columns(table, sent or ["sent_at"], table="outcomes")
    control, treatment = pick_arms(table, control=control, treatment=treatment)
    table = table[table["variant"].astype(str).isin([control, treatment])].reset_index(drop=True)
    times = {name: pd.to_datetime(table[name], utc=True, errors="coerce") for name in (*sent, "replied_at")}
    start = times[sent[0]]
    for name in sent[1:]:
        start = start.fillna(times[name])
    replied = pd.to_numeric(table["replied"].astype("object"), errors="coerce").fillna(0).to_numpy(dtype=float) > 0
    frame = pd.DataFrame(
        {
            "treated": (table["variant"].astype(str) == treatment).to_numpy(),
            "start": start,
            "reply": times["replied_at"].where(replied),
            "replied": replied,
        }
    )
    own = table["contact_id"].astype(str) if "contact_id" in table.columns else pd.Series(frame.index.astype(str))
    frame["contact"] = own.to_numpy()
    frame["unit"] = (
        own.to_numpy() if cluster is None else table[cluster].astype("object").where(table[cluster].notna(), own)
    )
    frame["unit"] = frame["unit"].astype(str)
    last = max(times["replied_at"].max(), start.max())
    end = last if as_of is None else _utc(as_of)
    raise_all("outcomes", _problems(frame, end))
    if frame["contact"].duplicated().any():
        how = {"treated": "first", "start": "min", "reply": "min", "replied": "max", "unit": "first"}
        frame = frame.groupby("contact", sort=False, as_index=False).agg(how)
    frame = frame[frame["start"] <= end]
    watched = (end - frame["start"]).dt.total_seconds().to_numpy() / DAY
    waited = np.where(frame["replied"], (frame["reply"] - frame["start"]).dt.total_seconds().to_numpy() / DAY, watched)
    first = frame["start"].min()
    return Timed(
        control=control,
        treatment=treatment,
        evidence=evidence_of(table, getattr(outcomes, "attrs", {})),
        cluster=cluster,
        as_of=end,
        as_of_known=as_of is not None,
        treated=frame["treated"].to_numpy(dtype=bool),
        start=(frame["start"] - first).dt.total_seconds().to_numpy() / DAY,
        waited=waited,
        watched=watched,
        replied=frame["replied"].to_numpy(dtype=bool),
        unit=frame["unit"].to_numpy(),
        first=first,
    )


def _utc(moment: Any) -> pd.Timestamp:
    given = pd.Timestamp(moment)
    return given.tz_localize("UTC") if given.tzinfo is None else given.tz_convert("UTC")


def _problems(frame: pd.DataFrame, end: pd.Timestamp) -> list[str]:
    found = []
    for wrong, text in (
        (frame["start"].isna(), "have neither 'sent_at' nor 'assigned_at'; fill them or drop the rows"),
        (frame["replied"] & frame["reply"].isna(), "replied but have no 'replied_at'; fill it or set replied to false"),
        (frame["reply"] < frame["start"], "replied before their email was sent; check time zones"),
        (frame["reply"] > end, f"replied after as_of={str(end)[:10]}; give a later as_of="),
    ):
        n = int(wrong.sum())
        if n:
            found.append(f"{n:,} rows {text} (first: row {int(np.flatnonzero(wrong)[0]) + 1}).")
    arms = frame.groupby("contact")["treated"].nunique()
    if (arms > 1).any():
        found.append(f"{int((arms > 1).sum()):,} contacts stand in both variants; a contact belongs to one arm.")
    return found
