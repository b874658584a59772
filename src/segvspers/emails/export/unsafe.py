"""What may not stand in a text that somebody approves or another program opens: hidden marks, mark-up, templates, formulas."""

from __future__ import annotations

import re
from collections.abc import Collection

from segvspers.emails.campaign import Campaign
from segvspers.emails.unseen import UNSEEN

TEMPLATE = re.compile(r"[{}]|\[\[|\]\]|\*\||\|\*|<%|%>|%%\w{1,40}%%|%[A-Z_]{2,40}%|\[[A-Z][A-Za-z ]{1,60}\]|%0[adAD]")
MARKUP = re.compile(r"<[A-Za-z/!?]|\]\(|(?:java|vb)script:|data:\w+/", re.IGNORECASE)
ENCODED = re.compile(r"=\?[^?\s]+\?[bqBQ]\?")
LINK = re.compile(r"(?:https?:)?//[^\s>]+|\bwww\.[^\s>]+|[\w.+-]{1,64}@[\w-]{1,63}\.[\w.-]{2,}", re.IGNORECASE)
ENDS = ".,;:!?)"
FORMULA = re.compile(r"[\s'\"]*[=+\-@\uff1d\uff0b\uff0d\uff20|%]|[\t\r\n\0]")
ADDRESS = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._+'-]*@[A-Za-z0-9](?:[A-Za-z0-9-]*\.)+[A-Za-z]{2,}", re.ASCII)


def fault_of(subject: str, body: str, links: Collection[str]) -> str:
    r"""Return what keeps a text from being approved, in a few words, or nothing.

    Parameters
    ----------
    subject, body
        The text as it would leave.
    links
        Links and addresses that may stand in it.

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
    if TEMPLATE.search(text) or ENCODED.search(text):
        return "template marks"
    if any(link.rstrip(ENDS) not in links for link in LINK.findall(text)):
        return "a link or an address that the campaign does not name"
    return ""


def links_of(campaign: Campaign) -> set[str]:
    """Return the links and addresses that may stand in a campaign's emails: its own, and those in its words."""
    words = (
        campaign.offer,
        campaign.message,
        campaign.call_to_action,
        *campaign.claims.values(),
        campaign.footer.postal_address,
    )
    named = {link.rstrip(ENDS) for text in words for link in LINK.findall(text)}
    return named | {campaign.footer.unsubscribe_url, campaign.sender.email, *campaign.links}


def is_address(value: object) -> bool:
    """Tell whether a value is one plain address that no program can take for anything else."""
    return isinstance(value, str) and len(value) <= 254 and ".." not in value and bool(ADDRESS.fullmatch(value))


def could_be_formula(text: str) -> bool:
    """Tell whether a spreadsheet could take a cell for a formula, or a line break for a new one."""
    return bool(FORMULA.match(text))
