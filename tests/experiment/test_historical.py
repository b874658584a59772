"""Sends that nobody drew: published figures, worlds with a known truth, and what must be refused."""

import numpy as np
import pandas as pd
import pytest

import segvspers as sv
from segvspers.errors import ArgumentError, DataError, NotEstimableError
from segvspers.experiment.historical import e_value


def chosen(rng, n, *, effect=0.03, strength=1.0, companies=None):
    """Keen contacts get the individual email more often and reply more often anyway; the effect is known."""
    keen, size = rng.standard_normal(n), rng.choice(["small", "large"], n)
    company = rng.integers(0, companies, n) if companies else np.arange(n)
    shared = rng.standard_normal(company.max() + 1)[company] if companies else np.zeros(n)
    treated = rng.random(n) < 1 / (1 + np.exp(-(strength * keen + 0.5 * (size == "large") - 0.2)))
    base = 1 / (1 + np.exp(-(-2.3 + 0.8 * keen + 0.4 * (size == "large") + 0.6 * shared)))
    replied = rng.random(n) < np.clip(base + effect * treated, 0, 1)
    return pd.DataFrame(
        {
            "variant": np.where(treated, "individual", "segment"), "replied": replied, "prior_opens": keen,
            "company_size": size, "company_id": company.astype(str),
        }
    )  # fmt: skip


SETTINGS = {"control": "segment", "covariates": ["prior_opens", "company_size"]}


def test_the_known_effect_is_found_where_the_table_misleads():
    rng, inside, lifts, naive = np.random.default_rng(1), 0, [], []
    for _ in range(40):
        found = sv.compare_historical(chosen(rng, 3000), **SETTINGS)
        inside += found.lift_low <= 0.03 <= found.lift_high
        lifts.append(found.lift)
        naive.append(found.naive_lift)
    assert np.mean(naive) > 0.09
    assert np.mean(lifts) == pytest.approx(0.03, abs=0.008)
    assert inside >= 34  # binomial(40, 0.95) is below 34 once in 70


def test_mantel_haenszel_over_spend_classes_is_that_of_the_challenge(shared_data):
    table = pd.read_csv(shared_data / "hillstrom" / "hillstrom.csv.gz")
    table = table[table["segment"].isin(["Mens E-Mail", "No E-Mail"])]
    found = sv.compare_historical(
        table, control="No E-Mail", covariates=["recency", "history"], outcome="visit", strata="history_segment",
        columns={"variant": "segment"},
    )  # fmt: skip
    row = found.estimates.set_index("method").loc["Mantel-Haenszel over strata"]
    assert row[["odds_ratio", "odds_ratio_low", "odds_ratio_high"]].tolist() == pytest.approx(
        [1.8886255, 1.7858724, 1.9972907], abs=1e-6
    )
    # Drawn by chance, so that adjusting must change next to nothing: the published difference is 0.0765896.
    assert found.lift == pytest.approx(0.0765896, abs=0.001)
    assert found.worst_before < 0.02


def test_e_values_are_the_published_ones():
    # VanderWeele and Ding (2017): smoking and lung cancer 10.73 (8.02 limit) -> 20.9 (15.5); 0.80 -> 1.81.
    assert e_value(10.73) == pytest.approx(20.95, abs=0.01)
    assert e_value(8.02) == pytest.approx(15.5, abs=0.05)
    assert e_value(0.80) == pytest.approx(1.81, abs=0.005)
    assert e_value(1.0) == 1.0
    assert np.isnan(e_value(0.0))


def test_weighting_balances_what_was_recorded():
    found = sv.compare_historical(chosen(np.random.default_rng(2), 6000), **SETTINGS)
    assert found.worst_before > 0.5
    assert found.worst_after < 0.1
    assert 0.3 < found.effective_share < 1
    assert found.evidence == "observational"


def test_colleagues_who_answer_alike_widen_the_interval():
    rng, n = np.random.default_rng(3), 4000
    company = rng.integers(0, 80, n)
    own = rng.random(80) < 0.5
    share = rng.beta(0.5, 4.5, 80)
    frame = pd.DataFrame({"variant": np.where(own[company], "individual", "segment"), "replied": rng.random(n) < share[company],
                          "prior_opens": rng.standard_normal(n), "company_id": company.astype(str)})  # fmt: skip
    settings = {"control": "segment", "covariates": ["prior_opens"]}
    wide = sv.compare_historical(frame, cluster="company_id", **settings)
    narrow = sv.compare_historical(frame, **settings)
    assert wide.lift_high - wide.lift_low > 2 * (narrow.lift_high - narrow.lift_low)


def test_swapping_the_variants_negates_the_lift():
    frame = chosen(np.random.default_rng(4), 3000)
    one = sv.compare_historical(frame, **SETTINGS)
    two = sv.compare_historical(frame, **SETTINGS | {"control": "individual"})
    assert (two.lift, two.lift_low, two.lift_high) == pytest.approx(
        (-one.lift, -one.lift_high, -one.lift_low), abs=1e-5
    )
    assert two.e_value == pytest.approx(one.e_value, rel=1e-3)


def test_it_goes_into_an_estimate_of_roi_and_never_leads_to_more_than_a_test():
    found = sv.compare_historical(chosen(np.random.default_rng(5), 6000, effect=0.15), **SETTINGS)
    roi = sv.estimate_roi(found, n_draws=4000, rng=1)
    assert roi.evidence == "observational"
    assert roi.decision in {"test more", "do not adopt"}


def test_a_variant_that_follows_from_the_covariates_is_refused():
    frame = chosen(np.random.default_rng(6), 3000)
    frame["variant"] = np.where(frame["prior_opens"] > 0, "individual", "segment")
    with pytest.raises(NotEstimableError, match="Randomise a part of the next send"):
        sv.compare_historical(frame, **SETTINGS)


@pytest.mark.parametrize(
    ("change", "settings", "error", "message"),
    [
        (lambda f: f.assign(evidence="randomised"), {}, DataError, "drawn by chance"),
        (lambda f: f.assign(replied=np.where(f["replied"], "often", "no")), {}, DataError, "neither yes nor no"),
        (lambda f: f.assign(contact_id="C1"), {}, DataError, "keep one row a contact"),
        (lambda f: f, {"covariates": ["opened"]}, ArgumentError, "measured after the emails left"),
        (lambda f: f, {"covariates": []}, ArgumentError, "at least one"),
        (lambda f: f, {"covariates": "prior_opens"}, ArgumentError, "must list the columns"),
        (lambda f: f, {"covariates": ["income"]}, DataError, "income"),
    ],
)
def test_bad_input_is_refused(change, settings, error, message):
    frame = chosen(np.random.default_rng(7), 500)
    with pytest.raises(error, match=message):
        sv.compare_historical(change(frame), **SETTINGS | settings)


def test_the_story_and_the_picture():
    found = sv.compare_historical(chosen(np.random.default_rng(8), 6000, effect=0.10), **SETTINGS)
    assert found.summary().startswith(
        "Observational, not randomised: among contacts alike in what was recorded, individual goes"
    )
    assert "would move the interval to no difference" in found.summary()
    assert found.plot().get_title(loc="left") == "Weighted, both groups are alike in what was recorded"
    assert "Past sends, not randomised" in found._repr_html_()
    assert found.to_frame()["method"].iloc[-1] == "doubly robust"
