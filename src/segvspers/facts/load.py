"""Bring contacts and history into the engine: numbered contacts of the day, and the events up to the day.

What is wrong with a table is counted first and told then, since the counts of parts of a list add up.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from segvspers._checks import few
from segvspers.facts.kinds.kind import literal, name
from segvspers.facts.kinds.profile import FIRMOGRAPHIC, LONGEST_LEVEL
from segvspers.facts.sensitive import Sensitive
from segvspers.facts.source import Opened, make, open_in, require
from segvspers.history import EVENTS
from segvspers.tables.convert import without_address

if TYPE_CHECKING:
    import duckdb

OPTIONAL = {
    "topic": "VARCHAR", "product": "VARCHAR", "text": "VARCHAR", "message_id": "VARCHAR", "campaign_id": "VARCHAR",
    "step": "VARCHAR", "reply_class": "VARCHAR", "status": "VARCHAR", "amount_usd": "DOUBLE", "machine_open": "BOOLEAN",
    "machine_click": "BOOLEAN",
}  # fmt: skip
KNOWN = ("plan", *FIRMOGRAPHIC)
LONGEST_TEXT, LONGEST_TOPIC = 2000, 120
N_TOLD = 5


def load_contacts(connection: duckdb.DuckDBPyConnection, table: Any, day: str, attributes: Sequence[str]) -> set[str]:
    """Make views `c` and `further`: the contacts of that day, each with a number of its own; return their columns.

    Whoever signed up after the day was not on the list, and counts neither for facts nor for bits. `c` holds the
    columns that kinds of facts know, `further` those that the analyst named.
    """
    opened = open_in(connection, table, "contacts")
    require(opened, ["contact_id", *attributes], "contacts")
    known = [column for column in KNOWN if column in opened.kinds]
    texts = [f"{_clean(f'CAST({name(column)} AS VARCHAR)', LONGEST_LEVEL)} AS {name(column)}" for column in known]
    texts += [
        f"{_clean(f'CAST({name(column)} AS VARCHAR)', LONGEST_LEVEL)} AS {_further(place)}"
        for place, column in enumerate(attributes)
    ]
    signed, unread, on_list = "CAST(NULL AS TIMESTAMP)", "false", "true"
    if "signup_date" in opened.kinds:
        signed = _moment("signup_date", opened.kinds["signup_date"])
        unread = f"signup_date IS NOT NULL AND {signed} IS NULL"
        on_list = f"coalesce({signed} < CAST({literal(day)} AS DATE) + 1, true)"
    shown = ", ".join(["CAST(contact_id AS VARCHAR) AS contact_id", f"{signed} AS signup_date", *texts])
    make(
        connection,
        f"CREATE TABLE listed AS SELECT row_number() OVER () - 1 AS who, {shown}, {unread} AS unread, {on_list} AS on_list "
        f"FROM {opened.sql}",
        "contacts",
    )
    columns = ", ".join(["who", "contact_id", "signup_date", *map(name, known)])
    connection.execute(f"CREATE VIEW c AS SELECT {columns} FROM listed WHERE on_list")
    renamed = "".join(f", {_further(place)} AS {name(column)}" for place, column in enumerate(attributes))
    connection.execute(f"CREATE VIEW further AS SELECT who{renamed} FROM listed WHERE on_list")
    return {*known, *({"signup_date"} & set(opened.kinds)), "contact_id"}


def _further(place: int) -> str:
    return f"further_{place}"


@dataclass(frozen=True, slots=True)
class Wrong:
    """What can't be used, by number of rows; those of two parts of the tables add up.

    Attributes
    ----------
    n
        Rows by what is wrong with them.
    events
        Rows by event that is not known.
    first
        Numbers of the first rows of history whose contact is not known.
    """

    n: Counter[str] = field(default_factory=Counter)
    events: Counter[str] = field(default_factory=Counter)
    first: tuple[int, ...] = ()

    def __add__(self, other: Wrong) -> Wrong:
        """Return what is wrong with both parts."""
        return Wrong(self.n + other.n, self.events + other.events, tuple(sorted(self.first + other.first)[:N_TOLD]))


def count_contacts(connection: duckdb.DuckDBPyConnection) -> Wrong:
    """Count the contacts that can't be used."""
    n, n_known, n_distinct, n_unread = connection.execute(
        "SELECT count(*), count(contact_id), count(DISTINCT contact_id), count(*) FILTER (WHERE unread) FROM listed"
    ).fetchall()[0]
    return Wrong(Counter(nameless=n - n_known, repeated=n_known - n_distinct, unread=n_unread))


def contact_problems(wrong: Wrong) -> list[str]:
    """Say what is wrong with contacts."""
    n, problems = wrong.n, []
    if n["nameless"]:
        problems.append(f"{n['nameless']:,} rows have no contact_id; fill or remove them")
    if n["repeated"]:
        problems.append(
            f"{n['repeated']:,} rows repeat a contact_id that stands in another row; keep one row a contact"
        )
    if n["unread"]:
        problems.append(f"{n['unread']:,} values of signup_date are no day; write it like 2026-05-01")
    return problems


def load_events(connection: duckdb.DuckDBPyConnection, table: Any, day: str, sensitive: Sensitive) -> None:
    """Make view `e`: the events up to the end of the day of the contacts of `c`."""
    opened = open_in(connection, table, "history")
    require(opened, ["contact_id", "timestamp", "event"], "history")
    make(connection, "CREATE TABLE staged AS " + _events_sql(opened, day, sensitive), "history")
    connection.execute("CREATE VIEW e AS SELECT * EXCLUDE (unknown, unread) FROM staged WHERE who IS NOT NULL")


def _events_sql(opened: Opened, day: str, sensitive: Sensitive) -> str:
    """Return the query that reads every row once: times in UTC, empty text as nothing, sensitive words looked for."""
    given = {
        column: f"TRY_CAST({name(column)} AS {kind})" if column in opened.kinds else f"CAST(NULL AS {kind})"
        for column, kind in OPTIONAL.items()
    }
    ids = ("message_id", "campaign_id", "step", "reply_class", "status")
    texts = ", ".join(f"nullif(trim({given[column]}), '') AS {column}" for column in ids)
    unread = [
        f"({name(column)} IS NOT NULL AND {given[column]} IS NULL)"
        for column in ("amount_usd", "machine_open", "machine_click")
        if opened.kinds.get(column) == "VARCHAR"
    ]
    listed = {column.lower() for column in sensitive.columns}
    filled = [f"{name(column)} IS NOT NULL" for column in opened.kinds if column.lower() in listed]
    topics = "[" + ", ".join(literal(topic.lower()) for topic in sensitive.topics) + "]::VARCHAR[]"
    return f"""
SELECT who, number, happened, CAST(happened AS DATE) AS day, event, topic, product, amount_usd,
  CASE WHEN event IN ('conversation', 'reply', 'support_ticket') THEN left(said, {LONGEST_TEXT}) END AS text,
  message_id AS thread, reply_class, lower(status) AS status, NOT machine AS human,
  CASE WHEN event IN ('sent', 'delivered', 'open', 'click') AND coalesce(message_id, campaign_id) IS NOT NULL
    THEN hash(coalesce(message_id, campaign_id || '/' || coalesce(step, ''))) END AS mail,
  filled OR coalesce(list_contains({topics}, lower(topic)), false)
    OR regexp_matches(concat_ws(' ', topic, product, said), {literal(sensitive.pattern)}) AS delicate,
  CASE WHEN who IS NULL THEN coalesce(h.contact_id, '') END AS unknown, unread
FROM (
  SELECT CAST(contact_id AS VARCHAR) AS contact_id, {opened.number} AS number,
    {_moment("timestamp", opened.kinds["timestamp"])} AS happened, CAST(event AS VARCHAR) AS event, {texts},
    {_clean(given["topic"], LONGEST_TOPIC)} AS topic, {_clean(given["product"], LONGEST_TOPIC)} AS product,
    {_clean(given["text"])} AS said,
    CASE WHEN isfinite({given["amount_usd"]}) THEN {given["amount_usd"]} END AS amount_usd,
    coalesce({given["machine_open"]}, false) OR coalesce({given["machine_click"]} AND event = 'click', false) AS machine,
    {" OR ".join(filled) or "false"} AS filled,
    {" OR ".join(unread) or "false"} AS unread
  FROM {opened.sql}
) h LEFT JOIN (SELECT who, contact_id, on_list FROM listed) l ON l.contact_id = h.contact_id
WHERE (happened < CAST({literal(day)} AS TIMESTAMP) + INTERVAL 1 DAY OR happened IS NULL) AND coalesce(on_list, true)"""


def _clean(text: str, longest: int | None = None) -> str:
    """Return text in one line, without marks that hide or turn what stands there; nothing where nothing is left."""
    plain = f"nullif(trim(regexp_replace(regexp_replace({text}, '\\pCf', '', 'g'), '[\\pC\\s]+', ' ', 'g')), '')"
    return plain if longest is None else f"trim(left({plain}, {longest}))"


def count_events(connection: duckdb.DuckDBPyConnection) -> Wrong:
    """Count the rows of history that can't be used."""
    untimed, n_nameless, n_unread = connection.execute(
        "SELECT count(*) FILTER (WHERE happened IS NULL), count(*) FILTER (WHERE event IS NULL), "
        "count(*) FILTER (WHERE unread) FROM staged"
    ).fetchall()[0]
    strange = connection.execute(f"SELECT event, count(*) FROM staged WHERE event NOT IN {EVENTS} GROUP BY event")
    events = Counter(dict(strange.fetchall()))
    n_rows, n_contacts, first = connection.execute(
        f"SELECT count(*), count(DISTINCT unknown), min(number, {N_TOLD}) FROM staged WHERE who IS NULL"
    ).fetchall()[0]
    counts = Counter(untimed=untimed, nameless=n_nameless, unread=n_unread, unknown=n_rows, strangers=n_contacts)
    return Wrong(counts, events, tuple(first or ()))


def event_problems(wrong: Wrong, unknown_contacts: str) -> list[str]:
    """Say what is wrong with history."""
    n, problems = wrong.n, []
    if n["untimed"]:
        problems.append(f"{n['untimed']:,} rows have no timestamp that can be read; write it like 2026-05-01T12:00:00Z")
    if n["nameless"]:
        problems.append(f"{n['nameless']:,} rows have no event; fill or remove them")
    if n["unread"]:
        problems.append(
            f"{n['unread']:,} rows have text in amount_usd or machine_*; make them numbers and truth values"
        )
    if wrong.events:
        told = [f"{without_address(event)!r} ({times:,} rows)" for event, times in sorted(wrong.events.items())]
        problems.append(f"events {few(told)} are not known; name what they are with events={{...}} in read_history()")
    if n["unknown"] and unknown_contacts == "error":
        shown, more = ", ".join(map(str, wrong.first)), n["unknown"] - len(wrong.first)
        shown += f" and {more:,} more" if more else ""
        problems.append(
            f"{n['unknown']:,} rows refer to {n['strangers']:,} contacts that contacts lacks (row {shown}); add them to "
            "contacts, or leave these rows out with unknown_contacts='drop'"
        )
    return problems


def _moment(column: str, kind: str) -> str:
    """Return a time as a plain timestamp in UTC, whatever it is stored as; text that is no time becomes nothing."""
    if "WITH TIME ZONE" in kind:
        return f"make_timestamp(epoch_us({name(column)}))"
    if kind.startswith(("TIMESTAMP", "DATE")):
        return f"CAST({name(column)} AS TIMESTAMP)"
    return f"make_timestamp(epoch_us(TRY_CAST({name(column)} AS TIMESTAMP WITH TIME ZONE)))"
