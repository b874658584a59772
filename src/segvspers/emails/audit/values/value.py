"""One value that a text states."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Value:
    """A value, what it comes to, and where it stands.

    Attributes
    ----------
    kind
        ``number``, ``ordinal``, ``money``, ``percent``, ``date``, ``clock``, ``url`` or ``email``.
    key
        What it comes to, for two wordings of one value alike: a number; an amount with its currency, empty when none
        was named; the spans of days that a date may mean, as pairs of first and last day; or the text in small letters.
    start, end
        Place in the text.
    cue
        The noun that a number counts, in the singular, or an empty text.
    """

    kind: str
    key: Any
    start: int
    end: int
    cue: str = ""
