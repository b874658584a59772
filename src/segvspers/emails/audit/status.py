"""Words that say how a matter stands, held against the facts.

A fact says that a ticket is open or solved, that a question was answered or not, what was bought, renewed or canceled,
what was decided. A sentence that says so needs such a fact; one that says the opposite contradicts it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from segvspers.emails.audit.finding import Finding, fail
from segvspers.emails.audit.status_rules import NOT, RULES, Rule
from segvspers.emails.audit.terms import Terms

_DEEDS = (
    r"bought|purchased|ordered|renewed|asked|opened|read|clicked|replied|signed|joined|cancell?ed|visited|looked"
    r"|buy|renew|ask|open|click|reply|sign|join|cancel|visit|look"
)
_DENIED = re.compile(rf"{NOT} ({_DEEDS})\b", re.IGNORECASE)
_IF = re.compile(r"\b(?:if|whether|unless|in case)\b(?:(?!\b(?:that|which)\b)[^,;.?!])*$", re.IGNORECASE)
CHECK = "status contradicts the fact"


def _bears_out(deed: str, fact: Terms) -> bool:
    """Tell whether a fact counts none of what is denied."""
    name = "opened" if deed in {"opened", "open", "read"} else "clicked" if deed.startswith("click") else "n_purchases"
    return fact.told.get(name) == 0


def status_findings(text: str, facts: Sequence[Terms], *, rules: Sequence[Rule] = RULES) -> Iterator[Finding]:
    """Return the words of a sentence that say how a matter stands, where no fact that it cites says so.

    A condition ("if it is still open") states nothing.
    """
    low = text.lower()
    for rule in rules:
        for found in rule.wordings.finditer(text) if any(hint in low for hint in rule.hints) else ():
            if not any(rule.holds(fact) for fact in facts) and not _IF.search(text, 0, found.start()):
                yield fail(CHECK, text, *found.span())
                break
    denied = _DENIED.search(text) if "n't" in low or "n’t" in low or " not " in low or "never" in low else None
    if (
        denied
        and not _IF.search(text, 0, denied.start())
        and not any(_bears_out(denied.group(1).lower(), fact) for fact in facts)
    ):
        yield fail(CHECK, text, *denied.span())
