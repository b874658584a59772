"""The draw: shares, strata, companies, repeatability, and every refusal."""

import numpy as np
import pandas as pd
import pytest

from segvspers import ArgumentError, DataError, assign_variants


@pytest.fixture(scope="module")
def people():
    draws = np.random.default_rng(1)
    n = 3000
    table = pd.DataFrame(
        {
            "contact_id": [f"C{k:05d}" for k in range(n)],
            "company_id": [f"K{k}" for k in draws.integers(0, 1800, n)],
            "segment_id": draws.choice(list("abcde"), n, p=[0.4, 0.3, 0.2, 0.07, 0.03]),
        }
    )
    table.loc[::60, "company_id"] = None
    return table


def test_every_stratum_gets_its_shares(people):
    drawn = assign_variants(people, within="segment_id", rng=3)
    by_segment = pd.crosstab(drawn["segment_id"], drawn["variant"])
    assert (by_segment["segment"] - by_segment["individual"]).abs().max() <= 2
    assert abs((drawn["variant"] == "segment").sum() - 1500) <= 1


def test_a_company_is_drawn_as_a_whole(people):
    drawn = assign_variants(people, cluster="company_id", within="segment_id", rng=3)
    assert drawn.groupby("company_id")["variant"].nunique().max() == 1
    assert drawn.loc[drawn["company_id"].isna(), "variant"].nunique() == 2
    assert 1450 < (drawn["variant"] == "segment").sum() < 1550


@pytest.mark.parametrize("method", ["blocks", "hash"])
def test_the_draw_does_not_depend_on_the_order_of_the_rows(people, method):
    once = assign_variants(people, cluster="company_id", method=method, rng=5)
    shuffled = assign_variants(people.sample(frac=1, random_state=2), cluster="company_id", method=method, rng=5)
    pd.testing.assert_frame_equal(shuffled.sort_index(), once)
    other = assign_variants(people, cluster="company_id", method=method, rng=6)
    assert 0.4 < (once["variant"] == other["variant"]).mean() < 0.6


def test_a_hashed_contact_keeps_its_variant_when_the_list_grows(people):
    once = assign_variants(people.head(1000), method="hash", rng=5)
    grown = assign_variants(people, method="hash", rng=5)
    assert (grown["variant"].head(1000) == once["variant"]).all()


@pytest.mark.parametrize("shares", [(0.5, 0.3, 0.2), (0.123, 0.456, 0.421)])
def test_uneven_shares_are_met(people, shares):
    names = ("segment", "individual", "holdout")
    drawn = assign_variants(people, variants=names, shares=shares, rng=1)["variant"]
    seen = drawn.value_counts(normalize=True).reindex(names)
    assert np.allclose(seen, shares, atol=0.01)


def test_each_contact_gets_each_variant_equally_often():
    people = pd.DataFrame({"contact_id": list("abcdefg"), "level": list("xxxyyyy")})
    first = [assign_variants(people, within="level", rng=seed)["variant"].eq("segment") for seed in range(600)]
    assert np.abs(np.mean(first, axis=0) - 0.5).max() < 0.07


def test_the_audience_is_left_as_it_was(people):
    before = people.copy()
    assign_variants(people, within="segment_id", cluster="company_id")
    pd.testing.assert_frame_equal(people, before)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"variants": ["one"]}, "at least two different names"),
        ({"shares": [0.5]}, "1 numbers for 2 variants"),
        ({"shares": [0.5, 0.6]}, r"sum to 1\.1"),
        ({"shares": [1.0, 0.0]}, "must all be above 0"),
        ({"method": "coin"}, "choose one of"),
        ({"rng": "seed"}, "whole number"),
    ],
)
def test_arguments_that_are_not_allowed(people, options, message):
    with pytest.raises(ArgumentError, match=message):
        assign_variants(people, **options)


def test_all_faults_of_an_audience_are_told_at_once():
    bad = pd.DataFrame({"contact_id": ["a", "a", None], "variant": "x"})
    with pytest.raises(DataError, match="(?s)3 problems.*variant already.*missing in 1 rows.*repeats: a"):
        assign_variants(bad)
    with pytest.raises(DataError, match="no rows"):
        assign_variants(bad[["contact_id"]].head(0))
    with pytest.raises(DataError, match="can't balance within="):
        assign_variants(pd.DataFrame({"contact_id": ["a"], "s": 1}), method="hash", within="s")
    with pytest.raises(DataError, match="lacks"):
        assign_variants(pd.DataFrame({"contact_id": ["a"]}), cluster="company_id")
