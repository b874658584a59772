"""Is all that a sentence states in the facts that it cites? Values, names, quotations and how matters stand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from segvspers.emails.audit.binding import unbound
from segvspers.emails.audit.finding import Finding, fail, warn
from segvspers.emails.audit.lexicon import EMAILS, Lexicon
from segvspers.emails.audit.names import QUOTE, familiar_words, phrase_findings, quote_findings, unknown_names
from segvspers.emails.audit.phrases import Phrases, inside, places_of
from segvspers.emails.audit.status import status_findings
from segvspers.emails.audit.terms import Terms
from segvspers.emails.audit.values import Value, find_values
from segvspers.emails.campaign import Campaign


class Grounding:
    """Holds the sentences of one campaign against their facts; a sentence that was seen is not looked at again.

    Parameters
    ----------
    campaign
        What may be said without a fact: its offer, message, question and claims, word for word; their values in a
        sentence that cites nothing.
    known
        Facts by id.
    lexicon
        Which fields the nouns and verbs of a sentence may state.
    """

    def __init__(self, campaign: Campaign, known: Mapping[str, Terms], *, lexicon: Lexicon = EMAILS) -> None:
        self.known, self.lexicon, self.today = known, lexicon, campaign.send_on
        texts = [campaign.offer, campaign.message, campaign.asked, *campaign.claims.values()]
        self.fixed = [text for text in texts if text]
        self.lent = {(value.kind, value.key) for text in self.fixed for value in find_values(text, self.today)}
        self.lent_beside = {
            (value.kind, value.key, value.cue) for text in self.fixed for value in find_values(text, self.today)
        }
        self.products = Phrases([*campaign.products, *_products(known.values())])
        self.topics = Phrases([*campaign.topics, *campaign.claims])
        sender = campaign.sender
        self.familiar = familiar_words(
            *self.fixed, *campaign.products, *campaign.topics, sender.name, sender.company, sender.title, campaign.goal
        )
        self._seen: dict[tuple[str, tuple[str, ...], tuple[str, ...]], tuple[Finding, ...]] = {}

    def sentence(self, text: str, fact_ids: tuple[str, ...], own: Sequence[str]) -> tuple[Finding, ...]:
        """Return what is wrong with a sentence, given the facts it cites and the names of its reader."""
        key = (text, fact_ids, tuple(name for name in own if name in text))
        found = self._seen.get(key)
        if found is None:
            found = self._seen[key] = tuple(self._check(text, fact_ids, own))
        return found

    def _check(self, text: str, fact_ids: tuple[str, ...], own: Sequence[str]) -> Iterator[Finding]:
        unknown = [one for one in fact_ids if one not in self.known]
        if unknown:
            yield fail("unknown fact", text, 0, 0)
            return
        facts = [self.known[one] for one in fact_ids]
        said = places_of(text, self.fixed)
        quoted = [found.span() for found in QUOTE.finditer(text)]
        yield from quote_findings(text, facts)
        words = [words for fact in facts for words in fact.words]
        held = [*said, *quoted, *places_of(text, [*own, *words])]
        found = find_values(text, self.today)
        values = [value for value in found if not inside(value.start, value.end, held)]
        for value in self._unbound(text, values, facts):
            yield fail("value not in the cited facts", text, value.start, value.end)
        yield from phrase_findings(text, facts, self.products, "product", [*said, *quoted])
        yield from self._stated(text, facts, said)
        if facts:
            named = [(start, end) for _, start, end in self.products.find(text)]
            yield from phrase_findings(text, facts, self.topics, "topic", [*said, *quoted, *named])
        yield from unknown_names(text, facts, self.familiar, [*held, *((value.start, value.end) for value in found)])

    def _stated(self, text: str, facts: Sequence[Terms], said: Sequence[tuple[int, int]]) -> Iterator[Finding]:
        """Return statements of how a matter stands that the facts do not bear out; without any fact they are to be looked at."""
        plain = QUOTE.sub(lambda found: " " * len(found.group()), text)
        for one in status_findings(plain, facts):
            if facts:
                yield one
            elif not inside(one.start, one.end, said):
                yield warn("statement of the reader without a fact", text, one.start, one.end)

    def _unbound(self, text: str, values: list[Value], facts: Sequence[Terms]) -> list[Value]:
        if not facts:
            return [value for value in values if (value.kind, value.key) not in self.lent]
        left = [
            value
            for value in values
            if (value.kind, value.key, value.cue) not in self.lent_beside or value.kind == "date"
        ]
        return unbound(text, left, facts, lexicon=self.lexicon, today=self.today)


def _products(facts: Iterable[Terms]) -> set[str]:
    names = ("product", "plan")
    return {str(fact.told[name]) for fact in facts for name in names if fact.told.get(name)}
