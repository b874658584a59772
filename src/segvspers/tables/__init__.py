"""Open any table: a path, a glob, several files, a DataFrame of pandas, polars or Arrow, a DuckDB relation or query."""

from segvspers.tables.columns import Column, match_columns
from segvspers.tables.convert import convert_columns
from segvspers.tables.open import Given, open_table
from segvspers.tables.reading import Reading
from segvspers.tables.report import ReadReport, read_report
from segvspers.tables.settle import settle_columns

__all__ = [
    "Column",
    "Given",
    "ReadReport",
    "Reading",
    "convert_columns",
    "match_columns",
    "open_table",
    "read_report",
    "settle_columns",
]
