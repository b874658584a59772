"""All checks of one email, each finding at its place in the subject or the body."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from segvspers.emails.audit.finding import Finding, fail, warn
from segvspers.emails.audit.frame import FOOTER, footer_findings, greeting_findings, html_findings, without_footer
from segvspers.emails.audit.grounding import Grounding
from segvspers.emails.audit.marks import (
    MOST_WORDS,
    address_findings,
    link_findings,
    shouting_findings,
    subject_findings,
    token_findings,
)
from segvspers.emails.audit.readability import HARD, reading_ease
from segvspers.emails.audit.status import status_findings
from segvspers.emails.audit.terms import Terms
from segvspers.emails.campaign import Campaign

SHORT_FORMS = frozenset(
    ["FAQ", "SMS", "MMS", "API", "CRM", "ERP", "SEO", "ROI", "KPI", "CSV", "PDF", "HTML", "HTTP", "HTTPS", "GDPR", "DKIM", "DMARC",
     "SPF", "USA", "USD", "EUR", "GBP"]
)  # fmt: skip


class Checks:
    """All checks of one campaign's emails."""

    def __init__(self, campaign: Campaign, known: Mapping[str, Terms]) -> None:
        self.campaign, self.known = campaign, known
        self.grounding = Grounding(campaign, known)
        sender, footer = campaign.sender, campaign.footer
        self.links = {footer.unsubscribe_url, *campaign.links}
        self.sender = {sender.email.lower()}
        said = " ".join([campaign.offer, campaign.message, campaign.asked, *campaign.claims.values(), *campaign.topics,
                         *campaign.products, sender.name, sender.company, sender.title, footer.postal_address])  # fmt: skip
        self.capitals = SHORT_FORMS | set(re.findall(r"\b[A-Z’']{2,}\b", said))
        self.frame = self._frame()

    def email(self, row: Any) -> Iterator[Finding]:
        """Give the findings of one row of the emails table."""
        body, own = row.body_text, tuple(row.identity)
        yield from self._sentences(row, own)
        for text, part in ((row.subject, "subject"), (body, "body")):
            yield from token_findings(text, part)
            yield from link_findings(text, self.links, part)
            if "@" in text:
                yield from address_findings(text, self.sender, part)
            yield from shouting_findings(
                text, part, self.capitals | {word for name in own for word in name.upper().split()}
            )
        yield from subject_findings(row.subject, replies=self._replies(row.sentences))
        yield from greeting_findings(body, own, self.campaign.merge_fields.get("first_name", "there"))
        yield from footer_findings(body, self.campaign)
        if row.body_html is not None:
            yield from html_findings(body, row.body_html)
        yield from self._length(body)

    def _sentences(self, row: Any, own: Sequence[str]) -> Iterator[Finding]:
        """Hold every sentence against its facts, and what no sentence covers against none."""
        body, end, rest = row.body_text, 0, []
        for sentence in row.sentences:
            text, ids = sentence["text"], tuple(sentence["fact_ids"])
            found = self.grounding.sentence(text, ids, own)
            if sentence["role"] == "subject":
                if text != row.subject:
                    yield fail("subject is not the one that was noted", row.subject, 0, len(row.subject), "subject")
                    yield from (one.moved(0, "sentences") for one in found)
                else:
                    yield from (one.moved(0, "subject") for one in found)
                continue
            at = body.find(text, end)
            if at < 0:
                yield warn("sentence is not in the body", text, 0, len(text), "sentences")
                yield from (one.moved(0, "sentences") for one in found)
                continue
            yield from (one.moved(at, "body") for one in found)
            rest.append((end, at))
            end = at + len(text)
        yield from self._uncovered(body, [*rest, (end, len(body))], own)

    def _uncovered(self, body: str, gaps: Sequence[tuple[int, int]], own: Sequence[str]) -> Iterator[Finding]:
        """Hold what stands between the sentences, but for greeting, signature and footer, against no fact.

        What somebody wrote in by hand may be right; a value in it, or a statement of the reader, has nothing to vouch for it.
        """
        for low, high in gaps:
            for found in re.finditer(r"[^\n]+", body[low:high]):
                line = found.group().strip()
                if not line or line in self.frame or (low + found.start() == 0 and len(line) < 80):
                    continue
                start = low + found.start()
                yield warn("text that no sentence accounts for", body, start, low + found.end())
                yield from (one.moved(start, "body") for one in self.grounding.sentence(found.group(), (), own))
                yield from (one.moved(start, "body") for one in status_findings(found.group(), ()))

    def _frame(self) -> frozenset[str]:
        sender, footer = self.campaign.sender, self.campaign.footer
        return frozenset(
            {"Best,", "--", sender.name, sender.title, sender.company, footer.postal_address,
             f"Unsubscribe: {footer.unsubscribe_url}", *footer.postal_address.splitlines()}
        )  # fmt: skip

    def _replies(self, sentences: Sequence[Mapping[str, Any]]) -> bool:
        """Tell whether an email answers something that its reader wrote."""
        cited = (self.known.get(one) for sentence in sentences for one in sentence["fact_ids"])
        return any(fact is not None and fact.kind in {"reply", "conversation", "question"} for fact in cited)

    def _length(self, body: str) -> Iterator[Finding]:
        text = without_footer(body)
        n_words, most = len(text.split()), self.campaign.max_words
        if n_words > most:
            yield warn("longer than the campaign allows", body, 0, 0)
        if n_words > MOST_WORDS:
            yield warn("more than 150 words", body, 0, 0)
        if reading_ease(text.rsplit("\n\n", 1)[0].partition("\n\n")[2]) < HARD:
            yield warn("hard to read", body, 0, 0)


__all__ = ["FOOTER", "Checks"]
