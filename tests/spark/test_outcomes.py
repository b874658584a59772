"""Outcomes of PySpark frames: read, checked and compared as those of pandas."""

from dataclasses import fields

import pandas as pd
import pytest

import segvspers as sv
from segvspers.errors import DataError

pytestmark = pytest.mark.spark


@pytest.fixture(scope="module")
def outcomes(sample):
    return sv.read_outcomes(sample / "outcomes.csv")


@pytest.fixture(scope="module")
def raw(sample):
    return pd.read_csv(sample / "outcomes.csv", dtype="string")


def close(found, expected):
    for field in fields(expected):
        one, two = getattr(expected, field.name), getattr(found, field.name)
        if isinstance(one, float):
            assert two == pytest.approx(one, rel=1e-9, abs=1e-12, nan_ok=True), field.name
        elif isinstance(one, pd.DataFrame):
            pd.testing.assert_frame_equal(two, one, check_dtype=False, rtol=1e-8)
        else:
            assert two == one, field.name


def test_text_is_read_as_pandas_reads_it(raw, outcomes, as_spark):
    found = sv.read_outcomes(as_spark(raw)).toPandas()
    expected = outcomes.reset_index(drop=True)
    assert list(found.columns) == list(expected.columns)
    for name in expected.columns:
        told = pd.to_datetime(found[name], utc=True) if "_at" in name else found[name]
        if pd.api.types.is_numeric_dtype(expected[name].dtype) and name in ("revenue_usd", "cost_usd", "step"):
            assert told.tolist() == pytest.approx(expected[name].astype(float).tolist(), nan_ok=True)
        elif name in ("replied", "delivered", "variant", "contact_id", "reply_class", "sent_at", "replied_at"):
            assert told.isna().tolist() == expected[name].isna().tolist()
            assert told.dropna().tolist() == expected[name].dropna().tolist()


def test_comparisons_of_what_was_read_are_those_of_pandas(raw, outcomes, as_spark, collected):
    rows = sv.read_outcomes(as_spark(raw))
    replies = sv.compare_reply_rates(rows, control="segment", cluster="company_id")
    close(replies, sv.compare_reply_rates(outcomes, control="segment", cluster="company_id"))
    by = {"control": "segment", "group": "purchase_status", "cluster": "company_id"}
    close(sv.compare_by_segment(rows, **by), sv.compare_by_segment(outcomes, **by))
    revenue = sv.compare_revenue(rows, control="segment", n_bootstrap=0)
    close(revenue, sv.compare_revenue(outcomes, control="segment", n_bootstrap=0))
    assert max(collected) <= 1_000  # origins are taken from a thousand rows


def test_other_names_are_taken(raw, as_spark, outcomes):
    theirs = raw.rename(columns={"variant": "arm", "replied": "answered"})
    rows = sv.read_outcomes(as_spark(theirs), columns={"variant": "arm", "replied": "answered"})
    assert rows.where("replied").count() == int(outcomes["replied"].sum())


def test_every_problem_is_told_with_its_rows(raw, as_spark):
    bad = raw.head(200).assign(variant="segment", cost_usd="-1", revenue_usd="lots")
    bad.loc[3:5, "replied"] = None
    with pytest.raises(DataError) as told:
        sv.read_outcomes(as_spark(bad))
    for part in (
        "column 'revenue_usd' holds what is not a number such as 1234.5 in 200 rows",
        "there is only one variant, segment; a comparison needs two",
        "'replied' is empty in 3 rows; write false for contacts who did not reply",
        "'cost_usd' is negative in 200 rows",
    ):
        assert part in str(told.value)
    with pytest.raises(DataError, match="there is no column 'variant'"):
        sv.read_outcomes(as_spark(raw.head(50).drop(columns="variant")))


@pytest.mark.parametrize(
    ("method", "asked"),
    [
        ("compare_over_time", {"control": "segment"}),
        ("compare_historical", {"control": "segment", "covariates": ["purchase_status"]}),
        ("check_health", {}),
    ],
)
def test_methods_that_look_at_single_rows_say_so(raw, as_spark, method, asked):
    with pytest.raises(DataError, match=r"outcomes is a PySpark frame, and this method looks at single rows"):
        getattr(sv, method)(as_spark(raw.head(50)), **asked)
