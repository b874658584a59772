"""Counts, sums and centred moments of any table by group, on the table's own engine."""

from segvspers.engine.moments import Moments
from segvspers.engine.source import open_source
from segvspers.engine.table import ROWS, Table, Value

__all__ = ["ROWS", "Moments", "Table", "Value", "open_source"]
