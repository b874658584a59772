"""Segments found in mixed data."""

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import adjusted_rand_score

from segvspers import fit_segments, segment_by
from segvspers.errors import ArgumentError, DataError


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


def test_rules_are_the_cross_of_levels():
    frame, _ = planted(600)
    found = segment_by(frame, by=["purchase_status", "industry"])
    expected = frame.fillna({"industry": "?"}).groupby(["purchase_status", "industry"]).size()
    assert sorted(found.segments["n_contacts"]) == sorted(expected)
    assert found.assign(frame)["membership"].eq(1).all()


def test_a_new_level_goes_to_the_cell_that_shares_most():
    frame = pd.DataFrame({"plan": ["A", "A", "B"], "region": ["US", "US", "UK"]})
    found = segment_by(frame, by=["plan", "region"])
    placed = found.assign(pd.DataFrame({"plan": ["B", "C"], "region": ["DE", "US"]}))
    assert placed["segment_name"].tolist() == ["B, UK", "A, US"]
    assert placed["membership"].tolist() == [0.5, 0.5]
