"""Replies are matched to the email that they answer, and what is not matched is said."""

import json
import mailbox
from contextlib import closing

import pandas as pd
import pytest

import segvspers as sv
from segvspers.errors import ArgumentError, DataError, MissingFileError

HISTORY = pd.DataFrame(
    {
        "contact_id": ["C1", "C1", "C2", "C3"],
        "timestamp": pd.to_datetime(
            ["2026-09-01T06:00Z", "2026-09-05T06:00Z", "2026-09-05T06:00Z", "2026-06-01T06:00Z"]
        ),
        "event": ["sent", "delivered", "sent", "sent"],
        "campaign_id": ["spring", "autumn", "autumn", "spring"],
        "message_id": ["<aaaaaa@esp.example>", "bbbbbb", "cccccc", "dddddd"],
        "step": [1.0, 2.0, 1.0, 1.0],
    }
)
CONTACTS = pd.DataFrame(
    {"contact_id": ["C1", "C2", "C3"], "email": ["Ada@pine.example", "bo@oak.example", "cy@elm.example"]}
)


@pytest.fixture
def box(mail, tmp_path):
    def made(*mails):
        path = tmp_path / "in.mbox"
        with closing(mailbox.mbox(path)) as opened:
            for one in mails:
                opened.add(mail(**one))
        return path

    return made


def read(path, **more):
    return sv.read_replies(path, history=HISTORY, contacts=CONTACTS, **more)


@pytest.mark.parametrize(
    ("headers", "message", "matched_by"),
    [
        ({"In_Reply_To": "<aaaaaa@esp.example>"}, "<aaaaaa@esp.example>", "message id"),
        ({"In_Reply_To": "<AAAAAA@other.example>"}, "<aaaaaa@esp.example>", "message id"),
        ({"In_Reply_To": "<bbbbbb@smtp.esp.example>"}, "bbbbbb", "message id"),
        ({"References": "<aaaaaa@esp.example> <bbbbbb@esp.example>"}, "bbbbbb", "message id"),
        ({"In_Reply_To": "<nothing@x.example>"}, "bbbbbb", "address and time"),
        ({}, "bbbbbb", "address and time"),
    ],
)
def test_a_reply_answers_the_email_that_it_names_else_the_last_one(box, headers, message, matched_by):
    found = read(box(headers))
    assert found[["contact_id", "message_id", "matched_by"]].values.tolist() == [["C1", message, matched_by]]
    assert found["timestamp"][0] == pd.Timestamp("2026-09-08T07:00Z")


def test_the_email_answered_tells_the_contact_when_the_address_does_not(box):
    found = read(box({"sender": "assistant@pine.example", "In_Reply_To": "<cccccc@esp.example>"}))
    assert found[["contact_id", "campaign_id", "step"]].values.tolist() == [["C2", "autumn", 1.0]]


def test_what_is_not_matched_is_kept_and_its_share_is_said(box):
    path = box({}, {"sender": "cy@elm.example"}, {"sender": "nobody@x.example"}, {"sender": "bo@oak.example"})
    with pytest.warns(sv.RejectWarning):
        found = read(path)
    report = sv.read_report(found)
    assert found["matched_by"].isna().tolist() == [False, True, False]
    assert (
        "Of 4 mails that came in, 0 matched to an email by message id and 2 by address and time; 2 not matched (50.0 %)"
        in report.summary()
    )
    assert (report.n_rows, report.n_used, report.n_rejected) == (4, 3, 1)
    assert report.rejects["raw"][0].startswith("From: nobody@x.example")
    assert read(path, window_days=1).pipe(sv.read_report).n_used == 3


def test_no_address_stands_in_what_is_said(box):
    with pytest.warns(sv.RejectWarning) as told:
        found = read(box({}, {"sender": "nobody@x.example"}, {"date": None}))
    said = " ".join(
        [*map(str, (one.message for one in told)), sv.read_report(found).summary(), sv.read_report(found)._repr_html_()]
    )
    assert "@" not in said


def test_a_mail_that_stands_twice_counts_once(box):
    report = sv.read_report(read(box({"Message_ID": "<r1@x.example>"}, {"Message_ID": "<r1@x.example>"})))
    assert (report.n_rows, report.n_used, report.n_duplicates) == (2, 1, 1)


def test_headers_go_before_rules_and_a_column_before_both(box):
    found = read(box({"body": "Sounds great, call me", "Auto_Submitted": "auto-replied"}))
    assert found[["reply_class", "class_reason"]].values.tolist() == [["auto_reply", "header Auto-Submitted"]]
    table = pd.DataFrame(
        {
            "From": ["ada@pine.example"] * 3,
            "Date": ["2026-09-08"] * 3,
            "Body": ["Sounds great, call me"] * 3,
            "Category": ["Not Interested", "neutral", None],
        }
    )
    told = sv.read_replies(table, columns={"reply_class": "Category"})
    assert told["reply_class"].tolist() == ["negative", "neutral", "positive"]
    assert told["class_reason"].tolist() == ["platform", "platform", "rules"]
    assert told["contact_id"].tolist() == ["ada@pine.example"] * 3


def test_a_log_of_inbound_webhooks_is_read(inbound_cases, tmp_path):
    path = tmp_path / "inbound.jsonl"
    posted = [(esp + str(n), case["payload"]) for n, (esp, case) in enumerate(inbound_cases) if esp != "amazon_ses"]
    path.write_text(
        "\n".join(json.dumps(payload).replace("CAEPk3R", name) for name, payload in posted) + "\nnot json\n"
    )
    with pytest.warns(sv.RejectWarning):
        found = sv.read_replies(path)
    assert sorted(set(found["source"])) == ["mailgun", "mailjet", "mandrill", "postmark", "sendgrid"]
    assert sv.read_report(found).n_rows == 8


def test_replies_can_be_put_under_a_history(box):
    both = pd.concat([HISTORY, read(box({}))], ignore_index=True)
    assert both["event"].tolist()[-1] == "reply"


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (
            lambda: sv.read_replies("gone.mbox"),
            MissingFileError,
            "replies: no file or folder at gone.mbox; check the spelling",
        ),
        (
            lambda: sv.read_replies(pd.DataFrame({"a": ["b"]})),
            DataError,
            r"the table lacks \['email', 'timestamp', 'text'\]; its columns are \['a'\]",
        ),
        (
            lambda: sv.read_replies(pd.DataFrame(), window_days=-1),
            ArgumentError,
            "window_days=-1 must be a finite number",
        ),
        (lambda: sv.read_replies(pd.DataFrame(), timezone="Mars"), ArgumentError, "timezone='Mars' is not known"),
    ],
)
def test_bad_input_is_told(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_a_history_without_emails_is_told(box):
    with pytest.raises(DataError, match="history has no event 'sent' or 'delivered'"):
        sv.read_replies(box({}), history=HISTORY.assign(event="open"))
