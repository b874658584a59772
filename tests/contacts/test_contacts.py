"""Contacts of every vendor are known by their headers; what a spreadsheet does to ids and dates is undone or told."""

import gzip

import pandas as pd
import polars as pl
import pytest

import segvspers as sv
from segvspers.errors import DataError


def test_numbers_as_ids_stay_whole_when_they_come_as_floats():
    assert sv.read_contacts(pd.DataFrame({"contact_id": [7.0, 12.0]}))["contact_id"].tolist() == ["7", "12"]


@pytest.mark.parametrize(
    ("written", "days"),
    [
        (["03/04/2026", "13/04/2026"], ["2026-04-03", "2026-04-13"]),
        (["03/04/2026", "04/13/2026"], ["2026-03-04", "2026-04-13"]),
        (["03.04.2026", "05.06.2026"], ["2026-04-03", "2026-06-05"]),
    ],
)
def test_a_column_of_dates_has_one_order_of_day_and_month(written, days):
    read = sv.read_contacts(pd.DataFrame({"contact_id": ["C1", "C2"], "signup_date": written}))
    assert read["signup_date"].dt.strftime("%Y-%m-%d").tolist() == days


def test_dates_of_two_orders_in_one_column_are_told():
    read = sv.read_contacts(pd.DataFrame({"contact_id": ["C1", "C2"], "signup_date": ["13/04/2026", "04/13/2026"]}))
    report = sv.read_report(read)
    assert "holds dates of both orders, 1 with the day first and 1 with the month first" in report.summary()
    assert report.unread[["row", "column", "value"]].values.tolist() == [[2, "signup_date", "04/13/2026"]]
    assert read["signup_date"].isna().tolist() == [False, True]


def test_two_columns_of_one_name_are_told():
    frame = pd.DataFrame([["C1", "a", "b"]], columns=["contact_id", "note", "note"])
    with pytest.raises(DataError, match=r"several columns have one name \(note\); rename or drop"):
        sv.read_contacts(frame)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("bom.csv", b"\xef\xbb\xbf", "bom.csv is empty"),
        ("bom16.csv", b"\xff\xfe", "bom16.csv is empty"),
        ("lines.csv", b"\n\n", "lines.csv is empty"),
        ("torn.xlsx", b"PK\x03\x04torn", "torn.xlsx is no readable xlsx file"),
        ("plain.csv.gz", b"contact_id,name\n", "plain.csv.gz can't be unpacked"),
        ("torn.csv.gz", gzip.compress(b"contact_id,name\nC1,Ada\n", mtime=0)[:-12], "torn.csv.gz can't be unpacked"),
        ("torn.json", b"[1,", "torn.json is no readable json file"),
    ],
)
def test_a_broken_file_is_told_without_a_traceback_of_a_library(name, content, message, tmp_path):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DataError, match=message):
        sv.read_contacts(tmp_path / name)


@pytest.mark.parametrize("name", ["people.csv.gz", "PEOPLE.CSV.GZ"])
def test_a_packed_file_is_read(name, tmp_path):
    (tmp_path / name).write_bytes(gzip.compress(b"contact_id,name\nC1,Ada\n", mtime=0))
    assert sv.read_contacts(tmp_path / name)["contact_id"].tolist() == ["C1"]


def test_blank_lines_above_the_header_are_passed_over(tmp_path):
    (tmp_path / "people.csv").write_text("\n\ncontact_id,name\nC1,Ada\n")
    assert sv.read_contacts(tmp_path / "people.csv")["contact_id"].tolist() == ["C1"]


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("C1,Ada,ada@example.com\nC2,Bo,bo@example.com\n", None),
        ("Email,seats\nada@example.com,1\nada@example.com,2\n", {"contact_id": "Email"}),
        ("contact_id,first_name,email\nC1,Ada,ada@example.com\nC1,Ada,bo@example.com\n", None),
    ],
)
@pytest.mark.filterwarnings("error::segvspers.RejectWarning")
def test_no_message_holds_a_name_or_an_address(text, columns, tmp_path):
    (tmp_path / "people.csv").write_text(text)
    with pytest.raises((DataError, sv.RejectWarning)) as problem:
        sv.read_contacts(tmp_path / "people.csv", columns=columns)
    assert not any(word in str(problem.value) for word in ("Ada", "Bo,", "example.com"))


def test_a_polars_table_stays_as_it_is():
    frame = pl.DataFrame({"contact_id": [" C1 "], "consent": ["yes"]})
    before = frame.clone()
    assert sv.read_contacts(frame)["contact_id"].tolist() == ["C1"]
    assert frame.equals(before)


def test_columns_that_are_not_ours_stay_what_they_are_in_a_pandas_table():
    frame = pd.DataFrame(
        {
            "contact_id": [1, 2],
            "tier": pd.Categorical(["b", "a"], ["b", "a"], ordered=True),
            "tags": [["x"], []],
            "when": pd.to_datetime(["2026-01-02", None]).tz_localize("Europe/Oslo"),
            "mixed": [1, "two"],
        },
        index=[7, 9],
    )
    read = sv.read_contacts(frame)
    for name in ("tier", "tags", "when", "mixed"):
        pd.testing.assert_series_equal(read[name], frame[name].reset_index(drop=True))
