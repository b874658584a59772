"""History is the same table from every source, whatever the order of its rows and the zone of its clock."""

import json

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pytest

import segvspers as sv
from segvspers.errors import ArgumentError, DataError, MissingFileError


@pytest.fixture(scope="module")
def some(sample):
    return pd.read_csv(sample / "history.csv", dtype=str, keep_default_na=False).iloc[:400].replace("", None)


def saved(frame, kind, folder):
    path = folder / f"history.{kind}"
    if kind == "parquet":
        frame.to_parquet(path)
    elif kind == "xlsx":
        frame.to_excel(path, index=False)
    elif kind == "json":
        frame.to_json(path, orient="records")
    else:
        frame.to_csv(path, index=False, sep="\t" if kind == "tsv" else ";")
    return path


SOURCES = {
    "polars": lambda frame, _: pl.from_pandas(frame),
    "Arrow": lambda frame, _: pl.from_pandas(frame).to_arrow(),
    "DuckDB": lambda frame, _: duckdb.sql("SELECT * FROM frame"),  # noqa: ARG005  read by the query
} | {
    kind: lambda frame, folder, kind=kind: saved(frame, kind, folder)
    for kind in ("csv", "tsv", "parquet", "xlsx", "json")
}


@pytest.mark.parametrize("source", SOURCES)
def test_every_source_gives_the_same_history(some, source, tmp_path):
    pd.testing.assert_frame_equal(
        sv.read_history(SOURCES[source](some, tmp_path)), sv.read_history(some), check_dtype=False
    )


def test_the_input_stays_as_it_is(some):
    before = some.copy()
    sv.read_history(some)
    pd.testing.assert_frame_equal(some, before)


def test_rows_of_the_same_moment_keep_their_order_and_all_rows_are_kept(some):
    mixed = some.iloc[np.random.default_rng(1).permutation(len(some))].assign(mark=lambda rows: range(len(rows)))
    read = sv.read_history(mixed)
    assert len(read) == len(some)
    assert read["timestamp"].is_monotonic_increasing
    assert (read.groupby("timestamp")["mark"].diff().dropna() > 0).all()


def test_names_of_other_tools_are_known():
    frame = pd.DataFrame(
        {
            "Record ID": ["51"],
            "occurred_at": ["2026-09-08T08:00:00+02:00"],
            "type": ["open"],
            "sg_machine_open": ["true"],
        }
    )
    read = sv.read_history(frame)
    assert read[["contact_id", "event", "machine_open"]].values.tolist() == [["51", "open", True]]
    assert read["timestamp"].iloc[0] == pd.Timestamp("2026-09-08T06:00:00Z")


def events(**more):
    frame = {
        "contact_id": ["C1", "C2"],
        "timestamp": ["2026-09-08T06:00:00Z", "2026-09-07 08:00:00+02:00"],
        "event": ["sent", "open"],
    }
    return pd.DataFrame(frame | more)


def quietly(frame, **options):
    with pytest.warns(sv.RejectWarning):
        return sv.read_history(frame, **options)


def test_history_is_in_order_of_time_in_utc_with_every_column():
    history = sv.read_history(events())
    assert history["event"].tolist() == ["open", "sent"]
    assert str(history["timestamp"].iloc[0]) == "2026-09-07 06:00:00+00:00"
    assert {"topic", "amount_usd", "machine_open", "machine_click", "status"} <= set(history.columns)
    assert history["machine_open"].tolist() == [False, False]


def test_events_of_another_wording_are_mapped_or_left_out():
    words = {"Delivered OK": "delivered", "ping": None}
    history = sv.read_history(events(event=["delivered ok", "ping"]), events=words)
    assert history["event"].tolist() == ["delivered"]
    assert sv.read_report(history).left_out == {"events= says so": 1}


def test_a_mapping_to_an_unknown_event_is_told():
    with pytest.raises(ArgumentError, match=r"events= maps to \['arrived'\]; an event is one of \['assigned'"):
        sv.read_history(events(), events={"sent": "arrived"})


def test_several_files_and_tables_are_one_history(tmp_path):
    for number in (1, 2):
        events().to_csv(tmp_path / f"part{number}.csv", index=False)
    assert len(sv.read_history(str(tmp_path / "part*.csv"))) == 4
    assert len(sv.read_history([tmp_path / "part1.csv", tmp_path / "part2.csv"])) == 4
    mixed = sv.read_history([tmp_path / "part*.csv", events(), pl.from_pandas(events())])
    assert len(mixed) == 8
    assert [one.name for one in sv.read_report(mixed).sources][:2] == ["part1.csv", "part2.csv"]


@pytest.mark.parametrize(
    ("frame", "reason"),
    [
        (events(event=["sent", "teleported"]), "event is not known: teleported"),
        (events(event=["sent", None]), "event is empty"),
        (events(timestamp=["2026-09-08", "noonish"]), "timestamp is no time such as 2026-09-08T06:00:00Z"),
        (events(timestamp=["2026-09-08", "2326-01-01"]), "timestamp is no time such as 2026-09-08T06:00:00Z"),
        (events(timestamp=["2026-09-08", ""]), "timestamp is empty"),
        (events(contact_id=["C1", None]), "contact_id is empty, and no address stands in for it"),
    ],
)
def test_a_row_that_cannot_be_used_is_set_aside_with_its_reason(frame, reason):
    history = quietly(frame)
    report = sv.read_report(history)
    assert (report.n_rows, report.n_used, report.n_rejected, report.n_duplicates, report.n_left_out) == (2, 1, 1, 0, 0)
    assert report.rejects["row"].tolist() == [2]
    assert report.rejects["reason"][0].startswith(reason)
    assert json.loads(report.rejects["raw"][0])["timestamp"] == frame["timestamp"][1]


@pytest.mark.parametrize(
    ("column", "values"),
    [
        ("amount_usd", ["12", "a lot"]),
        ("machine_open", ["true", "perhaps"]),
        ("reply_class", ["positive", "ecstatic"]),
        ("step", ["1", "two"]),
    ],
)
def test_a_cell_that_cannot_be_read_is_left_empty_and_told(column, values):
    history = sv.read_history(events(**{column: values}))
    assert len(history) == 2
    unread = sv.read_report(history).unread
    assert unread[["row", "column", "value"]].values.tolist() == [[2, column, values[1]]]


def test_columns_that_no_table_has_are_told():
    with pytest.raises(DataError, match=r"columns= names \['wer'\], which no table has; there is \['contact_id'"):
        sv.read_history(events(), columns={"contact_id": "wer"})


def test_odd_and_further_columns_are_kept_as_they_are():
    frame = events(**{"": [1, 2], "Event": ["x", "y"], "_id": ["a", "b"], 'a"b': [True, False]})
    history = sv.read_history(frame)
    assert history[["_id_original", 'a"b', "Event"]].values.tolist() == [["b", False, "y"], ["a", True, "x"]]


def test_when_nothing_can_be_used_all_reasons_come_at_once_without_addresses():
    frame = events(contact_id=["C1", None], timestamp=["2026-09-08", "noonish"], event=["ada@example.com", "open"])
    with pytest.raises(DataError) as problem:
        sv.read_history(frame)
    told = str(problem.value)
    assert "2 problems" in told
    assert "no row can be used: event is not known: an address (1 row)" in told
    assert "timestamp is no time such as 2026-09-08T06:00:00Z; contact_id is empty" in told
    assert "example.com" not in told


def test_a_table_of_an_unknown_form_is_told_what_was_found_and_what_is_needed():
    with pytest.raises(DataError) as problem:
        sv.read_history(pd.DataFrame({"wer": ["a"], "wann": ["b"], "was": ["c"]}))
    told = str(problem.value)
    assert "lacks ['contact_id', 'timestamp', 'event']" in told
    assert "its columns are ['wer', 'wann', 'was']" in told
    assert "columns={'contact_id': ..., 'timestamp': ..., 'event': ...}" in told
    assert "sendgrid" in told


def test_columns_map_a_form_that_nobody_described():
    frame = pd.DataFrame({"wer": ["C1"], "wann": ["08.09.2026 06:00"], "was": ["Gelesen"]})
    columns = {"contact_id": "wer", "timestamp": "wann", "event": "was"}
    history = sv.read_history(frame, columns=columns, events={"gelesen": "open"})
    assert history[["contact_id", "event"]].values.tolist() == [["C1", "open"]]
    assert history["timestamp"][0] == pd.Timestamp("2026-09-08T06:00Z")
    assert sv.read_report(history).mapping == {"wer": "contact_id", "wann": "timestamp", "was": "event"}


def test_times_without_a_zone_are_taken_in_the_stated_one_and_said():
    frame = events(timestamp=["2026-07-01 12:00:00", "2026-07-01T12:00:00+00:00"])
    history = sv.read_history(frame, timezone="America/New_York")
    assert history["timestamp"].dt.hour.tolist() == [12, 16]
    assert "1 time without a zone taken as America/New_York" in sv.read_report(history).summary()
    naive = frame.assign(timestamp=pd.to_datetime(["2026-07-01 12:00", "2026-01-01 12:00"]))
    assert sv.read_history(naive, timezone="Europe/Paris")["timestamp"].dt.hour.tolist() == [11, 10]
    odd = events(timestamp=["13/04/2026 12:00", "04/05/2026 12:00"])
    assert sv.read_history(odd, timezone="Europe/Paris")["timestamp"].dt.month.tolist() == [4, 5]


def test_an_unknown_time_zone_is_told():
    with pytest.raises(ArgumentError, match="timezone='Mars/Olympus' is not known; write a zone such as 'UTC'"):
        sv.read_history(events(), timezone="Mars/Olympus")


def test_an_event_id_that_stands_twice_counts_once():
    frame = pd.concat([events(event_id=["a", "b"]), events(event_id=["a", "c"])])
    report = sv.read_report(sv.read_history(frame))
    assert (report.n_rows, report.n_used, report.n_duplicates) == (4, 3, 1)
    assert "4 rows in = 3 used + 0 rejected + 1 duplicate + 0 left out on purpose" in report.summary()


PEOPLE = pd.DataFrame(
    {"contact_id": ["C1", "C2", "C3", "C4"], "email": ["Ada@x.org", "bo@x.org", "hi@x.org", "hi@x.org"]}
)


def test_addresses_become_contacts():
    frame = pd.DataFrame(
        {"email": [" ADA@x.org", "Bo <bo@x.org>"], "timestamp": ["2026-09-08", "2026-09-09"], "event": ["open"] * 2}
    )
    assert sv.read_history(frame, contacts=PEOPLE)["contact_id"].tolist() == ["C1", "C2"]
    assert sv.read_history(frame)["contact_id"].tolist() == ["ada@x.org", "bo@x.org"]


def test_an_address_of_nobody_or_of_several_is_set_aside():
    frame = pd.DataFrame(
        {"email": ["ada@x.org", "no@x.org", "hi@x.org"], "timestamp": ["2026-09-08"] * 3, "event": ["open"] * 3}
    )
    report = sv.read_report(quietly(frame, contacts=PEOPLE))
    assert report.rejects["reason"].tolist() == [
        "the address is not among the contacts",
        "the address belongs to several contacts",
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "history: history.csv is empty"),
        ("contact_id timestamp event\nC1 2026-09-08 open\n", "history: history.csv seems to have one column only"),
    ],
)
def test_a_bad_file_is_told(text, message, tmp_path):
    (tmp_path / "history.csv").write_text(text)
    with pytest.raises(DataError, match=message):
        sv.read_history(tmp_path / "history.csv")


def test_a_missing_file_is_told(tmp_path):
    with pytest.raises(MissingFileError, match="history: no file at .*gone.csv; check the spelling and the folder"):
        sv.read_history(tmp_path / "gone.csv")


def test_a_long_table_keeps_its_order_and_its_row_numbers():
    n = 400_000
    frame = pd.DataFrame(
        {
            "contact_id": [f"C{i}" for i in range(n)],
            "timestamp": "2026-09-08T06:00:00Z",
            "event": ["open"] * n,
            "machine_open": ["true", "false"] * (n // 2),
            "reply_class": ["positive"] * n,
        }
    )
    frame.loc[[9, 399_990], "event"] = "teleported"
    history = quietly(frame)
    assert history["contact_id"].tolist() == [f"C{i}" for i in range(n) if i not in {9, 399_990}]
    assert sv.read_report(history).rejects["row"].tolist() == [10, 399_991]
