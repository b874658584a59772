"""Revenue: published values, laws, other ways to look at it, and errors."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import segvspers as sv
from segvspers.errors import ArgumentError, DataError, NotEstimableError
from segvspers.experiment.tails import Units, tail_views


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


def test_hillstrom_relative_spend_on_the_log_scale(hillstrom):
    # statistics reference: log-delta interval of the ratio of spend, Student's t
    men = sv.compare_revenue(hillstrom, control="No E-Mail", treatment="Mens E-Mail", robust=False)
    assert (men.relative_lift_low, men.relative_lift_high) == pytest.approx((0.628431, 1.916487), abs=1e-6)


@pytest.mark.parametrize(
    ("arm", "lift", "se"), [("Mens E-Mail", 0.7674384994, 0.1452150422), ("Womens E-Mail", 0.4227009232, 0.1303082191)]
)
def test_hillstrom_spend_adjusted_for_history(hillstrom, arm, lift, se):
    found = sv.compare_revenue(hillstrom, control="No E-Mail", treatment=arm, covariates=["history"], robust=False)
    assert found.lift == pytest.approx(lift, abs=1e-9)
    plain = sv.compare_revenue(hillstrom, control="No E-Mail", treatment=arm, robust=False)
    half = (found.lift_high - found.lift_low) / 2
    quantile = stats.t.ppf(0.975, 38_000)
    assert half / quantile == pytest.approx(se, abs=1e-6)
    assert found.variance_kept == pytest.approx((half / ((plain.lift_high - plain.lift_low) / 2)) ** 2, abs=1e-6)
    assert "Adjusting for history gains almost nothing." in found.summary()


def test_growthbook_absolute_difference_of_its_test():
    # growthbook:packages/stats/tests/frequentist/test_tests.py: 0.29 [0.04538, 0.53462] p 0.02016, from sums
    from segvspers.experiment.means import ArmMeans, compare_means

    arms = []
    for n, total, squares in ((3407, 1396.87, 52377.9767), (3461, 2422.7, 134698.29)):
        spread = np.array([[[squares - total**2 / n]]])
        mean = np.array([[total / n]])
        units = np.array([float(n)])
        arms.append(ArmMeans(units, units, np.zeros(1), mean, spread / (n - 1) / n, spread, units - 1))
    found = compare_means(*arms)
    low, high = found.interval(0.95)
    assert (round(found.lift[0], 2), round(low[0], 5), round(high[0], 5)) == (0.29, 0.04538, 0.53462)
    assert round(found.p_values()[0], 5) == 0.02016


def correlated(rho, n=40_000, seed=1):
    rng = np.random.default_rng(seed)
    before = rng.normal(size=n)
    after = rho * before + np.sqrt(1 - rho**2) * rng.normal(size=n)
    return pd.DataFrame(
        {"variant": np.where(np.arange(n) % 2, "b", "a"), "revenue_usd": after + 5, "before": 1000 * before}
    )


@pytest.mark.parametrize("rho", [0.0, 0.5, 0.9])
@pytest.mark.parametrize("adjustment", ["cuped", "lin"])
def test_the_variance_kept_is_one_minus_rho_squared(rho, adjustment):
    found = sv.compare_revenue(correlated(rho), control="a", covariates=["before"], adjustment=adjustment, robust=False)
    assert found.variance_kept == pytest.approx(1 - rho**2, abs=0.012)


def test_lin_equals_a_regression_with_interactions():
    import statsmodels.formula.api as smf

    rng = np.random.default_rng(8)
    rows = correlated(0.6, n=3000).assign(age=rng.gamma(2, 10, 3000))
    rows.loc[rows["variant"] == "b", "revenue_usd"] += 0.02 * rows["age"]
    found = sv.compare_revenue(rows, control="a", covariates=["before", "age"], adjustment="lin", robust=False)
    frame = rows.assign(t=(rows["variant"] == "b").astype(float))
    for name in ("before", "age"):
        frame[name] -= frame[name].mean()
    fit = smf.ols("revenue_usd ~ t * (before + age)", frame).fit(cov_type="HC2")
    assert found.lift == pytest.approx(fit.params["t"], rel=1e-9)
    # HC2 holds the covariates fixed; ours adds what their mean adds, which is itself drawn.
    gap = fit.params[["t:before", "t:age"]].to_numpy()
    drawn = gap @ frame[["before", "age"]].cov().to_numpy() @ gap / len(frame)
    half = (found.lift_high - found.lift_low) / 2 / stats.t.ppf(0.975, 2900)
    assert half == pytest.approx(np.sqrt(fit.bse["t"] ** 2 + drawn), rel=2e-3)


def test_clusters_of_one_contact_are_contacts():
    rows = correlated(0.5, n=900).assign(company_id=range(900))
    for covariates in ([], ["before"]):
        ours = sv.compare_revenue(rows, control="a", covariates=covariates, robust=False)
        theirs = sv.compare_revenue(rows, control="a", covariates=covariates, cluster="company_id", robust=False)
        for name in ("lift", "lift_low", "lift_high", "p_value", "relative_lift_low"):
            assert getattr(theirs, name) == pytest.approx(getattr(ours, name), rel=1e-9), name


def test_the_clustered_error_of_revenue_equals_a_sandwich_estimator():
    import statsmodels.formula.api as smf

    rng = np.random.default_rng(3)
    company = np.repeat(np.arange(120), 5)
    rows = pd.DataFrame(
        {
            "company_id": company,
            "variant": np.where(company < 60, "a", "b"),
            "revenue_usd": rng.gamma(1, 10, 600) + rng.normal(20, 4, 120)[company],
        }
    )
    found = sv.compare_revenue(rows, control="a", cluster="company_id", robust=False)
    fit = smf.ols("revenue_usd ~ variant", rows).fit(
        cov_type="cluster", cov_kwds={"groups": rows["company_id"], "use_correction": False}
    )
    half = (found.lift_high - found.lift_low) / 2
    even = sv.compare_revenue(rows, control="a", cluster="company_id", robust=False, confidence=0.5)
    ratio = half / ((even.lift_high - even.lift_low) / 2)
    df = next(df for df in np.arange(60, 119, 0.01) if stats.t.ppf(0.975, df) / stats.t.ppf(0.75, df) < ratio)
    # Companies of one size: each arm is corrected by about 60 / 59, for those that scatter a little more.
    assert half / stats.t.ppf(0.975, df) == pytest.approx(fit.bse["variant[T.b]"] * np.sqrt(60 / 59), rel=1e-4)


@pytest.mark.parametrize("cluster", [None, "company_id"])
def test_swapping_the_arms_negates_everything(cluster):
    rows = frame().assign(before=np.random.default_rng(5).gamma(1, 30, 400))
    ours = sv.compare_revenue(rows, control="segment", cluster=cluster, covariates=["before"], n_bootstrap=0)
    theirs = sv.compare_revenue(rows, control="individual", cluster=cluster, covariates=["before"], n_bootstrap=0)
    assert theirs.p_value == pytest.approx(ours.p_value)
    for one, other in ((ours.views, theirs.views), (ours.parts, theirs.parts)):
        assert other["lift"].to_numpy() == pytest.approx(-one["lift"].to_numpy())
        assert other["lift_low"].to_numpy() == pytest.approx(-one["lift_high"].to_numpy())


def test_parts_add_up_to_the_lift():
    found = sv.compare_revenue(frame(n=2000), control="segment")
    assert found.parts["lift"].sum() == pytest.approx(found.lift)
    assert found.mean_control == pytest.approx(found.parts.loc[0, "control"] * found.parts.loc[1, "control"])


def test_parts_hold_their_coverage():
    rng, n, held, n_tests = np.random.default_rng(6), 400, np.zeros(2), 120
    truth = (0.3 - 0.2) * 30.0, (35.0 - 25.0) * 0.25  # rates 0.2 and 0.3, values 25 and 35
    for _ in range(n_tests):
        spent = [rng.gamma(2, value / 2, n) * (rng.random(n) < rate) for rate, value in ((0.2, 25), (0.3, 35))]
        rows = pd.DataFrame({"variant": np.repeat(["a", "b"], n), "revenue_usd": np.concatenate(spent)})
        parts = sv.compare_revenue(rows, control="a", robust=False).parts
        held += [
            low <= true <= high for low, true, high in zip(parts["lift_low"], truth, parts["lift_high"], strict=True)
        ]
    assert ((held / n_tests > 0.89) & (held / n_tests <= 1)).all()


def units(amount, n=None, contacts=None):
    amount = np.asarray(amount, dtype=float)
    ones = np.ones(len(amount))
    return Units(ones if contacts is None else contacts, amount, ones if n is None else np.asarray(n, dtype=float))


def test_winsorising_caps_the_top_one_per_cent_of_buyers():
    # SciPy's winsorize on the amounts that are not zero, then Welch.
    from scipy.stats.mstats import winsorize

    rng = np.random.default_rng(9)
    arms = [np.where(rng.random(3000) < 0.3, rng.lognormal(3, 1.5, 3000), 0.0) for _ in (0, 1)]
    views = tail_views(units(arms[0]), units(arms[1]), confidence=0.95, n_bootstrap=0, rng=rng)
    spent = np.concatenate([arm[arm > 0] for arm in arms])
    cap = np.asarray(winsorize(spent, limits=(0, 0.01))).max()
    theirs = stats.ttest_ind(*(np.minimum(arm, cap) for arm in arms[::-1]), equal_var=False)
    assert views.loc[0, "p_value"] == pytest.approx(theirs.pvalue, rel=1e-9)


def test_without_the_largest_drops_a_thousandth_of_the_buyers():
    rng = np.random.default_rng(9)
    arms = [rng.lognormal(3, 1.5, 1500) for _ in (0, 1)]
    views = tail_views(units(arms[0]), units(arms[1]), confidence=0.95, n_bootstrap=0, rng=rng)
    edge = np.sort(np.concatenate(arms))[-3]  # 3 of 3,000
    theirs = stats.ttest_ind(*(arm[arm < edge] for arm in arms[::-1]), equal_var=False)
    assert views.loc[1, "p_value"] == pytest.approx(theirs.pvalue, rel=1e-9)
    assert views.loc[1, "what"] == "3 left out"


def test_the_bootstrap_agrees_with_welch_where_nothing_is_odd():
    rng = np.random.default_rng(2)
    arms = [rng.normal(10, 3, 800), rng.normal(10.3, 3, 800)]
    views = tail_views(units(arms[0]), units(arms[1]), confidence=0.95, n_bootstrap=4000, rng=rng)
    theirs = stats.ttest_ind(arms[1], arms[0], equal_var=False).confidence_interval(0.95)
    assert views.loc[2, ["lift_low", "lift_high"]].tolist() == pytest.approx([theirs.low, theirs.high], abs=0.03)


def test_alike_units_are_drawn_as_if_each_stood_alone():
    rng = np.random.default_rng(2)
    amount, n = np.array([0.0, 5.0, 80.0]), np.array([900, 80, 20])
    alike, apart = units(amount, n), units(np.repeat(amount, n))
    one, other = (
        tail_views(arm, arm, confidence=0.95, n_bootstrap=6000, rng=rng).loc[2, "lift_high"] for arm in (alike, apart)
    )
    assert one == pytest.approx(other, rel=0.06)


def test_many_single_units_are_drawn_in_blocks_that_tell_the_same():
    rng = np.random.default_rng(2)
    arms = [rng.gamma(0.5, 20, 60_000) for _ in (0, 1)]
    views = tail_views(units(arms[0]), units(arms[1]), confidence=0.95, n_bootstrap=400, rng=rng)
    theirs = stats.ttest_ind(arms[1], arms[0], equal_var=False).confidence_interval(0.95)
    width = views.loc[2, "lift_high"] - views.loc[2, "lift_low"]
    assert width == pytest.approx(theirs.high - theirs.low, rel=0.12)


@pytest.fixture
def spenders():
    rng = np.random.default_rng(1)
    rows = pd.DataFrame({"variant": np.repeat(["a", "b"], 3000), "revenue_usd": 0.0})
    rows.loc[rng.random(6000) < 0.05, "revenue_usd"] = 100.0
    return rows


def test_a_lift_hidden_by_one_amount_is_said_to_be(spenders):
    spenders.loc[spenders["variant"].eq("b") & spenders["revenue_usd"].gt(0), "revenue_usd"] = 180.0
    assert not sv.compare_revenue(spenders, control="a", n_bootstrap=0).note
    spenders.loc[5, "revenue_usd"] = 20_000.0
    found = sv.compare_revenue(spenders, control="a", n_bootstrap=0)
    assert not found.significant
    assert found.note == "A few large amounts hide it: winsorised and without the largest, it is told from zero."


def test_a_lift_carried_by_one_amount_is_said_to_be(spenders):
    buyers = spenders.index[spenders["variant"].eq("b") & spenders["revenue_usd"].gt(0)]
    for extra in np.arange(0, 150, 0.5):  # the lift comes to the edge of significance, and one amount tips it over
        spenders.loc[buyers, "revenue_usd"] = 100.0 + extra
        spenders.loc[buyers[0], "revenue_usd"] = 400.0 + extra
        found = sv.compare_revenue(spenders, control="a", n_bootstrap=0)
        if found.significant:
            break
    assert "A few large amounts carry it: winsorised and without the largest, it can't be told from zero." in found.note


def test_the_same_seed_gives_the_same_bootstrap():
    one, two = (sv.compare_revenue(frame(), control="segment", rng=3).views for _ in range(2))
    pd.testing.assert_frame_equal(one, two)


def test_a_covariate_measured_after_the_draw_is_refused_or_told():
    rows = frame(n=4000).assign(opened=True)
    with pytest.raises(ArgumentError, match=r"covariates=\['opened'\] were measured after the emails left"):
        sv.compare_revenue(rows, control="segment", covariates=["opened"])
    late = rows.assign(visits=np.random.default_rng(1).poisson(np.where(rows["variant"] == "individual", 3.0, 2.0)))
    assert (
        "differ in visits by more than chance"
        in sv.compare_revenue(late, control="segment", covariates=["visits"]).note
    )


def test_no_buyer_in_an_arm_leaves_the_parts_untold():
    rows = frame()
    rows.loc[rows["variant"] == "segment", "revenue_usd"] = 0.0
    found = sv.compare_revenue(rows, control="segment")
    assert np.isnan(found.parts["lift"]).all()
    assert np.isnan([found.relative_lift, found.relative_lift_low]).all()
    assert "nan" not in found.summary()


def test_summaries_of_revenue():
    rows = pd.DataFrame(
        {"variant": ["a", "b"] * 500, "revenue_usd": [0.0, 0.0, 10.0, 10.0, 10.0, 12.0, 0.0, 30.0] * 125}
    )
    assert sv.compare_revenue(rows, control="a").summary() == (
        "b brought $13.00 a contact against $5.00 with a; the difference of $8.00 ($6.95 to $9.05; +160.0 %) is not chance "
        "alone. $3.42 of it comes from more contacts who buy, $4.58 from larger amounts."
    )
    rows["revenue_usd"] = [0.0, 0.0, 10.0, 10.0] * 250
    assert sv.compare_revenue(rows, control="a").summary() == (
        "b brought $5.00 a contact against $5.00 with a; the difference of $0.00 (-$0.62 to $0.62; +0.0 %) can't be told "
        "from zero."
    )


def test_a_billion_with_a_spread_of_one_loses_no_digits_by_company_either():
    rows = frame(n=2000)
    for cluster in (None, "company_id"):
        ours = sv.compare_revenue(rows, control="segment", cluster=cluster, robust=False)
        theirs = sv.compare_revenue(
            rows.assign(revenue_usd=rows["revenue_usd"] + 2.0**30), control="segment", cluster=cluster, robust=False
        )
        assert theirs.lift == pytest.approx(ours.lift, abs=1e-6)
        assert theirs.p_value == pytest.approx(ours.p_value, rel=1e-5)
