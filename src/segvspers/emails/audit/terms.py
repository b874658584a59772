"""A fact's fields by what they are: counts, amounts, shares, days and words."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any


@dataclass(frozen=True, slots=True)
class Terms:
    """All that one fact can lend to a sentence, by the names of its fields.

    Names of days end in ``on``, those of amounts in ``_usd``, those of shares in ``_share`` or ``_rate``.
    """

    kind: str
    told: Mapping[str, Any]
    numbers: Mapping[str, float]
    amounts: Mapping[str, float]
    shares: Mapping[str, float]
    days: Mapping[str, date]
    words: tuple[str, ...]


def terms_of(kind: str, fields: Mapping[str, Any]) -> Terms:
    """Return a fact's fields by what they are."""
    numbers: dict[str, float] = {}
    amounts: dict[str, float] = {}
    shares: dict[str, float] = {}
    days: dict[str, date] = {}
    words: list[str] = []
    for name, value in fields.items():
        if value is None or isinstance(value, bool):
            continue
        if isinstance(value, (int, float)):
            kind_of = amounts if name.endswith("_usd") else shares if name.endswith(("_share", "_rate")) else numbers
            kind_of[name] = float(value)
        elif name == "on" or name.endswith("_on"):
            days[name] = _day(str(value))
        else:
            words.append(str(value))
    return Terms(kind, fields, numbers, amounts, shares, days, tuple(words))


def read_terms(kind: str, fields: str) -> Terms:
    """Return the terms of a row of the fact table."""
    return terms_of(kind, json.loads(fields))


@lru_cache(maxsize=20_000)
def _day(text: str) -> date:
    return date.fromisoformat(text)
