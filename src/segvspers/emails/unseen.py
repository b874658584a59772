"""Characters that nobody who reads a text sees, and that can carry text of their own."""

from __future__ import annotations

import re

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
