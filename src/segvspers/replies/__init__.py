"""Mail that came in: what of it is new, of what class it is, and which email it answers."""

from segvspers.replies.read import read_replies

__all__ = ["read_replies"]
