"""An outline as sentences: slots filled from facts, campaign and reader; names said once, then referred to."""

from __future__ import annotations

import re
from dataclasses import replace

from segvspers.emails.brief import Brief, Fact, Sentence
from segvspers.emails.offline.content import Content
from segvspers.emails.offline.kinds import filled
from segvspers.emails.offline.offers import brief_offer
from segvspers.emails.offline.outline import Outline, Part
from segvspers.emails.offline.slots import Reader
from segvspers.emails.offline.words import capital, listed

ROLES = {
    "lead": "lead", "reason before": "lead", "reason after": "lead", "history": "story", "interest": "story", "afterthought": "story",
    "interest claim": "claim",
    "claim": "claim", "offer": "offer", "ask": "call to action", "message": "message", "purpose": "bridge",
    "aside": "bridge", "closing": "closing", "subject": "subject",
}  # fmt: skip
# What goes first when an email is too long for its campaign.
DISPENSABLE = ("closing", "purpose", "aside", "afterthought", "interest", "history", "claim")


def realise(outline: Outline, brief: Brief, content: Content, reader: Reader, *, formal: bool) -> list[Sentence]:
    """Return the subject and the sentences of an email."""
    told = _Told(brief, content, reader, formal=formal)
    subject = told.sentence(outline.subject)
    told.company_free = bool(brief.company)
    sentences = [(part.name, told.sentence(part)) for part in outline.parts]
    return [subject, *_short_enough(sentences, brief)]


def _short_enough(sentences: list[tuple[str, Sentence]], brief: Brief) -> list[Sentence]:
    """Return the sentences without what is least needed, until they fit the length of the campaign."""
    sender = brief.campaign.sender
    around = len(f"Hi {brief.first_name or 'there'}, Best, {sender.name} {sender.title} {sender.company}".split())
    for name in DISPENSABLE:
        if around + sum(len(sentence.text.split()) for _, sentence in sentences) <= brief.campaign.max_words:
            break
        sentences = _without(sentences, name)
    return [sentence for _, sentence in sentences]


def _without(sentences: list[tuple[str, Sentence]], name: str) -> list[tuple[str, Sentence]]:
    """Return sentences without one part; a paragraph that it opened is opened by the next sentence."""
    kept: list[tuple[str, Sentence]] = []
    opens = False
    for part, sentence in sentences:
        if part.startswith(name):
            opens = opens or sentence.opens_paragraph
            continue
        kept.append((part, replace(sentence, opens_paragraph=True) if opens else sentence))
        opens = False
    return kept


class _Told:
    """Fills the parts of one email in order, and remembers what was named."""

    def __init__(self, brief: Brief, content: Content, reader: Reader, *, formal: bool) -> None:
        self.brief, self.content, self.reader, self.formal = brief, content, reader, formal
        self.company_free = bool(brief.company)

    def sentence(self, part: Part) -> Sentence:
        ids = tuple(fact.fact_id for fact in part.facts)
        if part.wording is None:
            text = self.brief.campaign.asked if part.name == "ask" else self.brief.campaign.message
            return Sentence(text, ROLES[part.name], (), part.opens_paragraph)
        slots = self._around()
        if part.clauses:
            slots |= self._lists(part)
        elif part.facts:
            slots |= filled(part.facts[0], self.reader, part.wording.slots)
        text = part.wording.text.format(**slots)
        if "company" in part.wording.text:
            self.company_free = False
        return Sentence(text if text.startswith("“") else capital(text), ROLES[part.name], ids, part.opens_paragraph)

    def _around(self) -> dict[str, str]:
        campaign, company = self.brief.campaign, self.brief.company
        named = company if self.company_free else ""
        claim = campaign.claims.get(self.content.topic, "")
        return {
            "company": company, "for_company": f" for {named}" if named else "",
            "to_company": f", {named}" if named else "", "with_company": f" with {named}" if named else "",
            "sender_company": campaign.sender.company, "offer": campaign.offer, "inner_offer": campaign.offer,
            "Offer": capital(campaign.offer), "Inner_offer": capital(campaign.offer),
            "brief_offer": brief_offer(campaign), "Brief_offer": capital(brief_offer(campaign)),
            "claim": claim, "Claim": capital(claim), "topic": self.content.topic, "Topic": capital(self.content.topic),
        }  # fmt: skip

    def _lists(self, part: Part) -> dict[str, str]:
        clauses = _referring([
            wording.text.format(**filled(fact, self.reader, wording.slots))
            for wording, fact in zip(part.clauses, part.facts, strict=True)
        ], part.facts)  # fmt: skip
        together = listed(clauses, self.reader.locale)
        you = self._you(together)
        slots = {"you_list": you, "you_clause": you, "you_also": f"you also {together}"}
        return slots | {capital(name): capital(words) for name, words in slots.items()}

    def _you(self, clauses: str) -> str:
        """Return clauses after "you", drawn together with it as speech does unless the tone is formal."""
        if self.formal:
            return f"you {clauses}"
        for verb, drawn in (("have ", "you've "), ("are ", "you're ")):
            if clauses.startswith(verb) and not re.match(r"have (?:a|an|the|your|Plan)\b", clauses):
                return drawn + clauses.removeprefix(verb)
        return f"you {clauses}"


def _referring(clauses: list[str], facts: tuple[Fact, ...]) -> list[str]:
    """Return clauses in which a product that was just named is "it", and a month is named once."""
    if len(facts) == 2:
        clauses[1] = _same_month(clauses)
        product = facts[0].fields.get("product")
        if product and product == facts[1].fields.get("product"):
            clauses[1] = re.sub(rf"\b(?:(?:an?|the) )?{re.escape(product)}", "it", clauses[1], count=1)
    return clauses


def _same_month(clauses: list[str]) -> str:
    """Return the second clause, with "the same month" for the month that the first one ends on."""
    month = re.search(r" (?:in [A-Z]\w+(?: last year| \d{4})?|last month|earlier this month)$", clauses[0])
    if month and clauses[1].endswith(month.group()):
        return f"{clauses[1].removesuffix(month.group())} the same month"
    return clauses[1]
