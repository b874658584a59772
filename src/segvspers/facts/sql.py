"""The kinds of facts as SQL: one query a kind, all in one pass of an engine that need not hold the rows.

Every query gives `contact_id, kind, topic, value, fields, occurred_on, source`. `e` are the events up to the day,
`c` the contacts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

WEIGHTS = {
    "question": 1.0, "ticket": 0.95, "milestone": 0.85, "purchase": 0.8, "cancel": 0.8, "engagement": 0.75,
    "conversation": 0.75, "reply": 0.7, "interest": 0.6, "plan": 0.5, "tenure": 0.45, "silence": 0.4, "peers": 0.35,
    "firmographic": 0.3,
}  # fmt: skip
# The columns of contacts that a kind can't do without.
KINDS: dict[str, set[str]] = {
    "firmographic": set(), "tenure": {"signup_date"}, "anniversary": {"signup_date"}, "plan": {"plan"},
    "renewal": {"plan"}, "purchase": set(), "cancel": set(), "engagement": set(), "question": set(),
    "conversation": set(), "reply": set(), "ticket": set(), "interest": set(), "silence": set(), "peers": {"industry"},
}  # fmt: skip
ROWS = "'history:' || array_to_string(list_slice(list_sort(list(row)), 1, 20), ',')"
MONTH = "strftime({}, '%Y-%m')"
DAY = "strftime({}, '%Y-%m-%d')"
HUMAN = "event IN ('click', 'reply', 'page_view', 'conversation', 'purchase', 'renewal', 'support_ticket')"


def combined_sql(kinds: Iterable[str], contact_columns: set[str], event_columns: set[str]) -> str:
    """Return the query of all facts; `$day` and `$sensitive` are its parameters."""
    parts = {"firmographic": _firmographic(contact_columns), **_SQL}
    union = "\nUNION ALL BY NAME\n".join(f"({parts[kind]})" for kind in kinds if parts[kind])
    optional = ("topic", "product", "text", "message_id", "campaign_id", "reply_class", "status")
    empty = "".join(f", NULL::VARCHAR AS {name}" for name in optional if name not in event_columns)
    empty += ", NULL::DOUBLE AS amount_usd" if "amount_usd" not in event_columns else ""
    empty += ", false AS machine_open" if "machine_open" not in event_columns else ""
    return f"""
WITH c AS (SELECT * FROM contact_table),
e AS (
  SELECT h.*{empty} FROM history_table h SEMI JOIN c USING (contact_id)
  WHERE timestamp < CAST($day AS TIMESTAMP) + INTERVAL 1 DAY
),
every_fact AS ({union}),
told AS (
  SELECT *, count(DISTINCT contact_id) OVER (PARTITION BY kind, topic, value) AS n_true,
    (SELECT count(*) FROM c) AS n_all
  FROM every_fact
)
SELECT contact_id, substr(md5(concat_ws('|', contact_id, kind, topic, value)), 1, 12) AS fact_id, kind, topic, value,
  fields, occurred_on, round(-log2(n_true / n_all), 4) + 0.0 AS bits,
  round(weight * (0.5 + 0.5 * exp(-coalesce(date_diff('day', occurred_on, $day), 365) / 180.0))
    * (0.4 + 0.6 * (-log2(n_true / n_all)) / greatest(log2(n_all), 1)), 4) AS salience,
  CASE WHEN list_contains($sensitive, lower(topic)) THEN 'sensitive' ELSE 'normal' END AS sensitivity, source
FROM told JOIN weight USING (kind)
ORDER BY contact_id, kind, topic, value
"""


def _firmographic(columns: set[str]) -> str:
    names = [name for name in ("industry", "company_size", "region", "job_title") if name in columns]
    return " UNION ALL ".join(
        f"SELECT contact_id, 'firmographic' AS kind, '{name}' AS topic, {name} AS value, "
        f"CAST(to_json({{level: {name}}}) AS VARCHAR) AS fields, NULL::DATE AS occurred_on, "
        f"'contacts:{name}' AS source FROM c WHERE {name} IS NOT NULL"
        for name in names
    )


def _sql(kind: str, topic: str, value: str, fields: str, on: str, rest: str, source: str = ROWS) -> str:
    fields = re.sub(r"(^|, )(\w+):", r'\1"\2":', fields)  # a field may bear a word of SQL
    return (
        f"SELECT contact_id, '{kind}' AS kind, {topic} AS topic, {value} AS value, "
        f"CAST(to_json({{{fields}}}) AS VARCHAR) AS fields, CAST({on} AS DATE) AS occurred_on, {source} AS source {rest}"
    )


_SQL = {
    "tenure": _sql(
        "tenure", "''", MONTH.format("signup_date"), f"signup_on: {DAY.format('signup_date')}", "signup_date",
        "FROM c WHERE signup_date IS NOT NULL AND signup_date <= $day", "'contacts:signup_date'",
    ),
    "anniversary": _sql(
        "milestone", "'anniversary'", "years || ' years ' || strftime(reached, '%Y-%m')",
        f"on: {DAY.format('reached')}, years: years", "reached",
        """FROM (SELECT contact_id, signup_date, y.years, signup_date + to_years(CAST(y.years AS INTEGER)) AS reached
        FROM c, (SELECT unnest(range(1, 11)) AS years) y) WHERE reached BETWEEN CAST($day AS DATE) - 21 AND $day""",
        "'contacts:signup_date'",
    ),
    "plan": _sql(
        "plan", "''", "plan", "plan: plan", "NULL", "FROM c WHERE plan IS NOT NULL AND plan <> ''", "'contacts:plan'"
    ),
    "renewal": _sql(
        "milestone", "'renewal_due'", "plan || ' ' || strftime(due, '%Y-%m')",
        f"days_left: date_diff('day', CAST($day AS DATE), CAST(due AS DATE)), due_on: {DAY.format('due')}, plan: plan",
        "CAST($day AS DATE)",
        """FROM (SELECT e.contact_id, c.plan, max(timestamp) + INTERVAL 1 YEAR AS due, list(row) AS rows FROM e
        JOIN c ON e.contact_id = c.contact_id AND e.product = c.plan WHERE event IN ('purchase', 'renewal')
        GROUP BY ALL) WHERE due BETWEEN $day AND CAST($day AS TIMESTAMP) + INTERVAL 90 DAY""",
        "'history:' || array_to_string(rows, ',')",
    ),
    "purchase": _sql(
        "purchase", "product",
        "product || CASE WHEN arg_max(event, timestamp) = 'renewal' THEN ' renewed ' ELSE ' ' END "
        "|| strftime(max(timestamp), '%Y-%m')",
        f"amount_usd: arg_max(amount_usd, timestamp), first_on: {DAY.format('min(timestamp)')}, "
        f"last_event: arg_max(event, timestamp), last_on: {DAY.format('max(timestamp)')}, n_purchases: count(*), "
        "product: product, total_usd: sum(amount_usd)",
        "max(timestamp)",
        """FROM e WHERE event IN ('purchase', 'renewal') AND product IS NOT NULL GROUP BY contact_id, product""",
    ),
    "cancel": _sql(
        "cancel", "product", "'cancelled ' || strftime(max(timestamp), '%Y-%m')",
        f"on: {DAY.format('max(timestamp)')}, product: product", "max(timestamp)",
        "FROM e WHERE event = 'cancel' AND product IS NOT NULL GROUP BY contact_id, product",
    ),
    "engagement": _sql(
        "engagement", "topic", "'opened ' || opened || ' of ' || sent",
        "clicked: clicked, last_on: strftime(last, '%Y-%m-%d'), opened: opened, sent: sent, "
        "since_on: strftime(first, '%Y-%m-%d'), topic: topic", "last",
        """FROM (SELECT contact_id, topic,
          count(DISTINCT message_id) FILTER (event = 'sent') AS sent,
          count(DISTINCT message_id) FILTER (event = 'open' AND NOT machine_open) AS opened,
          count(DISTINCT message_id) FILTER (event = 'click') AS clicked,
          min(timestamp) FILTER (event = 'open' AND NOT machine_open) AS first,
          max(timestamp) FILTER (event IN ('open', 'click') AND NOT machine_open) AS last,
          list(row) FILTER (event = 'open' AND NOT machine_open) AS rows
        FROM e WHERE topic IS NOT NULL AND event IN ('sent', 'open', 'click') GROUP BY ALL)
        WHERE opened > 0 AND sent > 0""",
        "'history:' || array_to_string(list_slice(list_sort(rows), 1, 20), ',')",
    ),
    "question": _sql(
        "question", "topic", "'asked ' || strftime(asked, '%Y-%m') || CASE WHEN answered IS NULL THEN '' "
        "ELSE ' answered' END",
        "answered: answered IS NOT NULL, answered_on: strftime(answered, '%Y-%m-%d'), "
        "asked_on: strftime(asked, '%Y-%m-%d'), quote: quote, topic: topic", "asked",
        """FROM (SELECT contact_id, coalesce(topic, '') AS topic, message_id,
          min(timestamp) FILTER (status = 'asked') AS asked, min(timestamp) FILTER (status = 'answered') AS answered,
          arg_min(text, timestamp) FILTER (status = 'asked') AS quote, list(row) AS rows
        FROM e WHERE event = 'conversation' GROUP BY ALL) WHERE asked IS NOT NULL
        QUALIFY row_number() OVER (PARTITION BY contact_id, topic ORDER BY asked DESC, message_id) = 1""",
        "'history:' || array_to_string(list_sort(rows), ',')",
    ),
    "conversation": _sql(
        "conversation", "coalesce(topic, '')", "'talked ' || strftime(max(timestamp), '%Y-%m')",
        f"on: {DAY.format('max(timestamp)')}, quote: arg_max(text, timestamp), topic: topic", "max(timestamp)",
        "FROM e WHERE event = 'conversation' AND status = 'told' GROUP BY contact_id, topic",
    ),
    "reply": _sql(
        "reply", "coalesce(topic, '')", "strftime(max(timestamp), '%Y-%m')",
        f"on: {DAY.format('max(timestamp)')}, reply_class: arg_max(reply_class, timestamp), topic: topic",
        "max(timestamp)",
        """FROM e WHERE event = 'reply' AND coalesce(reply_class, 'neutral') NOT IN ('auto_reply', 'opt_out')
        GROUP BY contact_id, topic""",
    ),
    "ticket": _sql(
        "ticket", "topic", "CASE WHEN solved IS NULL THEN 'open ' || strftime(opened, '%Y-%m') "
        "ELSE 'solved ' || strftime(solved, '%Y-%m') END",
        "opened_on: strftime(opened, '%Y-%m-%d'), solved_on: strftime(solved, '%Y-%m-%d'), "
        "status: CASE WHEN solved IS NULL THEN 'open' ELSE 'solved' END, topic: topic", "coalesce(solved, opened)",
        """FROM (SELECT contact_id, coalesce(topic, '') AS topic, message_id, min(timestamp) AS opened,
          min(timestamp) FILTER (status = 'solved') AS solved, list(row) AS rows
        FROM e WHERE event = 'support_ticket' GROUP BY ALL)
        QUALIFY row_number() OVER (PARTITION BY contact_id, topic ORDER BY opened DESC, message_id) = 1""",
        "'history:' || array_to_string(list_sort(rows), ',')",
    ),
    "interest": _sql(
        "interest", "topic", "'viewed ' || strftime(max(timestamp), '%Y-%m')",
        f"last_on: {DAY.format('max(timestamp)')}, page: topic, views: count(*)", "max(timestamp)",
        "FROM e WHERE event = 'page_view' AND topic IS NOT NULL GROUP BY contact_id, topic",
    ),
    "silence": _sql(
        "silence", "''", "CASE WHEN days >= 180 THEN '180+ days' WHEN days >= 90 THEN '90+ days' ELSE '60+ days' END",
        "days_since: days, last_event: last_event, last_on: strftime(last, '%Y-%m-%d')", "last",
        f"""FROM (SELECT contact_id, max(timestamp) AS last, arg_max(event, timestamp) AS last_event,
          date_diff('day', CAST(max(timestamp) AS DATE), CAST($day AS DATE)) AS days, max(row) AS row
        FROM e WHERE {HUMAN} OR (event = 'open' AND NOT machine_open) GROUP BY contact_id) WHERE days >= 60""",
        "'history:' || row",
    ),
    "peers": _sql(
        "peers", "'industry'", "industry || ': ' || top_topic",
        "group: industry, n_peers: n_peers, top_topic: top_topic, top_topic_share: round(share, 3)", "NULL",
        """FROM c JOIN (SELECT industry, n_peers, topic AS top_topic, readers / n_peers AS share FROM (
          SELECT industry, topic, count(DISTINCT e.contact_id) AS readers FROM e JOIN c USING (contact_id)
          WHERE event = 'open' AND NOT machine_open AND topic IS NOT NULL AND industry IS NOT NULL GROUP BY ALL)
          JOIN (SELECT industry, count(*) AS n_peers FROM c WHERE industry IS NOT NULL GROUP BY industry) USING (industry)
          WHERE n_peers >= 20
          QUALIFY row_number() OVER (PARTITION BY industry ORDER BY readers DESC, topic) = 1) p USING (industry)""",
        "'contacts:industry'",
    ),
}  # fmt: skip
