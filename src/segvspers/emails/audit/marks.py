"""Marks of a bad email that need no facts: tokens that nobody filled, links, the subject line, shouting."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from segvspers.emails.audit.finding import Finding, fail, warn

# Merge marks of Jinja, Liquid and Handlebars; Mailchimp; Salesforce and Marketo; Klaviyo; SendGrid; GMass, Instantly and
# Smartlead; Adobe and Eloqua; ConvertKit; Constant Contact; square brackets of a draft; and what code prints for nothing.
UNFILLED = re.compile(
    r"\{\{.*?\}\}|\{#.*?#\}|\{\{|\}\}|\{%.*?%\}|\{%|%\}|\{[#!$]?[A-Za-z_][\w.| -]*\}|\$\{[^}]*\}|<%.*?%>|<~.*?~>|\*\|.*?\|\*|\[\[.*?\]\]"
    r"|%%[\w=.() ]*%%"
    r"|%[A-Za-z][A-Za-z_ ]+%|##[A-Za-z_]+##|\[(?:[A-Z][A-Za-z]*|[A-Z_]+|(?:first|last|your|company|insert|name)[\w -]*)(?: [\w-]+)*\]"
    r"|<(?:first|last|company|insert|name|your)[\w -]*>|\b(?:undefined|NaN|NaT|None|null|nan)\b|\[object Object\]"
    r"|\b(?:Lorem ipsum|TODO|TBD|XXX)\b"
)  # fmt: skip
_MAY_HOLD = re.compile(r"[{}%<\[*#]|undefined|NaN|NaT|None|null|nan|Lorem|TODO|TBD|XXX")
LINK = re.compile(r"(?:https?://|www\.)[^\s<>\"”]+", re.IGNORECASE)
ADDRESS = re.compile(r"(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
SHORTENERS = frozenset(
    ["bit.ly", "tinyurl.com", "t.co", "goo.gl", "ow.ly", "is.gd", "buff.ly", "rebrand.ly", "cutt.ly", "lnkd.in", "shorturl.at",
     "t.ly", "rb.gy", "tiny.cc", "bl.ink", "s.id"]
)  # fmt: skip
SHOUTED = re.compile(
    r"[!?]{2,}|\b(?:FREE|ACT NOW|URGENT|BUY NOW|LAST CHANCE)\b|\b100 ?%(?= (?:free|guaranteed))|\${2,}"
)
CAPITALS = re.compile(r"[A-Z]{2}[A-Z’']*(?:[ ,!]+[A-Z][A-Z’']+)*(?!\w)")
THREAD = re.compile(r"\s*(?:re|fwd?|aw|wg|tr)\s*(?:\[\d+\])?:", re.IGNORECASE)
LONGEST_SUBJECT, MOST_LINKS, MOST_WORDS = 78, 2, 150


def token_findings(text: str, part: str) -> Iterator[Finding]:
    """Return tokens that were to be filled, in the syntax of any vendor."""
    if _MAY_HOLD.search(text):
        yield from (fail("unfilled token", text, *found.span(), part) for found in UNFILLED.finditer(text))


def link_findings(text: str, allowed: Collection[str], part: str) -> Iterator[Finding]:
    """Return links that are not the campaign's, shortened ones, and more than two beside the way out."""
    for number, found in enumerate(LINK.finditer(text), start=1):
        link = found.group().rstrip(".,;:!?)")
        start, end = found.start(), found.start() + len(link)
        host = re.sub(r"^(?:https?://)?(?:www\.)?", "", link.lower()).split("/")[0]
        if host in SHORTENERS:
            yield fail("shortened link", text, start, end, part)
        elif link not in allowed:
            yield fail("link not allowed", text, start, end, part)
        if number == MOST_LINKS + 2:
            yield warn("more than two links", text, start, end, part)


def address_findings(text: str, allowed: Collection[str], part: str) -> Iterator[Finding]:
    """Return e-mail addresses that are neither the sender's nor the reader's."""
    for found in ADDRESS.finditer(text):
        if found.group().lower().rstrip(".") not in allowed:
            yield fail("address not allowed", text, *found.span(), part)


def subject_findings(subject: str, *, replies: bool) -> Iterator[Finding]:
    """Return what is wrong with a subject line; `replies` says whether the email answers one of the reader's."""
    if not subject.strip():
        yield fail("no subject", subject, 0, 0, "subject")
    elif len(subject) > LONGEST_SUBJECT:
        yield warn("subject longer than 78 characters", subject, LONGEST_SUBJECT, len(subject), "subject")
    strange = re.search(r"[\r\n\v\f\x85\u2028\u2029]", subject)
    if strange:
        yield fail("line break in the subject", subject, *strange.span(), "subject")
    thread = THREAD.match(subject)
    if thread and not replies:
        yield fail("subject pretends to be a reply", subject, *thread.span(), "subject")
    letters = [mark for mark in subject if mark.isalpha()]
    if len(letters) > 9 and sum(mark.isupper() for mark in letters) > 0.6 * len(letters):
        yield warn("shouting", subject, 0, len(subject), "subject")


def shouting_findings(text: str, part: str, familiar: Collection[str]) -> Iterator[Finding]:
    """Return doubled marks, cries of the trade, and words in capitals that are no known name or short form."""
    for found in SHOUTED.finditer(text):
        yield warn("shouting", text, *found.span(), part)
    for found in CAPITALS.finditer(text):
        words = re.findall(r"[A-Z’']+", found.group())
        new = [word for word in words if word not in familiar]
        if (
            new
            and (len(words) > 2 or len(max(new, key=len)) > 5)
            and not text[found.start() - 1 : found.start()].isalnum()
        ):
            yield warn("shouting", text, *found.span(), part)
