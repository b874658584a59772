"""Text of contacts made fit to be quoted: visible, on one line, short; it is data wherever it goes."""

from __future__ import annotations

import re
import unicodedata

LONGEST = 300
INVISIBLE = {"Cc", "Cf", "Co", "Cn", "Cs", "Zl", "Zp"}
# Variation selectors are marks (Mn) that nobody sees; they can carry hidden text like the tag block does.
SELECTORS = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")


def quoted(text: object, *, longest: int = LONGEST) -> str:
    r"""Return text without anything that can't be seen, on one line, cut to a length.

    Examples
    --------
    >>> quoted("Ada\u200b\U000e0041 \n  Lovelace")
    'Ada Lovelace'
    """
    given = str(text)
    if given.isascii() and given.isprintable():  # most texts; nothing of it can be invisible
        return re.sub(" +", " ", given).strip()[:longest].strip()
    plain = SELECTORS.sub("", unicodedata.normalize("NFKC", given))
    one_line = re.sub(r"\s+", " ", plain)
    seen = "".join(mark for mark in one_line if unicodedata.category(mark) not in INVISIBLE)
    return re.sub(" +", " ", seen).strip()[:longest].strip()
