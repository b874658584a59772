"""Facts from what contacts said: questions, conversations, replies, tickets, meetings; automatic replies say nothing."""

from __future__ import annotations

from segvspers.facts.kinds.kind import Kind, day, last, month, quote, rows

TOPIC = "coalesce(topic, '')"
# The latest thread of a topic; one that was asked again after its answer is open again.
QUESTION = Kind(
    kind="question", topic="topic",
    value=f"'asked ' || {month('asked')} || CASE WHEN answered IS NULL THEN '' ELSE ' answered' END",
    fields={
        "answered": "answered IS NOT NULL", "answered_on": day("answered"), "asked_on": day("asked"),
        "quote": quote("said"), "topic": "topic",
    },
    occurred_on="asked",
    rest=f"""FROM (
      SELECT who, topic, asked, said, CASE WHEN answered >= asked THEN answered END AS answered, source, delicate
      FROM (
        SELECT who, {TOPIC} AS topic, thread, max(happened) FILTER (WHERE status = 'asked') AS asked,
          max(happened) FILTER (WHERE status = 'answered') AS answered, {last("text", among="status = 'asked'")} AS said,
          {rows()} AS source, bool_or(delicate) AS delicate
        FROM e WHERE event = 'conversation' AND status IN ('asked', 'answered') GROUP BY who, {TOPIC}, thread
      ) WHERE asked IS NOT NULL
      QUALIFY row_number() OVER (PARTITION BY who, topic ORDER BY asked DESC, thread) = 1
    )""",
    source="source", delicate="delicate",
)  # fmt: skip
CONVERSATION = Kind(
    kind="conversation", topic=TOPIC, value=f"'talked ' || {month('max(happened)')}",
    fields={"on": day("max(happened)"), "quote": quote(last("text")), "topic": "topic"}, occurred_on="max(happened)",
    rest="FROM e WHERE event = 'conversation' AND coalesce(status, 'told') NOT IN ('asked', 'answered') "
    "GROUP BY who, topic",
    source=rows(),
)  # fmt: skip
REPLY = Kind(
    kind="reply", topic=TOPIC, value=month("max(happened)"),
    fields={"on": day("max(happened)"), "quote": quote(last("text")), "reply_class": last("reply_class"), "topic": "topic"},
    occurred_on="max(happened)",
    rest="FROM e WHERE event = 'reply' AND coalesce(reply_class, 'neutral') NOT IN ('auto_reply', 'opt_out') "
    "GROUP BY who, topic",
    source=rows(),
)  # fmt: skip
# The latest ticket of a topic; its last row tells whether it is solved, so that one opened again is open.
TICKET = Kind(
    kind="ticket", topic="topic",
    value=f"CASE WHEN solved IS NULL THEN 'open ' || {month('opened')} ELSE 'solved ' || {month('solved')} END",
    fields={
        "opened_on": day("opened"), "solved_on": day("solved"),
        "status": "CASE WHEN solved IS NULL THEN 'open' ELSE 'solved' END", "subject": quote("subject"),
        "topic": "topic",
    },
    occurred_on="coalesce(solved, opened)",
    rest=f"""FROM (
      SELECT who, topic, opened, subject, CASE WHEN standing = 'solved' THEN solved END AS solved, source, delicate
      FROM (
        SELECT who, {TOPIC} AS topic, thread, min(happened) AS opened, max(happened) FILTER (WHERE status = 'solved') AS solved,
          {last("coalesce(status, 'open')")} AS standing, {last("text")} AS subject, {rows()} AS source,
          bool_or(delicate) AS delicate
        FROM e WHERE event = 'support_ticket' GROUP BY who, {TOPIC}, thread
      )
      QUALIFY row_number() OVER (PARTITION BY who, topic ORDER BY opened DESC, thread) = 1
    )""",
    source="source", delicate="delicate",
)  # fmt: skip
MEETING = Kind(
    kind="meeting", topic=TOPIC, value=f"'met ' || {month('max(happened)')}",
    fields={"n_meetings": "count(*)", "on": day("max(happened)"), "topic": "topic"}, occurred_on="max(happened)",
    rest="FROM e WHERE event = 'meeting' GROUP BY who, topic", source=rows(),
)  # fmt: skip
