"""Open any table: a path, a glob, several files, a DataFrame of pandas, polars or Arrow, a DuckDB relation."""

from segvspers.tables.convert import Column, convert_columns
from segvspers.tables.open import open_table
from segvspers.tables.reading import Reading
from segvspers.tables.report import ReadReport, read_report

__all__ = ["Column", "ReadReport", "Reading", "convert_columns", "open_table", "read_report"]
