"""What may not stand in a text that somebody approves or another program opens: hidden marks, mark-up, templates, formulas."""

from __future__ import annotations

import re
from collections.abc import Collection

# Controls, format and private characters, surrogates, separators of lines, variation selectors and blanks that are letters:
# nobody who reads a text sees them. The newline is no part of it.
HIDDEN = (
    "\x00-\x09\x0b-\x1f\x7f-\x9f\xad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    "\u200b-\u200f\u2028-\u202e\u2060-\u206f\u2800\u3164\ud800-\uf8ff\ufe00-\ufe0e\ufeff\uffa0\ufff0-\ufffb"
    "\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U0010ffff"
)
# An emoji may ask for its coloured form; one selector says nothing else.
EMOJI = "[\u00a9\u00ae\u203c-\u3299\U0001f000-\U0001faff]"
UNSEEN = re.compile(f"(?<!{EMOJI})\ufe0f|[{HIDDEN}]")
TEMPLATE = re.compile(r"[{}]|\[\[|\]\]|\*\||\|\*|<%|%>|%%\w+%%|%[A-Z_]{2,}%|\[[A-Z][A-Za-z ]+\]")
MARKUP = re.compile(r"<[A-Za-z/!?]|\]\(|(?:java|vb)script:|data:\w+/", re.IGNORECASE)
ENCODED = re.compile(r"=\?[^?\s]+\?[bqBQ]\?")
LINK = re.compile(r"(?:https?:)?//[^\s>]+|\bwww\.[^\s>]+", re.IGNORECASE)
FORMULA = re.compile(r"[\s'\"]*[=+\-@\uff1d\uff0b\uff0d\uff20|%]|[\t\r\n\0]")
ADDRESS = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._+'-]*@[A-Za-z0-9](?:[A-Za-z0-9-]*\.)+[A-Za-z]{2,}", re.ASCII)


def fault_of(subject: str, body: str, links: Collection[str]) -> str:
    r"""Return what keeps a text from being approved, in a few words, or nothing.

    Parameters
    ----------
    subject, body
        The text as it would leave.
    links
        Those that may stand in it.

    Examples
    --------
    >>> fault_of("Hello", "Hi Ada", ()), fault_of("Hello\nBcc: x", "Hi", ()), fault_of("Hi", "{{ name }}", ())
    ('', 'line break in the subject', 'template marks')
    """
    text = f"{subject}\n{body}"
    if not subject.strip() or not body.strip():
        return "empty subject or body"
    if re.search(r"[\r\n\v\f\x1c-\x1e\x85\u2028\u2029]", subject):
        return "line break in the subject"
    if UNSEEN.search(text):
        return "characters that can't be seen"
    if MARKUP.search(text):
        return "mark-up"
    if TEMPLATE.search(text) or ENCODED.search(subject):
        return "template marks"
    if any(link.rstrip(".,;:!?)") not in links for link in LINK.findall(text)):
        return "a link that the campaign does not allow"
    return ""


def is_address(value: object) -> bool:
    """Tell whether a value is one plain address that no program can take for anything else."""
    return isinstance(value, str) and len(value) <= 254 and ".." not in value and bool(ADDRESS.fullmatch(value))


def could_be_formula(text: str) -> bool:
    """Tell whether a spreadsheet could take a cell for a formula, or a line break for a new one."""
    return bool(FORMULA.match(text))
