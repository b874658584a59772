"""How easily a text reads: the Flesch reading ease, from words, sentences and syllables."""

from __future__ import annotations

import re
from functools import lru_cache

_WORD = re.compile(r"[A-Za-z]+(?:[’'-][A-Za-z]+)*|\d[\d.,]*")
_SENTENCE = re.compile(r"[.!?…]+(?=[\s”\"')]|$)|\n{2,}")
# Endings and groups of vowels that are spoken otherwise than they are written.
_SILENT = re.compile(r"(?:[^laeiouy]es|[^tdaeiouy]ed|[^aeiouyl]e|[aeiouy]le|rely|mely|nely|teful)$")
_APART = re.compile(
    r"ia(?!n$|l$)|ria|io(?!n|us)|iu|eo(?!u)|[^gq]ua[^lr]|ying|dnt|[aeiouym]bl$|iet|ier$|reat(?:e|i)|sm$|thm$"
)
EASY, HARD = 60.0, 30.0


def reading_ease(text: str) -> float:
    """Return the Flesch reading ease of a text, or nan when it has no words.

    Notes
    -----
    206.835 - 1.015 words / sentences - 84.6 syllables / words; 60 and more is plain English, below 30 is hard.
    Syllables are counted by rules of spelling, which err by about one word in ten.

    References
    ----------
    Flesch, R. (1948). A new readability yardstick. Journal of Applied Psychology 32(3), 221-233.

    Examples
    --------
    >>> round(reading_ease("The cat sat on the mat."))
    116
    """
    words = _WORD.findall(text)
    if not words:
        return float("nan")
    n_sentences = max(1, sum(bool(_WORD.search(part)) for part in _SENTENCE.split(text)))
    n_syllables = sum(map(syllables, words))
    return 206.835 - 1.015 * len(words) / n_sentences - 84.6 * n_syllables / len(words)


@lru_cache(maxsize=50_000)
def syllables(word: str) -> int:
    """Return the syllables of a word by its spelling, at least one; a number counts as one."""
    low = re.sub(r"[^a-z-]", "", word.lower())
    return max(1, sum(_of(part) for part in low.split("-") if part))


def _of(word: str) -> int:
    groups = len(re.findall(r"[aeiouy]+", word))
    if len(word) <= 3:
        return max(1, groups)
    return max(1, groups - len(_SILENT.findall(word)) + len(_APART.findall(word)))
