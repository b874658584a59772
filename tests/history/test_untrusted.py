"""Whatever a log or a table holds, reading ends in a history whose rows add up or in an error of our own, without addresses."""

import json
import warnings

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import segvspers as sv
from segvspers.dialects import event_formats
from segvspers.errors import SegvspersError

KEYS = sorted({path.split(".")[0].split("[")[0] for one in event_formats() for path in one.signs.has} - {"^"})
LEAVES = (
    st.none() | st.booleans() | st.integers(-(10**20), 10**20) | st.floats() | st.text(max_size=12)
    | st.sampled_from(["open", "click", "sent", "delivered", "2026-09-08T06:00:00Z", "ada@pine.example", "<x@y.example>", "1788847200", "[1]", '{"a":'])
)  # fmt: skip
VALUES = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["email", "event", "recipient", "headers", "email_id", "messageId", "x.y", ""]),
            inner,
            max_size=3,
        )
    ),
    max_leaves=8,
)
DOCUMENTS = st.dictionaries(st.sampled_from(KEYS) | st.text(max_size=5), VALUES, max_size=8) | VALUES
QUIET = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


def read_or_refused(source, **options):
    """Read a source; return what is said, after checking that the rows add up."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", sv.RejectWarning)
        try:
            history = sv.read_history(source, **options)
        except SegvspersError as problem:
            return str(problem)
    report = sv.read_report(history)
    assert report.n_rows == report.n_used + report.n_rejected + report.n_duplicates + report.n_left_out
    assert report.n_used == len(history)
    assert not history[["contact_id", "timestamp", "event"]].isna().any().any()
    return report.summary()


@QUIET
@given(st.lists(DOCUMENTS, min_size=1, max_size=6))
def test_any_json_is_read_or_refused(tmp_path, documents):
    path = tmp_path / "log.jsonl"
    path.write_text("\n".join(map(json.dumps, documents)), encoding="utf-8")
    assert "ada@pine" not in read_or_refused(path)
    whole = tmp_path / "log.json"
    whole.write_text(json.dumps(documents), encoding="utf-8")
    assert "ada@pine" not in read_or_refused(whole)


@QUIET
@given(st.lists(st.binary(max_size=40), max_size=6), st.sampled_from([b"", b"\xff\xfe", b"\xef\xbb\xbf"]))
def test_any_bytes_are_read_or_refused(tmp_path, lines, mark):
    good = json.dumps(
        {"sg_event_id": "1", "event": "open", "email": "ada@pine.example", "timestamp": 1788847200}
    ).encode()
    for name in ("log.jsonl", "log.json", "log.eml", "log.mbox"):
        (tmp_path / name).write_bytes(mark + b"\n".join([*lines, good]))
        assert "ada@pine" not in read_or_refused(tmp_path / name)


CELLS = st.text(max_size=20) | st.sampled_from(
    ["open", "sent", "2026-09-08", "08.09.2026", "ada@pine.example", '=cmd|" /C calc"!A0', "\u202eabc", "1,5", "true"]
)


@QUIET
@given(st.lists(st.tuples(*[CELLS] * 6), min_size=1, max_size=8))
def test_any_table_is_read_or_refused(rows):
    names = ["contact_id", "timestamp", "event", "amount_usd", "machine_open", "text"]
    told = read_or_refused(pd.DataFrame(rows, columns=names), timezone="Europe/Paris")
    assert "ada@pine" not in told


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000 + "]" * 100_000,
        '{"a":' * 50_000 + "1" + "}" * 50_000,
        '{"Type": "N", "MessageId": "1", "Message": ' + json.dumps(json.dumps({"Type": "N", "MessageId": "1", "Message": "{}"})) + "}",
        '{"events": {"events": {"events": {"events": {"events": {"events": {"events": []}}}}}}}',
        '{"sg_event_id": "1", "event": "\\ud800", "email": "a@b.example", "timestamp": 1e999}',
        '{"sg_event_id": "1", "event": "open", "email": "a\\u0000@b.example", "timestamp": 1788847200}',
        '{"sg_event_id": "1", "event": "open", "email": "a@b.example", "timestamp": 1788847200, "event": "click"}',
    ],
    ids=["nested lists", "nested objects", "envelope in envelope", "envelopes without end", "broken letters", "zero byte", "a key twice"],
)  # fmt: skip
def test_a_log_made_to_break_the_reader_does_not(tmp_path, text):
    for name in ("log.jsonl", "log.json"):
        (tmp_path / name).write_text(text)
        assert "@" not in read_or_refused(tmp_path / name)


def test_what_is_given_by_a_stranger_never_becomes_sql():
    name = "x'); DROP TABLE docs; --"
    frame = pd.DataFrame({name: ["C1"], 'w"hen': ["2026-09-08"], "was": ["Kauf'; --"]})
    columns = {"contact_id": name, "timestamp": 'w"hen', "event": "was"}
    read = sv.read_history(frame, columns=columns, events={"Kauf'; --": "purchase"})
    assert read[["contact_id", "event"]].values.tolist() == [["C1", "purchase"]]
