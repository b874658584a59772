"""The sample is made again byte by byte, and its story could have happened."""

import json

import numpy as np
import pandas as pd
import pytest

import segvspers as sv

FILES = [
    "contacts.csv",
    "history.csv",
    "outcomes.csv",
    "truth.csv",
    "truth.json",
    "campaign.yml",
    "assumptions.yml",
    "priors.csv",
]


@pytest.fixture(scope="module")
def contacts(sample):
    return pd.read_csv(sample / "contacts.csv", parse_dates=["signup_date"])


@pytest.fixture(scope="module")
def history(sample):
    return pd.read_csv(sample / "history.csv", parse_dates=["timestamp"], low_memory=False)


@pytest.fixture(scope="module")
def outcomes(sample):
    return pd.read_csv(sample / "outcomes.csv", parse_dates=["sent_at", "replied_at", "assigned_at"])


def test_the_sample_is_byte_identical_when_made_again(sample, tmp_path):
    made = sv.datasets.make_sample(tmp_path / "again")
    assert sorted(path.name for path in sample.iterdir()) == sorted(FILES)
    for name in FILES:
        assert (made / name).read_bytes() == (sample / name).read_bytes(), name


def test_another_seed_gives_another_sample(sample, tmp_path):
    made = sv.datasets.make_sample(tmp_path / "other", seed=1)
    assert (made / "contacts.csv").read_bytes() != (sample / "contacts.csv").read_bytes()


def test_the_sample_has_the_size_that_it_should_have(sample, contacts, history):
    assert sum(path.stat().st_size for path in sample.iterdir()) < 8_000_000
    assert len(contacts) == 5000
    assert contacts["company_id"].nunique() == 2900
    assert 55_000 < len(history) < 65_000
    levels = contacts[["industry", "company_size", "engagement_level", "purchase_status"]].nunique()
    assert levels.tolist() == [10, 5, 3, 4]
    assert contacts["contact_id"].is_unique
    assert contacts["email"].is_unique
    assert contacts["email"].str.endswith(".example").all()
    assert contacts["industry"].isna().any()


def test_sarah_is_as_she_should_be(contacts, history):
    sarah = contacts.set_index("contact_id").loc["C00042"]
    assert (sarah["first_name"], sarah["company"], sarah["industry"]) == ("Sarah", "FreshThreads", "fashion ecommerce")
    assert sarah["signup_date"] == pd.Timestamp("2025-10-14")
    own = history[history["contact_id"] == "C00042"]
    bought = own[own["event"] == "purchase"]
    assert bought["product"].tolist() == ["Plan B"]
    assert bought["timestamp"].dt.date.astype(str).tolist() == ["2026-05-12"]
    about = own[own["topic"] == "deliverability"]
    assert about["event"].value_counts().to_dict() == {"sent": 12, "open": 12}
    assert not (about["machine_open"] == True).any()  # noqa: E712
    asked = own[own["event"] == "conversation"]
    assert asked[["topic", "status"]].values.tolist() == [["SMS", "asked"]]
    assert str(asked["timestamp"].iloc[0].date()) == "2026-10-15"


def test_nothing_happens_before_it_could(contacts, history):
    own = history.merge(contacts[["contact_id", "signup_date"]], on="contact_id")
    bought = own[own["event"].isin(["purchase", "renewal", "cancel"])]
    assert (bought["timestamp"].dt.tz_localize(None) >= bought["signup_date"]).all()
    first_sent = history[history["event"] == "sent"].groupby("message_id")["timestamp"].min()
    touched = history[history["event"].isin(["open", "click"])]
    assert (touched["timestamp"] > touched["message_id"].map(first_sent)).all()
    threads = history[history["status"].isin(["solved", "answered"])]
    starts = history[history["status"].isin(["open", "asked"])].groupby("message_id")["timestamp"].min()
    known = threads["message_id"].map(starts)
    assert (threads["timestamp"] > known)[known.notna()].all()
    assert known.notna().mean() > 0.99


def test_bounced_contacts_don_t_open_and_cancelled_ones_are_lapsed(contacts, history):
    bounced = set(history.loc[history["event"] == "bounce_hard", "message_id"])
    assert bounced
    assert not history[history["message_id"].isin(bounced)]["event"].isin(["open", "click", "reply"]).any()
    status = contacts.set_index("contact_id")["purchase_status"]
    cancelled = history.loc[history["event"] == "cancel", "contact_id"]
    assert set(status.loc[cancelled]) == {"lapsed"}


def test_machine_opens_come_within_a_minute(history):
    sent = history[history["event"] == "sent"].groupby("message_id")["timestamp"].min()
    machine = history[history["machine_open"] == True]  # noqa: E712
    assert len(machine) > 1000
    assert ((machine["timestamp"] - machine["message_id"].map(sent)).dt.total_seconds() < 60).all()


def test_outcomes_agree_with_history_row_by_row(outcomes, history):
    test = history[history["campaign_id"] == "sept-outreach"]
    human = test[(test["event"] == "reply") & (test["reply_class"] != "auto_reply")]
    assert set(human["contact_id"]) == set(outcomes.loc[outcomes["replied"], "contact_id"])
    assert set(test.loc[test["event"] == "bounce_hard", "contact_id"]) == set(
        outcomes.loc[outcomes["bounced"], "contact_id"]
    )
    sent = test[test["event"] == "sent"].set_index("contact_id")["timestamp"]
    assert (outcomes.set_index("contact_id")["sent_at"] == sent.reindex(outcomes["contact_id"])).all()
    answered = outcomes[outcomes["replied"]].set_index("contact_id")["replied_at"]
    when = human.set_index("contact_id")["timestamp"].reindex(answered.index)
    assert (answered == when).all()
    assert ((outcomes["replied_at"] - outcomes["sent_at"]).dt.days.dropna() <= 21).all()


def test_companies_are_in_one_arm_and_the_truth_fits_what_was_seen(outcomes, sample):
    arms = outcomes.groupby("company_id")["variant"].agg(set)
    assert set(arms.map(len)) == {1}
    truth = pd.read_csv(sample / "truth.csv").set_index("contact_id").loc[outcomes["contact_id"]]
    would = np.where(outcomes["variant"] == "segment", truth["replied_if_segment"], truth["replied_if_individual"])
    assert (outcomes["replied"].to_numpy() <= would).all()
    summary = json.loads((sample / "truth.json").read_text())
    assert summary["true_rate_individual"] == pytest.approx(truth["p_individual"].mean(), abs=1e-6)
    rich = truth["record_richness"] > 0.6
    gain = truth["p_individual"] / truth["p_segment"]
    assert gain[rich].mean() > 1.15
    assert gain[truth["record_richness"] == 0].mean() < 1


def test_priors_can_be_read_and_have_sources(sample):
    priors = sv.read_priors(sample / "priors.csv")
    assert priors.loc["log_relative_effect", "value"].mean == 0.10
    assert priors["source"].notna().all()
    assert set(priors["grade"]) <= {"A", "A-", "B", "C", "D", "S"}


def test_a_copy_to_work_on(sample, tmp_path):
    assert (sv.datasets.copy_sample(tmp_path / "mine") / "contacts.csv").read_bytes() == (
        sample / "contacts.csv"
    ).read_bytes()


@pytest.mark.parametrize("column", ["opened", "clicked", "machine_open", "spam_reported", "unsubscribed"])
def test_what_an_outcome_says_happened_stands_in_history(outcomes, history, column):
    test = history[history["campaign_id"] == "sept-outreach"]
    rows = {
        "opened": test["event"] == "open",
        "clicked": test["event"] == "click",
        "machine_open": test["machine_open"] == True,  # noqa: E712
        "spam_reported": test["event"] == "spam_report",
        "unsubscribed": (test["event"] == "unsubscribe") | (test["reply_class"] == "opt_out"),
    }[column]
    assert set(test.loc[rows, "contact_id"]) == set(outcomes.loc[outcomes[column], "contact_id"])


def test_what_was_known_before_the_test_is_counted_from_history_before_it(outcomes, history):
    before = history[history["timestamp"] < outcomes["assigned_at"].iloc[0]]
    kinds = {
        "prior_opens": (before["event"] == "open") & (before["machine_open"] != True),  # noqa: E712
        "prior_clicks": before["event"] == "click",
        "prior_replies": (before["event"] == "reply") & (before["reply_class"] != "auto_reply"),
    }
    for column, rows in kinds.items():
        counted = before[rows].groupby("contact_id").size().reindex(outcomes["contact_id"], fill_value=0)
        assert counted.tolist() == outcomes[column].tolist(), column
    spent = before.groupby("contact_id")["amount_usd"].sum().reindex(outcomes["contact_id"], fill_value=0)
    assert spent.to_numpy() == pytest.approx(outcomes["prior_revenue_usd"].to_numpy(), abs=0.01)


def leaving(history):
    """Return when each contact was lost to email."""
    gone = history["event"].isin(["unsubscribe", "bounce_hard", "spam_report"]) | (history["reply_class"] == "opt_out")
    return history[gone].groupby("contact_id")["timestamp"].min()


def test_nobody_gets_an_email_after_leaving(history):
    left, sent = leaving(history), history[history["event"] == "sent"]
    assert len(left) > 100
    assert not (sent["timestamp"] > sent["contact_id"].map(left)).any()


def test_whoever_left_has_no_consent_or_is_suppressed_and_nobody_else_lacks_consent(contacts, history):
    people, left = contacts.set_index("contact_id"), leaving(history)
    bounced = set(history.loc[history["event"] == "bounce_hard", "contact_id"])
    assert people.loc[list(bounced), "suppressed"].all()
    assert set(people.index[~people["consent"]]) == set(left.index) - bounced


def test_nobody_who_had_left_or_is_suppressed_was_in_the_test(contacts, outcomes, history):
    left = leaving(history).reindex(outcomes["contact_id"])
    assert not (left.to_numpy() <= outcomes["sent_at"].to_numpy()).any()
    suppressed = set(contacts.loc[contacts["suppressed"], "contact_id"])
    assert set(outcomes["contact_id"]) & suppressed == set(outcomes.loc[outcomes["bounced"], "contact_id"])


def test_a_reply_is_what_the_truth_says_unless_the_email_bounced(outcomes, sample):
    truth = pd.read_csv(sample / "truth.csv").set_index("contact_id").loc[outcomes["contact_id"]]
    would = np.where(outcomes["variant"] == "segment", truth["replied_if_segment"], truth["replied_if_individual"])
    assert (outcomes["replied"] == (would & ~outcomes["bounced"])).all()
