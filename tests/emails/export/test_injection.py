"""Whatever strangers typed, an export stays text: no formula, header, mark-up, template or recipient comes of it."""

import csv
import re

import jinja2
import openpyxl
import pytest

import segvspers as sv
from hostile_texts import PAYLOADS
from segvspers.emails.export.unsafe import could_be_formula, fault_of
from segvspers.emails.unseen import UNSEEN
from segvspers.errors import DataError

from .read_back import (
    OFFICE,
    cells_in_office,
    csv_rows,
    eml_messages,
    html_of,
    json_rows,
    mbox_messages,
    plain_of,
    read_page,
    xlsx_rows,
)
from .test_templates_out import ENGINES

LIVE = re.compile(
    r"\{\{|\}\}|\{%|%\}|\$\{|#\{|<%|\*\||\|\*|\[\[|%%|%[A-Z_]+%|<[A-Za-z/!?]|javascript:|evil\.example|Bcc|\{\w"
)
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\0", "＝", "＋", "－", "＠", "|", "%")
FILES = {
    "csv": "e.csv", "xlsx": "e.xlsx", "jsonl": "e.jsonl", "mbox": "e.mbox", "eml": "eml", "sequencer": "seq", "smartlead": "leads", "hubspot": "hs",
    "klaviyo": "kl", "mailchimp": "mc",
}  # fmt: skip
HEADERS = {
    "From",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "List-Unsubscribe",
    "List-Unsubscribe-Post",
    "X-Unsent",
    "MIME-Version",
    "Content-Type",
}


@pytest.fixture(scope="module")
def hostile(sample, campaign, tmp_path_factory):
    """The whole way with a payload in every field of every contact, in every form."""
    contacts = sv.read_contacts(sample / "contacts.csv").head(len(PAYLOADS) + 40)
    history = sv.read_history(sample / "history.csv")
    history = history[history["contact_id"].isin(contacts["contact_id"])]
    said = [PAYLOADS[place % len(PAYLOADS)] for place in range(len(contacts))]
    turned = [PAYLOADS[(place + 7) % len(PAYLOADS)] for place in range(len(contacts))]
    people = contacts.assign(first_name=said, last_name=turned, company=turned[::-1], job_title=said, notes=said, segment_id="all",
                             consent=True, suppressed=False)  # fmt: skip
    facts = sv.derive_facts(
        people,
        history.assign(text=history["text"].notna().map({True: "{{7*7}} =1+1 <script>", False: None})),
        as_of="2026-11-01",
    )
    templates = sv.write_templates(people, facts, campaign=campaign)
    emails = sv.write_emails(people, facts, campaign=campaign, templates=templates)
    audit = sv.audit_emails(emails, facts, contacts=people, campaign=campaign)
    approved = sv.approve_emails(emails, audit=audit, approver="MS", contacts=people)
    stopped = approved.loc[sv.check_approval(approved)["state"] != "approved", "contact_id"].unique()
    assert len(stopped) < 10  # such as a company called "+1+1", whose numbers the audit does not find in any fact
    approved, people = (one[~one["contact_id"].isin(stopped)] for one in (approved, people))
    folder, results = tmp_path_factory.mktemp("hostile"), {}
    own = people.assign(variant="individual")
    for form, name in FILES.items():
        with_templates = {"templates": templates, "openers": True} if form == "mailchimp" else {}
        results[form] = sv.export_emails(approved, folder / name, form=form, contacts=own, **with_templates)
    segment = people.assign(variant="segment")
    for form in ("sequencer", "hubspot", "klaviyo"):
        sv.export_emails(approved, folder / f"{form}-templates", form=form, contacts=segment, templates=templates)
    return folder, people.set_index("contact_id"), approved, results


def test_more_than_a_hundred_payloads_pass_through_every_form(hostile):
    _, people, _, results = hostile
    assert len(set(PAYLOADS)) > 130
    assert {result.n_emails for result in results.values()} == {len(people)}
    assert all(
        (result.changes["field"].isin(["first_name", "last_name", "company"])).all() for result in results.values()
    )
    assert all(len(results[form].changes) > 150 for form in FILES if form != "jsonl")


TABLES = [("csv", "e.csv", csv_rows), ("xlsx", "e.xlsx", xlsx_rows), *((form, f"{FILES[form]}/contacts.csv", csv_rows) for form in ("sequencer", "hubspot", "klaviyo", "mailchimp")),
          *((form, f"{form}-templates/contacts.csv", csv_rows) for form in ("sequencer", "hubspot", "klaviyo"))]  # fmt: skip


@pytest.mark.parametrize(("form", "name", "read"), TABLES, ids=[name for _, name, _ in TABLES])
def test_no_cell_is_live(form, name, read, hostile):
    folder, people, _, _ = hostile
    rows = read(folder / name)
    assert len(rows) == len(people)
    addresses = [next(row[name] for name in ("email", "Email", "Email Address") if name in row) for row in rows]
    assert addresses == people["email"].tolist()
    for row in rows:
        for column, cell in row.items():
            words = re.sub(r"</?p>|<br>", " ", cell) if column.startswith("body_html") else cell
            assert not LIVE.search(words), column
            assert not UNSEEN.search(cell), column
            assert not cell.startswith(FORMULA), column
            assert jinja2.Environment(autoescape=False).from_string(cell).render() == cell.removesuffix("\n")
            if column.startswith("body_html"):
                page = read_page(cell)
                assert (page.tags <= {"p", "br"}, page.attributes, page.others) == (True, [], [])


@pytest.mark.parametrize("form", ["klaviyo", "hubspot", "sequencer", "mailchimp"])
def test_no_cell_means_anything_to_a_vendors_engine(form, hostile):
    folder, *_ = hostile
    empty = dict.fromkeys(("First Name", "Last Name", "Company Name", "FNAME", "LNAME", "COMPANY"), "")
    for row in csv_rows(folder / FILES[form] / "contacts.csv"):
        for cell in row.values():
            assert ENGINES[form][0](cell, empty) == cell


@pytest.mark.parametrize("form", ["klaviyo", "hubspot", "sequencer"])
def test_templates_filled_with_hostile_contacts_give_what_was_approved(form, hostile):
    folder, people, approved, _ = hostile
    body = (
        approved[approved["variant"] == "segment"]
        .set_index("contact_id")["body_text"]
        .rename(people["email"].to_dict())
    )
    fill, which, address = ENGINES[form]
    text = (folder / f"{form}-templates" / "template-01.txt").read_text()
    for row in csv_rows(folder / f"{form}-templates" / "contacts.csv"):
        assert row[which] == "template-01"
        assert fill(text, row).split("\n\n--\n")[0] == body[row[address]].split("\n\n--\n")[0]


def test_messages_have_one_recipient_and_the_headers_that_they_should(hostile):
    folder, people, approved, _ = hostile
    owner = approved.set_index("email_id")["contact_id"]
    found = eml_messages(folder / "eml")
    in_box = mbox_messages(folder / "e.mbox")
    assert len(found) == len(in_box) == len(people)
    for (email_id, message), stored in zip(found, in_box, strict=True):
        for one in (message, stored):
            assert set(one.keys()) == HEADERS
            assert all(len(one.get_all(name)) == 1 for name in HEADERS)
            assert [each.addr_spec for each in one["To"].addresses] == [people.loc[owner[email_id], "email"]]
            assert one.get_content_type() == "multipart/alternative"
            assert [part.get_content_type() for part in one.iter_parts()] == ["text/plain", "text/html"]
            said = f"{one['To'].addresses[0].display_name} {one['Subject']} {plain_of(one)}"
            assert not LIVE.search(said)
            assert not UNSEEN.search(said)
            page = read_page(html_of(one))
            assert (page.tags, page.attributes, page.others) == ({"html", "body", "p", "br"}, [], [])


def test_json_stays_a_record_of_its_contact(hostile):
    folder, people, *_ = hostile
    rows = json_rows(folder / "e.jsonl")
    assert [row["contact_id"] for row in rows] == people.index.tolist()
    names = set(rows[0])
    assert all(set(row) == names for row in rows)
    assert all(ord(mark) < 127 for mark in (folder / "e.jsonl").read_text(encoding="utf-8").replace("\n", ""))


@pytest.mark.parametrize("place", ["subject", "body"])
def test_a_payload_in_a_text_is_not_approved_or_stays_text(place, letters, passing, tmp_path):
    subjects = PAYLOADS if place == "subject" else None
    emails, contacts = letters(PAYLOADS if place == "body" else ["Hello."] * len(PAYLOADS), subjects=subjects)
    found = sv.approve_emails(sv.withdraw_approval(emails), audit=passing(emails), approver="MS", contacts=contacts)
    kept = found[(found["not_approved"] == "") & (found["subject"].str.len() < 900)]
    assert (found["not_approved"] != "").sum() > 60
    assert len(kept) > 40
    sv.export_emails(kept, tmp_path / "eml", form="eml", contacts=contacts)
    address = contacts.set_index("contact_id")["email"]
    for (_, message), row in zip(eml_messages(tmp_path / "eml"), kept.itertuples(), strict=True):
        assert set(message.keys()) == HEADERS
        assert [one.addr_spec for one in message["To"].addresses] == [address[row.contact_id]]
        assert plain_of(message) == row.body_text
        assert read_page(html_of(message)).tags == {"html", "body", "p", "br"}
        assert " ".join(str(message["Subject"]).split()) == " ".join(row.subject.split())
        assert not LIVE.search(f"{row.subject} {row.body_text}")
        assert not UNSEEN.search(row.subject + row.body_text)


def test_what_no_approval_allows_is_refused_without_repeating_it(letters, tmp_path):
    emails, contacts = letters(["Hello."] * len(PAYLOADS), subjects=PAYLOADS)
    with pytest.raises(DataError) as told:
        sv.export_emails(emails, tmp_path / "e.csv", form="csv", contacts=contacts)
    for fault in (
        "line break in the subject", "characters that can't be seen", "mark-up", "template marks",
        "a link or an address that the campaign does not name", "empty subject or body",
    ):  # fmt: skip
        assert fault in str(told.value)
    for word in ("evil", "Ignore", "calc"):
        assert word not in str(told.value)


@pytest.fixture(scope="module")
def kept(letters, tmp_path_factory):
    """Subjects that stay although a spreadsheet would carry many of them out, as CSV and XLSX."""
    fine = [text for text in PAYLOADS if not fault_of(text, "x", ()) and len(text.encode()) <= 998]
    emails, contacts = letters(["Hello."] * len(fine), subjects=fine)
    folder = tmp_path_factory.mktemp("kept")
    for form in ("csv", "xlsx"):
        sv.export_emails(emails, folder / f"{form}.{form}", form=form, contacts=contacts)
    return folder, fine


def test_a_spreadsheets_formulas_are_text_in_csv_and_xlsx(kept):
    folder, fine = kept
    live = [text for text in fine if text.startswith(FORMULA)]
    assert len(live) > 12
    cells = [row["subject"] for row in csv_rows(folder / "csv.csv")]
    assert not any(cell.startswith(FORMULA) for cell in cells)
    assert [cell if cell == text else cell.removeprefix("'") for cell, text in zip(cells, fine, strict=True)] == fine
    assert [row["subject"] for row in xlsx_rows(folder / "xlsx.xlsx")] == fine
    sheet = openpyxl.load_workbook(folder / "xlsx.xlsx")["emails"]
    place = next(cell.column - 1 for cell in sheet[1] if cell.value == "subject")
    quoted = {row[place].value for row in sheet.iter_rows(min_row=2) if row[place].quotePrefix}
    assert set(live) <= quoted <= {text for text in fine if could_be_formula(text)}


@pytest.mark.skipif(OFFICE is None, reason="LibreOffice is not installed")
def test_libreoffice_carries_nothing_out(kept, tmp_path):
    folder, fine = kept
    with (tmp_path / "control.csv").open("w", encoding="utf-8", newline="") as file:  # the same texts, unguarded
        csv.writer(file, quoting=csv.QUOTE_ALL).writerows([[text] for text in fine])
    found = cells_in_office([folder / "csv.csv", folder / "xlsx.xlsx", tmp_path / "control.csv"], tmp_path)
    assert found["control.csv"][1] > 0, "the reader takes no formula from a CSV, so it can't tell"
    for name in ("csv.csv", "xlsx.xlsx"):
        texts, n_formulas = found[name]
        assert n_formulas == 0
        guarded = [text if name == "xlsx.xlsx" or not could_be_formula(text) else f"'{text}" for text in fine]
        assert set(texts) >= {text.strip() for text in guarded}  # leading blanks are marks of their own in its file


def test_a_canary_in_one_record_reaches_nobody_else(sample, campaign, tmp_path):
    contacts = sv.read_contacts(sample / "contacts.csv").head(30)
    history = sv.read_history(sample / "history.csv")
    history = history[history["contact_id"].isin(contacts["contact_id"])]
    canary, who = "Zyxcanary", contacts["contact_id"][3]
    hers = contacts["contact_id"] == who
    for column in ("last_name", "company", "job_title", "region"):
        contacts[column] = contacts[column].astype(object).where(~hers, canary)
    people = contacts.assign(
        notes=["" if one != who else f"{canary} said so" for one in contacts["contact_id"]], segment_id="all"
    )
    history = history.assign(text=history["text"].where(history["contact_id"] != who, f"{canary} asked"))
    facts = sv.derive_facts(people, history, as_of="2026-11-01")
    emails = sv.write_emails(people, facts, campaign=campaign, variants=["individual"])
    audit = sv.audit_emails(emails, facts, contacts=people, campaign=campaign)
    approved = sv.approve_emails(emails, audit=audit, approver="MS", contacts=people)
    ready = approved[sv.check_approval(approved)["state"] == "approved"]
    sv.export_emails(ready, tmp_path / "m", form="eml", contacts=people)
    others = [message.as_string() for email_id, message in eml_messages(tmp_path / "m") if not email_id.endswith(who)]
    assert len(others) > 20
    assert not any(canary in text for text in others)
    for form in ("csv", "sequencer", "klaviyo", "hubspot"):
        done = sv.export_emails(ready, tmp_path / ("e.csv" if form == "csv" else form), form=form, contacts=people)
        rows = csv_rows(done.path if form == "csv" else done.path / "contacts.csv")
        told = [row for row in rows if any(canary in cell for cell in row.values())]
        assert len(told) == 1
        assert not any("said so" in cell for row in rows for cell in row.values())
    sv.export_emails(ready, tmp_path / "e.jsonl", form="jsonl", facts=facts)
    assert [row["contact_id"] for row in json_rows(tmp_path / "e.jsonl") if canary in str(row)] in ([], [who])
