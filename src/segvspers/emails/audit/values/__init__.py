"""Values that a text states: numbers, money, shares, dates, times, addresses; each with its place in the text."""

from segvspers.emails.audit.values.find import find_single, find_values
from segvspers.emails.audit.values.value import Value

__all__ = ["Value", "find_single", "find_values"]
