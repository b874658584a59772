"""One finding, and the form in which all of them travel."""

from __future__ import annotations

from dataclasses import dataclass, replace

COLUMNS = ["email_id", "variant", "check", "severity", "part", "start", "end", "span"]


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong, how badly, and where.

    Attributes
    ----------
    check
        What is wrong, in words that are the same for every email.
    severity
        ``fail`` when the email must not leave, ``warn`` when somebody should look.
    span
        The words in question; empty when something is missing.
    start, end
        Their place in the part.
    part
        ``subject``, ``body``, or ``sentences`` for a noted sentence that the body does not hold.
    """

    check: str
    severity: str
    span: str
    start: int
    end: int
    part: str = "body"

    def moved(self, by: int, part: str) -> Finding:
        """Return the finding at its place in a longer text."""
        return replace(self, start=self.start + by, end=self.end + by, part=part)


def fail(check: str, text: str, start: int, end: int, part: str = "body") -> Finding:
    """Return a finding with which an email must not leave."""
    return Finding(check, "fail", text[start:end], start, end, part)


def warn(check: str, text: str, start: int, end: int, part: str = "body") -> Finding:
    """Return a finding that somebody should look at."""
    return Finding(check, "warn", text[start:end], start, end, part)
