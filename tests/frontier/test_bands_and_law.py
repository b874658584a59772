"""Bands against closed forms; the law against values made by it."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import norm

from segvspers.frontier.bands import contrast_band
from segvspers.frontier.law import best_k, fit_law


def critical(covariance, confidence=0.95):
    eye = np.eye(len(covariance))
    rng = np.random.default_rng(1)
    return contrast_band(np.zeros(len(eye)), covariance, eye, confidence=confidence, rng=rng).critical


def test_the_band_of_independent_values_is_that_of_sidak_and_of_equal_ones_that_of_one():
    assert critical(np.eye(11)) == pytest.approx(norm.ppf(0.5 + 0.95 ** (1 / 11) / 2), abs=0.03)
    assert critical(np.ones((5, 5))) == pytest.approx(norm.ppf(0.975), abs=0.03)


def test_a_contrast_of_policies_that_agree_is_zero_for_sure():
    band = contrast_band(np.array([0.2, 0.2]), np.ones((2, 2)) * 1e-4, np.array([[1.0, -1.0]]), confidence=0.95,
                         rng=np.random.default_rng(1))  # fmt: skip
    assert (band.low[0], band.band_high[0]) == (0.0, 0.0)


@pytest.mark.parametrize("d", [1.0, 2.0, 4.0])
def test_the_dimension_of_values_made_by_the_law_is_found(d):
    k = np.arange(1, 13)
    value = 0.05 - 0.03 * k ** (-2 / d)
    law = fit_law(k, value, np.eye(12) * 1e-9, template_cost=1e-4, rng=np.random.default_rng(1))
    assert law.estimable
    assert law.n_dimensions == pytest.approx(d, rel=0.03)
    assert (law.limit, law.amplitude) == pytest.approx((0.05, 0.03), rel=0.03)
    assert law.n_dimensions_low < d * 1.03
    assert law.n_dimensions_high > d * 0.97
    some = np.linspace(1, 400, 100_000)  # the largest net value, by looking
    net = 0.05 - 0.03 * some ** (-2 / d) - 1e-4 * some
    assert best_k(np.array(d), np.array(0.03), 1e-4) == pytest.approx(some[net.argmax()], rel=0.01)
    assert law.k_best == pytest.approx(some[net.argmax()], rel=0.05)
    assert law.value(np.array([4.0]))[0] == pytest.approx(0.05 - 0.03 * 4 ** (-2 / d), rel=0.01)


def test_intervals_of_the_dimension_hold_it_as_often_as_they_say():
    k, inside = np.arange(1, 13), 0
    truth = 0.05 - 0.03 / k
    covariance = 2e-8 * (0.3 + 0.7 * np.eye(12))
    root = np.linalg.cholesky(covariance)
    for run in range(100):
        rng = np.random.default_rng(run)
        law = fit_law(k, truth + root @ rng.standard_normal(12), covariance, rng=rng)
        inside += law.n_dimensions_low <= 2.0 <= law.n_dimensions_high
    assert 88 <= inside <= 100


@pytest.mark.parametrize(
    ("k", "value", "error", "reason"),
    [
        ([1, 2, 3], [0.1, 0.2, 0.25], 1e-9, "3 numbers of templates can be valued"),
        (range(1, 9), [0.1] * 8, 1e-4, "8 templates can't be told from one"),
        (range(1, 9), 0.1 - 0.05 / np.arange(1, 9) ** 0.1, 1e-7, "fits the values alike"),
    ],
)
def test_a_law_that_can_not_be_told_says_why(k, value, error, reason):
    k = np.array(list(k))
    law = fit_law(k, np.array(value, dtype=float), np.eye(len(k)) * error, rng=np.random.default_rng(1))
    assert not law.estimable
    assert reason in law.reason


def test_a_law_that_was_found_is_told_with_its_bounds():
    import segvspers as sv
    from segvspers.frontier.law import FrontierLaw
    from segvspers.frontier.wording import tell_frontier

    test, _ = sv.simulate_template_test(sv.World(reply_rate=0.2, log_effect=0.3), n_contacts=6000, n_templates=4, rng=1)
    found = sv.draw_frontier(test, features=["industry"], cluster="company_id")
    law = FrontierLaw(True, "", 2.3, 1.8, 3.1, 0.05, 0.04, 0.06, 0.03, 14.2, 9.0, 22.0)
    assert (
        "By the law V(k) = V_inf - A k^(-2/d) templates gain as if what contacts answer to had 2.3 dimensions (1.8 to 3.1), an upper "
        "bound when better templates could be written, and one more template stops paying at 14 (9 to 22)."
    ) in tell_frontier(replace(found, law=law))


def test_few_units_widen_intervals_as_students_t_does():
    from scipy.stats import t

    band = contrast_band(np.zeros(1), np.eye(1), np.eye(1), confidence=0.9, rng=np.random.default_rng(1), df=7)
    assert band.high[0] == pytest.approx(t.ppf(0.95, 7))
    many = contrast_band(np.zeros(4), np.eye(4), np.eye(4), confidence=0.9, rng=np.random.default_rng(1), df=7)
    assert (
        many.critical
        > contrast_band(np.zeros(4), np.eye(4), np.eye(4), confidence=0.9, rng=np.random.default_rng(1)).critical
    )
