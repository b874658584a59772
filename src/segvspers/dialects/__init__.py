"""Names that vendors give to our columns: one declarative file a vendor, data and not code."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files


@lru_cache(maxsize=4)
def aliases(table: str) -> dict[str, str]:
    """Return ``{their name in lower case: our name}`` for a table, over all vendors."""
    import yaml

    found: dict[str, str] = {}
    folder = files("segvspers.dialects")
    for entry in sorted(folder.iterdir(), key=lambda one: one.name):
        if entry.name.endswith(".yml"):
            dialect = yaml.safe_load(entry.read_text(encoding="utf-8"))
            for ours, theirs in dialect.get(table, {}).items():
                found.update({name.lower(): ours for name in [ours, *theirs]})
    return found
