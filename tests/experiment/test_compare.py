"""Reply rates: published values, laws, calibration, and errors."""

import numpy as np
import pandas as pd
import pytest
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

import segvspers as sv
from segvspers.errors import DataError, NotEstimableError
from segvspers.experiment.arms import Arms
from segvspers.experiment.many import lift_intervals
from segvspers.experiment.proportions import (
    coherent_ratio,
    log_ratio,
    newcombe,
    newcombe_p_value,
    probability_better,
    wilson,
)

Z = 1.959963984540054


def table(control, treatment, **more):
    """One row a contact from (replies, contacts) of each arm."""
    rows = [("segment", index < control[0]) for index in range(control[1])]
    rows += [("individual", index < treatment[0]) for index in range(treatment[1])]
    return pd.DataFrame(rows, columns=["variant", "replied"]).assign(**more)


@pytest.mark.parametrize(
    ("treatment", "control", "low", "high"),
    [
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((6, 7), (2, 7), 0.0582, 0.8062),
        ((5, 56), (0, 29), -0.0381, 0.1926),
        ((0, 10), (0, 20), -0.1611, 0.2775),
        ((0, 10), (0, 10), -0.2775, 0.2775),
        ((10, 10), (0, 20), 0.6791, 1.0),
        ((10, 10), (0, 10), 0.6075, 1.0),
    ],
)
def test_newcombe_1998_table_of_method_10(treatment, control, low, high):
    assert newcombe(control, treatment, Z) == pytest.approx((low, high), abs=5.1e-5)


@pytest.mark.parametrize(
    ("replies", "n", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_interval_of_newcombe_1998_and_statsmodels(replies, n, low, high):
    assert wilson(replies, n, Z) == pytest.approx((low, high), abs=5.1e-5)
    assert wilson(replies, n, Z) == pytest.approx(proportion_confint(replies, n, method="wilson"), abs=1e-12)


def test_newcombe_agrees_with_statsmodels():
    theirs = confint_proportions_2indep(56, 70, 48, 80, method="newcomb", compare="diff")
    assert newcombe((48, 80), (56, 70), Z) == pytest.approx(theirs, abs=1e-9)


@pytest.mark.parametrize(
    ("control", "treatment", "probability"),
    [
        ((120, 1000), (145, 1000), 0.950196907617),
        ((8, 793), (15, 736), 0.948445520260),
        ((30, 1000), (42, 1000), 0.923985217558),
        ((0, 50), (1, 50), 0.752475247525),
        ((42, 104), (500, 1009), 0.962081966790),
    ],
)
def test_probability_better_equals_evan_millers_sum_formula(control, treatment, probability):
    assert probability_better(control, treatment) == pytest.approx(probability, abs=1e-10)


def test_log_ratio_of_hillstrom_visits():
    # The 1/2 of Walter (1975) moves the published log-delta interval 0.640385 .. 0.806426 by its fourth digit.
    found = log_ratio((2262, 21306), (3894, 21307), Z)
    assert found == pytest.approx((0.640385, 0.806426), abs=3e-4)


def test_hillstrom_visits_and_conversions(shared_data):
    outcomes = sv.read_outcomes(
        shared_data / "hillstrom" / "hillstrom.csv.gz", columns={"variant": "segment", "replied": "visit"}
    )
    men = sv.compare_reply_rates(outcomes, control="No E-Mail", treatment="Mens E-Mail")
    assert (men.n_control, men.replies_control) == (21306, 2262)
    assert (men.n_treatment, men.replies_treatment) == (21307, 3894)
    assert round(men.lift, 6) == 0.076590
    assert men.relative_lift == pytest.approx(0.721404616781, abs=1e-11)
    women = sv.compare_reply_rates(outcomes, control="No E-Mail", treatment="Womens E-Mail", outcome="conversion")
    assert (women.lift_low, women.lift_high) == pytest.approx((0.0015016571, 0.0047454713), abs=1e-9)
    bought = sv.compare_reply_rates(outcomes, control="No E-Mail", treatment="Mens E-Mail", outcome="conversion")
    assert (bought.lift_low, bought.lift_high) == pytest.approx((0.0050143447, 0.0086407234), abs=1e-9)
    assert sv.check_health(outcomes).checks.iloc[0]["status"] == "Pass"


def test_broockman_2013_reply_rates(shared_data):
    legislators = pd.read_csv(shared_data / "broockman2013_email_replies" / "black_politicians.csv.gz")
    legislators["variant"] = legislators["treat_out"].map({0: "in district", 1: "out of district"})
    cells = {0: (2629, 1476, 2600, 746), 1: (185, 86, 179, 57)}
    for black, (n_in, replied_in, n_out, replied_out) in cells.items():
        found = sv.compare_reply_rates(
            legislators[legislators["leg_black"] == black], control="in district", columns={"replied": "responded"}
        )
        assert (found.n_control, found.replies_control) == (n_in, replied_in)
        assert (found.n_treatment, found.replies_treatment) == (n_out, replied_out)
    assert round(found.rate_control * 100, 2) == 46.49
    assert round(found.rate_treatment * 100, 2) == 31.84


def test_swapping_the_variants_negates_the_lift():
    rows = table((30, 400), (52, 410))
    ours = sv.compare_reply_rates(rows, control="segment")
    theirs = sv.compare_reply_rates(rows, control="individual")
    assert theirs.lift == -ours.lift
    assert (theirs.lift_low, theirs.lift_high) == pytest.approx((-ours.lift_high, -ours.lift_low))
    assert theirs.p_value == pytest.approx(ours.p_value, rel=1e-9)
    assert theirs.p_better == pytest.approx(1 - ours.p_better, abs=1e-9)


def test_the_order_of_rows_changes_nothing():
    rows = table((30, 400), (52, 410), company_id=[index // 3 for index in range(810)])
    shuffled = rows.sample(frac=1, random_state=3)
    for cluster in (None, "company_id"):
        ours = sv.compare_reply_rates(rows, control="segment", cluster=cluster)
        theirs = sv.compare_reply_rates(shuffled, control="segment", cluster=cluster)
        assert theirs.lift == ours.lift
        assert theirs.p_value == pytest.approx(ours.p_value, rel=1e-9)


def test_duplicated_people_in_their_companies_change_no_clustered_interval():
    rows = table((30, 400), (52, 410), company_id=[index // 3 for index in range(810)])
    twice = pd.concat([rows, rows])
    ours = sv.compare_reply_rates(rows, control="segment", cluster="company_id")
    theirs = sv.compare_reply_rates(twice, control="segment", cluster="company_id")
    assert (theirs.lift_low, theirs.lift_high) == pytest.approx((ours.lift_low, ours.lift_high), rel=1e-9)


def test_the_clustered_error_equals_a_sandwich_estimator():
    import statsmodels.formula.api as smf

    rng = np.random.default_rng(5)
    rows = table((60, 600), (90, 600), company_id=np.arange(1200) // 5)
    rows["replied"] = rng.random(1200) < rng.beta(1, 9, 240)[rows["company_id"]]
    found = sv.compare_reply_rates(rows, control="segment", cluster="company_id")
    frame = rows.assign(y=rows["replied"].astype(float), treated=(rows["variant"] == "individual").astype(float))
    fit = smf.ols("y ~ treated", frame).fit(
        cov_type="cluster", cov_kwds={"groups": frame["company_id"], "use_correction": False}
    )
    plain = sum(rate * (1 - rate) / 600 for rate in (found.rate_control, found.rate_treatment))
    # Companies of one size: each arm is corrected by G / (G - 1) = 120 / 119, statsmodels not at all.
    assert found.design_effect * plain == pytest.approx(fit.bse["treated"] ** 2 * 120 / 119, rel=1e-9)


def test_test_and_intervals_agree_on_zero_over_many_tables():
    for treated in range(0, 60, 2):
        found = sv.compare_reply_rates(table((20, 400), (treated, 380)), control="segment")
        called = found.lift_low > 0 or found.lift_high < 0
        assert called == (found.p_value < 0.05) == found.significant
        assert called == (found.relative_lift_low > 0 or found.relative_lift_high < 0)


def test_a_ratio_that_contradicts_the_lift_is_mended_to_its_sign():
    assert coherent_ratio((-0.01, 0.5), (0.001, 0.02), 0.04) == pytest.approx((0.025, 0.5))
    assert coherent_ratio((0.01, 0.5), (-0.001, 0.02), 0.04) == (0.0, 0.5)


def test_zero_replies_in_one_arm_are_defined():
    found = sv.compare_reply_rates(table((0, 200), (4, 200)), control="segment")
    assert np.isnan(found.relative_lift)
    assert found.lift_low < found.lift < found.lift_high < 1
    assert np.isfinite([found.relative_lift_low, found.relative_lift_high]).all()
    assert "not estimable" not in found.summary() or found.significant


def test_zero_replies_in_one_arm_by_company_are_defined():
    rows = table((0, 200), (4, 200), company_id=[index // 2 for index in range(400)])
    found = sv.compare_reply_rates(rows, control="segment", cluster="company_id")
    assert found.lift_low < found.lift < found.lift_high
    assert np.isfinite([found.relative_lift_low, found.relative_lift_high, found.p_value]).all()


UNEVEN = {
    "geometric": lambda rng, shape: rng.geometric(1 / 20, shape),
    "lognormal": lambda rng, shape: np.ceil(np.exp(1.5 + 1.2 * rng.standard_normal(shape))).astype(int),
    "pareto": lambda rng, shape: np.minimum(np.ceil(3 * rng.pareto(1.3, shape) + 1), 5000).astype(int),
}


def draw_companies(rng, kind, n_companies, rate, icc, n_tests=4000):
    sizes = UNEVEN[kind](rng, (n_tests, n_companies))
    own = rng.beta(rate * (1 - icc) / icc, (1 - rate) * (1 - icc) / icc, sizes.shape)
    m, y = sizes.astype(float), rng.binomial(sizes, own).astype(float)
    parts = (m, y, y**2, m**2, m * y, m**3, m**2 * y, m * y**2)
    return Arms(np.full(n_tests, float(n_companies)), *(part.sum(axis=1) for part in parts))


@pytest.mark.parametrize("kind", UNEVEN)
@pytest.mark.parametrize(("n_companies", "rate", "icc"), [(50, 0.1, 0.05), (200, 0.03, 0.05), (200, 0.1, 0.2)])
def test_a_a_tests_and_coverage_by_company_hold_their_level_however_uneven(kind, n_companies, rate, icc):
    rng = np.random.default_rng([n_companies, round(1000 * rate)])
    control, same, better = (draw_companies(rng, kind, n_companies, r, icc) for r in (rate, rate, 1.3 * rate))
    _, low, high = lift_intervals(control, same, confidence=0.95, clustered=True)
    alarms = ((low > 0) | (high < 0)).mean()
    _, low, high = lift_intervals(control, better, confidence=0.95, clustered=True)
    coverage = ((low <= 0.3 * rate) & (0.3 * rate <= high)).mean()
    # Monte Carlo error of 4,000 tests: 0.34 points.
    assert 0.035 < alarms < 0.065
    assert 0.935 < coverage < 0.975


def test_one_pair_of_arms_is_judged_as_many_are():
    rng = np.random.default_rng(11)
    company = np.repeat(np.arange(60), rng.geometric(0.2, 60))
    replied = rng.random(len(company)) < rng.beta(1, 9, 60)[company]
    variant = np.where(np.arange(60) < 25, "segment", "individual")
    frame = pd.DataFrame({"company_id": company, "replied": replied, "variant": variant[company]})
    found = sv.compare_reply_rates(frame, control="segment", cluster="company_id")
    sums = []
    for name in ("segment", "individual"):
        units = frame[frame["variant"] == name].groupby("company_id")["replied"].agg(["size", "sum"])
        m, y = units["size"].to_numpy(float), units["sum"].to_numpy(float)
        parts = (m, y, y**2, m**2, m * y, m**3, m**2 * y, m * y**2)
        sums.append(Arms(np.array([float(len(m))]), *(np.array([part.sum()]) for part in parts)))
    lift, low, high = lift_intervals(sums[0], sums[1], confidence=0.95, clustered=True)
    assert (found.lift, found.lift_low, found.lift_high) == pytest.approx((lift[0], low[0], high[0]), rel=1e-12)
    assert (found.p_value < 0.05) == (low[0] > 0 or high[0] < 0)


def test_coverage_by_contact_is_near_its_level():
    rng, covered, n_tests = np.random.default_rng(12), 0, 2000
    for control, treatment in zip(rng.binomial(800, 0.05, n_tests), rng.binomial(800, 0.07, n_tests), strict=True):
        low, high = newcombe((control, 800), (treatment, 800), Z)
        covered += low <= 0.02 <= high
    assert 0.94 < covered / n_tests < 0.965


def test_the_p_value_is_where_the_interval_touches_zero():
    from scipy.stats import norm

    p_value = newcombe_p_value((20, 400), (40, 380))
    low, _ = newcombe((20, 400), (40, 380), norm.isf(p_value / 2))
    assert low == pytest.approx(0, abs=1e-9)
    assert newcombe_p_value((20, 400), (20, 400)) == 1.0


def test_every_kind_of_table_gives_the_same(tmp_path):
    import duckdb
    import polars as pl

    rows = table((30, 400), (52, 410))
    rows.to_parquet(tmp_path / "rows.parquet")
    rows.to_csv(tmp_path / "rows.csv", index=False)
    arrow = pl.from_pandas(rows).to_arrow()
    found = {
        sv.compare_reply_rates(source, control="segment").p_value
        for source in (
            rows,
            pl.from_pandas(rows),
            pl.from_pandas(rows).lazy(),
            arrow,
            duckdb.sql("SELECT * FROM arrow"),
            tmp_path / "rows.parquet",
            str(tmp_path / "rows.csv"),
        )
    }
    assert len(found) == 1


def test_steps_of_one_contact_count_once():
    rows = table((30, 400), (52, 410)).assign(contact_id=range(810), step=1)
    second = rows.assign(step=2, replied=False)
    both = sv.compare_reply_rates(pd.concat([rows, second]), control="segment")
    assert both.p_value == sv.compare_reply_rates(rows, control="segment").p_value


def test_summary_of_a_clear_and_of_an_unclear_test():
    clear = sv.compare_reply_rates(table((20, 1000), (60, 1000)), control="segment")
    assert clear.summary() == (
        "individual: 60 of 1,000 contacts (6.00 %); segment: 20 of 1,000 (2.00 %). "
        "individual is higher by 4.00 points (+2.31 points to +5.79 points), a relative change of +200.0 %."
    )
    unclear = sv.compare_reply_rates(table((20, 1000), (22, 1000)), control="segment")
    assert "can't be told from zero" in unclear.summary()


def test_inputs_stay_as_they_are():
    rows = table((3, 40), (5, 41), company_id=list(range(81)))
    before = rows.copy()
    sv.compare_reply_rates(rows, control="segment", cluster="company_id")
    pd.testing.assert_frame_equal(rows, before)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"control": "blast"}, "control='blast' is not among the variants"),
        ({"treatment": "segment"}, "treatment='segment' must be one of"),
        ({"outcome": "answered"}, r"outcomes lacks \['answered'\]"),
        ({"cluster": "firm"}, r"outcomes lacks \['firm'\]"),
        ({"columns": {"replied": "reply"}}, r"columns= names \['reply'\], which the table lacks"),
    ],
)
def test_a_wrong_name_is_told_with_what_there_is(change, message):
    with pytest.raises(DataError, match=message):
        sv.compare_reply_rates(table((3, 40), (5, 41)), **({"control": "segment"} | change))


@pytest.mark.parametrize(
    ("rows", "error", "message"),
    [
        (table((3, 40), (5, 41)).query("variant == 'segment'"), DataError, "only one variant, segment"),
        (table((0, 40), (0, 41)), NotEstimableError, "nobody replied in either variant"),
        (table((3, 40), (5, 41)).assign(replied=2), DataError, "more than 0 and 1"),
        (table((3, 40), (5, 41)).assign(replied="perhaps"), DataError, "no finite number in 81 rows"),
        (table((3, 40), (5, 41)).assign(evidence="guessed"), DataError, "evidence 'guessed' is not known"),
        (table((3, 40), (5, 41)).assign(contact_id="C1"), DataError, "stand in more than one variant"),
    ],
)
def test_bad_outcomes_are_told(rows, error, message):
    with pytest.raises(error, match=message):
        sv.compare_reply_rates(rows, control="segment")


def test_a_third_variant_must_be_named():
    rows = pd.concat([table((3, 40), (5, 41)), pd.DataFrame({"variant": ["blast"] * 9, "replied": [True] * 9})])
    with pytest.raises(DataError, match="name one of"):
        sv.compare_reply_rates(rows, control="segment")


def test_a_single_company_in_an_arm_is_refused():
    rows = table((3, 40), (5, 41))
    with pytest.raises(NotEstimableError, match="single cluster"):
        sv.compare_reply_rates(rows.assign(company_id=rows["variant"]), control="segment", cluster="company_id")
