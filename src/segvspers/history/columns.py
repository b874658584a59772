"""The columns of history, and what may stand in them."""

from __future__ import annotations

from segvspers.tables import Column

EVENTS = (
    "assigned", "sent", "delivered", "open", "click", "reply", "bounce_hard", "bounce_soft", "unsubscribe",
    "spam_report", "purchase", "renewal", "cancel", "support_ticket", "conversation", "page_view", "meeting", "deal_won",
    "deal_lost",
)  # fmt: skip
REPLY_CLASSES = ("positive", "neutral", "negative", "referral", "auto_reply", "opt_out")
COLUMNS = (
    Column("contact_id"),
    Column("timestamp", "time"),
    Column("event", levels=EVENTS),
    *(Column(name) for name in ("topic", "product", "text", "campaign_id", "message_id", "source", "status")),
    Column("amount_usd", "number"),
    Column("step", "number"),
    Column("machine_open", "flag"),
    Column("machine_click", "flag"),
    Column("reply_class", levels=REPLY_CLASSES),
)
NAMES = tuple(column.name for column in COLUMNS)
