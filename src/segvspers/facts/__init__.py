"""What is known of each contact, one fact a row."""

from segvspers.facts.derive import derive_facts

__all__ = ["derive_facts"]
