"""Of what class a reply is: headers say when a machine wrote it, rules on its new text say the rest."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files

CLASSES = ("positive", "neutral", "negative", "referral", "auto_reply", "opt_out")
LONGEST = 2000


def class_of_headers(headers: Mapping[str, str]) -> str:
    """Return why headers say that a machine wrote a mail, or the empty text.

    Parameters
    ----------
    headers
        Values by name in lower case.

    References
    ----------
    RFC 3834, sections 3.1.7 and 5 (`Auto-Submitted`, any value but ``no``); RFC 2076, 3.9 (`Precedence`); [MS-OXCMAIL]
    2.2.3.2.14 (`X-Auto-Response-Suppress`, which Exchange writes into what it sends by itself).
    """
    submitted = headers.get("auto-submitted", "").split(";")[0].strip().lower()
    if submitted and submitted != "no":
        return "Auto-Submitted"
    for name in (
        "x-autoreply",
        "x-autorespond",
        "x-autoresponder",
        "x-auto-reply",
        "x-autoreply-from",
        "x-mail-autoreply",
    ):
        if headers.get(name, "").strip().lower() not in {"", "no", "false", "0"}:
            return name.title()
    if headers.get("precedence", "").strip().lower() in {"auto_reply", "auto-reply", "bulk", "junk"}:
        return "Precedence"
    suppressed = {word.strip() for word in headers.get("x-auto-response-suppress", "").lower().split(",")}
    return "X-Auto-Response-Suppress" if suppressed & {"all", "oof", "autoreply"} else ""


def class_of_text(text: str, *, subject: str = "") -> str:
    """Return the class that the rules of `classes.yml` give to the new text of a reply.

    A reply that no rule knows is neutral.

    Examples
    --------
    >>> class_of_text("Thursday works for me, send an invite")
    'positive'
    >>> class_of_text("Not interested, please take me off your list")
    'opt_out'
    """
    rules = _rules()
    head = _plain(subject)
    for name, patterns in rules["subject"]:
        if any(pattern.search(head) for pattern in patterns):
            return name
    body = _plain(text)
    for name, patterns in rules["text"]:
        if any(pattern.search(body) for pattern in patterns):
            return name
    return "neutral"


def _plain(text: str) -> str:
    return re.sub(r"\s+", " ", text[:LONGEST].lower().replace("’", "'").replace("‘", "'")).strip()


@lru_cache(maxsize=1)
def _rules() -> dict[str, list[tuple[str, list[re.Pattern[str]]]]]:
    import yaml

    told = yaml.safe_load((files("segvspers.replies") / "classes.yml").read_text(encoding="utf-8"))
    return {
        where: [(name, [re.compile(pattern) for pattern in patterns]) for name, patterns in classes.items()]
        for where, classes in told.items()
    }
