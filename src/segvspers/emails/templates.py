"""One template a segment, written from what is true of the whole segment; rendered for each member.

Templates use a sandboxed jinja2 with strict names: every merge field has a fallback, and what stands in a
contact's fields is data, never a template.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from segvspers.emails.brief import Sentence
from segvspers.emails.campaign import Campaign
from segvspers.emails.offline.words import listed

if TYPE_CHECKING:
    import pandas as pd

FALLBACKS = {"first_name": "there", "company": "your team"}
SMALLEST_AGGREGATE = 20
OPENINGS = (
    "we look after a good many teams with a list like yours, and {topics} are what they read about most.",
    "{topics} are what teams with a list like yours read about most at the moment.",
    "of everything we send, what we write on {topics} is read most by teams with a list like yours.",
)


@dataclass(frozen=True, slots=True)
class Template:
    """The one email of a segment; merge fields stand in double braces."""

    segment_id: str
    subject: str
    sentences: tuple[Sentence, ...]
    n_contacts: int


def write_templates(audience: pd.DataFrame, facts: pd.DataFrame, *, campaign: Campaign) -> dict[str, Template]:
    """Return the template of each segment, from aggregates of at least 20 contacts only."""
    topics = _topics_read(audience, facts, campaign)
    sizes = audience["segment_id"].value_counts()
    return {
        str(segment): _template(str(segment), int(n), topics.get(segment, ()), campaign, place)
        for place, (segment, n) in enumerate(sorted(sizes.items(), key=lambda item: str(item[0])))
    }


def write_blast(n_contacts: int, *, campaign: Campaign) -> Template:
    """Return the one email for everybody."""
    return _template("", n_contacts, (), campaign, 0)


def _topics_read(audience: pd.DataFrame, facts: pd.DataFrame, campaign: Campaign) -> dict[Any, tuple[str, ...]]:
    """Return the two topics that most members of a segment open, of segments large enough to hide each member."""
    read = facts[(facts["kind"] == "engagement") & facts["topic"].isin(campaign.claims)]
    merged = read[["contact_id", "topic"]].merge(audience[["contact_id", "segment_id"]], on="contact_id")
    counts = merged.groupby(["segment_id", "topic"])["contact_id"].nunique().reset_index(name="n")
    counts = counts[counts["n"] >= SMALLEST_AGGREGATE]
    counts = counts.sort_values(["segment_id", "n", "topic"], ascending=[True, False, True], kind="stable")
    return {segment: tuple(group["topic"].head(2)) for segment, group in counts.groupby("segment_id")}


def _template(segment: str, n: int, topics: tuple[str, ...], campaign: Campaign, place: int) -> Template:
    told = listed(list(topics), "en_US")
    if len(topics) == 2:
        opening = OPENINGS[place % len(OPENINGS)].format(topics=told)
        subject = f"{topics[0][:1].upper()}{topics[0][1:]} and {topics[1]} for {{{{ company }}}}"
    else:
        opening = f"I look after teams like yours at {campaign.sender.company}."
        subject = "A quick question for {{ company }}"
    sentences = [Sentence(opening[:1].upper() + opening[1:], "lead", opens_paragraph=True)]
    for number, topic in enumerate(topics[:2]):
        starts = "On" if number == 0 else "And on"
        sentences.append(Sentence(f"{starts} {topic}, {campaign.claims[topic]}.", "claim"))
    sentences.append(
        Sentence(f"For {{{{ company }}}}, I would like to offer {campaign.offer}.", "offer", opens_paragraph=True)
    )
    sentences.append(Sentence(campaign.asked, "call to action"))
    return Template(segment, subject, tuple(sentences), n)


def render(text: str, fields: dict[str, str]) -> str:
    """Return a template's text with its merge fields filled; an unknown field is an error."""
    return _compiled(text).render(**fields) if "{{" in text else text


@lru_cache(maxsize=4096)
def _compiled(text: str) -> Any:
    from jinja2 import StrictUndefined
    from jinja2.sandbox import SandboxedEnvironment

    return SandboxedEnvironment(undefined=StrictUndefined).from_string(text)
