"""Describe what is known of a list: bits, facts, freshness, who can get an email of their own, what is missing."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from segvspers._checks import require_columns
from segvspers.emails.campaign import Campaign, make_campaign
from segvspers.emails.routing import PERSONAL_LESS, route_contacts, usable_facts
from segvspers.errors import ArgumentError, DataError
from segvspers.facts.derive import derive_facts
from segvspers.facts.kinds import WEIGHTS
from segvspers.facts.kinds.kind import name
from segvspers.facts.source import open_in
from segvspers.sufficiency.finding import DataSufficiency
from segvspers.sufficiency.gains import COLUMNS, column_gains

if TYPE_CHECKING:
    import pandas as pd

FRESH_DAYS = 90
FLAGS = ("consent", "suppressed", "purchase_status")
NEEDED = ["contact_id", "kind", "topic", "value", "occurred_on", "bits", "sensitivity", "source", "as_of"]


def describe_contacts(
    contacts: pd.DataFrame,
    facts: Any,
    *,
    campaign: Campaign | None = None,
    as_of: str | pd.Timestamp | None = None,
) -> DataSufficiency:
    """Describe how much is known of each contact, and which column would tell more if it were filled in.

    Parameters
    ----------
    contacts
        As `read_contacts` returns them, or the path of a Parquet file with these columns.
    facts
        As `derive_facts` returns them, or the path of the Parquet file that it wrote; or history, from which the facts
        of `as_of` are derived.
    campaign
        Decides which facts may be used and how many bits an individual email needs. When left out, any fact that is
        not sensitive may be used, and 6 bits are needed.
    as_of
        Day of the facts, when history is given.

    Returns
    -------
    DataSufficiency
        Bits known per contact (as `route_contacts` counts them), facts, their age, the share who can get an
        individual email, the kinds of facts, and what each column with gaps would add.

    Raises
    ------
    DataError
        When a table lacks a column, or facts are of contacts that `contacts` lacks.
    ArgumentError
        When history is given without `as_of`, or facts with it.

    Notes
    -----
    What a column would add is taken from the contacts in whom it is filled: the mean of -log2 of the share of them of
    whom all facts from this column are true, counted together, as two facts from one column tell the same twice. It is
    expected of the others if their values are spread alike; values that are missing for a reason may be spread
    otherwise. A column that the table lacks altogether can't be judged. The plan is held to be missing of customers
    only, where `purchase_status` tells them. Who would then be known well enough follows the rule of `route_contacts`.

    The bits of a contact's facts overlap and are added up all the same, as the routing does: they say how much
    there is to write about, not how far a contact is told apart.

    Examples
    --------
    >>> import segvspers as sv
    >>> contacts = sv.read_contacts("data/sample/contacts.csv")
    >>> history = sv.read_history("data/sample/history.csv")
    >>> found = sv.describe_contacts(contacts, history, as_of="2026-11-01")
    >>> found.n_contacts, 0.5 < found.share_individual < 0.9
    (5000, True)
    """
    import pandas as pd

    known = _facts(contacts, facts, as_of)
    people = _people(contacts, known)
    table = _with_place(people, known)
    asked = campaign or _any_campaign()
    routes = route_contacts(people, table, campaign=asked)
    usable = usable_facts(table, asked)
    counted = table.index.isin(usable.index[~usable["kind"].isin(PERSONAL_LESS)])
    who, n = table["who"].to_numpy(), len(people)
    each = pd.DataFrame(
        {
            "contact_id": people["contact_id"].astype(str).to_numpy(),
            "n_facts": np.bincount(who, minlength=n),
            "n_usable": np.bincount(who[counted], minlength=n),
            "bits": routes["bits"].to_numpy(),
            "age_days": _age(table, n),
            "route": routes["route"].to_numpy(),
        }
    )
    missing = column_gains(people, table, counted=counted, routes=routes, bits_needed=asked.bits_needed)
    return _finding(each, _kinds(table, n), missing, asked)


def _people(contacts: Any, facts: pd.DataFrame) -> pd.DataFrame:
    import pandas as pd

    if isinstance(contacts, (str, Path)):
        named = facts.loc[facts["kind"] == "attribute", "topic"].unique().tolist()
        contacts = _read_parquet(contacts, "contacts", ["contact_id", *FLAGS, *COLUMNS, *named])
    if not isinstance(contacts, pd.DataFrame):
        raise DataError(f"contacts: a {type(contacts).__name__} is no table; give what read_contacts() returns.")
    require_columns(contacts, ["contact_id"], table="contacts")
    if not len(contacts):
        raise DataError("contacts: there are no rows, so there is nothing to describe.")
    if contacts["contact_id"].duplicated().any():
        raise DataError("contacts: some contact_ids stand in more than one row; keep one row a contact.")
    return contacts


def _with_place(people: pd.DataFrame, facts: pd.DataFrame) -> pd.DataFrame:
    """Return the facts with `who`, the place of their contact, and `age_days`, how long ago they were."""
    import pandas as pd

    who = pd.Index(people["contact_id"].astype(str)).get_indexer(facts["contact_id"].astype(str))
    if (who < 0).any():
        raise DataError(
            f"facts: {int((who < 0).sum()):,} rows are of contacts that contacts lacks; derive the facts from these contacts."
        )
    age = (pd.to_datetime(facts["as_of"]) - pd.to_datetime(facts["occurred_on"])).dt.days
    return facts.assign(who=who, age_days=age).reset_index(drop=True)


def _facts(contacts: Any, facts: Any, as_of: str | pd.Timestamp | None) -> pd.DataFrame:
    """Return the facts that were given, or those that follow from the history that was given."""
    import pandas as pd

    columns = _columns(facts, "facts") if isinstance(facts, (str, Path)) else getattr(facts, "columns", None)
    if columns is None:
        raise DataError(
            f"facts: a {type(facts).__name__} is no table; give what derive_facts() or read_history() returns."
        )
    if "event" in columns and "fact_id" not in columns:
        if as_of is None:
            raise ArgumentError("facts holds history; name the day with as_of=, or give what derive_facts() returns.")
        return derive_facts(contacts, facts, as_of=as_of)
    if as_of is not None:
        raise ArgumentError(f"as_of={as_of!r} belongs to history; these facts have their day, so leave it out.")
    require_columns(pd.DataFrame(columns=list(columns)), NEEDED, table="facts")
    return _read_parquet(facts, "facts", NEEDED) if isinstance(facts, (str, Path)) else facts


def _columns(path: str | Path, what: str) -> list[str]:
    import duckdb

    with duckdb.connect() as connection:
        return list(open_in(connection, path, what).kinds)


def _read_parquet(path: str | Path, what: str, columns: Sequence[str]) -> pd.DataFrame:
    """Return those of the columns that the file has; of facts from history, no more than is described."""
    import duckdb

    shorter = {
        "value": "CASE WHEN starts_with(source, 'contacts:') THEN value ELSE '' END AS value",
        "source": "CASE WHEN starts_with(source, 'contacts:') THEN source ELSE 'history:' END AS source",
    }
    with duckdb.connect() as connection:
        opened = open_in(connection, path, what)
        found = [column for column in columns if column in opened.kinds]
        chosen = ", ".join(shorter.get(column, name(column)) if what == "facts" else name(column) for column in found)
        return connection.sql(f"SELECT {chosen or '*'} FROM {opened.sql}").to_arrow_table().to_pandas()


def _any_campaign() -> Campaign:
    """Return a campaign that may use every kind of fact; its words are never printed."""
    sender = {"name": "Anybody", "company": "Anybody", "email": "anybody@anywhere.example"}
    footer = {"postal_address": "Anywhere", "unsubscribe_url": "https://anywhere.example/unsubscribe"}
    return make_campaign(
        {
            "name": "any", "campaign_id": "any", "type": "outreach", "goal": "any", "offer": "a conversation",
            "call_to_action": "Shall we talk?", "send_on": "2000-01-03", "sender": sender, "footer": footer,
            "may_mention": tuple(WEIGHTS),
        }
    )  # fmt: skip


def _age(facts: pd.DataFrame, n_contacts: int) -> np.ndarray:
    """Return days from the newest fact of history to the day; nan for a contact without any."""
    dated = facts.loc[facts["source"].str.startswith("history:"), ["who", "age_days"]].dropna()
    return dated.groupby("who")["age_days"].min().reindex(range(n_contacts)).to_numpy(dtype=float)


def _kinds(facts: pd.DataFrame, n_contacts: int) -> pd.DataFrame:
    """Return one row a kind: how many contacts have it, how rare it is, how old."""
    told = facts.assign(sensitive=facts["sensitivity"] != "normal").groupby("kind")
    kinds = told.agg(
        n_contacts=("who", "nunique"), n_facts=("who", "size"), n_sensitive=("sensitive", "sum"),
        mean_bits=("bits", "mean"), median_age_days=("age_days", "median"),
    ).reset_index()  # fmt: skip
    kinds.insert(2, "share", kinds["n_contacts"] / n_contacts)
    return kinds.sort_values(["n_contacts", "kind"], ascending=[False, True], ignore_index=True)


def _finding(each: pd.DataFrame, kinds: pd.DataFrame, missing: pd.DataFrame, campaign: Campaign) -> DataSufficiency:
    routes, ages = each["route"].value_counts(), each["age_days"].dropna()
    best = missing[missing["bits_added"] > 0]
    return DataSufficiency(
        n_contacts=len(each),
        n_individual=int(routes.get("individual", 0)),
        n_segment=int(routes.get("segment", 0)),
        n_held=int(routes.get("hold", 0)),
        share_individual=float((each["route"] == "individual").mean()),
        bits_needed=float(campaign.bits_needed),
        campaign_type=campaign.type,
        median_bits=float(each["bits"].median()),
        median_facts=float(each["n_usable"].median()),
        median_age_days=float(ages.median()) if len(ages) else float("nan"),
        share_fresh=float((each["age_days"] <= FRESH_DAYS).mean()),
        share_without_history=float(each["age_days"].isna().mean()),
        best_column=str(best["column"].iloc[0]) if len(best) else "",
        contacts=each,
        kinds=kinds,
        missing=missing,
    )
