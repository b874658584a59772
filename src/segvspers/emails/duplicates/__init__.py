"""Near duplicates among emails: accidental copies, and mail merges once names, numbers and dates are masked."""

from segvspers.emails.duplicates.find import NearDuplicates, find_near_duplicates

__all__ = ["NearDuplicates", "find_near_duplicates"]
