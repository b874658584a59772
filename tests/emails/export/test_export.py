"""What may not be exported is refused with counts, ids and the mend, all at once, and nothing is written."""

import json

import pandas as pd
import pytest

import segvspers as sv
from segvspers.errors import ArgumentError, DataError


def refusal(emails, path, error=DataError, **options):
    before = sorted(path.parent.rglob("*"))
    with pytest.raises(error) as told:
        sv.export_emails(emails, path, **options)
    assert sorted(path.parent.rglob("*")) == before, "something was written"
    return str(told.value)


@pytest.fixture
def two(letters):
    return letters(["One.", "Two.", "Three."])


def test_an_unknown_form_lists_those_that_are_known(two, tmp_path):
    told = refusal(two[0], tmp_path / "x", ArgumentError, form="outlook", contacts=two[1])
    for name in ("csv", "eml", "hubspot", "jsonl", "klaviyo", "mailchimp", "mbox", "sequencer", "smartlead", "xlsx"):
        assert f"'{name}'" in told


def test_emails_that_are_not_approved_or_edited_since_are_refused(two, tmp_path):
    emails, contacts = two[0].copy(), two[1]
    emails.loc[0, "body_text"] = emails.loc[0, "body_text"].replace("One", "1")
    emails.loc[1, "approval_digest"] = None
    told = refusal(emails, tmp_path / "e.csv", form="csv", contacts=contacts)
    assert "2 problems" in told
    assert (
        "1 email was edited since approval; audit the table again and approve them again with approve_emails: x-1-C00000"
        in told
    )
    assert (
        "1 email is not approved; approve them with approve_emails, or leave them out (check_approval tells why): x-1-C00001"
        in told
    )


def test_all_problems_of_contacts_are_told_at_once(letters, tmp_path):
    emails, contacts = letters(["Hello."] * 6)
    contacts.loc[0, "email"] = None
    contacts.loc[1, "email"] = "ada@list.example, all@evil.example"
    contacts.loc[2, "email"] = "C00003@list.example"
    contacts = contacts[contacts["contact_id"] != "C00004"]
    told = refusal(emails, tmp_path / "e.csv", form="csv", contacts=contacts)
    for part in (
        "4 problems", "1 contact is not in contacts=; give the whole list: C00004", "1 contact has no address; leave their emails out: C00000",
        "1 contact has an address that is no plain one (name@domain, letters of ASCII); correct it or leave their emails out: C00001",
        "2 contacts share an address with another one, who would get two emails; keep one of each: C00002, C00003",
    ):  # fmt: skip
        assert part in told
    assert "evil" not in told


def test_ids_that_hold_an_address_are_not_told(letters, tmp_path):
    emails, contacts = letters(["Hello."])
    emails["contact_id"] = contacts["contact_id"] = "ada@list.example"
    told = refusal(emails, tmp_path / "e.csv", form="csv", contacts=contacts)
    assert "(an id with an address)" in refusal(emails.assign(approval_digest="x", email_id="m-ada@list.example"), tmp_path / "e.csv",
                                                form="csv", contacts=contacts)  # fmt: skip
    assert "ada@" not in told


def test_two_emails_of_a_step_for_one_contact_are_refused(approved, people, tmp_path):
    told = refusal(approved, tmp_path / "e.csv", form="csv", contacts=people)
    assert (
        "58 contacts would get more than one email of a step; keep one variant, or give contacts= with the column variant"
        in told
    )


def test_a_sequence_with_gaps_is_refused_where_steps_stand_side_by_side(letters, tmp_path):
    emails, contacts = letters(["One.", "Two."], steps=2)
    emails = emails.iloc[:3]
    assert "1 contact lacks some of the steps 1 to 2 and would get an empty email" in refusal(
        emails, tmp_path / "s", form="sequencer", contacts=contacts
    )
    sv.export_emails(emails, tmp_path / "e.csv", form="csv", contacts=contacts)
    assert "2 emails have no whole number from 1 in step" in refusal(
        emails.assign(step=[0, 1.5, 1]), tmp_path / "f.csv", form="csv", contacts=contacts
    )


def test_whoever_is_suppressed_since_is_left_out_and_told(two, tmp_path):
    emails, contacts = two
    now = contacts.assign(suppressed=[True, False, False], consent=[True, False, True])
    done = sv.export_emails(emails, tmp_path / "e.csv", form="csv", contacts=now)
    assert done.left_out.values.tolist() == [["x-1-C00000", "suppressed"], ["x-1-C00001", "no consent"]]
    assert done.n_emails == 1
    told = refusal(emails, tmp_path / "f.csv", form="csv", contacts=now.assign(suppressed=True))
    assert "no email is left to export: 3 suppressed" in told


def test_paths_and_options_are_checked_together(two, tmp_path):
    emails, contacts = two
    (tmp_path / "there.txt").write_text("mine")
    told = refusal(emails, tmp_path / "there.txt", ArgumentError, form="csv", templates={}, openers=True)
    for part in (
        "5 problems", "form='csv' is one file; end its name with .csv", "contacts= is missing", "templates= is for sequencer, hubspot, klaviyo",
        "openers= is for mailchimp alone", "'there.txt' is there already; choose another name, or overwrite=True",
    ):  # fmt: skip
        assert part in told
    told = refusal(emails, tmp_path / "m.csv", ArgumentError, form="mailchimp", contacts=contacts)
    assert "form='mailchimp' is a folder; give a name without an ending such as .csv" in told
    assert "Mailchimp cuts a text merge field at 255 bytes, so no body fits one; give templates=" in told


def test_only_what_an_export_left_is_replaced(two, tmp_path):
    emails, contacts = two
    target = tmp_path / "mails"
    sv.export_emails(emails, target, form="eml", contacts=contacts)
    assert "'mails' is there already" in refusal(emails, target, ArgumentError, form="eml", contacts=contacts)
    sv.export_emails(emails.head(1), target, form="eml", contacts=contacts, overwrite=True)
    assert sorted(path.suffix for path in target.iterdir()) == [".csv", ".eml", ".json"]
    (target / "my notes.txt").write_text("mine")
    told = refusal(emails, target, ArgumentError, form="eml", contacts=contacts, overwrite=True)
    assert "'mails' is not what an earlier export left, so it is not replaced" in told
    assert (target / "my notes.txt").read_text() == "mine"


def test_a_write_that_fails_leaves_what_stood_before(two, tmp_path, monkeypatch):
    from segvspers.emails.export import plan

    emails, contacts = two
    sv.export_emails(emails, tmp_path / "seq", form="sequencer", contacts=contacts)
    before = {path.name: path.read_bytes() for path in (tmp_path / "seq").iterdir()}

    def broken(*_, **__):
        raise OSError("no space left")

    monkeypatch.setattr(plan, "write_csv", broken)
    with pytest.raises(OSError, match="no space left"):
        sv.export_emails(emails.head(1), tmp_path / "seq", form="sequencer", contacts=contacts, overwrite=True)
    assert {path.name: path.read_bytes() for path in (tmp_path / "seq").iterdir()} == before
    assert [path.name for path in tmp_path.iterdir()] == ["seq"]


LONG = {
    "xlsx": ("x" * 33_000, "1 body has up to 33,1", "Excel takes 32,767: a cell of Excel holds no more. Mend: shorten them, or choose form='jsonl' or 'eml'"),
    "hubspot": ("x" * 65_537, "1 paragraph has up to 65,537 characters", "HubSpot takes 65,536: a HubSpot property holds no more"),
    "klaviyo": ("é" * 50_001, "1 row has up to 100,", "Klaviyo takes 100,000: a Klaviyo profile takes no more at once"),
}  # fmt: skip


@pytest.mark.parametrize("form", LONG)
def test_what_a_vendor_can_not_hold_is_refused_with_the_limit(form, letters, tmp_path):
    text, start, rest = LONG[form]
    emails, contacts = letters(["Short.", text])
    told = refusal(emails, tmp_path / (f"x.{form}" if form == "xlsx" else form), form=form, contacts=contacts)
    assert start in told
    assert rest in told
    assert "(x-1-C00001)" in told
    fitting, contacts = letters([text[: -800 if form == "xlsx" else -400]])
    sv.export_emails(fitting, tmp_path / (f"y.{form}" if form == "xlsx" else "y"), form=form, contacts=contacts)


def test_a_sheet_has_so_many_rows(two, tmp_path, monkeypatch):
    from dataclasses import replace

    from segvspers.emails.export import export as door

    monkeypatch.setitem(door.FORMS, "xlsx", replace(door.FORMS["xlsx"], rows_a_file=2))
    told = refusal(two[0], tmp_path / "e.xlsx", form="xlsx", contacts=two[1])
    assert "3 emails are more than the 2 rows of a sheet; choose form='csv'" in told


def test_a_subject_longer_than_a_header_line_is_refused(letters, tmp_path):
    emails, contacts = letters(["Hello."], subjects=["ü" * 500])
    told = refusal(emails, tmp_path / "m.mbox", form="mbox", contacts=contacts)
    assert "1 subject has up to 1,000 bytes, and a mailbox takes 998: a header line of an email holds no more" in told


def test_hubspot_refuses_breaks_that_it_would_drop_and_endings_that_differ(letters, campaign, tmp_path):
    emails, contacts = letters(["A list:\n* one", "Two.", "Three."])
    told = refusal(emails, tmp_path / "h", form="hubspot", contacts=contacts)
    assert (
        "1 email has a line break inside a paragraph, which HubSpot would drop; put a blank line there: x-1-C00000"
        in told
    )
    other = campaign.model_copy(update={"sender": campaign.sender.model_copy(update={"name": "Someone Else"})})
    assert "3 emails end otherwise than with the campaign's signature and footer" in refusal(
        emails, tmp_path / "h", form="hubspot", contacts=contacts, campaign=other
    )


def test_a_formula_in_front_is_marked_in_csv_and_refused_where_the_mark_would_be_sent(letters, tmp_path):
    emails, contacts = letters(["Hello.", "Hello."], subjects=["+20 % for you", "-Anna"])
    done = sv.export_emails(emails, tmp_path / "e.csv", form="csv", contacts=contacts)
    assert done.changes.values.tolist() == [
        [f"x-1-C0000{place}", "subject", "an apostrophe stands in front: a spreadsheet would take it for a formula"]
        for place in (0, 1)
    ]
    assert (
        "2 cells differ from the tables given; form='jsonl' and form='eml' need no such change in a text"
        in done.summary()
    )
    told = refusal(emails, tmp_path / "s", form="sequencer", contacts=contacts)
    assert (
        "2 emails have subject_1 that a spreadsheet would take for a formula, and an apostrophe in front would be sent"
        in told
    )
    for form, name in (("smartlead", "l"), ("eml", "m"), ("xlsx", "e.xlsx"), ("jsonl", "e.jsonl")):
        assert len(sv.export_emails(emails, tmp_path / name, form=form, contacts=contacts).changes) == 0


def test_a_name_that_changes_is_told_by_id_and_never_shown(letters, tmp_path):
    emails, contacts = letters(["Hello."] * 3)
    contacts["first_name"] = ["-Anna", "{{7*7}}", "Ada"]
    done = sv.export_emails(emails, tmp_path / "e.csv", form="csv", contacts=contacts)
    assert done.changes["email_id"].tolist() == ["x-1-C00001", "x-1-C00000"]
    assert set(done.changes["field"]) == {"first_name"}
    assert "Anna" not in done._repr_html_() + done.summary()


def test_the_finding_says_what_was_written_changed_and_left_out(approved, people, tmp_path):
    done = sv.export_emails(approved[approved["variant"] == "segment"], tmp_path / "mails", form="eml", contacts=people)
    assert done.summary() == (
        "58 approved emails to 58 contacts went into 59 files as eml; nothing was sent. Left out: 2 (held)."
    )
    assert done.to_frame().values.tolist() == [
        ["written", "1 .csv file", 58], ["written", "58 .eml files", 58], ["left out", "held", 2],
    ]  # fmt: skip
    page = done._repr_html_()
    assert page.count("<tr>") == 4
    assert "index.csv says which email each is" in page
    assert page == done._repr_html_()
    said = json.loads((tmp_path / "mails" / "export.json").read_text())
    assert (said["form"], said["n_emails"], said["approved_by"]) == ("eml", 58, ["MS"])
    assert {one["file"] for one in said["files"]} == set(done.files["file"])


def test_inputs_stay_as_they_are(approved, people, tmp_path):
    before = approved.copy(), people.copy()
    for form, name in (("csv", "a.csv"), ("klaviyo", "k")):
        sv.export_emails(approved[approved["variant"] == "segment"], tmp_path / name, form=form, contacts=people)
    pd.testing.assert_frame_equal(approved, before[0])
    pd.testing.assert_frame_equal(people, before[1])


def test_emails_without_a_campaign_or_a_column_say_so(two, tmp_path):
    emails, contacts = two
    bare = pd.DataFrame(emails.to_dict("records"))
    assert "carry no campaign" in refusal(bare, tmp_path / "e.csv", ArgumentError, form="csv", contacts=contacts)
    assert "emails lacks ['subject']" in refusal(
        emails.drop(columns="subject"), tmp_path / "e.csv", form="csv", contacts=contacts
    )
    assert "contacts lacks ['email']" in refusal(
        emails, tmp_path / "e.csv", form="csv", contacts=contacts.drop(columns="email")
    )


def test_a_sender_that_is_no_header_line_is_refused(two, campaign, tmp_path):
    sender = campaign.sender.model_copy(update={"name": "Maya\r\nBcc: all@evil.example"})
    with pytest.raises(ArgumentError, match="can't stand in a From header"):
        sv.export_emails(
            two[0], tmp_path / "m", form="eml", contacts=two[1], campaign=campaign.model_copy(update={"sender": sender})
        )
    assert list(tmp_path.iterdir()) == []
