"""The whole body of an email: greeting, paragraphs, signature, and the footer that the law asks for."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from segvspers.emails.brief import Sentence
from segvspers.emails.campaign import Campaign


def body_text(sentences: Sequence[Sentence], *, greeting: str, campaign: Campaign) -> str:
    """Return the body as plain text."""
    paragraphs: list[str] = []
    for sentence in sentences:
        if sentence.opens_paragraph or not paragraphs:
            paragraphs.append(sentence.text)
        else:
            paragraphs[-1] += f" {sentence.text}"
    return "\n\n".join([f"Hi {greeting},", *paragraphs, *ending(campaign)])


def ending(campaign: Campaign, *, unsubscribe: str | None = None) -> tuple[str, str]:
    """Return the two paragraphs that close every email: signature and footer, with another way out when one is given."""
    sender, footer = campaign.sender, campaign.footer
    signature = "\n".join(line for line in ("Best,", sender.name, sender.title, sender.company) if line)
    return signature, f"--\n{footer.postal_address}\nUnsubscribe: {unsubscribe or footer.unsubscribe_url}"


def body_html(text: str) -> str:
    """Return the body as plain paragraphs; everything is escaped."""
    return "".join(f"<p>{escape(part, quote=False).replace(chr(10), '<br>')}</p>" for part in text.split("\n\n"))
