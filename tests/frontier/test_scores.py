"""Doubly robust scores and values of policies against slow, obvious versions, and by their laws."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from drawn_tests import drawn
from segvspers.frontier.read import read_test
from segvspers.frontier.scores import Learned, learn, score_contacts, value_policies

FEATURES = ["plan", "region"]


@pytest.fixture(scope="module")
def learned():
    table, _ = drawn(np.random.default_rng(1), 3000)
    return learn(read_test(table, features=FEATURES))


def choices_of(learned, rng):
    shape = (4, learned.test.n_blocks, learned.test.n_cells)
    picked = rng.integers(0, len(learned.test.arms), shape)
    picked[0], picked[1] = 0, 1
    return picked


def test_values_and_errors_are_those_of_one_score_a_contact(learned):
    choices = choices_of(learned, np.random.default_rng(2))
    ours = value_policies(learned, choices)
    test, rows = learned.test, []
    for i in range(test.n_contacts):
        block, cell = test.block[i], test.cell[i]
        if block < 2:
            continue
        one = []
        for policy in choices:
            arm = policy[block, cell]
            mu = learned.means[block, cell, arm]
            one.append(mu + (test.arm[i] == arm) * (test.outcome[i] - mu) / test.propensity[i])
        rows.append([block, *one])
    scores = pd.DataFrame(rows)
    values = scores.drop(columns=0)
    assert ours.mean == pytest.approx(values.mean().to_numpy())
    within = sum(part.cov().to_numpy() * len(part) for _, part in values.groupby(scores[0])) / len(values) ** 2
    assert ours.covariance == pytest.approx(within)


def test_contacts_who_are_their_own_units_give_the_same_as_sums_by_cell(learned):
    choices = choices_of(learned, np.random.default_rng(2))
    by_sums = value_policies(learned, choices)
    rows = Learned(dataclasses.replace(learned.test, clustered=True), learned.sums, learned.means)
    by_rows = value_policies(rows, choices)
    assert by_rows.mean == pytest.approx(by_sums.mean)
    assert by_rows.covariance == pytest.approx(by_sums.covariance)


def test_policies_that_agree_differ_by_nothing(learned):
    choices = choices_of(learned, np.random.default_rng(2))
    choices[1] = choices[0]
    found = value_policies(learned, choices)
    apart = found.covariance[0, 0] + found.covariance[1, 1] - 2 * found.covariance[0, 1]
    assert apart == pytest.approx(0, abs=1e-15)


def test_scores_of_contacts_are_those_that_policies_are_valued_by(learned):
    scores = score_contacts(learned)
    seen = learned.test.block >= 2
    assert np.isnan(scores[~seen]).all()
    blasts = np.stack([np.full((10, learned.test.n_cells), arm) for arm in range(3)])
    assert scores[seen].mean(axis=0) == pytest.approx(value_policies(learned, blasts).mean)


def test_the_names_of_variants_make_no_difference(learned):
    table, _ = drawn(np.random.default_rng(1), 3000)
    swapped = table.assign(variant=table["variant"].map({"a": "b", "b": "a"}).fillna("individual"))
    other = learn(read_test(swapped, features=FEATURES))
    assert other.means[2:, :, [1, 0, 2]] == pytest.approx(learned.means[2:], abs=1e-9)


def test_nothing_of_a_block_is_known_before_it(learned):
    table, _ = drawn(np.random.default_rng(1), 3000)
    test = read_test(table, features=FEATURES)
    late = test.block >= 5
    table.loc[late, "replied"] = ~table.loc[late, "replied"]
    changed = learn(read_test(table, features=FEATURES))
    assert np.array_equal(changed.means[2:6], learned.means[2:6])
    assert not np.array_equal(changed.means[6], learned.means[6])


def test_values_are_right_whatever_was_learned_when_chances_differ():
    rng = np.random.default_rng(8)
    table, truth = drawn(rng, 60_000, arms=("a", "b"))
    chance = np.where(table["plan"] == "free", 0.8, 0.3)
    arm_b = rng.random(len(table)) < chance
    table["variant"] = np.where(arm_b, "b", "a")
    table["replied"] = rng.random(len(table)) < truth[np.arange(len(table)), arm_b.astype(int)]
    table["chance"] = np.where(arm_b, chance, 1 - chance)
    test = read_test(table, features=["region"], propensities="chance")
    learned = learn(test)
    nonsense = Learned(test, learned.sums, np.where(np.isnan(learned.means), np.nan, 0.5))
    blasts = np.stack([np.full((10, test.n_cells), arm) for arm in range(2)])
    for one in (learned, nonsense):
        found = value_policies(one, blasts)
        assert np.abs(found.mean - truth.mean(axis=0)).max() < 4 * found.se.max()
    assert value_policies(learned, blasts).se.max() < value_policies(nonsense, blasts).se.max()


def test_errors_by_company_are_wider_when_companies_were_drawn():
    table, _ = drawn(np.random.default_rng(4), 6000, companies=300)
    together = learn(read_test(table, features=FEATURES, cluster="company_id"))
    apart = Learned(dataclasses.replace(together.test, clustered=False), together.sums, together.means)
    blasts = np.stack([np.full((10, together.test.n_cells), arm) for arm in range(2)])
    assert (value_policies(together, blasts).se > 1.3 * value_policies(apart, blasts).se).all()
    by_company = pd.Series(together.test.block).groupby(table["company_id"].to_numpy())
    assert by_company.nunique().max() == 1
