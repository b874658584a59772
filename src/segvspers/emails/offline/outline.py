"""The order of an email: which parts stand in which paragraph, with the wording of each; nothing is filled in yet."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

from segvspers.emails.brief import Brief, Fact
from segvspers.emails.offline.bank import Bank, Wording
from segvspers.emails.offline.content import Content
from segvspers.emails.offline.kinds import entry_of, lent_by, topic_of
from segvspers.emails.offline.offers import brief_offer, kind_of_offer
from segvspers.emails.offline.plans import plans_for, same_for_all
from segvspers.emails.offline.slots import Reader

NONE: frozenset[str] = frozenset()
# An offer without a comma can stand inside a sentence.
INNER = frozenset({"inner_offer", "Inner_offer"})


@dataclass(frozen=True, slots=True)
class Part:
    """One part of an email: its name, its wording, the facts it states, and clauses to list inside it."""

    name: str
    wording: Wording | None
    facts: tuple[Fact, ...] = ()
    clauses: tuple[Wording, ...] = ()
    opens_paragraph: bool = False


@dataclass(frozen=True, slots=True)
class Outline:
    """The parts of an email in order; `skeleton` names every choice that was made."""

    subject: Part
    parts: tuple[Part, ...]
    skeleton: tuple[str, ...]

    @property
    def repeats(self) -> bool:
        """Tell whether two parts use the same turn of phrase."""
        seen: set[str] = set()
        for part in self.parts:
            for wording in (part.wording, *part.clauses):
                if wording is not None:
                    if not seen.isdisjoint(wording.turns):
                        return True
                    seen |= wording.turns
        return False


class Chooser:
    """Choices that follow from a key alone, each noted."""

    def __init__(self, key: str) -> None:
        self._state = int.from_bytes(blake2b(key.encode(), digest_size=32).digest(), "big")
        self.made: list[str] = []

    def of(self, wordings: Sequence[Any], *, noted: bool = True) -> Any:
        """Return one of some wordings or plans, and note which."""
        self._state, place = divmod(self._state, len(wordings))
        chosen = wordings[place]
        if noted:
            self.made.append(chosen.key if isinstance(chosen, Wording) else str(place))
        return chosen


def outlines(brief: Brief, content: Content, bank: Bank, reader: Reader, *, attempts: int) -> Iterator[Outline]:
    """Give outlines of one email, each with other choices."""
    for attempt in range(attempts):
        key = f"{brief.contact_id}|{brief.campaign.campaign_id}|{attempt}"
        yield _Outliner(brief, content, bank, reader, Chooser(key)).outline()


class _Outliner:
    """Chooses the wordings of one outline, part by part, so that a part knows what stands before it."""

    def __init__(self, brief: Brief, content: Content, bank: Bank, reader: Reader, choose: Chooser) -> None:
        self.brief, self.content, self.bank, self.reader, self.choose = brief, content, bank, reader, choose
        self.campaign = brief.campaign
        self.same_for_all = same_for_all(brief.campaign)
        self.company = bool(brief.company)
        self.parts: list[Part] = []
        self.named_topic = ""
        self.thin = not content.history and not content.interests

    def outline(self) -> Outline:
        plan = self.choose.of(plans_for(self.campaign, urgent=self.content.urgent, thin=self.thin))
        subject = self._subject()
        self.company = bool(self.brief.company)
        for paragraph in plan:
            opens = True
            for name in paragraph:
                for part in self._part(name):
                    self._add(part, opens=opens)
                    opens = part.name == "ask" and self.campaign.asked[-1] not in ".!?"
        return Outline(subject, tuple(self.parts), (self.content.situation, *self.choose.made))

    def _add(self, part: Part, *, opens: bool) -> None:
        self.parts.append(Part(part.name, part.wording, part.facts, part.clauses, opens))
        if part.wording is not None and "company" in part.wording.text:
            self.company = False
        topics = [topic_of(fact) for fact in part.facts if topic_of(fact)]
        if part.name in {"lead", "interest", "reason before", "reason after"} and topics:
            self.named_topic = topics[-1]
        elif part.name in {"history", "purpose", "message", "claim"}:
            self.named_topic = ""

    def _part(self, name: str) -> list[Part]:
        make = getattr(self, "_" + name.replace(" ", "_"))
        made = make()
        return made if isinstance(made, list) else [] if made is None else [made]

    def _said(self, name: str, fact: Fact, role: str) -> Part | None:
        slots, traits = lent_by(fact, self.reader)
        traits = traits | {"later" if self.parts else "first", f"for {self.campaign.type}"}
        found = self.bank.fitting(entry_of(fact), role, slots, traits, company=self.company)
        return Part(name, self.choose.of(found), (fact,)) if found else None

    def _free(self, name: str, entry: str, role: str, facts: tuple[Fact, ...] = ()) -> Part | None:
        traits = frozenset({"later" if self.parts else "first"})
        lent = INNER if entry == "offers" and "," not in self.campaign.offer else NONE
        found = self.bank.fitting(entry, role, lent, traits, company=self.company)
        return Part(name, self.choose.of(found), facts) if found else None

    def _subject(self) -> Part:
        if self.same_for_all and not self.content.urgent:
            lent = frozenset({"brief_offer", "Brief_offer"}) if brief_offer(self.campaign) else NONE
            found = self.bank.fitting("subjects", self.campaign.type, lent, company=self.company)
            return Part("subject", self.choose.of(found))
        part = self._said("subject", self.content.lead, "subject")
        assert part is not None
        return part

    def _lead(self) -> Part | None:
        return self._said("lead", self.content.lead, "lead")

    def _history(self) -> Part | None:
        facts = self.content.history
        if len(facts) == 2:
            clauses = tuple(self._clause(fact) for fact in facts)
            if all(clauses):
                part = self._free("history", "history", self.campaign.type, facts)
                return part and Part(part.name, part.wording, part.facts, clauses)  # type: ignore[arg-type]
        return self._said("history", facts[0], "support") if facts and not self.same_for_all else None

    def _afterthought(self) -> Part | None:
        facts = self.content.interests
        return self._said("afterthought", facts[0], "afterthought") if facts else None

    def _interest(self) -> list[Part]:
        part = self._interest_alone()
        if part is None:
            return []
        own = self.content.topic == part.facts[-1].topic != topic_of(self.content.lead)
        claim = self._free("interest claim", "claims", "named") if own else None
        return [part] if claim is None else [part, claim]

    def _interest_alone(self) -> Part | None:
        facts = self.content.interests
        if len(facts) == 2 and self.choose.of((True, False), noted=False):
            clauses = tuple(self._clause(fact) for fact in facts)
            part = self._free("interest", "others", "any", facts)
            if part is not None and all(clauses):
                return Part(part.name, part.wording, part.facts, clauses)  # type: ignore[arg-type]
        return self._said("interest", facts[0], "support") if facts else None

    def _clause(self, fact: Fact) -> Wording | None:
        slots, traits = lent_by(fact, self.reader)
        found = self.bank.fitting(entry_of(fact), "clause", slots, traits, company=False)
        return self.choose.of(found) if found else None

    def _claim(self) -> Part | None:
        topic = self.content.topic
        if not topic or topic in {fact.topic for fact in self.content.interests}:
            return None  # told beside the interest that it answers
        if self.same_for_all and topic != topic_of(self.content.lead):
            return None
        earlier = topic in {topic_of(fact) for part in self.parts for fact in part.facts}
        role = "named" if self.named_topic == topic else "again" if earlier else "new"
        if role == "named" and self.content.urgent and topic == topic_of(self.content.lead):
            role = self.content.situation.split()[-1]
        return self._free("claim", "claims", role)

    def _offer(self) -> Part | None:
        return self._free("offer", "offers", kind_of_offer(self.campaign))

    def _ask(self) -> Part:
        return Part("ask", None)

    def _message(self) -> Part | None:
        return Part("message", None) if self.campaign.message else None

    def _purpose(self) -> Part | None:
        return self._free("purpose", "purposes", self.campaign.type) if self._spare() else None

    def _closing(self) -> Part | None:
        return self._free("closing", "closings", self.campaign.type) if self._spare() else None

    def _spare(self) -> bool:
        """Tell whether there is room for a sentence that says nothing of the reader."""
        often = (True, True, False) if self.thin else (True, False)
        return bool(self.choose.of(often if self.thin or "brief" not in self.campaign.tone else (True, False, False)))

    def _aside(self) -> Part | None:
        return self._free("aside", "asides", self.campaign.type)

    def _reason_before(self) -> Part | None:
        return self._reason("before")

    def _reason_after(self) -> Part | None:
        return self._reason("after")

    def _reason(self, place: str) -> Part | None:
        clause = self._clause(self.content.lead)
        part = self._free(f"reason {place}", "reasons", f"{place} {self.campaign.type}", (self.content.lead,))
        if clause is None or part is None:
            return self._lead()
        return Part(part.name, part.wording, part.facts, (clause,))
