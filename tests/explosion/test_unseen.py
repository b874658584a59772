"""Forecasts of cells not seen yet, checked against lists that were drawn."""

import numpy as np
import pytest

from segvspers.explosion.unseen import chao1, occupied_at, unseen_share


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
