"""Facts from a contact's own movements: pages looked happened, and how long it has been quiet."""

from __future__ import annotations

from segvspers.facts.kinds.kind import Kind, day, last, month, rows

INTEREST = Kind(
    kind="interest", topic="topic", value=f"'viewed ' || {month('max(happened)')}",
    fields={"last_on": day("max(happened)"), "page": "topic", "views": "count(*)"}, occurred_on="max(happened)",
    rest="FROM e WHERE event = 'page_view' AND topic IS NOT NULL GROUP BY who, topic", source=rows(),
)  # fmt: skip
# What a contact did, not what was done for one: our answers, solved tickets and automatic replies don't count.
OWN_DEED = """(
  event IN ('page_view', 'purchase', 'renewal', 'meeting') OR (event IN ('open', 'click') AND human)
  OR (event = 'reply' AND coalesce(reply_class, 'neutral') <> 'auto_reply')
  OR (event = 'conversation' AND coalesce(status, 'told') <> 'answered')
  OR (event = 'support_ticket' AND coalesce(status, 'open') <> 'solved')
)"""
SILENCE = Kind(
    kind="silence", topic="''",
    value="CASE WHEN days >= 180 THEN '180+ days' WHEN days >= 90 THEN '90+ days' ELSE '60+ days' END",
    fields={"days_since": "days", "last_event": "last_event", "last_on": day("latest")}, occurred_on="latest",
    rest=f"""FROM (
      SELECT who, max(happened) AS latest, {last("event")} AS last_event, date_diff('day', max(day), any_value(today)) AS days,
        arg_max(number, (happened, event, -number)) AS number
      FROM e, today WHERE {OWN_DEED} GROUP BY who
    ) WHERE days >= 60""",
    source="'history:' || number", delicate="false",
)  # fmt: skip
