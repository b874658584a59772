"""Segments of PySpark frames are those of pandas, and the statement for Spark gives them too."""

import warnings

import numpy as np
import pandas as pd
import pytest

import segvspers as sv
from segvspers.errors import DataError

pytestmark = pytest.mark.spark
BY = ["industry", "company_size", "region", "purchase_status"]


@pytest.fixture(scope="module")
def segmentation(contacts, history):
    return sv.fit_segments(contacts, history, n_segments=5, n_resamples=0, rng=7)


def assigned(found):
    return found.toPandas() if hasattr(found, "toPandas") else found


def assert_same(found, expected, names):
    ours, theirs = (assigned(one).sort_values("contact_id", ignore_index=True) for one in (expected, found))
    for name in names:
        if ours[name].dtype.kind == "f":
            np.testing.assert_allclose(theirs[name], ours[name], rtol=1e-9)
        else:
            assert theirs[name].tolist() == ours[name].tolist(), name


def test_assigned_segments_are_those_of_pandas(contacts, segmentation, as_spark, collected):
    rows = as_spark(contacts)
    found = segmentation.assign(rows, detail=True)
    assert max(collected) < 50
    expected = segmentation.assign(contacts, detail=True)
    assert list(found.columns) == list(expected.columns)
    assert_same(found, expected, expected.columns[-7:])
    assert found.select(*rows.columns).schema == rows.schema
    assert_same(found, expected, ["email", "company"])


def test_history_of_new_contacts_is_heeded(contacts, history, segmentation, as_spark, collected):
    later = contacts.tail(600).assign(contact_id=lambda frame: "N" + frame["contact_id"])
    events = history[history["contact_id"].isin(contacts["contact_id"].tail(600))]
    events = events.assign(contact_id="N" + events["contact_id"])
    for as_of in (None, "2026-09-01"):
        expected = segmentation.assign(later, history=events, as_of=as_of)
        found = segmentation.assign(as_spark(later), history=as_spark(events), as_of=as_of)
        assert_same(found, expected, ["segment_id", "segment_name", "membership"])
        assert list(found.columns) == list(expected.columns)
    assert segmentation.assign(later)["segment_id"].ne(expected["segment_id"]).any()


@pytest.mark.parametrize("how", ["rules", "kmeans"])
def test_rules_and_centres_go_to_the_rows_too(contacts, as_spark, how):
    made = sv.segment_by(contacts, by=BY[:2]) if how == "rules" else sv.fit_segments(
        contacts[["contact_id", *BY]], n_segments=4, method="kmeans", n_resamples=0, rng=1
    )  # fmt: skip
    assert_same(made.assign(as_spark(contacts)), made.assign(contacts), ["segment_id", "segment_name", "membership"])


def test_the_statement_for_spark_gives_the_same_segments(contacts, spark, as_spark):
    made = sv.fit_segments(contacts.assign(spend=np.arange(len(contacts)) % 97), n_segments=4, n_resamples=0, rng=2)
    rows = contacts.assign(spend=np.arange(len(contacts)) % 97)
    as_spark(rows).createOrReplaceTempView("people")
    found = spark.sql(made.to_sql(table="people", dialect="spark"))
    assert_same(found, made.assign(rows), ["segment_id"])


def test_bad_tables_are_told_as_for_pandas(contacts, segmentation, as_spark):
    with pytest.raises(DataError, match="contacts has none of the columns"):
        segmentation.assign(as_spark(contacts[["email"]].rename(columns={"email": "mail"})))
    odd = contacts.assign(industry="x" + contacts["industry"].astype(str))
    with pytest.warns(UserWarning, match=r"Most values of \['industry'\] are new"):
        segmentation.assign(as_spark(odd))
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        segmentation.assign(as_spark(contacts))


def test_a_short_batch_with_gaps_is_coded_like_a_long_one(as_spark):
    frame = pd.DataFrame({"contact_id": list("abcdefghij") * 30, "grade": [1, 2, None] * 100}).astype(
        {"grade": "Int64"}
    )
    frame["contact_id"] += frame.index.astype(str)
    made = sv.segment_by(frame.assign(grade=frame["grade"].astype("string")), by=["grade"])
    assert_same(made.assign(as_spark(frame)), made.assign(frame), ["segment_id"])
