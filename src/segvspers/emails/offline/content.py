"""What an email will say: the fact it opens on, the facts that follow, and the claim; before any wording."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from segvspers.emails.brief import Brief, Fact
from segvspers.emails.names import clean_name
from segvspers.emails.offline.kinds import LENT, entry_of, lent_by, topic_of
from segvspers.emails.offline.slots import Reader
from segvspers.emails.offline.words import day_of

RECENT_DAYS = 400
FAINT_DAYS = 120
# Matters that are open are told before anything else; weak reasons only when there is no better one.
URGENT = {("ticket", "open"), ("question", "unanswered")}
FIRST = {("renewal", "ahead"), ("purchase", "due"), ("spending", "due")}
WEAK = {"tenure", "silence", "plan", "spending"}
# Whose facts make a good opening in a campaign of a type, and by how much better than their salience says.
FITTING = {
    "renewal": {"plan": 2.0, "purchase": 1.6, "spending": 1.5, "anniversary": 1.3},
    "re-engagement": {"cancel": 2.0, "silence": 1.5, "spending": 1.5},
    "customer success": {"ticket": 1.5, "purchase": 1.5, "anniversary": 1.3},
    # News and offers need a reason of their own; a solved ticket or a reply is none.
    "promotion": {"purchase": 1.8, "plan": 1.5, "interest": 1.2, "ticket": 0.2, "reply": 0.2},
    "newsletter": {"engagement": 1.5, "question": 1.2, "ticket": 0.2, "reply": 0.2},
    "announcement": {"question": 1.2, "interest": 1.2, "ticket": 0.2, "reply": 0.2},
}
HISTORY = ("tenure", "purchase", "deal", "spending", "cancel", "plan", "reply")
INTERESTS = ("engagement", "clicks", "interest", "question", "conversation", "meeting", "ticket")


@dataclass(frozen=True, slots=True)
class Content:
    """The facts of an email in their places, and the topic of its claim."""

    situation: str
    lead: Fact
    history: tuple[Fact, ...]
    interests: tuple[Fact, ...]
    topic: str
    urgent: bool


def select(brief: Brief, reader: Reader) -> Content | None:
    """Return what an email says, or nothing when no fact can open it."""
    facts = [fact for fact in brief.facts if _sayable(fact)]
    traits = {fact.fact_id: lent_by(fact, reader)[1] for fact in facts}
    lead = _lead(facts, traits, brief, reader)
    if lead is None:
        return None
    history = _history(facts, lead)
    interests = _interests(facts, traits, lead, reader)
    urgent = bool({(entry_of(lead), trait) for trait in traits[lead.fact_id]} & URGENT)
    state = next((one for one in ("open", "unanswered", "solved", "answered") if one in traits[lead.fact_id]), "")
    topic = _topic(brief, lead, interests)
    return Content(f"{entry_of(lead)} {state}".strip(), lead, history, interests, topic, urgent)


def _sayable(fact: Fact) -> bool:
    """Tell whether we have words for a fact, and whether its own words are fit to be printed."""
    entry = entry_of(fact)
    if entry not in LENT:
        return False
    if entry == "reply" and fact.fields.get("reply_class") not in {"positive", "neutral"}:
        return False
    printed = [fact.topic if fact.kind != "milestone" else "", fact.fields.get("product"), fact.fields.get("plan")]
    return all(_fit(text) for text in printed if text)


@lru_cache(maxsize=50_000)
def _fit(text: str) -> bool:
    return bool(clean_name(text, longest=40))


def _lead(facts: list[Fact], traits: dict[str, frozenset[str]], brief: Brief, reader: Reader) -> Fact | None:
    fitting = FITTING.get(brief.campaign.type, {})

    def rank(fact: Fact) -> tuple[int, float, str]:
        entry, held = entry_of(fact), traits[fact.fact_id]
        urgent = any((entry, trait) in URGENT for trait in held)
        near = any((entry, trait) in FIRST for trait in held)
        tier = 3 if urgent else 2 if near else 0 if entry in WEAK or _faint(fact) else 1
        tier = 1 if tier == 0 and fitting.get(entry, 1.0) > 1.3 else tier
        tier = 0 if tier == 1 and fitting.get(entry, 1.0) < 0.5 else tier
        return (tier, fact.salience * fitting.get(entry, 1.0), fact.fact_id)

    able = [fact for fact in facts if _can_lead(fact, traits[fact.fact_id], reader)]
    return max(able, key=rank, default=None)


def _can_lead(fact: Fact, traits: frozenset[str], reader: Reader) -> bool:
    if fact.kind == "engagement" and fact.fields["opened"] == 1:
        ago = (reader.send_on - day_of(fact.fields["last_on"])).days
        if fact.fields["sent"] > 1 or ago > FAINT_DAYS:
            return False
    return fact.kind != "peers" and _current(fact, traits, reader)


def _current(fact: Fact, traits: frozenset[str], reader: Reader) -> bool:
    """Tell whether a fact is recent enough to be a reason for writing today."""
    if fact.kind == "milestone":
        return fact.topic != "renewal_due" or "ahead" in traits
    named = {"ticket": "opened_on", "question": "asked_on", "conversation": "on", "interest": "last_on",
             "clicks": "last_on", "meeting": "on"}.get(fact.kind)  # fmt: skip
    return named is None or (reader.send_on - day_of(fact.fields[named])).days < RECENT_DAYS


def _faint(fact: Fact) -> bool:
    """Tell whether opens are too few to say that somebody takes an interest."""
    return fact.kind == "engagement" and (fact.fields["opened"] < 2 or 2 * fact.fields["opened"] < fact.fields["sent"])


def _history(facts: list[Fact], lead: Fact) -> tuple[Fact, ...]:
    """Return at most two facts of the time with us, in order of time."""
    skipped = {"tenure"} if entry_of(lead) in {"tenure", "anniversary"} else set()
    skipped |= {"reply"} if lead.kind == "reply" else set()
    best = _best(facts, HISTORY, lead, skipped)
    if "spending" in best and ({"purchase", "deal"} & set(best) or lead.kind in {"purchase", "deal"}):
        del best["spending"]
    if "plan" in best and ("purchase" in best or lead.kind in {"purchase", "milestone"}):
        del best["plan"]
    chosen = sorted(sorted(best.values(), key=lambda fact: (-_telling(fact), fact.fact_id))[:2], key=_day_told)
    if chosen[1:] and chosen[1].kind == "tenure":
        chosen = chosen[:1]  # signing up after the first purchase is no beginning
    return tuple(chosen)


def _interests(facts: list[Fact], traits: dict[str, frozenset[str]], lead: Fact, reader: Reader) -> tuple[Fact, ...]:
    """Return at most two facts of what somebody took an interest in, the most telling first, on other topics."""
    closed = [
        fact for fact in facts
        if not {(fact.kind, trait) for trait in traits[fact.fact_id]} & URGENT and not _faint_beside(fact, reader)
        and topic_of(fact) and topic_of(fact) != topic_of(lead)
    ]  # fmt: skip
    best = _best(closed, INTERESTS, lead, set())
    first = sorted(best.values(), key=lambda fact: (-fact.salience, fact.fact_id))
    kept: list[Fact] = []
    for fact in first:
        if fact.topic not in {one.topic for one in kept}:
            kept.append(fact)
    return tuple(kept[:2])


def _faint_beside(fact: Fact, reader: Reader) -> bool:
    """Tell whether a fact is too little, or too long ago, to be worth a mention beside another."""
    named = {
        "question": "asked_on",
        "conversation": "on",
        "meeting": "on",
        "interest": "last_on",
        "ticket": "solved_on",
    }
    told = fact.fields.get(named.get(fact.kind, "last_on"))
    if told is not None and (reader.send_on - day_of(told)).days >= RECENT_DAYS:
        return True
    return _faint(fact)


def _best(facts: list[Fact], kinds: tuple[str, ...], lead: Fact, skipped: set[str]) -> dict[str, Fact]:
    best: dict[str, Fact] = {}
    for fact in sorted(facts, key=lambda fact: (-fact.salience, fact.fact_id)):
        if fact.kind in kinds and fact.kind not in skipped and fact.kind not in best and fact is not lead:
            best[fact.kind] = fact
    return best


def _telling(fact: Fact) -> float:
    # How somebody came to us and what they bought make every story readable, though neither is rare.
    return fact.salience + (0.35 if fact.kind in {"tenure", "purchase"} else 0.0)


def _day_told(fact: Fact) -> tuple[str, str]:
    named = ("signup_on", "last_on", "on")
    return (next((str(fact.fields[name]) for name in named if fact.fields.get(name)), "9999"), fact.fact_id)


def _topic(brief: Brief, lead: Fact, interests: tuple[Fact, ...]) -> str:
    """Return the topic of the claim: the lead's, or that of the first interest, or the one the brief names."""
    claimed = brief.campaign.claims
    told = [topic_of(lead), *(fact.topic for fact in interests), brief.topic]
    return next((topic for topic in told if topic in claimed), "")
