"""An answer as a draft: positions become fact ids, placeholders become our phrases, and the boundary is checked."""

from __future__ import annotations

import re
from typing import Any

from segvspers.emails.brief import Brief, Draft, Sentence
from segvspers.emails.llm.dialogue.boundary import THREAD, allowed_words, borne_out, names_other, said_wrong, shows
from segvspers.emails.llm.dialogue.prompt import Prompt
from segvspers.emails.llm.dialogue.quoted import quoted
from segvspers.emails.llm.dialogue.reply import ANSWERED, parse
from segvspers.emails.llm.dialogue.schema import Answer
from segvspers.emails.llm.dialogue.told import chosen, clause, told

PLACEHOLDER = re.compile(r"\{(f[1-8])\}")
AFTER_YOU = re.compile(
    r"(?:\byou|\byou \{f[1-8]\},?(?: and| then| and then)?|\{f[1-8]\}, \{f[1-8]\},? and) \Z", re.IGNORECASE
)
WHY_NOT = {
    "refused": "the model refused",
    "filtered": "a content filter stopped the answer",
    "truncated": "the answer was cut off at the longest length",
    "malformed": "the answer has another form than was asked for",
}


def draft_of(
    status: str, text: str, brief: Brief, prompt: Prompt, *, placeholders: bool, quotes: bool, paid: dict[str, Any]
) -> Draft:
    """Return the draft of one answer; `problems` says what must not leave, `paid` are its tokens and cost."""
    answer = parse(text) if status == ANSWERED else None
    if answer is None:
        failed = status if status != ANSWERED else "malformed"
        return Draft(Sentence("", "subject"), (), status=failed, problems=(WHY_NOT[failed],), **paid)
    reader = _Reader(brief, prompt, placeholders=placeholders, quotes=quotes)
    subject = reader.subject(answer)
    sentences = reader.sentences(answer)
    return Draft(subject, (*sentences, *_ending(answer, brief)), problems=tuple(dict.fromkeys(reader.problems)), **paid)


def _ending(answer: Answer, brief: Brief) -> list[Sentence]:
    """Return what every email of the campaign says as it stands: its message, and the question at the end."""
    campaign = brief.campaign
    message = [Sentence(campaign.message, "message", opens_paragraph=True)] if campaign.message else []
    joins = answer.sentences[-1].role == "offer" and not message
    return [*message, Sentence(campaign.asked, "call to action", opens_paragraph=not joins)]


class _Reader:
    """Reads one answer and notes what is wrong with it."""

    def __init__(self, brief: Brief, prompt: Prompt, *, placeholders: bool, quotes: bool) -> None:
        self.brief, self.prompt, self.placeholders = brief, prompt, placeholders
        facts = chosen(brief, placeholders=placeholders)
        self.told = {
            place: told(fact, brief, quotes=quotes) for place, fact in zip(prompt.positions, facts, strict=True)
        }
        self.clauses = {place: clause(fact, brief) for place, fact in zip(prompt.positions, facts, strict=True)}
        self.named = (*brief.campaign.topics, *brief.campaign.products)
        self.ours = allowed_words(brief.campaign)
        self.problems: list[str] = []

    def subject(self, answer: Answer) -> Sentence:
        text, ids = self._filled(answer.subject.text, answer.subject.fact_ids, "the subject")
        if THREAD.search(text):
            self.problems.append("the subject feigns a reply")
        # A subject may cite more than it shows; what it does not show it does not state.
        shown = ids if self.placeholders else [one for one in ids if shows(self.told[one], text)]
        self._check(text, "the subject", cites=bool(shown))
        return Sentence(text, "subject", self._fact_ids(shown))

    def sentences(self, answer: Answer) -> tuple[Sentence, ...]:
        found, before = [], set()
        for place, one in enumerate(answer.sentences, start=1):
            where = f"sentence {place}"
            text, ids = self._filled(one.text, one.fact_ids, where)
            if one.role in {"lead", "story"} and not ids:
                self.problems.append(f"{where} is a {one.role} but states no fact")
            if not self.placeholders and any(not shows(self.told[one_id], text) for one_id in ids):
                self.problems.append(f"{where} cites a fact that it does not show")
            cited = [self.told[one_id] for one_id in ids]
            strays = one.role in {"lead", "story"} and names_other(text, self.named, cited)
            if ids and (strays or not borne_out(text, frozenset(str(fact["kind"]) for fact in cited))):
                self.problems.append(f"{where} says what the facts it cites are not about")
            if text.lower() in before:
                self.problems.append(f"{where} repeats another")
            before.add(text.lower())
            self._check(text, where, cites=bool(ids))
            ended = text if text[-1:] in '.?!”"' else f"{text}."
            found.append(Sentence(ended, one.role, self._fact_ids(ids), one.opens_paragraph or place == 1))
        return tuple(found)

    def _check(self, text: str, where: str, *, cites: bool) -> None:
        wrong = said_wrong(text, cites=cites, ours=self.ours)
        self.problems += [f"{where} {problem}" for problem in wrong]

    def _fact_ids(self, places: list[Any]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(self.prompt.positions[one] for one in places))

    def _filled(self, raw: str, ids: list[Any], where: str) -> tuple[str, list[Any]]:
        """Return a text with its placeholders filled, and the positions that it states and that exist."""
        text = quoted(raw, longest=1000)
        if not text:
            self.problems.append(f"{where} is empty")
        if any(one not in self.told for one in ids):
            self.problems.append(f"{where} cites a fact that was not given")
        if not self.placeholders:
            return text, [one for one in ids if one in self.told]
        named = PLACEHOLDER.findall(text)
        if any(one not in self.told for one in named):
            self.problems.append(f"{where} holds a placeholder that was not given")
        if any(not AFTER_YOU.search(text[: found.start()]) for found in PLACEHOLDER.finditer(text)):
            self.problems.append(f'{where} has a placeholder that does not follow "you"')
        for one, words in self.clauses.items():
            text = text.replace(f"{{{one}}}", words)
        names = {"{company}": self.brief.company or "your team", "{first_name}": self.brief.first_name}
        for mark, name in names.items():
            text = text.replace(mark, name)
        return text, [one for one in dict.fromkeys(named) if one in self.told]
