"""Watching a test: published figures, exactness at small counts, and error under continuous peeking."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import nchypergeom_fisher

import segvspers as sv
from segvspers.errors import DataError, NotEstimableError
from segvspers.experiment.anytime import (
    LOG_ODDS,
    exact_sequence,
    lift_of_odds,
    log_likelihoods,
    mixture_scale,
    normal_e_value,
    sequence_half_width,
)

START = pd.Timestamp("2026-01-01", tz="UTC")


def test_scale_and_width_are_the_published_ones():
    # growthbook: packages/stats, sequential testing; rho(.05, 5000) and the half-width at variance 1, n = 10,000.
    assert mixture_scale(0.05, 5000) == pytest.approx(0.039840067, abs=5e-10)
    assert sequence_half_width(1e-4, 1e4, alpha=0.05, n_tuned=5000) == pytest.approx(0.030614772, abs=5e-10)


def test_a_published_sequence_of_a_relative_lift_is_met():
    # growthbook: packages/stats/tests/frequentist/test_tests.py, 1396/3000 against 2422/3461, tuned at 5,000.
    a, b, n, m = 1396 / 3000, 2422 / 3461, 3000, 3461
    va, vb = a * (1 - a) / (n - 1), b * (1 - b) / (m - 1)
    variance = vb / a**2 + b**2 * va / a**4
    half = sequence_half_width(variance, n + m, alpha=0.05, n_tuned=5000)
    assert (b / a - 1 - half, b / a - 1 + half) == pytest.approx((0.40098, 0.60675), abs=6e-5)


def test_the_e_value_passes_its_bound_just_when_the_sequence_leaves_zero_out():
    for z in (0.5, 2.0, 3.0, 3.6, 5.0):
        for n in (50, 500, 50_000):
            e_value = normal_e_value(z, n, alpha=0.05, n_tuned=2000)
            assert (e_value > 20) == (z > sequence_half_width(1.0, n, alpha=0.05, n_tuned=2000))


def test_the_chances_of_one_look_are_fishers():
    found = log_likelihoods(40, 60, 9, 6)
    for place in (0, 120, 200, 260, 400):
        law = nchypergeom_fisher(100, 40, 9, np.exp(LOG_ODDS[place]))
        assert found[place] == pytest.approx(law.logpmf(6), abs=1e-6)


def test_the_exact_e_value_has_mean_one_when_nothing_differs():
    # The sum over all outcomes of two looks of chance times e-value is 1: it is a martingale, so peeking is free.
    total, middle = 0.0, len(LOG_ODDS) // 2
    for x in range(4):
        for y in range(3):
            likelihood = log_likelihoods(10, 12, 3, x) + log_likelihoods(8, 5, 2, y)
            total += np.exp(likelihood[middle]) * exact_sequence(likelihood, alpha=0.05)[0]
    assert total == pytest.approx(1.0, abs=1e-9)


def test_odds_ratio_and_lift_tell_the_same():
    for log_odds in (-2.0, -0.3, 0.7, 3.0):
        lift = lift_of_odds(log_odds, 400, 700, 45)
        treated = (lift + 45 / 700) / (1 / 400 + 1 / 700)
        a, b = treated / 400, (45 - treated) / 700
        assert np.log(a / (1 - a) / (b / (1 - b))) == pytest.approx(log_odds, abs=1e-6)
    assert lift_of_odds(np.inf, 400, 700, 45) == 45 / 400
    assert lift_of_odds(-np.inf, 400, 700, 45) == -45 / 700


def stream(rng, n, rates, *, days=40, window=1.0, size=1, icc=0.0):
    """A test that runs for days; companies of `size` contacts answer alike."""
    companies = n // size
    company = np.repeat(np.arange(companies), size)
    treated = (rng.random(companies) < 0.5)[company]
    sent = np.sort(rng.uniform(0, days, companies))[company]
    rate = np.where(treated, rates[1], rates[0])
    if icc:
        a = (1 - icc) / icc
        u = rng.random(companies)
        from scipy.stats import beta

        own = [beta.ppf(u, r * a, (1 - r) * a)[company] for r in rates]
        rate = np.where(treated, own[1], own[0])
    replied = rng.random(len(sent)) < rate
    start = START + pd.to_timedelta(sent, unit="D")
    wait = pd.to_timedelta(rng.uniform(0, window, len(sent)), unit="D")
    return pd.DataFrame(
        {
            "contact_id": np.arange(len(sent)).astype(str), "company_id": company.astype(str),
            "variant": np.where(treated, "b", "a"), "sent_at": start, "replied": replied,
            "replied_at": pd.Series(start + wait).where(replied),
        }
    )  # fmt: skip


def watch(frame, *, cluster=None, days=42):
    return sv.monitor_reply_rates(
        frame, control="a", cluster=cluster, window_days=1.0, as_of=START + pd.Timedelta(days=days)
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    ("n", "rate", "size", "icc"), [(3000, 0.01, 1, 0.0), (6000, 0.05, 1, 0.0), (6000, 0.06, 6, 0.15)]
)
def test_error_under_continuous_peeking_stays_below_alpha(n, rate, size, icc):
    rng, runs = np.random.default_rng(11), 80
    always = peeked = 0
    for _ in range(runs):
        found = watch(stream(rng, n, (rate, rate), size=size, icc=icc), cluster="company_id" if size > 1 else None)
        always += found.advice == "stop"
        peeked += found.n_peeked > 0
    assert always <= 9  # binomial(80, 0.05) is above 9 once in 150
    assert peeked > 2 * runs * 0.05


def test_a_large_lift_is_found_and_named():
    found = watch(stream(np.random.default_rng(12), 8000, (0.03, 0.08)))
    assert found.advice == "stop"
    assert found.lift_low > 0
    assert found.e_value > 20
    assert found.p_always < 0.05
    assert "in favour of b" in found.summary()


def test_small_counts_are_told_exactly():
    found = watch(stream(np.random.default_rng(13), 900, (0.01, 0.05)))
    assert found.method == "exact sequence of the odds ratio"
    assert found.lift_low <= found.lift <= found.lift_high
    assert set(found.looks["phase"]) <= {"none", "exact"}


def test_clusters_with_few_replies_tell_nothing():
    found = watch(stream(np.random.default_rng(14), 600, (0.02, 0.02), size=6), cluster="company_id")
    assert found.looks["lift_low"].isna().all()
    assert found.advice == "go on"


def test_swapping_the_variants_negates_each_look():
    frame = stream(np.random.default_rng(15), 4000, (0.03, 0.05))
    one, two = watch(frame).looks, watch(frame.assign(variant=frame["variant"].map({"a": "b", "b": "a"}))).looks
    np.testing.assert_allclose(one["lift"], -two["lift"], atol=1e-12)
    np.testing.assert_allclose(one["lift_low"], -two["lift_high"], atol=1e-7)
    np.testing.assert_allclose(one["e_value"], two["e_value"], rtol=1e-7)


def test_only_contacts_who_had_their_time_count():
    frame = stream(np.random.default_rng(16), 2000, (0.05, 0.05))
    found = watch(frame, days=42)
    assert found.n_control + found.n_treatment == 2000
    early = frame[frame["sent_at"] <= START + pd.Timedelta(days=10)]
    cut = early.assign(replied=early["replied"] & (early["replied_at"] <= START + pd.Timedelta(days=10)))
    cut["replied_at"] = cut["replied_at"].where(cut["replied"])
    part = watch(cut, days=10)
    assert part.n_control + part.n_treatment == int((frame["sent_at"] <= START + pd.Timedelta(days=9)).sum())
    same = found.looks.set_index("day").loc[part.looks["day"], ["n_control", "replies_treatment"]]
    assert (same.to_numpy() == part.looks[["n_control", "replies_treatment"]].to_numpy()).all()


def test_bad_input_is_refused():
    frame = stream(np.random.default_rng(17), 300, (0.05, 0.05))
    with pytest.raises(NotEstimableError, match="wait or shorten the window"):
        sv.monitor_reply_rates(frame, control="a", window_days=90)
    with pytest.raises(DataError, match="only one variant"):
        sv.monitor_reply_rates(frame.assign(variant="a"), control="a")
    with pytest.raises(sv.ArgumentError, match="n_planned"):
        sv.monitor_reply_rates(frame, control="a", window_days=1, n_planned=0)


def test_the_story_and_the_picture():
    found = watch(stream(np.random.default_rng(18), 4000, (0.04, 0.04)))
    assert found.summary().startswith("Go on: after 41 looks the always-valid interval still holds zero.")
    assert found.plot().get_ylabel() == "lift, percentage points"
    assert len(found.to_frame()) == found.n_looks
    assert "The test while it runs" in found._repr_html_()
