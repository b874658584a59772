"""The sentences of each branch, to the letter where no draw is in them."""

import re

import pandas as pd
import pytest

import segvspers as sv
from segvspers.roi.decision import decide
from segvspers.roi.wording import decision_sentence, roi_note

BASE = {
    "control": "segment", "treatment": "individual", "n_contacts": 5000, "net_usd": 3500.0, "net_low_usd": 500.0,
    "net_high_usd": 9000.0, "confidence": 0.9, "p_net_positive": 0.96, "p_npv_positive": 0.7, "n_campaigns": 12,
    "currency": "USD", "evidence": "randomised", "next_test_n": 0, "decision": "adopt", "reason": "a net gain is probable",
}  # fmt: skip
WORTH = "5,000 contacts individual emails are worth $3,500 net against segment (90 % range $500 to $9,000, probability of a gain 96 %)"
UNSURE = "this test can't tell, but a further one would cost more than it can save"
BRANCHES = [
    ({}, f"Adopt individual emails: for {WORTH}."),
    (
        {"evidence": "simulated"},
        f"In the simulated world only, no real contact having been emailed: adopt individual emails: for {WORTH}.",
    ),
    (
        {"decision": "test more", "evidence": "observational"},
        (
            "From past sends that were not randomised: test more before adopting individual emails: these sends were "
            f"not randomised; for {WORTH}. Randomise even a small test before money is moved."
        ),
    ),
    (
        {"decision": "test more", "next_test_n": 2500},
        (
            f"Test more before adopting individual emails: this test can't tell; for {WORTH}. "
            "The test that pays best has 2,500 contacts an arm."
        ),
    ),
    ({"decision": "do not adopt"}, f"Do not adopt individual emails: for {WORTH}."),
    (
        {"decision": "adopt for these groups"},
        f"Adopt individual emails for retail and travel only: for all, {WORTH}.",
    ),
    (
        {"reason": UNSURE},
        (
            f"Adopt individual emails: for {WORTH}. This test can't tell for one campaign; over 12 campaigns the "
            "probability of a gain is 70 %, and testing further would cost more than it can save."
        ),
    ),
]


@pytest.mark.parametrize(("changes", "text"), BRANCHES)
def test_the_decision_sentence_of_each_branch(changes, text):
    assert decision_sentence(BASE | changes, ["retail", "travel"]) == text


def test_no_ratio_is_told_where_the_cost_may_have_either_sign():
    assert roi_note(0.99) == ""
    assert "it costs less" in roi_note(0.01)
    assert "may have either sign" in roi_note(0.5)


SAMPLES = pd.DataFrame({"n_per_arm": [500, 5000], "net_value_usd": [10.0, 40.0]})
NOTHING = pd.DataFrame({"n_per_arm": [500], "net_value_usd": [-5.0]})
NO_GROUPS = pd.DataFrame({"adopt": []})


@pytest.mark.parametrize(
    ("share", "evidence", "samples", "decision"),
    [
        (0.95, "randomised", SAMPLES, "adopt"),
        (0.95, "observational", SAMPLES, "test more"),
        (0.05, "observational", SAMPLES, "do not adopt"),
        (0.6, "randomised", SAMPLES, "test more"),
        (0.6, "randomised", NOTHING, "adopt"),
        (0.3, "randomised", NOTHING, "do not adopt"),
    ],
)
def test_the_decision_follows_odds_evidence_and_the_worth_of_testing(share, evidence, samples, decision):
    import numpy as np

    net = np.where(np.arange(100) < 100 * share, 100.0, -100.0)
    found = decide(net, evidence=evidence, samples=samples, groups=NO_GROUPS, adopt_above=0.9)
    assert found.decision == decision
    assert found.next_test_n == (5000 if decision == "test more" else 0)


@pytest.mark.parametrize("evidence", ["randomised", "simulated", "observational"])
@pytest.mark.parametrize("counts", [(85, 115), (85, 85), (115, 60), (1, 0), (0, 1)])
@pytest.mark.parametrize("prior", ["default", None])
def test_no_summary_holds_inf_or_nan(comparison, evidence, counts, prior):
    roi = sv.estimate_roi(comparison(*counts, evidence=evidence), prior=prior, n_draws=2000)
    assert not re.search(r"\b(inf|nan|None)\b", roi.summary())
    assert roi.badge == {"randomised": "RANDOMISED TEST", "simulated": "SIMULATED"}.get(
        evidence, "OBSERVATIONAL, NOT RANDOMISED"
    )


def test_a_reply_that_earns_nothing_never_breaks_even(comparison):
    roi = sv.estimate_roi(comparison(), funnel=sv.Funnel(value_usd=0), n_draws=2000)
    assert "No reply rate breaks even" in roi.summary()
    assert roi.decision == "do not adopt"


def test_equal_costs_give_an_honest_sentence_and_no_ratio(comparison):
    costs = sv.Costs(
        n_segments=1, template_hours=1, prompt_hours=1, email_cost_usd=0, review_share=0, setup_usd=0, reply_minutes=0,
        subscriber_value_usd=0,
    )  # fmt: skip
    roi = sv.estimate_roi(comparison(), costs=costs, n_draws=2000)
    assert roi.roi != roi.roi
    assert "there is no investment" in roi.summary()


def test_a_saving_larger_than_all_replies_breaks_even_at_any_rate(comparison):
    roi = sv.estimate_roi(comparison(), costs=sv.Costs(n_segments=600), n_draws=2000)
    assert roi.verdict == "better and cheaper"
    assert "Any reply rate breaks even" in roi.summary()
    assert "Any reply rate breaks even" in roi.plot(view="break_even").get_title(loc="left")
    assert "of cost saved in the middle case; it costs less" in roi.summary()


def test_a_worse_variant_is_told_as_a_loss(comparison):
    roi = sv.estimate_roi(comparison(115, 60), n_draws=2000)
    assert "The verdict is worse and dearer" in roi.summary()
    assert "of margin lost and" in roi.summary()
    assert roi.decision == "do not adopt"
