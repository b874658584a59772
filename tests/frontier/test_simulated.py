"""The true frontier of a world against closed forms, and against a test drawn in that world row by row."""

import math

import numpy as np
import pytest
from scipy.stats import multivariate_normal

import segvspers as sv
from segvspers.errors import ArgumentError
from segvspers.frontier.quantiser import variance_left
from segvspers.frontier.simulated import campaign_tastes, reply_worth
from segvspers.frontier.tastes import TasteModel, Tastes

WORLD = sv.World(reply_rate=0.05, log_effect=0.4, icc=0.0, contacts_per_company=1.0)


@pytest.mark.parametrize(("k", "published"), [(2, 0.3634), (3, 0.1902), (4, 0.1175), (8, 0.03454)])
def test_variance_left_in_one_dimension_is_that_of_max(k, published):
    # Max, J. (1960). Quantizing for minimum distortion. IRE Transactions on Information Theory 6, table I.
    assert variance_left(1, k) == pytest.approx(published, rel=0.04)


@pytest.mark.parametrize(
    ("d", "expected"),
    [
        (2, {4: 0.36, 8: 0.20, 16: 0.11, 32: 0.06, 128: 0.015}),
        (4, {4: 0.64, 8: 0.46, 16: 0.34, 32: 0.25, 128: 0.13}),
        (8, {4: 0.82, 8: 0.70, 16: 0.60, 32: 0.51, 128: 0.36}),
    ],
)
def test_variance_left_by_k_segments_is_as_tabled_and_follows_the_law(d, expected):
    # Tabled with points on which the segments were found; here others are measured, which leaves up to 8 % more.
    left = {k: variance_left(d, k) for k in expected}
    for k, share in expected.items():
        assert left[k] == pytest.approx(share, rel=0.08, abs=0.005)
    slope = math.log(left[128] / left[32]) / math.log(4)
    assert slope == pytest.approx(-2 / d, rel=0.15)


def test_many_segments_of_two_dimensions_leave_what_zador_says():
    # Zador's constant for d = 2: 5/(36 sqrt 3) (hexagons) x 2 pi x 2^2 per dimension; here per unit of variance.
    constant = 5 / (36 * math.sqrt(3)) * 2 * math.pi * 4
    assert variance_left(2, 128) == pytest.approx(constant / 128, rel=0.06)


def test_one_blast_and_individual_emails_are_worth_their_closed_forms():
    tastes = Tastes(n_dimensions=3, attributes_seen=2, attributes_total=5)
    model = TasteModel.of(WORLD, tastes)
    # Mean of exp(-loss |u|^2) over normal u: a ratio of two normal densities, from another library.
    d, loss = 3, model.loss
    spread = multivariate_normal(np.zeros(d), np.eye(d) * (1 + 1 / (2 * loss)))
    blast = model.top * (math.pi / loss) ** (d / 2) * spread.pdf(np.zeros(d))
    assert model.templates(1) == pytest.approx(blast, rel=0.01)
    record = np.array([0.0, 0.4, 1.0])
    rng = np.random.default_rng(1)
    for share, rate in zip(record, model.individual(record, wrong_facts=False), strict=True):
        miss = rng.normal(0, math.sqrt(0.6 * (1 - share)), (200_000, d))
        assert rate == pytest.approx(model.top * np.exp(-loss * (miss**2).sum(axis=1)).mean(), rel=0.01)
    wrong = 1 - model.individual(record) / model.individual(record, wrong_facts=False)
    assert wrong == pytest.approx(np.array([0.04 * 3, 0.04 * 2.2, 0.04]) * 0.5)


def test_the_rates_of_the_world_hold_at_its_number_of_templates():
    model = TasteModel.of(WORLD, Tastes(n_templates=12))
    assert model.templates(12) == pytest.approx(WORLD.rate_of(0.0), rel=1e-9)
    assert model.limit == pytest.approx(WORLD.rate_of(1.0), rel=1e-9)


def test_small_losses_follow_the_law_of_squared_misses():
    tastes = Tastes(n_dimensions=2, attributes_seen=3, attributes_total=4)
    model = TasteModel.of(sv.World(log_effect=0.01), tastes)
    for k in (1, 4, 16):
        squared = 2 * (0.25 + 0.75 * variance_left(2, k))
        assert 1 - model.templates(k) / model.top == pytest.approx(model.loss * squared, rel=0.03)


def test_rows_drawn_in_the_world_have_its_rates():
    tastes = Tastes(n_dimensions=2, attributes_seen=4, attributes_total=5, record_richness=0.5, record_spread=0.0)
    outcomes, truth = sv.simulate_template_test(WORLD, tastes=tastes, n_contacts=60_000, n_templates=3, rng=2)
    model = TasteModel.of(WORLD, tastes)
    rates = truth.drop(columns="contact_id").mean()
    expected = model.individual(np.array([0.5]))[0]
    assert rates["individual"] == pytest.approx(expected, rel=0.01)
    assert rates.drop("individual").max() < model.templates(1) * 1.02
    seen = outcomes.groupby("variant")["replied"].mean()
    assert (seen - rates[seen.index]).abs().max() < 4 * math.sqrt(0.06 / 15_000)
    assert outcomes["evidence"].eq("simulated").all()


def test_companies_share_what_is_theirs_and_one_variant():
    world = sv.World(reply_rate=0.05, log_effect=0.4, icc=0.1, contacts_per_company=4.0)
    outcomes, _ = sv.simulate_template_test(world, n_contacts=4000, n_templates=4, rng=1)
    for column in ("variant", "industry", "company_size"):
        assert outcomes.groupby("company_id")[column].nunique().max() == 1
    assert outcomes.groupby("company_id")["purchase_status"].nunique().max() > 1


def test_the_tool_can_say_no_and_yes_and_both():
    said = sv.draw_frontier(sv.World()).verdicts.set_index("campaign_type")["verdict"]
    assert said["announcement"] == "segments"
    assert said["re-engagement"] == "hybrid"
    assert said["customer success"] == "individual"
    nothing = sv.draw_frontier(sv.World(log_effect=0.0))
    assert nothing.verdicts["verdict"].eq("segments").all()
    assert nothing.verdicts["k_best"].eq(1).all()


def test_what_costs_more_or_is_wrong_more_often_is_done_less():
    tastes = Tastes(n_dimensions=4)
    shares = [
        sv.draw_frontier(WORLD, tastes=tastes, cost_per_email_usd=cost).verdicts["share_individual"].item()
        for cost in (0.01, 1.0, 2.0, 50.0)
    ]
    assert shares == sorted(shares, reverse=True)
    assert (shares[0], shares[-1]) == (1.0, 0.0)
    careless = sv.World(reply_rate=0.05, log_effect=0.4, wrong_fact_share=0.6)
    assert sv.draw_frontier(careless, tastes=tastes).verdicts["individual_gain_usd"].item() < 0
    few = sv.draw_frontier(WORLD, tastes=tastes, cost_per_template_usd=2000).verdicts["k_best"].item()
    assert few < sv.draw_frontier(WORLD, tastes=tastes, cost_per_template_usd=1).verdicts["k_best"].item()


def test_the_hybrid_is_never_worse_than_segments_before_costs_and_values_rise_with_k():
    values = sv.draw_frontier(WORLD).values
    for _, part in values.groupby("campaign_type"):
        rows = {name: one.sort_values("k") for name, one in part.groupby("policy")}
        assert (rows["hybrid"]["net_usd"].to_numpy() >= rows["segments"]["net_usd"].to_numpy() - 1e-12).all()
        assert (np.diff(rows["segments"]["value"]) > -1e-5).all()
        assert rows["individual"]["value"].item() <= rows["individual, facts right"]["value"].item()
        assert rows["individual, facts right"]["value"].item() <= rows["all known"]["value"].item()


def test_the_worth_of_a_reply_is_what_drawn_deals_bring():
    world = sv.World()
    rng = np.random.default_rng(1)
    deals = world.deal_usd * np.exp(world.deal_sigma * rng.standard_normal(400_000))
    won = world.positive_share * world.meeting_share * world.win_share
    assert reply_worth(world) == pytest.approx(won * deals.mean(), rel=0.01)


@pytest.mark.parametrize(
    ("settings", "match"),
    [
        ({"n_dimensions": 0}, "n_dimensions=0 must be a whole number"),
        ({"attributes_seen": 9}, "must not be above attributes_total"),
        ({"record_richness": 2}, "record_richness=2 must be a share"),
        ({"record_spread": 0.9}, "record_spread=0.9 is not what shares"),
        ({"thin_record_risk": 0.5}, "must be at least 1"),
        ({"n_templates": True}, "must be a finite number"),
    ],
)
def test_tastes_that_can_not_be(settings, match):
    with pytest.raises(ArgumentError, match=match):
        Tastes(**settings)


@pytest.mark.parametrize(
    ("world", "settings", "match"),
    [
        (WORLD, {"features": ["plan"]}, "a World has no columns"),
        (WORLD, {"tastes": {}}, "must be Tastes"),
        (WORLD, {"tastes": {"renewal": 4}}, "tastes of 'renewal' are 4"),
        (WORLD, {"cost_per_email_usd": -1}, "cost_per_email_usd=-1 must be"),
        (sv.World(reply_rate=0.5, log_effect=0.8), {}, "make a reply 1.1. sure"),
    ],
)
def test_worlds_and_arguments_that_contradict_each_other(world, settings, match):
    with pytest.raises(ArgumentError, match=match):
        sv.draw_frontier(world, **settings)


def test_tastes_of_a_real_test_are_refused():
    with pytest.raises(ArgumentError, match="tastes= belongs to a World"):
        sv.draw_frontier(sv.simulate_template_test(WORLD, n_contacts=500)[0], features=["industry"], tastes=Tastes())


def test_summary_and_pictures_say_that_they_are_simulated():
    found = sv.draw_frontier(sv.World())
    assert found.summary().startswith("SIMULATED, from assumptions and no evidence: World: 2.60 % reply")
    assert "Announcement: segments are enough (" in found.summary()
    assert "Customer success: individual email for all is worth $0." in found.summary()
    assert "Re-engagement: individual email for the " in found.summary()
    for ax in (found.plot(), found.plot(campaign_type="renewal")):
        assert ax.get_title(loc="left").startswith("SIMULATED")
    assert "<table>" in found._repr_html_()
    with pytest.raises(ArgumentError, match="campaign_type='spam' is not known"):
        found.plot(campaign_type="spam")
    assert set(found.to_frame()["campaign_type"]) == set(campaign_tastes())
