"""Workbooks and JSON of any layout are read like text: the header is found, nested fields are columns, what is none is set aside."""

import json
import warnings

import pandas as pd
import pytest

import segvspers as sv
from segvspers.errors import ArgumentError, DataError


def read(path, **options):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", sv.RejectWarning)
        return sv.read_contacts(path, **options)


def book(path, **sheets):
    with pd.ExcelWriter(path) as writer:
        for name, rows in sheets.items():
            pd.DataFrame(rows).to_excel(writer, sheet_name=name, index=False, header=False)
    return path


ROWS = [["contact_id", "signup_date", "seats"], ["007", pd.Timestamp("2026-04-03"), 3], ["8", None, 4.5]]


def test_a_header_below_titles_and_blank_rows_is_found(tmp_path):
    path = book(tmp_path / "people.xlsx", Sheet1=[["Report of contacts", None, None], [None] * 3, *ROWS])
    contacts = read(path)
    assert contacts["contact_id"].tolist() == ["007", "8"]
    assert contacts["seats"].tolist() == [3, 4.5]
    assert contacts["signup_date"][0] == pd.Timestamp("2026-04-03")
    assert "1 rows above the header were passed over" in sv.read_report(contacts).summary()


def test_the_first_sheet_that_holds_something_is_read_or_the_one_that_is_named(tmp_path):
    path = book(tmp_path / "people.xlsx", Empty=[], Old=ROWS, New=[["contact_id", "plan"], ["9", "A"]])
    assert read(path)["contact_id"].tolist() == ["007", "8"]
    assert "sheet 2 of 3" in sv.read_report(read(path)).summary()
    assert read(path, sheet="New")["contact_id"].tolist() == read(path, sheet=3)["contact_id"].tolist() == ["9"]
    with pytest.raises(ArgumentError, match=r"sheet='Gone' is not there; the workbook has \['Empty', 'Old', 'New'\]"):
        read(path, sheet="Gone")


PEOPLE = [
    {"id": 51, "properties": {"email": "a@x.example", "firstname": "Ada"}},
    {"id": 52, "properties": {"email": "b@x.example"}},
]
LAYOUTS = {
    "array": json.dumps(PEOPLE),
    "wrapped": json.dumps({"results": PEOPLE, "paging": {"next": 3}}),
    "lines": "\n".join(map(json.dumps, PEOPLE)) + "\n",
}


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_json_of_any_layout_is_read_with_nested_fields(layout, encoding, tmp_path):
    path = tmp_path / "people.json"
    path.write_bytes(LAYOUTS[layout].encode(encoding))
    contacts = read(path)
    assert contacts["contact_id"].tolist() == ["51", "52"]
    assert contacts["email"].tolist() == ["a@x.example", "b@x.example"]
    assert contacts["first_name"].fillna("").tolist() == ["Ada", ""]


def test_lines_that_are_no_objects_are_set_aside_as_they_stand(tmp_path):
    (tmp_path / "people.jsonl").write_text(
        '{"contact_id": "C1"}\n{"contact_id": \n[1, 2]\n{"contact_id": "C2", "seats": "x"}\n'
    )
    contacts = read(tmp_path / "people.jsonl")
    report = sv.read_report(contacts)
    assert contacts["contact_id"].tolist() == ["C1", "C2"]
    assert report.rejects[["row", "reason", "raw"]].values.tolist() == [
        [2, "no JSON object", '{"contact_id": '],
        [3, "no JSON object", "[1, 2]"],
    ]
    assert report.n_rows == 4


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "is empty"),
        ("[1, 2]", "holds no JSON objects"),
        ("[", "is no readable json file"),
        ('"text"', "is no readable json file"),
        ("[]", "is no readable json file"),
    ],
)
def test_json_without_objects_is_told(content, message, tmp_path):
    (tmp_path / "people.json").write_text(content)
    with pytest.raises(DataError, match=f"contacts: people.json {message}"):
        read(tmp_path / "people.json")


def test_fields_of_several_kinds_are_text_and_keys_in_other_capitals_are_columns_of_their_own(tmp_path):
    (tmp_path / "people.json").write_text(
        '[{"contact_id": 1, "note": 2}, {"contact_id": "b", "note": {"x": 1}, "Note": 3}]'
    )
    contacts = read(tmp_path / "people.json")
    assert contacts["contact_id"].tolist() == ["1", "b"]
    assert {"note", "Note"} <= {name.split(".")[0] for name in contacts.columns}
