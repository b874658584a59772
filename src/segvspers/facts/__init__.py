"""What is known of each contact, one fact a row."""

from segvspers.facts.derive import derive_facts
from segvspers.facts.sensitive import Sensitive

__all__ = ["Sensitive", "derive_facts"]
