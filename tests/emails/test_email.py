"""Emails read back or brought along, and briefs written by hand."""

import json

import pandas as pd
import pytest

import segvspers as sv
from segvspers.errors import ArgumentError, DataError, MissingFileError

OWN = {
    "variant": ["segment"],
    "contact_id": ["C1"],
    "subject": ["Hello"],
    "body_text": ["Hi,\n\nIt costs $900.\n\n--\nEnd"],
}


@pytest.fixture(scope="module")
def few(emails):
    return emails.groupby("variant").head(40).reset_index(drop=True)


def test_emails_come_back_from_parquet_and_csv_as_they_were(few, tmp_path):
    plain = few.assign(sentences=few["sentences"].map(list), identity=few["identity"].map(list))
    plain.to_parquet(tmp_path / "emails.parquet")
    plain.assign(sentences=plain["sentences"].map(json.dumps), identity=plain["identity"].map(json.dumps)).to_csv(
        tmp_path / "emails.csv", index=False
    )
    for name in ("emails.parquet", "emails.csv"):
        back = sv.read_emails(tmp_path / name)
        for column in ("email_id", "subject", "body_text", "body_html", "status", "sentences", "identity", "bits"):
            assert back[column].tolist() == plain[column].tolist(), (name, column)


def test_an_email_is_a_typed_row_that_shows_no_text_in_its_repr(few):
    row = few[few["variant"] == "individual"].iloc[3]
    email = sv.get_email(few, row["contact_id"])
    assert (email.subject, email.body_text, email.bits) == (row["subject"], row["body_text"], row["bits"])
    assert [one.text for one in email.sentences] == [one["text"] for one in row["sentences"]]
    assert isinstance(email.cost_usd, float)
    assert isinstance(email.audience_size, int)
    assert email.subject not in repr(email)
    assert all(name not in repr(email) for name in email.identity)


def test_markup_in_an_email_is_shown_as_text():
    own = {**OWN, "subject": ["<script>alert(1)</script>"], "body_text": ["<img src=x onerror=alert(1)>"]}
    shown = sv.get_email(sv.read_emails(pd.DataFrame(own)), "C1", variant="segment")._repr_html_()
    assert "<script" not in shown
    assert "<img" not in shown


def test_emails_written_elsewhere_have_no_facts_so_an_audit_names_their_values(facts, campaign):
    audit = sv.audit_emails(sv.read_emails(pd.DataFrame(OWN)), facts, campaign=campaign)
    assert "$900" in set(audit.findings["span"].str.rstrip("."))
    assert audit.n_passed == 0


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"variant": ["other"]}, "'variant' holds other; it must be one of"),
        ({"subject": [" "]}, "'subject' is empty in row 1"),
        ({"status": ["sent"]}, "'status' holds sent"),
        ({"cost_usd": [-1.0]}, "'cost_usd' is negative in row 1"),
        ({"sentences": ["no list"]}, "must be JSON lists"),
        ({"sentences": [[{"text": "a"}]]}, "must be lists of {text, role, fact_ids}"),
    ],
)
def test_what_is_no_email_is_told(change, message):
    with pytest.raises(DataError, match=message):
        sv.read_emails(pd.DataFrame(OWN | change))


def test_all_problems_of_a_table_come_at_once():
    own = pd.DataFrame({"variant": ["x", "segment", "segment"], "contact_id": ["a", "b", "b"], "subject": ["s", None, "t"],
                        "body_text": ["u"] * 3})  # fmt: skip
    with pytest.raises(DataError, match=r"(?s)3 problems.*'subject' is empty.*'variant' holds x.*row 3 repeats"):
        sv.read_emails(own)
    with pytest.raises(DataError, match="no column subject, body_text"):
        sv.read_emails(own[["variant", "contact_id"]])


def test_a_contact_without_such_an_email_is_told_without_its_id(few):
    with pytest.raises(DataError, match="0 emails of variant 'blast' go to this contact") as told:
        sv.get_email(few, "C00042", variant="blast")
    assert "C00042" not in str(told.value)


def test_a_brief_from_yaml_is_written_from_what_stands_in_it(tmp_path, campaign):
    path = tmp_path / "sarah.yml"
    path.write_text("""
contact_id: C1
first_name: Sarah
company: Verdant Boutique
locale: en_GB
facts:
  - {kind: question, topic: pricing, fields: {asked_on: 2026-10-20, answered: false}}
  - {kind: purchase, topic: Plan B, fields: {product: Plan B, last_on: 2026-08-03, last_event: purchase, n_purchases: 1}}
""")
    brief = sv.read_brief(path, campaign=campaign)
    assert [fact.fact_id for fact in brief.facts] == ["C1:1", "C1:2"]
    (draft,) = sv.OfflineWriter().write([brief])
    stated = {one for sentence in draft.sentences for one in sentence.fact_ids}
    assert stated == {"C1:1", "C1:2"}


def test_all_problems_of_a_brief_come_at_once(campaign):
    wrong = {
        "first": "Sarah",
        "locale": "fr_FR",
        "facts": [{"kind": "horoscope"}, {"kind": "ticket", "fields": {"sign": 1}}],
    }
    with pytest.raises(ArgumentError) as told:
        sv.read_brief(wrong, campaign=campaign)
    for part in ("contact_id: field required", "first: extra inputs", "locale: it must be one of", "'horoscope' is no kind",
                 "a ticket has no ['sign']"):  # fmt: skip
        assert part in str(told.value)
    assert "Sarah" not in str(told.value)


def test_a_brief_that_is_not_there_or_no_mapping_is_told(tmp_path, campaign):
    with pytest.raises(MissingFileError, match="no file at"):
        sv.read_brief(tmp_path / "none.yml", campaign=campaign)
    (tmp_path / "list.yml").write_text("- 1")
    with pytest.raises(ArgumentError, match="must be a mapping"):
        sv.read_brief(tmp_path / "list.yml", campaign=campaign)
