"""The writer that needs no model and no key."""

from segvspers.emails.offline.writer import OfflineWriter

__all__ = ["OfflineWriter"]
