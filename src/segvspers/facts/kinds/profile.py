"""Facts from the table of contacts: who somebody is, since when, on which plan, and what their peers read."""

from __future__ import annotations

from segvspers.facts.kinds.kind import Kind, day, literal, month, name

FIRMOGRAPHIC = ("industry", "company_size", "region", "job_title")
LONGEST_LEVEL = 200


def firmographic(column: str) -> Kind:
    """Return the kind that tells one attribute of a contact's company or role."""
    return Kind(
        kind="firmographic", topic=literal(column), value=name(column), fields={"level": name(column)},
        occurred_on="NULL", rest=f"FROM c WHERE {name(column)} IS NOT NULL", source=literal(f"contacts:{column}"),
        delicate="false", needs=(column,),
    )  # fmt: skip


def attribute(column: str, pattern: str) -> Kind:
    """Return the kind that tells a further column of contacts that the analyst named."""
    said = f"{literal(column.replace('_', ' ') + ' ')} || {name(column)}"
    return Kind(
        kind="attribute", topic=literal(column), value=name(column),
        fields={"column": literal(column), "level": name(column)}, occurred_on="NULL",
        rest=f"FROM further WHERE {name(column)} IS NOT NULL", source=literal(f"contacts:{column}"),
        delicate=f"regexp_matches({said}, {literal(pattern)})", needs=(column,),
    )  # fmt: skip


TENURE = Kind(
    kind="tenure", topic="''", value=month("signup_date"), fields={"signup_on": day("signup_date")},
    occurred_on="signup_date", rest="FROM c WHERE signup_date IS NOT NULL", source="'contacts:signup_date'",
    delicate="false", needs=("signup_date",),
)  # fmt: skip
ANNIVERSARY = Kind(
    kind="milestone", topic="'anniversary'", value=f"years || ' years ' || {month('reached')}",
    fields={"on": day("reached"), "years": "years"}, occurred_on="reached",
    rest="""FROM (
      SELECT who, years, signup_date + to_years(CAST(years AS INTEGER)) AS reached
      FROM (SELECT who, signup_date, year(today) - year(signup_date) - back AS years
        FROM c, today, (VALUES (0), (1)) AS recent (back))
      WHERE years >= 1
    ), today WHERE reached BETWEEN today - 21 AND today""",
    source="'contacts:signup_date'", delicate="false", needs=("signup_date",),
)  # fmt: skip
PLAN = Kind(
    kind="plan", topic="''", value="plan", fields={"plan": "plan"}, occurred_on="NULL",
    rest="FROM c WHERE plan IS NOT NULL", source="'contacts:plan'", delicate="false", needs=("plan",),
)  # fmt: skip
PEERS = Kind(
    kind="peers", topic="'industry'", value="industry || ': ' || top_topic",
    fields={
        "group": "industry", "n_peers": "n_peers", "top_topic": "top_topic", "top_topic_share": "round(share, 3)",
    },
    occurred_on="NULL", rest="FROM c JOIN peers USING (industry)", source="'contacts:industry'",
    delicate="topic_delicate", needs=("industry",),
)  # fmt: skip
# Readers of each topic by industry, and how many contacts an industry has; those of parts of a list add up.
READERS_TABLE = """
SELECT industry, topic, count(*) AS readers, bool_or(delicate) AS topic_delicate FROM reading JOIN c USING (who)
WHERE opened > 0 AND industry IS NOT NULL GROUP BY industry, topic
"""
SIZES_TABLE = "SELECT industry, count(*) AS n_peers FROM c WHERE industry IS NOT NULL GROUP BY industry"
# What most contacts of an industry open, of industries large enough to hide each of them.
PEERS_TABLE = """
SELECT industry, n_peers, topic AS top_topic, readers / n_peers AS share, topic_delicate
FROM readers JOIN sizes USING (industry)
WHERE n_peers >= 20
QUALIFY row_number() OVER (PARTITION BY industry ORDER BY readers DESC, topic) = 1
"""
