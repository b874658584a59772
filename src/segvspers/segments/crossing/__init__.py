"""Segments by rules: cells, and their grouping for a budget of templates."""
