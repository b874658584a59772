"""Write the emails of an audience: the segment's and the individual one of every contact, side by side."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from segvspers._checks import check_choice, require_columns
from segvspers.emails.audience import audience_sizes, bits_of
from segvspers.emails.brief import Brief, Draft, Sentence, Writer, as_facts
from segvspers.emails.campaign import Campaign
from segvspers.emails.names import clean_name
from segvspers.emails.offline import OfflineWriter
from segvspers.emails.routing import route_contacts, usable_facts
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
        address the reader. A contact of whom too little is known has the segment's email in the row of the
        individual one, with status `fell_back`; one who may not be written to has status `held`.

    Raises
    ------
    DataError
        When a table lacks a column or facts are of contacts that the audience lacks.

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
    people = _people(audience)
    routes = route_contacts(audience, facts, campaign=campaign)
    templates = write_templates(audience, facts, campaign=campaign)
    drafts = {}
    if "individual" in variants:
        usable = usable_facts(facts, campaign)
        drafts = _individual_drafts(people, routes, usable, campaign, writer or OfflineWriter(), progress=progress)
    rows: list[Row] = []
    sizes = audience["segment_id"].astype(str).value_counts()
    for variant in variants:
        for person, route, reason in zip(people, routes["route"], routes["reason"], strict=True):
            template = (
                write_blast(len(people), campaign=campaign) if variant == "blast" else templates[person["segment"]]
            )
            draft = drafts.get(person["contact_id"]) if variant == "individual" else None
            rows.append(_row(person, variant, route, reason, template, draft, campaign))
    emails = pd.DataFrame(rows)
    emails = _with_audience(emails, facts, len(people), sizes, writer_name=getattr(writer, "name", "offline"))
    emails.attrs["campaign"] = campaign.model_dump(mode="json")
    return emails


def _people(audience: pd.DataFrame) -> list[Row]:
    def column(name: str) -> list[Any]:
        return audience[name].tolist() if name in audience.columns else [None] * len(audience)

    names = ("first_name", "last_name", "company", "locale", "purchase_status")
    listed = zip(audience["contact_id"], audience["segment_id"].astype(str), *map(column, names), strict=True)
    return [
        {
            "contact_id": contact, "segment": segment, "first_name": clean_name(first), "last_name": clean_name(last),
            "company": clean_name(company), "locale": locale if locale in {"en_US", "en_GB"} else "en_US",
            "status": status if isinstance(status, str) else "",
        }
        for contact, segment, first, last, company, locale, status in listed
    ]  # fmt: skip


def _individual_drafts(
    people: Iterable[Row],
    routes: pd.DataFrame,
    usable: pd.DataFrame,
    campaign: Campaign,
    writer: Writer,
    *,
    progress: bool,
) -> dict[str, Draft]:
    from tqdm.auto import tqdm

    wanted = set(routes.loc[routes["bits"] >= campaign.bits_needed, "contact_id"])
    if not set(routes.loc[routes["route"] == "individual", "contact_id"]) & wanted:
        return {}
    grouped: dict[str, list[Any]] = {}
    columns = ["contact_id", "fact_id", "kind", "topic", "value", "fields", "bits", "salience"]
    for record in usable.loc[usable["contact_id"].isin(wanted), columns].itertuples(index=False):
        grouped.setdefault(record.contact_id, []).append(record)
    briefs = [
        Brief(
            person["contact_id"], campaign, as_facts(grouped.get(person["contact_id"], ())), person["first_name"],
            person["company"], person["status"], person["locale"],
        )
        for person in people
        if person["contact_id"] in wanted
    ]  # fmt: skip
    shown = tqdm(briefs, desc="write individual emails", disable=not progress)
    return {brief.contact_id: draft for brief, draft in zip(briefs, writer.write(shown), strict=True)}


def _row(
    person: Row,
    variant: str,
    route: str,
    reason: str,
    template: Template,
    draft: Draft | None,
    campaign: Campaign,
) -> Row:
    if draft is not None:
        subject, sentences = draft.subject.text, draft.sentences
        status = "ready"
    else:
        fields = {name: person[name] or fallback for name, fallback in FALLBACKS.items()}
        subject = render(template.subject, fields)
        sentences = tuple(
            Sentence(render(one.text, fields), one.role, one.fact_ids, one.opens_paragraph)
            for one in template.sentences
        )
        status = "fell_back" if variant == "individual" else "ready"
    named = [person[name] for name in ("first_name", "last_name", "company") if person[name]]
    body = body_text(sentences, greeting=person["first_name"] or FALLBACKS["first_name"], campaign=campaign)
    return {
        "email_id": f"{campaign.campaign_id}-{variant}-{person['contact_id']}",
        "variant": variant,
        "contact_id": person["contact_id"],
        "segment_id": person["segment"],
        "subject": subject,
        "body_text": body,
        "body_html": body_html(body),
        "sentences": [
            {"text": subject, "role": "subject", "fact_ids": list(draft.subject.fact_ids) if draft else []},
            *({"text": one.text, "role": one.role, "fact_ids": list(one.fact_ids)} for one in sentences),
        ],
        "status": "held" if route == "hold" else status,
        "reason": reason if route == "hold" or variant == "individual" else "",
        "tokens_in": draft.tokens_in if draft else 0,
        "tokens_out": draft.tokens_out if draft else 0,
        "cost_usd": draft.cost_usd if draft else 0.0,
        "identity": named,
    }


def body_text(sentences: Sequence[Sentence], *, greeting: str, campaign: Campaign) -> str:
    """Return the whole body: greeting, paragraphs, signature and the footer that the law asks for."""
    paragraphs: list[str] = []
    for sentence in sentences:
        if sentence.opens_paragraph or not paragraphs:
            paragraphs.append(sentence.text)
        else:
            paragraphs[-1] += f" {sentence.text}"
    sender, footer = campaign.sender, campaign.footer
    signature = "\n".join(line for line in ("Best,", sender.name, sender.title, sender.company) if line)
    end = f"--\n{footer.postal_address}\nUnsubscribe: {footer.unsubscribe_url}"
    return "\n\n".join([f"Hi {greeting},", *paragraphs, signature, end])


def body_html(text: str) -> str:
    """Return the body as plain paragraphs; everything is escaped."""
    from html import escape

    return "".join(f"<p>{escape(part, quote=False).replace(chr(10), '<br>')}</p>" for part in text.split("\n\n"))


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
