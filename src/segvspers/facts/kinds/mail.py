"""Facts from emails: what a contact opens and clicks by topic; opens and clicks of machines never count."""

from __future__ import annotations

from segvspers.facts.kinds.kind import MOST_ROWS, Kind, day

# One row an email first, then one a topic: opens and clicks count only of emails that were sent, so that
# "opened n of m" can't have more opened than sent, and an open without a topic takes that of its email.
READING_TABLE = f"""
SELECT who, topic, count(*) AS sent, count(opened) AS opened, count(clicked) AS clicked,
  min(opened) AS first_open, min(clicked) AS first_click, max(last_click) AS last_click, max(touched) AS touched,
  min(open_number, {MOST_ROWS}) FILTER (WHERE opened IS NOT NULL) AS open_numbers,
  min(click_number, {MOST_ROWS}) FILTER (WHERE clicked IS NOT NULL) AS click_numbers, bool_or(delicate) AS delicate
FROM (
  SELECT who, mail, max(topic) AS topic, bool_or(delicate) AS delicate,
    min(happened) FILTER (WHERE event = 'open' AND human) AS opened,
    min(happened) FILTER (WHERE event = 'click' AND human) AS clicked,
    max(happened) FILTER (WHERE event = 'click' AND human) AS last_click,
    max(happened) FILTER (WHERE event IN ('open', 'click') AND human) AS touched,
    min(number) FILTER (WHERE event = 'open' AND human) AS open_number,
    min(number) FILTER (WHERE event = 'click' AND human) AS click_number
  FROM e WHERE mail IS NOT NULL GROUP BY who, mail HAVING bool_or(event IN ('sent', 'delivered'))
) WHERE topic IS NOT NULL GROUP BY who, topic HAVING count(opened) > 0 OR count(clicked) > 0
"""
ENGAGEMENT = Kind(
    kind="engagement", topic="topic", value="'opened ' || opened || ' of ' || sent",
    fields={
        "clicked": "clicked", "last_on": day("touched"), "opened": "opened", "sent": "sent",
        "since_on": day("first_open"), "topic": "topic",
    },
    occurred_on="touched", rest="FROM reading WHERE opened > 0",
    source="'history:' || array_to_string(open_numbers, ',')", delicate="delicate",
)  # fmt: skip
CLICKS = Kind(
    kind="clicks", topic="topic", value="'clicked ' || clicked || ' of ' || sent",
    fields={
        "clicked": "clicked", "last_on": day("last_click"), "sent": "sent", "since_on": day("first_click"),
        "topic": "topic",
    },
    occurred_on="last_click", rest="FROM reading WHERE clicked > 0",
    source="'history:' || array_to_string(click_numbers, ',')", delicate="delicate",
)  # fmt: skip
