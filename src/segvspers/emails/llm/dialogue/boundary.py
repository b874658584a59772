"""What no sentence of a model may hold, whatever its values are; each finding is told without the reader's data.

The audit binds values to facts. This is what it can't: a statement about the reader that cites nothing, a citation
that the sentence does not show, a promise that the campaign does not make, text that is no plain sentence.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from segvspers.emails.campaign import Campaign
from segvspers.emails.offline.words import number

MARKUP = re.compile(
    r"<[a-z/!]|\[[^\]]*\]\(|\*\*|^#+ |```|\{\{|\}\}|\{%|%\}|\{[^}]*\}|\\u[0-9a-f]{4}|&#?\w+;", re.IGNORECASE
)
LINK = re.compile(r"https?:|www\.|\b[\w.+-]+@[\w-]+\.|\b[\w-]+\.(?:com|net|org|io|example)\b", re.IGNORECASE)
FRAME = re.compile(
    r"^(?:hi|hello|dear|hey)\b[^.?!]{0,40}[,!]|^(?:best|regards|sincerely|cheers|yours|thanks)\b[^.?!]{0,30},?$|\bunsubscribe\b",
    re.IGNORECASE,
)
PROMPT = re.compile(
    r"contact_data|fact_ids?|\bf[1-8]\b|\bas an ai\b|language model|system prompt|previous instructions|json",
    re.IGNORECASE,
)
THREAD = re.compile(r"^\s*(?:re|fwd?|aw)\s*:", re.IGNORECASE)
DID = (
    r"asked|bought|purchased|ordered|opened|read|clicked|visited|viewed|signed|joined|subscribed|registered|told|mentioned|"
    r"said|wrote|replied|reported|cancel\w*|renewed|upgraded|attended|downloaded|contacted|requested|expressed|shown?|showed|"
    r"been|used|tried|chose|chosen|reached|looked|talked|spoke|came|left|found|seen|enjoyed|experienced"
)
OF_READER = re.compile(
    rf"\byou(?:[’']ve| have| had| were| recently| already| first| last| once)* (?:{DID})\b"
    r"|\byour (?:recent|last|latest|previous|past|order|purchase|question|ticket|request|inquiry|enquiry|visit|renewal|reply|"
    r"message|interest|subscription|account|membership)\b"
    r"|\bas (?:discussed|promised|agreed)\b|\bour (?:last|recent|previous) (?:call|conversation|meeting|chat|email)\b",
    re.IGNORECASE,
)
PROMISES = re.compile(
    r"\bfree\b|\bdiscounts?\b|\bguarantee\w*|\brefunds?\b|\btrials?\b|\bbonus\w*|\bgifts?\b|\bsale\b|\bcoupons?\b|\bpromo\w*|"
    r"\bno cost\b|\bmoney.back\b|\blimited.time\b|\bexclusive\w*|\boff your\b|\bsave \S*\d|\bdeadline\b|\bexpires?\b|\bwarranty\b|"
    r"\b(?:other|many|most|all|our) (?:of our )?(?:customers|clients|companies|users|members)\b|\baward\w*|\bleading\b|"
    r"\bnumber one\b|\b#1\b",
    re.IGNORECASE,
)
FOREIGN = re.compile(r"[^\W\d_]")


YOU = r"\byou(?:[’']ve| have| had| were| recently| already| first| last| once)* "
# What only facts of some kinds can bear out; a sentence that says it must cite one of them.
KINDS_OF: tuple[tuple[re.Pattern[str], frozenset[str]], ...] = tuple(
    (re.compile(wording, re.IGNORECASE), frozenset(kinds))
    for wording, kinds in (
        (rf"{YOU}asked\b|\byour question\b", ("question",)),
        (rf"{YOU}(?:bought|purchased|ordered|renewed)\b|\byour (?:purchase|order)\b", ("purchase", "spending", "deal")),
        (rf"{YOU}(?:opened|read)\b", ("engagement", "ticket")),
        (rf"{YOU}clicked\b", ("clicks",)),
        (r"\bticket\b", ("ticket",)),
        (rf"{YOU}(?:looked at|visited|viewed)\b|\byour visit\b", ("interest",)),
        (rf"{YOU}(?:joined|signed up|subscribed|registered)\b|\bbeen with us\b", ("tenure", "milestone")),
        (rf"{YOU}cancel\w*\b", ("cancel",)),
        (rf"{YOU}(?:wrote back|replied)\b|\byour reply\b", ("reply",)),
        (rf"{YOU}(?:talked|spoke|told|mentioned|said)\b", ("conversation", "meeting", "question", "reply")),
        (rf"{YOU}met\b|\bour meeting\b", ("meeting",)),
        (r"\byour renewal\b|\brenews\b", ("milestone",)),
    )
)


def borne_out(text: str, kinds: frozenset[str]) -> bool:
    """Tell whether facts of these kinds can bear out what a sentence says that the reader did."""
    return all(kinds & able for wording, able in KINDS_OF if wording.search(text))


def names_other(text: str, named: Iterable[str], told: Iterable[Mapping[str, Any]]) -> bool:
    """Tell whether a sentence names a topic or product of the campaign that none of its facts is about.

    Parameters
    ----------
    text
        The sentence.
    named
        Topics and products of the campaign.
    told
        The facts that the sentence cites.
    """
    known = " ".join(str(value).lower() for fact in told for value in fact.values())
    low = text.lower()
    return any(name.lower() not in known and re.search(rf"\b{re.escape(name.lower())}\b", low) for name in named)


def said_wrong(text: str, *, cites: bool, ours: str) -> Iterable[str]:
    """Return what is wrong with one sentence, or the subject, as short phrases without its data.

    Parameters
    ----------
    text
        The sentence.
    cites
        Whether it cites a fact.
    ours
        All that the campaign says, of `allowed_words`.
    """
    if MARKUP.search(text):
        yield "holds mark-up or an unfilled token"
    if LINK.search(text):
        yield "holds a link or an address"
    if FRAME.search(text):
        yield "is a greeting, a signature or a footer, which are added"
    if PROMPT.search(text):
        yield "talks about the instructions"
    letters = [] if text.isascii() else FOREIGN.findall(text)
    if letters and sum(mark > "\u024f" for mark in letters) > 0.3 * len(letters):
        yield "is not in English"
    if not cites and OF_READER.search(text):
        yield "states something of the reader but cites no fact"
    promised = {found.lower() for found in PROMISES.findall(text)}
    if any(word not in ours for word in promised):
        yield "promises or claims what the campaign does not say"


def allowed_words(campaign: Campaign) -> str:
    """Return all that the campaign says, in lower case."""
    parts = [
        campaign.offer,
        campaign.message,
        campaign.goal,
        campaign.asked,
        *campaign.claims.values(),
        *campaign.products,
    ]
    return " ".join(parts).lower()


def shows(told: Mapping[str, Any], text: str) -> bool:
    """Tell whether a sentence shows anything of a fact that it cites: its topic, a date, a name or a number."""
    low = text.lower()
    for name, value in told.items():
        if isinstance(value, bool) or name in {"kind", "last_event", "reply_class"}:
            continue
        if isinstance(value, int | float):
            if told.get("topic") and told["kind"] != "milestone":
                continue  # a count alone shows nothing of a fact that has a topic to name
            words = [f"{value:g}", f"{value:,}", *([number(value)] if isinstance(value, int) else [])]
            if any(re.search(rf"\b{re.escape(word)}\b", low) for word in words):
                return True
        elif len(str(value)) > 1 and re.search(
            rf"(?<!\w){re.escape(str(value).lower().removeprefix('in '))}(?!\w)", low
        ):
            return True
    return STATES.get(str(told.get("kind")), re.compile("(?!)")).search(low) is not None


# Kinds that are shown by words of their own too.
STATES = {
    "question": re.compile(r"\bask\w*|\bquestion|\banswer"),
    "ticket": re.compile(r"\bticket|\bopen\b|\bsolved\b"),
    "tenure": re.compile(r"\bsign\w* up|\bjoin\w*|\bbeen with us"),
    "reply": re.compile(r"\brepl(?:y|ied)|\bwrote back"),
    "silence": re.compile(r"\bquiet|\bwhile|\bheard"),
}
