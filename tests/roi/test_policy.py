"""A recommendation as money: the hybrid against the default for everybody, by another route, and in the report."""

import numpy as np
import pandas as pd
import pytest

import segvspers as sv
from segvspers.errors import ArgumentError


@pytest.fixture(scope="module")
def planted():
    """Contacts of two plans, of whom one gains by an individual email and the other loses."""
    rng, n = np.random.default_rng(3), 40_000
    plan = rng.choice(["free", "pro"], n)
    own = rng.random(n) < 0.5
    rate = np.where(plan == "pro", 0.06 + 0.04 * own, 0.05 - 0.02 * own)
    return pd.DataFrame(
        {
            "contact_id": np.arange(n).astype(str), "plan": plan, "variant": np.where(own, "individual", "segment"),
            "replied": rng.random(n) < rate,
        }
    )  # fmt: skip


def recommend(planted, **options):
    contacts = planted[["contact_id", "plan"]].head(5_000)
    money = {"reply_value_usd": 30.0, "cost_per_email_usd": 0.1, **options}
    return sv.recommend_variant(contacts, planted, features="plan", **money)


def test_the_hybrid_is_adopted_for_the_groups_that_gain(planted):
    found = recommend(planted)
    roi = sv.estimate_roi(found, rng=1, n_draws=20_000)
    assert roi.decision == "adopt for these groups"
    assert roi.decision_sentence.startswith(
        "Adopt the hybrid, another email than segment for plan pro only: for 5,000 contacts"
    )
    assert roi.evidence == "randomised"
    # Half of the contacts gain 0.04 replies worth $30 and cost $0.10: $0.55 a contact.
    assert roi.net_usd / 5_000 == pytest.approx(0.55, abs=0.12)
    assert roi.net_usd == pytest.approx(5_000 * found.net_lift_usd, rel=0.02)
    half = 1.6449 * (found.net_lift_high_usd - found.net_lift_usd) / 1.96
    assert roi.net_high_usd - roi.net_usd == pytest.approx(5_000 * half, rel=0.05)
    groups = roi.groups.set_index("group")
    assert groups["adopt"].to_dict() == {"plan pro": True, "plan free": False}
    assert "groups" in roi.views
    assert roi.plot(view="groups").get_title(loc="left")


def test_nothing_recommended_is_not_adopted(planted):
    roi = sv.estimate_roi(recommend(planted, cost_per_email_usd=5.0), rng=1, n_draws=5_000)
    assert roi.decision == "do not adopt"
    assert roi.net_usd == pytest.approx(0.0, abs=1.0)


def test_a_recommendation_without_money_is_refused(planted):
    with pytest.raises(ArgumentError, match="give reply_value_usd="):
        sv.estimate_roi(recommend(planted, reply_value_usd=None, cost_per_email_usd=0.0))
    with pytest.raises(ArgumentError, match="hold margin and cost already"):
        sv.estimate_roi(recommend(planted), costs=sv.Costs())


def test_the_report_shows_who_should_get_what(planted, tmp_path):
    found = recommend(planted)
    report = sv.build_report(found, sv.estimate_roi(found, rng=1, n_draws=5_000))
    assert report.status_label == "Adopt for these groups"
    part = next(one for one in report.parts if one.title == "Who gains")
    assert part.sentences[0].startswith("Send individual emails to")
    page = report.to_html(tmp_path / "roi.html").read_text()
    assert "Lift over segment by group" in page
    assert "plan pro" in page
    report.to_xlsx(tmp_path / "roi.xlsx")
    report.to_json(tmp_path / "roi.json")
    report.to_markdown(tmp_path / "roi.md")
