"""The writer that needs no model and no key: select, plan, aggregate, refer, realise (Reiter and Dale 2000)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from functools import lru_cache
from hashlib import blake2b

from segvspers.emails.brief import Brief, Draft, Fact, Sentence
from segvspers.emails.offline.phrases import BRIDGES, CLAIMS, CLAUSES, LEADS, OFFERS, SUBJECTS, slots_of
from segvspers.emails.offline.plan import Plan, make_plan
from segvspers.emails.offline.words import listed, spelled

Numbered = tuple[str, str]
TRIES = 8
SHAPES = ("lead first", "story first", "short", "claim later")


class OfflineWriter:
    """Write individual emails from facts alone; the same briefs give the same emails.

    Notes
    -----
    Content is planned by situation (open ticket, unanswered question, renewal near, ...). Of several wordings of
    an email, the one whose whole skeleton was used least in the run so far is kept, so that a run shows no
    pattern. Every wording takes its words from the fields of the facts it cites.

    References
    ----------
    Reiter, E. and Dale, R. (2000). Building Natural Language Generation Systems. Cambridge University Press.
    """

    name = "offline"

    def write(self, briefs: Iterable[Brief]) -> list[Draft]:
        """Return one draft a brief; a brief without a fact to open on gives a short, honest email."""
        used: Counter[tuple[str, ...]] = Counter()
        drafts = []
        for brief in briefs:
            plan = make_plan(brief)
            if plan is None:
                drafts.append(_low_context(brief))
                continue
            slots = {fact.fact_id: slots_of(fact, brief) for fact in (plan.lead, *plan.others)}
            tried = [_realise(brief, plan, slots, attempt) for attempt in range(TRIES)]
            best = min(tried, key=lambda draft: used[draft.skeleton])
            used[best.skeleton] += 1
            drafts.append(best)
        return drafts


class _Choice:
    """Choices of one attempt: which wording was taken is noted in the skeleton."""

    def __init__(self, brief: Brief, attempt: int) -> None:
        key = f"{brief.contact_id}|{brief.campaign.campaign_id}|{attempt}"
        self._state = int.from_bytes(blake2b(key.encode(), digest_size=16).digest(), "big")
        self.skeleton: list[str] = []

    def of(self, what: str, wordings: tuple[str, ...]) -> str:
        self._state, place = divmod(self._state, len(wordings))
        self.skeleton.append(f"{what}{place}")
        return wordings[place]


def _realise(brief: Brief, plan: Plan, lent: dict[str, dict[str, str]], attempt: int) -> Draft:
    choice, locale, campaign = _Choice(brief, attempt), brief.locale, brief.campaign
    shape = choice.of("shape ", SHAPES)
    slots = lent[plan.lead.fact_id]
    lead = _sentence(_fitting(choice, plan.situation, LEADS, slots), slots, "lead", (plan.lead,), locale)
    subject = _sentence(_fitting(choice, plan.situation, SUBJECTS, slots), slots, "subject", (plan.lead,), locale)
    claim = _claim(brief, plan, choice)
    story = _story(brief, plan, lent, choice)
    bridge = _bridge(plan, choice) if shape == "story first" else []
    offer = [_offer(brief, choice)]
    asked = [Sentence(campaign.asked, "call to action")]
    urgent = plan.situation in {"open_ticket", "open_question"}
    if shape == "story first" and len(plan.others) > 1 and not urgent:
        paragraphs = [[*story, *bridge], [lead, *claim], [*offer, *asked]]
    elif shape == "short" or len(plan.others) == 1:
        paragraphs = [[lead, *claim], [*story, *offer, *asked]]
    elif shape == "claim later":
        paragraphs = [[lead, *story], [*claim, *offer], asked]
    else:
        paragraphs = [[lead, *claim], story, [*offer, *asked]]
    return Draft(subject, _flow(paragraphs), (plan.situation, *choice.skeleton))


def _offer(brief: Brief, choice: _Choice) -> Sentence:
    offer, company = brief.campaign.offer, brief.company
    slots = {"offer": offer, "Offer": offer[:1].upper() + offer[1:], "company_or_you": company or "you"}
    slots["for_company"] = f" for {company}" if company else ""
    return Sentence(choice.of("offer ", OFFERS).format(**slots), "offer")


def _fitting(choice: _Choice, situation: str, wordings: dict[str, tuple[str, ...]], slots: dict[str, str]) -> str:
    fitting = tuple(words for words in wordings[situation] if all(name in slots for name in _named(words)))
    return choice.of(f"{situation} ", fitting)


@lru_cache(maxsize=1024)
def _named(wording: str) -> tuple[str, ...]:
    return tuple(part.split("}")[0] for part in wording.split("{")[1:])


def _claim(brief: Brief, plan: Plan, choice: _Choice) -> list[Sentence]:
    claim = brief.campaign.claims.get(plan.topic)
    if not claim:
        return []
    wordings = CLAIMS["open_question" if plan.situation == "open_question" else "other"]
    return [Sentence(choice.of("claim ", wordings).format(topic=plan.topic, claim=claim), "claim")]


def _bridge(plan: Plan, choice: _Choice) -> list[Sentence]:
    named = plan.topic and any(fact.topic == plan.topic for fact in plan.others)
    wording = choice.of("bridge ", BRIDGES) if named else ""
    cited = tuple(fact.fact_id for fact in plan.others if fact.topic == plan.topic)
    return [Sentence(wording.format(topic=plan.topic), "bridge", cited)] if wording else []


def _story(brief: Brief, plan: Plan, lent: dict[str, dict[str, str]], choice: _Choice) -> list[Sentence]:
    """Return one sentence that tells the other facts in order of time."""
    if not plan.others:
        return []
    clauses = [choice.of(f"{fact.kind} ", CLAUSES[fact.kind]).format(**lent[fact.fact_id]) for fact in plan.others]
    text = spelled(f"You {listed(clauses, brief.locale)}.", brief.locale)
    return [Sentence(text, "story", tuple(fact.fact_id for fact in plan.others))]


def _sentence(wording: str, slots: dict[str, str], role: str, facts: tuple[Fact, ...], locale: str) -> Sentence:
    filled = wording.format(**slots)
    text = filled if filled.startswith("“") else filled[:1].upper() + filled[1:]
    return Sentence(spelled(text, locale), role, tuple(fact.fact_id for fact in facts))


def _flow(paragraphs: list[list[Sentence]]) -> tuple[Sentence, ...]:
    return tuple(
        Sentence(sentence.text, sentence.role, sentence.fact_ids, opens_paragraph=place == 0)
        for paragraph in paragraphs
        for place, sentence in enumerate(paragraph)
    )


def _low_context(brief: Brief) -> Draft:
    campaign = brief.campaign
    asked = Sentence("I know little about what you need, so I will keep this short.", "lead", opens_paragraph=True)
    rest = [
        Sentence(f"I would like to offer you {campaign.offer}.", "offer"),
        Sentence(campaign.asked, "call to action"),
    ]
    subject = Sentence(f"A short question from {campaign.sender.company}", "subject")
    return Draft(subject, (asked, *rest), ("low context",), notes=("low_context",))
