"""Bring contacts and history into the engine: numbered contacts of the day, and the events up to the day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from glob import glob
from pathlib import Path
from typing import TYPE_CHECKING, Any

from segvspers._checks import few, require_columns
from segvspers.errors import DataError, MissingFileError, raise_all
from segvspers.facts.kinds.kind import literal, name
from segvspers.facts.kinds.profile import FIRMOGRAPHIC, LONGEST_LEVEL
from segvspers.facts.sensitive import Sensitive
from segvspers.history import EVENTS
from segvspers.tables.convert import without_address

if TYPE_CHECKING:
    import duckdb

OPTIONAL = {
    "topic": "VARCHAR", "product": "VARCHAR", "text": "VARCHAR", "message_id": "VARCHAR", "campaign_id": "VARCHAR",
    "step": "VARCHAR", "reply_class": "VARCHAR", "status": "VARCHAR", "amount_usd": "DOUBLE", "machine_open": "BOOLEAN",
}  # fmt: skip
KNOWN = ("plan", *FIRMOGRAPHIC)
LONGEST_TEXT = 2000


@dataclass(frozen=True, slots=True)
class Opened:
    """A table that the engine can scan: its SQL, its columns with their kinds, and the number of a row."""

    sql: str
    kinds: dict[str, str]
    number: str = "row_number() OVER () - 1"


def open_in(connection: duckdb.DuckDBPyConnection, table: Any, what: str) -> Opened:
    """Return a frame, an Arrow or polars table, a DuckDB relation or Parquet files as a table of the connection."""
    if isinstance(table, (str, Path)) or _paths(table):
        return _parquet(connection, [table] if isinstance(table, (str, Path)) else table, what)
    connection.register(f"{what}_given", _registrable(table, what))
    kinds = {str(row[0]): str(row[1]) for row in connection.execute(f"DESCRIBE {what}_given").fetchall()}
    return Opened(f"{what}_given", kinds)


def _paths(table: Any) -> bool:
    return isinstance(table, (list, tuple)) and bool(table) and all(isinstance(one, (str, Path)) for one in table)


def _parquet(connection: duckdb.DuckDBPyConnection, given: Sequence[str | Path], what: str) -> Opened:
    import duckdb

    files: list[str] = []
    for one in given:
        pattern = str(Path(one) / "*.parquet") if Path(one).is_dir() else str(one)
        found = sorted(glob(pattern))  # noqa: PTH207  the pattern may be absolute
        if not found:
            raise MissingFileError(f"{what}: no file at {one}; check the spelling and the folder.")
        files += found
    others = [Path(file).name for file in files if not file.endswith((".parquet", ".pq"))]
    if others:
        raise DataError(
            f"{what}: {few(others)} is no Parquet file; read it with read_{what}() and give the table that it returns."
        )
    listed = "[" + ", ".join(map(literal, files)) + "]"
    try:
        described = connection.execute(f"DESCRIBE SELECT * FROM read_parquet({listed}, union_by_name=true)").fetchall()
        sizes = dict(connection.execute(f"SELECT file_name, num_rows FROM parquet_file_metadata({listed})").fetchall())
    except duckdb.Error as problem:
        raise DataError(f"{what}: {_short(problem)}; save the files as Parquet again.") from None
    before, starts = 0, []
    for file in files:
        starts.append(before)
        before += sizes[file]
    number = f"file_row_number + list_extract({starts}, CAST(file_index AS BIGINT) + 1)"
    return Opened(f"read_parquet({listed}, union_by_name=true)", {str(r[0]): str(r[1]) for r in described}, number)


def _registrable(table: Any, what: str) -> Any:
    """Return what an engine can scan without a copy, where there is one."""
    import pandas as pd

    if isinstance(table, pd.DataFrame):
        return _plain(table)
    if hasattr(table, "to_arrow_reader"):  # a DuckDB relation, streamed from the connection that it belongs to
        return table.to_arrow_reader()
    for method in ("collect", "to_arrow"):  # polars, lazy or not
        if hasattr(table, method):
            table = getattr(table, method)()
    if type(table).__module__.startswith("pyarrow"):
        return table
    raise DataError(
        f"{what}: a {type(table).__name__} is no table; give a pandas, polars or Arrow table, a DuckDB relation, or the "
        "path of a Parquet file."
    )


def _plain(table: Any) -> Any:
    """Return a pandas frame whose categories are text, and whose columns have text as names."""
    import pandas as pd

    plain = table.copy(deep=False)
    plain.columns = [str(column) for column in plain.columns]
    for column in plain.columns[plain.columns.duplicated()]:
        raise DataError(f"several columns are called {column!r}; rename or drop all but one of them.")
    for column in plain.columns:
        if isinstance(plain[column].dtype, pd.CategoricalDtype):
            plain[column] = plain[column].astype(object).where(plain[column].notna(), None)
    return plain


def load_contacts(connection: duckdb.DuckDBPyConnection, table: Any, day: str, attributes: Sequence[str]) -> set[str]:
    """Make views `c` and `further`: the contacts of that day, each with a number of its own; return their columns.

    Whoever signed up after the day was not on the list, and counts neither for facts nor for bits. `c` holds the
    columns that kinds of facts know, `further` those that the analyst named.
    """
    opened = open_in(connection, table, "contacts")
    _require(opened, ["contact_id", *attributes], "contacts")
    known = [column for column in KNOWN if column in opened.kinds]
    texts = [f"nullif(trim(CAST({name(column)} AS VARCHAR)), '') AS {name(column)}" for column in known]
    texts += [
        f"left(nullif(trim(CAST({name(column)} AS VARCHAR)), ''), {LONGEST_LEVEL}) AS {_further(place)}"
        for place, column in enumerate(attributes)
    ]
    signed, unread, on_list = "CAST(NULL AS TIMESTAMP)", "false", "true"
    if "signup_date" in opened.kinds:
        signed = _moment("signup_date", opened.kinds["signup_date"])
        unread = f"signup_date IS NOT NULL AND {signed} IS NULL"
        on_list = f"coalesce({signed} < CAST({literal(day)} AS DATE) + 1, true)"
    shown = ", ".join(["CAST(contact_id AS VARCHAR) AS contact_id", f"{signed} AS signup_date", *texts])
    _make(
        connection,
        f"CREATE TABLE listed AS SELECT row_number() OVER () - 1 AS who, {shown}, {unread} AS unread, {on_list} AS on_list "
        f"FROM {opened.sql}",
        "contacts",
    )
    _check_contacts(connection)
    columns = ", ".join(["who", "contact_id", "signup_date", *map(name, known)])
    connection.execute(f"CREATE VIEW c AS SELECT {columns} FROM listed WHERE on_list")
    renamed = "".join(f", {_further(place)} AS {name(column)}" for place, column in enumerate(attributes))
    connection.execute(f"CREATE VIEW further AS SELECT who{renamed} FROM listed WHERE on_list")
    return {*known, *({"signup_date"} & set(opened.kinds)), "contact_id"}


def _further(place: int) -> str:
    return f"further_{place}"


def _check_contacts(connection: duckdb.DuckDBPyConnection) -> None:
    n, n_known, n_distinct, n_unread = connection.execute(
        "SELECT count(*), count(contact_id), count(DISTINCT contact_id), count(*) FILTER (WHERE unread) FROM listed"
    ).fetchall()[0]
    problems = []
    if n_known < n:
        problems.append(f"{n - n_known:,} rows have no contact_id; fill or remove them")
    if n_distinct < n_known:
        problems.append(
            f"{n_known - n_distinct:,} rows repeat a contact_id that stands in another row; keep one row a contact"
        )
    if n_unread:
        problems.append(f"{n_unread:,} values of signup_date are no day; write it like 2026-05-01")
    raise_all("contacts", problems)


def load_events(
    connection: duckdb.DuckDBPyConnection, table: Any, day: str, sensitive: Sensitive, *, unknown_contacts: str
) -> None:
    """Make view `e`: the events up to the end of the day of the contacts of `c`."""
    opened = open_in(connection, table, "history")
    _require(opened, ["contact_id", "timestamp", "event"], "history")
    _make(connection, "CREATE TABLE staged AS " + _events_sql(opened, day, sensitive), "history")
    _check_events(connection, unknown_contacts)
    connection.execute("CREATE VIEW e AS SELECT * EXCLUDE (unknown, unread) FROM staged WHERE who IS NOT NULL")


def _events_sql(opened: Opened, day: str, sensitive: Sensitive) -> str:
    """Return the query that reads every row once: times in UTC, empty text as nothing, sensitive words looked for."""
    given = {
        column: f"TRY_CAST({name(column)} AS {kind})" if column in opened.kinds else f"CAST(NULL AS {kind})"
        for column, kind in OPTIONAL.items()
    }
    texts = ", ".join(
        f"nullif(trim({given[column]}), '') AS {'said' if column == 'text' else column}"
        for column, kind in OPTIONAL.items()
        if kind == "VARCHAR"
    )
    unread = [
        f"({name(column)} IS NOT NULL AND {given[column]} IS NULL)"
        for column in ("amount_usd", "machine_open")
        if opened.kinds.get(column) == "VARCHAR"
    ]
    filled = [f"{name(column)} IS NOT NULL" for column in sensitive.columns if column in opened.kinds]
    topics = "[" + ", ".join(literal(topic.lower()) for topic in sensitive.topics) + "]::VARCHAR[]"
    return f"""
SELECT who, number, happened, CAST(happened AS DATE) AS day, event, topic, product, amount_usd,
  CASE WHEN event IN ('conversation', 'reply', 'support_ticket') THEN left({_clean("said")}, {LONGEST_TEXT}) END AS text,
  message_id AS thread, reply_class, lower(status) AS status, NOT machine AS human,
  CASE WHEN event IN ('sent', 'delivered', 'open', 'click') AND coalesce(message_id, campaign_id) IS NOT NULL
    THEN hash(coalesce(message_id, campaign_id || '/' || coalesce(step, ''))) END AS mail,
  filled OR coalesce(list_contains({topics}, lower(topic)), false)
    OR regexp_matches(concat_ws(' ', topic, product, said), {literal(sensitive.pattern)}) AS delicate,
  CASE WHEN who IS NULL THEN coalesce(h.contact_id, '') END AS unknown, unread
FROM (
  SELECT CAST(contact_id AS VARCHAR) AS contact_id, {opened.number} AS number,
    {_moment("timestamp", opened.kinds["timestamp"])} AS happened, CAST(event AS VARCHAR) AS event, {texts},
    CASE WHEN isfinite({given["amount_usd"]}) THEN {given["amount_usd"]} END AS amount_usd,
    coalesce({given["machine_open"]}, false) AS machine, {" OR ".join(filled) or "false"} AS filled,
    {" OR ".join(unread) or "false"} AS unread
  FROM {opened.sql}
) h LEFT JOIN (SELECT who, contact_id, on_list FROM listed) l ON l.contact_id = h.contact_id
WHERE (happened < CAST({literal(day)} AS TIMESTAMP) + INTERVAL 1 DAY OR happened IS NULL) AND coalesce(on_list, true)"""


def _clean(text: str) -> str:
    """Return text without marks that hide or break lines: a quote stands in one line and shows all it holds."""
    return f"trim(regexp_replace(regexp_replace({text}, '\\pCf', '', 'g'), '[\\pC\\s]+', ' ', 'g'))"


def _check_events(connection: duckdb.DuckDBPyConnection, unknown_contacts: str) -> None:
    untimed, n_nameless, n_unread = connection.execute(
        "SELECT count(*) FILTER (WHERE happened IS NULL), count(*) FILTER (WHERE event IS NULL), "
        "count(*) FILTER (WHERE unread) FROM staged"
    ).fetchall()[0]
    problems = []
    if untimed:
        problems.append(f"{untimed:,} rows have no timestamp that can be read; write it like 2026-05-01T12:00:00Z")
    if n_nameless:
        problems.append(f"{n_nameless:,} rows have no event; fill or remove them")
    if n_unread:
        problems.append(
            f"{n_unread:,} rows have text in amount_usd or machine_open; make them numbers and truth values"
        )
    strange = connection.execute(
        f"SELECT event, count(*) FROM staged WHERE event NOT IN {EVENTS} GROUP BY event ORDER BY event"
    ).fetchall()
    if strange:
        told = [f"{without_address(event)!r} ({n:,} rows)" for event, n in strange]
        problems.append(f"events {few(told)} are not known; name what they are with events={{...}} in read_history()")
    n_rows, n_contacts, first = connection.execute(
        "SELECT count(*), count(DISTINCT unknown), min(number, 5) FROM staged WHERE who IS NULL"
    ).fetchall()[0]
    if n_rows and unknown_contacts == "error":
        shown = ", ".join(map(str, first)) + (f" and {n_rows - len(first):,} more" if n_rows > len(first) else "")
        problems.append(
            f"{n_rows:,} rows refer to {n_contacts:,} contacts that contacts lacks (row {shown}); add them to contacts, "
            "or leave these rows out with unknown_contacts='drop'"
        )
    raise_all("history", problems)


def _moment(column: str, kind: str) -> str:
    """Return a time as a plain timestamp in UTC, whatever it is stored as; text that is no time becomes nothing."""
    if "WITH TIME ZONE" in kind:
        return f"make_timestamp(epoch_us({name(column)}))"
    if kind.startswith(("TIMESTAMP", "DATE")):
        return f"CAST({name(column)} AS TIMESTAMP)"
    return f"make_timestamp(epoch_us(TRY_CAST({name(column)} AS TIMESTAMP WITH TIME ZONE)))"


def _require(opened: Opened, columns: list[str], what: str) -> None:
    import pandas as pd

    require_columns(pd.DataFrame(columns=list(opened.kinds)), columns, table=what)


def _make(connection: duckdb.DuckDBPyConnection, sql: str, what: str) -> None:
    import duckdb

    try:
        connection.execute(sql)
    except duckdb.OutOfMemoryException:
        raise
    except duckdb.Error as problem:
        raise DataError(f"{what}: the engine can't read the table: {_short(problem)}") from None


def _short(problem: Exception) -> str:
    return str(problem).splitlines()[0].removeprefix("Invalid Input Error: ").removeprefix("IO Error: ")
