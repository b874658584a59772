"""Forecasts of cells not seen yet, checked against lists that were drawn."""

import numpy as np
import pytest

from segvspers.explosion.unseen import chao1, forecast_frame, new_cells, occupied_at, unseen_interval, unseen_share


def skewed(n_cells=600, seed=4):
    share = np.random.default_rng(seed).lognormal(0, 1.3, n_cells)
    return share / share.sum()


@pytest.mark.parametrize("n", [500, 2_000, 10_000])
def test_forecasts_hold_on_lists_that_were_drawn(n):
    """Mean over 200 lists: the coverage and the new cells of a list twice as long."""
    share, rng = skewed(), np.random.default_rng(n)
    unseen, missed, forecast, came = [], [], [], []
    for _ in range(200):
        counts = rng.multinomial(n, share)
        unseen.append(unseen_share(n, int((counts == 1).sum())))
        missed.append(share[counts == 0].sum())
        forecast.append(occupied_at(counts, np.array([2 * n]))[0] - (counts > 0).sum())
        came.append(((counts > 0) | (rng.multinomial(n, share) > 0)).sum() - (counts > 0).sum())
    assert np.mean(unseen) == pytest.approx(np.mean(missed), rel=0.05, abs=0.0005)
    assert np.mean(forecast) == pytest.approx(np.mean(came), rel=0.1, abs=0.5)


def test_chao_is_a_lower_bound_on_average():
    share, rng = skewed(), np.random.default_rng(8)
    found = []
    for _ in range(200):
        counts = rng.multinomial(500, share)
        found.append(chao1(int((counts > 0).sum()), int((counts == 1).sum()), int((counts == 2).sum())))
    assert 350 < np.mean(found) <= 600


def test_rarefaction_is_the_mean_of_random_sublists():
    rng = np.random.default_rng(3)
    counts = rng.multinomial(800, skewed(100))
    members = np.repeat(np.arange(100), counts)
    seen = [len(np.unique(rng.permutation(members)[:200])) for _ in range(400)]
    assert occupied_at(counts, np.array([200]))[0] == pytest.approx(np.mean(seen), rel=0.01)
    assert occupied_at(counts, np.array([800]))[0] == (counts > 0).sum()


def test_beyond_twice_the_list_nothing_is_forecast():
    counts = np.array([5, 3, 1, 1])
    assert np.isnan(occupied_at(counts, np.array([21]))[0])
    assert np.isnan(unseen_share(0, 0))


def test_a_list_of_strangers_says_that_all_is_unseen():
    assert unseen_share(50, 50) == 1.0


@pytest.mark.parametrize("n", [100, 500, 2_000])
def test_ranges_hold_the_truth_about_as_often_as_they_say(n):
    share, rng = skewed(), np.random.default_rng(n)
    missed, came = [], []
    for _ in range(300):
        counts = rng.multinomial(n, share)
        n_single, n_double = int((counts == 1).sum()), int((counts == 2).sum())
        low, high = unseen_interval(n, n_single, n_double)
        missed.append(low <= share[counts == 0].sum() <= high)
        values, times = np.unique(counts[counts > 0], return_counts=True)
        new, spread = new_cells(values, times, 1.0)
        seen = ((counts > 0) | (rng.multinomial(n, share) > 0)).sum() - (counts > 0).sum()
        came.append(abs(seen - new) <= 1.96 * spread)
    assert 0.91 <= np.mean(missed) <= 0.99
    assert np.mean(came) >= 0.92


def test_the_forecast_runs_from_a_part_of_the_list_to_twice_its_size():
    counts = np.random.default_rng(5).multinomial(900, skewed())
    frame = forecast_frame(np.sort(counts[counts > 0])[::-1], 600, [5_000, 120])
    assert frame["n_contacts"].is_monotonic_increasing
    assert {90, 120, 900, 1_800, 5_000} <= set(frame["n_contacts"])
    known = frame[frame["n_contacts"] <= 1_800]
    assert known["n_occupied"].is_monotonic_increasing
    assert known["n_occupied"].between(known["n_occupied_low"], known["n_occupied_high"]).all()
    assert frame.loc[frame["n_contacts"] == 900, "n_occupied"].iloc[0] == pytest.approx((counts > 0).sum())
    assert frame.loc[frame["n_contacts"] == 5_000, "n_occupied"].isna().all()
    assert (known["n_occupied"] <= 600).all()


def test_the_interval_of_a_list_of_nobody_is_not_known():
    assert np.isnan(unseen_interval(0, 0, 0)).all()
