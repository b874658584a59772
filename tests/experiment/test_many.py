"""Intervals of many tests at once: Newcombe's table, laws, and companies of one contact."""

import numpy as np
import pytest

from segvspers import World
from segvspers.experiment.arms import Arms, draw_arms
from segvspers.experiment.many import lift_intervals


def single(replies, n):
    """Arms whose every company is one contact."""
    replies, n = np.atleast_1d(float(replies)), np.atleast_1d(float(n))
    return Arms(n, n, replies, replies, n, replies, n, replies, replies)


@pytest.mark.parametrize(
    ("treatment", "control", "expected"),
    [
        ((56, 70), (48, 80), (0.0524, 0.3339)),  # Newcombe 1998, method 10
        ((9, 10), (3, 10), (0.1705, 0.8090)),
        ((6, 7), (2, 7), (0.0582, 0.8062)),
        ((5, 56), (0, 29), (-0.0381, 0.1926)),
        ((0, 10), (0, 20), (-0.1611, 0.2775)),
        ((0, 10), (0, 10), (-0.2775, 0.2775)),
        ((10, 10), (0, 20), (0.6791, 1.0)),
        ((10, 10), (0, 10), (0.6075, 1.0)),
    ],
)
def test_intervals_of_newcombe(treatment, control, expected):
    _, low, high = lift_intervals(single(*control), single(*treatment), confidence=0.95, clustered=False)
    assert (low[0], high[0]) == pytest.approx(expected, abs=5e-5)


@pytest.mark.parametrize("clustered", [True, False])
def test_swapping_the_arms_negates_the_interval(clustered):
    world, draws = World(reply_rate=0.05, icc=0.1, contacts_per_company=4), np.random.default_rng(1)
    one, other = (draw_arms(world, rate, n_contacts=800, n_tests=50, rng=draws) for rate in (0.05, 0.08))
    lift, low, high = lift_intervals(one, other, confidence=0.9, clustered=clustered)
    back, low_back, high_back = lift_intervals(other, one, confidence=0.9, clustered=clustered)
    assert np.allclose([lift, low, high], [-back, -high_back, -low_back])


def test_companies_of_one_contact_change_next_to_nothing():
    control, treatment = single(340, 10_000), single(420, 10_000)
    plain = lift_intervals(control, treatment, confidence=0.95, clustered=False)
    by_company = lift_intervals(control, treatment, confidence=0.95, clustered=True)
    assert np.allclose(plain, by_company, rtol=1e-3)


def test_zero_replies_have_an_interval_by_company_too():
    control, treatment = single(0, 50), single(0, 50)
    lift, low, high = lift_intervals(control, treatment, confidence=0.95, clustered=True)
    assert lift[0] == 0
    assert -0.1 < low[0] < 0 < high[0] < 0.1


def test_sums_of_two_halves_are_the_sums_of_the_whole():
    world, draws = World(icc=0.1, contacts_per_company=3), np.random.default_rng(1)
    one, other = (draw_arms(world, 0.1, n_contacts=300, n_tests=20, rng=draws) for _ in range(2))
    both = one + other
    assert (both.replies == one.replies + other.replies).all()
    assert (both.companies == 200).all()


def test_the_design_effect_seen_is_that_of_eldridge():
    world, draws = World(reply_rate=0.1, icc=0.1, contacts_per_company=5), np.random.default_rng(1)
    arms = draw_arms(world, 0.1, n_contacts=20_000, n_tests=400, rng=draws)
    seen = (arms.cluster_variance() / (arms.rate * (1 - arms.rate) / arms.contacts)).mean()
    assert seen == pytest.approx(1 + ((1 + 0.8) * 5 - 1) * 0.1, rel=0.03)
