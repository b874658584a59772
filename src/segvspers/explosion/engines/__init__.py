"""The first grouping where a large table lies: DuckDB for files and relations, or PySpark."""

from segvspers.explosion.engines.grouped import read_grouped

__all__ = ["read_grouped"]
