"""The assignment as SQL gives the segments of assign."""

import numpy as np
import pandas as pd
import pytest

from segvspers import fit_segments, segment_by, segment_rfm
from segvspers.errors import ArgumentError

duckdb = pytest.importorskip("duckdb")


def contacts(n=3000, seed=1):
    """Numbers with zeros, ties, missing and infinite values, dates, flags, odd names and levels."""
    r = np.random.default_rng(seed)
    kind = r.integers(0, 3, n)
    orders = np.where(kind == 0, 0, r.poisson(3, n))
    frame = pd.DataFrame(
        {
            "contact_id": [f"C{i}" for i in range(n)],
            "orders": orders,
            "revenue": np.where(orders > 0, orders * r.lognormal(3, 0.7, n), 0.0),
            'odd "name"': np.array(["it's", "b\\c", "plain"])[np.where(r.random(n) < 0.7, kind, r.integers(0, 3, n))],
            "opted_in": r.random(n) < 0.3 + 0.2 * kind,
            "since": pd.Timestamp("2025-01-01") + pd.to_timedelta(r.integers(0, 500, n) + 60 * kind, unit="D"),
            "score": r.normal(kind, 1.0, n),
        }
    )
    frame.loc[r.random(n) < 0.1, "score"] = np.nan
    frame.loc[::400, "score"] = np.inf
    frame.loc[r.random(n) < 0.1, 'odd "name"'] = None
    return frame


def run(found, table, **options):
    con = duckdb.connect()
    con.register("contacts", table)
    told = con.execute(found.to_sql(**options)).df().set_index("contact_id")["segment_id"]
    return told.reindex(table["contact_id"]).to_numpy()


def test_latent_classes_give_the_same_segments_in_duckdb():
    frame = contacts()
    found = fit_segments(frame, n_segments=4, rng=7)
    assert any(plan.per for plan in found.assigner.plans)
    fresh = contacts(2000, seed=9)
    fresh.loc[:50, 'odd "name"'] = "never seen"
    for table in (frame, fresh):
        assert (run(found, table) == found.assign(table)["segment_id"].to_numpy()).all()


def test_rules_give_the_same_segments_in_duckdb_also_in_cells_nobody_was_in():
    frame = contacts()
    by = ['odd "name"', "opted_in", "orders"]
    found = segment_by(frame.head(60), by=by)
    assert (run(found, frame) == found.assign(frame)["segment_id"].to_numpy()).all()
    merged = segment_by(frame, by=by).merge_to(5)
    assert (run(merged, frame) == merged.assign(frame)["segment_id"].to_numpy()).all()


def test_k_means_gives_the_same_segments_in_duckdb():
    frame = contacts().drop(columns="since")
    found = fit_segments(frame, method="kmeans", n_segments=4, rng=7)
    assert (run(found, frame) == found.assign(frame)["segment_id"].to_numpy()).mean() > 0.9999
    dated = fit_segments(contacts(), method="kmeans", n_segments=2, rng=7)
    with pytest.raises(ArgumentError, match="'since' is a date, which k-means measures in days"):
        dated.to_sql()


def test_rfm_gives_the_same_segments_in_duckdb():
    r = np.random.default_rng(0)
    orders = pd.DataFrame(
        {
            "contact_id": [f"C{i}" for i in r.integers(0, 300, 2000)],
            "timestamp": pd.Timestamp("2026-01-01", tz="UTC") + pd.to_timedelta(r.integers(0, 300, 2000), unit="D"),
            "amount_usd": r.lognormal(3, 1, 2000).round(2),
        }
    )
    found = segment_rfm(orders)
    table = found.known.reset_index()
    assert (run(found, table) == found.assign(table)["segment_id"].to_numpy()).all()


def test_the_statement_names_its_table_key_and_dialect():
    found = fit_segments(contacts(), n_segments=2, rng=7)
    bigquery = found.to_sql(table="crm.people", dialect="bigquery", key="id")
    assert "FROM `crm`.`people`" in bigquery
    assert "ORDINAL" in bigquery
    assert "SAFE_CAST(`score` AS FLOAT64)" in bigquery
    assert "'it\\'s'" in bigquery
    assert "'b\\\\c'" in bigquery
    postgres = found.to_sql(dialect="postgres")
    assert "(ARRAY[" in postgres
    assert "'it''s'" in postgres
    assert '"odd ""name"""' in postgres
    with pytest.raises(ArgumentError, match=r"dialect='oracle' is not known; choose one of \['bigquery'"):
        found.to_sql(dialect="oracle")


def test_what_is_no_statement_says_so():
    frame = contacts(400)
    with pytest.raises(ArgumentError, match="by 'gmm' can't be written as SQL"):
        fit_segments(frame, method="gmm", n_segments=2, rng=7).to_sql()
    r = np.random.default_rng(0)
    wide = pd.DataFrame({f"c{i}": r.integers(0, 15, 3000).astype(str) for i in range(5)})
    with pytest.raises(ArgumentError, match="more than the 20,000 that fit into a statement"):
        segment_by(wide, by=list(wide.columns)).to_sql()
