"""A text with names, numbers and dates masked: what is left is the frame of a mail merge."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from segvspers.emails.audit.values import find_values

# Words are masked alike whatever the day; a fixed one keeps the mask of a text the same for ever.
_ANY_DAY = date(2000, 1, 1)


def mask(text: str, identity: Iterable[str]) -> str:
    """Return a text with the reader's names as NAME and every value as VALUE.

    Examples
    --------
    >>> mask("Hi Ada, you opened two of our 5 emails in May.", ["Ada"])
    'Hi NAME, you opened VALUE of our VALUE emails in VALUE.'
    """
    for name in sorted(identity, key=len, reverse=True):
        text = text.replace(name, "NAME")
    parts, end = [], 0
    for value in find_values(text, _ANY_DAY):
        parts += [text[end : value.start], "VALUE"]
        end = value.end
    return "".join([*parts, text[end:]])
