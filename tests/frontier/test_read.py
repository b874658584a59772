"""What can't be valued is refused, with the reason and the mend."""

import numpy as np
import pandas as pd
import pytest

from drawn_tests import drawn
from segvspers.errors import ArgumentError, DataError, NotEstimableError
from segvspers.frontier.read import read_test


@pytest.fixture
def table():
    return drawn(np.random.default_rng(1), 2000)[0]


def refused(table, error, match, **settings):
    with pytest.raises(error, match=match):
        read_test(table, **{"features": ["plan", "region"], **settings})


def test_one_variant_only(table):
    refused(table[table["variant"] == "a"], DataError, "only one variant, a; a frontier compares")


def test_outcomes_that_are_missing_or_no_yes_or_no(table):
    table["replied"] = table["replied"].astype(object)
    table.loc[[3, 7], "replied"] = None
    table.loc[9, "replied"] = 3
    refused(
        table,
        DataError,
        r"(?s)empty or neither true, false nor a number in row 4, 8.*neither yes nor no in row 10; for an amount",
    )


def test_variants_that_are_missing(table):
    table.loc[2, "variant"] = None
    refused(table, DataError, "'variant' is empty in row 3")


def test_sends_that_nobody_drew(table):
    refused(table.assign(evidence="observational"), DataError, "needs a randomised test")


def test_a_variant_that_follows_a_rule(table):
    aimed = table.assign(variant=np.where(table["plan"] == "free", "a", "b"))
    refused(aimed, NotEstimableError, "lack a variant that chance would have brought there: the variant follows a rule")


def test_a_variant_that_can_be_foretold(table):
    keen = np.random.default_rng(2).random(len(table)) < np.where(table["plan"] == "free", 0.8, 0.3)
    aimed = table.assign(variant=np.where(keen, "a", "b"))
    refused(aimed, NotEstimableError, r"can be foretold from the features, 'plan' first \(area under the ROC curve 0.7")


def test_a_feature_that_the_variant_changed(table):
    later = np.random.default_rng(2).random(len(table)) < np.where(table["variant"] == "individual", 0.9, 0.2)
    refused(table.assign(called=later), NotEstimableError, "'called' first", features=["plan", "called"])


def test_a_feature_measured_after_by_its_name_and_by_what_it_tells(table):
    refused(table.assign(opened=True), ArgumentError, "are the draw or come after it", features=["plan", "opened"])
    refused(table, ArgumentError, r"features=\['variant', 'replied'\] are the draw", features=["variant", "replied"])
    told = table.assign(meeting_booked=table["replied"])
    refused(told, NotEstimableError, "meeting_booked tells nearly for sure", features=["plan", "meeting_booked"])


def test_chances_that_can_not_be_those_of_the_draw(table):
    refused(table, ArgumentError, "must give each of", propensities={"a": 0.5, "b": 0.5})
    refused(table, ArgumentError, "add up to 0.9", propensities={"a": 0.3, "b": 0.3, "individual": 0.3})
    refused(table, DataError, "not the chances of this draw", propensities={"a": 0.8, "b": 0.1, "individual": 0.1})
    refused(table.assign(chance=1 / 3).assign(chance=lambda t: t["chance"].where(t.index != 5, 0)), DataError,
            "does not in row 6", propensities="chance")  # fmt: skip
    refused(table.assign(chance=0.9), DataError, "can't be the chances of the draw", propensities="chance")
    sure = table.assign(chance=np.where(table.index < 9, 1.0, 1 / 3))
    refused(sure, NotEstimableError, "is 1 for 9 contacts", propensities="chance")
    refused(table.assign(chance=1 / 3, stratum="x"), ArgumentError, "give one", propensities="chance", within="stratum")
    tiny = table.assign(chance=np.where(table.index < 1, 1e-4, 1 / 3))
    refused(tiny, NotEstimableError, "goes down to 0.0001", propensities="chance")
    strata = table.assign(stratum=[f"S{row // 2}" for row in range(len(table))])
    refused(strata, NotEstimableError, "lack a variant", within="stratum")


def test_what_is_assumed_of_the_chances_is_said(table):
    assert "with its share of the contacts" in read_test(table, features=["plan"]).assumed
    assert (
        read_test(table, features=["plan"], propensities=dict.fromkeys(["a", "b", "individual"], 1 / 3)).assumed == ""
    )
    keen = np.random.default_rng(2).random(len(table)) < np.where(table["plan"] == "free", 0.8, 0.3)
    stratified = read_test(table.assign(variant=np.where(keen, "a", "b")), features=["region"], within="plan")
    assert "within plan" in stratified.assumed
    assert stratified.propensity.min() == pytest.approx(0.2, abs=0.05)


def test_too_few_contacts_answers_units_or_contacts_a_cell(table):
    small = pd.concat([table[table["variant"] != "b"], table[table["variant"] == "b"].head(40)])
    refused(small, NotEstimableError, "'b' has 40 contacts, and at least 100 are needed")
    refused(table.assign(replied=table.index < 5), NotEstimableError, "5 contacts answered in all")
    refused(table.assign(company_id=table.index % 20), NotEstimableError, "only 20 units", cluster="company_id")
    rng = np.random.default_rng(1)
    fine = table.assign(**{f"x{k}": rng.standard_normal(len(table)) for k in range(6)})
    refused(fine, NotEstimableError, "too few a cell to learn from", features=[f"x{k}" for k in range(6)])


def test_roles_that_contradict_each_other(table):
    refused(table, ArgumentError, r"\['z'\] are no variants", individual="z")
    refused(table, ArgumentError, "which is no template", templates=["a", "individual"])
    refused(table, ArgumentError, "both name 'a'", individual="a", holdout="a")
    two = table[table["variant"].isin(["a", "individual"])]
    refused(two, ArgumentError, "no template is left", holdout="a")
    refused(table, ArgumentError, "must name some of the features", segments=["size"])
    numbered = table.assign(variant=table["variant"].map({"a": 1, "b": 2, "individual": 3}))
    assert read_test(numbered, features=["plan"], individual=3).individual == 2


def test_features_that_are_none_twice_or_identifiers(table):
    refused(table, ArgumentError, "features= is empty; name columns known before", features=[])
    refused(table, ArgumentError, r"names \['plan'\] more than once", features=["plan", "plan"])
    refused(
        table,
        DataError,
        "outcomes: 'contact_id' has 2,000 levels .* leave it out of features=",
        features=["contact_id"],
    )


def test_features_from_the_contacts_are_joined(table):
    contacts = table[["contact_id", "plan", "region"]]
    bare = table.drop(columns=["plan", "region"])
    joined = read_test(bare, features=["plan", "region"], contacts=contacts)
    direct = read_test(table, features=["plan", "region"])
    assert np.array_equal(joined.cell, direct.cell)
    with pytest.raises(DataError, match="1,000 of 2,000 rows of outcomes have a contact_id that contacts lacks"):
        read_test(bare, features=["plan", "region"], contacts=contacts.head(1000))
    with pytest.raises(DataError, match="repeats 2,000 contact_ids"):
        read_test(bare, features=["plan", "region"], contacts=pd.concat([contacts, contacts]))
    refused(bare, DataError, r"lacks \['plan', 'region'\]")


def test_steps_of_a_contact_are_added_up(table):
    steps = pd.concat([table.assign(step=1), table.assign(step=2, replied=False)], ignore_index=True)
    before = steps.copy()
    both = read_test(steps, features=["plan"])
    assert both.n_contacts == 2000
    assert both.outcome.sum() == table["replied"].sum()
    pd.testing.assert_frame_equal(steps, before)
    refused(pd.concat([table, table]), DataError, "2,000 rows of contacts who stand there already")
    crossed = steps.assign(variant=np.where(steps["step"] == 2, "b", steps["variant"]))
    refused(crossed, DataError, "stand in more than one variant")


def test_missing_values_of_a_feature_are_a_level(table):
    table.loc[:99, "plan"] = None
    test = read_test(table, features=["plan"])
    assert test.n_cells == 4
