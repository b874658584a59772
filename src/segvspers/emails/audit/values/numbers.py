"""Numbers as they are written: in digits with marks of thousands, in words, with a scale behind them."""

from __future__ import annotations

import re
from functools import lru_cache

SMALL = [
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen",
    "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
]  # fmt: skip
TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
WORDS = {word: value for value, word in enumerate(SMALL)} | {word: 20 + 10 * place for place, word in enumerate(TENS)}
SCALES = {"hundred": 100, "thousand": 1_000, "million": 1_000_000, "billion": 1_000_000_000, "dozen": 12}
SUFFIXES = {"k": 1_000, "m": 1_000_000, "mn": 1_000_000, "bn": 1_000_000_000, "b": 1_000_000_000}
ORDINALS = {
    word: value
    for value, word in enumerate(
        ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh", "twelfth"],
        start=1,
    )
}  # fmt: skip
DIGITS = r"\d+(?:[.,]\d+)*"
_WORD = (
    rf"(?:(?:{'|'.join(TENS)})(?:[- ](?:{'|'.join(SMALL[1:10])}))?|{'|'.join(sorted(SMALL, key=len, reverse=True))})"
)
_SCALE = rf"(?:{'|'.join(SCALES)})"
# Spaces are in brackets, so that the pattern may stand in a verbose one.
IN_WORDS = (
    rf"(?:(?:half[ ])?an?[ ]{_SCALE}|{_WORD})(?:[- ]{_SCALE}|(?:(?<=hundred)|(?<=thousand))[ ](?:and[ ])?{_WORD})*"
)
NUMBER = rf"(?:{DIGITS}|{IN_WORDS})"


@lru_cache(maxsize=20_000)
def number_of(text: str) -> float:
    """Return what a number in digits or words comes to.

    Examples
    --------
    >>> [number_of(text) for text in ("1,788.50", "1.788,50", "twenty-five", "two hundred and six", "a dozen")]
    [1788.5, 1788.5, 25.0, 206.0, 12.0]
    """
    return _from_digits(text) if text[0].isdigit() else _from_words(text.lower())


def _from_digits(text: str) -> float:
    """Return digits as a number; the last mark is the decimal mark unless three digits follow every mark of its kind."""
    last = max(text.rfind("."), text.rfind(","))
    if last < 0:
        return float(text)
    mark, other = text[last], "," if text[last] == "." else "."
    grouped = re.fullmatch(rf"\d{{1,3}}(?:\{mark}\d{{3}})+", text) is not None
    if grouped and (mark == "," or text.count(mark) > 1):
        return float(text.replace(mark, ""))
    return (
        float(text.replace(other, "").replace(mark, ".")) if text.count(mark) == 1 else float(re.sub(r"\D", "", text))
    )


def _from_words(text: str) -> float:
    total = current = 0.0
    for word in re.split(r"[- ]", text.removeprefix("half ")):
        if word in WORDS:
            current += WORDS[word]
        elif word in {"a", "an"}:
            current = 1
        elif word in {"hundred", "dozen"}:
            current = (current or 1) * SCALES[word]
        elif word in SCALES:
            total, current = total + (current or 1) * SCALES[word], 0.0
    return (total + current) / (2 if text.startswith("half ") else 1)
