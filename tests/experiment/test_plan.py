"""Sample sizes of the literature, power against simulation, and a plan held against its data."""

import json
import math

import numpy as np
import pandas as pd
import pytest
from statsmodels.stats.power import NormalIndPower
from statsmodels.stats.proportion import proportion_effectsize

from segvspers import (
    ArgumentError,
    DataError,
    MissingFileError,
    World,
    compare_plan,
    plan_test,
    read_plan,
    simulate_tests,
)
from segvspers.experiment import power


@pytest.mark.parametrize(
    ("rates", "level", "formula", "expected"),
    [
        ((0.20, 0.25), 0.8, "miller", 1030.22),  # Evan Miller's calculator: 1,030
        ((0.02, 0.022), 0.8, "miller", 78039.0),
        ((0.02, 0.024), 0.8, "miller", 19784.1),
        ((0.50, 0.75), 0.9, "pooled", 76.7),  # R help page of power.prop.test
        ((0.20, 0.25), 0.8, "pooled", 1093.739),
        ((0.02, 0.022), 0.8, "pooled", 80681.4),
        ((0.02, 0.024), 0.8, "pooled", 21108.4),
    ],
)
def test_sample_sizes_of_the_references(rates, level, formula, expected):
    n = power.n_per_arm(*rates, power=level, confidence=0.95, formula=formula)
    assert n == pytest.approx(expected, rel=2e-4)
    assert power.power_at(*rates, n, confidence=0.95, formula=formula) == pytest.approx(level, abs=1e-9)


def test_arcsine_is_that_of_statsmodels():
    size = proportion_effectsize(0.25, 0.20)
    expected = NormalIndPower().solve_power(size, alpha=0.05, power=0.8)
    assert power.n_per_arm(0.2, 0.25, power=0.8, confidence=0.95, formula="arcsine") == pytest.approx(
        expected, rel=1e-4
    )


def test_power_of_the_r_help_page():
    assert power.power_at(0.5, 0.75, 50, confidence=0.95, formula="pooled") == pytest.approx(0.7401659, abs=1e-7)
    assert power.power_at(0.5, 0.5, 50, confidence=0.95, formula="pooled") == pytest.approx(0.05)


@pytest.mark.parametrize(("icc", "size"), [(0.0, 1.0), (0.05, 3.0), (0.15, 6.0)])
def test_simulated_power_agrees_with_the_formula(icc, size):
    world = World(reply_rate=0.05, log_effect=math.log(1.3), icc=icc, contacts_per_company=size, delay_sigma=0.1)
    cv = math.sqrt(1 - 1 / size)
    plan = plan_test(
        reply_rate=0.05,
        relative_lift=0.3,
        cluster="company_id",
        contacts_per_company=size,
        icc=icc,
        size_cv=cv,
    )
    found = simulate_tests(world, n_per_arm=plan.n_per_arm, n_tests=4000, rng=2)
    assert found.rejected_share == pytest.approx(0.80, abs=0.025)


def test_size_and_detectable_lift_are_each_other_s_inverse():
    plan = plan_test(reply_rate=0.034, relative_lift=0.2)
    back = plan_test(reply_rate=0.034, n_per_arm=plan.n_per_arm)
    assert back.relative_lift == pytest.approx(0.2, rel=1e-3)
    assert plan.curve["power"].is_monotonic_increasing
    assert plan.curve["detectable_lift"].dropna().is_monotonic_decreasing


def test_drawing_companies_costs_the_design_effect():
    alone = plan_test(reply_rate=0.034, relative_lift=0.2)
    companies = plan_test(reply_rate=0.034, relative_lift=0.2, cluster="company_id", contacts_per_company=10, icc=0.05)
    assert companies.n_per_arm == pytest.approx(alone.n_per_arm * 1.45, rel=1e-3)
    assert "factor of 1.45" in companies.summary()


def test_duration_and_value_of_testing_more():
    plan = plan_test(
        reply_rate=0.034,
        relative_lift=0.2,
        contacts_per_day=1000,
        value_per_reply_usd=30,
        n_rollout=500_000,
        extra_cost_per_contact_usd=0.02,
    )
    assert plan.days == math.ceil(plan.n_contacts / 1000) + 21
    assert plan.value["information_usd"].is_monotonic_increasing
    draws = np.random.default_rng(1)  # oracle: the same decision by simulation
    n, sd = int(plan.value["n_per_arm"].iloc[20]), 0.034 * 0.25
    lift = draws.normal(0.034 * math.expm1(0.10 + 0.25**2 / 2), sd, 400_000)
    noise = 2 * 0.034 * 0.966 / n
    seen = lift + math.sqrt(noise) * draws.standard_normal(len(lift))
    mean = (seen / noise + lift.mean() / sd**2) / (1 / noise + 1 / sd**2)
    gain = 30 * 500_000 * (np.where(mean > 0.02 / 30, lift - 0.02 / 30, 0).mean() - max(0, lift.mean() - 0.02 / 30))
    assert plan.value["information_usd"].iloc[20] == pytest.approx(gain, rel=0.05)


def test_a_saved_plan_comes_back_the_same(tmp_path):
    plan = plan_test(reply_rate=0.034, relative_lift=0.2, cluster="company_id", icc=0.05)
    path = plan.to_json(tmp_path / "plan.json")
    back = read_plan(path)
    assert back.summary() == plan.summary()
    pd.testing.assert_frame_equal(back.curve, plan.curve)
    assert json.loads(path.read_text())["days"] is None


def test_what_deviates_from_the_plan_is_said():
    plan = plan_test(reply_rate=0.05, relative_lift=1.0, cluster="company_id", icc=0.01, follow_up_days=7)
    n = plan.n_per_arm
    sent = pd.Timestamp("2026-01-01", tz="UTC")
    seen = pd.DataFrame(
        {
            "contact_id": range(2 * n),
            "company_id": [k // 2 for k in range(2 * n)],
            "variant": ["segment", "individual"] * n,
            "replied": [k % 40 < 2 for k in range(2 * n)],
            "sent_at": sent,
            "replied_at": sent + pd.Timedelta(days=9),
        }
    )
    found = compare_plan(plan, seen).set_index("what")
    assert found.index[found["deviates"]].tolist() == ["unit of the draw", "days to the last reply"]
    assert "several variants" in found.loc["unit of the draw", "said"]
    odd = compare_plan(plan, seen.drop(columns="company_id").replace({"variant": {"individual": "blast"}}))
    assert odd["deviates"].sum() == 4
    assert "not planned: ['blast']" in odd["said"].iloc[0]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "exactly one"),
        ({"lift": 0.1, "relative_lift": 0.1}, "exactly one"),
        ({"lift": 0.99}, "between 0 and 1"),
        ({"lift": 0.0}, "that differs"),
        ({"n_per_arm": 2}, "can't find any lift"),
        ({"lift": 0.1, "formula": "guess"}, "choose one of"),
        ({"lift": 0.1, "power": 80}, "proportion"),
        ({"lift": 0.1, "icc": 1.0, "size_cv": -1, "contacts_per_company": 0}, "3 problems"),
    ],
)
def test_impossible_plans(options, message):
    with pytest.raises(ArgumentError, match=message):
        plan_test(reply_rate=0.05, **options)


def test_files_that_are_no_plan(tmp_path):
    with pytest.raises(MissingFileError, match="no plan at"):
        read_plan(tmp_path / "none.json")
    (tmp_path / "bad.json").write_text("{}")
    with pytest.raises(DataError, match="is no plan"):
        read_plan(tmp_path / "bad.json")


def test_summary_and_picture():
    plan = plan_test(reply_rate=0.034, relative_lift=0.2)
    assert plan.summary() == (
        "To find a lift of +0.68 points (20 %) on a reply rate of 3.40 % with power 80 %, assign 12,221 contacts "
        "an arm. Formula: normal approximation, pooled variance under no difference (R power.prop.test)."
    )
    ax = plan.plot()
    assert "12,221" in ax.get_title(loc="left")
    assert "<table" in plan._repr_html_()
