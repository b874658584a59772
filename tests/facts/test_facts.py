"""Facts: rare ones are worth more bits, none comes from later than its day, and each names its rows."""

import json

import numpy as np
import pandas as pd
import pytest

import segvspers as sv
from segvspers.errors import ArgumentError, DataError
from segvspers.facts import Sensitive


@pytest.fixture(scope="module")
def contacts(sample):
    return sv.read_contacts(sample / "contacts.csv")


@pytest.fixture(scope="module")
def history(sample):
    return sv.read_history(sample / "history.csv")


@pytest.fixture(scope="module")
def facts(contacts, history):
    return sv.derive_facts(contacts, history, as_of="2026-11-01")


def test_bits_are_the_logarithm_of_the_share_of_whom_it_is_true(facts, contacts):
    for (_kind, _topic, _value), group in list(facts.groupby(["kind", "topic", "value"]))[::97]:
        share = group["contact_id"].nunique() / len(contacts)
        assert group["bits"].to_numpy() == pytest.approx(-np.log2(share), abs=1e-4)


def test_fact_ids_are_unique_and_salience_is_a_share(facts):
    assert facts["fact_id"].is_unique
    assert facts["salience"].between(0, 1).all()
    assert (facts["bits"] >= 0).all()


def test_nothing_after_the_day_is_known(contacts, history):
    early = sv.derive_facts(contacts, history, as_of="2026-06-30")
    cut = history[history["timestamp"] < "2026-07-01"]
    again = sv.derive_facts(contacts, cut, as_of="2026-06-30")
    pd.testing.assert_frame_equal(early, again)
    assert (early["occurred_on"].dropna() <= "2026-06-30").all()


def test_the_order_of_rows_changes_nothing_but_their_numbers(contacts, history, facts):
    again = sv.derive_facts(
        contacts.sample(frac=1, random_state=1), history.sample(frac=1, random_state=2), as_of="2026-11-01"
    )
    keep = [name for name in facts.columns if name != "source"]
    pd.testing.assert_frame_equal(again[keep], facts[keep])


def test_sarahs_facts(facts):
    own = facts[facts["contact_id"] == "C00042"].set_index(["kind", "topic"])["value"].to_dict()
    assert own["engagement", "deliverability"] == "opened 12 of 12"
    assert own["question", "SMS"] == "asked 2026-10"
    assert own["purchase", "Plan B"] == "Plan B 2026-05"
    assert own["tenure", ""] == "2025-10"


def test_engagement_counts_human_opens_only(facts, history):
    opens = history[(history["event"] == "open") & ~history["machine_open"]]
    slow = opens.groupby(["contact_id", "topic"])["message_id"].nunique()
    found = facts[facts["kind"] == "engagement"]
    told = pd.Series(
        [json.loads(text)["opened"] for text in found["fields"]],
        index=pd.MultiIndex.from_frame(found[["contact_id", "topic"]]),
    )
    assert told.sort_index().tolist() == slow.sort_index().tolist()


def test_an_answered_question_says_so(facts, history):
    found = facts[facts["kind"] == "question"]
    answered = found["fields"].str.contains('"answered":true')
    assert (found["value"].str.endswith(" answered") == answered).all()
    assert 0.5 < answered.mean() < 0.95


def test_sources_name_rows_that_belong_to_the_contact(facts, history):
    some = facts[facts["source"].str.startswith("history:")].sample(300, random_state=1)
    for row in some.itertuples():
        numbers = [int(number) for number in row.source.removeprefix("history:").split(",")]
        assert set(history.iloc[numbers]["contact_id"]) == {row.contact_id}


def test_peers_are_aggregates_of_twenty_or_more(facts):
    peers = [json.loads(text) for text in facts.loc[facts["kind"] == "peers", "fields"].unique()]
    assert peers
    assert min(one["n_peers"] for one in peers) >= 20


def test_sensitive_topics_are_marked(contacts, history):
    marked = sv.derive_facts(contacts, history, as_of="2026-11-01", sensitive=Sensitive(topics=["sms"]))
    assert set(marked.loc[marked["topic"] == "SMS", "sensitivity"]) == {"sensitive"}
    assert set(marked.loc[marked["topic"] == "templates", "sensitivity"]) == {"normal"}


def test_a_list_with_little_in_it_still_has_facts():
    people = pd.DataFrame({"contact_id": ["C1", "C2"]})
    events = sv.read_history(
        pd.DataFrame({"contact_id": ["C1"], "timestamp": ["2026-05-01"], "event": ["purchase"], "product": ["Plan B"]})
    )
    facts = sv.derive_facts(people, events, as_of="2026-11-01")
    assert facts[["kind", "value"]].values.tolist() == [["purchase", "Plan B 2026-05"], ["silence", "180+ days"]]
    assert facts["bits"].tolist() == [1.0, 1.0]


def test_inputs_stay_as_they_are(contacts, history):
    before = contacts.copy(), history.copy()
    sv.derive_facts(contacts, history, as_of="2026-11-01")
    pd.testing.assert_frame_equal(contacts, before[0])
    pd.testing.assert_frame_equal(history, before[1])


def test_history_of_unknown_contacts_is_told_or_dropped(contacts, history):
    few = contacts[contacts["contact_id"] != "C00042"]
    with pytest.raises(DataError, match="rows refer to 1 contacts that contacts lacks"):
        sv.derive_facts(few, history, as_of="2026-11-01")
    facts = sv.derive_facts(few, history, as_of="2026-11-01", unknown_contacts="drop")
    assert "C00042" not in set(facts["contact_id"])


def test_a_day_that_is_none_and_a_choice_that_is_none_are_told(contacts, history):
    with pytest.raises(ArgumentError, match="as_of='soon' is no day; write it like 2026-11-01"):
        sv.derive_facts(contacts, history, as_of="soon")
    with pytest.raises(ArgumentError, match="unknown_contacts='guess' is not known"):
        sv.derive_facts(contacts, history, as_of="2026-11-01", unknown_contacts="guess")


def test_bits_and_engagement_agree_with_a_slow_reckoning_by_hand():
    people = pd.DataFrame({"contact_id": ["C1", "C2", "C3", "C4"], "industry": ["a", "a", "a", "b"]})
    opens = [("C1", "m1", False), ("C1", "m2", True), ("C2", "m3", True), ("C1", "m1", False)]
    rows = [
        {"contact_id": who, "message_id": what, "event": "sent"}
        for who, what in [("C1", "m1"), ("C1", "m2"), ("C2", "m3")]
    ]
    rows += [{"contact_id": who, "message_id": what, "event": "open", "machine_open": by} for who, what, by in opens]
    events = sv.read_history(pd.DataFrame(rows).assign(topic="SMS", timestamp="2026-10-20"))
    facts = sv.derive_facts(people, events, as_of="2026-11-01")
    for row in facts.itertuples():
        true_of = {
            other.contact_id
            for other in facts.itertuples()
            if (other.kind, other.topic, other.value) == (row.kind, row.topic, row.value)
        }
        assert row.bits == pytest.approx(-np.log2(len(true_of) / 4), abs=1e-4)
    by_industry = facts[facts["topic"] == "industry"].set_index("contact_id")["bits"]
    assert by_industry.to_dict() == pytest.approx({"C1": 0.415, "C2": 0.415, "C3": 0.415, "C4": 2.0}, abs=1e-4)
    engaged = facts[facts["kind"] == "engagement"]
    assert engaged[["contact_id", "value"]].values.tolist() == [["C1", "opened 1 of 2"]]


def test_rows_added_after_the_day_change_nothing(contacts, history, facts):
    later = history.tail(500).assign(timestamp=pd.Timestamp("2026-11-02T00:00:00Z"), topic="from the future")
    again = sv.derive_facts(contacts, pd.concat([history, later], ignore_index=True), as_of="2026-11-01")
    pd.testing.assert_frame_equal(again, facts)


def test_the_last_second_of_the_day_counts_and_the_next_one_does_not():
    people = pd.DataFrame({"contact_id": ["C1", "C2"]})
    times = ["2026-10-31T23:59:59Z", "2026-11-01T00:00:00Z"]
    events = sv.read_history(
        pd.DataFrame({"contact_id": ["C1", "C2"], "timestamp": times, "event": "purchase", "product": "Plan B"})
    )
    assert sv.derive_facts(people, events, as_of="2026-10-31")["contact_id"].unique().tolist() == ["C1"]


def test_every_column_is_documented_and_the_fields_are_json(facts):
    told = sv.derive_facts.__doc__.split("Returns")[1].split("Raises")[0]
    assert [name for name in facts.columns if name not in told] == []
    assert all(isinstance(json.loads(text), dict) for text in facts["fields"].iloc[::50])


def test_tables_without_their_keys_are_told(contacts, history):
    with pytest.raises(DataError, match=r"contacts lacks \['contact_id'\]"):
        sv.derive_facts(contacts.drop(columns="contact_id"), history, as_of="2026-11-01")
    with pytest.raises(DataError, match=r"history lacks \['event'\]"):
        sv.derive_facts(contacts, history.drop(columns="event"), as_of="2026-11-01")
