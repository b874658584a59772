"""Write the emails of an audience: the segment's and the individual one of every contact, side by side."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from segvspers._checks import check_choice, require_columns
from segvspers.emails.audience import audience_sizes, bits_of
from segvspers.emails.audit import audit_emails
from segvspers.emails.body import body_html, body_text
from segvspers.emails.brief import Brief, Draft, Sentence, Writer
from segvspers.emails.briefs import Person, make_briefs, people_of
from segvspers.emails.campaign import Campaign
from segvspers.emails.checked import Written, write_checked
from segvspers.emails.offline import OfflineWriter
from segvspers.emails.routing import route_contacts
from segvspers.emails.templates import FALLBACKS, Template, render, write_blast, write_templates
from segvspers.errors import raise_all

if TYPE_CHECKING:
    import pandas as pd

VARIANTS = ("blast", "segment", "individual")
Row = dict[str, Any]


def write_emails(
    audience: pd.DataFrame,
    facts: pd.DataFrame,
    *,
    campaign: Campaign,
    writer: Writer | None = None,
    variants: Sequence[str] = ("segment", "individual"),
    progress: bool = False,
) -> pd.DataFrame:
    """Write the emails of every contact of an audience, in each variant.

    Parameters
    ----------
    audience
        Contacts with `segment_id`, as `Segmentation.assign` gives them.
    facts
        As `derive_facts` returns them.
    campaign
        What the emails are for.
    writer
        Writes the individual emails; `OfflineWriter` when left out.
    variants
        Of blast, segment and individual.
    progress
        Show a progress bar.

    Returns
    -------
    pandas.DataFrame
        One row a contact and variant: `email_id, variant, contact_id, segment_id, subject, body_text, body_html,
        sentences` (list of text, role and fact ids), `status` (ready, fell_back or held), `reason, writer,
        tokens_in, tokens_out, cost_usd, audience_size, bits`, and `identity`, the names in the text that only
        address the reader. A contact of whom too little is known, or whose email failed its check twice, has the
        segment's email in the row of the individual one, with status `fell_back` and the reason; one who may not be
        written to has status `held`, and no writer is told of them.

    Raises
    ------
    DataError
        When a table lacks a column or facts are of contacts that the audience lacks.
    WriterError, BudgetError
        When the writer can't go on; what it finished is kept for the next run.

    Notes
    -----
    Every draft is audited as soon as it is there. One that fails is sent back to its writer once, with what is wrong,
    and then replaced: an email that says what the facts do not say never leaves.

    Examples
    --------
    >>> import segvspers as sv
    >>> contacts = sv.read_contacts("data/sample/contacts.csv")
    >>> history = sv.read_history("data/sample/history.csv")
    >>> facts = sv.derive_facts(contacts, history, as_of="2026-11-01")
    >>> audience = contacts.assign(segment_id=contacts["purchase_status"].astype(str))
    >>> campaign = sv.read_campaign("data/sample/campaign.yml")
    >>> emails = sv.write_emails(audience, facts, campaign=campaign)
    >>> emails.groupby("variant").size().to_dict()
    {'individual': 5000, 'segment': 5000}
    """
    import pandas as pd

    for variant in variants:
        check_choice("variants", variant, VARIANTS)
    require_columns(audience, ["contact_id", "segment_id"], table="contacts")
    require_columns(facts, ["contact_id", "fact_id", "kind", "topic", "value", "fields", "bits"], table="facts")
    problems = []
    if audience["contact_id"].duplicated().any():
        problems.append("some contact_ids stand in more than one row; keep one row a contact")
    if audience["segment_id"].isna().any():
        problems.append("some contacts have no segment_id; assign every contact to a segment")
    raise_all("audience", problems)
    people = people_of(audience, campaign=campaign)
    routes = route_contacts(audience, facts, campaign=campaign)
    templates = write_templates(audience, facts, campaign=campaign)
    chosen, written = writer or OfflineWriter(), {}
    if "individual" in variants:
        known = {person.contact_id: person for person in people}
        wanted = [known[contact] for contact in routes.loc[routes["route"] == "individual", "contact_id"]]
        briefs = make_briefs(wanted, facts, campaign=campaign)
        judge = _Judge(known, facts, audience, campaign)
        written = write_checked(_watched(chosen, len(briefs), progress=progress), briefs, judge)
    rows: list[Row] = []
    sizes = audience["segment_id"].astype(str).value_counts()
    for variant in variants:
        for person, route, reason in zip(people, routes["route"], routes["reason"], strict=True):
            template = write_blast(len(people), campaign=campaign) if variant == "blast" else templates[person.segment]
            outcome = written.get(person.contact_id) if variant == "individual" else None
            rows.append(_row(person, variant, route, reason, template, outcome, campaign))
    emails = pd.DataFrame(rows)
    emails = _with_audience(emails, facts, len(people), sizes, writer_name=getattr(chosen, "name", "offline"))
    emails.attrs["campaign"] = campaign.model_dump(mode="json")
    return emails


class _Judge:
    """Audits drafts as the emails that they would become."""

    def __init__(
        self, people: dict[str, Person], facts: pd.DataFrame, audience: pd.DataFrame, campaign: Campaign
    ) -> None:
        self.people, self.facts, self.audience, self.campaign = people, facts, audience, campaign

    def __call__(self, pairs: Sequence[tuple[Brief, Draft]]) -> dict[str, tuple[str, ...]]:
        import pandas as pd

        if not pairs:
            return {}
        rows = [_own_row(self.people[brief.contact_id], draft, self.campaign) for brief, draft in pairs]
        emails = pd.DataFrame(rows).assign(status="ready", writer="draft", bits=0.0)
        audit = audit_emails(emails, self.facts, contacts=self.audience, campaign=self.campaign)
        failed = audit.findings[audit.findings["severity"] == "fail"]
        contact_of = dict(zip(emails["email_id"], emails["contact_id"], strict=True))
        found: dict[str, list[str]] = {}
        for email_id, check, span in zip(failed["email_id"], failed["check"], failed["span"], strict=True):
            found.setdefault(contact_of[email_id], []).append(f"{check}: {span}" if span else check)
        return {contact: tuple(problems) for contact, problems in found.items()}


def _watched(writer: Writer, n: int, *, progress: bool) -> Writer:
    """Return the writer with a progress bar around its briefs; one that shows its own costs needs none."""
    if not progress or hasattr(writer, "report"):
        return writer
    return _WithBar(writer, n)


class _WithBar:
    """A writer whose briefs are counted as it takes them."""

    def __init__(self, writer: Writer, n: int) -> None:
        from tqdm.auto import tqdm

        self.name, self._writer = writer.name, writer
        self._bar = tqdm(total=n, desc="write individual emails")

    def write(self, briefs: Iterable[Brief]) -> list[Draft]:
        def counted() -> Iterable[Brief]:
            for brief in briefs:
                yield brief
                self._bar.update(0 if brief.problems else 1)

        return self._writer.write(counted())


def _row(
    person: Person,
    variant: str,
    route: str,
    reason: str,
    template: Template,
    written: Written | None,
    campaign: Campaign,
) -> Row:
    draft = written.draft if written is not None else None
    if draft is not None:
        row, status = _own_row(person, draft, campaign), "ready"
    else:
        fields = {name: getattr(person, name) or fallback for name, fallback in FALLBACKS.items()}
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
    body = body_text(sentences, greeting=person.first_name or FALLBACKS["first_name"], campaign=campaign)
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


def _with_audience(
    emails: pd.DataFrame, facts: pd.DataFrame, n_contacts: int, sizes: pd.Series, *, writer_name: str
) -> pd.DataFrame:
    own = ((emails["variant"] == "individual") & emails["sentences"].map(_cites)).to_numpy()
    size = np.where(emails["variant"] == "blast", n_contacts, emails["segment_id"].map(sizes).to_numpy())
    cited = [
        [one for sentence in sentences for one in sentence["fact_ids"]] for sentences in emails.loc[own, "sentences"]
    ]
    size[own] = audience_sizes(cited, facts, n_contacts)
    return emails.assign(
        writer=np.where(own, writer_name, "template"),
        audience_size=size,
        bits=np.round(bits_of(size, n_contacts), 4),
    )


def _cites(sentences: list[dict[str, Any]]) -> bool:
    return any(sentence["fact_ids"] for sentence in sentences)
