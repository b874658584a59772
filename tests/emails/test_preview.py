"""A preview shows what would leave, and links every sentence to its facts; nothing in it is live."""

import json
import re

import pandas as pd
import pytest
from matplotlib.axes import Axes

import segvspers as sv
from segvspers.errors import DataError


@pytest.fixture(scope="module")
def shown(audience, facts, campaign):
    return sv.preview("C00042", campaign, audience=audience, facts=facts)


def test_the_prompt_shows_exactly_the_facts_that_would_leave(shown):
    data = json.loads(shown.data.removeprefix("<contact_data>").removesuffix("</contact_data>"))
    leaving = shown.facts[shown.facts["position"] != ""]
    assert sorted(one["id"] for one in data["facts"]) == sorted(leaving["position"])
    kinds = {one["id"]: one["kind"] for one in data["facts"]}
    assert dict(zip(leaving["position"], leaving["kind"], strict=True)) == kinds


def test_every_statement_of_both_emails_is_linked(shown):
    segment, own = shown.emails
    assert (segment.variant, own.variant) == ("segment", "individual")
    assert {place for one in own.sentences for place in one.stated} <= set(shown.facts["place"])
    stated = {place for one in (own.subject, *own.sentences) for place in one.stated}
    assert stated == set(shown.facts.loc[shown.facts["stated"], "place"])
    assert all(one.stated for one in own.sentences if one.role in {"lead", "story"})
    assert {place for one in segment.sentences for place in one.stated} <= set(shown.sums["place"])


def test_a_preview_shows_the_emails_that_are_written(shown, emails):
    rows = emails[emails["contact_id"] == "C00042"].set_index("variant")
    for email in shown.emails:
        row = rows.loc[email.variant]
        assert email.subject.text == row["subject"]
        assert all(one.text in row["body_text"] for one in email.sentences)
        assert email.audience_size == row["audience_size"]
        assert email.bits == pytest.approx(row["bits"], abs=1e-4)


def test_the_page_has_footnotes_and_hover_and_runs_nothing(shown):
    html = shown._repr_html_()
    assert re.search(r'<span class="told" title="\d+: question', html)
    assert re.search(r"<sup>\d", html)
    assert not re.search(r"<script|javascript:|http", html.replace("&#x27;", ""), flags=re.IGNORECASE)
    assert html == shown._repr_html_()
    assert "segment" in html
    assert "contact_data" in html


def test_hostile_fields_are_shown_as_text(audience, facts, campaign):
    evil = "<img src=x onerror=alert(1)>"
    row = audience["contact_id"] == "C00042"
    hostile = audience.assign(
        first_name=audience["first_name"].where(~row, evil), company=audience["company"].where(~row, evil)
    )
    quoted = facts["contact_id"].eq("C00042") & facts["kind"].eq("question")
    told = facts.assign(
        topic=facts["topic"].where(~quoted, evil),
        fields=facts["fields"].where(
            ~quoted, json.dumps({"answered": False, "asked_on": "2026-10-05", "quote": evil, "topic": evil})
        ),
    )
    html = sv.preview("C00042", campaign, audience=hostile, facts=told, quotes=True)._repr_html_()
    assert "<img" not in html
    assert "&lt;img" in html


def test_placeholders_keep_names_and_values_here(audience, facts, campaign):
    shown = sv.preview("C00042", campaign, audience=audience, facts=facts, placeholders=True)
    assert "Sarah" not in shown.data + shown.instructions
    assert "FreshThreads" not in shown.data + shown.instructions


def test_a_contact_who_gets_no_individual_email_is_shown_the_segments(audience, facts, campaign):
    routes = sv.route_contacts(audience, facts, campaign=campaign)
    for route in ("segment", "hold"):
        contact = routes.loc[routes["route"] == route, "contact_id"].iloc[0]
        shown = sv.preview(contact, campaign, audience=audience, facts=facts)
        assert [one.variant for one in shown.emails] == ["segment"]
        assert shown.summary().startswith(f"Route: {route} (")


def test_a_preview_is_a_finding_that_changes_nothing(shown, audience, facts, campaign):
    assert isinstance(shown.plot(), Axes)
    assert list(shown.to_frame().columns) == [
        "place", "position", "kind", "topic", "value", "occurred_on", "bits", "stated",
    ]  # fmt: skip
    pd.testing.assert_frame_equal(shown.to_frame(), shown.facts)
    with pytest.raises(DataError, match="the contact of this preview is not in the audience"):
        sv.preview("nobody", campaign, audience=audience, facts=facts)
