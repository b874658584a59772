"""Exports of platforms in any mixture are one history, whose rows add up."""

import gzip
import json

import duckdb
import pandas as pd
import polars as pl
import pytest

import segvspers as sv
from segvspers.errors import DataError

SENT = 1_788_847_200  # 2026-09-08T06:00:00Z


def sendgrid(event, number, **more):
    return {
        "email": "ada@pine.example",
        "event": event,
        "timestamp": SENT + number,
        "sg_event_id": f"e{number}",
        "sg_message_id": "abc123.filter01.1",
        "category": ["spring"],
    } | more


LOG = [
    [sendgrid("processed", 0, **{"smtp-id": "<abc123@ismtpd>"}), sendgrid("delivered", 2)],
    sendgrid("open", 4000),
    sendgrid("open", 4000),
    sendgrid("deferred", 1),
    {"hello": 1},
]


def balanced(read):
    report = sv.read_report(read)
    assert report.n_rows == report.n_used + report.n_rejected + report.n_duplicates + report.n_left_out
    assert report.n_used == len(read)
    assert report.n_rows == sum(one.n_rows for one in report.sources)
    return report


def log_file(tmp_path, kind):
    lines = "\n".join(map(json.dumps, LOG))
    path = tmp_path / f"log.{kind}"
    if kind == "jsonl.gz":
        path.write_bytes(gzip.compress(lines.encode()))
    elif kind == "json":
        path.write_text(json.dumps(LOG, indent=2))
    else:
        path.write_text("\ufeff" + lines if kind == "ndjson" else lines + "\n\n")
    return path


@pytest.mark.parametrize("kind", ["jsonl", "ndjson", "jsonl.gz", "json"])
def test_a_log_of_webhooks_is_read_whatever_its_form(tmp_path, kind):
    with pytest.warns(sv.RejectWarning, match="no known format has these keys"):
        read = sv.read_history(log_file(tmp_path, kind))
    report = balanced(read)
    assert (report.n_rows, report.n_used, report.n_rejected, report.n_duplicates, report.n_left_out) == (6, 3, 1, 1, 1)
    assert read["event"].tolist() == ["sent", "delivered", "open"]
    assert set(read["message_id"]) == {"abc123"}
    assert set(read["campaign_id"]) == {"spring"}
    assert json.loads(report.rejects["raw"][0]) == {"hello": 1}


def test_a_line_that_is_no_json_is_set_aside_with_its_number(tmp_path):
    path = tmp_path / "log.jsonl"
    path.write_text(json.dumps(LOG[1]) + "\n\n{broken\n" + json.dumps(LOG[0]))
    with pytest.warns(sv.RejectWarning):
        report = balanced(sv.read_history(path))
    assert report.rejects[["row", "reason", "raw"]].values.tolist() == [[3, "the line is no JSON", "{broken"]]


def test_events_in_memory_are_read_like_those_of_a_file():
    flat = [one for one in LOG[:2] for one in (one if isinstance(one, list) else [one])]
    frame = pd.DataFrame(flat)
    wanted = sv.read_history(frame)
    assert wanted["event"].tolist() == ["sent", "delivered", "open"]
    for other in (pl.from_pandas(frame), duckdb.sql("SELECT * FROM frame")):
        assert sv.read_history(other)["event"].tolist() == ["sent", "delivered", "open"]
    nested = pd.DataFrame(
        [
            {
                "type": "email.opened",
                "created_at": "2026-09-08T06:00:00Z",
                "data": {"email_id": "r1", "to": ["Ada <ada@pine.example>"]},
            }
        ]
    )
    assert sv.read_history(nested)[["contact_id", "event", "message_id"]].values.tolist() == [
        ["ada@pine.example", "open", "r1"]
    ]
    dotted = pd.json_normalize(
        [
            {
                "type": "email.opened",
                "created_at": "2026-09-08T06:00:00Z",
                "data": {"email_id": "r1", "to": "ada@pine.example"},
            }
        ]
    )
    assert sv.read_history(dotted)["message_id"].tolist() == ["r1"]


def test_one_notification_about_several_people_is_an_event_of_each():
    ses = {"eventType": "Bounce", "mail": {"messageId": "m1", "destination": ["a@x.example", "b@x.example"]},
           "bounce": {"bounceType": "Transient", "timestamp": "2026-09-08T06:00:00Z",
                      "bouncedRecipients": [{"emailAddress": "a@x.example"}, {"emailAddress": "b@x.example"}]}}  # fmt: skip
    read = sv.read_history(pd.DataFrame([ses]))
    assert read[["contact_id", "event"]].values.tolist() == [
        ["a@x.example", "bounce_soft"],
        ["b@x.example", "bounce_soft"],
    ]
    balanced(read)


def test_the_tables_of_mailchimp_give_the_published_counts(shared_data):
    folder = shared_data / "esp_formats" / "mailchimp_tables"
    names = ("campaign", "campaign_recipient", "campaign_recipient_activity", "member", "unsubscribe")
    read = sv.read_history([folder / f"{name}.csv" for name in names])
    balanced(read)
    counts = read.groupby("event")["contact_id"].agg(["size", "nunique"]).to_dict("index")
    assert counts["sent"] == {"size": 10, "nunique": 10}
    assert counts["open"] == {"size": 12, "nunique": 7}
    assert counts["click"] == {"size": 5, "nunique": 2}
    assert counts["unsubscribe"] == {"size": 1, "nunique": 1}
    assert set(read.loc[read["event"] == "sent", "timestamp"]) == {pd.Timestamp("2019-11-27T16:59:27Z")}


def test_mailchimp_numbers_people_by_the_digest_of_their_address():
    import hashlib

    member = hashlib.md5(b"ada@pine.example").hexdigest()
    row = {"action": "open", "campaign_id": "c1", "member_id": member, "timestamp": "2026-09-08 06:00:00"}
    contacts = pd.DataFrame({"contact_id": ["C1"], "email": ["Ada@pine.example"]})
    assert sv.read_history(pd.DataFrame([row]), contacts=contacts)["contact_id"].tolist() == ["C1"]


def test_the_event_tables_of_klaviyo_and_iterable_are_read(shared_data):
    klaviyo = sv.read_history(shared_data / "esp_formats" / "klaviyo_tables" / "event.csv")
    assert klaviyo["event"].value_counts().to_dict() == {"delivered": 3, "purchase": 1}
    iterable = shared_data / "esp_formats" / "iterable_tables" / "event_data.csv"
    with pytest.raises(
        DataError, match=r"(?s)Iterable event table calls it newEvent \(4 rows\).*a sign-up, not an answer"
    ):
        sv.read_history(iterable)
    read = sv.read_history(iterable, events={"newEvent": "page_view"})
    assert sv.read_report(read).left_out == {"a sign-up, not an answer to an email": 2}
    assert len(read) == 4


def test_a_row_of_a_sequencer_tells_of_several_events():
    row = {"lead_email": "ada@pine.example", "sequence_number": 2, "sent_time": "2026-09-08T06:00:00Z", "open_time": "2026-09-08T09:00:00Z",
           "click_time": None, "reply_time": "2026-09-09T06:00:00Z", "is_unsubscribed": False, "is_bounced": False,
           "lead_category": "Interested", "campaign_id": 7, "stats_id": "s1"}  # fmt: skip
    never = row | {"lead_email": "bo@oak.example", "sent_time": None, "open_time": None, "reply_time": None}
    read = sv.read_history(pd.DataFrame([row, never]))
    assert read[["event", "reply_class"]].astype(object).where(read[["event", "reply_class"]].notna(), None).values.tolist() == [
        ["sent", None], ["open", None], ["reply", "positive"],
    ]  # fmt: skip
    assert read["step"].tolist() == [2.0] * 3
    assert balanced(read).left_out == {"the row tells of no event": 1}


def test_flags_of_a_sequencer_take_the_one_date_that_the_row_has(shared_data):
    frame = pd.read_csv(shared_data / "crm_formats" / "apollo_engagement_export.csv", dtype=str).head(1)
    frame = frame.assign(**{"Email Sent": "TRUE", "Replied": "TRUE", "Last Contacted": "2026-09-08"})
    read = sv.read_history(frame)
    assert set(read["event"]) == {"sent", "reply"}
    assert set(read["timestamp"]) == {pd.Timestamp("2026-09-08T00:00Z")}


def test_what_a_sequencer_says_later_is_the_class_of_the_reply_before():
    def instantly(event, minute, **more):
        return {"event_type": event, "timestamp": f"2026-09-08T06:{minute:02}:00Z", "lead_email": "ada@pine.example",
                "email_account": "maya@postwell.example", "campaign_id": "c1"} | more  # fmt: skip

    events = [
        instantly("email_sent", 0),
        instantly("reply_received", 10, reply_text="Please stop.\n\nOn Tue, 1:00 Maya <m@x.example> wrote:\n> Hi"),
    ]
    read = sv.read_history(pd.DataFrame(events))
    assert read.loc[read["event"] == "reply", ["text", "reply_class"]].values.tolist() == [["Please stop.", "opt_out"]]
    judged = sv.read_history(pd.DataFrame([*events, instantly("lead_not_interested", 20)]))
    assert judged.loc[judged["event"] == "reply", "reply_class"].tolist() == ["negative"]
    assert balanced(judged).n_left_out == 1


def test_a_sheet_with_a_time_for_each_event_is_read():
    sheet = pd.DataFrame(
        {
            "Email Address": ["ada@pine.example"],
            "Sent At": ["09/08/2026 06:00"],
            "Opened At": ["09/13/2026 07:00"],
            "Replied At": [None],
        }
    )
    read = sv.read_history(sheet)
    assert read["event"].tolist() == ["sent", "open"]
    assert read["timestamp"].dt.month.tolist() == [9, 9]


def test_webhooks_mail_and_a_table_of_the_crm_are_one_history(tmp_path):
    (tmp_path / "events.jsonl").write_text("\n".join(map(json.dumps, LOG[:4])))
    mail = "From: Ada <ada@pine.example>\nDate: Wed, 09 Sep 2026 09:00:00 +0000\nIn-Reply-To: <abc123@ismtpd9>\nSubject: Re: x\n\nLet's talk on Friday.\n"
    (tmp_path / "reply.eml").write_text(mail)
    (tmp_path / "other.eml").write_text(mail.replace("ada@pine", "who@else").replace("abc123", "zzz999"))
    pd.DataFrame(
        {"contact_id": ["ada@pine.example"], "timestamp": ["2026-09-10"], "event": ["meeting"], "room": ["12"]}
    ).to_csv(tmp_path / "crm.csv", index=False)
    with pytest.warns(sv.RejectWarning, match="no email went to this address, and it answers none"):
        read = sv.read_history([tmp_path / "events.jsonl", tmp_path / "*.eml", tmp_path / "crm.csv"])
    report = balanced(read)
    assert read["event"].tolist() == ["sent", "delivered", "open", "reply", "meeting"]
    reply = read[read["event"] == "reply"].iloc[0]
    assert (reply["campaign_id"], reply["message_id"], reply["reply_class"], reply["matched_by"]) == (
        "spring",
        "abc123",
        "positive",
        "message id",
    )
    assert read["room"].tolist()[-1] == "12"
    assert (
        "Of 2 mails that came in, 1 matched to an email by message id and 0 by address and time; 1 not matched (50.0 %)"
        in report.summary()
    )


def test_columns_apply_to_the_tables_that_have_them(tmp_path):
    (tmp_path / "events.jsonl").write_text("\n".join(map(json.dumps, LOG[:2])))
    crm = pd.DataFrame({"Kunde": ["ada@pine.example"], "Tag": ["2026-09-10"], "Was": ["Kauf"]})
    read = sv.read_history(
        [tmp_path / "events.jsonl", crm],
        columns={"contact_id": "Kunde", "timestamp": "Tag", "event": "Was"},
        events={"Kauf": "purchase"},
    )
    assert read["event"].tolist() == ["sent", "delivered", "open", "purchase"]
