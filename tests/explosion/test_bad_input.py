"""Odd lists and options: one clear error, or a result with a note, from a frame and from DuckDB alike."""

import datetime as dt
import decimal

import duckdb
import numpy as np
import pandas as pd
import pytest

from segvspers import explode_segments
from segvspers.errors import ArgumentError, DataError, MissingFileError, NotEstimableError

N = 400
R = np.random.default_rng(0)
LIST = pd.DataFrame(
    {
        "contact_id": [f"C{i}" for i in range(N)],
        "plan": R.choice(list("ABC"), N),
        "region": R.choice(["US", "UK"], N),
    }
)
DAYS = pd.Series(pd.date_range("2020", periods=150)).sample(N, replace=True, random_state=1).reset_index(drop=True)
NUMBERS = R.normal(size=N)


def both(frame, by, **options):
    """Explode a frame, and the same frame as a relation: an explosion or the message of each."""
    found = []
    for table in (frame, duckdb.from_df(frame)):
        try:
            found.append(explode_segments(table, by=by, **options))
        except (DataError, ArgumentError) as problem:
            found.append(str(problem))
    return found


FAULTS = {
    "all missing": (LIST.assign(x=pd.array([None] * N, dtype="string")), r"'x' holds no value in 400 rows"),
    "all infinite": (LIST.assign(x=np.inf), r"'x' holds no value in 400 rows"),
    "an id of text": (LIST.assign(x=LIST["contact_id"] + "x"), r"'x' has 400 levels in 400 rows, as an identifier"),
    "an id of numbers": (
        LIST.assign(x=np.arange(N) + 7_000),
        r"'x' is another whole number for each of 400 rows, as an id",
    ),
    "dates as text": (LIST.assign(x=DAYS.dt.strftime("%d.%m.%Y")), r"'x' holds dates as text.*pandas.to_datetime"),
    "lists": (LIST.assign(x=[[1]] * N), r"'x' holds lists or objects; make it text, numbers or dates first"),
    "no rows": (LIST.assign(x="a").head(0), r"'x' has no rows"),
}


@pytest.mark.parametrize("case", FAULTS)
def test_a_column_that_can_not_be_crossed_is_named_with_the_mend(case):
    frame, message = FAULTS[case]
    for told in both(frame, ["x"]):
        assert isinstance(told, str)
        with pytest.raises(DataError, match=message):
            raise DataError(told)


def test_a_hundred_thousand_levels_are_called_an_identifier():
    frame = pd.DataFrame({"key": np.arange(100_000), "plan": "A"})
    text = frame.assign(key=frame["key"].astype(str))
    for told in [
        *both(frame, ["key"]),
        *both(text, ["key"]),
        *both(text.astype("category").astype({"plan": str}), ["key"]),
    ]:
        assert "as an identifier" in told
        assert "100,000 rows" in told


FITTING = {
    "constant": (LIST.assign(x="a"), 3, "x has one level only and splits nothing"),
    "infinite and missing numbers": (LIST.assign(x=np.where(R.random(N) < 0.2, np.inf, NUMBERS)), 15, "x is cut into 5 bands"),
    "a mass of zeros": (LIST.assign(x=np.where(R.random(N) < 0.5, 0, np.exp(NUMBERS))), 12, "x is cut into 4 bands"),
    "dates": (LIST.assign(x=DAYS), 15, "x is cut into 5 bands"),
    "dates with a zone": (LIST.assign(x=DAYS.dt.tz_localize("UTC")), 15, "x is cut into 5 bands"),
    "days": (LIST.assign(x=DAYS.dt.date), 15, "x is cut into 5 bands"),
    "decimals": (LIST.assign(x=[decimal.Decimal(int(i)) / 4 for i in R.integers(0, 8, N)]), 24, ""),
    "truth with gaps": (LIST.assign(x=pd.array(R.choice([True, False, None], N), dtype="boolean")), 6, ""),
    "whole numbers with gaps": (LIST.assign(x=pd.array([None if i < 3 else i for i in R.integers(0, 50, N)], dtype="Int64")), 15, "x is cut into 5 bands"),
    "empty cells": (LIST.assign(x=np.where(R.random(N) < 0.3, " ", LIST["plan"] + " ")), 9, ""),
    "quotes": (LIST.assign(x=np.where(R.random(N) < 0.3, "it's \"x\"", "y")), 6, ""),
    "numbers as text": (LIST.assign(x=pd.Series(R.integers(0, 60, N)).astype(str)), 180, "x holds numbers as text"),
    "many levels": (LIST.assign(x="L" + pd.Series(R.integers(0, 60, N)).astype(str)), 180, ""),
}  # fmt: skip


@pytest.mark.parametrize("case", FITTING)
def test_odd_columns_are_coded_alike_by_both_engines(case):
    frame, n_possible, note = FITTING[case]
    one, other = both(frame, ["x", "plan"])
    assert one.n_possible == n_possible
    assert any(note in told for told in one.notes) if note else one.notes == ()
    assert (one.notes, one.n_possible, one.n_placed) == (other.notes, other.n_possible, other.n_placed)
    pd.testing.assert_frame_equal(one.levels, other.levels)
    pd.testing.assert_frame_equal(one.growth, other.growth)


def test_many_of_one_value_have_a_band_of_their_own():
    frame = LIST.assign(x=np.where(np.arange(N) % 2, 0.0, np.arange(N) + 1.0))
    bands = explode_segments(frame, by=["x"]).levels
    assert bands.loc[0, "level"] == "0 to 0"
    assert bands.loc[0, "n_contacts"] == N // 2


def test_pyarrow_times_are_cut():
    frame = LIST.assign(x=DAYS.astype("timestamp[us][pyarrow]"))
    assert explode_segments(frame, by=["x", "plan"]).n_possible == 15


def test_levels_that_nobody_has_are_possible_and_told():
    frame = LIST.assign(x=pd.Categorical(LIST["plan"], list("ABCDE")))
    found = explode_segments(frame, by=["x", "region"])
    assert found.n_possible == 10
    assert found.notes == ("x has 2 levels that nobody has",)


def test_a_contact_that_stands_there_twice_is_refused():
    frame = pd.concat([LIST, LIST.head(3)])
    one, other = both(frame, ["plan"])
    assert "3 rows repeat a contact_id (first at row 400)" in one
    assert "3 rows repeat a contact_id" in other
    assert "C0" not in one + other


def test_columns_of_one_name_are_refused():
    with pytest.raises(DataError, match=r"several columns named \['plan'\]"):
        explode_segments(pd.concat([LIST, LIST[["plan"]]], axis=1), by=["plan"])


def test_columns_may_be_named_by_numbers():
    found = explode_segments(pd.DataFrame({0: R.integers(0, 3, N), 1: R.integers(0, 4, N)}), by=[0, 1])
    assert found.by == ("0", "1")
    assert found.n_possible == 12
    found.plot()


def test_nobody_in_a_cell_is_told():
    even = np.arange(N) % 2 == 0
    frame = LIST.assign(x=np.where(even, "a", None), y=np.where(even, None, "b"), z=even.astype(int))
    for found in both(frame, ["x", "y"], outcome="z"):
        assert found.n_occupied == 0
        assert found.summary().endswith(
            "No contact has a level of every attribute, so nobody stands in a cell; no segmentation explains z beyond "
            "chance on contacts that it has not seen."
        )
        for view in ("growth", "coverage", "test", "costs", "anonymity"):
            found.plot(view=view)
        with pytest.raises(NotEstimableError, match="view='forecast' needs contacts in cells"):
            found.plot(view="forecast")
        with pytest.raises(NotEstimableError, match="view='honest' needs an outcome that varies"):
            found.plot(view="honest")


def test_one_contact_is_a_list():
    for found in both(LIST.head(1), ["plan", "region"]):
        assert (found.n_possible, found.n_occupied, found.unseen_share) == (1, 1, 1.0)


@pytest.mark.parametrize(
    ("outcome", "message"),
    [
        (R.choice(["Yes", "No"], N), r"holds the texts \['No', 'Yes'\]; make it true or false first.*eq\('Yes'\)"),
        (np.full(N, np.nan), "holds no numbers or one value only"),
        (np.full(N, np.inf), "holds no numbers or one value only"),
        (np.ones(N), "holds no numbers or one value only"),
    ],
)
def test_an_outcome_that_tells_nothing_is_refused_by_both(outcome, message):
    for told in both(LIST.assign(y=outcome), ["plan"], outcome="y"):
        with pytest.raises(DataError, match=message):
            raise DataError(told)


def test_the_outcome_can_not_define_the_cells():
    for told in both(LIST.assign(y=R.integers(0, 2, N)), ["plan", "y"], outcome="y"):
        assert "outcome='y' is one of by=" in told


def test_missing_and_infinite_outcomes_do_not_count():
    y = np.where(R.random(N) < 0.2, np.nan, R.integers(0, 2, N)).astype(float)
    y[:3] = np.inf
    one, other = both(LIST.assign(y=y), ["plan"], outcome="y")
    known = y[np.isfinite(y)]
    assert one.base_rate == pytest.approx(known.mean())
    assert other.base_rate == pytest.approx(known.mean())
    assert one.explained_full_in_sample == pytest.approx(other.explained_full_in_sample)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"n_bands": 1}, "n_bands=1 must be a finite number of at least 2"),
        ({"minimum_size": 0}, "minimum_size=0 must be a finite number of at least 1"),
        ({"minimum_size": "30"}, "minimum_size='30' must be a finite number of at least 1"),
        ({"largest_subset": 0}, "largest_subset=0 must be a finite number of at least 1"),
        ({"base_rate": 1.5}, "base_rate=1.5 must be a proportion"),
        ({"power": 0}, "power=0 must be a proportion"),
        ({"alpha": 5}, "alpha=5 must be a proportion"),
        ({"missing": "drop"}, "missing='drop' is not known; choose one of"),
        ({"rng": "seed"}, "rng='seed' must be a whole number"),
    ],
)
def test_options_out_of_range_are_refused(options, message):
    with pytest.raises(ArgumentError, match=message):
        explode_segments(LIST, by=["plan"], **options)


def test_more_than_twenty_attributes_are_refused_before_anything_is_read():
    with pytest.raises(ArgumentError, match="by= names 21 columns; at most 20 can be crossed"):
        explode_segments("nowhere.parquet", by=[f"a{place}" for place in range(21)])


def test_facts_of_another_kind_are_refused():
    with pytest.raises(DataError, match=r"facts lacks \['contact_id', 'kind', 'topic', 'value'\]; it has \['a'\]"):
        explode_segments(LIST, by=["plan"], facts=pd.DataFrame({"a": [1]}))


def test_files_that_can_not_be_read_are_told_without_their_values(tmp_path):
    (tmp_path / "list.xlsx").write_bytes(b"x")
    with pytest.raises(DataError, match=r"contacts: list.xlsx has an unknown ending; use one of \['.csv'"):
        explode_segments(tmp_path / "list.xlsx", by=["plan"])
    with pytest.raises(MissingFileError, match="no file at .*none"):
        explode_segments(str(tmp_path / "none*.parquet"), by=["plan"])
    (tmp_path / "bad.parquet").write_text("jane@shop.example")
    with pytest.raises(DataError, match="DuckDB can't group the table") as caught:
        explode_segments(tmp_path / "bad.parquet", by=["plan"])
    assert "jane" not in str(caught.value)
    relation = duckdb.from_df(LIST.assign(email="jane@shop.example")).project("CAST(email AS INTEGER) AS plan")
    with pytest.raises(DataError, match="DuckDB can't group the table") as caught:
        explode_segments(relation, by=["plan"])
    assert "jane" not in str(caught.value)


@pytest.mark.parametrize("ending", ["csv", "tsv", "json", "parquet"])
def test_files_of_each_kind_are_counted(tmp_path, ending):
    path = tmp_path / f"list.{ending}"
    writers = {
        "csv": lambda: LIST.to_csv(path, index=False),
        "tsv": lambda: LIST.to_csv(path, index=False, sep="\t"),
        "json": lambda: LIST.to_json(path, orient="records"),
        "parquet": lambda: LIST.to_parquet(path),
    }
    writers[ending]()
    pd.testing.assert_frame_equal(
        explode_segments(path, by=["plan", "region"]).growth, explode_segments(LIST, by=["plan", "region"]).growth
    )


def test_a_day_is_told_without_its_hour():
    days = [dt.date(2026, 1, 1) + dt.timedelta(days=int(i)) for i in R.integers(0, 3, N)]
    for found in both(LIST.assign(x=days), ["x"]):
        assert found.levels["level"].tolist() == ["2026-01-01", "2026-01-02", "2026-01-03"]
