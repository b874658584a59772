"""Templates in a vendor's tokens, filled by that vendor's own engine: they give exactly the emails that were approved."""

import json
import re

import jinja2
import pytest

import segvspers as sv
from segvspers.emails.export.vendor_tokens import NotPortableError, in_tokens
from segvspers.emails.own_templates import make_templates
from segvspers.errors import DataError

from .read_back import csv_rows, read_page


@pytest.fixture(scope="module")
def templates(people, known, campaign):
    return sv.write_templates(people, known, campaign=campaign)


def fill_mailchimp(text, row):
    """Mailchimp's conditions and tags, read innermost first; nothing that a field holds is read again."""
    text = re.sub(r"\*\|IF:(\w+)\|\*((?:(?!\*\|(?:IF|END)).)*?)(?:\*\|ELSE:\|\*((?:(?!\*\|(?:IF|END)).)*?))?\*\|END:IF\|\*",
                  lambda found: found[2] if row[found[1]] else found[3] or "", text, flags=re.DOTALL)  # fmt: skip
    return re.sub(r"\*\|(\w+)\|\*", lambda found: "UNSUBSCRIBE" if found[1] == "UNSUB" else row[found[1]], text)


def fill_klaviyo(text, row):
    from django.template import Context, Engine, Library

    library = Library()
    library.filter("lookup", lambda person, name: person.get(name, ""))
    library.simple_tag(lambda: "UNSUBSCRIBE", name="unsubscribe_link")
    engine = Engine()
    engine.template_builtins.append(library)
    told = {"first_name": row["First Name"], "last_name": row["Last Name"], "person": row}
    return engine.from_string(text).render(Context(told, autoescape=False))


def fill_hubspot(text, row):
    internal = {"firstname": row["First Name"], "lastname": row["Last Name"], "company": row["Company Name"]} | row
    environment = jinja2.Environment(autoescape=False, keep_trailing_newline=True)
    fill = environment.from_string(text).render
    return fill(contact=internal, unsubscribe_link="UNSUBSCRIBE",
                personalization_token=lambda name, other: internal[name.removeprefix("contact.")] or other)  # fmt: skip


def fill_liquid(text, row):
    import liquid

    return liquid.Environment().from_string(text).render(**row)


ENGINES = {
    "mailchimp": (fill_mailchimp, "SVTEMPLATE", "Email Address"), "klaviyo": (fill_klaviyo, "sv_template", "Email"),
    "hubspot": (fill_hubspot, "sv_template", "Email"), "sequencer": (fill_liquid, "sv_template", "email"),
}  # fmt: skip


@pytest.mark.parametrize("form", ENGINES)
def test_a_vendors_engine_gives_the_approved_text_of_every_contact(
    form, approved, people, templates, campaign, tmp_path
):
    fill, which, address = ENGINES[form]
    some = people.copy()
    some.loc[some.index[:20:2], "first_name"] = [
        None,
        "{{7*7}}",
        "<b>x</b>",
        "*|FNAME|*",
        "",
        None,
        "{% if %}",
        "=1+1",
        "$x",
        None,
    ]
    some.loc[some.index[:20:3], "company"] = None
    emails = _again(some, templates, campaign)
    done = sv.export_emails(emails, tmp_path / form, form=form, contacts=some, templates=templates)
    assert len(done.changes) > 0
    body = emails.merge(some[["contact_id", "email"]], on="contact_id").set_index("email")
    subjects = {
        one["template"]: one["subject"]
        for one in json.loads((tmp_path / form / "export.json").read_text())["templates"]
    }
    rows = csv_rows(tmp_path / form / "contacts.csv")
    assert len(rows) == done.n_emails > 50
    for row in rows:
        told = body.loc[row[address]]
        text = fill((tmp_path / form / f"{row[which]}.txt").read_text(), row)
        assert text.rstrip("\n").replace("UNSUBSCRIBE", campaign.footer.unsubscribe_url) == told["body_text"]
        assert fill(subjects[row[which]], row) == told["subject"]
        page = read_page(fill((tmp_path / form / f"{row[which]}.html").read_text(), row))
        assert page.tags == {"p", "br", "a"}
        assert page.attributes == [("href", "UNSUBSCRIBE" if form != "sequencer" else campaign.footer.unsubscribe_url)]
        shown = " ".join("".join(page.text).split())
        assert " ".join(told["body_text"].split("\n\nBest,")[0].split("\n\n")[1].split()) in shown


def _again(people, templates, campaign):
    import pandas as pd

    from segvspers.emails.routing import route_contacts

    facts = pd.DataFrame(
        {
            name: []
            for name in ("contact_id", "fact_id", "kind", "topic", "value", "fields", "bits", "salience", "sensitivity")
        }
    )
    assert len(route_contacts(people, facts, campaign=campaign))
    emails = sv.write_emails(people, facts, campaign=campaign, templates=templates, variants=["segment"])
    audit = sv.audit_emails(emails, facts, contacts=people, campaign=campaign)
    return sv.approve_emails(emails, audit=audit, approver="MS", contacts=people)


@pytest.mark.parametrize("form", ["klaviyo", "hubspot"])
def test_the_frame_of_individual_emails_shows_their_paragraphs(form, approved, people, campaign, tmp_path):
    own = approved[approved["variant"] == "individual"]
    sv.export_emails(own, tmp_path / form, form=form, contacts=people)
    frame = (tmp_path / form / "template.html").read_text()
    body = own.merge(people[["contact_id", "email"]], on="contact_id").set_index("email")["body_text"]
    for row in csv_rows(tmp_path / form / "contacts.csv"):
        page = read_page(ENGINES[form][0](frame, row))
        shown = " ".join("".join(page.text).split())
        expected = body[row["Email"]].split("\n\n--\n")[0]
        assert shown.startswith(" ".join(expected.split("\n\nBest,")[0].split()))
        assert [value for _, value in page.attributes] == ["UNSUBSCRIBE"]


def test_mailchimp_refuses_bodies_and_takes_openers(approved, people, templates, tmp_path):
    audience = people.assign(variant="individual")
    with pytest.raises(
        DataError,
        match=r"individual emails have bodies of up to [\d,]+ bytes, and Mailchimp cuts a text merge field at 255",
    ):
        sv.export_emails(approved, tmp_path / "m", form="mailchimp", contacts=audience, templates=templates)
    sv.export_emails(approved, tmp_path / "m", form="mailchimp", contacts=audience, templates=templates, openers=True)
    told = (
        approved[approved["variant"] == "individual"]
        .merge(people[["contact_id", "email"]], on="contact_id")
        .set_index("email")
    )
    segment = (
        approved[approved["variant"] == "segment"]
        .merge(people[["contact_id", "email"]], on="contact_id")
        .set_index("email")
    )
    n_openers = 0
    for row in csv_rows(tmp_path / "m" / "contacts.csv"):
        email = told.loc[row["Email Address"]]
        assert all(len(cell.encode()) <= 255 for cell in row.values())
        text = fill_mailchimp((tmp_path / "m" / f"{row['SVTEMPLATE']}.txt").read_text(), row)
        assert row["OWNSUBJ"] == email["subject"]
        around = segment.loc[row["Email Address"], "body_text"].split("\n\n")
        paragraphs = text.rstrip("\n").split("\n\n")
        if row["OPENER"]:
            n_openers += 1
            assert paragraphs[1] == row["OPENER"] == email["sentences"][1]["text"]
            assert row["OPENER"] in email["body_text"]
            paragraphs.pop(1)
        assert paragraphs[:-1] == around[:-1]
    assert n_openers == (told["status"] == "ready").sum() > 20


def test_an_opener_beyond_255_bytes_is_refused(approved, people, templates, tmp_path, stamp):
    emails = approved.copy()
    first = emails.index[(emails["variant"] == "individual") & (emails["status"] == "ready")][0]
    long = "You asked about " + "é" * 120 + "."
    body = emails.loc[first, "body_text"].replace(emails.loc[first, "sentences"][1]["text"], long)
    emails.loc[first, "body_text"] = body
    said = [dict(one) for one in emails.loc[first, "sentences"]]
    said[1]["text"] = long
    emails.at[first, "sentences"] = said  # noqa: PD008
    ready = stamp(emails[emails["status"] != "held"])
    with pytest.raises(
        DataError,
        match=r"1 opener has up to 257 bytes, and Mailchimp takes 255: Mailchimp cuts a text merge field there",
    ):
        sv.export_emails(
            ready,
            tmp_path / "m",
            form="mailchimp",
            contacts=people.assign(variant="individual"),
            templates=templates,
            openers=True,
        )


def test_a_template_that_does_not_give_the_approved_text_is_refused(approved, people, templates, tmp_path):
    segment = approved[approved["variant"] == "segment"]
    other = make_templates({name: {"subject": "News", "body": "We have news."} for name in templates})
    with pytest.raises(
        DataError, match="58 emails are not what the template gives; give the templates= that they were written from"
    ):
        sv.export_emails(segment, tmp_path / "k", form="klaviyo", contacts=people, templates=other)
    with pytest.raises(DataError, match=r"there is no template for \['customer'"):
        sv.export_emails(segment, tmp_path / "k", form="klaviyo", contacts=people, templates={})
    only = approved[approved["variant"] == "individual"]
    with pytest.raises(
        DataError, match="no approved email of the segment beside it, whose words would follow the opener"
    ):
        sv.export_emails(only, tmp_path / "k", form="mailchimp", contacts=people, templates=templates, openers=True)
    assert list(tmp_path.iterdir()) == []


def test_a_blast_leaves_as_its_template_too(people, known, campaign, tmp_path):
    emails = sv.write_emails(people, known, campaign=campaign, variants=["blast"])
    audit = sv.audit_emails(emails, known, contacts=people, campaign=campaign)
    ready = sv.approve_emails(emails, audit=audit, approver="MS")
    done = sv.export_emails(ready, tmp_path / "m", form="mailchimp", contacts=people, templates={})
    assert done.files["file"].tolist() == ["contacts.csv", "template-01.html", "template-01.txt"]


@pytest.mark.parametrize(
    ("vendor", "expected"),
    [
        ("mailchimp", "A *|IF:PLAN|**|PLAN|**|ELSE:|*none*|END:IF|* &amp; *|LNAME|*"), ("klaviyo", "A {{ person|lookup:'plan'|default:'none' }} &amp; {{ last_name }}"),
        ("hubspot", "A {{ personalization_token('contact.plan', 'none') }} &amp; {{ contact.lastname }}"), ("liquid", "A {{ plan | default: 'none' }} &amp; {{ last_name }}"),
    ],
)  # fmt: skip
def test_fields_and_fallbacks_in_the_words_of_each_vendor(vendor, expected):
    assert in_tokens("A {{ plan }} & {{ last_name }}", vendor, {"plan": "none"}, html=True) == expected


def test_choices_and_quotes():
    choice = "Hi{% if plan %} on {{ plan }}{% else %} there{% endif %}"
    assert (
        in_tokens(choice, "liquid", {}, html=False)
        == 'Hi{% if plan and plan != "" %} on {{ plan }}{% else %} there{% endif %}'
    )
    assert (
        in_tokens(choice, "mailchimp", {"plan": "none"}, html=False)
        == "Hi on *|IF:PLAN|**|PLAN|**|ELSE:|*none*|END:IF|*"
    )
    assert (
        in_tokens("{{ plan }}", "klaviyo", {"plan": "it's"}, html=False)
        == "{{ person|lookup:'plan'|default:\"it's\" }}"
    )
    with pytest.raises(NotPortableError, match="both kinds of quotes"):
        in_tokens("{{ plan }}", "klaviyo", {"plan": 'it\'s "so"'}, html=False)
    with pytest.raises(NotPortableError, match="For"):
        in_tokens("{% for x in y %}{% endfor %}", "klaviyo", {}, html=False)
    with pytest.raises(NotPortableError, match="a fallback inside a choice"):
        in_tokens("{% if plan %}{{ company }}{% endif %}", "mailchimp", {"company": "your team"}, html=False)
