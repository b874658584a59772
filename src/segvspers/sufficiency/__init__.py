"""Whether enough is known of a list to write to its contacts one by one."""

from segvspers.sufficiency.describe import describe_contacts
from segvspers.sufficiency.finding import DataSufficiency

__all__ = ["DataSufficiency", "describe_contacts"]
