"""Look at one contact before anything is written or sent: facts, prompt, and both emails side by side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from segvspers._checks import require_columns
from segvspers.emails.audience import audience_sizes, bits_of
from segvspers.emails.brief import Brief, Draft, Sentence, Writer
from segvspers.emails.briefs import Person, make_briefs, people_of
from segvspers.emails.campaign import Campaign
from segvspers.emails.llm import build_prompt
from segvspers.emails.merge_fields import merge_values
from segvspers.emails.offline import OfflineWriter
from segvspers.emails.routing import route_contacts
from segvspers.emails.templates import Template, render, write_templates
from segvspers.errors import DataError

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes


@dataclass(frozen=True, slots=True)
class ShownSentence:
    """A sentence, and the places of what it states among the facts (or the segment's sums), counted from 1."""

    text: str
    role: str
    stated: tuple[int, ...]
    opens_paragraph: bool


@dataclass(frozen=True, slots=True)
class ShownEmail:
    """An email as it is shown: subject, sentences, and how many contacts it is true of."""

    variant: str
    greeting: str
    subject: ShownSentence
    sentences: tuple[ShownSentence, ...]
    audience_size: int
    bits: float


@dataclass(frozen=True, slots=True, eq=False)
class Preview:
    """One contact before anything is written or sent.

    Attributes
    ----------
    route, reason
        Which email the contact would get, and why.
    facts
        One row a fact that may be stated: `place` (from 1), `position` (f1, f2, ... in the prompt; empty for a fact
        that would not leave), `kind, topic, value, occurred_on, bits`, `stated` (by the individual email).
    sums
        One row a sum that the segment's template was written from: `place, what, topic, n_contacts, share`.
    emails
        The segment's email, and the individual one where there is enough to say.
    instructions, data
        The prompt that a language model would get: nothing else would leave. `OfflineWriter` sends nothing.
    n_contacts
        Contacts on the list.
    """

    route: str
    reason: str
    facts: pd.DataFrame
    sums: pd.DataFrame
    emails: tuple[ShownEmail, ...]
    instructions: str
    data: str
    n_contacts: int

    def to_frame(self) -> pd.DataFrame:
        """Return one row a fact that may be stated."""
        return self.facts.copy()

    def summary(self) -> str:
        """Return what the contact would get, and how personal it is."""
        told = "; ".join(
            f"{one.variant} {one.bits:.1f} bits, true of {one.audience_size:,} of {self.n_contacts:,}"
            for one in self.emails
        )
        n, leaving = len(self.facts), int(self.facts["position"].ne("").sum())
        return f"Route: {self.route} ({self.reason}). {n} facts may be stated; {leaving} would leave if a model wrote. {told}."

    def plot(self, *, ax: Axes | None = None) -> Axes:
        """Draw the bits of both emails."""
        import pandas as pd

        from segvspers.plots.emails import draw_bits

        rows = [{"variant": one.variant, "median_bits": one.bits, "bits_90": one.bits} for one in self.emails]
        return draw_bits(pd.DataFrame(rows), ax=ax)

    def _repr_html_(self) -> str:
        from segvspers.emails.preview_html import html_preview

        return html_preview(self)


def preview(
    contact: str,
    campaign: Campaign,
    *,
    audience: pd.DataFrame,
    facts: pd.DataFrame,
    writer: Writer | None = None,
    placeholders: bool = False,
    quotes: bool = False,
) -> Preview:
    """Show what is known of one contact, what would leave, and both emails with the facts of each sentence.

    Parameters
    ----------
    contact
        A `contact_id` of `audience`.
    campaign
        What the email is for.
    audience
        The whole list with `segment_id`; the segment's template is written from sums over it.
    facts
        As `derive_facts` returns them, of the whole list.
    writer
        Writes the individual email; `OfflineWriter` when left out, so that looking costs nothing and nothing leaves.
    placeholders, quotes
        The prompt as `OpenAIWriter` would send it with these options.

    Returns
    -------
    Preview
        Renders in a notebook as static HTML; every word of the data is escaped.

    Raises
    ------
    DataError
        When the contact is not in the audience, or a table lacks a column.

    Examples
    --------
    >>> import segvspers as sv
    >>> contacts = sv.read_contacts("data/sample/contacts.csv")
    >>> facts = sv.derive_facts(contacts, sv.read_history("data/sample/history.csv"), as_of="2026-11-01")
    >>> audience = contacts.assign(segment_id=contacts["purchase_status"].astype(str))
    >>> shown = sv.preview("C00042", sv.read_campaign("data/sample/campaign.yml"), audience=audience, facts=facts)
    >>> [(email.variant, email.audience_size) for email in shown.emails]
    [('segment', 1640), ('individual', 1)]
    """
    require_columns(audience, ["contact_id", "segment_id"], table="contacts")
    row = audience[audience["contact_id"] == contact]
    if row.empty:
        raise DataError("the contact of this preview is not in the audience; give a contact_id that it has.")
    (person,) = people_of(row.head(1), campaign=campaign)
    (brief,) = make_briefs([person], facts, campaign=campaign)
    route = route_contacts(row.head(1), facts[facts["contact_id"] == contact], campaign=campaign).iloc[0]
    template = write_templates(audience, facts, campaign=campaign)[person.segment]
    prompt = build_prompt(brief, placeholders=placeholders, quotes=quotes)
    drafts = (writer or OfflineWriter()).write([brief]) if route["route"] == "individual" else []
    emails = [_segment_email(template, row.head(1), campaign, len(audience))]
    emails += [_own_email(draft, brief, person, facts, campaign, len(audience)) for draft in drafts]
    positions = {fact_id: place for place, fact_id in prompt.positions.items()}
    return Preview(
        route["route"], route["reason"], _facts(brief, facts, positions, drafts), _sums(template), tuple(emails),
        prompt.instructions, prompt.data, len(audience),
    )  # fmt: skip


def _facts(brief: Brief, facts: pd.DataFrame, positions: dict[str, str], drafts: list[Draft]) -> pd.DataFrame:
    stated = {one for draft in drafts for sentence in (draft.subject, *draft.sentences) for one in sentence.fact_ids}
    ids = [fact.fact_id for fact in brief.facts]
    rows = facts.set_index("fact_id").loc[ids, ["kind", "topic", "value", "occurred_on", "bits"]].reset_index()
    rows.insert(0, "place", range(1, len(rows) + 1))
    rows.insert(1, "position", [positions.get(one, "") for one in ids])
    return rows.assign(stated=[one in stated for one in ids]).drop(columns="fact_id")


def _sums(template: Template) -> pd.DataFrame:
    import pandas as pd

    columns = ["place", "what", "topic", "n_contacts", "share"]
    rows = [(place, one.what, one.topic, one.n_contacts, one.share) for place, one in enumerate(template.aggregates, 1)]
    return pd.DataFrame(rows, columns=columns)


def _segment_email(template: Template, row: pd.DataFrame, campaign: Campaign, n_contacts: int) -> ShownEmail:
    (fields,) = merge_values(row, campaign=campaign)
    sources = template.sources or ((),) * len(template.sentences)
    sentences = tuple(
        ShownSentence(render(one.text, fields), one.role, tuple(place + 1 for place in cited), one.opens_paragraph)
        for one, cited in zip(template.sentences, sources, strict=True)
    )
    subject = ShownSentence(render(template.subject, fields), "subject", (), opens_paragraph=False)
    bits = float(bits_of(_array(template.n_contacts), n_contacts)[0])
    return ShownEmail("segment", fields["first_name"], subject, sentences, template.n_contacts, bits)


def _own_email(
    draft: Draft, brief: Brief, person: Person, facts: pd.DataFrame, campaign: Campaign, n_contacts: int
) -> ShownEmail:
    place = {fact.fact_id: number for number, fact in enumerate(brief.facts, 1)}

    def shown(sentence: Sentence) -> ShownSentence:
        stated = tuple(place[one] for one in sentence.fact_ids if one in place)
        return ShownSentence(sentence.text, sentence.role, stated, sentence.opens_paragraph)

    cited = [one for sentence in (draft.subject, *draft.sentences) for one in sentence.fact_ids]
    size = int(audience_sizes([cited], facts, n_contacts)[0])
    greeting = person.first_name or campaign.merge_fields["first_name"]
    bits = float(bits_of(_array(size), n_contacts)[0])
    return ShownEmail(
        "individual", greeting, shown(draft.subject), tuple(map(shown, draft.sentences)), size, bits
    )  # fmt: skip


def _array(size: int) -> np.ndarray:
    return np.array([size])
