"""Segments found in mixed data."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import adjusted_rand_score

from segvspers import fit_segments, read_contacts, read_history
from segvspers.errors import ArgumentError, DataError, NotEstimableError


def planted(n=1500, seed=5):
    """Three kinds of contacts that differ in numbers and in categories."""
    r = np.random.default_rng(seed)
    kind = r.choice(3, n, p=[0.5, 0.3, 0.2])
    frame = pd.DataFrame(
        {
            "contact_id": [f"C{i}" for i in range(n)],
            "email": [f"c{i}@example.com" for i in range(n)],
            "purchase_status": np.array(["prospect", "customer", "lapsed"])[
                np.where(r.random(n) < 0.8, kind, r.integers(0, 3, n))
            ],
            "industry": np.array(["software", "retail", "travel"])[
                np.where(r.random(n) < 0.6, kind, r.integers(0, 3, n))
            ],
            "orders": np.where(kind == 0, 0, r.poisson(np.array([0, 6, 2])[kind])),
            "sessions": r.lognormal(np.array([0.0, 1.5, 0.5])[kind], 0.6),
        }
    )
    frame.loc[r.random(n) < 0.1, "industry"] = None
    return frame, kind


def test_planted_segments_are_found_and_named():
    frame, kind = planted()
    found = fit_segments(frame, n_segments="auto", rng=7)
    assert found.n_segments == 3
    assert adjusted_rand_score(kind, found.assign(frame)["segment_id"]) > 0.75
    names = found.to_frame()["segment_name"].tolist()
    assert names[0].startswith("Prospects")
    assert len(set(names)) == 3


def test_the_same_seed_gives_the_same_segments():
    frame, _ = planted(600)
    one, two = (fit_segments(frame, n_segments=3, rng=7).assign(frame) for _ in range(2))
    pd.testing.assert_frame_equal(one, two)


def test_assign_adds_columns_to_a_copy():
    frame, _ = planted(600)
    before = frame.copy()
    found = fit_segments(frame, n_segments=2, rng=7)
    named = found.assign(frame)
    pd.testing.assert_frame_equal(frame, before)
    assert list(named.columns[-3:]) == ["segment_id", "segment_name", "membership"]
    assert named["membership"].between(0, 1).all()
    assert named["segment_id"].value_counts().to_dict() == dict(
        zip(found.segments["segment_id"], found.segments["n_contacts"], strict=True)
    )


def test_new_levels_and_missing_columns_say_nothing():
    frame, _ = planted(600)
    found = fit_segments(frame, n_segments=3, rng=7)
    fresh = frame.head(20).drop(columns="orders").assign(industry="mining", purchase_status=None)
    with pytest.warns(UserWarning, match=r"Most values of \['industry'\] are new to the segmentation"):
        assert found.assign(fresh)["segment_id"].isin(found.segments["segment_id"]).all()
    with pytest.raises(DataError, match="none of the columns"):
        found.assign(pd.DataFrame({"age": [1, 2]}))


def test_identifiers_and_constants_are_left_out_with_a_note():
    frame, _ = planted(600)
    found = fit_segments(frame.assign(token=[f"t{i}" for i in range(600)], fixed=1), n_segments=2, rng=7)
    assert not {"email", "contact_id", "token", "fixed"} & set(found.columns)
    assert any("token, fixed" in note for note in found.notes)


def test_unusable_columns_that_were_asked_for_are_refused_together():
    frame, _ = planted(600)
    frame = frame.assign(fixed=1, nothing=np.nan)
    with pytest.raises(
        DataError,
        match=r"(?s)3 problems.*'contact_id' has 600 levels.*'fixed' has one level only.*'nothing' holds no value",
    ):
        fit_segments(frame, columns=["contact_id", "fixed", "nothing"], n_segments=2)
    with pytest.raises(DataError, match=r"contacts lacks \['age'\]"):
        fit_segments(frame, columns=["age"], n_segments=2)


def test_the_number_of_segments_must_be_possible():
    frame, _ = planted(60)
    with pytest.raises(ArgumentError, match="n_segments=61 must be 'auto' or a whole number from 1 to the 60 contacts"):
        fit_segments(frame, n_segments=61)
    with pytest.raises(ArgumentError, match="method='magic' is not known"):
        fit_segments(frame, method="magic")


def test_a_study_of_numbers_shows_scores_and_the_band_of_refits():
    frame, _ = planted(800)
    found = fit_segments(frame, n_segments="auto", rng=7)
    study = found.counts
    assert {"bic", "icl", "held_out_log_likelihood", "stability", "stability_low", "stability_high"} <= set(
        study.columns
    )
    assert study.loc[study["bic"].idxmin(), "n_segments"] == found.n_segments
    assert (study["stability_low"].dropna() <= study["stability"].dropna()).all()
    assert found.segments["stability"].between(0, 1).all()
    assert any(note.startswith("Refits of 10 bootstrap samples agree by ") for note in found.notes)


def test_a_number_that_is_not_obvious_is_said_to_be_so():
    r = np.random.default_rng(3)
    hidden = r.normal(size=(2500, 3))  # three gradients and no groups
    values = hidden @ r.normal(size=(3, 8)) + 0.5 * r.normal(size=(2500, 8))
    frame = pd.DataFrame(values, columns=[f"x{i}" for i in range(8)])
    assert "not obvious" in fit_segments(frame, rng=7, n_resamples=2).summary()
    clear, _ = planted()
    assert "3 segments have the lowest BIC; no other number comes close." in fit_segments(clear, rng=7).summary()


def test_columns_that_tell_no_groups_give_one_segment():
    r = np.random.default_rng(1)
    frame = pd.DataFrame({name: r.choice(["a", "b", "c"], 800) for name in ("p", "q", "r")})
    found = fit_segments(frame, rng=7)
    assert found.n_segments == 1
    assert "tell no groups apart" in found.summary()
    assert found.assign(frame)["segment_id"].eq("S1").all()


def test_the_order_of_rows_and_of_levels_does_not_matter_much():
    frame, _ = planted(1200)
    shuffled = frame.sample(frac=1, random_state=1)
    one = fit_segments(frame, n_segments=3, rng=7).assign(frame)["segment_name"]
    two = fit_segments(shuffled, n_segments=3, rng=7).assign(frame)["segment_name"]
    assert adjusted_rand_score(one, two) > 0.97


def test_zeros_that_two_columns_share_are_counted_once():
    r = np.random.default_rng(0)
    n = 3000
    kind = r.integers(0, 2, n)
    orders = np.where(r.random(n) < 0.5, 0, 1 + r.poisson(1.5, n))
    frame = pd.DataFrame(
        {"orders": orders, "revenue": orders * r.lognormal(3, 0.5, n), "items": orders * r.integers(1, 4, n)}
    )
    for name in ("a", "b", "c", "d"):
        frame[name] = np.where(r.random(n) < 0.75, kind, 1 - kind).astype(str)
    found = fit_segments(frame, n_segments=2, rng=7)
    best = frame[["a", "b", "c", "d"]].astype(int).sum(axis=1) >= 2
    reached = adjusted_rand_score(kind, found.assign(frame)["segment_id"])
    assert reached > adjusted_rand_score(kind, best) - 0.05
    silent = {plan.name: plan.after for plan in found.assigner.plans if plan.after}
    assert silent == {"revenue": "orders", "items": "orders"}


def test_levels_that_two_columns_share_are_counted_once():
    r = np.random.default_rng(0)
    internet = r.choice(["DSL", "fiber", "no"], 900, p=[0.4, 0.3, 0.3])
    backup = np.where(internet == "no", "no internet", r.choice(["yes", "no"], 900))
    found = fit_segments(
        pd.DataFrame({"internet": internet, "backup": backup, "age": r.normal(40, 9, 900)}), n_segments=2
    )
    plan = next(plan for plan in found.assigner.plans if plan.name == "backup")
    assert (plan.after, found.assigner.plans[0].levels[plan.when]) == ("internet", "no")


def test_ids_of_an_earlier_fit_are_kept():
    frame, _ = planted(1200)
    before = fit_segments(frame, n_segments=3, rng=7)
    order = {"S1": "S3", "S2": "S1", "S3": "S2"}
    renamed = dataclasses.replace(
        before, segments=before.segments.assign(segment_id=before.segments["segment_id"].map(order))
    )
    after = fit_segments(frame, n_segments=3, like=renamed, rng=8)
    same = renamed.assign(frame)["segment_id"].to_numpy() == after.assign(frame)["segment_id"].to_numpy()
    assert same.mean() > 0.95
    more = fit_segments(frame, n_segments=4, like=renamed, rng=8)
    assert set(more.segments["segment_id"]) == {"S1", "S2", "S3", "S4"}


def test_membership_next_segment_and_probabilities_agree():
    frame, _ = planted(900)
    found = fit_segments(frame, n_segments=3, rng=7)
    told, shares = found.assign(frame, detail=True), found.probabilities(frame)
    np.testing.assert_allclose(shares.sum(axis=1), 1)
    np.testing.assert_allclose(told["membership"], shares.max(axis=1), atol=1e-6)
    assert (shares.idxmax(axis=1) == told["segment_id"]).all()
    np.testing.assert_allclose(told["next_membership"], np.sort(shares, axis=1)[:, -2])
    assert (told["between_segments"] == (told["membership"] < 0.6)).all()
    assert told["unusual"].mean() == pytest.approx(0.01, abs=0.004)


@pytest.mark.parametrize("method", ["kmeans", "gmm", "hdbscan"])
def test_other_methods_stand_behind_the_same_call(method):
    frame, kind = planted(900)
    found = fit_segments(frame, method=method, n_segments="auto" if method == "hdbscan" else 3, rng=7)
    told = found.assign(frame, detail=True)
    assert found.method == method
    assert adjusted_rand_score(kind, told["segment_id"]) > 0.25
    assert sorted(told["segment_id"].value_counts()) == sorted(found.segments["n_contacts"])
    assert any("latent_class" in note for note in found.notes)


def test_hdbscan_takes_no_number_and_says_when_it_finds_nothing():
    frame, _ = planted(300)
    with pytest.raises(ArgumentError, match="hdbscan finds the number itself"):
        fit_segments(frame, method="hdbscan", n_segments=3)
    lone = pd.DataFrame({"x": 2.0 ** np.arange(8), "y": -(3.0 ** np.arange(8))})
    with pytest.raises(NotEstimableError, match="hdbscan finds no dense region among 8 contacts"):
        fit_segments(lone, method="hdbscan", scaling="standard")


@pytest.mark.parametrize("form", ["polars", "arrow", "duckdb"])
def test_tables_of_other_libraries_give_the_same_segments(form):
    frame, _ = planted(500)
    if form == "polars":
        other = pytest.importorskip("polars").from_pandas(frame)
    elif form == "arrow":
        other = pytest.importorskip("pyarrow").Table.from_pandas(frame)
    else:
        other = pytest.importorskip("duckdb").from_df(frame)
    one, two = fit_segments(frame, n_segments=3, rng=7), fit_segments(other, n_segments=3, rng=7)
    assert one.assign(frame)["segment_id"].tolist() == two.assign(other)["segment_id"].tolist()


def test_history_makes_columns_and_shrunken_reply_rates(sample):
    contacts, history = read_contacts(sample / "contacts.csv"), read_history(sample / "history.csv")
    found = fit_segments(contacts, history, n_segments=4, rng=7)
    row = found.segments.iloc[0]
    members = found.assign(contacts).query("segment_id == @row.segment_id")["contact_id"]
    own = history[history["contact_id"].isin(members)]
    emailed = set(own.loc[own["event"] == "sent", "contact_id"])
    human = own[(own["event"] == "reply") & (own["reply_class"].astype(str) != "auto_reply")]
    assert (row.n_emailed, row.n_replied) == (len(emailed), len(set(human["contact_id"]) & emailed))
    assert row.reply_rate_low < row.reply_rate < row.reply_rate_high
    with pytest.raises(DataError, match="No contact_id of history is in contacts"):
        fit_segments(contacts.assign(contact_id=contacts["contact_id"].str.lower()), history)
