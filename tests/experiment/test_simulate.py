"""Simulated rows: known truth, correlation, delays, machines, and a world fitted back."""

import json
import math

import numpy as np
import pandas as pd
import pytest

from segvspers import (
    ArgumentError,
    DataError,
    NotEstimableError,
    World,
    assign_variants,
    read_priors,
    reveal_truth,
    simulate_outcomes,
)
from segvspers.experiment.world_fit import anova_icc


def audience(n=6000, n_companies=2500, seed=1):
    draws = np.random.default_rng(seed)
    table = pd.DataFrame(
        {
            "contact_id": [f"C{k:06d}" for k in range(n)],
            "company_id": draws.integers(0, n_companies, n).astype(str),
        }
    )
    return assign_variants(table, cluster="company_id", rng=seed)


def written(people, bits=8.0, n_thin=0):
    parts = []
    for variant, amount in (("segment", 1.0), ("individual", bits)):
        part = people[["contact_id"]].assign(variant=variant, bits=amount, status="ready", cost_usd=0.001)
        part["sentences"] = [[{"text": "", "fact_ids": [f"f{k}"], "role": "fact"}] for k in range(len(part))]
        if variant == "individual":
            part.iloc[:n_thin, part.columns.get_indexer(["bits", "status"])] = [1.0, "fell_back"]
        parts.append(part)
    return pd.concat(parts, ignore_index=True)


def test_the_same_seed_gives_the_same_outcomes_in_any_order():
    people = audience(800)
    once = simulate_outcomes(people, world=World(n_steps=2), rng=4)
    shuffled = people.sample(frac=1, random_state=1)
    again = simulate_outcomes(shuffled, world=World(n_steps=2), rng=4)
    keys = ["contact_id", "step"]
    pd.testing.assert_frame_equal(once.sort_values(keys, ignore_index=True), again.sort_values(keys, ignore_index=True))
    assert again["contact_id"].drop_duplicates().tolist() == shuffled["contact_id"].tolist()


def test_what_is_seen_is_the_truth_of_the_variant_drawn():
    people, world = audience(), World(reply_rate=0.2, log_effect=0.4, delay_sigma=0.1)
    seen = simulate_outcomes(people, world=world, rng=2).set_index("contact_id")
    truth = reveal_truth(people, world=world, rng=2).set_index("contact_id")
    for name in ("segment", "individual"):
        rows = seen.index[seen["variant"] == name]
        assert (seen.loc[rows, "replied"] == truth.loc[rows, f"replies_{name}"]).all()
    assert (truth["replies_individual"] >= truth["replies_segment"])[~truth["wrong_individual"]].all()


def test_a_known_lift_is_recovered():
    people = audience(60_000, 30_000)
    world = World(reply_rate=0.05, log_effect=0.4, wrong_fact_share=0.0, icc=0.05)
    seen = simulate_outcomes(people, world=world, rng=3)
    rates = seen.groupby("variant")["replied"].mean()
    assert rates["segment"] == pytest.approx(world.rate_of(0), abs=0.004)
    assert rates["individual"] == pytest.approx(world.rate_of(1), abs=0.004)
    assert seen.attrs["truth"]["individual"] == pytest.approx(world.rate_of(1), rel=0.01)


def test_colleagues_reply_alike_as_much_as_the_world_says():
    people = audience(80_000, 20_000)
    seen = simulate_outcomes(people, world=World(reply_rate=0.1, icc=0.15, log_effect=0.0, propensity_sigma=0), rng=3)
    groups = seen.groupby(["variant", "company_id"])["replied"].agg(["sum", "size"])
    assert anova_icc(groups) == pytest.approx(0.15, abs=0.015)


def test_a_thin_record_gets_no_effect_and_bits_are_a_dose():
    people = audience(2000)
    truth = reveal_truth(people, written(people, n_thin=500), world=World(log_effect=0.5), rng=1)
    assert (truth["dose_individual"].head(500) == 0).all()
    assert (truth["lift"].head(500).abs() < 1e-12).all()
    half = reveal_truth(people, written(people, bits=4.0), world=World(log_effect=0.5), rng=1)
    assert half["dose_individual"].mean() == pytest.approx(3 / 8)


def test_an_untrue_statement_costs_replies_and_subscribers():
    people = audience(20_000)
    world = World(reply_rate=0.2, log_effect=0.0, wrong_fact_share=0.5, unsubscribe_rate=0.05)
    truth = reveal_truth(people, world=world, rng=1)
    wrong = truth["wrong_individual"]
    assert truth.loc[wrong, "rate_individual"].sum() == pytest.approx(
        truth.loc[wrong, "rate_segment"].sum() / 2, rel=1e-3
    )
    seen = simulate_outcomes(people, world=world, rng=1)
    left = seen.groupby("variant")["unsubscribed"].mean()
    assert left["individual"] > 1.3 * left["segment"]
    assert not truth["wrong_segment"].any()


def test_topics_that_a_reader_cares_for_make_an_email_fit():
    people = audience(3000)
    emails = written(people)
    topics = np.resize(["SMS", "pricing", "analytics"], 3000)
    facts = pd.DataFrame(
        {"contact_id": people["contact_id"], "fact_id": [f"f{k}" for k in range(3000)], "topic": topics}
    )
    own = reveal_truth(people, emails, facts=facts, world=World(), rng=1)["dose_individual"].mean()
    others = facts.assign(contact_id=np.roll(facts["contact_id"], 1))
    foreign = reveal_truth(people, emails, facts=others, world=World(), rng=1)["dose_individual"].mean()
    assert own > foreign + 0.1
    as_text = emails.assign(sentences=emails["sentences"].map(json.dumps))
    same = reveal_truth(people, as_text, facts=facts, world=World(), rng=1)["dose_individual"].mean()
    assert same == own
    columns = facts.assign(kind="firmographic")
    neutral = reveal_truth(people, emails, facts=columns, world=World(), rng=1)["dose_individual"].mean()
    assert neutral == pytest.approx((0.5 + 0.5 * World().topics_cared_for) * 7 / 8)


def test_recent_emails_tire():
    people = audience(4000).assign(n_recent_emails=lambda t: np.arange(len(t)) % 2 * 20)
    truth = reveal_truth(people, world=World(propensity_sigma=0), rng=1)
    by_load = truth.groupby(people["n_recent_emails"].to_numpy())["rate_segment"].mean()
    assert by_load[20] / by_load[0] == pytest.approx(math.exp(-1), rel=1e-6)


def test_replies_mature_as_the_delay_says():
    people = audience(40_000)
    world = World(reply_rate=0.5, log_effect=0.0, delay_median_hours=24, delay_sigma=1.0, follow_up_days=3)
    seen = simulate_outcomes(people, world=world, rng=1)
    assert seen["replied"].mean() == pytest.approx(0.5 * world.replied_within(3), abs=0.02)
    waited = (seen["replied_at"] - seen["sent_at"]).dt.total_seconds()[seen["replied"]]
    assert waited.max() <= 3 * 86400
    assert waited.min() >= 0


def test_machines_are_marked_and_never_counted_as_replies():
    seen = simulate_outcomes(audience(), world=World(auto_reply_share=0.2), rng=1)
    auto = seen["reply_class"].eq("auto_reply")
    assert auto.mean() == pytest.approx(0.19, abs=0.02)
    assert not seen.loc[auto, "replied"].any()
    assert seen.loc[seen["replied"], "reply_class"].notna().all()
    assert seen.loc[seen["machine_open"], "opened"].all()
    assert not seen.loc[seen["bounced"], ["delivered", "opened", "replied", "unsubscribed"]].any(axis=None)


def test_a_sequence_stops_when_the_contact_has_replied():
    seen = simulate_outcomes(audience(), world=World(reply_rate=0.4, n_steps=3), rng=1)
    assert len(seen) == 18_000
    assert seen.groupby("contact_id")["replied"].sum().max() == 1
    by_step = seen.groupby("step")["replied"].sum()
    assert by_step[2] / by_step[1] == pytest.approx(0.65, abs=0.08)
    assert seen.groupby("step")["delivered"].mean().is_monotonic_decreasing


def test_a_holdout_gets_no_email():
    people = audience(2000).drop(columns="variant")
    people = assign_variants(people, variants=("segment", "individual", "holdout"))
    seen = simulate_outcomes(people, world=World(reply_rate=0.3), rng=1)
    held = seen[seen["variant"] == "holdout"]
    assert not held[["delivered", "opened", "replied", "unsubscribed"]].any(axis=None)


def test_the_world_is_fitted_back_from_its_own_outcomes():
    world = World(reply_rate=0.12, log_effect=0.3, icc=0.1, propensity_sigma=0, wrong_fact_share=0, positive_share=0.4)
    seen = simulate_outcomes(audience(80_000, 30_000), world=world, rng=5)
    back = World.fit(seen, control="segment")
    assert back.reply_rate == pytest.approx(world.rate_of(0), rel=0.04)
    assert back.log_effect == pytest.approx(0.3, abs=0.05)
    assert back.icc == pytest.approx(0.1, abs=0.02)
    assert back.delay_median_hours == pytest.approx(3, rel=0.1)
    assert back.delay_sigma == pytest.approx(2.3, rel=0.06)
    assert back.positive_share == pytest.approx(0.4, abs=0.02)
    assert back.auto_reply_share == pytest.approx(0.025, abs=0.003)
    assert back.contacts_per_company == pytest.approx(80_000 / seen["company_id"].nunique(), rel=0.01)
    assert World.fit(seen, control="segment", icc=0.0).icc == 0


def test_a_world_from_the_assumptions(tmp_path):
    (tmp_path / "priors.csv").write_text(
        "parameter,distribution,p1,p2,p3,unit,source,year,n,grade,note\n"
        "cold_reply_rate,lognormal,0.05,1.1,,,,,,,\n"
        "wrong_fact_share,beta,2,48,,,,,,,\n"
    )
    priors = read_priors(tmp_path / "priors.csv")
    assert World.from_priors(priors=priors).reply_rate == pytest.approx(0.05)
    assert World.from_priors(priors=priors).log_effect == pytest.approx(0.10)
    one, again, other = (World.from_priors(priors=priors, rng=seed) for seed in (1, 1, 2))
    assert one == again != other
    low, high = (World.from_priors(priors=priors, scenario=name).log_effect for name in ("sceptical", "vendor"))
    assert (low, high) == (0.0, 0.69)
    with pytest.raises(ArgumentError, match="scenario"):
        World.from_priors(scenario="rosy", priors=priors)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"icc": 1.5, "deal_usd": 0, "fatigue": -1}, "(?s)3 problems.*icc.*deal_usd.*fatigue|3 problems"),
        ({"reply_rate": 0.0}, "ends left out"),
        ({"icc": 1.0}, "below 1"),
        ({"n_steps": 1.5}, "n_steps=1.5"),
        ({"contacts_per_company": 0.5}, "at least 1"),
        ({"company_sizes": (1, 2), "size_weights": (1.0,)}, "one weight for each"),
        ({"company_sizes": (0,)}, "must all be at least 1"),
        ({"topics": ()}, "at least one subject"),
        ({"log_effect": math.nan}, "finite number"),
    ],
)
def test_worlds_that_can_not_be(fields, message):
    with pytest.raises(ArgumentError, match=message):
        World(**fields)


def test_inputs_that_can_not_be_simulated():
    people = audience(50)
    with pytest.raises(ArgumentError, match="whole number, so that reveal_truth"):
        simulate_outcomes(people, world=World(), rng=np.random.default_rng(1))
    with pytest.raises(DataError, match="assign_variants"):
        simulate_outcomes(people.drop(columns="variant"), world=World())
    with pytest.raises(DataError, match="contact_id repeats"):
        simulate_outcomes(pd.concat([people, people]), world=World())
    with pytest.raises(DataError, match="have no email of their variant"):
        simulate_outcomes(people, written(people).head(20), world=World())
    with pytest.raises(DataError, match="bits"):
        simulate_outcomes(people, written(people).drop(columns="bits"), world=World())


def test_outcomes_that_tell_no_world():
    quiet = pd.DataFrame({"contact_id": range(10), "variant": ["a", "b"] * 5, "replied": False})
    with pytest.raises(NotEstimableError, match="no contact of 'a' replied"):
        World.fit(quiet, control="a")
    with pytest.raises(DataError, match="no rows of variant"):
        World.fit(quiet, control="c")


def test_evidence_survives_a_file(tmp_path):
    seen = simulate_outcomes(audience(60), world=World(), rng=1)
    assert seen.attrs["evidence"] == "simulated"
    seen.to_csv(tmp_path / "o.csv", index=False)
    assert pd.read_csv(tmp_path / "o.csv")["evidence"].unique().tolist() == ["simulated"]
