"""The vendors' files themselves: one declarative file a vendor, data and not code."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files
from typing import Any


@lru_cache(maxsize=1)
def read_dialects() -> dict[str, dict[str, Any]]:
    """Return the content of every file by its name without the ending, in order of names."""
    import yaml

    folder = files("segvspers.dialects")
    entries = sorted((entry for entry in folder.iterdir() if entry.name.endswith(".yml")), key=lambda one: one.name)
    return {entry.name.removesuffix(".yml"): yaml.safe_load(entry.read_text(encoding="utf-8")) for entry in entries}
