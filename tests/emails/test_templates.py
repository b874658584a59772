"""Segment templates: sums only, merge fields with fallbacks, a sandbox, and every member's email audited and linted."""

import pandas as pd
import pytest
from jinja2 import UndefinedError
from jinja2.sandbox import SecurityError

import segvspers as sv
from segvspers.emails.lint import lint_emails, lint_text
from segvspers.emails.merge_fields import check_merge_fields, merge_values
from segvspers.emails.own_templates import make_templates
from segvspers.emails.segment_brief import brief_segments
from segvspers.emails.templates import render, write_blast, write_templates
from segvspers.errors import ArgumentError, DataError, MissingFileError

TYPES = ("announcement", "newsletter", "promotion", "outreach", "renewal", "re-engagement", "customer success")


@pytest.fixture(scope="module")
def audience(contacts):
    return contacts.assign(
        segment_id=contacts["purchase_status"].astype(str) + "-" + contacts["industry"].astype(str).fillna("unknown")
    )


def text_of(template):
    return "\n".join([template.subject, *(sentence.text for sentence in template.sentences)])


def test_a_template_is_written_from_sums_of_at_least_twenty_members(audience, facts, campaign):
    briefs = brief_segments(audience, facts, campaign=campaign)
    assert set(briefs) == set(audience["segment_id"])
    for brief in briefs.values():
        assert all(one.n_contacts >= 20 for one in brief.aggregates)
        assert brief.n_contacts >= 20 or not (brief.aggregates or brief.status)
    assert any(brief.aggregates for brief in briefs.values())


def test_the_sums_are_those_of_a_slow_count(audience, facts, campaign):
    briefs = brief_segments(audience, facts, campaign=campaign)
    opened = facts[(facts["kind"] == "engagement")].groupby("topic")["contact_id"].agg(set)
    for segment, members in audience.groupby("segment_id")["contact_id"].agg(set).items():
        for one in briefs[segment].aggregates:
            assert one.n_contacts == len(members & opened[one.topic])
            assert one.share == one.n_contacts / len(members)


def test_one_member_more_or_less_changes_no_word_of_a_template(audience, facts, campaign):
    whole = write_templates(audience, facts, campaign=campaign)
    for contact in audience["contact_id"].iloc[[5, 41, 400]]:
        without = write_templates(audience[audience["contact_id"] != contact], facts, campaign=campaign)
        assert {segment: text_of(one) for segment, one in without.items()} == {
            segment: text_of(one) for segment, one in whole.items()
        }


def test_a_template_holds_no_members_name_and_no_fact_of_one(audience, facts, campaign, contacts):
    names = set(contacts["company"].dropna()) | set(contacts["email"].dropna())
    for template in write_templates(audience, facts, campaign=campaign).values():
        assert not any(name in text_of(template) for name in names)
        assert not any(sentence.fact_ids for sentence in template.sentences)
        assert len(template.sources) == len(template.sentences)


def test_segments_too_small_to_hide_a_member_get_the_general_template(contacts, facts, campaign):
    tiny = contacts.head(19).assign(segment_id="tiny")
    (template,) = write_templates(tiny, facts, campaign=campaign).values()
    assert template.aggregates == ()
    assert "readers like you" not in text_of(template).lower()


def test_a_sensitive_topic_is_in_no_template(audience, facts, campaign):
    told = facts.assign(
        sensitivity=facts["topic"].map(lambda topic: "sensitive" if topic == "deliverability" else "normal")
    )
    for template in write_templates(audience, told, campaign=campaign).values():
        assert "deliverability" not in {one.topic for one in template.aggregates}


@pytest.mark.parametrize("campaign_type", TYPES)
def test_templates_and_blast_of_every_type_read_well_for_every_member(campaign_type, audience, facts, campaign):
    message = "Our new flow builder is out." if campaign_type == "announcement" else ""
    given = campaign.model_copy(update={"type": campaign_type, "message": message, "min_bits": None})
    people = audience.iloc[::8]
    emails = sv.write_emails(people, facts, campaign=given, variants=["segment", "blast"])
    slips = lint_emails(emails)
    assert slips.empty, slips.head().to_string()
    audit = sv.audit_emails(emails, facts, contacts=people, campaign=given)
    assert audit.n_passed == audit.n_emails, audit.findings.head().to_string()
    for sentences in emails["sentences"].map(lambda row: [one["text"] for one in row]).drop_duplicates():
        assert lint_text("\n\n".join(sentences[1:])) == []


def test_a_status_is_told_only_when_every_member_has_it(contacts, facts, campaign):
    lapsed = contacts[contacts["purchase_status"] == "lapsed"].assign(segment_id="x")
    mixed = pd.concat([lapsed, contacts[contacts["purchase_status"] == "customer"].head(1).assign(segment_id="x")])
    assert brief_segments(lapsed, facts, campaign=campaign)["x"].status == "lapsed"
    assert brief_segments(mixed, facts, campaign=campaign)["x"].status == ""
    assert brief_segments(lapsed.drop(columns="purchase_status"), facts, campaign=campaign)["x"].status == ""


def test_the_blast_knows_nothing_of_the_list(campaign):
    blast = write_blast(5000, campaign=campaign)
    assert blast.aggregates == ()
    assert campaign.offer in text_of(blast)
    assert "company" not in write_blast(5000, campaign=campaign, company=False).fields


def test_a_list_without_companies_gets_templates_without_them(contacts, facts, campaign):
    bare = contacts.drop(columns="company").assign(segment_id="all")
    assert write_templates(bare, facts, campaign=campaign)["all"].fields == ("first_name",)


def test_an_unknown_merge_field_is_an_error_and_data_is_never_a_template():
    with pytest.raises(UndefinedError):
        render("Hi {{ nickname }}", {"first_name": "Ada"})
    assert render("Hi {{ first_name }}", {"first_name": "{{ 7 * 7 }}"}) == "Hi {{ 7 * 7 }}"


@pytest.mark.parametrize(
    "attack",
    [
        "{{ first_name.__class__.__mro__ }}",
        "{{ ''.__class__.__base__.__subclasses__() }}",
        "{{ cycler.__init__.__globals__ }}",
    ],
)
def test_a_template_cannot_walk_out_of_its_sandbox(attack):
    with pytest.raises((SecurityError, UndefinedError)):
        render(attack, {"first_name": "Ada"})


def test_the_coverage_of_merge_fields_is_counted_before_anything_is_rendered(audience, facts, campaign):
    covered = check_merge_fields(audience, facts, campaign=campaign)
    assert set(covered["field"]) <= {"first_name", "company"}
    for row in covered.itertuples():
        members = audience.loc[audience["segment_id"] == row.segment_id, row.field]
        assert row.n_contacts == len(members)
        assert row.n_filled == members.notna().sum()
        assert row.filled_share == row.n_filled / row.n_contacts
        assert row.fallback == campaign.merge_fields[row.field]


def test_a_field_without_a_fallback_is_told_before_rendering(audience, facts, campaign):
    own = make_templates({"S1": {"subject": "For {{ nickname }}", "body": "From {{ town }}."}})
    with pytest.raises(
        DataError, match=r"templates use \['nickname', 'town'\], for which the campaign has no fallback"
    ):
        check_merge_fields(audience, facts, campaign=campaign, templates=own)


def test_strange_cells_count_as_empty(contacts, campaign):
    row = contacts.head(3).assign(
        first_name=["{{7*7}}", None, "Ada"], company=["=1+1", "Pine Labs", "https://evil.example"]
    )
    assert merge_values(row, campaign=campaign) == [
        {"first_name": "there", "company": "your team"},
        {"first_name": "there", "company": "Pine Labs"},
        {"first_name": "Ada", "company": "your team"},
    ]


def test_own_templates_are_read_and_all_their_problems_told(tmp_path):
    path = tmp_path / "templates.yml"
    path.write_text(
        "S1:\n  subject: News for {{ company }}\n  body: |\n    First\n    line.\n\n    {% if company %}Second.{% endif %}\n"
    )
    template = sv.read_templates(path)["S1"]
    assert [one.text for one in template.sentences] == ["First line.", "{% if company %}Second.{% endif %}"]
    assert template.fields == ("company", "first_name")
    with pytest.raises(MissingFileError, match="templates: no file at"):
        sv.read_templates(tmp_path / "none.yml")
    (tmp_path / "bad.yml").write_text("S1:\n  subject: [x\n")
    with pytest.raises(ArgumentError, match="bad.yml is no readable YAML near line"):
        sv.read_templates(tmp_path / "bad.yml")
    (tmp_path / "list.yml").write_text("- a\n")
    with pytest.raises(ArgumentError, match="list.yml must map each segment_id"):
        sv.read_templates(tmp_path / "list.yml")
    wrong = {"S1": {"subject": "x"}, "S2": {"subject": "", "body": "{{ open"}, "S3": {"subject": "a\nb", "body": "c"}}
    with pytest.raises(ArgumentError) as problem:
        make_templates(wrong)
    for told in ("4 problems", "S1: give a subject and a body", "S2.subject: it is empty", "S2.body: line 1 is no template",
                 "S3.subject: it must stand on one line"):  # fmt: skip
        assert told in str(problem.value)
