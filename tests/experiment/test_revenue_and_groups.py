"""Revenue and groups: published values, laws and errors."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import segvspers as sv
from segvspers.errors import DataError, NotEstimableError


@pytest.fixture(scope="module")
def hillstrom(shared_data):
    columns = {"variant": "segment", "replied": "visit", "revenue_usd": "spend"}
    return sv.read_outcomes(shared_data / "hillstrom" / "hillstrom.csv.gz", columns=columns)


def test_hillstrom_spend_by_welch(hillstrom):
    men = sv.compare_revenue(hillstrom, control="No E-Mail", treatment="Mens E-Mail")
    assert men.lift == pytest.approx(0.7698271558945, abs=1e-12)
    assert (men.lift_low, men.lift_high) == pytest.approx((0.4851397325684, 1.0545145792207), abs=1e-10)
    assert men.p_value == pytest.approx(1.163814968e-7, rel=1e-8)
    assert men.relative_lift == pytest.approx(1.179288770362, abs=1e-11)
    women = sv.compare_revenue(hillstrom, control="No E-Mail", treatment="Womens E-Mail")
    assert (women.lift_low, women.lift_high) == pytest.approx((0.1689567898838, 0.6798676419894), abs=1e-10)
    assert women.p_value == pytest.approx(0.00112939710, rel=1e-7)
    between = sv.compare_revenue(hillstrom, control="Womens E-Mail", treatment="Mens E-Mail")
    assert between.lift == pytest.approx(0.3454149400, abs=1e-9)
    assert between.p_value == pytest.approx(0.0304686512, rel=1e-7)
    assert (round(men.mean_treatment, 4), round(men.mean_control, 4)) == (1.4226, 0.6528)


@pytest.mark.parametrize(
    ("arm", "outcome", "low", "high"),
    [
        ("Mens E-Mail", "replied", 0.069954, 0.083226),
        ("Womens E-Mail", "replied", 0.038894, 0.051572),
        ("Mens E-Mail", "conversion", 0.005000, 0.008610),
        ("Womens E-Mail", "conversion", 0.001499, 0.004723),
    ],
)
def test_hillstrom_rates_as_means_give_the_published_wald_intervals(hillstrom, arm, outcome, low, high):
    found = sv.compare_revenue(hillstrom, control="No E-Mail", treatment=arm, outcome=outcome)
    assert (found.lift_low, found.lift_high) == pytest.approx((low, high), abs=1.1e-6)


def test_hillstrom_groups_as_published(hillstrom):
    men = sv.compare_by_segment(hillstrom, control="No E-Mail", treatment="Mens E-Mail", group="history_segment")
    assert men.q == pytest.approx(9.5336930360, abs=1e-6)
    assert men.q_p_value == pytest.approx(0.1457129, abs=1e-6)
    assert men.tau**2 == pytest.approx(5.350178586e-5, rel=1e-6)
    assert (men.lift, men.lift_se) == pytest.approx((0.0777944792, 0.0047950986), abs=1e-9)
    expected = [0.07165321, 0.07311361, 0.08070299, 0.08083948, 0.08303745, 0.07613735, 0.07907726]
    assert men.groups["lift_shrunk"].tolist() == pytest.approx(expected, abs=1e-7)
    women = sv.compare_by_segment(hillstrom, control="No E-Mail", treatment="Womens E-Mail", group="history_segment")
    assert women.tau == 0
    assert women.groups["lift_shrunk"].tolist() == pytest.approx([0.0450369276] * 7, abs=1e-9)


def frame(seed=3, n=400):
    rng = np.random.default_rng(seed)
    variant = np.where(rng.random(n) < 0.5, "segment", "individual")
    return pd.DataFrame(
        {"variant": variant, "revenue_usd": rng.gamma(0.2, 50, n), "company_id": rng.integers(0, 90, n)}
    )


def test_welch_agrees_with_scipy():
    rows = frame()
    arms = [rows.loc[rows["variant"] == name, "revenue_usd"] for name in ("individual", "segment")]
    theirs = stats.ttest_ind(*arms, equal_var=False)
    found = sv.compare_revenue(rows, control="segment")
    assert found.p_value == pytest.approx(theirs.pvalue, rel=1e-10)
    interval = theirs.confidence_interval(0.95)
    assert (found.lift_low, found.lift_high) == pytest.approx((interval.low, interval.high), rel=1e-10)


def test_rescaling_revenue_scales_the_lift_and_leaves_p():
    rows = frame()
    for cluster in (None, "company_id"):
        ours = sv.compare_revenue(rows, control="segment", cluster=cluster)
        theirs = sv.compare_revenue(
            rows.assign(revenue_usd=rows["revenue_usd"] * 7), control="segment", cluster=cluster
        )
        assert theirs.lift == pytest.approx(7 * ours.lift)
        assert theirs.p_value == pytest.approx(ours.p_value)


def test_a_large_constant_loses_no_digits():
    rows = frame()
    ours = sv.compare_revenue(rows, control="segment")
    theirs = sv.compare_revenue(rows.assign(revenue_usd=rows["revenue_usd"] + 1e9), control="segment")
    assert theirs.lift == pytest.approx(ours.lift, abs=1e-5)
    assert theirs.p_value == pytest.approx(ours.p_value, rel=1e-5)


def test_revenue_that_does_not_vary_is_refused():
    with pytest.raises(NotEstimableError, match="does not vary"):
        sv.compare_revenue(frame().assign(revenue_usd=0.0), control="segment")


def test_infinite_revenue_is_refused_with_its_rows():
    rows = frame()
    rows.loc[[1, 4], "revenue_usd"] = np.inf
    with pytest.raises(DataError, match=r"'revenue_usd' holds no finite number in 2 rows \(row 2, 5\)"):
        sv.compare_revenue(rows, control="segment")


def test_groups_too_small_are_named_and_too_few_are_refused():
    rng = np.random.default_rng(1)
    n = 900
    rows = pd.DataFrame(
        {"variant": np.where(rng.random(n) < 0.5, "segment", "individual"), "replied": rng.random(n) < 0.2}
    )
    rows["segment_id"] = np.where(np.arange(n) < 440, "a", np.where(np.arange(n) < 890, "b", "tiny"))
    found = sv.compare_by_segment(rows, control="segment")
    assert found.left_out == ("tiny",)
    assert "1 group too small to tell" in found.summary()
    with pytest.raises(NotEstimableError, match="fewer than two groups of 'segment_id'"):
        sv.compare_by_segment(rows.assign(segment_id="all"), control="segment")
