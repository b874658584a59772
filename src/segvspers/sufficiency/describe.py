"""Describe what is known of a list: bits, facts, freshness, who can get an email of their own, what is missing."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from segvspers._checks import require_columns
from segvspers.emails.campaign import Campaign, make_campaign
from segvspers.emails.routing import PERSONAL_LESS, route_contacts, usable_facts
from segvspers.errors import ArgumentError, DataError
from segvspers.facts.derive import derive_facts
from segvspers.facts.kinds import WEIGHTS
from segvspers.sufficiency.finding import DataSufficiency
from segvspers.sufficiency.gains import COLUMNS, column_gains

if TYPE_CHECKING:
    import pandas as pd

FRESH_DAYS = 90
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

    people = _people(contacts)
    table = _facts(contacts, facts, as_of)
    strange = ~table["contact_id"].isin(people["contact_id"])
    if strange.any():
        raise DataError(
            f"facts: {int(strange.sum()):,} rows are of contacts that contacts lacks; derive the facts from these contacts."
        )
    asked = campaign or _any_campaign()
    routes = route_contacts(people, table, campaign=asked)
    usable = usable_facts(table, asked)
    usable = usable[~usable["kind"].isin(PERSONAL_LESS)]
    each = pd.DataFrame(
        {
            "contact_id": people["contact_id"].astype(str).to_numpy(),
            "n_facts": _per_contact(people, table.groupby("contact_id").size()),
            "n_usable": _per_contact(people, usable.groupby("contact_id").size()),
            "bits": routes["bits"].to_numpy(),
            "age_days": _age(people, table),
            "route": routes["route"].to_numpy(),
        }
    )
    missing = column_gains(people, table, usable=usable, routes=routes, bits_needed=asked.bits_needed)
    return _finding(each, _kinds(table, len(people)), missing, asked)


def _people(contacts: Any) -> pd.DataFrame:
    import pandas as pd

    if isinstance(contacts, (str, Path)):
        contacts = _read_parquet(
            contacts, "contacts", ("contact_id", "consent", "suppressed", "purchase_status", *COLUMNS)
        )
    if not isinstance(contacts, pd.DataFrame):
        raise DataError(f"contacts: a {type(contacts).__name__} is no table; give what read_contacts() returns.")
    require_columns(contacts, ["contact_id"], table="contacts")
    if not len(contacts):
        raise DataError("contacts: there are no rows, so there is nothing to describe.")
    return contacts


def _facts(contacts: Any, facts: Any, as_of: str | pd.Timestamp | None) -> pd.DataFrame:
    """Return the facts that were given, or those that follow from the history that was given."""
    import pandas as pd

    if isinstance(facts, (str, Path)):
        facts = _read_parquet(facts, "facts", (*NEEDED, "fact_id", "event", "timestamp"))
    if not isinstance(facts, pd.DataFrame):
        raise DataError(
            f"facts: a {type(facts).__name__} is no table; give what derive_facts() or read_history() returns."
        )
    if "event" in facts.columns and "fact_id" not in facts.columns:
        if as_of is None:
            raise ArgumentError("facts holds history; name the day with as_of=, or give what derive_facts() returns.")
        return derive_facts(contacts, facts, as_of=as_of)
    if as_of is not None:
        raise ArgumentError(f"as_of={as_of!r} belongs to history; these facts have their day, so leave it out.")
    require_columns(facts, NEEDED, table="facts")
    return facts


def _read_parquet(path: str | Path, what: str, columns: tuple[str, ...]) -> pd.DataFrame:
    """Return those of the columns that the file has; facts of large lists are long, so only what is needed."""
    import duckdb

    from segvspers.facts.kinds.kind import name
    from segvspers.facts.source import open_in

    with duckdb.connect() as connection:
        opened = open_in(connection, path, what)
        chosen = ", ".join(name(column) for column in columns if column in opened.kinds) or "*"
        return connection.execute(f"SELECT {chosen} FROM {opened.sql}").df()


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


def _per_contact(people: pd.DataFrame, sizes: pd.Series) -> np.ndarray:
    return people["contact_id"].map(sizes).fillna(0).to_numpy(dtype=np.int64)


def _age(people: pd.DataFrame, facts: pd.DataFrame) -> np.ndarray:
    """Return days from the newest fact of history to the day; nan for a contact without any."""
    import pandas as pd

    dated = facts[facts["source"].str.startswith("history:") & facts["occurred_on"].notna()]
    days = (pd.to_datetime(dated["as_of"]) - pd.to_datetime(dated["occurred_on"])).dt.days
    return people["contact_id"].map(days.groupby(dated["contact_id"]).min()).to_numpy(dtype=float)


def _kinds(facts: pd.DataFrame, n_contacts: int) -> pd.DataFrame:
    """Return one row a kind: how many contacts have it, how rare it is, how old."""
    import pandas as pd

    age = (pd.to_datetime(facts["as_of"]) - pd.to_datetime(facts["occurred_on"])).dt.days
    told = facts.assign(age_days=age, sensitive=facts["sensitivity"] != "normal").groupby("kind")
    kinds = told.agg(
        n_contacts=("contact_id", "nunique"), n_facts=("kind", "size"), n_sensitive=("sensitive", "sum"),
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
