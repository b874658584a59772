"""Facts from purchases: what was bought and when, how spending goes, what is due and what was cancelled."""

from __future__ import annotations

from segvspers.facts.kinds.kind import Kind, day, last, month, rows

BUYING = "event IN ('purchase', 'renewal')"

PURCHASE = Kind(
    kind="purchase", topic="product",
    value=f"product || CASE WHEN {last('event')} = 'renewal' THEN ' renewed ' ELSE ' ' END || {month('max(happened)')}",
    fields={
        "amount_usd": last("amount_usd", among="amount_usd IS NOT NULL"), "first_on": day("min(happened)"),
        "last_event": last("event"), "last_on": day("max(happened)"), "n_purchases": "count(*)", "product": "product",
        "total_usd": "sum(amount_usd)",
    },
    occurred_on="max(happened)",
    rest=f"FROM e WHERE {BUYING} AND product IS NOT NULL GROUP BY who, product", source=rows(),
)  # fmt: skip
# Sums of the last 365 days and of the 365 before them; a trend needs every amount.
SPENDING = Kind(
    kind="spending", topic="''", value="n_purchases || ' purchases' || coalesce(', ' || trend, '')",
    fields={
        "first_on": day("first"), "last_on": day("latest"), "last_year_usd": "last_year_usd",
        "n_products": "n_products", "n_purchases": "n_purchases", "total_usd": "total_usd", "trend": "trend",
        "usual_gap_days": "CAST(round(date_diff('day', first, latest) / (n_purchases - 1)) AS INTEGER)",
        "year_before_usd": "year_before_usd",
    },
    occurred_on="latest",
    rest=f"""FROM (
      SELECT *, CASE WHEN n_amounts < n_purchases THEN NULL WHEN last_year_usd = 0 THEN 'stopped'
        WHEN first > today - 365 THEN 'new' WHEN last_year_usd > 1.1 * year_before_usd THEN 'growing'
        WHEN last_year_usd < 0.9 * year_before_usd THEN 'falling' ELSE 'steady' END AS trend
      FROM (
        SELECT who, count(*) AS n_purchases, count(amount_usd) AS n_amounts, count(DISTINCT product) AS n_products,
          min(day) AS first, max(day) AS latest, round(sum(amount_usd), 2) AS total_usd,
          round(coalesce(sum(amount_usd) FILTER (WHERE day > today - 365), 0), 2) AS last_year_usd,
          round(coalesce(sum(amount_usd) FILTER (WHERE day > today - 730 AND day <= today - 365), 0), 2)
            AS year_before_usd,
          {rows()} AS source, bool_or(delicate) AS delicate
        FROM e, today WHERE {BUYING} GROUP BY who
      ), today WHERE n_purchases > 1
    )""",
    source="source", delicate="delicate",
)  # fmt: skip
RENEWAL = Kind(
    kind="milestone", topic="'renewal_due'", value=f"plan || ' ' || {month('due')}",
    fields={"days_left": "date_diff('day', today, CAST(due AS DATE))", "due_on": day("due"), "plan": "plan"},
    occurred_on="today",
    rest=f"""FROM (
      SELECT who, plan, max(happened) FILTER (WHERE {BUYING}) + INTERVAL 1 YEAR AS due,
        max(happened) FILTER (WHERE event = 'cancel') AS cancelled, {rows(among=BUYING)} AS source,
        bool_or(delicate) AS delicate
      FROM e JOIN c USING (who) WHERE e.product = c.plan AND ({BUYING} OR event = 'cancel') GROUP BY who, plan
    ), today
    WHERE due BETWEEN today AND today + 90 AND (cancelled IS NULL OR cancelled + INTERVAL 1 YEAR < due)""",
    source="source", delicate="delicate", needs=("plan",),
)  # fmt: skip
CANCEL = Kind(
    kind="cancel", topic="product", value=f"'cancelled ' || {month('cancelled')}",
    fields={"on": day("cancelled"), "product": "product"}, occurred_on="cancelled",
    rest=f"""FROM (
      SELECT who, product, max(happened) FILTER (WHERE event = 'cancel') AS cancelled,
        max(happened) FILTER (WHERE {BUYING}) AS bought, {rows(among="event = 'cancel'")} AS source,
        bool_or(delicate) AS delicate
      FROM e WHERE product IS NOT NULL AND (event = 'cancel' OR {BUYING}) GROUP BY who, product
    ) WHERE cancelled IS NOT NULL AND (bought IS NULL OR bought <= cancelled)""",
    source="source", delicate="delicate",
)  # fmt: skip
DEAL = Kind(
    kind="deal", topic="coalesce(product, '')", value=f"{last('substr(event, 6)')} || ' ' || {month('max(happened)')}",
    fields={
        "amount_usd": last("amount_usd"), "on": day("max(happened)"), "outcome": last("substr(event, 6)"),
        "product": "product",
    },
    occurred_on="max(happened)", rest="FROM e WHERE event IN ('deal_won', 'deal_lost') GROUP BY who, product", source=rows(),
)  # fmt: skip
