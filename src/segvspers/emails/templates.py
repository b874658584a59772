"""One template a segment, written from what is true of the whole segment; rendered for each member.

Templates use a sandboxed jinja2 with strict names: every merge field has a fallback, and what stands in a
contact's fields is data, never a template.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from segvspers._checks import require_columns
from segvspers.emails.brief import Sentence
from segvspers.emails.campaign import Campaign
from segvspers.emails.segment_brief import Aggregate, SegmentBrief, SegmentSums, brief_sums, sum_segments
from segvspers.emails.segment_words import Words, write_sentences

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class Template:
    """The one email of a segment; merge fields stand in double braces.

    `aggregates` are the sums that it was written from, and `sources` says for each sentence which of them it states.
    """

    segment_id: str
    subject: str
    sentences: tuple[Sentence, ...]
    n_contacts: int
    aggregates: tuple[Aggregate, ...] = ()
    sources: tuple[tuple[int, ...], ...] = ()

    @property
    def fields(self) -> tuple[str, ...]:
        """The merge fields that it uses, in alphabetical order, with that of the greeting."""
        from jinja2 import meta

        texts = [self.subject, *(sentence.text for sentence in self.sentences)]
        used = set().union(*(meta.find_undeclared_variables(parsed(text)) for text in texts))
        return tuple(sorted(used | {"first_name"}))


def write_templates(audience: pd.DataFrame, facts: pd.DataFrame, *, campaign: Campaign) -> dict[str, Template]:
    """Write the one email of each segment, from sums over at least 20 contacts only.

    Parameters
    ----------
    audience
        Contacts with `segment_id`.
    facts
        As `derive_facts` returns them.
    campaign
        What the emails are for.

    Returns
    -------
    dict
        Templates by segment, for `templates=` of `write_emails` and `export_emails`.

    Raises
    ------
    DataError
        When a table lacks a column.

    Examples
    --------
    >>> import segvspers as sv
    >>> contacts = sv.read_contacts("data/sample/contacts.csv").assign(segment_id="all")
    >>> facts = sv.derive_facts(contacts, sv.read_history("data/sample/history.csv"), as_of="2026-11-01")
    >>> templates = sv.write_templates(contacts, facts, campaign=sv.read_campaign("data/sample/campaign.yml"))
    >>> templates["all"].fields
    ('company', 'first_name')
    """
    require_columns(audience, ["contact_id", "segment_id"], table="contacts")
    require_columns(facts, ["contact_id", "kind", "topic", "sensitivity"], table="facts")
    sums = sum_segments(audience, facts, campaign=campaign)
    return written_templates(sums, campaign=campaign, company=has_companies(audience))


def written_templates(sums: SegmentSums, *, campaign: Campaign, company: bool) -> dict[str, Template]:
    """Return the template of each segment, given its sums and whether the list has companies to name."""
    return {
        segment: _template(brief, place, company=company)
        for place, (segment, brief) in enumerate(brief_sums(sums, campaign=campaign).items())
    }


def write_blast(n_contacts: int, *, campaign: Campaign, company: bool = True) -> Template:
    """Return the one email for everybody; `company` says whether the list has companies to name."""
    return _template(SegmentBrief("", campaign, n_contacts), 0, company=company)


def _template(brief: SegmentBrief, place: int, *, company: bool) -> Template:
    words = Words(brief, place, company="{{ company }}" if company else "")
    subject, told = write_sentences(words)
    sentences = tuple(sentence for sentence, _ in told)
    sources = tuple(cited for _, cited in told)
    return Template(brief.segment_id, subject, sentences, brief.n_contacts, brief.aggregates, sources)


def has_companies(audience: pd.DataFrame) -> bool:
    """Tell whether most contacts have a company, so that a template may name it."""
    return "company" in audience.columns and bool(audience["company"].notna().mean() >= 0.5)


def parsed(text: str) -> Any:
    """Return a template's text as a tree of jinja2."""
    return _environment().parse(text)


def render(text: str, fields: Mapping[str, str]) -> str:
    """Return a template's text with its merge fields filled; an unknown field is an error."""
    return str(_compiled(text).render(**fields)) if "{{" in text or "{%" in text else text


@lru_cache(maxsize=1)
def _environment() -> Any:
    from jinja2 import StrictUndefined
    from jinja2.sandbox import SandboxedEnvironment

    return SandboxedEnvironment(undefined=StrictUndefined, autoescape=False)


@lru_cache(maxsize=4096)
def _compiled(text: str) -> Any:
    return _environment().from_string(text)
