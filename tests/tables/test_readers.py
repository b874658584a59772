"""Contacts and history are read whole from whatever they come in, or refused with every problem at once."""

import duckdb
import pandas as pd
import polars as pl
import pytest

import segvspers as sv
from segvspers.errors import DataError, MissingFileError


def people():
    return pd.DataFrame(
        {
            "contact_id": ["C1", "C2", "C3"],
            "first_name": ["Ada", "Éva", None],
            "company": ["Pine, Oak & Co", 'The "Mill"', "Zephyr"],
            "company_size": ["11-50", "1-10", None],
            "signup_date": ["2025-10-14", "2026-01-02", None],
            "consent": ["true", "no", None],
            "seats": ["3", "12", None],
            "postcode": ["01234", "99999", None],
        }
    )


def saved(kind, folder):
    frame, path = people(), folder / f"people.{kind.split(' ')[0]}"
    if kind.startswith(("csv", "tsv")):
        options = {"csv": {}, "csv semicolon": {"sep": ";"}, "tsv": {"sep": "\t"}, "csv bar": {"sep": "|"},
                   "csv utf-16": {"encoding": "utf-16"}, "csv cp1252": {"encoding": "cp1252"},
                   "csv bom": {"encoding": "utf-8-sig"}}[kind]  # fmt: skip
        frame.to_csv(path, index=False, **options)
    elif kind == "parquet":
        frame.to_parquet(path)
    elif kind == "xlsx":
        frame.to_excel(path, index=False)
    elif kind == "json":
        frame.to_json(path, orient="records")
    else:
        frame.to_json(path, orient="records", lines=True)
    return path


KINDS = [
    "csv",
    "csv semicolon",
    "tsv",
    "csv bar",
    "csv utf-16",
    "csv cp1252",
    "csv bom",
    "parquet",
    "xlsx",
    "json",
    "jsonl",
]


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_file_gives_the_same_table(kind, tmp_path):
    read = sv.read_contacts(saved(kind, tmp_path))
    expected = sv.read_contacts(people())
    for name in ("contact_id", "first_name", "company", "signup_date"):
        assert read[name].astype(object).where(read[name].notna(), None).tolist() == (
            expected[name].astype(object).where(expected[name].notna(), None).tolist()
        )
    assert read["company_size"].cat.categories.tolist() == ["1-10", "11-50", "51-200", "201-1000", "1000+"]
    assert read["consent"].tolist()[:2] == [True, False]


@pytest.mark.parametrize(
    "made",
    [pl.from_pandas, lambda frame: pl.from_pandas(frame).lazy(), lambda frame: pl.from_pandas(frame).to_arrow()],
)
def test_tables_of_other_libraries_are_read(made):
    assert sv.read_contacts(made(people()))["company"].tolist() == people()["company"].tolist()


def test_a_duckdb_relation_is_read():
    frame = people()  # noqa: F841  read by the query
    assert sv.read_contacts(duckdb.sql("SELECT * FROM frame"))["contact_id"].tolist() == ["C1", "C2", "C3"]


def test_numbers_become_numbers_and_postcodes_stay_text(tmp_path):
    read = sv.read_contacts(saved("csv", tmp_path))
    assert read["seats"].tolist()[:2] == [3, 12]
    assert read["postcode"].tolist()[:2] == ["01234", "99999"]


def test_the_input_stays_as_it_is():
    frame = people()
    sv.read_contacts(frame)
    pd.testing.assert_frame_equal(frame, people())


def test_vendor_headers_are_recognised_and_shown():
    frame = pd.DataFrame(
        {"Record ID": ["1"], "First Name": ["Ada"], "Create Date": ["2026-01-02"], "Job Title": ["CMO"]}
    )
    read = sv.read_contacts(frame)
    assert read.columns.tolist() == ["contact_id", "first_name", "signup_date", "job_title"]
    assert "Record ID -> contact_id" in sv.read_report(read).summary()


def test_what_the_user_says_goes_before_the_aliases():
    frame = pd.DataFrame({"contact_id": ["x"], "Record ID": ["1"]})
    read = sv.read_contacts(frame, columns={"contact_id": "Record ID"})
    assert read["contact_id"].tolist() == ["1"]
    assert read["contact_id_original"].tolist() == ["x"]


def test_the_delimiter_and_encoding_that_were_found_are_shown(tmp_path):
    assert (
        "people.csv: semicolon, UTF-8." in sv.read_report(sv.read_contacts(saved("csv semicolon", tmp_path))).summary()
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "contacts: people.csv is empty; it needs a header line and rows"),
        ("notes\nC1\n", "seems to have one column only"),
        ("contact_id~name\nC1~Ada\n", "seems to have one column only; its first line holds none of the delimiters"),
        ("name,phone\nAda,12\n", r"there is no column 'contact_id' or 'email' among \['name', 'phone'\]"),
        ("contact_id,name\n", "there are no rows below the header"),
        ("contact_id,name\n,Ada\n,Bo\n", r"no row can be used: no contact_id and no email \(2 rows\)"),
        ("contact_id,name\nC1\nC2\n", r"no row can be used: wrong number of fields \(2 rows\)"),
        (
            "contact_id,signup_date\nC1,2026-01-02\nC2,soonish\nC3,later\n",
            r"'signup_date' holds what is not a date such as 2026-09-08 in 2 of 3 rows .*\(row 2, 3\); mend it, or name another column with columns=\{'signup_date': ...\} or none with columns=\{'signup_date': None\}",
        ),
        ("contact_id,consent\nC1,maybe\n", "'consent' holds what is not true or false in 1 of 1 rows"),
    ],
)
def test_what_is_wrong_with_a_whole_file_is_an_error(text, message, tmp_path):
    (tmp_path / "people.csv").write_text(text)
    with pytest.raises(DataError, match=message):
        sv.read_contacts(tmp_path / "people.csv")


def test_all_problems_come_at_once_and_name_nobody(tmp_path):
    (tmp_path / "people.csv").write_text("first_name,phone,signup_date,consent\nAda,+4670,never,perhaps\n")
    with pytest.raises(DataError) as problem:
        sv.read_contacts(tmp_path / "people.csv")
    told = str(problem.value)
    assert "3 problems" in told
    assert not any(word in told for word in ("Ada", "4670", "never", "perhaps"))


def test_the_problems_of_all_files_come_at_once(tmp_path):
    (tmp_path / "one.csv").write_text("")
    (tmp_path / "two.parquet").write_text("x")
    with pytest.raises(DataError, match=r"(?s)2 problems.*one.csv is empty.*two.parquet is no readable parquet file"):
        sv.read_contacts(str(tmp_path / "*.*"))


def test_a_missing_file_and_a_strange_object_are_told(tmp_path):
    with pytest.raises(MissingFileError, match="no file at .*gone.csv; check the spelling"):
        sv.read_contacts(tmp_path / "gone.csv")
    with pytest.raises(DataError, match="a int is no table"):
        sv.read_contacts(42)
    (tmp_path / "people.docx").write_text("x")
    with pytest.raises(DataError, match="unknown ending"):
        sv.read_contacts(tmp_path / "people.docx")
    (tmp_path / "people.parquet").write_text("x")
    with pytest.raises(DataError, match="no readable parquet file"):
        sv.read_contacts(tmp_path / "people.parquet")
    with pytest.raises(DataError, match=r"columns= names \['nothing'\]"):
        sv.read_contacts(people(), columns={"contact_id": "nothing"})
