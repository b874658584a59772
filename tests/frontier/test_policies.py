"""Choices against brute force, and what prices do to them."""

from itertools import combinations, product

import numpy as np
import pytest

from drawn_tests import drawn
from segvspers.frontier.choosing import Segments, choose_templates, grow_tree
from segvspers.frontier.naive import naive_values
from segvspers.frontier.policies import Menu, choose_before_blocks, choose_finally
from segvspers.frontier.read import read_test
from segvspers.frontier.scores import learn


def plain_greedy(worth, most):
    chosen = [int(worth.sum(axis=0).argmax())]
    while len(chosen) < most:
        reached = worth[:, chosen].max(axis=1)
        gains = [np.maximum(worth[:, place] - reached, 0).sum() for place in range(worth.shape[1])]
        gains = [-np.inf if place in chosen else gain for place, gain in enumerate(gains)]
        chosen.append(int(np.argmax(gains)))
    return chosen


def test_lazy_greedy_is_greedy_and_near_the_best_of_all_subsets():
    rng = np.random.default_rng(1)
    for _ in range(30):
        worth = rng.gamma(1.0, 1.0, (40, 8))
        order = choose_templates(worth, 8)
        assert order == plain_greedy(worth, 8)
        one = worth.sum(axis=0).max()
        for k in (2, 3):
            best = max(worth[:, list(some)].max(axis=1).sum() for some in combinations(range(8), k))
            assert worth[:, order[:k]].max(axis=1).sum() - one >= (1 - 1 / np.e) * (best - one)


def test_a_split_is_the_best_of_all_subsets_of_levels_and_pairs_of_templates():
    rng = np.random.default_rng(2)
    levels = np.array(list(product(range(4), range(3))))
    for _ in range(20):
        n = rng.integers(20, 90, 12).astype(float)
        worth = n[:, None] * rng.random((12, 3))
        grown = grow_tree(Segments(np.arange(12), n, worth, levels), 2, smallest=60)
        best = worth.sum(axis=0).max()
        for feature, size in ((0, 4), (1, 3)):
            for mask in product([False, True], repeat=size):
                inside = np.array(mask)[levels[:, feature]]
                if min(n[inside].sum(), n[~inside].sum()) >= 60:
                    best = max(best, worth[inside].sum(axis=0).max() + worth[~inside].sum(axis=0).max())
        assert worth[np.arange(12), grown[-1]].sum() == pytest.approx(best)


def test_a_tree_stops_when_no_split_gains_or_leaves_would_be_too_small():
    n, levels = np.array([40.0, 40.0]), np.array([[0], [1]])
    apart, alike = np.array([[4.0, 0.0], [0.0, 4.0]]), np.array([[4.0, 0.0], [4.0, 0.0]])
    assert len(grow_tree(Segments(np.arange(2), n, apart, levels), 5, smallest=50)) == 1
    assert len(grow_tree(Segments(np.arange(2), n, apart, levels), 5, smallest=40)) == 2
    assert len(grow_tree(Segments(np.arange(2), n, alike, levels), 5, smallest=1)) == 1


@pytest.fixture(scope="module")
def learned():
    return learn(read_test(drawn(np.random.default_rng(1), 12_000)[0], features=["plan", "region"]))


def test_the_right_template_is_found_for_each_plan(learned):
    menu = Menu.of(learned.test, most=2)
    both = choose_finally(learned, menu).choice[1]
    plan = learned.test.cell_levels[:, 0]
    assert [learned.test.arms[arm] for arm in both] == ["a" if one == 0 else "b" for one in plan]


def test_choices_before_a_block_do_not_look_at_it(learned):
    menu = Menu.of(learned.test, most=2)
    table, _ = drawn(np.random.default_rng(1), 12_000)
    late = learned.test.block >= 6
    table.loc[late, "replied"] = ~table.loc[late, "replied"]
    changed = learn(read_test(table, features=["plan", "region"]))
    before, after = choose_before_blocks(learned, menu), choose_before_blocks(changed, menu)
    assert np.array_equal(before[:, :7], after[:, :7])
    assert not np.array_equal(before[:, 7:], after[:, 7:])


def test_dear_individual_emails_go_to_nobody_and_free_ones_to_those_who_gain(learned):
    test = learned.test
    for cost, some in ((0.0, True), (1.0, False)):
        menu = Menu.of(test, most=2, email_cost=cost)
        hybrid = choose_finally(learned, menu).choice[menu.places("hybrid")[0]]
        assert (hybrid == test.individual).any() == some


def test_dear_templates_are_few_in_the_hybrid(learned):
    menu = Menu.of(learned.test, most=2, template_cost=0.5, email_cost=1.0)
    hybrid = choose_finally(learned, menu).choice[menu.places("hybrid")[0]]
    assert len(np.unique(hybrid)) == 1


def test_naive_values_are_the_means_of_pandas_and_only_rise_with_k(learned):
    table, _ = drawn(np.random.default_rng(1), 12_000)
    menu, known = Menu.of(learned.test, most=2), learned.sums.total()
    naive = naive_values(learned.test, menu, known.n, known.y)
    rates = table.groupby("variant")["replied"].mean()
    assert naive[0] == pytest.approx(rates[["a", "b"]].max())
    assert naive[menu.places("individual")[0]] == pytest.approx(rates["individual"])
    cells = table[table["variant"] != "individual"].groupby(["plan", "region", "variant"])["replied"].mean()
    size = table.groupby(["plan", "region"]).size()
    best = cells.groupby(["plan", "region"]).max()
    assert naive[menu.places("raw cells")[0]] == pytest.approx((best * size).sum() / size.sum())
    assert naive[1] >= naive[0]
