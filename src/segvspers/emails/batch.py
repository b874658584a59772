"""Emails of one batch of contacts: the one function that a list in memory, a stream and a cluster all call."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from segvspers.emails.audience import AudienceIndex, bits_of
from segvspers.emails.audit import Listed, find_problems
from segvspers.emails.body import body_html, body_text
from segvspers.emails.brief import Brief, Draft, Sentence, Writer
from segvspers.emails.briefs import Person, make_briefs, people_of
from segvspers.emails.campaign import Campaign
from segvspers.emails.checked import Written, write_checked
from segvspers.emails.merge_fields import merge_values
from segvspers.emails.templates import Template, render

if TYPE_CHECKING:
    import pandas as pd

Row = dict[str, Any]
BUCKET = 20_000


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """What all batches of a run share: nothing in it grows with the contacts but the index of what is said.

    `index` may be left out; the emails then lack the size of their audience. `listed` is the whole list,
    in which the audit looks for other contacts' names.
    """

    campaign: Campaign
    writer: Writer
    variants: Sequence[str]
    templates: Mapping[str, Template]
    blast: Template
    sizes: Mapping[str, int]
    n_contacts: int
    listed: Listed | None = None
    index: AudienceIndex | None = field(default=None, repr=False)


def buckets_of(contact_ids: Sequence[str], n_contacts: int) -> np.ndarray:
    """Return the bucket of each contact, by a hash of its id alone, so that every engine finds the same.

    A writer that keeps its wordings apart starts anew with each bucket of about 20,000 contacts; within a bucket
    contacts are written to in the order of their ids.
    """
    n_buckets = -(-n_contacts // BUCKET)
    if n_buckets <= 1:
        return np.zeros(len(contact_ids), dtype=int)
    return np.array([int(hashlib.md5(one.encode()).hexdigest()[:6], 16) % n_buckets for one in contact_ids])  # noqa: S324


def write_batch(audience: pd.DataFrame, facts: pd.DataFrame, routes: pd.DataFrame, *, run: Run) -> pd.DataFrame:
    """Return the emails of some contacts, a row a contact and variant.

    Parameters
    ----------
    audience, facts
        The contacts of the batch and their facts, with the code `statement` of what each says when the run has an
        index.
    routes
        As `route_contacts` returns them for `audience`.
    run
        What all batches share.
    """
    import pandas as pd

    people = people_of(audience, campaign=run.campaign)
    written = _individual(people, facts, routes, run) if "individual" in run.variants else {}
    fields = merge_values(audience, campaign=run.campaign)
    rows = []
    for variant in run.variants:
        for person, merged, route, reason in zip(people, fields, routes["route"], routes["reason"], strict=True):
            outcome = written.get(person.contact_id) if variant == "individual" else None
            template = run.blast if variant == "blast" else run.templates[person.segment]
            rows.append(_row(person, variant, route, reason, template, merged, outcome, run.campaign))
    return _with_audience(pd.DataFrame(rows), facts, run)


def _individual(people: Sequence[Person], facts: pd.DataFrame, routes: pd.DataFrame, run: Run) -> dict[str, Written]:
    """Return what became of each individual email: in buckets, and in the order of ids within a bucket."""
    chosen = set(routes.loc[routes["route"] == "individual", "contact_id"])
    wanted = sorted((person for person in people if person.contact_id in chosen), key=lambda person: person.contact_id)
    briefs = make_briefs(wanted, facts, campaign=run.campaign)
    judge = Judge({person.contact_id: person for person in wanted}, facts, run.listed, run.campaign)
    if run.writer.name != "offline":
        return write_checked(run.writer, briefs, judge)
    buckets = buckets_of([brief.contact_id for brief in briefs], run.n_contacts)
    found: dict[str, Written] = {}
    for bucket in np.unique(buckets):
        found |= write_checked(run.writer, [briefs[place] for place in np.flatnonzero(buckets == bucket)], judge)
    return found


class Judge:
    """Audits drafts as the emails that they would become."""

    def __init__(
        self, people: dict[str, Person], facts: pd.DataFrame, listed: Listed | None, campaign: Campaign
    ) -> None:
        self.people, self.facts, self.listed, self.campaign = people, facts, listed, campaign

    def __call__(self, pairs: Sequence[tuple[Brief, Draft]]) -> dict[str, tuple[str, ...]]:
        """Return what is wrong with each draft, by contact."""
        import pandas as pd

        if not pairs:
            return {}
        rows = [_own_row(self.people[brief.contact_id], draft, self.campaign) for brief, draft in pairs]
        emails = pd.DataFrame(rows).drop(columns="body_html")
        findings = find_problems(emails, self.facts, listed=self.listed, campaign=self.campaign)
        failed = findings[findings["severity"] == "fail"]
        contact_of = dict(zip(emails["email_id"], emails["contact_id"], strict=True))
        found: dict[str, list[str]] = {}
        for email_id, check, span in zip(failed["email_id"], failed["check"], failed["span"], strict=True):
            found.setdefault(contact_of[email_id], []).append(f"{check}: {span}" if span else check)
        return {contact: tuple(problems) for contact, problems in found.items()}


def _row(
    person: Person,
    variant: str,
    route: str,
    reason: str,
    template: Template,
    fields: Mapping[str, str],
    written: Written | None,
    campaign: Campaign,
) -> Row:
    draft = written.draft if written is not None else None
    if draft is not None:
        row, status = _own_row(person, draft, campaign), "ready"
        reason += "; little to say, so a short email" if "low_context" in draft.notes else ""
    else:
        sentences = tuple(
            Sentence(render(one.text, fields), one.role, one.fact_ids, one.opens_paragraph)
            for one in template.sentences
        )
        subject = Sentence(render(template.subject, fields), "subject")
        row = _made_row(person, variant, subject, sentences, campaign)
        status = "fell_back" if variant == "individual" else "ready"
    told = (written.reason if written is not None else "") or reason
    return row | {
        "status": "held" if route == "hold" else status,
        "reason": told if route == "hold" or variant == "individual" else "",
        "tokens_in": written.tokens_in if written is not None else 0,
        "tokens_out": written.tokens_out if written is not None else 0,
        "cost_usd": written.cost_usd if written is not None else 0.0,
    }


def _own_row(person: Person, draft: Draft, campaign: Campaign) -> Row:
    return _made_row(person, "individual", draft.subject, draft.sentences, campaign)


def _made_row(
    person: Person, variant: str, subject: Sentence, sentences: Sequence[Sentence], campaign: Campaign
) -> Row:
    greeting = person.first_name or campaign.merge_fields.get("first_name", "there")
    body = body_text(sentences, greeting=greeting, campaign=campaign)
    return {
        "email_id": f"{campaign.campaign_id}-{variant}-{person.contact_id}",
        "variant": variant,
        "contact_id": person.contact_id,
        "segment_id": person.segment,
        "subject": subject.text,
        "body_text": body,
        "body_html": body_html(body),
        "sentences": [
            {"text": subject.text, "role": "subject", "fact_ids": list(subject.fact_ids)},
            *({"text": one.text, "role": one.role, "fact_ids": list(one.fact_ids)} for one in sentences),
        ],
        "identity": [name for name in (person.first_name, person.last_name, person.company) if name],
    }


def _with_audience(emails: pd.DataFrame, facts: pd.DataFrame, run: Run) -> pd.DataFrame:
    """Return emails with their writer, and with the size of their audience and its bits when the run has an index."""
    cited = [_cited(sentences) for sentences in emails["sentences"]]
    own = np.array([bool(ids) for ids in cited], dtype=bool) & emails["variant"].eq("individual").to_numpy()
    emails = emails.assign(writer=np.where(own, run.writer.name, "template"))
    if run.index is None:
        return emails
    of_segment = emails["segment_id"].map(run.sizes).to_numpy(dtype=np.int64)
    size = np.where(emails["variant"] == "blast", run.n_contacts, of_segment)
    code_of = dict(zip(facts["fact_id"], facts["statement"].tolist(), strict=True))
    codes = [[code_of[one] for one in ids] for ids, mine in zip(cited, own, strict=True) if mine]
    size[own] = run.index.sizes(codes)
    return emails.assign(audience_size=size, bits=np.round(bits_of(size, run.n_contacts), 4))


def _cited(sentences: Iterable[dict[str, Any]]) -> list[str]:
    return [one for sentence in sentences for one in sentence["fact_ids"]]
