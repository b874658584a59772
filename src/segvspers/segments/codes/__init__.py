"""Columns of any kind as codes and coordinates."""
