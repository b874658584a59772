"""What is known of each contact, one fact a row, each with its date, its rarity and the rows it came from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, overload

from segvspers._checks import check_choice
from segvspers._spark import is_spark
from segvspers.errors import ArgumentError, DataError, raise_all
from segvspers.facts.kinds import kinds_for
from segvspers.facts.kinds.kind import literal
from segvspers.facts.load import (
    contact_problems,
    count_contacts,
    count_events,
    event_problems,
    load_contacts,
    load_events,
)
from segvspers.facts.sensitive import Sensitive
from segvspers.facts.sql import facts_sql, raw_facts
from segvspers.tables.convert import without_address

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

FACTS = (
    "contact_id", "fact_id", "kind", "topic", "value", "fields", "occurred_on", "bits", "salience", "sensitivity",
    "source", "as_of",
)  # fmt: skip
# Columns that tell who somebody is: a fact about one of them would be true of nobody else.
IDENTITY = {"contact_id", "email", "first_name", "last_name", "company", "company_id", "phone", "address"}


@overload
def derive_facts(
    contacts: Any, history: Any, *, as_of: str | pd.Timestamp, attributes: Sequence[str] = ...,
    sensitive: Sensitive | None = ..., unknown_contacts: str = ..., to: None = ..., memory_limit: str | None = ...,
) -> pd.DataFrame: ...  # fmt: skip
@overload
def derive_facts(
    contacts: Any, history: Any, *, as_of: str | pd.Timestamp, attributes: Sequence[str] = ...,
    sensitive: Sensitive | None = ..., unknown_contacts: str = ..., to: str | Path, memory_limit: str | None = ...,
) -> Path: ...  # fmt: skip
def derive_facts(
    contacts: Any,
    history: Any,
    *,
    as_of: str | pd.Timestamp,
    attributes: Sequence[str] = (),
    sensitive: Sensitive | None = None,
    unknown_contacts: str = "error",
    to: str | Path | None = None,
    memory_limit: str | None = None,
) -> pd.DataFrame | Path:
    """Derive what is known of each contact on a day.

    Parameters
    ----------
    contacts, history
        As `read_contacts` and `read_history` return them: a pandas, polars or Arrow table, a DuckDB relation, or
        Parquet files (a path, a glob, a folder or a list) with these columns; or two PySpark frames, whose facts are
        derived where they lie.
    as_of
        The day; rows of history after its end are not used, and contacts who signed up later are not on the list.
    attributes
        Further columns of contacts to derive facts of, such as ``["shop_system"]``.
    sensitive
        Topics, words and columns whose facts are marked sensitive; no writer uses such a fact unless the campaign
        allows it. The defaults of `Sensitive` when left out.
    unknown_contacts
        What to do with history of contacts that `contacts` lacks: ``error`` or ``drop``.
    to
        Parquet file to write the facts to; they are then never held in memory, and space of about twice the history
        is needed beside it for the work. On PySpark a folder of Parquet files.
    memory_limit
        Memory that the engine may use, such as ``"2GB"``; what does not fit goes to disk. Most of the machine's when
        left out.

    Returns
    -------
    pandas.DataFrame or pathlib.Path
        One row a fact: `contact_id, fact_id, kind, topic, value, fields` (JSON of the typed values),
        `occurred_on` (day), `bits, salience` (0 to 1), `sensitivity` (normal or sensitive), `source` (the first 20 rows
        of the table it came from, counted from 0) and `as_of`, the day on which it is true. A fact is true of another
        contact when that contact has a row with the same `kind`, `topic` and `value`; `bits` is -log2 of the share
        of contacts of whom it is true. With `to`, the path that was written; of PySpark frames a PySpark frame, in no
        order.

    Raises
    ------
    DataError
        When history refers to contacts that `contacts` lacks, a table lacks a column or has values that can't be read;
        all problems of a table at once.
    MissingFileError
        When there is no such file.
    ArgumentError
        When `as_of` is no day, an attribute identifies a person, `to` is a folder, or the memory is too little.

    Notes
    -----
    Salience is the product of a weight of the kind, a decay of 180 days and the rarity of the fact. Opens and clicks
    of machines are no engagement, and automatic replies no conversation. A contact's facts overlap (a purchase
    and the plan bought), so the sum of their bits says how much there is to write about, and no more than
    log2(number of contacts) of it tells the contact apart. What contacts wrote is quoted as data; it can hold
    anything. `docs/facts.md` lists all kinds with their fields.

    The table of contacts is taken as it stands: give the one of the day, since a plan noted later can't be told from
    one noted before.

    Examples
    --------
    >>> import segvspers as sv
    >>> contacts = sv.read_contacts("data/sample/contacts.csv")
    >>> history = sv.read_history("data/sample/history.csv")
    >>> facts = sv.derive_facts(contacts, history, as_of="2026-11-01")
    >>> facts.query("contact_id == 'C00042' and kind == 'question'")[["topic", "value"]].values.tolist()
    [['SMS', 'asked 2026-10']]
    """
    check_choice("unknown_contacts", unknown_contacts, {"error", "drop"})
    day, marked = _day(as_of), Sensitive() if sensitive is None else sensitive
    _check_attributes(attributes)
    if is_spark(contacts) or is_spark(history):
        from segvspers.facts.on_spark import derive_on_spark

        return derive_on_spark(
            contacts, history, day, attributes, marked,
            unknown_contacts=unknown_contacts, to=to, memory_limit=memory_limit,
        )  # fmt: skip
    with lent_engine(to, memory_limit) as connection:
        columns = load_contacts(connection, contacts, day, attributes)
        raise_all("contacts", contact_problems(count_contacts(connection)))
        load_events(connection, history, day, marked)
        raise_all("history", event_problems(count_events(connection), unknown_contacts))
        kinds = kinds_for(columns, attributes=attributes, pattern=marked.pattern)
        for statement in raw_facts(kinds, day, sensitive_columns=marked.small_columns):
            connection.execute(statement)
        return _frame(connection) if to is None else _file(connection, Path(to))


def _day(as_of: str | pd.Timestamp) -> str:
    import pandas as pd

    day = pd.to_datetime(as_of, errors="coerce")
    if pd.isna(day):
        raise ArgumentError(f"as_of={as_of!r} is no day; write it like 2026-11-01.")
    return str((day.tz_convert("UTC").tz_localize(None) if day.tzinfo else day).date())


def _check_attributes(attributes: Sequence[str]) -> None:
    if isinstance(attributes, str):
        raise ArgumentError(f"attributes={attributes!r} must be a list of columns, such as [{attributes!r}].")
    named = [column for column in attributes if column.lower() in IDENTITY]
    if named:
        raise ArgumentError(
            f"attributes={list(attributes)} has {named}, which tell who a person is and not what is true of one; "
            "leave them out."
        )


@contextmanager
def lent_engine(to: str | Path | None, memory_limit: str | None) -> Iterator[duckdb.DuckDBPyConnection]:
    """Lend a connection in memory, or with a database on disk beside the file that is to be written."""
    import duckdb

    with TemporaryDirectory(prefix=".facts-", dir=_folder(to), ignore_cleanup_errors=True) as folder:
        connection = duckdb.connect(":memory:" if to is None else str(Path(folder) / "facts.duckdb"))
        try:
            connection.execute(f"SET temp_directory = {literal(folder)}")
            connection.execute("SET preserve_insertion_order = true")
            if memory_limit is not None:
                _limit(connection, memory_limit)
            yield connection
        except duckdb.OutOfMemoryException:
            allowed = "the memory of the machine" if memory_limit is None else f"memory_limit={memory_limit!r}"
            raise ArgumentError(f"{allowed} is too little for these tables; allow more.") from None
        except duckdb.IOException as problem:
            told = without_address(str(problem).splitlines()[0])
            raise DataError(f"facts: a file can't be read or written ({told}); is there room on the disk?") from None
        finally:
            connection.close()


def _folder(to: str | Path | None) -> Path | None:
    if to is None:
        return None
    if Path(to).is_dir():
        raise ArgumentError("to= names a folder; name a file in it, such as facts.parquet.")
    parent = Path(to).resolve().parent
    parent.mkdir(parents=True, exist_ok=True)
    return parent


def _limit(connection: duckdb.DuckDBPyConnection, memory_limit: str) -> None:
    import duckdb

    try:
        connection.execute(f"SET memory_limit = {literal(memory_limit)}")
    except duckdb.Error:
        raise ArgumentError(f"memory_limit={memory_limit!r} is no amount of memory; write it like '2GB'.") from None


def _frame(connection: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    import pandas as pd

    facts = connection.execute(facts_sql()).df()
    for column in ("occurred_on", "as_of"):
        facts[column] = pd.to_datetime(facts[column])
    return facts[list(FACTS)]


def _file(connection: duckdb.DuckDBPyConnection, path: Path) -> Path:
    """Write the facts beside the file, then put it in its place: there is a whole file or none."""
    place = connection.execute("SELECT current_setting('temp_directory')").fetchall()[0][0]
    part = Path(place) / "facts.parquet"
    connection.execute(f"COPY ({facts_sql()}) TO {literal(str(part))} (FORMAT parquet, COMPRESSION zstd)")
    part.replace(path)
    return path
