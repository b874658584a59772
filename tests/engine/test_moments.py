"""Moments by group: against exact fractions, additive, alike on every engine, and safe far from zero."""

from fractions import Fraction

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from segvspers.engine import ROWS, Value, open_source
from segvspers.errors import ArgumentError, DataError, MissingFileError

VALUES = [Value("replied"), Value("revenue_usd"), Value("prior_usd")]
KEYS = ["variant", "segment_id"]


def rows(n=700, seed=2, offset=0.0):
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "variant": rng.choice(["segment", "individual"], n),
            "segment_id": rng.choice(["a", "b", None], n),
            "company_id": rng.integers(0, 150, n),
            "replied": rng.random(n) < 0.1,
            "revenue_usd": offset + np.where(rng.random(n) < 0.2, rng.gamma(0.5, 80, n), 0.0),
            "prior_usd": rng.gamma(1, 20, n),
            "answer": rng.choice(["yes", "No ", "TRUE", "0"], n),
        }
    )


def parquet(frame, folder):
    frame.iloc[:300].to_parquet(folder / "part-1.parquet")
    frame.iloc[300:].to_parquet(folder / "part-2.parquet")
    return folder


SOURCES = {
    "pandas": lambda frame, _: frame,
    "polars": lambda frame, _: pl.from_pandas(frame),
    "polars lazy": lambda frame, _: pl.from_pandas(frame).lazy(),
    "arrow": lambda frame, _: pa.Table.from_pandas(frame),
    "duckdb": lambda frame, _: duckdb.from_arrow(pa.Table.from_pandas(frame)),
    "parquet folder": parquet,
    "parquet glob": lambda frame, folder: f"{parquet(frame, folder)}/part-*.parquet",
    "parquet paths": lambda frame, folder: sorted(parquet(frame, folder).glob("*.parquet")),
}


def exact(frame, names):
    """Sums and centred products of a group in fractions: slow, and right to the last digit."""
    columns = [[Fraction(float(one)) for one in frame[name]] for name in names]
    means = [sum(column) / len(column) for column in columns]
    products = [
        [
            sum((x - mx) * (y - my) for x, y in zip(one, two, strict=True))
            for two, my in zip(columns, means, strict=True)
        ]
        for one, mx in zip(columns, means, strict=True)
    ]
    return [float(sum(column)) for column in columns], [[float(one) for one in row] for row in products]


@pytest.mark.parametrize("offset", [0.0, 1e9])
def test_moments_equal_exact_fractions(offset):
    frame = rows(300, offset=offset)
    found = open_source(frame, table="rows").moments(KEYS, VALUES)
    assert found.n.sum() == 300
    for place, key in found.keys.iterrows():
        missing = pd.isna(key["segment_id"])
        same = frame["segment_id"].isna() if missing else frame["segment_id"].eq(key["segment_id"])
        sums, products = exact(frame[same & frame["variant"].eq(key["variant"])], found.names)
        for k, name in enumerate(found.names):
            assert found.total(name)[place] == pytest.approx(sums[k], rel=1e-14)
        assert found.comoment[place] == pytest.approx(np.array(products), rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("name", SOURCES)
@pytest.mark.parametrize("offset", [0.0, 1e9])
def test_every_engine_gives_the_same(name, offset, tmp_path):
    frame = rows(offset=offset)
    ours = open_source(frame, table="rows").moments(KEYS, [*VALUES, Value("answer")])
    theirs = open_source(SOURCES[name](frame, tmp_path), table="rows").moments(KEYS, [*VALUES, Value("answer")])
    assert ours.keys.fillna("-").to_numpy().tolist() == theirs.keys.fillna("-").to_numpy().tolist()
    assert (ours.n == theirs.n).all()
    np.testing.assert_allclose(theirs.above, ours.above, rtol=1e-9, atol=1e-9)
    scale = np.sqrt(np.einsum("gii->gi", ours.comoment))
    gap = np.abs(theirs.comoment - ours.comoment) / (scale[:, :, None] * scale[:, None, :])
    assert gap.max() < 1e-9


@pytest.mark.parametrize("name", SOURCES)
def test_units_of_every_engine_give_the_same(name, tmp_path):
    frame = rows()
    values = [
        Value(ROWS),
        Value("square", ROWS, "square"),
        Value("replied"),
        Value("times", ROWS, "times", ("replied",)),
    ]
    tables = [open_source(one, table="rows") for one in (frame, SOURCES[name](frame, tmp_path))]
    ours, theirs = (table.collapse(["variant", "company_id"], VALUES).moments(["variant"], values) for table in tables)
    np.testing.assert_allclose(theirs.above, ours.above, rtol=1e-12)
    np.testing.assert_allclose(theirs.comoment, ours.comoment, rtol=1e-9)
    units = frame.groupby(["variant", "company_id"])["replied"].agg(["size", "sum"])
    assert ours.products(ROWS, "replied").sum() == pytest.approx((units["size"] * units["sum"]).sum())


@pytest.mark.parametrize("name", SOURCES)
def test_made_values_are_the_same_on_every_engine(name, tmp_path):
    frame = rows()
    made = [
        Value("bought", "revenue_usd", "nonzero"),
        Value("capped", "revenue_usd", "capped", (50.0,)),
        Value("less", "revenue_usd", "less", (3.0,)),
        Value("odd", "prior_usd", "odd"),
        Value("human", "replied", "unless", ("segment_id", "a")),
    ]
    found = open_source(SOURCES[name](frame, tmp_path), table="rows").moments([], made)
    spent = frame["revenue_usd"]
    expected = [
        (spent != 0).sum(),
        spent.clip(upper=50).sum(),
        (spent - 3).sum(),
        len(frame),
        (frame["replied"] & frame["segment_id"].ne("a")).sum(),
    ]
    assert [found.total(value.name)[0] for value in made] == pytest.approx(expected)


@pytest.mark.parametrize("name", SOURCES)
def test_distinct_rows_are_counted_on_every_engine(name, tmp_path):
    frame = rows()
    table = open_source(SOURCES[name](frame, tmp_path), table="rows")
    found = table.counts(["variant"], [Value("replied")])
    assert found["n"].tolist() == frame.groupby(["variant", "replied"]).size().tolist()
    assert table.n_rows() == len(frame)
    assert table.n_distinct(["segment_id"]) == 3
    assert table.n_distinct(KEYS) == 6
    assert table.where("segment_id", missing=True).n_rows() == frame["segment_id"].isna().sum()


def test_moments_of_two_halves_add_up_to_those_of_the_whole():
    frame = rows(offset=1e9)
    halves = [open_source(part, table="rows").moments(KEYS, VALUES) for part in (frame.iloc[:250], frame.iloc[250:])]
    whole, both = open_source(frame, table="rows").moments(KEYS, VALUES), halves[0] + halves[1]
    assert (whole.n == both.n).all()
    for name in whole.names:
        assert both.mean(name) == pytest.approx(whole.mean(name), rel=1e-15)
        assert both.variance(name) == pytest.approx(whole.variance(name), rel=1e-9)


def test_fewer_keys_need_no_rows():
    frame = rows(offset=1e9)
    table = open_source(frame, table="rows")
    rolled, read = table.moments(KEYS, VALUES).by("variant"), table.moments(["variant"], VALUES)
    for name in read.names:
        assert rolled.variance(name, "prior_usd") == pytest.approx(read.variance(name, "prior_usd"), rel=1e-9)
    alone = table.moments(KEYS, VALUES).where(variant="segment", segment_id="a")
    assert alone.n.tolist() == [(frame["variant"].eq("segment") & frame["segment_id"].eq("a")).sum()]


def test_a_billion_with_a_spread_of_one_loses_no_digits(tmp_path):
    rng = np.random.default_rng(4)
    noise = rng.normal(size=200_000)
    frame = pd.DataFrame({"variant": np.where(np.arange(200_000) % 2, "a", "b"), "x": noise + 1e9})
    held = (frame["x"] - 1e9).groupby(frame["variant"])  # what is left of the noise at 1e9
    for source in (frame, pl.from_pandas(frame), pa.Table.from_pandas(frame)):
        found = open_source(source, table="rows").moments(["variant"], [Value("x")])
        assert np.diff(found.mean("x") - found.origin[0]) == pytest.approx(np.diff(held.mean()), abs=1e-7)
        assert np.diff(found.above[:, 0] / found.n) == pytest.approx(np.diff(held.mean()), abs=1e-12)
        assert found.variance("x") == pytest.approx(held.var().to_numpy(), rel=1e-9)


def test_one_unknown_value_is_told_with_its_row_and_not_passed_over():
    frame = rows(20).astype({"replied": object})
    frame.loc[3, "replied"] = None
    frame.loc[7, "revenue_usd"] = np.inf
    with pytest.raises(DataError) as problem:
        open_source(frame, table="outcomes").moments(["variant"], VALUES)
    assert "'replied' holds no finite number in 1 rows (row 4)" in str(problem.value)
    assert "'revenue_usd' holds no finite number in 1 rows (row 8)" in str(problem.value)


@pytest.mark.parametrize("name", ["polars lazy", "arrow", "parquet folder"])
def test_other_engines_count_unknown_values(name, tmp_path):
    frame = rows()
    frame.loc[[3, 5], "revenue_usd"] = [np.inf, np.nan]
    frame.loc[9, "answer"] = "perhaps"
    table = open_source(SOURCES[name](frame, tmp_path), table="outcomes")
    with pytest.raises(DataError, match="'revenue_usd' holds no finite number in 2 rows"):
        table.moments(["variant"], VALUES)
    with pytest.raises(DataError, match="'answer' holds no finite number in 1 rows"):
        table.moments(["variant"], [Value("answer")])
    with pytest.raises(DataError, match="'answer' holds no finite number in"):
        table.collapse(["company_id"], [Value("answer")]).moments([], [Value("answer")])


def test_columns_are_renamed_and_a_taken_name_steps_aside(tmp_path):
    frame = rows()
    for name in ("pandas", "polars", "arrow"):
        table = open_source(SOURCES[name](frame, tmp_path), table="rows", columns={"replied": "answer"})
        assert {"replied", "replied_original"} <= set(table.columns)
        assert "answer" not in table.columns
        told = frame["answer"].str.strip().str.lower().isin(["yes", "true"]).sum()
        assert table.moments([], [Value("replied")]).total("replied")[0] == told
    with pytest.raises(DataError, match=r"columns= names \['reply'\], which the table lacks"):
        open_source(frame, table="rows", columns={"replied": "reply"})


def test_what_is_no_table_is_told(tmp_path):
    with pytest.raises(MissingFileError, match="no file at"):
        open_source(tmp_path / "none.parquet", table="rows")
    (tmp_path / "broken.parquet").write_text("no parquet")
    with pytest.raises(DataError, match="no readable Parquet"):
        open_source(tmp_path / "broken.parquet", table="rows")
    with pytest.raises(DataError, match="a set is no table"):
        open_source({1, 2}, table="rows")
    with pytest.raises(DataError, match=r"rows lacks \['lost'\]"):
        open_source(rows(9), table="rows").moments(["lost"], VALUES)
    found = open_source(rows(), table="rows").moments(KEYS, VALUES)
    with pytest.raises(ArgumentError, match="not held by"):
        found.by("company_id")
    with pytest.raises(ArgumentError, match="not 'clicks'"):
        found.mean("clicks")
    with pytest.raises(ArgumentError, match="can't be added"):
        found + found.by("variant")
