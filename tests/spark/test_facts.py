"""Facts of PySpark frames are those of pandas, row by row, and only sums reach the driver."""

import pandas as pd
import pytest

import segvspers as sv
from segvspers import _spark
from segvspers.errors import DataError, MissingPackageError
from segvspers.facts import on_spark

pytestmark = pytest.mark.spark
SAYS = ["contact_id", "kind", "topic", "value"]


def in_order(facts):
    frame = facts.toPandas() if hasattr(facts, "toPandas") else facts
    frame = frame.assign(**{name: pd.to_datetime(frame[name]) for name in ("occurred_on", "as_of")})
    return frame.sort_values(SAYS, ignore_index=True).astype(object).where(lambda cells: cells.notna(), None)


def test_facts_are_those_of_pandas_row_by_row(contacts, history, facts, as_spark, collected, monkeypatch):
    monkeypatch.setattr(on_spark, "BUCKET_CONTACTS", 1_500)  # several buckets, as on a long list
    found = sv.derive_facts(as_spark(contacts), as_spark(history), as_of="2026-11-01")
    assert max(collected) < 100  # buckets, industries and topics, never contacts
    assert list(found.columns) == list(facts.columns)
    pd.testing.assert_frame_equal(in_order(found), in_order(facts), check_dtype=False)


def test_a_further_column_and_delicate_topics_are_heeded(contacts, history, as_spark):
    some, events = contacts.head(300), history[history["contact_id"].isin(contacts["contact_id"].head(300))]
    how = {"as_of": "2026-11-01", "attributes": ["purchase_status"], "sensitive": sv.Sensitive(topics=("SMS",))}
    found = sv.derive_facts(as_spark(some), as_spark(events), **how)
    expected = sv.derive_facts(some, events, **how)
    assert expected["sensitivity"].eq("sensitive").any()
    pd.testing.assert_frame_equal(in_order(found), in_order(expected), check_dtype=False)


def test_facts_can_be_written_to_a_folder(contacts, history, as_spark, spark, tmp_path):
    some = contacts.head(200)
    events = history[history["contact_id"].isin(some["contact_id"])]
    path = sv.derive_facts(as_spark(some), as_spark(events), as_of="2026-11-01", to=tmp_path / "facts")
    expected = sv.derive_facts(some, events, as_of="2026-11-01")
    pd.testing.assert_frame_equal(in_order(pd.read_parquet(path)), in_order(expected), check_dtype=False)


def told(problem, contacts, history):
    with pytest.raises(problem) as caught:
        sv.derive_facts(contacts, history, as_of="2026-11-01")
    return str(caught.value)


def test_every_problem_is_told_as_for_pandas(contacts, history, as_spark, monkeypatch):
    monkeypatch.setattr(on_spark, "BUCKET_CONTACTS", 40)
    some = contacts.head(100).assign(signup_date="soon")
    twice = pd.concat([some, some.head(3)], ignore_index=True)
    events = history.head(400).astype({"event": str, "timestamp": str})
    events.loc[5:7, "event"], events.loc[9, "timestamp"] = "danced", "never"
    good = contacts.head(100)
    for people, happened in ((twice, events), (good, events), (good.drop(columns="contact_id"), events)):
        ours = told(DataError, people, happened)
        assert told(DataError, as_spark(people), as_spark(happened)) == ours
    assert "danced" in told(DataError, good, events)


def test_frames_of_two_kinds_are_refused(contacts, history, as_spark):
    with pytest.raises(
        DataError, match=r"contacts is a PySpark frame and history is not; .*createDataFrame\(history\)"
    ):
        sv.derive_facts(as_spark(contacts.head(5)), history, as_of="2026-11-01")


def test_an_old_pyspark_is_told(contacts, history, as_spark, monkeypatch):
    rows, events = as_spark(contacts.head(5)), as_spark(history.head(5))
    monkeypatch.setattr("pyspark.__version__", "3.5.1")
    with pytest.raises(MissingPackageError, match=r"PySpark 3\.5\.1 is installed, and 4 or later is needed"):
        sv.derive_facts(rows, events, as_of="2026-11-01")


def test_rows_that_moved_are_an_error(history, as_spark):
    rows = _spark.numbered(as_spark(history.head(20)).coalesce(1), [7])
    with pytest.raises(Exception, match="rows moved between two readings of history"):
        rows.collect()
    assert [row[_spark.ROW] for row in _spark.numbered(as_spark(history.head(3)).coalesce(1), [3]).collect()] == [
        0,
        1,
        2,
    ]
