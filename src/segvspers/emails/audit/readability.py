"""How easily a text reads: the Flesch reading ease, from words, sentences and syllables."""

from __future__ import annotations

import re
from functools import lru_cache

_WORD = re.compile(r"[A-Za-z]+(?:[’'-][A-Za-z]+)*|\d[\d.,]*")
_SENTENCE = re.compile(r"[.!?…]+(?=[\s”\"')]|$)|\n{2,}")
# An e that is written and not spoken: at the end, before an s or a d, and before an ending of its own.
_SILENT = (
    re.compile(r"[^aeiouyl]e$|[aeiouy]le$|[^aeiouytd]ed$|[aeiou]yed$|(?:[^aeiouscxzgh]|[^csx]h)es$(?<![^aeiouy]les)"),
    re.compile(r"[^aeiouy]e(?:ly|ful|less|ment|ness|some|one|times?)s?$"),
)
# Vowels that stand together and are spoken apart.
_APART = re.compile(
    r"[^cgst]i(?:a|o|u)(?!n$)|[^cstl]ian$|[aeiouy]ing|ryi|e[ao](?:$|t[ei]|c[tr])|eum|ua(?![rd])|iety|iet|ien[ct]|[^aeiou]io$|sm$|thm$"
)
HARD = 30.0


def reading_ease(text: str) -> float:
    """Return the Flesch reading ease of a text, or nan when it has no words.

    Notes
    -----
    206.835 - 1.015 words / sentences - 84.6 syllables / words; 60 and more is plain English, below 30 is hard.
    Syllables are counted by rules of spelling, which err by fewer than one word in ten.

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
    spoken = len(re.findall(r"[aeiouy]+", word))
    if len(word) > 3:
        spoken += len(_APART.findall(word)) - sum(bool(silent.search(word)) for silent in _SILENT)
    return max(1, spoken)
