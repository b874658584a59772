"""Find known phrases in a text, and look over the words of a text for names that nobody knows."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

_WORD = re.compile(r"[\w&]+(?:['’.-][\w&]+)*")
Place = tuple[str, int, int]


class Phrases:
    """Known phrases by their first word, so that a text is looked over once, however many there are.

    Case counts but for the first letter: the product "Onboarding session" is also "an onboarding session".
    """

    def __init__(self, phrases: Iterable[str]) -> None:
        self._by_first: dict[str, list[tuple[str, str]]] = {}
        for phrase in sorted({one for one in phrases if one.strip()}, key=lambda one: (-len(one), one)):
            found = _WORD.search(phrase)
            if found is not None and found.start() == 0:
                self._by_first.setdefault(found.group().lower(), []).append((phrase, phrase[1:]))

    def find(self, text: str) -> Iterator[Place]:
        """Give the phrases that stand in a text, the longest at each place, with start and end."""
        low = text.lower()
        if not any(first in low for first in self._by_first):
            return
        end = 0
        for word in _WORD.finditer(text):
            start = word.start()
            if start < end:
                continue
            for phrase, rest in self._by_first.get(word.group().lower(), ()):
                stop = start + len(phrase)
                if text.startswith(rest, start + 1) and not text[stop : stop + 1].isalnum():
                    yield phrase, start, stop
                    end = stop
                    break


def places_of(text: str, phrases: Iterable[str]) -> list[tuple[int, int]]:
    """Return where some phrases stand in a text as they are, whatever the case of their first letter."""
    found = []
    for phrase in phrases:
        if not phrase:
            continue
        rest, start = phrase[1:], 0
        while (at := text.find(rest, start)) >= 0 if rest else False:
            if at and text[at - 1].lower() == phrase[0].lower():
                found.append((at - 1, at + len(rest)))
            start = at + 1
    return found


def inside(start: int, end: int, places: Iterable[tuple[int, int]]) -> bool:
    """Tell whether a span lies inside one of some places."""
    return any(low <= start and end <= high for low, high in places)
