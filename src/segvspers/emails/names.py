"""Names of people, companies, products and topics as a list holds them: fit to stand in an email, or left out."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Any

from segvspers.emails.unseen import UNSEEN

STRANGE = re.compile(r"[<>{}\[\]|\\@=%$#*_~^`\"“”]|https?:|www\.|//|:")

# A spreadsheet takes a cell that begins with one for a formula.
SIGNS = "-+ "


def clean_name(value: Any, *, longest: int = 60) -> str:
    """Return a name fit to stand in an email, or nothing: no controls, no mark-up, no link, no template marks.

    A sign in front is left out.

    Examples
    --------
    >>> clean_name("  Jean-Luc "), clean_name("-Anna"), clean_name("{{7*7}}"), clean_name(None)
    ('Jean-Luc', 'Anna', '', '')
    """
    return _clean(value, longest) if isinstance(value, str) else ""


@lru_cache(maxsize=50_000)
def _clean(value: str, longest: int) -> str:
    text = unicodedata.normalize("NFKC", value)
    if "\n" in text or UNSEEN.search(text) or any(unicodedata.category(mark) == "Cn" for mark in text):
        return ""
    text = re.sub(r"\s+", " ", text).lstrip(SIGNS).rstrip()
    return "" if STRANGE.search(text) or len(text) > longest or len(text.split()) > 6 else text
