"""A slow and plain reckoning of every kind of fact agrees with the fast one row for row, on tables full of odd cases."""

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import segvspers as sv
from facts.slow_facts import comparable, slow_facts
from segvspers.history import EVENTS

DAY = "2026-11-01"
TOPICS = ["SMS", "templates", "pricing", None]
WORDS = ["Could we add it?", "Not now, thanks.", "Zwölf Stück, bitte 🙂", 'He said "no", twice', None]


def random_people(rng, n=32):
    def some(values, shares=None):
        return rng.choice(np.array(values, dtype=object), n, p=shares)

    days = pd.to_datetime("2026-11-20") - pd.to_timedelta(rng.integers(0, 1500, n), unit="D")
    return pd.DataFrame(
        {
            "contact_id": [f"c{place}" for place in rng.permutation(n)],
            "signup_date": [None if rng.random() < 0.1 else day for day in days],
            "plan": some(["Plan A", "Plan B", None]),
            "industry": some(["retail", "media", None], [0.8, 0.1, 0.1]),
            "company_size": some(["1-10", "11-50", None]),
            "region": some(["Europe", "", None]),
            "job_title": some(["Founder", "CRM Manager", None]),
        }
    )


def random_events(rng, contacts, n=500):
    """Rows of few days, ids and values, so that ties, threads and repeats are frequent; some lie after the day."""

    def some(values, shares=None):
        return rng.choice(np.array(values, dtype=object), n, p=shares)

    steps = np.concatenate([rng.integers(-3, 120, n // 2), rng.integers(0, 900, n - n // 2)])
    frame = pd.DataFrame(
        {
            "contact_id": some(contacts["contact_id"].tolist()),
            "timestamp": pd.Timestamp("2026-11-01T06:00:00Z") - pd.to_timedelta(steps * 12, unit="h"),
            "event": some([*EVENTS, "sent", "open", "click", "purchase", "conversation", "support_ticket"]),
            "topic": some(TOPICS),
            "product": some(["Plan A", "Plan B", "add-on", None]),
            "amount_usd": some([100.25, 50.0, 220.5, None], [0.4, 0.3, 0.2, 0.1]),
            "text": some(WORDS),
            "campaign_id": some(["k1", "k2", None]),
            "message_id": some(["m1", "m2", "m3", None]),
            "step": some(["1", "2", None]),
            "machine_open": rng.random(n) < 0.3,
            "reply_class": some(["positive", "negative", "auto_reply", "opt_out", None]),
            "status": some(["asked", "answered", "told", "open", "solved", None]),
        }
    )
    frame["amount_usd"] = frame["amount_usd"].astype(float)
    return frame


def as_told(facts):
    """Return derived facts in the form of the slow ones."""
    return [
        {
            "contact_id": row.contact_id, "kind": row.kind, "topic": row.topic, "value": row.value,
            "fields": json.loads(row.fields), "occurred_on": None if pd.isna(row.occurred_on) else row.occurred_on,
            "rows": sorted(map(int, row.source[8:].split(","))) if row.source.startswith("history:") else None,
        }
        for row in facts.itertuples()
    ]  # fmt: skip


@pytest.mark.parametrize("seed", range(20))
def test_the_slow_reckoning_agrees_row_for_row(seed):
    rng = np.random.default_rng(seed)
    people = random_people(rng)
    events = random_events(rng, people)
    facts, slow = sv.derive_facts(people, events, as_of=DAY), slow_facts(people, events, DAY)
    assert comparable(as_told(facts)) == comparable(slow)
    bits = {(one["contact_id"], one["kind"], one["topic"], one["value"]): one["bits"] for one in slow}
    found = facts.set_index(["contact_id", "kind", "topic", "value"])["bits"].to_dict()
    assert found == pytest.approx(bits, abs=5.1e-5)
    assert set(facts["as_of"]) == {pd.Timestamp(DAY)}


def test_facts_hang_on_other_contacts_for_peers_and_bits_only():
    rng = np.random.default_rng(7)
    people = random_people(rng)
    events, some = random_events(rng, people), people.head(9)
    whole, part = (
        sv.derive_facts(one, events, as_of=DAY, unknown_contacts="drop").query("kind != 'peers'")
        for one in (people, some)
    )
    same = [name for name in whole.columns if name not in {"bits", "salience"}]
    expected = whole[whole["contact_id"].isin(some["contact_id"])]
    pd.testing.assert_frame_equal(part[same].reset_index(drop=True), expected[same].reset_index(drop=True))


def test_salience_is_weight_times_age_times_rarity():
    rng = np.random.default_rng(8)
    people = random_people(rng)
    facts = sv.derive_facts(people, random_events(rng, people), as_of=DAY)
    n = sum(people["signup_date"].isna() | (pd.to_datetime(people["signup_date"]) <= DAY))
    days = (pd.Timestamp(DAY) - facts["occurred_on"]).dt.days.fillna(365)
    expected = (
        facts["kind"].map(sv.facts.kinds.WEIGHTS)
        * (0.5 + 0.5 * np.exp(-days / 180))
        * (0.4 + 0.6 * facts["bits"] / np.log2(n))
    )
    assert facts["salience"].to_numpy() == pytest.approx(expected.to_numpy(), abs=1e-4)


def test_the_odd_tables_hold_every_kind():
    kinds = set()
    for seed in range(6):
        rng = np.random.default_rng(seed)
        people = random_people(rng)
        kinds |= set(sv.derive_facts(people, random_events(rng, people), as_of=DAY)["kind"])
    assert kinds == set(sv.facts.kinds.WEIGHTS) - {"attribute"}


LATER = st.lists(
    st.fixed_dictionaries(
        {
            "contact_id": st.sampled_from([f"c{n}" for n in range(34)]),
            "timestamp": st.datetimes(pd.Timestamp("2026-11-02"), pd.Timestamp("2030-01-01")),
            "event": st.sampled_from(EVENTS),
            "topic": st.sampled_from([*TOPICS, "debt"]),
            "product": st.sampled_from(["Plan A", "Plan B", None]),
            "amount_usd": st.sampled_from([1e9, 5.0, None]),
            "message_id": st.sampled_from(["m1", "m2", "m9"]),
            "status": st.sampled_from(["asked", "answered", "open", "solved"]),
            "text": st.sampled_from(["I am ill and in debt", None]),
        }
    ),
    max_size=12,
)


@pytest.fixture(scope="module")
def known():
    rng = np.random.default_rng(99)
    people = random_people(rng)
    events = random_events(rng, people)
    return people, events, sv.derive_facts(people, events, as_of=DAY)


@settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(later=LATER, signed=st.lists(st.dates(pd.Timestamp("2026-11-02").date()), max_size=3), place=st.integers(0, 500))
def test_rows_after_the_day_change_nothing(known, later, signed, place):
    people, events, facts = known
    more = pd.DataFrame(
        later, columns=[name for name in events.columns if name in (later or [{}])[0]] or ["contact_id"]
    )
    more["timestamp"] = pd.to_datetime(more.get("timestamp", pd.Series(dtype="datetime64[us]")), utc=True)
    joined = people.assign(signup_date=pd.to_datetime(people["signup_date"]))
    newer = pd.DataFrame({"contact_id": [f"new{n}" for n in range(len(signed))], "signup_date": pd.to_datetime(signed)})
    again = sv.derive_facts(
        pd.concat([joined, newer], ignore_index=True), pd.concat([events, more], ignore_index=True), as_of=DAY
    )
    pd.testing.assert_frame_equal(again, facts)


@settings(max_examples=10, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32 - 1))
def test_the_order_of_rows_changes_nothing_but_their_numbers(known, seed):
    people, events, facts = known
    again = sv.derive_facts(
        people.sample(frac=1, random_state=seed), events.sample(frac=1, random_state=seed), as_of=DAY
    )
    pd.testing.assert_frame_equal(again.drop(columns="source"), facts.drop(columns="source"))
