"""History is the same table from every source, whatever the order of its rows and the zone of its clock."""

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pytest

import segvspers as sv
from segvspers.errors import DataError, MissingFileError


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


def test_several_problems_come_in_one_message_without_addresses():
    frame = pd.DataFrame(
        {"contact_id": ["C1", None], "timestamp": ["2026-09-08", "noonish"], "event": ["ada@example.com", "open"]}
    )
    with pytest.raises(DataError) as problem:
        sv.read_history(frame)
    told = str(problem.value)
    assert "3 problems" in told
    assert "'timestamp' holds what is not a time such as 2026-09-08T06:00:00Z in row 2" in told
    assert "'event' holds 'an address'" in told
    assert "1 rows have no contact_id" in told
    assert "example.com" not in told


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
