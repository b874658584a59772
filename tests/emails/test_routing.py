"""Routing: who gets which email, and why."""

import pandas as pd
import pytest

import segvspers as sv
from segvspers.errors import ArgumentError, DataError


@pytest.fixture
def people():
    return pd.DataFrame({"contact_id": list("abcdef"), "consent": [True, True, True, False, True, None],
                         "suppressed": [False, False, False, False, True, False]})  # fmt: skip


@pytest.fixture
def facts():
    bits = {"a": 9.0, "b": 12.0, "c": 2.0, "d": 12.0, "e": 12.0, "f": 12.0}
    rows = [(contact, "question", value, "normal") for contact, value in bits.items()]
    rows += [("c", "firmographic", 11.0, "normal"), ("c", "ticket", 11.0, "sensitive")]
    return pd.DataFrame(rows, columns=["contact_id", "kind", "bits", "sensitivity"])


def route(people, facts, campaign, **change):
    routes = sv.route_contacts(people, facts, campaign=campaign.model_copy(update=change))
    return routes.set_index("contact_id")


def test_consent_and_suppression_come_first_whatever_is_known(people, facts, campaign):
    routes = route(people, facts, campaign)
    assert routes["route"].to_dict() == {
        "a": "individual", "b": "individual", "c": "segment", "d": "hold", "e": "hold", "f": "hold",
    }  # fmt: skip
    assert routes.loc[["d", "e", "f"], "reason"].tolist() == ["no consent", "suppressed", "no consent"]
    everybody = route(people, facts, campaign, type="newsletter", min_bits=None)
    assert everybody.loc[["d", "e", "f"], "route"].tolist() == ["hold"] * 3


def test_suppression_and_consent_of_the_sample(sample, campaign):
    contacts = sv.read_contacts(sample / "contacts.csv")
    facts = sv.derive_facts(contacts, sv.read_history(sample / "history.csv"), as_of="2026-11-01")
    routes = sv.route_contacts(contacts, facts, campaign=campaign)
    stopped = ~contacts["consent"].fillna(False).astype(bool) | contacts["suppressed"].fillna(False).astype(bool)
    assert (routes["route"].eq("hold").to_numpy() == stopped.to_numpy()).all()
    assert set(routes.loc[stopped.to_numpy(), "reason"]) == {"suppressed", "no consent"}


def test_firmographics_and_sensitive_facts_do_not_make_a_contact_known(people, facts, campaign):
    routes = route(people, facts, campaign)
    assert routes.loc["c", "bits"] == 2.0
    assert routes.loc["c", "reason"] == "2.0 bits known, 6 needed for an individual email"
    allowed = route(people, facts, campaign, may_mention_sensitive=True)
    assert allowed.loc["c", ["route", "bits"]].tolist() == ["individual", 13.0]


def test_a_broad_campaign_is_for_everybody_unless_bits_are_asked_for(people, facts, campaign):
    routes = route(people, facts, campaign, type="newsletter", min_bits=None)
    assert set(routes["route"]) == {"segment", "hold"}
    assert routes.loc["a", "reason"] == "a newsletter is for everybody"
    assert route(people, facts, campaign, type="newsletter", min_bits=6).loc["a", "route"] == "individual"


def test_an_email_that_costs_more_than_it_is_worth_is_not_written(people, facts, campaign):
    routes = route(people, facts, campaign, cost_per_email_usd=0.5, worth_per_email_usd=0.2)
    assert set(routes["route"]) == {"segment", "hold"}
    assert routes.loc["a", "reason"] == "an individual email costs $0.50 and is worth $0.20"
    assert (
        route(people, facts, campaign, cost_per_email_usd=0.2, worth_per_email_usd=0.2).loc["a", "route"]
        == "individual"
    )


@pytest.mark.parametrize(("budget", "individual"), [(0, []), (0.99, []), (1, ["b"]), (2, ["a", "b"]), (9, ["a", "b"])])
def test_a_budget_goes_to_the_contacts_known_best(people, facts, campaign, budget, individual):
    routes = route(people, facts, campaign, cost_per_email_usd=1, budget_usd=budget)
    assert routes.index[routes["route"] == "individual"].tolist() == individual
    if budget == 1:
        assert routes.loc["a", "reason"] == "the budget of $1.00 goes to contacts known better"
        assert routes.loc["d", "reason"] == "no consent"


def test_the_order_of_rows_changes_no_route(people, facts, campaign):
    turned = route(people.iloc[::-1], facts.iloc[::-1], campaign)
    pd.testing.assert_frame_equal(turned.sort_index(), route(people, facts, campaign))


def test_a_kind_that_does_not_exist_is_told_with_those_that_do(people, facts, campaign):
    with pytest.raises(ArgumentError, match=r"may_mention has \['purchse'\], which are no kinds of facts; choose from"):
        route(people, facts, campaign, may_mention=("purchse", "question"))


def test_columns_that_lack_are_told(people, facts, campaign):
    with pytest.raises(DataError, match=r"facts lacks \['sensitivity'\]"):
        route(people, facts.drop(columns="sensitivity"), campaign)


def test_a_recommendation_narrows_individual_emails_and_overrides_nothing(people, facts, campaign):
    told = pd.DataFrame(
        {
            "contact_id": list("abcde"), "variant": ["individual", "segment", "individual", "individual", "individual"],
            "reason": "because",
        }
    )  # fmt: skip
    routes = sv.route_contacts(people, facts, campaign=campaign, recommended=told).set_index("contact_id")
    assert routes["route"].to_dict() == {
        "a": "individual", "b": "segment", "c": "segment", "d": "hold", "e": "hold", "f": "hold",
    }  # fmt: skip
    assert routes.loc["b", "reason"] == "segment recommended: because"
    assert routes.loc["c", "reason"].startswith("2.0 bits known")
    assert routes.loc[["d", "e", "f"], "reason"].tolist() == ["no consent", "suppressed", "no consent"]
    willing = people.assign(consent=True)
    routes = sv.route_contacts(willing, facts, campaign=campaign, recommended=told.assign(variant="hold"))
    assert routes["route"].tolist()[:4] == ["hold", "hold", "segment", "hold"]
    missing = sv.route_contacts(willing, facts, campaign=campaign, recommended=told).set_index("contact_id")
    assert missing.loc["f", "reason"] == "nothing was recommended for this contact"


def test_a_recommendation_that_repeats_or_lacks_columns_is_refused(people, facts, campaign):
    told = pd.DataFrame({"contact_id": ["a", "a"], "variant": "individual", "reason": ""})
    with pytest.raises(DataError, match="more than once"):
        sv.route_contacts(people, facts, campaign=campaign, recommended=told)
    with pytest.raises(DataError, match="recommended lacks"):
        sv.route_contacts(people, facts, campaign=campaign, recommended=told[["contact_id"]])
