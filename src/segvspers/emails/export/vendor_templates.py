"""A segment's template in a vendor's tokens, held against the emails that were approved: it must give exactly their text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from html import escape

import pandas as pd

from segvspers.emails.body import body_text, ending
from segvspers.emails.campaign import Campaign
from segvspers.emails.export.approval import check_approval
from segvspers.emails.export.forms import Form
from segvspers.emails.export.outgoing import Outgoing, counted
from segvspers.emails.export.tables import plain_text
from segvspers.emails.export.vendor_tokens import VENDORS, NotPortableError, choice_of, in_tokens, token_of
from segvspers.emails.merge_fields import check_fallbacks, merge_values
from segvspers.emails.names import clean_name
from segvspers.emails.templates import Template, render, write_blast

OWN_SUBJECT, OPENER, WHICH = "OWNSUBJ", "OPENER", "SVTEMPLATE"


@dataclass(slots=True)
class VendorFiles:
    """What goes beside the contacts: files by name, a list of what each is for, and what is wrong."""

    table: pd.DataFrame
    files: dict[str, str] = field(default_factory=dict)
    listed: list[dict[str, str]] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    openers: pd.Series = field(default_factory=lambda: pd.Series(dtype=object))


def with_templates(
    out: Outgoing,
    emails: pd.DataFrame,
    contacts: pd.DataFrame,
    *,
    templates: Mapping[str, Template],
    campaign: Campaign,
    form: Form,
    openers: bool,
) -> VendorFiles:
    """Return the contacts with their merge fields, and the templates in the vendor's tokens.

    Parameters
    ----------
    out
        The emails that leave.
    emails, contacts
        The whole tables; with `openers` the segment's email of a contact stands in the first.
    templates
        By segment.
    campaign, form
        Its fallbacks and footer; the vendor.
    openers
        An individual email gives its subject and its first sentence, and the segment's template the rest.
    """
    rows = out.rows
    own = ((rows["variant"] == "individual") & (rows["status"] != "fell_back")).to_numpy()
    found = VendorFiles(pd.DataFrame())
    if own.any() and not openers:
        found.problems.append(_no_room(rows[own], form))
    if rows["step"].max() > 1:
        found.problems.append("templates are of one step; export each step apart, or leave templates= out")
    used = {segment: _named(segment, templates, rows, contacts, campaign) for segment in _segments(rows)}
    lacking = [segment for segment, template in used.items() if template is None]
    if lacking:
        found.problems.append(f"there is no template for {lacking}; give those that the emails were written from")
    known = {segment: template for segment, template in used.items() if template is not None}
    check_fallbacks(known, campaign=campaign)
    approved = _approved_segment_emails(emails) if openers else {}
    found.problems += _unlike(
        rows if openers else rows[~own], own if openers else own[~own], known, contacts, campaign, approved
    )
    found.table = _table(rows, own, known, contacts, form, openers=openers)
    found.openers = pd.Series(
        [_first_sentence(said) for said in rows["sentences"][own]], index=rows["email_id"][own], dtype=object
    )
    for place, (segment, template) in enumerate(known.items(), start=1):
        try:
            _write(found, f"template-{place:02d}", segment, template, campaign, form.tokens, openers=openers)
        except NotPortableError as problem:
            found.problems.append(f"the template of {segment!r} holds {problem}; use fields and {{% if field %}} alone")
    return found


def paragraph_templates(table: pd.DataFrame, campaign: Campaign, vendor: str) -> dict[str, str]:
    """Return the frame of each step as HTML: its paragraphs in order, then signature and footer."""
    tokens, files = VENDORS[vendor], {}
    for step in sorted({int(name.split("_")[1]) for name in table.columns if name.startswith("body_")}):
        parts = []
        for name in (one for one in table.columns if one.startswith(f"body_{step}_p")):
            shown = f"<p>{token_of(name, vendor)}</p>"
            always = vendor == "hubspot" or table[name].astype(bool).all()  # HubSpot's plain emails know no conditions
            parts.append(shown if always else choice_of(tokens.rename(name), tokens, then=shown))
        files[f"template-{step}.html" if step > 1 else "template.html"] = (
            "\n".join([*parts, *_ending_html(campaign, vendor)]) + "\n"
        )
    return files


def _people(contacts: pd.DataFrame, ids: Iterable[str]) -> pd.DataFrame:
    """Return the contacts of ids, a row each."""
    return contacts.drop_duplicates("contact_id").set_index("contact_id").reindex(list(ids))


def _segments(rows: pd.DataFrame) -> list[str]:
    keys = rows["segment_id"].astype(str).where(rows["variant"] != "blast", "blast")
    return sorted(keys.unique())


def _named(
    segment: str, templates: Mapping[str, Template], rows: pd.DataFrame, contacts: pd.DataFrame, campaign: Campaign
) -> Template | None:
    """Return the template of a segment; that of a blast is written as `write_emails` wrote it."""
    if segment in templates or segment != "blast":
        return templates.get(segment)
    first = rows[rows["variant"] == "blast"].iloc[0]
    (fields,) = merge_values(_people(contacts, [first["contact_id"]]), campaign=campaign)
    both = [write_blast(2, campaign=campaign, company=company) for company in (True, False)]
    return next(
        (one for one in both if _rendered(one, fields, campaign) == (first["subject"], first["body_text"])), both[0]
    )


def _no_room(rows: pd.DataFrame, form: Form) -> str:
    most = max(len(text.encode("utf-8", "surrogatepass")) for text in rows["body_text"])
    return (
        f"{len(rows):,} individual emails have bodies of up to {most:,} bytes, and "
        + (
            "Mailchimp cuts a text merge field at 255: "
            if form.name == "mailchimp"
            else "a template is the same for all: "
        )
        + "export the segment's emails, or these in another form"
        + (
            ", or with openers=True their subject and first sentence above the segment's template"
            if form.name == "mailchimp"
            else ""
        )
    )


def _unlike(
    rows: pd.DataFrame,
    own: pd.Series,
    templates: Mapping[str, Template],
    contacts: pd.DataFrame,
    campaign: Campaign,
    approved: Mapping[str, tuple[str, str]],
) -> list[str]:
    """Return which approved emails their template would not give, word for word."""
    people = _people(contacts, rows["contact_id"])
    fields = merge_values(people, campaign=campaign)
    wrong, alone, cut = [], [], []
    columns = ["email_id", "contact_id", "segment_id", "variant", "subject", "body_text", "sentences"]
    for (email_id, contact, segment, variant, subject, body, said), merged, mine in zip(
        rows[columns].itertuples(index=False, name=None), fields, own, strict=True
    ):
        template = templates.get("blast" if variant == "blast" else str(segment))
        if template is None:
            continue
        expected = approved.get(contact) if mine else (subject, body)
        if mine and _first_sentence(said) not in body:
            cut.append(email_id)
        if expected is None:
            alone.append(email_id)
        elif _rendered(template, merged, campaign) != expected:
            wrong.append(email_id)
    return [
        *counted(
            wrong,
            "email is",
            "emails are",
            "not what the template gives; give the templates= that they were written from",
        ),
        *counted(
            alone,
            "email has",
            "emails have",
            "no approved email of the segment beside it, whose words would follow the opener",
        ),
        *counted(
            cut, "email holds", "emails hold", "a first sentence that its body does not; audit and approve it again"
        ),
    ]


def _rendered(template: Template, fields: Mapping[str, str], campaign: Campaign) -> tuple[str, str]:
    sentences = [replace(one, text=render(one.text, fields)) for one in template.sentences]
    return render(template.subject, fields), body_text(
        sentences, greeting=fields.get("first_name", "there"), campaign=campaign
    )


def _approved_segment_emails(emails: pd.DataFrame) -> dict[str, tuple[str, str]]:
    rows = emails[(emails["variant"] == "segment") & (check_approval(emails)["state"] == "approved")]
    return dict(zip(rows["contact_id"], zip(rows["subject"], rows["body_text"], strict=True), strict=True))


def _first_sentence(said: Sequence[Mapping[str, str]]) -> str:
    return next((one["text"] for one in said if one["role"] != "subject"), "")


def _table(
    rows: pd.DataFrame,
    own: pd.Series,
    templates: Mapping[str, Template],
    contacts: pd.DataFrame,
    form: Form,
    *,
    openers: bool,
) -> pd.DataFrame:
    further = sorted({name for template in templates.values() for name in template.fields} - set(form.columns))
    people = _people(contacts, rows["contact_id"])
    extra = {
        _header(name, form): [clean_name(value) for value in people[name].astype(object)] if name in people else ""
        for name in further
    }
    names = {segment: f"template-{place:02d}" for place, segment in enumerate(templates, start=1)}
    keys = rows["segment_id"].astype(str).where(rows["variant"] != "blast", "blast")
    table = rows[list(form.columns)].rename(columns=dict(form.columns)).assign(**extra)
    table[WHICH if form.tokens == "mailchimp" else "sv_template"] = [names.get(key, "") for key in keys]
    if openers:
        table[OWN_SUBJECT] = rows["subject"]
        table[OPENER] = [
            _first_sentence(said) if mine else "" for said, mine in zip(rows["sentences"], own, strict=True)
        ]
    return plain_text(table)


def _header(name: str, form: Form) -> str:
    return VENDORS[form.tokens].rename(name) if form.tokens == "mailchimp" else name


def _write(
    found: VendorFiles, stem: str, segment: str, template: Template, campaign: Campaign, vendor: str, *, openers: bool
) -> None:
    subject = in_tokens(template.subject, vendor, campaign.merge_fields, html=False)
    if openers:
        subject = f"*|{OWN_SUBJECT}|*"
    for html in (True, False):
        paragraphs = _paragraphs(template, campaign, vendor, html=html)
        if openers:
            shown = f"<p>*|{OPENER}|*</p>" if html else f"*|{OPENER}|*\n\n"
            paragraphs[1] = f"*|IF:{OPENER}|*{shown}*|END:IF|*{'<p>' if html else ''}{paragraphs[1]}"
        if html:
            text = "\n".join([*_as_html(paragraphs), *_ending_html(campaign, vendor)])
        else:
            text = "\n\n".join([*paragraphs, *ending(campaign, unsubscribe=VENDORS[vendor].unsubscribe)])
        found.files[f"{stem}.{'html' if html else 'txt'}"] = f"{text}\n"
    found.listed.append({"template": stem, "segment_id": segment, "subject": subject})


def _paragraphs(template: Template, campaign: Campaign, vendor: str, *, html: bool) -> list[str]:
    fallbacks = campaign.merge_fields
    greeting = in_tokens("{{ first_name }}", vendor, {"first_name": "there", **fallbacks}, html=html)
    sentences = [replace(one, text=in_tokens(one.text, vendor, fallbacks, html=html)) for one in template.sentences]
    text = body_text(sentences, greeting=greeting, campaign=campaign)
    return text.removesuffix("\n\n" + "\n\n".join(ending(campaign))).split("\n\n")


def _as_html(paragraphs: Sequence[str]) -> list[str]:
    made = (part.replace("\n", "<br>") for part in paragraphs)
    return [f"{part}</p>" if part.startswith("*|IF:" + OPENER) else f"<p>{part}</p>" for part in made]


def _ending_html(campaign: Campaign, vendor: str) -> list[str]:
    signature, footer = ending(campaign, unsubscribe="")
    address = escape(footer.split("\nUnsubscribe:")[0], quote=False).replace("\n", "<br>")
    way_out = VENDORS[vendor].unsubscribe or escape(campaign.footer.unsubscribe_url)
    signed = escape(signature, quote=False).replace("\n", "<br>")
    return [f"<p>{signed}</p>", f'<p>{address}<br><a href="{way_out}">Unsubscribe</a></p>']
