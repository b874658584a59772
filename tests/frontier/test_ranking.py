"""Qini, AUUC and rank-weighted effects against published values and other routes."""

import numpy as np
import pandas as pd
import pytest

import segvspers as sv
from drawn_tests import drawn
from segvspers.errors import ArgumentError, DataError, NotEstimableError
from segvspers.frontier import uplift_areas
from segvspers.frontier.uplift_areas import qini_area, targeting_area, targeting_curve


@pytest.mark.parametrize(
    ("arm", "by", "qini", "auuc"),  # scikit-uplift 0.5.1: qini_auc_score, uplift_auc_score
    [
        ("Womens E-Mail", "womens", 0.064016, 0.029431),
        ("Womens E-Mail", "history", 0.002622, 0.001048),
        ("Womens E-Mail", "minus_recency", -0.004520, -0.001970),
        ("Mens E-Mail", "history", 0.018433, 0.009578),
        ("Mens E-Mail", "minus_recency", 0.011849, 0.006381),
    ],
)
def test_areas_are_those_of_scikit_uplift_on_the_email_challenge(shared_data, arm, by, qini, auuc):
    table = pd.read_csv(shared_data / "hillstrom" / "hillstrom.csv.gz").assign(minus_recency=lambda t: -t["recency"])
    found = sv.evaluate_ranking(
        table, by=by, control="No E-Mail", treatment=arm, outcome="visit", columns={"variant": "segment"}
    )
    assert (found.qini, found.auuc) == pytest.approx((qini, auuc), abs=5e-7)
    assert found.qini_low < found.qini < found.qini_high
    assert (found.autoc_low > 0) == (by in ("womens", "history") and (arm, by) != ("Womens E-Mail", "history"))


def test_the_targeting_area_is_the_mean_of_the_curve_over_ranks():
    rng = np.random.default_rng(1)
    gain = rng.normal(0.02, 1.0, 5000) + np.linspace(1, 0, 5000)
    running = np.cumsum(gain) / np.arange(1, 5001)
    sums = np.column_stack([np.ones(5000), gain])
    assert targeting_area(sums) == pytest.approx((running - gain.mean()).mean(), abs=0.01)
    assert targeting_curve(sums, np.array([0.2, 1.0])) == pytest.approx([gain[:1000].mean() - gain.mean(), 0.0])
    # In closed form: gains that fall evenly from 1 to 0 have the curve 1/2 - u/2 and the area 1/4.
    even = np.column_stack([np.ones(20_000), np.linspace(1, 0, 20_000)])
    assert targeting_area(even) == pytest.approx(0.25, abs=1e-3)


def test_a_perfect_ranking_has_a_qini_of_one_and_contacts_of_one_score_one_of_none():
    perfect = np.array([[40.0, 40.0, 0.0, 0.0], [60.0, 0.0, 70.0, 0.0], [0.0, 0.0, 30.0, 30.0]])
    assert qini_area(perfect) == pytest.approx(1.0)
    together = perfect.sum(axis=0, keepdims=True)
    assert qini_area(together) == pytest.approx(0.0)
    assert targeting_area(np.array([[100.0, 3.0]])) == pytest.approx(0.0)


def scored(rng, n=1500):
    table, _ = drawn(rng, n, arms=("a", "b"))
    return table.assign(score=(table["plan"] != "free") + rng.normal(0, 0.7, n))


def test_errors_are_those_of_a_bootstrap_and_turning_the_score_round_turns_the_sign():
    table = scored(np.random.default_rng(5))
    found = sv.evaluate_ranking(table, by="score", control="a")
    ordered = table.sort_values("score", ascending=False)
    treated, y = ordered["variant"].eq("b").to_numpy(), ordered["replied"].to_numpy(dtype=float)
    rng, drawn_again = np.random.default_rng(6), []
    for _ in range(400):
        rows = np.sort(rng.integers(0, len(table), len(table)))
        t, won = treated[rows], y[rows]
        share, means = t.mean(), (won[~t].mean(), won[t].mean())
        gain = np.where(t, (won - means[1]) / share, -(won - means[0]) / (1 - share)) + means[1] - means[0]
        drawn_again.append((qini_area(np.column_stack([t, t * won, ~t, ~t * won]).astype(float)),
                            targeting_area(np.column_stack([np.ones(len(t)), gain]))))  # fmt: skip
    spread = np.std(drawn_again, axis=0)
    widths = [(found.qini_high - found.qini_low) / 3.92, (found.autoc_high - found.autoc_low) / 3.92]
    assert widths == pytest.approx(spread, rel=0.2)
    turned = sv.evaluate_ranking(table.assign(score=-table["score"]), by="score", control="a")
    assert turned.qini == pytest.approx(-found.qini, abs=0.01)


def test_errors_from_sums_are_those_from_rows():
    rng = np.random.default_rng(3)
    parts, slopes, group = rng.random((500, 3)), rng.normal(size=(20, 3, 2)), rng.integers(0, 20, 500)
    rows = uplift_areas._error_of_units(parts, slopes, group, np.arange(500))
    assert uplift_areas._error_of_contacts(parts, slopes, group) == pytest.approx(rows)


def test_intervals_of_a_score_that_tells_nothing_hold_zero():
    inside = 0
    for run in range(60):
        rng = np.random.default_rng([9, run])
        table = drawn(rng, 600, arms=("a", "b"))[0].assign(score=rng.random(600))
        found = sv.evaluate_ranking(table, by="score", control="a")
        inside += found.autoc_low <= 0 <= found.autoc_high
    assert inside >= 52  # binomial(60, 0.95) is below 52 once in 140


def test_companies_widen_the_errors():
    table, _ = drawn(np.random.default_rng(4), 6000, companies=300, arms=("a", "b"))
    table["score"] = (table["plan"] != "free").astype(float)
    apart = sv.evaluate_ranking(table, by="score", control="a")
    together = sv.evaluate_ranking(table, by="score", control="a", cluster="company_id")
    assert together.autoc_high - together.autoc_low > 1.2 * (apart.autoc_high - apart.autoc_low)
    assert (together.qini, together.n_units) == (apart.qini, 300)


def test_what_can_not_be_ranked_is_refused():
    table = scored(np.random.default_rng(5))
    with pytest.raises(DataError, match="'score' is empty or no number in 1 rows"):
        sv.evaluate_ranking(table.assign(score=table["score"].where(table.index != 4)), by="score", control="a")
    with pytest.raises(NotEstimableError, match="takes 1 values"):
        sv.evaluate_ranking(table.assign(score=1.0), by="score", control="a")
    with pytest.raises(ArgumentError, match="by='opened' is the draw or comes after it"):
        sv.evaluate_ranking(table.assign(opened=1), by="opened", control="a")
    with pytest.raises(DataError, match="needs a randomised test"):
        sv.evaluate_ranking(table.assign(evidence="observational"), by="score", control="a")
    with pytest.raises(DataError, match="neither yes nor no"):
        sv.evaluate_ranking(table.assign(replied=table["replied"] * 2), by="score", control="a")


def test_an_amount_has_no_qini_but_a_targeting_area():
    table = scored(np.random.default_rng(5)).assign(revenue_usd=lambda t: t["replied"] * 40.0)
    found = sv.evaluate_ranking(table, by="score", control="a", outcome="revenue_usd")
    rate = sv.evaluate_ranking(table, by="score", control="a")
    assert np.isnan(found.qini)
    assert found.autoc == pytest.approx(40 * rate.autoc)
    assert "AUTOC" in found.summary()
    assert "Qini" not in found.summary()
