"""History: what happened between you and each contact, from webhook logs, exports, mailboxes and tables of your own."""

from segvspers.history.columns import COLUMNS, EVENTS, REPLY_CLASSES
from segvspers.history.read import read_history

__all__ = ["COLUMNS", "EVENTS", "REPLY_CLASSES", "read_history"]
