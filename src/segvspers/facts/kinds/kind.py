"""One kind of fact: what it says, from which rows, and the words of SQL that kinds share.

Tables that a query may read: `c`, the contacts of the day (`who` and their columns); `e`, the events up to the
day (`who, number` of the row, `happened, day, event, topic, product, amount_usd, text, thread, reply_class, status, human,
delicate`); `reading`, the emails of a topic that a contact got, opened and clicked; `today`, the day itself.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

LONGEST_QUOTE = 280
MOST_ROWS = 20


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of fact as parts of one query; every part is SQL.

    Attributes
    ----------
    kind, topic, value
        What makes two contacts' facts the same fact.
    fields
        Typed values behind the fact, by name.
    occurred_on
        Day to which the fact belongs.
    rest
        ``FROM`` and what follows.
    source
        Which rows of which table it came from.
    delicate
        True where a row that it came from has to do with something sensitive.
    needs
        Columns of contacts that it can't do without.
    """

    kind: str
    topic: str
    value: str
    fields: dict[str, str]
    occurred_on: str
    rest: str
    source: str
    delicate: str = "bool_or(delicate)"
    needs: tuple[str, ...] = ()

    def sql(self, *, sensitive_columns: frozenset[str] = frozenset()) -> str:
        """Return the query of all facts of this kind; names of sensitive columns are in small letters."""
        fields = ", ".join(f'"{name}": {sql}' for name, sql in sorted(self.fields.items()))
        delicate = (
            "true"
            if sensitive_columns & {column.lower() for column in self.needs}
            else f"coalesce({self.delicate}, false)"
        )
        return (
            f"SELECT who, '{self.kind}' AS kind, {self.topic} AS topic, {self.value} AS value, "
            f"CAST(to_json({{{fields}}}) AS VARCHAR) AS fields, CAST({self.occurred_on} AS DATE) AS occurred_on, "
            f"{self.source} AS source, {delicate} AS delicate {self.rest}"
        )


def month(moment: str) -> str:
    """Return a day's month as text."""
    return f"strftime({moment}, '%Y-%m')"


def day(moment: str) -> str:
    """Return a day as text."""
    return f"strftime({moment}, '%Y-%m-%d')"


def last(what: str, *, among: str = "") -> str:
    """Return what the latest row says, and nothing where that row says nothing; ties don't hang on their order."""
    rows = f" FILTER (WHERE {among})" if among else ""
    return f"arg_max_null({what}, (happened, coalesce(CAST({what} AS VARCHAR), ''))){rows}"


def rows(number: str = "number", *, among: str = "") -> str:
    """Return the first rows of history that a fact came from."""
    chosen = f" FILTER (WHERE {among})" if among else ""
    return f"'history:' || array_to_string(min({number}, {MOST_ROWS}){chosen}, ',')"


def quote(text: str) -> str:
    """Return what was written, cut at a word when it is long."""
    cut = f"regexp_extract(left({text}, {LONGEST_QUOTE}), '^(.*)\\s', 1) || '…'"
    return f"CASE WHEN length({text}) <= {LONGEST_QUOTE} THEN {text} ELSE {cut} END"


def literal(text: str) -> str:
    """Return a text as a literal of SQL."""
    return "'" + text.replace("'", "''") + "'"


def name(column: str) -> str:
    """Return a column's name quoted, as it may hold anything."""
    return '"' + column.replace('"', '""') + '"'


def one_line(sql: str) -> str:
    """Return SQL without the white space of its layout."""
    return re.sub(r"\s+", " ", sql).strip()
