"""Published cases come out of the public functions to the digits printed."""

import pandas as pd
import pytest
from scipy.stats import norm

import segvspers as sv
from segvspers.roi import formulas, observe_values


@pytest.fixture(scope="module")
def promo(shared_data):
    table = pd.read_csv(shared_data / "starbucks_promo" / "training.csv.gz")
    return observe_values(
        table, control="No", treatment="Yes", variant="Promotion", value="purchase", value_usd=10,
        contact_cost_usd={"Yes": 0.15},
    )  # fmt: skip


def test_the_promotion_exercise_gives_its_published_irr_and_nir(promo):
    assert round(promo.lift, 7) == 0.0094545
    assert round(promo.net_seen_usd, 2) == -2334.60
    assert (promo.n_treatment, promo.n_control) == (42_364, 42_170)


def test_the_promotion_is_significant_and_unprofitable(promo):
    roi = sv.estimate_roi(promo, rng=1)
    assert promo.lift_low > 0
    assert roi.decision == "do not adopt"
    assert roi.verdict == "better and dearer"
    assert roi.p_net_positive < 0.01
    per_contact = 10 * promo.lift - 0.15
    assert roi.net_usd == pytest.approx(84_534 * per_contact, rel=0.01)
    assert "do not adopt Yes emails" in roi.summary().replace("Do", "do")


def test_the_odds_of_a_net_gain_are_those_of_the_normal_law(promo):
    roi = sv.estimate_roi(promo, rng=1)
    mean, sd = promo.value_difference - promo.cost_difference, promo.covariance[0][0] ** 0.5
    assert roi.net_low_usd == pytest.approx(84_534 * (mean - 1.644854 * sd), rel=0.01)
    assert roi.p_net_positive == pytest.approx(norm.cdf(mean / sd), abs=0.003)


def test_the_last_campaign_of_customer_personality_loses_3046(shared_data):
    path = shared_data / "customer_personality" / "marketing_campaign.csv.gz"
    table = pd.read_csv(path, sep=";", encoding="utf-8-sig")
    seen = observe_values(table, control=None, value="Response", value_usd=11, contact_cost_usd={"sent": 3})
    assert seen.net_seen_usd == pytest.approx(-3046, abs=1e-9)
    assert seen.evidence == "observational"
    assert round(seen.rate_treatment, 4) == 0.1491
    roi = sv.estimate_roi(seen, n_contacts=2240)
    assert roi.net_usd == pytest.approx(-3046, rel=0.02)
    assert roi.decision == "do not adopt"


def test_hillstrom_spend_per_email_and_its_interval(shared_data):
    table = pd.read_csv(shared_data / "hillstrom" / "hillstrom.csv.gz")
    seen = observe_values(table, control="No E-Mail", treatment="Mens E-Mail", variant="segment", value="spend")
    assert round(seen.value_treatment, 4) == 1.4226
    assert round(seen.value_control, 4) == 0.6528
    assert round(seen.value_difference, 6) == 0.769827
    assert round(seen.covariance[0][0] ** 0.5, 6) == pytest.approx(0.145247, abs=2e-6)
    roi = sv.estimate_roi(seen, n_contacts=1000, confidence=0.95)
    assert roi.net_low_usd == pytest.approx(485.149, rel=0.015)
    assert roi.net_high_usd == pytest.approx(1054.505, rel=0.01)


@pytest.mark.parametrize(
    ("arm", "worth", "roi", "low", "high", "p"),
    [
        ("Mens E-Mail", 0.3079309, 2.0793086, 0.9405965, 3.2180207, 0.9998275),
        ("Womens E-Mail", 0.40 * 0.4244122159366, 0.6976489, -0.3241420, 1.7194397, 0.9095854),
    ],
)
def test_hillstrom_returns_at_a_margin_of_40_percent_and_10_cents_an_email(shared_data, arm, worth, roi, low, high, p):
    """Closed form: (margin x difference in spend - cost) / cost, normal law with the Welch error of spend."""
    table = pd.read_csv(shared_data / "hillstrom" / "hillstrom.csv.gz")
    table["margin"] = 0.40 * table["spend"]
    seen = observe_values(
        table, control="No E-Mail", treatment=arm, variant="segment", value="margin", contact_cost_usd={arm: 0.10}
    )
    found = sv.estimate_roi(seen, n_contacts=1000, confidence=0.95, rng=3)
    assert found.roi == pytest.approx(roi, abs=0.02)
    assert (found.roi_low, found.roi_high) == pytest.approx((low, high), abs=0.03)
    assert found.p_net_positive == pytest.approx(p, abs=0.003)
    assert seen.value_difference == pytest.approx(worth, abs=1e-6)


def test_mailing_every_donor_costs_more_than_the_gifts_at_the_true_rate(shared_data):
    table = pd.read_csv(shared_data / "direct_mail_dmba" / "Fundraising.csv.gz")
    gifts = table.loc[table["TARGET_B"] == 1, "TARGET_D"]
    assert round(gifts.mean(), 4) == 12.9992
    needed = float(formulas.break_even_rate(0.0, 0.68, 1, gifts.mean()))
    assert round(needed, 5) == 0.05231
    assert needed > 0.051
    assert 0.051 * gifts.mean() - 0.68 == pytest.approx(-0.01704, abs=1e-5)


def test_the_derived_example_crosses_at_25_segments_and_costs_1533(comparison, known):
    roi = sv.estimate_roi(comparison(), n_contacts=5000, n_draws=2000, **known)
    assert round(roi.crossing_segments) == 25
    assert roi.cost_treatment_usd == pytest.approx(1533.33, abs=0.01)


@pytest.mark.parametrize(
    ("n", "low", "high", "p"), [(500, -4.9, 15.1, 0.68), (2500, -0.8, 10.9, 0.84), (10_000, -0.2, 9.6, 0.93)]
)
def test_more_emails_hardly_narrow_the_roi_past_2500_an_arm(comparison, n, low, high, p):
    """Illustration of the note on priors: dC 1,533 and V g 4,000, a true +30 % on 3.43 %."""
    costs = sv.Costs(
        n_segments=1, template_hours=0, writer_rate_usd=50, email_cost_usd=0.02, prompt_hours=12, setup_usd=0,
        review_share=0.10, review_minutes=2, reply_minutes=0, subscriber_value_usd=0,
    )  # fmt: skip
    funnel = sv.Funnel(value_usd=4000, margin=1)
    seen = comparison(0.0343 * n, 0.0343 * 1.3 * n, n)
    roi = sv.estimate_roi(seen, costs=costs, funnel=funnel, n_contacts=5000, prior=None, rng=2)
    assert roi.cost_difference_usd == pytest.approx(1533.33, abs=0.01)
    assert roi.roi_low == pytest.approx(low, abs=1.0)
    assert roi.roi_high == pytest.approx(high, abs=1.3)
    assert roi.p_net_positive == pytest.approx(p, abs=0.04)
