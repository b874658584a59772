"""Words that say how a matter stands, held against the facts.

A fact says that a ticket is open or solved, that a question was answered or not, what was bought, renewed or canceled,
what was decided. A sentence that says so needs such a fact; one that says the opposite contradicts it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from segvspers.emails.audit.finding import Finding, fail
from segvspers.emails.audit.status_rules import NOT, RULES
from segvspers.emails.audit.terms import Terms

_DEEDS = (
    r"bought|purchased|ordered|renewed|asked|opened|read|clicked|replied|answered|signed|joined|cancell?ed|visited|looked"
    r"|buy|renew|ask|open|click|reply|sign|join|cancel|visit|look"
)
_DENIED = re.compile(rf"\byou (?:have|had|did)? ?{NOT} (?:{_DEEDS})\b", re.IGNORECASE)
_IF = re.compile(r"\b(?:if|whether|unless|in case|tell me when)\b[^,;.?!]*$", re.IGNORECASE)
CHECK = "status contradicts the fact"


def status_findings(text: str, facts: Sequence[Terms]) -> Iterator[Finding]:
    """Return the words of a sentence that say how a matter stands, where no fact that it cites says so.

    A condition ("if it is still open") states nothing.
    """
    low = text.lower()
    for rule in RULES:
        for found in rule.wordings.finditer(text) if any(hint in low for hint in rule.hints) else ():
            if not any(rule.holds(fact) for fact in facts) and not _IF.search(text, 0, found.start()):
                yield fail(CHECK, text, *found.span())
                break
    denied = _DENIED.search(text) if "you" in low else None
    if denied and not any(fact.told.get(name) == 0 for fact in facts for name in ("opened", "clicked", "n_purchases")):
        yield fail(CHECK, text, *denied.span())
