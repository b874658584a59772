"""Every published case of a webhook gives exactly the neutral reading that stands beside it."""

import json

import duckdb
import pandas as pd
import pytest

from segvspers.dialects import event_formats, inbound_formats, readings
from segvspers.dialects.access import Documents
from segvspers.dialects.documents import unwrap
from segvspers.history.columns import EVENTS, NAMES, REPLY_CLASSES
from segvspers.history.neutral import TEXTS, neutral_query
from segvspers.history.part import KINDS
from segvspers.history.times import moment

TRACKING = {
    "amazon_ses": 8,
    "mailersend": 8,
    "mailgun": 15,
    "mailjet": 9,
    "mandrill": 3,
    "postmark": 9,
    "resend": 8,
    "sendgrid": 9,
}
INBOUND = {"amazon_ses": 1, "mailgun": 2, "mailjet": 1, "mandrill": 1, "postmark": 1, "sendgrid": 2}


def as_posted(esp, payload):
    """Put around a payload what stands around it on the wire, where the expected reading rests on that."""
    if esp == "amazon_ses":
        sns = {"Type": "Notification", "MessageId": "19ba9823-d7f2-53c1-860e-cb10e0d13dfc"}
        return sns | {"Timestamp": "2018-03-26T17:58:59.675Z", "Message": json.dumps(payload)}
    if esp == "resend":
        return {"headers": {"svix-id": "msg_2W2D3qXLS5fOaPja1GDg7rF2CwB"}, "body": payload}
    return payload


def unwrapped(document):
    db = duckdb.connect()
    db.execute("SET TimeZone = 'UTC'; CREATE TABLE docs (row BIGINT, doc JSON, line VARCHAR, env JSON, place BIGINT[])")
    db.execute("INSERT INTO docs VALUES (1, ?, NULL, NULL, [])", [json.dumps(document)])
    formats = (*event_formats(), *inbound_formats())
    unwrap(db, [one.signs for one in formats])
    places = [place for (place,) in db.sql("SELECT format FROM docs ORDER BY _id").fetchall()]
    return db, [formats[place] if place is not None else None for place in places]


def neutral(document):
    """Return the neutral readings of a document."""
    db, found = unwrapped(document)
    assert len({one.name for one in found}) == 1
    query = neutral_query(found[0], Documents(), "docs", keys="_id, _row", full=True)
    moments = f"SELECT *, strftime({moment('time_text', timezone='UTC')} AT TIME ZONE 'UTC', '%Y-%m-%dT%H:%M:%S.%f') AS at FROM ({query})"
    return found[0], db.sql(moments).to_arrow_table().to_pylist()


def cases(folder, kind):
    for path in sorted(folder.glob("esp_formats/webhooks_*.json")):
        for number, case in enumerate(json.loads(path.read_text())[kind], start=1):
            yield path.stem.removeprefix("webhooks_"), f"{case['case']} ({number})", case["payload"], case["expected"]


def test_every_tracking_case_gives_exactly_its_neutral_reading(shared_data):
    counts = dict.fromkeys(TRACKING, 0)
    for esp, case, payload, expected in cases(shared_data, "tracking"):
        format_, rows = neutral(as_posted(esp, payload))
        assert (format_.vendor, len(rows)) == (esp, 1), (esp, case)
        found = rows[0] | {"event_type": rows[0]["reading"], "metadata": json.loads(rows[0]["metadata"] or "{}")}
        found["recipient"] = found["recipient"] and found["recipient"].split("<")[-1].rstrip(">")
        for name, value in expected.items():
            if name == "timestamp":
                assert pd.Timestamp(found["at"], tz="UTC") == pd.Timestamp(value), (esp, case)
            else:
                assert found[name] == value, (esp, case, name)
        counts[esp] += 1
    assert counts == TRACKING


def test_every_inbound_case_is_known_as_mail_that_came_in(shared_data):
    counts = dict.fromkeys(INBOUND, 0)
    for esp, case, payload, _ in cases(shared_data, "inbound"):
        _, found = unwrapped(payload)
        assert [one.vendor for one in found] == [esp], (esp, case)
        assert found[0] in inbound_formats(), (esp, case)
        counts[esp] += 1
    assert counts == INBOUND


@pytest.mark.parametrize("format_", event_formats(), ids=lambda one: one.name)
def test_a_format_says_only_what_is_understood(format_):
    ours, left_out = readings()
    said = {
        *format_.readings.values(),
        *(rule.reading for rule in format_.rules),
        *(part.event for part in format_.spread),
    }
    assert said - {None} <= {*ours, *left_out, *EVENTS}
    assert {rule.event for rule in format_.rules} - {None} <= set(EVENTS)
    assert set(format_.class_as.values()) <= set(REPLY_CLASSES)
    assert set(format_.fields) <= {*TEXTS, "timestamp", "unique_id", "tags", "metadata"}
    assert format_.always or format_.event or format_.spread
    assert format_.signs.has or format_.signs.any


def test_every_column_of_history_has_a_kind():
    assert set(NAMES) == set(KINDS)
