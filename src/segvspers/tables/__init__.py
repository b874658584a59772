"""Open any table: a path, a glob, several files, a DataFrame of pandas, polars or Arrow, a DuckDB relation."""

from segvspers.tables.convert import Column, convert_columns
from segvspers.tables.open import open_table
from segvspers.tables.report import ReadReport

__all__ = ["Column", "ReadReport", "convert_columns", "open_table"]
