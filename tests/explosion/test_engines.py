"""The same explosion from any kind of table."""

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pytest

from explosion_lists import COLUMNS as BY
from explosion_lists import COUNTS as TOLD
from explosion_lists import mixed_list
from segvspers import explode_segments
from segvspers.errors import DataError, MissingFileError


@pytest.fixture(scope="module")
def contacts():
    return mixed_list()


def tables(frame, folder):
    path = folder / "contacts.parquet"
    frame.to_parquet(path)
    return {
        "polars": pl.from_pandas(frame),
        "arrow": pl.from_pandas(frame).to_arrow(),
        "parquet": path,
        "glob": str(folder / "*.parquet"),
        "relation": duckdb.from_df(frame),
    }


@pytest.mark.parametrize("kind", ["polars", "arrow", "parquet", "glob", "relation"])
def test_every_kind_of_table_gives_the_same_counts(contacts, tmp_path, kind):
    expected = explode_segments(contacts, by=BY, outcome="replied")
    found = explode_segments(tables(contacts, tmp_path)[kind], by=BY, outcome="replied")
    assert {name: getattr(found, name) for name in TOLD} == {name: getattr(expected, name) for name in TOLD}
    pd.testing.assert_frame_equal(found.growth, expected.growth)
    np.testing.assert_allclose(found.subsets["explained_in_sample"], expected.subsets["explained_in_sample"], rtol=1e-9)
    assert "plan" in found.best_attributes
    assert found.base_rate == pytest.approx(expected.base_rate)


@pytest.mark.parametrize("outcome", [None, "replied"])
def test_a_grid_too_large_for_an_array_is_grouped_by_the_engine(contacts, outcome, monkeypatch):
    expected = explode_segments(duckdb.from_df(contacts), by=BY, outcome=outcome)
    monkeypatch.setattr("segvspers.explosion.engines.duck.DENSE_LIMIT", 0)
    found = explode_segments(duckdb.from_df(contacts), by=BY, outcome=outcome)
    assert expected.cube.finest.block.codes is None
    assert found.cube.finest.block.codes is not None
    pd.testing.assert_frame_equal(found.subsets, expected.subsets)
    pd.testing.assert_frame_equal(found.cells, expected.cells)


def test_keys_wider_than_a_number_are_split(contacts):
    wide = {f"x{place}": [f"level {i % (97 + place)}" for i in range(4_000)] for place in range(10)}
    frame = contacts.assign(**wide)
    found = explode_segments(duckdb.from_df(frame), by=list(wide), largest_subset=2)
    expected = explode_segments(frame, by=list(wide), largest_subset=2)
    assert found.n_possible > 2.0**62
    pd.testing.assert_frame_equal(found.subsets, expected.subsets)


def test_neighbours_come_from_whole_cells_when_a_sample_would_hold_few(contacts, monkeypatch):
    monkeypatch.setattr("segvspers.explosion.engines.grouped.N_SAMPLED", 200)
    monkeypatch.setattr("segvspers.explosion.engines.grouped.N_COMPARED", 1_000)
    fine = contacts.assign(cell=[f"c{i % 900}" for i in range(4_000)])
    found = explode_segments(duckdb.from_df(fine), by=["cell"])
    exact = explode_segments(fine, by=["cell"])
    assert len(found.pair)
    assert found.difference_within == pytest.approx(exact.difference_within, abs=0.05)


def test_the_same_file_gives_the_same_numbers_twice(contacts, tmp_path):
    path = tables(contacts, tmp_path)["parquet"]
    one, two = (explode_segments(path, by=BY, outcome="replied") for _ in range(2))
    pd.testing.assert_frame_equal(one.subsets, two.subsets)
    pd.testing.assert_frame_equal(one.pair, two.pair)
    assert one.explained_by_contact == two.explained_by_contact


def test_duckdb_cuts_numbers_into_bands(contacts, tmp_path):
    found = explode_segments(tables(contacts, tmp_path)["parquet"], by=["spend", "plan"])
    assert found.n_possible == 15
    assert found.cells["n_contacts"].min() > 150


def test_problems_of_a_file_are_told_at_once(contacts, tmp_path):
    path = tables(contacts.assign(nothing=pd.Series([None] * 4_000, dtype="float")), tmp_path)["parquet"]
    with pytest.raises(
        DataError,
        match=r"(?s)2 problems.*'contact_id' has about [\d,]+ levels in 4,000 rows.*'nothing' holds no value",
    ):
        explode_segments(path, by=["contact_id", "nothing"])
    with pytest.raises(DataError, match=r"by= names \['paln'\].*Did you mean \['plan'\]"):
        explode_segments(path, by=["paln"])
    with pytest.raises(DataError, match=r"contacts lacks \['clicked'\]"):
        explode_segments(path, by=["plan"], outcome="clicked")
    with pytest.raises(DataError, match="outcome='fixed' holds no numbers or one value only"):
        explode_segments(duckdb.from_df(contacts.assign(fixed=1)), by=["plan"], outcome="fixed")


def test_a_missing_file_and_an_odd_table_are_refused(tmp_path):
    with pytest.raises(MissingFileError, match="no file at .*nowhere.parquet"):
        explode_segments(tmp_path / "nowhere.parquet", by=["plan"])
    with pytest.raises(DataError, match="contacts is a dict; give a pandas, polars or Arrow table"):
        explode_segments({"plan": ["A"]}, by=["plan"])
