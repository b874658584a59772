"""From two tables to the table of facts, in steps that an engine need not hold in memory.

The facts of a contact come from that contact's rows alone, but for what peers read; only then are statements counted
over the whole list for their bits. So the first step can run on any part of the contacts, wherever it lies.
"""

from __future__ import annotations

from collections.abc import Iterable

from segvspers.facts.kinds import WEIGHTS, Kind
from segvspers.facts.kinds.kind import literal
from segvspers.facts.kinds.mail import READING_TABLE
from segvspers.facts.kinds.profile import PEERS_TABLE, READERS_TABLE, SIZES_TABLE

__all__ = ["WEIGHTS", "facts_sql", "raw_facts"]
HALF_LIFE_DAYS = 180.0
UNDATED_DAYS = 365


def raw_facts(kinds: Iterable[Kind], day: str, *, sensitive_columns: frozenset[str] = frozenset()) -> Iterable[str]:
    """Yield the statements that fill table `raw` with the facts of the contacts, one kind after the other."""
    yield f"CREATE TABLE today AS SELECT CAST({literal(day)} AS DATE) AS today"
    yield f"CREATE TABLE reading AS {READING_TABLE}"
    yield (
        "CREATE TABLE raw (who BIGINT, kind VARCHAR, topic VARCHAR, value VARCHAR, fields VARCHAR, occurred_on DATE, "
        "source VARCHAR, delicate BOOLEAN)"
    )
    for kind in kinds:
        if kind.kind == "peers":
            yield f"CREATE TABLE peers AS WITH readers AS ({READERS_TABLE}), sizes AS ({SIZES_TABLE}) {PEERS_TABLE}"
        yield f"INSERT INTO raw {kind.sql(sensitive_columns=sensitive_columns)}"


def facts_sql() -> str:
    """Return the query of the finished table: bits from the counts of each statement, then salience."""
    return f"""
WITH statement AS (SELECT kind, topic, value, count(*) AS n_true FROM raw GROUP BY kind, topic, value),
size AS (SELECT count(*) AS n_all FROM c)
{finished_sql("raw JOIN statement USING (kind, topic, value) JOIN c USING (who), size, today")}
ORDER BY contact_id, kind, topic, value
"""


def finished_sql(source: str) -> str:
    """Return the query of finished facts from rows that hold raw ones with `n_true`, `n_all` and `today`."""
    weights = ", ".join(f"({literal(kind)}, {weight})" for kind, weight in WEIGHTS.items())
    rarity = "-log2(n_true / n_all)"
    return f"""
SELECT contact_id, substr(md5(concat_ws('|', contact_id, kind, topic, value)), 1, 16) AS fact_id, kind, topic, value,
  fields, occurred_on, round({rarity}, 4) + 0.0 AS bits,
  round(weight * (0.5 + 0.5 * exp(-coalesce(date_diff('day', occurred_on, today), {UNDATED_DAYS}) / {HALF_LIFE_DAYS}))
    * (0.4 + 0.6 * ({rarity}) / greatest(log2(n_all), 1)), 4) AS salience,
  CASE WHEN delicate THEN 'sensitive' ELSE 'normal' END AS sensitivity, source, today AS as_of
FROM (VALUES {weights}) AS w (kind, weight) JOIN (SELECT * FROM {source}) USING (kind)
"""
