"""Replies against bits: other routes to the same numbers, worlds whose slope is known, laws, and what is refused."""

import numpy as np
import pandas as pd
import pytest

import segvspers as sv
from segvspers.errors import ArgumentError, DataError, NotEstimableError
from segvspers.experiment.dose.instrument import pooled_slope, strata_of
from segvspers.experiment.dose.read import read_doses
from segvspers.experiment.dose.regress import instrumented

SETTINGS = {"control": "segment", "treatment": "individual"}
BITS = 0.004


def world(rng, n, *, slope=BITS, baseline=0.008, by_itself=0.0, companies=None):
    """Contacts who are known better reply more anyway (`baseline` a bit); the email adds `slope` a bit that it says."""
    known = rng.uniform(0, 8, n)
    company = rng.integers(0, companies, n) if companies else np.arange(n)
    own = rng.random(n) < 0.5
    emails = pd.DataFrame(
        {
            "contact_id": np.tile(np.arange(n).astype(str), 2),
            "variant": np.repeat(["individual", "segment"], n),
            "bits": np.r_[np.where(known < 2, 1.0, 1.0 + known * rng.uniform(0.4, 1.0, n)), np.full(n, 1.0)],
        }
    )
    dose = np.where(own, emails["bits"][:n], 1.0)
    shared = rng.normal(0, 0.02, company.max() + 1)[company] if companies else 0.0
    replied = rng.random(n) < np.clip(0.02 + baseline * known + slope * dose + by_itself * own + shared, 0, 1)
    outcomes = pd.DataFrame(
        {"contact_id": np.arange(n).astype(str), "variant": np.where(own, "individual", "segment"), "replied": replied,
         "known": known, "company_id": company, "bits": dose}
    )  # fmt: skip
    return outcomes, emails


def slope_in(outcomes, emails, **options):
    asked = {"outcome": "replied", "bits": "bits", "available": None, "covariates": [], "facts": None, "cluster": None,
             "columns": None}  # fmt: skip
    table = read_doses(outcomes, emails, **SETTINGS, **{**asked, **options})
    return pooled_slope(table, strata_of(table, 5)[0], 0.95)


def test_without_strata_the_slope_is_the_lift_over_the_bits_gained():
    outcomes, _ = world(np.random.default_rng(1), 3000)
    found = sv.estimate_dose_response(outcomes, **SETTINGS)
    means = outcomes.groupby("variant")[["replied", "bits"]].mean()
    lift, gained = means.loc["individual"] - means.loc["segment"]
    assert found.slope == pytest.approx(lift / gained, rel=1e-9)
    assert found.rate_treatment - found.rate_control == pytest.approx(lift)


def test_two_stage_least_squares_of_statsmodels_gives_the_same_slope():
    from statsmodels.sandbox.regression.gmm import IV2SLS

    outcomes, emails = world(np.random.default_rng(2), 3000)
    found = slope_in(outcomes, emails, covariates=["known"])
    table = read_doses(outcomes, emails, **SETTINGS, outcome="replied", bits="bits", available=None, covariates=["known"],
                       facts=None, cluster=None, columns=None)  # fmt: skip
    stratum = strata_of(table, 5)[0]
    w = np.column_stack([np.eye(int(stratum.max()) + 1)[stratum], table.features])
    fit = IV2SLS(table.replied, np.column_stack([table.bits, w]), np.column_stack([table.treated, w])).fit()
    assert found.estimate == pytest.approx(fit.params[0], rel=1e-8)
    assert found.se == pytest.approx(fit.bse[0], rel=0.1)  # its errors take one variance for all contacts


def test_the_interval_ends_where_the_test_of_anderson_and_rubin_just_rejects():
    import statsmodels.api as sm

    outcomes, _ = world(np.random.default_rng(3), 2000, companies=150)
    y, d = outcomes["replied"].to_numpy(float), outcomes["bits"].to_numpy(float)
    z, unit = (outcomes["variant"] == "individual").to_numpy(float), outcomes["company_id"].to_numpy()
    found = instrumented(y, d, z, [], unit, 0.95)
    for end in (found.low, found.high):
        fit = sm.OLS(y - end * d, sm.add_constant(z)).fit(
            cov_type="cluster", cov_kwds={"groups": np.unique(unit, return_inverse=True)[1]}, use_t=True
        )
        assert fit.pvalues[1] == pytest.approx(0.05, abs=2e-4)


def test_a_known_slope_is_found_where_the_table_misleads():
    inside, slopes, naive = 0, [], []
    for run in range(200):
        outcomes, emails = world(np.random.default_rng(run), 2000)
        found = slope_in(outcomes, emails)
        inside += found.low <= BITS <= found.high
        slopes.append(found.estimate)
        mine = outcomes[outcomes["variant"] == "individual"]
        naive.append(np.polyfit(mine["bits"], mine["replied"], 1)[0])
    assert np.mean(naive) > 2.2 * BITS
    assert np.mean(slopes) == pytest.approx(BITS, abs=3.5 * np.std(slopes) / np.sqrt(200))
    assert 181 <= inside <= 198  # binomial(200, 0.95) lies outside once in 300


def test_bits_that_do_nothing_are_seldom_called_an_effect_also_by_company():
    alarms = 0
    for run in range(200):
        outcomes, emails = world(np.random.default_rng(run), 2000, slope=0.0, companies=300)
        found = slope_in(outcomes, emails, cluster="company_id")
        alarms += found.p_value < 0.05
        assert (found.p_value < 0.05) == (found.low > 0 or found.high < 0)
    assert 2 <= alarms <= 19


def test_the_covariate_that_confounds_mends_the_curve():
    outcomes, emails = world(np.random.default_rng(5), 60_000)
    found = sv.estimate_dose_response(outcomes, emails, covariates=["known"], **SETTINGS)
    naive = found.slopes.set_index("method")["estimate"]["within the treatment"]
    assert naive > 2.2 * BITS
    assert found.adjusted_low <= BITS <= found.adjusted_high
    rise = found.curves.iloc[[0, -1]]
    steep = {name: float(rise[name].diff().iloc[1] / rise["bits"].diff().iloc[1]) for name in ("naive", "adjusted")}
    assert steep["naive"] > 2.2 * BITS
    assert steep["adjusted"] == pytest.approx(BITS, abs=0.003)


def test_covariates_that_settle_the_bits_leave_nothing_to_compare():
    outcomes, emails = world(np.random.default_rng(16), 2000)
    found = sv.estimate_dose_response(outcomes, emails, covariates=["bits"], **SETTINGS)
    assert np.isnan(found.adjusted_slope)
    assert found.curves["adjusted"].isna().all()
    assert "nothing is left to compare" in found.note


def test_replies_to_bits_that_were_not_sent_show_the_confounding():
    outcomes, emails = world(np.random.default_rng(6), 20_000)
    found = sv.estimate_dose_response(outcomes, emails, **SETTINGS)
    checks = found.checks.set_index("check")
    assert checks.loc["bits not sent", "p_value"] < 1e-6
    assert "are known" not in found.note
    assert "no effect" in found.summary()
    assert checks.loc["lift without bits", "p_value"] > 0.01
    assert (found.strata["why"].iloc[0], len(found.strata)) == ("the draw moved no bits", 6)


def test_a_variant_that_acts_by_something_else_is_noticed():
    outcomes, emails = world(np.random.default_rng(7), 40_000, by_itself=0.04)
    found = sv.estimate_dose_response(outcomes, emails, **SETTINGS)
    row = found.checks.set_index("check").loc["lift without bits"]
    assert row["low"] <= 0.04 <= row["high"]
    assert row["p_value"] < 0.001
    assert "something other than bits" in found.summary()


def test_a_draw_that_hardly_moves_bits_gives_no_slope():
    rng = np.random.default_rng(8)
    outcomes, _ = world(rng, 2000)
    outcomes["bits"] = rng.uniform(0, 8, 2000)
    found = sv.estimate_dose_response(outcomes, **SETTINGS)
    assert np.isnan(found.slope)
    assert found.f_statistic < 10
    assert "10 needed" in found.summary()
    assert found.plot().get_title(loc="left").startswith("What a bit does can't be told")


def test_order_names_and_the_unit_of_bits_change_nothing_else():
    outcomes, emails = world(np.random.default_rng(9), 2000, companies=200)
    kept = {"cluster": "company_id", "covariates": ["known"]}
    found = sv.estimate_dose_response(outcomes, emails, **SETTINGS, **kept)
    before = outcomes.copy(), emails.copy()
    mixed = sv.estimate_dose_response(
        outcomes.sample(frac=1, random_state=1), emails.sample(frac=1, random_state=2), **SETTINGS, **kept
    )
    pd.testing.assert_frame_equal(found.slopes, mixed.slopes, rtol=1e-6)
    pd.testing.assert_frame_equal(outcomes, before[0])
    pd.testing.assert_frame_equal(emails, before[1])
    doubled = sv.estimate_dose_response(outcomes, emails.assign(bits=emails["bits"] * 2), **SETTINGS, **kept)
    assert doubled.slope * 2 == pytest.approx(found.slope)
    assert doubled.p_value == pytest.approx(found.p_value)
    swapped = slope_in(outcomes, emails)
    table = {"individual": "segment", "segment": "individual"}
    other = slope_in(
        outcomes.assign(variant=outcomes["variant"].map(table)), emails.assign(variant=emails["variant"].map(table))
    )
    assert other.estimate == pytest.approx(swapped.estimate, rel=0.2)  # strata follow the treatment's email
    plain = outcomes.assign(variant=outcomes["variant"].map(table))
    one, two = (sv.estimate_dose_response(seen, **SETTINGS) for seen in (outcomes, plain))
    assert two.slope == pytest.approx(one.slope, rel=1e-9)


def test_contacts_that_appear_twice_at_one_company_count_once():
    outcomes, _ = world(np.random.default_rng(10), 1500, companies=200)
    twice = pd.concat([outcomes, outcomes.assign(contact_id="x" + outcomes["contact_id"])])
    one, two = (sv.estimate_dose_response(seen, cluster="company_id", **SETTINGS) for seen in (outcomes, twice))
    assert two.slope == pytest.approx(one.slope, rel=1e-9)
    assert two.slope_high == pytest.approx(one.slope_high, rel=0.01)


def test_steps_are_one_contact_and_held_contacts_are_left_out():
    outcomes, emails = world(np.random.default_rng(11), 1500)
    steps = pd.concat([outcomes.assign(step=1), outcomes.assign(step=2, replied=False)])
    one, two = (sv.estimate_dose_response(seen, emails, **SETTINGS) for seen in (outcomes, steps))
    assert two.slope == pytest.approx(one.slope)
    held = emails.assign(status=np.where(emails["contact_id"].isin(["3", "4"]), "held", "ready"))
    found = sv.estimate_dose_response(outcomes, held, **SETTINGS)
    assert found.n_control + found.n_treatment == 1498
    assert "2 contacts whose emails were held" in found.note


def test_the_finding_is_told_and_drawn():
    outcomes, emails = world(np.random.default_rng(12), 3000)
    outcomes.attrs["evidence"] = "simulated"
    found = sv.estimate_dose_response(outcomes, emails, covariates=["known"], **SETTINGS)
    assert found.summary().startswith("By the draw alone, each bit more moves the reply rate by")
    assert "observational" in found.caveat
    assert "acts through its bits alone" in found.caveat
    assert found._repr_html_() == found._repr_html_()
    ax = found.plot()
    assert ax.get_title(loc="left").startswith("SIMULATED. A bit more moves replies by")
    assert "bits of personalization" in ax.get_xlabel()
    assert found.doses[["n_control", "n_treatment"]].to_numpy().sum() == 3000
    assert found.to_frame()["kind"].tolist() == ["observational"] * 3 + ["randomised"]
    by_hand = outcomes[outcomes["variant"] == "segment"]["replied"].mean()
    assert found.bands.loc[found.bands["variant"] == "segment", "rate"].tolist() == pytest.approx([by_hand])


def test_sends_that_nobody_drew_tell_nothing_by_the_draw():
    outcomes, emails = world(np.random.default_rng(13), 2000)
    outcomes["evidence"] = "observational"
    found = sv.estimate_dose_response(outcomes, emails, **SETTINGS)
    assert np.isnan(found.slope)
    assert found.summary().startswith("Nobody drew who got what")


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        (lambda o, _: (o.drop(columns="bits"), None), DataError, "lacks \\['bits'\\]"),
        (lambda o, e: (o, e[e["contact_id"] != "5"]), DataError, "'bits' is missing or below 0 for 1 of"),
        (lambda o, e: (o, e.assign(bits=-1.0)), DataError, "'bits' is missing or below 0"),
        (lambda o, _: (o.assign(bits=2.0), None), DataError, "'bits' is 2 for every contact"),
        (lambda o, e: (o.assign(variant="segment"), e), DataError, "only one variant"),
        (lambda o, e: (o.assign(replied=2), e), DataError, "neither yes nor no in row 1"),
        (lambda o, e: (o.assign(replied=False), e), NotEstimableError, "0 replies"),
        (lambda o, e: (pd.concat([o, o]), e), DataError, "stand there already"),
        (lambda o, e: (pd.concat([o, o.assign(variant="segment")]), e), DataError, "more than one variant"),
        (lambda o, e: (o[(o["known"] > 4) | (o["variant"] == "segment")], e), NotEstimableError, "not drawn by chance"),
    ],
)
def test_what_cannot_be_judged_is_refused(change, error, message):
    outcomes, emails = change(*world(np.random.default_rng(14), 2000))
    with pytest.raises(error, match=message):
        sv.estimate_dose_response(outcomes, emails, **SETTINGS)


def test_facts_of_days_after_the_draw_are_refused():
    outcomes, emails = world(np.random.default_rng(17), 1000)
    outcomes["assigned_at"] = pd.Timestamp("2026-09-08T06:00:00Z")
    facts = pd.DataFrame(
        {"contact_id": ["3", "4"], "bits": [5.0, 6.0], "occurred_on": pd.to_datetime(["2026-09-08", "2026-08-01"])}
    )
    found = sv.estimate_dose_response(outcomes, emails, facts=facts, **SETTINGS)
    assert found.covariates == ("facts known", "bits known")
    with pytest.raises(DataError, match="1 tell of days after the draw.*as_of='2026-09-08'"):
        late = facts.assign(occurred_on=pd.to_datetime(["2026-09-09", "2026-08-01"]))
        sv.estimate_dose_response(outcomes, emails, facts=late, **SETTINGS)


def test_arguments_out_of_range_are_refused():
    outcomes, emails = world(np.random.default_rng(15), 500)
    with pytest.raises(ArgumentError, match="were measured after"):
        sv.estimate_dose_response(outcomes.assign(opened=True), emails, covariates=["opened"], **SETTINGS)
    with pytest.raises(ArgumentError, match="n_bands=0"):
        sv.estimate_dose_response(outcomes, emails, n_bands=0, **SETTINGS)
    with pytest.raises(NotEstimableError, match="only 5 units"):
        sv.estimate_dose_response(
            outcomes.assign(company_id=np.arange(500) % 5), emails, cluster="company_id", **SETTINGS
        )
    with pytest.raises(DataError, match="'known' is empty"):
        sv.estimate_dose_response(outcomes.assign(known=np.nan), emails, available="known", **SETTINGS)
