"""The same facts come from every form of the tables, and go to a file without a frame between."""

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import segvspers as sv
from segvspers.errors import ArgumentError, DataError, MissingFileError

DAY = "2026-11-01"


@pytest.fixture(scope="module")
def contacts(sample):
    people = sv.read_contacts(sample / "contacts.csv").head(400)
    people.attrs = {}
    return people


@pytest.fixture(scope="module")
def history(sample, contacts):
    events = sv.read_history(sample / "history.csv")
    events.attrs = {}
    return events[events["contact_id"].isin(contacts["contact_id"])].reset_index(drop=True)


@pytest.fixture(scope="module")
def facts(contacts, history):
    return sv.derive_facts(contacts, history, as_of=DAY)


@pytest.fixture(scope="module")
def files(contacts, history, tmp_path_factory):
    folder = tmp_path_factory.mktemp("parquet")
    contacts.to_parquet(folder / "contacts.parquet")
    history.to_parquet(folder / "history.parquet")
    for place, start in enumerate(range(0, len(history), 1500)):
        (folder / "parts").mkdir(exist_ok=True)
        history.iloc[start : start + 1500].to_parquet(folder / "parts" / f"part-{place:02d}.parquet")
    return folder


@pytest.mark.parametrize("form", ["arrow", "polars", "relation", "parquet", "folder", "glob", "list"])
def test_every_form_of_the_tables_gives_the_same_facts(form, contacts, history, facts, files):
    people, parts = files / "contacts.parquet", sorted((files / "parts").glob("*.parquet"))
    relation = duckdb.connect()
    given = {
        "arrow": lambda: (pa.Table.from_pandas(contacts), pa.Table.from_pandas(history)),
        "polars": lambda: (pl.from_pandas(contacts), pl.from_pandas(history).lazy()),
        "relation": lambda: (relation.read_parquet(str(people)), relation.read_parquet(str(files / "history.parquet"))),
        "parquet": lambda: (people, str(files / "history.parquet")),
        "folder": lambda: (people, files / "parts"),
        "glob": lambda: (people, str(files / "parts" / "*.parquet")),
        "list": lambda: ([people], parts),
    }[form]()
    pd.testing.assert_frame_equal(sv.derive_facts(*given, as_of=DAY), facts)


def test_facts_written_to_a_file_are_those_of_the_frame(facts, files, tmp_path):
    out = sv.derive_facts(
        files / "contacts.parquet",
        files / "parts",
        as_of=DAY,
        to=tmp_path / "new" / "facts.parquet",
        memory_limit="500MB",
    )
    assert out == tmp_path / "new" / "facts.parquet"
    assert [path.name for path in out.parent.iterdir()] == ["facts.parquet"]
    read = pd.read_parquet(out)
    pd.testing.assert_frame_equal(read.astype(facts.dtypes), facts)


def test_a_run_that_fails_leaves_the_file_that_was_there_and_nothing_else(files, tmp_path):
    out = tmp_path / "facts.parquet"
    out.write_text("of yesterday")
    with pytest.raises(DataError, match=r"history lacks \['contact_id', 'timestamp', 'event'\]; it has \['who'\]"):
        sv.derive_facts(files / "contacts.parquet", pa.table({"who": ["a"]}), as_of=DAY, to=out)
    assert out.read_text() == "of yesterday"
    assert [path.name for path in tmp_path.iterdir()] == ["facts.parquet"]


def test_what_is_no_table_and_no_file_is_told(contacts, history, files, tmp_path):
    with pytest.raises(MissingFileError, match="history: no file at"):
        sv.derive_facts(contacts, tmp_path / "none.parquet", as_of=DAY)
    (tmp_path / "events.csv").write_text("contact_id,timestamp,event\n")
    with pytest.raises(DataError, match=r"events.csv is no Parquet file; read it with read_history\(\)"):
        sv.derive_facts(contacts, tmp_path / "events.csv", as_of=DAY)
    (tmp_path / "broken.parquet").write_bytes(b"PAR1 but not quite")
    with pytest.raises(DataError, match=r"history: .*broken.parquet.*; save the files as Parquet again"):
        sv.derive_facts(contacts, tmp_path / "broken.parquet", as_of=DAY)
    with pytest.raises(DataError, match="contacts: the engine can't read the table: .*period"):
        sv.derive_facts(contacts.assign(age=pd.period_range("2026-01", periods=400, freq="M")), history, as_of=DAY)
    with pytest.raises(DataError, match="history: a int is no table"):
        sv.derive_facts(contacts, 3, as_of=DAY)
    with pytest.raises(ArgumentError, match="memory_limit='much' is no amount of memory; write it like '2GB'"):
        sv.derive_facts(contacts, files / "history.parquet", as_of=DAY, memory_limit="much")


def test_too_little_memory_and_a_folder_for_a_file_are_told(contacts, history, tmp_path):
    with pytest.raises(ArgumentError, match="memory_limit='2MB' is too little for these tables; allow more"):
        sv.derive_facts(contacts, history, as_of=DAY, memory_limit="2MB")
    with pytest.raises(ArgumentError, match="to= names a folder; name a file in it, such as facts.parquet"):
        sv.derive_facts(contacts, history, as_of=DAY, to=tmp_path)
    assert not list(tmp_path.iterdir())


def test_all_problems_of_history_come_at_once():
    events = pd.DataFrame(
        {
            "contact_id": ["a", "a", "zed", None],
            "timestamp": ["2026-10-01", "no time", "2026-10-01", "2026-10-01"],
            "event": ["purchase", "purchase", "jane@bought.example", None],
            "amount_usd": ["12", "twelve", None, None],
        }
    )
    with pytest.raises(DataError) as caught:
        sv.derive_facts(pd.DataFrame({"contact_id": ["a"]}), events, as_of=DAY)
    told = str(caught.value)
    for words in (
        "history: 5 problems",
        "1 rows have no timestamp that can be read; write it like 2026-05-01T12:00:00Z",
        "1 rows have no event; fill or remove them",
        "1 rows have text in amount_usd or machine_*; make them numbers and truth values",
        "events 'an address' (1 rows) are not known; name what they are with events={...} in read_history()",
        "2 rows refer to 2 contacts that contacts lacks (row 2, 3); add them to contacts, or leave these rows out",
    ):
        assert words in told
    assert "jane" not in told


def test_all_problems_of_contacts_come_at_once():
    people = pd.DataFrame({"contact_id": ["a", "a", None], "signup_date": ["2026-01-01", "spring", None]})
    events = pd.DataFrame({"contact_id": ["a"], "timestamp": ["2026-10-01"], "event": ["purchase"]})
    with pytest.raises(DataError) as caught:
        sv.derive_facts(people, events, as_of=DAY)
    for words in (
        "contacts: 3 problems",
        "1 rows have no contact_id; fill or remove them",
        "1 rows repeat a contact_id that stands in another row; keep one row a contact",
        "1 values of signup_date are no day; write it like 2026-05-01",
    ):
        assert words in str(caught.value)


def test_columns_called_like_those_of_the_engine_do_no_harm(history, contacts, facts):
    odd = contacts.assign(who=1, number=2, happened=3, day=4, today=5, product="x", topic="y", number_1="z", opened=1)
    strange = history.assign(who="x", number=1, happened=2, day=3, mail="m", human=False, delicate=True, unread=True)
    pd.testing.assert_frame_equal(sv.derive_facts(odd, strange, as_of=DAY), facts)


def test_a_column_twice_is_told(contacts, history):
    twice = pd.concat([contacts, contacts[["region"]]], axis=1)
    with pytest.raises(DataError, match="several columns are called 'region'"):
        sv.derive_facts(twice, history, as_of=DAY)


@pytest.mark.parametrize("stored", ["UTC", "Asia/Tokyo", "naive", "text", "text with zone"])
def test_times_mean_utc_however_they_are_stored(stored):
    moment = pd.Timestamp("2026-10-31T23:30:00Z")
    times = {
        "UTC": [moment],
        "Asia/Tokyo": [moment.tz_convert("Asia/Tokyo")],
        "naive": [moment.tz_localize(None)],
        "text": ["2026-10-31 23:30:00"],
        "text with zone": ["2026-11-01T08:30:00+09:00"],
    }[stored]
    events = pd.DataFrame({"contact_id": ["a"], "timestamp": times, "event": "purchase", "product": "Plan B"})
    people = pd.DataFrame({"contact_id": ["a"]})
    found = sv.derive_facts(people, events, as_of="2026-10-31")
    assert found["occurred_on"].tolist() == [pd.Timestamp("2026-10-31")]
    assert sv.derive_facts(people, events, as_of="2026-10-30").empty
