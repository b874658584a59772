"""Laws, closed forms and oracles of the estimate."""

import time

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import segvspers as sv
from segvspers.roi import observe_values
from segvspers.roi.rates import draw_rates, read_counts
from segvspers.roi.value_of_information import perfect_information, regrets, sample_information


def test_known_inputs_give_the_formulas_of_the_note(comparison, known):
    roi = sv.estimate_roi(comparison(), n_contacts=5000, prior=None, rng=4, **known)
    per_reply = 0.3 * 0.5 * 0.2 * 4000 * 0.7
    cost = 5000 * 0.02 + 5000 * 0.1 * 2 / 60 * 50 + 12 * 50 - 12 * 0.75 * 50
    assert roi.value_per_reply_usd == pytest.approx(per_reply)
    assert roi.cost_difference_usd == pytest.approx(cost)
    benefit = 5000 * 0.012 * per_reply
    assert roi.net_usd == pytest.approx(benefit - cost, abs=40)
    assert roi.roi == pytest.approx(roi.net_usd / cost, rel=1e-6)
    rates = roi.to_frame().set_index("quantity")["median"]
    assert roi.break_even_rate == pytest.approx(rates["rate_control"] + cost / (5000 * per_reply), rel=1e-6)
    assert roi.p_above_break_even == pytest.approx(roi.p_net_positive)


def test_the_range_of_net_is_that_of_the_beta_laws(comparison, known):
    roi = sv.estimate_roi(comparison(), n_contacts=5000, prior=None, rng=4, **known)
    sd = (stats.beta(85.5, 2415.5).var() + stats.beta(115.5, 2385.5).var()) ** 0.5 * 5000 * 84
    assert (roi.net_high_usd - roi.net_low_usd) / (2 * 1.644854) == pytest.approx(sd, rel=0.02)


def test_a_prior_acts_as_the_normal_law_says(comparison):
    counts = read_counts(comparison(850, 1150, 25_000))
    prior = sv.normal(0.0, 0.05)
    _, relative = draw_rates(counts, prior, n_draws=200_000, rng=np.random.default_rng(1))
    seen, variance = np.log(1150 / 850), 1 / 850 + 1 / 1150 - 2 / 25_000
    weight = 0.05**2 / (0.05**2 + variance)
    assert np.log(relative).mean() == pytest.approx(weight * seen, abs=0.003)
    assert np.log(relative).std() == pytest.approx((weight * variance) ** 0.5, rel=0.02)


def test_a_large_test_overrides_the_prior_and_a_small_one_does_not(comparison):
    small, large = comparison(9, 12, 250), comparison(9000, 12_000, 250_000)
    used = [sv.estimate_roi(one, prior="sceptical", n_draws=20_000).relative_lift_used for one in (small, large)]
    assert used[0] < 0.05
    assert used[1] == pytest.approx(1 / 3, abs=0.01)


def test_the_same_seed_gives_the_same_twice_and_inputs_are_unchanged(comparison, known):
    first, second = (sv.estimate_roi(comparison(), rng=3, n_draws=5000, **known) for _ in range(2))
    assert first.net_usd == second.net_usd
    pd.testing.assert_frame_equal(first.scenarios, second.scenarios)
    assert sv.estimate_roi(comparison(), rng=4, n_draws=5000, **known).net_usd != first.net_usd


def test_swapping_the_variants_negates_the_benefit(comparison, known):
    there = sv.estimate_roi(comparison(85, 115), prior=None, rng=3, **known)
    back = sv.estimate_roi(comparison(115, 85), prior=None, rng=3, **known)
    assert back.benefit_usd == pytest.approx(-there.benefit_usd, abs=0.02 * there.benefit_high_usd)
    assert back.verdict.startswith("worse")


def test_clusters_widen_the_range_as_their_interval_says(comparison, known):
    plain = comparison()
    half = (plain.lift_high - plain.lift_low) / 2
    wide = comparison(cluster="company_id", lift_low=plain.lift - 2 * half, lift_high=plain.lift + 2 * half)
    narrow, broad = (sv.estimate_roi(one, prior=None, rng=3, **known) for one in (plain, wide))
    ratio = (broad.net_high_usd - broad.net_low_usd) / (narrow.net_high_usd - narrow.net_low_usd)
    assert ratio == pytest.approx(2, abs=0.1)


def test_a_hundred_thousand_draws_take_a_second(comparison):
    sv.estimate_roi(comparison(), n_draws=1000)
    started = time.process_time()
    sv.estimate_roi(comparison(), n_draws=100_000)
    assert time.process_time() - started < 3  # about 0.7 s alone; room for a busy machine


def test_cost_and_value_correlated_per_contact_narrow_the_net():
    rng = np.random.default_rng(5)
    spend = rng.gamma(1.0, 10.0, 4000)
    frame = pd.DataFrame({"variant": ["a", "b"] * 2000, "revenue_usd": spend})
    linked = observe_values(frame.assign(cost=0.5 * spend), control="a", cost="cost")
    loose = observe_values(frame.assign(cost=rng.permutation(0.5 * spend)), control="a", cost="cost")
    widths = [(one.net_high_usd - one.net_low_usd) for one in (sv.estimate_roi(x, rng=1) for x in (linked, loose))]
    assert linked.covariance[0][1] > 0.4 * linked.covariance[0][0]
    expected = [x.covariance[0][0] + x.covariance[1][1] - 2 * x.covariance[0][1] for x in (linked, loose)]
    assert widths[0] / widths[1] == pytest.approx((expected[0] / expected[1]) ** 0.5, rel=0.03)


def test_the_range_of_roi_is_fiellers_when_the_cost_is_clearly_positive():
    rng = np.random.default_rng(8)
    treated = rng.random(6000) < 0.5
    cost = np.where(treated, rng.gamma(4, 0.5, 6000), 0.0)
    value = rng.gamma(1, 3, 6000) + np.where(treated, 2 + cost, 0)
    frame = pd.DataFrame({"variant": np.where(treated, "b", "a"), "revenue_usd": value, "cost_usd": cost})
    seen = observe_values(frame, control="a", cost="cost_usd")
    roi = sv.estimate_roi(seen, rng=1)
    (vb, c), (_, vc) = seen.covariance
    b, k, z = seen.value_difference, seen.cost_difference, 1.644854
    roots = np.roots([k**2 - z**2 * vc, -2 * (b * k - z**2 * c), b**2 - z**2 * vb])
    assert [roi.roi_low, roi.roi_high] == pytest.approx(sorted(roots - 1), rel=0.02)


def test_perfect_and_sample_information_follow_their_closed_forms():
    rng = np.random.default_rng(2)
    mean, sd = 50.0, 200.0
    net = mean + sd * rng.standard_normal(400_000)
    loss = sd * stats.norm.pdf(mean / sd) - mean * stats.norm.cdf(-mean / sd)
    assert perfect_information(net) == pytest.approx(loss, rel=0.02)
    assert perfect_information(net) == pytest.approx(min(regrets(net)))

    control = np.full(20_000, 0.10)
    treatment = 0.10 + 0.01 * rng.standard_normal(20_000)
    gain = 10_000 * (treatment - control)
    table = sample_information(control, treatment, gain, cost_per_contact=0.0, rng=rng, sizes=(2000,))
    noise = 2 * 0.1 * 0.9 / 2000
    before = 100 * (0.01**2 / (0.01**2 + noise)) ** 0.5
    assert table["value_usd"].iloc[0] == pytest.approx(before * stats.norm.pdf(0), rel=0.06)


def test_worth_of_a_test_grows_with_its_size_up_to_knowing_everything(comparison, known):
    roi = sv.estimate_roi(comparison(), **known)
    worth = roi.samples["value_usd"]
    assert worth.is_monotonic_increasing or worth.diff().min() > -0.02 * worth.max()
    assert worth.max() <= roi.evpi_usd
    assert roi.choices.loc[0, "expected_regret_usd"] == pytest.approx(roi.regret_adopt_usd)


def test_tornado_bars_are_what_the_formula_gives_at_the_ends(comparison, known):
    funnel = sv.Funnel(
        positive_share=sv.uniform(0.2, 0.4), meeting_share=0.5, win_share=0.2, value_usd=4000, margin=0.7
    )
    roi = sv.estimate_roi(comparison(), costs=known["costs"], funnel=funnel, n_contacts=5000)
    row = roi.tornado.set_index("parameter").loc["positive_share"]
    assert (row["input_low"], row["input_high"]) == pytest.approx((0.22, 0.38), abs=0.002)
    gain = row["net_high_usd"] - row["net_low_usd"]
    medians = roi.tornado.set_index("parameter")["input_median"]
    extra = medians["rate_control"] * (medians["relative_rate"] - 1)
    assert gain == pytest.approx(5000 * extra * (row["input_high"] - row["input_low"]) * 0.5 * 0.2 * 2800, rel=1e-6)


def test_the_funnel_leads_when_it_dominates(comparison):
    roi = sv.estimate_roi(comparison(850, 1150, 25_000), n_draws=20_000)
    assert roi.funnel_dominates
    assert "What follows a reply is the least certain part" in roi.summary()


def test_payback_present_value_and_lifetime_value(comparison, known):
    import dataclasses

    costs = dataclasses.replace(known["costs"], setup_usd=5000)
    funnel = dataclasses.replace(known["funnel"], retention=0.8, discount_rate=0.12)
    roi = sv.estimate_roi(comparison(), costs=costs, funnel=funnel, n_campaigns=12, prior=None)
    assert roi.lifetime_value_usd == pytest.approx(2800 * 0.8 / (1 + 0.12 - 0.8))
    recurring = roi.net_usd + 5000
    weights = sum(1.12 ** (-t / 12) for t in range(1, 13))
    assert roi.npv_usd == pytest.approx(weights * recurring - 5000, rel=0.01)
    assert roi.payback_campaigns == np.ceil(5000 / recurring)
    assert roi.cash_flow["cumulative_usd"].iloc[0] == -5000


def test_observed_costs_of_the_run_store_replace_assumed_ones(comparison):
    emails = pd.DataFrame({"variant": ["individual"] * 4 + ["segment"], "cost_usd": [0.1, 0.3, 0.2, 0.2, 9.0]})
    roi = sv.estimate_roi(comparison(), emails=emails, n_contacts=5000, n_draws=2000)
    items = roi.costs[roi.costs["variant"] == "individual"].set_index("item")["cost_usd"]
    assert items["model tokens"] == pytest.approx(1000)
    row = roi.assumptions.set_index("parameter").loc["email_cost_usd"]
    assert row["source"] == "run store, 4 individual emails"
    assert row["changed"]


def test_changed_assumptions_are_marked_and_cited_ones_keep_their_grade(comparison):
    costs = sv.Costs(writer_rate_usd=80, prices_on="2026-11-01")
    table = sv.estimate_roi(comparison(), costs=costs, n_draws=2000).assumptions.set_index("parameter")
    assert table.loc["writer_rate_usd", "changed"]
    assert not table.loc["win_share", "changed"]
    assert table.loc["win_share", "grade"] == "D"
    assert table.loc["win_share", "confirm"]
    assert table.loc["price_in_usd", "source"] == "prices of 2026-11-01"


def test_groups_are_adopted_only_when_they_gain_by_themselves(comparison, known):
    groups = pd.DataFrame(
        {"group": ["x", "y"], "n_contacts": [2500, 2500], "lift": [0.03, 0.0], "lift_low": [0.02, -0.01], "lift_high": [0.04, 0.01]}
    )  # fmt: skip
    roi = sv.estimate_roi(comparison(85, 95), groups=groups, **known)
    assert list(roi.groups["adopt"]) == [True, False]
    assert roi.decision == "adopt for these groups"
    assert "Adopt individual emails for x only" in roi.summary()


def test_every_view_is_drawn_and_simulated_ones_are_stamped(comparison):
    from segvspers.roi.finding import VIEWS

    groups = pd.DataFrame({"group": ["x"], "n_contacts": 900, "lift": 0.01, "lift_low": 0.0, "lift_high": 0.02})
    roi = sv.estimate_roi(comparison(evidence="simulated"), groups=groups, n_draws=2000)
    assert roi.views == VIEWS
    for view in VIEWS:
        ax = roi.plot(view=view)
        assert ax.get_title(loc="left")
        assert "SIMULATED" in [text.get_text() for text in ax.texts]
    assert "<table>" in roi._repr_html_()


def test_ranges_of_the_lift_cover_the_truth_as_often_as_they_say(comparison):
    rng, covered = np.random.default_rng(12), 0
    for _ in range(400):
        seen = read_counts(comparison(*rng.binomial(2500, [0.034, 0.045])))
        control, relative = draw_rates(seen, None, n_draws=2000, rng=rng)
        low, high = np.quantile(control * (relative - 1), [0.05, 0.95])
        covered += low <= 0.011 <= high
    assert 0.865 <= covered / 400 <= 0.935


def test_a_false_lift_is_seldom_adopted(comparison, known):
    """A/A tests: at odds of 0.9 and costs above zero fewer than one in ten is adopted outright."""
    rng, adopted = np.random.default_rng(13), 0
    for _ in range(100):
        seen = comparison(*rng.binomial(2500, [0.034, 0.034]))
        adopted += sv.estimate_roi(seen, n_draws=1000, **known).p_net_positive >= 0.9
    assert adopted <= 10


def test_twice_the_money_is_twice_the_net(comparison, known):
    import dataclasses

    money = ("writer_rate_usd", "email_cost_usd", "setup_usd", "seller_rate_usd", "subscriber_value_usd")
    costs = dataclasses.replace(known["costs"], seller_rate_usd=60)
    double = {name: 2 * getattr(costs, name).mean for name in money}
    funnel = known["funnel"]
    one = sv.estimate_roi(comparison(), costs=costs, funnel=funnel, n_draws=5000)
    two = sv.estimate_roi(
        comparison(),
        costs=dataclasses.replace(costs, **double),
        funnel=dataclasses.replace(funnel, value_usd=8000),
        n_draws=5000,
    )
    assert two.net_usd == pytest.approx(2 * one.net_usd)
    assert two.roi == pytest.approx(one.roi)
    assert two.break_even_rate == pytest.approx(one.break_even_rate)


def test_the_histogram_of_net_has_an_edge_at_zero_and_holds_the_draws(comparison):
    bins = sv.estimate_roi(comparison(), n_draws=20_000).histogram
    assert bins["share"].sum() == pytest.approx(1, abs=0.01)
    assert (bins["net_low_usd"].abs() < 1e-6).any()


def test_views_without_data_are_refused_and_the_others_drawn():
    frame = pd.DataFrame({"variant": ["a", "b"] * 50, "revenue_usd": np.arange(100.0)})
    seen = observe_values(frame, control="a", contact_cost_usd={"b": 0.5})
    assert seen.plot().get_title(loc="left")
    assert "contacts with b against" in seen.summary()
    roi = sv.estimate_roi(seen)
    assert list(roi.tornado["parameter"]) == ["value_difference"]
    for view in roi.views:
        assert "not estimable" not in roi.plot(view=view).get_title(loc="left")
    for view in ("funnel", "segments", "break_even", "groups", "information"):
        with pytest.raises(sv.NotEstimableError, match=f"view='{view}' has no data in this estimate"):
            roi.plot(view=view)
    with pytest.raises(sv.ArgumentError, match="view='pie' is not known"):
        roi.plot(view="pie")
