"""Segmentations for other engines and later days: SQL and JSON."""
