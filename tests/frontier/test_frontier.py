"""The frontier of randomised tests: real ones, made ones whose truth is known, what it says and what it draws."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

import segvspers as sv
from drawn_tests import chances, drawn
from segvspers.errors import ArgumentError, DataError
from segvspers.frontier.policies import Menu, choose_before_blocks
from segvspers.frontier.read import read_test
from segvspers.frontier.scores import learn, value_policies

FEATURES = ["plan", "region"]


@pytest.fixture(scope="module")
def table():
    return drawn(np.random.default_rng(1), 8000)[0]


@pytest.fixture(scope="module")
def found(table):
    return sv.draw_frontier(table, features=FEATURES)


def hillstrom(shared_data, **settings):
    table = pd.read_csv(shared_data / "hillstrom" / "hillstrom.csv.gz")
    features = ["history_segment", "mens", "womens", "zip_code", "newbie", "channel"]
    columns = {"variant": "segment"}
    return table, sv.draw_frontier(table, features=features, holdout="No E-Mail", columns=columns, **settings)


def test_the_email_challenge_is_valued_as_published(shared_data):
    table, found = hillstrom(shared_data, outcome="visit")
    rows = found.policies.set_index(["policy", "k"])
    assert found.best_blast == "Mens E-Mail"
    # Published visit rates 18.28 % and 10.62 %; all but two blocks are valued.
    assert abs(rows.loc[("templates", 1), "value"] - 0.1828) < 2 * rows.loc[("templates", 1), "value_se"]
    assert abs(rows.loc[("no email", 0), "value"] - 0.1062) < 2 * rows.loc[("no email", 0), "value_se"]
    uplift = rows.loc[("no email", 0)]
    assert uplift["lift_low"] < -0.0766 < uplift["lift_high"]  # published +7.66 points
    # The errors are about those of means by arm: sqrt(p (1 - p) / n) on eight tenths of the contacts.
    assert rows.loc[("templates", 1), "value_se"] == pytest.approx(np.sqrt(0.1828 * 0.8172 / (0.8 * 21307)), rel=0.05)
    # By group, the women's email is ahead only of those who bought women's goods alone, by 0.34 points: nothing to tell.
    assert found.verdict == "open"
    assert found.individual is None
    assert rows.loc[("raw cells", 0), "naive"] > rows.loc[("raw cells", 0), "value_band_high"]
    gain = table.pivot_table("visit", ["mens", "womens"], "segment")
    assert (gain["Womens E-Mail"] - gain["Mens E-Mail"]).loc[(0, 1)] == pytest.approx(0.0034, abs=1e-4)


def test_spending_of_the_email_challenge_is_valued_as_published(shared_data):
    _, found = hillstrom(shared_data, outcome="spend", kind="amount")
    rows = found.policies.set_index(["policy", "k"])
    assert abs(rows.loc[("templates", 1), "value"] - 1.4226) < 2 * rows.loc[("templates", 1), "value_se"]
    assert abs(rows.loc[("no email", 0), "value"] - 0.6528) < 2 * rows.loc[("no email", 0), "value_se"]
    assert found.priced
    assert rows.loc[("templates", 1), "net_usd"] == rows.loc[("templates", 1), "value"]


def test_the_book_club_mailed_everybody_alike_and_is_refused(shared_data):
    club = pd.read_csv(shared_data / "direct_mail_dmba" / "CharlesBookClub.csv.gz").assign(variant="mailed")
    with pytest.raises(DataError, match="only one variant, mailed"):
        sv.draw_frontier(club, features=["Rcode", "Fcode", "Mcode"], outcome="Florence")


def test_rates_by_recency_of_the_book_club_are_those_of_the_book(shared_data):
    club = pd.read_csv(shared_data / "direct_mail_dmba" / "CharlesBookClub.csv.gz")
    club["variant"] = np.where(np.random.default_rng(1).random(len(club)) < 0.5, "a", "b")  # drawn here: no effect
    for code, published in (("Rcode", [11.56, 12.19, 8.17, 7.01]), ("Fcode", [7.42, 6.48, 10.76]),
                            ("Mcode", [9.09, 9.25, 7.16, 7.65, 9.13])):  # fmt: skip
        sums = learn(read_test(club, features=[code], outcome="Florence")).sums.total()
        assert sums.y.sum(axis=1) / sums.n.sum(axis=1) * 100 == pytest.approx(published, abs=0.006)
    found = sv.draw_frontier(club, features=["Rcode", "Fcode", "Mcode"], outcome="Florence")
    two = found.policies.iloc[1]
    assert two["lift_band_low"] <= 0 <= two["lift_band_high"]
    assert found.policies.set_index("policy").loc["raw cells", "naive"] > 0.1  # 8.45 % bought


def test_two_templates_that_suit_two_groups_are_told_from_one(found):
    rows = found.policies.set_index(["policy", "k"])
    plan, region = np.repeat([0, 1, 2], 4), np.tile(range(4), 3)
    truth = chances(plan, region, ("a", "b"), 0.06)
    assert rows.loc[("templates", 2), "lift"] == pytest.approx(
        truth.max(axis=1).mean() - truth.mean(axis=0).max(), abs=0.015
    )
    assert (
        rows.loc[("templates", 2), "value_band_low"]
        < truth.max(axis=1).mean()
        < rows.loc[("templates", 2), "value_band_high"]
    )
    assert rows.loc[("templates", 1), ["lift", "lift_low", "lift_high"]].tolist() == [0, 0, 0]


def test_intervals_hold_the_true_value_of_what_was_learned():
    inside, runs = {"two - one": 0, "individual": 0, "one": 0}, 80
    for run in range(runs):
        table, truth = drawn(np.random.default_rng([3, run]), 3000, effect=0.02)
        test = read_test(table, features=FEATURES, rng=run)
        learned = learn(test)
        menu = Menu.of(test, most=2)
        choices = choose_before_blocks(learned, menu)
        moments = value_policies(learned, choices)
        first = np.unique(test.cell, return_index=True)[1]
        by_cell, even = truth[first], np.full(test.n_cells, 1 / test.n_cells)
        values = by_cell[np.arange(test.n_cells), choices[:, 2:]] @ even
        for name, row in (
            ("one", np.eye(len(choices))[0]),
            ("two - one", np.eye(len(choices))[1] - np.eye(len(choices))[0]),
            ("individual", np.eye(len(choices))[menu.places("individual")[0]]),
        ):
            error = np.sqrt(max(row @ moments.covariance @ row, 0.0))
            inside[name] += abs(row @ moments.mean - row @ values.mean(axis=1)) <= 1.96 * error + 1e-12
    assert min(inside.values()) >= 70  # binomial(80, 0.95) is below 70 once in 150


def test_costs_decide_the_verdict(table):
    prices = {"reply_value_usd": 10.0, "n_contacts": 8000}
    cheap = sv.draw_frontier(table, features=FEATURES, **prices, cost_per_email_usd=0.001)
    dear = sv.draw_frontier(table, features=FEATURES, **prices, cost_per_email_usd=3.0)
    assert (dear.verdict, dear.gain_high < 0) == ("segments", True)
    assert cheap.verdict != "segments"
    assert "Segments are enough" in dear.summary()
    rows = dear.policies.set_index("policy")
    assert rows.loc["individual", "net_usd"] == pytest.approx(10 * rows.loc["individual", "value"] - 3.0)
    no_more = sv.draw_frontier(table, features=FEATURES, **prices, cost_per_template_usd=8000.0)
    assert no_more.k_best == 1
    one = table[table["variant"] != "individual"]
    assert sv.draw_frontier(one, features=FEATURES, **prices, cost_per_template_usd=8000.0).verdict == "blast"
    assert sv.draw_frontier(one, features=FEATURES).verdict == "templates"


def test_a_promotion_that_loses_money_for_all_pays_for_those_who_answer_it(shared_data):
    table = pd.read_csv(shared_data / "starbucks_promo" / "training.csv.gz")
    features = ["V1", "V4", "V5", "V6", "V7"]
    found = sv.draw_frontier(
        table, features=features, outcome="purchase", individual="Yes", columns={"variant": "Promotion"},
        reply_value_usd=10, cost_per_email_usd=0.15,
    )  # fmt: skip
    # Published: 1.702 and 0.756 % buy, and 10 x 0.0094545 - 0.15 = -0.0555 dollars a customer are lost when all get it.
    rows = found.policies.set_index("policy")
    assert abs(rows.loc["individual", "value"] - 0.01702) < 2 * rows.loc["individual", "value_se"]
    assert abs(rows.loc["templates", "value"] - 0.00756) < 2 * rows.loc["templates", "value_se"]
    assert found.gain_low < -0.0555 < found.gain_high < 0
    assert found.verdict == "hybrid"
    assert (found.hybrid["gain_low"] > 0).all()
    assert found.hybrid["against"].tolist() == ["1 template", "individual email for all"]
    assert found.ranking.autoc_low > 0
    assert (
        "templates elsewhere, is worth more than any number of templates and than individual email for all: +$0.0"
        in found.summary()
    )


def test_groups_who_all_answer_one_template_better_need_no_other(shared_data):
    table = pd.read_csv(shared_data / "broockman2013_email_replies" / "black_politicians.csv.gz")
    table["variant"] = np.where(table["treat_out"] == 1, "out of district", "in district")
    found = sv.draw_frontier(table, features=["leg_black", "leg_democrat", "south"], outcome="responded")
    # Published by group: 56.14 against 28.69 %, and 46.49 against 31.84 %.
    assert found.policies["value"].iloc[0] == pytest.approx(
        (2629 + 2600) / 5593 * 0.5614 + 364 / 5593 * 0.4649, abs=0.02
    )
    assert found.summary().startswith("One blast is as good as any number of templates: no segment is expected")


def test_individual_email_that_is_better_for_all_is_told(table):
    better = table.copy()
    own = better["variant"] == "individual"
    better.loc[own, "replied"] = better.loc[own, "replied"] | (np.random.default_rng(1).random(own.sum()) < 0.15)
    found = sv.draw_frontier(better, features=FEATURES)
    assert found.verdict == "individual"
    assert found.gain_low > 0
    assert found.summary().startswith("Individual email is worth more than any number of templates: +")


def test_variants_that_work_alike_are_not_told_apart():
    told = 0
    for run in range(20):
        table, _ = drawn(np.random.default_rng([8, run]), 2000, effect=0.0)
        told += sv.draw_frontier(table, features=FEATURES, rng=run).verdict != "open"
    assert told <= 4  # binomial(20, 0.05) is above 4 once in 400


def test_rows_in_another_order_and_scaled_amounts_change_what_they_must(table, found):
    amount = table.assign(spent=table["replied"] * 3.0)
    one = sv.draw_frontier(amount, features=FEATURES, outcome="spent", kind="amount")
    ten = sv.draw_frontier(amount.assign(spent=amount["spent"] * 10), features=FEATURES, outcome="spent", kind="amount")
    assert ten.policies["value"].to_numpy() == pytest.approx(10 * one.policies["value"].to_numpy(), rel=1e-6)
    again = sv.draw_frontier(table, features=FEATURES)
    pd.testing.assert_frame_equal(again.policies, found.policies)
    before = table.copy()
    copied = found.to_frame()
    copied["value"] = 0.0
    assert found.policies["value"].min() > 0
    pd.testing.assert_frame_equal(table, before)


def test_segments_of_fewer_features_leave_the_rest_to_the_best_per_person(table):
    found = sv.draw_frontier(table, features=FEATURES, segments=["region"])
    rows = found.policies.set_index(["policy", "k"])
    assert found.n_segments == 4
    assert rows.loc[("pick", 0), "lift"] > rows.loc[("templates", 2), "lift"] + 0.01


def test_companies_that_were_drawn_share_a_block_and_widen_the_errors():
    table, _ = drawn(np.random.default_rng(4), 6000, companies=300)
    apart = sv.draw_frontier(table, features=FEATURES)
    together = sv.draw_frontier(table, features=FEATURES, cluster="company_id")
    assert together.n_units == 300
    assert together.policies["value_se"].iloc[0] > 1.2 * apart.policies["value_se"].iloc[0]


def test_templates_of_the_whole_test_add_up(found):
    assert found.templates.groupby("k")["share"].sum().to_numpy() == pytest.approx(1.0)
    assert found.templates.query("k == 2")["template"].tolist()[0] == found.best_blast
    assert (found.steps["added_low"] <= found.steps["added"]).all()


@pytest.mark.parametrize(
    ("settings", "match"),
    [
        ({"max_templates": 5}, "must be a whole number from 1 to the 2 templates"),
        ({"max_templates": 0}, "from 1 to the 2 templates"),
        ({"reply_value_usd": -1}, "must be an amount above 0"),
        ({"cost_per_email_usd": 0.2}, "not what a reply is worth"),
        ({"cost_per_template_usd": -5, "reply_value_usd": 1.0}, "cost_per_template_usd=-5 must be a finite number"),
        ({"confidence": 95}, "5 % is written 0.05"),
    ],
)
def test_arguments_that_can_not_be_meant(table, settings, match):
    with pytest.raises(ArgumentError, match=match):
        sv.draw_frontier(table, features=FEATURES, **settings)


def test_a_tree_that_ran_out_of_splits_repeats_its_last(table):
    few = sv.draw_frontier(table, features=FEATURES, smallest_leaf=3500)
    rows = few.policies.set_index(["policy", "k"])
    assert rows.loc[("tree", 2), "value"] == rows.loc[("templates", 1), "value"]


def test_what_is_said(found):
    assert found.summary() == (
        "This test can't tell whether individual email is worth more than templates: "
        f"{found.gain * 100:+.2f} points a contact ({found.gain_low * 100:+.2f} points to {found.gain_high * 100:+.2f} points) "
        f"against 2 templates. Per contact: one blast (b) {found.policies['value'].iloc[0] * 100:.2f} %, 2 templates "
        f"{found.policies['value'].iloc[1] * 100:.2f} %, individual {found.policies['value'].iloc[-1] * 100:.2f} %, on 6,400 contacts "
        "that had taught nothing of what they value. The best number of templates is 2. Preference dimension: not estimable "
        "(2 numbers of templates can be valued, and a curve with three unknowns needs 4). The best template of each of 12 "
        f"segments seems to be worth {found.policies['naive'].iloc[3] * 100:.2f} % when valued on the contacts that chose it; on "
        f"others it is worth {found.policies['value'].iloc[3] * 100:.2f} %. The chances of the draw were not given: each variant is "
        "taken to have been drawn with its share of the contacts, the same for everybody. Templates are valued as chosen from 20 "
        "to 90 % of the contacts, and from all of them they would be chosen a little better; individual email learns nothing "
        "here, so near a tie this favours it."
    )
    simulated = dataclasses.replace(found, evidence="simulated")
    assert simulated.summary().startswith("SIMULATED. ")
    assert simulated.plot().get_title(loc="left").startswith("SIMULATED: ")
    shown = found._repr_html_()
    assert "<table>" in shown
    assert "not estimable</td>" not in shown


@pytest.mark.parametrize("view", ["value", "net", "lift", "ranking"])
def test_every_view_draws_on_the_axes_that_it_is_given(found, view):
    from matplotlib import pyplot as plt

    ax = plt.subplots()[1]
    assert found.plot(view=view, ax=ax) is ax
    assert ax.get_title(loc="left")


def test_an_unknown_view_names_those_that_exist(found):
    with pytest.raises(ArgumentError, match=r"choose one of \['lift', 'net', 'ranking', 'value'\]"):
        found.plot(view="trees")
