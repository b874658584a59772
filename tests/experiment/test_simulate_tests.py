"""Thousands of tests: nominal error, coverage, agreement with rows, peeking."""

import math

import numpy as np
import pandas as pd
import pytest
from scipy.stats import ks_2samp

from segvspers import ArgumentError, World, simulate_outcomes, simulate_tests
from segvspers.experiment.arms import draw_arms


@pytest.mark.parametrize(("icc", "size"), [(0.0, 1.0), (0.05, 1.7), (0.2, 10.0), (0.1, 50.0)])
def test_error_and_coverage_are_nominal_by_company(icc, size):
    world = World(reply_rate=0.05, log_effect=0.0, icc=icc, contacts_per_company=size)
    found = simulate_tests(world, n_per_arm=10_000, n_tests=4000, rng=1)
    assert 0.04 <= found.rejected_share <= 0.06
    assert 0.94 <= found.coverage <= 0.97


def test_ignoring_companies_cries_wolf():
    world = World(reply_rate=0.05, log_effect=0.0, icc=0.2, contacts_per_company=10)
    assert simulate_tests(world, n_per_arm=5000, n_tests=2000, clustered=False, rng=1).rejected_share > 0.2


def test_peeking_cries_wolf_as_often_as_published():
    # Armitage, McPherson and Rowe 1969: 5 looks 0.142, 10 looks 0.193.
    world = World(reply_rate=0.3, log_effect=0.0, icc=0.0, contacts_per_company=1.0)
    for n_looks, published in ((1, 0.05), (5, 0.142), (10, 0.193)):
        found = simulate_tests(world, n_per_arm=20_000, n_tests=8000, n_looks=n_looks, clustered=False, rng=3)
        assert found.rejected_at_any_look == pytest.approx(published, abs=0.014)


def test_the_quick_path_and_the_rows_agree_in_distribution():
    world = World(
        reply_rate=0.10,
        log_effect=0.3,
        icc=0.1,
        company_sizes=(1, 2, 5),
        propensity_sigma=0.0,
        wrong_fact_share=0,
    )
    draws = np.random.default_rng(1)
    rows = []
    for seed in range(300):
        sizes = draws.choice([1, 2, 5], 150)
        company = np.repeat(np.arange(150), sizes)
        people = pd.DataFrame({"contact_id": np.arange(len(company)), "company_id": company, "variant": "individual"})
        people.loc[people["company_id"] < 75, "variant"] = "segment"
        seen = simulate_outcomes(people, world=world, rng=seed)
        rows.append(seen.groupby("variant")["replied"].mean())
    rows = pd.DataFrame(rows)
    quick = simulate_tests(world, n_per_arm=200, n_tests=4000, rng=2).draws
    assert ks_2samp(rows["individual"] - rows["segment"], quick["lift"]).pvalue > 0.01
    assert ks_2samp(rows["segment"], quick["replies_control"] / quick["n_control"]).pvalue > 0.01


def test_both_ways_to_draw_arms_have_the_same_moments(monkeypatch):
    world = World(reply_rate=0.08, icc=0.1, contacts_per_company=4.0)
    options = {"n_contacts": 400, "n_tests": 20_000}
    cells = draw_arms(world, 0.08, rng=np.random.default_rng(1), **options)
    monkeypatch.setattr("segvspers.experiment.arms.CELL_COST", 1e9)  # every company by itself
    single = draw_arms(world, 0.08, rng=np.random.default_rng(2), **options)
    for name in ("contacts", "replies", "replies_squared", "contacts_squared", "contacts_replies"):
        one, other = getattr(cells, name), getattr(single, name)
        assert one.mean() == pytest.approx(other.mean(), rel=0.02)
        assert one.std() == pytest.approx(other.std(), rel=0.06)


def test_significant_lifts_of_small_tests_are_too_large():
    world = World(reply_rate=0.03, log_effect=0.1)
    small = simulate_tests(world, n_per_arm=1000, n_tests=4000, rng=1)
    large = simulate_tests(world, n_per_arm=100_000, n_tests=4000, rng=1)
    assert small.exaggeration > 3
    assert large.exaggeration == pytest.approx(1.0, abs=0.1)
    assert small.wrong_sign_share > large.wrong_sign_share == 0
    assert small.regret_per_1000 > large.regret_per_1000 >= 0


def test_the_same_seed_gives_the_same_tests():
    one, other = (simulate_tests(World(), n_tests=500, rng=9) for _ in range(2))
    pd.testing.assert_frame_equal(one.draws, other.draws)


def test_summary_and_picture():
    found = simulate_tests(World(log_effect=0.0), n_tests=500, n_looks=4, rng=1)
    assert math.isnan(found.exaggeration)
    assert "say there is one" in found.summary()
    assert "Looking 4 times" in found.summary()
    assert "SIMULATED" in found.plot().get_title(loc="left")
    lifted = simulate_tests(World(log_effect=0.5), n_tests=500, rng=1)
    assert "is found by" in lifted.summary()
    assert "true lift" in [text.get_text() for text in lifted.plot().get_legend().get_texts()]
    assert "<table" in lifted._repr_html_()


@pytest.mark.parametrize(
    ("options", "message"),
    [({"n_tests": 0}, "n_tests"), ({"n_per_arm": 10.5}, "whole number"), ({"confidence": 95}, "proportion")],
)
def test_arguments_that_are_not_allowed(options, message):
    with pytest.raises(ArgumentError, match=message):
        simulate_tests(World(), **options)
