"""The report of a reading: its counts add up, nothing of a row is lost, and pandas can do with it what it likes."""

import copy
import json
import pickle

import pandas as pd
import pytest

import segvspers as sv
from segvspers.errors import DataError
from segvspers.tables import open_table


def faulty():
    return pd.DataFrame(
        {"contact_id": ["C1", None, "C1", "C2"], "first_name": ["Ada", "Bo", "Cy", "Dé"], "seats": [1, 2, 3, 4]}
    )


@pytest.fixture
def contacts():
    with pytest.warns(
        sv.RejectWarning, match="contacts: 4 rows in = 2 used \\+ 2 rejected. Why: no contact_id and no email"
    ):
        return sv.read_contacts(faulty())


def test_rows_in_are_rows_used_and_rows_rejected(contacts):
    report = sv.read_report(contacts)
    assert (report.n_rows, report.n_used, report.n_rejected) == (4, 2, 2)
    assert report.n_used == len(contacts)
    assert "4 rows in = 2 used + 2 rejected" in report.summary()


def test_rejects_name_the_row_and_the_reason_and_keep_the_row(contacts):
    rejects = sv.read_report(contacts).rejects
    assert rejects.columns.tolist() == ["source", "row", "reason", "raw"]
    assert rejects["row"].tolist() == [2, 3]
    assert rejects["reason"].tolist() == [
        "no contact_id and no email",
        "contact_id is repeated: row 1 has it and is kept",
    ]
    assert json.loads(rejects["raw"][1]) == {"contact_id": "C1", "first_name": "Cy", "seats": 3}


def test_a_row_with_two_faults_is_one_reject_with_both_reasons():
    reading = open_table(faulty(), table="contacts")
    reading.reject([True, False, None, False], "first fault")
    reading.reject([True, True, False, False], ["a: of row 1", "b: of row 2", "", ""])
    report = reading.report()
    assert report.rejects[["row", "reason"]].values.tolist() == [[1, "first fault; a: of row 1"], [2, "b: of row 2"]]
    assert set(report.reasons()["reason"]) == {"first fault; a", "b"}
    assert reading.kept.tolist() == [False, False, True, True]


def test_what_was_noted_is_told_in_words_frames_and_html():
    reading = open_table(pd.DataFrame({"a<b": [1]}), table="contacts")
    reading.mapping["a<b"] = "plan"
    reading.convert("plan", "made upper case", 7)
    reading.convert("plan", "not done", 0)
    reading.note("Mind the <gap>.")
    report = reading.report()
    assert report.summary() == (
        "contacts: 1 row in = 1 used + 0 rejected. Renamed: a<b -> plan. Converted: made upper case: plan (7). Mind the <gap>."
    )
    assert report.to_frame().values.tolist() == [["plan", "a<b", "renamed", 1], ["plan", "", "made upper case", 7]]
    page = report._repr_html_()
    assert "a&lt;b" in page
    assert "Mind the &lt;gap&gt;." in page
    assert page == report._repr_html_()


@pytest.mark.parametrize(
    "done",
    [
        lambda frame: frame.copy(),
        lambda frame: frame[frame["seats"] > 1],
        lambda frame: frame.assign(more=1).sort_values("seats"),
        lambda frame: pd.concat([frame, frame]),
        lambda frame: pd.concat([frame, frame.copy()], axis=1),
        lambda frame: frame.merge(frame[["contact_id"]], on="contact_id"),
        lambda frame: pickle.loads(pickle.dumps(frame)),
        copy.deepcopy,
    ],
)
def test_the_report_goes_along_with_what_pandas_makes(contacts, done):
    assert sv.read_report(done(contacts)).n_rejected == 2


def test_tables_with_different_reports_can_be_joined(contacts):
    other = sv.read_contacts(pd.DataFrame({"contact_id": ["C9"], "plan": ["A"]}))
    assert len(pd.concat([contacts, other])) == 3
    assert len(contacts.merge(other, on="contact_id", how="outer")) == 3
    assert contacts.attrs != other.attrs


def test_copies_share_one_report(contacts):
    assert sv.read_report(contacts.copy()) is sv.read_report(contacts)


def test_a_table_with_a_report_can_be_written_and_leaves_the_summary_there(contacts, tmp_path):
    contacts.to_parquet(tmp_path / "contacts.parquet")
    contacts.to_json(tmp_path / "contacts.json")
    again = pd.read_parquet(tmp_path / "contacts.parquet")
    assert again.attrs["read_report"] == sv.read_report(contacts).summary()
    with pytest.raises(DataError, match="this table bears no report of its reading; read_report takes what"):
        sv.read_report(again)
    with pytest.raises(DataError, match="bears no report"):
        sv.read_report(42)


def test_no_sentence_of_the_report_holds_a_name(contacts):
    report = sv.read_report(contacts)
    told = report.summary() + report._repr_html_() + str(report.reasons()) + str(report.to_frame())
    assert not any(name in told for name in ("Ada", "Bo<", "Cy", "Dé"))
