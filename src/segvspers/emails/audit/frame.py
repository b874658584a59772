"""What stands around the sentences: greeting, signature, legal footer, and the copy in HTML."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from html import unescape
from urllib.parse import urlsplit

from segvspers.emails.audit.finding import Finding, fail, warn
from segvspers.emails.campaign import Campaign

FOOTER = "\n\n--\n"
_GREETING = re.compile(r"\s*(?:Hi|Hello|Dear|Hey)\b,? ?([^\n,!]{0,60}?)[,!]?\s*(?:\n|$)")
_SOLD = re.compile(r"\b(?:advertis\w+|promotion\w*|offers?|newsletters?|sponsored|unsubscribe)\b", re.IGNORECASE)


def without_footer(body: str) -> str:
    """Return a body without its legal footer."""
    return body.rsplit(FOOTER, 1)[0]


def greeting_findings(body: str, own: Collection[str], fallback: str) -> Iterator[Finding]:
    """Return a greeting that names somebody else than the reader."""
    found = _GREETING.match(body)
    if found is None or not own:
        return
    named = found.group(1).strip()
    known = {name.lower() for name in own} | {fallback.lower(), "there", "all", "everyone", "team", ""}
    words = [word for word in re.split(r"[\s.]+", named.lower()) if word not in {"mr", "mrs", "ms", "dr", "prof"}]
    if named.lower() not in known and not all(any(word in name.split() for name in known) for word in words):
        yield fail("greeting names somebody else", body, *found.span(1))


def footer_findings(body: str, campaign: Campaign) -> Iterator[Finding]:
    """Return what the law asks for and the email lacks: CAN-SPAM Act, 15 U.S.C. 7704(a); GDPR, Articles 13, 14 and 21.

    A postal address, a way out that can be followed, who sends it, and that something is on offer.
    """
    footer, end = campaign.footer, len(body)
    if footer.postal_address not in body:
        yield fail("no postal address", body, end, end)
    if footer.unsubscribe_url not in body:
        yield fail("no way to unsubscribe", body, end, end)
    elif not works(footer.unsubscribe_url):
        start = body.index(footer.unsubscribe_url)
        yield fail("unsubscribe link can't be followed", body, start, start + len(footer.unsubscribe_url))
    if campaign.sender.name not in body and campaign.sender.company not in body:
        yield fail("sender not identified", body, end, end)
    if campaign.offer not in body and not _SOLD.search(body):
        yield warn("not identified as commercial", body, end, end)


def works(url: str) -> bool:
    """Tell whether a link can be followed at all: a host with a dot or localhost, no token and no blank in it."""
    told = urlsplit(url)
    host = told.hostname or ""
    named = "." in host.strip(".") or host == "localhost"
    return told.scheme in {"http", "https"} and named and not re.search(r"[{}%|*\[\]<>\s]", url.replace("%20", ""))


def html_findings(body: str, html: str) -> Iterator[Finding]:
    """Return a finding when the copy in HTML says something else than the text."""
    plain = unescape(re.sub(r"<[^>]+>", " ", html))
    if plain.split() != body.split():
        yield fail("HTML differs from the text", body, 0, 0)
