"""The sentences of a segment's one email, from the same bank of wordings as those of a person."""

from __future__ import annotations

from segvspers.emails.brief import Sentence
from segvspers.emails.offline.bank import Wording, bank_of
from segvspers.emails.offline.offers import brief_offer, kind_of_offer
from segvspers.emails.offline.outline import Chooser
from segvspers.emails.offline.plans import same_for_all
from segvspers.emails.offline.words import capital, listed
from segvspers.emails.offline.writer import is_formal
from segvspers.emails.segment_brief import SegmentBrief

Told = tuple[Sentence, tuple[int, ...]]
Part = tuple[str, str, tuple[int, ...]]


class Words:
    """Wordings for one segment, chosen by its place on the list so that neighbours differ."""

    def __init__(self, brief: SegmentBrief, place: int, *, company: str) -> None:
        self.brief, self.campaign, self.company = brief, brief.campaign, company
        self.named_company = self.alone = False
        self.turns: set[str] = set()
        self.bank = bank_of(british=brief.campaign.locale != "en_US", formal=is_formal(brief.campaign))
        self.choose = Chooser(f"{place}|{brief.segment_id}|{brief.campaign.campaign_id}")

    def say(self, entry: str, role: str, **slots: str) -> str:
        """Return one wording, filled; a company is named once, and no turn of phrase is used twice."""
        company = self.company if not self.named_company else ""
        lent = {"inner_offer", "Inner_offer"} if "," not in self.campaign.offer else set()
        lent |= {"brief_offer", "Brief_offer"} if brief_offer(self.campaign) else set()
        found = self.bank.fitting(
            entry, role, frozenset(lent | set(slots)), frozenset(self._traits()), company=bool(company)
        )
        fresh = [one for one in found if self.turns.isdisjoint(one.turns)] or list(found)
        chosen: Wording = self.choose.of(fresh)
        self.turns |= chosen.turns
        self.named_company = self.named_company or "company" in chosen.text.replace("sender_company", "")
        return capital(chosen.text.format(**self._lent(company) | slots))

    def _traits(self) -> set[str]:
        return {f"for {self.campaign.type}", "later"} | ({"alone"} if self.alone else set())

    def _lent(self, company: str) -> dict[str, str]:
        campaign = self.campaign
        return {
            "company": company, "for_company": f" for {company}" if company else "",
            "to_company": f", {company}" if company else "", "with_company": f" with {company}" if company else "",
            "sender_company": campaign.sender.company, "offer": campaign.offer, "inner_offer": campaign.offer,
            "Offer": capital(campaign.offer), "Inner_offer": capital(campaign.offer),
            "brief_offer": brief_offer(campaign), "Brief_offer": capital(brief_offer(campaign)),
        }  # fmt: skip


def write_sentences(words: Words) -> tuple[str, list[Told]]:
    """Return the subject and the sentences of a template, each with the places of the sums that it states."""
    subject = _subject(words)
    words.named_company = False
    campaign = words.campaign
    message: list[Part] = [("message", campaign.message, ())] if campaign.message else []
    if same_for_all(campaign):
        lead = _reason(words)
        offer: Part = ("offer", words.say("offers", kind_of_offer(campaign)), ())
        news = [offer, *message] if campaign.type == "promotion" or not message else [*message, offer]
        return subject, _flowing([lead, news, [("call to action", campaign.asked, ())]])
    opening = [*_lead(words), *_claims(words)]
    offer = ("offer", words.say("offers", kind_of_offer(campaign)), ())
    return subject, _flowing([opening, message, [offer, ("call to action", campaign.asked, ())]])


def _subject(words: Words) -> str:
    if same_for_all(words.campaign):
        return words.say("subjects", words.campaign.type)
    if not words.brief.topics:
        return words.say("segments", "short subject")
    return _about_topics(words, "subject")


def _reason(words: Words) -> list[Part]:
    """Return why news or an offer may be of use to a segment."""
    if not words.brief.topics:
        return [("lead", words.say("segments", "everybody"), ())]
    return [("lead", _about_topics(words, "reason"), tuple(range(len(words.brief.topics))))]


def _lead(words: Words) -> list[Part]:
    """Return what opens the email: the status that all share, and what most of them read."""
    brief = words.brief
    told: list[Part] = [("lead", words.say("segments", brief.status), ())] if brief.status else []
    if brief.topics:
        words.alone = not told
        role = "two topics" if len(brief.topics) == 2 else "one topic"
        told.append(("lead", _about_topics(words, role), tuple(range(len(brief.topics)))))
    return told or [("lead", words.say("segments", "everybody"), ())]


def _about_topics(words: Words, role: str) -> str:
    topics = listed(list(words.brief.topics), words.campaign.locale)
    return words.say("segments", role, topics=topics, Topics=capital(topics))


def _claims(words: Words) -> list[Part]:
    """Return claims on the topics that most members read, or on the campaign's first two."""
    topics = words.brief.topics or tuple(words.campaign.claims)[:2]
    roles = ("only claim",) if len(topics) == 1 else ("first claim", "second claim")
    told: list[Part] = []
    for topic, role in zip(topics, roles, strict=False):
        claim = words.campaign.claims[topic]
        text = words.say("segments", role, topic=topic, Topic=capital(topic), claim=claim, Claim=capital(claim))
        told.append(("claim", text, ()))
    return told


def _flowing(paragraphs: list[list[Part]]) -> list[Told]:
    return [
        (Sentence(text, role, (), opens_paragraph=place == 0), cited)
        for paragraph in paragraphs
        for place, (role, text, cited) in enumerate(paragraph)
    ]
