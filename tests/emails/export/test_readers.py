"""Each form is read back by the readers that it is for, and says exactly what was approved."""

import json

import duckdb
import pandas as pd
import pytest

import segvspers as sv
from segvspers.emails.body import ending

from .read_back import (
    csv_rows,
    eml_messages,
    html_of,
    json_rows,
    mbox_messages,
    plain_of,
    xlsx_rows,
)

WORDS = ["subject", "body_text"]


@pytest.fixture(scope="module")
def audience(people):
    return people.assign(variant=["segment" if place % 2 else "individual" for place in range(len(people))])


@pytest.fixture(scope="module")
def expected(approved, audience):
    kept = approved.merge(audience[["contact_id", "variant", "email", "first_name"]], on=["contact_id", "variant"])
    return kept[kept["status"] != "held"].set_index("email_id")


def texts(rows):
    return {row["email_id"]: (row["subject"], row["body_text"]) for row in rows}


def wanted(expected):
    return {row.Index: (row.subject, row.body_text) for row in expected[WORDS].itertuples()}


def test_csv_says_what_was_approved_and_excel_knows_its_letters(approved, audience, expected, tmp_path):
    done = sv.export_emails(approved, tmp_path / "e.csv", form="csv", contacts=audience)
    rows = csv_rows(tmp_path / "e.csv")
    assert (tmp_path / "e.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    assert texts(rows) == wanted(expected)
    assert {row["email_id"]: row["email"] for row in rows} == expected["email"].to_dict()
    assert list(rows[0])[:4] == ["email", "first_name", "last_name", "company_name"]
    assert (done.n_emails, done.n_contacts) == (len(expected), len(expected))
    assert done.left_out["reason"].value_counts().to_dict() == {
        "the contact was assigned to another variant": 60,
        "held": 2,
    }


def test_xlsx_says_what_was_approved_and_holds_no_formula(approved, audience, expected, tmp_path):
    sv.export_emails(approved, tmp_path / "e.xlsx", form="xlsx", contacts=audience)
    assert texts(xlsx_rows(tmp_path / "e.xlsx")) == wanted(expected)
    again = pd.read_excel(tmp_path / "e.xlsx", dtype=str, keep_default_na=False)
    assert texts(again.to_dict("records")) == wanted(expected)


def test_messages_are_to_one_contact_each_with_a_way_out(approved, audience, expected, campaign, tmp_path):
    sv.export_emails(approved, tmp_path / "mails", form="eml", contacts=audience)
    found = eml_messages(tmp_path / "mails")
    assert len(found) == len(expected)
    for email_id, message in found:
        row = expected.loc[email_id]
        assert [one.addr_spec for one in message["To"].addresses] == [row["email"]]
        assert [one.addr_spec for one in message["From"].addresses] == [campaign.sender.email]
        assert message["Subject"] == row["subject"]
        assert plain_of(message) == row["body_text"]
        assert message["List-Unsubscribe"].strip().startswith(f"<{campaign.footer.unsubscribe_url}?m=")
        assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        assert str(message["Date"].datetime.date()) == str(campaign.send_on)
        assert row["contact_id"] not in message["Message-ID"] + message["List-Unsubscribe"]
        assert message.get_content_type() == "multipart/alternative"
        assert set(message.keys()) == {"From", "To", "Subject", "Date", "Message-ID", "List-Unsubscribe", "List-Unsubscribe-Post",
                                       "X-Unsent", "MIME-Version", "Content-Type"}  # fmt: skip
        assert row["body_text"].split("\n\n")[1].replace("&", "&amp;") in html_of(message)
    assert len({message["Message-ID"] for _, message in found}) == len(found)


def test_the_same_export_gives_the_same_bytes(approved, audience, tmp_path):
    for form, name in (
        ("eml", "mails"),
        ("mbox", "box.mbox"),
        ("csv", "e.csv"),
        ("jsonl", "e.jsonl"),
        ("klaviyo", "k"),
    ):
        one, two = tmp_path / "1" / name, tmp_path / "2" / name
        for path in (one, two):
            sv.export_emails(approved, path, form=form, contacts=audience)
        files = sorted(one.iterdir()) if one.is_dir() else [one]
        assert [path.read_bytes() for path in files] == [
            (two / path.name if two.is_dir() else two).read_bytes() for path in files
        ]


def test_a_mailbox_holds_the_messages_in_order(approved, audience, expected, tmp_path):
    sv.export_emails(approved, tmp_path / "box.mbox", form="mbox", contacts=audience)
    found = mbox_messages(tmp_path / "box.mbox")
    order = [one for one in approved["email_id"] if one in expected.index]
    assert [plain_of(message) for message in found] == expected.loc[order, "body_text"].tolist()
    assert [message["To"].addresses[0].addr_spec for message in found] == expected.loc[order, "email"].tolist()


def test_a_reply_to_an_exported_message_finds_its_email(approved, audience, expected, tmp_path):
    sv.export_emails(approved, tmp_path / "mails", form="eml", contacts=audience)
    index = pd.DataFrame(csv_rows(tmp_path / "mails" / "index.csv")).merge(
        expected.reset_index()[["email_id", "contact_id", "email"]], on="email_id"
    )
    sent = index.assign(timestamp="2026-11-03 09:00", event="sent")[
        ["contact_id", "timestamp", "event", "campaign_id", "message_id", "step"]
    ]
    one = index.iloc[3]
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "reply.eml").write_text(
        f"From: {one['email']}\nTo: maya@postwell.example\nDate: Wed, 04 Nov 2026 10:00:00 +0000\nIn-Reply-To: <{one['message_id']}>\n\nYes please\n"
    )
    replies = sv.read_replies(tmp_path / "in", contacts=audience, history=sv.read_history(sent))
    assert replies[["contact_id", "message_id", "matched_by"]].values.tolist() == [
        [one["contact_id"], one["message_id"], "message id"]
    ]


def test_json_lines_say_what_was_stated_by_whom_and_at_what_cost(approved, known, expected, tmp_path):
    store = sv.RunStore(None)
    from segvspers.emails.run_store import StoredAnswer

    own = expected[(expected["variant"] == "individual") & (expected["status"] == "ready")].iloc[0]
    store.keep(StoredAnswer("key-1", "answered", "{}", "gpt-x", 10, 5, 0, 3000), own["contact_id"], reserved=0)
    done = sv.export_emails(approved, tmp_path / "e.jsonl", form="jsonl", facts=known, store=store)
    rows = json_rows(tmp_path / "e.jsonl")
    assert len(rows) == done.n_emails == (approved["status"] != "held").sum()  # both variants may stand in an audit
    one = next(row for row in rows if row["email_id"] == own.name)
    assert (one["subject"], one["body_text"], one["approved_by"]) == (own["subject"], own["body_text"], "MS")
    cited = {each for said in own["sentences"] for each in said["fact_ids"]}
    assert {fact["fact_id"] for fact in one["facts"]} == cited
    values = known.set_index("fact_id")["value"]
    assert all(fact["value"] == values[fact["fact_id"]] for fact in one["facts"])
    assert [(each["key"], each["model"], each["cost_usd"]) for each in one["requests"]] == [("key-1", "gpt-x", 3e-06)]
    assert "@" not in json.dumps([row["contact_id"] for row in rows])
    with_duckdb = duckdb.connect().execute(
        "SELECT count(*), count(DISTINCT email_id) FROM read_json(?)", [str(tmp_path / "e.jsonl")]
    )
    assert with_duckdb.fetchone() == (len(rows), len(rows))


@pytest.mark.parametrize("form", ["sequencer", "hubspot", "klaviyo"])
def test_our_own_reader_takes_the_contacts_of_a_vendor(form, approved, audience, expected, tmp_path):
    sv.export_emails(approved, tmp_path / form, form=form, contacts=audience)
    again = sv.read_contacts(tmp_path / form / "contacts.csv")
    assert set(again["email"]) == set(expected["email"])
    assert again.set_index("email")["first_name"].to_dict() == expected.set_index("email")["first_name"].to_dict()


def test_steps_stand_side_by_side(letters, tmp_path):
    emails, contacts = letters(["One.", "Two."], steps=3)
    sv.export_emails(emails, tmp_path / "s", form="sequencer", contacts=contacts)
    rows = csv_rows(tmp_path / "s" / "contacts.csv")
    assert [name for name in rows[0] if name[-1].isdigit()] == [
        f"{part}_{step}" for step in (1, 2, 3) for part in ("subject", "body", "body_html")
    ]
    for row, first in zip(rows, ("One.", "Two."), strict=True):
        assert all(row[f"body_{step}"].split("\n\n")[1] == first for step in (1, 2, 3))


@pytest.mark.parametrize("form", ["hubspot", "klaviyo"])
def test_paragraphs_without_line_breaks_make_the_body_again(form, approved, audience, expected, campaign, tmp_path):
    sv.export_emails(approved, tmp_path / form, form=form, contacts=audience)
    body = expected.set_index("email")["body_text"]
    for row in csv_rows(tmp_path / form / "contacts.csv"):
        parts = [row[name] for name in row if name.startswith("body_1_p") and row[name]]
        assert not any("\n" in cell for cell in row.values())
        assert "\n\n".join([*parts, *ending(campaign)]) == body[row["Email"]]


def test_smartlead_gets_four_hundred_leads_a_file(letters, tmp_path):
    emails, contacts = letters(["Hello."] * 801)
    done = sv.export_emails(emails, tmp_path / "leads", form="smartlead", contacts=contacts)
    lists = [json.loads(path.read_text())["lead_list"] for path in sorted((tmp_path / "leads").glob("leads-*.json"))]
    assert [len(one) for one in lists] == [400, 400, 1]
    assert [lead["email"] for one in lists for lead in one] == contacts["email"].tolist()
    assert lists[0][0]["custom_fields"]["body_1"] == emails["body_text"][0]
    assert done.files["n_rows"].tolist() == [400, 400, 1]


def test_klaviyo_files_stay_below_fifty_megabytes(letters, tmp_path, monkeypatch):
    from dataclasses import replace

    from segvspers.emails.export import export as door
    from segvspers.emails.export.forms import FORMS

    monkeypatch.setitem(door.FORMS, "klaviyo", replace(FORMS["klaviyo"], bytes_a_file=20_000))
    emails, contacts = letters(['A "quoted" paragraph. ' * 20] * 120)
    sv.export_emails(emails, tmp_path / "k", form="klaviyo", contacts=contacts)
    files = sorted((tmp_path / "k").glob("contacts-*.csv"))
    assert len(files) > 3
    assert all(path.stat().st_size <= 20_000 for path in files)
    assert [row["Email"] for path in files for row in csv_rows(path)] == contacts["email"].tolist()
