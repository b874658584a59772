"""What is known of each contact, one fact a row, each with its date, its rarity and the rows it came from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from segvspers._checks import check_choice, few, require_columns
from segvspers.errors import ArgumentError, DataError
from segvspers.facts.sql import KINDS, WEIGHTS, combined_sql

if TYPE_CHECKING:
    import pandas as pd

FACTS = (
    "contact_id", "fact_id", "kind", "topic", "value", "fields", "occurred_on", "bits", "salience", "sensitivity",
    "source",
)  # fmt: skip
SENSITIVE_TOPICS = ("health", "illness", "finances", "debt", "religion", "politics", "union")


def derive_facts(
    contacts: pd.DataFrame,
    history: pd.DataFrame,
    *,
    as_of: str | pd.Timestamp,
    sensitive_topics: Sequence[str] = SENSITIVE_TOPICS,
    unknown_contacts: str = "error",
) -> pd.DataFrame:
    """Derive what is known of each contact on a day.

    Parameters
    ----------
    contacts, history
        As `read_contacts` and `read_history` return them.
    as_of
        The day; rows of history after its end are not used.
    sensitive_topics
        Topics whose facts are marked sensitive; no writer uses such a fact unless it is allowed to.
    unknown_contacts
        What to do with history of contacts that `contacts` lacks: ``error`` or ``drop``.

    Returns
    -------
    pandas.DataFrame
        One row a fact: `contact_id, fact_id, kind, topic, value, fields` (JSON of the typed values),
        `occurred_on` (day), `bits, salience` (0 to 1), `sensitivity` (normal or sensitive), `source` (rows of the
        table it came from). A fact is true of another contact when that contact has a row with the same
        `kind`, `topic` and `value`; `bits` is -log2 of the share of contacts of whom it is true.

    Raises
    ------
    DataError
        When history refers to contacts that `contacts` lacks, or a table lacks a column.
    ArgumentError
        When `as_of` is no day.

    Notes
    -----
    Salience is the product of a weight of the kind, a decay of 180 days and the rarity of the fact.

    Examples
    --------
    >>> import segvspers as sv
    >>> contacts = sv.read_contacts("data/sample/contacts.csv")
    >>> history = sv.read_history("data/sample/history.csv")
    >>> facts = sv.derive_facts(contacts, history, as_of="2026-11-01")
    >>> facts.query("contact_id == 'C00042' and kind == 'question'")[["topic", "value"]].values.tolist()
    [['SMS', 'asked 2026-10']]
    """
    import pandas as pd

    check_choice("unknown_contacts", unknown_contacts, {"error", "drop"})
    require_columns(contacts, ["contact_id"], table="contacts")
    require_columns(history, ["contact_id", "timestamp", "event"], table="history")
    day = pd.to_datetime(as_of, errors="coerce")
    if pd.isna(day):
        raise ArgumentError(f"as_of={as_of!r} is no day; write it like 2026-11-01.")
    day = (day.tz_convert("UTC").tz_localize(None) if day.tzinfo else day).normalize()
    known = history["contact_id"].isin(contacts["contact_id"])
    if not known.all() and unknown_contacts == "error":
        rows = ((~known).to_numpy().nonzero()[0]).tolist()
        raise DataError(
            f"history: {len(rows):,} rows refer to {history.loc[~known, 'contact_id'].nunique():,} contacts that "
            f"contacts lacks (row {few(rows)}); add them to contacts, or leave these rows out with "
            "unknown_contacts='drop'."
        )
    return _query(contacts, history, day, [topic.lower() for topic in sensitive_topics])


def _query(contacts: pd.DataFrame, history: pd.DataFrame, day: pd.Timestamp, sensitive: list[str]) -> pd.DataFrame:
    import duckdb
    import pandas as pd

    connection = duckdb.connect()
    connection.execute("SET threads = 2")
    connection.register("contact_table", _plain(contacts))
    events = _plain(history)
    events["timestamp"] = pd.to_datetime(events["timestamp"], utc=True).dt.tz_localize(None)
    connection.register("history_table", events.assign(row=range(len(events))))
    connection.register("weight", pd.DataFrame({"kind": list(WEIGHTS), "weight": list(WEIGHTS.values())}))
    available = set(contacts.columns)
    sql = combined_sql([name for name, needs in KINDS.items() if needs <= available], available, set(events.columns))
    facts = connection.execute(sql, {"day": day.to_pydatetime(), "sensitive": sensitive}).df()
    connection.close()
    facts["occurred_on"] = pd.to_datetime(facts["occurred_on"])
    return facts[list(FACTS)]


def _plain(table: pd.DataFrame) -> pd.DataFrame:
    """Return the table in kinds that every engine knows: categories as text, flags as truth values."""
    import pandas as pd

    plain = table.copy()
    for name in plain.columns:
        if isinstance(plain[name].dtype, pd.CategoricalDtype):
            plain[name] = plain[name].astype(object).where(plain[name].notna(), None)
    return plain
