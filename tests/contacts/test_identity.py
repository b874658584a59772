"""Every contact is told apart: by an id, else by the email address; what stands twice is kept once; gaps are filled openly."""

import warnings

import duckdb
import pandas as pd
import pytest

import segvspers as sv
from segvspers.errors import ArgumentError, DataError, MissingFileError


def read(frame, **options):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", sv.RejectWarning)
        return sv.read_contacts(frame, **options)


def test_without_ids_the_address_in_lower_case_is_the_id():
    contacts = read(pd.DataFrame({"Email": ["Ada@X.example ", "bo@x.example"], "First Name": ["Ada", "Bo"]}))
    assert contacts["contact_id"].tolist() == ["ada@x.example", "bo@x.example"]
    assert contacts["email"].tolist() == ["Ada@X.example", "bo@x.example"]
    assert "the email address in lower case stands in for it: contact_id (2)" in sv.read_report(contacts).summary()


def test_a_row_without_an_id_is_known_by_its_address_unless_another_row_has_it():
    frame = pd.DataFrame(
        {
            "contact_id": ["C1", None, None, None],
            "email": ["a@x.example", "b@x.example", "A@x.example", None],
            "plan": list("pqrs"),
        }
    )
    contacts = read(frame)
    assert contacts["contact_id"].tolist() == ["C1", "b@x.example"]
    assert sv.read_report(contacts).rejects[["row", "reason"]].values.tolist() == [
        [3, "no contact_id, and another row has the email: row 1 has it and is kept"],
        [4, "no contact_id and no email"],
    ]


def test_of_rows_with_one_id_the_first_that_can_be_used_is_kept():
    frame = pd.DataFrame({"contact_id": ["C1", "C1", " C1 ", "C2"], "consent": ["perhaps", "yes", "no", "no"]})
    contacts = read(frame)
    assert contacts[["contact_id", "consent"]].values.tolist() == [["C1", True], ["C2", False]]
    assert sv.read_report(contacts).rejects["reason"].tolist() == [
        "consent is not true or false",
        "contact_id is repeated: row 2 has it and is kept",
    ]


def test_repeats_across_files_name_the_file(tmp_path):
    for name in ("one", "two"):
        pd.DataFrame({"contact_id": ["C1", f"C-{name}"], "plan": ["a", "b"]}).to_csv(
            tmp_path / f"{name}.csv", index=False
        )
    contacts = read(str(tmp_path / "*.csv"))
    assert contacts["contact_id"].tolist() == ["C1", "C-one", "C-two"]
    rejects = sv.read_report(contacts).rejects
    assert rejects[["source", "row", "reason"]].values.tolist() == [
        ["two.csv", 1, "contact_id is repeated: row 1 of one.csv has it and is kept"]
    ]


def test_an_address_of_two_contacts_is_noted():
    contacts = read(pd.DataFrame({"contact_id": ["C1", "C2"], "email": ["a@x.example", "A@x.example"]}))
    assert len(contacts) == 2
    assert sv.read_report(contacts).notes == ("1 email address stands with more than one contact_id.",)


def test_an_empty_row_is_called_empty():
    contacts = read(pd.DataFrame({"contact_id": ["C1", None], "email": [None, ""], "plan": ["A", None]}))
    assert sv.read_report(contacts).rejects["reason"].tolist() == ["the row is empty"]


def test_a_size_is_made_of_the_number_of_employees_and_a_first_name_of_the_whole_name():
    frame = pd.DataFrame(
        {
            "contact_id": ["1", "2", "3", "4"],
            "Full Name": ["Ada Byron King", "Roe, Bo", "Cher", None],
            "employees": ["10", "11", "1,500", "0"],
        }
    )
    contacts = read(frame)
    assert contacts["first_name"].fillna("").tolist() == ["Ada", "Bo", "Cher", ""]
    assert contacts["last_name"].fillna("").tolist() == ["Byron King", "Roe", "", ""]
    assert contacts["company_size"].astype(object).fillna("").tolist() == ["1-10", "11-50", "1000+", ""]
    assert contacts["company_size"].cat.ordered


def test_sizes_of_another_vendor_keep_an_order_by_their_numbers():
    contacts = read(pd.DataFrame({"contact_id": list("abc"), "company_size": ["1001-5000", "51-200", "501-1000"]}))
    assert contacts["company_size"].cat.categories.tolist() == ["51-200", "501-1000", "1001-5000"]
    assert contacts["company_size"].cat.ordered
    numbers = read(pd.DataFrame({"contact_id": list("ab"), "company_size": ["12", "700"]}))
    assert numbers["company_size"].astype(str).tolist() == ["11-50", "201-1000"]
    assert numbers["n_employees"].tolist() == [12, 700]


def test_an_sql_query_is_read(tmp_path):
    pd.DataFrame({"contact_id": ["C1", "C2"], "seats": [1, 2]}).to_parquet(tmp_path / "people.parquet")
    contacts = read(f"SELECT * FROM '{tmp_path / 'people.parquet'}' WHERE seats > 1")
    assert contacts["contact_id"].tolist() == ["C2"]
    duckdb.sql("CREATE OR REPLACE TABLE people_of_a_test AS SELECT 'C9' AS contact_id")
    assert read("from people_of_a_test")["contact_id"].tolist() == ["C9"]
    duckdb.sql("DROP TABLE people_of_a_test")
    with pytest.raises(DataError, match="contacts: the query can't be run"):
        read("SELECT nothing FROM nowhere")


def test_a_table_written_with_its_ids_as_index_is_read_whole(tmp_path):
    pd.DataFrame({"contact_id": ["C1"], "plan": ["A"]}).set_index("contact_id").to_parquet(tmp_path / "people.parquet")
    assert read(tmp_path / "people.parquet").columns.tolist() == ["contact_id", "plan"]


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"encoding": "klingon"}, ArgumentError, "encoding='klingon' is not known"),
        ({"delimiter": ",,"}, ArgumentError, "delimiter=',,' must be one character"),
        ({"decimal": ";"}, ArgumentError, "decimal=';' is not known; choose one of"),
    ],
)
def test_what_the_user_says_wrongly_is_told(options, error, message, tmp_path):
    (tmp_path / "people.csv").write_text("contact_id,plan\nC1,A\n")
    with pytest.raises(error, match=message):
        read(tmp_path / "people.csv", **options)


def test_a_folder_is_told_to_be_a_glob(tmp_path):
    with pytest.raises(MissingFileError, match=r"is a folder; name its files by a glob such as .*/\*.csv"):
        read(tmp_path)
